"""Judges a rep: its score, its faults, and the faults that it could not show.

A rep is anomalous if its latent is farther from the density of the own latents, or shows more of a named fault, than
good reps do by chance. Only anomalous reps get the names of faults. Compared with everybody's reps, only gross
deviations are anomalous, and faults are not named.
"""

from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Fault, NotVisible, Pace, ReferenceName, Verdict, Why
from livecoach.core.types.reps import Conditions
from livecoach.decisions.judging.distance import compare_with_reference, distance, find_difference
from livecoach.decisions.judging.fault_evidence import (
    BY_VIEW,
    choose_named_faults,
    explain_fault,
    measure_faults,
    visible_faults,
)
from livecoach.decisions.judging.limits import distance_limit, rep_limits
from livecoach.decisions.judging.reference import Reference
from livecoach.decisions.judging.scorer import LEAST_KNOWN
from livecoach.decisions.rep.measured import NO_HUMAN, ON_ITS_SIDE, TOO_FEW_JOINTS, VIEW_UNKNOWN, MeasuredRep
from livecoach.decisions.rep.measures import FaultTable
from livecoach.decisions.rep.trajectory import JOINTS, JOINTS_LOST_WITH, standing_height
from livecoach.perception.body.visibility import GROUPS, NO_TOES

NOT_JUDGED = "unsure"  # Reason why no fault could be checked: the rep was not judged
NOBODY = 1.5
"""Distance from everybody's good reps, in limits, beyond which a movement is no rep but, say, that of an upside-down
body."""
UPRIGHT, LIES = 1.2, 0.6
"""Height of the shoulders above the ankles in torso lengths: at least, in a lift that is done upright; at most, in a
picture that lies on its side. Our choice."""


class RepVerdict(NamedTuple):
    """The verdict on a rep, with its reasons. `Rep` explains the fields of the same names, and their None."""

    verdict: Verdict
    score: float | None = None  # Largest ratio to a limit, of the distance or of a fault
    reference: ReferenceName = "none"
    faults: tuple[Fault, ...] = ()
    not_visible: tuple[NotVisible, ...] = ()
    left_out: tuple[str, ...] = ()
    top_joints: tuple[str, ...] = ()
    why: Why | None = None
    unsure: str | None = None
    compared_with: str | None = None
    pace: Pace | None = None
    bar_path_cm: tuple[tuple[float, float], ...] | None = None
    own_reps: int | None = None
    conditions: Conditions | None = None


def judge(
    rep: MeasuredRep,
    reference: Reference,
    *,
    of_set: Reference | None = None,
    height_cm: float | None = None,
) -> RepVerdict:
    """Judge a rep by comparing it with a reference.

    Args:
        of_set: Reference of earlier reps of this set, for faults that are compared only within a set; None without such
            reps. This reference is used only if `reference` is from other sets.
        height_cm: The lifter's stature, for explanations in centimetres; None if unknown.
    """
    model, compared = reference.scorer.faults, compare_with_reference(rep, reference)
    allowed, table = rep_limits(compared.reference, rep), model.table.faults
    shown = within = measure_faults(compared, allowed)
    if reference.source.apart != "nothing":
        first = None if of_set is None else compare_with_reference(rep, of_set)
        within = None if first is None else measure_faults(first, rep_limits(first.reference, rep))
    evidence, not_visible = visible_faults(rep, model, shown, within)
    far = distance(compared) / allowed.distance.value
    score = max([far, *(found.ratio for found in evidence)])
    chosen = choose_named_faults(evidence, shown or {}, table, far)
    named = [explain_fault(table[found.fault], found, rep, height_cm) for found in chosen]
    why = find_difference(rep, ((compared.points - compared.reference.mean) ** 2).sum(-1))
    joints = () if why is None else why.joints
    if named:
        joints = tuple(landmark.NAMES[i] for group in table[named[0].name].joints for i in GROUPS[group])
    return RepVerdict(
        verdict="anomalous" if score > 1 else "good",
        score=score,
        reference=reference.name,
        faults=tuple(named),
        not_visible=not_visible,
        left_out=_left_out_joints(rep),
        top_joints=joints if score > 1 else (),
        why=why,
        own_reps=len(reference.reps),
    )


def relative_distance(rep: MeasuredRep, reference: Reference) -> float:
    """Return the distance of a rep from a reference as a multiple of its limit, without regard to faults."""
    compared = compare_with_reference(rep, reference)
    return distance(compared) / distance_limit(compared.reference, rep).value


def unfit_reason(rep: MeasuredRep, everybody: Reference) -> str | None:
    """Return the reason for which a visible rep can't be judged; None without such a reason.

    One reason is that the rep is too unlike the reference of everybody's reps to be a human rep.
    """
    seen = rep.points[np.isfinite(rep.points).any((1, 2))]  # half of the moments if it ended at its turn
    if not len(seen) or np.isfinite(seen).mean() < LEAST_KNOWN:
        return TOO_FEW_JOINTS
    if standing_height(everybody.mean) > UPRIGHT and standing_height(rep.points) < LIES:
        return ON_ITS_SIDE
    compared, scorer = compare_with_reference(rep, everybody), everybody.scorer
    if scorer.encoder.decoding_error(compared.points, compared.latent) > scorer.decoder_error:
        return NO_HUMAN
    return NO_HUMAN if distance(compared) > NOBODY * distance_limit(everybody, rep).value else None


def _left_out_joints(rep: MeasuredRep) -> tuple[str, ...]:
    """Return the groups of joints that are left out of the distance, in everyday words."""
    names = [name for name in rep.failed_joints if name in JOINTS_LOST_WITH and name != NO_TOES]
    lost = np.isnan(rep.points).any((0, 2))
    feet = lost[[JOINTS.index(i) for i in landmark.TOES]].any() and not {"feet", "ankles"} & set(names)
    return (*names, "feet") if feet else tuple(names)


def unjudged_verdict(table: FaultTable, reason: str) -> RepVerdict:
    """Return the verdict "unsure" on a rep that counts, but is not judged for a reason."""
    unchecked = BY_VIEW if reason == VIEW_UNKNOWN else NOT_JUDGED
    hidden = tuple(NotVisible(name=name, reason=unchecked) for name in table.faults)
    return RepVerdict(verdict="unsure", unsure=reason, not_visible=hidden)
