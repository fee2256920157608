"""The picture while the exercise is recognised: what is expected, its name, and the choice between two."""

from dataclasses import replace

import numpy as np
import pytest
from builders.observations import an_observation
from builders.steps import a_full_set_summary, a_rep, a_step

from livecoach.feedback.display_state import ASKED_AFTER_S, CHOICE_KEYS, SHOWN_S, DisplayState
from livecoach.feedback.overlay import Overlay, RunStatus
from livecoach.feedback.panels import KEYS
from livecoach.feedback.window import Action, action_of_key
from livecoach.types import Cue, LikelyExercise, Recognition, Step

TITLES = {"squat": "Squat", "lunge": "Lunge", "romanian_deadlift": "Romanian deadlift"}
QUIET = RunStatus(fps=None, latency_ms=None, dropped=0, muted=None, paused=False, note=None)
NOTHING = Recognition(name=None, probability=0.9)
SQUAT = Recognition(name="squat", probability=0.97, sure=True)
WIDE, PHONE = (640, 480), (360, 640)


def unsure(name: str = "squat", other: str = "lunge") -> Recognition:
    return Recognition(name=name, probability=0.5, alternatives=(LikelyExercise(name=other, probability=0.4),))


def at(t_s: float, size: tuple[int, int] = WIDE, **changes: object) -> Step:
    """A step of a run whose exercise is recognised."""
    seen = an_observation(t_s=t_s, width_px=size[0], height_px=size[1])
    return a_step(observation=seen, **{"recognition": NOTHING, **changes})


def after(*steps: Step) -> DisplayState:
    standing = DisplayState(TITLES)
    for step in steps:
        standing.update(step)
    return standing


def shown(*steps: Step) -> str | None:
    message = after(*steps).message
    return None if message is None else message.text


def drawn(*steps: Step, titles: dict[str, str] | None = TITLES) -> np.ndarray:
    """The canvas of the last step, on a black picture."""
    overlay = Overlay(mirror=False, title="", titles=titles)
    for step in steps:
        seen = step.observation
        canvas = overlay.draw(np.zeros((seen.height_px, seen.width_px, 3), np.uint8), step, QUIET)
    return canvas


def rows_of_light(canvas: np.ndarray) -> int:
    """Height of the area in which something bright is, px."""
    rows = np.flatnonzero((canvas.min(axis=2) > 240).any(axis=1))
    return int(rows[-1] - rows[0] + 1) if len(rows) else 0


def test_the_exercise_is_told_when_it_becomes_known():
    """By its title, for two to three seconds."""
    known = [at(0.0), at(1.0, exercise="squat", recognition=SQUAT)]
    later = at(1.1 + SHOWN_S, exercise="squat", recognition=SQUAT)
    assert shown(*known) == "Squat"
    assert 2 <= SHOWN_S <= 3
    assert shown(*known, later) is None


def test_another_exercise_in_the_next_set_is_told_again():
    """The change is news as the first one was."""
    done = [at(0.0), at(1.0, exercise="squat"), at(60.0)]
    assert shown(*done, at(61.0, exercise="lunge")) == "Lunge"
    assert shown(*done, at(61.0, exercise="squat")) is None


def test_an_exercise_that_was_known_before_a_jump_is_no_news():
    """After a jump in a replay the first step tells nothing new."""
    assert shown(at(30.0, exercise="squat", recognition=SQUAT)) is None


def test_an_exercise_that_was_given_is_not_announced():
    """Who asked for it knows it."""
    standing = DisplayState(None)
    for step in (a_step(), a_step(exercise="squat")):
        standing.update(step)
    assert standing.message is None


def test_the_two_likeliest_are_shown_as_a_choice():
    """Each with its key, until one is taken. Within a movement two are often likely for a moment: nobody is asked."""
    standing = after(at(0.0), at(7.0, recognition=unsure()))
    assert standing.message is None
    standing.update(at(7.0 + ASKED_AFTER_S, recognition=unsure()))
    assert standing.message is not None
    assert standing.message.text.replace("\N{NO-BREAK SPACE}", " ").splitlines() == ["Squat? 1", "Lunge? 2"]
    assert "1 or 2" in (standing.message.detail or "")
    standing.update(at(9.1, exercise="squat", recognition=unsure()))
    assert standing.message.text == "Squat"


def test_the_summary_leaves_its_room_to_the_question():
    """Together they cover the lifter, who has begun the next set."""
    summary = a_full_set_summary()
    standing = after(at(0.0, summary=summary), at(7.0, summary=summary, recognition=unsure()))
    assert standing.summary == summary
    standing.update(at(7.0 + ASKED_AFTER_S, summary=summary, recognition=unsure()))
    assert standing.summary is None
    standing.update(at(9.1, summary=summary))
    assert standing.summary == summary


@pytest.mark.parametrize(
    "recognition", [NOTHING, SQUAT, replace(unsure(), alternatives=()), replace(unsure(), name=None)]
)
def test_nothing_is_asked_where_there_is_no_choice(recognition):
    """Neither of a movement that is no exercise, nor of one that is known."""
    assert shown(at(0.0), at(1.0, recognition=recognition), at(9.0, recognition=recognition)) is None


def test_an_alarm_outranks_the_name():
    """What to correct comes first."""
    bad = a_rep(verdict="anomalous", score=1.7)
    cue = Cue(kind="anomalous_rep", text="knees out", rep=1, say="knees out")
    assert shown(at(0.0), at(1.0, exercise="squat", rep=bad, cue=cue)) == "knees out"


@pytest.mark.parametrize("size", [WIDE, PHONE])
@pytest.mark.parametrize(("name", "lines"), [("squat", 1), ("romanian_deadlift", 2)])
def test_the_name_is_legible_from_three_metres(size, name, lines):
    """Its letters are as high as those of a correction; the longest name takes two lines beside a narrow picture."""
    nobody = an_observation(nobody=True, width_px=size[0], height_px=size[1])
    before = at(0.0, size, in_set=True)
    known = replace(before, observation=replace(nobody, t_s=1.0), exercise=name, recognition=SQUAT)
    canvas = drawn(replace(before, observation=replace(nobody, t_s=0.0)), known)
    assert rows_of_light(canvas) >= 0.075 * canvas.shape[0] * (lines if size == PHONE else 1)


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_what_is_expected_stands_in_the_place_of_the_number(size):
    """No count, and no 0, as long as it is not known what is counted."""
    waiting, known = drawn(at(0.0, size)), drawn(at(0.0, size, exercise="squat", recognition=SQUAT))
    corner = np.s_[: waiting.shape[0] // 2, : waiting.shape[1] // 2]
    assert (waiting[corner] != known[corner]).any()
    assert (drawn(at(0.0, size, count=3))[corner] == waiting[corner]).all()


def test_nothing_is_expected_where_the_exercise_was_given():
    """The window is as it was."""
    seen = at(0.0)
    assert (drawn(seen, titles=None) == drawn(replace(seen, exercise="squat"), titles=None)).all()


def test_the_choice_fits_a_phone_in_large_type():
    """Long names are broken between their words; each keeps its key on its line."""
    both = unsure("romanian_deadlift", "romanian_deadlift")
    asked = drawn(at(0.0, PHONE, recognition=both), at(ASKED_AFTER_S, PHONE, recognition=both))
    assert rows_of_light(asked) >= 4 * 0.07 * PHONE[1]


def test_the_title_stands_in_the_corner_afterwards():
    """Small, as that of a given exercise."""
    later = at(9.0, exercise="lunge")
    given = Overlay(mirror=False, title="Lunge").draw(np.zeros((480, 640, 3), np.uint8), later, QUIET)
    assert (drawn(later) == given).all()
    assert (drawn(at(9.0)) != given).any()


def test_a_summary_says_of_which_exercise_it_is():
    """After a set the exercise may change: the next one is not known."""
    told, other = (at(9.0, summary=a_full_set_summary(exercise=name)) for name in ("squat", "lunge"))
    assert (drawn(told) != drawn(other)).any()
    assert (drawn(told) == drawn(replace(told, exercise="squat"))).all()


def test_the_keys_of_the_choice_are_those_that_it_shows():
    """Named in the help, too."""
    assert [action_of_key(ord(key)) for key in CHOICE_KEYS] == [Action.CHOOSE_FIRST, Action.CHOOSE_SECOND]
    assert any(all(key in keys for key in CHOICE_KEYS) for keys, _ in KEYS)
