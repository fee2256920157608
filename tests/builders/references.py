"""A lifter's own reference that grows from reps made up as vectors."""

from dataclasses import replace

import numpy as np

from builders.population import a_kept_rep, a_population, off_by
from livecoach.judging.judge import Judge
from livecoach.judging.posterior import ScatterPrior
from livecoach.judging.reference_learner import ReferenceLearner, reps_wanted
from livecoach.judging.rep_vector import RepVector
from livecoach.rep.measures import Front
from livecoach.types import RepWindow

PRIOR = ScatterPrior(freedom=4.0, of_rep=5.0)
SETTLED = reps_wanted(PRIOR)
POPULATION = a_population(azimuths_deg=(0.0, 30.0, 60.0, 90.0), scatter=PRIOR)
JUDGE = Judge(POPULATION)
KEPT = a_kept_rep()
STIFF = (2.0, 25.0, 80.0)
"""Shin, thigh and trunk at the bottom of a pull with straight legs: the knee is at 153° instead of 110°."""


def a_good_rep(
    off: float = 0.0, *, azimuth_deg: float = 30.0, lean_deg: float = 0.0, front: Front | None = None
) -> RepVector:
    """off: of all of it, in spreads of good reps. lean_deg: that it leans more than usual on the way to the knees."""
    vector = np.full(len(POPULATION.middle), off) + off_by(POPULATION, trunk_change_to_knee_pass_deg=lean_deg)
    return RepVector(
        mirrored=False,
        vector=vector,
        known=np.ones(len(vector), bool),
        values=dict.fromkeys(POPULATION.table.signs, 1.0 + off),
        fps=30.0,
        azimuth_deg=azimuth_deg,
        start_s=0.0,
        moments_s={},
        trace_s=np.zeros(0),
        front=front,
    )


def another(number: int = 0, **changes: object) -> RepWindow:
    """A rep to keep, told from others by its start."""
    return replace(KEPT, start_s=KEPT.start_s + number / 1000, **changes)


def a_lifter(count: int = 0, off: float = 0.0, *, azimuth_deg: float = 30.0) -> ReferenceLearner:
    """ReferenceRep by so many reps of the set under way."""
    lifter = ReferenceLearner(POPULATION, JUDGE)
    for i in range(count):
        lifter.add(a_good_rep(off, azimuth_deg=azimuth_deg), another(i))
    return lifter


def centre(lifter: ReferenceLearner, azimuth_deg: float = 30.0) -> float:
    """Where the reference is, in spreads: the mean over all of the vector."""
    return float(lifter.reference(azimuth_deg).posterior.mean.mean())
