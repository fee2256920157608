"""Loads the table of faults of an exercise: which measures show each fault, and how severe the fault is."""

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field

from livecoach.core.config import read_yaml
from livecoach.core.config.paths import configs_dir
from livecoach.core.errors import ConfigError
from livecoach.core.types.bounds import Line, check_line
from livecoach.decisions.rep.measures.measure_table import MEASURES
from livecoach.decisions.rep.motion import RepMotion, Travel

Legs = Literal["alike", "split"]  # Whether both legs do the same, or one leg is in front at the bottom
SPREADS = 3.0  # Least deviation of a fault, in standard deviations of good reps
LONGEST_DRILL = 90  # Most characters of a drill: two or three lines next to a summary
LEAST_RATIO = 1e-3  # Least ratio or time of which the logarithm is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSign:
    """A sign of a fault: a large enough change of a measure, or a limit that the measure passes."""

    measure: Annotated[str, Field(min_length=1)]  # Name in MEASURES
    side: Literal["more", "less", "either"]  # Direction of the change from good reps, or from the limit
    by: Literal["difference", "factor", "limit"]  # Compared by measure - good, by measure / good, or with a fixed limit
    smallest: Annotated[float, Field(ge=0)]
    """Smallest change worth reporting, or the limit; 0 if only the spread of good reps decides."""

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise ValueError(f"measure {self.measure!r}: unknown. There are: {', '.join(sorted(MEASURES))}")
        if self.side == "either" and self.by != "difference":
            raise ValueError(f"side: either is of a difference only, got {self.by}")
        if self.by == "factor" and not (self.smallest > 1 if self.side == "more" else 0 < self.smallest < 1):
            wanted = "above 1" if self.side == "more" else "between 0 and 1"
            raise ValueError(f"smallest: expected {wanted} for a factor of {self.side}, got {self.smallest:g}")

    def scale_value(self, value: float) -> float:
        """Return the logarithm of a value if the sign compares by a factor; otherwise, return the value unchanged.

        On this scale, doubling and halving are equal changes. A value below LEAST_RATIO counts as LEAST_RATIO.
        """
        return math.log(max(value, LEAST_RATIO)) if self.by == "factor" and not math.isnan(value) else value

    @property
    def least_change(self) -> float:
        """The smallest change of the scaled value that is worth reporting; for a sign with a limit, the limit."""
        return abs(math.log(self.smallest)) if self.by == "factor" else self.smallest

    def margin(self, spread: float) -> float:
        """Return the change of the scaled value beyond which a rep shows the fault, for a sign without a limit.

        Args:
            spread: Standard deviation of the scaled values of good reps.
        """
        return max(self.least_change, SPREADS * spread)

    def change_towards_fault(self, change: float) -> float:
        """Return how far a change of the scaled value goes towards the fault; below 0 if away from the fault."""
        return abs(change) if self.side == "either" else change if self.side == "more" else -change


@dataclass(frozen=True, kw_only=True)  # without slots: `joints` is cached
class FaultKind:
    """The definition of a fault: its name in words, its cue, and the signs that show it."""

    cue: Line  # Spoken and shown
    words: Line  # For explanations: "hips rose first"
    min_fps: Annotated[float, Field(ge=0)]  # Frame rate below which the fault can't be detected
    decided_by: Literal["any", "all", "first"]
    """Which sign decides the true severity: the most severe, the least severe, or the first measured sign."""
    signs: tuple[FaultSign, ...]
    drill: Annotated[str, Field(max_length=LONGEST_DRILL), AfterValidator(check_line)] | None = None
    """A sentence for the lifter on how to practise; None without a drill."""
    main: bool = False  # Whether a coach checks the fault first. Reps in which it could not be measured teach nothing.
    own_set_only: bool = False
    """Whether reps are compared only with reps of the same set, because lifters choose the measure for each set."""
    worse: Line | None = None  # Words for a set that differs as a whole towards the fault: "shallower"
    better: Line | None = None
    """Words for a set that differs in the other direction, which is no fault: "deeper". Without `worse` or `better`
    (None), such a set gets no note."""
    needs_bar: bool = False  # Whether a plate must move with the hands to check the fault: free hands may be uneven
    hidden: bool = False  # Whether the fault is never checked, because the pose model shows it from no side

    def __post_init__(self) -> None:
        # A least length in the type would hide what is wrong with the sign in a list of a single sign.
        if not self.signs:
            raise ValueError("signs: expected one or more")

    @cached_property
    def joints(self) -> tuple[str, ...]:
        """The groups of joints that the signs need, each group once."""
        return tuple(dict.fromkeys(group for sign in self.signs for group in MEASURES[sign.measure].joints))


@dataclass(frozen=True, kw_only=True)  # without slots: `signs` is cached
class FaultTable:
    """The faults of an exercise; the content of its file in configs/faults/."""

    exercise: str  # Name in configs/exercises/
    travel: Travel  # The part that travels: it decides a rep's phases, and in which direction a rep begins
    faults: dict[str, FaultKind]  # By priority: risk of injury before efficiency. If empty, only the score judges.
    legs: Legs = "alike"
    """Whether both legs do the same, or a leg is in front at the bottom. In the latter case a foot may step, a leg may
    cover the other leg in the picture, and reps are compared with reps that have the same leg in front."""

    def __post_init__(self) -> None:
        for name in self.faults:
            if not re.fullmatch(r"\w+", name):
                raise ValueError(f"faults: expected names of letters, digits and _, got {name!r}")
            if name in {"good", "bad"}:  # Labels of reps, beside the names of faults
                raise ValueError(f"faults: {name!r} is the label of reps that are {name}. Choose another name")
        for name, signs in self.signs.items():
            kinds = sorted({sign.by for sign in signs})
            if len(kinds) > 1:
                raise ValueError(f"faults: measure {name} is set by {' and by '.join(kinds)}. Take one of them")

    @cached_property
    def signs(self) -> dict[str, tuple[FaultSign, ...]]:
        """The signs in which each measure occurs, by the measure's name."""
        by_measure: dict[str, tuple[FaultSign, ...]] = {}
        for fault in self.faults.values():
            for sign in fault.signs:
                by_measure[sign.measure] = (*by_measure.get(sign.measure, ()), sign)
        return by_measure


def load_faults(exercise: str) -> FaultTable:
    """Load the faults of an exercise. Raises ConfigError if the file is missing or wrong."""
    path = configs_dir() / "faults" / f"{exercise}.yaml"
    if not path.exists():
        raise ConfigError(f"{path}: is missing. Copy the file of the nearest exercise, and change it.")
    table = read_yaml(path, FaultTable)
    if table.exercise != exercise:
        raise ConfigError(f"{path}: exercise: expected {exercise!r}, the file's own name, got {table.exercise!r}.")
    return table


FPS_OFF = 0.01  # Tolerance of a frame rate, as a share: nominal 24 frames a second may be 23.976


def measure_all(motion: RepMotion, table: FaultTable) -> dict[str, float]:
    """Compute the measures that a table of faults needs for a rep, by the measure's name.

    A measure is NaN if the rep does not show it, as without a landmark, phases, a high enough frame rate, the back's
    edge, the plate, or the previous rep.
    """
    values = dict.fromkeys(table.signs, math.nan)
    if motion.detected_phases is None:
        return values
    most_fps = motion.fps * (1 + FPS_OFF)
    names = {sign.measure for fault in table.faults.values() if most_fps >= fault.min_fps for sign in fault.signs}
    with np.errstate(invalid="ignore", divide="ignore"):
        return values | {name: MEASURES[name].compute(motion) for name in names}
