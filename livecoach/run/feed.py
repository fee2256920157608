"""Frames for the live loop, from a camera or from a recording."""

from collections.abc import Iterator

from livecoach.source import Source
from livecoach.source.capture import Capture, CaptureResult

WAIT_S = 0.05
"""How long the loop waits for a frame before it checks the keys again."""


def newest_frames(capture: Capture) -> Iterator[CaptureResult]:
    """Yield what a capture delivers until its source ends: the newest frame, or none for a while."""
    while not (taken := capture.take(WAIT_S)).ended:
        yield taken


def every_frame(source: Source) -> Iterator[CaptureResult]:
    """Yield every frame of a source, as fast as they are consumed."""
    while (frame := source.read()) is not None:
        yield CaptureResult(frame=frame, dropped=0, lost=False, ended=False)
