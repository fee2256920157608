"""Speeds in the units of whoever reads them; an estimate never looks like a measurement."""

import pytest

from livecoach import language
from livecoach.history.words import speed_cell, speed_unit, speed_words


@pytest.mark.parametrize(
    ("units", "measured", "estimated"),
    [("metric", "0.51 m/s", "about 0.5 m/s"), ("imperial", "1.67 ft/s", "about 1.5 ft/s")],
)
def test_a_speed_in_words(units, measured, estimated):
    """An estimate has one digit, and says "about"."""
    with language.used("en", units):
        assert speed_words(0.51, "m/s") == measured
        assert speed_words(1.0, "torso/s") == estimated


@pytest.mark.parametrize(("units", "unit", "cell"), [("metric", "m/s", "0.51"), ("imperial", "ft/s", "1.67")])
def test_a_speed_in_a_table(units, unit, cell):
    """The column's head has the unit; only estimates have a tilde."""
    with language.used("en", units):
        assert speed_unit() == unit
        assert speed_cell(0.51, "m/s") == cell
        assert speed_cell(1.0, "torso/s").startswith("~")
