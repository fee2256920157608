"""Carries out the lifter's requests in a run, from keys, the phone and raised hands."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from typing import Literal

from livecoach.core.documents import (
    CorrectionEvent,
    ExerciseEvent,
    PlanEvent,
    SetLogEvent,
    SetMarkEvent,
    StandardsEvent,
)
from livecoach.core.errors import LivecoachError
from livecoach.core.language import format_duration
from livecoach.core.step import Step
from livecoach.core.types import Correction, Label, Rep, SetMark, Standards, ignore
from livecoach.core.types.bounds import check_profile_name, profile_words
from livecoach.core.types.message import Message, join_texts, quantity_words
from livecoach.core.types.reps import DEFAULT_STANDARDS, DepthStandard
from livecoach.decisions.coaching.set_progress import parse_rest
from livecoach.decisions.judging.corrections import reps_to_confirm
from livecoach.feedback.screen import (
    CORRECTION_OF_ACTION,
    Action,
    ChosenLifter,
    ChosenSetting,
    ChosenStandard,
    EnteredText,
    ReassignedSet,
    RepCorrection,
    SetCorrection,
    UndoEntry,
    UserInput,
)
from livecoach.run.coached import ChooseLoad, command_time
from livecoach.run.loop import FrameLoop
from livecoach.run.parts import ChoiceRow, Lifter, PartChoice
from livecoach.run.set_logger import NO_SET, Field, TypedEntry

NO_REP_YET, NOTHING_TO_UNDO = "no rep to correct yet", "no correction to undo"
NO_OTHER = "the reps match the chosen exercise"
NO_START_SCREEN = "no start screen here to choose a profile"
NO_CHOICE, BETWEEN_SETS = "no exercise to choose now", "change that between two sets"
UNDER_WAY, NONE_UNDER_WAY = "a set is under way: end it first", "no set is under way"
NO_ENTRY = "no entry to undo"
NO_REST = "no rest is planned"
BEGINS, ENDS = "the next rep begins a new set", "the set ends after this rep"

Ending = Literal["over", "quit", "left", "pause"]
"""The reason for the end of a run. "over": the source has ended, or a signal came. "quit": the lifter ends the run.
"left": the lifter leaves livecoach. "pause": nobody lifted for `ends_after_s`, so the next set needs a new session."""


@dataclass(kw_only=True, eq=False)
class Controls:
    """The controls of a run, which carry out the lifter's requests on the run's loop."""

    loop: FrameLoop
    pause: Callable[[bool], bool]  # Pauses the source, or resumes it for False; returns False if the source can't pause
    begin_part: Callable[[PartChoice], object] = ignore  # Begins the chosen part; raises LivecoachError
    give_set: Callable[[int, str], object] = ignore
    """Assigns a set, by its number in the session, to a profile; raises LivecoachError."""
    ask: Callable[[ChoiceRow], PartChoice | None] | None = None
    """Shows the start screen instead of the run, and returns the choice, or None to end the run. The attribute is None
    without a start screen."""
    ends_after_s: float = math.inf  # Time from the last rep to the end of the run, in the frames' time
    on_choice: Callable[[PartChoice], object] = ignore  # Called with a choice of new standards
    parse_new_profile: Callable[[str], str] = check_profile_name
    """Returns the profile name in a text that a new lifter typed; raises ValueError if it is not a possible name."""

    def __post_init__(self) -> None:
        self.is_over = False
        self._corrections: list[tuple[int | None, list[float]]] = []
        """Corrections that were not undone, oldest first: the number of the set that was corrected as a whole (None for
        a single rep), and the starts of the changed reps."""
        self._checked_depth: DepthStandard = DEFAULT_STANDARDS.depth
        """Standard to return to once depth is checked again."""
        self._entered_for: Lifter | None = None  # Lifter of the last typed entry; None after a correction or an undo
        self._answered: Step | None = None  # Step with the last answer by hand
        self._asked: tuple[int, Sequence[float]] = 0, ()
        """The newest set at the last answer about reps, and the starts of these reps in seconds."""
        self.ending: Ending = "over"
        self._at_any_time: dict[Action, Callable[[], object]] = {
            Action.QUIT: self.quit,
            Action.END_SESSION: partial(self.quit, "left"),
            Action.MUTE: self.loop.toggle_mute,
            Action.PAUSE: self.toggle_pause,
        }
        self._after_a_step: dict[Action, Callable[[Step], object]] = {
            **{action: partial(self.correct, correction) for action, correction in CORRECTION_OF_ACTION.items()},
            Action.START_SET: partial(self.mark_set, "start"),
            Action.END_SET: partial(self.mark_set, "end"),
            Action.CHOOSE_FIRST: partial(self.choose_or_type, 0),
            Action.CHOOSE_SECOND: partial(self.choose_or_type, 1),
            Action.YES: partial(self.answer, "good"),
            Action.NO: partial(self.answer, "bad"),
            Action.SET_LOAD: partial(self.type_key, "", field="set-load"),
            Action.DEPTH: self.toggle_depth_check,
            Action.RPE: partial(self.type_key, "", field="rpe"),
            Action.NOTE: partial(self.type_key, "", field="note"),
            Action.EXERCISE: partial(self.change_part, "exercise", None),
            Action.PROFILE: partial(self.change_part, "profile", None),
        }

    def listen(self) -> bool:
        """Carry out the lifter's requests since the last call, and return whether the run continues.

        Requests after the request that ends the run are dropped. The run also ends `ends_after_s` after its last rep,
        unless a set is under way.
        """
        for screen in self.loop.display.screens:
            while not self.is_over and (requests := screen.take_requests()):  # A key may change what the next key means
                for request in takewhile(lambda _: not self.is_over, requests):
                    self.handle(request)
        self._take_answer_by_hand()
        if self._is_long_pause():
            self.quit("pause")
        return not self.is_over

    def _take_answer_by_hand(self) -> None:
        """Carry out an answer by hand once, like the key of the answer."""
        step = self.loop.coached.last
        answer = None if step is None else step.questions.answer_by_hand
        if answer is not None and step is not self._answered and not self.is_over:
            self._answered = step
            self.handle(Action.YES if answer == "yes" else Action.NO)

    def _is_long_pause(self) -> bool:
        step, reps = self.loop.coached.last, self.loop.coached.reps
        if step is None or not reps or step.set.is_under_way:
            return False
        return step.observation.t_s - reps[-1].end_s >= self.ends_after_s

    def handle(self, request: UserInput) -> None:
        """Carry out a request. Before the first step, only END_SESSION, MUTE, PAUSE and QUIT have an effect."""
        step = self.loop.coached.last
        match request:
            case Action() if request in self._at_any_time:
                self._at_any_time[request]()
            case ChosenLifter(index=index):
                for name in self.loop.coached.lifters[index : index + 1]:
                    self.handle(ReassignedSet(name) if request.has_lifted else ChosenSetting("profile", name))
            case _ if step is not None:
                self._handle_after_a_step(request, step)

    def _handle_after_a_step(self, request: UserInput, step: Step) -> None:
        match request:
            case str():
                self.type_key(request, step)
            case EnteredText():
                self.enter(request, step)
            case UndoEntry(set_number=number):
                self.undo_log_entry(self.loop.coached.lifter_of_set(number), step, number)
            case ReassignedSet():
                self.assign_set(request, step)
            case RepCorrection():
                self.correct(request.correction, step, request.start_s)
            case SetCorrection():
                self.correct_set(request, step)
            case ChosenSetting():
                self.change_part(request.row, request.name, step)
            case ChosenStandard():
                self.choose_standard(request, step)
            case Action() if request in self._after_a_step:
                self._after_a_step[request](step)

    def quit(self, ending: Ending = "quit") -> None:
        if not self.is_over:
            self.is_over, self.ending = True, ending

    def toggle_pause(self) -> None:
        display = self.loop.display
        if self.pause(not display.paused):
            display.paused = not display.paused
            display.redraw()

    def correct(self, correction: Correction | None, step: Step, start_s: float | None = None) -> None:
        """Correct a rep, or undo a correction or an entry; a note says if there is nothing to correct or undo.

        Without `correction` and `start_s`, the latest typed entry is undone if no correction and no undo followed the
        entry. Otherwise the last correction of the current lifter's reps is undone, on all reps corrected together.

        Args:
            correction: The correction; None to undo the last correction of the rep.
            start_s: Start of the rep in seconds; None for the last rep of the current lifter.
        """
        if correction is None and start_s is None and self._entered_for is not None:
            self.undo_log_entry(self._entered_for, step)
            return
        rep = self.loop.coached.pipeline.log.rep_to_correct(correction, start_s)
        if rep is None:
            self.loop.display.show_note(NOTHING_TO_UNDO if correction is None and start_s is None else NO_REP_YET)
        elif correction is not None:
            self._correct_reps([rep], correction.label, step)
        else:
            self._undo(self._newest_correction(rep.start_s) if start_s is None else [rep.start_s], step)

    def _correct_reps(self, reps: Sequence[Rep], label: Label, step: Step, of_set: int | None = None) -> None:
        """Correct reps together. `of_set` is the number of the set if the set is corrected as a whole."""
        changed = [rep.start_s for rep in reps if rep.correction is None or rep.correction.label != label]
        if changed:
            self._corrections.append((of_set, changed))
        for rep in reps:
            self._process_correction(rep, label, step)

    def _undo(self, starts_s: Sequence[float], step: Step) -> None:
        """Undo the newest correction of each of the reps with these starts, or show that there is none."""
        reps = [rep for rep in self.loop.coached.reps if rep.start_s in starts_s]
        undone = [rep.start_s for rep in reps if self._process_correction(rep, None, step)]
        for start_s in undone:
            self._newest_correction(start_s).remove(start_s)
        if not undone:
            self.loop.display.show_note(NOTHING_TO_UNDO)

    def _newest_correction(self, start_s: float) -> list[float]:
        """Return the starts of the reps that were corrected together with a rep's newest correction."""
        return next((starts_s for _, starts_s in reversed(self._corrections) if start_s in starts_s), [start_s])

    def _process_correction(self, rep: Rep, label: Label | None, step: Step) -> bool:
        self._entered_for = None
        return self.loop.process(CorrectionEvent(**command_time(step), rep=rep.index, start_s=rep.start_s, label=label))

    def correct_set(self, request: SetCorrection, step: Step) -> None:
        """Correct the counted reps of a set, or undo the last correction of the set.

        Reps that were corrected on their own stay unchanged, unless no other rep is left. The correction "good" leaves
        out reps that livecoach did not find good, if these are at most half of the reps, and a note says how many. If
        the set was not corrected as a whole, an undo removes the newest correction of each rep.
        """
        reps = [rep for rep in self.loop.coached.reps if rep.set == request.set_number]
        if request.correction is not None:
            self._correct_together([rep for rep in reps if rep.counts], request.correction.label, step)
            return
        corrections = (starts_s for of_set, starts_s in reversed(self._corrections) if of_set == request.set_number)
        corrected = [rep.start_s for rep in reps if rep.correction is not None]
        self._undo([*next(filter(None, corrections), corrected)], step)

    def _correct_together(self, reps: Sequence[Rep], label: Label, step: Step) -> None:
        """Correct reps of a set together. Reps that were corrected alone are left out, unless no other rep is left.

        If the set is called good, reps that differ are left out (`reps_to_confirm`), and a note says how many. An undo
        leaves reps that had this correction before unchanged.
        """
        if not reps:
            self.loop.display.show_note(NO_REP_YET)
            return
        together = {start_s for of_set, starts_s in self._corrections if of_set == reps[0].set for start_s in starts_s}
        reps = [rep for rep in reps if rep.correction is None or rep.start_s in together] or reps
        chosen = reps_to_confirm(reps) if label == "good" else reps
        odd, reps = len(reps) - len(chosen), chosen
        self._correct_reps(reps, label, step, of_set=reps[0].set)
        if odd:
            single, several = "1 rep that differs is not confirmed", "{n} reps that differ are not confirmed"
            self.loop.display.show_note(quantity_words(odd, single, several))

    def choose_or_type(self, index: int, step: Step) -> None:
        """Choose an offered exercise by its index, from 0; without such an exercise, type the digit `index` + 1."""
        if index >= len(step.questions.exercises) or step.recognition is None:
            self.type_key(str(index + 1), step)
            return
        chosen = ExerciseEvent(
            **command_time(step), exercise=step.questions.exercises[index], recognised=step.recognition, chosen=True
        )
        if not self.loop.process(chosen):
            self.loop.display.show_note(NO_CHOICE)

    def answer(self, label: Label, step: Step) -> None:
        """Answer the question of a step: who lifted, or whether the reps of a new reference are good.

        Until the next set, another answer about the reps replaces the first. Otherwise, nothing happens without a
        question.

        Args:
            label: "good" for yes, which confirms the current lifter, or calls the reps good; "bad" for no, which calls
                the reps bad. If the question is who lifted, "bad" changes nothing: the lifter is then to be chosen.
        """
        if step.questions.asks_who:
            if label == "good":
                self.change_part("profile", self.loop.coached.lifter.name, step)
            return
        reps = self.loop.coached.reps
        if reps and step.questions.reference_s:
            self._asked = reps[-1].set, step.questions.reference_s
        newest, starts_s = self._asked
        asked_for = [rep for rep in reps if rep.start_s in starts_s]
        if asked_for and reps[-1].set == newest:
            self._correct_together(asked_for, label, step)

    def type_key(self, key: str, step: Step, field: Field = "load") -> None:
        """Add a key to the text that is being typed, and apply the text once it is complete.

        If nobody is typing, the key begins a text for `field` of the current lifter; if that fails, a note says why.
        """
        lifter = self.loop.coached.typing_lifter
        if lifter is not None:
            text = lifter.set_logger.press_key(key)
            self.loop.display.redraw() if text is None else self._log(lifter, text, step)
            return
        try:
            self.loop.coached.lifter.set_logger.begin_typing(field, key)
        except ValueError as err:
            self.loop.display.show_note(err.args[0])
        else:
            self.loop.display.redraw()

    def enter(self, entered: EnteredText, step: Step) -> None:
        """Apply an entered text: plan a rest, begin a part with a new lifter, or enter a load, an RPE or a note."""
        if entered.field == "rest":
            self.plan_rest(entered.text, step)
        elif entered.field == "profile":
            self.add_lifter(entered.text, step)
        else:
            self._log(self.loop.coached.lifter_of_set(entered.set_number), entered, step)

    def _log(self, lifter: Lifter, text: EnteredText, step: Step) -> None:
        """Make an entry in the log of a lifter, or choose the load of the next set."""
        try:
            entered = lifter.set_logger.make_entry(text, step)
        except ValueError as err:
            self.loop.display.show_note(err.args[0])
        else:
            self._entered_for = lifter
            self._carry_out(lifter, entered)

    def _carry_out(self, lifter: Lifter, entered: TypedEntry) -> None:
        """Carry out an entry, and show the answer with the lifter's name."""
        entry, is_typed = entered.entry, entered.is_typed
        self.loop.process(entry if isinstance(entry, SetLogEvent) else ChooseLoad(lifter, entry, is_typed=is_typed))
        self.loop.display.show_note(join_texts(", ", self.loop.coached.lifter_name(lifter), entered.answer))

    def undo_log_entry(self, lifter: Lifter, step: Step, number: int | None = None) -> None:
        """Undo a lifter's last entry, for set `number` or, if None, for any set. A note shows the result."""
        self._entered_for = None
        undone = lifter.set_logger.undo_entry(step, number)
        self.loop.display.show_note(NO_ENTRY) if undone is None else self._carry_out(lifter, undone)

    def add_lifter(self, text: str, step: Step) -> None:
        """Begin a part with a new lifter, by a typed name. In a set, or if the name is invalid, only show a note."""
        try:
            name = self.parse_new_profile(text)
        except ValueError as err:
            self.loop.display.show_note(err.args[0])
        else:
            self.change_part("profile", name, step)

    def assign_set(self, reassigned: ReassignedSet, step: Step) -> None:
        """Assign a set (the newest set if `reassigned` has no number) to another lifter. A note shows the result."""
        coached = self.loop.coached
        sets = [lifted.number for lifted in coached.lifted_sets()]
        number = reassigned.set_number or max(sets, default=0)
        if step.set.is_under_way or number not in sets:
            self.loop.display.show_note(BETWEEN_SETS if step.set.is_under_way else NO_SET)
            return
        try:
            self.give_set(number, reassigned.profile)
        except LivecoachError as err:
            self.loop.display.show_note(err.text)
        else:
            named = coached.pipeline.log.lifter_set_number(number)
            self.loop.display.show_note(Message("set {n}: {text}", n=named, text=profile_words(reassigned.profile)))

    def plan_rest(self, text: str, step: Step) -> None:
        """Plan the current lifter's rest from a text: "2min", or "0" or "" for no rest. A note shows the result."""
        try:
            rest_s = parse_rest(text) if text.strip("0") else None
        except ValueError as err:
            self.loop.display.show_note(err.args[0])
        else:
            plan = self.loop.coached.lifter.plan
            plans = tuple(replace(planned, rest_s=rest_s) for planned in plan.plans)
            self.loop.process(PlanEvent(**command_time(step), exercise=plan.planned_exercise, plans=plans))
            rest = NO_REST if rest_s is None else Message("rest {time}", time=format_duration(rest_s))
            self.loop.display.show_note(rest)

    def mark_set(self, mark: SetMark, step: Step) -> None:
        """End the set, or begin a set with the next rep. A note says if this waits for a rep, or why it fails."""
        possible = self.loop.process(SetMarkEvent(**command_time(step), mark=mark))
        self.loop.display.show_note(_mark_note(mark, step, possible=possible))

    def choose_standard(self, chosen: ChosenStandard, step: Step) -> None:
        """Apply a standard. In a set, only a note is shown, because all reps of a set have the same standards."""
        if step.set.is_under_way:
            self.loop.display.show_note(BETWEEN_SETS)
            return
        self._apply_standards(chosen.apply_to(self.loop.coached.standards), step)
        self.loop.display.show_note(chosen.words)

    def toggle_depth_check(self, step: Step) -> None:
        """Turn the check of depth off, or on with its last standard; during a set, only show a note."""
        now = self.loop.coached.standards.depth
        if now != "none":
            self._checked_depth = now
        self.choose_standard(ChosenStandard(depth=self._checked_depth if now == "none" else "none"), step)

    def _apply_standards(self, standards: Standards, step: Step) -> None:
        self.loop.process(StandardsEvent(**command_time(step), standards=standards))
        self.on_choice(PartChoice(standards=standards))

    def change_part(self, row: ChoiceRow, name: str | None, step: Step) -> None:
        """Begin a part with another exercise or profile. In a set, a note says that this is possible between two sets.

        Args:
            row: Whether the exercise or the profile is changed.
            name: Name of the exercise or profile. If `row` is "exercise", None stands for the exercise that the latest
                reps look like, and applies even in a set. Otherwise, and if the reps look like no other exercise, None
                shows the start screen, on which the lifter chooses or ends the run; a note if there is no such screen.
        """
        looks_like = step.looks_like if name is None and row == "exercise" else None
        if looks_like is not None:
            self._begin(PartChoice(exercise=looks_like, for_now=True))
        elif name is None and self.ask is None:
            are_compared = step.recognition is None and self.loop.coached.reps
            of_exercise = NO_OTHER if are_compared else NO_CHOICE
            self.loop.display.show_note(NO_START_SCREEN if row == "profile" else of_exercise)
        elif step.set.is_under_way:
            self.loop.display.show_note(BETWEEN_SETS)
        elif name is not None:
            choice = PartChoice(exercise=name) if row == "exercise" else PartChoice(profile=name)
            if self._begin(choice):
                self.loop.display.show_note(choice.words)
        elif self.ask is not None:
            chosen = self.ask(row)
            self.quit("left") if chosen is None else self._begin(chosen)

    def _begin(self, choice: PartChoice) -> bool:
        step, standards = self.loop.coached.last, choice.standards
        if step is not None and standards is not None and standards != self.loop.coached.standards:
            self._apply_standards(standards, step)
        try:
            self.begin_part(choice)
        except LivecoachError as err:
            self.loop.display.show_note(err.text)
            return False
        return True


def _mark_note(mark: SetMark, step: Step, *, possible: bool) -> str | None:
    if mark == "start":
        return BEGINS if possible else UNDER_WAY
    if not possible:
        return NONE_UNDER_WAY
    return None if step.progress is None else ENDS
