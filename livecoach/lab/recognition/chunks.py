"""Chunks of ticks that a network learns from: drawn evenly over the exercises, from a random moment on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.lab.recognition.sets import NONE, UNKNOWN, Stretch
from livecoach.recognition.features import features
from livecoach.recognition.ticks import SIZE

LENGTH = 60
"""Ticks of a chunk. What was before them is unknown to the network, as at the start of a stream."""
NONE_WEIGHT = 2.0
"""How much likelier than an exercise a chunk with none of them is drawn: there are more kinds of those."""
LEAST_SPREAD = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Chunks (N, LENGTH, …)."""

    ticks: np.ndarray
    labels: np.ndarray
    """UNKNOWN where nothing is learned, and where a chunk is over."""
    there: np.ndarray
    """1 where there is a tick, 0 where the chunk is over."""


class Chunks:
    """Draws batches of chunks."""

    def __init__(self, stretches: Sequence[Stretch], rng: np.random.Generator) -> None:
        self._rng = rng
        self._places: dict[int, list[tuple[Stretch, np.ndarray]]] = {}
        for one in stretches:
            for label in set(one.labels.tolist()) - {UNKNOWN}:
                self._places.setdefault(label, []).append((one, np.flatnonzero(one.labels == label)))
        self._names = sorted(self._places)
        shares = np.array([NONE_WEIGHT if label == NONE else 1.0 for label in self._names])
        self._shares = shares / shares.sum()

    def draw(self, count: int) -> Batch:
        """Return a batch of that many chunks."""
        ticks, labels = np.zeros((count, LENGTH, SIZE)), np.full((count, LENGTH), UNKNOWN)
        there = np.zeros((count, LENGTH))
        for i in range(count):
            places = self._places[self._names[self._rng.choice(len(self._names), p=self._shares)]]
            one, at = places[self._rng.integers(len(places))]
            start = max(0, int(at[self._rng.integers(len(at))]) - int(self._rng.integers(LENGTH)))
            cut = slice(start, start + LENGTH)
            found = len(one.labels[cut])
            ticks[i, :found], ticks[i, found:] = one.ticks[cut], one.ticks[cut][-1]
            labels[i, :found], there[i, :found] = one.labels[cut], 1.0
        return Batch(ticks, labels, there)


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Mean and standard deviation of the features."""

    centre: np.ndarray
    spread: np.ndarray


def scaling_of(ticks: np.ndarray, there: np.ndarray) -> Scaling:
    """Return the scaling of the features of chunks."""
    seen = features(ticks)[there > 0].astype(np.float64)
    return Scaling(seen.mean(0), np.maximum(seen.std(0), LEAST_SPREAD))


def inputs(ticks: np.ndarray, there: np.ndarray, scaling: Scaling, before: int) -> np.ndarray:
    """Return a network's input (N, before + T, CHANNELS) float32: `before` ticks of which nothing is known, then these.

    The network sees zeros and a 0 in the last channel where there is no tick.
    """
    scaled = (features(ticks) - scaling.centre) / scaling.spread * there[..., None]
    whole = np.concatenate([scaled, there[..., None]], -1)
    return np.pad(whole, ((0, 0), (before, 0), (0, 0))).astype(np.float32)
