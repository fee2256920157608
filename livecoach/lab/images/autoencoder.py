"""The dissertation's convolutional autoencoder of rep images in PyTorch, and its export to TFLite.

The decoder mirrors the encoder. Pictures are BGR as drawn, 0…1. They are padded with zeros to a size that can be halved
three times; the dissertation resized them to a square.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from livecoach.lab.images.scorers import CODE, DECODER, ENCODER, PADDED
from livecoach.lab.pytorch import FlattenChannelsLast, add_layers, layers_to_tflite, seed_pytorch
from livecoach.lab.tflite_writer import TfliteWriter

FILTERS = (64, 32, 16)  # Number of filters of each layer, as in the dissertation
EPOCHS = 40  # Number of passes through the pictures
BATCH = 16  # Number of pictures of a training step
LEARNING_RATE = 1e-3


class ImageAutoencoder(nn.Module):
    """A network that maps pictures, (n, *PADDED), to codes, (n, prod(CODE)), and back; channels come last."""

    def __init__(self) -> None:
        super().__init__()
        channels, back = (PADDED[2], *FILTERS), (FILTERS[-1], *FILTERS[::-1])
        down: list[nn.Module] = []
        for inputs, outputs in zip(channels, FILTERS, strict=False):
            down += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        up: list[nn.Module] = []
        for inputs, outputs in zip(back, FILTERS[::-1], strict=False):
            up += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.Upsample(scale_factor=2)]
        self.down = nn.Sequential(*down, FlattenChannelsLast())
        self.up = nn.Sequential(*up, nn.Conv2d(FILTERS[0], PADDED[2], 3, padding=1))

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        """Encode pictures, (n, *PADDED), as codes, (n, prod(CODE))."""
        return self.down(pictures.permute(0, 3, 1, 2))

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Decode codes, (n, prod(CODE)), to pictures, (n, *PADDED)."""
        pictures: torch.Tensor = self.up(codes.reshape(-1, *CODE).permute(0, 3, 1, 2))
        return pictures.permute(0, 2, 3, 1)

    def encode_and_decode(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the codes of pictures, (n, *PADDED) float32, and the pictures that the codes decode to."""
        with torch.no_grad():
            codes = [self.encode(part) for part in torch.split(torch.from_numpy(pictures), BATCH)]
            decoded = [self.decode(part) for part in codes]
        return torch.cat(codes).numpy(), torch.cat(decoded).numpy()


def train(pictures: np.ndarray, seed: int, progress: Callable[[float, float], object]) -> ImageAutoencoder:
    """Train an autoencoder on pictures; on the same machine, the same seed gives the same weights.

    Args:
        pictures: (n, *PADDED) float32.
        progress: Called after each epoch with the finished share, 0…1, and the loss of the last batch.
    """
    seed_pytorch(seed)
    network = ImageAutoencoder()
    inputs = torch.from_numpy(pictures)
    optimiser = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    for epoch in range(EPOCHS):
        for chosen in torch.split(torch.randperm(len(inputs)), BATCH):
            batch = inputs[chosen]
            loss = ((network.decode(network.encode(batch)) - batch) ** 2).mean()
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
        progress((epoch + 1) / EPOCHS, loss.item())
    return network.eval()


def save(network: ImageAutoencoder, folder: Path) -> None:
    """Write the encoder and the decoder of a network into a folder, as TFLite files for single pictures and codes."""
    (folder / ENCODER).write_bytes(layers_to_tflite("livecoach rep image encoder", (1, *PADDED), network.down))
    decoder = TfliteWriter("livecoach rep image decoder", (1, int(np.prod(CODE))))
    decoder.reshape((1, *CODE))
    add_layers(decoder, network.up)
    (folder / DECODER).write_bytes(decoder.content())
