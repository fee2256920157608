"""A recording whose last picture stays."""

from builders.sources import FakeSource, a_frame

from livecoach.source import frames
from livecoach.source.held import LONGEST_INTERVAL_S, HeldSource


def held(*times_s: float, stays_s: float) -> list[tuple[int, float]]:
    """Number and time of each frame."""
    source = FakeSource([a_frame(index, t_s) for index, t_s in enumerate(times_s)], live=False)
    return [(frame.index, round(frame.t_s, 3)) for frame in frames(HeldSource(source, stays_s))]


def test_the_last_picture_goes_on_at_the_same_rate() -> None:
    assert held(0.0, 0.05, 0.1, stays_s=0.1) == [(0, 0.0), (1, 0.05), (2, 0.1), (3, 0.15), (4, 0.2)]


def test_the_picture_is_the_last_one() -> None:
    last = a_frame(1)
    source = HeldSource(FakeSource([a_frame(0), last], live=False), 1.0)
    assert all(frame.picture is last.picture for frame in list(frames(source))[1:])


def test_a_slow_recording_goes_on_faster() -> None:
    """So that what counts seconds in the window does so."""
    assert held(0.0, 5.0, stays_s=0.2)[2:] == [(2, 5.0 + LONGEST_INTERVAL_S), (3, 5.0 + 2 * LONGEST_INTERVAL_S)]


def test_nothing_stays_of_a_recording_that_is_not_held_or_empty() -> None:
    assert held(0.0, 0.1, stays_s=0.0) == [(0, 0.0), (1, 0.1)]
    source = HeldSource(FakeSource([], live=False), 5.0)
    assert source.read() is None
    assert source.read() is None


def test_closing_closes_the_recording() -> None:
    recording = FakeSource([], live=False)
    HeldSource(recording, 1.0).close()
    assert recording.closed.is_set()
