"""Rendered sets with a barbell, as pictures, as the pose estimator sees them, and as they truly are.

Each is one judging body, one view of 30 to 90 degrees on either side, 640x480 at 25 frames a second, two or three good
reps of deadlift and squat by turns, with a barbell of any make.
"""

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from livecoach.lab.main_lifts import MAIN_LIFTS
from livecoach.lab.measure.cache import Cache
from livecoach.pose.blazepose import BlazePose
from livecoach.pose.observer import Observer
from livecoach.synth.bar_truth import bar_path
from livecoach.synth.clip import Clip, make_clip
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.motion.tokens import parse
from livecoach.synth.variety import random_clip_settings
from livecoach.types import Frame, Observation

FPS, SIZE_PX = 25.0, (640, 480)
VIEWS_DEG = (30.0, 90.0)
QUALITY = 92


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarSet:
    """A rendered set with the truth of its bar."""

    name: str
    exercise: str
    view_deg: float
    """Signed azimuth of the camera."""
    pictures: Path
    """Motion JPEG."""
    observations: tuple[Observation, ...]
    """What the pose estimator sees, without the bar."""
    path: np.ndarray
    """(T, 3) the bar's middle, m: x forward, y left, z up."""
    plates: np.ndarray
    """(T, 2, 3) both plates as Clip.plates_seen gives them; NaN without plates."""
    radius_m: float
    """Radius of the largest plate; 0 without a plate or a bar."""
    reps: tuple[tuple[float, float], ...]
    """Start and end of each true rep, s."""

    def frames(self) -> Iterator[np.ndarray]:
        """Yield its pictures."""
        video = cv2.VideoCapture(str(self.pictures))
        while True:
            there, picture = video.read()
            if not there:
                break
            yield picture
        video.release()


def bar_set(seed: int, number: int, cache: Cache, *, bar: bool = True) -> BarSet:
    """Return set `number` of a seed; it is rendered where the cache does not have it. bar: False for empty hands."""
    name = f"{'bar' if bar else 'none'}_{seed}_{number:03d}"
    pictures, truth_path = (cache.folder / f"{name}{ending}" for ending in (".avi", ".npz"))
    clip = _clip(seed, number, bar)
    observations = cache.kept(f"{name}.obs", lambda: _observe(clip, pictures))
    if not truth_path.is_file():
        plates = clip.plate_positions()
        nothing = np.full((clip.frames, 2, 3), np.nan)
        np.savez(truth_path, way=bar_path(clip.movement.posture), plates=nothing if plates is None else plates)
    truth = np.load(truth_path)
    make = clip.looks.make
    return BarSet(
        name=name,
        exercise=clip.settings.exercise,
        view_deg=clip.settings.camera.azimuth_deg,
        pictures=pictures,
        observations=tuple(observations),
        path=truth["way"],
        plates=truth["plates"],
        radius_m=make.radius_m if bar and make is not None else 0.0,
        reps=tuple((rep.start_s, rep.end_s) for rep in clip.movement.reps),
    )


def _clip(seed: int, number: int, bar: bool) -> Clip:
    rng = np.random.default_rng((seed, number, 23))
    exercise = MAIN_LIFTS[number % len(MAIN_LIFTS)]
    view_deg = round(float(rng.uniform(*VIEWS_DEG)), 1)
    settings = random_clip_settings(
        [seed, number, 23],
        exercise,
        parse(f"good*{2 + number // 2 % 2}", exercise),
        view_deg=view_deg if rng.random() < 0.5 else -view_deg,
        bodies=JUDGING,
        size_px=SIZE_PX,
        fps=FPS,
    )
    return make_clip(dataclasses.replace(settings, lost=0.0, late_s=0.0, bar=bar, any_make=True))


def _observe(clip: Clip, pictures: Path) -> Iterator[Observation]:
    """Draw a clip to a file, and look at its frames with pose."""
    video = cv2.VideoWriter(str(pictures), cv2.VideoWriter.fourcc(*"MJPG"), FPS, SIZE_PX)
    video.set(cv2.VIDEOWRITER_PROP_QUALITY, QUALITY)
    with closing(BlazePose("lite")) as estimator, clip.renderer() as renderer:
        observer = Observer(estimator)
        for i in range(clip.frames):
            picture = renderer.draw(i)
            video.write(picture)
            yield observer.observe(Frame(index=i, t_s=i / FPS, picture=picture))
    video.release()
