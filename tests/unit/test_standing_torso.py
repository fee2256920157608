"""Whether a lifter stands, and how long his torso is in one picture."""

import math

import pytest
from builders.observations import a_sighting, an_observation
from builders.stick_figure import TORSO_M, a_stick_figure

from livecoach.frame.body import body
from livecoach.frame.view import is_standing, torso_from_legs_px, torso_px

TORSO_PX = TORSO_M * 0.42 * 480
"""Of the figure of `a_sighting`."""


def test_torso_of_somebody_who_stands_is_as_long_as_it_is_seen():
    """From mid-hip to mid-shoulder; by the legs it is nearly the same."""
    seen = a_sighting(a_stick_figure(0.0))
    assert torso_px(seen) == pytest.approx(TORSO_PX, rel=0.01)
    assert torso_from_legs_px(seen) == pytest.approx(TORSO_PX, rel=0.4)


def test_who_is_bent_over_does_not_stand():
    for bent, expected in ((0.0, True), (1.0, False)):
        seen = body(a_sighting(a_stick_figure(bent)))
        assert seen is not None
        assert is_standing(seen.measures) is expected


def test_nobody_has_no_torso():
    """NaN, not a made-up length."""
    nobody = an_observation(nobody=True)
    assert math.isnan(torso_px(nobody))
    assert math.isnan(torso_from_legs_px(nobody))
