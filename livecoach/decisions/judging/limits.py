"""Computes the limits of a rep: its largest distance from the reference, and the largest amount of each fault.

A limit is a base, which was trained, times factors. Each factor has a name and a reason:

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
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from livecoach.decisions.judging.fault_model import BY_ITSELF, TRAINED_WITH, tilt_shift_size
from livecoach.decisions.judging.reference import Reference
from livecoach.decisions.judging.scorer import (
    USUAL_DEVIATE,
    Density,
    Scorer,
    equivalent_student_t,
    has_only_lean_changed,
    pitch_change,
)
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.measures import FaultKind

Factors = dict[str, float]  # Name in the table above → factor
SHARP = 0.9
"""`CameraReading.clarity` below which blur widens limits. 25 of 27 sharp real sets have .86 or more. Blur of a tenth of
a second leaves .96 in deadlifts; in squats it leaves .69 to .89, and makes 9 of 14 good reps look faulty."""

LEANT, LEANT_HIPS = 1.5, 2.0
"""Largest scores of good reps if the lean has changed: without a named fault, and with a fault of the hips at lockout.
Rendered training lifters score up to 1.3 and 1.8 after the camera was turned by 15 degrees; the angle shifts by 3
to 5 degrees for each degree of lean."""

MOST_TILT = math.sqrt(2)
"""Largest factor "tilt" of a rep that is called good before a camera with another pitch: the camera then shifts good
reps by as much as everything else does. On real films from the floor, where limits hide seven of eight rounded backs,
the factor is 1.44 to 1.64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A value beyond which a rep is flagged, as a base and the factors that widen or narrow the base."""

    base: float  # As trained; 1 for margins
    factors: Factors

    @property
    def value(self) -> float:
        """The limit in the unit of the base: the base times all factors."""
        return self.base * math.prod(self.factors.values())


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
    amounts: dict[str, Limit]  # Fault → limit of its amount, in smallest changes worth reporting
    margins: Limit  # Limit of the change of a measure that shows a fault by itself, in margins of its sign
    filming: Filming


def rep_limits(reference: Reference, rep: MeasuredRep) -> RepLimits:
    """Compute the limits of a rep that is compared with a reference."""
    model, own = reference.scorer.faults, fault_factors(reference.scorer, reference.density)
    distance = distance_limit(reference, rep)
    # Before another camera, each factor depends on all shifts, and faults allow for usual shifts alone.
    usual = distance if reference.source.apart == "nothing" else distance_limit(reference, rep, largest=())
    shared = {name: factor for name, factor in usual.factors.items() if name not in own}
    every, filming, amounts = {**shared, **own}, compare_filming(reference, rep), dict[str, Limit]()
    for (name, fault), base in zip(model.table.faults.items(), model.limits.tolist(), strict=True):
        of_measures = 1.0
        for sign in fault.signs:
            shift = tilt_shift_size(sign.measure, filming.tilt_change_deg, rep.azimuth_deg)
            if sign.measure not in BY_ITSELF and shift:
                of_measures *= math.hypot(1.0, shift / sign.least_change)
        amounts[name] = Limit(base=base, factors={**every, "measure": of_measures})
    return RepLimits(distance, amounts, margins=Limit(base=1.0, factors=shared), filming=filming)


def distance_limit(reference: Reference, rep: MeasuredRep, *, largest: Collection[str] = ("size",)) -> Limit:
    """Compute the limit of a rep's distance from a reference, in torso lengths.

    Args:
        largest: Names of shifts that count at their largest (`CameraShift.shifts`), by default "size".
    """
    own, trained = reference.density, reference.scorer.limits
    usual = reference.scorer.width.usual * math.sqrt(own.known_share)
    factors = {
        "source": trained[reference.source.limit] / trained["set"],
        "variation": own.deviation / usual,
        "few_reps": math.sqrt(1 + 1 / len(own.latents)) * own.caution,
    }
    limit = trained["set"] * usual
    still = limit * math.prod(factors.values())
    # Each shift is added to the limit as a square.
    for name, shift in _camera_shifts(reference, rep, largest).items():
        moved = math.hypot(still, shift)
        factors[name], still = moved / still, moved
    return Limit(base=limit, factors={**factors, "blur": compare_filming(reference, rep).blur})


def fault_factors(scorer: Scorer, density: Density) -> Factors:
    """Return the factors "variation" and "few_reps", by which a lifter's own reps change the limits of fault amounts.

    The limits widen if the reps vary more than usual. The limits were trained with five own reps (TRAINED_WITH): fewer
    reps widen the limits, more reps narrow them.
    """
    prior = scorer.width
    usual = equivalent_student_t(USUAL_DEVIATE, prior.freedom + prior.of_rep * (TRAINED_WITH - 1)) / USUAL_DEVIATE
    few = math.sqrt((1 + 1 / len(density.latents)) / (1 + 1 / TRAINED_WITH)) * density.caution / usual
    return {"variation": max(density.deviation / (prior.usual * math.sqrt(density.known_share)), 1.0), "few_reps": few}


def is_doubtful(score: float, reference: Reference, rep: MeasuredRep, named: Iterable[FaultKind]) -> bool:
    """Return whether a rep may have its score, good or not, only because the camera stands elsewhere.

    A score above 1 is doubtful up to `doubtful_score`. Any other score is doubtful if a clear change of the camera's
    pitch widens the distance limit by a factor above MOST_TILT, because such a limit hides clear faults.

    Args:
        named: Faults in the verdict.
    """
    if score > 1:
        return score <= doubtful_score(reference, rep, named)
    wider = distance_limit(reference, rep).factors.get("tilt", 1.0)  # 1 by reps of the same set, or everybody's
    return wider > MOST_TILT and pitch_change(reference.camera, rep.camera) != 0


def doubtful_score(reference: Reference, rep: MeasuredRep, named: Iterable[FaultKind] = ()) -> float:
    """Return the largest score that a good rep may have only because of another camera position; usually 1.

    Without faults in the verdict (`named`), the score grows with the change of the camera's pitch, and is at least
    LEANT if only the lean has changed. With faults, the score is LEANT_HIPS if only the lean has changed and all faults
    are of the hips' angle at lockout; otherwise 1. It is 1 if the reference is from the same set or everybody's.
    """
    leant = reference.source.apart != "nothing" and has_only_lean_changed(reference.camera, rep.camera)
    if measures := {fault.signs[0].measure for fault in named}:
        return LEANT_HIPS if leant and measures == {"top_hip_angle_deg"} else 1.0
    score = distance_limit(reference, rep, largest=("size", "tilt")).value / distance_limit(reference, rep).value
    return max(score, LEANT) if leant else score


def _camera_shifts(reference: Reference, rep: MeasuredRep, largest: Collection[str]) -> dict[str, float]:
    """Return, by factor, the distance in torso lengths of a good rep that may be due to the filming alone.

    The result is empty if the reference is from the same set, or is everybody's.
    """
    if reference.source.apart == "nothing":
        return {}
    camera, known = reference.scorer.camera, math.sqrt(reference.density.known_share)
    other_day = reference.source.apart == "days"
    moved = camera.shifts(reference.camera, rep.camera, other_day=other_day, largest=largest)
    far = math.hypot(*moved.values())
    share = min(camera.most / far, 1.0) if far else 1.0
    jitter = compare_filming(reference, rep).noise * math.hypot(reference.scorer.width.usual, camera.day)
    return {**{name: share * shift * known for name, shift in moved.items()}, "jitter": jitter * known}
