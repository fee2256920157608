"""Two small pose networks, made and trained with PyTorch on rendered pictures, and exported to ONNX: a vision
transformer with a deconvolution head, as ViTPose, and a convolutional network with SimCC, as RTMPose."""

import warnings
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from livecoach.pose.pose_lifter import COCO
from livecoach.pose.top_down import crop_around
from livecoach.pose.top_down_networks import DEVIATION, MEAN
from livecoach.synth.clip import make_clip, random_clip_settings
from livecoach.synth.motion.tokens import parse

SIZE_PX = (96, 128)
"""Width and height of the picture that they look at."""
PATCH = 16
CELLS = (SIZE_PX[0] // 4, SIZE_PX[1] // 4)
BINS = (2 * SIZE_PX[0], 2 * SIZE_PX[1])
FRAMES = 10
"""Pictures of each rendered scene."""
BATCH, RATE = 32, 1.5e-3
SPREAD_CELLS, SPREAD_BINS = 1.5, 6.0
WIDE = (0.85, 1.35)
"""Range of factors on the crop in training, as the crop is never exactly the person."""
SHIFT = 0.08
"""Standard deviation of the crop's shift, as a share of its height."""


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

    def loss(self, pictures: Tensor, places: Tensor) -> Tensor:
        """Return the cross-entropy against Gaussian heat maps. places: (n, 17, 2) shares of the picture."""
        x, y = (_peaks(places[..., axis], CELLS[axis], SPREAD_CELLS) for axis in (0, 1))
        return _cross_entropy(self(pictures).flatten(2), (y[..., :, None] * x[..., None, :]).flatten(2))


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

    def loss(self, pictures: Tensor, places: Tensor) -> Tensor:
        """Return the cross-entropy against Gaussians along the axes."""
        told = self(pictures)
        wanted = [_peaks(places[..., axis], BINS[axis], SPREAD_BINS) for axis in (0, 1)]
        return _cross_entropy(told[0], wanted[0]) + _cross_entropy(told[1], wanted[1])


def _cross_entropy(told: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean cross-entropy of distributions along the last axis; neither has to sum to 1."""
    share = wanted / wanted.sum(-1, keepdim=True).clamp(min=1e-6)
    return -(share * told.clamp(min=1e-9).log()).sum(-1).mean()


def _peaks(places: Tensor, count: int, spread: float) -> Tensor:
    at = torch.arange(count) + 0.5
    return torch.exp(-0.5 * ((at - places[..., None] * count) / spread) ** 2)


@dataclass(frozen=True)
class Pictures:
    """Rendered pictures with the keypoints in them."""

    pictures: list[np.ndarray]
    points_px: np.ndarray
    """(n, 17, 2)"""


def rendered(scenes: int, seed: int, bodies: tuple[str, ...], frames: int = FRAMES) -> Pictures:
    """Draw some frames of one rep each of random lifters."""
    pictures, points = [], []
    for number in range(scenes):
        rng = np.random.default_rng([seed, number])
        exercise = ("deadlift", "squat")[number % 2]
        settings = random_clip_settings(
            [seed, number],
            exercise,
            parse("good", exercise),
            view_deg=(-105.0, 105.0),
            bodies=bodies,
            size_px=(320, 240),
        )
        clip = make_clip(settings)
        places = clip.project_landmarks()[0][..., :2] * (settings.camera.width_px, settings.camera.height_px)
        with clip.renderer() as renderer:
            for i in rng.choice(clip.frames, frames, replace=False):
                pictures.append(renderer.draw(int(i)))
                points.append(places[i, list(COCO)])
    return Pictures(pictures, np.array(points))


def batch(rng: np.random.Generator, there: Pictures) -> tuple[Tensor, Tensor]:
    """Draw a batch of crops (n, 3, height, width), and the keypoints in them as shares."""
    crops, places = [], []
    for number in rng.integers(len(there.pictures), size=BATCH):
        picture, points = there.pictures[number], there.points_px[number]
        if rng.random() < 0.5:
            swapped = [0, 2, 1, 4, 3, *(i + (1 if i % 2 else -1) for i in range(5, 17))]
            picture, points = picture[:, ::-1], points[swapped] * (-1, 1) + (picture.shape[1], 0)
        low, high = points.min(0), points.max(0)
        shift = rng.normal(0, SHIFT, 2) * (high - low).max()
        crop = crop_around(low + shift, high + shift, SIZE_PX[0] / SIZE_PX[1], float(rng.uniform(*WIDE)) * 0.7 - 0.5)
        rgb = crop.cut(np.ascontiguousarray(picture), SIZE_PX)[..., ::-1].astype(np.float32)
        rgb = rgb * rng.uniform(0.7, 1.3) + rng.uniform(-20, 20)
        crops.append(((rgb - MEAN) / DEVIATION).transpose(2, 0, 1))
        places.append((points - (crop.left, crop.top)) / (crop.width, crop.height))
    return torch.from_numpy(np.array(crops, np.float32)), torch.from_numpy(np.array(places, np.float32))


def trained(network: SmallVit | SmallSimcc, there: Pictures, steps: int, seed: int = 3) -> None:
    """Train a network on rendered pictures."""
    rng = np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.15)
    network.train()
    for _ in range(steps):
        loss = network.loss(*batch(rng, there))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    network.eval()


def exported(network: SmallVit | SmallSimcc, path: Path) -> Path:
    """Write a network as ONNX; return its path."""
    names = ["heatmap"] if isinstance(network, SmallVit) else ["simcc_x", "simcc_y"]
    picture = torch.zeros(1, 3, SIZE_PX[1], SIZE_PX[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of checks of shapes inside PyTorch
        torch.onnx.export(network, (picture,), str(path), input_names=["input"], output_names=names, dynamo=False)
    return path
