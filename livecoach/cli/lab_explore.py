"""The command `explore`: plots the reps of a dataset."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli import options
from livecoach.cli.lab_needs import needing, needs_packages
from livecoach.cli.options import say
from livecoach.cli.output import atomic_write, check_writable
from livecoach.errors import ConfigError, ModelError

if TYPE_CHECKING:
    import numpy as np

    from livecoach.lab.dataset import Reps


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Page to write (.html).")
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE", help="Write a picture too (.png).")
@click.option("--model", metavar="E|FOLDER", help="Model that judges the reps; by default the exercise's own.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="Seed of t-SNE.")
@needs_packages("train")
def explore(dataset: Path, out: Path, png: Path | None, model: str | None, seed: int) -> None:
    """Plot the reps of a dataset, or how clips are recognised.

    Reps are plotted by PCA and t-SNE.

    The page needs no network. Its points are coloured by verdict, fault, lifter, label, score or part; pointing at one
    shows its source, time, score and fault. Of a folder with a recognition.csv (a line a clip: file, exercise, which
    may be "none") it shows the confusion matrix, and links the clips that are not right.

    Example: livecoach explore deadlifts --out deadlifts.html --png deadlifts.png
    """
    from livecoach.lab import explore as lie
    from livecoach.lab.dataset import is_clip_folder, load
    from livecoach.lab.explore import page, summary

    _check_out(out, png)
    if is_clip_folder(dataset):
        _explore_recognition(dataset, out, png, model)
        return
    whole_set = load(dataset)
    loaded = lie.subset(whole_set, seed)
    if loaded is not whole_set:
        say(f"{len(loaded.reps)} of the {len(whole_set.reps)} reps are shown, sampled by the seed")
    scores = _scores(loaded.reps, model, loaded.exercise)
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
        from livecoach.lab.recognition.page import page, picture
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


def _scores(reps: "Reps", model: str | None, exercise: str) -> "np.ndarray":
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
