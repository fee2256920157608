"""Measures whether the lock stays on the lifter when another person is in the picture, live and in a recording.

The rendered clips have judging bodies, and seeds that were not used to choose limits. The other person passes in front
or behind, stands next to the lifter or spots, and the azimuth is -80 to 80 degrees.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from livecoach.capture.file import VideoFile
from livecoach.core import landmark
from livecoach.core.types import Observation
from livecoach.decisions import assembly
from livecoach.lab.counting import judged_reps
from livecoach.lab.measure.cache import MAIN_LIFTS, Cache
from livecoach.lab.measure.table import Cell, Rounded, Table
from livecoach.lab.processes import ReportProgress
from livecoach.lab.synth.figure.body_mesh import JUDGING
from livecoach.lab.synth.figure.posture import solve_joints
from livecoach.lab.synth.motion.tokens import parse
from livecoach.lab.synth.synthetic_set import SyntheticSet, make_set, write_video
from livecoach.lab.synth.synthetic_sets import random_settings
from livecoach.perception.pose.blazepose import BlazePose
from livecoach.perception.pose.estimators import look_ahead
from livecoach.perception.pose.observer import Observer

SETS = (
    "good,passes_front,good*2,idle:0.5",
    "good,passes_behind,good*2,idle:0.5",
    "stands_beside,good*3,idle:0.5",
    "spots,good*3,idle:0.5",
    "spots,good,passes_front,good*2,idle:0.5",
)
FPS = 25.0  # Frame rate of the clips
CLIPS = 20  # Number of clips of the series
SEED = 77_000  # Seed of the series
DRAWN_ANEW = (0, 1, 2, 3, 4, 5, 8)
"""Numbers of clips with another seed: clips of the first seed were watched while the lock was developed."""
VIEWS_DEG = (-80.0, 80.0)  # Range of azimuths, in degrees
STRIDE = 7  # Step through the views from clip to clip, so that every set is filmed from many sides
NEAR = 1.0  # Farthest landmarks from a person that are that person's: mean of shoulders to ankles, in trunk lengths
WAYS = ("live", "recording")  # Ways to observe a clip; in a recording, BlazePose looks ahead
SWITCHED = 3  # Least number of successive frames of another person that count as a switch of the lifter
Figures = dict[str, int]  # Column of the table → value


def make_lock_clip(number: int) -> SyntheticSet:
    """Make a clip of the series, by its number from 0 to CLIPS - 1."""
    exercise, items = MAIN_LIFTS[number % 2], SETS[number // 2 % len(SETS)]
    view = float(np.linspace(*VIEWS_DEG, CLIPS).round()[number * STRIDE % CLIPS])
    seed = (SEED + (number in DRAWN_ANEW), number)
    settings = random_settings(seed, exercise, parse(items, exercise), view_deg=view, bodies=JUDGING, fps=FPS)
    return make_set(settings)


def load_or_render_video(clip: SyntheticSet, number: int, cache: Cache) -> Path:
    """Return the path of a clip's video, which is rendered if the cache lacks it."""
    path = cache.folder / f"lock_{number:02d}.mp4"
    if not path.with_suffix(".json").exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_video(clip, path, landmarks=False)
    return path


def frames_of_others(clip: SyntheticSet, observations: Sequence[Observation]) -> tuple[np.ndarray, np.ndarray]:
    """Return the frames in which the pose is another person's, and the frames without a pose, each as (T,) bool.

    A pose is another person's if it lies nearer to the truth of that person than to the truth of the lifter.
    """
    camera = clip.settings.camera
    size = np.array(camera.size_px)
    others = [other.body.landmarks(*solve_joints(other.body, other.posture)) for other in clip.movement.others]
    theirs = [camera.project_landmarks(points)[0][clip.kept] for points in others]
    people = [image[..., :2] * size for image in (clip.seen.image, *theirs)]
    trunk = people[0][:, landmark.SHOULDERS].mean(1) - people[0][:, landmark.HIPS].mean(1)
    unit = np.percentile(np.linalg.norm(trunk, axis=1), 90)
    nowhere = np.full((landmark.COUNT, 2), np.nan)
    points = np.stack([nowhere if o.landmarks is None else o.landmarks[:, :2] * size for o in observations])
    far = np.stack([np.linalg.norm(points - person, axis=-1)[:, landmark.CORE].mean(1) / unit for person in people])
    none = np.isnan(far[0])
    return (~none) & (far[1:].min(0) < far[0]) & (far[1:].min(0) < NEAR), none


def measure_lock(clips: int, cache: Cache, progress: ReportProgress) -> list[Table]:
    """Measure the lock on the first clips of the series, live and in a recording.

    Args:
        cache: Cache that keeps the videos, and the name of the pose model.
    """
    rows: list[tuple[Cell, ...]] = []
    totals = {way: Counter[str]() for way in WAYS}
    for number in range(clips):
        progress("clips", number / clips)
        clip = make_lock_clip(number)
        path, settings = load_or_render_video(clip, number, cache), clip.settings
        what = f"{settings.exercise}, {','.join(map(str, settings.tokens))}"
        for way in WAYS:
            estimator = BlazePose(cache.pose)
            if way == "recording":
                look_ahead(estimator, partial(VideoFile, path))
            figures = measure_clip(clip, path, estimator)
            totals[way].update(figures)
            rows.append((str(number), Rounded(settings.camera.azimuth_deg, 0, "°"), what, way, *figures.values()))
    rows += [("all", None, None, way, *of_way.values()) for way, of_way in totals.items()]
    return [
        Table(title=f"Lifter lock, pose {cache.pose}", columns=("clip", "view", "set", "", *figures), rows=tuple(rows))
    ]


def measure_clip(clip: SyntheticSet, path: Path, estimator: BlazePose) -> Figures:
    """Measure how well the lock stays on the lifter in a clip.

    Args:
        path: Video of the clip.

    Returns:
        Figures by their column in the table.
    """
    observer = Observer(estimator)
    with closing(VideoFile(path)) as video:
        observations = [observer.observe(frame) for frame in iter(video.read, None)]
    theirs, none = frames_of_others(clip, observations)
    true = [(rep.start_frame, rep.end_frame) for rep in clip.reps]
    switches = _runs(theirs)
    pipeline = assembly.load(clip.settings.exercise).make_pipeline()
    reps = [judged.rep for judged in judged_reps(pipeline, observations)]
    last = len(observations) - 1
    spans_s = [(observations[min(a, last)].t_s, observations[min(b, last)].t_s) for a, b in true]
    return {
        "frames": len(observations),
        "without a pose": int(none.sum()),
        "on somebody else": int(theirs.sum()),
        "switches": len(switches),
        "switches in a rep": sum(any(a <= first <= b for a, b in true) for first, _ in switches),
        "reps": len(reps),
        "true reps": len(true),
        "reps during none": sum(all(rep.end_s < a or rep.start_s > b for a, b in spans_s) for rep in reps),
    }


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Return the first and the last index of each run of at least SWITCHED True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2) if b - a >= SWITCHED]
