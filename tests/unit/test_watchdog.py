"""A loop that hangs is ended in order, and its user is told by what."""

import threading
from collections.abc import Iterator

import pytest

from livecoach.run.watchdog import EXIT_STATUS, HANGS_AFTER, Watchdog

TICK_S = 0.001
TIMEOUT_S = 10.0


class Ended:
    """What a watchdog did."""

    def __init__(self, *, tick_s: float = TICK_S, **given: str) -> None:
        self.log: list[object] = []
        self.left = threading.Event()
        self.dog = Watchdog(
            self.log.append,
            lambda: self.log.append("the session is finished"),
            leave=self._leave,
            tick_s=tick_s,
            **given,
        )

    def _leave(self, status: int) -> None:
        self.log.append(status)
        self.left.set()


def test_a_loop_that_hangs_is_named_and_its_session_finished() -> None:
    """Code of the room `feedback` is the window; the process is left with an error."""
    ended = Ended()
    hangs = eval("lambda event, limit_s: event.wait(limit_s)", {"__name__": "livecoach.feedback.window"})
    for _ in ended.dog.watch([1]):
        assert hangs(ended.left, TIMEOUT_S)
    assert ended.log == [
        "the window does not answer. The session ends here.",
        "the session is finished",
        EXIT_STATUS,
    ]


def test_a_loop_that_turns_is_left_alone() -> None:
    """For longer than one turn may take, of which each has twenty ticks."""
    ended = Ended(tick_s=50 * TICK_S)
    count = 100 * HANGS_AFTER

    def turns() -> Iterator[int]:
        for turn in range(count):
            ended.left.wait(TICK_S)
            yield turn

    assert len(list(ended.dog.watch(turns()))) == count
    assert ended.log == []


def test_a_call_outside_the_loop_is_limited_too() -> None:
    """The window's on the start screen, which no session belongs to."""
    ended = Ended(last_words="livecoach ends here.")
    hangs = eval("lambda event, limit_s: event.wait(limit_s)", {"__name__": "livecoach.feedback.window"})
    with ended.dog.limited():
        assert hangs(ended.left, TIMEOUT_S)
    assert ended.log[0] == "the window does not answer. livecoach ends here."


def test_what_is_between_two_calls_may_take_its_time() -> None:
    """Steps of an hour's session are computed between two pictures."""
    ended = Ended()
    for _ in range(2):
        with ended.dog.limited():
            pass
        assert not ended.left.wait(2 * HANGS_AFTER * TICK_S)
    assert ended.log == []


def test_what_finishes_the_session_leaves_out_what_hangs() -> None:
    """The window is not closed by another thread while a call of it hangs."""
    ended = Ended()
    with ended.dog.limited():
        assert ended.left.wait(TIMEOUT_S)
    with pytest.raises(TimeoutError), ended.dog.limited():
        pytest.fail("the window was called")
