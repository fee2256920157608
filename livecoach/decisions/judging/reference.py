"""A reference: the lifter's own good reps of one view, or everybody's while there are none. It judges how far a rep
lies outside them, and which faults it shows.

A rep is anomalous if its latent is farther from the density of the own latents, or shows more of a named fault, than
good reps do by chance. Only anomalous reps get the names of faults. Beside everybody's reps, only gross deviations are
anomalous, and no fault has a name.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Fault, NotVisible, Pace, ReferenceName, Verdict, Why
from livecoach.core.types.reps import Conditions
from livecoach.decisions.judging.density import USUAL_DEVIATE, Density, density, t_of_normal
from livecoach.decisions.judging.fault_model import BY_ITSELF, LEAST_EFFECT, OF_PLATE, TRAINED_WITH, ratio_by_itself
from livecoach.decisions.judging.primary import primary_first
from livecoach.decisions.judging.scorer import LEAST_KNOWN, Scorer, encoder_input, filled
from livecoach.decisions.judging.where import where
from livecoach.decisions.judging.wording import explain
from livecoach.decisions.rep.measured import NO_HUMAN, ON_ITS_SIDE, TOO_FEW_JOINTS, Camera, MeasuredRep
from livecoach.decisions.rep.measures import MEASURES, Sign
from livecoach.decisions.rep.measures.faults import FPS_OFF, NamedFault
from livecoach.decisions.rep.trajectory import BETTER, JOINTS, JOINTS_LOST_WITH, stands
from livecoach.perception.body.quantiles import median, median_of_known
from livecoach.perception.body.visibility import GROUPS, NO_BAR, NO_MASK, NO_TOES

BY_VIEW, BY_POSE = "azimuth", "pose_model"  # why a fault is not checked: this view, or the pose model never shows it
NOT_MEASURED = "unknown"  # nor where it could not be measured
NOBODY = 1.5
"""Distance from everybody's good reps, over its limit, beyond which a movement is no rep: an upside-down body's."""
NO_CHANGE = 1e-6  # of a latent, squared: what is upright can't be more so. Our choice.
UPRIGHT, LIES = 1.2, 0.6
"""Height of the shoulders above the ankles, torso lengths: of lifts that are done upright, at least; of a lifter in a
picture that lies on its side, at most. Our choice."""
OF_MASK = ("dorsal_sagitta", "pelvic_tuck")  # of the back's edge, which comes from the person's mask
NAMED, CLEAR = 0.5, 1.5
"""A rep that was flagged by its distance has the name of a fault from this share of the fault's limit on, where it
shows so many times as much of it as of any other: of two likely names either may be wrong (docs/lessons.md)."""
BESIDE = 0.5  # a further fault is listed if its excess over the limit reaches this share of the largest one
USUAL_JITTER = 0.003  # as Conditions'; three of four real clips have less
USUAL_SHARE = 0.95  # of lifters whose form counts as usual: one in twenty is asked before it is learned. Our choice.
SUPPORT, BEYOND = 0.5, 3.0
"""A measure is reported as a number if it changed in the fault's direction by at least SUPPORT smallest changes, and by
at most BEYOND times the estimated amount and one more. Otherwise it was misread."""
TURNS = 3  # iterations of turning reps to their mean; it converges
ReferenceKind = Literal["set", "session", "day", "everybody"]  # own reps of this set, this session, another day
OF_NO_OTHER_SET: tuple[ReferenceKind, ...] = ("set", "everybody")


class RepVerdict(NamedTuple):
    """All that judging says of a rep, under the names that it has in a Rep, which explains them."""

    verdict: Verdict
    score: float | None = None  # largest ratio to a limit, of the distance or of a fault
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormGroup:
    """Own good reps of one form: either those chosen by the lifter or the others."""

    latent: np.ndarray  # (K,) mean of their latents
    readings: np.ndarray  # (2 + 2 M,) medians of the fault model's readings; NaN where unknown
    values: dict[str, tuple[float, ...]]  # measure → value of each rep, NaN where unknown
    is_good: bool
    """Any of them is good for the lifter: nobody may have confirmed them, all may miss a standard, or differ from an
    odd first rep."""

    def usual(self, measure: str) -> float:
        """Median over the reps in which it is known; NaN if unknown in all."""
        return median_of_known(self.values[measure])


@dataclass(frozen=True, kw_only=True, eq=False)  # without slots: the camera's place is cached
class Reference:
    """Of one view, with one leg in front, prepared for judging."""

    scorer: Scorer
    kind: ReferenceKind
    reps: tuple[MeasuredRep, ...]
    mean: np.ndarray  # trajectory.SHAPE, without gaps: the mean of the reps, to which a rep is turned
    density: Density
    groups: tuple[FormGroup, ...]  # one or two, the density of each weighs the same; none of everybody
    better: Sequence[np.ndarray] = ()
    """(K,) each: how the latent changes as a rep becomes better than the lifter's own. None where it can't."""

    @property
    def name(self) -> ReferenceName:
        """What the verdicts rest on: reps count as the lifter's own where any is of an earlier session or confirmed."""
        return _name(self.kind, self.reps)

    @property
    def day(self) -> str | None:
        return max((rep.window.day for rep in self.reps if rep.window.day is not None), default=None)

    @cached_property
    def camera(self) -> Camera:
        """Medians over the reps."""
        azimuth_deg, tilt_deg, size = median(np.array([one.camera for one in self.reps])).tolist()
        return azimuth_deg, tilt_deg, size

    @cached_property
    def jitter(self) -> float:
        """Median over the reps, but no less than is usual: the best pictures make no others bad. Where it is not known,
        max keeps what is usual, and below no noise."""
        return max(USUAL_JITTER, median_of_known(rep.jitter for rep in self.reps))

    def noise(self, rep: MeasuredRep) -> float:
        """How much larger the errors of a rep's landmarks are than those of the reference, which make its reps of one
        day, and of two, differ by what is usual; as a share of these. All errors grow as the jitter does."""
        return 0.0 if self.kind in OF_NO_OTHER_SET else math.sqrt(max(0.0, (rep.jitter / self.jitter) ** 2 - 1))

    @cached_property
    def limit(self) -> float:
        """Of the distance, in widths."""
        limits = self.scorer.limits
        return {"set": limits.set, "everybody": limits.everybody}.get(self.kind, limits.session)

    @cached_property
    def distance_limit(self) -> float:
        """Beside a camera that has not moved, torso lengths."""
        return self.limit * self.density.width * self.density.caution

    def distance(self, rep: MeasuredRep) -> float:
        """Without faults; 1 is the limit."""
        return _Beside(self, rep).far

    @cached_property
    def out(self) -> "Reference":
        """By the ways to the turn alone, for a rep that ended there."""
        return reference_of(self.scorer, [rep.out() for rep in self.reps], self.kind) if self.reps else self

    @cached_property
    def usual(self) -> float:
        """The distance within which most of its reps lie from the others: of everybody's, one each of many lifters."""
        return self.density.usual_distance(USUAL_SHARE) / self.distance_limit

    def judge(
        self,
        rep: MeasuredRep,
        *,
        of_set: "Reference | None" = None,
        widening: float = 1.0,
        height_cm: float | None = None,
    ) -> RepVerdict:
        """of_set: earlier good reps of this set, for faults that are judged within a set only. widening: factor on all
        limits. height_cm: the lifter's stature, for explanations in centimetres."""
        beside = _Beside(self, rep)
        evidence, not_visible = beside.evidence(of_set, widening)
        score = max([beside.far / widening, *(one.ratio for one in evidence)])
        table = self.scorer.faults.table
        named = [_fault(table.faults[one.fault], one, rep, height_cm) for one in _choose_named(evidence, score)]
        faults = primary_first(named, table.faults)
        why = where(rep, ((beside.points - beside.reference.mean) ** 2).sum(-1))
        joints = () if why is None else why.joints
        if faults:
            joints = tuple(landmark.NAMES[i] for group in table.faults[faults[0].name].joints for i in GROUPS[group])
        return RepVerdict(
            verdict="anomalous" if score > 1 else "good",
            score=score,
            reference=self.name,
            faults=faults,
            not_visible=tuple(not_visible),
            left_out=left_out(rep),
            top_joints=joints if score > 1 else (),
            why=why,
            own_reps=len(self.reps),
        )

    def unfit(self, rep: MeasuredRep) -> str | None:
        """By everybody's reps: why a visible rep can't be judged; None if it can."""
        seen = rep.points[np.isfinite(rep.points).any((1, 2))]  # half of the moments where it ended at its turn
        if not len(seen) or np.isfinite(seen).mean() < LEAST_KNOWN:
            return TOO_FEW_JOINTS
        if stands(self.mean) > UPRIGHT and stands(rep.points) < LIES:
            return ON_ITS_SIDE
        beside = _Beside(self, rep)
        error = self.scorer.encoder.error(beside.points, beside.latent)
        return NO_HUMAN if error > self.scorer.decoder_error or beside.far > NOBODY else None


def _name(kind: ReferenceKind, reps: Sequence[MeasuredRep]) -> ReferenceName:
    if kind == "day" or any(rep.window.chosen for rep in reps):
        return "own"
    return "session" if kind == "session" else "none"


def reference_of(scorer: Scorer, reps: Sequence[MeasuredRep], kind: ReferenceKind) -> Reference:
    """reps: of one view and leg; one is enough."""
    for rep in reps:
        rep.settle()
    of_turned, mean = aligned([rep.points for rep in reps], scorer.everybody.mean)
    latents = np.stack([scorer.encoder.encode(points) for points in of_turned])
    chosen = np.array([rep.window.chosen for rep in reps])
    places = [np.flatnonzero(of_group) for of_group in (chosen, ~chosen) if of_group.any()]
    # A rep of another form that the lifter calls good does not show how much reps of one form vary.
    of_reps = [(rep.window.set_name, rep.window.chosen) for rep in reps]
    by_set = [np.array([i for i, of in enumerate(of_reps) if of == one]) for one in dict.fromkeys(of_reps)]
    known = float(np.mean([scorer.width.known(rep.points) for rep in reps]))
    return Reference(
        scorer=scorer,
        kind=kind,
        reps=tuple(reps),
        mean=mean,
        density=density(latents, by_set, places, scorer.width, known),
        groups=tuple(
            _group(scorer, [reps[int(i)] for i in of_group], latents[of_group], is_own=_name(kind, reps) == "own")
            for of_group in places
        ),
        better=_better(scorer, mean),
    )


def reference_of_everybody(scorer: Scorer) -> Reference:
    known = scorer.everybody
    return Reference(scorer=scorer, kind="everybody", reps=(), mean=known.mean, density=known.density, groups=())


def aligned(points: Sequence[np.ndarray], everybody: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return trajectories turned to their mean (n, *SHAPE), and that mean. everybody: for joints that none has."""
    mean = filled(points[0], everybody)
    for _ in range(TURNS):
        of_turned = np.stack([encoder_input(one, mean) for one in points])
        mean = of_turned.mean(0)
    return of_turned, mean


def _better(scorer: Scorer, mean: np.ndarray) -> list[np.ndarray]:
    ways = [BETTER[name](mean) for name in scorer.faults.table.signs if name in BETTER]
    if not ways:
        return []
    at_mean = scorer.encoder.encode(mean)
    changes = [scorer.encoder.encode(mean + way) - at_mean for way in ways]
    return [change for change in changes if change @ change > NO_CHANGE]


def _group(scorer: Scorer, reps: Sequence[MeasuredRep], latents: np.ndarray, *, is_own: bool) -> FormGroup:
    values = [rep.values for rep in reps]
    return FormGroup(
        latent=latents.mean(0),
        readings=medians(np.stack([scorer.faults.readings(rep) for rep in reps])),
        values={name: tuple(of_rep[name] for of_rep in values) for name in values[0]},
        is_good=is_own and any(rep.is_good for rep in reps),
    )


def medians(rows: np.ndarray) -> np.ndarray:
    """(k,) of rows (n, k), each over the rows in which it is known; NaN if unknown in all."""
    usual = median(rows)
    for place in np.flatnonzero(np.isnan(usual) & np.isfinite(rows).any(0)):
        usual[place] = median(rows[np.isfinite(rows[:, place]), place])
    return usual


class _Evidence(NamedTuple):
    fault: str
    ratio: float  # amount over its limit
    amount: float  # in smallest changes worth reporting; in margins for a fault that is judged by one measure
    group: FormGroup


class _Beside:
    """A rep beside the reps of a reference, turned to their mean."""

    def __init__(self, reference: Reference, rep: MeasuredRep) -> None:
        self.reference, self.rep = reference.out if rep.is_half else reference, rep
        self.points = encoder_input(rep.points, self.reference.mean)  # unknown joints are the mean's
        self.latent = reference.scorer.encoder.encode(self.points)

    @property
    def far(self) -> float:
        """Distance over its limit."""
        scorer, own, latent = self.reference.scorer, self.reference.density, self.latent
        for better in self.reference.better:
            by = float((latent - own.latents.mean(0)) @ better / (better @ better))
            latent = latent - max(by, 0.0) * better
        far = own.distance(latent) / math.sqrt(scorer.width.known(self.rep.points) / own.known)
        return far / math.hypot(self.reference.distance_limit, self.camera_shift)

    @cached_property
    def camera_shift(self) -> float:
        """How far good reps shift due to another day, camera position or light, torso lengths."""
        if self.reference.kind in OF_NO_OTHER_SET:
            return 0.0
        camera, other_day = self.reference.scorer.camera, self.reference.kind == "day"
        shift = camera.shift(self.reference.camera, self.rep.camera, other_day=other_day)
        noise = self.reference.noise(self.rep) * math.hypot(self.reference.scorer.width.usual, camera.day)
        return math.hypot(min(shift, camera.most), noise) * math.sqrt(self.reference.density.known)

    @cached_property
    def group(self) -> FormGroup:
        """The nearest own reps."""
        return min(self.reference.groups, key=lambda group: float(((group.latent - self.latent) ** 2).sum()))

    @cached_property
    def amounts(self) -> dict[str, tuple[float, float]]:
        """Fault → amount, compared with the nearest own reps, and its limit in training."""
        model = self.reference.scorer.faults
        readings = model.readings(self.rep) - self.group.readings
        amounts = model.amounts(self.latent - self.group.latent, readings, self.rep.azimuth_deg)
        return dict(zip(model.table.faults, zip(amounts.tolist(), model.limits.tolist(), strict=True), strict=True))

    def evidence(self, of_set: Reference | None, widening: float) -> tuple[list[_Evidence], list[NotVisible]]:
        """Of the faults that can be measured, and the others. Arguments as Reference.judge's."""
        model = self.reference.scorer.faults
        effects = model.effects(self.rep.azimuth_deg)
        own = self if self.reference.groups else None
        within = own if self.reference.kind == "set" else None if of_set is None else _Beside(of_set, self.rep)
        known, not_visible = [], []
        for name, fault in model.table.faults.items():
            reason = _not_visible(fault, self.rep, effects[name])
            against = within if fault.own_set_only else own
            if reason is None and against is not None:
                one = against._evidence_of(name, widening, by_itself=math.isinf(effects[name]))
                reason = _unmeasured(fault, self.rep) if one is None else None
                if one is not None and _within_limits(fault, self.rep):
                    known.append(one)
            if reason is not None:
                not_visible.append(NotVisible(name=name, reason=reason))
        return known, not_visible

    def _evidence_of(self, name: str, widening: float, *, by_itself: bool) -> _Evidence | None:
        """None if the fault was not measured. by_itself: its first measure shows it, where it is known."""
        widening *= math.hypot(1.0, self.camera_shift / self.reference.distance_limit)
        scorer, values = self.reference.scorer, self.rep.values
        fault = scorer.faults.table.faults[name]
        beside_other_set = self.reference.limit / scorer.limits.set
        off_deg = 0.0 if self.reference.kind in OF_NO_OTHER_SET else self.rep.tilt_deg - self.reference.camera[1]
        for signs in (fault.signs[:1] if by_itself else (), [one for one in fault.signs if one.measure in OF_PLATE]):
            own = self.group.values
            ratios = [ratio_by_itself(one, values[one.measure], own[one.measure], off_deg) for one in signs]
            known = [ratio for ratio in ratios if ratio is not None]
            if known and len(known) == len(ratios):
                ratio = min(known) / widening / beside_other_set
                return _Evidence(name, ratio, ratio, self.group)
        if not any(math.isfinite(values[one.measure]) for one in fault.signs if one.measure not in BY_ITSELF):
            return None
        amount, limit = self.amounts[name]
        limit = limit * widening * fault_limit_factor(scorer, self.reference.density)
        return _Evidence(name, amount / (limit * beside_other_set), amount, self.group)


def _choose_named(evidence: Sequence[_Evidence], score: float) -> list[_Evidence]:
    """The faults that name a rep: those above their limits, or the clearly likeliest one if the distance flagged it."""
    if score <= 1 or not evidence:
        return []
    worst, *others = sorted(evidence, key=lambda one: -one.ratio)
    if worst.ratio <= 1:
        return [worst] if worst.ratio > max(NAMED, *(CLEAR * one.ratio for one in others[:1])) else []
    return [one for one in evidence if one.ratio > 1 and one.ratio - 1 >= BESIDE * (worst.ratio - 1)]


def _fault(fault: NamedFault, evidence: _Evidence, rep: MeasuredRep, height_cm: float | None) -> Fault:
    """A fault that names a rep, with the numbers of its first sign that changed plausibly, or else of its first."""
    values, usual = rep.values, evidence.group.usual
    shown = [(one, values[one.measure], usual(one.measure)) for one in fault.signs if one.by != "limit"]
    plausible = next((one for one in shown if _is_plausible(*one, evidence.amount)), None)
    measured, (sign, value, ref) = plausible is not None, plausible or shown[0]
    unit, phase = MEASURES[sign.measure].unit, MEASURES[sign.measure].phase
    told, good = value if measured else math.nan, evidence.group.is_good
    text = explain(fault.words, sign.measure, told, ref, of_good=good, height_cm=height_cm)
    if not measured:
        ref = ref if math.isfinite(ref) else 0.0
        value = _moved(sign, ref, math.copysign(evidence.amount * sign.least_change, 1 if sign.side == "more" else -1))
    margin = abs(_moved(sign, ref, (sign.scaled(value) - sign.scaled(ref)) / max(evidence.ratio, NAMED)) - ref)
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


def fault_limit_factor(scorer: Scorer, own: Density) -> float:
    """Factor on a fault's limit: reps that vary more show more by chance, and few say little about that."""
    prior = scorer.width
    usual = t_of_normal(USUAL_DEVIATE, prior.freedom + prior.of_rep * (TRAINED_WITH - 1)) / USUAL_DEVIATE
    few = math.sqrt((1 + 1 / len(own.latents)) / (1 + 1 / TRAINED_WITH)) * own.caution / usual
    return max(own.deviation / (prior.usual * math.sqrt(own.known)), 1.0) * few


def left_out(rep: MeasuredRep) -> tuple[str, ...]:
    """Groups of joints that are left out of the distance, in everyday words."""
    names = [name for name in rep.failed if name in JOINTS_LOST_WITH and name != NO_TOES]
    lost = np.isnan(rep.points).any((0, 2))
    feet = lost[[JOINTS.index(i) for i in landmark.TOES]].any() and not {"feet", "ankles"} & set(names)
    return (*names, "feet") if feet else tuple(names)


def _not_visible(fault: NamedFault, rep: MeasuredRep, effect: float) -> str | None:
    if fault.hidden:
        return BY_POSE
    if effect < LEAST_EFFECT:
        return BY_VIEW
    if rep.fps * (1 + FPS_OFF) < fault.min_fps:
        return "frame_rate"
    needed = (*fault.joints, NO_BAR) if fault.needs_bar else fault.joints
    return next((one for one in needed if one in rep.failed), None)


def _unmeasured(fault: NamedFault, rep: MeasuredRep) -> str:
    """The pose model gives no mask or no toes, or the reason is unknown."""
    if NO_MASK in rep.failed and any(sign.measure in OF_MASK for sign in fault.signs):
        return NO_MASK
    return NO_TOES if NO_TOES in rep.failed and "feet" in fault.joints else NOT_MEASURED


def _within_limits(fault: NamedFault, rep: MeasuredRep) -> bool:
    """Whether the rep shows the signs of a fault that have a fixed limit."""
    return all(one.towards(rep.values[one.measure] - one.smallest) > 0 for one in fault.signs if one.by == "limit")


def _is_plausible(sign: Sign, value: float, ref: float, amount: float) -> bool:
    """Whether the change of a measure is consistent with the amount of its fault."""
    towards, least = sign.towards(sign.scaled(value) - sign.scaled(ref)), sign.least_change
    if not math.isfinite(towards) or towards <= 0:
        return False
    return least == 0 or SUPPORT * least <= towards <= (1 + BEYOND * max(amount, 1.0)) * least


def _moved(sign: Sign, value: float, change: float) -> float:
    return value * math.exp(change) if sign.by == "factor" else value + change
