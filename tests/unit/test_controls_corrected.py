"""The loop takes what somebody says of a rep: at once, into the events, and again in a replay."""

from collections.abc import Sequence

import pytest
from builders.live_run import Stage, lifted, standing
from builders.observations import a_deadlift, an_observation
from pydantic import TypeAdapter

from livecoach.core.documents import CorrectionEvent
from livecoach.feedback.screen import Action
from livecoach.run.controls import NO_REP_YET, NOTHING_TO_UNDO

SEEN = a_deadlift(reps=2)
EVENT = TypeAdapter(CorrectionEvent)


def run(keys: dict[int, Action], said: Sequence[CorrectionEvent] = ()) -> Stage:
    """keys: number of pictures that were shown → the key that is pressed then."""
    return lifted(SEEN, keys=keys, again=said)


def after_first() -> int:
    """Pictures shown a moment after the first rep."""
    return next(n for n, (step, _) in enumerate(run({}).screen.shown) if step.rep is not None) + 5


@pytest.mark.parametrize(("action", "label"), [(Action.GOOD, "good"), (Action.BAD, "bad"), (Action.NO_REP, "no-rep")])
def test_a_key_says_what_the_last_rep_was(action, label):
    """It is an event, is shown, and counts in the end."""
    stage = run({after_first(): action})
    (event,) = stage.events("correction")
    (rep, _) = stage.events("rep")
    assert (event["label"], event["rep"], event["start_s"]) == (label, 1, rep["rep"]["start_s"])
    assert event["frame"] == after_first() - 1
    assert [step.corrected.rep.correction.label for step, _ in stage.screen.shown if step.corrected] == [label]
    assert stage.loop.reps[0].correction.label == label
    assert rep["rep"]["correction"] is None


def test_what_was_said_is_taken_back_by_a_key():
    first = after_first()
    stage = run({first: Action.BAD, first + 4: Action.UNDO})
    assert [event["label"] for event in stage.events("correction")] == ["bad", None]
    assert stage.loop.reps[0].correction is None


def test_the_same_key_again_is_shown_and_is_no_event():
    first = after_first()
    stage = run({first: Action.BAD, first + 4: Action.BAD})
    assert len(stage.events("correction")) == 1
    assert sum(step.corrected is not None for step, _ in stage.screen.shown) == 2


@pytest.mark.parametrize(("action", "note"), [(Action.BAD, NO_REP_YET), (Action.UNDO, NOTHING_TO_UNDO)])
def test_a_key_that_has_nothing_to_do_says_so_for_a_moment(action, note):
    """Before the first rep."""
    stage = run({5: action})
    notes = [status.note for _, status in stage.screen.shown]
    assert notes[5] == note
    assert notes[-1] is None
    assert stage.events("correction") == []


def test_a_key_before_the_first_frame_does_nothing():
    stage = Stage(keys={0: Action.GOOD})
    stage.lift([])
    assert stage.events("correction") == []
    stage.lift(stage.feed(standing()))
    assert stage.events("correction") == []


def test_a_set_that_is_over_is_told_again_with_what_somebody_said():
    """After its end: with the same number, and the new counts."""
    first = len(SEEN)
    gone = [an_observation(t_s=SEEN[-1].t_s + i / 30, index=first + i, nobody=True) for i in range(1, 200)]
    seen = [*SEEN, *gone]
    over = Stage()
    over.lift(over.feed(seen))
    ended = next(n for n, (step, _) in enumerate(over.screen.shown) if step.summary is not None)
    stage = lifted(seen, keys={ended + 2: Action.NO_REP})
    assert [event["summary"]["reps"] for event in stage.events("set_end")] == [2, 1]


def test_a_replay_says_again_what_was_said_to_the_byte():
    first = after_first()
    then = run({first: Action.NO_REP, first + 90: Action.BAD, first + 95: Action.UNDO, first + 97: Action.GOOD})
    said = [EVENT.validate_json(line) for line in then.lines if '"correction"' in line and '"rep": {' not in line]
    assert [event.label for event in said] == ["no-rep", "bad", None, "good"]
    now = run({}, said)
    for kind in ("rep", "cue", "correction", "set_end"):
        without = [{**event, "latency_ms": None} for event in then.events(kind)]
        assert [{**event, "latency_ms": None} for event in now.events(kind)] == without


def test_what_was_said_afterwards_does_not_change_a_replay():
    """It has no frame: it counts in reports, and in the history."""
    (rep, _) = run({}).events("rep")
    later = CorrectionEvent(t_s=3.0, rep=1, start_s=rep["rep"]["start_s"], label="no-rep")
    assert run({}, [later]).lines == run({}).lines
