"""Capture: a producer thread reads the source into a ring buffer, and reopens the source after a loss.

    opened ──▶ reading ──frame──▶ ring ──newest──▶ take()
                 │  ▲
      SourceLost │  │ reopened after 0.5, 1, 2 … 8 s
                 ▼  │
                 lost

The consumer stays on its own thread and learns of a loss from `take`. A read that never returns can't be interrupted
(OpenCV crashes if closed meanwhile): `take` notices that no frame came for too long, abandons that thread and starts
another. The abandoned thread closes its source itself if it ever wakes.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from livecoach.capture import Source
from livecoach.capture.paced import PacedSource
from livecoach.core.errors import SourceError, SourceLost
from livecoach.core.types import Frame, SourceInfo

logger = logging.getLogger(__name__)

# Largest number of abandoned threads; at that number, reopening waits until one of them ends. Our choice.
_MAX_STUCK = 3
# Memory of the frames that wait: ten at 1920 × 1080. Our choice.
_MOST_BYTES = 64_000_000
# How long close() waits for the reader to release the device. Most reads return within their timeout of 2 s.
_JOIN_S = 2.5


T = TypeVar("T")


class RingBuffer(Generic[T]):
    """Holds the `depth` newest items for one consumer, or fewer where they are large; it drops and counts the oldest.
    Every item that was put in is taken, counted as dropped, or still held. Thread-safe."""

    def __init__(self, depth: int, *, most_bytes: int = 0, bytes_of: Callable[[T], int] = lambda _: 0) -> None:
        """most_bytes: memory that several items may take; a single one may take any. bytes_of: memory of an item.
        Raises ValueError for a depth below 1."""
        if depth < 1:
            raise ValueError(f"depth: expected 1 or more, got {depth}")
        self._items: deque[T] = deque()
        self._depth, self._most_bytes, self._bytes_of = depth, most_bytes, bytes_of
        self._dropped = 0  # items dropped since the last take; above 0 only while an item is held
        self._closed = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def __len__(self) -> int:
        with self._changed:
            return len(self._items)

    @property
    def ended(self) -> bool:
        """Whether the buffer is closed without an error, and nothing is left in it."""
        with self._changed:
            return self._closed and self._error is None and not self._items

    def put(self, item: T) -> bool:
        """Add an item without waiting. Once the buffer is closed, return False and keep and count nothing."""
        with self._changed:
            if self._closed:
                return False
            while self._items and (
                len(self._items) == self._depth or sum(map(self._bytes_of, (*self._items, item))) > self._most_bytes
            ):
                self._items.popleft()
                self._dropped += 1
            self._items.append(item)
            self._changed.notify()
            return True

    def take(self, timeout_s: float) -> tuple[T | None, int]:
        """Return the newest item, and how many older ones were dropped since the last call; wait up to `timeout_s` for
        one, and return None if none came. Raises the error that `close` was given, once everything put in before has
        been taken."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self._closed, timeout_s)
            if self._items:
                newest, dropped = self._items.pop(), self._dropped + len(self._items)
                self._items.clear()
                self._dropped = 0
                return newest, dropped
            if self._error is not None:
                raise self._error
            return None, 0

    def close(self, error: BaseException | None = None) -> None:
        """Declare the end, or the failure `error`, of the items. Only the first call counts."""
        with self._changed:
            if not self._closed:
                self._closed = True
                self._error = error
            self._changed.notify_all()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectPolicy:
    first_wait_s: float = 0.5  # wait before the first attempt. By then an MJPEG server's port is free again
    longest_wait_s: float = 8.0  # longest wait; the wait doubles after each failed attempt
    stall_s: float = 3.0
    """A live source counts as lost after this time without a frame. It is above the read timeout of streams (2 s)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaptureResult:
    frame: Frame | None  # the newest frame; None if none came in time
    dropped: int  # number of frames that came since the last take and were skipped, by the source or here
    lost: bool
    """The live source is lost for now. At least one result reports a loss before any frame that came after it."""
    ended: bool  # no more frames will come


_Arrival = tuple[Frame, int, int]
"""A frame, the number of losses of the source before it, and of the frames that the source has left out so far."""


def _bytes_of(arrival: _Arrival) -> int:
    picture = arrival[0].picture
    return 0 if picture is None else picture.nbytes


class _Reader:
    def __init__(self, source: Source | None, run: "Callable[[_Reader], None]", started_s: float) -> None:
        self.source = source  # the open source; None while it is lost
        self.alive_s = started_s  # clock reading at the latest frame or opening
        self.given_up = False
        self.ended = False
        self.thread = threading.Thread(target=run, args=(self,), name="capture", daemon=True)


class Capture:
    """Reads a source on its own thread. All methods belong to one consumer thread."""

    def __init__(
        self,
        open_source: Callable[[], Source],
        *,
        depth: int = 2,
        policy: ReconnectPolicy | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """Open the source in the calling thread, and start to read it. Raises SourceError if it does not open.
        open_source: called again, on the producer's thread, after each loss. depth: of the ring buffer, frames. clock:
        returns seconds; only differences count. sleep: waits between attempts; None for a wait that `close` ends
        early."""
        self._open_source = open_source
        self._policy = policy if policy is not None else ReconnectPolicy()
        self._clock = clock
        self._closing = threading.Event()
        self._sleep = sleep if sleep is not None else self._closing.wait
        self._ring: RingBuffer[_Arrival] = RingBuffer(depth, most_bytes=_MOST_BYTES, bytes_of=_bytes_of)
        self._state = threading.Lock()
        """Guards `_reader`, `_losses` and access to the ring: an abandoned reader may put no frames."""
        self._losses = 0
        self._losses_reported = 0
        self._skipped = self._skipped_reported = 0
        """Number of frames that the source left out, and how many of them `take` has reported."""
        self._lost = False
        self._held: tuple[_Arrival, int] | None = None  # held back until the loss before it has been reported
        self._stuck: list[_Reader] = []
        source = open_source()
        self._info = source.info
        self._reader = _Reader(source, self._run, self._clock())
        self._reader.thread.start()

    def __enter__(self) -> "Capture":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def info(self) -> SourceInfo:
        """Properties of the source since its latest opening."""
        return self._info

    def take(self, timeout_s: float) -> CaptureResult:
        """Return the newest frame; wait up to `timeout_s` for one. Raises the error of the source, once the frames
        before it have been taken."""
        self._give_up_if_stalled()
        # Read before the ring: frames from before these losses are then in the ring already.
        losses = self._losses
        arrival, dropped = self._ring.take(timeout_s) if self._held is None else self._held
        self._held = None
        if arrival is not None:
            losses = arrival[1]
        if losses > self._losses_reported:
            self._losses_reported = losses
            self._lost = True
            self._held = None if arrival is None else (arrival, dropped)
            return CaptureResult(frame=None, dropped=0, lost=True, ended=False)
        if arrival is None:
            ended = self._ring.ended
            return CaptureResult(frame=None, dropped=0, lost=self._lost and not ended, ended=ended)
        self._lost = False
        frame, _, left_out = arrival
        skipped, self._skipped_reported = left_out - self._skipped_reported, left_out
        return CaptureResult(frame=frame, dropped=dropped + skipped, lost=False, ended=False)

    def pause(self, paused: bool) -> bool:
        """Pause or continue a paced file. Return False for a live source, which can't be paused."""
        source = self._reader.source
        if not isinstance(source, PacedSource):
            return False
        source.pause(paused)
        return True

    def close(self, timeout_s: float = _JOIN_S) -> None:
        """Stop reading. Wait up to `timeout_s` for the thread; one that hangs is abandoned and does not delay the
        exit."""
        self._closing.set()
        self._ring.close()
        reader = self._reader
        if isinstance(reader.source, PacedSource):
            reader.source.close()  # it may be closed from here; this wakes the thread at once
        reader.thread.join(timeout_s)
        if reader.thread.is_alive():
            logger.info("%s: still reading %.1f s after the end, abandoned", self._info.name, timeout_s)

    def _give_up_if_stalled(self) -> None:
        with self._state:
            reader = self._reader
            if reader.source is None or not reader.source.info.live or reader.ended:
                return
            silent_s = self._clock() - reader.alive_s
            if silent_s <= self._policy.stall_s:
                return
            reader.given_up = True
            self._losses += 1
            self._stuck = [stuck for stuck in self._stuck if stuck.thread.is_alive()] + [reader]
            self._reader = _Reader(None, self._run, self._clock())
        logger.info("%s: no frame for %.1f s, abandoned", self._info.name, silent_s)
        self._reader.thread.start()

    # The methods below run on the reader's thread.

    def _run(self, reader: _Reader) -> None:
        error: Exception | None = None
        try:
            self._read_on(reader)
        except Exception as err:  # take() raises it again on the consumer's thread
            error = err
        reader.ended = True
        try:
            if reader.source is not None:
                reader.source.close()
        finally:
            with self._state:
                if reader is self._reader:
                    self._ring.close(error)

    def _read_on(self, reader: _Reader) -> None:
        while not self._over(reader):
            if reader.source is None:
                self._reopen(reader)
                continue
            try:
                frame = reader.source.read()
            except SourceLost as err:
                if not reader.source.info.live:
                    raise
                self._lose(reader, err)
                continue
            if frame is None or not self._put(reader, frame):
                return

    def _over(self, reader: _Reader) -> bool:
        return reader.given_up or self._closing.is_set()

    def _put(self, reader: _Reader, frame: Frame) -> bool:
        with self._state:
            if reader.given_up:
                return False
            reader.alive_s = self._clock()
            self._skipped += frame.skipped
            return self._ring.put((frame, self._losses, self._skipped))

    def _lose(self, reader: _Reader, err: SourceLost) -> None:
        logger.info("%s", err)
        with self._state:
            source, reader.source = reader.source, None
            if not reader.given_up:
                self._losses += 1
        if source is not None:
            source.close()

    def _reopen(self, reader: _Reader) -> None:
        wait_s = self._policy.first_wait_s
        while True:
            self._sleep(wait_s)
            if self._over(reader):
                return
            source = self._opened_again()
            if source is not None:
                break
            wait_s = min(2 * wait_s, self._policy.longest_wait_s)
        with self._state:
            reader.alive_s = self._clock()
            reader.source = source
        self._info = source.info
        logger.info("%s: reopened", source.info.name)

    def _opened_again(self) -> Source | None:
        if sum(stuck.thread.is_alive() for stuck in self._stuck) >= _MAX_STUCK:
            return None
        try:
            return self._open_source()
        except SourceError as err:
            logger.debug("%s", err)
        except Exception:  # a camera or a driver may raise anything; a set does not end for that
            logger.warning("%s: opening it again failed", self._info.name, exc_info=True)
        return None
