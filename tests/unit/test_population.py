"""What is known of lifters in general, by where the camera stands."""

import numpy as np
import pytest
from builders.population import a_plain_usual, a_population
from hypothesis import given
from hypothesis import strategies as st

from livecoach.judging.population import FARTHEST_DEG, VIEW_OFF_DEG

CENTRES_DEG = (0.0, 30.0, 60.0, 90.0)
BACK = tuple(a_plain_usual(azimuth_deg=azimuth, effect=azimuth / 10) for azimuth in (30.0, 90.0))
POPULATION = a_population(azimuths_deg=CENTRES_DEG, effect=4.0, plain={"dorsal_sagitta": BACK})


@given(azimuth_deg=st.floats(0, FARTHEST_DEG))
def test_a_view_is_judged_by_the_nearest_band(azimuth_deg):
    """No other one is nearer."""
    band = POPULATION.band(azimuth_deg)
    assert abs(band.azimuth_deg - azimuth_deg) == min(abs(centre - azimuth_deg) for centre in CENTRES_DEG)


def test_from_behind_there_is_no_band_and_no_effect():
    """Nothing was learned of it."""
    assert POPULATION.band(FARTHEST_DEG + 0.1) is None
    assert POPULATION.plain_usual("dorsal_sagitta", FARTHEST_DEG + 0.1) is None
    assert POPULATION.effects(FARTHEST_DEG + 0.1) == {}


@pytest.mark.parametrize(("azimuth_deg", "effect"), [(0.0, 3.0), (50.0, 3.0), (70.0, 9.0)])
def test_a_fault_that_a_plain_measure_tells_has_that_measures_effect(azimuth_deg, effect):
    """By that measure's own bands; all others have their band's."""
    effects = POPULATION.effects(azimuth_deg)
    assert effects.pop("rounded_back") == effect
    assert set(effects.values()) == {4.0}
    assert list(POPULATION.effects(azimuth_deg)) == list(POPULATION.table.faults)


def test_a_measure_without_bands_is_not_known():
    """A population that was learned without backs."""
    assert POPULATION.plain_usual("ankle_displacement", 30.0) is None


def test_a_measure_is_scaled_as_its_first_sign_says():
    """A lockout is told on both of its sides by the same scale; a factor by its logarithm."""
    assert POPULATION.sign("top_hip_angle_deg").scaled(180.0) == 180.0
    assert POPULATION.sign("knee_width_over_lift").scaled(2.0) == pytest.approx(np.log(2.0))


def test_a_fault_is_seen_only_where_it_is_if_the_view_is_a_little_off():
    """The least effect of the views around it."""
    near_the_edge = 65.0 - VIEW_OFF_DEG / 2
    assert POPULATION.effects(near_the_edge)["rounded_back"] == min(
        POPULATION.effects(near_the_edge + off)["rounded_back"] for off in (-VIEW_OFF_DEG, VIEW_OFF_DEG)
    )
