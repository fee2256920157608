"""An exercise as data: `configs/exercises/<exercise>.yaml`. Adding one needs no code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from livecoach.config import read_yaml
from livecoach.config.paths import configs_dir
from livecoach.errors import ConfigError

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
TravelFromRest = Annotated[float, Field(ge=0, le=1.5)]
MeasureName = Literal[
    "hip_angle_deg", "knee_angle_deg", "trunk_lean_deg", "hip_height", "shoulder_height", "wrist_height"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepRules:
    """What is a repetition. Ranges and heights are travel: 0 at the bottom of the usual range, 1 at its top."""

    rest: Literal["down", "up"]
    """Stage in which a rep starts and ends."""
    travel: Annotated[dict[MeasureName, tuple[float, float]], Field(min_length=1)]
    """Body measure → its usual value at the bottom and at the top; travel is the mean of the measures so scaled."""
    rest_stage_needed: bool
    """A rep needs the stage of rest before it, not only that of its turn."""
    min_range: Share
    """Least travel of a rep."""
    min_range_of_set: Share
    """Least travel of a rep, as a share of the median rep of the set."""
    min_return: Share
    """Share of the way out that has to be gone back."""
    min_s: Positive
    """Shortest time from start to end."""
    max_s: Positive
    """Longest time from start to end."""
    max_feet_shift: Positive
    """How far the feet may be from where they were, start to end, in lengths of torso and legs."""
    max_scale_change: Positive
    """How much larger or smaller the body may look, start to end, as a share."""
    max_hand_tilt: Positive
    """How much higher one hand may be than the other while the body is down, in lengths of torso and legs."""

    def __post_init__(self) -> None:
        for name, (bottom, top) in self.travel.items():
            if bottom == top:
                raise ValueError(f"travel of {name}: its values at the bottom and at the top must differ")
        if self.min_s >= self.max_s:
            raise ValueError(f"min_s ({self.min_s}) must be below max_s ({self.max_s})")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRules:
    """How stage probabilities are read."""

    neutral_below: Annotated[float, Field(ge=0.5, le=1)]
    """Probability of the likelier stage under which the stage is neutral."""
    smoothing_s: Positive
    """Time constant of the exponential smoothing of the stage's log odds."""
    rest_below: TravelFromRest
    turn_above: TravelFromRest
    """Training labels: true travel from rest (0 there, 1 at the usual turn) that is the one stage, and the other."""

    def __post_init__(self) -> None:
        if self.rest_below >= self.turn_above:
            raise ValueError(f"rest_below ({self.rest_below}) must be below turn_above ({self.turn_above})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise, as its YAML file says."""

    name: str
    """Name on the command line and in files."""
    title: str
    """Name to show."""
    model: str
    """Folder in models/."""
    stage: StageRules
    reps: RepRules
    anomaly_cue: Annotated[str, Field(min_length=1)]
    """What is said and shown for an anomalous rep that has no named fault."""


def folder() -> Path:
    """Where the exercises are."""
    return configs_dir() / "exercises"


def names() -> list[str]:
    """Names of all exercises there are."""
    return sorted(path.stem for path in folder().glob("*.yaml"))


def load(name: str) -> Exercise:
    """The exercise of that name. Raises ConfigError where there is none, or its file is wrong."""
    if name not in names():
        raise ConfigError(f"exercise {name!r}: unknown. There are: {', '.join(names())}.")
    path = folder() / f"{name}.yaml"
    exercise = read_yaml(path, Exercise)
    if exercise.name != name:
        raise ConfigError(f"{path}: name: expected {name!r}, the file's own name, got {exercise.name!r}.")
    return exercise
