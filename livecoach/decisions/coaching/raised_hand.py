"""Reads the answer to a question from a hand that is raised and held: the right hand means yes, the left hand no.

People raise their hands in rests for many reasons. A hand is an answer only if a single straight arm is held still
above the head, the other hand is down, the lifter stands upright and faces the camera (as a person does who reads the
question), and both hands were down shortly before.
"""

import math
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import HandAnswer, Observation
from livecoach.core.types.observation import LONGEST_GAP_S
from livecoach.perception.body.body import ELBOW, HIP, SHOULDER, WRIST, Body, joint_angles_rad, lengths, level_points

# The limits were chosen on rendered rests and tries of development (docs/figures.md, "Answers by hand").
HELD_S = 1.0  # Time in seconds for which the hand is held
RISES_S = 2.0  # Longest time in seconds from both hands down to the hand up: other movements take longer
HELD_SHARE = 0.75  # Least share of the frames of a hold in which the hand is up: landmarks flicker
LEAST_SEEN = 0.5  # Least visibility of each landmark that decides
OVER_HEAD = 0.3  # Least height of the wrist above the ears, in torso lengths
OTHER_DOWN = 0.4  # Least depth of the other wrist below its shoulder, in torso lengths
DOWN = 0.3  # Least depth of both wrists below their shoulders before a hand is raised, in torso lengths
SHOULDERS_OFF = 0.1  # Largest sideways shift of mid-shoulder from mid-hip, in torso lengths; larger when stretching
MOVES = np.array([0.08, 0.08, 0.16, 0.16, 0.16])
"""Largest range of the raised wrist in a hold, for each coordinate of `_Hands.wrists`: waving has a larger range."""
STRAIGHT_DEG = 138.0  # Least angle of the elbow
UPPER_ARM_DEG = 45.0  # Largest angle of the upper arm to the upright in the picture; larger when leaning on a rack
ASIDE_DEG = 35.0  # Largest angle of the line from shoulder to wrist to the upright in the picture
ARM_DEG = 60.0  # Largest angle of the line from shoulder to wrist to the trunk in the world
OWN_SIDE = 0.15  # Least distance of the wrist from mid-hip to its own side, in torso lengths; less when stretching
LEAN_DEG = 25.0  # Largest lean of the trunk; a camera that looks up or down adds to it
TILT_DEG = 24.0  # Largest tilt of the line of the shoulders in the picture
FACES_COS = 0.6  # Least cosine of the angle between the line of the shoulders and the picture: 53°
SIDES = LEFT, RIGHT = 0, 1  # Sides of the lifter, in the arrays of `Body`
EARS, CORE = [7, 8], [*landmark.SHOULDERS, *landmark.HIPS]  # Landmarks of the ears; of shoulders and hips


class _Hands(NamedTuple):
    """The state of both hands in a frame."""

    up: int | None  # side of the hand that is raised as an answer; None if no hand is
    are_down: bool
    wrists: np.ndarray
    """(2, 5) places of the left and the right wrist, in torso lengths: x and y from mid-hip in the picture, and x, y
    and z from the shoulder in the world, which show a wave towards the camera."""


class _Held(NamedTuple):
    t_s: float
    is_up: bool
    wrist: np.ndarray  # (5,)


class RaisedHandDetector:
    """Detects a hand that is raised and held as an answer, in successive observations while a question is open."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all frames, so that the next answer needs both hands down first."""
        self._seen_s = self._down_s = -math.inf  # times of the last frame, and of the last frame with both hands down
        self._side = LEFT  # side of the hand that is held up
        self._hold: list[_Held] = []  # frames since the hand is up; empty while no hand is up

    def step(self, observation: Observation, body: Body | None) -> HandAnswer:
        """Follow the hands in the next observation while a question is open, and return the answer so far.

        All frames are forgotten once an answer is complete, while nobody is in view, and after a gap of LONGEST_GAP_S.
        """
        t_s = observation.t_s
        if body is None or observation.landmarks is None or not 0 <= t_s - self._seen_s <= LONGEST_GAP_S:
            self.forget()
        self._seen_s = t_s
        if body is None or observation.landmarks is None:
            return HandAnswer()
        self._follow(_hands(observation, body), t_s)
        if not self._hold:
            return HandAnswer()
        up_s = max(frame.t_s for frame in self._hold if frame.is_up)
        held = min((up_s - self._hold[0].t_s) / HELD_S, 1.0)
        answer: Literal["yes", "no"] = "yes" if self._side == RIGHT else "no"
        if held == 1:
            self.forget()
        return HandAnswer(answer=answer, held=held)

    def _follow(self, hands: _Hands, t_s: float) -> None:
        """Begin, continue or end a hold, which lasts while the hand is up and still."""
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
    """Return whether the hand is up at first and in most frames, and still except in single frames."""
    wrists = np.array([frame.wrist for frame in hold])
    if len(hold) > 2:
        wrists = np.sort(np.stack([wrists[:-2], wrists[1:-1], wrists[2:]]), axis=0)[1]  # medians of three
    is_up = hold[0].is_up and sum(frame.is_up for frame in hold) >= HELD_SHARE * len(hold)
    return is_up and bool((np.ptp(wrists, axis=0) <= MOVES).all())


def _hands(observation: Observation, body: Body) -> _Hands:
    """Return both hands in a frame. Unknown places and lengths are NaN, which is neither up nor down."""
    assert observation.landmarks is not None
    landmarks, points, world = observation.landmarks, body.points_px, body.world.astype(np.float64)
    visible, ears = landmarks[:, 3], level_points([observation], body.levelled_deg).landmarks[0, EARS]
    hips_px = points[HIP].mean(0)
    torso_px = math.hypot(*(points[SHOULDER].mean(0) - hips_px)) or math.nan
    torso_m = float(np.linalg.norm((world[SHOULDER] - world[HIP]).mean(0))) or math.nan
    arms, upper_arms = ((points[joint] - points[SHOULDER]) / torso_px for joint in (WRIST, ELBOW))
    raised = _raised(world)
    for lines, most_deg in ((arms, ASIDE_DEG), (upper_arms, UPPER_ARM_DEG)):
        raised &= np.abs(lines[:, 0]) <= -lines[:, 1] * math.tan(math.radians(most_deg))
    raised &= (ears[:, 1].mean() * observation.height_px - points[WRIST][:, 1]) / torso_px >= OVER_HEAD
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
    """Return (2,) bool: for the left and the right arm, whether it is straight, along the trunk and on its own side."""
    across, up = world[SHOULDER, LEFT] - world[SHOULDER, RIGHT], (world[SHOULDER] - world[HIP]).mean(0)
    shoulders_m, torso_m = (float(np.linalg.norm(line)) or math.nan for line in (across, up))
    own_side = (world[WRIST] - world[HIP].mean(0)) @ across / (shoulders_m * torso_m) * (1, -1)
    straight = joint_angles_rad(world[None], SHOULDER, ELBOW, WRIST)[0] >= math.radians(STRAIGHT_DEG)
    arms = world[WRIST] - world[SHOULDER]
    along = arms @ up / torso_m >= math.cos(math.radians(ARM_DEG)) * lengths(arms)
    found: np.ndarray = straight & along & (own_side >= OWN_SIDE)
    return found


def _stands(points: np.ndarray, world: np.ndarray) -> bool:
    """Return whether the lifter faces the camera with the trunk straight, from `Body.points_px` and `Body.world`."""
    across_m, across_px = (place[SHOULDER, LEFT] - place[SHOULDER, RIGHT] for place in (world, points))
    trunk_px = (points[SHOULDER] - points[HIP]).mean(0)
    return bool(
        across_m[0] >= FACES_COS * (np.linalg.norm(across_m) or math.nan)
        and abs(trunk_px[0]) <= SHOULDERS_OFF * math.hypot(*trunk_px)
        and abs(across_px[1]) <= abs(across_px[0]) * math.tan(math.radians(TILT_DEG))
    )
