"""The window of annotate, and the state that it shows."""

import numpy as np
import pytest
from builders.observations import a_recording
from builders.steps import a_rep

from livecoach.errors import OutputError
from livecoach.feedback.shapes import GOOD
from livecoach.lab.annotate import window
from livecoach.lab.annotate.state import AnnotationState, initial_state
from livecoach.lab.annotate.window import LONGEST_PX, SAVE_EVERY_S, AnnotationSession, PictureCache
from livecoach.lab.annotation import Annotation

SEEN = a_recording(12, nobody=(11,))
"""Twenty frames a second."""
RECORDED = window.RecordingView(observations=SEEN, counted=[(2, 8)], heights=window.heights(SEEN))
PICTURES = [np.full((48, 64, 3), 10 * n, np.uint8) for n in range(12)]


class Typist:
    """A window in which keys are pressed at set times, None for a wait; its clock goes on by each wait."""

    def __init__(self, *keys: str | None) -> None:
        self._keys = list(keys)
        self.now_s = 0.0
        self.shown: list[np.ndarray] = []

    def show(self, canvas: np.ndarray) -> None:
        self.shown.append(canvas)

    def keys(self, wait_s: float) -> list[str]:
        self.now_s += wait_s
        key = self._keys.pop(0) if self._keys else "q"
        return [] if key is None else [key]


class Keeper:
    """Keeps what is saved, or says that it can't a few times."""

    def __init__(self, refuses: int = 0) -> None:
        self.refuses, self.saved = refuses, []

    def __call__(self, state: AnnotationState) -> None:
        if self.refuses:
            self.refuses -= 1
            raise OutputError("a.csv: can't be written (No space left on device).")
        self.saved.append(state)


def a_session(typist: Typist, keeper: Keeper) -> AnnotationSession:
    state = initial_state(SEEN, Annotation(stages={}), ("hips_early",))
    return AnnotationSession(typist, state, RECORDED, PICTURES, keeper, lambda: typist.now_s)


def marked(state: AnnotationState) -> int:
    return sum(stage is not None for stage in state.stages)


def test_what_is_marked_is_saved_at_the_end():
    """Once, as nothing was left to save after it."""
    keeper = Keeper()
    last = a_session(Typist("u", "u", "g"), keeper).run()
    assert keeper.saved == [last]
    assert (marked(last), len(last.reps)) == (2, 1)


def test_nothing_is_saved_where_nothing_was_marked():
    """Looking at a recording writes no file."""
    keeper = Keeper()
    a_session(Typist("right", "space", None, "h", "x"), keeper).run()
    assert keeper.saved == []


def test_what_is_marked_is_saved_while_one_goes_on():
    """After some seconds, so that a power cut takes no more."""
    keeper = Keeper()
    waits = [None] * int(SAVE_EVERY_S / 0.02 + 2)
    a_session(Typist("u", *waits, "d"), keeper).run()
    assert [marked(state) for state in keeper.saved] == [1, 2]


def test_what_can_not_be_saved_is_shown_and_tried_again():
    """The first wish to end is not followed; the marks are not lost while there is a window."""
    keeper = Keeper(refuses=1)
    session = a_session(Typist("u", "q", None, "q"), keeper)
    last = session.run()
    assert [marked(state) for state in keeper.saved] == [1]
    assert last.ended


def test_who_insists_is_let_go_with_an_error():
    """A disk that stays full must not hold the window open."""
    with pytest.raises(OutputError, match="No space left"):
        a_session(Typist("u", "q", "q"), Keeper(refuses=9)).run()


def test_marks_are_saved_when_it_is_interrupted():
    """Ctrl-C loses nothing."""

    class Interrupted(Typist):
        def keys(self, wait_s: float) -> list[str]:
            if len(self.shown) == 3:
                raise KeyboardInterrupt
            return super().keys(wait_s)

    keeper = Keeper()
    with pytest.raises(KeyboardInterrupt):
        a_session(Interrupted("u", "d", "n"), keeper).run()
    assert [marked(state) for state in keeper.saved] == [2]


def test_it_plays_in_the_recordings_own_time():
    """At half speed a frame of a twentieth of a second takes a tenth."""
    typist = Typist("space", *[None] * 25)
    last = a_session(typist, Keeper()).run()
    assert last.at == pytest.approx(typist.now_s / 0.1, abs=1.5)


def test_the_canvas_shows_stage_rep_and_place():
    """The strip has the stages' colours, a good rep is green, and help and question cover the picture."""
    state = initial_state(SEEN, Annotation(stages={}), ("hips_early",))
    plain = window.draw(PICTURES[0], state, RECORDED, saved=True)
    state = state.press("u").press("d").press("g")
    shown = window.draw(PICTURES[0], state, RECORDED, saved=False)
    assert plain.shape == shown.shape == (window.HEIGHT, window.WIDTH, 3)
    for colour in (window.COLOURS["up"], window.COLOURS["down"], GOOD):
        new, old = ((canvas == colour).all(-1).sum() for canvas in (shown, plain))
        assert new > old + 50
    for key in "hb":
        assert (window.draw(PICTURES[0], state.press(key), RECORDED, saved=True) != shown).any(-1).mean() > 0.1


@pytest.mark.parametrize("shape", [(48, 64), (64, 20), (1, 300)])
def test_pictures_of_any_shape_fit(shape):
    """Landscape, portrait, and what is hardly one; also where nobody is seen at all."""
    nobody = a_recording(12, nobody=tuple(range(12)))
    recorded = window.RecordingView(observations=nobody, heights=window.heights(nobody))
    state = initial_state(nobody, Annotation(stages={}), ())
    canvas = window.draw(np.zeros((*shape, 3), np.uint8), state, recorded, saved=True)
    assert canvas.shape == (window.HEIGHT, window.WIDTH, 3)


def test_a_counted_reps_frames_are_the_nearest():
    """By its times: the strip shows where it is."""
    assert window.frames_of(SEEN, [a_rep(start_s=0.11, end_s=0.44), a_rep(start_s=0.0, end_s=9.0)]) == [
        (2, 9),
        (0, 11),
    ]


def test_pictures_come_back_in_any_order():
    """As JPEG: nearly as they were, larger ones smaller."""
    with PictureCache() as pictures:
        for n in (0, 200, 90):
            pictures.add(np.full((30, 40, 3), n, np.uint8))
        pictures.add(np.zeros((20, 2 * LONGEST_PX, 3), np.uint8))
        assert len(pictures) == 4
        assert [int(pictures[n].mean().round()) for n in (2, 0, 1)] == [90, 0, 200]
        assert pictures[3].shape == (10, LONGEST_PX, 3)
