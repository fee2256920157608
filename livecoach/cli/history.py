"""The command `history`: shows all sessions together."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli.options import say
from livecoach.cli.output import atomic_write, to_stdout
from livecoach.errors import ConfigError

if TYPE_CHECKING:
    from livecoach.documents import HistoryDocument, UsualDocument
    from livecoach.history.records import PastSession

NO_PROFILE = "-"
"""Stands for sessions without a profile."""


def since_day(text: str, today: date) -> date:
    """Return the day that "2026-01-31", or "90d" before today, names. Raises ValueError that says what is wrong."""
    days = re.fullmatch(r"([0-9]{1,6})d", text.strip())
    try:
        return today - timedelta(days=int(days[1])) if days else date.fromisoformat(text.strip())
    except (ValueError, OverflowError) as err:
        raise ValueError(f"{text!r} is not a date. Write 2026-01-31, or 90d for the last 90 days.") from err


@click.command()
@click.option("--exercise", metavar="E", help="Only sessions of this exercise.")
@click.option("--profile", metavar="P", help=f"Only sessions of this profile; {NO_PROFILE} for those without one.")
@click.option("--since", metavar="DATE|90d", help="Only sessions since this day, or of the last 90 days.")
@click.option("--json", "json_file", metavar="FILE", help="Write the figures as JSON; - for standard output.")
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Write a page with plots; it needs no network.",
)
def history(
    exercise: str | None, profile: str | None, since: str | None, json_file: str | None, html: Path | None
) -> None:
    """Show how much you lifted, and how it changes.

    By exercise and profile: reps, alarms, faults, speed, tempo, personal bests, consecutive weeks with a session, and
    how far the reference moved. A session that was cut off, or is being recorded, counts as far as it goes.

    Example: livecoach history --exercise squat --since 90d --html squats.html
    """
    today = datetime.now().astimezone().date()
    try:
        first = None if since is None else since_day(since, today)
    except ValueError as err:
        raise click.BadParameter(str(err), param_hint="--since") from err
    document, there = _document(exercise, profile, first, today)
    for note in document.notes:
        say(note)
    if json_file != "-":
        _print(document, exercise, profile, there)
    if json_file is not None:
        _write_json(document, json_file)
    if html is not None:
        _write_page(document, html)


COMMANDS = (history,)


def _document(
    exercise: str | None, profile: str | None, first: date | None, today: date
) -> "tuple[HistoryDocument, int]":
    """Return the figures, and the number of sessions before filtering. Raises ConfigError, SessionError."""
    from livecoach.documents import HistoryDocument
    from livecoach.history.figures import courses
    from livecoach.history.index import load_past
    from livecoach.history.records import by_exercise, without_duplicates

    found = load_past(say)
    kept, again = without_duplicates(by_exercise(found.sessions))
    notes = list(found.notes)
    if again:
        copies = tuple(dict.fromkeys(one.name for one in again))
        names = copies[0] if len(copies) == 1 else f"{copies[0]} and {len(copies) - 1} more"
        notes.append(f"{names}: duplicates of other sessions' recordings, counted once")
    _check(kept, exercise, profile)
    chosen = [
        one
        for one in kept
        if exercise in {None, one.exercise}
        and profile in {None, one.profile or NO_PROFILE}
        and (first is None or one.day >= first)
    ]
    document = HistoryDocument(
        today=today.isoformat(),
        since=None if first is None else first.isoformat(),
        courses=courses(chosen, today, _usual),
        notes=tuple(notes),
    )
    return document, len({one.name for one in kept})


def _usual(sessions: "Sequence[PastSession]") -> "UsualDocument | None":
    """Return how far the typical rep moved. Slow imports happen only where there is something to compare."""
    if sum(one.reference > 0 for one in sessions) < 2:
        return None
    from livecoach.history.usual_rep import usual_rep_shift

    return usual_rep_shift(sessions)


def _check(sessions: "Sequence[PastSession]", exercise: str | None, profile: str | None) -> None:
    """Raise ConfigError for an exercise or a profile without a session."""
    from livecoach.config.wording import did_you_mean

    for what, given, there in (
        ("exercise", exercise, {one.exercise for one in sessions}),
        ("profile", profile, {one.profile or NO_PROFILE for one in sessions}),
    ):
        if given is not None and there and given not in there:
            raise ConfigError(f"--{what} {given}: no session has this {what}. {did_you_mean(given, sorted(there))}")


def _print(document: "HistoryDocument", exercise: str | None, profile: str | None, there: int) -> None:
    if document.courses:
        from livecoach.cli.history_table import print_history

        print_history(document)
    elif there:
        of = "".join(f", {name}" for name in (exercise, profile) if name is not None)
        click.echo(f"no session since {document.since}{of}; {there} before that")
    else:
        click.echo("no sessions yet: `livecoach live` records one.")


def _write_json(document: "HistoryDocument", json_file: str) -> None:
    from livecoach import documents

    text = documents.to_json(document)
    if json_file == "-":
        to_stdout(text)
        return
    with atomic_write(Path(json_file), "--json") as place:
        place.write_text(text + "\n", encoding="utf-8", errors="replace")


def _write_page(document: "HistoryDocument", html: Path) -> None:
    from livecoach.history.page import render_page

    if html.suffix.lower() not in {".html", ".htm"}:
        raise ConfigError(f"{html}: not the name of a page. Choose one that ends in .html with --html.")
    with atomic_write(html, "--html") as place:
        place.touch(mode=0o600)
        place.write_text(render_page(document, html.parent), encoding="utf-8", errors="replace")
    say(f"{html}: written")
