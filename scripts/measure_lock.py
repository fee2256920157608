"""Whether the lifter stays the lifter with somebody else in the picture: rendered clips, without and with the lock.

    python scripts/measure_lock.py --cache DIR [--pose lite] [--clips 20]

Judging bodies, and seeds that no limit was chosen on. Somebody passes in front or behind, stands beside the lifter or
spots, from azimuth -80 to 80 degrees. Clips that are not in DIR yet are drawn first (half a minute each). Whose the
landmarks of a frame are is told by the truth of all people in the clip: theirs are those that lie nearer to somebody
else than to the lifter.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach import assembly, landmark
from livecoach.pose import Pose
from livecoach.pose.blazepose import BlazePose, model_path
from livecoach.pose.graph import Tracker
from livecoach.pose.observer import Observer
from livecoach.run.stepping import steps
from livecoach.source.file import VideoFile
from livecoach.synth.clip import Clip, make_clip, write_clip, written_frames
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.motion.tokens import parse
from livecoach.synth.variety import random_clip_settings
from livecoach.types import Observation

SETS = (
    "good,passes_front,good*2,idle:0.5",
    "good,passes_behind,good*2,idle:0.5",
    "stands_beside,good*3,idle:0.5",
    "spots,good*3,idle:0.5",
    "spots,good,passes_front,good*2,idle:0.5",
)
EXERCISES = ("deadlift", "squat")
FPS = 25.0
CLIPS = 20
SEED = 77_000
DRAWN_ANEW = (0, 1, 2, 3, 4, 5, 8)
"""These have another seed: the first ones of their numbers were watched while the lock was made."""
VIEWS_DEG = (-80.0, 80.0)
STRIDE = 7
"""Through the views from clip to clip, so that every set is seen from many sides."""
NEAR = 1.0
"""Landmarks further than this from everybody (lengths of a trunk, mean of shoulders to ankles) are nobody's."""
SWITCHED = 3
"""Frames in a row that are somebody else's from which the lifter is said to be switched."""
_CORE = [*landmark.SHOULDERS, *landmark.HIPS, *landmark.KNEES, *landmark.ANKLES]


class Plain:
    """BlazePose without the lock."""

    def __init__(self, model: str) -> None:
        self.name, self.sha256, self.people, self.looks = model, "", 0, 0
        self._tracker = Tracker(model_path(model).read_bytes(), model_path(model))

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Whoever MediaPipe follows."""
        pose = self._tracker.follow(picture, t_s)
        self.people = 0 if pose is None else 1
        return pose

    def close(self) -> None:
        """Free it."""
        self._tracker.close()


class Locked(BlazePose):
    """BlazePose as it is, counting the pictures in which it is asked who the lifter is."""

    looks = 0

    def _search(self, picture: np.ndarray, t_s: float) -> Pose | None:
        self.looks += 1
        return super()._search(picture, t_s)

    def _look(self, picture: np.ndarray, t_s: float, tracked: Pose | None) -> Pose | None:
        self.looks += tracked is not None
        return super()._look(picture, t_s, tracked)


class Figures(NamedTuple):
    """What came of a clip."""

    frames: int
    unseen: int
    theirs: int
    switches: int
    switches_in_rep: int
    reps: int
    true_reps: int
    no_reps: int
    """Counted reps during no true one."""
    looks: int
    """Pictures with another inference than the one that follows."""
    median_ms: float
    p95_ms: float
    """Processor time of a frame's pose."""


def judged_clip(number: int, clips: int) -> Clip:
    """Clip `number` of a series of `clips`."""
    exercise, items = EXERCISES[number % 2], SETS[number // 2 % len(SETS)]
    view = float(np.linspace(*VIEWS_DEG, clips).round()[number * STRIDE % clips])
    seed = (SEED + (number in DRAWN_ANEW), number)
    settings = random_clip_settings(seed, exercise, parse(items, exercise), view_deg=view, bodies=JUDGING, fps=FPS)
    return make_clip(settings)


def drawn(clip: Clip, number: int, folder: Path) -> Path:
    """The clip's video, drawn where it is not there yet."""
    path = folder / f"lock_{number:02d}.mp4"
    if not path.with_suffix(".json").exists():
        write_clip(clip, path, landmarks=False)
    return path


def whose(clip: Clip, seen: list[Observation], kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(K,) bool: is the frame's pose that of somebody else; has it none."""
    camera = clip.settings.camera
    size = np.array([camera.width_px, camera.height_px])
    others = [o.body.landmarks(*solve(o.body, o.posture)) for o in clip.movement.others]
    people = [camera.seen(points)[0][kept][:, :, :2] * size for points in (clip.landmarks(), *others)]
    trunk = people[0][:, landmark.SHOULDERS].mean(1) - people[0][:, landmark.HIPS].mean(1)
    unit = np.percentile(np.linalg.norm(trunk, axis=1), 90)
    nowhere = np.full((landmark.COUNT, 2), np.nan)
    found = np.stack([nowhere if o.landmarks is None else o.landmarks[:, :2] * size for o in seen])
    far = np.stack([np.linalg.norm(found - p, axis=-1)[:, _CORE].mean(1) / unit for p in people])
    none = np.isnan(far[0])
    return (~none) & (far[1:].min(0) < far[0]) & (far[1:].min(0) < NEAR), none


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last of each run of at least SWITCHED True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2) if b - a >= SWITCHED]


def measured(clip: Clip, path: Path, estimator: Plain | Locked) -> Figures:
    """What an estimator makes of a clip."""
    video, observer, seen, cost_ms = VideoFile(path), Observer(estimator), [], []
    while (frame := video.read()) is not None:
        began_s = time.process_time()
        seen.append(observer.observe(frame))
        cost_ms.append((time.process_time() - began_s) * 1e3)
    video.close()
    kept = written_frames(clip.settings, clip.frames)[0]
    theirs, none = whose(clip, seen, kept)
    true = [(np.searchsorted(kept, r.start_frame), np.searchsorted(kept, r.end_frame)) for r in clip.movement.reps]
    switches = runs(theirs)
    pipeline = assembly.load(clip.settings.exercise).pipeline()
    reps = [step.rep for step in steps(pipeline, seen) if step.rep is not None]
    spans = [(seen[min(a, len(seen) - 1)].t_s, seen[min(b, len(seen) - 1)].t_s) for a, b in true]
    return Figures(
        frames=len(seen),
        unseen=int(none.sum()),
        theirs=int(theirs.sum()),
        switches=len(switches),
        switches_in_rep=sum(any(a <= first <= b for a, b in true) for first, _ in switches),
        reps=len(reps),
        true_reps=len(true),
        no_reps=sum(all(r.end_s < a or r.start_s > b for a, b in spans) for r in reps),
        looks=estimator.looks,
        median_ms=float(np.median(cost_ms)),
        p95_ms=float(np.percentile(cost_ms, 95)),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder of the drawn clips")
    parser.add_argument("--pose", default="lite", choices=("lite", "full"))
    parser.add_argument("--clips", type=int, default=CLIPS, help="only the first so many")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    print("| clip | view | set | lock |", " | ".join(Figures._fields), "|")
    print("| --- | --- | --- | --- |", " | ".join("---:" for _ in Figures._fields), "|")
    totals: dict[str, list[Figures]] = {"without": [], "with": []}
    for number in range(arguments.clips):
        clip = judged_clip(number, CLIPS)
        path = drawn(clip, number, arguments.cache)
        for lock, make in (("without", Plain), ("with", Locked)):
            estimator = make(arguments.pose)
            row = measured(clip, path, estimator)
            estimator.close()
            totals[lock].append(row)
            told = f"{clip.settings.exercise}, {','.join(map(str, clip.settings.tokens))}"
            print(f"| {number} | {clip.settings.camera.azimuth_deg:.0f} | {told} | {lock} |", _cells(row), flush=True)
    for lock, rows in totals.items():
        sums = [sum(values) for values in zip(*rows, strict=True)]
        whole = Figures(*sums[:-2], median_ms=sums[-2] / len(rows), p95_ms=max(row.p95_ms for row in rows))
        print(f"| all | | | {lock} |", _cells(whole))
    return 0


def _cells(row: Figures) -> str:
    return " | ".join(f"{value:.1f}" if isinstance(value, float) else str(value) for value in row) + " |"


if __name__ == "__main__":
    sys.exit(main())
