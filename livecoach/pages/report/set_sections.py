"""Makes the section of a set in a report: the reps, their tempo, the speed of the bar, and facts about the load."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from livecoach.core.documents import Event
from livecoach.core.language import as_message, format_duration, format_percent
from livecoach.core.types import Conditions, Rep, SetLog, SetSummary, SpeedUnit
from livecoach.core.types.message import Message, capitalise, join_texts
from livecoach.decisions.coaching import rep_figures
from livecoach.decisions.coaching.set_summary import NOTHING_LEARNED, WAY_OUT
from livecoach.decisions.rep.tempo import TEMPO, tempo_order, tempo_words
from livecoach.pages.history import history_words as words
from livecoach.pages.history.history_figures import estimate_one_rep_max, make_share, personal_bests, volume_load_kg
from livecoach.pages.history.history_words import convert_speed, is_estimated, speed_cell, speed_unit, speed_words
from livecoach.pages.plot import Figure, Plot, decimal_ticks
from livecoach.pages.report.report_words import verdict_words
from livecoach.perception.body.visibility import LEANS_DEG
from livecoach.records.session.session_set import SessionSet, message_ids, summarise_session_set
from livecoach.records.session.stored import Session

LISTED = 4  # Most loads that have a line, heaviest first. Our choice.

SIZE, MARGINS = (320, 132), (38, 18, 0, 20)  # Size and margins of the charts, in units of the viewBox
LEAST_COLUMNS = 7.6  # Smallest number of columns for which there is room, so that few columns are not too wide
NUMBERED, VALUED = 16, 9  # Most columns with a number below each, and most columns with a value on top of each


def log_words(log: SetLog) -> str:
    """Describe the log of a set, such as "100 kg · RPE 8 · “felt heavy”"; empty without a log."""
    parts = [] if log.load_kg is None else [words.load(log.load_kg)]
    parts += [] if log.rpe is None else [Message("RPE {n}", n=f"{log.rpe:g}")]
    parts += [] if log.note is None else [Message("“{name}”", name=log.note)]
    return join_texts(" · ", *parts)


def load_facts(part: Session) -> tuple[str, ...]:
    """Return sentences about the loads of one lifter's sets in one exercise; empty if no load is known."""
    loaded, volume_kg = part.loaded_sets, volume_load_kg(part)
    if volume_kg is None:
        return ()
    volume = words.rounded_load_words(volume_kg)
    lines: list[str] = [
        Message("Volume load: {text}, load times reps of 1 set.", text=volume)
        if len(loaded) == 1
        else Message("Volume load: {text}, load times reps of {n} sets.", text=volume, n=len(loaded))
    ]
    lines += list(_bests(part))[:LISTED]
    maximum = estimate_one_rep_max([part])
    if maximum is not None:
        lines.append(Message("Estimated 1RM: {text}.", text=words.one_rep_max_words(maximum)))
    return tuple(lines)


def _bests(part: Session) -> Iterator[str]:
    """Yield a sentence about the best at each load, heaviest first."""
    for load_kg, found in groupby(personal_bests([part]), key=lambda best: best.load_kg):
        at_load = {best.kind: best for best in found}
        most, fastest = at_load.get("most_reps"), at_load.get("fastest_rep")
        if load_kg is None or most is None:
            continue
        reached = words.best_value_words(most)
        if fastest is not None:
            speed, rep = words.best_value_words(fastest), words.rep_words(fastest.rep or "")
            quickest = Message("{text} ({text2})", text=speed, text2=rep)
            reached = Message("{text}, fastest good one {text2}", text=reached, text2=quickest)
        yield Message("Best at {text}: {text2}.", text=words.load(load_kg), text2=reached)


def set_section(session_set: SessionSet, events: Sequence[Event], *, listed: bool = True) -> dict[str, Any]:
    """Return the template's values for the section of a set with at least one rep that counts.

    Args:
        listed: Whether the session is in the user's folder of sessions. Otherwise, as in a demo, notes that nothing was
            learned from the set are left out.
    """
    reps, summary = rep_figures.counted_reps(session_set.reps), summarise_session_set(session_set, events)
    losses = {loss.rep.index: loss.share for loss in rep_figures.speed_losses(reps)}
    paces = [rep.pace for rep in reps]
    units = Counter(pace.speed_unit for pace in paces if pace is not None)
    notes = [note for note in summary.notes if listed or NOTHING_LEARNED not in message_ids(note)]
    return {
        "of": session_set,
        "at": format_duration(reps[0].start_s),
        "log": log_words(session_set.log),
        "load": log_words(SetLog(load_kg=session_set.log.load_kg)) or "–",
        "rest": "–" if session_set.rest_s is None else format_duration(session_set.rest_s),
        "form": _form(session_set.reps),
        "summary": _tempo_and_speed(summary, reps),
        "counts": rep_figures.label_counts(rep_figures.count_forms(session_set.reps)),
        "usual_speed": "–" if summary.speed is None else speed_cell(summary.speed, summary.speed_unit or "m/s"),
        "loss": "–" if summary.velocity_loss is None else format_percent(summary.velocity_loss),
        "notes": (*map(capitalise, map(_without_ways_out, notes)), *_visibility_notes(summary.conditions)),
        "rows": (rows := tuple(_row(rep, losses.get(rep.index)) for rep in session_set.counted_reps)),
        "example": next((row for row in rows if "–" not in row["times"]), rows[0]),  # explains the chart of the tempo
        "order": {part: TEMPO[part] for part in tempo_order(session_set.exercise)},
        "unit": speed_unit() if units else "",
        "has_estimates": any(map(is_estimated, units)),
        "charts": (_tempo(reps), _speed(reps, summary.speed_unit)) if any(paces) else (),
    }


def _without_ways_out(note: str) -> str:
    """Return a note without the ways to confirm a set in a run: the page has a button, and no keys."""
    message = as_message(str(note))  # read from the text, a message is the same whatever messages it was made of
    return as_message(message.texts[0]) if isinstance(message, Message) and message.id == WAY_OUT else note


def _visibility_notes(conditions: Conditions | None) -> Iterator[str]:
    """Yield sentences about how well the camera saw the set; nothing for unknown conditions (None)."""
    if conditions is not None:
        size = {"n": f"{conditions.lifter_px:.0f}", "n2": f"{conditions.fps:.0f}"}
        yield Message("The camera saw you {n} pixels tall, {n2} times a second.", **size)
        if (lean_deg := abs(conditions.roll_deg)) >= LEANS_DEG:
            yield Message("The camera leaned by {n}°; livecoach corrected for that.", n=f"{lean_deg:.0f}")


def _form(reps: Sequence[Rep]) -> str:
    good = make_share(*rep_figures.count_good_and_judged(reps))
    return Message("Good reps: {text}.", text=words.judged_share_words(good)) if good.of else ""


def _tempo_and_speed(summary: SetSummary, reps: Sequence[Rep]) -> str:
    typical = join_texts(", ", *tempo_words(summary, summary.exercise).values())
    parts: list[str] = [Message("Typical tempo: {text}.", text=typical)] if typical else []
    if summary.speed is not None and summary.speed_unit is not None:
        speed = speed_words(summary.speed, summary.speed_unit)
        if is_estimated(summary.speed_unit):
            speed = Message("{text} (height not known)", text=speed)
        parts.append(Message("Typical speed on the way up: {text}.", text=speed))
    loss, best = rep_figures.largest_loss(reps), rep_figures.best_rep(reps)
    if loss is not None:
        lost = rep_figures.speed_loss_words(loss.share, loss.rep.number, loss.fastest.number)
        parts.append(Message("{Text}.", Text=lost))
    if best is not None and len(reps) > 1:
        parts.append(Message("Most like your good reps: rep {n}.", n=best.number))
    return join_texts(" ", *parts)


def _row(judged: Rep, loss: float | None) -> dict[str, Any]:
    rep, pace = judged.as_counted(), judged.pace
    times = tempo_words(pace, rep.exercise)
    return {
        "of": rep,
        "word": verdict_words(judged),
        "standard": join_texts(", ", *(result.words for result in rep.standards)),
        "times": tuple(times[part].arguments["n"] if part in times else "–" for part in tempo_order(rep.exercise)),
        "speed": "–" if pace is None else speed_cell(pace.speed, pace.speed_unit),
        "loss": "–" if loss is None else format_percent(loss),
        "score": "–" if rep.score is None else f"{rep.score:.2f}",
    }


Part = tuple[str, float, str]  # A part of a column: its kind, its height, and the text that is shown under a finger


def _tempo(reps: Sequence[Rep]) -> Figure:
    columns = [
        [(part, float(lasts.arguments["n"]), lasts) for part, lasts in tempo_words(rep.pace, rep.exercise).items()]
        for rep in reps
    ]
    totals = [Message("{n}", n=f"{sum(height for _, height, _ in column):.1f}") for column in columns]
    order = join_texts(", ", *(TEMPO[part] for part in tempo_order(reps[0].exercise)))
    words = Message("Seconds of each rep, {text} from bottom to top; the table lists the numbers.", text=order)
    return Figure(title="Tempo, seconds", svg=draw_rep_columns(reps, columns, totals, words))


def _speed(reps: Sequence[Rep], unit: SpeedUnit | None) -> Figure:
    # Heights of columns can be compared only if the speeds were measured in the same way.
    known = [rep.pace if rep.pace is not None and rep.pace.speed_unit == unit else None for rep in reps]
    speeds = [None if pace is None else (pace.speed, pace.speed_unit) for pace in known]
    columns = [[] if speed is None else [("speed", convert_speed(*speed), speed_words(*speed))] for speed in speeds]
    values = ["" if speed is None else Message("{n}", n=speed_cell(*speed)) for speed in speeds]
    words = Message("Mean speed of each rep on the way up; the table lists the numbers.")
    title = Message("Speed on the way up, {text}", text=speed_unit())
    return Figure(title=title, svg=draw_rep_columns(reps, columns, values, words))


def draw_rep_columns(
    reps: Sequence[Rep], columns: Sequence[Sequence[Part]], values: Sequence[str], words: str, most: float = 0.0
) -> Markup:
    """Draw a column for each rep, with its number below and its value on top, if there is room.

    With more than NUMBERED reps, only every fifth number is written; with more than VALUED reps, no value is written.

    Args:
        columns: Parts of each column, from bottom to top.
        values: Text on top of each column.
        words: Text alternative for screen readers.
        most: End of the scale; 0 for the highest column.
    """
    most = most or max(sum(height for _, height, _ in column) for column in columns) or 1.0
    plot = Plot((0, max(len(reps), LEAST_COLUMNS)), (0, most), size=SIZE, margins=MARGINS)
    plot.draw_axes()
    plot.label_ticks(decimal_ticks(0, most))
    plot.write_text("end", plot.left - 5, SIZE[1] - 5, "rep")
    every = 1 if len(reps) <= NUMBERED else 5
    for n, (rep, column, value) in enumerate(zip(reps, columns, values, strict=True)):
        top = 0.0
        for kind, height, tip in column:
            plot.draw_column(f"fill-{kind}", (n + 0.15, n + 0.85), (top, top + height), tip)
            top += height
        x, y = plot.place_of(n + 0.5, top)
        if rep.number % every == 0:
            plot.write_text("middle", x, SIZE[1] - 5, str(rep.number))
        if column and len(reps) <= VALUED:
            plot.write_text("middle", x, y - 4, value)
    return plot.svg(words)
