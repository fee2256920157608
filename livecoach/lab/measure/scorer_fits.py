"""Scorers fitted on synthetic reps with their limits, and against which own reps real ones are held."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.lab.dataset import Dataset, Reps
from livecoach.lab.scorers.compare import ALARMS, TENSORS, TRAJECTORIES, VALUES
from livecoach.lab.scorers.kinds import SIMPLE, ScorerKind
from livecoach.lab.scorers.references import Comparison, comparisons, differences


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedScorer:
    """A kind of scorer that was fitted, with its limit."""

    kind: ScorerKind
    values: str
    """What it sees of a rep, a key of VALUES."""
    own: int
    """Number of own reps that a rep is held against."""
    limit: float

    @property
    def title(self) -> str:
        """Its name in tables."""
        return f"{self.kind.name}, {self.values}"

    def scores(self, reps: Reps, judged: Sequence[Comparison]) -> np.ndarray:
        """Return the (m,) scores of what is judged; 1 is at the limit."""
        found: np.ndarray = self.kind.scores(differences(VALUES[self.values](reps), judged)) / self.limit
        return found


def fitted(kind: ScorerKind, values: str, own: int, train: Reps, valid: Reps) -> FittedScorer:
    """Fit a kind on the good reps of `train`, and set its limit on those of `valid`."""
    taken = VALUES[values]
    train, valid = train.some(train.good), valid.some(valid.good)
    numbers = taken(train)
    means = np.stack([numbers[train.lifters == one].mean(0) for one in np.unique(train.lifters)])
    kind.fit(differences(numbers, comparisons(train, own)), means)
    limit = np.quantile(kind.scores(differences(taken(valid), comparisons(valid, own))), 1 - ALARMS)
    return FittedScorer(kind=kind, values=values, own=own, limit=float(limit))


def all_fitted(data: Dataset, own: int, networks: bool, seed: int) -> Iterator[FittedScorer]:
    """Yield all kinds, fitted; networks only where nothing of the lifter's own is known."""
    kinds: list[tuple[Callable[[], ScorerKind], str]] = [
        (kind, values) for values in (TRAJECTORIES, TENSORS) for kind in SIMPLE
    ]
    if networks and not own:
        from livecoach.lab.scorers.autoencoder import LatentDensity, Reconstruction
        from livecoach.lab.scorers.recurrent import Recurrent

        kinds += [(lambda: LatentDensity(seed), TENSORS), (lambda: Reconstruction(seed), TENSORS)]
        kinds += [(lambda: Recurrent(seed), TRAJECTORIES)]
    train, valid = data.part("train"), data.part("valid")
    for make, values in kinds:
        yield fitted(make(), values, own, train, valid)


def against_everybody(reps: Reps) -> list[Comparison]:
    """Return all reps, with nothing of the lifter's own."""
    return comparisons(reps, 0)


def against_other_clips(reps: Reps, own: int) -> list[Comparison]:
    """Return reps with the first good reps of the origin's other clips, where there are so many."""
    return [one for row in range(len(reps)) if len((one := _other(reps, row, own)).own) == own]


def against_same_clip(reps: Reps, own: int) -> list[Comparison]:
    """Return reps with the clip's own first good reps; only reps after these are judged."""
    found = []
    for clip in np.unique(reps.sources):
        rows = np.flatnonzero(reps.sources == clip)
        good = rows[reps.good[rows]][:own]
        if len(good) == own:
            found += [Comparison(row=int(row), own=good, now=np.zeros(0, int)) for row in rows if row > good[-1]]
    return found


def against_first(reps: Reps, own: int) -> list[Comparison]:
    """Return reps with the first good reps of all; the others are judged."""
    good = np.flatnonzero(reps.good)[:own]
    return [Comparison(row=row, own=good, now=np.zeros(0, int)) for row in range(len(reps)) if row not in good]


def _other(reps: Reps, row: int, own: int) -> Comparison:
    there = reps.good & (reps.lifters == reps.lifters[row]) & (reps.sources != reps.sources[row])
    return Comparison(row=row, own=np.flatnonzero(there)[:own], now=np.zeros(0, int))
