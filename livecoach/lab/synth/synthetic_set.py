"""Makes a set of a synthetic lifter before a camera: its settings, observations, pictures and ground truth."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from livecoach.core.documents import codec
from livecoach.core.documents.codec import ObservationWriter
from livecoach.core.errors import ConfigError
from livecoach.core.types import Observation
from livecoach.lab.synth import noise
from livecoach.lab.synth.figure.body_mesh import load_body
from livecoach.lab.synth.figure.posture import Posture
from livecoach.lab.synth.motion.lifter import vary_between_sets
from livecoach.lab.synth.motion.lifts import LIFTS, draw_lifter
from livecoach.lab.synth.motion.motion_sequence import Performer
from livecoach.lab.synth.motion.ranges import draw_fields
from livecoach.lab.synth.motion.set_motion import SetMotion, play_set
from livecoach.lab.synth.motion.tokens import Token
from livecoach.lab.synth.picture import actors
from livecoach.lab.synth.picture.outfit import Outfit
from livecoach.lab.synth.picture.render import Renderer, Sensor
from livecoach.lab.synth.picture.room import Room
from livecoach.lab.synth.severity import with_true_severities
from livecoach.lab.synth.synthetic_camera import VirtualCamera
from livecoach.lab.truth import TrueEvent, TrueRep, dump_truth, renumber_frames, write_truth
from livecoach.records.session.video import open_video

Seed = int | Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSettings:
    """The settings of a set, from which `make_set` always makes the same set."""

    exercise: str
    tokens: tuple[Token, ...]
    camera: VirtualCamera  # also sets the frame rate and the picture size
    body: str  # name of the body
    seed: Seed = 0  # seed of all that is random: lifter, motion, room, clothes, and the camera's noise and lost frames
    scale: float = 1.0  # factor on the size of the body
    bar: bool = True  # whether the lifter has a barbell
    lost: float = 0.0  # share of the frames that the camera loses
    late_s: float = 0.0  # mean delay of the frames' timestamps
    typical: bool = False  # whether only typical lifters are drawn (`SetRequest.typical`)
    plates: int = 1  # plates on each side
    any_barbell: bool = False  # whether the pictures show a `random_barbell`, whatever `plates` is
    crf: int = 23  # constant rate factor of x264: 0 is lossless, 51 is worst

    def make_rng(self, *stream: int) -> np.random.Generator:
        """Make a random generator for the lifter and the motion or, with a number, for another part of the set.

        The numbers are 1 for the appearance, 2 for lost and late frames, and 3 for a random barbell.
        """
        seed = [self.seed] if isinstance(self.seed, int) else [*self.seed]
        return np.random.default_rng([*seed, *stream] if stream else self.seed)


class Appearance(NamedTuple):
    """The properties of a set that only its pictures show."""

    room: Room
    sensor: Sensor
    outfits: tuple[Outfit, ...]  # of the lifter and of other people
    barbell: actors.BarbellLook


def draw_appearance(settings: SetSettings, others: int) -> Appearance:
    """Draw the appearance of a set, with `others` people besides the lifter, at random from the settings' seed."""
    rng = settings.make_rng(1)
    room = draw_fields(Room, rng, view_deg=settings.camera.azimuth_deg)
    sensor, colours = draw_fields(Sensor, rng, room=room), actors.random_plate_colours(rng, settings.plates)
    outfits, barbell = tuple(draw_fields(Outfit, rng) for _ in range(1 + others)), actors.plain_barbell(colours)
    if settings.any_barbell:
        barbell = actors.random_barbell(settings.make_rng(3))
    return Appearance(room, sensor, outfits, barbell)


@dataclass(frozen=True, kw_only=True, eq=False)
class SyntheticSet:
    """A set of the synthetic lifter with its truth, in the T frames that the camera kept."""

    settings: SetSettings
    movement: SetMotion  # motion in all frames, including frames that the camera lost
    kept_frames: np.ndarray  # (T,) indices in `movement` of the frames that the camera kept, from 0
    t_s: np.ndarray  # (T,) timestamps of these frames
    reps: tuple[TrueRep, ...]  # reps and events have indices into the T frames, from 0
    events: tuple[TrueEvent, ...]
    seen: noise.SeenLandmarks  # landmarks of the T frames as a pose estimator reports them

    @property
    def exercise(self) -> str:
        return self.settings.exercise

    @property
    def posture(self) -> Posture:
        """The lifter's posture in the frames that the camera kept."""
        return self.movement.posture.at_frames(self.kept_frames)

    @property
    def people(self) -> np.ndarray:
        """Number of people in each kept frame, (T,): the lifter, always, and others whose hips are in the picture."""
        count, camera = np.ones(len(self.movement.landmarks), int), self.settings.camera
        for other in self.movement.others:
            local = camera.to_camera_axes(other.posture.point("hip")[:, None])
            xy = camera.project(local)[:, 0]
            count += (local[:, 0, 2] > 0) & ((xy > 0) & (xy < 1)).all(1)
        return count[self.kept_frames]

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        """Observations of the frames that the camera kept, with the landmarks in `seen`."""
        dropped = np.diff(self.kept_frames, prepend=-1) - 1
        return self.seen.to_observations(self.t_s, self.people, dropped)

    def with_noise(
        self, rng: np.random.Generator, amount: float = 1.0, seeds: noise.NoiseSeeds = noise.INDEPENDENT
    ) -> "SyntheticSet":
        """Return a copy of the set in which random errors of a pose estimator are added to the landmarks.

        Args:
            amount: Factor on the errors; 1 is usual.
            seeds: Seeds of the errors that the set shares with other sets.
        """
        camera, true = self.settings.camera, self.seen
        filming = camera.azimuth_deg, camera.fps, camera.size_px
        return replace(self, seen=noise.load_noise()(rng, true.image[..., :3], true.world, *filming, amount, seeds))

    def truth_content(self, **more: object) -> dict[str, Any]:
        """Return the content of the ground-truth file of the set, with the further entries `more`."""
        settings, camera = self.settings, self.settings.camera
        stated = {
            "exercise": settings.exercise,
            "set": ",".join(map(str, settings.tokens)),
            "turn": LIFTS[settings.exercise].turn,
            "view_deg": camera.azimuth_deg,
            "body": settings.body,
            "scale": settings.scale,
            "bar": settings.bar,
            "fps": camera.fps,
            "width": camera.width_px,
            "height": camera.height_px,
            "camera": asdict(camera),
            "lost": settings.lost,
        }
        return stated | more | {"reps": dump_truth(self.reps), "events": dump_truth(self.events)}

    @cached_property
    def appearance(self) -> Appearance:
        """Room, sensor, outfits and barbell in the pictures of the set."""
        return draw_appearance(self.settings, len(self.movement.others))

    def open_renderer(self) -> Renderer:
        """Open a renderer of all frames of `movement`. Use the renderer in a `with` statement.

        Raises ConfigError if this machine can't draw.
        """
        movement, look, settings = self.movement, self.appearance, self.settings
        tracks = [actors.person_track(movement.performer.body, movement.posture, look.outfits[0])]
        if settings.bar:
            bar = actors.bar_rotations(movement.posture)[:, None], movement.posture.point("bar")[:, None]
            tracks.append(actors.ActorTrack(look.barbell.make_mesh(), *bar))
            holding = actors.bench_track if LIFTS[settings.exercise].lies else actors.rack_track
            stands = holding(movement.posture, movement.events)
            tracks += [] if stands is None else [stands]
        others = zip(movement.others, look.outfits[1:], strict=True)
        tracks += [actors.person_track(other.body, other.posture, outfit) for other, outfit in others]
        return Renderer(settings.camera, look.room, look.sensor, tracks)

    def plate_positions(self) -> np.ndarray | None:
        """Return where the largest plate at each end of the bar is in the picture; None without a bar or plates.

        Returns:
            (F, 2, 3) in all F frames of `movement`, for the nearer end of the bar, then the other end: x, y and height
            of the plate's outer face, in pixels; NaN for a plate that is absent, behind the camera, or less than
            30 cm in front of it. Of several largest plates, the outermost counts.
        """
        barbell, posture, camera = self.appearance.barbell, self.movement.posture, self.settings.camera
        if not self.settings.bar or not barbell.plates:
            return None
        around, radius_m = np.linspace(0, 2 * np.pi, 48, endpoint=False), barbell.plate_radius_m
        faces, depths = np.empty((posture.count, 2, 3)), np.empty((posture.count, 2))
        for side, along_m in enumerate((-barbell.largest_plate_face_m, barbell.largest_plate_face_m)):
            edge = np.stack([radius_m * np.cos(around), np.full(len(around), along_m), radius_m * np.sin(around)], -1)
            ring = edge @ actors.bar_rotations(posture).swapaxes(1, 2) + posture.point("bar")[:, None]  # (F, 48, 3)
            local = camera.to_camera_axes(ring)
            xy = camera.project(local) * camera.size_px
            low, high = xy.min(1), xy.max(1)
            faces[:, side] = np.stack([*((low + high) / 2).T, high[:, 1] - low[:, 1]], -1)
            depths[:, side] = local[..., 2].mean(1)
            faces[(local[..., 2] < 0.3).any(1) | (ring[..., 2].min(1) < -1), side] = np.nan
        return np.take_along_axis(faces, np.argsort(depths, 1)[..., None], 1)


def make_set(settings: SetSettings) -> SyntheticSet:
    """Make a set from its settings, without the errors of a pose estimator.

    Raises ConfigError if the exercise or the body is unknown, or `play_set` rejects the tokens.
    """
    rng, body = settings.make_rng(), load_body(settings.body, settings.scale)
    lifter = draw_lifter(rng, body, settings.exercise, settings.bar, typical=settings.typical)
    performer = Performer(body, settings.exercise, vary_between_sets(rng, lifter))
    return simulate_set(settings, performer, rng, settings.make_rng(2))


def simulate_set(
    settings: SetSettings,
    performer: Performer,
    motion_rng: np.random.Generator,
    frames_rng: np.random.Generator,
    graded: bool = True,
) -> SyntheticSet:
    """Simulate the motion of a set, and project the true landmarks in the frames that the camera keeps.

    Args:
        frames_rng: Random generator of the lost and late frames.
        graded: Whether to measure the severities of the reps' faults.
    """
    camera = settings.camera
    movement = play_set(performer, settings.tokens, motion_rng, camera.fps, camera.azimuth_deg)
    if graded:
        movement = replace(movement, reps=with_true_severities(movement))
    kept, t_s = draw_kept_frames(frames_rng, len(movement.landmarks), camera.fps, settings.lost, settings.late_s)
    image, world = (projected[kept] for projected in camera.project_landmarks(movement.landmarks))
    visible = np.concatenate([image, np.ones_like(image[..., :1])], -1)
    seen = noise.SeenLandmarks(visible, world, np.zeros(len(image), bool), camera.size_px)
    reps, events = renumber_frames(movement.reps, movement.events, kept.tolist())
    return SyntheticSet(
        settings=settings, movement=movement, kept_frames=kept, t_s=t_s, reps=reps, events=events, seen=seen
    )


LEAST_GAP_S = 1e-3  # Smallest difference between the timestamps of two late frames


def draw_kept_frames(
    rng: np.random.Generator, count: int, fps: float, lost: float, late_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw which frames a camera keeps. Return the frames' indices from 0, (K,), and timestamps in seconds, (K,).

    The first and the last frame are kept. Frames are lost in runs, as on a busy phone.

    Args:
        count: Number of frames, of which some are lost.
        lost: Expected share of lost frames, below 1.
        late_s: Mean delay of the timestamps; 0 for exact timestamps. Timestamps out of order are delayed further.
    """
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


POSE_MODEL = "synthetic"  # Name that is stored instead of the name of a pose model


def write_observations(made: SyntheticSet, path: Path, request: Mapping[str, object]) -> None:
    """Write the observations of a set to `path`, and its ground truth to the same path with the ending .json.

    Args:
        request: Request for the set, which the ground truth repeats.

    Raises:
        OutputError: A file can't be written.
    """
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
    write_truth(path.with_suffix(".json"), {"asked": dict(request)} | made.truth_content())


FPS = (12, 60)  # Smallest and largest frame rate of a video
PRESET = "veryfast"  # Phones and webcams compress no better, and slower presets take four times as long
TICKS_PER_S = 90_000  # Resolution of the timestamps of a video
IMAGE_DIGITS, WORLD_DIGITS, TIME_DIGITS = 5, 4, 5  # Digits after the point in the file of the truth


def write_video(
    made: SyntheticSet, path: Path, landmarks: bool = True, request: Mapping[str, object] | None = None
) -> int:
    """Render a set to a video (mp4), write its ground truth (.json) next to the video, and return the number of frames.

    The ground truth is written after the video is complete.

    Args:
        landmarks: Whether the ground truth has the landmarks of all frames.
        request: Request for the set, which the ground truth repeats; None without a request.

    Raises:
        ConfigError: A video can't have the frame rate, or this machine can't draw.
        OutputError: A file can't be written.
    """
    settings, camera, kept = made.settings, made.settings.camera, made.kept_frames
    if not FPS[0] <= camera.fps <= FPS[1]:
        raise ConfigError(f"fps {camera.fps:g}: expected {FPS[0]}..{FPS[1]} for a video")
    t_s = made.t_s - made.t_s[0]
    with (
        open_video(
            path, *camera.size_px, camera.fps, crf=settings.crf, preset=PRESET, ticks_per_s=TICKS_PER_S
        ) as video,
        made.open_renderer() as renderer,
    ):
        for i, at_s in zip(kept.tolist(), t_s, strict=True):
            video.write(renderer.draw(i), round(at_s * TICKS_PER_S))
    truth = made.truth_content(
        seed=settings.seed,
        frames=len(kept),
        plates=settings.plates,
        crf=settings.crf,
        others=len(made.movement.others),
        late_s=settings.late_s,
    )
    if landmarks:
        truth |= {
            "frame": kept.tolist(),
            "t_s": t_s.round(TIME_DIGITS).tolist(),
            "landmarks_image": made.seen.image[..., :3].round(IMAGE_DIGITS).tolist(),
            "landmarks_world": made.seen.world.round(WORLD_DIGITS).tolist(),
        }
    write_truth(path.with_suffix(".json"), ({"asked": dict(request)} if request else {}) | truth)
    return len(kept)
