"""Decides by the plate in the pictures whether hands hold the bar, and measures how hands hang."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median, percentile
from livecoach.core.types import Observation
from livecoach.decisions.counting import tuning
from livecoach.perception.body.body import SHOULDER, WRIST, Body, level_points, plate_px, stack


@dataclass(frozen=True, slots=True, kw_only=True)
class BarEvidence:
    """The motion of the bar relative to the hands, which shows whether the hands hold the bar.

    Ratio and correlation are NaN if fewer than BAR_FRAMES frames show plate and hands, or if the hands hardly move.
    """

    visible_share: float  # Share of the frames that show the plate and the hands
    travel_ratio: float  # Vertical travel of the plate over the travel of the hands: about 1 to 1.5 for a held bar
    correlation: float  # Correlation of the heights of plate and hands

    @property
    def is_held(self) -> bool | None:
        """Whether the hands move the bar; None if too few frames show the plate, or the motion is ambiguous."""
        if self.visible_share < tuning.PLATE_VISIBLE or np.isnan(self.travel_ratio):
            return None
        if self.travel_ratio < tuning.BAR_STAYS:
            return False
        return True if self._moves_with_hands else None

    @property
    def is_glimpsed(self) -> bool:
        """Whether a plate is visible in at least a quarter of the frames (PLATE_GLIMPSED), and moves with the hands."""
        return self.visible_share >= tuning.PLATE_GLIMPSED and self._moves_with_hands

    @property
    def _moves_with_hands(self) -> bool:
        return self.travel_ratio > tuning.BAR_GOES and self.correlation > tuning.HANDS_ALIKE


def compare_bar_with_hands(bar: np.ndarray, wrists_px: np.ndarray, size_px: tuple[float, float]) -> BarEvidence:
    """Measure how the bar moves relative to the hands in n successive frames.

    Args:
        bar: (n, 3) x, y and vertical diameter of the plate in pixels, NaN where no plate is visible.
        wrists_px: (n, 2, 2) left and right wrist in pixels, NaN where nobody is in view.
        size_px: Width and height of the picture; a plate outside of the picture is ignored.
    """
    hands = wrists_px.mean(1)
    inside = ((bar[:, :2] >= 0) & (bar[:, :2] < size_px)).all(1)  # False for NaN
    visible = inside & np.isfinite(hands).all(1)
    share = float(visible.mean()) if len(visible) else 0.0
    unknown = BarEvidence(visible_share=share, travel_ratio=np.nan, correlation=np.nan)
    if visible.sum() < tuning.BAR_FRAMES:
        return unknown
    heights, diameter = np.column_stack([bar[visible, 1], hands[visible, 1]]), float(median(bar[visible, 2]))
    travel, moved = (percentile(heights, 97) - percentile(heights, 3)).tolist()
    if not (diameter > 0 and moved > tuning.HANDS_MOVED * diameter):
        return unknown  # hands that hardly move do not show whether they hold the bar
    return BarEvidence(visible_share=share, travel_ratio=travel / moved, correlation=_correlation(*heights.T))


def _correlation(first: np.ndarray, other: np.ndarray) -> float:
    """Return Pearson's correlation of (n,) values; 0 if either is constant. NumPy takes six times as long."""
    first, other = first - first.mean(), other - other.mean()
    spread = math.sqrt(float(first @ first) * float(other @ other))
    return float(first @ other) / spread if spread > 0 else 0.0


def measure_bar_evidence(observations: Sequence[Observation]) -> BarEvidence:
    """Measure how the bar moves relative to the hands in the observations of a movement."""
    if all(o.bar is None for o in observations):
        return BarEvidence(visible_share=0.0, travel_ratio=np.nan, correlation=np.nan)
    points, size_px = level_points(observations), (observations[0].width_px, observations[0].height_px)
    bar_px = np.array([plate_px(bar, seen) for bar, seen in zip(points.bar, observations, strict=True)])
    return compare_bar_with_hands(bar_px, points.landmarks[:, landmark.WRISTS] * size_px, size_px)


def measure_hang(samples: Sequence[Body]) -> np.ndarray:
    """Measure how the hands hang at the turn of a movement, over HANG_OVER_S from just before the turn on.

    Returns:
        (3,) medians, in lengths of torso and legs in the picture: the height of the left and of the right shoulder
        above its hand, and the x of the left hand minus the x of the right hand.
    """
    t_s, distance = stack(samples, "t_s"), stack(samples, "distance_from_rest")
    peak = int(np.argmax(distance))
    lowest = int(np.argmin(distance[: peak + 1]))
    off = tuning.LOCKOUT_REACHED * (distance[peak] - distance[lowest])
    lockout_s = t_s[lowest + int(np.argmax(distance[lowest:] >= distance[peak] - off))]
    near = (t_s >= lockout_s) & (t_s <= lockout_s + tuning.HANG_OVER_S)
    wrists_px, shoulders_px = stack(samples, "points_px")[near][:, [WRIST, SHOULDER]].swapaxes(0, 1)
    hang_px = np.column_stack([(wrists_px - shoulders_px)[..., 1], wrists_px[:, 0, 0] - wrists_px[:, 1, 0]])
    return median(hang_px / max(float(median(stack(samples, "size_px")[near])), 1e-6))


def is_bar_held(samples: Sequence[Body], start_s: float, end_s: float) -> bool | None:
    """Return whether the lifter moves the bar between two times; None if no visible plate shows this.

    A plate that rises with the body is held, even if the estimated hands are elsewhere: plates often hide hands. If a
    small plate stays in its place, the result is None, because the plate may be another object.
    """
    near = [sample for sample in samples if start_s <= sample.t_s <= end_s]
    bar_px = stack(near, "bar_px")
    if not np.isfinite(bar_px).any():
        return None
    whole_plane = np.inf, np.inf  # plates are only detected in the picture
    evidence = compare_bar_with_hands(bar_px, stack(near, "points_px")[:, WRIST], whole_plane)
    if evidence.is_held:
        return True
    visible, size_px = np.isfinite(bar_px[:, 1]), float(median(stack(near, "size_px")))
    stays = evidence.is_held if float(median(bar_px[visible, 2])) >= tuning.FULL_PLATE * size_px else None
    rise_px, distance = -bar_px[visible, 1], stack(near, "distance_from_rest")[visible]
    if visible.mean() < tuning.BODY_VISIBLE or float(np.ptp(rise_px)) < tuning.BAR_RAISED * size_px:
        return stays
    return True if _correlation(rise_px, distance) > tuning.BODY_ALIKE else stays


def measure_lowered_share(samples: Sequence[Body]) -> float | None:
    """Measure how far the bar has come down since the body was farthest from rest, as a share of the bar's rise.

    The share is at least 0, and may exceed 1, because the rise is measured between percentiles. The result is None if
    the lifter does not visibly move a bar, or if the bar has risen by less than BAR_RAISED of the body's size.
    """
    if not is_bar_held(samples, samples[0].t_s, samples[-1].t_s):
        return None
    heights = stack(samples, "bar_px")[:, 1]
    visible = heights[np.isfinite(heights)]
    top, floor = float(percentile(visible, 5)), float(percentile(visible, 95))
    if floor - top < tuning.BAR_RAISED * samples[-1].size_px:
        return None
    since = heights[int(np.argmax(stack(samples, "distance_from_rest"))) :]
    return (float(np.max(since, where=np.isfinite(since), initial=top)) - top) / (floor - top)
