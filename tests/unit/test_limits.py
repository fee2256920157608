"""The limits of a rep, and the named factors that make them as wide as they are; each alone."""

import math

import numpy as np
import pytest
from builders.references import DEADLIFT, SCORER, a_measured_rep, a_reference, altered
from builders.scorers import ANOTHER_DAY, LIMITS, PRIOR, USUAL
from hypothesis import given
from hypothesis import strategies as st

from livecoach.decisions.judging import verdict
from livecoach.decisions.judging.fault_model import tilt_shift_size
from livecoach.decisions.judging.reference import (
    EARLIER_DAYS,
    EARLIER_SET,
    THIS_SET,
    Limit,
    Reference,
    compare_filming,
    everybody_reference,
    rep_limits,
)
from livecoach.decisions.judging.scorer import MOST_PER_SIZE, UP_DEG
from livecoach.decisions.judging.verdict import LEANT, LEANT_HIPS, find_doubt, judge
from livecoach.decisions.rep.measured import MOVED, TOO_COARSE, USUAL_JITTER, MeasuredRep

DAYS = a_reference(source=EARLIER_DAYS)
HERE = {"azimuth_deg": 30.0, "tilt_deg": 0.0, "size": DAYS.camera.size}


def widened(reference: Reference = DAYS, *, jitter: float = 0.0, **place: float) -> Limit:
    """The limit of the distance of a rep that was filmed from another place."""
    rep = altered(a_measured_rep(**{**HERE, **place}), jitter=jitter)
    return rep_limits(reference, rep).distance


def test_a_limit_is_its_base_times_all_factors():
    found = rep_limits(DAYS, altered(a_measured_rep(**HERE), jitter=0.0))
    for limit in (found.distance, found.margins, *found.amounts.values()):
        assert limit.value == pytest.approx(limit.base * np.prod([*limit.factors.values()]))
        assert limit.factors["source"] == LIMITS["session"] / LIMITS["set"]
    assert found.distance.base == pytest.approx(LIMITS["set"] * USUAL)
    assert found.margins.base == 1.0


@pytest.mark.parametrize(
    ("name", "moved", "shift"),
    [
        ("azimuth", {"azimuth_deg": 40.0}, 10 * ANOTHER_DAY.per_deg),
        ("tilt", {"tilt_deg": -8.0}, 8 * ANOTHER_DAY.per_tilt_deg),
        ("size", {"size": HERE["size"] / 1.25}, 0.2 * MOST_PER_SIZE),
        ("jitter", {"jitter": USUAL_JITTER * math.sqrt(2)}, math.hypot(USUAL, ANOTHER_DAY.day)),
    ],
)
def test_what_the_camera_sees_otherwise_is_a_factor_of_its_own(name, moved, shift):
    """Its shift is added to the limit as a square, and changes no other factor."""
    still, changed = widened(), widened(**moved)
    assert {other for other in still.factors if changed.factors[other] != pytest.approx(still.factors[other])} == {name}
    assert changed.value == pytest.approx(math.hypot(still.value, shift))


@pytest.mark.parametrize(("source", "names"), [(THIS_SET, set()), (EARLIER_SET, set()), (EARLIER_DAYS, {"day"})])
def test_before_a_camera_that_has_not_moved_another_day_alone_widens_a_limit(source, names):
    of_camera = {"day", "azimuth", "tilt", "size", "jitter"}
    still = widened(a_reference(source=source))
    assert {name for name in of_camera if still.factors.get(name, 1.0) > 1.0} == names
    assert (not of_camera & set(widened(a_reference(source=source), size=0.1).factors)) == (source is THIS_SET)


@given(size=st.floats(0.01, 10), tilt_deg=st.floats(-60, 60))
def test_places_of_the_camera_shift_no_further_than_the_most(size, tilt_deg):
    still, moved = widened(a_reference(source=EARLIER_SET)), widened(size=size, tilt_deg=tilt_deg)
    assert moved.value <= math.hypot(still.value, ANOTHER_DAY.most) * (1 + 1e-9)


def filmed(**place: float) -> MeasuredRep:
    return altered(a_measured_rep(**HERE), jitter=0.0, **place)


def doubt(score: float, rep: MeasuredRep, named=()) -> str | None:
    return find_doubt(score, [DEADLIFT.faults[name] for name in named], rep_limits(DAYS, rep), DAYS, rep)


def test_a_score_may_be_the_cameras_only_if_it_stands_higher_or_lower_or_the_lifter_leans():
    """A picture in which the lifter is larger, smaller, or turned, is allowed for as usual."""
    size, camera = HERE["size"], DAYS.camera
    places = ({}, {"azimuth_deg": 40.0}, {"size": size * 1.3}, {"size": size / 1.3}, {"tilt_deg": UP_DEG - 0.1})
    assert [doubt(1 + 1e-9, filmed(**place)) for place in places] == [None] * 5
    above = camera._replace(tilt_deg=-6.0, trunk_share=1.1 * camera.trunk_share)
    usual, most = (ANOTHER_DAY.shifts(camera, above, other_day=True, largest=largest) for largest in ((), ("tilt",)))
    assert most["tilt"] < usual["tilt"] < 6 * -ANOTHER_DAY.per_tilt_deg


@pytest.mark.parametrize(("score", "why"), [(0.5, None), (0.9, TOO_COARSE), (LEANT, TOO_COARSE), (LEANT + 0.1, None)])
def test_a_rep_that_seems_turned_to_another_view_is_hard_to_see_unless_it_is_clearly_good_or_bad(score, why):
    assert doubt(score, filmed(azimuth_deg=48.0)) == why
    assert doubt(score, filmed(azimuth_deg=42.0)) is None


@pytest.mark.parametrize(("score", "why"), [(0.5, None), (0.9, TOO_COARSE), (1.1, None)])
def test_a_rep_is_hard_to_see_if_only_an_unclear_picture_and_another_place_make_it_good(score, why):
    """Each alone widens its limits too little, or they are as wide for the place alone."""
    places = {"azimuth_deg": 44.0}, {}, {"azimuth_deg": 44.0, "size": HERE["size"] / 4}
    reps = [filmed(clarity=clarity, **place) for clarity, place in zip((0.8, 0.8, 0.9), places, strict=True)]
    assert [doubt(score, rep) for rep in reps] == [why, None, None]
    assert judge(reps[0], a_reference(source=THIS_SET))[1] is None


@pytest.mark.parametrize(
    ("named", "score"), [([], LEANT), (["hyperextension"], LEANT_HIPS), (["hyperextension", "bar_drift"], 1.0)]
)
def test_a_lean_that_the_trunk_does_not_explain_is_doubted_unless_a_fault_has_evidence_of_its_own(named, score):
    """The hips' angle at lockout is none: the lean shifts it."""
    leant = filmed(tilt_deg=-UP_DEG - 0.1)
    assert doubt(score + 1e-9, leant, named) is None
    assert score == 1.0 or doubt(score, leant, named) == MOVED


def test_a_lean_with_a_much_shorter_trunk_is_a_posture_and_no_doubt():
    trunks = [DAYS.camera.trunk_share * share for share in (0.8, 0.9)]
    assert [doubt(LEANT, filmed(tilt_deg=-UP_DEG - 0.1, trunk_share=of)) for of in trunks] == [None, MOVED]


def test_a_doubt_about_half_a_rep_weighs_the_whole_reference(monkeypatch):
    monkeypatch.setattr(verdict, "find_doubt", lambda *seen: seen[2])
    half = filmed(tilt_deg=6.0).cut_way_back()
    assert judge(half, DAYS)[1] == rep_limits(DAYS, half) != rep_limits(DAYS.way_out, half)


def test_a_smaller_lifter_widens_the_limit_of_the_distance_more_than_those_of_faults():
    small, large = (rep_limits(DAYS, filmed(size=HERE["size"] * by)) for by in (0.5, 2))
    assert small.distance.factors["size"] > small.margins.factors["size"] == large.margins.factors["size"]
    assert large.distance.factors["size"] == large.margins.factors["size"]


@given(count=st.integers(1, 8))
def test_each_own_rep_more_makes_every_limit_smaller(count):
    """Those of faults are as trained with five."""
    fewer, more, five = (a_reference(*[0.0] * n) for n in (count, count + 1, 5))
    few, many, trained = (rep_limits(reference, a_measured_rep()) for reference in (fewer, more, five))
    assert few.distance.factors["few_reps"] == pytest.approx(math.sqrt(1 + 1 / count) * fewer.density.caution)
    assert few.distance.factors["few_reps"] > many.distance.factors["few_reps"] > 1
    for name, limit in trained.amounts.items():
        assert limit.factors["few_reps"] == pytest.approx(1)
        wider = few.distance.factors["few_reps"] / trained.distance.factors["few_reps"]
        assert few.amounts[name].factors["few_reps"] == pytest.approx(wider)


def test_own_reps_that_vary_more_have_wider_limits():
    """Those that vary less narrow only that of the distance; for faults, each rep adds a single degree of freedom."""
    alike, usual, apart = (
        rep_limits(a_reference(*(by * i for i in range(-2, 3))), a_measured_rep()) for by in (0, 1, 4)
    )
    far = apart.distance.factors["variation"]
    assert alike.distance.factors["variation"] < 1 < usual.distance.factors["variation"] < far
    squares = (far**2 * (PRIOR.freedom + 4 * PRIOR.of_rep) - PRIOR.freedom) / PRIOR.of_rep
    wanted = pytest.approx([1.0, math.sqrt((PRIOR.freedom + squares) / (PRIOR.freedom + 4))])
    assert [found.amounts["bar_drift"].factors["variation"] for found in (alike, apart)] == wanted


def test_the_limits_of_measures_do_not_count_reps_twice():
    """The spread of own reps is part of their margins already."""
    assert set(rep_limits(a_reference(), a_measured_rep()).margins.factors) == {"source", "blur"}


def test_only_a_fault_by_the_hands_has_a_wider_limit_under_another_tilt():
    """Besides what every fault has: seen from aside, the farther hand is higher."""
    rep = a_measured_rep(**{**HERE, "azimuth_deg": 60.0, "tilt_deg": 6.0})
    found = rep_limits(DAYS, rep).amounts
    assert [name for name, limit in found.items() if limit.factors["measure"] > 1] == ["uneven_bar"]
    (sign,) = SCORER.faults.table.faults["uneven_bar"].signs
    changes = tilt_shift_size(sign.measure, compare_filming(DAYS, rep).tilt_change_deg, 60.0) / sign.least_change
    assert found["uneven_bar"].factors["measure"] == pytest.approx(math.hypot(1, changes))


def test_lifters_differ_from_each_other_by_more_than_their_own_reps():
    found = rep_limits(everybody_reference(SCORER), a_measured_rep()).distance
    assert found.value == pytest.approx(LIMITS["everybody"] * SCORER.population.deviation * math.sqrt(1 + 1 / 8))
