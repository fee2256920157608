"""A loop that hangs is ended in order, and its user is told by what."""

import threading
from collections.abc import Iterator

from livecoach.run.watchdog import EXIT_STATUS, HANGS_AFTER, Watchdog

TICK_S = 0.001
TIMEOUT_S = 10.0


class Ended:
    """What a watchdog did."""

    def __init__(self) -> None:
        self.log: list[object] = []
        self.left = threading.Event()
        self.dog = Watchdog(
            self.log.append, lambda: self.log.append("the session is finished"), leave=self._leave, tick_s=TICK_S
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
    """However long it goes on."""
    ended = Ended()

    def turns() -> Iterator[int]:
        for turn in range(3 * HANGS_AFTER):
            ended.left.wait(TICK_S)
            yield turn

    assert len(list(ended.dog.watch(turns()))) == 3 * HANGS_AFTER
    assert ended.log == []
