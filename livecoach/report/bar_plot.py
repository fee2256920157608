"""The measured way of the bar as the parts of an SVG, with centimetres at its axes."""

from collections.abc import Sequence
from dataclasses import dataclass

from livecoach.charts import ticks

WIDTH, HEIGHT = 320, 190
"""Of the drawing, in its own units: near pixels on a phone."""
LEFT, TOP, RIGHT, BOTTOM = 38, 10, 312, 168
"""Of the plot in it."""
LEAST_CM = 30.0
"""Both ways at the least, so that trembling does not fill the drawing."""
ROOM = 0.06
"""Left free at the edges, shares of what is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPlot:
    """The way of the bar's end through a rep."""

    line: str
    """SVG's `d`."""
    begins: tuple[float, float]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    words: str
    """What is to be seen, for those who can't."""


def plot_bar_path(points_cm: Sequence[tuple[float, float]]) -> BarPlot:
    """points_cm: forward and up, as `Rep.bar_path_cm`, one or more."""
    across, up = ([point[axis] for point in points_cm] for axis in (0, 1))
    tall = max(max(up) - min(up), LEAST_CM) * (1 + 2 * ROOM)
    scale = (BOTTOM - TOP) / tall
    wide = (RIGHT - LEFT) / scale
    if max(across) - min(across) > wide:  # wider than high, as no lift is: all of it is to be seen
        scale *= wide / (max(across) - min(across)) / (1 + ROOM)
        wide, tall = (RIGHT - LEFT) / scale, (BOTTOM - TOP) / scale
    left = (max(across) + min(across) - wide) / 2
    low = (max(up) + min(up) - tall) / 2

    def place(x_cm: float, y_cm: float) -> tuple[float, float]:
        return round(LEFT + (x_cm - left) * scale, 1), round(BOTTOM - (y_cm - low) * scale, 1)

    return BarPlot(
        line="M" + "L".join("{} {}".format(*place(x, y)) for x, y in points_cm),
        begins=place(*points_cm[0]),
        x_ticks=tuple((place(at, 0)[0], text) for at, text in ticks.between(left, left + wide)),
        y_ticks=tuple((place(0, at)[1], text) for at, text in ticks.between(low, low + tall)),
        words=(
            f"Way of the bar's end from the side, the toes to the right: {max(up) - min(up):.0f} cm up and down, "
            f"{max(across) - min(across):.0f} cm forward and back."
        ),
    )
