"""The networks that recognise exercises in windows of ticks, in PyTorch and as TFLite: convolutional and recurrent."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from livecoach.lab.tflite_writer import TfliteWriter

DILATIONS = (1, 2, 4, 8)
KERNEL, FIRST_KERNEL = 3, 5
WIDTH = 64
WINDOW = FIRST_KERNEL + (KERNEL - 1) * sum(DILATIONS)  # ticks that one output depends on: 3.5 s
DROPOUT, CHANNEL_DROPOUT = 0.2, 0.1


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
    """An LSTM over ticks, or over convolutions of them in time."""

    def __init__(self, channels: int, outputs: int, kernel: int = 1) -> None:
        super().__init__()
        self.before = nn.Conv1d(channels, WIDTH, kernel)
        self.lstm = nn.LSTM(WIDTH, WIDTH, batch_first=True)
        self.last = nn.Linear(WIDTH, outputs)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, ticks: Tensor) -> Tensor:
        """ticks: (N, T, channels). Returns logits (N, T - WINDOW + 1, outputs), each from all ticks up to it.

        The state runs on from the first tick. The first WINDOW - 1 ticks are unknown ones.
        """
        shown = torch.relu(self.before(ticks.transpose(1, 2))).transpose(1, 2)
        states, _ = self.lstm(self.dropout(shown))
        logits: Tensor = self.last(self.dropout(states[:, WINDOW - 1 - (ticks.shape[1] - shown.shape[1]) :]))
        return logits


NETWORKS: dict[str, Callable[[int, int], nn.Module]] = {
    "tcn": Tcn,
    "lstm": Lstm,
    "cnn-lstm": partial(Lstm, kernel=KERNEL),
}
"""Kind → network of so many channels and outputs."""


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
