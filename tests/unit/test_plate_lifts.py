"""Lifts that count by the barbell's plate alone, because the body is estimated wrong. Samples are made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from builders.lifts import by_prior
from builders.observations import a_body, joints_px
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core.config import exercise
from livecoach.core.config.exercise import RepRules
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting.bar_evidence import is_bar_held
from livecoach.decisions.counting.counter import Counted, Partial, RepDetector
from livecoach.decisions.counting.tuning import PLATE_WAIT_S
from livecoach.perception.body.body import Body, gather

DEADLIFT, SQUAT = (exercise.load(name).reps for name in ("deadlift", "squat"))
ANKLES_PX, DIAMETER_PX = 430.0, 100.0
FLOOR_PX = ANKLES_PX + 20.0 - DIAMETER_PX / 2
"""Height of the middle of a plate that stands on the floor, a fifth of its diameter below the ankles."""
PULL = ((0, 0.0), (1, 0.0), (2.2, 1.3), (3, 1.3), (4.2, 0.0), (7, 0.0))
"""Seconds, and the height of the plate in diameters."""
Knots = Sequence[tuple[float, float]]


def a_source(
    knots: Knots,
    *,
    aside: float = 0.0,
    shoulders: float = 0.8,
    shoulders_px: float = 250.0,
    body: float = 0.0,
    fps: float = 30,
) -> list[Body]:
    """Samples of a plate on its way through the knots.

    aside: how far it moves aside in all, in diameters. shoulders: their rise beside the plate's, from shoulders_px on.
    body: distance from rest of a body at the plate's highest place; 0 for one that seems to stay at rest.
    """
    times_s, heights = np.array(knots, float).T
    top = max(float(heights.max()), 1e-6)
    out = []
    for t_s in np.arange(0, times_s[-1] + 1e-9, 1 / fps):
        height = float(np.interp(t_s, times_s, heights))
        shoulder_px = shoulders_px - shoulders * height * DIAMETER_PX
        away = body * height / top
        out.append(
            a_body(
                t_s=float(t_s),
                distance_from_rest=away,
                stage="up" if away > 0.65 else "down",
                points_px=joints_px(
                    feet=(300.0, ANKLES_PX),
                    wrists=[(340.0, 300.0), (260.0, 300.0)],
                    shoulders=[(330.0, shoulder_px), (270.0, shoulder_px)],
                ),
                size_px=350.0,
                bar_px=np.array(
                    [300 + aside * DIAMETER_PX * height / top, FLOOR_PX - height * DIAMETER_PX, DIAMETER_PX]
                ),
            )
        )
    return out


def without_plate(samples: Sequence[Body], from_s: float, to_s: float) -> list[Body]:
    nothing = np.full(3, np.nan)
    return [replace(s, bar_px=nothing) if from_s <= s.t_s <= to_s else s for s in samples]


def counted(samples: Sequence[Body], rules: RepRules = DEADLIFT) -> list[tuple[float, MovementTimes]]:
    machine = RepDetector(rules, by_prior(20.0))
    found = [(s.t_s, machine.add(s)) for s in samples] + [(samples[-1].t_s, machine.finish())]
    return [(t_s, rep.times) for t_s, outcomes in found for rep in outcomes if isinstance(rep, Counted)]


def test_a_rep_counted_by_the_body_is_not_counted_by_the_plate_as_well():
    ((told_s, _),) = counted(a_source(PULL, body=1.0))
    assert told_s < 4.2 + PLATE_WAIT_S / 2


def test_each_rep_of_a_touch_and_go_set_counts():
    again = [(t_s + 3.2 * k, height) for k in range(3) for t_s, height in PULL[1:5]]
    assert len(counted(a_source([PULL[0], *again, (12.0, 0.0)]))) == 3


LIFTED = {
    "dropped at lockout": a_source([*PULL[:4], (3.3, 0.0), (6, 0.0)]),
    "first seen below the knees": without_plate(a_source(PULL), 0.0, 1.4),
    "from the pull to the landing": [s for s in a_source(PULL) if 1.1 <= s.t_s <= 4.2],
    "slow, and still for a moment": a_source([(0, 0.0), (1, 0.0), (5, 1.3), (6, 1.3), (8, 0.0), (11, 0.0)]),
    "until most of the way down is done": a_source([*PULL[:4], (4.2, 1.3 * 0.15)]),
}


@pytest.mark.parametrize("samples", LIFTED.values(), ids=LIFTED)
def test_each_lifted_bar_counts_once_by_its_plate(samples):
    assert len(counted(samples)) == 1


@pytest.mark.parametrize("until_s", [4.2, 7.0])
def test_a_rep_counted_by_the_plate_is_no_half_rep_of_the_body_as_well(until_s):
    """It seems to stay up until the source ends, before or after the lift counts."""
    machine = RepDetector(DEADLIFT, by_prior(20.0))
    up = [replace(s, distance_from_rest=0.8, stage="up") if s.t_s > 3 else s for s in a_source(PULL, body=0.8)]
    outcomes = [outcome for s in up if s.t_s <= until_s for outcome in machine.add(s)] + list(machine.finish())
    assert list(map(type, outcomes)) == [Counted]


@pytest.mark.parametrize(("body", "kind"), [(0.9, Counted), (0.55, Partial)], ids=["at lockout", "on the way up"])
def test_a_lift_of_the_plate_and_the_next_rep_that_the_end_cuts_are_both_found(body, kind):
    """The body misses the first rep, and the source ends in the next rep before the first one counts by the plate."""
    first, ends_s = a_source(PULL[:5]), PULL[4][0] + PLATE_WAIT_S - 0.3
    next_up = a_source([*PULL[:5], (ends_s, 1.3)], body=body)[len(first) :]
    machine = RepDetector(DEADLIFT, by_prior(20.0))
    assert [outcome for s in (*first, *next_up) for outcome in machine.add(s)] == []
    lift, cut = machine.finish()
    assert isinstance(lift, Counted)
    assert lift.by_plate
    assert isinstance(cut, kind)
    assert cut.times.start_s >= lift.times.end_s


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(a_source([*PULL[:4], (4.2, 0.5)]), id="the source ends halfway down"),
        pytest.param(a_source(PULL[:4]), id="it ends at lockout"),
        pytest.param(a_source([(t_s, 0.3 * h) for t_s, h in PULL]), id="one end is lifted for loading"),
        pytest.param(a_source([(t_s, 2.0 * h) for t_s, h in PULL]), id="a clean"),
        pytest.param(a_source(PULL, aside=1.0), id="a plate is carried"),
        pytest.param(a_source(PULL, shoulders=0.2), id="a row from the floor"),
        pytest.param(a_source([(t_s, 1.5 + h) for t_s, h in PULL]), id="a bar on the back"),
        pytest.param(a_source([(t_s, 0.2 + h) for t_s, h in PULL]), id="a bar on blocks"),
        pytest.param(without_plate(a_source(PULL), 0.0, 2.0), id="first seen near lockout"),
        pytest.param(without_plate(a_source(PULL), 1.5, 3.2), id="lost for long"),
        pytest.param(without_plate(a_source(PULL), 1.05, 2.15), id="not seen on its way up"),
    ],
)
def test_a_plate_that_shows_no_whole_deadlift_makes_no_rep(samples):
    assert counted(samples) == []


@pytest.mark.parametrize(
    ("samples", "is_held"),
    [
        (a_source(PULL, body=1.0), True),
        (without_plate(a_source(PULL, body=1.0), 0.0, 5.0), None),
        (a_source([(t_s, 0.3 * h) for t_s, h in PULL], body=1.0), None),
    ],
    ids=["seen", "seldom seen", "hardly raised"],
)
def test_a_plate_that_rises_with_the_body_is_held_wherever_the_hands_seem_to_be(samples, is_held):
    assert is_bar_held(gather(samples)) is is_held


HEIGHT = 2.4  # of a plate on the back, in diameters over one on the floor
SINK = ((0, HEIGHT), (1, HEIGHT), (2.4, HEIGHT - 1.3), (2.7, HEIGHT - 1.3), (4, HEIGHT), (7, HEIGHT))


def a_squat(knots: Knots = SINK, *, aside: float = 0.0, shoulders: float = 1.0, fps: float = 30) -> list[Body]:
    """A plate on the back: at the height of the shoulders where they go with it."""
    back_px = FLOOR_PX - (1 - shoulders) * HEIGHT * DIAMETER_PX
    return a_source(knots, aside=aside, shoulders=shoulders, shoulders_px=back_px, fps=fps)


@pytest.mark.parametrize("fps", [15, 60])
@pytest.mark.parametrize(
    ("make", "knots", "rules"), [(a_source, PULL, DEADLIFT), (a_squat, SINK, SQUAT)], ids=["from floor", "from back"]
)
def test_a_plate_that_comes_back_is_a_rep_although_the_body_seems_at_rest(make, knots, rules, fps):
    ((told_s, rep),) = counted(make(knots, fps=fps), rules)
    assert rep.start_s == pytest.approx(1.0, abs=0.2)
    assert rep.turn_s == pytest.approx(knots[2][0], abs=0.15)
    assert rep.end_s == pytest.approx(knots[4][0], abs=0.3)
    assert told_s == pytest.approx(rep.end_s + PLATE_WAIT_S, abs=0.1)


def test_each_squat_counts_also_after_walking_out_to_where_the_bar_is_held_lower():
    walk_out = a_source([(0, HEIGHT + 0.4), (3, HEIGHT + 0.4)], shoulders=0.0, shoulders_px=FLOOR_PX - HEIGHT * 100)
    beside = [replace(one, bar_px=one.bar_px + np.array([90.0, 0.0, 0.0])) for one in walk_out]
    again = [(t_s + 3.2 * k, height) for k in range(3) for t_s, height in SINK[1:5]]
    reps = [replace(one, t_s=one.t_s + 3.1) for one in a_squat([SINK[0], *again, (12.0, HEIGHT)])]
    assert len(counted([*beside, *reps], SQUAT)) == 3


def test_a_pause_at_the_bottom_is_no_new_place_of_rest():
    paused = [*SINK[:3], (5.4, HEIGHT - 1.3), (6.8, HEIGHT), (9, HEIGHT)]
    assert len(counted(a_squat(paused), SQUAT)) == 1


def test_a_bar_that_was_taken_far_down_rests_there_once_no_lift_takes_so_long():
    lower = HEIGHT - 1.0
    held = [(0, HEIGHT), (1, HEIGHT), (2, lower), (25, lower)]
    again = [(t_s + 25, height - 1.0) for t_s, height in SINK[1:]]
    (lift,) = counted(a_squat([*held, *again]), SQUAT)
    assert lift[1].start_s == pytest.approx(26.0, abs=0.2)


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(a_squat([(t_s, HEIGHT + 0.3 * (h - HEIGHT)) for t_s, h in SINK]), id="a dip"),
        pytest.param(a_squat([(t_s, HEIGHT + 1.8 * (h - HEIGHT)) for t_s, h in SINK]), id="a bar put on the floor"),
        pytest.param(a_squat([(t_s, 2 * HEIGHT - h) for t_s, h in SINK]), id="a press"),
        pytest.param(a_squat(SINK[:4]), id="the source ends at the bottom"),
        pytest.param(a_squat(aside=2.4), id="a good morning, whose bar goes forward"),
        pytest.param(a_squat(shoulders=0.2), id="a bench press"),
        pytest.param(a_source(PULL), id="a deadlift"),
    ],
)
def test_a_plate_that_shows_no_whole_squat_makes_no_squat(samples):
    assert counted(samples, SQUAT) == []


def test_only_deadlifts_and_squats_count_by_the_plate():
    row = exercise.load("barbell_row").reps
    assert counted(a_source(PULL), row) == counted(a_squat(), row) == []


@settings(deadline=None)
@given(
    heights=st.lists(st.floats(0, 2), min_size=2, max_size=8),
    body=st.sampled_from([0.0, 0.5, 1.0]),
    fps=st.sampled_from([12, 25, 60]),
)
def test_whatever_the_plate_does_reps_are_in_order_and_apart(heights, body, fps):
    samples = a_source([(0, 0.0), *((k + 1.0, height) for k, height in enumerate(heights))], body=body, fps=fps)
    reps = [rep for _, rep in counted(samples)]
    for rep in reps:
        assert 0 <= rep.start_s < rep.turn_s <= rep.end_s <= samples[-1].t_s
    for before, after in pairwise(reps):
        assert after.turn_s > before.turn_s
