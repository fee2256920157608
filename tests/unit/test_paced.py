"""A file at the pace of its own timestamps, on a clock that the test moves; one whose last picture stays."""

import threading

import pytest
from builders.sources import TIMEOUT_S, FakeClock, FakeSource, a_frame

from livecoach.capture.paced import LONGEST_INTERVAL_S, PacedSource


def paced(*times_s: float, clock: FakeClock | None = None, speed: float = 1.0, stays_s: float = 0.0) -> PacedSource:
    frames, clock = [a_frame(index, t_s) for index, t_s in enumerate(times_s)], clock or FakeClock()
    return PacedSource(FakeSource(frames, live=False), speed, clock, clock.sleep, stays_s=stays_s)


@pytest.mark.parametrize("speed", [0.5, 1.0, 4.0])
def test_frames_come_when_they_are_due(speed: float) -> None:
    clock = FakeClock()
    times_s = [0.0, 0.033, 0.5, 0.5, 1.7]
    source, found = paced(*times_s, clock=clock, speed=speed), []
    while (frame := source.read()) is not None:
        assert (frame.captured_s, frame.index) == (clock(), len(found))
        found.append(frame)
    released_s = [frame.captured_s - found[0].captured_s for frame in found]
    assert released_s == pytest.approx([t_s / speed for t_s in times_s])


def test_a_late_reader_is_given_frames_at_once_and_catches_up() -> None:
    clock = FakeClock()
    source = paced(0.0, 0.1, 0.2, 2.0, clock=clock)
    first = source.read()
    clock.now_s += 1.0
    captured_s = [source.read().captured_s - first.captured_s for _ in range(3)]
    assert captured_s == pytest.approx([1.0, 1.0, 2.0])


def test_a_pause_shifts_all_that_comes_after_it() -> None:
    clock = FakeClock()
    source = paced(0.0, 1.0, 1.5, clock=clock)
    first = source.read()
    source.pause(True)
    began_s = clock()

    def resume_in_time() -> None:
        if clock() >= began_s + 3.0:
            source.pause(False)

    clock.on_sleep = resume_in_time
    released = [source.read().captured_s - first.captured_s for _ in range(2)]
    assert released == pytest.approx([4.0, 4.5], abs=0.06)
    assert released[1] - released[0] == pytest.approx(0.5)


def test_no_single_sleep_is_long() -> None:
    """Before a far frame it sleeps in short pieces, so that a pause or the end is noticed. A recording whose first
    timestamp is not 0 starts at once, and keeps its times."""
    clock = FakeClock()
    source = paced(7.0, 67.0, clock=clock)
    assert (source.read().t_s, clock.slept_s) == (7.0, [])
    assert source.read().t_s == 67.0
    assert max(clock.slept_s) <= 0.05


def closed_while_reading(source: PacedSource, begun: threading.Event, let_go: threading.Event | None = None) -> tuple:
    """What a reader gets that waits when the source is closed, and its thread."""
    found = []
    reader = threading.Thread(target=lambda: found.append(source.read()))
    reader.start()
    assert begun.wait(TIMEOUT_S)
    source.close()
    if let_go is not None:
        assert not source._source.closed.is_set()
        let_go.set()
    reader.join(TIMEOUT_S)
    return found, reader


@pytest.mark.parametrize("is_paused", [False, True])
def test_closing_a_paced_source_wakes_its_reader(is_paused: bool) -> None:
    inner, at_once = FakeSource([a_frame(0), a_frame(1, t_s=3600.0)], live=False), threading.Event()
    source = PacedSource(inner)
    source.read()
    source.pause(is_paused)
    at_once.set()
    assert closed_while_reading(source, at_once)[0] == [None]
    assert inner.closed.wait(TIMEOUT_S)


def test_close_while_the_file_is_read_leaves_the_closing_to_the_reader() -> None:
    """A decoder must not be closed under the thread that uses it: that thread closes it on its way out."""
    in_read, go_on = threading.Event(), threading.Event()

    class Slow(FakeSource):
        def read(self):
            in_read.set()
            go_on.wait(TIMEOUT_S)
            return super().read()

    inner = Slow([a_frame()], live=False)
    found, reader = closed_while_reading(PacedSource(inner), in_read, go_on)
    assert (found, inner.closed_by) == ([None], reader)


def held(*times_s: float, stays_s: float) -> list[tuple[int, float]]:
    """Number and time of each frame."""
    return [(frame.index, round(frame.t_s, 3)) for frame in iter(paced(*times_s, stays_s=stays_s).read, None)]


def test_the_last_picture_goes_on_at_the_same_rate() -> None:
    assert held(0.0, 0.05, 0.1, stays_s=0.1) == [(0, 0.0), (1, 0.05), (2, 0.1), (3, 0.15), (4, 0.2)]
    assert len({id(frame.picture) for frame in list(iter(paced(0.0, 0.1, stays_s=1.0).read, None))[1:]}) == 1


def test_a_slow_recording_goes_on_faster() -> None:
    """So that what counts seconds in the window does so."""
    assert held(0.0, 5.0, stays_s=0.2)[2:] == [(2, 5.0 + LONGEST_INTERVAL_S), (3, 5.0 + 2 * LONGEST_INTERVAL_S)]


def test_a_recording_that_is_not_held_or_is_empty_gives_no_further_picture() -> None:
    assert held(0.0, 0.1, stays_s=0.0) == [(0, 0.0), (1, 0.1)]
    assert held(stays_s=5.0) == []
