"""Fits livecoach.decisions.judging.fault_model's function, which estimates the amount of each fault in a rep.

It learns from synthetic lifters, beside two and beside five own good reps. Its limits come from good reps of held-out
lifters, by cross-validation in two halves.
"""

import importlib.util
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach.core.types import ignore
from livecoach.decisions.judging import fault_model
from livecoach.decisions.rep.measures import FaultTable
from livecoach.lab.dataset import Columns, Reps
from livecoach.lab.train.metric import Metric, compared_sets

RIDGE = 1000.0
"""Weight of the squared coefficients. From 100 to 3,000 the hits on held-out lifters differ by a fiftieth."""
HIDDEN, EPOCHS, BATCH, RATE = 128, 40, 512, 1e-3
"""Settings of the network; with 256 units, or half or twice the epochs, hits differ by a fiftieth. The mean of it and
the ridge regression detects more faults of real sets than either."""
DROPOUT, DECAY = 0.5, 0.01  # for PyTorch, which trains the network with AdamW
SQUARED, LEAST_STEPS = 30.0, 240
"""For scikit-learn, which trains it with Adam: the weight of the squared weights, and the least number of batches,
after which the random initial weights show no more."""
Network = Literal["PyTorch", "scikit-learn"]  # the library that trains the network
OWN = (2, fault_model.TRAINED_WITH)  # numbers of own reps in the references of the fit
LEAST_SEVERITY = 0.02  # true severity from which a rep counts as an example of a fault
SCATTER = 1.3
"""Factor on the quantile of each fault's amounts in good reps, so that all faults together raise the wanted share of
false alarms: 1.4 and 1.7 on synthetic lifters, less in rendered sets, which scatter less."""
LEAST_LIMIT = 0.2  # least limit, in smallest changes worth reporting: the function returns about half of a small amount
NEAR_DEG, WIDER_DEG = 10.0, 22.5
"""Largest distance of reps from a centre; the second applies where the first leaves fewer than LEAST_REPS."""
LEAST_REPS = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaultFit:
    """The fitted function with its figures on held-out lifters. F: faults."""

    function: fault_model.AmountFunction
    good: np.ndarray  # (n, F) amounts in good reps of held-out lifters
    estimated: np.ndarray
    """(F, len(CENTRES_DEG)) amount estimated at a severity of 1, by azimuth; FaultArrays calls it `seen`."""

    def limits(self, false_alarms: float) -> np.ndarray:
        """Return the (F,) limits of the amounts for a share of false alarms."""
        return np.maximum(SCATTER * np.quantile(self.good, 1 - false_alarms / 2, axis=0), LEAST_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows(Columns):
    """m reps with their changes from own reps."""

    changes: np.ndarray  # (m, k)
    azimuths_deg: np.ndarray
    amounts: np.ndarray  # (m, F) true amounts
    good: np.ndarray
    halves: np.ndarray  # (m,) 0 or 1: the half of the lifter


def usual_network() -> Network:
    """Return the library for the network: PyTorch, as for the shipped models, or scikit-learn without PyTorch."""
    return "scikit-learn" if importlib.util.find_spec("torch") is None else "PyTorch"


Report = Callable[[float, float], object]  # called with the finished share of a training, 0…1, and the loss


def fit_faults(
    reps: Reps, table: FaultTable, metric: Metric, everybody: np.ndarray, network: Network, report: Report = ignore
) -> FaultFit:
    compared = [row for one in compared_sets(reps, min(OWN), everybody) for row in one.rows.tolist()]
    lifters = np.unique(reps.lifters[compared])
    by_own = {own: _rows(reps, own, metric, everybody, lifters) for own in OWN}
    usual, every = by_own[fault_model.TRAINED_WITH], _Rows.joined(list(by_own.values()))
    held_out = np.zeros_like(usual.amounts)
    for half in (0, 1):
        function = _fitted(every.some(every.halves != half), network)
        mine = usual.halves == half
        held_out[mine] = function.amounts(usual.changes[mine], usual.azimuths_deg[mine])
    amounts = fault_model.either_way(held_out, table)
    return FaultFit(
        function=_fitted(every, network, report),
        good=amounts[usual.good],
        estimated=_estimated(amounts, np.abs(usual.amounts), usual.azimuths_deg),
    )


def _rows(reps: Reps, own: int, metric: Metric, everybody: np.ndarray, lifters: np.ndarray) -> _Rows:
    """lifters: all names, sorted; every other one is in the same half."""
    sets = list(compared_sets(reps, own, everybody))
    rows = np.concatenate([one.rows for one in sets])
    severities = np.nan_to_num(reps.severities[rows])
    latents = np.concatenate([one.rest for one in sets]) @ metric.encoder.T
    return _Rows(
        changes=np.concatenate([latents, np.concatenate([one.readings for one in sets])], 1),
        azimuths_deg=reps.azimuths_deg[rows],
        amounts=np.where(np.abs(severities) > LEAST_SEVERITY, np.sign(severities) * (1 + 2 * np.abs(severities)), 0.0),
        good=reps.good[rows],
        halves=np.searchsorted(lifters, reps.lifters[rows]) % 2,
    )


def _fitted(rows: _Rows, network: Network, report: Report = ignore) -> fault_model.AmountFunction:
    from sklearn.linear_model import Ridge

    scale = _scale(rows.changes)
    some = fault_model.scaled(rows.changes, scale)
    given, count = fault_model.times_view(some, rows.azimuths_deg), rows.amounts.shape[1]
    # scikit-learn fits nothing to the amounts of no faults.
    linear = Ridge(RIDGE, fit_intercept=False).fit(given, rows.amounts).coef_ if count else np.zeros(0)
    first, second = _layers(fault_model.with_view(some, rows.azimuths_deg), rows.amounts, network, report)
    return fault_model.AmountFunction(
        scale=scale,
        linear=linear.reshape(count, given.shape[1]),
        hidden=first[0],
        hidden_bias=first[1],
        out=second[0],
        out_bias=second[1],
    )


def _scale(changes: np.ndarray) -> np.ndarray:
    """Return a robust standard deviation of changes (m, k); 1 where nothing is known."""
    known = np.nan_to_num(changes)
    spread = 1.4826 * np.median(np.abs(known), axis=0)
    deviation: np.ndarray = np.clip(known, -8 * spread, 8 * spread).std(0)
    return np.where(deviation > 0, deviation, 1.0)


Layers = tuple[tuple[np.ndarray, np.ndarray], ...]
"""Weights (out, in) and biases (out,) of the hidden layer and of the last one."""


def _layers(given: np.ndarray, wanted: np.ndarray, network: Network, report: Report) -> Layers:
    """Train a network that maps given (m, k + 2) to wanted (m, F)."""
    if not wanted.shape[1]:
        return (np.zeros((1, given.shape[1])), np.zeros(1)), (np.zeros((0, 1)), np.zeros(0))
    by = _by_pytorch if network == "PyTorch" else _by_sklearn
    return by(given.astype(np.float32), wanted.astype(np.float32), report)


def _by_pytorch(given: np.ndarray, wanted: np.ndarray, report: Report) -> Layers:
    import torch
    from torch import nn

    from livecoach.lab.pytorch import begin

    begin(0)
    inputs, targets = torch.from_numpy(given), torch.from_numpy(wanted)
    hidden, out = nn.Linear(given.shape[1], HIDDEN), nn.Linear(HIDDEN, wanted.shape[1])
    network = nn.Sequential(nn.Dropout(DROPOUT), hidden, nn.ReLU(), nn.Dropout(DROPOUT), out)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    for epoch in range(EPOCHS):
        for rows in torch.split(torch.randperm(len(inputs)), BATCH):
            loss = ((network(inputs[rows]) - targets[rows]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        report((epoch + 1) / EPOCHS, loss.item())
    return tuple((layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in (hidden, out))


def _by_sklearn(given: np.ndarray, wanted: np.ndarray, report: Report) -> Layers:
    from sklearn.neural_network import MLPRegressor

    epochs = max(EPOCHS, math.ceil(LEAST_STEPS / math.ceil(len(given) / BATCH)))
    network = MLPRegressor(
        hidden_layer_sizes=(HIDDEN,),
        alpha=SQUARED,
        batch_size=min(BATCH, len(given)),
        learning_rate_init=RATE,
        max_iter=epochs,
        n_iter_no_change=epochs,
        random_state=0,
    )
    with warnings.catch_warnings():
        # It warns that more epochs would learn more, and that a single fault needs no second axis.
        warnings.simplefilter("ignore", UserWarning)
        network.fit(given, wanted)
    for epoch, loss in enumerate(network.loss_curve_, 1):
        report(epoch / len(network.loss_curve_), loss)
    return tuple((weights.T, biases) for weights, biases in zip(network.coefs_, network.intercepts_, strict=True))


def _estimated(amounts: np.ndarray, true: np.ndarray, azimuths_deg: np.ndarray) -> np.ndarray:
    """Return the amount estimated at a severity of 1, by azimuth (F, len(CENTRES_DEG)); 0 with too few examples."""
    by_azimuth = np.zeros((amounts.shape[1], len(fault_model.CENTRES_DEG)))
    for fault in range(amounts.shape[1]):
        for place, centre in enumerate(fault_model.CENTRES_DEG):
            for reach_deg in (NEAR_DEG, WIDER_DEG):
                near = (np.abs(np.minimum(azimuths_deg, fault_model.CENTRES_DEG[-1]) - centre) <= reach_deg) & (
                    true[:, fault] > 0
                )
                if near.sum() >= LEAST_REPS:
                    by_azimuth[fault, place] = 3 * np.median(amounts[near, fault] / true[near, fault])
                    break
    return by_azimuth
