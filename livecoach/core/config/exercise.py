"""An exercise as data, in `configs/exercises/<exercise>.yaml`. Adding an exercise needs no code."""

import math
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from livecoach.core.config.paths import configs_dir
from livecoach.core.config.yaml_files import did_you_mean, read_yaml
from livecoach.core.errors import ConfigError
from livecoach.core.types.bounds import no_device
from livecoach.core.types.message import AUTO
from livecoach.core.types.reps import StandardName

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
TravelFromRest = Annotated[float, Field(ge=0, le=1.5)]
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
    """What counts as a rep. Ranges and heights are travel: 0 at the bottom of the usual range, 1 at its top."""

    rest: Literal["down", "up"]  # stage in which a rep starts and ends
    bar_on_floor: bool
    """The bar lies on the floor at rest, and the lifter stands upright with it at the turn. Then a lifter who stays
    upright has ended the set, and a movement whose plate stays on the floor is no rep. Otherwise the lifter holds the
    bar, if any, at rest."""
    travel: Annotated[dict[MeasureName, tuple[float, float]], Field(min_length=1)]
    """Body measure → its usual value at the bottom and at the top. Travel is the mean of the measures scaled by
    these."""
    rest_stage_needed: bool
    """A rep must be preceded by the stage of rest; reaching the stage of its turn does not suffice."""
    turn_stage_needed: bool
    """A rep must reach the stage of its turn. Otherwise a way out of `min_range` suffices, and a rep can begin at any
    place: for measures whose values are far off, but whose changes are right."""
    bar_on_back: bool = False
    """The bar, if any, lies on the back or shoulders and sinks with them. Then a plate that sinks and comes back counts
    where the pose is wrong."""
    done_at_turn: bool = False
    """The rep is done where it turns, as a deadlift at lockout or a snatch overhead: if the source ends there, it
    counts; and where the bar does not rest on the floor, while it is held there."""
    least_distance: float | None = None
    """Least distance from rest (0 there, 1 at the usual turn): anything below is at rest. None for no limit."""
    median_s: Annotated[float, Field(ge=0)] = 0.0
    """Time over which the median of the distance from rest is taken, for arms that other limbs hide: their landmarks
    are wrong for a few frames at a time. 0 for no median."""
    min_range: Share  # least travel of a rep
    min_range_of_set: Share
    """Least travel of a rep, as a share of the median of the set's reps. Where the stage of the turn is needed, the
    usual travel counts as one of these, so that it holds for the first rep too."""
    min_return: Share  # share of the way back that the body must cover
    min_s: Positive  # shortest time from start to end
    max_s: Positive  # longest time from start to end
    pause_s: Positive = 1.0
    """Pause in a rep that the lift model knows. It sees a much longer one shortened to this."""
    max_feet_shift: Positive  # how far the feet may move from start to end, in lengths of torso and legs
    max_scale_change: Positive  # how much larger or smaller the body may look at the end than at the start, as a share
    max_hand_tilt: Positive
    """How much higher one hand may be than the other while the body is down, in lengths of torso and legs."""
    max_start_hands: Positive = math.inf
    """How high above the ankles the hands may be as a lift begins, in lengths of torso and legs."""
    min_hips_share: float = -math.inf  # least way of the hips, as a share of the shoulders': who bows only bends

    def __post_init__(self) -> None:
        for name, (bottom, top) in self.travel.items():
            if bottom == top:
                raise ValueError(f"travel of {name}: its values at the bottom and at the top must differ")
        if self.min_s >= self.max_s:
            raise ValueError(f"min_s ({self.min_s}) must be below max_s ({self.max_s})")

    @property
    def counts_held(self) -> bool:
        """Whether a rep counts while it is held at its turn."""
        return self.done_at_turn and not self.bar_on_floor

    @property
    def raises_hands(self) -> bool:
        """Whether the wrists end over the shoulders."""
        return max(self.travel.get("wrist_over_shoulder", (0.0,))) > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRules:
    """How stage probabilities are turned into stages."""

    measures: Annotated[tuple[MeasureName, ...], Field(min_length=1)]  # body measures that the stage model uses
    neutral_below: Annotated[float, Field(ge=0.5, le=1)]
    """The stage is neutral where the likelier stage is less probable than this."""
    smoothing_s: Positive  # time constant of the exponential smoothing of the stage's log odds
    rest_below: TravelFromRest
    turn_above: TravelFromRest
    """Training labels: a true travel from rest (0 at rest, 1 at the usual turn) below the first limit is the stage of
    rest, above the second the stage of the turn."""

    def __post_init__(self) -> None:
        if self.rest_below >= self.turn_above:
            raise ValueError(f"rest_below ({self.rest_below}) must be below turn_above ({self.turn_above})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise, the content of its YAML file."""

    name: Annotated[str, AfterValidator(no_device)]  # name on the command line and in files
    title: str  # name that is shown
    aliases: tuple[str, ...]
    """What lifters call it in the three languages, and its short forms. A word that also means another exercise is an
    alias of both."""
    model: str  # folder in models/
    motion: str
    """Lift of the synthetic training motion (livecoach.lab.synth): the exercise's own name, or that of the lift of
    which it is a variant."""
    turn: Annotated[str, Field(min_length=1)]  # words for the turn of a rep, as in "held at lockout"
    stage: StageRules
    reps: RepRules
    anomaly_cue: Annotated[str, Field(min_length=1)]  # cue for an anomalous rep without a named fault
    standards: tuple[StandardName, ...] = ()
    """Standards that its reps can be held against. depth: needs a lift that goes down and up as a squat does."""
    named_log_odds: Annotated[float, Field(ge=0)] = 0.0
    """Log odds of a rep that are added where the lifter has named the exercise: a gain in reps,
    weighed against false reps."""
    speed_of_max_m_s: Positive | None = None
    """Mean speed of the way up in a one-repetition maximum, from the literature. None where there is no such figure:
    then no maximum is estimated."""


def folder() -> Path:
    return configs_dir() / "exercises"


def names() -> list[str]:
    return sorted(path.stem for path in folder().glob("*.yaml"))


def called(text: str) -> str:
    """The name of the exercise that is called so; the text itself if none is, or if it leaves the exercise to
    recognition. Case, accents, spaces and punctuation do not matter. Raises ConfigError if several exercises are called
    so."""
    if text in (AUTO, *names()):
        return text
    wanted = _spellings(text)
    known = {one.name: (one.name, one.title, *one.aliases) for one in map(load, names())}
    meant = [name for name, words in known.items() if any(wanted & _spellings(word) for word in words)]
    if len(meant) > 1:
        raise ConfigError(f"exercise {text!r}: can mean {' or '.join(meant)}. Name one of them.")
    return meant[0] if meant else text


_IN_TWO = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"}


def _spellings(text: str) -> set[str]:
    """The letters and digits of a name, with its umlauts as one letter (u) and as two (ue)."""
    folded = unicodedata.normalize("NFC", text).casefold()
    two = folded.translate(_IN_TWO)
    return {
        "".join(char for char in unicodedata.normalize("NFD", form) if char.isalnum()) for form in (folded, two)
    } - {""}


def load(name: str) -> Exercise:
    """Load the exercise of that name. Raises ConfigError where there is none, or its file is wrong."""
    if name not in names():
        raise ConfigError(f"exercise {name!r}: unknown. {did_you_mean(name, names())}")
    path = folder() / f"{name}.yaml"
    exercise = read_yaml(path, Exercise)
    if exercise.name != name:
        raise ConfigError(f"{path}: name: expected {name!r}, the file's own name, got {exercise.name!r}.")
    return exercise
