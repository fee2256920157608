"""The command that judges a scorer: evaluate."""

import json
from pathlib import Path
from typing import Any

import click

from livecoach.cli import options
from livecoach.cli.lab_needs import PATH, needing
from livecoach.cli.output import json_output


@click.command()
@click.argument("dataset", required=False, type=PATH)
@click.option("--images", type=PATH, nargs=2, metavar="GOOD BAD", help="Two folders of rep images, in its place.")
@click.option("--pictures", type=PATH, metavar="FILE", help="Squats whose pictures are judged, in its place.")
@click.option("--model", metavar="E|FOLDER", help="Model that judges; of a dataset the exercise's own as a rule.")
@click.option("--json", "json_to", metavar="-|FILE", help="Write the figures as one JSON document.")
def evaluate(
    dataset: Path | None,
    images: tuple[Path, Path] | None,
    pictures: Path | None,
    model: str | None,
    json_to: str | None,
) -> None:
    """Judge a scorer on reps whose label is known.

    It prints AUROC, alarms on good reps and hits on bad ones, with intervals.

    Of a dataset its test part is judged, with the reps of lifters that no model has seen. The squats of --pictures are
    a file that `livecoach train squat-picture` keeps in its cache. A folder with a recognition.csv (a line a clip:
    file, exercise, which may be "none") judges the recognition of exercises.

    Example: livecoach evaluate deadlifts --json -

    Example: livecoach evaluate --images good bad --model model

    Example: livecoach evaluate --pictures judging-33-200-1.npz --model squat-picture
    """
    if sum(given is not None for given in (dataset, images, pictures)) != 1:
        raise click.UsageError("Name a dataset, two folders of --images, or a file of --pictures: one of the three.")
    if images is not None:
        if model is None:
            raise click.UsageError("--images needs --model: the folder that `livecoach train scorer --images` wrote.")
        from livecoach.cli.lab_images import evaluate_images, judged_text

        figures = evaluate_images(*images, Path(model))
        text = judged_text(figures)
    elif pictures is not None:
        if model is None:
            raise click.UsageError("--pictures needs --model: the folder that `livecoach train squat-picture` wrote.")
        figures, text = _judge_pictures(pictures, Path(model))
    elif dataset is not None:
        figures, text = _judge_dataset(dataset, model)
    if json_to is not None:
        json_output(json.dumps(figures, indent=2), json_to)
    if json_to != "-":
        click.echo(text)


def _judge_dataset(path: Path, model: str | None) -> tuple[dict[str, Any], str]:
    from livecoach.lab import dataset as datasets
    from livecoach.lab.dataset import is_clip_folder

    if is_clip_folder(path):
        return _judge_recognition(path, model)
    loaded = datasets.load(path)
    with needing("train"):
        from livecoach.lab.scorer.evaluation import evaluate, text

        figures = evaluate(loaded, options.model_folder(model or loaded.exercise))
    return figures, text(figures)


def _judge_recognition(path: Path, model: str | None) -> tuple[dict[str, Any], str]:
    with needing("train"):
        from livecoach.lab.recognition import labelled
        from livecoach.recognition import model_file

        found = labelled.judged_folder(path, model_file.load(None if model is None else Path(model)))
    figures = labelled.figures(found)
    return figures, labelled.text(figures)


def _judge_pictures(path: Path, model: Path) -> tuple[dict[str, Any], str]:
    from livecoach.lab.squat_picture import model as networks
    from livecoach.lab.squat_picture.squats import load

    squats, trained = load(path), networks.load(model)
    figures = networks.judge(squats, networks.odds_of(squats, trained.kind, trained.log_odds))
    return figures, networks.text(figures)
