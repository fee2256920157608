"""Frames, their observations, and the stage and view that follow from observations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from livecoach.core import landmark
from livecoach.core.types.bounds import Number

StageName = Literal["up", "down", "neutral"]
ViewName = Literal["front", "oblique", "side", "rear"]
_SHAPES = (
    ("landmarks", (landmark.COUNT, 5)),
    ("world", (landmark.COUNT, 3)),
    ("back", (19,)),
    ("bar", (4,)),
    ("camera", (4,)),
)
_FLOAT32 = np.dtype(np.float32)
STILL_PLATE = 0.35  # probability below which a followed plate is not seen
LONGEST_GAP_S = 0.45
"""Longest time between two frames of a rep in which nothing can have been missed. Without the frames of .33 s, 62 of 62
reps got the same verdict, of .5 s 61, of .75 s 58, of 1.5 s 32."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """The data of one frame that the decisions need, and that a recording keeps."""

    index: int  # of the frame in its source, from 0
    t_s: float  # the frame's own
    landmarks: np.ndarray | None
    """(33, 5) float32: x, y (0…1 of the picture, or outside), z (scale of x), visibility, presence; None where nobody
    is in view. Coordinates are NaN where the pose model has no such landmark, never from shoulder to ankle."""
    world: np.ndarray | None  # (33, 3) float32, metres; NaN likewise; None exactly where `landmarks` is
    people: int  # detected in the picture; counted only where the lifter is in doubt
    brightness: float  # mean of the picture's grey values, 0…1
    width_px: int
    height_px: int
    dropped: int  # frames since the previous observation that were skipped
    turn_deg: int = 0  # by how much the source's picture was turned clockwise to be upright: 0, 90, 180 or 270
    back: np.ndarray | None = None
    """(19,) float32: height of the back's edge above the line from mid-hip to mid-shoulder, which is extended by a
    fourteenth at both ends, at .05….95 of it, in picture heights. NaN where the edge is unknown; None where it was not
    measured."""
    bar: np.ndarray | None = None
    """(4,) float32 of the barbell's plate nearer to the camera: x, y of the centre of its outer face (0…1 of the
    picture, or outside), its vertical diameter (in picture heights), and the probability that it is a plate (0…1). None
    where no plate was detected, or the bar is not tracked."""
    camera: np.ndarray | None = None
    """(4,) float32: a, b, x and y, by which a point (u, v) of the picture, in picture heights, would be at (a u - b v +
    x, b u + a v + y) if the camera had not moved since the first picture. None where it stands where it stood."""

    @property
    def framing(self) -> tuple[int, int, int]:
        """Size and turn of the picture. Where they change, nothing goes on from one picture to the next."""
        return self.width_px, self.height_px, self.turn_deg

    @property
    def middle_moved(self) -> np.ndarray:
        """(2,) how far the camera's motion has moved the picture's middle, in picture heights."""
        if self.camera is None:
            return np.zeros(2)
        a, b, x, y = self.camera.tolist()
        u, v = self.width_px / self.height_px / 2, 0.5
        return np.array([(a - 1) * u - b * v + x, b * u + (a - 1) * v + y])

    @property
    def points_px(self) -> np.ndarray:
        """(33, 2) float64: the landmarks in the picture, pixels. Somebody must be in view."""
        assert self.landmarks is not None
        return self.landmarks[:, :2] * (self.width_px, self.height_px)

    def steadied(self) -> "Observation":
        """Return what a camera that had not moved would have observed."""
        if self.camera is None:
            return self
        a, b, *shift = self.camera
        return self._seen(np.array([[a, b], [-b, a]]), shift)

    def levelled(self, roll_deg: float) -> "Observation":
        """Return what a camera that had not moved, nor leaned by `roll_deg`, would have observed."""
        steady = self.steadied()
        if not roll_deg:
            return steady
        sine, cosine = np.sin(np.radians(roll_deg)), np.cos(np.radians(roll_deg))
        turn, middle = np.array([[cosine, -sine], [sine, cosine]]), np.array([self.width_px / self.height_px, 1.0]) / 2
        return steady._seen(turn, middle - middle @ turn)

    def _seen(self, turn: np.ndarray, shift: Sequence[float] | np.ndarray) -> "Observation":
        """Return what is observed where each point of the picture is at another place.

        Args:
            turn: (2, 2) rotation and scale of rows x, y in picture heights, y down; the world only turns.
            shift: (2,) added to that, picture heights.
        """
        aspect, scale = np.array([self.width_px / self.height_px, 1.0], np.float32), max(np.hypot(*turn[0]), 1e-6)
        arrays = (self.landmarks, self.world, self.bar)
        landmarks, world, bar = (None if array is None else array.copy() for array in arrays)
        if landmarks is not None:
            landmarks[:, :2] = (landmarks[:, :2] * aspect @ turn + shift) / aspect
        if world is not None:
            world[:, :2] = world[:, :2] @ turn / scale
        if bar is not None:
            bar[:2] = (bar[:2] * aspect @ turn + shift) / aspect
            bar[2] *= scale
        return replace(self, landmarks=landmarks, world=world, bar=bar, camera=None)

    def __post_init__(self) -> None:
        for name, shape in _SHAPES:
            array = getattr(self, name)
            if array is None:
                continue
            if array.shape != shape or array.dtype != _FLOAT32:
                raise ValueError(f"{name}: expected float32 {shape}, got {array.dtype} {array.shape}")
            array.setflags(write=False)


def nobody(*, t_s: float = 0.0, width_px: int = 1, height_px: int = 1) -> Observation:
    """A frame in which nobody is in view."""
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
    """A picture, or the observation of one that was stored."""

    index: int  # in the source, from 0; dropped frames count
    t_s: float  # the frame's own, never earlier than that of the frame before
    picture: np.ndarray | None
    """(height, width, 3) uint8, BGR, C-contiguous, as the source has it; None from stored observations."""
    observation: Observation | None = None  # None where there is a picture
    captured_s: float | None = None
    """Reading of the capture clock when the frame was taken, as far as its age at arrival is known; None for frames
    that are read on demand."""
    skipped: int = 0  # frames before it that its source left out, because they were late


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    name: str  # as shown: file name, "camera 0", or the URL without its user name and password
    width_px: int
    height_px: int
    fps: float | None  # nominal; None where the source does not report it
    live: bool  # frames arrive in real time and are dropped if they are not read


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReading:
    """The end of the lift that the body is at."""

    stage: StageName
    probability: Number
    """Probability of the likelier of up and down. Below the exercise's limit the stage is neutral."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where the camera stands, seen from the lifter."""

    name: ViewName
    """The nearest of the usual camera positions; left and right are not distinguished."""
    azimuth_deg: Number
    """0 in front of the lifter, +90 at the left side, -90 at the right side, 180 behind."""
    uncertainty_deg: Number
    """Standard deviation of the azimuth's error."""
    roll_deg: Number | None = None
    """By how much the picture leans, clockwise: all landmarks are levelled by it before they are judged. 0 where the
    lifter stands upright to within 2°; None in what earlier versions wrote."""
