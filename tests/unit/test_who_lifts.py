"""Somebody else steps in and nobody says so: limbs tell it, and no rep teaches as the wrong lifter's."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest
from builders.learning import a_past_rep
from builders.live_run import START, FakeClock, FakeScreen, FakeSound, a_copy
from builders.observations import a_squat, of_another
from builders.recognition import FPS, a_break, after_one_another
from builders.steps import completed_in

from livecoach.core.config import load_settings, override_values
from livecoach.core.documents import CorrectionEvent, Event, PartEvent, SetProfileEvent
from livecoach.core.language import translate, using_language
from livecoach.core.step import Step
from livecoach.core.types import Correction, Observation, RepWindow
from livecoach.core.types.bounds import profile_words
from livecoach.core.types.reps import DEFAULT_STANDARDS
from livecoach.decisions.judging.lifter_judge import OTHER_BODY, body_proportions, has_other_proportions
from livecoach.decisions.judging.reference_reps import PastSession, choose_reference_reps
from livecoach.feedback.display_state import DisplayState
from livecoach.feedback.screen import Action, EnteredText, ReassignedSet, RepCorrection, UndoEntry, UserInput
from livecoach.records.knowledge import load_default_scorer
from livecoach.records.session.events import EventStream
from livecoach.run.coached import AssignSet, BeginPart, CoachedRun
from livecoach.run.controls import NO_REP_YET, NOTHING_TO_UNDO, Controls
from livecoach.run.loop import FrameLoop
from livecoach.run.parts import Lifter, Part, PartMaker
from livecoach.run.set_logger import NO_SET

REPS = 3
ADA, BEN = (Lifter(name=name) for name in ("ada", "ben"))


def a_set(seed: int, view_deg: float = 30.0) -> list[Observation]:
    return a_squat(reps=REPS, fps=FPS, seed=seed, view_deg=view_deg)


def a_part_event(lifter: Lifter) -> PartEvent:
    return PartEvent(t_s=99.0, exercise="squat", profile=lifter.name, model=START.model, exercises=(), frame=9)


class Evening:
    """Ada's squats, and what follows."""

    def __init__(self, lifter: Lifter = ADA) -> None:
        self._parts = PartMaker(override_values(load_settings({}), {"exercise": "squat"}), "lite")
        self.run = CoachedRun(self._parts.begin("squat", lifter, DEFAULT_STANDARDS))
        self._seen: list[list[Observation]] = []
        self.steps: list[Step] = []

    def watch(self, seen: list[Observation]) -> None:
        """One set after the others, between two rests."""
        before = sum(map(len, self._seen))
        self._seen += [a_break(3.0), seen, a_break(3.0)]
        over = sum(map(len, self._seen[:-1]))
        for number, one in enumerate(after_one_another(*self._seen)[before:], before):
            if number == over:
                self.run.pipeline.mark_set("end")
            step = self.run.process(one)
            self.steps.append(step)

    def answer(self, lifter: Lifter) -> list[int]:
        self.run.finish()
        step = self.run.process(BeginPart(self.next_part(lifter), a_part_event(lifter)))
        return [event.set for event in step.events_of(SetProfileEvent)]

    def next_part(self, lifter: Lifter) -> Part:
        return self._parts.begin("squat", lifter, DEFAULT_STANDARDS, self.run.pipeline.log)

    def taught(self, *, confirmed: int | None = None, assigned: Collection[int] = ()) -> set[int]:
        """The sets with a rep in Ada's reference. confirmed: a set whose reps she has called good."""
        good = Correction(label="good")
        reps = [
            a_past_rep(one, correction=good if one.rep.set == confirmed else None) for one in completed_in(self.steps)
        ]
        session = PastSession(reps=reps, assigned=frozenset(assigned))
        return {one.rep.set for one in choose_reference_reps([session], load_default_scorer("squat"))}

    def give(self, number: int, lifter: Lifter) -> None:
        event = SetProfileEvent(t_s=99.0, set=number, profile=lifter.name, frame=9)
        self.run.process(AssignSet(self._parts.register_lifter(lifter, ["squat"])[0], event))

    def judging(self, number: int) -> list[RepWindow]:
        """The reps that judged those of a set."""
        judged = [one for one in completed_in(self.steps) if one.rep.set == number]
        return [rep for one in judged for rep in one.against]

    def against(self, number: int) -> set[str]:
        """Their sets."""
        return {rep.set_name for rep in self.judging(number)}

    @property
    def question(self) -> str:
        shown = DisplayState("Squat")
        shown.update(self.run.last, self.run.session)
        return shown.question.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def first_set() -> Evening:
    evening = Evening()
    evening.watch(a_set(1))
    return evening


@pytest.fixture(scope="module")
def after_swap(first_set) -> Evening:
    """Ben has lifted in the evening before, and steps in for Ada's second set."""
    evening = a_copy(first_set)
    evening.run.lifters = ("ben",)
    evening.watch(of_another(a_set(2)))
    return evening


@pytest.fixture
def swapped(after_swap) -> Evening:
    return a_copy(after_swap)


def test_another_bodys_set_is_neither_judged_by_the_lifters_reps_nor_teaches(swapped):
    """It is asked between the sets, not in one. The lifter who is back is judged by the own reps again, while still
    nobody has said whose the set between is."""
    assert swapped.against(2) == {"2"}
    assert swapped.question == "ada lifted? y · ben lifted? F1"
    swapped.watch(a_set(3))
    assert swapped.against(3) == {"1"}
    assert swapped.question == "ada lifted? y · ben lifted? F1"
    assert not any(step.questions.asks_who for step in swapped.steps if step.set.is_under_way)
    assert swapped.taught() == swapped.taught(confirmed=1) == {1, 3}


def test_another_body_that_lifts_soon_in_the_same_place_begins_a_set():
    """A breath does not, neither the lifter's nor the other's. The lifter who is back soon begins a set, too."""
    own, other = [a_set(2), a_set(3)], [of_another(a_set(2)), of_another(a_set(3))]
    for *later, sets in (*own, ["1/1"]), (*other, ["1/1", "2/1"]), (other[0], own[1], ["1/1", "2/1", "3/1"]):
        evening = Evening()
        seen = after_one_another(a_break(3.0), a_set(1), a_break(8.0), later[0], a_break(8.0), later[1], a_break(3.0))
        evening.steps = [evening.run.process(one) for one in seen]
        assert [rep.name for rep in evening.run.reps if rep.number == 1] == sets
        assert len(evening.run.reps) == 3 * REPS
        assert evening.steps[-1].questions.asks_who == (len(sets) > 1)


def test_a_set_goes_to_the_lifter_who_is_named(swapped):
    assert swapped.answer(BEN) == [2]
    assert [(name, [rep.name for rep in reps][:1]) for name, reps, _ in swapped.run.reps_by_profile()] == [
        ("ada", ["1/1"]),
        ("ben", ["1/1"]),
    ]
    swapped.watch(of_another(a_set(4)))
    assert swapped.against(3) == {"2"}
    assert swapped.question == "High on purpose? d"
    assert [(number, named) for number, named, _ in swapped.run.lifter.set_logger.sets] == [(2, 1), (3, 2)]


def test_a_set_that_the_lifter_confirms_teaches_until_it_is_moved_away(swapped):
    """Until the sets are moved away: then they no longer tell who lifts."""
    assert swapped.answer(ADA) == [2]
    swapped.watch(of_another(a_set(3)))
    assert swapped.against(3) == {"1"}
    assert 2 in swapped.taught(assigned=[2])
    swapped.give(2, BEN)
    swapped.give(3, BEN)
    swapped.watch(of_another(a_set(4)))
    assert swapped.steps[-1].questions.asks_who


def a_loop(evening: Evening, sent: list[Event], *screens: FakeScreen) -> FrameLoop:
    """The loop of an evening's run, which sends its events there."""
    return FrameLoop(
        observe=pytest.fail,
        coached=evening.run,
        events=EventStream(sent.append, START),
        sounds=[FakeSound([])],
        screens=screens,
        recorder=None,
        print_line=pytest.fail,
    )


@pytest.mark.parametrize("lifter", [ADA, BEN])
def test_the_answer_whose_set_it_was_is_stored(swapped, lifter):
    """Also that it was the lifter: otherwise the set would teach nothing later on."""
    sent: list[Event] = []
    a_loop(swapped, sent).process(BeginPart(swapped.next_part(lifter), a_part_event(lifter)))
    assert [(one.set, one.profile) for one in sent if isinstance(one, SetProfileEvent)] == [(2, lifter.name)]


def test_a_set_from_the_other_side_is_held_until_its_lifter_is_named():
    """There no limbs are compared. Who turns round is asked once."""
    evening = Evening()
    for seed, view_deg in ((1, 45.0), (2, 2.0), (3, -45.0)):
        evening.watch(a_set(seed, view_deg))
        assert bool(evening.steps[-1].questions.asks_who) == (view_deg < 0)
    assert evening.against(3) == {"3"}
    assert evening.answer(ADA) == [3]
    assert evening.taught() == {1, 2}
    evening.watch(a_set(4, -45.0))
    assert not evening.steps[-1].questions.asks_who
    assert 3 in evening.taught(assigned=[3])


@pytest.fixture(scope="module")
def after_three(first_set) -> Evening:
    """Ada's three sets; she has said that the first rep of the first one was bad, and the second good."""
    evening = a_copy(first_set)
    for seed in (2, 3):
        evening.watch(a_set(seed))
    first, second, *_ = evening.run.reps
    for rep, label in ((first, "bad"), (second, "good")):
        evening.run.process(CorrectionEvent(t_s=99.0, rep=rep.index, start_s=rep.start_s, label=label))
    return evening


@pytest.fixture
def three(after_three) -> Evening:
    return a_copy(after_three)


def names(evening: Evening) -> dict[str | None, list[str]]:
    """Lifter → the first rep of each set."""
    return {who: [rep.name for rep in reps if rep.number == 1] for who, reps, _ in evening.run.reps_by_profile()}


def test_any_set_can_be_moved_to_another_lifter(three):
    """With what was said of its reps; the other sets are counted anew. Of one lifter nothing was asked."""
    assert not any(step.questions.asks_who for step in three.steps)
    assert three.against(3) == {"1"}
    three.give(1, BEN)
    assert names(three) == {"ben": ["1/1"], "ada": ["1/1", "2/1"]}
    assert [named for _, named, _ in three.run.lifter.set_logger.sets] == [1, 2]
    assert [rep.correction and rep.correction.label for rep in three.run.reps[:3]] == ["bad", "good", None]
    three.watch(a_set(4))
    assert three.against(4) == {"2"}
    three.answer(BEN)
    three.watch(a_set(5))
    assert three.against(5) == {"1"}
    assert three.run.reps[0].start_s not in {rep.start_s for rep in three.judging(5)}
    assert not three.steps[-1].questions.asks_who


def test_a_set_that_is_moved_back_is_as_before(three):
    for number, is_shown in ((2, True), (3, False)):
        three.give(number, BEN)
        three.watch([])
        assert (three.run.last.set.summary is not None) == is_shown
    three.give(2, ADA)
    three.give(3, ADA)
    assert names(three) == {"ada": ["1/1", "2/1", "3/1"]}
    three.watch(a_set(4))
    assert three.against(4) == {"1"}


def test_a_single_after_a_single_that_somebody_else_got_begins_a_set():
    """Within a minute, singles of one lifter are one set."""
    evening, single = Evening(), a_squat(reps=1, fps=FPS, seed=1)
    seen = after_one_another(a_break(3.0), single, a_break(8.0), single, a_break(3.0))
    given = len(seen) - len(single) - len(a_break(6.0))
    for number, observation in enumerate(seen):
        if number == given:
            evening.give(1, BEN)
        evening.run.process(observation)
    assert names(evening) == {"ben": ["1/1"], "ada": ["1/1"]}


def test_the_first_set_that_was_moved_away_by_mistake_judges_later_sets_again(first_set):
    evening, undisturbed = a_copy(first_set), a_copy(first_set)
    for swapped in (evening, undisturbed):
        swapped.watch(a_set(2))
    evening.give(1, BEN)
    evening.give(1, ADA)
    for swapped in (evening, undisturbed):
        swapped.watch(a_set(3))
    assert evening.against(3) == {"1"}
    assert [rep.score for rep in evening.run.reps] == [rep.score for rep in undisturbed.run.reps]


class Remote:
    """Takes what is asked for after an evening's sets, and notes what is answered."""

    def __init__(self, evening: Evening) -> None:
        screen = FakeScreen([], FakeClock(), {})
        controls = Controls(loop=a_loop(evening, [], screen), pause=bool, give_set=self._give)
        self._shown, self._controls = screen.shown, controls
        self._evening = evening

    def _give(self, number: int, profile: str) -> None:
        self._evening.give(number, {"ada": ADA, "ben": BEN}[profile])

    def ask(self, *entries: UserInput) -> str | None:
        """The last note, or the message."""
        for entry in entries:
            self._controls.handle(entry)
        step, status = self._shown[-1]
        shown = DisplayState("Squat")
        shown.update(step, status)
        return status.device.note if step.correction_event is None else shown.message and shown.message.text


def test_an_answer_names_the_lifter_the_set_and_the_rep(three):
    """The log of a set that went to somebody else is the other one's, whoever's turn it is; and can be undone."""
    remote = Remote(three)
    assert remote.ask(ReassignedSet("ben")) == "set 1: ben"
    assert remote.ask(EnteredText("set-load", "225lb", 3)) == "ben, set 1: 102.1 kg"
    assert remote.ask(EnteredText("set-load", "80.5", 2)) == "ada, set 2: 80.5 kg"
    assert remote.ask(EnteredText("set-load", "81", 3)) == "ben, set 1: 81 kg"
    assert remote.ask(UndoEntry(2)) == "ada, set 2: undone"
    assert remote.ask(UndoEntry(2)) == "no entry to undo"
    assert remote.ask(UndoEntry(3)) == "ben, set 1: undone · 102.1 kg"
    assert remote.ask(EnteredText("note", "belt", 3), Action.UNDO) == "ben, set 1: undone · 102.1 kg"
    assert remote.ask(RepCorrection(Correction(label="bad"), three.run.reps[-1].start_s)) == "ben, set 1, rep 3: bad"
    assert remote.ask(Action.BAD) == "ada, set 2, rep 3: bad"
    assert remote.ask(ReassignedSet("ada")) == "set 3: ada", "it is still about the last set"


def test_a_lifter_without_own_reps_corrects_and_undoes_nothing(three):
    three.answer(BEN)
    remote = Remote(three)
    assert remote.ask(Action.BAD) == NO_REP_YET
    assert remote.ask(Action.UNDO) == NOTHING_TO_UNDO
    assert remote.ask(EnteredText("rpe", "8")) == NO_SET
    assert [rep.correction and rep.correction.label for rep in three.run.reps[:3]] == ["bad", "good", None]


@pytest.mark.parametrize("has_lifted", [False, True])
def test_a_lifter_without_a_name_is_listed_beside_others_and_forgotten_without_a_set(has_lifted):
    evening = Evening(replace(ADA, name="me"))
    evening.watch(a_set(1) if has_lifted else a_break(6.0))
    assert evening.run.session.lifter == ""
    evening.answer(BEN)
    assert evening.run.lifters == (("me", "ben") if has_lifted else ("ben",))
    assert evening.run.session.lifter == "ben"
    assert [evening.run.lifter_name(evening.run.lifter_of_set(one.number)) for one in evening.run.lifted_sets()] == [
        "Me"
    ] * has_lifted
    with using_language("de"):
        assert [translate(profile_words(name)) for name in ("me", "ben")] == ["Ich", "ben"]


def test_a_text_that_is_typed_stays_that_of_its_set_in_the_turn_of_somebody_else(three):
    remote = Remote(three)
    assert remote.ask(Action.NOTE, "b") == "ada, set 3: note b_, then Enter"
    three.give(3, BEN)
    assert remote.ask("e") == "ben, set 1: note be_, then Enter"
    three.answer(BEN)
    assert remote.ask("d", "enter") == "ben, set 1: note saved"
    assert three.run.lifted_sets()[2].profile == "ben"


def a_rep(seen: list[Observation], **changes: object) -> RepWindow:
    first, last = seen[0].t_s, seen[-1].t_s
    fields = {"start_s": first, "turn_s": (first + last) / 2, "end_s": last, "view": None, "set_name": "1", "pose": ""}
    return RepWindow(observations=tuple(seen), **{**fields, **changes})


def test_a_body_that_was_hardly_seen_is_not_taken_for_another():
    seen = a_set(1)
    own = [body_proportions(a_rep(seen))]
    assert has_other_proportions(body_proportions(a_rep(of_another(seen))), own)
    for hidden in (a_rep(of_another(seen), confidence=0.5), a_rep(of_another(seen)[:5])):
        assert not has_other_proportions(body_proportions(hidden), own)
    assert not has_other_proportions(own[0] + np.eye(7)[2] * OTHER_BODY, own)
