"""The commands that train models. Most fields of a recipe (livecoach.lab.train.recipes) are options of its command."""

import inspect
import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import click
from pydantic import BaseModel, ConfigDict, Field

from livecoach.cli.lab_options import Jobs, field_options, needs_packages, report_interrupt, require_packages
from livecoach.cli.options import PATH, Command, combine_options
from livecoach.cli.progress import progress_bar
from livecoach.core.config import exercise as exercises
from livecoach.core.config.paths import models_dir, user_cache_dir
from livecoach.core.model_files.model_folder import JUDGING
from livecoach.lab.model_files import CARD, check_output_folder, check_replacing
from livecoach.lab.processes import JobRunner, Loss, LossRecorder
from livecoach.lab.train import recipes
from livecoach.lab.train.recipes import ImagesRecipe, NetworkRecipe, Recipe

GOES_ON = "; the same command continues where it stopped"
NETWORKS = (
    recipes.BarRecipe,
    recipes.DepthRecipe,
    recipes.LiftingRecipe,
    recipes.RecognitionRecipe,
    recipes.SquatPictureRecipe,
)


@click.group()
def train() -> None:
    """Train the models of an exercise, and other networks.

    The other networks find a barbell, measure the depth of squats, estimate landmarks in the world, recognise the
    exercise, and judge squats by a picture. Without a dataset of recordings, models learn from synthetic lifters.
    """


class SharedOptions(BaseModel):
    """The options that all training commands share: folders, processes and results."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)
    cache: Path | None = None
    """Folder for intermediate results; by default a folder in livecoach's cache."""
    jobs: Jobs = None
    replace: bool = False
    """Replace a model that is in the folder of --out already."""
    results: Path | None = None
    """Folder for metrics.json, tables and pictures of the results."""
    parquet: bool = False
    """Write the tables of --results as Parquet, not as CSV."""
    out: Annotated[Path | None, Field(exclude=True)] = None
    """Folder for the model; None for the usual folder."""

    def make_runner(self, recorder: LossRecorder) -> JobRunner:
        """Make a runner of training jobs that uses the number of processes and the cache folder in the options."""
        return JobRunner(self.cache or user_cache_dir() / "training", self.jobs, recorder)


def _train_exercise(kind: type[recipes.Part] | None, /, exercise: str, places: SharedOptions, **values: Any) -> None:
    """Train a part of an exercise's model, reusing its earlier parts; train all parts if the kind is None."""
    rules = exercises.load(exercise)
    own = models_dir() / rules.model
    folder = places.out or own
    check_output_folder(folder, "model", lambda held: any(os.path.isfile(held / name) for name in (CARD, *JUDGING)))
    check_replacing(
        folder, [part.files[0] for part in (recipes.PARTS if kind is None else (kind,))], places.replace, own
    )
    goes_on = GOES_ON if kind is None else ""
    with require_packages("train"), report_interrupt(folder, goes_on), progress_bar(lines=True) as progress:
        from livecoach.lab.train.exercise_model import train_all, train_part

        parts = recipes.part_recipes(rules)
        recorder = LossRecorder(progress)
        context = recipes.BuildContext(exercise=rules, earlier_parts=own, runner=places.make_runner(recorder))
        if kind is None:
            options = recipes.AllRecipe(**values)
            made = [recipes.apply_options(part, options) for part in parts]
            train_all(made, context, folder, click.echo)
            text = "complete"
        else:
            made = [next(part for part in parts if isinstance(part, kind)).with_values(**values)]
            text = train_part(made[0], context, folder)
        if places.results is not None:
            _write_results(places.results, made, context, folder, recorder.losses, parquet=places.parquet)
    click.echo(f"{folder}: {text}")


def _write_results(
    results: Path,
    made: Sequence[recipes.Part],
    context: recipes.BuildContext,
    folder: Path,
    losses: Sequence[Loss],
    *,
    parquet: bool,
) -> None:
    """Write the results of a training: the record of each part, and the scorer's verdicts on its dataset."""
    from livecoach.lab.measure.table import tables_from_content
    from livecoach.lab.train.evaluation import load_dataset_scorer
    from livecoach.lab.train.results import judge_dataset, write_results

    about: dict[str, Any] = {"exercise": context.exercise.name, "seeds": {part.name: part.seed for part in made}}
    for part in made:
        content = json.loads((folder / part.files[0]).read_text(encoding="utf-8"))
        about[part.name] = {name: content[name] for name in ("training", "accuracy", "judged") if name in content}
    tables, judged = [], None
    if isinstance(made[-1], recipes.ScorerRecipe):
        dataset = context.scorer_dataset(made[-1])
        tables = tables_from_content(json.loads((folder / CARD).read_text(encoding="utf-8"))["metrics"]["tables"])
        judged = judge_dataset(dataset, load_dataset_scorer(dataset, folder))
    write_results(results, about, tables, judged, losses, parquet=parquet)


def _train_network(kind: type[NetworkRecipe], /, places: SharedOptions, **values: Any) -> None:
    folder, recipe = places.out or models_dir() / kind.folder, kind(**values)
    if recipe.writes_files:
        check_output_folder(folder, f"model of {kind.what}", recipe.is_made_in)
        check_replacing(folder, [kind.card], places.replace)
    elif places.out is not None:
        raise click.UsageError(f"--kind {values['kind']} is measured, and nothing is written: leave out --out.")
    extra = "networks" if values.get("method") == "seed" else kind.extra  # an autoencoder takes PyTorch
    goes_on = GOES_ON if kind.resumes else ""
    with require_packages(extra), report_interrupt(folder, goes_on), progress_bar(lines=True) as progress:
        from livecoach.lab.measure.table import figures_table, tables_as_text
        from livecoach.lab.train.results import write_results

        recorder = LossRecorder(progress)
        figures = import_module(kind.module).train(recipe, folder, places.make_runner(recorder))
        tables = figures if isinstance(figures, list) else [figures_table(f"Figures of {kind.what}", figures)]
        if places.results is not None:
            about = {"command": recipe.command(), "options": recipe.model_dump(exclude_none=True)}
            write_results(places.results, about, tables, losses=recorder.losses, parquet=places.parquet)
    place = (
        f"{folder}: written" if recipe.writes_files else f"--kind {values['kind']}: measured, and nothing is written"
    )
    click.echo(f"{place}\n{tables_as_text(tables)}")


def _train_scorer(places: SharedOptions, exercise: str | None, images: Path | None, method: str, **values: Any) -> None:
    if (exercise is None) == (images is None):
        raise click.UsageError("Name an exercise, or a folder of --images: one of the two.")
    if exercise is not None:
        _train_exercise(recipes.ScorerRecipe, exercise, places, **values)
        return
    if places.out is None:
        raise click.UsageError("--images needs --out: where the model is to be written.")
    seed = {} if values["seed"] is None else {"seed": values["seed"]}
    _train_network(ImagesRecipe, places, images=images, method=method, **seed)


def _place_options(by_default: str) -> Callable[[Command], Command]:
    where = "Folder for the model" + (f"; by default {by_default}" if by_default else "")
    out = click.option("--out", type=PATH, metavar="DIR", required=not by_default, help=f"{where}.")
    return combine_options(field_options(SharedOptions), out)


def _add(recipe: type[Recipe], function: Callable[..., None], *options: Callable[[Any], Any]) -> None:
    def run(**values: Any) -> None:
        function(places=SharedOptions(**{name: values.pop(name) for name in SharedOptions.model_fields}), **values)

    run.__doc__ = inspect.cleandoc(recipe.__doc__ or "")
    train.command(recipe.name)(combine_options(*options)(needs_packages(recipe.extra)(run)))


AN_EXERCISE, OWN = click.argument("exercise"), _place_options("the exercise's model folder")
_add(recipes.AllRecipe, partial(_train_exercise, None), AN_EXERCISE, field_options(recipes.AllRecipe, own=False), OWN)
for part in recipes.PARTS[:-1]:
    _add(part, partial(_train_exercise, part), AN_EXERCISE, field_options(part, own=False), OWN)
_add(
    recipes.ScorerRecipe,
    _train_scorer,
    click.argument("exercise", required=False),
    field_options(recipes.ScorerRecipe, own=False),
    field_options(ImagesRecipe),
    OWN,
)
for network in NETWORKS:
    ships = f"models/{network.folder}" if network.folder else ""
    _add(network, partial(_train_network, network), field_options(network), _place_options(ships))
