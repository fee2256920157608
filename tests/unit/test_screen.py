"""The picture side of a run: the texts before a run, and what happens where its screen goes away."""

import numpy as np
import pytest
from builders.displays import NoDisplay
from builders.observations import an_observation
from builders.steps import a_rep, a_session_state, a_step, with_session

from livecoach.core.language import using_language
from livecoach.core.types import Cue
from livecoach.core.types.message import LANGUAGES
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.screen import LATE_S, LEAST_HZ, SCREEN_GONE, Action, Screen, draw_texts
from livecoach.feedback.shapes import DUSK
from livecoach.run.phone import connection_instructions

CODE = np.full((533, 533, 3), 255, np.uint8)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_stands_over_its_explanation_in_portrait(language: str) -> None:
    with using_language(language):
        canvas = draw_texts(
            ("Scan this with the phone.", *connection_instructions("https://192.0.2.2:8443/k7m3px9d2f")),
            CODE,
            portrait=True,
        )
    assert canvas.shape == (1280, 720, 3)
    rows, columns = np.nonzero((canvas != DUSK).any(axis=2))
    assert rows.min() == 64
    assert min(columns.min(), 719 - columns.max(), 1279 - rows.max()) > 16
    text = canvas[64 + len(CODE) :]
    assert (text[:8] == DUSK).all()
    assert (canvas[64 : 64 + len(CODE), 93 : 93 + len(CODE)] == 255).all()


STATUS = a_session_state(muted=False)
PICTURE = np.zeros((120, 160, 3), np.uint8)


class Display(NoDisplay):
    """A display whose screen can be taken away, and on which keys are pressed."""

    def __init__(self) -> None:
        self.lost = self.closed = self.full_screen = False
        self.shown = 0
        self.pressed: list[str] = []

    def show(self, canvas: np.ndarray) -> None:
        self.shown += 1
        self.canvas = canvas

    def take_keys(self, _: float = 0.0) -> list[str]:
        pressed, self.pressed = self.pressed, []
        return pressed


def test_a_lost_screen_is_reported_once_and_nothing_is_drawn_on_it() -> None:
    display, said = Display(), list[str]()
    screen = Screen(Overlay(mirror=False, title=""), display, said.append)
    assert screen.show(PICTURE, a_step(), STATUS, None)
    display.lost = True
    assert [screen.show(PICTURE, a_step(), STATUS, None) for _ in range(3)] == [False] * 3
    assert (screen.take_requests(), display.shown, said) == ([], 1, [SCREEN_GONE])


@pytest.mark.parametrize(
    ("age_s", "after_s", "step", "drawn"),
    [
        (2 * LATE_S, 0.5 / LEAST_HZ, {}, False),
        (0.5 * LATE_S, 0.5 / LEAST_HZ, {}, True),
        (None, 0.5 / LEAST_HZ, {}, True),
        (2 * LATE_S, 1.5 / LEAST_HZ, {}, True),
        (2 * LATE_S, 0.5 / LEAST_HZ, {"rep": a_rep()}, True),
        (2 * LATE_S, 0.5 / LEAST_HZ, {"cue": Cue(kind="warning", text="", rep=None, say=None)}, True),
    ],
)
def test_late_pictures_are_drawn_only_now_and_then_or_with_news(age_s, after_s, step, drawn):
    screen = Screen(Overlay(mirror=False, title=""), Display(), print)
    assert screen.show(PICTURE, a_step(observation=an_observation(t_s=10.0)), STATUS, 2 * LATE_S)
    assert screen.show(PICTURE, a_step(observation=an_observation(t_s=10.0 + after_s), **step), STATUS, age_s) == drawn


def test_a_key_that_begins_a_text_changes_the_meaning_of_the_next() -> None:
    """So they come one at a time; those about the picture alone stay here."""
    display = Display()
    screen = Screen(Overlay(mirror=False, title=""), display, print)
    display.pressed = ["z", "f", "h", "1", "5", "q"]
    assert screen.take_requests() == [Action.CHOOSE_FIRST]
    screen.show(PICTURE, a_step(), with_session(STATUS, typing=True), None)
    assert (screen.take_requests(), screen.take_requests()) == (["5"], ["q"])
    assert display.full_screen
    display.closed = True
    assert screen.take_requests() == [Action.QUIT]


def test_help_is_shown_at_once_and_escape_closes_it_before_the_run() -> None:
    display = Display()
    screen = Screen(Overlay(mirror=False, title=""), display, print)
    screen.show(PICTURE, a_step(), STATUS, None)
    without = display.canvas
    display.pressed = ["h"]  # No frame comes: the same picture is shown again, with the keys on it
    assert (screen.take_requests(), np.array_equal(display.canvas, without)) == ([], False)
    display.pressed = ["escape", "escape"]
    assert (screen.take_requests(), np.array_equal(display.canvas, without)) == ([Action.QUIT], True)
