"""Real people's movements as sets that models learn from: squats, lunges, and what is none of the exercises."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")
from builders.markers import a_squat, write_markers

from livecoach.core import landmark
from livecoach.core.config import exercise as exercises
from livecoach.core.config.paths import models_dir
from livecoach.decisions.recognition.features import SIZE
from livecoach.lab.processes import JobRunner
from livecoach.lab.real_sets import (
    CMU_FILE,
    EXERCISE_OF,
    FPS,
    MOTION_FPS,
    NONE_OF,
    OTHERS_FILE,
    PLAN,
    SQUAT,
    RecordedMovement,
    film_real_set,
    join_movements,
)
from livecoach.lab.recognition.labelled_sets import NONE, Stretch, stretches_of_set
from livecoach.lab.synth.motion.lifts import EXERCISES
from livecoach.lab.train.lift_training import film_movements
from livecoach.lab.train.recipes import BuildContext, LiftRecipe

CMU_NAMES = ("clavicle", "humerus", "wrist", "hipjoint", "femur", "tibia", "toes")
OTHERS_NAMES = ("Upperarm", "Forearm", "Hand", "Thigh", "Calf", "Foot", "ToeBase")
HEIGHTS_M = (1.4, 1.15, 0.9, 0.9, 0.5, 0.08, 0.03)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A person of UI-PRMD whose movements all look like a squat, one of CMU who squats once, and one who does the same
    where squats are not looked for."""
    names = (*EXERCISE_OF, *NONE_OF)
    there = write_markers(tmp_path_factory.mktemp("motion"), {f"{name}_s01_e01_c": a_squat() for name in names})
    clips = {"joints": np.array(joint_names()), "13_01": who_squats_once()}
    np.savez(there / CMU_FILE, allow_pickle=False, **clips)
    points_mm = (1000 * who_squats_once()).astype(np.int16)
    others = {"joints": np.array(joint_names("CC_Base_Head", "CC_Base_L_", "CC_Base_R_", OTHERS_NAMES))}
    others |= {"names": np.array(["002_01"]), "lengths": np.array([len(points_mm)]), "xyz_mm": points_mm}
    np.savez(there / OTHERS_FILE, allow_pickle=False, **others)
    return there


def joint_names(head: str = "head", left: str = "l", right: str = "r", names: Iterable[str] = CMU_NAMES) -> list[str]:
    return [head, *(side + name for side in (left, right) for name in names)]


def who_squats_once(seconds: float = 6.0) -> np.ndarray:
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


def sets_of(folder: Path, number: int, people: tuple[str, ...] = ("s01",)) -> list[Stretch]:
    return list(stretches_of_set(film_real_set(folder, 1, number, people)))


@pytest.mark.parametrize(("number", "exercise"), [(PLAN.index(name), EXERCISE_OF[name]) for name in EXERCISE_OF])
def test_a_deep_squat_is_a_squat_and_an_inline_lunge_a_lunge(folder, number, exercise):
    found = sets_of(folder, number)
    labels = set(np.concatenate([one.labels for one in found]).tolist())
    assert 1 + EXERCISES.index(exercise) in labels
    assert found[0].ticks.shape == (len(found[0].t_s), SIZE)


def test_other_movements_are_none_of_the_exercises(folder):
    numbers = [number for number in range(2 * len(PLAN)) if PLAN[number % len(PLAN)] is None]
    found = [one for number in numbers for one in sets_of(folder, number)]
    assert {label for one in found for label in one.labels.tolist()} == {NONE}
    assert not any(len(one.reps_s) for one in found)


def test_squats_are_looked_for_in_continuous_recordings(folder):
    (one, *_) = sets_of(folder, PLAN.index(CMU_FILE), ("13",))
    assert 1 + EXERCISES.index("squat") in one.labels.tolist()
    ((start_s, turn_s, _),) = one.reps_s
    assert turn_s == pytest.approx(3.0 + start_s - 2.0, abs=0.2)


def test_pieces_follow_one_another_without_a_jump():
    rise = np.linspace(0, 0.5, 30)[:, None, None] * np.ones((1, landmark.COUNT, 3))
    whole = join_movements(
        np.random.default_rng(1), [RecordedMovement(rise, ((0, 15, 29),)), RecordedMovement(rise, ((0, 15, 29),))]
    )
    assert np.abs(np.diff(whole.points, axis=0)).max() < 0.1
    for start, turn, end in whole.reps:
        np.testing.assert_allclose(whole.points[[start, turn, end]], rise[[0, 15, 29]])


@pytest.mark.parametrize("number", range(len(PLAN)))
def test_people_who_walk_or_play_do_none_of_the_exercises(folder, number):
    made = film_real_set(folder, 1, number, ("002",))
    assert made.movement == OTHERS_FILE
    assert not made.reps
    assert np.ptp(made.seen.image[:, landmark.HIPS[0], 1]) > 0


def test_a_set_has_a_pace_of_its_own(folder):
    made = film_real_set(folder, 1, PLAN.index(SQUAT), ("s01",))
    assert all(made.t_s[1] != pytest.approx(1 / fps) for fps in FPS)
    assert all(abs(made.t_s[one.turn_frame] - one.turn_s) < 0.15 for one in made.reps_of_lift("squat"))


def test_a_lift_model_learns_from_people_what_they_clearly_do(folder):
    """A squat is one and no deadlift; who sits down and stands up does neither, for a squat's model."""
    squat = film_real_set(folder, 1, PLAN.index(SQUAT), ("s01",))
    assert squat.reps_of_lift("squat")
    assert squat.reps_of_lift("deadlift") == ()
    sits = next(made for n in range(4 * len(PLAN)) if (made := film_real_set(folder, 1, n, ("s01",))).movement == "m05")
    assert sits.reps_of_lift("squat") is None
    assert sits.reps_of_lift("deadlift") == ()


def test_movements_of_people_are_examples_of_a_lift_model(folder, tmp_path):
    runner = JobRunner(tmp_path, 1, lambda *_: None)
    context = BuildContext(exercise=exercises.load("squat"), earlier_parts=models_dir() / "squat", runner=runner)
    recipe = LiftRecipe(motion=folder, real=len(PLAN))
    kinds = [{one.kind for one in examples} for examples in film_movements(recipe, context, ("s01",))]
    assert "rep" in kinds[PLAN.index(SQUAT)]
    assert all("rep" not in of_set for of_set, shown in zip(kinds, PLAN, strict=True) if shown != SQUAT)
    assert film_movements(LiftRecipe(), context, ("s01",)) == []


def test_the_same_seed_gives_the_same_sets(folder):
    one, same, other = (film_real_set(folder, seed, 1, ("s01",)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.seen.world, same.seen.world)
    assert one.seen.world.shape != other.seen.world.shape or not np.array_equal(one.seen.world, other.seen.world)
