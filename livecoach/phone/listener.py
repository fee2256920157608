"""Accepts connections within bounds: their number, the time of a TLS handshake, and the time without a request."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

MOST_CONNECTIONS, MOST_OF_ONE = 36, 12
"""Connections in all, and of one address. A page needs one, and up to six more while it loads. One device that takes
all of its own leaves room for the phone."""
HANDSHAKE_S = 5.0
IDLE_S = 10.0
"""A connection without a request for this long is cut, however slowly its next one arrives."""
_CHECK_S = 0.25
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def cut(transport: asyncio.WriteTransport) -> None:
    """Cut a connection now."""
    with suppress(AttributeError):  # Python 3.11.2, as in Debian 12, raises it where a transport was closed twice
        transport.abort()


class _Watched(asyncio.Protocol):
    """Passes a connection to its request handler, and notes how long it has been without a request."""

    def __init__(self, handler: RequestHandler) -> None:
        self.handler = handler
        self.asked_s = asyncio.get_running_loop().time()
        """When it had its last request; infinity while one is answered."""
        self.began = False
        """Whether anything came after that."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.handler.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.began = True
        self.handler.data_received(data)

    def eof_received(self) -> None:
        self.handler.eof_received()

    def pause_writing(self) -> None:
        self.handler.pause_writing()

    def resume_writing(self) -> None:
        self.handler.resume_writing()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.handler.connection_lost(exc)


class BoundedListener:
    """Hands accepted connections to a server."""

    def __init__(
        self, listening: socket.socket, server: web.Server, context: ssl.SSLContext, refused: Callable[[str], object]
    ) -> None:
        """listening: non-blocking. refused: called with the reason where a connection is refused or cut."""
        self._socket, self._server, self._context, self._refused = listening, server, context, refused
        self._tasks: dict[asyncio.Task[None], str] = {}
        """The address behind each connection."""
        self._watched: dict[object, _Watched] = {}
        """The connection of each request handler."""

    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note when a connection has a request: a middleware of the application."""
        connection = self._watched[request.protocol]
        connection.asked_s, connection.began = float("inf"), False
        try:
            return await handler(request)
        finally:
            connection.asked_s = asyncio.get_running_loop().time()

    async def accept(self) -> None:
        """Accept connections until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, (address, *_) = await loop.sock_accept(self._socket)
            except OSError:
                await asyncio.sleep(_CHECK_S)  # too many open files, or one that was gone again
                continue
            of_one = sum(other == address for other in self._tasks.values())
            if len(self._tasks) >= MOST_CONNECTIONS or of_one >= MOST_OF_ONE:
                self._refused("one connection too many")
                accepted.close()
                continue
            task = loop.create_task(self._serve(accepted))
            self._tasks[task] = address
            task.add_done_callback(self._tasks.pop)

    async def close(self) -> None:
        """Cut all connections."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, accepted: socket.socket) -> None:
        connection = _Watched(self._server())
        self._watched[connection.handler] = connection
        try:
            await self._talk(accepted, connection)
        finally:
            del self._watched[connection.handler]

    async def _talk(self, accepted: socket.socket, connection: _Watched) -> None:
        try:
            transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection, accepted, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_S
            )
        except OSError:  # TimeoutError and ssl.SSLError are OSErrors
            accepted.close()
            self._refused("a connection without TLS")
            return
        try:
            await self._watch_idle(transport, connection)
        finally:
            cut(transport)

    async def _watch_idle(self, transport: asyncio.Transport, connection: _Watched) -> None:
        loop = asyncio.get_running_loop()
        while not transport.is_closing():
            await asyncio.sleep(_CHECK_S)
            if loop.time() - connection.asked_s > IDLE_S:
                if connection.began:  # browsers keep a connection open in advance: that is no attack
                    self._refused("a request that was not finished")
                return
