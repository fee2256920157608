"""Serves the home page, the history and the reports to a browser on this computer, with forms that change sessions.

Every address begins with a secret. It takes the place of a cookie, which browsers would send to every server at
127.0.0.1, whatever its port and whoever runs it. A browser is started with an entry instead, an address that leads to
the secret one and works once: other users of this computer can read the arguments of its programs.

A page is made when it is asked for. What its forms change goes through the functions that the commands call.
"""

import asyncio
import hmac
import logging
import math
import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from threading import Thread
from typing import TextIO

from aiohttp import web

from livecoach.config import local_time
from livecoach.config.paths import sessions_dir
from livecoach.errors import LivecoachError, OutputError
from livecoach.history.page import HistoryChoice, past_document, render_page
from livecoach.history.reading import load_past
from livecoach.language import translate
from livecoach.phone.listener import BoundedListener, Handler, Requests
from livecoach.report.forms import SCRIPT, Sent, sent_correction, sent_log
from livecoach.report.home import Stamp, home_page, rep_picture, stamp
from livecoach.report.page import make_report
from livecoach.session import layout
from livecoach.session.amending import Corrector, store_log
from livecoach.session.deleting import bring_back, hide_session, remove
from livecoach.session.rep_choice import RepRange
from livecoach.session.stored import Session, named_rep, open_session
from livecoach.types.callbacks import ignore
from livecoach.types.message import Message

ADDRESS = "127.0.0.1"
MOST_BYTES = 16384
"""Most that a form may send. A note has up to 200 characters."""
IDLE_S = 150.0
"""Each open page asks for something once a minute (forms.js). Our choice: one request may be lost."""
REPORTS = 8
"""Reports kept in memory, of about 2 MB at most. Our choice."""
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; media-src data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "",  # instead of the server's name and version
}
OUT_OF_DATE = Message("This address is not valid any more. Run `livecoach home` again.")
_TOKEN_BYTES = 32
_SET, _REP = "{set:[0-9]{1,3}}", "{rep:[0-9]{1,3}}"


async def serve(
    show: Callable[[str], object],
    say: Callable[[str], object],
    page: str = "",
    requests: TextIO | None = None,
    idle_s: float = IDLE_S,
) -> None:
    """Serve the pages until cancelled.

    show: called with an address for the browser, which works once, as soon as the server listens. say: called with a
    line about what went wrong. page: the page of that address, by default the home page. requests: each line shows
    another address. After their end, the server ends once no page has asked for anything for `idle_s`. Raises
    OutputError if nothing may listen on this computer.
    """
    try:
        listening = socket.create_server((ADDRESS, 0))
    except OSError as err:
        raise OutputError(
            f"{ADDRESS}: can't be listened to ({err.strerror}). `livecoach home --out FOLDER` writes the pages."
        ) from err
    listening.setblocking(False)
    pages = HomePages(listening.getsockname()[1], page, say)
    application = web.Application(middlewares=[pages.watch, pages.guard], client_max_size=MOST_BYTES)
    application.add_routes(pages.routes())
    runner = web.AppRunner(application, handle_signals=False)
    await runner.setup()
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    assert runner.server is not None
    pages.listener = BoundedListener(listening, partial(_requests, runner.server), None, ignore)
    accepting = loop.create_task(pages.listener.accept())

    def listen_to(lines: TextIO) -> None:
        with suppress(RuntimeError):  # the server has ended
            for _ in lines:
                loop.call_soon_threadsafe(lambda: show(pages.entry()))
            loop.call_soon_threadsafe(ended.set)

    try:
        show(pages.entry())
        if requests is not None:
            Thread(target=listen_to, args=(requests,), name="home", daemon=True).start()
        await ended.wait()
        while (left_s := pages.asked_s + idle_s - loop.time()) > 0:
            await asyncio.sleep(left_s)
    finally:
        accepting.cancel()
        await pages.listener.close()
        listening.close()
        await runner.cleanup()
        pages.finish_deleting(say)


def _requests(server: web.Server) -> Requests:
    """Return the handler of a connection's requests. Somebody else's broken ones leave no line."""
    silent = logging.Logger("livecoach.home")
    silent.addHandler(logging.NullHandler())
    return Requests(
        server, headers=HEADERS, loop=asyncio.get_running_loop(), access_log=None, logger=silent, keepalive_timeout=10.0
    )


class HomePages:
    """The pages of one server, and the sessions that were deleted on them."""

    def __init__(self, port: int, page: str, say: Callable[[str], object]) -> None:
        """page: where entries lead. say: called with a line about a page that fails."""
        self._host, self._page, self._say = f"{ADDRESS}:{port}", page, say
        self._secret = secrets.token_urlsafe(_TOKEN_BYTES)
        self._entries: set[str] = set()
        self._deleted: dict[str, Path] = {}
        """Name of a deleted session → where it is hidden."""
        self._making = asyncio.Lock()
        self.asked_s = -math.inf
        """Time of the last request with the secret, by the loop's clock."""
        self.listener: BoundedListener | None = None
        """Accepts the connections."""

    def entry(self) -> str:
        """Return a new address for a browser, which works once."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._entries.add(token)
        return f"http://{self._host}/?t={token}"

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the application."""
        session = "/{secret}/{name}"
        return [
            web.get("/", self._enter),
            web.get("/{secret}/", self._home),
            web.get("/{secret}/history.html", self._history),
            web.get("/{secret}/forms.js", self._script),
            web.get(f"{session}.html", self._report),
            web.get(f"{session}/{_SET}/{_REP}.svg", self._picture),
            web.post(f"{session}/{_SET}/{_REP}", self._correct),
            web.post(f"{session}/{_SET}", self._log_set),
            web.post(f"{session}/delete", self._delete),
            web.post(f"{session}/undelete", self._undelete),
        ]

    def finish_deleting(self, say: Callable[[str], object]) -> None:
        """Remove the deleted sessions for good."""
        for hidden in self._deleted.values():
            try:
                remove(hidden)
            except OutputError as err:
                say(str(err))

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the listener know which connections ask for something."""
        assert self.listener is not None
        return await self.listener.watch(request, handler)

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse requests without the secret, for another host, or from another page. An error becomes one line."""
        try:
            if not self._is_allowed(request):
                raise web.HTTPForbidden(text=translate(OUT_OF_DATE))
            assert self.listener is not None
            self.listener.mark_known(request)
            self.asked_s = asyncio.get_running_loop().time()
            answer = await handler(request)
        except web.HTTPException as err:
            answer = web.Response(status=err.status, text=err.text, headers=_location(err))
        except LivecoachError as err:
            answer = web.Response(status=409, text=translate(err.text))
        except ConnectionError:
            raise
        except Exception as err:  # a page that fails ends no other, and gets our headers too
            self._say(f"home page: {err!r}")
            answer = web.Response(status=500, text=str(500))
        answer.headers.update(HEADERS)
        return answer

    def _is_allowed(self, request: web.Request) -> bool:
        """Return whether a request has the secret and is the browser's own, or a page's of ours."""
        origin = request.headers.get("Origin")
        ours = {f"http://{self._host}", *({None} if request.method == "GET" else ())}
        has_secret = request.path == "/" or _same(request.path.removeprefix("/").split("/")[0], self._secret)
        return request.host == self._host and origin in ours and has_secret

    async def _enter(self, request: web.Request) -> web.Response:
        given = request.query.get("t", "")
        known = next((one for one in self._entries if _same(given, one)), None)
        if known is None:
            raise web.HTTPForbidden(text=translate(OUT_OF_DATE))
        self._entries.remove(known)
        raise web.HTTPSeeOther(f"/{self._secret}/{self._page}")

    async def _home(self, _: web.Request) -> web.Response:
        return await self._made(_home_page, tuple(self._deleted))

    async def _history(self, request: web.Request) -> web.Response:
        since = request.query.get("since")
        try:
            first = None if since is None else date.fromisoformat(since)
        except ValueError as err:
            raise web.HTTPBadRequest from err
        exercise, profile = request.query.get("exercise"), request.query.get("profile")
        return await self._made(_history_page, HistoryChoice(exercise=exercise, profile=profile, first=first))

    async def _script(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(SCRIPT)

    async def _report(self, request: web.Request) -> web.Response:
        folder = _folder(request)
        return await self._made(_report_page, folder, stamp(folder))

    async def _picture(self, request: web.Request) -> web.Response:
        return await self._made(_picture, _folder(request), _rep(request), content_type="image/svg+xml")

    async def _made(self, make: Callable[..., str], *given: object, content_type: str = "text/html") -> web.Response:
        async with self._making:  # one at a time, and forms are answered meanwhile
            return web.Response(text=await asyncio.to_thread(make, *given), content_type=content_type)

    async def _correct(self, request: web.Request) -> web.Response:
        return await self._changed(_correct, request, _rep(request))

    async def _log_set(self, request: web.Request) -> web.Response:
        return await self._changed(_log_set, request, int(request.match_info["set"]))

    async def _changed(self, change: Callable[..., None], request: web.Request, what: object) -> web.Response:
        """Change a rep or a set of a session by what a form sent; return what is said meanwhile, usually nothing."""
        said: list[str] = []
        folder, sent = _folder(request), await _sent(request)
        await asyncio.to_thread(lambda: change(open_session(folder, said.append), what, sent))
        return web.Response(text=" ".join(said))

    async def _delete(self, request: web.Request) -> web.Response:
        folder = _folder(request)
        self._deleted[folder.name] = await asyncio.to_thread(hide_session, folder)
        return web.Response()

    async def _undelete(self, request: web.Request) -> web.Response:
        hidden = self._deleted.get(request.match_info["name"])
        if hidden is None:
            raise web.HTTPNotFound
        await asyncio.to_thread(bring_back, hidden)
        del self._deleted[hidden.name]
        return web.Response()


async def _sent(request: web.Request) -> Sent:
    """Return the fields of a form. Raises HTTPBadRequest for what no browser of ours sends."""
    try:
        return await request.post()
    except (LookupError, ValueError, web.RequestPayloadError) as err:  # an unknown encoding, a broken part
        raise web.HTTPBadRequest from err


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _location(err: web.HTTPException) -> Mapping[str, str]:
    return {name: value for name, value in err.headers.items() if name == "Location"}


def _folder(request: web.Request) -> Path:
    """Return the folder of the session that a request names. Raises HTTPNotFound."""
    name = request.match_info["name"]
    with suppress(OSError):
        if any(one.name == name for one in layout.folders()):
            return sessions_dir() / name
    raise web.HTTPNotFound


def _rep(request: web.Request) -> RepRange:
    of_set, number = int(request.match_info["set"]), int(request.match_info["rep"])
    return RepRange(set=of_set, first=number, last=number)


# Below: in another thread.


def _home_page(deleted: tuple[str, ...]) -> str:
    past = load_past()
    document = past_document(past, HistoryChoice(), local_time.now().date())
    return home_page(past, document, ignore, deleted=deleted)


def _history_page(choice: HistoryChoice) -> str:
    return render_page(past_document(load_past(), choice, local_time.now().date()), None)


@lru_cache(maxsize=REPORTS)
def _report_page(folder: Path, _: Stamp) -> str:
    return make_report(folder, ignore, forms=True)  # the page lists the damage


def _picture(folder: Path, wanted: RepRange) -> str:
    session = open_session(folder, ignore)
    return rep_picture(session, named_rep(session, wanted))


def _correct(session: Session, wanted: RepRange, sent: Sent) -> None:
    event = named_rep(session, wanted)
    Corrector(session).correct(event, sent_correction(sent, session.exercise_of(event.rep)))


def _log_set(session: Session, number: int, sent: Sent) -> None:
    store_log(session, number, lambda before: sent_log(sent, before))
