"""Estimates the camera's roll by the lifters who stand.

A person who stands has the shoulders over the ankles, seen from any side: the hips balance a trunk that leans. If the
line from ankles to shoulders leans in the picture, the camera leans.
"""

from collections import deque

import numpy as np

from livecoach.core.quantiles import median
from livecoach.core.types import Observation, RepWindow
from livecoach.perception.body.body import ANKLE, HIP, SHOULDER, Body, find_body, leg_lengths

STRAIGHT_HIP_DEG, STRAIGHT_KNEE_DEG = 145.0, 140.0  # angles above which a lifter stands; lockouts may be soft
BENT_DEG = 12.0  # angle between trunk and legs in the picture from which a lifter leans forward, or back at a lockout
AHEAD = 0.25  # distance of one foot before the other from which the lifter steps, in lengths of the leg
MOST_DEG = 25.0  # largest lean of a standing body; a body that leans more lies, or does a push-up
LOOK_S, LOOKS, LEAST_LOOKS, LEAST_OF_REP = 0.1, 30, 10, 5
"""Time between two looks at a standing lifter, number of looks that count, and fewest looks in a run and in a rep."""
SURE_LOOKS = 15  # looks at which the first estimate, by fewer looks, is made anew
STANCE_DEG, ROLL_DEG = 2.0, 6.0
"""Lean of the line up to which it is due to the lifter's stance, and from which it is due to the camera. Between the
two, a growing share is due to the camera, so that small changes of stance from day to day have little effect."""
STEADY_DEG = 1.5  # smallest change of the line's lean; less is noise


class RollEstimate:
    """Estimates the camera's roll, which is the angle by which the picture leans, from lifters who stand."""

    def __init__(self, least_looks: int = LEAST_LOOKS) -> None:
        """Start without a lifter.

        Args:
            least_looks: Number of observations of a standing lifter, at least LOOK_S apart, that give the roll.
        """
        self._least_looks = least_looks
        self.roll_deg = 0.0  # roll, clockwise; 0 while it is not known
        self._line_deg = 0.0
        self._lines_deg: deque[float] = deque(maxlen=LOOKS)
        self._looked_s = -np.inf
        self._framing: tuple[int, int, int] | None = None

    def step(self, body: Body) -> None:
        """Add the lifter's body in the next observation. Times must never decrease.

        The estimate starts anew if the size or the turn of the picture has changed. It uses a body every LOOK_S that
        stands upright, with a tilt below MOST_DEG.
        """
        if body.framing != self._framing:
            self._framing, self._line_deg, self.roll_deg = body.framing, 0.0, 0.0
            self._lines_deg.clear()
        if body.t_s - self._looked_s < LOOK_S or not _is_upright(body):
            return
        self._looked_s = body.t_s
        across_px, down_px = body.points_px[SHOULDER].mean(0) - body.feet_px
        line_deg = float(np.degrees(np.arctan2(across_px, -down_px))) + body.levelled_deg
        if abs(line_deg) < MOST_DEG:
            self._lines_deg.append(line_deg)
            self._settle()

    def _settle(self) -> None:
        if len(self._lines_deg) < self._least_looks:
            return
        if len(self._lines_deg) == SURE_LOOKS:
            self._line_deg, self.roll_deg = 0.0, 0.0
        line_deg = float(median(np.array(self._lines_deg)))
        if abs(line_deg - self._line_deg) >= STEADY_DEG:
            of_camera = (abs(line_deg) - STANCE_DEG) / (ROLL_DEG - STANCE_DEG)
            self._line_deg, self.roll_deg = line_deg, round(line_deg * min(max(of_camera, 0.0), 1.0), 1) + 0.0


def _is_upright(body: Body) -> bool:
    """Return whether the lifter stands straight, does not lean back, and has both feet side by side."""
    legs_px, trunk_px = -(body.points_px[[HIP, SHOULDER]].mean(1) - (body.feet_px, body.points_px[HIP].mean(0)))
    bend_deg = np.degrees(np.arctan2(legs_px[0] * trunk_px[1] - legs_px[1] * trunk_px[0], legs_px @ trunk_px))
    measures, across, feet = body.measures, *(body.world[joint, 0] - body.world[joint, 1] for joint in (HIP, ANKLE))
    ahead_m = abs(float(across[0] * feet[2] - across[2] * feet[0])) / max(float(np.hypot(across[0], across[2])), 1e-6)
    straight = measures.hip_angle_deg > STRAIGHT_HIP_DEG and measures.knee_angle_deg > STRAIGHT_KNEE_DEG
    return straight and abs(bend_deg) < BENT_DEG and ahead_m < AHEAD * float(leg_lengths(body.world[None])[0])


def level_observations(window: RepWindow) -> tuple[Observation, ...]:
    """Return a rep's observations as a level camera that had not moved would have made them.

    If the roll is not stored with the rep's view, the roll is estimated from the rep itself. It is 0 without a view, or
    if the lifter does not stand for long enough.
    """
    roll_deg = 0.0 if window.view is None else window.view.roll_deg
    if roll_deg is None:
        roll = RollEstimate(LEAST_OF_REP)
        for lifter in map(find_body, window.observations):
            if lifter is not None:
                roll.step(lifter)
        roll_deg = roll.roll_deg
    return tuple(observation.level(roll_deg) for observation in window.observations)
