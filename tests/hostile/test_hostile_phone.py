"""What the phone's server makes of connections that mean no good: each is refused and counted, and the camera goes
on."""

import asyncio
import errno
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
from builders.hostile import cases, phone_pictures, phone_texts
from builders.phone_connection import (
    HELLO,
    JPEG,
    WAIT_S,
    WATCH,
    Served,
    heard,
    listened_to_the_end,
    played,
    sent,
    taken,
    until,
)
from hypothesis import given
from hypothesis import strategies as st

from livecoach.pages import listener
from livecoach.pages.listener import MOST_PER_ADDRESS
from livecoach.phone import server
from livecoach.phone.connections import MOST_ERRORS
from livecoach.phone.protocol import BUTTONS, LONGEST_VALUES, ProtocolError, parse_frame, parse_text

SOON_S = 0.3
AT_ONCE, PHONES = 50, 10


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Make the server lose its patience soon with those that connect from now on, or are idle."""

    def change() -> None:
        for place, name in ((listener, "HANDSHAKE_S"), (listener, "IDLE_S"), (server, "HEARTBEAT_S")):
            monkeypatch.setattr(place, name, SOON_S)

    return change


class Raw:
    """A connection that sends bytes as it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, served: Served, *, tls: bool = True) -> "Raw":
        return cls(
            *await asyncio.open_connection("127.0.0.1", served.server.port, ssl=served.trusting if tls else None)
        )

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def read_to_the_end(self) -> bytes:
        """What comes until the server cuts the connection."""
        read = b""
        try:
            while part := await asyncio.wait_for(self._reader.read(65_536), WAIT_S):
                read += part
        except ConnectionError:
            pass
        finally:
            self._writer.close()
        return read


@asynccontextmanager
async def filming(served: Served) -> AsyncIterator[None]:
    """Attack while a phone films; the next picture comes through all the same."""
    async with served.browser() as session, served.connected(session, HELLO) as live:
        await sent(live)
        await taken(served)
        listening = asyncio.create_task(heard(live, "ended"))  # which answers the heartbeat
        yield
        await sent(live)
        assert await taken(served) == JPEG
        listening.cancel()


REQUEST = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.mark.parametrize(
    ("start", "tls", "refusal"),
    [
        (b"", False, "a connection without TLS"),
        (b"\x16\x03\x01\x02\x00\x01\x00", False, "a connection without TLS"),
        (b"GET / HTTP/1.1\r\n\r\n", False, "a connection without TLS"),
        (REQUEST.encode(), True, "a request that was not finished"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1000000000\r\n", True, "a request that was not finished"),
    ],
    ids=["silence", "half a handshake", "no TLS", "half a header", "half a body's header"],
)
@played
async def test_a_connection_that_sends_half_a_request_is_cut(
    served: Served, impatient: Callable[[], None], start: bytes, tls: bool, refusal: str
) -> None:
    async with filming(served):
        if not tls:
            impatient()
        raw = await Raw.to(served, tls=tls)
        impatient()
        await raw.send(start)
        await raw.read_to_the_end()
        await until(lambda: served.refusals[refusal] == 1)


@played
async def test_a_connection_opened_in_advance_is_no_attack(served: Served, impatient: Callable[[], None]) -> None:
    """Browsers do that. It is cut, too, and nobody is alarmed."""
    async with filming(served):
        raw = await Raw.to(served)
        impatient()
        assert await raw.read_to_the_end() == b""
    assert served.refusals.total() == 0


@pytest.mark.parametrize(
    "request_",
    [
        b"\x00\xff\x00\xff\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + 100_000 * b"x" + b"\r\n\r\n",
        b"GET /" + 100_000 * b"a" + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["no text", "no version", "a long header", "a long address", "a negative length"],
)
@played
async def test_a_broken_request_is_answered_like_others_and_leaves_no_traceback(
    served: Served, request_: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with filming(served):
        raw = await Raw.to(served)
        await raw.send(request_)
        status, *headers = (await raw.read_to_the_end()).partition(b"\r\n\r\n")[0].decode().split("\r\n")
        assert " 4" in status
        told = dict(line.split(": ", 1) for line in headers)
        assert told.items() >= server.PAGE_HEADERS.items()
        assert not any(name in "".join(headers) for name in ("Python", "aiohttp"))
    assert served.refusals.total() == 1
    assert all(record.exc_info is None and "refused" in record.message for record in caplog.records)


@played
async def test_one_address_has_few_places_and_few_lines_in_the_log(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    async with filming(served):
        many = [socket.create_connection(("127.0.0.1", served.server.port)) for _ in range(AT_ONCE)]
        await until(lambda: served.refusals["one connection too many"] >= AT_ONCE - MOST_PER_ADDRESS)
        for one in many:
            one.close()
    assert len(caplog.records) <= 10


@played
async def test_a_server_that_has_no_file_left_for_a_connection_serves_the_next(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, errors = type(asyncio.get_running_loop()), [OSError(errno.EMFILE, os.strerror(errno.EMFILE))]
    accept = kind.sock_accept

    async def accept_late(loop: asyncio.AbstractEventLoop, of: socket.socket) -> tuple[socket.socket, Any]:
        if errors:
            raise errors.pop()
        return await accept(loop, of)

    monkeypatch.setattr(kind, "sock_accept", accept_late)
    async with filming(served):
        await until(lambda: not errors)
        await gets_in(served, "127.0.0.1")


async def silent(served: Served, address: str) -> Raw:
    """A connection from an address of this computer that says nothing."""
    connection = await asyncio.open_connection("127.0.0.1", served.server.port, local_addr=(address, 0))
    return Raw(*connection)


@asynccontextmanager
async def kept_silent(served: Served, addresses: int, of_each: int) -> AsyncIterator[None]:
    """Hold connections that say nothing, and open another one for each that is cut."""
    over = False

    async def hold(address: str) -> None:
        while not over:  # wait_for of Python 3.11 may lose a cancellation
            with suppress(ConnectionError, TimeoutError):
                await (await silent(served, address)).read_to_the_end()

    held = [asyncio.create_task(hold(f"127.0.0.{2 + number % addresses}")) for number in range(of_each * addresses)]
    try:
        await until(lambda: served.refusals["one connection too many"] > 0)
        yield
    finally:
        over = True
        for one in held:
            one.cancel()
        await asyncio.gather(*held, return_exceptions=True)


async def gets_in(served: Served, address: str) -> None:
    """A phone that loads the page and connects, from an address of its own."""
    async with (
        aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            connector=aiohttp.TCPConnector(ssl=served.trusting, local_addr=(address, 0)),
            timeout=aiohttp.ClientTimeout(WAIT_S),
        ) as session,
        session.get(served.access.url) as answer,
    ):
        assert answer.status == 200
        async with served.connected(session, WATCH) as live:
            await live.send_json({"type": "clock", "sent_ms": 0})
            await heard(live, "clock")


@played
async def test_silent_connections_keep_no_phone_out(served: Served) -> None:
    """48 of four addresses, opened again whenever they are cut, where there are 36 places. A phone that films goes on,
    and others get in, one after the other, each from an address that has not been here yet."""
    async with filming(served), kept_silent(served, addresses=4, of_each=12):
        for number in range(PHONES):
            await gets_in(served, f"127.0.1.{1 + number}")


@played
async def test_an_address_that_has_shown_the_token_has_a_place(served: Served) -> None:
    """Also where more addresses than there are places hold one connection each."""
    async with filming(served), kept_silent(served, addresses=60, of_each=1):
        for _ in range(PHONES):
            await gets_in(served, "127.0.0.1")


@pytest.mark.parametrize("length", [1_000_000, 1_000_000_000_000], ids=["within bounds", "a terabyte"])
@played
async def test_half_a_frame_of_a_websocket_is_cut(served: Served, impatient: Callable[[], None], length: int) -> None:
    """By the heartbeat, which it does not answer; at once where it announces too much."""
    async with filming(served), served.browser() as session:
        impatient()
        live = await session.ws_connect(f"{served.access.origin}/live", origin=served.access.origin)
        await live.send_json(WATCH)
        await until(lambda: len(served.server._room.clients) == 2)
        assert live._conn is not None
        assert live._conn.transport is not None
        live._conn.transport.pause_reading()  # type: ignore[attr-defined]
        # Beginning of a WebSocket frame (RFC 6455, 5.2), masked with zeros
        header = struct.pack(">BBQI", 0x80 | 2, 0x80 | 127, length, 0)
        live._conn.transport.write(header + bytes(100))  # type: ignore[attr-defined]
        await until(lambda: len(served.server._room.clients) == 1)
        live._conn.transport.abort()  # type: ignore[attr-defined]


@played
async def test_a_connection_that_sends_only_nonsense_is_cut(served: Served) -> None:
    """Not before the last message of those that it may send, and though it answers the heartbeat."""
    nonsense = "[" + 4000 * "1," + "1]"
    async with filming(served), served.browser() as session, served.connected(session, WATCH) as live:
        for _ in range(MOST_ERRORS - 1):
            await live.send_str(nonsense)
        await live.send_json({"type": "clock", "sent_ms": 0})
        await heard(live, "clock")
        await live.send_str(nonsense)
        await asyncio.wait_for(listened_to_the_end(live), WAIT_S)
    assert served.refusals["a message: too long"] == MOST_ERRORS


TEXTS = phone_texts([*BUTTONS, *LONGEST_VALUES])
PICTURES = phone_pictures(JPEG)


@given(TEXTS, PICTURES)
def test_a_message_is_read_or_refused(text: str, data: bytes) -> None:
    with suppress(ProtocolError):
        parse_text(text)
    with suppress(ProtocolError):
        parse_frame(data)


def test_messages_of_any_kind_leave_no_traceback(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    @cases(0.05)
    @given(hello=st.sampled_from([WATCH, HELLO]), messages=st.lists(TEXTS | PICTURES, min_size=10, max_size=10))
    @played
    async def hold(hello: dict[str, object], messages: list[str | bytes]) -> None:
        async with served.browser() as session:
            live = await session.ws_connect(f"{served.access.origin}/live", origin=served.access.origin)
            with suppress(ConnectionError, TypeError, TimeoutError):
                await live.send_json(hello)
                for message in messages:
                    await (live.send_str(message) if isinstance(message, str) else live.send_bytes(message))
                await live.send_json({"type": "clock", "sent_ms": 0})
                await heard(live, "clock")
            await live.close()

    @played
    async def filmed() -> None:
        async with filming(served):
            pass

    hold()
    assert served.refusals.total() > 20
    filmed()
    assert all(record.exc_info is None for record in caplog.records)
