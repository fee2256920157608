"""Reads exercises from `configs/exercises/<exercise>.yaml`. Adding an exercise needs no code."""

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from livecoach.core.config.paths import configs_dir
from livecoach.core.config.yaml_files import did_you_mean, read_yaml
from livecoach.core.errors import ConfigError
from livecoach.core.types.bounds import Line, check_no_device
from livecoach.core.types.message import AUTO
from livecoach.core.types.reps import StandardName

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
TravelFromRest = Annotated[float, Field(ge=0, le=1.5)]
EXERCISE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")  # Pattern of the name of an exercise


def _check_name(name: str) -> str:
    """Check the name of an exercise or of a model's folder, and return it. Raises ValueError if the name is invalid."""
    if not EXERCISE_NAME.fullmatch(name) or name == AUTO:
        raise ValueError(f"expected up to 40 letters A to Z, digits, _ and -, and not {AUTO!r}, got {name!r}")
    return check_no_device(name)


ExerciseName = Annotated[str, AfterValidator(_check_name)]
MeasureName = Literal[
    "hip_angle_deg",
    "knee_angle_deg",
    "trunk_lean_deg",
    "hip_height",
    "shoulder_height",
    "wrist_height",
    "wrist_over_shoulder",
    "elbow_angle_deg",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepRules:
    """The rules by which reps of an exercise are counted.

    Unless a field says otherwise, ranges and heights are on the scale of travel: 0 at the bottom of the usual range of
    motion, 1 at its top.
    """

    rest: Literal["down", "up"]  # stage in which a rep starts and ends
    bar_on_floor: bool
    """Whether the bar lies on the floor at rest, and the lifter stands upright with it at the turn. If so, a lifter who
    stays upright has ended the set, and a movement whose plate stays on the floor is not a rep. Otherwise the lifter
    holds the bar, if any, at rest."""
    travel: Annotated[dict[MeasureName, tuple[float, float]], Field(min_length=1)]
    """Body measure → its usual value at the bottom and at the top. Travel is the mean of the measures, each scaled by
    its two values."""
    rest_stage_needed: bool
    """Whether the stage of rest must precede a rep. If not, it is enough to reach the stage of the turn."""
    turn_stage_needed: bool
    """Whether a rep must reach the stage of the turn. If not, a way out of `min_range` is enough, and a rep can begin
    anywhere. This suits measures whose values are far off while their changes are right."""
    bar_on_back: bool = False
    """Whether the bar, if any, lies on the back or shoulders and sinks with them. If so, a plate that sinks and comes
    back counts where the pose is wrong."""
    done_at_turn: bool = False
    """Whether a rep is complete at its turn, such as the lockout of a deadlift or the top of a snatch. If so, it counts
    when the source ends there; unless the bar lies on the floor at rest, it also counts while it is held there."""
    least_distance: float | None = None
    """Distance from rest (0 at rest, 1 at the usual turn) up to which the body is at rest; None for no limit."""
    median_s: Annotated[float, Field(ge=0)] = 0.0
    """Time over which the median of the distance from rest is taken; 0 for no median. It is for arms that other limbs
    hide, whose landmarks are wrong for a few frames at a time."""
    min_range: Share  # least travel of a rep
    min_range_of_set: Share
    """Least travel of a rep, as a share of the median of the set's reps. If the stage of the turn is needed, the usual
    travel is part of this median, so that the limit holds for the first rep too."""
    min_return: Share  # share of the way back that the body must cover
    min_s: Positive  # shortest time from start to end
    max_s: Positive  # longest time from start to end
    pause_s: Positive = 1.0
    """Longest pause in a rep that the lift model knows. A much longer pause is shortened before the model sees it."""
    max_feet_shift: Positive
    """Largest shift of the feet in a rep that an end of the source cuts off, in lengths of torso and legs."""
    max_start_hands: Positive = math.inf
    """Largest height of the hands above the ankles when a lift begins, in lengths of torso and legs."""
    max_foot_lift: Positive = math.inf
    """Largest rise of one foot above the other from rest to the turn, in lengths of torso and legs. It excludes raised
    knees, and a foot that is put on a bench."""
    min_hips_share: float = -math.inf
    """Least travel of the hips, as a share of the travel of the shoulders. It excludes bows."""
    min_knees_share: float = -math.inf
    """Least bend of the knees at the turn, as a share of the bend of the hips, if the trunk leans and the hands stay at
    the shoulders. It excludes good mornings."""
    min_turn_hands: float = -math.inf
    """Least height above the ankles, at the turn, of hands that are far ahead of the feet, in lengths of the leg. It
    excludes push-ups."""

    def __post_init__(self) -> None:
        for name, (bottom, top) in self.travel.items():
            if bottom == top:
                raise ValueError(f"travel of {name}: its values at the bottom and at the top must differ")
        if self.min_s >= self.max_s:
            raise ValueError(f"min_s ({self.min_s}) must be below max_s ({self.max_s})")

    @property
    def counts_when_held(self) -> bool:
        """Whether a rep counts while the lifter holds the bar at the turn, before the way back."""
        return self.done_at_turn and not self.bar_on_floor

    @property
    def raises_hands(self) -> bool:
        """Whether the wrists are usually above the shoulders at one end of the movement; False if unmeasured."""
        return max(self.travel.get("wrist_over_shoulder", (0.0,))) > 0

    @property
    def is_hinge(self) -> bool:
        """Whether the hips lead the movement, and not the knees, as in a deadlift."""
        return "hip_angle_deg" in self.travel and "knee_angle_deg" not in self.travel


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRules:
    """The rules by which the stage model is trained, and by which its probabilities give the stage of the lifter."""

    measures: Annotated[tuple[MeasureName, ...], Field(min_length=1)]  # body measures that the stage model uses
    neutral_below: Annotated[float, Field(ge=0.5, le=1)]
    """Probability of the likelier stage below which the stage is neutral."""
    smoothing_s: Positive  # time constant of the exponential smoothing of the stage's log odds
    rest_below: TravelFromRest
    turn_above: TravelFromRest
    """Limits of the training labels, as true travel from rest (0 at rest, 1 at the usual turn). Below `rest_below` the
    label is the stage of rest, above `turn_above` the stage of the turn."""

    def __post_init__(self) -> None:
        if self.rest_below >= self.turn_above:
            raise ValueError(f"rest_below ({self.rest_below}) must be below turn_above ({self.turn_above})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """The description of an exercise; the content of its YAML file."""

    name: ExerciseName  # name on the command line and in files
    title: Line  # name to show
    aliases: tuple[str, ...]
    """Other names that lifters use in the three languages. A name may be an alias of several exercises."""
    model: ExerciseName  # name of the model's folder in models/
    motion: str
    """Lift of the synthetic training motion (livecoach.lab.synth): the exercise's own name, or the name of the lift
    that the exercise is a variant of."""
    turn: Line  # words for the turn of a rep, such as "lockout"
    stage: StageRules
    reps: RepRules
    anomaly_cue: Line  # cue for an anomalous rep without a named fault
    standards: tuple[StandardName, ...] = ()
    """Standards that can be checked for the exercise. depth needs a lift that goes down and up like a squat."""
    named_log_odds: Annotated[float, Field(ge=0)] = 0.0
    """Number that is added to the log odds of each rep if the lifter has named the exercise, or the last set was of the
    exercise. A higher value counts more reps, and more movements that are no reps."""
    speed_of_max_m_s: Positive | None = None
    """Mean speed of the ascent in a one-repetition maximum, from the literature; None to estimate no maximum."""


def folder() -> Path:
    """Return the folder that contains the exercises' YAML files."""
    return configs_dir() / "exercises"


def names() -> list[str]:
    """Return the names of all exercises, sorted."""
    return sorted(path.stem for path in folder().glob("*.yaml"))


def find_exercise_name(text: str) -> str:
    """Find the exercise that a person means by a name, a title or an alias, and return its name.

    Case, accents, spaces and punctuation do not matter. "auto" and a text that matches no exercise are returned
    unchanged.

    Raises ConfigError if the text matches several exercises, or the file of an exercise is wrong.
    """
    if text in (AUTO, *names()):
        return text
    wanted = _spellings(text)
    known = {exercise.name: (exercise.name, exercise.title, *exercise.aliases) for exercise in map(load, names())}
    meant = [name for name, words in known.items() if any(wanted & _spellings(word) for word in words)]
    if len(meant) > 1:
        raise ConfigError(f"exercise {text!r}: can mean {' or '.join(meant)}. Name one of them.")
    return meant[0] if meant else text


_IN_TWO = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"}


@cache
def _spellings(text: str) -> frozenset[str]:
    """Return the letters and digits of a name in two spellings: umlauts as one letter (u), and as two letters (ue)."""
    folded = unicodedata.normalize("NFC", text).casefold()
    two = folded.translate(_IN_TWO)
    bare = {"".join(char for char in unicodedata.normalize("NFD", form) if char.isalnum()) for form in (folded, two)}
    return frozenset(bare - {""})


def load(name: str) -> Exercise:
    """Load an exercise by its name.

    Raises ConfigError if the exercise does not exist, its file is wrong, or an alias is the name of another exercise.
    """
    known = names()
    if name not in known:
        raise ConfigError(f"exercise {name!r}: unknown. {did_you_mean(name, known)}")
    path = folder() / f"{name}.yaml"
    exercise = read_yaml(path, Exercise)
    if exercise.name != name:
        raise ConfigError(f"{path}: name: expected {name!r}, the file's own name, got {exercise.name!r}.")
    others = {spelling for other in known if other != name for spelling in _spellings(other)}
    for alias in exercise.aliases:
        if _spellings(alias) & others:
            raise ConfigError(f"{path}: aliases: {alias!r} is the name of another exercise. Remove it.")
    return exercise
