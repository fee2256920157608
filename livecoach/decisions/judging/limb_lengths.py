"""Tells by the lengths of the limbs, and by the camera's side, whether another person lifts."""

import math
from collections import deque
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median, percentile
from livecoach.core.types import RepWindow
from livecoach.decisions.judging.own_reps import LEAST_ALIKE
from livecoach.decisions.rep.measured import SAME_VIEW_DEG
from livecoach.decisions.rep.view_normalised import LEAST_SINE
from livecoach.perception.body import body

OTHER_BODY = 0.1
"""Root mean square difference of `body_proportions` beyond which two reps show different bodies. In 16 sets of three
real lifters, reps of one lifter differ by at most .092 (docs/figures.md)."""
UPRIGHT_PERCENT = 60  # Percentile of the legs' extent from which a frame shows the lengths best
CLEAR_SHARE, LEAST_FRAMES = 0.8, 10  # Least share of clear frames, and least frames, of a rep that is compared
MOST_REPS = 60  # Most reps of the lifter whose limbs are remembered
_BONES = ((body.SHOULDER, body.ELBOW), (body.ELBOW, body.WRIST), (body.HIP, body.KNEE), (body.KNEE, body.ANKLE))


class KnownLimbs:
    """The lengths of a lifter's limbs in the reps of a run, by which another body is noticed."""

    def __init__(self) -> None:
        self._reps: deque[tuple[str, float, np.ndarray]] = deque(maxlen=MOST_REPS)  # set, azimuth, proportions

    def remember(self, window: RepWindow) -> None:
        """Remember the limbs of the lifter in a rep, if the rep shows them clearly from a known view."""
        proportions = body_proportions(window)
        if proportions is not None and window.view is not None:
            self._reps.append((window.set_name, window.view.azimuth_deg, proportions))

    def forget(self, set_name: str) -> None:
        """Forget the limbs in the reps of a set, because another person lifted the set."""
        self._reps = deque((item for item in self._reps if item[0] != set_name), MOST_REPS)

    def is_other_body(self, window: RepWindow) -> bool:
        """Return whether a rep seems to show another body than the remembered reps; False for an unknown view.

        The limbs are compared with the limbs in reps of about the same view. With fewer than LEAST_ALIKE such reps, the
        body seems to be another if at least LEAST_ALIKE reps show the other side, and no rep shows the same side.
        """
        azimuth_deg = math.nan if window.view is None else window.view.azimuth_deg
        own = [proportions for _, at_deg, proportions in self._reps if abs(at_deg - azimuth_deg) <= SAME_VIEW_DEG]
        if len(own) >= LEAST_ALIKE:
            return has_other_proportions(body_proportions(window), own)
        here, sides = camera_side(azimuth_deg), [camera_side(at_deg) for _, at_deg, _ in self._reps]
        return here != 0 and here not in sides and sides.count(-here) >= LEAST_ALIKE


@lru_cache(maxsize=1)  # a rep is first compared with the lifter's body, and then judged
def body_proportions(rep: RepWindow) -> np.ndarray | None:
    """Measure a lifter's proportions in a rep, (7,); None if too little was clearly visible.

    The proportions are logarithms, relative to their mean, of the lengths of trunk, upper arm, forearm, thigh and shin,
    and of the widths of shoulders and hips.
    """
    seen = [observation.world for observation in rep.rep_observations if observation.world is not None]
    if len(seen) < LEAST_FRAMES or rep.confidence < CLEAR_SHARE:
        return None
    world = np.array(seen)[:, landmark.JOINTS].astype(np.float64)  # (n, 6, 2, 3)
    extent = body.lengths((world[:, body.HIP] - world[:, body.ANKLE]).mean(1))
    world = world[extent >= percentile(extent, UPRIGHT_PERCENT)]
    start, end = np.array(_BONES).T
    bones = body.middles(body.lengths(world[:, start] - world[:, end]))
    widths = [body.left_right_distances(world, joint) for joint in (body.SHOULDER, body.HIP)]
    limbs = np.column_stack([body.torso_lengths(world), bones, *widths])
    logarithms = median(np.log(limbs / limbs.sum(1, keepdims=True)))
    relative: np.ndarray = logarithms - logarithms.mean()
    return relative if np.isfinite(relative).all() else None


def camera_side(azimuth_deg: float) -> int:
    """Return the camera's side: 1 at the lifter's left, -1 at the right; 0 near the front or back, or for NaN."""
    sine = np.sin(np.radians(azimuth_deg))
    return int(np.sign(sine)) if abs(sine) >= LEAST_SINE else 0


def has_other_proportions(proportions: np.ndarray | None, own: Sequence[np.ndarray]) -> bool:
    """Return whether the `body_proportions` of a rep show another body than the lifter's earlier reps.

    The result is False for unknown proportions (None). `own` must have the proportions of at least one rep.
    """
    return proportions is not None and bool(np.sqrt(((proportions - np.median(own, axis=0)) ** 2).mean()) > OTHER_BODY)
