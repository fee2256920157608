"""Events: what is reported of a run, and when."""

import errno
import json
import os
from dataclasses import replace
from threading import Thread

import pytest
from builders.observations import an_observation
from builders.sessions import a_document, a_start
from builders.steps import a_rep, a_set_summary, a_step, a_view

from livecoach.core.documents import to_json
from livecoach.core.types import Hint, JudgedRep, LikelyExercise, Notice, Recognition, Step
from livecoach.records.session.events import EventLineFile, EventStream
from livecoach.records.session.metrics import RunMetrics

START = a_start(a_document())


def at(t_s: float, **changes: object) -> Step:
    return a_step(observation=an_observation(t_s=t_s), **changes)


def events_of(*steps: Step, latency_ms: float | None = None, tally: RunMetrics | None = None) -> list[dict]:
    """Events of a run over these steps, without its first one."""
    lines: list[str] = []
    events = EventStream(lambda event: lines.append(to_json(event)), START)
    for step in steps:
        events.step(step, latency_ms)
    if tally is not None:
        events.end(tally)
    assert not any("\n" in line for line in lines)
    return [json.loads(line) for line in lines[1:]]


@pytest.mark.parametrize(
    ("views", "said"),
    [
        ([None, a_view(30, "oblique")], ["oblique"]),
        ([a_view(30, "oblique"), a_view(44, "oblique")], ["oblique"]),
        ([a_view(30, "oblique"), a_view(46, "oblique")], ["oblique", "oblique"]),
        ([a_view(90, "side", 8), a_view(90, "side", 5), a_view(90, "side", 4)], ["side", "side"]),
        ([a_view(90, "side", 4), a_view(90, "side", 7), a_view(90, "side", 9)], ["side", "side"]),
        ([a_view(90, "side", 0), a_view(90, "side", 0)], ["side"]),
        ([a_view(19, "front"), a_view(21, "oblique"), a_view(19, "front")], ["front"]),
        ([a_view(10, "front"), a_view(40, "oblique")], ["front", "oblique"]),
        ([a_view(-175, "rear"), a_view(175, "rear")], ["rear"]),
        ([a_view(-112, "side"), a_view(178, "rear"), None], ["side", "rear"]),
    ],
)
def test_view_is_reported_when_it_changes(views, said):
    """Another word and ten degrees, fifteen in any case, or twice as sure: an estimate that wavers is no news."""
    events = events_of(*[at(i / 10, view=view) for i, view in enumerate(views)])
    assert [e["view"]["name"] for e in events] == said


def test_reps_that_count_late_are_reported_before_the_rep_that_settled_them():
    """In order, and said to be late; the end counts them."""
    first, second, third = (a_rep(index=i, late=i < 3) for i in (1, 2, 3))
    earlier = tuple(JudgedRep(rep=rep, window=None, against=()) for rep in (first, second))
    events = events_of(at(9.0, in_set=True, rep=third, judged=earlier), tally=RunMetrics())
    reps = [event["rep"] for event in events if event["event"] == "rep"]
    assert [(rep["index"], rep["late"]) for rep in reps] == [(1, True), (2, True), (3, False)]
    assert events[-1]["reps"] == 3


def test_a_recognised_exercise_is_reported_when_it_changes():
    """With what it was recognised by. Between two sets none is known, which is no event; nor is one that was given."""
    assert events_of(at(1.0, exercise="squat")) == []
    lunge = LikelyExercise(name="lunge", probability=0.04)
    squat, row = (
        Recognition(name=name, probability=0.93, alternatives=(lunge,), sure=True) for name in ("squat", "barbell_row")
    )
    events = events_of(
        at(1.0, recognition=squat),
        at(2.0, recognition=squat, exercise="squat"),
        at(3.0, recognition=squat),
        at(4.0, recognition=squat, exercise="squat"),
        at(5.0, recognition=row, exercise="barbell_row"),
    )
    assert [event["event"] for event in events] == ["exercise", "exercise"]
    assert [(event["t_s"], event["exercise"]) for event in events] == [(2.0, "squat"), (5.0, "barbell_row")]
    alternatives = [{"name": "lunge", "probability": 0.04}]
    assert events[0]["recognised"] == {"name": "squat", "probability": 0.93, "alternatives": alternatives, "sure": True}
    assert not events[0]["chosen"]


def test_each_choice_of_the_lifter_is_reported():
    """Of the same exercise too: a replay repeats them."""
    unsure = Recognition(name="squat", probability=0.5, sure=False)
    events = events_of(*[at(t_s, exercise="squat", recognition=unsure, chosen=True) for t_s in (1.0, 2.0)])
    assert [(event["exercise"], event["chosen"], event["frame"]) for event in events] == [("squat", True, 0)] * 2


def test_a_set_that_was_over_when_it_was_recognised_has_both_ends():
    """Its reps lie between them."""
    rep = JudgedRep(rep=a_rep(), window=None, against=())
    events = events_of(at(9.0, judged=(rep,), summary=a_set_summary(), set_began=True, set_over=True))
    assert [event["event"] for event in events] == ["set_start", "rep", "set_end"]


def test_hint_is_reported_when_it_changes():
    """What to do, that it is done, and that there is nothing more."""
    back = Hint(kind="step_back", text="step back, feet are cut off", done=False)
    hints = [None, back, back, replace(back, done=True), None, None]
    events = events_of(*[at(float(i), hint=hint) for i, hint in enumerate(hints)])
    assert [(e["event"], e["t_s"], e["hint"] and (e["hint"]["kind"], e["hint"]["done"])) for e in events] == [
        ("hint", 1.0, ("step_back", False)),
        ("hint", 3.0, ("step_back", True)),
        ("hint", 4.0, None),
    ]


def test_notice_without_a_frame_has_the_last_frames_time():
    """The camera is gone: there is no frame to take the time from."""
    lines: list[str] = []
    events = EventStream(lambda event: lines.append(to_json(event)), START)
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
    tally = RunMetrics(frames=300, with_pose=290, dropped=4)
    tally.captured_to_cue.add(0.05)
    verdicts = ("good", "anomalous", "unsure", "good")
    *_, end = events_of(*[at(i, rep=a_rep(index=i + 1, verdict=v)) for i, v in enumerate(verdicts)], tally=tally)
    assert (end["event"], end["t_s"]) == ("session_end", 3.0)
    assert (end["reps"], end["good"], end["anomalous"], end["unsure"]) == (4, 2, 1, 1)
    assert end["frames"] == {"read": 300, "with_pose": 290, "dropped": 4, "lost": 0}
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


def test_full_disk_is_reported_once_and_the_set_goes_on():
    """Events are not worth the lifter's set."""
    disk, said = FullDisk(), []
    write = EventLineFile(disk, "events.jsonl", said.append)
    for _ in range(3):
        write(START)
    assert disk.written == [to_json(START) + "\n"]
    assert said == ["events.jsonl: writing events failed (No space left on device). The run continues without them."]


def test_each_line_is_flushed(tmp_path):
    """Whoever reads along sees a rep when it is done."""
    path = tmp_path / "events.jsonl"
    with path.open("w") as file:
        EventLineFile(file, "events.jsonl", print)(START)
        assert path.read_text() == to_json(START) + "\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell whether a pipe takes anything")
def test_a_reader_that_has_stopped_does_not_hold_up_a_live_run():
    """The lines wait, and arrive whole and in order when it reads again."""
    ours, theirs = os.pipe()
    said = []
    with open(ours, encoding="utf-8") as reader, open(theirs, "w", encoding="utf-8") as file:
        lines = EventLineFile(file, "standard output", said.append, waits=False)

        def run() -> None:
            for number in range(1000):  # more than a pipe holds
                lines(replace(START, source=f"{number} {'x' * 2000}"))

        running = Thread(target=run, daemon=True)
        running.start()
        running.join(120)
        assert not running.is_alive()
        reading = Thread(target=lambda: read.extend(reader), daemon=True)
        read: list[str] = []
        reading.start()
        lines.close()
        reading.join(120)
    assert [json.loads(line)["source"].split()[0] for line in read] == [str(number) for number in range(1000)]
    assert said == []


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell whether a pipe takes anything")
def test_events_that_nobody_reads_are_reported_once():
    """At the end of a live run, after a short wait."""
    ours, theirs = os.pipe()
    said = []
    with open(ours), open(theirs, "w", encoding="utf-8") as file:
        lines = EventLineFile(file, "standard output", said.append, waits=False)
        for _ in range(100):
            lines(replace(START, source="x" * 2000))
        lines.finish()
        lines.finish()
    assert said == ["standard output: the last events were not read. `--events FILE` writes them to a file."]
