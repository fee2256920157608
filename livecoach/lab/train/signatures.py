"""The signature of each way of each fault, from synthetic reps: how it changes the vector of a rep."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livecoach.judging.population import Signature
from livecoach.lab.train.population_reps import FormReps
from livecoach.rep.measures import FaultTable, Sign

LEAST_SEVERITY = 0.02
"""True severity from which on a rep tells of a signature."""


class SignatureReps(NamedTuple):
    """One signature, and the reps that it is learned from."""

    signature: Signature
    rows: np.ndarray
    """(n,) numbers of reps."""
    amplitudes: np.ndarray
    """(n,) in what is just worth saying, below 0 on the other side of a fault that has two."""


def signatures_of(reps: FormReps, table: FaultTable, names: Sequence[str]) -> list[SignatureReps]:
    """Return the signatures of the faults that the vector shows, in the order of the table.

    A fault that has two sides has both.
    """
    found = []
    for column, (fault, named) in enumerate(table.faults.items()):
        if named.signs[0].measure not in names:
            continue
        for label in sorted({one for one in reps.labels.tolist() if one.split(".")[0] == fault}):
            rows = np.flatnonzero((reps.labels == label) & (reps.severities[:, column] > LEAST_SEVERITY))
            # A severity of 0 is one margin, of 1 three.
            signs = named.signs[:1] if named.told_by == "first" else named.signs
            found += _sides(reps, rows, 1 + 2 * reps.severities[rows, column], fault, signs, names)
    return found


def signature(told: SignatureReps, off: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return (D,) the change of the vector at an amplitude of 1, by weighted least squares.

    off: (all reps, D) of the good ones of their set; weights: of all reps, NaN of one that tells nothing.
    """
    known = np.isfinite(weights[told.rows])
    rows, amplitudes = told.rows[known], told.amplitudes[known]
    weight = weights[rows] * amplitudes
    found: np.ndarray = (weight[:, None] * off[rows]).sum(0) / (weight * amplitudes).sum()
    return found


def _sides(
    reps: FormReps,
    rows: np.ndarray,
    amplitudes: np.ndarray,
    fault: str,
    signs: Sequence[Sign],
    names: Sequence[str],
) -> list[SignatureReps]:
    changes = [_true_change(reps, rows, names.index(sign.measure)) for sign in signs if sign.measure in names]
    shown = [sign for sign in signs if sign.measure in names]
    usual = [float(np.nanmedian(np.abs(c) / amplitudes)) for c in changes]
    best = int(np.argmax([u / max(s.least_change, 1e-3) for u, s in zip(usual, shown, strict=True)]))
    number, sign, size = signs.index(shown[best]), shown[best], usual[best]
    if sign.side != "either":
        change = size if sign.side == "more" else -size
        return [SignatureReps(Signature(fault=fault, sign=number, change=change), rows, amplitudes)]
    known = np.isfinite(changes[best])
    towards = np.sign(changes[best][known]) * amplitudes[known]
    return [
        SignatureReps(Signature(fault=fault, sign=number, change=side * size), rows[known], side * towards)
        for side in (1.0, -1.0)
    ]


def _true_change(reps: FormReps, rows: np.ndarray, column: int) -> np.ndarray:
    """Return (n,) the change of a true measure from the median of the good reps of its set, of the same leg."""
    key = reps.groups * 1000 + reps.sets
    found = np.full(len(rows), np.nan)
    for i, row in enumerate(rows):
        good = reps.true[(key == key[row]) & reps.good, column]
        if np.isfinite(good).any():
            found[i] = reps.true[row, column] - np.nanmedian(good)
    return found
