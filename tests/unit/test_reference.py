"""One's own reference: how it grows from good reps, what is left out of it, and what a lifter may make it from."""

import gc
import weakref
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders.population import a_kept_rep
from builders.references import JUDGE, POPULATION, SETTLED, a_good_rep, a_lifter, another, centre
from hypothesis import given
from hypothesis import strategies as st

from livecoach import landmark
from livecoach.judging import reference_rep
from livecoach.judging.judge import Judge
from livecoach.judging.posterior import ScatterPrior
from livecoach.judging.reference import (
    MOST_HELD,
    MOST_KEPT,
    MOST_SETS,
    counting,
    near,
    reference_of,
    reference_reps,
    side_of,
)
from livecoach.judging.reference_learner import ReferenceLearner, reps_wanted
from livecoach.judging.reference_rep import ReferenceRep
from livecoach.judging.rep_vector import RepVector, vector_of
from livecoach.rep.view_normalised import NormalisedRep
from livecoach.types import RepWindow

# How it grows


def judged_then_added(lifter: ReferenceLearner, rep: RepVector, kept: RepWindow) -> bool:
    """As a verdict does it; whether the rep was flagged."""
    judgement = JUDGE.judge(rep, lifter.reference(30.0), {})
    lifter.add(rep, kept, judgement)
    return judgement.score > 1 or bool(judgement.faults)


def test_a_reference_is_provisional_from_one_rep_and_own_when_it_is_settled():
    """Before that the population judges; the lifter is told how far it is."""
    lifter, told = ReferenceLearner(POPULATION, JUDGE), []
    for i in range(SETTLED + 2):
        told.append((lifter.source(30.0), lifter.learning(30.0).have, lifter.learning(30.0).is_settled))
        lifter.add(a_good_rep(), another(i))
    assert [source for source, _, _ in told] == ["population"] + ["provisional"] * (SETTLED - 1) + ["own"] * 2
    assert [have for _, have, _ in told] == [*range(SETTLED + 1), SETTLED]
    assert [settled for _, _, settled in told] == [False] * SETTLED + [True] * 2


def test_a_reference_is_settled_when_its_limits_are_near_where_they_end():
    """Within a fifth; the less is known of lifters in general, the more reps that takes."""
    wanted = [
        reps_wanted(ScatterPrior(freedom=freedom, of_rep=of_rep)) for freedom, of_rep in ((100, 5), (4, 5), (4, 2))
    ]
    assert wanted == sorted(wanted)
    assert wanted[0] < wanted[-1] <= MOST_KEPT


def test_a_set_without_an_end_holds_a_bounded_number_of_reps():
    """The newest, and the first ones, which are judged again when it is over: a rep's window takes some 100 kB."""
    lifter = a_lifter()
    held = []
    for i in range(3 * MOST_HELD):
        rep = a_good_rep()
        held.append(weakref.ref(rep.vector))
        lifter.add(rep, another(i))
        del rep
    gc.collect()
    alive = [ref() is not None for ref in held]
    assert alive == [True] * SETTLED + [False] * (2 * MOST_HELD - SETTLED) + [True] * MOST_HELD
    assert len(lifter.own(30.0)) == MOST_KEPT


def test_a_run_of_many_sets_holds_a_bounded_number_of_reps():
    """Of the newest sets those that count."""
    lifter = ReferenceLearner(POPULATION, JUDGE)
    for index in range(2 * MOST_SETS):
        for i in range(MOST_KEPT + 2):
            lifter.add(a_good_rep(), another(100 * index + i, set_name=str(index)))
        lifter.set_over()
    sets = Counter(window.set_name for window in lifter.own(30.0))
    assert sets == {str(index): MOST_KEPT for index in range(MOST_SETS, 2 * MOST_SETS)}


def test_reps_are_compared_with_those_that_have_the_same_leg_in_front():
    """Of legs that take turns each has a reference of its own; the one that is known less says how far it is."""
    lifter = ReferenceLearner(POPULATION, JUDGE)
    for i, (off, front) in enumerate(((4.0, "near"), (-4.0, "far"), (4.0, "near"))):
        lifter.add(a_good_rep(off, front=front), another(i))
    near, far = (lifter.reference(30.0, front).posterior.mean.mean() for front in ("near", "far"))
    assert far < -2 < 2 < near
    assert [len(lifter.own(30.0, front)) for front in ("near", "far")] == [2, 1]
    assert lifter.learning(30.0).have == 1


def test_the_other_leg_is_unknown_at_first():
    """The population judges its first rep, whatever is known of the one."""
    lifter = ReferenceLearner(POPULATION, JUDGE)
    for i in range(SETTLED):
        lifter.add(a_good_rep(front="near"), another(i))
    assert (lifter.source(30.0, "near"), lifter.source(30.0, "far")) == ("own", "population")
    assert not lifter.reference(30.0, "far").own


def test_reps_of_a_profile_are_a_reference_from_the_start():
    """Three of another day are the lifter's own."""
    profile = [a_kept_rep(seed=i, set_name="monday 1") for i in range(3)]
    lifter = ReferenceLearner(POPULATION, JUDGE, profile)
    assert (lifter.source(30.0), lifter.learning(30.0).have) == ("own", 3)
    assert lifter.reference(30.0).own


@given(reps=st.lists(st.floats(-3, 3), max_size=8))
def test_the_reference_is_shrunk_towards_everybody_and_follows(reps):
    """Between the population's and the mean of what came so far; a lifter is known from the first rep on."""
    now = [ReferenceRep(vector=a_good_rep(off), window=another(i)) for i, off in enumerate(reps)]
    reference = reference_of(POPULATION, 30.0, [], now)
    usual = np.mean(reps) if reps else 0.0
    assert min(usual, 0) - 1e-9 <= reference.posterior.mean.mean() <= max(usual, 0) + 1e-9
    assert reference.own == bool(reps)


def test_each_rep_narrows_the_reference_and_another_set_widens_it():
    """Reps of one set are tighter than reps of two."""
    lifter = ReferenceLearner(POPULATION, JUDGE)
    doubts = []
    for i in range(5):
        doubts.append(lifter.reference(30.0).posterior.covariance[0, 0])
        lifter.add(a_good_rep(), another(i))
    assert doubts == sorted(doubts, reverse=True)
    within = lifter.reference(30.0).posterior.covariance[0, 0]
    lifter.set_over()
    assert within < lifter.reference(30.0).posterior.covariance[0, 0] < doubts[0]


def test_only_the_newest_reps_of_a_set_count():
    """Ten of them: a lifter who tires is followed."""
    lifter = a_lifter(20, 0.0)
    for i in range(MOST_KEPT):
        lifter.add(a_good_rep(2.0), another(20 + i))
    assert centre(lifter) == pytest.approx(2.0, abs=0.1)


def test_reps_are_told_as_learned_once_and_when_the_reference_is_settled():
    """The first ones wait for it: one of them may yet be left out."""
    lifter = ReferenceLearner(POPULATION, JUDGE)
    told = [[k.start_s for k in lifter.add(a_good_rep(), another(i))] for i in range(SETTLED + 2)]
    first = [another(i).start_s for i in range(SETTLED + 2)]
    assert told == [[]] * (SETTLED - 1) + [first[:SETTLED], [first[SETTLED]], [first[SETTLED + 1]]]
    assert lifter.set_over() == ()


@pytest.mark.parametrize(("sets", "learned"), [((2, 1), (0, 3)), ((1, 1, 1), (0, 0, 3)), ((2,), (0,)), ((3,), (3,))])
def test_a_sets_end_tells_what_is_learned_by_then(sets, learned):
    """From the third rep on, whichever set it is of."""
    lifter, number, told = ReferenceLearner(POPULATION, JUDGE), 0, []
    for name, reps in enumerate(sets):
        for _ in range(reps):
            assert lifter.add(a_good_rep(), another(number, set_name=str(name))) == ()
            number += 1
        told.append(len(lifter.set_over()))
    assert tuple(told) == learned


# What is left out


def test_one_odd_rep_among_the_first_is_left_out():
    """It is never told as learned, and the reference stays with the others."""
    lifter = a_lifter(2)
    assert judged_then_added(lifter, a_good_rep(9.0), another(2))
    assert lifter.learning(30.0).have == 2
    assert not judged_then_added(lifter, a_good_rep(), another(3))
    assert centre(lifter) == pytest.approx(0.0, abs=1e-6)
    assert [k.start_s for k in lifter.set_over()] == [another(i).start_s for i in (0, 1, 3)]


def test_a_first_rep_that_is_the_odd_one_gives_way_to_those_after_it():
    """They stood out beside it; three reps tell which one is odd."""
    lifter = ReferenceLearner(POPULATION, JUDGE)
    flagged = [judged_then_added(lifter, a_good_rep(off), another(i)) for i, off in enumerate((12.0, 0.0, 0.0, 0.0))]
    assert not flagged[0]
    assert not flagged[3]
    assert centre(lifter) == pytest.approx(0.0, abs=0.2)
    assert [k.start_s for k in lifter.set_over()] == [another(i).start_s for i in (1, 2, 3)]


def test_reps_that_stand_out_beside_another_days_alone_are_the_reference_of_today():
    """The camera was put up anew: the first reps are flagged, and the third, which is like them, settles that."""
    profile = [a_kept_rep(seed=i, set_name="monday 1") for i in range(5)]
    lifter = ReferenceLearner(POPULATION, JUDGE, profile)
    usual = centre(lifter)
    flagged = [judged_then_added(lifter, a_good_rep(usual + 9.0), another(i)) for i in range(5)]
    assert flagged[0]
    assert flagged[-1] is False
    assert centre(lifter) > usual + 7.0


def test_two_bad_reps_do_not_outvote_what_is_known_of_another_day():
    """The first rep is as ever; two that lean after it stay flagged, and no part of the reference."""
    profile = [a_kept_rep(seed=i, set_name="monday 1") for i in range(5)]
    lifter = ReferenceLearner(POPULATION, JUDGE, profile)
    usual = centre(lifter)
    flagged = [
        judged_then_added(lifter, a_good_rep(usual, lean_deg=lean_deg), another(i))
        for i, lean_deg in enumerate((0.0, 30.0, 30.0, 0.0))
    ]
    assert flagged == [False, True, True, False]
    assert centre(lifter) == pytest.approx(usual, abs=0.5)


def test_one_among_the_first_with_a_fault_is_left_out():
    """Hips first by 15°, in a rep that is like the others else."""
    lifter = a_lifter(3)
    assert judged_then_added(lifter, a_good_rep(lean_deg=15.0), another(3))
    assert lifter.learning(30.0).have == 3


def test_after_the_first_ones_none_is_left_out():
    """Good reps move a settled reference: it follows."""
    lifter = a_lifter(SETTLED)
    lifter.add(a_good_rep(2.0), another(9))
    assert centre(lifter) > 0.2


# A set that is done badly from its first rep on


WHOLE_SETS = replace(POPULATION, spreads=dict.fromkeys(POPULATION.table.faults, 8.0))
"""One rep has to be 8 spreads off, the mean of a set 3."""


def a_bad_set(lifter: ReferenceLearner, *, first: int = 0) -> list[bool]:
    """Eight reps that all lean by 9°, after so many good ones; which were told by the mean of the set."""
    told = []
    judge = Judge(WHOLE_SETS)
    for i in range(first + 8):
        rep = a_good_rep(lean_deg=9.0 if i >= first else 0.0)
        judgement = judge.judge(rep, lifter.reference(30.0), {})
        assert [fault.name for fault in judgement.faults] == ["hips_early"] * judgement.whole_set
        told.append(judgement.whole_set)
        lifter.add(rep, another(20 + i), judgement)
    return told


def known_from_a_set(*, steady: bool = True) -> ReferenceLearner:
    lifter = ReferenceLearner(WHOLE_SETS, Judge(WHOLE_SETS))
    for i in range(8):
        lifter.add(a_good_rep(0.0 if steady else (-1.0) ** i), another(i))
    lifter.set_over()
    return lifter


def test_a_set_that_is_unlike_earlier_ones_is_told_by_its_mean_and_not_learned():
    """9° of lean in each rep, too little to tell of one alone; the set before stays the reference."""
    lifter = known_from_a_set(steady=False)
    assert a_bad_set(lifter)[-1]
    assert all(k.start_s < another(20).start_s for k in lifter.own(30.0))
    assert lifter.set_over() == ()


def test_good_reps_after_a_bad_set_are_good():
    """They do not show what its mean has."""
    lifter = known_from_a_set()
    a_bad_set(lifter)
    judgement = Judge(WHOLE_SETS).judge(a_good_rep(), lifter.reference(30.0), {})
    assert (judgement.faults, judgement.whole_set) == ((), False)


def test_what_was_learned_of_a_bad_set_is_forgotten_once():
    """Reps that a profile keeps already are told, so that it drops them."""
    lifter = known_from_a_set()
    kept = [another(40 + i) for i in range(2)]
    learned = [rep for one in kept for rep in lifter.add(a_good_rep(), one)]
    assert learned == kept
    bad = Judge(WHOLE_SETS).judge(a_good_rep(lean_deg=9.0), lifter.reference(30.0), {})
    lifter.add(a_good_rep(lean_deg=9.0), another(50), replace(bad, whole_set=True))
    assert lifter.forgotten() == tuple(kept)
    assert lifter.forgotten() == ()


def test_a_set_before_another_days_is_not_told_by_its_mean():
    """Two days differ too much: what a profile has says nothing of a whole set."""
    profile = [a_kept_rep(seed=i, set_name="monday 1") for i in range(5)]
    lifter = ReferenceLearner(WHOLE_SETS, Judge(WHOLE_SETS), profile)
    assert lifter.reference(30.0).before is None
    assert known_from_a_set().reference(30.0).before is not None


# Views


def test_views_more_than_15_degrees_apart_do_not_mix():
    """What is learned from the side is nothing to the front; 12° aside it is."""
    lifter = a_lifter(SETTLED, 2.0, azimuth_deg=60.0)
    assert [lifter.source(a) for a in (60.0, 48.0, 72.0, 44.0, 76.0, 0.0)] == ["own"] * 3 + ["population"] * 3
    assert centre(lifter, 0.0) == pytest.approx(0.0)
    assert centre(lifter, 62.0) > 1.5
    assert [lifter.learning(a).have for a in (60.0, 0.0)] == [SETTLED, 0]


def test_reps_of_another_view_are_not_told_with_those_of_this_one():
    """Two from the front are no reference yet."""
    lifter = a_lifter(2, azimuth_deg=0.0)
    for i in range(2, 5):
        lifter.add(a_good_rep(azimuth_deg=60.0), another(i))
    assert [k.start_s for k in lifter.set_over()] == [another(i).start_s for i in (2, 3, 4)]


def test_from_behind_nothing_is_known():
    """No band is for it."""
    assert a_lifter(5).reference(150.0) is None


# Looking back


def test_looking_back_finds_the_fault_in_a_rep_that_was_learned_from():
    """Judged by the others of the set, with what is known at its end."""
    lifter = a_lifter(SETTLED - 1)
    judged_then_added(lifter, a_good_rep(lean_deg=15.0), another(SETTLED))
    ((odd, judgement),) = lifter.look_back()
    assert odd.start_s == another(SETTLED).start_s
    assert [fault.name for fault in judgement.faults] == ["hips_early"]
    lifter.set_over()
    assert lifter.look_back() == []


def test_looking_back_at_good_reps_finds_nothing():
    """All alike."""
    assert a_lifter(8).look_back() == []


# Measures outside the vector, and what is usual


def test_usual_values_are_medians_of_ones_own_reps():
    """What could not be measured does not count."""
    lifter = ReferenceLearner(POPULATION, JUDGE)
    assert lifter.reference(30.0).usual == {}
    for i, off in enumerate((0.0, 0.1, 0.2)):
        rep = a_good_rep(off)
        rep.values["bar_offset"] = np.nan
        lifter.add(rep, another(i))
    usual = lifter.reference(30.0).usual
    assert usual["top_knee_angle_deg"] == pytest.approx(1.1)
    assert "bar_offset" not in usual


def test_kept_reps_are_taken_again_and_those_not_seen_well_left_out():
    """As a profile has them, each with the rep before it in its set."""
    reps = [a_kept_rep(seed=i, set_name=name) for i, name in enumerate(("1", "1", "2"))]
    found = reference_reps([reps[0], replace(reps[1], observations=()), *reps[1:]], POPULATION)
    assert [k.window for k in found] == reps
    moved = [k.vector.values["ankle_displacement"] for k in found]
    assert np.isnan(moved).tolist() == [True, False, True]


@pytest.fixture
def measured(monkeypatch):
    """Return the list of the stored reps that are measured, in this order, by their starts."""
    found: list[float] = []

    def measure(rep: NormalisedRep, *others: Any) -> RepVector:
        found.append(rep.start_s)
        return vector_of(rep, *others)

    monkeypatch.setattr(reference_rep, "vector_of", measure)
    return found


def test_a_stored_rep_is_measured_when_it_is_first_compared(measured):
    """And only then and once: most reps of a long history are of other views, or too old to count."""
    found = reference_reps([a_kept_rep(seed=i, set_name="monday 1") for i in range(3)], POPULATION)
    assert side_of(found, found[0].azimuth_deg) is found[0].mirrored
    assert len(near(found, found[0].azimuth_deg)) == 3
    assert measured == []
    assert found[1].vector is found[1].vector
    assert measured == [found[1].window.start_s]


def test_stored_reps_are_measured_one_by_one_while_nothing_is_lifted(measured):
    """With each picture one, newest first, so that the first rep need not wait for all."""
    profile = [replace(a_kept_rep(seed=i, set_name="monday 1"), number=i + 1) for i in range(3)]
    lifter = ReferenceLearner(POPULATION, JUDGE, profile)
    azimuth_deg = reference_reps(profile, POPULATION)[0].azimuth_deg
    for count in (1, 2, 3, 3):
        lifter.learning(azimuth_deg)
        assert len(measured) == count


def test_of_an_earlier_session_the_newest_sets_count():
    """As of the run itself."""
    profile = [a_kept_rep(seed=i % 3, set_name=f"monday {i}") for i in range(MOST_SETS + 2)]
    reps = reference_reps(profile, POPULATION)
    assert [k.window.set_name for k in counting(reps, [], reps[0].azimuth_deg, None)] == [
        one.set_name for one in profile[-MOST_SETS:]
    ]


# A habit


def habits(count: int, off: float, profile: Sequence[RepWindow] = ()) -> list[tuple[str, ...]]:
    """What is said after each rep."""
    population = replace(POPULATION, score_limit=0.5)
    lifter, said = ReferenceLearner(population, Judge(population), profile), []
    for i in range(count):
        lifter.add(a_good_rep(off), another(i))
        said.append(lifter.habit())
    return said


def test_reps_that_are_all_unlike_everybodys_are_a_habit_said_once():
    """With the reps that settle the reference, by joint."""
    said = habits(7, 30.0)
    assert [bool(joints) for joints in said] == [False] * (SETTLED - 1) + [True] + [False] * (7 - SETTLED)
    assert set(said[SETTLED - 1]) <= set(landmark.NAMES)


def test_reps_like_everybodys_are_no_habit():
    """Nor are those of a profile, which was settled before."""
    assert not any(habits(7, 0.1))
    profile = [a_kept_rep(seed=i, set_name="monday 1") for i in range(5)]
    assert not any(habits(7, 30.0, profile))
