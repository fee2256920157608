"""What the live loop needs of its parts."""

from typing import Protocol

import numpy as np

from livecoach.types import Correction, Frame, Observation, Step


class ObserveFrame(Protocol):
    """Makes the observation of a frame."""

    def __call__(self, frame: Frame, dropped: int = 0) -> Observation:
        """dropped: number of frames since the last one that were not processed."""
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
