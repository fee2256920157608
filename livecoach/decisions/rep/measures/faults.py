"""The table of faults: which measures show each fault, and how severe it is. Computes all measures of a rep."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from livecoach.core.config import read_yaml
from livecoach.core.config.paths import configs_dir
from livecoach.core.errors import ConfigError
from livecoach.decisions.rep.measures.motion import RepMotion
from livecoach.decisions.rep.measures.table import MEASURES
from livecoach.decisions.rep.phases import Travel

Legs = Literal["alike", "split"]
SPREADS = 3.0  # least deviation of a fault, in spreads of good reps
Words = Annotated[str, Field(min_length=1)]
LONGEST_DRILL = 90  # two or three lines beside a summary
LEAST_RATIO = 1e-3  # ratios and times below this are not compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    measure: Annotated[str, Field(min_length=1)]  # in MEASURES
    side: Literal["more", "less", "either"]  # of the lifter's own good reps
    by: Literal["difference", "factor", "limit"]  # measure - good, measure / good, or against a fixed limit
    smallest: Annotated[float, Field(ge=0)]  # worth reporting, or the limit. 0: the spread of good reps alone decides

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise ValueError(f"measure {self.measure!r}: unknown. There are: {', '.join(sorted(MEASURES))}")
        if self.side == "either" and self.by != "difference":
            raise ValueError(f"side: either is of a difference only, got {self.by}")
        if self.by == "factor" and not (self.smallest > 1 if self.side == "more" else 0 < self.smallest < 1):
            wanted = "above 1" if self.side == "more" else "between 0 and 1"
            raise ValueError(f"smallest: expected {wanted} for a factor of {self.side}, got {self.smallest:g}")

    def scaled(self, value: float) -> float:
        """Differences of factors are compared by the logarithm, so that twice and half weigh the same."""
        return math.log(max(value, LEAST_RATIO)) if self.by == "factor" and not math.isnan(value) else value

    @property
    def least_change(self) -> float:
        """Smallest change of the scaled value that is worth reporting."""
        return abs(math.log(self.smallest)) if self.by == "factor" else self.smallest

    def margin(self, spread: float) -> float:
        """Change of the scaled value beyond which it is a fault. spread: standard deviation of good
        reps, of `scaled` values."""
        return max(self.least_change, SPREADS * spread)

    def towards(self, change: float) -> float:
        """A change of the scaled value, positive on the fault's side."""
        return abs(change) if self.side == "either" else change if self.side == "more" else -change


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFault:
    cue: Words  # spoken and shown
    words: Words  # for explanations: "hips rose first"
    min_fps: Annotated[float, Field(ge=0)]  # frame rate below which it can't be detected
    told_by: Literal["any", "all", "first"]
    """Of its true severity: the most severe sign decides, the least severe, or the first measured."""
    signs: tuple[Sign, ...]
    drill: Annotated[str, Field(min_length=1, max_length=LONGEST_DRILL)] | None = None  # against it, as one sentence
    main: bool = False  # a coach checks it first: a rep in which it could not be measured is not learned
    own_set_only: bool = False
    """Its reps are compared only with those of the same set, because lifters choose it set by set."""
    worse: Words | None = None  # what a set is called that differs as a whole towards the fault: "shallower"
    better: Words | None = None  # and to the other side, which is no fault: "deeper"
    needs_bar: bool = False  # only where a plate goes with the hands: without a bar one may be higher
    hidden: bool = False  # never checked, because the pose model shows it from no side

    def __post_init__(self) -> None:
        if not self.signs:  # a least length in the type would hide what is wrong with the sign of a list of one
            raise ValueError("signs: expected one or more")

    @property
    def joints(self) -> tuple[str, ...]:
        """Groups of joints without which one of its signs can't be measured, each once."""
        return tuple(dict.fromkeys(group for sign in self.signs for group in MEASURES[sign.measure].joints))


@dataclass(frozen=True, kw_only=True)  # without slots: `signs` is cached
class FaultTable:
    exercise: str  # in configs/exercises/
    travel: Travel  # which height defines a rep's phases and progress, and in which direction a rep begins
    faults: dict[str, NamedFault]  # by priority: risk of injury before efficiency. Without any, the score alone judges.
    legs: Legs = "alike"
    """Both do the same, or one is in front at the bottom. Then a foot may step, one leg may cover the other in the
    picture, and reps are compared with those that have the same leg in front."""

    def __post_init__(self) -> None:
        for name, signs in self.signs.items():
            kinds = sorted({sign.by for sign in signs})
            if len(kinds) > 1:
                raise ValueError(f"faults: measure {name} is set by {' and by '.join(kinds)}. Take one of them")

    @cached_property
    def signs(self) -> dict[str, tuple[Sign, ...]]:
        by_measure: dict[str, tuple[Sign, ...]] = {}
        for fault in self.faults.values():
            for sign in fault.signs:
                by_measure[sign.measure] = (*by_measure.get(sign.measure, ()), sign)
        return by_measure


def load_faults(exercise: str) -> FaultTable:
    """Raises ConfigError if the file is missing or wrong."""
    path = configs_dir() / "faults" / f"{exercise}.yaml"
    table = read_yaml(path, FaultTable)
    if table.exercise != exercise:
        raise ConfigError(f"{path}: exercise: expected {exercise!r}, the file's own name, got {table.exercise!r}.")
    return table


FPS_OFF = 0.01  # nominal 24 frames a second may be 23.976


def measured(motion: RepMotion, table: FaultTable) -> dict[str, float]:
    """Return measure → value; NaN without a landmark, phases, a sufficient frame rate, the back's edge, or the rep
    before, where it needs them."""
    values = dict.fromkeys(table.signs, math.nan)
    if motion.detected is None:
        return values
    detectable = [fault for fault in table.faults.values() if motion.fps * (1 + FPS_OFF) >= fault.min_fps]
    names = {sign.measure for fault in detectable for sign in fault.signs}
    with np.errstate(invalid="ignore", divide="ignore"):
        return values | {name: MEASURES[name].take(motion) for name in names}
