"""Judges a rep: its score, its faults, and the faults that it could not show.

A rep is anomalous if its latent is farther from the density of the own latents, or shows more of a named fault, than
good reps do by chance. Only anomalous reps get the names of faults. Compared with everybody's reps, only gross
deviations are anomalous, and faults are not named.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Fault, Rep, RepWindow, UncheckedFault
from livecoach.decisions.judging.fault_model import (
    LEAST_EFFECT,
    PLATE_MEASURES,
    SAME_FLOOR_CM,
    FaultModel,
    estimating_measures,
    fault_readings,
    margin_ratio,
    shows_by_itself,
    tilt_shift_size,
)
from livecoach.decisions.judging.reference import (
    Reference,
    ReferenceDistance,
    RepGroup,
    RepLimits,
    compare_filming,
    compare_with_reference,
    distance_limit,
    rep_limits,
)
from livecoach.decisions.judging.scorer import (
    LEAST_KNOWN,
    TURNED_BACK_DEG,
    has_only_lean_changed,
    moved_reason,
    pitch_change,
)
from livecoach.decisions.judging.wording import explain_difference, find_difference
from livecoach.decisions.rep.measured import (
    NO_HUMAN,
    ON_ITS_SIDE,
    SAME_VIEW_DEG,
    STANCE,
    TOO_FEW_JOINTS,
    VIEW_UNKNOWN,
    MeasuredRep,
)
from livecoach.decisions.rep.measures import MEASURES, FaultKind, FaultSign, FaultTable
from livecoach.decisions.rep.measures.faults import FPS_OFF
from livecoach.decisions.rep.view_normalised import JOINTS, JOINTS_LOST_WITH, greatest_shoulder_height
from livecoach.perception.body.visibility import GROUPS, NO_BAR, NO_MASK, NO_TOES

NOT_JUDGED = "unsure"  # Reason why no fault could be checked: the rep was not judged
NOBODY = 1.5
"""Distance from everybody's good reps, in limits, beyond which a movement is not a lifter's: the body may be upside
down, for example."""
UPRIGHT, LIES = 1.2, 0.6
"""Height of the shoulders above the ankles in torso lengths: at least, in a lift that is done upright; at most, in a
picture that lies on its side. Our choice."""
BY_VIEW, BY_POSE = "azimuth", "pose_model"  # Reasons: this view does not show the fault, or the pose model never does
NOT_TRAINED = "training"  # Reason: the model does not know the fault yet
NOT_MEASURED = "unknown"  # Reason: the fault could not be measured
MASK_MEASURES = ("dorsal_sagitta", "pelvic_tuck")  # Measures of the back's edge, which comes from the person's mask
ALSO_LISTED = 0.5  # Least share of the largest excess over the limit at which a further fault is listed
EXPLAINED, CLEAR = 0.6, 2.0
"""Least ratio of a named fault to its limit, as a share of the distance's ratio to its limit: below, the rep differs in
something else. Right names have .7 and more in rendered reps, and .6 and more in real reps. A fault that exceeds its
limit CLEAR times, which is a severity of .5, is named anyway."""
MISLED_BY = {
    "knee_opening_share": ("bar_offset", "lift_off_knee_angle_deg"),
    "plate_travel_cm": ("hand_height_difference",),
    "stalling": ("bar_lost",),
}
"""Measure that shows a fault by itself → first measures of faults that mislead it. A bar that swings away rises later,
when the knees have opened farther, and knees that begin straighter have less to open. A tilted bar has a lower end,
whose plate seems to end lower. A bar that sinks has stalled."""
SUPPORT, BEYOND = 0.5, 3.0
"""Range of a plausible change of a measure in the fault's direction: from SUPPORT smallest changes to 1 + BEYOND times
the estimated amount. A measure that changed by more or less was misread, and is not reported as a number."""


LEANT, LEANT_HIPS = 1.5, 2.0
"""Largest scores of good reps if the lean has changed: without a named fault, and with a fault of the hips at lockout.
Rendered training lifters score up to 1.3 and 1.8 after the camera was turned by 15 degrees; the angle shifts by 3
to 5 degrees for each degree of lean."""

MOST_WIDER, UNCLEAR = math.sqrt(2), 1.1
"""Largest factor by which pitch, or an unclear picture with the camera's place, widens the limits of a good rep, since
the filming then shifts good reps as far as everything else does; and factor above which a picture is unclear. On real
films from the floor, where limits hide seven of eight rounded backs, "tilt" is 1.44 to 1.64. With a blur of three
pictures, which also makes lifters seem turned, two of 39 faulty reps seem good in limits 2.4 and 2.7 times as wide."""


class FaultEvidence(NamedTuple):
    """The amount of a fault in a rep, compared with its limit."""

    fault: str
    ratio: float  # Amount divided by its limit
    amount: float  # In smallest changes worth reporting; equal to `ratio` if a measure shows the fault by itself
    group: RepGroup  # The nearest group of the lifter's own reps, with which the rep was compared
    shown_by: str | None = None  # First measure that shows the fault by itself; None if the amount is estimated


def judge(
    rep: MeasuredRep, reference: Reference, *, of_set: Reference | None = None, height_cm: float | None = None
) -> tuple[Rep, str | None]:
    """Judge a rep by comparing the rep with a reference. `Rep.index` and `Rep.set` are left at 0.

    If the camera looks up or down more than in the reference, an anomalous rep is judged once more as if the camera
    were turned back, and may turn out good.

    Args:
        of_set: Reference of earlier reps of this set, for faults that are compared only within a set; None without such
            reps. This reference is used only if `reference` holds the lifter's reps from other sets or days.
        height_cm: The lifter's stature, for explanations in centimetres; None if unknown.

    Returns:
        The rep with its verdict, and the result of `find_doubt`.
    """
    judged, limits, weighed = _judge_by_limits(rep, reference, of_set, height_cm)
    if reference.source.apart == "nothing":
        return judged, None
    table, before, now = reference.scorer.faults.table.faults, reference.camera, rep.camera
    pitch_deg = pitch_change(before, now, enough_deg=TURNED_BACK_DEG)
    is_own = any(table[fault.name].own_set_only for fault in judged.faults)  # which the camera's place does not change
    if pitch_deg and judged.verdict == "anomalous" and not is_own:
        turned_back = rep.undo_tilt(now.tilt_deg - before.tilt_deg, pitch_deg)
        turned = _judge_by_limits(turned_back, reference, of_set, height_cm)[0]
        judged = turned if turned.verdict == "good" else judged
    assert judged.score is not None  # since the rep was judged
    if weighed is not reference:  # a doubt weighs the whole reference, even if the rep does not show all of it
        limits = rep_limits(reference, rep)
    return judged, find_doubt(judged.score, [table[fault.name] for fault in judged.faults], limits, reference, rep)


def find_doubt(
    score: float, named: Iterable[FaultKind], limits: RepLimits, reference: Reference, rep: MeasuredRep
) -> str | None:
    """Return why a rep may have its score, good or not, only because of the filming; None if that is unlikely.

    Args:
        named: Faults in the verdict.
        limits: Result of `rep_limits` with a reference of another set.
    """
    before, now, factors = reference.camera, rep.camera, limits.distance.factors
    if score > 1:
        measures, has_leant = {fault.signs[0].measure for fault in named}, has_only_lean_changed(before, now)
        if measures:  # only the angle of the hips at lockout follows the lean
            most = LEANT_HIPS if has_leant and measures == {"top_hip_angle_deg"} else 1.0
        else:
            most = max(limits.of_pitch.value / limits.distance.value, LEANT if has_leant else 1.0)
        if score <= most:
            return moved_reason(before, now)
    elif factors["tilt"] > MOST_WIDER and pitch_change(before, now) != 0:  # such a limit hides clear faults
        return moved_reason(before, now)
    picture = factors["jitter"] * factors["blur"]
    wider = picture * (factors["azimuth"] * factors["tilt"] * factors["size"])
    if abs(now.azimuth_deg - before.azimuth_deg) > SAME_VIEW_DEG:  # the picture is unclear, and may be of another view
        is_unsure = score * wider > 1 and score <= LEANT
    else:
        is_unsure = score <= 1 < score * wider and picture > UNCLEAR and wider > MOST_WIDER
    return rep.unclear_reason if is_unsure else None


def _judge_by_limits(
    rep: MeasuredRep, reference: Reference, of_set: Reference | None, height_cm: float | None
) -> tuple[Rep, RepLimits, Reference]:
    """Return a rep with the verdict by its distance and its faults, its limits, and the reference that it shows."""
    model, table = reference.scorer.faults, reference.scorer.faults.table.faults
    compared = compare_with_reference(rep, reference)
    limits = rep_limits(compared.reference, rep)
    shown = within = measure_faults(rep, compared, limits)
    if reference.source.apart != "nothing":
        within = None if of_set is None else _faults_by(rep, of_set)
    evidence, not_visible = split_by_visibility(rep, model, shown, within)
    far = compared.distance / limits.distance.value
    score = max([far, *(found.ratio for found in evidence)])
    chosen = choose_named_faults(evidence, shown or {}, table, far)
    named = [describe_fault(table[found.fault], found, rep, height_cm) for found in chosen]
    why = find_difference(rep, ((compared.scaled - compared.reference.mean) ** 2).sum(-1))
    joints = () if why is None else why.joints
    if named:
        joints = tuple(landmark.NAMES[i] for group in table[named[0].name].joints for i in GROUPS[group])
    judged = replace(
        _unnumbered(rep.window),
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
    return judged, limits, compared.reference


def relative_distance(rep: MeasuredRep, reference: Reference) -> float:
    """Return the distance of a rep from a reference as a multiple of its limit, without regard to faults."""
    compared = compare_with_reference(rep, reference)
    filming = compare_filming(compared.reference, rep)
    return compared.distance / distance_limit(compared.reference, rep, filming).value


def largest_fault_ratio(rep: MeasuredRep, reference: Reference) -> float:
    """Return the largest ratio of amount to limit among the faults that the rep can show; 0 without such a fault."""
    shown = _faults_by(rep, reference)
    evidence, _ = split_by_visibility(rep, reference.scorer.faults, shown, shown)
    return max((found.ratio for found in evidence), default=0.0)


def unfit_reason(rep: MeasuredRep, everybody: Reference) -> str | None:
    """Return why a rep can't be judged: too few joints, a picture on its side, or no human movement; otherwise None.

    A movement is not human if it is too unlike everybody's reps.
    """
    seen = rep.points[np.isfinite(rep.points).any((1, 2))]  # half of the moments if it ended at its turn
    if not len(seen) or np.isfinite(seen).mean() < LEAST_KNOWN:
        return TOO_FEW_JOINTS
    if greatest_shoulder_height(everybody.mean) > UPRIGHT and greatest_shoulder_height(rep.points) < LIES:
        return ON_ITS_SIDE
    compared, scorer = compare_with_reference(rep, everybody), everybody.scorer
    if scorer.encoder.decoding_error(compared.points) > scorer.decoder_error:
        return NO_HUMAN
    return NO_HUMAN if compared.distance > NOBODY * everybody.limit.value else None


def _left_out_joints(rep: MeasuredRep) -> tuple[str, ...]:
    """Return the groups of joints that are left out of the distance, in everyday words."""
    names = [name for name in rep.unmeasurable_joints if name in JOINTS_LOST_WITH and name != NO_TOES]
    lost = np.isnan(rep.points).any((0, 2))
    feet = lost[[JOINTS.index(i) for i in landmark.TOES]].any() and not {"feet", "ankles"} & set(names)
    return (*names, "feet") if feet else tuple(names)


def unjudged_rep(window: RepWindow, table: FaultTable, reason: str) -> Rep:
    """Return a completed rep that can't be judged, with the verdict "unsure" and the reason."""
    unchecked = BY_VIEW if reason == VIEW_UNKNOWN else NOT_JUDGED
    hidden = tuple(UncheckedFault(name=name, reason=unchecked) for name in table.faults)
    return replace(_unnumbered(window), unsure=reason, not_visible=hidden)


def _unnumbered(window: RepWindow) -> Rep:
    """Return a rep before it is judged. Its `index` and `set` are 0."""
    return Rep(
        index=0,
        start_s=window.start_s,
        turn_s=window.turn_s,
        end_s=window.end_s,
        verdict="unsure",
        score=None,
        threshold=1.0,
        confidence=window.confidence,
        reference="none",
        exercise=window.exercise,
        set=0,
        number=window.number,
    )


def _faults_by(rep: MeasuredRep, reference: Reference) -> dict[str, FaultEvidence] | None:
    compared = compare_with_reference(rep, reference)
    return measure_faults(rep, compared, rep_limits(compared.reference, rep))


def measure_faults(rep: MeasuredRep, compared: ReferenceDistance, limits: RepLimits) -> dict[str, FaultEvidence] | None:
    """Return the evidence of each fault that could be measured in a rep, by the name of the fault.

    The result is None if the reference contains no reps of the lifter.
    """
    scorer = compared.reference.scorer
    if not compared.reference.groups:
        return None
    model, latent = scorer.faults, scorer.encoder.encode(compared.points)
    group = min(compared.reference.groups, key=lambda group: float(((group.latent - latent) ** 2).sum()))
    changed = fault_readings(rep, model.table, model.measures) - group.readings
    change, found = latent - group.latent, dict[str, FaultEvidence]()
    amounts = model.amounts(change, changed, rep.azimuth_deg)
    if compared.reference.better:  # what is better in a rep adds to no fault
        change = compared.reference.without_better(change)
        amounts = np.minimum(amounts, model.amounts(change, changed, rep.azimuth_deg))
    tilt_change_deg, is_same_set = limits.filming.tilt_change_deg, compared.reference.source.apart == "nothing"
    in_place = is_same_set or _is_plate_in_place(rep, group)
    for (name, fault), amount in zip(model.table.faults.items(), amounts.tolist(), strict=True):
        margins = _margins(fault, rep, group, tilt_change_deg, in_place=in_place)
        estimated = amount / limits.amounts[name].value
        if margins is not None:
            measure, ratio = margins[0], margins[1] / limits.margins.value
            found[name] = FaultEvidence(name, ratio, ratio, group, measure)
            if measure in PLATE_MEASURES and estimated < ratio and not in_place:
                found[name] = FaultEvidence(name, estimated, amount, group)  # the rise alone may be due to the camera
        elif any(math.isfinite(rep.values[measure]) for measure in estimating_measures(fault)):
            found[name] = FaultEvidence(name, estimated, amount, group)
    return found


def _margins(
    fault: FaultKind, rep: MeasuredRep, group: RepGroup, tilt_change_deg: float, *, in_place: bool
) -> tuple[str, float] | None:
    """Return the first measure that shows a fault by itself, and its change in margins; None if unknown."""
    first = fault.signs[:1] if shows_by_itself(fault.signs[0].measure, rep.azimuth_deg) else ()
    plates = [sign for sign in fault.signs if sign.measure in PLATE_MEASURES]
    if not in_place:
        plates = [sign for sign in plates if sign.measure == PLATE_MEASURES[0]]
    for signs in (first, plates):
        ratios = []
        for sign in signs:
            shift = tilt_shift_size(sign.measure, tilt_change_deg, rep.azimuth_deg)
            ratios.append(margin_ratio(sign, rep.values[sign.measure], group.values[sign.measure], shift))
        known = [ratio for ratio in ratios if ratio is not None]
        if known and len(known) == len(ratios):
            return signs[0].measure, min(known)
    return None


def _is_plate_in_place(rep: MeasuredRep, group: RepGroup) -> bool:
    """Return whether the plate's lowest place in the picture is as in the own reps; True if no fault needs it."""
    travel, top = PLATE_MEASURES
    if travel not in rep.values:
        return True
    now_cm, usual_cm = (value(top) - value(travel) for value in (rep.values.__getitem__, group.usual_value))
    return abs(now_cm - usual_cm) <= SAME_FLOOR_CM


def choose_named_faults(
    evidence: Sequence[FaultEvidence],
    measured: Mapping[str, FaultEvidence],
    table: Mapping[str, FaultKind],
    distance_ratio: float,
) -> list[FaultEvidence]:
    """Choose the faults to name in a verdict: the faults that exceed their limits most, the farthest first.

    A fault is left out if its ratio is at most EXPLAINED times `distance_ratio` (but at least 1, and at most CLEAR), if
    its excess over the limit is below ALSO_LISTED times the first fault's excess, or if another fault may have misled
    its measure (MISLED_BY). Feet that moved before the rep come last, since a lifter may step on purpose.

    Args:
        evidence: Evidence of the faults that the rep can show.
        measured: Evidence of all faults, even of those that the rep can't show.
        distance_ratio: Distance of the rep from the reference, divided by its limit.
    """
    wrong = {table[name].signs[0].measure for name, found in measured.items() if found.ratio > 1}
    least = min(max(1.0, EXPLAINED * distance_ratio), CLEAR)
    over = [
        found for found in evidence if found.ratio > least and wrong.isdisjoint(MISLED_BY.get(found.shown_by or "", ()))
    ]
    over.sort(key=lambda found: (table[found.fault].signs[0].measure == STANCE, -found.ratio))
    return [found for found in over if found.ratio - 1 >= ALSO_LISTED * (over[0].ratio - 1)]


def describe_fault(fault: FaultKind, evidence: FaultEvidence, rep: MeasuredRep, height_cm: float | None) -> Fault:
    """Describe a fault for the verdict on a rep, by the value and the text of the fault's first plausible sign.

    Without a plausible sign, the text has no numbers, and the value is estimated from the amount of the fault.
    """
    values, usual = rep.values, evidence.group.usual_value
    signs = [candidate for candidate in fault.signs if candidate.by != "limit"]
    for sign in (*signs, signs[0]):  # the first plausible sign, or else the first
        value, ref = values[sign.measure], usual(sign.measure)
        if is_plausible := _is_plausible(sign, value, ref, evidence.amount):
            break
    unit, phase = MEASURES[sign.measure].unit, MEASURES[sign.measure].phase
    shown_value, compared = value if is_plausible else math.nan, evidence.group.known_as
    text = explain_difference(fault.words, sign.measure, shown_value, ref, reps=compared, height_cm=height_cm)
    if not is_plausible:
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


def split_by_visibility(
    rep: MeasuredRep,
    model: FaultModel,
    shown: Mapping[str, FaultEvidence] | None,
    within: Mapping[str, FaultEvidence] | None,
) -> tuple[list[FaultEvidence], tuple[UncheckedFault, ...]]:
    """Return the evidence of the faults that a rep can show, and the faults that the rep can't show.

    A visible fault is in neither result without reps to compare with, or if a sign of it stays within a fixed limit.

    Args:
        shown: Result of `measure_faults` with the reference; None if the reference contains no reps of the lifter.
        within: Result of `measure_faults` with reps of the same set, for faults that are compared only in a set; None
            without such reps.
    """
    known, not_visible, effects = list[FaultEvidence](), list[UncheckedFault](), model.effects(rep.azimuth_deg)
    for name, fault in model.table.faults.items():
        measured = within if fault.own_set_only else shown
        why = _why_hidden(fault, rep, effects[name], is_trained=name not in model.untrained_faults)
        if why is None and measured is not None and name not in measured:
            why = _why_unmeasured(fault, rep)
        if why is not None:
            not_visible.append(UncheckedFault(name=name, reason=why))
        elif measured is not None and all(
            sign.by != "limit" or sign.change_towards_fault(rep.values[sign.measure] - sign.smallest) > 0
            for sign in fault.signs
        ):
            known.append(measured[name])
    return known, tuple(not_visible)


def _why_hidden(fault: FaultKind, rep: MeasuredRep, effect: float, *, is_trained: bool) -> str | None:
    if fault.hidden:
        return BY_POSE
    if effect < LEAST_EFFECT:
        return BY_VIEW if is_trained else NOT_TRAINED
    if rep.conditions.fps * (1 + FPS_OFF) < fault.min_fps:
        return "frame_rate"
    needed = (*fault.joints, NO_BAR) if fault.needs_bar else fault.joints
    return next((joint for joint in needed if joint in rep.unmeasurable_joints), None)


def _why_unmeasured(fault: FaultKind, rep: MeasuredRep) -> str:
    """Return the reason why a fault was not measured: the pose model gives no mask or no toes, or "unknown"."""
    if NO_MASK in rep.unmeasurable_joints and any(sign.measure in MASK_MEASURES for sign in fault.signs):
        return NO_MASK
    return NO_TOES if NO_TOES in rep.unmeasurable_joints and "feet" in fault.joints else NOT_MEASURED


def _is_plausible(sign: FaultSign, value: float, ref: float, amount: float) -> bool:
    """Return whether the change of a measure is consistent with the amount of its fault."""
    towards, least = sign.change_towards_fault(sign.scale_value(value) - sign.scale_value(ref)), sign.least_change
    if not math.isfinite(towards) or towards <= 0:
        return False
    return least == 0 or SUPPORT * least <= towards <= (1 + BEYOND * max(amount, 1.0)) * least


def _moved(sign: FaultSign, value: float, change: float) -> float:
    return value * math.exp(change) if sign.by == "factor" else value + change
