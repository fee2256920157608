"""Reps of lifters that a population has not seen, judged against their own good reps as they come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach.judging.detection import detect
from livecoach.judging.population import Population
from livecoach.judging.posterior import OwnReps, Posterior, normal_of_f, normal_of_t, posterior
from livecoach.judging.reference import MOST_KEPT, mean_posterior
from livecoach.judging.rep_vector import WILD, RepVector
from livecoach.lab.train.population_fit import vectors_of
from livecoach.lab.train.population_reps import OUTSIDE, SECOND_SESSION, FormReps, lifter_seed
from livecoach.synth.figure.body import TRAINING
from livecoach.synth.sets import body_of

PROFILE_REPS = 5
SET_REPS = (1, 2, 3, 5)
"""Reps of a set by whose mean it is judged."""


class Row(NamedTuple):
    """A rep, judged by the posterior of its lifter."""

    rep: int
    context: str
    """What is known of the lifter before the set: nothing ("fresh"), a set of the same session ("session"), sets of
    another day ("day")."""
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
    """All judged reps as arrays of n rows."""

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
    """Judge each set in each context; truly good reps go into the reference as they come."""
    rows = [row for group in np.unique(reps.groups) for row in _of_lifter(population, reps, int(group))]
    numbers, contexts, own, amplitudes, deviates, spreads, scores = zip(*rows, strict=True)
    means = [one for group in np.unique(reps.groups) for one in _means_of(population, reps, int(group))]
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
    """Return (n,) which reps are of lifters whose body is in that half of the training bodies."""
    bodies = [TRAINING.index(body_of(lifter_seed(seed, number), "training")) for number in reps.lifters.tolist()]
    mine: np.ndarray = np.array(bodies) % 2 == half
    return mine


def _means_of(population: Population, reps: FormReps, group: int) -> Iterator[tuple[np.ndarray, float]]:
    """Yield the deviates (F,) of the means of a lifter's good sets by what was known before, and their azimuth.

    group: of FormReps.groups.
    """
    mine = np.flatnonzero(reps.groups == group)
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


def _of_lifter(population: Population, reps: FormReps, group: int) -> Iterator[Row]:
    mine = np.flatnonzero(reps.groups == group)
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
    """Yield the contexts that a set can be judged in, with the good reps of the sets that are known in each."""
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
    """Return amplitude, deviate and spread of a fault that a measure outside the vector shows, by this set alone."""
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
