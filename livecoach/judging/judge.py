"""The judge: how much a rep differs from the reference, and which faults it shows.

A fault is reported where its signature is larger than is worth reporting and larger than a good rep of this lifter
shows by chance. Signatures overlap, so the strongest fault is taken first, and another only if it is past its limit
beside the first.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach import landmark
from livecoach.frame.visibility import GROUPS, NO_MASK, NO_TOES
from livecoach.judging.attribution import MOST_JOINTS, shares_of
from livecoach.judging.detection import Detection, detect, off
from livecoach.judging.judgement import Judgement, Reference
from livecoach.judging.population import Population
from livecoach.judging.posterior import normal_of_t, t_of_normal
from livecoach.judging.primary import primary_first
from livecoach.judging.rep_vector import RepVector
from livecoach.judging.wording import explain
from livecoach.rep import trajectory_vector
from livecoach.rep.measures import MEASURES, Sign
from livecoach.rep.measures.faults import SPREADS
from livecoach.rep.measures.faults import Fault as NamedFault
from livecoach.rep.measures.rep import FPS_OFF
from livecoach.types import Fault, NotVisible

LEAST_EFFECT = 3.0
"""Least effect that a fault must have in a view to be looked for."""
OF_MASK = ("dorsal_sagitta", "pelvic_tuck")
"""Measures of the back's edge, which is read from the person's mask."""
UNKNOWN_LIFTER = 1.5
"""Factor by which margins are wider while nothing of the lifter's own is known (docs/faults.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """The evidence of one fault in a rep."""

    fault: str
    sign: Sign
    """The sign that is reported."""
    change: float
    """Change of its measure from the lifter's own, scaled as the sign says."""
    amplitude: float
    """Amplitude, in units of a change just worth reporting."""
    limit: float
    """Amplitude above which it is reported."""
    deviate: float
    """How unlikely it is in a good rep, as a standard normal deviate."""
    signature: int | None
    """Number of its signature; None where a plain measure shows it."""


class Judge:
    """Judges reps of one exercise."""

    def __init__(self, population: Population, height_cm: float | None = None) -> None:
        """height_cm: the lifter's stature, for explanations in centimetres."""
        self._population, self._height_cm = population, height_cm

    def judge(self, rep: RepVector, reference: Reference, failed: Mapping[str, str]) -> Judgement:
        """Judge a rep. failed: joints that must not be measured, by group, and why (livecoach.frame.visibility)."""
        detection = detect(rep, reference.posterior, reference.band)
        limits = self._population.spreads
        evidence, unseen = self._evidences(rep, detection, reference, failed, limits)
        far, shares = self._distance(detection, rep, reference)
        score = max([far, *(one.amplitude / one.limit for one in evidence)])
        past = [one for one in evidence if one.amplitude > one.limit]
        whole_set = score <= 1 and reference.before is not None
        if whole_set:
            limits = self._population.set_spreads
            past, detection = self._shared_by_set(rep, reference, failed)
            score = max([score, *(one.amplitude / one.limit for one in past)])
        faults = [self._fault(one, rep, reference) for one in self._explained(past, detection, limits)]
        listed = primary_first(faults, tuple(self._population.table.faults))
        return Judgement(
            whole_set=whole_set and bool(listed),
            score=score,
            faults=listed,
            not_visible=tuple(unseen),
            top_joints=self._joints_of(listed[0].name) if listed else _top_joints(shares, rep),
            shares=shares,
        )

    def _evidences(
        self,
        rep: RepVector,
        detection: Detection,
        reference: Reference,
        failed: Mapping[str, str],
        limits: Mapping[str, float],
    ) -> tuple[list[_Evidence], list[NotVisible]]:
        """Collect the evidence of the faults that can be looked for, and the faults that can't.

        limits: fault → standard normal deviate beyond which it is reported.
        """
        known: list[_Evidence] = []
        unseen = []
        for name, fault in self._population.table.faults.items():
            reason = self._not_visible(name, fault, rep, reference, failed)
            found = None if reason else self._evidence(name, rep, detection, reference, limits[name])
            fixed = [rep.values[sign.measure] for sign in fault.signs if sign.by == "limit"]
            if reason is None and (found is None or not np.isfinite(fixed).all()):
                reason = _unmeasured(fault, failed)
            if reason is not None:
                unseen.append(NotVisible(name=name, reason=reason))
            elif found is not None and _within_limits(fault, rep):
                known.append(found)
        return known, unseen

    def _shared_by_set(
        self, rep: RepVector, reference: Reference, failed: Mapping[str, str]
    ) -> tuple[list[_Evidence], Detection]:
        """Find what all reps of the set have in common that the lifter's good sets do not have, and this rep has too.

        A set that is done badly from its first rep on is like itself; single reps may differ too little from earlier
        sets to be sure, their mean is surer.
        """
        if reference.before is None:
            raise ValueError("reference: expected one with earlier sets")
        mean = replace(rep, vector=np.vstack([reference.set_vectors, rep.vector]).mean(0))
        of_mean, alone = (detect(one, reference.before, reference.band) for one in (mean, rep))
        known, _ = self._evidences(mean, of_mean, reference, failed, self._population.set_spreads)
        past = [e for e in known if e.amplitude > e.limit]
        shown = [e for e in past if e.signature is not None and alone.amplitudes[e.signature] > 1]
        return shown, of_mean

    def normalised_distance(self, rep: RepVector, reference: Reference) -> tuple[float, tuple[str, ...]]:
        """Return how much a rep differs from the reference, 1 at the limit, and the landmarks that contribute most,
        worst first."""
        detection = detect(rep, reference.posterior, reference.band)
        score, shares = self._distance(detection, rep, reference)
        return score, _top_joints(shares, rep)

    def _distance(self, detection: Detection, rep: RepVector, reference: Reference) -> tuple[float, np.ndarray]:
        limit = detection.distance_at(self._population.score_limit, self._population)
        score = detection.distance / limit / _wider(reference)
        return score, shares_of(off(rep, reference.posterior), detection.parts, self._population)

    def _not_visible(
        self, name: str, fault: NamedFault, rep: RepVector, reference: Reference, failed: Mapping[str, str]
    ) -> str | None:
        if rep.fps * (1 + FPS_OFF) < fault.min_fps:
            return "frame_rate"
        if reference.effects.get(name, 0.0) < LEAST_EFFECT:
            return "azimuth"
        needed = dict.fromkeys(joint for sign in fault.signs for joint in MEASURES[sign.measure].joints)
        return next((joint for joint in needed if joint in failed), None)

    def _evidence(
        self, name: str, rep: RepVector, detection: Detection, reference: Reference, limit: float
    ) -> _Evidence | None:
        """Return the evidence of a fault, by the signature that shows most; None where it can't be measured.

        limit: standard normal deviate beyond which it is reported.
        """
        wider = _wider(reference)
        deviate = wider * limit
        fault, signatures = self._population.table.faults[name], self._population.signatures
        mine = [i for i, one in enumerate(signatures) if one.fault == name]
        if not mine:
            return self._plain_evidence(name, rep, reference, deviate, wider)
        measured = [i for i in mine if math.isfinite(rep.values[fault.signs[signatures[i].sign].measure])]
        if not measured:
            return None
        best = max(measured, key=lambda i: detection.deviates[i])
        amplitude = float(detection.amplitudes[best])
        return _Evidence(
            fault=name,
            sign=fault.signs[signatures[best].sign],
            change=amplitude * signatures[best].change,
            amplitude=amplitude,
            limit=max(wider, detection.amplitude_at(deviate, best)),
            deviate=float(detection.deviates[best]),
            signature=best,
        )

    def _plain_evidence(
        self, name: str, rep: RepVector, reference: Reference, deviate: float, wider: float
    ) -> _Evidence | None:
        """Return the evidence of a fault that shows in a plain measure, outside the vector."""
        sign = self._population.table.faults[name].signs[0]
        posterior = reference.plain.get(sign.measure)
        change = math.nan if posterior is None else sign.scaled(rep.values[sign.measure]) - float(posterior.mean[0])
        if posterior is None or not math.isfinite(change):
            return None
        spread = math.sqrt(float(posterior.predictive[0, 0]))
        smallest = sign.least_change or SPREADS * spread
        t = sign.towards(change) / spread
        return _Evidence(
            fault=name,
            sign=sign,
            change=change,
            amplitude=sign.towards(change) / smallest,
            limit=max(wider, t_of_normal(deviate, posterior.freedom) * spread / smallest),
            deviate=float(normal_of_t(np.array(t), posterior.freedom)),
            signature=None,
        )

    def _explained(
        self, evidence: Sequence[_Evidence], detection: Detection, limits: Mapping[str, float]
    ) -> list[_Evidence]:
        """Choose the strongest fault, then those that are past their limits beside the ones chosen."""
        taken: list[_Evidence] = []
        for one in sorted(evidence, key=lambda e: -e.deviate):
            if all(self._beside(one, other, detection, limits) for other in taken):
                taken.append(one)
        return taken

    def _beside(self, one: _Evidence, other: _Evidence, detection: Detection, limits: Mapping[str, float]) -> bool:
        """Return whether a fault is past its limit when another one is given."""
        if one.signature is None or other.signature is None:
            return True
        shared = float(detection.correlations[one.signature, other.signature])
        left = (one.deviate - shared * other.deviate) / math.sqrt(max(1 - shared**2, 1e-6))
        return left > limits[one.fault]

    def _fault(self, found: _Evidence, rep: RepVector, reference: Reference) -> Fault:
        fault, measure = self._population.table.faults[found.fault], found.sign.measure
        ref = _usual(found, rep, reference)
        value = _moved(found.sign, ref, found.change)
        unit, phase = MEASURES[measure].unit, MEASURES[measure].phase
        return Fault(
            name=found.fault,
            severity=min((found.amplitude / found.limit - 1) / 2, 1.0),
            at_s=rep.moments_s.get(phase, rep.start_s),
            phase=phase,
            measure=value,
            ref=ref,
            margin=abs(_moved(found.sign, ref, found.change * found.limit / found.amplitude) - ref),
            unit=unit,
            text=explain(
                fault.words, measure, value, ref, unit, height_cm=self._height_cm, own=measure in reference.usual
            ),
        )

    def _joints_of(self, fault: str) -> tuple[str, ...]:
        """Return the landmarks on which a fault is measured."""
        groups = [group for s in self._population.table.faults[fault].signs for group in MEASURES[s.measure].joints]
        return tuple(landmark.NAMES[i] for group in dict.fromkeys(groups) for i in GROUPS[group])


def _unmeasured(fault: NamedFault, failed: Mapping[str, str]) -> str:
    """Return why a fault could not be measured: for want of a mask or of toes, which some pose models do not give, or
    unknown."""
    measures = [sign.measure for sign in fault.signs]
    if NO_MASK in failed and any(measure in OF_MASK for measure in measures):
        return NO_MASK
    of_feet = any("feet" in MEASURES[measure].joints for measure in measures)
    return NO_TOES if NO_TOES in failed and of_feet else "unknown"


def _wider(reference: Reference) -> float:
    """Return the factor on the limits."""
    return reference.widening * (1.0 if reference.own else UNKNOWN_LIFTER)


def joints_of(mirrored: bool) -> tuple[int, ...]:
    """Return the lifter's own landmarks of the joints of a trajectory. mirrored: as in RepVector."""
    return tuple(landmark.OTHER_SIDE[i] for i in trajectory_vector.JOINTS) if mirrored else trajectory_vector.JOINTS


def _top_joints(shares: np.ndarray, rep: RepVector) -> tuple[str, ...]:
    """Name the joints that contribute most. shares: (moments, joints of a trajectory)."""
    worst = np.argsort(-shares.sum(0), kind="stable")[:MOST_JOINTS]
    return tuple(landmark.NAMES[joints_of(rep.mirrored)[i]] for i in worst)


def _within_limits(fault: NamedFault, rep: RepVector) -> bool:
    """Return whether the rep shows the signs of a fault that have a fixed limit."""
    fixed = [sign for sign in fault.signs if sign.by == "limit"]
    return all(sign.towards(rep.values[sign.measure] - sign.smallest) > 0 for sign in fixed)


def _usual(found: _Evidence, rep: RepVector, reference: Reference) -> float:
    """Return the lifter's own usual value of the measure; while that is not known, the rep's value less its change."""
    measure = found.sign.measure
    return reference.usual.get(measure, _moved(found.sign, rep.values[measure], -found.change))


def _moved(sign: Sign, value: float, change: float) -> float:
    return value * math.exp(change) if sign.by == "factor" else value + change
