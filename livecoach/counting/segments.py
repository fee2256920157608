"""A movement out and back, its segments, and statistics of series through it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach.frame import body
from livecoach.frame.body import ANKLE, HIP, SHOULDER, WRIST
from livecoach.frame.quantiles import median, percentile

MOMENT_S = 0.2  # half the time that beginning and end of a movement extend over
TOP = 0.85
LOW = 0.2
"""Shares of the way: the turn lies beyond TOP, and between the two the movement is under way."""
FRONT = {"front_hip": HIP, "front_ankle": ANKLE, "front_shoulder": SHOULDER}
"""Feature → the joint from which the hands' distance to the front is measured."""
SegmentName = Literal["inside", "begins", "ends", "low", "out", "back", "mid", "high"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movement:
    """n moments, from shortly before a movement to shortly after it."""

    t_s: np.ndarray
    distance_from_rest: np.ndarray
    world: np.ndarray
    """(n, 6, 2, 3) metres: shoulders, elbows, wrists, hips, knees, ankles; left and right."""
    points_px: np.ndarray  # (n, 6, 2, 2) the same joints in the picture
    start: int  # index of its first moment
    end: int  # index of its last one


class Segments:
    """Masks over a movement's moments, and its scales."""

    def __init__(self, m: Movement) -> None:
        index = np.arange(len(m.t_s))
        inside = (index >= m.start) & (index <= m.end)
        begins, ends = (np.abs(m.t_s - m.t_s[i]) <= MOMENT_S for i in (m.start, m.end))
        base = min(m.distance_from_rest[m.start], m.distance_from_rest[m.end])
        self.peak = m.start + int(np.argmax(m.distance_from_rest[m.start : m.end + 1]))
        self.span = max(float(m.distance_from_rest[m.start : m.end + 1].max() - base), 1e-6)
        way = (m.distance_from_rest - base) / self.span
        going = inside & (way > LOW) & (way < TOP)
        out, back = going & (index <= self.peak), going & (index > self.peak)
        out = out if out.any() else inside & (index <= self.peak)
        back = back if back.any() else inside & (index >= self.peak)
        self.inside, self.begins, self.ends, self.out, self.back = inside, begins, ends, out, back
        self.low, self.mid, self.high = begins | ends, out | back, inside & (way > TOP)
        self.size_px = body.sizes_px(m.points_px)
        self.size = max(float(percentile(self.size_px[inside], 75)), 1e-6)
        self.torso = max(float(percentile(body.torso_lengths(m.world)[inside], 75)), 1e-6)
        """Torso and legs in the picture, and the torso in the world: high percentiles, as foreshortening shortens
        them."""

    def of(self, segment: SegmentName) -> np.ndarray:
        """Mask (n,); that of the whole movement where the segment is empty."""
        moments: np.ndarray = getattr(self, segment)
        return moments if moments.any() else self.inside


class SeriesStatistics:
    """Medians and spreads of series through a movement, all computed at once because that is faster."""

    def __init__(self, p: Segments, series: dict[str, np.ndarray]) -> None:
        self._segments, self._values = p, np.stack(list(series.values()), 1)
        self._column = {name: column for column, name in enumerate(series)}
        self._medians: dict[SegmentName, np.ndarray] = {}
        self._spreads: dict[SegmentName, np.ndarray] = {}

    def median(self, name: str, segment: SegmentName) -> float:
        """Over the whole movement where the segment is empty."""
        if segment not in self._medians:
            self._medians[segment] = median(self._values[self._segments.of(segment)])
        return float(self._medians[segment][self._column[name]])

    def spread(self, name: str, segment: SegmentName) -> float:
        """Standard deviation; 0 where the segment is too short."""
        if segment not in self._spreads:
            values = self._values[getattr(self._segments, segment)]
            enough = len(values) > 2 or segment == "inside"
            self._spreads[segment] = values.std(0) if enough else np.zeros(values.shape[1])
        return float(self._spreads[segment][self._column[name]])


def series_statistics(m: Movement, p: Segments) -> SeriesStatistics:
    middle_px, middle = m.points_px.mean(2), m.world.mean(2)
    ankles_x = middle_px[:, ANKLE, 0]
    wrists, shoulders = m.points_px[:, WRIST], m.points_px[:, SHOULDER]
    leg = max(float(median(body.leg_lengths(m.world)[p.inside])), 1e-6)
    knees, hips, elbows = (body.joint_rad(m.world, *three).mean(1) for three in body.JOINTS)
    in_world = {
        "apart": body.side_distances(m.world, WRIST),
        "arm": np.sqrt(((m.world[:, WRIST] - m.world[:, SHOULDER]) ** 2).sum(-1)).mean(1),
        "world_tilt": m.world[:, WRIST, 0, 1] - m.world[:, WRIST, 1, 1],
        "over_hip": middle[:, HIP, 1] - middle[:, WRIST, 1],
        "stance": body.side_distances(m.world, ANKLE),
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
    return SeriesStatistics(
        p,
        {
            **{name: values / p.torso for name, values in in_world.items()},
            **{name: values / p.size for name, values in in_picture.items()},
            "knee": knees,
            "hip": hips,
            "elbow": elbows,
            "lean": body.lean_rad(m.world),
            "wrist": (middle[:, ANKLE, 1] - middle[:, WRIST, 1]) / leg,
        },
    )


def facings(m: Movement) -> np.ndarray:
    """Return (n,) complex numbers of length 1: where the body faces, seen from above."""
    leftward = (m.world[:, (SHOULDER, HIP), 0] - m.world[:, (SHOULDER, HIP), 1]).sum(1)[:, [0, 2]]
    facings: np.ndarray = np.exp(1j * np.arctan2(-leftward[:, 1], leftward[:, 0]))
    return facings


def _forward(m: Movement, p: Segments) -> np.ndarray:
    """Horizontal unit vector (3,) to the lifter's front."""
    mean_rad = float(np.angle(facings(m)[p.inside].mean()))
    return -np.array([np.sin(mean_rad), 0.0, np.cos(mean_rad)])
