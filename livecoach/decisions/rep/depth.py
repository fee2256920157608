"""Measures the depth of a squat: the height of the hip crease above the top of the knee at the bottom, and its error.

Referees compare these two surfaces (IPF Technical Rules, 2023). No landmark lies on either surface, and errors of bent
hips and knees depend on the view. A linear regression on the landmarks of the bottom and of the standing lifter learns
both at once, from rendered bodies whose mesh is known (`livecoach.lab.depth_training`). Heights are shares of the leg,
which is thigh and shin together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import compress
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from livecoach.core import landmark
from livecoach.core.config.paths import models_dir
from livecoach.core.model_files.model_folder import Format, Numbers, check_shapes, read_model_json
from livecoach.core.quantiles import median
from livecoach.core.types import Observation, Rep, RepWindow, StandardResult, Standards
from livecoach.core.types.reps import UNDER_KNEE_CM, StandardVerdict
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.perception.body.body import (
    ANKLE,
    HIP,
    KNEE,
    SHOULDER,
    joint_angles_rad,
    leg_lengths,
    lengths,
    level_points,
    stack,
    trunk_lean_rad,
    trunks,
)
from livecoach.perception.body.view import rep_roll_deg

FILE = "depth.json"  # Name of the file of the depth model
SHOWN_DEG = (30.0, 105.0)  # Absolute azimuths that show depth: nearer to the front, camera height looks like depth
LEG_OF_STATURE = 0.486  # Hip joint to knee to ankle joint, as a share of the stature: median of synthetic bodies
AROUND_S = 0.07  # Seconds before and after the bottom over which the medians of landmarks are computed
BOTTOM_S = 0.6  # Longest time in seconds between the turn and the bottom
REST_S = (0.3, 0.1)  # Seconds outside and inside the rep, at both ends, whose median shows the standing lifter
LEAST_STANDING, LEAST_INSIDE = 2, 3  # Least observations of the standing lifter, and around the turn
INPUTS = 21  # Number of inputs of the regression, from `depth_inputs`


@dataclass(frozen=True, slots=True)
class Depth:
    """The depth of a rep and its error, in leg lengths (from `DepthModel.measure`) or in centimetres (from `in_cm`)."""

    crease: float  # Height of the hip crease above the top of the knee; below 0 if it was lower
    seat: float  # Height of the lowest part of the buttocks above the floor, and of a box that they would touch
    crease_deviation: float  # Standard deviation of the crease's error
    seat_deviation: float  # Standard deviation of the seat's error

    def in_cm(self, height_cm: float) -> "Depth":
        """Convert a depth in leg lengths to centimetres, for a lifter's stature."""
        return Depth(*(length * (LEG_OF_STATURE * height_cm) for length in astuple(self)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DepthModel:
    """The content of `depth.json`: a linear regression of depth, and the spread of its errors by view."""

    format: Format
    synthetic: bool  # Whether it was trained on rendered lifters only
    mean: Annotated[np.ndarray, Numbers(ndim=1)]  # (INPUTS,) means in training
    precision: Annotated[np.ndarray, Numbers(ndim=2)]  # (INPUTS, INPUTS) inverse covariance of the inputs in training
    farthest: Annotated[float, Field(gt=0)]  # Mahalanobis distance beyond which a rep is unlike the reps of training
    weights: Annotated[np.ndarray, Numbers(ndim=2)]  # (2, INPUTS) leg lengths of crease and seat per unit of an input
    bias: Annotated[np.ndarray, Numbers(ndim=1)]  # (2,) crease and seat at the mean of the inputs, in leg lengths
    azimuth_deg: Annotated[np.ndarray, Numbers(ndim=1)]  # (V,) absolute azimuths, rising
    deviation: Annotated[np.ndarray, Numbers(ndim=2, positive=True)]
    """(2, V) standard deviations of the errors of crease and seat at these azimuths, in leg lengths, for a rep at the
    mean of the inputs. They were measured on lifters who are not in the training data."""
    growth: Annotated[np.ndarray, Numbers(ndim=1)]
    """(2,) increase of the logarithm of these deviations per unit of the Mahalanobis distance from the mean."""
    training: dict[str, Any]  # command, seed and size of the training data, and the errors on other lifters

    def __post_init__(self) -> None:
        shapes = {"mean": (INPUTS,), "precision": (INPUTS, INPUTS), "weights": (2, INPUTS)}
        shapes |= dict.fromkeys(("bias", "growth"), (2,))
        check_shapes(self, shapes)
        if (2, *self.azimuth_deg.shape) != self.deviation.shape or (np.diff(self.azimuth_deg) <= 0).any():
            raise ValueError("azimuth_deg: expected as many as deviation has columns, rising")

    def measure(self, window: RepWindow) -> Depth | None:
        """Measure the depth of a rep, in leg lengths.

        The result is None if the depth is not visible, or if the rep is unlike the reps of the training data: a joint
        may be misplaced, or the trunk nearly level.
        """
        inputs = depth_inputs(window)
        if inputs is None:
            return None
        off = inputs - self.mean
        distance = mahalanobis_distances(off[None], self.precision)[0]
        if distance > self.farthest:
            return None
        crease, seat = (self.bias + self.weights @ off).tolist()
        azimuth_deg = abs(window.known_view.azimuth_deg)
        central = np.array([np.interp(azimuth_deg, self.azimuth_deg, known) for known in self.deviation])
        return Depth(crease, seat, *(central * np.exp(self.growth * distance)).tolist())


def load_shipped_depth_model() -> DepthModel:
    """Load the depth model that is shipped. Raises ModelError if the file is missing or wrong."""
    return read_model_json(models_dir() / "standards" / FILE, DepthModel)


def can_measure_depth(azimuth_deg: float) -> bool:
    """Return whether the depth of a squat can be measured from a camera's azimuth, on either side of the lifter."""
    least, most = SHOWN_DEG
    return least <= abs(azimuth_deg) <= most


def mahalanobis_distances(deviations: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Return the (n,) Mahalanobis distances of n reps from the mean of the training reps.

    Args:
        deviations: (n, INPUTS) inputs of the reps minus the mean.
        precision: (INPUTS, INPUTS) inverse covariance of the inputs in training.
    """
    return np.sqrt(np.einsum("ni,ij,nj->n", deviations, precision, deviations))


def depth_inputs(window: RepWindow) -> np.ndarray | None:
    """Compute the (INPUTS,) inputs of the depth model for a rep.

    The result is None if the view is unknown or does not show depth, or if too few observations show the lifter around
    the turn or standing.
    """
    if window.view is None or not can_measure_depth(window.view.azimuth_deg):
        return None
    seen = [o for o in window.observations if o.landmarks is not None and o.world is not None]
    standing = [place for place, o in enumerate(seen) if _is_at_rest(o.t_s, window)]
    inside = [place for place, o in enumerate(seen) if _is_around_turn(o.t_s, window)]
    if len(standing) < LEAST_STANDING or len(inside) < LEAST_INSIDE:
        return None
    level, sizes_px = level_points(seen, rep_roll_deg(window)), np.array([(o.width_px, o.height_px) for o in seen])
    points_px = (level.landmarks * sizes_px[:, None])[:, landmark.JOINTS]
    world = level.world[:, landmark.JOINTS].astype(np.float64)
    lowest = np.array(inside)[_are_lowest(stack(seen, "t_s")[inside], points_px[inside, HIP, :, 1])]
    bottom, rest = ((median(points_px[places]), median(world[places])) for places in (lowest, standing))
    return _inputs(bottom, rest, window.view.azimuth_deg, seen[0].height_px)


def bottom_observations(observations: Iterable[Observation], rep: Rep | RepWindow) -> list[Observation]:
    """Return a rep's observations around the lowest place of the hips; empty if too few show the lifter at the turn."""
    seen = (o for o in observations if o.landmarks is not None and o.world is not None)
    inside = [o for o in seen if _is_around_turn(o.t_s, rep)]
    if len(inside) < LEAST_INSIDE:
        return []
    hips_px = np.array([o.points_px[landmark.HIPS, 1] for o in inside])
    return [*compress(inside, _are_lowest(stack(inside, "t_s"), hips_px))]


def _is_around_turn(t_s: float, rep: Rep | RepWindow) -> bool:
    return rep.start_s <= t_s <= rep.end_s and abs(t_s - rep.turn_s) <= BOTTOM_S


def _are_lowest(t_s: np.ndarray, hips_px: np.ndarray) -> np.ndarray:
    """Return which frames, with times (n,) and y of both hips (n, 2), are around the lowest hips, (n,) bool."""
    smooth_px = np.convolve(np.pad(hips_px.mean(1), 1, "edge"), np.ones(3) / 3, "valid")
    lowest: np.ndarray = np.abs(t_s - t_s[int(np.argmax(smooth_px))]) <= AROUND_S
    return lowest


def _is_at_rest(t_s: float, window: RepWindow) -> bool:
    before, inside = REST_S
    return -before <= t_s - window.start_s <= inside or -inside <= t_s - window.end_s <= before


def _inputs(
    bottom: tuple[np.ndarray, np.ndarray], standing: tuple[np.ndarray, np.ndarray], azimuth_deg: float, height_px: int
) -> np.ndarray:
    """Return the (INPUTS,) inputs. Lengths in the picture are shares of the standing hips' height above the ankles."""
    (points_px, world), (rest_px, rest_world) = bottom, standing
    at, rest = points_px.mean(1), rest_px.mean(1)
    scale_px = abs(rest[ANKLE, 1] - rest[HIP, 1]) + 1e-6
    leg_m = float(leg_lengths(rest_world[None])[0]) + 1e-6
    joints = world[None]
    down = world.mean(1)[:, 1] / leg_m
    thigh_m = float(np.linalg.norm((world[HIP] - world[KNEE]).mean(0)))
    y_px = at[:, 1]
    hip_over_knee_px = points_px[KNEE, :, 1] - points_px[HIP, :, 1]
    heights = (down[KNEE] - down[HIP], down[ANKLE] - down[HIP], down[ANKLE] - down[KNEE])
    in_picture = (
        y_px[KNEE] - y_px[HIP],
        y_px[ANKLE] - y_px[HIP],
        y_px[ANKLE] - rest[ANKLE, 1],
        y_px[KNEE] - rest[KNEE, 1],
        hip_over_knee_px[0] - hip_over_knee_px[1],
        (at[HIP, 0] - at[KNEE, 0]) * (1.0 if azimuth_deg >= 0 else -1.0),
        abs(points_px[HIP, 0, 0] - points_px[HIP, 1, 0]),
        abs(points_px[ANKLE, 0, 0] - points_px[ANKLE, 1, 0]),
        y_px[SHOULDER] - y_px[HIP],
    )
    angles = (
        float(joint_angles_rad(joints, HIP, KNEE, ANKLE).mean()),
        float(joint_angles_rad(joints, SHOULDER, HIP, KNEE).mean()),
        float(trunk_lean_rad(joints)[0]),
    )
    turn = np.radians(azimuth_deg)
    return np.array(
        [
            *heights,
            *(np.array(in_picture) / scale_px),
            *angles,
            float(lengths(trunks(rest_world[None]))[0]) / leg_m,
            thigh_m / leg_m,
            np.cos(turn),
            abs(np.sin(turn)),
            rest[HIP, 1] / height_px,
            scale_px / height_px,
        ]
    )


CLOSE_DEVIATIONS = 1.0  # Standard deviations from the standard within which a rep is close (docs/figures.md)


class Referee:
    """Judges whether reps meet the lifter's standard of depth, without regard to the lifter's own reps.

    The verdict is "close" if the error of the measured depth is too large to decide.
    """

    def __init__(self, standards: Standards, depth: DepthModel | None, height_cm: float | None) -> None:
        """Start with the lifter's standards.

        Args:
            depth: Model that measures depth; None for an exercise without a standard of depth.
            height_cm: The lifter's stature; None to assume a typical stature.
        """
        self.standards, self._depth = standards, depth
        self._height_cm = TYPICAL_HEIGHT_CM if height_cm is None else height_cm

    @property
    def wants_depth(self) -> bool:
        """Whether depth is to be checked: both the lifter and the exercise have a standard of depth."""
        return self._depth is not None and self.standards.depth != "none"

    def check_rep(self, window: RepWindow) -> Sequence[StandardResult]:
        """Return the result for the standard of depth; empty without this standard, or if depth can't be measured."""
        wanted = self.standards.depth
        measured = None if self._depth is None or wanted == "none" else self._depth.measure(window)
        if measured is None:
            return ()
        cm = measured.in_cm(self._height_cm)
        if isinstance(wanted, float):
            off_cm, deviation_cm = cm.seat - wanted, cm.seat_deviation
        else:
            off_cm, deviation_cm = cm.crease + UNDER_KNEE_CM[wanted], cm.crease_deviation
        is_close = abs(off_cm) < CLOSE_DEVIATIONS * deviation_cm
        verdict: StandardVerdict = "close" if is_close else "missed" if off_cm > 0 else "met"
        return (StandardResult(name="depth", verdict=verdict, off=off_cm, deviation=deviation_cm, unit="cm"),)
