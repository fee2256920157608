"""The command `history`: shows all sessions together."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import click

from livecoach import documents
from livecoach.cli import options
from livecoach.cli.options import ExerciseParam, complete_profile, say, taken_by
from livecoach.cli.output import echo, json_output, open_page, write_text
from livecoach.config import local_time
from livecoach.config.yaml_files import did_you_mean
from livecoach.documents import HistoryDocument
from livecoach.errors import ConfigError
from livecoach.history import words
from livecoach.history.page import NO_PROFILE, HistoryChoice, distinct_sessions, history_document, render_page
from livecoach.history.reading import PastSession, load_past
from livecoach.report.home import HISTORY
from livecoach.session import layout
from livecoach.types.message import joined


def since_day(text: str, today: date) -> date:
    """The day of "2026-01-31", or of "90d" before today. Raises ValueError, which says what is wrong."""
    days = re.fullmatch(r"([0-9]{1,6})d", text.strip())
    try:
        return today - timedelta(days=int(days[1])) if days else date.fromisoformat(text.strip())
    except (ValueError, OverflowError) as err:
        raise ValueError(f"{text!r} is not a date. Write 2026-01-31, or 90d for the last 90 days.") from err


@click.command()
@click.option("--exercise", metavar="E", type=ExerciseParam(), help="Only sessions of this exercise.")
@click.option(
    "--profile",
    metavar="P",
    shell_complete=complete_profile,
    help="Only sessions of this profile; - for those without one.",
)
@click.option("--since", metavar="DATE|90d", help="Only sessions since this day, or of the last 90 days.")
@click.option("--json", "json_file", metavar="FILE", help="Write the figures as JSON; - for standard output.")
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE.html", help="Write a page with plots; it needs no network."
)
@options.language_of("the page; the terminal is English")
@click.option(
    "--open",
    "opens",
    is_flag=True,
    help="Open the page in the browser; without --html, as livecoach home does, until Ctrl-C.",
)
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

    By exercise and profile: reps, form, faults, speed, tempo and personal bests. A session that was cut off or is still
    being recorded counts as far as it goes.

    Example: livecoach history --exercise squat --since 90d --html squats.html
    """
    if language is not None and html is None and not opens:
        raise click.UsageError("--language is the language of the page. Add --open or --html: the terminal is English.")
    if html is not None and html.suffix.lower() not in {".html", ".htm"}:
        raise ConfigError(f"{html}: not the name of a page. Choose one that ends in .html with --html.")
    options.settings(language=language)
    today = local_time.now().date()
    with taken_by("--since"):
        first = None if since is None else since_day(since, today)
    choice = HistoryChoice(exercise=exercise, profile=profile, first=first)
    kept, notes = distinct_sessions(load_past())
    _check(kept, choice)
    document = history_document(kept, notes, choice, today)
    for note in document.notes:
        say(note)
    if json_file != "-":
        _print(document, exercise, profile, len({one.name for one in kept}))
    if json_file is not None:
        json_output(documents.to_json(document), json_file)
    if html is not None:
        write_text(html, "--html", render_page(document, html.parent))
        say(f"{html}: written")
    if opens and html is not None:
        open_page(html)
    elif opens:
        _serve(exercise, profile, first)


def _check(sessions: Sequence[PastSession], choice: HistoryChoice) -> None:
    """Raise ConfigError for an exercise or a profile without a session."""
    for what, given, there in (
        ("exercise", choice.exercise, {one.exercise for one in sessions}),
        ("profile", choice.profile, {one.profile or NO_PROFILE for one in sessions}),
    ):
        if given is not None and there and given not in there:
            raise ConfigError(f"--{what} {given}: no session has this {what}. {did_you_mean(given, sorted(there))}")


def _print(document: HistoryDocument, exercise: str | None, profile: str | None, there: int) -> None:
    if document.courses:
        echo("\n".join(_lines(document)))
    elif there:
        of = "".join(f", {name}" for name in (exercise, profile) if name is not None)
        click.echo(f"no session since {document.since}{of}; {there} before that")
    elif next(layout.folders(), None) is None:
        click.echo("no sessions yet: `livecoach live` records one.")
    else:
        click.echo("no session can be read. `livecoach sessions` lists them.")


def _serve(exercise: str | None, profile: str | None, first: date | None) -> None:
    from livecoach.home_server import serve

    chosen = {"exercise": exercise, "profile": profile, "since": None if first is None else first.isoformat()}
    query = urlencode({name: one for name, one in chosen.items() if one is not None})
    asyncio.run(serve(open_page, say, f"{HISTORY}.html?{query}"))


def _lines(document: HistoryDocument) -> Iterator[str]:
    """Yield two lines for each exercise and profile; the one with the newest session comes last, next to the prompt."""
    for trend in reversed(document.courses):
        yield joined(": ", words.title(trend), words.volume(trend, document.today))
        form = joined(", ", words.form(trend.form.reps), words.form_trend(trend.form))
        yield f"  {joined(': ', 'within your form', form)}"
    newest = document.courses[0].sessions[-1].name
    yield f"`livecoach history --open` shows more, and `livecoach report {newest} --open` the newest session."
