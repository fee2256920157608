"""Observations: what is seen of somebody in one frame or in the frames of a set."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from builders.stick_figure import Lift, a_stick_figure, bends
from livecoach.core import landmark
from livecoach.core.documents import codec
from livecoach.core.types import Observation
from livecoach.perception.body.body import ANKLE, SHOULDER, WRIST, Body

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
    """Return the landmarks, (33, 5) float32, of somebody who stands in mid-picture and faces the camera."""
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
    """Return what is seen in one frame: somebody who stands, unless `nobody`."""
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


def a_header(**changes: object) -> codec.ObservationsHeader:
    """Return the header of a file of observations."""
    fields: dict[str, object] = {
        "name": "set1.mp4",
        "width_px": 640,
        "height_px": 480,
        "fps": 30.0,
        "pose_model": "lite",
        "pose_sha256": "0" * 64,
        "synthetic": False,
    }
    return codec.ObservationsHeader(**{**fields, **changes})  # type: ignore[arg-type]


def a_sighting(
    figure: np.ndarray,
    *,
    t_s: float = 0.0,
    index: int = 0,
    feet: tuple[float, float] = (0.5, 0.9),
    height: float = 0.42,
) -> Observation:
    """Return a stick figure as a distant camera sees it. feet: where its ankles are, 0…1 of a 640×480 picture.

    height: how tall one metre is, as a share of the picture's height.
    """
    landmarks = np.empty((landmark.COUNT, 5), np.float32)
    landmarks[:, 0] = feet[0] + figure[:, 0] * height * 480 / 640
    landmarks[:, 1] = feet[1] + figure[:, 1] * height
    landmarks[:, 2] = figure[:, 2] * height * 480 / 640
    landmarks[:, 3:] = 1.0
    return Observation(
        index=index,
        t_s=t_s,
        landmarks=landmarks,
        world=(figure - figure[list(landmark.HIPS)].mean(0)).astype(np.float32),
        people=1,
        brightness=0.5,
        width_px=640,
        height_px=480,
        dropped=0,
    )


def a_set(
    curve: np.ndarray,
    *,
    lift: Lift,
    fps: float = 30.0,
    view_deg: float = 30.0,
    seed: int = 0,
    deepest_deg: tuple[float, float, float] | None = None,
) -> list[Observation]:
    """Return observations, one a frame, of a figure that bends as `curve` says and trembles by 2 mm."""
    rng = np.random.default_rng(seed)
    figures = {b: a_stick_figure(b, lift=lift, view_deg=view_deg, deepest_deg=deepest_deg) for b in {*curve.tolist()}}
    return [
        a_sighting(figures[bend] + rng.normal(0, 0.002, (landmark.COUNT, 3)), t_s=i / fps, index=i)
        for i, bend in enumerate(curve.tolist())
    ]


def a_squat(*, reps: int = 1, fps: float = 15.0, seed: int = 0, view_deg: float = 30.0) -> list[Observation]:
    """Return a set of good squats with a bar on the back."""
    return list(_good_set("squat", 0.0, reps, fps, seed, view_deg))


def a_deadlift(*, reps: int = 1, fps: float = 15.0, seed: int = 0, view_deg: float = 30.0) -> list[Observation]:
    """Return a set of good deadlifts, which begins and ends bent over the bar."""
    return list(_good_set("deadlift", 1.0, reps, fps, seed, view_deg))


@cache
def _good_set(lift: Lift, rest: float, reps: int, fps: float, seed: int, view_deg: float) -> tuple[Observation, ...]:
    """Return a set that several tests look at; its landmarks can't be changed in place."""
    made = a_set(bends(reps=reps, rest=rest, fps=fps), lift=lift, fps=fps, view_deg=view_deg, seed=seed)
    for seen in made:
        for array in (seen.landmarks, seen.world):
            assert array is not None
            array.setflags(write=False)
    return tuple(made)


def of_another(seen: Sequence[Observation]) -> list[Observation]:
    """The same movement of somebody with shorter forearms."""
    shorter = []
    for one in seen:
        assert one.world is not None
        world = one.world.copy()
        world[[15, 16]] = world[[13, 14]] + 0.6 * (world[[15, 16]] - world[[13, 14]])
        shorter.append(replace(one, world=world))
    return shorter


def a_recording(frames: int = 5, *, seed: int = 0, nobody: tuple[int, ...] = ()) -> list[Observation]:
    """Return observations of somebody who trembles, so that no two frames are alike, with the precision of a file."""
    rng = np.random.default_rng(seed)
    return [
        codec.round_observation(
            an_observation(
                index=n,
                t_s=n / 20,
                landmarks=(a_pose() + rng.normal(0, 0.05, (33, 5))).astype(np.float32),
                nobody=n in nobody,
            )
        )
        for n in range(frames)
    ]


SETS = {"deadlift": a_deadlift, "squat": a_squat}
"""Exercise → its builder of a set."""


def hidden(observations: Sequence[Observation], from_s: float, to_s: float) -> list[Observation]:
    """Return the observations with nobody in those between two times."""
    return [replace(o, landmarks=None, world=None, people=0) if from_s <= o.t_s < to_s else o for o in observations]


def levelled(seen: Observation, roll_deg: float) -> Observation:
    """Return the observation as a level camera that had not moved sees it: `level_points`, point by point."""
    if seen.camera is not None:
        a, b, *shift = seen.camera
        seen = _turned(seen, np.array([[a, b], [-b, a]]), np.array(shift))
    if not roll_deg:
        return seen
    sine, cosine = np.sin(np.radians(roll_deg)), np.cos(np.radians(roll_deg))
    turn, middle = np.array([[cosine, -sine], [sine, cosine]]), np.array([seen.width_px / seen.height_px, 1.0]) / 2
    return _turned(seen, turn, middle - middle @ turn)


def _turned(seen: Observation, turn: np.ndarray, shift: np.ndarray) -> Observation:
    aspect, scale = np.array([seen.width_px / seen.height_px, 1.0], np.float32), max(np.hypot(*turn[0]), 1e-6)
    arrays = (seen.landmarks, seen.world, seen.bar)
    landmarks, world, bar = (None if array is None else array.copy() for array in arrays)
    if landmarks is not None:
        landmarks[:, :2] = (landmarks[:, :2] * aspect @ turn + shift) / aspect
    if world is not None:
        world[:, :2] = world[:, :2] @ turn / scale
    if bar is not None:
        bar[:2] = (bar[:2] * aspect @ turn + shift) / aspect
        bar[2] *= scale
    return replace(seen, landmarks=landmarks, world=world, bar=bar, camera=None)


def a_body(**changes: object) -> Body:
    """Return a body whose joints all lie in one point, without a bar; what a test needs is in the changes."""
    fields: dict[str, object] = {
        "measures": None,
        "points_px": np.zeros((6, 2, 2)),
        "world": np.zeros((6, 2, 3)),
        "bar_px": np.full(3, np.nan),
        "framing": (640, 480, 0),
        "share_inside": 1.0,
    }
    return Body(**{**fields, **changes})  # type: ignore[arg-type]


def joints_px(*, feet: object = (0, 0), wrists: object = (0, 0), shoulders: object = (0, 0)) -> np.ndarray:
    """Return `Body.points_px` with these joints, (2,) for both sides alike or (2, 2), and all others at the origin."""
    points = np.zeros((6, 2, 2))
    points[ANKLE], points[WRIST], points[SHOULDER] = feet, wrists, shoulders
    return points
