"""Retargets lifts recorded by a depth camera to the synthetic bodies, with the camera and noise of synthetic motion.

This motion is independent of `livecoach.synth.motion`: use it for evaluation, never for training. The recordings are
not part of the project. Each holds one way down and one way up, from standing to the floor and back; the way up is put
before the way down, with stillness at the floor at both ends. Bone lengths show that all good lifts of
kinect_deadlift.npz are by one lifter: they vary the source of the motion, not the people.

From the recording: knee angles, hip position over the feet, forward and sideways lean of the trunk, flexion of back
and neck, hand position below the shoulders, stance and grip. Assumed: planted feet, a level bar in both hands, elbow
positions, and hips that do not rotate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import butter, sosfiltfilt

from livecoach.counting import turning_points
from livecoach.errors import LivecoachError
from livecoach.synth import noise as noise_model
from livecoach.synth.camera import random_camera
from livecoach.synth.figure.body import SIDES, SIGN, BodyModel, load
from livecoach.synth.figure.geometry import across, rotation
from livecoach.synth.figure.kinematics import from_hips, solve, spine_vector
from livecoach.synth.figure.posture import Posture, blend, freeze, join, stand
from livecoach.types import Observation

FPS = 30.0
CUTOFF_HZ = 5.0
"""Cutoff of the low-pass filter: lifts have little above 3 Hz, where the jitter of a depth camera begins."""
TO_MODEL = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""Rotation from the depth camera's axes (x left, y up, z away) to: towards the camera, to its right, up."""
STILL_S = 1.2
"""Stillness at the floor before and after the lift."""
TOP_S = 0.4
"""Standing time between the way up and the way down, whose end postures differ slightly."""
MARGIN_S = 0.1
"""Time before and after the movement that is kept."""
STANDING = 0.2
"""Share of the frames, those with the highest neck, that count as standing."""
STRAIGHT_PERCENT = 75
"""Percentile of the shoulder-to-hand distance that counts as straight arms, as a held bar pulls them straight."""
LEAST_LEG_M = 0.2
"""Smallest height of hips over ankles, even if the depth camera lost a knee."""
FLEXION = 1.2
"""Ratio of the angle between the chords of lower and upper back to lumbar (= thoracic) flexion on the bodies."""
SIZES_PX = ((640, 480), (640, 480), (1280, 720), (480, 640))
VIEWS_DEG = (-105.0, 105.0)
ARRAYS = ("names", "fault", "length", "xyz_m", "joints")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordedLift:
    """A recorded lift, down and up, in the lifter's frame (x forward, y left, z up, m)."""

    name: str
    fault: int
    """0: good; 1 and above: unnamed kinds of bad form."""
    joints: dict[str, np.ndarray]
    """Joint → (T, 3), low-passed."""
    start: int
    turn: int
    end: int
    """Frames in which the lifter starts to bend, is lowest, and stands again."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RetargetedSet:
    """A recorded lift on a synthetic body, with one observation per frame."""

    name: str
    fault: int
    body: str
    view_deg: float
    observations: tuple[Observation, ...]
    start_s: float
    turn_s: float
    """Time of the lockout."""
    end_s: float


def depth_camera_sets(
    path: Path, body_names: Sequence[str], seed: int, noise: float = 1.0, views_deg: tuple[float, float] = VIEWS_DEG
) -> Iterator[RetargetedSet]:
    """Yield every lift of a file like kinect_deadlift.npz once, on a random one of the named bodies.

    The same seed gives the same sets. noise: factor on MediaPipe's errors. Raises LivecoachError for an invalid file.
    """
    for number, lift in enumerate(recorded_lifts(path)):
        rng = np.random.default_rng((seed, number))
        body = load(str(rng.choice(list(body_names))), 1.0)
        view_deg = float(rng.uniform(*views_deg))
        posture, turn, end = from_the_floor(body, lift)
        start = round(STILL_S * FPS)
        yield RetargetedSet(
            name=lift.name,
            fault=lift.fault,
            body=body.name,
            view_deg=view_deg,
            observations=_seen(rng, body, posture, view_deg, noise),
            start_s=start / FPS,
            turn_s=turn / FPS,
            end_s=end / FPS,
        )


def recorded_lifts(path: Path) -> Iterator[RecordedLift]:
    """Yield the lifts of a file with the arrays `ARRAYS`; xyz_m holds the frames of all lifts in sequence."""
    try:
        with np.load(path) as stored:
            names, faults, lengths, points, joints = (stored[key] for key in ARRAYS)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as err:
        expected = f"Expected a file with the arrays {', '.join(ARRAYS)}."
        raise LivecoachError(f"{path}: holds no depth camera lifts ({err}). {expected}") from err
    ends = np.cumsum(lengths)
    for name, fault, begin, end in zip(names, faults, ends - lengths, ends, strict=True):
        yield _recorded(str(name), int(fault), dict(zip(joints, points[begin:end].swapaxes(0, 1), strict=True)))


def _recorded(name: str, fault: int, camera_joints: dict[str, np.ndarray]) -> RecordedLift:
    low_pass = butter(2, CUTOFF_HZ, fs=FPS, output="sos")
    joints = {
        str(joint): sosfiltfilt(low_pass, median_filter(points.astype(float), (5, 1)) @ TO_MODEL.T, axis=0)
        for joint, points in camera_joints.items()
    }
    neck = joints["neck"]
    start, turn, end = turning_points.boundaries(np.arange(len(neck)) / FPS, -neck[:, 2], lockout=False)
    leftward = sum(joints[f"left_{line}"] - joints[f"right_{line}"] for line in ("shoulder", "hip"))
    x, y, _ = np.median(leftward[_standing(neck)], 0)
    facing = rotation(2, np.arctan2(x, y))
    margin = round(MARGIN_S * FPS)
    return RecordedLift(
        name=name,
        fault=fault,
        joints={joint: points @ facing.T for joint, points in joints.items()},
        start=max(start - margin, 0),
        turn=turn,
        end=min(end + margin, len(neck) - 1),
    )


def from_the_floor(body: BodyModel, lift: RecordedLift) -> tuple[Posture, int, int]:
    """Return the way up followed by the way down, with stillness at both ends, and the frames of lockout and end."""
    posture = on_body(body, lift)
    up = _cut(posture, lift.turn, lift.end)
    down = _cut(posture, lift.start, lift.turn)
    still, top = round(STILL_S * FPS), round(TOP_S * FPS)
    last_up, first_down = still + lift.end - lift.turn, still + lift.end - lift.turn + top
    whole = join([freeze(_cut(up, 0, 0), still), up, blend(up, down, top), down, freeze(down, still)])
    return whole, last_up, first_down + lift.turn - lift.start + 1


def on_body(body: BodyModel, lift: RecordedLift) -> Posture:
    """Retarget the recording to the body, frame by frame."""
    joints = lift.joints
    leg_ratio = (body.thigh_m + body.shin_m) / _leg_m(joints)
    ankles = {side: np.median(joints[f"{_WORD[side]}_ankle"], 0) for side in SIDES}
    apart_m = abs(ankles["L"][1] - ankles["R"][1])
    half_stance_m = float(np.clip(apart_m / 2 * leg_ratio, 0.06, 0.4))
    posture = stand(body, len(joints["neck"]), half_stance_m, 0.15)
    _hips(posture, body, joints, ankles)
    _trunk(posture, body, joints)
    _hands(posture, body, joints)
    for side in SIDES:
        posture[f"knee_in_{side}"] = _knee_in(posture, joints, side)
    return posture


_WORD = {"L": "left", "R": "right"}


def _hips(posture: Posture, body: BodyModel, joints: dict[str, np.ndarray], ankles: dict[str, np.ndarray]) -> None:
    """Place the hips over the planted feet by the recorded knee angles and leg directions, averaged over the sides."""
    offsets = []
    for side in SIDES:
        hip, knee, ankle = (joints[f"{_WORD[side]}_{name}"] for name in ("hip", "knee", "ankle"))
        bend = _cosine(hip - knee, ankle - knee)
        squared = body.thigh_m**2 + body.shin_m**2 - 2 * body.thigh_m * body.shin_m * bend
        aside_m = posture[f"foot_y_{side}"] - body.at(f"thigh.{side}")[1]
        ahead = _lean(hip - ankles[side])
        offsets.append(
            np.sqrt(np.maximum(squared - aside_m**2, LEAST_LEG_M**2)) * np.stack([np.sin(ahead), np.cos(ahead)])
        )
    offset = (offsets[0] + offsets[1]) / 2
    posture["hip_x"], posture["hip_z"] = posture["foot_x_L"] + offset[0], posture["foot_z_L"] + offset[1]


def _trunk(posture: Posture, body: BodyModel, joints: dict[str, np.ndarray]) -> None:
    """Set the trunk to the recorded lean from hips to shoulders, with flexion relative to standing."""
    standing = _standing(joints["neck"])
    low, high = joints["spine"] - joints["hip_centre"], joints["neck"] - joints["spine"]
    flexion = _since(_lean(high) - _lean(low), standing) / FLEXION
    posture["lumbar"] = posture["thoracic"] = np.clip(flexion, -0.15, 0.7)
    trunk = _middle(joints, "shoulder") - _middle(joints, "hip")
    spine = spine_vector(body, body.at("upperarm.L"), posture["lumbar"], posture["thoracic"])
    posture["pitch"] = _lean(trunk) - np.arctan2(spine[..., 0], spine[..., 1])
    aside = np.arcsin(np.clip(trunk[:, 1] / np.linalg.norm(trunk, axis=1), -0.5, 0.5))
    posture["roll"] = posture["side"] = -aside / 2
    top = posture["pitch"] + posture["lumbar"] + posture["thoracic"]
    head = _lean(joints["head"] - joints["neck"])
    posture["neck"] = np.clip(_since(head, standing) - _since(top, standing), -1.1, 0.6)


def _hands(posture: Posture, body: BodyModel, joints: dict[str, np.ndarray]) -> None:
    """Place the hands below the shoulders as recorded, in arm lengths, level and at their median distance."""
    arm = (_middle(joints, "hand") - _middle(joints, "shoulder"))[:, [0, 2]]
    arm_m = np.percentile(np.linalg.norm(arm, axis=1), STRAIGHT_PERCENT)
    apart_m = float(np.median(abs(joints["left_hand"][:, 1] - joints["right_hand"][:, 1]))) * body.arm_m / arm_m
    half_grip_m = np.clip(apart_m / 2, body.shoulder_half_m - 0.05, body.shoulder_half_m + 0.35)
    reach_m = np.sqrt((0.992 * body.arm_m) ** 2 - (half_grip_m - body.shoulder_half_m) ** 2)
    below = arm * (reach_m / np.maximum(np.linalg.norm(arm, axis=1), arm_m))[:, None]
    spine = spine_vector(body, body.at("upperarm.L"), posture["lumbar"], posture["thoracic"])
    shoulder_x, shoulder_z = from_hips(posture, spine)
    posture["bar_x"], posture["bar_z"] = shoulder_x + below[:, 0], shoulder_z + below[:, 1]
    for side in SIDES:
        posture[f"hand_x_{side}"], posture[f"hand_z_{side}"] = posture["bar_x"], posture["bar_z"]
        posture[f"hand_y_{side}"] = np.full_like(posture["bar_x"], SIGN[side] * half_grip_m)
        posture[f"grip_{side}"] = np.ones_like(posture["bar_x"])


def _knee_in(posture: Posture, joints: dict[str, np.ndarray], side: str) -> np.ndarray:
    """Return the inward rotation of the knee relative to the foot, (T,); 0 while the leg is straight."""
    hip, knee, ankle = (joints[f"{_WORD[side]}_{name}"] for name in ("hip", "knee", "ankle"))
    leg = (hip - ankle) / np.linalg.norm(hip - ankle, axis=1, keepdims=True)
    out = across(knee - ankle, leg)
    bent = np.clip(np.linalg.norm(out, axis=1) / 0.1, 0, 1)
    outward = np.arctan2(out[:, 1], np.maximum(out[:, 0], 0.02))
    turned: np.ndarray = bent * np.clip(SIGN[side] * (posture[f"foot_yaw_{side}"] - outward), -0.7, 0.5)
    return turned


def _seen(
    rng: np.random.Generator, body: BodyModel, posture: Posture, view_deg: float, noise: float
) -> tuple[Observation, ...]:
    size_px = SIZES_PX[rng.integers(len(SIZES_PX))]
    camera = random_camera(rng, size_px, view_deg, FPS)
    image, world = camera.project_landmarks(body.landmarks(*solve(body, posture)))
    found = noise_model.shipped()(rng, image, world, view_deg, FPS, size_px, noise)
    seen = np.concatenate([found.image, found.image[..., 3:]], -1).astype(np.float32)
    return tuple(
        Observation(
            index=i,
            t_s=i / FPS,
            landmarks=None if found.lost[i] else seen[i],
            world=None if found.lost[i] else found.world[i].astype(np.float32),
            people=int(not found.lost[i]),
            brightness=0.5,
            width_px=size_px[0],
            height_px=size_px[1],
            dropped=0,
        )
        for i in range(len(seen))
    )


def _cut(posture: Posture, first: int, last: int) -> Posture:
    """Return frames `first` to `last`, both included."""
    return {name: values[first : last + 1] for name, values in posture.items()}


def _middle(joints: dict[str, np.ndarray], name: str) -> np.ndarray:
    middle: np.ndarray = (joints[f"left_{name}"] + joints[f"right_{name}"]) / 2
    return middle


def _leg_m(joints: dict[str, np.ndarray]) -> float:
    """Return the median length of thigh plus shin."""
    hip, knee, ankle = (_middle(joints, name) for name in ("hip", "knee", "ankle"))
    return float(np.median(np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)))


def _standing(neck: np.ndarray) -> np.ndarray:
    """Return in which frames the neck is as high as in standing, (T,) bool."""
    standing: np.ndarray = neck[:, 2] >= np.quantile(neck[:, 2], 1 - STANDING)
    return standing


def _lean(vector: np.ndarray) -> np.ndarray:
    """Return the angle from upright in the sagittal plane, (T,), forward positive."""
    return np.unwrap(np.arctan2(vector[:, 0], vector[:, 2]))


def _since(angle: np.ndarray, standing: np.ndarray) -> np.ndarray:
    """Return the angle relative to its median over the standing frames, (T,)."""
    change: np.ndarray = angle - np.median(angle[standing])
    return change


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    cosine: np.ndarray = (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    return cosine
