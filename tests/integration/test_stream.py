"""A network camera that answers, refuses, falls silent, dies and comes back."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from builders.mjpeg_server import MjpegServer, a_picture
from builders.sources import CAPTURE, TIMEOUT_S, FakeClock

from livecoach.capture import Source
from livecoach.capture.capture import Capture, CaptureResult
from livecoach.capture.picture_sources import open_picture_source
from livecoach.capture.stream import open_stream
from livecoach.capture.timeline import LiveTimeline
from livecoach.core.errors import NoPicture
from livecoach.lab.tools.stand_ins import encode_jpeg

QUICK_S = 0.3
QUICK = replace(CAPTURE, reconnect_first_s=0.02, reconnect_longest_s=0.1, stall_s=10.0)


@pytest.fixture
def server() -> Iterator[MjpegServer]:
    with MjpegServer() as running:
        yield running


def opener(server: MjpegServer, timeout_s: float = QUICK_S) -> Callable[[], Source]:
    """Opens the server's stream; time goes on from one opening to the next."""
    timeline = LiveTimeline()
    return lambda: open_picture_source(server.url, timeline=timeline, timeout_s=timeout_s)


def first_taken(capture: Capture, wanted: Callable[[CaptureResult], object]) -> CaptureResult:
    deadline_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline_s:
        taken = capture.take(0.05)
        if wanted(taken):
            return taken
    raise AssertionError("it never came")


def a_loss(taken: CaptureResult) -> bool:
    return taken.lost


def a_frame(taken: CaptureResult) -> bool:
    return taken.frame is not None


class PictureByPicture(LiveTimeline):
    """Has the camera send a picture each time that one was taken: a quarter of a second later, however busy it is."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = self._clock = FakeClock()
        self._asked = threading.Semaphore()

    def jpegs(self) -> Iterator[bytes]:
        while self._asked.acquire(timeout=TIMEOUT_S):
            yield encode_jpeg(a_picture(0))

    def skip_unneeded(self, arrived_s: float, older: int = 0) -> bool:
        self._clock.now_s += 0.25
        self._asked.release()
        return super().skip_unneeded(arrived_s, older)


def test_pictures_that_are_to_be_skipped_are_numbered_and_not_decoded() -> None:
    """At rest few are looked at; the others are numbered, and neither decoded nor counted as dropped."""
    timeline = PictureByPicture()
    with MjpegServer(jpegs=timeline.jpegs) as server, closing(open_stream(server.url, timeline=timeline)) as stream:
        stream.read()
        timeline.skip_until_s = 0.6
        frame = stream.read()
    assert (frame.t_s, frame.index, frame.skipped) == (0.75, 3, 0)


def test_frames_are_the_pictures_of_the_camera(server, capfd) -> None:
    with closing(open_stream(server.url)) as stream:
        info, first = stream.info, stream.read()
    assert (info.width_px, info.height_px, info.fps, info.live) == (160, 120, None, True)
    # JPEG loses a little; the first picture may be one further, where the reader looked at one to know the format.
    differences = [np.abs(first.picture.astype(int) - a_picture(number)).mean() for number in range(4)]
    assert min(differences) < 5
    assert capfd.readouterr().err == ""


def test_a_server_that_accepts_and_stays_silent_is_reported(server) -> None:
    server.stall()
    with pytest.raises(NoPicture, match="no picture yet from"):
        open_stream(server.url, timeout_s=QUICK_S)


def test_a_camera_that_was_killed_and_started_again_goes_on_with_later_frames(server) -> None:
    with closing(Capture(opener(server), QUICK)) as capture:
        before = first_taken(capture, a_frame).frame
        server.kill()
        first_taken(capture, a_loss)
        server.start()
        after = [first_taken(capture, a_frame).frame for _ in range(3)]
    assert before.index < after[0].index < after[1].index < after[2].index
    assert before.t_s < after[0].t_s < after[1].t_s < after[2].t_s


@pytest.mark.parametrize(("timeout_s", "stall_s"), [(QUICK_S, 10.0), (TIMEOUT_S, QUICK_S)])
def test_a_camera_that_stalled_gives_frames_again(server, timeout_s, stall_s) -> None:
    """A camera that falls silent and recovers is back by itself. Where the timeout of the reader fails, the age of the
    last frame tells, and another reader takes over."""
    with closing(Capture(opener(server, timeout_s), replace(QUICK, stall_s=stall_s))) as capture:
        first_taken(capture, a_frame)
        server.stall()
        first_taken(capture, a_loss)
        server.flow()
        assert not first_taken(capture, a_frame).lost
