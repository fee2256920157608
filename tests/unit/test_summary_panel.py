"""What a set's summary says, and where it and a message stand: each is read, and leaves the lifter free."""

from dataclasses import replace

import numpy as np
import pytest
from builders.steps import a_full_set_summary, a_set_summary

from livecoach.core.types import SetSummary
from livecoach.core.types.message import Message
from livecoach.decisions.coaching.cues import UNSEEN_FAULTS
from livecoach.decisions.coaching.last_time import FaultFollowUp
from livecoach.feedback import shapes
from livecoach.feedback.display_state import ShownMessage
from livecoach.feedback.placed_message import place_message
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.session_state import EarlierSessionNotes
from livecoach.feedback.shapes import CROSS, DASH, TICK
from livecoach.feedback.summary_panel import HidingTimer, place_summary, summary_rows

SUMMARY = a_full_set_summary()
UNSEEN = Message(UNSEEN_FAULTS, text="back rounded")
FIELD = Box(20, 50, 920, 430)
HEIGHT_PX = 540
UNKNOWN = replace(
    SUMMARY,
    eccentric_s=None,
    pause_s=None,
    concentric_s=None,
    speed=None,
    speed_unit=None,
    velocity_loss=None,
    best=None,
    slowest=None,
    fastest=None,
)


def lines_of(summary: SetSummary, since: FaultFollowUp | None = None) -> list[str]:
    """The rows as one reads them."""
    rows = summary_rows(summary, EarlierSessionNotes(fault_follow_up=since))
    return [" ".join(row.parts).replace("\N{NO-BREAK SPACE}", " ") for row in rows]


@pytest.mark.parametrize(
    ("fault", "checked", "faulty", "expected"),
    [
        ("bar_away", 8, 0, ["bar close: fixed, 8 of 8", "1 rep: hips and chest together"]),
        ("bar_away", 8, 2, ["2 reps: bar close, as last time", "1 rep: hips and chest together"]),
        ("hips_early", 8, 1, ["1 rep: bar close, as last time", "up 1.2 s pause at the top 0.4 s down 1.8 s"]),
        ("bar_away", 0, 0, ["can't be checked from here: bar close", "1 rep: hips and chest together"]),
        ("bar_away", 2, 0, ["1 rep: hips and chest together", "up 1.2 s pause at the top 0.4 s down 1.8 s"]),
    ],
)
def test_the_outcome_of_the_last_sessions_fault_comes_first(fault, checked, faulty, expected) -> None:
    """A fault that is still the commonest is named once; two reps without it say nothing."""
    since = FaultFollowUp(fault=fault, cue="bar close", checked=checked, faulty=faulty)
    assert lines_of(SUMMARY, since)[1:3] == expected


def test_a_summary_tells_reps_fault_pace_speed_and_best_rep() -> None:
    assert lines_of(SUMMARY) == [
        "8 reps, 7 good",
        "1 rep: hips and chest together",
        "up 1.2 s pause at the top 0.4 s down 1.8 s",
        "0.45 m/s rep 8: 12 % slower than rep 2",
        "best: rep 3",
    ]


NO_FAULT = {"fault": None, "fault_cue": None, "fault_reps": 0}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({**NO_FAULT, "reps": 5, "good": 5, "anomalous": 0}, ["5 reps, all good"]),
        ({**NO_FAULT, "reps": 1, "good": 1, "anomalous": 0}, ["1 rep, good"]),
        (
            {**NO_FAULT, "reps": 5, "good": 5, "anomalous": 0, "notes": (UNSEEN,)},
            ["5 reps, 5 good", "can't be checked from here: back rounded"],
        ),
        ({**NO_FAULT, "reps": 4, "good": 0, "anomalous": 1, "different": 3}, ["4 reps, 1 to check, 3 different"]),
        ({**NO_FAULT, "reps": 4, "good": 0, "anomalous": 4}, ["0 of 4 good"]),
        ({"good": 5, "anomalous": 3, "fault_reps": 3}, ["8 reps, 5 good", "3 reps: hips and chest together"]),
        ({"good": 5, "unsure": 2}, ["8 reps, 5 good", "1 rep: hips and chest together", "2 not judged"]),
        ({**NO_FAULT, "good": 0, "anomalous": 0, "unsure": 8}, ["8 reps", "8 not judged"]),
        ({**NO_FAULT, "fault_reps": 1}, ["8 reps, 7 good", "1 unlike your good ones"]),
        ({**NO_FAULT, "marked": 1}, ["8 reps, 7 good", "1 marked bad by you"]),
        (
            {"good": 8, "anomalous": 0, "notes": ("rep 2, learned from: bar close",)},
            ["8 reps, 8 good", "1 rep: hips and chest together", "rep 2, learned from: bar close"],
        ),
    ],
)
def test_unknown_figures_are_left_out_of_a_summary(changes: dict[str, object], expected: list[str]) -> None:
    assert lines_of(replace(UNKNOWN, **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"velocity_loss": 0.0}, "no speed loss"),
        ({"velocity_loss": 0.04}, "no speed loss"),  # it can hardly be measured
        ({"velocity_loss": 0.2}, "rep 8: 20 % slower than rep 2"),
        (
            {"speed": 0.9, "speed_unit": "torso/s"},
            "about 0.4 m/s (height not known)",
        ),  # a torso means nothing to people
    ],
)
def test_a_speed_and_its_loss_in_words(changes: dict[str, object], expected: str) -> None:
    assert expected in lines_of(replace(SUMMARY, **changes))[3]  # type: ignore[arg-type]


def test_verdicts_have_a_shape_beside_their_colour() -> None:
    found = {row.sign for row in summary_rows(replace(SUMMARY, unsure=1))}
    assert found == {None, CROSS, DASH}
    good = replace(UNKNOWN, good=8, anomalous=0, fault_cue=None)
    assert summary_rows(good)[0].sign is TICK
    head, unseen, _ = summary_rows(replace(good, fault_reps=0, best=2, notes=(UNSEEN,)))
    assert (head.sign, unseen.sign, unseen.spare) == (None, DASH, 0)


@pytest.mark.parametrize("left", [60, 640])
def test_the_panel_stands_beside_a_lifter_who_leaves_room(left: int) -> None:
    lifter = Box(left, 60, 220, 400)
    panel = place_summary(summary_rows(SUMMARY), FIELD, HEIGHT_PX, lifter)
    assert panel.box.overlap(lifter) == 0
    assert panel.cap_px >= 0.04 * HEIGHT_PX


@pytest.mark.parametrize("width", [300, 420, 600, 920])
@pytest.mark.parametrize("summary", [SUMMARY, replace(SUMMARY, unsure=2, notes=("rep 2: bar close",))])
def test_the_panel_keeps_within_its_field(width: int, summary: SetSummary) -> None:
    field = Box(20, 50, width, 430)
    panel = place_summary(summary_rows(summary), field, HEIGHT_PX, None)
    assert panel.box.overlap(field) == panel.box.w * panel.box.h
    panel.draw(canvas := np.zeros((HEIGHT_PX, 960, 3), np.uint8))
    shapes.crop(canvas, panel.box)[:] = 0
    assert not canvas.any()


def test_a_lifter_who_leaves_no_room_is_covered_rather_than_the_type_made_small() -> None:
    """Between sets the lifter only walks about; the head stays free if it can."""
    lifter = Box(230, 60, 500, 430)
    panel = place_summary(summary_rows(SUMMARY), FIELD, HEIGHT_PX, lifter)
    assert panel.cap_px >= 0.036 * HEIGHT_PX
    assert panel.box.overlap(Box(lifter.x, lifter.y, lifter.w, lifter.h // 3)) < panel.box.overlap(lifter)


def test_a_lifter_in_a_narrow_picture_stays_free_and_what_matters_least_is_left_out() -> None:
    """Reps and fault stand beside the lifter, large enough to be read; the report has the rest."""
    lifter = Box(230, 60, 150, 400)
    panel = place_summary(
        summary_rows(replace(SUMMARY, notes=("tired: last reps 22 % slower",))), Box(21, 160, 598, 270), 480, lifter
    )
    assert panel.box.overlap(lifter) < 0.1 * lifter.w * lifter.h
    assert panel.cap_px >= 0.036 * 480


@pytest.mark.parametrize("left_px", [266, 290])
def test_a_lifter_in_the_middle_of_a_narrow_picture_stays_free_after_a_rep_was_marked(left_px: int) -> None:
    """The row about it takes the room of the note, which the report has."""
    marked = replace(
        SUMMARY, good=6, anomalous=2, marked=1, fault_cue="arms straight", notes=("rep 4, while learning: arms bent",)
    )
    lifter = Box(left_px, 60, 108, 390)
    panel = place_summary(summary_rows(marked), Box(21, 185, 598, 250), 480, lifter)
    assert panel.box.overlap(lifter) == 0
    assert panel.cap_px >= 0.036 * 480


def test_a_panel_that_hides_the_lifter_for_long_is_placed_anew() -> None:
    hides, panel = HidingTimer(), Box(0, 0, 300, 400)
    behind, beside = Box(100, 0, 150, 400), Box(400, 0, 150, 400)
    passing = [(0.0, behind), (0.9, behind), (0.95, beside), (1.1, behind), (2.0, behind)]
    assert not any(hides.notice_hiding(panel, lifter, t_s) for t_s, lifter in passing)
    assert hides.notice_hiding(panel, behind, 2.2)
    assert not hides.notice_hiding(panel, behind, 2.3)
    assert not hides.notice_hiding(panel, None, 9.0)


PORTRAIT = Box(360, 20, 240, 460)
"""The picture of a phone held upright, beside a panel that the summary fills."""


@pytest.mark.parametrize("text", ["set 1, rep 5:\nbad", "set 1, rep 5:\ngood again", "set 1, rep 5:\nnot counted"])
def test_the_answer_to_a_mark_leaves_the_head_free(text):
    """Where there is no room beside the lifter it stands before the legs."""
    lifter = Box(400, 60, 150, 410)
    head = Box(lifter.x, lifter.y, lifter.w, lifter.h // 3)
    assert place_message(ShownMessage("said", text), PORTRAIT, 480, [lifter], []).box.overlap(head) == 0


def test_the_answer_to_a_mark_takes_three_lines_where_two_cover_the_lifter():
    lifter, said = Box(220, 60, 180, 400), ShownMessage("said", "set 1, rep 5:\ngood again")
    assert place_message(said, Box(21, 190, 598, 250), 480, [lifter], []).box.overlap(lifter) == 0


def test_a_set_of_another_number_than_planned_says_so():
    planned = [summary_rows(a_set_summary(reps=reps, good=reps), planned_reps=5) for reps in (14, 5)]
    assert ["5 planned" in [part for row in shown for part in row.parts] for shown in planned] == [True, False]
