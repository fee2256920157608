"""Refines start, turn and end of a rep from the movement of the whole body around them.

A cascade of linear regressions moves each boundary several times from the body's curves around it (Xiong and De la
Torre, Supervised descent method, CVPR 2013), because the turning points of a single curve are off by a tenth of a
second and more (docs/figures.md). Trained by livecoach.lab.train.boundaries.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from livecoach.core.model_files.model_folder import FORMAT, Format, Numbers, read_model
from livecoach.core.types import Times
from livecoach.perception.body.body import ANKLE, HIP, KNEE, SHOULDER, Body, joint_rad, middles
from livecoach.perception.body.quantiles import median

OFFSETS_S = np.linspace(-0.7, 0.7, 15)  # Times of the curves around a boundary, in seconds; more are no better
CHANNELS = 8
"""Number of curves: distance from rest; heights of shoulders, elbows, wrists, hips and knees above the ankles; angles
of hips and knees."""
INPUTS = len(OFFSETS_S) * CHANNELS + 5  # Number of inputs of a regression, from `regression_inputs`
LARGEST_STEP_S = 0.4  # Largest change of a boundary in a pass, in seconds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boundaries:
    """P passes of linear regressions, one for each of start, turn and end."""

    weights: Annotated[np.ndarray, Numbers(ndim=3)]  # (P, 3, INPUTS) seconds per unit of input
    bias_s: Annotated[np.ndarray, Numbers(ndim=2)]  # (P, 3)

    def refine(self, samples: Sequence[Body], turns: Times) -> Times:
        """Return the refined boundaries, of which the end may be later than the last sample.

        Args:
            samples: At least two samples, of the rep and around it.
            turns: Turning points of the curve.
        """
        return self.refine_on_curves(np.array([s.t_s for s in samples]), body_curves(samples), turns)

    def refine_on_curves(self, t_s: np.ndarray, curves: np.ndarray, turns: Times) -> Times:
        """Return the refined boundaries from times (n,) and `body_curves` (n, CHANNELS)."""
        times_s = np.array(turns)
        for weights, bias_s in zip(self.weights, self.bias_s, strict=True):
            moved_s = (weights * regression_inputs(t_s, curves, times_s)).sum(1) + bias_s
            times_s = np.sort(times_s + np.clip(moved_s, -LARGEST_STEP_S, LARGEST_STEP_S))
        return Times(*times_s.tolist())


def body_curves(samples: Sequence[Body]) -> np.ndarray:
    """Return the (n, CHANNELS) curves of the body, each scaled to 0…1 over the samples."""
    points, world = (
        middles(np.array([getattr(s, name) for s in samples], np.float64)) for name in ("points_px", "world")
    )
    size_px = float(median(np.array([s.size_px for s in samples])))
    heights = (median(points[:, ANKLE, 1]) - points[:, :ANKLE, 1]) / size_px
    angles = [joint_rad(world, SHOULDER, HIP, KNEE), joint_rad(world, HIP, KNEE, ANKLE)]
    curves = np.column_stack([[s.distance_from_rest for s in samples], heights, *angles])
    scaled: np.ndarray = (curves - curves.min(0)) / (np.ptp(curves, axis=0) + 1e-6)
    return scaled


def regression_inputs(t_s: np.ndarray, curves: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """Return (3, INPUTS) the curves around each boundary, the times to both ends, and to the other boundaries."""
    at_s = np.clip(times_s[:, None] + OFFSETS_S, t_s[0], t_s[-1])
    around = np.stack([np.interp(at_s, t_s, channel) for channel in curves.T], -1).reshape(3, -1)
    room_s = np.clip(np.stack([times_s - t_s[0], t_s[-1] - times_s], 1), 0.0, 1.0)
    others_s = times_s[:, None] - times_s
    return np.hstack([around, room_s, others_s])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoundaryFile(Boundaries):
    """The content of boundaries.json."""

    format: Format
    synthetic: bool
    training: dict[str, Any]

    def __post_init__(self) -> None:
        passes = len(self.weights)
        for name, expected in (("weights", (passes, 3, INPUTS)), ("bias_s", (passes, 3))):
            shape = getattr(self, name).shape
            if shape != expected:
                raise ValueError(f"{name}: expected shape {expected} (pass, boundary, input), got {shape}")


def save(boundaries: Boundaries, path: Path, training: dict[str, Any]) -> None:
    """Write the file of a model, with the command, seed and size of its training data."""
    content = {
        "format": FORMAT,
        "synthetic": True,
        "weights": np.round(boundaries.weights, 6).tolist(),
        "bias_s": np.round(boundaries.bias_s, 6).tolist(),
        "training": training,
    }
    path.write_text(json.dumps(content) + "\n", encoding="utf-8")


def load(path: Path) -> Boundaries:
    """Load the file of a model. Raises ModelError if it is missing or wrong."""
    return read_model(path, BoundaryFile)
