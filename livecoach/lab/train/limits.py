"""Effects of the faults, and limits, from reps of lifters that a fit has not seen."""

from collections.abc import Sequence

import numpy as np

from livecoach.judging.judge import LEAST_EFFECT
from livecoach.judging.population import Population
from livecoach.judging.population_file import FormLimits
from livecoach.lab.train.judged_reps import Judged

OF_SCORE, OF_SETS = 0.1, 0.25
"""Shares of the budget of false alarms that are the score's, for what no fault describes, and those of whole sets; all
faults have equal parts of the rest."""
LEAST_DEVIATE, MOST_DEVIATE = 3.0, 8.0
"""Three spreads of good reps at the least: synthetic reps have lighter tails in some faults than real ones have."""
NEAR_DEG = 15.0
"""Of a cell's azimuth."""
LEAST_CELL = 12
"""Faulty reps that a cell's effect is told from."""
MOST_FALSE = 0.2
"""Of one fault: the search for limits begins there."""
STEPS = 40


def effects(parts: Sequence[Judged], faults: Sequence[str], centre_deg: float) -> np.ndarray:
    """Return (F,) the amplitude at severity .5 over the spread of good reps, with own reps of the set, near an azimuth.

    0 where too few reps tell.
    """
    found = np.zeros(len(faults))
    for column in range(len(faults)):
        ratio, good = [], []
        for part in parts:
            near = (np.abs(part.reps.azimuths_deg - centre_deg) <= NEAR_DEG) & (part.own >= 2)
            severity = part.reps.severities[:, column]
            at_half = 2 * part.amplitudes[:, column] / (1 + 2 * severity) / part.spreads[:, column]
            ratio.append(at_half[near & (severity > 0.05) & np.isfinite(at_half)])
            deviates = part.deviates[:, column]
            good.append(deviates[near & part.reps.good & np.isfinite(deviates)])
        shown, usual = np.concatenate(ratio), np.concatenate(good)
        if len(shown) >= LEAST_CELL and len(usual) >= LEAST_CELL:
            # The strongest of a fault's signatures is above 0 by chance; its spread is what differs from that.
            found[column] = float(np.median(shown) / max(float(np.std(np.clip(usual, -5, 5))), 1e-3))
    return found


def limits_for(parts: Sequence[Judged], population: Population, false_alarms: float) -> FormLimits:
    """Return limits by which that share of good reps is called anomalous. Without faults the score has all of it."""
    faults = list(population.table.faults)
    past = np.concatenate([_visible(part, population) for part in parts])
    scores = np.concatenate([part.scores[part.reps.good & (part.own > 0)] for part in parts])
    score = float(np.quantile(scores, 1 - (OF_SCORE if faults else 1.0) * false_alarms))
    spreads = _equal(past, (1 - OF_SETS) * false_alarms, scores > score)
    of_sets = np.concatenate([_visible_of_sets(part, population) for part in parts])
    set_spreads = _equal(of_sets, OF_SETS * false_alarms, np.zeros(len(of_sets), bool))
    return FormLimits(
        false_alarms=false_alarms,
        score=round(score, 3),
        spreads=dict(zip(faults, spreads.round(3).tolist(), strict=True)),
        set_spreads=dict(zip(faults, set_spreads.round(3).tolist(), strict=True)),
    )


def _equal(past: np.ndarray, budget: float, besides: np.ndarray) -> np.ndarray:
    """Return (F,) limits that equal shares of the rows (n, F) are past, and all together that share of them.

    besides: (n,) rows that are past a limit of another kind.
    """
    low, high = 0.0, MOST_FALSE
    for _ in range(STEPS):
        share = (low + high) / 2
        if np.mean((past > _spreads(past, share)).any(1) | besides) > budget:
            high = share
        else:
            low = share
    return _spreads(past, low)


def _spreads(past: np.ndarray, share: float) -> np.ndarray:
    """Return (F,) deviates that this share of the good reps in which a fault is looked for is past."""
    found = []
    for column in past.T:
        known = column[np.isfinite(column)]
        found.append(float(np.quantile(known, 1 - share)) if len(known) else 3.0)
    return np.clip(np.array(found, float), LEAST_DEVIATE, MOST_DEVIATE)


def _visible(part: Judged, population: Population) -> np.ndarray:
    """Return (n, F) deviates of good reps; NaN where a fault is not looked for, 0 where it is not worth saying."""
    rows = part.reps.good & (part.own > 0)
    deviates = np.where(part.amplitudes[rows] > 1, part.deviates[rows], 0.0)
    known = np.isfinite(part.deviates[rows])
    return np.where(_looked_for(population, part.reps.azimuths_deg[rows]) & known, deviates, np.nan)


def _visible_of_sets(part: Judged, population: Population) -> np.ndarray:
    """Return (s, F) deviates of the means of good sets; NaN where a fault is not looked for."""
    return np.where(_looked_for(population, part.of_sets_deg), part.of_sets, np.nan)


def _looked_for(population: Population, azimuths_deg: np.ndarray) -> np.ndarray:
    """Return (n, F) which faults have enough of an effect to be looked for, at each azimuth."""
    faults = list(population.table.faults)
    return np.array(
        [
            [population.effects(azimuth).get(name, 0.0) >= LEAST_EFFECT for name in faults]
            for azimuth in azimuths_deg.tolist()
        ],
        bool,
    ).reshape(len(azimuths_deg), len(faults))
