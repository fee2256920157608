"""Warnings: when they begin and end, and what they say."""

from dataclasses import replace

import pytest
from builders import a_pose, a_squat, an_observation

from livecoach.form.body import body
from livecoach.form.gates import BEGINS_S, ENDS_S, HINTS, UNSTEADY, Warnings, leg_unsteadiness, state
from livecoach.types import Notice, NoticeKind

STATES = {
    "no_person": an_observation(nobody=True),
    "too_dark": replace(an_observation(nobody=True), brightness=0.02),
    "out_of_frame": an_observation(landmarks=a_pose(moved={"left_ankle": (0.55, 1.05)})),
    None: an_observation(),
}


def told(*stretches: tuple[NoticeKind | None, float], fps: float = 30.0) -> list[tuple[float, Notice]]:
    """Notices with their times, where each state lasts for some seconds."""
    warnings, out, frame = Warnings(), [], 0
    for kind, seconds in stretches:
        for _ in range(round(seconds * fps)):
            out += [(frame / fps, notice) for notice in warnings.step(frame / fps, kind)]
            frame += 1
    return out


@pytest.mark.parametrize("kind", STATES)
def test_state_of_a_picture(kind):
    """Nobody, dark, half outside, or nothing wrong."""
    observation = STATES[kind]
    assert state(observation, body(observation)) == kind


def test_somebody_in_a_dark_room_is_no_warning():
    """Where the lifter is seen, the light is enough."""
    dark = replace(an_observation(), brightness=0.01)
    assert state(dark, body(dark)) is None


@pytest.mark.parametrize("seconds", [0.03, 0.3, BEGINS_S - 0.1])
def test_short_loss_is_no_news(seconds):
    """Pose loses a frame now and then."""
    assert told((None, 1), ("no_person", seconds), (None, 1)) == []


def test_losses_again_and_again_are_no_news_unless_one_lasts():
    """Every interruption begins the waiting anew."""
    assert told(*[("no_person", 0.5), (None, 0.1)] * 20) == []


@pytest.mark.parametrize("fps", [12, 30, 60])
@pytest.mark.parametrize("kind", [k for k in STATES if k])
def test_warning_begins_and_ends_once(kind, fps):
    """By time, not by frames; both ends are told, with what to do."""
    (begun_s, begun), (ended_s, ended) = told((None, 1), (kind, 3), (None, 2), fps=fps)
    assert (begun.kind, begun.active, begun.text) == (kind, True, HINTS[kind])
    assert (ended.kind, ended.active) == (kind, False)
    assert begun_s == pytest.approx(1 + BEGINS_S, abs=2 / fps)
    assert ended_s == pytest.approx(4 + ENDS_S, abs=2 / fps)


def test_one_warning_gives_way_to_another():
    """The light goes out while nobody is there: the one ends as the other begins."""
    notices = [notice for _, notice in told(("no_person", 2), ("too_dark", 2))]
    assert [(n.kind, n.active) for n in notices] == [("no_person", True), ("no_person", False), ("too_dark", True)]


def test_flicker_does_not_end_a_warning():
    """Somebody who passes for a moment is not the lifter's return."""
    assert len(told(("no_person", 2), (None, 0.2), ("no_person", 2))) == 1


def test_active_is_the_warning_that_is_on():
    """From its begin to its end."""
    warnings = Warnings()
    seen = []
    for i in range(90):
        warnings.step(i / 30, "no_person" if i < 45 else None)
        seen.append(warnings.active)
    assert seen[0] is None
    assert seen[44] == "no_person"
    assert seen[-1] is None


def test_time_that_goes_back_does_no_harm():
    """No crash, and the warning comes."""
    warnings = Warnings()
    notices = [n for t_s in (1.0, 1.0, 0.5, 1.2, 1.9) for n in warnings.step(t_s, "no_person")]
    assert [n.kind for n in notices] == ["no_person"]


def test_legs_of_steady_bones_are_clear_and_guessed_ones_are_not():
    """Bones do not change their length: where they seem to by half, the joints are guessed."""
    steady = [observation.world for observation in a_squat(reps=1)]
    guessed = [world.copy() for world in steady]
    for world in guessed[::4]:
        world[[27, 28]] += (world[[27, 28]] - world[[25, 26]]) * 0.8
    assert leg_unsteadiness(steady) < 0.05
    assert leg_unsteadiness(guessed) > UNSTEADY
