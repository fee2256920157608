"""Every command in every state of a run: what is answered, and that only its end ends it.

Commands come by keys, the phone and its page; all enter by `Controls`.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

import pytest
from builders.live_run import GONE, NOTHING, START, Stage, a_copy, a_taken
from builders.observations import a_squat, an_observation
from builders.recognition import FPS, a_break
from hypothesis import given
from hypothesis import strategies as st

from livecoach.capture.capture import CaptureResult
from livecoach.core.config import load_settings
from livecoach.core.documents import Event, PartEvent, SetProfileEvent, codec
from livecoach.core.language import translate
from livecoach.core.types import Correction, Observation, Standards
from livecoach.decisions import assembly
from livecoach.feedback.screen import (
    Action,
    ChosenLifter,
    ChosenSetting,
    ChosenStandard,
    EnteredText,
    ReassignedSet,
    RepCorrection,
    SetCorrection,
    UserInput,
)
from livecoach.run.coached import AssignSet, BeginPart
from livecoach.run.parts import Lifter, PartChoice, PartMaker

SETTINGS = load_settings({})
COACH = cache(partial(assembly.load, false_alarms=SETTINGS.false_alarms))
Moment = Observation | CaptureResult | UserInput | tuple[UserInput, ...]
"""What is next in a run: an observation, a turn of the loop without one, or one or more commands in such a turn."""


class Gym(PartMaker):
    """Parts of lifters of whom nothing is known."""

    def __init__(self) -> None:
        super().__init__(SETTINGS, "lite")
        self.load_coach = COACH

    def replayed_lifter(self, event: PartEvent | SetProfileEvent) -> Lifter:
        return self.find_lifter(event.profile or "") or Lifter(name=event.profile)


class Played(Stage):
    """Plays ada’s squats, whose frames follow each other whatever their times are."""

    def __init__(self, again: Sequence[Event] = ()) -> None:
        """again: the events to replay."""
        self.gym, self.commands = Gym(), deque[UserInput]()
        self.number, self.without = 0, NOTHING
        ada = Lifter(name="ada", events=again)
        super().__init__(first=self.gym.begin("squat", ada, Standards(depth="none")), parts=self.gym)
        self.controls.begin_part, self.controls.give_set = self.begin, self.give
        self.screen.take_requests = self.pressed

    def now(self) -> dict[str, float]:
        seen = self.loop.coached.last.observation
        return {"t_s": seen.t_s, "frame": seen.index}

    def begin(self, choice: PartChoice) -> None:
        coached = self.loop.coached
        before = coached.part.exercise, coached.lifter.name
        exercise, profile = choice.exercise or before[0], choice.profile or before[1]
        if (exercise, profile) != before or coached.pipeline.log.unassigned_sets:
            event = PartEvent(**self.now(), exercise=exercise, profile=profile, model=START.model, exercises=())
            lifter = self.gym.replayed_lifter(event)
            part = self.gym.begin(exercise, lifter, coached.standards, coached.pipeline.log)
            self.loop.process(BeginPart(part, event))

    def give(self, number: int, name: str) -> None:
        event = SetProfileEvent(**self.now(), set=number, profile=name)
        exercises = self.loop.coached.pipeline.log.exercises_of(number)
        lifter, _ = self.gym.register_lifter(self.gym.replayed_lifter(event), exercises)
        self.loop.process(AssignSet(lifter, event))

    def pressed(self) -> list[UserInput]:
        return [self.commands.popleft() for _ in range(len(self.commands))]

    def moments(self, moments: Sequence[Moment]) -> Iterator[CaptureResult]:
        for moment in moments:
            if isinstance(moment, Observation):
                number, self.number, self.without = self.number, self.number + 1, NOTHING
                yield a_taken(codec.round_observation(replace(moment, t_s=number / FPS, index=number)))
                continue
            if isinstance(moment, CaptureResult):
                self.without = moment
            else:
                self.commands.extend(moment if isinstance(moment, tuple) else [moment])
            yield self.without


def played(moments: Sequence[Moment], again: Sequence[Event] = ()) -> Played:
    """Play these moments to the end."""
    stage = Played(again)
    stage.lift(stage.moments(moments))
    return stage


@cache
def played_up_to(state: str) -> Played:
    """Return a run in a state, which a copy can go on from."""
    stage, kept = Played(), []

    def moments() -> Iterator[CaptureResult]:
        yield from stage.moments(STATES[state])
        kept.append(a_copy(stage))

    stage.lift(moments())
    return kept.pop()


STANDING, SQUATS, A_SQUAT = a_break(1.0), a_squat(reps=2, fps=FPS), a_squat(reps=1, fps=FPS)
REST = [*STANDING, *SQUATS, *STANDING, Action.END_SET, *STANDING]
DEADLIFT, BEA = ChosenSetting("exercise", "deadlift"), ChosenSetting("profile", "bea")
STATES: dict[str, list[Moment]] = {
    "before a set": STANDING,
    "in a set": [*STANDING, *SQUATS[: 3 * len(SQUATS) // 4]],
    "in a rest": REST,
    "without a camera": [*REST, GONE],
    "without a picture of the part": [*REST, GONE, ChosenSetting("exercise", "auto"), DEADLIFT],
}
BAD, DEEP = Correction(label="bad"), ChosenStandard(count="standard")
BETWEEN_SETS, NO_SET, NO_REP = "change that between two sets", "no set to log yet", "no rep to correct yet"
BEGINS, UNDER_WAY = "the next rep begins a new set", "a set is under way: end it first"
NONE_UNDER_WAY = "no set is under way"
REFUSALS = {BETWEEN_SETS, NO_SET, NO_REP, UNDER_WAY, NONE_UNDER_WAY}
ANSWERS: dict[UserInput, tuple[str | None, str | None, str | None]] = {
    Action.MUTE: (None, None, None),
    Action.PAUSE: (None, None, None),
    Action.YES: (None, None, None),
    Action.GOOD: (NO_REP, None, None),
    SetCorrection(BAD, 1): (NO_REP, None, None),
    RepCorrection(BAD, 1e6): (NO_REP, NO_REP, NO_REP),
    Action.UNDO: ("no correction to undo",) * 3,
    Action.START_SET: (BEGINS, UNDER_WAY, BEGINS),
    Action.END_SET: (NONE_UNDER_WAY, "the set ends after this rep", NONE_UNDER_WAY),
    Action.CHOOSE_FIRST: ("ada, next set: 1_ kg, then Enter",) * 3,
    Action.EXERCISE: ("no exercise to choose now", *("the reps match the chosen exercise",) * 2),
    Action.PROFILE: ("no start screen here to choose a profile",) * 3,
    DEADLIFT: ("exercise: Deadlift", BETWEEN_SETS, "exercise: Deadlift"),
    BEA: ("up now: bea", BETWEEN_SETS, "up now: bea"),
    EnteredText("profile", "bo"): ("up now: bo", BETWEEN_SETS, "up now: bo"),
    ChosenLifter(0): ("up now: ada", BETWEEN_SETS, "up now: ada"),
    ChosenLifter(0, has_lifted=True): (NO_SET, BETWEEN_SETS, "set 1: ada"),
    ReassignedSet("bea"): (NO_SET, BETWEEN_SETS, "set 1: bea"),
    ReassignedSet("bea", 1): (NO_SET, BETWEEN_SETS, "set 1: bea"),
    ReassignedSet("bea", 2): (NO_SET, BETWEEN_SETS, NO_SET),
    DEEP: ("what counts: deep reps only", BETWEEN_SETS, "what counts: deep reps only"),
    Action.DEPTH: ("depth: not checked", BETWEEN_SETS, "depth: not checked"),
    EnteredText("load", "60"): ("ada, next set: 60 kg",) * 3,
    EnteredText("rest", "90s"): ("rest 1:30",) * 3,
    EnteredText("set-load", "70"): (NO_SET, "ada, set 1: 70 kg", "ada, set 1: 70 kg"),
    EnteredText("rpe", "8"): (NO_SET, "ada, set 1: RPE 8", "ada, set 1: RPE 8"),
    EnteredText("note", "belt"): (NO_SET, "ada, set 1: note saved", "ada, set 1: note saved"),
    Action.RPE: (NO_SET, "ada, set 1: RPE _, then Enter", "ada, set 1: RPE _, then Enter"),
    "7": ("ada, next set: 7_ kg, then Enter",) * 3,
}  # fmt: skip
"""Command → the note that answers it before a set, in a set, and in a rest, with a camera or without; None for none."""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", ANSWERS, ids=str)
def test_a_command_is_answered_and_the_run_goes_on(command: UserInput, state: str) -> None:
    """A command that is refused changes nothing."""
    before, in_set, rest = ANSWERS[command]
    answer = {"before a set": before, "in a set": in_set}.get(state, rest)
    stage = a_copy(played_up_to(state))
    stage.lift(stage.moments([command, *STANDING[:1]]))
    notes = [status.device.note and translate(status.device.note) for _, status in stage.screen.shown]
    assert answer is None or answer in notes[-4:]
    assert answer not in REFUSALS or stage.lines == lines_of(*STATES[state], *STANDING[:1])
    assert not stage.controls.is_over
    assert stage.loop.metrics.frames == sum(isinstance(one, Observation) for one in STATES[state]) + 1


@cache
def lines_of(*moments: Moment) -> list[str]:
    return played(moments).lines


@pytest.mark.parametrize("command", [*ANSWERS, Action.QUIT], ids=str)
def test_before_the_first_picture_and_after_the_end_a_command_changes_nothing(command: UserInput) -> None:
    assert played([(command,)]).lines == lines_of()
    ended = played([*STANDING[:2], (Action.END_SESSION, command)])
    assert ended.lines == lines_of(*STANDING[:2], (Action.END_SESSION,))


def test_a_part_without_a_picture_shows_its_own_figures() -> None:
    rest = [*STANDING, *a_squat(reps=3, fps=FPS), *STANDING, Action.END_SET, *STANDING]
    assert played(rest).loop.coached.last.questions.reference_s
    step, status = played([*rest, GONE, BEA, DEADLIFT]).screen.shown[-1]
    assert (status.profile, status.part.title, [one.profile for one in status.sets]) == ("bea", "Deadlift", ["ada"])
    assert (step.set.count, step.set.summary, step.questions.reference_s) == (0, None, ())
    assert step.place.warning == "camera lost: trying again"


HAPPENS: dict[str, list[Moment]] = {
    "standing": STANDING,
    "squat": A_SQUAT,
    "half": A_SQUAT[: len(A_SQUAT) // 2],
    "nobody": [an_observation(nobody=True)] * 9,
    "lost": [GONE],
    "nothing": [NOTHING],
    **{str(command): [command] for command in ANSWERS},
}


@given(st.lists(st.sampled_from([*HAPPENS]), max_size=12))
def test_whatever_happens_the_run_ends_in_order_and_is_replayed_to_the_byte(script: list[str]) -> None:
    moments = [moment for name in script for moment in HAPPENS[name]]
    stage = played(moments)
    assert stage.written[-1].event == "session_end"
    again = played([moment for moment in moments if not isinstance(moment, UserInput)], stage.written)
    # A command of the moment at which the camera is lost may come before the warning about the camera, or after it.
    for of_camera in (False, True):
        lines, lines_again = (
            [line for line in of.lines if ("camera_lost" in line) == of_camera] for of in (stage, again)
        )
        assert lines_again == lines
