"""Read and write `boundaries.json`: the regression that refines a rep's boundaries, in a model folder."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from livecoach.counting.boundary_regression import INPUTS, Boundaries
from livecoach.model_files.model_folder import FORMAT, Format, Numbers, read_model


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoundaryFile:
    """Content of `boundaries.json`."""

    format: Format
    synthetic: bool
    """The regression was trained on synthetic motion only."""
    weights: Annotated[np.ndarray, Numbers(ndim=3)]
    """(P, 3, INPUTS), see Boundaries."""
    bias_s: Annotated[np.ndarray, Numbers(ndim=2)]
    """(P, 3), see Boundaries."""
    training: dict[str, Any]
    """Command, seed and size of the training data."""

    def __post_init__(self) -> None:
        passes = len(self.weights)
        for name, expected in (("weights", (passes, 3, INPUTS)), ("bias_s", (passes, 3))):
            shape = getattr(self, name).shape
            if shape != expected:
                raise ValueError(f"{name}: expected shape {expected} (pass, boundary, input), got {shape}")


def save(boundaries: Boundaries, path: Path, training: dict[str, Any]) -> None:
    """Write the file. training: command, seed and size of the training data."""
    content = {
        "format": FORMAT,
        "synthetic": True,
        "weights": np.round(boundaries.weights, 6).tolist(),
        "bias_s": np.round(boundaries.bias_s, 6).tolist(),
        "training": training,
    }
    path.write_text(json.dumps(content) + "\n", encoding="utf-8")


def load(path: Path) -> Boundaries:
    """Read a `boundaries.json`. Raises ModelError where it is missing or wrong."""
    content = read_model(path, BoundaryFile)
    return Boundaries(weights=content.weights, bias_s=content.bias_s)
