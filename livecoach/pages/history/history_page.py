"""Makes the page of the history: the document, the plots of each exercise and profile, and the HTML.

The HTML is a single file that loads nothing from a network.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from statistics import fmean, median
from types import MappingProxyType
from typing import TypeVar

from livecoach.core import language
from livecoach.core.charts import load_template, tick_spacing, wilson_interval
from livecoach.core.documents.history import (
    EarlierDayDocument,
    ExerciseTrend,
    HistoryDocument,
    PastSessionDocument,
    ShareDocument,
)
from livecoach.core.language import format_percent
from livecoach.core.loads import UNIT, from_kg, to_kg
from livecoach.core.types import SpeedUnit
from livecoach.core.types.message import Message, capitalise, join_texts
from livecoach.decisions.judging.wording import fault_words
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.pages.addresses import report_link
from livecoach.pages.history import history_words as words
from livecoach.pages.history.history_figures import WEEK, earlier_days, exercise_trends, monday
from livecoach.pages.history.reading import Past
from livecoach.pages.plot import SIGNS, Figure, Plot, inline_script

SIZE, MARGINS = (400.0, 190.0), (52.0, 10.0, 8.0, 22.0)  # Size and margins of a plot, in units of the viewBox
MOST_TICKS = 5  # Most ticks of the y axis
MANY = 60  # Number of sessions from which dots are faint and the line has a band. Our choice.
LEAST = 2  # Fewest days of a plot: a single day is no trend
MOST_FAULTS = 4  # Most faults in a plot
OLDEST = timedelta(weeks=520)  # Ten years. Older sessions are left out, since a wrong date would squeeze a plot.
DAY_S = 86400.0
WEEKLY = "Dots: sessions; line: weeks."
INTERVALS = "The bar through a dot is its 95 % interval: a rate from few reps is uncertain."
BANDS = "Dots: sessions; line and band: weeks, with their 95 % interval."
SPREAD = "The bar through a dot holds the middle half of a session's reps."
S = TypeVar("S", bound=ShareDocument)
Dot = tuple[float, str] | tuple[float, str, float, float]  # Value of a session, its text, and the ends of its interval


@dataclass(frozen=True, slots=True)
class Series:
    """A series of values in a plot: a dot for each session, a line and a band."""

    name: str  # Empty for the only series
    dots: Mapping[int, Dot]  # Dot of each session, by the number of the session
    line: Sequence[tuple[float, float]]  # Days and values of the line
    values: Sequence[float]  # Value of each session, oldest first
    band: Sequence[tuple[float, float, float]] = ()  # Days, and the lower and upper edge of the band there


def draw_trend(trend: ExerciseTrend, *, served: bool) -> list[Figure]:
    """Draw the plots of a lifter's trend in an exercise. Plots with too little data are left out.

    The trend has at least one session. If `served`, dots link to the reports, which only a served page can do.
    """
    drawn = _SessionPlots(trend, served=served)
    units = sorted({session.speed.unit for session in trend.sessions if session.speed is not None})
    at_load = drawn.draw_speed_at_load()
    speeds = [drawn.draw_speed(unit) for unit in units] if at_load is None else [at_load]
    of_form = [drawn.draw_form(), drawn.draw_faults(), drawn.draw_to_depth(), drawn.draw_depth()]
    every = [*of_form, drawn.draw_load(), drawn.draw_one_rep_max(), *speeds, drawn.draw_volume_load(), _weeks(trend)]
    return [figure for figure in every if figure is not None]


def _weeks(trend: ExerciseTrend) -> Figure | None:
    mondays = [date.fromisoformat(week.monday) for week in trend.weeks]
    shown = [(day, week) for day, week in zip(mondays, trend.weeks, strict=True) if mondays[-1] - day < OLDEST]
    if len(shown) < LEAST:
        return None
    first = shown[0][0]
    plot = make_dated_plot(first, mondays[-1] + WEEK, [week.reps for _, week in shown], _plain, whole=True)
    for day, week in shown:
        did = join_texts(", ", words.reps(week.reps), words.sessions(week.sessions))
        tip, at = Message("week of {name}: {text}", name=week.monday, text=did), (day - first).days
        plot.draw_column("bar", (at + 1, at + 6), (0, week.reps), tip)
    return Figure(title="Reps per week", svg=plot.svg("Reps in each calendar week"))


class _SessionPlots:
    def __init__(self, trend: ExerciseTrend, *, served: bool) -> None:
        self._trend, self._served = trend, served
        began = [datetime.fromisoformat(session.started) for session in trend.sessions]
        zone = began[-1].tzinfo  # a single time zone, so that the sessions of a traveller are in order
        started = [at.astimezone(zone).replace(tzinfo=None) for at in began]
        shown = [n for n, at in enumerate(started) if started[-1] - at < OLDEST]
        self._sessions = [trend.sessions[n] for n in shown]
        self._started = [started[n] for n in shown]
        self._midnight = datetime.combine(self._started[0].date(), time())

    def _day(self, number: int) -> float:
        """Return the time of a session in days since the day of the first session."""
        return (self._started[number] - self._midnight).total_seconds() / DAY_S

    def _by_week(self, numbers: Iterable[int]) -> list[tuple[float, list[int]]]:
        """Return the sessions of each week, with their mean day."""
        weeks = [list(of) for _, of in groupby(numbers, lambda n: monday(self._started[n].date()))]
        return [(fmean(map(self._day, week)), week) for week in weeks]

    def _weekly(self, dots: Mapping[int, Dot]) -> Series:
        line = [(day, median(dots[n][0] for n in week)) for day, week in self._by_week(dots)]
        return Series("", dots, line, [dot[0] for dot in dots.values()])

    def draw_form(self) -> Figure | None:
        """Draw the share of judged reps that were good, by session; return None unless two days have data."""
        return self._shares(
            capitalise("good reps"),
            "Share of judged reps that were good, by session",
            lambda session: session.form,
            lambda share: join_texts(": ", "good reps", words.judged_share_words(share)),
        )

    def draw_to_depth(self) -> Figure | None:
        """Draw the share of reps to depth, by session; return None unless two days have data."""
        return self._shares(
            "Reps to depth",
            "Share of reps to depth, by session",
            lambda session: session.counts.to_depth,
            words.depth_count_words,
        )

    def _shares(
        self, title: str, alt: str, of: Callable[[PastSessionDocument], S | None], describe: Callable[[S], str]
    ) -> Figure | None:
        """Draw the share that `of` returns for each session, with its interval. For None, the session is left out."""
        shares = {
            n: share for n, session in enumerate(self._sessions) if (share := of(session)) is not None and share.of
        }
        many = len(shares) > MANY
        dots: dict[int, Dot] = {}
        for n, share in shares.items():
            value, text = share.value or 0.0, describe(share)
            dots[n] = (value, text) if many else (value, text, share.low, share.high)
        line, band = self._pooled({n: (share.hits, share.of) for n, share in shares.items()})
        series = Series("", dots, line, [dot[0] for dot in dots.values()], band if many else ())
        note = BANDS if many else join_texts(" ", WEEKLY, INTERVALS)
        return self._draw([series], title, note, alt, _percent, format_percent, ends=(0.0, 1.0))

    def _pooled(
        self, counts: Mapping[int, tuple[int, int]]
    ) -> tuple[list[tuple[float, float]], list[tuple[float, float, float]]]:
        """Return a line of weekly shares, and a band of their 95 % intervals, from hits and reps of each session."""
        line, band = [], []
        for day, week in self._by_week(counts):
            hits, of = (sum(part) for part in zip(*(counts[n] for n in week), strict=True))
            line.append((day, hits / of))
            band.append((day, *wilson_interval(hits, of)))
        return line, band

    def draw_depth(self) -> Figure | None:
        """Draw the hip crease's height above the top of the knee, by session; return None unless two days have data."""
        unit, factor = language.display_unit("cm")
        dots = {
            n: (
                factor * depth.median_cm,
                join_texts(", ", words.depth_words(depth), words.reps(depth.reps)),
                factor * depth.low_cm,
                factor * depth.high_cm,
            )
            for n, session in enumerate(self._sessions)
            if (depth := session.depth) is not None
        }
        what = Message("Hip crease above the top of the knee, {text}: below 0 is deeper", text=unit)
        alt = Message("Height of the hip crease above the top of the knee by session, {text}", text=unit)
        length = "{n} in" if unit == "in" else "{n} cm"
        return self._draw(
            [self._weekly(dots)],
            "Depth",
            join_texts(" ", _note(what), SPREAD),
            alt,
            _plain,
            lambda value: Message(length, n=f"{value:.0f}"),
        )

    def draw_load(self) -> Figure | None:
        heaviest = {n: [log.load_kg for log in of.sets if log.load_kg] for n, of in enumerate(self._sessions)}
        dots = {n: (max(loads_kg), words.load(max(loads_kg))) for n, loads_kg in heaviest.items() if loads_kg}
        return self._loads(dots, "Heaviest load", "Heaviest load of a session, {text}")

    def draw_one_rep_max(self) -> Figure | None:
        known = {n: most_kg for n, session in enumerate(self._sessions) if (most_kg := session.one_rep_max_kg)}
        dots = {n: (most_kg, words.rounded_load_words(most_kg)) for n, most_kg in known.items()}
        note = "Estimated by load and reps of the session's best set, {text}"
        return self._loads(dots, capitalise("estimated 1RM"), note)

    def draw_volume_load(self) -> Figure | None:
        known = {n: load_kg for n, session in enumerate(self._sessions) if (load_kg := session.volume_load_kg)}
        dots = {n: (load_kg, words.rounded_load_words(load_kg)) for n, load_kg in known.items()}
        return self._loads(dots, "Volume load", "Load times reps, {text}")

    def _loads(self, dots_kg: Mapping[int, tuple[float, str]], title: str, note: str) -> Figure | None:
        """Draw loads, converted from kilograms to the shown unit. The name of the unit replaces {text} in `note`."""
        units = language.unit_system()
        dots = {n: (from_kg(load_kg, units), text) for n, (load_kg, text) in dots_kg.items()}
        what = Message(note, text=UNIT[units])
        return self._draw(
            [self._weekly(dots)],
            title,
            _note(what),
            what,
            lambda value: Message("{n}", n=f"{value:,.0f}"),
            lambda value: words.rounded_load_words(to_kg(value, units)),
        )

    def draw_speed(self, unit: SpeedUnit) -> Figure | None:
        """Draw the typical speed of each session with speeds in a unit; return None without data on two days."""
        dots = {}
        for n, session in enumerate(self._sessions):
            if (speed := session.speed) is not None and speed.unit == unit:
                lost = "" if speed.loss is None else Message("speed loss {text}", text=format_percent(speed.loss))
                tip = join_texts(", ", words.speed_words(speed.median, unit), lost)
                dots[n] = words.convert_speed(speed.median, unit), tip
        return self._speeds(dots, unit, "Speed on the way up", "Typical speed on the way up, {text}")

    def draw_speed_at_load(self) -> Figure | None:
        """Draw each session's fastest speed at the most common load; return None without data on two days."""
        speeds: dict[tuple[float, SpeedUnit], dict[int, float]] = {}
        for n, session in enumerate(self._sessions):
            for log in session.sets:
                if log.load_kg is not None and log.speed is not None and log.speed_unit is not None:
                    of_load = speeds.setdefault((log.load_kg, log.speed_unit), {})
                    of_load[n] = max(of_load.get(n, 0.0), log.speed)
        if not speeds:
            return None
        (load_kg, unit), fastest = max(speeds.items(), key=lambda item: (len(item[1]), item[0]))
        dots = {n: (words.convert_speed(speed, unit), words.speed_words(speed, unit)) for n, speed in fastest.items()}
        title = Message("Speed at {text}", text=words.load(load_kg))
        return self._speeds(dots, unit, title, "Fastest rep of a session, {text}")

    def _speeds(self, dots: Mapping[int, Dot], unit: SpeedUnit, title: str, note: str) -> Figure | None:
        """Draw speeds that were measured in `unit`. The unit in which they are shown replaces {text} in `note`."""
        height = Message("{n} cm", n=f"{TYPICAL_HEIGHT_CM:.0f}")
        guessed = Message("estimated for a height of {text}", text=height) if words.is_estimated(unit) else ""
        what = join_texts("; ", Message(note, text=words.speed_unit()), guessed)
        return self._draw([self._weekly(dots)], title, _note(what), what, _plain, _speed)

    def draw_faults(self) -> Figure | None:
        """Draw the share of reps with each of the most common faults; return None without data on two days."""
        judged = {n: session for n, session in enumerate(self._sessions) if session.counts.alarms.of}
        names = [fault.name for fault in self._trend.faults[:MOST_FAULTS]]
        series = []
        for name in names:
            called = fault_words(name, self._trend.exercise)
            counts = {
                n: (min(session.faults.get(name, 0), of), of)
                for n, session in judged.items()
                if (of := session.checked[name])
            }
            dots: dict[int, Dot] = {
                n: (some / of, Message("{text} in {n} of {n2}", text=called, n=some, n2=of))
                for n, (some, of) in counts.items()
            }
            shares = [dot[0] for dot in dots.values()]
            series.append(Series(called, {} if len(judged) > MANY else dots, self._pooled(counts)[0], shares))
        note = _note("Share of the reps that could be checked, with each fault")
        all_of = len(self._trend.faults)
        more = Message("The {n} most common of {n2}; the table lists all.", n=len(names), n2=all_of)
        return self._draw(
            series, "Faults", join_texts(" ", note, more if all_of > len(names) else ""), "", _percent, format_percent
        )

    def _draw(
        self,
        all_series: Sequence[Series],
        title: str,
        note: str,
        alt: str,
        label: Callable[[float], str],
        shown: Callable[[float], str],
        *,
        ends: Sequence[float] = (),
    ) -> Figure | None:
        """Draw series; None with fewer than two days. An empty `alt` lists the series; the y axis reaches to `ends`."""
        drawn = {n for series in all_series for n in series.dots}
        if len({self._started[n].date() for n in drawn}) < LEAST and not any(
            len(series.line) >= LEAST for series in all_series
        ):
            return None
        values = [value for series in all_series for _, value in series.line] + [
            value for series in all_series for dot in series.dots.values() for value in (dot[0], *dot[2:])
        ]
        plot = make_dated_plot(
            self._started[0].date(), self._started[-1].date() + timedelta(days=1), [*ends, *values], label
        )
        for number, series in enumerate(all_series):
            self._draw_series(plot, series, number)
        names = tuple(series.name for series in all_series if series.name)
        alt = alt or Message("{text} by session: {text2}", text=title, text2=join_texts(", ", *names))
        sentences = [
            join_texts(": ", series.name and capitalise(series.name), words.change_words(series.values, shown))
            for series in all_series
        ]
        return Figure(title=title, svg=plot.svg(alt), note=note, names=names, sentence=join_texts(" ", *sentences))

    def _draw_series(self, plot: Plot, series: Series, number: int) -> None:
        faint = len(series.dots) > MANY
        plot.add('<g class="s{}{}">', number, " faint" if faint else "")
        plot.draw_band(series.band)
        plot.draw_line("line", series.line)
        for n, (value, text, *interval) in series.dots.items():
            if interval:
                (x, low), (_, high) = (plot.place_of(self._day(n), end) for end in interval)
                plot.add('<path class="whisker" d="M{:.1f} {:.1f}V{:.1f}"/>', x, low, high)
            session = self._sessions[n]
            tip = Message("{name}: {text}", name=words.start_words(session.started), text=text)
            link = report_link(session.name, self._trend.profile) if self._served else None
            plot.draw_dot((self._day(n), value), SIGNS[number % len(SIGNS)], 2.0 if faint else 3.6, tip, link)
        plot.add("</g>")


def make_dated_plot(
    first: date, end: date, values: Sequence[float], label: Callable[[float], str], *, whole: bool = False
) -> Plot:
    """Return a plot with labelled axes and no data. Its x axis has days, counted from 0 for the first day.

    Args:
        end: Day after the last day.
        values: Values to draw. The y axis reaches from a tick to a tick, and includes zero and all values.
        label: Formats a value of the y axis.
        whole: Whether the values are counts, so that ticks are whole numbers.
    """
    low, high = min(*values, 0.0), max(*values, 0.0)
    step = max(tick_spacing(high - low or 1.0, MOST_TICKS), 1.0 if whole else 0.0)
    lowest, highest = round(low // step), max(round(-(-high // step)), 1)
    days = (end - first).days
    plot = Plot((-0.03 * days, 1.03 * days), (lowest * step, highest * step), size=SIZE, margins=MARGINS)
    plot.label_ticks([(number * step, label(number * step)) for number in range(lowest, highest + 1)], grid=True)
    middle, last = first + timedelta(days=days // 2), end - timedelta(days=1)
    plot.label_x_axis(first.isoformat(), middle.isoformat() if first < middle < last else "", last.isoformat())
    return plot


def _note(what: str) -> str:
    return join_texts(" ", Message("{text}.", text=what), WEEKLY)


def _percent(value: float) -> Message:
    return Message("{n} %", n=f"{100 * value:.3g}")


def _speed(value: float) -> Message:
    return Message(words.WITH_UNIT[words.speed_unit()], n=f"{value:.2f}")


def _plain(value: float) -> Message:
    return Message("{n}", n=f"{value:.3g}")


TEMPLATE = Path(__file__).with_name("page.html.j2")
BESTS = 16  # Most personal bests in the list; the JSON document contains all. Our choice.
OPEN = 12  # Most sessions in a table that is expanded at first. Our choice.


def render_history(
    document: HistoryDocument,
    *,
    served: bool = False,
    at_home: bool = False,
    people: Mapping[str, str] = MappingProxyType({}),
    lifter: str | None = None,
    trends: Mapping[tuple[str, str], str] = MappingProxyType({}),
    logged: Mapping[tuple[str, str], Sequence[EarlierDayDocument]] = MappingProxyType({}),
) -> str:
    """Return the page of a history as HTML.

    Args:
        served: Whether the page is served, with links to the reports.
        at_home: Whether `livecoach home` serves the page, with the links to its other pages.
        people: Links to the pages of single lifters, by profile or NO_PROFILE.
        lifter: Profile or NO_PROFILE of the only lifter on this page; None for everybody.
        trends: Links to pages of a single exercise and lifter, by exercise and profile or NO_PROFILE.
        logged: Days of an imported log, by exercise and profile, for exercises without a session.
    """
    return load_template(TEMPLATE).render(
        served=served,
        script=inline_script(),
        at_home=at_home,
        people=people,
        lifter=lifter,
        trends=trends,
        logged=logged,
        document=document,
        draw_trend=draw_trend,
        words=words,
        fault_words=fault_words,
        report=report_link,
        open=OPEN,
        bests=BESTS,
        percent=format_percent,
        speed_cell=words.speed_cell,
        speed_unit=words.speed_unit(),
    )


def history_document(
    past: Past, today: date, *, exercise: str | None = None, profile: str | None = None, since: date | None = None
) -> HistoryDocument:
    """Return the figures of recorded sessions, by exercise and lifter.

    Args:
        exercise: Only exercise to include; None for all exercises.
        profile: Profile of the only lifter to include, or NO_PROFILE; None for all lifters.
        since: First day to include; None for all days.
    """
    chosen = [part for part in past.select_parts(exercise, profile) if since is None or part.day >= since]
    return HistoryDocument(
        today=today.isoformat(),
        since=None if since is None else since.isoformat(),
        courses=tuple(
            replace(trend, earlier=earlier_days(past.earlier.get(trend.profile or "", ()), trend.exercise, since))
            for trend in exercise_trends(chosen)
        ),
        notes=tuple(past.notes),
    )
