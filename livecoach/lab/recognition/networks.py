"""The networks that recognise exercises in windows of ticks, in PyTorch and as TFLite: convolutional and recurrent."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from livecoach.lab.tflite_writer import TfliteWriter

DILATIONS = (1, 2, 4, 8)
KERNEL, FIRST_KERNEL = 3, 5
WIDTH = 64
WINDOW = FIRST_KERNEL + (KERNEL - 1) * sum(DILATIONS)
"""Ticks that one output depends on: 3.5 s."""
DROPOUT, CHANNEL_DROPOUT = 0.2, 0.1
PAPER_UNITS, PAPER_FILTERS = 8, 32
PICTURE_FILTERS, PICTURE_UNITS = (8, 16, 32), 32


class Tcn(nn.Module):
    """Dilated convolutions over time without padding, with whole channels dropped (Bai, Kolter and Koltun, 2018)."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        first = nn.Conv1d(channels, WIDTH, FIRST_KERNEL)
        self.layers = nn.ModuleList([first, *(nn.Conv1d(WIDTH, WIDTH, KERNEL, dilation=d) for d in DILATIONS)])
        self.layers.append(nn.Conv1d(WIDTH, WIDTH, 1))
        self.last = nn.Conv1d(WIDTH, outputs, 1)
        self.dropout = nn.Dropout1d(CHANNEL_DROPOUT)

    def forward(self, ticks: Tensor) -> Tensor:
        """ticks: (N, T, channels). Returns logits (N, T - WINDOW + 1, outputs), each from the WINDOW ticks up to it."""
        x = ticks.transpose(1, 2)
        for layer in self.layers:
            x = self.dropout(torch.relu(layer(x)))
        logits: Tensor = self.last(x).transpose(1, 2)
        return logits


class Lstm(nn.Module):
    """An LSTM over ticks."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.before = nn.Linear(channels, WIDTH)
        self.lstm = nn.LSTM(WIDTH, WIDTH, batch_first=True)
        self.last = nn.Linear(WIDTH, outputs)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, ticks: Tensor) -> Tensor:
        """ticks: (N, T, channels). Returns logits (N, T - WINDOW + 1, outputs), each from all ticks up to it.

        The state runs on from the first tick. The first WINDOW - 1 ticks are unknown ones.
        """
        states, _ = self.lstm(self.dropout(torch.relu(self.before(ticks))))
        logits: Tensor = self.last(self.dropout(states[:, WINDOW - 1 :]))
        return logits


class CnnLstm(nn.Module):
    """A small CNN on a picture of each tick, and an LSTM over its outputs and the tick's features."""

    def __init__(self, channels: int, side_px: int, outputs: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in pairwise((1, *PICTURE_FILTERS)):
            layers += [nn.Conv2d(before, after, KERNEL, stride=2, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
        features = PICTURE_FILTERS[-1] * (side_px // 2 ** len(PICTURE_FILTERS)) ** 2
        self.cnn = nn.Sequential(*layers, nn.Flatten(), nn.Linear(features, PICTURE_UNITS), nn.ReLU())
        self.before = nn.Linear(channels, WIDTH)
        self.lstm = nn.LSTM(WIDTH + PICTURE_UNITS, WIDTH, batch_first=True)
        self.last = nn.Linear(WIDTH, outputs)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, ticks: Tensor, pictures: Tensor) -> Tensor:
        """ticks: (N, T, channels); pictures: (N, T, side_px, side_px). Return logits (N, T, outputs)."""
        shown = self.cnn(pictures.flatten(0, 1)[:, None]).unflatten(0, pictures.shape[:2])
        states, _ = self.lstm(self.dropout(torch.cat([torch.relu(self.before(ticks)), shown], -1)))
        logits: Tensor = self.last(self.dropout(states))
        return logits


class PaperLstm(nn.Module):
    """An LSTM of 8 units over frames; its last state gives the outputs."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(channels, PAPER_UNITS, batch_first=True)
        self.last = nn.Linear(PAPER_UNITS, outputs)

    def forward(self, frames: Tensor) -> Tensor:
        """frames: (N, T, channels). Return logits (N, outputs)."""
        states, _ = self.lstm(frames)
        logits: Tensor = self.last(states[:, -1])
        return logits


class PaperCnnLstm(nn.Module):
    """A convolution over frames, pooling, and an LSTM of 8 units."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(channels, PAPER_FILTERS, KERNEL, padding=1)
        self.rest = PaperLstm(PAPER_FILTERS, outputs)

    def forward(self, frames: Tensor) -> Tensor:
        """frames: (N, T, channels). Return logits (N, outputs)."""
        pooled = functional.max_pool1d(torch.relu(self.convolution(frames.transpose(1, 2))), 2)
        logits: Tensor = self.rest(pooled.transpose(1, 2))
        return logits


class PaperTcn(nn.Module):
    """Dilated convolutions over frames; their mean over all frames, padding included, gives the outputs."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(channels if d == 1 else WIDTH, WIDTH, KERNEL, dilation=d, padding=d) for d in (1, 2, 4, 8, 16)
        )
        self.last = nn.Linear(WIDTH, outputs)

    def forward(self, frames: Tensor) -> Tensor:
        """frames: (N, T, channels). Return logits (N, outputs)."""
        x = frames.transpose(1, 2)
        for layer in self.layers:
            x = torch.relu(layer(x))
        logits: Tensor = self.last(x.mean(-1))
        return logits


def as_tflite(network: Tcn, channels: int) -> bytes:
    """Return a trained network as a TFLite file: (1, WINDOW, 1, channels) → log posteriors (1, outputs)."""
    writer = TfliteWriter("livecoach recognition", (1, WINDOW, 1, channels))
    for layer in network.layers:
        _write(writer, layer, relu=True)
    _write(writer, network.last, relu=False)
    writer.reshape((1, network.last.out_channels))
    writer.log_softmax()
    return writer.content()


def from_tflite(constants: Sequence[np.ndarray], channels: int, outputs: int) -> Tcn:
    """Return the network that as_tflite wrote. constants: those of the file."""
    network = Tcn(channels, outputs)
    layers = [*network.layers, network.last]
    for layer, kernel, bias in zip(layers, constants[0::2], constants[1::2], strict=False):
        layer.weight = nn.Parameter(torch.tensor(kernel[:, :, 0].transpose(0, 2, 1)))
        layer.bias = nn.Parameter(torch.tensor(bias))
    return network


def _write(writer: TfliteWriter, layer: nn.Module, *, relu: bool) -> None:
    if not isinstance(layer, nn.Conv1d) or layer.bias is None:
        raise TypeError("expected a convolution with a bias")
    kernel = layer.weight.detach().numpy().transpose(0, 2, 1)[:, :, None]
    writer.conv_2d(kernel, layer.bias.detach().numpy(), dilation=layer.dilation[0], relu=relu)
