"""The page of the history: its document, the plots of each exercise and profile, and one self-contained HTML file
without network access.
"""

from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import TypeVar

from livecoach.core import language
from livecoach.core.charts import template, tick_distance, wilson
from livecoach.core.documents import ExerciseTrend, HistoryDocument, PastSessionDocument, ShareDocument
from livecoach.core.language import percent
from livecoach.core.loads import NAME, in_unit
from livecoach.core.types import SpeedUnit
from livecoach.core.types.message import Message, capital, joined
from livecoach.decisions.judging.wording import fault_words
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.pages.addresses import Opens, served_report
from livecoach.pages.history import words
from livecoach.pages.history.figures import WEEK, exercise_trends
from livecoach.pages.history.reading import Past
from livecoach.pages.history.words import is_estimated, shown_speed, speed_cell, speed_unit, speed_words
from livecoach.pages.plot import SIGNS, Figure, Plot, inline_script
from livecoach.records.session.opening import NO_PROFILE

SIZE, MARGINS = (400.0, 190.0), (42.0, 10.0, 8.0, 22.0)
WIDEST = 28.0  # Greatest width of a column
MOST_TICKS = 5
MANY = 60  # With more sessions than this, points are faint and the running line stands out; our choice
OVER, PARTS_OF_LINE = 10, 20
"""Window of the running line: at least OVER sessions, or the number of sessions over PARTS_OF_LINE; our choice."""
LEAST = 2  # Fewest points of a plot: a single dot shows no trend
MOST_FAULTS = 4
MOST_WEEKS = 520  # Ten years; older weeks are left out, as a single wrong date would squeeze all others together
PARTS = {"way down": "eccentric_s", "hold": "pause_s", "way up": "concentric_s"}
"""Part of a rep → field of a session's tempo."""
INTERVALS = "The bar through a dot is its 95 % interval: a rate from few reps is uncertain."
POOLED = "Line and band: {n} sessions pooled, with their 95 % interval. Dots: single sessions."
SPREAD = "The bar through a dot holds the middle half of a session's reps."
S = TypeVar("S", bound=ShareDocument)
Told = tuple[float, str] | tuple[float, str, float, float]  # A session's value, its words, and the ends of its interval


@dataclass(frozen=True, slots=True)
class Series:
    name: str  # Empty for the only series
    told: Mapping[int, Told]  # Number of a session → what its dot shows
    line: Sequence[tuple[float, float]]  # Positions and values of the line
    band: Sequence[tuple[float, float, float]] = ()  # Positions, and the lower and upper edge of the band there


def plots(trend: ExerciseTrend, opens: Opens) -> list[Figure]:
    if len(trend.sessions) < LEAST:
        return []
    drawn = _SessionPlots(trend, opens)
    units = sorted({one.speed.unit for one in trend.sessions if one.speed is not None})
    speeds = [drawn.speed(unit) for unit in units]
    every = [_weeks(trend), drawn.form(), drawn.faults(), drawn.to_depth(), drawn.depth(), drawn.volume_load()]
    return [one for one in (*every, *speeds, drawn.tempo()) if one is not None]


def _weeks(trend: ExerciseTrend) -> Figure | None:
    if len(trend.weeks) < LEAST:
        return None
    last = date.fromisoformat(trend.weeks[-1].monday)
    at = {week: (date.fromisoformat(week.monday) - last) // WEEK for week in trend.weeks}
    shown = [week for week in trend.weeks if at[week] > -MOST_WEEKS]
    count = 1 - at[shown[0]]
    days = [(last + (number + 1 - count) * WEEK).isoformat() for number in range(count)]
    plot = axes(days, [week.reps for week in shown], _plain, whole=True)
    half = min(0.4, WIDEST / 2 * count / (plot.right - plot.left))
    for week in shown:
        did = joined(", ", words.reps(week.reps), words.sessions(week.sessions))
        tip, number = Message("week of {name}: {text}", name=week.monday, text=did), at[week] + count - 1
        plot.column("bar", (number - half, number + half), (0, week.reps), tip)
    return Figure(title="Reps per week", svg=plot.svg("Reps in each calendar week"))


class _SessionPlots:
    def __init__(self, trend: ExerciseTrend, opens: Opens) -> None:
        self._trend, self._opens = trend, opens

    def form(self) -> Figure | None:
        return self._shares(
            capital("within your form"),
            "Share of judged reps within your own form, by session",
            lambda one: one.form,
            lambda share: joined(": ", "within your form", words.of(share)),
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
        """Draw the share of some reps in each session, with its interval; of many, pooled over several."""
        shares = {n: share for n, one in enumerate(self._trend.sessions) if (share := of(one)) is not None and share.of}
        many = len(shares) > MANY
        told: dict[int, Told] = {}
        for n, share in shares.items():
            likely = words.likely(words.percent(share.low), words.percent(share.high))
            value, text = share.value or 0.0, joined(", ", said(share), likely)
            told[n] = (value, text) if many else (value, text, share.low, share.high)
        pooled = _pooled([(n, share.hits, share.of) for n, share in shares.items()]) if many else []
        series = Series("", told, [one[:2] for one in pooled], [(at, low, high) for at, _, low, high in pooled])
        note = Message(POOLED, n=_over(shares)) if many else INTERVALS
        return self._draw([series], title, note, alt, _percent, ends=(0.0, 1.0))

    def depth(self) -> Figure | None:
        unit, factor = language.shown_unit("cm")
        told = {
            n: (
                factor * depth.median_cm,
                joined(", ", words.depth(depth), words.reps(depth.reps)),
                factor * depth.low_cm,
                factor * depth.high_cm,
            )
            for n, one in enumerate(self._trend.sessions)
            if (depth := one.depth) is not None
        }
        what = Message("Hip crease above the top of the knee, {text}: below 0 is deeper", text=unit)
        alt = Message("Height of the hip crease above the top of the knee by session, {text}", text=unit)
        return self._draw([_with_median("", told)], "Depth", joined(" ", _note(what, told), SPREAD), alt, _plain)

    def volume_load(self) -> Figure | None:
        units = language.units()
        told = {
            n: (in_unit(load_kg, units), words.whole(load_kg))
            for n, one in enumerate(self._trend.sessions)
            if (load_kg := one.volume_load_kg)
        }
        note = _note(Message("Load times reps, {text}", text=NAME[units]), told)
        alt = Message("Volume load by session, {text}", text=NAME[units])
        return self._draw(
            [_with_median("", told)], "Volume load", note, alt, lambda value: Message("{n}", n=f"{value:,.0f}")
        )

    def speed(self, unit: SpeedUnit) -> Figure | None:
        told = {}
        for n, one in enumerate(self._trend.sessions):
            if one.speed is not None and one.speed.unit == unit:
                lost = "" if one.speed.loss is None else Message("{text} lost", text=percent(one.speed.loss))
                told[n] = shown_speed(one.speed.mean, unit), joined(", ", speed_words(one.speed.mean, unit), lost)
        height = Message("{n} cm", n=f"{TYPICAL_HEIGHT_CM:.0f}")
        guessed = Message("estimated for a height of {text}", text=height) if is_estimated(unit) else ""
        note = _note(joined("; ", Message("Mean on the way up, {text}", text=speed_unit()), guessed), told)
        alt = Message("Mean speed on the way up by session, {text}", text=speed_unit())
        return self._draw([_with_median("", told)], "Speed on the way up", note, alt, _plain)

    def faults(self) -> Figure | None:
        judged = {n: one for n, one in enumerate(self._trend.sessions) if one.counts.alarms.of}
        names = [fault.name for fault in self._trend.faults[:MOST_FAULTS]]
        series = []
        for name in names:
            called = fault_words(name, self._trend.exercise)
            counts = [(n, one.faults.get(name, 0), of) for n, one in judged.items() if (of := one.checked[name])]
            if len(judged) > MANY:
                series.append(Series(called, {}, [one[:2] for one in _pooled(counts)]))
                continue
            told = {
                n: (some / of, Message("{text} in {n} of {n2}", text=called, n=some, n2=of)) for n, some, of in counts
            }
            series.append(Series(called, told, _through(told)))
        pooled = Message("Share of judged reps with each fault, {n} sessions pooled.", n=_over(judged))
        note = pooled if len(judged) > MANY else Message("Share of judged reps with each fault.")
        all_of = len(self._trend.faults)
        more = Message("The {n} most common of {n2}; the table lists all.", n=len(names), n2=all_of)
        return self._draw(series, "Faults", joined(" ", note, more if all_of > len(names) else ""), "", _percent)

    def tempo(self) -> Figure | None:
        known = {n: one.tempo for n, one in enumerate(self._trend.sessions) if one.tempo is not None}
        series = []
        for part, field in PARTS.items():
            lasts_s = {n: float(getattr(tempo, field)) for n, tempo in known.items()}
            told = {n: (s, joined(" ", part, Message("{n} s", n=f"{s:.2f}"))) for n, s in lasts_s.items()}
            series.append(_with_median(part, told))
        return self._draw(series, "Tempo", _note("Seconds, median of a session's reps", known), "", _plain)

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
        """Draw series over the sessions; None with fewer than two sessions.

        alt: text alternative; without one, the series are named. label: formats a value. ends: values that the y axis
        holds in any case.
        """
        if not series or max(len(one.told) + len(one.line) for one in series) < LEAST:
            return None
        values = [value for one in series for _, value in one.line] + [
            value for one in series for told in one.told.values() for value in (told[0], *told[2:])
        ]
        days = [one.started[:10] for one in self._trend.sessions]
        plot = axes(days, [*ends, *values], label)
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
                (x, low), (_, high) = (plot.at(n, end) for end in interval)
                plot.add('<path class="whisker" d="M{:.1f} {:.1f}V{:.1f}"/>', x, low, high)
            one = self._trend.sessions[n]
            command = f"livecoach report {one.name}"
            tip = Message("{name}: {text} ({name2})", name=words.moment(one.started), text=said, name2=command)
            opens = self._opens(one.name, self._trend.profile)
            plot.dot((n, value), SIGNS[number % len(SIGNS)], 2.0 if faint else 3.6, tip, opens)
        plot.add("</g>")


def axes(days: Sequence[str], values: Sequence[float], label: Callable[[float], str], *, whole: bool = False) -> Plot:
    """Return a plot with its axes, the y axis from tick to tick around the values and zero.

    days: of each position. whole: values are counts, so ticks are whole numbers.
    """
    low, high = min(*values, 0.0), max(*values, 0.0)
    step = max(tick_distance(high - low or 1.0, MOST_TICKS), 1.0 if whole else 0.0)
    first, last = round(low // step), max(round(-(-high // step)), 1)
    plot = Plot((-0.5, len(days) - 0.5), (first * step, last * step), size=SIZE, margins=MARGINS)
    plot.ticks([(number * step, label(number * step)) for number in range(first, last + 1)], grid=True)
    plot.names(days[0], days[(len(days) - 1) // 2] if len(days) > 2 else "", days[-1])
    return plot


def _over(sessions: Sized) -> int:
    return max(OVER, len(sessions) // PARTS_OF_LINE)


def _pooled(known: Sequence[tuple[int, int, int]]) -> list[tuple[float, float, float, float]]:
    """Return position, proportion and 95 % interval, each pooled over the preceding window of sessions.

    known: position, hits and number of reps of each session.
    """
    proportions, over = [], _over(known)
    for end in range(min(over, len(known)), len(known) + 1):
        part = known[max(end - over, 0) : end]
        some, of = sum(hits for _, hits, _ in part), sum(count for _, _, count in part)
        proportions.append((float(known[end - 1][0]), min(some, of) / of, *wilson(min(some, of), of)))
    return proportions


def _with_median(name: str, told: Mapping[int, Told]) -> Series:
    """Return a series with its running median; with too few sessions for one, a named series has a line through all."""
    at, over = list(told), _over(told)
    line = [(at[end - 1], median(told[n][0] for n in at[end - over : end])) for end in range(over, len(at) + 1)]
    return Series(name, told, line or (_through(told) if name else []))


def _through(told: Mapping[int, Told]) -> list[tuple[float, float]]:
    return [(n, one[0]) for n, one in told.items()]


def _note(what: str, told: Sized) -> Message:
    """Return a note on a plot, and on its line if it has one."""
    line = Message("the line is the median of {n} sessions", n=_over(told)) if len(told) > OVER else ""
    return Message("{text}.", text=joined("; ", what, line))


def _percent(value: float) -> Message:
    return Message("{n} %", n=f"{100 * value:.3g}")


def _plain(value: float) -> Message:
    return Message("{n}", n=f"{value:.3g}")


TEMPLATE = Path(__file__).with_name("page.html.j2")
BESTS = 16  # Most personal bests to list; the JSON has all. Our choice.
OPEN = 12  # Most sessions whose table is expanded initially; our choice


def render_page(document: HistoryDocument, opens: Opens | None, home: str = "") -> str:
    """Return the HTML.

    opens: links the reports beside the page; None for a served page, which links all. home: link to the served home
    page; empty without one.
    """
    served, opens = opens is None, opens or served_report
    sections = [_section(number, trend, opens) for number, trend in enumerate(document.courses)]
    return template(TEMPLATE).render(
        served=served,
        script=inline_script(),
        home=home,
        document=document,
        courses=sections,
        words=words,
        fault_words=fault_words,
        opens=opens,
        open=OPEN,
        bests=BESTS,
        percent=percent,
        speed_cell=speed_cell,
        speed_unit=speed_unit(),
    )


def _section(number: int, trend: ExerciseTrend, opens: Opens) -> dict[str, object]:
    return {
        "id": f"c{number}",
        "title": capital(words.title(trend)),
        "of": trend,
        "plots": plots(trend, opens),
        "volume_load": words.volume_loads(trend)[0],
        "heaviest": words.volume_loads(trend)[1],
        "estimates": any(one.speed is not None and is_estimated(one.speed.unit) for one in trend.sessions),
        "loss": any(one.speed is not None and one.speed.loss is not None for one in trend.sessions),
    }


def history_document(
    past: Past, today: date, *, exercise: str | None = None, profile: str | None = None, since: date | None = None
) -> HistoryDocument:
    """Return the figures of sessions, all or those of an exercise, of a profile (NO_PROFILE: of none) and from a day
    on."""
    chosen = (
        one
        for one in past.parts
        if exercise in {None, one.exercise}
        and profile in {None, one.profile or NO_PROFILE}
        and (since is None or one.day >= since)
    )
    return HistoryDocument(
        today=today.isoformat(),
        since=None if since is None else since.isoformat(),
        courses=exercise_trends(list(chosen)),
        notes=tuple(past.notes),
    )
