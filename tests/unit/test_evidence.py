"""Evidence of a set: which movements count, and when. Movements are made by hand; what they are like is given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.config import exercise
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting.evidence import EvidenceRules, MovementEvidence, Streak, effective_count
from livecoach.decisions.counting.tuning import (
    AT_TURN_LOG_ODDS,
    COMPARED,
    FORGOTTEN_S,
    SET_REMEMBERED_S,
    UNLIKE_LOG_RATIO,
)

DEADLIFT = exercise.load("deadlift").reps
RULES = EvidenceRules(prior=-1.0, in_set=2.0, own_correlation=0.8, alike_correlation=0.3)
SURE, ALMOST_SURE, DOUBTFUL, NO_LIFT = 3.0, 0.9, -1.0, -8.0
"""Log likelihood ratios of movements by what they are themselves."""


@dataclass(frozen=True)
class Moved:
    """A movement of a second that looks like those with a common letter in their look."""

    start_s: float
    look: str = "a"
    own: float = 0.0
    held: float | None = None
    """With its long pauses shortened; None where it has none."""
    span: float = 1.0

    @property
    def times(self) -> MovementTimes:
        return MovementTimes(self.start_s, self.start_s + 0.5, self.start_s + 1.0)

    by_bar: float = 0.0
    by_recognition: float = 0.0

    @property
    def by_posture(self) -> float:
        return UNLIKE_LOG_RATIO if self.look == "bow" else 0.0

    @property
    def shortened(self) -> "Moved | None":
        return None if self.held is None else replace(self, own=self.held)


@dataclass(frozen=True)
class ByLook:
    """Movements are alike by how they look, and lifts as they say."""

    rules: EvidenceRules = RULES
    unlike: float = -4.0

    def lift_log_ratio(self, one: Moved) -> float:
        return one.own

    def likeness_log_ratio(self, one: Moved, before: Sequence[Moved]) -> float:
        return 2.0 if {*one.look} & {*before[-1].look} else self.unlike

    def for_named_exercise(self, log_odds: float) -> "ByLook":
        return replace(self, rules=replace(self.rules, prior=self.rules.prior + log_odds))


LATER_S = 10.0 + 2 * FORGOTTEN_S


def counted(*movements: tuple[Moved, float], model: ByLook = ByLook()) -> list[list[float]]:
    evidence = MovementEvidence(DEADLIFT, model)  # type: ignore[arg-type]
    return [[one.start_s for one in evidence.add(replace(moved, own=own))] for moved, own in movements]


def every(seconds: float, *own: float, held: float | None = None) -> list[tuple[Moved, float]]:
    """Movements that look alike."""
    return [(Moved(seconds * k, held=held), one) for k, one in enumerate(own)]


def of_another_form(first: float) -> list[tuple[Moved, float]]:
    """Two movements that are as likely lifts as given, one that is like these and like others, and one that is not."""
    owns, looks = (first, first, SURE, SURE), ("b", "b", "ab", "a")
    return [(Moved(LATER_S + 3 * k, look=looks[k]), owns[k]) for k in range(4)]


@pytest.mark.parametrize(
    ("movements", "told"),
    [
        (every(3, SURE), [[0]]),
        # Doubtful movements count together once enough are alike: the earlier ones with the one that settles it, in
        # order, and the next ones at once. Two are no set, for most things are done twice, and alike.
        (every(3, DOUBTFUL), [[]]),
        (every(3, *5 * [DOUBTFUL]), [[], [], [0, 3, 6], [9], [12]]),
        (every(3, *3 * [ALMOST_SURE]), [[], [], [0, 3, 6]]),
        # Tying a shoe, sitting down and bending for a plate are no set; nor are those that are far apart.
        ([(Moved(3.0 * k, look=str(k)), DOUBTFUL) for k in range(10)], 10 * [[]]),
        (every(FORGOTTEN_S + 2, *6 * [DOUBTFUL]), 6 * [[]]),
        # Three toe touches are alike, and no set.
        (every(3, *3 * [NO_LIFT]), 3 * [[]]),
        # A first rep that was seen badly counts with the second.
        (every(3, DOUBTFUL, SURE), [[], [0, 3]]),
        # A shoe is tied where the bar lies, and just as long: the reps that follow do not make one of it.
        (every(3, NO_LIFT, 12.0, SURE), [[], [3], [6]]),
        # A streak of what is no lift, of which a sure movement is a little like, does not hold it back.
        (every(3, NO_LIFT, NO_LIFT, SURE, SURE), [[], [], [6], [9]]),
        # Somebody who sits down for five seconds looks like a held squat whose pause is not looked at. Held movements
        # count together, and in a set under way.
        (every(9, *2 * [NO_LIFT], held=SURE), [[], []]),
        (every(9, *4 * [NO_LIFT], held=SURE), [[], [], [0, 9, 18], [27]]),
        ([(Moved(0), SURE), (Moved(3, held=SURE), NO_LIFT)], [[0], [3]]),
        # A set under way needs less of its next movement, and makes no rep of what is unlike its reps.
        (every(3, SURE, DOUBTFUL), [[0], [3]]),
        ([*every(3, SURE, SURE), (Moved(6, look="bend"), DOUBTFUL), (Moved(9), SURE)], [[0], [3], [], [9]]),
        # Numbers follow time: a doubtful movement before a rep that counts stays out.
        (
            [(Moved(0), DOUBTFUL), (Moved(3, look="b"), SURE), (Moved(6), DOUBTFUL), (Moved(9), DOUBTFUL)],
            [[], [3], [], [6, 9]],
        ),
        # Minutes later the first rep of the next set counts at once, but nothing else does; a set of long ago is
        # forgotten.
        (
            [(Moved(0), SURE), (Moved(LATER_S, look="b"), DOUBTFUL), (Moved(LATER_S + 5), DOUBTFUL)],
            [[0], [], [LATER_S + 5]],
        ),
        (every(SET_REMEMBERED_S + 5, SURE, DOUBTFUL), [[0], []]),
        # A set with another form: the first reps count with one that is also like the set before. A shoe that is tied
        # before it stays out.
        (
            [(Moved(0), SURE), *of_another_form(DOUBTFUL)],
            [[0], [], [], [LATER_S, LATER_S + 3, LATER_S + 6], [LATER_S + 9]],
        ),
        ([(Moved(0), SURE), *of_another_form(NO_LIFT)], [[0], [], [], [LATER_S + 6], [LATER_S + 9]]),
    ],
)
def test_movements_count_as_soon_as_enough_speaks_for_them(movements, told):
    assert counted(*movements) == told


@pytest.mark.parametrize(("own", "in_doubt"), [(-3.0, [False, True, True, False]), (-8.0, [False] * 4)])
def test_movements_are_in_doubt_while_more_like_them_would_count(own, in_doubt):
    evidence = MovementEvidence(DEADLIFT, ByLook())  # type: ignore[arg-type]
    told = []
    for moved, _ in every(2.0, own, own, own):
        evidence.add(replace(moved, own=own))
        told.append(evidence.is_in_doubt(moved.times.end_s))
    assert [*told, evidence.is_in_doubt(moved.times.end_s + FORGOTTEN_S + 1.0)] == in_doubt


def test_a_sure_movement_does_not_settle_doubtful_movements_unlike_it():
    """Somebody who stretches before the first rep. The two are not unlike enough for the doubtful one to be refused."""
    assert counted((Moved(0), 0.5), (Moved(8, look="b"), 9.0), model=ByLook(unlike=-1.0)) == [[], [8]]


def test_another_posture_is_a_fault_within_a_set_and_another_movement_elsewhere():
    """Who bows after a squat has leant forward; who only bows has not squatted."""
    assert counted((Moved(0, look="bow"), SURE)) == [[]]
    assert counted((Moved(0), SURE), (Moved(3, look="bow"), SURE), model=ByLook(unlike=0.0)) == [[0], [3]]


@pytest.mark.parametrize(("name", "counts"), [("overhead_press", True), ("deadlift", False)])
def test_a_set_of_overhead_lifts_needs_less_evidence_of_its_next_movement(name, counts):
    """After a set of deadlifts lifters stand up without the bar, and stay so."""
    evidence = MovementEvidence(exercise.load(name).reps, ByLook())  # type: ignore[arg-type]
    held = replace(Moved(3), own=DOUBTFUL)
    assert not evidence.counts_at_turn(held)  # type: ignore[arg-type]
    assert evidence.add(replace(Moved(0), own=SURE))  # type: ignore[arg-type]
    assert evidence.counts_at_turn(held) is counts  # type: ignore[arg-type]


def test_what_a_whole_set_lacks_is_not_held_against_its_next_movement():
    """A lifter whose reps are all a little unlike usual ones is counted to the end."""
    movements = [(Moved(3.0 * k), -2.2) for k in range(12)]
    rules = EvidenceRules(prior=-1.0, in_set=0.5, own_correlation=0.9, alike_correlation=0.1)
    told = counted(*movements, model=ByLook(rules))
    assert sum(map(len, told)) == 12


def test_what_began_before_the_end_of_a_rep_by_the_plate_never_counts():
    evidence = MovementEvidence(DEADLIFT, ByLook())  # type: ignore[arg-type]
    evidence.exclude_earlier(MovementTimes(4.0, 8.0, 10.0))
    assert [evidence.add(Moved(start_s, own=SURE)) for start_s in (5.0, 9.0)] == [(), ()]
    assert [one.start_s for one in evidence.add(Moved(11.0, own=SURE))] == [11.0]


@pytest.mark.parametrize(
    ("count", "correlation", "expected"), [(1, 0.5, 1.0), (4, 0.0, 4.0), (4, 1.0, 1.0), (0, 0.5, 0)]
)
def test_correlated_observations_say_less_than_independent_ones(count, correlation, expected):
    assert effective_count(count, correlation) == pytest.approx(expected)


MOVEMENTS = st.lists(
    st.tuples(st.floats(0.5, 30.0), st.sampled_from("abc"), st.floats(-6.0, 6.0)), min_size=1, max_size=25
)


@given(MOVEMENTS)
def test_each_movement_counts_once_at_most_and_in_order(drawn):
    start_s, movements = 0.0, []
    for rest_s, look, own in drawn:
        movements.append((Moved(start_s, look), own))
        start_s += 1.0 + rest_s
    told = counted(*movements)
    flat = [one_s for group in told for one_s in group]
    assert flat == sorted(set(flat))
    assert all(group[-1] == moved.start_s for group, (moved, _) in zip(told, movements, strict=True) if group)


@given(MOVEMENTS, st.floats(0.0, 3.0))
def test_more_evidence_never_counts_later(drawn, more):
    _, look, own = drawn[0]
    first = Moved(0.0, look)
    assert not (counted((first, own))[0] and not counted((first, own + more))[0])


def test_an_endless_set_keeps_only_the_movements_that_the_next_is_compared_with():
    evidence, movements = MovementEvidence(DEADLIFT, ByLook()), []  # type: ignore[arg-type]
    for k in range(4 * COMPARED):
        moved = Moved(3.0 * k, own=SURE)
        movements.append(ref(moved))
        assert [one.start_s for one in evidence.add(moved)] == [3.0 * k]
    del moved
    assert sum(one() is not None for one in movements) == COMPARED


def a_streak(*own: float) -> Streak:
    return Streak([Moved(3.0 * k) for k in range(len(own))], list(own), is_sure=False)  # type: ignore[arg-type]


def test_a_set_lends_its_next_movement_what_all_of_it_lacks():
    """The mean by which its own movements fall short; a set of sure movements lends nothing."""
    assert a_streak(-1.0, -2.0).next_log_odds(-3.0, 0.5, RULES) == pytest.approx(RULES.in_set - 3.0 + 1.5 + 0.5)
    assert a_streak(3.0, 1.0).next_log_odds(-3.0, 0.5, RULES) == pytest.approx(RULES.in_set - 3.0 + 0.5)


@pytest.mark.parametrize(
    ("own", "by_bar", "look", "named", "is_rep"),
    [
        (1.1, 0.0, "a", False, (True, True)),
        (0.9, 0.0, "a", False, (False, False)),
        (0.9, 0.2, "a", False, (True, True)),
        (1.1, -0.2, "a", False, (False, False)),
        (1.1, 0.0, "bow", False, (False, False)),
        (1.1 - UNLIKE_LOG_RATIO, 0.0, "bow", False, (True, True)),
        (0.9 - AT_TURN_LOG_ODDS, 0.0, "a", True, (False, False)),
        (1.1 - AT_TURN_LOG_ODDS, 0.0, "a", True, (False, True)),
    ],
)
def test_a_movement_alone_is_weighed_by_its_features_the_bar_and_its_posture(own, by_bar, look, named, is_rep):
    """Whoever has named the exercise needs less where a rep is done at its turn."""
    evidence = MovementEvidence(DEADLIFT, ByLook())  # type: ignore[arg-type]
    if named:
        evidence.note_named_exercise(0.0)
    moved = Moved(0.0, look=look, own=own, by_bar=by_bar)
    assert (evidence.is_like_a_lift(moved), evidence.counts_at_turn(moved)) == is_rep  # type: ignore[arg-type]
    assert evidence.support == (pytest.approx(own + by_bar) if is_rep[1] else 0.0)


@pytest.mark.parametrize(("by_recognition", "counts"), [(0.0, 3), (-2.0, 0)])
def test_movements_that_recognition_takes_for_no_exercise_do_not_count(by_recognition, counts):
    """Three movements that would make a set together don't make a set if the network sees no exercise in them."""
    evidence = MovementEvidence(DEADLIFT, ByLook())  # type: ignore[arg-type]
    movements = [Moved(3.0 * i, own=0.2, by_recognition=by_recognition) for i in range(3)]
    assert sum(len(evidence.add(movement)) for movement in movements) == counts  # type: ignore[arg-type]


def test_movements_as_large_as_reps_that_did_not_count_are_found_near_a_set():
    evidence = MovementEvidence(DEADLIFT, ByLook())  # type: ignore[arg-type]
    others = [(79, 1.1), (80, 1.1), (90, 0.75), (120, 0.6), (127, 1.1), (128, 1.1)]
    reps = [(100, 1.0), (103, 1.2), (106, 1.1)]
    for start_s, span in sorted([*others, *reps]):
        own, look = (SURE, "rep") if (start_s, span) in reps else (NO_LIFT, str(start_s))
        evidence.add(Moved(start_s, look=look, own=own, span=span))  # type: ignore[arg-type]
    assert evidence.count_refused_near(100, 107) == 2
    evidence.add(Moved(130, look="rep", own=SURE, span=1.0))  # type: ignore[arg-type]
    assert evidence.count_refused_near(100, 107) == 3  # a smaller median rep
