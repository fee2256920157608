"""Estimates the view: the camera's azimuth and its roll.

The azimuth follows from the lines through shoulders and hips, the shoulders' width in the picture, and the feet. The
roll follows from lifters who stand: seen from any side, the hips balance a trunk that leans, so the shoulders are over
the ankles. If the line from ankles to shoulders leans in the picture, the camera leans.
"""

import cmath
import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median
from livecoach.core.types import Observation, RepWindow, View, ViewName
from livecoach.perception.body.body import (
    ANKLE,
    HIP,
    KNEE,
    SHOULDER,
    Body,
    Measures,
    find_body,
    joint_angles_rad,
    leg_lengths,
    pair_middle,
)

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


UPRIGHT_LEAN_DEG = 26.0
"""Largest lean of the trunk of a lifter who stands. With a bar on the back, or filmed from below, that seems 25°."""
TORSO_OF_LEGS = 0.75  # length of the torso over thigh and shin in the picture, measured on rendered clips


def is_standing(measures: Measures) -> bool:
    """Return whether a lifter with these measures stands upright."""
    return measures.hip_angle_deg > STRAIGHT_HIP_DEG and measures.trunk_lean_deg < UPRIGHT_LEAN_DEG


SINE = {"shoulders": -0.341, "hips": -0.753, "feet": -1.436}
"""Weights of the features for the azimuth's sine. These features change sign when left and right are exchanged."""
COSINE = {"shoulders": 0.641, "hips": 0.659, "width": 0.222, "one": 0.096}
"""Weights of the features for the azimuth's cosine. Both tables: ridge regression on rendered clips with `lite`."""
SINE_WITHOUT_FEET = {"shoulders": -0.942, "hips": -0.613}
COSINE_WITHOUT_FEET = {"shoulders": 0.772, "hips": 0.53, "width": 0.249, "one": 0.009}
"""Weights for pose models without heels and toes, by ridge regression on lifted frames of synthetic bodies.
`livecoach lab train lifting` prints these weights."""
BENT = 0.25  # weight of a frame in which the lifter is bent over, because the depth is less accurate
MEMORY_S = 3.0  # time constant of the average while the lifter stands
RECENT_S = 0.4  # time constant of the recent direction, and of the recent place of the feet
TURNED_DEG = 30.0
"""Difference of the recent direction from the average above which the lifter has turned, or the camera has moved."""
FORGETS_S = 0.4  # time constant of the average after a turn, and while the lifter walks in any direction
WALKS = 0.2  # speed of the feet above which the lifter walks, in lengths of torso, thigh and shin a second
LEAST_S = 0.2  # time of standing after which there is an estimate; four times as long while bent over
BIAS_DEG, SPREAD_SHARE, DISAGREEMENT_DEG = 5.8, 0.35, 42.9
"""Error that averaging does not remove: a constant, a share of the spread over time, and the error if the features
disagree completely. Maximum likelihood on rendered clips. The first two were raised, so that the error shows if front
and back are confused in every second frame."""
REAR_FROM_DEG, REAR_BIAS_DEG = 95.0, 15.0
"""Azimuth above which arm, plates and bar hide the body, and the constant error there, measured on rendered clips."""


def view_name(azimuth_deg: float) -> ViewName:
    """Return the name of the view at an azimuth in degrees, -180…180."""
    size = abs(azimuth_deg)
    return "front" if size < 20 else "oblique" if size <= 65 else "side" if size <= 115 else "rear"


def azimuth_features(observation: Observation) -> tuple[dict[str, float], dict[str, float]] | None:
    """Compute the features for the azimuth's sine and for its cosine, by name.

    The features `shoulders` and `hips` are the depth (for the sine) and the width (for the cosine) of the line from the
    right to the left joint in the world. `width` is the distance of the shoulders along x in the picture, left minus
    right. `feet` is the distance along x from the heels to the toes in the picture; it is missing if the pose model
    lacks heels and toes. These features are in torso lengths; in the picture, the legs give this length if the torso is
    foreshortened. `one` is always 1. The head is left out, because lifters watch the screen.

    Returns:
        The features for the sine and for the cosine; None if nobody is in view, or if the torso has no length.
    """
    if observation.landmarks is None or observation.world is None:
        return None
    world, points = observation.world, observation.points_px
    x_px = points[:, 0]
    (left, right), (left_hip, right_hip) = landmark.SHOULDERS, landmark.HIPS
    shoulders, hips = world[left] - world[right], world[left_hip] - world[right_hip]
    trunk = world[left] + world[right] - world[left_hip] - world[right_hip]
    torso_m = float(np.sqrt(trunk.dot(trunk))) / 2
    seen_px = np.hypot(*(pair_middle(points, landmark.SHOULDERS) - pair_middle(points, landmark.HIPS)))
    hips_px, knees_px, ankles_px = points[landmark.JOINTS[HIP:]]
    legs_px = np.hypot(*(hips_px - knees_px).T) + np.hypot(*(knees_px - ankles_px).T)
    unit_px = max(float(seen_px), TORSO_OF_LEGS * float(legs_px[0] + legs_px[1]) / 2)
    if torso_m < 1e-6 or unit_px < 1e-6:
        return None
    toes_ahead_px = float((pair_middle(points, landmark.TOES) - pair_middle(points, landmark.HEELS))[0])
    for_sine = {"shoulders": float(shoulders[2]) / torso_m, "hips": float(hips[2]) / torso_m}
    if math.isfinite(toes_ahead_px):
        for_sine["feet"] = toes_ahead_px / unit_px
    for_cosine = {
        "shoulders": float(shoulders[0]) / torso_m,
        "hips": float(hips[0]) / torso_m,
        "width": float(x_px[left] - x_px[right]) / unit_px,
        "one": 1.0,
    }
    return for_sine, for_cosine


def azimuth_direction(observation: Observation) -> complex | None:
    """Estimate the azimuth in one frame, as a complex number of the azimuth's cosine (real part) and sine.

    The absolute value is near 1 if the features agree. The result is None if nobody is in view, or if the torso has no
    length.
    """
    features = azimuth_features(observation)
    if features is None:
        return None
    for_sine, for_cosine = features
    sines, cosines = (SINE, COSINE) if "feet" in for_sine else (SINE_WITHOUT_FEET, COSINE_WITHOUT_FEET)
    cosine = sum(cosines[name] * value for name, value in for_cosine.items())
    return complex(cosine, sum(sines[name] * value for name, value in for_sine.items()))


class ViewEstimator:
    """Estimates the camera's direction, mostly from frames in which the lifter stands, and the camera's roll."""

    def __init__(self) -> None:
        self._sum = 0j
        self._lengths_s = 0.0
        self._weight_s = 0.0
        self._recent = 0j
        self._feet_px: np.ndarray | None = None  # recent place of the feet
        self._t_s: float | None = None
        self._roll = RollEstimator()
        self.view: View | None = None  # the latest estimate; None until the lifter was visible for long enough

    def step(self, body: Body, observation: Observation) -> View | None:
        """Add the next observation, with the body in it, and return the view; None while the view is unknown."""
        dt_s = 0.0 if self._t_s is None else min(max(body.t_s - self._t_s, 0.0), 0.1)
        self._t_s = body.t_s
        self._roll.step(body)
        towards = azimuth_direction(observation)
        if towards is not None:
            towards /= max(abs(towards), 1.0)  # no frame may weigh more than 1
            self._recent = self._recent * math.exp(-dt_s / RECENT_S) + dt_s * towards
            still = not self._follow_walking(body, dt_s)
            turn = self._recent * self._sum.conjugate()
            turned = abs(turn) > 0 and abs(math.degrees(cmath.phase(turn))) > TURNED_DEG
            weight_s = dt_s if still and is_standing(body.measures) else BENT * dt_s
            fade = math.exp(-weight_s / MEMORY_S if still and not turned else -dt_s / FORGETS_S)
            self._sum = self._sum * fade + weight_s * towards
            self._lengths_s = self._lengths_s * fade + weight_s * abs(towards)
            self._weight_s = self._weight_s * fade + weight_s
            self._update_view()
        return self.view

    def _update_view(self) -> None:
        if self._weight_s < LEAST_S or abs(self._sum) < 1e-9:
            return
        azimuth = math.degrees(cmath.phase(self._sum))
        bias_deg = BIAS_DEG if abs(azimuth) <= REAR_FROM_DEG else REAR_BIAS_DEG
        together = min(abs(self._sum) / max(self._lengths_s, 1e-9), 1.0)
        spread_deg = min(math.degrees(math.sqrt(-2 * math.log(max(together, 1e-6)))), 180.0)  # circular deviation
        agreement = self._lengths_s / max(self._weight_s, 1e-9)  # mean length, 0…1: 1 if the features agree
        off_deg = math.hypot(bias_deg, SPREAD_SHARE * spread_deg, DISAGREEMENT_DEG * (1.0 - agreement))
        self.view = View(
            name=view_name(azimuth),
            azimuth_deg=round(azimuth, 1),
            uncertainty_deg=round(off_deg, 1),
            roll_deg=self._roll.roll_deg,
        )

    def _follow_walking(self, body: Body, dt_s: float) -> bool:
        feet_px = body.feet_px
        before_px = feet_px if self._feet_px is None else self._feet_px
        ahead_px = float(np.hypot(*(feet_px - before_px)))
        self._feet_px = before_px + (feet_px - before_px) * (1 - math.exp(-dt_s / RECENT_S))
        return ahead_px > WALKS * RECENT_S * max(body.size_px, 1.0)
