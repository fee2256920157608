"""Events: what is reported of a run, and when."""

import errno
import json
import os
from dataclasses import replace
from threading import Thread

import pytest
from builders.observations import an_observation
from builders.sessions import a_document, a_start
from builders.steps import a_rep, a_step

from livecoach.core.documents import CueEvent, to_json
from livecoach.core.step import RepCompleted, Step, StepEvent
from livecoach.core.types import Cue
from livecoach.records.session.events import EventLineFile, EventStream
from livecoach.records.session.metrics import RunMetrics

START = a_start(a_document())


def at(t_s: float, *events: StepEvent, **changes: object) -> Step:
    return a_step(*events, observation=an_observation(t_s=t_s), **changes)


def events_of(*steps: Step, latency_ms: float | None = None, metrics: RunMetrics | None = None) -> list[dict]:
    """Events of a run over these steps, without its first one."""
    lines: list[str] = []
    events = EventStream(lambda event: lines.append(to_json(event)), START)
    for step in steps:
        events.send_step(step, latency_ms)
    if metrics is not None:
        events.send_end(metrics, [rep for step in steps for rep in step.reps])
    assert not any("\n" in line for line in lines)
    return [json.loads(line) for line in lines[1:]]


def test_reps_that_count_late_are_reported_before_the_rep_that_settled_them():
    first, second, third = (a_rep(index=i, late=i < 3) for i in (1, 2, 3))
    earlier = [RepCompleted(rep=rep) for rep in (first, second)]
    events = events_of(at(9.0, *earlier, is_under_way=True, rep=third), metrics=RunMetrics())
    reps = [event["rep"] for event in events if event["event"] == "rep"]
    assert [(rep["index"], rep["late"]) for rep in reps] == [(1, True), (2, True), (3, False)]
    assert events[-1]["reps"] == 3


def test_an_event_does_not_repeat_what_a_run_adds_to_its_cue():
    """Plans, records and last time are not in a session: its replay must give the same events."""
    ready = CueEvent(t_s=1.0, kind="ready", text="ready", why=None, say="ready", rep=None)
    heard = Cue(kind="ready", text="ready", rep=None, say="ready, chest up")
    assert [event["say"] for event in events_of(at(1.0, ready, cue=heard))] == ["ready"]


def test_session_end_has_the_counts_of_reps_and_frames():
    metrics = RunMetrics(frames=300, with_pose=290, dropped=4)
    metrics.captured_to_cue.add(0.05)
    verdicts = ("good", "anomalous", "unsure", "good")
    *_, end = events_of(*[at(i, rep=a_rep(index=i + 1, verdict=v)) for i, v in enumerate(verdicts)], metrics=metrics)
    assert (end["event"], end["t_s"]) == ("session_end", 3.0)
    assert (end["reps"], end["good"], end["anomalous"], end["unsure"]) == (4, 2, 1, 1)
    assert end["frames"] == {"read": 300, "with_pose": 290, "dropped": 4, "lost": 0}
    assert end["captured_to_cue_ms_p50"] == 50.0
    assert end["captured_to_drawn_ms_p50"] is None


def test_a_run_without_a_frame_ends_at_0():
    assert [(end["event"], end["t_s"]) for end in events_of(metrics=RunMetrics())] == [("session_end", 0.0)]


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


def test_each_event_is_flushed_at_once(tmp_path):
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
        lines = EventLineFile(file, "standard output", said.append, waits_for_reader=False)

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
        lines = EventLineFile(file, "standard output", said.append, waits_for_reader=False)
        for _ in range(100):
            lines(replace(START, source="x" * 2000))
        lines.finish()
        lines.finish()
    assert said == ["standard output: the last events were not read. `--events FILE` writes them to a file."]
