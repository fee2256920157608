"""Reads the answer to a question from a hand that is raised and held: the right one says yes, the left one no.

Hands are up in rests for many reasons. An answer is one straight arm above the head, still, with the other hand down,
of somebody who stands upright and faces the camera more or less, shortly after both hands were down.
"""

import math
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import HandAnswer, Observation
from livecoach.core.types.observation import LONGEST_GAP_S
from livecoach.perception.body.body import ELBOW, HIP, SHOULDER, WRIST, Body, joint_rad, lengths

HELD_S = 1.0  # how long the hand is held
RISES_S = 1.5  # longest time from both hands down to the hand up: who does something else above the chest takes longer
SLACK_S = 0.25  # longest interruption of a hold: landmarks flicker
LEAST_SEEN = 0.5  # visibility of each landmark that decides
OVER_HEAD = 0.25  # least height of the wrist above the ears; this and the next lengths are in torso lengths
ELBOW_UP = 0.25  # least height of the elbow above its shoulder
OWN_SIDE = 0.15  # least distance of the wrist from mid-hip to its own side: who stretches leans across
OTHER_DOWN = 0.4  # least depth of the other wrist below its shoulder
DOWN = 0.3  # the same of both wrists before a hand is raised
ASIDE_DEG = 25.0  # most that the line from shoulder to wrist is off the upright in the picture: leaning hands are aside
MOVES = 0.15  # most that the raised wrist moves in a hold, to and fro: who waves moves it farther
STRAIGHT_DEG = 130.0  # least angle of the elbow
ARM_DEG = 45.0  # greatest angle between the line from shoulder to wrist and the trunk: who leans on a rack has more
LEAN_DEG = 30.0  # most that the trunk leans; a camera that looks up or down adds to it
FACES_COS = 0.35  # least cosine of the angle between the line of the shoulders and the picture: 70°
"""Chosen on rests and tries of training bodies (docs/figures.md, "Answers by hand")."""
SIDES = LEFT, RIGHT = 0, 1  # of the lifter, in the arrays of `Body`
EARS, CORE = [7, 8], [*landmark.SHOULDERS, *landmark.HIPS]


class _Hands(NamedTuple):
    """What is seen of both hands in one frame."""

    up: int | None  # side of the hand that is raised as an answer
    are_down: bool
    wrists: np.ndarray  # (2, 2) left and right, x and y from mid-hip in the picture, in torso lengths


class RaisedHand:
    """Follows the hands while a question stands. Pure: times are those of the observations."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: both hands have to be seen down before one of them answers."""
        self._seen_s = self._down_s = -math.inf  # the last frame, and the last one with both hands down
        self._side: int | None = None  # of the hand that is held up; then the hold has a frame
        self._hold: list[tuple[float, np.ndarray]] = []  # its frames: times and places of the wrist

    def step(self, observation: Observation, body: Body | None) -> HandAnswer:
        """Return the answer so far. Called for each observation while a question stands. body: the lifter's."""
        t_s = observation.t_s
        if body is None or observation.landmarks is None or not 0 <= t_s - self._seen_s <= LONGEST_GAP_S:
            self.forget()
        self._seen_s = t_s
        if body is None or observation.landmarks is None:
            return HandAnswer()
        self._follow(_hands(observation.landmarks, observation.height_px, body), t_s)
        if self._side is None:
            return HandAnswer()
        held = min((self._hold[-1][0] - self._hold[0][0]) / HELD_S, 1.0)
        says: Literal["yes", "no"] = "yes" if self._side == RIGHT else "no"
        if held == 1:
            self.forget()
        return HandAnswer(says=says, held=held)

    def _follow(self, hands: _Hands, t_s: float) -> None:
        """Begin, go on with or end a hold, which is as long as the hand has been still."""
        if hands.are_down:
            self._down_s, self._side = t_s, None
        elif self._side is None or (hands.up != self._side and t_s - self._hold[-1][0] > SLACK_S):
            self._side = hands.up if t_s - self._down_s <= RISES_S else None
            self._hold = []
        if self._side is not None and hands.up == self._side:
            self._hold.append((t_s, hands.wrists[self._side]))
            while np.ptp([place for _, place in self._hold], axis=0).max() > MOVES:
                del self._hold[0]


def _hands(landmarks: np.ndarray, height_px: int, body: Body) -> _Hands:
    """Look at the hands in one frame. Whatever has no place or no length is NaN, which is neither up nor down."""
    points, visible = body.points_px, landmarks[:, 3]
    hips_px = points[HIP].mean(0)
    torso_px = math.hypot(*(points[SHOULDER].mean(0) - hips_px)) or math.nan
    arms = (points[WRIST] - points[SHOULDER]) / torso_px
    raised = _raised(body.world.astype(np.float64))
    raised &= np.abs(arms[:, 0]) <= -arms[:, 1] * math.tan(math.radians(ASIDE_DEG))
    raised &= (points[SHOULDER] - points[ELBOW])[:, 1] / torso_px >= ELBOW_UP
    raised &= (landmarks[EARS, 1].mean() * height_px - points[WRIST][:, 1]) / torso_px >= OVER_HEAD
    raised &= (visible[landmark.JOINTS[[ELBOW, WRIST]]] >= LEAST_SEEN).all(0) & (visible[CORE] >= LEAST_SEEN).all()
    raised &= (arms[::-1, 1] >= OTHER_DOWN) & (body.measures.trunk_lean_deg <= LEAN_DEG)
    return _Hands(
        up=next((side for side in SIDES if raised[side]), None),
        are_down=bool((arms[:, 1] >= DOWN).all()),
        wrists=(points[WRIST] - hips_px) / torso_px,
    )


def _raised(world: np.ndarray) -> np.ndarray:
    """Return (2,): the arm is straight, along the trunk and on its own side, and the lifter faces the camera. world: as
    Body's."""
    across, up = world[SHOULDER, LEFT] - world[SHOULDER, RIGHT], (world[SHOULDER] - world[HIP]).mean(0)
    shoulders_m, torso_m = (float(np.linalg.norm(line)) or math.nan for line in (across, up))
    own_side = (world[WRIST] - world[HIP].mean(0)) @ across / (shoulders_m * torso_m) * (1, -1)
    straight = joint_rad(world[None], SHOULDER, ELBOW, WRIST)[0] >= math.radians(STRAIGHT_DEG)
    arms = world[WRIST] - world[SHOULDER]
    along = arms @ up / torso_m >= math.cos(math.radians(ARM_DEG)) * lengths(arms)
    found: np.ndarray = straight & along & (own_side >= OWN_SIDE) & (across[0] >= FACES_COS * shoulders_m)
    return found
