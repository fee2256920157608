"""Proportions of small samples: their confidence intervals, and whether two of them differ."""

from math import sqrt

Z = 1.96
"""Standard normal quantile of a 95 % interval."""


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion (Wilson 1927); 0…1 if `total` is 0."""
    if not total:
        return 0.0, 1.0
    share = hits / total
    centre, half = share + Z * Z / (2 * total), Z * sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    scale = 1 + Z * Z / total
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)


def change(before: tuple[int, int], after: tuple[int, int]) -> int:
    """Return 1 if a proportion has grown, -1 if it has shrunk, and 0 if the difference is not significant.

    before, after: hits and total. A difference is significant if its 95 % interval (Newcombe 1998, method 10)
    excludes 0.
    """
    if not before[1] or not after[1]:
        return 0
    (low_0, high_0), (low_1, high_1) = wilson(*before), wilson(*after)
    share_0, share_1 = before[0] / before[1], after[0] / after[1]
    difference = share_1 - share_0
    least = difference - sqrt((share_1 - low_1) ** 2 + (high_0 - share_0) ** 2)
    most = difference + sqrt((high_1 - share_1) ** 2 + (share_0 - low_0) ** 2)
    return 1 if least > 0 else -1 if most < 0 else 0
