"""Render random sets for measuring counting: an mp4 and a truth JSON each.

    python scripts/synth/render_sets.py --sets 40 --seed 1 --out /tmp/sets --jobs 2

Deadlift and squat alternate; 3 to 12 reps, half of them good, views 0 to 60 degrees on either side, with idling,
walking in and out, fiddling with the bar and picking things up around some reps and between some. Set k of a seed is
always the same. Sets that are already there are left as they are, so that a run can go on where one was stopped.
"""

from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from command import not_negative, parser, positive, run

from livecoach.synth.clip import ClipSettings, make_clip, write_clip
from livecoach.synth.figure.body import NAMES
from livecoach.synth.motion.tokens import EXERCISES, random_tokens

REPS = (3, 12)
MAX_VIEW_DEG = 60.0
FPS = (24, 25, 30, 30, 30)
SIZES_PX = ((480, 360), (480, 360), (640, 360), (360, 480))
"""Small: drawing takes the time, and BlazePose looks at 256 pixels."""
DISTURBED = 0.5
"""Probability of something that is no rep before and after a set; a sixth of it after each rep."""
SQUAT_LOADED = 0.6


class Set(NamedTuple):
    """One set to render."""

    path: Path
    settings: ClipSettings


def random_settings(seed: int, number: int) -> ClipSettings:
    """The settings of set `number` (from 0)."""
    rng = np.random.default_rng([seed, number])
    exercise = EXERCISES[number % len(EXERCISES)]
    width, height = SIZES_PX[rng.integers(len(SIZES_PX))]
    fov = rng.uniform(40, 56)
    reach = rng.uniform(1.2, 1.6) * (1.2 if width < height else 1)  # half the picture's height at the lifter, m
    return ClipSettings(
        exercise=exercise,
        tokens=random_tokens(rng, exercise, REPS, idle=DISTURBED),
        seed=int(rng.integers(1 << 31)),
        view_deg=round(rng.uniform(-MAX_VIEW_DEG, MAX_VIEW_DEG), 1),
        body=NAMES[rng.integers(len(NAMES))],
        scale=round(rng.uniform(0.92, 1.08), 2),
        fps=FPS[rng.integers(len(FPS))],
        width_px=width,
        height_px=height,
        distance_m=round(reach / np.tan(np.radians(fov) / 2), 2),
        camera_height_m=round(rng.uniform(0.6, 1.5), 2),
        fov_deg=round(fov, 1),
        bar=exercise == "deadlift" or rng.random() < SQUAT_LOADED,
        plates=int(rng.integers(1, 4)),
    )


def render(item: Set) -> str:
    """Render one set; returns what to say about it."""
    clip = make_clip(item.settings)
    write_clip(clip, item.path, landmarks=False)
    reps, seconds = len(clip.movement.reps), clip.frames / item.settings.fps
    return f"{item.path.name}: {reps} reps, {clip.frames} frames, {seconds:.1f} s, {item.settings.view_deg:g} degrees"


def render_all(sets: list[Set], jobs: int) -> None:
    """Each in a process of its own: OpenGL contexts do not survive a fork."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(render, item) for item in sets]
        try:
            for done, future in enumerate(as_completed(futures), 1):
                print(f"{done}/{len(sets)} {future.result()}", flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--sets", type=positive, default=40)
    options.add_argument("--seed", type=not_negative, default=0)
    options.add_argument("--out", type=Path, required=True, help="folder")
    options.add_argument("--jobs", type=positive, default=1, help="processes")
    given = options.parse_args()
    sets = [
        Set(given.out / f"set_{k:03d}_{settings.exercise}.mp4", settings)
        for k in range(given.sets)
        for settings in [random_settings(given.seed, k)]
    ]
    missing = [item for item in sets if not (item.path.exists() and item.path.with_suffix(".json").exists())]
    if len(missing) < len(sets):
        print(f"{len(sets) - len(missing)} of {len(sets)} sets are there already")
    render_all(missing, given.jobs)


if __name__ == "__main__":
    run(main)
