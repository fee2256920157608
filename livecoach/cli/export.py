"""The command `export`: writes training logs that other apps read."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli.help import complete_profile
from livecoach.cli.options import say
from livecoach.cli.output import atomic_write, check_writable, echo, to_stdout
from livecoach.errors import SessionError

if TYPE_CHECKING:
    from livecoach.session.stored import Session

KINDS = ("strong", "hevy", "csv")


@click.command()
@click.argument("sessions", nargs=-1, metavar="[SESSION...]")
@click.option("--format", "kind", type=click.Choice(KINDS), help="App that is to read the log. Required.")
@click.option("--out", metavar="FILE", help="File to write; - for standard output. Required.")
@click.option("--profile", metavar="P", shell_complete=complete_profile, help="Only sessions of this lifter.")
def export(sessions: tuple[str, ...], kind: str | None, out: str | None, profile: str | None) -> None:
    """Write a training log for Strong, Hevy or a spreadsheet.

    The log is CSV. Each set is a row, with its exercise, order, load, reps, RPE and note; load, RPE and note stay
    empty where you logged none. Without SESSION, all sessions are written. `livecoach sessions export` writes whole
    sessions.

    Example: livecoach export --format strong --profile anna --out anna.csv
    """
    if kind is None or out is None:  # click would name one after the other
        absent = [name for name, value in ((f"--format {'|'.join(KINDS)}", kind), ("--out FILE", out)) if value is None]
        raise click.UsageError(f"Give {' and '.join(absent)}.")
    from livecoach.session.workout_csv import FORMATS, logged_sets, workout_csv

    if out != "-":
        check_writable(Path(out), "--out")
    found = [one for one in _found(sessions) if profile is None or one.about.profile == profile]
    sets = [done for one in found for done in logged_sets(one)]
    if not sets:
        of = "" if profile is None else f" of {profile}"
        raise SessionError(f"no set{of} to write. `livecoach sessions` lists the sessions.")
    text = workout_csv(sets, FORMATS[KINDS.index(kind)])
    if out == "-":
        to_stdout(text.rstrip("\n"))
        return
    with atomic_write(Path(out), "--out") as part:
        part.write_text(text, encoding="utf-8")
    echo(f"{out}: {len(sets)} set{'' if len(sets) == 1 else 's'} of {_count(len(found))}")


def _found(names: tuple[str, ...]) -> "Iterator[Session]":
    """Yield the named sessions, or all of them, oldest first. One that can't be read is reported and left out, unless
    it was named."""
    from livecoach.session.listing import all_sessions
    from livecoach.session.stored import find_session, open_session

    if names:
        for folder in dict.fromkeys(find_session(name) for name in names):
            yield open_session(folder, say)
        return
    for one in all_sessions():
        try:
            yield open_session(one.folder, say)
        except SessionError as err:
            say(f"{err} It is left out.")


def _count(sessions: int) -> str:
    return f"{sessions} session{'' if sessions == 1 else 's'}"
