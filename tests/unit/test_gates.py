"""Warnings: when they begin and end, and what they say."""

from dataclasses import replace

import numpy as np
import pytest
from builders.observations import a_pose, a_sighting, a_squat, an_observation
from builders.stick_figure import a_stick_figure

from livecoach.core.documents import WarningEvent
from livecoach.core.types import WarningKind
from livecoach.perception.body import visibility
from livecoach.perception.body.body import find_body

STATES = {
    "no_person": an_observation(nobody=True),
    "too_dark": replace(an_observation(nobody=True), brightness=0.1),
    "out_of_frame": an_observation(landmarks=a_pose(moved={"left_ankle": (0.55, 1.05)})),
    "two_people": replace(an_observation(), people=2),
    None: an_observation(),
}
WAITS_S = {
    kind: (visibility.COMPANY_S, visibility.ALONE_S)
    if kind == "two_people"
    else (visibility.BEGINS_S, visibility.ENDS_S)
    for kind in STATES
}


def notices_of(*stretches: tuple[WarningKind | None, float], fps: float = 30.0) -> list[tuple[float, WarningEvent]]:
    """Notices with their times, where each state lasts for some seconds."""
    warnings, out, frame = visibility.Warnings(), [], 0
    for kind, seconds in stretches:
        for _ in range(round(seconds * fps)):
            out += [(frame / fps, notice) for notice in warnings.step(frame / fps, kind)]
            frame += 1
    return out


@pytest.mark.parametrize(
    ("kind", "observation"),
    [
        *STATES.items(),
        (None, replace(an_observation(), brightness=0.01)),  # where the lifter is seen, the light is enough
        ("out_of_frame", replace(STATES["out_of_frame"], people=2)),  # the most important thing only
    ],
)
def test_the_most_important_problem_of_a_picture_is_found(kind, observation):
    assert visibility.visibility_problem(observation, find_body(observation)) == kind


@pytest.mark.parametrize(
    ("feet", "height", "text"),
    [
        ((0.5, 1.02), 0.42, "step back: feet are cut off"),
        ((0.5, 0.5), 0.42, "step back: head is cut off"),
        ((0.5, 1.1), 0.9, "step back: head and feet are cut off"),
        ((0.03, 0.9), 0.42, "move to the middle: one side is cut off"),
    ],
)
def test_the_parts_of_the_body_that_are_cut_off_are_reported(feet, height, text):
    """By the joints that are outside; not with left and right, which a mirror exchanges."""
    assert visibility.problem_text("out_of_frame", a_sighting(a_stick_figure(0.0), feet=feet, height=height)) == text


@pytest.mark.parametrize(("nose_y", "text"), [(0.14, None), (0.005, "step back: head is cut off")])
def test_a_head_at_the_edge_of_the_picture_is_cut_off(nose_y, text):
    """BlazePose puts the nose of a head that is cut off on the edge, inside of the picture."""
    seen = an_observation(landmarks=a_pose(moved={"nose": (0.5, nose_y)}))
    kind = visibility.visibility_problem(seen, find_body(seen))
    assert (kind and visibility.problem_text(kind, seen)) == text


@pytest.mark.parametrize("kind", ["too_dark", "no_person", "two_people"])
def test_a_warning_about_light_or_people_has_its_fixed_text(kind):
    assert visibility.problem_text(kind, STATES[kind]) == visibility.WARNING_TEXTS[kind]


def test_text_of_a_warning_follows_what_is_wrong():
    warnings = visibility.Warnings()
    for i in range(60):
        warnings.step(i / 30, "out_of_frame", "feet" if i < 30 else "head")
        if i == 25:
            assert (warnings.active, warnings.text) == ("out_of_frame", "feet")
    assert warnings.text == "head"
    for i in range(60, 90):
        warnings.step(i / 30, None)
    assert (warnings.active, warnings.text) == (None, None)


NOBODY_BEGINS, NOBODY_ENDS, DARK_BEGINS = ("no_person", True), ("no_person", False), ("too_dark", True)
COMPANY_BEGINS, COMPANY_ENDS = ("two_people", True), ("two_people", False)


@pytest.mark.parametrize(
    ("stretches", "told"),
    [
        *(([(None, 1), ("no_person", seconds), (None, 1)], []) for seconds in (0.03, 0.3, visibility.BEGINS_S - 0.1)),
        ([("no_person", 0.5), (None, 0.1)] * 20, []),
        ([(None, 1), ("two_people", 2), (None, 3)], []),
        ([("two_people", 1), (None, 1.5)] * 5, []),  # One after the other passes by
        ([(None, 1), *[("two_people", 1.9), (None, 0.5)] * 8, (None, 2)], [COMPANY_BEGINS, COMPANY_ENDS]),
        ([("no_person", 2), (None, 0.2), ("no_person", 2)], [NOBODY_BEGINS]),
        # The light goes out while nobody is there: the one ends as the other begins.
        ([("no_person", 2), ("too_dark", 2)], [NOBODY_BEGINS, NOBODY_ENDS, DARK_BEGINS]),
    ],
)
def test_only_a_state_that_lasts_begins_or_ends_a_warning(stretches, told):
    """Pose loses a frame now and then, and every interruption begins the waiting anew; and somebody may pass by, who is
    not the lifter's return. But somebody who squats beside the lifter is lost at the turn of each squat."""
    assert [(notice.warning, notice.active) for _, notice in notices_of(*stretches)] == told


@pytest.mark.parametrize("fps", [12, 30, 60])
@pytest.mark.parametrize("kind", [k for k in STATES if k])
def test_warning_begins_and_ends_once(kind, fps):
    """By time, not by frames; both ends are told, with what to do."""
    (begun_s, begun), (ended_s, ended) = notices_of((None, 1), (kind, 4), (None, 2), fps=fps)
    assert (begun.warning, begun.active, begun.text) == (kind, True, visibility.WARNING_TEXTS[kind])
    assert (ended.warning, ended.active) == (kind, False)
    begins_s, ends_s = WAITS_S[kind]
    assert begun_s == pytest.approx(1 + begins_s, abs=2 / fps)
    assert ended_s == pytest.approx(5 + ends_s, abs=2 / fps)


def test_a_time_that_goes_back_begins_a_warning_once():
    warnings = visibility.Warnings()
    notices = [n for t_s in (1.0, 1.0, 0.5, 1.2, 1.9) for n in warnings.step(t_s, "no_person")]
    assert [n.warning for n in notices] == ["no_person"]


def test_legs_of_steady_bones_are_clear_and_guessed_legs_are_not():
    """Bones do not change their length: where they seem to by half, the joints are guessed."""
    steady = [observation.world for observation in a_squat(reps=1)]
    guessed = [world.copy() for world in steady]
    for world in guessed[::4]:
        world[[27, 28]] += (world[[27, 28]] - world[[25, 26]]) * 0.8
    assert visibility.leg_unsteadiness(steady) < 0.05
    assert visibility.leg_unsteadiness(guessed) > visibility.UNSTEADY


TORSO_PX = 0.5 * 0.42 * 480
"""Of the figure of `a_sighting`."""


def failed(landmarks: np.ndarray, world: np.ndarray, split_torso_m: float | None = None) -> dict[str, str]:
    """Of a rep at 30 frames a second in a picture of 640×480."""
    t_s = np.arange(len(world)) / 30
    return visibility.unmeasurable_joints(
        landmarks, world, t_s, TORSO_PX, (640, 480), steadied=landmarks[..., :2], split_torso_m=split_torso_m
    )


def a_rep(view_deg: float = 30.0) -> tuple[np.ndarray, np.ndarray]:
    """Landmarks (T, 33, 5) and world (T, 33, 3) of a squat that is seen well; to change as a test likes."""
    seen = a_squat(reps=1, fps=30.0, view_deg=view_deg)
    return np.stack([o.landmarks for o in seen]).copy(), np.stack([o.world for o in seen]).copy()


@pytest.mark.parametrize("view_deg", [0, 30, 60, 90, -45, -90])
def test_rep_that_is_seen_well_fails_nowhere(view_deg):
    assert failed(*a_rep(view_deg)) == {}


def test_ankles_below_the_picture_are_out_of_it():
    landmarks, world = a_rep()
    landmarks[:, [*visibility.GROUPS["ankles"], *visibility.GROUPS["feet"]], 1] += 0.2
    assert failed(landmarks, world) == {"ankles": "frame", "feet": "frame"}


def test_legs_that_change_sides_are_found():
    landmarks, world = a_rep(0)
    for name in ("knees", "ankles", "feet"):
        left, right = visibility.GROUPS[name]
        middle = slice(len(world) // 4, 3 * len(world) // 4)
        landmarks[middle, left], landmarks[middle, right] = landmarks[middle, right], landmarks[middle, left].copy()
    assert failed(landmarks, world) == dict.fromkeys(("knees", "ankles", "feet"), "swap")


def split_legs(view_deg: float, ahead_m: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """A rep with the left leg that far in front of the hips, and the right one behind them."""
    landmarks, world = a_rep(view_deg)
    forward = np.array([-np.sin(np.radians(view_deg)), 0.0, -np.cos(np.radians(view_deg))])
    for pair in visibility.LEG_GROUPS:
        for joint, sign in zip(visibility.GROUPS[pair], (1, -1), strict=True):
            world[:, joint] += sign * ahead_m * forward
            landmarks[:, joint, 0] += sign * ahead_m * forward[0] * TORSO_PX / 0.5 / 640
    return landmarks, world


def test_legs_that_cross_in_the_picture_are_not_exchanged_where_one_is_in_front():
    """Seen obliquely, the left leg of a lunge is on the right one's side of the picture."""
    landmarks, world = split_legs(40)
    assert failed(landmarks, world)["knees"] == "swap"
    assert "swap" not in failed(landmarks, world, split_torso_m=0.5).values()


def test_split_legs_that_are_exchanged_in_the_world_are_found():
    """Left is right all along: the shoulders tell."""
    landmarks, world = split_legs(0, ahead_m=0.1)
    for name in visibility.LEG_GROUPS:
        world[:, visibility.GROUPS[name]] = world[:, visibility.GROUPS[name][::-1]]
    assert failed(landmarks, world, split_torso_m=0.5) == dict.fromkeys(visibility.LEG_GROUPS, "swap")


def test_knee_that_jumps_about_is_found():
    for every, far in ((2, 0.5), (60, 1.6)):
        landmarks, world = a_rep()
        landmarks[1::every, visibility.GROUPS["knees"][0], 0] += far * TORSO_PX / 640
        assert failed(landmarks, world) == {"knees": "jump"}


def test_bones_that_stretch_are_found():
    landmarks, world = a_rep()
    (ankle, _), (knee, _) = visibility.GROUPS["ankles"], visibility.GROUPS["knees"]
    world[::5, ankle] += 0.8 * (world[::5, ankle] - world[::5, knee])
    assert failed(landmarks, world) == {"ankles": "bones"}


def test_feet_that_wander_are_found():
    landmarks, world = a_rep()
    landmarks[len(world) // 3 :, :, 0] += np.linspace(0, 1, len(world) - len(world) // 3)[:, None] * 2 * TORSO_PX / 640
    landmarks[..., 0] -= 0.15
    assert failed(landmarks, world) == {"ankles": "feet_moved", "feet": "feet_moved"}
    assert failed(landmarks, world, split_torso_m=0.5) == {}  # a lunge is a step


def test_the_far_leg_fails_no_rep_where_the_near_leg_hides_it():
    landmarks, world = a_rep(90)
    near, far = visibility.GROUPS["knees"]
    guessed = landmarks.copy()
    guessed[1::2, far, 0] += 0.6 * TORSO_PX / 640
    assert failed(guessed, world) == {}
    landmarks[1::2, near, 0] += 0.6 * TORSO_PX / 640
    assert failed(landmarks, world) == {"knees": "jump"}
