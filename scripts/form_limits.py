"""Reps of unseen lifters against their own good reps, as they come; effects of the faults, and limits, from these."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from form_fit import vectors_of
from form_reps import OUTSIDE, SECOND_SESSION, FormReps

from livecoach.judging.detection import detect
from livecoach.judging.judge import LEAST_EFFECT
from livecoach.judging.population import Population
from livecoach.judging.population_file import Limits
from livecoach.judging.posterior import OwnReps, Posterior, normal_of_f, normal_of_t, posterior
from livecoach.judging.reference import MOST_KEPT, mean_posterior
from livecoach.judging.rep_vector import WILD, RepVector
from livecoach.synth.figure.body import TRAINING
from livecoach.synth.sets import body_of

CONTEXTS = ("fresh", "session", "day")
"""What is known of the lifter before a set: nothing, a set of the same session, sets of another day."""
PROFILE_REPS = 5
OF_SCORE, OF_SETS = 0.1, 0.25
"""Shares of the budget of false alarms that are the score's, for what no fault describes, and those of whole sets; all
faults have equal parts of the rest."""
SET_REPS = (1, 2, 3, 5)
"""Reps of a set by whose mean it is judged."""
LEAST_DEVIATE, MOST_DEVIATE = 3.0, 8.0
"""Three spreads of good reps at the least: synthetic reps have lighter tails in some faults than real ones have."""
NEAR_DEG = 15.0
"""Of a cell's azimuth."""
LEAST_CELL = 12
"""Faulty reps that a cell's effect is told from."""
MOST_FALSE = 0.2
"""Of one fault: the search for limits begins there."""
STEPS = 40


class Row(NamedTuple):
    """A rep against the posterior of its lifter."""

    rep: int
    context: str
    own: int
    """Good reps of the set before it."""
    amplitudes: np.ndarray
    """(F,) of each fault, its strongest signature's; NaN where it can't be told."""
    deviates: np.ndarray
    """(F,) likewise."""
    spreads: np.ndarray
    """(F,) of those amplitudes."""
    score: float
    """Standard normal deviate of the distance."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """All of them as arrays: n rows."""

    reps: FormReps
    """Of each row."""
    contexts: np.ndarray
    own: np.ndarray
    amplitudes: np.ndarray
    deviates: np.ndarray
    spreads: np.ndarray
    scores: np.ndarray
    of_sets: np.ndarray
    """(s, F) deviates of the means of good sets whose lifter is known from earlier ones; 0 where not worth saying."""
    of_sets_deg: np.ndarray
    """(s,) their azimuths."""


def judged(population: Population, reps: FormReps) -> Judged:
    """Each set in each context; truly good reps are taken into the reference as they come."""
    rows = [row for lifter in np.unique(reps.lifters) for row in _of_lifter(population, reps, int(lifter))]
    numbers, contexts, own, amplitudes, deviates, spreads, scores = zip(*rows, strict=True)
    means = [one for lifter in np.unique(reps.lifters) for one in _means_of(population, reps, int(lifter))]
    return Judged(
        reps=reps.some(np.array(numbers)),
        contexts=np.array(contexts),
        own=np.array(own),
        amplitudes=np.array(amplitudes),
        deviates=np.array(deviates),
        spreads=np.array(spreads),
        scores=np.array(scores),
        of_sets=np.array([deviates for deviates, _ in means]),
        of_sets_deg=np.array([azimuth for _, azimuth in means]),
    )


def in_half(reps: FormReps, seed: int, half: int) -> np.ndarray:
    """(n,) bool: reps of lifters whose body is in that half of the training bodies."""
    bodies = [TRAINING.index(body_of(seed * 10_000 + number, "training")) for number in reps.lifters.tolist()]
    mine: np.ndarray = np.array(bodies) % 2 == half
    return mine


def effects(parts: Sequence[Judged], faults: Sequence[str], centre_deg: float) -> np.ndarray:
    """(F,) amplitude at severity .5 over the spread of good reps, with own reps of the set, near an azimuth; 0 where
    too few reps tell."""
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


def limits_for(parts: Sequence[Judged], population: Population, false_alarms: float) -> Limits:
    """Limits by which that share of good reps is called anomalous."""
    faults = list(population.table.faults)
    past = np.concatenate([_visible(part, population) for part in parts])
    scores = np.concatenate([part.scores[part.reps.good & (part.own > 0)] for part in parts])
    score = float(np.quantile(scores, 1 - OF_SCORE * false_alarms))
    spreads = _equal(past, (1 - OF_SETS) * false_alarms, scores > score)
    of_sets = np.concatenate([_visible_of_sets(part, population) for part in parts])
    set_spreads = _equal(of_sets, OF_SETS * false_alarms, np.zeros(len(of_sets), bool))
    return Limits(
        false_alarms=false_alarms,
        score=round(score, 3),
        spreads=dict(zip(faults, spreads.round(3).tolist(), strict=True)),
        set_spreads=dict(zip(faults, set_spreads.round(3).tolist(), strict=True)),
    )


def _equal(past: np.ndarray, budget: float, besides: np.ndarray) -> np.ndarray:
    """(F,) limits that equal shares of the rows (n, F) are past, and all together that share of them.

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
    """(F,) deviates that this share of the good reps in which a fault is looked for is past."""
    found = []
    for column in past.T:
        known = column[np.isfinite(column)]
        found.append(float(np.quantile(known, 1 - share)) if len(known) else 3.0)
    return np.clip(found, LEAST_DEVIATE, MOST_DEVIATE)


def _visible(part: Judged, population: Population) -> np.ndarray:
    """(n, F) deviates of good reps; NaN where a fault is not looked for, 0 where it is not worth saying."""
    rows = part.reps.good & (part.own > 0)
    looked_for = np.array(
        [
            [population.effects(azimuth).get(name, 0.0) >= LEAST_EFFECT for name in population.table.faults]
            for azimuth in part.reps.azimuths_deg[rows].tolist()
        ]
    )
    deviates = np.where(part.amplitudes[rows] > 1, part.deviates[rows], 0.0)
    return np.where(looked_for & np.isfinite(part.deviates[rows]), deviates, np.nan)


def _visible_of_sets(part: Judged, population: Population) -> np.ndarray:
    """(s, F) deviates of the means of good sets; NaN where a fault is not looked for."""
    looked_for = [
        [population.effects(azimuth).get(name, 0.0) >= LEAST_EFFECT for name in population.table.faults]
        for azimuth in part.of_sets_deg.tolist()
    ]
    return np.where(np.array(looked_for), part.of_sets, np.nan)


def _means_of(population: Population, reps: FormReps, lifter: int) -> Iterator[tuple[np.ndarray, float]]:
    """Deviates (F,) of the means of a lifter's good sets by what was known before, and their azimuth."""
    mine = np.flatnonzero(reps.lifters == lifter)
    azimuth = float(np.median(reps.azimuths_deg[mine]))
    band = population.band(azimuth)
    if band is None:
        return
    of_reps = np.clip(vectors_of(population, reps.some(mine)), -WILD, WILD)
    place = {int(row): i for i, row in enumerate(mine)}
    faults = list(population.table.faults)
    for number in np.unique(reps.sets[mine]):
        good = [place[int(row)] for row in mine[(reps.sets[mine] == number) & reps.good[mine]]]
        for context, before in _before(reps, mine, int(number)):
            if context != "session":
                continue
            sets = [of_reps[[place[int(row)] for row in of_set]] for of_set in before]
            own = OwnReps(sets=sets)
            for count in (n for n in SET_REPS if n <= len(good)):
                of_mean = mean_posterior(population.levels(band), own, count)
                found = detect(_taken(of_reps[good[:count]].mean(0), azimuth), of_mean, band)
                deviates = np.zeros(len(faults))
                for one, deviate, amplitude in zip(
                    population.signatures, found.deviates, found.amplitudes, strict=True
                ):
                    at = faults.index(one.fault)
                    deviates[at] = max(deviates[at], deviate if amplitude > 1 else 0.0)
                yield deviates, azimuth


def _of_lifter(population: Population, reps: FormReps, lifter: int) -> Iterator[Row]:
    mine = np.flatnonzero(reps.lifters == lifter)
    band = population.band(float(np.median(reps.azimuths_deg[mine])))
    if band is None:
        return
    vectors = np.clip(vectors_of(population, reps.some(mine)), -WILD, WILD)
    place = {int(row): i for i, row in enumerate(mine)}
    for number in np.unique(reps.sets[mine]):
        rows = mine[reps.sets[mine] == number]
        for context, before in _before(reps, mine, int(number)):
            sets = [vectors[[place[int(row)] for row in of_set]] for of_set in before]
            own: list[int] = []
            of_posterior: Posterior | None = None
            for row in rows.tolist():
                if of_posterior is None:
                    now = vectors[[place[i] for i in own[-MOST_KEPT:]]]
                    of_set = OwnReps(
                        sessions=[sets] if context == "day" else [], sets=sets if context == "session" else [], now=now
                    )
                    of_posterior = posterior(population.levels(band), of_set)
                yield _row(population, reps, row, (context, own), vectors[place[row]], of_posterior)
                if reps.good[row]:
                    own.append(row)
                    of_posterior = None


def _before(reps: FormReps, mine: np.ndarray, number: int) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Contexts that a set can be judged in, with the good reps of the sets that are known in each."""
    session = int(number >= SECOND_SESSION)
    good = {int(s): mine[(reps.sets[mine] == s) & reps.good[mine]][:PROFILE_REPS] for s in np.unique(reps.sets[mine])}
    yield "fresh", []
    same = [rows for s, rows in good.items() if int(s >= SECOND_SESSION) == session and s < number and len(rows) > 1]
    if same:
        yield "session", same[:1]
    other = [
        rows for s, rows in good.items() if int(s >= SECOND_SESSION) != session and s < SECOND_SESSION and len(rows)
    ]
    if other:
        yield "day", other[:1]


def _row(
    population: Population,
    reps: FormReps,
    row: int,
    known: tuple[str, Sequence[int]],
    vector: np.ndarray,
    of_posterior: Posterior,
) -> Row:
    band = population.band(float(reps.azimuths_deg[row])) or population.bands[-1]
    found = detect(_taken(vector, float(reps.azimuths_deg[row])), of_posterior, band)
    faults = list(population.table.faults)
    amplitudes, deviates, spreads = (np.full(len(faults), np.nan) for _ in range(3))
    for column, name in enumerate(faults):
        mine = [i for i, one in enumerate(population.signatures) if one.fault == name]
        if mine:
            best = max(mine, key=lambda i: found.deviates[i])
            amplitudes[column], deviates[column] = found.amplitudes[best], found.deviates[best]
            spreads[column] = found.spreads[best]
        else:
            amplitudes[column], deviates[column], spreads[column] = _plain(population, reps, row, name, known[1])
    score = normal_of_f(found.distance**2, population.distance_freedom, found.freedom)
    return Row(row, known[0], len(known[1]), amplitudes, deviates, spreads, score)


def _plain(
    population: Population, reps: FormReps, row: int, name: str, own: Sequence[int]
) -> tuple[float, float, float]:
    """Amplitude, deviate and spread of a fault that is told by a measure outside the vector, by this set alone."""
    sign = population.table.faults[name].signs[0]
    usual = population.plain_usual(sign.measure, float(reps.azimuths_deg[row]))
    if sign.measure not in OUTSIDE or usual is None:
        return np.nan, np.nan, np.nan
    column = OUTSIDE.index(sign.measure)
    values = np.array([sign.scaled(value) for value in reps.plain[[*own[-MOST_KEPT:], row], column]])
    now = values[:-1][np.isfinite(values[:-1]), None]
    of_measure = posterior(population.plain_levels(usual), OwnReps(now=now))
    spread = float(np.sqrt(of_measure.predictive[0, 0]))
    change = sign.towards(float(values[-1] - of_measure.mean[0]))
    deviate = float(normal_of_t(np.array(change / spread), of_measure.freedom))
    return change / max(sign.least_change, 1e-9), deviate, spread / max(sign.least_change, 1e-9)


def _taken(vector: np.ndarray, azimuth_deg: float) -> RepVector:
    return RepVector(
        vector=vector,
        known=np.ones(len(vector), bool),
        values={},
        fps=30.0,
        azimuth_deg=azimuth_deg,
        mirrored=False,
        start_s=0.0,
        moments_s={},
        trace_s=np.zeros(0),
    )
