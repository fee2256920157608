"""Rendered clips with somebody else in the picture: whose landmarks the pose estimator gives.

Judging bodies, and seeds that no limit was chosen on. Somebody passes in front or behind, stands beside the lifter or
spots, from azimuth -80 to 80 degrees.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from livecoach import landmark
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.rendered_sets import MAIN_LIFTS
from livecoach.synth.clip import Clip, make_clip, random_clip_settings, write_clip
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.motion.tokens import parse
from livecoach.types import Observation

SETS = (
    "good,passes_front,good*2,idle:0.5",
    "good,passes_behind,good*2,idle:0.5",
    "stands_beside,good*3,idle:0.5",
    "spots,good*3,idle:0.5",
    "spots,good,passes_front,good*2,idle:0.5",
)
FPS = 25.0
CLIPS = 20
SEED = 77_000
DRAWN_ANEW = (0, 1, 2, 3, 4, 5, 8)
"""Numbers of clips with another seed: the first ones of these numbers were watched while the lock was made."""
VIEWS_DEG = (-80.0, 80.0)
STRIDE = 7
"""Step through the views from clip to clip, so that every set is seen from many sides."""
NEAR = 1.0
"""Landmarks further than this from everybody (lengths of a trunk, mean of shoulders to ankles) are nobody's."""
_CORE = [*landmark.SHOULDERS, *landmark.HIPS, *landmark.KNEES, *landmark.ANKLES]


def judged_clip(number: int) -> Clip:
    """Return clip `number` of the series, 0 to CLIPS - 1."""
    exercise, items = MAIN_LIFTS[number % 2], SETS[number // 2 % len(SETS)]
    view = float(np.linspace(*VIEWS_DEG, CLIPS).round()[number * STRIDE % CLIPS])
    seed = (SEED + (number in DRAWN_ANEW), number)
    settings = random_clip_settings(seed, exercise, parse(items, exercise), view_deg=view, bodies=JUDGING, fps=FPS)
    return make_clip(settings)


def drawn(clip: Clip, number: int, cache: Cache) -> Path:
    """Return the clip's video; it is drawn where the cache does not have it."""
    path = cache.folder / f"lock_{number:02d}.mp4"
    if not path.with_suffix(".json").exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_clip(clip, path, landmarks=False)
    return path


def whose(clip: Clip, observations: Sequence[Observation], kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (K,) bool: the frames whose pose is that of somebody else, and those without a pose.

    Landmarks are somebody else's where they lie nearer to the truth of that person than to the lifter's. kept: (K,)
    numbers of the clip's frames that are in the video.
    """
    camera = clip.settings.camera
    size = np.array([camera.width_px, camera.height_px])
    others = [other.body.landmarks(*solve(other.body, other.posture)) for other in clip.movement.others]
    people = [camera.project_landmarks(points)[0][kept][:, :, :2] * size for points in (clip.landmarks(), *others)]
    trunk = people[0][:, landmark.SHOULDERS].mean(1) - people[0][:, landmark.HIPS].mean(1)
    unit = np.percentile(np.linalg.norm(trunk, axis=1), 90)
    nowhere = np.full((landmark.COUNT, 2), np.nan)
    found = np.stack([nowhere if o.landmarks is None else o.landmarks[:, :2] * size for o in observations])
    far = np.stack([np.linalg.norm(found - person, axis=-1)[:, _CORE].mean(1) / unit for person in people])
    none = np.isnan(far[0])
    return (~none) & (far[1:].min(0) < far[0]) & (far[1:].min(0) < NEAR), none
