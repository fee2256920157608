"""Limits for calls that may never return: name servers, drivers, and servers that send a byte at a time."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def within(limit_s: float, call: Callable[[], T], dispose: Callable[[T], object] = lambda _: None) -> T:
    """Return what a call returns, on a thread of its own. The thread of one that takes too long is abandoned.

    dispose: called with what comes too late, on that thread. Raises TimeoutError after `limit_s`, or what the call
    raises.
    """
    done: list[T] = []
    errors: list[BaseException] = []
    state = threading.Lock()
    abandoned = False

    def run() -> None:
        try:
            result = call()
        except BaseException as err:  # raised again on the caller's thread
            errors.append(err)
            return
        with state:
            if not abandoned:
                done.append(result)
                return
        dispose(result)

    thread = threading.Thread(target=run, name="opening", daemon=True)
    thread.start()
    thread.join(limit_s)
    with state:
        abandoned = not done
    if done:
        return done[0]
    if errors:
        raise errors[0]
    raise TimeoutError(f"no answer within {limit_s:g} s")
