"""What a device is sent, and when."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import web

from livecoach.phone import connections
from livecoach.phone.connections import Client

BEFORE = {"type": "state", "count": 2, "progress": 0.5, "body": [[0.5, 0.5, 1.0]]}
TURNS = 20
"""Turns of the loop in which everything is sent that does not have to wait for a time."""


class FakeSocket:
    closed = False

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send_str(self, text: str) -> None:
        self.sent.append(text)


def a_client(socket: object, transport: object = None) -> Client:
    request = cast("web.BaseRequest", SimpleNamespace(transport=transport))
    return Client(cast("web.WebSocketResponse", socket), request, may_control=True)


def sent_after(*states: dict[str, Any]) -> int:
    """How many states a device has been sent at once."""

    async def scene() -> int:
        socket = FakeSocket()
        client = a_client(socket)
        sending = asyncio.create_task(client.keep_sending())
        for state in states:
            client.show(state)
            for _ in range(TURNS):
                await asyncio.sleep(0)
        sending.cancel()
        return len(socket.sent)

    return asyncio.run(scene())


class FakeTransport:
    was_cut = False

    def abort(self) -> None:
        self.was_cut = True


def test_a_device_for_which_too_much_waits_is_dropped() -> None:
    transport = FakeTransport()

    async def scene() -> list[bool]:
        client = a_client(FakeSocket(), transport)
        dropped = []
        for _ in range(connections.MOST_WAITING + 1):
            client.send({"type": "cue"})
            dropped.append(transport.was_cut)
        return dropped

    assert asyncio.run(scene()) == connections.MOST_WAITING * [False] + [True]


def test_each_new_state_is_sent_at_once() -> None:
    """Who makes them makes no more than a page can show."""
    assert sent_after(BEFORE, BEFORE, {**BEFORE, "progress": 0.6}, {**BEFORE, "count": 3}) == 3
