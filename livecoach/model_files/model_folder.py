"""The folder of one exercise's models: the files that it must hold, and their checks.

    models/<exercise>/  model.json  stage.json  lift.json  boundaries.json  scorer.json  encoder.tflite  decoder.tflite
                        kde.npz  faults.npz  README.md

`model.json` holds the digest of every other file, so an incomplete or exchanged file is an error that names it.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.errors import ModelError
from livecoach.model_files.reading import Format, read_model

FALSE_ALARMS = 0.02
"""Default share of good reps that may be judged anomalous."""
JUDGING = (
    "stage.json",
    "lift.json",
    "boundaries.json",
    "scorer.json",
    "encoder.tflite",
    "decoder.tflite",
    "kde.npz",
    "faults.npz",
)
"""Files that decide what counts and how it is judged."""
FILES = (*JUDGING, "README.md")


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
    synthetic: bool
    """The model was trained on synthetic motion only."""
    files: dict[str, str]
    """File name → SHA-256."""
    metrics: dict[str, Any]
    """Figures with their intervals, and the command that produces them."""
    made: dict[str, TrainingRun] = field(default_factory=dict)
    """Main file of each part → the run that trained it."""

    @property
    def version(self) -> str:
        """The version of the model: another one where any file that judges is another one."""
        return version_of(self.files)


def version_of(digests: dict[str, str]) -> str:
    """Return the version that follows from the digests of a model's files."""
    lines = "".join(f"{name} {digests.get(name)}\n" for name in JUDGING)
    return hashlib.sha256(lines.encode()).hexdigest()[:12]


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
