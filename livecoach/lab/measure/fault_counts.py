"""How many reps are counted of sets in which every rep has one fault, as bad as the generator does it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livecoach.lab.counting import count, is_of, shipped
from livecoach.lab.measure.table import Cell, Progress, Share, Table
from livecoach.synth.motion.lifts import FAULTS, variant_names
from livecoach.synth.motion.tokens import GOOD, Deviation, Token, faulty
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set

REPS = (5, 9)
"""Least number of reps of a set, and one more than the most."""
VIEWS_DEG = (-105.0, 105.0)
NOISE = (0.7, 1.5)
"""The pose estimator's errors, as multiples of the usual ones."""
KNOB = 1.0


class Counted(NamedTuple):
    """The reps of one set."""

    reps: int
    counted: int


def measure(exercises: Sequence[str], sets: int, seed: int, progress: Progress) -> list[Table]:
    """Measure good reps of exercises, and each fault in each of its ways.

    The same seed gives the same lifters for every fault.
    """
    rows: list[tuple[Cell, ...]] = []
    for exercise in exercises:
        names = ("good", *FAULTS[exercise])
        for number, name in enumerate(names):
            progress(f"{exercise}: {name}", number / len(names))
            rows += _rows_of(exercise, name, sets, seed)
    columns = ("exercise", "fault", "way", "sets", "sets without a counted rep", "counted reps")
    title = f"Sets of one fault alone, knob {KNOB:g}: {sets} sets a fault, seed {seed}"
    note = "Reps of a set share a fate: the true intervals are wider."
    return [Table(title=title, columns=columns, rows=tuple(rows), notes=(note,))]


def faulty_set(exercise: str, token: Token, seed: tuple[int, int]) -> SyntheticSet:
    """Return a set of a judging body of that rep alone; the same seed is the same lifter before the same camera."""
    rng = np.random.default_rng((*seed, 78))
    wanted = SetRequest(
        exercise=exercise,
        bodies="judging",
        tokens=(token,) * int(rng.integers(*REPS)),
        view_deg=float(rng.uniform(*VIEWS_DEG)),
        noise=float(rng.uniform(*NOISE)),
    )
    return random_set(seed, wanted)


def _rows_of(exercise: str, name: str, sets: int, seed: int) -> list[tuple[Cell, ...]]:
    ways = [""] if name == "good" else list(variant_names(exercise, name))
    by_way: dict[str, list[Counted]] = {way: [] for way in ways}
    for number in range(sets):
        way = ways[number % len(ways)]
        token = GOOD if name == "good" else faulty(Deviation(name, way, KNOB))
        by_way[way].append(_counted(exercise, faulty_set(exercise, token, (seed, number))))
    groups = dict(by_way)
    if len(ways) > 1:
        groups["all"] = [one for of_way in by_way.values() for one in of_way]
    return [_row((exercise, name, way), of_way) for way, of_way in groups.items() if of_way]


def _row(names: tuple[str, str, str], sets: Sequence[Counted]) -> tuple[Cell, ...]:
    without = sum(one.counted == 0 for one in sets)
    return (*names, len(sets), without, Share(sum(one.counted for one in sets), sum(one.reps for one in sets)))


def _counted(exercise: str, made: SyntheticSet) -> Counted:
    reps = count(made.observations, *shipped(exercise))
    return Counted(len(made.reps), sum(any(is_of(rep, true) for rep in reps) for true in made.reps))
