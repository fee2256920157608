"""Where to put the camera: whence an exercise's faults show, and what the present place costs."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from builders.observations import a_sighting
from builders.steps import a_view
from builders.stick_figure import a_stick_figure

from livecoach.core.config import exercise
from livecoach.core.config.paths import models_dir
from livecoach.decisions.judging.fault_model import BEHIND, CameraPlaces, find_camera_places
from livecoach.decisions.judging.scorer import load_scorer
from livecoach.decisions.rep.measures import load_faults
from livecoach.perception.body.body import find_body
from livecoach.perception.body.visibility import LegsBehindPlate

BACK = "back rounded"


@cache
def places(name: str, *, depth: bool = False) -> CameraPlaces:
    """Of a shipped exercise."""
    return find_camera_places(load_scorer(models_dir() / name, load_faults(name), 0.02).faults, depth=depth)


@pytest.mark.parametrize("name", exercise.names())
def test_from_a_good_place_nearly_all_shows_that_shows_from_anywhere(name):
    """And no turn is asked for within it: it is wide enough to stand in."""
    found = places(name, depth=name == "squat")
    low, high = found.good_azimuths_deg
    assert high - low >= 30
    hidden = [len(found.hidden_items(azimuth)) for azimuth in range(106)]
    assert max(hidden[low : high + 1]) <= min(hidden) + 1


def test_a_rounded_back_shows_from_the_side_alone():
    deadlift = places("deadlift")
    assert deadlift.drawbacks(a_view(82.0), legs_hidden=False) == ()
    assert deadlift.drawbacks(a_view(-45.0), legs_hidden=False) == (f"can't be checked from here: {BACK}",)


def test_a_fault_that_shows_from_nowhere_is_never_asked_for():
    """The heels of a deadlift, behind plates, are not seen from any side, so no place costs them."""
    unseen = {words for azimuth in range(106) for words in places("deadlift").hidden_items(azimuth)}
    assert not unseen & {"heels came up", "bounced off the floor"}
    assert places("deadlift").seen_from["bounced off the floor"] == ()


def test_lifted_heels_of_a_squat_show_from_45_degrees_on():
    assert places("squat").seen_from["heels came up"] == (range(45, 106),)


def test_depth_is_named_first_where_the_lifter_has_a_standard():
    squat = places("squat", depth=True)
    assert squat.drawbacks(a_view(5.0, "front"), legs_hidden=False)[0].endswith(
        ": depth, heels came up, path of the bar"
    )
    assert not any("depth" in line for line in places("squat").drawbacks(a_view(5.0, "front"), legs_hidden=False))


def test_from_behind_no_rep_is_judged():
    assert places("squat").drawbacks(a_view(-130.0, "rear"), legs_hidden=True) == (BEHIND,)


def test_plates_before_the_legs_cost_what_legs_show():
    (line,) = places("deadlift").drawbacks(a_view(85.0, "side"), legs_hidden=True)
    assert line == "the plates hide your legs; perhaps not visible: knees came in, hips rose first and 6 more"
    assert places("snatch").drawbacks(None, legs_hidden=True) == (
        "the plates hide your legs: some reps may go unjudged",
    )


def behind(plate_at: str | None, seconds: float, *, fps: int = 20, unseen_s: float = 0.0, from_s: float = 0.0) -> bool:
    """Whether the legs are hidden after somebody has stood at the side with a plate at the feet, or aside.
    unseen_s: for which the plate is not found then."""
    watched = LegsBehindPlate()
    standing = a_sighting(a_stick_figure(0.0, view_deg=90.0))
    assert standing.landmarks is not None
    feet, aside = standing.landmarks[28, :2], np.array([0.9, 0.8], np.float32)
    bar = None if plate_at is None else np.array([*(feet if plate_at == "feet" else aside), 0.2, 0.9], np.float32)
    hidden = False
    for number in range(round((seconds + unseen_s) * fps)):
        seen = replace(standing, t_s=from_s + number / fps, bar=bar if number < seconds * fps else None)
        hidden = watched.step(seen, find_body(seen))
    return hidden


def test_a_plate_at_the_feet_hides_the_legs_and_one_aside_does_not():
    assert behind("feet", 3.0)
    assert behind("feet", 3.0, unseen_s=3.0)
    assert not behind("feet", 0.4)
    assert not behind("feet", 0.4, from_s=100.0), "the time before the first picture does not count"
    assert not behind("aside", 3.0)
    assert not behind(None, 3.0)
