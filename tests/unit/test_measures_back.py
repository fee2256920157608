"""The back's edge: from its profile to how round it is."""

import math
from dataclasses import replace

import numpy as np
import pytest
from builders.rep_motions import a_deadlift_rep, a_squat_rep

from livecoach.core.landmark import STATIONS
from livecoach.decisions.rep.measures import load_faults, measure_all
from livecoach.decisions.rep.motion import BACK, back_height

DEADLIFT, SQUAT = load_faults("deadlift"), load_faults("squat")
ARC = 4 * STATIONS * (1 - STATIONS)
"""(19,) a parabola, 1 in the middle."""


def test_straight_back_has_no_sagitta():
    """Wherever it lies and however it is tilted against the line of the joints."""
    assert back_height(np.stack([0 * ARC + 0.2, 0.1 + 0.15 * STATIONS])) == pytest.approx(0.0)


def test_sagitta_grows_with_roundness_from_hollow_on():
    values = back_height(np.stack([0.2 + amount * ARC for amount in (-0.04, -0.02, 0.0, 0.02, 0.04)]))
    assert np.diff(values) == pytest.approx(np.diff(values)[0])
    assert values[0] == pytest.approx(-values[-1])


def test_sagitta_of_an_arc_is_its_mean_height():
    """Between the two stations: a parabola's over a chord is about two thirds of its greatest."""
    chord = (BACK[1] - BACK[0]) ** 2
    assert back_height(0.06 * ARC[None])[0] == pytest.approx(0.06 * chord * 2 / 3, rel=0.08)


@pytest.mark.parametrize("station", [4, 8, 13])
def test_torn_edge_is_no_back(station):
    """Something behind the lifter that the mask took in sticks out by a tenth of a torso; so does a hole."""
    for bump in (0.1, -0.1):
        profile = 0.2 + 0.02 * ARC[None]
        profile[:, station : station + 3] += bump
        assert np.isnan(back_height(profile))


def test_one_unknown_station_is_bridged_and_two_are_not():
    """From its neighbours; a longer gap would be a guess."""
    profile = np.stack([0.2 + 0.06 * ARC] * 2)
    profile[0, 9] = profile[1, 9] = profile[1, 10] = np.nan
    bridged, unknown = back_height(profile)
    assert bridged == pytest.approx(back_height(0.06 * ARC[None])[0], abs=1e-3)
    assert np.isnan(unknown)


def test_an_edge_unknown_beyond_the_chord_changes_no_sagitta():
    """Buttocks and neck may be unknown."""
    profile = np.where((STATIONS > 0.1) & (STATIONS < 0.9), 0.2 + 0.06 * ARC, np.nan)[None]
    assert back_height(profile) == pytest.approx(back_height(0.06 * ARC[None]))


def test_back_is_measured_on_half_of_the_frames_or_not_at_all():
    """A mask may fail for a few frames; if it fails for most, nothing is measured from the rest."""
    rep, known = a_deadlift_rep(), 0.2 + 0.06 * ARC

    def value(share: float) -> float:
        lost = np.random.default_rng(3).permutation(len(rep.t_s)) < (1 - share) * len(rep.t_s)
        profiles = np.where(lost[:, None], np.nan, known)
        return measure_all(replace(rep, back=lambda frames: profiles[frames]), DEADLIFT)["dorsal_sagitta"]

    assert value(0.8) == pytest.approx(back_height(0.06 * ARC[None])[0])
    assert math.isnan(value(0.2))


def test_back_that_rounds_in_the_pull_is_measured_in_the_pull():
    rep = a_deadlift_rep()
    height = rep.heights["W"]
    low_half = height < height.min() + 0.45 * (height.max() - height.min())
    profiles = np.where(low_half[:, None], 0.1 + 0.06 * ARC, 0.1 - 0.05 * ARC)
    values = measure_all(replace(rep, back=lambda frames: profiles[frames]), DEADLIFT)
    assert values["dorsal_sagitta"] == pytest.approx(back_height(0.06 * ARC[None])[0])


def test_pelvis_that_tucks_at_the_bottom_is_measured_against_half_way():
    """A back that is as round all the way down does not count."""
    rep = a_squat_rep()
    depth = 1 - (rep.heights["H"] - rep.heights["H"].min()) / np.ptp(rep.heights["H"])
    lower = np.exp(-(((STATIONS - 0.4) / 0.15) ** 2))
    tucked = 0.1 + 0.04 * np.clip((depth - 0.7) / 0.3, 0, 1)[:, None] * lower
    round_all_along = np.repeat(0.1 + 0.04 * lower[None], len(depth), axis=0)
    told = [
        measure_all(replace(rep, back=lambda f, p=p: p[f]), SQUAT)["pelvic_tuck"] for p in (tucked, round_all_along)
    ]
    assert told[0] > 0.01
    assert told[1] == pytest.approx(0.0)


def test_slow_pull_asks_for_no_more_edges_than_a_quick_one():
    """An edge is dear; the frames asked for are in order and begin at lift-off."""
    asked = []
    for up_s in (1.5, 6.0):
        rep = a_deadlift_rep(up_s=up_s)
        edges = lambda frames: asked.append(frames) or np.zeros((len(frames), 19))  # noqa: E731
        measure_all(replace(rep, back=edges), DEADLIFT)
    assert max(map(len, asked)) <= 24
    assert all((np.diff(frames) > 0).all() for frames in asked)


def test_back_that_is_not_known_is_not_measured():
    for back in (None, lambda frames: np.full((len(frames), 19), np.nan)):
        assert math.isnan(measure_all(replace(a_deadlift_rep(), back=back), DEADLIFT)["dorsal_sagitta"])
        assert math.isnan(measure_all(replace(a_squat_rep(), back=back), SQUAT)["pelvic_tuck"])


def test_edge_of_somebody_else_for_half_of_the_frames_is_not_measured():
    """Somebody who passed close behind made the mask larger for .3 s. A back that rounds slowly is measured."""
    rep = a_deadlift_rep()
    early = rep.t_s < rep.t_s[rep.phases.ascent[0]] + 0.2
    for bulge, is_known in ((0.15, False), (0.03, True)):
        profiles = np.where(early[:, None], 0.2 + bulge * ARC, 0.2 + 0.02 * ARC)
        value = measure_all(replace(rep, back=lambda f, p=profiles: p[f]), DEADLIFT)["dorsal_sagitta"]
        assert math.isfinite(value) == is_known
