"""A rep taken as numbers: the vector that it is compared by, and its measures."""

from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.form.measures import FaultTable, RepMotion, measured, phases_of
from livecoach.form.phases import Phases
from livecoach.form.population import Population
from livecoach.form.seen import SeenRep, picture_motion, world_motion
from livecoach.form.trace import LENGTH, OUT, durations, trace
from livecoach.form.trace import moments_s as trace_moments_s

WILD = 40.0
"""Spreads of good reps beyond which a number counts as that far: one wild measure must not rule a mean."""
STANCE = "ankle_displacement"
"""Measure that is taken from the picture alone: in the world nobody knows where the feet are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taken:
    """A rep as it is compared."""

    vector: np.ndarray
    """(D,) 0 where unknown."""
    known: np.ndarray
    """(D,) bool"""
    values: dict[str, float]
    """Measure → value, from the picture where it can be had there, else from the world; NaN where not at all."""
    fps: float
    azimuth_deg: float
    mirrored: bool
    """As SeenRep's."""
    start_s: float
    moments_s: dict[str, float]
    """Phase → when it begins; those that the rep has."""
    trace_s: np.ndarray
    """(2 trace.MOMENTS,) when the moments of its trace are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Raw:
    """A rep before it is brought to the population's scale."""

    vector: np.ndarray
    """(trace.LENGTH + 2 + 2 M,) trace, durations, measures from the world and from the picture, scaled as their signs
    say; NaN where unknown."""
    values: dict[str, float]
    moments_s: dict[str, float]
    trace_s: np.ndarray


def raw(rep: SeenRep, previous: SeenRep | None, table: FaultTable, measures: tuple[str, ...]) -> Raw:
    """measures: names of the M that are part of the vector. previous: the rep before, for feet that moved."""
    world, picture = world_motion(rep), picture_motion(rep)
    edge = rep.back
    back = None if edge is None else lambda frames: edge[frames]
    of_world, of_picture = measured(world, table), measured(picture, table, back=back)
    scaled = [table.signs[name][0].scaled(values[name]) for values in (of_world, of_picture) for name in measures]
    values = {name: value if np.isfinite(value) else of_world[name] for name, value in of_picture.items()}
    if STANCE in values and previous is not None:
        values[STANCE] = stance_moved(rep, previous)
    return Raw(
        vector=np.concatenate([trace(rep, table.travel), durations(rep), scaled]),
        values=values,
        moments_s=_moments_s(picture, phases_of(picture, table)),
        trace_s=trace_moments_s(rep, table.travel),
    )


def stance_moved(rep: SeenRep, previous: SeenRep) -> float:
    """How far the farther moved ankle is from where it was in the rep before, across the picture, torso lengths."""
    places = [np.median(seen.picture[seen.inside][:, landmark.ANKLES], axis=0) for seen in (rep, previous)]
    if rep.mirrored != previous.mirrored:  # near the front the view's sign is chance
        places[1] = places[1][::-1] * (-1, 1)
    return float(np.abs(places[0] - places[1])[:, 0].max() / rep.torso_px)


def compact(raw_vector: np.ndarray, mean: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """(..., D) of raw vectors: the trace by its principal components."""
    length = len(mean)
    return np.concatenate([(raw_vector[..., :length] - mean) @ basis.T, raw_vector[..., length:]], -1)


def taken(rep: SeenRep, previous: SeenRep | None, population: Population, way_back: np.ndarray | None = None) -> Taken:
    """The rep, ready to be compared.

    way_back: of a rep that went out and not back, the trace (trace.LENGTH,) that it is taken to have gone on by.
    """
    numbers = raw(rep, previous, population.table, population.measures)
    vector = numbers.vector
    if way_back is not None:
        vector[OUT:LENGTH] = way_back[OUT:]
        vector[LENGTH + 1] = np.nan  # seconds back
    vector = (compact(vector, population.mean, population.basis) - population.middle) / population.scale
    known = np.isfinite(vector)
    return Taken(
        vector=np.clip(np.where(known, vector, 0.0), -WILD, WILD),
        known=known,
        values=numbers.values,
        fps=1 / float(np.median(np.diff(rep.t_s))),
        azimuth_deg=rep.azimuth_deg,
        mirrored=rep.mirrored,
        start_s=rep.start_s,
        moments_s=numbers.moments_s,
        trace_s=numbers.trace_s,
    )


def trace_of(vector: np.ndarray, population: Population) -> np.ndarray:
    """(trace.LENGTH,) the trace that the principal components of a vector (D,) make."""
    count = len(population.basis)
    parts = vector[:count] * population.scale[:count] + population.middle[:count]
    made: np.ndarray = population.mean + parts @ population.basis
    return made


def _moments_s(motion: RepMotion, phases: Phases | None) -> dict[str, float]:
    if phases is None:
        return {}
    frames = {
        "ascent": phases.ascent[0],
        "lift_off": phases.ascent[0],
        "knee_pass": phases.knee_pass,
        "lockout": phases.ascent[1],
        "descent": phases.descent[0],
        "lowering": phases.descent[0],
        "bottom": phases.turn,
        "floor": phases.descent[1],
    }
    return {name: float(motion.t_s[round(at)]) for name, at in frames.items() if np.isfinite(at)}
