"""The request for a random set, and the settings that the set was made with."""

from dataclasses import dataclass

from livecoach.errors import ConfigError
from livecoach.synth.camera import VirtualCamera
from livecoach.synth.figure.body import JUDGING, NAMES, TRAINING
from livecoach.synth.figure.shapes import check_name
from livecoach.synth.motion.faults import EXERCISES
from livecoach.synth.motion.tokens import Token

PARTS = {"training": TRAINING, "judging": JUDGING, "all": NAMES}
"""Bodies by purpose: no model may be evaluated on a body that it was trained on."""
MAX_NOISE = 5.0
RANGES = (("fps", 5, 240), ("view_deg", -180, 180), ("noise", 0, MAX_NOISE), ("lost", 0, 0.9), ("people", 0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRequest:
    """Constraints on a random set. None means drawn; a given value replaces the drawn one and changes nothing else."""

    exercise: str | None = None
    bodies: str = "all"
    """Group of bodies that the lifter is drawn from, one of PARTS."""
    body: str | None = None
    lifter: int | None = None
    """Seed of the lifter: sets with the same seed show the same person."""
    session: int | None = None
    """Seed of the session: sets with the same seed share the camera position and the pose estimator's systematic
    errors. Without it, every set is from another day."""
    loaded: bool | None = None
    """Whether there is a barbell, for a lift that is possible without one."""
    fps: float | None = None
    view_deg: float | None = None
    """Azimuth of the camera, -180..180."""
    tokens: tuple[Token, ...] | None = None
    noise: float | None = None
    """Factor on the pose estimator's errors; 1: as measured, 0: the truth, with visibility 1."""
    size_px: tuple[int, int] | None = None
    """Width and height of the picture."""
    lost: float | None = None
    """Share of frames that the camera loses; 0 also removes timing jitter."""
    people: float = 0.0
    """Probability that other people appear, if tokens are drawn."""
    wide: bool = False
    """Whether to draw posture, stance, hands, depth and pace from wider ranges
    (livecoach.synth.motion.wide_variation)."""
    typical: bool = False
    """Whether to draw only lifters who do what the lift's name says, and no neighbour of it (`Lift.typical`): no sumo
    stance among conventional deadlifts."""

    def __post_init__(self) -> None:
        if self.exercise not in (None, *EXERCISES):
            raise ConfigError(f"exercise {self.exercise!r}: unknown. There are: {', '.join(EXERCISES)}")
        if self.bodies not in PARTS:
            raise ConfigError(f"bodies {self.bodies!r}: unknown. There are: {', '.join(PARTS)}")
        if self.body is not None:
            check_name(self.body)
        for name, low, high in RANGES:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ConfigError(f"{name} {value:g}: expected {low}..{high:g}")
        if self.size_px is not None and min(self.size_px) < 32:
            raise ConfigError(f"size_px {self.size_px}: expected at least 32 by 32 pixels")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSettings:
    """The settings that a set was made with."""

    exercise: str
    body: str
    scale: float
    loaded: bool
    fps: float
    view_deg: float
    distance_m: float
    height_m: float
    fov_deg: float
    width_px: int
    height_px: int
    noise: float
    lost: float
    camera: VirtualCamera
    tokens: tuple[Token, ...]
