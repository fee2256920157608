"""Watches the places of lifter and camera for the start screen, on a separate thread, so that keys do not wait."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import cache, partial

import numpy as np

from livecoach.core.config import Settings
from livecoach.core.errors import LivecoachError
from livecoach.core.types import Frame, Standards
from livecoach.decisions import assembly
from livecoach.decisions.coaching.cues import READY
from livecoach.feedback.camera_floor import FloorPlan
from livecoach.feedback.display_state import DisplayState, ShownMessage
from livecoach.feedback.session_state import SessionState
from livecoach.feedback.sound import SoundSink
from livecoach.run.sounds import make_sound

LOOKS_HZ = 8.0  # Most pictures a second that are processed: nobody moves to a place faster
CLOSING_S = 1.0  # Longest wait for the thread's end: a model that is still loading ends by itself, and opens no sound
SHOWN = ("hint", "warning")  # Kinds of messages that are shown before a run, besides "ready"; reps have none there


class PlaceWatch:
    """Watches lifter and camera for the floor plan of the start screen.

    A LivecoachError ends the watch silently, because the run reports the error.
    """

    def __init__(
        self, settings: Settings, *, silent: bool, open_sound: Callable[[Settings, bool], SoundSink] = make_sound
    ) -> None:
        """Prepare to watch.

        Args:
            silent: Whether to play no "ready" sound, because a run uses the sound device.
            open_sound: Opens the sound; a silent sink if its second argument is true.
        """
        self._settings, self._sound = settings, partial(open_sound, settings, silent)
        self._latest_plan = FloorPlan(), ("", Standards())
        self._request: tuple[np.ndarray | None, tuple[str, Standards]] | None = None
        self._new, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="place", daemon=True)

    def update(self, picture: np.ndarray | None, exercise: str, standards: Standards) -> FloorPlan:
        """Pass on the newest picture to be processed, and return the latest floor plan for an exercise and standards.

        The first call starts the thread. The plan is empty until a plan for the exercise and the standards is ready.

        Args:
            picture: The picture, (height, width, 3) uint8 BGR; None before the first picture, when only the
                places of the camera are known.
        """
        wanted = exercise, standards
        self._request = picture, wanted
        self._new.set()
        if self._thread.ident is None:
            self._thread.start()
        plan, plan_of = self._latest_plan
        return plan if plan_of == wanted else FloorPlan()

    def close(self) -> None:
        self._closed.set()
        self._new.set()
        if self._thread.ident is not None:
            self._thread.join(CLOSING_S)

    def _run(self) -> None:
        with suppress(LivecoachError), ExitStack() as stack:  # The run, which needs the same parts, reports the error
            self._watch(stack)

    def _watch(self, stack: ExitStack) -> None:
        from livecoach.perception.pose.estimators import open_estimator

        settings, load_coach, watched, observer = self._settings, cache(assembly.load), None, None
        began_s, number, has_played_ready = time.monotonic(), 0, False
        while self._new.wait() and not self._closed.wait(max(0.0, number / LOOKS_HZ - (time.monotonic() - began_s))):
            self._new.clear()
            assert self._request is not None
            picture, wanted = self._request
            t_s = time.monotonic() - began_s
            number = int(t_s * LOOKS_HZ) + 1
            if wanted != watched:
                watched, pipeline = wanted, load_coach(wanted[0]).make_pipeline(standards=wanted[1])
                state = DisplayState(learns=False)
                self._latest_plan = FloorPlan(pipeline.camera_places), wanted
            if picture is None:
                self._latest_plan = FloorPlan(pipeline.camera_places), wanted
                continue
            if observer is None:
                estimator = open_estimator(settings.pose, settings.pose_threads, settings.turn_deg)
                observer = stack.enter_context(closing(assembly.make_observer(estimator)))
                if self._closed.is_set():
                    return
                sound = stack.enter_context(closing(self._sound()))
                sound.start()
            step = pipeline.step(observer.observe(Frame(index=number, t_s=t_s, picture=picture)))
            state.update(step, SessionState())
            if step.place.hint is not None or step.place.warning is not None:
                has_played_ready = False
            elif step.cue is not None and step.cue.kind == "ready" and not has_played_ready:
                has_played_ready = True  # Each exercise that is tried on the screen has a new pipeline with a new cue
                sound.play(step.cue)
            self._latest_plan = FloorPlan(pipeline.camera_places, step, message_about_place(state)), wanted


def message_about_place(state: DisplayState) -> ShownMessage | None:
    """Return the message about the camera's place, or "ready"; None if another message, or none, is shown."""
    shown = state.message
    return shown if shown is not None and (shown.kind in SHOWN or shown.text == READY.text) else None
