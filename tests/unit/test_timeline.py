"""How old a frame is when it arrives."""

import time

import pytest

from livecoach.capture.timeline import FrameAgeEstimator, LiveTimeline

BLACK = None  # the timeline does not look at pictures


def by_sender(arrivals: list[tuple[float, float]]) -> list[float]:
    age = FrameAgeEstimator()
    return [age.estimate_by_sender(arrived_s, sent_s) for arrived_s, sent_s in arrivals]


def test_the_fastest_frame_has_no_age() -> None:
    """Clocks differ by anything; what counts is how much later than the fastest a frame comes."""
    ages_s = by_sender([(100.2, 5000.0), (100.1 + 0.1, 5000.1), (101.3, 5000.2)])
    assert ages_s == pytest.approx([0.0, 0.0, 1.0], abs=1e-3)


def test_a_backlog_is_reported_however_long_it_lasts() -> None:
    on_time = [(float(n), float(n)) for n in range(10)]
    late = [(n + 1.1, float(n)) for n in range(10, 610)]
    assert by_sender(on_time + late)[-1] == pytest.approx(1.1, abs=0.15)


def test_a_clock_that_is_set_is_another_clock() -> None:
    ages_s = by_sender([(1.0, 1.0), (2.0, 3602.0), (3.0, 3603.0), (4.0, 4.0), (5.0, 5.0)])
    assert ages_s == pytest.approx([0, 0, 0, 0, 0], abs=1e-3)


def by_rate(arrivals: list[float]) -> list[float]:
    age = FrameAgeEstimator()
    return [age.estimate_by_rate(arrived_s) for arrived_s in arrivals]


ON_TIME = [n / 30 for n in range(60)]


@pytest.mark.parametrize(
    ("then", "within"),
    [
        ([n / 30 for n in range(60, 300)], 1e-6),
        ([3.0] * 30, 0.05),  # the last of those that come at once
        ([2 + n / 15 for n in range(90)], 1e-6),  # a camera that gets slower, as in the dark, is soon believed
    ],
)
def test_frames_that_come_at_an_even_rate_have_no_age(then, within) -> None:
    assert by_rate(ON_TIME + then)[-1] == pytest.approx(0, abs=within)
    assert max(by_rate(ON_TIME)) == pytest.approx(0, abs=1e-6)


def test_frames_that_are_held_up_and_come_at_once_are_old() -> None:
    """After a second without any, those that were sent meanwhile come one by one: the first is a second old."""
    ages_s = by_rate(ON_TIME + [3.0 + n * 0.002 for n in range(31)])
    assert ages_s[60] == pytest.approx(1.0, abs=0.25)
    assert ages_s[-1] < 0.1


def test_pictures_that_nobody_looks_at_are_left_out_and_numbered() -> None:
    timeline = LiveTimeline()
    timeline.skip_until_s = 0.2
    assert not timeline.skip_unneeded(10.0)
    timeline.make_frame(BLACK, 10.0)
    assert timeline.skip_unneeded(10.1, older=2)
    assert not timeline.skip_unneeded(10.25)
    assert timeline.make_frame(BLACK, 10.25).index == 4


def test_age_is_counted_in_the_latency() -> None:
    """A frame was captured before it arrived; its own time follows only a sender's clock."""
    timeline = LiveTimeline()
    first = timeline.make_frame(BLACK, 10.0)
    guessed = timeline.make_frame(BLACK, 11.0, age_s=0.5, skipped=3)
    told = timeline.make_frame(BLACK, 12.0, age_s=0.5, timed=True)
    assert [first.captured_s, guessed.captured_s, told.captured_s] == [10.0, 10.5, 11.5]
    assert [first.t_s, guessed.t_s, told.t_s] == [0.0, 1.0, 1.5]
    assert [first.index, guessed.index, told.index] == [0, 4, 5]


@pytest.mark.skipif(not hasattr(time, "clock_gettime"), reason="Windows' clock goes on while the computer sleeps")
def test_time_that_the_computer_slept_is_a_gap(monkeypatch) -> None:
    """The clock that most programs ask stands still meanwhile."""
    timeline, awake = LiveTimeline(), time.clock_gettime
    before = timeline.make_frame(BLACK, timeline.clock())
    monkeypatch.setattr(time, "clock_gettime", lambda which: awake(which) + 600 * (which == time.CLOCK_BOOTTIME))
    assert timeline.make_frame(BLACK, timeline.clock()).t_s - before.t_s >= 600


def skipped_in_gap(interval_s: float, gap_s: float, *, came: int = 0) -> int:
    """What the frame after a gap says of it. came: frames that came together with it."""
    timeline, last_s = LiveTimeline(), 39 * interval_s
    before = [timeline.make_frame(BLACK, n * interval_s) for n in range(40)]
    after = timeline.make_frame(BLACK, last_s + gap_s, skipped=came)
    assert sum(one.skipped for one in before) == 0
    assert after.index == 40 + after.skipped
    return after.skipped


@pytest.mark.parametrize(
    ("interval_s", "gap_s", "came", "missing"),
    [
        (1 / 12, 8.0, 0, 95),  # a process that was stopped, a camera that was away
        (1 / 12, 8.0, 40, 95),  # the network kept some of them
        (1 / 12, 8.0, 97, 97),
        (1 / 30, 0.4, 0, 0),  # networks hold pictures up
        (1 / 30, 0.6, 0, 17),
        (0.5, 0.6, 0, 0),  # it never sends more
        (0.5, 4.0, 0, 7),
    ],
)
def test_frames_missed_in_a_gap_are_counted_by_the_rate_before_it(interval_s, gap_s, came, missing) -> None:
    assert skipped_in_gap(interval_s, gap_s, came=came) == missing


def test_a_camera_that_gets_slower_misses_nothing() -> None:
    timeline = LiveTimeline()
    times_s = [n / 30 for n in range(60)] + [2 + n / 8 for n in range(40)]
    assert sum(timeline.make_frame(BLACK, t_s).skipped for t_s in times_s) == 0


def test_pictures_that_nobody_looks_at_show_the_rate_too() -> None:
    timeline = LiveTimeline()
    timeline.make_frame(BLACK, 0.0)
    timeline.skip_until_s = 1.95
    assert all(timeline.skip_unneeded(n / 10) for n in range(1, 20))
    assert timeline.make_frame(BLACK, 4.0).skipped == 20


def test_frames_that_come_late_after_a_gap_are_not_counted_twice() -> None:
    """A process that goes on reads in parts what the network kept. The rate stays what it was."""
    timeline, last_s = LiveTimeline(), 39 / 12
    for n in range(40):
        timeline.make_frame(BLACK, n / 12)
    told = [(last_s + 8.0, 20), (last_s + 8.01, 74), (last_s + 8.09, 0), (last_s + 12.09, 0)]
    skipped = [timeline.make_frame(BLACK, t_s, skipped=came).skipped for t_s, came in told]
    assert skipped == [95, 0, 0, pytest.approx(47, abs=3)]
