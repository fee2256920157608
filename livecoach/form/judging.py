"""The verdict of one's own reference on a rep: how unlike it is, and the faults by name."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.form import trace
from livecoach.form.belief import Belief
from livecoach.form.estimate import distance, estimate, off
from livecoach.form.explained import MOST_JOINTS, shares_of
from livecoach.form.gates import GROUPS
from livecoach.form.measures import MEASURES, Sign
from livecoach.form.measures.faults import Fault as NamedFault
from livecoach.form.measures.rep import FPS_OFF
from livecoach.form.population import Band, Population
from livecoach.form.taken import Taken
from livecoach.form.wording import explain
from livecoach.types import Fault, NotVisible

LEAST_EFFECT = 3.0
"""Of a fault in a view, to be looked for (FAULTS, rule 4)."""
UNKNOWN_LIFTER = 1.5
"""Margins are wider by this while nothing of the lifter's own is known (FAULTS)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """What a rep is judged against."""

    band: Band
    belief: Belief
    plain: dict[str, Belief]
    """Measure that is no part of the vector → belief, one dimension."""
    spreads: dict[str, float]
    """The same measures → spread of good reps."""
    effects: dict[str, float]
    """Fault → effect in this view."""
    usual: dict[str, float]
    """Measure → the lifter's own usual value; left out where there is none."""
    own: bool
    """At least the lifter's own first good reps are known."""
    widening: float = 1.0
    """Times as far as usual the limit and all margins are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What there is to say of a rep."""

    score: float
    """1 at the limit."""
    faults: tuple[Fault, ...]
    """Worst first."""
    not_visible: tuple[NotVisible, ...]
    top_joints: tuple[str, ...]
    """That the worst fault is seen on, or where there is none that the score comes from, worst first."""
    shares: np.ndarray
    """(2 trace.MOMENTS, trace.JOINTS) what of the score's square falls to which joint at which moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """A measure against its margin, all scaled as the sign says."""

    sign: Sign
    change: float
    margin: float
    past: float
    """In margins, on the fault's side: above 1 is a fault."""


class Judge:
    """Judges reps of one exercise."""

    def __init__(self, population: Population, height_cm: float | None = None) -> None:
        """height_cm: the lifter's stature, for explanations in centimetres."""
        self._population, self._height_cm = population, height_cm

    def judge(self, rep: Taken, reference: Reference, failed: Mapping[str, str]) -> Judgement:
        """failed: joints that are not to be measured on, by group, and why (livecoach.form.gates)."""
        changes = self._changes(rep, reference)
        faults: list[Fault] = []
        unseen = []
        for name, fault in self._population.table.faults.items():
            reason = self._not_visible(name, fault, rep, reference, failed)
            told = None if reason else self._told(name, fault, rep, changes, reference)
            if reason is None and (told is None or not math.isfinite(_usual(told, rep, reference))):
                reason = "unknown"
            if reason is not None:
                unseen.append(NotVisible(name=name, reason=reason))
            elif told is not None and told.past > 1:
                faults.append(self._fault(name, fault, told, rep, reference))
        score, shares = self._unlike(rep, reference)
        faults.sort(key=lambda found: -found.severity)
        return Judgement(
            score=score,
            faults=tuple(faults),
            not_visible=tuple(unseen),
            top_joints=self._joints_of(faults[0].name) if faults else _top_joints(shares, rep),
            shares=shares,
        )

    def unlike(self, rep: Taken, reference: Reference) -> tuple[float, tuple[str, ...]]:
        """How unlike the reference a rep is, 1 at the limit, and the landmarks that it comes from, worst first."""
        score, shares = self._unlike(rep, reference)
        return score, _top_joints(shares, rep)

    def _unlike(self, rep: Taken, reference: Reference) -> tuple[float, np.ndarray]:
        difference = off(rep, reference.belief)
        far, parts = distance(difference, reference.belief, reference.band)
        score = far / self._population.score_limit / (1.0 if reference.own else UNKNOWN_LIFTER) / reference.widening
        return score, shares_of(difference, parts, self._population)

    def _changes(self, rep: Taken, reference: Reference) -> dict[str, tuple[float, float]]:
        """Measure → how far it is off the lifter's own, and the spread of that in good reps."""
        found = estimate(off(rep, reference.belief), reference.belief, reference.band)
        pairs = zip(found.change.tolist(), found.spread.tolist(), strict=True)
        changes = dict(zip(self._population.measures, pairs, strict=True))
        for name, belief in reference.plain.items():
            value = self._population.sign(name).scaled(rep.values[name])
            doubt = math.sqrt(float(belief.doubt[0, 0]) + reference.spreads[name] ** 2)
            changes[name] = (value - float(belief.mean[0]), doubt)
        return changes

    def _not_visible(
        self, name: str, fault: NamedFault, rep: Taken, reference: Reference, failed: Mapping[str, str]
    ) -> str | None:
        if rep.fps * (1 + FPS_OFF) < fault.min_fps:
            return "frame_rate"
        if reference.effects.get(name, 0.0) < LEAST_EFFECT:
            return "azimuth"
        needed = dict.fromkeys(joint for sign in fault.signs for joint in MEASURES[sign.measure].joints)
        return next((joint for joint in needed if joint in failed), None)

    def _told(
        self,
        name: str,
        fault: NamedFault,
        rep: Taken,
        changes: Mapping[str, tuple[float, float]],
        reference: Reference,
    ) -> _Past | None:
        """The sign that decides; None where what is needed is not known."""
        wider = (1.0 if reference.own else UNKNOWN_LIFTER) * reference.widening
        found = [_past(sign, rep.values, changes, self._population.spreads[name], wider) for sign in fault.signs]
        known = [past for past in found if past is not None]
        if not known or (fault.told_by == "all" and len(known) < len(found)):
            return None
        ranked = known if fault.told_by == "first" else sorted(known, key=lambda past: past.past)
        return ranked[-1] if fault.told_by == "any" else ranked[0]

    def _fault(self, name: str, fault: NamedFault, told: _Past, rep: Taken, reference: Reference) -> Fault:
        measure = told.sign.measure
        side = math.copysign(1.0, told.change)
        ref = _usual(told, rep, reference)
        value = _moved(told.sign, ref, told.change)
        unit = MEASURES[measure].unit
        phase = MEASURES[measure].phase
        return Fault(
            name=name,
            severity=min((told.past - 1) / 2, 1.0),
            at_s=rep.moments_s.get(phase, rep.start_s),
            phase=phase,
            measure=value,
            ref=ref,
            margin=abs(_moved(told.sign, ref, side * told.margin) - ref),
            unit=unit,
            text=explain(
                fault.words, measure, value, ref, unit, height_cm=self._height_cm, own=measure in reference.usual
            ),
        )

    def _joints_of(self, fault: str) -> tuple[str, ...]:
        """Landmarks that a fault's measures are taken on."""
        groups = [group for s in self._population.table.faults[fault].signs for group in MEASURES[s.measure].joints]
        return tuple(landmark.NAMES[i] for group in dict.fromkeys(groups) for i in GROUPS[group])


def joints_of(mirrored: bool) -> tuple[int, ...]:
    """The lifter's own landmarks that trace.JOINTS are in a rep. mirrored: as Taken's."""
    return tuple(landmark.OTHER_SIDE[i] for i in trace.JOINTS) if mirrored else trace.JOINTS


def _top_joints(shares: np.ndarray, rep: Taken) -> tuple[str, ...]:
    """shares: (moments, joints of a trace)."""
    worst = np.argsort(-shares.sum(0), kind="stable")[:MOST_JOINTS]
    return tuple(landmark.NAMES[joints_of(rep.mirrored)[i]] for i in worst)


def _usual(told: _Past, rep: Taken, reference: Reference) -> float:
    """The lifter's own usual value of the measure; while it is not known, what the rep's own is off."""
    measure = told.sign.measure
    return reference.usual.get(measure, _moved(told.sign, rep.values[measure], -told.change))


def _past(
    sign: Sign, values: Mapping[str, float], changes: Mapping[str, tuple[float, float]], least: float, wider: float
) -> _Past | None:
    """None where the measure is not known: of a bar that was not lowered nothing tells how it was."""
    value = values[sign.measure]
    if math.isnan(value):
        return None
    if sign.by == "limit":
        past = math.inf if sign.towards(value - sign.smallest) > 0 else 0.0
        return _Past(sign=sign, change=0.0, margin=sign.smallest, past=past)
    change, spread = changes.get(sign.measure, (math.nan, math.nan))
    if not math.isfinite(change):
        return None
    smallest = abs(math.log(sign.smallest)) if sign.by == "factor" else sign.smallest
    margin = wider * max(smallest, least * spread)
    return _Past(sign=sign, change=change, margin=margin, past=sign.towards(change) / margin)


def _moved(sign: Sign, value: float, change: float) -> float:
    return value * math.exp(change) if sign.by == "factor" else value + change
