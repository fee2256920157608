"""Accepts connections, and limits their number, the time of a TLS handshake and the time without a request."""

import asyncio
import hmac
import logging
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, cast

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler

MOST_CONNECTIONS, MOST_PER_ADDRESS = 36, 12
"""Most connections in total, and from one address. A page needs a connection, and up to six more while it loads."""
GRACE_S = 1.0
"""Time in seconds for which a connection keeps its place if a new address has as many connections. Our choice: a phone
shows its token within some tenths of a second."""
GRACE_HERE_S = 0.05
"""GRACE_S for connections from this computer, where a browser sends a request as soon as it is connected."""
HANDSHAKE_S = 5.0  # Longest TLS handshake in seconds. Our choice.
IDLE_S = 10.0  # Time in seconds after which a connection without a complete request is cut. Our choice.
_CHECK_S = 0.25  # Time between two checks of a connection, in seconds


def equals_secret(token: str, secret: str) -> bool:
    """Return whether a token equals the secret, in a time that reveals at most the secret's length."""
    return hmac.compare_digest(token.encode("utf-8", "replace"), secret.encode())


def cut_connection(transport: asyncio.WriteTransport) -> None:
    """Close a connection at once. Data that were not sent yet are dropped."""
    with suppress(AttributeError):  # Python 3.11.2, as in Debian 12, raises it if a transport was closed before
        transport.abort()


class Connection(RequestHandler):
    """An HTTP connection, with its address, its start, and the time since which it has been idle."""

    __slots__ = ("_headers", "address", "has_data", "idle_since_s", "lost", "start_s")

    def __init__(self, manager: web.Server, address: str, headers: Mapping[str, str], **options: Any) -> None:
        """Create a connection from an address. Answers to failed requests get `headers`."""
        super().__init__(manager, **options)
        self.address, self._headers = address, headers
        self.start_s = asyncio.get_running_loop().time()
        self.idle_since_s = self.start_s  # time of the last answer; infinity while a request is answered
        self.has_data = False  # whether any data arrived after the last request
        self.lost = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.has_data = True
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.lost.set()
        super().connection_lost(exc)

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Return the answer to a failed request: the status as text. Raises ConnectionError if an answer has begun."""
        super().handle_error(request, status, exc, message)
        answer = web.Response(status=status, text=str(status), headers=self._headers)
        answer.force_close()
        return answer


class BoundedListener:
    """A listener for a limited number of connections, in which silent connections from few addresses keep nobody out.

    An address gets up to MOST_PER_ADDRESS places. If all MOST_CONNECTIONS places are occupied, a new connection gets
    the place of the oldest connection from the unknown address with the most connections. An address is unknown until
    `mark_known`. The new connection is refused if there is no unknown address. It is also refused if that oldest
    connection is younger than GRACE_S, and the new connection's address is unknown and would have as many connections.
    Without TLS, all connections come from this computer: each counts as another address, and GRACE_HERE_S applies.
    """

    def __init__(
        self, listening: socket.socket, context: ssl.SSLContext | None, refused: Callable[[str], object]
    ) -> None:
        """Create the listener.

        Args:
            listening: Non-blocking socket.
            context: TLS context; None for connections from this computer without TLS.
            refused: Called with the reason if a connection or a request is refused, or a connection is cut in favour of
                another connection.
        """
        self._socket, self._context, self._refused = listening, context, refused
        self._grace_s = GRACE_HERE_S if context is None else GRACE_S
        self._connections: dict[asyncio.Task[None], Connection] = {}  # oldest first
        self._known: set[str] = set()  # the addresses of trusted requests

    @asynccontextmanager
    async def serving(self, application: web.Application, headers: Mapping[str, str]) -> AsyncIterator[None]:
        """Serve an application during the block, then cut all connections. Answers to failed requests get `headers`."""
        application.middlewares.insert(0, self._note_request)
        runner = web.AppRunner(application, handle_signals=False)
        await runner.setup()
        assert runner.server is not None
        loop, log = asyncio.get_running_loop(), logging.Logger("livecoach.http")
        log.addFilter(self._report_broken)
        handled = partial(
            Connection, runner.server, headers=headers, loop=loop, access_log=None, logger=log, keepalive_timeout=10.0
        )
        accepting = loop.create_task(self._accept(handled))
        try:
            yield
        finally:
            accepting.cancel()
            connections = tuple(self._connections)
            for connection in connections:
                connection.cancel()
            await asyncio.gather(*connections, return_exceptions=True)
            await runner.cleanup()

    def _report_broken(self, _: logging.LogRecord) -> bool:
        """Report a broken request as refused, in place of a line with a traceback in aiohttp's log."""
        self._refused("a broken request")
        return False

    @web.middleware
    async def _note_request(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        connection = cast(Connection, request.protocol)
        connection.idle_since_s, connection.has_data = float("inf"), False
        try:
            return await handler(request)
        finally:
            connection.idle_since_s = asyncio.get_running_loop().time()

    def mark_known(self, request: web.Request) -> None:
        """Mark the address of a request as known. The caller has checked that the request may be trusted."""
        self._known.add(cast(Connection, request.protocol).address)

    async def _accept(self, handled: Callable[..., Connection]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, (host, port, *_) = await loop.sock_accept(self._socket)
            except OSError:
                await asyncio.sleep(_CHECK_S)  # too many open files, or a connection that was closed at once
                continue
            address = host if self._context is not None else f"{host}:{port}"
            if not self._make_room(address, loop.time()):
                self._refused("one connection too many")
                accepted.close()
                continue
            connection = handled(address=address)
            task = loop.create_task(self._serve(accepted, connection))
            self._connections[task] = connection
            task.add_done_callback(lambda done: self._connections.pop(done, None))

    def _make_room(self, address: str, now_s: float) -> bool:
        """Return whether a new connection from an address gets a place. Another connection is cut if needed."""
        of_each = Counter(connection.address for connection in self._connections.values())
        if of_each[address] >= MOST_PER_ADDRESS:
            return False
        if len(self._connections) < MOST_CONNECTIONS:
            return True
        unknown = {of: number for of, number in of_each.items() if of not in self._known}
        if not unknown:
            return False
        most = max(unknown.values())
        oldest, held = next(pair for pair in self._connections.items() if unknown.get(pair[1].address) == most)
        if address not in self._known and of_each[address] + 1 >= most and now_s - held.start_s < self._grace_s:
            return False
        self._refused("a silent connection, for another one")
        del self._connections[oldest]
        oldest.cancel()
        return True

    async def _serve(self, accepted: socket.socket, connection: Connection) -> None:
        try:
            transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection,
                accepted,
                ssl=self._context,
                ssl_handshake_timeout=None if self._context is None else HANDSHAKE_S,
            )
        except OSError:  # TimeoutError and ssl.SSLError are OSErrors
            accepted.close()
            self._refused("a connection without TLS")
            return
        try:
            await self._watch_idle(transport, connection)
        finally:
            cut_connection(transport)
            if self._context is None:
                self._known.discard(connection.address)

    async def _watch_idle(self, transport: asyncio.Transport, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        while not transport.is_closing():
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(connection.lost.wait(), _CHECK_S)
            if loop.time() - connection.idle_since_s > IDLE_S:
                if connection.has_data:  # browsers open connections in advance and send nothing: that is no attack
                    self._refused("a request that was not finished")
                return
