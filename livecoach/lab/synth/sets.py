"""Generates random sets as observations, without rendering: thousands of reps per minute."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from livecoach.core.documents import codec
from livecoach.core.documents.codec import ObservationWriter
from livecoach.core.errors import ConfigError
from livecoach.core.types import Observation
from livecoach.lab.synth import noise
from livecoach.lab.synth.camera import VirtualCamera, check_ranges, near_camera, random_camera
from livecoach.lab.synth.figure.body import JUDGING, NAMES, TRAINING, BodyModel, check_name, load
from livecoach.lab.synth.figure.posture import Posture
from livecoach.lab.synth.motion.lifter import SyntheticLifter, vary_between_sets
from livecoach.lab.synth.motion.lifts import EXERCISES, LIFTS, draw_lifter
from livecoach.lab.synth.motion.moves import OtherPerson
from livecoach.lab.synth.motion.programme import Performer
from livecoach.lab.synth.motion.set_motion import play_set
from livecoach.lab.synth.motion.tokens import Token, random_tokens
from livecoach.lab.synth.severity import with_true_severities
from livecoach.lab.synth.truth import TrueEvent, TrueRep, as_json, with_frames_dropped, write_truth

PARTS = {"training": TRAINING, "judging": JUDGING, "all": NAMES}
"""Bodies by purpose: no model may be evaluated on a body that it was trained on."""
MAX_NOISE = 5.0
RANGES = (("fps", 5, 240), ("view_deg", -180, 180), ("noise", 0, MAX_NOISE), ("lost", 0, 0.9), ("people", 0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRequest:
    """Constraints on a random set. None means drawn; a given value replaces the drawn one and changes nothing else."""

    exercise: str | None = None
    bodies: str = "all"  # group that the lifter is drawn from, one of PARTS
    body: str | None = None
    lifter: int | None = None  # seed: sets with the same one show the same person
    session: int | None = None
    """Seed: sets with the same one share the camera position and the pose estimator's systematic errors. Without it,
    every set is from another day."""
    loaded: bool | None = None  # with a barbell, for a lift that is possible without one
    fps: float | None = None
    view_deg: float | None = None  # azimuth of the camera, -180..180
    tokens: tuple[Token, ...] | None = None
    noise: float | None = None  # factor on the pose estimator's errors; 1: as measured, 0: the truth, with visibility 1
    size_px: tuple[int, int] | None = None  # width and height of the picture
    lost: float | None = None  # share of frames that the camera loses; 0 also removes timing jitter
    people: float = 0.0  # probability that other people appear, if tokens are drawn
    graded: bool = True  # measure the severities of the reps' faults, which takes as long as all else together
    wide: bool = False  # draw posture, stance, hands, depth and pace from wider ranges (`Lift.widen`)
    near: bool = False  # the camera is near the upper body
    part: bool = False  # the lifter does the part of the lift that goes by its name too (`Lift.part`)
    typical: bool = False  # draw only lifters who do what the lift's name says, and no neighbour of it (`Lift.typical`)

    def __post_init__(self) -> None:
        if self.exercise not in (None, *EXERCISES):
            raise ConfigError(f"exercise {self.exercise!r}: unknown. There are: {', '.join(EXERCISES)}")
        if self.bodies not in PARTS:
            raise ConfigError(f"bodies {self.bodies!r}: unknown. There are: {', '.join(PARTS)}")
        if self.body is not None:
            check_name(self.body)
        check_ranges(self, RANGES)
        if self.size_px is not None and min(self.size_px) < 32:
            raise ConfigError(f"size_px {self.size_px}: expected at least 32 by 32 pixels")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSettings:
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


FPS = (12, 15, 20, 24, 25, 30, 30, 30, 30, 50, 60)
SIZES_PX = ((640, 480), (640, 480), (1280, 720), (480, 640), (720, 1280))
MAX_VIEW_DEG = 100.0
STEADY = 0.6  # share of sets whose camera loses no frames
MOST_LOST = 0.15
LATE_S = 0.008  # standard deviation of the timing jitter of a camera that loses frames
STANDS_M, FACES_DEG = 0.1, 4.0
"""Standard deviations of where a lifter stands and faces in different sets of a session. Our choice
(docs/figures.md, "Limits of two days")."""
NEAR_AIM_M = {False: (0.0, 0.0, 1.2), True: (-0.6, 0.0, 0.6)}
"""Where a near camera looks, by whether the lifter lies: at the chest."""
Seed = int | Sequence[int]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, eq=False)
class SyntheticSet:
    """T frames of a set as a pose estimator sees them, with its truth."""

    image: np.ndarray  # (T, 33, 4) float64: x, y (0…1 of the picture), z (scale of x), visibility
    world: np.ndarray  # (T, 33, 3) float64, metres, as MediaPipe's
    t_s: np.ndarray
    lost: np.ndarray  # (T,) bool: the pose estimator did not detect the lifter
    people: np.ndarray  # (T,) number of people in the picture
    dropped: np.ndarray  # (T,) frames that the camera lost since the previous one
    reps: tuple[TrueRep, ...]  # their frame numbers refer to the T frames
    events: tuple[TrueEvent, ...]
    posture: Posture  # the lifter and the bar in the T frames
    settings: SetSettings

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        size_px = self.settings.width_px, self.settings.height_px
        return observations_of(self.image, self.world, self.lost, self.t_s, size_px, self.people, self.dropped)


def observations_of(
    image: np.ndarray,
    world: np.ndarray,
    lost: np.ndarray,
    t_s: np.ndarray,
    size_px: tuple[int, int],
    people: np.ndarray | None = None,
    dropped: np.ndarray | None = None,
) -> tuple[Observation, ...]:
    """Return what was seen in each frame. Arrays: as SyntheticSet's; by default one person and no dropped frame."""
    landmarks = np.concatenate([image, image[..., 3:]], -1).astype(np.float32)
    positions = world.astype(np.float32)
    here = np.ones_like(lost, int) if people is None else people
    gone = np.zeros_like(lost, int) if dropped is None else dropped
    return tuple(
        Observation(
            index=i,
            t_s=at_s,
            landmarks=None if is_lost else landmarks[i],
            world=None if is_lost else positions[i],
            people=count - is_lost,
            brightness=0.5,
            width_px=size_px[0],
            height_px=size_px[1],
            dropped=skipped,
        )
        for i, (at_s, is_lost, count, skipped) in enumerate(
            zip(t_s.tolist(), lost.tolist(), here.tolist(), gone.tolist(), strict=True)
        )
    )


class _Streams(NamedTuple):
    """One for each concern, so that a constraint on one does not change the others."""

    settings: np.random.Generator
    lifter: np.random.Generator
    day: np.random.Generator
    tokens: np.random.Generator
    motion: np.random.Generator
    camera: np.random.Generator
    frames: np.random.Generator
    noise: np.random.Generator


UNCONSTRAINED = SetRequest()


POSE_MODEL = "synthetic"  # stored instead of the name of a pose model


def write_set(made: SyntheticSet, path: Path, asked: Mapping[str, object]) -> None:
    """Write observations to `path` and the truth to the same name with .json. asked: the original request, stored in
    the truth. Raises OutputError."""
    settings = made.settings
    header = codec.ObservationsHeader(
        name=path.name,
        width_px=settings.width_px,
        height_px=settings.height_px,
        fps=settings.fps,
        pose_model=POSE_MODEL,
        pose_sha256="",
        synthetic=True,
    )
    with ObservationWriter(path, header) as writer:
        for observation in made.observations:
            writer.write(observation)
    made_with = asdict(settings)
    made_with["set"] = ",".join(map(str, settings.tokens))
    del made_with["tokens"]
    truth = {"asked": dict(asked)} | made_with | {"reps": as_json(made.reps), "events": as_json(made.events)}
    write_truth(path.with_suffix(".json"), truth)


def random_set(seed: Seed, wanted: SetRequest = UNCONSTRAINED) -> SyntheticSet:
    """The same seed and request give the same set, bit for bit. seed: a number, or several (the seed of a series, the
    number in it). Raises ConfigError for an impossible request."""
    streams = _Streams(*(np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(8)))
    exercise = _wish(wanted.exercise, EXERCISES[streams.settings.integers(len(EXERCISES))])
    fps = float(_wish(wanted.fps, FPS[streams.settings.integers(len(FPS))]))
    body, lifter = _draw_lifter(streams, wanted, exercise)
    camera = _draw_camera(streams, wanted, fps, LIFTS[exercise].lies)
    tokens = _wish(wanted.tokens, random_tokens(streams.tokens, exercise, people=wanted.people))
    who = Performer(body, exercise, lifter, lifter.loaded)
    movement = play_set(who, tokens, streams.motion, fps, camera.azimuth_deg)
    reps = with_true_severities(movement) if wanted.graded else movement.reps
    lost_share, kept, t_s = _frames_kept(streams.frames, wanted, fps, len(movement.landmarks))
    reps, events = with_frames_dropped(reps, movement.events, kept.tolist())
    image, world = (projected[kept] for projected in camera.project_landmarks(movement.landmarks))
    amount = _wish(wanted.noise, 1.0)
    image, world, lost = _with_noise(streams.noise, image, world, camera, fps, amount, wanted)
    return SyntheticSet(
        image=image,
        world=world,
        t_s=t_s,
        lost=lost,
        people=1 + _others_in_view(camera, movement.others)[kept] if movement.others else np.ones(len(kept), int),
        dropped=np.diff(kept, prepend=-1) - 1,
        reps=reps,
        events=events,
        posture={name: values[kept] for name, values in movement.posture.items()},
        settings=SetSettings(
            exercise=exercise,
            body=body.name,
            scale=body.scale,
            loaded=lifter.loaded,
            fps=fps,
            view_deg=camera.azimuth_deg,
            distance_m=camera.distance_m,
            height_m=camera.height_m,
            fov_deg=camera.fov_deg,
            width_px=camera.width_px,
            height_px=camera.height_px,
            noise=amount,
            lost=lost_share,
            camera=camera,
            tokens=tokens,
        ),
    )


def _draw_lifter(streams: _Streams, wanted: SetRequest, exercise: str) -> tuple[BodyModel, SyntheticLifter]:
    rng = streams.lifter if wanted.lifter is None else np.random.default_rng(wanted.lifter)
    names = PARTS[wanted.bodies]
    name, scale = names[rng.integers(len(names))], round(float(rng.uniform(0.96, 1.04)), 3)
    lift = LIFTS[exercise]
    loaded = lift.needs_bar or _wish(wanted.loaded, rng.random() < lift.loaded)
    body = load(_wish(wanted.body, name), scale)
    lifter = draw_lifter(rng, body, exercise, loaded, wide=wanted.wide, part=wanted.part, typical=wanted.typical)
    return body, vary_between_sets(streams.day, lifter)


def _draw_camera(streams: _Streams, wanted: SetRequest, fps: float, lies: bool) -> VirtualCamera:
    settings, drawn = streams.settings, streams.camera
    if wanted.session is not None:
        settings, drawn = (np.random.default_rng((wanted.session, number)) for number in (1, 2))
    size = SIZES_PX[settings.integers(len(SIZES_PX))]
    view = float(settings.uniform(-MAX_VIEW_DEG, MAX_VIEW_DEG))
    shown = _wish(wanted.size_px, size), _wish(wanted.view_deg, view)
    camera = near_camera(drawn, *shown, NEAR_AIM_M[lies], fps) if wanted.near else random_camera(drawn, *shown, fps)
    if wanted.session is None:
        return camera
    x_m, y_m = STANDS_M * streams.camera.standard_normal(2)
    return replace(
        camera,
        azimuth_deg=(camera.azimuth_deg + float(FACES_DEG * streams.camera.standard_normal()) + 180) % 360 - 180,
        target=(camera.target[0] + float(x_m), camera.target[1] + float(y_m), camera.target[2]),
    )


def _frames_kept(
    rng: np.random.Generator, wanted: SetRequest, fps: float, count: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Share of lost frames, the kept frames, and their times."""
    drawn = 0.0 if rng.random() < STEADY else float(rng.uniform(0, MOST_LOST))
    share = _wish(wanted.lost, drawn)
    keep = rng.random(count) >= share
    keep[[0, -1]] = True
    kept = np.flatnonzero(keep)
    late_s = np.clip(rng.normal(0, LATE_S, len(kept)), -0.4 / fps, 0.4 / fps) if share > 0 else 0.0
    return share, kept, np.maximum(kept / fps + late_s, 0.0)


def _with_noise(
    rng: np.random.Generator,
    image: np.ndarray,
    world: np.ndarray,
    camera: VirtualCamera,
    fps: float,
    amount: float,
    wanted: SetRequest,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if amount == 0:
        return np.concatenate([image, np.ones_like(image[..., :1])], -1), world, np.zeros(len(image), bool)
    size_px = (camera.width_px, camera.height_px)
    whose = noise.NoiseSeeds(lifter=wanted.lifter, session=wanted.session)
    noisy = noise.shipped()(rng, image, world, camera.azimuth_deg, fps, size_px, amount, whose)
    return noisy.image, noisy.world, noisy.lost


def _others_in_view(camera: VirtualCamera, others: Sequence[OtherPerson]) -> np.ndarray:
    """Other people who have their hips in the picture, (T,)."""
    count = np.zeros(len(others[0].posture["hip_x"]), int)
    for person in others:
        hips = np.stack([person.posture[f"hip_{axis}"] for axis in "xyz"], -1)[:, None]
        local = camera.local(hips)
        xy = camera.project(local)[:, 0]
        count += (local[:, 0, 2] > 0) & ((xy > 0) & (xy < 1)).all(1)
    return count


def _wish(wanted: T | None, drawn: T) -> T:
    return drawn if wanted is None else wanted
