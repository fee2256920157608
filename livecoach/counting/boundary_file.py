"""What tells a rep's boundaries, in a model folder: `boundaries.json`. Checked on load."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.counting.boundary_regression import INPUTS, Boundaries
from livecoach.errors import ModelError
from livecoach.model_files.model_folder import FORMAT, read_card


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryCard:
    """Content of `boundaries.json`."""

    format: int
    synthetic: bool
    """Learned from synthetic motion only."""
    weights: list[list[list[float]]]
    """As Boundaries'."""
    bias_s: list[list[float]]
    training: dict[str, Any]
    """Command, seed and size of the training data."""


def save(boundaries: Boundaries, path: Path, training: dict[str, Any]) -> None:
    """Write the file."""
    card = BoundaryCard(
        format=FORMAT,
        synthetic=True,
        weights=np.round(boundaries.weights, 6).tolist(),
        bias_s=np.round(boundaries.bias_s, 6).tolist(),
        training=training,
    )
    path.write_text(json.dumps(dataclasses.asdict(card)) + "\n", encoding="utf-8")


def load(path: Path) -> Boundaries:
    """Read a `boundaries.json`. Raises ModelError where it is missing or does not hold what it should."""
    card = read_card(path, BoundaryCard)
    try:
        weights, bias_s = np.array(card.weights, np.float64), np.array(card.bias_s, np.float64)
    except ValueError as err:
        raise ModelError(f"{path}: weights and bias_s must be whole arrays. Restore the file.") from err
    passes = len(card.weights)
    wanted = (weights.shape, bias_s.shape) == ((passes, 3, INPUTS), (passes, 3))
    if not wanted or not np.isfinite(weights).all() or not np.isfinite(bias_s).all():
        raise ModelError(f"{path}: expected {INPUTS} finite weights and a bias for start, turn and end in each pass.")
    return Boundaries(weights=weights, bias_s=bias_s)
