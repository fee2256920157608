"""What is chosen before a session: by arrow keys, by a clicker with two keys, and by mouse."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.capture.camera import not_opened_text
from livecoach.core.config import load_settings, override_values
from livecoach.core.errors import ConfigError
from livecoach.core.language import using_language
from livecoach.core.types.message import LANGUAGES
from livecoach.feedback.camera_floor import FloorPlan, draw_floor_plan
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.shapes import LEFT, NIGHT
from livecoach.run.start import (
    GAP_PX,
    LABEL_CAP_PX,
    MARGIN_PX,
    NEW_PROFILE,
    PANEL_H_PX,
    PORTRAIT_PREVIEW_H_PX,
    PREVIEW_W_PX,
    SIZE_PX,
    TITLE_H_PX,
    Press,
    Row,
    StartMenu,
    draw_menu,
    item_at,
    menu_boxes,
)


def a_row(name: str, *options: str) -> Row:
    """Each option is its own value."""
    return Row(name, {option: option for option in options})


EXERCISE = a_row("exercise", "recognised", "deadlift", "squat")
PROFILE = a_row("profile", "me", "anna")
MENU = StartMenu(
    (EXERCISE, PROFILE, a_row("camera", "camera 0")), {"Start": "start", "Sessions and reports": "sessions"}, 0
)
KEYS = ("up", "down", "tab", "pagedown", "pageup", "left", "right", "enter", "space", "q", "escape", "x")


def after(*keys: str, menu: StartMenu = MENU) -> StartMenu | Press:
    """Return the menu after some keys, or what they pressed."""
    now: StartMenu | Press = menu
    for key in keys:
        assert isinstance(now, StartMenu), f"{key} after {now}"
        now = now.press_key(key)
    return now


def chosen(menu: StartMenu | Press) -> list[str]:
    assert isinstance(menu, StartMenu)
    return [row.chosen_text for row in menu.rows]


def test_arrow_keys_choose_enter_starts_and_r_opens_the_last_report():
    assert chosen(after("right", "right", "down", "left")) == ["squat", "anna", "camera 0"]
    assert after("right", "down", "down", "down", "enter") == "start"
    assert after("up", "enter") == "sessions"
    assert after("down", "r") == "report"
    # Enter starts on a row too: whoever has chosen a squat there must not lift the exercise after it.
    assert after("right", "right", "enter") == "start"
    assert chosen(after("space")) == ["deadlift", "me", "camera 0"]


def test_two_keys_of_a_clicker_are_enough():
    assert chosen(after("pageup", "pagedown", "pageup")) == ["deadlift", "anna", "camera 0"]
    assert after(*["pagedown"] * 3, "pageup") == "start"


def test_the_first_option_and_row_follow_the_last():
    assert chosen(after("left")) == ["squat", "me", "camera 0"]
    assert after(*["down"] * MENU.item_count) == MENU
    assert after("up", "down") == MENU


WITH_NEW = replace(MENU, buttons={"Start": "start", "New profile": NEW_PROFILE}, focus=4)


def typing(*keys: str) -> StartMenu:
    menu = after("enter", *keys, menu=WITH_NEW)
    assert isinstance(menu, StartMenu)
    return menu


def test_a_new_profile_is_typed_and_chosen():
    menu = typing(*"Änne", "space", *"Qq", "backspace", "enter")
    assert chosen(menu) == ["recognised", "Änne Q", "camera 0"]
    assert menu.row_of("profile").options.keys() == {"me", "anna", "Änne Q"}
    assert menu.focused_row is not None
    assert menu.focused_row.name == "profile"
    assert menu.press_key("enter") == "start"


def test_a_name_that_a_profile_cannot_have_is_refused_as_by_the_command():
    with pytest.raises(ConfigError) as refused:
        override_values(load_settings({}), {"profile": "a/b"})
    menu = typing(*"a/b", "enter")
    assert menu.typed == "a/b"
    assert menu.problem is not None
    assert menu.problem in str(refused.value)
    assert menu.press_key("backspace") == typing(*"a/")


def test_the_name_of_a_profile_that_is_there_chooses_it_and_a_name_too_similar_is_refused():
    profiles = typing(*"anna", "enter").row_of("profile")
    assert (profiles.options.keys(), profiles.chosen_text) == ({"me", "anna"}, "anna")
    menu = typing(*"Anna", "enter")
    assert menu.typed == "Anna"
    assert "there is anna already" in menu.problem


@pytest.mark.parametrize("key", ["escape", "up", "pagedown"])
def test_a_name_is_left_without_a_new_profile(key):
    menu = typing(*"Bo", key)
    assert menu.typed is None
    assert chosen(menu) == chosen(WITH_NEW)
    assert typing(*"Bo").click(0, left_half=False).typed is None


DEPTH = replace(a_row("depth", "to parallel", "below parallel"), shown_with=("squat",))


def test_a_row_that_belongs_to_an_exercise_is_shown_with_it_alone():
    menu = replace(MENU, rows=(EXERCISE, DEPTH, PROFILE))
    assert [row.name for row in menu.shown_rows] == ["exercise", "profile"]
    deep = after("left", "down", "right", menu=menu)
    assert isinstance(deep, StartMenu)
    assert [row.name for row in deep.shown_rows] == ["exercise", "depth", "profile"]
    assert len(menu_boxes(deep)) == len(menu_boxes(menu)) + 1
    assert deep.row_of("depth").chosen_text == "below parallel"
    away = after("up", "right", "down", "right", menu=deep)
    assert isinstance(away, StartMenu)
    assert [row.name for row in away.shown_rows] == ["exercise", "profile"]
    assert chosen(away) == ["recognised", "below parallel", "anna"]
    # Buttons keep their meaning below a row that appears.
    assert after("left", "down", "down", "down", "enter", menu=menu) == "start"
    assert after("left", "up", "enter", menu=menu) == "sessions"


def test_q_and_escape_leave_and_between_two_sets_escape_goes_back_to_the_run():
    """Nobody ends an evening by leaving a screen that was opened by mistake; Q still ends it."""
    assert after("down", "q") == after("down", "escape") == "quit"
    in_run = replace(MENU, escape="back")
    assert (after("down", "escape", menu=in_run), after("q", menu=in_run)) == ("back", "quit")


@given(st.lists(st.sampled_from(KEYS), max_size=30))
def test_whatever_keys_are_pressed_one_option_of_each_row_is_chosen(keys):
    now: StartMenu | Press = MENU
    for key in keys:
        if isinstance(now, StartMenu):
            now = now.press_key(key)
    if isinstance(now, StartMenu):
        assert 0 <= now.focus < now.item_count
        assert [row.options for row in now.rows] == [row.options for row in MENU.rows]
        assert all(row.chosen_text in row.options for row in now.rows)
    else:
        assert now in ("start", "sessions", "quit")


def test_a_click_on_a_row_chooses_and_one_on_a_button_presses():
    row, start = menu_boxes(MENU)[0], menu_boxes(MENU)[3]
    assert item_at(MENU, row.right - 5, row.y + 5) == (0, False)
    assert item_at(MENU, row.x + 5, row.bottom - 5) == (0, True)
    assert item_at(MENU, start.x + 5, start.y + 5) == (3, True)
    assert item_at(MENU, 5, 5) is None
    assert chosen(MENU.click(0, left_half=False)) == ["deadlift", "me", "camera 0"]
    assert chosen(MENU.click(1, left_half=True)) == ["recognised", "anna", "camera 0"]
    assert MENU.click(3, left_half=True) == "start"


@pytest.mark.parametrize("shape", [(480, 640), (720, 1280), (1280, 720), (1, 1)])
def test_the_preview_keeps_its_shape_and_everything_is_on_the_canvas(shape):
    canvas = draw_menu(MENU, np.full((*shape, 3), 255, np.uint8))
    assert canvas.shape == (SIZE_PX[1], SIZE_PX[0], 3)
    rows, columns = np.nonzero((canvas[TITLE_H_PX:, :710] == 255).all(-1))  # beside the title and the menu
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert width / height == pytest.approx(shape[1] / shape[0], rel=0.02)
    assert all(box.x >= 0 and box.right <= SIZE_PX[0] and box.bottom <= SIZE_PX[1] for box in menu_boxes(MENU))


@pytest.mark.parametrize("portrait", [False, True])
@pytest.mark.parametrize("rows", range(1, 8))
def test_the_rows_stand_in_the_middle_of_their_room(rows, portrait):
    menu = StartMenu((EXERCISE,) * rows, MENU.buttons, 0)
    places = menu_boxes(menu, portrait=portrait)
    picture_bottom = TITLE_H_PX + PORTRAIT_PREVIEW_H_PX + PANEL_H_PX + 2 * GAP_PX
    top, bottom = (picture_bottom, SIZE_PX[0] - 3 * MARGIN_PX) if portrait else (TITLE_H_PX, SIZE_PX[1] - 2 * MARGIN_PX)
    assert places[0].y - top == pytest.approx(bottom - places[-1].bottom, abs=1)
    assert places[0].y >= top
    assert {after.y - before.bottom for before, after in pairwise(places)} <= {GAP_PX}


def test_the_chosen_row_looks_different_without_colour():
    chosen, other = (draw_menu(menu, None) for menu in (MENU, MENU.press_key("down")))
    first, second, box = chosen.mean(-1), other.mean(-1), menu_boxes(MENU)[0]
    assert [tuple(canvas[box.bottom - 2, box.x + box.w // 2]) for canvas in (chosen, other)] == [LEFT, NIGHT]
    bright, dim = (np.ptp(other[at.y : at.bottom, at.right - 40 : at.right - 10]) for at in menu_boxes(MENU)[:3:2])
    assert bright > 2 * dim > 0, "an arrow is dim where there is no choice"
    inside = np.s_[box.y + 10 : box.bottom - 10, box.x + 10 : box.right - 10]
    assert abs(first[inside].mean() - second[inside].mean()) > 60


@pytest.mark.parametrize("rows", range(3, 8))
def test_the_name_of_a_row_stays_clear_of_a_long_option_below_it(rows):
    """Even where many rows leave little height: a "p" of "load and plan" touched the load."""
    plan = a_row("load and plan", "65 kg  ·  2 × 13  ·  rest 1:00")
    menu = StartMenu((*(EXERCISE,) * (rows - 1), plan), MENU.buttons, 0)
    box = menu_boxes(menu)[rows - 1]
    inside = draw_menu(menu, None)[box.y + 3 : box.bottom - 3, box.x + LABEL_CAP_PX : box.right - LABEL_CAP_PX].mean(-1)
    inked = (np.abs(inside - inside[-1, 0]) > 8).any(axis=1)
    lines = np.flatnonzero(np.diff(inked.astype(int)) == 1)
    assert len(lines) == 2, "name and option do not touch"


def test_the_foot_names_the_keys_and_fewer_while_a_name_is_typed():
    feet = [draw_menu(menu, None)[-2 * MARGIN_PX :] for menu in (typing("B"), MENU, replace(MENU, escape="back"))]
    inked = [(foot != foot[-1, -1]).any(2) for foot in feet]
    typed_px, *ends_px = (np.flatnonzero(ink.any(0))[-1] for ink in inked)
    assert typed_px < min(ends_px)
    assert not any(ink[-1].any() for ink in inked), "no letter is cut off"


def test_the_plan_of_the_floor_is_drawn_below_the_picture():
    box = Box(MARGIN_PX, SIZE_PX[1] - 3 * MARGIN_PX - PANEL_H_PX, PREVIEW_W_PX, PANEL_H_PX)
    shown, inside = draw_menu(MENU, None, floor_plan=FloorPlan()), np.s_[box.y - 1 : box.bottom, box.x : box.right]
    draw_floor_plan(alone := np.full_like(shown, shown[0, 0]), box, FloorPlan(), mirrored=True)
    assert np.array_equal(shown[inside], alone[inside])


def test_a_title_is_drawn_above_everything_between_the_margins():
    """Letters shrink by whole pixels, so that some titles are a little narrower."""
    plain, ends_px = draw_menu(MENU, None), []
    for letters in range(44, 48):
        titled = draw_menu(MENU, None, title="W" * 22 + " " + "W" * (letters - 22))
        ends_px.append(np.flatnonzero((titled[:TITLE_H_PX] != titled[0, 0]).any((0, 2)))[-1])
        assert np.array_equal(plain[TITLE_H_PX:], titled[TITLE_H_PX:])
    assert -12 <= max(ends_px) - (SIZE_PX[0] - MARGIN_PX) <= 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_problem_is_read_in_place_of_the_picture(language):
    preview = np.s_[TITLE_H_PX : -3 * MARGIN_PX, MARGIN_PX : MARGIN_PX + PREVIEW_W_PX]
    with using_language(language):
        told = draw_menu(MENU, None, not_opened_text(0, "linux", []))
        blank = draw_menu(MENU, np.zeros((480, 640, 3), np.uint8))
    rows = (told[preview] != told[TITLE_H_PX, MARGIN_PX]).any((1, 2))
    assert not rows[:MARGIN_PX].any()
    assert not rows[-MARGIN_PX:].any()
    assert (told[preview][[0, -1], [0, -1]] == NIGHT).all()
    told[preview] = blank[preview]
    assert np.array_equal(told, blank)
