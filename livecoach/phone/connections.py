"""Serves the connected devices through WebSockets: handles messages, and decides which device is the camera."""

import asyncio
import json
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress

from aiohttp import WSMsgType, web

from livecoach.core.language import translate
from livecoach.pages.listener import cut_connection
from livecoach.phone import protocol
from livecoach.phone.link import ArrivedJpeg, Fields, PhoneLink
from livecoach.phone.protocol import ProtocolError, Role, parse_frame, parse_text

logger = logging.getLogger(__name__)
KEPT = 16  # Readings to keep, one a second: the clocks of a phone and a computer drift a millisecond in 30 s
JUMP_S = 1.0  # Additional delay of a reading that shows that the phone has slept, while its clock stood still


class Refusals(Counter[str]):
    """The numbers of refusals by reason. The log reports only every power of ten, so that an attack fills no log."""

    def add(self, reason: str) -> None:
        """Count a refusal, and log each power of ten. The reason must be one of a fixed set, not from the network."""
        self[reason] += 1
        count = self[reason]
        if count == 10 ** (len(str(count)) - 1):
            logger.warning("phone: refused %s (%d so far)", reason, count)


class PhoneClock:
    """An estimate of the offset between a phone's clock and this computer's clock.

    The network delays each reading, so the smallest difference between arrival and reading is nearest to the offset.
    The estimate is this difference less half of the shortest round trip.
    """

    def __init__(self) -> None:
        self._lags_s: deque[float] = deque(maxlen=KEPT)
        self._trips_s: deque[float] = deque(maxlen=KEPT)

    def add_reading(self, reading_ms: float, arrived_s: float) -> None:
        """Add a reading of the phone's clock, which arrived at `arrived_s` by this computer's clock.

        If the reading shows that the phone has slept, drop earlier readings.
        """
        lag_s = arrived_s - reading_ms / 1000
        if self._lags_s and lag_s - min(self._lags_s) > JUMP_S:
            self._lags_s.clear()
        self._lags_s.append(lag_s)

    def add_round_trip(self, seconds: float) -> None:
        """Add the time that a message took to the phone and back."""
        self._trips_s.append(max(0.0, seconds))

    def to_local_s(self, reading_ms: float, arrived_s: float) -> float:
        """Convert a reading of the phone's clock to the time of this computer's clock.

        The result is at the latest `arrived_s`, the time at which the reading arrived. Before the first `add_reading`,
        the result is `arrived_s`.
        """
        if not self._lags_s:
            return arrived_s
        way_s = min(self._trips_s, default=0.0) / 2
        return min(arrived_s, reading_ms / 1000 + min(self._lags_s) - way_s)


MOST_WAITING = 16
"""Most messages that wait for a device, besides the state; a device that accepts no message is dropped much earlier."""
MOST_BUFFERED = 400_000
"""Most bytes in a connection's buffer: ten seconds of states. A device that does not read is dropped then, or when it
does not answer the heartbeat."""
SEND_S = 3.0  # Longest time for a device to accept a message
CLOSE_S = 1.0  # Longest time for a device to close its connection


class Client:
    """A connected device, and the messages that wait to be sent to it. Of several states, only the newest waits."""

    def __init__(self, socket: web.WebSocketResponse, request: web.BaseRequest, *, may_control: bool) -> None:
        self._socket, self._transport = socket, request.transport
        self.may_control = may_control
        self._waiting: deque[Fields] = deque()
        self._state: Fields | None = None
        self._sent: Fields | None = None
        self._changed = asyncio.Event()

    def send(self, fields: Fields) -> None:
        """Queue a message for the device, or drop the device if MOST_WAITING messages wait already."""
        if len(self._waiting) >= MOST_WAITING:
            self.drop()
            return
        self._waiting.append(fields)
        self._changed.set()

    def show(self, state: Fields) -> None:
        """Queue a state for the device, unless the device has it already."""
        self._state = None if state == self._sent else state
        self._changed.set()

    def drop(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            cut_connection(self._transport)

    async def keep_sending(self) -> None:
        """Send messages and states until the connection ends, or the task is cancelled.

        A device that does not accept a message in time is dropped, which cancels the task.
        """
        while not self._socket.closed:
            await self._changed.wait()
            self._changed.clear()
            while self._waiting:
                await self._write(self._waiting.popleft())
            if self._state is not None:
                self._sent, self._state = self._state, None
                await self._write(self._sent)

    async def _write(self, fields: Fields) -> None:
        if self._transport is not None and self._transport.get_write_buffer_size() > MOST_BUFFERED:
            self.drop()
            raise asyncio.CancelledError
        try:
            await asyncio.wait_for(self._socket.send_str(json.dumps(fields, ensure_ascii=False)), SEND_S)
        except (TimeoutError, ConnectionError, RuntimeError):
            self.drop()
            raise asyncio.CancelledError from None


HELLO_S = 5.0  # Longest wait for the first message
SILENT_CAMERA_S = 1.5  # Time without a picture after which another connection may become the camera
MOST_ERRORS = 20  # Invalid messages after which a connection is cut
MOST_TEXTS_HZ, MOST_TEXTS = 20.0, 40  # Text messages that are accepted per second, and at once
ACK: Fields = {"type": "ack"}
OTHER_CAMERA = "another phone is the camera; this one can watch"
WATCH_ONLY = "this address can only watch"


class PhoneRoom:
    """The data that all connections share, such as the devices, the last state and the choices on the remote."""

    def __init__(self, link: PhoneLink, refusals: Refusals) -> None:
        self.link, self.refusals = link, refusals
        self.clients: set[Client] = set()
        self.camera: Client | None = None
        self.heard_s = 0.0  # Time of the camera's last picture
        self.last_state: Fields | None = None
        self.offer: Fields | None = None  # Choices on the remote

    @contextmanager
    def as_camera(self, client: Client) -> Iterator[None]:
        """Make a device the camera while the block runs, or until another device becomes the camera."""
        self.camera, self.heard_s = client, self.link.clock()
        self.link.set_connected(True)
        self.send_state_to_all()
        try:
            yield
        finally:
            if self.camera is client:  # Otherwise, another device is the camera now
                self.camera = None
                self.link.set_connected(False)
                self.send_state_to_all()

    def send_state_to_all(self, state: Fields | None = None) -> None:
        """Send a state, with the state of the camera, to all devices; for None, send the last state again."""
        self.last_state = state if state is not None else self.last_state
        for client in tuple(self.clients):
            self.send_state(client)

    def send_offer_to_all(self, offer: Fields) -> None:
        """Send the choices on the remote to all devices that may control, also to devices that connect later."""
        self.offer = {"type": "options", **offer}
        for client in tuple(self.clients):
            self.send_offer(client)

    def send_offer(self, client: Client) -> None:
        """Send the choices on the remote, if any, to a device that may control; do nothing for other devices."""
        if self.offer is not None and client.may_control:
            client.send(self.offer)

    def send_state(self, client: Client) -> None:
        """Send the last state, with the state of the camera, to a device; do nothing before the first state."""
        if self.last_state is not None:
            client.show({"type": "state", **self.last_state, "camera": self.link.camera_state})


class LiveSocket:
    """Checks and handles the messages of a device, which come through a WebSocket."""

    def __init__(self, room: PhoneRoom, socket: web.WebSocketResponse, client: Client) -> None:
        self._room, self._socket, self._client = room, socket, client
        self._clock = PhoneClock()
        self._frames = protocol.RateLimit()
        self._texts = protocol.RateLimit(MOST_TEXTS_HZ, MOST_TEXTS)
        self._errors = 0
        self._is_camera = False

    async def serve(self) -> None:
        """Exchange messages with the device until the connection ends; drop a device without a valid greeting."""
        sending = asyncio.get_running_loop().create_task(self._client.keep_sending())
        try:
            role = await self._receive_role()
            if role is None:
                self._client.drop()
            else:
                self._is_camera = role != "watch" and self._may_be_camera(takes_over=role == "take-over")
                await self._talk()
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending

    async def _receive_role(self) -> Role | None:
        try:
            message = await self._socket.receive(HELLO_S)
            first = parse_text(message.data) if message.type is WSMsgType.TEXT else None
        except (TimeoutError, ProtocolError):
            first = None
        if not isinstance(first, str):
            self._room.refusals.add("a connection without a greeting")
            return None
        return first

    def _may_be_camera(self, *, takes_over: bool) -> bool:
        if not self._client.may_control:
            self._refuse("a camera that may only watch", WATCH_ONLY)
            return False
        before = self._room.camera
        if before is not None and (takes_over or self._room.link.clock() - self._room.heard_s > SILENT_CAMERA_S):
            before.drop()  # A silent camera is most likely the same phone, back before its loss was noticed
        elif before is not None:
            self._refuse("a second camera", OTHER_CAMERA, may_take_over=True)
            return False
        return True

    def _refuse(self, reason: str, why: str, **also: bool) -> None:
        self._room.refusals.add(reason)
        self._client.send({"type": "refused", "why": translate(why), **also})

    async def _talk(self) -> None:
        self._room.clients.add(self._client)
        self._room.send_offer(self._client)
        self._room.send_state(self._client)
        try:
            with self._room.as_camera(self._client) if self._is_camera else nullcontext():
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
        if not self._frames.admit(self._room.link.clock()):
            self._room.refusals.add("a picture: too many a second")
            self._client.send(ACK)
            return
        try:
            captured_ms, jpeg = parse_frame(data)
        except ProtocolError:
            self._client.send(ACK)  # The page sends its next picture only after this
            raise
        captured_s = self._clock.to_local_s(captured_ms, arrived_s)
        self._room.link.put_picture(ArrivedJpeg(jpeg, captured_s, self._acknowledger()))

    def _acknowledger(self) -> Callable[[], object]:
        loop, client = asyncio.get_running_loop(), self._client

        def acknowledge() -> None:
            with suppress(RuntimeError):  # The loop has ended
                loop.call_soon_threadsafe(client.send, ACK)

        return acknowledge

    async def _text(self, text: str) -> None:
        if not self._texts.admit(self._room.link.clock()):
            raise ProtocolError("too many texts a second")
        message = parse_text(text)
        if isinstance(message, float):
            now_s = self._room.link.clock()
            self._clock.add_reading(message, now_s)
            self._client.send({"type": "clock", "sent_ms": message, "server_ms": now_s * 1000})
            await self._socket.ping(repr(now_s).encode())
        elif isinstance(message, str):
            raise ProtocolError("a second greeting")
        elif self._client.may_control:
            self._room.link.add_request(message)
        else:
            self._refuse("an action of one that watches", WATCH_ONLY)

    def _pong(self, payload: bytes) -> None:
        """Measure the round trip from the answer to a ping, which contains the time at which the ping was sent."""
        try:
            sent_s = float(payload)
        except ValueError:
            return  # An answer to aiohttp's own heartbeat
        trip_s = self._room.link.clock() - sent_s
        if 0 <= trip_s < HELLO_S:
            self._clock.add_round_trip(trip_s)
