"""Fits livecoach.decisions.judging.fault_model's function, which estimates the amount of each fault in a rep.

The function learns from synthetic lifters, with two and with five reference reps. Its limits come from good reps of
held-out lifters, by cross-validation in two halves.
"""

import importlib.util
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from livecoach.core.types import ignore
from livecoach.decisions.judging import fault_model
from livecoach.decisions.rep.measures import FaultTable
from livecoach.lab.dataset import ArrayTable, Reps
from livecoach.lab.train.metric import Metric, compared_sets

RIDGE = 1000.0
"""Weight of the squared coefficients. From 100 to 3,000 the hits on held-out lifters differ by a fiftieth."""
HIDDEN, EPOCHS, BATCH, RATE = 128, 40, 512, 1e-3
"""Settings of the network. With 256 units, or half or twice the epochs, hits differ by a fiftieth. The mean of the
network and the ridge regression detects more faults of real sets than either."""
DROPOUT, DECAY = 0.5, 0.01  # Dropout and weight decay for PyTorch, which trains the network with AdamW
SQUARED, LEAST_STEPS = 30.0, 240
"""Settings for scikit-learn, which trains the network with Adam: weight of the squared weights, and least number of
batches, after which the random initial weights have no influence."""
Library = Literal["PyTorch", "scikit-learn"]  # Library that trains the network
OWN = (2, fault_model.TRAINED_WITH)  # Numbers of reference reps in the fit
LEAST_SEVERITY = 0.02  # True severity from which a rep counts as an example of a fault
SCATTER = 1.3
"""Factor on the quantile of each fault's amounts in good reps, so that all faults together raise the wanted share of
false alarms: 1.4 and 1.7 on synthetic lifters, less in rendered sets, which scatter less."""
LEAST_LIMIT = 0.2  # Least limit, in smallest changes worth reporting: the function halves small amounts
NEAR_DEG, WIDER_DEG = 10.0, 22.5
"""Largest distances of reps from a centre, in degrees. The second applies if the first leaves fewer than LEAST_REPS."""
LEAST_REPS = 6  # Least number of reps near a centre


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaultFit:
    """A fitted function that estimates amounts of F faults, with amounts in good reps from its cross-validation."""

    function: fault_model.AmountFunction
    good: np.ndarray  # (n, F) amounts in good reps, estimated by functions that were fitted to other lifters

    def limits(self, false_alarms: float) -> np.ndarray:
        """Return the limit of the amount of each fault, (F,), for a share of false alarms among good reps, 0…1.

        Half of these alarms are by faults, half by the distance from the reference. No limit is below LEAST_LIMIT.
        """
        return np.maximum(SCATTER * np.quantile(self.good, 1 - false_alarms / 2, axis=0), LEAST_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows(ArrayTable):
    """m reps with their changes from own reps."""

    changes: np.ndarray  # (m, k)
    azimuths_deg: np.ndarray
    amounts: np.ndarray  # (m, F) true amounts
    good: np.ndarray
    halves: np.ndarray  # (m,) 0 or 1: the half of the lifter


def default_library() -> Library:
    """Return the library that trains the network: PyTorch if installed, as for shipped models, or else scikit-learn."""
    return "scikit-learn" if importlib.util.find_spec("torch") is None else "PyTorch"


Report = Callable[[float, float], object]  # Called with the finished share of a training, 0…1, and the loss


def fit_faults(
    reps: Reps, table: FaultTable, metric: Metric, everybody: np.ndarray, library: Library, report: Report = ignore
) -> FaultFit:
    """Fit a function that estimates amounts of faults, and estimate the amounts in good reps by cross-validation.

    Args:
        reps: Reps with true severities.
        everybody: Mean trajectory of all lifters, TRAJECTORY_SHAPE.
        report: Called with the finished share and the loss of the last training, which uses all lifters.
    """
    compared = [row for of_set in compared_sets(reps, min(OWN), everybody) for row in of_set.judged_rows.tolist()]
    lifters = np.unique(reps.lifters[compared])
    by_own = {own: _rows(reps, own, metric, everybody, lifters) for own in OWN}
    usual, every = by_own[fault_model.TRAINED_WITH], _Rows.join(list(by_own.values()))
    held_out = np.zeros_like(usual.amounts)
    for half in (0, 1):
        function = _fitted(every.select(every.halves != half), library)
        mine = usual.halves == half
        held_out[mine] = function.amounts(usual.changes[mine], usual.azimuths_deg[mine])
    amounts = fault_model.without_direction(held_out, table)
    seen = _estimated(amounts, np.abs(usual.amounts), usual.azimuths_deg)
    return FaultFit(function=replace(_fitted(every, library, report), seen=seen), good=amounts[usual.good])


def _rows(reps: Reps, own: int, metric: Metric, everybody: np.ndarray, lifters: np.ndarray) -> _Rows:
    """Return the reps that are compared with their lifter's `own` reference reps; every other lifter is in half 1."""
    sets = list(compared_sets(reps, own, everybody))
    rows = np.concatenate([of_set.judged_rows for of_set in sets])
    severities = np.nan_to_num(reps.severities[rows])
    latents = np.concatenate([of_set.judged for of_set in sets]) @ metric.encoder.T
    return _Rows(
        changes=np.concatenate([latents, np.concatenate([of_set.readings for of_set in sets])], 1),
        azimuths_deg=reps.azimuths_deg[rows],
        amounts=np.where(np.abs(severities) > LEAST_SEVERITY, np.sign(severities) * (1 + 2 * np.abs(severities)), 0.0),
        good=reps.good[rows],
        halves=np.searchsorted(lifters, reps.lifters[rows]) % 2,
    )


def _fitted(rows: _Rows, library: Library, report: Report = ignore) -> fault_model.AmountFunction:
    from sklearn.linear_model import Ridge

    scale = _scale(rows.changes)
    linear_inputs, network_inputs = fault_model.function_inputs(rows.changes, scale, rows.azimuths_deg)
    count = rows.amounts.shape[1]
    # scikit-learn fits nothing to the amounts of no faults.
    linear = Ridge(RIDGE, fit_intercept=False).fit(linear_inputs, rows.amounts).coef_ if count else np.zeros(0)
    first, second = _layers(network_inputs, rows.amounts, library, report)
    return fault_model.AmountFunction(
        scale=scale,
        linear=linear.reshape(count, linear_inputs.shape[1]),
        hidden=first[0],
        hidden_bias=first[1],
        out=second[0],
        out_bias=second[1],
        seen=np.zeros((count, len(fault_model.CENTRES_DEG))),  # measured on other lifters, by `fit_faults`
    )


def _scale(changes: np.ndarray) -> np.ndarray:
    """Return a robust standard deviation of changes (m, k); 1 for a change that is never known."""
    known = np.nan_to_num(changes)
    spread = 1.4826 * np.median(np.abs(known), axis=0)
    deviation: np.ndarray = np.clip(known, -8 * spread, 8 * spread).std(0)
    return np.where(deviation > 0, deviation, 1.0)


Layers = tuple[tuple[np.ndarray, np.ndarray], ...]
"""Weights (out, in) and biases (out,) of the hidden and of the last layer."""


def _layers(inputs: np.ndarray, wanted: np.ndarray, library: Library, report: Report) -> Layers:
    """Train a network that maps inputs (m, k + 2) to outputs (m, F)."""
    if not wanted.shape[1]:
        return (np.zeros((1, inputs.shape[1])), np.zeros(1)), (np.zeros((0, 1)), np.zeros(0))
    by = _by_pytorch if library == "PyTorch" else _by_sklearn
    return by(inputs.astype(np.float32), wanted.astype(np.float32), report)


def _by_pytorch(inputs: np.ndarray, wanted: np.ndarray, report: Report) -> Layers:
    import torch
    from torch import nn

    from livecoach.lab.pytorch import seed_pytorch

    seed_pytorch(0)
    batched, targets = torch.from_numpy(inputs), torch.from_numpy(wanted)
    hidden, out = nn.Linear(inputs.shape[1], HIDDEN), nn.Linear(HIDDEN, wanted.shape[1])
    network = nn.Sequential(nn.Dropout(DROPOUT), hidden, nn.ReLU(), nn.Dropout(DROPOUT), out)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    for epoch in range(EPOCHS):
        for rows in torch.split(torch.randperm(len(batched)), BATCH):
            loss = ((network(batched[rows]) - targets[rows]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        report((epoch + 1) / EPOCHS, loss.item())
    return tuple((layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in (hidden, out))


def _by_sklearn(inputs: np.ndarray, wanted: np.ndarray, report: Report) -> Layers:
    from sklearn.neural_network import MLPRegressor

    epochs = max(EPOCHS, math.ceil(LEAST_STEPS / math.ceil(len(inputs) / BATCH)))
    network = MLPRegressor(
        hidden_layer_sizes=(HIDDEN,),
        alpha=SQUARED,
        batch_size=min(BATCH, len(inputs)),
        learning_rate_init=RATE,
        max_iter=epochs,
        n_iter_no_change=epochs,
        random_state=0,
    )
    with warnings.catch_warnings():
        # scikit-learn warns that more epochs would learn more, and that a single fault needs no second axis.
        warnings.simplefilter("ignore", UserWarning)
        network.fit(inputs, wanted)
    for epoch, loss in enumerate(network.loss_curve_, 1):
        report(epoch / len(network.loss_curve_), loss)
    return tuple((weights.T, biases) for weights, biases in zip(network.coefs_, network.intercepts_, strict=True))


def _estimated(amounts: np.ndarray, true: np.ndarray, azimuths_deg: np.ndarray) -> np.ndarray:
    """Return the estimated amount at a severity of 1, by azimuth, (F, len(CENTRES_DEG)); 0 with too few examples."""
    by_azimuth = np.zeros((amounts.shape[1], len(fault_model.CENTRES_DEG)))
    off_deg = np.abs(np.minimum(azimuths_deg, fault_model.CENTRES_DEG[-1])[:, None] - fault_model.CENTRES_DEG)
    for fault in range(amounts.shape[1]):
        for place in range(len(fault_model.CENTRES_DEG)):
            for reach_deg in (NEAR_DEG, WIDER_DEG):
                near = (off_deg[:, place] <= reach_deg) & (true[:, fault] > 0)
                if near.sum() >= LEAST_REPS:
                    by_azimuth[fault, place] = 3 * np.median(amounts[near, fault] / true[near, fault])
                    break
    return by_azimuth
