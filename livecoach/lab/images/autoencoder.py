"""The dissertation's convolutional autoencoder of rep images in PyTorch, and its export to TFLite.

The encoder has three 3 x 3 convolutions with 64, 32 and 16 filters, each followed by max pooling; the decoder mirrors
it. Pictures are BGR as drawn, 0…1. The dissertation resized them to a square; here they keep their size and are padded
with zeros on the right and below, so that they can be halved three times.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from livecoach.lab.images.scorers import CODE, PADDED
from livecoach.lab.tflite_writer import TfliteWriter

FILTERS = (64, 32, 16)
EPOCHS = 40
BATCH = 16
LEARNING_RATE = 1e-3


class ImageAutoencoder(nn.Module):
    """Maps pictures (n, *PADDED) to codes (n, prod(CODE)) and back; channels come last, as in TFLite."""

    def __init__(self) -> None:
        super().__init__()
        channels, back = (PADDED[2], *FILTERS), (FILTERS[-1], *FILTERS[::-1])
        self.down = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in zip(channels, FILTERS, strict=False))
        self.up = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in zip(back, FILTERS[::-1], strict=False))
        self.last = nn.Conv2d(FILTERS[0], PADDED[2], 3, padding=1)

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return codes (n, prod(CODE))."""
        code = pictures.permute(0, 3, 1, 2)
        for layer in self.down:
            code = nn.functional.max_pool2d(torch.relu(layer(code)), 2)
        return code.permute(0, 2, 3, 1).flatten(1)

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Return pictures (n, *PADDED)."""
        picture = codes.reshape(-1, *CODE).permute(0, 3, 1, 2)
        for layer in self.up:
            picture = nn.functional.interpolate(torch.relu(layer(picture)), scale_factor=2)
        pictures: torch.Tensor = self.last(picture).permute(0, 2, 3, 1)
        return pictures


def train(pictures: np.ndarray, seed: int, epoch_done: Callable[[], None]) -> ImageAutoencoder:
    """Train an autoencoder of pictures (n, *PADDED) float32; the same seed gives the same weights on one machine.
    epoch_done: called after each epoch."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # with several threads, the order of additions varies between runs
    network = ImageAutoencoder()
    given = torch.from_numpy(pictures)
    optimiser = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    for _ in range(EPOCHS):
        for chosen in torch.split(torch.randperm(len(given)), BATCH):
            batch = given[chosen]
            loss = ((network.decode(network.encode(batch)) - batch) ** 2).mean()
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
        epoch_done()
    return network.eval()


def encode_pictures(network: ImageAutoencoder, pictures: np.ndarray) -> np.ndarray:
    """Encode pictures to codes (n, prod(CODE)) float32."""
    with torch.no_grad():
        return np.concatenate([network.encode(part).numpy() for part in torch.split(torch.from_numpy(pictures), BATCH)])


def decode_codes(network: ImageAutoencoder, codes: np.ndarray) -> np.ndarray:
    """Decode codes to pictures (n, *PADDED) float32."""
    with torch.no_grad():
        return np.concatenate([network.decode(part).numpy() for part in torch.split(torch.from_numpy(codes), BATCH)])


def encoder_tflite(network: ImageAutoencoder) -> bytes:
    """Return the encoder as a TFLite file: (1, *PADDED) to (1, prod(CODE))."""
    writer = TfliteWriter("livecoach rep image encoder", (1, *PADDED))
    for layer in network.down:
        _convolution(writer, layer, relu=True)
        writer.max_pool(2)
    writer.reshape((1, int(np.prod(CODE))))
    return writer.content()


def decoder_tflite(network: ImageAutoencoder) -> bytes:
    """Return the decoder as a TFLite file: (1, prod(CODE)) to (1, *PADDED)."""
    writer = TfliteWriter("livecoach rep image decoder", (1, int(np.prod(CODE))))
    writer.reshape((1, *CODE))
    for layer in network.up:
        _convolution(writer, layer, relu=True)
        writer.enlarge(2)
    _convolution(writer, network.last, relu=False)
    return writer.content()


def _convolution(writer: TfliteWriter, layer: nn.Module, *, relu: bool) -> None:
    weights = layer.get_parameter("weight").detach().numpy()
    writer.pad(1, 1)
    # (outputs, inputs, height, width) to TFLite's (outputs, height, width, inputs)
    writer.conv_2d(weights.transpose(0, 2, 3, 1), layer.get_parameter("bias").detach().numpy(), stride=1, relu=relu)
