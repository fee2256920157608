"""Recorded lifts on the bodies: a recording made up here, whose angles are known, keeps them on every body."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from builders.pipelines import a_pipeline
from builders.real_recordings import DATA, MISSING

from livecoach import landmark
from livecoach.errors import LivecoachError
from livecoach.synth import retarget
from livecoach.synth.curves import minimum_jerk
from livecoach.synth.figure.body import JUDGING, load
from livecoach.synth.figure.kinematics import solve
from livecoach.types import Rep

RECORDINGS = DATA / "landmarks" / "kinect_deadlift.npz"
KNEE_DEG, LEAN_DEG = 85.0, 60.0
"""Of the made-up recording where it is lowest: bend of the knee from straight, and lean."""


def _bends() -> np.ndarray:
    """(T,) 0 standing, 1 lowest: one way down and up at 30 frames a second."""
    way = minimum_jerk(np.linspace(0, 1, 40))
    return np.concatenate([np.zeros(30), way, way[::-1], np.zeros(30)])


def _made_up_joints(facing_deg: float) -> dict[str, np.ndarray]:
    bend = _bends()
    thigh, shin, lean = np.radians(KNEE_DEG - 20) * bend, np.radians(20) * bend, np.radians(LEAN_DEG) * bend
    middle = {"ankle": np.zeros((len(bend), 3))}
    middle["knee"] = middle["ankle"] + 0.4 * _upward(shin)
    middle["hip"] = middle["knee"] + 0.42 * _upward(-thigh)
    middle["shoulder"] = middle["hip"] + 0.5 * _upward(lean)
    middle["hand"] = middle["shoulder"] - 0.6 * _upward(np.zeros_like(bend))
    middle["foot"] = middle["ankle"] + [0.1, 0, -0.05]
    half_m = {"ankle": 0.12, "knee": 0.12, "hip": 0.1, "shoulder": 0.2, "hand": 0.24, "foot": 0.12}
    joints = {
        f"{side}_{name}": points + np.array([0, sign * half_m[name], 0])
        for name, points in middle.items()
        for side, sign in (("left", 1), ("right", -1))
    }
    joints |= {"hip_centre": middle["hip"], "neck": middle["shoulder"]}
    joints["spine"] = (middle["hip"] + middle["shoulder"]) / 2
    joints["head"] = middle["shoulder"] + 0.2 * _upward(0.3 * lean)
    c, s = np.cos(np.radians(facing_deg)), np.sin(np.radians(facing_deg))
    turned = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return {name: points @ turned.T for name, points in joints.items()}


def _upward(lean_rad: np.ndarray) -> np.ndarray:
    return np.stack([np.sin(lean_rad), np.zeros_like(lean_rad), np.cos(lean_rad)], -1)


def _write(path: Path, joints: Mapping[str, np.ndarray]) -> Path:
    points = np.stack(list(joints.values()), 1) @ retarget.TO_MODEL
    fault, length = np.array([0]), np.array([len(points)])
    np.savez(path, names=np.array(["made_up"]), fault=fault, length=length, xyz_m=points, joints=np.array(list(joints)))
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return _write(tmp_path / "lift.npz", _made_up_joints(facing_deg=40.0))


def _angle_deg(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    u, v = a - b, c - b
    return np.degrees(np.arccos((u * v).sum(-1) / np.linalg.norm(u, axis=-1) / np.linalg.norm(v, axis=-1)))


@pytest.mark.parametrize("body_name", JUDGING[:4])
def test_angles_survive(recording: Path, body_name: str) -> None:
    """Knee angle and lean of the trunk are the recording's within 5 degrees (root mean square), on every body."""
    body, (lift,) = load(body_name), retarget.recorded_lifts(recording)
    points = body.landmarks(*solve(body, retarget.on_body(body, lift)))
    hips, shoulders, knees, ankles = (
        points[:, list(pair)].mean(1) for pair in (landmark.HIPS, landmark.SHOULDERS, landmark.KNEES, landmark.ANKLES)
    )
    trunk = shoulders - hips
    lean_off = np.degrees(np.arctan2(trunk[:, 0], trunk[:, 2])) - LEAN_DEG * _bends()
    knee_off = _angle_deg(hips, knees, ankles) - (180 - KNEE_DEG * _bends())
    assert np.sqrt((lean_off**2).mean()) < 5
    assert np.sqrt((knee_off**2).mean()) < 5


def test_faces_ahead(recording: Path) -> None:
    """Wherever the recorded lifter faced, in his own frame his shoulders are at his left and right."""
    (lift,) = retarget.recorded_lifts(recording)
    across = lift.joints["left_shoulder"] - lift.joints["right_shoulder"]
    assert across == pytest.approx(np.broadcast_to([0, 0.4, 0], across.shape), abs=0.01)


def test_feet_stay_and_hands_are_level(recording: Path) -> None:
    """The feet are planted, and both hands are on one bar."""
    body, (lift,) = load(JUDGING[0]), retarget.recorded_lifts(recording)
    posture, _, _ = retarget.from_the_floor(body, lift)
    assert all(np.ptp(posture[f"foot_{axis}_{side}"]) < 1e-9 for axis in "xyz" for side in "LR")
    assert posture["hand_z_L"] == pytest.approx(posture["hand_z_R"])
    assert posture["hand_y_L"] == pytest.approx(-posture["hand_y_R"])


def test_from_rest_to_rest(recording: Path) -> None:
    """The way up comes first: still at the floor, up, down, still at the floor."""
    body, (lift,) = load(JUDGING[0]), retarget.recorded_lifts(recording)
    posture, lockout, end = retarget.from_the_floor(body, lift)
    height, still = posture["bar_z"], round(retarget.STILL_S * retarget.FPS)
    assert np.ptp(height[:still]) < 1e-9
    assert np.ptp(height[end:]) < 1e-9
    assert height[lockout] > 0.95 * height.max()
    assert height[0] == pytest.approx(height[-1], abs=0.01)


def test_counts_as_one_rep(recording: Path) -> None:
    """The pipeline counts the lift once, about where it truly is."""
    (made,) = retarget.depth_camera_sets(recording, JUDGING, seed=1, noise=0.5, views_deg=(40, 40))
    (rep,) = _counted(made)
    assert abs(rep.start_s - made.start_s) < 0.5
    assert abs(rep.turn_s - made.turn_s) < 0.5
    assert abs(rep.end_s - made.end_s) < 0.7


def test_same_seed_same_sets(recording: Path) -> None:
    """The same seed gives the same observations, another one others."""
    (a,), (b,), (c,) = (list(retarget.depth_camera_sets(recording, JUDGING, seed=seed)) for seed in (1, 1, 2))
    assert all((x.world == y.world).all() for x, y in zip(a.observations, b.observations, strict=True))
    assert (a.observations[0].world != c.observations[0].world).any()


@pytest.mark.parametrize("content", [None, b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_no_recording(tmp_path: Path, content: bytes | None) -> None:
    """A file that is not there or holds something else is named in one line."""
    path = tmp_path / "lift.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LivecoachError, match=r"lift\.npz: holds no depth camera lifts.*xyz_m"):
        list(retarget.recorded_lifts(path))


@pytest.mark.skipif(not RECORDINGS.is_file(), reason=MISSING)
def test_recorded_good_lifts_count() -> None:
    """Nearly every good lift of the depth camera counts as exactly one rep on a judging body, seen as it was."""
    good = [made for made in retarget.depth_camera_sets(RECORDINGS, JUDGING, seed=0, noise=0.0) if not made.fault]
    assert len(good) == 51
    assert sum(len(_counted(made)) == 1 for made in good) >= 49


def _counted(made: retarget.RetargetedSet) -> list[Rep]:
    pipeline = a_pipeline("deadlift")
    steps = [pipeline.step(observation) for observation in made.observations]
    return [step.rep for step in (*steps, pipeline.finish(made.observations[-1])) if step.rep is not None]
