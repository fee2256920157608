"""The devices that are connected: what each has still to be sent, and which of them is the camera."""

import asyncio
import json
from collections import deque

from aiohttp import web

from livecoach.phone.link import Fields
from livecoach.phone.listener import cut

STATE_HZ = 15.0
"""States a second in which only what moves has changed. Anything else is news, and is sent at once."""
MOVING = frozenset({"body", "progress"})
MOST_WAITING = 16
"""Messages that wait for a device, besides the state. One that takes none is dropped long before."""
MOST_BUFFERED = 400_000
"""Bytes that may wait in a connection's buffer: ten seconds of states. A device that does not read is dropped then, or
when it does not answer the heartbeat, whatever comes first."""
SEND_S = 3.0
"""Longest time in which a device has to take a message."""
CLOSE_S = 1.0


class Client:
    """One device. Its messages are sent by `send_all`; a state replaces one that was not sent yet."""

    def __init__(self, socket: web.WebSocketResponse, request: web.BaseRequest, *, may_control: bool) -> None:
        self._socket, self._transport = socket, request.transport
        self.may_control = may_control
        self._waiting: deque[Fields] = deque()
        self._state: Fields | None = None
        self._sent: Fields | None = None
        self._changed = asyncio.Event()

    def send(self, fields: Fields) -> None:
        """Send a message soon; drop the device where too many wait."""
        if len(self._waiting) >= MOST_WAITING:
            self.drop()
            return
        self._waiting.append(fields)
        self._changed.set()

    def show(self, state: Fields) -> None:
        """Send a state soon, unless it is the one that was sent last."""
        self._state = None if state == self._sent else state
        self._changed.set()

    def drop(self) -> None:
        """Cut the connection now."""
        if self._transport is not None:
            cut(self._transport)

    async def send_all(self) -> None:
        """Send what comes, until the connection ends. Cancel it to end it earlier."""
        loop = asyncio.get_running_loop()
        next_state_s = loop.time()
        while not self._socket.closed:
            if self._has_news():
                next_state_s = loop.time()
            wait_s = max(0.0, next_state_s - loop.time()) if self._state is not None else None
            if not self._waiting and wait_s != 0.0:
                await self._news(wait_s)
            while self._waiting:
                await self._write(self._waiting.popleft())
            if self._state is not None and loop.time() >= next_state_s:
                self._sent, self._state = self._state, None
                next_state_s = loop.time() + 1 / STATE_HZ
                await self._write(self._sent)

    def _has_news(self) -> bool:
        """Return whether more than what moves has changed since the last state."""
        if self._state is None or self._sent is None:
            return self._state is not None
        return any(self._sent.get(name) != value for name, value in self._state.items() if name not in MOVING)

    async def _news(self, wait_s: float | None) -> None:
        """Wait for something to send; wait_s: until the next state may be sent, None where there is none."""
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), wait_s)
        except asyncio.TimeoutError:
            return

    async def _write(self, fields: Fields) -> None:
        if self._transport is not None and self._transport.get_write_buffer_size() > MOST_BUFFERED:
            self.drop()
            raise asyncio.CancelledError
        try:
            await asyncio.wait_for(self._socket.send_str(json.dumps(fields, ensure_ascii=False)), SEND_S)
        except (asyncio.TimeoutError, ConnectionError, RuntimeError):
            self.drop()
            raise asyncio.CancelledError from None


class SoundStore:
    """Sounds of cues for a minute, under names that can't be guessed."""

    KEPT_S, MOST = 60.0, 32

    def __init__(self) -> None:
        self._sounds: dict[str, tuple[float, bytes]] = {}

    def add(self, name: str, sound: bytes, now_s: float) -> None:
        """Keep a sound; forget those that are old."""
        self._sounds[name] = now_s, sound
        for old in [one for one, (since_s, _) in self._sounds.items() if now_s - since_s > self.KEPT_S]:
            del self._sounds[old]
        while len(self._sounds) > self.MOST:
            del self._sounds[next(iter(self._sounds))]

    def get(self, name: str, now_s: float) -> bytes | None:
        """Return a sound, while it is kept."""
        since_s, sound = self._sounds.get(name, (0.0, b""))
        return sound if sound and now_s - since_s <= self.KEPT_S else None
