"""Serves the history and the reports of sessions to a browser, with forms that change sessions.

`livecoach home` serves these pages to this computer, and `livecoach live --phone` to the phone. Both commands
control access. A page is made when it is requested. The forms call the same functions as the commands.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web
from aiohttp.typedefs import Handler

from livecoach.core import language
from livecoach.core.config import local_time
from livecoach.core.documents import RepEvent
from livecoach.core.errors import LivecoachError, SessionError
from livecoach.core.language import translate
from livecoach.core.types import ignore
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.core.types.message import Message
from livecoach.pages.history.history_figures import earlier_days
from livecoach.pages.history.history_page import history_document, render_history
from livecoach.pages.history.reading import load_earlier_sets, load_sessions
from livecoach.pages.history.session_index import load_indexed_parts, load_indexed_sessions
from livecoach.pages.offered import CHOICE_GONE
from livecoach.pages.plot import script
from livecoach.pages.report.compare import compare_page
from livecoach.pages.report.rep_clip import write_clip
from livecoach.pages.report.report_page import (
    SCRIPT,
    PageServer,
    Sent,
    make_report,
    parse_sent_correction,
    parse_sent_log,
    parse_sent_profile,
    parse_sent_start,
    sent_text,
)
from livecoach.pages.report.report_words import describe_correction
from livecoach.pages.report.session_cards import render_thumbnail
from livecoach.records.profile import list_profile_names
from livecoach.records.rejudging import change_exercise, rejudge_lifters
from livecoach.records.session import layout
from livecoach.records.session.amending import (
    change_set_log,
    change_start_time,
    correct_reps,
    move_set,
    select_reps_to_correct,
)
from livecoach.records.session.opening import find_rep_at, open_session, select_lifter
from livecoach.records.session.stored import Session

MOST_BYTES = 16384  # Most bytes that a form may send. A note has up to 200 characters.
REPORTS = 8  # Reports that are kept in memory; a report has up to about 2 MB. Our choice.
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "",  # instead of the server's name and version
}
"""Headers of every answer. The server adds its Content-Security-Policy."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; media-src data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
"""Content-Security-Policy of the pages; the server fills in which pages may show them in a frame."""
CHOSEN = web.AppKey("chosen", dict[str, str])
"""Under "chosen", the lifter who was added, got a film or had a page opened last: the default lifter of other pages."""
SET, _REP = "{set:[0-9]{1,3}}", "{rep:[0-9]{1,3}}"  # Patterns of numbers in addresses
State = tuple[layout.SessionStamp, bool, tuple[str, ...], str, str]
"""The key of a cached report: stamp of the session's files, whether it is being recorded, the profile names, and the
language and units in use."""
Runner = Callable[..., Awaitable[Any]]
"""Calls a function of a module with arguments outside the event loop, and returns its result."""


class SessionPages:
    """The pages and forms about sessions, which the home server and the phone's server share."""

    def __init__(self, run: Runner, server: PageServer) -> None:
        """Create the pages of a server. `run` runs the functions that make pages and change sessions."""
        self._run, self._server = run, server
        self._making = asyncio.Lock()

    def routes(self, prefix: str, checked: Callable[[Handler], Handler]) -> list[web.RouteDef]:
        """Return the routes of pages and forms below `prefix`. `checked` wraps each handler in a check of access."""
        session = f"{prefix}/{{name}}"
        rep = f"{session}/{SET}/{_REP}"
        return [
            web.get(f"{prefix}/history.html", checked(self._history)),
            web.get(f"{prefix}/compare.html", checked(self._compare)),
            web.get(f"{prefix}/forms.js", checked(self._script)),
            web.get(f"{session}.html", checked(self._report)),
            web.get(f"{session}/report.html", checked(self._saved_report)),
            web.get(f"{rep}.svg", checked(self._picture)),
            web.get(f"{rep}.mp4", checked(self._saved_clip)),
            web.post(rep, checked(self.form_handler(_correct))),
            web.post(f"{session}/{SET}", checked(self.form_handler(_log_set))),
            web.post(f"{session}/day", checked(self.form_handler(_change_day))),
            web.post(f"{session}/reps", checked(self.form_handler(_correct_session))),
            web.post(f"{session}/{SET}/reps", checked(self.form_handler(_correct_set))),
            web.post(f"{session}/{SET}/lifter", checked(self.form_handler(_move_set))),
            web.post(f"{session}/{SET}/exercise", checked(self.form_handler(_change_exercise))),
        ]

    def form_handler(self, change: Callable[..., object]) -> Handler:
        """Return the handler of a form that changes a session, a set or a rep.

        Args:
            change: Module-level function. It takes the session, the numbers of the set and of the rep if the form is
                about these, and the fields that were sent.
        """

        async def handle(request: web.Request) -> web.Response:
            form = named_folder(request), _set_and_rep(request), await read_form_fields(request)
            return web.Response(text=await self._run(_change_session, change, *form))

        return handle

    async def answer(
        self, make: Callable[..., str | bytes], *arguments: object, content_type: str = "text/html", saved_as: str = ""
    ) -> web.Response:
        """Make a page and return it as an answer. Only one page is made at a time.

        Args:
            make: Module-level function that returns the page, or the content of a file.
            saved_as: Name of the file that the browser saves; empty for a page that the browser shows.
        """
        async with self._making:  # a single page at a time, so that forms are answered meanwhile
            page = await self._run(make, *arguments)
        headers = attachment_headers(saved_as) if saved_as else {}
        content = {"text": page} if isinstance(page, str) else {"body": page}
        return web.Response(**content, content_type=content_type, headers=headers)

    async def _history(self, request: web.Request) -> web.Response:
        since = request.query.get("since")
        try:
            first = None if since is None else date.fromisoformat(since)
        except ValueError as err:
            raise web.HTTPBadRequest from err
        exercise, profile = request.query.get("exercise"), request.query.get("profile")
        return await self.answer(_history_page, exercise, profile, first, self._server)

    async def _compare(self, request: web.Request) -> web.Response:
        asked = request.query
        # Of the ticked sessions, the list has the newest first. It is compared with an older session, on the left.
        right, left, *_ = (*asked.getall("with", []), asked.get("other"), asked.get("one"))
        return await self.answer(_compare_page, left, right, self._server)

    async def _saved_report(self, request: web.Request) -> web.Response:
        folder, asked = named_folder(request), request.query
        arguments = folder, asked.get("profile"), "blur" in asked
        return await self.answer(standalone_report, *arguments, saved_as=f"{folder.name}.html")

    async def _saved_clip(self, request: web.Request) -> web.Response:
        folder, (of_set, number) = named_folder(request), _set_and_rep(request)
        name = f"{folder.name}-{of_set}-{number}.mp4"
        arguments = folder, of_set, number, "blur" in request.query
        return await self.answer(_clip, *arguments, content_type="video/mp4", saved_as=name)

    async def _script(self, _: web.Request) -> web.Response:
        return web.Response(text=SCRIPT.read_text(encoding="utf-8") + script(), content_type="text/javascript")

    async def _report(self, request: web.Request) -> web.Response:
        folder, lifter = named_folder(request), request.query.get("profile")
        state = (
            layout.session_stamp(folder),
            layout.is_recording(folder),
            list_profile_names(),
            language.language_code(),
            language.unit_system(),
        )
        return await self.answer(_report_page, folder, lifter, self._server, state)

    async def _picture(self, request: web.Request) -> web.Response:
        return await self.answer(_picture, named_folder(request), *_set_and_rep(request), content_type="image/svg+xml")


def page_handler(make: Callable[[Mapping[str, str]], str]) -> Handler:
    """Return a handler that makes a page on a thread. `make` gets the query and the last chosen lifter as "chosen"."""

    async def handle(request: web.Request) -> web.Response:
        query = dict(request.query) | request.app[CHOSEN]
        return web.Response(text=await asyncio.to_thread(make, query), content_type="text/html")

    return handle


def attachment_headers(name: str) -> dict[str, str]:
    """Return the headers that make a browser save an answer under a name."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


async def read_form_fields(request: web.Request) -> dict[str, str]:
    """Read the text fields of the form that a request contains; files are left out.

    Raises:
        HTTPBadRequest: The form is malformed.
        HTTPRequestEntityTooLarge: The form is larger than the server allows.
    """
    try:
        sent = await request.post()
    except (LookupError, ValueError, web.RequestPayloadError) as err:  # an unknown encoding, a broken part
        raise web.HTTPBadRequest from err
    return {name: value for name, value in sent.items() if isinstance(value, str)}


def named_folder(request: web.Request) -> Path:
    """Return the folder of the session that a request names ("last" is the newest).

    Raises:
        HTTPNotFound: There is no such session, or the sessions can't be listed.
        HTTPSeeOther: The request names the newest session, but there is no session yet.
    """
    name = request.match_info["name"]
    with suppress(OSError):
        folders = list(layout.scan_folders())
        if name == layout.LAST_SESSION:
            if not folders:
                raise web.HTTPSeeOther("./")
            return folders[-1]
        for folder in folders:
            if folder.name == name:
                return folder
    raise web.HTTPNotFound


def refusal(err: LivecoachError) -> web.Response:
    """Return the answer to a request that an error stopped: status 409, and the error's text."""
    return web.Response(status=409, text=translate(err.text))


def _set_and_rep(request: web.Request) -> tuple[int, ...]:
    """Return the numbers of the set and of the rep that a request names; fewer numbers if it names no rep or no set."""
    return tuple(int(request.match_info[part]) for part in ("set", "rep") if part in request.match_info)


# The functions below run on another thread or in another process.


def _history_page(exercise: str | None, profile: str | None, since: date | None, server: PageServer) -> str:
    """Return the history of the newest exercise and lifter that fit. Drawing the histories of all takes a second.

    An exercise that is only in a lifter's imported log comes after the others.
    """
    entries = load_indexed_sessions()
    parts = [
        (entry.name, part.exercise, part.profile or NO_PROFILE)
        for entry in entries
        for part in entry.parts
        if part.session.counts.reps
    ]
    logs = load_earlier_sets(list_profile_names(), (lines := list[str]()).append)
    trends = dict.fromkeys(part[1:] for part in reversed(parts) if profile in {None, part[2]})
    dated = sorted(((earlier.day, earlier.exercise, of) for of, log in logs.items() for earlier in log), reverse=True)
    logged = (trend[1:] for trend in dated)
    trends |= dict.fromkeys(trend for trend in logged if profile in {None, trend[1]})
    name, of = next((trend for trend in trends if exercise in {None, trend[0]}), (exercise, profile))
    past = load_sessions({part[0] for part in parts if part[1:] == (name, of)})._replace(earlier=logs)
    document = history_document(past, local_time.now().date(), exercise=name, profile=of, since=since)
    days = () if document.courses or name is None else earlier_days(logs.get(of or NO_PROFILE, ()), name, since)
    people = sorted({*(part[2] for part in parts), *(of for of, log in logs.items() if log)}, key=str.casefold)
    return render_history(
        replace(document, notes=tuple(dict.fromkeys(chain(*(entry.damage for entry in entries), past.notes, lines)))),
        served=True,
        at_home=server == "home",
        people={other: f"?{urlencode({'profile': other})}" for other in people if len(people) > 1},
        lifter=profile,
        logged={(name, of): days} if days and name and of else {},
        trends={trend: f"?{urlencode({'exercise': trend[0], 'profile': trend[1]})}" for trend in trends},
    )


@lru_cache(maxsize=REPORTS)
def _report_page(folder: Path, lifter: str | None, server: PageServer, _state: State) -> str:
    return make_report(folder, ignore, lifter=lifter, served=server)  # the page lists the damage


def _compare_page(first: str | None, second: str | None, server: PageServer) -> str:
    return compare_page(load_indexed_parts(), lambda names: load_sessions(names).parts, first, second, server)


def _clip(folder: Path, of_set: int, number: int, blur_faces: bool) -> bytes:
    session = open_session(folder, ignore)
    rep = find_rep_at(session, (of_set, number)).rep
    with TemporaryDirectory() as above:
        path = Path(above) / "clip.mp4"
        write_clip(session, rep, path, speed=0.5, blur_faces=blur_faces, shared=True, progress=ignore)
        return path.read_bytes()


def warm_up() -> None:
    """Do nothing. As the first call of a `WorkerProcess`, this makes the process start and load this module."""


def standalone_report(folder: Path, profile: str | None, blur_faces: bool = False) -> str:
    """Return the report of a lifter's session as a page that works without a server.

    Raises SessionError if the session can't be read, and ConfigError or ModelError if an exercise can't be loaded.

    Args:
        profile: Profile of the lifter; None or NO_PROFILE for the lifter without a profile. If this lifter has no set,
            the report describes the first lifter.
    """
    lifters = [of or NO_PROFILE for of in open_session(folder, ignore).profiles]
    lifter = profile or NO_PROFILE
    return make_report(folder, ignore, lifter=lifter if lifter in lifters else lifters[0], blur_faces=blur_faces)


def _picture(folder: Path, of_set: int, number: int) -> str:
    session = open_session(folder, ignore)
    return render_thumbnail(session, find_rep_at(session, (of_set, number)).rep)


def _change_session(change: Callable[..., object], folder: Path, place: Sequence[int], sent: Sent) -> str:
    """Change a session, and return the messages about the change."""
    lines: list[str] = []
    change(open_session(folder, lines.append), *place, sent)
    return " ".join(lines)


def _correct(session: Session, of_set: int, number: int, sent: Sent) -> None:
    event = find_rep_at(session, (of_set, number))
    if sent_text(sent, "index") not in {"", str(event.rep.index)}:  # The set was counted anew after the page was made
        raise SessionError(CHOICE_GONE)
    correct_reps(session, [event], parse_sent_correction(sent, event.rep.exercise))
    rejudge_lifters(session, session.say)


def _correct_set(session: Session, number: int, sent: Sent) -> None:
    reps = [event for event in session.corrected_reps if event.rep.set == number]
    _correct_all(session, reps, sent, reps[0].rep.lifter_set_number if reps else number)


def _correct_session(session: Session, sent: Sent) -> None:
    lifter = sent_text(sent, "profile")
    if lifter not in {profile or NO_PROFILE for profile in session.profiles}:
        raise SessionError(CHOICE_GONE)
    _correct_all(session, select_lifter(session, lifter).corrected_reps, sent, None)


def _correct_all(session: Session, reps: Sequence[RepEvent], sent: Sent, number: int | None) -> None:
    """Correct the reps of a set, or of a lifter's session if `number` is None, and report the changes."""
    correction = parse_sent_correction(sent, session.exercise)
    concerned, *others = select_reps_to_correct(session, reps, correction)
    if not concerned:
        raise SessionError(Message("No rep counts here."))
    done = correct_reps(session, concerned, correction)
    rejudge_lifters(session, session.say)
    now = {event.rep.start_s: event.rep for event in replace(session).corrected_reps}
    outcomes = [replace(outcome, rep=now.get(outcome.rep.start_s, outcome.rep)) for outcome in done]
    session.say(translate(describe_correction(outcomes, number, *others)))


def _log_set(session: Session, number: int, sent: Sent) -> None:
    change_set_log(session, number, lambda before: parse_sent_log(sent, before))


def _change_day(session: Session, sent: Sent) -> None:
    change_start_time(session, parse_sent_start(sent, session))
    rejudge_lifters(session, session.say)


def _move_set(session: Session, number: int, sent: Sent) -> None:
    move_set(session, number, parse_sent_profile(sent, session))
    rejudge_lifters(session, session.say)


def _change_exercise(session: Session, number: int, sent: Sent) -> None:
    change_exercise(session, number, sent_text(sent, "exercise"))
