"""What is seen: frames, observations, and what is read from one of them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach import landmark

StageName = Literal["up", "down", "neutral"]
ViewName = Literal["front", "oblique", "side", "rear"]


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
    """How many people are known to be in the picture; they are counted only where the lifter is in doubt."""
    brightness: float
    """Mean of the picture's grey values, 0…1."""
    width_px: int
    height_px: int
    dropped: int
    """Frames that the source gave since the previous observation and that were not looked at."""
    back: np.ndarray | None = None
    """(19,) float32: height of the back's edge over the line from mid-hip to mid-shoulder, made longer by a fourteenth
    at both ends, at .05….95 of it; lengths of the picture's height; NaN where the edge is not known. None: not looked
    for."""
    bar: np.ndarray | None = None
    """(4,) float32 of the barbell's plate that is nearer to the camera: x, y of its outer face's middle (0…1 of the
    picture, or outside), its vertical diameter (lengths of the picture's height), how surely it is one (0…1). None:
    not seen, or not looked for."""

    def __post_init__(self) -> None:
        shapes = (("landmarks", (landmark.COUNT, 5)), ("world", (landmark.COUNT, 3)), ("back", (19,)), ("bar", (4,)))
        for name, shape in shapes:
            array = getattr(self, name)
            if array is None:
                continue
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(f"{name}: expected float32 {shape}, got {array.dtype} {array.shape}")
            array.setflags(write=False)


def nobody(*, t_s: float = 0.0, width_px: int = 1, height_px: int = 1) -> Observation:
    """Of a frame of which no more is known than that it was there."""
    return Observation(
        index=0,
        t_s=t_s,
        landmarks=None,
        world=None,
        people=0,
        brightness=0.0,
        width_px=width_px,
        height_px=height_px,
        dropped=0,
    )


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
