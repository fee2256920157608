"""Trains the scorer of an exercise, and writes its files, with both cards, into a model folder.

The encoder is a metric learned from synthetic lifters and, if their recordings include the movement, from real people
(livecoach.lab.train.real_motion). Widths and limits come from good reps of lifters that were not trained on.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.core.config.exercise import Exercise
from livecoach.core.model_files.model_folder import FALSE_ALARMS, FORMAT
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.decisions.judging import scorer
from livecoach.decisions.judging.fault_model import function_measures
from livecoach.decisions.judging.scorer import WidthPrior, estimate_density
from livecoach.decisions.rep.measures import FaultTable, load_faults
from livecoach.decisions.rep.view_normalised import MOMENTS, TRAJECTORY_SHAPE
from livecoach.lab.dataset import PARTS, Dataset, Reps
from livecoach.lab.measure.table import Table, tables_as_content, tables_as_text
from livecoach.lab.model_files import check_difference
from livecoach.lab.processes import ReportProgress
from livecoach.lab.tflite_writer import TfliteWriter
from livecoach.lab.train import requirements
from livecoach.lab.train.evaluation import evaluate_scorer, is_bad
from livecoach.lab.train.fault_fit import FaultFit, Library, default_library, fit_faults
from livecoach.lab.train.metric import LATENT, Metric, MetricSets, compared_sets, everybody_mean, learn_metric
from livecoach.lab.train.real_motion import film_real_reps
from livecoach.lab.train.recipes import BuildContext, ScorerRecipe
from livecoach.lab.train.requirements import OWN_REPS

SHARES = (0.005, 0.01, FALSE_ALARMS, 0.03, 0.05, 0.1)  # Shares of false alarms for which there are limits
REAL_WEIGHT = 3.0  # Weight of a real person's rep, as a multiple of a synthetic rep's
FREEDOM, REP_FREEDOM = 4.0, 5.0
"""Fields of WidthPrior. Over the lifters of the four largest lifts, there are 4 to 5 degrees of freedom, and 4 to 6 for
each further rep."""
SET_LIMIT, SESSION_LIMIT = 1.85, 2.15
"""Limits within a set and against another set, in widths, at FALSE_ALARMS. Good reps of real lifters lie within both
limits, good reps of synthetic lifters within 1.8 to 2.5, because the noise model has wilder errors than pictures."""
GROSS = 1.5  # Limit against the population, as a multiple of the distance of 999 in 1,000 good reps
CAMERA = scorer.CameraShift(day=0.04, per_deg=0.0075, per_tilt_deg=0.009, per_size=0.1, most=0.15)
"""Shift of a rep by a moved camera, measured on rendered lifters on other days. The usual shift was .04 torso lengths
with an unmoved camera, .075 more after 10 degrees, and .04 more after 20 cm of height. Six of eight synthetic lifters
without noise shifted by less than .1 of the share by which they are smaller: .02 at 1.25, .05 at 2, .07 at 3 times the
distance."""


@dataclass(frozen=True, kw_only=True)
class ScorerTask:
    """The data and the settings of a scorer's training."""

    exercise: Exercise
    dataset: Dataset
    real: Reps | None  # Reps of real people in front of virtual cameras; None without recordings of the movement
    training: dict[str, Any]  # Command that makes the model again, and its seed
    place: Path | None = None  # Folder of the dataset; None for synthetic sets
    library: Library = field(default_factory=default_library)  # Library that trains the faults' network


def train(recipe: ScorerRecipe, context: BuildContext, out: Path, training: dict[str, Any]) -> str:
    """Train a scorer on a recipe's data, write its files into a folder, and return a report in words.

    Raises:
        ConfigError: The dataset is of another exercise.
        SourceError: The dataset is too small, or the dataset or the recorded movements can't be read.
        OutputError: A synthetic dataset can't be written to the cache.
        ModelError: TFLite's latents differ from the trained encoder's.
    """
    exercise = context.exercise
    dataset = context.scorer_dataset(recipe)
    if recipe.data is not None:
        training = training | {"dataset": dataset.digest()}
    real = None
    if recipe.motion is not None:
        table = load_faults(exercise.name)
        real = film_real_reps(recipe.motion, exercise.motion, table, cameras=recipe.cameras, seed=recipe.seed)
    task = ScorerTask(exercise=exercise, dataset=dataset, real=real, training=training, place=recipe.data)
    return train_scorer(task, out, context.runner.progress)


def train_scorer(task: ScorerTask, folder: Path, progress: ReportProgress) -> str:
    """Train a scorer, write its files into a folder, and return a report in words.

    Raises:
        SourceError: The dataset is too small.
        ModelError: TFLite's latents differ from the trained encoder's.
    """
    table = load_faults(task.exercise.name)
    needs = requirements.scorer_requirements(task.dataset, with_faults=bool(table.faults))
    requirements.check_requirements(task.place, "scorer", needs)
    train, valid = task.dataset.reps_of_part("train"), task.dataset.reps_of_part("valid")
    everybody = everybody_mean(train)
    learned_from = [_build_metric_sets(train, is_bad(train), everybody)]
    if task.real is not None:
        learned_from.append(_build_metric_sets(task.real, task.real.bad, everybody, REAL_WEIGHT))
    metric = learn_metric(learned_from, report=partial(progress, "learning the metric"))
    report = partial(progress, "fitting the faults")
    faults = fit_faults(Reps.join((train, valid)), table, metric, everybody, task.library, report)
    width = _width(valid, metric, everybody)
    _write_networks(metric, everybody, folder)
    latents = _of_lifters(train, metric, everybody)
    deviation = float(np.sqrt(((latents - latents.mean(0)) ** 2).sum(1).mean()))
    of_all = scorer.Population(mean=everybody, latents=latents, deviation=deviation)
    distances = _distances(valid, metric, everybody, width)
    if task.real is not None:
        distances = np.concatenate([distances, _distances(task.real, metric, everybody, width)])
    far = [of_all.density.distance(rep) / of_all.density.width for rep in _of_lifters(valid, metric, everybody)]
    card = scorer.ScorerCard(
        format=FORMAT,
        synthetic=task.dataset.synthetic and task.real is None,
        files={},
        latent=LATENT,
        width=width,
        decoder_error=_decoder_error(Reps.join((train, valid)), metric, everybody),
        camera=CAMERA,
        measures=function_measures(table),
        limits=tuple(_limits_at(share, distances, np.array(far), faults, table) for share in SHARES),
        training={
            **task.training,
            "recordings": not task.dataset.synthetic,
            "network": task.library,
            "reps": len(train),
            "real_reps": 0 if task.real is None else len(task.real),
        },
    )
    scorer.save_scorer(folder, card, of_all, faults.function)
    _check(folder, metric, train, everybody)
    progress("judging", 0.0)
    figures = evaluate_scorer(task.dataset, scorer.load_scorer(folder, table))
    _write_card(task, figures, folder)
    kind = "synthetic " if task.dataset.synthetic else ""
    summary = f"on {kind}lifters that were not trained on\n{tables_as_text(figures)}"
    if task.library == "PyTorch" or not table.faults:
        return summary
    return (
        f"{summary}\n{task.library} trained the faults' network: "
        "PyTorch, which trained the shipped one, is not installed."
    )


def _write_card(task: "ScorerTask", figures: Sequence[Table], folder: Path) -> None:
    """Write model.json, to which `card.write_cards` adds the digests and the commands."""
    synthetic = task.dataset.synthetic
    content = {
        "format": FORMAT,
        "name": task.exercise.name,
        "synthetic": synthetic and task.real is None,
        "metrics": {
            "synthetic": synthetic,
            "tables": tables_as_content(figures),
            "data": describe_data(task.dataset, task.real),
        },
    }
    (folder / "model.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def describe_data(dataset: Dataset, real: Reps | None) -> dict[str, Any]:
    """Return what the model card says of the data on which a scorer was trained and judged, such as digest and counts.

    Args:
        dataset: Dataset with at least one source.
        real: Reps of recorded people; None if the scorer did not learn from recorded people.
    """
    bad = dataset.reps.labels[dataset.reps.bad].tolist()
    faults = [fault for label in bad for fault in label.split("+")]
    azimuths_deg = dataset.reps.azimuths_deg
    people = {name.rpartition("-")[2] for name in ([] if real is None else real.lifters.tolist())}
    return {
        "digest": dataset.digest(),
        "recordings": len(dataset.sources),
        "synthetic": dataset.synthetic,
        "seed": dataset.seed,
        "azimuths_deg": [round(float(limit(azimuths_deg))) for limit in (np.nanmin, np.nanmax)],
        "parts": {part: _counts(dataset.reps_of_part(part)) for part in PARTS},
        "faults": {fault: faults.count(fault) for fault in sorted(set(faults))},
        "drawn": dict(dataset.sources[0].get("drawn", {})),
        "real": {} if real is None else {"reps": len(real), "people": len(people)},
    }


def _counts(reps: Reps) -> dict[str, int]:
    names = {"lifters": len(set(reps.lifters.tolist())), "sets": len(set(reps.sets.tolist()))}
    return names | {"good reps": int(reps.good.sum()), "bad reps": int(is_bad(reps).sum())}


def _build_metric_sets(reps: Reps, bad: np.ndarray, everybody: np.ndarray, weight: float = 1.0) -> MetricSets:
    sets = list(compared_sets(reps, OWN_REPS, everybody))
    good = [reps.good[of_set.judged_rows] for of_set in sets]
    return MetricSets(sets=sets, good=good, bad=[bad[of_set.judged_rows] for of_set in sets], weight=weight)


def _width(reps: Reps, metric: Metric, everybody: np.ndarray) -> WidthPrior:
    """Return the width of good reps of a set. The usual width is the median over sets."""
    good = reps.select(reps.good)
    out = good.trajectories.copy()
    out[:, MOMENTS:] = np.nan
    whole, of_out = (_variance(some, metric, everybody) for some in (good, replace(good, trajectories=out)))
    return WidthPrior(usual=math.sqrt(whole), freedom=FREEDOM, of_rep=REP_FREEDOM, out=of_out / whole)


def _variance(good: Reps, metric: Metric, everybody: np.ndarray) -> float:
    variances = []
    for of_set in compared_sets(good, OWN_REPS, everybody):
        latents = of_set.reference @ metric.encoder.T
        variances.append((latents**2).sum() / (len(latents) - 1))
    return float(np.median(variances))


def _distances(reps: Reps, metric: Metric, everybody: np.ndarray, width: WidthPrior) -> np.ndarray:
    """Return the distances of good reps from the other good reps of their set, in the unit of the limits."""
    distances = []
    for own in (2, 3, OWN_REPS + 1):
        for compared in compared_sets(reps, own, everybody):
            latents, every = compared.reference @ metric.encoder.T, np.arange(len(compared.reference))
            of_set = estimate_density(latents, [every], [every], width)
            good = compared.judged[reps.good[compared.judged_rows]] @ metric.encoder.T
            distances += [of_set.distance(latent) / of_set.width / of_set.caution for latent in good]
    return np.array(distances)


def _of_lifters(reps: Reps, metric: Metric, everybody: np.ndarray) -> np.ndarray:
    """Return the latents of the population: the first good rep of each lifter and front leg."""
    groups = [np.flatnonzero((reps.groups == group) & reps.good) for group in np.unique(reps.groups)]
    first = [rows[0] for rows in groups if len(rows)]
    points = np.stack([scorer.encoder_input(reps.trajectories[row].astype(float), everybody) for row in first])
    return points.reshape(len(points), -1) @ metric.encoder.T


def _decoder_error(reps: Reps, metric: Metric, everybody: np.ndarray) -> float:
    every = reps.trajectories[:: max(1, len(reps) // 4000)]
    turned = np.stack([scorer.encoder_input(points.astype(float), everybody) for points in every])
    off = (turned - everybody).reshape(len(every), -1)
    left = off - off @ metric.basis.T @ metric.basis
    return float(2 * np.quantile(np.sqrt((left**2).mean(1)), 0.95))


def _limits_at(
    share: float, distances: np.ndarray, everybodys: np.ndarray, faults: FaultFit, table: FaultTable
) -> scorer.LimitsAt:
    # Half of the share: the other half is the faults'.
    wider = float(np.quantile(distances, 1 - share / 2) / np.quantile(distances, 1 - FALSE_ALARMS / 2))
    gross = float(GROSS * np.quantile(everybodys, 0.999))
    of_faults = dict(zip(table.faults, faults.limits(share).tolist(), strict=True))
    limits: scorer.Limits = {"set": SET_LIMIT * wider, "session": SESSION_LIMIT * wider, "everybody": gross}
    return scorer.LimitsAt(false_alarms=share, limits=limits, faults=of_faults)


def _write_networks(metric: Metric, everybody: np.ndarray, folder: Path) -> None:
    encoder = TfliteWriter("encoder of a rep's trajectory", (1, *TRAJECTORY_SHAPE))
    encoder.reshape((1, everybody.size))
    encoder.fully_connected(metric.encoder, np.zeros(LATENT), relu=False)
    (folder / "encoder.tflite").write_bytes(encoder.content())
    # The part of everybody's mean outside the basis stays unchanged.
    rest = everybody.ravel() - metric.basis.T @ (metric.basis @ everybody.ravel())
    decoder = TfliteWriter("decoder of a rep's trajectory", (1, LATENT))
    decoder.fully_connected(metric.decoder, rest, relu=False)
    decoder.reshape((1, *TRAJECTORY_SHAPE))
    (folder / "decoder.tflite").write_bytes(decoder.content())


def _check(folder: Path, metric: Metric, reps: Reps, everybody: np.ndarray) -> None:
    """Raise ModelError if TFLite's latents differ from the matrix's."""
    encoder = TfliteNetwork(folder / "encoder.tflite", (1, *TRAJECTORY_SHAPE), (1, LATENT))
    for rep in reps.trajectories[:64]:
        points = scorer.encoder_input(rep.astype(float), everybody)
        check_difference(encoder(points[None].astype(np.float32))[0], metric.encoder @ points.ravel())
