"""One WebSocket, from its first message to its end."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from livecoach.language import told
from livecoach.phone import frames
from livecoach.phone.clients import Client
from livecoach.phone.clock import PhoneClock
from livecoach.phone.link import ArrivedJpeg, Fields, PhoneLink
from livecoach.phone.protocol import Clock, Hello, ProtocolError, RemoteAction, parse_frame, parse_text
from livecoach.phone.refusals import Refusals

HELLO_S = 5.0
"""Longest wait for the first message."""
GONE_S = 1.5
"""A camera that has sent no picture for this long gives way to another connection."""
MOST_ERRORS = 20
"""Messages that are none of ours, after which a connection is cut."""
MOST_TEXTS_HZ, MOST_TEXTS = 20.0, 40
"""Text messages that are taken a second, and at once."""
ACK: Fields = {"type": "ack"}
OTHER_CAMERA = "another phone is the camera; this one can watch"
WATCH_ONLY = "this address can only watch"


@dataclass
class Room:
    """What all connections share."""

    link: PhoneLink
    refusals: Refusals
    clients: set[Client] = field(default_factory=set)
    camera: Client | None = None
    heard_s: float = 0.0
    """When the camera last sent a picture."""
    last_state: Fields | None = None
    offer: Fields | None = None
    """What the remote offers."""

    @contextmanager
    def with_camera(self, client: Client) -> Iterator[None]:
        """Make a device the camera for a while."""
        self.camera, self.heard_s = client, self.link.clock()
        self.link.connect(True)
        self.show_all()
        try:
            yield
        finally:
            if self.camera is client:  # otherwise another one has taken over
                self.camera = None
                self.link.connect(False)
                self.show_all()

    def show_all(self, state: Fields | None = None) -> None:
        """Send a state to all; None: the last one, because the camera has come or gone."""
        self.last_state = state if state is not None else self.last_state
        for client in tuple(self.clients):
            self.show(client)

    def offer_all(self, offer: Fields) -> None:
        """Tell all that have the remote what it offers."""
        self.offer = offer
        for client in tuple(self.clients):
            self.tell_offer(client)

    def tell_offer(self, client: Client) -> None:
        """Tell a device what the remote offers, if it has one."""
        if self.offer is not None and client.may_control:
            client.send(self.offer)

    def show(self, client: Client) -> None:
        """Send the last state to a device."""
        if self.last_state is not None:
            client.show({"type": "state", **self.last_state, "camera": self.link.camera})


class LiveSocket:
    """Serves one WebSocket."""

    def __init__(self, room: Room, socket: web.WebSocketResponse, client: Client) -> None:
        self._room, self._socket, self._client = room, socket, client
        self._clock = PhoneClock()
        self._frames = frames.RateLimit()
        self._texts = frames.RateLimit(MOST_TEXTS_HZ, MOST_TEXTS)
        self._errors = 0
        self._is_camera = False

    async def serve(self) -> None:
        """Serve until the connection ends."""
        sending = asyncio.get_running_loop().create_task(self._client.send_all())
        try:
            hello = await self._hello()
            if hello is None:
                self._client.drop()
            elif hello.role == "watch" or self._may_be_camera():
                await self._talk(hello)
            else:
                await self._talk(Hello("watch", 0, 0))
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending

    async def _hello(self) -> Hello | None:
        try:
            message = await self._socket.receive(HELLO_S)
            first = parse_text(message.data) if message.type is WSMsgType.TEXT else None
        except (asyncio.TimeoutError, ProtocolError):
            first = None
        if not isinstance(first, Hello):
            self._room.refusals.add("a connection without a greeting")
            return None
        return first

    def _may_be_camera(self) -> bool:
        if not self._client.may_control:
            self._refuse("a camera that may only watch", WATCH_ONLY)
            return False
        before = self._room.camera
        if before is not None and self._room.link.clock() - self._room.heard_s > GONE_S:
            before.drop()  # the same phone, most likely: it lost the network, and is back before that is noticed
        elif before is not None:
            self._refuse("a second camera", OTHER_CAMERA)
            return False
        return True

    def _refuse(self, reason: str, why: str) -> None:
        self._room.refusals.add(reason)
        self._client.send({"type": "refused", "why": told(why)})

    async def _talk(self, hello: Hello) -> None:
        self._is_camera = hello.role == "camera"
        self._room.clients.add(self._client)
        self._room.tell_offer(self._client)
        self._room.show(self._client)
        try:
            if self._is_camera:
                with self._room.with_camera(self._client):
                    await self._listen()
            else:
                await self._listen()
        finally:
            self._room.clients.discard(self._client)

    async def _listen(self) -> None:
        async for message in self._socket:
            try:
                if message.type is WSMsgType.BINARY:
                    self._frame(message.data)
                elif message.type is WSMsgType.TEXT:
                    await self._text(message.data)
                elif message.type is WSMsgType.PING:
                    await self._socket.pong(message.data)
                elif message.type is WSMsgType.PONG:
                    self._pong(bytes(message.data))
            except ProtocolError as err:
                self._room.refusals.add(f"a message: {err}")
                self._errors += 1
                if self._errors >= MOST_ERRORS:
                    self._client.drop()
                    return
            except ConnectionError:
                return

    def _frame(self, data: bytes) -> None:
        arrived_s = self._room.link.clock()
        if not self._is_camera:
            raise ProtocolError("a picture of one that watches")
        self._room.heard_s = self._room.link.clock()
        if not self._frames.admits(self._room.link.clock()):
            self._room.refusals.add("a picture: too many a second")
            self._client.send(ACK)
            return
        try:
            stamped = parse_frame(data)
            frames.check(stamped.jpeg)
        except ProtocolError:
            self._client.send(ACK)  # the page waits for it before it sends the next, better one
            raise
        captured_s = self._clock.here_s(stamped.captured_ms, arrived_s)
        self._room.link.put(ArrivedJpeg(stamped.jpeg, captured_s, self._acknowledge()))

    def _acknowledge(self) -> Callable[[], object]:
        loop, client = asyncio.get_running_loop(), self._client

        def tell() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(client.send, ACK)

        return tell

    async def _text(self, text: str) -> None:
        if not self._texts.admits(self._room.link.clock()):
            raise ProtocolError("too many texts a second")
        message = parse_text(text)
        if isinstance(message, Clock):
            now_s = self._room.link.clock()
            self._clock.heard(message.sent_ms, now_s)
            self._client.send({"type": "clock", "sent_ms": message.sent_ms, "server_ms": now_s * 1000})
            await self._socket.ping(repr(now_s).encode())
        elif isinstance(message, RemoteAction):
            if self._client.may_control:
                self._room.link.press(message)
            else:
                self._refuse("an action of one that watches", WATCH_ONLY)
        else:
            raise ProtocolError("a second greeting")

    def _pong(self, payload: bytes) -> None:
        """Take the answer to a ping of ours, which carries its time."""
        try:
            sent_s = float(payload)
        except ValueError:
            return  # of aiohttp's own heartbeat
        trip_s = self._room.link.clock() - sent_s
        if 0 <= trip_s < HELLO_S:
            self._clock.round_trip(trip_s)
