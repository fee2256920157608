"""A reference: the lifter's own good reps of one view. It judges how far a rep lies outside them, and which faults it
shows.

A rep is anomalous if its latent is farther from the density of the own latents, or shows more of a named fault, than
good reps do by chance. Only anomalous reps get the names of faults.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Fault, NotVisible
from livecoach.decisions.judging.density import USUAL_DEVIATE, Density, density, t_of_normal
from livecoach.decisions.judging.fault_model import LEAST_EFFECT, OUTSIDE, TRAINED_WITH, outside_ratio
from livecoach.decisions.judging.measured import NO_HUMAN, TOO_FEW_JOINTS, MeasuredRep
from livecoach.decisions.judging.primary import primary_first
from livecoach.decisions.judging.scorer import (
    LEAST_KNOWN,
    LOST,
    ReferenceKind,
    Scorer,
    encoder_input,
    filled,
    known_share,
)
from livecoach.decisions.judging.wording import MOST_JOINTS, explain
from livecoach.decisions.rep.features import JOINTS, RepFeatures
from livecoach.decisions.rep.measures import MEASURES, Sign
from livecoach.decisions.rep.measures.faults import FPS_OFF, NamedFault
from livecoach.perception.body.quantiles import median
from livecoach.perception.body.visibility import GROUPS, NO_BAR, NO_MASK, NO_TOES

BY_VIEW, BY_POSE = "azimuth", "pose_model"  # why a fault is not checked: this view, or the pose model never shows it
NOBODY = 1.5
"""Distance from everybody's good reps, over its limit, beyond which a movement is no rep: an upside-down body's."""
OF_MASK = ("dorsal_sagitta", "pelvic_tuck")  # of the back's edge, which comes from the person's mask
NAMED = 0.5  # share of its limit from which a fault names a rep that was flagged by its distance
BESIDE = 0.5  # a further fault is listed if its excess over the limit reaches this share of the largest one
SUPPORT, BEYOND = 0.5, 3.0
"""A measure is reported as a number if it changed in the fault's direction by at least SUPPORT smallest changes, and by
at most BEYOND times the estimated amount and one more. Otherwise it was misread."""
TURNS = 3  # iterations of turning reps to their mean; it converges


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepVerdict:
    score: float  # largest ratio to a limit, of the distance or of a fault; above 1, the rep is anomalous
    faults: tuple[Fault, ...]  # the primary fault, then the others, worst first
    not_visible: tuple[NotVisible, ...]
    left_out: tuple[str, ...]  # groups of joints that were lost and are left out of the distance
    top_joints: tuple[str, ...]  # of the primary fault or, without one, of the distance; worst first
    shares: np.ndarray  # (2 features.MOMENTS, len(features.JOINTS)) squared deviation from the own mean

    @property
    def is_anomalous(self) -> bool:
        return self.score > 1


class _Placed(NamedTuple):
    """A rep's trajectory beside a mean."""

    points: np.ndarray  # turned to the mean; unknown joints are the mean's
    latent: np.ndarray
    known: float  # share of known joints
    shares: np.ndarray  # squared deviation from the mean, by moment and joint


def _place(scorer: Scorer, points: np.ndarray, mean: np.ndarray) -> _Placed:
    turned = encoder_input(points, mean)
    return _Placed(turned, scorer.encoder.encode(turned), known_share(points), ((turned - mean) ** 2).sum(-1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormGroup:
    """Own good reps of one form: either those chosen by the lifter or the others."""

    latent: np.ndarray  # (K,) mean of their latents
    readings: np.ndarray  # (2 + 2 M,) medians of the fault model's readings; NaN where unknown
    values: dict[str, tuple[float, ...]]  # measure → value of each rep, NaN where unknown

    def usual(self, measure: str) -> float:
        """Median over the reps in which it is known; NaN if unknown in all."""
        known = np.array([value for value in self.values[measure] if math.isfinite(value)])
        return float(median(known)) if len(known) else math.nan


class _Evidence(NamedTuple):
    fault: str
    ratio: float  # amount over its limit
    amount: float  # in smallest changes worth reporting; in margins for a fault that is judged by its measure alone
    group: FormGroup


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """Of one view, with one leg in front, prepared for judging."""

    scorer: Scorer
    kind: ReferenceKind
    reps: tuple[MeasuredRep, ...]
    mean: np.ndarray  # features.SHAPE, without gaps: the mean of the reps, to which a rep is turned
    density: Density
    groups: tuple[FormGroup, ...]  # one or two; the density of each weighs the same
    azimuth_deg: float  # like the next two, the median over the reps, as in RepFeatures
    tilt_deg: float
    size: float

    @property
    def day(self) -> str | None:
        return max((rep.window.day for rep in self.reps if rep.window.day is not None), default=None)

    def nearest(self, latent: np.ndarray) -> FormGroup:
        """The group that a latent (K,) is nearest to."""
        return min(self.groups, key=lambda group: float(((group.latent - latent) ** 2).sum()))

    def judge(
        self,
        rep: MeasuredRep,
        failed: Mapping[str, str],
        *,
        of_set: "Reference | None" = None,
        widening: float = 1.0,
        height_cm: float | None = None,
    ) -> RepVerdict:
        """failed: joints that must not be measured, by group, and why. of_set: earlier good reps of this set, for
        faults that are judged within a set only. widening: factor on all limits. height_cm: the lifter's stature, for
        explanations in centimetres."""
        placed, shift = _place(self.scorer, rep.points, self.mean), self._camera_shift(rep.features)
        far = self._far(placed, shift) / widening
        wider = widening * math.hypot(1.0, shift / self._distance_limit)
        evidence, not_visible = self._evidence(rep, placed, failed, of_set, wider)
        score = max([far, *(one.ratio for one in evidence)])
        table = self.scorer.faults.table
        named = [self._fault(one, rep.features, height_cm) for one in _choose_named(evidence, score)]
        faults = primary_first(named, tuple(table.faults))
        return RepVerdict(
            score=score,
            faults=faults,
            not_visible=tuple(not_visible),
            left_out=left_out(rep, failed),
            top_joints=(
                _joints_of(table.faults[faults[0].name]) if faults else top_joints(placed.shares, rep.features.mirrored)
            ),
            shares=placed.shares,
        )

    def distance(self, rep: MeasuredRep) -> float:
        """Without faults; 1 is the limit."""
        return self._far(_place(self.scorer, rep.points, self.mean), self._camera_shift(rep.features))

    def _far(self, placed: _Placed, shift: float) -> float:
        """Distance over its limit. shift: as `_camera_shift` returns it."""
        far = self.density.distance(placed.latent) / math.sqrt(max(placed.known, LEAST_KNOWN))
        return far / math.hypot(self._distance_limit, shift)

    @property
    def _distance_limit(self) -> float:
        """Beside a camera that has not moved, torso lengths."""
        return self._limit * self.density.width * self.density.caution

    @property
    def _limit(self) -> float:
        """Limit of the distance in widths."""
        limits = self.scorer.limits
        return limits.set if self.kind == "set" else limits.session

    def _camera_shift(self, features: RepFeatures) -> float:
        """How far good reps shift due to another day or camera position, torso lengths."""
        if self.kind == "set":
            return 0.0
        camera = self.scorer.camera
        moved = (
            camera.day if self.kind == "day" else 0.0,
            camera.per_deg * (features.azimuth_deg - self.azimuth_deg),
            camera.per_tilt_deg * (features.tilt_deg - self.tilt_deg),
            camera.per_size * math.log(features.size / self.size),
        )
        return min(math.hypot(*moved), camera.most)

    def _evidence(
        self,
        rep: MeasuredRep,
        placed: _Placed,
        failed: Mapping[str, str],
        of_set: "Reference | None",
        widening: float,
    ) -> tuple[list[_Evidence], list[NotVisible]]:
        features, model = rep.features, self.scorer.faults
        effects = model.effects(features.azimuth_deg)
        amounts = self._amounts(features, placed.latent)
        within = self if self.kind == "set" else of_set
        set_amounts = amounts
        if within is not None and within is not self:
            set_amounts = within._amounts(features, _place(self.scorer, rep.points, within.mean).latent)
        known, not_visible = [], []
        for number, (name, fault) in enumerate(model.table.faults.items()):
            reason = _not_visible(fault, features, effects[name], failed)
            against, of_fault = (within, set_amounts) if fault.own_set_only else (self, amounts)
            if reason is None and against is not None:
                group = against.nearest(placed.latent)
                one = against._evidence_of(name, float(of_fault[number]), features, group, widening)
                reason = _unmeasured(fault, failed) if one is None else None
                if one is not None and _within_limits(fault, features):
                    known.append(one)
            if reason is not None:
                not_visible.append(NotVisible(name=name, reason=reason))
        return known, not_visible

    def _amounts(self, features: RepFeatures, latent: np.ndarray) -> np.ndarray:
        """(F,) compared with the nearest own reps."""
        model, group = self.scorer.faults, self.nearest(latent)
        readings = model.readings(features) - group.readings
        return model.amounts(latent - group.latent, readings, features.azimuth_deg)

    def _evidence_of(
        self, name: str, amount: float, features: RepFeatures, group: FormGroup, widening: float
    ) -> _Evidence | None:
        """None if the fault was not measured."""
        model = self.scorer.faults
        fault = model.table.faults[name]
        sign, beside_other_set = fault.signs[0], self._limit / self.scorer.limits.set
        if sign.measure in OUTSIDE:
            ratio = outside_ratio(sign, features.values[sign.measure], group.values[sign.measure])
            ratio = None if ratio is None else ratio / widening / beside_other_set
            return None if ratio is None else _Evidence(name, ratio, ratio, group)
        if not any(math.isfinite(features.values[one.measure]) for one in fault.signs):
            return None
        limit = model.limits[list(model.table.faults).index(name)] * widening
        ratio = amount / (limit * fault_limit_factor(self.scorer, self.density) * beside_other_set)
        return _Evidence(name, ratio, amount, group)

    def _fault(self, evidence: _Evidence, features: RepFeatures, height_cm: float | None) -> Fault:
        fault = self.scorer.faults.table.faults[evidence.fault]
        sign, value, ref = _shown(fault, evidence, features)
        change = sign.scaled(value) - sign.scaled(ref)
        measured = _is_plausible(sign, change, evidence.amount)
        unit, phase = MEASURES[sign.measure].unit, MEASURES[sign.measure].phase
        text = explain(fault.words, sign.measure, value if measured else math.nan, ref, unit, height_cm=height_cm)
        if not measured:
            ref = ref if math.isfinite(ref) else 0.0
            value = _moved(
                sign, ref, math.copysign(evidence.amount * sign.least_change, 1 if sign.side == "more" else -1)
            )
        margin = abs(_moved(sign, ref, (sign.scaled(value) - sign.scaled(ref)) / max(evidence.ratio, NAMED)) - ref)
        return Fault(
            name=evidence.fault,
            severity=min(max((evidence.ratio - 1) / 2, 0.0), 1.0),
            at_s=features.moments_s.get(phase, features.start_s),
            phase=phase,
            measure=value,
            ref=ref,
            margin=margin,
            unit=unit,
            text=text,
        )


def unfit(scorer: Scorer, rep: MeasuredRep) -> str | None:
    """Why a visible rep can't be judged; None if it can."""
    if known_share(rep.points) < LEAST_KNOWN:
        return TOO_FEW_JOINTS
    placed = _place(scorer, rep.points, scorer.everybody.mean)
    error = scorer.encoder.error(placed.points, placed.latent)
    return NO_HUMAN if error > scorer.decoder_error or _far_from_everybody(scorer, placed) > NOBODY else None


def judge_by_everybody(
    scorer: Scorer, rep: MeasuredRep, failed: Mapping[str, str], *, widening: float = 1.0
) -> RepVerdict:
    """While there are no own good reps: only gross deviations are anomalous. Arguments as Reference.judge's."""
    placed = _place(scorer, rep.points, scorer.everybody.mean)
    effects = scorer.faults.effects(rep.features.azimuth_deg)
    reasons = {
        name: _not_visible(fault, rep.features, effects[name], failed)
        for name, fault in scorer.faults.table.faults.items()
    }
    return RepVerdict(
        score=_far_from_everybody(scorer, placed) / widening,
        faults=(),
        not_visible=tuple(NotVisible(name=name, reason=why) for name, why in reasons.items() if why is not None),
        left_out=left_out(rep, failed),
        top_joints=top_joints(placed.shares, rep.features.mirrored),
        shares=placed.shares,
    )


def _far_from_everybody(scorer: Scorer, placed: _Placed) -> float:
    """From the population's good reps, over its limit."""
    density = scorer.everybody.density
    far = density.distance(placed.latent) / math.sqrt(placed.known) / density.width
    return far / scorer.limits.everybody


def reference_of(scorer: Scorer, reps: Sequence[MeasuredRep], kind: ReferenceKind) -> Reference:
    """reps: of one view and leg; one is enough."""
    of_turned, mean = aligned([rep.points for rep in reps], scorer.everybody.mean)
    latents = np.stack([scorer.encoder.encode(points) for points in of_turned])
    chosen = np.array([rep.window.chosen for rep in reps])
    places = [np.flatnonzero(of_group) for of_group in (chosen, ~chosen) if of_group.any()]
    # A rep of another form that the lifter calls good does not show how much reps of one form vary.
    of_reps = [(rep.window.set_name, rep.window.chosen) for rep in reps]
    by_set = [np.array([i for i, of in enumerate(of_reps) if of == one]) for one in dict.fromkeys(of_reps)]
    features = [rep.features for rep in reps]
    return Reference(
        scorer=scorer,
        kind=kind,
        reps=tuple(reps),
        mean=mean,
        density=density(latents, by_set, places, scorer.width),
        groups=tuple(_group(scorer, [reps[int(i)] for i in of_group], latents[of_group]) for of_group in places),
        azimuth_deg=float(np.median([one.azimuth_deg for one in features])),
        tilt_deg=float(np.median([one.tilt_deg for one in features])),
        size=float(np.median([one.size for one in features])),
    )


def aligned(points: Sequence[np.ndarray], everybody: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return trajectories turned to their mean (n, *SHAPE), and that mean. everybody: for joints that none has."""
    mean = filled(points[0], everybody)
    for _ in range(TURNS):
        of_turned = np.stack([encoder_input(one, mean) for one in points])
        mean = of_turned.mean(0)
    return of_turned, mean


def _group(scorer: Scorer, reps: Sequence[MeasuredRep], latents: np.ndarray) -> FormGroup:
    readings = np.stack([scorer.faults.readings(rep.features) for rep in reps])
    values = [rep.features.values for rep in reps]
    return FormGroup(
        latent=latents.mean(0),
        readings=medians(readings),
        values={name: tuple(of_rep[name] for of_rep in values) for name in values[0]},
    )


def medians(rows: np.ndarray) -> np.ndarray:
    """(k,) of rows (n, k), each over the rows in which it is known; NaN if unknown in all."""
    usual = median(rows)
    for place in np.flatnonzero(np.isnan(usual) & np.isfinite(rows).any(0)):
        usual[place] = median(rows[np.isfinite(rows[:, place]), place])
    return usual


def _choose_named(evidence: Sequence[_Evidence], score: float) -> list[_Evidence]:
    """The faults that name a rep: those above their limits, or the likeliest one if the distance flagged it."""
    if score <= 1 or not evidence:
        return []
    worst = max(evidence, key=lambda one: one.ratio)
    if worst.ratio <= 1:
        return [worst] if worst.ratio > NAMED else []
    return [one for one in evidence if one.ratio > 1 and one.ratio - 1 >= BESIDE * (worst.ratio - 1)]


def _joints_of(fault: NamedFault) -> tuple[str, ...]:
    groups = [group for sign in fault.signs for group in MEASURES[sign.measure].joints]
    return tuple(landmark.NAMES[i] for group in dict.fromkeys(groups) for i in GROUPS[group])


def fault_limit_factor(scorer: Scorer, own: Density) -> float:
    """Factor on a fault's limit: reps that vary more show more by chance, and few say little about that."""
    prior = scorer.width
    usual = t_of_normal(USUAL_DEVIATE, prior.freedom + prior.of_rep * (TRAINED_WITH - 1)) / USUAL_DEVIATE
    few = math.sqrt((1 + 1 / len(own.latents)) / (1 + 1 / TRAINED_WITH)) * own.caution / usual
    return max(own.deviation / prior.usual, 1.0) * few


def left_out(rep: MeasuredRep, failed: Mapping[str, str]) -> tuple[str, ...]:
    """Groups of joints that are left out of the distance, in everyday words."""
    names = [name for name in failed if name in LOST and name != NO_TOES]
    lost = np.isnan(rep.points).any((0, 2))
    feet = lost[[JOINTS.index(i) for i in landmark.TOES]].any() and not {"feet", "ankles"} & set(names)
    return (*names, "feet") if feet else tuple(names)


def joints_of(mirrored: bool) -> tuple[int, ...]:
    """Landmark of each joint of a trajectory, with its true side. mirrored: as in RepFeatures."""
    return tuple(landmark.OTHER_SIDE[i] for i in JOINTS) if mirrored else JOINTS


def top_joints(shares: np.ndarray, mirrored: bool) -> tuple[str, ...]:
    worst = np.argsort(-shares.sum(0), kind="stable")[:MOST_JOINTS]
    return tuple(landmark.NAMES[joints_of(mirrored)[i]] for i in worst)


def _not_visible(fault: NamedFault, features: RepFeatures, effect: float, failed: Mapping[str, str]) -> str | None:
    if fault.hidden:
        return BY_POSE
    if effect < LEAST_EFFECT:
        return BY_VIEW
    if features.fps * (1 + FPS_OFF) < fault.min_fps:
        return "frame_rate"
    needed = dict.fromkeys(joint for sign in fault.signs for joint in MEASURES[sign.measure].joints)
    if fault.needs_bar:
        needed[NO_BAR] = None
    return next((one for one in needed if one in failed), None)


def _unmeasured(fault: NamedFault, failed: Mapping[str, str]) -> str:
    """The pose model gives no mask or no toes, or the reason is unknown."""
    measures = [sign.measure for sign in fault.signs]
    if NO_MASK in failed and any(measure in OF_MASK for measure in measures):
        return NO_MASK
    of_feet = any("feet" in MEASURES[measure].joints for measure in measures)
    return NO_TOES if NO_TOES in failed and of_feet else "unknown"


def _within_limits(fault: NamedFault, features: RepFeatures) -> bool:
    """Whether the rep shows the signs of a fault that have a fixed limit."""
    fixed = [sign for sign in fault.signs if sign.by == "limit"]
    return all(sign.towards(features.values[sign.measure] - sign.smallest) > 0 for sign in fixed)


def _shown(fault: NamedFault, evidence: _Evidence, features: RepFeatures) -> tuple[Sign, float, float]:
    """Return the sign to report, its value and its usual value: the first that changed plausibly, or else the first."""
    signs = [sign for sign in fault.signs if sign.by != "limit"]
    rows = [(sign, features.values[sign.measure], evidence.group.usual(sign.measure)) for sign in signs]
    for sign, value, ref in rows:
        if _is_plausible(sign, sign.scaled(value) - sign.scaled(ref), evidence.amount):
            return sign, value, ref
    return rows[0]


def _is_plausible(sign: Sign, change: float, amount: float) -> bool:
    """Whether a scaled change of a measure is consistent with the amount of its fault."""
    towards, least = sign.towards(change), sign.least_change
    if not math.isfinite(towards) or towards <= 0:
        return False
    return least == 0 or SUPPORT * least <= towards <= (1 + BEYOND * max(amount, 1.0)) * least


def _moved(sign: Sign, value: float, change: float) -> float:
    return value * math.exp(change) if sign.by == "factor" else value + change
