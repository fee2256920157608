"""Defines frames, their observations, the stage and view that follow from these, and the observations of a rep."""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types.bounds import Number

StageName = Literal["up", "down", "neutral"]
ViewName = Literal["front", "oblique", "side", "rear"]
_SHAPES = {
    "landmarks": (landmark.COUNT, 5),
    "world": (landmark.COUNT, 3),
    "back": landmark.STATIONS.shape,
    "bar": (4,),
    "camera": (4,),
    "clarity": (6,),
}
_FLOAT32 = np.dtype(np.float32)
LEAST_PLATE_PROBABILITY = 0.35  # probability below which a plate that is followed counts as not seen
LONGEST_GAP_S = 0.45
"""Longest time without a frame in a rep for which the verdict still holds. Without the frames of .33 s, 62 of 62 reps
got the same verdict; without .5 s 61, without .75 s 58."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """The data of one frame that the decisions need, and that a recording keeps."""

    index: int  # index of the frame in its source, from 0
    t_s: float  # time of the frame
    landmarks: np.ndarray | None
    """(33, 5) float32: x and y (0…1 of the picture, or outside), z (on the scale of x), visibility and presence; None
    while nobody is in view. Coordinates are NaN for landmarks that the pose model does not have. Every pose model has
    the landmarks from shoulder to ankle."""
    world: np.ndarray | None  # (33, 3) float32, metres; NaN and None as in `landmarks`
    people: int  # number of known people in the picture; more are searched for only while the lifter is in doubt
    brightness: float  # mean of the picture's grey values without black bars, 0…1
    width_px: int
    height_px: int
    dropped: int  # number of frames that were skipped since the previous observation
    turn_deg: int = 0  # clockwise turn that made the source's picture upright: 0, 90, 180 or 270
    back: np.ndarray | None = None
    """(19,) float32: height of the back's edge above the line from mid-hip to mid-shoulder, in picture heights. The
    line is extended by a fourteenth at both ends, and the heights are at 0.05…0.95 of it. NaN where the edge is
    unknown; None if the edge was not measured."""
    bar: np.ndarray | None = None
    """(4,) float32 for the barbell's plate nearer to the camera: x and y of the centre of its outer face (0…1 of the
    picture, or outside), its vertical diameter (in picture heights), and the probability that it is a plate (0…1). None
    if no plate was detected, or the bar is not tracked."""
    camera: np.ndarray | None = None
    """(4,) float32: the camera's motion since the first picture, as a, b, x and y. Without it, a point (u, v) of the
    picture, in picture heights, would be at (a u - b v + x, b u + a v + y). None if the camera has not moved."""

    clarity: np.ndarray | None = None
    """(6,) float32, 0…1: how clearly the joints of each pair in `landmark.JOINTS` are seen, by the peak of the pose
    network's heat map of the clearer side. Blur makes peaks lower. None while nobody is followed, for pose models
    without heat maps, and in files of earlier versions."""
    shows_motion_badly: bool = False  # whether fast movement has lately been blurred, or strongly compressed
    heel: float | None = None
    """How high the heel of the foot that looks longer has risen since the lifter last stood still, in torso lengths.
    None while it is unknown, and in files of earlier versions."""

    @property
    def framing(self) -> tuple[int, int, int]:
        """The width, height and turn of the picture. Pictures with different framings can't be compared."""
        return self.width_px, self.height_px, self.turn_deg

    @property
    def middle_shift(self) -> np.ndarray:
        """The shift of the picture's middle that undoes the camera's motion: (2,) x and y, in picture heights."""
        if self.camera is None:
            return np.zeros(2)
        a, b, x, y = self.camera.tolist()
        u, v = self.width_px / self.height_px / 2, 0.5
        return np.array([(a - 1) * u - b * v + x, b * u + (a - 1) * v + y])

    @property
    def points_px(self) -> np.ndarray:
        """The (33, 2) landmarks in the picture, in pixels, float64. The observation must have landmarks."""
        assert self.landmarks is not None
        return self.landmarks[:, :2] * (self.width_px, self.height_px)

    def __post_init__(self) -> None:
        for name, shape in _SHAPES.items():
            array = getattr(self, name)
            if array is None:
                continue
            if array.shape != shape or array.dtype != _FLOAT32:
                raise ValueError(f"{name}: expected float32 {shape}, got {array.dtype} {array.shape}")
            array.setflags(write=False)


def empty_observation(*, t_s: float = 0.0, width_px: int = 1, height_px: int = 1) -> Observation:
    """Return the observation of a black frame in which nobody is in view."""
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
    """A frame of a source: a picture, a stored observation, or both."""

    index: int  # index of the frame in the source, from 0; dropped frames count
    t_s: float  # time of the frame, never earlier than the time of the frame before
    picture: np.ndarray | None
    """(height, width, 3) uint8, BGR, C-contiguous; upright with a stored observation, otherwise as filmed. None
    for a stored observation without a picture."""
    observation: Observation | None = None  # the stored observation; None for a picture alone
    captured_s: float | None = None
    """Reading of the capture clock when the camera took the frame, as far as the frame's age at arrival is known; None
    for frames that are read on demand."""
    skipped: int = 0  # number of frames right before this frame that its source left out or lost


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """The name and format of a source."""

    name: str  # name to show: file name, "camera 0", or the URL without its user name and password
    width_px: int
    height_px: int
    fps: float | None  # nominal frame rate; None if the source does not report it
    live: bool  # whether frames arrive in real time, and are dropped if they are not read


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReading:
    """The stage of the lift at one moment, and the probability of the likelier stage."""

    stage: StageName
    probability: Number
    """Probability of the likelier of the stages up and down. Below the exercise's limit, the stage is neutral."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The direction of the camera, seen from the lifter, and the roll of the picture."""

    name: ViewName
    """Name of the nearest of the usual camera positions; left and right are not distinguished."""
    azimuth_deg: Number
    """Direction of the camera: 0 in front of the lifter, +90 at the left side, -90 at the right side, 180 behind."""
    uncertainty_deg: Number
    """Standard deviation of the azimuth's error."""
    roll_deg: Number | None = None
    """Angle by which the picture leans, clockwise. All landmarks are levelled by this angle before they are judged. 0
    if the lifter stands upright to within 2°; None in files of earlier versions."""


class MovementTimes(NamedTuple):
    """The times at which a movement starts, turns and ends, in seconds."""

    start_s: float
    turn_s: float
    end_s: float


MARGIN_S = 1.0  # time before and after a rep that is kept for measurements


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepWindow:
    """The observations of a rep and of the second before and after, to judge the rep or to keep it in a profile."""

    observations: tuple[Observation, ...]
    """Observations from a second before the rep to a second after it, as far as they exist, with the source's times."""
    start_s: float
    turn_s: float
    end_s: float
    view: View | None  # None if unknown. A profile keeps no rep of an unknown view.
    set_name: str  # name of the set. Reps of one set are more alike than reps of two sets.
    pose: str  # name of the pose model
    exercise: str = ""  # name of the exercise; empty if unknown. A profile keeps no rep of an unknown exercise.
    confidence: float = 1.0  # share of frames with the whole body in the picture; not kept in a profile
    gap_s: float = 0.0  # longest time in the rep without a frame; not kept in a profile
    number: int = 0  # number of the rep in its set, from 1; 0 for a movement that is no rep
    chosen: bool = False  # whether the lifter chose the rep as a good rep, by a correction
    misses_standard: bool = False  # whether the rep of another day missed a standard, and nobody called it good
    day: str | None = None  # day on which the rep was stored, as 2026-11-13; None for a rep of this session

    @property
    def rep_observations(self) -> list[Observation]:
        """The observations of the rep itself, without the second before and the second after."""
        return [o for o in self.observations if self.start_s <= o.t_s <= self.end_s]

    @property
    def known_view(self) -> View:
        """The view of the rep. Raises ValueError if the view is unknown."""
        if self.view is None:
            raise ValueError("view: expected a rep whose view is known")
        return self.view

    def prepare_for_day(self, day: str | None) -> "RepWindow":
        """Return the window for a session on a day. A rep of that day gets None as its day, like the session's reps."""
        return replace(self, day=None) if self.day == day else self
