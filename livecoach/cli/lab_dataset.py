"""The command `dataset`: makes a dataset from recordings."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli import options
from livecoach.cli.arguments import one_exercise, select_reps
from livecoach.cli.options import PATH, SEED
from livecoach.cli.progress import Progress
from livecoach.core.documents import AUTO
from livecoach.core.errors import SessionError, SourceError
from livecoach.core.model_files import model_folder
from livecoach.decisions import assembly
from livecoach.decisions.assembly import observer
from livecoach.records.session import layout
from livecoach.records.session.rep_choice import RepChoice
from livecoach.run.opened_recording import Recording, damage_of, opened_recording
from livecoach.run.process import say

if TYPE_CHECKING:
    from livecoach.lab.dataset import Dataset
    from livecoach.lab.gather import LabelledRecording, RecordingData

NOBODY = "no profile"  # name of the lifter of sessions without a profile, so that no lifter is in two parts
MOST_NAMED = 8  # largest number of a part's lifters that are listed by name


@click.command()
@click.argument("sources", nargs=-1, required=True, type=PATH, metavar="SOURCE...")
@click.option("--out", required=True, type=PATH, metavar="DIR", help="Folder of the dataset.")
@options.exercise
@click.option("--seed", type=SEED, default=0, metavar="N", help="Seed for the split into parts.")
@options.pose
def dataset(sources: tuple[Path, ...], out: Path, exercise: str | None, seed: int, pose: str | None) -> None:
    """Make a dataset from recordings.

    It contains the reps that livecoach counts in them, and the frames whose stage is marked.

    A SOURCE is a video, a file written by `livecoach lab observe`, a session (SESSION:2/1-5 for some of its reps), or a
    folder of these. The files of `livecoach lab annotate` beside them label reps and frames, and so do a session's
    corrections. The lifter of a recording is the name of its folder (anna/set1.mp4 is Anna's), or a session's profile.
    All reps of a lifter are in one part: train, valid or test. The same recordings, labels and seed give the same
    digest.

    Example: livecoach lab dataset recordings/anna recordings/ben --exercise deadlift --out deadlifts
    """
    from livecoach.lab.dataset import is_dataset, save
    from livecoach.lab.model_files import check_place

    name = one_exercise(exercise or AUTO)
    check_place(out, "dataset", is_dataset)
    try:
        made = _recorded(select_reps(sources), name, options.settings(pose=pose).pose, seed)
    except KeyboardInterrupt:
        say(f"interrupted; {out} is unchanged")
        raise
    save(made, out)
    click.echo(_summary(out, made))


def _recorded(wanted: Mapping[Path, RepChoice | None], exercise: str, pose: str, seed: int) -> "Dataset":
    """Return the dataset of recordings. A session in a folder that gives nothing is reported and left out."""
    from livecoach.lab.gather import combine, gather, recordings

    coach, synthetic, parts = assembly.load(exercise), True, dict[Path, "RecordingData"]()
    files = recordings(tuple(wanted))
    with Progress(files) as progress:
        for file in files:
            try:
                labelled, recording = _labelled(file, wanted.get(file), exercise, pose, progress)
            except SessionError as err:
                if file in wanted:
                    raise
                say(f"{err}; left out")
                continue
            if any(labelled.name == part.source["name"] for part in parts.values()):
                raise SourceError(f"{file}: is the same recording as another source. Leave one of them out.")
            parts[file] = gather(labelled, coach)
            synthetic = synthetic and recording.synthetic
            progress.done(file)
    for file, part in parts.items():
        for note in part.notes:
            say(f"{file}: {note}")
    if not any(len(part.reps) or len(part.frames) for part in parts.values()):
        raise SourceError(f"{files[0]}: no {exercise} rep was counted, and no frame is marked. Check the recording.")
    return combine(exercise, list(parts.values()), synthetic=synthetic, seed=seed)


def _labelled(
    file: Path, reps: RepChoice | None, exercise: str, pose: str, progress: Progress
) -> "tuple[LabelledRecording, Recording]":
    from livecoach.lab import annotation
    from livecoach.lab.gather import LabelledRecording

    with ExitStack() as stack:
        recording = opened_recording(stack, file, pose, reps)
        if recording.recorded is not None and exercise not in recording.recorded.exercises:
            raise SessionError(f"{file}: no set of {exercise}")
        if len(recording.profiles) > 1:
            whom = " and ".join(name or NOBODY for name in recording.profiles)
            raise SessionError(f"{file}: of several lifters, {whom}. Name the sets of one, as in {file.name}:1.")
        observing, observations = observer(recording.estimator), []
        for frame in iter(recording.source.read, None):
            observations.append(observing.observe(frame))
            progress.advance(file, frame.t_s)
        damage = damage_of(file, recording.source)
    if damage is not None:
        say(str(damage))
    folder, stages = os.path.realpath(file), annotation.annotation_file(file)
    source_file = file / layout.OBSERVATIONS if os.path.isdir(file) else file
    read = {"sha256": source_file, "stages": stages, "marks": annotation.marks_file(stages)}
    labelled = LabelledRecording(
        name=recording.session,
        lifter=Path(folder).parent.name or "lifter" if recording.recorded is None else recording.profiles[0] or NOBODY,
        pose=recording.pose,
        observations=observations,
        annotation=annotation.load(stages, observations),
        corrected=recording.corrected,
        wants=recording.selects,
        about={what: model_folder.sha256(path) for what, path in read.items() if os.path.exists(path)},
    )
    return labelled, recording


def _summary(out: Path, made: "Dataset") -> str:
    from livecoach.lab.dataset import PARTS, STAGES

    reps, frames = made.reps, made.frames
    unlabelled = len(reps) - int(reps.good.sum()) - int(reps.bad.sum())
    stages = [f"{(frames.stages == n).sum()} {stage}" for n, stage in enumerate(STAGES) if len(frames.stages)]
    lines = [
        f"{out}: {len(reps)} reps ({reps.good.sum()} good, {reps.bad.sum()} bad, {unlabelled} not labelled), "
        + ", ".join([f"{len(frames.stages)} frames", *stages])
    ]
    for part in PARTS:
        names = sorted(name for name, of in made.parts.items() if of == part)
        who = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
        lines.append(f"  {part}: {len(made.part(part))} reps of {len(names)} lifters ({who or 'nobody'})")
    if len(made.parts) < len(PARTS):
        lines.append("  too few lifters for three parts: a model trained on them can't be tested on other lifters")
    lines.append(f"  digest {made.digest()[:16]}, lifters split by the seed")
    return "\n".join(lines)
