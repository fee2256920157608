"""Random sets as observations, without rendering: thousands of repetitions a minute."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from livecoach.errors import ConfigError
from livecoach.synth import noise as noise_model
from livecoach.synth.camera import Camera
from livecoach.synth.figure.body import NAMES, load
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.motion.lifter import random_lifter
from livecoach.synth.motion.programme import Programme
from livecoach.synth.motion.tokens import EXERCISES, Token, random_tokens
from livecoach.synth.truth import Event, TrueRep
from livecoach.types import Observation

FPS = (15, 20, 24, 25, 30, 30, 30, 50, 60)
SIZES_PX = ((640, 480), (640, 480), (1280, 720), (480, 640))
MAX_VIEW_DEG = 75.0
MAX_NOISE = 5.0
Seed = int | Sequence[int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of a random set is fixed; None: drawn."""

    exercise: str | None = None
    body: str | None = None
    loaded: bool | None = None
    """A bar on the back of a squat; a deadlift has one anyway."""
    fps: float | None = None
    view_deg: float | None = None
    """Camera's azimuth, -180..180."""
    tokens: tuple[Token, ...] | None = None
    noise: float | None = None
    """MediaPipe's errors times this; 1: as measured, 0: the truth, with visibility 1."""
    size_px: tuple[int, int] | None = None
    """Width and height of the picture."""

    def __post_init__(self) -> None:
        if self.exercise not in (None, *EXERCISES):
            raise ConfigError(f"exercise {self.exercise!r}: unknown. There are: {', '.join(EXERCISES)}")
        if self.body not in (None, *NAMES):
            raise ConfigError(f"body {self.body!r}: unknown. There are: {', '.join(NAMES)}")
        for name, low, high in (("fps", 5, 240), ("view_deg", -180, 180), ("noise", 0, MAX_NOISE)):
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
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SetArrays:
    """A set as plain arrays, T frames."""

    image: np.ndarray
    """(T, 33, 4) float64: x, y (0…1 of the picture), z (scale of x), visibility."""
    world: np.ndarray
    """(T, 33, 3) float64, metres, as MediaPipe's."""
    reps: tuple[TrueRep, ...]
    events: tuple[Event, ...]
    settings: SetSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SyntheticSet:
    """A set as observations, one a frame."""

    observations: tuple[Observation, ...]
    reps: tuple[TrueRep, ...]
    events: tuple[Event, ...]
    settings: SetSettings


ANYTHING = Wanted()


def random_set(seed: Seed, wanted: Wanted = ANYTHING) -> SyntheticSet:
    """A random set; the same seed and wishes give the same set, to the bit.

    seed: a number, or several (a series' seed and the set's number in it). Raises ConfigError on impossible wishes.
    """
    arrays = random_set_arrays(seed, wanted)
    settings = arrays.settings
    seen = np.concatenate([arrays.image, arrays.image[..., 3:]], -1).astype(np.float32)
    world = arrays.world.astype(np.float32)
    observations = tuple(
        Observation(
            index=i,
            t_s=i / settings.fps,
            landmarks=seen[i],
            world=world[i],
            people=1,
            brightness=0.5,
            width_px=settings.width_px,
            height_px=settings.height_px,
            dropped=0,
        )
        for i in range(len(seen))
    )
    return SyntheticSet(observations=observations, reps=arrays.reps, events=arrays.events, settings=settings)


def random_set_arrays(seed: Seed, wanted: Wanted = ANYTHING) -> SetArrays:
    """As `random_set`, as arrays."""
    rng = np.random.default_rng(seed)
    settings, camera = _draw(rng, wanted)
    body = load(settings.body, settings.scale)
    lifter = random_lifter(rng, body, settings.loaded)
    tokens = wanted.tokens or random_tokens(rng, settings.exercise)
    programme = Programme(body, settings.exercise, settings.fps, rng, lifter, settings.view_deg, bar=settings.loaded)
    posture, reps, events = programme.run(tokens)
    image, world = camera.seen(body.landmarks(*solve(body, posture)))
    settings = replace(settings, tokens=tokens, noise=_amount(rng, wanted))
    if settings.noise > 0:
        size = (settings.width_px, settings.height_px)
        add = noise_model.shipped()
        image, world = add(rng, image, world, settings.view_deg, settings.fps, size, settings.noise)
    else:
        image = np.concatenate([image, np.ones_like(image[..., :1])], -1)
    return SetArrays(image=image, world=world, reps=reps, events=events, settings=settings)


def _draw(rng: np.random.Generator, wanted: Wanted) -> tuple[SetSettings, Camera]:
    """Everything but lifter, tokens and noise. A wish takes the place of what is drawn and does not change the rest,
    but for the exercise, which is not drawn then."""
    exercise = wanted.exercise or EXERCISES[rng.integers(len(EXERCISES))]
    body, size = NAMES[rng.integers(len(NAMES))], SIZES_PX[rng.integers(len(SIZES_PX))]
    fps, view = FPS[rng.integers(len(FPS))], rng.uniform(-MAX_VIEW_DEG, MAX_VIEW_DEG)
    loaded = exercise == "deadlift" or rng.random() < 0.6
    scale = round(rng.uniform(0.92, 1.08), 2)
    size, view = wanted.size_px or size, _wish(wanted.view_deg, view)
    camera = _random_camera(rng, size, view)
    return SetSettings(
        exercise=exercise,
        body=wanted.body or body,
        scale=scale,
        loaded=loaded if exercise == "deadlift" else _wish(wanted.loaded, loaded),
        fps=_wish(wanted.fps, fps),
        view_deg=view,
        distance_m=camera.distance_m,
        height_m=camera.height_m,
        fov_deg=camera.fov_deg,
        width_px=size[0],
        height_px=size[1],
        noise=0.0,
        tokens=(),
    ), camera


def _random_camera(rng: np.random.Generator, size_px: tuple[int, int], view_deg: float) -> Camera:
    """The picture is 1.15 to 1.7 times 2 m high at the lifter's distance."""
    fov = rng.uniform(38, 60)
    distance = rng.uniform(1.15, 1.7) / np.tan(np.radians(fov) / 2)
    height = rng.uniform(0.5, 1.6)
    target = (0.05 + rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1), 0.9 + rng.uniform(-0.1, 0.1))
    return Camera(
        azimuth_deg=view_deg,
        height_m=height,
        distance_m=distance * (1.2 if size_px[0] < size_px[1] else 1),
        fov_deg=fov,
        roll_deg=rng.uniform(-2, 2),
        width_px=size_px[0],
        height_px=size_px[1],
        target=target,
    )


def _amount(rng: np.random.Generator, wanted: Wanted) -> float:
    """The noise of a set, 0.7 to 1.6 times what was measured: lifters, clothes and rooms differ (our choice)."""
    drawn = rng.uniform(0.7, 1.6)
    return _wish(wanted.noise, drawn)


def _wish(wanted: T | None, drawn: T) -> T:
    return drawn if wanted is None else wanted
