"""The commands that train what all exercises share: train bar, depth, lifting, recognition, squat-picture."""

import json
from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import click

from livecoach.cli.lab_options import (
    PATH,
    check_replacing,
    given_only,
    jobs_of,
    jobs_option,
    leaving,
    needing,
    needs_packages,
    replace_option,
    training_cache_option,
    training_folder,
)
from livecoach.cli.options import MOST, SEED, Command
from livecoach.cli.progress import bar
from livecoach.config.paths import models_dir
from livecoach.lab.recognition import KIND_NAMES, SHIPPED


@click.command(name="bar")
@click.option(
    "--scenes",
    type=click.IntRange(1, MOST),
    metavar="N",
    help="Scenes to train on; by default as for the shipped ones.",
)
@click.option(
    "--judging",
    type=click.IntRange(1, MOST),
    metavar="N",
    help="Scenes to judge by; by default as for the shipped ones.",
)
@training_cache_option
@jobs_option
@replace_option
@click.option("--out", type=PATH, metavar="DIR", help="Folder to put them into; by default models/bar.")
@needs_packages("networks")
def bar_networks(cache: Path | None, jobs: int | None, out: Path | None, replace: bool, **sizes: Any) -> None:
    """Train the networks that find a barbell's plate.

    They learn from rendered pictures.

    The pictures are drawn with OpenGL and kept in the cache, so that the same command continues after an interruption.

    Example: livecoach lab train bar --cache pictures --out bar
    """
    folder = out or models_dir() / "bar"
    check_replacing(folder, ["bar.json"], replace)
    with needing("networks"), leaving(folder, "; the same command continues with the pictures"), bar() as progress:
        from livecoach.bar.detector import CARD
        from livecoach.lab.model_files import new_files
        from livecoach.lab.train.bar import BarRecipe, train_bar

        recipe = changed(BarRecipe(), **given_only(sizes))
        with new_files(folder, CARD) as made:
            figures = train_bar(recipe, made, training_folder(cache) / "bar", jobs_of(jobs), progress)
    click.echo(f"{folder}: {json.dumps(figures, indent=2)}")


@click.command()
@click.option("--sets", type=click.IntRange(8, MOST), default=94, show_default=True, metavar="N", help="Rendered sets.")
@click.option("--seed", type=SEED, default=5101, show_default=True, metavar="N", help="Seed of the rendered sets.")
@training_cache_option
@jobs_option
@replace_option
@click.option("--out", type=PATH, metavar="DIR", help="Folder to put it into; by default models/standards.")
@needs_packages("train")
def depth(sets: int, seed: int, cache: Path | None, jobs: int | None, out: Path | None, replace: bool) -> None:
    """Train what measures the depth of a squat.

    It learns from rendered squats of training bodies, whose mesh tells the depth.

    The squats are drawn with OpenGL and kept in the cache, so that the same command continues after an interruption.

    Example: livecoach lab train depth --out standards
    """
    from livecoach.rep.depth import FILE

    folder = out or models_dir() / "standards"
    check_replacing(folder, [FILE], replace)
    with needing("train"), leaving(folder, "; the same command continues with the squats"), bar() as progress:
        from livecoach.lab import depth as depths
        from livecoach.lab.measure.cache import Cache
        from livecoach.lab.model_files import new_files

        reps = depths.squats("training", seed, sets, Cache(training_folder(cache)), jobs_of(jobs), progress)
        command = f"livecoach lab train depth --sets {sets} --seed {seed}"
        content = depths.train_depth(reps, {"command": command, "seed": seed, "sets": sets})
        with new_files(folder, FILE) as made:
            depths.write(made / FILE, content)
    click.echo(f"{folder / FILE}: {json.dumps(content['training'])}")


@click.command()
@click.option(
    "--sets", type=click.IntRange(10, MOST), metavar="N", help="Synthetic sets; by default as for the shipped one."
)
@click.option("--steps", type=click.IntRange(10, MOST), metavar="N", help="Batches; by default as for the shipped one.")
@replace_option
@click.option("--out", type=PATH, metavar="DIR", help="Folder to put it into; by default models/pose.")
@needs_packages("networks")
def lifting(out: Path | None, replace: bool, **sizes: Any) -> None:
    """Train what lifts keypoints to world landmarks.

    The network learns from synthetic bodies.

    Pose models without world landmarks of their own need it: movenet and ONNX files. Training takes minutes of one
    processor.

    Example: livecoach lab train lifting --sets 200 --steps 2000 --out lifting
    """
    folder = out or models_dir() / "pose"
    check_replacing(folder, ["lifting.json"], replace)
    with needing("networks"), leaving(folder), bar() as progress:
        from livecoach.lab.model_files import new_files
        from livecoach.lab.train.pose_lifter import LiftingRecipe, train_lifting
        from livecoach.pose.pose_lifter import CARD

        recipe = changed(LiftingRecipe(), **given_only(sizes))
        with new_files(folder, CARD) as made:
            figures = train_lifting(recipe, made, progress)
    click.echo(f"{folder}: {json.dumps(figures, indent=2)}")


def _recognition_size(name: str, help_: str) -> Callable[[Command], Command]:
    return click.option(
        name, type=click.IntRange(1, MOST), metavar="N", help=f"{help_}; by default as for the shipped model."
    )


@click.command()
@click.option("--kind", type=click.Choice(KIND_NAMES), help="Network; by default that of the shipped model.")
@_recognition_size("--sets", "Synthetic sets to train on")
@_recognition_size("--judging", "Synthetic sets of judging bodies")
@_recognition_size("--steps", "Steps of training")
@_recognition_size("--real", "Sets of the people of --motion to train on")
@click.option(
    "--motion", type=PATH, metavar="DIR", help="Folder of recorded movements (UI-PRMD, CMU), to learn from them too."
)
@click.option("--start", type=PATH, metavar="DIR", help="Model folder whose network training goes on from.")
@click.option("--seed", type=SEED, metavar="N", help="Seed; by default that of the shipped model.")
@training_cache_option
@jobs_option
@replace_option
@click.option("--out", type=PATH, metavar="DIR", help="Folder to put it into; by default models/recognition.")
@needs_packages("networks")
def recognition(cache: Path | None, jobs: int | None, out: Path | None, replace: bool, **given: Any) -> None:
    """Train what recognises the exercise.

    It learns from synthetic sets of every exercise, and with --motion from real people's movements before virtual
    cameras.

    The sets are kept in the cache. For another kind than the shipped one it only says how many sets of judging
    bodies the network gets right, and writes nothing.

    Example: livecoach lab train recognition --kind tcn
    """
    folder = out or models_dir() / "recognition"
    if given["kind"] in (None, SHIPPED):
        check_replacing(folder, ["recognition.json"], replace)
    with needing("networks"), leaving(folder, "; the same command continues with the sets"), bar() as progress:
        from livecoach.lab.model_files import new_files
        from livecoach.lab.recognition.making import RecognitionRecipe, make, trained
        from livecoach.recognition.model_file import CARD

        recipe = changed(RecognitionRecipe(), **given_only(given))
        if recipe.kind != SHIPPED:
            rival = trained(recipe, training_folder(cache) / "recognition", jobs_of(jobs), progress)
            click.echo(f"{recipe.kind}: {json.dumps(rival.figures, indent=2)}")
            return
        with new_files(folder, CARD) as made:
            figures = make(recipe, made, training_folder(cache) / "recognition", jobs_of(jobs), progress)
    click.echo(f"{folder}: {json.dumps(figures, indent=2)}")


@click.command()
@click.option("--lifters", type=click.IntRange(8, MOST), metavar="N", help="Lifters to train on; by default 1000.")
@click.option("--judging", type=click.IntRange(2, MOST), metavar="N", help="Lifters to judge by; by default 200.")
@click.option("--pictures", type=click.IntRange(32, MOST), metavar="N", help="Pictures to train on; by default 36000.")
@click.option(
    "--kind",
    type=click.Choice(["paper", "square"]),
    default="paper",
    show_default=True,
    help="As published, or cropped to a square.",
)
@click.option("--seed", type=SEED, default=1, show_default=True, metavar="N", help="Seed of the training.")
@training_cache_option
@jobs_option
@click.option("--out", type=PATH, required=True, metavar="DIR", help="Folder to put the network into.")
@needs_packages("networks")
def squat_picture(cache: Path | None, jobs: int | None, out: Path, **given: Any) -> None:
    """Train a published network that judges squats by a picture.

    The network tells good squats from bad ones by one picture of the pose.

    It learns from synthetic lifters and is judged on others, with bodies that it has not seen. It judges nothing live.
    The squats stay in the cache; `livecoach lab evaluate --pictures` judges by them again.

    Example: livecoach lab train squat-picture --out squat-picture
    """
    with needing("networks"), leaving(out, "; the same command continues with the squats"), bar() as progress:
        from livecoach.lab.squat_picture import model
        from livecoach.lab.squat_picture.training import SquatPictureRecipe, train_model

        recipe = changed(SquatPictureRecipe(), **given_only(given))
        figures = train_model(recipe, out, training_folder(cache) / "squat-picture", jobs_of(jobs), progress)
    click.echo(f"{out}: {model.text(figures)}")
