"""One clip: what was asked for, the movement in it, its pictures and its truth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach.errors import ConfigError
from livecoach.session.video import open_video
from livecoach.synth.bar_truth import plates_seen
from livecoach.synth.camera import Camera
from livecoach.synth.clip_truth import ClipTruth, write_truth
from livecoach.synth.figure.body import Body, load
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.figure.posture import length
from livecoach.synth.motion.lifter import at_tempo, on_the_day, random_lifter
from livecoach.synth.motion.programme import Movement, Programme
from livecoach.synth.motion.tokens import Token
from livecoach.synth.picture.actors import Track, bar, person, rack
from livecoach.synth.picture.barbell import barbell, outer_face, random_plate_colours
from livecoach.synth.picture.bars import Make, random_make
from livecoach.synth.picture.hidden import hidden
from livecoach.synth.picture.outfit import Outfit, random_outfit
from livecoach.synth.picture.render import Renderer
from livecoach.synth.picture.room import Room, random_room
from livecoach.synth.picture.sensor import Sensor, random_sensor
from livecoach.synth.true_severity import Performer, judged

FPS = (12, 60)
PRESET = "veryfast"
"""x264's: phones and webcams do not try harder, and it costs a quarter of the time."""
TICKS_PER_S = 90_000
LEAST_GAP_S = 1e-3
"""Between the stamps of two frames that came late together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSettings:
    """What a clip is made from: the same settings give the same clip."""

    exercise: str
    tokens: tuple[Token, ...]
    seed: int
    """Draws the lifter's ways, room, light, clothes and the camera's noise."""
    camera: Camera
    """Its frame rate and picture size are the clip's."""
    body: str
    scale: float = 1.0
    tempo: float = 1.0
    """All durations of a rep times this."""
    bar: bool = True
    """False: a bodyweight squat, or an empty floor."""
    plates: int = 1
    lost: float = 0.0
    """Share of the frames that the camera loses."""
    late_s: float = 0.0
    """How much later than it was taken a frame is stamped, on average."""
    crf: int = 23
    """x264's quality: 0 lossless, 51 worst."""
    any_make: bool = False
    """The barbell is of any make, small plates and none among them, drawn apart from all else; False: full plates."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("tempo", 0.2, 5),
            ("plates", 0, 6),
            ("seed", 0, 2**63),
            ("lost", 0, 0.9),
            ("late_s", 0, 1),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(f"{name} {value:g}: expected {low}..{high:g}")
        if not FPS[0] <= self.camera.fps <= FPS[1]:
            raise ConfigError(f"fps {self.camera.fps:g}: expected {FPS[0]}..{FPS[1]} for a video")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looks:
    """How everything looks."""

    room: Room
    sensor: Sensor
    outfits: tuple[Outfit, ...]
    """Of the lifter and the others."""
    plates: tuple[tuple[float, ...], ...]
    """Their colours, from the middle outwards."""
    make: Make | None = None
    """Of the barbell; None: the plates above."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clip:
    """A clip before it is drawn."""

    settings: ClipSettings
    body: Body
    looks: Looks
    movement: Movement

    @property
    def frames(self) -> int:
        """Number of frames."""
        return length(self.movement.posture)

    def landmarks(self) -> np.ndarray:
        """(T, 33, 3) world positions, m."""
        return self.body.landmarks(*solve(self.body, self.movement.posture))

    def seen(self) -> tuple[np.ndarray, np.ndarray]:
        """True image and world landmarks, both (T, 33, 3), as Camera.seen."""
        return self.settings.camera.seen(self.landmarks())

    def plates_seen(self) -> np.ndarray | None:
        """(T, 2, 3) as plates_seen; None where no plate is on the bar."""
        make = self.looks.make
        if not self.settings.bar or not (self.looks.plates if make is None else make.discs):
            return None
        face_m, radius_m = outer_face(len(self.looks.plates)) if make is None else (make.face_m, make.radius_m)
        return plates_seen(self.movement.posture, self.settings.camera, face_m, radius_m)

    def renderer(self) -> Renderer:
        """What draws it."""
        return Renderer(self.settings.camera, self.looks.room, self.looks.sensor, self._tracks())

    def _tracks(self) -> list[Track]:
        movement, outfits = self.movement, self.looks.outfits
        tracks = [person(self.body, movement.posture, outfits[0])]
        if self.settings.bar:
            make = self.looks.make
            tracks.append(bar(movement.posture, barbell(self.looks.plates) if make is None else make.mesh()))
            stands = rack(movement.posture, movement.events)
            tracks += [] if stands is None else [stands]
        others = zip(movement.others, outfits[1:], strict=True)
        return tracks + [person(other.body, other.posture, outfit) for other, outfit in others]


def make_clip(settings: ClipSettings) -> Clip:
    """Movement, room and clothes of the settings; raises ConfigError on impossible ones."""
    rng = np.random.default_rng(settings.seed)
    body, camera = load(settings.body, settings.scale), settings.camera
    lifter = at_tempo(on_the_day(rng, random_lifter(rng, body, settings.bar)), settings.tempo)
    programme = Programme(body, settings.exercise, camera.fps, rng, lifter, camera.azimuth_deg, bar=settings.bar)
    movement = programme.run(settings.tokens)
    performer, joints = Performer(body, settings.exercise, lifter, settings.bar), solve(body, movement.posture)
    return Clip(
        settings=settings,
        body=body,
        looks=_random_looks(settings, len(movement.others)),
        movement=movement._replace(reps=judged(performer, camera.fps, movement.reps, joints)),
    )


def _random_looks(settings: ClipSettings, others: int) -> Looks:
    rng = np.random.default_rng([settings.seed, 1])
    room = random_room(rng, settings.camera.azimuth_deg)
    return Looks(
        room=room,
        sensor=random_sensor(rng, room),
        plates=tuple(tuple(colour) for colour in random_plate_colours(rng, settings.plates)),
        outfits=tuple(random_outfit(rng) for _ in range(1 + others)),
        make=random_make(np.random.default_rng([settings.seed, 3])) if settings.any_make else None,
    )


def write_clip(clip: Clip, path: Path, landmarks: bool = True, asked: Mapping[str, object] | None = None) -> int:
    """Draw the clip to `path` (mp4) and its truth to the same name with .json.

    landmarks: put every landmark into the truth. The truth is written last: where it is, the clip is complete.
    asked: how somebody asked for the clip, kept in the truth. Returns how many frames were written. Raises OutputError
    where either can't be written.
    """
    settings = clip.settings
    camera = settings.camera
    kept, stamps_s = written_frames(settings, clip.frames)
    truth = ClipTruth(clip.settings, clip.body, clip.movement, kept, stamps_s)
    flags = []
    with (
        open_video(
            path,
            camera.width_px,
            camera.height_px,
            camera.fps,
            crf=settings.crf,
            preset=PRESET,
            ticks_per_s=TICKS_PER_S,
        ) as video,
        clip.renderer() as renderer,
    ):
        for picture, tick, of_frame in _drawn(clip, renderer, kept, stamps_s, landmarks):
            video.write(picture, tick)
            flags.append(of_frame)
    told = truth.as_dict(clip.seen(), np.array(flags)) if landmarks else truth.as_dict()
    write_truth(path.with_suffix(".json"), {"asked": dict(asked), **told} if asked else told)
    return len(kept)


def _drawn(
    clip: Clip, renderer: Renderer, kept: np.ndarray, stamps_s: np.ndarray, landmarks: bool
) -> Iterator[tuple[np.ndarray, int, np.ndarray]]:
    """Picture, tick and hidden landmarks (33,) of each frame that is written."""
    points, nothing = clip.landmarks(), np.zeros(0, bool)
    xy = clip.settings.camera.seen(points)[0][..., :2]
    for i, t_s in zip(kept, stamps_s, strict=True):
        picture = renderer.draw(int(i))
        flags = hidden(xy[i], renderer.behind_m(points[i]), clip.settings.scale) if landmarks else nothing
        yield picture, round((t_s - stamps_s[0]) * TICKS_PER_S), flags


def written_frames(settings: ClipSettings, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Frames that the camera does not lose (K,), first and last among them, and their time stamps (K,), s.

    Frames are lost in runs, as when a phone is busy; a late frame keeps its content and is stamped later.
    """
    rng = np.random.default_rng([settings.seed, 2])
    busy, switches = np.zeros(frames, bool), rng.random(frames)
    # Probability that a run of lost frames ends, each frame: 1.7 frames on average, longer where most are lost.
    ends = min(0.6, (1 - settings.lost) / max(settings.lost, 1e-9))
    starts = ends * settings.lost / (1 - settings.lost)
    for i in range(1, frames - 1):
        busy[i] = switches[i] > ends if busy[i - 1] else switches[i] < starts
    kept = np.flatnonzero(~busy)
    late = rng.exponential(1.0, len(kept)) * settings.late_s
    least_s = np.arange(len(kept)) * LEAST_GAP_S
    stamps = np.maximum.accumulate(kept / settings.camera.fps + late - least_s) + least_s
    return kept, stamps


def write_empty_room(settings: ClipSettings, seconds: float, path: Path) -> None:
    """Draw the settings' room with nobody and no bar in it to `path`; the truth says that there are no reps."""
    camera, looks = settings.camera, _random_looks(settings, 0)
    frames = round(seconds * camera.fps)
    with (
        open_video(path, camera.width_px, camera.height_px, camera.fps, crf=settings.crf) as video,
        Renderer(camera, looks.room, looks.sensor, []) as renderer,
    ):
        for i in range(frames):
            video.write(renderer.draw(i))
    size = {"width": camera.width_px, "height": camera.height_px, "frames": frames}
    write_truth(
        path.with_suffix(".json"),
        {"exercise": None, "reps": [], "events": [], "seed": settings.seed, "fps": camera.fps, **size},
    )
