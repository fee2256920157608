"""The plots of one exercise and profile, as inline SVG without scripts: reps, alarms, faults, speed and tempo.

The page's style sheet sets colours and sizes by class.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from markupsafe import Markup

from livecoach import charts as scale
from livecoach import language
from livecoach.charts import wilson
from livecoach.documents import ExerciseTrend, PastSessionDocument, TempoDocument, UsualDocument
from livecoach.history import words
from livecoach.history.figures import WEEK
from livecoach.history.words import is_estimated, shown_speed, speed_unit, speed_words
from livecoach.language import translate
from livecoach.language.units import percent
from livecoach.loads import NAME, in_unit
from livecoach.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.types import SpeedUnit
from livecoach.types.message import Message, in_words, joined

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
MANY = 60
"""With more sessions than this, points are faint and the running line stands out; our choice."""
OVER, PARTS_OF_LINE = 10, 20
"""Window of the running line: at least OVER sessions, or the number of sessions over PARTS_OF_LINE; our choice."""
LEAST = 2
"""Fewest points of a plot."""
MOST_FAULTS = 4
MOST_WEEKS = 520
"""Ten years; older weeks are left out, as a single wrong date would squeeze all others together."""
PARTS: tuple[tuple[str, Callable[[TempoDocument], float]], ...] = (
    ("way down", lambda tempo: tempo.eccentric_s),
    ("hold", lambda tempo: tempo.pause_s),
    ("way up", lambda tempo: tempo.concentric_s),
)
Opens = Callable[[str], str | None]
"""Returns the link target of a session by its name; None without a report."""


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

    def __init__(self, last: float, most: float, right: float = RIGHT, *, whole: bool = False) -> None:
        """Set up axes that begin at 0. last: end of the x axis. most: largest value, above 0.

        right: width of the margin for labels. whole: values are counts, so axis labels are whole numbers.
        """
        self._last, self._step = max(last, 1e-9), max(scale.tick_distance(most, 5), 1.0 if whole else 0.0)
        self._most = self._step * -(-most // self._step)
        self._right = WIDTH - right

    def x(self, at: float) -> float:
        """Return the x coordinate of a position; half a step is left free at either end."""
        return LEFT + (at + 0.5) / (self._last + 1.0) * (self._right - LEFT)

    def y(self, value: float) -> float:
        """Return the y coordinate of a value, clamped to the axis."""
        return HEIGHT - BOTTOM - min(max(value / self._most, 0.0), 1.0) * (HEIGHT - TOP - BOTTOM)

    def axes(self, label: Callable[[float], str], ticks: Sequence[tuple[float, str]]) -> Markup:
        """Draw the axes. label: formats a value. ticks: positions on the x axis with their labels."""
        parts = []
        for number in range(round(self._most / self._step) + 1):
            value = number * self._step
            line = Markup('<path class="grid" d="M{:.1f} {:.1f}H{:.1f}"/>')
            parts.append(line.format(LEFT, self.y(value), self._right))
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
        """Draw the names of series beside their last values, without overlaps."""
        placed: list[tuple[float, str, int]] = []
        low = -LABEL
        for y, number in sorted((self.y(value) + 3.5, number) for number, (_, value) in enumerate(ends)):
            low = max(y, low + LABEL)
            placed.append((low, ends[number][0], number))
        over = max(low - (HEIGHT - BOTTOM + 4), 0.0)
        text = Markup('<text class="name n{}" x="{:.1f}" y="{:.1f}">{}</text>')
        shown = ((y, translate(name), number) for y, name, number in placed)
        return Markup("").join(text.format(number, self._right + 6, y - over, name) for y, name, number in shown)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlot:
    """A plot with its heading and a note on how to read it."""

    title: str
    note: str
    svg: Markup


def plots(trend: ExerciseTrend, opens: Opens) -> list[PagePlot]:
    """Return the plots with data of two sessions or more: a single dot shows no trend."""
    if len(trend.sessions) < LEAST:
        return []
    possible: list[PagePlot | None] = [_weeks(trend), _alarms(trend, opens), _faults(trend, opens)]
    possible.append(_volume_load(trend, opens))
    units = sorted({one.speed.unit for one in trend.sessions if one.speed is not None})
    possible += [_speed(trend, unit, opens) for unit in units]
    possible.append(_tempo(trend, opens))
    return [one for one in possible if one is not None]


def _weeks(trend: ExerciseTrend) -> PagePlot | None:
    if len(trend.weeks) < LEAST:
        return None
    last = date.fromisoformat(trend.weeks[-1].monday)
    at = {week: (date.fromisoformat(week.monday) - last) // WEEK for week in trend.weeks}
    shown = [week for week in trend.weeks if at[week] > -MOST_WEEKS]
    first = at[shown[0]]
    points = [
        Point(
            at=at[week] - first,
            value=week.reps,
            tooltip=Message(
                "week of {name}: {text}",
                name=week.monday,
                text=joined(", ", words.reps(week.reps), words.sessions(week.sessions)),
            ),
        )
        for week in shown
    ]
    frame = PlotFrame(float(-first), max(point.value for point in points) or 1.0, whole=True)
    ticks = [(float(number), (last + (number + first) * WEEK).isoformat()) for number in _some(-first + 1)]
    drawn = [frame.axes(lambda value: Message("{n}", n=f"{value:g}"), ticks), frame.bars(points)]
    return PagePlot(title="Reps per week", note="", svg=svg(drawn, "Reps in each calendar week"))


def _alarms(trend: ExerciseTrend, opens: Opens) -> PagePlot | None:
    judged = [(n, one) for n, one in enumerate(trend.sessions) if one.counts.alarms.value is not None]
    if len(judged) < LEAST:
        return None
    many = len(judged) > MANY
    points = []
    for n, one in judged:
        share = one.counts.alarms
        points.append(
            Point(
                at=n,
                value=share.value or 0.0,
                tooltip=_tooltip(
                    one,
                    joined(
                        ", ",
                        Message("{text} judged reps anomalous", text=words.of(share)),
                        words.likely(words.percent(share.low), words.percent(share.high)),
                    ),
                ),
                href=opens(one.name),
                low=None if many else share.low,
                high=None if many else share.high,
            )
        )
    band = _pooled(judged, lambda one: one.counts.anomalous) if many else []
    series = Series(
        name="",
        points=tuple(points),
        line=tuple((at, value) for at, value, _, _ in band),
        band=tuple((at, low, high) for at, _, low, high in band),
    )
    note = (
        Message(
            "Line and band: {n} sessions pooled, with their 95 % interval. Dots: single sessions.",
            n=_over(len(judged)),
        )
        if many
        else "The bar through a dot is its 95 % interval: a rate from few reps is uncertain."
    )
    most = max(point.high or point.value for point in points)
    drawn = [_axes(frame := PlotFrame(len(trend.sessions) - 1.0, most or 0.1), trend, _percent)]
    drawn.append(frame.series(series, 0, faint=many))
    return PagePlot(
        title="Alarm rate", note=note, svg=svg(drawn, "Share of judged reps that were anomalous, by session")
    )


def _faults(trend: ExerciseTrend, opens: Opens) -> PagePlot | None:
    judged = [(n, one) for n, one in enumerate(trend.sessions) if one.counts.alarms.of]
    names = [fault.name for fault in trend.faults[:MOST_FAULTS]]
    if not names or len(judged) < LEAST:
        return None
    many = len(judged) > MANY
    series = []
    for name in names:
        points = tuple(
            Point(
                at=n,
                value=one.faults.get(name, 0) / one.counts.alarms.of,
                tooltip=_tooltip(one, _fault_in(one, name)),
                href=opens(one.name),
            )
            for n, one in judged
        )
        line = _pooled(judged, lambda one, name=name: one.faults.get(name, 0))  # type: ignore[misc]
        line_of = [(at, value) for at, value, _, _ in line] if many else [(p.at, p.value) for p in points]
        series.append(Series(name=in_words(name), points=() if many else points, line=tuple(line_of)))
    pooled = Message("Share of judged reps with each fault, {n} sessions pooled.", n=_over(len(judged)))
    note = pooled if many else Message("Share of judged reps with each fault.")
    all_of = len(trend.faults)
    more = Message("The {n} most common of {n2}; the table lists all.", n=len(names), n2=all_of)
    return _lines(trend, series, "Faults", joined(" ", note, more if all_of > len(names) else ""), _percent)


def _fault_in(one: PastSessionDocument, name: str) -> Message:
    return Message("{text} in {n} of {n2}", text=in_words(name), n=one.faults.get(name, 0), n2=one.counts.alarms.of)


def _volume_load(trend: ExerciseTrend, opens: Opens) -> PagePlot | None:
    known = [(n, one, one.volume_load_kg) for n, one in enumerate(trend.sessions) if one.volume_load_kg]
    if len(known) < LEAST:
        return None
    shown = [in_unit(load_kg, language.units()) for _, _, load_kg in known]
    points = tuple(
        Point(at=n, value=value, tooltip=_tooltip(one, words.whole(load_kg)), href=opens(one.name))
        for (n, one, load_kg), value in zip(known, shown, strict=True)
    )
    series = Series(name="", points=points, line=_smooth(points))
    drawn = [_axes(frame := PlotFrame(len(trend.sessions) - 1.0, max(shown)), trend, _thousands)]
    drawn.append(frame.series(series, 0, faint=len(points) > MANY))
    unit = NAME[language.units()]
    note = _note(Message("Load times reps, {text}", text=unit), points)
    return PagePlot(
        title="Volume load", note=note, svg=svg(drawn, Message("Volume load by session, {text}", text=unit))
    )


def _speed(trend: ExerciseTrend, unit: SpeedUnit, opens: Opens) -> PagePlot | None:
    known = [(n, one, one.speed) for n, one in enumerate(trend.sessions) if one.speed and one.speed.unit == unit]
    if len(known) < LEAST:
        return None
    lost = {n: "" if speed.loss is None else Message("{text} lost", text=percent(speed.loss)) for n, _, speed in known}
    points = tuple(
        Point(
            at=n,
            value=shown_speed(speed.mean, unit),
            tooltip=_tooltip(one, joined(", ", speed_words(speed.mean, unit), lost[n])),
            href=opens(one.name),
        )
        for n, one, speed in known
    )
    series = Series(name="", points=points, line=_smooth(points))
    drawn = [_axes(frame := PlotFrame(len(trend.sessions) - 1.0, max(p.value for p in points)), trend, _plain)]
    drawn.append(frame.series(series, 0, faint=len(points) > MANY))
    height = Message("{n} cm", n=f"{TYPICAL_HEIGHT_CM:.0f}")
    guessed = Message("estimated for a height of {text}", text=height) if is_estimated(unit) else ""
    note = _note(joined("; ", Message("Mean on the way up, {text}", text=speed_unit()), guessed), points)
    alt = Message("Mean speed on the way up by session, {text}", text=speed_unit())
    return PagePlot(title="Speed on the way up", note=note, svg=svg(drawn, alt))


def _tempo(trend: ExerciseTrend, opens: Opens) -> PagePlot | None:
    known = [(n, one, one.tempo) for n, one in enumerate(trend.sessions) if one.tempo is not None]
    if len(known) < LEAST:
        return None
    series = []
    for name, of in PARTS:
        points = tuple(
            Point(at=n, value=of(tempo), tooltip=_tooltip(one, _lasts(name, of(tempo))), href=opens(one.name))
            for n, one, tempo in known
        )
        series.append(Series(name=name, points=points, line=_smooth(points) or _through(points)))
    note = _note("Seconds, median of a session's reps", series[0].points)
    return _lines(trend, series, "Tempo", note, _plain)


def _lasts(part: str, seconds: float) -> str:
    return joined(" ", part, Message("{n} s", n=f"{seconds:.2f}"))


def usual_rep_plots(one: UsualDocument) -> list[PagePlot]:
    """Return plots of the usual rep's curves, then and now."""
    result = []
    for curve in one.curves:
        lines = [("now", curve.after), ("then", curve.before)]
        frame = PlotFrame(len(curve.after) - 1.0, max(*curve.after, *curve.before, 1e-3), label_margin(["now", "then"]))
        ticks = [(0.0, "start"), ((len(curve.after) - 1) / 2, "turn"), (len(curve.after) - 1.0, "end")]
        drawn = [frame.axes(_plain, ticks)]
        for number, (name, values) in enumerate(lines):
            series = Series(name=name, points=(), line=tuple(enumerate(map(float, values))))
            drawn.append(frame.series(series, number, faint=False))
        drawn.append(frame.labels([(name, values[-1]) for name, values in lines]))
        unit = {"deg": "degrees", "torso": "torso lengths"}.get(curve.unit, curve.unit)
        title = Message("Usual rep: {text}", text=curve.words)
        result.append(
            PagePlot(
                title=title,
                note=joined(
                    "; ",
                    joined(", ", unit, words.VIEWS[one.view]),
                    Message("then: {name}, now: {name2}", name=one.first_day, name2=one.last_day),
                ),
                svg=svg(drawn, title),
            )
        )
    return result


def _lines(
    trend: ExerciseTrend, series: Sequence[Series], title: str, note: str, label: Callable[[float], str]
) -> PagePlot:
    """Draw several series, each labelled at the end of its line."""
    most = max(value for one in series for value in (*(p.value for p in one.points), *(v for _, v in one.line)))
    frame = PlotFrame(len(trend.sessions) - 1.0, most or 0.1, label_margin([one.name for one in series]))
    drawn = [_axes(frame, trend, label)]
    for number, one in enumerate(series):
        drawn.append(frame.series(one, number, faint=len(one.points) > MANY))
    drawn.append(frame.labels([(one.name, (one.line or _through(one.points))[-1][1]) for one in series]))
    alt = Message("{text} by session: {text2}", text=title, text2=joined(", ", *(one.name for one in series)))
    return PagePlot(title=title, note=note, svg=svg(drawn, alt))


def _axes(frame: PlotFrame, trend: ExerciseTrend, label: Callable[[float], str]) -> Markup:
    """Draw axes by session, with the dates of some of them."""
    return frame.axes(label, [(float(n), trend.sessions[n].started[:10]) for n in _some(len(trend.sessions))])


def _over(count: int) -> int:
    """Return the window of the running line for a number of sessions."""
    return max(OVER, count // PARTS_OF_LINE)


def _some(count: int) -> list[int]:
    """Return which of `count` positions get a label: the first, the last, and one between them."""
    return sorted({0, (count - 1) // 2, count - 1} if count > 2 else {0, count - 1})


def _pooled(
    judged: Sequence[tuple[int, PastSessionDocument]], hits: Callable[[PastSessionDocument], int]
) -> list[tuple[float, float, float, float]]:
    """Return position, proportion and 95 % interval, each pooled over the preceding window of sessions."""
    proportions, over = [], _over(len(judged))
    for end in range(min(over, len(judged)), len(judged) + 1):
        part = [one for _, one in judged[max(end - over, 0) : end]]
        some, of = sum(map(hits, part)), sum(one.counts.alarms.of for one in part)
        proportions.append((float(judged[end - 1][0]), min(some, of) / of, *wilson(min(some, of), of)))
    return proportions


def _smooth(points: Sequence[Point]) -> tuple[tuple[float, float], ...]:
    """Return the running median; empty with too few sessions."""
    over = _over(len(points))
    each = range(over, len(points) + 1)
    return tuple((points[end - 1].at, median(p.value for p in points[end - over : end])) for end in each)


def _through(points: Sequence[Point]) -> tuple[tuple[float, float], ...]:
    return tuple((point.at, point.value) for point in points)


def _note(what: str, points: Sequence[Point]) -> Message:
    """Return a note on a plot, and on its line if it has one."""
    line = Message("the line is the median of {n} sessions", n=_over(len(points))) if len(points) > OVER else ""
    return Message("{text}.", text=joined("; ", what, line))


def _tooltip(one: PastSessionDocument, what: str) -> Message:
    command = f"livecoach report {one.name}"
    return Message("{name}: {text} ({name2})", name=words.moment(one.started), text=what, name2=command)


def _percent(value: float) -> Message:
    return Message("{n} %", n=f"{100 * value:.3g}")


def _thousands(value: float) -> Message:
    return Message("{n}", n=f"{value:,.0f}")


def _plain(value: float) -> Message:
    return Message("{n}", n=f"{value:.3g}")
