"""Ticks of plot axes."""

import math


def step(span: float, most: int = 4) -> float:
    """Return the tick distance: 1, 2 or 5 times a power of ten, of which at most `most` fit into `span` > 0."""
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * most >= span)


def digits(step: float) -> int:
    """Return how many decimals labels need that are `step` apart."""
    return max(0, -math.floor(math.log10(step) + 1e-9))


def between(low: float, high: float, most: int = 4) -> tuple[tuple[float, str], ...]:
    """Return the ticks of an axis from `low` to `high` with their labels."""
    apart = step(high - low, most)
    numbers = range(math.ceil(low / apart), math.floor(high / apart) + 1)
    return tuple((number * apart, f"{number * apart + 0.0:.{digits(apart)}f}") for number in numbers)
