"""Train the networks that find a barbell's plate: models/bar.

    python scripts/bar_pictures.py --bodies training --seed 31 --scenes 600 --cache DIR
    python scripts/bar_pictures.py --bodies judging --seed 41 --scenes 60 --cache DIR
    python scripts/train_bar.py --cache DIR --out models/bar

Writes finder.tflite, refiner.tflite and bar.json, and prints how far off both are on the judging bodies.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bar_networks as networks
import numpy as np
import torch
from torch import Tensor, nn

SEED = 7
EPOCHS = {"finder": 11, "refiner": 45}
BATCH = 64
RATE = 3e-3


def pictures(cache: Path, bodies: str) -> dict[str, np.ndarray]:
    """All scenes of a part, one after the other."""
    files = sorted(cache.glob(f"{bodies}_*[0-9].npz"))
    if not files:
        raise SystemExit(f"{cache}: no pictures of {bodies} bodies. Make them with scripts/bar_pictures.py.")
    scenes = [dict(np.load(file)) for file in files]
    return {name: np.concatenate([scene[name] for scene in scenes]) for name in ("wide", "plates", "near", "is_plate")}


def train(
    name: str, network: nn.Module, count: int, loss_of: Callable[[np.random.Generator, np.ndarray], Tensor]
) -> None:
    """Train with one cycle of the learning rate. loss_of: of the pictures with these numbers."""
    rng = np.random.default_rng(SEED)
    steps = EPOCHS[name] * (count // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.2)
    network.train()
    began_s, total = time.monotonic(), 0.0
    for epoch in range(EPOCHS[name]):
        order = rng.permutation(count)
        total = 0.0
        for k in range(count // BATCH):
            loss = loss_of(rng, order[k * BATCH : (k + 1) * BATCH])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        print(f"{name} {epoch + 1}: {total / (count // BATCH):.4f}, {time.monotonic() - began_s:.0f} s", flush=True)
    network.eval()


def judged(finder: nn.Module, refiner: nn.Module, there: dict[str, np.ndarray]) -> dict[str, Any]:
    """How far off the networks are."""
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    there = pictures(asked.cache, "training")
    finder, refiner = networks.Finder(), networks.Refiner()
    wide, plates, near, is_plate = (there[name] for name in ("wide", "plates", "near", "is_plate"))

    def of_finder(rng: np.random.Generator, some: np.ndarray) -> Tensor:
        squares, target, weight = networks.finder_batch(rng, wide[some], plates[some])
        return networks.finder_loss(finder(squares), target, weight)

    def of_refiner(rng: np.random.Generator, some: np.ndarray) -> Tensor:
        squares, target = networks.refiner_batch(rng, near[some], is_plate[some])
        return networks.refiner_loss(refiner(squares), target)

    print(f"{len(wide)} wide squares, {len(near)} near ones, {is_plate.sum()} of them of plates", flush=True)
    train("finder", finder, len(wide), of_finder)
    train("refiner", refiner, len(near), of_refiner)
    metrics = judged(finder, refiner, pictures(asked.cache, "judging"))
    print(json.dumps(metrics, indent=2))
    asked.out.mkdir(parents=True, exist_ok=True)
    files = {"finder.tflite": networks.finder_tflite(finder), "refiner.tflite": networks.refiner_tflite(refiner)}
    for name, content in files.items():
        (asked.out / name).write_bytes(content)
    card = {
        "format": 1,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "training": {"pictures": len(wide), "seed": SEED, "synthetic": True},
        "metrics": metrics,
    }
    (asked.out / "bar.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
