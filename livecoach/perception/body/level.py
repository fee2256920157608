"""Estimates the camera's roll from lifters who stand.

A person who stands has the shoulders over the ankles, seen from any side: the hips balance a trunk that leans. If the
line from ankles to shoulders leans in the picture, the camera leans.
"""

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median
from livecoach.core.types import Observation, RepWindow
from livecoach.perception.body.body import ANKLE, HIP, KNEE, SHOULDER, Body, find_body, joint_angles_rad, leg_lengths

STRAIGHT_HIP_DEG, STRAIGHT_KNEE_DEG = 145.0, 140.0  # angles above which a lifter stands; lockouts may be soft
ROUNDING_DEG, ROUNDING_M = 0.1, 1e-4  # margins for rounding, when many bodies are measured at once
BENT_DEG = 12.0  # angle between trunk and legs in the picture from which a lifter leans forward, or back at a lockout
AHEAD = 0.25  # distance of one foot before the other from which the lifter steps, in lengths of the leg
MOST_DEG = 25.0  # largest lean of a standing body; a body that leans more lies, or does a push-up
LOOK_S, LOOKS, LEAST_LOOKS, LEAST_OF_REP = 0.1, 30, 10, 5
"""Time between two looks at a standing lifter, number of latest looks that count, and fewest looks for an estimate, in
general and within one rep."""
SURE_LOOKS = 15  # number of looks after which the first estimate, from fewer looks, is replaced
STANCE_DEG, ROLL_DEG = 2.0, 6.0
"""Lean of the line up to which it is due to the lifter's stance, and from which it is due to the camera. Between the
two, a growing share is due to the camera, so that small changes of stance from day to day have little effect."""
LEAP, FASTEST, LEAP_S = 0.1, 2.5, 0.25
"""Way of a joint between two pictures, in lengths of torso and legs, and speed, in these lengths a second, above which
the camera has leapt; and longest time between the two pictures, in seconds. Our choice."""
_TRUNK_AND_FEET = [SHOULDER, HIP, ANKLE]
STEADY_DEG = 1.5  # smallest change of the line's lean that changes the roll; less is noise


class RollEstimator:
    """Estimates the camera's roll, which is the angle by which the picture leans, from lifters who stand."""

    def __init__(self, least_looks: int = LEAST_LOOKS) -> None:
        """Start without a lifter.

        Args:
            least_looks: Number of observations of a standing lifter, at least LOOK_S apart, that give the roll.
        """
        self._least_looks = least_looks
        self.roll_deg: float | None = 0.0
        """Angle by which the picture leans, clockwise. Until the lifter has stood for long enough: 0, or None after the
        camera has leapt."""
        self._before: Body | None = None  # the body in the last observation of the same framing
        self._line_deg = 0.0
        self._lines_deg: deque[float] = deque(maxlen=LOOKS)
        self._looked_s = -np.inf
        self._framing: tuple[int, int, int] | None = None

    def step(self, body: Body) -> None:
        """Add the lifter's body in the next observation. Times must never decrease.

        The estimate starts anew if the size or the turn of the picture has changed, or the camera has leapt. Of the
        bodies that stand upright, one every LOOK_S is used, if the line from its ankles to its shoulders leans by less
        than MOST_DEG.
        """
        if body.framing != self._framing:
            self._framing, self._line_deg, self.roll_deg, self._before = body.framing, 0.0, 0.0, None
            self._lines_deg.clear()
        if self._lines_deg and self._before is not None and _has_leapt(self._before, body):
            self._line_deg, self.roll_deg = math.inf, None
            self._lines_deg.clear()
        self._before = body
        if not self.is_look_due(body.t_s) or not _is_upright(body):
            return
        self._looked_s = body.t_s
        across_px, down_px = body.points_px[SHOULDER].mean(0) - body.feet_px
        line_deg = float(np.degrees(np.arctan2(across_px, -down_px))) + body.levelled_deg
        if abs(line_deg) < MOST_DEG:
            self._lines_deg.append(line_deg)
            self._settle()

    def is_look_due(self, t_s: float) -> bool:
        """Return whether LOOK_S has passed since `step` last looked at an upright body, so that `step` looks again."""
        return t_s - self._looked_s >= LOOK_S

    def _settle(self) -> None:
        if len(self._lines_deg) < self._least_looks:
            return
        if len(self._lines_deg) == SURE_LOOKS:
            self._line_deg, self.roll_deg = 0.0, 0.0
        line_deg = float(median(np.array(self._lines_deg)))
        if abs(line_deg - self._line_deg) >= STEADY_DEG:
            of_camera = (abs(line_deg) - STANCE_DEG) / (ROLL_DEG - STANCE_DEG)
            self._line_deg, self.roll_deg = line_deg, round(line_deg * min(max(of_camera, 0.0), 1.0), 1) + 0.0


def _has_leapt(before: Body, now: Body) -> bool:
    """Return whether shoulders, hips and feet all moved faster between two pictures than a lifter can move.

    Bodies that are levelled differently are not compared.
    """
    elapsed_s = now.t_s - before.t_s
    if elapsed_s > LEAP_S or before.levelled_deg != now.levelled_deg:
        return False
    ways_px = now.points_px[_TRUNK_AND_FEET] - before.points_px[_TRUNK_AND_FEET]
    return float(np.hypot(*(ways_px[:, 0] + ways_px[:, 1]).T / 2).min()) > max(LEAP, FASTEST * elapsed_s) * now.size_px


def _is_upright(body: Body) -> bool:
    """Return whether the lifter stands straight, leans neither forward nor back, and has the feet side by side."""
    measures, feet_px = body.measures, body.feet_px
    if not (measures.hip_angle_deg > STRAIGHT_HIP_DEG and measures.knee_angle_deg > STRAIGHT_KNEE_DEG):
        return False
    hips_px, shoulders_px = body.points_px[[HIP, SHOULDER]].sum(1) / 2
    legs_px, trunk_px = feet_px - hips_px, hips_px - shoulders_px
    bend_deg = np.degrees(np.arctan2(legs_px[0] * trunk_px[1] - legs_px[1] * trunk_px[0], legs_px @ trunk_px))
    across, feet = body.world[[HIP, ANKLE], 0] - body.world[[HIP, ANKLE], 1]
    ahead_m = abs(float(across[0] * feet[2] - across[2] * feet[0])) / max(float(np.hypot(across[0], across[2])), 1e-6)
    return bool(abs(bend_deg) < BENT_DEG and ahead_m < AHEAD * float(leg_lengths(body.world[None])[0]))


def rep_roll_deg(window: RepWindow) -> float:
    """Return the roll of a rep's view; 0 without a view, and an estimate from the rep if the view lacks the roll.

    The estimate is 0 if the lifter does not stand for long enough.
    """
    if window.view is None or window.view.roll_deg is not None:
        return 0.0 if window.view is None else window.view.roll_deg or 0.0
    observations = [o for o in window.observations if o.landmarks is not None and o.world is not None]
    roll, framing = RollEstimator(LEAST_OF_REP), None
    for observation, may_stand in zip(observations, _may_stand(observations).tolist(), strict=True):
        if (may_stand and roll.is_look_due(observation.t_s)) or observation.framing != framing:
            framing, body = observation.framing, find_body(observation)
            assert body is not None
            roll.step(body)
    return roll.roll_deg or 0.0


def _may_stand(observations: Sequence[Observation]) -> np.ndarray:
    """Return whether `_is_upright` may be true in each observation, (n,) bool: most observations can be skipped."""
    world = np.array([o.world for o in observations], np.float64).reshape(-1, landmark.COUNT, 3)[:, landmark.JOINTS]
    hip_deg, knee_deg = (
        np.degrees(joint_angles_rad(world, *chain).mean(1)) for chain in ((SHOULDER, HIP, KNEE), (HIP, KNEE, ANKLE))
    )
    is_straight = (hip_deg > STRAIGHT_HIP_DEG - ROUNDING_DEG) & (knee_deg > STRAIGHT_KNEE_DEG - ROUNDING_DEG)
    sizes_px = np.array([(o.width_px, o.height_px) for o in observations]).reshape(-1, 1, 1, 2)
    seen = np.array([o.landmarks for o in observations]).reshape(-1, landmark.COUNT, 5)
    points_px = seen[:, landmark.JOINTS, :2] * sizes_px
    shoulders, hips, feet = (points_px[:, joint].mean(1) for joint in (SHOULDER, HIP, ANKLE))
    (leg_x, leg_y), (trunk_x, trunk_y) = (feet - hips).T, (hips - shoulders).T
    bend_deg = np.degrees(np.arctan2(leg_x * trunk_y - leg_y * trunk_x, leg_x * trunk_x + leg_y * trunk_y))
    (across, _, away), (feet_across, _, feet_away) = (
        (world[:, joint, 0] - world[:, joint, 1]).T for joint in (HIP, ANKLE)
    )
    ahead_m = np.abs(across * feet_away - away * feet_across) / np.maximum(np.hypot(across, away), 1e-6)
    is_ahead = ahead_m > AHEAD * leg_lengths(world) + ROUNDING_M
    has_moved = np.array([o.camera is not None for o in observations], bool)
    result: np.ndarray = is_straight & (np.abs(bend_deg) < BENT_DEG + ROUNDING_DEG) & (has_moved | ~is_ahead)
    return result
