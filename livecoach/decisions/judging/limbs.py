"""Whether somebody else lifts, as far as the lengths of limbs and the side of the camera tell. Pure."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import RepWindow
from livecoach.decisions.rep.view_normalised import LEAST_SINE
from livecoach.perception.body import body
from livecoach.perception.body.quantiles import median, percentile

ANOTHER = 0.1
"""Root mean square of the logarithms' difference from which a body is another one. In 16 sets of three real lifters one
differs from himself by .092 at most (docs/figures.md)."""
UPRIGHT = 60  # percentile of the legs' extent from which a frame shows the lengths best
CLEAR, LEAST_FRAMES = 0.8, 10  # share of clear frames, and frames, of a rep that says anything
_BONES = ((body.SHOULDER, body.ELBOW), (body.ELBOW, body.WRIST), (body.HIP, body.KNEE), (body.KNEE, body.ANKLE))


@lru_cache(maxsize=1)  # who lifts is asked of a rep before it is judged
def limb_shares(rep: RepWindow) -> np.ndarray | None:
    """Return (7,): logarithms of the lengths of trunk, arms, legs, shoulders and hips over their mean; None where too
    little was clearly seen."""
    seen = [one.world for one in rep.inside if one.world is not None]
    if len(seen) < LEAST_FRAMES or rep.confidence < CLEAR:
        return None
    world = np.array(seen)[:, landmark.JOINTS].astype(np.float64)  # (n, 6, 2, 3)
    extent = body.lengths((world[:, body.HIP] - world[:, body.ANKLE]).mean(1))
    world = world[extent >= percentile(extent, UPRIGHT)]
    start, end = np.array(_BONES).T
    bones = body.middles(body.lengths(world[:, start] - world[:, end]))
    widths = [body.side_distances(world, joint) for joint in (body.SHOULDER, body.HIP)]
    limbs = np.column_stack([body.torso_lengths(world), bones, *widths])
    shares = median(np.log(limbs / limbs.sum(1, keepdims=True)))
    relative: np.ndarray = shares - shares.mean()
    return relative if np.isfinite(relative).all() else None


def side(azimuth_deg: float) -> int:
    """-1 or 1 where the camera stands clearly at one side; 0 in front, behind, or where that is not known."""
    sine = np.sin(np.radians(azimuth_deg))
    return int(np.sign(sine)) if abs(sine) >= LEAST_SINE else 0


def is_another(shares: np.ndarray | None, own: Sequence[np.ndarray]) -> bool:
    """Whether a rep is of another body than earlier ones."""
    return shares is not None and float(np.sqrt(((shares - np.median(own, axis=0)) ** 2).mean())) > ANOTHER
