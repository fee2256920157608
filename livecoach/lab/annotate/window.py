"""The window of `livecoach annotate`: shows the state, passes keys to it, and saves the marks regularly."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np

from livecoach.errors import OutputError
from livecoach.feedback.keys import key_name
from livecoach.feedback.window import OpenCvWindow
from livecoach.lab.annotate.drawing import RecordingView, draw
from livecoach.lab.annotate.picture_cache import PictureCache
from livecoach.lab.annotate.state import AnnotationState

TITLE = "livecoach annotate"
SAVE_EVERY_S = 3.0
"""Interval of saving, our choice: a power cut loses only the last seconds."""
MOST_LATE_S = 0.2
"""Largest delay that playback catches up with; our choice."""
IDLE_S = 0.02
"""How long to wait for a key before the window is updated again."""


class AnnotationWindow(Protocol):
    """A window that shows canvases and reports keys."""

    def show(self, canvas: np.ndarray) -> None:
        """Show a (height, width, 3) uint8 BGR canvas."""

    def key(self, wait_s: float) -> str | None:
        """Wait for a key and return its name; None if none was pressed."""


class KeyWindow(OpenCvWindow):
    """An OpenCV window that reports every key."""

    def key(self, wait_s: float) -> str | None:
        """Wait for a key and return its name; "escape" once the window is closed."""
        with self._limited():
            if self._was_closed():
                return "escape"
            name = key_name(cv2.waitKeyEx(max(1, round(1000 * wait_s))))
            return "escape" if self._was_closed() else name


class AnnotationSession:
    """An annotation session: keys change the state, playback advances it, and marks are saved regularly."""

    def __init__(
        self,
        window: AnnotationWindow,
        state: AnnotationState,
        recorded: RecordingView,
        pictures: Sequence[np.ndarray] | PictureCache,
        save: Callable[[AnnotationState], object],
        clock: Callable[[], float],
    ) -> None:
        """save: saves the marks, or raises OutputError. clock: returns seconds."""
        self._window, self._recorded, self._pictures = window, recorded, pictures
        self._save, self._clock = save, clock
        self._times_s = [seen.t_s for seen in recorded.observations]
        self.state = self._kept = state
        self._shown: tuple[AnnotationState, bool] | None = None
        self._tried_s = self._due_s = clock()
        self._refused = False

    def run(self) -> AnnotationState:
        """Run until the user quits; returns the saved state. Raises OutputError if it can't be saved."""
        try:
            while not self.state.ended:
                self._show()
                self._take(self._window.key(self._wait_s()))
                self._play()
                self._keep()
            return self.state
        finally:
            if not self._saved:
                self._save(self.state)

    @property
    def _saved(self) -> bool:
        return (self.state.stages, self.state.reps) == (self._kept.stages, self._kept.reps)

    def _show(self) -> None:
        now = self.state, self._saved
        if self._shown != now:
            self._window.show(draw(self._pictures[self.state.at], self.state, self._recorded, saved=self._saved))
            self._shown = now

    def _wait_s(self) -> float:
        return max(0.0, min(IDLE_S, self._due_s - self._clock())) if self.state.playing else IDLE_S

    def _take(self, key: str | None) -> None:
        if key is None:
            return
        before, self.state = self.state, self.state.press(key)
        if self.state.playing and not before.playing:
            self._due_s = self._clock() + self._frame_s()

    def _play(self) -> None:
        """Advance playback if the next frame is due, catching up with a limited delay."""
        if self.state.playing and self._clock() >= self._due_s:
            self.state = self.state.tick()
            self._due_s = max(self._due_s, self._clock() - MOST_LATE_S) + self._frame_s()

    def _frame_s(self) -> float:
        """Return how long to show the current frame, seconds."""
        at = self.state.at
        if at + 1 >= len(self._times_s):
            return 0.0
        return (self._times_s[at + 1] - self._times_s[at]) / self.state.speed

    def _keep(self) -> None:
        """Save if it is time. On failure, show the error and ignore the first request to quit."""
        if self._saved or not (self.state.ended or self._clock() - self._tried_s >= SAVE_EVERY_S):
            return
        self._tried_s = self._clock()
        try:
            self._save(self.state)
        except OutputError as err:
            self.state = replace(self.state, ended=self.state.ended and self._refused, note=f"NOT SAVED: {err}")
            self._refused = True
        else:
            self._kept, self._refused = self.state, False
