"""Train the stage model of an exercise on synthetic motion, and compare two kinds of it.

    python scripts/train_stage.py deadlift            # writes models/deadlift/stage.json

Labels come from the noise-free motion (how far the body truly is from rest), features from the same motion with the
pose estimator's errors put on. Accuracy is on sets that were not trained on: other lifters, cameras and noise.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from intervals import wilson
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from livecoach import exercise as exercises
from livecoach.form import body
from livecoach.paths import models_dir
from livecoach.reps import away_from_rest
from livecoach.synth.sets import Wanted, random_set

EVERY = 5
"""Frames are alike: one in five is enough."""


def measured(world: np.ndarray) -> list[float]:
    """Measures of one frame, in the order of body.NAMES."""
    measures = body.measure(world)
    return [getattr(measures, name) for name in body.NAMES]


def frames_of_set(seed: tuple[int, int], exercise: exercises.Exercise, bodies: str) -> tuple[np.ndarray, np.ndarray]:
    """Measures (n, measures) and labels (n,) (1: up) of the frames of one set that are clearly one stage."""
    seen = random_set(seed, Wanted(exercise=exercise.name, bodies=bodies))
    true = random_set(seed, Wanted(exercise=exercise.name, bodies=bodies, noise=0.0))
    features, labels = [], []
    for noisy, clean in list(zip(seen.observations, true.observations, strict=True))[::EVERY]:
        if noisy.world is None or clean.world is None:
            continue
        away = away_from_rest(body.measure(clean.world), exercise.reps)
        at_rest, at_turn = away < exercise.stage.rest_below, away > exercise.stage.turn_above
        if at_rest or at_turn:
            features.append(measured(noisy.world))
            labels.append(int((exercise.reps.rest == "up") == at_rest))
    return np.array(features), np.array(labels)


def collect(
    first: int, sets: int, seed: int, exercise: exercises.Exercise, bodies: str
) -> tuple[np.ndarray, np.ndarray]:
    """Frames of several sets; those who judge have other bodies."""
    parts = [frames_of_set((seed, first + k), exercise, bodies) for k in range(sets)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--sets", type=int, default=300, help="sets to train on; a third as many judge")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=None, help="folder (default: the exercise's in models/)")
    arguments = parser.parse_args()
    exercise = exercises.load(arguments.exercise)
    train = collect(0, arguments.sets, arguments.seed, exercise, "training")
    test = collect(arguments.sets, arguments.sets // 3, arguments.seed, exercise, "judging")

    logistic = make_pipeline(StandardScaler(), LogisticRegression(C=0.02))
    forest = RandomForestClassifier(200, max_depth=8, random_state=arguments.seed, n_jobs=-1)
    accuracy = {}
    for name, model in (("logistic_regression", logistic), ("random_forest", forest)):
        right = int((model.fit(*train).predict(test[0]) == test[1]).sum())
        low, high = wilson(right, len(test[1]))
        accuracy[name] = {"value": round(right / len(test[1]), 5), "low": round(low, 5), "high": round(high, 5)}
        print(f"{name}: {right} of {len(test[1])} frames right, {low:.4f} to {high:.4f} (synthetic)")

    scaler, regression = logistic[0], logistic[1]
    content = {
        "measures": list(body.NAMES),
        "mean": scaler.mean_.round(6).tolist(),
        "scale": scaler.scale_.round(6).tolist(),
        "weights": regression.coef_[0].round(6).tolist(),
        "bias": round(float(regression.intercept_[0]), 6),
        "training": {
            "command": f"python scripts/train_stage.py {exercise.name} --sets {arguments.sets} --seed {arguments.seed}",
            "synthetic": True,
            "frames": len(train[1]),
        },
        "accuracy": {"frames": len(test[1]), **accuracy},
    }
    out = arguments.out or models_dir() / exercise.model
    out.mkdir(parents=True, exist_ok=True)
    (out / "stage.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {out / 'stage.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
