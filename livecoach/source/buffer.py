"""The short ring between the thread that reads frames and the one that looks at them: the newest wins."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Newest(Generic[T]):
    """What one `RingBuffer.take` found."""

    item: T | None
    """The newest one; None if none came in time, or none will come any more."""
    dropped: int
    """How many were given up for it since the last one that was taken."""
    ended: bool
    """No more will come."""


class RingBuffer(Generic[T]):
    """Holds the `depth` newest items for one consumer; the oldest one gives way, and is counted.

    Every item that was put in is taken, counted as dropped, or still held. Threadsafe.
    """

    def __init__(self, depth: int) -> None:
        """Make it empty.

        Raises:
            ValueError: the depth is under 1.
        """
        if depth < 1:
            raise ValueError(f"depth: expected 1 or more, got {depth}")
        self._items: deque[T] = deque()
        self._depth = depth
        self._dropped = 0
        """Given up since the last take; only ever above 0 while an item is held."""
        self._closed = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """How many are held now."""
        with self._changed:
            return len(self._items)

    def put(self, item: T) -> bool:
        """Add the newest; never waits. False, and nothing is kept or counted, once the buffer is closed."""
        with self._changed:
            if self._closed:
                return False
            if len(self._items) == self._depth:
                self._items.popleft()
                self._dropped += 1
            self._items.append(item)
            self._changed.notify()
            return True

    def take(self, timeout_s: float) -> Newest[T]:
        """Give the newest item and let the older ones go; wait up to `timeout_s` if there is none.

        Raises:
            BaseException: what `close` was given, once all that was put in before has been taken.
        """
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self._closed, timeout_s)
            if self._items:
                return self._take_newest()
            if self._error is not None:
                raise self._error
            return Newest(item=None, dropped=0, ended=self._closed)

    def close(self, error: BaseException | None = None) -> None:
        """Say that no more will come: it ended, or it failed with `error`. The first time counts."""
        with self._changed:
            if not self._closed:
                self._closed = True
                self._error = error
            self._changed.notify_all()

    def _take_newest(self) -> Newest[T]:
        newest = self._items.pop()
        dropped = self._dropped + len(self._items)
        self._items.clear()
        self._dropped = 0
        return Newest(item=newest, dropped=dropped, ended=False)
