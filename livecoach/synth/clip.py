"""One clip: what was asked for, the movement in it, its pictures and its truth."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.errors import ConfigError, OutputError
from livecoach.session.video import open_video
from livecoach.synth.camera import Camera
from livecoach.synth.figure.body import Body
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.figure.posture import length
from livecoach.synth.motion.lifter import at_tempo, random_lifter
from livecoach.synth.motion.programme import Movement, Programme
from livecoach.synth.motion.tokens import Token
from livecoach.synth.picture.render import Renderer
from livecoach.synth.picture.room import Room, random_room
from livecoach.synth.truth import as_json, with_frames_dropped

TURN = {"deadlift": "lockout", "squat": "deepest point"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSettings:
    """What a clip is made from: the same settings give the same clip."""

    exercise: str
    tokens: tuple[Token, ...]
    seed: int
    view_deg: float = 30.0
    """Camera's azimuth: 0 front, 90 the lifter's left side, -90 the right, 180 behind."""
    body: str = "male_avg"
    scale: float = 1.0
    fps: float = 30.0
    width_px: int = 640
    height_px: int = 480
    distance_m: float = 3.0
    camera_height_m: float = 1.1
    fov_deg: float = 46.0
    tempo: float = 1.0
    """All durations of a rep times this."""
    bar: bool = True
    """False: a bodyweight squat, or an empty floor."""
    plates: int = 1

    def __post_init__(self) -> None:
        for name, low, high in (("fps", 5, 240), ("tempo", 0.2, 5), ("plates", 0, 6), ("seed", 0, 2**63)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(f"{name} {value:g}: expected {low}..{high:g}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clip:
    """A clip before it is drawn."""

    settings: ClipSettings
    body: Body
    camera: Camera
    room: Room
    movement: Movement

    @property
    def frames(self) -> int:
        """Number of frames."""
        return length(self.movement.posture)

    def seen(self) -> tuple[np.ndarray, np.ndarray]:
        """True image and world landmarks, both (T, 33, 3), as Camera.seen."""
        return self.camera.seen(self.body.landmarks(*solve(self.body, self.movement.posture)))

    def renderer(self) -> Renderer:
        """What draws it."""
        return Renderer(self.camera, self.room, self.body, self.settings.bar, self.settings.plates)


def make_clip(settings: ClipSettings) -> Clip:
    """Movement, camera and room of the settings; raises ConfigError on impossible ones."""
    rng = np.random.default_rng(settings.seed)
    body = Body(settings.body, settings.scale)
    lifter = at_tempo(random_lifter(rng, body, settings.bar), settings.tempo)
    programme = Programme(body, settings.exercise, settings.fps, rng, lifter, settings.view_deg, bar=settings.bar)
    movement = programme.run(settings.tokens)
    camera = Camera(
        azimuth_deg=settings.view_deg,
        height_m=settings.camera_height_m,
        distance_m=settings.distance_m,
        fov_deg=settings.fov_deg,
        width_px=settings.width_px,
        height_px=settings.height_px,
        target=(0.05, 0, 0.95 * body.standing_hip_m + rng.uniform(-0.05, 0.05)),
        roll_deg=rng.uniform(-1, 1),
    )
    room = random_room(np.random.default_rng(settings.seed + 1))
    return Clip(settings=settings, body=body, camera=camera, room=room, movement=movement)


def write_clip(
    clip: Clip, path: Path, crf: int = 23, kept: Sequence[int] | None = None, landmarks: bool = True
) -> None:
    """Draw the clip to `path` (mp4) and its truth to the same name with .json.

    kept: frames to write, ascending, at their true times (None: all). landmarks: put every landmark into the truth.
    The truth is written last: where it is, the clip is complete. Raises OutputError where either can't be written.
    """
    numbers = range(clip.frames) if kept is None else kept
    settings = clip.settings
    with (
        open_video(path, settings.width_px, settings.height_px, settings.fps, crf=crf) as video,
        clip.renderer() as renderer,
    ):
        for i in numbers:
            video.write(renderer.draw(clip.movement.posture, i), i)
    write_truth(path.with_suffix(".json"), clip_truth(clip, numbers, landmarks))


def write_empty_room(settings: ClipSettings, seconds: float, path: Path, crf: int = 23) -> None:
    """Draw the settings' room with nobody and no bar in it to `path`; the truth says that there are no reps."""
    clip = make_clip(settings)
    frames = round(seconds * settings.fps)
    with (
        open_video(path, settings.width_px, settings.height_px, settings.fps, crf=crf) as video,
        Renderer(clip.camera, clip.room, body=None, bar=False) as renderer,
    ):
        for _ in range(frames):
            video.write(renderer.empty())
    truth: dict[str, Any] = {"exercise": None, "reps": [], "events": [], "seed": settings.seed, "fps": settings.fps}
    size = {"width": settings.width_px, "height": settings.height_px, "frames": frames}
    write_truth(path.with_suffix(".json"), truth | size)


def clip_truth(clip: Clip, kept: Sequence[int], landmarks: bool) -> dict[str, Any]:
    """What the JSON beside a clip holds; frames count among those `kept`, seconds are their true times."""
    settings = clip.settings
    reps, events = with_frames_dropped(clip.movement.reps, clip.movement.events, kept)
    truth = {
        "exercise": settings.exercise,
        "set": ",".join(map(str, settings.tokens)),
        "view_deg": settings.view_deg,
        "body": settings.body,
        "scale": settings.scale,
        "seed": settings.seed,
        "fps": settings.fps,
        "width": settings.width_px,
        "height": settings.height_px,
        "frames": len(kept),
        "turn": TURN[settings.exercise],
        "camera": {
            "azimuth_deg": settings.view_deg,
            "height_m": settings.camera_height_m,
            "distance_m": settings.distance_m,
            "fov_deg": settings.fov_deg,
        },
        "reps": as_json(reps),
        "events": as_json(events),
    }
    if landmarks:
        image, world = (array[np.asarray(kept)] for array in clip.seen())
        truth["landmarks_image"], truth["landmarks_world"] = image.round(4).tolist(), world.round(4).tolist()
    return truth


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """One JSON document; complete, or not there. Raises OutputError."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(json.dumps(truth, separators=(",", ":")) + "\n")
        os.replace(part, path)
    except OSError as err:
        part.unlink(missing_ok=True)
        raise OutputError(
            f"{path}: can't be written ({err.strerror}). Is there room, and may you write there?"
        ) from err
