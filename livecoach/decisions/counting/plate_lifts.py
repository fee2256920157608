"""Count lifts from the barbell's plate alone, where the pose is so wrong that no movement of the body is a rep.

A plate that lies on the floor at the lifter's feet, rises straight up by about its own diameter, and comes down to the
floor again was lifted. A clean rises twice as far, one end lifted for loading a third; a carried plate goes aside.
"""

import numpy as np

from livecoach.core.types import Times
from livecoach.perception.body.body import Body

STILL_S = 0.2
STILL = 0.04  # a plate lies still if its height varies by no more, in diameters, for STILL_S
ON_FLOOR = (-1.6, -0.05)
"""Height of a lying plate's lower edge above the ankles, in diameters: the ankles are a fifth of one above the floor,
and a plate nearer to the camera appears lower. Measured on real clips; on a squatter's back it is .7 and more."""
OFF = 0.1  # height above the floor, in diameters, from which a plate counts as lifted
RISE = (0.8, 1.9)  # rise of a deadlift with full plates, in diameters. Measured on real clips.
LOWERED = 0.8  # share of its rise by which a plate has come down when the lift is over
AT_TOP = 0.95  # share of its rise at which a plate is at lockout
BEGINS = 0.5  # largest share of its rise at which a plate may be when it is first detected
MID, LEAST_MID = (0.15, 0.85), 3
"""A plate must be visible between these shares of its way up in so many frames: it may be another one elsewhere."""
ASIDE = 0.6  # largest movement aside of a plate in a lift, in diameters; twice that of real lifts
SHOULDERS = 0.4  # least rise of the shoulders, as a share of the plate's: of deadlifts .7 and more, of rows .2 to .3
LOST_S = 1.5  # a plate that reappears after a longer time is another one
WAIT_S = 1.0  # time after which a lift counts by the plate, unless the body has counted it


class PlateLifts:
    def __init__(self, least_s: float, most_s: float) -> None:
        self._least_s, self._most_s = least_s, most_s
        self._floor: np.ndarray | None = None  # as it lies; None while that is unknown
        self._path: list[tuple[float, np.ndarray]] = []  # since it was last on the floor, or first detected
        self._feet_px = np.full(2, np.nan)
        self._done: Times | None = None  # a lift that the body may still count
        self._counted = Times(-np.inf, -np.inf, -np.inf)

    def add(self, sample: Body) -> None:
        if np.isfinite(sample.bar_px).all():
            self._add(sample, np.append(sample.bar_px, sample.shoulders_px[:, 1].mean()))

    def lift_due(self, t_s: float | None) -> Times | None:
        """The lift that counts by the plate at this time. t_s: None at the source's end."""
        if t_s is None and self._floor is None and self._path:
            self._end_unknown()
        lift = self._done
        if lift is None or (t_s is not None and t_s - lift.end_s < WAIT_S):
            return None
        self._counted, self._done = lift, None
        return lift

    def count(self, times: Times) -> None:
        self._counted = times
        if self._done is not None and self.has_counted(self._done):
            self._done = None

    def has_counted(self, times: Times) -> bool:
        """Whether the last rep that counts, by the body or the plate, is this movement."""
        counted = self._counted
        shared_s = min(times.end_s, counted.end_s) - max(times.start_s, counted.start_s)
        return shared_s > 0.5 * min(times.end_s - times.start_s, counted.end_s - counted.start_s)

    def _add(self, sample: Body, plate: np.ndarray) -> None:
        """plate: (4,) x, y and diameter of the plate, and y of the shoulders, px."""
        t_s = sample.t_s
        if self._path and not 0 <= t_s - self._path[-1][0] <= LOST_S:
            self._path, self._floor = [], None
        self._path.append((t_s, plate))
        while t_s - self._path[0][0] > self._most_s:
            del self._path[0]
        self._feet_px = sample.feet_px
        lies = self._lying_plate()
        if lies is not None and (self._floor is None or lies[1] > self._floor[1] - OFF * self._floor[2]):
            self._floor = lies
        if self._floor is not None:
            self._follow()

    def _end_unknown(self) -> None:
        """The floor of a plate that never lay still is its lowest place."""
        lowest = max((plate for _, plate in self._path), key=lambda plate: float(plate[1]))
        if self._is_on_floor(lowest):
            self._floor = lowest
            self._follow()

    def _follow(self) -> None:
        assert self._floor is not None
        height = (self._floor[1] - np.array([plate[1] for _, plate in self._path])) / self._floor[2]
        if height[-1] <= max((1 - LOWERED) * float(height.max()), OFF):
            self._finish(height)
            self._path = self._path[-1:]

    def _lying_plate(self) -> np.ndarray | None:
        """The plate as it lies on the floor now; None if it does not."""
        now_s = self._path[-1][0]
        if now_s - self._path[0][0] < STILL_S:
            return None
        plates = np.array([plate for t_s, plate in self._path if now_s - t_s <= STILL_S])
        lying: np.ndarray = np.median(plates, axis=0)
        still = np.ptp(plates[:, 1]) <= STILL * lying[2]
        return lying if still and self._is_on_floor(lying) else None

    def _is_on_floor(self, plate: np.ndarray) -> bool:
        over_ankles = (self._feet_px[1] - plate[1]) / plate[2] - 0.5
        return bool(ON_FLOOR[0] <= over_ankles <= ON_FLOOR[1])

    def _finish(self, height: np.ndarray) -> None:
        """height: (n,) above the floor, in diameters."""
        assert self._floor is not None
        top, diameter_px = float(height.max()), float(self._floor[2])
        t_s, plates = np.array([t_s for t_s, _ in self._path]), np.array([plate for _, plate in self._path])
        first = int(np.argmax(height >= AT_TOP * top))
        mid = (height[:first] > MID[0] * top) & (height[:first] < MID[1] * top)
        aside, shoulders = np.ptp(plates[:, 0]) / diameter_px, np.ptp(plates[:, 3]) / diameter_px
        rises = RISE[0] <= top <= RISE[1] and height[0] <= BEGINS * top and mid.sum() >= LEAST_MID
        if not rises or aside > ASIDE or shoulders < SHOULDERS * top:
            return
        lift = Times(float(t_s[0]), float(t_s[first]), float(t_s[-1]))
        if lift.end_s - lift.start_s >= self._least_s and not self.has_counted(lift):
            self._done = lift
