"""The scorer of an exercise: encoder, densities, limits and faults, as its model folder holds them."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from livecoach.judging.density import Density, WidthPrior
from livecoach.judging.encoder import Encoder
from livecoach.judging.fault_model import FaultModel

Positive = Annotated[float, Field(gt=0)]
ReferenceKind = Literal["set", "session", "day"]
"""Where the own good reps that judge come from: this set, an earlier set of this session, or another day."""


KNOWN = 1e6
"""Degrees of freedom of a width that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a rep becomes anomalous, at one share of false alarms."""

    set: Positive
    """Distance, in widths of the lifter's reps, beside reps of the same set."""
    session: Positive
    """The same beside an earlier set: two good sets differ by more than two reps of one."""
    everybody: Positive
    """Distance from everybody's good reps, in their widths, while nothing of the lifter's own is known: only what is
    gross is beyond it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraShift:
    """How far good reps move away from those of another set where the camera stands elsewhere, torso lengths."""

    day: Annotated[float, Field(ge=0)]
    """On another day in any case: other clothes, other light, a camera that was put up again."""
    per_deg: Annotated[float, Field(ge=0)]
    """For each degree of azimuth."""
    per_tilt_deg: Annotated[float, Field(ge=0)]
    """For each degree by which the camera looks down more or less."""
    per_size: Annotated[float, Field(ge=0)]
    """For each factor e by which the lifter is larger in the picture."""
    most: Annotated[float, Field(ge=0)]
    """Largest shift that is allowed for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Everybody:
    """Good reps of many lifters (synthetic)."""

    mean: np.ndarray
    """trajectory.SHAPE"""
    latents: np.ndarray
    """(n, K)"""
    deviation: float
    """Root mean square distance of lifters from `mean`."""

    @property
    def density(self) -> Density:
        """Their density: each lifter is a kernel."""
        weights = np.full(len(self.latents), 1 / len(self.latents))
        return Density(latents=self.latents, weights=weights, deviation=self.deviation, freedom=KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scorer:
    """What judges the reps of one exercise."""

    encoder: Encoder
    everybody: Everybody
    faults: FaultModel
    width: WidthPrior
    limits: Limits
    camera: CameraShift
    decoder_error: float
    """Error of the decoder, torso lengths, beyond which a movement is no rep of a human: twice that of 95 in 100
    reps, good and bad."""
