"""The server of the phone's page over TLS, and a browser that talks to it."""

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

import aiohttp
import cv2
import numpy as np
import trustme

from builders.certificates import tls_of
from builders.live_run import START
from builders.sources import FakeClock
from livecoach.core.types import Observation
from livecoach.decisions import assembly
from livecoach.feedback.display_state import DisplayState
from livecoach.feedback.voice import load_voice
from livecoach.phone.link import PhoneLink
from livecoach.phone.server import PhoneServer
from livecoach.phone.sink import PhoneScreen, PhoneSound, RemoteChoices
from livecoach.records.session.events import EventStream
from livecoach.run.coached import CoachedRun
from livecoach.run.controls import Controls
from livecoach.run.loop import FrameLoop
from livecoach.run.parts import Part

JPEG = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
HELLO = {"type": "hello", "role": "camera", "width": 64, "height": 48}
WATCH = {"type": "hello", "role": "watch"}
WAIT_S, PLAYED_S = 60.0, 120.0
SECRET = bytes(32)
Socket = aiohttp.ClientWebSocketResponse


class Served:
    """A server at this computer's own address, and a browser that trusts it."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        """clock: of the server; by default one that stands still unless a test moves it."""
        maker = trustme.CA()
        self.clock = FakeClock()
        self.link = PhoneLink(clock or self.clock)
        self.server = PhoneServer("127.0.0.1", 0, tls_of(maker, "127.0.0.1"), SECRET, self.link)
        self.access, self.refusals = self.server.access, self.server.refusals
        self.trusting = ssl.create_default_context()
        maker.configure_trust(self.trusting)

    @asynccontextmanager
    async def browser(self, url: str | None = None) -> AsyncIterator[aiohttp.ClientSession]:
        """A browser that has opened an address: the QR code's, unless another one is given."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(
            cookie_jar=jar, connector=aiohttp.TCPConnector(ssl=self.trusting), timeout=aiohttp.ClientTimeout(WAIT_S)
        ) as session:
            async with session.get(url or self.access.url) as answer:
                assert answer.status == 200
            yield session

    @asynccontextmanager
    async def connected(self, session: aiohttp.ClientSession, hello: dict[str, object]) -> AsyncIterator[Socket]:
        """A WebSocket after its greeting."""
        async with session.ws_connect(f"{self.access.origin}/live", origin=self.access.origin) as live:
            await live.send_json(hello)
            yield live


def stamped(captured_ms: float, jpeg: bytes) -> bytes:
    """The message of a picture: the inverse of `parse_frame`."""
    return struct.pack("<d", captured_ms) + jpeg


def played(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make a test of an asynchronous one, with a limit to its time."""

    @wraps(test)
    def plain(*given: Any, **named: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*given, **named), PLAYED_S))

    return plain


def a_run(
    link: PhoneLink, observe: Callable[..., Observation], told: list[Any], offer: RemoteChoices | None = None
) -> tuple[FrameLoop, Controls]:
    """A run of deadlifts with the phone as its screen and voice, whose events are told to a list."""
    events = EventStream(told.append, START)
    loop = FrameLoop(
        observe=observe,
        coached=CoachedRun(Part(pipeline=assembly.load("deadlift").make_pipeline())),
        events=events,
        sounds=[PhoneSound(link, load_voice(), muted=False)],
        screens=[PhoneScreen(link, DisplayState("Deadlift"), offer)],
        print_line=print,
        recorder=None,
    )
    return loop, Controls(loop=loop, pause=bool)


async def heard(live: Socket, kind: str) -> dict[str, Any]:
    """The next message of a kind."""
    while True:
        message = await live.receive_json(timeout=WAIT_S)
        if message["type"] == kind:
            return message


async def listened_to_the_end(live: Socket) -> None:
    """Take what comes, and answer the heartbeat, until the connection ends."""
    async for _ in live:
        pass


async def tells_its_clock(live: Socket) -> None:
    """Until the server knows that the way takes no time: its ping follows its first answer, and the phone's answer to
    that comes before the third message. A clock that went on before would be half a picture behind for good."""
    for _ in range(3):
        await live.send_json({"type": "clock", "sent_ms": 0.0})
        await heard(live, "clock")


async def until(true: Callable[[], bool], within_s: float = WAIT_S) -> None:
    async def watch() -> None:
        while not true():
            await asyncio.sleep(0.005)

    await asyncio.wait_for(watch(), within_s)


async def sent(live: Socket, jpeg: bytes = JPEG) -> None:
    await live.send_bytes(stamped(1.0, jpeg))


async def taken(served: Served) -> bytes:
    """The next picture that the run would take."""
    await until(lambda: served.link.camera_state == "connected")
    arrived = await asyncio.to_thread(served.link.take_newest_picture, WAIT_S)
    assert arrived is not None
    return arrived.jpeg
