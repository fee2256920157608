"""What ends livecoach from outside: Ctrl-C, SIGTERM, and SIGHUP, which a terminal sends when it is closed."""

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import TypeVar

T = TypeVar("T")
INTERRUPTED = 130
TERMINATED = 143
HUNG_UP = 129


def take_signals() -> None:
    """Let each signal end the command in order, so that a run finishes its session. One that whoever started livecoach
    has turned off stays off, as with nohup."""
    wanted = {"SIGINT": signal.default_int_handler, "SIGTERM": _end, "SIGHUP": _end}
    for name, handler in wanted.items():
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _end(number: int, _: object) -> None:
    sys.exit(128 + number)


def until_interrupted(stack: ExitStack, taken: Iterable[T]) -> Iterator[T]:
    """Raise KeyboardInterrupt between two frames, so that Ctrl-C interrupts no step. A second Ctrl-C does not wait."""
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    stack.callback(signal.signal, signal.SIGINT, before)
    return _checked(taken, lambda: asked)


def _checked(taken: Iterable[T], asked: Callable[[], bool]) -> Iterator[T]:
    for one in taken:
        if asked():
            raise KeyboardInterrupt
        yield one
    if asked():
        raise KeyboardInterrupt
