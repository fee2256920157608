"""The plots of one exercise and profile: reps, alarms, faults, speed and tempo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from markupsafe import Markup

from livecoach import language
from livecoach.charts import wilson
from livecoach.documents import CourseDocument, PastSessionDocument, TempoDocument, UsualDocument
from livecoach.history import words
from livecoach.history.plots import PlotFrame, Point, Series, label_margin, svg
from livecoach.history.weeks import WEEK
from livecoach.language.percent import percent
from livecoach.loads import NAME, in_unit
from livecoach.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.session.speeds import is_estimated, shown_speed, speed_unit, speed_words
from livecoach.types import SpeedUnit

MANY = 60
"""Number of sessions above which single points are faint and the running line carries the plot; our choice."""
OVER, PARTS_OF_LINE = 10, 20
"""Window of the running line: at least OVER sessions, or the number of sessions over PARTS_OF_LINE; our choice."""
LEAST = 2
"""Fewest points of a plot."""
MOST_FAULTS = 4
MOST_WEEKS = 520
"""Ten years; older weeks are left out, as one wrong date of a camera's clock would squeeze all others together."""
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


def plots(course: CourseDocument, opens: Opens) -> list[PagePlot]:
    """Return the plots for which there is data of two sessions or more: a single dot shows no course."""
    if len(course.sessions) < LEAST:
        return []
    found: list[PagePlot | None] = [_weeks(course), _alarms(course, opens), _faults(course, opens)]
    found.append(_volume_load(course, opens))
    units = sorted({one.speed.unit for one in course.sessions if one.speed is not None})
    found += [_speed(course, unit, opens) for unit in units]
    found.append(_tempo(course, opens))
    return [one for one in found if one is not None]


def _weeks(course: CourseDocument) -> PagePlot | None:
    if len(course.weeks) < LEAST:
        return None
    last = date.fromisoformat(course.weeks[-1].monday)
    at = {week: (date.fromisoformat(week.monday) - last) // WEEK for week in course.weeks}
    shown = [week for week in course.weeks if at[week] > -MOST_WEEKS]
    first = at[shown[0]]
    points = [
        Point(
            at=at[week] - first,
            value=week.reps,
            tooltip=f"week of {week.monday}: {words.count(week.reps, 'rep')}, {words.count(week.sessions, 'session')}",
        )
        for week in shown
    ]
    frame = PlotFrame(float(-first), max(point.value for point in points) or 1.0, whole=True)
    ticks = [(float(number), (last + (number + first) * WEEK).isoformat()) for number in _some(-first + 1)]
    drawn = [frame.axes(lambda value: f"{value:g}", ticks), frame.bars(points)]
    return PagePlot(title="Reps per week", note="", svg=svg(drawn, "Reps in each calendar week"))


def _alarms(course: CourseDocument, opens: Opens) -> PagePlot | None:
    judged = [(n, one) for n, one in enumerate(course.sessions) if one.counts.alarms.value is not None]
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
                    f"{words.of(share)} judged reps anomalous, likely {words.percent(share.low)} to "
                    f"{words.percent(share.high)}",
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
        f"Line and band: {_over(len(judged))} sessions pooled, with their 95 % interval. Dots: single sessions."
        if many
        else "The bar through a dot is its 95 % interval: a rate from few reps is uncertain."
    )
    most = max(point.high or point.value for point in points)
    drawn = [_axes(frame := PlotFrame(len(course.sessions) - 1.0, most or 0.1), course, _percent)]
    drawn.append(frame.series(series, 0, faint=many))
    return PagePlot(
        title="Alarm rate", note=note, svg=svg(drawn, "Share of judged reps that were anomalous, by session")
    )


def _faults(course: CourseDocument, opens: Opens) -> PagePlot | None:
    judged = [(n, one) for n, one in enumerate(course.sessions) if one.counts.alarms.of]
    names = [fault.name for fault in course.faults[:MOST_FAULTS]]
    if not names or len(judged) < LEAST:
        return None
    many = len(judged) > MANY
    series = []
    for name in names:
        points = tuple(
            Point(
                at=n,
                value=one.faults.get(name, 0) / one.counts.alarms.of,
                tooltip=_tooltip(one, f"{words.plain(name)} in {one.faults.get(name, 0)} of {one.counts.alarms.of}"),
                href=opens(one.name),
            )
            for n, one in judged
        )
        line = _pooled(judged, lambda one, name=name: one.faults.get(name, 0))  # type: ignore[misc]
        line_of = [(at, value) for at, value, _, _ in line] if many else [(p.at, p.value) for p in points]
        series.append(Series(name=words.plain(name), points=() if many else points, line=tuple(line_of)))
    note = f"Share of judged reps with each fault{f', {_over(len(judged))} sessions pooled' if many else ''}."
    more = len(course.faults) - len(names)
    note += f" The {len(names)} most common of {len(course.faults)}; the table lists all." if more > 0 else ""
    return _lines(course, series, "Faults", note, _percent)


def _volume_load(course: CourseDocument, opens: Opens) -> PagePlot | None:
    known = [(n, one, one.volume_load_kg) for n, one in enumerate(course.sessions) if one.volume_load_kg]
    if len(known) < LEAST:
        return None
    shown = [in_unit(load_kg, language.units()) for _, _, load_kg in known]
    points = tuple(
        Point(at=n, value=value, tooltip=_tooltip(one, words.whole(load_kg)), href=opens(one.name))
        for (n, one, load_kg), value in zip(known, shown, strict=True)
    )
    series = Series(name="", points=points, line=_smooth(points))
    drawn = [_axes(frame := PlotFrame(len(course.sessions) - 1.0, max(shown)), course, _thousands)]
    drawn.append(frame.series(series, 0, faint=len(points) > MANY))
    unit = NAME[language.units()]
    note = f"Load times reps, {unit}{_line_note(points)}"
    return PagePlot(title="Volume load", note=note, svg=svg(drawn, f"Volume load by session, {unit}"))


def _speed(course: CourseDocument, unit: SpeedUnit, opens: Opens) -> PagePlot | None:
    known = [(n, one, one.speed) for n, one in enumerate(course.sessions) if one.speed and one.speed.unit == unit]
    if len(known) < LEAST:
        return None
    lost = {n: "" if speed.loss is None else f", {percent(speed.loss)} lost" for n, _, speed in known}
    points = tuple(
        Point(
            at=n,
            value=shown_speed(speed.mean, unit),
            tooltip=_tooltip(one, f"{speed_words(speed.mean, unit)}{lost[n]}"),
            href=opens(one.name),
        )
        for n, one, speed in known
    )
    series = Series(name="", points=points, line=_smooth(points))
    drawn = [_axes(frame := PlotFrame(len(course.sessions) - 1.0, max(p.value for p in points)), course, _plain)]
    drawn.append(frame.series(series, 0, faint=len(points) > MANY))
    guessed = f"; estimated for a height of {TYPICAL_HEIGHT_CM:.0f} cm" if is_estimated(unit) else ""
    note = f"Mean on the way up, {speed_unit()}{guessed}{_line_note(points)}"
    alt = f"Mean speed on the way up by session, {speed_unit()}"
    return PagePlot(title="Speed on the way up", note=note, svg=svg(drawn, alt))


def _tempo(course: CourseDocument, opens: Opens) -> PagePlot | None:
    known = [(n, one, one.tempo) for n, one in enumerate(course.sessions) if one.tempo is not None]
    if len(known) < LEAST:
        return None
    series = []
    for name, of in PARTS:
        points = tuple(
            Point(at=n, value=of(tempo), tooltip=_tooltip(one, f"{name} {of(tempo):.2f} s"), href=opens(one.name))
            for n, one, tempo in known
        )
        series.append(Series(name=name, points=points, line=_smooth(points) or _through(points)))
    return _lines(course, series, "Tempo", f"Seconds, median of a session's reps{_line_note(series[0].points)}", _plain)


def usual_rep_plots(one: UsualDocument) -> list[PagePlot]:
    """Return plots of the usual rep's curves, then and now."""
    found = []
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
        title = f"Usual rep: {curve.words}"
        found.append(
            PagePlot(
                title=title,
                note=f"{unit}, {one.view} view; then: {one.first_day}, now: {one.last_day}",
                svg=svg(drawn, title),
            )
        )
    return found


def _lines(
    course: CourseDocument, series: Sequence[Series], title: str, note: str, label: Callable[[float], str]
) -> PagePlot:
    """Draw several series, each labelled at the end of its line."""
    most = max(value for one in series for value in (*(p.value for p in one.points), *(v for _, v in one.line)))
    frame = PlotFrame(len(course.sessions) - 1.0, most or 0.1, label_margin([one.name for one in series]))
    drawn = [_axes(frame, course, label)]
    for number, one in enumerate(series):
        drawn.append(frame.series(one, number, faint=len(one.points) > MANY))
    drawn.append(frame.labels([(one.name, (one.line or _through(one.points))[-1][1]) for one in series]))
    return PagePlot(title=title, note=note, svg=svg(drawn, f"{title} by session: {', '.join(s.name for s in series)}"))


def _axes(frame: PlotFrame, course: CourseDocument, label: Callable[[float], str]) -> Markup:
    """Draw axes by session, with the dates of some of them."""
    return frame.axes(label, [(float(n), course.sessions[n].started[:10]) for n in _some(len(course.sessions))])


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
    found, over = [], _over(len(judged))
    for end in range(min(over, len(judged)), len(judged) + 1):
        part = [one for _, one in judged[max(end - over, 0) : end]]
        some, of = sum(map(hits, part)), sum(one.counts.alarms.of for one in part)
        found.append((float(judged[end - 1][0]), min(some, of) / of, *wilson(min(some, of), of)))
    return found


def _smooth(points: Sequence[Point]) -> tuple[tuple[float, float], ...]:
    """Return the running median; empty with too few sessions."""
    over = _over(len(points))
    each = range(over, len(points) + 1)
    return tuple((points[end - 1].at, median(p.value for p in points[end - over : end])) for end in each)


def _through(points: Sequence[Point]) -> tuple[tuple[float, float], ...]:
    return tuple((point.at, point.value) for point in points)


def _line_note(points: Sequence[Point]) -> str:
    return f"; the line is the median of {_over(len(points))} sessions." if len(points) > OVER else "."


def _tooltip(one: PastSessionDocument, what: str) -> str:
    return f"{words.moment(one.started)}: {what} (livecoach report {one.name})"


def _percent(value: float) -> str:
    return f"{100 * value:.3g} %"


def _thousands(value: float) -> str:
    return f"{value:,.0f}"


def _plain(value: float) -> str:
    return f"{value:.3g}"
