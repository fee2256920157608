"""Builders of small datasets: reps that differ as much as a test wants."""

import numpy as np

from livecoach.decisions.judging.fault_model import function_measures
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.view_normalised import TRAJECTORY_SHAPE
from livecoach.lab.dataset import GOOD, UNKNOWN, Dataset, Reps, StageFrames, empty_frames, split_by_lifter
from livecoach.perception.body import body

TABLE = load_faults("deadlift")
READINGS = 2 + 2 * len(function_measures(TABLE))
"""Durations and measures of a deadlift."""
SPREAD = 0.02
"""Standard deviation of a joint over the good reps of a set, torso lengths."""


def some_reps(*rows: tuple[str, str, str], apart: float = 0.0, seed: int = 0) -> Reps:
    """Return a deadlift for each (lifter, set, label).

    A bad one is `apart` spreads off in height at the beginning; each lifter and each set is a little off the others.
    """
    rng = np.random.default_rng(seed)
    count = len(rows)
    lifters, sets, labels = (np.array(column) for column in zip(*rows, strict=True))
    names = [*np.unique(lifters).tolist(), *np.unique(sets).tolist()]
    at, body_points = {name: rng.normal(size=TRAJECTORY_SHAPE) for name in names}, rng.normal(size=TRAJECTORY_SHAPE)
    points = np.stack([body_points + 0.1 * at[lifter] + SPREAD * at[name] / 2 for lifter, name, _ in rows])
    points += SPREAD * rng.normal(size=points.shape)
    bad = (labels != GOOD) & (labels != UNKNOWN)
    points[bad, :4, :, 2] += apart * SPREAD
    severities = np.zeros((count, len(TABLE.faults)))
    severities[bad] = np.nan
    for number, name in enumerate(TABLE.faults):
        severities[labels == name] = 0.0
        severities[labels == name, number] = 0.8
    return Reps(
        trajectories=points.astype(np.float32),
        readings=rng.normal(size=(count, READINGS)).astype(np.float32),
        azimuths_deg=np.full(count, 45.0),
        fronts=np.full(count, "", "U4"),
        labels=labels,
        severities=severities,
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


def split_evenly(lifters: list[str], seed: int = 0) -> dict[str, str]:
    """Return the parts of lifters who are balanced by how often each one comes."""
    return split_by_lifter({name: (lifters.count(name),) for name in lifters}, seed)


def a_dataset(reps: Reps, frames: StageFrames | None = None, parts: dict[str, str] | None = None) -> Dataset:
    """Return a dataset of deadlifts."""
    return Dataset(
        exercise="deadlift",
        synthetic=True,
        sources=({"name": "a test"},),
        parts=parts or split_evenly(reps.lifters.tolist()),
        reps=reps,
        frames=frames or empty_frames(),
    )


def some_frames(lifter: str, count: int, stage: int, value: float = 0.0) -> StageFrames:
    """Return frames of one stage whose measures are about one value."""
    rng = np.random.default_rng(stage)
    return StageFrames(
        measures=(value + 0.1 * rng.normal(size=(count, len(body.NAMES)))).astype(np.float32),
        stages=np.full(count, stage, np.int8),
        frame_lifters=np.array([lifter] * count),
    )
