"""Follows the way of the body from rest out to the turn and back, and proposes movements that may be reps.

A rep goes from rest (bar on the floor; standing, for a squat) out to the turn (lockout; deepest point) and back.

    phase      next       when the body
    unready    rest       is at rest
    rest       out        leaves the resting level
    out        back       reverses
    back       out        goes out again too early, in a hitch; or, as `RepDetector` decides, to the next turn
    back       rest       is back, as `RepDetector` decides
    out, back  unready    was lost or takes too long, as `RepDetector` decides
"""

from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Literal

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.core.quantiles import percentile
from livecoach.core.types import MovementTimes, StageName
from livecoach.decisions.counting import bar_evidence, tuning
from livecoach.decisions.counting.body_reader import BoundaryModel, body_curves, boundary_indices
from livecoach.decisions.counting.movement import Movement, Proposal
from livecoach.perception.body.body import Bodies, Body, gather


class UsualReps:
    """Learns from the latest reps how far reps usually go from rest, and how the hands usually hang at the turn."""

    def __init__(self, rules: RepRules) -> None:
        self._rules = rules
        self._spans: deque[float] = deque(maxlen=tuning.USUAL_REPS)
        self._holds: deque[np.ndarray] = deque(maxlen=tuning.USUAL_REPS)  # hang of the hands at the turns
        self.last_end_s = 0.0  # end of the last rep that counts

    def add(self, counted: Sequence[Movement], end_s: float) -> None:
        """Add reps that have just counted. The last rep ended at `end_s`."""
        self.last_end_s = end_s
        for movement in counted:
            self._spans.append(movement.span)
            self._holds.append(movement.hang)

    @property
    def is_known(self) -> bool:
        """Whether any rep has counted."""
        return bool(self._spans)

    @property
    def span(self) -> float:
        """The usual span (`Proposal.span`): the median of the latest reps; 0 before the first rep.

        If a rep must reach the stage of its turn, USUAL_SPAN counts like a further rep, also before the first rep.
        """
        spans = [*([tuning.USUAL_SPAN] if self._rules.turn_stage_needed else []), *self._spans]
        return median(spans or [0.0])

    @property
    def least_span(self) -> float:
        """The least span (`Proposal.span`) with which a movement can count as a rep."""
        return max(self._rules.min_range, self._rules.min_range_of_set * self.span)

    def progress(self, distance: float, level: float) -> float:
        """Return the share of the usual range of motion that the body has covered, 0…1.

        Args:
            distance: Current distance from rest.
            level: Distance from rest of the body while it rests between reps.
        """
        usual = median(self._spans) if self._spans else 1.0 - level
        return min(max((distance - level) / max(usual, self._rules.min_range), 0.0), 1.0)

    def is_early_turn(self, proposal: Proposal, *, reached_turn: bool, early_turns: int) -> bool:
        """Return whether a movement that looks like a lift is a partial rep that turned too early.

        If the body has reached the stage of the turn, the span must be too small for a rep. Otherwise, the movement
        must start within SOON_S after a rep or, before the first rep, `early_turns` must be at least DOUBTFUL_REPS.

        Args:
            reached_turn: Whether the body has reached the stage of the turn.
            early_turns: Number of movements like lifts that turned too early within SOON_S, this movement included.
        """
        if reached_turn:
            return proposal.span < self.least_span
        return self._follows_soon(proposal) if self.is_known else early_turns >= tuning.DOUBTFUL_REPS

    def continues_set(self, proposal: Proposal) -> bool:
        """Return whether a movement that was cut short looks like part of the set: soon after a rep, and far enough.

        The hands must hang at the turn as in earlier reps. At least one rep must have counted.
        """
        if not self._follows_soon(proposal) or proposal.span < tuning.CUT_SPAN * median(self._spans):
            return False
        hang = bar_evidence.measure_hang(proposal.samples)
        return bool(np.abs(hang - np.median(self._holds, axis=0)).max() <= tuning.CUT_HANG)

    def _follows_soon(self, proposal: Proposal) -> bool:
        return proposal.turns.start_s - self.last_end_s <= tuning.SOON_S


Phase = Literal["unready", "rest", "out", "back"]  # phase of the way, as in the table above


class BodyWay:
    """Follows the body from rest to the turn and back, and proposes to `RepDetector` movements that may be reps."""

    def __init__(self, rules: RepRules, usual: UsualReps, boundaries: BoundaryModel | None) -> None:
        """Start before the first sample. Without `boundaries`, a rep goes from turning point to turning point."""
        self._rules, self._usual, self._boundaries = rules, usual, boundaries
        self._turn_stage: StageName = "up" if rules.rest == "down" else "down"
        self.phase: Phase = "unready"
        self.samples: list[Body] = []  # samples of the way and of the rest before it
        self.level = 0.0  # distance from rest of the resting body
        self.peak = 0.0  # largest distance of the way
        self._low = 0.0  # least distance since the peak
        self.turned = False  # whether the way has visited the stage of the turn
        self._was_held = False  # whether the way was proposed while it was held at its turn
        self._rested = False  # whether the stage of rest came since the last turn
        self._arrived_s: float | None = None
        self._gathered: tuple[Body, Bodies] | None = None  # last sample of the samples that were last gathered, and all
        self._latest: tuple[Bodies, MovementTimes, MovementTimes] | None = None  # samples, turns, boundaries

    @property
    def gathered(self) -> Bodies:
        """The samples, gathered in arrays."""
        last = self.samples[-1]
        if self._gathered is None or self._gathered[0] is not last or len(self._gathered[1].t_s) != len(self.samples):
            self._gathered = last, gather(self.samples)
        return self._gathered[1]

    @property
    def span(self) -> float:
        """The distance of the peak above the resting level."""
        return self.peak - self.level

    @property
    def is_under_way(self) -> bool:
        """Whether the body is on its way out or back."""
        return self.phase in ("out", "back")

    @property
    def is_overdue(self) -> bool:
        """Whether the way and the remembered rest before the way have lasted longer than a rep may last."""
        return self.samples[-1].t_s - self.samples[0].t_s > self._rules.max_s

    @property
    def has_reached_turn(self) -> bool:
        """Whether the way has reached the turn, if a rep of the exercise is complete at the turn; otherwise False."""
        if not (self._rules.done_at_turn and self.turned):
            return False
        if self._usual.is_known:
            return self.span >= tuning.TURN_REACHED * self._usual.span
        return self.peak >= tuning.TURN_REACHED

    @property
    def returned_share(self) -> float:
        """The share of the way back that the body has covered."""
        return (self.peak - self.samples[-1].distance_from_rest) / max(self.span, 1e-6)

    @property
    def turn_s(self) -> float:
        """The time in seconds of the turn, judged from the way so far."""
        return self._boundaries_of(self.gathered)[0].turn_s

    def step(self, sample: Body) -> Proposal | None:
        """Add the next sample, and return a proposal if the movement may be a rep, or takes too long; else None.

        The proposal ends with this sample or, if the body went out again, with an earlier sample. A proposal does not
        end the way: the caller ends, resumes or gives up the way.
        """
        self.samples.append(sample)
        is_near = not self._rules.rest_stage_needed and sample.distance_from_rest < tuning.AT_REST_DISTANCE
        is_at_rest = is_near or self._is_in_rest_stage(sample)
        self._rested |= is_at_rest
        match self.phase:
            case "unready":
                self.samples = [sample]
                if is_at_rest:
                    self.end_at_rest()
            case "rest":
                self._follow_rest(sample)
            case "out":
                return self._follow_out(sample)
            case "back":
                return self._follow_back(sample)
        return None

    def _is_in_rest_stage(self, sample: Body) -> bool:
        """Return whether the body is in the stage of rest, or the exercise does not need the stage of its turn."""
        return not self._rules.turn_stage_needed or sample.stage == self._rules.rest

    def _follow_rest(self, sample: Body) -> None:
        while sample.t_s - self.samples[0].t_s > tuning.REST_MEMORY_S:
            del self.samples[0]
        distances = sorted(s.distance_from_rest for s in self.samples)
        self.level = distances[len(distances) // 10]  # not the least, which one wrong frame would change
        if sample.distance_from_rest > self.level + tuning.LEAVES_REST:
            self._leave()

    def _leave(self) -> None:
        self.phase, self.peak, self._arrived_s = "out", max(s.distance_from_rest for s in self.samples), None
        self._note_turn(self.samples[-1])

    def _note_turn(self, sample: Body) -> None:
        """Note a visit to the turn's stage, which every rep needs, with the stage of rest before it."""
        far = not self._rules.turn_stage_needed and self.span >= self._rules.min_range
        if (far or sample.stage == self._turn_stage) and (self._rested or self.turned):
            self.turned, self._rested = True, False

    def _follow_out(self, sample: Body) -> Proposal | None:
        self.peak = max(self.peak, sample.distance_from_rest)
        self._note_turn(sample)
        if self.is_overdue:
            return self.propose_unfinished()
        if sample.distance_from_rest < self.peak - tuning.REVERSAL:
            self.phase, self._low = "back", sample.distance_from_rest
        elif (
            self._rules.counts_when_held
            and not self._was_held
            and self.has_reached_turn
            and _is_held_at_peak(self.samples, self.peak)
            and self.turn_s <= sample.t_s - tuning.HOLD_S
        ):
            self._was_held = True
            return self.propose_up_to_turn(sample.t_s)
        return None

    def _follow_back(self, sample: Body) -> Proposal | None:
        self._low = min(self._low, sample.distance_from_rest)
        if sample.distance_from_rest > self._low + tuning.REVERSAL:
            if (self.peak - self._low) / max(self.span, 1e-6) >= self._rules.min_return:
                away = [s.distance_from_rest for s in self.samples[:-1]]  # the last may already be above the peak
                lowest = min(range(away.index(max(away)), len(away)), key=away.__getitem__)
                return self.propose_out_and_back("again", self.gathered.choose(slice(lowest + 1)))
            self.resume_way_out()
        elif self._has_arrived(sample):
            return self.propose_out_and_back("back", self.gathered)
        elif self.is_overdue:
            return self.propose_unfinished()
        return None

    def _has_arrived(self, sample: Body) -> bool:
        """Return whether the body is back: it has almost reached rest, has settled, or is past the refined end.

        In the stage of rest, a slow body may have covered less of the way. For a while, a body that goes on moving is
        not back yet: a bar settles, knees straighten.
        """
        returned, samples = self.returned_share, self.samples
        is_slow = returned >= tuning.SLOW_RETURNED
        is_slow = is_slow and speed_towards_rest(samples, tuning.SLOW_OVER_S) < tuning.SLOW_SPEED
        rests = returned >= tuning.STILL_RETURNED and self._is_in_rest_stage(sample)
        rests = rests and speed_towards_rest(samples, tuning.STILL_OVER_S) < tuning.STILL_SPEED
        passes = self._boundaries is not None and returned >= tuning.END_RETURNED
        is_near = returned >= tuning.ARRIVED or is_slow or rests
        if not (is_near or passes):
            return False
        ahead_s = self._boundaries_of(self.gathered)[1].end_s - sample.t_s
        if not is_near and ahead_s >= -tuning.END_PASSED_S:
            return False
        self._arrived_s = sample.t_s if self._arrived_s is None else self._arrived_s
        return sample.t_s - self._arrived_s >= tuning.STILL_MOVING_S or ahead_s <= tuning.END_AHEAD_S

    def finish(self) -> Proposal | None:
        """Propose the way so far at the end of the source, finished or not; return None if no way is under way."""
        if not self.is_under_way:
            return None
        has_left = self.phase == "back" and self.turned and self.samples[-1].stage != self._turn_stage
        if has_left and self.returned_share >= tuning.STILL_RETURNED:
            return self.propose_out_and_back("back", self.gathered)
        since_s = self.samples[-1].t_s - tuning.TURN_LEFT_S
        far = self.level + tuning.TURN_REACHED * self.span
        if self.has_reached_turn and any(s.distance_from_rest >= far for s in self.samples if s.t_s >= since_s):
            return self.propose_up_to_turn(min(self.turn_s + tuning.TURN_S, self.samples[-1].t_s))
        return self.propose_unfinished()

    def end_at_rest(self) -> None:
        """Discard the way so far, and wait at rest, beginning with the newest sample, for the next way."""
        self._restart("rest", [self.samples[-1]])

    def give_up(self) -> None:
        """Forget the way, and wait until the body is at rest again."""
        self._restart("unready", [])

    def resume_way_out(self) -> None:
        """Treat the way back so far as a hitch, so that the way out goes on."""
        self.phase, self.peak = "out", max(self.peak, self.samples[-1].distance_from_rest)

    def begin_next_way(self, ended: Proposal) -> None:
        """End the way at the last sample of a proposal, and begin the next way with this sample."""
        self._restart("out", self.samples[len(ended.samples.t_s) - 1 :])
        self.level = self.samples[0].distance_from_rest
        self._leave()

    def _restart(self, phase: Phase, samples: list[Body]) -> None:
        self.phase, self.samples = phase, samples
        self.turned = self._was_held = False

    def propose_out_and_back(self, kind: Literal["back", "again"], samples: Bodies) -> Proposal:
        """Propose a way out and back that ends with the last of `samples`."""
        turns, refined = self._boundaries_of(samples)
        times = refined._replace(end_s=min(refined.end_s, float(samples.t_s[-1])))
        return Proposal(kind=kind, turns=turns, times=times, span=self.span, samples=samples)

    def propose_up_to_turn(self, end_s: float) -> Proposal:
        """Propose the movement so far as a rep that ends at its turn: at `end_s` or, if later, at the refined turn."""
        turns = self._boundaries_of(self.gathered)[0]._replace(end_s=end_s)
        refined = self._refined(self.gathered, turns)
        times = refined._replace(end_s=max(end_s, refined.turn_s))
        return Proposal(kind="turn", turns=turns, times=times, span=self.span, samples=self.gathered)

    def propose_unfinished(self) -> Proposal:
        """Propose the way so far as a part of a rep that ends with the last sample."""
        turns = self._boundaries_of(self.gathered)[0]._replace(end_s=self.samples[-1].t_s)
        return Proposal(kind="open", turns=turns, times=turns, span=self.span, samples=self.gathered)

    def _boundaries_of(self, samples: Bodies) -> tuple[MovementTimes, MovementTimes]:
        """Return the turning points of the distance from rest, and the boundaries refined by the whole body."""
        if self._latest is None or self._latest[0] is not samples:
            is_up = self._rules.rest == "down"
            indices = boundary_indices(samples.t_s, samples.distance_from_rest, lockout=is_up)
            turns = MovementTimes(*samples.t_s[[*indices]].tolist())
            self._latest = samples, turns, self._refined(samples, turns)
        return self._latest[1:]

    def _refined(self, samples: Bodies, turns: MovementTimes) -> MovementTimes:
        """Return the boundaries refined by the whole body, or `turns` if these make no rep. The end may come later."""
        if self._boundaries is None:
            return turns
        start_s, turn_s, end_s = self._boundaries.refine(samples.t_s, body_curves(samples), turns)
        start_s, last_s = max(start_s, float(samples.t_s[0])), float(samples.t_s[-1])
        if turn_s >= last_s:  # in a rep that is held, the lifter may still be standing up
            _, turn_s, end_s = turns
        return MovementTimes(start_s, turn_s, end_s) if start_s < turn_s < min(end_s, last_s) else turns


def speed_towards_rest(samples: Sequence[Body], over_s: float) -> float:
    """Return the speed towards rest: the fall of `distance_from_rest` per second, over the last `over_s` seconds."""
    last = samples[-1]
    before = next((s for s in reversed(samples) if last.t_s - s.t_s >= over_s), samples[0])
    return (before.distance_from_rest - last.distance_from_rest) / max(last.t_s - before.t_s, 1e-6)


def _is_held_at_peak(samples: Sequence[Body], peak: float) -> bool:
    """Return whether the body has stayed at the peak of its way for the last HOLD_S, nearly as tall as on the way."""
    since_s = samples[-1].t_s - tuning.HOLD_S
    latest = [s for s in samples if s.t_s >= since_s]
    if min(s.distance_from_rest for s in latest) < peak - tuning.HOLD_SWAY:
        return False
    tall = percentile(np.array([s.measures.shoulder_height for s in samples]), 90)
    return bool(min(s.measures.shoulder_height for s in latest) >= tall - tuning.HOLD_LOWER)
