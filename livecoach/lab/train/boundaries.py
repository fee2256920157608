"""Trains the regression of a rep's start, turn and end: boundaries.json of an exercise.

Training bodies do good and faulty reps, seen from all sides and at all frame rates. A window of each rep ends when
its boundaries may be refined: between its count and a little after its true end. Every fifth set is held out for the
errors.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from livecoach.core.config.exercise import Exercise
from livecoach.core.errors import ConfigError
from livecoach.core.model_files.model_folder import read_model_json
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting.body_reader import (
    INPUTS,
    LARGEST_STEP_S,
    BodyReader,
    BoundaryModel,
    StageModel,
    body_curves,
    regression_inputs,
    save_boundaries,
)
from livecoach.decisions.counting.counter import Counted, RepDetector
from livecoach.decisions.counting.evidence import LiftModel
from livecoach.decisions.counting.tuning import REST_MEMORY_S
from livecoach.lab.counting import CountedRep, EveryMovement, matches, require_complete_reps
from livecoach.lab.measure.table import Cell, Rounded, Table, count_share, tables_as_text
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set
from livecoach.lab.synthetic import FPS, MOST_VIEW_DEG, lifter_sets
from livecoach.lab.train.recipes import BoundariesRecipe, BuildContext
from livecoach.perception.body.body import Body, find_body, gather

PASSES = 3  # Number of regressions that follow each other
RIDGE = 1000.0
"""Weight of the squared coefficients, on standardised inputs of some thousand reps; a tenth does as well."""
AFTER_S = 0.15  # Longest time from a rep's true end to the end of its window, in seconds
BEFORE_S = REST_MEMORY_S - 0.2
"""Time from a window's beginning to the counted start, in seconds; less after a rep that was reported in this time."""
FARTHEST_S = 0.5  # Largest error in the fit, in seconds; with larger errors, a few wild reps would decide
JUDGED = 5  # Every fifth set is held out


class _CountedWindow(NamedTuple):
    """The window of a counted rep at a moment of counting, with its counted and its true times."""

    number: int  # Index of its set, from 0
    t_s: np.ndarray  # Times of the frames of the window
    curves: np.ndarray  # `body_curves` of the window
    turns: MovementTimes  # Counted times
    true: MovementTimes  # True times


def train(recipe: BoundariesRecipe, context: BuildContext, out: Path, training: dict[str, Any]) -> str:
    """Train the boundary regression, write boundaries.json, and return the errors as Markdown.

    The file records `training`. Raises ConfigError if no rep is counted in the sets for training, or in the held-out
    sets, and ModelError if an earlier part can't be read.
    """
    exercise = context.exercise
    work = partial(_counted_windows, exercise, context.earlier_parts, recipe.seed)
    every = [window for of_set in context.runner.map(work, range(recipe.sets), "sets of reps") for window in of_set]
    trained = [w for w in every if w.number % JUDGED]
    judged = [w for w in every if w.number % JUDGED == 0]
    if not trained or not judged:
        raise ConfigError(
            f"{exercise.name}: no rep is counted in {recipe.sets} sets, so boundaries can't be learned. Train on more "
            "--sets, or look at the rules of reps in its YAML file."
        )
    model = _fit_boundaries(trained)
    save_boundaries(model, out / "boundaries.json", {**training, "reps": len(trained)})
    true = np.array([w.true for w in judged])
    refined = [model.refine(w.t_s, w.curves, w.turns) for w in judged]
    by = {"curve": [w.turns for w in judged], "whole body": refined}
    table = Table(
        title=f"of {len(judged)} synthetic reps that were not trained on",
        columns=("by", "boundary", "median off (s)", "nine in ten within (s)", "over 1 s"),
        rows=tuple(row for name, times in by.items() for row in _errors(name, np.abs(np.array(times) - true))),
    )
    return tables_as_text([table])


def _errors(by: str, off_s: np.ndarray) -> Iterator[tuple[Cell, ...]]:
    for i, boundary in enumerate(MovementTimes._fields):
        quantiles_s = np.quantile(off_s[:, i], (0.5, 0.9)).tolist()
        yield by, boundary.removesuffix("_s"), *(Rounded(off, 3) for off in quantiles_s), count_share(off_s[:, i] > 1)


def _counted_windows(exercise: Exercise, folder: Path, seed: int, number: int) -> list[_CountedWindow]:
    """Return the windows of counted reps that match a true rep; without lift.json, every movement counts."""
    rng = np.random.default_rng((seed, number))
    sets = list(lifter_sets(exercise, rng))
    wanted = SetRequest(
        exercise=exercise.motion,
        bodies="training",
        view_deg=float(rng.uniform(-MOST_VIEW_DEG, MOST_VIEW_DEG)),
        fps=float(rng.choice(FPS)),
        tokens=sets[int(rng.integers(len(sets)))],
        graded=False,
    )
    made = random_set((seed, number), wanted)
    reader = BodyReader(exercise, read_model_json(folder / "stage.json", StageModel))
    visible = [reader.read(lifter)[1] for item in made.observations if (lifter := find_body(item)) is not None]
    cut = []
    reported_s, left = -np.inf, list(made.reps)
    for rep in _counted(exercise, folder, visible):
        true = next((t for t in left if matches(rep, t)), None)
        if true is not None:
            left.remove(true)
            until_s = rng.uniform(rep.reported_s, max(rep.reported_s, true.end_s + AFTER_S))
            near = [s for s in visible if max(reported_s, rep.start_s - BEFORE_S) <= s.t_s <= until_s]
            times = MovementTimes(true.start_s, true.turn_s, true.end_s)
            turns = MovementTimes(*rep[:3])
            cut.append(_CountedWindow(number, np.array([s.t_s for s in near]), body_curves(gather(near)), turns, times))
        reported_s = rep.reported_s
    return cut


def _counted(exercise: Exercise, folder: Path, visible: list[Body]) -> Iterator[CountedRep]:
    file = folder / "lift.json"
    lift = read_model_json(file, LiftModel) if file.is_file() else EveryMovement()
    machine = RepDetector(require_complete_reps(exercise).reps, lift)
    for sample in visible:
        for outcome in machine.add(sample)[-1:]:
            if isinstance(outcome, Counted):
                yield CountedRep(*outcome.times, sample.t_s)


def _fit_boundaries(windows: list[_CountedWindow]) -> BoundaryModel:
    """Fit a ridge regression for each boundary and pass; each pass starts from the boundaries of the previous pass."""
    true, at = np.array([w.true for w in windows]), np.array([w.turns for w in windows])
    weights, bias_s = np.zeros((PASSES, 3, INPUTS)), np.zeros((PASSES, 3))
    for k in range(PASSES):
        inputs = np.array([regression_inputs(w.t_s, w.curves, times) for w, times in zip(windows, at, strict=True)])
        for i in range(3):
            weights[k, i], bias_s[k, i] = _ridge(inputs[:, i], np.clip(true - at, -FARTHEST_S, FARTHEST_S)[:, i])
        moved_s = (inputs * weights[k]).sum(-1) + bias_s[k]
        at = np.sort(at + np.clip(moved_s, -LARGEST_STEP_S, LARGEST_STEP_S), axis=1)
    return BoundaryModel(weights=weights, bias_s=bias_s)


def _ridge(inputs: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, float]:
    middle, scale = inputs.mean(0), inputs.std(0) + 1e-6
    scaled = (inputs - middle) / scale
    normal = scaled.T @ scaled + RIDGE * np.eye(len(middle))
    weights = np.linalg.solve(normal, scaled.T @ (wanted - wanted.mean())) / scale
    return weights, float(wanted.mean() - middle @ weights)
