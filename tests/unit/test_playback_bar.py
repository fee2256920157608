"""The line of a session that is replayed: where it is, and which reps were how."""

import numpy as np
import pytest

from livecoach.feedback import panels
from livecoach.feedback.display_state import Playback, PlaybackMark
from livecoach.feedback.shapes import ALARM, GOOD, INK

MARKS = (PlaybackMark(10.0, 20.0, "good"), PlaybackMark(30.0, 40.0, "anomalous"))


def drawn(t_s: float) -> np.ndarray:
    canvas = np.zeros((480, 640, 3), np.uint8)
    panels.draw_playback(canvas, Playback(t_s=t_s, duration_s=100.0, speed=1.0, loop=False, marks=MARKS))
    return canvas


def columns(canvas: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return np.flatnonzero((canvas == colour).all(-1).any(0))


def height(canvas: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((canvas == colour).all(-1).any(1).sum())


def test_reps_lie_where_they_were():
    """In their colours, and by another height where they were anomalous: colour is never alone."""
    canvas = drawn(90.0)
    assert columns(canvas, GOOD)[[0, -1]] == pytest.approx([64, 128], abs=2)
    assert columns(canvas, ALARM)[[0, -1]] == pytest.approx([192, 256], abs=2)
    assert height(canvas, ALARM) >= 1.8 * height(canvas, GOOD)


def test_what_is_still_to_come_is_dim():
    """Until it is reached."""
    canvas = drawn(25.0)
    assert len(columns(canvas, GOOD))
    assert not len(columns(canvas, ALARM))


@pytest.mark.parametrize("t_s", [0.0, 50.0, 100.0, 500.0])
def test_the_place_is_marked_inside_the_picture(t_s):
    """From the first frame to the last."""
    at = columns(drawn(t_s), INK)
    assert at.mean() == pytest.approx(min(t_s, 100.0) / 100 * 639, abs=2)


@pytest.mark.parametrize(
    ("t_s", "duration_s", "speed", "loop", "words"),
    [
        (12.4, 45.0, 1.0, False, "0:12 / 0:45"),
        (61.0, 3700.0, 0.5, True, "1:01 / 1:01:40  ×0.5  loop"),
    ],
)
def test_it_is_told_in_words(t_s, duration_s, speed, loop, words):
    """Minutes and seconds, hours where there are; the speed where it is another."""
    assert Playback(t_s=t_s, duration_s=duration_s, speed=speed, loop=loop, marks=()).words == words
