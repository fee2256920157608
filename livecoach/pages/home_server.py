"""Serves the home page, the history and the reports to a browser on this computer, with forms that change sessions.

Every address begins with a secret. It takes the place of a cookie, which browsers would send to every server at
127.0.0.1, whatever its port and whoever runs it. A browser is started with an entry instead, an address that leads to
the secret one and works once: other users of this computer can read the arguments of its programs.
"""

import asyncio
import math
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TextIO

from aiohttp import web
from aiohttp.typedefs import Handler

from livecoach.core.config import load_settings, local_time
from livecoach.core.errors import LivecoachError, OutputError, SessionError, explained
from livecoach.core.language import translate
from livecoach.core.types import ignore
from livecoach.core.types.message import Message
from livecoach.pages.history.page import history_document
from livecoach.pages.history.reading import load_past, read_session
from livecoach.pages.listener import BoundedListener, same
from livecoach.pages.offered import profiles
from livecoach.pages.report.home import home_page, session_title
from livecoach.pages.report.known import known_page, sent_reps
from livecoach.pages.report.plan import plan_page, sent_plan
from livecoach.pages.served_pages import (
    HEADERS,
    MOST_BYTES,
    POLICY,
    SET,
    SessionPages,
    named_folder,
    refusal,
    sent_form,
)
from livecoach.records.knowledge import Knowledge, before_deletion
from livecoach.records.plan import read_plan, write_plan
from livecoach.records.profile import Profile, profile_names
from livecoach.records.rejudging import judge_all_anew
from livecoach.records.session.stored import Session
from livecoach.records.session.upkeep import bring_back, check_deletable, hide_session, remove

ADDRESS = "127.0.0.1"
IDLE_S = 150.0  # Each open page asks for something once a minute (forms.js). Our choice: one request may be lost.
OF_HOME = {**HEADERS, "Content-Security-Policy": POLICY.format("'none'")}
OUT_OF_DATE = Message("This address is not valid any more. Run `livecoach home` again.")
OPENED, OPEN = Message("livecoach's window opens."), Message("livecoach's window is open already.")
TOO_LONG = Message("This page saves up to 160 lines. Write a longer plan into the file below.")
_TOKEN_BYTES = 32


async def serve(
    show: Callable[[str], object],
    say: Callable[[str], object],
    page: str = "",
    requests: TextIO | None = None,
    idle_s: float = IDLE_S,
    *,
    starts: bool = False,
) -> None:
    """Serve the pages until cancelled.

    show: called with an address for the browser, which works once, as soon as the server listens. say: called with a
    line about what went wrong. page: the page of that address, by default the home page. requests: each line names a
    page, whose address is shown in place of that first one. After their end, the server ends once no page has asked for
    anything for `idle_s`. starts: whether a button opens the start screen, which ends with the server.
    Raises OutputError if nothing may listen on this computer.
    """
    with explained(OutputError, f"{ADDRESS}: can't be listened to", "`livecoach report` writes a page of a session."):
        listening = socket.create_server((ADDRESS, 0))
    listening.setblocking(False)
    listener = BoundedListener(listening, None, ignore)
    pages = HomePages(listening.getsockname()[1], say, listener, starts=starts)
    application = web.Application(middlewares=[pages.guard], client_max_size=MOST_BYTES)
    application.add_routes(pages.routes())
    application.on_response_prepare.append(_add_headers)
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    def show_page(named: str) -> None:
        show(pages.entry(named))

    def listen_to(lines: TextIO) -> None:
        with suppress(RuntimeError):  # the server has ended
            for line in lines:
                loop.call_soon_threadsafe(show_page, line.strip())
            loop.call_soon_threadsafe(ended.set)

    try:
        async with listener.serving(application, OF_HOME):
            if requests is None:
                show_page(page)
            else:
                Thread(target=listen_to, args=(requests,), name="home", daemon=True).start()
            await ended.wait()
            while (left_s := pages.asked_s + idle_s - loop.time()) > 0:
                await asyncio.sleep(left_s)
    finally:
        listening.close()
        pages.end_start_screen()
        pages.finish_deleting(say)


async def _add_headers(_: web.Request, answer: web.StreamResponse) -> None:
    answer.headers.update(OF_HOME)


class HomePages:
    """The pages of one server, and the sessions that were deleted on them."""

    def __init__(self, port: int, say: Callable[[str], object], listener: BoundedListener, *, starts: bool) -> None:
        """say: called with a line about a page that fails. starts: as for `serve`."""
        self._host, self._say, self._starts = f"{ADDRESS}:{port}", say, starts
        self._start_screen: subprocess.Popen[bytes] | None = None
        self._secret = secrets.token_urlsafe(_TOKEN_BYTES)
        self._entries: dict[str, str] = {}  # key → where it leads
        self._deleted: dict[str, tuple[Path, str]] = {}
        """Name of a deleted session → where it is hidden, and how the page names it."""
        self._pages = SessionPages(asyncio.to_thread, "home")
        self.asked_s = -math.inf
        """Time of the last request with the secret, by the loop's clock."""
        self._listener = listener

    def entry(self, page: str = "") -> str:
        """Return a new address of a page for a browser, which works once."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._entries[token] = page
        return f"http://{self._host}/?t={token}"

    def routes(self) -> list[web.RouteDef]:
        session = "/{secret}/{name}"
        return [
            web.get("/", self._enter),
            web.get("/{secret}/", self._home),
            web.post(f"{session}/delete", self._delete),
            web.post(f"{session}/undelete", self._undelete),
            web.post(f"{session}/{SET}/reference", self._pages.changing(_make_reference)),
            web.post("/{secret}/profile/forget", _changing(_forgotten)),
            web.get("/{secret}/known.html", self._page(_known_page)),
            web.post("/{secret}/known", _changing(_reps_forgotten)),
            web.get("/{secret}/plan.html", self._page(_plan_page)),
            web.post("/{secret}/plan", _changing(_plan_kept)),
            *self._pages.routes("/{secret}", lambda handler: handler),
            *((web.post("/{secret}/start", self._start),) if self._starts else ()),
        ]

    def end_start_screen(self) -> None:
        """End its run as Ctrl-C does."""
        if self._start_screen is not None:
            self._start_screen.send_signal(signal.SIGINT)

    def finish_deleting(self, say: Callable[[str], object]) -> None:
        """Remove the deleted sessions for good."""
        for hidden, _ in self._deleted.values():
            try:
                remove(hidden)
            except OutputError as err:
                say(str(err))

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse requests without the secret, for another host, or from another page. An error becomes one line."""
        try:
            if not self._is_allowed(request):
                raise web.HTTPForbidden(text=translate(OUT_OF_DATE))
            self._listener.mark_known(request)
            self.asked_s = asyncio.get_running_loop().time()
            return await handler(request)
        except LivecoachError as err:
            return refusal(err)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception as err:  # a page that fails ends no other
            self._say(f"home page: {err!r}")
            return web.Response(status=500, text=str(500))

    def _is_allowed(self, request: web.Request) -> bool:
        """Return whether a request has the secret and is the browser's own, or a page's of ours."""
        origin = request.headers.get("Origin")
        ours = {f"http://{self._host}", *({None} if request.method == "GET" else ())}
        has_secret = request.path == "/" or same(request.path.removeprefix("/").split("/")[0], self._secret)
        return request.host == self._host and origin in ours and has_secret

    async def _enter(self, request: web.Request) -> web.Response:
        given = request.query.get("t", "")
        known = next((one for one in self._entries if same(given, one)), None)
        if known is None:
            raise web.HTTPForbidden(text=translate(OUT_OF_DATE))
        raise web.HTTPSeeOther(f"/{self._secret}/{self._entries.pop(known)}")

    async def _home(self, request: web.Request) -> web.Response:
        titles = {name: title for name, (_, title) in self._deleted.items()}
        return await self._pages.made(_home_page, titles, self._starts, request.query.get("profile"))

    async def _start(self, _: web.Request) -> web.Response:
        if self._start_screen is not None and self._start_screen.poll() is None:
            raise OutputError(OPEN)
        self._start_screen = subprocess.Popen(
            [sys.executable, "-m", "livecoach", "--start-screen"],
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches it through us
        )
        return web.Response(text=translate(OPENED))

    async def _delete(self, request: web.Request) -> web.Response:
        folder, keeps = named_folder(request), "keep" in await sent_form(request)
        self._deleted[folder.name] = await asyncio.to_thread(_hidden, folder, keeps)
        return web.Response()

    def _page(self, make: Callable[[str], str]) -> Handler:
        """Return the handler of a page of one profile."""

        async def handle(request: web.Request) -> web.Response:
            return await self._pages.made(make, request.query.get("profile", ""))

        return handle

    async def _undelete(self, request: web.Request) -> web.Response:
        if request.match_info["name"] not in self._deleted:
            raise web.HTTPNotFound
        hidden, _ = self._deleted[request.match_info["name"]]
        await asyncio.to_thread(bring_back, hidden)
        del self._deleted[hidden.name]
        return web.Response()


def _changing(change: Callable[[Mapping[str, str]], object]) -> Handler:
    """Return the handler of a form. change: takes the fields of the form, and of the address that it was sent to."""

    async def handle(request: web.Request) -> web.Response:
        try:
            sent = await sent_form(request)
        except web.HTTPRequestEntityTooLarge as err:  # other forms are never that long
            raise OutputError(TOO_LONG) from err
        await asyncio.to_thread(change, {**request.query, **sent})
        return web.Response()

    return handle


# Below: in another thread.


def _hidden(folder: Path, keeps: bool) -> tuple[Path, str]:
    """Hide a session. Returns where it is, and how the home page names it. keeps: as `before_deletion` takes it."""
    check_deletable(folder)
    session = read_session(folder, ignore)
    title = folder.name if session is None else session_title(session)
    before_deletion(folder, ignore, keeps=keeps)
    hidden = hide_session(folder)
    for name in () if session is None else session.known_profiles:
        judge_all_anew(name, ignore)
    return hidden, title


def _make_reference(session: Session, number: int, _: Mapping[str, str]) -> None:
    profile = next((one.profile for one in session.sets if one.number == number), None)
    if profile is None:
        raise SessionError(Message("This set has no good reps that a profile could keep."))
    Knowledge(Profile(profile, session.say), session.say).make_reference(session, number)


def _forgotten(sent: Mapping[str, str]) -> None:
    """Forget what is named if it is there: no path is made of what a form sends. Raises HTTPNotFound if it is not."""
    for profile in (Profile(name, ignore) for name in profile_names() if name == sent.get("profile")):
        if sent.get("exercise") in dict(Knowledge(profile, ignore).latest()):
            profile.forget(sent["exercise"])
            return
    raise web.HTTPNotFound


def _known_page(profile: str) -> str:
    names = _checked(profile, sorted(profile_names()))
    return known_page(Knowledge(Profile(profile, ignore), ignore), names)


def _reps_forgotten(sent: Mapping[str, str]) -> None:
    profile = sent.get("profile", "")
    _checked(profile, profile_names())
    knowledge = Knowledge(Profile(profile, ignore), ignore)
    knowledge.forget(sent_reps(sent, knowledge))
    judge_all_anew(profile, ignore)


def _checked(profile: str, names: Sequence[str]) -> Sequence[str]:
    """Return the names. Raises HTTPNotFound if the profile is not among them."""
    if profile not in names:
        raise web.HTTPNotFound
    return names


def _plan_page(profile: str) -> str:
    return plan_page(profile, _checked(profile, profiles(load_settings({}))), local_time.now().date())


def _plan_kept(sent: Mapping[str, str]) -> None:
    profile = sent.get("profile", "")
    _checked(profile, profiles(load_settings({})))
    read_plan(profile)  # a file that can't be read is not replaced
    write_plan(profile, sent_plan(sent, local_time.now().date()))


def _home_page(deleted: Mapping[str, str], starts: bool, whose: str | None) -> str:
    """whose: as for `home_page`; somebody who has no session counts for everybody."""
    past = load_past()
    whose = whose if whose in past.people else None
    document = history_document(past, local_time.now().date(), profile=whose)
    return home_page(past, document, ignore, whose=whose, deleted=deleted, starts=starts)
