"""Counter: what is a rep, what is none, and when it is told. Samples are made by hand; no pose, no models."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, pairwise

import numpy as np
import pytest
from builders.lifts import ToldLifts, by_prior, evidence, from_the_third_on
from builders.observations import a_body, joints_px
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.config import exercise
from livecoach.core.config.exercise import RepRules
from livecoach.core.types import MovementTimes, StageName
from livecoach.decisions.counting.body_reader import INPUTS, BoundaryModel, distance_from_rest
from livecoach.decisions.counting.counter import Counted, Lowered, Outcome, Partial, RepDetector
from livecoach.decisions.counting.evidence import LiftEvidence
from livecoach.decisions.counting.movement import Movement
from livecoach.decisions.counting.tuning import STILL_MOVING_S
from livecoach.perception.body.body import Body, Measures

RATES = (12, 24, 30, 60)
SIZE_PX = 350.0
SHOULDERS_PX = np.array([(330.0, 100.0), (270.0, 100.0)])
ON_BAR_PX = np.array([(340.0, 300.0), (260.0, 300.0)])
"""Hands on a bar, of a lifter whose shoulders are at SHOULDERS_PX."""
FEET_PX = np.array([300.0, 430.0])
DEADLIFT = RepRules(
    rest="down",
    bar_on_floor=True,
    travel={"hip_height": (0.5, 1.0)},
    rest_stage_needed=True,
    turn_stage_needed=True,
    min_range=0.45,
    min_range_of_set=0.5,
    min_return=0.55,
    min_s=0.7,
    max_s=20.0,
    max_feet_shift=0.3,
)
SQUAT = replace(DEADLIFT, rest="up", bar_on_floor=False, min_range=0.25, min_range_of_set=0.4)
DONE_AT_TURN = replace(DEADLIFT, done_at_turn=True)
SMALL = replace(SQUAT, turn_stage_needed=False)
STANDING = Measures(
    hip_angle_deg=165.0,
    knee_angle_deg=165.0,
    trunk_lean_deg=5.0,
    hip_height=0.97,
    shoulder_height=0.97,
    wrist_height=0.9,
    wrist_over_shoulder=-0.6,
    elbow_angle_deg=165.0,
)
"""With hanging hands."""
Told = list[tuple[float, Outcome]]
"""When each outcome was told, and the outcome."""


def standing(feet_px: object = FEET_PX, wrists_px: object = ON_BAR_PX) -> np.ndarray:
    """The joints of somebody who stands there, with the hands there."""
    return joints_px(feet=feet_px, wrists=wrists_px, shoulders=SHOULDERS_PX)


def a_sample(t_s: float, away: float, rules: RepRules = DEADLIFT, **changes: object) -> Body:
    """Somebody whose hands are on a bar, the distance from rest from rest."""
    there: StageName = "up" if rules.rest == "down" else "down"
    fields: dict[str, object] = {
        "t_s": t_s,
        "distance_from_rest": away,
        "stage": there if away > 0.65 else rules.rest if away < 0.35 else "neutral",
        "points_px": standing(),
        "size_px": SIZE_PX,
        "measures": STANDING,
    }
    return a_body(**{**fields, **changes})  # type: ignore[arg-type]


def a_way(*knots: tuple[float, float], fps: float = 30.0, rules: RepRules = DEADLIFT) -> list[Body]:
    """Samples of a smooth way through (seconds, away)."""
    times_s, values = np.array(knots).T
    out = []
    for t_s in np.arange(0, times_s[-1] + 1e-9, 1 / fps):
        right = min(int(np.searchsorted(times_s, t_s, "right")), len(knots) - 1)
        share = (t_s - times_s[right - 1]) / (times_s[right] - times_s[right - 1])
        smooth = 0.5 - 0.5 * np.cos(np.pi * share)
        out.append(a_sample(float(t_s), float(values[right - 1] * (1 - smooth) + values[right] * smooth), rules))
    return out


ONE_REP = ((0, 0.0), (1, 0.0), (2.2, 1.0), (2.8, 1.0), (4.0, 0.0), (5, 0.0))


def changed(samples: list[Body], from_s: float, to_s: float, **changes: object) -> list[Body]:
    """The samples, with other values between two times."""
    return [replace(s, **changes) if from_s <= s.t_s <= to_s else s for s in samples]  # type: ignore[arg-type]


def moved(places_px: np.ndarray, *by: object) -> np.ndarray:
    return places_px + np.array(by) * SIZE_PX


def told(samples: Sequence[Body], rules: RepRules = DEADLIFT, lift: LiftEvidence | None = None) -> Told:
    """What the machine says, and when; with the end of the source."""
    machine = RepDetector(rules, lift or by_prior(20.0))
    out = []
    for s in samples:
        out.append((s.t_s, machine.add(s)))
        assert machine.progress is None or 0 <= machine.progress <= 1
    return [(t_s, outcome) for t_s, outcomes in [*out, (samples[-1].t_s, machine.finish())] for outcome in outcomes]


def reps_of(told: Told) -> list[MovementTimes]:
    return [outcome.times for _, outcome in told if isinstance(outcome, Counted)]


def facts(told: Told) -> list[tuple[MovementTimes, str | None]]:
    return [(outcome.times, getattr(outcome, "reason", None)) for _, outcome in told]


def count(samples: Sequence[Body], rules: RepRules = DEADLIFT, lift: LiftEvidence | None = None) -> int:
    return len(reps_of(told(samples, rules, lift)))


def reasons(samples: Sequence[Body], rules: RepRules = DEADLIFT, lift: LiftEvidence | None = None) -> list[str]:
    return reasons_of(told(samples, rules, lift))


def reasons_of(told: Told) -> list[str]:
    return [outcome.reason for _, outcome in told if isinstance(outcome, Partial)]


# What is no rep


A_REP_AND_A_HALF = ((0, 0), (1, 0), (2.2, 1), (2.8, 1), (4, 0), (5, 0), (6, 0.55), (7, 0), (8, 0))


def test_a_bend_between_two_reps_is_no_partial_rep():
    samples = with_joints(a_way(*A_REP_AND_A_HALF))
    assert (count(samples, lift=every_other()), reasons(samples, lift=every_other())) == (1, [])


@pytest.mark.parametrize(("depth", "told_of"), [(0.25, ["shallow"]), (0.15, [])])
def test_a_squat_of_a_set_that_turns_far_too_early_is_told_as_shallow(depth, told_of):
    """It does not come near the stage of the bottom; the hands hang where the body is. A dip of less is no attempt, and
    neither is one long after the set."""
    dip = ((5, 0), (6, depth), (7, 0), (8, 0))
    samples = a_way((0, 0), (1, 0), (2, 1), (3, 0), *dip, rules=SQUAT)
    hanging = changed(samples, 5, 8, points_px=standing(wrists_px=moved(ON_BAR_PX, (0, 0.2), (0, 0.2))), stage="up")
    assert count(hanging, SQUAT) == 1
    assert reasons(hanging, SQUAT) == told_of
    later = a_way((0, 0), (1, 0), (2, 1), (3, 0), *((t_s + 25, away) for t_s, away in dip), rules=SQUAT)
    assert reasons(changed(later, 28, 40, stage="up"), SQUAT) == []


@pytest.mark.parametrize(("dips", "apart_s", "told_of"), [(2, 3, []), (4, 3, ["shallow", "shallow"]), (4, 25, [])])
def test_before_any_rep_counts_squats_that_turn_far_too_early_are_told_from_the_third_on(dips, apart_s, told_of):
    """Nobody bends three times in a row by chance, but a set of half squats would pass in silence."""
    turns = [(1 + apart_s * dip + s, away) for dip in range(dips) for s, away in ((0, 0), (1, 0.3), (2, 0))]
    samples = a_way((0, 0), *turns, (turns[-1][0] + 1, 0), rules=SQUAT)
    assert reasons(changed(samples, 0, turns[-1][0] + 1, stage="up"), SQUAT) == told_of


def test_travel_is_enough_where_the_stage_of_the_turn_is_not_needed():
    """A way out and back counts wherever it lies: hands that are estimated too high, and rise as they should."""
    by_way = replace(DEADLIFT, bar_on_floor=False, rest_stage_needed=False, turn_stage_needed=False)
    high = [replace(s, distance_from_rest=s.distance_from_rest + 0.7, stage="up") for s in a_way(*ONE_REP)]
    assert count(high, by_way) == 1
    assert count(high) == 0


def test_hands_far_below_rest_are_at_rest_where_the_exercise_says_so():
    """A bar on its way to the shoulders is no part of the press that follows."""
    press = exercise.load("overhead_press").reps
    assert distance_from_rest(STANDING, press) == press.least_distance
    assert distance_from_rest(STANDING, replace(press, least_distance=None)) < -0.5


A_DIP = ((0, 0), (1, 0), (2, 0.36), (3, 0), (4, 0))


def bottoms(samples: list[Body], from_s: float) -> list[Body]:
    """With the stage of the bottom around the turn of a dip that begins then."""
    return changed(samples, from_s + 0.8, from_s + 1.2, stage="down")


def test_a_shallow_squat_does_not_count_even_as_the_first_of_a_set():
    dip = bottoms(a_way(*A_DIP, rules=SQUAT), 1)
    assert count(dip, SQUAT) == 0
    assert reasons(dip, SQUAT) == ["shallow"]
    less_so = bottoms(a_way((0, 0), (1, 0), (2, 0.45), (3, 0), (4, 0), rules=SQUAT), 1)
    assert count(less_so, SQUAT) == 1


@pytest.mark.parametrize("reps", [1, 2])
def test_a_squat_shallower_than_the_other_reps_of_its_set_does_not_count(reps):
    full = [(2.0 * k + dt, away) for k in range(reps) for dt, away in ((1.0, 0.0), (2.0, 1.0))]
    end_s = 2.0 * reps + 1
    dip = [(end_s + n, away) for n, away in enumerate((0, 0, 0.36, 0, 1.0, 0, 0))]
    samples = bottoms(a_way((0, 0), *full, *dip, rules=SQUAT), end_s + 1)
    assert count(samples, SQUAT) == reps + 1
    assert reasons(samples, SQUAT) == ["shallow"]


def test_a_dip_that_a_model_takes_for_no_lift_is_not_reported_as_shallow():
    dip = with_joints(bottoms(a_way(*A_DIP, rules=SQUAT), 1))
    assert reasons(dip, SQUAT, every_other()) == ["shallow"]
    assert not told(dip, SQUAT, from_the_third_on())


# What is a rep


@pytest.mark.parametrize("rules", [DEADLIFT, SQUAT], ids=["deadlift", "squat"])
@pytest.mark.parametrize("fps", RATES)
def test_a_way_out_and_back_is_one_rep(fps, rules):
    (_, rep), *others = told(a_way(*ONE_REP, fps=fps, rules=rules), rules)
    assert not others
    assert isinstance(rep, Counted)
    assert rep.times.start_s == pytest.approx(1.0, abs=0.2)
    assert 2.0 <= rep.times.turn_s <= 2.9
    assert rep.times.end_s == pytest.approx(4.0, abs=0.2)


@pytest.mark.parametrize("fps", [24, 30, 60])
@pytest.mark.parametrize("lowering_s", [0.6, 1.2, 2.0])
def test_rep_is_told_within_150_ms_of_its_end(fps, lowering_s):
    samples = a_way((0, 0), (1, 0), (2.2, 1), (2.8, 1), (2.8 + lowering_s, 0), (4 + lowering_s, 0), fps=fps)
    ((told_s, rep),) = told(samples)
    assert isinstance(rep, Counted)
    assert 0 <= told_s - rep.times.end_s <= 0.15
    assert abs(told_s - (2.8 + lowering_s)) <= 0.15 + 0.1 * lowering_s


@pytest.mark.parametrize("rules", [DEADLIFT, SQUAT], ids=["deadlift", "squat"])
@pytest.mark.parametrize("fps", RATES)
def test_touch_and_go_reps_count_one_by_one(fps, rules):
    knots = [(0, 0.0), (1, 0.0)] + [(2.0 + i, float(i % 2 == 0)) for i in range(10)]
    assert count(a_way(*knots, (12, 0), fps=fps, rules=rules), rules) == 5


def test_hitch_on_the_way_up_is_one_rep():
    samples = a_way((0, 0), (1, 0), (1.8, 0.7), (2.2, 0.5), (3, 1), (3.5, 1), (4.5, 0), (5.5, 0))
    ((_, rep),) = told(samples)
    assert isinstance(rep, Counted)
    assert rep.times.start_s < 1.4
    assert rep.times.end_s == pytest.approx(4.5, abs=0.2)


DEEP_HITCH = ((0, 0), (1, 0), (1.8, 0.9), (2.4, 0.3), (3, 1), (3.5, 1), (4.5, 0), (5.5, 0))


def with_plate(samples: Sequence[Body], *, sinks: float) -> list[Body]:
    """A plate that goes with the hands, and sinks by another share of its way while the body comes back in mid-pull."""
    out = []
    for s in with_bar(samples, held=True):
        lift = 1 - sinks if 1.8 < s.t_s < 3 else s.distance_from_rest
        height_px = 120.0 * max(lift, s.distance_from_rest)
        out.append(replace(s, bar_px=np.array([380.0, s.feet_px[1] - 30.0 - height_px, 90.0])))
    return out


def test_a_bar_that_stays_up_is_still_being_lifted():
    """Knees that give way by half in a hitch are no next rep where the plate shows that the bar hardly sinks."""
    (rep,) = reps_of(told(with_plate(a_way(*DEEP_HITCH), sinks=0.3)))
    assert (rep.start_s < 1.4, rep.end_s) == (True, pytest.approx(4.5, abs=0.2))


def test_a_squat_counts_once_its_plate_is_up_again():
    """Pose that jumps back behind the plates is no end of the rep, and its second jump no other rep."""
    jumping = a_way((0, 0), (1, 0), (1.8, 1), (2.2, 0.1), (2.6, 1), (3.4, 0), (5, 0), rules=SQUAT)
    sunk = ((0, 0), (1, 0), (1.8, 1), (2.6, 1), (3.4, 0), (5, 0))
    on_back = [
        replace(s, bar_px=np.array([300.0, 100.0 + 120.0 * float(np.interp(s.t_s, *zip(*sunk, strict=True))), 90.0]))
        for s in jumping
    ]
    assert count(jumping, SQUAT) == 2
    ((told_s, rep),) = told(on_back, replace(SQUAT, bar_on_back=True))
    assert (rep, told_s) == (Counted(times=rep.times), pytest.approx(3.4, abs=0.2))


def test_swaying_before_the_rep_is_no_part_of_it():
    samples = a_way((0, 0), (1, 0.1), (2, 0), (3, 0.1), (4, 0), (5, 1), (5.5, 1), (6.5, 0), (8, 0))
    (rep,) = reps_of(told(samples))
    assert 3.9 <= rep.start_s <= 4.4


# Time


def test_samples_that_come_twice_change_no_rep():
    once = a_way(*ONE_REP)
    twice = [s for sample in once for s in (sample, sample)]
    assert facts(told(twice)) == facts(told(once))


def test_a_rep_after_a_time_that_goes_back_counts():
    samples = a_way(*ONE_REP)
    back = [replace(s, t_s=s.t_s - 1.0) for s in samples[60:75]]
    later = [replace(s, t_s=s.t_s + 10) for s in samples]
    assert count([*samples[:75], *back, *later]) == 1


# A model tells lifts from other movements


def every_other() -> ToldLifts:
    """Is sure of the first movement, in doubt of the second, and so on; none is like another."""
    turns = cycle((1.0, -1.0))

    def told(candidate: Movement) -> float:
        assert np.isfinite(candidate.features.own).all()
        return next(turns)

    return ToldLifts(evidence(), told, told_likeness=-10.0)


def with_joints(samples: Sequence[Body]) -> list[Body]:
    world = np.random.default_rng(0).normal(size=(6, 2, 3))
    return [replace(s, points_px=100 + 50 * world[..., :2] * (1 + s.distance_from_rest), world=world) for s in samples]


THREE_REPS = ((0, 0), (1, 0), (2, 1), (3, 0), (4, 0), (5, 1), (6, 0), (7, 0), (8, 1), (9, 0), (10, 0))


def test_a_model_decides_which_movements_count():
    model = every_other()
    assert count(with_joints(a_way(*THREE_REPS)), lift=model) == 2
    assert len(model.looked_at) == 3


def test_movements_in_doubt_count_with_the_movement_that_settles_them():
    found = told(with_joints(a_way(*THREE_REPS)), lift=from_the_third_on())
    assert [round(rep.turn_s) for rep in reps_of(found)] == [2, 5, 8]
    assert len({t_s for t_s, _ in found}) == 1


def with_bar(samples: Sequence[Body], *, held: bool) -> list[Body]:
    """Hands that go up and down, and a plate beside them that goes with them, or lies on the floor."""
    out = []
    for s in samples:
        wrists_px = ON_BAR_PX - (0.0, 120.0 * s.distance_from_rest)
        plate_y = wrists_px[:, 1].mean() if held else ON_BAR_PX[:, 1].mean()
        out.append(replace(s, points_px=standing(wrists_px=wrists_px), bar_px=np.array([380.0, plate_y, 90.0])))
    return out


@pytest.mark.parametrize(
    ("rules", "prior", "held", "size", "bare", "counted"),
    [
        (DEADLIFT, -0.5, True, 1.0, 0, 1),
        # Tying a shoe beside a bar: the plate stays where it is.
        (DEADLIFT, 1.0, False, 1.0, 1, 0),
        # What is smaller than a full plate and lies about is none: no single beside a laptop on the floor counted.
        (DEADLIFT, 1.0, False, 0.6, 1, 1),
        (SQUAT, 1.0, False, 1.0, 1, 1),
    ],
    ids=["surer with a bar", "not lifted", "no full plate", "a squat needs no bar"],
)
def test_a_bar_tells_whether_the_hands_lift_it(rules, prior, held, size, bare, counted):
    samples = with_joints(a_way(*ONE_REP, rules=rules))
    beside_bar = [replace(s, bar_px=s.bar_px * (1, 1, size)) for s in with_bar(samples, held=held)]
    assert [count(seen, rules, by_prior(prior)) for seen in (samples, beside_bar)] == [bare, counted]


@pytest.mark.parametrize("needed", [True, False])
def test_a_lifter_who_never_seems_to_stand_can_count_still(needed):
    rules = replace(SQUAT, rest_stage_needed=needed)
    always_down = [replace(s, stage="down") for s in a_way(*ONE_REP, rules=SQUAT)]
    assert count(always_down, rules) == (0 if needed else 1)


def by_the_body(*moved_s: float) -> BoundaryModel:
    """That the whole body says start, turn and end are so much later than the curve's turns."""
    return BoundaryModel(weights=np.zeros((1, 3, INPUTS)), bias_s=np.array([moved_s]))


def first_rep(boundaries: BoundaryModel | None, samples: Sequence[Body]) -> tuple[float, MovementTimes]:
    machine = RepDetector(DEADLIFT, by_prior(20.0), boundaries)
    return next((s.t_s, one.times) for s in samples for one in machine.add(s) if isinstance(one, Counted))


def test_the_whole_body_says_where_a_rep_begins_and_turns():
    samples = with_joints(a_way(*ONE_REP))
    (_, curve), (_, body) = (first_rep(model, samples) for model in (None, by_the_body(0.1, -0.2, 0.0)))
    assert (body.start_s - curve.start_s, body.turn_s - curve.turn_s) == pytest.approx((0.1, -0.2))


def test_a_rep_whose_end_is_ahead_is_waited_for_and_no_rep_ends_after_it_is_told():
    samples = with_joints(a_way(*ONE_REP))
    plain_s, soon_s, late_s = (first_rep(by_the_body(0, 0, ahead), samples)[0] for ahead in (0.0, 0.25, 0.4))
    assert plain_s < soon_s < late_s <= plain_s + STILL_MOVING_S + 0.05
    for moved_s in ((0.0, 0.0, 0.4), (-0.4, 0.0, 0.0), (0.4, -0.4, 0.0), (0.0, 0.4, -0.4)):
        told_s, rep = first_rep(by_the_body(*moved_s), samples)
        assert 0 <= rep.start_s < rep.turn_s < rep.end_s <= told_s


FROM_THE_BOTTOM = ((0, 0.8), (0.5, 1.1), (1.5, 0), (3, 0))
LATER_SQUAT = ((4, 1.0), (5, 0), (6, 0))
ANYWHERE = replace(SQUAT, rest_stage_needed=False, turn_stage_needed=False)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("rules", [SQUAT, ANYWHERE], ids=["squat", "any place can be rest"])
def test_a_rep_that_began_before_the_source_is_reported(fps, rules):
    ((begun_s, begun), *after) = told(a_way((0, 1), (1.5, 0), (3, 0), *LATER_SQUAT, fps=fps, rules=rules), rules)
    assert (begun.reason, begun.times.start_s) == ("begun", 0)
    assert 1 < begun_s < 2
    assert len(after) == len(reps_of(after)) == 1


@pytest.mark.parametrize(("held", "begins"), [(True, ["begun"]), (False, [])])
def test_a_deadlift_that_began_before_the_source_needs_the_plate(held, begins):
    """Most sets begin with a lifter who stands upright, and bends to the bar."""
    samples = a_way((0, 1), (1, 1), (2.2, 0), (4, 0))
    assert reasons(with_bar(samples, held=held)) == begins


def test_a_bar_set_down_short_of_where_it_was_is_told_at_once():
    """Noise leaves the body short of where it began: it is at rest, and still."""
    samples = [
        replace(s, stage="down") if s.t_s > 2.8 else s for s in a_way((0, 0), (1, 0), (2, 1), (3, 0.28), (5, 0.28))
    ]
    ((told_s, rep),) = told(samples)
    assert isinstance(rep, Counted)
    assert told_s - 3 <= 0.25


@pytest.mark.parametrize(("lowering_per_s", "told_early"), [(0.2, True), (0.4, False)])
def test_a_bar_that_is_still_being_set_down_is_not_at_rest(lowering_per_s, told_early):
    """In the stage of rest, a quarter of the way up: slower than .3 a second is still."""
    times_s = np.arange(2, 4, 1 / 30)
    away = np.interp(times_s, [2, 2.75, 2.75 + 0.25 / lowering_per_s], [1, 0.25, 0])
    down = [a_sample(t_s, now, stage="down" if now < 0.26 else "up") for t_s, now in zip(times_s, away, strict=True)]
    (told_s, _), *_ = told([*(s for s in a_way((0, 0), (1, 0), (2, 1)) if s.t_s < 2), *down])
    assert (told_s < 3.0) == told_early


# What counts, and what is told of the rest


def until(end_s: float, samples: Sequence[Body]) -> list[Body]:
    return [s for s in samples if s.t_s <= end_s]


def unseen(from_s: float, to_s: float, samples: Sequence[Body]) -> list[Body]:
    return [s for s in samples if not from_s < s.t_s < to_s]


def later(seconds: float, samples: Sequence[Body]) -> list[Body]:
    return [replace(s, t_s=s.t_s + seconds) for s in samples]


PULLED, SQUATTED, AND_A_HALF = a_way(*ONE_REP), a_way(*ONE_REP, rules=SQUAT), a_way(*A_REP_AND_A_HALF)
TWO_LONG = a_way((0, 0), (1, 0), (2, 1), (6, 1), (7, 0), (8, 0), (9, 1), (10, 0), (11, 0))
RISEN = a_way(*FROM_THE_BOTTOM, rules=SQUAT)

# fmt: off
CASES: dict[str, tuple[list[Body], RepRules, int, list[str]]] = {
    "bent for a bottle long after the set": (
        [s for s in AND_A_HALF if s.t_s <= 4.5] + later(30, [s for s in AND_A_HALF if s.t_s > 4.5]), DEADLIFT, 1, []
    ),
    "half a rep": (a_way((0, 0), (1, 0), (2, 0.55), (3, 0), (4, 0)), DEADLIFT, 0, []),
    "half a rep in a set": (AND_A_HALF, DEADLIFT, 1, ["short"]),
    "half a rep in a set long after the source began": (later(30, AND_A_HALF), DEADLIFT, 1, ["short"]),
    "the stage of the turn with nearly the travel": (
        changed(a_way((0, 0), (1, 0), (2, 0.44), (3, 0), (4, 0)), 1.8, 2.2, stage="up"), DEADLIFT, 0, ["short"]
    ),
    "travel without the stage of the turn": (changed(PULLED, 1.5, 3.5, stage="neutral"), DEADLIFT, 0, []),
    "two humps in one visit to the turn's stage": (
        changed(a_way((0, 0), (1, 0), (2, 1), (3, 0.1), (4, 1), (5, 0), (6, 0)), 2.0, 4.0, stage="up"),
        DEADLIFT, 1, ["short"],
    ),
    "begins at lockout": (a_way((0, 1), (1, 1), (2.2, 0), (4, 0)), DEADLIFT, 0, []),
    "there and back in half a second": (
        a_way((0, 0), (1, 0), (1.25, 1), (1.250001, 1), (1.5, 0), (2.5, 0)), DEADLIFT, 0, []
    ),
    "there and back in 21 seconds": (
        a_way((0, 0), (1, 0), (2, 1), (21, 1), (22, 0), (23, 0)), DEADLIFT, 0, ["no_lowering"]
    ),
    "small reps of a lifter, beside the usual range": (
        a_way((0, 0), *((t_s, 0.45 * (t_s % 2 == 0)) for t_s in range(1, 9)), (9, 0), (10, 0), rules=SMALL),
        SMALL, 4, [],
    ),
    "a bar not quite put down between two pulls": (
        a_way((0, 0), (1, 0), (2, 1), (3, 0.25), (4, 1), (5, 0), (6, 0)), DEADLIFT, 2, []
    ),
    "ten seconds at lockout": (a_way((0, 0), (1, 0), (2, 1), (12, 1), (13, 0), (14, 0)), DEADLIFT, 1, []),
    "half a minute at lockout": (a_way((0, 0), (1, 0), (2, 1), (30, 1)), DEADLIFT, 0, ["no_lowering"]),
    "a bar that sinks by more than half in a hitch": (with_plate(a_way(*DEEP_HITCH), sinks=0.7), DEADLIFT, 2, []),
    "a hitch as deep, without a plate": (a_way(*DEEP_HITCH), DEADLIFT, 2, []),
    # The source ends
    "as the bar touches the floor": (until(3.68, PULLED), DEADLIFT, 1, []),
    "nearly stands after a squat": (until(3.58, SQUATTED), SQUAT, 1, []),
    "nearly stands, in the stage of the bottom": (
        changed(until(3.58, SQUATTED), 3.48, 4, stage="down"), SQUAT, 0, ["cut"]
    ),
    "in the pull": (until(1.7, PULLED), DEADLIFT, 0, ["cut"]),
    "as the bar leaves the floor": (until(1.35, PULLED), DEADLIFT, 0, []),
    "at the bottom": (until(2.6, SQUATTED), SQUAT, 0, ["cut"]),
    "in what looks like a pull to the camera": (
        [replace(s, points_px=standing(FEET_PX + np.array([0, 100 * s.t_s]))) for s in until(1.7, PULLED)],
        DEADLIFT, 0, [],
    ),
    "in the next pull of a set": (until(6, AND_A_HALF), DEADLIFT, 1, ["cut"]),
    "bent after a set, with the hands elsewhere": (
        changed(until(6, AND_A_HALF), 4.5, 8, points_px=standing(wrists_px=moved(ON_BAR_PX, (0, 0), (0.2, -0.2)))),
        DEADLIFT, 1, [],
    ),
    # The body is out of view
    "for a second in mid-rep": (unseen(2.0, 2.9, PULLED), DEADLIFT, 1, []),
    "for two seconds in mid-rep": (unseen(2.5, 4.8, until(8, TWO_LONG)), DEADLIFT, 0, ["lost"]),
    "for two seconds, and then another rep": (unseen(2.5, 4.8, TWO_LONG), DEADLIFT, 1, ["lost"]),
    "at rest before a rep": (unseen(0.5, 3, a_way((0, 0), (5, 0), (6, 1), (7, 0), (8, 0))), DEADLIFT, 1, []),
    "a bar let go at the top": (a_way((0, 0), (1, 0), (2.2, 1), (4, 1)), DEADLIFT, 0, ["no_lowering"]),
    # The source begins in a rep
    "at the bottom, where rest needs no stage": (RISEN, replace(SQUAT, rest_stage_needed=False), 0, ["begun"]),
    "somebody who comes a second later": (later(1, RISEN), SQUAT, 0, []),
    "not back yet": ([s for s in RISEN if s.t_s < 1], SQUAT, 0, []),
    "gets up and walks off": (
        [replace(s, points_px=standing(FEET_PX + np.array([200 * s.t_s, 0]))) for s in RISEN], SQUAT, 0, []
    ),
    "a whole rep from where any place is rest": (
        a_way((0, 0.6), (0.5, 1.1), (1.5, 0), (3, 0), rules=ANYWHERE), ANYWHERE, 1, []
    ),
}
# fmt: on


@pytest.mark.parametrize(("of_three", "counted"), [(2, 1), (1, 0)])
def test_a_movement_counts_if_most_of_its_pictures_show_the_lifter(of_three, counted):
    """A few glimpses of somebody who picks up the camera are no rep."""
    machine, found = RepDetector(DEADLIFT, by_prior(20.0)), list[Outcome]()
    for number, sample in enumerate(PULLED):
        found += machine.add(sample) if number % 3 < of_three else machine.add_unseen(sample.t_s)
    assert sum(isinstance(outcome, Counted) for outcome in found) == counted


AT_LOCKOUT = {
    "at lockout": (until(2.6, PULLED), 1, []),
    "on the way down from lockout": (until(3.2, PULLED), 1, []),
    "half way up": (until(1.7, PULLED), 0, ["cut"]),
    "at lockout of the next pull": (until(9.2, TWO_LONG), 2, []),
    "at lockout for four seconds": (a_way((0, 0), (1, 0), (2.2, 1), (6.3, 1)), 1, []),
    "at lockout of a fast pull": (a_way((0, 0), (1, 0), (1.4, 1), (1.5, 1)), 1, []),
    "at the top of a jerk of the pose": (a_way((0, 0), (1, 0), (1.1, 1), (1.6, 1)), 0, ["no_lowering"]),
}


def test_a_rep_that_ends_at_its_turn_ends_no_earlier_than_that():
    """Where the whole body turns later than the curve of its travel."""

    class Late:
        def refine(self, _: np.ndarray, __: np.ndarray, times: MovementTimes) -> MovementTimes:
            return times._replace(turn_s=times.turn_s + 0.6, end_s=times.end_s + 1.0)

    machine = RepDetector(DONE_AT_TURN, by_prior(1.0), Late())
    for sample in with_joints(until(3.4, PULLED)):
        machine.add(sample)
    ((start_s, turn_s, end_s),) = [one.times for one in machine.finish()]
    assert start_s < turn_s <= end_s


def test_a_movement_that_is_no_lift_does_not_count_at_its_turn_nor_is_it_told():
    """Lifters also stand up without the bar."""
    assert reasons(with_joints(until(2.6, PULLED)), DONE_AT_TURN, by_prior(1.0)) == []
    assert told(with_joints(until(2.6, PULLED)), DONE_AT_TURN, by_prior(-1.0)) == []


@pytest.mark.parametrize(("speed", "told_of"), [(0.0, ["cut"]), (0.2, [])])
def test_somebody_who_walks_off_as_a_recording_ends_is_told_nothing(speed, told_of):
    """Lifters who walk to the camera to end a recording seem to squat."""
    samples = [replace(s, points_px=standing(moved(FEET_PX, speed * s.t_s, 0))) for s in until(2.6, SQUATTED)]
    assert reasons(samples, SQUAT) == told_of


@pytest.mark.parametrize("ends", [((30, 1), (31, 1)), ((3, 0.5), (30, 0.5))], ids=["stays up", "stays half way"])
@pytest.mark.parametrize(("log_odds", "partials"), [(1.0, 1), (-1.0, 0)])
def test_who_gets_up_without_a_bar_is_told_of_no_partial_rep(ends, log_odds, partials):
    samples = with_joints(a_way((0, 0), (1, 0), (2, 1), *ends))
    assert len(reasons(samples, DONE_AT_TURN, by_prior(log_odds))) == partials


# Held overhead

OVERHEAD = replace(DONE_AT_TURN, bar_on_floor=False)
HELD = ((0, 0), (1, 0), (2.2, 1), (4, 1), (5.2, 0), (6.5, 0))


def overhead(*knots: tuple[float, float], fps: float = 30.0, rules: RepRules = OVERHEAD, lift: float = 1.0) -> Told:
    return told(with_joints(a_way(*knots, fps=fps)), rules, by_prior(lift))


@pytest.mark.parametrize("fps", RATES)
def test_a_bar_held_overhead_counts_while_it_is_held(fps):
    """Half a second after it has come to rest, and no second time when it is lowered."""
    (told_s, rep), (lowered_s, whole) = overhead(*HELD, fps=fps)
    assert (rep, whole) == (Counted(times=rep.times, is_half=True), Lowered(times=whole.times))
    assert 2.6 < told_s == rep.times.end_s < 2.9
    assert lowered_s == pytest.approx(5.2, abs=0.25)
    assert whole.times.start_s == rep.times.start_s
    assert whole.times.end_s == pytest.approx(5.2, abs=0.25)


def test_a_bar_that_is_not_held_overhead_counts_when_it_is_lowered():
    knots = ((0, 0), (1, 0), (2, 1), (2.2, 1), (3.2, 0), (4.2, 1), (5.2, 0), (6.5, 0))
    found = overhead(*knots)
    assert len(found) == len(reps_of(found)) == 2
    plain = overhead(*knots, rules=replace(OVERHEAD, done_at_turn=False))
    assert [(t_s, *one.times) for t_s, one in found] == [(t_s, *one.times) for t_s, one in plain]


def test_a_held_rep_begins_where_the_whole_body_says():
    """Also if the lifter, in the split of a jerk, is yet to stand up: the turn is then that of the curve."""
    samples, later = (
        with_joints(a_way(*HELD)),
        BoundaryModel(weights=np.zeros((2, 3, INPUTS)), bias_s=np.array([(-0.1, 0.4, 0.4)] * 2)),
    )
    machines = [RepDetector(OVERHEAD, by_prior(1.0), boundaries) for boundaries in (None, later)]
    before, rep = (next(one.times for s in samples for one in machine.add(s)) for machine in machines)
    assert rep == before._replace(start_s=pytest.approx(before.start_s - 0.2))


def test_a_deadlift_held_at_lockout_counts_when_it_is_lowered():
    ((_, rep),) = overhead(*HELD, rules=DONE_AT_TURN)
    assert rep == Counted(times=rep.times)


def test_a_doubtful_hold_overhead_counts_only_when_it_is_lowered():
    """The whole movement may be a lift."""
    lift = ToldLifts(evidence(), lambda movement: 1.0 if movement.times.end_s > 4.5 else -1.0)
    ((told_s, rep),) = told(with_joints(a_way(*HELD)), OVERHEAD, lift)
    assert (rep, told_s > 4.5) == (Counted(times=rep.times), True)
    assert overhead(*HELD, lift=-1.0) == []


def test_the_catch_of_a_snatch_is_not_yet_held():
    """The bar is overhead in a deep squat, then the lifter stands up."""
    squatting = replace(STANDING, shoulder_height=STANDING.shoulder_height - 0.2)
    way = with_joints(a_way((0, 0), (1, 0), (2.2, 1), (6, 1)))
    (told_s, _), *_ = told(changed(way, 2.0, 4.0, measures=squatting), OVERHEAD, by_prior(1.0))
    assert told_s == pytest.approx(4.5, abs=0.1)


HELD_ENDS = {
    "the source ends": (until(3.5, a_way(*HELD)), 1),
    "out of view": (unseen(3.2, 6.0, a_way(*HELD, (9, 0))), 1),
    "for longer than a rep may last": (a_way((0, 0), (1, 0), (2.2, 1), (30, 1), (31, 0), (32, 0)), 1),
    "then only half lowered, and pressed again": (a_way(*HELD[:4], (4.6, 0.6), (5.2, 1), (6, 1), (7, 0), (8, 0)), 1),
    "then another": (a_way(*HELD, (7.5, 1), (9, 1), (10, 0), (11, 0)), 2),
    "and lowered into the next": (a_way(*HELD[:5], (6.2, 1), (8, 1), (9, 0), (10, 0)), 2),
}


@pytest.mark.parametrize(
    ("rules", "samples", "counted", "others"),
    [
        *(pytest.param(DONE_AT_TURN, *case, id=name) for name, case in AT_LOCKOUT.items()),
        *(pytest.param(OVERHEAD, *case, [], id=name) for name, case in HELD_ENDS.items()),
    ],
)
def test_a_held_rep_and_a_rep_cut_off_at_its_turn_count_whatever_comes(rules, samples, counted, others):
    found = told(with_joints(samples), rules, by_prior(1.0))
    assert (len(reps_of(found)), reasons_of(found)) == (counted, others)


@given(
    holds_s=st.lists(st.floats(0.1, 3.0), min_size=1, max_size=5),
    fps=st.sampled_from([24, 30, 60]),
    share=st.floats(0, 0.4),
)
def test_holds_overhead_change_no_count(holds_s, fps, share):
    knots = [(0, 0.0), (1, 0.0)]
    for hold_s in holds_s:
        start_s = knots[-1][0]
        knots += [(start_s + at_s, away) for at_s, away in ((1.2, 1.0), (1.2 + hold_s, 1.0), (2.4 + hold_s, 0.0))]
        knots.append((knots[-1][0] + 0.8, 0.0))
    samples = with_joints(a_way(*knots, fps=fps))
    kept = np.random.default_rng(len(holds_s)).random(len(samples)) >= share
    found = told([s for s, keep in zip(samples, kept, strict=True) if keep], OVERHEAD, by_prior(1.0))
    assert len(reps_of(found)) == len(holds_s)
    held = [one.times.start_s for _, one in found if isinstance(one, Counted) and one.is_half]
    assert held == [one.times.start_s for _, one in found if isinstance(one, Lowered)]
    assert len(held) >= sum(hold_s > 1.0 for hold_s in holds_s)


@pytest.mark.parametrize(("samples", "rules", "counted", "others"), CASES.values(), ids=CASES)
def test_movements_count_or_are_reported_with_a_reason(samples, rules, counted, others):
    found = told(samples, rules)
    assert (len(reps_of(found)), reasons_of(found)) == (counted, others)


# Whatever comes

finite = st.floats(-1e4, 1e4)


@st.composite
def any_samples(draw: st.DrawFn) -> list[Body]:
    """Samples with rising or repeated times and anything finite in them."""
    step = st.tuples(
        st.sampled_from([0.0, 0.01, 1 / 30, 0.1, 0.5, 1.5]),
        st.one_of(st.floats(-0.2, 1.2), finite),
        st.sampled_from(["up", "down", "neutral"]),
        st.sampled_from([1.0, 0.0, 1e-3, 350.0]),
        finite,
    )
    t_s, out = 0.0, []
    for dt_s, away, stage, size_px, place in draw(st.lists(step, min_size=1, max_size=60)):
        t_s += dt_s
        wrists_px = np.array([(place, away), (away, place)])
        points_px = standing((place / 50, 0.0), wrists_px)
        out.append(a_sample(t_s, away, stage=stage, size_px=size_px, points_px=points_px))
    return out


LENIENT = replace(DEADLIFT, min_range=0.2, min_s=0.05, max_feet_shift=1e9, min_return=0.3)


@given(samples=any_samples(), rest=st.sampled_from(["down", "up"]), held=st.booleans())
def test_any_samples_give_reps_in_order_and_no_more_than_turns(samples, rest, held):
    rules = replace(LENIENT, rest=rest, bar_on_floor=not held, done_at_turn=held)
    lift = by_prior(1.0) if held else None
    found = told(samples, rules, lift)
    reps = reps_of(found)
    # How often the stage changes from rest to the turn's, leaving out what is neutral
    stages = [s.stage for s in samples if s.stage != "neutral"]
    assert len(reps) <= sum(a == rules.rest != b for a, b in pairwise(stages))
    for rep in reps:
        assert rep.start_s < rep.turn_s <= rep.end_s
    for rep, following in pairwise(reps):
        assert rep.end_s <= following.start_s
    assert all(one.times.end_s <= told_s for told_s, one in found if isinstance(one, Counted))
    assert facts(found) == facts(told(samples, rules, lift))
