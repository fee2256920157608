"""One clip: its settings, its motion, its pictures and its ground truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.core.errors import ConfigError
from livecoach.lab.synth.camera import VirtualCamera, check_ranges, random_camera
from livecoach.lab.synth.figure.body import TRAINING, BodyModel, load
from livecoach.lab.synth.figure.posture import Posture, length, point
from livecoach.lab.synth.motion.lifter import vary_between_sets
from livecoach.lab.synth.motion.lifts import LIFTS, draw_lifter, find
from livecoach.lab.synth.motion.programme import Performer
from livecoach.lab.synth.motion.ranges import pick
from livecoach.lab.synth.motion.set_motion import SetMotion, play_set
from livecoach.lab.synth.motion.tokens import Token
from livecoach.lab.synth.picture import actors
from livecoach.lab.synth.picture.outfit import Outfit, random_outfit
from livecoach.lab.synth.picture.render import Renderer, Sensor, hidden_landmarks, random_sensor
from livecoach.lab.synth.picture.room import Room, random_room
from livecoach.lab.synth.sets import SetSettings, kept_frames
from livecoach.lab.synth.severity import with_true_severities
from livecoach.lab.truth import as_json, with_frames_dropped, write_truth
from livecoach.records.session.video import open_video

IMAGE_DIGITS, WORLD_DIGITS, TIME_DIGITS = 5, 4, 5
AROUND = np.linspace(0, 2 * np.pi, 48, endpoint=False)


def plate_positions(posture: Posture, camera: VirtualCamera, face_m: float, radius_m: float) -> np.ndarray:
    """Return the outer faces of the plates at both ends in the picture, (T, 2, 3), the nearer end first: x and y of the
    centre and the vertical diameter, in pixels; NaN if the bar is behind the camera or absent. face_m: distance from
    the bar's middle to the face."""
    faces, depths = np.empty((length(posture), 2, 3)), np.empty((length(posture), 2))
    for side, along_m in enumerate((-face_m, face_m)):
        edge = np.stack([radius_m * np.cos(AROUND), np.full(len(AROUND), along_m), radius_m * np.sin(AROUND)], -1)
        ring = edge @ actors.bar_turn(posture).swapaxes(1, 2) + point(posture, "bar")[:, None]  # (T, 48, 3)
        local = camera.local(ring)
        xy = camera.project(local) * camera.size_px
        low, high = xy.min(1), xy.max(1)
        faces[:, side] = np.stack([*((low + high) / 2).T, high[:, 1] - low[:, 1]], -1)
        depths[:, side] = local[..., 2].mean(1)
        faces[(local[..., 2] < 0.3).any(1) | (ring[..., 2].min(1) < -1), side] = np.nan
    nearer = np.argsort(depths, 1)
    return np.take_along_axis(faces, nearer[..., None], 1)


FPS = (12, 60)
PRESET = "veryfast"  # phones and webcams compress no better, and it takes a quarter of the time
TICKS_PER_S = 90_000


RANGES = (("plates", 0, 6), ("seed", 0, 2**63), ("lost", 0, 0.9), ("late_s", 0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSettings(SetSettings):
    """The same settings give the same clip."""

    seed: int  # of the lifter's habits, the room, the light, the clothes and the camera's noise
    plates: int = 1
    late_s: float = 0.0  # mean delay of the frames' timestamps
    crf: int = 23  # constant rate factor of x264: 0 is lossless, 51 is worst
    any_make: bool = False
    """True draws any make of barbell, with small or no plates, from a separate random stream; False: full plates."""
    typical: bool = False  # as `SetRequest.typical`

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)
        if not FPS[0] <= self.camera.fps <= FPS[1]:
            raise ConfigError(f"fps {self.camera.fps:g}: expected {FPS[0]}..{FPS[1]} for a video")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Appearance:
    room: Room
    sensor: Sensor
    outfits: tuple[Outfit, ...]  # of the lifter and of other people
    make: actors.BarbellMake


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SyntheticClip:
    settings: ClipSettings
    appearance: Appearance
    movement: SetMotion

    @property
    def body(self) -> BodyModel:
        return self.movement.who.body

    @property
    def frames(self) -> int:
        return length(self.movement.posture)

    def project_landmarks(self) -> tuple[np.ndarray, np.ndarray]:
        """The true image and world landmarks, both (T, 33, 3), as VirtualCamera.project_landmarks."""
        return self.settings.camera.project_landmarks(self.movement.landmarks)

    def plate_positions(self) -> np.ndarray | None:
        """(T, 2, 3), as the function `plate_positions`; None without plates."""
        make = self.appearance.make
        if not self.settings.bar or not make.discs:
            return None
        return plate_positions(self.movement.posture, self.settings.camera, make.face_m, make.radius_m)

    def truth(self, kept: np.ndarray, stamps_s: np.ndarray, hidden: np.ndarray | None = None) -> dict[str, Any]:
        """Return the content of the JSON file. Frame numbers count written frames; seconds are those of the motion.
        kept, stamps_s: (K,) the frames that were written, and their timestamps. hidden: (K, 33) bool; None leaves
        landmarks out."""
        settings = self.settings
        reps, events = with_frames_dropped(self.movement.reps, self.movement.events, kept.tolist())
        truth = settings.truth() | {
            "seed": settings.seed,
            "frames": len(kept),
            "plates": settings.plates,
            "crf": settings.crf,
            "others": len(self.movement.others),
            "late_s": settings.late_s,
            "reps": as_json(reps),
            "events": as_json(events),
        }
        if hidden is None:
            return truth
        image, world = self.project_landmarks()
        return truth | {
            "frame": kept.tolist(),
            "t_s": (stamps_s - stamps_s[0]).round(TIME_DIGITS).tolist(),
            "landmarks_image": image[kept].round(IMAGE_DIGITS).tolist(),
            "landmarks_world": world[kept].round(WORLD_DIGITS).tolist(),
            "hidden": [np.flatnonzero(flags).tolist() for flags in hidden],
        }

    def renderer(self) -> Renderer:
        return Renderer(self.settings.camera, self.appearance.room, self.appearance.sensor, self._tracks())

    def _tracks(self) -> list[actors.ActorTrack]:
        movement, outfits = self.movement, self.appearance.outfits
        tracks = [actors.person(self.body, movement.posture, outfits[0])]
        if self.settings.bar:
            tracks.append(actors.bar(movement.posture, self.appearance.make.mesh()))
            holding = actors.bench if LIFTS[self.settings.exercise].lies else actors.rack
            stands = holding(movement.posture, movement.events)
            tracks += [] if stands is None else [stands]
        others = zip(movement.others, outfits[1:], strict=True)
        return tracks + [actors.person(other.body, other.posture, outfit) for other, outfit in others]


def make_clip(settings: ClipSettings) -> SyntheticClip:
    """Raises ConfigError for impossible settings."""
    rng = np.random.default_rng(settings.seed)
    body, camera = load(settings.body, settings.scale), settings.camera
    lifter = draw_lifter(rng, body, settings.exercise, settings.bar, typical=settings.typical)
    who = Performer(body, settings.exercise, vary_between_sets(rng, lifter), settings.bar)
    movement = play_set(who, settings.tokens, rng, camera.fps, camera.azimuth_deg)
    return SyntheticClip(
        settings=settings,
        appearance=_random_appearance(settings, len(movement.others)),
        movement=replace(movement, reps=with_true_severities(movement)),
    )


def _random_appearance(settings: ClipSettings, others: int) -> Appearance:
    rng = np.random.default_rng([settings.seed, 1])
    room = random_room(rng, settings.camera.azimuth_deg)
    sensor, colours = random_sensor(rng, room), actors.random_plate_colours(rng, settings.plates)
    outfits, make = tuple(random_outfit(rng) for _ in range(1 + others)), actors.barbell(colours)
    if settings.any_make:
        make = actors.random_make(np.random.default_rng([settings.seed, 3]))
    return Appearance(room=room, sensor=sensor, outfits=outfits, make=make)


def write_clip(
    clip: SyntheticClip, path: Path, landmarks: bool = True, asked: Mapping[str, object] | None = None
) -> int:
    """Render the clip to `path` (mp4), write its truth to the same name with .json, and return the number of frames.
    The truth is written last: if it exists, the clip is complete. landmarks: include all in the truth. asked: the
    original request, stored in the truth. Raises OutputError if either file can't be written."""
    settings = clip.settings
    camera = settings.camera
    kept, stamps_s = written_frames(settings, clip.frames)
    points, hidden = clip.movement.landmarks, []
    xy = camera.project_landmarks(points)[0][..., :2]
    with (
        open_video(
            path, *camera.size_px, camera.fps, crf=settings.crf, preset=PRESET, ticks_per_s=TICKS_PER_S
        ) as video,
        clip.renderer() as renderer,
    ):
        for i, t_s in zip(kept.tolist(), stamps_s, strict=True):
            video.write(renderer.draw(i), round((t_s - stamps_s[0]) * TICKS_PER_S))
            if landmarks:
                hidden.append(hidden_landmarks(xy[i], renderer.behind_m(points[i]), settings.scale))
    document = clip.truth(kept, stamps_s, np.array(hidden) if landmarks else None)
    write_truth(path.with_suffix(".json"), {"asked": dict(asked), **document} if asked else document)
    return len(kept)


def written_frames(settings: ClipSettings, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """As `kept_frames`."""
    rng = np.random.default_rng([settings.seed, 2])
    return kept_frames(rng, frames, settings.camera.fps, settings.lost, settings.late_s)


def write_empty_room(settings: ClipSettings, seconds: float, path: Path) -> None:
    camera, appearance = settings.camera, _random_appearance(settings, 0)
    frames = round(seconds * camera.fps)
    with (
        open_video(path, camera.width_px, camera.height_px, camera.fps, crf=settings.crf) as video,
        Renderer(camera, appearance.room, appearance.sensor, []) as renderer,
    ):
        for i in range(frames):
            video.write(renderer.draw(i))
    nobody: dict[str, Any] = {"exercise": None, "reps": [], "events": [], "seed": settings.seed, "fps": camera.fps}
    size = {"width": camera.width_px, "height": camera.height_px, "frames": frames}
    write_truth(path.with_suffix(".json"), nobody | size)


SIZES_PX = {(640, 480): 0.4, (640, 360): 0.25, (480, 640): 0.15, (360, 640): 0.2}
RATES_FPS = {12.0: 0.04, 15.0: 0.08, 20.0: 0.06, 24.0: 0.1, 25.0: 0.1, 30.0: 0.52, 50.0: 0.04, 60.0: 0.06}
Seed = int | Sequence[int]


def random_clip_settings(
    seed: Seed,
    exercise: str,
    tokens: tuple[Token, ...],
    *,
    view_deg: float | tuple[float, float] = (-90.0, 90.0),
    bodies: Sequence[str] = TRAINING,
    size_px: tuple[int, int] | None = None,
    fps: float | None = None,
) -> ClipSettings:
    """Draw settings of a clip of these tokens as somebody might have filmed it. view_deg: the camera's azimuth, or a
    range to draw it from. Given values replace drawn ones and change nothing else. Raises ConfigError for impossible
    values."""
    rng = np.random.default_rng(seed)
    low, high = view_deg if isinstance(view_deg, tuple) else (view_deg, view_deg)
    if not -180 <= low <= high <= 180:
        given = f"{low:g}" if low == high else f"{low:g}..{high:g}"
        raise ConfigError(f"view {given}: expected degrees of -180..180, the lower one first")
    view = round(rng.uniform(low, high), 1)
    drawn_size, rate = pick(rng, SIZES_PX), pick(rng, RATES_FPS)
    faulty = rng.random() < 0.15
    return ClipSettings(
        exercise=exercise,
        tokens=tokens,
        seed=int(rng.integers(1 << 31)),
        body=pick(rng, bodies),
        scale=round(rng.uniform(0.95, 1.05), 3),
        bar=bool(rng.random() < find(exercise).loaded),
        plates=int(rng.integers(1, 4)),
        lost=rng.uniform(0.01, 0.25) if faulty else 0.0,
        late_s=rng.uniform(0.002, 0.03) if rng.random() < 0.25 else 0.0,
        crf=int(rng.integers(20, 36)),
        camera=random_camera(rng, size_px or drawn_size, view, rate if fps is None else fps),
    )
