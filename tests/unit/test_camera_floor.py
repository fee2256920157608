"""The floor on the start screen: where the camera stands, whence faults show, and what to do."""

import numpy as np
import pytest
from builders.observations import a_sighting
from builders.steps import a_step, a_view
from builders.stick_figure import a_stick_figure

from livecoach.core.language import using_language
from livecoach.core.types.message import LANGUAGES
from livecoach.decisions.judging.fault_model import CameraPlaces
from livecoach.feedback.camera_floor import FloorPlan, draw_floor_plan
from livecoach.feedback.display_state import ShownMessage
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.shapes import ALARM, ARROWS, GOOD, INK, NIGHT, RIGHT, Mark

PANEL = Box(24, 440, 680, 200)
PLACES = CameraPlaces(seen_from={"back rounded": (range(63, 106),)}, shown_by_legs=())
BACK = Mark("up", ARROWS["up"], ALARM)
LONGEST = (
    "can't be checked from here: back rounded, hips rose first and 1 more",
    "the plates hide your legs: knees came in, bar drifted away and 4 more may not show",
)


def drawn(stand: FloorPlan, *, mirrored: bool = True) -> np.ndarray:
    canvas = np.full((720, 1280, 3), 77, np.uint8)
    draw_floor_plan(canvas, PANEL, stand, mirrored=mirrored)
    return canvas


def seen_from(azimuth_deg: float, **changes: object) -> FloorPlan:
    step = a_step(observation=a_sighting(a_stick_figure(0.0)), view=a_view(azimuth_deg), **changes)
    return FloorPlan(PLACES, step)


def at_ring(canvas: np.ndarray, azimuth_deg: float) -> tuple[int, ...]:
    """The colour of the ring of camera positions, off its middle, where signs stand."""
    turn, radius = np.radians(azimuth_deg), 0.94 * PANEL.h / 2
    x = PANEL.x + PANEL.h / 2 - radius * np.sin(turn)
    y = PANEL.y + PANEL.h / 2 - radius * np.cos(turn)
    return tuple(canvas[round(y), round(x)].tolist())


def test_the_ring_is_green_where_all_shows_and_yellow_where_something_does_not():
    """On both sides; the lifter looks up, and has left at the left."""
    canvas = drawn(FloorPlan(PLACES))
    for side in (1, -1):
        assert at_ring(canvas, side * 80) == GOOD
        assert at_ring(canvas, side * 40) == RIGHT
        assert at_ring(canvas, side * 150) not in (GOOD, RIGHT)


@pytest.mark.parametrize("azimuth_deg", [45.0, -80.0, 10.0, 170.0])
def test_the_camera_is_drawn_where_it_stands(azimuth_deg):
    there, empty = drawn(FloorPlan(PLACES, None)), drawn(seen_from(azimuth_deg))
    floor = np.s_[PANEL.y : PANEL.bottom, PANEL.x : PANEL.x + PANEL.h]
    rows, columns = np.nonzero((there[floor] != empty[floor]).any(-1))
    x, y = columns.mean() - PANEL.h / 2, rows.mean() - PANEL.h / 2
    assert np.degrees(np.arctan2(-x, -y)) == pytest.approx(azimuth_deg, abs=8)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "stand",
    [
        FloorPlan(),
        seen_from(45.0, drawbacks=LONGEST),
        seen_from(45.0),
        FloorPlan(PLACES, None, ShownMessage("hint", "move to the middle", "one side is cut off", BACK)),
        FloorPlan(PLACES, None, ShownMessage("hint", "turn 30°", "away from the camera", BACK)),
        FloorPlan(PLACES, None, ShownMessage("warning", "two people: if you are not lifting, step aside")),
    ],
)
def test_the_plan_of_the_floor_stays_in_its_dark_panel(stand, language):
    with using_language(language):
        canvas = drawn(stand)
    assert tuple(canvas[PANEL.y + 1, (PANEL.x + PANEL.right) // 2]) == NIGHT
    canvas[PANEL.y : PANEL.bottom, PANEL.x : PANEL.right] = 77
    assert (canvas == 77).all()


def test_where_to_go_is_read_from_four_metres():
    """Capitals of 8 % of the height are legible from three; the arrow is higher than they are."""
    canvas = drawn(FloorPlan(PLACES, None, ShownMessage("hint", "HI", None, BACK)))
    beside = canvas[PANEL.y : PANEL.bottom, PANEL.x + PANEL.h : PANEL.right]
    arrow, letters = (np.ptp(np.flatnonzero((beside == colour).all(-1).any(1))) for colour in (ALARM, INK))
    assert letters + 2 > 0.106 * 720
    assert arrow > 1.4 * letters


def test_checks_that_a_place_costs_differ_without_colour():
    costs, none = (
        drawn(seen_from(80.0, drawbacks=lines)).mean(-1)[:, PANEL.x + PANEL.h : PANEL.x + PANEL.h + 60]
        for lines in (LONGEST[:1], ())
    )
    assert np.abs(costs - none).max() > 60


def test_the_hint_on_what_is_cut_off_stays_although_it_was_not_followed():
    whole, cut = (
        FloorPlan(PLACES, a_step(observation=a_sighting(a_stick_figure(0.0), feet=(0.5, y)), view=a_view(80.0)))
        for y in (0.9, 1.02)
    )
    beside = np.s_[PANEL.y : PANEL.bottom, PANEL.x + PANEL.h : PANEL.right]
    assert not (drawn(whole)[beside] == ALARM).all(-1).any()
    assert (drawn(cut)[beside] == ALARM).all(-1).any()
    assert not (drawn(cut)[beside] == GOOD).all(-1).any(), "it does not claim that all shows"
