"""Notices that a library ends the process: Qt calls exit() where its X server is gone in the middle of a call."""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


@cache
def _functions() -> tuple[Any, Any] | None:
    """Return what adds a handler and what takes it away again; None where the C library has no such functions."""
    libc = ctypes.CDLL(None)
    try:
        # Handlers of an owner can be taken away again: at a usual end, Python is gone before they are called.
        return getattr(libc, "__cxa_atexit"), getattr(libc, "__cxa_finalize")
    except AttributeError:
        return None


@contextmanager
def on_abrupt_exit(ended: Callable[[], object]) -> Iterator[None]:
    """Call `ended` where code that is not Python's calls exit() during the block, before the process ends.

    It is called in the thread that called exit(), and may leave by os._exit. Nothing happens where the C library has no
    such handlers.
    """
    functions = _functions()
    if functions is None:
        yield
        return
    register, finalize = functions
    owner = ctypes.c_byte()
    armed = True

    def exiting(_: object) -> None:
        if armed:
            ended()

    handler = _HANDLER(exiting)
    register(handler, None, ctypes.byref(owner))
    try:
        yield
    finally:
        armed = False
        finalize(ctypes.byref(owner))
