"""Hints before the set: one at a time, ticked when right, and then quiet."""

from dataclasses import replace

import numpy as np
import pytest
from builders.observations import a_sighting, an_observation
from builders.steps import a_view
from builders.stick_figure import a_stick_figure

from livecoach.core import landmark
from livecoach.core.types import Hint, Observation, View
from livecoach.perception.body.body import find_body
from livecoach.perception.body.placement import (
    BEGINS_S,
    DONE_S,
    LONGEST_S,
    READY_S,
    RIGHT_S,
    PlacementCheck,
    PlacementChecker,
    turn_hint,
)
from livecoach.perception.body.visibility import cut_off_hint

WANTED_DEG = (30.0, 65.0)
FPS = 20
STANDING = a_sighting(a_stick_figure(0.0))
RIGHT = a_view(45.0)
FRONTAL = a_view(5.0, "front")
FEET_OFF = a_sighting(a_stick_figure(0.0), feet=(0.5, 1.02))
SIDES_OFF = a_sighting(a_stick_figure(0.0) * (9.0, 1.0, 1.0))
AT_THE_SIDE = a_sighting(a_stick_figure(0.0), feet=(0.03, 0.9))
SMALL = a_sighting(a_stick_figure(0.0), height=0.14)
BENT = a_sighting(a_stick_figure(1.0))
NOBODY = replace(STANDING, landmarks=None, world=None, people=0)


class Run:
    """Feeds observations to a PlacementChecker, and keeps what came of it with its times."""

    def __init__(self) -> None:
        self.placing = PlacementChecker()
        self.frames = 0
        self.placed: list[tuple[float, PlacementCheck]] = []

    def see(
        self, seen: Observation, seconds: float, *, view: View | None = RIGHT, in_set: bool = False
    ) -> list[Hint | None]:
        first = len(self.placed)
        for _ in range(round(seconds * FPS)):
            now = replace(seen, t_s=self.frames / FPS)
            if in_set:
                self.placing = PlacementChecker(follows_set=True)
            placed = PlacementCheck(None, False) if in_set else self.placing.step(now, find_body(now), view, WANTED_DEG)
            self.placed.append((now.t_s, placed))
            self.frames += 1
        return [placed.hint for _, placed in self.placed[first:]]

    @property
    def ready_s(self) -> list[float]:
        return [t_s for t_s, placed in self.placed if placed.has_become_ready]


@pytest.fixture
def run() -> Run:
    return Run()


def texts(hints: list[Hint | None]) -> list[str]:
    """Each text once, in order; ticks marked."""
    shown = [f"{hint.text}{' ✓' if hint.done else ''}" for hint in hints if hint]
    return [text for i, text in enumerate(shown) if i == 0 or text != shown[i - 1]]


def test_a_lifter_who_stands_right_only_gets_ready_once(run):
    assert texts(run.see(STANDING, 30)) == []
    assert run.ready_s == [pytest.approx(READY_S, abs=0.1)]


@pytest.mark.parametrize(
    ("seen", "view", "kind", "text", "direction"),
    [
        (FEET_OFF, RIGHT, "step_back", "step back: feet are cut off", "up"),
        (SIDES_OFF, RIGHT, "step_back", "step back: both sides are cut off", "up"),
        (AT_THE_SIDE, RIGHT, "move_aside", "move to the middle: one side is cut off", "right"),
        (SMALL, RIGHT, "come_closer", "come closer", "down"),
        (STANDING, FRONTAL, "turn", "turn 40°: away from the camera", "turn-right"),
    ],
)
def test_hint_begins_after_a_second_and_is_ticked_when_right(run, seen, view, kind, text, direction):
    assert texts(run.see(seen, BEGINS_S - 0.1, view=view)) == []
    shown = run.see(seen, 2, view=view)
    assert shown[-1] == Hint(kind=kind, text=text, direction=direction)
    assert not run.ready_s
    assert texts(run.see(STANDING, 5)) == [text, f"{text} ✓"]
    ticked = [t_s for t_s, placed in run.placed if placed.hint and placed.hint.done]
    assert ticked[-1] - ticked[0] == pytest.approx(DONE_S, abs=0.1)
    assert len(run.ready_s) == 1


def test_the_most_important_hint_comes_first_and_alone(run):
    assert texts(run.see(FEET_OFF, 3, view=FRONTAL)) == ["step back: feet are cut off"]
    later = texts(run.see(STANDING, 5, view=FRONTAL))
    assert later == ["step back: feet are cut off", "step back: feet are cut off ✓", "turn 40°: away from the camera"]


def test_a_hint_that_is_not_followed_is_shown_for_a_limited_time(run):
    shown = [hint for hint in run.see(STANDING, 60, view=FRONTAL) if hint]
    assert len(shown) / FPS == pytest.approx(LONGEST_S, abs=0.2)


def test_a_refused_turn_is_no_obstacle_and_cut_off_feet_are_an_obstacle():
    """From the front some faults are not seen; without feet the lifter is not ready."""
    refused, cut = Run(), Run()
    refused.see(STANDING, 60, view=FRONTAL)
    cut.see(FEET_OFF, 60)
    assert len(refused.ready_s) == 1
    assert not cut.ready_s


def test_hint_comes_again_after_it_was_right_once(run):
    run.see(FEET_OFF, 20)
    run.see(STANDING, 2)
    assert texts(run.see(FEET_OFF, 3)) == ["step back: feet are cut off"]


def test_nothing_is_reported_while_a_set_is_under_way(run):
    run.see(STANDING, 3)
    run.see(STANDING, 15, view=FRONTAL)
    assert texts(run.see(STANDING, 5, view=FRONTAL, in_set=True)) == []
    assert texts(run.see(STANDING, 3, view=FRONTAL)) == ["turn 40°: away from the camera"]
    run.see(STANDING, 10)
    assert len(run.ready_s) == 2


def test_a_lifter_who_stays_after_a_set_hears_ready_only_after_coming_back(run):
    """It calls back to the bar, and is no word for the beginning of a rest."""
    run.see(STANDING, 3)
    run.see(BENT, 5, in_set=True)
    run.see(STANDING, 30)
    assert len(run.ready_s) == 1
    run.see(NOBODY, 5)
    run.see(STANDING, 0.5)
    run.see(BENT, 3)
    run.see(STANDING, 3)
    assert len(run.ready_s) == 2


def test_bending_over_neither_rights_nor_wrongs_what_needs_a_standing_lifter(run):
    """No tick for a lifter who loads his bar, and none is ready who is bent."""
    run.see(STANDING, 2, view=FRONTAL)
    assert texts(run.see(BENT, 3, view=RIGHT)) == ["turn 40°: away from the camera"]
    assert not run.ready_s


def test_frames_without_anybody_leave_a_hint_as_it_is(run):
    run.see(FEET_OFF, 2)
    assert texts(run.see(NOBODY, 1)) == ["step back: feet are cut off"]


def test_a_place_that_is_wrong_or_right_for_a_moment_changes_no_hint(run):
    """A hint needs a second, a tick a third of one."""
    for _ in range(10):
        assert texts(run.see(FEET_OFF, 0.8)) == []
        run.see(STANDING, 0.2)
    run.see(FEET_OFF, 2)
    assert texts(run.see(STANDING, RIGHT_S - 0.1)) == ["step back: feet are cut off"]


def test_while_time_stands_still_no_hint_begins():
    placing = PlacementChecker()
    assert all(placing.step(FEET_OFF, find_body(FEET_OFF), RIGHT, WANTED_DEG).hint is None for _ in range(50))


@pytest.mark.parametrize(
    ("azimuth", "told"),
    [
        (5.0, ("turn 40°: away from the camera", "turn-right")),
        (-18.0, ("turn 20°: away from the camera", "turn-left")),
        (25.0, None),
        (-45.0, None),
        (70.0, None),
        (90.0, ("turn 40°: to the camera", "turn-left")),
        (-90.0, ("turn 40°: to the camera", "turn-right")),
        (180.0, ("turn 120°: to the camera", "turn-left")),
    ],
)
def test_a_turn_is_described_by_the_camera_and_not_by_left_and_right(azimuth, told):
    """In steps of ten degrees, into the wanted range, and only where it is worth it; both sides alike. The arrow is of
    the lifter seen from above: a camera on the left is met by a turn to the left."""
    hint = turn_hint(a_view(azimuth, "front"), WANTED_DEG)
    assert told == (None if hint is None else (hint.text, hint.direction))


@pytest.mark.parametrize(("x", "direction"), [(-0.1, "right"), (1.1, "left")])
def test_a_lifter_cut_off_at_one_side_is_sent_to_the_other_side(x, direction):
    landmarks = np.full((landmark.COUNT, 5), 0.5, np.float32)
    landmarks[landmark.WRISTS[0], 0] = x
    hint = cut_off_hint(an_observation(landmarks=landmarks))
    assert hint is not None
    assert (hint.kind, hint.direction) == ("move_aside", direction)


def test_no_turn_is_asked_for_where_the_view_is_not_known(run):
    """A guess is no reason to send somebody about."""
    assert texts(run.see(STANDING, 5, view=replace(FRONTAL, uncertainty_deg=40.0))) == []
    assert texts(run.see(STANDING, 5, view=None)) == []
