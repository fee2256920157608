"""Marking frames and reps: what each key does, what the window shows, and when marks are saved."""

from dataclasses import replace

import numpy as np
import pytest
from builders.observations import a_recording
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.errors import OutputError
from livecoach.feedback.shapes import GOOD
from livecoach.lab import annotate
from livecoach.lab.annotate import (
    LONGEST_PX,
    SAVE_EVERY_S,
    AnnotationState,
    compress_picture,
    draw_state,
    run_annotation,
)
from livecoach.lab.annotation import NOTHING, Annotation

FAULTS = ("rounded_back", "hips_early")
SHORT = {"up": "u", "down": "d", "neutral": "n", None: "."}
PRESSES = st.sampled_from(
    [*"udnfcgbxz12q?h ,.xyz", "left", "right", "up", "down", "home", "end", "tab", "space", "escape", "delete"]
)


def a_state(frames: int = 12, *, nobody: tuple[int, ...] = ()) -> AnnotationState:
    return AnnotationState(observations=a_recording(frames, nobody=nobody), marks=NOTHING, faults=FAULTS)


def after(state: AnnotationState, keys: str) -> AnnotationState:
    """keys: names with spaces between."""
    for key in keys.split():
        state = state.press(key)
    return state


def stages(state: AnnotationState) -> str:
    return "".join(SHORT[state.stage_at(place)] for place in range(len(state.observations)))


def labels(state: AnnotationState) -> dict[int, str]:
    return {mark.frame: mark.label for mark in state.marks.reps}


def test_a_stage_is_marked_and_the_next_frame_is_shown():
    """So that a key held down marks frame after frame."""
    state = after(a_state(6), "u u d n")
    assert (stages(state), state.position) == ("uudn..", 4)
    assert stages(after(state, "left left c")) == "uu.n.."


def test_fill_goes_back_to_the_mark_before():
    state = after(a_state(), "u right right right d right right f")
    assert stages(state) == "udddd" + 7 * "."
    assert stages(after(a_state(nobody=(1,)), "right right right u f")) == "u.uu" + 8 * "."
    assert "no frame is marked" in after(a_state(), "end f").note


def test_counted_reps_are_gone_through_one_by_one():
    state = replace(a_state(20), counted=[(2, 6), (10, 16)])
    assert [after(state, keys).position for keys in (".", ". .", ". . ,", "end ,")] == [4, 13, 4, 13]
    assert "no counted rep after" in after(state, ". . .").note
    assert "no counted rep before" in after(state, ",").note


def test_a_click_on_a_strip_goes_to_its_frame():
    state = a_state(100)
    near, whole = (box for box, *_ in state.strips)
    moved = state.click(whole.x + whole.w // 2, whole.y + 5)
    assert moved.position == 50
    assert moved.click(near.right - 1, near.y).position == 50 + annotate.NEAR_FRAMES // 2
    assert state.click(whole.right - 1, whole.bottom).position == 99
    assert moved.click(100, 100).position == 50


def test_a_frame_without_anybody_is_not_marked():
    assert stages(after(a_state(nobody=(0,)), "u")) == 12 * "."


def test_a_rep_is_marked_as_good_as_bad_or_with_a_fault():
    state = after(a_state(), "g right b right 2")
    assert labels(state) == {0: "good", 1: "bad", 2: "hips_early"}
    assert labels(after(state, "home 1"))[0] == "rounded_back"
    assert list(labels(after(state, "x"))) == [0, 1]
    assert [mark.at_s for mark in state.marks.reps] == [one.t_s for one in state.observations[:3]]


def test_while_a_recording_plays_frames_go_on_and_nothing_is_marked_twice():
    state = after(a_state(4), "space u").tick().tick()
    assert (stages(state), state.position, state.playing) == ("u...", 2, True)
    assert (state.tick().position, state.tick().playing, state.tick().tick().position) == (3, False, 3)


@given(st.lists(PRESSES, max_size=80), st.sets(st.integers(0, 11)))
def test_any_keys_stay_within_the_recording(keys, nobody):
    state = a_state(nobody=tuple(nobody))
    for key in keys:
        state = state.press(key).tick()
        frames = [mark.frame for mark in state.marks.reps]
        assert 0 <= state.position < 12
        assert frames == sorted(set(frames))
        assert not set(state.marks.stages) & nobody


@given(st.lists(PRESSES, max_size=60))
def test_every_mark_can_be_undone(keys):
    state, marks = a_state(), [NOTHING]
    for key in keys:
        state = state.press(key)
        if state.marks is not marks[-1]:
            marks = marks[:-1] if key == "z" else [*marks, state.marks]
    for before in marks[-2::-1]:
        state = state.press("z")
        assert state.marks is before
    assert state.press("z").marks == NOTHING


class Typist:
    """A window in which keys are pressed at set times, None for a wait; its clock goes on by each wait."""

    def __init__(self, *keys: str | type[BaseException] | None, refuses: int = 0) -> None:
        """refuses: how often marks can't be saved."""
        self._keys, self._refuses = list(keys), refuses
        self.now_s = 0.0
        self.saved: list[Annotation] = []

    def show(self, canvas: np.ndarray) -> None:
        """It is looked at in other tests."""

    def take_clicks(self) -> list[tuple[int, int]]:
        return []

    def take_keys(self, wait_s: float) -> list[str]:
        self.now_s += wait_s
        key = self._keys.pop(0) if self._keys else "q"
        if isinstance(key, type):
            raise key
        return [] if key is None else [key]

    def save(self, marks: Annotation) -> None:
        if self._refuses:
            self._refuses -= 1
            raise OutputError("a.csv: can't be written (No space left on device).")
        self.saved.append(marks)

    def marks(self) -> AnnotationState:
        pictures = [compress_picture(np.full((48, 64, 3), 10 * n, np.uint8)) for n in range(12)]
        return run_annotation(self, a_state(), pictures, self.save, lambda: self.now_s)


def test_marks_are_saved_after_some_seconds_and_at_the_end():
    """So that a power cut takes no more."""
    typist = Typist("u", *[None] * int(SAVE_EVERY_S / 0.02 + 2), "d", "g")
    last = typist.marks().marks
    assert [(len(marks.stages), len(marks.reps)) for marks in typist.saved] == [(1, 0), (2, 1)]
    assert typist.saved[-1] == last


def test_marks_that_can_not_be_saved_keep_the_window_open_and_are_saved_later():
    typist = Typist("u", "q", None, "q", refuses=1)
    state = typist.marks()
    assert ([state.marks], state.ended) == (typist.saved, True)


def test_a_second_q_closes_the_window_with_an_error_if_marks_can_not_be_saved():
    """A disk that stays full must not hold the window open."""
    with pytest.raises(OutputError, match="No space left"):
        Typist("u", "q", "q", refuses=9).marks()


def test_marks_are_saved_at_a_keyboard_interrupt():
    typist = Typist("u", "d", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        typist.marks()
    assert [len(marks.stages) for marks in typist.saved] == [2]


def test_a_recording_plays_at_half_its_own_speed():
    """At half speed a frame of a twentieth of a second takes a tenth."""
    typist = Typist("space", *[None] * 25)
    assert typist.marks().position == pytest.approx(typist.now_s / 0.1, abs=1.5)


def test_the_canvas_shows_stage_rep_and_counted_reps():
    plain, state = a_state(), after(a_state(), "u d g")
    old, new = (draw_state(np.zeros((48, 64, 3), np.uint8), one, saved=True) for one in (plain, state))
    for colour in (annotate.COLOURS["up"], annotate.COLOURS["down"], GOOD):
        assert (new == colour).all(-1).sum() > (old == colour).all(-1).sum() + 50
    assert (draw_state(np.zeros((48, 64, 3), np.uint8), replace(plain, counted=[(2, 8)]), saved=True) != old).any()


@pytest.mark.parametrize("shape", [(48, 64), (64, 20), (1, 300), (20, 2 * LONGEST_PX)])
def test_pictures_of_any_shape_fit_the_canvas(shape):
    nobody = replace(a_state(), observations=a_recording(12, nobody=tuple(range(12))))
    canvas = draw_state(np.zeros((*shape, 3), np.uint8), nobody, saved=True)
    assert canvas.shape == (annotate.HEIGHT, annotate.WIDTH, 3)
    assert len(compress_picture(np.zeros((*shape, 3), np.uint8))) < 20_000
