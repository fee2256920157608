"""A pure state machine that takes a body per frame, and returns the outcomes of movements out and back as they end.

A rep goes from rest (bar on the floor; standing, for a squat) out to the turn (lockout; deepest point) and back.
"""

from collections import deque
from collections.abc import Callable, Sequence
from statistics import median
from typing import Literal

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.core.types import PartialReason, StageName, Times
from livecoach.decisions.counting import bar
from livecoach.decisions.counting.boundary_regression import Boundaries
from livecoach.decisions.counting.evidence import Evidence
from livecoach.decisions.counting.lifts import LiftScorer
from livecoach.decisions.counting.movement import Movement, Way, stays_in_place
from livecoach.decisions.counting.outcomes import Counted, Lowered, Outcome, Partial
from livecoach.decisions.counting.plate_lifts import PlateLifts
from livecoach.perception.body.body import Body

START_DISTANCE = 0.15  # Distance above the resting level from which a rep may be under way: twice the sway at rest
REVERSE = 0.12  # Least way back, or out again, that is no wobble
REST_MEMORY_S = 1.5  # Seconds of which the resting level is the 10th percentile: where a lifter settles before a rep
SETTLED_SPEED = 0.35  # Distance per second below which a returning body has arrived; it is 0.5…2 in lowering
SETTLED_OVER_S = 0.09  # Time in seconds over which that speed is measured
AT_REST = 0.03  # Share of the way back that may be missing when the body has arrived at any speed
ALL_BUT_BACK = 0.7  # Share of the way back of a settling body, or of the last rep of a source that ends early
AT_TURN = 0.85  # Share of the usual way out from which a rep that is done at its turn has been there. Our choice.
HELD_S, LEFT_S = 0.3, 3.0  # Seconds at the turn that belong to such a rep, and longest time on the way back
BAR_DOWN = 0.5  # Share of its rise by which a bar comes down between two reps: a third in a hitch. Our choice.
STILL_S, STILL_SPEED = 0.15, 0.3
"""Time in seconds, and distance per second, for which a body in the stage of rest has settled if it returns more
slowly, wherever noise, or a bar that was set down elsewhere, keeps it."""
WAIT_S = 0.5  # Longest time in seconds for which a body that has arrived goes on moving
END_LOOKAHEAD_S = 0.06  # Time in seconds before its end at which a rep is reported: that which reporting takes
END_OVERDUE_S, NEARLY_BACK = 0.05, 0.85
"""Seconds since the end of a rep, by the whole body, and share of the way back, from which it is reported."""
REST_HALF_DISTANCE = 0.5  # Distance below which a body is at rest, unlike at the bottom of a squat
LOST_S = 2.0  # Time in seconds out of view after which a rep is lost
NEAR_REST = 0.2  # Share of the rep's range that may be left when the body settles. Measured on synthetic sets.
AT_ONCE_S = 0.5  # Time of the source in seconds within which the first body must be visible. Our choice.
SET_REPS = 5  # Latest reps of a set that give its span, and the hang of the hands
USUAL_SPAN = 1.0  # Span of reps while that of the set is unknown
TRIED = 0.2  # Least share of the set's span of a partial rep that turns too early. Our choice, like the next three.
SHORT, SHORT_WITHIN_S, HUNG_AS_BEFORE = 0.35, 20.0, 0.08
"""Least share of the set's span of a partial rep that the end of the source cuts off, longest time in seconds between a
rep of the set and its start, and largest distance of its hands from those at the turns of the set, in lengths of torso
and legs."""

Phase = Literal["unready", "rest", "out", "back"]


Outcomes = tuple[Outcome, ...]
"""The outcomes of a sample, in order: reps, of which all except the last were in doubt until it was completed; or a
partial rep; or the end of a rep that was held."""


class RepMachine:
    """Counts the reps of an exercise from successive bodies."""

    def __init__(self, rules: RepRules, lift: LiftScorer | None = None, boundaries: Boundaries | None = None) -> None:
        """Start a source. The models are None if the exercise has none."""
        self._rules, self._may_overrun = rules, boundaries is not None
        self.evidence = Evidence(rules, lift)
        self._initial = InitialRep(rules)
        self._plate = self._new_plate()
        self._way = Way(rules, boundaries)  # the rep under way, or the last REST_MEMORY_S at rest
        self._usual = UsualReps(rules)
        self._phase: Phase = "unready"
        self._rested = False  # whether the stage of rest came since the last turn
        self._arrived_s: float | None = None
        self._phases: dict[Phase, Callable[[Body], Outcomes]] = {
            "unready": self._unready,
            "rest": self._rest,
            "out": self._out,
            "back": self._back,
        }

    @property
    def progress(self) -> float | None:
        """Progress through the range of motion, 0…1, while a rep is under way; None otherwise."""
        return self._usual.progress(self._way) if self._phase in ("out", "back") else None

    def step(self, sample: Body) -> Outcomes:
        """Add the next sample, in order of time, and return its outcomes."""
        initial = self._initial.step(sample)
        before = self._lose_after_cut(sample) or self.lose_after_gap(sample.t_s) or initial
        if self._plate is not None:
            self._plate.add(sample)
        self._way.samples.append(sample)
        self._rested |= self._at_rest(sample)
        now = self._phases[self._phase](sample)
        if any(isinstance(outcome, Counted) for outcome in now):
            self._initial.give_up()
        return self._with_plate(now or before, sample)

    def _new_plate(self) -> PlateLifts | None:
        rules = self._rules
        moves_plate = rules.bar_on_floor or rules.bar_on_back
        return PlateLifts(rules.min_s, rules.max_s, on_back=rules.bar_on_back) if moves_plate else None

    def _lose_after_cut(self, sample: Body) -> Outcomes:
        """Lose the rep under way if the picture has another size or orientation."""
        if not self._way.samples or sample.framing == self._way.last.framing:
            return ()
        self._plate = self._new_plate()
        self._initial.give_up()
        return self._give_up("lost")

    def lose_after_gap(self, t_s: float) -> Outcomes:
        """Lose the rep under way after LOST_S out of view."""
        if self._way.samples and t_s - self._way.last.t_s > LOST_S:
            return self._give_up("lost")
        return ()

    def finish(self) -> Outcomes:
        """End the source: a rep that is almost back, or done at its turn, counts; any other is a partial rep."""
        return self._with_plate(self._finish(), None)

    def _with_plate(self, outcomes: Outcomes, sample: Body | None) -> Outcomes:
        """Return the outcomes by the body, or the lift that counts by the plate. `sample` is None at the end."""
        if self._plate is None:
            return outcomes
        counted = [outcome.times for outcome in outcomes if isinstance(outcome, Counted)]
        for times in counted:
            self._plate.count(times)
        lift = None if counted else self._plate.lift_due(None if sample is None else sample.t_s)
        if lift is None:
            return outcomes
        self.evidence.close(lift)
        self._usual.last_end_s = lift.end_s
        return (Counted(times=lift, by_plate=True),)

    def _finish(self) -> Outcomes:
        way = self._way
        if self._phase not in ("out", "back") or way.counted is not None:
            return ()
        almost_back = self._phase == "back" and way.turned and way.returned() >= ALL_BUT_BACK
        if almost_back and way.last.stage != self._turn_stage:
            return self._complete()
        turn_s, last_s = way.turns().turn_s, way.last.t_s
        near = last_s - way.last_at(AT_TURN) <= LEFT_S and self._was_at_turn()
        if near and (done := self._done_at_turn(min(turn_s + HELD_S, last_s))):
            return (_counted(done),)
        if self._phase == "out" and not way.turned:
            return self._cut_on_the_way_out()
        pulled = self._rules.rest == "down" and (self._phase == "out" or way.returned() < REVERSE)
        return self._abandon("no_lowering" if pulled else "cut")

    def _was_at_turn(self) -> bool:
        """Return whether the movement under way has reached the turn, and a rep of this exercise is done there."""
        way, usual = self._way, self._usual
        if not (self._rules.done_at_turn and way.turned):
            return False
        return way.span >= AT_TURN * usual.span if usual.is_known else way.peak >= AT_TURN

    def _done_at_turn(self, end_s: float) -> Movement | None:
        """Return the rep that ends at its turn; None if there is none."""
        movement = self._movement(end_s)
        if movement is None or self._counted_by_plate(movement.turns) or not self.evidence.counts_at_turn(movement):
            return None
        return movement

    def _counted_by_plate(self, turns: Times) -> bool:
        return self._plate is not None and self._plate.has_counted(turns)

    def _cut_on_the_way_out(self) -> Outcomes:
        way = self._way
        start_s, last = way.turns().start_s, way.last
        going = way.peak - last.distance_from_rest < REVERSE and way.span >= self._usual.least_span
        if not (going and stays_in_place(way.samples, self._rules)) or (
            self._usual.is_known and not self._usual.is_like(way, start_s)
        ):
            return ()
        return (Partial(times=Times(start_s, last.t_s, last.t_s), reason="cut"),)

    @property
    def _turn_stage(self) -> StageName:
        return "up" if self._rules.rest == "down" else "down"

    def _is_resting(self, sample: Body) -> bool:
        """Return whether the body is in the stage of rest, or the exercise does not need that of its turn."""
        return not self._rules.turn_stage_needed or sample.stage == self._rules.rest

    def _at_rest(self, sample: Body) -> bool:
        near = not self._rules.rest_stage_needed and sample.distance_from_rest < REST_HALF_DISTANCE
        return near or self._is_resting(sample)

    def _unready(self, sample: Body) -> Outcomes:
        self._way.samples = [sample]
        if self._at_rest(sample):
            self._to_rest([sample])
        return ()

    def _rest(self, sample: Body) -> Outcomes:
        way = self._way
        while way.duration_s > REST_MEMORY_S:
            del way.samples[0]
        distances = sorted(s.distance_from_rest for s in way.samples)
        way.level = distances[len(distances) // 10]  # not the least, which one wrong frame would change
        if sample.distance_from_rest > way.level + START_DISTANCE:
            self._to_out()
        return ()

    def _out(self, sample: Body) -> Outcomes:
        way = self._way
        way.peak = max(way.peak, sample.distance_from_rest)
        self._note_turn(sample)
        if way.duration_s > self._rules.max_s:
            return self._give_up("no_lowering" if self._rules.rest == "down" else "no_return")
        if sample.distance_from_rest < way.peak - REVERSE:
            self._phase, way.low = "back", sample.distance_from_rest
        elif self._rules.counts_held and not way.was_held and self._was_at_turn() and way.is_held():
            return self._hold()
        return ()

    def _hold(self) -> Outcomes:
        """Count the rep if its way out is a lift; otherwise it waits until it is complete."""
        self._way.was_held = True
        counted = self._way.counted = self._done_at_turn(self._way.last.t_s)
        if counted is None:
            return ()
        self.evidence.close(counted.times)
        self._usual.add([counted], counted.times.end_s)
        return (_counted(counted),)

    def _back(self, sample: Body) -> Outcomes:
        way = self._way
        way.low = min(way.low, sample.distance_from_rest)
        if sample.distance_from_rest > way.low + REVERSE:
            return self._turn_again()
        if self._arrived() and not self._still_moving() and not self._bar_is_away(way.samples):
            return self._complete()
        return self._give_up("no_return") if way.duration_s > self._rules.max_s else ()

    def _turn_again(self) -> Outcomes:
        """Handle another way out: the next rep without a rest, or the same rep after a hitch."""
        way = self._way
        before = way.samples[:-1]  # the last one may already be above the peak
        if way.returned(way.low) < self._rules.min_return or self._bar_is_away(before):
            self._phase, way.peak = "out", max(way.peak, way.last.distance_from_rest)
            return ()
        away = [s.distance_from_rest for s in before]
        peak = away.index(max(away))
        lowest = min(range(peak, len(away)), key=away.__getitem__)
        following = way.samples[lowest:]
        way.samples = way.samples[: lowest + 1]
        outcomes = self._complete()
        self._to_rest(following)
        way.level = following[0].distance_from_rest
        self._to_out()
        return outcomes

    def _bar_is_away(self, way: list[Body]) -> bool:
        """Return whether a visible bar stays nearer to the turn: the body only seems back, or reverses in a hitch."""
        if self._rules.bar_on_floor:
            lowered = bar.bar_lowered(way)
            return lowered is not None and lowered < BAR_DOWN
        return self._plate is not None and self._plate.is_away(self._way.last.t_s)

    def _arrived(self) -> bool:
        way = self._way
        returned = way.returned()
        still = self._is_resting(way.last) and way.return_speed(STILL_S) < STILL_SPEED
        return (
            returned >= 1 - AT_REST
            or (returned >= 1 - NEAR_REST and way.return_speed(SETTLED_OVER_S) < SETTLED_SPEED)
            or (returned >= ALL_BUT_BACK and still)
            or (self._may_overrun and returned >= NEARLY_BACK and way.remaining_s() < -END_OVERDUE_S)
        )

    def _still_moving(self) -> bool:
        """Return whether a body that has arrived goes on moving: a bar settles, knees straighten."""
        now_s = self._way.last.t_s
        self._arrived_s = now_s if self._arrived_s is None else self._arrived_s
        return now_s - self._arrived_s < WAIT_S and self._way.remaining_s() > END_LOOKAHEAD_S

    def _to_rest(self, following: list[Body]) -> None:
        self._phase = "rest"
        self._way.restart(following)

    def _to_out(self) -> None:
        way = self._way
        self._phase, way.peak, self._arrived_s = "out", max(s.distance_from_rest for s in way.samples), None
        self._note_turn(way.last)

    def _note_turn(self, sample: Body) -> None:
        """Note a visit to the turn's stage. Every rep needs its own, with the stage of rest before it."""
        far = not self._rules.turn_stage_needed and self._way.span >= self._rules.min_range
        if (far or sample.stage == self._turn_stage) and (self._rested or self._way.turned):
            self._way.turned, self._rested = True, False

    def _give_up(self, reason: PartialReason) -> Outcomes:
        """Abandon a movement that takes too long.

        It is a partial rep unless its way up is no lift by itself: people stand up from a bench.
        """
        alone = self._rules.done_at_turn and self._way.turned
        up = self._movement(self._way.turns().turn_s + HELD_S) if alone else None
        partial = self._abandon(reason)
        return partial if up is None or self.evidence.is_like_a_lift(up) else ()

    def _abandon(self, reason: PartialReason) -> Outcomes:
        """Forget the movement under way, and report it if it went as far as a rep and has not counted by the plate."""
        way, phase = self._way, self._phase
        is_rep = phase in ("out", "back") and way.turned and way.span >= self._usual.least_span and way.counted is None
        times = way.turns(way.last.t_s) if is_rep else None
        self._phase = "unready"
        way.restart([])
        if times is None or self._counted_by_plate(times):
            return ()
        return (Partial(times=times, reason=reason),)

    def _complete(self) -> Outcomes:
        """End the movement, with the body back at rest."""
        movement = self._movement()
        if self._way.counted is not None:
            return self._lower(self._way.counted, movement)
        counted = () if movement is None else self._accept(movement)
        too_small = () if movement is None or counted else self._too_small(movement)
        self._to_rest([self._way.last])
        if movement is not None and counted:
            self._usual.add(counted, movement.turns.end_s)
        return tuple(map(_counted, counted)) or too_small

    def _lower(self, held: Movement, movement: Movement | None) -> Outcomes:
        """End a rep that has counted while it was held. `movement` is the whole rep; None if it takes no rep's time."""
        self._to_rest([self._way.last])
        if movement is None:
            return ()
        lowered = movement.lowered_after(held)
        self.evidence.accept(lowered)
        self._usual.last_end_s = lowered.turns.end_s
        return (Lowered(times=lowered.times),)

    def _movement(self, released_s: float | None = None) -> Movement | None:
        """Return the movement that ends; None if it takes no rep's time.

        Args:
            released_s: Time at which it ended at its turn; None if it came back.
        """
        turns = self._way.turns(released_s)
        start_s, turn_s, end_s = turns
        in_order = start_s < turn_s < end_s or (released_s is not None and start_s < turn_s == end_s)
        lasts = in_order and self._rules.min_s <= end_s - start_s <= self._rules.max_s
        return self._way.movement(turns, released_s) if lasts else None

    def _too_small(self, movement: Movement) -> Outcomes:
        if self._initial.pending or not self._usual.is_tried(self._way, movement.turns.start_s):
            return ()
        if not self.evidence.is_like_a_lift(movement):
            return ()
        return (Partial(times=movement.turns, reason="shallow" if self._rules.rest == "up" else "short"),)

    def _accept(self, movement: Movement) -> tuple[Movement, ...]:
        """Return the movements that count now that a movement is complete, which is the last of them."""
        if not self._way.turned or movement.span < self._usual.least_span:
            return ()
        if self._counted_by_plate(movement.turns):
            return ()
        return self.evidence.accept(movement)


def _counted(movement: Movement) -> Counted:
    return Counted(times=movement.times, is_half=movement.released)


class UsualReps:
    """The usual span of the reps of a set so far, and the usual hang of the hands."""

    def __init__(self, rules: RepRules) -> None:
        self._rules = rules
        self._spans: deque[float] = deque(maxlen=SET_REPS)
        self._holds: deque[np.ndarray] = deque(maxlen=SET_REPS)  # hang of the hands at the turns
        self.last_end_s = 0.0  # end of the last rep that counts

    def add(self, counted: Sequence[Movement], end_s: float) -> None:
        """Add reps that count, and the end of the last."""
        self.last_end_s = end_s
        self._spans.extend(movement.span for movement in counted)
        self._holds.extend(movement.hang for movement in counted)

    @property
    def is_known(self) -> bool:
        return bool(self._spans)

    @property
    def hang(self) -> np.ndarray | None:
        """(3,) median hang of the hands at the turns; None before the first rep."""
        return np.median(self._holds, axis=0) if self._holds else None

    @property
    def span(self) -> float:
        """Median of the set's spans and USUAL_SPAN, which is left out if the hands are too inaccurate for it."""
        spans = [*([USUAL_SPAN] if self._rules.turn_stage_needed else []), *self._spans]
        return median(spans or [0.0])

    @property
    def least_span(self) -> float:
        """Least span of a rep."""
        return max(self._rules.min_range, self._rules.min_range_of_set * self.span)

    def progress(self, way: Way) -> float:
        """Return the progress through the range of motion, 0…1."""
        usual = median(self._spans) if self._spans else 1.0 - way.level
        share = (way.last.distance_from_rest - way.level) / max(usual, self._rules.min_range)
        return min(max(share, 0.0), 1.0)

    def is_tried(self, way: Way, start_s: float) -> bool:
        """Return whether a movement only turned too early; without the stage of the turn it must soon follow a rep."""
        follows = self.is_known and start_s - self.last_end_s <= SHORT_WITHIN_S
        return way.span >= TRIED * self.span and (way.span < self.least_span if way.turned else follows)

    def is_like(self, way: Way, start_s: float) -> bool:
        """Return whether a movement soon follows a rep, and has the size of a rep and the hands' hang."""
        hang = self.hang
        if hang is None or start_s - self.last_end_s > SHORT_WITHIN_S or way.span < SHORT * median(self._spans):
            return False
        return bool(np.abs(bar.hands_of(way.samples).at_lockout() - hang).max() <= HUNG_AS_BEFORE)


class InitialRep:
    """Notices a rep that was under way when the source began: it is reported, but does not count.

    Its body is far from rest at first, comes back all the way and stays on the spot. If the bar rests on the floor, the
    plate must go down with the hands: a lifter may stand upright before a set.
    """

    def __init__(self, rules: RepRules) -> None:
        self._rules = rules
        self._samples: list[Body] | None = []  # since the source's first; None once decided
        self._peak = 0.0

    @property
    def pending(self) -> bool:
        """Whether a rep that began before the source may be under way."""
        return bool(self._samples)

    def step(self, sample: Body) -> Outcomes:
        """Return the rep that began before the source once it has come back."""
        if self._samples is None:
            return ()
        before_s = self._samples[-1].t_s if self._samples else sample.t_s
        self._samples.append(sample)
        self._peak = max(self._peak, sample.distance_from_rest)
        first = self._samples[0]
        away = first.distance_from_rest > REST_HALF_DISTANCE and first.t_s <= AT_ONCE_S
        if not away or sample.t_s - before_s > LOST_S or sample.t_s - first.t_s > self._rules.max_s:
            self._samples = None
            return ()
        if sample.distance_from_rest > NEAR_REST:
            return ()
        of, self._samples = self._samples, None
        if not self._is_a_return(of):
            return ()
        turn = max(of, key=lambda sample: sample.distance_from_rest)
        return (Partial(times=Times(of[0].t_s, turn.t_s, of[-1].t_s), reason="begun"),)

    def give_up(self) -> None:
        """Stop, because the source's first movement was a rep."""
        self._samples = None

    def _is_a_return(self, of: list[Body]) -> bool:
        start_s, end_s = of[0].t_s, of[-1].t_s
        if end_s - start_s < self._rules.min_s / 2:
            return False
        if self._peak - of[-1].distance_from_rest < self._rules.min_range or not stays_in_place(of, self._rules):
            return False
        if not self._rules.bar_on_floor:
            return True
        return bar.bar_held(of, start_s, end_s) is True
