"""The producer reads on its own thread into a ring, comes back after a loss, and leaves the consumer in no doubt."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import numpy as np
import pytest
from builders.sources import CAPTURE, TIMEOUT_S, FakeClock, FakeSource, a_frame

from livecoach.capture.capture import Capture, CaptureResult
from livecoach.capture.paced import PacedSource
from livecoach.core.config import load_settings
from livecoach.core.config.settings import CaptureSettings
from livecoach.core.errors import CameraError, SourceError, SourceLost
from livecoach.run import feed

POLL_S = 0.01


def opens(*results: FakeSource | Exception) -> Callable[[], FakeSource]:
    """An opener with one result for each time it is called."""
    coming = iter(results)

    def open_source() -> FakeSource:
        result = next(coming)
        if isinstance(result, Exception):
            raise result
        return result

    return open_source


def all_taken(capture: Capture, until: Callable[[CaptureResult], object]) -> list[CaptureResult]:
    """What `take` gives, leaving out where nothing happened, up to the first that `until` is true of."""
    found = []
    deadline_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline_s:
        taken = capture.take(POLL_S)
        if taken.frame is not None or taken.lost or taken.ended:
            found.append(taken)
        if until(taken):
            return found
    raise AssertionError(f"it never came; until then: {found}")


def frame_number(number: int) -> Callable[[CaptureResult], bool]:
    return lambda taken: taken.frame is not None and taken.frame.index == number


Begin = Callable[..., Capture]


@pytest.fixture
def begin(hold) -> Iterator[Begin]:
    """Begins captures of sources, or of errors of opening them; what holds is let go before they are closed."""
    with ExitStack() as stack:

        def begin(*results: FakeSource | Exception, settings: CaptureSettings = CAPTURE, **options: object) -> Capture:
            return stack.enter_context(
                closing(Capture(opens(*results), settings, **{"sleep": FakeClock().sleep, **options}))
            )

        yield begin
        hold.set()


def test_frames_come_in_order_and_the_end_after_them(begin) -> None:
    found = all_taken(begin(FakeSource([a_frame(index) for index in range(50)])), until=lambda taken: taken.ended)
    frames = [taken.frame.index for taken in found if taken.frame is not None]
    assert frames == sorted(frames)
    assert frames[-1] == 49
    assert len(frames) + sum(taken.dropped for taken in found) == 50
    assert not any(taken.lost for taken in found)


def test_large_pictures_that_wait_take_bounded_memory(begin) -> None:
    """64 MB at most: two 4K pictures of four."""
    large = np.broadcast_to(np.uint8(0), (2160, 3840, 3))
    source = FakeSource([a_frame(index, picture=large) for index in range(4)])
    capture = begin(source, settings=replace(CAPTURE, buffer_frames=4))
    assert source.closed.wait(TIMEOUT_S)
    assert len(capture._frames) == 2


@pytest.mark.parametrize("error", [SourceError("disk gone"), RuntimeError("a bug")])
def test_a_failure_is_raised_by_take_after_the_last_frame(begin, error: Exception) -> None:
    """A source that dies does not look like one that ended: what it died of is raised where frames are taken."""
    source = FakeSource([a_frame(0), error])
    capture = begin(source)
    assert source.closed.wait(TIMEOUT_S)
    assert capture.take(TIMEOUT_S).frame.index == 0
    with pytest.raises(type(error)) as raised:
        capture.take(TIMEOUT_S)
    assert raised.value is error


def test_a_source_that_does_not_open_says_so_at_once() -> None:
    with pytest.raises(SourceError, match="no camera"):
        Capture(opens(SourceError("no camera")), CAPTURE)


def test_a_lost_source_that_fails_to_close_is_opened_again(begin, hold, caplog) -> None:
    class Broken(FakeSource):
        def close(self) -> None:
            super().close()
            raise RuntimeError("device is gone")

    found = all_taken(begin(Broken([SourceLost("cable")]), FakeSource([a_frame(1), hold])), until=frame_number(1))
    assert [(taken.frame and taken.frame.index, taken.lost) for taken in found[-2:]] == [(None, True), (1, False)]
    assert "closing it failed" in caplog.text


def test_a_capture_is_lost_until_a_frame_comes(begin, hold) -> None:
    waiting = threading.Event()
    back = FakeSource([a_frame(1), hold])
    capture = begin(FakeSource([SourceLost("cable")]), back, sleep=lambda _: waiting.wait(TIMEOUT_S))
    all_taken(capture, until=lambda taken: taken.lost)
    assert [capture.take(0).lost for _ in range(3)] == [True, True, True]
    waiting.set()
    all_taken(capture, until=frame_number(1))
    assert not capture.take(0).lost


def test_waits_between_attempts_double_up_to_the_longest(begin, hold) -> None:
    """Whatever happens when it is opened again, also what nobody has thought of; and afresh after each loss."""
    clock = FakeClock()
    refused = [SourceError("refused"), ValueError("Invalid IPv6 URL"), IndexError(), RuntimeError("x"), MemoryError()]
    refused += [CameraError("refused")]
    back = FakeSource([a_frame(1), SourceLost("")])
    sources = [FakeSource([SourceLost("")]), *refused, back, SourceError("no"), FakeSource([a_frame(2), hold])]
    all_taken(begin(*sources, sleep=clock.sleep), until=frame_number(2))
    assert clock.slept_s == [0.5, 1, 2, 4, 5, 5, 5, 0.5, 1]


def test_a_gap_that_the_consumer_slept_through_is_reported_before_the_frames_after_it(begin, hold) -> None:
    """Lost and back between two takes: the loss is told first, and the frame is not lost for it."""
    looked = threading.Event()

    class Back(FakeSource):
        def read(self):
            frame = super().read()
            if frame is not None and frame.index == 4:
                looked.set()  # so frame 3 is in the ring
            return frame

    gone = FakeSource([a_frame(0), a_frame(1), SourceLost("")])
    capture = begin(gone, Back([a_frame(3), a_frame(4), hold]), settings=replace(CAPTURE, buffer_frames=1))
    assert looked.wait(TIMEOUT_S)
    found = all_taken(capture, until=frame_number(4))
    assert found[0].lost
    assert found[0].frame is None
    assert not found[1].lost
    assert sum(taken.dropped for taken in found) + sum(taken.frame is not None for taken in found) == 4


def test_a_frame_from_before_the_loss_comes_before_it(begin, hold) -> None:
    source = FakeSource([a_frame(0), SourceLost("")])
    capture = begin(source, sleep=lambda _: hold.wait(TIMEOUT_S))
    assert source.closed.wait(TIMEOUT_S)
    first, second = capture.take(TIMEOUT_S), capture.take(0)
    assert (first.frame.index, first.lost) == (0, False)
    assert (second.frame, second.lost) == (None, True)


def test_a_read_that_hangs_counts_as_lost_and_the_source_is_opened_again(begin, hold) -> None:
    """No frame for longer than the stall time: told as a loss, another thread takes over, the old one is left."""
    clock = FakeClock()
    goes_on = threading.Event()
    stuck = FakeSource([a_frame(0), hold, a_frame(1)])
    after = FakeSource([a_frame(2), goes_on, a_frame(3)])
    capture = begin(stuck, after, clock=clock, sleep=lambda _: None)
    all_taken(capture, until=frame_number(0))
    clock.now_s += 2.9
    assert not capture.take(0).lost
    clock.now_s += 0.2
    found = all_taken(capture, until=frame_number(2))
    assert found[0].lost
    hold.set()
    assert stuck.closed.wait(TIMEOUT_S)
    assert stuck.closed_by is not threading.current_thread()
    goes_on.set()
    late = all_taken(capture, until=lambda taken: taken.ended)
    assert [taken.frame.index for taken in late if taken.frame is not None] == [3]


def test_a_source_that_has_ended_is_not_lost_while_it_closes(begin, hold) -> None:
    closing = threading.Event()

    class Slow(FakeSource):
        def close(self) -> None:
            closing.set()
            hold.wait(TIMEOUT_S)
            super().close()

    clock = FakeClock()
    capture = begin(Slow([a_frame(0)]), clock=clock)
    all_taken(capture, until=frame_number(0))
    assert closing.wait(TIMEOUT_S)
    clock.sleep(CAPTURE.stall_s + 1)
    assert not capture.take(0).lost
    hold.set()
    assert [taken.lost for taken in all_taken(capture, until=lambda taken: taken.ended)] == [False]


def test_frames_that_a_hung_read_brings_too_late_are_counted_as_dropped(begin, hold) -> None:
    clock, late = FakeClock(), threading.Event()
    stuck = FakeSource([a_frame(0), hold, replace(a_frame(1), skipped=94)])
    capture = begin(stuck, FakeSource([late, a_frame(2), late]), clock=clock)
    all_taken(capture, until=frame_number(0))
    clock.sleep(CAPTURE.stall_s + 1)
    all_taken(capture, until=lambda taken: taken.lost)
    hold.set()
    assert stuck.closed.wait(TIMEOUT_S)
    late.set()
    assert all_taken(capture, until=frame_number(2))[-1].dropped == 95


def test_threads_that_hang_do_not_pile_up(hold) -> None:
    clock = FakeClock()
    opened = []

    def open_source() -> FakeSource:
        opened.append(FakeSource([a_frame(len(opened)), hold]))
        return opened[-1]

    waits = threading.Semaphore(0)
    capture = Capture(open_source, CAPTURE, clock=clock, sleep=lambda _: waits.release())
    for number in range(3):
        all_taken(capture, until=frame_number(number))
        clock.now_s += 10
        assert capture.take(0).lost
    for _ in range(20):
        assert waits.acquire(timeout=TIMEOUT_S)
    assert len(opened) == 3
    hold.set()
    all_taken(capture, until=frame_number(3))
    capture.close()


def test_a_file_that_gives_no_frame_for_minutes_is_not_lost(begin, hold) -> None:
    """Only a live source can stall: a paused file gives nothing for minutes, and is not lost."""
    clock = FakeClock()
    capture = begin(FakeSource([hold, a_frame(0)], live=False), clock=clock)
    clock.now_s += 600
    assert not capture.take(0).lost
    assert not capture.pause(True), "one that is not paced can't be paused"
    hold.set()
    all_taken(capture, until=frame_number(0))


def test_a_file_that_is_lost_is_not_opened_again(begin) -> None:
    with pytest.raises(SourceLost):
        all_taken(begin(FakeSource([SourceLost("gone")], live=False)), until=lambda taken: taken.ended)


def test_close_does_not_wait_for_the_next_attempt() -> None:
    others = set(threading.enumerate())
    capture = Capture(
        opens(FakeSource([SourceLost("")])), replace(CAPTURE, reconnect_first_s=60.0, reconnect_longest_s=60.0)
    )
    all_taken(capture, until=lambda taken: taken.lost)
    capture.close(TIMEOUT_S)
    assert not [thread for thread in threading.enumerate() if thread.name == "capture" and thread not in others]


def test_close_does_not_wait_for_a_read_that_hangs(hold) -> None:
    """The program can end although the camera never answers; the source is let go when it does."""
    source = FakeSource([hold])
    capture = Capture(opens(source), CAPTURE)
    capture.close(timeout_s=0.01)
    assert not source.closed.is_set()
    hold.set()
    assert source.closed.wait(TIMEOUT_S)


def test_a_paced_file_can_be_paused_and_closed_while_it_waits() -> None:
    inner = FakeSource([a_frame(0), a_frame(1, t_s=3600.0)], live=False)
    capture = Capture(lambda: PacedSource(inner), CAPTURE)
    all_taken(capture, until=frame_number(0))
    assert capture.pause(True)
    assert capture.pause(False)
    capture.close(TIMEOUT_S)
    assert inner.closed.wait(TIMEOUT_S)


@pytest.mark.parametrize("used", [True, False])
def test_a_camera_opens_beside_what_a_run_loads(monkeypatch, hold, used):
    """And is closed also where the run does not come to use it. A driver that hangs would not hold up the end."""
    source, may_open, threads = FakeSource([a_frame(0), hold]), threading.Event(), list[threading.Thread]()

    def opened(*_: object, **__: object) -> FakeSource:
        threads.append(threading.current_thread())
        may_open.wait(TIMEOUT_S)
        return source

    monkeypatch.setattr(feed, "open_picture_source", opened)
    with ExitStack() as unused, ExitStack() as stack:
        opens_feed = feed.live_feed_opener(unused, load_settings({}), ahead=True)  # returns although nothing opens yet
        may_open.set()
        if used:
            assert opens_feed(stack).info == source.info
            assert not source.closed.is_set()
            hold.set()
    assert source.closed.wait(TIMEOUT_S)
    assert threads[0].daemon
