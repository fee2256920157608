"""Fit what form is judged by: a population from synthetic reps. See livecoach.judging.population."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import polygamma

from livecoach.judging.population import Band, PlainUsual, Population
from livecoach.judging.posterior import WILD_SQUARE, ScatterPrior
from livecoach.judging.rep_vector import compact
from livecoach.lab.train.population_reps import OUTSIDE, SECOND_SESSION, FormReps, measure_names
from livecoach.lab.train.signatures import SignatureReps, signature, signatures_of
from livecoach.rep.measures import FaultTable
from livecoach.rep.trajectory_vector import LENGTH

COMPONENTS = 48
CENTRES_DEG = (0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0)
WIDTH_DEG = 20.0
"""Standard deviation of the weights of reps around a band's centre."""
DIRECTIONS = 15
LEAST_WEIGHT = 0.05
WILD_WITHIN, WILD_BETWEEN, WILD_OFF = 8.0, 15.0, 15.0
"""Spreads of good reps beyond which a deviation counts as that far: tails must not rule a covariance."""
SHRUNK_WITHIN, SHRUNK_BETWEEN, SHRUNK_LIFTERS = 0.1, 0.2, 0.2
"""Share of the off-diagonal of a covariance that is taken for chance."""
LEAST_BETWEEN, LEAST_LIFTERS = 0.02, 0.05
"""Smallest eigenvalue, in squared spreads of good reps."""
LEAST_REPS = 3
"""Good reps of a set that tells of the scatter within it."""
ROUNDS = 3
"""In which the covariance within sets and the scatter of each are told from each other."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GoodSet:
    """The good reps of one set, with the same leg in front."""

    rows: np.ndarray
    lifter: int
    """Its number of FormReps.groups: with the other leg in front he counts as another lifter."""
    session: int
    scatter: float = 1.0


def fit(reps: FormReps, table: FaultTable, plain: dict[str, tuple[PlainUsual, ...]]) -> Population:
    """Fit a population, without limits yet. plain: of measures of the back, which no motion shows."""
    names = measure_names(table)
    good = reps.good
    mean = reps.vectors[good, :LENGTH].mean(0, dtype=float)
    basis = _components(reps.vectors[good, :LENGTH] - mean)
    raw = compact(reps.vectors.astype(float), mean, basis)
    middle = np.nanmedian(raw[good], axis=0)
    rows = list(_good_rows(reps))
    off_set = np.concatenate([raw[i] - _middle(raw[i]) for i in rows])
    scale = 1.4826 * np.nanmedian(np.abs(off_set), axis=0) + 1e-6
    vectors = np.nan_to_num((raw - middle) / scale)
    sets = [_good_set(reps, i) for i in rows]
    within, sets = _within(vectors, sets, np.ones(len(vectors)))
    told = signatures_of(reps, table, names)
    bands = tuple(_band(reps, vectors, sets, centre, told) for centre in CENTRES_DEG)
    return Population(
        table=table,
        measures=names,
        mean=mean,
        basis=basis,
        middle=middle,
        scale=scale,
        bands=bands,
        plain=plain | _plain(reps, table),
        signatures=tuple(one.signature for one in told),
        scatter=_scatter_prior(vectors, sets, within),
        distance_freedom=max(_distance_freedom(vectors, sets, bands), 3.0),
        score_limit=3.0,
        spreads=dict.fromkeys(table.faults, 3.0),
        set_spreads=dict.fromkeys(table.faults, 3.0),
    )


def vectors_of(population: Population, reps: FormReps) -> np.ndarray:
    """Return (n, D) the reps on the population's scale; 0 where unknown."""
    raw = compact(reps.vectors.astype(float), population.mean, population.basis)
    return np.nan_to_num((raw - population.middle) / population.scale)


def _middle(rows: np.ndarray) -> np.ndarray:
    """Return (D,) the median of what is known of each column of (n, D); 0 where nothing is."""
    known = np.isfinite(rows).any(0)
    middle = np.zeros(rows.shape[1])
    middle[known] = np.nanmedian(rows[:, known], axis=0)
    return middle


def _components(traces: np.ndarray) -> np.ndarray:
    """Return (COMPONENTS, LENGTH) the largest principal components of the traces."""
    _, vectors = np.linalg.eigh(np.cov(traces, rowvar=False))
    return vectors[:, ::-1][:, :COMPONENTS].T


def _good_rows(reps: FormReps) -> Iterator[np.ndarray]:
    """Yield the numbers of the good reps of each set that has enough of them, with the same leg in front."""
    key = reps.groups * 1000 + reps.sets
    for number in np.unique(key):
        rows = np.flatnonzero((key == number) & reps.good)
        if len(rows) >= LEAST_REPS:
            yield rows


def _good_set(reps: FormReps, rows: np.ndarray) -> GoodSet:
    session = int(reps.sets[rows[0]] >= SECOND_SESSION)
    return GoodSet(rows=rows, lifter=int(reps.groups[rows[0]]), session=session)


def _band(
    reps: FormReps, vectors: np.ndarray, all_sets: Sequence[GoodSet], centre_deg: float, told: Sequence[SignatureReps]
) -> Band:
    weights = np.exp(-0.5 * ((reps.azimuths_deg - centre_deg) / WIDTH_DEG) ** 2)
    near = [one for one in all_sets if weights[one.rows].mean() >= LEAST_WEIGHT]
    within, sets = _within(vectors, near, weights)
    of_sets = _shrunk(_between(vectors, sets, weights, within, same=True), SHRUNK_BETWEEN, LEAST_BETWEEN)
    of_days = _between(vectors, sets, weights, within, same=False) - of_sets
    usual, of_lifters = _lifters(vectors, sets, weights)
    off, scatters = _off(reps, vectors, sets)
    faulty = off[~reps.good & np.isfinite(scatters) & (weights >= LEAST_WEIGHT)]
    # Where no fault is named, lifters tell in which ways the lift can be done otherwise.
    otherwise = faulty.T @ faulty / len(faulty) if len(faulty) else of_lifters
    of_faults = [signature(one, off, weights / scatters) for one in told]
    return Band(
        azimuth_deg=centre_deg,
        usual=usual,
        within=within,
        sets=of_sets,
        sessions=_shrunk(of_days, SHRUNK_BETWEEN, LEAST_BETWEEN),
        lifters=of_lifters,
        signatures=np.array(of_faults).reshape(len(told), vectors.shape[1]),
        directions=_directions(otherwise, within + of_sets),
        effects=np.zeros(reps.severities.shape[1]),
    )


def _within(vectors: np.ndarray, sets: Sequence[GoodSet], weights: np.ndarray) -> tuple[np.ndarray, list[GoodSet]]:
    """Return the covariance within sets for a scatter of 1, and the sets with their scatter, which is 1 as a rule."""
    scatters = np.ones(len(sets))
    of_set = np.array([weights[one.rows].mean() for one in sets])
    for _ in range(ROUNDS):
        total, freedom = np.zeros((vectors.shape[1],) * 2), 0.0
        for one, scatter, weight in zip(sets, scatters, of_set, strict=True):
            off = np.clip(vectors[one.rows] - vectors[one.rows].mean(0), -WILD_WITHIN, WILD_WITHIN)
            total += weight * off.T @ off / scatter
            freedom += weight * (len(off) - 1)
        covariance = _shrunk(total / freedom, SHRUNK_WITHIN, 0.0)
        squares = [_squares(vectors[one.rows], np.diag(covariance)) for one in sets]
        scatters = np.array([row.sum() / (len(row) - 1) for row in squares])
        usual = np.exp(np.average(np.log(scatters), weights=of_set))
        covariance, scatters = covariance * usual, scatters / usual
    known = [
        GoodSet(rows=one.rows, lifter=one.lifter, session=one.session, scatter=float(scatter))
        for one, scatter in zip(sets, scatters, strict=True)
    ]
    return covariance, known


def _squares(rows: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Return (n,) how far the reps of a set (n, D) are off their median: the mean square, as posterior.scatter_of."""
    found: np.ndarray = np.minimum((rows - np.median(rows, axis=0)) ** 2 / variances, WILD_SQUARE).mean(1)
    return found


def _between(
    vectors: np.ndarray, sets: Sequence[GoodSet], weights: np.ndarray, within: np.ndarray, *, same: bool
) -> np.ndarray:
    """Return the covariance of a lifter's sets around their mean, in one session (same) or in two."""
    total, count = np.zeros_like(within), 0.0
    for lifter in {one.lifter for one in sets}:
        mine = [one for one in sets if one.lifter == lifter]
        for i, first in enumerate(mine):
            for second in mine[i + 1 :]:
                if (first.session == second.session) != same:
                    continue
                medians = [np.median(vectors[one.rows], axis=0) for one in (first, second)]
                off = np.clip(medians[0] - medians[1], -WILD_BETWEEN, WILD_BETWEEN)
                chance = sum(one.scatter / len(one.rows) for one in (first, second))
                weight = weights[first.rows].mean() / len(mine)
                total += weight * 0.5 * (np.outer(off, off) - chance * within)
                count += weight
    between: np.ndarray = total / count
    return between


def _lifters(vectors: np.ndarray, sets: Sequence[GoodSet], weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the covariance of lifters."""
    middles, of_lifter = [], []
    for lifter in sorted({one.lifter for one in sets}):
        mine = [one for one in sets if one.lifter == lifter]
        middles.append(np.mean([np.median(vectors[one.rows], axis=0) for one in mine], axis=0))
        of_lifter.append(np.mean([weights[one.rows].mean() for one in mine]))
    rows, weight = np.array(middles), np.array(of_lifter) / np.sum(of_lifter)
    usual = weight @ rows
    around = ((rows - usual) * weight[:, None]).T @ (rows - usual)
    return usual, _shrunk(around, SHRUNK_LIFTERS, LEAST_LIFTERS)


def _off(reps: FormReps, vectors: np.ndarray, sets: Sequence[GoodSet]) -> tuple[np.ndarray, np.ndarray]:
    """Return how far all reps are off the good ones of their set, and the set's scatter; NaN for unknown."""
    off, scatters = np.zeros_like(vectors), np.full(len(vectors), np.nan)
    key = reps.groups * 1000 + reps.sets
    for one in sets:
        rows = np.flatnonzero(key == key[one.rows[0]])
        off[rows] = np.clip(vectors[rows] - np.median(vectors[one.rows], axis=0), -WILD_OFF, WILD_OFF)
        scatters[rows] = one.scatter
    return off, scatters


def _directions(otherwise: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return (D, DIRECTIONS) the directions in which reps that are done otherwise differ most beside the noise.

    These are the generalized eigenvectors of Fisher's discriminant analysis.
    """
    inverse = np.linalg.inv(np.linalg.cholesky(noise))
    _, vectors = np.linalg.eigh(inverse @ otherwise @ inverse.T)
    found: np.ndarray = inverse.T @ vectors[:, ::-1][:, :DIRECTIONS]
    return found


def _scatter_prior(vectors: np.ndarray, sets: Sequence[GoodSet], within: np.ndarray) -> ScatterPrior:
    """Estimate the prior by moments: of the squares of reps within a set, and of the logarithms of the scatters."""
    squares = [_squares(vectors[one.rows], np.diag(within)) for one in sets]
    of_rep = 2 / float(np.mean([row.var(ddof=1) / row.mean() ** 2 for row in squares]))
    logs = np.log([one.scatter for one in sets])
    chance = float(np.mean([polygamma(1, of_rep * (len(one.rows) - 1) / 2) for one in sets]))
    left = max(float(np.var(logs)) - chance, 0.05)
    freedom = brentq(lambda f: float(polygamma(1, f / 2)) - left, 0.2, 200.0)
    return ScatterPrior(freedom=round(max(float(freedom), 3.0), 2), of_rep=round(of_rep, 2))


def _distance_freedom(vectors: np.ndarray, sets: Sequence[GoodSet], bands: Sequence[Band]) -> float:
    """Estimate the degrees of freedom of a good rep's squared distance along the directions, by moments."""
    middle = bands[len(bands) // 2]
    along = middle.directions
    inverse = np.linalg.inv(along.T @ middle.within @ along)
    found = []
    for one in sets:
        off = (vectors[one.rows] - vectors[one.rows].mean(0)) @ along
        squares = np.einsum("ij,jk,ik->i", off, inverse, off)
        found.append(squares.var(ddof=1) / squares.mean() ** 2)
    return round(2 / float(np.mean(found)), 2)


def _plain(reps: FormReps, table: FaultTable) -> dict[str, tuple[PlainUsual, ...]]:
    """Return what is usual of the measures outside the vector that motion shows and that one's own reps judge."""
    found = {}
    for column, name in enumerate(OUTSIDE):
        if name not in table.signs or table.signs[name][0].by == "limit":
            continue
        values = np.array([table.signs[name][0].scaled(value) for value in reps.plain[:, column]])
        if np.isfinite(values).any():
            found[name] = tuple(_plain_band(reps, values, centre) for centre in CENTRES_DEG)
    return found


def _plain_band(reps: FormReps, values: np.ndarray, centre_deg: float) -> PlainUsual:
    near = np.abs(reps.azimuths_deg - centre_deg) <= 1.5 * WIDTH_DEG
    sets = [values[i][np.isfinite(values[i])] for i in _good_rows(reps) if near[i].all()]
    off = np.concatenate([of_set - np.median(of_set) for of_set in sets if len(of_set)])
    means = np.array([np.median(of_set) for of_set in sets if len(of_set)])
    within, among = _robust(off), _robust(means - np.median(means))
    return PlainUsual(
        azimuth_deg=centre_deg,
        usual=float(np.median(means)),
        within=within,
        between=among / np.sqrt(2),
        lifters=among / np.sqrt(2),
        effect=0.0,
    )


def _robust(off: np.ndarray) -> float:
    """Return the standard deviation by the 95th percentile: tails count, wild values do not."""
    return float(np.quantile(np.abs(off), 0.95) / 1.96)


def _shrunk(covariance: np.ndarray, share: float, least: float) -> np.ndarray:
    """Return a covariance with a smaller off-diagonal, and no eigenvalue under the least."""
    covariance = (1 - share) * (covariance + covariance.T) / 2 + share * np.diag(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.maximum(values, max(least, 1e-4))) @ vectors.T
