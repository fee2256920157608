"""A rep as numbers: what is known of it, what is not, and what is wild."""

from dataclasses import replace

import numpy as np
import pytest
from builders.observations import a_sighting
from builders.population import COMPONENTS, a_kept_rep, a_normalised_rep, a_population, kept
from builders.stick_figure import TORSO_M, a_stick_figure, bends
from hypothesis import given
from hypothesis import strategies as st

from livecoach.judging.rep_vector import WILD, compact, trace_of, vector_of
from livecoach.rep.features import rep_features, stance_moved
from livecoach.rep.measures import load_faults, measured
from livecoach.rep.trajectory_vector import LENGTH, OUT, trace
from livecoach.rep.view_normalised import normalised_rep, picture_motion, world_motion

DEADLIFT, SQUAT = load_faults("deadlift"), load_faults("squat")
BY = {"deadlift": a_population(), "squat": a_population(SQUAT)}
METRE_PX = 0.42 * 480


def standing_at(feet_x: float, *, view_deg: float = 5.0, told_deg: float | None = None):
    """A rep with the feet there, 0…1 of the picture. told_deg: azimuth as estimated."""
    figures = [a_stick_figure(bend, view_deg=view_deg) for bend in bends(reps=1, rest=1.0)]
    seen = [a_sighting(f, t_s=i / 30, index=i, feet=(feet_x, 0.9)) for i, f in enumerate(figures)]
    return normalised_rep(kept(seen, azimuth_deg=view_deg if told_deg is None else told_deg))


def not_lowered():
    """A pull that ends at the top, where the bar stays."""
    curve = np.minimum.accumulate(bends(reps=1, rest=1.0))
    figures = [a_stick_figure(bend) for bend in curve]
    return normalised_rep(replace(kept([a_sighting(f, t_s=i / 30, index=i) for i, f in enumerate(figures)]), end_s=2.6))


@pytest.mark.parametrize("lift", ["deadlift", "squat"])
def test_the_figure_itself_is_the_populations_middle(lift):
    """Every known number is 0, in spreads of good reps; a vector has no hole."""
    rep = vector_of(a_normalised_rep(lift=lift), None, BY[lift])
    assert rep.vector == pytest.approx(np.zeros_like(BY[lift].middle), abs=1e-6)
    assert rep.known.sum() > 0.8 * len(rep.vector)
    assert (rep.fps, rep.azimuth_deg, rep.start_s) == pytest.approx((30.0, 30.0, 0.8))


def test_measures_are_the_pictures_where_they_can_be_had_else_the_worlds():
    """All that the table asks for."""
    seen = a_normalised_rep(seed=3)
    rep = vector_of(seen, None, BY["deadlift"])
    picture, world = measured(picture_motion(seen), DEADLIFT), measured(world_motion(seen), DEADLIFT)
    for name, value in rep.values.items():
        if name != "ankle_displacement":
            expected = picture[name] if np.isfinite(picture[name]) else world[name]
            assert value == pytest.approx(expected, nan_ok=True)
    assert set(rep.values) == set(DEADLIFT.signs)


def test_a_measure_that_can_not_be_had_is_unknown_and_zero():
    """At 15 frames a second nothing is said of jerks."""
    population = BY["deadlift"]
    rep = vector_of(a_normalised_rep(fps=15.0), None, population)
    column = COMPONENTS + 2 + population.measures.index("log_dimensionless_jerk")
    assert (rep.known[column], rep.vector[column]) == (False, 0.0)
    assert np.isnan(rep.values["log_dimensionless_jerk"])
    assert np.isfinite(rep.vector).all()


def test_what_is_wild_counts_as_that_far():
    """One measure must not rule a mean."""
    population = BY["deadlift"]
    narrow = replace(population, scale=population.scale / 1000)
    rep = vector_of(a_normalised_rep(seed=5), None, narrow)
    assert np.abs(rep.vector).max() == WILD


def test_moments_are_those_of_the_rep():
    """In the source's own time, in their order."""
    told = vector_of(a_normalised_rep(), None, BY["deadlift"]).moments_s
    order = [told[name] for name in ("lift_off", "knee_pass", "lockout", "lowering", "floor")]
    assert order == sorted(order)
    assert 0.8 <= order[0] <= order[-1] <= 3.3
    assert vector_of(a_normalised_rep(lift="squat"), None, BY["squat"]).moments_s["bottom"] == pytest.approx(
        2.0, abs=0.1
    )


# Feet that moved


@pytest.mark.parametrize("view_deg", [5.0, -5.0])
def test_feet_that_moved_are_told_across_the_picture(view_deg):
    """By 64 pixels of a torso of 101; a rep without one before it does not tell."""
    before, after = standing_at(0.5, view_deg=view_deg), standing_at(0.6, view_deg=view_deg)
    moved = vector_of(after, before, BY["deadlift"]).values["ankle_displacement"]
    assert moved == pytest.approx(64 / (TORSO_M * METRE_PX), rel=0.02)
    assert stance_moved(before, before) == 0.0
    assert np.isnan(vector_of(after, None, BY["deadlift"]).values["ankle_displacement"])


def test_a_view_that_changes_its_sign_moves_no_feet():
    """Near the front one rep may be told from 3° and the next from -3°: only one of the two is mirrored."""
    before, after = standing_at(0.4, told_deg=3.0), standing_at(0.4, told_deg=-3.0)
    assert (before.mirrored, after.mirrored) == (False, True)
    assert stance_moved(after, before) == pytest.approx(0.0, abs=1e-6)
    assert stance_moved(standing_at(0.5, told_deg=-3.0), before) == pytest.approx(64 / (TORSO_M * METRE_PX), rel=0.02)


def test_a_squat_asks_for_no_feet_that_moved():
    """Its table has no such fault."""
    assert (
        "ankle_displacement"
        not in vector_of(a_normalised_rep(lift="squat"), a_normalised_rep(lift="squat"), BY["squat"]).values
    )


# The back's edge


def test_a_rounded_back_is_measured_from_its_edge():
    """An arch of a tenth of the torso, over the straight line between its ends."""
    x = np.linspace(-1, 1, 19)
    edge = (0.1 * TORSO_M * 0.42 * (1 - x**2)).astype(np.float32)
    rep = a_kept_rep()
    seen = normalised_rep(replace(rep, observations=tuple(replace(o, back=edge) for o in rep.observations)))
    assert vector_of(seen, None, BY["deadlift"]).values["dorsal_sagitta"] == pytest.approx(0.04, abs=0.015)
    assert np.isnan(vector_of(a_normalised_rep(), None, BY["deadlift"]).values["dorsal_sagitta"])


# A rep that went out and not back


def test_a_pull_that_is_not_lowered_takes_the_usual_way_back():
    """Its own way up stays; how long the way back took is unknown, and so is how it was lowered."""
    population = BY["deadlift"]
    usual = trace_of(np.zeros_like(population.middle), population)
    seen = not_lowered()
    rep = vector_of(seen, None, population, usual)
    own = trace(seen, "bar")
    filled = compact(np.concatenate([own[:OUT], usual[OUT:]]), population.mean, population.basis)
    assert rep.vector[:COMPONENTS] * population.scale[:COMPONENTS] + population.middle[:COMPONENTS] == pytest.approx(
        filled, abs=1e-9
    )
    assert rep.known[COMPONENTS : COMPONENTS + 2].tolist() == [True, False]
    assert np.isnan(rep.values["lowering_to_lifting_time"])
    assert np.isfinite(rep.values["lift_off_knee_angle_deg"])


@given(parts=st.lists(st.floats(-30, 30), min_size=COMPONENTS, max_size=COMPONENTS))
def test_a_trace_is_made_from_its_components(parts):
    """Components → trace → the same components."""
    population = BY["deadlift"]
    vector = np.array([*parts, *np.zeros(len(population.middle) - COMPONENTS)])
    made = trace_of(vector, population)
    back = (compact(made, population.mean, population.basis) - population.middle[:COMPONENTS]) / population.scale[
        :COMPONENTS
    ]
    assert back == pytest.approx(np.array(parts), abs=1e-6)


def test_a_raw_vector_has_trace_durations_and_both_parts_of_the_measures():
    """In this order; measures of a factor are logarithms."""
    names = BY["deadlift"].measures
    numbers = rep_features(a_normalised_rep(), None, DEADLIFT, names)
    assert numbers.vector.shape == (LENGTH + 2 + 2 * len(names),)
    column = LENGTH + 2 + len(names) + names.index("knee_width_over_lift")
    assert numbers.vector[column] == pytest.approx(np.log(numbers.values["knee_width_over_lift"]))
