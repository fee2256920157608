"""The start screen watches where the lifter stands: what is seen is of the chosen exercise, and "ready" is heard."""

import threading
from contextlib import closing
from functools import cache

import numpy as np
from builders.command import CLIPS
from builders.observations import an_observation
from builders.steps import a_step
from builders.videos import pictures_of
from builders.waiting import wait_until

from livecoach.core.config import load_settings, override_values
from livecoach.core.types import Cue, Standards
from livecoach.decisions.coaching.cues import LEARNED, READY
from livecoach.feedback.camera_floor import FloorPlan
from livecoach.feedback.display_state import DisplayState
from livecoach.feedback.session_state import SessionState
from livecoach.feedback.sound import SoundSink
from livecoach.run.place_watch import LOOKS_HZ, PlaceWatch, message_about_place

PARALLEL = Standards()
EMPTY = np.full((360, 480, 3), 90, np.uint8)


class Heard(SoundSink):
    """What was played."""

    def __init__(self) -> None:
        super().__init__()
        self.cues: list[Cue] = []
        self.first = threading.Event()
        self.closed = False

    def play(self, cue: Cue) -> None:
        self.cues.append(cue)
        self.first.set()

    def close(self) -> None:
        self.closed = True


@cache
def standing() -> np.ndarray:
    """A rendered lifter who stands before the camera with a bar, 30° off."""
    return next(picture for _, picture in pictures_of(CLIPS / "squat_2.mp4"))


def shown(watch: PlaceWatch, exercise: str, picture: np.ndarray) -> str | None:
    message = watch.update(picture, exercise, PARALLEL).message
    return message and message.text


def test_a_lifter_in_place_hears_ready_once_until_a_hint_and_sees_drawbacks():
    heard = Heard()
    with closing(PlaceWatch(load_settings({}), silent=False, open_sound=lambda *_: heard)) as watch:
        assert watch.update(standing(), "squat", PARALLEL) == FloorPlan()

        def seen() -> FloorPlan:
            return watch.update(standing(), "squat", PARALLEL)

        wait_until(
            lambda: (step := seen().step) and step.place.view and heard.first.is_set(), "ready, from a known side"
        )
        stand = seen()
        assert stand.step is not None
        assert stand.camera_places is not None
        assert stand.step.place.drawbacks == stand.camera_places.drawbacks(stand.step.place.view, legs_hidden=False)
        assert watch.update(standing(), "deadlift", PARALLEL).step is None, "nothing of another exercise"
        wait_until(lambda: shown(watch, "deadlift", standing()) == "ready", "shown again, and not said")
        wait_until(lambda: shown(watch, "deadlift", EMPTY) == "nobody in the picture", "a hint")
        assert [cue.text for cue in heard.cues] == ["ready"]
        wait_until(lambda: shown(watch, "squat", standing()) == "ready", "said again after a hint")
    wait_until(lambda: heard.closed, "its sound is closed")
    assert [cue.text for cue in heard.cues] == ["ready"] * 2


def test_a_lifter_before_the_start_screen_is_not_told_of_a_reference():
    """Nothing is learned there, and the profile may not be chosen yet."""
    state = DisplayState(learns=False)
    for t_s, cue, message in ((0.0, LEARNED, None), (9.0, READY, "ready")):
        state.update(a_step(observation=an_observation(t_s=t_s), cue=cue), SessionState())
        assert (shown := message_about_place(state)) is message or shown.text == message


def test_without_a_picture_the_places_for_the_camera_are_known_and_looked_up_eight_times_a_second():
    heard, waited = Heard(), list[float]()
    with closing(PlaceWatch(load_settings({}), silent=False, open_sound=lambda *_: heard)) as watch:
        wait = watch._closed.wait
        watch._closed.wait = lambda timeout_s: waited.append(timeout_s) or wait(timeout_s)  # type: ignore[assignment]
        wait_until(lambda: watch.update(None, "squat", PARALLEL).camera_places, "places of the squat")
        wait_until(lambda: watch.update(None, "squat", PARALLEL) and 0 < max(waited) <= 1 / LOOKS_HZ, "a pause")
        assert watch.update(None, "squat", PARALLEL).step is None
    assert not heard.closed


def test_a_camera_that_was_turned_by_hand_is_turned_from_its_first_picture_on():
    lying, settings = np.rot90(standing()).copy(), override_values(load_settings({}), {"rotate": 90})
    with closing(PlaceWatch(settings, silent=True)) as watch:
        wait_until(lambda: watch.update(lying, "squat", PARALLEL).step, "the first picture")
        step = watch.update(lying, "squat", PARALLEL).step
    assert (step.observation.turn_deg, step.observation.landmarks is None) == (90, False)


def test_a_pose_model_that_cannot_be_read_leaves_the_start_screen_as_it_was(tmp_path):
    """The run says what is wrong with it; the watch ends, and closing it waits for nothing."""
    broken = tmp_path / "model.task"
    broken.write_bytes(b"")
    watch = PlaceWatch(override_values(load_settings({}), {"pose": str(broken)}), silent=True)
    assert watch.update(standing(), "squat", PARALLEL) == FloorPlan()
    watch.close()
    assert watch.update(standing(), "squat", PARALLEL).step is None
