"""Putting the parts of a run together: what fails on the way is what the user is told."""

from contextlib import ExitStack

import pytest

from livecoach.core.config import exercise, load_settings
from livecoach.core.documents.codec import ObservationsHeader
from livecoach.core.errors import OutputError
from livecoach.core.types import SourceInfo
from livecoach.decisions import assembly
from livecoach.run import wiring
from livecoach.run.feed import FrameFeed
from livecoach.run.run_options import RunOptions

STORED = ObservationsHeader(
    name="a file", width_px=640, height_px=480, fps=25.0, pose_model="lite", pose_sha256="", synthetic=True
)


def test_a_failure_before_the_run_begins_is_reported_as_it_is(monkeypatch):
    feed = FrameFeed(
        info=SourceInfo(name="a file", width_px=640, height_px=480, fps=25.0, live=False), results=(), pause=bool
    )

    def full(*_: object, **__: object) -> ExitStack:
        raise OutputError("the disk is full")

    monkeypatch.setattr(wiring.session_recording, "record_session", full)
    options = RunOptions(settings=load_settings({}), records=True, silent=True)
    with pytest.raises(OutputError, match="the disk is full"):
        wiring.run(options, lambda _: feed, STORED)


def test_a_start_loads_each_exercise_once(monkeypatch):
    loaded: list[str] = []
    load = assembly.load_exercise
    monkeypatch.setattr(
        assembly, "load_exercise", lambda name, *args, **how: loaded.append(name) or load(name, *args, **how)
    )
    with ExitStack() as stack:
        wiring.PreparedRun(stack, RunOptions(settings=load_settings({}), silent=True), STORED)
    assert sorted(loaded) == sorted(exercise.names())
