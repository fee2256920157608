"""Where frames come from: cameras, streams, files and stored observations, behind one protocol, and the ring buffer.

It imports `core` alone; `run` opens what is in it, and `lab` reads files with it.

Creating a source opens it, so that every object has its `info`. One thread reads the source and the same thread closes
it (OpenCV and PyAV crash if closed while another thread reads); only `paced.PacedSource.close` may be called from any
thread.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, wait
from contextlib import suppress
from typing import Protocol, TypeVar

from livecoach.core.errors import SourceError
from livecoach.core.types import Frame, SourceInfo, ignore
from livecoach.core.types.message import Message

T = TypeVar("T")


class Source(Protocol):
    @property
    def info(self) -> SourceInfo:
        """Properties of the source, which do not change while it is open."""

    def read(self) -> Frame | None:
        """Wait for the next frame and return it; None at the end of the source and ever after.

        Frame numbers rise; times never fall.

        Raises:
            SourceLost: a live source stopped; close it, and open it again after a while.
            SourceError: the source can't be read any further, and trying again will not help.
        """

    def close(self) -> None:
        """Release the device or file. May be called more than once."""


class PictureSource(ABC):
    """A source that reads its first picture when it is opened: a camera in use by another program may open and then
    deliver nothing, and the size that it announces need not be the size that it delivers."""

    def _begin(self, first: Frame | None, *, name: str, fps: float | None, live: bool) -> None:
        assert first is not None
        assert first.picture is not None
        height_px, width_px = first.picture.shape[:2]
        self._first: Frame | None = first
        self._info = SourceInfo(name=name, width_px=width_px, height_px=height_px, fps=fps, live=live)

    def _begin_stream(self, name: str) -> None:
        """Wait for the first picture; close where none comes. Streams state no rate, or often a wrong one."""
        try:
            self._begin(self._next(), name=name, fps=None, live=True)
        except SourceError:
            self.close()
            raise

    @property
    def info(self) -> SourceInfo:
        """Properties at the opening: later pictures may have another size."""
        return self._info

    def read(self) -> Frame | None:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return self._next()

    @abstractmethod
    def _next(self) -> Frame | None: ...

    @abstractmethod
    def close(self) -> None:
        """As Source.close."""


def stopped_text(camera: str) -> Message:
    """Return the text for a camera from which no picture comes any more."""
    return Message("{name} stopped delivering pictures. Is it still connected and switched on?", name=camera)


def unusable_text(camera: str, why: Exception) -> Message:
    """Return the text for a camera whose pictures are none that livecoach reads."""
    return Message("{name} can't be used: {name2}. Choose another size in its settings.", name=camera, name2=str(why))


def no_picture_text(camera: str, do: str) -> Message:
    """Return the text for a camera that answers, and sends nothing. do: one thing to do."""
    return Message("no picture yet from {text}. {text2}", text=camera, text2=do)


def called(call: Callable[[], T], dispose: Callable[[T], object] = ignore) -> Future[T]:
    """Make a call on a thread of its own, which does not hold up the end of the process: calls to name servers, to
    drivers, and to servers that send a byte at a time may never return. dispose: called with a result that comes after
    the future was cancelled, on that thread."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            result = call()
        except BaseException as err:  # raised again on the caller's thread
            with suppress(InvalidStateError):  # nobody waits for it any more
                future.set_exception(err)
            return
        try:
            future.set_result(result)
        except InvalidStateError:
            dispose(result)

    threading.Thread(target=run, name="opening", daemon=True).start()
    return future


def call_within(limit_s: float, call: Callable[[], T], dispose: Callable[[T], object] = ignore) -> T:
    """Return the result of a call. One that takes too long is abandoned with its thread. dispose: as `called` takes it.
    Raises TimeoutError after `limit_s`, or the call's own exception."""
    future = called(call, dispose)
    wait([future], limit_s)
    if future.cancel():
        raise TimeoutError(f"no answer within {limit_s:g} s")
    return future.result()
