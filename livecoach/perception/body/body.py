"""Measures the lifter's body by angles and ratios of the world landmarks, which do not depend on place or size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Observation, StageName
from livecoach.core.types.observation import LEAST_PLATE_PROBABILITY

SHOULDER, ELBOW, WRIST, HIP, KNEE, ANKLE = range(6)
"""Indices of the joints in arrays (n, 6, 2, …): frame, joint, left and right."""
_CHAIN = [SHOULDER, HIP, KNEE, ANKLE]
JOINT_CHAINS = ((HIP, KNEE, ANKLE), (SHOULDER, HIP, KNEE), (SHOULDER, ELBOW, WRIST))
"""Joint above, joint with an angle, and joint below: for knee, hip and elbow."""


def _dot_products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    # NumPy's sum takes twice as long for few coordinates.
    found: np.ndarray = sum((a * b).T).T
    return found


def lengths(vectors: np.ndarray) -> np.ndarray:
    """Return the lengths of vectors with their coordinates along the last axis."""
    return np.sqrt(_dot_products(vectors, vectors))


def middles(points: np.ndarray) -> np.ndarray:
    """Return the means (n, joints, …) of left and right points (n, joints, 2, …)."""
    # Four times as fast as NumPy's mean.
    return (points[:, :, 0] + points[:, :, 1]) / 2


def pair_middle(points: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """Return the midpoints (..., k) of the two landmarks in `pair`, for the points (..., 33, k) of all landmarks."""
    return (points[..., pair[0], :] + points[..., pair[1], :]) / 2


def joint_angles_rad(world: np.ndarray, upper: int, joint: int, lower: int) -> np.ndarray:
    """Return the angles at a joint between the joints above and below, in radians; pi if the joint is straight.

    Args:
        world: (n, 6, 2, 3) joints, or (n, 6, 3) means of left and right.
        upper: Index of the joint above, such as HIP.

    Returns:
        (n, 2) angles of left and right joints, or (n,) angles of means; pi/2 for a limb without length.
    """
    a, b = world[:, upper] - world[:, joint], world[:, lower] - world[:, joint]
    cosines = _dot_products(a, b) / np.maximum(np.sqrt(_dot_products(a, a) * _dot_products(b, b)), 1e-9)
    return np.arccos(np.minimum(np.maximum(cosines, -1.0), 1.0))


def trunk_lean_rad(world: np.ndarray) -> np.ndarray:
    """Return the lean of the trunk from upright, (n,) radians, for world joints (n, 6, 2, 3)."""
    trunk = trunks(world)
    return np.arctan2(np.hypot(trunk[:, 0], trunk[:, 2]), -trunk[:, 1])


def left_right_distances(world: np.ndarray, joint: int) -> np.ndarray:
    """Return the distances (n,) between the left and the right joint of a pair, for world joints (n, 6, 2, 3)."""
    return lengths(world[:, joint, 0] - world[:, joint, 1])


def trunks(world: np.ndarray) -> np.ndarray:
    """Return the vectors (n, 3) from mid-hip to mid-shoulder, for world joints (n, 6, 2, 3)."""
    sides = world[:, SHOULDER] - world[:, HIP]
    return (sides[:, 0] + sides[:, 1]) / 2


def leg_lengths(world: np.ndarray) -> np.ndarray:
    """Return the lengths (n,) of thigh and shin together, as the mean of both sides, for world joints (n, 6, 2, 3)."""
    return middles(lengths(world[:, HIP:ANKLE] - world[:, KNEE:])).sum(1)


def sizes_px(points_px: np.ndarray) -> np.ndarray:
    """Return the summed lengths (n,) of torso, thigh and shin in the picture, for joints (n, 6, 2, 2)."""
    middle = middles(points_px)
    return lengths(middle[:, (SHOULDER, HIP, KNEE)] - middle[:, (HIP, KNEE, ANKLE)]).sum(1)


def size_px(points_px: np.ndarray) -> float:
    """Return the length of torso, thigh and shin together in the picture, for the joints (6, 2, 2) of one frame."""
    # Python takes a third of NumPy's time for so few numbers.
    joints, size = points_px.tolist(), 0.0
    middles = [((left[0] + right[0]) / 2, (left[1] + right[1]) / 2) for left, right in map(joints.__getitem__, _CHAIN)]
    for (x, y), (next_x, next_y) in pairwise(middles):
        size += math.sqrt((x - next_x) * (x - next_x) + (y - next_y) * (y - next_y))
    return size


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The measures of the body in one observation. Heights are measured from the ankles if nothing else is stated."""

    hip_angle_deg: float  # shoulder–hip–knee, mean of both sides, 0…180
    knee_angle_deg: float  # hip–knee–ankle, mean of both sides, 0…180
    trunk_lean_deg: float  # angle of the line from mid-hip to mid-shoulder from upright, 0…180
    hip_height: float  # height of mid-hip / (thigh + shin)
    shoulder_height: float  # height of mid-shoulder / (torso + thigh + shin)
    wrist_height: float  # height of mid-wrist / (thigh + shin)
    wrist_over_shoulder: float  # height of mid-wrist above mid-shoulder / (thigh + shin)
    elbow_angle_deg: float  # shoulder–elbow–wrist, mean of both sides, 0…180


NAMES = tuple(f.name for f in fields(Measures))  # names of the measures


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """The lifter's body in one observation.

    Recognition adds `lift_log_odds`, and counting adds `distance_from_rest` and `stage`.
    """

    t_s: float
    measures: Measures
    size_px: float  # length of torso, thigh and shin together, which is steadier than the torso alone
    points_px: np.ndarray  # (6, 2, 2) shoulders, elbows, wrists, hips, knees, ankles; left and right; x and y
    world: np.ndarray  # (6, 2, 3) the same joints in metres, around the hips
    bar_px: np.ndarray  # (3,) the plate, as `plate_px` returns it
    framing: tuple[int, int, int]  # width, height and turn of the picture
    share_inside: float  # share of the shoulders, hips, knees and ankles that are inside the picture
    distance_from_rest: float = math.nan  # 0 at rest, 1 at the usual turn; smoothed; NaN before counting
    stage: StageName = "neutral"
    levelled_deg: float = 0.0  # roll by which everything except `share_inside` is levelled
    lift_log_odds: float = 0.0  # log odds that an exercise is done, and not another movement; 0 if unknown

    @property
    def feet_px(self) -> np.ndarray:
        """The midpoint of the ankles, (2,), in pixels."""
        return (self.points_px[ANKLE, 0] + self.points_px[ANKLE, 1]) / 2

    @property
    def hang_px(self) -> np.ndarray:
        """The (2,) distances of left and right wrist below their shoulders, in pixels; below 0 if raised."""
        return self.points_px[WRIST, :, 1] - self.points_px[SHOULDER, :, 1]


class Bodies(NamedTuple):
    """The lifter's body in n successive observations, with each field in an array."""

    t_s: np.ndarray  # (n,)
    distance_from_rest: np.ndarray  # (n,)
    size_px: np.ndarray  # (n,)
    points_px: np.ndarray  # (n, 6, 2, 2)
    world: np.ndarray  # (n, 6, 2, 3)
    bar_px: np.ndarray  # (n, 3)
    lift_log_odds: np.ndarray  # (n,)

    def choose(self, some: slice | np.ndarray) -> "Bodies":
        """Return some of the bodies, chosen by a slice or by a mask (n,)."""
        return Bodies(*(values[some] for values in self))


def gather(bodies: Sequence[Body]) -> Bodies:
    """Gather the fields of successive bodies in arrays."""
    return Bodies(*(stack(bodies, name) for name in Bodies._fields))


def stack(items: Sequence[object], name: str) -> np.ndarray:
    """Return the values of a field, or of a property, of n bodies, observations or reps as an array (n, …)."""
    return np.array([getattr(item, name) for item in items])


def _angle_deg(upper: Sequence[float], joint: Sequence[float], lower: Sequence[float]) -> tuple[float, float, float]:
    """Return the angle at a joint in degrees, and the lengths of the bones to the joints above and below."""
    (x, y, z), (upper_x, upper_y, upper_z), (lower_x, lower_y, lower_z) = joint, upper, lower
    ax, ay, az, bx, by, bz = upper_x - x, upper_y - y, upper_z - z, lower_x - x, lower_y - y, lower_z - z
    square_a, square_b = ax * ax + ay * ay + az * az, bx * bx + by * by + bz * bz
    cosine = (ax * bx + ay * by + az * bz) / max(math.sqrt(square_a * square_b), 1e-9)
    return math.degrees(math.acos(min(max(cosine, -1.0), 1.0))), math.sqrt(square_a), math.sqrt(square_b)


def measure_body(world: np.ndarray) -> Measures:
    """Compute the measures of a body from its world landmarks (33, 3), metres, y down."""
    # Python takes a fifth of NumPy's time for so few numbers.
    joints = world[landmark.JOINTS].tolist()  # joint, side, xyz
    hips_deg, knees_deg, elbows_deg, torsos, legs = 0.0, 0.0, 0.0, 0.0, 0.0
    for shoulder, elbow, wrist, hip, knee, ankle in zip(*joints, strict=True):
        hip_deg, torso, thigh = _angle_deg(shoulder, hip, knee)
        knee_deg, _, shin = _angle_deg(hip, knee, ankle)
        hips_deg, knees_deg = hips_deg + hip_deg, knees_deg + knee_deg
        elbows_deg += _angle_deg(shoulder, elbow, wrist)[0]
        torsos, legs = torsos + torso, legs + (thigh + shin)
    middle = [[(a + b) / 2 for a, b in zip(left, right, strict=True)] for left, right in joints]
    across, up, ahead = (upper - lower for upper, lower in zip(middle[SHOULDER], middle[HIP], strict=True))
    leg = max(legs / 2, 1e-6)
    height = [middle[ANKLE][1] - y for _, y, _ in middle]
    return Measures(
        hip_angle_deg=hips_deg / 2,
        knee_angle_deg=knees_deg / 2,
        trunk_lean_deg=math.degrees(math.atan2(math.hypot(across, ahead), -up)),
        hip_height=height[HIP] / leg,
        shoulder_height=height[SHOULDER] / (leg + torsos / 2),
        wrist_height=height[WRIST] / leg,
        wrist_over_shoulder=(height[WRIST] - height[SHOULDER]) / leg,
        elbow_angle_deg=elbows_deg / 2,
    )


class LevelPoints(NamedTuple):
    """The points of T observations as a level camera that had not moved would have seen them, float32, NaN if unknown.

    `Observation.back` is left out: measured from the trunk, it needs no levelling.
    """

    landmarks: np.ndarray  # (T, 33, 2) x and y, as in `Observation.landmarks`
    world: np.ndarray  # (T, 33, 3), as in `Observation.world`
    bar: np.ndarray  # (T, 4), as in `Observation.bar`


_UNKNOWN, _NO_BAR = np.full((landmark.COUNT, 3), np.nan, np.float32), np.full(4, np.nan, np.float32)


def level_points(observations: Sequence[Observation], roll_deg: float = 0.0) -> LevelPoints:
    """Return the points of observations, with the camera's motion and roll (the picture's clockwise lean) undone."""
    landmarks = np.array([_UNKNOWN[:, :2] if o.landmarks is None else o.landmarks[:, :2] for o in observations])
    world = np.array([_UNKNOWN if o.world is None else o.world for o in observations])
    points = LevelPoints(landmarks, world, np.array([_NO_BAR if o.bar is None else o.bar for o in observations]))
    moved = [number for number, o in enumerate(observations) if o.camera is not None]
    if moved:
        a, b, x, y = np.array([observations[number].camera for number in moved]).T
        turn = np.stack([np.stack([a, b], -1), np.stack([-b, a], -1)], -2)
        _move(points, moved, [observations[number] for number in moved], turn, np.stack([x, y], -1))
    if roll_deg:
        sine, cosine = np.sin(np.radians(roll_deg)), np.cos(np.radians(roll_deg))
        turn = np.array([[cosine, -sine], [sine, cosine]])
        middles = np.array([[o.width_px / o.height_px, 1.0] for o in observations]) / 2
        _move(points, slice(None), observations, turn, np.array([middle - middle @ turn for middle in middles]))
    return points


def _move(
    points: LevelPoints,
    at: Sequence[int] | slice,
    observations: Sequence[Observation],
    turn: np.ndarray,
    shift: np.ndarray,
) -> None:
    """Move the points of some observations, `at` these places: turn, then shift, in picture heights, y down.

    Args:
        turn: (2, 2) rotation and scale, or one for each observation.
        shift: (n, 2), one for each of the n observations.
    """
    aspect = np.array([[[o.width_px / o.height_px, 1.0]] for o in observations], np.float32)
    scale = np.maximum(np.hypot(turn[..., 0, 0], turn[..., 0, 1]), turn.dtype.type(1e-6))
    landmarks, world, bar = points
    landmarks[at] = (landmarks[at] * aspect @ turn + shift[:, None]) / aspect
    world[at, :, :2] = world[at][..., :2] @ turn / scale[..., None, None]
    bar[at, :2] = ((bar[at, None, :2] * aspect @ turn + shift[:, None]) / aspect)[:, 0]
    bar[at, 2] = bar[at, 2] * scale


def plate_px(bar: np.ndarray | None, seen: Observation) -> np.ndarray:
    """Return x, y and vertical diameter of a plate, (3,) pixels; NaN without a visible plate.

    Args:
        bar: The bar in the observation `seen`, perhaps levelled.
    """
    if bar is None or not bar[3] >= LEAST_PLATE_PROBABILITY:
        return np.full(3, np.nan)
    return bar[:3].astype(np.float64) * (seen.width_px, seen.height_px, seen.height_px)


def find_body(observation: Observation, roll_deg: float = 0.0) -> Body | None:
    """Return the lifter's body as a still, level camera would see it; None if nobody is in view.

    Args:
        roll_deg: Angle by which the picture leans, clockwise.
    """
    if observation.landmarks is None or observation.world is None:
        return None
    (landmarks,), (world,), (bar,) = level_points([observation], roll_deg)
    points = landmarks[landmark.JOINTS] * (observation.width_px, observation.height_px)
    core = observation.landmarks[landmark.CORE, :2].tolist()
    return Body(
        t_s=observation.t_s,
        measures=measure_body(world),
        size_px=size_px(points),
        points_px=points,
        world=world[landmark.JOINTS],
        bar_px=plate_px(bar, observation),
        framing=observation.framing,
        levelled_deg=roll_deg,
        share_inside=sum(0 <= x <= 1 and 0 <= y <= 1 for x, y in core) / len(core),
    )
