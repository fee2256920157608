"""Decides by the plate in the pictures whether hands hold the bar, and finds lifts by the path of the plate alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median, percentile
from livecoach.core.types import MovementTimes, Observation
from livecoach.decisions.counting import tuning
from livecoach.perception.body.body import SHOULDER, WRIST, Bodies, Body, level_points, plate_px


@dataclass(frozen=True, slots=True, kw_only=True)
class BarEvidence:
    """The motion of the bar relative to the hands, which shows whether the hands hold the bar.

    Ratio and correlation are NaN if fewer than BAR_FRAMES frames show plate and hands, or if the hands hardly move.
    """

    visible_share: float  # Share of the frames that show the plate and the hands
    travel_ratio: float  # Vertical travel of the plate over the travel of the hands: about 1 to 1.5 for a held bar
    correlation: float  # Correlation of the heights of plate and hands

    @property
    def is_held(self) -> bool | None:
        """Whether the hands move the bar; None if too few frames show the plate, or the motion is ambiguous."""
        if self.visible_share < tuning.PLATE_VISIBLE or np.isnan(self.travel_ratio):
            return None
        if self.travel_ratio < tuning.BAR_STAYS:
            return False
        return True if self._moves_with_hands else None

    @property
    def is_glimpsed(self) -> bool:
        """Whether a plate is visible in at least a quarter of the frames (PLATE_GLIMPSED), and moves with the hands."""
        return self.visible_share >= tuning.PLATE_GLIMPSED and self._moves_with_hands

    @property
    def _moves_with_hands(self) -> bool:
        return self.travel_ratio > tuning.BAR_GOES and self.correlation > tuning.HANDS_ALIKE


def compare_bar_with_hands(bar: np.ndarray, wrists_px: np.ndarray, size_px: tuple[float, float]) -> BarEvidence:
    """Measure how the bar moves relative to the hands in n successive frames.

    Args:
        bar: (n, 3) x, y and vertical diameter of the plate in pixels, NaN where no plate is visible.
        wrists_px: (n, 2, 2) left and right wrist in pixels, NaN where nobody is in view.
        size_px: Width and height of the picture; a plate outside of the picture is ignored.
    """
    hands = wrists_px.mean(1)
    inside = ((bar[:, :2] >= 0) & (bar[:, :2] < size_px)).all(1)  # False for NaN
    visible = inside & np.isfinite(hands).all(1)
    share = float(visible.mean()) if len(visible) else 0.0
    unknown = BarEvidence(visible_share=share, travel_ratio=np.nan, correlation=np.nan)
    if visible.sum() < tuning.BAR_FRAMES:
        return unknown
    heights, diameter = np.column_stack([bar[visible, 1], hands[visible, 1]]), float(median(bar[visible, 2]))
    travel, moved = (percentile(heights, 97) - percentile(heights, 3)).tolist()
    if not (diameter > 0 and moved > tuning.HANDS_MOVED * diameter):
        return unknown  # hands that hardly move do not show whether they hold the bar
    return BarEvidence(visible_share=share, travel_ratio=travel / moved, correlation=correlation(*heights.T))


def correlation(first: np.ndarray, other: np.ndarray) -> float:
    """Return Pearson's correlation of (n,) values; 0 if either is constant. `np.corrcoef` is six times as slow."""
    first, other = first - first.mean(), other - other.mean()
    spread = math.sqrt(float(first @ first) * float(other @ other))
    return float(first @ other) / spread if spread > 0 else 0.0


def measure_bar_evidence(observations: Sequence[Observation]) -> BarEvidence:
    """Measure how the bar moves relative to the hands in the observations of a movement."""
    if all(o.bar is None for o in observations):
        return BarEvidence(visible_share=0.0, travel_ratio=np.nan, correlation=np.nan)
    points, size_px = level_points(observations), (observations[0].width_px, observations[0].height_px)
    bar_px = np.array([plate_px(bar, seen) for bar, seen in zip(points.bar, observations, strict=True)])
    return compare_bar_with_hands(bar_px, points.landmarks[:, landmark.WRISTS] * size_px, size_px)


def measure_hang(samples: Bodies) -> np.ndarray:
    """Measure how the hands hang at the turn of a movement, over HANG_OVER_S from just before the turn on.

    Returns:
        (3,) medians, in lengths of torso and legs in the picture: the height of the left and of the right shoulder
        above its hand, and the x of the left hand minus the x of the right hand.
    """
    t_s, distance = samples.t_s, samples.distance_from_rest
    peak = int(np.argmax(distance))
    lowest = int(np.argmin(distance[: peak + 1]))
    off = tuning.LOCKOUT_REACHED * (distance[peak] - distance[lowest])
    lockout_s = t_s[lowest + int(np.argmax(distance[lowest:] >= distance[peak] - off))]
    near = (t_s >= lockout_s) & (t_s <= lockout_s + tuning.HANG_OVER_S)
    wrists_px, shoulders_px = samples.points_px[near][:, [WRIST, SHOULDER]].swapaxes(0, 1)
    hang_px = np.column_stack([(wrists_px - shoulders_px)[..., 1], wrists_px[:, 0, 0] - wrists_px[:, 1, 0]])
    return median(hang_px / max(float(median(samples.size_px[near])), 1e-6))


def is_bar_held(samples: Bodies) -> bool | None:
    """Return whether the lifter moves the bar in successive samples; None if no visible plate shows this.

    A plate that rises with the body is held, even if the estimated hands are elsewhere: plates often hide hands. If a
    small plate stays in its place, the result is None, because the plate may be another object.
    """
    bar_px = samples.bar_px
    if not np.isfinite(bar_px).any():
        return None
    whole_plane = np.inf, np.inf  # plates are only detected in the picture
    evidence = compare_bar_with_hands(bar_px, samples.points_px[:, WRIST], whole_plane)
    if evidence.is_held:
        return True
    visible, size_px = np.isfinite(bar_px[:, 1]), float(median(samples.size_px))
    stays = evidence.is_held if float(median(bar_px[visible, 2])) >= tuning.FULL_PLATE * size_px else None
    rise_px, distance = -bar_px[visible, 1], samples.distance_from_rest[visible]
    if visible.mean() < tuning.BODY_VISIBLE or float(np.ptp(rise_px)) < tuning.BAR_RAISED * size_px:
        return stays
    return True if correlation(rise_px, distance) > tuning.BODY_ALIKE else stays


def measure_lowered_share(samples: Bodies) -> float | None:
    """Measure how far the bar has come down since the body was farthest from rest, as a share of the bar's rise.

    The share is at least 0, and may exceed 1, because the rise is measured between percentiles. The result is None if
    the lifter does not visibly move a bar, or if the bar has risen by less than BAR_RAISED of the body's size.
    """
    if not is_bar_held(samples):
        return None
    heights = samples.bar_px[:, 1]
    visible = heights[np.isfinite(heights)]
    top, floor = float(percentile(visible, 5)), float(percentile(visible, 95))
    if floor - top < tuning.BAR_RAISED * samples.size_px[-1]:
        return None
    since = heights[int(np.argmax(samples.distance_from_rest)) :]
    return (float(np.max(since, where=np.isfinite(since), initial=top)) - top) / (floor - top)


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
