"""Trains the architecture of DeepSquat on pictures of synthetic lifters (`livecoach lab train squat-picture`).

Training takes a few minutes on one core. Batch normalisation, which TFLite's weights include, speeds up learning. The
first block lacks it: in its pictures, the largest, normalisation would take as long as everything else.
"""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from livecoach.core.errors import ModelError
from livecoach.lab.measure.table import Table, tables_as_content
from livecoach.lab.model_files import CARD, new_files
from livecoach.lab.processes import JobRunner
from livecoach.lab.pytorch import FlattenChannelsLast, OneCycle, layers_to_tflite, seed_pytorch
from livecoach.lab.squat_picture import (
    FRAMES,
    PictureSize,
    Placing,
    SquatFrames,
    draw_pose_picture,
    make_squats,
    measure_accuracy,
    picture_log_odds,
)
from livecoach.lab.train.recipes import SquatPictureRecipe

FILTERS = (4, 8, 16, 32)  # Number of filters of the convolutions in each block; our choice
HIDDEN = (64, 32)  # Number of units of the dense layers before the last, whose output is the log odds of bad
DROPPED, DROPPED_DENSE = 0.1, 0.3  # Dropout of the convolutions, and of the dense layers


def _new_network(size: PictureSize) -> nn.Sequential:
    """Return a network from pictures (n, 1, rows, columns), 0…1, to log odds that the squat is bad, (n, 1)."""
    channels, modules = 1, list[nn.Module]()
    for block, filters in enumerate(FILTERS):
        for inputs in (channels, filters):
            conv = nn.Conv2d(inputs, filters, 3, padding=1)
            norm = [nn.BatchNorm2d(filters)] if block else []
            modules += [conv, *norm, nn.ReLU(inplace=True)]
        modules += [nn.MaxPool2d(2), nn.Dropout(DROPPED)]
        channels = filters
    halved = 2 ** len(FILTERS)
    sizes = (channels * (size.rows // halved) * (size.columns // halved), *HIDDEN)
    modules.append(FlattenChannelsLast())
    for inputs, outputs in pairwise(sizes):
        modules += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(DROPPED_DENSE)]
    # Channels last: twice as fast on a processor.
    return nn.Sequential(*modules, nn.Linear(HIDDEN[-1], 1)).to(memory_format=torch.channels_last)


def as_tensor(pictures: np.ndarray) -> Tensor:
    """Convert pictures, (n, rows, columns, 1) uint8, to the input of the network, (n, 1, rows, columns), 0…1."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255


BATCH = 32  # Number of pictures of a training step
RATE, DECAY = 3e-3, 1e-3  # Highest learning rate, and weight decay
ZOOM, MOVED_PX = 0.15, 6.0  # Largest logarithm of the zoom, and largest shift, of a training picture


def train_network(
    squats: SquatFrames, size: PictureSize, pictures: int, seed: int, progress: Callable[[float], object]
) -> nn.Sequential:
    """Train a DeepSquat network on pictures of random squats. Half of the pictures of each batch show good squats.

    On the same machine, the same seed gives the same weights. Raises ModelError if good or bad squats are missing.

    Args:
        pictures: Number of pictures to train on, rounded down to whole batches, but at least one batch.
        progress: Called after each step with the finished share, 0…1.
    """
    sides = [np.argwhere(np.repeat((squats.bad == bad)[:, None], FRAMES, 1)) for bad in (False, True)]
    if not all(len(side) for side in sides):
        raise ModelError("squat pictures: good and bad squats are needed to learn from. Add those that are missing.")
    seed_pytorch(seed)
    rng = np.random.default_rng(seed)
    network = _new_network(size).train()
    steps = max(pictures // BATCH, 1)
    training = OneCycle(network, RATE, steps + 1, decay=DECAY, rises=0.2)
    labels = torch.arange(BATCH) % 2
    for step in range(steps):
        drawn = [side[rng.integers(len(side))] for _ in range(BATCH // 2) for side in sides]
        batch = np.stack(
            [draw_pose_picture(squats.joints[squat, frame], size, _placing(rng)) for squat, frame in drawn]
        )
        log_odds = network(as_tensor(batch))[:, 0]
        training.step(nn.functional.binary_cross_entropy_with_logits(log_odds, labels.float()))
        progress((step + 1) / steps)
    return network.eval()


def _placing(rng: np.random.Generator) -> Placing:
    return Placing(
        zoom=float(np.exp(rng.uniform(-ZOOM, ZOOM))),
        right_px=float(rng.uniform(-MOVED_PX, MOVED_PX)),
        down_px=float(rng.uniform(-MOVED_PX, MOVED_PX)),
        flipped=bool(rng.random() < 0.5),
    )


TRAINING_SEED, JUDGING_SEED = 32, 33  # Seeds of the squats
NETWORK = "network.tflite"


def train(recipe: SquatPictureRecipe, folder: Path, runner: JobRunner) -> list[Table]:
    """Train a DeepSquat network, write it with its card, and return its figures on squats of other bodies.

    Raises ModelError if good or bad squats are missing.
    """
    squats = runner.load_or_make(make_squats, "training", TRAINING_SEED, recipe.lifters)
    judged = runner.load_or_make(make_squats, "judging", JUDGING_SEED, recipe.judging)
    size = PictureSize()
    network = train_network(
        squats, size, recipe.pictures, recipe.seed, lambda share: runner.progress("training", share)
    )
    training = {"command": recipe.command(), "squats": len(squats), "synthetic": True}
    with new_files(folder) as made:
        content = layers_to_tflite("livecoach squat picture", (1, size.rows, size.columns, 1), network)
        (made / NETWORK).write_bytes(content)
        tables = measure_accuracy(judged, picture_log_odds(judged, size, made / NETWORK))
        card = {"kind": recipe.what, "training": training, "metrics": tables_as_content(tables)}
        (made / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    return tables
