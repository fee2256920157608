"""Trains the stage model of an exercise, and measures it on held-out lifters.

Labels of synthetic motion come from the true distance from rest; labels of recordings come from the annotator's marks.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from livecoach.core.charts import wilson_interval
from livecoach.core.config.exercise import Exercise
from livecoach.decisions.counting.body_reader import distance_from_rest
from livecoach.lab.dataset import STAGES, StageFrames
from livecoach.lab.processes import JobRunner
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set
from livecoach.lab.train import requirements
from livecoach.lab.train.recipes import BuildContext, StageRecipe
from livecoach.perception.body import body

EVERY = 5  # Every fifth frame is enough, because neighbouring frames are alike
DOWN, UP = STAGES.index("down"), STAGES.index("up")


class _LabelledFrames(NamedTuple):
    measures: np.ndarray  # (frames, n)
    up: np.ndarray  # (frames,) 1 for up, 0 for down


def train(recipe: StageRecipe, context: BuildContext, out: Path, training: dict[str, Any]) -> str:
    """Train the stage model, write stage.json into a folder, and return its accuracy in words.

    Raises ConfigError if the recipe's dataset is of another exercise, and SourceError if it is unreadable or too small.
    """
    if recipe.data is None:
        train, test = _synthetic_frames(context.exercise, recipe, context.runner)
        synthetic = True
    else:
        loaded = context.load_dataset(recipe.data)
        requirements.check_requirements(recipe.data, "stage model", requirements.stage_requirements(loaded))
        train, test = (_labelled(loaded.frames_of_part(name), context.exercise) for name in ("train", "test"))
        synthetic = loaded.synthetic
        training = training | {"dataset": loaded.digest(), "recordings": not synthetic}
    content = _train_stage(context.exercise.stage.measures, train, test, training | {"synthetic": synthetic})
    (out / "stage.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    right, frames = content["accuracy"]["logistic_regression"], content["accuracy"]["frames"]
    return (
        f"{right['value']:.1%} ({right['low']:.1%}-{right['high']:.1%}) of {frames} "
        f"{'synthetic ' if synthetic else ''}frames of lifters that were not trained on are told right."
    )


def _synthetic_frames(exercise: Exercise, recipe: StageRecipe, runner: JobRunner) -> list[_LabelledFrames]:
    """Return the frames of synthetic sets to train on, and then of a third as many sets of bodies not trained on."""
    parts = []
    for bodies, first, count in (("training", 0, recipe.sets), ("judging", recipe.sets, max(recipe.sets // 3, 1))):
        work = partial(_frames_of_set, recipe.seed, exercise, bodies)
        made = runner.map(work, range(first, first + count), f"frames of {bodies} lifters")
        parts.append(_LabelledFrames(*(np.concatenate(column) for column in zip(*made, strict=True))))
    return parts


def _train_stage(
    names: Sequence[str], train: _LabelledFrames, test: _LabelledFrames, training: dict[str, Any]
) -> dict[str, Any]:
    """Train the stage model, and return the content of stage.json; `training` is the record of the training."""
    logistic = make_pipeline(StandardScaler(), LogisticRegression(C=0.02))
    logistic.fit(train.measures, train.up)
    frames = len(test.up)
    right = int((logistic.predict(test.measures) == test.up).sum())
    low, high = wilson_interval(right, frames)
    accuracy = {"value": round(right / frames, 5), "low": round(low, 5), "high": round(high, 5)}
    scaler, regression = logistic[0], logistic[1]
    return {
        "measures": list(names),
        "mean": scaler.mean_.round(6).tolist(),
        "scale": scaler.scale_.round(6).tolist(),
        "weights": regression.coef_[0].round(6).tolist(),
        "bias": round(float(regression.intercept_[0]), 6),
        "training": {**training, "frames": len(train.up)},
        "accuracy": {"frames": frames, "logistic_regression": accuracy},
    }


def _labelled(frames: StageFrames, exercise: Exercise) -> _LabelledFrames:
    clear = np.isin(frames.stages, (DOWN, UP))
    columns = [body.NAMES.index(name) for name in exercise.stage.measures]
    return _LabelledFrames(measures=frames.measures[clear][:, columns], up=(frames.stages[clear] == UP).astype(int))


def _frames_of_set(seed: int, exercise: Exercise, bodies: str, number: int) -> _LabelledFrames:
    wanted = SetRequest(exercise=exercise.motion, bodies=bodies, graded=False)
    estimated, true = (random_set((seed, number), request) for request in (wanted, replace(wanted, noise=0.0)))
    features, labels, names = [], [], exercise.stage.measures
    for noisy, clean in list(zip(estimated.observations, true.observations, strict=True))[::EVERY]:
        if noisy.world is None or clean.world is None:
            continue
        away = distance_from_rest(body.measure_body(clean.world), exercise.reps)
        at_rest, at_turn = away < exercise.stage.rest_below, away > exercise.stage.turn_above
        if at_rest or at_turn:
            measures = body.measure_body(noisy.world)
            features.append([getattr(measures, name) for name in names])
            labels.append(int((exercise.reps.rest == "up") == at_rest))
    return _LabelledFrames(measures=np.array(features).reshape(-1, len(names)), up=np.array(labels, int))
