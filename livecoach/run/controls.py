"""The lifter's control of a run: by keys, on the phone, and as recorded in a replayed session."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from livecoach.capture.capture import CaptureResult
from livecoach.core.config import Settings
from livecoach.core.documents import CorrectionEvent, ExerciseEvent, SetMarkEvent, StandardsEvent
from livecoach.core.types import Correction, Observation, SetMark, Standards, Step, ignore
from livecoach.decisions.coaching.set_progress import parse_rest
from livecoach.feedback.screen import (
    CORRECTION_OF_ACTION,
    Action,
    ChosenSetting,
    ChosenStandard,
    EnteredText,
    Entry,
)
from livecoach.records.session.lifter_events import LifterEvents
from livecoach.run.loop import FrameLoop
from livecoach.run.workout import Field

NO_REP_YET, NOTHING_TO_UNDO = "no rep to correct yet", "no correction to undo"
NO_OTHER = "the reps match the chosen exercise"
NO_CHOICE, BETWEEN_SETS = "no exercise to choose now", "change that between two sets"
UNDER_WAY, NONE_UNDER_WAY = "a set is under way: end it first", "no set is under way"
BEGINS, ENDS = "the next rep begins a new set", "the set ends after this rep"
ChoiceRow = Literal["exercise", "profile"]  # of the start screen, which the lifter can open between two sets


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRun:
    """How the lifter wants to continue: with an exercise, a profile, or a choice on the start screen."""

    exercise: str | None = None  # None: as before
    profile: str | None = None  # None: as before
    for_now: bool = False  # the exercise is the one that the reps look like: no choice for the next time
    row: ChoiceRow | None = None  # to open on the start screen

    def applied(self, settings: Settings) -> Settings:
        exercise, profile = self.exercise or settings.exercise, self.profile or settings.profile
        return replace(settings, exercise=exercise, profile=profile)

    @property
    def chosen(self) -> dict[str, object]:
        """What the lifter has chosen by name, by setting."""
        named = {} if self.for_now else {"exercise": self.exercise, "profile": self.profile}
        return {key: name for key, name in named.items() if name is not None}


@dataclass(kw_only=True, eq=False)
class Controls:
    """Carries out the lifter's wishes on a loop. One table maps each action of a key to its handler."""

    loop: FrameLoop
    pause: Callable[[bool], bool]  # pauses the source, or returns False
    has_start_screen: bool = False  # the lifter can choose exercise and profile anew on it
    said: LifterEvents = field(default_factory=LifterEvents)  # in the replayed session
    keep_standards: Callable[[Standards], object] = ignore  # called with those that the lifter chooses

    def __post_init__(self) -> None:
        self.over = False
        self.next_run: NextRun | None = None  # how the lifter wants to continue
        self._handlers: dict[Action, Callable[[], object]] = {
            Action.QUIT: self.quit,
            Action.MUTE: self.toggle_mute,
            Action.PAUSE: self.toggle_pause,
            **{action: partial(self.correct, correction) for action, correction in CORRECTION_OF_ACTION.items()},
            Action.START_SET: partial(self.mark_set, "start"),
            Action.END_SET: partial(self.mark_set, "end"),
            Action.CHOOSE_FIRST: partial(self.choose_or_type, 0),
            Action.CHOOSE_SECOND: partial(self.choose_or_type, 1),
            Action.RPE: partial(self.type_key, "", "rpe"),
            Action.NOTE: partial(self.type_key, "", "note"),
            Action.EXERCISE: partial(self.change, "exercise"),
            Action.PROFILE: partial(self.change, "profile"),
        }

    def run(self, feed: Iterable[CaptureResult]) -> None:
        """Run the loop over the feed until it ends, fails or the lifter quits."""
        with closing(self.loop.turns(feed)) as turns:
            for observation in turns:
                if observation is not None:
                    self.replay(observation)
                    continue
                self.listen()
                if self.over:
                    return

    def listen(self) -> None:
        """Do what the lifter asked for since the last call."""
        screen = self.loop.screen
        if screen is None:
            return
        before = screen.help, screen.info
        while not self.over and (entries := screen.actions()):  # the meaning of a key may depend on the one before
            for entry in entries:
                self.handle(entry)
        if (screen.help, screen.info) != before:
            self.loop.redraw()

    def replay(self, observation: Observation) -> None:
        """Do what the lifter did after this observation in the replayed session."""
        for said in self.said.after(observation):
            match said:
                case ExerciseEvent():
                    self.choose(said.exercise)
                case SetMarkEvent():
                    self.mark_set(said.mark)
                case StandardsEvent():
                    self.loop.hold_to(said.standards)
                case CorrectionEvent():
                    self.correct(said.correction, said.start_s)

    def handle(self, entry: Entry) -> None:
        match entry:
            case str():
                self.type_key(entry)
            case EnteredText():
                self.enter(entry)
            case ChosenSetting():
                self.change(entry.row, entry.name)
            case ChosenStandard():
                self.choose_standard(entry)
            case Action() if entry in self._handlers:
                self._handlers[entry]()

    def quit(self) -> None:
        self.over = True

    def toggle_mute(self) -> None:
        self.loop.sound.muted = not self.loop.sound.muted
        self.loop.redraw()

    def toggle_pause(self) -> None:
        """Where the source can be paused."""
        if self.pause(not self.loop.paused):
            self.loop.paused = not self.loop.paused
            self.loop.redraw()

    def correct(self, correction: Correction | None, start_s: float | None = None) -> None:
        """Correct a rep, and show it. correction: None undoes the last one. start_s: None for the last rep."""
        if self.loop.latest is None:
            return
        picture = self.loop.latest[0]
        step = self.loop.pipeline.correct(correction, start_s)
        if step is None or step.corrected is None:
            self.loop.show_note(NOTHING_TO_UNDO if correction is None else NO_REP_YET)
            return
        self.loop.replace_rep(step.corrected.rep)
        self.loop.publish(picture, step)

    def choose(self, name: str) -> None:
        if self.loop.latest is None:
            return
        step = self.loop.pipeline.choose(name)
        if step is None:
            self.loop.show_note(NO_CHOICE)
        else:
            self.loop.publish(self.loop.latest[0], step)

    def choose_or_type(self, place: int) -> None:
        """The exercise at a place while the screen asks for one; otherwise the key is a digit."""
        asked = () if self.loop.latest is None else self.loop.latest[1].question
        if place < len(asked):
            self.choose(asked[place])
        else:
            self.type_key(str(place + 1))

    def type_key(self, key: str, field: Field = "load") -> None:
        """Add a key to the text for the log of a set. A key before any text begins one, for `field`."""
        if self.loop.latest is None:
            return
        sets, step = self.loop.sets, self.loop.latest[1]
        self.loop.show_note(sets.press(key, step) if sets.is_typing else sets.begin_typing(field, key))

    def enter(self, entered: EnteredText) -> None:
        if entered.field == "rest":
            self.plan_rest(entered.text)
        elif self.loop.latest is not None:
            self.loop.show_note(self.loop.sets.enter(entered.field, entered.text, self.loop.latest[1]))

    def plan_rest(self, text: str) -> None:
        try:
            self.loop.plan_rest(parse_rest(text) if text.strip("0") else None)
        except ValueError as err:
            self.loop.show_note(err.args[0])

    def mark_set(self, mark: SetMark) -> None:
        """End the set, or let the next rep begin one, and show what follows."""
        if self.loop.latest is None:
            return
        step = self.loop.latest[1]
        if possible := self.loop.pipeline.mark_set(mark):
            self.loop.events.mark_set(mark, step)
        self.loop.show_note(mark_note(mark, step, possible=possible))

    def choose_standard(self, chosen: ChosenStandard) -> None:
        """From the next set on: all reps of a set have the same standard."""
        if self.loop.latest is None:
            return
        if self.loop.latest[1].in_set:
            self.loop.show_note(BETWEEN_SETS)
            return
        self.loop.hold_to(chosen.applied(self.loop.standards))
        self.keep_standards(self.loop.standards)
        self.loop.show_note(chosen.words)

    def change(self, row: ChoiceRow, name: str | None = None) -> None:
        """End the run, and continue with another exercise or profile. name: as in `next_run`."""
        if self.loop.latest is None:
            return
        following = next_run(self.loop.latest[1], row, name, has_start_screen=self.has_start_screen)
        if isinstance(following, str):
            self.loop.show_note(following)
        else:
            self.next_run, self.over = following, True


def mark_note(mark: SetMark, step: Step, *, possible: bool) -> str | None:
    """None where the end of the set shows at once. possible: the mark applies."""
    if mark == "start":
        return BEGINS if possible else UNDER_WAY
    if not possible:
        return NONE_UNDER_WAY
    return None if step.progress is None else ENDS


def next_run(step: Step, row: ChoiceRow, name: str | None, *, has_start_screen: bool) -> NextRun | str:
    """How to continue after a step, or why that is not possible: a change waits for the end of the set. name: the
    chosen one; None: the exercise that the latest reps look like, or a choice on the start screen."""
    if name is None and row == "exercise" and step.looks_like is not None:
        return NextRun(exercise=step.looks_like, for_now=True)
    if name is None and not has_start_screen:
        return NO_CHOICE if step.recognition else NO_OTHER
    if step.in_set:
        return BETWEEN_SETS
    if name is None:
        return NextRun(row=row)
    return NextRun(exercise=name) if row == "exercise" else NextRun(profile=name)
