"""Calibration by hand: which of the reps that a lifter calls good make a reference."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.judging.judge import Judge
from livecoach.judging.own_reference import LEAST_ALIKE
from livecoach.judging.reference import SAME_VIEW_DEG, OwnRep, own_reps, reference_of
from livecoach.judging.scorer import ReferenceKind, Scorer
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


def consider(windows: Sequence[RepWindow], scorer: Scorer) -> CalibrationChoice:
    """Choose the reps that make a reference: those that are seen well, in one view, and like each other."""
    judge = Judge(scorer)
    reps = own_reps(windows, judge.table)
    at_hand = {id(rep.window) for rep in reps}
    out = [RejectedRep(rep=window, reason="not seen well") for window in windows if id(window) not in at_hand]
    usual_deg = _usual_view_deg([rep.azimuth_deg for rep in reps])
    for rep in [rep for rep in reps if abs(rep.azimuth_deg - usual_deg) > SAME_VIEW_DEG]:
        reason = f"another view ({rep.azimuth_deg:.0f}°, the others {usual_deg:.0f}°)"
        out.append(RejectedRep(rep=rep.window, reason=reason))
        reps.remove(rep)
    while len(reps) > LEAST_ALIKE and (odd := _odd_one(reps, judge)) is not None:
        out.append(RejectedRep(rep=odd[0].window, reason=odd[1]))
        reps.remove(odd[0])
    return CalibrationChoice(kept=tuple(rep.window for rep in reps), left_out=tuple(out))


def _usual_view_deg(azimuths_deg: Sequence[float]) -> float:
    """Return the view that most reps are near."""
    near = [[a for a in azimuths_deg if abs(a - one) <= SAME_VIEW_DEG] for one in azimuths_deg]
    return float(np.median(max(near, key=len))) if near else 0.0


def _odd_one(reps: Sequence[OwnRep], judge: Judge) -> tuple[OwnRep, str] | None:
    """Return the rep that stands out most against the others, and how; None where none does."""
    found = []
    for rep in reps:
        others = [other for other in reps if other is not rep and other.front == rep.front]
        if len(others) >= LEAST_ALIKE - 1:
            # Several sets may be of several days.
            sets = {one.window.set_name for one in (rep, *others)}
            kind: ReferenceKind = "set" if len(sets) == 1 else "day"
            judgement = judge.judge(rep.measured, reference_of(judge.scorer, others, kind), {})
            words = judge.table.faults[judgement.faults[0].name].words if judgement.faults else "unlike the others"
            found.append((judgement.score, rep, words))
    worst = max(found, key=lambda one: one[0], default=None)
    return None if worst is None or worst[0] <= 1 else (worst[1], worst[2])
