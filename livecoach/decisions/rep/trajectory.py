"""Computes the trajectory of a rep, by which reps are compared.

Reps are aligned by phase, not by time: the way out and the way back are sampled where the hands (deadlift) or the hips
(squat) have covered equal shares of their travel. The pace of a rep enters as durations.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.decisions.rep.phases import KINDS, Travel
from livecoach.decisions.rep.view_normalised import NormalisedRep
from livecoach.perception.body.visibility import NO_TOES

JOINTS = (0, *range(11, 17), *range(23, landmark.COUNT))  # Landmarks without fingers and face, which carry no form
MOMENTS = 8  # Number of samples on each way, out to the turn and back
SHARES = (np.arange(MOMENTS) + 0.5) / MOMENTS
"""Shares of the travel at which a way is sampled. The ends are left out: at rest and at the turn, the body may stay for
any time."""
SHAPE = (2 * MOMENTS, len(JOINTS), 3)
"""Shape of a trajectory: moments out and back; joints; axes x forward, y left and z up from mid-hip. The picture's axes
are not used, because they follow the camera."""
_SHOULDERS, _ANKLES = np.searchsorted(JOINTS, [landmark.SHOULDERS, landmark.ANKLES])  # Their places in JOINTS
SMOOTHED_S = 0.1  # Time in seconds over which landmarks are averaged, against jitter
SIGHT_WEIGHT, REMAINING_VARIANCE = 0.5, 0.54
"""Weight of changes along the line of sight, which one camera shows less exactly, and the share of good reps' usual
variance that remains with this weight: the median of ten rendered sets of training bodies."""


class Trajectory(NamedTuple):
    """The trajectory of a rep: the smoothed places of its joints at equal shares of its travel."""

    at_s: np.ndarray  # (2 * MOMENTS,) times when hands or hips have covered SHARES of the way out, then of the way back
    points: np.ndarray  # SHAPE, in torso lengths; NaN for landmarks that the pose model lacks


def compute_trajectory(rep: NormalisedRep, travel: Travel) -> Trajectory:
    """Compute the trajectory of a rep, sampled by the height of the hands or hips over the ankles, whichever lead."""
    lead = landmark.WRISTS if KINDS[travel].of_hands else landmark.HIPS
    height = _smoothed(rep.t_s, (landmark.middle(rep.picture, lead) - landmark.middle(rep.picture, landmark.ANKLES)))
    ways_s = (rep.start_s, rep.turn_s), (rep.turn_s, rep.end_s)
    at_s = np.concatenate([_reached_s(rep.t_s, height[:, 1], *way_s) for way_s in ways_s])
    ways = (rep.world[:, JOINTS] / rep.torso_m).reshape(len(rep.t_s), -1)
    curves, after = _smoothed(rep.t_s, ways), np.clip(np.searchsorted(rep.t_s, at_s), 1, len(rep.t_s) - 1)
    share = np.clip((at_s - rep.t_s[after - 1]) / (rep.t_s[after] - rep.t_s[after - 1]), 0, 1)[:, None]
    return Trajectory(at_s, ((1 - share) * curves[after - 1] + share * curves[after]).reshape(SHAPE))


def align_heading(points: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Turn a trajectory about the vertical, as near as possible to the trajectory `to`.

    Heading and errors of the view then make no difference. Points that are NaN in either trajectory do not count.
    """
    known = np.isfinite(points).all(-1) & np.isfinite(to).all(-1)
    x, y = points[known][:, :2].T
    x_to, y_to = to[known][:, :2].T
    angle = np.arctan2(float(x @ y_to - y @ x_to), float(x @ x_to + y @ y_to))
    sine, cosine = np.sin(angle), np.cos(angle)
    about = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    return points @ about


def scale_along_sight(points: np.ndarray, mean: np.ndarray, azimuth_deg: float | None) -> np.ndarray:
    """Scale a trajectory's deviations from the trajectory `mean` along the camera's line of sight by SIGHT_WEIGHT.

    Without an azimuth of the camera (None), the trajectory stays as it is.
    """
    if azimuth_deg is None:
        return points
    sight = np.array([np.cos(np.radians(azimuth_deg)), np.sin(np.radians(azimuth_deg)), 0.0])
    scaled: np.ndarray = points - (1 - SIGHT_WEIGHT) * ((points - mean) @ sight)[..., None] * sight
    return scaled


def remaining_variance(azimuth_deg: float | None) -> float:
    """Return the share of good reps' variance that remains after `scale_along_sight`; 1 without an azimuth (None)."""
    return 1.0 if azimuth_deg is None else REMAINING_VARIANCE


def _farther(points: np.ndarray) -> np.ndarray:
    """Return the change of a trajectory if each moment moves farther along it by its share of the travel."""
    out, back = np.split(points, 2)
    shares = SHARES[:, None, None]
    return np.concatenate([shares * np.gradient(out, SHARES, axis=0), (shares - 1) * np.gradient(back, SHARES, axis=0)])


def _more_upright(points: np.ndarray) -> np.ndarray:
    """Return the change of a trajectory whose upper body turns backwards about the hips, by its lean."""
    upper = [place for place, i in enumerate(JOINTS) if i < landmark.HIPS[0]]
    shoulders = points[:, _SHOULDERS].mean(1)
    lean = np.maximum(np.arctan2(shoulders[:, 0], shoulders[:, 2]), 0.0)[:, None]
    change = np.zeros_like(points)
    change[:, upper, 0], change[:, upper, 2] = -lean * points[:, upper, 2], lean * points[:, upper, 0]
    return change


IMPROVEMENTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    **dict.fromkeys(("bottom_hip_height", "bottom_hip_share"), _farther),
    "most_trunk_lean_deg": _more_upright,
}
"""Measure of a fault → function that returns how a trajectory without NaN changes as the rep becomes better in the
measure than good reps are, for example deeper."""


def greatest_shoulder_height(points: np.ndarray) -> float:
    """Return the greatest height of the shoulders above the ankles in a trajectory, in torso lengths.

    The result is nearly 0 if the lifter lies, and NaN if no moment shows both shoulders and both ankles.
    """
    above = points[:, _SHOULDERS, 2] - points[:, _ANKLES, 2]
    above = above[np.isfinite(above).all(1)]
    return float(above.mean(1).max(initial=-np.inf)) if len(above) else np.nan


def _reached_s(t_s: np.ndarray, height: np.ndarray, begins_s: float, ends_s: float) -> np.ndarray:
    """Return the (MOMENTS,) times at which a height covers SHARES of its travel; evenly spaced without travel."""
    inside = t_s[(t_s > begins_s) & (t_s < ends_s)]
    at_s = np.concatenate([[begins_s], inside, [ends_s]])
    values = np.interp(at_s, t_s, height)
    way = values[-1] - values[0]
    if way == 0:
        return begins_s + SHARES * (ends_s - begins_s)
    covered = np.maximum.accumulate(np.clip((values - values[0]) / way, 0.0, 1.0))
    first = np.concatenate([[True], np.diff(covered) > 0])
    return np.interp(SHARES, covered[first], at_s[first])


def _smoothed(t_s: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """Return the running mean of curves (T, k) over SMOOTHED_S around each frame."""
    total = np.concatenate([np.zeros((1, curves.shape[1])), np.cumsum(curves, axis=0)])
    first = np.searchsorted(t_s, t_s - SMOOTHED_S / 2 - 1e-6)
    last = np.searchsorted(t_s, t_s + SMOOTHED_S / 2 + 1e-6)
    return (total[last] - total[first]) / (last - first)[:, None]


_FEET = tuple(range(29, 33))
JOINTS_LOST_WITH: dict[str, tuple[int, ...]] = {
    "elbows": (13, 14),
    "wrists": (15, 16),
    "ankles": (27, 28, *_FEET),
    "feet": _FEET,
    NO_TOES: _FEET,
}
"""Group of joints that can't be measured → the landmarks that are then left out of the trajectory. Without shoulders,
hips or knees, a rep is not judged."""


def without_joints(points: np.ndarray, groups: Iterable[str]) -> np.ndarray:
    """Return a copy of a trajectory with NaN at the joints that are lost with groups of joints (JOINTS_LOST_WITH)."""
    points = points.copy()
    for group in groups:
        points[:, np.isin(JOINTS, JOINTS_LOST_WITH.get(group, ()))] = np.nan
    return points
