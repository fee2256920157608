"""Train a network that recognises on chunks of synthetic sets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from livecoach.lab.recognition.augmenting import augmented
from livecoach.lab.recognition.chunks import Chunks, Scaling, inputs, scaling_of
from livecoach.lab.recognition.networks import WINDOW, Lstm, Tcn
from livecoach.lab.recognition.sets import NONE, UNKNOWN, Stretch
from livecoach.recognition.recogniser import CHANNELS

Kind = Callable[[int, int], nn.Module]
STREAMING: dict[str, Kind] = {"tcn": Tcn, "lstm": Lstm}
"""Kind → network that gives a posterior with each tick."""
BATCH = 48
FASTEST, DECAY = 3e-3, 1e-2
SMOOTHING = 0.03
NONE_WEIGHT = 4.0
"""Weight of none in the loss, relative to an exercise: there is more to it."""
FOR_SCALING = 200
"""Chunks that the scaling of the features comes from."""


@dataclass(frozen=True, slots=True, eq=False)
class Streaming:
    """A trained network with the scaling of its features."""

    network: nn.Module
    scaling: Scaling

    def log_posteriors(self, ticks: np.ndarray) -> np.ndarray:
        """Return (T, outputs) of a stretch's ticks (T, SIZE)."""
        seen = inputs(ticks[None].astype(np.float64), np.ones((1, len(ticks))), self.scaling, WINDOW - 1)
        with torch.no_grad():
            found = functional.log_softmax(self.network(torch.from_numpy(seen))[0], -1)
        out: np.ndarray = found.numpy().astype(np.float64)
        return out


def train(
    kind: str, stretches: Sequence[Stretch], outputs: int, steps: int, seed: int, progress: Callable[[int, int], None]
) -> Streaming:
    """Return a network trained in so many steps. The loss weighs exercises alike, and none of them NONE_WEIGHT times as
    much."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    chunks = Chunks(stretches, rng)
    first = chunks.draw(FOR_SCALING)
    scaling = scaling_of(augmented(first.ticks, rng), first.there)
    network = STREAMING[kind](CHANNELS, outputs)
    optimizer = torch.optim.AdamW(network.parameters(), lr=FASTEST, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, FASTEST, total_steps=steps)
    counts = np.bincount(first.labels[first.labels != UNKNOWN], minlength=outputs) + 1.0
    weights = torch.tensor(counts.sum() / counts / outputs, dtype=torch.float32)
    weights[NONE] *= NONE_WEIGHT
    for step in range(steps):
        batch = chunks.draw(BATCH)
        seen = inputs(augmented(batch.ticks, rng), batch.there, scaling, WINDOW - 1)
        found = network(torch.from_numpy(seen)).reshape(-1, outputs)
        loss = functional.cross_entropy(
            found,
            torch.from_numpy(batch.labels.reshape(-1)),
            weight=weights,
            ignore_index=UNKNOWN,
            label_smoothing=SMOOTHING,
        )
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        progress(step + 1, steps)
    network.eval()
    return Streaming(network, scaling)
