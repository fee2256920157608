"""Which network estimates the pose of a lifter who stands, lies down, and stands up again."""

from types import SimpleNamespace

import numpy as np
import pytest

from livecoach.core import landmark
from livecoach.perception.pose import Pose
from livecoach.perception.pose.estimators import PosturePoseEstimator

PICTURE = np.zeros((4, 4, 3), np.uint8)
FPS = 10
STANDING, ON_BENCH, BENT = 2.4, 0.6, 1.3


def a_pose(tall: float, hands: float = 0.3, *, is_level: bool = True) -> Pose:
    """A pose whose shoulders are `tall` torso lengths above the ankles; of a person who lies, beside the hips.

    The hands are `hands` torso lengths above the shoulders."""
    world = np.zeros((landmark.COUNT, 3), np.float32)
    world[list(landmark.SHOULDERS)] = (1.0, 0.0, 0.0) if is_level and tall <= 1 else (0.0, -1.0, 0.0)
    world[list(landmark.WRISTS), 1] = world[landmark.SHOULDERS[0], 1] - hands
    world[list(landmark.ANKLES), 1] = tall + world[landmark.SHOULDERS[0], 1]
    return Pose(landmarks=np.ones((landmark.COUNT, 5), np.float32), world=world)


class Fake:
    """BlazePose or MoveNet, which counts its calls and sees the same scene as the other."""

    name, sha256, turn_finder, people_count = "lite", "0", None, 1

    def __init__(self, scene) -> None:
        self.scene, self.calls, self.looks = scene, 0, 0

    def estimate(self, _picture, _t_s):
        self.calls += 1
        return None if self.scene.tall is None else a_pose(self.scene.tall, **self.scene.bends)

    def find_people(self, _picture):
        self.looks += 1
        return [a_pose(tall) for tall in self.scene.found]

    def look_ahead(self, pictures):
        return [(t_s, a_pose(tall)) for t_s, tall in pictures]

    def reset(self) -> None:
        pass


@pytest.fixture
def scene():
    return SimpleNamespace(tall=STANDING, found=[STANDING], bends={})


@pytest.fixture
def networks(scene):
    return Fake(scene), Fake(scene)


@pytest.fixture
def estimator(networks):
    blazepose, movenet = networks
    return PosturePoseEstimator(blazepose, lambda: movenet)


def see(estimator, talls, since_s=0.0):
    """Let a scene pass, one height for each picture; None if nobody is seen."""
    for number, tall in enumerate(talls):
        estimator._blazepose.scene.tall = tall
        estimator.estimate(PICTURE, since_s + number / FPS)


@pytest.mark.parametrize(
    "talls",
    [
        [STANDING] * 30,
        [STANDING, *[BENT] * 25, STANDING],  # bent over a bar, however long
        [*[BENT] * 10, *[ON_BENCH] * 4, *[BENT] * 10],  # for a moment
        [*[ON_BENCH, BENT] * 20],  # hardly more often than not
        [ON_BENCH, *[None] * 11] * 3,  # in single pictures
    ],
)
def test_lifters_who_stand_cost_no_second_network(estimator, networks, talls):
    see(estimator, talls)
    assert [(net.calls, net.looks) for net in networks] == [(len(talls), 0), (0, 0)]


@pytest.mark.parametrize("bends", [{"hands": -0.9}, {"is_level": False}])
def test_a_lifter_who_bends_low_does_not_lie_however_long(estimator, networks, scene, bends):
    """From the side, a lifter who takes the bar from the floor may be seen as low as on a bench, with hanging hands."""
    scene.bends = bends
    see(estimator, [ON_BENCH] * 60)
    assert networks[1].calls == 0


@pytest.mark.parametrize("talls", [[ON_BENCH] * 10, [ON_BENCH, ON_BENCH, None, STANDING] * 5])
def test_a_lifter_who_lies_or_is_glimpsed_lying_is_followed_by_movenet(estimator, networks, talls):
    see(estimator, [*[STANDING] * 20, *talls, *[ON_BENCH] * 5])
    assert networks[1].calls >= 5


@pytest.mark.parametrize(("looks", "of_movenet"), [([ON_BENCH] * 5, 20), ([STANDING] * 20, 14)])
def test_frames_seen_in_advance_may_begin_with_movenet_and_do_not_delay_it(estimator, networks, looks, of_movenet):
    estimator.look_ahead((0.2 * number, tall) for number, tall in enumerate(looks))
    see(estimator, [ON_BENCH] * 20)
    assert (networks[0].calls, networks[1].calls) == (20 - of_movenet, of_movenet)


@pytest.mark.parametrize(
    ("tall", "found", "looks"),
    [
        (STANDING, [STANDING], 3),
        (None, [], 3),
        (ON_BENCH, [STANDING], 0),
        (STANDING, [ON_BENCH], 10),
        (STANDING, [], 10),
    ],
)
def test_after_a_lifter_stands_up_or_leaves_blazepose_follows(estimator, networks, scene, tall, found, looks):
    """If the networks agree: MoveNet sees some upright whom it sees from their feet, and a spotter stands beside."""
    see(estimator, [ON_BENCH] * 10)
    scene.found, before = found, networks[0].calls
    see(estimator, [tall] * 50, since_s=1.0)
    assert (networks[0].calls > before, networks[0].looks) == (looks == 3, looks)
