"""Movements of real people before virtual cameras: from markers made up here, in the format of UI-PRMD, to reps."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")
from builders.markers import STANDING_M, a_squat, write_markers
from builders.real_recordings import DATA, MISSING

from livecoach.core import landmark
from livecoach.core.errors import SourceError
from livecoach.decisions.judging.fault_model import function_measures
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.view_normalised import TRAJECTORY_SHAPE
from livecoach.lab.dataset import Reps
from livecoach.lab.train.metric import compared_sets, everybody_mean
from livecoach.lab.train.real_motion import (
    FILE,
    INCORRECT,
    UNKNOWN_MM,
    convert_markers,
    film_real_reps,
    read_recorded_reps,
)

SQUAT = load_faults("squat")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two people who squat well four times and badly three times, and a movement that is none of a squat."""
    recorded = {}
    for person, height in (("s01", 1.0), ("s02", 0.9)):
        kinds = (*("c",) * 4, *("i",) * 3)
        for number, kind in enumerate(kinds, start=1):
            deep_m = (0.42 if kind == "c" else 0.2) + 0.01 * number
            recorded[f"m01_{person}_e{number:02}_{kind}"] = a_squat(deep_m, height, facing_deg=10.0 * number)
    recorded["m02_s01_e01_c"] = a_squat()
    return write_markers(tmp_path_factory.mktemp("motion"), recorded)


@pytest.fixture(scope="module")
def reps(folder: Path) -> Reps:
    found = film_real_reps(folder, "squat", SQUAT, cameras=2, seed=1)
    assert found is not None
    return found


def test_each_person_is_seen_by_each_camera_as_a_dataset_has_reps(reps):
    assert set(reps.lifters.tolist()) == {"m01-s01", "m01-s02"}
    assert len(set(reps.sets.tolist())) == 4
    assert reps.good.sum() <= 2 * 2 * 4
    assert reps.good.sum() > 8
    assert set(reps.labels[~reps.good].tolist()) == {INCORRECT}
    assert reps.bad.sum() > 6
    count = len(reps)
    assert reps.trajectories.shape == (count, *TRAJECTORY_SHAPE)
    assert reps.readings.shape == (count, 2 + 2 * len(function_measures(SQUAT)))
    assert np.isfinite(reps.trajectories).all()
    assert np.isnan(reps.severities).all()
    assert reps.azimuths_deg.min() >= 0
    assert (np.diff(reps.times_s, axis=1) > 0).all()


def test_good_reps_of_a_set_are_alike_and_shallow_ones_are_not(reps):
    for one in compared_sets(reps, 2, everybody_mean(reps)):
        far = np.linalg.norm(one.judged, axis=1)
        good = reps.good[one.judged_rows]
        assert far[good].max() < far[~good].min()


def test_the_same_seed_gives_the_same_reps(folder, reps):
    again, other = (film_real_reps(folder, "squat", SQUAT, cameras=2, seed=seed) for seed in (1, 2))
    assert np.array_equal(again.trajectories, reps.trajectories)
    assert again.sets.tolist() == reps.sets.tolist()
    assert not np.array_equal(other.azimuths_deg, reps.azimuths_deg)


def test_an_exercise_that_nobody_recorded_has_no_real_reps(tmp_path):
    assert film_real_reps(tmp_path, "deadlift", load_faults("deadlift"), cameras=1, seed=1) is None


def test_landmarks_lie_in_the_body_that_the_markers_lie_on():
    points = convert_markers(a_squat())[0]
    assert points.shape == (landmark.COUNT, 3)
    assert np.isfinite(points).all()
    for pair in (landmark.SHOULDERS, landmark.HIPS, landmark.KNEES, landmark.ANKLES, landmark.WRISTS):
        assert points[pair[0], 1] > 0 > points[pair[1], 1]
        assert points[pair[0], 2] == pytest.approx(points[pair[1], 2])
    heights = [points[pair[0], 2] for pair in (landmark.ANKLES, landmark.KNEES, landmark.HIPS, landmark.SHOULDERS)]
    assert heights == sorted(heights)
    assert points[0, 2] > points[landmark.SHOULDERS[0], 2]
    assert points[0, 0] > points[7, 0]
    assert points[landmark.HIPS[0], 1] < STANDING_M["ASI"][1]
    assert points[landmark.TOES[0], 0] > points[landmark.HEELS[0], 0]


def test_a_marker_that_is_lost_for_a_while_is_bridged(tmp_path):
    knees = {name: points for name, points in a_squat().items() if name == "LKNE"}
    (rep,) = read_recorded_reps(write_markers(tmp_path, {"m01_s01_e01_c": a_squat()}, gap=True) / FILE)
    assert rep.markers["LKNE"] == pytest.approx(knees["LKNE"], abs=0.05)
    lost = a_squat()
    lost["RTOE"] = np.full_like(lost["RTOE"], UNKNOWN_MM / 1000)
    two = {"m01_s01_e01_c": lost, "m01_s01_e02_i": a_squat()}
    assert [one.correct for one in read_recorded_reps(write_markers(tmp_path, two) / FILE)] == [False]


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 cut off"])
def test_a_folder_without_movements_is_named_in_one_line(tmp_path, content):
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    with pytest.raises(SourceError, match=rf"{FILE}: holds no recorded movements[^\n]*Name the folder[^\n]*\Z"):
        film_real_reps(tmp_path, "squat", SQUAT, cameras=1, seed=1)


def test_a_file_without_this_movement_is_named(tmp_path):
    write_markers(tmp_path, {"m02_s01_e01_c": a_squat()})
    with pytest.raises(SourceError, match=rf"{FILE}: holds no movement of a squat"):
        film_real_reps(tmp_path, "squat", SQUAT, cameras=1, seed=1)


@pytest.mark.skipif(not (DATA / "motion" / FILE).is_file(), reason=MISSING)
def test_ten_recorded_people_give_over_300_squats_of_which_about_half_are_good() -> None:
    """Ten people before a camera each: nearly all of their movements are seen, half of them correct."""
    found = film_real_reps(DATA / "motion", "squat", SQUAT, cameras=1, seed=1)
    assert found is not None
    assert len({name.rpartition("-")[2] for name in found.lifters.tolist()}) == 10
    assert len(found) > 300
    assert 0.3 < found.good.mean() < 0.7
