"""A hand that is raised and held for a second answers a question: the right one yes, the left one no."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from builders.raised_hands import DOWN, LEFT_UP, RIGHT_UP, Hands, hands_over_time, somebody

from livecoach.core import landmark
from livecoach.core.types import HandAnswer, Observation
from livecoach.decisions.coaching.raised_hand import LONGEST_GAP_S, RISES_S, RaisedHandDetector
from livecoach.perception.body.body import find_body

LEFT_WRIST, RIGHT_WRIST, RIGHT_ELBOW = landmark.WRISTS[0], landmark.WRISTS[1], landmark.ELBOWS[1]


def followed(observations: Iterable[Observation], hand: RaisedHandDetector | None = None) -> list[HandAnswer]:
    hand = hand or RaisedHandDetector()
    return [hand.step(one, find_body(one)) for one in observations]


def said(observations: Iterable[Observation]) -> list[str | None]:
    """The answers that were given."""
    return [answer.answer for answer in followed(observations) if answer.held == 1]


def changed(seen: Observation, number: int, **values: float) -> Observation:
    """The same with other values of a landmark: x, y, or visibility."""
    assert seen.landmarks is not None
    landmarks = seen.landmarks.copy()
    for name, value in values.items():
        landmarks[number, {"x": 0, "y": 1, "visibility": 3}[name]] = value
    return replace(seen, landmarks=landmarks)


def _x(seen: Observation, number: int) -> float:
    assert seen.landmarks is not None
    return float(seen.landmarks[number, 0])


@pytest.mark.parametrize(("hands", "answer"), [(RIGHT_UP, "yes"), (LEFT_UP, "no")])
@pytest.mark.parametrize("view_deg", [-40.0, 0.0, 40.0])
@pytest.mark.parametrize("fps", [6.0, 30.0])
def test_a_hand_up_for_a_second_answers(hands, answer, view_deg, fps):
    """The lifter's own right hand says yes, seen from the front more or less, and in the few pictures of a rest."""
    assert said(hands_over_time((DOWN, 0.5), (hands, 1.4), fps=fps, view_deg=view_deg)) == [answer]


def test_the_progress_grows_from_nothing_to_the_answer():
    answers = followed(hands_over_time((DOWN, 0.5), (RIGHT_UP, 1.2)))
    up = [answer for answer in answers if answer.answer is not None]
    assert {answer.answer for answer in up} == {"yes"}
    held = [answer.held for answer in up]
    assert held == sorted(held)
    assert (held[0], held[-1]) == (0.0, 1.0)
    assert held[15] == pytest.approx(0.5, abs=0.02)


def test_a_hand_that_stays_up_answers_once_and_half_a_second_or_two_of_them_are_no_answer():
    assert said(hands_over_time((DOWN, 0.5), (RIGHT_UP, 0.6), (DOWN, 0.3), (RIGHT_UP, 0.6), (DOWN, 0.5))) == []
    assert said(hands_over_time((DOWN, 0.5), (RIGHT_UP, 5.0))) == ["yes"]
    assert said(hands_over_time((DOWN, 0.5), (RIGHT_UP, 2.0), (DOWN, 0.5), (LEFT_UP, 2.0))) == ["yes", "no"]


@pytest.mark.parametrize(
    ("hands", "answers"),
    [
        (("up", "up"), []),
        (("at head", "up"), []),
        (("down", "at head"), []),
        (("down", "bent up"), []),
        (("down", "ahead"), []),
        (("down", "ahead and up"), []),
        (("down", "aside and up"), []),
        (("ahead", "up"), []),
        (("on hip", "on hip"), []),
        (("on hip", "up"), ["yes"]),
    ],
)
def test_other_movements_of_hands_are_no_answer_but_a_hand_on_the_hip_is_allowed(hands: Hands, answers: list[str]):
    assert said(hands_over_time((DOWN, 0.5), (hands, 2.0))) == answers


def test_a_hand_that_was_up_before_is_no_answer():
    assert said(hands_over_time((RIGHT_UP, 3.0))) == []
    assert said(hands_over_time((DOWN, 0.5), (("down", "at head"), RISES_S + 0.3), (RIGHT_UP, 2.0))) == []


@pytest.mark.parametrize("way", ["aside_m", "ahead_m"])
def test_a_hand_that_waves_is_no_answer(way):
    """To the side, or towards the camera, which the picture hardly shows."""
    waves = [
        somebody(RIGHT_UP, t_s=0.5 + number / 30, **{way: 0.15 * np.sin(2 * np.pi * 1.5 * number / 30)})
        for number in range(90)
    ]
    assert said([*hands_over_time((DOWN, 0.5)), *waves]) == []


def test_a_hand_that_waves_in_the_picture_alone_is_no_answer():
    """The pose estimator's world is sometimes too calm."""
    seen = hands_over_time((DOWN, 0.5), (RIGHT_UP, 3.0))
    x = _x(seen[-1], RIGHT_WRIST)
    assert said(changed(one, RIGHT_WRIST, x=x + 0.03 * np.sin(10 * one.t_s)) for one in seen) == []


def test_a_lifter_who_sways_with_a_raised_hand_answers():
    swaying = [
        replace(one, landmarks=one.landmarks + np.float32([0.1 * one.t_s, 0, 0, 0, 0]), world=one.world + one.t_s / 5)
        for one in hands_over_time((DOWN, 0.5), (RIGHT_UP, 1.4))
    ]
    assert said(swaying) == ["yes"]


@pytest.mark.parametrize(
    ("elbow", "wrist"),
    [
        pytest.param((0, 0, -0.3), (0, 0, 0), id="bent"),
        pytest.param((0, 0.2, -0.28), (0, 0.37, -0.55), id="ahead"),
        pytest.param((0.25, 0, 0), (0.5, 0, 0), id="over the head"),
    ],
)
def test_an_arm_that_is_bent_or_leads_elsewhere_in_the_world_alone_is_no_answer(elbow, wrist):
    """Each moved across in shoulder widths, down, and towards the camera, of which the picture shows little."""

    def moved(seen: Observation) -> Observation:
        world = seen.world.copy()
        left, right = world[[*landmark.SHOULDERS]]
        for joint, (across, down, ahead) in ((RIGHT_ELBOW, elbow), (RIGHT_WRIST, wrist)):
            world[joint] += across * (left - right) + (0, down, ahead)
        return replace(seen, world=world.astype(np.float32))

    assert said(map(moved, hands_over_time((DOWN, 0.5), (RIGHT_UP, 2.0)))) == []


@pytest.mark.parametrize(("lean_deg", "answers"), [(-3.0, ["yes"]), (3.0, ["yes"]), (-10.0, []), (10.0, [])])
def test_a_stretch_to_the_side_is_no_answer(lean_deg, answers):
    """Somebody who answers stands upright."""
    assert said(hands_over_time((DOWN, 0.5), (RIGHT_UP, 1.4), lean_deg=lean_deg)) == answers


@pytest.mark.parametrize(("sinks", "answers"), [(0.1, ["yes"]), (0.6, [])])
def test_shoulders_that_tilt_much_are_no_answer(sinks, answers):
    """sinks: the left shoulder, as a share of the distance between both."""
    seen = hands_over_time((DOWN, 0.5), (RIGHT_UP, 1.4))
    left, right = landmark.SHOULDERS
    assert seen[0].landmarks is not None
    x, y = seen[0].landmarks[left, :2]
    across = abs(x - seen[0].landmarks[right, 0]) * seen[0].width_px / seen[0].height_px
    assert said(changed(one, left, y=y + sinks * across) for one in seen) == answers


@pytest.mark.parametrize("number", [20, 30, 40])
def test_a_single_misplaced_wrist_costs_no_time(number):
    seen = hands_over_time((DOWN, 0.5), (RIGHT_UP, 1.1))
    x = _x(seen[number], RIGHT_WRIST) - 0.05
    assert said([*seen[:number], changed(seen[number], RIGHT_WRIST, x=x), *seen[number + 1 :]]) == ["yes"]


@pytest.mark.parametrize("view_deg", [65.0, -65.0, 90.0, -90.0, 150.0, 180.0])
def test_from_the_side_and_from_behind_hands_are_not_told_apart(view_deg):
    assert said(hands_over_time((DOWN, 0.5), (RIGHT_UP, 2.0), view_deg=view_deg)) == []


@pytest.mark.parametrize("lack", [{"visibility": 0.2}, {"x": np.nan, "y": np.nan}], ids=["hidden", "without a place"])
@pytest.mark.parametrize("number", [RIGHT_ELBOW, RIGHT_WRIST, *landmark.SHOULDERS, *landmark.HIPS])
def test_a_joint_that_is_hidden_or_without_a_place_is_no_answer(number, lack):
    seen = hands_over_time((DOWN, 0.5), (RIGHT_UP, 2.0))
    assert said(changed(one, number, **lack) for one in seen) == []


@pytest.mark.parametrize(("seconds", "answers"), [(0.1, ["yes"]), (0.6, [])])
def test_a_flicker_does_not_end_a_hold(seconds, answers):
    seen = hands_over_time((DOWN, 0.5), (RIGHT_UP, 1.4))
    assert (
        said(changed(s, RIGHT_WRIST, visibility=0.1 if 1.0 <= s.t_s < 1.0 + seconds else 1.0) for s in seen) == answers
    )


def test_a_lost_person_and_time_that_goes_back_begin_anew():
    """Both hands have to be seen down again."""
    seen = hands_over_time((DOWN, 0.5), (RIGHT_UP, 3.0))
    lost = [replace(one, landmarks=None, world=None, people=0) if one.index == 20 else one for one in seen]
    assert said(lost) == []
    later = [replace(one, t_s=one.t_s - 0.5) for one in hands_over_time((DOWN, 0.5), (RIGHT_UP, 2.0))[-40:]]
    assert said([*hands_over_time((DOWN, 0.5), (RIGHT_UP, 0.7)), *later]) == []


@pytest.mark.parametrize(("gap_s", "answers"), [(0.9 * LONGEST_GAP_S, ["yes"]), (1.5 * LONGEST_GAP_S, [])])
def test_a_gap_in_time_begins_anew(gap_s, answers):
    seen = hands_over_time((DOWN, 0.5), (RIGHT_UP, 1.5))
    assert said(one for one in seen if not 0.8 < one.t_s < 0.8 + gap_s) == answers
