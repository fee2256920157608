"""How well the camera saw a rep, and what is judged of what it saw less well."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep
from builders.references import SCORER, a_measured_rep, altered, an_own_rep
from builders.steps import a_rep

from livecoach.core import landmark
from livecoach.core.types import Conditions, Observation, RepWindow
from livecoach.decisions.coaching.set_summary import summarise_set
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.reference import (
    EARLIER_DAYS,
    Reference,
    compare_filming,
    prepare_reference,
    rep_limits,
)
from livecoach.decisions.rep.measured import LEAST_PX, TOO_COARSE, TOO_DARK, TOO_FAR, USUAL_JITTER, MeasuredRep
from livecoach.decisions.rep.measures import load_faults
from livecoach.perception.body.visibility import motion_clarity
from livecoach.perception.pose.observer import measure_brightness

TABLE, KEPT = load_faults("deadlift"), a_kept_rep()
NOISE = 0.02  # deviation of landmarks, in lengths of the torso


def with_observations(window: RepWindow, observations: Sequence[Observation]) -> RepWindow:
    return replace(window, observations=tuple(observations))


def conditions(window: RepWindow) -> Conditions:
    return MeasuredRep(window, TABLE).conditions


def noisy(window: RepWindow, deviation: float) -> RepWindow:
    """The rep, with white noise on its landmarks, in lengths of the torso."""
    rng, torso_px = np.random.default_rng(0), MeasuredRep(window, TABLE).required_normalised_rep.torso_px
    found = []
    for one in window.observations:
        landmarks, size_px = one.landmarks.copy(), (one.width_px, one.height_px)
        landmarks[:, :2] += rng.normal(0, deviation * torso_px, (33, 2)) / size_px
        found.append(replace(one, landmarks=landmarks))
    return with_observations(window, found)


def seen(rep: MeasuredRep, *, jitter: float) -> MeasuredRep:
    return altered(rep, jitter=jitter)


def good_reps(jitter: float = USUAL_JITTER) -> Reference:
    """Of another day."""
    return prepare_reference(
        SCORER, [seen(an_own_rep(i, off=i / 2 - 1), jitter=jitter) for i in range(5)], EARLIER_DAYS
    )


def test_jitter_is_the_noise_of_joints_that_rest():
    """A fifth of the pictures, where they jump least: less than the noise, and as much as it grows."""
    alone, some, more = (conditions(noisy(KEPT, deviation)).jitter for deviation in (0.0, NOISE, 2 * NOISE))
    assert alone < 0.25 * some
    assert some == pytest.approx(0.7 * NOISE, rel=0.25)
    assert more == pytest.approx(2 * some, rel=0.1)


def test_landmarks_that_jump_show_no_stall():
    found = [MeasuredRep(noisy(KEPT, deviation), TABLE).values["stalling"] for deviation in (0.0, NOISE)]
    assert [math.isfinite(value) for value in found] == [True, False]


def test_pictures_that_come_twice_as_fast_have_the_same_jitter():
    fast = [replace(one, t_s=one.t_s / 2) for one in noisy(KEPT, NOISE).observations]
    times = {name: getattr(KEPT, name) / 2 for name in ("start_s", "turn_s", "end_s")}
    found = conditions(replace(with_observations(KEPT, fast), **times))
    assert found.fps == pytest.approx(2 * conditions(KEPT).fps)
    assert found.jitter == pytest.approx(conditions(noisy(KEPT, NOISE)).jitter, rel=0.15)


def test_of_few_pictures_a_second_no_jitter_is_known_and_all_is_judged_as_before():
    slow = with_observations(KEPT, KEPT.observations[::2])
    rep = MeasuredRep(slow, TABLE)
    assert rep.conditions.jitter is None
    assert compare_filming(good_reps(), rep).noise == 0
    unknown = [seen(an_own_rep(i, off=i / 2 - 1), jitter=np.nan) for i in range(5)]
    assert prepare_reference(SCORER, unknown, EARLIER_DAYS).jitter == USUAL_JITTER


@pytest.mark.parametrize(("height_px", "reason"), [(LEAST_PX - 10, TOO_FAR), (LEAST_PX + 10, None), (150.0, None)])
def test_a_lifter_of_too_few_pixels_is_not_judged(height_px, reason):
    share = height_px / conditions(KEPT).lifter_px
    found = []
    for one in KEPT.observations:
        landmarks = one.landmarks.copy()
        landmarks[:, :2] = 0.5 + (landmarks[:, :2] - 0.5) * share
        found.append(replace(one, landmarks=landmarks))
    assert MeasuredRep(with_observations(KEPT, found), TABLE).unsure_reason == reason


@pytest.mark.parametrize(("times", "excess"), [(0.5, 0.0), (1.0, 0.0), (2**0.5, 1.0), (10**0.5, 3.0)])
def test_landmarks_are_less_exact_by_how_much_more_they_jump(times, excess):
    """Than those of another day; none are more exact than usual."""
    for jitter in (USUAL_JITTER, 2 * USUAL_JITTER):
        assert compare_filming(good_reps(jitter), seen(a_measured_rep(), jitter=times * jitter)).noise == pytest.approx(
            excess, abs=1e-6
        )


@pytest.mark.parametrize("level", [20, 120])
def test_black_bars_make_no_picture_dark(level):
    picture = np.zeros((360, 640, 3), np.uint8)
    assert measure_brightness(picture) == 0.0
    picture[:, 220:420] = level
    assert measure_brightness(picture) == pytest.approx(level / 255)


@pytest.mark.parametrize(
    ("times", "brightness", "reason"), [(1.3, 0.1, None), (1.6, 0.1, TOO_DARK), (1.6, 0.5, TOO_COARSE)]
)
def test_where_noise_outweighs_form_nothing_is_judged(times, brightness, reason):
    own = [noisy(window, NOISE) for window in (a_kept_rep(number=i + 1) for i in range(4))]
    dim = noisy(a_kept_rep(number=5, day=None), times * NOISE)
    dim = with_observations(dim, [replace(one, brightness=brightness) for one in dim.observations])
    rep, _ = LifterJudge(SCORER, kept=own).judge_rep(dim)
    assert rep.unsure == reason
    assert rep.conditions.brightness == pytest.approx(brightness)


def blurred(window: RepWindow, share: float) -> RepWindow:
    """The rep, in which joints that move fast are seen so much less clearly."""
    points = np.array([one.points_px[landmark.JOINTS].mean(1) for one in window.observations])
    speeds = np.linalg.norm(np.gradient(points, axis=0), axis=-1)
    clearness = np.where(speeds > 0.3 * speeds.max(0), 0.7 * share, 0.7).astype(np.float32)
    return with_observations(
        window, [replace(one, clarity=row) for one, row in zip(window.observations, clearness, strict=True)]
    )


@pytest.mark.parametrize("share", [1.0, 0.8, 0.6])
def test_motion_is_as_clear_as_its_joints_beside_those_that_rest(share):
    assert motion_clarity(blurred(KEPT, share).observations) == pytest.approx(share, abs=0.02)
    assert np.isnan(motion_clarity(KEPT.observations))


@pytest.mark.parametrize(("share", "factor"), [(1.0, 1.0), (0.92, 1.0), (0.8, 1.27), (0.7, 1.65)])
def test_blur_widens_every_limit_beside_another_set(share, factor):
    dim, reference = MeasuredRep(blurred(a_kept_rep(number=5, day=None), share), TABLE), good_reps()
    assert compare_filming(reference, dim).blur == pytest.approx(factor, abs=0.1)
    sharp, wide = (rep_limits(reference, rep) for rep in (MeasuredRep(a_kept_rep(number=5, day=None), TABLE), dim))
    assert wide.distance.value / sharp.distance.value == pytest.approx(compare_filming(reference, dim).blur)
    for fault, limit in wide.amounts.items():
        assert limit.value / sharp.amounts[fault].value == pytest.approx(compare_filming(reference, dim).blur)


@pytest.mark.parametrize(
    ("deepest_deg", "share", "found"),
    [
        (None, 0.8, "good"),
        (None, 0.55, TOO_COARSE),
        ((14.0, 54.0, 70.8), 0.7, "good"),
        ((13.0, 49.0, 68.0), 1.0, "anomalous"),
        ((13.0, 49.0, 68.0), 0.7, TOO_COARSE),
        ((13.0, 60.0, 75.0), 0.7, "anomalous"),
    ],
)
def test_a_blurred_rep_is_not_judged_by_another_set_if_blur_or_the_limits_that_make_it_good_are_wide(
    deepest_deg, share, found
):
    dim = blurred(a_kept_rep(number=5, day=None, deepest_deg=deepest_deg), share)
    for kept, expected in (([a_kept_rep(number=i + 1) for i in range(4)], found), ([], "good")):
        rep, _ = LifterJudge(SCORER, kept=kept).judge_rep(dim)
        assert (rep.unsure or rep.verdict) == expected


@pytest.mark.parametrize(
    ("turned_deg", "deepest_deg", "brightness", "share", "found"),
    [
        (17.0, (13.0, 75.0, 90.0), 0.1, 1.0, "anomalous"),
        (17.0, (13.0, 75.0, 90.0), 0.5, 0.8, "anomalous"),
        (17.0, (13.0, 60.0, 75.0), 0.1, 1.0, TOO_DARK),
        (17.0, None, 0.1, 1.0, "good"),
        (17.0, (13.0, 75.0, 90.0), 0.5, 1.0, "itself"),
        (22.0, (13.0, 75.0, 90.0), 0.1, 1.0, "itself"),
    ],
)
def test_if_a_picture_is_unclear_reps_of_a_nearby_view_judge_what_they_clearly_show(
    turned_deg, deepest_deg, brightness, share, found
):
    dim = blurred(a_kept_rep(number=5, day=None, deepest_deg=deepest_deg, azimuth_deg=30.0 + turned_deg), share)
    dim = with_observations(dim, [replace(one, brightness=brightness) for one in dim.observations])
    rep, _ = LifterJudge(SCORER, kept=[a_kept_rep(number=i + 1) for i in range(4)]).judge_rep(dim)
    assert (rep.unsure or ("itself" if rep.reference == "none" else rep.verdict)) == found


def badly_shown(window: RepWindow, share: float = 1.0) -> RepWindow:
    """The rep, in whose last pictures motion shows badly."""
    first = round((1 - share) * len(window.observations))
    seen = [replace(one, shows_motion_badly=i >= first) for i, one in enumerate(window.observations)]
    return with_observations(window, seen)


@pytest.mark.parametrize(
    ("shares", "reason"), [((1.0, 0.0, 0.0), TOO_COARSE), ((1.0, 1.0, 0.0, 0.0), None), ((), None)]
)
def test_where_motion_shows_badly_no_rep_is_judged_by_sets_that_show_it_well_in_most_reps(shares, reason):
    kept = [badly_shown(a_kept_rep(number=number), share) for number, share in enumerate(shares, 1)]
    for share in (1.0, 0.1):
        rep, _ = LifterJudge(SCORER, kept=kept).judge_rep(badly_shown(a_kept_rep(number=5, day=None), share))
        assert rep.unsure == reason


def test_a_set_keeps_the_conditions_of_its_reps():
    reps = [
        a_rep(number=i, conditions=Conditions(roll_deg=i, lifter_px=300, jitter=i / 1000, brightness=0.5, fps=30))
        for i in (1, 2, 9)
    ]
    assert summarise_set(1, reps, {}).conditions == replace(reps[1].conditions, roll_deg=2)
    assert summarise_set(1, [a_rep()], {}).conditions is None
