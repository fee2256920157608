"""Train the network on pictures that are drawn as it needs them: flipped, zoomed and moved, another one each time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from livecoach.errors import ModelError
from livecoach.lab.squat_picture.drawing import PictureKind, Placing
from livecoach.lab.squat_picture.frames import SquatFrames
from livecoach.lab.squat_picture.network import DeepSquat, as_tensor
from livecoach.lab.squat_picture.pictures import drawable, picture_of

BATCH = 32
RATE, DECAY = 3e-3, 1e-3
ZOOM, MOVED_PX = 0.15, 6.0
"""Largest zoom, as a logarithm, and largest move of a picture that is trained on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How the network is trained."""

    kind: PictureKind
    pictures: int
    """How many pictures it sees, the same ones drawn anew included."""
    seed: int


def train(
    squats: SquatFrames, chosen: np.ndarray, training: Training, progress: Callable[[float], object]
) -> DeepSquat:
    """Train on the chosen pictures of squats; as many good as bad ones make up a batch.

    chosen: (n, FRAMES) bool, which pictures may be drawn, by their middle frame. progress: called with the share that
    is done. The same seed gives the same weights on one machine. Raises ModelError where one label is missing.
    """
    chosen = chosen & drawable(training.kind)
    sides = [np.argwhere(chosen & (squats.bad == bad)[:, None]) for bad in (False, True)]
    if not all(len(side) for side in sides):
        raise ModelError("squat pictures: good and bad squats are needed to learn from. Add those that are missing.")
    torch.manual_seed(training.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(training.seed)
    network = DeepSquat(training.kind).train()
    steps = max(training.pictures // BATCH, 1)
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1, pct_start=0.2)
    labels = torch.arange(BATCH) % 2
    for step in range(steps):
        drawn = [side[rng.integers(len(side))] for _ in range(BATCH // 2) for side in sides]
        pictures = [picture_of(squats, int(i), int(f), training.kind, _placing(rng)) for i, f in drawn]
        loss = nn.functional.binary_cross_entropy_with_logits(network(as_tensor(np.stack(pictures))), labels.float())
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()
        progress((step + 1) / steps)
    return network.eval()


def _placing(rng: np.random.Generator) -> Placing:
    return Placing(
        zoom=float(np.exp(rng.uniform(-ZOOM, ZOOM))),
        right_px=float(rng.uniform(-MOVED_PX, MOVED_PX)),
        down_px=float(rng.uniform(-MOVED_PX, MOVED_PX)),
        flipped=bool(rng.random() < 0.5),
    )
