"""Runs one exercise: it counts reps, cuts them out of the newest frames, judges them, and chooses cues."""

import math
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import takewhile

from livecoach.core.config.exercise import Exercise
from livecoach.core.documents import LoweredEvent, PartialRepEvent, SetEndEvent, SetStartEvent, WarningEvent
from livecoach.core.step import Learning, RepCompleted, RepCorrected, StepEvent
from livecoach.core.types import (
    Cue,
    MovementTimes,
    Observation,
    PartialReason,
    PartialRep,
    Rep,
    RepWindow,
    SetSummary,
    UncheckedFault,
    View,
)
from livecoach.core.types.observation import MARGIN_S
from livecoach.decisions.coaching.cues import CuePolicy
from livecoach.decisions.coaching.set_summary import (
    UNCOUNTED_NOTES,
    depth_note,
    summarise_set,
    uncounted_notes,
    unlearned_note,
    unlike_note,
    unseen_note,
)
from livecoach.decisions.counting.counter import Counted, Lowered, Outcomes, Partial, RepCounter
from livecoach.decisions.counting.evidence import KnownReps
from livecoach.decisions.counting.set_tracker import SetTracker
from livecoach.decisions.counting.tuning import INACTIVE_S
from livecoach.decisions.judging.corrections import RepLog, apply_set_end, read_turned_reps
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.primary import SHALLOW
from livecoach.decisions.judging.verdict import BY_VIEW, NOT_MEASURED, unjudged_rep
from livecoach.decisions.rep.depth import Referee, can_measure_depth
from livecoach.decisions.rep.measured import TOO_FEW_JOINTS, Standing
from livecoach.perception.body import visibility
from livecoach.perception.body.body import Body


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameAnalysis:
    """An analysed frame: its observation, the body and the view in it, and the warnings that begin or end with it."""

    observation: Observation
    body: Body | None  # None if nobody is in view
    view: View | None  # View estimated from all observations so far; None until the lifter was visible for long enough
    warnings: tuple[WarningEvent, ...]  # Warnings that begin or end with the observation
    legs_hidden: bool  # Whether a plate has hidden the legs for a while


BEGINS_S = 0.1  # Time in seconds that must be seen before a rep to know its beginning. Our choice.
MOST_KEPT = 5400
"""Most frames kept of a set whose exercise is open (27 MB, three minutes at 30 Hz). A longer set keeps its exercise."""


class FrameHistory:
    """The newest analysed frames of a source, out of which reps are cut.

    If the exercise turns out to be another, the other exercise counts some of these frames anew: the frames after the
    last counted rep and, until a recognised exercise of the set is settled, the set's earlier frames.
    """

    def __init__(self, longest_s: float) -> None:
        """Start without frames. Frames are kept for at least `longest_s`, as long as a rep may be in doubt."""
        self._longest_s = longest_s
        self._newest: deque[FrameAnalysis] = deque()
        self._since = 0  # index of the first frame after the last rep that counts
        self._before: list[FrameAnalysis] = []
        self.recountable_reps = 0  # number of counted reps that another exercise may count anew

    @property
    def last_frame(self) -> FrameAnalysis | None:
        """The newest frame; None before the first frame."""
        return self._newest[-1] if self._newest else None

    @property
    def is_full(self) -> bool:
        """Whether more than MOST_KEPT frames of counted reps are kept, so that the set must keep its exercise."""
        return len(self._before) > MOST_KEPT

    def add(self, frame: FrameAnalysis) -> None:
        """Add the newest frame, and drop the frames that are too old."""
        self._newest.append(frame)
        while frame.observation.t_s - self._newest[0].observation.t_s > self._longest_s:
            self._newest.popleft()

    def frames_after_reps(self, first: int) -> list[FrameAnalysis]:
        """Return the kept frames after the last counted rep, from the frame with the index `first` on."""
        first = max(first, self._since)
        return [*takewhile(lambda frame: frame.observation.index >= first, reversed(self._newest))][::-1]

    def recountable_frames(self, first: int) -> list[FrameAnalysis]:
        """Return the frames that another exercise may count anew, from the index `first` on.

        These are the frames after the last counted rep, and the frames of reps that counted after the last `forget`.
        """
        before = takewhile(lambda frame: frame.observation.index >= first, reversed(self._before))
        return [*[*before][::-1], *self.frames_after_reps(first)]

    def note_counted(self, reps: int, end_s: float) -> None:
        """Note that a number of reps have counted: their frames belong to no further rep of the same exercise.

        Frames after `end_s`, at which the last of these reps ended, can belong to the next rep.
        """
        self.recountable_reps += reps
        done = [*takewhile(lambda frame: frame.observation.t_s <= end_s, self.frames_after_reps(0))]
        self._before += done
        if done:
            self._since = done[-1].observation.index + 1

    def restore(self) -> None:
        """Make the kept frames of the set uncounted again, so that another exercise counts these frames anew."""
        older = [frame for frame in self._before if frame.observation.index < self._newest[0].observation.index]
        self._newest.extendleft(reversed(older))
        self._since = self._before[0].observation.index if self._before else self._since
        self.forget()

    def take_over(self, before: "FrameHistory") -> None:
        """Take over the kept frames of another history, as uncounted frames. That history must not be used again."""
        before.restore()
        self._newest, self._since = before._newest, before._since

    def forget(self) -> None:
        """Forget the frames of counted reps, so that no other exercise counts them anew."""
        self._before.clear()
        self.recountable_reps = 0

    def cut_rep(
        self, times: MovementTimes, within: range, view: View | None, *, set_name: str, pose: str, exercise: str
    ) -> RepWindow:
        """Cut the observations of a rep, with a margin of MARGIN_S at both ends, out of the frames that are still kept.

        Args:
            within: Indices of the frames in which the exercise has looked for reps. Other frames are left out.
        """
        start_s, _, end_s = times
        near, are_whole, gap_s, later_s = list[Observation](), list[bool](), 0.0, -math.inf
        for frame in reversed(self._newest):
            t_s = frame.observation.t_s
            if later_s > start_s - BEGINS_S and t_s < end_s:
                gap_s = max(gap_s, later_s - t_s)
            if t_s < start_s - MARGIN_S:
                break
            if frame.observation.index in within and t_s <= end_s + MARGIN_S:
                near.append(frame.observation)
                if start_s <= t_s <= end_s:
                    are_whole.append(frame.body is not None and frame.body.share_inside >= visibility.INSIDE)
            later_s = t_s
        return RepWindow(
            observations=tuple(reversed(near)),
            **times._asdict(),
            view=view,
            set_name=set_name,
            pose=pose,
            exercise=exercise,
            confidence=sum(are_whole) / max(len(are_whole), 1),
            gap_s=gap_s,
        )


UNMEASURED = frozenset[PartialReason]({*UNCOUNTED_NOTES, "begun"})  # Reasons of partial reps that are not judged
REPORTED_WITHIN_S = 10.0
"""Longest time in seconds between the turn of a partial rep and its cue. If the bar was dropped, the partial rep is
certain only when the way back has taken too long, in the middle of the rest. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseParts:
    """An exercise in a run, with its judge, its referee, and the function that makes its counters."""

    exercise: Exercise
    new_counter: Callable[[], RepCounter]
    judge: LifterJudge
    referee: Referee
    known_reps: KnownReps | None = None  # Known reps that counters compare movements with; None without known reps


class ExerciseRun:
    """Counts and judges the reps of one exercise in a run, follows its sets, and chooses a cue for each rep."""

    def __init__(self, parts: ExerciseParts, log: RepLog, frames: FrameHistory, *, pose: str) -> None:
        """Start before the first frame of a source. All exercises of the run share the log and the frames."""
        self._log, self._frames, self._pose, self.new_counter = log, frames, pose, parts.new_counter
        self.known_reps = parts.known_reps
        self.exercise, self.own_judge, self.referee = parts.exercise, parts.judge, parts.referee
        self.name = parts.exercise.name
        self.judge = parts.judge  # judge of the current set: the lifter's own judge, or another person's
        faults = parts.judge.table.faults
        self._fault_cues = {name: fault.cue for name, fault in faults.items()}
        self._within_set = [name for name, fault in faults.items() if fault.own_set_only]
        self._is_known: bool | None = None  # whether the lifter's reference has been complete; None while unknown
        self.begin(log.last_set_number)

    def begin(self, last_set: int, *, named: bool = False) -> None:
        """Start to count reps afresh, at the start of a run or after a set. The lifter's reference is kept.

        Args:
            last_set: Number of the last set, from 1; 0 without a set.
            named: Whether the lifter has named the exercise, so that movements need less evidence.
        """
        self.counter = self.new_counter()
        if named:
            self.counter.note_named_exercise()
        self.sets = SetTracker(self.exercise.reps, last_set)
        self._policy = CuePolicy(self._fault_cues, self.exercise.anomaly_cue, self._within_set)
        self._notes: tuple[str, ...] = ()
        self._tried: Counter[PartialReason] = Counter()  # partial reps of the set and before it, by reason
        self._tried_in_set = Counter[PartialReason]()  # `_tried` at the end of the last set
        self.puts_bar_down = False  # whether the set ended during the movement that is under way
        self.summary: SetSummary | None = None  # summary of the last set, until the next set begins
        self.cue: Cue | None = None  # cue about the newest frame

    def notice_complete_reference(self, learning: Learning | None) -> bool:
        """Return whether the incomplete reference is complete now: True at most once; False if `learning` is None."""
        if self._is_known or learning is None:
            return False
        before, self._is_known = self._is_known, learning.is_complete
        return before is False and learning.is_complete

    def catch_up(self) -> list[StepEvent]:
        """Look for reps in the kept frames that this exercise has not processed yet, and return the events.

        Frames up to the last counted rep are skipped. Only the newest frame can lead to a cue.
        """
        events, frames = list[StepEvent](), self._frames.frames_after_reps(self.counter.frames.stop)
        self.cue = None
        for frame in frames:
            outcomes = self.counter.step(frame.observation, frame.body)
            events += self._follow(outcomes, frame, frame.body, late=frame is not frames[-1])
        return events

    def finish(self, last: FrameAnalysis) -> list[StepEvent]:
        """Finish the current rep and set at the end of the source, after its frame `last`, and return the events."""
        return [*self._follow(self.counter.finish(), last, None, late=False), *self.end_set(last.observation.t_s)]

    def end_set(self, t_s: float) -> list[StepEvent]:
        """End the set under way, if any, at a time, and return the event with its summary."""
        return [self._end_set(t_s)] if self.sets.finish() else []

    def withdraw(self, reps: int) -> tuple[Rep, ...]:
        """Remove and return the last `reps` reps, which belong to another exercise, and begin counting anew."""
        of_set = self.sets.index
        withdrawn = self._log.withdraw(reps)
        if withdrawn:
            self.judge.withdraw(str(of_set), withdrawn[0].start_s)
        self.begin(of_set if self._log.completed_reps(of_set) else of_set - 1)
        return withdrawn

    def follow_correction(self, corrected: RepCorrected) -> None:
        """Forget the fault to work on if a rep was corrected to good or no rep, and summarise an ended set again."""
        if corrected.has_changed and (corrected.rep.standing_verdict == "good" or not corrected.rep.counts):
            self._policy.forget_fault()
        if self.summary is not None:
            self._summarise()

    def _follow(self, outcomes: Outcomes, frame: FrameAnalysis, body: Body | None, *, late: bool) -> list[StepEvent]:
        """Judge the outcomes of a frame; only its last rep, and none of a past frame (`late`), gets a cue."""
        name, t_s = None if self.counter.stage is None else self.counter.stage.stage, frame.observation.t_s
        reps = [outcome for outcome in outcomes if isinstance(outcome, Counted)]
        over = self.sets.step(t_s, body, progress=self.counter.progress, stage=name, counts=bool(reps))
        newest = self._frames.last_frame
        assert newest is not None, "frames are counted"
        self.cue, events, now_s = None, list[StepEvent](), newest.observation.t_s  # Late events have this time, too
        for outcome in outcomes:
            match outcome:
                case Counted():
                    if not self.sets.is_in_set and self._is_of_another(outcome, frame.view):
                        self.sets.mark("start")
                    in_a_row, was_in_set = self._log.count_in_a_row(self.sets.index, INACTIVE_S), self.sets.is_in_set
                    if self.sets.add(outcome.times, in_a_row=in_a_row):
                        self._notes = ()
                    elif not was_in_set:
                        self.judge.resume_set(str(self.sets.index))
                        self._notes = tuple(note for note in self._notes if read_turned_reps((note,)))
                        self._tried += self._tried_in_set
                    completed = self._judge(outcome, frame.view, late=late or outcome is not reps[-1])
                    events += [completed] if was_in_set else [SetStartEvent(t_s=now_s), completed]
                    self.summary = None
                case Lowered(times=times):
                    number = len(self._log.completed_reps(self.sets.index))
                    self.judge.learn_whole_rep(replace(self._window(times, frame.view), number=number))
                    events.append(LoweredEvent(t_s=now_s, start_s=times.start_s, end_s=times.end_s))
                case Partial() if not self.puts_bar_down:  # Standing up or walking after a set is no rep
                    if not late or outcome.reason == "begun":
                        events.append(PartialRepEvent(t_s=now_s, partial_rep=self._follow_partial(outcome, frame)))
        if reps and not late:
            self.cue = self._policy.cue_for_rep(completed.rep, self._log.count_reps(self.sets.index))
        self.puts_bar_down &= self.counter.progress is not None
        return [*events, self._end_set(now_s)] if over else events

    def _follow_partial(self, partial: Partial, frame: FrameAnalysis) -> PartialRep:
        reason, t_s, window = partial.reason, frame.observation.t_s, self._window(partial.times, frame.view)
        if reason in UNCOUNTED_NOTES and self.judge.is_from_below(window):
            reason = "from_below"
        faults = () if reason in UNMEASURED else self.judge.judge_partial(window)
        rep = PartialRep(start_s=partial.times.start_s, reason=reason, faults=faults)
        is_in_time = t_s - partial.times.turn_s <= REPORTED_WITHIN_S
        self.cue = self._policy.cue_for_partial_rep(rep, t_s) if is_in_time else None
        self._tried[reason] += 1
        return rep

    def _end_set(self, t_s: float) -> SetEndEvent:
        self.puts_bar_down = self.counter.progress is not None
        reps = self._log.completed_reps(self.sets.index)
        unlike = self.counter.evidence.count_refused_near(reps[0].start_s, reps[-1].end_s) if reps else 0
        notes, turned = self.judge.end_set()
        self._log.reps = apply_set_end(self._log.reps, turned, self.sets.index)
        self._notes += (*uncounted_notes(self._tried), *unlike_note(unlike), *notes)
        self._tried_in_set, self._tried = self._tried, Counter()
        self._summarise()
        return SetEndEvent(t_s=t_s, summary=self.summary)

    def _judge(self, counted: Counted, view: View | None, *, late: bool) -> RepCompleted:
        of_set = self.sets.index
        number = len(self._log.completed_reps(of_set)) + 1
        window = replace(self._window(counted.times, view), number=number)
        if self._log.lifter is not None and not counted.by_plate:
            if number == 1:
                self._look_who_lifts(window)
            self.judge.limbs.remember(window)
        standards = () if counted.by_plate else self.referee.check_rep(window)
        standing: Standing = "allowed"
        if any(result.verdict == "missed" for result in standards):
            standing = "disallowed" if self.referee.standards.count == "standard" else "missed"
        if not counted.by_plate:
            rep, against = self.judge.judge_rep(window, standing=standing, half=counted.is_half)
        else:  # the body was estimated wrong
            rep, against = unjudged_rep(window, self.judge.table, TOO_FEW_JOINTS), ()
        if rep.verdict == "unsure":  # joints that are too bad to judge the form do not show depth, either
            standards = ()
        # Compared with its own set, a rep may still be too high.
        listed = {*(fault.name for fault in rep.faults), *(unchecked.name for unchecked in rep.not_visible)}
        if not standards and self.referee.wants_depth and SHALLOW not in listed:
            by_view = view is not None and not can_measure_depth(view.azimuth_deg)
            unseen = UncheckedFault(name=SHALLOW, reason=BY_VIEW if by_view else NOT_MEASURED)
            rep = replace(rep, not_visible=(*rep.not_visible, unseen))
        is_disallowed = standing == "disallowed" and bool(standards)
        rep = replace(rep, late=late, set=of_set, standards=tuple(standards), disallowed=is_disallowed)
        rep = self._log.add_rep(rep.rest_on_standard(self.referee.standards), self.judge)
        if late:
            self._policy.count_late_rep()
        shown = None if view is None else window
        return RepCompleted(rep=rep, view=view, window=shown, against=against, standards=self.referee.standards)

    def _look_who_lifts(self, window: RepWindow) -> None:
        """Choose the judge: reps of another body don't judge the lifter's reps until somebody assigns them."""
        if not self._is_other_body(window):
            self.judge = self.own_judge
        elif self.judge is self.own_judge:
            self.judge = self.own_judge.new_judge_of_nobody()

    def _is_of_another(self, counted: Counted, view: View | None) -> bool:
        """Return whether a rep after a set can't continue it: the set was given to somebody else, or a body differs."""
        if self._log.lifters.get(self.sets.index, self._log.lifter) != self._log.lifter:
            return True
        judge = self._log.judges.get((self.sets.index, self.name))
        if judge is None or counted.by_plate:
            return False
        window = self._window(counted.times, view)
        is_other = self._is_other_body(window)
        return is_other if judge is self.own_judge else judge.limbs.is_other_body(window) and not is_other

    def _is_other_body(self, window: RepWindow) -> bool:
        return self._log.lifter is not None and self.own_judge.limbs.is_other_body(window)

    def _window(self, times: MovementTimes, view: View | None) -> RepWindow:
        frames, name = self.counter.frames, str(self.sets.index)
        return self._frames.cut_rep(times, frames, view, set_name=name, pose=self._pose, exercise=self.name)

    def _summarise(self) -> None:
        index = self.sets.index
        reps = self._log.completed_reps(index)
        unlearned = unlearned_note(self.judge.own_reps.count_unlearned(), self._log.set_address(index))
        notes = (*depth_note(reps), *unseen_note(reps, self.judge.table.faults), *self._notes, *unlearned)
        self.summary = summarise_set(index, reps, self._fault_cues, notes, self.name)
