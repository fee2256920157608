"""Values for tests, each with defaults: name only what the test is about."""

from collections.abc import Mapping

import numpy as np

from livecoach import landmark
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
