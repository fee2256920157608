"""Events: what is told of a run, and when."""

import errno
import json
from dataclasses import replace

import pytest
from builders import a_rep, a_step, an_observation

from livecoach.documents import ModelDocument, SessionStart
from livecoach.metrics import Tally
from livecoach.session.events import Events, LineFile
from livecoach.types import Cue, Notice, PartialRep, StageReading, Step, View

START = SessionStart(
    t_s=0.0,
    source="camera 0",
    exercise="squat",
    pose="lite",
    model=ModelDocument(name="squat", version="1", sha256="ab" * 32, synthetic=True, pose="lite"),
    version="0.1.0",
)


def a_view(azimuth_deg: float, name: str) -> View:
    return View(name=name, azimuth_deg=azimuth_deg, uncertainty_deg=8.0)


def a_stage(stage: str, probability: float = 0.9) -> StageReading:
    return StageReading(stage=stage, probability=probability)


def at(t_s: float, **changes: object) -> Step:
    return a_step(observation=an_observation(t_s=t_s), **changes)


def told(*steps: Step, latency_ms: float | None = None, tally: Tally | None = None) -> list[dict]:
    """Events of a run over these steps, without its first one."""
    lines: list[str] = []
    events = Events(lines.append, START)
    for step in steps:
        events.step(step, latency_ms)
    if tally is not None:
        events.end(tally)
    assert not any("\n" in line for line in lines)
    return [json.loads(line) for line in lines[1:]]


def test_start_is_told_first():
    """Before any frame: what is watched, and what judges."""
    lines: list[str] = []
    Events(lines.append, START)
    (start,) = map(json.loads, lines)
    assert (start["event"], start["schema"], start["t_s"]) == ("session_start", 1, 0.0)
    assert (start["source"], start["exercise"], start["pose"]) == ("camera 0", "squat", "lite")


def test_frame_in_which_nothing_happens_is_no_event():
    """A minute of standing still is a few lines."""
    assert told(*[at(i / 30) for i in range(90)]) == []


def test_stage_is_told_when_it_changes():
    """Not its probability's wandering; while nobody is seen there is none, and its return is no change."""
    stages = [a_stage("up"), a_stage("up", 0.8), None, a_stage("up"), a_stage("neutral", 0.6), a_stage("down")]
    events = told(*[at(i / 10, stage=stage) for i, stage in enumerate(stages)])
    assert [(e["event"], e["t_s"], e["stage"]) for e in events] == [
        ("stage", 0.0, "up"),
        ("stage", 0.4, "neutral"),
        ("stage", 0.5, "down"),
    ]
    assert events[1]["probability"] == 0.6


@pytest.mark.parametrize(
    ("views", "said"),
    [
        ([None, a_view(30, "oblique")], ["oblique"]),
        ([a_view(30, "oblique"), a_view(60, "oblique")], ["oblique"]),
        ([a_view(19, "front"), a_view(21, "oblique"), a_view(19, "front")], ["front"]),
        ([a_view(10, "front"), a_view(40, "oblique")], ["front", "oblique"]),
        ([a_view(-175, "rear"), a_view(175, "rear")], ["rear"]),
        ([a_view(-112, "side"), a_view(178, "rear"), None], ["side", "rear"]),
    ],
)
def test_view_is_told_when_it_is_another(views, said):
    """Another word and ten degrees: an estimate that wavers about a border is no news."""
    events = told(*[at(i / 10, view=view) for i, view in enumerate(views)])
    assert [e["view"]["name"] for e in events] == said


def test_events_of_a_step_come_in_order():
    """Warning, view, stage, rep, cue: what explains before what follows from it."""
    step = at(
        4.0,
        notices=(Notice(kind="no_person", active=False, text="nobody"),),
        view=a_view(0, "front"),
        stage=a_stage("up"),
        rep=a_rep(),
        cue=Cue(kind="good_rep", text="1", rep=1, say="1"),
    )
    events = told(step, latency_ms=31.25)
    assert [e["event"] for e in events] == ["warning", "view", "stage", "rep", "cue"]
    assert all((e["t_s"], e["latency_ms"]) == (4.0, 31.25) for e in events)
    assert events[3]["rep"]["verdict"] == "good"
    assert (events[4]["kind"], events[4]["text"], events[4]["say"], events[4]["rep"]) == ("good_rep", "1", "1", 1)


def test_partial_rep_is_told():
    """With its reason."""
    (event,) = told(at(9.0, partial=PartialRep(start_s=7.5, reason="no_lowering")))
    assert (event["event"], event["partial_rep"]) == (
        "partial_rep",
        {"start_s": 7.5, "reason": "no_lowering", "faults": []},
    )


def test_both_ends_of_a_warning_are_told():
    """It begins, and it ends."""
    begins = Notice(kind="too_dark", active=True, text="more light")
    events = told(at(1.0, notices=(begins,)), at(3.0, notices=(replace(begins, active=False),)))
    assert [(e["event"], e["warning"], e["active"], e["t_s"]) for e in events] == [
        ("warning", "too_dark", True, 1.0),
        ("warning", "too_dark", False, 3.0),
    ]


def test_notice_without_a_frame_has_the_last_frames_time():
    """The camera is gone: there is no frame to take the time from."""
    lines: list[str] = []
    events = Events(lines.append, START)
    events.step(at(7.5), None)
    events.notice(Notice(kind="camera_lost", active=True, text="trying again"))
    assert json.loads(lines[-1]) == {
        "t_s": 7.5,
        "latency_ms": None,
        "event": "warning",
        "warning": "camera_lost",
        "active": True,
        "text": "trying again",
    }


def test_end_has_the_counts():
    """Reps by verdict, frames, latencies; what was not measured is null."""
    tally = Tally(frames=300, with_pose=290, dropped=4)
    tally.captured_to_cue.add(0.05)
    verdicts = ("good", "anomalous", "unsure", "good")
    *_, end = told(*[at(i, rep=a_rep(index=i + 1, verdict=v)) for i, v in enumerate(verdicts)], tally=tally)
    assert (end["event"], end["t_s"]) == ("session_end", 3.0)
    assert (end["reps"], end["good"], end["anomalous"], end["unsure"]) == (4, 2, 1, 1)
    assert end["frames"] == {"read": 300, "with_pose": 290, "dropped": 4}
    assert end["captured_to_cue_ms_p50"] == 50.0
    assert end["captured_to_drawn_ms_p50"] is None


class FullDisk:
    """Takes one line, then no more."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, text: str) -> int:
        if self.written:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.written.append(text)
        return len(text)

    def flush(self) -> None:
        pass


def test_full_disk_is_said_once_and_the_set_goes_on():
    """Events are not worth the lifter's set."""
    disk, said = FullDisk(), []
    write = LineFile(disk, "events.jsonl", said.append)
    for line in ("one", "two", "three"):
        write(line)
    assert disk.written == ["one\n"]
    assert said == ["events.jsonl: events can't be written any further (No space left on device); going on without"]


def test_each_line_is_flushed(tmp_path):
    """Whoever reads along sees a rep when it is done."""
    path = tmp_path / "events.jsonl"
    with path.open("w") as file:
        LineFile(file, "events.jsonl", print)("one")
        assert path.read_text() == "one\n"
