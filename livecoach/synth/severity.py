"""True severities of a synthetic rep's faults: its noise-free measures against the same lifter's good reps."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
from pydantic import Field

from livecoach.config import read_yaml
from livecoach.rep.measures import DorsalProfile, FaultTable, RepMotion, load_faults, measured

SPREAD_FILE = Path(__file__).resolve().parent / "spread.yaml"
Measures = Mapping[str, float]
"""Name of a measure → value; NaN if it could not be measured."""


Spreads = dict[str, dict[str, Annotated[float, Field(ge=0)]]]
"""Lift → measure → within-lifter spread of good synthetic reps, as `pooled_spread` computes it."""


def is_measured(exercise: str) -> bool:
    """Return whether severities are known: the spread of the lift's measures has been measured."""
    return exercise in _spreads()


def measure_rep(
    motion: RepMotion, exercise: str, previous: RepMotion | None = None, back: DorsalProfile | None = None
) -> dict[str, float]:
    """Return all measures of the exercise, NaN for those that can't be measured."""
    return measured(motion, _table(exercise), previous, back)


def severities(measures: Measures, reference: Sequence[Measures], exercise: str) -> dict[str, float]:
    """Return the severity of each fault, 0…1, against the median of the lifter's own good reps.

    Faults that can't be measured in the rep, or in any reference rep, are left out.
    """
    table = _table(exercise)
    good = {name: _median(rep.get(name, math.nan) for rep in reference) for name in table.signs}
    spread = _spreads()[exercise]
    found = {key: fault.severity(measures, good, spread) for key, fault in table.faults.items()}
    return {key: severity for key, severity in found.items() if not math.isnan(severity)}


def pooled_spread(lifters: Iterable[Sequence[Measures]], exercise: str) -> dict[str, float]:
    """Return the pooled within-lifter standard deviation of each measure over good reps.

    It is taken of logarithms if the fault is defined by a factor. Measures without two values of any one lifter are
    left out.
    """
    found: dict[str, float] = {}
    groups = list(lifters)
    for name, (sign, *_) in _table(exercise).signs.items():
        values = [[sign.scaled(rep.get(name, math.nan)) for rep in reps] for reps in groups]
        known = [np.array([value for value in group if math.isfinite(value)]) for group in values]
        squares = sum(float(((group - group.mean()) ** 2).sum()) for group in known if len(group) > 1)
        freedom = sum(len(group) - 1 for group in known if len(group) > 1)
        if freedom:
            found[name] = math.sqrt(squares / freedom)
    return found


@cache
def _table(exercise: str) -> FaultTable:
    return load_faults(exercise)


@cache
def _spreads() -> dict[str, dict[str, float]]:
    """Return the shipped pooled spread of each measure, by lift."""
    return read_yaml(SPREAD_FILE, Spreads)


def _median(values: Iterable[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return median(known) if known else math.nan  # for a few numbers, ten times as fast as NumPy's
