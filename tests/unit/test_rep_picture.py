"""The picture of a rep's curve: words, colours, and that all of it is there."""

from dataclasses import replace

import numpy as np
import pytest
from builders.steps import a_fault, a_rep

from livecoach.curves import CURVE_KINDS, POINTS, RepCurve, rep_parts
from livecoach.feedback.rep_picture import HEIGHT_PX, WIDTH_PX, draw, words
from livecoach.feedback.shapes import ALARM, GOOD
from livecoach.rep.phases import KINDS
from livecoach.types import Why

WAVE = np.sin(np.linspace(0, np.pi, POINTS))
CURVE = RepCurve(
    words="height of the hips", unit="cm", rep=WAVE, usual=WAVE + 0.1, low=WAVE - 0.2, high=WAVE + 0.4, own=5, at=50
)
WHY = Why(joints=("left_knee",), phase="ascent", at_s=1.2, text="left knee, just after the bottom")
FAULT = a_fault(at_s=1.64)
ENDS = rep_parts("hips", "bottom").ends


def pixels(canvas: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((np.abs(canvas.astype(int) - colour).max(-1) < 12).sum())


@pytest.mark.parametrize(
    ("changes", "own", "said"),
    [
        ({"why": WHY}, True, ("Rep 1: good", "")),
        (
            {"verdict": "anomalous", "why": WHY},
            True,
            ("Rep 1: unlike your good reps", "mostly: left knee, just after the bottom"),
        ),
        ({"verdict": "anomalous"}, False, ("Rep 1: unlike usual good reps", "")),
        (
            {"verdict": "anomalous", "faults": (FAULT,), "why": WHY},
            True,
            ("Rep 1: hips rose first", "chest tipped 11°, your good reps 2° (1.6 s, knee pass)"),
        ),
        (
            {"verdict": "anomalous", "faults": (replace(FAULT, text=""),)},
            True,
            ("Rep 1: hips early", "1.6 s, knee pass"),
        ),
    ],
)
def test_a_picture_says_what_a_rep_was_and_why(changes, own, said):
    """The first fault with what was measured, else where most of the score comes from."""
    assert words(a_rep(**changes), own=own) == said


def test_the_curve_has_the_colour_of_the_verdict():
    """Green or vermillion, and never the other."""
    good, bad = (draw(a_rep(verdict=verdict), CURVE, ENDS) for verdict in ("good", "anomalous"))
    assert good.shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert min(pixels(good, GOOD), pixels(bad, ALARM)) > 2000
    assert pixels(good, ALARM) == pixels(bad, GOOD) == 0


def test_a_band_is_drawn_where_there_is_one():
    """Without good reps to compare with the picture says so, and has the curve alone."""
    bare = draw(a_rep(), replace(CURVE, usual=None, low=None, high=None, own=0), ENDS)
    assert pixels(bare, (92, 86, 80)) < pixels(draw(a_rep(), CURVE, ENDS), (92, 86, 80)) / 10
    assert pixels(bare, GOOD) > 2000


@pytest.mark.parametrize("own", [0, 20])
@pytest.mark.parametrize("travel", KINDS)
def test_nothing_reaches_the_picture_s_edge(own, travel):
    """With the longest words that there are."""
    ends = rep_parts(travel, "with straight arms").ends
    longest = max((way.words for way in CURVE_KINDS.values()), key=len)
    why = replace(WHY, text="right shoulder, as the bar passes the knees")
    for unit in ("deg", "cm", "m/s", "1"):
        curve = replace(CURVE, words=longest, unit=unit, own=own, is_estimate=True)
        canvas = draw(a_rep(index=100, why=why), curve, ends)
        edges = np.concatenate([canvas[:8].reshape(-1, 3), canvas[-4:].reshape(-1, 3), canvas[:, -8:].reshape(-1, 3)])
        assert (edges == canvas[0, 0]).all()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e5])
def test_any_size_of_numbers_can_be_drawn(scale):
    """A curve that hardly moves, and one that goes wild."""
    canvas = draw(a_rep(), replace(CURVE, rep=scale * WAVE, low=scale * (WAVE - 1), high=scale * (WAVE + 1)), ENDS)
    assert pixels(canvas, GOOD) > 1000


def test_a_curve_that_is_not_known_everywhere_has_gaps():
    """As of a back whose edge is looked for while the trunk leans; the band has gaps of its own."""
    part = np.where(np.abs(np.arange(POINTS) - 50) < 20, np.nan, WAVE)
    broken = replace(CURVE, rep=part, usual=part, low=part - 0.1, high=part + 0.1, at=20)
    whole = replace(CURVE, rep=WAVE, usual=WAVE, low=WAVE - 0.1, high=WAVE + 0.1, at=20)
    assert 0 < pixels(draw(a_rep(), broken, ENDS), GOOD) < 0.8 * pixels(draw(a_rep(), whole, ENDS), GOOD)
