"""The annotated video: the picture of the live window in a file, with the source's timestamps."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np

from livecoach.feedback.overlay import Overlay
from livecoach.records.session.video import VideoWriter, open_video
from livecoach.run.coached import CoachedStep

TICKS_PER_S = 90_000  # of the MPEG clock: each usual frame rate is a whole number of ticks


class AnnotatedVideo:
    """Draws every step into a video. A context manager; the file appears when it is complete."""

    def __init__(self, path: Path, overlay: Overlay, fps: float | None) -> None:
        """fps: nominal, for players that need one."""
        self._path, self._overlay, self._fps = path, overlay, fps or 30.0
        self._open = ExitStack()
        self._video: VideoWriter | None = None
        self._drawn: tuple[np.ndarray, float] | None = None  # the latest canvas, not written yet, and its time

    def add(self, picture: np.ndarray | None, told: CoachedStep) -> None:
        """Draw a step, and write the one before, unless it was of the same time: then this one takes its place. Raises
        OutputError where the file can't be written."""
        t_s = told.step.observation.t_s
        if self._drawn is not None and self._drawn[1] != t_s:
            self._write()
        self._drawn = self._overlay.draw(picture, told.step, told.status), t_s

    def _write(self) -> None:
        if self._drawn is None:
            return
        canvas, t_s = self._drawn
        self._drawn = None
        if self._video is None:
            height_px, width_px = canvas.shape[:2]
            self._video = self._open.enter_context(
                open_video(
                    self._path, width_px, height_px, self._fps, crf=26, preset="veryfast", ticks_per_s=TICKS_PER_S
                )
            )
        self._video.write(canvas, round(t_s * TICKS_PER_S))

    def __enter__(self) -> "AnnotatedVideo":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            self._open.__exit__(kind, error, at)
            return
        with self._open:
            self._write()
