"""How far real good reps lie outside what good synthetic ones fill: the width of the generator, in Markdown.

    python scripts/measure_width.py deadlift --cache DIR

Principal components (40) are fitted on reps of synthetic good sets on the training bodies; the figure is the norm of
what they leave unexplained of a rep, against unseen synthetic good reps on the judging bodies. Real reps (the clips
of LIVECOACH_DATA, default ../shared/data, as the pipeline finds them; for the deadlift the depth camera's lifts on the
judging bodies too) are used for nothing but this figure. What the pose estimator saw in the clips is kept in DIR.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from measure_alarms import auroc_within
from real_clips import labelled_reps
from real_reps import data_folder, run
from width import LIMBS, Shapes, Space, found_reps, limbs_of, space_of, synthetic_shapes

from livecoach.config import exercise as exercises
from livecoach.config.exercise import Exercise
from livecoach.lab.intervals import auroc_interval, wilson
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.retarget import depth_camera_sets

PERCENTILE = 98
SIDE_DEG = (75.0, 105.0)
DEPTH_CAMERA = Path("landmarks") / "kinect_deadlift.npz"


class Judged(NamedTuple):
    """A rep that was not made by the generator."""

    origin: str
    kind: str
    """good, bad, or a kind of bad form."""
    judged: bool
    """The pipeline judges it; else it is unsure."""
    limbs: np.ndarray
    """(2 TIMES, limbs, 3)"""


class Table:
    """Prints shares and medians of distances against those of unseen synthetic reps."""

    def __init__(self, space: Space, unseen: np.ndarray) -> None:
        """unseen: limb vectors of synthetic good reps that the space was not made from."""
        self._space = space
        distances = space.distances(unseen)
        self._limit, self._median = float(np.percentile(distances, PERCENTILE)), float(np.median(distances))
        print(f"\n| reps | number | past {PERCENTILE} % of synthetic | 95 % interval | median, of the synthetic one |")
        print("| --- | ---: | ---: | ---: | ---: |")

    def row(self, what: str, limbs: np.ndarray) -> None:
        """One row."""
        distances = self._space.distances(limbs)
        past = int((distances > self._limit).sum())
        low, high = wilson(past, len(distances))
        times = np.median(distances) / self._median
        print(f"| {what} | {len(distances)} | {past} | {low:.1%} to {high:.1%} | {times:.2f} |")


def clip_reps(exercise: Exercise, cache: Path, model: str) -> Iterator[Judged]:
    """The reps of the clips."""
    for found in labelled_reps(exercise, cache, model):
        limbs, _ = limbs_of(found.observations, found.rep)
        yield Judged(found.origin, found.label, found.rep.score is not None, limbs)


def depth_camera_reps(exercise: Exercise, path: Path, seed: int) -> Iterator[Judged]:
    """The depth camera's lifts on the judging bodies, those that the pipeline finds."""
    for lift in depth_camera_sets(path, JUDGING, seed):
        for rep in found_reps(lift.observations, exercise):
            kind = f"bad form {lift.fault}" if lift.fault else "good"
            yield Judged("depth camera", kind, rep.score is not None, limbs_of(lift.observations, rep)[0])


def show(title: str, space: Space, unseen: Shapes, reps: list[Judged], seed: int) -> None:
    """The table of one source of reps, and whether its bad ones lie further out."""
    print(f"\n## {title}")
    table = Table(space, unseen.limbs)
    table.row("synthetic, good, unseen", unseen.limbs)
    low, high = SIDE_DEG
    table.row("of these from the side", unseen.limbs[(unseen.azimuths_deg > low) & (unseen.azimuths_deg < high)])
    groups = [("good, judged", _of(reps, "good", judged=True)), ("good, all that are found", _of(reps, "good"))]
    origins, bad_kinds = sorted({rep.origin for rep in reps}), sorted({rep.kind for rep in reps} - {"good"})
    groups += [(kind, _of(reps, kind)) for kind in bad_kinds]
    if len(origins) > 1:
        groups += [(f"{kind}, {name}", _of(reps, kind, name)) for name in origins for kind in ("good", *bad_kinds)]
    for what, limbs in groups:
        if len(limbs):
            table.row(what, limbs)
    for among, judged in (("judged", True), ("all that are found", None)):
        chosen = [rep for rep in reps if judged in (None, rep.judged)]
        is_good, far = np.array([rep.kind == "good" for rep in chosen]), space.distances(_limbs(chosen))
        if is_good.any() and not is_good.all():
            area, origin = auroc_interval(far[is_good], far[~is_good], seed), np.array([rep.origin for rep in chosen])
            within = auroc_within(far[is_good], far[~is_good], origin[is_good], origin[~is_good])
            print(f"\nBad ({area['bad']}) against good ({area['good']}), {among}: AUROC {area['value']:.3f}")
            print(f"({area['low']:.3f} to {area['high']:.3f}); within origins {within:.3f}.")


def show_limbs(space: Space, unseen: Shapes, reps: list[Judged]) -> None:
    """Where good reps lie outside: mean squared residual by limb, and of its slow and fast parts."""
    good = _of(reps, "good")
    print(
        "\n| limb | synthetic | real | of it, same all rep | slow | fast |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    )
    ours, theirs = ((space.residuals(limbs) ** 2).sum((1, 3)).mean(0) for limbs in (unseen.limbs, good))
    steady, slow, fast = _parts(space.residuals(good))
    for i, name in enumerate(LIMBS):
        print(f"| {name} | {ours[i]:.3f} | {theirs[i]:.3f} | {steady[i]:.3f} | {slow[i]:.3f} | {fast[i]:.3f} |")
    print(f"| all | {ours.sum():.2f} | {theirs.sum():.2f} | {steady.sum():.2f} | {slow.sum():.2f} | {fast.sum():.2f} |")


def _parts(residuals: np.ndarray) -> list[np.ndarray]:
    """(limbs,) mean squares of what is the same all rep, of what three moments share beyond that, and of the rest."""
    steady = np.broadcast_to(residuals.mean(1, keepdims=True), residuals.shape)
    moving = residuals - steady
    padded = np.concatenate([moving[:, :1], moving, moving[:, -1:]], 1)
    slow = 0.25 * padded[:, :-2] + 0.5 * padded[:, 1:-1] + 0.25 * padded[:, 2:]
    return [(part**2).sum((1, 3)).mean(0) for part in (steady, slow, moving - slow)]


def _of(reps: list[Judged], kind: str, origin: str | None = None, judged: bool | None = None) -> np.ndarray:
    return _limbs([r for r in reps if r.kind == kind and origin in (None, r.origin) and judged in (None, r.judged)])


def _limbs(reps: list[Judged]) -> np.ndarray:
    return np.array([rep.limbs for rep in reps])


def report(asked: argparse.Namespace) -> None:
    """Measure and print."""
    exercise = exercises.load(asked.exercise)
    training, unseen = (
        synthetic_shapes(exercise.name, bodies, sets, asked.seed, asked.workers)
        for bodies, sets in (("training", asked.training_sets), ("judging", asked.judging_sets))
    )
    space = space_of(training.limbs)
    print(f"# {exercise.title}: {len(training.limbs)} synthetic good reps of {asked.training_sets} training sets")
    clips = list(clip_reps(exercise, asked.cache, asked.pose))
    show("Reps of the clips", space, unseen, clips, asked.seed)
    show_limbs(space, unseen, clips)
    lifts = data_folder().parent / DEPTH_CAMERA
    if exercise.name == "deadlift" and lifts.is_file():
        reps = list(depth_camera_reps(exercise, lifts, asked.seed))
        show(
            "LiftFilter of the depth camera (good ones: one lifter), on the judging bodies",
            space,
            unseen,
            reps,
            asked.seed,
        )
        show_limbs(space, unseen, reps)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--cache", type=Path, required=True, help="folder for what was seen in the clips")
    parser.add_argument("--pose", default="lite", help="pose model")
    parser.add_argument("--training-sets", type=int, default=400)
    parser.add_argument("--judging-sets", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    return run(lambda: report(asked))


if __name__ == "__main__":
    sys.exit(main())
