"""Which pictures are decoded, how large they are shown, and when decoded frames are freed."""

import gc
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.capture.opencv import av, cv2
from livecoach.capture.pictures import MOST_ELONGATED, ImpossiblePicture, convert_frame, display_size, letterbox

sides = st.integers(0, 1 << 20)
aspects = st.none() | st.fractions(min_value=-5, max_value=10_000)


@pytest.mark.parametrize(
    ("width_px", "height_px", "aspect", "shown"),
    [
        (640, 480, None, (640, 480)),
        (64, 48, Fraction(3, 2), (96, 48)),
        (1440, 1080, Fraction(4, 3), (1920, 1080)),
        (1080, 1920, Fraction(1), (1080, 1920)),
        (704, 576, Fraction(1005, 1000), (704, 576)),
        (8000, 6000, None, (1920, 1440)),
        (2160, 3840, None, (1080, 1920)),
        (640, 480, Fraction(0), (640, 480)),
    ],
)
def test_pictures_are_shown_with_square_pixels_and_scaled_down(width_px, height_px, aspect, shown) -> None:
    assert display_size(width_px, height_px, aspect, 1920) == shown


def test_a_picture_of_another_shape_stands_between_black_bars():
    fitted = letterbox(np.full((20, 40, 3), 200, np.uint8), 60, 50)
    assert np.flatnonzero((fitted == 200).all((1, 2))).tolist() == list(range(10, 40))
    assert not fitted[:10].any()
    assert not fitted[40:].any()


@pytest.mark.parametrize(
    ("width_px", "height_px", "aspect", "says"),
    [
        (1, 1, None, "1 × 1 pixels; at least 32 × 32"),
        (0, 480, None, "at least"),
        (65_535, 65_535, None, "up to 8192 a side"),
        (8192, 8192, None, "up to 8192 a side"),
        (8192, 64, None, "over 8 times as long"),
        (640, 480, Fraction(200), "shown with 128000 × 480 pixels"),
        (640, 480, Fraction(1, 200), "shown with 3 × 480 pixels"),
    ],
)
def test_pictures_that_no_library_survives_are_refused(width_px, height_px, aspect, says) -> None:
    with pytest.raises(ImpossiblePicture, match=says):
        display_size(width_px, height_px, aspect, 1920)


@given(width_px=sides, height_px=sides, aspect=aspects)
def test_every_shown_picture_has_a_size_that_every_library_takes(width_px, height_px, aspect) -> None:
    try:
        shown = display_size(width_px, height_px, aspect, 1920)
    except ImpossiblePicture:
        return
    assert 4 <= min(shown) <= max(shown) <= 1920
    assert max(shown) <= (MOST_ELONGATED + 1) * min(shown)


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
    convert_frame(av.VideoFrame.from_ndarray(decoded.to_ndarray(format="yuv420p"), "yuv420p"), None, 640)
    assert frames() == others


@pytest.mark.skipif(not THREADS.exists(), reason="only Linux lists a process' threads")
def test_a_picture_is_converted_on_the_thread_that_asks(decoded):
    """Threads for each frame cost more than they save, and each takes memory of its own."""
    before = set(THREADS.iterdir())
    convert_frame(decoded, None, 640)
    assert set(THREADS.iterdir()) <= before
