"""The folder of one exercise's models: the files that it must hold, and their checks.

    models/<exercise>/  model.json  stage.json  lift.json  boundaries.json  form.json  form.npz  encoder.tflite
                        decoder.tflite  kde.npz  README.md

`model.json` holds the digest of every other file, so an incomplete or exchanged file is an error that names it.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from livecoach.errors import ModelError
from livecoach.model_files.reading import Format, read_model

FALSE_ALARMS = 0.02
"""Default share of good reps that may be judged anomalous."""
MADE_BEFORE = ("stage.json", "lift.json", "boundaries.json", "form.json", "form.npz")
"""Files that must exist before the scorer is trained."""
FILES = (*MADE_BEFORE, "encoder.tflite", "decoder.tflite", "kde.npz", "README.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Where a rep becomes anomalous, for each part of the score, at one share of false alarms."""

    false_alarms: Annotated[float, Field(gt=0, lt=1)]
    """Share of good reps beyond the limit."""
    log_density: float
    """Log density that scores 1; it is below the usual one."""
    reconstruction: Annotated[float, Field(gt=0)]
    """Root mean square reconstruction error that scores 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where a rep becomes anomalous, at several shares of false alarms."""

    log_density_usual: float
    """Median log density of good reps, which scores 0."""
    limits: Annotated[tuple[Limit, ...], Field(min_length=1)]
    """Limits in order of rising shares of false alarms."""
    factor: Annotated[float, Field(gt=0)]
    """How much further out the limits are than those of synthetic motion alone; 1 for the latter."""
    origin: str
    """Description of the reps that the limits were measured on."""

    def __post_init__(self) -> None:
        if not all(limit.log_density < self.log_density_usual for limit in self.limits):
            raise ValueError("limits: log_density must be below log_density_usual")
        require_rising([limit.false_alarms for limit in self.limits])

    def at(self, false_alarms: float) -> Limit:
        """Return the limit for a share of false alarms, interpolated as `between` does."""
        shares = [limit.false_alarms for limit in self.limits]
        log_density, reconstruction = (
            between(shares, [getattr(limit, name) for limit in self.limits], false_alarms)
            for name in ("log_density", "reconstruction")
        )
        return Limit(false_alarms=false_alarms, log_density=log_density, reconstruction=reconstruction)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """The run that trained a part of a model folder."""

    command: str
    seed: int | None = None
    """None where the command takes no seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """Content of `model.json`."""

    format: Format
    name: str
    version: str
    synthetic: bool
    """The model was trained on synthetic motion only."""
    tensor_shape: tuple[int, int, int]
    latent: Annotated[int, Field(gt=0)]
    thresholds: Thresholds
    files: dict[str, str]
    """File name → SHA-256."""
    training: dict[str, Any]
    """Command, seed, digest and size of the training data."""
    metrics: dict[str, Any]
    """Figures with their intervals, and the command that produces them."""
    made: dict[str, TrainingRun] = field(default_factory=dict)
    """Main file of each part → the run that trained it; older models have none."""


def between(shares: Sequence[float], values: Sequence[float], at: float) -> float:
    """Interpolate a value for a share of false alarms, linearly in the logarithm of the share.

    shares rise. A share beyond them gets the first or the last value.
    """
    return float(np.interp(math.log(at), np.log(shares), values))


def require_rising(shares: Sequence[float]) -> None:
    """Raise ValueError where the shares of false alarms of `limits` do not rise."""
    if list(shares) != sorted(set(shares)):
        raise ValueError("limits: false_alarms must rise from one limit to the next")


def sha256(path: Path) -> str:
    """Return the hex digest of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read(folder: Path) -> ModelCard:
    """Read the card of a model folder, and check that its files are all present and unchanged.

    Raises ModelError that names the file at fault.
    """
    path = folder / "model.json"
    card = read_model(path, ModelCard)
    for name in FILES:
        check(folder / name, card.files.get(name))
    return card


def check(path: Path, digest: str | None, card: str = "model.json") -> None:
    """Raise ModelError where a file is missing, or differs from the digest in its folder's card."""
    if not path.is_file():
        raise ModelError(f"{path}: is missing. Restore the model folder.")
    if digest is None:
        raise ModelError(f"{path.parent / card}: files: no digest of {path.name}. Restore the model folder.")
    if sha256(path) != digest:
        raise ModelError(f"{path}: differs from the digest in {card}. Restore the model folder.")
