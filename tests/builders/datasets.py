"""Builders of small datasets: reps that differ as much as a test wants."""

import numpy as np

from livecoach.anomaly.skelemotion import SHAPE
from livecoach.frame import body
from livecoach.lab.dataset import GOOD, NUMBERS, Dataset, Frames, Reps, no_frames, split_by_lifter


def some_reps(*rows: tuple[str, str, str], apart: float = 0.0, seed: int = 0) -> Reps:
    """Return a rep for each (lifter, set, label).

    A bad one is `apart` spreads off; each lifter and each set is a little off the others.
    """
    rng = np.random.default_rng(seed)
    count = len(rows)
    lifters, sets, labels = (np.array(column) for column in zip(*rows, strict=True))
    at = {name: rng.normal(size=NUMBERS) for name in [*np.unique(lifters).tolist(), *np.unique(sets).tolist()]}
    forms = np.stack([at[lifter] + 0.3 * at[name] for lifter, name, _ in rows]) + 0.1 * rng.normal(
        size=(count, NUMBERS)
    )
    forms[labels != GOOD, :40] += apart
    return Reps(
        tensors=rng.uniform(-1, 1, (count, *SHAPE)).astype(np.float32),
        forms=forms.astype(np.float32),
        azimuths_deg=np.full(count, 45.0),
        labels=labels,
        severities=np.where(labels == GOOD, 0.0, 0.8),
        lifters=lifters,
        sets=sets,
        sources=np.array([f"{name}.mp4" for name in sets]),
        times_s=np.cumsum(np.ones((count, 3)), 1),
    )


def of_lifters(*names: str, sets: int = 3, reps: int = 4, bad: int = 0, apart: float = 0.0) -> Reps:
    """Return sets of good reps of each lifter, and after them one with `bad` bad ones after two good ones."""
    rows = [(name, f"{name} {number}", GOOD) for name in names for number in range(sets) for _ in range(reps)]
    if bad:
        for name in names:
            rows += [(name, f"{name} last", label) for label in (GOOD, GOOD, *("hitch",) * bad)]
    return some_reps(*rows, apart=apart)


def a_dataset(reps: Reps, frames: Frames | None = None, parts: dict[str, str] | None = None) -> Dataset:
    """Return a dataset of deadlifts."""
    return Dataset(
        exercise="deadlift",
        synthetic=True,
        sources=({"name": "a test"},),
        parts=parts or split_by_lifter(reps.lifters.tolist(), 0),
        reps=reps,
        frames=frames or no_frames(),
    )


def some_frames(lifter: str, count: int, stage: int, value: float = 0.0) -> Frames:
    """Return frames of one stage whose measures are about one value."""
    rng = np.random.default_rng(stage)
    return Frames(
        measures=(value + 0.1 * rng.normal(size=(count, len(body.NAMES)))).astype(np.float32),
        stages=np.full(count, stage, np.int8),
        frame_lifters=np.array([lifter] * count),
    )
