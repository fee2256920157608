"""Compares the amount of each fault in a rep with its limit, and lists the faults that the rep can't show."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from livecoach.core.types import Fault, NotVisible
from livecoach.decisions.judging.distance import ComparedRep
from livecoach.decisions.judging.fault_model import (
    BY_ITSELF,
    LEAST_EFFECT,
    OF_PLATE,
    FaultModel,
    fault_readings,
    margin_ratio,
    shows_by_itself,
)
from livecoach.decisions.judging.limits import RepLimits, measure_shift
from livecoach.decisions.judging.reference import FormGroup
from livecoach.decisions.judging.wording import explain
from livecoach.decisions.rep.measured import STANCE, MeasuredRep
from livecoach.decisions.rep.measures import MEASURES, NamedFault, Sign
from livecoach.decisions.rep.measures.faults import FPS_OFF
from livecoach.perception.body.visibility import NO_BAR, NO_MASK, NO_TOES

BY_VIEW, BY_POSE = "azimuth", "pose_model"  # Reasons: this view does not show the fault, or the pose model never does
NOT_TRAINED = "training"  # Reason: the model does not know the fault yet
NOT_MEASURED = "unknown"  # Reason: the fault could not be measured
OF_MASK = ("dorsal_sagitta", "pelvic_tuck")  # Measures of the back's edge, which comes from the person's mask
ALSO_LISTED = 0.5  # Least share of the largest excess over the limit at which a further fault is listed
EXPLAINED, CLEAR = 0.6, 2.0
"""Least share of the distance's ratio to its limit that the ratio of a named fault has: otherwise, the rep differs in
something else. Right names have .7 and more in rendered reps, and .6 and more in real reps. A fault that exceeds its
limit CLEAR times, which is a severity of .5, is named anyway."""
MISLED_BY = {"knee_opening_share": "bar_offset", "plate_travel_cm": "hand_height_difference"}
"""Measure that shows a fault by itself → measure of the bar that misleads it. A bar that swings away rises later, when
the knees have opened farther. A tilted bar has a lower end, whose plate seems to end lower."""
SUPPORT, BEYOND = 0.5, 3.0
"""Range of a plausible change of a measure in the fault's direction: from SUPPORT smallest changes to 1 + BEYOND times
the estimated amount. A measure that changed by more or less was misread, and is not reported as a number."""


class FaultEvidence(NamedTuple):
    """The amount of a fault in a rep, compared with its limit."""

    fault: str
    ratio: float  # Amount divided by its limit
    amount: float  # In smallest changes worth reporting; the ratio for a fault that a measure shows by itself
    group: FormGroup  # Own reps with which the rep was compared: the nearest
    shown_by: str | None = None  # First measure that shows the fault by itself; None if the amount is estimated


def measure_faults(compared: ComparedRep, limits: RepLimits) -> dict[str, FaultEvidence] | None:
    """Return the evidence of each fault that could be measured in a rep, by name.

    The result is None if the reference contains no reps of the lifter.
    """
    rep, model, latent = compared.rep, compared.reference.scorer.faults, compared.latent
    if not compared.reference.groups:
        return None
    group = min(compared.reference.groups, key=lambda group: float(((group.latent - latent) ** 2).sum()))
    changed = fault_readings(rep, model.table, model.measures) - group.readings
    amounts, found = model.amounts(latent - group.latent, changed, rep.azimuth_deg), dict[str, FaultEvidence]()
    for (name, fault), amount in zip(model.table.faults.items(), amounts.tolist(), strict=True):
        margins = _margins(fault, compared, group)
        if margins is not None:
            measure, ratio = margins[0], margins[1] / limits.margins.value
            found[name] = FaultEvidence(name, ratio, ratio, group, measure)
        elif any(math.isfinite(rep.values[sign.measure]) for sign in fault.signs if sign.measure not in BY_ITSELF):
            found[name] = FaultEvidence(name, amount / limits.amounts[name].value, amount, group)
    return found


def _margins(fault: NamedFault, compared: ComparedRep, group: FormGroup) -> tuple[str, float] | None:
    """Return the first measure that shows a fault by itself, and its change in margins; None if it is unknown."""
    rep = compared.rep
    first = [sign for sign in fault.signs[:1] if shows_by_itself(sign.measure, rep.azimuth_deg)]
    for signs in (first, [sign for sign in fault.signs if sign.measure in OF_PLATE]):
        ratios = [
            margin_ratio(
                sign, rep.values[sign.measure], group.values[sign.measure], measure_shift(sign, compared.reference, rep)
            )
            for sign in signs
        ]
        known = [ratio for ratio in ratios if ratio is not None]
        if known and len(known) == len(ratios):
            return signs[0].measure, min(known)
    return None


def choose_named_faults(
    evidence: Sequence[FaultEvidence],
    measured: Mapping[str, FaultEvidence],
    table: Mapping[str, NamedFault],
    distance_ratio: float,
) -> list[FaultEvidence]:
    """Choose the faults that name a rep: the faults that exceed their limits most, the farthest first.

    A fault that exceeds its limit by less than ALSO_LISTED of the first fault's excess is left out, and so is a fault
    that a fault of the bar may only feign (MISLED_BY). Feet that moved before the rep come after all faults of the
    movement, since a lifter may step on purpose.

    Args:
        evidence: Evidence of the faults that the rep can show.
        measured: Evidence of all faults, even of those that the rep can't show.
        distance_ratio: Distance of the rep from the reference, divided by its limit.
    """
    wrong = {table[name].signs[0].measure for name, found in measured.items() if found.ratio > 1}
    least = min(max(1.0, EXPLAINED * distance_ratio), CLEAR)
    over = [found for found in evidence if found.ratio > least and MISLED_BY.get(found.shown_by or "") not in wrong]
    over.sort(key=lambda found: (table[found.fault].signs[0].measure == STANCE, -found.ratio))
    return [found for found in over if found.ratio - 1 >= ALSO_LISTED * (over[0].ratio - 1)]


def explain_fault(fault: NamedFault, evidence: FaultEvidence, rep: MeasuredRep, height_cm: float | None) -> Fault:
    """Explain a fault that names a rep, with the numbers of its first plausible sign.

    Without a plausible sign, the text has no numbers, and the value is estimated from the amount of the fault.

    Args:
        height_cm: The lifter's stature, for distances in centimetres; None if unknown.
    """
    values, usual = rep.values, evidence.group.usual_value
    shown = [
        (candidate, values[candidate.measure], usual(candidate.measure))
        for candidate in fault.signs
        if candidate.by != "limit"
    ]
    plausible = next((candidate for candidate in shown if _is_plausible(*candidate, evidence.amount)), None)
    measured, (sign, value, ref) = plausible is not None, plausible or shown[0]
    unit, phase = MEASURES[sign.measure].unit, MEASURES[sign.measure].phase
    shown_value, good = value if measured else math.nan, evidence.group.is_good
    text = explain(fault.words, sign.measure, shown_value, ref, of_good=good, height_cm=height_cm)
    if not measured:
        ref = ref if math.isfinite(ref) else 0.0
        value = _moved(sign, ref, math.copysign(evidence.amount * sign.least_change, 1 if sign.side == "more" else -1))
    margin = abs(_moved(sign, ref, (sign.scale_value(value) - sign.scale_value(ref)) / evidence.ratio) - ref)
    return Fault(
        name=evidence.fault,
        severity=min(max((evidence.ratio - 1) / 2, 0.0), 1.0),
        at_s=rep.phase_starts_s.get(phase, rep.window.start_s),
        phase=phase,
        measure=value,
        ref=ref,
        margin=margin,
        unit=unit,
        text=text,
    )


def visible_faults(
    rep: MeasuredRep,
    model: FaultModel,
    shown: Mapping[str, FaultEvidence] | None,
    within: Mapping[str, FaultEvidence] | None,
) -> tuple[list[FaultEvidence], tuple[NotVisible, ...]]:
    """Return the evidence of the faults that a rep can show, and the faults that the rep can't show.

    A fault whose signs have fixed limits is in neither if the rep does not exceed these limits.

    Args:
        shown: Result of `measure_faults` with the reference; None if the reference contains no reps of the lifter.
        within: Result of `measure_faults` with reps of the same set, for faults that are compared only in a set; None
            without such reps.
    """
    known, not_visible, effects = list[FaultEvidence](), list[NotVisible](), model.effects(rep.azimuth_deg)
    for name, fault in model.table.faults.items():
        measured = within if fault.own_set_only else shown
        why = _why_hidden(fault, rep, effects[name], is_trained=name not in model.untrained_faults)
        if why is None and measured is not None and name not in measured:
            why = _why_unmeasured(fault, rep)
        if why is not None:
            not_visible.append(NotVisible(name=name, reason=why))
        elif measured is not None and _shows_fixed_limits(fault, rep):
            known.append(measured[name])
    return known, tuple(not_visible)


def _why_hidden(fault: NamedFault, rep: MeasuredRep, effect: float, *, is_trained: bool) -> str | None:
    if fault.hidden:
        return BY_POSE
    if effect < LEAST_EFFECT:
        return BY_VIEW if is_trained else NOT_TRAINED
    if rep.fps * (1 + FPS_OFF) < fault.min_fps:
        return "frame_rate"
    needed = (*fault.joints, NO_BAR) if fault.needs_bar else fault.joints
    return next((joint for joint in needed if joint in rep.failed_joints), None)


def _why_unmeasured(fault: NamedFault, rep: MeasuredRep) -> str:
    """Return the reason for which a fault was not measured: the pose model gives no mask or no toes, or "unknown"."""
    if NO_MASK in rep.failed_joints and any(sign.measure in OF_MASK for sign in fault.signs):
        return NO_MASK
    return NO_TOES if NO_TOES in rep.failed_joints and "feet" in fault.joints else NOT_MEASURED


def _shows_fixed_limits(fault: NamedFault, rep: MeasuredRep) -> bool:
    """Return whether a rep shows the signs of a fault that have a fixed limit."""
    return all(
        sign.towards_fault(rep.values[sign.measure] - sign.smallest) > 0 for sign in fault.signs if sign.by == "limit"
    )


def _is_plausible(sign: Sign, value: float, ref: float, amount: float) -> bool:
    """Return whether the change of a measure is consistent with the amount of its fault."""
    towards, least = sign.towards_fault(sign.scale_value(value) - sign.scale_value(ref)), sign.least_change
    if not math.isfinite(towards) or towards <= 0:
        return False
    return least == 0 or SUPPORT * least <= towards <= (1 + BEYOND * max(amount, 1.0)) * least


def _moved(sign: Sign, value: float, change: float) -> float:
    return value * math.exp(change) if sign.by == "factor" else value + change
