"""The command that trains the network of squat pictures: train squat-picture."""

from pathlib import Path

import click

from livecoach.cli.lab_needs import PATH, cache_of, cache_option, jobs_of, jobs_option, leaving, needing, needs_packages
from livecoach.cli.share_bar import bar


@click.command()
@click.option("--lifters", type=click.IntRange(8), metavar="N", help="Lifters to train on; else 1000.")
@click.option("--judging", type=click.IntRange(2), metavar="N", help="Lifters to judge by; else 200.")
@click.option("--pictures", type=click.IntRange(32), metavar="N", help="Pictures to train on; else 36000.")
@click.option(
    "--kind",
    type=click.Choice(["paper", "square"]),
    default="paper",
    show_default=True,
    help="As published, or cropped to a square.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, metavar="N", help="Of the training.")
@cache_option
@jobs_option
@click.option("--out", type=PATH, required=True, metavar="DIR", help="Folder to put the network into.")
@needs_packages("train")
def squat_picture(
    lifters: int | None,
    judging: int | None,
    pictures: int | None,
    kind: str,
    seed: int,
    cache: Path | None,
    jobs: int | None,
    out: Path,
) -> None:
    """Train a published network that judges squats by a picture.

    The network tells good squats from bad ones by one picture of the pose.

    It learns from synthetic lifters and is judged on others, with bodies that it has not seen. It judges nothing live.
    The squats stay in the cache; `livecoach evaluate --pictures` judges by them again.

    Example: livecoach train squat-picture --out squat-picture
    """
    with needing("train"), leaving(out, "; the same command goes on with the squats"), bar() as progress:
        from livecoach.lab.squat_picture import model
        from livecoach.lab.squat_picture.training import SquatPictureRecipe, train_model

        usual = SquatPictureRecipe()
        recipe = SquatPictureRecipe(
            lifters=lifters or usual.lifters,
            judging=judging or usual.judging,
            pictures=pictures or usual.pictures,
            kind=kind,
            seed=seed,
        )
        figures = train_model(recipe, out, cache_of(cache) / "squat-picture", jobs_of(jobs), progress)
    click.echo(f"{out}: {model.text(figures)}")
