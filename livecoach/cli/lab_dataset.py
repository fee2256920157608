"""The command that makes a dataset of recordings: dataset."""

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli import options
from livecoach.cli.options import say
from livecoach.errors import SourceError

if TYPE_CHECKING:
    from livecoach.assembly import Coach
    from livecoach.cli.progress import Progress
    from livecoach.lab.dataset import Dataset
    from livecoach.lab.gather import Gathered, Told
    from livecoach.lab.recordings import Known

MOST_NAMED = 8
"""Lifters of a part whose names are told."""


@click.command()
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path), metavar="SOURCE...")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the dataset.")
@options.exercise
@click.option(
    "--annotations",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Where the files of livecoach annotate are, if not beside the recordings.",
)
@click.option(
    "--lifters",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Whose recordings they are: columns file, lifter and, where all reps of a file are alike, label.",
)
@click.option(
    "--synthetic", type=click.IntRange(10, 5000), metavar="N", help="In the place of recordings: N synthetic lifters."
)
@click.option(
    "--noise",
    type=click.FloatRange(0, 5),
    default=1.0,
    show_default=True,
    metavar="X",
    help="Pose errors of synthetic ones.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="Draws the parts.")
@options.pose
def dataset(
    sources: tuple[Path, ...],
    out: Path,
    exercise: str | None,
    annotations: Path | None,
    lifters: Path | None,
    seed: int,
    pose: str | None,
    **made_up: Any,
) -> None:
    """Make a dataset of recordings: the reps that livecoach counts in them, and the frames whose stage is marked.

    A SOURCE is a video, a file written by `livecoach observe`, or a folder of them. What `livecoach annotate` wrote
    beside them labels reps and frames. Whose a recording is, is the name of its folder (anna/set1.mp4 is Anna's), or
    what --lifters says. A lifter's reps are all in one part: train, valid or test. The same recordings, annotations
    and seed give the same digest.

    Example: livecoach dataset recordings/anna recordings/ben --exercise deadlift --out deadlifts
    """
    synthetic = made_up["synthetic"]
    if bool(sources) == (synthetic is not None):
        raise click.UsageError("Name the recordings, or how many lifters are --synthetic: one of the two.")
    settings = options.settings(exercise=exercise, pose=pose)
    from livecoach.lab import dataset as datasets

    datasets.check_place(out)
    if synthetic is not None:
        made = _synthetic(settings.exercise, synthetic, made_up["noise"], seed, out)
        datasets.save(made, out)
        click.echo(_summary(out, made))
        return
    from livecoach import assembly
    from livecoach.form.measures import load_faults
    from livecoach.lab.recordings import folder_of, read_table, recordings

    files = recordings(sources)
    coach = assembly.load(settings.exercise)
    table = None if lifters is None else read_table(lifters, tuple(load_faults(settings.exercise).faults))
    known = {file: folder_of(file) if table is None else table.of(file) for file in files}
    try:
        made = _made(known, annotations, coach, settings.pose, seed)
    except KeyboardInterrupt:
        say(f"interrupted; {out} is as it was")
        raise
    if not len(made.reps) and not len(made.frames.stages):
        raise SourceError(f"{sources[0]}: no {settings.exercise} rep was counted, and no frame is marked. Look at it.")
    datasets.save(made, out)
    click.echo(_summary(out, made))


COMMANDS = (dataset,)


def _synthetic(exercise: str, lifters: int, noise: float, seed: int, out: Path) -> "Dataset":
    from livecoach.cli.lab_progress import bar
    from livecoach.lab.synthetic import synthetic_dataset

    try:
        with bar() as progress:
            return synthetic_dataset(
                exercise, lifters, seed, workers=os.cpu_count() or 1, progress=progress, noise=noise
            )
    except KeyboardInterrupt:
        say(f"interrupted; {out} is as it was")
        raise


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _LookedAt:
    told: "Told"
    synthetic: bool


def _made(known: "dict[Path, Known]", annotations: Path | None, coach: "Coach", pose: str, seed: int) -> "Dataset":
    """The dataset of all recordings; what is left out of it is said."""
    from livecoach.cli.progress import Progress
    from livecoach.lab.gather import gather, joined

    parts: list[Gathered] = []
    synthetic = True
    with Progress(list(known)) as progress:
        for file, whose in known.items():
            one = _looked_at(file, whose, annotations, pose, progress)
            if any(one.told.name == part.source["name"] for part in parts):
                raise SourceError(f"{file}: is the same recording as another one. Leave one of them out.")
            parts.append(gather(one.told, coach))
            synthetic = synthetic and one.synthetic
            progress.done(file)
    for file, part in zip(known, parts, strict=True):
        for note in part.notes:
            say(f"{file}: {note}")
    return joined(coach.exercise.name, parts, synthetic=synthetic, seed=seed)


def _looked_at(file: Path, known: "Known", annotations: Path | None, pose: str, progress: "Progress") -> _LookedAt:
    """A recording with what is told of it."""
    from livecoach import model_folder
    from livecoach.analysis import frames
    from livecoach.cli.recording import opened_recording
    from livecoach.lab import annotation
    from livecoach.lab.gather import Told
    from livecoach.observe import Observer
    from livecoach.source.stored import StoredObservations

    with ExitStack() as stack:
        recording = opened_recording(stack, file, pose)
        observer, seen = Observer(recording.estimator), []
        for frame in frames(recording.source):
            seen.append(observer.observe(frame))
            progress.advance(file, frame.t_s)
    stages = annotation.beside(file, annotations)
    read = {"sha256": file, "stages": stages, "marks": annotation.marks_file(stages)}
    told = Told(
        name=recording.session,
        lifter=known.lifter,
        pose=recording.pose,
        observations=seen,
        annotation=annotation.load(stages, seen),
        label=known.label,
        about={what: model_folder.sha256(path) for what, path in read.items() if path.exists()},
    )
    source = recording.source
    return _LookedAt(told=told, synthetic=isinstance(source, StoredObservations) and source.header.synthetic)


def _summary(out: Path, made: "Dataset") -> str:
    from livecoach.lab.dataset import PARTS, STAGES

    reps, frames = made.reps, made.frames
    unlabelled = len(reps) - int(reps.good.sum()) - int(reps.bad.sum())
    lines = [
        f"{out}: {len(reps)} reps ({reps.good.sum()} good, {reps.bad.sum()} bad, {unlabelled} not labelled), "
        f"{len(frames.stages)} frames"
        + "".join(f", {(frames.stages == n).sum()} {stage}" for n, stage in enumerate(STAGES) if len(frames.stages)),
    ]
    for part in PARTS:
        names = sorted(name for name, of in made.parts.items() if of == part)
        who = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
        lines.append(f"  {part}: {len(made.part(part))} reps of {len(names)} lifters ({who or 'nobody'})")
    if len(made.parts) < len(PARTS):
        lines.append("  too few lifters for three parts: what is learned from them can't be judged on others")
    lines.append(f"  digest {made.digest()[:16]}, lifters split by the seed")
    return "\n".join(lines)
