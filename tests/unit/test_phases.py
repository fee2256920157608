"""Phases of small curves of height, frame by frame, at ten frames per second.

An end is left or reached at 4 % of the way, and from there a phase extends to the nearest frame that is slow. Speeds
are central differences: the frame beside a moving frame moves.
"""

import math

import numpy as np
import pytest

from livecoach.decisions.rep.motion import LEAST_FRAMES, Phases, crossing_frame, curve_speed, detect_phases

KNEE = 0.25
WAYS = (1.0, 0.3)  # in torsos


def raised(bar: list[float], first: int = 0, end: int | None = None) -> Phases | None:
    knee = np.full(len(bar), KNEE * max(bar))
    return detect_phases(
        "bar", np.arange(len(bar)) / 10, np.array(bar, float), knee, first, len(bar) if end is None else end
    )


def lowered(height: list[float], first: int = 0, end: int | None = None) -> Phases | None:
    curve = np.array(height, float)
    return detect_phases("hips", np.arange(len(curve)) / 10, curve, curve, first, len(curve) if end is None else end)


@pytest.mark.parametrize(
    ("bar", "ascent", "knee_pass", "descent"),
    [
        pytest.param([0, 0, 0, 0.5, 1, 1, 1, 0.5, 0, 0, 0], (1, 4), 2.5, (5, 9), id="up and down"),
        pytest.param([0, 0, 0, 0.5, 1, 1, 1], (1, 4), 2.5, (6, 6), id="not lowered"),
        pytest.param([0, 0, 0.5, 1, 1, 1, 1, 1, 0.5, 0, 0], (0, 3), 1.5, (6, 10), id="held"),
        pytest.param(
            [0, 0, 0.5, 1, 1, 1, 0.95, 0.94, 0.93], (0, 3), 1.5, (8, 8), id="sinks by less than a hand's width"
        ),
        pytest.param([0, 0.01, 0.02, 0.03, 0.5, 1, 1, 1], (2, 5), 3.47, (7, 7), id="settles before"),
        pytest.param([0, 0, 0.05, 0.06, 0.08, 0.5, 1, 1], (1, 6), 4.4, (7, 7), id="slow off the floor"),
        pytest.param([0, 0, 0.5, 0.94, 0.95, 0.97, 1, 1, 0.5, 0, 0], (0, 5), 1.5, (6, 10), id="creeps up at the top"),
        pytest.param([0, 0, 0.5, 1, 1, 0.5, 0.06, 0.05, 0.03, 0], (0, 3), 1.5, (3, 8), id="creeps down on the floor"),
        pytest.param([0, 0, 0.5, 0.9, 0.5, 0.9, 1, 1, 0.5, 0, 0], (0, 6), 1.5, (6, 10), id="lost on the way up"),
        pytest.param([0, 0, 0.5, 1, 1, 0.5, 0, 0, 0.3, 0.98], (0, 3), 1.5, (3, 7), id="raised again after it"),
        pytest.param([0, 0, 0.5, 1, 1, *7 * [0.9], 0.5, 0, 0], (0, 3), 1.5, (10, 14), id="sinks a little and is held"),
        pytest.param([0.3, 0.3, 0.5, 1, 1, 1, 0.6, 0.3, 0.3], (0, 3), math.nan, (4, 8), id="from above the knees"),
    ],
)
def test_a_raised_bar_has_an_ascent_a_knee_pass_and_a_descent(bar, ascent, knee_pass, descent):
    """Its top is from lockout, at the latest where it is highest, until it is lowered."""
    for way in WAYS:
        found = raised([way * height for height in bar])
        assert found is not None
        assert (found.ascent, found.descent, found.turn) == (ascent, descent, int(np.argmax(bar)))
        assert found.top == (ascent[1], max(descent[0], ascent[1]))
        assert found.knee_pass == pytest.approx(knee_pass, abs=0.01, nan_ok=True)
        assert found.lift_frames == slice(ascent[0], descent[1] + 1)


def test_hands_that_take_the_bar_before_a_rep_are_no_lift_off():
    """Lift-off is at most .3 s before the start, unless the bar has risen much by then: the start is late."""
    bar = [0, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.5, *[1] * 9]
    assert [found.ascent for first in (0, 6, 11) if (found := raised(bar, first))] == [(0, 9), (3, 9), (7, 10)]


@pytest.mark.parametrize(
    ("height", "descent", "ascent", "top"),
    [
        pytest.param([1, 1, 1, 0.5, 0, 0, 0, 0.5, 1, 1, 1], (1, 4), (5, 9), (9, 10), id="down and up"),
        pytest.param([1, 0.97, 0.95, 0.94, 0.5, 0, 0.5, 1, 1], (1, 5), (5, 8), (8, 8), id="bends before"),
        pytest.param(
            [1, 1, 0.5, 0.06, 0.05, 0.03, 0, 0.5, 1, 1], (0, 5), (6, 9), (9, 9), id="creeps down at the bottom"
        ),
        pytest.param([1, 1, 0.5, 0, 0, 0.5, 0.94, 0.95, 0.97, 1], (0, 3), (3, 8), (8, 9), id="creeps up at the top"),
        pytest.param([1, 1, 0.5, 0, 0, 0.5, 1, 1, 1, 0.9, 0.5], (0, 3), (3, 7), (7, 8), id="bends again after it"),
        pytest.param([1, 1, 0.5, 0, *7 * [0.1], 0.5, 1, 1], (0, 3), (9, 13), (13, 13), id="rises a little and is held"),
        pytest.param(
            [1, 1, 0.6, 0.99, 0.99, 0.5, 0, 0.5, 1, 1], (3, 6), (6, 9), (9, 9), id="another movement before it"
        ),
    ],
)
def test_lowered_hips_have_a_descent_and_an_ascent(height, descent, ascent, top):
    for way in WAYS:
        found = lowered([way * each for each in height])
        assert found is not None
        assert (found.descent, found.ascent, found.turn) == (descent, ascent, int(np.argmin(height)))
        assert found.top == top
        assert math.isnan(found.knee_pass)


@pytest.mark.parametrize("of", [raised, lowered])
def test_a_movement_too_short_or_too_small_for_a_rep_has_no_phases(of):
    ways = [0.5, 0.5, 1, 1, 0, 0, 0.5, 0.5, 0.5]
    assert of(ways, 1, 1 + LEAST_FRAMES) is not None
    assert of(ways, 1, LEAST_FRAMES) is None
    assert of([*ways, math.nan]) is None
    assert of([0.19 * height for height in ways]) is None
    assert of([0.21 * height for height in ways]) is not None


def test_the_turn_lies_between_the_given_frames():
    """Outside of them, the rep before and the next one are higher, or lower."""
    heights = [2.0, 0, 0, 0, 0.5, 1, 1, 0.5, 0, 0, 2.0]
    assert [found.turn for found in (raised(heights, 1, 10), lowered([-h for h in heights], 1, 10)) if found] == [5, 5]


def test_the_speed_is_the_slope_between_the_neighbours():
    """The ends have their neighbours' speed, and a late frame does not look fast."""
    assert curve_speed(np.array([0.0, 0.1, 0.2, 0.6]), np.array([0.0, 0.1, 0.4, 2.1])) == pytest.approx([2, 2, 4, 4])


@pytest.mark.parametrize(("first", "last", "at"), [(0, 3, 1.25), (0, 1, math.nan), (2, 3, math.nan), (1, 3, 1.25)])
def test_a_level_is_crossed_between_two_frames(first, last, at):
    assert crossing_frame(np.array([0.0, 1.0, 5.0, 0.0]), 2.0, first, last) == pytest.approx(at, nan_ok=True)
