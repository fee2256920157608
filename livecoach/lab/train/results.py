"""Writes the results of training and of judging into a folder: metrics.json, tables as CSV or Parquet, and pictures.

docs/models.md describes the files.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from livecoach import __version__
from livecoach.core.charts import wilson_interval
from livecoach.core.config.files import write_atomically
from livecoach.core.errors import ConfigError, OutputError, explain_os_errors
from livecoach.decisions.judging.scorer import Scorer
from livecoach.lab.dataset import Dataset
from livecoach.lab.measure.table import Table, auroc_interval, tables_as_content
from livecoach.lab.processes import Loss
from livecoach.lab.train.evaluation import OWN, RESAMPLES, is_bad, score_reps
from livecoach.records.session.exporting import CsvTable
from livecoach.records.session.exporting import write_table as write_csv

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Columns = Mapping[str, Sequence[Any]]  # Name of a column → its values
TABLES = (".csv", ".parquet")
INCHES, DPI = (6.0, 5.0), 150  # Width and height of a picture, and its resolution


class JudgedRows(NamedTuple):
    """A table of n reps or images, with their labels and, if judged, their scores."""

    rows: Columns  # The table, with a value of each column for each rep or image
    values: np.ndarray  # (n,) scores for the figures: above 1 is anomalous; NaN if not judged, or not of the test part
    bad: np.ndarray  # (n,) bool
    good: np.ndarray  # (n,) bool
    lifters: Columns = {}  # noqa: RUF012 - table of the lifters; a NamedTuple's default, which nobody changes


def write_table(path: Path, columns: Columns) -> None:
    """Write a table as .csv or .parquet. Raises ConfigError for another suffix, and OutputError if writing fails."""
    if path.suffix not in TABLES:
        raise ConfigError(f"{path}: expected a name that ends in {' or '.join(TABLES)}.")
    with (
        explain_os_errors(OutputError, f"{path}: can't be written", "Choose another place."),
        write_atomically(path) as part,
        part.open("wb") as file,  # pyarrow opens only names in UTF-8
    ):
        if path.suffix == ".parquet":
            import pyarrow as pa
            from pyarrow.parquet import write_table as write_parquet

            write_parquet(pa.table({name: list(values) for name, values in columns.items()}), file)
        else:
            write_csv(file, CsvTable(list(columns), zip(*columns.values(), strict=True)))


def rep_columns(dataset: Dataset, scores: np.ndarray, **more: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return the reps of a dataset, with the columns `more`, as the columns of a table.

    Args:
        scores: (n,) score of each rep, anomalous above 1; NaN if it was not judged.
    """
    reps = dataset.reps
    starts_s, turns_s, ends_s = reps.times_s.round(4).T.tolist() or ([], [], [])
    return {
        "lifter": reps.lifters.tolist(),
        "fold": [dataset.parts[name] for name in reps.lifters.tolist()],
        "split_seed": [dataset.seed] * len(reps),
        "set": reps.sets.tolist(),
        "source": reps.sources.tolist(),
        "start_s": starts_s,
        "turn_s": turns_s,
        "end_s": ends_s,
        "azimuth_deg": _numbers(reps.azimuths_deg, 1),
        "front": reps.fronts.tolist(),
        "label": reps.labels.tolist(),
        "severity": _numbers(reps.worst_severities, 3),
        "score": _numbers(scores, 4),
        "verdict": ["" if np.isnan(score) else "anomalous" if score > 1 else "good" for score in scores.tolist()],
        **more,
    }


def judge_dataset(dataset: Dataset, scorer: Scorer) -> JudgedRows:
    """Judge each rep of a dataset by the first 5, 3, 2 or 1 good reps of its set, and return all reps as a table.

    As many good reps as possible judge a rep, but never the rep itself: the first good rep of a set is not judged. The
    table has the scores of all judged reps; `values` has only the scores of reps in the test part.
    """
    reps, table = dataset.reps, scorer.faults.table
    values, distances = np.full(len(reps), np.nan), np.full(len(reps), np.nan)
    faults, own_reps = np.full(len(reps), "", "U40"), np.zeros(len(reps), int)
    names = np.array([*table.faults, ""])
    for own in OWN:
        found = score_reps(reps, scorer, own)
        if found is not None:
            values[found.rows], distances[found.rows], own_reps[found.rows] = found.values, found.distances, own
            most = found.amounts.argmax(1) if len(table.faults) else np.zeros(len(found.rows), int)
            faults[found.rows] = names[np.where(found.amounts.max(1, initial=0.0) > 1, most, len(table.faults))]
    good, bad = reps.good, is_bad(reps)
    more: dict[str, Sequence[Any]] = {"own_reps": own_reps.tolist(), "fault": faults.tolist()}
    return JudgedRows(
        rows=rep_columns(dataset, values, distance=_numbers(distances, 4), **more),
        values=np.where(dataset.is_in_part(reps.lifters, "test"), values, np.nan),
        bad=bad,
        good=good,
        lifters=_lifters(dataset, values, good, bad),
    )


def _lifters(dataset: Dataset, values: np.ndarray, good: np.ndarray, bad: np.ndarray) -> Columns:
    """Return a row for each lifter: alarms in good reps, hits in bad reps, and the AUROC, with intervals over sets."""
    rows = []
    for name, part in sorted(dataset.parts.items()):
        mine = (dataset.reps.lifters == name) & np.isfinite(values)
        flagged, sets = values[mine] > 1, dataset.reps.sets[mine]
        area = auroc_interval(values[mine], good[mine], bad[mine], sets, RESAMPLES) if mine.any() else None
        row: dict[str, Any] = {"lifter": name, "fold": part, "split_seed": dataset.seed, "reps": int(mine.sum())}
        for what, of in (("alarms", good[mine]), ("hits", bad[mine])):
            count, total = int(flagged[of].sum()), int(of.sum())
            low, high = wilson_interval(count, total)
            row |= {what: count, f"{what}_of": total, f"{what}_low": round(low, 4), f"{what}_high": round(high, 4)}
        figures = [None] * 3 if area is None else _numbers(np.array(area[:3]), 4)
        rows.append(row | dict(zip(("auroc", "auroc_low", "auroc_high"), figures, strict=True)))
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def _numbers(values: np.ndarray, digits: int) -> list[float | None]:
    return [round(value, digits) if np.isfinite(value) else None for value in values.astype(float).tolist()]


def write_results(
    folder: Path,
    about: Mapping[str, Any],
    tables: Sequence[Table] = (),
    judged: JudgedRows | None = None,
    losses: Sequence[Loss] = (),
    *,
    parquet: bool = False,
) -> None:
    """Write all results into a folder, which is made if it is missing. Raises OutputError if writing fails.

    Files with the same names are replaced. Other files of earlier results stay, such as tables of the other format.

    Args:
        about: Further fields of metrics.json.
        judged: Judged reps or images, if any. Scores are drawn only if good and bad reps of the test part have scores.
        losses: Losses of networks in training, if any.
        parquet: Whether to write tables as Parquet instead of CSV.
    """
    with explain_os_errors(OutputError, f"{folder}: can't be written", "Choose another --results."):
        folder.mkdir(parents=True, exist_ok=True)
    ending = TABLES[parquet]
    metrics = {**about, "livecoach": __version__, "tables": tables_as_content(tables)}
    if judged is not None:
        shown = np.isfinite(judged.values) & (judged.good | judged.bad)
        bad, values = judged.bad[shown], judged.values[shown]
        counts = np.bincount(2 * bad + (values > 1), minlength=4).tolist()
        names = ("good_passed", "good_flagged", "bad_passed", "bad_flagged")
        metrics["confusion"] = dict(zip(names, counts, strict=True))
        write_table(folder / f"reps{ending}", judged.rows)
        if judged.lifters:
            write_table(folder / f"lifters{ending}", judged.lifters)
        if bad.any() and not bad.all():
            _draw_judged(folder, bad, values)
    if losses:
        write_table(folder / f"losses{ending}", dict(zip(Loss._fields, zip(*losses, strict=True), strict=True)))
        _draw(folder / "losses.png", lambda axes: _draw_losses(axes, losses))
    with (
        explain_os_errors(OutputError, f"{folder}: can't be written", "Choose another --results."),
        write_atomically(folder / "metrics.json") as part,
    ):
        part.write_text(json.dumps(metrics, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def _draw_judged(folder: Path, bad: np.ndarray, values: np.ndarray) -> None:
    from scipy.special import expit
    from sklearn.calibration import CalibrationDisplay
    from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay

    _draw(folder / "roc.png", lambda axes: RocCurveDisplay.from_predictions(bad, values, name="score", ax=axes))
    flagged, names = values > 1, ("good", "bad")
    _draw(
        folder / "confusion.png",
        lambda axes: ConfusionMatrixDisplay.from_predictions(
            bad, flagged, display_labels=names, ax=axes, colorbar=False, values_format="d"
        ),
    )
    # A score has no bounds. The logistic function of its excess over 1 stands for the probability.
    _draw(
        folder / "reliability.png",
        lambda axes: CalibrationDisplay.from_predictions(
            bad, expit(values - 1), n_bins=10, strategy="quantile", name="logistic(score - 1)", ax=axes
        ),
    )


def _draw_losses(axes: "Axes", losses: Sequence[Loss]) -> None:
    for network in dict.fromkeys(loss.network for loss in losses):
        of_network = [loss for loss in losses if loss.network == network]
        axes.plot([loss.step for loss in of_network], [loss.loss for loss in of_network], label=network)
    axes.set(xlabel="step", ylabel="loss", yscale="log")
    axes.legend()


def _draw(path: Path, draw: Callable[["Axes"], object]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(INCHES, layout="constrained")
    draw(figure.subplots())
    with (
        explain_os_errors(OutputError, f"{path}: can't be written", "Choose another --results."),
        write_atomically(path) as part,
    ):
        figure.savefig(part, dpi=DPI, format="png")
