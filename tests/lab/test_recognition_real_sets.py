"""Real people's movements as sets that recognition learns from: squats, lunges, and what is none of the exercises."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")
from builders.markers import a_squat, write_markers

from livecoach.core import landmark
from livecoach.core.errors import SourceError
from livecoach.decisions.recognition.features import SIZE
from livecoach.lab.recognition.real_sets import (
    BETWEEN,
    CMU_FILE,
    EXERCISE_OF,
    MOTION_FPS,
    NONE_OF,
    PLAN,
    SQUAT,
    Piece,
    join_pieces,
    real_set,
    real_sets,
    squats_in,
)
from livecoach.lab.recognition.sets import NONE
from livecoach.lab.synth.motion.lifts import EXERCISES

CMU_NAMES = ("clavicle", "humerus", "wrist", "hipjoint", "femur", "tibia", "toes")
HEIGHTS_M = (1.4, 1.15, 0.9, 0.9, 0.5, 0.08, 0.03)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A person of UI-PRMD whose movements all look like a squat, and one of CMU who squats once."""
    names = (*EXERCISE_OF, *NONE_OF)
    there = write_markers(tmp_path_factory.mktemp("motion"), {f"{name}_s01_e01_c": a_squat() for name in names})
    clips = {"joints": np.array(joint_names()), "13_01": who_squats_once()}
    np.savez(there / CMU_FILE, allow_pickle=False, **clips)
    return there


def joint_names() -> list[str]:
    return ["head", *(side + name for side in "lr" for name in CMU_NAMES)]


def who_squats_once(seconds: float = 6.0) -> np.ndarray:
    """Return joints (T, 15, 3), y up, of somebody who squats in the middle."""
    count = round(seconds * MOTION_FPS)
    down = np.clip(1 - np.abs(np.linspace(-3, 3, count)), 0, 1) * 0.4
    points = np.zeros((count, 15, 3))
    points[:, 0, 1] = 1.6 - down
    for number, side in enumerate((1.0, -1.0)):
        cut = slice(1 + 7 * number, 8 + 7 * number)
        points[:, cut, 0] = 0.15 * side
        points[:, cut, 1] = np.array(HEIGHTS_M)
        points[:, 1 + 7 * number : 5 + 7 * number, 1] -= down[:, None]
    return points


def sets_of(folder: Path, number: int, people: tuple[str, ...] = ("s01",)) -> list:
    return list(real_set(folder, 1, number, people, EXERCISES))


@pytest.mark.parametrize(("number", "exercise"), [(PLAN.index(name), EXERCISE_OF[name]) for name in EXERCISE_OF])
def test_a_deep_squat_is_a_squat_and_an_inline_lunge_a_lunge(folder, number, exercise):
    found = sets_of(folder, number)
    assert {one.exercise for one in found} == {exercise}
    labels = set(np.concatenate([one.labels for one in found]).tolist())
    assert 1 + EXERCISES.index(exercise) in labels
    assert found[0].ticks.shape == (len(found[0].t_s), SIZE)


def test_other_movements_are_none_of_the_exercises(folder):
    numbers = [number for number in range(2 * len(PLAN)) if PLAN[number % len(PLAN)] is None]
    found = [one for number in numbers for one in sets_of(folder, number)]
    assert {label for one in found for label in one.labels.tolist()} == {NONE}
    assert not any(len(one.reps_s) for one in found)


def test_squats_are_looked_for_in_continuous_recordings(folder):
    """By the height of the hips over the ankles."""
    (one, *_) = sets_of(folder, PLAN.index(CMU_FILE), ("13",))
    assert 1 + EXERCISES.index("squat") in one.labels.tolist()
    ((start_s, turn_s, _),) = one.reps_s
    assert turn_s == pytest.approx(3.0 + start_s - 2.0, abs=0.2)


def test_somebody_who_only_stands_does_no_squat():
    points = np.zeros((60, landmark.COUNT, 3))
    points[:, list(landmark.HIPS), 2] = 0.9
    assert squats_in(points) == ()


def test_pieces_follow_one_another_without_a_jump():
    """With stillness around them, and ways between; the reps move along."""
    rise = np.linspace(0, 0.5, 30)[:, None, None] * np.ones((1, landmark.COUNT, 3))
    whole = join_pieces(np.random.default_rng(1), [Piece(rise, ((0, 15, 29),)), Piece(rise, ((0, 15, 29),))])
    assert np.abs(np.diff(whole.points, axis=0)).max() < 0.1
    for start, turn, end in whole.reps:
        np.testing.assert_allclose(whole.points[[start, turn, end]], rise[[0, 15, 29]])


def test_the_same_seed_gives_the_same_sets(folder):
    one, same, other = (real_sets(folder, seed, 3, ("s01",), EXERCISES) for seed in (1, 1, 2))
    assert all(np.array_equal(a.ticks, b.ticks) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[0].ticks[:5], other[0].ticks[:5])


def test_a_missing_recording_is_named(tmp_path):
    write_markers(tmp_path, {f"{SQUAT}_s01_e01_c": a_squat(), f"{BETWEEN[0]}_s01_e01_c": a_squat()})
    with pytest.raises(SourceError, match=CMU_FILE):
        sets_of(tmp_path, PLAN.index(CMU_FILE), ("13",))
