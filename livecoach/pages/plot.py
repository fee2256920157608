"""Draws plots as SVG, with axes, lines, bands, columns and dots.

The style sheet of a page colours the parts by their classes. The script plot.js shows the value under a finger: the
`data-tip` of the nearest dot or column, or the value of a line with `data-value`. Plots can be read without the script.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from math import ceil, floor, isfinite, log10
from pathlib import Path

from markupsafe import Markup

from livecoach.core.charts import tick_spacing
from livecoach.core.language import translate, translated_template
from livecoach.core.types.message import Message

SCRIPT = Path(__file__).with_name("plot.js")
SIGNS = (
    "M{0:.1f} {1:.1f}m{2:.1f} 0a{3:.1f} {3:.1f} 0 1 0 {4:.1f} 0a{3:.1f} {3:.1f} 0 1 0 -{4:.1f} 0",
    "M{0:.1f} {1:.1f}m{2:.1f} {2:.1f}h{4:.1f}v{4:.1f}h-{4:.1f}z",
    "M{0:.1f} {1:.1f}m0 {2:.1f}l{3:.1f} {4:.1f}h-{4:.1f}z",
    "M{0:.1f} {1:.1f}m0 {2:.1f}l{3:.1f} {3:.1f}l-{3:.1f} {3:.1f}l-{3:.1f} -{3:.1f}z",
)
"""Paths of dots: circle, square, triangle and diamond, which distinguish series without colours. The values of a path
are x, y, minus the size, the size, and twice the size."""
Ticks = Sequence[tuple[float, str]]  # Values with their labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A plot with its title and notes, for a page."""

    title: str
    svg: Markup
    note: str = ""  # How to read the plot
    sentence: str = ""  # Sentence about the values, such as whether they rise
    value: str = ""  # Value of the point that a ring marks; empty without a ring
    names: tuple[str, ...] = ()  # Names of the series, if there are several


@cache
def script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


@cache
def inline_script() -> tuple[Markup, str]:
    """Return the script of the plots for a <script> element, and the script's hash for a Content-Security-Policy."""
    text = f"\n{script()}"
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"'sha256-{digest}'"


def decimal_ticks(low: float, high: float) -> Ticks:
    """Return evenly spaced ticks between two values, labelled with as many decimals as the spacing needs."""
    apart = tick_spacing(high - low)
    digits = max(0, -floor(log10(apart) + 1e-9))
    places = range(ceil(low / apart), floor(high / apart) + 1)
    return [(place * apart, Message("{n}", n=f"{place * apart + 0.0:.{digits}f}")) for place in places]


class Plot:
    """A drawing of data between two axes. Sizes are in units of the viewBox, which are pixels on a phone.

    In its methods, `kind` has the CSS classes of an element, and `tip` is the text that appears at a touch.
    Positions are in units of the data, except in `write_text`.
    """

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        size: tuple[float, float],
        margins: tuple[float, float, float, float],
    ) -> None:
        """Create an empty plot.

        Args:
            x: Values at the left and right end of the x axis.
            y: Values at the lower and upper end of the y axis.
            size: Width and height of the drawing.
            margins: Left, upper, right and lower margin around the axes.
        """
        self.x, self.y, self._size = x, y, size
        self.left, self.top = margins[:2]
        self.right, self.bottom = size[0] - margins[2], size[1] - margins[3]
        self._parts: list[Markup] = []

    def place_of(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point in the drawing. A point above or below the y axis is placed at the axis' end."""
        (x0, x1), (y0, y1) = self.x, self.y
        up = min(max((y - y0) / (y1 - y0), 0.0), 1.0)
        return self.left + (x - x0) / (x1 - x0) * (self.right - self.left), self.bottom - up * (self.bottom - self.top)

    def add(self, template: str, *values: object) -> None:
        """Add an SVG element: the template, filled with the values, which are escaped."""
        self._parts.append(Markup(template).format(*values))

    def draw_axes(self) -> None:
        """Draw both axes."""
        self.add('<path class="frame" d="M{:.1f} {:.1f}V{:.1f}H{:.1f}"/>', self.left, self.top, self.bottom, self.right)

    def label_ticks(self, y: Ticks, x: Ticks = (), *, grid: bool = False) -> None:
        """Label the ticks of both axes, and draw a line at each tick of the y axis if `grid` is true."""
        for value, text in y:
            place = self.place_of(self.x[0], value)[1]
            if grid:
                kind = "grid zero" if self.y[0] < 0 and value == 0 else "grid"
                self.add('<path class="{}" d="M{:.1f} {:.1f}H{:.1f}"/>', kind, self.left, place, self.right)
            self.write_text("end", self.left - 5, place + 3.5, text)
        for value, text in x:
            self.write_text("middle", self.place_of(value, self.y[0])[0], self._size[1] - 6, text)

    def label_x_axis(self, first: str, middle: str, last: str) -> None:
        """Write a label below each end and the middle of the x axis."""
        places = ("", self.left, first), ("middle", (self.left + self.right) / 2, middle), ("end", self.right, last)
        for anchor, x, label in places:
            self.write_text(anchor, x, self._size[1] - 7, label)

    def write_text(self, kind: str, x: float, y: float, words: str) -> None:
        """Write words at a place of the drawing.

        Args:
            kind: CSS classes: "middle" or "end" to align the middle or the end of the words, instead of their start.
            y: Place of the baseline, in units of the drawing, as is `x`.
        """
        self.add('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>', kind, x, y, translate(words))

    def draw_line(self, kind: str, points: Iterable[tuple[float, ...]], value: tuple[str, int] | None = None) -> None:
        """Draw a line through points (x, y), with gaps where a value is NaN. A point between two gaps is not drawn.

        Args:
            value: Message id and decimals of the values that are shown under a finger; None to show nothing.
        """
        lines = ["M" + self._path(run) for run in _runs(points)]
        attributes = Markup("")
        if value is not None:
            attributes = Markup(' data-value="{}" data-digits="{}"').format(translated_template(value[0]), value[1])
        if lines:
            self.add('<path class="{}" d="{}"{}/>', kind, "".join(lines), attributes)

    def draw_band(self, edges: Iterable[tuple[float, ...]]) -> None:
        """Draw a band through points (x, lower y, upper y), with gaps where an edge is NaN."""
        runs = [([(x, high) for x, _, high in run], [(x, low) for x, low, _ in reversed(run)]) for run in _runs(edges)]
        if runs:
            self.add('<path class="band" d="{}"/>', "".join(f"M{self._path(up + down)}Z" for up, down in runs))

    def draw_column(self, kind: str, x: tuple[float, float], y: tuple[float, float], tip: str = "") -> None:
        """Draw a column between two values on the x axis, and between two values on the y axis."""
        (left, low), (right, high) = self.place_of(x[0], y[0]), self.place_of(x[1], y[1])
        column = '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"{}/>'
        self.add(column, kind, left, high, right - left, low - high, _tip(tip))

    def draw_dot(self, at: tuple[float, float], sign: str, size: float, tip: str = "", href: str | None = None) -> None:
        """Draw a dot.

        Args:
            at: Values on the x and y axes.
            sign: Path of the dot, from SIGNS.
            size: Half the width of the dot, in units of the drawing.
            href: Address to which the dot links; None for no link.
        """
        x, y = self.place_of(*at)
        dot = Markup('<path class="dot" d="{}"{}/>').format(sign.format(x, y, -size, size, 2 * size), _tip(tip))
        self.add("{}" if href is None else '<a href="{1}">{0}</a>', dot, href)

    def svg(self, words: str) -> Markup:
        """Return the drawing as SVG, with words as its text alternative for screen readers."""
        opening = Markup('<svg class="data" viewBox="0 0 {:g} {:g}" data-y="{}" role="img" aria-label="{}">')
        ends = " ".join(f"{end:g}" for end in (self.bottom, self.top, *self.y))
        opening = opening.format(*self._size, ends, translate(words))
        return Markup("\n").join([opening, *self._parts, Markup("</svg>")])

    def _path(self, points: Sequence[tuple[float, ...]]) -> str:
        return "L".join("{:.1f} {:.1f}".format(*self.place_of(*point)) for point in points)


def _runs(points: Iterable[tuple[float, ...]]) -> Iterator[list[tuple[float, ...]]]:
    """Yield each stretch of two or more points without NaN."""
    for known, run in groupby(points, key=lambda point: all(map(isfinite, point))):
        stretch = list(run)
        if known and len(stretch) > 1:
            yield stretch


def _tip(words: str) -> Markup:
    return Markup(' data-tip="{}"').format(translate(words)) if words else Markup("")
