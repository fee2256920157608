"""Two small pose networks, made with PyTorch and exported to ONNX: a vision transformer with a deconvolution head, as
ViTPose, and a convolutional network with SimCC, as RTMPose."""

import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from livecoach.perception.pose.pose_lifter import COCO

SIZE_PX = (96, 128)
"""Width and height of the picture that they look at."""
PATCH = 16
BINS = (2 * SIZE_PX[0], 2 * SIZE_PX[1])
SPREAD_CELLS, SPREAD_BINS = 1.5, 6.0


class SmallVit(nn.Module):
    """Patch embedding, transformer blocks, and deconvolutions to heat maps; a sure peak has height 1."""

    def __init__(self, dimension: int = 96, blocks: int = 3) -> None:
        super().__init__()
        self.rows, self.columns = SIZE_PX[1] // PATCH, SIZE_PX[0] // PATCH
        self.embedding = nn.Conv2d(3, dimension, PATCH, PATCH)
        self.places = nn.Parameter(0.2 * torch.randn(1, self.rows * self.columns, dimension))
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(dimension, 4, 3 * dimension, 0.0, "gelu", batch_first=True, norm_first=True)
            for _ in range(blocks)
        )
        widths = (dimension, 64, 48)
        larger = [
            part
            for a, b in pairwise(widths)
            for part in (nn.ConvTranspose2d(a, b, 4, 2, 1), nn.BatchNorm2d(b), nn.ReLU())
        ]
        self.head = nn.Sequential(*larger, nn.Conv2d(widths[-1], len(COCO), 1))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return heat maps (n, 17, rows, columns) of pictures (n, 3, height, width)."""
        tokens = self.embedding(pictures).flatten(2).transpose(1, 2) + self.places
        for block in self.blocks:
            tokens = block(tokens)
        maps = tokens.transpose(1, 2).unflatten(2, (self.rows, self.columns))
        told = self.head(maps)
        return told.flatten(2).softmax(2).unflatten(2, told.shape[2:]) * (2 * np.pi * SPREAD_CELLS**2)


class SmallSimcc(nn.Module):
    """Convolutions, and a dense layer for each axis; a peak that the network is sure of has height 1."""

    def __init__(self) -> None:
        super().__init__()
        channels = (3, 16, 32, 64, 96)
        layers = [
            part
            for a, b in pairwise(channels)
            for part in (nn.Conv2d(a, b, 3, 2, 1), nn.BatchNorm2d(b), nn.ReLU(), nn.Conv2d(b, b, 3, 1, 1), nn.ReLU())
        ]
        self.body = nn.Sequential(*layers, nn.Conv2d(channels[-1], len(COCO), 1))
        cells = (SIZE_PX[0] // 16) * (SIZE_PX[1] // 16)
        self.mixed = nn.Sequential(nn.Linear(cells, 128), nn.ReLU())
        self.across, self.down = nn.Linear(128, BINS[0]), nn.Linear(128, BINS[1])

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return (n, 17, bins) along x and along y."""
        mixed = self.mixed(self.body(pictures).flatten(2))
        across, down = (
            layer(mixed).softmax(2) * (SPREAD_BINS * np.sqrt(2 * np.pi)) for layer in (self.across, self.down)
        )
        return across, down


def exported(network: SmallVit | SmallSimcc, path: Path) -> Path:
    """Write a network as ONNX; return its path."""
    names = ["heatmap"] if isinstance(network, SmallVit) else ["simcc_x", "simcc_y"]
    picture = torch.zeros(1, 3, SIZE_PX[1], SIZE_PX[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of checks of shapes inside PyTorch
        torch.onnx.export(network, (picture,), str(path), input_names=["input"], output_names=names, dynamo=False)
    return path
