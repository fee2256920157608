"""A watchdog: notices that the loop of a run hangs, says which part does, and ends the session in order."""

import os
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from types import FrameType
from typing import TypeVar

TICK_S = 1.0
HANGS_AFTER = 20
"""Ticks without a turn of the loop, which normally takes a twentieth of a second at most. They are counted, not timed:
a process that is stopped and continued does not hang. Our choice."""
END_S = 10.0  # longest wait for the end of the session, because the disk may be what hangs
EXIT_STATUS = 1
PARTS = {
    "livecoach.perception.pose.": "the pose model",
    "livecoach.records.": "the disk",
    "livecoach.capture.": "the camera",
    "livecoach.phone.": "the phone's server",
}
"""Where the loop hangs → its name for the user."""

T = TypeVar("T")


def watched(
    turns: Iterable[T],
    say: Callable[[str], object],
    end: Callable[[], object],
    *,
    leave: Callable[[int], object] = os._exit,
    tick_s: float = TICK_S,
) -> Generator[T, None, None]:
    """Yield the turns of a loop, whose thread calls this, and watch from another one until they end or are closed. say:
    called with one line for the user. end: finishes the session. leave: ends the process."""
    looping, turned, over = threading.get_ident(), threading.Event(), threading.Event()

    def watch() -> None:
        ticks = 0
        while not over.wait(tick_s) and ticks < HANGS_AFTER:
            ticks = 0 if turned.is_set() else ticks + 1
            turned.clear()
        if over.is_set():
            return
        say(f"{part_of(sys._current_frames().get(looping))} does not answer. The session ends here.")
        ending = threading.Thread(target=finish, name="ending", daemon=True)
        ending.start()
        ending.join(END_S)
        leave(EXIT_STATUS)

    def finish() -> None:
        with suppress(Exception):  # the rest of the session was finished before what fails or hangs here
            end()

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    try:
        for turn in turns:
            turned.set()
            yield turn
    finally:
        over.set()


def part_of(frame: FrameType | None) -> str:
    """Return the name, for the user, of the part of livecoach that a thread is in."""
    while frame is not None:
        module = f"{frame.f_globals.get('__name__', '')}."
        for room, name in PARTS.items():
            if module.startswith(room):
                return name
        frame = frame.f_back
    return "livecoach"
