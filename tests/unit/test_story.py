"""The way of the data, from what is seen to what is heard: one rep goes through livecoach."""

from livecoach.core.types import Step
from livecoach.decisions import assembly
from livecoach.lab.synth.motion.tokens import parse
from livecoach.lab.synth.sets import SetRequest, random_set


def test_hips_that_rise_first_are_told_when_the_rep_ends():
    """A lifter nobody knows does four good deadlifts, and then one with a fault."""
    said = parse("walkin,good*4,hips_early:0.9", "deadlift")
    lifter = random_set(3, SetRequest(exercise="deadlift", tokens=said, fps=30, view_deg=60, lost=0)).observations
    coach = assembly.load("deadlift").pipeline()

    steps = [*map(coach.step, lifter), coach.finish(lifter[-1])]

    reps = [judged.rep for step in steps for judged in step.judged]
    assert [rep.verdict for rep in reps] == ["good", "good", "good", "good", "anomalous"]
    last = reps[-1]
    assert (last.name, last.faults[0].name, last.reference) == ("1/5", "hips_early", "provisional")
    assert all(rep.start_s < rep.turn_s < rep.end_s for rep in reps)
    assert heard(steps) == ["1", "2", "3", "4", "hips and chest together", "5 reps, 4 good"]
    assert [step.summary.fault for step in steps if step.set_over and step.summary] == ["hips_early"]


def heard(steps: list[Step]) -> list[str]:
    """What is spoken from the first rep on."""
    return [step.cue.say for step in steps if step.cue is not None and step.cue.say and step.cue.kind != "ready"]
