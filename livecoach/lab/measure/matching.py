"""Which rep of the pipeline is which true one."""

from collections.abc import Iterable

from livecoach.synth.truth import TrueRep
from livecoach.types import Rep

MATCH_S = 0.3
"""Largest distance of the pipeline's turn outside a true rep."""


def is_same(rep: Rep, true: TrueRep) -> bool:
    """Return whether a rep turns within a true one, with a margin of MATCH_S."""
    return true.start_s - MATCH_S <= rep.turn_s <= true.end_s + MATCH_S


def rep_of(true: TrueRep, reps: Iterable[Rep]) -> Rep | None:
    """Return the first rep that is the true one; None where it was not counted."""
    return next((rep for rep in reps if is_same(rep, true)), None)


def true_rep_of(rep: Rep, true: Iterable[TrueRep]) -> TrueRep | None:
    """Return the first true rep that a rep is; None where it is none."""
    return next((one for one in true if is_same(rep, one)), None)
