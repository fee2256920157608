"""Train the belief: small recurrent networks over the posteriors of whole sets.

It learns the name of the set from the first tick that shows it until after the last rep. The posteriors of real people
are less certain than those of synthetic sets, and err for longer, so each set's are made so at random.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from livecoach.decisions.recognition.recogniser import BeliefModel, belief_inputs
from livecoach.lab.pytorch import OneCycle, begin
from livecoach.lab.recognition.sets import NONE, OPEN

NONE_PRIOR = 0.3
UNITS, NUMBERS = 2, 24  # units that are averaged, each with a seed of its own; numbers of their states
LENGTH, BATCH = 160, 48  # ticks of a part of a set, and number of parts in a step
FASTEST, DECAY = 4e-3, 1e-3
NONE_SHARE = 3.0  # how much more often a set without a rep is drawn than those of an exercise
OPEN_WEIGHT = 0.3  # of a tick before the first rep that shows nothing, in the loss
AFTER_TICKS = 20  # after the last rep in which the set still has its name
MID_SET = 0.7  # share of parts that begin somewhere before the first rep, not with the set
WEAKER, NOISE, ERRORS, ERROR_TICKS = (0.4, 1.1), 0.8, 1.0, 15
"""Range of the factor on the logarithms; largest standard deviation of errors of a tick, and of those that stay for
ERROR_TICKS."""
Part = tuple[np.ndarray, np.ndarray, np.ndarray]  # log posteriors, wanted outputs and weights of a set's ticks


class _Unit(nn.Module):
    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.unit = nn.GRU(outputs, NUMBERS, batch_first=True)
        self.last = nn.Linear(NUMBERS, outputs)

    def forward(self, ticks: torch.Tensor) -> torch.Tensor:
        return functional.log_softmax(self.last(self.unit(ticks)[0]), -1)


def train_belief(
    sets: Sequence[tuple[np.ndarray, np.ndarray]], steps: int, seed: int, progress: Callable[[int], None]
) -> dict[str, Any]:
    """Return the fields of a BeliefModel but its threshold. sets: log posteriors (n, outputs) and labels (n,) of
    stretches. steps: of each unit."""
    of_name: dict[int, list[Part]] = {}
    for log_posteriors, labels in sets:
        of_name.setdefault(max(int(labels.max()), NONE), []).append((log_posteriors, *_wanted(labels)))
    units = []
    for k in range(UNITS):
        units.append(_trained(of_name, sets[0][0].shape[1], steps, seed + k))
        progress(k + 1)
    return {"none_prior": NONE_PRIOR} | {name: np.stack([one[name] for one in units]) for name in units[0]}


def _trained(of_name: dict[int, list[Part]], outputs: int, steps: int, seed: int) -> dict[str, np.ndarray]:
    """Return the weights of a unit. of_name: parts by the output that is their name."""
    begin(seed)
    rng, names = np.random.default_rng(seed), sorted(of_name)
    shares = np.array([NONE_SHARE if name == NONE else 1.0 for name in names])
    network = _Unit(outputs)
    training = OneCycle(network, FASTEST, steps, decay=DECAY)
    for _ in range(steps):
        given, weight = np.zeros((BATCH, LENGTH, outputs), np.float32), np.zeros((BATCH, LENGTH), np.float32)
        wanted = np.zeros((BATCH, LENGTH), np.int64)
        for i in range(BATCH):
            parts = of_name[names[rng.choice(len(names), p=shares / shares.sum())]]
            said, right, counts = _part(rng, parts[rng.integers(len(parts))])
            given[i, : len(said)], wanted[i, : len(said)] = belief_inputs(said), right
            weight[i, : len(said)] = counts / max(counts.sum(), 1)
        losses = functional.nll_loss(
            network(torch.from_numpy(given)).transpose(1, 2), torch.from_numpy(wanted), reduction="none"
        )
        training.step((losses * torch.from_numpy(weight)).sum() / BATCH, longest=1.0)
    weights = {name: values.numpy().astype(float).round(4) for name, values in network.state_dict().items()}
    return {
        "inputs": weights["unit.weight_ih_l0"],
        "states": weights["unit.weight_hh_l0"],
        "biases": np.stack([weights["unit.bias_ih_l0"], weights["unit.bias_hh_l0"]]),
        "output": weights["last.weight"],
        "offsets": weights["last.bias"],
    }


def belief_model(fields: dict[str, Any], sure: float) -> BeliefModel:
    return BeliefModel(**fields, sure=(sure,) * (fields["offsets"].shape[1] - 1))


def _wanted(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the outputs that are right at the ticks of a stretch, and their weights, (n,) each."""
    weights = np.where(labels == NONE, 1.0, np.where(labels == OPEN, OPEN_WEIGHT, 0.0))
    wanted, shown = np.zeros(len(labels), np.int64), np.flatnonzero(labels > NONE)
    if len(shown):
        weights[shown[0] :] = 0.0
        within = slice(shown[0], shown[-1] + AFTER_TICKS)
        wanted[within], weights[within] = labels[shown[0]], 1.0
    return wanted, weights


def _part(rng: np.random.Generator, of: Part) -> Part:
    log_posteriors, wanted, weights = of
    shown = np.flatnonzero(wanted)
    last = max(1, int(shown[0] if len(shown) else len(wanted)) - 5)
    start = int(rng.integers(last)) if rng.random() < MID_SET else 0
    part = slice(start, start + LENGTH)
    return _as_of_real_people(rng, log_posteriors[part]), wanted[part], weights[part]


def _as_of_real_people(rng: np.random.Generator, log_posteriors: np.ndarray) -> np.ndarray:
    ticks, outputs = log_posteriors.shape
    said = rng.uniform(*WEAKER) * log_posteriors + rng.uniform(0, NOISE) * rng.normal(size=(ticks, outputs))
    slow = np.repeat(rng.normal(size=(ticks // ERROR_TICKS + 1, outputs)), ERROR_TICKS, 0)[:ticks]
    said = said + rng.uniform(0, ERRORS) * slow
    out: np.ndarray = said - np.logaddexp.reduce(said, 1, keepdims=True)
    return out
