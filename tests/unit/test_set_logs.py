"""What was logged of sets: recorded, added later, and which of it counts."""

import json
import stat

import pytest
from builders.observations import a_header, an_observation
from pydantic import TypeAdapter, ValidationError

from livecoach.documents import SetLogEvent, to_json
from livecoach.session import layout
from livecoach.session.lifter_events import EventAppender, RecordedSetLogs, current_logs
from livecoach.session.recorder import Recorder
from livecoach.types import SetLog

EVENT = TypeAdapter(SetLogEvent)


def an_event(of_set: int = 1, frame: int | None = None, **what: object) -> SetLogEvent:
    return SetLogEvent(t_s=2.0, set=of_set, frame=frame, **what)  # type: ignore[arg-type]


def test_last_event_of_a_set_counts_as_a_whole():
    """What it leaves out is not known; a set of which everything was taken back is as one never logged."""
    events = [an_event(1, load_kg=100.0, rpe=8.0), an_event(2, load_kg=60.0), an_event(1, load_kg=102.5), an_event(2)]
    assert current_logs(events) == {1: SetLog(load_kg=102.5)}


def test_recorder_keeps_logs_in_a_file_of_their_own(tmp_path):
    """Which a session without any does not have."""
    recorder = Recorder(tmp_path, a_header(), video=False)
    recorder.event(an_event(frame=7, load_kg=100.0))
    recorder.close()
    (line,) = (tmp_path / layout.SETS).read_text().splitlines()
    assert EVENT.validate_json(line) == an_event(frame=7, load_kg=100.0)


def test_added_event_stands_on_a_line_of_its_own(tmp_path):
    """Also after a line that a kill cut off; a new file is its owner's alone."""
    path = tmp_path / layout.SETS
    with EventAppender(path) as logs:
        logs.add(an_event(load_kg=100.0))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open("ab") as file:
        file.write(b'{"cut')
    with EventAppender(path) as logs:
        logs.add(an_event(rpe=9.0))
    lines = path.read_text().splitlines()
    assert [json.loads(line)["rpe"] for line in (lines[0], lines[2])] == [None, 9.0]


def test_logs_are_due_after_their_frame():
    """Each once; those of a frame that was left out, after the next; those added later, never."""
    recorded = RecordedSetLogs([an_event(1, frame=3), an_event(2, frame=9), an_event(1)])
    assert recorded.after(an_observation(index=2)) == []
    assert [event.set for event in recorded.after(an_observation(index=5))] == [1]
    assert [event.set for event in recorded.after(an_observation(index=9))] == [2]
    assert recorded.after(an_observation(index=99)) == []


@pytest.mark.parametrize(
    "changes",
    [
        *({"load_kg": load_kg} for load_kg in (-1, 0, 1e9)),
        *({"rpe": rpe} for rpe in (0, 11)),
        *({"note": note} for note in ("two\nlines", "\x1b[2J", "x" * 201, " ")),
        {"set": 0},
    ],
)
def test_damaged_log_is_refused(changes):
    """Each costs its own line."""
    with pytest.raises(ValidationError):
        EVENT.validate_python({**json.loads(to_json(an_event(load_kg=100.0))), **changes})
