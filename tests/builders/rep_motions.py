"""Reps of a stick figure in its own frame (x forward, y left, z up, metres), whose measures are known."""

from collections.abc import Sequence

import numpy as np

from livecoach.core import landmark
from livecoach.decisions.rep.motion import RepMotion

FPS = 30.0
SHIN_M, THIGH_M, TORSO_M = 0.43, 0.43, 0.5
ANKLE_UP_M, FOOT_X_M, HALF_FEET_M, HALF_HIPS_M, HALF_SHOULDERS_M = 0.08, 0.05, 0.15, 0.12, 0.18
SHIN_SHARE = 0.3
"""Of the knee's bend."""
FLOOR_M, TRAVEL_M = 0.25, 0.55
"""Height of the wrists on the floor, and their way up."""


def shape(  # noqa: PLR0913 - a test names the one that it is about
    *,
    knee_deg: Sequence[float] | np.ndarray,
    lean_deg: Sequence[float] | np.ndarray,
    wrist_m: np.ndarray | None = None,
    bar_forward: float = 0.0,
    tilt: float = 0.0,
    left_elbow_deg: float = 180.0,
    knees_in: float = 0.0,
    hips_aside: np.ndarray | float = 0.0,
    heel_up: np.ndarray | float = 0.0,
) -> np.ndarray:
    """(T, 33, 3). wrist_m (T,): height of the hands over mid-foot; None: beside the shoulders.

    Heights of heels and the bar's way forward in torsos, tilt in shoulder widths, hips aside in hip widths.
    """
    bend, lean = np.radians(180 - np.asarray(knee_deg)), np.radians(np.asarray(lean_deg))
    none = np.zeros_like(bend)
    shin, thigh = SHIN_SHARE * bend, -(1 - SHIN_SHARE) * bend
    ankle = np.stack([none, none + ANKLE_UP_M], 1)
    knee = ankle + SHIN_M * np.stack([np.sin(shin), np.cos(shin)], 1)
    hip = knee + THIGH_M * np.stack([np.sin(thigh), np.cos(thigh)], 1)
    shoulder = hip + TORSO_M * np.stack([np.sin(lean), np.cos(lean)], 1)
    wrist = shoulder if wrist_m is None else np.stack([none + FOOT_X_M + bar_forward * TORSO_M, wrist_m], 1)
    heel = np.stack([none + FOOT_X_M - 0.1, none + np.asarray(heel_up) * TORSO_M], 1)
    toe = np.stack([none + FOOT_X_M + 0.1, none], 1)
    points = np.zeros((len(bend), landmark.COUNT, 3))

    def put(pair: tuple[int, int], place: np.ndarray, out_m: float, aside: np.ndarray | float = 0.0) -> None:
        for index, sign in zip(pair, (1, -1), strict=True):
            points[:, index] = np.stack([place[:, 0], none + sign * out_m + aside, place[:, 1]], 1)

    put(landmark.SHOULDERS, shoulder, HALF_SHOULDERS_M)
    put(landmark.HIPS, hip, HALF_HIPS_M, 2 * HALF_HIPS_M * np.asarray(hips_aside))
    put(landmark.KNEES, knee, HALF_FEET_M * (1 - knees_in))
    put(landmark.ANKLES, ankle, HALF_FEET_M)
    put(landmark.HEELS, heel, HALF_FEET_M)
    put(landmark.TOES, toe, HALF_FEET_M)
    put(landmark.WRISTS, wrist, HALF_SHOULDERS_M)
    put(landmark.ELBOWS, (shoulder + wrist) / 2, HALF_SHOULDERS_M)
    half_arm_m = np.linalg.norm(shoulder - wrist, axis=1) / 2
    points[:, landmark.ELBOWS[0], 1] += half_arm_m / np.tan(np.radians(left_elbow_deg) / 2)
    points[:, landmark.WRISTS[0], 2] += tilt * HALF_SHOULDERS_M
    points[:, landmark.WRISTS[1], 2] -= tilt * HALF_SHOULDERS_M
    return points


def a_deadlift_rep(  # noqa: PLR0913 - a test names the one that it is about
    *,
    fps: float = FPS,
    lift_off_knee_deg: float = 110.0,
    lean_deg: float = 55.0,
    up_s: float = 1.2,
    down_s: float = 1.2,
    floor_s: float = 0.6,
    before_s: float = 0.0,
    bounced: bool = False,
    dip: float = 0.0,
    high_start: bool = False,
    heel_up: float = 0.0,
    moved: tuple[float, float] = (0.0, 0.0),
    margin: bool = True,
    **figure: float,
) -> RepMotion:
    """A pull with the bar over mid-foot. before_s: of the rep before, its way down; floor_s: rest on the floor;
    bounced: it falls from half way up, and half of its fall's speed is there on the way up.

    dip: torsos that the bar sinks on its way up. heel_up: torsos, on the floor. moved: torsos forward and to the left.
    """
    up = _sinking(up_s, fps, dip) if dip else minimum_jerk(up_s, fps)
    parts = [1 - minimum_jerk(before_s, fps), np.zeros(round(floor_s * fps))]
    if bounced:
        parts, up = [0.5 - 0.5 * np.arange(0, 1, 3 / fps)], np.maximum(up, 0.75 * np.arange(len(up)) / fps)
    start = sum(map(len, parts)) if margin else 0
    q = np.concatenate([*(parts if margin else []), up, np.ones(round(0.4 * fps)), 1 - minimum_jerk(down_s, fps)])
    points = shape(
        knee_deg=lift_off_knee_deg + (180 - lift_off_knee_deg) * np.clip(q, 0, 1),
        lean_deg=lean_deg * (1 - q),
        wrist_m=FLOOR_M + 0.4 * high_start + TRAVEL_M * q,
        heel_up=heel_up * (1 - q),
        **figure,
    )
    points[..., :2] += np.array(moved) * TORSO_M
    return RepMotion(
        points=points, t_s=np.arange(len(q)) / fps, torso_length=TORSO_M, inside=slice(start, None), travel="bar"
    )


def a_squat_rep(
    *,
    fps: float = FPS,
    lean_deg: float = 40.0,
    down_s: float = 1.3,
    heel_up: float = 0.0,
    hips_aside: float = 0.0,
    **figure: float,
) -> RepMotion:
    """A squat with a moment's pause at the bottom. heel_up in torsos and hips_aside in hip widths, at the bottom."""
    still = np.zeros(round(0.4 * fps))
    q = np.concatenate([still, minimum_jerk(down_s, fps), np.ones(round(0.3 * fps)), 1 - minimum_jerk(1.2, fps), still])
    points = shape(
        knee_deg=180 - 105 * q, lean_deg=lean_deg * q, heel_up=heel_up * q, hips_aside=hips_aside * q, **figure
    )
    return RepMotion(points=points, t_s=np.arange(len(q)) / fps, torso_length=TORSO_M, travel="hips")


def minimum_jerk(seconds: float, fps: float) -> np.ndarray:
    """Minimum jerk from 0 to 1, both included."""
    x = np.linspace(0, 1, round(seconds * fps) + 1) if seconds else np.zeros(0)
    return x**3 * (10 - 15 * x + 6 * x * x)


def _sinking(seconds: float, fps: float, dip: float) -> np.ndarray:
    """To .8 of the way, down by `dip` torsos, and up to 1."""
    low = 0.8 - dip * TORSO_M / TRAVEL_M
    first, second, third = (minimum_jerk(share * seconds, fps) for share in (0.5, 0.3, 0.3))
    return np.concatenate([0.8 * first, 0.8 + (low - 0.8) * second, low + (1 - low) * third])
