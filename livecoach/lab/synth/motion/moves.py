"""Computes basic movements outside of reps, such as walking and waiting, and other people who come and go."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach.lab.synth.figure.body_mesh import JUDGING, SIDES, SIGN, TRAINING, BodyModel, load_body
from livecoach.lab.synth.figure.geometry import minimum_jerk, slow_noise
from livecoach.lab.synth.figure.posture import AWAY_Z, BOTH, PARAMS, Posture, standing_posture

WALK_HALF_STANCE_M = 0.09
OTHER_SIDE = {"L": "R", "R": "L"}


class Mover:
    """A person who walks and waits; the movements vary at random."""

    def __init__(self, body: BodyModel, rng: np.random.Generator, fps: float) -> None:
        self.body, self.rng, self.fps = body, rng, fps

    def walking_posture(self, start: np.ndarray, goal: np.ndarray) -> Posture:
        """Return the posture in each frame of a walk between two different places (2,) on the floor, in metres."""
        body, rng, fps = self.body, self.rng, self.fps
        total_m = np.linalg.norm(goal - start)
        yaw = np.arctan2(goal[1] - start[1], goal[0] - start[0])
        count = max(4, int(fps * total_m / rng.uniform(0.9, 1.3)))
        walked_m = total_m * (np.arange(count) + 1) / count
        stride_m = 2 * rng.uniform(0.55, 0.7)
        phase = walked_m / stride_m
        posture = standing_posture(body, count, WALK_HALF_STANCE_M, 0.1)
        forward, left = (goal - start) / total_m, np.array([-np.sin(yaw), np.cos(yaw)])
        hips = start + walked_m[:, None] * forward
        posture["hip_x"], posture["hip_y"] = hips.T
        posture["hip_z"] = posture["hip_z"] - 0.035 + 0.02 * np.cos(4 * np.pi * phase)
        posture.put(yaw=yaw, pitch=0.05, roll=0.03 * np.sin(2 * np.pi * phase))
        reach_m, shoulder_z = 0.93 * body.arm_m, body.standing_hip_m + body.joint_position("upperarm.L")[2] - 0.035
        for side, ahead in (("L", 0.0), ("R", 0.5)):
            part = (phase + ahead) % 1  # share of the cycle; in its second half the foot is in the air
            share = np.clip((part - 0.5) / 0.5, 0, 1)
            posture.add(side, foot_z=0.09 * np.sin(np.pi * share))
            heel_off = 0.5 * np.clip((part - 0.35) / 0.25, 0, 1) * (share < 0.5) * (part < 0.75)
            posture[f"foot_pitch_{side}"] = gaussian_filter1d(heel_off - 0.15 * (share > 0.8), 0.05 * fps)
            # The foot stays on the floor, then moves to its next place.
            planted = np.floor(phase + ahead) + minimum_jerk(share)
            along = (planted - ahead + 0.25) * stride_m
            foot = start + along[:, None] * forward + SIGN[side] * WALK_HALF_STANCE_M * left
            posture[f"foot_x_{side}"], posture[f"foot_y_{side}"] = foot.T
            swing_rad = -0.45 * np.cos(2 * np.pi * (phase + ahead) + 0.9)
            outward = SIGN[side] * (body.shoulder_half_m + 0.05) * left
            hand = hips + (reach_m * np.sin(swing_rad))[:, None] * forward + outward
            posture[f"hand_x_{side}"], posture[f"hand_y_{side}"] = hand.T
            posture.put(side, hand_z=shoulder_z - reach_m * np.cos(swing_rad), foot_yaw=yaw + SIGN[side] * 0.1)
        return posture

    def fidget(self, posture: Posture, hands_free: bool) -> None:
        """Add the movements of an idle person to a posture, in place: weight shifts, and turns of head and trunk.

        Free hands also move. Hands that are not free follow the hips with the bar.
        """
        shift = self._slow_noise(posture, 0.7, 0.025)
        posture.add(hip_y=shift, hip_z=-0.3 * np.abs(shift), roll=-0.6 * shift, side=0.8 * shift)
        for name, seconds, amount in (("head_yaw", 0.6, 0.25), ("neck", 0.6, 0.12), ("yaw", 0.8, 0.05)):
            posture.add(**{name: self._slow_noise(posture, seconds, amount)})
        if hands_free:
            self._move_hands(posture)
        else:
            posture.add(hand_y_L=0.8 * shift, hand_y_R=0.8 * shift, bar_y=0.8 * shift)

    def _slow_noise(self, posture: Posture, seconds: float, amount: float) -> np.ndarray:
        return slow_noise(self.rng, posture.count, self.fps, seconds, amount)

    def _move_hands(self, posture: Posture) -> None:
        for side in SIDES:
            for name, amount in (("hand_x", 0.03), ("hand_y", 0.02), ("hand_z", 0.015)):
                posture.add(side, **{name: self._slow_noise(posture, 0.5, amount)})
        if self.rng.random() < 0.7 and posture.count > 1.5 * self.fps:
            side, hips_m = SIDES[self.rng.integers(2)], self.body.standing_hip_m
            face = 0.12, SIGN[side] * 0.08, hips_m + self.body.joint_position("head")[2] + 0.02
            hip = 0.05, SIGN[side] * 0.2, hips_m + 0.08
            _touch(posture, side, face if self.rng.random() < 0.6 else hip, self.fps)

    def step_about(self, posture: Posture) -> None:
        """Add small steps of a waiting person to a posture, in place: each foot in turn rises and lands nearby."""
        t_s, rng = np.arange(posture.count) / self.fps, self.rng
        for k, start_s in enumerate(np.arange(0.3, t_s[-1] - 0.5, rng.uniform(0.6, 1.0))):
            side = SIDES[k % 2]
            share = np.clip((t_s - start_s) / 0.45, 0, 1)
            hill = minimum_jerk(share) * (t_s < t_s[-1] - 0.1)
            posture.add(side, foot_x=rng.uniform(-0.04, 0.04) * hill, foot_y=rng.uniform(-0.03, 0.03) * hill)
            posture.add(side, foot_z=0.06 * np.sin(np.pi * share))
            posture.add(hip_y=-SIGN[side] * 0.04 * np.sin(np.pi * share))


def _touch(posture: Posture, side: str, place: tuple[float, float, float], fps: float) -> None:
    """Move a hand to `place`, in metres, and back within the frames of the posture."""
    frames = np.arange(posture.count)
    weight = minimum_jerk(np.minimum(frames, frames[::-1]) / (0.6 * fps) - 0.2)
    near = weight[:, None]
    posture.put_point("hand", side, (1 - near) * posture.point("hand", side) + near * np.array(place))
    posture.add(side, pole_y=weight)


def place_at(posture: Posture, place: np.ndarray, yaw_rad: float | np.ndarray) -> Posture:
    """Return a copy of a posture that is rotated about the vertical at the origin, then moved; the bar stays.

    Args:
        place: (2,) x and y of the place to which the origin moves, in metres.
    """
    out = posture.copy()
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    for name, end in [("hip", ""), *((part, f"_{side}") for side in SIDES for part in ("foot", "hand"))]:
        x, y = posture[f"{name}_x{end}"], posture[f"{name}_y{end}"]
        out[f"{name}_x{end}"] = place[0] + c * x - s * y
        out[f"{name}_y{end}"] = place[1] + s * x + c * y
    for name in ("yaw", *(f"foot_yaw_{side}" for side in SIDES)):
        out[name] = posture[name] + yaw_rad
    return out


def step_along(posture: Posture, start_m: float, goal_m: float) -> Posture:
    """Return a copy of a posture in which the lifter steps forward or back with both feet and the bar.

    Args:
        start_m: Distance by which the posture is moved forward before the step.
        goal_m: Distance by which the posture is moved forward after the step.
    """
    count = posture.count
    x = (np.arange(count) + 1) / count
    out = posture.copy()
    way = start_m + (goal_m - start_m) * minimum_jerk(x)
    out.add(hip_x=way, bar_x=way, hand_x_L=way, hand_x_R=way, hip_z=-0.03 * np.sin(np.pi * x))
    for side, first in (("L", 0.0), ("R", 0.5)):
        share = np.clip((x - first) / 0.5, 0, 1)
        foot_m = start_m + (goal_m - start_m) * minimum_jerk(share)
        out.add(side, foot_x=foot_m, foot_z=0.05 * np.sin(np.pi * share))
    return out


SPOT = np.array([-0.02, 0.0])  # Place of the lifter on the floor, in metres
AWAY_M = -20.0  # Offset of the height of absent people
HALF_WAY_M = 3.0  # Distance from the lifter at which people who pass by appear and disappear


class OtherPerson(NamedTuple):
    """A person in the scene who is not the lifter."""

    body: BodyModel
    posture: Posture


def make_visitor(lifter: Mover, kind: str, start: int, view_rad: float, count: int) -> OtherPerson:
    """Return a person who visits the lifter. The body is drawn from JUDGING if it has the lifter's body, else TRAINING.

    Before and after the visit, the person is far below the floor.

    Args:
        kind: Kind of visit, from tokens.PEOPLE.
        start: Index of the frame in which the visit begins.
        view_rad: Azimuth of the camera.
        count: Number of frames in the set.
    """
    rng = lifter.rng
    names = JUDGING if lifter.body.name in JUDGING else TRAINING
    visitor = Mover(load_body(names[rng.integers(len(names))], 1.0), rng, lifter.fps)
    away = np.array([np.cos(view_rad), np.sin(view_rad)])
    across = np.array([-np.sin(view_rad), np.cos(view_rad)]) * rng.choice([-1.0, 1.0])
    if kind == "stands_beside":
        place = rng.uniform(0.9, 1.4) * across
        posture = _waiting(visitor, count - start, (0.12, 0.2), hands_free=True)
        posture = place_at(posture, place, rng.uniform(-np.pi, np.pi))
    elif kind == "spots":  # close behind the lifter with the hands ready
        posture = _waiting(visitor, count - start, (0.16, 0.3), hands_free=False)
        posture.add(BOTH, hand_x=0.35, hand_y=0.03, hand_z=0.3)
        posture = place_at(posture, np.array([-rng.uniform(0.55, 0.8), 0.0]), 0.0)
    else:
        near = rng.uniform(0.7, 1.2) if kind == "passes_front" else -rng.uniform(0.8, 1.4)
        posture = visitor.walking_posture(*(near * away + far * HALF_WAY_M * across for far in (-1, 1)))
    return OtherPerson(visitor.body, _at_its_time(posture, start, count))


def _waiting(visitor: Mover, count: int, feet: tuple[float, float], hands_free: bool) -> Posture:
    """Return the posture of a person who waits, with a half stance in metres and toes that point out."""
    posture = standing_posture(visitor.body, max(count, 2), *feet)
    visitor.fidget(posture, hands_free)
    posture.put(bar_z=AWAY_Z)
    return posture


def _at_its_time(posture: Posture, start: int, count: int) -> Posture:
    out = Posture()
    shown = min(posture.count, count - start)
    for name in PARAMS:
        values = np.full(count, posture[name][0])
        values[start : start + shown] = posture[name][:shown]
        out[name] = values
    absent = np.ones(count, bool)
    absent[start : start + shown] = False
    for name in ("hip_z", *(f"{part}_z_{side}" for side in SIDES for part in ("foot", "hand"))):
        out[name] = out[name] + np.where(absent, AWAY_M, 0.0)
    return out
