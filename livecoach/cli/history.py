"""The command `history`: shows all sessions together."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli import options
from livecoach.cli.help import complete_exercise, complete_profile
from livecoach.cli.opening import open_page
from livecoach.cli.options import say
from livecoach.cli.output import atomic_write, json_output
from livecoach.errors import ConfigError

if TYPE_CHECKING:
    from livecoach.documents import HistoryDocument
    from livecoach.history.page import HistoryChoice
    from livecoach.history.reading import PastSession


def since_day(text: str, today: date) -> date:
    """Return the day that "2026-01-31", or "90d" before today, names. Raises ValueError that says what is wrong."""
    days = re.fullmatch(r"([0-9]{1,6})d", text.strip())
    try:
        return today - timedelta(days=int(days[1])) if days else date.fromisoformat(text.strip())
    except (ValueError, OverflowError) as err:
        raise ValueError(f"{text!r} is not a date. Write 2026-01-31, or 90d for the last 90 days.") from err


@click.command()
@click.option("--exercise", metavar="E", shell_complete=complete_exercise, help="Only sessions of this exercise.")
@click.option(
    "--profile",
    metavar="P",
    shell_complete=complete_profile,
    help="Only sessions of this profile; - for those without one.",
)
@click.option("--since", metavar="DATE|90d", help="Only sessions since this day, or of the last 90 days.")
@click.option("--json", "json_file", metavar="FILE", help="Write the figures as JSON; - for standard output.")
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Write a page with plots; it needs no network.",
)
@options.language_of("the page; the terminal is English")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser; without --html, one of its own.")
def history(
    exercise: str | None,
    profile: str | None,
    since: str | None,
    json_file: str | None,
    html: Path | None,
    language: str | None,
    opens: bool,
) -> None:
    """Show how much you lifted, and how it changes.

    By exercise and profile: reps, alarms, faults, speed, tempo, personal bests, consecutive weeks with a session, and
    how far the reference moved. A session that was cut off, or is being recorded, counts as far as it goes.

    Example: livecoach history --exercise squat --since 90d --html squats.html
    """
    from livecoach.history.page import HistoryChoice

    if language is not None and html is None and not opens:
        raise click.UsageError("--language is the language of the page. Add --open or --html: the terminal is English.")
    if html is not None:
        _check_page(html)
    options.settings(language=language)
    today = datetime.now().astimezone().date()
    try:
        first = None if since is None else since_day(since, today)
    except ValueError as err:
        raise click.BadParameter(str(err), param_hint="--since") from err
    document, there = _document(HistoryChoice(exercise=exercise, profile=profile, first=first), today)
    for note in document.notes:
        say(note)
    if json_file != "-":
        _print(document, exercise, profile, there)
    if json_file is not None:
        from livecoach import documents

        json_output(documents.to_json(document), json_file)
    if html is not None:
        _write_page(document, html)
        say(f"{html}: written")
    if opens:
        open_page(_page_of_ours(document) if html is None else html)


def _document(choice: "HistoryChoice", today: date) -> "tuple[HistoryDocument, int]":
    """Return the figures, and the number of sessions before filtering. Raises ConfigError, SessionError."""
    from livecoach.history.page import distinct_sessions, history_document
    from livecoach.history.reading import load_past

    kept, notes = distinct_sessions(load_past())
    _check(kept, choice)
    return history_document(kept, notes, choice, today), len({one.name for one in kept})


def _check(sessions: "Sequence[PastSession]", choice: "HistoryChoice") -> None:
    """Raise ConfigError for an exercise or a profile without a session."""
    from livecoach.config.wording import did_you_mean
    from livecoach.history.page import NO_PROFILE

    for what, given, there in (
        ("exercise", choice.exercise, {one.exercise for one in sessions}),
        ("profile", choice.profile, {one.profile or NO_PROFILE for one in sessions}),
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


def _check_page(html: Path) -> None:
    """Raise ConfigError where a file is no page, before anything is shown."""
    if html.suffix.lower() not in {".html", ".htm"}:
        raise ConfigError(f"{html}: not the name of a page. Choose one that ends in .html with --html.")


def _write_page(document: "HistoryDocument", html: Path) -> None:
    from livecoach.history.page import render_page

    with atomic_write(html, "--html") as place:
        place.write_text(render_page(document, html.parent), encoding="utf-8", errors="replace")


def _page_of_ours(document: "HistoryDocument") -> Path:
    """Write the page among livecoach's own pages, where the reports that it links lie. Returns its path."""
    from livecoach.report.home import HISTORY, page_file

    path = page_file(HISTORY)
    _write_page(document, path)
    return path
