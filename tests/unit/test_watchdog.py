"""A loop that hangs is ended in order, and its user is told by what."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from livecoach.config.paths import PACKAGE
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


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="handlers of the C library")
SCRIPT = """
import ctypes, os
from livecoach.run.watchdog import on_abrupt_exit

def ended():
    print("finished", flush=True)
    os._exit(3)

with on_abrupt_exit(ended):
    {inside}
{after}
print("went on", flush=True)
"""
EXIT = "ctypes.CDLL(None).exit(1)"


def ran(inside: str, after: str = "") -> "subprocess.CompletedProcess[str]":
    script = SCRIPT.format(inside=inside, after=after)
    return subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGE.parent, capture_output=True, text=True, timeout=60, check=False
    )


def test_what_a_library_ends_is_finished_first():
    done = ran(EXIT)
    assert (done.returncode, done.stdout, done.stderr) == (3, "finished\n", "")


def test_the_usual_end_calls_nothing():
    done = ran("pass")
    assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")


def test_an_exit_after_the_block_is_nobodys():
    done = ran("pass", EXIT)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_an_error_passes():
    done = ran("raise ValueError('mine')")
    assert done.returncode == 1
    assert done.stderr.endswith("ValueError: mine\n")


CALLS_SCRIPT = """
import contextlib, ctypes, sys
from livecoach.run.watchdog import WindowCalls

def turns():
    for turn in range(4):
        yield turn

def run(feed, call):
    for turn in feed:
        with call():
            if turn == 1:
                ctypes.CDLL(None).exit(1)  # as Qt does it
        print(turn, flush=True)

feed, calls = turns(), WindowCalls(contextlib.nullcontext)

def rest():
    run(feed, contextlib.nullcontext)
    {end}

{before}
run(feed, calls.guarded)
"""


def calls_ran(end: str, before: str = "calls.rest = rest") -> "subprocess.CompletedProcess[str]":
    script = CALLS_SCRIPT.format(end=end, before=before)
    return subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGE.parent, capture_output=True, text=True, timeout=60, check=False
    )


def test_what_is_left_of_a_run_is_done():
    """From the next turn on; the status is that of the run."""
    done = calls_ran("return 0")
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["0", "2", "3"], "")


def test_a_signal_ends_what_is_left():
    """With its status."""
    assert calls_ran("sys.exit(143)").returncode == 143


def test_before_a_run_begins_there_is_nothing_to_go_on_with():
    """Whoever armed a handler before is asked."""
    done = calls_ran("return 0", before="")
    assert (done.returncode, done.stdout.split()) == (1, ["0"])
