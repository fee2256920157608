"""The way of the bar from its plate in the pictures, and whether the hands move it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import kept
from builders.observations import a_sighting
from builders.stick_figure import a_stick_figure, bends
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core import landmark
from livecoach.core.types import Observation
from livecoach.decisions.counting.bar_evidence import BarEvidence, compare_bar_with_hands, measure_bar_evidence
from livecoach.decisions.rep.tempo import MOST_POINTS, PLATE_M, BarPath, bar_pace, find_bar_path, smooth_curve
from livecoach.decisions.rep.view_normalised import NormalisedRep, normalise_rep
from livecoach.perception.body.body import pair_middle, plate_px

HEIGHT = 0.36
"""Of a metre, as a share of the picture's height."""
SIZE_PX = (640, 480)
SCALE_PX = HEIGHT * SIZE_PX[1]
"""Pixels a metre."""
NEARER = 1.3
"""By how much the plate is nearer to the camera than the hands."""


def a_plate(figure: np.ndarray, *, plate_m: float = PLATE_M, held: bool = True) -> np.ndarray:
    """(4,) the plate as visible beside the hands of an observation's landmarks (33, 5), or at rest."""
    wrist = figure[list(landmark.WRISTS), :2].mean(0) if held else np.array([0.5, 0.6])
    y = 0.6 + NEARER * (wrist[1] - 0.6)
    return np.array([0.35, y, NEARER * plate_m * HEIGHT, 0.98], np.float32)


def observations(view_deg: float = 60.0, **plate: float | bool) -> list[Observation]:
    """A deadlift of a stick figure whose hands hold a bar."""
    found = []
    for i, bend in enumerate(bends(reps=1, rest=1.0)):
        seen = a_sighting(a_stick_figure(bend, view_deg=view_deg), t_s=i / 30, index=i, height=HEIGHT)
        found.append(replace(seen, bar=a_plate(seen.landmarks, **plate)))
    return found


def a_seen(view_deg: float = 60.0, **plate: float | bool) -> NormalisedRep:
    found = normalise_rep(kept(observations(view_deg, **plate), azimuth_deg=view_deg))
    assert found is not None
    return found


@pytest.mark.parametrize("view_deg", [-60.0, 60.0, 90.0])
def test_a_full_plate_gives_the_way_of_the_bar_in_metres(view_deg):
    seen = a_seen(view_deg)
    path = find_bar_path(seen)
    hands_m = pair_middle(seen.picture, landmark.WRISTS)[:, 1] / SCALE_PX
    assert np.ptp(path.up_m) == pytest.approx(np.ptp(hands_m), rel=0.02)
    assert path.forward_m == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("view_deg", [-90.0, 90.0])
def test_a_bar_that_leaves_the_feet_goes_forward(view_deg):
    """Ten centimetres from the floor to the top, to the side of the toes, whichever side that is in the picture."""
    seen = a_seen(view_deg)
    rise = (seen.bar[:, 1].max() - seen.bar[:, 1]) / np.ptp(seen.bar[:, 1])
    toes, heels = (pair_middle(seen.picture, pair)[0, 0] for pair in (landmark.TOES, landmark.HEELS))
    bar = seen.bar.copy()
    bar[:, 0] += np.sign(toes - heels) * 0.1 * NEARER * SCALE_PX * rise
    forward_m = find_bar_path(replace(seen, bar=bar)).forward_m
    assert forward_m[np.argmax(rise)] - forward_m[np.argmin(rise)] == pytest.approx(0.1, abs=0.01)


def test_a_plate_that_comes_nearer_as_it_rises_goes_straight_up():
    """To a camera that looks down it moves outwards and grows by a tenth; it did not go forward."""
    seen = a_seen(90.0)
    nearer = 1 + 0.1 * (seen.bar[:, 1].max() - seen.bar[:, 1]) / np.ptp(seen.bar[:, 1])
    middle_px = seen.middle_px[0]
    bar = seen.bar.copy()
    bar[:, 0], bar[:, 2] = middle_px + (bar[:, 0] - middle_px) * nearer, bar[:, 2] * nearer
    path = find_bar_path(replace(seen, bar=bar))
    assert np.ptp(bar[:, 0]) * PLATE_M / np.median(bar[:, 2]) > 0.02
    assert path.forward_m == pytest.approx(0, abs=2e-3)


def test_speed_is_in_metres_a_second_without_a_height():
    path = find_bar_path(a_seen())
    pace = bar_pace(path, "bar")
    assert (pace.speed_unit, pace.travel_unit, pace.measured_from) == ("m/s", "m", "bar")
    assert pace.speed == pytest.approx(pace.travel / pace.concentric_s, rel=0.1)


def a_pull(fps: float, up_s: float, *, phase: float = 0.0, gap_s: float = 0.0) -> BarPath:
    """Half a metre up from 1 s on, as smoothly as possible, and down after a second. gap_s: in which no frame shows the
    plate, in the middle of the way up. phase: share of a frame by which the first one comes later."""

    def ease(u: np.ndarray) -> np.ndarray:
        u = np.clip(u, 0, 1)
        return u**3 * (10 - 15 * u + 6 * u**2)

    t_s = (np.arange(round((4 + up_s) * fps)) + phase) / fps
    height_m = 0.5 * (ease((t_s - 1) / up_s) - ease(t_s - 2 - up_s))
    seen_s = t_s[np.abs(t_s - 1 - up_s / 2) >= gap_s / 2]
    up_m = smooth_curve(t_s, np.interp(t_s, seen_s, height_m[np.isin(t_s, seen_s)]))
    inside = np.flatnonzero((t_s >= 1) & (t_s <= 3 + up_s))
    return BarPath(t_s=t_s, forward_m=None, up_m=up_m, seen_s=seen_s, start=int(inside[0]), stop=int(inside[-1]) + 1)


@pytest.mark.parametrize("fps", [10.0, 12.0, 15.0, 20.0, 30.0])
@pytest.mark.parametrize("up_s", [0.5, 0.7, 1.2])
def test_a_slow_camera_gives_the_same_speed_or_none(fps, up_s):
    """As one of 120 frames a second, within a tenth. Fewer than some five frames of the way up give none."""
    exact = bar_pace(a_pull(120.0, up_s), "bar").speed
    found = [bar_pace(a_pull(fps, up_s, phase=phase), "bar") for phase in np.linspace(0, 1, 7)]
    speeds = [pace.speed for pace in found if pace is not None]
    assert speeds == pytest.approx([exact] * len(speeds), rel=0.1)
    assert len(speeds) == len(found) or fps * up_s < 7


def test_a_way_up_that_was_hardly_seen_has_no_speed():
    """The path between is a guess, and would be too slow. A short gap is bridged."""
    paces = [bar_pace(a_pull(30.0, 1.0, gap_s=gap_s), "bar") for gap_s in (0.1, 0.3, 0.45)]
    assert [pace is not None for pace in paces] == [True, False, False]


def test_a_plate_that_was_lost_is_not_seen():
    """It is still where it was, with a probability that says so."""
    (seen,) = observations()[:1]
    lost = replace(seen, bar=seen.bar * np.float32((1, 1, 1, 0.1)))
    assert np.isfinite(plate_px(seen.bar, seen)).all()
    assert np.isnan(plate_px(lost.bar, lost)).all()


def test_near_the_front_the_way_forward_is_not_measured():
    path = find_bar_path(a_seen(10.0))
    assert path.forward_m is None
    assert path.points_cm() is None
    assert bar_pace(path, "bar") is not None


@pytest.mark.parametrize("plate_m", [0.2, 0.32])
def test_a_plate_that_is_too_small_for_the_lifter_is_no_scale(plate_m):
    """Beside the torso, at the plate's own distance."""
    assert find_bar_path(a_seen(plate_m=plate_m)) is None


def test_a_known_height_tells_plates_apart_more_finely():
    """What would be a full one beside a short lifter is none beside one who is known to be of 185 cm."""
    seen = a_seen(plate_m=0.6)
    stature_cm = seen.torso_px / SCALE_PX / 0.27 * 100
    assert find_bar_path(seen) is not None
    assert find_bar_path(seen, stature_cm) is None
    assert find_bar_path(a_seen(), stature_cm) is not None


@pytest.mark.parametrize("unseen", [slice(0, None, 2), slice(24, 40)], ids=["every other frame", "at first"])
def test_a_bar_that_is_hardly_visible_has_no_path(unseen):
    seen = a_seen()
    bar = seen.bar.copy()
    bar[unseen] = np.nan
    assert find_bar_path(replace(seen, bar=bar)) is None
    assert find_bar_path(replace(seen, bar=None)) is None


def test_a_short_gap_is_bridged():
    seen = a_seen()
    middle = len(seen.t_s) // 2
    bar = seen.bar.copy()
    bar[middle : middle + 8] = np.nan
    whole, bridged = find_bar_path(seen), find_bar_path(replace(seen, bar=bar))
    assert bridged.up_m == pytest.approx(whole.up_m, abs=0.02)


@given(st.integers(2, 400))
def test_a_path_has_forty_points_at_most(count):
    t_s = np.arange(count) / 30
    up_m = np.sin(t_s) ** 2
    points = BarPath(t_s=t_s, forward_m=0.1 * t_s, up_m=up_m, seen_s=t_s, start=0, stop=count).points_cm()
    assert len(points) == min(count, MOST_POINTS)
    assert points[0] == (0.0, 0.0)
    assert points[-1] == pytest.approx((10 * t_s[-1], 100 * up_m[-1]), abs=0.06)


def test_without_a_plate_in_most_frames_nothing_is_reported_of_the_hands():
    assert measure_bar_evidence([replace(o, bar=None) for o in observations()]).is_held is None
    n = 20
    nothing = compare_bar_with_hands(np.full((n, 3), np.nan), np.full((n, 2, 2), np.nan), SIZE_PX)
    assert (nothing.visible_share, nothing.is_held) == (0.0, None)


@pytest.mark.parametrize(
    ("share", "ratio", "correlation", "held"),
    [
        (0.7, 0.26, 0.61, (True, True)),
        (0.69, 0.26, 0.61, (None, True)),
        (0.25, 0.26, 0.61, (None, True)),
        (0.24, 0.26, 0.61, (None, False)),
        (0.7, 0.25, 0.61, (None, False)),
        (0.7, 0.26, 0.6, (None, False)),
        (0.7, 0.11, 0.61, (False, False)),
        (0.7, math.nan, math.nan, (None, False)),
    ],
)
def test_hands_hold_a_bar_that_goes_their_way_in_most_frames_and_hold_none_that_stays(share, ratio, correlation, held):
    evidence = BarEvidence(visible_share=share, travel_ratio=ratio, correlation=correlation)
    assert (evidence.is_held, evidence.is_glimpsed) == held


def test_evidence_is_how_far_and_how_alike_bar_and_hands_go_while_both_are_visible():
    y = 240 - 80 * np.sin(np.pi * np.arange(60) / 60) ** 2
    hands = np.stack([np.stack([np.full(60, 300.0), y], 1)] * 2, 1)
    bar = np.stack([np.full(60, 220.0), 240 + 1.2 * (y - 240), np.full(60, 90.0)], 1)
    bar[:6, 0], bar[6:12] = -1.0, np.nan  # outside of the picture, and hidden
    for seen, correlation in ((bar, 1.0), (bar * (1, -1, 1) + (0, 480, 0), -1.0)):
        evidence = compare_bar_with_hands(seen, hands, SIZE_PX)
        found = evidence.visible_share, evidence.travel_ratio, evidence.correlation
        assert found == pytest.approx((0.8, 1.2, correlation))
