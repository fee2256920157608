"""Finds start, turn and end of a rep at the turning points of its curve, then refines them by the whole body.

A cascade of linear regressions moves each boundary several times from the body's curves around it (Xiong and De la
Torre, Supervised descent method, CVPR 2013), because the turning points of a single curve are off by a tenth of a
second and more. livecoach.lab.train.boundaries trains the regressions, and reports the errors of both.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from livecoach.core.model_files.model_folder import FORMAT, Format, Numbers, check_shapes, read_model_json
from livecoach.core.quantiles import median
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting import tuning
from livecoach.perception.body.body import ANKLE, HIP, KNEE, SHOULDER, Body, joint_angles_rad, middles, stack


def boundary_indices(t_s: np.ndarray, distance: np.ndarray, *, lockout: bool) -> tuple[int, int, int]:
    """Return the indices of the start, the turn and the end of a movement, from its distance from rest.

    Args:
        t_s: (n,) rising times.
        distance: (n,) distance from rest.
        lockout: Whether the turn is the lockout at the end of the way out, and not the peak of the curve.
    """
    peak = int(np.argmax(distance))
    lowest = int(np.argmin(distance[: peak + 1]))
    over_s = tuning.SPEED_OVER_S
    later, earlier = np.interp(np.add.outer((over_s / 2, -over_s / 2), t_s), t_s, distance)
    speed = (later - earlier) / over_s
    span_out, span_back = distance[peak] - distance[lowest], distance[peak] - distance[peak:].min()
    way_out = distance[lowest : peak + 1]

    moving = lowest + int(np.flatnonzero(way_out <= distance[lowest] + tuning.UNDER_WAY * span_out)[-1])
    top_speed = float(speed[moving : peak + 1].max())
    start = moving
    while start > 0 and speed[start] > tuning.SLOW_SHARE * top_speed:
        start -= 1

    turn = peak
    if lockout:
        # Search after the last climb: a bar that is lost in the ascent was not locked out before that.
        turn = lowest + int(np.flatnonzero(way_out <= distance[peak] - tuning.UNDER_WAY * span_out)[-1])
        while turn < peak and speed[turn] > tuning.SLOW_SHARE * top_speed:
            turn += 1

    end = peak + int(np.argmax(distance[peak:] <= distance[peak] - (1 - tuning.UNDER_WAY) * span_back))
    top_speed = float((-speed[peak : end + 1]).max())
    while end < len(distance) - 1 and -speed[end] > tuning.SLOW_SHARE * top_speed:
        end += 1
    return start, turn, end


OFFSETS_S = np.linspace(-0.7, 0.7, 15)  # Seconds from a boundary at which curves are read; more are no better
CHANNELS = 8
"""Number of curves: distance from rest; heights of shoulders, elbows, wrists, hips and knees above the ankles; angles
of hips and knees."""
INPUTS = len(OFFSETS_S) * CHANNELS + 5  # Number of inputs of a regression, from `regression_inputs`
LARGEST_STEP_S = 0.4  # Largest change of a boundary in a pass, in seconds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoundaryModel:
    """A model that refines the start, turn and end of a rep, each by a cascade of P linear regressions."""

    weights: Annotated[np.ndarray, Numbers(ndim=3)]  # (P, 3, INPUTS) seconds per unit of input
    bias_s: Annotated[np.ndarray, Numbers(ndim=2)]  # (P, 3)

    def refine(self, t_s: np.ndarray, curves: np.ndarray, times: MovementTimes) -> MovementTimes:
        """Refine the start, turn and end of a rep from the motion of the whole body.

        Each of the P passes moves a time by at most LARGEST_STEP_S. The refined end may be later than all curves.

        Args:
            t_s: (n,) times of the curves.
            curves: (n, CHANNELS) curves, from `body_curves`.
            times: Start, turn and end, as the distance from rest shows them.
        """
        times_s = np.array(times)
        for weights, bias_s in zip(self.weights, self.bias_s, strict=True):
            moved_s = (weights * regression_inputs(t_s, curves, times_s)).sum(1) + bias_s
            times_s = np.sort(times_s + np.clip(moved_s, -LARGEST_STEP_S, LARGEST_STEP_S))
        return MovementTimes(*times_s.tolist())


def body_curves(samples: Sequence[Body]) -> np.ndarray:
    """Compute the (n, CHANNELS) curves of the body, each scaled to 0…1 over the samples."""
    points = middles(stack(samples, "points_px").astype(np.float64))
    world = middles(stack(samples, "world").astype(np.float64))
    size_px = float(median(stack(samples, "size_px")))
    heights = (median(points[:, ANKLE, 1]) - points[:, :ANKLE, 1]) / size_px
    angles = [joint_angles_rad(world, SHOULDER, HIP, KNEE), joint_angles_rad(world, HIP, KNEE, ANKLE)]
    curves = np.column_stack([stack(samples, "distance_from_rest"), heights, *angles])
    scaled: np.ndarray = (curves - curves.min(0)) / (np.ptp(curves, axis=0) + 1e-6)
    return scaled


def regression_inputs(t_s: np.ndarray, curves: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """Compute the (3, INPUTS) inputs of the regressions, for the start, turn and end of a rep.

    For each boundary, these are the curves around it; its distances in time from both ends of the samples, at most 1 s;
    and its differences in time from all three boundaries.

    Args:
        curves: (n, CHANNELS) curves at the times `t_s`, from `body_curves`.
        times_s: (3,) start, turn and end.
    """
    at_s = np.clip(times_s[:, None] + OFFSETS_S, t_s[0], t_s[-1])
    around = np.stack([np.interp(at_s, t_s, channel) for channel in curves.T], -1).reshape(3, -1)
    room_s = np.clip(np.stack([times_s - t_s[0], t_s[-1] - times_s], 1), 0.0, 1.0)
    others_s = times_s[:, None] - times_s
    return np.hstack([around, room_s, others_s])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _BoundaryFile(BoundaryModel):
    """The content of `boundaries.json`: the regressions, and how they were trained."""

    format: Format
    synthetic: bool
    training: dict[str, Any]

    def __post_init__(self) -> None:
        passes = len(self.weights)
        check_shapes(self, {"weights": (passes, 3, INPUTS), "bias_s": (passes, 3)})


def save(boundaries: BoundaryModel, path: Path, training: dict[str, Any]) -> None:
    """Write the regressions to a file. `training` describes their training, such as its command and seed."""
    content = {
        "format": FORMAT,
        "synthetic": True,
        "weights": np.round(boundaries.weights, 6).tolist(),
        "bias_s": np.round(boundaries.bias_s, 6).tolist(),
        "training": training,
    }
    path.write_text(json.dumps(content) + "\n", encoding="utf-8")


def load(path: Path) -> BoundaryModel:
    """Load the regressions from a file. Raises ModelError if the file is missing, or its content is wrong."""
    return read_model_json(path, _BoundaryFile)
