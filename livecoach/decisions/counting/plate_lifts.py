"""Finds lifts by the path of the barbell's plate alone."""

import math

import numpy as np

from livecoach.core.quantiles import median
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting import tuning
from livecoach.perception.body.body import SHOULDER, Body


class PlateLiftDetector:
    """Follows the barbell's plate, and finds lifts that the body does not show because the pose is wrong.

    From the side, the plate hides the arms and half of the trunk. A lift from the floor is found if the plate rests on
    the floor at the lifter's feet, rises straight up by about its own diameter, and comes down to the floor again. In a
    clean the plate rises twice as far, in loading a third as far, and a carried plate moves aside. A squat is found if
    the plate rests on the back, sinks by about its own diameter, and rises again.
    """

    def __init__(self, least_s: float, most_s: float, *, on_back: bool = False) -> None:
        """Start before the first sample of a source.

        Args:
            least_s: Shortest duration of a lift.
            most_s: Longest duration of a lift.
            on_back: Whether the bar rests on the back, and not on the floor.
        """
        self._least_s, self._most_s, self._on_back = least_s, most_s, on_back
        self._least_way = tuning.PLATE_LEAST_DOWN if on_back else tuning.PLATE_LEAST_UP
        self._rest: np.ndarray | None = None  # the plate as it rests; None while that is unknown
        self._path: list[tuple[float, np.ndarray]] = []  # since the plate last rested, or was first detected
        self._now, self._farthest = 0.0, 0.0  # distances of the path from rest: the latest, and the largest
        self._since_s = 0.0  # when the plate was first seen
        self._latest: list[tuple[float, np.ndarray]] = []  # over the last PLATE_STILL_S
        self._feet_px = np.full(2, np.nan)
        self._done: MovementTimes | None = None  # a lift that the body may still count
        self._counted = MovementTimes(-np.inf, -np.inf, -np.inf)

    def add(self, sample: Body) -> None:
        """Follow the plate in the next sample. A sample without a visible plate is ignored."""
        x_px, y_px, diameter_px = sample.bar_px.tolist()
        if not math.isfinite(x_px + y_px + diameter_px):
            return
        t_s, (left_px, right_px) = sample.t_s, sample.points_px[SHOULDER, :, 1].tolist()
        plate = np.array((x_px, y_px, diameter_px, (left_px + right_px) / 2))  # the last is the shoulders' y
        if self._path and not 0 <= t_s - self._path[-1][0] <= tuning.PLATE_LOST_S:
            self._path, self._rest = [], None
        if not self._path:
            self._since_s, self._latest = t_s, []
        if self._path and t_s - self._path[0][0] > self._most_s:
            self._rest = None  # no lift takes so long: the plate rests elsewhere
        for plates, longest_s in ((self._path, self._most_s), (self._latest, tuning.PLATE_STILL_S)):
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

    def is_away(self, t_s: float) -> bool:
        """Return whether the plate is away from its resting place; False if the place or the plate is unknown."""
        return self._rest is not None and t_s - self._path[-1][0] <= tuning.PLATE_STILL_S and not self._is_back()

    def pop_due_lift(self, t_s: float | None) -> MovementTimes | None:
        """Return a lift that the body has not counted within PLATE_WAIT_S, and note it as counted; else return None.

        Args:
            t_s: Present time; infinity or None for no wait. None also ends the source: a plate that never lay still may
                then count as having lain on the floor at its lowest place.
        """
        if t_s is None and self._rest is None and self._path:
            lowest = max((plate for _, plate in self._path), key=lambda plate: float(plate[1]))
            if not self._on_back and self._may_rest(lowest):
                self._measure_from(lowest)
                self._follow()
        lift = self._done
        if lift is None or (t_s is not None and t_s - lift.end_s < tuning.PLATE_WAIT_S):
            return None
        self._counted, self._done = lift, None
        return lift

    def note_counted(self, times: MovementTimes) -> None:
        """Note the times of a rep that has counted by the body, so that the plate does not count the rep again."""
        self._counted = times
        if self._done is not None and self.is_counted(self._done):
            self._done = None

    def is_counted(self, times: MovementTimes) -> bool:
        """Return whether a movement overlaps enough with the rep counted last, by body or plate, to be the same rep."""
        counted = self._counted
        shared_s = min(times.end_s, counted.end_s) - max(times.start_s, counted.start_s)
        return shared_s > tuning.PLATE_SHARED * min(times.end_s - times.start_s, counted.end_s - counted.start_s)

    def _measure_from(self, rest: np.ndarray) -> None:
        away = self._away(np.array([plate for _, plate in self._path]), rest)
        self._rest, self._now, self._farthest = rest, float(away[-1]), float(away.max())

    def _follow(self) -> None:
        if self._rest is not None and self._is_back():
            if self._farthest >= self._least_way:
                self._finish(self._rest)
            self._path, self._farthest = self._path[-1:], self._now

    def _is_back(self) -> bool:
        return self._now <= max((1 - tuning.PLATE_BACK) * self._farthest, tuning.PLATE_OFF)

    def _away(self, plates: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """Return the distance of plates (..., 4) from rest, in diameters: up from the floor, or down from the back."""
        up: np.ndarray = (rest[1] - plates[..., 1]) / rest[2]
        return -up if self._on_back else up

    def _is_new_rest(self, plate: np.ndarray, rest: np.ndarray) -> bool:
        """Return whether a resting plate rests in another place than before.

        On the back it is held at other heights than in the rack, and it also stops at the turn.
        """
        is_aside = self._on_back and abs(plate[0] - rest[0]) > tuning.PLATE_ASIDE * rest[2]
        return bool(is_aside or self._away(plate, rest) < (self._least_way if self._on_back else tuning.PLATE_OFF))

    def _resting_plate(self) -> np.ndarray | None:
        seen_s = self._latest[-1][0] - (self._latest[0][0] if self._on_back else self._since_s)
        if seen_s < (tuning.PLATE_SEEN_S if self._on_back else tuning.PLATE_STILL_S):
            return None
        plates = np.array([plate for _, plate in self._latest])
        plate = median(plates)
        still = np.ptp(plates[:, 1]) <= tuning.PLATE_STILL * plate[2]
        return plate if still and self._may_rest(plate) else None

    def _may_rest(self, plate: np.ndarray) -> bool:
        """Return whether a plate is at the height of the shoulders or, if it rests on the floor, of the feet."""
        if self._on_back:
            return bool(abs(plate[1] - plate[3]) <= tuning.PLATE_ON_BACK * plate[2])
        over_ankles = (self._feet_px[1] - plate[1]) / plate[2] - 0.5
        return bool(tuning.PLATE_ON_FLOOR[0] <= over_ankles <= tuning.PLATE_ON_FLOOR[1])

    def _finish(self, rest: np.ndarray) -> None:
        t_s, plates = np.array([t_s for t_s, _ in self._path]), np.array([plate for _, plate in self._path])
        away, way, diameter_px = self._away(plates, rest), self._farthest, float(rest[2])
        first = int(np.argmax(away >= tuning.PLATE_AT_TURN * way))
        mid = (away[:first] > tuning.PLATE_MID[0] * way) & (away[:first] < tuning.PLATE_MID[1] * way)
        aside, shoulders = np.ptp(plates[:, 0]) / diameter_px, np.ptp(plates[:, 3]) / diameter_px
        is_seen = away[0] <= tuning.PLATE_BEGINS * way and mid.sum() >= tuning.PLATE_MID_FRAMES
        is_straight = aside <= tuning.PLATE_ASIDE and shoulders >= tuning.PLATE_SHOULDERS * way
        if way > tuning.PLATE_MOST_WAY or not (is_seen and is_straight):
            return
        lift = MovementTimes(float(t_s[0]), float(t_s[first]), float(t_s[-1]))
        if lift.end_s - lift.start_s >= self._least_s and not self.is_counted(lift):
            self._done = lift
