"""The commands that train the models of an exercise: train all, stage, lift, boundaries, scorer."""

import json
from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli.lab_options import (
    PATH,
    check_model_folder,
    check_replacing,
    dataset_of,
    given_only,
    jobs_of,
    jobs_option,
    leaving,
    motion_option,
    needing,
    needs_packages,
    own_folder,
    replace_option,
    training_cache_option,
    training_folder,
)
from livecoach.cli.lab_train_networks import bar_networks, depth, lifting, recognition, squat_picture
from livecoach.cli.options import MOST, SEED, Command, Decimal, say
from livecoach.cli.output import atomic_write
from livecoach.cli.progress import bar
from livecoach.config import exercise as exercises
from livecoach.lab.model_files import PARTS as PART_FILES

if TYPE_CHECKING:
    from livecoach.config.exercise import Exercise
    from livecoach.lab.dataset import Dataset
    from livecoach.lab.images.model import ImageCard, Method
    from livecoach.lab.processes import Progress
    from livecoach.lab.train.exercise_model import BuildContext
    from livecoach.lab.train.recipes import Recipe

IMAGES_SEED = 1


out_option = click.option("--out", type=PATH, metavar="DIR", help="Model folder; by default the exercise's own.")


def _number(name: str, least: int, help_: str, most: int | None = None) -> Callable[[Command], Command]:
    return click.option(name, type=click.IntRange(least, MOST if most is None else most), metavar="N", help=help_)


sets_option = _number("--sets", 2, "Synthetic sets; by default as many as for the shipped models.")
rendered_option = _number("--rendered", 0, "Rendered sets to learn from too; by default as for the shipped models.", 87)
seed_option = click.option("--seed", type=SEED, metavar="N", help="Seed; by default that of the shipped models.")


@click.group()
def train() -> None:
    """Train the models of an exercise, and other networks.

    The other networks find a barbell, lift keypoints to the world, recognise the exercise, and judge pictures of
    squats.

    Without a dataset of recordings models are learned from synthetic lifters.
    """


@train.command(name="all")
@click.argument("exercise")
@sets_option
@_number("--lifters", 8, "Synthetic lifters of the scorer; by default as for the shipped models.")
@rendered_option
@motion_option
@seed_option
@training_cache_option
@jobs_option
@replace_option
@out_option
@needs_packages("train")
def everything(exercise: str, out: Path | None, replace: bool, **given: Any) -> None:
    """Train all models of an exercise from its YAML files.

    The parts are made one after the other: stage, boundaries, lift, scorer. They take the place of the
    exercise's model when all are complete; model.json says by which commands they were made. After an interruption the
    same command continues.

    Example: livecoach lab train all squat --out my-squat
    """
    rules = exercises.load(exercise)
    folder = out or own_folder(rules)
    check_model_folder(folder)
    check_replacing(folder, PART_FILES, replace)
    places, sizes = _split(given)
    goes_on = "; the same command continues where it stopped"
    with needing("train"), leaving(folder, goes_on), bar() as progress:
        from livecoach.lab.train.exercise_model import train_all
        from livecoach.lab.train.recipes import recipe_of, resized

        recipe = resized(recipe_of(rules), **given_only(sizes))
        train_all(_build_context(rules, recipe, places, progress, before=folder), folder, click.echo)
    click.echo(f"{folder}: complete")


@train.command()
@click.argument("exercise")
@click.option("--data", type=PATH, metavar="DIR", help="Dataset to train on; by default synthetic lifters.")
@sets_option
@seed_option
@jobs_option
@replace_option
@click.option("--out", type=PATH, metavar="FILE", help="Where to write it; by default the exercise's own stage.json.")
@needs_packages("train")
def stage(exercise: str, data: Path | None, jobs: int | None, out: Path | None, replace: bool, **given: Any) -> None:
    """Train what tells up from down: stage.json of an exercise.

    Example: livecoach lab train stage deadlift --out stage.json
    """
    rules = exercises.load(exercise)
    path = out or own_folder(rules) / "stage.json"
    check_replacing(path.parent, [path.name], replace)
    with needing("train"), leaving(path), bar() as progress:
        from livecoach.lab.model_files import seal
        from livecoach.lab.train import stage as stages
        from livecoach.lab.train.recipes import recipe_of

        recipe = changed(recipe_of(rules).stage, **given_only(given))
        if data is None:
            of = f"--sets {recipe.sets}"
            frames = stages.synthetic_data(rules, recipe.sets, recipe.seed, jobs_of(jobs), progress)
        else:
            loaded = dataset_of(data, rules)
            of, frames = f"--data DIR (digest {loaded.digest()[:12]})", stages.recorded_data(loaded, rules)
        command = f"livecoach lab train stage {rules.name} {of} --seed {recipe.seed}"
        content = stages.train_stage(frames, recipe.seed, command)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path, "--out", private=False) as place:
        place.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    if out is None:
        seal(path.parent)
    click.echo(f"{path}: {stages.judged_text(content)}")


@train.command()
@click.argument("exercise")
@sets_option
@rendered_option
@_number("--judging", 1, "Synthetic sets to judge on; by default as for the shipped models.")
@click.option(
    "--limit", type=Decimal(-100, 100), metavar="X", help="Log likelihood ratio above which a movement alone is a lift."
)
@seed_option
@training_cache_option
@jobs_option
@replace_option
@out_option
@needs_packages("train")
def lift(exercise: str, **given: Any) -> None:
    """Train what tells a lift from another movement.

    It makes lift.json of an exercise.

    It is made after the stage model and the boundaries in the exercise's own folder. Rendered sets are drawn with
    OpenGL, a minute and more each, and kept in the cache.

    Example: livecoach lab train lift deadlift --out my-deadlift
    """
    _train_part("lift", exercise, given)


@train.command()
@click.argument("exercise")
@sets_option
@seed_option
@jobs_option
@replace_option
@out_option
@needs_packages("train")
def boundaries(exercise: str, **given: Any) -> None:
    """Train what tells where a rep starts, turns and ends.

    It makes boundaries.json of an exercise.

    It is made after the stage model in the exercise's own folder.

    Example: livecoach lab train boundaries squat --out my-squat
    """
    _train_part("boundaries", exercise, given)


def _train_part(name: str, exercise: str, given: dict[str, Any]) -> None:
    rules = exercises.load(exercise)
    folder = given.pop("out") or own_folder(rules)
    check_model_folder(folder)
    check_replacing(folder, [f"{name}.json"], given.pop("replace"))
    places, sizes = _split(given)
    with needing("train"), leaving(folder), bar() as progress:
        from livecoach.lab.train.exercise_model import PARTS, train_part

        text = train_part(PARTS[name], _build_context(rules, _resized(rules, name, sizes), places, progress), folder)
    click.echo(f"{folder / PARTS[name].files[0]}: {text}")


def _split(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options that say where and how training works, and those that change the recipe."""
    places = {name: given.get(name) for name in ("cache", "jobs", "motion")}
    return places, {name: value for name, value in given.items() if name not in places}


def _resized(exercise: "Exercise", part: str, sizes: dict[str, Any]) -> "Recipe":
    """Return the recipe of an exercise, of which one part has the given sizes."""
    from livecoach.lab.train.recipes import recipe_of

    recipe = recipe_of(exercise)
    return changed(recipe, **{part: changed(getattr(recipe, part), **given_only(sizes))})


def _build_context(
    exercise: "Exercise",
    recipe: "Recipe",
    places: dict[str, Any],
    progress: "Progress",
    *,
    before: Path | None = None,
) -> "BuildContext":
    """Return what training works with. before: folder of the parts that are there; None for the exercise's own."""
    from livecoach.lab.train.exercise_model import BuildContext

    return BuildContext(
        exercise=exercise,
        recipe=recipe,
        before=before or own_folder(exercise),
        cache=training_folder(places["cache"]),
        jobs=jobs_of(places["jobs"]),
        progress=progress,
        motion=places["motion"],
    )


@train.command()
@click.argument("exercise", required=False)
@click.option("--data", type=PATH, metavar="DIR", help="Dataset to train on; by default synthetic lifters.")
@click.option(
    "--lifters",
    type=click.IntRange(8, 5000),
    metavar="N",
    help="Synthetic lifters; by default as for the shipped models.",
)
@click.option(
    "--cameras", type=click.IntRange(1, 20), metavar="N", help="Virtual cameras that see each person of --motion."
)
@motion_option
@click.option("--images", type=PATH, metavar="DIR", help="Folder of good rep images (PNG) to train on instead.")
@click.option("--valid", type=PATH, metavar="DIR", help="More good rep images, to tell how many are flagged.")
@click.option(
    "--method", type=click.Choice(["seed", "best"]), default="best", show_default=True, help="Method for rep images."
)
@click.option("--seed", type=SEED, metavar="N", help="Seed; by default that of the shipped models.")
@training_cache_option
@jobs_option
@replace_option
@out_option
@needs_packages("train")
def scorer(exercise: str | None, images: Path | None, out: Path | None, replace: bool, **given: Any) -> None:
    """Train what tells how unlike good reps a rep is.

    The reps are those of an exercise, or a folder of rep images.

    The exercise's own model folder holds its other models already.

    Example: livecoach lab train scorer deadlift --out my-deadlift

    Example: livecoach lab train scorer --images good --out model
    """
    if (exercise is None) == (images is None):
        raise click.UsageError("Name an exercise, or a folder of --images: one of the two.")
    if images is not None:
        if out is None:
            raise click.UsageError("--images needs --out: where the model is to be written.")
        seed = IMAGES_SEED if given["seed"] is None else given["seed"]
        _train_images(images, given["valid"], given["method"], out, seed)
        return
    rules = exercises.load(exercise or "")
    folder = out or own_folder(rules)
    check_model_folder(folder)
    check_replacing(folder, ["scorer.json"], replace)
    places, sizes = _split({name: given[name] for name in ("lifters", "cameras", "seed", "cache", "jobs", "motion")})
    with needing("train"), leaving(folder), bar() as progress:
        from livecoach.lab.train.exercise_model import PARTS, train_part

        context = _build_context(rules, _resized(rules, "scorer", sizes), places, progress)
        if given["data"] is None:
            text = train_part(PARTS["scorer"], context, folder)
        else:
            text = _train_on_dataset(dataset_of(given["data"], rules), context, folder)
    click.echo(f"{folder}: {text}")


def _train_on_dataset(dataset: "Dataset", context: "BuildContext", folder: Path) -> str:
    from livecoach.lab.model_files import new_files
    from livecoach.lab.scorer.training import ScorerTask, train_scorer

    command = f"livecoach lab train scorer {dataset.exercise} --data DIR (digest {dataset.digest()[:12]})"
    command += f" --seed {context.recipe.scorer.seed}"
    task = ScorerTask(
        exercise=context.exercise,
        dataset=dataset,
        real=context.real_reps(),
        training={"command": command, "seed": context.recipe.scorer.seed},
    )
    with new_files(folder, "model.json") as made:
        return train_scorer(task, made, context.before, context.progress)


def _train_images(images: Path, valid: Path | None, method: str, out: Path, seed: int) -> None:
    with needing("train"), bar() as progress:
        card = train_images(images, valid, method, out, seed, lambda share: progress("training", share))  # type: ignore[arg-type]
    click.echo(trained_text(card, out))


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
    try:
        return training.train(images, more, method, out, seed, progress)
    except KeyboardInterrupt:
        say(f"interrupted; {out} is unchanged")
        raise


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


for command in (bar_networks, depth, lifting, recognition, squat_picture):
    train.add_command(command)
