"""Chips, and the text boxes of a rest."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from builders.observations import an_observation
from builders.rep_loops import a_loop
from builders.steps import a_full_set_summary, a_rep, a_session_state, a_set_summary, a_step, with_session, with_state

from livecoach.core.step import Step
from livecoach.core.types import Cue, HandAnswer, SetPlan
from livecoach.decisions.coaching.set_progress import SetProgress
from livecoach.feedback import panels, placed_message, rep_loop, screen_layout, summary_panel, text
from livecoach.feedback.display_state import DisplayState, ShownMessage
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.panels import draw_rest, set_words, status_chips
from livecoach.feedback.placed_message import RepNumber
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.session_state import SessionState, next_set_words
from livecoach.feedback.shapes import GOOD, INK
from livecoach.feedback.text import NO_BREAK

FIRST = SetProgress(plan=SetPlan(rest_s=120.0))
RESTING = replace(FIRST, set_number=2, rests_since_s=30.0)
QUIET = a_session_state(muted=False, profile="anna", load="100 kg")
WIDE, PHONE = (1280, 720), (360, 640)


def drawn(
    progress: SetProgress, t_s: float = 90.0, size: tuple[int, int] = WIDE, status: SessionState = QUIET, **now: object
) -> np.ndarray:
    """The canvas of a black picture without a lifter."""
    seen = an_observation(nobody=True, t_s=t_s, width_px=size[0], height_px=size[1])
    step = a_step(observation=seen, **{"index": progress.set_number - 1, **now})
    black = np.zeros((size[1], size[0], 3), np.uint8)
    # In a set nothing stands where somebody is to take place.
    overlay = Overlay(mirror=False, title="Romanian deadlift")
    overlay.draw(black, with_state(step, is_under_way=True, warning=None), status)
    return overlay.draw(black, step, replace(status, progress=progress))


def heights_of_lines(canvas: np.ndarray) -> list[int]:
    """Heights of the lines of white type, px, from the top."""
    lit = (np.abs(canvas.astype(int) - INK) < 60).all(axis=2).any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lit, [0]])))
    return [int(end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]


@pytest.mark.parametrize("size", [WIDE, (640, 480), PHONE])
def test_a_lifter_at_rest_reads_everything_from_three_metres(size):
    """Exercise, profile with load, and set: letters of 4.5 % of the height, 7 mm on a 13" screen; the digits of the
    rest are the largest of all, 12 %."""
    first, resting = (
        drawn(progress, size=size, status=replace(QUIET, profile="Anna")) for progress in (FIRST, RESTING)
    )
    lines = heights_of_lines(first)
    assert len(lines) in {4, 5}, "the title may take two"
    assert min(lines) >= 0.045 * first.shape[0]
    assert max(heights_of_lines(resting)) >= 0.12 * resting.shape[0]


def test_the_rest_counts_by_the_time_of_the_frames():
    now, same, later = (drawn(RESTING, t_s) for t_s in (90.0, 90.4, 91.0))
    assert (now == same).all()
    changed = (now != later).any(axis=2)
    assert changed.any()
    assert not changed[:, :640].any()


@pytest.mark.parametrize("size", [WIDE, (640, 480), PHONE])
@pytest.mark.parametrize("others", [(), ("Ben", "Cem", "Dominique", "Emil", "Franziska", "Gerd", "Heinz")])
def test_no_warning_lies_over_the_timer(size, others):
    status = replace(QUIET, lifters=("anna", *others))

    def changed(**warning: str) -> int:
        now, later = (drawn(RESTING, t_s, size, status, **warning) for t_s in (90.0, 91.0))
        return int((now != later).any(axis=2).sum())

    assert changed(warning="the picture lies on its side: turning it") == changed() > 0


def words_of_chips(step: Step, progress: SetProgress, loop: rep_loop.RepLoop | None = None) -> list[str]:
    standing = DisplayState("Squat")
    standing.update(step, replace(QUIET, progress=progress, loop=loop))
    return [words for chip in status_chips(standing, synthetic=False, brief=False) for words, *_ in chip.parts]


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_the_lifters_name_is_in_the_picture_in_a_set_and_beside_a_summary(size, monkeypatch):
    """The text box that names the lifter in a rest may have no room there. Who alone has given no name is not named."""
    written: list[str] = []
    for module in (panels.text, text.Block):
        write = module.write
        monkeypatch.setattr(module, "write", lambda *args, write=write: written.append(str(args)) or write(*args))
    summary = a_full_set_summary()
    for changes in ({"is_under_way": True, "count": 3}, {"summary": summary}, {}):
        written.clear()
        drawn(FIRST if changes else RESTING, size=size, **changes)
        assert "anna" in str(written), changes
    standing = DisplayState("Squat")
    standing.update(a_step(is_under_way=True), replace(QUIET, profile="me", lifters=("me",), progress=FIRST))
    assert next(chip.parts[0][0] for chip in status_chips(standing, synthetic=False, brief=False)) == "Squat"


def test_how_a_hand_answers_is_said_by_the_loop_or_by_a_chip():
    asked = a_step(summary=a_full_set_summary(), reference_s=(1.0, 4.0), hand=HandAnswer())
    assert [words.replace(NO_BREAK, " ") for words in words_of_chips(asked, RESTING, a_loop())] == [
        "My good reps? y · Not my good reps? n"
    ]
    assert words_of_chips(asked, RESTING)[1:] == ["right hand up: yes, left hand up: no"]


def test_a_depth_that_does_not_show_is_of_the_next_set_once_there_was_one():
    """Every rep of the last set may have shown it; who is at the camera is told nothing of it."""
    hidden = a_step(observation=an_observation(t_s=145.0), drawbacks=("can't be checked from here: depth",))
    over = with_state(hidden, summary=a_set_summary(notes=("5 of 5 to depth",)))
    assert words_of_chips(hidden, FIRST) == ["can't be checked from here: depth"]
    assert words_of_chips(over, RESTING) == ["next set: can't be checked from here: depth"]
    assert words_of_chips(over, replace(RESTING, in_place=False)) == []


def test_the_end_of_a_planned_rest_is_shown():
    before, after = drawn(RESTING, 149.9), drawn(RESTING, 150.0)
    assert not (np.abs(before.astype(int) - GOOD) < 30).all(axis=2).any()
    assert (np.abs(after[:200].astype(int) - GOOD) < 40).all(axis=2).sum() > 2000


@pytest.mark.parametrize("size", [(960, 540), (640, 480)])
@pytest.mark.parametrize("t_s", [90.0, 750.0])
def test_text_boxes_beside_a_loop_stay_in_their_columns(size, t_s):
    sheet = screen_layout.Sheet(*size)
    column = rep_loop.column_width_px(sheet)
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    boxes = draw_rest(canvas, "Squat", replace(QUIET, progress=RESTING), t_s, sheet, size[1], column)
    assert len(boxes) == 2
    assert max(box.w for box in boxes) <= column
    written = (np.abs(canvas.astype(int) - INK) < 60).all(axis=2)
    inside = [written[box.y : box.bottom, box.x : box.right] for box in boxes]
    assert sum(map(np.sum, inside)) == written.sum(), "nothing is written beside a box"
    for rows in (on.any(axis=1) for on in inside):
        assert 0.5 < (rows.argmax() + 1) / (rows[::-1].argmax() + 1) < 2, "as far from the upper edge as from the lower"


@pytest.mark.parametrize("title", ["Romanian deadlift", "Rumänisches Kreuzheben", "Peso muerto rumano"])
@pytest.mark.parametrize("progress", [FIRST, RESTING])
def test_a_long_title_leaves_the_head_of_a_lifter_in_the_middle_free(title, progress):
    status, canvas = replace(QUIET, progress=progress), np.zeros((480, 640, 3), np.uint8)
    covered = draw_rest(canvas, title, status, 90.0, screen_layout.Sheet(640, 480), 480, None)
    head = Box(266, 40, 108, 105)
    assert [box.overlap(head) for box in covered] == [0] * len(covered)


@pytest.mark.parametrize("progress", [FIRST, RESTING])
def test_other_lifters_are_named_if_there_is_room(progress):
    several = replace(QUIET, lifters=("anna", *"bcdefgh"))
    for warning in (None, "the picture lies on its side: turning it"):
        named, alone = (drawn(progress, status=status, warning=warning) for status in (several, QUIET))
        assert (named == alone).all() == (warning is not None)


@pytest.mark.parametrize(
    ("number", "planned", "expected"),
    [
        (1, None, "set 1"),
        (2, 5, "set 2 of 5"),
        (5, 5, "set 5 of 5"),
        (6, 5, "5 of 5 sets done"),
        (7, 5, "6 sets done, 5 planned"),
    ],
)
def test_the_number_of_a_set_is_described_in_words(number, planned, expected):
    progress = SetProgress(plan=SetPlan(sets=planned), set_number=1, plan_set=number)
    resting = replace(progress, rests_since_s=3.0)
    assert set_words(progress, in_set=False) == set_words(resting, in_set=True) == expected
    assert set_words(resting, in_set=False) == (expected if "done" in expected else f"next: {expected}")


def test_planned_reps_stand_under_the_number_and_beside_a_fault_cue():
    now = {"is_under_way": True, "index": 1, "count": 3}
    alarm = Cue(kind="anomalous_rep", text="chest up", rep=1, say="chest up")
    for how in (now, now | {"size": (640, 480), "cue": alarm, "rep": a_rep(verdict="anomalous")}):
        plain, planned = (drawn(SetProgress(plan=SetPlan(reps=reps)), **how) for reps in (None, 5))
        assert (plain != planned).any()
        assert how is not now or max(heights_of_lines(planned)) == max(heights_of_lines(plain)) >= 0.25 * 540


@pytest.mark.parametrize("size", [WIDE, (640, 480), PHONE])
def test_the_word_to_stop_leaves_the_number_and_the_planned_reps_free(size):
    """Beside a picture in portrait they share a narrow panel."""
    sheet = screen_layout.lay_out_sheet(*size, 960)
    field = sheet.field(1)
    number = Box(field.x, field.y, *RepNumber(4, planned=8).size(sheet))
    placed = placed_message.place_message(
        ShownMessage("stop", "stop", detail="last rep 24 % slower"), field, sheet.height, [], [number]
    )
    assert placed.box.overlap(number) == 0


@pytest.fixture
def boxes(monkeypatch) -> list[Box]:
    """Of the text boxes and the summary that are drawn."""
    boxes: list[Box] = []
    for kind in (panels._TextBox, summary_panel.SummaryPanel):
        drawn_by = kind.draw

        def draw(self, *where, _drawn_by=drawn_by):
            box = _drawn_by(self, *where) or self.box
            boxes.append(box)
            return box

        monkeypatch.setattr(kind, "draw", draw)
    return boxes


def test_in_portrait_no_text_box_covers_the_summary(boxes):
    """With several rows of chips: exercise and set give way, the clock stays."""
    seen = an_observation(t_s=130.0, width_px=PHONE[0], height_px=PHONE[1])
    over = a_step(observation=seen, index=1, summary=a_full_set_summary(), count=8)
    resting = with_session(QUIET, progress=RESTING, recording=True, muted=True, note="too slow: frames are left out")
    Overlay(mirror=False, title="Romanian deadlift").draw(np.zeros((PHONE[1], PHONE[0], 3), np.uint8), over, resting)
    assert len(boxes) == 2
    assert not any(one.overlap(other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("lifters", [(), ("anna", "Ben", "Cleopatra the Second")])
@pytest.mark.parametrize("rest_s", [None, 45.0])
def test_in_4_to_3_no_text_box_covers_the_summary_of_a_lifter_of_several(rest_s, lifters, boxes):
    """Who stands in the middle keeps the head free. rest_s: planned, and over; None for a rest without an end."""
    over = a_step(observation=an_observation(t_s=130.0), index=1, summary=a_full_set_summary(), count=8)
    plan = SetPlan(sets=3, reps=2, rest_s=rest_s)
    status = replace(QUIET, progress=replace(RESTING, plan=plan), lifters=lifters)
    overlay = Overlay(mirror=False, title="Squat")
    for _ in range(2):
        boxes.clear()
        overlay.draw(np.zeros((480, 640, 3), np.uint8), over, status)
    assert len(boxes) == 3
    assert not any(one.overlap(other) for one, other in combinations(boxes, 2))


def test_the_rest_after_the_planned_last_rep_is_shown_while_the_set_is_not_over():
    step, done = (
        a_step(is_under_way=True, count=5, observation=an_observation(t_s=42.0)),
        replace(FIRST, rests_since_s=30.0),
    )
    assert "rest 0:12" in words_of_chips(step, done)
    assert not any("rest" in words for words in words_of_chips(step, FIRST))


def test_a_set_to_stop_shows_stop_and_the_loss_until_it_is_over():
    standing, step = DisplayState("Squat"), a_step(is_under_way=True, index=1, count=3)
    slow = SetProgress(plan=SetPlan(stop_at_loss=0.2), loss=0.23)
    stop = ShownMessage("stop", "stop", detail="last rep 23 % slower")
    for progress, expected in ((slow, stop), (replace(slow, loss=None), None)):
        standing.update(step, replace(QUIET, progress=progress))
        assert standing.message == expected


@pytest.mark.parametrize(
    ("progress", "load", "shown"),
    [
        (replace(FIRST, plan=SetPlan(sets=3, reps=5)), "100 kg", "next set: 5 × 100 kg"),
        (replace(FIRST, plan=SetPlan(reps=5)), None, "next set: 5 reps"),
        (replace(FIRST, plan=SetPlan(reps=5)), "10_ kg", "10_ kg"),  # a load that is being typed stands alone
        (replace(FIRST, plan=SetPlan()), "100 kg", "100 kg"),
        (replace(FIRST, plan=SetPlan()), None, None),
        # After the last planned set no next one is announced: "1 of 1 sets done" stands under it.
        (replace(FIRST, plan=SetPlan(sets=1, reps=5), set_number=2, plan_set=2), "100 kg", "100 kg"),
    ],
)
def test_before_a_set_its_planned_reps_and_load_are_shown(progress, load, shown):
    typing = load is not None and "_" in load
    assert next_set_words(with_session(QUIET, load=load, typing=typing, progress=progress)) == shown
