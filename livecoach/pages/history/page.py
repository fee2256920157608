"""The page of the history: its document, the plots of each exercise and profile, and one self-contained HTML file
without network access.
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
from livecoach.core.charts import template, tick_distance, wilson
from livecoach.core.documents.history import ExerciseTrend, HistoryDocument, PastSessionDocument, ShareDocument
from livecoach.core.language import percent
from livecoach.core.loads import NAME, in_unit
from livecoach.core.types import SpeedUnit
from livecoach.core.types.message import Message, capital, joined
from livecoach.decisions.judging.wording import fault_words
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.pages.addresses import served_report
from livecoach.pages.history import words
from livecoach.pages.history.figures import WEEK, earlier_days, exercise_trends, monday
from livecoach.pages.history.reading import Past
from livecoach.pages.history.words import is_estimated, shown_speed, speed_cell, speed_unit, speed_words
from livecoach.pages.plot import SIGNS, Figure, Plot, inline_script

SIZE, MARGINS = (400.0, 190.0), (42.0, 10.0, 8.0, 22.0)
MOST_TICKS = 5
MANY = 60  # With more sessions than this, points are faint and the line has a band; our choice
LEAST = 2  # Fewest days and points of a plot: what is of one day is no trend
MOST_FAULTS = 4
OLDEST = timedelta(weeks=520)  # Ten years; what is older is left out, as a single wrong date would squeeze all others
DAY_S = 86400.0
WEEKLY = "Dots: sessions; line: weeks."
INTERVALS = "The bar through a dot is its 95 % interval: a rate from few reps is uncertain."
BANDS = "Dots: sessions; line and band: weeks, with their 95 % interval."
SPREAD = "The bar through a dot holds the middle half of a session's reps."
S = TypeVar("S", bound=ShareDocument)
Told = tuple[float, str] | tuple[float, str, float, float]  # A session's value, its words, and the ends of its interval


@dataclass(frozen=True, slots=True)
class Series:
    name: str  # Empty for the only series
    told: Mapping[int, Told]  # Number of a session → what its dot shows
    line: Sequence[tuple[float, float]]  # Days and values of the line
    band: Sequence[tuple[float, float, float]] = ()  # Days, and the lower and upper edge of the band there


def plots(trend: ExerciseTrend, *, served: bool) -> list[Figure]:
    drawn = _SessionPlots(trend, served=served)
    units = sorted({one.speed.unit for one in trend.sessions if one.speed is not None})
    speeds = [drawn.speed(unit) for unit in units]
    every = [_weeks(trend), drawn.form(), drawn.faults(), drawn.to_depth(), drawn.depth(), drawn.volume_load()]
    return [one for one in (*every, *speeds) if one is not None]


def main_plot(trend: ExerciseTrend) -> Figure | None:
    """Return the plot that tells most, without links; None with a single day."""
    return _SessionPlots(trend, served=False).form() or _weeks(trend)


def _weeks(trend: ExerciseTrend) -> Figure | None:
    mondays = [date.fromisoformat(week.monday) for week in trend.weeks]
    shown = [(day, week) for day, week in zip(mondays, trend.weeks, strict=True) if mondays[-1] - day < OLDEST]
    if len(shown) < LEAST:
        return None
    first = shown[0][0]
    plot = axes(first, mondays[-1] + WEEK, [week.reps for _, week in shown], _plain, whole=True)
    for day, week in shown:
        did = joined(", ", words.reps(week.reps), words.sessions(week.sessions))
        tip, at = Message("week of {name}: {text}", name=week.monday, text=did), (day - first).days
        plot.column("bar", (at + 1, at + 6), (0, week.reps), tip)
    return Figure(title="Reps per week", svg=plot.svg("Reps in each calendar week"))


class _SessionPlots:
    def __init__(self, trend: ExerciseTrend, *, served: bool) -> None:
        self._trend, self._served = trend, served
        began = [datetime.fromisoformat(one.started) for one in trend.sessions]
        zone = began[-1].tzinfo  # one for all, so that a traveller's sessions are in order
        started = [at.astimezone(zone).replace(tzinfo=None) for at in began]
        shown = [n for n, at in enumerate(started) if started[-1] - at < OLDEST]
        self._sessions = [trend.sessions[n] for n in shown]
        self._started = [started[n] for n in shown]
        self._midnight = datetime.combine(self._started[0].date(), time())

    def _day(self, number: int) -> float:
        """Return when a session was, in days since the day of the first one."""
        return (self._started[number] - self._midnight).total_seconds() / DAY_S

    def _by_week(self, numbers: Iterable[int]) -> list[tuple[float, list[int]]]:
        """Return the sessions of each week, with their mean day."""
        weeks = [list(of) for _, of in groupby(numbers, lambda n: monday(self._started[n].date()))]
        return [(fmean(map(self._day, week)), week) for week in weeks]

    def _weekly(self, name: str, told: Mapping[int, Told]) -> Series:
        """Return a series with a line through the median of each week."""
        return Series(name, told, [(day, median(told[n][0] for n in week)) for day, week in self._by_week(told)])

    def form(self) -> Figure | None:
        return self._shares(
            capital("good reps"),
            "Share of judged reps that were good, by session",
            lambda one: one.form,
            lambda share: joined(": ", "good reps", words.of_judged(share)),
        )

    def to_depth(self) -> Figure | None:
        return self._shares(
            "Reps to depth", "Share of reps to depth, by session", lambda one: one.counts.to_depth, words.depth_count
        )

    def _shares(
        self,
        title: str,
        alt: str,
        of: Callable[[PastSessionDocument], S | None],
        said: Callable[[S], str],
    ) -> Figure | None:
        """Draw the share of some reps in each session, with its interval; of many, in each week."""
        shares = {n: share for n, one in enumerate(self._sessions) if (share := of(one)) is not None and share.of}
        many = len(shares) > MANY
        told: dict[int, Told] = {}
        for n, share in shares.items():
            value, text = share.value or 0.0, said(share)
            told[n] = (value, text) if many else (value, text, share.low, share.high)
        line, band = self._pooled({n: (share.hits, share.of) for n, share in shares.items()})
        series = Series("", told, line, band if many else ())
        return self._draw(
            [series], title, BANDS if many else joined(" ", WEEKLY, INTERVALS), alt, _percent, ends=(0.0, 1.0)
        )

    def _pooled(
        self, counts: Mapping[int, tuple[int, int]]
    ) -> tuple[list[tuple[float, float]], list[tuple[float, float, float]]]:
        """The share of all reps of a week, with its 95 % interval. counts: hits and reps of each session."""
        line, band = [], []
        for day, week in self._by_week(counts):
            hits, of = (sum(part) for part in zip(*(counts[n] for n in week), strict=True))
            line.append((day, hits / of))
            band.append((day, *wilson(hits, of)))
        return line, band

    def depth(self) -> Figure | None:
        unit, factor = language.shown_unit("cm")
        told = {
            n: (
                factor * depth.median_cm,
                joined(", ", words.depth(depth), words.reps(depth.reps)),
                factor * depth.low_cm,
                factor * depth.high_cm,
            )
            for n, one in enumerate(self._sessions)
            if (depth := one.depth) is not None
        }
        what = Message("Hip crease above the top of the knee, {text}: below 0 is deeper", text=unit)
        alt = Message("Height of the hip crease above the top of the knee by session, {text}", text=unit)
        return self._draw([self._weekly("", told)], "Depth", joined(" ", _note(what), SPREAD), alt, _plain)

    def volume_load(self) -> Figure | None:
        units = language.units()
        told = {
            n: (in_unit(load_kg, units), words.whole(load_kg))
            for n, one in enumerate(self._sessions)
            if (load_kg := one.volume_load_kg)
        }
        note = _note(Message("Load times reps, {text}", text=NAME[units]))
        alt = Message("Volume load by session, {text}", text=NAME[units])
        return self._draw(
            [self._weekly("", told)], "Volume load", note, alt, lambda value: Message("{n}", n=f"{value:,.0f}")
        )

    def speed(self, unit: SpeedUnit) -> Figure | None:
        told = {}
        for n, one in enumerate(self._sessions):
            if one.speed is not None and one.speed.unit == unit:
                lost = "" if one.speed.loss is None else Message("speed loss {text}", text=percent(one.speed.loss))
                told[n] = shown_speed(one.speed.mean, unit), joined(", ", speed_words(one.speed.mean, unit), lost)
        height = Message("{n} cm", n=f"{TYPICAL_HEIGHT_CM:.0f}")
        guessed = Message("estimated for a height of {text}", text=height) if is_estimated(unit) else ""
        note = _note(joined("; ", Message("Mean on the way up, {text}", text=speed_unit()), guessed))
        alt = Message("Mean speed on the way up by session, {text}", text=speed_unit())
        return self._draw([self._weekly("", told)], "Speed on the way up", note, alt, _plain)

    def faults(self) -> Figure | None:
        judged = {n: one for n, one in enumerate(self._sessions) if one.counts.alarms.of}
        names = [fault.name for fault in self._trend.faults[:MOST_FAULTS]]
        series = []
        for name in names:
            called = fault_words(name, self._trend.exercise)
            counts = {
                n: (min(one.faults.get(name, 0), of), of) for n, one in judged.items() if (of := one.checked[name])
            }
            told: dict[int, Told] = {
                n: (some / of, Message("{text} in {n} of {n2}", text=called, n=some, n2=of))
                for n, (some, of) in counts.items()
            }
            series.append(Series(called, {} if len(judged) > MANY else told, self._pooled(counts)[0]))
        note = _note("Share of the reps that could be checked, with each fault")
        all_of = len(self._trend.faults)
        more = Message("The {n} most common of {n2}; the table lists all.", n=len(names), n2=all_of)
        return self._draw(series, "Faults", joined(" ", note, more if all_of > len(names) else ""), "", _percent)

    def _draw(
        self,
        series: Sequence[Series],
        title: str,
        note: str,
        alt: str,
        label: Callable[[float], str],
        *,
        ends: Sequence[float] = (),
    ) -> Figure | None:
        """Draw series over the days; None with fewer than two of them.

        alt: text alternative; without one, the series are named. label: formats a value. ends: values that the y axis
        holds in any case.
        """
        shown = {n for one in series for n in one.told}
        if len({self._started[n].date() for n in shown}) < LEAST and not any(len(one.line) >= LEAST for one in series):
            return None
        values = [value for one in series for _, value in one.line] + [
            value for one in series for told in one.told.values() for value in (told[0], *told[2:])
        ]
        plot = axes(self._started[0].date(), self._started[-1].date() + timedelta(days=1), [*ends, *values], label)
        for number, one in enumerate(series):
            self._draw_series(plot, one, number)
        names = tuple(one.name for one in series if one.name)
        alt = alt or Message("{text} by session: {text2}", text=title, text2=joined(", ", *names))
        return Figure(title=title, svg=plot.svg(alt), note=note, names=names)

    def _draw_series(self, plot: Plot, series: Series, number: int) -> None:
        faint = len(series.told) > MANY
        plot.add('<g class="s{}{}">', number, " faint" if faint else "")
        plot.band("band", series.band)
        plot.line("line", series.line)
        for n, (value, said, *interval) in series.told.items():
            if interval:
                (x, low), (_, high) = (plot.at(self._day(n), end) for end in interval)
                plot.add('<path class="whisker" d="M{:.1f} {:.1f}V{:.1f}"/>', x, low, high)
            one = self._sessions[n]
            tip = Message("{name}: {text}", name=words.moment(one.started), text=said)
            link = served_report(one.name, self._trend.profile) if self._served else None
            plot.dot((self._day(n), value), SIGNS[number % len(SIGNS)], 2.0 if faint else 3.6, tip, link)
        plot.add("</g>")


def axes(
    first: date, end: date, values: Sequence[float], label: Callable[[float], str], *, whole: bool = False
) -> Plot:
    """Return a plot over the days from `first` to before `end` with its axes, the y axis from tick to tick around the
    values and zero.

    whole: values are counts, so ticks are whole numbers.
    """
    low, high = min(*values, 0.0), max(*values, 0.0)
    step = max(tick_distance(high - low or 1.0, MOST_TICKS), 1.0 if whole else 0.0)
    lowest, highest = round(low // step), max(round(-(-high // step)), 1)
    days = (end - first).days
    plot = Plot((-0.03 * days, 1.03 * days), (lowest * step, highest * step), size=SIZE, margins=MARGINS)
    plot.ticks([(number * step, label(number * step)) for number in range(lowest, highest + 1)], grid=True)
    middle, last = first + timedelta(days=days // 2), end - timedelta(days=1)
    plot.names(first.isoformat(), middle.isoformat() if first < middle < last else "", last.isoformat())
    return plot


def _note(what: str) -> str:
    return joined(" ", Message("{text}.", text=what), WEEKLY)


def _percent(value: float) -> Message:
    return Message("{n} %", n=f"{100 * value:.3g}")


def _plain(value: float) -> Message:
    return Message("{n}", n=f"{value:.3g}")


TEMPLATE = Path(__file__).with_name("page.html.j2")
BESTS = 16  # Most personal bests to list; the JSON has all. Our choice.
OPEN = 12  # Most sessions whose table is expanded initially; our choice


def render_page(
    document: HistoryDocument,
    *,
    served: bool = False,
    home: str = "",
    people: Mapping[str, str] = MappingProxyType({}),
    whose: str | None = None,
) -> str:
    """Return the HTML.

    served: links the reports. home: link to the served home page; empty without one. people: lifter, or NO_PROFILE →
    link to the page of that lifter alone. whose: the lifter of this page; None for everybody.
    """
    return template(TEMPLATE).render(
        served=served,
        script=inline_script(),
        home=home,
        people=people,
        whose=whose,
        document=document,
        plots=plots,
        words=words,
        fault_words=fault_words,
        report=served_report,
        open=OPEN,
        bests=BESTS,
        percent=percent,
        speed_cell=speed_cell,
        speed_unit=speed_unit(),
    )


def history_document(
    past: Past, today: date, *, exercise: str | None = None, profile: str | None = None, since: date | None = None
) -> HistoryDocument:
    """Return the figures of sessions, all or those of an exercise, of a profile (NO_PROFILE: of none) and from a day
    on."""
    chosen = [one for one in past.of(exercise, profile) if since is None or one.day >= since]
    return HistoryDocument(
        today=today.isoformat(),
        since=None if since is None else since.isoformat(),
        courses=tuple(
            replace(trend, earlier=earlier_days(past.earlier.get(trend.profile, ()), trend.exercise, since))
            for trend in exercise_trends(chosen)
        ),
        notes=tuple(past.notes),
    )
