"""Limits above which a rep image is anomalous, from good images of videos that the scorer was not fitted to.

A method measures two parts of an image; higher is stranger. They are scaled so that the median good image is 0 and the
limit is 1, and combined by the method's rule.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

BUDGET = 0.05
"""Share of good images of unseen videos that may be flagged. Our choice, one in twenty: 4 % of the dissertation's good
training images show a wrongly cut rep, which would exceed any stricter limit."""
Rule = Literal["or", "mean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """The limits of both parts, and the rule that combines them."""

    usual: tuple[float, float]
    """Median of good images of held-out videos, which scales to 0."""
    limits: tuple[float, float]
    """Limit of each part, which scales to 1: equally rare in both, and as low as the budget allows."""
    rule: Rule
    """"or": the worse part decides; "mean": the mean of both parts over `mean_limit` decides."""
    mean_limit: float
    """Limit of the mean of both scaled parts, which a share BUDGET exceeds; for the rule "mean"."""

    def scaled(self, parts: np.ndarray) -> np.ndarray:
        """Scale parts (n, 2): 0 is usual, above 1 is anomalous."""
        usual = np.array(self.usual)
        scaled: np.ndarray = (parts - usual) / (np.array(self.limits) - usual)
        return scaled

    def values(self, parts: np.ndarray) -> np.ndarray:
        """Combine parts (n, 2) by the method's rule, (n,): above 1 is anomalous."""
        scaled = self.scaled(parts)
        values: np.ndarray = scaled.max(1) if self.rule == "or" else scaled.mean(1) / self.mean_limit
        return values


def limits_of(parts: np.ndarray, rule: Rule) -> ImageLimits:
    """Compute limits from the parts (n, 2) of good images, each measured by a scorer fitted without its video."""
    usual = np.median(parts, 0)
    limits = np.maximum(_limits(parts), usual + 1e-9)  # for identical images
    scaled = (parts - usual) / (limits - usual)
    return ImageLimits(
        usual=(float(usual[0]), float(usual[1])),
        limits=(float(limits[0]), float(limits[1])),
        rule=rule,
        mean_limit=max(float(np.quantile(scaled.mean(1), 1 - BUDGET, method="higher")), 1e-9),
    )


def _limits(parts: np.ndarray) -> np.ndarray:
    """Return the limits (2,) that equally many good images exceed, the lowest for which either is within BUDGET."""
    ordered = np.sort(parts, 0)[::-1]
    limits = ordered[0]
    for limit in ordered[1 : int(BUDGET * len(parts)) + 1]:
        if (parts > limit).any(1).mean() > BUDGET:
            break
        limits = limit
    return limits


def held_out_groups(videos: np.ndarray, groups: int) -> Iterator[np.ndarray]:
    """Yield the held-out images, (n,) bool, of at most `groups` groups of whole videos of similar size."""
    names, counts = np.unique(videos, return_counts=True)
    sizes = np.zeros(min(groups, len(names)), int)
    group_of = {}
    for name, count in sorted(zip(names, counts, strict=True), key=lambda pair: (-pair[1], pair[0])):
        group_of[name] = int(sizes.argmin())
        sizes[group_of[name]] += count
    numbers = np.array([group_of[name] for name in videos])
    for number in range(len(sizes)):
        yield numbers == number


def held_out_parts(
    greys: np.ndarray,
    videos: np.ndarray,
    groups: int,
    fitted: Callable[[np.ndarray], Callable[[np.ndarray], np.ndarray]],
) -> np.ndarray:
    """Return the parts (n, 2) of each image by a scorer fitted to the images of other videos.

    fitted: fits a scorer to images (m, …) and returns the function that measures images.
    """
    parts = np.zeros((len(greys), 2))
    for out in held_out_groups(videos, groups):
        parts[out] = fitted(greys[~out])(greys[out])
    return parts
