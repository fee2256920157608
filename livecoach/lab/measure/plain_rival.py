"""A plain rival of the verdict: distance from the lifter's own good reps, in units of their own scatter. No training.

World landmarks, ankles at the origin, in torso lengths, are resampled out and back over the share of the way that hips
(squat) or hands (deadlift) have covered. Each number is divided by the standard deviation over the own reps, shrunk
half-way to their pooled one; the distance is the root mean square, in units of the own reps' leave-one-out distances.
"""

from collections.abc import Sequence

import numpy as np

from livecoach import landmark
from livecoach.rep.travel import KINDS, Travel
from livecoach.rep.view_normalised import NormalisedRep

JOINTS = (*range(11, 17), *range(23, 29))
POINTS = 16
AROUND_S = 0.05
LEAST_FRAMES = 4


def trajectory(rep: NormalisedRep, travel: Travel) -> np.ndarray | None:
    """Return the (n,) trajectory of a rep; None where too few frames of a half were seen.

    travel: as FaultTable's: what leads the movement.
    """
    world = rep.world / rep.torso_m
    ankles = landmark.middle(world, landmark.ANKLES)
    leading = landmark.middle(world, landmark.WRISTS if KINDS[travel].of_hands else landmark.HIPS)
    parts = []
    for start_s, end_s in ((rep.start_s, rep.turn_s), (rep.turn_s, rep.end_s)):
        near = (rep.t_s >= start_s - AROUND_S) & (rep.t_s <= end_s + AROUND_S)
        if near.sum() < LEAST_FRAMES:
            return None
        height = (leading - ankles)[near, 2]
        covered = np.clip((height - height[0]) / (height[-1] - height[0] + 1e-9), 0, 1)
        phase = np.maximum.accumulate(covered) + np.arange(near.sum()) * 1e-6
        body = (world[near][:, JOINTS] - ankles[near][:, None]).reshape(int(near.sum()), -1)
        at = np.linspace(0.05, 0.95, POINTS)
        parts.append([np.interp(at, phase, column) for column in body.T])
    return np.array(parts).ravel()


def distances(own: Sequence[np.ndarray], reps: Sequence[np.ndarray]) -> list[float]:
    """Return the distances of reps from the lifter's own trajectories, of which there are three or more."""
    known = np.array(own)
    spread = known.std(0, ddof=1)
    spread = np.sqrt((spread**2 + np.mean(spread**2)) / 2)

    def far(rep: np.ndarray, others: np.ndarray) -> float:
        return float(np.sqrt(np.mean(((rep - others.mean(0)) / spread) ** 2)))

    scatter = np.sqrt(np.mean([far(rep, np.delete(known, i, 0)) ** 2 for i, rep in enumerate(known)]))
    return [far(rep, known) / scatter for rep in reps]
