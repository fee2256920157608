"""A sequence autoencoder of a rep's trajectory with gated recurrent units (Cho et al. 2014)."""

import numpy as np
import torch
from torch import nn

from livecoach.lab.scorers.kinds import spread_of
from livecoach.rep import trajectory_vector

MOMENTS = 2 * trajectory_vector.MOMENTS
WIDTH = trajectory_vector.LENGTH // MOMENTS
HIDDEN, LATENT = 64, 24
EPOCHS, BATCH, LEARNING_RATE = 30, 64, 3e-3
FARTHEST = 8.0
"""Limit in spreads of good reps, to which values are clipped."""


class _Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.GRU(WIDTH, HIDDEN, batch_first=True)
        self.latent = nn.Linear(HIDDEN, LATENT)
        self.decoder = nn.GRU(LATENT, HIDDEN, batch_first=True)
        self.output = nn.Linear(HIDDEN, WIDTH)

    def forward(self, ways: torch.Tensor) -> torch.Tensor:
        """Return the reconstructions, (n, MOMENTS, WIDTH)."""
        _, last = self.encoder(ways)
        latents = self.latent(last[0])
        hidden, _ = self.decoder(latents[:, None].expand(-1, MOMENTS, -1))
        found: torch.Tensor = self.output(hidden)
        return found


class Recurrent:
    """Score: reconstruction error of a rep's trajectory by a recurrent autoencoder."""

    name = "recurrent autoencoder (GRU)"

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def fit(self, good: np.ndarray, lifters: np.ndarray) -> None:  # noqa: ARG002
        """Train the autoencoder on the trajectories of good reps; durations are not used."""
        torch.manual_seed(self._seed)
        torch.set_num_threads(1)
        self._middle = np.median(good, axis=0)
        self._spread = spread_of(good - self._middle)
        clean, self._network = self._ways(good), _Network()
        optimiser = torch.optim.AdamW(self._network.parameters())
        steps = EPOCHS * -(-len(clean) // BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
        for _ in range(EPOCHS):
            for chosen in torch.randperm(len(clean)).split(BATCH):
                loss = ((self._network(clean[chosen]) - clean[chosen]) ** 2).mean()
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
        self._network.eval()

    def scores(self, reps: np.ndarray) -> np.ndarray:
        """Return the scores of reps (m, D), (m,)."""
        ways = self._ways(reps)
        with torch.no_grad():
            off = (self._network(ways) - ways).numpy()
        found: np.ndarray = np.sqrt((off**2).mean((1, 2)))
        return found

    def _ways(self, rows: np.ndarray) -> torch.Tensor:
        scaled = np.clip((rows - self._middle) / self._spread, -FARTHEST, FARTHEST)[:, : trajectory_vector.LENGTH]
        return torch.from_numpy(scaled.reshape(-1, MOMENTS, WIDTH).astype(np.float32))
