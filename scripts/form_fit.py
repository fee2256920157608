"""Fits what form is judged by: a population from synthetic reps. See livecoach.form.population."""

from collections.abc import Iterator, Sequence

import numpy as np
from form_reps import OUTSIDE, FormReps, measure_names

from livecoach.form.measures import FaultTable, load_faults
from livecoach.form.population import Band, PlainUsual, Population
from livecoach.form.taken import compact
from livecoach.form.trace import LENGTH

COMPONENTS = 90
CENTRES_DEG = (0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0)
WIDTH_DEG = 12.0
"""Standard deviation of the weights of reps around a band's centre."""
DIRECTIONS = 15
LEAST_WEIGHT = 0.05
WILD_WITHIN, WILD_BETWEEN, WILD_OFF = 8.0, 12.0, 10.0
"""Spreads of good reps beyond which a deviation counts as that far: tails must not rule a covariance."""
SHRUNK_WITHIN, SHRUNK_BETWEEN, SHRUNK_LIFTERS = 0.1, 0.2, 0.2
"""Share of the off-diagonal of a covariance that is taken for chance."""
LEAST_BETWEEN, LEAST_LIFTERS = 0.02, 0.05
"""Smallest eigenvalue, in squared spreads of good reps."""
RIDGE = 30.0
"""Reps without any deviation that are added to those an estimate is learned from."""
FARTHEST_MARGINS = 4.0
"""Of a true difference, in margins of a fault (three are a severity of 1): what is farther counts as that far. Crossed
knees, as a ratio, would rule everything else."""


def fit(reps: FormReps, exercise: str, plain: dict[str, tuple[PlainUsual, ...]]) -> Population:
    """A population, without limits yet: a score of 1 is one standard deviation. plain: of measures of the back, which
    no motion shows."""
    table, names = load_faults(exercise), measure_names(exercise)
    good = reps.good
    mean = reps.vectors[good, :LENGTH].mean(0, dtype=float)
    basis = _components(reps.vectors[good, :LENGTH] - mean)
    raw = compact(reps.vectors.astype(float), mean, basis)
    middle = np.nanmedian(raw[good], axis=0)
    off_set = np.concatenate([raw[i] - _middle(raw[i]) for i in _good_sets(reps)])
    scale = 1.4826 * np.nanmedian(np.abs(off_set), axis=0) + 1e-6
    vectors = (raw - middle) / scale
    limits = _limits(reps, table, names)
    bands = tuple(_band(reps, vectors, centre, table, limits) for centre in CENTRES_DEG)
    return Population(
        table=table,
        measures=names,
        mean=mean,
        basis=basis,
        middle=middle,
        scale=scale,
        bands=bands,
        plain=plain | _plain(reps, table),
        score_limit=1.0,
        spreads=dict.fromkeys(table.faults, 3.0),
    )


def _middle(rows: np.ndarray) -> np.ndarray:
    """(D,) median of each column of (n, D) over what is known of it, 0 where nothing is."""
    known = np.isfinite(rows).any(0)
    middle = np.zeros(rows.shape[1])
    middle[known] = np.nanmedian(rows[:, known], axis=0)
    return middle


def _components(traces: np.ndarray) -> np.ndarray:
    """(COMPONENTS, LENGTH) of the traces' covariance."""
    _, vectors = np.linalg.eigh(np.cov(traces, rowvar=False))
    return vectors[:, ::-1][:, :COMPONENTS].T


def _good_sets(reps: FormReps) -> Iterator[np.ndarray]:
    """Numbers of the good reps of each set that has three or more."""
    key = reps.lifters * 1000 + reps.sets
    for number in np.unique(key):
        rows = np.flatnonzero((key == number) & reps.good)
        if len(rows) >= 3:
            yield rows


def _band(reps: FormReps, vectors: np.ndarray, centre_deg: float, table: FaultTable, limits: np.ndarray) -> Band:
    weights = np.exp(-0.5 * ((reps.azimuths_deg - centre_deg) / WIDTH_DEG) ** 2)
    rows = [i for i in _good_sets(reps) if weights[i].mean() >= LEAST_WEIGHT]
    means = np.array([_middle(vectors[i]) for i in rows])
    of_set = np.array([weights[i].mean() for i in rows])
    lifters = np.array([reps.lifters[i[0]] for i in rows])
    within = _within(vectors, rows, means, of_set)
    between, usual, of_lifters = _levels(means, of_set, lifters, within)
    spread, cross, variance = _off(reps, vectors, weights, limits)
    return Band(
        azimuth_deg=centre_deg,
        usual=usual,
        within=within,
        between=between,
        lifters=of_lifters,
        spread=spread,
        cross=cross,
        variance=variance,
        directions=_directions(of_lifters, within + between, len(vectors[0])),
        effects=np.zeros(len(table.faults)),
    )


def _within(vectors: np.ndarray, rows: list[np.ndarray], means: np.ndarray, weights: np.ndarray) -> np.ndarray:
    total, freedom = np.zeros((vectors.shape[1],) * 2), 0.0
    for i, mean, weight in zip(rows, means, weights, strict=True):
        off = np.nan_to_num(np.clip(vectors[i] - mean, -WILD_WITHIN, WILD_WITHIN))
        total += weight * off.T @ off
        freedom += weight * (len(i) - 1)
    return _shrunk(total / freedom, SHRUNK_WITHIN, 0.0)


def _levels(
    means: np.ndarray, weights: np.ndarray, lifters: np.ndarray, within: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariance of sets around their lifters, mean and covariance of lifters."""
    total, freedom, of_lifter, weight_of = np.zeros_like(within), 0.0, [], []
    for lifter in np.unique(lifters):
        i = lifters == lifter
        middle, weight = means[i].mean(0), weights[i].mean()
        off = np.clip(means[i] - middle, -WILD_BETWEEN, WILD_BETWEEN)
        total += weight * off.T @ off
        freedom += weight * (i.sum() - 1)
        of_lifter.append(middle)
        weight_of.append(weight)
    middles, weight = np.array(of_lifter), np.array(weight_of) / np.sum(weight_of)
    usual = weight @ middles
    around = ((middles - usual) * weight[:, None]).T @ (middles - usual)
    # A set's own median wanders by the spread within it; sets have five good reps, about.
    between = _shrunk(total / freedom - within / 5, SHRUNK_BETWEEN, LEAST_BETWEEN)
    return between, usual, _shrunk(around, SHRUNK_LIFTERS, LEAST_LIFTERS)


def _limits(reps: FormReps, table: FaultTable, names: Sequence[str]) -> np.ndarray:
    """(M,) farthest true difference of each measure."""
    off = np.concatenate([reps.true[i] - np.nanmedian(reps.true[i], axis=0) for i in _good_sets(reps)])
    spreads = 1.4826 * np.nanmedian(np.abs(off), axis=0)
    smallest = []
    for name in names:
        sizes = [abs(np.log(s.smallest)) if s.by == "factor" else s.smallest for s in table.signs[name]]
        smallest.append(max(sizes))
    return FARTHEST_MARGINS * np.maximum(smallest, 3 * spreads)


def _off(
    reps: FormReps, vectors: np.ndarray, weights: np.ndarray, limits: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How reps are off their set's good ones: as estimated, times truly, and truly."""
    seen, true, weight = [], [], []
    key = reps.lifters * 1000 + reps.sets
    for good in _good_sets(reps):
        i = np.flatnonzero(key == key[good[0]])
        seen.append(np.nan_to_num(np.clip(vectors[i] - _middle(vectors[good]), -WILD_OFF, WILD_OFF)))
        true.append(reps.true[i] - np.nanmedian(reps.true[good], axis=0))
        weight.append(weights[i])
    a, y, w = np.concatenate(seen), np.concatenate(true), np.concatenate(weight)
    total = w.sum()
    spread = (a * w[:, None]).T @ a / total + RIDGE / total * np.eye(a.shape[1])
    cross, variance = np.zeros((a.shape[1], y.shape[1])), np.zeros(y.shape[1])
    for measure in range(y.shape[1]):
        known = np.isfinite(y[:, measure])
        values, of_value = np.clip(y[known, measure], -limits[measure], limits[measure]), w[known]
        cross[:, measure] = (a[known] * of_value[:, None]).T @ values / of_value.sum()
        variance[measure] = of_value @ values**2 / of_value.sum()
    return spread, cross, variance


def _directions(lifters: np.ndarray, noise: np.ndarray, dimensions: int) -> np.ndarray:
    """(D, DIRECTIONS) along which lifters differ most beside the noise, in what is no measure: the generalized
    eigenvectors of Fisher's discriminant analysis."""
    traced = COMPONENTS + 2
    low = np.linalg.cholesky(noise[:traced, :traced])
    inverse = np.linalg.inv(low)
    _, vectors = np.linalg.eigh(inverse @ lifters[:traced, :traced] @ inverse.T)
    found = np.zeros((dimensions, DIRECTIONS))
    found[:traced] = inverse.T @ vectors[:, ::-1][:, :DIRECTIONS]
    return found


def _plain(reps: FormReps, table: FaultTable) -> dict[str, tuple[PlainUsual, ...]]:
    """Of the measures outside the vector that motion shows, and that are set against one's own."""
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
    sets = [values[i][np.isfinite(values[i])] for i in _good_sets(reps) if near[i].all()]
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
    """Standard deviation by the 95th percentile of what is off: tails count, wild values do not."""
    return float(np.quantile(np.abs(off), 0.95) / 1.96)


def _shrunk(covariance: np.ndarray, share: float, least: float) -> np.ndarray:
    """A covariance with its off-diagonal made smaller, and no eigenvalue under the least."""
    covariance = (1 - share) * (covariance + covariance.T) / 2 + share * np.diag(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.maximum(values, max(least, 1e-4))) @ vectors.T
