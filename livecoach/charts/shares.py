"""Shares of few: with their intervals, and whether two of them differ."""

from math import sqrt

Z = 1.96
"""Of a 95 % interval."""


def wilson(hits: int, total: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); 0…1 where there is nothing to count."""
    if not total:
        return 0.0, 1.0
    share = hits / total
    centre, half = share + Z * Z / (2 * total), Z * sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    scale = 1 + Z * Z / total
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)


def change(before: tuple[int, int], after: tuple[int, int]) -> int:
    """1 where a share has grown, -1 where it has shrunk, 0 where their 95 % interval holds no change at all.

    before, after: hits, and of how many. The interval is Newcombe's (1998, his tenth).
    """
    if not before[1] or not after[1]:
        return 0
    (low_0, high_0), (low_1, high_1) = wilson(*before), wilson(*after)
    share_0, share_1 = before[0] / before[1], after[0] / after[1]
    difference = share_1 - share_0
    least = difference - sqrt((share_1 - low_1) ** 2 + (high_0 - share_0) ** 2)
    most = difference + sqrt((high_1 - share_1) ** 2 + (share_0 - low_0) ** 2)
    return 1 if least > 0 else -1 if most < 0 else 0
