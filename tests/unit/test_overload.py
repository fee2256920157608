"""A run says when the machine was too slow for it to be trusted, and the demo says what its clip holds."""

from builders.steps import a_fault, a_rep

from livecoach.cli.demo_clip import DemoOutcome, TrueRep, outcome, true_reps
from livecoach.session.metrics import SlowStretches, too_slow_words

FPS = 30


def stretches(*parts: tuple[float, int], with_pose: bool = True) -> list[tuple[float, float]]:
    """When it was too slow. parts: seconds, and of how many frames one was processed, one after the other."""
    slow, number = SlowStretches(), 0
    for seconds, one_of in parts:
        for _ in range(round(seconds * FPS / one_of)):
            number += one_of
            slow.add(number / FPS, one_of - 1, with_pose=with_pose)
    return [(round(begin_s, 1), round(end_s, 1)) for begin_s, end_s in slow.found]


def test_half_of_thirty_frames_a_second_is_enough():
    """Counts and verdicts were the same with 15 frames a second."""
    assert stretches((10, 1)) == []
    assert stretches((10, 2)) == []


def test_a_third_of_them_is_not():
    """With 10 frames a second reps were missed. The first second is not known yet."""
    assert stretches((10, 3)) == [(0.1, 10.0)]


def test_only_the_slow_part_is_named():
    """Parts that follow each other closely are one."""
    assert stretches((10, 1), (4, 5), (10, 1)) == [(9.8, 14.3)]
    assert len(stretches((10, 1), (2, 5), (1, 1), (2, 5), (10, 1))) == 1
    assert len(stretches((10, 1), (2, 5), (8, 1), (2, 5), (10, 1))) == 2


def test_a_long_gap_is_slow_and_a_short_one_is_not():
    """0.5 s changed no verdict, 1 s cost a rep."""
    assert stretches((5, 1), (0.5, 15), (5, 1)) == []
    assert len(stretches((5, 1), (1, 30), (5, 1))) == 1


def test_frames_of_one_moment_cost_no_more_than_others():
    """A damaged recording may hold a hundred thousand of them; looking at all of them for each would take minutes."""
    slow = SlowStretches()
    for _ in range(100_000):
        slow.add(1.0, 3, with_pose=True)
    assert slow.found == []


def test_a_source_with_few_frames_is_not_the_machines_fault():
    """Nothing is left out of 8 frames a second."""
    slow = SlowStretches()
    for number in range(100):
        slow.add(number / 8, 0, with_pose=True)
    assert slow.found == []


def test_nothing_is_missed_where_nobody_is():
    """A slow start in front of an empty room harms nothing."""
    assert stretches((10, 4), with_pose=False) == []


def test_the_warning_says_when_and_how_much():
    """The first stretches by their times, the others by their number."""
    assert too_slow_words([], 500, 75) is None
    assert too_slow_words([(4.0, 17.2)], 174, 401) == (
        "too slow to be trusted at 0:04–0:17: 401 of 575 frames were left out, and reps or faults may have been missed "
        "there"
    )
    many = [(60.0 * minute, 60.0 * minute + 5) for minute in range(5)]
    assert "at 0:00–0:05, 1:00–1:05, 2:00–2:05 and 2 more times:" in str(too_slow_words(many, 1, 1))


def test_the_demo_clip_holds_five_reps_one_of_them_bad():
    """By the truth beside it."""
    assert [rep.faults for rep in true_reps()] == [(), (), (), ("hitch", "bent arms"), ()]


GOOD, BAD = TrueRep(end_s=2.0, faults=()), TrueRep(end_s=4.0, faults=("hitch",))
FOUND_BAD = a_rep(index=2, verdict="anomalous", faults=(a_fault(),))


def test_a_demo_that_found_everything_says_so():
    """What it holds, and that livecoach found it."""
    said = outcome([GOOD, BAD], [a_rep(), FOUND_BAD])
    assert said == "The clip holds 2 reps: rep 2 is bad (hitch), the others are good. livecoach found exactly that."


def test_a_demo_that_missed_something_says_so():
    """A missing rep, a missed fault, a rep that was not judged."""
    for found in ([a_rep()], [a_rep(), a_rep(index=2)], [a_rep(verdict="unsure"), FOUND_BAD]):
        assert "This run missed some of that" in str(outcome([GOOD, BAD], found))
    assert str(outcome([GOOD], [])).endswith("it counted 0 reps and called none of them bad.")


def test_a_demo_that_was_ended_before_its_first_rep_compares_nothing():
    """There is nothing to compare."""
    assert DemoOutcome().words() is None
