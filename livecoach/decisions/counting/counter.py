"""Counts the reps of an exercise: body measures → stage and distance from rest → proposals → reps.

`RepDetector` decides which movements are reps, from proposals at each sample. Proposals come from the body's way
(`BodyWay`), the hands on the bar (`bar_evidence`), the plate (`PlateLiftDetector`), and a rep that began before the
source (`InitialRepDetector`). `MovementEvidence` and the spans of the latest reps (`UsualReps`) decide which movements
count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from livecoach.core.config.exercise import Exercise, RepRules
from livecoach.core.types import MovementTimes, Observation, PartialReason, StageReading
from livecoach.decisions.counting import bar_evidence, tuning
from livecoach.decisions.counting.bar_evidence import PlateLiftDetector
from livecoach.decisions.counting.body_reader import BodyReader, BoundaryModel, StageModel
from livecoach.decisions.counting.evidence import LiftEvidence, MovementEvidence, PersonalLiftModel
from livecoach.decisions.counting.movement import Movement, Proposal, describe_movement, stays_in_place
from livecoach.decisions.counting.way import BodyWay, UsualReps
from livecoach.perception.body.body import Bodies, Body, gather


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A rep that counts from now on. Each earlier rep that was in doubt and counts now has a `Counted` of its own."""

    times: MovementTimes
    is_half: bool = False  # Whether the rep ended at its turn: the bar is held there, or the source ended
    by_plate: bool = False  # Whether only the plate shows the rep, so that no form can be judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A partial rep: a movement that was not completed, or not seen completely, and does not count."""

    times: MovementTimes
    """The turn is farthest out or at lockout. A movement without a complete way back ends with the last sample."""
    reason: PartialReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """The end of a rep that counted while the bar was held at its turn."""

    times: MovementTimes  # Times of the whole rep, with the start and the turn with which it counted


Outcome = Counted | Partial | Lowered
Outcomes = tuple[Outcome, ...]
"""The outcomes of a sample, by their starts; none for most samples. They are reps, of which all except the last were in
doubt until the last was completed; or a partial rep; or the end of a rep that was held. A lift that only the plate
shows may come with them."""


class InitialRepDetector:
    """Detects a rep that was under way when the source began. Such a rep is reported as partial, and does not count.

    In such a rep, the body is far from rest at first, comes back all the way and stays on the spot. If the bar lies on
    the floor at rest, the hands must move the bar, because a lifter may also stand upright before a set.
    """

    def __init__(self, rules: RepRules) -> None:
        self._rules = rules
        self._samples: list[Body] | None = []  # all samples of the source; None once decided

    @property
    def is_pending(self) -> bool:
        """Whether a rep may have been under way when the source began, and has not ended yet."""
        return bool(self._samples)

    def step(self, sample: Body) -> MovementTimes | None:
        """Add a sample, and return the times of a rep that began before the source and ends with the sample; else None.

        Once the rep under way when the source began has ended, or proved to be no rep, samples are ignored.
        """
        if self._samples is None:
            return None
        gap_s = sample.t_s - self._samples[-1].t_s if self._samples else 0.0
        self._samples.append(sample)
        first = self._samples[0]
        away = first.distance_from_rest > tuning.AT_REST_DISTANCE and first.t_s <= tuning.BEGINS_WITHIN_S
        if not away or gap_s > tuning.LOST_S or sample.t_s - first.t_s > self._rules.max_s:
            self._samples = None
            return None
        if sample.distance_from_rest > tuning.LEFT_OVER:
            return None
        samples, self._samples = self._samples, None
        turn = max(samples, key=lambda sample: sample.distance_from_rest)
        return MovementTimes(first.t_s, turn.t_s, sample.t_s) if self._is_return(samples, turn) else None

    def _is_return(self, samples: Sequence[Body], turn: Body) -> bool:
        start_s, last = samples[0].t_s, samples[-1]
        if last.t_s - start_s < self._rules.min_s / 2:
            return False
        if turn.distance_from_rest - last.distance_from_rest < self._rules.min_range:
            return False
        gathered = gather(samples)
        return stays_in_place(gathered, self._rules) and (
            not self._rules.bar_on_floor or bar_evidence.is_bar_held(gathered) is True
        )


class RepDetector:
    """Detects the reps of an exercise in a series of bodies, which come in order of time."""

    def __init__(self, rules: RepRules, lift: LiftEvidence, boundaries: BoundaryModel | None = None) -> None:
        """Start before the first body. Without `boundaries`, a rep goes from turning point to turning point."""
        self._rules, self._moves_plate = rules, rules.bar_on_floor or rules.bar_on_back
        self._describe = partial(describe_movement, rules=rules, with_unheld=isinstance(lift, PersonalLiftModel))
        self.evidence = MovementEvidence(rules, lift)  # for the movements so far, even if they have not counted
        self._usual = UsualReps(rules)
        self._body = BodyWay(rules, self._usual, boundaries)
        self._plate = self._new_plate()
        self._initial: InitialRepDetector | None = InitialRepDetector(rules)  # None once another rep has counted
        self._held: MovementTimes | None = None  # times of the rep under way, if it has counted while it was held
        self._unseen_s = list[float]()  # times without a body since the way's first sample
        self._tried_s = list[float]()  # ends of the movements like lifts that turned too early, within SOON_S

    @property
    def progress(self) -> float | None:
        """The progress through the range of motion, 0…1, while a rep is under way; None otherwise."""
        body = self._body
        return self._usual.progress(body.samples[-1].distance_from_rest, body.level) if body.is_under_way else None

    def add(self, sample: Body) -> Outcomes:
        """Add the next body, with its stage and distance from rest, and return the outcomes: for most bodies, none."""
        initial_times = None if self._initial is None else self._initial.step(sample)
        lost = self._lose(sample.t_s, sample.framing)
        if self._moves_plate:
            self._plate.add(sample)
        proposal = self._body.step(sample)
        outcomes = (() if proposal is None else self._decide(proposal)) or lost
        if not outcomes and initial_times is not None:
            outcomes = (Partial(times=initial_times, reason="begun"),)
        return self._with_plate(outcomes, sample.t_s)

    def _decide(self, proposal: Proposal) -> Outcomes:
        """Decide about a proposed way. While the bar is away, the body only seems to be back."""
        body = self._body
        outcomes: Outcomes = ()
        match proposal.kind:
            case "turn":
                outcomes = self._count_held(proposal)
            case "again" if self._bar_is_away(body.gathered.choose(slice(-1))):
                body.resume_way_out()
            case "again":
                outcomes = self._complete(proposal)
                body.begin_next_way(proposal)
            case "back" if not self._bar_is_away(body.gathered):
                outcomes = self._complete(proposal)
                body.end_at_rest()
            case _ if body.is_overdue:
                pulled = body.phase == "out" and self._rules.rest == "down"
                outcomes = self._give_up("no_lowering" if pulled else "no_return")
        return outcomes

    def _bar_is_away(self, samples: Bodies) -> bool:
        """Return whether a visible bar is not back yet: the body only seems back, or goes out again in a hitch."""
        if not self._rules.bar_on_floor:
            return self._plate.is_away(self._body.samples[-1].t_s)
        lowered = bar_evidence.measure_lowered_share(samples)
        return lowered is not None and lowered < tuning.BAR_DOWN

    def _complete(self, proposal: Proposal) -> Outcomes:
        """Decide about a way out and back. A movement that does not last like a rep is ignored."""
        held, self._held = self._held, None
        if not self._lasts_like_a_rep(proposal):
            return ()
        if held is not None:
            return self._lower(proposal, held)
        if self._body.turned and proposal.span >= self._usual.least_span:
            return self._count(proposal)
        return self._report_early_turn(proposal)

    def _lasts_like_a_rep(self, proposal: Proposal) -> bool:
        """Return whether a movement takes a rep's time, and at least half of its pictures show the body.

        A movement that ends at its turn is half a rep: its way out takes at least half of a rep's least time.
        """
        start_s, turn_s, end_s = proposal.turns
        t_s = proposal.samples.t_s
        seen = int(np.count_nonzero((t_s >= start_s) & (t_s <= end_s)))
        unseen = sum(start_s <= t_s <= end_s for t_s in self._unseen_s)
        is_half, least_s = proposal.kind == "turn", self._rules.min_s
        lasts = turn_s - start_s >= least_s / 2 if is_half else turn_s < end_s and end_s - start_s >= least_s
        return start_s < turn_s <= end_s <= start_s + self._rules.max_s and seen >= unseen and lasts

    def _count(self, proposal: Proposal) -> Outcomes:
        """Count a whole rep, and the reps that were in doubt until now, if the evidence suffices."""
        if self._plate.is_counted(proposal.turns):
            return ()
        reps = self.evidence.add(self._describe(proposal))
        if reps:
            self._usual.add(reps, proposal.turns.end_s)
            self._initial = None
        return tuple(Counted(times=rep.times) for rep in reps)

    def _count_held(self, proposal: Proposal) -> Outcomes:
        """Count a rep that is held, if its way out is a lift; otherwise it waits until it is complete."""
        rep = self._done_at_turn(proposal)
        if rep is None:
            return ()
        self._held = rep.times
        self.evidence.exclude_earlier(rep.times)
        self._usual.add((rep,), rep.times.end_s)
        self._initial = None
        return (Counted(times=rep.times, is_half=True),)

    def _done_at_turn(self, proposal: Proposal) -> Movement | None:
        """Return the movement up to its turn if it is a rep by itself, otherwise None."""
        if not self._lasts_like_a_rep(proposal) or self._plate.is_counted(proposal.turns):
            return None
        movement = self._describe(proposal)
        return movement if self.evidence.counts_at_turn(movement) else None

    def _lower(self, proposal: Proposal, held: MovementTimes) -> Outcomes:
        """End a rep that counted while it was held: with the start and the turn that it had, and the end of the way."""
        times = held._replace(end_s=proposal.times.end_s)
        self.evidence.add(self._describe(replace(proposal, times=times)))
        self._usual.last_end_s = proposal.turns.end_s
        return (Lowered(times=times),)

    def _report_early_turn(self, proposal: Proposal) -> Outcomes:
        is_pending = self._initial is not None and self._initial.is_pending
        went_far = not is_pending and proposal.span >= tuning.TRIED * self._usual.span
        if not (went_far and self.evidence.is_like_a_lift(self._describe(proposal))):
            return ()
        start_s, _, end_s = proposal.turns
        self._tried_s = [*(before_s for before_s in self._tried_s if start_s - before_s <= tuning.SOON_S), end_s]
        if not self._usual.is_early_turn(proposal, reached_turn=self._body.turned, early_turns=len(self._tried_s)):
            return ()
        return (Partial(times=proposal.turns, reason="shallow" if self._rules.rest == "up" else "short"),)

    def _new_plate(self) -> PlateLiftDetector:
        return PlateLiftDetector(self._rules.min_s, self._rules.max_s, on_back=self._rules.bar_on_back)

    def add_unseen(self, t_s: float) -> Outcomes:
        """Note that no body was visible at a time, and return the outcomes: none unless a long gap loses a rep."""
        lost = self._lose(t_s)
        since_s = self._body.samples[0].t_s if self._body.samples else t_s
        self._unseen_s = [*(before_s for before_s in self._unseen_s if before_s >= since_s), t_s]
        return lost

    def _lose(self, t_s: float, framing: tuple[int, int, int] | None = None) -> Outcomes:
        """Give up the movement under way if the time since its last body is long, or the picture is another."""
        if not self._body.samples:
            return ()
        last = self._body.samples[-1]
        is_cut = framing not in (None, last.framing)
        if is_cut:
            self._plate, self._initial = self._new_plate(), None
        return self._give_up("lost") if is_cut or t_s - last.t_s > tuning.LOST_S else ()

    def _give_up(self, reason: PartialReason) -> Outcomes:
        """Forget the movement under way, and report it if it went as far as a rep and has not counted.

        Standing up, as from a bench, is no partial rep.
        """
        body, times, up = self._body, None, None
        went_far = body.is_under_way and body.turned and body.span >= self._usual.least_span
        if went_far and self._held is None:
            times = body.propose_unfinished().turns
            up = body.propose_up_to_turn(body.turn_s + tuning.TURN_S) if self._rules.done_at_turn else None
        body.give_up()
        self._held = None
        if times is None or self._plate.is_counted(times):
            return ()
        is_lift = up is None or not self._lasts_like_a_rep(up) or self.evidence.is_like_a_lift(self._describe(up))
        return (Partial(times=times, reason=reason),) if is_lift else ()

    def _with_plate(self, outcomes: Outcomes, t_s: float | None) -> Outcomes:
        """Return the outcomes from the body, and a lift that only the plate shows, by their starts.

        A partial rep that is the same movement as the lift is left out. Unless the source ends, when `t_s` is None, the
        lift waits for a sample with which the body counts no rep.
        """
        counted = [outcome.times for outcome in outcomes if isinstance(outcome, Counted)]
        for times in counted if self._moves_plate else ():
            self._plate.note_counted(times)
        lift = None if counted and t_s is not None else self._plate.pop_due_lift(t_s)
        if lift is None:
            return outcomes
        self.evidence.exclude_earlier(lift)
        self._usual.last_end_s = lift.end_s
        others = [outcome for outcome in outcomes if not self._plate.is_counted(outcome.times)]
        return tuple(sorted((*others, Counted(times=lift, by_plate=True)), key=lambda outcome: outcome.times.start_s))

    def finish(self) -> Outcomes:
        """Finish counting at the end of the source, and return the outcomes of the movement under way.

        A rep that is almost back, or done at its turn, may count; any other movement under way may be a partial rep. A
        lift that only the plate shows may count, too.
        """
        proposal = self._body.finish() if self._held is None else None
        return self._with_plate(() if proposal is None else self._decide_at_end(proposal), None)

    def _decide_at_end(self, proposal: Proposal) -> Outcomes:
        body = self._body
        if proposal.kind == "back":
            return self._complete(proposal)
        if proposal.kind == "turn" and (rep := self._done_at_turn(proposal)):
            return (Counted(times=rep.times, is_half=True),)
        if body.phase == "out" and not body.turned:
            return self._report_cut_on_the_way_out(proposal)
        pulled = self._rules.rest == "down" and (body.phase == "out" or body.returned_share < tuning.REVERSAL)
        if not (pulled or stays_in_place(body.gathered, self._rules)):
            return ()  # Lifters who walk to the camera to end a recording seem to squat
        return self._give_up("no_lowering" if pulled else "cut")

    def _report_cut_on_the_way_out(self, proposal: Proposal) -> Outcomes:
        going = self._body.peak - self._body.samples[-1].distance_from_rest < tuning.REVERSAL
        if not going or proposal.span < self._usual.least_span or not stays_in_place(proposal.samples, self._rules):
            return ()
        if self._usual.is_known and not self._usual.continues_set(proposal):
            return ()
        start_s, _, end_s = proposal.turns
        return (Partial(times=MovementTimes(start_s, end_s, end_s), reason="cut"),)


class RepCounter(RepDetector):
    """Counts the reps of one exercise in a source, from the bodies in its frames."""

    def __init__(
        self, exercise: Exercise, stage: StageModel, lift: LiftEvidence, boundaries: BoundaryModel | None = None
    ) -> None:
        super().__init__(exercise.reps, lift, boundaries)
        self._named_log_odds = exercise.named_log_odds
        self._new_reader = partial(BodyReader, exercise, stage)
        self._reader, self._framing = self._new_reader(), (0, 0, 0)  # size and turn of the latest picture
        self.stage: StageReading | None = None  # stage of the latest body; None while nobody is in view
        self.frames = range(0)  # indices of the frames in which reps were looked for
        self.starts_s: list[float] = []  # start of each rep that has counted

    def note_named_exercise(self) -> None:
        """Make movements likelier to count, since the lifter named the exercise, or the last set was of this exercise.

        Only the first call has an effect.
        """
        self.evidence.note_named_exercise(self._named_log_odds)

    def step(self, observation: Observation, body: Body | None) -> Outcomes:
        """Look for reps in the next frame, and return the outcomes: in most frames, none. Times must never decrease."""
        self.frames = range(self.frames.start if self.frames else observation.index, observation.index + 1)
        if body is None:
            self.stage = None
            return self.add_unseen(observation.t_s)
        if body.framing != self._framing:  # nothing is smoothed over a cut
            self._reader, self._framing = self._new_reader(), body.framing
        self.stage, read = self._reader.read(body)
        outcomes = self.add(read)
        self.starts_s += [outcome.times.start_s for outcome in outcomes if isinstance(outcome, Counted)]
        return outcomes

    def finish(self) -> Outcomes:
        """Finish counting at the end of the source, and return the outcomes of the movement under way."""
        self.stage = None
        return super().finish()
