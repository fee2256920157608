"""A lifter's known reps speak for movements that the lift model doubts."""

from dataclasses import replace

import pytest
from builders.kept_reps import a_kept_rep
from builders.lifts import ToldLifts, evidence
from builders.observations import a_set, an_observation
from builders.stick_figure import bends

from livecoach.core.types import RepWindow
from livecoach.core.types.reps import DEFAULT_STANDARDS
from livecoach.decisions import assembly
from livecoach.decisions.counting.known_lifts import KnownLifts, describe_known_reps
from livecoach.decisions.counting.tuning import COMPARED
from livecoach.perception.body.body import find_body

TRAINED = assembly.load("deadlift").exercises["deadlift"]


def movements(*reps: RepWindow):
    return describe_known_reps(reps, TRAINED.exercise, TRAINED.stage)


@pytest.mark.parametrize(
    ("by_features", "likeness", "ratio"), [(-4.0, 1.0, 0.0), (-4.0, -2.0, -2.0), (-1.0, -3.0, -1.0), (2.0, -5.0, 2.0)]
)
def test_likeness_to_known_reps_takes_doubt_away_and_adds_nothing(by_features, likeness, ratio):
    model = ToldLifts(evidence(), lambda _: by_features, told_likeness=likeness)
    known = movements(a_kept_rep())
    assert KnownLifts(model=model, known_movements=lambda: known).lift_log_ratio(known[0]) == ratio


def test_without_a_described_rep_the_features_decide():
    model = ToldLifts(evidence(), lambda _: -4.0)
    assert KnownLifts(model=model, known_movements=list).lift_log_ratio(movements(a_kept_rep())[0]) == -4.0


def test_the_newest_reps_are_described_and_none_in_which_nobody_is_visible():
    unseen = replace(a_kept_rep(), observations=(an_observation(nobody=True),))
    assert len(movements(*[a_kept_rep()] * 9)) == COMPARED
    assert movements(unseen) == []


def test_reps_of_a_lifter_with_known_reps_count_although_the_lift_model_doubts_them():
    """Three that are alike make the set. The judge knows the reps, which is all that a lifter's later parts have."""
    doubting = replace(TRAINED, lift=ToldLifts(evidence(), lambda _: -5.0, told_likeness=1.0))
    counts = []
    for kept in ([], [a_kept_rep()]):
        counter = doubting.make_parts(doubting.make_judge(kept), None, DEFAULT_STANDARDS).new_counter()
        seen = a_set(bends(reps=3, rest=1.0), lift="deadlift")
        counts.append(sum(len(counter.step(o.t_s, find_body(o))) for o in seen) + len(counter.finish()))
    assert counts == [0, 3]
