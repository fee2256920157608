"""The command `sets`: shows what is logged of a session's sets, and logs or corrects it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import click

from livecoach.cli.options import say
from livecoach.cli.output import echo
from livecoach.errors import OutputError, SessionError
from livecoach.loads import Units, load_words, parse_load, parse_rpe
from livecoach.types import SetLog
from livecoach.types.reps import LONGEST_NOTE, is_note

if TYPE_CHECKING:
    from livecoach.session.stored import Session

T = TypeVar("T")
NONE = "none"
"""Takes back what is logged."""


@click.command()
@click.argument("named", metavar="[SESSION[:SET]]", default="last")
@click.option("--load", metavar="LOAD", help=f"Load of the set: 100, 102.5kg, 220lb, or {NONE}.")
@click.option("--rpe", metavar="1..10", help=f"How hard the set was, in halves: 8 or 8.5, or {NONE}.")
@click.option("--note", metavar="TEXT", help=f"A note of one line, or {NONE}.")
def sets(named: str, load: str | None, rpe: str | None, note: str | None) -> None:
    """Show the load, RPE and note of each set, or correct them.

    last:2 is set 2 of the last session, as the report names it. Without an option, the sets are listed. The load counts
    in the report and in the history: volume load, bests by load, and the one-repetition maximum that your speeds point
    to. While you lift, digits and Enter give the load of the next set, R and T the RPE and a note of the last one.

    Example: livecoach sets last:2 --load 102.5 --rpe 8 --note "felt heavy"
    """
    from livecoach.config import load_settings
    from livecoach.session.stored import find_session, open_session

    units = load_settings({}).units
    session_name, number = _address(named)
    session = open_session(find_session(session_name), say)
    if load is rpe is note is None:
        _print(session, number, units)
        return
    if number is None:
        raise click.UsageError(f"which set? Write {named}:1 for the first one.")
    done = {event.rep.place[0] for event in session.reps}
    if number not in done:
        there = f"the last set is {max(done)}" if done else "it has no sets"
        raise SessionError(f"{session.name}: there is no set {number}; {there}.")
    before = session.set_logs.get(number, SetLog())
    now = _changed(before, units, load, rpe, note)
    if now == before:
        echo(f"{session.name}:{number}: nothing to change ({_words(now, units)})")
        return
    _store(session, number, now)
    echo(f"{session.name}:{number}: {_words(now, units)}")


def _address(named: str) -> tuple[str, int | None]:
    """Return the session and the set that "SESSION" or "SESSION:SET" names. Raises click.BadParameter."""
    from livecoach.session.rep_choice import split_address

    if ":" not in named:
        return named, None
    try:
        session, wanted = split_address(named)
    except ValueError as err:
        raise click.BadParameter(str(err)) from err
    if wanted.last is not None:
        raise click.BadParameter(f"{named!r} names reps. Write {session}:{wanted.set} for the whole set.")
    return session, wanted.set


def _changed(before: SetLog, units: Units, load: str | None, rpe: str | None, note: str | None) -> SetLog:
    """Return the log with what was given. Raises click.BadParameter."""
    now = before
    if load is not None:
        now = replace(now, load_kg=_value("--load", load, lambda text: parse_load(text, units)))
    if rpe is not None:
        now = replace(now, rpe=_value("--rpe", rpe, parse_rpe))
    if note is not None:
        now = replace(now, note=_value("--note", note, _note))
    return now


def _value(option: str, text: str, parse: Callable[[str], T]) -> T | None:
    """Return a value; None where it is taken back."""
    if text.strip().lower() in {"", NONE}:
        return None
    try:
        return parse(text)
    except ValueError as err:
        raise click.BadParameter(str(err), param_hint=option) from err


def _note(text: str) -> str:
    if not is_note(text):
        raise ValueError(f"a note is one line of up to {LONGEST_NOTE} characters.")
    return text.strip()


def _store(session: "Session", number: int, log: SetLog) -> None:
    """Add the log to the session. Raises SessionError while it is being recorded, OutputError where nothing can be
    written."""
    from livecoach.documents import SetLogEvent
    from livecoach.session import layout
    from livecoach.session.lifter_events import EventAppender

    if layout.is_recording(session.folder):
        raise SessionError(f"{session.name}: is being recorded. Type the load in its window, or wait for the end.")
    end_s = max(event.rep.end_s for event in session.reps if event.rep.place[0] == number)
    event = SetLogEvent(t_s=end_s, set=number, load_kg=log.load_kg, rpe=log.rpe, note=log.note)
    path = session.folder / layout.SETS
    try:
        with EventAppender(path) as logs:
            logs.add(event)
    except OSError as err:
        raise OutputError(
            f"{path}: can't be written ({err.strerror}). Free some space and make the folder writable."
        ) from err


def _words(log: SetLog, units: Units) -> str:
    """Return what is logged: "102.5 kg, RPE 8, “felt heavy”"."""
    parts = [] if log.load_kg is None else [load_words(log.load_kg, units)]
    parts += [] if log.rpe is None else [f"RPE {log.rpe:g}"]
    parts += [] if log.note is None else [f"“{log.note}”"]
    return ", ".join(parts) or "nothing logged"


def _print(session: "Session", number: int | None, units: Units) -> None:
    """List the sets, or one of them."""
    from rich.console import Console
    from rich.table import Table

    from livecoach.session.workout_csv import logged_sets

    found = [one for one in logged_sets(session) if number in {None, one.set}]
    if not found:
        raise SessionError(
            f"{session.name}: {'no set was counted' if number is None else f'there is no set {number}'}."
        )
    table = Table(box=None, pad_edge=False)
    for name in ("set", "exercise", "reps", "load", "RPE", "note"):
        table.add_column(name, justify="right" if name in {"set", "reps", "load", "RPE"} else "left", overflow="fold")
    for one in found:
        load = "–" if one.log.load_kg is None else load_words(one.log.load_kg, units)
        rpe = "–" if one.log.rpe is None else f"{one.log.rpe:g}"
        note = (one.log.note or "").replace("[", r"\[")
        table.add_row(str(one.set), one.exercise.replace("_", " "), str(len(one.reps)), load, rpe, note)
    Console(highlight=False).print(table)
