"""Runs all exercises of a source, and chooses the exercise that counts.

docs/design.md, "Recognition", describes how a set gets its name, and may get another name. If the lifter has named the
exercise, the name is settled from the beginning. Each exercise counts with a separate state. An exercise that takes
over catches up on the observations since the last rep, or on all of the set while its name is open. An exercise resumes
if no set of another exercise came between; otherwise it begins anew, with the lifter's reference at that time. The
numbers of sets and reps continue. If the lifter corrects a named exercise, a switch for the right exercise takes over.
"""

from collections.abc import Sequence

import numpy as np

from livecoach.core.documents import SetEndEvent, SetStartEvent
from livecoach.core.step import RepCompleted, RepCorrected, RepsWithdrawn, StepEvent
from livecoach.core.types import Correction, Recognition, Rep
from livecoach.core.types.message import quantity_words
from livecoach.decisions.coaching.cues import CAMERA_TOO_LOW
from livecoach.decisions.coaching.set_summary import UNLIKE_NOTES
from livecoach.decisions.counting.bar_evidence import PlateLiftDetector
from livecoach.decisions.counting.counter import RepCounter
from livecoach.decisions.counting.set_tracker import Dip
from livecoach.decisions.counting.tuning import DOUBTFUL_REPS, FORGOTTEN_S, STANDS_S
from livecoach.decisions.exercise_run import ExerciseParts, ExerciseRun, FrameAnalysis, FrameHistory
from livecoach.decisions.judging.corrections import RepLog
from livecoach.decisions.recognition.naming import LEAST_REPS, Confirmed, FirstRep, SetNaming, Settled, Unknown
from livecoach.decisions.recognition.recogniser import BELIEVED, Recogniser

LIKELIER_THAN_ALL_ELSE = 0.5  # Least belief in an exercise that counts while no exercise is known
REPEATED_REPS = 5
"""Number of reps within FORGOTTEN_S with which the likeliest exercise so far counts, even if its belief is now low.

Ten deadlifts with a light ball are counted only because of this rule. It changes nothing else in 66 minutes of
synthetic motion without a rep, and in 79 real films of other lifts and of other movements."""
FIRST_REP_S = 10.0  # Longest time in seconds from the start of a rep until another part counts the rep. Our choice.


class ExerciseSwitch:
    """Passes each frame to the run of the lifter's exercise, and lets another exercise take over a set."""

    def __init__(
        self,
        exercises: Sequence[ExerciseParts],
        recogniser: Recogniser | None,
        chosen_exercise: str | None,
        pose: str,
        log: RepLog,
    ) -> None:
        """Start before the first frame of a source. `Pipeline` explains the arguments."""
        self._log = log
        # A rep may be in doubt until similar reps follow.
        self.frames = FrameHistory(FORGOTTEN_S + max(parts.exercise.reps.max_s for parts in exercises) + 1.0)
        self.runs = {parts.exercise.name: ExerciseRun(parts, self._log, self.frames, pose=pose) for parts in exercises}
        self._recogniser = recogniser if chosen_exercise is None else None
        self.naming = SetNaming(chosen_exercise)
        self.current_run = self.runs.get(chosen_exercise or "")  # the exercise that is being counted
        self.last_run: ExerciseRun | None = None  # the exercise of the set under way, or of the last set
        pulls = [parts.exercise for parts in exercises if parts.exercise.reps.bar_on_floor]
        self._from_floor = [pull.name for pull in pulls]  # exercises whose bar lies on the floor between the reps
        self._plates = PlateLiftDetector(
            min((pull.reps.min_s for pull in pulls), default=0.0), max((pull.reps.max_s for pull in pulls), default=0.0)
        )
        self._rival: tuple[ExerciseRun, bool] | None = None  # another exercise, and whether it counts as if named
        self._rival_counter: RepCounter | None = None  # its count of the set under way
        self.recognition: Recognition | None = None
        self._latest: Recognition | None = None  # the recognition from the newest frames, even if the name is settled
        self.announced = chosen_exercise  # the exercise that the lifter knows of
        self.guess: Recognition | None = None  # the likeliest exercise so far, while no exercise is known
        self.is_exercise_guessed = False  # whether only the guess counts, at the end of the source

    def step(self, frame: FrameAnalysis, latest: Recognition | None) -> list[StepEvent]:
        """Pass a frame, with its recognition if there is a recogniser, to the lifter's exercise; return the events."""
        self.frames.add(frame)
        self._latest = latest
        for run in filter(None, (self.current_run, *self.runs.values())):
            if run.known_reps is not None and run.known_reps.describe_more():
                break  # only a few observations of known reps, so that no frame takes long
        was_in_set = self.is_in_set
        return self._count(self._recognise(frame, latest), was_in_set=was_in_set)

    def choose(self, name: str) -> list[StepEvent] | None:
        """Set the exercise that the lifter has named, and return the events.

        The result is None if the exercise is certain already, or if the named exercise is unknown or finds no rep in
        the set under way. A finished set without a rep of the exercise keeps its exercise, and the choice holds for the
        next set.
        """
        is_sure = self.last_run is None and self.recognition is not None and self.recognition.sure
        if is_sure or isinstance(self.naming.latest_state, Confirmed) or name not in self.runs:
            return None
        run, withdrawn, was_in_set = self.runs[name], tuple[Rep, ...](), self.is_in_set
        if self.last_run is None:
            run.counter.note_named_exercise()
        elif self.last_run is not run:
            if self._shadow(run, named=True).starts_s:
                withdrawn = self._recount(self.last_run, run, named=True)
            elif self.is_in_set:
                return None
        self.current_run = run
        self.naming.apply(Settled(name, "lifter"))
        if self.last_run is not None and not self.is_in_set:
            self.naming.begin_set(self.naming.latest_state)
        return self._count(withdrawn, was_in_set=was_in_set)

    def finish(self, last: FrameAnalysis) -> list[StepEvent]:
        """Finish the rep and the set under way, and return the events.

        If no exercise has counted a rep, the likeliest exercise may still count the kept frames.
        """
        events = [] if self.current_run is None else self.current_run.finish(last)
        if RepCompleted not in map(type, events) and self.last_run is None:
            guessed = self._count_as_guess(last)
            events = events if guessed is None else guessed
        return self._follow(events)

    def begin(self, last_set: int) -> None:
        """Begin each exercise's count after the set number `last_set`, 0 without a set. Call this before any frame."""
        for run in self.runs.values():
            run.begin(last_set)

    def may_take_over(self, before: "ExerciseSwitch") -> bool:
        """Return whether the named exercise may count anew what `before` has counted.

        The result is True without a set under way. In a set, the exercise must find a rep, all frames of the
        counted reps must be kept, and no rep may have been corrected.
        """
        run, last = self.current_run, before.last_run
        if run is None or last is None or not before.is_in_set:
            return run is not None
        is_whole = before.frames.recountable_reps == len(self._log.completed_reps(last.sets.index))
        return is_whole and bool(before._shadow(run, named=True).starts_s)

    def take_over(self, before: "ExerciseSwitch", *, only_rep: bool) -> list[StepEvent]:
        """Count the set under way, or else the frames after the last rep, anew, and return the events.

        The reps that `before` has counted in the set are withdrawn. `before` must not be used any more.

        Args:
            only_rep: Whether, without a set under way, to count only the frames of the last FIRST_REP_S.
        """
        last, frame, withdrawn = before.last_run, before.frames.last_frame, tuple[Rep, ...]()
        if last is not None and before.is_in_set:
            withdrawn = last.withdraw(before.frames.recountable_reps)
        elif only_rep and frame is not None:
            before.frames.note_counted(0, frame.observation.t_s - FIRST_REP_S)
            before.frames.forget()
        self.frames.take_over(before.frames)
        self.begin(self._log.last_set_number)
        return self._count(withdrawn, was_in_set=bool(withdrawn))

    def why_uncounted(self, dip: Dip) -> str | None:
        """Return why similar movements, the last of which is `dip`, do not count as reps.

        The result is None while the movements are too few, and while they may still count.
        """
        frame = self.frames.last_frame
        if dip.alike < DOUBTFUL_REPS or frame is None:
            return None
        seen = range(frame.observation.index + 1)
        window = self.frames.cut_rep(dip.times, seen, frame.view, set_name="", pose="", exercise="")
        if any(run.known_reps is not None and run.judge.is_from_below(window) for run in self.runs.values()):
            return CAMERA_TOO_LOW
        counters = [run.counter for run in self.runs.values()]
        if self._rival_counter is not None:
            counters.append(self._rival_counter)
        if dip.alike < REPEATED_REPS or any(each.evidence.is_in_doubt(dip.times.end_s) for each in counters):
            return None
        return quantity_words(dip.alike, *UNLIKE_NOTES)

    def settle_at_end(self) -> None:
        """Settle the last set's exercise, as a guess if it was never announced. Call this after `finish`."""
        if self.last_run is not None:
            self.naming.apply(Settled(self.last_run.name, "end"))
            if self.announced is None:
                self.guess, self.is_exercise_guessed = self.recognition, True

    def correct(self, correction: Correction | None, start_s: float | None) -> RepCorrected | None:
        """Correct a rep, or undo its newest correction, as `RepLog.correct` does.

        If the rep's set is the last set, the set keeps its exercise.
        """
        corrected = self._log.correct(correction, start_s)
        run = self.last_run  # None if an earlier part of the run has counted the rep
        if corrected is None or run is None:
            return corrected
        if corrected.rep.set == run.sets.index:
            self.naming.apply(Settled(run.name, "lifter"))
            self.frames.forget()
        if self._log.judges[corrected.rep.set, corrected.rep.exercise] is run.judge:
            run.follow_correction(corrected)
        return corrected

    @property
    def is_in_set(self) -> bool:
        """Whether a set is under way."""
        return self.last_run is not None and self.last_run.sets.is_in_set

    def pop_exercise_to_announce(self) -> ExerciseRun | None:
        """Return the run of a known exercise that was not announced yet, and note it as announced; otherwise None.

        An exercise that is tentative, a guess, or chosen before the source is not announced.
        """
        name = self.known_exercise
        if name is None or name == self.announced or self.naming.is_tentative or self.is_exercise_guessed:
            return None
        self.announced = name
        return self.runs[name]

    @property
    def known_exercise(self) -> str | None:
        """The name of the exercise that is being counted; None while it is unknown.

        Before a set's first rep, the exercise is known only by a sure recogniser, the lifter's choice or the last set.
        """
        run, latest = self.current_run, self.recognition
        if run is None:
            return None
        is_sure = latest is not None and latest.sure and latest.name == run.name
        counts = self.is_exercise_guessed or not isinstance(self.naming.state, Unknown)
        return run.name if is_sure or counts or self.naming.last.exercise == run.name else None

    def _recognise(self, frame: FrameAnalysis, latest: Recognition | None) -> tuple[Rep, ...]:
        """Follow the recognised exercise; return the reps that are withdrawn as reps of another exercise."""
        if self._recogniser is None or latest is None or self.naming.is_settled:
            return ()
        if frame.body is not None:
            self._plates.add(frame.body)
            if self._plates.pop_due_lift(np.inf) is not None:
                latest = self._recogniser.note_lift(self._from_floor)
        self.recognition = latest
        self.naming.note_recognition(latest)
        if not isinstance(self.naming.state, Unknown):
            self.guess = None
            return self._count_anew(latest)
        if latest.name is not None and (self.guess is None or latest.probability > self.guess.probability):
            self.guess = latest
        self.current_run = self._likeliest(latest)
        return ()

    def _is_sure_of_other(self, latest: Recognition | None, run: ExerciseRun) -> bool:
        return latest is not None and latest.sure and latest.name != run.name and latest.name in self.runs

    def _likeliest(self, latest: Recognition) -> ExerciseRun | None:
        """Return the exercise to count before the set's first rep.

        The last set's exercise goes on until another exercise clearly takes over. Without a last set, the likeliest
        counts: now or, after some similar reps, so far. Without a likely exercise, a movement under way keeps its own.
        """
        name, run, before = self.naming.exercise_before_first_rep(latest), self.current_run, self.naming.last.exercise
        likeliest = self.runs.get(name or "")
        if before is not None and name != before and (likeliest is None or not self._shadow(likeliest).starts_s):
            return self.runs[before]
        likeliest = likeliest or self._repeated_guess()
        if likeliest is not None:
            return likeliest
        return None if name is None and run is not None and run.counter.progress is None else run

    @property
    def _guessed_run(self) -> ExerciseRun | None:
        """The likeliest exercise so far; None if no exercise was likely enough."""
        guess = self.guess
        if guess is None or guess.probability < LIKELIER_THAN_ALL_ELSE:
            return None
        return self.runs.get(guess.name or "")

    def _repeated_guess(self) -> ExerciseRun | None:
        """Return the likeliest exercise so far, as if the lifter had named it, once it finds REPEATED_REPS reps."""
        run = self._guessed_run
        if run is None or run is self.current_run:
            return None
        latest_s = self._shadow(run, named=True).starts_s[-REPEATED_REPS:]
        if len(latest_s) < REPEATED_REPS or latest_s[-1] - latest_s[0] > FORGOTTEN_S:
            return None
        run.begin(self._log.last_set_number, named=True)
        self.guess = self._rival = self._rival_counter = None
        return run

    def _count_anew(self, latest: Recognition) -> tuple[Rep, ...]:
        """Count the set anew if another exercise settles, and return the reps that are withdrawn."""
        counting, rival = self.current_run, self.runs.get(latest.name or "") if latest.sure else None
        if counting is None or rival is None or rival is counting:
            return ()
        found, reps = self._shadow(rival), self.frames.recountable_reps
        is_clearer = len(found.starts_s) > reps or found.evidence.support >= counting.counter.evidence.support
        # A snatch holds a pull and a squat, both of which may count, but only its hands go overhead.
        raises_hands = rival.exercise.reps.raises_hands and not counting.exercise.reps.raises_hands
        needed = max(LEAST_REPS, reps / 2) if raises_hands else self.naming.reps_needed(reps)
        if len(found.starts_s) < needed or not (is_clearer or raises_hands):
            return ()
        self.naming.apply(Settled(rival.name, "belief"))
        return self._recount(counting, rival)

    def _shadow(self, rival: ExerciseRun, *, named: bool = False) -> RepCounter:
        """Return the count of another exercise for the set under way, or for the time since the last set."""
        if self._rival_counter is None or self._rival != (rival, named):
            self._rival, self._rival_counter = (rival, named), rival.new_counter()
            if named:
                self._rival_counter.note_named_exercise()
        counter = self._rival_counter
        for frame in self.frames.recountable_frames(counter.frames.stop):
            counter.step(frame.observation, frame.body)
        return counter

    def _recount(self, before: ExerciseRun, run: ExerciseRun, *, named: bool = False) -> tuple[Rep, ...]:
        """Let another exercise count the frames of the last set anew, and return the set's reps, now withdrawn."""
        withdrawn = before.withdraw(self.frames.recountable_reps)
        run.begin(before.sets.index, named=named)
        self.frames.restore()
        self.current_run = self.last_run = run
        return withdrawn

    def _count_as_guess(self, last: FrameAnalysis) -> list[StepEvent] | None:
        """Count the kept frames as the likeliest exercise because no exercise counted, and return the events.

        An exercise that is believed in counts as if the lifter had named it. The result is None if no exercise was
        likely enough, or if an announced exercise still has no reps.
        """
        guess, run = self.guess, self._guessed_run
        if guess is None or run is None:
            return None
        if guess.probability >= BELIEVED:
            run.begin(self._log.last_set_number, named=True)
        events = [*run.catch_up(), *run.finish(last)]
        is_doubtful = guess.probability < BELIEVED or self.announced is not None
        if is_doubtful and RepCompleted not in map(type, events):
            return None
        if isinstance(self.naming.state, Confirmed):
            self.naming.apply(Settled(run.name, "end"))
        self.current_run, self.recognition, self.is_exercise_guessed = run, guess, self.announced is None
        return events

    def _count(self, withdrawn: tuple[Rep, ...], *, was_in_set: bool) -> list[StepEvent]:
        """Let the current exercise count the frames that it has not counted yet, and return the events."""
        events: list[StepEvent] = [RepsWithdrawn(reps=withdrawn)] if withdrawn else []
        run = self.current_run
        if run is None:
            return events
        if self.last_run is not None and run.sets.index < self.last_run.sets.index:
            run.begin(self.last_run.sets.index)
        if self.naming.last.exercise == run.name:
            run.counter.note_named_exercise()
        latest = self.frames.last_frame
        assert latest is not None, "frames are counted"
        events, t_s = [*events, *run.catch_up()], latest.observation.t_s
        if withdrawn and was_in_set:  # The set that is counted anew does not begin again
            starts = [event for event in events if isinstance(event, SetStartEvent)]
            events.remove(starts[0]) if starts else events.append(SetEndEvent(t_s=t_s, summary=None))
        is_other = self._recogniser is not None and self.naming.is_settled and self._is_sure_of_other(self._latest, run)
        if is_other and self.is_in_set and t_s - self._log.reps[-1].end_s >= STANDS_S:
            events += run.end_set(t_s)
        return self._follow(events)

    def _follow(self, events: Sequence[StepEvent]) -> list[StepEvent]:
        """Follow the name of the set, keep the frames that other exercises may count, and return the events."""
        reps = [event for event in events if isinstance(event, RepCompleted)]
        if reps and self.current_run is not None:
            self.last_run = self.current_run
            if isinstance(self.naming.state, Unknown):
                continues = reps[0].rep.number > 1
                if not continues:
                    self.frames.forget()
                self.naming.apply(FirstRep(self.current_run.name, continues=continues))
            if self._recogniser is not None and not self.naming.is_settled:
                self.recognition = self._recogniser.note_rep(self.current_run.name)
                self.naming.note_recognition(self.recognition)
            self.frames.note_counted(len(reps), reps[-1].rep.end_s)
            if self.frames.is_full:
                self.naming.apply(Settled(self.current_run.name, "length"))
        is_over = SetEndEvent in map(type, events) and not self.is_in_set
        if is_over and self.last_run is not None:
            name = self.last_run.name
            self.recognition = self.naming.end_set() or self.recognition
            self.current_run, self._rival, self._rival_counter = self.last_run, None, None
            if self._recogniser is not None and not self._is_sure_of_other(self._latest, self.last_run):
                self._recogniser.reset(name)
        is_recognised = self.naming.is_settled and self._recogniser is not None
        if is_recognised or self.frames.is_full or (is_over and not self.naming.is_tentative):
            self.frames.forget()  # No other exercise counts the set anew
        return [*events]
