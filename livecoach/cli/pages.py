"""The commands that make pages and clips: report, clip, home and history."""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import click

from livecoach.cli import options
from livecoach.cli.arguments import RepAddress, open_profile, rep_argument
from livecoach.cli.options import PATH, FloatParam, option_errors
from livecoach.cli.output import check_writable, echo, explain_write_errors, open_page, write_json, write_text
from livecoach.cli.progress import Progress, progress_bar
from livecoach.core import documents
from livecoach.core.config import local_time
from livecoach.core.config.files import protected_files
from livecoach.core.config.paths import sessions_dir
from livecoach.core.config.yaml_files import did_you_mean
from livecoach.core.documents.history import HistoryDocument
from livecoach.core.errors import ConfigError, OutputError, SessionError
from livecoach.core.language import translate
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.core.types.message import Message, in_words, join_texts, quantity_words
from livecoach.pages.addresses import HISTORY, report_file_name
from livecoach.pages.history import history_words
from livecoach.pages.history.history_page import history_document, render_history
from livecoach.pages.history.reading import Past, load_past
from livecoach.pages.report.rep_clip import write_clip
from livecoach.pages.report.report_page import MARKER, make_report
from livecoach.records.session import layout
from livecoach.records.session.opening import find_rep, find_session, find_session_unless_file, open_session
from livecoach.records.session.stored import Session
from livecoach.run.doubts import doubt_line, warning_lines, why_no_reps
from livecoach.run.process import has_screen, say, suspend_garbage_collection

BEGINNING = 4096  # Number of bytes at the beginning of a report that contain its marker


@click.command()
@click.argument("session", metavar="[SESSION|FILM]", default="last")
@click.option("--out", metavar="FILE", type=PATH, help="File to write; by default SESSION.html in this folder.")
@options.profile_option(
    "Lifter to report, if several lifted (- without a profile); for FILM, the profile that judges and learns."
)
@options.exercise_option("Exercise of FILM, unless it is recognised.")
@click.option("--blur-faces", is_flag=True, help="Make the lifter's face unrecognisable in every picture.")
@options.language_option("the page")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
def report(
    session: str,
    out: Path | None,
    profile: str | None,
    exercise: str | None,
    blur_faces: bool,
    language: str | None,
    opens: bool,
) -> None:
    """Write an HTML report of a session, or of a film.

    The page needs no other file and no network. It shows what to fix first, the two reps that show it best, how the set
    went, all reps, and what was not visible. It names no other lifter of the session. SESSION is a session's name, the
    beginning of it, its folder, or "last", which is the default. FILM is a video or a file written by `livecoach lab
    observe`, which livecoach analyses first. With --profile the film becomes a session of that lifter, unless the
    setting `learn` is false; otherwise only the report is kept. An older report of the same name is replaced, but no
    other file.

    Example: livecoach report last --open
    """
    settings = options.use_settings(language=language)
    found = find_session(session) if os.path.isdir(session) else find_session_unless_file(Path(session))
    film, folder = (Path(session), Path(session).with_suffix("")) if found is None else (None, found)
    path = Path(report_file_name(folder.resolve().name, profile if film is None else None)) if out is None else out
    if os.path.isfile(path) and not _is_report(path):
        raise OutputError(f"{path}: exists and is not a report. Choose another place with --out.")
    check_writable(path, "--out")
    with ExitStack() as stack:
        if film is not None:
            exercise = options.resolve_exercise(exercise)
            folder = _session_of_film(stack, film, exercise, profile, learn=settings.learn)
        with progress_bar() as progress:
            page = make_report(folder, say, lifter=profile, blur_faces=blur_faces, progress=progress)
    write_text(path, "--out", page)
    if opens:
        open_page(path)
    else:
        echo(path)


def _session_of_film(stack: ExitStack, film: Path, exercise: str | None, profile: str | None, *, learn: bool) -> Path:
    """Analyse a film, and return the folder of its session, which `stack` deletes unless a profile learns from it."""
    from livecoach import api  # not needed for the report of a session

    above, learn = None, learn and profile is not None
    if profile is not None:
        profile = open_profile(profile).name
    if not learn:
        above = Path(stack.enter_context(TemporaryDirectory(prefix="livecoach-report-", ignore_cleanup_errors=True)))
    with Progress([film]) as progress:
        analysis = api.analyze(
            film,
            exercise,
            profile=profile,
            learn=learn,
            sessions_in=above,
            on_step=lambda _, step, __: progress.advance(film, step.observation.t_s),
        )
    damage = analysis.warnings[:1] if analysis.frames.lost else ()  # The report shows the other warnings
    for warning in damage if analysis.session else warning_lines(analysis):
        say(f"{film}: {translate(warning)}")
    doubt = doubt_line(analysis if above is None else replace(analysis, session=None))
    if analysis.session is None and analysis.reps:
        raise OutputError(f"{film}: no report, because its session could not be written.")
    if analysis.session is None:
        raise SessionError(f"{film}: no rep counted. {doubt or translate(why_no_reps(analysis))}")
    if doubt is not None:
        say(f"{film}: {doubt}")
    return (above or sessions_dir()) / analysis.session


def _is_report(path: Path) -> bool:
    with explain_write_errors(path, "--out"), path.open("rb") as file:
        return MARKER.encode() in file.read(BEGINNING)


@click.command()
@rep_argument
@click.option("--out", metavar="FILE", type=PATH, help="MP4 file to write; by default SESSION-2-4.mp4 in this folder.")
@click.option("--speed", type=FloatParam(0.1, 1), default=0.5, metavar="X", help="Speed; 1 is as fast as it was.")
@click.option("--share", is_flag=True, help="Upright (9:16), at most 15 s, with the cue and the number.")
@click.option(
    "--blur-faces/--show-faces", default=None, help="Make the lifter's face unrecognisable; by default with --share."
)
@options.language_option("the captions")
def clip(
    rep: RepAddress, out: Path | None, speed: float, share: bool, blur_faces: bool | None, language: str | None
) -> None:
    """Write a video of a rep beside your typical rep.

    last:2/4 is rep 4 of set 2 of the last session, as the report names it. Both reps play in step, by default at half
    speed, and the video pauses where the rep differs most. A session without video gives drawn figures. With --share
    your face is blurred unless you give --show-faces. Without --share it is blurred only with --blur-faces. Faces in
    the background are never blurred.

    Example: livecoach sessions clip last:2/4 --out rep.mp4 --share
    """
    options.use_settings(language=language)
    session = open_session(find_session(rep[0]), say)
    event = find_rep(session, rep[1])
    of_set, number = event.rep.set_and_number
    path = out or Path(f"{session.name}-{of_set}-{number}.mp4")
    check_writable(path, "--out", apart_from=protected_files((session.folder,)))
    with progress_bar() as progress:
        blur_faces = share if blur_faces is None else blur_faces
        other_rep, is_filmed = write_clip(
            session, event.rep, path, speed=speed, blur_faces=blur_faces, shared=share, progress=progress
        )
    if other_rep is None:
        why = translate("shown alone, because there is no good rep of this view to compare with")
        say(f"{session.name}:{event.rep.name}: {why}")
    if not is_filmed:
        say(translate("drawn figures: the session has no video. `livecoach live --record` keeps it."))
    echo(path)


@click.command()
@click.option("--no-open", is_flag=True, help="Print the address of the page, and open no browser.")
@click.option(
    "--asked-by-stdin",
    is_flag=True,
    hidden=True,
    help="For the start screen: open the page again at each line of standard input, and end some time after its end.",
)
def home(no_open: bool, asked_by_stdin: bool) -> None:
    """Open a page of your sessions, trends and profiles.

    On the page, you can open the start screen and the report of each session. In a report, you can correct reps, enter
    load, RPE and note of a set, and delete the session. Only this computer can open the page. In the terminal,
    Ctrl-C ends the command. If you have sessions, `livecoach` without a command opens the page, too.

    Example: livecoach home
    """
    options.use_settings()
    requests = sys.stdin if asked_by_stdin else None
    problem = "" if has_screen() else NO_SETS
    _serve(echo if no_open else open_page, requests=requests, starts=not (problem or asked_by_stdin), problem=problem)


NO_SETS = "livecoach has no screen here on which a set could be seen. Add films of your sets."


def _serve(show: Callable[[str], object], page: str = "", **how: Any) -> None:
    """Serve all pages to the browser of this computer, until Ctrl-C. `how` is passed to `serve_home`."""
    with suspend_garbage_collection():
        from livecoach.batch.film_pages import FilmPages
        from livecoach.lab.tools.check_pages import CheckPages
        from livecoach.pages.home_server import serve_home

    asyncio.run(serve_home(show, say, page, tools=(FilmPages(say), CheckPages()), **how))


@click.command()
@options.exercise_option("Only sessions of this exercise.")
@options.profile_option("Only sessions of this profile; - for sessions without a profile.")
@click.option("--since", metavar="DATE|90d", help="Only sessions since this day, or of the last 90 days.")
@click.option("--json", "json_file", metavar="FILE", help="Write the figures as JSON; - for standard output.")
@click.option("--html", type=PATH, metavar="FILE.html", help="Write a page with plots; it needs no network.")
@options.language_option("the page and of the lines")
@click.option(
    "--open",
    "opens",
    is_flag=True,
    help="Open the page in the browser; without --html, livecoach serves the page until Ctrl-C.",
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

    It shows reps, form, faults, speed and personal bests by exercise and profile. A session that was cut off counts as
    far as it goes; a session that is still being recorded is left out.

    Example: livecoach history --exercise squat --since 90d --html squats.html
    """
    if html is not None and html.suffix.lower() not in {".html", ".htm"}:
        raise ConfigError(f"{html}: not the name of a page. Choose one that ends in .html with --html.")
    options.use_settings(language=language)
    today = local_time.now().date()
    with option_errors("--since"):
        first = None if since is None else _parse_since(since, today)
    past = load_past()
    _check_choice(past.parts, exercise, profile)
    document = history_document(past, today, exercise=exercise, profile=profile, since=first)
    for note in document.notes:
        say(note)
    if json_file != "-":
        _print_history(document, exercise, profile, past)
    if json_file is not None:
        write_json(documents.to_json(document), json_file)
    if html is not None:
        write_text(html, "--html", render_history(document))
        say(f"{html}: {translate('written')}")
    if opens and html is not None:
        open_page(html)
    elif opens:
        chosen = {"exercise": exercise, "profile": profile, "since": first and first.isoformat()}
        query = urlencode({name: value for name, value in chosen.items() if value is not None})
        _serve(open_page, f"{HISTORY}.html?{query}")


def _check_choice(sessions: Sequence[Session], exercise: str | None, profile: str | None) -> None:
    """Raise ConfigError if no session has the exercise or the profile that an option names; None names nothing."""
    for what, wanted, there in (
        ("exercise", exercise, {session.exercise for session in sessions}),
        ("profile", profile, {session.profile or NO_PROFILE for session in sessions}),
    ):
        if wanted is not None and there and wanted not in there:
            raise ConfigError(f"--{what} {wanted}: no session has this {what}. {did_you_mean(wanted, sorted(there))}")


def _print_history(document: HistoryDocument, exercise: str | None, profile: str | None, past: Past) -> None:
    if document.courses:
        echo("\n".join(_trend_lines(document)))
    elif past.parts:
        of = join_texts(
            ", ", in_words(exercise or ""), "" if profile is None else Message("profile {name}", name=profile)
        )
        since = "" if document.since is None else Message("since {name}", name=str(document.since))
        count = len({session.name for session in past.select_parts(exercise, profile)})
        before = quantity_words(count, "1 before that", "{n} before that") if count else ""
        none = Message("no session of {text}", text=of) if of else "no session"
        echo(translate(join_texts("; ", join_texts(" ", none, since), before)))
    elif next(layout.scan_folders(), None) is None:
        echo(translate("no sessions yet: `livecoach live` records one."))
    else:
        echo(translate("no session can be read. `livecoach sessions` lists them."))


def _trend_lines(document: HistoryDocument) -> Iterator[str]:
    """Yield lines for each exercise and profile. The lines of the newest session come last, next to the prompt."""
    for trend in reversed(document.courses):
        yield translate(join_texts(": ", history_words.title(trend), history_words.totals_words(trend, document.today)))
        seen = history_words.unseen_faults_words(trend.form, trend.exercise)
        form = join_texts("; ", history_words.form_words(trend.form.reps, trend.counts), seen)
        yield f"  {translate(join_texts(': ', 'good reps', form))}"
        yield from (f"  {translate(line)}" for line in trend.back)
    latest = document.courses[0]
    more = "`livecoach history --open` shows more, and `livecoach report {name} --open` the newest session."
    yield translate(Message(more, name=history_words.report_arguments(latest.sessions[-1], latest.profile)))


def _parse_since(text: str, today: date) -> date:
    """Parse a date such as "2026-01-31", or a number of days before today such as "90d"."""
    days = re.fullmatch(r"([0-9]{1,6})d", text.strip())
    try:
        return today - timedelta(days=int(days[1])) if days else date.fromisoformat(text.strip())
    except (ValueError, OverflowError) as err:
        raise ValueError(f"{text!r} is not a date. Write 2026-01-31, or 90d for the last 90 days.") from err
