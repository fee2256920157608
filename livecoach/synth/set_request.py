"""What is asked of a random set, and what it was made with."""

from dataclasses import dataclass

from livecoach.errors import ConfigError
from livecoach.synth.camera import Camera
from livecoach.synth.figure.body import JUDGING, NAMES, TRAINING
from livecoach.synth.figure.shapes import check_name
from livecoach.synth.motion.faults import EXERCISES
from livecoach.synth.motion.tokens import Token

PARTS = {"training": TRAINING, "judging": JUDGING, "all": NAMES}
"""Bodies by what they are for: no model may be judged on a body that it was trained on."""
MAX_NOISE = 5.0
RANGES = (("fps", 5, 240), ("view_deg", -180, 180), ("noise", 0, MAX_NOISE), ("lost", 0, 0.9), ("people", 0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of a random set is fixed; None: drawn. A wish takes the place of what is drawn and changes nothing else."""

    exercise: str | None = None
    bodies: str = "all"
    """One of PARTS: whom the lifter is drawn from."""
    body: str | None = None
    lifter: int | None = None
    """Seed of the lifter: two sets with the same one are the same person."""
    session: int | None = None
    """Seed of the session: sets with the same one have the camera in one place and the pose estimator's errors in
    common. Without it every set is of another day."""
    loaded: bool | None = None
    """A bar on the back of a squat; a deadlift has one anyway."""
    fps: float | None = None
    view_deg: float | None = None
    """Camera's azimuth, -180..180."""
    tokens: tuple[Token, ...] | None = None
    noise: float | None = None
    """The pose estimator's errors times this; 1: as measured, 0: the truth, with visibility 1."""
    size_px: tuple[int, int] | None = None
    """Width and height of the picture."""
    lost: float | None = None
    """Share of frames that the camera loses; 0 leaves every frame at its time."""
    people: float = 0.0
    """Probability of somebody else in the set, where tokens are drawn."""
    wide: bool = False
    """A lifter whose posture, stance, hands, depth and pace are from further apart than usual
    (livecoach.synth.motion.wide)."""

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
            raise ConfigError(f"size_px {self.size_px}: expected 32 pixels or more each way")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSettings:
    """What a set was made with."""

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
    camera: Camera
    tokens: tuple[Token, ...]
