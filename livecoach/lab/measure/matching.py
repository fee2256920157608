"""Which rep of the pipeline is which true one."""

from collections.abc import Iterable, Sequence

import numpy as np

from livecoach.anomaly.scoring import Score
from livecoach.config import exercise as exercises
from livecoach.lab.counted_windows import rep_steps
from livecoach.lab.pipeline_reps import MATCH_S, scored_by
from livecoach.synth.truth import TrueRep
from livecoach.types import Observation, Rep, Step


class Unmoved:
    """A scorer that finds nothing anomalous."""

    def score(self, _: np.ndarray) -> Score:
        """Return 0 for every rep."""
        return Score(value=0.0, joints=())


def unjudged_steps(exercise: str, observations: Sequence[Observation]) -> list[Step]:
    """Return the steps with a rep, of every movement that the state machine finds; no rep is called anomalous."""
    return rep_steps(scored_by(exercises.load(exercise), Unmoved()), observations)


def is_same(rep: Rep, true: TrueRep) -> bool:
    """Return whether a rep turns within a true one, with a margin of MATCH_S."""
    return true.start_s - MATCH_S <= rep.turn_s <= true.end_s + MATCH_S


def rep_of(true: TrueRep, reps: Iterable[Rep]) -> Rep | None:
    """Return the first rep that is the true one; None where it was not counted."""
    return next((rep for rep in reps if is_same(rep, true)), None)


def true_rep_of(rep: Rep, true: Iterable[TrueRep]) -> TrueRep | None:
    """Return the first true rep that a rep is; None where it is none."""
    return next((one for one in true if is_same(rep, one)), None)
