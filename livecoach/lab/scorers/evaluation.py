"""Evaluates the scorers of a model folder on the test part of a dataset."""

from pathlib import Path
from typing import Any

import numpy as np

from livecoach.anomaly import scoring
from livecoach.errors import ModelError
from livecoach.judging import population_file
from livecoach.judging.detection import detect
from livecoach.judging.judge import UNKNOWN_LIFTER
from livecoach.judging.population import Band, Population
from livecoach.judging.posterior import OwnReps, Posterior, posterior
from livecoach.judging.rep_vector import WILD, RepVector, compact
from livecoach.lab.dataset import Dataset, Reps
from livecoach.lab.scorers import compare
from livecoach.lab.scorers.card import figure_table, group_table
from livecoach.lab.scorers.references import Comparison, comparisons
from livecoach.rep.measures import load_faults

AUTOENCODER, OWN = "autoencoder", "own reference"


def evaluate(dataset: Dataset, folder: Path) -> dict[str, Any]:
    """Return figures of the autoencoder and of the own reference with different numbers of own reps.

    They apply to the shipped limits. Raises ModelError if the dataset can't be used.
    """
    test = dataset.part("test")
    scorer, card = scoring.load(folder)
    if card.name != dataset.exercise:
        raise ModelError(
            f"{folder}: the model is for {card.name}, but the dataset for {dataset.exercise}. Choose another --model."
        )
    if not (test.good.any() and test.bad.any()):
        raise ModelError("dataset: the test part needs both good and bad reps.")
    population = population_file.load(folder, load_faults(dataset.exercise))
    outcomes = []
    rows = compare.judged_rows(test)
    scores = np.array([scorer.score(tensor).value for tensor in test.tensors[rows]])
    outcomes.append(_outcome(AUTOENCODER, compare.TENSORS, compare.Setting(own=0), scores, rows))
    outcomes += own_reference(test, population)
    usual = [one for one in outcomes if one.setting == compare.Setting(own=compare.USUAL_OWN)]
    return {
        "synthetic": dataset.synthetic,
        "digest": dataset.digest(),
        "model": card.version,
        "figures": [compare.figures(test, one, 0) for one in outcomes],
        "own_by": compare.by_group(test, usual[0], 0) if usual else {},
        "autoencoder_by": compare.by_group(test, outcomes[0], 0),
    }


def own_reference(test: Reps, population: Population) -> list[compare.Outcome]:
    """Return the outcomes of the own reference with different numbers of own reps of other sets and the same set."""
    settings = [compare.Setting(own=own, now=now) for now in (0, compare.OF_THIS_SET) for own in compare.OWN]
    found = [_of_own(test, population, setting) for setting in settings]
    return [one for one in found if one is not None]


def text(figures: dict[str, Any]) -> str:
    """Format the figures as tables."""
    parts = [figure_table(figures["figures"])]
    if figures["own_by"]:
        parts += ["Own reference, five own reps of other sets:", group_table(figures["own_by"])]
    parts += ["Autoencoder:", group_table(figures["autoencoder_by"])]
    return "\n\n".join(parts)


def _outcome(kind: str, values: str, setting: compare.Setting, scores: np.ndarray, rows: np.ndarray) -> compare.Outcome:
    return compare.Outcome(kind=kind, values=values, setting=setting, scores=scores, rows=rows)


def _of_own(test: Reps, population: Population, setting: compare.Setting) -> compare.Outcome | None:
    """Score the test reps against the own reference; None if no lifter has enough good reps."""
    found = comparisons(test, setting.own, reserved=compare.reserved_for(test), now=setting.now)
    vectors = _taken(test, population)
    posteriors: dict[tuple[float, bytes, bytes], Posterior] = {}  # reps of one set share a reference
    scores, rows = [], []
    for one in found:
        band = population.band(float(test.azimuths_deg[one.row]))
        if band is None:
            continue
        key = band.azimuth_deg, one.own.tobytes(), one.now.tobytes()
        if key not in posteriors:
            posteriors[key] = _posterior(one, test, vectors, population, band)
        scores.append(_score(one, test, vectors, posteriors[key], population, band))
        rows.append(one.row)
    if not rows or not (test.good[rows].any() and test.bad[rows].any()):
        return None
    return _outcome(OWN, compare.TRAJECTORIES, setting, np.array(scores), np.array(rows))


def _posterior(one: Comparison, test: Reps, vectors: np.ndarray, population: Population, band: Band) -> Posterior:
    """Return the posterior of a reference; each set counts as a session, as datasets do not store sessions."""
    sets = [one.own[test.sets[one.own] == name] for name in np.unique(test.sets[one.own])]
    return posterior(
        population.levels(band), OwnReps(sessions=[[vectors[rows]] for rows in sets], now=vectors[one.now])
    )


def _score(
    one: Comparison, test: Reps, vectors: np.ndarray, of: Posterior, population: Population, band: Band
) -> float:
    """Return the distance from the reference, 1 at the limit, without named faults, as datasets store no measures."""
    rep = RepVector(
        vector=vectors[one.row],
        known=np.ones(vectors.shape[1], bool),
        values={},
        fps=30.0,
        azimuth_deg=float(test.azimuths_deg[one.row]),
        mirrored=False,
        start_s=float(test.times_s[one.row][0]),
        moments_s={},
        trace_s=np.zeros(0),
    )
    found = detect(rep, of, band)
    wider = 1.0 if len(one.own) + len(one.now) else UNKNOWN_LIFTER
    return found.distance / found.distance_at(population.score_limit, population) / wider


def _taken(test: Reps, population: Population) -> np.ndarray:
    """Return the vectors of the reps, (n, D), with mean values for measures, as datasets store none."""
    count = len(population.middle) - len(population.basis) - 2
    raw = np.concatenate([test.forms.astype(np.float64), np.zeros((len(test), count))], 1)
    vectors = (compact(raw, population.mean, population.basis) - population.middle) / population.scale
    vectors[:, -count:] = 0.0
    return np.clip(vectors, -WILD, WILD)
