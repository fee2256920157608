"""Train the networks that find a barbell's plate: finder.tflite, refiner.tflite and bar.json."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from livecoach.errors import ModelError
from livecoach.lab.processes import Progress
from livecoach.lab.train import bar_networks as networks
from livecoach.lab.train.bar_pictures import Scenes, draw, pictures
from livecoach.model_files.model_folder import FORMAT

SEED = 7
EPOCHS = {"finder": 11, "refiner": 45}
BATCH = 64
RATE = 3e-3
TRAINING_SEED, JUDGING_SEED = 31, 41
"""Of the scenes, as shipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarRecipe:
    """How much the networks are trained on, as shipped."""

    scenes: int = 600
    judging: int = 60


def train_bar(recipe: BarRecipe, folder: Path, cache: Path, jobs: int, progress: Progress) -> dict[str, Any]:
    """Write the networks and their card into a folder, and return the figures.

    cache: keeps the pictures. Raises ConfigError where nothing can be drawn, ModelError where it is too little.
    """
    training = Scenes(bodies="training", seed=TRAINING_SEED, count=recipe.scenes)
    judging = Scenes(bodies="judging", seed=JUDGING_SEED, count=recipe.judging)
    for scenes in (training, judging):
        draw(scenes, cache, jobs, progress)
    there, unseen = pictures(training, cache), pictures(judging, cache)
    if min(len(there["wide"]), len(there["near"])) < BATCH or not unseen["is_plate"].any():
        raise ModelError("the bar's networks: too few pictures to learn from. Draw more with --scenes and --judging.")
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    finder, refiner = _trained(there, progress)
    metrics = judged(finder, refiner, unseen)
    files = {"finder.tflite": networks.finder_tflite(finder), "refiner.tflite": networks.refiner_tflite(refiner)}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    card = {
        "format": FORMAT,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "training": {
            "command": f"livecoach train bar --scenes {recipe.scenes} --judging {recipe.judging}",
            "pictures": len(there["wide"]),
            "seed": SEED,
            "synthetic": True,
        },
        "metrics": metrics,
    }
    (folder / "bar.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return metrics


def _trained(there: dict[str, np.ndarray], progress: Progress) -> tuple[networks.PlateDetector, networks.Refiner]:
    finder, refiner = networks.PlateDetector(), networks.Refiner()
    wide, plates, near, is_plate = (there[name] for name in ("wide", "plates", "near", "is_plate"))

    def of_finder(rng: np.random.Generator, some: np.ndarray) -> Tensor:
        squares, target, weight = networks.finder_batch(rng, wide[some], plates[some])
        return networks.finder_loss(finder(squares), target, weight)

    def of_refiner(rng: np.random.Generator, some: np.ndarray) -> Tensor:
        squares, target = networks.refiner_batch(rng, near[some], is_plate[some])
        return networks.refiner_loss(refiner(squares), target)

    train("finder", finder, len(wide), of_finder, progress)
    train("refiner", refiner, len(near), of_refiner, progress)
    return finder, refiner


def train(
    name: str,
    network: nn.Module,
    count: int,
    loss_of: Callable[[np.random.Generator, np.ndarray], Tensor],
    progress: Progress,
) -> None:
    """Train a network with one cycle of the learning rate. loss_of: returns the loss of the pictures of a batch."""
    rng = np.random.default_rng(SEED)
    steps = EPOCHS[name] * (count // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.2)
    network.train()
    for epoch in range(EPOCHS[name]):
        order = rng.permutation(count)
        for k in range(count // BATCH):
            loss = loss_of(rng, order[k * BATCH : (k + 1) * BATCH])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        progress(f"training the {name}", (epoch + 1) / EPOCHS[name])
    network.eval()


def judged(finder: nn.Module, refiner: nn.Module, there: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return how far off the networks are."""
    rng = np.random.default_rng(SEED + 1)
    with torch.no_grad():
        squares, target, _ = networks.finder_batch(rng, there["wide"], there["plates"])
        found = finder(squares).numpy()
        near, near_target = networks.refiner_batch(rng, there["near"], there["is_plate"])
        fine, wanted = refiner(near).numpy(), near_target.numpy()
    best = found[:, 0].reshape(len(found), -1).argmax(1)
    flat, true = (array.reshape(len(array), 4, -1)[np.arange(len(array)), :, best] for array in (found, target.numpy()))
    with_plate = (target.numpy()[:, 0].reshape(len(found), -1) > 0).any(1)
    sure = flat[:, 0] > 0
    plate = wanted[:, 0] > 0
    off = np.hypot(*(fine - wanted)[plate, 1:3].T)
    diameter = (fine - wanted)[plate, 3]
    return {
        "squares": len(found),
        "found_at_its_place": round(float((sure & (true[:, 0] > 0))[with_plate].mean()), 4),
        "found_elsewhere": round(float((sure & (true[:, 0] == 0))[with_plate].mean()), 4),
        "found_where_none_is": round(float(sure[~with_plate].mean()), 4),
        "refined_off_p50_p90_diameters": [round(float(np.percentile(off, q)), 4) for q in (50, 90)],
        "refined_diameter_off_mean_p50_p90": [
            round(float(v), 4) for v in (diameter.mean(), *np.percentile(np.abs(diameter), (50, 90)))
        ],
        "refiner_plates_told": round(float((fine[plate, 0] > 0).mean()), 4),
        "refiner_others_told": round(float((fine[~plate, 0] > 0).mean()), 4),
    }
