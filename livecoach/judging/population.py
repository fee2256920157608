"""The population: what is known of lifters in general. It gives the prior for one lifter's reference.

A rep is a vector: principal components of its trace, its durations, and measures taken from the world and from the
picture. Good reps are taken to be normal around the mean of their set, sets around their session, sessions around the
lifter, lifters around the population; how wide each is, and what each fault does to the vector, is learned from
synthetic sets by azimuth (livecoach.lab.train.population). What the vector does not hold (the back's edge, feet that
moved between reps) is a plain measure.
"""

from dataclasses import dataclass

import numpy as np

from livecoach.judging.posterior import Levels, ScatterPrior
from livecoach.rep.measures import FaultTable, Sign

VIEW_OFF_DEG = 6.0
"""Error of an estimated view: 5.3° in the mean (`livecoach measure view`)."""
FARTHEST_DEG = 105.0
"""Azimuth beyond which there is no band, because no lifters seen from behind were in training."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Band:
    """The population around one azimuth. D: length of a rep's vector, in units of the spread of good reps; K:
    signatures."""

    azimuth_deg: float
    usual: np.ndarray
    """(D,) mean over lifters."""
    within: np.ndarray
    """(D, D) covariance of good reps around their set's mean, of a lifter whose scatter is 1."""
    sets: np.ndarray
    """(D, D) covariance of sets around their session."""
    sessions: np.ndarray
    """(D, D) covariance of sessions around their lifter."""
    lifters: np.ndarray
    """(D, D) covariance of lifters."""
    signatures: np.ndarray
    """(K, D) change of the vector by each fault, by as much as is just worth reporting."""
    directions: np.ndarray
    """(D, k) directions in which faulty reps deviate most, relative to how good reps of a session differ."""
    effects: np.ndarray
    """(F,) effect of each fault: its amplitude at severity .5 over the spread of good reps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The fault whose change a row of Band.signatures is."""

    fault: str
    sign: int
    """Number of the fault's sign that shows it most, the one that is reported."""
    change: float
    """Change of that sign's measure, scaled as the sign says, at an amplitude of 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainUsual:
    """A measure that is no part of the vector, around one azimuth; scaled as its sign says."""

    azimuth_deg: float
    usual: float
    within: float
    between: float
    """Standard deviation of sets around their lifter."""
    lifters: float
    """Standard deviations of a rep and of a lifter."""
    effect: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """Lifters in general, for one exercise."""

    table: FaultTable
    measures: tuple[str, ...]
    """Names of the M measures, in the order of the vector."""
    mean: np.ndarray
    """(trajectory_vector.LENGTH,)"""
    basis: np.ndarray
    """(components, trajectory_vector.LENGTH)"""
    middle: np.ndarray
    scale: np.ndarray
    """(D,) centre and scale of a vector: median and spread of good reps."""
    bands: tuple[Band, ...]
    plain: dict[str, tuple[PlainUsual, ...]]
    """Measure that is no part of the vector → its bands."""
    signatures: tuple[Signature, ...]
    """Signatures in the order of the rows of Band.signatures."""
    scatter: ScatterPrior
    distance_freedom: float
    """Degrees of freedom of a good rep's squared distance."""
    score_limit: float
    """Distance that scores 1, as a standard normal deviate."""
    spreads: dict[str, float]
    """Fault → its least margin in spreads of good reps, as a standard normal deviate."""
    set_spreads: dict[str, float]
    """The same for the mean of a set's reps, against earlier sets."""

    def sign(self, measure: str) -> Sign:
        """Return the first sign that uses a measure; it scales the measure."""
        return self.table.signs[measure][0]

    def band(self, azimuth_deg: float) -> Band | None:
        """Return the nearest band; None where the view is beyond all bands."""
        if azimuth_deg > FARTHEST_DEG:
            return None
        return min(self.bands, key=lambda band: abs(band.azimuth_deg - azimuth_deg))

    def levels(self, band: Band) -> Levels:
        """Return the mean and the covariances of a band."""
        return Levels(
            usual=band.usual,
            within=band.within,
            sets=band.sets,
            sessions=band.sessions,
            lifters=band.lifters,
            scatter=self.scatter,
        )

    def plain_levels(self, usual: PlainUsual) -> Levels:
        """Return the levels of a plain measure. How far sets of one session differ was not measured: they have half of
        the variance between sets."""
        within, between, lifters = (np.array([[sd**2]]) for sd in (usual.within, usual.between, usual.lifters))
        return Levels(
            usual=np.array([usual.usual]),
            within=within,
            sets=between / 2,
            sessions=between / 2,
            lifters=lifters,
            scatter=ScatterPrior(freedom=self.scatter.freedom, of_rep=1.0),
        )

    def plain_usual(self, measure: str, azimuth_deg: float) -> PlainUsual | None:
        """Return the nearest band of a plain measure, as `band` does."""
        bands = self.plain.get(measure, ())
        if azimuth_deg > FARTHEST_DEG or not bands:
            return None
        return min(bands, key=lambda band: abs(band.azimuth_deg - azimuth_deg))

    def effects(self, azimuth_deg: float) -> dict[str, float]:
        """Return fault → its effect in this view: the least within the error of an estimated view."""
        if self.band(azimuth_deg) is None:
            return {}
        around = [self._effects_at(azimuth_deg + off) for off in (-VIEW_OFF_DEG, 0.0, VIEW_OFF_DEG)]
        known = [effects for effects in around if effects]
        return {name: min(effects[name] for effects in known) for name in self.table.faults}

    def _effects_at(self, azimuth_deg: float) -> dict[str, float]:
        """Return the effects at one azimuth; a fault that shows in a plain measure has that measure's effect."""
        band = self.band(azimuth_deg)
        if band is None:
            return {}
        found = dict(zip(self.table.faults, band.effects.tolist(), strict=True))
        for name, fault in self.table.faults.items():
            usual = self.plain_usual(fault.signs[0].measure, azimuth_deg)
            if usual is not None:
                found[name] = usual.effect
        return found
