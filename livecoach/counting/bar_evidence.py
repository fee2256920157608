"""Decide from the barbell's plate in the pictures whether the bar moves with the hands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.frame.body import plate_px
from livecoach.frame.quantiles import median, percentile
from livecoach.types import Observation

LEAST_VISIBLE = 0.7
ALIKE = 0.6
LEAST_GLIMPSED = 0.25
"""Enough for a plate at the far end of the bar, or behind the lifter. Our choice."""
STAYS, GOES = 0.12, 0.25
"""Ratio of the bar's travel to the hands' below which the hands do not hold it, and above which they may. Hands hidden
by a plate are estimated badly: held bars have shown ratios from .28."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarEvidence:
    """How the bar moves relative to the hands. NaN where too little is visible."""

    visible_share: float
    travel_ratio: float
    """Vertical travel of the plate over that of the hands: about 1 to 1.5 where they hold it."""
    correlation: float  # of the heights of plate and hands
    distance: float  # mean, from mid-wrist, in plate diameters
    height_deviation: float  # in plate diameters: small where the hands hold it

    @property
    def held(self) -> bool | None:
        """Whether the hands move the bar; None where no plate, or too little of it, is visible."""
        if self.visible_share < LEAST_VISIBLE or np.isnan(self.travel_ratio):
            return None
        if self.travel_ratio < STAYS:
            return False
        return True if self._goes_along else None

    @property
    def is_glimpsed(self) -> bool:
        """Whether some frames show a plate that goes with the hands, as one in a rack does not."""
        return self.visible_share >= LEAST_GLIMPSED and self._goes_along

    @property
    def _goes_along(self) -> bool:
        """False where that is not known."""
        return self.travel_ratio > GOES and self.correlation > ALIKE


def moves_with_hands(
    t_s: np.ndarray, bar: np.ndarray, wrists_px: np.ndarray, size_px: tuple[float, float]
) -> BarEvidence:
    """Compare bar and hands. t_s: (n,) rising; bar: (n, 3) x, y and vertical diameter, px, NaN where it is not visible;
    wrists_px: (n, 2, 2) left and right, NaN where nobody is in view; size_px: width and height of the picture."""
    hands = wrists_px.mean(1)
    inside = ((bar[:, :2] >= 0) & (bar[:, :2] < size_px)).all(1)  # False for NaN
    visible = inside & np.isfinite(hands).all(1) & np.isfinite(t_s)
    share = float(visible.mean()) if len(visible) else 0.0
    unknown = BarEvidence(
        visible_share=share, travel_ratio=np.nan, correlation=np.nan, distance=np.nan, height_deviation=np.nan
    )
    if visible.sum() < 6:
        return unknown
    plate, hand, diameter = bar[visible, :2], hands[visible], float(median(bar[visible, 2]))
    travel, moved = (float(percentile(y, 97) - percentile(y, 3)) for y in (plate[:, 1], hand[:, 1]))
    if not (diameter > 0 and moved > 0.2 * diameter):
        return unknown  # hands that hardly move do not show whether they hold the bar
    still = min(np.std(plate[:, 1]), np.std(hand[:, 1])) < 1e-6 * diameter
    return BarEvidence(
        visible_share=share,
        travel_ratio=travel / moved,
        correlation=0.0 if still else float(np.corrcoef(plate[:, 1], hand[:, 1])[0, 1]),
        distance=float(np.linalg.norm(plate - hand, axis=1).mean()) / diameter,
        height_deviation=float(np.std(plate[:, 1] - hand[:, 1])) / diameter,
    )


def evidence_of(observations: Sequence[Observation]) -> BarEvidence:
    size_px = (observations[0].width_px, observations[0].height_px)
    nothing = np.full((landmark.COUNT, 2), np.nan)
    points = np.stack([nothing if o.landmarks is None else o.landmarks[:, :2] * size_px for o in observations])
    bar = np.stack([plate_px(o) for o in observations])
    t_s = np.array([o.t_s for o in observations])
    return moves_with_hands(t_s, bar, points[:, list(landmark.WRISTS)], size_px)
