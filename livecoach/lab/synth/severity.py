"""Computes the true severities of faults from noise-free measures of a rep and of the same lifter's good reps."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from livecoach.core import landmark
from livecoach.core.config import read_yaml
from livecoach.core.landmark import STATIONS
from livecoach.core.quantiles import median, median_of_known
from livecoach.decisions.rep.measured import STANCE
from livecoach.decisions.rep.measures import FaultKind, FaultSign, load_faults, measure_all
from livecoach.decisions.rep.motion import DorsalProfile, RepMotion
from livecoach.lab.synth.motion.motion_sequence import Performer
from livecoach.lab.synth.motion.set_motion import SetMotion, play_set
from livecoach.lab.synth.motion.tokens import GOOD
from livecoach.lab.truth import TrueRep

SPREAD_FILE = Path(__file__).resolve().parent / "spread.yaml"
_table = cache(load_faults)
Measures = Mapping[str, float]  # Value by the name of the measure; NaN if it could not be measured


Spreads = dict[str, dict[str, Annotated[float, Field(ge=0)]]]
"""Standard deviation of each measure, scaled by `FaultSign.scale_value`, in a lifter's good synthetic reps, by lift."""


def severity_of_sign(sign: FaultSign, value: float, good: float, spread: float) -> float:
    """Return a fault's severity by a single `FaultSign`: 0 up to the margin of the sign, 1 from three margins on.

    For a sign with a limit, the severity is 0 or 1, and does not depend on `good` and `spread`. The severity is NaN if
    `value` or, for a sign without a limit, `good` is NaN.

    Args:
        good: Median of the measure in good reps.
        spread: Standard deviation of the measure, scaled by `FaultSign.scale_value`, in good reps.
    """
    if sign.by == "limit":
        return math.nan if math.isnan(value) else float(sign.change_towards_fault(value - sign.smallest) > 0)
    past = sign.change_towards_fault(sign.scale_value(value) - sign.scale_value(good)) / sign.margin(spread)
    return math.nan if math.isnan(past) else min(max((past - 1) / 2, 0.0), 1.0)


def fault_severity(fault: FaultKind, values: Measures, good: Measures, spread: Measures) -> float:
    """Return the severity of a fault in a rep, 0…1; NaN if too few of the fault's signs can be measured.

    Args:
        values: Measures of the rep. Here and in `good`, a missing measure counts as NaN.
        good: Median of each measure in good reps.
        spread: Standard deviation, in good reps, of each `FaultSign.scale_value`; a missing measure counts as 0.
    """
    of_signs = [
        severity_of_sign(
            sign, values.get(sign.measure, math.nan), good.get(sign.measure, math.nan), spread.get(sign.measure, 0.0)
        )
        for sign in fault.signs
    ]
    known = [value for value in of_signs if not math.isnan(value)]
    if not known or (fault.decided_by == "all" and len(known) < len(of_signs)):
        return math.nan
    return {"any": max(known), "all": min(known), "first": known[0]}[fault.decided_by]


def fault_severities(measures: Measures, reference: Sequence[Measures], exercise: str) -> dict[str, float]:
    """Return the severity, 0…1, of each measurable fault of a rep, against good reps of the lifter, `reference`."""
    table = _table(exercise)
    good = {name: median_of_known(rep.get(name, math.nan) for rep in reference) for name in table.signs}
    spread = _spreads()[exercise]
    by_fault = {key: fault_severity(fault, measures, good, spread) for key, fault in table.faults.items()}
    return {key: value for key, value in by_fault.items() if not math.isnan(value)}


@cache
def _spreads() -> Spreads:
    return read_yaml(SPREAD_FILE, Spreads)


MARGIN_S = 1.0  # Time before and after a rep that its measures use
OWN_REPS = 3  # Number of the lifter's good reps to which reps are compared
OWN_FPS = 30.0  # Frame rate of the simulated good reps
OWN_SEED = 20261120  # Seed of the simulated good reps, so that they are the same in every set


def with_true_severities(made: SetMotion) -> tuple[TrueRep, ...]:
    """Return the reps of a set with the true severities of intended and other faults, against the lifter's good reps.

    The reps are returned unchanged if the spread of the exercise's measures is unknown.
    """
    exercise = made.performer.exercise
    if not made.reps or exercise not in _spreads():
        return made.reps
    reference, reps = measure_simulated_reps(made.performer), []
    for rep, values in zip(made.reps, _measure_reps(made), strict=True):
        known = {name: round(value, 3) for name, value in fault_severities(values, reference, exercise).items()}
        faults = tuple(replace(fault, severity=known.get(fault.name)) for fault in rep.faults)
        shown = {name: value for name, value in known.items() if value > 0}
        reps.append(replace(rep, faults=faults, severities=shown))
    return tuple(reps)


def measure_simulated_reps(performer: Performer, count: int = OWN_REPS, seed: int = OWN_SEED) -> list[dict[str, float]]:
    """Simulate `count` good reps of a lifter, and return the noise-free measures of each rep by name."""
    made = play_set(performer, (GOOD,) * (count + 1), np.random.default_rng(seed), OWN_FPS)
    return _measure_reps(made)[1:]  # the first rep has no predecessor


def _measure_reps(made: SetMotion) -> list[dict[str, float]]:
    """Return the noise-free measures of each rep of a set; NaN if a measure cannot be computed."""
    values: list[dict[str, float]] = []
    previous = None
    for rep in made.reps:
        motion, first = _motion(made, rep)
        of_rep = measure_all(replace(motion, back=_back(made, motion, first)), _table(made.performer.exercise))
        if STANCE in of_rep and previous is not None and motion.detected_phases is not None:
            of_rep[STANCE] = ankle_displacement(motion, previous)
        values.append(of_rep)
        previous = motion
    return values


def ankle_displacement(rep: RepMotion, previous: RepMotion) -> float:
    """Return the larger distance that an ankle moved on the floor since the previous rep of a set, in torso lengths."""
    now, before = (median(motion.points[motion.inside, list(landmark.ANKLES), :2]) for motion in (rep, previous))
    return float(np.sqrt(((now - before) ** 2).sum(-1)).max() / rep.torso_length)


def _motion(made: SetMotion, rep: TrueRep) -> tuple[RepMotion, int]:
    margin = round(MARGIN_S * made.fps)
    first, last = max(rep.start_frame - margin, 0), min(rep.end_frame + 1 + margin, len(made.landmarks))
    motion = RepMotion(
        points=made.landmarks[first:last],
        t_s=np.arange(last - first) / made.fps,
        torso_length=made.performer.body.torso_m,
        inside=slice(rep.start_frame - first, rep.end_frame + 1 - first),
        travel=_table(made.performer.exercise).travel,
    )
    return motion, first


HALF_WIDTH = 0.04  # Half the height of a station of the back, in torso lengths; vertices are up to 0.07 apart


def mesh_dorsal_profiles(points: np.ndarray, hips: np.ndarray, shoulders: np.ndarray, torso: float) -> np.ndarray:
    """Return the height of the back above the line from hips to shoulders, (n, 19), for a body's mesh in n frames.

    The height at each of the 19 stations is in torso lengths; NaN at a station without vertices.

    Args:
        points: (n, N, 3) vertices of the back: x forward, z up.
        hips: (n, 3) middles of the hips.
        shoulders: (n, 3) middles of the shoulders.
        torso: Length of the torso, in the unit of the points.
    """
    up = (shoulders - hips)[:, [0, 2]]
    length = np.sqrt((up**2).sum(-1, keepdims=True))
    (ux, uz), from_hips = (up / length).T[..., None], points - hips[:, None]
    along = (from_hips[..., 0] * ux + from_hips[..., 2] * uz) / length
    height = (from_hips[..., 2] * ux - from_hips[..., 0] * uz) / torso
    near = np.abs(along[:, None] - STATIONS[:, None]) <= HALF_WIDTH  # (frame, station, vertex)
    edge = np.where(near, height[:, None], -np.inf).max(-1)
    return np.where(np.isfinite(edge), edge, np.nan)


def _back(made: SetMotion, motion: RepMotion, first: int) -> DorsalProfile:
    (rotations, positions), body = made.joints, made.performer.body

    def profile(frames: np.ndarray) -> np.ndarray:
        at = first + np.asarray(frames)
        back = body.skin_vertices(body.back_vertices, rotations[at], positions[at])
        return mesh_dorsal_profiles(back, motion.middles["H"][frames], motion.middles["S"][frames], motion.torso_length)

    return profile
