"""Calls of a window: they have a limit, and a run goes on where the window's library ends the process."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from livecoach.feedback.window import Limit
from livecoach.run.abrupt_exit import on_abrupt_exit


class WindowCalls:
    """Guards each call of a window.

    Qt calls exit() where its X server goes away in the middle of a call, of which nobody returns. What is left of the
    run is done in a handler of that exit(), and then the process ends. The handler is set for the length of a call, so
    that it comes before the end of all libraries that were loaded until then.
    """

    def __init__(self, limited: Limit, leave: Callable[[int], object] = os._exit) -> None:
        """limited: limits a call. leave: ends the process."""
        self._limited, self._leave = limited, leave
        self.rest: Callable[[], int] | None = None
        """Does what is left of the run without the window, and returns the exit status; None before it begins."""

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Guard a call."""
        with self._limited(), on_abrupt_exit(self._go_on):
            yield

    def _go_on(self) -> None:
        rest, self.rest = self.rest, None
        if rest is None:  # then the next handler ends what was begun
            return
        try:
            status = rest()
        except SystemExit as err:  # a signal
            status = err.code if isinstance(err.code, int) else 1
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):  # nobody reads it, it is closed, there is none
                stream.flush()
        self._leave(status)
