"""What the phone's page shows of a step: the same as the window."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders.depth import a_depth
from builders.observations import an_observation
from builders.rep_loops import a_loop, with_a_line, with_figures
from builders.steps import a_rep, a_session_state, a_set_summary, a_step, a_view, with_session

from livecoach.core.language import using_language, with_unbroken_units
from livecoach.core.loads import format_load
from livecoach.core.step import Learning, Step
from livecoach.core.types import Correction, Cue, HandAnswer, SetPlan, Standards
from livecoach.decisions.coaching.last_time import FaultFollowUp
from livecoach.decisions.coaching.set_progress import SetProgress
from livecoach.decisions.judging.fault_model import CameraPlaces
from livecoach.decisions.recognition.naming import other_exercise_hint
from livecoach.feedback.display_state import DisplayState
from livecoach.feedback.screen import Action, ChosenLifter, ChosenSetting, ChosenStandard, ReassignedSet
from livecoach.feedback.session_state import LiftedSet, SessionState
from livecoach.feedback.two_reps import HEIGHT
from livecoach.phone.sink import PhoneScreen, RemoteChoices, idle_fields, loop_fields, state_fields

STATUS = a_session_state(muted=False)
LEARNING = Learning(have=2, wanted=4)


def shown(*steps: Step, status: SessionState = STATUS) -> dict[str, Any]:
    """The fields of the state after steps."""
    standing = DisplayState("Squat")
    for step in steps:
        standing.update(step, status)
    return state_fields(standing)


def test_the_page_gets_how_many_reps_are_learned_and_wanted() -> None:
    assert shown(a_step(rep=a_rep(), is_under_way=True, learning=LEARNING))["learning"] == {"have": 2, "wanted": 4}


def test_faults_that_the_camera_cannot_see_are_shown_in_the_lifters_language() -> None:
    before = a_step(drawbacks=("can't be checked from here: back rounded",))
    with using_language("de"):
        assert shown(before)["costs"] == ["von hier nicht zu prüfen: Rücken rund"]
    assert shown(a_step(is_under_way=True))["costs"] == []


def test_the_sets_to_log_are_the_newest_first_in_the_lifters_language() -> None:
    done = replace(STATUS, sets=(LiftedSet(1, 1, format_load(102.5, "metric"), "ada", 8.0), LiftedSet(3, 2)))
    with using_language("de"):
        assert shown(a_step(), status=done)["sets"] == [(3, 2, "", None, None), (1, 1, "102,5 kg", "ada", 8.0)]


SET_OF_TWO = [a_rep(set=3, own_set=2, number=number, start_s=float(number)) for number in (1, 2)]


@pytest.mark.parametrize(
    ("labels", "answer"),
    [
        ((None, None), None),
        (("good", "bad"), None),
        (("good", None), None),
        (("good", "good"), "Satz 2: 2 Wdh. sind gut"),
        (("bad", "bad"), "Satz 2: 2 Wdh. sind schlecht"),
        (("good", "no-rep"), "Satz 2: 1 Wdh. ist gut"),
    ],
)
def test_the_last_set_can_be_called_good_or_not_until_all_its_reps_were(labels, answer) -> None:
    said = [label and Correction(label=label) for label in labels]
    reps = [replace(rep, correction=correction) for rep, correction in zip(SET_OF_TWO, said, strict=True)]
    done = replace(STATUS, reps=reps, sets=(LiftedSet(1, 1), LiftedSet(3, 2)))
    with using_language("de"):
        assert shown(a_step(), status=done)["last_set"] == {"number": 3, "name": "Satz 2", "answer": answer}


def test_a_set_under_way_or_in_question_offers_no_button() -> None:
    done = replace(STATUS, reps=SET_OF_TWO, sets=(LiftedSet(3, 2),))
    states = {"is_under_way": True}, {"reference_s": (1.0,)}, {"asks_who": True}, {"exercises": ("squat", "lunge")}
    for state in states:
        assert shown(a_step(**state), status=done)["last_set"] is None
    none = [replace(rep, correction=Correction(label="no-rep")) for rep in SET_OF_TWO]
    assert shown(a_step(), status=replace(done, reps=none))["last_set"] is None
    assert shown(a_step())["last_set"] is None


def test_until_something_is_lifted_the_floor_shows_where_the_camera_stands() -> None:
    """Each sector with what shows from there; and no camera while its place is not known."""
    places = CameraPlaces(seen_from={"back rounded": (range(63, 106),)}, shown_by_legs=())
    floor = shown(a_step(view=a_view(-44.6)), status=replace(STATUS, camera_places=places))["floor"]
    assert floor["azimuth"] == -45
    assert floor["ring"][1:3] == [(-105, -63, "all"), (-62, 62, "some")]
    unknown = shown(a_step(view=None))["floor"]
    assert (unknown["azimuth"], [shows for _, _, shows in unknown["ring"]]) == (None, ["none", "unknown", "none"])
    lifted = a_step(is_under_way=True), a_step(index=1), a_step(progress=0.4)
    assert [shown(step)["floor"] for step in lifted] == [None] * 3


def test_no_key_is_to_be_pressed_on_a_phone():
    """Where the window names one, the phone names what to tap."""
    told = shown(a_step(warning=other_exercise_hint("squat")))["message"]
    assert (told["kind"], told["text"]) == ("warning", "this looks like squat: choose it under Remote")


class Phone:
    """A phone that counts the states that it is sent, and on which both buttons of a question are pressed."""

    def __init__(self) -> None:
        self.states = 0

    def send_state(self, fields: dict[str, Any]) -> None:
        self.states += 1
        self.choices = fields["choices"]

    def take_requests(self) -> list[Action]:
        return [Action.CHOOSE_FIRST, Action.CHOOSE_SECOND]


@pytest.fixture
def link() -> Phone:
    return Phone()


@pytest.fixture
def screen(link: Phone) -> PhoneScreen:
    return PhoneScreen(link, DisplayState("Squat"))  # type: ignore[arg-type]


def test_a_page_gets_at_most_fifteen_messages_a_second_and_news_at_once(link: Phone, screen: PhoneScreen) -> None:
    for index in range(120):
        screen.show(None, a_step(observation=an_observation(t_s=index / 60)), STATUS, 0.0)
    assert 24 <= link.states <= 30
    before = link.states
    said = Cue(kind="good_rep", text="1", rep=1, say=None)
    screen.show(None, a_step(observation=an_observation(t_s=2.0), cue=said), STATUS, 0.0)
    screen.show(None, a_step(observation=an_observation(t_s=2.0)), STATUS, None)
    assert link.states == before + 2


def test_the_buttons_of_a_question_answer_what_is_asked(link: Phone, screen: PhoneScreen) -> None:
    assert screen.take_requests() == []
    screen.show(None, a_step(reference_s=(1.0, 4.0)), STATUS, 0.0)
    assert link.choices == ["My good reps", "Not my good reps"]
    assert screen.take_requests() == [Action.YES, Action.NO]
    screen.show(None, a_step(exercises=("squat", "lunge")), STATUS, None)
    assert screen.take_requests() == [Action.CHOOSE_FIRST, Action.CHOOSE_SECOND]


def test_the_question_who_has_lifted_is_answered_by_a_tap(link, screen):
    """The lifter at hand, or the other one; it comes before any other question."""
    two = replace(STATUS, profile="ben", lifters=("ada", "ben"))
    screen.show(None, a_step(asks_who=True, reference_s=(1.0, 4.0)), two, 0.0)
    assert link.choices == ["ben lifted", "ada lifted"]
    assert screen.take_requests() == [Action.YES, ChosenLifter(0)]


def test_a_hand_that_is_held_up_fills_a_bar_under_what_it_says():
    asked = shown(a_step(reference_s=(1.0,), hand=HandAnswer()))
    assert (asked["by_hand"], asked["message"], asked["held"]) == ("right hand up: yes, left hand up: no", None, None)
    told = shown(a_step(reference_s=(1.0,), hand=HandAnswer(answer="no", held=0.4)))
    assert (told["message"]["text"], told["message"]["shape"], told["held"]) == ("Not my good reps", "cross", 0.4)
    assert shown(a_step(reference_s=(1.0,)))["by_hand"] == ""


def test_one_tap_says_that_a_set_was_high_on_purpose(link, screen):
    """There is one button then: the other one means nothing."""
    high = [a_rep(set=1, number=n, standards=(a_depth(),)) for n in (1, 2, 3)]
    screen.show(None, a_step(summary=a_set_summary()), replace(STATUS, reps=high), None)
    assert link.choices == ["High on purpose"]
    assert screen.take_requests() == [Action.DEPTH]


OFFER = RemoteChoices(
    exercise="squat",
    exercises={"Squat": "squat"},
    profile="anna",
    profiles=["anna"],
    depths={"to parallel": "parallel", "box 35 cm": 35.0, "not checked": "none"},
)


@pytest.mark.parametrize(
    ("chosen", "there"),
    [
        (ChosenStandard(depth=35.0), True),
        (ChosenStandard(depth="none"), True),
        (ChosenStandard(depth="below"), False),
        (ChosenStandard(depth=1e9), False),
        (ChosenStandard(count="standard"), True),
        (ChosenStandard(count="none"), False),  # type: ignore[arg-type]
        (ChosenSetting("exercise", "squat"), True),
        (ChosenSetting("exercise", "deadlift"), False),
        (ChosenSetting("exercise", "../squat"), False),
        (ChosenSetting("profile", "anna"), True),
        (ChosenSetting("profile", "ben"), False),
        (ChosenSetting("profile", "/tmp"), False),
        (ReassignedSet("anna"), True),
        (ReassignedSet("ben"), False),
    ],
)
def test_exercise_profile_and_standard_are_chosen_among_those_that_there_are(chosen, there):
    """The remote names none, and so makes no file."""
    assert OFFER.offers(chosen) == there


def test_the_page_gets_the_standards_by_the_names_of_its_choices():
    offer = replace(OFFER, depths={})
    assert offer.fields()["depths"] == []
    assert not offer.offers(ChosenStandard(count="standard"))
    page = shown(a_step(), status=replace(STATUS, standards=Standards(depth=35.0)))
    assert (page["depth"], page["counted"]) == ("35", "all")
    assert {"name": "35", "title": "box 35 cm"} in OFFER.fields()["depths"]


@pytest.mark.parametrize(("units", "name"), [("metric", "kg"), ("imperial", "lb")])
def test_the_page_gets_the_unit_of_a_load_typed_without_a_unit(units, name):
    with using_language("en", units):
        assert OFFER.fields()["load_unit"] == name


def test_the_advice_is_shown_as_in_the_window():
    ready = a_step(cue=Cue(kind="ready", text="ready", rep=None, say="ready"))
    told = shown(ready, status=with_session(STATUS, reminder="last time: knees out"))["message"]
    assert (told["text"], told["detail"]) == ("ready", "last time: knees out")
    assert shown(ready)["message"]["detail"] is None
    over = a_step(observation=an_observation(t_s=60.0), summary=a_set_summary())
    since = FaultFollowUp(fault="knee_cave", cue="knees out", checked=8, faulty=0)
    lines = shown(ready, over, status=with_session(STATUS, fault_follow_up=since))["summary"]["lines"]
    assert "knees out: fixed, 8\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}8" in lines


def resting(t_s: float, **changes: object) -> dict[str, object]:
    """What the page gets at a time of a rest."""
    step = a_step(observation=an_observation(t_s=t_s), summary=a_set_summary(), **changes)
    return shown(step, status=replace(STATUS, loop=a_loop()))


def test_the_page_gets_the_line_at_the_knee():
    fields = loop_fields(with_a_line(a_loop()), 5.0 + 1.2)
    line = fields["loop"]["reps"][0]["line"]
    assert (line["verdict"], line["words"], line["points"][0][1]) == ("met", "deep", 0.7)
    assert (line["shown"][fields["phase"]], line["shown"][0]) == (True, False)


def test_the_facts_of_a_summary_are_separated_by_commas():
    """The window sets them apart by room, which a line of the page has not."""
    pace = {"eccentric_s": 1.8, "pause_s": 0.4, "concentric_s": 1.2, "best": 2}
    step = a_step(observation=an_observation(t_s=5.0), summary=a_set_summary(good=6, exercise="squat", **pace))
    assert shown(step)["summary"]["lines"] == [
        with_unbroken_units(line)
        for line in ("8 reps, 6 good", "down 1.8 s, pause at the bottom 0.4 s, up 1.2 s", "best: rep 2")
    ]


def test_a_personal_best_is_a_line_of_the_summary():
    best = with_unbroken_units("personal best: 6 reps at 100 kg")
    step = a_step(observation=an_observation(t_s=5.0), summary=a_set_summary())
    assert shown(step, status=with_session(STATUS, record=best))["summary"]["lines"][1] == best


def test_the_page_gets_the_figures_of_the_moment():
    """Their places move, in shares of their height; all else stays, and is news only once."""
    one, next_one = resting(5.0), resting(6.0)
    loop = one["loop"]
    assert [rep["line"] for rep in loop["reps"]] == [None, None]
    assert loop["words"] == ["Stay tall", "52°, your good reps 41°", a_loop().drill]
    assert [(rep["caption"], rep["shape"]) for rep in loop["reps"]] == [
        ("Set 1, rep 4", "cross"),
        ("Set 1, rep 2", "tick"),
    ]
    assert loop["reps"][0]["joints"] == [23]
    assert next_one["loop"] == loop
    assert next_one["figures"] != one["figures"]
    heights = [y for x, y, visible in one["figures"][0] if visible]
    assert 0 <= min(heights) < max(heights) <= 1


def test_the_page_gets_the_edge_of_the_back_where_it_is_known():
    both = a_loop()
    line = np.array([[100.0, 200.0], [140.0, 180.0], [180.0, 200.0]])
    rounded = replace(both, reps=(with_figures(both.reps[0], back=line), both.reps[1]))
    shares = [[100 / HEIGHT, 200 / HEIGHT], [140 / HEIGHT, 180 / HEIGHT], [180 / HEIGHT, 200 / HEIGHT]]
    assert loop_fields(rounded, rounded.began_s)["backs"] == [shares, None]
    assert loop_fields(rounded, rounded.began_s + 2.5)["backs"] == [None, None]


def test_a_note_leaves_the_loop_its_room():
    """The page shows it small, as the window does; without a loop it is the message. What lasts is none: it would cover
    the page for minutes, as a slow machine or a disk that is full."""
    told = shown(a_step(), status=with_session(STATUS, trouble="computer too slow: close other programs"))
    assert (told["message"], told["trouble"]) == (None, "computer too slow: close other programs")
    step = a_step(observation=an_observation(t_s=5.0), summary=a_set_summary())
    noted = with_session(STATUS, note="set 1: RPE 8")
    looping = shown(step, status=replace(noted, loop=a_loop()))
    assert (looping["message"], looping["note"]) == (None, "set 1: RPE 8")
    message = shown(step, status=noted)["message"]
    assert (message["text"], message["kind"]) == ("set 1: RPE 8", "said")


def test_the_field_of_the_load_has_a_load_and_not_the_plan():
    """An empty field asks for what is in force, and "next set: 5 × 100 kg" is no load."""
    planned = SetProgress(plan=SetPlan(sets=2, reps=5))
    told = shown(a_step(), status=replace(STATUS, load="100 kg", progress=planned))
    assert (told["load"], told["load_in_force"]) == ("next set: 5 × 100 kg", "100 kg")


def test_the_set_is_called_as_in_the_window() -> None:
    """Once all planned ones are done, too: "set 2 of 1" is none."""
    done = SetProgress(plan=SetPlan(sets=1, reps=10), set_number=2, plan_set=2)
    told = shown(a_step(), status=replace(STATUS, progress=done))
    assert (told["set"], told["planned"]) == ("1 of 1 sets done", 10)


def test_a_wait_between_runs_has_no_colour_of_a_verdict():
    """Green would praise "too slow" and "no picture yet"."""
    assert idle_fields("no picture yet from the phone")["message"]["kind"] == "said"


def test_a_message_takes_the_place_of_the_loop():
    fields = resting(5.0, warning="two people: if you are not lifting, step aside")
    assert (fields["loop"], fields["figures"]) == (None, None)
