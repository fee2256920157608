"""The CNN-LSTM that recognises from pictures of the person and from landmarks, in windows of 3.5 s at 10 Hz."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from livecoach.lab.recognition.augmenting import augmented
from livecoach.lab.recognition.chunks import Scaling, inputs, scaling_of
from livecoach.lab.recognition.clips import Clip
from livecoach.lab.recognition.networks import WINDOW, CnnLstm
from livecoach.lab.recognition.person_pictures import SIDE_PX
from livecoach.recognition.recogniser import CHANNELS
from livecoach.recognition.ticks import SIZE

BATCH, FASTEST, DECAY = 32, 3e-3, 1e-2
STRIDE = 5
"""Ticks between the windows of a clip. The last one ends with the clip, the first one in the middle of it."""
BLANK_PX = 8
"""Side of the blank pictures of a network that sees none: the smallest that its layers take."""
CONTRAST, MOVED_PX = (0.6, 1.4), 3
"""Factor on contrast and most shift of pictures in training."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """N windows. A short one is followed by ticks of which nothing is known."""

    ticks: np.ndarray
    """(N, WINDOW, SIZE)."""
    there: np.ndarray
    """(N, WINDOW), 1 where there is a tick."""
    pictures: np.ndarray
    """(N, WINDOW, SIDE_PX, SIDE_PX) float32: how far a pixel's grey is from the background's, 0 to 1."""


@dataclass
class OnPictures:
    """Recognises clips from pictures and landmarks, or from one of both to tell what the other one adds."""

    pictures: bool = True
    landmarks: bool = True

    def __post_init__(self) -> None:
        self._network: CnnLstm | None = None
        self._scaling = Scaling(np.empty(0), np.empty(0))

    def fit(self, clips: Sequence[Clip], outputs: int, seed: int, epochs: int) -> None:
        """Learn in so many passes, in each of which every clip gives one window."""
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        every = _windows([(clip, len(clip.ticks)) for clip in clips])
        self._scaling = scaling_of(augmented(every.ticks, rng), every.there)
        network = self._network = CnnLstm(CHANNELS, SIDE_PX if self.pictures else BLANK_PX, outputs)
        optimizer = torch.optim.AdamW(network.parameters(), lr=FASTEST, weight_decay=DECAY)
        batches = max(len(clips) // BATCH, 1)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, FASTEST, total_steps=epochs * batches)
        wanted = torch.tensor([clip.label for clip in clips])
        for _ in range(epochs):
            for part in np.array_split(rng.permutation(len(clips)), batches):
                drawn = _windows([(clips[i], int(rng.choice(_ends(clips[i])))) for i in part])
                loss = functional.cross_entropy(self._logits(network, _changed(drawn, rng)), wanted[part])
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
                schedule.step()
        network.eval()

    def labels(self, clips: Sequence[Clip]) -> np.ndarray:
        """Return the labels that are the likeliest over the windows of each clip."""
        if self._network is None:
            raise ValueError("not trained")
        with torch.no_grad():
            found = [
                functional.log_softmax(self._logits(self._network, _windows([(clip, end) for end in _ends(clip)])), 1)
                for clip in clips
            ]
        return np.array([int(one.mean(0).argmax()) for one in found])

    def _logits(self, network: CnnLstm, windows: Windows) -> torch.Tensor:
        """Return (N, outputs) after the last tick of each window."""
        ticks = torch.from_numpy(inputs(windows.ticks, windows.there, self._scaling, 0) * np.float32(self.landmarks))
        shown = windows.pictures if self.pictures else np.zeros((*windows.there.shape, BLANK_PX, BLANK_PX), np.float32)
        logits: torch.Tensor = network(ticks, torch.from_numpy(shown))
        last = torch.from_numpy(windows.there.sum(1).astype(np.int64) - 1)
        return logits[torch.arange(len(last)), last]


def _ends(clip: Clip) -> list[int]:
    """Return the numbers of ticks after which the windows of a clip end."""
    return list(range(len(clip.ticks), len(clip.ticks) // 2, -STRIDE))


def _windows(ending: Sequence[tuple[Clip, int]]) -> Windows:
    """Return the window of each clip that ends after so many ticks."""
    count = len(ending)
    ticks, there = np.zeros((count, WINDOW, SIZE)), np.zeros((count, WINDOW))
    pictures = np.zeros((count, WINDOW, SIDE_PX, SIDE_PX), np.float32)
    for i, (clip, end) in enumerate(ending):
        cut = slice(max(0, end - WINDOW), end)
        found = end - cut.start
        ticks[i, :found], ticks[i, found:] = clip.ticks[cut], clip.ticks[end - 1]
        there[i, :found] = 1.0
        shown = clip.pictures[cut].astype(np.float32)
        pictures[i, :found] = np.abs(shown - np.median(shown)) / 255
    return Windows(ticks, there, pictures)


def _changed(windows: Windows, rng: np.random.Generator) -> Windows:
    """Return windows as other cameras would give them: other landmarks, and mirrored, moved or paler pictures."""
    count = len(windows.ticks)
    pictures = windows.pictures.copy()
    for i, (down, right) in enumerate(rng.integers(-MOVED_PX, MOVED_PX + 1, (count, 2)).tolist()):
        pictures[i] = np.roll(pictures[i], (down, right), (1, 2))
    mirrored = rng.random(count) < 0.5
    pictures[mirrored] = pictures[mirrored][..., ::-1]
    contrast = rng.uniform(*CONTRAST, (count, 1, 1, 1))
    return Windows(augmented(windows.ticks, rng), windows.there, (pictures * contrast).astype(np.float32))
