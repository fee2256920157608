"""Whom a rep is compared with: everybody, or the lifter's own good reps of other sets.

A lifter's first good reps are his own reference; judged are the sets that none of these comes from, so that a figure
never says how alike the reps of one set are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.lab.dataset import Reps

OF_THIS_SET = 0.75
"""Weight of the set's own good reps beside those of other sets: sets of one lifter differ three times as much as reps
of one set (synthetic; squared, with three reps of the set, that is nine tenths, and less where they are few)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """A rep and what it is held against, as numbers of rows."""

    row: int
    own: np.ndarray
    """Good reps of the lifter's other sets; none: it is held against everybody."""
    now: np.ndarray
    """Good reps of the same set, before it."""


def comparisons(reps: Reps, own: int, *, reserved: int = 0, now: int = 0) -> list[Comparison]:
    """What is judged with that many own reps.

    reserved: own reps for which sets are set apart, `own` at least, so that figures with more and fewer own reps are of
    the same reps. now: how many good reps of the set itself are known too; only reps after them are judged.
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
    """(m, D) how far the judged reps are off what they are held against; values: (n, D) of all reps."""
    return np.stack([values[one.row] - _centre(values, one) for one in judged])


def _centre(values: np.ndarray, one: Comparison) -> np.ndarray | float:
    if not len(one.own):
        return 0.0
    centre: np.ndarray = values[one.own].mean(0)
    if len(one.now):
        centre = centre + OF_THIS_SET * (values[one.now].mean(0) - centre)
    return centre


def _by(names: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of each name, in the order in which they come."""
    _, first, number = np.unique(names[rows], return_index=True, return_inverse=True)
    for index in np.argsort(first):
        yield rows[number == index]
