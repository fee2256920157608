"""Where a movement begins, turns and ends, and where the body is there, on a few samples made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from builders.observations import a_body, joints_px

from livecoach.core.config import exercise
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting.body_reader import boundary_indices
from livecoach.decisions.counting.moments import mask_long_pauses, resample_moments
from livecoach.decisions.counting.movement import Movement, Proposal, describe_movement, stays_in_place
from livecoach.decisions.counting.way import BodyWay, UsualReps, speed_towards_rest
from livecoach.perception.body.body import Body, gather

DEADLIFT = exercise.load("deadlift").reps


@pytest.mark.parametrize(
    ("curve", "start", "lockout", "end"),
    [
        pytest.param([0, 0, 0, 0.5, 1, 1, 1, 0.5, 0, 0, 0], 1, 4, 9, id="out and back"),
        pytest.param([0, 0.05, 0.1, 0.15, 0.6, 1, 1, 0.5, 0.1, 0.06, 0.04], 2, 5, 9, id="slow at both ends"),
        pytest.param([0, 0, 0.5, 0.9, 0.92, 0.94, 0.96, 0.98, 1, 0.5, 0, 0], 0, 4, 11, id="creeps on after lockout"),
        pytest.param([0, 0, 0.5, 0.9, 0.5, 0.6, 0.9, 1, 1, 0.5, 0, 0], 0, 7, 11, id="lost on the way out"),
        pytest.param([0.5, 0.2, 0, 0, 0.5, 1, 1, 0.5, 0, 0], 2, 5, 9, id="the end of another one before it"),
        pytest.param([0, 0, 0.5, 1, 1, 0.5, 0, 0, 0.5, 0.8], 0, 3, 7, id="the start of another one after it"),
        pytest.param([0.0, 0.5, 1.0], 0, 2, 2, id="not back yet"),
    ],
)
@pytest.mark.parametrize("way", [1.0, 0.4])
def test_a_movement_lasts_from_the_slow_frame_before_it_to_the_slow_frame_after_it(curve, start, lockout, end, way):
    """Without a lockout it turns where it is farthest from rest."""
    t_s, distance = np.arange(len(curve)) / 10, way * np.array(curve, float) + 0.2
    assert boundary_indices(t_s, distance, lockout=True) == (start, lockout, end)
    assert boundary_indices(t_s, distance, lockout=False) == (start, int(np.argmax(curve)), end)


def seen(t_s: float, x_px: float = 0.0, size_px: float = 100.0, **changes: object) -> Body:
    """Return a body with its feet at x_px, to the right and down."""
    return a_body(t_s=t_s, size_px=size_px, points_px=joints_px(feet=(x_px, x_px)), **changes)


ENDS = [
    *(seen(t_s, x_px, size_px) for t_s, x_px, size_px in [(0, 1, 70), (0.1, 0, 80), (0.2, -9, 90)]),
    *(seen(t_s, 500.0, 900.0) for t_s in (0.3, 0.5, 0.7)),
    *(seen(t_s, x_px, size_px) for t_s, x_px, size_px in [(0.8, 40, 100), (0.9, 50, 110), (1.0, 30, 95)]),
]
"""Places at both ends, as medians 0 and 40 px, 80 and 100 px large; and what is seen in between."""


@pytest.mark.parametrize("samples", [ENDS, [replace(sample, t_s=1 - sample.t_s) for sample in reversed(ENDS)]])
def test_feet_stay_in_place_by_medians_of_a_fifth_of_a_second_at_both_ends(samples):
    """In sizes of the body at the end at which it looks larger: here .57."""
    allowed = {
        shift: stays_in_place(gather(samples), replace(DEADLIFT, max_feet_shift=shift)) for shift in (0.56, 0.57)
    }
    assert allowed == {0.56: False, 0.57: True}


def described(samples: Sequence[Body], turns: MovementTimes, span: float = 1.0) -> Movement:
    proposal = Proposal(kind="back", turns=turns, times=turns, span=span, samples=gather(samples))
    return describe_movement(proposal, replace(DEADLIFT, pause_s=1.0), with_unheld=True)


def test_a_movement_has_a_place_at_its_start_within_it_and_at_its_end():
    samples = [replace(sample, distance_from_rest=0.0) for sample in [*ENDS, seen(1.3, -7.0, 1.0)]]
    begins, within, ends = described(samples, MovementTimes(0.0, 0.5, 1.0)).places
    assert [place.size_px for place in (begins, within, ends)] == [80, 100, 100]
    assert [place.feet_px.tolist() for place in (begins, within, ends)] == [[0, 0], [40, 40], [40, 40]]


def moving(distance: Sequence[float]) -> list[Body]:
    return [seen(k / 10, distance_from_rest=away) for k, away in enumerate(distance)]


@pytest.mark.parametrize(
    ("span", "creeps", "is_pause"),
    [(1.0, 0.4, True), (0.5, 0.4, False), (0.5, 0.1, True), (2.0, 0.8, False), (2.0, 0.4, True)],
)
def test_a_hold_is_a_pause_if_the_body_moves_by_less_than_three_tenths_of_its_way(span, creeps, is_pause):
    out = [*np.linspace(0, span - creeps, 5), *np.linspace(span - creeps, span, 60)]
    movement = described(moving([*out, *np.linspace(span, 0, 6)[1:]]), MovementTimes(0.0, 6.4, 6.9), span)
    assert (movement.shortened is not None) is is_pause


@pytest.mark.parametrize(("held_s", "is_held", "is_long"), [(0.8, False, False), (1.6, True, False), (3.0, True, True)])
def test_a_hold_of_more_than_the_usual_pause_is_left_out_and_a_long_one_shortened(held_s, is_held, is_long):
    way = np.linspace(0, 1, 5)
    turn_s, end_s = 0.4 + held_s / 2, 0.8 + held_s
    movement = described(moving([*way, *np.ones(round(held_s * 10)), *way[::-1]]), MovementTimes(0.0, turn_s, end_s))
    assert (movement.unheld is not None, movement.shortened is not None) == (is_held, is_long)
    lasting_s = [np.exp(each.features.own[0]) for each in (movement, movement.unheld or movement)]
    assert lasting_s[0] - lasting_s[1] == pytest.approx((held_s - 0.5) * is_held, abs=0.3)


def test_a_long_pause_keeps_its_ends_and_its_middle():
    """A quarter of a second at each end, and from the middle half a second less than the usual pause of two."""
    t_s = np.arange(0, 9.01, 0.1)
    distance = np.where((t_s > 1.05) & (t_s < 7.95), 1.0, 0.0)
    left_out = t_s[mask_long_pauses(t_s, distance, 0.1, 3.5, 2.0)]
    middle_s = (1.1 + 7.9) / 2
    assert left_out.min() == pytest.approx(1.4)
    assert left_out.max() == pytest.approx(7.6)
    assert not ((left_out > middle_s - 0.74) & (left_out < middle_s + 0.74)).any()
    assert len(left_out) == len(np.arange(1.4, middle_s - 0.75, 0.1)) * 2


def test_a_stretch_left_out_of_a_movement_ends_it_sooner():
    samples = moving([*np.linspace(0, 1, 21), *np.ones(10), *np.linspace(1, 0, 21)[1:]])
    t_s = np.array([sample.t_s for sample in samples])
    whole, shorter = (resample_moments(gather(samples), 0.0, 5.0, left) for left in (None, (t_s > 2.05) & (t_s < 3.05)))
    lasting = [moments.t_s[moments.end] - moments.t_s[moments.start] for moments in (whole, shorter)]
    assert lasting == pytest.approx([5.0, 4.0], abs=1 / 24)
    assert shorter.distance_from_rest[[shorter.start, shorter.peak, shorter.end]] == pytest.approx([0, 1, 0], abs=0.05)


@pytest.mark.parametrize(
    ("by_body_s", "times_s"),
    [
        ((0.2, 0.5, 0.8), (0.2, 0.5, 0.8)),
        ((-0.1, 0.95, 1.2), (0.0, 0.95, 1.0)),
        ((0.2, 1.0, 1.2), (0.2, 0.4, 0.9)),
        ((0.5, 0.5, 0.8), (0.1, 0.4, 0.9)),
        ((0.2, 0.8, 0.8), (0.1, 0.4, 0.9)),
    ],
)
def test_the_body_moves_the_ends_of_a_movement_within_its_samples_and_keeps_their_order(by_body_s, times_s):
    """If the body turns only with the last sample, the curve's turn and end hold."""
    model = SimpleNamespace(refine=lambda *_: MovementTimes(*by_body_s))
    way, samples = BodyWay(DEADLIFT, UsualReps(DEADLIFT), model), moving([0, 0, 0, 0.5, 1, 1, 1, 0.5, 0, 0, 0])
    assert way.propose_out_and_back("back", gather(samples)).times == times_s


def test_the_speed_of_the_way_back_is_that_of_the_last_tenths():
    samples = moving([0.2, 1.2, 1.0, 0.7])
    assert speed_towards_rest(samples, 0.15) == pytest.approx((1.2 - 0.7) / 0.2)
    assert speed_towards_rest(samples, 9.0) == pytest.approx((0.2 - 0.7) / 0.3)
