"""Other ways to recognise a whole clip: the configurations of papers, and simple ones.

LSTM and CNN-LSTM take the 99 raw coordinates of the landmarks, with 8 hidden units, cropped to 80 frames or padded to
the longest clip. The convolutional network takes 17 keypoints, padded likewise. Nearest neighbour and forest take our
features; so does another CNN-LSTM, beside a picture of the person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from torch import Tensor, nn
from torch.nn import functional

from livecoach.lab.recognition.clips import Clip
from livecoach.lab.recognition.networks import PaperCnnLstm, PaperLstm, PaperTcn
from livecoach.lab.recognition.on_pictures import OnPictures
from livecoach.recognition.features import features

CROPPED = 80
BATCH, FASTEST = 32, 5e-3
DTW_TICKS = 24
"""Ticks that a clip is resampled to for the nearest neighbour, and a forest's trees."""
TREES = 300


class Rival(Protocol):
    """Recognises whole clips."""

    def fit(self, clips: Sequence[Clip], outputs: int, seed: int, epochs: int) -> None:
        """Learn from clips with labels below `outputs`."""
        ...

    def labels(self, clips: Sequence[Clip]) -> np.ndarray:
        """Return the labels (n,) of clips."""
        ...


@dataclass
class PaperNetwork:
    """A network of a paper on frames of equal number."""

    make: Callable[[int, int], nn.Module]
    values: Callable[[Clip], np.ndarray]
    """Gives the (T, channels) of a clip."""
    frames: int | None
    """Frames that a clip is cropped to; None to pad all to the longest one of training."""

    def __post_init__(self) -> None:
        self._network: nn.Module | None = None
        self._length = self.frames or 0

    def fit(self, clips: Sequence[Clip], outputs: int, seed: int, epochs: int) -> None:
        """Learn in so many passes."""
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        self._length = self.frames or max(len(clip.raw) for clip in clips)
        seen = torch.from_numpy(np.stack([self._even(clip) for clip in clips]))
        wanted = torch.tensor([clip.label for clip in clips])
        network = self.make(seen.shape[-1], outputs)
        optimizer = torch.optim.Adam(network.parameters(), lr=FASTEST)
        for _ in range(epochs):
            for part in np.array_split(rng.permutation(len(clips)), max(len(clips) // BATCH, 1)):
                loss = functional.cross_entropy(network(seen[part]), wanted[part])
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
        network.eval()
        self._network = network

    def labels(self, clips: Sequence[Clip]) -> np.ndarray:
        """Return the likeliest labels."""
        if self._network is None:
            raise ValueError("not trained")
        with torch.no_grad():
            found: Tensor = self._network(torch.from_numpy(np.stack([self._even(clip) for clip in clips])))
        out: np.ndarray = found.argmax(1).numpy()
        return out

    def _even(self, clip: Clip) -> np.ndarray:
        values = self.values(clip)[: self._length]
        return np.pad(values, ((0, self._length - len(values)), (0, 0))).astype(np.float32)


class Forest:
    """A random forest on the mean, spread, extremes and ends of our features over a clip."""

    def __init__(self) -> None:
        self._forest = RandomForestClassifier(TREES, min_samples_leaf=2, n_jobs=1, random_state=0)

    def fit(self, clips: Sequence[Clip], outputs: int, seed: int, epochs: int) -> None:
        """Grow the trees."""
        del outputs, epochs
        self._forest.set_params(random_state=seed)
        self._forest.fit([_summary(clip) for clip in clips], [clip.label for clip in clips])

    def labels(self, clips: Sequence[Clip]) -> np.ndarray:
        """Return the labels that most trees give."""
        found: np.ndarray = self._forest.predict([_summary(clip) for clip in clips])
        return found


class NearestNeighbour:
    """The label of the nearest training clip by dynamic time warping of our features."""

    def __init__(self) -> None:
        self._known, self._labels = np.empty((0, 0, 0)), np.empty(0, int)
        self._centre, self._spread = np.empty(0), np.empty(0)

    def fit(self, clips: Sequence[Clip], outputs: int, seed: int, epochs: int) -> None:
        """Keep the clips."""
        del outputs, seed, epochs
        known = np.stack([_resampled(clip) for clip in clips])
        self._centre, self._spread = known.mean((0, 1)), known.std((0, 1)) + 0.02
        self._known, self._labels = (known - self._centre) / self._spread, np.array([clip.label for clip in clips])

    def labels(self, clips: Sequence[Clip]) -> np.ndarray:
        """Return the labels of the nearest ones."""
        return np.array([self._nearest((_resampled(clip) - self._centre) / self._spread) for clip in clips])

    def _nearest(self, one: np.ndarray) -> int:
        apart = np.stack([np.sqrt(((self._known - tick) ** 2).sum(-1)) for tick in one], 1)  # (clips, ticks, ticks)
        total = np.full((len(apart), DTW_TICKS + 1, DTW_TICKS + 1), np.inf)
        total[:, 0, 0] = 0.0
        for i in range(DTW_TICKS):
            for j in range(DTW_TICKS):
                before = np.minimum(np.minimum(total[:, i, j], total[:, i, j + 1]), total[:, i + 1, j])
                total[:, i + 1, j + 1] = apart[:, i, j] + before
        return int(self._labels[total[:, -1, -1].argmin()])


RIVALS: dict[str, Callable[[], Rival]] = {
    "paper-lstm": lambda: PaperNetwork(PaperLstm, lambda clip: clip.raw, CROPPED),
    "paper-lstm-padded": lambda: PaperNetwork(PaperLstm, lambda clip: clip.raw, None),
    "paper-cnn-lstm": lambda: PaperNetwork(PaperCnnLstm, lambda clip: clip.raw, CROPPED),
    "paper-cnn-lstm-padded": lambda: PaperNetwork(PaperCnnLstm, lambda clip: clip.raw, None),
    "vitpose-tcn": lambda: PaperNetwork(PaperTcn, lambda clip: clip.keypoints, None),
    "cnn-lstm": OnPictures,
    "cnn-lstm-pictures": lambda: OnPictures(landmarks=False),
    "cnn-lstm-landmarks": lambda: OnPictures(pictures=False),
    "dtw": NearestNeighbour,
    "forest": Forest,
}
"""Kind → what makes a rival."""


def _summary(clip: Clip) -> np.ndarray:
    seen = features(clip.ticks.astype(np.float64))
    return np.concatenate([seen.mean(0), seen.std(0), seen.min(0), seen.max(0), seen[0], seen[-1]])


def _resampled(clip: Clip) -> np.ndarray:
    seen = features(clip.ticks.astype(np.float64))
    at = np.linspace(0, len(seen) - 1, DTW_TICKS)
    return np.stack([np.interp(at, np.arange(len(seen)), column) for column in seen.T], 1)
