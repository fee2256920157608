"""The vector of a rep in the population's scale: what it is compared by."""

from dataclasses import dataclass

import numpy as np

from livecoach.judging.population import Population
from livecoach.rep.features import RepFeatures, rep_features
from livecoach.rep.measures import Front
from livecoach.rep.trajectory_vector import LENGTH, OUT
from livecoach.rep.view_normalised import NormalisedRep

WILD = 40.0
"""Spreads of good reps beyond which a number counts as that far: one wild measure must not rule a mean."""
LEAST_KNOWN = 0.5
"""Least share of a trace that must be known for the rest to be completed."""
WEAKEST = 0.1
"""Directions of the principal components that the known numbers show by less than this share of the clearest are left
at the mean."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepVector:
    """A rep as it is compared with others: a vector in the population's scale, and the values behind it."""

    vector: np.ndarray
    """(D,) 0 where unknown."""
    known: np.ndarray
    """(D,) bool"""
    values: dict[str, float]
    """Measure → value, from the picture where it can be had there, else from the world; NaN where not at all."""
    fps: float
    azimuth_deg: float
    mirrored: bool
    """The rep was mirrored, as NormalisedRep says."""
    start_s: float
    moments_s: dict[str, float]
    """Phase → when it begins; those that the rep has."""
    trace_s: np.ndarray
    """(2 trajectory_vector.MOMENTS,) times of the moments of its trace."""
    front: Front | None = None
    """Which leg is in front, as RepFeatures says."""


def compact(raw_vector: np.ndarray, mean: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Replace the trace in raw vectors by its principal components: (..., D)."""
    length = len(mean)
    return np.concatenate([(raw_vector[..., :length] - mean) @ basis.T, raw_vector[..., length:]], -1)


def completed(trace: np.ndarray, mean: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return a trace (LENGTH,) whose unknown numbers, NaN, are those of the nearest trace that the principal components
    can make, in the sense of least squares. One that is known in less than half stays as it is.

    Heels and toes are a quarter of a trace, and some pose models do not give them.
    """
    known = np.isfinite(trace)
    if known.all() or known.mean() < LEAST_KNOWN:
        return trace
    parts = np.linalg.lstsq(basis[:, known].T, (trace - mean)[known], rcond=WEAKEST)[0]
    return np.where(known, trace, mean + parts @ basis)


def vector_of(
    rep: NormalisedRep, previous: NormalisedRep | None, population: Population, way_back: np.ndarray | None = None
) -> RepVector:
    """Measure a rep, and bring it to the population's scale. previous: as rep_features'; way_back: as rep_vector's."""
    return rep_vector(rep_features(rep, previous, population.table, population.measures), population, way_back)


def rep_vector(features: RepFeatures, population: Population, way_back: np.ndarray | None = None) -> RepVector:
    """Bring the features of a rep to the population's scale.

    way_back: of a rep that went out and not back, the trace (trajectory_vector.LENGTH,) that completes it.
    """
    vector = features.vector.copy()
    if way_back is not None:
        vector[OUT:LENGTH] = way_back[OUT:]
        vector[LENGTH + 1] = np.nan  # seconds back
    vector[:LENGTH] = completed(vector[:LENGTH], population.mean, population.basis)
    vector = (compact(vector, population.mean, population.basis) - population.middle) / population.scale
    known = np.isfinite(vector)
    return RepVector(
        vector=np.clip(np.where(known, vector, 0.0), -WILD, WILD),
        known=known,
        values=features.values,
        fps=features.fps,
        azimuth_deg=features.azimuth_deg,
        mirrored=features.mirrored,
        start_s=features.start_s,
        moments_s=features.moments_s,
        trace_s=features.trace_s,
        front=features.front,
    )


def trace_of(vector: np.ndarray, population: Population) -> np.ndarray:
    """Return the (trajectory_vector.LENGTH,) trace that the principal components of a vector (D,) describe."""
    count = len(population.basis)
    parts = vector[:count] * population.scale[:count] + population.middle[:count]
    made: np.ndarray = population.mean + parts @ population.basis
    return made
