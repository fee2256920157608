"""Whether the barbell moves with the hands, from its plate in the pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.frame.body import plate_px
from livecoach.types import Observation

LEAST_SEEN = 0.7
"""Share of the frames in which the plate has to be seen."""
ALIKE = 0.6
"""Correlation of the bar's height with that of shoulders and hands from which on it goes with the lifter."""
STAYS, GOES = 0.12, 0.25
"""Travels of the bar over those of the hands under which they do not hold it, and over which they may. Hands that a
plate hides are seen far off: held bars have shown ratios from .28."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarEvidence:
    """Whether a bar moves with the hands over a movement. NaN: not enough was seen to tell."""

    seen_share: float
    """Of the frames in which the plate was seen."""
    travel_ratio: float
    """How far the plate goes up and down over how far the hands go, px: about 1 to 1.5 where they hold it."""
    correlation: float
    """Of both heights, -1…1."""
    apart: float
    """Mean distance of the plate from mid-wrist, plate diameters."""
    apart_change: float
    """Standard deviation of their difference in height, plate diameters: small where they hold it."""

    @property
    def held(self) -> bool | None:
        """Whether the hands move the bar; None where that is not known: no plate, or too little of it."""
        if self.seen_share < LEAST_SEEN or np.isnan(self.travel_ratio):
            return None
        if self.travel_ratio < STAYS:
            return False
        return True if self.travel_ratio > GOES and self.correlation > ALIKE else None


def moves_with_hands(
    t_s: np.ndarray, bar: np.ndarray, wrists_px: np.ndarray, size_px: tuple[float, float]
) -> BarEvidence:
    """How the bar moves beside the hands.

    t_s: (n,) rising; bar: (n, 3) x, y and vertical diameter, px, NaN where it is not seen; wrists_px: (n, 2, 2) left
    and right, px, NaN where nobody is; size_px: width and height of the picture.
    """
    hands = wrists_px.mean(1)
    inside = ((bar[:, :2] >= 0) & (bar[:, :2] < size_px)).all(1)  # False for NaN
    seen = inside & np.isfinite(hands).all(1) & np.isfinite(t_s)
    share = float(seen.mean()) if len(seen) else 0.0
    nothing = BarEvidence(seen_share=share, travel_ratio=np.nan, correlation=np.nan, apart=np.nan, apart_change=np.nan)
    if seen.sum() < 6:
        return nothing
    plate, hand, diameter = bar[seen, :2], hands[seen], float(np.median(bar[seen, 2]))
    travel, moved = (float(np.subtract(*np.percentile(y, (97, 3)))) for y in (plate[:, 1], hand[:, 1]))
    if not (diameter > 0 and moved > 0.2 * diameter):
        return nothing  # hands that hardly move say nothing of what they hold
    still = min(np.std(plate[:, 1]), np.std(hand[:, 1])) < 1e-6 * diameter
    return BarEvidence(
        seen_share=share,
        travel_ratio=travel / moved,
        correlation=0.0 if still else float(np.corrcoef(plate[:, 1], hand[:, 1])[0, 1]),
        apart=float(np.linalg.norm(plate - hand, axis=1).mean()) / diameter,
        apart_change=float(np.std(plate[:, 1] - hand[:, 1])) / diameter,
    )


def evidence_of(observations: Sequence[Observation]) -> BarEvidence:
    """`moves_with_hands` of observations, one or more."""
    size_px = (observations[0].width_px, observations[0].height_px)
    nothing = np.full((landmark.COUNT, 2), np.nan)
    points = np.stack([nothing if o.landmarks is None else o.landmarks[:, :2] * size_px for o in observations])
    bar = np.stack([plate_px(o) for o in observations])
    t_s = np.array([o.t_s for o in observations])
    return moves_with_hands(t_s, bar, points[:, list(landmark.WRISTS)], size_px)
