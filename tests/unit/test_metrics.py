"""Counts and times of a run, and when the machine was too slow for it to be trusted."""

import pytest
from builders.steps import a_rep

from livecoach.records.session.metrics import MOST_DURATIONS, Durations, SlowStretches, slowness_message


def test_percentiles_are_in_milliseconds():
    """Seconds go in; to a hundredth. None, not 0, without any."""
    durations = Durations()
    assert durations.percentile(50) is None
    for seconds in (0.001, 0.002, 0.0034567):
        durations.add(seconds)
    assert [durations.percentile(share) for share in (0, 50, 100)] == [1.0, 2.0, 3.46]


def test_durations_of_an_hour_take_no_more_room_than_those_of_minutes():
    durations = Durations()
    for _ in range(MOST_DURATIONS):
        durations.add(0.0)
    assert len(durations.values_ms) == MOST_DURATIONS
    durations = Durations()
    for number in range(30 * 3600):
        durations.add(number % 1000 / 1000)
    assert len(durations.values_ms) <= MOST_DURATIONS
    assert durations.percentile(50) == pytest.approx(500, rel=0.02)
    assert durations.percentile(95) == pytest.approx(950, rel=0.02)


FPS = 30


def a_run(*parts: tuple[float, int], with_pose: bool = True) -> tuple[list[tuple[float, float]], list[float]]:
    """When it was too slow, and when the lifter was told so. parts: seconds, and of how many frames one was processed,
    one after the other."""
    slow, number, told = SlowStretches(), 0, []
    for seconds, one_of in parts:
        for _ in range(round(seconds * FPS / one_of)):
            number += one_of
            slow.add_frame(number / FPS, one_of - 1, with_pose=with_pose)
            told += [number / FPS] if slow.is_sustained_at(number / FPS) else []
    return [(round(begin_s, 1), round(end_s, 1)) for begin_s, end_s in slow.spans], told


@pytest.mark.parametrize(
    ("parts", "spans"),
    [
        ([(10, 1)], 0),
        ([(10, 2)], 0),  # counts and verdicts were the same with 15 frames a second
        ([(10, 1), (2, 5), (1, 1), (2, 5), (10, 1)], 1),  # parts that follow each other closely are one
        ([(10, 1), (2, 5), (8, 1), (2, 5), (10, 1)], 2),
        ([(5, 1), (0.5, 15), (5, 1)], 0),  # half a second changed no verdict
        ([(5, 1), (1, 30), (5, 1)], 1),  # a second cost a rep
    ],
)
def test_a_run_with_too_few_frames_has_slow_stretches(parts, spans):
    assert len(a_run(*parts)[0]) == spans


def test_only_the_slow_stretch_of_a_run_is_named():
    """With 10 frames a second reps were missed. The first second is not known yet; in front of an empty room nothing is
    missed."""
    assert a_run((10, 3))[0] == [(0.1, 10.0)]
    assert a_run((10, 1), (4, 5), (10, 1))[0] == [(9.8, 14.3)]
    assert a_run((10, 4), with_pose=False)[0] == []


def test_a_slow_stretch_is_reported_once_it_lasts_and_until_two_seconds_after_it():
    """A pause, such as the loading of a network for people who lie, is none of the computer's."""
    told = a_run((5, 1), (5, 5), (10, 1))[1]
    assert (told[0], told[-1]) == (pytest.approx(7.3, abs=0.5), pytest.approx(12.4, abs=0.5))
    assert a_run((5, 1), (1.5, 45), (10, 2))[1] == []


@pytest.mark.parametrize(("times_s", "dropped"), [((1.0,) * 100_000, 3), ([n / 8 for n in range(100)], 0)])
def test_frames_that_the_machine_did_not_drop_are_no_slow_stretch(times_s, dropped):
    """A hundred thousand frames of one moment, as in a damaged recording: looking at all of them for each would take
    minutes. A source of 8 frames a second, none of which is left out."""
    slow = SlowStretches()
    for t_s in times_s:
        slow.add_frame(t_s, dropped, with_pose=True)
    assert slow.spans == []


def test_the_warning_says_when_and_how_long_and_in_which_set():
    """The first stretches by their times, the others by their number: a session of an hour is not all untrusted."""
    assert slowness_message([], 500, []) is None
    reps = [a_rep(set=n, number=number, start_s=s, turn_s=s, end_s=s + 2) for n, number, s in SETS]
    assert slowness_message([(44.0, 47.2)], 3725, reps) == (
        "too few pictures at 0:44–0:47 (set 2), 3 s of 62:05: reps or faults may have been missed there"
    )
    assert "at 0:00–0:05 (set 1), 0:20–0:25, 0:40–0:45 (set 2) and 2 more, 25 s of" in str(
        slowness_message([(20.0 * n, 20.0 * n + 5) for n in range(5)], 100, reps)
    )


SETS = [(1, 1, 0.0), (1, 2, 4.0), (2, 1, 40.0), (2, 2, 50.0)]
"""Set, number and start of reps, with a rest from 0:06 to 0:40."""
