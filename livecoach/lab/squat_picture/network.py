"""The published network in PyTorch: four times Conv-Conv-MaxPool-Dropout and three dense layers; and as TFLite.

Its sizes are chosen so that one core trains it in a few minutes. Convolutions after the first block are normalised over
the batch, without which it learns slowly; TFLite has that folded into their weights. In the first block, whose pictures
are the largest, normalisation takes as long as everything else.
"""

import numpy as np
import torch
from torch import Tensor, nn

from livecoach.lab.squat_picture.drawing import PictureKind
from livecoach.lab.tflite_writer import TfliteWriter

FILTERS = (4, 8, 16, 32)
"""Of the convolutions of each block."""
HIDDEN = (64, 32)
"""Units of the dense layers before the last one, which has one: the log odds of bad against good."""
DROPPED, DROPPED_DENSE = 0.1, 0.3


class DeepSquat(nn.Module):
    """Pictures (n, channels, rows, columns), 0…1 → (n,) log odds that the squat is bad."""

    def __init__(self, kind: PictureKind) -> None:
        super().__init__()
        self.kind = kind
        channels = kind.channels
        self.convolutions: list[tuple[nn.Conv2d, nn.BatchNorm2d | None]] = []
        modules: list[nn.Module] = []
        for block, filters in enumerate(FILTERS):
            for inputs in (channels, filters):
                conv, norm = nn.Conv2d(inputs, filters, 3, padding=1), nn.BatchNorm2d(filters) if block else None
                self.convolutions.append((conv, norm))
                modules += [conv, *([norm] if norm else []), nn.ReLU(inplace=True)]
            modules += [nn.MaxPool2d(2), nn.Dropout(DROPPED)]
            channels = filters
        self.blocks = nn.Sequential(*modules)
        halved = 2 ** len(FILTERS)
        flat = channels * (kind.rows // halved) * (kind.columns // halved)
        self.layers = [nn.Linear(i, o) for i, o in zip((flat, *HIDDEN), (*HIDDEN, 1), strict=True)]
        self.dense = nn.ModuleList(self.layers)
        self.dropout = nn.Dropout(DROPPED_DENSE)
        for conv, _ in self.convolutions:  # channels last: twice as fast on a processor
            conv.weight.data = conv.weight.data.contiguous(memory_format=torch.channels_last)

    def forward(self, pictures: Tensor) -> Tensor:
        # TFLite flattens rows, columns, channels.
        value = self.blocks(pictures).permute(0, 2, 3, 1).flatten(1)
        for layer in self.layers[:-1]:
            value = self.dropout(torch.relu(layer(value)))
        odds: Tensor = self.layers[-1](value)[:, 0]
        return odds


def log_odds(network: DeepSquat, pictures: np.ndarray, batch: int = 64) -> np.ndarray:
    """Return (n,) the log odds of pictures (n, rows, columns, channels) uint8."""
    with torch.no_grad():
        return np.concatenate([network(as_tensor(part)).numpy() for part in _split(pictures, batch)])


def as_tensor(pictures: np.ndarray) -> Tensor:
    """Return pictures (n, rows, columns, channels) uint8 as the network takes them."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255


def tflite(network: DeepSquat) -> bytes:
    """Return the network as a TFLite file: (1, rows, columns, channels) 0…1 to (1, 1)."""
    kind = network.kind
    writer = TfliteWriter("livecoach squat picture", (1, kind.rows, kind.columns, kind.channels))
    for number, (conv, norm) in enumerate(network.convolutions):
        _write_convolution(writer, conv, norm)
        if number % 2:
            writer.max_pool(2)
    writer.reshape((1, network.layers[0].in_features))
    for layer in network.layers:
        weights, bias = (parameter.detach().numpy() for parameter in (layer.weight, layer.bias))
        writer.fully_connected(weights, bias, relu=layer is not network.layers[-1])
    return writer.content()


def _write_convolution(writer: TfliteWriter, conv: nn.Conv2d, norm: nn.BatchNorm2d | None) -> None:
    """Write a convolution with its normalisation folded in."""
    assert conv.bias is not None
    kernel, bias = conv.weight, conv.bias
    if norm is not None:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        kernel, bias = kernel * scale[:, None, None, None], norm.bias + (bias - norm.running_mean) * scale
    writer.pad(1, 1)
    writer.conv_2d(kernel.detach().permute(0, 2, 3, 1).numpy(), bias.detach().numpy(), stride=1, relu=True)


def _split(pictures: np.ndarray, batch: int) -> list[np.ndarray]:
    return [pictures[first : first + batch] for first in range(0, len(pictures), batch)]
