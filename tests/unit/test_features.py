"""What is measured of a rep, once: motion, measures of world and picture, moments, feet that moved."""

from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep, kept
from builders.observations import a_sighting
from builders.stick_figure import TORSO_M, a_stick_figure, bends

from livecoach.decisions.rep.measured import STANCE, MeasuredRep
from livecoach.decisions.rep.measures import FaultTable, load_faults, measure_all

DEADLIFT, SQUAT = load_faults("deadlift"), load_faults("squat")
METRE_PX = 0.42 * 480


def a_rep(table: FaultTable = DEADLIFT, **kept_rep: object) -> MeasuredRep:
    return MeasuredRep(a_kept_rep(lift=table.exercise, **kept_rep), table)


def standing_at(
    feet_x: float, *, view_deg: float = 5.0, told_deg: float | None = None, at_s=0.0, previous=None, **changes: int
) -> MeasuredRep:
    """A rep with the feet there, 0…1 of the picture. told_deg: azimuth as estimated. changes: of the observations."""
    figures = [a_stick_figure(bend, view_deg=view_deg) for bend in bends(reps=1, rest=1.0)]
    seen = [a_sighting(f, t_s=at_s + i / 30, index=i, feet=(feet_x, 0.9)) for i, f in enumerate(figures)]
    seen = [replace(one, **changes) for one in seen]
    window = kept(seen, azimuth_deg=view_deg if told_deg is None else told_deg)
    window = replace(window, start_s=at_s + window.start_s, turn_s=at_s + window.turn_s, end_s=at_s + window.end_s)
    return MeasuredRep(window, DEADLIFT, previous=previous)


@pytest.mark.parametrize("table", [DEADLIFT, SQUAT])
def test_a_rep_has_the_measures_of_its_exercise(table):
    found = a_rep(table)
    assert set(found.world_values) == set(found.picture_values) == set(table.signs)
    assert (found.conditions.fps, found.azimuth_deg) == pytest.approx((30.0, 30.0))
    assert (found.mirrored, found.front) == (False, None)


def test_measures_are_taken_from_the_picture_where_it_has_them_or_else_from_3d():
    found = a_rep(seed=3)
    picture, world = measure_all(found.motion, DEADLIFT), found.world_values
    for name, value in found.values.items():
        if name != "ankle_displacement":
            expected = picture[name] if np.isfinite(picture[name]) else world[name]
            assert value == pytest.approx(expected, nan_ok=True)
    assert set(found.values) == set(DEADLIFT.signs)


def test_the_phases_of_a_rep_begin_in_order_within_it():
    told = a_rep().phase_starts_s
    order = [told[name] for name in ("lift_off", "knee_pass", "lockout", "lowering", "floor")]
    assert order == sorted(order)
    assert 0.8 <= order[0] <= order[-1] <= 3.3
    squat = a_rep(SQUAT).phase_starts_s
    assert squat["bottom"] == pytest.approx(2.0, abs=0.1)


# Where the camera stands


@pytest.mark.parametrize("view_deg", [0.0, 30.0, 60.0, 90.0, -45.0])
def test_a_camera_at_the_height_of_the_hips_looks_neither_up_nor_down(view_deg):
    """From everywhere; mirrored reps tell their own side."""
    place = a_rep(azimuth_deg=view_deg).camera
    assert place.azimuth_deg == pytest.approx(abs(view_deg))
    assert place.tilt_deg == pytest.approx(0.0, abs=2.0)
    assert place.size == pytest.approx(TORSO_M * METRE_PX / 480, rel=0.05)


@pytest.mark.parametrize("view_deg", [20.0, 60.0, 90.0, -45.0])
def test_a_standing_lifter_shows_the_azimuth_that_a_rep_got_wrong(view_deg):
    rep = a_kept_rep(azimuth_deg=view_deg)
    wrong = MeasuredRep(replace(rep, view=replace(rep.view, azimuth_deg=view_deg + 8.0)), DEADLIFT)
    assert wrong.camera.standing_deg == pytest.approx(abs(view_deg), abs=3.0)


@pytest.mark.parametrize("tilt_deg", [-15.0, 10.0])
def test_a_tilted_camera_sees_a_lifter_who_leans(tilt_deg):
    angle = np.radians(tilt_deg)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), np.sin(angle)], [0, -np.sin(angle), np.cos(angle)]])
    figures = [a_stick_figure(bend, view_deg=30.0) @ turn for bend in bends(reps=1, rest=1.0)]
    seen = [a_sighting(f, t_s=i / 30, index=i) for i, f in enumerate(figures)]
    flat = a_rep(azimuth_deg=30.0).camera.tilt_deg
    tilted = MeasuredRep(kept(seen, azimuth_deg=30.0), DEADLIFT).camera.tilt_deg
    assert abs(tilted - flat) == pytest.approx(abs(tilt_deg), abs=2.0)
    assert np.sign(tilted - flat) == -np.sign(tilt_deg)


# Feet that moved


@pytest.mark.parametrize(
    ("view_deg", "told_deg"),
    [(5.0, (5.0, 5.0)), (-5.0, (-5.0, -5.0)), (5.0, (3.0, -3.0))],
    ids=["left", "right", "both"],
)
def test_feet_that_moved_are_measured_across_the_picture(view_deg, told_deg):
    """By 64 pixels of a torso of 101; a rep without one before it does not tell. Near the front, one rep's view may be
    estimated as 3° and the next as -3°, so that only one of the two is mirrored: that moves no feet."""
    before = standing_at(0.5, view_deg=view_deg, told_deg=told_deg[0])
    for feet_x, px in ((0.6, 64), (0.5, 0)):
        after = standing_at(feet_x, view_deg=view_deg, told_deg=told_deg[1], previous=before)
        assert (before.mirrored, after.mirrored) == (told_deg[0] < 0, told_deg[1] < 0)
        assert after.values[STANCE] == pytest.approx(px / (TORSO_M * METRE_PX), rel=0.02, abs=1e-6)
    assert np.isnan(before.values[STANCE])


@pytest.mark.parametrize("changes", [{"width_px": 1280, "height_px": 960}, {"turn_deg": 180}, {"at_s": 20.0}])
def test_feet_are_not_compared_with_those_before_a_walk_or_in_another_picture(changes):
    """Whoever lifts singles walks between them; and another camera may take over in a set."""
    assert np.isnan(standing_at(0.6, previous=standing_at(0.5), **changes).values[STANCE])


def test_a_squat_asks_for_no_feet_that_moved():
    assert STANCE not in a_rep(SQUAT).values


# The back's edge


def test_a_rounded_back_is_measured_from_its_edge():
    """An arch of a tenth of the torso, over the straight line between its ends."""
    x = np.linspace(-1, 1, 19)
    edge = (0.1 * TORSO_M * 0.42 * (1 - x**2)).astype(np.float32)
    rep = a_kept_rep()
    seen = replace(rep, observations=tuple(replace(o, back=edge) for o in rep.observations))
    assert MeasuredRep(seen, DEADLIFT).values["dorsal_sagitta"] == pytest.approx(0.04, abs=0.015)
    assert np.isnan(a_rep().values["dorsal_sagitta"])
