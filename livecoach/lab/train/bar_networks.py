"""The two networks that find a barbell's plate, in PyTorch and as TFLite, and what they are trained with."""

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from livecoach.bar.crop import CELLS, FINDER_PX, FINDER_SIDE, REFINER_PX, REFINER_SIDE, USUAL
from livecoach.lab.tflite_writer import TfliteWriter
from livecoach.lab.train.bar_pictures import WIDE, WIDE_PX

Layer = tuple[int, int, int]
"""Outputs, kernel size, stride of a convolution."""
FINDER: tuple[Layer, ...] = ((8, 5, 2), (24, 3, 2), (48, 3, 2), (48, 3, 1), (64, 3, 1), (64, 3, 1))
REFINER: tuple[Layer, ...] = ((12, 5, 2), (24, 3, 2), (32, 3, 1), (48, 3, 2), (64, 3, 1), (64, 3, 2))
HIDDEN = 96
OUTPUTS = 4
"""Log odds of a plate, x and y of its middle, logarithm of its diameter."""
SHIFT, STRETCH = 0.28, 0.22
"""How far off the refiner's square may be: diameters, and the logarithm of its side."""
USUAL_PX = USUAL * FINDER_PX / FINDER_SIDE
"""A full plate in the finder's square."""


class Stack(nn.Module):
    """Convolutions, each with its normalization and a ReLU."""

    def __init__(self, layers: tuple[Layer, ...], channels: int) -> None:
        super().__init__()
        self.pairs: list[tuple[nn.Conv2d, nn.BatchNorm2d]] = []
        modules: list[nn.Module] = []
        for outputs, size, stride in layers:
            pair = nn.Conv2d(channels, outputs, size, stride, size // 2), nn.BatchNorm2d(outputs)
            self.pairs.append(pair)
            modules += [*pair, nn.ReLU()]
            channels = outputs
        self.layers = nn.Sequential(*modules)

    def forward(self, squares: Tensor) -> Tensor:
        found: Tensor = self.layers(squares)
        return found


class PlateDetector(nn.Module):
    """Find plates in a square: (N, 5, 96, 96) colours and where a pixel is → (N, 4, 12, 12)."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = Stack(FINDER, 5)
        self.last = nn.Conv2d(FINDER[-1][0], OUTPUTS, 1)

    def forward(self, squares: Tensor) -> Tensor:
        found: Tensor = self.last(self.stack(squares))
        return found


class Refiner(nn.Module):
    """Measure a plate: (N, 3, 64, 64) the square around what may be one → (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        side = REFINER_PX // 16
        self.stack = Stack(REFINER, 3)
        self.hidden = nn.Linear(REFINER[-1][0] * side**2, HIDDEN)
        self.last = nn.Linear(HIDDEN, OUTPUTS)

    def forward(self, squares: Tensor) -> Tensor:
        # TFLite flattens rows, columns, channels.
        flat = self.stack(squares).permute(0, 2, 3, 1).flatten(1)
        found: Tensor = self.last(functional.relu(self.hidden(flat)))
        return found


def places() -> np.ndarray:
    """Return (96, 96, 2) where a pixel of the finder's square is, -1…1."""
    along = (np.arange(FINDER_PX) + 0.5) / FINDER_PX * 2 - 1
    x, y = np.meshgrid(along, along)
    return np.stack([x, y], -1).astype(np.float32)


def scaled(squares: np.ndarray) -> np.ndarray:
    """Return (..., 3) uint8 as the networks take them."""
    return squares.astype(np.float32) / 127.5 - 1


def finder_batch(rng: np.random.Generator, wide: np.ndarray, plates: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Return squares (N, 5, 96, 96), targets (N, 4, 12, 12), weights (N, 12, 12) of the log odds."""
    squares, at = scaled(varied(rng, wide)), plates.copy()
    for k in np.flatnonzero(rng.random(len(wide)) < 0.5):
        squares[k] = squares[k, :, ::-1]
        at[k, :, 0] = FINDER_PX - at[k, :, 0]
    whole = np.concatenate([squares, np.broadcast_to(places(), (len(wide), *places().shape))], -1)
    cell_px = FINDER_PX / CELLS
    middles = (np.arange(CELLS) + 0.5) * cell_px
    target = np.zeros((len(wide), OUTPUTS, CELLS, CELLS), np.float32)
    weight = np.ones((len(wide), CELLS, CELLS), np.float32)
    for k, side in np.argwhere(np.isfinite(at[..., 0]) & ((at[..., :2] > 0) & (at[..., :2] < FINDER_PX)).all(-1)):
        x, y, diameter = at[k, side]
        off_x, off_y = (x - middles) / cell_px, (y - middles) / cell_px
        far = np.hypot(off_x[None], off_y[:, None])
        there = far <= 0.75
        weight[k][(far > 0.75) & (far <= 1.5)] = 0
        target[k, 0][there] = 1
        weight[k][there] = 1
        target[k, 1][there] = np.broadcast_to(off_x[None], far.shape)[there]
        target[k, 2][there] = np.broadcast_to(off_y[:, None], far.shape)[there]
        target[k, 3][there] = np.log(diameter / USUAL_PX)
    return torch.from_numpy(whole).permute(0, 3, 1, 2), torch.from_numpy(target), torch.from_numpy(weight)


def refiner_batch(rng: np.random.Generator, near: np.ndarray, is_plate: np.ndarray) -> tuple[Tensor, Tensor]:
    """Return squares (N, 3, 64, 64), targets (N, 4)."""
    squares = np.empty((len(near), REFINER_PX, REFINER_PX, 3), np.uint8)
    target = np.zeros((len(near), OUTPUTS), np.float32)
    diameter_px = WIDE_PX / WIDE
    for k, picture in enumerate(near):
        far = rng.uniform()  # most looks are at what is followed, and nearly in place
        log = far * rng.uniform(-STRETCH, STRETCH)
        x, y = far * rng.uniform(-SHIFT, SHIFT, 2) * diameter_px
        side = REFINER_SIDE * diameter_px * np.exp(log)
        scale, corner = side / REFINER_PX, WIDE_PX / 2 + np.array([x, y]) - side / 2
        turn = np.array([[scale, 0, corner[0] + scale / 2 - 0.5], [0, scale, corner[1] + scale / 2 - 0.5]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cut = cv2.warpAffine(picture, turn, (REFINER_PX, REFINER_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        mirrored = rng.random() < 0.5
        squares[k] = cut[:, ::-1] if mirrored else cut
        off = np.array([-x, -y]) / (side / REFINER_SIDE)
        target[k] = [is_plate[k], -off[0] if mirrored else off[0], off[1], -log]
    return torch.from_numpy(scaled(varied(rng, squares))).permute(0, 3, 1, 2), torch.from_numpy(target)


def varied(rng: np.random.Generator, squares: np.ndarray) -> np.ndarray:
    """Return (N, h, w, 3) uint8 with other light and colours, and some with noise or blur."""
    count = len(squares)
    gain = np.exp(rng.normal(0, 0.2, (count, 1, 1, 1)) + rng.normal(0, 0.08, (count, 1, 1, 3)))
    light = squares * gain + rng.normal(0, 10, (count, 1, 1, 1))
    noisy = rng.random(count) < 0.4
    light[noisy] += rng.normal(0, 1, light[noisy].shape) * rng.uniform(1, 10, (noisy.sum(), 1, 1, 1))
    for k in np.flatnonzero(rng.random(count) < 0.25):
        light[k] = cv2.GaussianBlur(light[k], (0, 0), float(rng.uniform(0.4, 1.3)))
    changed: np.ndarray = np.clip(light, 0, 255).astype(np.uint8)
    return changed


def finder_loss(found: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the loss of the finder: of the log odds the focal loss, of the rest where a plate is."""
    odds = functional.binary_cross_entropy_with_logits(found[:, 0], target[:, 0], reduction="none")
    missed = (target[:, 0] - torch.sigmoid(found[:, 0])).abs() ** 2
    there = target[:, 0] > 0
    loss = (odds * missed * weight).sum() / (there.sum() + 8)
    if there.any():
        off = functional.smooth_l1_loss(found[:, 1:], target[:, 1:], reduction="none", beta=0.1).sum(1)
        loss = loss + off[there].mean()
    return loss


def refiner_loss(found: Tensor, target: Tensor) -> Tensor:
    """Return the loss of the refiner."""
    there = target[:, 0] > 0
    loss = functional.binary_cross_entropy_with_logits(found[:, 0], target[:, 0])
    off = functional.smooth_l1_loss(found[there, 1:], target[there, 1:], beta=0.02)
    return loss + 15 * off


def finder_tflite(network: PlateDetector) -> bytes:
    """Return the finder as a TFLite file."""
    writer = TfliteWriter("livecoach plate finder", (1, FINDER_PX, FINDER_PX, 5))
    _write(writer, network.stack)
    last = network.last
    assert last.bias is not None
    writer.conv_2d(last.weight.detach().permute(0, 2, 3, 1).numpy(), last.bias.detach().numpy(), stride=1, relu=False)
    return writer.content()


def refiner_tflite(network: Refiner) -> bytes:
    """Return the refiner as a TFLite file."""
    writer = TfliteWriter("livecoach plate refiner", (1, REFINER_PX, REFINER_PX, 3))
    _write(writer, network.stack)
    first, second = network.hidden, network.last
    writer.reshape((1, first.in_features))
    writer.fully_connected(first.weight.detach().numpy(), first.bias.detach().numpy(), relu=True)
    writer.fully_connected(second.weight.detach().numpy(), second.bias.detach().numpy(), relu=False)
    return writer.content()


def _write(writer: TfliteWriter, stack: Stack) -> None:
    """Write convolutions with their normalization folded in."""
    for conv, norm in stack.pairs:
        assert conv.bias is not None
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        kernel = conv.weight * scale[:, None, None, None]
        bias = norm.bias + (conv.bias - norm.running_mean) * scale
        size = conv.kernel_size[0] // 2
        writer.pad(size, size)
        writer.conv_2d(
            kernel.detach().permute(0, 2, 3, 1).numpy(), bias.detach().numpy(), stride=conv.stride[0], relu=True
        )
