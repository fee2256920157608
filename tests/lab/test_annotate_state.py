"""Marking frames and reps: what each key does."""

import pytest
from builders.observations import a_recording
from hypothesis import given
from hypothesis import strategies as st

from livecoach.lab.annotate.state import KEYS, NOBODY, AnnotationState, FrameMark, initial_state, to_annotation
from livecoach.lab.annotation import Annotation, RepMark

FAULTS = ("rounded_back", "hips_early")
SHORT = {"up": "u", "down": "d", "neutral": "n", None: "."}
PRESSES = st.sampled_from(
    [*"udnfcgbxz12q?h -+=,.xyz", "left", "right", "up", "down", "home", "end", "tab", "space", "escape", "delete"]
)


def a_state(frames: int = 12, *, nobody: tuple[int, ...] = (), at: int = 0) -> AnnotationState:
    seen = tuple(n not in nobody for n in range(frames))
    return AnnotationState(has_pose=seen, faults=FAULTS, stages=(None,) * frames, at=at)


def after(state: AnnotationState, keys: str) -> AnnotationState:
    """keys: names with spaces between."""
    for key in keys.split():
        state = state.press(key)
    return state


def stages(state: AnnotationState) -> str:
    return "".join(SHORT[stage] for stage in state.stages)


def test_a_stage_is_marked_and_the_next_frame_is_shown():
    """So that a key held down marks frame after frame."""
    state = after(a_state(6), "u u d n")
    assert (stages(state), state.at) == ("uudn..", 4)


def test_fill_goes_back_to_the_mark_before():
    """The end of each stretch is enough."""
    state = after(a_state(), "u right right right d right right f")
    assert stages(state) == "udddd" + 7 * "."
    assert stages(after(a_state(nobody=(1,)), "right right right u f")) == "u.uu" + 8 * "."


def test_fill_without_a_mark_says_so():
    """And marks nothing."""
    state = after(a_state(), "end f")
    assert (stages(state), "no frame is marked" in state.note) == (12 * ".", True)


def test_a_frame_without_anybody_is_not_marked():
    """It has no landmarks; the window says so and goes on."""
    state = after(a_state(nobody=(0,)), "u")
    assert (stages(state), state.at, state.note) == (12 * ".", 1, NOBODY)


def test_a_rep_is_good_bad_or_has_a_fault():
    """After b the next key chooses; any other key goes back; a frame has one mark."""
    state = after(a_state(), "g right b 1 right b 3 right b y")
    assert state.reps == (
        FrameMark(frame=0, label="good"),
        FrameMark(frame=1, label="bad"),
        FrameMark(frame=2, label="hips_early"),
    )
    assert after(state, "home b 2").reps[0] == FrameMark(frame=0, label="rounded_back")
    assert [mark.frame for mark in after(state, "x").reps] == [0, 1]


def test_while_it_plays_time_steps():
    """A mark is of the frame that is shown, and does not step; at the end it stops."""
    state = after(a_state(4), "space u").tick().tick()
    assert (stages(state), state.at, state.playing) == ("u...", 2, True)
    assert (state.tick().at, state.tick().playing, state.tick().tick().at) == (3, False, 3)


def test_tab_finds_what_is_not_marked():
    """Frames with nobody in them are passed by."""
    state = after(a_state(6, nobody=(3,)), "u u u home tab")
    assert state.at == 4


@given(st.lists(PRESSES, max_size=80), st.sets(st.integers(0, 11)))
def test_any_keys_stay_within_the_recording(keys, nobody):
    """The frame exists, nobody's frames stay unmarked, and reps are in order, one a frame."""
    state = a_state(nobody=tuple(nobody))
    for key in keys:
        state = state.press(key).tick()
        frames = [mark.frame for mark in state.reps]
        assert 0 <= state.at < 12
        assert frames == sorted(set(frames))
        assert all(state.stages[n] is None for n in nobody)


@given(st.lists(PRESSES, max_size=60), PRESSES)
def test_undo_takes_back_what_a_key_marked(keys, last):
    """All marks and the frame are as before the last key that changed a mark."""
    before = a_state()
    for key in keys:
        before = before.press(key)
    changed = before.press(last)
    if len(changed.changes) == len(before.changes) + 1:
        undone = changed.press("z")
        assert (undone.stages, undone.reps, undone.at) == (before.stages, before.reps, before.at)
        assert undone.changes == before.changes


@given(st.lists(PRESSES, max_size=60))
def test_everything_can_be_undone(keys):
    """Back to a recording without a mark."""
    state = a_state()
    for key in keys:
        state = state.press(key)
    for _ in range(len(state.changes) + 2):
        state = after(state, "escape z") if state.choosing or state.help else state.press("z")
    assert (state.stages, state.reps) == (a_state().stages, ())


@given(st.lists(st.sampled_from(["left", "right", "up", "down", "home", "end", "tab", "space", "-", "h", "?"])))
def test_seeking_marks_nothing(keys):
    """Nor does it leave anything to undo."""
    state = after(a_state(), "u d g")
    sought = state
    for key in keys:
        sought = sought.press(key)
    assert (sought.stages, sought.reps, sought.changes) == (state.stages, state.reps, state.changes)


@pytest.mark.parametrize("key", ["q", "escape"])
def test_q_and_escape_end(key):
    """But in a question or the help they go back."""
    assert after(a_state(), key).ended
    assert not after(a_state(), f"b {key}").ended
    assert not after(a_state(), f"h {key}").ended


def test_the_help_names_every_key():
    """Nothing is left to be found out."""
    words = " ".join(key for key, _ in KEYS).split()
    assert {*"udnfcgbxzq?h,."} <= set(words)


def test_one_goes_on_after_the_last_mark():
    """What was told comes back as it was, and the first frame after it is shown."""
    seen = a_recording(6, nobody=(5,))
    annotation = Annotation(stages={0: "up", 3: "down"}, reps=(RepMark(frame=3, at_s=seen[3].t_s, label="good"),))
    state = initial_state(seen, annotation, FAULTS)
    assert (stages(state), state.at, state.has_pose[4:]) == ("u..d..", 4, (True, False))
    assert to_annotation(state, seen) == annotation
