"""The commands that train what all exercises share: train bar, train lifting, train view."""

import json
from pathlib import Path

import click

from livecoach.cli.lab_needs import PATH, cache_of, cache_option, jobs_of, jobs_option, leaving, needing, needs_packages
from livecoach.cli.share_bar import bar
from livecoach.config.paths import models_dir


@click.command(name="bar")
@click.option("--scenes", type=click.IntRange(1), metavar="N", help="Scenes to train on; else as for the shipped ones.")
@click.option(
    "--judging", type=click.IntRange(1), metavar="N", help="Scenes to judge by; else as for the shipped ones."
)
@cache_option
@jobs_option
@click.option("--out", type=PATH, metavar="DIR", help="Folder to put them into; else models/bar.")
@needs_packages("train")
def bar_networks(
    scenes: int | None, judging: int | None, cache: Path | None, jobs: int | None, out: Path | None
) -> None:
    """Train the networks that find a barbell's plate.

    They learn from rendered pictures.

    The pictures are drawn with OpenGL and kept in the cache, so that the same command goes on after an interruption.

    Example: livecoach train bar --cache pictures
    """
    folder = out or models_dir() / "bar"
    with needing("train"), leaving(folder, "; the same command goes on with the pictures"), bar() as progress:
        from livecoach.bar.detector import CARD
        from livecoach.lab.model_files import new_files
        from livecoach.lab.train.bar import BarRecipe, train_bar

        usual = BarRecipe()
        recipe = BarRecipe(scenes=scenes or usual.scenes, judging=judging or usual.judging)
        with new_files(folder, CARD) as made:
            figures = train_bar(recipe, made, cache_of(cache) / "bar", jobs_of(jobs), progress)
    click.echo(f"{folder}: {json.dumps(figures, indent=2)}")


@click.command()
@click.option("--sets", type=click.IntRange(10), metavar="N", help="Synthetic sets; else as for the shipped one.")
@click.option("--steps", type=click.IntRange(10), metavar="N", help="Batches; else as for the shipped one.")
@click.option("--out", type=PATH, metavar="DIR", help="Folder to put it into; else models/pose.")
@needs_packages("train")
def lifting(sets: int | None, steps: int | None, out: Path | None) -> None:
    """Train what lifts keypoints to world landmarks.

    The network learns from synthetic bodies.

    Pose models without world landmarks of their own need it: movenet and ONNX files. Training takes minutes of one
    processor.

    Example: livecoach train lifting --sets 200 --steps 2000 --out lifting
    """
    folder = out or models_dir() / "pose"
    with needing("train"), leaving(folder), bar() as progress:
        from livecoach.lab.model_files import new_files
        from livecoach.lab.train.lifting import LiftingRecipe, train_lifting
        from livecoach.pose.lifting import CARD

        usual = LiftingRecipe()
        recipe = LiftingRecipe(sets=sets or usual.sets, steps=steps or usual.steps)
        with new_files(folder, CARD) as made:
            figures = train_lifting(recipe, made, progress)
    click.echo(f"{folder}: {json.dumps(figures, indent=2)}")


@click.command()
@click.argument("clips", nargs=-1, required=True, type=PATH, metavar="CLIPS...")
@click.option("--model", "models", multiple=True, type=click.Choice(["lite", "full"]), help="Pose model; else both.")
@cache_option
@needs_packages("train")
def view(clips: tuple[Path, ...], models: tuple[str, ...], cache: Path | None) -> None:
    """Fit the constants of the view's estimate.

    The constants of livecoach/frame/view.py are fitted to folders of rendered clips, and printed.

    `livecoach synth render` makes such clips.

    Example: livecoach train view clips
    """
    with needing("train"), bar() as progress:
        from livecoach.lab.measure.cache import Cache
        from livecoach.lab.measure.view import read_clips
        from livecoach.lab.train.view_weights import fit_view

        kept = Cache(cache_of(cache) / "view")
        text = fit_view(list(read_clips(clips, kept, models or ("lite", "full"), progress)))
    click.echo(text)
