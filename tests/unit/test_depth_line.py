"""The line at the top of the knee lies where the bottom of a rep puts it, and the crease as far from it as measured."""

from dataclasses import replace

import numpy as np
import pytest
from builders.depth import a_depth, a_squat_window
from builders.observations import levelled
from builders.steps import a_rep

from livecoach.core import landmark
from livecoach.core.types import Rep, Standards
from livecoach.core.types.reps import BELOW_CM, DEFAULT_STANDARDS, Conditions
from livecoach.decisions.rep.depth import bottom_observations
from livecoach.feedback.depth_line import KNEE_TOP_M, SHOWN_S, DepthLine, draw_depth_line, find_depth_line
from livecoach.feedback.shapes import ALARM, GOOD, GREY

CANVAS_PX = (640, 480)
BEHIND, BEFORE, CREASE = range(3)


def a_measured_rep(off_cm: float = 6.0, verdict: str = "missed") -> Rep:
    window = a_squat_window()
    times = {"start_s": window.start_s, "turn_s": window.turn_s, "end_s": window.end_s}
    return a_rep(**times, standards=(a_depth(off_cm, verdict),))


def a_line(off_cm: float = 6.0, verdict: str = "missed", standards: Standards = DEFAULT_STANDARDS) -> DepthLine:
    line = find_depth_line(a_measured_rep(off_cm, verdict), a_squat_window().observations, standards)
    assert line is not None
    return line


def knees_y() -> float:
    """Height of the knees at the bottom, 0…1 from the top of the picture."""
    lowest = bottom_observations(a_squat_window().observations, a_squat_window())
    return float(np.median([o.landmarks[list(landmark.KNEES), 1].mean() for o in lowest]))


def test_the_line_is_level_and_above_the_landmarks_of_the_knees():
    """The landmark lies inside the joint, and the skin over it is what counts."""
    line = a_line()
    assert line.xy[BEHIND, 1] == line.xy[BEFORE, 1] < knees_y()


@pytest.mark.parametrize("roll_deg", [12.0, -12.0])
def test_the_line_leans_as_the_camera_does(roll_deg):
    seen, conditions = (
        a_squat_window().observations,
        Conditions(roll_deg=roll_deg, lifter_px=400, jitter=None, brightness=0.5, fps=30),
    )
    leaning = [levelled(o, -roll_deg) for o in seen]
    line = find_depth_line(replace(a_measured_rep(), conditions=conditions), leaning, DEFAULT_STANDARDS)
    assert line is not None
    size_px, angle = (seen[0].width_px, seen[0].height_px), np.radians(roll_deg)
    (x, y), (level_x, level_y) = (((one.xy - 0.5) * size_px).T for one in (line, a_line()))
    assert x == pytest.approx(level_x * np.cos(angle) - level_y * np.sin(angle), abs=1)
    assert y == pytest.approx(level_x * np.sin(angle) + level_y * np.cos(angle), abs=1)


def test_the_crease_is_as_far_from_the_line_as_was_measured():
    """Above it where the rep was high, below it where it was deep, and twice as far for twice as much."""
    high, deep, twice = (a_line(cm) for cm in (6.0, -6.0, 12.0))
    above = [line.xy[BEHIND, 1] - line.xy[CREASE, 1] for line in (high, deep, twice)]
    assert above == pytest.approx([above[0], -above[0], 2 * above[0]])
    assert above[0] > 0


def test_a_centimetre_of_the_line_is_a_centimetre_of_the_lifter():
    """The line lies as many centimetres above the landmark as it is said to."""
    line = a_line()
    cm = (line.xy[BEHIND, 1] - line.xy[CREASE, 1]) / 6.0
    assert knees_y() - line.xy[BEHIND, 1] == pytest.approx(100 * KNEE_TOP_M * cm, rel=0.02)


def test_the_line_of_the_standard_below_lies_under_the_top_of_the_knee():
    parallel, below = a_line(), a_line(standards=Standards(depth="below"))
    cm = (parallel.xy[BEHIND, 1] - parallel.xy[CREASE, 1]) / 6.0
    assert below.xy[BEHIND, 1] - parallel.xy[BEHIND, 1] == pytest.approx(BELOW_CM * cm)
    assert "3 cm under" in below.legend


def test_a_rep_that_was_not_measured_has_no_line():
    rep, seen = a_measured_rep(), a_squat_window().observations
    unknown = [o if o.landmarks is None else replace(o, landmarks=np.full_like(o.landmarks, np.nan)) for o in seen]
    assert find_depth_line(replace(rep, standards=()), seen, DEFAULT_STANDARDS) is None
    assert find_depth_line(rep, (), DEFAULT_STANDARDS) is None
    assert find_depth_line(rep, unknown, DEFAULT_STANDARDS) is None
    assert [find_depth_line(rep, seen, Standards(depth=depth)) for depth in (35.0, "none")] == [None, None]


def test_the_line_is_shown_around_the_bottom():
    line = a_line()
    times_s = (line.t_s - SHOWN_S - 0.1, line.t_s - 0.4, line.t_s, line.t_s + SHOWN_S + 0.1)
    assert [line.is_shown(t_s) for t_s in times_s] == [False, True, True, False]


@pytest.mark.parametrize(("verdict", "colour"), [("met", GOOD), ("missed", ALARM), ("close", GREY)])
def test_the_crease_has_the_colour_of_the_result(verdict, colour):
    canvas = np.zeros((CANVAS_PX[1], CANVAS_PX[0], 3), np.uint8)
    line = a_line(12.0, verdict)
    points_px = line.xy * CANVAS_PX
    draw_depth_line(canvas, line, points_px, 1.0)
    x, y = np.rint(points_px[CREASE]).astype(int)
    assert canvas[y, x].tolist() == list(colour)
