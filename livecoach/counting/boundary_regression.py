"""Start, turn and end of a rep, told from how the whole body moves around them.

The turns of one curve are a tenth to two tenths of a second off, one in fifty a second (docs/form.md), and a measure at
lift-off or a duration is no better than they are. So each boundary is moved, a few times over, by what a linear
regression makes of the body's course around where it is: a cascade, after Xiong and De la Torre, Supervised descent
method, CVPR 2013. Trained by livecoach.lab.train.boundaries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.counting.outcome import Times
from livecoach.counting.samples import Sample
from livecoach.frame.joints import ANKLE, HIP, KNEE, SHOULDER, joint_rad

AROUND_S = np.linspace(-0.7, 0.7, 15)
"""Moments around a boundary that are looked at. As good as ±.9 s at 25 moments and ±1.2 s at 17."""
CHANNELS = 8
"""`away`; heights of shoulders, elbows, wrists, hips and knees over the ankles; hip and knee angle."""
INPUTS = len(AROUND_S) * CHANNELS + 5
MOST_S = 0.4
"""A boundary is moved by no more at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boundaries:
    """P passes of one linear regression for each of start, turn and end."""

    weights: np.ndarray
    """(P, 3, INPUTS) seconds by which a boundary is moved."""
    bias_s: np.ndarray
    """(P, 3)"""

    def refined(self, samples: Sequence[Sample], found: Times) -> Times:
        """samples: of the rep and what is around it, two at least, with `points_px` and `world`. found: where the
        turns of the curve are. The end may lie beyond the last sample: it is yet to come then."""
        return self.moved(np.array([s.t_s for s in samples]), course(samples), found)

    def moved(self, t_s: np.ndarray, way: np.ndarray, found: Times) -> Times:
        """As `refined`. t_s: (n,) of the samples; way: their `course`."""
        times_s = np.array(found)
        for weights, bias_s in zip(self.weights, self.bias_s, strict=True):
            moved_s = (weights * looked_at(t_s, way, times_s)).sum(1) + bias_s
            times_s = np.sort(times_s + np.clip(moved_s, -MOST_S, MOST_S))
        start_s, turn_s, end_s = times_s.tolist()
        return start_s, turn_s, end_s


def course(samples: Sequence[Sample]) -> np.ndarray:
    """(n, CHANNELS) what a body does, each channel 0…1 over the samples."""
    points = np.array([s.points_px for s in samples], np.float64).mean(2)
    world = np.array([s.world for s in samples], np.float64).mean(2)
    size_px = float(np.median([s.size_px for s in samples]))
    heights = (np.median(points[:, ANKLE, 1]) - points[:, :ANKLE, 1]) / size_px
    angles = [joint_rad(world, SHOULDER, HIP, KNEE), joint_rad(world, HIP, KNEE, ANKLE)]
    way = np.column_stack([[s.away for s in samples], heights, *angles])
    scaled: np.ndarray = (way - way.min(0)) / (np.ptp(way, axis=0) + 1e-6)
    return scaled


def looked_at(t_s: np.ndarray, way: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """(3, INPUTS) what there is to tell each boundary's place from.

    t_s: (n,) of the samples; way: their `course`; times_s: (3,) where the boundaries are taken to be.
    """
    at_s = np.clip(times_s[:, None] + AROUND_S, t_s[0], t_s[-1])
    around = np.stack([np.interp(at_s, t_s, channel) for channel in way.T], -1).reshape(3, -1)
    room_s = np.clip(np.stack([times_s - t_s[0], t_s[-1] - times_s], 1), 0.0, 1.0)
    others_s = times_s[:, None] - times_s
    return np.hstack([around, room_s, others_s])
