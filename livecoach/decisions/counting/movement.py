"""A movement out and back, while it is under way and once it has ended."""

import copy
import math
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.core.types import Times
from livecoach.decisions.counting import movement_features
from livecoach.decisions.counting.bar import bar_held, hands_of
from livecoach.decisions.counting.boundary_regression import Boundaries
from livecoach.decisions.counting.movement_features import Moments, MovementFeatures
from livecoach.perception.body.body import Body
from livecoach.perception.body.quantiles import median, percentile

BAR_HELD, BAR_STAYS = 3.0, -3.0
"""Log likelihood ratio of a lift where the hands move the bar up and down, and where it stays on the floor. Our choice:
hardly any lift leaves a visible bar on the floor, and few other movements lift one."""
UNLIKE = -3.0  # the same of a lift whose hands begin too high, or whose hips stay up. Our choice.


MOTIONLESS_S = 0.5
"""How long a body must be motionless at the turn to hold the bar there: about what a referee takes to see it. Our
choice."""
SWAY, AS_TALL = 0.05, 0.02
"""How far the distance from rest may be from its peak in that time, and how far below their height on the way the
shoulders, as Measures': in the catch of a snatch they are lower. Synthetic lifters who stand with the bar overhead stay
within AS_TALL in 95 of 100 reps."""


STILL = 0.3
"""Share of the way within which a body pauses. The noise of hands moves them as far. Our choice, like the next ones."""
SURPLUS_S, LONGEST_S, ENDS_S = 1.5, 10.0, 0.25
"""How much longer than those that the lift model knows a pause must be to be shortened, and how long it may be; and how
much of each of its ends stays, where the body slows down and starts. The rest of what stays is from the middle."""


class Place(NamedTuple):
    """Where a body is in the picture, and how large it looks there."""

    feet_px: np.ndarray  # (2,) mid-ankle
    size_px: float  # length of torso and legs


class Movement:
    """A way out and back, with the samples of it and around it. It may be a rep."""

    def __init__(
        self,
        turns: Times,
        times: Times | None = None,
        *,
        of: Sequence[Body] = (),
        span: float = 0.0,
        pause_s: float = math.inf,
        released: bool = False,
    ) -> None:
        """Hold a movement.

        Args:
            turns: Turning points of its curve.
            times: Boundaries by the whole body; None if they are equal to the turning points.
            of: Samples of it and around it.
            span: Span of the distance from rest.
            pause_s: RepRules.pause_s; inf keeps all pauses.
            released: Whether it ended at its turn, where the bar is released or held.
        """
        self.samples, self.turns, self.times = of, turns, times or turns
        self.span, self.pause_s, self.released = span, pause_s, released

    @cached_property
    def places(self) -> tuple[Place, Place, Place]:
        """Where its body is around its start, within it, and around its end."""
        start_s, _, end_s = self.turns
        within = [s for s in self.samples if start_s <= s.t_s <= end_s]
        return place_of(_near(self.samples, start_s)), place_of(within), place_of(_near(self.samples, end_s))

    @cached_property
    def hang(self) -> np.ndarray:
        """(3,) see `bar.Hands.at_lockout`."""
        return hands_of(self.samples).at_lockout()

    @cached_property
    def features(self) -> MovementFeatures:
        start_s, _, end_s = self.turns
        return movement_features.extract(moments_of(self.samples, start_s, end_s))

    @cached_property
    def shortened(self) -> "Movement":
        """The movement as it would look with its long pauses shortened; itself where it has none."""
        start_s, _, end_s = self.turns
        t_s, distance = (np.array([getattr(s, name) for s in self.samples]) for name in ("t_s", "distance_from_rest"))
        beyond = beyond_pauses(t_s, distance, STILL * min(self.span, 1.0), self.pause_s)
        left_out = (t_s > start_s) & (t_s < end_s) & beyond
        if not left_out.any():
            return self
        found = copy.copy(self)
        found.features = movement_features.extract(moments_of(self.samples, start_s, end_s, left_out))
        found.shortened = found
        return found

    def compact(self) -> "Movement":
        """Return the movement with all results, but without its samples, which take a hundred times the memory."""
        _ = self.features, self.places, self.hang
        found = copy.copy(self)
        found.samples = ()
        found.shortened = found if self.shortened is self else self.shortened.compact()
        return found

    def lowered_after(self, held: "Movement") -> "Movement":
        """The whole of a rep that counted while it was held: it begins and turns where that did, so that the lifter's
        own reps are cut as those that they judge."""
        found = copy.copy(self)
        found.times = held.times._replace(end_s=self.times.end_s)
        return found

    def by_bar(self, rules: RepRules) -> float:
        """Log likelihood ratio of a lift from whether the hands move the bar; 0 where the bar does not rest on the
        floor, because it was not measured there."""
        if not rules.bar_on_floor:
            return 0.0
        held = bar_held(self.samples, self.turns.start_s, self.turns.end_s)
        return 0.0 if held is None else BAR_HELD if held else BAR_STAYS

    def by_posture(self, rules: RepRules) -> float:
        """Log likelihood ratio of a lift from where the hands begin and how far the hips go."""
        found = self.features
        unlike = found.start_hands > rules.max_start_hands or found.hips_share < rules.min_hips_share
        return UNLIKE if unlike else 0.0

    def is_within(self, rules: RepRules) -> bool:
        """Whether feet, scale and hands stay within simple limits. A body that released the bar is at the top, where it
        looks larger."""
        start_s, turn_s, end_s = self.turns
        feet_shift, scale_change = compare_ends(self.samples, start_s, end_s)
        # At the bottom the hands are level: on the bar, or in front of the chest. At lockout a thigh may hide one hand
        # and falsify its landmark.
        lowest_s = [turn_s] if rules.rest == "up" else [start_s] if self.released else [start_s, end_s]
        return (
            feet_shift <= rules.max_feet_shift
            and (self.released or scale_change <= rules.max_scale_change)
            and max(hand_tilt(self.samples, at_s) for at_s in lowest_s) <= rules.max_hand_tilt
        )


class Way:
    """The movement that is under way: how far it is, and where it began, turned and ended."""

    def __init__(self, rules: RepRules, boundaries: Boundaries | None) -> None:
        self._rules, self._boundaries = rules, boundaries
        self._latest: tuple[Body, Times, Times] | None = None  # of `_refined`: what was refined, and the result
        self.level = 0.0  # at rest, of the distance from rest
        self.peak = 0.0
        self.low = 0.0  # since the peak
        self.restart([])

    def restart(self, samples: list[Body]) -> None:
        self.samples = samples
        self.turned = False  # the stage of the turn was visited
        self.was_held = False
        self.counted: Movement | None = None  # while it was held

    @property
    def last(self) -> Body:
        return self.samples[-1]

    @property
    def span(self) -> float:
        return self.peak - self.level

    @property
    def duration_s(self) -> float:
        return self.last.t_s - self.samples[0].t_s

    def returned(self, distance: float | None = None) -> float:
        """Return the share of the way back that the body has covered.

        Args:
            distance: Distance from rest; None for that of the last sample.
        """
        distance = self.last.distance_from_rest if distance is None else distance
        return (self.peak - distance) / max(self.span, 1e-6)

    def last_at(self, share: float) -> float:
        """When the body was last beyond that share of the way out."""
        far = self.level + share * self.span
        return next((s.t_s for s in reversed(self.samples) if s.distance_from_rest >= far), -math.inf)

    def return_speed(self, over_s: float) -> float:
        """Distance per second, towards rest."""
        last = self.last
        before = next((s for s in reversed(self.samples) if last.t_s - s.t_s >= over_s), self.samples[0])
        return (before.distance_from_rest - last.distance_from_rest) / max(last.t_s - before.t_s, 1e-6)

    def is_held(self) -> bool:
        """Whether the body has been motionless at the turn for MOTIONLESS_S, and as tall as anywhere on the way."""
        since_s = self.last.t_s - MOTIONLESS_S
        latest = [s for s in self.samples if s.t_s >= since_s]
        if min(s.distance_from_rest for s in latest) < self.peak - SWAY or self.turns().turn_s > since_s:
            return False
        tall = percentile(np.array([s.measures.shoulder_height for s in self.samples]), 90)
        return bool(min(s.measures.shoulder_height for s in latest) >= tall - AS_TALL)

    def remaining_s(self) -> float:
        """How far ahead the end of the rep lies."""
        return self._refined(self.turns())[2] - self.last.t_s

    def turns(self, end_s: float | None = None) -> Times:
        """Return the turning points of the curve, with another end if `end_s` is not None."""
        t_s, distance = (np.array([getattr(s, name) for s in self.samples]) for name in ("t_s", "distance_from_rest"))
        start, turn, end = turning_points(t_s, distance, lockout=self._rules.rest == "down")
        last_s = self.samples[end].t_s if end_s is None else end_s
        return Times(self.samples[start].t_s, self.samples[turn].t_s, last_s)

    def movement(self, turns: Times, released_s: float | None) -> Movement:
        """Return the movement between turning points; `released_s` is when the bar was released, or None."""
        start_s, turn_s, end_s = self._refined(turns)
        ended_s = min(end_s, self.last.t_s) if released_s is None else max(released_s, turn_s)
        times = Times(start_s, turn_s, ended_s)
        pause_s, released = self._rules.pause_s, released_s is not None
        return Movement(turns, times, of=self.samples, span=self.span, pause_s=pause_s, released=released)

    def _refined(self, turns: Times) -> Times:
        """The boundaries from the whole body, whose end may be yet to come; `turns` where those make no rep."""
        if self._boundaries is None:
            return turns
        if self._latest is None or self._latest[0] is not self.last or self._latest[1] != turns:
            start_s, turn_s, end_s = self._boundaries.refine(self.samples, turns)
            start_s = max(start_s, self.samples[0].t_s)
            if turn_s >= self.last.t_s:  # of a rep that is held, the lifter may still stand up
                _, turn_s, end_s = turns
            found = Times(start_s, turn_s, end_s) if start_s < turn_s < min(end_s, self.last.t_s) else turns
            self._latest = self.last, turns, found
        return self._latest[2]


UNDER_WAY = 0.2  # share of the range at which a movement is under way: its start is sought before, its end after
SLOW_SHARE = 0.12
"""Share of the top speed below which a movement has not begun, or has ended: by a share of the range alone, the slow
settling before a pull would be its start."""
SPEED_OVER_S = 0.1


def turning_points(t_s: np.ndarray, distance: np.ndarray, *, lockout: bool) -> tuple[int, int, int]:
    """Return the indices of start, turn and end in a curve (n,); with `lockout`, the turn is where the way out ends."""
    peak = int(np.argmax(distance))
    lowest = int(np.argmin(distance[: peak + 1]))
    later, earlier = (np.interp(t_s + half_s, t_s, distance) for half_s in (SPEED_OVER_S / 2, -SPEED_OVER_S / 2))
    speed = (later - earlier) / SPEED_OVER_S
    span_out, span_back = distance[peak] - distance[lowest], distance[peak] - distance[peak:].min()

    moving = lowest + int(np.flatnonzero(distance[lowest : peak + 1] <= distance[lowest] + UNDER_WAY * span_out)[-1])
    top_speed = float(speed[moving : peak + 1].max())
    start = moving
    while start > 0 and speed[start] > SLOW_SHARE * top_speed:
        start -= 1

    turn = peak
    if lockout:
        # Search after the last climb: a bar that is lost on the way up was not locked out before that.
        turn = lowest + int(np.flatnonzero(distance[lowest : peak + 1] <= distance[peak] - UNDER_WAY * span_out)[-1])
        while turn < peak and speed[turn] > SLOW_SHARE * top_speed:
            turn += 1

    end = peak + int(np.argmax(distance[peak:] <= distance[peak] - (1 - UNDER_WAY) * span_back))
    top_speed = float((-speed[peak : end + 1]).max())
    while end < len(distance) - 1 and -speed[end] > SLOW_SHARE * top_speed:
        end += 1
    return start, turn, end


MOMENT_S = 0.2  # half the time over which feet, scale and hands are medians


def compare_ends(samples: Sequence[Body], start_s: float, end_s: float) -> tuple[float, float]:
    """Return how far the feet end from where they began, in lengths of torso and legs, and the share by which the body
    looks larger or smaller then."""
    before, after = place_of(_near(samples, start_s)), place_of(_near(samples, end_s))
    size_px = max(before.size_px, after.size_px, 1e-6)
    return float(np.hypot(*(after.feet_px - before.feet_px))) / size_px, abs(after.size_px - before.size_px) / size_px


def place_of(samples: Sequence[Body]) -> Place:
    """Return the median place of the body in at least one sample."""
    feet_px, size_px = (median(np.array([getattr(s, name) for s in samples])) for name in ("feet_px", "size_px"))
    return Place(feet_px, float(size_px))


def stays_in_place(samples: Sequence[Body], rules: RepRules) -> bool:
    """Whether the feet move so little that this may be half of a lift; the scale changes with a thigh's direction."""
    return compare_ends(samples, samples[0].t_s, samples[-1].t_s)[0] <= rules.max_feet_shift


def hand_tilt(samples: Sequence[Body], at_s: float) -> float:
    """How much higher one hand is than the other around a time, in lengths of torso and legs."""
    near = _near(samples, at_s)
    return float(np.median([abs(s.wrists_px[0, 1] - s.wrists_px[1, 1]) / max(s.size_px, 1.0) for s in near]))


def _near(samples: Sequence[Body], at_s: float) -> list[Body]:
    return [s for s in samples if abs(s.t_s - at_s) <= MOMENT_S]


STEP_S = 1 / 24  # between two moments: about the frame interval of the training sets
WITHIN_S = 1 / 30  # a value is the mean over this time before and after: half a frame at 15 a second, four at 60
NEAR_S = 0.1  # a moment without a frame this near is left out: the body was lost
MARGIN_S = 0.5  # time before its start that belongs to a movement


def moments_of(samples: Sequence[Body], start_s: float, end_s: float, left_out: np.ndarray | None = None) -> Moments:
    """The movement between two times, with a margin, at even times. left_out: (samples,) bool, moments that are left
    out, so that the rest is the sooner over."""
    times_s, kept = np.unique([s.t_s for s in samples], return_index=True)
    kept, t_s = kept[times_s >= start_s - MARGIN_S], times_s[times_s >= start_s - MARGIN_S]
    if left_out is not None:
        left_out = left_out[kept]
        step_s = np.diff(t_s, prepend=t_s[:1])
        end_s -= float(step_s[left_out].sum())
        kept, t_s = kept[~left_out], (t_s[0] + np.cumsum(np.where(left_out, 0.0, step_s)))[~left_out]
    moments_s = even_times(t_s, start_s)

    of_kept = [[getattr(samples[i], name) for i in kept] for name in ("distance_from_rest", "world", "points_px")]
    values = np.hstack([np.array(each, np.float64).reshape(len(kept), -1) for each in of_kept])
    means = local_means(t_s, values, moments_s)
    return Moments(
        t_s=moments_s,
        distance_from_rest=means[:, 0],
        world=means[:, 1:37].reshape(-1, 6, 2, 3),
        points_px=means[:, 37:].reshape(-1, 6, 2, 2),
        start=int(np.argmin(np.abs(moments_s - start_s))),
        end=int(np.argmin(np.abs(moments_s - end_s))),
    )


def beyond_pauses(t_s: np.ndarray, distance: np.ndarray, still: float, pause_s: float) -> np.ndarray:
    """Return (n,) bool: what long pauses have beyond `pause_s`. distance: (n,) from rest; in a pause it changes by
    `still` at most."""
    beyond = np.zeros(len(t_s), bool)
    first, low, high = 0, math.inf, -math.inf
    for k, now in enumerate([*distance.tolist(), math.inf]):
        low, high = min(low, now), max(high, now)
        if high - low > still:
            half_s = (t_s[k - 1] - t_s[first]) / 2
            if pause_s + SURPLUS_S < 2 * half_s <= LONGEST_S:
                from_middle_s = np.abs(t_s - t_s[first] - half_s)
                beyond |= (from_middle_s > pause_s / 2 - ENDS_S) & (from_middle_s < half_s - ENDS_S)
            first, low, high = k, now, now
    return beyond


def even_times(t_s: np.ndarray, from_s: float) -> np.ndarray:
    """Return moments a step apart from the first to the last of the times; one of them is `from_s`."""
    before, after = (from_s - t_s[0]) / STEP_S, (t_s[-1] - from_s) / STEP_S
    moments_s = from_s + STEP_S * np.arange(-np.floor(before + 1e-6), np.floor(after + 1e-6) + 1)
    near = np.abs(moments_s[:, None] - t_s).min(1) <= NEAR_S
    kept: np.ndarray = moments_s[near]
    return kept


def local_means(t_s: np.ndarray, values: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    """Return (m, …): the mean, around each moment, of the line through all values. t_s: (n,) rising; values: (n, …);
    moments_s: (m,) between the first and the last time."""
    flat = values.reshape(len(values), -1)
    areas = np.cumsum(0.5 * (flat[1:] + flat[:-1]) * np.diff(t_s)[:, None], 0)
    areas = np.concatenate([np.zeros_like(flat[:1]), areas])

    def area_until(at_s: np.ndarray) -> np.ndarray:
        i = np.clip(np.searchsorted(t_s, at_s, side="right") - 1, 0, len(t_s) - 2)
        since_s = (at_s - t_s[i])[:, None]
        slope = (flat[i + 1] - flat[i]) / (t_s[i + 1] - t_s[i])[:, None]
        area: np.ndarray = areas[i] + since_s * (flat[i] + 0.5 * since_s * slope)
        return area

    from_s, to_s = (np.clip(moments_s + sign * WITHIN_S, t_s[0], t_s[-1]) for sign in (-1, 1))
    mean: np.ndarray = (area_until(to_s) - area_until(from_s)) / (to_s - from_s)[:, None]
    return mean.reshape(len(moments_s), *values.shape[1:])
