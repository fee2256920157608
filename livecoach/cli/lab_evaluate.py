"""The commands that judge a scorer and show how reps lie: evaluate, explore."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli import options
from livecoach.cli.lab_options import PATH, needing, needs_packages
from livecoach.cli.options import SEED, say
from livecoach.cli.output import atomic_write, check_writable, json_output
from livecoach.errors import ConfigError, ModelError

if TYPE_CHECKING:
    import numpy as np

    from livecoach.lab.dataset import Reps


@click.command()
@click.argument("dataset", required=False, type=PATH)
@click.option(
    "--images", type=PATH, nargs=2, metavar="GOOD BAD", help="Two folders of rep images, instead of a dataset."
)
@click.option("--pictures", type=PATH, metavar="FILE", help="Squats whose pictures are judged, instead of a dataset.")
@click.option("--model", metavar="E|FOLDER", help="Model to judge; for a dataset, by default the exercise's own.")
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

    A dataset is judged by its test part: the reps of lifters that no model has seen. --pictures takes a file of squats
    that `livecoach lab train squat-picture` keeps in its cache. A folder with a recognition.csv (a line for each clip:
    file, exercise, which may be "none") judges the recognition of exercises.

    Example: livecoach lab evaluate deadlifts --json -

    Example: livecoach lab evaluate --images good bad --model model

    Example: livecoach lab evaluate --pictures judging-33-200-1.npz --model squat-picture
    """
    if sum(given is not None for given in (dataset, images, pictures)) != 1:
        raise click.UsageError("Name a dataset, two folders of --images, or a file of --pictures: one of the three.")
    if images is not None:
        if model is None:
            raise click.UsageError(
                "--images needs --model: the folder that `livecoach lab train scorer --images` wrote."
            )
        from livecoach.lab.images.model import table

        figures = evaluate_images(*images, Path(model))
        text = table(figures)
    elif pictures is not None:
        if model is None:
            raise click.UsageError(
                "--pictures needs --model: the folder that `livecoach lab train squat-picture` wrote."
            )
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

        clips = labelled.judged_folder(path, model_file.load(None if model is None else Path(model)))
    figures = labelled.figures(clips)
    return figures, labelled.text(figures)


def _judge_pictures(path: Path, model: Path) -> tuple[dict[str, Any], str]:
    from livecoach.lab.squat_picture import model as networks
    from livecoach.lab.squat_picture.squats import load

    squats, trained = load(path), networks.load(model)
    figures = networks.judge(squats, networks.odds_of(squats, trained.kind, trained.log_odds))
    return figures, networks.text(figures)


def evaluate_images(good: Path, bad: Path, model: Path) -> dict[str, Any]:
    """Judge a folder of good and one of bad rep images, as the JSON of `livecoach lab evaluate`. Raises
    LivecoachError."""
    from livecoach.lab.images import pictures
    from livecoach.lab.images.model import judge, load

    return judge(pictures.read_images(good), pictures.read_images(bad), load(model))


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Page to write (.html).")
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE", help="Write a picture too (.png).")
@click.option("--model", metavar="E|FOLDER", help="Model that judges the reps; by default the exercise's own.")
@click.option("--seed", type=SEED, default=0, show_default=True, metavar="N", help="Seed of t-SNE.")
@needs_packages("train")
def explore(dataset: Path, out: Path, png: Path | None, model: str | None, seed: int) -> None:
    """Plot the reps of a dataset, or how clips are recognised.

    Reps are plotted by PCA and t-SNE.

    The page needs no network. Its points are coloured by verdict, fault, lifter, label, score or part; pointing at one
    shows its source, time, score and fault. For a folder with a recognition.csv (a line for each clip: file, exercise,
    which may be "none") the page shows the confusion matrix, and links to the clips that were missed.

    Example: livecoach lab explore deadlifts --out deadlifts.html --png deadlifts.png
    """
    from livecoach.lab import dataset as datasets
    from livecoach.lab import explore as lie
    from livecoach.lab.dataset import is_clip_folder
    from livecoach.lab.explore import page, summary

    _check_out(out, png)
    if is_clip_folder(dataset):
        _explore_recognition(dataset, out, png, model)
        return
    whole_set = datasets.load(dataset)
    loaded = lie.subset(whole_set, seed)
    if loaded is not whole_set:
        say(f"{len(loaded.reps)} of the {len(whole_set.reps)} reps are shown, sampled by the seed")
    scores = _model_scores(loaded.reps, model, loaded.exercise)
    planes = lie.projections(loaded.reps, seed)
    colourings = lie.colourings(loaded, scores)
    title = f"{dataset.resolve().name}: {loaded.exercise}"
    with atomic_write(out, "--out") as place:
        text = page(loaded, scores, planes, colourings, title)
        place.write_text(text, encoding="utf-8", errors="replace")
    if png is not None:
        import cv2

        from livecoach.lab.explore import picture

        drawn = picture(loaded.reps, planes, colourings[:3], f"{title}, {summary(loaded.reps)}")
        with atomic_write(png, "--png") as place:
            place.write_bytes(cv2.imencode(".png", drawn)[1].tobytes())
    if not (loaded.reps.good.any() and loaded.reps.bad.any()):
        say("the dataset lacks good or bad reps, so the picture can't show how they differ")
    click.echo(f"{out}: {summary(loaded.reps)}; {int((scores > 1).sum())} anomalous by the model")


def _explore_recognition(folder: Path, out: Path, png: Path | None, model: str | None) -> None:
    import cv2

    with needing("train"):
        from livecoach.lab.recognition import labelled
        from livecoach.lab.recognition.labelled import page, picture
        from livecoach.recognition import model_file

        clips = labelled.judged_folder(folder, model_file.load(None if model is None else Path(model)))
    with atomic_write(out, "--out") as place:
        place.write_text(page(clips, folder, out), encoding="utf-8")
    if png is not None:
        with atomic_write(png, "--png") as place:
            place.write_bytes(cv2.imencode(".png", picture(clips))[1].tobytes())
    click.echo(f"{out}: {labelled.text(labelled.figures(clips)).splitlines()[0]}")


def _check_out(out: Path, png: Path | None) -> None:
    """Check the output paths before the work begins. Raises ConfigError or OutputError."""
    for path, option, ending in ((out, "--out", ".html"), (png, "--png", ".png")):
        if path is None:
            continue
        if path.suffix.lower() != ending:
            raise ConfigError(f"{path}: expected a name that ends in {ending}. Choose another with {option}.")
        check_writable(path, option)


def _model_scores(reps: "Reps", model: str | None, exercise: str) -> "np.ndarray":
    """Return the (n,) scores of a model; NaN where no own rep judges. Raises ModelError or ConfigError."""
    from livecoach.judging.scorer import load_scorer
    from livecoach.lab.scorer.evaluation import score_all
    from livecoach.model_files import model_folder
    from livecoach.rep.measures import load_faults

    folder = options.model_folder(model or exercise)
    card = model_folder.read(folder)
    if card.name != exercise:
        raise ModelError(f"{folder}: a model of {card.name}, but the dataset has {exercise}. Choose another --model.")
    return score_all(reps, load_scorer(folder, load_faults(exercise)))
