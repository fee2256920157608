"""The features of a rep: what is known of it, and what is not."""

from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep, a_normalised_rep, kept
from builders.observations import a_sighting
from builders.stick_figure import TORSO_M, a_stick_figure, bends

from livecoach.rep.features import rep_features, stance_moved
from livecoach.rep.measures import load_faults, measured
from livecoach.rep.view_normalised import normalised_rep, picture_motion, world_motion

DEADLIFT, SQUAT = load_faults("deadlift"), load_faults("squat")
METRE_PX = 0.42 * 480


def standing_at(feet_x: float, *, view_deg: float = 5.0, told_deg: float | None = None):
    """A rep with the feet there, 0…1 of the picture. told_deg: azimuth as estimated."""
    figures = [a_stick_figure(bend, view_deg=view_deg) for bend in bends(reps=1, rest=1.0)]
    seen = [a_sighting(f, t_s=i / 30, index=i, feet=(feet_x, 0.9)) for i, f in enumerate(figures)]
    return normalised_rep(kept(seen, azimuth_deg=view_deg if told_deg is None else told_deg))


def test_measures_are_the_pictures_where_they_can_be_had_else_the_worlds():
    """All that the table asks for."""
    seen = a_normalised_rep(seed=3)
    rep = rep_features(seen, None, DEADLIFT)
    picture, world = measured(picture_motion(seen), DEADLIFT), measured(world_motion(seen), DEADLIFT)
    for name, value in rep.values.items():
        if name != "ankle_displacement":
            expected = picture[name] if np.isfinite(picture[name]) else world[name]
            assert value == pytest.approx(expected, nan_ok=True)
    assert set(rep.values) == set(DEADLIFT.signs)
    assert (rep.fps, rep.azimuth_deg, rep.start_s) == pytest.approx((30.0, 30.0, 0.8))


def test_moments_are_those_of_the_rep():
    """In the source's own time, in their order."""
    told = rep_features(a_normalised_rep(), None, DEADLIFT).moments_s
    order = [told[name] for name in ("lift_off", "knee_pass", "lockout", "lowering", "floor")]
    assert order == sorted(order)
    assert 0.8 <= order[0] <= order[-1] <= 3.3
    squatted = rep_features(a_normalised_rep(lift="squat"), None, SQUAT)
    assert squatted.moments_s["bottom"] == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("view_deg", [5.0, -5.0])
def test_feet_that_moved_are_told_across_the_picture(view_deg):
    """By 64 pixels of a torso of 101; a rep without one before it does not tell."""
    before, after = standing_at(0.5, view_deg=view_deg), standing_at(0.6, view_deg=view_deg)
    moved = rep_features(after, before, DEADLIFT).values["ankle_displacement"]
    assert moved == pytest.approx(64 / (TORSO_M * METRE_PX), rel=0.02)
    assert stance_moved(before, before) == 0.0
    assert np.isnan(rep_features(after, None, DEADLIFT).values["ankle_displacement"])


def test_a_view_that_changes_its_sign_moves_no_feet():
    """Near the front one rep may be told from 3° and the next from -3°: only one of the two is mirrored."""
    before, after = standing_at(0.4, told_deg=3.0), standing_at(0.4, told_deg=-3.0)
    assert (before.mirrored, after.mirrored) == (False, True)
    assert stance_moved(after, before) == pytest.approx(0.0, abs=1e-6)
    assert stance_moved(standing_at(0.5, told_deg=-3.0), before) == pytest.approx(64 / (TORSO_M * METRE_PX), rel=0.02)


def test_a_squat_asks_for_no_feet_that_moved():
    """Its table has no such fault."""
    seen = a_normalised_rep(lift="squat")
    assert "ankle_displacement" not in rep_features(seen, seen, SQUAT).values


def test_a_rounded_back_is_measured_from_its_edge():
    """An arch of a tenth of the torso, over the straight line between its ends."""
    x = np.linspace(-1, 1, 19)
    edge = (0.1 * TORSO_M * 0.42 * (1 - x**2)).astype(np.float32)
    rep = a_kept_rep()
    seen = normalised_rep(replace(rep, observations=tuple(replace(o, back=edge) for o in rep.observations)))
    assert rep_features(seen, None, DEADLIFT).values["dorsal_sagitta"] == pytest.approx(0.04, abs=0.015)
    assert np.isnan(rep_features(a_normalised_rep(), None, DEADLIFT).values["dorsal_sagitta"])
