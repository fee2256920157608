"""Train the network on pictures that are drawn as it needs them: flipped, zoomed and moved, another one each time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from livecoach.errors import ModelError
from livecoach.lab.squat_picture.drawing import AS_CROPPED, PictureKind, Placing, pose_picture
from livecoach.lab.squat_picture.frames import AROUND, FRAMES, SquatFrames
from livecoach.lab.squat_picture.network import DeepSquat, as_tensor

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


def drawable(kind: PictureKind) -> np.ndarray:
    """Return (FRAMES,) bool: of which frames as the middle one a picture can be drawn."""
    middles = np.arange(FRAMES)
    return np.asarray((middles + min(kind.frames) >= 0) & (middles + max(kind.frames) < FRAMES))


def picture_of(
    squats: SquatFrames, squat: int, middle: int, kind: PictureKind, placing: Placing = AS_CROPPED
) -> np.ndarray:
    """Draw a picture of a squat, as `pose_picture` does. middle: number of its frame, AROUND for the deepest one."""
    return pose_picture(squats.joints[squat, [middle + offset for offset in kind.frames]], kind, placing)


def deepest_pictures(squats: SquatFrames, kind: PictureKind) -> np.ndarray:
    """Return the picture of the deepest frame of each squat, (n, rows, columns, channels)."""
    return np.stack([picture_of(squats, i, AROUND, kind) for i in range(len(squats))])


def _placing(rng: np.random.Generator) -> Placing:
    return Placing(
        zoom=float(np.exp(rng.uniform(-ZOOM, ZOOM))),
        right_px=float(rng.uniform(-MOVED_PX, MOVED_PX)),
        down_px=float(rng.uniform(-MOVED_PX, MOVED_PX)),
        flipped=bool(rng.random() < 0.5),
    )
