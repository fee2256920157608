"""A small population made by hand, with round figures, and reps to compare with it. Nothing of it is trained."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from builders.observations import a_set
from builders.steps import a_view
from builders.stick_figure import Lift, bends
from livecoach.judging.judge import Reference
from livecoach.judging.population import Band, PlainUsual, Population, Signature
from livecoach.judging.posterior import Posterior, ScatterPrior
from livecoach.judging.rep_vector import RepVector, compact
from livecoach.rep.features import rep_features
from livecoach.rep.measures import MEASURES, FaultTable, Sign, load_faults
from livecoach.rep.trajectory_vector import LENGTH, MOMENTS
from livecoach.rep.view_normalised import NormalisedRep, normalised_rep
from livecoach.types import Observation, RepWindow

COMPONENTS = 4
CERTAIN = 1e9
"""Degrees of freedom of a scatter that is known, with which Student's t is a normal distribution."""
OUTSIDE = ("dorsal_sagitta", "pelvic_tuck", "ankle_displacement", "floor_pause_s")
"""Measures that are not part of the vector, as in the shipped populations."""
SPREAD_OF = {"deg": 2.0, "torso": 0.02, "s": 0.05, "1": 0.05, "torso/s²": 0.2}
"""Unit of a measure → its spread over good reps."""
TREMBLING = 0.01
"""Spread, in torso lengths, of a stick figure's trace along one component."""


def a_kept_rep(
    *,
    azimuth_deg: float = 30.0,
    set_name: str = "1",
    lift: Lift = "deadlift",
    deepest_deg: tuple[float, float, float] | None = None,
    seed: int = 0,
    fps: float = 30.0,
    **changes: object,
) -> RepWindow:
    """One rep of a stick figure with what was seen before and after it, from .8 s to 3.2 s."""
    rest = 1.0 if lift == "deadlift" else 0.0
    curve = bends(reps=1, rest=rest, fps=fps)
    seen = a_set(curve, lift=lift, fps=fps, view_deg=azimuth_deg, seed=seed, deepest_deg=deepest_deg)
    return replace(kept(seen, azimuth_deg=azimuth_deg, set_name=set_name), **changes)  # type: ignore[arg-type]


def kept(observations: Sequence[Observation], *, azimuth_deg: float = 30.0, set_name: str = "1") -> RepWindow:
    """Those observations as a rep from .8 s to 3.2 s with its turn in the middle."""
    return RepWindow(
        observations=tuple(observations),
        start_s=0.8,
        turn_s=2.0,
        end_s=3.2,
        view=a_view(azimuth_deg),
        set_name=set_name,
        pose="lite",
    )


def a_normalised_rep(**rep: object) -> NormalisedRep:
    """Return the rep of `a_kept_rep`, ready to be measured."""
    found = normalised_rep(a_kept_rep(**rep))  # type: ignore[arg-type]
    assert found is not None
    return found


def a_band(signatures: np.ndarray, faults: int, *, azimuth_deg: float = 30.0, effect: float = 5.0) -> Band:
    """Return a band of azimuths whose covariances are multiples of the identity."""
    length = signatures.shape[1]
    return Band(
        azimuth_deg=azimuth_deg,
        usual=np.zeros(length),
        within=np.eye(length),
        sets=0.25 * np.eye(length),
        sessions=0.25 * np.eye(length),
        lifters=25.0 * np.eye(length),
        signatures=signatures,
        directions=np.eye(length)[:, :COMPONENTS],
        effects=np.full(faults, effect),
    )


def signatures_of(
    table: FaultTable, measures: Sequence[str], scale: np.ndarray
) -> tuple[tuple[Signature, ...], np.ndarray]:
    """A signature for each sign of each fault, both sides where it has two: the measure's two parts change by what is
    just worth saying, and nothing else does. A fault that all of its signs tell has one signature."""
    found, rows, count = [], [], len(measures)
    for fault, named in table.faults.items():
        shown = [(number, sign) for number, sign in enumerate(named.signs) if sign.measure in measures]
        for number, sign in shown[:1] if named.told_by != "any" else shown:
            for side in (1.0, -1.0) if sign.side == "either" else (1.0 if sign.side == "more" else -1.0,):
                row = np.zeros(len(scale))
                for _, other in shown if named.told_by == "all" else [(number, sign)]:
                    column = COMPONENTS + 2 + measures.index(other.measure)
                    towards = side if other is sign else (1.0 if other.side == "more" else -1.0)
                    row[[column, column + count]] = towards * _change(other, scale[column]) / scale[column]
                column = COMPONENTS + 2 + measures.index(sign.measure)
                found.append(Signature(fault=fault, sign=number, change=side * _change(sign, scale[column])))
                rows.append(row)
    return tuple(found), np.array(rows)


def _change(sign: Sign, spread: float) -> float:
    """Return the least change worth saying; where none is given, eight spreads, as the stick figure trembles."""
    return sign.least_change or 8 * spread


def a_population(
    table: FaultTable | None = None,
    *,
    azimuths_deg: Sequence[float] = (30.0,),
    effect: float = 5.0,
    plain: Mapping[str, tuple[PlainUsual, ...]] | None = None,
    **changes: object,
) -> Population:
    """A population whose everybody lifts as the stick figure does; score 1 is 3 standard deviations away."""
    table = table or load_faults("deadlift")
    plain = plain or {}
    outside = {*OUTSIDE, *plain}
    measures = tuple(name for name in table.signs if name not in outside)
    spreads = [_spread(table, name) for name in measures]
    mean, middle = _of_the_figure(table.travel, measures, table)
    scale = np.concatenate([np.full(COMPONENTS, TREMBLING), [0.1, 0.1], spreads, spreads])
    signatures, rows = signatures_of(table, measures, scale)
    population = Population(
        table=table,
        measures=measures,
        mean=mean,
        basis=a_basis(),
        middle=middle,
        scale=scale,
        bands=tuple(a_band(rows, len(table.faults), azimuth_deg=a, effect=effect) for a in azimuths_deg),
        plain=dict(plain),
        signatures=signatures,
        scatter=ScatterPrior(freedom=60.0, of_rep=5.0),
        distance_freedom=4.0,
        score_limit=3.0,
        spreads=dict.fromkeys(table.faults, 3.0),
        set_spreads=dict.fromkeys(table.faults, 3.0),
    )
    return replace(population, **changes)  # type: ignore[arg-type]


def a_plain_usual(**changes: float) -> PlainUsual:
    """Return what is usual of a measure in torso lengths."""
    fields = {"azimuth_deg": 30.0, "usual": 0.02, "within": 0.004, "between": 0.003, "lifters": 0.01, "effect": 5.0}
    return PlainUsual(**{**fields, **changes})


@cache
def a_basis() -> np.ndarray:
    """Return a basis, (COMPONENTS, LENGTH), of orthonormal rows."""
    columns, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(LENGTH, COMPONENTS)))
    return columns.T


def a_taken(population: Population, *, values: Mapping[str, float] | None = None, **changes: object) -> RepVector:
    """A rep at the very middle of the population, with 1 for every measure."""
    length = len(population.middle)
    rep = RepVector(
        mirrored=False,
        vector=np.zeros(length),
        known=np.ones(length, bool),
        values={**dict.fromkeys(population.table.signs, 1.0), **(values or {})},
        fps=30.0,
        azimuth_deg=30.0,
        start_s=10.0,
        moments_s={"lift_off": 10.2, "lockout": 11.5},
        trace_s=np.linspace(10.0, 12.0, 2 * MOMENTS),
    )
    return replace(rep, **changes)  # type: ignore[arg-type]


def off_by(population: Population, **changes: float) -> np.ndarray:
    """(D,) a vector in which measures are off what is usual, scaled as their signs say, in both of their parts."""
    vector, count = np.zeros(len(population.middle)), len(population.measures)
    for name, change in changes.items():
        column = COMPONENTS + 2 + population.measures.index(name)
        vector[[column, column + count]] = change / population.scale[column]
    return vector


def a_posterior(mean: np.ndarray, predictive: np.ndarray, **changes: object) -> Posterior:
    """Return the posterior of a lifter who is known for certain: the next rep differs as `predictive` says."""
    known = Posterior(
        mean=mean, covariance=np.zeros_like(predictive), predictive=predictive, scatter=1.0, freedom=CERTAIN
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def a_reference(population: Population, **changes: object) -> Reference:
    """A lifter who is known for certain, and lifts as everybody does."""
    band = population.bands[0]
    reference = Reference(
        band=band,
        posterior=a_posterior(np.zeros_like(band.usual), band.within),
        plain={
            name: a_posterior(np.array([bands[0].usual]), np.array([[bands[0].within ** 2]]))
            for name, bands in population.plain.items()
        },
        effects=population.effects(30.0),
        usual=dict.fromkeys(population.table.signs, 1.0),
        own=True,
        before=None,
        set_vectors=np.empty((0, len(band.usual))),
    )
    return replace(reference, **changes)  # type: ignore[arg-type]


def _spread(table: FaultTable, measure: str) -> float:
    return 0.1 if table.signs[measure][0].by == "factor" else SPREAD_OF[MEASURES[measure].unit]


@cache
def _figure(lift: Lift) -> NormalisedRep:
    return a_normalised_rep(lift=lift)


def _of_the_figure(travel: str, measures: tuple[str, ...], table: FaultTable) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean trace and the middle of the vectors: those of the stick figure's own rep."""
    vector = rep_features(_figure("deadlift" if travel == "bar" else "squat"), None, table, measures).vector
    mean = vector[:LENGTH]
    return mean, np.nan_to_num(compact(vector, mean, a_basis()))
