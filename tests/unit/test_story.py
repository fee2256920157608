"""The way of the data, from what is seen to what is heard: observation, body, movement, verdict, rep, step."""

from collections.abc import Sequence

import pytest

from livecoach.core.documents import SetEndEvent
from livecoach.core.step import RepCompleted, Step
from livecoach.core.types import Observation
from livecoach.decisions import assembly
from livecoach.decisions.assembly import CoachingModels
from livecoach.decisions.judging.reference import reference_of
from livecoach.decisions.judging.sources import THIS_SET
from livecoach.decisions.judging.verdict import judge
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.scene import Frames, Scene
from livecoach.lab.synth.motion.tokens import parse
from livecoach.lab.synth.sets import SetRequest, random_set


@pytest.fixture(scope="module")
def coach() -> CoachingModels:
    return assembly.load("deadlift")


@pytest.fixture(scope="module")
def lifter() -> Sequence[Observation]:
    """Somebody nobody knows does four good deadlifts, and then one with hips as low as in a squat."""
    said = parse("walkin,good*4,knee_dominant:0.9", "deadlift")
    return random_set(2, SetRequest(exercise="deadlift", tokens=said, fps=30, view_deg=60, lost=0)).observations


def heard(steps: Sequence[Step]) -> list[str]:
    return [step.cue.say for step in steps if step.cue is not None and step.cue.say and step.cue.kind != "ready"]


def test_low_hips_are_told_when_the_rep_ends(coach, lifter):
    pipeline = coach.pipeline()
    steps = [*map(pipeline.step, lifter), pipeline.finish()]
    reps = [rep for step in steps for rep in step.reps]
    assert [rep.verdict for rep in reps] == ["good", "good", "good", "good", "anomalous"]
    assert (reps[-1].name, reps[-1].faults[0].name, reps[-1].reference) == ("1/5", "knee_dominant", "none")
    assert heard(steps) == ["1", "2", "3", "4", "hips higher", "5 reps"]
    assert [event.summary.fault for step in steps for event in step.events_of(SetEndEvent)] == ["knee_dominant"]


def test_each_value_on_the_way_comes_from_the_one_before_it(coach, lifter):
    """Without the pipeline: nothing else is needed to judge a rep."""
    scene, frames = Scene(), Frames(60.0)
    trained = coach.exercises["deadlift"]
    counter = trained.counter()
    table, reps = trained.scorer.faults.table, list[MeasuredRep]()
    for observation in lifter:
        seen = scene.step(observation)
        frames.add(seen)
        for movement in counter.step(observation.t_s, seen.body):
            so_far = range(seen.number + 1)
            window = frames.window(movement.times, so_far, seen.view, set_name="1", pose="lite", exercise="deadlift")
            reps.append(MeasuredRep(window, table))
    *good, last = reps
    verdict = judge(last, reference_of(trained.scorer, good, THIS_SET))
    assert (len(good), verdict.verdict, verdict.faults[0].name) == (4, "anomalous", "knee_dominant")


def test_a_snatch_is_told_while_it_is_held_and_teaches_when_it_is_lowered():
    """One verdict a rep, with what a way up shows of it; the lifter's reference grows all the same."""
    said = parse("walkin,good*3", "snatch")
    made = random_set(3, SetRequest(exercise="snatch", tokens=said, fps=30, view_deg=40, lost=0))
    pipeline = assembly.load("snatch").pipeline()
    steps = [pipeline.step(observation) for observation in made.observations]
    told = [
        (o.t_s, one.rep)
        for o, step in zip(made.observations, steps, strict=True)
        for one in step.events_of(RepCompleted)
    ]
    assert [rep.name for _, rep in told] == ["1/1", "1/2", "1/3"]
    for (told_s, rep), true in zip(told, made.reps, strict=True):
        assert true.turn_s < told_s < true.turn_s + 1.0
        assert (rep.pace.eccentric_s, told_s) == (None, pytest.approx(rep.end_s))
    assert heard(steps)[:3] == ["1", "2", "3"]
    assert max(step.set.learning.have for step in steps if step.set.learning is not None) == 3
