"""Plots: everything of them inside, with gaps where nothing is known, and texts as texts."""

import base64
import hashlib
import html
import re
from math import nan

import pytest
from builders.reports import a_page, a_squat_session, squatted
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core import language
from livecoach.pages.plot import SIGNS, Plot
from livecoach.pages.report.plots import draw_measured_bar_path

LEFT, TOP, RIGHT, BOTTOM = 40, 10, 390, 170
NUMBER = st.floats(-1e6, 1e6)
CM = st.floats(-120, 120)


def a_plot(y=(-1.0, 1.0)) -> Plot:
    return Plot((0, 10), y, size=(400, 200), margins=(LEFT, TOP, 10, 30))


def points_of(svg: str) -> list[tuple[float, float]]:
    paths = " ".join(re.findall(r' d="([^"]*)"', svg))
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", paths)]


@given(st.lists(st.tuples(st.floats(0, 10), NUMBER, NUMBER), min_size=2, max_size=40))
def test_all_values_are_drawn_within_the_plot(values):
    plot = a_plot()
    plot.draw_line("line", [(x, y) for x, y, _ in values])
    plot.draw_band(values)
    drawn = points_of(plot.svg(""))
    assert len(drawn) == 3 * len(values)
    assert all(LEFT - 0.1 <= x <= RIGHT + 0.1 and TOP - 0.1 <= y <= BOTTOM + 0.1 for x, y in drawn)


def test_unknown_values_are_not_drawn():
    plot = a_plot()
    known = [0.1, 0.2, nan, 0.3, nan, 0.4, 0.5]
    plot.draw_line("line", enumerate(known))
    plot.draw_band([(x, y - 0.1, y + 0.1) for x, y in enumerate(known)])
    plot.draw_line("nothing", [(0, nan), (1, 1)])
    svg = plot.svg("")
    assert [path.count("M") for path in re.findall(r' d="([^"]*)"', svg)] == [2, 2]
    assert "nan" not in svg


def test_texts_of_a_plot_are_escaped():
    evil = '"><script>alert("&")</script>'
    plot = a_plot()
    plot.label_ticks([(0.0, evil)], [(0, evil)], grid=True)
    plot.draw_column("bar", (0, 1), (0, 1), evil)
    plot.draw_dot((0, 0), SIGNS[0], 3.0, evil, evil)
    svg = plot.svg(evil)
    assert "<script" not in svg
    assert svg.count("&lt;script&gt;") == 6


def test_the_script_of_a_page_is_the_script_that_its_policy_allows(tmp_path):
    page = a_page(a_squat_session(tmp_path, [squatted(1)]))
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in html.unescape(page)


@given(st.lists(st.tuples(CM, CM), min_size=2, max_size=40))
def test_a_measured_path_is_true_to_scale_and_inside(points):
    figure = draw_measured_bar_path(points, "good")
    drawn = points_of(re.search(r'<path class="curve good" d="[^"]*"', figure.svg)[0])
    assert all(38 <= x <= 312 and 10 <= y <= 168 for x, y in drawn)
    per_cm = {
        round((b - a) * sign, 1) / (to - at)
        for axis, sign in ((0, 1), (1, -1))
        for a, b, at, to in [(drawn[0][axis], drawn[-1][axis], points[0][axis], points[-1][axis])]
        if abs(to - at) > 20
    }
    assert not per_cm or max(per_cm) == pytest.approx(min(per_cm), abs=0.02)


def test_a_measured_path_says_how_far_it_goes_in_the_units_shown():
    """For those who can't see it; ticks are at whole inches where those are shown."""
    points = [(0, 0), (-2, 30), (4, 50), (0, 0)]
    metric = draw_measured_bar_path(points, "good")
    assert "50 cm up and down, 6 cm forward and back" in metric.svg
    with language.using_language("en", "imperial"):
        shown = draw_measured_bar_path(points, "good")
    ticks = [re.findall(r'<text class="end"[^>]*>(.*?)</text>', one.svg) for one in (metric, shown)]
    assert ticks == [["0", "20", "40"], ["0", "10", "20"]]
    assert ("(cm)" in metric.title, "(in)" in shown.title) == (True, True)
