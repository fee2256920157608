"""Rendered sets with a barbell, as pictures, as the pose estimator sees them, and as they truly are.

Each is one judging body, one view of 30 to 90 degrees on either side, 640x480 at 25 frames a second, two or three good
reps of deadlift and squat by turns, with a barbell of any make. What is made once is kept in a cache.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from livecoach.documents import codec
from livecoach.pose.blazepose import BlazePose
from livecoach.pose.observer import Observer
from livecoach.synth.bar_truth import bar_way
from livecoach.synth.clip import Clip, make_clip
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.motion.faults import EXERCISES
from livecoach.synth.motion.tokens import parse
from livecoach.synth.variety import random_clip_settings
from livecoach.types import Frame, Observation

FPS, SIZE_PX = 25.0, (640, 480)
VIEWS_DEG = (30.0, 90.0)
QUALITY = 92


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarSet:
    """One set."""

    name: str
    exercise: str
    view_deg: float
    pictures: Path
    """Motion JPEG."""
    observations: tuple[Observation, ...]
    """As pose sees it, without the bar."""
    way: np.ndarray
    """(T, 3) the bar's middle, m: x forward, y left, z up."""
    plates: np.ndarray
    """(T, 2, 3) as Clip.plates_seen; NaN without plates."""
    radius_m: float
    """Of the largest plate; 0: none, or no bar."""
    reps: tuple[tuple[float, float], ...]
    """When each begins and ends, s."""

    def frames(self) -> Iterator[np.ndarray]:
        """Its pictures."""
        video = cv2.VideoCapture(str(self.pictures))
        while True:
            there, picture = video.read()
            if not there:
                break
            yield picture
        video.release()


def bar_set(seed: int, number: int, cache: Path, *, bar: bool = True) -> BarSet:
    """Set `number` of a seed; rendered where the cache does not have it. bar: False: the hands are empty."""
    name = f"{'bar' if bar else 'none'}_{seed}_{number:03d}"
    paths = [cache / f"{name}{end}" for end in (".avi", ".obs", ".npz")]
    clip = _clip(seed, number, bar)
    if not paths[-1].is_file():
        cache.mkdir(parents=True, exist_ok=True)
        _make(clip, *paths)
    truth = np.load(paths[2])
    with paths[1].open("rb") as file:
        observations = tuple(codec.decode(record) for record in codec.read_records(file))
    make = clip.looks.make
    return BarSet(
        name=name,
        exercise=clip.settings.exercise,
        view_deg=clip.settings.camera.azimuth_deg,
        pictures=paths[0],
        observations=observations,
        way=truth["way"],
        plates=truth["plates"],
        radius_m=make.radius_m if bar and make is not None else 0.0,
        reps=tuple((rep.start_s, rep.end_s) for rep in clip.movement.reps),
    )


def _clip(seed: int, number: int, bar: bool) -> Clip:
    rng = np.random.default_rng((seed, number, 23))
    exercise = EXERCISES[number % len(EXERCISES)]
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


def _make(clip: Clip, pictures: Path, observed: Path, truth: Path) -> None:
    estimator = BlazePose("lite")
    video = cv2.VideoWriter(str(pictures), cv2.VideoWriter_fourcc(*"MJPG"), FPS, SIZE_PX)
    video.set(cv2.VIDEOWRITER_PROP_QUALITY, QUALITY)
    observer, records = Observer(estimator), []
    with clip.renderer() as renderer:
        for i in range(clip.frames):
            picture = renderer.draw(i)
            video.write(picture)
            seen = observer.observe(Frame(index=i, t_s=i / FPS, picture=picture))
            records.append(codec.record(codec.encode(seen)))
    estimator.close()
    video.release()
    observed.write_bytes(b"".join(records))
    plates = clip.plates_seen()
    nothing = np.full((clip.frames, 2, 3), np.nan)
    np.savez(truth, way=bar_way(clip.movement.posture), plates=nothing if plates is None else plates)
