"""The measured path of the bar as the parts of an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from livecoach import charts
from livecoach.language import shown_unit

WIDTH, HEIGHT = 320, 190
"""Size of the SVG's viewBox; one unit is about one pixel on a phone."""
LEFT, TOP, RIGHT, BOTTOM = 38, 10, 312, 168
"""Edges of the plot area in the viewBox."""
LEAST_CM = 30.0
"""Smallest range of either axis, so that jitter does not fill the plot."""
ROOM = 0.06
"""Margin inside the plot area, as a share of the drawn range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPlot:
    """The path of the bar's end through a rep, ready for the SVG."""

    line: str
    """`d` attribute of the SVG path."""
    begins: tuple[float, float]
    """Point of the path's start in the viewBox."""
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    unit: str
    """Unit of the ticks."""
    words: str
    """Text alternative for screen readers."""


def plot_bar_path(points_cm: Sequence[tuple[float, float]]) -> BarPlot:
    """Scale a bar path into the plot area. points_cm: one or more points (forward, up), as in `Rep.bar_path_cm`."""
    unit, factor = shown_unit("cm")
    across, up = ([point[axis] for point in points_cm] for axis in (0, 1))
    tall = max(max(up) - min(up), LEAST_CM) * (1 + 2 * ROOM)
    scale = (BOTTOM - TOP) / tall
    wide = (RIGHT - LEFT) / scale
    if max(across) - min(across) > wide:  # wider than high: unlike any lift, but still shown whole
        scale *= wide / (max(across) - min(across)) / (1 + ROOM)
        wide, tall = (RIGHT - LEFT) / scale, (BOTTOM - TOP) / scale
    left = (max(across) + min(across) - wide) / 2
    low = (max(up) + min(up) - tall) / 2

    def place(x_cm: float, y_cm: float) -> tuple[float, float]:
        return round(LEFT + (x_cm - left) * scale, 1), round(BOTTOM - (y_cm - low) * scale, 1)

    return BarPlot(
        line="M" + "L".join("{} {}".format(*place(x, y)) for x, y in points_cm),
        begins=place(*points_cm[0]),
        x_ticks=tuple(
            (place(at / factor, 0)[0], text) for at, text in charts.ticks_between(left * factor, (left + wide) * factor)
        ),
        y_ticks=tuple(
            (place(0, at / factor)[1], text) for at, text in charts.ticks_between(low * factor, (low + tall) * factor)
        ),
        unit=unit,
        words=(
            f"Path of the bar's end from the side, toes to the right: {max(up) - min(up):.0f} cm up and down, "
            f"{max(across) - min(across):.0f} cm forward and back."
        ),
    )
