"""Learns where a rep's start, turn and end are: models/<exercise>/boundaries.json.

    python scripts/train_boundaries.py deadlift

Synthetic motion through the noise model, training bodies, good reps and all faults, from all sides and at all frame
rates. Reps are found by counting without what is learned here; of each there is a window that ends at a random moment
from when it was told to a little after its true end, as it may be looked at then. Prints how far boundaries are off on
lifters that were not trained on, before and after.
"""

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from form_reps import sets_of

from livecoach.config import exercise as exercises
from livecoach.config.paths import models_dir
from livecoach.counting import boundary_file
from livecoach.counting.boundary_regression import INPUTS, MOST_S, Boundaries, course, looked_at
from livecoach.counting.machine import REST_MEMORY_S, Completed, RepMachine, Sample
from livecoach.counting.outcome import Times
from livecoach.lab.counting import Found, is_of, samples, shipped
from livecoach.lab.seal import seal
from livecoach.lab.synthetic import FPS, MOST_VIEW_DEG
from livecoach.synth.sets import Wanted, random_set

PASSES = 3
RIDGE = 1000.0
"""On standardized inputs, of some thousand reps; a tenth of it does as well."""
AFTER_S = 0.15
"""A window may end as much after the rep's true end."""
BEFORE_S = REST_MEMORY_S - 0.2
"""A window begins as much before a found start, at the earliest where the rep before was told."""
FARTHEST_S = 0.5
"""An error counts as no more, or a few wild reps would decide."""
JUDGED = 5
"""Every fifth set is not trained on."""


class Window(NamedTuple):
    """A rep that was found, as counting sees it at some moment."""

    number: int
    """Of its set."""
    t_s: np.ndarray
    way: np.ndarray
    """Its `course`."""
    found: Times
    true: Times


def windows(exercise: str, seed: int, number: int) -> list[Window]:
    """Of one set."""
    rng = np.random.default_rng((seed, number))
    sets = list(sets_of(exercise, rng))
    wanted = Wanted(
        exercise=exercise,
        bodies="training",
        view_deg=float(rng.uniform(-MOST_VIEW_DEG, MOST_VIEW_DEG)),
        fps=float(rng.choice(FPS)),
        tokens=sets[int(rng.integers(len(sets)))],
    )
    made = random_set((seed, number), wanted)
    rules, _ = shipped(exercise)
    seen = [sample for _, sample in samples(made.observations, rules) if sample is not None]
    cut = []
    told_s, left = -np.inf, list(made.reps)
    for rep in _counted(exercise, seen):
        true = next((t for t in left if is_of(rep, t)), None)
        if true is not None:
            left.remove(true)
            until_s = rng.uniform(rep.told_s, max(rep.told_s, true.end_s + AFTER_S))
            near = [s for s in seen if max(told_s, rep.start_s - BEFORE_S) <= s.t_s <= until_s]
            times = (true.start_s, true.turn_s, true.end_s)
            cut.append(Window(number, np.array([s.t_s for s in near]), course(near), rep[:3], times))
        told_s = rep.told_s
    return cut


def _counted(exercise: str, seen: list[Sample]) -> Iterator[Found]:
    rules, model = shipped(exercise)
    machine = RepMachine(rules.reps, model)
    for sample in seen:
        outcome = machine.step(sample)
        if isinstance(outcome, Completed):
            yield Found(outcome.start_s, outcome.turn_s, outcome.end_s, sample.t_s)


def fit(of: list[Window]) -> Boundaries:
    """One ridge regression a boundary and pass, each on where the pass before has put them."""
    true, at = np.array([w.true for w in of]), np.array([w.found for w in of])
    weights, bias_s = np.zeros((PASSES, 3, INPUTS)), np.zeros((PASSES, 3))
    for k in range(PASSES):
        inputs = np.array([looked_at(w.t_s, w.way, times) for w, times in zip(of, at, strict=True)])
        for i in range(3):
            weights[k, i], bias_s[k, i] = _ridge(inputs[:, i], np.clip(true - at, -FARTHEST_S, FARTHEST_S)[:, i])
        moved_s = (inputs * weights[k]).sum(-1) + bias_s[k]
        at = np.sort(at + np.clip(moved_s, -MOST_S, MOST_S), axis=1)
    return Boundaries(weights=weights, bias_s=bias_s)


def _ridge(inputs: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, float]:
    middle, scale = inputs.mean(0), inputs.std(0) + 1e-6
    scaled = (inputs - middle) / scale
    normal = scaled.T @ scaled + RIDGE * np.eye(len(middle))
    weights = np.linalg.solve(normal, scaled.T @ (wanted - wanted.mean())) / scale
    return weights, float(wanted.mean() - middle @ weights)


def show(title: str, times: np.ndarray, true: np.ndarray) -> None:
    """Markdown rows."""
    off_s = np.abs(times - true)
    for i, name in enumerate(("start", "turn", "end")):
        middle, most = np.quantile(off_s[:, i], (0.5, 0.9))
        print(f"| {title} | {name} | {middle:.3f} | {most:.3f} | {(off_s[:, i] > 1).mean():.1%} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--sets", type=int, default=600)
    parser.add_argument("--seed", type=int, default=51)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=None, help="folder (default: the exercise's in models/)")
    arguments = parser.parse_args()
    exercise = exercises.load(arguments.exercise)
    make = partial(windows, exercise.name, arguments.seed)
    with ProcessPoolExecutor(arguments.workers) as pool:
        found = [window for of_set in pool.map(make, range(arguments.sets), chunksize=4) for window in of_set]
    trained = [w for w in found if w.number % JUDGED]
    model = fit(trained)
    judged = [w for w in found if w.number % JUDGED == 0]
    true, before = np.array([w.true for w in judged]), np.array([w.found for w in judged])
    print(f"{exercise.name}, {len(judged)} reps | boundary | median off (s) | nine in ten within (s) | over 1 s")
    show("curve", before, true)
    show("whole body", np.array([model.moved(w.t_s, w.way, w.found) for w in judged]), true)
    out = arguments.out or models_dir() / exercise.model
    command = f"python scripts/train_boundaries.py {exercise.name} --sets {arguments.sets} --seed {arguments.seed}"
    out.mkdir(parents=True, exist_ok=True)
    boundary_file.save(model, out / "boundaries.json", {"command": command, "reps": len(trained)})
    seal(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
