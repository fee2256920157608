"""Calibration by hand: which of the reps that a lifter calls good make a reference."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.judging.judge import Judge
from livecoach.judging.population import Population
from livecoach.judging.reference import (
    FIRST_ODD,
    LEAST_OF_A_VIEW,
    SAME_VIEW_DEG,
    oddness,
    reference_of,
    reference_reps,
)
from livecoach.judging.reference_rep import ReferenceRep
from livecoach.types import RepWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRep:
    """A rep that does not enter the reference."""

    rep: RepWindow
    reason: str
    """Why, in a few words for the lifter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationChoice:
    """Reps sorted into those that make a reference and those that do not."""

    kept: tuple[RepWindow, ...]
    left_out: tuple[RejectedRep, ...]


def consider(kept: Sequence[RepWindow], population: Population) -> CalibrationChoice:
    """Choose the reps that make a reference: those that are seen well, in one view, and like each other."""
    seen = reference_reps(kept, population)
    at_hand = {id(k.window) for k in seen}
    out = [RejectedRep(rep=rep, reason="not seen well") for rep in kept if id(rep) not in at_hand]
    usual_deg = _usual_view_deg([k.azimuth_deg for k in seen])
    for k in [k for k in seen if abs(k.azimuth_deg - usual_deg) > SAME_VIEW_DEG]:
        reason = f"another view ({k.azimuth_deg:.0f}°, the others {usual_deg:.0f}°)"
        out.append(RejectedRep(rep=k.window, reason=reason))
        seen.remove(k)
    judge = Judge(population)
    while len(seen) > LEAST_OF_A_VIEW and (odd := _odd_one(seen, judge, population)) is not None:
        out.append(RejectedRep(rep=odd[0].window, reason=odd[1]))
        seen.remove(odd[0])
    return CalibrationChoice(kept=tuple(k.window for k in seen), left_out=tuple(out))


def _usual_view_deg(azimuths_deg: Sequence[float]) -> float:
    """Return the view that most reps are near."""
    near = [[a for a in azimuths_deg if abs(a - one) <= SAME_VIEW_DEG] for one in azimuths_deg]
    return float(np.median(max(near, key=len))) if near else 0.0


def _odd_one(reps: Sequence[ReferenceRep], judge: Judge, population: Population) -> tuple[ReferenceRep, str] | None:
    """Return the rep that stands out most against the others, and how; None where none does."""
    worst: tuple[float, ReferenceRep, str] | None = None
    for rep in reps:
        others = [k for k in reps if k is not rep and k.window.set_name != rep.window.set_name]
        of_set = [k for k in reps if k is not rep and k.window.set_name == rep.window.set_name]
        reference = reference_of(population, rep.azimuth_deg, others, of_set, front=rep.front)
        if reference is None:
            continue
        judgement = judge.judge(rep.vector, reference, {})
        words = population.table.faults[judgement.faults[0].name].words if judgement.faults else "unlike the others"
        if worst is None or oddness(judgement) > worst[0]:
            worst = oddness(judgement), rep, words
    return None if worst is None or worst[0] <= FIRST_ODD else (worst[1], worst[2])
