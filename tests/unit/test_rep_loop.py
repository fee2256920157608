"""The loop of two reps: its time, and its panel."""

from dataclasses import replace

import numpy as np
import pytest
from builders.observations import an_observation
from builders.rep_loops import a_loop, of_pair, with_figures
from builders.steps import a_full_set_summary, a_session_state, a_step

from livecoach.core.types import Hint, SetPlan
from livecoach.decisions.coaching.set_progress import SetProgress
from livecoach.feedback import rep_loop, screen_layout
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.rep_loop import LOOP_PICTURES, MOVES_S, STOPS_S, LoopPanel, RepLoop
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.shapes import ALARM, GOOD, GREY

BOX = Box(20, 10, 300, 380)


def drawn(loop: RepLoop, t_s: float, *, mirror: bool = False, panel: LoopPanel | None = None) -> np.ndarray:
    canvas = np.full((480, 640, 3), 200, np.uint8)
    (panel or LoopPanel(mirror=mirror)).draw(canvas, BOX, loop, t_s)
    return canvas


def caption_height_px(top: np.ndarray) -> int:
    """Return the height of the first line of grey text in a part of a panel."""
    rows = (np.abs(top.astype(int) - GREY).max(-1) < 60).any(1)
    return int(np.diff(np.flatnonzero(np.diff(np.r_[0, rows, 0])))[0])


def test_a_loop_shows_each_picture_in_turn_and_pauses_at_a_picture():
    times_s = np.arange(0.0, MOVES_S + STOPS_S, 0.01)
    loop = a_loop()
    phases = [loop.picture_index(5.0 + t_s) for t_s in times_s]
    assert sorted(set(phases)) == list(range(LOOP_PICTURES))
    assert (np.diff(phases) >= 0).all()
    assert phases.count(12) * 0.01 == pytest.approx(STOPS_S + MOVES_S / LOOP_PICTURES, abs=0.03)
    assert loop.picture_index(5.0 + MOVES_S + STOPS_S) == 0


def test_the_panel_keeps_within_its_box():
    canvas = drawn(a_loop(), 5.0)
    outside = np.ones(canvas.shape[:2], bool)
    outside[BOX.y : BOX.bottom, BOX.x : BOX.right] = False
    assert (canvas[outside] == 200).all()
    assert (canvas[~outside] != 200).any()


def test_a_long_caption_stays_over_its_rep():
    first, second = a_loop().reps
    reps = (replace(first, caption=3 * "Set 1, rep 4 "), replace(second, caption=" "))
    canvas = drawn(replace(a_loop(), reps=reps), 5.0)
    over_the_other = canvas[BOX.y : BOX.y + 16, BOX.x + BOX.w // 2 + 35 : BOX.right]
    assert (np.abs(over_the_other.astype(int) - GREY).max(-1) >= 60).all()


def test_a_caption_that_shrinks_to_its_place_takes_the_other_caption_along():
    loop = a_loop()
    short, long = (replace(rep, caption=caption) for rep, caption in zip(loop.reps, ("1111", 30 * "1"), strict=True))
    canvas = drawn(replace(loop, reps=(short, long)), 5.0)
    halves = (slice(BOX.x + 35, BOX.x + BOX.w // 2), slice(BOX.x + BOX.w // 2 + 35, BOX.right))
    heights = [caption_height_px(canvas[BOX.y : BOX.y + 45, half]) for half in halves]
    assert heights[0] == heights[1]


def test_a_picture_that_comes_again_looks_the_same():
    loop, panel = a_loop(), LoopPanel(mirror=False)
    first = drawn(loop, 5.5, panel=panel)
    assert not np.array_equal(drawn(loop, 6.2, panel=panel), first)
    assert np.array_equal(drawn(loop, 5.5 + MOVES_S + STOPS_S, panel=panel), first)
    other = a_loop(cue="Knees out")
    assert np.array_equal(drawn(other, 5.0, panel=panel), drawn(other, 5.0)), "another loop takes its place"
    hidden = replace(loop.reps[0], figures=(None,) * LOOP_PICTURES)
    assert drawn(a_loop(reps=(hidden, loop.reps[1])), 5.5).any(), "nobody visible in a picture leaves its place empty"


def test_a_mirror_flips_the_figures():
    assert not np.array_equal(drawn(a_loop(), 5.5, mirror=True), drawn(a_loop(), 5.5))


def test_of_three_reps_the_bodies_fill_their_places():
    loop = a_loop()
    canvas = drawn(replace(loop, reps=(loop.reps[1],) * 3, drill=""), 5.0)
    middle = canvas[BOX.y + 64 : BOX.y + BOX.h * 55 // 100, BOX.x + BOX.w // 3 : BOX.x + 2 * BOX.w // 3]
    white = np.nonzero((middle.max(2) > 230).any(1))[0]  # of the skeleton
    assert np.ptp(white) > 0.9 * middle.shape[0]


def test_three_captions_are_as_large_as_two():
    """A narrow place breaks them into two lines."""
    loop = a_loop(drill="")
    three = replace(loop, reps=(loop.reps[1],) * 3)
    heights = []
    for of in (loop, three):
        canvas = drawn(replace(of, reps=tuple(replace(rep, caption="111111 111111") for rep in of.reps)), 5.0)
        top = canvas[BOX.y : BOX.y + 45, BOX.x + 35 : BOX.x + BOX.w // len(of.reps) - 8]
        heights.append(caption_height_px(top))
    assert heights[1] >= heights[0]


def test_the_back_is_drawn_in_the_colour_of_the_verdict():
    both = a_loop(reps=tuple(of_pair(rep, joints=()) for rep in a_loop().reps))
    line = np.array([[60.0, 200.0], [140.0, 150.0], [220.0, 200.0]])
    backs = replace(both, reps=tuple(with_figures(rep, back=line) for rep in both.reps))
    panel, plain = (drawn(loop, 5.0) for loop in (backs, both))
    for colour, half in ((ALARM, slice(0, BOX.x + BOX.w // 2)), (GOOD, slice(BOX.x + BOX.w // 2, None))):
        more = [(np.abs(canvas[:, half].astype(int) - colour).max(-1) < 12).sum() for canvas in (panel, plain)]
        assert more[0] > more[1] + 50
    assert np.array_equal(drawn(backs, 7.3), drawn(both, 7.3))


@pytest.mark.parametrize("size", [(1280, 720), (800, 600), (640, 480), (480, 640), (405, 720), (1920, 1080)])
def test_the_loop_leaves_room_for_the_summary(size):
    sheet = screen_layout.lay_out_sheet(*size, longest_px=960)
    field = sheet.field(1)
    place, left = rep_loop.place_loop_and_summary(sheet, field, field.part_below(sheet.height // 3))
    assert place.overlap(left) == 0
    assert min(left.w, left.h) >= 0.2 * min(sheet.width, sheet.height)
    assert place.w >= 0.35 * sheet.width


def resting(rest_s: float, *, loop: RepLoop | None, planned_s: float = 60.0, **changes: object) -> np.ndarray:
    """The picture in a rest after a set."""
    progress = SetProgress(plan=SetPlan(rest_s=planned_s), rests_since_s=0.0)
    status = a_session_state(progress=progress, loop=loop)
    step = a_step(observation=an_observation(t_s=rest_s), summary=a_full_set_summary(), count=8, **changes)
    return Overlay(mirror=False, title="Squat").draw(np.full((480, 640, 3), 90, np.uint8), step, status)


HINT = Hint(kind="step_back", text="step back", done=False)


def test_a_hint_waits_until_the_rest_is_nearly_over():
    loop = a_loop()
    assert np.array_equal(resting(15.0, loop=loop, hint=HINT), resting(15.0, loop=loop))
    assert np.array_equal(resting(45.0, loop=loop, hint=HINT), resting(45.0, loop=None, hint=HINT))
    assert not np.array_equal(resting(45.0, loop=loop), resting(45.0, loop=None))


@pytest.mark.parametrize(
    ("problem", "warning"),
    [
        ("out_of_frame", "step back: head and feet are cut off"),
        ("no_person", "nobody in the picture"),
        ("no_person", "you are hidden: clear the view"),
        ("two_people", "two people: if you are not lifting, step aside"),
        ("too_dark", "too dark: add light"),
    ],
)
def test_no_warning_of_the_view_hides_the_loop_from_who_walks_up_to_look(problem, warning):
    """However it is worded, until the rest is nearly over. The depth that does not show from there is no matter then,
    either."""
    seen = {"warning": warning, "problem": problem, "drawbacks": ("can't be checked from here: depth",)}
    assert np.array_equal(resting(15.0, loop=a_loop(), **seen), resting(15.0, loop=a_loop()))
    assert not np.array_equal(resting(45.0, loop=a_loop(), **seen), resting(45.0, loop=a_loop()))


def test_a_warning_of_something_else_takes_the_place_of_the_loop():
    lost = resting(15.0, loop=a_loop(), warning="camera lost: trying again")
    assert not np.array_equal(lost, resting(15.0, loop=a_loop()))
