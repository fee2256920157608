"""From synthetic lifters to a model folder: what `livecoach train squat-picture` does."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.errors import ModelError
from livecoach.lab.processes import Progress
from livecoach.lab.squat_picture import judging, model
from livecoach.lab.squat_picture.drawing import PictureKind
from livecoach.lab.squat_picture.frames import FRAMES, SquatFrames
from livecoach.lab.squat_picture.network import DeepSquat, log_odds, tflite
from livecoach.lab.squat_picture.pictures import deepest_pictures
from livecoach.lab.squat_picture.synthetic import SquatRequest, kept_squats
from livecoach.lab.squat_picture.training import Training, train

TRAINING_SEED, JUDGING_SEED = 32, 33
"""Of the squats."""
AGREEMENT = 1e-3
"""Largest allowed difference between the log odds of TFLite and PyTorch."""
COMPARED = 32
"""Squats by which the two are compared."""
KINDS: Mapping[str, PictureKind] = {
    "paper": PictureKind(),
    "square": PictureKind(rows=96, columns=96),
    "limbs": PictureKind(rows=96, columns=96, limbs=True),
    "three": PictureKind(rows=96, columns=96, limbs=True, frames=(-5, 0, 5)),
}
"""Ways to draw a pose: as published; cropped to a square; left and right limbs apart; so, and three frames at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How much the network is trained on."""

    lifters: int = 1000
    judging: int = 200
    pictures: int = 36_000
    kind: str = "paper"
    seed: int = 1

    def command(self) -> str:
        """Return the command that trains so."""
        given = " ".join(f"--{field.name} {getattr(self, field.name)}" for field in fields(self))
        return f"livecoach train squat-picture {given}"


def train_model(recipe: Recipe, out: Path, cache: Path, jobs: int, progress: Progress) -> dict[str, Any]:
    """Write the folder of a network, and return its figures on the judging squats.

    cache: keeps the squats. Raises OutputError where `out` is no place for it, ModelError where training fails.
    """
    model.check_place(out)
    squats, judged, kept = squats_of(recipe, cache, jobs, progress)
    kind = KINDS[recipe.kind]
    network = train(
        squats,
        np.ones((len(squats), FRAMES), bool),
        Training(kind=kind, pictures=recipe.pictures, seed=recipe.seed),
        lambda share: progress("training", share),
    )
    with model.new_network(out) as folder:
        (folder / model.NETWORK).write_bytes(tflite(network))
        facts = {
            "command": recipe.command(),
            "seed": recipe.seed,
            "lifters": recipe.lifters,
            "squats": len(squats),
            "pictures": recipe.pictures,
            "synthetic": True,
        }
        model.write_card(folder, kind, facts, {})
        figures = _judged(model.load(folder), network, judged)
        model.write_card(folder, kind, facts, {**figures, "squats_file": kept.name})
    return figures


def squats_of(recipe: Recipe, cache: Path, jobs: int, progress: Progress) -> tuple[SquatFrames, SquatFrames, Path]:
    """Return the squats to train on and to judge by, and the file that keeps the latter."""
    training = SquatRequest(bodies="training", seed=TRAINING_SEED, lifters=recipe.lifters)
    unseen = SquatRequest(bodies="judging", seed=JUDGING_SEED, lifters=recipe.judging)
    squats, _ = kept_squats(training, cache, jobs, progress)
    return squats, *kept_squats(unseen, cache, jobs, progress)


def _judged(trained: model.SquatPictureModel, network: DeepSquat, squats: SquatFrames) -> dict[str, Any]:
    """Return the figures of a network. Raises ModelError where TFLite and PyTorch differ."""
    pictures = deepest_pictures(squats.some(np.arange(min(COMPARED, len(squats)))), trained.kind)
    lite = np.array([trained.log_odds(picture) for picture in pictures])
    largest = float(np.abs(lite - log_odds(network, pictures)).max())
    if largest > AGREEMENT:
        raise ModelError(f"TFLite and PyTorch differ by {largest:.1g}, more than {AGREEMENT:g}. Nothing was written.")
    odds = judging.odds_of(squats, trained.kind, trained.log_odds)
    return {**judging.judge(squats, odds), "tflite_differs_by": largest}
