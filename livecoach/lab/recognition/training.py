"""Train a recognition network on chunks of synthetic sets."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from livecoach.lab.recognition.augmenting import augment
from livecoach.lab.recognition.dataset import Chunks, Scaling, inputs, scaling_of
from livecoach.lab.recognition.networks import NETWORKS, WINDOW, from_tflite
from livecoach.lab.recognition.sets import NONE, UNKNOWN, Stretch
from livecoach.model_files.tflite import TfliteNetwork
from livecoach.recognition import model_file
from livecoach.recognition.recogniser import CHANNELS

BATCH = 48
FASTEST, FASTEST_ON, DECAY = 3e-3, 1.5e-3, 1e-2
"""Highest learning rate of a new network and of a continued one, and weight decay."""
SMOOTHING = 0.03
NONE_WEIGHT = 4.0  # weight of none in the loss, relative to an exercise, because it is more varied
FOR_SCALING = 200  # number of chunks that give the scaling of the features


@dataclass(frozen=True, slots=True, eq=False)
class Streaming:
    """A trained network with the scaling of its features."""

    network: nn.Module
    scaling: Scaling

    def log_posteriors(self, ticks: np.ndarray) -> np.ndarray:
        """Return (T, outputs) of a stretch's ticks (T, SIZE)."""
        given = inputs(ticks[None].astype(np.float64), np.ones((1, len(ticks))), self.scaling, WINDOW - 1)
        with torch.no_grad():
            output = functional.log_softmax(self.network(torch.from_numpy(given))[0], -1)
        out: np.ndarray = output.numpy().astype(np.float64)
        return out


def train(
    kind: str,
    stretches: Sequence[Stretch],
    outputs: int,
    steps: int,
    seed: int,
    progress: Callable[[int], None],
    start: Streaming | None = None,
) -> Streaming:
    """Return a network trained in that many steps. The loss gives all exercises one weight, and none NONE_WEIGHT times
    as much.

    start: a network of that kind to continue at a lower rate; None: a new one.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    chunks = Chunks(stretches, rng)
    first = chunks.draw(FOR_SCALING)
    scaling = scaling_of(augment(first.ticks, rng), first.valid) if start is None else start.scaling
    network = NETWORKS[kind](CHANNELS, outputs) if start is None else start.network
    fastest = FASTEST if start is None else FASTEST_ON
    network.train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=fastest, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, fastest, total_steps=steps)
    counts = np.bincount(first.labels[first.labels != UNKNOWN], minlength=outputs) + 1.0
    weights = torch.tensor(counts.sum() / counts / outputs, dtype=torch.float32)
    weights[NONE] *= NONE_WEIGHT
    for step in range(steps):
        batch = chunks.draw(BATCH)
        given = inputs(augment(batch.ticks, rng), batch.valid, scaling, WINDOW - 1)
        logits = network(torch.from_numpy(given)).reshape(-1, outputs)
        loss = functional.cross_entropy(
            logits,
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
        progress(step + 1)
    network.eval()
    return Streaming(network, scaling)


def network_to_continue(folder: Path) -> Streaming:
    """Return the network of a model folder, to continue its training. Raises ModelError."""
    card = model_file.read_card(folder)
    outputs = 1 + len(card.exercises)
    stored = TfliteNetwork(folder / model_file.NETWORK, (1, WINDOW, 1, CHANNELS), (1, outputs))
    network = from_tflite(stored.constants(), CHANNELS, outputs).eval()
    return Streaming(network, Scaling(card.centre, card.spread))


def mean_network(one: Streaming, other: Streaming) -> Streaming:
    """Return a network with the mean weights of both: a continued network then forgets less of the first one.

    Wortsman et al., "Robust fine-tuning of zero-shot models", 2022.
    """
    mean = deepcopy(one.network)
    theirs = other.network.state_dict()
    mean.load_state_dict({name: (value + theirs[name]) / 2 for name, value in one.network.state_dict().items()})
    return Streaming(mean.eval(), one.scaling)
