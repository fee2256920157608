"""Values for tests, each with defaults: name only what the test is about."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from livecoach import landmark
from livecoach.documents import codec
from livecoach.types import Observation, Rep, Step

_STANDING = {
    "nose": (0.50, 0.14),
    "left_shoulder": (0.56, 0.26),
    "right_shoulder": (0.44, 0.26),
    "left_elbow": (0.58, 0.40),
    "right_elbow": (0.42, 0.40),
    "left_wrist": (0.57, 0.53),
    "right_wrist": (0.43, 0.53),
    "left_hip": (0.54, 0.52),
    "right_hip": (0.46, 0.52),
    "left_knee": (0.545, 0.70),
    "right_knee": (0.455, 0.70),
    "left_ankle": (0.55, 0.88),
    "right_ankle": (0.45, 0.88),
    "left_heel": (0.55, 0.90),
    "right_heel": (0.45, 0.90),
    "left_foot_index": (0.57, 0.92),
    "right_foot_index": (0.43, 0.92),
}


def a_pose(*, visibility: float = 1.0, moved: Mapping[str, tuple[float, float]] | None = None) -> np.ndarray:
    """(33, 5) float32: somebody who stands in the middle of the picture, facing the camera."""
    pose = np.zeros((landmark.COUNT, 5), np.float32)
    places = {**_STANDING, **(moved or {})}
    for index, name in enumerate(landmark.NAMES):
        anchor = places["nose"] if index < 11 else places["left_wrist" if name.startswith("left") else "right_wrist"]
        pose[index, :2] = places.get(name, anchor)
    pose[:, 3:] = visibility
    return pose


def an_observation(
    *,
    t_s: float = 0.0,
    index: int = 0,
    landmarks: np.ndarray | None = None,
    nobody: bool = False,
    width_px: int = 640,
    height_px: int = 480,
) -> Observation:
    """What is seen in one frame: somebody who stands, unless `nobody`."""
    pose = None if nobody else a_pose() if landmarks is None else landmarks
    return Observation(
        index=index,
        t_s=t_s,
        landmarks=pose,
        world=None if pose is None else np.zeros((landmark.COUNT, 3), np.float32),
        people=0 if pose is None else 1,
        brightness=0.5,
        width_px=width_px,
        height_px=height_px,
        dropped=0,
    )


def a_header(**changes: object) -> codec.Header:
    """Of stored observations."""
    fields: dict[str, object] = {
        "name": "set1.mp4",
        "width_px": 640,
        "height_px": 480,
        "fps": 30.0,
        "pose_model": "lite",
        "pose_sha256": "0" * 64,
        "synthetic": False,
    }
    return codec.Header(**{**fields, **changes})  # type: ignore[arg-type]


def a_rep(**changes: object) -> Rep:
    """A good first rep."""
    fields = {
        "index": 1,
        "start_s": 0.0,
        "turn_s": 1.0,
        "end_s": 2.0,
        "verdict": "good",
        "score": 0.4,
        "threshold": 1.0,
        "confidence": 1.0,
        "reference": "population",
    }
    return Rep(**{**fields, **changes})  # type: ignore[arg-type]


def a_step(**changes: object) -> Step:
    """A frame in which nothing happens."""
    fields: dict[str, object] = {
        "stage": None,
        "view": None,
        "progress": None,
        "count": 0,
        "rep": None,
        "partial": None,
        "cue": None,
        "notices": (),
        "warning": None,
    }
    observation = changes.pop("observation", None) or an_observation()
    return Step(observation=observation, **{**fields, **changes})  # type: ignore[arg-type]


SHIN_M, THIGH_M, TORSO_M, UPPER_ARM_M, FOREARM_M = 0.43, 0.43, 0.5, 0.3, 0.3
HALF_HIPS_M, HALF_SHOULDERS_M, HALF_FEET_M = 0.12, 0.18, 0.15
Lift = Literal["deadlift", "squat"]
_DEEPEST_DEG = {"deadlift": (15.0, 55.0, 70.0), "squat": (35.0, 80.0, 40.0)}
"""Lift → tilt of shin and trunk (forward) and of the thigh (backward) where it is down."""


def a_stick_figure(
    bend: float,
    *,
    lift: Lift = "deadlift",
    view_deg: float = 30.0,
    deepest_deg: tuple[float, float, float] | None = None,
) -> np.ndarray:
    """(33, 3) metres above the middle of the ankles, x to the picture's right, y down, z away from the camera.

    bend: 0 standing, 1 at the bottom of the lift. view_deg: camera's azimuth, 0 in front, 90 at the left side.
    deepest_deg: tilt of shin and trunk (forward) and of the thigh (backward) at the bottom: shin, thigh, trunk.
    """
    shin, thigh, trunk = np.radians(deepest_deg or _DEEPEST_DEG[lift]) * bend
    knee = SHIN_M * np.array([np.sin(shin), np.cos(shin)])  # (forward, up)
    hip = knee + THIGH_M * np.array([-np.sin(thigh), np.cos(thigh)])
    shoulder = hip + TORSO_M * np.array([np.sin(trunk), np.cos(trunk)])
    if lift == "deadlift":  # arms hang
        elbow, wrist = shoulder - (0, UPPER_ARM_M), shoulder - (0, UPPER_ARM_M + FOREARM_M)
    else:  # hands beside the shoulders, on a bar
        elbow, wrist = shoulder - (0.05, 0.2), shoulder + np.array([0.0, 0.02])
    head, toes = shoulder + np.array([0.05, 0.22]), np.array([0.15, -0.06])
    places = {
        "shoulder": (shoulder, HALF_SHOULDERS_M),
        "elbow": (elbow, HALF_SHOULDERS_M + 0.05),
        "wrist": (wrist, HALF_SHOULDERS_M + 0.05),
        "hip": (hip, HALF_HIPS_M),
        "knee": (knee, HALF_FEET_M),
        "ankle": (np.zeros(2), HALF_FEET_M),
        "heel": (np.array([-0.05, -0.06]), HALF_FEET_M),
        "foot_index": (toes, HALF_FEET_M),
    }
    angle = np.radians(view_deg)
    forward, leftward = np.array([-np.sin(angle), -np.cos(angle)]), np.array([np.cos(angle), -np.sin(angle)])  # (x, z)
    figure = np.empty((landmark.COUNT, 3))
    for index, name in enumerate(landmark.NAMES):
        side, _, joint = name.partition("_")
        place, out_m = (head, 0.04) if index < 11 else places.get(joint, places["wrist"])
        across_m = out_m * {"left": 1, "right": -1}.get(side, 0)
        x, z = place[0] * forward + across_m * leftward
        figure[index] = x, -place[1], z
    return figure


def a_sighting(
    figure: np.ndarray,
    *,
    t_s: float = 0.0,
    index: int = 0,
    feet: tuple[float, float] = (0.5, 0.9),
    height: float = 0.42,
    visibility: float = 1.0,
    dropped: int = 0,
) -> Observation:
    """A stick figure as a distant camera sees it. feet: where its ankles are, 0…1 of a 640×480 picture.

    height: of one metre, as a share of the picture's.
    """
    landmarks = np.empty((landmark.COUNT, 5), np.float32)
    landmarks[:, 0] = feet[0] + figure[:, 0] * height * 480 / 640
    landmarks[:, 1] = feet[1] + figure[:, 1] * height
    landmarks[:, 2] = figure[:, 2] * height * 480 / 640
    landmarks[:, 3:] = visibility
    return Observation(
        index=index,
        t_s=t_s,
        landmarks=landmarks,
        world=(figure - figure[list(landmark.HIPS)].mean(0)).astype(np.float32),
        people=1,
        brightness=0.5,
        width_px=640,
        height_px=480,
        dropped=dropped,
    )


def bends(*, reps: int, rest: float, fps: float = 30.0, rep_s: float = 2.4, pause_s: float = 0.8) -> np.ndarray:
    """(n,) bend of each frame of a set that starts and ends at `rest` (0 standing, 1 at the bottom), with pauses."""
    moving = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(round(rep_s * fps)) / round(rep_s * fps))
    still = np.zeros(round(pause_s * fps))
    out = np.concatenate([still, *([moving, still] * reps)])
    return np.abs(rest - out)


def a_set(
    curve: np.ndarray,
    *,
    lift: Lift,
    fps: float = 30.0,
    view_deg: float = 30.0,
    seed: int = 0,
    deepest_deg: tuple[float, float, float] | None = None,
) -> list[Observation]:
    """Observations of a figure that bends as `curve` says, a frame each, trembling by 2 mm."""
    rng = np.random.default_rng(seed)
    figures = [a_stick_figure(bend, lift=lift, view_deg=view_deg, deepest_deg=deepest_deg) for bend in curve]
    return [
        a_sighting(figure + rng.normal(0, 0.002, figure.shape), t_s=i / fps, index=i)
        for i, figure in enumerate(figures)
    ]


def a_squat(*, reps: int = 1, fps: float = 30.0, seed: int = 0, view_deg: float = 30.0) -> list[Observation]:
    """A set of good squats with a bar on the back."""
    return a_set(bends(reps=reps, rest=0.0, fps=fps), lift="squat", fps=fps, view_deg=view_deg, seed=seed)


def a_deadlift(*, reps: int = 1, fps: float = 30.0, seed: int = 0, view_deg: float = 30.0) -> list[Observation]:
    """A set of good deadlifts: begins and ends bent over the bar."""
    return a_set(bends(reps=reps, rest=1.0, fps=fps), lift="deadlift", fps=fps, view_deg=view_deg, seed=seed)
