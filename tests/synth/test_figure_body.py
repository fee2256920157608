"""The bodies: who there is, what they measure, and how their skin moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core.errors import ConfigError
from livecoach.lab.synth.figure.body_mesh import FILE, HEIGHT_M, JUDGING, NAMES, SIDES, TRAINING, BodyModel, load_body
from livecoach.lab.synth.figure.posture import Posture, solve_joints, standing_posture

LEFT = [1, 2, 3, 7, 9, *range(11, 33, 2)]
RIGHT = [4, 5, 6, 8, 10, *range(12, 33, 2)]
MIRROR = np.array([1, -1, 1])
HEELS_AND_TOES = [29, 30, 31, 32]


def trunk_m(body: BodyModel) -> float:
    return float(np.linalg.norm((body.joint_position("upperarm.L") - body.joint_position("thigh.L"))[[0, 2]]))


def holding_a_bar(body: BodyModel, lean_rad: float, knees_m: float) -> Posture:
    """Leaning forward with bent knees, both palms on a bar in front of the thighs."""
    posture = standing_posture(body, 2, 0.15, 0.2)
    posture["hip_z"] = posture["hip_z"] - knees_m
    posture["pitch"] = posture["pitch"] + [0, lean_rad]
    for side, sign in zip(SIDES, (1, -1), strict=True):
        shoulder = body.joint_position(f"upperarm.{side}")
        posture[f"hand_x_{side}"] = np.sin(posture["pitch"]) * shoulder[2] + 0.05
        posture[f"hand_y_{side}"] = np.full(2, sign * 0.28)
        posture[f"hand_z_{side}"] = posture["hip_z"] + np.cos(posture["pitch"]) * shoulder[2] - 0.9 * body.arm_m
        posture[f"grip_{side}"] = np.ones(2)
    return posture


def test_every_body_is_for_training_or_for_judging():
    assert not set(TRAINING) & set(JUDGING)
    assert sorted(TRAINING + JUDGING) == sorted(NAMES)
    for sex in "fm":
        judging = [name in JUDGING for name in NAMES if name[0] == sex]
        assert 0.25 < np.mean(judging) < 0.42


@pytest.mark.parametrize("name", NAMES)
def test_a_body_has_the_size_of_an_adult_and_is_alike_on_both_sides(name):
    body, height_m = load_body(name), HEIGHT_M[name]
    with np.load(FILE) as stored:
        weight_kg = stored["weight_kg"][NAMES.index(name)]
    assert np.ptp(body.vertices[:, 2]) == pytest.approx(height_m, abs=0.01)
    assert 1.48 < height_m < 2.02
    assert 17 < weight_kg / height_m**2 < 36
    assert 0.75 < body.thigh_m / trunk_m(body) < 1.05
    assert 0.95 < (body.upper_arm_m + body.forearm_m) / trunk_m(body) < 1.3
    assert 0.9 < body.shin_m / body.thigh_m < 1.2
    assert 0.06 < body.ankle_height_m < 0.12
    assert len(body.material) == len(body.vertices) > body.faces.max()
    np.testing.assert_allclose(body.landmark_rest[LEFT], body.landmark_rest[RIGHT] * MIRROR, atol=0.002)
    for joint in body.joint:
        if joint.endswith(".L"):
            np.testing.assert_allclose(
                body.joint_position(joint), body.joint_position(f"{joint[:-1]}R") * MIRROR, atol=0.002
            )


def test_a_scaled_body_is_the_same_body_larger():
    plain, large = load_body(NAMES[0]), load_body(NAMES[0], 1.1)
    np.testing.assert_allclose(large.vertices, 1.1 * plain.vertices)
    np.testing.assert_allclose(large.landmark_rest, 1.1 * plain.landmark_rest)
    assert large.arm_m == pytest.approx(1.1 * plain.arm_m)
    assert large.ankle_height_m == pytest.approx(1.1 * plain.ankle_height_m)


@settings(max_examples=5)
@given(lean=st.floats(0, 1.3), bend=st.floats(-0.3, 0.8), name=st.sampled_from(NAMES))
def test_some_vertices_are_skinned_as_the_whole_body_is(lean, bend, name):
    body = load_body(name)
    posture = standing_posture(body, 3, 0.15, 0.2)
    posture["pitch"] = posture["pitch"] + [0, lean / 2, lean]
    posture["lumbar"] = posture["lumbar"] + [0, bend, bend / 2]
    rotations, positions = solve_joints(body, posture)
    some = body.skin_vertices(body.back_vertices, rotations, positions)
    every = np.array([body.skin(*frame)[body.back_vertices] for frame in zip(rotations, positions, strict=True)])
    np.testing.assert_allclose(some, every, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_back_vertices_lie_along_the_back(name):
    body = load_body(name)
    x, y, z = body.vertices[body.back_vertices].T
    spine = np.array(
        [body.joint_position(joint) for joint in ("pelvis", "spine5", "spine4", "spine3", "spine2", "spine1", "neck")]
    )
    assert (x < np.interp(z, spine[:, 2], spine[:, 0])).all()
    assert np.abs(y).max() < 0.09
    assert z.min() < 0.05
    assert z.max() > body.joint_position("spine1")[2] + 0.08
    assert np.diff(np.sort(z)).max() < 0.05


@pytest.mark.parametrize("name", NAMES)
def test_feet_stay_flat_and_palms_on_the_bar(name):
    body = load_body(name)
    posture = holding_a_bar(body, 0.8, 0.12)
    rotations, positions = solve_joints(body, posture)
    above_sole = body.landmark_rest[HEELS_AND_TOES, 2] - body.joint_position("foot.L")[2] + body.ankle_height_m
    np.testing.assert_allclose(
        body.landmark_positions(rotations, positions)[:, HEELS_AND_TOES, 2], [above_sole] * 2, atol=0.005
    )
    for side in SIDES:
        hand = body.joint[f"hand.{side}"]
        palm = positions[:, hand] + rotations[:, hand] @ (body.palm[side] - body.rest[hand])
        bar = np.stack([posture[f"hand_{axis}_{side}"] for axis in "xyz"], -1)
        assert np.linalg.norm(palm - bar, axis=1).max() < 0.02


@pytest.mark.parametrize("name", ["m99", "robot", ""])
def test_unknown_names_are_errors_of_a_single_line(name):
    with pytest.raises(ConfigError, match=r"unknown\. There are: f01 to f\d\d") as error:
        BodyModel(name)
    assert "\n" not in str(error.value)
