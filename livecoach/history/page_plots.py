"""The plots of one exercise and profile, without scripts: reps, form, faults, depth, loads, speed and tempo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from markupsafe import Markup

from livecoach import language
from livecoach.charts import wilson
from livecoach.documents import ExerciseTrend, PastSessionDocument, ShareDocument, TempoDocument
from livecoach.history import words
from livecoach.history.figures import WEEK, in_form
from livecoach.history.plot_frame import PlotFrame, Point, Series, label_margin, svg
from livecoach.history.words import is_estimated, shown_speed, speed_unit, speed_words
from livecoach.language.units import percent
from livecoach.loads import NAME, in_unit
from livecoach.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.types import SpeedUnit
from livecoach.types.message import Message, capital, in_words, joined

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
class PagePlot:
    """A plot with its heading and a note on how to read it."""

    title: str
    note: str
    svg: Markup


def plots(trend: ExerciseTrend, opens: Opens) -> list[PagePlot]:
    """Return the plots with data of two sessions or more: a single dot shows no trend."""
    if len(trend.sessions) < LEAST:
        return []
    possible: list[PagePlot | None] = [_weeks(trend), _form(trend, opens), _faults(trend, opens)]
    possible += [_to_depth(trend, opens), _depth(trend, opens)]
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


def _form(trend: ExerciseTrend, opens: Opens) -> PagePlot | None:
    return _shares(
        trend,
        opens,
        lambda one: in_form(one.counts),
        lambda share: joined(": ", "within your form", words.of(share)),
        (capital("within your form"), "Share of judged reps within your own form, by session"),
    )


def _to_depth(trend: ExerciseTrend, opens: Opens) -> PagePlot | None:
    return _shares(
        trend,
        opens,
        lambda one: one.counts.to_depth,
        lambda share: Message("{n} of {n2} to depth", n=share.hits, n2=share.of),
        ("Reps to depth", "Share of reps to depth, by session"),
    )


def _shares(
    trend: ExerciseTrend,
    opens: Opens,
    of: Callable[[PastSessionDocument], ShareDocument | None],
    described: Callable[[ShareDocument], str],
    titles: tuple[str, str],
) -> PagePlot | None:
    """Draw the share of some reps in each session, with its interval. titles: heading, and text alternative."""
    shares = [(n, one, of(one)) for n, one in enumerate(trend.sessions)]
    known = [(n, one, share) for n, one, share in shares if share is not None and share.value is not None]
    if len(known) < LEAST:
        return None
    many = len(known) > MANY
    points = tuple(
        Point(
            at=n,
            value=share.value or 0.0,
            tooltip=_tooltip(
                one, joined(", ", described(share), words.likely(words.percent(share.low), words.percent(share.high)))
            ),
            href=opens(one.name),
            low=None if many else share.low,
            high=None if many else share.high,
        )
        for n, one, share in known
    )
    band = _pooled([(n, share.hits, share.of) for n, _, share in known]) if many else []
    series = Series(
        name="",
        points=points,
        line=tuple((at, value) for at, value, _, _ in band),
        band=tuple((at, low, high) for at, _, low, high in band),
    )
    note = (
        Message(
            "Line and band: {n} sessions pooled, with their 95 % interval. Dots: single sessions.",
            n=_over(len(known)),
        )
        if many
        else "The bar through a dot is its 95 % interval: a rate from few reps is uncertain."
    )
    drawn = [_axes(frame := PlotFrame(len(trend.sessions) - 1.0, 1.0), trend, _percent)]
    drawn.append(frame.series(series, 0, faint=many))
    return PagePlot(title=titles[0], note=note, svg=svg(drawn, titles[1]))


def _depth(trend: ExerciseTrend, opens: Opens) -> PagePlot | None:
    known = [(n, one, one.depth) for n, one in enumerate(trend.sessions) if one.depth is not None]
    if len(known) < LEAST:
        return None
    unit, factor = language.shown_unit("cm")
    points = tuple(
        Point(
            at=n,
            value=factor * depth.median_cm,
            tooltip=_tooltip(one, joined(", ", words.depth(depth), words.reps(depth.reps))),
            href=opens(one.name),
            low=factor * depth.low_cm,
            high=factor * depth.high_cm,
        )
        for n, one, depth in known
    )
    what = Message("Hip crease above the top of the knee, {text}: below 0 is deeper", text=unit)
    spread = "The bar through a dot holds the middle half of a session's reps."
    alt = Message("Height of the hip crease above the top of the knee by session, {text}", text=unit)
    return _dots(trend, points, ("Depth", joined(" ", _note(what, points), spread), alt), _plain)


def _dots(
    trend: ExerciseTrend, points: tuple[Point, ...], words_of: tuple[str, str, str], label: Callable[[float], str]
) -> PagePlot:
    """Draw one series with its running median. words_of: heading, note and text alternative."""
    title, note, alt = words_of
    ends = [0.0, *(end for p in points for end in (p.value, p.low, p.high) if end is not None)]
    frame = PlotFrame(len(trend.sessions) - 1.0, max(ends) if any(ends) else 1.0, least=min(ends))
    series = Series(name="", points=points, line=_smooth(points))
    drawn = [_axes(frame, trend, label), frame.series(series, 0, faint=len(points) > MANY)]
    return PagePlot(title=title, note=note, svg=svg(drawn, alt))


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
        line = _pooled([(n, one.faults.get(name, 0), one.counts.alarms.of) for n, one in judged])
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
    unit = NAME[language.units()]
    note = _note(Message("Load times reps, {text}", text=unit), points)
    return _dots(trend, points, ("Volume load", note, Message("Volume load by session, {text}", text=unit)), _thousands)


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
    height = Message("{n} cm", n=f"{TYPICAL_HEIGHT_CM:.0f}")
    guessed = Message("estimated for a height of {text}", text=height) if is_estimated(unit) else ""
    note = _note(joined("; ", Message("Mean on the way up, {text}", text=speed_unit()), guessed), points)
    alt = Message("Mean speed on the way up by session, {text}", text=speed_unit())
    return _dots(trend, points, ("Speed on the way up", note, alt), _plain)


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


def _pooled(known: Sequence[tuple[int, int, int]]) -> list[tuple[float, float, float, float]]:
    """Return position, proportion and 95 % interval, each pooled over the preceding window of sessions.

    known: position, hits and number of reps of each session.
    """
    proportions, over = [], _over(len(known))
    for end in range(min(over, len(known)), len(known) + 1):
        part = known[max(end - over, 0) : end]
        some, of = sum(hits for _, hits, _ in part), sum(count for _, _, count in part)
        proportions.append((float(known[end - 1][0]), min(some, of) / of, *wilson(min(some, of), of)))
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
