"""Trains a recognition network on chunks of synthetic sets, and writes a convolutional network as TFLite.

Networks are convolutional or recurrent. Real people and cameras vary more than the synthetic lifter. Each training
window therefore gets its own depth, tilt, limbs and errors, and sometimes legs outside the picture, or an arm that the
body or a plate hides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from livecoach.decisions.recognition.features import JOINT_PAIRS, PICTURE, WORLD
from livecoach.decisions.recognition.recogniser import CHANNELS
from livecoach.lab.pytorch import OneCycle, seed_pytorch
from livecoach.lab.recognition.labelled_sets import (
    NONE,
    UNKNOWN,
    ChunkSampler,
    Scaling,
    Stretch,
    fit_scaling,
    network_inputs,
)
from livecoach.lab.synth.figure.geometry import rotation
from livecoach.lab.tflite_writer import TfliteWriter
from livecoach.perception.body.body import ANKLE, ELBOW, HIP, KNEE, SHOULDER, WRIST

DILATIONS = (1, 2, 4, 8)
KERNEL, FIRST_KERNEL = 3, 5  # Ticks that a convolution sees, and the first convolution
WIDTH = 64  # Number of channels of each layer
WINDOW = FIRST_KERNEL + (KERNEL - 1) * sum(DILATIONS)  # Number of ticks on which an output depends: 3.5 s
DROPOUT, CHANNEL_DROPOUT = 0.2, 0.1  # Shares of numbers in _Lstm, and of channels in Tcn, that are dropped


class Tcn(nn.Module):
    """A temporal convolutional network (Bai, Kolter and Koltun, 2018): dilated, with dropout of whole channels."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        first = nn.Conv1d(channels, WIDTH, FIRST_KERNEL)
        self.layers = nn.ModuleList([first, *(nn.Conv1d(WIDTH, WIDTH, KERNEL, dilation=d) for d in DILATIONS)])
        self.layers.append(nn.Conv1d(WIDTH, WIDTH, 1))
        self.last = nn.Conv1d(WIDTH, outputs, 1)
        self.dropout = nn.Dropout1d(CHANNEL_DROPOUT)

    def forward(self, ticks: Tensor) -> Tensor:
        """Return logits, (N, T - WINDOW + 1, outputs), for ticks, (N, T, channels). A logit depends on WINDOW ticks."""
        x = ticks.transpose(1, 2)
        for layer in self.layers:
            x = self.dropout(torch.relu(layer(x)))
        return self.last(x).transpose(1, 2)


class _Lstm(nn.Module):
    """A recurrent network (LSTM) over ticks, or over convolutions of ticks."""

    def __init__(self, channels: int, outputs: int, kernel: int = 1) -> None:
        super().__init__()
        self.before = nn.Conv1d(channels, WIDTH, kernel)
        self.lstm = nn.LSTM(WIDTH, WIDTH, batch_first=True)
        self.last = nn.Linear(WIDTH, outputs)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, ticks: Tensor) -> Tensor:
        """Return the logits, (N, T - WINDOW + 1, outputs), of ticks, (N, T, channels), from the tick WINDOW - 1 on.

        The logits of a tick depend on the tick and on all ticks before it. The first WINDOW - 1 ticks must be zeros.
        """
        shown = torch.relu(self.before(ticks.transpose(1, 2))).transpose(1, 2)
        states, _ = self.lstm(self.dropout(shown))
        return self.last(self.dropout(states[:, WINDOW - 1 - (ticks.shape[1] - shown.shape[1]) :]))


NETWORKS: dict[str, Callable[[int, int], nn.Module]] = {
    "tcn": Tcn,
    "lstm": _Lstm,
    "cnn-lstm": partial(_Lstm, kernel=KERNEL),
}
"""Kind → function that makes the network from its numbers of channels and outputs."""


def tcn_to_tflite(network: Tcn, channels: int) -> bytes:
    """Return the content of a TFLite file: a network from (1, WINDOW, 1, channels) to log posteriors, (1, outputs)."""
    writer = TfliteWriter("livecoach recognition", (1, WINDOW, 1, channels))
    for layer in network.layers:
        _write(writer, layer, relu=True)
    _write(writer, network.last, relu=False)
    writer.reshape((1, network.last.out_channels))
    writer.log_softmax()
    return writer.content()


def _write(writer: TfliteWriter, layer: nn.Module, *, relu: bool) -> None:
    if not isinstance(layer, nn.Conv1d) or layer.bias is None:
        raise TypeError("expected a convolution with a bias")
    kernel = layer.weight.detach().numpy().transpose(0, 2, 1)[:, :, None]
    writer.conv_2d(kernel, layer.bias.detach().numpy(), dilation=layer.dilation[0], relu=relu)


DEPTH = 0.25  # Standard deviation of the logarithm of the factor on the body's depth
TILT_DEG = 6.0  # Standard deviation of the camera's tilt, in degrees
LIMBS = 0.08  # Standard deviation of the logarithm of the factors on the lengths of arms and of legs
STAYS = (0.03, 0.02)
"""Standard deviations of errors that are constant in a window, in the world and in the picture, in body lengths."""
CHANGES = (0.002, 0.03)
"""Range of the standard deviation of errors that are new in each tick, in body lengths, log-uniform."""
HIDDEN = 0.12  # Share of windows in which the picture ends above the knees or ankles
HIDDEN_ARM = 0.15
"""Share of windows in which an elbow and its wrist are hidden by the body or a plate, and are guessed badly."""
HIDDEN_ERROR = 0.12  # Standard deviation of the slow errors of hidden joints, in body lengths


def augment(ticks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a copy of windows of ticks, (N, T, SIZE), with other depth, camera tilt and limb lengths, and with errors.

    Changes are drawn for each window. Some windows get hidden legs or a hidden arm, and about half are mirrored.
    """
    count, length = ticks.shape[:2]
    world = ticks[..., :WORLD].reshape(count, length, JOINT_PAIRS, 2, 3).astype(np.float64)
    points = ticks[..., WORLD : WORLD + PICTURE].reshape(count, length, JOINT_PAIRS, 2, 2).astype(np.float64)
    inside = ticks[..., WORLD + PICTURE :].reshape(count, length, JOINT_PAIRS, 2).copy()
    chain = world[:, :, [SHOULDER, HIP, KNEE]] - world[:, :, [HIP, KNEE, ANKLE]]
    size_m = np.sqrt((chain**2).sum(-1)).mean((1, 3)).sum(-1)
    size_px = np.maximum(np.sqrt(((points - points[:, :, HIP:KNEE].mean(-2, keepdims=True)) ** 2).sum((2, 3, 4))), 1e-3)
    size_px = (size_px / np.sqrt((world[..., :2] ** 2).sum((2, 3, 4))).clip(1e-3)).mean(1) * size_m
    world[..., 2] *= np.exp(DEPTH * rng.standard_normal((count, 1, 1, 1)))
    world = world @ _turns(rng, count)[:, None, None]
    for joints, root in (((ELBOW, WRIST), SHOULDER), ((KNEE, ANKLE), HIP)):
        longer = np.exp(LIMBS * rng.standard_normal((count, 1, 1, 1, 1)))
        for values in (world, points):
            start = values[:, :, root : root + 1]
            values[:, :, list(joints)] = start + longer * (values[:, :, list(joints)] - start)
    changes = np.exp(rng.uniform(np.log(CHANGES[0]), np.log(CHANGES[1]), (count, 1, 1, 1, 1)))
    for values, stays, unit in ((world, STAYS[0], size_m), (points, STAYS[1], size_px)):
        shape = values.shape
        errors = stays * rng.standard_normal((count, 1, *shape[2:])) + changes * rng.standard_normal(shape)
        np.add(values, errors * unit[:, None, None, None, None], out=values)
    sized = ((world, size_m), (points, size_px))
    _hide_legs(rng, sized, inside)
    _hide_arm(rng, sized)
    mirrored = rng.random(count) < 0.5
    world[mirrored] = world[mirrored][:, :, :, ::-1] * (-1, 1, 1)
    points[mirrored] = points[mirrored][:, :, :, ::-1] * (-1, 1)
    inside[mirrored] = inside[mirrored][:, :, :, ::-1]
    out = [part.reshape(count, length, -1) for part in (world, points, inside)]
    return np.concatenate(out, -1)


def _turns(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return small rotations about the picture's horizontal and about the line of sight, (N, 3, 3)."""
    tilt, roll = np.radians(TILT_DEG) * rng.standard_normal((2, count)) * [[1.0], [0.5]]
    return rotation(0, tilt) @ rotation(2, roll)


Sized = tuple[tuple[np.ndarray, np.ndarray], ...]  # Joints in the world and in the picture, each with the body's size


def _hide_legs(rng: np.random.Generator, sized: Sized, inside: np.ndarray) -> None:
    """Hide the ankles, or knees and ankles, in some windows. Hidden joints get large errors."""
    for number in np.flatnonzero(rng.random(len(inside)) < HIDDEN):
        joints = [KNEE, ANKLE] if rng.random() < 0.5 else [ANKLE]
        inside[number, :, joints] = 0.0
        for values, unit in sized:
            at = values[number][:, joints]
            values[number][:, joints] = at + HIDDEN_ERROR * unit[number] * _slow_errors(rng, at.shape)


def _hide_arm(rng: np.random.Generator, sized: Sized) -> None:
    """Hide an arm in some windows. A hidden arm follows its true motion in part, or hardly."""
    for number in np.flatnonzero(rng.random(len(sized[0][0])) < HIDDEN_ARM):
        side, follows = int(rng.integers(2)), rng.random()
        for values, unit in sized:
            arm = values[number][:, [ELBOW, WRIST], side]
            root = values[number][:, [SHOULDER], side]
            from_root = arm - root
            guessed = from_root.mean(0) + follows * (from_root - from_root.mean(0))
            error = HIDDEN_ERROR * unit[number] * _slow_errors(rng, arm.shape)
            values[number][:, [ELBOW, WRIST], side] = root + guessed + error


def _slow_errors(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return slow errors (T, ...) of about unit size."""
    knots = rng.standard_normal((shape[0] // 8 + 2, *shape[1:]))
    slow = np.repeat(knots, 8, axis=0)[: shape[0]]
    smooth = [np.convolve(np.pad(v, 4, "edge"), np.full(9, 1 / 9), "valid") for v in slow.reshape(shape[0], -1).T]
    return np.stack(smooth, -1).reshape(shape)


BATCH = 48  # Number of chunks of a training step
FASTEST, DECAY = 3e-3, 1e-2  # Highest learning rate, and weight decay
SMOOTHING = 0.03  # Label smoothing of the loss
NONE_WEIGHT = 4.0  # Weight of no exercise in the loss, as a multiple of an exercise's, because it is more varied
FOR_SCALING = 200  # Number of chunks from which the scaling of the features is computed


@dataclass(frozen=True, slots=True, eq=False)
class TrainedNetwork:
    """A trained recognition network, with the scaling of its input."""

    network: nn.Module
    scaling: Scaling

    def log_posteriors(self, ticks: np.ndarray) -> np.ndarray:
        """Return the log posteriors, (T, outputs), of the ticks of a stretch, (T, SIZE)."""
        network_input = network_inputs(
            ticks[None].astype(np.float64), np.ones((1, len(ticks))), self.scaling, WINDOW - 1
        )
        with torch.no_grad():
            output = functional.log_softmax(self.network(torch.from_numpy(network_input))[0], -1)
        return output.numpy().astype(np.float64)


def train_network(
    kind: str, stretches: Sequence[Stretch], outputs: int, steps: int, seed: int, progress: Callable[[int, float], None]
) -> TrainedNetwork:
    """Train a recognition network.

    In the loss, each exercise has the same total weight, and "none" NONE_WEIGHT times this weight.

    Args:
        kind: Key of NETWORKS.
        outputs: 1 + the number of exercises.
        progress: Called every 100 steps with the number of finished steps and the loss.
    """
    seed_pytorch(seed)
    rng = np.random.default_rng(seed)
    chunks = ChunkSampler(stretches, rng)
    first = chunks.draw(FOR_SCALING)
    scaling = fit_scaling(augment(first.ticks, rng), first.valid)
    network = NETWORKS[kind](CHANNELS, outputs)
    network.train()
    training = OneCycle(network, FASTEST, steps, decay=DECAY)
    counts = np.bincount(first.labels[first.labels != UNKNOWN], minlength=outputs) + 1.0
    weights = torch.tensor(counts.sum() / counts / outputs, dtype=torch.float32)
    weights[NONE] *= NONE_WEIGHT
    for step in range(steps):
        batch = chunks.draw(BATCH)
        network_input = network_inputs(augment(batch.ticks, rng), batch.valid, scaling, WINDOW - 1)
        logits = network(torch.from_numpy(network_input)).reshape(-1, outputs)
        loss = functional.cross_entropy(
            logits,
            torch.from_numpy(batch.labels.reshape(-1)),
            weight=weights,
            ignore_index=UNKNOWN,
            label_smoothing=SMOOTHING,
        )
        training.step(loss, most_norm=1.0)
        if step % 100 == 99:
            progress(step + 1, loss.item())
    network.eval()
    return TrainedNetwork(network, scaling)
