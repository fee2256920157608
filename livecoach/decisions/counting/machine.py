"""Count reps: a pure state machine that takes one sample per frame and reports when a rep is complete.

A rep goes from rest (bar on the floor; standing, for a squat) out to the turn (lockout; deepest point) and back.
"""

from collections import deque
from collections.abc import Callable
from statistics import median
from typing import Literal

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.core.types import PartialReason, StageName
from livecoach.decisions.counting import bar, samples
from livecoach.decisions.counting.boundary_regression import Boundaries
from livecoach.decisions.counting.evidence import Abandoned, Candidate, Completed, Outcome, Times
from livecoach.decisions.counting.lifts import LiftFilter, LiftScorer
from livecoach.decisions.counting.plate_lifts import PlateLifts
from livecoach.decisions.counting.samples import Sample
from livecoach.perception.body import quantiles

SET_REPS = 5  # latest reps of a set that give its range, and the hang of the hands
USUAL_RANGE = 1.0
START_DISTANCE = 0.15  # above the resting level a rep may be under way: twice the sway of idling lifters
REVERSE = 0.12  # least way back, or out again, that is no wobble
REST_MEMORY_S = 1.5  # the resting level is the 10th percentile over this time: where a lifter settles before a rep
SETTLED_SPEED = 0.35  # distance per second below which a returning body has arrived; lowering has 0.5…2
NEAR_REST = 0.2  # share of the rep's range that may be left when the body settles. Measured on synthetic sets.
AT_REST = 0.03  # share of it within which the body has arrived at any speed
ALL_BUT_BACK = 0.7  # share of the way back of a settling body, or of the last rep of a source that ends early
BAR_DOWN = 0.5  # share of its rise that a bar comes down between two reps: in a hitch it is a third. Our choice.
STILL_S, STILL_SPEED = 0.15, 0.3
"""A body in the stage of rest that returns more slowly (distance per second) for this long has settled, wherever noise,
or a bar set down elsewhere, keeps it."""
REST_HALF_DISTANCE = 0.5  # a body this near is at rest: a source that begins at the bottom of a squat is not
LOST_S = 2.0  # a body out of view for longer loses its rep
WAIT_S = 0.5  # how long a body that has arrived may go on moving
END_LOOKAHEAD_S = 0.06  # a rep is reported this long before its end, the time that reporting takes
END_OVERDUE_S, NEARLY_BACK = 0.05, 0.85
"""A rep whose end, by the whole body, is this long ago is reported from this share of the way back on."""
TRIED = 0.2  # share of the set's range of a partial rep that turns too early. Our choice, like the next three.
SHORT, SHORT_WITHIN_S, HUNG_AS_BEFORE = 0.35, 20.0, 0.08
"""The same for one that the end of the source cuts off, how soon after a rep of the set it begins, and how far its
hands may be from those at the turns of the set, in lengths of torso and legs."""


UNDER_WAY = 0.2  # share of the range at which a movement is under way: its start is sought before, its end after
SLOW_SHARE = 0.12
"""Share of the top speed below which a movement has not begun, or has ended: by a share of the range alone, the slow
settling before a pull would be its start."""
SPEED_OVER_S = 0.1


def turning_points(t_s: np.ndarray, distance: np.ndarray, *, lockout: bool) -> tuple[int, int, int]:
    """Indices of start, turn and end in a curve (n,). lockout: the turn is where the way out ends and is held."""
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


AT_ONCE_S = 0.5  # time of the source within which the first body must be visible. Our choice.


class InitialRep:
    """Notices a rep that was under way when the source began: it is reported, but does not count. Its body is far from
    rest at first, comes back all the way and stays on the spot. Where the bar rests on the floor, the plate must go
    down with the hands: a lifter may stand upright before a set."""

    def __init__(self, rules: RepRules) -> None:
        self._rules = rules
        self._samples: list[Sample] | None = []  # since the source's first; None once decided
        self._peak = 0.0

    @property
    def pending(self) -> bool:
        """Whether a rep that began before the source may be under way."""
        return bool(self._samples)

    def step(self, sample: Sample) -> Abandoned | None:
        """Return the rep that began before the source once it has come back."""
        if self._samples is None:
            return None
        before_s = self._samples[-1].t_s if self._samples else sample.t_s
        self._samples.append(sample)
        self._peak = max(self._peak, sample.distance_from_rest)
        first = self._samples[0]
        away = first.distance_from_rest > REST_HALF_DISTANCE and first.t_s <= AT_ONCE_S
        if not away or sample.t_s - before_s > LOST_S or sample.t_s - first.t_s > self._rules.max_s:
            self._samples = None
            return None
        if sample.distance_from_rest > NEAR_REST:
            return None
        of, self._samples = self._samples, None
        return self._begun(of) if self._is_a_return(of) else None

    def over(self) -> None:
        """The source's first movement was a rep."""
        self._samples = None

    def _is_a_return(self, of: list[Sample]) -> bool:
        start_s, end_s = of[0].t_s, of[-1].t_s
        if end_s - start_s < self._rules.min_s / 2:
            return False
        if self._peak - of[-1].distance_from_rest < self._rules.min_range or not samples.stays_in_place(
            of, self._rules
        ):
            return False
        if not self._rules.bar_on_floor:
            return True
        return samples.bar_held(of, start_s, end_s) is True

    def _begun(self, of: list[Sample]) -> Abandoned:
        turn = max(of, key=lambda sample: sample.distance_from_rest)
        return Abandoned(times=Times(of[0].t_s, turn.t_s, of[-1].t_s), reason="begun")


Phase = Literal["unready", "rest", "out", "back"]


class RepMachine:
    def __init__(self, rules: RepRules, lift: LiftScorer | None = None, boundaries: Boundaries | None = None) -> None:
        """lift, boundaries: None where the exercise has none. With either, samples need `points_px` and `world`."""
        self._rules, self._boundaries = rules, boundaries
        self.lifts = LiftFilter(rules, lift)
        self._initial = InitialRep(rules)
        self._plate = PlateLifts(rules.min_s, rules.max_s) if rules.bar_on_floor else None
        self._arrived_s: float | None = None
        self._phase: Phase = "unready"
        self._samples: list[Sample] = []  # those of the rep under way, or of the last REST_MEMORY_S at rest
        self._ranges: deque[float] = deque(maxlen=SET_REPS)
        self._holds: deque[np.ndarray] = deque(maxlen=SET_REPS)  # hang of the hands at the turns
        self._level = self._peak = self._low = 0.0
        self._last_end_s = 0.0  # end of the last rep that counts
        self._turned = False
        self._turn_stage: StageName = "up" if rules.rest == "down" else "down"
        self._resting: tuple[StageName, ...] = (rules.rest,) if rules.turn_stage_needed else ("up", "neutral", "down")
        self._rested = False  # whether the stage of rest came since the last turn
        self._phases: dict[Phase, Callable[[Sample], Outcome]] = {
            "unready": self._unready,
            "rest": self._rest,
            "out": self._out,
            "back": self._back,
        }

    @property
    def progress(self) -> float | None:
        if self._phase not in ("out", "back"):
            return None
        usual = median(self._ranges) if self._ranges else 1.0 - self._level
        share = (self._samples[-1].distance_from_rest - self._level) / max(usual, self._rules.min_range)
        return min(max(share, 0.0), 1.0)

    def step(self, sample: Sample) -> Outcome:
        """Add the next sample, in order of time."""
        begun = self._initial.step(sample)
        outcome = self.out_of_view(sample.t_s) or begun
        self._samples.append(sample)
        self._rested |= self._at_rest(sample)
        now = self._phases[self._phase](sample)
        if isinstance(now, Completed):
            self._initial.over()
        return self._with_plate(now or outcome, sample)

    def out_of_view(self, t_s: float) -> Outcome:
        """After LOST_S out of view a rep under way is lost."""
        if self._samples and t_s - self._samples[-1].t_s > LOST_S:
            return self._abandon("lost")
        return None

    def finish(self) -> Outcome:
        """End the source: a rep that is almost back counts, any other is a partial one."""
        return self._with_plate(self._finish(), None)

    def _with_plate(self, outcome: Outcome, sample: Sample | None) -> Outcome:
        """Return the outcome, or the lift that counts by the plate alone. sample: None at the end."""
        if self._plate is None:
            return outcome
        if sample is not None:
            self._plate.add(sample)
        if isinstance(outcome, Completed):
            for times in outcome.reps:
                self._plate.count(times)
            return outcome
        lift = self._plate.lift_due(None if sample is None else sample.t_s)
        if lift is None:
            return outcome
        self.lifts.counted_by_plate(lift)
        self._last_end_s = lift.end_s
        return Completed(reps=(lift,))

    def _finish(self) -> Outcome:
        almost_back = self._phase == "back" and self._turned and self._returned() >= ALL_BUT_BACK
        if almost_back and self._samples[-1].stage != self._turn_stage:
            return self._complete()
        if self._phase == "out" and not self._turned:
            return self._cut_on_the_way_out()
        pulled = self._rules.rest == "down" and (self._phase == "out" or self._returned() < REVERSE)
        return self._abandon("no_lowering" if pulled else "cut")

    def _cut_on_the_way_out(self) -> Abandoned | None:
        start_s, last = self._turning_times()[0], self._samples[-1]
        going = self._peak - last.distance_from_rest < REVERSE and self._peak - self._level >= self._least_range()
        if not (going and samples.stays_in_place(self._samples, self._rules)) or (
            self._ranges and not self._like_the_set(start_s)
        ):
            return None
        return Abandoned(times=Times(start_s, last.t_s, last.t_s), reason="cut")

    def _unready(self, sample: Sample) -> Outcome:
        if self._at_rest(sample):
            self._to_rest([sample])
        else:
            self._samples = [sample]
        return None

    def _at_rest(self, sample: Sample) -> bool:
        return sample.stage in self._resting or (
            not self._rules.rest_stage_needed and sample.distance_from_rest < REST_HALF_DISTANCE
        )

    def _rest(self, sample: Sample) -> Outcome:
        while sample.t_s - self._samples[0].t_s > REST_MEMORY_S:
            del self._samples[0]
        distances = sorted(s.distance_from_rest for s in self._samples)
        self._level = distances[len(distances) // 10]  # not the least, which one wrong frame would change
        if sample.distance_from_rest > self._level + START_DISTANCE:
            self._to_out()
        return None

    def _out(self, sample: Sample) -> Outcome:
        self._peak = max(self._peak, sample.distance_from_rest)
        self._note_turn(sample)
        if sample.t_s - self._samples[0].t_s > self._rules.max_s:
            return self._abandon("no_lowering" if self._rules.rest == "down" else "no_return")
        if sample.distance_from_rest < self._peak - REVERSE:
            self._phase, self._low = "back", sample.distance_from_rest
        elif self._turned and self._rules.bar_on_floor and self._is_released():
            outcome = self._complete(released_s=sample.t_s)
            self._phase = "unready"
            return outcome
        return None

    def _is_released(self) -> bool:
        rise = samples.hands_have_risen(
            self._sample_before(bar.OPENING_S), self._samples[-1]
        )  # spares the costlier check
        before = np.median(self._holds, axis=0) if rise and self._holds else None
        return rise and bar.is_released(samples.hands(self._samples), before)

    def _back(self, sample: Sample) -> Outcome:
        self._low = min(self._low, sample.distance_from_rest)
        if sample.distance_from_rest > self._low + REVERSE:
            return self._turn_again()
        if self._arrived() and not self._still_moving():
            return self._complete()
        if sample.t_s - self._samples[0].t_s > self._rules.max_s:
            return self._abandon("no_return")
        return None

    def _turn_again(self) -> Outcome:
        """Handle another way out: the next rep without a rest, or the same rep after a hitch."""
        before = self._samples[:-1]  # the last one may already be above the peak
        if self._returned(self._low) < self._rules.min_return or self._bar_stays_up(before):
            self._phase, self._peak = "out", max(self._peak, self._samples[-1].distance_from_rest)
            return None
        away = [s.distance_from_rest for s in before]
        peak = away.index(max(away))
        lowest = min(range(peak, len(away)), key=away.__getitem__)
        following = self._samples[lowest:]
        self._samples = self._samples[: lowest + 1]
        outcome = self._complete()
        self._to_rest(following)
        self._level = following[0].distance_from_rest
        self._to_out()
        return outcome

    def _bar_stays_up(self, before: list[Sample]) -> bool:
        """Whether a bar that lies on the floor between reps has visibly stayed nearer to its highest place."""
        lowered = samples.bar_lowered(before) if self._rules.bar_on_floor else None
        return lowered is not None and lowered < BAR_DOWN

    def _returned(self, distance: float | None = None) -> float:
        """Share of the way back that the body has covered."""
        distance = self._samples[-1].distance_from_rest if distance is None and self._samples else distance or 0.0
        return (self._peak - distance) / max(self._peak - self._level, 1e-6)

    def _arrived(self) -> bool:
        returned = self._returned()
        return (
            returned >= 1 - AT_REST
            or (returned >= 1 - NEAR_REST and self._return_speed(0.09) < SETTLED_SPEED)
            or (returned >= ALL_BUT_BACK and self._still_at_rest())
            or (self._boundaries is not None and returned >= NEARLY_BACK and self._remaining_s() < -END_OVERDUE_S)
        )

    def _still_moving(self) -> bool:
        """Whether an arrived body goes on moving: a bar settles, knees straighten."""
        now_s = self._samples[-1].t_s
        self._arrived_s = now_s if self._arrived_s is None else self._arrived_s
        return now_s - self._arrived_s < WAIT_S and self._remaining_s() > END_LOOKAHEAD_S

    def _remaining_s(self) -> float:
        """How far ahead the rep's end lies."""
        return self._refined(self._turning_times())[2] - self._samples[-1].t_s

    def _still_at_rest(self) -> bool:
        return self._samples[-1].stage in self._resting and self._return_speed(STILL_S) < STILL_SPEED

    def _return_speed(self, over_s: float) -> float:
        """Distance per second, towards rest."""
        last, before = self._samples[-1], self._sample_before(over_s)
        return (before.distance_from_rest - last.distance_from_rest) / max(last.t_s - before.t_s, 1e-6)

    def _sample_before(self, seconds: float) -> Sample:
        now_s = self._samples[-1].t_s
        return next((s for s in reversed(self._samples) if now_s - s.t_s >= seconds), self._samples[0])

    def _to_rest(self, samples: list[Sample]) -> None:
        self._phase, self._samples, self._turned = "rest", samples, False

    def _to_out(self) -> None:
        self._phase, self._peak, self._arrived_s = "out", max(s.distance_from_rest for s in self._samples), None
        self._note_turn(self._samples[-1])

    def _note_turn(self, sample: Sample) -> None:
        """Note a visit to the turn's stage. Every rep needs its own, with the stage of rest before it."""
        far = not self._rules.turn_stage_needed and self._peak - self._level >= self._rules.min_range
        if (far or sample.stage == self._turn_stage) and (self._rested or self._turned):
            self._turned, self._rested = True, False

    def _abandon(self, reason: PartialReason) -> Outcome:
        """Forget the rep under way, and report it if its range was that of a rep."""
        reported = self._phase in ("out", "back") and self._turned and self._peak - self._level >= self._least_range()
        if not reported:
            self._phase, self._samples, self._turned = "unready", [], False
            return None
        times = self._turning_times(self._samples[-1].t_s)
        self._phase, self._samples, self._turned = "unready", [], False
        return Abandoned(times=times, reason=reason)

    def _least_range(self) -> float:
        return max(self._rules.min_range, self._rules.min_range_of_set * self._usual_range())

    def _usual_range(self) -> float:
        """Median of the set's ranges and the usual one, which is left out where the hands are too inaccurate for it."""
        ranges = [*([USUAL_RANGE] if self._rules.turn_stage_needed else []), *self._ranges]
        return median(ranges or [0.0])

    def _complete(self, released_s: float | None = None) -> Outcome:
        """End the movement, with the body back at rest or the bar released."""
        times = self._turning_times(released_s)
        counted = self._accept(times, released_s)
        too_small = None if counted else self._too_small(times)
        self._to_rest([self._samples[-1]])
        if not counted:
            return too_small
        self._last_end_s = times.end_s
        self._ranges.extend(one.span for one in counted)
        self._holds.extend(one.hang for one in counted)
        return Completed(reps=tuple(one.times for one in counted))

    def _too_small(self, times: Times) -> Abandoned | None:
        """A movement that only turned too early; without the stage of the turn it must soon follow a rep of the set."""
        span = self._peak - self._level
        follows = bool(self._ranges) and times.start_s - self._last_end_s <= SHORT_WITHIN_S
        tried = span >= TRIED * self._usual_range() and (span < self._least_range() if self._turned else follows)
        if self._initial.pending or not (tried and self._has_the_times_of_a_rep(times)):
            return None
        if not self.lifts.is_like_a_lift(self._candidate(times, None), self._samples, times):
            return None
        reason: PartialReason = "shallow" if self._rules.rest == "up" else "short"
        return Abandoned(times=times, reason=reason)

    def _like_the_set(self, start_s: float) -> bool:
        """Whether a movement soon follows a rep of a set, is large enough for one, and has the hands as in its reps."""
        if start_s - self._last_end_s > SHORT_WITHIN_S or self._peak - self._level < SHORT * median(self._ranges):
            return False
        hang = samples.hands(self._samples).at_lockout() - np.median(self._holds, axis=0)
        return bool(np.abs(hang).max() <= HUNG_AS_BEFORE)

    def _accept(self, times: Times, released_s: float | None) -> tuple[Candidate, ...]:
        """Return the movements that count now that this one is complete; it is the last of them."""
        large = self._peak - self._level >= self._least_range()
        if not (self._turned and large and self._has_the_times_of_a_rep(times)):
            return ()
        if self._plate is not None and self._plate.has_counted(times):
            return ()
        return self.lifts.accept(self._candidate(times, released_s), self._samples, times, released_s is not None)

    def _has_the_times_of_a_rep(self, times: Times) -> bool:
        start_s, turn_s, end_s = times
        return start_s < turn_s < end_s and self._rules.min_s <= end_s - start_s <= self._rules.max_s

    def _candidate(self, times: Times, released_s: float | None) -> Candidate:
        """times: turning points of its curve. released_s: when the lifter released the bar."""
        inside = [s for s in self._samples if times.start_s <= s.t_s <= times.end_s]
        start_s, turn_s, end_s = self._refined(times)
        return Candidate(
            times=Times(start_s, turn_s, min(end_s, self._samples[-1].t_s) if released_s is None else released_s),
            span=self._peak - self._level,
            hang=samples.hands(self._samples).at_lockout(),
            feet_px=quantiles.median(np.array([s.feet_px for s in inside])),
            size_px=float(quantiles.median(np.array([s.size_px for s in inside]))),
        )

    def _turning_times(self, end_s: float | None = None) -> Times:
        """end_s: None for that of the curve."""
        t_s, distance = (np.array([getattr(s, name) for s in self._samples]) for name in ("t_s", "distance_from_rest"))
        start, turn, end = turning_points(t_s, distance, lockout=self._rules.rest == "down")
        last_s = self._samples[end].t_s if end_s is None else end_s
        return Times(self._samples[start].t_s, self._samples[turn].t_s, last_s)

    def _refined(self, turns: Times) -> Times:
        """The boundaries from the whole body, whose end may be yet to come; `turns` where those make no rep."""
        if self._boundaries is None:
            return turns
        start_s, turn_s, end_s = self._boundaries.refine(self._samples, turns)
        first_s, last_s = self._samples[0].t_s, self._samples[-1].t_s
        start_s = max(start_s, first_s)
        return Times(start_s, turn_s, end_s) if start_s < turn_s < min(end_s, last_s) else turns
