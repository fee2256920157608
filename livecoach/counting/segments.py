"""A movement out and back, the parts it has, and what is followed through it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach.frame import joints
from livecoach.frame.joints import ANKLE, HIP, SHOULDER, WRIST, median, percentile

MOMENT_S = 0.2
"""What a movement begins and ends with is taken over this time before and after."""
TOP = 0.85
LOW = 0.2
"""Shares of the way: beyond the one is the turn, between the two the movement is under way."""
FRONT = {"front_hip": HIP, "front_ankle": ANKLE, "front_shoulder": SHOULDER}
"""How far the hands are in front of what."""
PartName = Literal["inside", "begins", "ends", "low", "out", "back", "mid", "high"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movement:
    """n moments, from a little before a movement to a little after it."""

    t_s: np.ndarray
    """(n,)."""
    away: np.ndarray
    """(n,) how far the body is from rest."""
    world: np.ndarray
    """(n, 6, 2, 3) metres: shoulders, elbows, wrists, hips, knees, ankles; left and right."""
    points_px: np.ndarray
    """(n, 6, 2, 2) the same in the picture."""
    start: int
    end: int
    """Indices of its first and last moment."""


class Parts:
    """Which moments belong to which part of a movement, its scales, and what is followed through it."""

    def __init__(self, m: Movement) -> None:
        index = np.arange(len(m.t_s))
        inside = (index >= m.start) & (index <= m.end)
        begins, ends = (np.abs(m.t_s - m.t_s[i]) <= MOMENT_S for i in (m.start, m.end))
        base = min(m.away[m.start], m.away[m.end])
        self.peak = m.start + int(np.argmax(m.away[m.start : m.end + 1]))
        self.span = max(float(m.away[m.start : m.end + 1].max() - base), 1e-6)
        way = (m.away - base) / self.span
        going = inside & (way > LOW) & (way < TOP)
        out, back = going & (index <= self.peak), going & (index > self.peak)
        out = out if out.any() else inside & (index <= self.peak)
        back = back if back.any() else inside & (index >= self.peak)
        self.inside, self.begins, self.ends, self.out, self.back = inside, begins, ends, out, back
        self.low, self.mid, self.high = begins | ends, out | back, inside & (way > TOP)
        self.size_px = joints.sizes_px(m.points_px)
        self.size = max(float(percentile(self.size_px[inside], 75)), 1e-6)
        self.torso = max(float(percentile(joints.torso_lengths(m.world)[inside], 75)), 1e-6)
        """Torso and legs as seen, and the torso in the world: foreshortened ones are shorter."""

    def of(self, part: PartName) -> np.ndarray:
        """(n,) bool; of an empty part the whole movement."""
        moments: np.ndarray = getattr(self, part)
        return moments if moments.any() else self.inside


class Followed:
    """Series of numbers through a movement; medians and spreads of all of them at once: one by one takes 2 ms more."""

    def __init__(self, p: Parts, series: dict[str, np.ndarray]) -> None:
        self._parts, self._values = p, np.stack(list(series.values()), 1)
        self._column = {name: column for column, name in enumerate(series)}
        self._medians: dict[PartName, np.ndarray] = {}
        self._spreads: dict[PartName, np.ndarray] = {}

    def median(self, name: str, part: PartName) -> float:
        """Of the part, or where it is empty of the whole movement."""
        if part not in self._medians:
            self._medians[part] = median(self._values[self._parts.of(part)])
        return float(self._medians[part][self._column[name]])

    def spread(self, name: str, part: PartName) -> float:
        """Standard deviation; 0 where the part is too short for one."""
        if part not in self._spreads:
            values = self._values[getattr(self._parts, part)]
            self._spreads[part] = values.std(0) if len(values) > 2 or part == "inside" else np.zeros(values.shape[1])
        return float(self._spreads[part][self._column[name]])


def followed(m: Movement, p: Parts) -> Followed:
    """Everything of which a median or a spread is taken. Hands on a bar are level, as far apart all the time, and hang;
    free ones do as they like."""
    middle_px, middle = m.points_px.mean(2), m.world.mean(2)
    ankles_x = middle_px[:, ANKLE, 0]
    wrists, shoulders = m.points_px[:, WRIST], m.points_px[:, SHOULDER]
    leg = max(float(median(joints.leg_lengths(m.world)[p.inside])), 1e-6)
    knees, hips, elbows = (joints.joint_rad(m.world, *three).mean(1) for three in joints.JOINTS)
    in_world = {
        "apart": joints.side_distances(m.world, WRIST),
        "arm": np.sqrt(((m.world[:, WRIST] - m.world[:, SHOULDER]) ** 2).sum(-1)).mean(1),
        "world_tilt": m.world[:, WRIST, 0, 1] - m.world[:, WRIST, 1, 1],
        "over_hip": middle[:, HIP, 1] - middle[:, WRIST, 1],
        "stance": joints.side_distances(m.world, ANKLE),
        **{name: (middle[:, WRIST] - middle[:, joint]) @ _forward(m, p) for name, joint in FRONT.items()},
    }
    in_picture = {
        "size": p.size_px,
        "hips_aside": middle_px[:, HIP, 0] - ankles_x,
        "trunk_aside": (middle_px[:, [SHOULDER, HIP], 0] - ankles_x[:, None]).mean(1),
        "aside": wrists.mean(1)[:, 0] - ankles_x,
        "left_below": (wrists - shoulders)[:, 0, 1],
        "right_below": (wrists - shoulders)[:, 1, 1],
        "below": (wrists - shoulders)[:, :, 1].mean(1),
        "across": np.abs(wrists[:, 0, 0] - wrists[:, 1, 0]),
        "tilt": wrists[:, 0, 1] - wrists[:, 1, 1],
        "ankle_x": middle_px[:, ANKLE, 0],
        "ankle_y": middle_px[:, ANKLE, 1],
    }
    return Followed(
        p,
        {
            **{name: values / p.torso for name, values in in_world.items()},
            **{name: values / p.size for name, values in in_picture.items()},
            "knee": knees,
            "hip": hips,
            "elbow": elbows,
            "lean": joints.lean_rad(m.world),
            "wrist": (middle[:, ANKLE, 1] - middle[:, WRIST, 1]) / leg,
        },
    )


def facings(m: Movement) -> np.ndarray:
    """(n,) unit complex numbers: the way the body faces, from above."""
    leftward = (m.world[:, (SHOULDER, HIP), 0] - m.world[:, (SHOULDER, HIP), 1]).sum(1)[:, [0, 2]]
    facings: np.ndarray = np.exp(1j * np.arctan2(-leftward[:, 1], leftward[:, 0]))
    return facings


def _forward(m: Movement, p: Parts) -> np.ndarray:
    """(3,) level unit vector to the lifter's front."""
    mean_rad = float(np.angle(facings(m)[p.inside].mean()))
    return -np.array([np.sin(mean_rad), 0.0, np.cos(mean_rad)])
