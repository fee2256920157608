"""Provides common parts of trainings with PyTorch: their start, a cycle of the learning rate, and layers as TFLite."""

from collections.abc import Iterable
from itertools import zip_longest

import torch
from torch import Tensor, nn

from livecoach.lab.tflite_writer import TfliteWriter


def seed_pytorch(seed: int) -> None:
    """Seed PyTorch, and make its computations deterministic.

    The same seed then gives the same weights on the same kind of processor, by the same version of PyTorch. A single
    thread is used, because the order of additions would vary with several.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


class OneCycle:
    """The AdamW optimiser with one cycle of the learning rate (Smith and Topin, "Super-convergence", 2018)."""

    def __init__(self, network: nn.Module, rate: float, steps: int, *, decay: float, rises: float = 0.3) -> None:
        """Prepare a training.

        Args:
            rate: Highest learning rate.
            steps: Number of calls of `step`.
            decay: Weight decay of AdamW.
            rises: Share of the steps in which the learning rate rises. In the other steps, the rate falls.
        """
        self._network = network
        self._optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(self._optimizer, rate, total_steps=steps, pct_start=rises)

    def step(self, loss: Tensor, most_norm: float | None = None) -> None:
        """Update the weights by the gradient of a loss, and move on in the cycle of the learning rate.

        Args:
            most_norm: Largest norm of the gradient; a larger gradient is scaled down. None for no limit.
        """
        self._optimizer.zero_grad()
        torch.autograd.backward(loss)
        if most_norm is not None:
            nn.utils.clip_grad_norm_(self._network.parameters(), most_norm)
        self._optimizer.step()
        self._schedule.step()


class FlattenChannelsLast(nn.Module):
    """A layer that flattens pictures (n, channels, rows, columns) in TFLite's order: rows, columns, channels."""

    def forward(self, pictures: Tensor) -> Tensor:
        """Flatten pictures, (n, channels, rows, columns), to (n, rows * columns * channels)."""
        return pictures.permute(0, 2, 3, 1).flatten(1)


def layers_to_tflite(description: str, input_shape: tuple[int, ...], layers: Iterable[nn.Module]) -> bytes:
    """Convert trained layers, as `add_layers` does, to the content of a TFLite file for a batch of 1."""
    writer = TfliteWriter(description, input_shape)
    add_layers(writer, layers)
    return writer.content()


def add_layers(writer: TfliteWriter, layers: Iterable[nn.Module]) -> None:
    """Add trained layers to a TFLite network; a normalisation is folded into the convolution before it.

    Conv2d, Linear, MaxPool2d, Upsample and FlattenChannelsLast are supported, and ReLU after Conv2d or Linear. All
    other layers, such as Dropout, are left out without an error.
    """
    kept = [layer for layer in layers if not isinstance(layer, nn.Dropout)]
    for layer, *after in zip_longest(kept, kept[1:], kept[2:]):
        match layer:
            case nn.Conv2d():
                norm = after[0] if isinstance(after[0], nn.BatchNorm2d) else None
                relu = isinstance(after[0] if norm is None else after[1], nn.ReLU)
                _write_convolution(writer, layer, norm, relu=relu)
            case nn.Linear():
                weights, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
                writer.fully_connected(weights, bias, relu=isinstance(after[0], nn.ReLU))
            case nn.MaxPool2d():
                writer.max_pool(int(layer.kernel_size))
            case nn.Upsample():
                writer.enlarge(int(layer.scale_factor))
            case FlattenChannelsLast():
                writer.flatten()


def _write_convolution(writer: TfliteWriter, conv: nn.Conv2d, norm: nn.BatchNorm2d | None, *, relu: bool) -> None:
    assert conv.bias is not None
    kernel, bias = conv.weight, conv.bias
    if norm is not None:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        kernel, bias = kernel * scale[:, None, None, None], norm.bias + (bias - norm.running_mean) * scale
    if conv.padding != (0, 0):
        writer.pad(int(conv.padding[0]), int(conv.padding[1]))
    # (outputs, inputs, rows, columns) to TFLite's (outputs, rows, columns, inputs)
    channels_last = kernel.detach().permute(0, 2, 3, 1).numpy()
    writer.conv_2d(channels_last, bias.detach().numpy(), stride=conv.stride[0], relu=relu)
