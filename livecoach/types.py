"""The values that flow from source to window, all frozen (see docs/design.md for the way they go).

Times called `t_s` are seconds of the source's own time, 0 at its first frame. Image coordinates: x to the right,
y down, 0…1 of the picture. World coordinates: metres, x to the picture's right, y down, z away from the camera,
origin between the hips.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach import landmark

StageName = Literal["up", "down", "neutral"]
Verdict = Literal["good", "anomalous", "unsure"]
ViewName = Literal["front", "oblique", "side", "rear"]
NoticeKind = Literal["no_person", "out_of_frame", "too_dark", "camera_lost", "slow"]
CueKind = Literal["good_rep", "anomalous_rep", "unjudged_rep", "warning"]
PartialReason = Literal["no_lowering", "no_return", "cut", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """All that the decisions need to know of one frame, and what a recording keeps of it."""

    index: int
    """Number of the frame in its source, from 0."""
    t_s: float
    """Frame's own time."""
    landmarks: np.ndarray | None
    """(33, 5) float32: x, y (0…1 of the picture, or outside), z (scale of x), visibility, presence; None: nobody."""
    world: np.ndarray | None
    """(33, 3) float32, metres; None exactly where `landmarks` is."""
    people: int
    """How many people the pose estimator reports (0 or 1 with the shipped ones)."""
    brightness: float
    """Mean of the picture's grey values, 0…1."""
    width_px: int
    height_px: int
    dropped: int
    """Frames that the source gave since the previous observation and that were not looked at."""

    def __post_init__(self) -> None:
        for name, width in (("landmarks", 5), ("world", 3)):
            array = getattr(self, name)
            if array is None:
                continue
            if array.shape != (landmark.COUNT, width) or array.dtype != np.float32:
                raise ValueError(f"{name}: expected float32 {(landmark.COUNT, width)}, got {array.dtype} {array.shape}")
            array.setflags(write=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One frame of a source: a picture, or (from stored observations) what was seen in one."""

    index: int
    """Number in the source, from 0, dropped frames included."""
    t_s: float
    """The frame's own time: never earlier than that of the frame before."""
    picture: np.ndarray | None
    """(height, width, 3) uint8, BGR, C-contiguous, upright; None from stored observations."""
    observation: Observation | None = None
    """Set where `picture` is None."""
    captured_s: float | None = None
    """Reading of the capture clock when the frame arrived; None where frames do not arrive by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """What is known of a source once it is open."""

    name: str
    """Short name to show: file name, "camera 0", or the URL without its user name and password."""
    width_px: int
    height_px: int
    fps: float | None
    """Nominal frames a second, None where the source does not say."""
    live: bool
    """Frames come when they come, and do not wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReading:
    """Which end of the lift the body is at."""

    stage: StageName
    probability: float
    """Of the likelier one of up and down; under the exercise's limit the stage is neutral."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where the camera stands, seen from the lifter (FAULTS: azimuth)."""

    name: ViewName
    """The nearest of the usual places of a camera; left and right are not told apart."""
    azimuth_deg: float
    """0 in front, +90 at the lifter's left side, -90 at the right, 180 behind."""
    uncertainty_deg: float
    """One standard deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A named fault of one rep."""

    name: str
    """Name of the fault."""
    severity: float
    """0 at the limit, 1 at three margins."""
    at_s: float
    """When it was worst, seconds."""
    phase: str
    """Part of the rep in which that was."""
    measure: float
    """What was measured, in `unit`."""
    ref: float
    """What is usual, in `unit`."""
    margin: float
    """How far from `ref` the limit is, in `unit`."""
    unit: str
    """Of the measure: deg, s, or a share of a body length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotVisible:
    """A fault that could not be looked for, and why."""

    name: str
    """Name of the fault."""
    reason: str
    """Why it could not be looked for, in one word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """A completed repetition with its verdict."""

    index: int
    """From 1."""
    start_s: float
    """The lifter leaves the starting position."""
    turn_s: float
    """Lockout (deadlift) or deepest point (squat)."""
    end_s: float
    """Back at the starting position, or the bar was let go."""
    verdict: Verdict
    """anomalous: past the threshold; unsure: counted and not judged, as it was not seen well."""
    score: float | None
    """Anomaly in units of the threshold: above 1 is anomalous; None where not judged."""
    threshold: float
    """Always 1: the score is scaled to it."""
    confidence: float
    """Share of the rep's frames in which the body was seen whole, 0…1."""
    reference: Literal["own", "provisional", "population"]
    """What the rep was judged against."""
    faults: tuple[Fault, ...] = ()
    """Faults that were found, worst first."""
    not_visible: tuple[NotVisible, ...] = ()
    """Faults that this view can't show."""
    top_joints: tuple[str, ...] = ()
    """Landmarks that made the score high, worst first; empty for a good rep."""
    unsure: str | None = None
    """Why the rep was not judged; None where it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialRep:
    """A repetition that was begun and not completed: not counted."""

    start_s: float
    """When it was begun, seconds."""
    reason: PartialReason
    """no_lowering: pulled, not lowered; no_return: stayed down, or on the way back; cut: the source ended;
    lost: the body was not seen."""
    faults: tuple[Fault, ...] = ()
    """Faults that were found in what there was of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A warning that begins or ends."""

    kind: NoticeKind
    active: bool
    text: str
    """What to do about it, for the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """What the lifter is told: shown and said."""

    kind: CueKind
    text: str
    """Large type in the picture: a number, a correction, a hint."""
    rep: int | None
    """Rep that it is about."""
    say: str | None
    """Key of the phrase to speak (a number for a count); None for a sound alone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """All that was learned from one observation."""

    observation: Observation
    stage: StageReading | None
    """None while nobody is seen."""
    view: View | None
    """None until the lifter has stood still once."""
    progress: float | None
    """0…1 through the range of motion while a rep is under way, else None."""
    count: int
    """Reps completed so far."""
    rep: Rep | None
    """A rep that was completed with this observation."""
    partial: PartialRep | None
    """A rep that was given up with this observation."""
    cue: Cue | None
    notices: tuple[Notice, ...]
    """Warnings that begin or end with this observation."""
    warning: str | None
    """Text of the warning that is on now."""
