"""Other ways to recognise a whole clip: the configurations of papers, and simple ones.

LSTM and CNN-LSTM take the 99 raw coordinates of the landmarks, with 8 hidden units, cropped to 80 frames or padded to
the longest clip. The convolutional network takes 17 keypoints, padded likewise. Nearest neighbour and forest take our
features; another CNN-LSTM takes them with a picture of the person, in windows of 3.5 s at 10 Hz.

`compare` trains every kind on the same lifters and counts how many clips of judging bodies each gets right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from torch import Tensor, nn
from torch.nn import functional

from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.table import Share, Table
from livecoach.lab.processes import Progress
from livecoach.lab.recognition import KIND_NAMES
from livecoach.lab.recognition.augmenting import augment
from livecoach.lab.recognition.beliefs import STARTING, shares
from livecoach.lab.recognition.clips import SIDE_PX, TickClip, gathered_clips
from livecoach.lab.recognition.dataset import Scaling, gathered, inputs, scaling_of
from livecoach.lab.recognition.making import RecognitionRecipe, trained
from livecoach.lab.recognition.networks import WINDOW, CnnLstm, PaperCnnLstm, PaperLstm, PaperTcn
from livecoach.lab.recognition.sets import NONE, Stretch
from livecoach.lab.recognition.training import STREAMING
from livecoach.recognition.features import features
from livecoach.recognition.recogniser import CHANNELS
from livecoach.recognition.ticks import SIZE
from livecoach.synth.motion.lifts import EXERCISES

PICTURES_FASTEST, DECAY = 3e-3, 1e-2
STRIDE = 5
"""Ticks between the windows of a clip. The last one ends with the clip, the first one in the middle of it."""
BLANK_PX = 8
"""Side of the blank pictures for a network without pictures: the smallest that its layers accept."""
CONTRAST, MOVED_PX = (0.6, 1.4), 3
"""Range of factors on the contrast, and largest shift, of pictures in training."""
EPOCHS = 30
CLIPS = 480
"""Number of the rivals' training clips, one of each lifter; a third as many are judged."""
SETS, STEPS = 1200, 3000
"""Numbers of training sets and steps of networks on windows: less than the shipped one's, to save time."""
CROPPED = 80
BATCH, FASTEST = 32, 5e-3
DTW_TICKS = 24
"""Number of ticks of a resampled clip for the nearest neighbour, and of trees in a forest."""
TREES = 300


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """N windows. A short one is padded with unknown ticks."""

    ticks: np.ndarray
    """(N, WINDOW, SIZE)."""
    valid: np.ndarray
    """(N, WINDOW), 1 where there is a tick."""
    pictures: np.ndarray
    """(N, WINDOW, SIDE_PX, SIDE_PX) float32: difference of a pixel's grey from the background's, 0 to 1."""


@dataclass
class OnPictures:
    """Recognises clips from pictures and landmarks, or from one of them alone to show what the other adds."""

    pictures: bool = True
    landmarks: bool = True

    def __post_init__(self) -> None:
        self._network: CnnLstm | None = None
        self._scaling = Scaling(np.empty(0), np.empty(0))

    def fit(self, clips: Sequence[TickClip], outputs: int, seed: int, epochs: int) -> None:
        """Learn in that many passes; in each, every clip gives one window."""
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        every = _windows([(clip, len(clip.ticks)) for clip in clips])
        self._scaling = scaling_of(augment(every.ticks, rng), every.valid)
        network = self._network = CnnLstm(CHANNELS, SIDE_PX if self.pictures else BLANK_PX, outputs)
        optimizer = torch.optim.AdamW(network.parameters(), lr=PICTURES_FASTEST, weight_decay=DECAY)
        batches = max(len(clips) // BATCH, 1)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PICTURES_FASTEST, total_steps=epochs * batches)
        wanted = torch.tensor([clip.label for clip in clips])
        for _ in range(epochs):
            for part in np.array_split(rng.permutation(len(clips)), batches):
                drawn = _windows([(clips[i], int(rng.choice(_ends(clips[i])))) for i in part])
                loss = functional.cross_entropy(self._logits(network, _augment_windows(drawn, rng)), wanted[part])
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
                schedule.step()
        network.eval()

    def labels(self, clips: Sequence[TickClip]) -> np.ndarray:
        """Return the likeliest label of each clip over its windows."""
        if self._network is None:
            raise ValueError("not trained")
        with torch.no_grad():
            logits = [
                functional.log_softmax(self._logits(self._network, _windows([(clip, end) for end in _ends(clip)])), 1)
                for clip in clips
            ]
        return np.array([int(one.mean(0).argmax()) for one in logits])

    def _logits(self, network: CnnLstm, windows: Windows) -> torch.Tensor:
        """Return (N, outputs) after the last tick of each window."""
        ticks = torch.from_numpy(inputs(windows.ticks, windows.valid, self._scaling, 0) * np.float32(self.landmarks))
        shown = windows.pictures if self.pictures else np.zeros((*windows.valid.shape, BLANK_PX, BLANK_PX), np.float32)
        logits: torch.Tensor = network(ticks, torch.from_numpy(shown))
        last = torch.from_numpy(windows.valid.sum(1).astype(np.int64) - 1)
        return logits[torch.arange(len(last)), last]


def _ends(clip: TickClip) -> list[int]:
    """Return the numbers of ticks after which the windows of a clip end."""
    return list(range(len(clip.ticks), len(clip.ticks) // 2, -STRIDE))


def _windows(ending: Sequence[tuple[TickClip, int]]) -> Windows:
    """Return the window of each clip that ends after that many ticks."""
    count = len(ending)
    ticks, valid = np.zeros((count, WINDOW, SIZE)), np.zeros((count, WINDOW))
    pictures = np.zeros((count, WINDOW, SIDE_PX, SIDE_PX), np.float32)
    for i, (clip, end) in enumerate(ending):
        cut = slice(max(0, end - WINDOW), end)
        length = end - cut.start
        ticks[i, :length], ticks[i, length:] = clip.ticks[cut], clip.ticks[end - 1]
        valid[i, :length] = 1.0
        shown = clip.pictures[cut].astype(np.float32)
        pictures[i, :length] = np.abs(shown - np.median(shown)) / 255
    return Windows(ticks, valid, pictures)


def _augment_windows(windows: Windows, rng: np.random.Generator) -> Windows:
    """Return windows as other cameras would give them: other landmarks, and mirrored, moved or paler pictures."""
    count = len(windows.ticks)
    pictures = windows.pictures.copy()
    for i, (down, right) in enumerate(rng.integers(-MOVED_PX, MOVED_PX + 1, (count, 2)).tolist()):
        pictures[i] = np.roll(pictures[i], (down, right), (1, 2))
    mirrored = rng.random(count) < 0.5
    pictures[mirrored] = pictures[mirrored][..., ::-1]
    contrast = rng.uniform(*CONTRAST, (count, 1, 1, 1))
    return Windows(augment(windows.ticks, rng), windows.valid, (pictures * contrast).astype(np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalScore:
    """Numbers of clips that one kind gets right."""

    kind: str
    within: int
    """Number of clips of an exercise whose exercise is the likeliest."""
    of_within: int
    others: int
    """Number of clips without an exercise for which none is the likeliest."""
    of_others: int


def compare(
    kinds: Sequence[str], recipe: RecognitionRecipe, cache: Path, jobs: int, progress: Progress
) -> list[RivalScore]:
    """Train kinds on training bodies, and let them label clips of judging bodies, each with one rep or another
    movement.

    Networks on windows learn from the recipe's sets in its steps, rivals from CLIPS clips.
    """
    judging = gathered_clips(range(CLIPS // 3), recipe.seed + 1, "judging", EXERCISES, jobs, progress)
    training: list[TickClip] = []
    if any(kind in RIVALS for kind in kinds):
        training = gathered_clips(range(CLIPS), recipe.seed, "training", EXERCISES, jobs, progress)
    sets: list[Stretch] = []
    if any(kind in STREAMING for kind in kinds):
        sets = gathered("training", range(recipe.sets), recipe.seed, EXERCISES, cache, jobs, progress)
    out = []
    for number, kind in enumerate(kinds):
        progress(f"rivals ({kind})", number / len(kinds))
        if kind in STREAMING:
            labels = _streamed_labels(replace(recipe, kind=kind), judging, sets, progress)
        else:
            rival = RIVALS[kind]()
            rival.fit(training, 1 + len(EXERCISES), recipe.seed, EPOCHS)
            labels = rival.labels(judging)
        out.append(score_labels(kind, labels, np.array([clip.label for clip in judging])))
    return out


def score_labels(kind: str, labels: np.ndarray, truth: np.ndarray) -> RivalScore:
    """Return the score of labels (n,) against the truth (n,)."""
    right, within = labels == truth, truth != NONE
    return RivalScore(
        kind=kind,
        within=int(right[within].sum()),
        of_within=int(within.sum()),
        others=int(right[~within].sum()),
        of_others=int((~within).sum()),
    )


def _streamed_labels(
    recipe: RecognitionRecipe, clips: Sequence[TickClip], sets: Sequence[Stretch], progress: Progress
) -> np.ndarray:
    """Return the labels that a network on windows believes at the end of clips."""
    streaming = trained(recipe, sets, progress, recipe.kind)
    return np.array([shares(STARTING, streaming.log_posteriors(clip.ticks))[-1].argmax() for clip in clips])


def measure_rivals(cache: Cache, progress: Progress) -> list[Table]:
    """Return the table, split by lifter: no lifter, body or camera of the clips was trained on."""
    scores = compare(KIND_NAMES, RecognitionRecipe(sets=SETS, steps=STEPS), cache.folder / "recognition", 1, progress)
    return [
        Table(
            title="Kinds, on synthetic clips of judging bodies",
            columns=("kind", "exercise right", "none right"),
            rows=tuple(
                (one.kind, Share(one.within, one.of_within), Share(one.others, one.of_others)) for one in scores
            ),
            notes=("The likeliest counts, sure or not: the papers' networks have no threshold.",),
        )
    ]


class Rival(Protocol):
    """Recognises whole clips."""

    def fit(self, clips: Sequence[TickClip], outputs: int, seed: int, epochs: int) -> None:
        """Learn from clips with labels below `outputs`."""
        ...

    def labels(self, clips: Sequence[TickClip]) -> np.ndarray:
        """Return the labels (n,) of clips."""
        ...


@dataclass
class PaperNetwork:
    """A network of a paper on frames of equal number."""

    make: Callable[[int, int], nn.Module]
    values: Callable[[TickClip], np.ndarray]
    """Returns the values of a clip, (T, channels)."""
    frames: int | None
    """Number of frames that a clip is cropped to; None to pad all clips to the longest training clip."""

    def __post_init__(self) -> None:
        self._network: nn.Module | None = None
        self._length = self.frames or 0

    def fit(self, clips: Sequence[TickClip], outputs: int, seed: int, epochs: int) -> None:
        """Learn in that many passes."""
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        self._length = self.frames or max(len(clip.raw) for clip in clips)
        stacked = torch.from_numpy(np.stack([self._even(clip) for clip in clips]))
        wanted = torch.tensor([clip.label for clip in clips])
        network = self.make(stacked.shape[-1], outputs)
        optimizer = torch.optim.Adam(network.parameters(), lr=FASTEST)
        for _ in range(epochs):
            for part in np.array_split(rng.permutation(len(clips)), max(len(clips) // BATCH, 1)):
                loss = functional.cross_entropy(network(stacked[part]), wanted[part])
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
        network.eval()
        self._network = network

    def labels(self, clips: Sequence[TickClip]) -> np.ndarray:
        """Return the likeliest labels."""
        if self._network is None:
            raise ValueError("not trained")
        with torch.no_grad():
            logits: Tensor = self._network(torch.from_numpy(np.stack([self._even(clip) for clip in clips])))
        out: np.ndarray = logits.argmax(1).numpy()
        return out

    def _even(self, clip: TickClip) -> np.ndarray:
        values = self.values(clip)[: self._length]
        return np.pad(values, ((0, self._length - len(values)), (0, 0))).astype(np.float32)


class ForestRival:
    """A random forest on the mean, spread, extremes and ends of our features over a clip."""

    def __init__(self) -> None:
        self._forest = RandomForestClassifier(TREES, min_samples_leaf=2, n_jobs=1, random_state=0)

    def fit(self, clips: Sequence[TickClip], outputs: int, seed: int, epochs: int) -> None:
        """Grow the trees."""
        del outputs, epochs
        self._forest.set_params(random_state=seed)
        self._forest.fit([_summary(clip) for clip in clips], [clip.label for clip in clips])

    def labels(self, clips: Sequence[TickClip]) -> np.ndarray:
        """Return the labels that most trees give."""
        labels: np.ndarray = self._forest.predict([_summary(clip) for clip in clips])
        return labels


class NearestNeighbour:
    """The label of the nearest training clip by dynamic time warping of our features."""

    def __init__(self) -> None:
        self._known, self._labels = np.empty((0, 0, 0)), np.empty(0, int)
        self._centre, self._spread = np.empty(0), np.empty(0)

    def fit(self, clips: Sequence[TickClip], outputs: int, seed: int, epochs: int) -> None:
        """Keep the clips."""
        del outputs, seed, epochs
        known = np.stack([_resampled(clip) for clip in clips])
        self._centre, self._spread = known.mean((0, 1)), known.std((0, 1)) + 0.02
        self._known, self._labels = (known - self._centre) / self._spread, np.array([clip.label for clip in clips])

    def labels(self, clips: Sequence[TickClip]) -> np.ndarray:
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
    "forest": ForestRival,
}
"""Kind → function that makes the rival."""


def _summary(clip: TickClip) -> np.ndarray:
    values = features(clip.ticks.astype(np.float64))
    return np.concatenate([values.mean(0), values.std(0), values.min(0), values.max(0), values[0], values[-1]])


def _resampled(clip: TickClip) -> np.ndarray:
    values = features(clip.ticks.astype(np.float64))
    at = np.linspace(0, len(values) - 1, DTW_TICKS)
    return np.stack([np.interp(at, np.arange(len(values)), column) for column in values.T], 1)
