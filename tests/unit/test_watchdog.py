"""A loop that hangs is ended in order, and its user is told by what."""

import threading
from collections.abc import Iterator

from livecoach.run.process import EXIT_STATUS, HANGS_AFTER, watch_loop

TICK_S = 0.001
TIMEOUT_S = 120.0


class Ended:
    """What a watchdog did."""

    def __init__(self) -> None:
        self.log: list[object] = []
        self.left = threading.Event()

    def watched(self, turns: list[int] | Iterator[int], tick_s: float = TICK_S) -> Iterator[int]:
        def leave(status: int) -> None:
            self.log.append(status)
            self.left.set()

        return watch_loop(turns, self.log.append, lambda: self.log.append("finished"), leave=leave, tick_s=tick_s)


def test_a_loop_that_hangs_is_named_and_its_session_finished() -> None:
    """Code of the room `records` is the disk; the process is left with an error."""
    ended = Ended()
    hangs = eval("lambda event, limit_s: event.wait(limit_s)", {"__name__": "livecoach.records.session.recorder"})
    for _ in ended.watched([1]):
        assert hangs(ended.left, TIMEOUT_S)
    assert ended.log == ["the disk does not answer. The session ends here.", "finished", EXIT_STATUS]


def test_a_loop_that_turns_is_left_alone() -> None:
    ended = Ended()
    count = 100 * HANGS_AFTER

    def turns() -> Iterator[int]:
        for turn in range(count):
            ended.left.wait(TICK_S)
            yield turn

    assert len(list(ended.watched(turns(), tick_s=50 * TICK_S))) == count
    assert ended.log == []


def test_what_follows_the_loop_may_take_its_time() -> None:
    """The end of a session, which waits for the disk."""
    ended = Ended()
    assert list(ended.watched([1, 2])) == [1, 2]
    for thread in threading.enumerate():
        if thread.name == "watchdog":
            thread.join(TIMEOUT_S)
    assert ended.log == []
