"""Counts lifts only by the barbell's plate, if the pose is so wrong that no movement of the body is a rep.

A plate was lifted if it rests on the floor at the lifter's feet, rises straight up by about its own diameter, and comes
down to the floor again. In a clean it rises twice as far, in loading a third as far, and a carried plate moves aside. A
plate was squatted if it rests on the back and sinks as far. From the side it hides the arms and half of the trunk.
"""

import numpy as np

from livecoach.core.types import Times
from livecoach.perception.body.body import Body
from livecoach.perception.body.quantiles import median

STILL_S, SEEN_S = 0.2, 0.13
STILL = 0.04
"""Largest range of the height of a resting plate, in diameters, over the last STILL_S seconds. On the back, the plate
must have been visible for at least SEEN_S seconds: after a gap, it may be on its way."""
ON_FLOOR = (-1.6, -0.05)
"""Range of the height of a lying plate's lower edge above the ankles, in diameters: the ankles are a fifth of it above
the floor, and a plate nearer to the camera appears lower. Measured on real clips; on a squatter's back it is .7 and
more."""
ON_BACK = 0.8
"""Largest difference in height of a plate on the back from the shoulders, in diameters: nearer plates look higher or
lower. If a standing person holds the plate, it is 1.2 and more. Our choice, from anatomy."""
OFF = 0.1  # Least distance from rest of a plate that has moved, in diameters
LEAST_WAY, MOST_WAY = {"floor": 0.8, "back": 0.6}, 1.9
"""Range of the way of a lift with full plates, in diameters, measured on real deadlifts. Full squats have 1 to 1.6, and
a dip before a jerk at most .4; shallow squats, which also count, are between these."""
BACK = 0.8  # Share of its way by which a plate has come back when the lift is over
AT_TURN = 0.95  # Share of its way at which a plate is at the turn
BEGINS = 0.5  # Largest share of its way at which a plate may be when it is first detected
MID, LEAST_MID = (0.15, 0.85), 3
"""Shares of its way out between which a plate must be visible, and the least frames: otherwise it may be another
plate."""
ASIDE = 0.6  # Largest sideways movement of a plate in a lift, in diameters; twice that of real lifts
SHOULDERS = 0.4  # Least way of the shoulders, as a share of the plate's: .7 and more in deadlifts, .2 to .3 in rows
LOST_S = 1.5  # Longest time in seconds after which a plate that reappears is the same
WAIT_S = 1.0  # Time in seconds after which a lift counts by the plate, unless the body has counted it


class PlateLifts:
    """Follows the plate, and reports lifts that the body has not counted."""

    def __init__(self, least_s: float, most_s: float, *, on_back: bool = False) -> None:
        """Start a source.

        Args:
            least_s: Shortest duration of a lift.
            most_s: Longest duration of a lift.
            on_back: Whether the bar rests on the back, and not on the floor.
        """
        self._least_s, self._most_s = least_s, most_s
        self._on_back, self._least_way = on_back, LEAST_WAY["back" if on_back else "floor"]
        self._rest: np.ndarray | None = None  # the plate as it rests; None while that is unknown
        self._path: list[tuple[float, np.ndarray]] = []  # since it last rested, or was first detected
        self._now, self._farthest = 0.0, 0.0  # distances of the path from rest: the last one, and the largest
        self._since_s, self._latest = 0.0, list[tuple[float, np.ndarray]]()  # when it was first seen; over STILL_S
        self._feet_px = np.full(2, np.nan)
        self._done: Times | None = None  # a lift that the body may still count
        self._counted = Times(-np.inf, -np.inf, -np.inf)

    def add(self, sample: Body) -> None:
        """Add a sample; without a visible plate, it is ignored."""
        if np.isfinite(sample.bar_px).all():
            self._add(sample, np.append(sample.bar_px, sample.shoulders_px[:, 1].mean()))

    def is_away(self, t_s: float) -> bool:
        """Return whether a visible plate has left its rest, and has not come back."""
        return self._rest is not None and t_s - self._path[-1][0] <= STILL_S and not self._is_back()

    def lift_due(self, t_s: float | None) -> Times | None:
        """Return the lift that counts by the plate at a time; None if there is none.

        Args:
            t_s: The time; None at the source's end.
        """
        if t_s is None and self._rest is None and self._path:
            self._end_unknown()
        lift = self._done
        if lift is None or (t_s is not None and t_s - lift.end_s < WAIT_S):
            return None
        self._counted, self._done = lift, None
        return lift

    def count(self, times: Times) -> None:
        """Note that a movement has counted by the body."""
        self._counted = times
        if self._done is not None and self.has_counted(self._done):
            self._done = None

    def has_counted(self, times: Times) -> bool:
        """Return whether the last rep that counts, by the body or the plate, is this movement."""
        counted = self._counted
        shared_s = min(times.end_s, counted.end_s) - max(times.start_s, counted.start_s)
        return shared_s > 0.5 * min(times.end_s - times.start_s, counted.end_s - counted.start_s)

    def _add(self, sample: Body, plate: np.ndarray) -> None:
        """Add a visible plate (4,): its x, y and diameter, and the y of the shoulders, in pixels."""
        t_s = sample.t_s
        if self._path and not 0 <= t_s - self._path[-1][0] <= LOST_S:
            self._path, self._rest = [], None
        if not self._path:
            self._since_s, self._latest = t_s, []
        if self._path and t_s - self._path[0][0] > self._most_s:
            self._rest = None  # no lift takes so long: the plate rests elsewhere
        for plates, longest_s in ((self._path, self._most_s), (self._latest, STILL_S)):
            plates.append((t_s, plate))
            while t_s - plates[0][0] > longest_s:
                del plates[0]
        self._feet_px = sample.feet_px
        resting = self._resting_plate()
        if resting is not None and (self._rest is None or self._is_new_rest(resting, self._rest)):
            self._measure_from(resting)
        elif self._rest is not None:
            self._now = float(self._away(plate, self._rest))
            self._farthest = max(self._farthest, self._now)
        self._follow()

    def _measure_from(self, rest: np.ndarray) -> None:
        away = self._away(np.array([plate for _, plate in self._path]), rest)
        self._rest, self._now, self._farthest = rest, float(away[-1]), float(away.max())

    def _end_unknown(self) -> None:
        """Take the lowest place as the floor of a plate that never lay still."""
        lowest = max((plate for _, plate in self._path), key=lambda plate: float(plate[1]))
        if not self._on_back and self._may_rest(lowest):
            self._measure_from(lowest)
            self._follow()

    def _follow(self) -> None:
        if self._rest is not None and self._is_back():
            if self._farthest >= self._least_way:
                self._finish(self._rest)
            self._path, self._farthest = self._path[-1:], self._now

    def _is_back(self) -> bool:
        return self._now <= max((1 - BACK) * self._farthest, OFF)

    def _away(self, plates: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """Return how far plates (..., 4) are from rest, in diameters: up from the floor, or down from the back."""
        up: np.ndarray = (rest[1] - plates[..., 1]) / rest[2]
        return -up if self._on_back else up

    def _is_new_rest(self, plate: np.ndarray, rest: np.ndarray) -> bool:
        """Return whether a resting plate rests in another place than before.

        On the back it is held at other heights than in the rack, and stops at the turn as well.
        """
        is_aside = self._on_back and abs(plate[0] - rest[0]) > ASIDE * rest[2]
        return bool(is_aside or self._away(plate, rest) < (self._least_way if self._on_back else OFF))

    def _resting_plate(self) -> np.ndarray | None:
        """Return the plate as it rests now; None if it does not rest."""
        seen_s = self._latest[-1][0] - (self._latest[0][0] if self._on_back else self._since_s)
        if seen_s < (SEEN_S if self._on_back else STILL_S):
            return None
        plates = np.array([plate for _, plate in self._latest])
        plate = median(plates)
        still = np.ptp(plates[:, 1]) <= STILL * plate[2]
        return plate if still and self._may_rest(plate) else None

    def _may_rest(self, plate: np.ndarray) -> bool:
        """Return whether a plate is at the height of the shoulders or, if it rests on the floor, of the feet."""
        if self._on_back:
            return bool(abs(plate[1] - plate[3]) <= ON_BACK * plate[2])
        over_ankles = (self._feet_px[1] - plate[1]) / plate[2] - 0.5
        return bool(ON_FLOOR[0] <= over_ankles <= ON_FLOOR[1])

    def _finish(self, rest: np.ndarray) -> None:
        t_s, plates = np.array([t_s for t_s, _ in self._path]), np.array([plate for _, plate in self._path])
        away, way, diameter_px = self._away(plates, rest), self._farthest, float(rest[2])
        first = int(np.argmax(away >= AT_TURN * way))
        mid = (away[:first] > MID[0] * way) & (away[:first] < MID[1] * way)
        aside, shoulders = np.ptp(plates[:, 0]) / diameter_px, np.ptp(plates[:, 3]) / diameter_px
        moves = way <= MOST_WAY and away[0] <= BEGINS * way and mid.sum() >= LEAST_MID
        if not moves or aside > ASIDE or shoulders < SHOULDERS * way:
            return
        lift = Times(float(t_s[0]), float(t_s[first]), float(t_s[-1]))
        if lift.end_s - lift.start_s >= self._least_s and not self.has_counted(lift):
            self._done = lift
