"""The way of the data, from what is seen to what is heard: observation, body, movement, verdict, rep, step."""

from collections.abc import Sequence

import pytest

from livecoach.core.documents import SetEndEvent
from livecoach.core.types import Observation
from livecoach.decisions import assembly
from livecoach.decisions.assembly import CoachingModels
from livecoach.decisions.exercise_run import FrameHistory
from livecoach.decisions.judging.reference import THIS_SET, prepare_reference
from livecoach.decisions.judging.verdict import judge
from livecoach.decisions.pipeline import Scene
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set
from livecoach.run.coached import replay


@pytest.fixture(scope="module")
def coach() -> CoachingModels:
    return assembly.load("deadlift")


@pytest.fixture(scope="module")
def lifter() -> Sequence[Observation]:
    """An unknown lifter does four good deadlifts, and then one with hips as low as in a squat."""
    tokens = parse_tokens("walkin,good*4,knee_dominant:0.9", "deadlift")
    wanted = SetRequest(exercise="deadlift", tokens=tokens, fps=15, view_deg=60, lost=0, graded=False)
    return random_set(3, wanted).observations


def test_low_hips_are_named_when_the_rep_ends(coach, lifter):
    run = list(replay(coach.make_pipeline(), lifter))
    *good, last = [rep for step in run for rep in step.reps]
    assert [rep.verdict for rep in good] == ["good"] * 4
    assert (last.name, last.verdict, last.reference) == ("1/5", "anomalous", "none")
    assert last.faults[0].name == "knee_dominant"
    spoken = [step.cue.say for step in run if step.cue is not None and step.cue.say and step.cue.kind != "ready"]
    assert spoken == ["1", "2", "3", "4", "hips higher", "5 reps"]
    assert [end.summary.fault for step in run for end in step.events_of(SetEndEvent)] == ["knee_dominant"]


def test_the_steps_called_one_by_one_give_the_verdict_of_the_pipeline(coach, lifter):
    scene, frames, trained = Scene(), FrameHistory(60.0), coach.exercises["deadlift"]
    counter, table, reps = trained.make_counter(), trained.scorer.faults.table, list[MeasuredRep]()
    for observation in lifter:
        frame = scene.step(observation)
        frames.add(frame)
        for movement in counter.step(observation, frame.body):
            seen, of_rep = counter.frames, {"set_name": "1", "pose": "lite", "exercise": "deadlift"}
            reps.append(MeasuredRep(frames.cut_rep(movement.times, seen, frame.view, **of_rep), table))
    *good, last = reps
    verdict, _ = judge(last, prepare_reference(trained.scorer, good, THIS_SET))
    assert (len(good), verdict.verdict, verdict.faults[0].name) == (4, "anomalous", "knee_dominant")
