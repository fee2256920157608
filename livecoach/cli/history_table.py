"""The history in the terminal, in 80 columns: facts about each exercise and profile, and its sessions."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from livecoach import language
from livecoach.cli.kept_reps import reference_steps
from livecoach.cli.set_lines import ESTIMATES
from livecoach.documents import BestDocument, ExerciseTrend, HistoryDocument, PastSessionDocument
from livecoach.history import words
from livecoach.history.words import is_estimated, speed_cell, speed_unit, speed_words
from livecoach.language.percent import percent
from livecoach.loads import NAME

BESTS = 8
"""Personal bests with a line each. Our choice. The page and the JSON contain more."""
NEWEST = 20
"""Sessions with a line each: a screenful. Our choice. The page and the JSON contain all."""


def print_history(document: HistoryDocument) -> None:
    """Print the history. The exercise and profile with the newest session comes last, next to the prompt."""
    console = Console(highlight=False)
    for course in reversed(document.courses):
        console.print(f"\n[bold]{_escaped(words.title(course))}[/bold]", soft_wrap=True)
        console.print(_sessions(course.sessions[-NEWEST:]))
        before = len(course.sessions) - NEWEST
        if before > 0:
            console.print(f"and {before} earlier sessions, included below; --html and --json list them", style="dim")
        if course.counts.judged is not None:
            console.print("in brackets: good reps before your corrections", style="dim")
        console.print()
        console.print(_summary(course, document.today))
    if any(map(_shows_estimates, document.courses)):
        console.print("\n" + "\n".join(ESTIMATES))
    newest = document.courses[0].sessions[-1].name
    console.print(f"\n`livecoach report {newest} --open` shows the newest one.", soft_wrap=True)


def _sessions(sessions: tuple[PastSessionDocument, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    loads = [max((a.load_kg for a in one.sets if a.load_kg is not None), default=None) for one in sessions]
    heaviest = (NAME[language.units()],) if any(loads) else ()
    for name in ("session", "sets", "reps", "good", "alarms", *heaviest, speed_unit(), "loss", "down-hold-up"):
        table.add_column(name, justify="left" if name == "session" else "right", no_wrap=True)
    table.add_column("to fix first", overflow="fold")
    for one, load_kg in zip(sessions, loads, strict=True):
        counts, speed = one.counts, one.speed
        judged = counts.alarms.of
        table.add_row(
            words.moment(one.started) + ("" if one.ended else "…"),
            str(counts.sets),
            str(counts.reps),
            str(counts.good) if counts.judged is None else f"{counts.good} ({counts.judged.good})",
            f"{counts.anomalous}/{judged}" if judged else "–",
            *(("–" if load_kg is None else words.load(load_kg).split()[0],) if heaviest else ()),
            "–" if speed is None else speed_cell(speed.mean, speed.unit),
            "–" if speed is None or speed.loss is None else percent(speed.loss),
            "–" if one.tempo is None else words.tempo(one.tempo),
            next((f"{_escaped(words.plain(name))} {n}×" for name, n in one.faults.items()), ""),
        )
    return table


def _summary(course: ExerciseTrend, today: str) -> Table:
    """Return the facts about all sessions: a label on the left, a line or two beside it."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, text in _lines(course, today):
        table.add_row(name, _escaped(text))
    return table


def _lines(course: ExerciseTrend, today: str) -> Iterator[tuple[str, str]]:
    yield "volume", words.volume(course, today)
    volume_load, last = words.volume_loads(course)
    if volume_load:
        yield "loads", f"volume load {volume_load}; {last}"
    if course.one_rep_max is not None:
        yield "1RM", words.one_rep_max(course.one_rep_max)
    yield "alarms", words.alarms(course.counts.alarms)
    corrected = words.corrected(course.counts)
    if corrected is not None:
        yield "corrected", corrected
    for number, fault in enumerate(course.faults[:5]):
        yield "" if number else "faults", words.fault(fault)
    for number, best in enumerate(_told_bests(course)[:BESTS]):
        yield "" if number else "bests", _best(best)
    if not course.bests:
        newest = course.sessions[-1]
        command = f"livecoach sets {newest.name}:{newest.first_set} --load 100"
        yield "bests", f"by load: `{command}` gives a set its load"
    yield "weeks", words.streak(course.streak)
    lines = [line for moved in course.moved for line in words.moved(moved)]
    lines += [] if course.usual is None else words.usual(course.usual)
    lines += reference_steps(course.profile, course.exercise)
    for number, line in enumerate(lines):
        yield "" if number else "reference", line


def _shows_estimates(course: ExerciseTrend) -> bool:
    """Return whether the table of an exercise shows an estimated speed. Its personal bests come from the sessions."""
    return any(one.speed is not None and is_estimated(one.speed.unit) for one in course.sessions[-NEWEST:])


def _told_bests(course: ExerciseTrend) -> list[BestDocument]:
    """Return the personal bests without estimated speeds at a load of which a speed was measured."""
    measured = {best.load_kg for best in course.bests if best.unit == "m/s"}
    return [best for best in course.bests if best.unit != "torso/s" or best.load_kg not in measured]


def _best(best: BestDocument) -> str:
    rep = "" if best.rep is None else f", rep {best.rep}"
    amount = speed_words(best.value, best.unit) if best.unit in ("m/s", "torso/s") else words.amount(best)
    return f"{words.best_kind(best)}: {amount}  ({best.day}{rep})"


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
