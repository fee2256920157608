"""Random sets as observations."""

import numpy as np
import pytest

from livecoach import landmark
from livecoach.errors import ConfigError
from livecoach.synth.camera import Camera
from livecoach.synth.figure.body import load
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.figure.posture import stand
from livecoach.synth.motion.tokens import EXERCISES, parse
from livecoach.synth.noise import SWAP, mirror, shipped
from livecoach.synth.sets import SyntheticSet, Wanted, random_set, random_set_arrays

TWO_REPS = parse("idle:0.5,good,rounded:0.6")


def a_set(exercise: str = "deadlift", seed: int = 1, **wanted) -> SyntheticSet:
    wanted = {"tokens": TWO_REPS, "fps": 30, "noise": 0.0, "loaded": True} | wanted
    return random_set(seed, Wanted(exercise=exercise, **wanted))


def heights(made: SyntheticSet, pair: tuple[int, int]) -> np.ndarray:
    """(T,) height above the ankles, m."""
    world = np.array([observation.world for observation in made.observations])
    return -(world[:, pair].mean(1) - world[:, landmark.ANKLES].mean(1))[:, 1]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_same_seed_gives_the_same_set_to_the_bit(exercise):
    """A set is a function of its seed and wishes."""
    first, again = (random_set([3, 5], Wanted(exercise=exercise)) for _ in range(2))
    assert first.settings == again.settings
    assert (first.reps, first.events) == (again.reps, again.events)
    for a, b in zip(first.observations, again.observations, strict=True):
        assert a.landmarks.tobytes() == b.landmarks.tobytes()
        assert a.world.tobytes() == b.world.tobytes()


def test_another_seed_gives_another_set():
    """Sets of a series differ."""
    assert random_set([3, 5]).settings != random_set([3, 6]).settings


def test_observations_are_what_a_pose_estimator_would_give():
    """Shapes and types are checked by Observation; here time, numbering and what is constant."""
    made = a_set(size_px=(320, 240), noise=1.0)
    for i, seen in enumerate(made.observations):
        assert (seen.index, seen.t_s, seen.people, seen.dropped) == (i, i / 30, 1, 0)
        assert (seen.width_px, seen.height_px) == (320, 240)
        assert np.isfinite(seen.landmarks).all()
        assert np.isfinite(seen.world).all()
        assert ((seen.landmarks[:, 3:] >= 0) & (seen.landmarks[:, 3:] <= 1)).all()
        assert (seen.landmarks[:, 3] == seen.landmarks[:, 4]).all()


@pytest.mark.parametrize("seed", range(6))
def test_reps_follow_each_other_and_turn_between_start_and_end(seed):
    """No rep begins before the last one ended; events cover all frames without a gap."""
    made = random_set(seed)
    ends = [-1]
    for i, rep in enumerate(made.reps, 1):
        assert rep.index == i
        assert ends[-1] <= rep.start_frame < rep.top_frame < rep.end_frame
        assert rep.start_s == pytest.approx(rep.start_frame / made.settings.fps, abs=1e-4)
        ends.append(rep.end_frame)
    assert ends[-1] < len(made.observations)
    firsts = [event.start_frame for event in made.events]
    assert firsts == [0, *(event.end_frame + 1 for event in made.events[:-1])]
    assert made.events[-1].end_frame == len(made.observations) - 1


def test_wrists_are_highest_at_the_top_of_a_deadlift():
    """Lockout is where the bar is highest."""
    made = a_set("deadlift")
    wrist = heights(made, landmark.WRISTS)
    for rep in made.reps:
        span = wrist[rep.start_frame : rep.end_frame + 1]
        assert wrist[rep.top_frame] > span.max() - 0.02
        assert wrist[rep.top_frame] > wrist[rep.start_frame] + 0.3


def test_hips_are_lowest_at_the_top_of_a_squat():
    """The turn of a squat is its deepest point."""
    made = a_set("squat")
    hip = heights(made, landmark.HIPS)
    for rep in made.reps:
        span = hip[rep.start_frame : rep.end_frame + 1]
        assert hip[rep.top_frame] < span.min() + 0.02
        assert hip[rep.top_frame] < hip[rep.start_frame] - 0.25


def test_noise_moves_landmarks_by_what_was_measured():
    """README of the model: MediaPipe is some hundredths of a torso length off, and sees the same pose."""
    wishes = {"exercise": "deadlift", "tokens": TWO_REPS, "fps": 30, "view_deg": 30}
    true, noisy = (random_set_arrays(1, Wanted(noise=amount, **wishes)) for amount in (0.0, 1.0))
    torso = np.linalg.norm(true.image[:, 11, :2] - true.image[:, 23, :2], axis=1).max()
    error = np.linalg.norm((noisy.image - true.image)[:, 11:, :2], axis=-1) / torso
    assert 0.01 < np.median(error) < 0.15


def test_other_side_of_the_camera_is_a_mirror_image():
    """A camera at -30 degrees sees the mirror image of what one at 30 degrees sees, for what is symmetric in it."""
    body = load("male_avg", 1.0)
    points = body.landmarks(*solve(body, stand(body, 1, 0.15, 0.2)))
    (left, left_world), (right, right_world) = (Camera(azimuth_deg=side * 30).seen(points) for side in (1, -1))
    np.testing.assert_allclose(right_world[:, SWAP] * (-1, 1, 1), left_world, atol=0.01)
    np.testing.assert_allclose(1 - right[:, SWAP, 0], left[..., 0], atol=0.01)


def test_noise_is_mirrored_with_the_view():
    """What MediaPipe gets wrong from the left it gets wrong the other way round from the right."""
    true = random_set_arrays(1, Wanted(exercise="deadlift", tokens=TWO_REPS, fps=30, noise=0.0))
    image, world = true.image[..., :3], true.world
    flipped_image = image[:, SWAP] * (-1, 1, 1) + (1, 0, 0)
    size = (640, 480)
    _, seen = shipped()(np.random.default_rng(2), image, world, 40.0, 30, size)
    _, flipped = shipped()(np.random.default_rng(2), flipped_image, mirror(world), -40.0, 30, size)
    np.testing.assert_allclose(mirror(flipped), seen, atol=1e-6)


def test_unknown_token_names_the_nearest_one():
    """A typing error is told in one line."""
    with pytest.raises(ConfigError, match=r"token 'hip_early:1': unknown. Did you mean 'hips_early'\?"):
        parse("good,hip_early:1")


@pytest.mark.parametrize(
    "text", ["", "good,,good", "rounded:much", "rounded:1.5", "rounded:-1", "idle:nan", "idle:9999"]
)
def test_bad_tokens_are_refused(text):
    """Neither empty tokens nor impossible values."""
    with pytest.raises(ConfigError):
        parse(text)


@pytest.mark.parametrize(
    "wish",
    [{"exercise": "curl"}, {"body": "robot"}, {"view_deg": 200}, {"fps": 0}, {"noise": -1}, {"size_px": (640, 0)}],
)
def test_impossible_wishes_are_refused(wish):
    """Each names what it expected."""
    with pytest.raises(ConfigError, match=r"expected|There are"):
        Wanted(**wish)


def test_holding_nothing_is_refused():
    """A set can't begin with hold."""
    with pytest.raises(ConfigError, match="nothing to hold"):
        a_set(tokens=parse("hold:1,good"))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_things_that_are_no_reps_add_none(exercise):
    """Walking, idling, bending and fiddling are events, not reps."""
    made = a_set(exercise, tokens=parse("walkin,idle:1,fiddle,good,bend,hold:0.5,walkout"))
    assert len(made.reps) == 1
    assert "rep" in {event.kind for event in made.events}
