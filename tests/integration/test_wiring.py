"""Putting the parts of a run together: what fails on the way is what the user is told."""

from contextlib import ExitStack

import pytest

from livecoach.cli import wiring
from livecoach.cli.session_recording import PoseModelId
from livecoach.core.config import load_settings
from livecoach.core.errors import OutputError
from livecoach.core.types import SourceInfo
from livecoach.run.feed import FrameFeed


def test_what_fails_before_the_run_begins_is_told_as_it_is(monkeypatch):
    feed = FrameFeed(
        info=SourceInfo(name="a file", width_px=640, height_px=480, fps=25.0, live=False), taken=(), pause=bool
    )

    def full(*_: object) -> ExitStack:
        raise OutputError("the disk is full")

    monkeypatch.setattr(wiring, "recorded_session", full)
    with pytest.raises(OutputError, match="the disk is full"):
        wiring.LiveSession(
            settings=load_settings({}),
            open_feed=lambda _: feed,
            showing=wiring.DisplayOptions(window=None, mirror=False, silent=True),
            pose_of=PoseModelId(name="lite", sha256=""),
        ).run()
