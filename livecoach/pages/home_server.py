"""Serves the home page, the history and the reports to a browser on this computer, with forms that change sessions.

Every address begins with a secret. It replaces a cookie, which browsers would send to every server at 127.0.0.1, on any
port and from any user. A browser is started with another address, which redirects to the secret address and works once,
because other users of this computer can read the arguments of programs.
"""

import asyncio
import math
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from io import BytesIO
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import IO, Protocol, TextIO

from aiohttp import web
from aiohttp.typedefs import Handler

from livecoach.core.charts import load_template
from livecoach.core.config import load_settings, local_time, paths
from livecoach.core.config.files import lock_folder
from livecoach.core.errors import ConfigError, LivecoachError, OutputError, SessionError, explain_os_errors
from livecoach.core.language import translate
from livecoach.core.own_process import NEW_GROUP, interrupt
from livecoach.core.types import ignore
from livecoach.core.types.message import Message
from livecoach.pages import tool_pages
from livecoach.pages.history.reading import read_session
from livecoach.pages.history.session_index import choose_page_lifter
from livecoach.pages.home.session_search import sessions_page
from livecoach.pages.home.today import lifters_page, today_page
from livecoach.pages.listener import BoundedListener, equals_secret
from livecoach.pages.offered import CHOICE_GONE, profile_choices
from livecoach.pages.report.known import find_reps_of_form, known_page
from livecoach.pages.report.plan_page import parse_sent_plan, plan_page
from livecoach.pages.report.session_cards import session_title
from livecoach.pages.served_pages import (
    CHOSEN,
    HEADERS,
    MOST_BYTES,
    POLICY,
    SET,
    SessionPages,
    named_folder,
    page_handler,
    read_form_fields,
)
from livecoach.records.knowledge import LifterReferences, prepare_deletion
from livecoach.records.plan import read_plan, write_plan
from livecoach.records.profile import Profile
from livecoach.records.rejudging import rejudge_profile
from livecoach.records.session.stored import Session
from livecoach.records.session.upkeep import (
    check_deletable,
    delete_hidden_session,
    hide_session,
    restore_hidden_session,
)

REFUSED = Path(__file__).with_name("refused.html.j2")
ADDRESS = "127.0.0.1"
IDLE_S = 150.0  # In seconds: open pages send a request every minute (forms.js), which may be lost. Our choice.
HOME_HEADERS = {**HEADERS, "Content-Security-Policy": POLICY.format("'none'")}  # Headers of every answer
OUT_OF_DATE = Message("This address is not valid any more. Open livecoach again.")
GONE = Message("This does not exist any more: it was deleted, or has another name now.")
OPENED, OPEN = Message("livecoach's window opens."), Message("livecoach's window is open already.")
NO_WINDOW = Message("No window opens here. The page “Check” says why.")
ENDED = "Another program or a crash ended livecoach's window ({name}). Open it again."
FAILS_S = 3.0  # Longest time in seconds until a start screen that can't open ends; mostly it takes 1 s. Our choice.
TOO_LONG = Message("This page saves up to 160 lines. Make it shorter.")
_TOKEN_BYTES = 32  # Length of the secret and of the tokens


async def serve_home(
    show: Callable[[str], object],
    say: Callable[[str], object],
    page: str = "",
    requests: TextIO | None = None,
    idle_s: float = IDLE_S,
    *,
    starts: bool = False,
    problem: str = "",
    tools: Sequence["Tool"] = (),
) -> None:
    """Serve the pages of `livecoach home` until the task is cancelled or, with `requests`, no page is open any more.

    At the end, the sessions that were deleted on the pages are removed for good.

    Args:
        show: Called with an address to show in the browser. The address works once.
        say: Called with a line about each failure.
        page: Page to show as soon as the server listens; empty for the home page.
        requests: Lines that name pages to show instead of `page`. After the last line, the server ends when no page has
            sent a request for `idle_s` and no tool is busy. None to show `page` and to serve without end.
        idle_s: Time in seconds without a request after which the server ends. It has no effect without `requests`.
        starts: Whether a button opens the start screen, which ends with the server.
        problem: Why no start screen can open here; empty if it may open.
        tools: Further pages with their work, which ends with the server.

    Raises:
        OutputError: The server can't listen on this computer.
    """
    with explain_os_errors(
        OutputError, f"{ADDRESS}: can't be listened to", "`livecoach report` writes a page of a session."
    ):
        listening = socket.create_server((ADDRESS, 0))
    listening.setblocking(False)
    listener = BoundedListener(listening, None, ignore)
    pages = HomePages(listening.getsockname()[1], say, listener, starts=starts, problem=problem, tools=tools)
    application = web.Application(middlewares=[pages.guard], client_max_size=MOST_BYTES)
    application[CHOSEN] = {}
    application.add_routes(pages.routes())
    application.on_response_prepare.append(_add_headers)
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    def show_page(name: str) -> None:
        show(pages.make_entry_address(name))

    def listen_to(lines: TextIO) -> None:
        with suppress(RuntimeError):  # the server has ended
            for line in lines:
                loop.call_soon_threadsafe(show_page, line.strip())
            loop.call_soon_threadsafe(ended.set)

    try:
        async with listener.serving(application, HOME_HEADERS):
            if requests is None:
                show_page(page)
            else:
                Thread(target=listen_to, args=(requests,), name="home", daemon=True).start()
            await ended.wait()
            while (left_s := pages.last_request_s + idle_s - loop.time()) > 0 or any(tool.is_busy for tool in tools):
                await asyncio.sleep(max(left_s, 1.0))
    finally:
        listening.close()
        for tool in tools:
            tool.close()
        pages.end_start_screen()
        pages.finish_deleting(say)


async def _add_headers(_: web.Request, answer: web.StreamResponse) -> None:
    answer.headers.update(HOME_HEADERS)


class Tool(Protocol):
    """Pages that a program adds to the home server, with the work that the forms of these pages start."""

    @property
    def is_busy(self) -> bool:
        """Whether work is in progress, during which the server must not end by itself."""

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes of the pages and forms, below "/{secret}"."""

    def close(self) -> None:
        """End all work. The server calls this when it ends."""


class HomePages:
    """The pages of a home server, the start screen that they open, and the deleted sessions that they can restore."""

    def __init__(
        self,
        port: int,
        say: Callable[[str], object],
        listener: BoundedListener,
        *,
        starts: bool,
        problem: str = "",
        tools: Sequence[Tool],
    ) -> None:
        """Create the pages of a server at a port. `serve_home` explains `say` and the keyword arguments."""
        self._host, self._say, self._starts, self._tools = f"{ADDRESS}:{port}", say, starts, tools
        self._problem = problem
        self._start_screen: subprocess.Popen[bytes] | None = None
        self._start_errors: IO[bytes] = BytesIO()
        """What the start screen, and the run that was started there, write to standard error."""
        self._secret = secrets.token_urlsafe(_TOKEN_BYTES)
        self._entries: dict[str, str] = {}  # token of an address that works once → page
        self._deleted: dict[str, tuple[Path, str, ExitStack]] = {}
        """Hidden folder and title of each deleted session, by name, and the lock on the folder."""
        self._pages = SessionPages(asyncio.to_thread, "home")
        self.last_request_s = -math.inf
        """Time of the last request that `guard` passed on, on the event loop's clock; -inf before the first request."""
        self._listener = listener

    def make_entry_address(self, page: str = "") -> str:
        """Make an address that works once, and leads a browser to a page (empty for the home page)."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._entries[token] = page
        return f"http://{self._host}/?t={token}"

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of all pages and forms."""
        session = "/{secret}/{name}"
        return [
            web.get("/", self._enter),
            web.get("/{secret}/", page_handler(self._today_page)),
            web.get("/{secret}/sessions.html", page_handler(self._sessions_page)),
            web.get("/{secret}/lifters.html", page_handler(lambda _: lifters_page(local_time.now().date()))),
            *tool_pages.routes(),
            *chain.from_iterable(tool.routes() for tool in self._tools),
            web.post(f"{session}/delete", self._delete),
            web.post(f"{session}/undelete", self._undelete),
            web.post(f"{session}/{SET}/reference", self._pages.form_handler(_make_reference)),
            web.post("/{secret}/profile/forget", _form_handler(_forget_reference)),
            web.get("/{secret}/known.html", page_handler(_known_page)),
            web.post("/{secret}/known", _form_handler(_forget_reps)),
            web.get(
                "/{secret}/plan.html",
                page_handler(lambda query: plan_page(*_chosen_profile(query), local_time.now().date())),
            ),
            web.post("/{secret}/plan", _form_handler(_save_plan)),
            *self._pages.routes("/{secret}", lambda handler: handler),
            *((web.post("/{secret}/start", self._start),) if self._starts else ()),
        ]

    def end_start_screen(self) -> None:
        """Ask the start screen, or a run that was started there, to end, as Ctrl-C does."""
        if self._start_screen is not None:
            interrupt(self._start_screen)
        self._start_errors.close()

    def finish_deleting(self, say: Callable[[str], object]) -> None:
        """Remove the deleted sessions for good, and report the sessions that can't be removed."""
        for hidden, _, lock in self._deleted.values():
            try:
                lock.close()
                delete_hidden_session(hidden)
            except OutputError as err:
                say(str(err))

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse foreign requests, pass all other requests to the handler, and answer the errors of the handler.

        A request is refused with status 403 if it lacks the secret (at "/": an unused token), names another host or
        origin, or sends a form without an origin. The request for an icon gets an empty answer. The lifter whom an
        allowed GET request names becomes the chosen lifter. A LivecoachError is answered with its text and status 409,
        a missing page with GONE and 404; the answer is a page if the browser navigates. Other HTTP errors and
        connection errors are raised. All other failures are reported, and answered with status 500.
        """
        try:
            if request.path == "/favicon.ico":  # browsers request the icon by themselves, without the secret
                return web.Response(status=204)
            if not self._is_allowed(request):
                raise _forbidden(request)
            if request.path != "/":  # `_is_allowed` passes this path without a secret
                self._listener.mark_known(request)
            self.last_request_s = asyncio.get_running_loop().time()
            if request.method == "GET" and (lifter := request.query.get("profile")):
                request.app[CHOSEN]["chosen"] = lifter
            return await handler(request)
        except (LivecoachError, web.HTTPNotFound) as err:
            line, status = (err.text, 409) if isinstance(err, LivecoachError) else (GONE, 404)
            if _navigates(request):  # a page with the links on top, which lead on
                page = load_template(REFUSED).render(text=line)
                return web.Response(status=status, text=page, content_type="text/html")
            return web.Response(status=status, text=translate(line))
        except (web.HTTPException, ConnectionError):
            raise
        except Exception as err:  # other pages go on if a page fails
            self._say(f"home page: {err!r}")
            return web.Response(status=500, text=str(500))

    def _is_allowed(self, request: web.Request) -> bool:
        """Return whether a request has the secret, and comes from the browser itself or from a page of this server."""
        origin = request.headers.get("Origin")
        ours = {f"http://{self._host}", *({None} if request.method == "GET" else ())}
        has_secret = request.path == "/" or equals_secret(request.path.removeprefix("/").split("/")[0], self._secret)
        return request.host == self._host and origin in ours and has_secret

    async def _enter(self, request: web.Request) -> web.Response:
        token = request.query.get("t", "")
        known = next((entry for entry in self._entries if equals_secret(token, entry)), None)
        if known is None:
            raise _forbidden(request)
        raise web.HTTPSeeOther(f"/{self._secret}/{self._entries.pop(known)}")

    def _today_page(self, query: Mapping[str, str]) -> str:
        problem = self._start_problem()
        return today_page(query.get("chosen"), local_time.now().date(), ignore, starts=self._starts, problem=problem)

    def _sessions_page(self, query: Mapping[str, str]) -> str:
        return sessions_page(query, {name: title for name, (_, title, _) in self._deleted.items()})

    async def _start(self, request: web.Request) -> web.Response:
        if self._start_screen is not None and self._start_screen.poll() is None:
            raise OutputError(OPEN)
        sent = await read_form_fields(request)
        if lifter := sent.get("profile", ""):
            _check_profile(lifter, await asyncio.to_thread(profile_choices, load_settings({})))
        command = [f"--start-screen={lifter}"]
        if sent.get("with") == "phone":
            command = ["live", "--phone", *([f"--profile={lifter}"] if lifter else [])]
        self._start_errors.close()
        self._start_errors = tempfile.TemporaryFile()  # noqa: SIM115 - it is read as long as the page is open
        self._start_screen = subprocess.Popen(
            [sys.executable, "-m", "livecoach", *command],
            stdin=subprocess.DEVNULL,
            stderr=self._start_errors,
            start_new_session=True,  # on Ctrl-C, only this server ends it
            creationflags=NEW_GROUP,
        )
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._start_screen.wait, FAILS_S)
        if problem := self._start_problem():
            raise OutputError(problem)
        return web.Response(text=translate(OPENED))

    def _start_problem(self) -> str:
        """Return why no start screen can open, or why the last start screen or its run failed; otherwise empty."""
        status = None if self._start_screen is None else self._start_screen.poll()
        if not status:
            return self._problem
        number = max(-status, status - 128)  # A process that handles a signal adds 128 to its number
        if number in set(signal.Signals):
            return Message(ENDED, name=signal.Signals(number).name)
        self._start_errors.seek(0)
        lines = self._start_errors.read().decode(errors="replace").splitlines()
        return lines[-1].removeprefix("livecoach: ") if lines else NO_WINDOW

    async def _delete(self, request: web.Request) -> web.Response:
        folder, keeps = named_folder(request), "keep" in await read_form_fields(request)
        self._deleted[folder.name] = await asyncio.to_thread(_hide, folder, keeps)
        return web.Response()

    async def _undelete(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name in self._deleted:  # Otherwise, another tab has restored it
            hidden, _, lock = self._deleted[name]
            lock.close()
            await asyncio.to_thread(_restore, hidden)
            del self._deleted[name]
        return web.Response()


def _form_handler(change: Callable[[Mapping[str, str]], object]) -> Handler:
    """Return a handler that passes the fields of the form and of its address to `change`."""

    async def handle(request: web.Request) -> web.Response:
        try:
            sent = await read_form_fields(request)
        except web.HTTPRequestEntityTooLarge as err:  # only the form of a plan can be so long
            raise OutputError(TOO_LONG) from err
        await asyncio.to_thread(change, {**request.query, **sent})
        return web.Response()

    return handle


# The functions below run on another thread.


def _hide(folder: Path, keeps: bool) -> tuple[Path, str, ExitStack]:
    """Hide a session that is to be deleted. Return its hidden folder and title, and the lock of the folder."""
    check_deletable(folder)
    session = read_session(folder, ignore)
    title = folder.name if session is None else session_title(session)
    prepare_deletion(folder, ignore, keeps=keeps)
    hidden, lock = hide_session(folder), ExitStack()
    with suppress(OSError):  # The disk may be full
        lock.enter_context(lock_folder(hidden.parent, wait_s=0.0))
    for name in () if session is None else session.valid_profiles:
        rejudge_profile(name, ignore)
    return hidden, title, lock


def _restore(hidden: Path) -> None:
    """Bring a hidden session back. Its reps replace the copies that profiles have kept, and judge the lifters again."""
    restore_hidden_session(hidden)
    session = read_session(paths.sessions_dir() / hidden.name, ignore)
    if session is not None:
        for name in session.valid_profiles:
            Profile(name, ignore).delete_kept_reps(session.about.session)
            rejudge_profile(name, ignore)


def _make_reference(session: Session, number: int, _: Mapping[str, str]) -> None:
    profile = next((session_set.profile for session_set in session.sets if session_set.number == number), None)
    if profile is None:
        raise SessionError(Message("This set has no good reps that a profile could keep."))
    LifterReferences(Profile(profile, session.say), session.say).use_set_as_reference(session, number)
    rejudge_profile(profile, session.say, session.name)


def _forget_reference(sent: Mapping[str, str]) -> None:
    """Forget the reference of an exercise. Names from a form are only compared: they can't lead to other paths."""
    knowledge = LifterReferences(Profile(_sent_profile(sent), ignore), ignore)
    if sent.get("exercise") not in dict(knowledge.find_latest_references()):
        raise web.HTTPNotFound
    knowledge.forget_exercise(sent["exercise"])
    rejudge_profile(knowledge.profile.name, ignore)


def _known_page(query: Mapping[str, str]) -> str:
    profile, names = _chosen_profile(query)
    return known_page(LifterReferences(Profile(profile, ignore), ignore), names)


def _forget_reps(sent: Mapping[str, str]) -> None:
    profile = _sent_profile(sent)
    knowledge = LifterReferences(Profile(profile, ignore), ignore)
    knowledge.forget_reps(find_reps_of_form(sent, knowledge))
    rejudge_profile(profile, ignore)


def _navigates(request: web.Request) -> bool:
    """Return whether the browser opens a page, and no script of a page asks."""
    return request.headers.get("Sec-Fetch-Mode") == "navigate"


def _forbidden(request: web.Request) -> web.HTTPForbidden:
    """Return the refusal of a request without the secret, as a page without links if the browser navigates."""
    if _navigates(request):
        page = load_template(REFUSED).render(text=OUT_OF_DATE, place="elsewhere")
        return web.HTTPForbidden(text=page, content_type="text/html")
    return web.HTTPForbidden(text=translate(OUT_OF_DATE))


def _check_profile(profile: str, names: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return a profile and the names of all profiles. Raises HTTPNotFound if it is not among these names."""
    if profile not in names:
        raise web.HTTPNotFound
    return profile, names


def _chosen_profile(query: Mapping[str, str]) -> tuple[str, Sequence[str]]:
    settings = load_settings({})
    names = profile_choices(settings)
    return _check_profile(query.get("profile") or choose_page_lifter(query, names, settings.profile), names)


def _sent_profile(sent: Mapping[str, str]) -> str:
    return _check_profile(sent.get("profile", ""), profile_choices(load_settings({})))[0]


def _save_plan(sent: Mapping[str, str]) -> None:
    profile = _sent_profile(sent)
    shown = str(hash(read_plan(profile)))  # Raises ConfigError: a file that can't be read is not replaced
    if sent.get("shown", shown) != shown:  # The plan was changed after the page was made
        raise ConfigError(CHOICE_GONE)
    write_plan(profile, parse_sent_plan(sent, local_time.now().date()))
