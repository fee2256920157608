"""The way of the joints through a rep, as one vector: what reps are compared by as a whole."""

import numpy as np

from livecoach import landmark
from livecoach.form.seen import SeenRep

JOINTS = (0, *range(11, 17), *range(23, landmark.COUNT))
"""The nose, and what moves from shoulder to toe; fingers and face say nothing of form."""
MOMENTS = 8
"""Each way, evenly in time: out to the turn, and back."""
AXES = 5
"""Of a joint: x and y in the picture from mid-ankle, x forward, y left and z up in the world from the hips."""
LEAST_S = 0.1
OUT = MOMENTS * len(JOINTS) * AXES
LENGTH = 2 * OUT
"""Of the way out, and of both ways."""


def trace(rep: SeenRep) -> np.ndarray:
    """(LENGTH,) torso lengths: moments, then joints, then axes."""
    ankles = np.median(landmark.middle(rep.picture, landmark.ANKLES)[rep.inside], axis=0)
    picture = (rep.picture[:, JOINTS] - ankles) / rep.torso_px
    ways = np.concatenate([picture, rep.world[:, JOINTS] / rep.torso_m], -1).reshape(len(rep.t_s), -1)
    return _at(rep.t_s, ways, moments_s(rep.start_s, rep.turn_s, rep.end_s)).ravel()


def durations(rep: SeenRep) -> np.ndarray:
    """(2,) logarithms of the seconds out and back."""
    return np.log(np.maximum([rep.turn_s - rep.start_s, rep.end_s - rep.turn_s], LEAST_S))


def by_joint(squares: np.ndarray) -> np.ndarray:
    """(joints,) what of squared parts of a trace (LENGTH,) falls to each of JOINTS."""
    falls: np.ndarray = by_moment(squares).sum(0)
    return falls


def by_moment(squares: np.ndarray) -> np.ndarray:
    """(2 MOMENTS, joints) what of squared parts of a trace (LENGTH,) falls to each of JOINTS at each moment."""
    falls: np.ndarray = squares.reshape(2 * MOMENTS, len(JOINTS), AXES).sum(-1)
    return falls


def moments_s(start_s: float, turn_s: float, end_s: float) -> np.ndarray:
    """(2 MOMENTS,) when the moments of a trace are."""
    out, back = np.linspace(start_s, turn_s, MOMENTS), np.linspace(turn_s, end_s, MOMENTS + 1)[1:]
    return np.concatenate([out, back])


def _at(t_s: np.ndarray, curves: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    """(moments, k) values of curves (T, k), between frames."""
    after = np.clip(np.searchsorted(t_s, moments_s), 1, len(t_s) - 1)
    share = np.clip((moments_s - t_s[after - 1]) / (t_s[after] - t_s[after - 1]), 0, 1)[:, None]
    values: np.ndarray = (1 - share) * curves[after - 1] + share * curves[after]
    return values
