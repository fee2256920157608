"""The training data: synthetic sets, kept in the cache, and chunks of them.

Parallel processes make the sets, and all kinds of networks learn from the same ones. Chunks are drawn evenly over the
exercises, from a random moment on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from livecoach.config.files import written_whole
from livecoach.lab.processes import Workshop
from livecoach.lab.recognition.sets import NONE, UNKNOWN, Stretch, motion_set, stretches
from livecoach.recognition.features import SIZE, features
from livecoach.synth.truth import TrueRep

LENGTH = 60
"""Number of ticks of a chunk. The network does not know what came before, as at the start of a stream."""
NONE_WEIGHT = 2.0
"""How much more often a chunk without an exercise is drawn than one of an exercise: it has more kinds."""
LEAST_SPREAD = 0.02
BOUNDARIES = ("start_s", "turn_s", "end_s")


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Chunks (N, LENGTH, …)."""

    ticks: np.ndarray
    labels: np.ndarray  # UNKNOWN where nothing is learned, and beyond the end of a chunk
    valid: np.ndarray  # 1 for a tick, 0 beyond the end of the chunk


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
        valid = np.zeros((count, LENGTH))
        for i in range(count):
            places = self._places[self._names[self._rng.choice(len(self._names), p=self._shares)]]
            one, at = places[self._rng.integers(len(places))]
            start = max(0, int(at[self._rng.integers(len(at))]) - int(self._rng.integers(LENGTH)))
            cut = slice(start, start + LENGTH)
            length = len(one.labels[cut])
            ticks[i, :length], ticks[i, length:] = one.ticks[cut], one.ticks[cut][-1]
            labels[i, :length], valid[i, :length] = one.labels[cut], 1.0
        return Batch(ticks, labels, valid)


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Mean and standard deviation of the features."""

    centre: np.ndarray
    spread: np.ndarray


def scaling_of(ticks: np.ndarray, valid: np.ndarray) -> Scaling:
    """Return the scaling of the features of chunks."""
    values = features(ticks)[valid > 0].astype(np.float64)
    return Scaling(values.mean(0), np.maximum(values.std(0), LEAST_SPREAD))


def inputs(ticks: np.ndarray, valid: np.ndarray, scaling: Scaling, before: int) -> np.ndarray:
    """Return a network's input (N, before + T, CHANNELS) float32: `before` unknown ticks, then these.

    An unknown tick is all zeros, the last channel included.
    """
    scaled = (features(ticks) - scaling.centre) / scaling.spread * valid[..., None]
    whole = np.concatenate([scaled, valid[..., None]], -1)
    return np.pad(whole, ((0, 0), (before, 0), (0, 0))).astype(np.float32)


def gathered(name: str, numbers: range, seed: int, exercises: Sequence[str], workshop: Workshop) -> list[Stretch]:
    """Return the stretches of the sets with those numbers, made where the cache does not have them.

    name: purpose of the sets, and name of the cached file. Sets for judging have judging bodies.
    """
    asked = {"numbers": [numbers.start, numbers.stop], "seed": seed, "exercises": list(exercises)}
    path = workshop.cache / "recognition" / f"{name}.npz"
    if path.is_file():
        with np.load(path) as stored:
            if json.loads(str(stored["asked"])) == asked:
                return _read({key: stored[key] for key in stored.files}, exercises)
    bodies = "judging" if name.startswith("judging") else "training"
    work = partial(_of_number, seed, bodies, tuple(exercises))
    made = workshop.each(work, numbers, f"sets ({name})")
    every_stretch = [stretch for of_set in made for stretch in of_set]
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {"asked": np.array(json.dumps(asked)), **_arrays(every_stretch, exercises)}
    with written_whole(path, private=False) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    return every_stretch


def _of_number(seed: int, bodies: str, exercises: tuple[str, ...], number: int) -> list[Stretch]:
    return list(stretches(*motion_set(seed, number, bodies, exercises), number, exercises))


def _arrays(stretches: Sequence[Stretch], exercises: Sequence[str]) -> dict[str, np.ndarray]:
    reps = [[getattr(rep, name) for name in BOUNDARIES] for one in stretches for rep in one.reps]
    return {
        "ticks": np.concatenate([one.ticks for one in stretches]),
        "t_s": np.concatenate([one.t_s for one in stretches]),
        "labels": np.concatenate([one.labels for one in stretches]),
        "reps": np.array(reps, np.float64).reshape(-1, len(BOUNDARIES)),
        "lengths": np.array([(len(one.t_s), len(one.reps)) for one in stretches]),
        "numbers": np.array([(exercises.index(one.exercise), one.lifter) for one in stretches]),
        "paces": np.array([one.pace for one in stretches]),
    }


def _read(arrays: dict[str, np.ndarray], exercises: Sequence[str]) -> list[Stretch]:
    ends = arrays["lengths"].cumsum(0)
    out = []
    for i, (length, reps) in enumerate(arrays["lengths"]):
        cut, of_reps = slice(ends[i, 0] - length, ends[i, 0]), slice(ends[i, 1] - reps, ends[i, 1])
        exercise, lifter = arrays["numbers"][i]
        out.append(
            Stretch(
                exercise=exercises[exercise],
                lifter=int(lifter),
                ticks=arrays["ticks"][cut],
                t_s=arrays["t_s"][cut],
                labels=arrays["labels"][cut],
                reps=tuple(_rep(k + 1, *times) for k, times in enumerate(arrays["reps"][of_reps].tolist())),
                pace=float(arrays["paces"][i]),
            )
        )
    return out


def _rep(index: int, start_s: float, turn_s: float, end_s: float) -> TrueRep:
    return TrueRep(
        index=index,
        faults=(),
        start_frame=0,
        turn_frame=0,
        end_frame=0,
        start_s=start_s,
        turn_s=turn_s,
        end_s=end_s,
    )
