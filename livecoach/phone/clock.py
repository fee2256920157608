"""Maps readings of the phone's clock to ours."""

from collections import deque

KEPT = 16
"""Readings that count, one each second: the clocks of a phone and a computer drift a millisecond in 30 s."""
JUMP_S = 1.0
"""A reading that arrives so much later than the others did: the phone slept, and its clock stood still."""


class PhoneClock:
    """What is known of one connection's clock.

    A reading arrives after the way through the network, so that the smallest difference between arrival and reading is
    the nearest to the truth; half of the shortest round trip is taken off it.
    """

    def __init__(self) -> None:
        self._lags_s: deque[float] = deque(maxlen=KEPT)
        self._trips_s: deque[float] = deque(maxlen=KEPT)

    def heard(self, reading_ms: float, arrived_s: float) -> None:
        """Take a reading that was sent as soon as it was made, and the time here of its arrival."""
        lag_s = arrived_s - reading_ms / 1000
        if self._lags_s and lag_s - min(self._lags_s) > JUMP_S:
            self._lags_s.clear()
        self._lags_s.append(lag_s)

    def round_trip(self, seconds: float) -> None:
        """Take how long a message and its answer took."""
        self._trips_s.append(max(0.0, seconds))

    def here_s(self, reading_ms: float, arrived_s: float) -> float:
        """Return the time here of a reading that arrived at a time: never after that. Without any knowledge of the
        clock, return the arrival."""
        if not self._lags_s:
            return arrived_s
        way_s = min(self._trips_s, default=0.0) / 2
        return min(arrived_s, reading_ms / 1000 + min(self._lags_s) - way_s)
