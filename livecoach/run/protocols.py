"""What the live loop needs of its parts."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from livecoach.feedback.display_state import RunStatus
from livecoach.feedback.entries import Entry
from livecoach.types import Correction, Frame, Observation, SetMark, Step


class ObserveFrame(Protocol):
    """Makes the observation of a frame."""

    def __call__(self, frame: Frame, dropped: int = 0) -> Observation:
        """dropped: number of frames since the last one that were not processed."""
        ...


class RunScreen(Protocol):
    """Shows steps, and tells what the user did: a livecoach.feedback.screen.Screen."""

    typing: bool
    """Whether all keys belong to a text that is being typed."""

    @property
    def help(self) -> bool:
        """Whether to show the keys."""
        ...

    @property
    def info(self) -> bool:
        """Whether to show the figures of the run."""
        ...

    def show(self, picture: np.ndarray | None, step: Step, status: RunStatus, age_s: float | None) -> bool:
        """Draw a step; return whether it was drawn."""
        ...

    def actions(self) -> Sequence[Entry]:
        """Return what the user did since the last call."""
        ...


class StepPipeline(Protocol):
    """Makes steps from observations: a livecoach.pipeline.Pipeline."""

    def step(self, observation: Observation) -> Step:
        """Take the next observation."""
        ...

    def finish(self, last: Observation) -> Step:
        """Return the last step, after the source has ended with `last`."""
        ...

    def correct(self, correction: Correction | None, start_s: float | None = None) -> Step | None:
        """Take a correction of a rep."""
        ...

    def mark_set(self, mark: SetMark) -> bool:
        """Take the lifter's word that a set ends, or that the next rep begins one; return whether that is possible
        now."""
        ...


class ObservationRecorder(Protocol):
    """Records what happens, without ever waiting."""

    @property
    def recording(self) -> bool:
        """Whether pictures are being recorded."""
        ...

    @property
    def problem(self) -> str | None:
        """Why recording has stopped; None while all is well."""
        ...

    def observation(self, observation: Observation, picture: np.ndarray | None) -> None:
        """Record the observation of a frame."""
        ...
