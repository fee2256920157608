"""Smoothing by timestamps, with the same result at 12, 30 or 60 frames per second and with missing or late frames."""

import math
from collections import deque
from statistics import median


def share_of_new(dt_s: float, time_constant_s: float) -> float:
    """Return the weight of a new value in exponential smoothing, 0…1."""
    return 1.0 - math.exp(-max(dt_s, 0.0) / time_constant_s)


class Exponential:
    """Exponential smoothing of one number."""

    def __init__(self, time_constant_s: float) -> None:
        self._time_constant_s = time_constant_s
        self._value = math.nan
        self._t_s = 0.0

    def step(self, t_s: float, value: float) -> float:
        """Add a value and return the smoothed one; the first value is returned unchanged."""
        if math.isnan(self._value):
            self._value = value
        self._value += share_of_new(t_s - self._t_s, self._time_constant_s) * (value - self._value)
        self._t_s = t_s
        return self._value


class Median:
    """The median of one number over the latest time."""

    def __init__(self, over_s: float) -> None:
        """over_s: 0 for the latest value alone."""
        self._over_s = over_s
        self._values: deque[tuple[float, float]] = deque()

    def step(self, t_s: float, value: float) -> float:
        """Add a value and return the median."""
        self._values.append((t_s, value))
        while t_s - self._values[0][0] > self._over_s:
            self._values.popleft()
        return median(value for _, value in self._values)


class OneEuro:
    """One-euro filter: follows fast movement closely and steadies slow movement.

    Casiez, Roussel, Vogel: 1 € filter, CHI 2012. `cutoff_hz` is the cut-off at rest; it grows by `speed_gain` Hz for
    each unit per second of the smoothed speed.
    """

    def __init__(self, *, cutoff_hz: float, speed_gain: float, speed_cutoff_hz: float = 1.0) -> None:
        self._cutoff_hz, self._speed_gain, self._speed_cutoff_hz = cutoff_hz, speed_gain, speed_cutoff_hz
        self._value = math.nan
        self._speed = 0.0
        self._t_s = 0.0

    def step(self, t_s: float, value: float) -> float:
        """Add a value and return the smoothed one.

        The first value is returned unchanged. A value at the time of the previous one changes nothing.
        """
        if math.isnan(self._value):
            self._value, self._t_s = value, t_s
        dt_s = t_s - self._t_s
        if dt_s <= 0:
            return self._value
        speed = (value - self._value) / dt_s
        self._speed += _low_pass_share(dt_s, self._speed_cutoff_hz) * (speed - self._speed)
        cutoff_hz = self._cutoff_hz + self._speed_gain * abs(self._speed)
        self._value += _low_pass_share(dt_s, cutoff_hz) * (value - self._value)
        self._t_s = t_s
        return self._value


def _low_pass_share(dt_s: float, cutoff_hz: float) -> float:
    return 1.0 / (1.0 + 1.0 / (2 * math.pi * cutoff_hz * dt_s))
