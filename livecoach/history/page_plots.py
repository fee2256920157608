"""What a page draws of one exercise and profile: a plot each of reps, alarms, faults, speed and tempo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from markupsafe import Markup

from livecoach.charts.shares import wilson
from livecoach.documents import CourseDocument, PastSessionDocument, TempoDocument, UsualDocument
from livecoach.history import words
from livecoach.history.plots import PlotFrame, Point, Series, svg
from livecoach.history.weeks import WEEK

MANY = 60
"""Sessions from which on single ones are faint, and the line over several is what is read; our choice."""
OVER, PARTS_OF_LINE = 10, 20
"""Sessions that a line goes over: the least, and of many sessions so few that it has so many parts; our choice."""
MOST_FAULTS = 4
LABELS = 92.0
"""Room for the names of series."""
MOST_WEEKS = 520
"""Ten years; of a longer time the newest are drawn: one wrong date of a camera's clock would hide all others."""
PARTS: tuple[tuple[str, Callable[[TempoDocument], float]], ...] = (
    ("way down", lambda tempo: tempo.eccentric_s),
    ("hold", lambda tempo: tempo.pause_s),
    ("way up", lambda tempo: tempo.concentric_s),
)
Opens = Callable[[str], str | None]
"""Name of a session → what a click on it opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlot:
    """A plot with its heading and how it is to be read."""

    title: str
    note: str
    svg: Markup


def plots(course: CourseDocument, opens: Opens) -> list[PagePlot]:
    """All that there is something to draw for."""
    found = [_weeks(course), _alarms(course, opens), _faults(course, opens)]
    units = sorted({one.speed.unit for one in course.sessions if one.speed is not None})
    found += [_speed(course, unit, opens) for unit in units]
    found.append(_tempo(course, opens))
    return [one for one in found if one is not None]


def _weeks(course: CourseDocument) -> PagePlot:
    last = date.fromisoformat(course.weeks[-1].monday)
    at = {week: (date.fromisoformat(week.monday) - last) // WEEK for week in course.weeks}
    shown = [week for week in course.weeks if at[week] > -MOST_WEEKS]
    first = at[shown[0]]
    points = [
        Point(
            at=at[week] - first,
            value=week.reps,
            told=f"week of {week.monday}: {words.count(week.reps, 'rep')}, {words.count(week.sessions, 'session')}",
        )
        for week in shown
    ]
    frame = PlotFrame(float(-first), max(point.value for point in points) or 1.0, whole=True)
    ticks = [(float(number), (last + (number + first) * WEEK).isoformat()) for number in _some(-first + 1)]
    drawn = [frame.axes(lambda value: f"{value:g}", ticks), frame.bars(points)]
    told = "Reps in each calendar week"
    return PagePlot(title="Reps per week", note="", svg=svg(drawn, told))


def _alarms(course: CourseDocument, opens: Opens) -> PagePlot | None:
    judged = [(n, one) for n, one in enumerate(course.sessions) if one.counts.alarms.value is not None]
    if not judged:
        return None
    many = len(judged) > MANY
    points = []
    for n, one in judged:
        share = one.counts.alarms
        points.append(
            Point(
                at=n,
                value=share.value or 0.0,
                told=_told(
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
        f"Line and band: {_over(len(judged))} sessions together, and their 95 % interval; dots: one, of few reps."
        if many
        else "The bar through a dot is its 95 % interval: of few reps a rate says little."
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
    if not names:
        return None
    many = len(judged) > MANY
    series = []
    for name in names:
        points = tuple(
            Point(
                at=n,
                value=one.faults.get(name, 0) / one.counts.alarms.of,
                told=_told(one, f"{words.plain(name)} in {one.faults.get(name, 0)} of {one.counts.alarms.of}"),
                href=opens(one.name),
            )
            for n, one in judged
        )
        line = _pooled(judged, lambda one, name=name: one.faults.get(name, 0))  # type: ignore[misc]
        line_of = [(at, value) for at, value, _, _ in line] if many else [(p.at, p.value) for p in points]
        series.append(Series(name=words.plain(name), points=() if many else points, line=tuple(line_of)))
    note = f"Share of judged reps with each fault{f', {_over(len(judged))} sessions together' if many else ''}."
    more = len(course.faults) - len(names)
    note += f" The {len(names)} commonest of {len(course.faults)}; the table has all." if more > 0 else ""
    return _lines(course, series, "Faults", note, _percent)


def _speed(course: CourseDocument, unit: str, opens: Opens) -> PagePlot:
    known = [(n, one, one.speed) for n, one in enumerate(course.sessions) if one.speed and one.speed.unit == unit]
    name = words.UNITS.get(unit, unit)
    points = tuple(
        Point(
            at=n,
            value=speed.mean,
            told=_told(one, f"{speed.mean:.2f} {name}" + ("" if speed.loss is None else f", {speed.loss:.0%} lost")),
            href=opens(one.name),
        )
        for n, one, speed in known
    )
    series = Series(name="", points=points, line=_smooth(points))
    drawn = [_axes(frame := PlotFrame(len(course.sessions) - 1.0, max(p.value for p in points)), course, _plain)]
    drawn.append(frame.series(series, 0, faint=len(points) > MANY))
    note = f"Mean of the way up, {name}{_line_note(points)}"
    return PagePlot(title="Speed", note=note, svg=svg(drawn, f"Mean speed of the way up by session, {name}"))


def _tempo(course: CourseDocument, opens: Opens) -> PagePlot | None:
    known = [(n, one, one.tempo) for n, one in enumerate(course.sessions) if one.tempo is not None]
    if not known:
        return None
    series = []
    for name, of in PARTS:
        points = tuple(
            Point(at=n, value=of(tempo), told=_told(one, f"{name} {of(tempo):.2f} s"), href=opens(one.name))
            for n, one, tempo in known
        )
        series.append(Series(name=name, points=points, line=_smooth(points) or _through(points)))
    return _lines(course, series, "Tempo", f"Seconds, median of a session's reps{_line_note(series[0].points)}", _plain)


def usual(one: UsualDocument) -> list[PagePlot]:
    """The curves of the usual rep, then and now."""
    found = []
    for curve in one.curves:
        lines = [("now", curve.after), ("then", curve.before)]
        frame = PlotFrame(len(curve.after) - 1.0, max(*curve.after, *curve.before, 1e-3), LABELS)
        ticks = [(0.0, "start"), ((len(curve.after) - 1) / 2, "turn"), (len(curve.after) - 1.0, "end")]
        drawn = [frame.axes(_plain, ticks)]
        for number, (name, values) in enumerate(lines):
            series = Series(name=name, points=(), line=tuple(enumerate(map(float, values))))
            drawn.append(frame.series(series, number, faint=False))
        drawn.append(frame.labels([(name, values[-1]) for name, values in lines]))
        unit = {"deg": "degrees", "torso": "trunk lengths"}.get(curve.unit, curve.unit)
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
    """A plot of several series that are named at their ends."""
    most = max(value for one in series for value in (*(p.value for p in one.points), *(v for _, v in one.line)))
    drawn = [_axes(frame := PlotFrame(len(course.sessions) - 1.0, most or 0.1, LABELS), course, label)]
    for number, one in enumerate(series):
        drawn.append(frame.series(one, number, faint=len(one.points) > MANY))
    drawn.append(frame.labels([(one.name, (one.line or _through(one.points))[-1][1]) for one in series]))
    return PagePlot(title=title, note=note, svg=svg(drawn, f"{title} by session: {', '.join(s.name for s in series)}"))


def _axes(frame: PlotFrame, course: CourseDocument, label: Callable[[float], str]) -> Markup:
    """By session: the dates of some of them."""
    return frame.axes(label, [(float(n), course.sessions[n].started[:10]) for n in _some(len(course.sessions))])


def _over(count: int) -> int:
    """How many sessions a line of so many goes over."""
    return max(OVER, count // PARTS_OF_LINE)


def _some(count: int) -> list[int]:
    """Numbers from 0 on that get a label: the first, the last, one between them."""
    return sorted({0, (count - 1) // 2, count - 1} if count > 2 else {0, count - 1})


def _pooled(
    judged: Sequence[tuple[int, PastSessionDocument]], hits: Callable[[PastSessionDocument], int]
) -> list[tuple[float, float, float, float]]:
    """Place, share and its interval, of the last _over sessions together at each."""
    found, over = [], _over(len(judged))
    for end in range(min(over, len(judged)), len(judged) + 1):
        part = [one for _, one in judged[max(end - over, 0) : end]]
        some, of = sum(map(hits, part)), sum(one.counts.alarms.of for one in part)
        found.append((float(judged[end - 1][0]), min(some, of) / of, *wilson(min(some, of), of)))
    return found


def _smooth(points: Sequence[Point]) -> tuple[tuple[float, float], ...]:
    """Running median; none of too few sessions."""
    over = _over(len(points))
    each = range(over, len(points) + 1)
    return tuple((points[end - 1].at, median(p.value for p in points[end - over : end])) for end in each)


def _through(points: Sequence[Point]) -> tuple[tuple[float, float], ...]:
    return tuple((point.at, point.value) for point in points)


def _line_note(points: Sequence[Point]) -> str:
    return f"; the line is the median of {_over(len(points))} sessions." if len(points) >= OVER else "."


def _told(one: PastSessionDocument, what: str) -> str:
    return f"{words.moment(one.started)}: {what} (livecoach report {one.name})"


def _percent(value: float) -> str:
    return f"{100 * value:.3g} %"


def _plain(value: float) -> str:
    return f"{value:.3g}"
