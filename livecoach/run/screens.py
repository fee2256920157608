"""The screens of a run: each step with the newest picture and the state of the run, and notes in between."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from livecoach.core.types import Notice, Step
from livecoach.feedback.display_state import RunStatus
from livecoach.feedback.screen import Entry
from livecoach.feedback.sound import SoundSink
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.recorder import Recorder
from livecoach.run.coached import CoachedRun

CAMERA_LOST = Notice(kind="camera_lost", active=True, text="camera lost: trying again")
SLOW = Notice(kind="slow", active=True, text="too slow: close other programs")
NOTE_S = 2.5  # on screen, in seconds of the frames' time


class RunScreen(Protocol):
    """A window or a phone."""

    def show(self, picture: np.ndarray | None, step: Step, status: RunStatus, age_s: float | None) -> bool:
        """Return whether the step was drawn. age_s: capture to now; None if not live."""

    def actions(self) -> Sequence[Entry]:
        """Return what its user asked for since the last call."""


class RunScreens:
    def __init__(
        self,
        screens: Sequence[RunScreen],
        coached: CoachedRun,
        sounds: Sequence[SoundSink],
        recorder: Recorder | None,
        tally: RunMetrics,
        clock: Callable[[], float],
    ) -> None:
        """screens: the last one tells whether a step was drawn."""
        self.each, self._coached, self._sounds, self._recorder = screens, coached, sounds, recorder
        self._tally, self._clock = tally, clock
        self.picture: np.ndarray | None = None  # the newest one
        self.fps: float | None = None
        self.paused = self.lost = self.slow = False
        self._note, self._note_until_s = "", 0.0

    @property
    def films(self) -> bool:
        """Whether pictures of the lifter are kept."""
        return self._recorder is not None and self._recorder.recording

    @property
    def problem(self) -> str | None:
        """Why recording has stopped."""
        return None if self._recorder is None else self._recorder.problem

    def note(self, note: str | None) -> None:
        """Draw the newest picture again, with a note for NOTE_S. None: without a new one."""
        if note is not None and self._coached.last is not None:
            self._note, self._note_until_s = note, self._coached.last.step.observation.t_s + NOTE_S
        self.redraw()

    def redraw(self) -> None:
        """Draw the newest picture again with the present status: keys work even while no frame comes."""
        if self._coached.last is None:
            return
        bare = replace(self._coached.last.step, judged=(), cue=None, notices=(), corrected=None, chosen=False)
        self.show(replace(bare, warning=CAMERA_LOST.text, problem=None) if self.lost else bare, None)

    def show(self, step: Step, captured_s: float | None) -> None:
        """captured_s: clock reading at the frame's capture; None where the step is not of a live frame."""
        assert self._coached.last is not None
        began_s, sets, known = self._clock(), self._coached.sets, self._coached.last.status
        age_s = None if captured_s is None else began_s - captured_s
        if known.progress is not None and sets.is_warm_up:  # it is none of the planned sets
            bare = replace(known.progress.plan, sets=None, reps=None)
            known = replace(known, progress=replace(known.progress, plan=bare))
        status = replace(
            known,
            fps=self.fps,
            dropped=self._tally.dropped,
            latency_ms=None if age_s is None else age_s * 1000,
            muted=self._sounds[0].muted,
            paused=self.paused,
            recording=self.films,
            note=self._coached.typed or (self._note if step.observation.t_s < self._note_until_s else None),
            trouble=self.problem or (SLOW.text if self.slow else None),
            load=sets.load,
            sets=self._coached.lifted_sets(),
            typing=self._coached.typing is not None,
        )
        drawn = False
        for screen in self.each:
            drawn = screen.show(self.picture, step, status, age_s)
        if drawn:
            self._tally.draw.add(self._clock() - began_s)
            if captured_s is not None:
                self._tally.captured_to_drawn.add(self._clock() - captured_s)
