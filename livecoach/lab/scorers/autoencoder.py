"""The scorer's autoencoder: training in PyTorch, and export to TFLite.

It is deliberately small: two convolutions (stride 2) and a dense layer to the latent, and two dense layers back. It
learns to reconstruct the clean tensor from one with added noise and missing joints, as real landmarks are less accurate
than synthetic ones.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from livecoach.anomaly.scoring import Kde, block_errors
from livecoach.anomaly.skelemotion import SHAPE
from livecoach.lab.tflite_writer import TfliteWriter

LATENT = 32
LEAST_VARIANCE = 1e-3
"""Smallest variance in whitening, relative to the latent's largest, so that weak directions are not amplified."""
EPOCHS = 30
CHANNELS = (16, 32)
HIDDEN = 128
BATCH = 64
MOST_POINTS = 3000
"""Most points of the density: more do not help and cost time at every rep."""
LEARNING_RATE = 4e-3
WEIGHT_DECAY = 1e-5
NOISE = 0.3
"""Largest standard deviation of the noise added to a tensor; it is drawn from 0 on for each tensor."""
JOINTS_OUT = 0.1
"""Share of joints that are set to zero."""


def _halved(size: int) -> int:
    """Return the output size of a convolution of width 3 with stride 2 and padding 1."""
    return (size - 1) // 2 + 1


CODE = (_halved(_halved(SHAPE[0])), _halved(_halved(SHAPE[1])), CHANNELS[1])
"""Height, width and channels before the latent."""


class TensorAutoencoder(nn.Module):
    """Maps tensors (n, times, joints, 3) to latents (n, latent) and back."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(SHAPE[2], CHANNELS[0], 3, stride=2, padding=1)
        self.second = nn.Conv2d(CHANNELS[0], CHANNELS[1], 3, stride=2, padding=1)
        self.latent = nn.Linear(int(np.prod(CODE)), latent)
        self.hidden = nn.Linear(latent, HIDDEN)
        self.output = nn.Linear(HIDDEN, int(np.prod(SHAPE)))

    def encode(self, tensors: torch.Tensor) -> torch.Tensor:
        """Return latents (n, latent). Channels come last outside the convolutions, as in TFLite."""
        code = torch.relu(self.first(tensors.permute(0, 3, 1, 2)))
        code = torch.relu(self.second(code)).permute(0, 2, 3, 1)
        latents: torch.Tensor = self.latent(code.flatten(1))
        return latents

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.output(torch.relu(self.hidden(latents)))
        return output.reshape(-1, *SHAPE)


def train(
    tensors: np.ndarray, seed: int, *, epochs: int | None = None, progress: Callable[[int], None] = lambda _: None
) -> TensorAutoencoder:
    """Train an autoencoder of good reps; the same arguments give the same weights on one machine.

    progress: called with the number of finished epochs.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # for small matrices, more threads are slower, and the order of additions varies
    network = TensorAutoencoder(LATENT)
    clean = torch.from_numpy(tensors)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    epochs = EPOCHS if epochs is None else epochs
    steps = epochs * -(-len(clean) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    for epoch in range(epochs):
        for chosen in torch.randperm(len(clean)).split(BATCH):
            batch = clean[chosen]
            loss = ((network.decode(network.encode(_spoilt(batch))) - batch) ** 2).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        progress(epoch + 1)
    return network.eval()


def _spoilt(batch: torch.Tensor) -> torch.Tensor:
    amount = NOISE * torch.rand(len(batch), 1, 1, 1)
    kept = torch.rand(len(batch), 1, SHAPE[1], 1) >= JOINTS_OUT
    return (batch + amount * torch.randn_like(batch)) * kept


def encoder_tflite(network: TensorAutoencoder) -> bytes:
    """Return the encoder as a TFLite file: (1, *SHAPE) to (1, latent)."""
    writer = TfliteWriter("livecoach encoder", (1, *SHAPE))
    for layer in (network.first, network.second):
        writer.pad(1, 1)
        # (outputs, inputs, height, width) to TFLite's (outputs, height, width, inputs)
        writer.conv_2d(_array(layer.weight).transpose(0, 2, 3, 1), _array(layer.bias), stride=2, relu=True)
    writer.reshape((1, int(np.prod(CODE))))
    writer.fully_connected(_array(network.latent.weight), _array(network.latent.bias), relu=False)
    return writer.content()


def decoder_tflite(network: TensorAutoencoder) -> bytes:
    """Return the decoder as a TFLite file: (1, latent) to (1, *SHAPE)."""
    writer = TfliteWriter("livecoach decoder", (1, network.latent.out_features))
    writer.fully_connected(_array(network.hidden.weight), _array(network.hidden.bias), relu=True)
    writer.fully_connected(_array(network.output.weight), _array(network.output.bias), relu=False)
    writer.reshape((1, *SHAPE))
    return writer.content()


def encode_tensors(network: TensorAutoencoder, tensors: np.ndarray) -> np.ndarray:
    """Encode tensors to latents (n, latent) float32."""
    with torch.no_grad():
        return network.encode(torch.from_numpy(tensors)).numpy()


def decode_latents(network: TensorAutoencoder, latents: np.ndarray) -> np.ndarray:
    """Decode latents to tensors (n, *SHAPE) float32."""
    with torch.no_grad():
        return network.decode(torch.from_numpy(latents)).numpy()


def _array(parameter: torch.Tensor | None) -> np.ndarray:
    if parameter is None:
        raise ValueError("a layer without bias")
    return parameter.detach().numpy()


def density(latents: np.ndarray) -> Kde:
    """Fit the exact density of whitened latents (n, d), with bandwidth n^(-1 / (d + 4)) (Scott 1992)."""
    latents = latents.astype(np.float64)
    mean = latents.mean(0)
    variances, axes = np.linalg.eigh(np.cov(latents.T))
    whitening = axes / np.sqrt(np.maximum(variances, LEAST_VARIANCE * variances.max()))
    count, dimensions = latents.shape
    return Kde(
        # rounded to float32, as in the file
        points=((latents - mean) @ whitening).astype(np.float32).astype(np.float64),
        mean=mean.astype(np.float32).astype(np.float64),
        whitening=whitening.astype(np.float32).astype(np.float64),
        bandwidth=float(count ** (-1 / (dimensions + 4))),
    )


class _Convolutional:
    """Base of both scores of the autoencoder."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def fit(self, good: np.ndarray, lifters: np.ndarray) -> None:  # noqa: ARG002
        """Train the autoencoder and fit the density of its latents."""
        tensors = _tensors(good)
        self._network = train(tensors, self._seed)
        self._kde = density(encode_tensors(self._network, tensors)[:MOST_POINTS])


class LatentDensity(_Convolutional):
    """Score: minus the log density of the autoencoder's latent."""

    name = "conv. autoencoder, density"

    def scores(self, reps: np.ndarray) -> np.ndarray:
        """Return the scores of reps (m, D), (m,)."""
        latents = encode_tensors(self._network, _tensors(reps)).astype(np.float64)
        return np.array([-self._kde.log_density(latent) for latent in latents])


class Reconstruction(_Convolutional):
    """Score: reconstruction error of the autoencoder."""

    name = "conv. autoencoder, reconstruction"

    def scores(self, reps: np.ndarray) -> np.ndarray:
        """Return the scores of reps (m, D), (m,)."""
        tensors = _tensors(reps)
        off = decode_latents(self._network, encode_tensors(self._network, tensors)) - tensors
        return np.array([float(np.sqrt(block_errors(one).mean())) for one in off])


def _tensors(rows: np.ndarray) -> np.ndarray:
    return rows.reshape(-1, *SHAPE).astype(np.float32)
