"""The drawing of the bar's measured way: everything of it inside, true to scale."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach import language
from livecoach.report.plots import BAR_BOTTOM, BAR_LEFT, BAR_RIGHT, BAR_TOP, plot_bar_path

CM = st.floats(-120, 120)


def points_of(line: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", line)]


@given(st.lists(st.tuples(CM, CM), min_size=1, max_size=40))
def test_all_of_a_way_is_in_the_drawing(points):
    """However far it goes to any side; ticks too."""
    drawn = plot_bar_path(points)
    for x, y in points_of(drawn.line):
        assert BAR_LEFT - 0.2 <= x <= BAR_RIGHT + 0.2
        assert BAR_TOP - 0.2 <= y <= BAR_BOTTOM + 0.2
    assert all(BAR_LEFT - 0.2 <= x <= BAR_RIGHT + 0.2 for x, _ in drawn.x_ticks)
    assert all(BAR_TOP - 0.2 <= y <= BAR_BOTTOM + 0.2 for y, _ in drawn.y_ticks)


def test_a_centimetre_is_as_long_up_as_forward():
    """So that a drift looks as large as it is."""
    (x0, y0), (x1, y1), (x2, y2) = points_of(plot_bar_path([(0, 0), (10, 0), (0, 10)]).line)
    assert x1 - x0 == pytest.approx(y0 - y2, abs=0.2)
    assert (y1, x2) == pytest.approx((y0, x0), abs=0.1)


def test_words_say_how_far_it_goes():
    """For those who can't see it."""
    assert "50 cm up and down, 6 cm forward and back" in plot_bar_path([(0, 0), (-2, 30), (4, 50), (0, 0)]).words


def test_axes_are_in_inches_where_those_are_shown():
    """The path is the same, and its ticks are at whole inches."""
    points = [(0, 0), (-2, 30), (4, 50), (0, 0)]
    metric = plot_bar_path(points)
    with language.used("en", "imperial"):
        shown = plot_bar_path(points)
    assert (shown.line, shown.unit, metric.unit) == (metric.line, "in", "cm")
    assert [text for _, text in metric.y_ticks] == ["0", "20", "40"]
    assert [text for _, text in shown.y_ticks] == ["0", "10", "20"]
