"""The commands that train models. Each has an option for every field of its recipe (livecoach.lab.train.recipes)."""

import inspect
import json
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Union, get_args, get_origin

import click
from annotated_types import Ge, Le

from livecoach.cli.lab_options import (
    PATH,
    check_model_folder,
    check_replacing,
    jobs_of,
    jobs_option,
    leaving,
    needing,
    needs_packages,
    own_folder,
    replace_option,
    training_cache_option,
    training_folder,
)
from livecoach.cli.options import Command, Decimal, combined_options
from livecoach.cli.progress import bar
from livecoach.config import exercise as exercises
from livecoach.config.paths import models_dir
from livecoach.lab.model_files import PARTS as PART_FILES
from livecoach.lab.processes import Workshop
from livecoach.lab.train import recipes
from livecoach.lab.train.recipes import OneOf, Recipe

if TYPE_CHECKING:
    from livecoach.lab.images.model import ImageCard, Method

IMAGES_SEED = 1
GOES_ON = "; the same command continues where it stopped"
AS_SHIPPED = "Sizes and seeds that are not given are those of the shipped models."


def recipe_options(recipe: type[Recipe], *, own: bool = True) -> Callable[[Command], Command]:
    """Return an option for each field of a recipe. own: whether its defaults are those of what ships; otherwise options
    that are not given are None."""
    return combined_options(
        *(
            click.option(
                f"--{name}",
                type=kind,
                default=field.default if own else None,
                metavar=metavar,
                help=field.description,
            )
            for name, field in recipe.model_fields.items()
            if not field.exclude
            for kind, metavar in [_type(field.annotation, field.metadata)]
        )
    )


def _type(annotation: Any, marks: list[Any]) -> tuple[Any, str | None]:
    """Return the click type of a field, and its name in the help."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) is Annotated:
        annotation, *marks = get_args(annotation)
    for mark in marks:
        if isinstance(mark, OneOf):
            return click.Choice(mark.values), None
    if annotation is Path:
        return PATH, "DIR"
    least = next(float(mark.ge) for mark in marks if isinstance(mark, Ge))  # type: ignore[arg-type]
    most = next(float(mark.le) for mark in marks if isinstance(mark, Le))  # type: ignore[arg-type]
    return (Decimal(least, most), "X") if annotation is float else (click.IntRange(int(least), int(most)), "N")


@click.group()
def train() -> None:
    """Train the models of an exercise, and other networks.

    The other networks find a barbell, lift keypoints to the world, recognise the exercise, and judge pictures of
    squats.

    Without a dataset of recordings models are learned from synthetic lifters.
    """


class Training(NamedTuple):
    """A command below `train`."""

    name: str
    recipe: type[Recipe]  # its options
    about: str  # its help
    extra: str = "train"  # packages that it needs
    module: str = ""
    """Module whose function `make` gets the recipe, the folder to write into and a workshop, and returns figures or a
    text; it is imported when it is used. Empty for a part of an exercise's model."""
    folder: str = ""  # folder in models/ where the result ships; empty: it does not ship
    card: str = ""  # file that tells that it is there


PARTS = (
    Training("stage", recipes.StageRecipe, "Train what tells up from down: stage.json of an exercise."),
    Training(
        "boundaries",
        recipes.BoundariesRecipe,
        """Train what tells where a rep starts, turns and ends.

        It makes boundaries.json of an exercise, after the stage model in the exercise's own folder.""",
    ),
    Training(
        "lift",
        recipes.LiftRecipe,
        """Train what tells a lift from another movement.

        It makes lift.json of an exercise, after the stage model and the boundaries in the exercise's own folder.
        Rendered sets are drawn with OpenGL, a minute and more each, and kept in the cache.""",
    ),
)
NETWORKS = (
    Training(
        "bar",
        recipes.BarRecipe,
        """Train the networks that find a barbell's plate.

        They learn from rendered pictures, which are drawn with OpenGL and kept in the cache.""",
        "networks",
        "livecoach.lab.train.bar",
        "bar",
        "bar.json",
    ),
    Training(
        "depth",
        recipes.DepthRecipe,
        """Train what measures the depth of a squat.

        It learns from rendered squats of training bodies, whose mesh tells the depth. They are drawn with OpenGL and
        kept in the cache.""",
        "train",
        "livecoach.lab.depth",
        "standards",
        "depth.json",
    ),
    Training(
        "lifting",
        recipes.LiftingRecipe,
        """Train what lifts keypoints to world landmarks.

        The network learns from synthetic bodies. Pose models without world landmarks of their own need it: movenet and
        ONNX files. Training takes minutes of one processor.""",
        "networks",
        "livecoach.lab.train.pose_lifter",
        "pose",
        "lifting.json",
    ),
    Training(
        "recognition",
        recipes.RecognitionRecipe,
        """Train what recognises the exercise.

        It learns from synthetic sets of every exercise, and with --motion from real people's movements before virtual
        cameras. The sets are kept in the cache. For another kind than the shipped one it only says how many sets of
        judging bodies the network gets right, and writes nothing.""",
        "networks",
        "livecoach.lab.recognition.making",
        "recognition",
        "recognition.json",
    ),
    Training(
        "squat-picture",
        recipes.SquatPictureRecipe,
        """Train a published network that judges squats by a picture.

        The network tells good squats from bad ones by one picture of the pose. It learns from synthetic lifters, whose
        squats stay in the cache, and is judged on others, with bodies that it has not seen. It judges nothing live;
        `livecoach lab evaluate --pictures` judges by it again.""",
        "networks",
        "livecoach.lab.squat_picture.training",
    ),
)


def _train_exercise(
    part: str | None,
    exercise: str,
    *,
    out: Path | None,
    replace: bool,
    cache: Path | None,
    jobs: int | None,
    **given: Any,
) -> None:
    """Train one part of an exercise's model, after those in its own folder; part None: all of them."""
    rules = exercises.load(exercise)
    folder = out or own_folder(rules)
    check_model_folder(folder)
    check_replacing(folder, PART_FILES if part is None else [f"{part}.json"], replace)
    with needing("train"), leaving(folder, GOES_ON if part is None else ""), bar() as progress:
        from livecoach.lab.train.context import BuildContext
        from livecoach.lab.train.exercise_model import train_all, train_part

        usual = recipes.recipe_of(rules)
        if part is None:
            recipe = recipes.resized(usual, recipes.Sizes(**given))
        else:
            recipe = usual._replace(**{part: getattr(usual, part).changed(**given)})
        workshop = Workshop(training_folder(cache), jobs_of(jobs), progress)
        context = BuildContext(exercise=rules, recipe=recipe, before=own_folder(rules), workshop=workshop)
        if part is None:
            train_all(context, folder, click.echo)
        text = "complete" if part is None else train_part(part, context, folder)
    click.echo(f"{folder}: {text}")


def _train_network(
    network: Training, *, out: Path | None, cache: Path | None, jobs: int | None, replace: bool = False, **given: Any
) -> None:
    folder, recipe = out or models_dir() / network.folder, network.recipe(**given)
    check_replacing(folder, [network.card] if recipe.is_written else [], replace)
    with needing(network.extra), leaving(folder, GOES_ON), bar() as progress:
        make = import_module(network.module).make
        figures = make(recipe, folder, Workshop(training_folder(cache), jobs_of(jobs), progress))
    click.echo(f"{folder}: {figures if isinstance(figures, str) else json.dumps(figures, indent=2)}")


def _out_option(by_default: str) -> Callable[[Command], Command]:
    """Return the option that names another folder. by_default: the usual one in words; empty: there is none."""
    text = "Folder to put it into" + (f"; by default {by_default}" if by_default else "")
    return click.option("--out", type=PATH, metavar="DIR", required=not by_default, help=f"{text}.")


def _place_options(by_default: str) -> Callable[[Command], Command]:
    """Return the options that say where and how training works. by_default: as for _out_option."""
    ships = [replace_option] if by_default else []
    return combined_options(training_cache_option, jobs_option, *ships, _out_option(by_default))


def _add(training: Training, function: Callable[..., None], example: str, *options: Callable[[Any], Any]) -> None:
    """Add a function to `train` as the command of a training."""
    about = inspect.cleandoc(training.about) + ("" if training.module else f"\n\n{AS_SHIPPED}")
    function.__doc__ = f"{about}\n\nExample: livecoach lab train {training.name} {example}"
    train.command(training.name)(combined_options(*options)(needs_packages(training.extra)(function)))


@train.command(name="all")
@click.argument("exercise")
@recipe_options(recipes.Sizes, own=False)
@_place_options("the exercise's own")
@needs_packages("train")
def everything(exercise: str, **given: Any) -> None:
    """Train all models of an exercise from its YAML files.

    The parts are made one after the other: stage, boundaries, lift, scorer. They take the place of the
    exercise's model when all are complete; model.json says by which commands they were made. After an interruption the
    same command continues. Sizes and seeds that are not given are those of the shipped models.

    Example: livecoach lab train all squat --out my-squat
    """
    _train_exercise(None, exercise, **given)


for part in PARTS:
    _add(
        part,
        partial(_train_exercise, part.name),
        "deadlift --out my-deadlift",
        click.argument("exercise"),
        recipe_options(part.recipe, own=False),
        _place_options("the exercise's own"),
    )


@train.command()
@click.argument("exercise", required=False)
@recipe_options(recipes.ScorerRecipe, own=False)
@click.option("--images", type=PATH, metavar="DIR", help="Folder of good rep images (PNG) to train on instead.")
@click.option("--valid", type=PATH, metavar="DIR", help="More good rep images, to tell how many are flagged.")
@click.option("--method", type=click.Choice(["seed", "best"]), default="best", help="Method for rep images.")
@_place_options("the exercise's own")
@needs_packages("train")
def scorer(exercise: str | None, images: Path | None, valid: Path | None, method: "Method", **given: Any) -> None:
    """Train what tells how unlike good reps a rep is.

    The reps are those of an exercise, or a folder of rep images.

    The exercise's own model folder holds its other models already. Sizes and seeds that are not given are those of the
    shipped models.

    Example: livecoach lab train scorer deadlift --out my-deadlift

    Example: livecoach lab train scorer --images good --out model
    """
    if (exercise is None) == (images is None):
        raise click.UsageError("Name an exercise, or a folder of --images: one of the two.")
    if exercise is not None:
        _train_exercise("scorer", exercise, **given)
    elif given["out"] is None:
        raise click.UsageError("--images needs --out: where the model is to be written.")
    elif images is not None:
        seed = IMAGES_SEED if given["seed"] is None else given["seed"]
        with needing("train"), bar() as progress:
            card = train_images(images, valid, method, given["out"], seed, lambda share: progress("training", share))
        click.echo(trained_text(card, given["out"]))


def train_images(
    train: Path,
    valid: Path | None,
    method: "Method",
    out: Path,
    seed: int,
    progress: Callable[[float], object],
) -> "ImageCard":
    """Train a scorer of rep images on a folder of good ones, and write it to the folder `out`.

    valid: a folder of other good images, to measure how many are flagged. progress: called with the share done, 0…1.
    Raises LivecoachError; then, and on Ctrl-C, `out` is unchanged.
    """
    from livecoach.lab.images import pictures, training

    images = pictures.read_images(train)
    more = None if valid is None else pictures.read_images(valid)
    with leaving(out):
        return training.train(images, more, method, out, seed, progress)


def trained_text(card: "ImageCard", out: Path) -> str:
    """Return the message about a trained scorer."""
    facts, left_out = card.training, card.metrics["left_out"]["flagged"]
    lines = [
        f"{out}: scorer of rep images, method {card.method}, of {facts['images']} images of {facts['videos']} videos.",
        f"Good images of videos left out that it flags: {_flagged(left_out)}.",
    ]
    if "valid" in card.metrics:
        lines.append(f"Of --valid: {_flagged(card.metrics['valid']['flagged'])}.")
        if repeated := card.metrics["valid"]["of_training"]:
            lines.append(f"{repeated} of the images of --valid are among those it was trained on.")
    return "\n".join(lines)


def _flagged(share: dict[str, Any]) -> str:
    return f"{share['hits']} of {share['of']} ({share['low']:.3f}-{share['high']:.3f})"


for network in NETWORKS:
    _add(
        network,
        partial(_train_network, network),
        f"--out my-{network.name}",
        recipe_options(network.recipe),
        _place_options(f"models/{network.folder}" if network.folder else ""),
    )
