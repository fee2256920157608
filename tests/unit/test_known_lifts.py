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
from livecoach.decisions.counting.evidence import DESCRIBED_AT_ONCE, KnownReps, PersonalLiftModel
from livecoach.decisions.counting.tuning import COMPARED
from livecoach.decisions.pipeline import Pipeline
from livecoach.perception.body.body import find_body

TRAINED = assembly.load("deadlift").exercises["deadlift"]


def movements(*reps: RepWindow):
    return KnownReps(reps, TRAINED.exercise, TRAINED.stage).describe_all()


@pytest.mark.parametrize(
    ("by_features", "likeness", "ratio"), [(-4.0, 1.0, 0.0), (-4.0, -2.0, -2.0), (-1.0, -3.0, -1.0), (2.0, -5.0, 2.0)]
)
def test_likeness_to_known_reps_takes_doubt_away_and_adds_nothing(by_features, likeness, ratio):
    """Without a described rep, the features decide."""
    model = ToldLifts(evidence(), lambda _: by_features, told_likeness=likeness)
    known = movements(a_kept_rep())
    assert PersonalLiftModel(model=model, known_movements=lambda: known).lift_log_ratio(known[0]) == ratio
    assert PersonalLiftModel(model=model, known_movements=list).lift_log_ratio(known[0]) == by_features


@pytest.mark.parametrize(("likeness", "ratio"), [(-1.0, 3.0), (-2.0, -2.0)])
def test_a_hold_does_not_speak_against_a_movement_that_is_else_like_known_reps(likeness, ratio):
    """A paused squat of somebody whose known squats have no pause."""
    known = movements(a_kept_rep())
    held = replace(known[0], unheld=replace(known[0]))
    model = ToldLifts(evidence(), lambda movement: 3.0 if movement is held.unheld else -4.0, told_likeness=likeness)
    assert PersonalLiftModel(model=model, known_movements=lambda: known).lift_log_ratio(held) == ratio
    assert PersonalLiftModel(model=model, known_movements=list).lift_log_ratio(held) == -4.0


@pytest.mark.parametrize("has_known_reps", [True, False])
def test_a_movement_is_described_without_its_holds_only_for_a_lifter_with_known_reps(has_known_reps):
    """Nobody else needs that, and it takes time in the frame that ends the rep."""
    model = ToldLifts(evidence(), lambda _: -1.0)
    personal = PersonalLiftModel(model=model, known_movements=list)
    counter = TRAINED.make_counter(personal if has_known_reps else model)
    for seen in a_set(bends(reps=1, rest=1.0, pause_s=2.0), lift="deadlift"):
        counter.step(seen, find_body(seen))
    counter.finish()
    assert {movement.unheld is not None for movement in model.looked_at} == {has_known_reps}


def test_the_newest_reps_are_described_and_none_in_which_nobody_is_visible_near_the_start():
    """Near is a fifth of a second: frame 30 comes that long after the start."""
    rep = a_kept_rep()
    unseen = replace(rep, observations=(an_observation(nobody=True),))
    late = [replace(rep, observations=rep.observations[first:]) for first in (30, 31)]
    assert len(movements(*[rep] * 9)) == COMPARED
    assert [len(movements(one)) for one in (unseen, *late)] == [0, 1, 0]


def test_reps_of_a_lifter_with_known_reps_count_although_the_lift_model_doubts_them():
    """Three that are alike make the set. The judge knows the reps, which is all that a lifter's later parts have."""
    doubting = replace(TRAINED, lift=ToldLifts(evidence(), lambda _: -5.0, told_likeness=1.0))
    counts = []
    for kept in ([], [a_kept_rep()]):
        counter = doubting.make_parts(doubting.make_judge(kept), None, DEFAULT_STANDARDS).new_counter()
        seen = a_set(bends(reps=3, rest=1.0), lift="deadlift")
        counts.append(sum(len(counter.step(o, find_body(o))) for o in seen) + len(counter.finish()))
    assert counts == [0, 3]


def test_known_reps_are_described_a_few_observations_at_a_time():
    """Then each movement is that of the rep as a whole, and no step takes long."""
    reps = [a_kept_rep(seed=seed) for seed in range(2)]
    known, steps = KnownReps(reps, TRAINED.exercise, TRAINED.stage), 0
    while known.describe_more():
        steps += 1
    assert steps >= sum(len(rep.observations) for rep in reps) / DESCRIBED_AT_ONCE
    whole = [movements(rep)[0] for rep in reps]
    assert [m.features.own.tolist() for m in known.describe_all()] == [m.features.own.tolist() for m in whole]


def test_known_reps_are_described_before_a_movement_is_compared_with_them():
    """Each frame describes a part, whether or not an exercise is recognised, so that none describes all."""
    kept = [a_kept_rep()] * COMPARED
    parts = TRAINED.make_parts(TRAINED.make_judge(kept), None, DEFAULT_STANDARDS)
    pipeline = Pipeline([parts], chosen_exercise=None)
    frames = len(kept) * (len(kept[0].observations) // DESCRIBED_AT_ONCE + 2)
    for number in range(frames):
        pipeline.step(an_observation(t_s=number / 30, nobody=True))
    assert not parts.known_reps.describe_more()
