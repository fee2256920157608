"""Prepares a reference of good reps, and computes how far another rep of the same view is and may be from it.

The good reps are either the lifter's own or everybody's. A limit is a base, which was trained, times factors. Each
factor has a name and a reason:

| factor | the limit is wider because | its size |
| --- | --- | --- |
| source | sets differ by more than reps of a set, and lifters by more than their sets | scorer.json, `limits` |
| variation | the own reps vary more than usual | the own reps, with the prior in scorer.json, `width` |
| few_reps | few own reps tell little about their mean and their variation | Student's t: `Density.caution` |
| day | clothes, light and the camera's place differ on another day | scorer.json, `camera`: `CameraShift` |
| azimuth, tilt, size | the camera stands elsewhere than in the reference | scorer.json, `camera`: `CameraShift` |
| jitter | landmarks are less exact than in the reference | `Filming.noise` |
| blur | fast joints are blurred, so that their landmarks are shifted | `Filming.blur` |
| measure | the camera's tilt shifts the measure that shows the fault | `tilt_shift_size` |
"""

import math
import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core.quantiles import median, median_of_known
from livecoach.core.types import ReferenceName
from livecoach.decisions.judging.fault_model import BY_ITSELF, TRAINED_WITH, fault_readings, tilt_shift_size
from livecoach.decisions.judging.scorer import (
    TURNED_DEG,
    USUAL_DEVIATE,
    Density,
    LimitName,
    Scorer,
    encoder_input,
    equivalent_student_t,
    estimate_density,
    fill_gaps,
)
from livecoach.decisions.judging.wording import ComparedReps
from livecoach.decisions.rep.measured import USUAL_JITTER, MeasuredRep
from livecoach.decisions.rep.motion import KINDS
from livecoach.decisions.rep.view_normalised import (
    IMPROVEMENTS,
    CameraReading,
    align_heading,
    remaining_variance,
    scale_along_sight,
    without_joints,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepSource:
    """The origin of a reference's reps, such as earlier days or an earlier set; it decides the name and the limits."""

    name: ReferenceName
    """Name of a reference from this source. If the lifter has confirmed any of its reps, the name is "own" instead."""
    limit: LimitName  # Name of the limit of the distance in Scorer.limits
    apart: Literal["nothing", "sets", "days"]
    """What separates the reps of the source from the judged rep. Between sets, the camera may move; between days, more
    may change."""


EARLIER_DAYS = RepSource(name="own", limit="session", apart="days")  # The known reps, and reps confirmed today
EARLIER_SET = RepSource(name="session", limit="session", apart="sets")  # The first good set, and confirmed reps
CONFIRMED = RepSource(name="own", limit="session", apart="sets")  # The confirmed reps, if any is of another set
THIS_SET = RepSource(name="none", limit="set", apart="nothing")  # The first reps of the set under way
EVERYBODY = RepSource(name="none", limit="everybody", apart="nothing")  # Good reps of synthetic lifters


NO_CHANGE = 1e-6  # Smallest squared change of a latent: an upright rep can't become more upright. Our choice.
USUAL_SHARE = 0.95  # Share of lifters whose form counts as usual; the others must confirm their form. Our choice.
TURNS = 3  # Number of iterations of turning reps to their mean, after which it has converged


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepGroup:
    """The values, medians and mean latent of one group of a reference's reps: the confirmed or the other reps."""

    latent: np.ndarray  # (K,) mean of the reps' latents
    readings: np.ndarray  # (2 + 2 M,) medians of the fault model's readings; NaN where unknown
    values: dict[str, list[float]]  # Measure → value of each rep, NaN where unknown
    known_as: ComparedReps
    """What is known of the reps: "good" if at least one rep is known to be good. No rep is known to be good, for
    example, if all reps miss a standard, or if no rep of today's reference is confirmed."""

    def usual_value(self, measure: str) -> float:
        """Return the median of a measure over the reps in which it is known; NaN if the measure is never known."""
        return median_of_known(self.values[measure])


Factors = dict[str, float]  # Name in the table above → factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A value beyond which a rep is flagged, as a base and the factors that widen or narrow the base."""

    base: float  # As trained; 1 for margins
    factors: Factors

    @property
    def value(self) -> float:
        """The limit in the unit of the base: the base times all factors."""
        return self.base * math.prod(self.factors.values())


@dataclass(frozen=True, kw_only=True, eq=False)  # without slots: the camera's place is cached
class Reference:
    """The good reps by which a rep is judged: the lifter's reps of one view and one front leg, or everybody's reps."""

    scorer: Scorer
    source: RepSource
    reps: tuple[MeasuredRep, ...]  # The lifter's reps; empty for everybody's
    mean: np.ndarray  # Mean trajectory (TRAJECTORY_SHAPE) of the reps, without gaps, to which a rep is turned
    density: Density
    groups: tuple[RepGroup, ...]  # One or two groups, which have the same weight; empty for everybody's reps
    sight_deg: float | None = None
    """Azimuth of the camera, by which `scale_along_sight` changes trajectories before their distance is measured; None
    unless the reps are of one set, since other sets differ in all directions."""
    better: Sequence[np.ndarray] = ()
    """(K,) changes of the latent as a rep becomes better than the lifter's own reps; empty if no change does that."""

    @property
    def name(self) -> ReferenceName:
        """The name of the reference in documents and texts, such as "own" or "session"."""
        return "own" if any(rep.window.chosen for rep in self.reps) else self.source.name

    @property
    def latest_other_day(self) -> str | None:
        """The latest day of the reps that are not from the session's day, as 2026-11-13; None without such reps."""
        return max((rep.window.day for rep in self.reps if rep.window.day is not None), default=None)

    @cached_property
    def camera(self) -> CameraReading:
        """The camera of the reps. At least one rep is required."""
        return median_camera(*(rep.camera for rep in self.reps))

    @cached_property
    def jitter(self) -> float:
        """The median jitter of the reps, but at least USUAL_JITTER, so that usual pictures do not seem bad."""
        # If the median is NaN, max returns USUAL_JITTER.
        return max(USUAL_JITTER, self.camera.jitter)

    @cached_property
    def shows_motion_badly(self) -> bool:
        """Whether at least half of the reps show motion badly (`MeasuredRep.shows_motion_badly`); True without reps."""
        return sum(rep.shows_motion_badly for rep in self.reps) * 2 >= len(self.reps)

    @cached_property
    def is_known(self) -> np.ndarray:
        """Whether any rep shows each coordinate of `mean`, bool (TRAJECTORY_SHAPE); everybody's mean fills the rest."""
        return np.any([np.isfinite(rep.points) for rep in self.reps] or [np.isfinite(self.mean)], axis=0)

    @cached_property
    def way_out(self) -> "Reference":
        """The reference from the reps without their way back, for a rep that ended at its turn; itself without reps."""
        if not self.reps:
            return self
        return prepare_reference(self.scorer, [rep.cut_way_back() for rep in self.reps], self.source)

    @cached_property
    def without_hands(self) -> "Reference":
        """The reference from the same reps (at least one) without their hands, to judge a rep from another azimuth."""
        reps = [rep.with_points(without_joints(rep.points, ["wrists"])) for rep in self.reps]
        return prepare_reference(self.scorer, reps, self.source)

    def without_better(self, change: np.ndarray) -> np.ndarray:
        """Return a change of the latent from the reps, (K,), without its parts in the directions of `better`."""
        for better in self.better:
            change = change - max(float(change @ better / (better @ better)), 0.0) * better
        return change

    @cached_property
    def limit(self) -> Limit:
        """The limit, in torso lengths, of the distance of a rep that was filmed like the reps of the reference."""
        own, trained = self.density, self.scorer.limits
        usual = self.scorer.width.usual * math.sqrt(own.known_share)
        factors = {
            "source": trained[self.source.limit] / trained["set"],
            "variation": own.deviation / usual,
            "few_reps": math.sqrt(1 + 1 / len(own.latents)) * own.caution,
        }
        return Limit(base=trained["set"] * usual, factors=factors)

    @cached_property
    def usual_distance(self) -> float:
        """The quantile USUAL_SHARE of reps' distances from the other reps, in torso lengths; infinite for one rep."""
        return self.density.distance_quantile(USUAL_SHARE)


def prepare_reference(scorer: Scorer, reps: Sequence[MeasuredRep], source: RepSource) -> Reference:
    """Prepare a reference from good reps of a source, at least one, which have the same view and leg in front.

    The measures of the reps are computed, and kept in the reps (`MeasuredRep.settle`).
    """
    for rep in reps:
        rep.settle()
    of_turned, mean = align_trajectories([rep.points for rep in reps], scorer.population.mean)
    latents = np.stack([scorer.encoder.encode(points) for points in of_turned])
    sight_deg = median_of_known(rep.azimuth_deg for rep in reps) if source.limit == "set" else None
    scaled = latents
    if sight_deg is not None:
        scaled = np.stack([scorer.encoder.encode(scale_along_sight(points, mean, sight_deg)) for points in of_turned])
    by_form: dict[bool, list[int]] = {True: [], False: []}  # Whether the lifter called the reps good → their places
    by_set: dict[tuple[str, bool], list[int]] = {}
    for place, rep in enumerate(reps):
        # A rep of another form that the lifter calls good does not show how much reps of the same form vary.
        by_form[rep.window.chosen].append(place)
        by_set.setdefault((rep.window.set_name, rep.window.chosen), []).append(place)
    is_own = bool(by_form[True]) or source.name == "own"
    unknown: ComparedReps = "other" if source.apart == "nothing" else "earlier"
    forms = [places for places in by_form.values() if places]
    known = remaining_variance(sight_deg) * float(np.mean([scorer.width.known_share(rep.points) for rep in reps]))
    return Reference(
        scorer=scorer,
        source=source,
        reps=tuple(reps),
        mean=mean,
        density=estimate_density(scaled, by_set.values(), forms, scorer.width, known),
        groups=tuple(_group(scorer, reps, latents, form, "good" if is_own else unknown, unknown) for form in forms),
        better=_better(scorer, mean, sight_deg),
        sight_deg=sight_deg,
    )


def everybody_reference(scorer: Scorer) -> Reference:
    """Prepare the reference of everybody's good reps."""
    known = scorer.population
    return Reference(scorer=scorer, source=EVERYBODY, reps=(), mean=known.mean, density=known.density, groups=())


def align_trajectories(points: Sequence[np.ndarray], everybody: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotate n trajectories, at least one, about the vertical to fit the mean of their known points, which fills gaps.

    Args:
        everybody: Everybody's mean trajectory, which fills gaps of the mean that all trajectories have.

    Returns:
        The (n, *TRAJECTORY_SHAPE) rotated trajectories, and their mean.
    """
    mean = fill_gaps(points[0], everybody)
    for _ in range(TURNS):
        turned = np.stack([align_heading(trajectory_points, mean) for trajectory_points in points])
        known = np.isfinite(turned)  # a masked array would take six times as long
        mean = np.where(known.any(0), np.where(known, turned, 0.0).sum(0) / known.sum(0).clip(1), everybody)
    return fill_gaps(turned, mean), mean


def _better(scorer: Scorer, mean: np.ndarray, sight_deg: float | None) -> list[np.ndarray]:
    ways = [IMPROVEMENTS[name](mean) for name in scorer.faults.table.signs if name in IMPROVEMENTS]
    if not ways:
        return []
    at_mean = scorer.encoder.encode(mean)
    changes = [scorer.encoder.encode(scale_along_sight(mean + way, mean, sight_deg)) - at_mean for way in ways]
    return [change for change in changes if change @ change > NO_CHANGE]


def _group(
    scorer: Scorer,
    reps: Sequence[MeasuredRep],
    latents: np.ndarray,
    form: Sequence[int],
    with_good: ComparedReps,
    without_good: ComparedReps,
) -> RepGroup:
    reps, model = [reps[place] for place in form], scorer.faults
    values = [rep.values for rep in reps]
    return RepGroup(
        latent=latents[form].mean(0),
        readings=column_medians(np.stack([fault_readings(rep, model.table, model.measures) for rep in reps])),
        values={name: [of_rep[name] for of_rep in values] for name in values[0]},
        known_as=with_good if any(rep.is_good for rep in reps) else without_good,
    )


def column_medians(rows: np.ndarray) -> np.ndarray:
    """Return the medians (k,) of the known values in the columns of rows (n, k); NaN without a known value."""
    usual = median(rows)
    for place in np.flatnonzero(np.isnan(usual) & np.isfinite(rows).any(0)):
        usual[place] = median(rows[np.isfinite(rows[:, place]), place])
    return usual


@lru_cache(256)  # each frame of a set compares the same cameras
def median_camera(*cameras: CameraReading) -> CameraReading:
    """Return the camera of one or more reps: the medians of the known values; NaN without a known value."""
    known = ([*filter(math.isfinite, values)] or [math.nan] for values in zip(*cameras, strict=True))
    return CameraReading(*map(statistics.median, known))


class ReferenceDistance(NamedTuple):
    """The distance of a rep from a reference, and the trajectories by which it was measured."""

    reference: Reference  # Without the ways back or the hands, if the rep does not show them
    points: np.ndarray  # TRAJECTORY_SHAPE; the rep, turned to the reference's mean; unknown joints are as in the mean
    scaled: np.ndarray  # `points`, changed by `scale_along_sight`
    distance: float
    """Distance from the reps of the reference, in torso lengths, scaled as if the rep had as many unknown joints as the
    reference's reps. A change of the latent in the direction of better reps adds nothing."""


def compare_with_reference(rep: MeasuredRep, reference: Reference) -> ReferenceDistance:
    """Align a rep with the mean of a reference, by rotation about the vertical, and measure how far the rep is from it.

    Joints that no rep of the reference shows are left out, and a half rep is compared only with the reference's way
    out. Hands that only hold a bar, as in a squat, are left out if the reference is of another set and its view differs
    by at least TURNED_DEG: the plates hide the hands, and may displace their landmarks by up to half a torso length.
    """
    reference = reference.way_out if rep.is_half else reference
    holds = reference.source.apart != "nothing" and not KINDS[rep.table.travel].of_hands
    if holds and abs(rep.camera.standing_deg - reference.camera.standing_deg) >= TURNED_DEG:
        reference = reference.without_hands
    scorer, own, sight_deg = reference.scorer, reference.density, reference.sight_deg
    seen = np.where(reference.is_known, rep.points, np.nan)
    points = encoder_input(seen, reference.mean)
    scaled = scale_along_sight(points, reference.mean, sight_deg)
    middle = own.latents.mean(0)
    near = middle + reference.without_better(scorer.encoder.encode(scaled) - middle)
    known = remaining_variance(sight_deg) * scorer.width.known_share(seen)
    distance = own.distance(near) / math.sqrt(known / own.known_share)
    return ReferenceDistance(reference, points, scaled, distance)


SHARP = 0.9
"""`CameraReading.clarity` below which blur widens limits. 25 of 27 sharp real sets have .86 or more. Blur of a tenth of
a second leaves .96 in deadlifts; in squats it leaves .69 to .89, and makes 9 of 14 good reps look faulty."""


class Filming(NamedTuple):
    """The differences between the filming of a rep and of its reference; none within a set, and to everybody's reps."""

    noise: float = 0.0
    """Noise of the rep's landmarks on top of the reference's noise, as a multiple of that noise. The squares of both
    add up to the square of the rep's noise, which is taken as proportional to the jitter (design.md, "How well it was
    seen"). 0 without a jitter of the rep."""
    blur: float = 1.0
    """Factor by which blur of fast joints widens limits: (SHARP / clarity)², but at least 1, also if it is unknown."""
    shows_motion_worse: bool = False  # Whether fast movement is blurred or strongly compressed only in the rep
    tilt_change_deg: float = 0.0  # Tilt of the camera in the rep, less the tilt in the reference


def compare_filming(reference: Reference, rep: MeasuredRep) -> Filming:
    """Compare the filming of a rep with the filming of its reference."""
    if reference.source.apart == "nothing":
        return Filming()
    camera = rep.camera
    return Filming(
        noise=math.sqrt(max(0.0, (camera.jitter / reference.jitter) ** 2 - 1)),
        blur=(SHARP / camera.clarity) ** 2 if camera.clarity < SHARP else 1.0,
        shows_motion_worse=rep.shows_motion_badly and not reference.shows_motion_badly,
        tilt_change_deg=camera.tilt_deg - reference.camera.tilt_deg,
    )


class RepLimits(NamedTuple):
    """The limits beyond which a rep is flagged: for the rep's distance from a reference, and for each fault."""

    distance: Limit  # Limit of the distance, in torso lengths
    of_pitch: Limit  # Limit of the distance if a change of the camera's pitch shifts good reps as far as it ever does
    amounts: dict[str, Limit]  # Fault → limit of its amount, in smallest changes worth reporting
    margins: Limit  # Limit of the change of a measure that shows a fault by itself, in margins of its sign
    filming: Filming


def rep_limits(reference: Reference, rep: MeasuredRep) -> RepLimits:
    """Compute the limits of a rep that is compared with a reference."""
    model, own = reference.scorer.faults, fault_factors(reference.scorer, reference.density)
    filming, amounts = compare_filming(reference, rep), dict[str, Limit]()
    # Before another camera, each factor depends on all shifts, and faults allow for usual shifts alone.
    usual, distance, of_pitch = (
        distance_limit(reference, rep, filming, largest) for largest in ((), ("size",), ("size", "tilt"))
    )
    shared = {name: factor for name, factor in usual.factors.items() if name not in own}
    for (name, fault), base in zip(model.table.faults.items(), model.limits.tolist(), strict=True):
        of_measures = 1.0
        for sign in fault.signs:
            shift = tilt_shift_size(sign.measure, filming.tilt_change_deg, rep.azimuth_deg)
            if sign.measure not in BY_ITSELF and shift:
                of_measures *= math.hypot(1.0, shift / sign.least_change)
        amounts[name] = Limit(base=base, factors={**shared, **own, "measure": of_measures})
    return RepLimits(distance, of_pitch, amounts, margins=Limit(base=1.0, factors=shared), filming=filming)


def distance_limit(
    reference: Reference, rep: MeasuredRep, filming: Filming, largest: Collection[str] = ("size",)
) -> Limit:
    """Compute the limit of a rep's distance from a reference, in torso lengths.

    Args:
        filming: Result of `compare_filming`.
        largest: Names of shifts that count at their largest (`CameraShift.shifts`).
    """
    base, factors = reference.limit.base, {**reference.limit.factors}
    if reference.source.apart != "nothing":
        camera, still = reference.scorer.camera, reference.limit.value
        other_day = reference.source.apart == "days"
        shifts = camera.shifts(reference.camera, rep.camera, other_day=other_day, largest=largest)
        far = math.hypot(*shifts.values())
        share = min(camera.most / far, 1.0) if far else 1.0
        jitter = filming.noise * math.hypot(reference.scorer.width.usual, camera.day)
        # Each shift, in torso lengths, is added to the limit as a square.
        for name, shift in {**{name: share * shift for name, shift in shifts.items()}, "jitter": jitter}.items():
            moved = math.hypot(still, shift * math.sqrt(reference.density.known_share))
            factors[name], still = moved / still, moved
    return Limit(base=base, factors={**factors, "blur": filming.blur})


def fault_factors(scorer: Scorer, density: Density) -> Factors:
    """Return the factors "variation" and "few_reps", by which a lifter's own reps change the limits of fault amounts.

    The limits widen if the reps vary more than usual. For this, each rep adds only one degree of freedom to the prior,
    because an amount is a single number. The limits were trained with five own reps (TRAINED_WITH): fewer reps widen
    the limits, more reps narrow them.
    """
    prior = scorer.width
    usual = equivalent_student_t(USUAL_DEVIATE, prior.freedom + prior.of_rep * (TRAINED_WITH - 1)) / USUAL_DEVIATE
    few = math.sqrt((1 + 1 / len(density.latents)) / (1 + 1 / TRAINED_WITH)) * density.caution / usual
    more = prior.freedom * (prior.of_rep - 1) / density.freedom  # weight that the prior gains
    square = (more + density.deviation**2 / (prior.usual**2 * density.known_share)) / (more + 1)
    return {"variation": max(math.sqrt(square), 1.0), "few_reps": few}
