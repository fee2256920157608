"""Turns a rep to a common view, with the camera at the lifter's left, and samples the trajectory that represents it.

Landmarks in the picture are steadier than landmarks in the world, but foreshortened: each measure is computed from
both.

Trajectories, by which reps are compared, are aligned by phase, not by time: the way out and the way back are sampled
where the hands (deadlift) or the hips (squat) have covered equal shares of their travel. The pace of a rep enters as
durations.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median
from livecoach.core.types import Observation, RepWindow
from livecoach.decisions.rep.motion import KINDS, DorsalProfile, RepMotion, Travel
from livecoach.perception.body.body import level_points, pair_middle, stack
from livecoach.perception.body.view import rep_roll_deg
from livecoach.perception.body.visibility import NO_TOES

LEAST_FRAMES = 12  # Least frames of a rep that can be measured
UPRIGHT_SHARE = 0.2  # Share of the rep's frames, those with the longest trunk, on which the standing torso is measured
NEAR_FRONT_DEG = 20.0  # Angle to the front below which the sign of the view is chance
LEAST_SINE = 0.35  # Least sine of the azimuth at which the picture shows forward distances: it stretches them threefold
_NO_EDGE = np.full(len(landmark.STATIONS), np.nan, np.float32)
ACROSS_FROM = 0.2  # Cosine of the azimuth above which a sideways distance is read off the picture


class CameraReading(NamedTuple):
    """The place of the camera relative to the lifter, and how exactly it shows the lifter, measured on reps."""

    azimuth_deg: float  # In the common view
    tilt_deg: float  # Angle by which the upright lifter leans away from the camera, or the camera looks up
    standing_deg: float  # Azimuth by the shoulders in the most upright frames, in which no fault turns them
    size: float  # Length of the standing torso in the picture, as a share of the picture's height
    trunk_share: float  # Ratio of the standing torso to the legs in the picture; smaller if the camera looks up
    jitter: float = math.nan  # Jitter of the landmarks, as in `Conditions`; NaN if unknown
    clarity: float = math.nan  # Clarity of moving joints, divided by the clarity of resting joints; NaN if unknown


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NormalisedRep:
    """A rep in the common view, with the camera at the lifter's left.

    The rep has T frames with a person, including a margin of up to a second on both sides.
    """

    picture: np.ndarray  # (T, 33, 2) landmarks in square pixels: x to the right, y up
    world: np.ndarray  # (T, 33, 3) landmarks in metres: x forward, y left, z up; origin between the hips
    t_s: np.ndarray  # (T,) rising times
    inside: np.ndarray  # (T,) bool: whether each frame lies in the rep, not in its margin
    start_s: float
    turn_s: float
    end_s: float
    azimuth_deg: float  # 0…180; a little below 0 if the reference decided the side
    mirrored: bool  # Whether the camera was at the lifter's right
    torso_px: float  # Length of the standing lifter's torso in the picture
    torso_m: float  # Length of the standing lifter's torso in the world
    back: np.ndarray | None  # (T, 19) height of the back's edge in torso lengths; None if it was never detected
    middle_px: tuple[float, float] = (0.5, -0.5)  # Middle of the picture, in the coordinates of `picture`
    bar: np.ndarray | None = None
    """(T, 3) the barbell's nearer plate: x and y in the coordinates of `picture`, and its vertical diameter. NaN where
    it was not detected; None if it was never detected."""
    heel: np.ndarray | None = None  # (T,) `Observation.heel`; NaN where unknown, None if always unknown


def normalise_rep(window: RepWindow, mirrored: bool | None = None) -> NormalisedRep | None:
    """Turn a rep to the common view, with the camera at the lifter's left.

    The result is None if the view is unknown, or if too little of the lifter is visible.

    Args:
        mirrored: Whether the reps with which the rep is compared were mirrored; None without these reps. It decides
            near the front, where the sign of the view is random and would swap left and right.
    """
    points = _points(window)
    if window.view is None or points is None:
        return None
    observations, (sizes_px, picture, world, bar, t_s, inside), torso_px, torso_m = points
    mirrored, azimuth_deg = choose_mirroring(window.view.azimuth_deg, mirrored)
    if mirrored:
        picture = picture[:, landmark.OTHER_SIDE] * (-1, 1)
        world = world[:, landmark.OTHER_SIDE] * (-1, 1, 1)
    azimuth_rad = np.radians((-1 if mirrored else 1) * window.view.azimuth_deg)
    sine, cosine = np.sin(azimuth_rad), np.cos(azimuth_rad)
    right, down, away = np.moveaxis(world, -1, 0)
    heel = np.array([np.nan if o.heel is None else o.heel for o in observations])
    edges = np.array([_NO_EDGE if o.back is None else o.back for o in observations])
    heights = (sizes_px[:, 1] / torso_px).astype(np.float32)[:, None]
    return NormalisedRep(
        picture=picture,
        world=np.stack([-sine * right - cosine * away, cosine * right - sine * away, -down], -1),
        t_s=t_s,
        inside=inside,
        start_s=window.start_s,
        turn_s=window.turn_s,
        end_s=window.end_s,
        azimuth_deg=azimuth_deg,
        mirrored=mirrored,
        torso_px=torso_px,
        torso_m=torso_m,
        back=None if np.isnan(edges).all() else (edges * heights).astype(np.float64),
        middle_px=((-1 if mirrored else 1) * observations[0].width_px / 2, -observations[0].height_px / 2),
        bar=None if np.isnan(bar).all() else bar[:, :3] * sizes_px[:, (0, 1, 1)] * (-1 if mirrored else 1, -1, 1),
        heel=None if np.isnan(heel).all() else heel,
    )


def can_be_normalised(window: RepWindow) -> bool:
    """Return whether `normalise_rep` can turn a rep to the common view. This check is five times as fast."""
    return window.view is not None and _points(window) is not None


def choose_mirroring(azimuth_deg: float, mirrored: bool | None) -> tuple[bool, float]:
    """Decide whether to mirror a rep; return the decision, and the rep's azimuth in the common view, in degrees.

    Args:
        azimuth_deg: Azimuth of the rep's view; below 0 if the camera is at the lifter's right.
        mirrored: Whether the compared reps were mirrored, which decides within NEAR_FRONT_DEG of the front; None if
            the rep is compared with no reps.
    """
    if mirrored is None or abs(azimuth_deg) > NEAR_FRONT_DEG:
        mirrored = azimuth_deg < 0
    return mirrored, float(np.degrees(np.radians(-azimuth_deg if mirrored else azimuth_deg)))


def undo_tilt(rep: NormalisedRep, tilt_deg: float, pitch_deg: float) -> NormalisedRep:
    """Return a rep as if its camera looked up less, with the landmarks turned towards the camera.

    The axis goes through the hips, level and across the line of sight. The plate and the back's edge stay as they are.

    Args:
        tilt_deg: Degrees by which the landmarks in the world are turned.
        pitch_deg: Degrees by which the landmarks in the picture are turned, with depths from the world.
    """
    angle, tilt, pitch = np.radians([rep.azimuth_deg, tilt_deg, pitch_deg])
    away, up, picture = np.array([-np.cos(angle), -np.sin(angle)]), rep.world[..., 2], rep.picture.copy()
    depth = rep.world[..., :2] @ away
    turned = depth * np.cos(tilt) - up * np.sin(tilt)
    flat = rep.world[..., :2] + (turned - depth)[..., None] * away
    world = np.concatenate([flat, (depth * np.sin(tilt) + up * np.cos(tilt))[..., None]], -1)
    hips = pair_middle(picture, landmark.HIPS)[:, None, 1]
    depth_px = turned * (rep.torso_px / rep.torso_m)
    picture[..., 1] = hips + (picture[..., 1] - hips + depth_px * np.sin(pitch)) / np.cos(pitch)
    torso_px = upright_distance(picture[rep.inside], landmark.SHOULDERS, landmark.HIPS)
    return replace(rep, picture=picture, world=world, torso_px=torso_px)


def world_motion(rep: NormalisedRep, travel: Travel) -> RepMotion:
    """Return the motion of a rep from the world landmarks, in metres from the middle of the ankles."""
    planted = rep.world - pair_middle(rep.world, landmark.ANKLES)[:, None]
    return _motion(rep, travel, planted, rep.torso_m)


def picture_motion(rep: NormalisedRep, travel: Travel) -> RepMotion:
    """Return the motion of a rep mainly from the picture landmarks, in torso lengths from the middle of the ankles.

    Heights come from the picture. Forward and sideways distances come from the picture and the world landmarks together
    if the view shows these distances, and otherwise from the world landmarks.
    """
    azimuth_rad = np.radians(rep.azimuth_deg)
    sine, cosine = float(np.sin(azimuth_rad)), float(np.cos(azimuth_rad))
    flat = rep.picture / rep.torso_px
    flat = flat - pair_middle(flat, landmark.ANKLES)[:, None]
    world = rep.world / rep.torso_m
    world = world - pair_middle(world, landmark.ANKLES)[:, None]
    forward, sideways = world[..., 0], world[..., 1]
    if abs(cosine) > ACROSS_FROM:
        sideways = (flat[..., 0] + sine * forward) / cosine
    if sine >= LEAST_SINE:
        # Joints keep their sideways distance through a rep, so its median steadies poorly visible joints.
        forward = (cosine * median(world[..., 1]) - flat[..., 0]) / sine
    back = None if rep.back is None else rep.back.__getitem__
    return _motion(rep, travel, np.stack([forward, sideways, flat[..., 1]], -1), 1.0, back)


def _points(window: RepWindow) -> tuple[list[Observation], tuple[np.ndarray, ...], float, float] | None:
    """Return the landmarks and lengths of a rep and its margin for `normalise_rep`; None with too few frames.

    Returns:
        The observations with a person, as far as their times rise; the widths and heights of their pictures; their
        landmarks in square pixels and in the world, and their plates, levelled; their times, and whether these lie in
        the rep; and the lengths of the standing torso in picture and world.
    """
    observations: list[Observation] = []
    for o in window.observations:
        if o.landmarks is not None and o.world is not None and not (observations and o.t_s <= observations[-1].t_s):
            observations.append(o)
    t_s = stack(observations, "t_s")
    within = (t_s >= window.start_s) & (t_s <= window.end_s)
    if np.count_nonzero(within) < LEAST_FRAMES:
        return None
    level = level_points(observations, rep_roll_deg(window))
    sizes_px = np.array([(o.width_px, o.height_px) for o in observations])
    picture = level.landmarks.astype(np.float64) * (sizes_px * (1, -1))[:, None]
    world = level.world.astype(np.float64)
    torso_px = upright_distance(picture[within], landmark.SHOULDERS, landmark.HIPS)
    torso_m = upright_distance(world[within], landmark.SHOULDERS, landmark.HIPS)
    if not (torso_px > 0 and torso_m > 0):
        return None
    return observations, (sizes_px, picture, world, level.bar, t_s, within), torso_px, torso_m


def _motion(
    rep: NormalisedRep, travel: Travel, points: np.ndarray, torso: float, back: DorsalProfile | None = None
) -> RepMotion:
    start, *_, last = np.flatnonzero(rep.inside).tolist()
    plate = None if rep.bar is None else rep.bar[:, 1:]
    return RepMotion(
        points=points,
        t_s=rep.t_s,
        torso_length=torso,
        inside=slice(start, last + 1),
        travel=travel,
        back=back,
        plate=plate,
        heel=rep.heel,
    )


def upright_distance(points: np.ndarray, upper: tuple[int, int], lower: tuple[int, int]) -> float:
    """Return the median of the longest fifth of the distances between two joint pairs' middles in (T, 33, …) points."""
    apart = np.linalg.norm(pair_middle(points, upper) - pair_middle(points, lower), axis=1)
    return float(median(np.sort(apart)[-max(3, int(UPRIGHT_SHARE * len(apart))) :]))


JOINTS = (0, *range(11, 17), *range(23, landmark.COUNT))  # Landmarks without fingers and face, which carry no form
MOMENTS = 8  # Number of samples on each way, out to the turn and back
SHARES = (np.arange(MOMENTS) + 0.5) / MOMENTS
"""Shares of the travel at which a way is sampled. The ends are left out: at rest and at the turn, the body may stay for
any time."""
TRAJECTORY_SHAPE = (2 * MOMENTS, len(JOINTS), 3)
"""Shape of a trajectory: moments out and back; joints; axes x forward, y left and z up from mid-hip. The picture's axes
are not used, because they follow the camera."""
_SHOULDERS, _ANKLES = np.searchsorted(JOINTS, [landmark.SHOULDERS, landmark.ANKLES])  # Their places in JOINTS
SMOOTHED_S = 0.1  # Time in seconds over which landmarks are averaged, against jitter
SIGHT_WEIGHT, REMAINING_VARIANCE = 0.5, 0.54
"""Weight of changes along the line of sight, which one camera shows less exactly, and the share of good reps' usual
variance that remains with this weight: the median of ten rendered sets of training bodies."""


def sampled_moments_s(rep: NormalisedRep, travel: Travel) -> np.ndarray:
    """Return the (2 * MOMENTS,) times at which hands or hips have covered SHARES of the way out, then of the way back.

    The way is the height of the hands or hips, whichever lead, over the ankles.
    """
    lead = landmark.WRISTS if KINDS[travel].of_hands else landmark.HIPS
    height = _smoothed(rep.t_s, (pair_middle(rep.picture, lead) - pair_middle(rep.picture, landmark.ANKLES)))
    ways_s = (rep.start_s, rep.turn_s), (rep.turn_s, rep.end_s)
    return np.concatenate([_reached_s(rep.t_s, height[:, 1], *way_s) for way_s in ways_s])


def compute_trajectory(rep: NormalisedRep, at_s: np.ndarray) -> np.ndarray:
    """Compute the trajectory (TRAJECTORY_SHAPE) of a rep: the places of its joints, smoothed, at `sampled_moments_s`.

    Places are in torso lengths; NaN for landmarks that the pose model lacks.
    """
    ways = (rep.world[:, JOINTS] / rep.torso_m).reshape(len(rep.t_s), -1)
    curves, after = _smoothed(rep.t_s, ways), np.clip(np.searchsorted(rep.t_s, at_s), 1, len(rep.t_s) - 1)
    share = np.clip((at_s - rep.t_s[after - 1]) / (rep.t_s[after] - rep.t_s[after - 1]), 0, 1)[:, None]
    points: np.ndarray = ((1 - share) * curves[after - 1] + share * curves[after]).reshape(TRAJECTORY_SHAPE)
    return points


def align_heading(points: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Turn a trajectory (TRAJECTORY_SHAPE) about the vertical, as near as possible to the trajectory `to`.

    Heading and errors of the view then make no difference. Points that are NaN in either trajectory do not count.
    """
    known = np.isfinite(points).all(-1) & np.isfinite(to).all(-1)
    x, y = points[known][:, :2].T
    x_to, y_to = to[known][:, :2].T
    angle = np.arctan2(float(x @ y_to - y @ x_to), float(x @ x_to + y @ y_to))
    sine, cosine = np.sin(angle), np.cos(angle)
    about = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    return points @ about


def scale_along_sight(points: np.ndarray, mean: np.ndarray, azimuth_deg: float | None) -> np.ndarray:
    """Scale the deviations of trajectories, (..., 3), from a `mean` along the camera's line of sight by SIGHT_WEIGHT.

    If the azimuth of the camera is None, the trajectories are returned unchanged.
    """
    if azimuth_deg is None:
        return points
    sight = np.array([np.cos(np.radians(azimuth_deg)), np.sin(np.radians(azimuth_deg)), 0.0])
    scaled: np.ndarray = points - (1 - SIGHT_WEIGHT) * ((points - mean) @ sight)[..., None] * sight
    return scaled


def remaining_variance(azimuth_deg: float | None) -> float:
    """Return the share of good reps' variance that remains after `scale_along_sight`; 1 without an azimuth (None)."""
    return 1.0 if azimuth_deg is None else REMAINING_VARIANCE


def _farther(points: np.ndarray) -> np.ndarray:
    """Return the change of a trajectory if each moment moves farther along it by its share of the travel."""
    out, back = np.split(points, 2)
    shares = SHARES[:, None, None]
    return np.concatenate([shares * np.gradient(out, SHARES, axis=0), (shares - 1) * np.gradient(back, SHARES, axis=0)])


def _more_upright(points: np.ndarray) -> np.ndarray:
    """Return the change of a trajectory whose upper body turns backwards about the hips, by its lean."""
    upper = [place for place, i in enumerate(JOINTS) if i < landmark.HIPS[0]]
    shoulders = points[:, _SHOULDERS].mean(1)
    lean = np.maximum(np.arctan2(shoulders[:, 0], shoulders[:, 2]), 0.0)[:, None]
    change = np.zeros_like(points)
    change[:, upper, 0], change[:, upper, 2] = -lean * points[:, upper, 2], lean * points[:, upper, 0]
    return change


IMPROVEMENTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    **dict.fromkeys(("bottom_hip_height", "bottom_hip_share"), _farther),
    "most_trunk_lean_deg": _more_upright,
}
"""Measure of a fault → function that returns how a trajectory without NaN changes as the rep becomes better in the
measure than good reps are, for example deeper."""


def greatest_shoulder_height(points: np.ndarray) -> float:
    """Return the greatest height of the shoulders above the ankles in a trajectory (TRAJECTORY_SHAPE), torso lengths.

    The result is nearly 0 if the lifter lies, and NaN if no moment shows both shoulders and both ankles.
    """
    above = points[:, _SHOULDERS, 2] - points[:, _ANKLES, 2]
    above = above[np.isfinite(above).all(1)]
    return float(above.mean(1).max(initial=-np.inf)) if len(above) else np.nan


def _reached_s(t_s: np.ndarray, height: np.ndarray, begins_s: float, ends_s: float) -> np.ndarray:
    """Return the (MOMENTS,) times at which a height covers SHARES of its travel; evenly spaced without travel."""
    inside = t_s[(t_s > begins_s) & (t_s < ends_s)]
    at_s = np.concatenate([[begins_s], inside, [ends_s]])
    values = np.interp(at_s, t_s, height)
    way = values[-1] - values[0]
    if way == 0:
        return begins_s + SHARES * (ends_s - begins_s)
    covered = np.maximum.accumulate(np.clip((values - values[0]) / way, 0.0, 1.0))
    first = np.concatenate([[True], np.diff(covered) > 0])
    return np.interp(SHARES, covered[first], at_s[first])


def _smoothed(t_s: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """Return the running mean of curves (T, k) over SMOOTHED_S around each frame."""
    total = np.concatenate([np.zeros((1, curves.shape[1])), np.cumsum(curves, axis=0)])
    first = np.searchsorted(t_s, t_s - SMOOTHED_S / 2 - 1e-6)
    last = np.searchsorted(t_s, t_s + SMOOTHED_S / 2 + 1e-6)
    return (total[last] - total[first]) / (last - first)[:, None]


_FEET = tuple(range(29, 33))
JOINTS_LOST_WITH: dict[str, tuple[int, ...]] = {
    "elbows": (13, 14),
    "wrists": (15, 16),
    "ankles": (27, 28, *_FEET),
    "feet": _FEET,
    NO_TOES: _FEET,
}
"""Group of joints that can't be measured → the landmarks that are then left out of the trajectory. Without shoulders,
hips or knees, a rep is not judged."""


def without_joints(points: np.ndarray, groups: Iterable[str]) -> np.ndarray:
    """Return a copy of a trajectory (TRAJECTORY_SHAPE) with NaN at the joints that JOINTS_LOST_WITH has for groups."""
    points = points.copy()
    for group in groups:
        points[:, np.isin(JOINTS, JOINTS_LOST_WITH.get(group, ()))] = np.nan
    return points
