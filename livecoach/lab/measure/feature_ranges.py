"""Which features of real reps lie outside the range of the synthetic reps that the lift model learned from."""

from collections.abc import Mapping, Sequence

import numpy as np

from livecoach.config.exercise import Exercise
from livecoach.config.paths import models_dir
from livecoach.counting import features, likeness
from livecoach.counting.outcome import Candidate
from livecoach.lab.counting import counted, shipped
from livecoach.lab.measure.table import Cell, Numbers, Progress, Rounded, Share, Table
from livecoach.lab.train.movements import Teacher, counter_of, labelled, training_set
from livecoach.lab.train.recipes import recipe_of
from livecoach.types import Observation

SETS = 48
"""Number of training sets that give the range; a third of them have no rep."""
PERCENTILES = (1.0, 99.0)
OFTEN = 0.2
"""Share of an exercise's real reps, outside, from which on a feature is listed; 2 % are expected."""
MOST = 10
"""Features that are listed of an exercise."""
DIGITS = 2


def table(clips: Mapping[str, Sequence[tuple[Sequence[Observation], int]]], progress: Progress) -> Table:
    """Return the features that often lie outside. clips: exercise → observations and true count of each clip."""
    rows: list[tuple[Cell, ...]] = []
    for number, (name, of_name) in enumerate(clips.items()):
        progress(f"{name}: features", number / len(clips))
        real = [own for seen, reps in of_name for own in likeliest(seen, name, reps)]
        if real:
            rows += [(name, *row) for row in outside(np.array(real), trained(shipped(name)[0]))]
    return Table(
        title="Features of real reps outside the range of the training's reps",
        columns=("exercise", "feature", "outside", "median", "range of training"),
        rows=tuple(rows),
        notes=(
            f"The range is that of {PERCENTILES[1] - PERCENTILES[0]:.0f} % of the reps of {SETS} training sets. "
            f"A feature is listed where {OFTEN * 100:.0f} % or more of the reps lie outside, at most {MOST} of a lift.",
            "Real reps are as many movements of a clip as it has reps, those that are likeliest lifts by themselves.",
        ),
    )


def likeliest(observations: Sequence[Observation], name: str, reps: int) -> list[np.ndarray]:
    """Return the features of the movements of a clip that are likeliest lifts, at most `reps` of them."""
    exercise, model = shipped(name)
    movements = _looked_at(observations, exercise)
    return [likeness.features_of(one).own for one in sorted(movements, key=model.own, reverse=True)[:reps]]


def trained(exercise: Exercise, sets: int = SETS) -> np.ndarray:
    """Return the features (reps, features) of the reps of training sets that are no reps of another lift."""
    folder, seed = models_dir() / exercise.model, recipe_of(exercise).lift.seed
    found: list[np.ndarray] = []
    for number in range(sets):
        made = training_set(seed, number, exercise.motion)
        examples = labelled(made.observations, exercise, folder, made.reps, made.events)
        found += [likeness.features_of(one.candidate).own for one in examples if one.is_rep]
    return np.array(found)


def outside(real: np.ndarray, training: np.ndarray) -> list[tuple[Cell, ...]]:
    """Return a row for each feature that often lies outside, the most often first.

    real, training: (reps, features) in the order of features.OWN.
    """
    low, high = np.percentile(training, PERCENTILES, axis=0)
    count = ((real < low) | (real > high)).sum(0)
    often = [k for k in np.argsort(-count, kind="stable") if count[k] >= OFTEN * len(real)]
    return [
        (
            features.OWN[k],
            Share(int(count[k]), len(real)),
            Rounded(float(np.median(real[:, k])), DIGITS),
            Numbers((float(low[k]), float(high[k])), DIGITS),
        )
        for k in often[:MOST]
    ]


def _looked_at(observations: Sequence[Observation], exercise: Exercise) -> list[Candidate]:
    """Return every movement that the state machine looks at."""
    teacher = Teacher()
    for _ in counted(counter_of(exercise, models_dir() / exercise.model, teacher), observations):
        pass
    return teacher.seen
