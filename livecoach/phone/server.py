"""Serves the phone's page on a separate thread."""

import asyncio
import errno
import ipaddress
import json
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from string import Template

from aiohttp import web
from aiohttp.typedefs import Handler

from livecoach.core.config.paths import assets_dir
from livecoach.core.errors import LivecoachError, OutputError, explain_os_errors
from livecoach.core.language import (
    language_code,
    phone_words,
    set_language,
    translate,
    translated_template,
    unit_system,
)
from livecoach.core.own_process import WorkerProcess
from livecoach.pages.listener import BoundedListener
from livecoach.pages.plot import inline_script
from livecoach.pages.served_pages import HEADERS, POLICY, SessionPages, refusal, standalone_report, warm_up
from livecoach.pages.served_pages import MOST_BYTES as MOST_FORM_BYTES
from livecoach.phone.access import COOKIE, PORTS, ROTATED_AFTER, TOKEN_LENGTH, PageAccess, Right
from livecoach.phone.connections import CLOSE_S, WATCH_ONLY, Client, LiveSocket, PhoneRoom, Refusals
from livecoach.phone.link import Fields, PhoneLink
from livecoach.phone.protocol import MOST_BYTES

MANIFEST, ICONS = "manifest.webmanifest", ("icon.svg", "icon.png")
TYPES = {  # Content type of each file of the page
    "page.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    MANIFEST: "application/manifest+json",
    "icon.svg": "image/svg+xml",
    "icon.png": "image/png",
}
PAGE_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; frame-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
"""HTTP headers of the phone's page, and of all answers without headers of their own."""
SESSIONS = "/sessions"  # Prefix of the addresses of history and reports, which the page shows in a frame
LAST_REPORT = f"{SESSIONS}/at-end/report.html"  # Address of the reports at the end of a session
SESSION_HEADERS = {**PAGE_HEADERS, "Content-Security-Policy": POLICY.format("'self'")}  # Headers of history and reports
LAST_REPORT_HEADERS = {
    **PAGE_HEADERS,
    "Content-Security-Policy": POLICY.format("'self'").replace("script-src 'self'", f"script-src {inline_script()[1]}"),
}


def page_files() -> Mapping[str, tuple[bytes, str]]:
    """Return the content and the content type of each file of the phone's page, by name. Missing files are left out."""
    place = assets_dir() / "phone"
    files = {name: ((place / name).read_bytes(), kind) for name, kind in TYPES.items() if (place / name).is_file()}
    words = {key: translated_template(text) for key, text in phone_words().items()}
    run = secrets.token_hex(8)  # Tells a page whether it was loaded in this run
    script = f'const LANGUAGE = "{language_code()}", RUN = "{run}", WORDS = {json.dumps(words, ensure_ascii=False)};\n'
    return files | {"words.js": (script.encode(), "text/javascript")}


HEARTBEAT_S = 4.0  # Interval of pings; a device that does not answer within 1.5 intervals has lost the network
MOST_MESSAGE_BYTES = MOST_BYTES + 64
MOST_SOUNDS = 32  # Number of the newest cues whose sounds are kept
ENDED = "the session is over"
REPORT_S = 20.0  # Longest wait of a page for each report at the end; the report of an hour takes 8 s
NOT_VALID = (
    "This address is no longer valid. Scan the QR code on the computer, or type the last twelve characters of the "
    "address there."
)
SHORTEST = 10  # Least number of characters of an unknown address that counts as a mistyped token
TOO_MANY = "Too many wrong addresses. Wait some seconds, then try again."
ENTRY = assets_dir() / "phone" / "entry.html"  # Page for devices with an invalid address
ENTRY_HEADERS = {**PAGE_HEADERS, "Content-Security-Policy": POLICY.format("'none'")}


class PhoneServer:
    """A server of the phone's page. The server runs on a thread of its own until `close` is called."""

    def __init__(self, address: str, port: int | None, context: ssl.SSLContext, secret: bytes, link: PhoneLink) -> None:
        """Bind to a local address, start to serve, and make the link send to the connected devices.

        Raises OutputError if the address or port can't be used.

        Args:
            port: Port; 0 for any free port, None for the first free port of PORTS or, if none is free, any free port.
        """
        self._listening = _bind(address, port)
        self.port: int = self._listening.getsockname()[1]
        self.access = PageAccess(address, self.port, secret)
        self.refusals = Refusals()
        self._room = PhoneRoom(link, self.refusals)
        self._sounds: dict[str, bytes] = {}  # Sounds of the newest cues, under names that can't be guessed
        self._files = page_files()
        self._making = WorkerProcess(set_language, language_code(), unit_system())
        self._pages = SessionPages(self._making, "phone")
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _, about: self.refusals.add("a broken connection") if about else None)
        self._listener = BoundedListener(self._listening, context, self.refusals.add)
        self._ending = asyncio.Event()
        self._last: tuple[Path, Sequence[str | None]] | None = None
        self._is_report_wanted = False
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="phone", daemon=True)
        link.send_state = partial(self._soon, self._show_all)
        link.send_cue = self._send_cue
        link.send_offer = partial(self._soon, self._room.send_offer_to_all)
        self._thread.start()
        self._ready.wait(CLOSE_S)

    def close(self, last: tuple[Path, Sequence[str | None]] | None = None) -> None:
        """Tell the devices that the session is over, and stop the server.

        The call waits for the devices that get reports, but not longer than REPORT_S for each report and some seconds.

        Args:
            last: Folder of the session, and lifters: devices that may control get a report of each lifter. None for
                no reports.
        """
        self._last = last if last is not None and last[0].is_dir() else None
        reports = 1 if last is None else len(last[1])
        with suppress(RuntimeError):  # It is closed already
            self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(reports * REPORT_S + 3 * CLOSE_S)

    # The run calls the next methods, through the link.

    def _send_cue(self, fields: Fields, sound: bytes | None) -> None:
        name = secrets.token_urlsafe(12)
        message = {"type": "cue", **fields, "sound": None if sound is None else f"/sounds/{name}.wav"}

        def send_to_all() -> None:
            if sound is not None:
                self._sounds[name] = sound
            if len(self._sounds) > MOST_SOUNDS:
                del self._sounds[next(iter(self._sounds))]
            for client in tuple(self._room.clients):
                client.send(message)

        self._soon(send_to_all)

    def _soon(self, call: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # The loop has ended
            self._loop.call_soon_threadsafe(call, *arguments)

    # The next methods run on the server's thread.

    def _show_all(self, state: Fields) -> None:
        self._room.send_state_to_all(state)
        if state.get("summary") and not self._is_report_wanted:
            self._is_report_wanted = True  # A report is soon wanted, and its process takes seconds to start
            self._beginning = self._loop.create_task(self._making(warm_up))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._listening.close()
            self._loop.close()

    async def _serve(self) -> None:
        application = web.Application(client_max_size=MOST_FORM_BYTES)
        application.middlewares.append(self._guard)
        self._add_routes(application)
        async with self._listener.serving(application, PAGE_HEADERS):
            self._ready.set()
            await self._ending.wait()
            await self._say_ended()
        self._making.close()

    def _add_routes(self, application: web.Application) -> None:
        get, for_the_remote = application.router.add_get, partial(self._for_devices, remote=True)
        get("/", self._page, allow_head=False)
        typed = f"[A-Za-z0-9]{{{SHORTEST},{TOKEN_LENGTH}}}"
        get(f"/{{token:{typed}}}", self._enter, allow_head=False)
        get("/live", self._live, allow_head=False)
        get(r"/sounds/{name:[A-Za-z0-9_-]{1,40}}.wav", self._for_devices(self._sound), allow_head=False)
        for name in self._files.keys() - {"page.html"}:
            # A phone asks for the icon of its home screen without a cookie.
            sent = self._file if name in ICONS else self._for_devices(self._file)
            get(f"/{name}", sent, allow_head=False)
        get(LAST_REPORT, for_the_remote(self._last_report), allow_head=False)
        application.add_routes(self._pages.routes(SESSIONS, for_the_remote))

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request with its headers; refuse a request that names another host or comes from another page."""
        is_ours = request.path == "/live" or request.method != "GET"
        if not self.access.is_own_host(request.host):
            answer: web.StreamResponse = self._refused("a wrong host")
        elif not self.access.is_own_origin(request.headers.get("Origin"), needed=is_ours):
            answer = self._refused("a wrong origin")
        else:
            try:
                answer = await handler(request)
            except web.HTTPException as err:
                self.refusals.add("a request for nothing that is here")
                answer = web.Response(status=err.status, text=str(err.status))
            except LivecoachError as err:
                answer = refusal(err)
        if not answer.prepared and "Content-Security-Policy" not in answer.headers:
            of_sessions = LAST_REPORT_HEADERS if request.path == LAST_REPORT else SESSION_HEADERS
            answer.headers.update(of_sessions if request.path.startswith(SESSIONS + "/") else PAGE_HEADERS)
        return answer

    def _refused(self, reason: str, why: str = NOT_VALID) -> web.Response:
        self.refusals.add(reason)
        return web.Response(status=403, text=translate(why))

    def _entry_page(self, reason: str, why: str = NOT_VALID) -> web.Response:
        """Count a refusal with its reason, and return a page that shows `why` and asks for a valid address."""
        self.refusals.add(reason)
        words = {"why": translate(why), "open": translate("Open"), "language": language_code(), "length": TOKEN_LENGTH}
        page = Template(ENTRY.read_text(encoding="utf-8")).substitute(words)
        return web.Response(status=403, text=page, content_type="text/html", headers=ENTRY_HEADERS)

    def _for_devices(self, handler: Handler, *, remote: bool = False) -> Handler:
        """Return a handler that answers devices with a valid cookie; with `remote`, only devices that may control."""

        async def answer(request: web.Request) -> web.StreamResponse:
            right = self._right(request)
            if right is None:
                return self._refused("a request without a cookie")
            if remote and right != "control":
                return self._refused("a request of one that watches", WATCH_ONLY)
            return await handler(request)

        return answer

    def _right(self, request: web.Request) -> Right | None:
        right = self.access.find_right(request.cookies.get(COOKIE))
        if right is not None:
            self._listener.mark_known(request)
        return right

    async def _page(self, request: web.Request) -> web.StreamResponse:
        if "t" in request.query:
            return await self._enter(request)
        if self._right(request) is None:
            return self._entry_page("a request without a cookie")
        return self._sent("page.html")

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        if not self.access.admit_guess(request.remote or "", self._loop.time()):
            return self._entry_page("a token: too many a second", TOO_MANY)
        found = self.access.exchange_token(request.match_info.get("token") or request.query.get("t", ""))
        if found is None:
            return self._entry_page("a wrong token")
        right, cookie = found
        self._listener.mark_known(request)
        # The page can't read the cookie, so the fragment tells it to offer neither camera nor remote.
        answer = web.Response(status=303, headers={"Location": "/#watch" if right == "watch" else "/"})
        kept_s = int(ROTATED_AFTER.total_seconds()) if right == "control" else None  # None: until the browser ends
        answer.set_cookie(COOKIE, cookie, max_age=kept_s, path="/", secure=True, httponly=True, samesite="Strict")
        return answer

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.path[1:]
        if name == MANIFEST and self._right(request) == "control":
            # The app on the home screen of an iPhone has cookies of its own, so it begins with the token.
            manifest = json.loads(self._files[name][0]) | {"start_url": self.access.url}
            return web.json_response(manifest, content_type=TYPES[name])
        return self._sent(name)

    def _sent(self, name: str) -> web.Response:
        content, kind = self._files[name]
        return web.Response(body=content, content_type=kind, charset=None if name in ICONS else "utf-8")

    async def _sound(self, request: web.Request) -> web.StreamResponse:
        sound = self._sounds.get(request.match_info["name"])
        if sound is None:
            raise web.HTTPNotFound
        return web.Response(body=sound, content_type="audio/wav")

    async def _live(self, request: web.Request) -> web.StreamResponse:
        right = self._right(request)
        if right is None:
            return self._refused("a connection without a cookie")
        socket = web.WebSocketResponse(
            autoping=False, heartbeat=HEARTBEAT_S, max_msg_size=MOST_MESSAGE_BYTES, compress=False, timeout=CLOSE_S
        )
        await socket.prepare(request)
        client = Client(socket, request, may_control=right == "control")
        await LiveSocket(self._room, socket, client).serve()
        return socket

    async def _last_report(self, request: web.Request) -> web.StreamResponse:
        folder, lifters = self._last or (Path(), ())
        place = request.query.get("lifter", "0")
        if place not in map(str, range(len(lifters))):
            raise web.HTTPNotFound
        return await self._pages.answer(standalone_report, folder, lifters[int(place)])

    async def _say_ended(self) -> None:
        """Tell all devices that the session is over, and wait until devices with the remote have got the reports."""
        lifters = () if self._last is None else self._last[1]
        reports = [{"lifter": name, "url": f"{LAST_REPORT}?lifter={place}"} for place, name in enumerate(lifters)]
        for client in tuple(self._room.clients):
            seen = reports if client.may_control else []
            client.send({"type": "ended", "text": translate(ENDED), "reports": seen})
        if not self._room.clients:
            return
        await asyncio.sleep(CLOSE_S / 2)  # Time to send the message, and the sounds of the last cue
        with suppress(TimeoutError):
            async with asyncio.timeout(len(reports) * REPORT_S):
                while any(client.may_control for client in self._room.clients):
                    await asyncio.sleep(0.02)


def _bind(address: str, port: int | None) -> socket.socket:
    """Return a socket that listens at an address and a port, which may be None as in `PhoneServer`."""
    if port is None:
        for known in PORTS:
            try:
                return _bind(address, known)
            except OutputError as err:
                if not isinstance(err.__cause__, OSError) or err.__cause__.errno != errno.EADDRINUSE:
                    raise
        return _bind(address, 0)
    family = socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
    do = "Give an address of this computer, and a free port: --phone ADDRESS:PORT."
    with explain_os_errors(OutputError, f"--phone: {address} port {port} can't be used", do):
        bound = socket.create_server((address, port), family=family, backlog=64)
    bound.setblocking(False)
    return bound
