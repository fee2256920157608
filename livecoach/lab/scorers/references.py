"""The reference of a rep in comparisons: everybody, or the lifter's own good reps of other sets.

A lifter's first good reps form the own reference. Only sets that supply none of them are judged, so that figures do not
benefit from the similarity of reps within a set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.lab.dataset import Reps

OF_THIS_SET = 0.75
"""Weight of good reps of the same set against those of other sets: sets of one lifter differ three times as much as
reps of one set (synthetic; squared, this gives nine tenths for three reps of the set, and less for fewer)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """A rep and its reference, as row numbers."""

    row: int
    own: np.ndarray
    """Good reps of the lifter's other sets; empty to compare with everybody."""
    now: np.ndarray
    """Earlier good reps of the same set."""


def comparisons(reps: Reps, own: int, *, reserved: int = 0, now: int = 0) -> list[Comparison]:
    """Return the reps to judge with that many own reps.

    reserved: number of own reps, at least `own`, whose sets are excluded, so that figures with different numbers of own
    reps refer to the same reps. now: number of known good reps of the same set; only later reps are judged.
    """
    found: list[Comparison] = []
    for mine in _by(reps.lifters, np.arange(len(reps))):
        good = mine[reps.good[mine]][: max(own, reserved)]
        if len(good) < max(own, reserved):
            continue
        judged = mine[~np.isin(reps.sets[mine], reps.sets[good])]
        for of_set in _by(reps.sets, judged):
            found += _of_set(reps, of_set, good[:own], now)
    return found


def _of_set(reps: Reps, rows: np.ndarray, own: np.ndarray, now: int) -> Iterator[Comparison]:
    for place, row in enumerate(rows):
        before = rows[:place]
        known = before[reps.good[before]][:now]
        if len(known) == now:
            yield Comparison(row=int(row), own=own, now=known)


def differences(values: np.ndarray, judged: Sequence[Comparison]) -> np.ndarray:
    """Return the differences of the judged reps from their references, (m, D). values: (n, D) of all reps."""
    return np.stack([values[one.row] - _centre(values, one) for one in judged])


def _centre(values: np.ndarray, one: Comparison) -> np.ndarray | float:
    if not len(one.own):
        return 0.0
    centre: np.ndarray = values[one.own].mean(0)
    if len(one.now):
        centre = centre + OF_THIS_SET * (values[one.now].mean(0) - centre)
    return centre


def _by(names: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of each name, in order of first appearance."""
    _, first, number = np.unique(names[rows], return_index=True, return_inverse=True)
    for index in np.argsort(first):
        yield rows[number == index]
