"""Where a rep image becomes anomalous: limits from good images of videos that the scorer was not fitted to.

A method measures two things of an image (its parts), each the higher the stranger. Scaled so that the usual good image
is 0 and the limit 1, they are put together by the method's rule.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

BUDGET = 0.05
"""Share of good images of unseen videos that the limits let be flagged. Our choice, one of twenty: four in a hundred of
the dissertation's good training images hold a rep that was cut wrongly, and no limit under that lets them pass."""
Rule = Literal["or", "mean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """Of two parts."""

    usual: tuple[float, float]
    """Median of good images of videos that were left out: scales to 0."""
    limits: tuple[float, float]
    """Scales to 1: equally rare in each part, as near as the budget lets either be exceeded."""
    rule: Rule
    """"or": an image is as anomalous as its worse part; "mean": as the mean of both, over `mean_limit`."""
    mean_limit: float
    """Of the mean of both scaled parts: the budget lies above it. Used by the rule "mean"."""

    def scaled(self, parts: np.ndarray) -> np.ndarray:
        """parts: (n, 2). Returns (n, 2): 0 usual, above 1 anomalous."""
        usual = np.array(self.usual)
        scaled: np.ndarray = (parts - usual) / (np.array(self.limits) - usual)
        return scaled

    def values(self, parts: np.ndarray) -> np.ndarray:
        """parts: (n, 2). Returns (n,) how anomalous by the method's rule: above 1 is."""
        scaled = self.scaled(parts)
        values: np.ndarray = scaled.max(1) if self.rule == "or" else scaled.mean(1) / self.mean_limit
        return values


def limits_of(parts: np.ndarray, rule: Rule) -> ImageLimits:
    """Limits from the parts (n, 2) of good images, each measured by a scorer that knows no image of its video."""
    usual = np.median(parts, 0)
    limits = np.maximum(_limits(parts), usual + 1e-9)  # of images that are all alike
    scaled = (parts - usual) / (limits - usual)
    return ImageLimits(
        usual=(float(usual[0]), float(usual[1])),
        limits=(float(limits[0]), float(limits[1])),
        rule=rule,
        mean_limit=max(float(np.quantile(scaled.mean(1), 1 - BUDGET, method="higher")), 1e-9),
    )


def _limits(parts: np.ndarray) -> np.ndarray:
    """(2,): as many good images over the one as over the other, the most for which BUDGET has room over either."""
    ordered = np.sort(parts, 0)[::-1]
    limits = ordered[0]
    for limit in ordered[1 : int(BUDGET * len(parts)) + 1]:
        if (parts > limit).any(1).mean() > BUDGET:
            break
        limits = limit
    return limits


def left_out(videos: np.ndarray, groups: int) -> Iterator[np.ndarray]:
    """(n,) bool of the images that are left out, for at most `groups` groups of whole videos of about one size."""
    names, counts = np.unique(videos, return_counts=True)
    sizes = np.zeros(min(groups, len(names)), int)
    group_of = {}
    for name, count in sorted(zip(names, counts, strict=True), key=lambda pair: (-pair[1], pair[0])):
        group_of[name] = int(sizes.argmin())
        sizes[group_of[name]] += count
    numbers = np.array([group_of[name] for name in videos])
    for number in range(len(sizes)):
        yield numbers == number


def left_out_parts(
    greys: np.ndarray,
    videos: np.ndarray,
    groups: int,
    fitted: Callable[[np.ndarray], Callable[[np.ndarray], np.ndarray]],
) -> np.ndarray:
    """Parts (n, 2) of each image by a scorer fitted to the other videos' images.

    fitted: makes of images (m, …) what gives the parts of images.
    """
    parts = np.zeros((len(greys), 2))
    for out in left_out(videos, groups):
        parts[out] = fitted(greys[~out])(greys[out])
    return parts
