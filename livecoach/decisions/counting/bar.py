"""Decides whether the hands hold the bar, by its plate in the pictures, and how they hang from it at lockout."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Observation
from livecoach.perception.body.body import Body, plate_px
from livecoach.perception.body.quantiles import median, percentile

LEAST_VISIBLE = 0.7  # Least share of the frames that show the plate
ALIKE = 0.6  # Least correlation of the heights of plate and hands that move together
LEAST_GLIMPSED = 0.25  # Least share for a plate at the far end of the bar, or behind the lifter. Our choice.
STAYS, GOES = 0.12, 0.25
"""Ratio of the bar's travel to the hands' below which the hands do not hold it, and above which they may. Hands hidden
by a plate are estimated badly: held bars have shown ratios from .28."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarEvidence:
    """How the bar moves relative to the hands. NaN where too little is visible."""

    visible_share: float  # Share of the frames that show the plate
    travel_ratio: float  # Vertical travel of the plate over that of the hands: about 1 to 1.5 if they hold it
    correlation: float  # Correlation of the heights of plate and hands

    @property
    def held(self) -> bool | None:
        """Whether the hands move the bar; None if the plate is visible too rarely."""
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
        """Whether the plate moves with the hands; False if unknown."""
        return self.travel_ratio > GOES and self.correlation > ALIKE


def moves_with_hands(
    t_s: np.ndarray, bar: np.ndarray, wrists_px: np.ndarray, size_px: tuple[float, float]
) -> BarEvidence:
    """Compare the motion of bar and hands.

    Args:
        t_s: (n,) rising times.
        bar: (n, 3) x, y and vertical diameter of the plate in pixels, NaN where it is not visible.
        wrists_px: (n, 2, 2) left and right wrist, NaN where nobody is in view.
        size_px: Width and height of the picture.
    """
    hands = wrists_px.mean(1)
    inside = ((bar[:, :2] >= 0) & (bar[:, :2] < size_px)).all(1)  # False for NaN
    visible = inside & np.isfinite(hands).all(1) & np.isfinite(t_s)
    share = float(visible.mean()) if len(visible) else 0.0
    unknown = BarEvidence(visible_share=share, travel_ratio=np.nan, correlation=np.nan)
    if visible.sum() < 6:
        return unknown
    plate, hand, diameter = bar[visible, :2], hands[visible], float(median(bar[visible, 2]))
    travel, moved = (float(percentile(y, 97) - percentile(y, 3)) for y in (plate[:, 1], hand[:, 1]))
    if not (diameter > 0 and moved > 0.2 * diameter):
        return unknown  # hands that hardly move do not show whether they hold the bar
    return BarEvidence(
        visible_share=share, travel_ratio=travel / moved, correlation=_correlation(plate[:, 1], hand[:, 1])
    )


def _correlation(first: np.ndarray, other: np.ndarray) -> float:
    """Return Pearson's correlation of (n,) values; 0 if either is constant. NumPy's takes six times as long."""
    first, other = first - first.mean(), other - other.mean()
    spread = math.sqrt(float(first @ first) * float(other @ other))
    return float(first @ other) / spread if spread > 0 else 0.0


def evidence_of(observations: Sequence[Observation]) -> BarEvidence:
    """Compare the motion of bar and hands in observations."""
    observations = [o.steadied() for o in observations]
    size_px = (observations[0].width_px, observations[0].height_px)
    wrists, nothing = slice(landmark.WRISTS[0], landmark.WRISTS[1] + 1), np.full((2, 2), np.nan)
    hands = np.array([nothing if o.landmarks is None else o.landmarks[wrists, :2] for o in observations])
    bar = np.array([plate_px(o) for o in observations])
    t_s = np.array([o.t_s for o in observations])
    return moves_with_hands(t_s, bar, hands * size_px, size_px)


RAISED = 0.2  # Least rise of a bar that is being lifted, in lengths of torso and legs: to the knees. Our choice.
FULL_PLATE = 0.25
"""Least diameter of a full plate in lengths of torso and legs: 45 cm for a lifter 1.34 times as tall as most. Anything
smaller that stays on the floor may be another object."""
BODY_VISIBLE, WITH_BODY = 0.5, 0.8
"""A plate goes with the body if it is visible in at least this share of the frames and its height has at least this
correlation with the body's distance from rest. Measured on real deadlifts."""
AT_END = 0.025  # Share of the way up within which a body counts as at lockout
MOMENT_S = 0.2  # Time in seconds over which the hang of the hands at lockout is measured


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hands:
    """The hands in n samples of a movement."""

    t_s: np.ndarray
    distance_from_rest: np.ndarray
    wrists_px: np.ndarray  # (n, 2, 2) left and right wrist
    shoulders_px: np.ndarray  # (n, 2, 2)
    size_px: np.ndarray  # (n,) length of torso and legs

    def hang(self, size_px: float) -> np.ndarray:
        """Return (n, 3) how far each hand is below its shoulder, and the hands' sideways distance, over `size_px`."""
        below_px = (self.wrists_px - self.shoulders_px)[:, :, 1]
        across_px = (self.wrists_px[:, 0] - self.wrists_px[:, 1])[:, :1]
        return np.concatenate([below_px, across_px], 1) / max(size_px, 1e-6)

    def lockout_s(self) -> float:
        """Return the time at which the pull has reached lockout."""
        peak = int(np.argmax(self.distance_from_rest))
        lowest = int(np.argmin(self.distance_from_rest[: peak + 1]))
        off = AT_END * (self.distance_from_rest[peak] - self.distance_from_rest[lowest])
        lockout = lowest + int(np.argmax(self.distance_from_rest[lowest:] >= self.distance_from_rest[peak] - off))
        return float(self.t_s[lockout])

    def at_lockout(self) -> np.ndarray:
        """Return the (3,) median of `hang` at the beginning of lockout."""
        lockout_s = self.lockout_s()
        inside = (self.t_s >= lockout_s) & (self.t_s <= lockout_s + MOMENT_S)
        return median(self.hang(_median(self.size_px[inside]))[inside])


def hands_of(samples: Sequence[Body]) -> Hands:
    """Return the hands of samples."""
    names = ("t_s", "distance_from_rest", "wrists_px", "shoulders_px", "size_px")
    return Hands(**{name: np.array([getattr(s, name) for s in samples]) for name in names})


def bar_held(samples: Sequence[Body], start_s: float, end_s: float) -> bool | None:
    """Return whether the lifter moves the bar; None if too little is visible.

    A plate that rises with the body is held, even if the hands are estimated elsewhere: plates often hide them.
    """
    near = [s for s in samples if start_s <= s.t_s <= end_s]
    t_s, bar_px, wrists_px = (np.array([getattr(s, name) for s in near]) for name in ("t_s", "bar_px", "wrists_px"))
    if not np.isfinite(bar_px).any():
        return None
    anywhere = (np.inf, np.inf)  # plates are only detected inside the picture
    evidence = moves_with_hands(t_s, bar_px, wrists_px, anywhere)
    if evidence.held:
        return True
    visible, size_px = np.isfinite(bar_px[:, 1]), float(median(np.array([s.size_px for s in near])))
    stays = evidence.held if float(median(bar_px[visible, 2])) >= FULL_PLATE * size_px else None
    rise_px, distance = -bar_px[visible, 1], np.array([s.distance_from_rest for s in near])[visible]
    if visible.mean() < BODY_VISIBLE or float(np.ptp(rise_px)) < RAISED * size_px:
        return stays
    return True if _correlation(rise_px, distance) > WITH_BODY else stays


def bar_lowered(samples: Sequence[Body]) -> float | None:
    """Return the share of its rise by which the bar has come down since the body was farthest from rest.

    Return None if no visible bar moves with the hands, or if it has not risen by RAISED.
    """
    if not bar_held(samples, samples[0].t_s, samples[-1].t_s):
        return None
    heights = np.array([s.bar_px[1] for s in samples])
    visible = heights[np.isfinite(heights)]
    top, floor = float(percentile(visible, 5)), float(percentile(visible, 95))
    if floor - top < RAISED * samples[-1].size_px:
        return None
    farthest = int(np.argmax([s.distance_from_rest for s in samples]))
    since = heights[farthest:]
    return (float(np.max(since, where=np.isfinite(since), initial=top)) - top) / (floor - top)


def _median(sizes_px: np.ndarray) -> float:
    return float(median(sizes_px)) if len(sizes_px) else 0.0
