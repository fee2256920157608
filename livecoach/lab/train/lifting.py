"""Train the network that lifts keypoints to world landmarks: models/pose/lifting.tflite."""

import hashlib
import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from livecoach import landmark
from livecoach.lab.processes import Progress
from livecoach.lab.tflite_writer import TfliteWriter
from livecoach.lab.train.lifting_bodies import LiftedBodies, azimuths_deg, draw_bodies
from livecoach.lab.train.lifting_errors import with_errors
from livecoach.lab.train.lifting_view import view_weights
from livecoach.model_files.model_folder import FORMAT
from livecoach.pose.pose_lifter import CARD, INPUT, LIFTED, NETWORK, OUTPUT, Lifting, inputs

HIDDEN = 256
BATCH = 512
RATE = 2e-3
SEED = 61
VIEWS_DEG = ((0, 20), (20, 45), (45, 70), (70, 110), (110, 180))
"""Azimuths on either side by which errors are told."""
BONES = ((11, 23, 25), (12, 24, 26), (23, 25, 27), (24, 26, 28), (11, 13, 15), (12, 14, 16))
"""Angles that are judged: hips, knees and elbows, the joint in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftingRecipe:
    """How much the network is trained on, as shipped."""

    sets: int = 2500
    """Synthetic sets, of all lifts alike; a tenth as many of judging bodies tell how good it is."""
    steps: int = 12000
    """Batches of BATCH frames."""


class LiftingNetwork(nn.Module):
    """Three dense layers."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (INPUT, HIDDEN, HIDDEN, HIDDEN, OUTPUT)
        dense = [nn.Linear(a, b) for a, b in pairwise(sizes)]
        self.dense = dense
        self.layers = nn.Sequential(*(part for layer in dense for part in (layer, nn.ReLU())))[:-1]

    def forward(self, seen: Tensor) -> Tensor:
        """Return world landmarks (n, OUTPUT) of what was seen (n, INPUT)."""
        lifted: Tensor = self.layers(seen)
        return lifted

    def tflite(self) -> bytes:
        """Return the network as the content of a TFLite file."""
        writer = TfliteWriter("livecoach: world landmarks of keypoints", (1, INPUT))
        for layer in self.dense:
            weights, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
            writer.fully_connected(weights, bias, relu=layer is not self.dense[-1])
        return writer.content()


def train_lifting(recipe: LiftingRecipe, folder: Path, progress: Progress) -> dict[str, Any]:
    """Write the network and its card into a folder, and return its figures on judging bodies, and the weights with
    which the view is estimated from what it lifts."""
    there = draw_bodies(recipe.sets, SEED, "training", progress)
    unseen = draw_bodies(max(recipe.sets // 10, 1), SEED + 1, "judging", progress)
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    network = LiftingNetwork()
    _train(network, there, recipe.steps, progress)
    content = network.tflite()
    metrics = judged(network, unseen)
    card = {
        "format": FORMAT,
        "files": {NETWORK: hashlib.sha256(content).hexdigest()},
        "training": {
            "command": f"livecoach train lifting --sets {recipe.sets} --steps {recipe.steps}",
            "frames": len(there.picture),
            "seed": SEED,
            "synthetic": True,
        },
        "metrics": metrics,
    }
    (folder / NETWORK).write_bytes(content)
    (folder / CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return {"errors": metrics, "livecoach/frame/view.py": view_weights(Lifting(folder), there, SEED)}


def _train(network: LiftingNetwork, there: LiftedBodies, steps: int, progress: Progress) -> None:
    """Train with one cycle of the learning rate, each frame with errors and mirroring of its own."""
    rng = np.random.default_rng(SEED)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for step in range(steps):
        some = rng.integers(len(there.picture), size=BATCH)
        picture, world = there.picture[some], there.world[some]
        if step % 2:
            picture, world = _mirrored(picture, world)
        seen = torch.from_numpy(inputs(*with_errors(rng, picture)))
        wanted = torch.from_numpy(np.ascontiguousarray(world.reshape(BATCH, OUTPUT)))
        loss = nn.functional.smooth_l1_loss(network(seen), wanted, beta=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 500 == 499:
            progress("training the lifting", (step + 1) / steps)


def _mirrored(picture: np.ndarray, world: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mirror bodies: left becomes right."""
    swapped = [LIFTED.index(landmark.OTHER_SIDE[i]) for i in LIFTED]
    return (
        picture[:, landmark.OTHER_SIDE] * np.array((-1, 1), np.float32),
        world[:, swapped] * np.array((-1, 1, 1), np.float32),
    )


def judged(network: LiftingNetwork, bodies: LiftedBodies) -> dict[str, Any]:
    """Return the errors by azimuth, of true keypoints and of those with errors, and by exercise."""
    rng, known = np.random.default_rng(SEED), np.ones(bodies.picture.shape[:2], bool)
    size = np.abs(bodies.azimuth_deg)
    bands = {f"{low}-{high}": (size >= low) & (size < high) for low, high in VIEWS_DEG}
    exercises = {str(name): bodies.exercise == name for name in np.unique(bodies.exercise)}
    out: dict[str, Any] = {}
    for name, seen, groups in (
        ("true", (bodies.picture, known), bands),
        ("with_errors", with_errors(rng, bodies.picture), bands | exercises),
    ):
        with torch.no_grad():
            lifted = network(torch.from_numpy(inputs(*seen))).numpy().reshape(-1, len(LIFTED), 3)
        errors = _errors(_landmarks(lifted), _landmarks(bodies.world))
        out[name] = {
            group: {key: round(float(values[here].mean()), 2) for key, values in errors.items()}
            for group, here in groups.items()
            if here.any()
        }
    return out


def _errors(made: np.ndarray, true: np.ndarray) -> dict[str, np.ndarray]:
    """Return the (n,) errors of lifted landmarks (n, 33, 3): centimetres of a joint from shoulder to ankle, degrees of
    hip, knee and elbow angles, degrees of the azimuth."""
    off = np.linalg.norm(made - true, axis=-1)[:, [*range(11, 17), *range(25, 29)]]
    return {
        "joint_cm": 100 * off.mean(1),
        "angle_deg": np.abs(_angles_deg(made) - _angles_deg(true)).mean(1),
        "azimuth_deg": np.abs((azimuths_deg(made) - azimuths_deg(true) + 180) % 360 - 180),
    }


def _landmarks(lifted: np.ndarray) -> np.ndarray:
    """Return (n, 33, 3) landmarks around the hips; NaN where they are not lifted."""
    world = np.full((len(lifted), landmark.COUNT, 3), np.nan)
    world[:, LIFTED] = lifted
    return world - world[:, list(landmark.HIPS)].mean(1, keepdims=True)


def _angles_deg(world: np.ndarray) -> np.ndarray:
    """Return the (n, 6) angles of BONES."""
    a, b, c = (world[:, list(ends)] for ends in zip(*BONES, strict=True))
    one, other = a - b, c - b
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    return np.degrees(np.arccos(np.clip((one * other).sum(-1) / np.maximum(lengths, 1e-9), -1, 1)))
