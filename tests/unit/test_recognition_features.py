"""Each input of the recogniser's network by its plain definition, computed a second time joint by joint.

The network was trained on these inputs: another value would mislead it.
"""

import numpy as np
from builders.observations import a_squat

from livecoach.decisions.recognition.features import FEATURES, TICK_S, tick_features
from livecoach.decisions.recognition.recogniser import joint_values
from livecoach.perception.body.body import ANKLE, ELBOW, HIP, KNEE, SHOULDER, WRIST, find_body

ANGLES = ((HIP, KNEE, ANKLE), (SHOULDER, HIP, KNEE), (SHOULDER, ELBOW, WRIST))
OTHERS = (SHOULDER, ELBOW, WRIST, KNEE, ANKLE)
WIDTH_PX, HEIGHT_PX = 640, 480
LIMBS = ((SHOULDER, HIP), (HIP, KNEE), (KNEE, ANKLE))


def restless_ticks() -> tuple[np.ndarray, np.ndarray]:
    """Return joints of a squat whose lifter turns and walks: in the world (T, 6, 2, 3) and the picture (T, 6, 2, 2)."""
    rng = np.random.default_rng(1)
    bodies = [seen for one in a_squat(reps=1)[::3] if (seen := find_body(one)) is not None]
    turn = np.linspace(0, 2, len(bodies))[:, None, None]
    x, y, z = np.moveaxis(np.array([seen.world for seen in bodies], np.float64), -1, 0)
    world = np.stack([np.cos(turn) * x - np.sin(turn) * z, y, np.sin(turn) * x + np.cos(turn) * z], -1)
    points_px = np.array([seen.points_px for seen in bodies], np.float64)
    points_px[..., 0] += 240 * turn  # out of the picture to the right
    return world + rng.normal(0, 0.02, world.shape), points_px + rng.normal(0, 3, points_px.shape)


def angle(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.arccos(one @ other / np.linalg.norm(one) / np.linalg.norm(other)))


def plain_features(world: np.ndarray, points_px: np.ndarray) -> list[float]:
    """Return the inputs for the last of some ticks. Lengths are in those of torso, thigh and shin together."""
    size_m = [sum(np.linalg.norm(at[a] - at[b], axis=-1).mean() for a, b in LIMBS) for at in world]
    own = [(at - at[HIP].mean(0)) / m for at, m in zip(world, size_m, strict=True)]
    leftward = [(at[SHOULDER] + at[HIP])[0] - (at[SHOULDER] + at[HIP])[1] for at in own[-5:]]
    ahead = sum(np.array([left[2], -left[0]]) for left in leftward)
    forward_x, forward_z = ahead / np.linalg.norm(ahead)
    now = own[-1]
    scale_px = np.linalg.norm(points_px[-1] - points_px[-1, HIP].mean(0)) / np.linalg.norm(now[..., :2])
    picture = (points_px[-1] - points_px[-1, HIP].mean(0)) / scale_px
    trunk, line = now[SHOULDER].mean(0) - now[HIP].mean(0), picture[SHOULDER].mean(0)
    joints = [(joint, side) for joint in OTHERS for side in (0, 1)]
    turned = [
        (forward_x * x + forward_z * z, forward_x * z - forward_z * x, -y) for x, y, z in (now[at] for at in joints)
    ]
    step = points_px[-1] - points_px[-2] if len(world) > 1 else np.zeros_like(points_px[-1])
    rise = now - own[-2] if len(world) > 1 else np.zeros_like(now)
    in_picture = ((points_px[-1] >= 0) & (points_px[-1] <= (WIDTH_PX, HEIGHT_PX))).all(-1)
    return [
        *np.ravel(turned),
        *(picture[at][1] for at in joints),
        *(
            angle(now[a, side] - now[b, side], now[c, side] - now[b, side]) / np.pi
            for a, b, c in ANGLES
            for side in (0, 1)
        ),
        angle(trunk, np.array([0.0, -1.0, 0.0])) / np.pi,
        -line[1] / np.linalg.norm(line),
        abs(line[0]) / np.linalg.norm(line),
        *(-rise[at][1] / TICK_S for at in joints),
        *(
            sign * by / scale_px / TICK_S
            for at in (HIP, ANKLE)
            for by, sign in zip(step[at].mean(0), (1, -1), strict=True)
        ),
        *(abs(picture[joint, 0, 0] - picture[joint, 1, 0]) for joint in OTHERS),
        abs(forward_x),
        forward_z,
        in_picture[[KNEE, ANKLE]].mean(),
        in_picture[[ELBOW, WRIST]].mean(),
    ]


def test_each_input_is_what_its_definition_says():
    """The first tick has no speeds; nothing is beyond 4."""
    world, points_px = restless_ticks()
    found = tick_features(joint_values(world, points_px, WIDTH_PX, HEIGHT_PX))
    expected = [plain_features(world[: n + 1], points_px[: n + 1]) for n in range(len(world))]
    assert found.shape == (len(world), FEATURES)
    assert {0.0, 0.5, 1.0} <= {*np.ravel(np.array(expected)[:, -2:])}
    np.testing.assert_allclose(found, np.clip(expected, -4, 4), atol=1e-5)


def test_a_joint_on_the_edge_is_in_the_picture():
    edges_px = np.array([(0, 0), (WIDTH_PX, HEIGHT_PX), (-1, 5), (5, -1), (WIDTH_PX + 1, 5), (5, HEIGHT_PX + 1)])
    seen = joint_values(np.zeros((6, 2, 3)), np.repeat(edges_px[:, None], 2, 1), WIDTH_PX, HEIGHT_PX)
    assert seen[-12:].tolist() == [1, 1, 1, 1, *[0] * 8]


def test_a_body_without_a_left_and_right_faces_the_camera():
    """All joints of both sides on one spot: no direction can be computed."""
    found = tick_features(joint_values(np.zeros((3, 6, 2, 3)), np.zeros((3, 6, 2, 2)), WIDTH_PX, HEIGHT_PX))
    assert np.isfinite(found).all()
    assert (found[:, -4:-2] == (0.0, -1.0)).all()
