"""Draws the people behind the bodies, adults by sex, stature, build and proportions, with their settings of `anny`.

anny ties the lengths of limbs to stature and sex (its short people have short thighs, its women short forearms), so
lengths are drawn here, and anny's local changes are solved for them. Mean lengths are near those of anny's man of
1.80 m; the small differences between the sexes and all spreads are our choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from anny_rest import Rest, read_rest
from scipy.stats import norm, qmc

STATURE_M = {"m": (1.78, 0.085), "f": (1.65, 0.075)}  # mean and standard deviation of the stature, by sex
BMI = {"m": (25.5, 3.6), "f": (23.8, 3.6)}
MEAN = {
    "m": {"thigh": 0.238, "shin": 0.250, "trunk": 0.269, "upperarm": 0.158, "forearm": 0.152},
    "f": {"thigh": 0.237, "shin": 0.249, "trunk": 0.273, "upperarm": 0.156, "forearm": 0.149},
}
"""Length of a segment, as a share of the stature."""
SPREAD = {"thigh": 0.034, "shin": 0.034, "trunk": 0.03, "arm": 0.037, "upperarm": 0.02, "forearm": 0.02}
"""Standard deviation of a length, as a share of its mean; `arm` applies to both parts of the arm."""
LENGTHENS = {
    "thigh": ("measure-upperleg-height-incr", 0.25),
    "shin": ("measure-lowerleg-height-incr", 0.18),
    "trunk": ("torso-scale-vert-incr", 0.21),
    "upperarm": ("measure-upperarm-length-incr", 0.25),
    "forearm": ("measure-lowerarm-length-incr", 0.24),
}
"""Local change that lengthens each segment, and the approximate relative change of the length at a value of 1."""
GIRTHS = ("bust", "underbust", "waist", "hips", "thigh", "knee", "calf", "upperarm", "neck")
GIRTH_GAIN = 0.36  # approximate increase of the logarithm of the weight with all girth changes at 1
OTHERS = {
    "measure-shoulder-dist-incr": 0.3,
    "hip-scale-horiz-incr": 0.25,
    "torso-vshape-incr": 0.25,
    "torso-scale-depth-incr": 0.2,
    "buttocks-volume-incr": 0.3,
    "measure-neck-height-incr": 0.2,
    "head-scale-horiz-incr": 0.2,
    "head-scale-depth-incr": 0.2,
    "foot-scale-incr": 0.2,
    "hand-scale-incr": 0.2,
}
"""Standard deviations of further local changes around 0."""
PAIRED = ("foot-scale-incr", "hand-scale-incr")  # local changes that anny has for each side
SIDES = ("l", "r")
ROUNDS = 6
DIMENSIONS = 16 + len(OTHERS)


@dataclass(frozen=True, kw_only=True)
class Person:
    """An adult: the wanted body, and anny's settings for the body."""

    sex: str  # m or f
    stature_m: float
    bmi: float
    lengths: dict[str, float]  # length of each segment in LENGTHENS, metres
    phenotype: dict[str, float]
    changes: dict[str, float] = field(default_factory=dict)


def drawn(sex: str, count: int, seed: int) -> Iterator[Person]:
    """Yield `count` people spread evenly over the ranges of all properties."""
    sampler = qmc.LatinHypercube(DIMENSIONS, rng=np.random.default_rng(seed))
    for row in sampler.random(count):
        yield _person(sex, iter(row))


def _person(sex: str, shares: Iterator[float]) -> Person:
    """Return a person from numbers between 0 and 1, one for each property."""

    def bell(mean: float, deviation: float) -> float:
        return mean + deviation * float(norm.ppf(0.02 + 0.96 * next(shares)))

    def between(low: float, high: float) -> float:
        return low + (high - low) * next(shares)

    stature, bmi = bell(*STATURE_M[sex]), bell(*BMI[sex])
    factor = {name: 1 + bell(0, deviation) for name, deviation in SPREAD.items()}
    phenotype = {
        "gender": between(0, 0.12) if sex == "m" else between(0.88, 1),
        "age": between(0.64, 0.84),
        "muscle": between(0.4, 0.95),
        "weight": float(np.clip(0.5 + (bmi - 23.5) / 16, 0.15, 0.95)),
        "height": 0.4 + (stature / (1.80 if sex == "m" else 1.66) - 1) / 0.607,
        "proportions": between(0.4, 0.9),
    }
    changes: dict[str, float] = {}
    for name, deviation in OTHERS.items():
        value = float(np.clip(bell(0, deviation), -1, 1))
        changes |= {f"{side}-{name}": value for side in SIDES} if name in PAIRED else {name: value}
    lengths = _lengths(sex, stature, factor)
    return Person(sex=sex, stature_m=stature, bmi=bmi, lengths=lengths, phenotype=phenotype, changes=changes)


def _lengths(sex: str, stature_m: float, factor: dict[str, float]) -> dict[str, float]:
    """Return lengths of segments. Thigh, shin and trunk together are as long as the stature requires; arms are free."""
    share = {name: mean * factor[name] for name, mean in MEAN[sex].items()}
    upright = ("thigh", "shin", "trunk")
    common = sum(MEAN[sex][name] for name in upright) / sum(share[name] for name in upright)
    return {name: stature_m * value * (common if name in upright else factor["arm"]) for name, value in share.items()}


def solved(person: Person) -> tuple[Person, Rest] | None:
    """Return the person with changes for lengths and build, and the body; None if a change is not within -1 to 1."""
    changes = dict(person.changes)
    girth = 0.0
    control = dict.fromkeys(LENGTHENS, 0.0)
    for _ in range(ROUNDS):
        changes |= {LENGTHENS[name][0]: value for name, value in control.items()}
        changes |= {f"measure-{name}-circ-incr": girth for name in GIRTHS}
        changes["stomach-pregnant-incr"], changes["head-fat-incr"] = 0.5 * max(girth, 0.0), girth
        if max(map(abs, changes.values())) > 1:
            return None
        rest = read_rest(person.phenotype, changes)
        now = lengths(rest)
        for name, (_, gain) in LENGTHENS.items():
            control[name] += np.log(person.lengths[name] / now[name]) / gain
        girth += np.log(person.bmi / bmi(rest)) / GIRTH_GAIN
    return Person(**{**person.__dict__, "changes": changes}), rest


def lengths(rest: Rest) -> dict[str, float]:
    """Return the length of each segment in LENGTHENS, left side, metres."""
    ends = {
        "thigh": ("upperleg01.L", "lowerleg01.L"),
        "shin": ("lowerleg01.L", "foot.L"),
        "upperarm": ("upperarm01.L", "lowerarm01.L"),
        "forearm": ("lowerarm01.L", "wrist.L"),
    }
    length = {name: float(np.linalg.norm(rest.head(a) - rest.head(b))) for name, (a, b) in ends.items()}
    hips, shoulders = (rest.head(f"{bone}.L") + rest.head(f"{bone}.R") for bone in ("upperleg01", "upperarm01"))
    return length | {"trunk": float(np.linalg.norm(shoulders - hips)) / 2}


def bmi(rest: Rest) -> float:
    """Return the body mass index, kg/m²."""
    return rest.weight_kg / rest.height_m**2


def plausible(person: Person, rest: Rest) -> bool:
    """Return whether the body is that of an adult in a gym, with the wanted lengths."""
    now = lengths(rest)
    off = max(abs(now[name] / wanted - 1) for name, wanted in person.lengths.items())
    return 1.48 <= rest.height_m <= 2.02 and 17.5 <= bmi(rest) <= 36 and off < 0.01
