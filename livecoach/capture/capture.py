"""Reads a source into a ring buffer on a separate thread, and reopens the source after a loss.

The buffer holds the newest frames. A full buffer drops its oldest frame, and counts every dropped frame.

    opened ──▶ reading ──frame──▶ ring ──newest──▶ take()
                 │  ▲
      SourceLost │  │ reopened after 0.5, 1, 2 … 8 s (by the shipped settings)
                 ▼  │
                 lost

The consumer stays on its thread and learns of a loss from `take`. A read that never returns can't be interrupted,
because OpenCV crashes if the source is closed meanwhile. If no frame comes for too long, `take` abandons the reading
thread and starts another thread. The abandoned thread closes its source if it ever wakes.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from livecoach.capture import Source
from livecoach.capture.paced import PacedSource
from livecoach.capture.timeline import now_s
from livecoach.core.config.settings import CaptureSettings
from livecoach.core.errors import SourceError, SourceLost
from livecoach.core.types import Frame, SourceInfo

logger = logging.getLogger(__name__)

# Most abandoned threads. With that many, the source is not reopened until a thread ends. Our choice.
_MAX_STUCK = 3
# Most bytes of the waiting frames: ten pictures of 1920 × 1080. Our choice.
_MOST_BYTES = 64_000_000
# Longest wait of close() until the reader has released the device. Most reads return within their timeout of 2 s.
_JOIN_S = 2.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaptureResult:
    """The newest frame, the number of frames skipped before it, and the state of the source."""

    frame: Frame | None  # the newest frame; None if no frame came in time, with a new loss, and at the end
    dropped: int  # number of frames since the last take that the source or the buffer skipped
    lost: bool
    """Whether the live source is lost, and may come back. A loss is reported before the frames that came after it."""
    ended: bool  # whether no more frames will come


def _bytes_of(held: Iterable[tuple[Frame, int]]) -> int:
    return sum(frame.picture.nbytes for frame, _ in held if frame.picture is not None)


class _Reader:
    def __init__(self, source: Source | None, run: "Callable[[_Reader], None]", started_s: float) -> None:
        self.source = source  # the open source; None while it is lost
        self.alive_s = started_s  # clock reading at the latest frame or the latest opening
        self.given_up = False
        self.ended = False
        self.thread = threading.Thread(target=run, args=(self,), name="capture", daemon=True)


class Capture:
    """Reads a source into a buffer on its own thread, and reopens a lost source. Only one other thread may use it."""

    def __init__(
        self,
        open_source: Callable[[], Source],
        settings: CaptureSettings,
        *,
        clock: Callable[[], float] = now_s,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        """Open the source on the calling thread, and start to read it on another thread.

        Args:
            open_source: Opens the source; called again after each loss, on the reader's thread.
            sleep: Waits between attempts to reconnect; None for a wait that `close` ends early.

        Raises:
            SourceError: The source does not open.
        """
        self._open_source, self._settings = open_source, settings
        self._clock = clock
        self._closing = threading.Event()
        self._sleep = sleep if sleep is not None else self._closing.wait
        self._changed = threading.Condition()
        """Guards the fields below, and keeps an abandoned reader from adding frames."""
        self._frames: deque[tuple[Frame, int]] = deque()  # frames, each with the number of losses before it
        self._dropped = 0  # number of frames that the buffer or the source skipped since the last take
        self._losses = self._losses_reported = 0
        self._lost = self._over = False  # `_over`: no more frames will come
        self._error: BaseException | None = None  # error that ended the source
        self._stuck: list[_Reader] = []
        source = open_source()
        self.info: SourceInfo = source.info  # Properties of the source at its latest opening
        self._reader = _Reader(source, self._run, self._clock())
        self._reader.thread.start()

    def take(self, timeout_s: float) -> CaptureResult:
        """Take the newest frame out of the buffer, or wait up to `timeout_s` for a frame if the buffer is empty.

        Older frames in the buffer are dropped, and counted in the result. A new loss of the source is reported by a
        result without a frame; the frames that came after the loss stay in the buffer for the next call.

        Raises:
            Exception: The error that ended the source, once the buffer is empty.
        """
        self._give_up_if_stalled()
        with self._changed:
            self._changed.wait_for(lambda: bool(self._frames) or self._over, timeout_s)
            frame, losses = self._frames[-1] if self._frames else (None, self._losses)
            if frame is None and self._error is not None:
                raise self._error
            if losses > self._losses_reported:  # report the loss first; the frame stays for the next call
                self._losses_reported, self._lost = losses, True
                return CaptureResult(frame=None, dropped=0, lost=True, ended=False)
            if frame is None:
                return CaptureResult(frame=None, dropped=0, lost=self._lost and not self._over, ended=self._over)
            dropped = self._dropped + len(self._frames) - 1
            self._frames.clear()
            self._dropped, self._lost = 0, False
            return CaptureResult(frame=frame, dropped=dropped, lost=False, ended=False)

    def pause(self, paused: bool) -> bool:
        """Pause or resume a file that is played at its own pace, and return True; return False for any other source."""
        source = self._reader.source
        if not isinstance(source, PacedSource):
            return False
        source.pause(paused)
        return True

    def close(self, timeout_s: float = _JOIN_S) -> None:
        """Stop reading, and wait up to `timeout_s` seconds for the reading thread. A thread that hangs is abandoned."""
        self._closing.set()
        self._end(None)
        reader = self._reader
        if isinstance(reader.source, PacedSource):
            reader.source.close()  # any thread may close it, which wakes the reader
        reader.thread.join(timeout_s)
        if reader.thread.is_alive():
            logger.info("%s: still reading %.1f s after the end, abandoned", self.info.name, timeout_s)

    def _give_up_if_stalled(self) -> None:
        with self._changed:
            reader = self._reader
            if reader.source is None or not reader.source.info.live or reader.ended:
                return
            silent_s = self._clock() - reader.alive_s
            if silent_s <= self._settings.stall_s:
                return
            reader.given_up = True
            self._losses += 1
            self._stuck = [stuck for stuck in self._stuck if stuck.thread.is_alive()] + [reader]
            self._reader = _Reader(None, self._run, self._clock())
        logger.info("%s: no frame for %.1f s, abandoned", self.info.name, silent_s)
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
            with self._changed:
                if reader is self._reader:
                    self._end(error)

    def _read_on(self, reader: _Reader) -> None:
        while not self._is_done(reader):
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
            if frame is None or not self._add(reader, frame):
                return

    def _is_done(self, reader: _Reader) -> bool:
        return reader.given_up or self._closing.is_set()

    def _add(self, reader: _Reader, frame: Frame) -> bool:
        """Add a frame, and drop the oldest frames above the limits. Return False if the reader is to end."""
        with self._changed:
            if reader.given_up or self._over:
                self._dropped += 1 + frame.skipped
                return False
            reader.alive_s = self._clock()
            held = self._frames
            held.append((frame, self._losses))
            while len(held) > 1 and (len(held) > self._settings.buffer_frames or _bytes_of(held) > _MOST_BYTES):
                held.popleft()
                self._dropped += 1
            self._dropped += frame.skipped
            self._changed.notify()
            return True

    def _end(self, error: BaseException | None) -> None:
        with self._changed:
            if not self._over:
                self._over, self._error = True, error
            self._changed.notify()

    def _lose(self, reader: _Reader, err: SourceLost) -> None:
        logger.info("%s", err)
        with self._changed:
            source, reader.source = reader.source, None
            if not reader.given_up:
                self._losses += 1
        try:
            if source is not None:
                source.close()
        except Exception:  # a driver without its device may raise anything, and must not end the set
            logger.warning("%s: closing it failed", self.info.name, exc_info=True)

    def _reopen(self, reader: _Reader) -> None:
        wait_s = self._settings.reconnect_first_s
        while True:
            self._sleep(wait_s)
            if self._is_done(reader):
                return
            source = self._opened_again()
            if source is not None:
                break
            wait_s = min(2 * wait_s, self._settings.reconnect_longest_s)
        with self._changed:
            reader.alive_s = self._clock()
            reader.source = source
        self.info = source.info
        logger.info("%s: reopened", source.info.name)

    def _opened_again(self) -> Source | None:
        if sum(stuck.thread.is_alive() for stuck in self._stuck) >= _MAX_STUCK:
            return None
        try:
            return self._open_source()
        except SourceError as err:
            logger.debug("%s", err)
        except Exception:  # a camera or a driver may raise anything, and must not end the set
            logger.warning("%s: opening it again failed", self.info.name, exc_info=True)
        return None
