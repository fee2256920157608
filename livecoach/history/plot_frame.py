"""Axes, bars and series of a plot, as parts of an inline SVG; the page's style sheet sets colours and sizes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from livecoach import charts as scale
from livecoach.language import translate

WIDTH, HEIGHT = 400.0, 190.0
"""Size of a plot's viewBox; font sizes use the same unit, one pixel on a phone."""
LEFT, RIGHT, TOP, BOTTOM = 42.0, 8.0, 10.0, 22.0
LETTER = 7.0
"""Width of a letter of a label; most are narrower."""
NARROWEST, WIDEST_LABELS = 92.0, 160.0
"""Smallest and largest width of the margin for the names of series."""
LABEL = 11.0
"""Smallest distance between the baselines of two line labels."""
HALF_DATE = 28.0
"""Half the width of a date label below the x axis."""
WIDEST = 28.0
"""Greatest width of a bar."""
SIGNS = ("circle", "square", "triangle", "diamond")
"""Markers of the series in order, so that colour is not the only distinction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One data point of a plot."""

    at: float
    """Position on the x axis."""
    value: float
    tooltip: str
    href: str | None = None
    """Link target; None for no link."""
    low: float | None = None
    high: float | None = None
    """Ends of the interval; None for no interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A series of points with its line and band."""

    name: str
    """Label at the end of its line; empty for no label."""
    points: tuple[Point, ...]
    line: tuple[tuple[float, float], ...] = ()
    """Positions and values of the line."""
    band: tuple[tuple[float, float, float], ...] = ()
    """Positions, and the lower and upper edge of the band there."""


class PlotFrame:
    """The axes of a plot, and the drawing of data in them."""

    def __init__(
        self, last: float, most: float, right: float = RIGHT, *, whole: bool = False, least: float = 0.0
    ) -> None:
        """Set up axes. last: end of the x axis. most, least: largest and smallest value, at or above 0 and at or below.

        right: width of the margin for labels. whole: values are counts, so axis labels are whole numbers.
        """
        self._last, self._step = max(last, 1e-9), max(scale.tick_distance(most - least, 5), 1.0 if whole else 0.0)
        self._least, self._most = self._step * (least // self._step), self._step * -(-most // self._step)
        self._right = WIDTH - right

    def x(self, at: float) -> float:
        """Return the x coordinate of a position; half a step is left free at either end."""
        return LEFT + (at + 0.5) / (self._last + 1.0) * (self._right - LEFT)

    def y(self, value: float) -> float:
        """Return the y coordinate of a value, clamped to the axis."""
        share = (value - self._least) / (self._most - self._least)
        return HEIGHT - BOTTOM - min(max(share, 0.0), 1.0) * (HEIGHT - TOP - BOTTOM)

    def axes(self, label: Callable[[float], str], ticks: Sequence[tuple[float, str]]) -> Markup:
        """Draw the axes. label: formats a value. ticks: positions on the x axis with their labels."""
        parts = []
        for number in range(round(self._least / self._step), round(self._most / self._step) + 1):
            value = number * self._step
            line = Markup('<path class="grid{}" d="M{:.1f} {:.1f}H{:.1f}"/>')
            is_zero = self._least < 0 and number == 0
            parts.append(line.format(" zero" if is_zero else "", LEFT, self.y(value), self._right))
            text = Markup('<text class="tick end" x="{:.1f}" y="{:.1f}">{}</text>')
            parts.append(text.format(LEFT - 5, self.y(value) + 3.5, translate(label(value))))
        for at, name in ticks:
            x = min(max(self.x(at), LEFT + HALF_DATE), self._right - HALF_DATE)
            text = Markup('<text class="tick middle" x="{:.1f}" y="{:.1f}">{}</text>')
            parts.append(text.format(x, HEIGHT - 6, translate(name)))
        return Markup("").join(parts)

    def bars(self, points: Sequence[Point]) -> Markup:
        """Draw one bar for each point."""
        wide = min(max((self._right - LEFT) / (self._last + 1.0) * 0.8, 0.6), WIDEST)
        bar = Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>')
        tops = [(p, self.y(p.value)) for p in points]
        return Markup("").join(
            bar.format(self.x(p.at) - wide / 2, top, wide, HEIGHT - BOTTOM - top, translate(p.tooltip))
            for p, top in tops
        )

    def series(self, series: Series, number: int, *, faint: bool) -> Markup:
        """Draw a series. number: its number, from 0. faint: draw small, pale points, as there are too many."""
        parts = [Markup('<g class="s{}{}">').format(number, " faint" if faint else "")]
        if len(series.band) > 1:
            edge = [(at, high) for at, _, high in series.band] + [(at, low) for at, low, _ in reversed(series.band)]
            parts.append(Markup('<path class="band" d="{}Z"/>').format(self._path(edge)))
        if len(series.line) > 1:
            parts.append(Markup('<path class="line" d="{}"/>').format(self._path(series.line)))
        for point in series.points:
            parts.append(self._point(point, SIGNS[number % len(SIGNS)], 2.0 if faint else 3.6))
        return Markup("").join([*parts, Markup("</g>")])

    def labels(self, ends: Sequence[tuple[str, float]]) -> Markup:
        """Draw the names of series beside their last values, without overlaps, and none below the plot."""
        order = sorted((self.y(value) + 3.5, number) for number, (_, value) in enumerate(ends))
        baselines: list[float] = []
        for y, _ in order:
            baselines.append(max(y, baselines[-1] + LABEL) if baselines else y)
        lowest = HEIGHT - BOTTOM + 4
        for place in reversed(range(len(baselines))):
            baselines[place] = min(baselines[place], lowest)
            lowest = baselines[place] - LABEL
        text = Markup('<text class="name n{}" x="{:.1f}" y="{:.1f}">{}</text>')
        shown = ((number, y, translate(ends[number][0])) for y, (_, number) in zip(baselines, order, strict=True))
        return Markup("").join(text.format(number, self._right + 6, y, name) for number, y, name in shown)

    def _path(self, places: Sequence[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{self.x(at):.1f} {self.y(value):.1f}" for at, value in places)

    def _point(self, point: Point, sign: str, size: float) -> Markup:
        x, y = self.x(point.at), self.y(point.value)
        parts = []
        if point.low is not None and point.high is not None:
            whisker = Markup('<path class="whisker" d="M{:.1f} {:.1f}V{:.1f}"/>')
            parts.append(whisker.format(x, self.y(point.low), self.y(point.high)))
        dot = Markup('<path class="dot" d="{}"><title>{}</title></path>')
        parts.append(dot.format(_sign(sign, x, y, size), translate(point.tooltip)))
        drawn = Markup("").join(parts)
        return drawn if point.href is None else Markup('<a href="{}">{}</a>').format(point.href, drawn)


def label_margin(names: Sequence[str]) -> float:
    """Return the width of the margin for the names of series in the language in use."""
    longest = max(len(translate(name)) for name in names)
    return min(max(LETTER * longest + 8.0, NARROWEST), WIDEST_LABELS)


def svg(drawn: Sequence[Markup], description: str) -> Markup:
    """Wrap drawn parts in an SVG element. description: text alternative for screen readers."""
    opening = Markup('<svg viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">')
    opening = opening.format(WIDTH, HEIGHT, translate(description))
    return Markup("").join([opening, *drawn, Markup("</svg>")])


def _sign(sign: str, x: float, y: float, size: float) -> str:
    if sign == "circle":
        return f"M{x - size:.1f} {y:.1f}a{size} {size} 0 1 0 {2 * size} 0a{size} {size} 0 1 0 {-2 * size} 0"
    if sign == "square":
        return f"M{x - size:.1f} {y - size:.1f}h{2 * size}v{2 * size}h{-2 * size}z"
    if sign == "triangle":
        return f"M{x:.1f} {y - 1.2 * size:.1f}l{1.2 * size:.1f} {2.1 * size:.1f}h{-2.4 * size:.1f}z"
    far = round(1.3 * size, 1)
    return f"M{x:.1f} {y - far:.1f}l{far} {far}l{-far} {far}l{-far} {-far}z"
