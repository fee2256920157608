"""The commands that measure the network of squat pictures: squat-picture, squat-splits and the like."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli.lab_measure_output import cache_of, cache_option, count_option, figures, seed_option
from livecoach.cli.lab_needs import PATH, jobs_of, jobs_option
from livecoach.cli.lab_needs import cache_of as training_cache_of

if TYPE_CHECKING:
    from livecoach.lab.measure.table import Progress, Table

model_option = click.option(
    "--model", type=PATH, required=True, metavar="DIR", help="Folder of `livecoach train squat-picture`."
)

squats_option = click.option("--cache", type=PATH, metavar="DIR", help="Keeps the squats; else a folder in your cache.")


@click.command()
@model_option
@count_option("--lifters", 40, "synthetic lifters")
@seed_option(34)
@figures
def squat_picture(*, model: Path, lifters: int, seed: int, progress: "Progress") -> "list[Table]":
    """Measure what a picture of the bottom adds to verdicts.

    It tells whether such pictures lower the misses in squats of lifters of whom nothing is known.

    Synthetic sets go through the whole pipeline, and each rep is judged as the first of its lifter.

    Example: livecoach measure squat-picture --model squat-picture
    """
    from livecoach.lab.squat_picture import voting
    from livecoach.lab.squat_picture.model import load

    return voting.measure(load(model), lifters, seed, progress)


@click.command()
@model_option
@seed_option(0)
@cache_option
@figures
def squat_picture_real(*, model: Path, seed: int, cache: Path | None, progress: "Progress") -> "list[Table]":
    """Measure that on the labelled squats of LIVECOACH_DATA.

    It also tells how many of their pictures are judged right.

    Example: livecoach measure squat-picture-real --model squat-picture
    """
    from livecoach.lab.squat_picture import real
    from livecoach.lab.squat_picture.model import load

    return real.measure(load(model), cache_of(cache), seed, progress)


@click.command()
@count_option("--lifters", 6, "synthetic lifters", 4)
@count_option("--sets", 20, "sets of each lifter")
@count_option("--pictures", 6400, "pictures to train each network on", 32)
@seed_option(35)
@squats_option
@jobs_option
@figures
def squat_splits(
    *,
    lifters: int,
    sets: int,
    pictures: int,
    seed: int,
    cache: Path | None,
    jobs: int | None,
    progress: "Progress",
) -> "list[Table]":
    """Measure how lifters in both parts flatter pictures.

    Lifters that are in training too make a network of squat pictures seem better than it is.

    The same squats of a few synthetic lifters are split by picture, by squat and by lifter, and a network is trained on
    three quarters of each split.

    Example: livecoach measure squat-splits --lifters 6 --sets 20
    """
    from livecoach.lab.squat_picture import leaking
    from livecoach.lab.squat_picture.recipe import KINDS
    from livecoach.lab.squat_picture.synthetic import SquatRequest, kept_squats
    from livecoach.lab.squat_picture.training import Training

    wanted = SquatRequest(bodies="training", seed=seed, lifters=lifters, sets=sets)
    squats, _ = kept_squats(wanted, training_cache_of(cache) / "squat-picture", jobs_of(jobs), progress)
    training = Training(kind=KINDS["square"], pictures=pictures, seed=seed)
    return [leaking.measure(squats, training, progress)]


@click.command()
@count_option("--lifters", 1000, "synthetic lifters to learn from", 8)
@count_option("--judging", 200, "synthetic lifters to judge by", 2)
@seed_option(1)
@squats_option
@jobs_option
@figures
def squat_rivals(
    *, lifters: int, judging: int, seed: int, cache: Path | None, jobs: int | None, progress: "Progress"
) -> "list[Table]":
    """Measure what a picture's landmarks say as numbers.

    They tell what a picture can show at best.

    The squats are those of `livecoach train squat-picture`.

    Example: livecoach measure squat-rivals --lifters 1000
    """
    from livecoach.lab.squat_picture import rivals
    from livecoach.lab.squat_picture.recipe import Recipe, squats_of

    recipe = Recipe(lifters=lifters, judging=judging)
    squats, judged, _ = squats_of(recipe, training_cache_of(cache) / "squat-picture", jobs_of(jobs), progress)
    return [rivals.measure(squats, judged, seed, progress)]


COMMANDS = (squat_picture, squat_picture_real, squat_splits, squat_rivals)
