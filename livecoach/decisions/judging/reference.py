"""A reference judges how far a rep lies outside its good reps, and which faults the rep shows.

Its reps are the lifter's own good reps of a view, or everybody's while there are none. A rep is anomalous if its latent
is farther from the density of the own latents, or shows more of a named fault, than good reps do by chance. Only
anomalous reps get the names of faults. Compared with everybody's reps, only gross deviations are anomalous, and no
fault has a name.
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
from livecoach.decisions.judging.fault_model import (
    BY_ITSELF,
    LEAST_EFFECT,
    OF_PLATE,
    TRAINED_WITH,
    ratio_by_itself,
    shift_by_tilt,
)
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

BY_VIEW, BY_POSE = "azimuth", "pose_model"  # Reasons: this view does not show the fault, or the pose model never does
NOT_MEASURED = "unknown"  # Reason: the fault could not be measured
NOBODY = 1.5
"""Distance from everybody's good reps, in limits, beyond which a movement is no rep but, say, that of an upside-down
body."""
NO_CHANGE = 1e-6  # Smallest squared change of a latent: an upright rep can't become more upright. Our choice.
UPRIGHT, LIES = 1.2, 0.6
"""Height of the shoulders above the ankles in torso lengths: at least, in a lift that is done upright; at most, in a
picture that lies on its side. Our choice."""
OF_MASK = ("dorsal_sagitta", "pelvic_tuck")  # Measures of the back's edge, which comes from the person's mask
NAMED, CLEAR = 0.5, 1.5
"""Least share of its limit at which a fault names a rep that was flagged by its distance, and least factor by which its
share must exceed that of any other fault: of two likely names, either may be wrong (docs/lessons.md)."""
ALSO_LISTED = 0.5  # Least share of the largest excess over the limit at which a further fault is listed
USUAL_JITTER = 0.003  # Jitter, as in Conditions, below which three of four real clips lie
USUAL_SHARE = (
    0.95  # Share of lifters whose form counts as usual: the others are asked before it is learned. Our choice.
)
SUPPORT, BEYOND = 0.5, 3.0
"""Range of a plausible change of a measure in the fault's direction: from SUPPORT smallest changes to 1 + BEYOND times
the estimated amount. A measure that changed by more or less was misread, and is not reported as a number."""
TURNS = 3  # Number of iterations of turning reps to their mean, after which it has converged
ReferenceKind = Literal["set", "session", "day", "everybody"]  # Own reps of this set, this session, another day
OF_NO_OTHER_SET: tuple[ReferenceKind, ...] = ("set", "everybody")


class RepVerdict(NamedTuple):
    """The results of judging a rep, under their names in Rep, which explains them."""

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormGroup:
    """Own good reps of a form: either those that the lifter chose or the others."""

    latent: np.ndarray  # (K,) mean of their latents
    readings: np.ndarray  # (2 + 2 M,) medians of the fault model's readings; NaN where unknown
    values: dict[str, tuple[float, ...]]  # Measure → value of each rep, NaN where unknown
    is_good: bool
    """Whether any of them is known to be good: perhaps nobody has confirmed them, all miss a standard, or all differ
    from an odd first rep."""

    def usual(self, measure: str) -> float:
        """Return the median of a measure over the reps in which it is known; NaN if it is unknown in all."""
        return median_of_known(self.values[measure])


@dataclass(frozen=True, kw_only=True, eq=False)  # without slots: the camera's place is cached
class Reference:
    """Good reps of a view, with the same leg in front, that are prepared for judging."""

    scorer: Scorer
    kind: ReferenceKind
    reps: tuple[MeasuredRep, ...]
    mean: np.ndarray  # Mean trajectory (trajectory.SHAPE) of the reps, without gaps, to which a rep is turned
    density: Density
    groups: tuple[FormGroup, ...]  # One or two groups, which have the same weight; empty for everybody's reps
    better: Sequence[np.ndarray] = ()
    """(K,) changes of the latent as a rep becomes better than the lifter's own reps; empty if it can't."""

    @property
    def name(self) -> ReferenceName:
        """What the verdicts rest on: the reps are the lifter's own if any is of an earlier session or confirmed."""
        return _name(self.kind, self.reps)

    @property
    def day(self) -> str | None:
        """Latest day of the reps; None if all are of this session."""
        return max((rep.window.day for rep in self.reps if rep.window.day is not None), default=None)

    @cached_property
    def camera(self) -> Camera:
        """Place of the camera: medians over the reps."""
        azimuth_deg, tilt_deg, size = median(np.array([rep.camera for rep in self.reps])).tolist()
        return azimuth_deg, tilt_deg, size

    @cached_property
    def jitter(self) -> float:
        """Median jitter of the reps, but at least USUAL_JITTER: the best pictures make no others bad."""
        # If the median is NaN, max returns USUAL_JITTER.
        return max(USUAL_JITTER, median_of_known(rep.jitter for rep in self.reps))

    def noise(self, rep: MeasuredRep) -> float:
        """Return how much the errors of a rep's landmarks exceed those of the reference, as a share of the latter.

        All errors are assumed to grow with the jitter.
        """
        return 0.0 if self.kind in OF_NO_OTHER_SET else math.sqrt(max(0.0, (rep.jitter / self.jitter) ** 2 - 1))

    @cached_property
    def limit(self) -> float:
        """Limit of the distance, in widths."""
        limits = self.scorer.limits
        return {"set": limits.set, "everybody": limits.everybody}.get(self.kind, limits.session)

    @cached_property
    def distance_limit(self) -> float:
        """Limit of the distance in torso lengths, if the camera has not moved."""
        return self.limit * self.density.width * self.density.caution

    def distance(self, rep: MeasuredRep) -> float:
        """Return the distance of a rep in limits, without regard to faults."""
        return _Comparison(self, rep).far

    @cached_property
    def out(self) -> "Reference":
        """The reference of the ways out only, for a rep that ended at its turn."""
        return reference_of(self.scorer, [rep.out() for rep in self.reps], self.kind) if self.reps else self

    @cached_property
    def usual(self) -> float:
        """Distance, in limits, within which most of its reps lie from the others; everybody's are of many lifters."""
        return self.density.usual_distance(USUAL_SHARE) / self.distance_limit

    def judge(
        self,
        rep: MeasuredRep,
        *,
        of_set: "Reference | None" = None,
        widening: float = 1.0,
        height_cm: float | None = None,
    ) -> RepVerdict:
        """Judge a rep.

        Args:
            rep: The rep.
            of_set: Reference of earlier good reps of this set, for faults that are compared only within a set.
            widening: Factor on all limits.
            height_cm: The lifter's stature, for explanations in centimetres; None if unknown.
        """
        comparison = _Comparison(self, rep)
        evidence, not_visible = comparison.evidence(of_set, widening)
        score = max([comparison.far / widening, *(fault_evidence.ratio for fault_evidence in evidence)])
        table = self.scorer.faults.table
        named = [
            _fault(table.faults[fault_evidence.fault], fault_evidence, rep, height_cm)
            for fault_evidence in _choose_named(evidence, score)
        ]
        faults = primary_first(named, table.faults)
        why = where(rep, ((comparison.points - comparison.reference.mean) ** 2).sum(-1))
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
        """Return why a visible rep can't be judged, by everybody's reps; None if it can."""
        seen = rep.points[np.isfinite(rep.points).any((1, 2))]  # half of the moments if it ended at its turn
        if not len(seen) or np.isfinite(seen).mean() < LEAST_KNOWN:
            return TOO_FEW_JOINTS
        if stands(self.mean) > UPRIGHT and stands(rep.points) < LIES:
            return ON_ITS_SIDE
        comparison = _Comparison(self, rep)
        error = self.scorer.encoder.error(comparison.points, comparison.latent)
        return NO_HUMAN if error > self.scorer.decoder_error or comparison.far > NOBODY else None


def _name(kind: ReferenceKind, reps: Sequence[MeasuredRep]) -> ReferenceName:
    if kind == "day" or any(rep.window.chosen for rep in reps):
        return "own"
    return "session" if kind == "session" else "none"


def reference_of(scorer: Scorer, reps: Sequence[MeasuredRep], kind: ReferenceKind) -> Reference:
    """Prepare a reference of reps of a view and leg, of which there must be at least one."""
    for rep in reps:
        rep.settle()
    of_turned, mean = aligned([rep.points for rep in reps], scorer.everybody.mean)
    latents = np.stack([scorer.encoder.encode(points) for points in of_turned])
    chosen = np.array([rep.window.chosen for rep in reps])
    places = [np.flatnonzero(of_group) for of_group in (chosen, ~chosen) if of_group.any()]
    # A rep of another form that the lifter calls good does not show how much reps of the same form vary.
    of_reps = [(rep.window.set_name, rep.window.chosen) for rep in reps]
    by_set = [np.array([i for i, of in enumerate(of_reps) if of == key]) for key in dict.fromkeys(of_reps)]
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
    """Prepare the reference of everybody's good reps."""
    known = scorer.everybody
    return Reference(scorer=scorer, kind="everybody", reps=(), mean=known.mean, density=known.density, groups=())


def aligned(points: Sequence[np.ndarray], everybody: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return trajectories turned to their mean (n, *SHAPE), and that mean.

    Args:
        points: Trajectories.
        everybody: Mean of everybody's reps, for joints that are unknown in all of them.
    """
    mean = filled(points[0], everybody)
    for _ in range(TURNS):
        of_turned = np.stack([encoder_input(trajectory_points, mean) for trajectory_points in points])
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
    """Return the medians (k,) of the columns of rows (n, k), over the rows in which they are known; NaN if in none."""
    usual = median(rows)
    for place in np.flatnonzero(np.isnan(usual) & np.isfinite(rows).any(0)):
        usual[place] = median(rows[np.isfinite(rows[:, place]), place])
    return usual


class _Evidence(NamedTuple):
    fault: str
    ratio: float  # Amount divided by its limit
    amount: float  # In smallest changes worth reporting; in margins for a fault that is judged by a single measure
    group: FormGroup


class _Comparison:
    """Compares a rep with the reps of a reference, to whose mean it is turned."""

    def __init__(self, reference: Reference, rep: MeasuredRep) -> None:
        self.reference, self.rep = reference.out if rep.is_half else reference, rep
        self.points = encoder_input(rep.points, self.reference.mean)  # unknown joints are the mean's
        self.latent = reference.scorer.encoder.encode(self.points)

    @property
    def far(self) -> float:
        """Distance in limits."""
        scorer, own, latent = self.reference.scorer, self.reference.density, self.latent
        for better in self.reference.better:
            by = float((latent - own.latents.mean(0)) @ better / (better @ better))
            latent = latent - max(by, 0.0) * better
        far = own.distance(latent) / math.sqrt(scorer.width.known(self.rep.points) / own.known)
        return far / math.hypot(self.reference.distance_limit, self.camera_shift)

    @cached_property
    def camera_shift(self) -> float:
        """How far good reps shift due to another day, camera position or light, in torso lengths."""
        if self.reference.kind in OF_NO_OTHER_SET:
            return 0.0
        camera, other_day = self.reference.scorer.camera, self.reference.kind == "day"
        shift = camera.shift(self.reference.camera, self.rep.camera, other_day=other_day)
        noise = self.reference.noise(self.rep) * math.hypot(self.reference.scorer.width.usual, camera.day)
        return math.hypot(min(shift, camera.most), noise) * math.sqrt(self.reference.density.known)

    @cached_property
    def group(self) -> FormGroup:
        """The group of own reps that is nearest to the rep."""
        return min(self.reference.groups, key=lambda group: float(((group.latent - self.latent) ** 2).sum()))

    @cached_property
    def amounts(self) -> dict[str, tuple[float, float]]:
        """Fault → its amount, compared with the nearest own reps, and its limit in training."""
        model = self.reference.scorer.faults
        readings = model.readings(self.rep) - self.group.readings
        amounts = model.amounts(self.latent - self.group.latent, readings, self.rep.azimuth_deg)
        return dict(zip(model.table.faults, zip(amounts.tolist(), model.limits.tolist(), strict=True), strict=True))

    def evidence(self, of_set: Reference | None, widening: float) -> tuple[list[_Evidence], list[NotVisible]]:
        """Return the evidence of the faults that can be measured, and the faults that can't.

        Args:
            of_set: Reference of earlier good reps of this set, for faults that are compared only within a set.
            widening: Factor on all limits.
        """
        model = self.reference.scorer.faults
        effects = model.effects(self.rep.azimuth_deg)
        own = self if self.reference.groups else None
        within = own if self.reference.kind == "set" else None if of_set is None else _Comparison(of_set, self.rep)
        known, not_visible = [], []
        for name, fault in model.table.faults.items():
            reason = _not_visible(fault, self.rep, effects[name])
            against = within if fault.own_set_only else own
            if reason is None and against is not None:
                found = against._evidence_of(name, widening, by_itself=math.isinf(effects[name]))
                reason = _unmeasured(fault, self.rep) if found is None else None
                if found is not None and _within_limits(fault, self.rep):
                    known.append(found)
            if reason is not None:
                not_visible.append(NotVisible(name=name, reason=reason))
        return known, not_visible

    def _evidence_of(self, name: str, widening: float, *, by_itself: bool) -> _Evidence | None:
        """Return the evidence of a fault; None if it was not measured.

        Args:
            name: Name of the fault.
            widening: Factor on the limit.
            by_itself: Whether its first measure shows the fault by itself, if it is known.
        """
        widening *= math.hypot(1.0, self.camera_shift / self.reference.distance_limit)
        scorer, values = self.reference.scorer, self.rep.values
        fault = scorer.faults.table.faults[name]
        set_ratio = self.reference.limit / scorer.limits.set
        off_deg = 0.0 if self.reference.kind in OF_NO_OTHER_SET else self.rep.tilt_deg - self.reference.camera[1]
        shifts = {sign: shift_by_tilt(sign.measure, off_deg, self.rep.azimuth_deg) for sign in fault.signs}
        for signs in (fault.signs[:1] if by_itself else (), [sign for sign in fault.signs if sign.measure in OF_PLATE]):
            own = self.group.values
            ratios = [ratio_by_itself(sign, values[sign.measure], own[sign.measure], shifts[sign]) for sign in signs]
            known = [ratio for ratio in ratios if ratio is not None]
            if known and len(known) == len(ratios):
                ratio = min(known) / widening / set_ratio
                return _Evidence(name, ratio, ratio, self.group)
        trained = [sign for sign in fault.signs if sign.measure not in BY_ITSELF]
        if not any(math.isfinite(values[sign.measure]) for sign in trained):
            return None
        amount, limit = self.amounts[name]
        for sign in trained:
            if shifts[sign]:
                widening *= math.hypot(1.0, shifts[sign] / sign.least_change)
        limit = limit * widening * fault_limit_factor(scorer, self.reference.density)
        return _Evidence(name, amount / (limit * set_ratio), amount, self.group)


def _choose_named(evidence: Sequence[_Evidence], score: float) -> list[_Evidence]:
    """Return the evidence that names a rep: above the limit, or clearly the likeliest if the distance flagged it."""
    if score <= 1 or not evidence:
        return []
    worst, *others = sorted(evidence, key=lambda found: -found.ratio)
    if worst.ratio <= 1:
        return [worst] if worst.ratio > max(NAMED, *(CLEAR * other.ratio for other in others[:1])) else []
    return [found for found in evidence if found.ratio > 1 and found.ratio - 1 >= ALSO_LISTED * (worst.ratio - 1)]


def _fault(fault: NamedFault, evidence: _Evidence, rep: MeasuredRep, height_cm: float | None) -> Fault:
    """Return a fault that names a rep, with the numbers of the first plausible sign, or else of its first sign."""
    values, usual = rep.values, evidence.group.usual
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
    """Return the factor on a fault's limit: reps that vary more show more by chance, and few reps are less certain."""
    prior = scorer.width
    usual = t_of_normal(USUAL_DEVIATE, prior.freedom + prior.of_rep * (TRAINED_WITH - 1)) / USUAL_DEVIATE
    few = math.sqrt((1 + 1 / len(own.latents)) / (1 + 1 / TRAINED_WITH)) * own.caution / usual
    return max(own.deviation / (prior.usual * math.sqrt(own.known)), 1.0) * few


def left_out(rep: MeasuredRep) -> tuple[str, ...]:
    """Return the groups of joints that are left out of the distance, in everyday words."""
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
    return next((joint for joint in needed if joint in rep.failed), None)


def _unmeasured(fault: NamedFault, rep: MeasuredRep) -> str:
    """Return why a fault was not measured: the pose model gives no mask or no toes, or the reason is unknown."""
    if NO_MASK in rep.failed and any(sign.measure in OF_MASK for sign in fault.signs):
        return NO_MASK
    return NO_TOES if NO_TOES in rep.failed and "feet" in fault.joints else NOT_MEASURED


def _within_limits(fault: NamedFault, rep: MeasuredRep) -> bool:
    """Return whether a rep shows the signs of a fault that have a fixed limit."""
    return all(sign.towards(rep.values[sign.measure] - sign.smallest) > 0 for sign in fault.signs if sign.by == "limit")


def _is_plausible(sign: Sign, value: float, ref: float, amount: float) -> bool:
    """Return whether the change of a measure is consistent with the amount of its fault."""
    towards, least = sign.towards(sign.scaled(value) - sign.scaled(ref)), sign.least_change
    if not math.isfinite(towards) or towards <= 0:
        return False
    return least == 0 or SUPPORT * least <= towards <= (1 + BEYOND * max(amount, 1.0)) * least


def _moved(sign: Sign, value: float, change: float) -> float:
    return value * math.exp(change) if sign.by == "factor" else value + change
