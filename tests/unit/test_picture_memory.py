"""Decoded frames are freed at once: an overloaded machine decodes many that it never shows."""

import gc
import threading
from pathlib import Path

import numpy as np
import pytest

from livecoach.source.opencv import av, cv2
from livecoach.source.pictures import picture_of

THREADS = Path("/proc/self/task")


@pytest.fixture
def decoded():
    """Decode a JPEG, without a garbage collection meanwhile."""
    code = cv2.imencode(".jpg", np.full((48, 64, 3), 128, np.uint8))[1].tobytes()
    gc.collect()
    gc.disable()
    yield av.CodecContext.create("mjpeg", "r").decode(av.Packet(code))[0]
    gc.enable()


def frames() -> int:
    return sum(isinstance(one, av.VideoFrame) for one in gc.get_objects())


def test_a_frame_is_freed_with_its_picture(decoded):
    """Without waiting for a garbage collection. The picture may share memory with a frame, and is dropped first."""
    others = frames()
    picture_of(av.VideoFrame.from_ndarray(decoded.to_ndarray(format="yuv420p"), "yuv420p"), None, 640)
    assert frames() == others


@pytest.mark.skipif(not THREADS.exists(), reason="only Linux lists a process' threads")
def test_a_picture_is_converted_on_the_thread_that_asks(decoded):
    """Threads for each frame cost more than they save, and each takes memory of its own."""
    before = len(list(THREADS.iterdir()))
    picture_of(decoded, None, 640)
    assert len(list(THREADS.iterdir())) == before >= threading.active_count()
