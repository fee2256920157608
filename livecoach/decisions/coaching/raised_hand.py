"""Reads the answer to a question from a hand that is raised and held: the right one says yes, the left one no.

Hands are up in rests for many reasons. An answer is one straight arm above the head, still, with the other hand down,
of somebody who stands upright and faces the camera, as who reads the question does, shortly after both hands were down.
"""

import math
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import HandAnswer, Observation
from livecoach.core.types.observation import LONGEST_GAP_S
from livecoach.perception.body.body import ELBOW, HIP, SHOULDER, WRIST, Body, joint_rad, lengths

HELD_S = 1.0  # how long the hand is held
RISES_S = 2.0  # longest time from both hands down to the hand up: who does something else above the chest takes longer
HELD_SHARE = 0.75  # least share of the frames of a hold in which the hand is up: landmarks flicker
LEAST_SEEN = 0.5  # visibility of each landmark that decides
OVER_HEAD = 0.3  # least height of the wrist above the ears; this and the next lengths are in torso lengths
OTHER_DOWN = 0.4  # least depth of the other wrist below its shoulder
DOWN = 0.3  # the same of both wrists before a hand is raised
BESIDE_HIPS = 0.1  # most that the middle of the shoulders is beside that of the hips: who stretches leans farther
MOVES = np.array([0.08, 0.08, 0.16, 0.16, 0.16])
"""Most that the raised wrist moves in a hold, to and fro, as in `_Hands.wrists`: who waves moves it farther, to the
side or to the camera."""
STRAIGHT_DEG = 138.0  # least angle of the elbow
UPPER_ARM_DEG = 45.0  # most that the upper arm is off the upright in the picture: who leans on a rack has it aside
ASIDE_DEG = 35.0  # the same of the line from shoulder to wrist
ARM_DEG = 60.0  # greatest angle between that line and the trunk in the world
OWN_SIDE = 0.15  # least distance of the wrist from mid-hip to its own side: who stretches leans across
LEAN_DEG = 25.0  # most that the trunk leans; a camera that looks up or down adds to it
TILT_DEG = 24.0  # most that the line of the shoulders tilts in the picture
FACES_COS = 0.6  # least cosine of the angle between the line of the shoulders and the picture: 53°
"""Chosen on rendered rests and tries of development (docs/figures.md, "Answers by hand")."""
SIDES = LEFT, RIGHT = 0, 1  # of the lifter, in the arrays of `Body`
EARS, CORE = [7, 8], [*landmark.SHOULDERS, *landmark.HIPS]


class _Hands(NamedTuple):
    """What is seen of both hands in one frame."""

    up: int | None  # side of the hand that is raised as an answer
    are_down: bool
    wrists: np.ndarray  # (2, 5) left and right: x and y from mid-hip in the picture, and the place from the shoulder in
    # the world, which shows a wave towards the camera; in torso lengths


class _Held(NamedTuple):
    """A frame of a hold."""

    t_s: float
    is_up: bool
    wrist: np.ndarray  # (5,)


class RaisedHand:
    """Follows the hands while a question stands. Pure: times are those of the observations."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: both hands have to be seen down before one of them answers."""
        self._seen_s = self._down_s = -math.inf  # the last frame, and the last one with both hands down
        self._side = LEFT  # of the hand that is held up
        self._hold: list[_Held] = []  # frames from the first one in which it is up; empty while no hand is

    def step(self, observation: Observation, body: Body | None) -> HandAnswer:
        """Return the answer so far. Called for each observation while a question stands. body: the lifter's."""
        t_s = observation.t_s
        if body is None or observation.landmarks is None or not 0 <= t_s - self._seen_s <= LONGEST_GAP_S:
            self.forget()
        self._seen_s = t_s
        if body is None or observation.landmarks is None:
            return HandAnswer()
        self._follow(_hands(observation.levelled(body.levelled_deg), body), t_s)
        if not self._hold:
            return HandAnswer()
        up_s = max(one.t_s for one in self._hold if one.is_up)
        held = min((up_s - self._hold[0].t_s) / HELD_S, 1.0)
        says: Literal["yes", "no"] = "yes" if self._side == RIGHT else "no"
        if held == 1:
            self.forget()
        return HandAnswer(answer=says, held=held)

    def _follow(self, hands: _Hands, t_s: float) -> None:
        """Begin, go on with or end a hold, which is as long as the hand has been up and still."""
        if hands.are_down:
            self._down_s, self._hold = t_s, []
        if not self._hold:
            if hands.up is None or t_s - self._down_s > RISES_S:
                return
            self._side = hands.up
        self._hold.append(_Held(t_s, hands.up == self._side, hands.wrists[self._side]))
        while self._hold and not _is_held(self._hold):
            del self._hold[0]


def _is_held(hold: list[_Held]) -> bool:
    """Return whether the hand is up at first and mostly, and still but for single frames."""
    wrists = np.array([one.wrist for one in hold])
    if len(hold) > 2:
        wrists = np.sort(np.stack([wrists[:-2], wrists[1:-1], wrists[2:]]), axis=0)[1]  # medians of three
    is_up = hold[0].is_up and sum(one.is_up for one in hold) >= HELD_SHARE * len(hold)
    return is_up and bool((np.ptp(wrists, axis=0) <= MOVES).all())


def _hands(observation: Observation, body: Body) -> _Hands:
    """Look at the hands in one frame. Whatever has no place or no length is NaN, which is neither up nor down."""
    assert observation.landmarks is not None
    landmarks, points, world = observation.landmarks, body.points_px, body.world.astype(np.float64)
    visible = landmarks[:, 3]
    hips_px = points[HIP].mean(0)
    torso_px = math.hypot(*(points[SHOULDER].mean(0) - hips_px)) or math.nan
    torso_m = float(np.linalg.norm((world[SHOULDER] - world[HIP]).mean(0))) or math.nan
    arms, upper_arms = ((points[joint] - points[SHOULDER]) / torso_px for joint in (WRIST, ELBOW))
    raised = _raised(world)
    for lines, most_deg in ((arms, ASIDE_DEG), (upper_arms, UPPER_ARM_DEG)):
        raised &= np.abs(lines[:, 0]) <= -lines[:, 1] * math.tan(math.radians(most_deg))
    raised &= (landmarks[EARS, 1].mean() * observation.height_px - points[WRIST][:, 1]) / torso_px >= OVER_HEAD
    raised &= (visible[landmark.JOINTS[[ELBOW, WRIST]]] >= LEAST_SEEN).all(0) & (visible[CORE] >= LEAST_SEEN).all()
    raised &= (arms[::-1, 1] >= OTHER_DOWN) & _stands(points, world)
    raised &= body.measures.trunk_lean_deg <= LEAN_DEG
    in_picture, in_world = (points[WRIST] - hips_px) / torso_px, (world[WRIST] - world[SHOULDER]) / torso_m
    return _Hands(
        up=next((side for side in SIDES if raised[side]), None),
        are_down=bool((arms[:, 1] >= DOWN).all()),
        wrists=np.hstack([in_picture, in_world]),
    )


def _raised(world: np.ndarray) -> np.ndarray:
    """Return (2,): the arm is straight, along the trunk and on its own side. world: as Body's."""
    across, up = world[SHOULDER, LEFT] - world[SHOULDER, RIGHT], (world[SHOULDER] - world[HIP]).mean(0)
    shoulders_m, torso_m = (float(np.linalg.norm(line)) or math.nan for line in (across, up))
    own_side = (world[WRIST] - world[HIP].mean(0)) @ across / (shoulders_m * torso_m) * (1, -1)
    straight = joint_rad(world[None], SHOULDER, ELBOW, WRIST)[0] >= math.radians(STRAIGHT_DEG)
    arms = world[WRIST] - world[SHOULDER]
    along = arms @ up / torso_m >= math.cos(math.radians(ARM_DEG)) * lengths(arms)
    found: np.ndarray = straight & along & (own_side >= OWN_SIDE)
    return found


def _stands(points: np.ndarray, world: np.ndarray) -> bool:
    """Return whether the lifter faces the camera with the trunk straight. points, world: as Body's."""
    across_m, across_px = (place[SHOULDER, LEFT] - place[SHOULDER, RIGHT] for place in (world, points))
    trunk_px = (points[SHOULDER] - points[HIP]).mean(0)
    return bool(
        across_m[0] >= FACES_COS * (np.linalg.norm(across_m) or math.nan)
        and abs(trunk_px[0]) <= BESIDE_HIPS * math.hypot(*trunk_px)
        and abs(across_px[1]) <= abs(across_px[0]) * math.tan(math.radians(TILT_DEG))
    )
