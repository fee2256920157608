"""Evaluates the scorer of a model folder on the test part of a dataset, in the same way as the pipeline.

The first good reps of a set are the reference of its other reps.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from livecoach.core.errors import ModelError, SourceError
from livecoach.core.model_files import model_folder
from livecoach.core.types.message import count_noun
from livecoach.decisions.judging.fault_model import LEAST_EFFECT, TRAINED_WITH, without_direction
from livecoach.decisions.judging.reference import align_trajectories, column_medians, fault_factors
from livecoach.decisions.judging.scorer import Scorer, encoder_input, estimate_density, load_scorer
from livecoach.decisions.rep.measures import FaultTable, load_faults
from livecoach.decisions.rep.view_normalised import REMAINING_VARIANCE, scale_along_sight
from livecoach.lab.dataset import Dataset, Reps
from livecoach.lab.measure.table import Cell, Table, auroc_interval, count_share
from livecoach.lab.train.metric import split_reference
from livecoach.lab.truth import BAD

OWN = (1, 2, 3, TRAINED_WITH)  # Numbers of reference reps of the same set; the last is used for figures by group
RESAMPLES = 300  # Number of samples of the bootstrap
BANDS_DEG = (0, 20, 40, 65, 100)  # Limits of the bands of azimuths, in degrees


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """The scores of m reps of a dataset against the first good reps of their sets."""

    title: str  # Number of reference reps in words, such as "2 own reps"
    rows: np.ndarray  # (m,) indices of the reps in the dataset, from 0
    distances: np.ndarray  # (m,) distance as a multiple of its limit
    amounts: np.ndarray  # (m, F) amount of each fault as a multiple of its limit; 0 if the view does not show the fault

    @property
    def values(self) -> np.ndarray:
        """Score of each rep, (m,): the larger of its distance and its largest fault amount; anomalous above 1."""
        return np.maximum(self.distances, self.amounts.max(1, initial=0.0))


def load_dataset_scorer(dataset: Dataset, folder: Path) -> Scorer:
    """Load a model folder's scorer. Raises ModelError if it can't be loaded, or is not for the dataset's exercise."""
    card = model_folder.read_model_card(folder)
    if card.name != dataset.exercise:
        raise ModelError(
            f"{folder}: the model is for {card.name}, but the dataset for {dataset.exercise}. Choose another --model."
        )
    return load_scorer(folder, load_faults(dataset.exercise))


def evaluate_scorer(dataset: Dataset, scorer: Scorer) -> list[Table]:
    """Return a scorer's AUROC and alarms in the test part, by number of reference reps, by fault and by azimuth.

    Raises SourceError if none of its sets has two good reps, or if it has bad reps, but none in a set with a good rep.
    """
    test, table = dataset.reps_of_part("test"), scorer.faults.table
    bad = is_bad(test)
    every = (score_reps(test, scorer, own) for own in OWN)
    known = [
        of for of in every if of is not None and test.good[of.rows].any() and (bad[of.rows].any() or not bad.any())
    ]
    if not known:
        raise SourceError(
            "the test part has no set in which good reps judge both good and bad ones. Label more reps of its lifters."
        )
    most = known[-1]
    groups = {
        "beside, of the same set": [(of.title, *_cells(test, of)) for of in known],
        f"beside {most.title}": [
            (name, *_cells(test, most, wanted)) for name, wanted in _groups(test, most, table).items()
        ],
    }
    columns = ("AUROC (95 %, lifters resampled)", "alarms in good reps", "alarms in bad reps")
    return [
        Table(title="Reps of the test part", columns=(which, *columns), rows=tuple(rows))
        for which, rows in groups.items()
        if rows
    ]


def is_bad(reps: Reps) -> np.ndarray:
    """Return whether each rep, (n,), is labelled bad and, if a severity is known, has a severity of BAD or more."""
    return reps.bad & ~(reps.worst_severities < BAD)


def score_reps(reps: Reps, scorer: Scorer, own_count: int) -> Scores | None:
    """Score the reps of each set against the set's first `own_count` good reps, which are not scored themselves.

    Reps with different front legs count as separate sets. Sets with fewer good reps, or without other reps, are left
    out; the result is None if no set remains.
    """
    rows, distances, amounts = [], [], []
    hidden = np.array([fault.hidden for fault in scorer.faults.table.faults.values()], bool)
    for own_rows, judged in split_reference(reps, own_count):
        if len(own_rows) < own_count:
            continue
        far, faults = _judge_reps(reps, scorer, own_rows, judged)
        rows.append(judged)
        distances.append(far)
        effects = [list(scorer.faults.effects(azimuth).values()) for azimuth in reps.azimuths_deg[judged].tolist()]
        is_checked = (np.array(effects).reshape(len(judged), -1) >= LEAST_EFFECT) & ~hidden
        amounts.append(faults * is_checked)
    if not rows:
        return None
    return Scores(
        title=count_noun(own_count, "own rep"),
        rows=np.concatenate(rows),
        distances=np.concatenate(distances),
        amounts=np.concatenate(amounts),
    )


def _judge_reps(reps: Reps, scorer: Scorer, own: np.ndarray, judged: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances (m,) and the amounts of the faults (m, F) of reps, both as multiples of their limits."""
    points, mean = align_trajectories(reps.trajectories[own].astype(float), scorer.population.mean)
    latents = np.stack([scorer.encoder.encode(rep) for rep in points])
    every, azimuth_deg = np.arange(len(own)), float(np.median(reps.azimuths_deg[own]))
    turned = [encoder_input(rep, mean) for rep in reps.trajectories[judged].astype(float)]
    of_own, scaled = (
        np.stack([scorer.encoder.encode(scale_along_sight(rep, mean, azimuth_deg)) for rep in some])
        for some in (points, turned)
    )
    known = estimate_density(of_own, [every], [every], scorer.width, REMAINING_VARIANCE)
    limit = scorer.limits["set"] * known.width * known.caution
    of_judged = np.stack([scorer.encoder.encode(rep) for rep in turned])
    far = np.array([known.distance(latent) for latent in scaled]) / limit
    model = scorer.faults
    changes = reps.readings[judged].astype(float) - column_medians(reps.readings[own].astype(float))
    centre = latents.mean(0)
    every_change = np.concatenate([of_judged - centre, changes], 1)
    amounts = without_direction(model.function.amounts(every_change, reps.azimuths_deg[judged]), model.table)
    return far, amounts / (model.limits * np.prod([*fault_factors(scorer, known).values()]))


def _cells(reps: Reps, of: Scores, wanted: np.ndarray | None = None) -> tuple[Cell, ...]:
    """Return the AUROC, and the alarms in the `wanted` good and bad reps, (m,) bool."""
    good, bad = reps.good[of.rows], is_bad(reps)[of.rows]
    if wanted is not None:
        good, bad = good & wanted, bad & wanted
    area = auroc_interval(of.values, good, bad, reps.lifters[of.rows], RESAMPLES)
    return area, count_share(of.values[good] > 1), count_share(of.values[bad] > 1)


def _groups(reps: Reps, of: Scores, table: FaultTable) -> dict[str, np.ndarray]:
    """Return the masks of the scored reps by fault and by azimuth. Groups without good or bad reps are left out."""
    good, bad = reps.good[of.rows], is_bad(reps)[of.rows]
    worst = np.nan_to_num(np.abs(reps.severities[of.rows])).argmax(1) if table.faults else np.zeros(len(of.rows), int)
    groups = {f"fault {name}": good | (bad & (worst == number)) for number, name in enumerate(table.faults)}
    azimuths = reps.azimuths_deg[of.rows]
    for low, high in pairwise(BANDS_DEG):
        groups[f"azimuth {low} to {high}"] = (azimuths >= low) & (azimuths < high)
    return {name: wanted for name, wanted in groups.items() if (good & wanted).any() and (bad & wanted).any()}
