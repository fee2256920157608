"""Makes the page that compares two sessions, of one lifter or of two, figure by figure and rep by rep."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from livecoach.core.charts import load_template
from livecoach.core.config import exercise as exercises
from livecoach.core.config.paths import sessions_dir
from livecoach.core.language import display_unit
from livecoach.core.types import Pace, ignore
from livecoach.core.types.message import Message, capitalise, join_texts
from livecoach.decisions.coaching.rep_figures import fault_counts
from livecoach.decisions.judging.wording import fault_words
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM, torso_length_m
from livecoach.feedback.two_reps import RepComparer, score_or_inf
from livecoach.pages.history import history_words
from livecoach.pages.history.history_figures import exercise_trend
from livecoach.pages.history.session_index import IndexedPart
from livecoach.pages.plot import Figure
from livecoach.pages.report.content import read_report_content
from livecoach.pages.report.overview import rank_faults
from livecoach.pages.report.report_page import PageServer
from livecoach.pages.report.report_pictures import LifterFigure
from livecoach.pages.report.report_words import film_name, lifter_name, phase_words
from livecoach.pages.report.session_cards import draw_thumbnail, exercise_title, part_key, read_thumbnail, session_card
from livecoach.pages.report.set_sections import draw_rep_columns
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session

ROM, SPEED = "Range of motion", "Speed on the way up"  # Titles of measures
TEMPLATE = Path(__file__).with_name("compare.html.j2")
Value = tuple[float, Callable[[float], Message]] | None
"""Measure of a rep: a number in the shown unit, and the function that returns its text; None if unknown."""


def compare_page(
    offered: Sequence[Session | IndexedPart],
    read: Callable[[Collection[str]], Sequence[Session]],
    first: str | None,
    second: str | None,
    server: PageServer,
) -> str:
    """Return the HTML page that compares two sessions, each of one lifter in one exercise.

    A session that is None, unknown or without a rep is replaced: `second` by the newest other session, and `first` by
    an older session of the same exercise and lifter, if possible. With too few sessions, the page shows fewer.

    Args:
        offered: Parts of all sessions, oldest first.
        read: Called with names of sessions; returns the parts of these sessions.
        first: Key of the session on the left (`part_key`).
        second: Key of the session on the right.
    """
    parts = {part_key(part): part for part in reversed(offered)}
    while True:
        chosen = _choose(parts, first, second)
        whole = {part_key(part): part for part in read({parts[key].name for key in chosen})}
        if whole.keys() >= set(chosen):
            break
        parts = {key: part for key, part in parts.items() if key in whole or key not in chosen}
    sides = [whole[key] for key in chosen]
    figures, shown = _figures(sides)
    return load_template(TEMPLATE).render(
        options={key: _name(part) for key, part in parts.items()},
        chosen=chosen,
        server=server,
        sides=[session_card(part, figure) for part, figure in zip(sides, figures, strict=True)],
        shown=shown,
        rows=list(_rows(sides)),
        charts=list(_charts(sides)),
    )


def _choose(parts: Mapping[str, Session | IndexedPart], first: str | None, second: str | None) -> list[str]:
    chosen: list[str] = []
    others = {key: part for key, part in parts.items() if key != first}
    for wanted in (second, first):
        key = wanted if wanted in parts else _propose(others, chosen)
        chosen = chosen if key is None else [key, *chosen]
    return chosen


def _propose(parts: Mapping[str, Session | IndexedPart], chosen: Sequence[str]) -> str | None:
    """Return the key of the session to compare first; None if none is left.

    With a chosen session, it is the newest session of the same exercise, lifter and earlier time, as far as there is
    such a session; otherwise the newest session of all.
    """
    left = [key for key in parts if key not in chosen]
    if not chosen:
        return next(iter(left), None)
    first = parts[chosen[0]]

    def unlike(part: Session | IndexedPart) -> tuple[bool, ...]:
        return part.exercise != first.exercise, part.profile != first.profile, part.start_time > first.start_time

    return min(left, key=lambda key: unlike(parts[key]), default=None)  # the newest of equals, since it comes first


def _name(part: Session | IndexedPart) -> str:
    day = Message("{name}", name=f"{part.start_time:%Y-%m-%d %H:%M}")
    recording, is_live = (
        (part.recording, part.live) if isinstance(part, IndexedPart) else (part.about.session, part.is_live)
    )
    film = film_name(recording, is_live=is_live)
    return join_texts(" · ", lifter_name(part.profile), day, exercise_title(part.exercise), film)


def _figures(sides: Sequence[Session]) -> tuple[Sequence[LifterFigure | None], str]:
    """Return the sessions' figures at the fault to fix first, or else at the turn, and a text about this moment."""
    folders = [sessions_dir() / part.name for part in sides]
    at_turn = [read_thumbnail(folder, part.profile, part.exercise) for folder, part in zip(folders, sides, strict=True)]
    names = {part.exercise for part in sides}
    if len(names) > 1:
        return at_turn, Message("These are different exercises.")
    if len(sides) < 2 or not names < set(exercises.names()) or None in at_turn:
        return at_turn, ""
    (exercise,) = names
    table, turn = load_faults(exercise), exercises.load(exercise).turn
    sessions = [open_session(of, ignore).select_lifter(part.profile) for of, part in zip(folders, sides, strict=True)]
    reps = [read_report_content(session).part_of_exercise(exercise).attempts for session in sessions]
    faults = [rank_faults(of_session, table) for of_session in reps]
    newer = max((0, 1), key=lambda side: (bool(faults[side]), sessions[side].start_time))
    first = next(iter(faults[newer]), None)
    with_fault = [fault.worst for fault in faults[1 - newer] if first is not None and fault.name == first.name]
    usual = sorted(
        reps[1 - newer], key=lambda rep: (rep.window is None, rep.counted.verdict != "good", score_or_inf(rep.counted))
    )
    other = next(iter(with_fault or usual), None)
    comparer = RepComparer(table, turn, sessions[newer].about.settings.height_cm)
    pair = None if first is None or other is None else comparer.pair(first.worst, other.window, first.worst_measured)
    if first is None or other is None or pair is None or len(pair.reps) < 2:
        return at_turn, Message("Both pictures show the same moment: {text}", text=turn)
    both = zip((newer, 1 - newer), (first.worst.counted, other.counted), pair.reps, strict=True)
    figures = {of: draw_thumbnail(sessions[of], rep, half.time_at(pair.key_moment.point)) for of, rep, half in both}
    what, where = fault_words(first.name, exercise), phase_words(first.worst_measured, pair.key_moment)
    moment = Message("Both pictures show the moment for this fault: {text} ({text2})", text=what, text2=where)
    return [figures[0], figures[1]], moment


def _rows(sides: Sequence[Session]) -> Iterator[tuple[str, list[str]]]:
    """Yield the title of each measure, and its value in each session. Measures without a value are left out."""
    words, days = history_words, [exercise_trend([part]).sessions[0] for part in sides]
    figures: list[tuple[str, list[str]]] = [
        ("Load", [words.session_load_range(day) for day in days]),
        ("Reps", [join_texts(", ", words.reps(day.counts.reps), words.sets(day.counts.sets)) for day in days]),
        (capitalise("good reps"), [words.judged_share_words(day.form) if day.form.of else "" for day in days]),
        *((measure, list(map(_median, found))) for measure, found in _measures(sides).items() if measure != SPEED),
        ("Depth", [words.depth_words(day.depth) if day.depth else "" for day in days]),
        ("Reps to depth", [words.depth_count_words(to) if (to := day.counts.to_depth) else "" for day in days]),
        (SPEED, [words.speed_words(day.speed.median, day.speed.unit) if day.speed else "" for day in days]),
    ]
    yield from ((capitalise(what), values) for what, values in figures if any(values))
    found = dict.fromkeys((name, part.exercise) for part, day in zip(sides, days, strict=True) for name in day.faults)
    for name, exercise in found:
        counts = [
            fault_counts(part.completed_reps if part.exercise == exercise else (), [name])[name] for part in sides
        ]
        values = [Message("{n} of {n2}", n=count.having, n2=count.checked) if count.checked else "" for count in counts]
        yield capitalise(fault_words(name, exercise)), values


def _pace_values(pace: Pace) -> dict[str, Value]:
    """Return the measures of a rep by their titles."""
    unit, factor = display_unit("cm")
    is_guess = pace.travel_unit != "m"
    length = 100 * factor * pace.travel * (torso_length_m(TYPICAL_HEIGHT_CM) if is_guess else 1.0)
    speed = history_words.convert_speed(pace.speed, pace.speed_unit)
    times_s = {"way down": pace.eccentric_s, "way up": pace.concentric_s}

    def length_words(length: float) -> Message:
        text = Message("{n} in" if unit == "in" else "{n} cm", n=f"{length:.0f}")
        return Message("about {text}", text=text) if is_guess else text

    return {
        ROM: (length, length_words),
        **{
            way: (time_s, lambda time_s: Message("{n} s", n=f"{time_s:.1f}"))
            for way, time_s in times_s.items()
            if time_s
        },
        SPEED: (speed, lambda _: history_words.speed_words(pace.speed, pace.speed_unit)),
    }


def _measures(sides: Sequence[Session]) -> dict[str, list[list[Value]]]:
    """Return the values of the reps of each session in each measure, by the title of the measure."""
    found = [[_pace_values(rep.pace) if rep.pace else {} for rep in part.counted_reps] for part in sides]
    titles = dict.fromkeys(title for reps in found for rep in reps for title in rep)
    return {title: [[rep.get(title) for rep in reps] for reps in found] for title in titles}


def _median(values: Sequence[Value]) -> str:
    known = [value for value in values if value is not None]
    return known[0][1](median(number for number, _ in known)) if known else ""


def _charts(sides: Sequence[Session]) -> Iterator[list[Figure]]:
    """Yield, for each measure, a plot of each session. The plots of a measure have the same scale."""
    units = {ROM: (display_unit("cm")[0], 0), SPEED: (history_words.speed_unit(), 2)}  # Unit and decimals
    for measure, found in _measures(sides).items():
        unit, digits = units.get(measure, ("s", 1))
        title = Message("{text} of each rep, {text2}", text=capitalise(measure), text2=unit)
        most = max(value[0] for values in found for value in values if value is not None)
        figures = []
        for part, values in zip(sides, found, strict=True):
            columns = [[] if value is None else [("speed", value[0], value[1](value[0]))] for value in values]
            tops = ["" if value is None else Message("{n}", n=f"{value[0]:.{digits}f}") for value in values]
            figures.append(Figure(title=title, svg=draw_rep_columns(part.counted_reps, columns, tops, title, most)))
        yield figures
