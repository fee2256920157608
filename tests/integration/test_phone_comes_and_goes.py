"""A phone that locks, changes its camera or loses the network: the set goes on."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import aiohttp
import cv2
import numpy as np
import pytest
from builders.command import DEMO_OBSERVATIONS
from builders.phone_connection import HELLO, WAIT_S, Served, Socket, a_run, heard, stamped, tells_its_clock, until
from builders.sources import CAPTURE

from livecoach.capture.capture import Capture
from livecoach.capture.stored import StoredObservations
from livecoach.capture.timeline import LiveTimeline
from livecoach.core.types import Observation
from livecoach.phone import link as phone_link
from livecoach.phone.link import PhoneSource, reconnecting
from livecoach.run.feed import newest_frames

FRAMES, GAP = 300, 222
"""Three reps of the demo; the second one has just ended, and the bar lies on the floor."""
AWAY_S = 10.0
AGAIN_S = 1.0
BEGAN_S = 1000.0
LONGEST_S = 120.0
"""Longest time that 300 pictures may take, each after the one before."""


def a_picture(width: int, height: int) -> bytes:
    return cv2.imencode(".jpg", np.full((height, width, 3), 90, np.uint8))[1].tobytes()


class Set:
    """Three reps before a phone, of which each picture has its stored observation."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.away_s = 0.0
        self.picture = a_picture(64, 48)
        self.events: list[Any] = []
        self.shapes: set[tuple[int, ...]] = set()
        self.refusals: list[str] = []
        self.seen_s = -1.0
        """Time of the newest picture that the run has seen."""
        self.left = threading.Event()
        """The phone has gone for good, or failed."""
        source = StoredObservations(DEMO_OBSERVATIONS)
        self._seen: list[Observation] = [
            frame.observation for frame in iter(source.read, None) if frame.observation is not None
        ][:FRAMES]
        source.close()
        self.loop, self.controls = a_run(served.link, self._observe, self.events)

    def _observe(self, frame: Any, dropped: int = 0) -> Observation:
        """The stored observation of a frame, whose time tells which it is: pictures may be left out."""
        self.shapes.add(frame.picture.shape)
        self.seen_s = frame.t_s
        number = round((frame.t_s - (self.away_s if frame.t_s > self._seen[GAP].t_s + 0.01 else 0.0)) * 30)
        return replace(self._seen[min(number, FRAMES - 1)], index=frame.index, t_s=frame.t_s, dropped=dropped)

    def lift(self) -> None:
        """Run until the last picture has come."""
        timeline = LiveTimeline()

        def opened() -> PhoneSource:
            return PhoneSource(self.served.link, timeline, self.refusals.append, WAIT_S)

        with Capture(opened, reconnecting(CAPTURE)) as capture:
            self.loop.run(self._until_the_end(capture), self.controls.listen)

    def _until_the_end(self, capture: Capture) -> Iterator[Any]:
        last_s = self._seen[-1].t_s
        for taken in newest_frames(capture):
            yield taken
            if self.left.is_set() or (taken.frame is not None and taken.frame.t_s >= last_s + self.away_s - 0.01):
                return

    async def film(self, live: Socket, frames: range) -> None:
        """Send some pictures, each once the one before is seen: a busy machine would leave some out."""
        for seen in islice(self._seen, frames.start, frames.stop):
            t_s = seen.t_s + (self.away_s if seen.t_s > self._seen[GAP].t_s + 0.01 else 0.0)
            self.served.clock.now_s = BEGAN_S + t_s
            await self._send(live, t_s)
            while not await self._has_seen(t_s):  # the capture may have given up the thread that took the picture
                self.served.clock.now_s += 0.05  # no phone sends faster
                await self._send(live, t_s)

    async def _send(self, live: Socket, t_s: float) -> None:
        await live.send_bytes(stamped(1000 * t_s, self.picture))
        await heard(live, "ack")

    async def _has_seen(self, t_s: float) -> bool:
        """Whether the run sees the picture of a time, before a phone would send it again."""
        try:
            await until(lambda: self.seen_s >= t_s - 0.001, AGAIN_S)
        except TimeoutError:
            return False
        return True

    @property
    def told(self) -> list[bool]:
        """Whether the camera is lost, each time that this was said."""
        return [event.active for event in self.events if event.event == "warning" and event.warning == "camera_lost"]


Going = Callable[[Set, aiohttp.ClientSession, Socket], Coroutine[Any, Any, None]]
BEFORE, AFTER = range(GAP + 1), range(GAP + 1, FRAMES)


async def locks_for_10_s(lifted: Set, _: aiohttp.ClientSession, live: Socket) -> None:
    """The page sleeps: its connection stays, and no pictures come."""
    lifted.away_s = AWAY_S
    await until(lambda: True in lifted.told)
    await lifted.film(live, AFTER)


async def loses_the_network_for_10_s(lifted: Set, session: aiohttp.ClientSession, live: Socket) -> None:
    lifted.away_s = AWAY_S
    assert live._conn is not None
    assert live._conn.transport is not None
    live._conn.transport.abort()  # type: ignore[attr-defined]
    await until(lambda: True in lifted.told)
    async with lifted.served.connected(session, HELLO) as again:
        await tells_its_clock(again, lifted.served.clock.now_s - BEGAN_S)
        await lifted.film(again, AFTER)


async def changes_its_camera(lifted: Set, _: aiohttp.ClientSession, live: Socket) -> None:
    """The other one is opened after a second, and its pictures have another shape, as those of a turned phone."""
    lifted.away_s, lifted.picture = 1.0, a_picture(60, 80)
    await lifted.film(live, AFTER)


@pytest.mark.parametrize(
    ("going", "lost"),
    [(locks_for_10_s, True), (loses_the_network_for_10_s, True), (changes_its_camera, False)],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_the_set_goes_on(going: Going, lost: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its reps in one set. A loss is said, and that the camera is back."""
    if going is not locks_for_10_s:  # which alone is noticed by its silence: a busy machine is silent for long
        monkeypatch.setattr(phone_link, "SILENT_S", WAIT_S)
    served = Served()
    served.clock.now_s = BEGAN_S
    lifted = Set(served)

    async def phone() -> None:
        async with served.browser() as session, served.connected(session, HELLO) as live:
            await tells_its_clock(live, 0.0)
            await lifted.film(live, BEFORE)
            await going(lifted, session, live)
            await until(lambda: len(lifted.loop.coached.reps) == 3)

    def runs() -> None:
        try:
            asyncio.run(asyncio.wait_for(phone(), LONGEST_S))
        finally:
            lifted.left.set()

    thread = threading.Thread(target=runs)
    thread.start()
    lifted.lift()
    thread.join(LONGEST_S)
    served.server.close()

    assert [rep.set for rep in lifted.loop.coached.reps] == [1, 1, 1]
    assert lifted.told == ([True, False] if lost else [])
    assert {view for event in lifted.events if event.event == "view" for view in [event.view.name]} == {"oblique"}
    assert len(lifted.shapes) == (2 if going is changes_its_camera else 1)
