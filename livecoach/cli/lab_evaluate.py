"""The commands that judge a model on labelled reps, and plot reps: evaluate, explore."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import numpy as np

from livecoach.cli import options
from livecoach.cli.lab_options import Measurement, needs_packages, require_packages
from livecoach.cli.options import PATH, SEED
from livecoach.cli.output import check_writable, write_text
from livecoach.core.errors import ConfigError
from livecoach.core.model_files import model_folder
from livecoach.run.process import say

if TYPE_CHECKING:
    from livecoach.lab.measure.table import Table
    from livecoach.lab.processes import ReportProgress
    from livecoach.lab.train.results import JudgedRows


class EvaluateMeasurement(Measurement):
    """Measure how well a model judges labelled reps.

    The command prints the AUROC and the shares of good and bad reps that the model flags, with intervals. Of a dataset,
    only the test part is measured, whose lifters are in no other part.

    Example: livecoach lab evaluate deadlifts --json -

    Example: livecoach lab evaluate --images good bad --model model
    """

    dataset: Annotated[Path | None, {"argument": True, "type": PATH}] = None
    images: Annotated[tuple[Path, Path] | None, {"type": PATH, "nargs": 2, "metavar": "GOOD BAD"}] = None
    """Two folders of rep images, instead of a dataset."""
    model: Annotated[str | None, {"metavar": "E|FOLDER"}] = None
    """Model to judge; for a dataset, by default the exercise's own."""

    results: Path | None = None
    """Folder for metrics.json, tables of reps and lifters, and pictures: ROC, confusion, reliability."""
    parquet: bool = False
    """Write the tables of --results as Parquet, not as CSV."""

    def measure(self, progress: "ReportProgress") -> "list[Table]":  # noqa: ARG002 - as Measurement's
        if (self.dataset is None) == (self.images is None):
            raise click.UsageError("Name a dataset, or two folders of --images: one of the two.")
        if self.images is not None and self.model is None:
            raise click.UsageError("--images needs --model: what `livecoach lab train scorer --images` wrote.")
        from livecoach.lab.train.results import write_results

        tables, judged, about = self._of_images() if self.dataset is None else self._of_dataset(self.dataset)
        if self.results is not None:
            about |= {"command": "livecoach lab evaluate", "options": self.model_dump(exclude_none=True)}
            write_results(self.results, about, tables, judged, parquet=self.parquet)
        return tables

    def _of_dataset(self, folder: Path) -> "tuple[list[Table], JudgedRows, dict[str, Any]]":
        from livecoach.lab import dataset
        from livecoach.lab.train.evaluation import evaluate_scorer, load_dataset_scorer
        from livecoach.lab.train.results import judge_dataset

        loaded = dataset.load(folder)
        model = options.find_model_folder(self.model or loaded.exercise)
        scorer = load_dataset_scorer(loaded, model)
        about: dict[str, Any] = {"exercise": loaded.exercise, "dataset": loaded.digest(), "split_seed": loaded.seed}
        about |= {"folds": loaded.parts, "model": model_folder.read_model_card(model).version}
        return evaluate_scorer(loaded, scorer), judge_dataset(loaded, scorer), about

    def _of_images(self) -> "tuple[list[Table], JudgedRows, dict[str, Any]]":
        from livecoach.lab.images.model import judge_images, load_image_model
        from livecoach.lab.images.rep_image_files import read_images

        good, bad = map(read_images, self.images or ())
        model = load_image_model(Path(self.model or ""))
        return *judge_images(good, bad, model), {"training": model.card.training}


evaluate = EvaluateMeasurement.make_command()


@click.command()
@click.argument("dataset", type=PATH)
@click.option("--out", required=True, type=PATH, metavar="FILE", help="Page to write (.html).")
@click.option("--model", metavar="E|FOLDER", help="Model that judges the reps; by default the exercise's own.")
@click.option("--seed", type=SEED, default=0, metavar="N", help="Seed of t-SNE.")
@click.option("--table", type=PATH, metavar="FILE", help="Write the points with the reps' data: .csv or .parquet.")
@needs_packages("train")
def explore(dataset: Path, out: Path, model: str | None, seed: int, table: Path | None) -> None:
    """Plot the reps of a dataset by PCA and t-SNE.

    The page needs no network. Its points are coloured by verdict, fault, lifter, label, score or part; pointing at a
    point shows its source, time, score and fault.

    Example: livecoach lab explore deadlifts --out deadlifts.html
    """
    if out.suffix.lower() != ".html":
        raise ConfigError(f"{out}: expected a name that ends in .html. Choose another with --out.")
    check_writable(out, "--out")
    check_writable(table, "--table")
    with require_packages("train"):
        from livecoach.lab import dataset as datasets
        from livecoach.lab.explore import draw_subset, project_reps, render_page, summary_line
        from livecoach.lab.train.evaluation import load_dataset_scorer
        from livecoach.lab.train.results import judge_dataset, write_table

    every = datasets.load(dataset)
    shown = draw_subset(every, seed)
    if shown is not every:
        say(f"{len(shown.reps)} of the {len(every.reps)} reps are shown, sampled by the seed")
    judged = judge_dataset(shown, load_dataset_scorer(every, options.find_model_folder(model or every.exercise))).rows
    scores = np.array(judged["score"], float)  # NaN without a score
    drawn = project_reps(shown.reps, seed)
    write_text(out, "--out", render_page(shown, scores, drawn, f"{dataset.resolve().name}: {every.exercise}"))
    if table is not None:
        names = ("pca_x", "pca_y", "tsne_x", "tsne_y")
        axes = (axis for plane in drawn for axis in zip(*plane["xy"], strict=True))
        write_table(table, {**judged, **dict(zip(names, axes, strict=True))})
    if not (shown.reps.good.any() and shown.reps.bad.any()):
        say("the dataset lacks good or bad reps, so the page can't show how they differ")
    click.echo(f"{out}: {summary_line(shown.reps)}; {int((scores > 1).sum())} anomalous by the model")
