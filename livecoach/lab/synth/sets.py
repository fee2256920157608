"""Generates random sets as observations, without rendering: thousands of reps per minute."""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from livecoach.core.documents import codec
from livecoach.core.documents.codec import ObservationWriter
from livecoach.core.errors import ConfigError
from livecoach.core.types import Observation
from livecoach.lab.synth import noise
from livecoach.lab.synth.camera import VirtualCamera, check_ranges, near_camera, random_camera
from livecoach.lab.synth.figure.body import JUDGING, NAMES, SHEET, TRAINING, BodyModel, check_name, load
from livecoach.lab.synth.figure.posture import Posture, point
from livecoach.lab.synth.motion.lifter import SyntheticLifter, vary_between_sets
from livecoach.lab.synth.motion.lifts import EXERCISES, LIFTS, draw_lifter
from livecoach.lab.synth.motion.moves import OtherPerson
from livecoach.lab.synth.motion.programme import Performer
from livecoach.lab.synth.motion.ranges import pick
from livecoach.lab.synth.motion.set_motion import play_set
from livecoach.lab.synth.motion.tokens import Token, random_tokens
from livecoach.lab.synth.severity import with_true_severities
from livecoach.lab.truth import TrueEvent, TrueRep, as_json, with_frames_dropped, write_truth

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
    wide: bool = False  # draw posture, stance, hands, depth and pace from wider ranges (`Lift.wide`)
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


BODY_FACTS = ("thigh_m", "shin_m", "upper_arm_m", "forearm_m", "arm_m", "shoulder_half_m", "standing_hip_m")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSettings:
    exercise: str
    tokens: tuple[Token, ...]
    camera: VirtualCamera  # the set has its frame rate and picture size
    body: str
    scale: float = 1.0
    bar: bool = True  # False for a bodyweight squat or an empty floor
    lost: float = 0.0  # share of the frames that the camera loses

    def truth(self) -> dict[str, Any]:
        """What the file of the truth says of them."""
        camera, body = self.camera, load(self.body, self.scale)
        return {
            "exercise": self.exercise,
            "set": ",".join(map(str, self.tokens)),
            "turn": LIFTS[self.exercise].turn,
            "view_deg": camera.azimuth_deg,
            "body": self.body,
            "scale": self.scale,
            "body_facts": asdict(SHEET[self.body])
            | {name: round(float(getattr(body, name)), 4) for name in BODY_FACTS},
            "bar": self.bar,
            "fps": camera.fps,
            "width": camera.width_px,
            "height": camera.height_px,
            "camera": asdict(camera),
            "lost": self.lost,
        }


FPS = (12, 15, 20, 24, 25, 30, 30, 30, 30, 50, 60)
SIZES_PX = ((640, 480), (640, 480), (1280, 720), (480, 640), (720, 1280))
MAX_VIEW_DEG = 100.0
STEADY = 0.6  # share of sets whose camera loses no frames
MOST_LOST = 0.15
LATE_S = 0.006  # mean delay of the frames of a camera that loses some
LEAST_GAP_S = 1e-3  # between the timestamps of two late frames
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

    @property
    def exercise(self) -> str:
        return self.settings.exercise

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.settings.camera.size_px

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        return observations_of(self.image, self.world, self.lost, self.t_s, self.size_px, self.people, self.dropped)


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


_Streams = namedtuple("_Streams", "settings lifter day tokens motion camera frames noise")
"""Random numbers for each concern, so that a constraint on one does not change the others."""
UNCONSTRAINED = SetRequest()
POSE_MODEL = "synthetic"  # stored instead of the name of a pose model


def write_set(made: SyntheticSet, path: Path, asked: Mapping[str, object]) -> None:
    """Write observations to `path` and the truth to the same name with .json. asked: the original request, stored in
    the truth. Raises OutputError."""
    camera = made.settings.camera
    header = codec.ObservationsHeader(
        name=path.name,
        width_px=camera.width_px,
        height_px=camera.height_px,
        fps=camera.fps,
        pose_model=POSE_MODEL,
        pose_sha256="",
        synthetic=True,
    )
    with ObservationWriter(path, header) as writer:
        for observation in made.observations:
            writer.write(observation)
    found = {"reps": as_json(made.reps), "events": as_json(made.events)}
    write_truth(path.with_suffix(".json"), {"asked": dict(asked)} | made.settings.truth() | found)


def random_set(seed: Seed, wanted: SetRequest = UNCONSTRAINED) -> SyntheticSet:
    """The same seed and request give the same set, bit for bit. seed: a number, or several (the seed of a series, the
    number in it). Raises ConfigError for an impossible request."""
    streams = _Streams(*(np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(8)))
    exercise = _wish(wanted.exercise, pick(streams.settings, EXERCISES))
    fps = float(_wish(wanted.fps, pick(streams.settings, FPS)))
    body, lifter = _draw_lifter(streams, wanted, exercise)
    camera = _draw_camera(streams, wanted, fps, LIFTS[exercise].lies)
    tokens = _wish(wanted.tokens, random_tokens(streams.tokens, exercise, people=wanted.people))
    who = Performer(body, exercise, lifter, lifter.loaded)
    movement = play_set(who, tokens, streams.motion, fps, camera.azimuth_deg)
    reps = with_true_severities(movement) if wanted.graded else movement.reps
    steady = streams.frames.random() < STEADY
    lost_share = _wish(wanted.lost, 0.0 if steady else streams.frames.uniform(0, MOST_LOST))
    late_s = LATE_S if lost_share > 0 else 0.0
    kept, t_s = kept_frames(streams.frames, len(movement.landmarks), fps, lost_share, late_s)
    reps, events = with_frames_dropped(reps, movement.events, kept.tolist())
    image, world = (projected[kept] for projected in camera.project_landmarks(movement.landmarks))
    image, world, lost = _with_noise(streams.noise, image, world, camera, wanted)
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
            tokens=tokens,
            camera=camera,
            body=body.name,
            scale=body.scale,
            bar=lifter.loaded,
            lost=lost_share,
        ),
    )


def _draw_lifter(streams: _Streams, wanted: SetRequest, exercise: str) -> tuple[BodyModel, SyntheticLifter]:
    rng = streams.lifter if wanted.lifter is None else np.random.default_rng(wanted.lifter)
    name, scale = pick(rng, PARTS[wanted.bodies]), round(rng.uniform(0.96, 1.04), 3)
    lift = LIFTS[exercise]
    loaded = lift.needs_bar or _wish(wanted.loaded, rng.random() < lift.loaded)
    body = load(_wish(wanted.body, name), scale)
    lifter = draw_lifter(rng, body, exercise, loaded, wide=wanted.wide, part=wanted.part, typical=wanted.typical)
    return body, vary_between_sets(streams.day, lifter)


def _draw_camera(streams: _Streams, wanted: SetRequest, fps: float, lies: bool) -> VirtualCamera:
    settings, drawn = streams.settings, streams.camera
    if wanted.session is not None:
        settings, drawn = (np.random.default_rng((wanted.session, number)) for number in (1, 2))
    size, view = pick(settings, SIZES_PX), settings.uniform(-MAX_VIEW_DEG, MAX_VIEW_DEG)
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


def kept_frames(
    rng: np.random.Generator, count: int, fps: float, lost: float, late_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the frames that a camera keeps which loses that share of `count`, (K,), always with the first and the
    last, and their timestamps (K,), s. Frames are lost in runs, as on a busy phone; a late frame keeps its content and
    gets a later timestamp. late_s: mean delay."""
    busy, switches = np.zeros(count, bool), rng.random(count)
    # Probability per frame that a run of lost frames ends: 1.7 frames on average, longer if most frames are lost.
    ends = min(0.6, (1 - lost) / max(lost, 1e-9))
    starts = ends * lost / (1 - lost)
    for i in range(1, count - 1):
        busy[i] = switches[i] > ends if busy[i - 1] else switches[i] < starts
    kept = np.flatnonzero(~busy)
    if late_s == 0:
        return kept, kept / fps
    late = rng.exponential(1.0, len(kept)) * late_s
    least_s = np.arange(len(kept)) * LEAST_GAP_S
    stamps = np.maximum.accumulate(kept / fps + late - least_s) + least_s
    return kept, stamps


def _with_noise(
    rng: np.random.Generator, image: np.ndarray, world: np.ndarray, camera: VirtualCamera, wanted: SetRequest
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    amount = _wish(wanted.noise, 1.0)
    if amount == 0:
        return np.concatenate([image, np.ones_like(image[..., :1])], -1), world, np.zeros(len(image), bool)
    whose = noise.NoiseSeeds(lifter=wanted.lifter, session=wanted.session)
    noisy = noise.shipped()(rng, image, world, camera.azimuth_deg, camera.fps, camera.size_px, amount, whose)
    return noisy.image, noisy.world, noisy.lost


def _others_in_view(camera: VirtualCamera, others: Sequence[OtherPerson]) -> np.ndarray:
    """Other people who have their hips in the picture, (T,)."""
    count = np.zeros(len(others[0].posture["hip_x"]), int)
    for person in others:
        local = camera.local(point(person.posture, "hip")[:, None])
        xy = camera.project(local)[:, 0]
        count += (local[:, 0, 2] > 0) & ((xy > 0) & (xy < 1)).all(1)
    return count


def _wish(wanted: T | None, drawn: T) -> T:
    return drawn if wanted is None else wanted
