"""Smoothing by timestamps. The result is the same at 12, 30 or 60 frames per second, and with missing frames."""

import math
from collections import deque
from statistics import median


def smoothing_weight(dt_s: float, time_constant_s: float) -> float:
    """Of a new value in exponential smoothing, 0…1."""
    return -math.expm1(-max(dt_s, 0.0) / time_constant_s)


class Exponential:
    """Exponential smoothing of the line through all values: their number changes nothing."""

    def __init__(self, time_constant_s: float) -> None:
        self.time_constant_s = time_constant_s
        self.t_s = math.nan
        self.unfiltered = math.nan
        self._behind = 0.0  # unfiltered value minus filtered one

    def step(self, t_s: float, value: float) -> float:
        """The first value is returned unchanged. A value at the time of the previous one changes nothing."""
        dt_s = t_s - self.t_s
        if dt_s > 0:
            speed, share = (value - self.unfiltered) / dt_s, smoothing_weight(dt_s, self.time_constant_s)
            self._behind += share * (speed * self.time_constant_s - self._behind)
        if not dt_s <= 0:
            self.t_s, self.unfiltered = t_s, value
        return self.unfiltered - self._behind


class RunningMedian:
    def __init__(self, over_s: float) -> None:
        """0 for the latest value alone."""
        self._over_s = over_s
        self._values: deque[tuple[float, float]] = deque()

    def step(self, t_s: float, value: float) -> float:
        self._values.append((t_s, value))
        while t_s - self._values[0][0] > self._over_s:
            self._values.popleft()
        return median(value for _, value in self._values)


SPEED_CUTOFF_HZ = 1.0  # as in the paper


class OneEuro:
    """One-euro filter: follows fast movement closely and steadies slow movement.

    Casiez, Roussel, Vogel: 1 € filter, CHI 2012. `cutoff_hz` is the cut-off at rest; it grows by `speed_gain` Hz for
    each unit per second of the smoothed speed, which is computed from unfiltered values: from filtered ones, as in the
    paper, it would grow as frames get shorter.
    """

    def __init__(self, *, cutoff_hz: float, speed_gain: float) -> None:
        self._cutoff_hz, self._speed_gain = cutoff_hz, speed_gain
        self._smooth = Exponential(_time_constant_s(cutoff_hz))
        self._speed = 0.0

    def step(self, t_s: float, value: float) -> float:
        """The first value is returned unchanged. A value at the time of the previous one changes nothing."""
        dt_s = t_s - self._smooth.t_s
        if dt_s > 0:
            speed = (value - self._smooth.unfiltered) / dt_s
            self._speed += smoothing_weight(dt_s, _time_constant_s(SPEED_CUTOFF_HZ)) * (speed - self._speed)
        self._smooth.time_constant_s = _time_constant_s(self._cutoff_hz + self._speed_gain * abs(self._speed))
        return self._smooth.step(t_s, value)


def _time_constant_s(cutoff_hz: float) -> float:
    return 1.0 / (2.0 * math.pi * cutoff_hz)
