"""Reads frames from cameras, streams, files and stored observations behind one protocol, through a ring buffer.

This room imports `core` alone; `run` opens its sources, and `lab` reads files with it.

Creating a source opens it: every source has its `info`. The thread that reads a source also closes it: OpenCV and PyAV
crash if they are closed while another thread reads. Only `paced.PacedSource.close` may be called from any thread.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, wait
from contextlib import suppress
from typing import Protocol, TypeVar

from livecoach.core.types import Frame, SourceInfo, ignore
from livecoach.core.types.bounds import to_printable
from livecoach.core.types.message import Message

T = TypeVar("T")


class Source(Protocol):
    """An open source of frames, such as a camera, a stream or a file."""

    @property
    def info(self) -> SourceInfo:
        """The properties of the source when it was opened."""

    def read(self) -> Frame | None:
        """Wait for the next frame, and return the frame; None at the end of the source, and in all later calls.

        The indices of frames rise, and the times never fall.

        Raises:
            SourceLost: A live source stopped. Close it, and open it again after a while.
            SourceError: The source can't be read any further, and trying again will not help.
        """

    def close(self) -> None:
        """Release the device or file. A second call has no effect."""


class PictureSource(ABC):
    """A source that reads its first picture as soon as it is opened.

    The first picture shows whether the source works, and how large its pictures are: a camera that another program uses
    may open and then deliver nothing, and some cameras announce another size than they deliver.
    """

    def _begin(self, first: Frame | None, *, name: str, fps: float | None, live: bool) -> None:
        assert first is not None
        assert first.picture is not None
        height_px, width_px = first.picture.shape[:2]
        # A document can't hold a name in another encoding, and a name must not control the terminal.
        name = to_printable(name.encode("utf-8", "replace").decode())
        self._first: Frame | None = first
        self.info = SourceInfo(name=name, width_px=width_px, height_px=height_px, fps=fps, live=live)
        """Properties of the source when it was opened. Later pictures may have another size."""

    def read(self) -> Frame | None:
        """Wait for the next frame, and return the frame; None at the end. Raises SourceError as `Source.read` does."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return self._next()

    @abstractmethod
    def _next(self) -> Frame | None: ...

    @abstractmethod
    def close(self) -> None:
        """Release the device or file. A second call has no effect."""


def stopped_text(camera: str) -> Message:
    """Return the message that a camera no longer delivers pictures."""
    return Message("{name} stopped delivering pictures. Is it still connected and switched on?", name=camera)


def no_picture_text(camera: str, advice: str) -> Message:
    """Return the text for a camera that answers but sends no picture. `advice` is a sentence on how to get pictures."""
    return Message("no picture yet from {text}. {text2}", text=camera, text2=advice)


def call_in_thread(
    call: Callable[[], T], dispose: Callable[[T], object] = ignore, keep: Callable[[T], object] = ignore
) -> Future[T]:
    """Call a function on a new thread, and return a future of the result. The caller may cancel the future.

    The thread does not delay the end of the process, because the function may never return.

    Args:
        dispose: Called on the new thread with the result if the future was cancelled before the result came.
        keep: Called on the new thread with any other result. The thread lives on until `keep` returns.
    """
    future: Future[T] = Future()

    def run() -> None:
        """Make the call, and pass on its result or its exception."""
        try:
            result = call()
        except BaseException as err:  # raised again on the caller's thread
            with suppress(InvalidStateError):  # the future was cancelled
                future.set_exception(err)
            return
        try:
            future.set_result(result)
        except InvalidStateError:
            dispose(result)
        else:
            keep(result)

    threading.Thread(target=run, name="opening", daemon=True).start()
    return future


def call_within(
    limit_s: float, call: Callable[[], T], dispose: Callable[[T], object] = ignore, keep: Callable[[T], object] = ignore
) -> T:
    """Call a function on a new thread, and return the result; abandon the thread after `limit_s` seconds.

    A result that comes too late is passed to `dispose`. `call_in_thread` explains `keep`.

    Raises:
        TimeoutError: No result came in time.
        BaseException: The function raised this exception.
    """
    future = call_in_thread(call, dispose, keep)
    wait([future], limit_s)
    if future.cancel():
        raise TimeoutError(f"no answer within {limit_s:g} s")
    return future.result()
