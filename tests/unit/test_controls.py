"""The lifter's control of a run: by keys and by the remote."""

from collections import deque

import pytest
from builders.live_run import Rehearsed, Stage, lifted, standing
from builders.observations import a_deadlift, a_squat, an_observation
from builders.pipelines import FakeJudge, some_parts
from builders.raised_hands import DOWN, LEFT_UP, RIGHT_UP, Hands, hands_over_time
from builders.recognition import (
    FPS,
    a_break,
    a_recognising_pipeline,
    after_one_another,
    of_high_squats,
    some_squats,
    sure_of,
    torn,
)
from builders.steps import a_step

from livecoach.core.config import load_settings, override_values
from livecoach.core.documents import codec
from livecoach.core.errors import SourceError
from livecoach.core.language import translate
from livecoach.core.step import RepCorrected
from livecoach.core.types import Correction, Standards
from livecoach.decisions.pipeline import Pipeline
from livecoach.feedback.display_state import DisplayState
from livecoach.feedback.screen import (
    Action,
    ChosenLifter,
    ChosenSetting,
    ChosenStandard,
    EnteredText,
    RepCorrection,
    SetCorrection,
    UserInput,
    key_action,
)
from livecoach.run.controls import BETWEEN_SETS, NO_REP_YET, NOTHING_TO_UNDO
from livecoach.run.parts import PartChoice


def notes(stage: Stage) -> list[str | None]:
    """What stood in the window, picture by picture."""
    return [status.device.note and translate(status.device.note) for _, status in stage.screen.shown]


# Corrections

PULLS = a_deadlift(reps=2, fps=FPS)
pulled = Rehearsed(PULLS).lifted
"""A run of two deadlifts, by the number of pictures that were shown → the key that is pressed then. So are others."""


@pytest.fixture(scope="module")
def first() -> int:
    """Pictures shown a moment after the first rep."""
    return next(n for n, (step, _) in enumerate(pulled({}).screen.shown) if step.rep is not None) + 5


def test_a_key_says_what_the_last_rep_was(first):
    """The same again is no correction. What is undone gives way to what was said before."""
    said = Action.GOOD, Action.NO_REP, Action.BAD, Action.BAD, Action.UNDO
    stage = pulled({first + 2 * n: key for n, key in enumerate(said)})
    (rep, _) = stage.events("rep")
    told = [(event["label"], event["frame"]) for event in stage.events("correction")]
    assert told == [("good", first - 1), ("no-rep", first), ("bad", first + 1), (None, first + 3)]
    assert {(event["rep"], event["start_s"]) for event in stage.events("correction")} == {(1, rep["rep"]["start_s"])}
    shown = [step.correction_event.rep.correction.label for step, _ in stage.screen.shown if step.correction_event]
    assert shown == ["good", "no-rep", "bad", "bad", "no-rep"]
    assert stage.loop.coached.reps[0].correction.label == "no-rep"
    assert rep["rep"]["correction"] is None


def test_any_rep_is_corrected_by_its_start():
    over = pulled({})
    start_s, last = (rep.start_s for rep in over.loop.coached.reps)
    at_end = len(PULLS) - 3
    stage = pulled({at_end: RepCorrection(Correction(label="bad"), start_s), at_end + 1: RepCorrection(None, last)})
    assert [(event["rep"], event["label"]) for event in stage.events("correction")] == [(1, "bad")]
    assert [rep.correction and rep.correction.label for rep in stage.loop.coached.reps] == ["bad", None]
    assert NOTHING_TO_UNDO in notes(stage)


def test_a_set_is_corrected_rep_by_rep_and_undone_as_it_was():
    at_end = len(PULLS) - 10
    first, last = (rep.start_s for rep in pulled({}).loop.coached.reps)
    good, bad = SetCorrection(Correction(label="good"), 1), SetCorrection(Correction(label="bad"), 1)
    first_good, undo = RepCorrection(Correction(label="good"), first), SetCorrection(None, 1)
    stage = pulled({at_end: first_good, at_end + 2: good, at_end + 4: good})
    assert [(event["rep"], event["label"]) for event in stage.events("correction")] == [(1, "good"), (2, "good")]
    stage = pulled({at_end: first_good, at_end + 2: good, at_end + 4: bad, at_end + 6: undo, at_end + 8: undo})
    labels = [(event["rep"], event["label"]) for event in stage.events("correction")[2:]]
    assert labels == [(2, "bad"), (2, None), (2, None)]
    assert [rep.correction and rep.correction.label for rep in stage.loop.coached.reps] == ["good", None]
    stage = pulled({at_end: RepCorrection(Correction(label="no-rep"), last), at_end + 2: good})
    assert [rep.correction.label for rep in stage.loop.coached.reps] == ["good", "no-rep"]


def test_undo_of_a_set_without_a_correction_of_the_whole_set_undoes_those_of_its_reps():
    at_end = len(PULLS) - 10
    first, _ = (rep.start_s for rep in pulled({}).loop.coached.reps)
    bad, undo = RepCorrection(Correction(label="bad"), first), SetCorrection(None, 1)
    stage = pulled({at_end: bad, at_end + 2: undo, at_end + 4: undo})
    assert [event["label"] for event in stage.events("correction")] == ["bad", None]
    assert NOTHING_TO_UNDO in notes(stage)
    assert NO_REP_YET in notes(pulled({at_end: SetCorrection(Correction(label="bad"), 7)}))


def test_the_summary_of_a_set_is_made_again_with_a_correction():
    beyond = range(1, 100)
    gone = [an_observation(t_s=PULLS[-1].t_s + i / FPS, index=len(PULLS) + i, nobody=True) for i in beyond]
    stage = pulled({len(PULLS) + 95: Action.NO_REP}, gone)
    assert [event["summary"]["reps"] for event in stage.events("set_end")] == [2, 1]


# The exercise of a set that may have been two

DOUBTED = after_one_another(a_break(2.0), some_squats(3), a_break(8.0))
IN_REST = 280
"""The picture after which the key is pressed: at 18.6 s."""


doubted = Rehearsed(DOUBTED, lambda: Stage(recognising=a_recognising_pipeline({2.5: torn("deadlift", "squat")}))).lifted
"""Three squats of which the recogniser says that they may be deadlifts, or squats."""


@pytest.mark.parametrize(
    ("key", "name", "reps"), [(Action.CHOOSE_FIRST, "deadlift", 2), (Action.CHOOSE_SECOND, "squat", 3)]
)
def test_a_key_each_chooses_the_first_and_the_second_exercise(key, name, reps):
    chosen = doubted({IN_REST: key})
    assert [rep.exercise for rep in chosen.loop.coached.reps] == [name] * reps
    event = chosen.events("exercise")[-1]
    assert (event["exercise"], event["chosen"], event["open"], event["frame"]) == (name, True, False, IN_REST - 1)
    withdrawn = [index for event in chosen.events("withdrawn") for index in event["reps"]]
    assert withdrawn == [rep["rep"]["index"] for rep in chosen.events("rep")][: len(withdrawn)]
    assert (bool(withdrawn), chosen.events("session_end")[0]["reps"]) == (name == "squat", reps)


def test_the_keys_are_digits_of_a_load_without_a_question_or_where_another_one_is_asked():
    """225 begins with a 2, which is no answer."""
    unasked = doubted({5: Action.CHOOSE_FIRST, 100: Action.CHOOSE_SECOND})
    assert [unasked.screen.shown[key][1].load for key in (5, 100)] == ["1_ kg", "12_ kg"]
    assert not any(event["chosen"] for event in unasked.events("exercise"))
    asked = ASKED.lifted({IN_REST: Action.CHOOSE_SECOND})
    assert (asked.screen.shown[IN_REST][1].load, asked.events("correction")) == ("2_ kg", [])


# Whether the first reps are good ones


class AskingJudge(FakeJudge):
    """Asks for its reps until a rep was corrected."""

    is_answered = False

    def correct(self, said: RepCorrected) -> RepCorrected:
        self.is_answered = said.rep.correction is not None
        return said

    @property
    def confirmable_starts_s(self) -> tuple[float, ...]:
        return () if self.is_answered else tuple(window.start_s for window in self.windows)


def judged_by(judge: FakeJudge, *, of_nobody: bool = False, by_hand: bool = False) -> Rehearsed:
    """Runs of three squats."""
    judge.is_of_nobody = of_nobody
    pipeline = Pipeline([some_parts("squat", judge)], None, chosen_exercise="squat", by_hand=by_hand)
    return Rehearsed(DOUBTED, lambda: Stage(recognising=pipeline))


ASKED, ASKED_BY_HAND = (judged_by(AskingJudge(name="squat"), by_hand=by_hand) for by_hand in (False, True))
ASKED_OF_NOBODY = judged_by(AskingJudge(name="squat"), of_nobody=True)
ANNA = PartChoice(profile="anna")
OF_NOBODY_BY_HAND = judged_by(FakeJudge(name="squat"), of_nobody=True, by_hand=True)


@pytest.mark.parametrize(("key", "label"), [(Action.YES, "good"), (Action.NO, "bad")])
def test_the_answer_is_the_lifters_word_on_each_rep_of_the_new_reference(key, label):
    """So a report can tell it, a replay repeats it, and the profile keeps or drops the reps."""
    stage = ASKED.lifted({IN_REST: key})
    told = [(event["rep"], event["label"]) for event in stage.events("correction")]
    assert told == [(1, label), (2, label), (3, label)]
    assert [rep.counts for rep in stage.loop.coached.reps] == [True] * 3
    display = DisplayState("Squat")
    for step, status in stage.screen.shown[: IN_REST + 4]:
        display.update(step, status)
    assert display.message is not None
    assert display.message.text == f"anna, set 1: 3 reps are {label}"


@pytest.mark.parametrize(("key", "other"), [(Action.YES, Action.BAD), (Action.NO, Action.GOOD)])
def test_one_key_undoes_a_wrong_answer_unless_a_rep_was_corrected_since(key, other):
    for keys, left in (([key, Action.UNDO], 0), ([key, other, Action.UNDO], 3), ([key, other, *[Action.UNDO] * 2], 0)):
        stage = ASKED.lifted({IN_REST + 6 * n: pressed for n, pressed in enumerate(keys)})
        assert sum(rep.correction is not None for rep in stage.loop.coached.reps) == left
        assert len(stage.events("correction")) == 3 + 2 * (other in keys) + 3 - left


def test_another_answer_replaces_a_wrong_one():
    stage = ASKED.lifted({IN_REST: Action.NO, IN_REST + 6: Action.YES})
    assert [event["label"] for event in stage.events("correction")] == ["bad"] * 3 + ["good"] * 3
    assert [rep.correction.label for rep in stage.loop.coached.reps] == ["good"] * 3


def test_a_set_that_is_called_good_on_the_remote_leaves_out_the_rep_that_differs():
    """As on a page and by the command; of a bad set, all reps are bad."""
    one_odd = judged_by(FakeJudge(0.4, 1.5, 0.4, name="squat"))
    for label, numbers in (("good", [1, 3]), ("bad", [1, 2, 3])):
        stage = one_odd.lifted({IN_REST: SetCorrection(Correction(label=label), 1)})
        assert [(event["rep"], event["label"]) for event in stage.events("correction")] == [(n, label) for n in numbers]
        assert ("1 rep that differs is not confirmed" in notes(stage)) is (label == "good")


@pytest.mark.parametrize(("key", "begun"), [(Action.YES, [ANNA]), (Action.NO, [])])
def test_confirming_who_lifted_begins_another_part_and_corrects_no_rep(key, begun):
    """It says nothing of the reps; no is no answer to who it was."""
    stage = ASKED_OF_NOBODY.lifted({IN_REST: key})
    assert (stage.chosen, stage.events("correction")) == (begun, [])


# The same by a raised hand


def by_hand(hands: Hands, runs: Rehearsed, *, refuse: bool = False) -> Stage:
    """A run of three squats, after which hands are up for three seconds. refuse: no part can begin."""

    def begin(choice: PartChoice) -> None:
        chosen.append(choice)
        if refuse:
            raise SourceError("no")

    raised = hands_over_time((DOWN, 0.5), (hands, 3.0), (DOWN, 1.0), fps=FPS)
    then, chosen = after_one_another(DOUBTED, raised)[len(DOUBTED) :], []
    stage = runs.lifted({}, then, begin_part=begin)
    stage.chosen = chosen
    return stage


@pytest.mark.parametrize(("hands", "label"), [(RIGHT_UP, "good"), (LEFT_UP, "bad")])
def test_a_raised_hand_answers_as_its_key_does(hands, label):
    """Once, and only between sets: without a question no step says anything of hands."""
    stage = by_hand(hands, ASKED_BY_HAND)
    assert [(event["rep"], event["label"]) for event in stage.events("correction")] == [(n, label) for n in (1, 2, 3)]
    steps = [step for step, _ in stage.screen.shown]
    assert all(step.questions.hand is None for step in steps if step.set.is_under_way or not step.questions.reference_s)
    assert any(step.questions.hand is not None and 0 < step.questions.hand.held < 1 for step in steps)


@pytest.mark.parametrize(
    ("hands", "begun", "refuse"),
    [
        (RIGHT_UP, [PartChoice(profile="anna")], False),
        (RIGHT_UP, [PartChoice(profile="anna")], True),
        (LEFT_UP, [], False),
    ],
)
def test_a_raised_hand_says_that_it_was_the_lifter_at_hand(hands, begun, refuse):
    """It is tried once where no part can begin."""
    stage = by_hand(hands, OF_NOBODY_BY_HAND, refuse=refuse)
    assert stage.chosen == begun
    assert stage.events("correction") == []


# Another exercise or profile: keys E and P show the start screen between two sets; the remote names them

BEFORE, WITHIN, AFTER = 10, 120, 200
"""Pictures after which something is wished for: before the set, in its second rep, and after it."""
ROWS, BEA = PartChoice(exercise="barbell_row"), PartChoice(profile="bea")
UNCHANGED = [
    Rehearsed(
        after_one_another(a_break(2.0), *lifting),
        lambda: Stage(recognising=a_recognising_pipeline({4.0: sure_of("squat")})),
    )
    for lifting in ((), (some_squats(2), a_break(6.0)))
]


def changed(wishes: dict[int, UserInput], **controls: object) -> Stage:
    """A run of two squats that are recognised in the first one, of which no more is played than what is wished for
    needs. By default, rows or Bea are chosen on the start screen."""
    runs = UNCHANGED[[*wishes] != [BEFORE]]
    return runs.lifted(wishes, **{"ask": {"exercise": ROWS, "profile": BEA}.get, **controls})


@pytest.mark.parametrize(("wish", "choice"), [(Action.EXERCISE, ROWS), (ChosenSetting("profile", "bea"), BEA)])
def test_between_sets_another_part_begins_and_the_run_goes_on(wish, choice):
    stage = changed({BEFORE: wish, WITHIN: wish, AFTER: wish})
    assert stage.chosen == [choice] * 2
    assert notes(stage).count(BETWEEN_SETS)
    assert not stage.controls.is_over
    assert len(stage.loop.coached.reps) == 2


def test_a_new_lifter_needs_a_valid_name():
    bo, no_name = EnteredText("profile", "Bo"), EnteredText("profile", "a/b")
    stage = changed({WITHIN: bo, AFTER: no_name, AFTER + 5: bo})
    assert stage.chosen == [PartChoice(profile="Bo")]
    within, refused, after = dict.fromkeys(filter(None, notes(stage)))
    assert (within, after) == (BETWEEN_SETS, "up now: Bo")
    assert refused.startswith("expected a name of up to 40")


def test_a_key_each_chooses_among_the_lifters_of_the_session():
    assert key_action("f2", typing=False) == ChosenLifter(1)
    assert key_action("shift f2", typing=False) == ChosenLifter(1, has_lifted=True)
    stage = Stage(keys={AFTER: ChosenLifter(1), AFTER + 2: ChosenLifter(2)}, recognising=a_recognising_pipeline({}))
    stage.loop.coached.lifters = ("anna", "bea")
    stage.lift(stage.feed(a_break(20.0)))
    assert stage.chosen == [BEA]


def test_leaving_the_start_screen_ends_the_run():
    stage = changed({AFTER: Action.EXERCISE}, ask=lambda _: None)
    assert (stage.chosen, stage.controls.is_over, len(stage.loop.coached.reps)) == ([], True, 2)
    assert stage.events()[-1]["event"] == "session_end"


def test_standards_of_the_start_screen_hold_from_the_next_rep_on():
    deep = PartChoice(standards=Standards(depth=35.0))
    stage = changed({BEFORE: Action.EXERCISE}, ask=lambda _: deep)
    assert stage.remembered == [deep]
    assert stage.events("standards")[0]["frame"] == BEFORE - 1


def test_a_long_pause_ends_the_run_for_another_session():
    seen = after_one_another(a_break(2.0), some_squats(1), a_break(21.0))
    pause, none = (
        lifted(seen, recognising=a_recognising_pipeline({4.0: sure_of("squat")}), ends_after_s=after_s)
        for after_s in (20.0, 40.0)
    )
    assert (pause.controls.ending, none.controls.ending) == ("pause", "over")
    assert 20.0 <= pause.screen.shown[-1][0].observation.t_s - pause.loop.coached.reps[-1].end_s < 20.5


def test_only_an_exercise_and_a_profile_chosen_by_name_are_remembered():
    """A switch to what the reps look like is not."""
    assert PartChoice(exercise="squat", profile="bea").settings_to_remember == {"exercise": "squat", "profile": "bea"}
    stage = changed({BEFORE: Action.EXERCISE})
    stage.chosen.clear()
    stage.controls.change_part("exercise", None, a_step(looks_like="lunge"))
    assert [(choice.exercise, choice.settings_to_remember) for choice in stage.chosen] == [("lunge", {})]
    settings = BEA.apply_to(override_values(load_settings({}), {"exercise": "squat", "profile": "anna"}))
    assert (settings.exercise, settings.profile) == ("squat", "bea")


# Sets that the lifter begins and ends by hand

BREATH = [*map(codec.round_observation, after_one_another(a_break(2.0), some_squats(2), a_break(1.5), some_squats(2)))]
breathed = Rehearsed(
    BREATH, lambda: Stage(recognising=a_recognising_pipeline({4.0: sure_of("squat"), 12.5: sure_of("squat")}))
).lifted
"""Two squats, a breath and two squats: one set, unless somebody says otherwise."""
IN_BREATH = 165


def sets(stage: Stage) -> list[int | None]:
    return [rep.set for rep in stage.loop.coached.reps]


def test_a_set_that_is_ended_is_summed_up_at_once_and_not_continued():
    ended = breathed({IN_BREATH: Action.END_SET})
    assert sets(ended) == [1, 1, 2, 2]
    assert [end["summary"]["reps"] for end in ended.events("set_end")] == [2, 2]
    (mark,) = ended.events("set_mark")
    assert ended.events("set_end")[0]["t_s"] - mark["t_s"] < 0.1


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ({}, [1, 1, 1, 1]),
        ({WITHIN: Action.END_SET}, [1, 1, 2, 2]),  # after the rep under way
        ({IN_BREATH: Action.END_SET, IN_BREATH + 5: Action.START_SET}, [1, 1, 2, 2]),
    ],
)
def test_a_mark_divides_a_set_and_a_breath_does_not(said, numbers):
    assert sets(breathed(said)) == numbers


# Standards of the next set

SQUATS = a_squat(reps=2, fps=FPS, view_deg=60.0)
HIGH = [codec.round_observation(one) for one in after_one_another(a_break(2.0), SQUATS, a_break(8.0), SQUATS)]
BETWEEN = 240
"""The picture before the second set."""
ONLY_DEEP, UNCHECKED = ChosenStandard(count="standard"), ChosenStandard(depth="none")


held = Rehearsed(HIGH, lambda: Stage(recognising=of_high_squats())).lifted
"""Two sets of two high squats."""


def counts(stage: Stage) -> list[bool]:
    return [rep.counts for rep in stage.loop.coached.reps]


def test_a_choice_before_a_set_or_between_two_sets_holds_from_the_next_rep_on():
    assert counts(held({BEFORE: ONLY_DEEP})) == [False] * 4
    deep = held({BETWEEN: ONLY_DEEP})
    assert counts(deep) == [True, True, False, False]
    (event,) = deep.events("standards")
    assert event["standards"] == {"depth": "parallel", "count": "standard"}
    assert deep.events("set_end")[0]["t_s"] < event["t_s"] < deep.events("rep")[2]["rep"]["start_s"]


def test_a_choice_is_answered_shown_and_kept():
    stage = held({BEFORE: UNCHECKED})
    assert next(filter(None, notes(stage))) == "depth: not checked"
    assert stage.screen.shown[-1][1].standards == Standards(depth="none")
    assert stage.remembered == [PartChoice(standards=Standards(depth="none"))]
    assert [rep.standards for rep in stage.loop.coached.reps] == [()] * 4


def test_one_key_leaves_the_depth_unchecked_and_another_press_checks_it_again():
    """As it was checked before: to a box, too. The choice of what counts keeps it."""
    box = ChosenStandard(depth=35.0)
    stage = held({BEFORE: box, BETWEEN: Action.DEPTH})
    assert stage.loop.coached.standards == Standards(depth="none")
    assert [bool(rep.standards) for rep in stage.loop.coached.reps] == [True, True, False, False]
    again = held({BEFORE: box, BETWEEN: Action.DEPTH, BETWEEN + 3: Action.DEPTH, BETWEEN + 6: ONLY_DEEP})
    assert again.loop.coached.standards == Standards(depth=35.0, count="standard")


# What is typed, however fast


def typed_at_once(text: str) -> Stage:
    """A run that is pressed all of these keys at the end of a set; the window tells one at a time."""
    stage = Stage()
    names = {"\n": "enter", " ": "space"}
    keys = deque(names.get(character, character) for character in text)
    done = a_deadlift(reps=1)
    observations = [*done, *standing(12.0, from_s=done[-1].t_s + 1 / 30)[::3]]

    def take_requests() -> list[Action | str]:
        if len(stage.screen.shown) < len(observations) - 5:
            return []
        typing = bool(stage.screen.shown) and stage.screen.shown[-1][1].device.typing
        action = key_action(keys.popleft(), typing=typing) if keys else None
        return [] if action is None else [action]

    stage.screen.take_requests = take_requests
    stage.lift(stage.feed(observations))
    return stage


@pytest.mark.parametrize(("keys", "load"), [("102.5\n", "102.5 kg"), ("97,5\n", "97.5 kg")])
def test_every_key_of_a_load_counts(keys, load):
    """A point is a point, and no frame forward, once a digit has begun a load."""
    assert typed_at_once(keys).screen.shown[-1][1].load == load


def test_a_note_keeps_its_capitals_and_its_letters_mean_nothing_else():
    """B would correct the last rep, and Q would quit."""
    stage = typed_at_once("tBelt, quick\n")
    assert "anna, set 1: note Belt, quick_, then Enter" in notes(stage)
    assert notes(stage)[-1] == "anna, set 1: note saved"
    assert not stage.events("correction")
