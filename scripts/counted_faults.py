"""How many reps are counted of sets in which every rep has one fault, as bad as the generator does it."""

from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from livecoach.config import exercise as exercises
from livecoach.lab.counting import count, is_of, shipped
from livecoach.lab.intervals import wilson
from livecoach.synth.motion.faults import FAULTS, ways_of
from livecoach.synth.motion.tokens import GOOD, Deviation, Token, faulty
from livecoach.synth.sets import SyntheticSet, Wanted, random_set

REPS = (5, 9)
"""At least, and fewer than."""
VIEWS_DEG = (-105.0, 105.0)
NOISE = (0.7, 1.5)
"""The pose estimator's errors, times the usual."""
KNOB = 1.0


class Counted(NamedTuple):
    """What became of the reps of some sets."""

    sets: int
    refused: int
    """Sets of which no rep is counted."""
    reps: int
    counted: int


def print_table(sets: int, seed: int, console: Console) -> None:
    """A row for each fault and each of its ways, and for good reps, of every exercise."""
    table = Table("exercise", "fault", "way", "sets", "refused", "reps", "counted", "share (95 %)", box=None)
    for exercise in exercises.names():
        for name in ("good", *FAULTS[exercise]):
            ways = [""] if name == "good" else list(ways_of(exercise, name))
            by_way: dict[str, list[tuple[int, int]]] = {way: [] for way in ways}
            for number in range(sets):
                way = ways[number % len(ways)]
                token = GOOD if name == "good" else faulty(Deviation(name, way, KNOB))
                by_way[way].append(_counted(exercise, faulty_set(exercise, token, (seed, number))))
            for way, rows in by_way.items():
                _add_row(table, (exercise, name, way), _summed(rows))
            if len(ways) > 1:
                _add_row(table, (exercise, name, "all"), _summed([row for rows in by_way.values() for row in rows]))
    console.print(table)


def _counted(exercise: str, made: SyntheticSet) -> tuple[int, int]:
    """A set's reps, and those of them that are counted."""
    found = count(made.observations, *shipped(exercise))
    return len(made.reps), sum(any(is_of(one, true) for one in found) for true in made.reps)


def _summed(rows: list[tuple[int, int]]) -> Counted:
    return Counted(
        sets=len(rows),
        refused=sum(counted == 0 for _, counted in rows),
        reps=sum(reps for reps, _ in rows),
        counted=sum(counted for _, counted in rows),
    )


def faulty_set(exercise: str, token: Token, seed: tuple[int, int]) -> SyntheticSet:
    """A set of a judging body of that rep alone; the same seed is the same lifter before the same camera."""
    rng = np.random.default_rng((*seed, 78))
    wanted = Wanted(
        exercise=exercise,
        bodies="judging",
        tokens=(token,) * int(rng.integers(*REPS)),
        view_deg=float(rng.uniform(*VIEWS_DEG)),
        noise=float(rng.uniform(*NOISE)),
    )
    return random_set(seed, wanted)


def _add_row(table: Table, named: tuple[str, str, str], of: Counted) -> None:
    if of.sets:
        low, high = wilson(of.counted, of.reps)
        share = f"{of.counted / of.reps:.0%} ({low:.0%}–{high:.0%})"
        table.add_row(*named, str(of.sets), str(of.refused), str(of.reps), str(of.counted), share)
