"""What a rep is judged against, and what there is to say of it."""

from dataclasses import dataclass

import numpy as np

from livecoach.judging.population import Band
from livecoach.judging.posterior import Posterior
from livecoach.types import Fault, NotVisible


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """What a rep is judged against."""

    band: Band
    posterior: Posterior
    plain: dict[str, Posterior]
    """Measure that is no part of the vector → posterior, one dimension."""
    effects: dict[str, float]
    """Fault → effect in this view."""
    usual: dict[str, float]
    """Measure → the lifter's own usual value; left out where there is none."""
    own: bool
    """A good rep of the lifter's own is known."""
    before: Posterior | None
    """Of the mean of the set under way, with the rep that is judged, by what was known before the set; None where no
    earlier set of the session is known: sets of two days differ too much."""
    of_set: np.ndarray
    """(n, D) the set's reps so far, bad ones too."""
    widening: float = 1.0
    """Times as far as usual the limit and all margins are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What there is to say of a rep."""

    score: float
    """1 at the limit: of the distance in all, or of the fault that is nearest to its own."""
    faults: tuple[Fault, ...]
    """The one that the rep is told for, then the others, worst first."""
    not_visible: tuple[NotVisible, ...]
    top_joints: tuple[str, ...]
    """That the first fault is seen on, or where there is none that the score comes from, worst first."""
    shares: np.ndarray
    """(2 trace.MOMENTS, trace.JOINTS) what of the score's square falls to which joint at which moment."""
    of_set: bool
    """The faults are those of the whole set so far: the rep alone is like the others of its set."""
