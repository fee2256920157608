"""What a rep is judged against, and the judgement on it."""

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
    """Posterior of the mean of the set under way, the judged rep included, given what was known before the set. None
    where no earlier set of the session is known: sets of two days differ too much."""
    set_vectors: np.ndarray
    """(n, D) the set's reps so far, bad ones too."""
    widening: float = 1.0
    """Factor on the limit and on all margins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The judgement on a rep."""

    score: float
    """Score, 1 at the limit: that of the whole distance, or of the fault nearest to its own limit."""
    faults: tuple[Fault, ...]
    """The primary fault, then the others, worst first."""
    not_visible: tuple[NotVisible, ...]
    top_joints: tuple[str, ...]
    """Landmarks that show the primary fault, or without one those that the score comes from, worst first."""
    shares: np.ndarray
    """(2 trajectory_vector.MOMENTS, trajectory_vector.JOINTS) share of the squared score by moment and joint."""
    whole_set: bool
    """Whether the faults are those of the whole set so far: the rep alone is like the others of its set."""
