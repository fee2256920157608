"""The short ring buffer between the thread that reads frames and the one that processes them. The newest frame wins."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Newest(Generic[T]):
    item: T | None
    """The newest item; None if none came in time, or the buffer is closed."""
    dropped: int
    """Number of older items that were dropped since the last take."""
    ended: bool
    """The buffer is closed, and nothing is left in it."""


class RingBuffer(Generic[T]):
    """Holds the `depth` newest items for one consumer, or fewer where they are large; it drops and counts the oldest.

    Every item that was put in is taken, counted as dropped, or still held. Thread-safe.
    """

    def __init__(self, depth: int, *, most_bytes: int = 0, bytes_of: Callable[[T], int] = lambda _: 0) -> None:
        """most_bytes: memory that several items may take; a single one may take any. bytes_of: memory of an item.
        Raises ValueError for a depth below 1."""
        if depth < 1:
            raise ValueError(f"depth: expected 1 or more, got {depth}")
        self._items: deque[T] = deque()
        self._depth, self._most_bytes, self._bytes_of = depth, most_bytes, bytes_of
        self._dropped = 0
        """Items dropped since the last take; above 0 only while an item is held."""
        self._closed = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def __len__(self) -> int:
        with self._changed:
            return len(self._items)

    def put(self, item: T) -> bool:
        """Add an item without waiting. Once the buffer is closed, return False and keep and count nothing."""
        with self._changed:
            if self._closed:
                return False
            while self._items and not self._has_room(item):
                self._items.popleft()
                self._dropped += 1
            self._items.append(item)
            self._changed.notify()
            return True

    def take(self, timeout_s: float) -> Newest[T]:
        """Return the newest item and drop the older ones; wait up to `timeout_s` if there is none. Raises the error
        that `close` was given, once everything put in before has been taken."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self._closed, timeout_s)
            if self._items:
                return self._take_newest()
            if self._error is not None:
                raise self._error
            return Newest(item=None, dropped=0, ended=self._closed)

    def close(self, error: BaseException | None = None) -> None:
        """Declare the end, or the failure `error`, of the items. Only the first call counts."""
        with self._changed:
            if not self._closed:
                self._closed = True
                self._error = error
            self._changed.notify_all()

    def _has_room(self, item: T) -> bool:
        held_bytes = sum(map(self._bytes_of, self._items))
        return len(self._items) < self._depth and held_bytes + self._bytes_of(item) <= self._most_bytes

    def _take_newest(self) -> Newest[T]:
        newest = self._items.pop()
        dropped = self._dropped + len(self._items)
        self._items.clear()
        self._dropped = 0
        return Newest(item=newest, dropped=dropped, ended=False)
