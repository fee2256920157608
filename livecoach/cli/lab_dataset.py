"""The command `dataset`: makes a dataset from recordings."""

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach import assembly
from livecoach.assembly import Coach, observer
from livecoach.cli import options
from livecoach.cli.arguments import one_exercise, select_reps
from livecoach.cli.options import SEED, Decimal, say
from livecoach.cli.progress import Progress, bar
from livecoach.cli.recording import Recording, opened_recording, report_loss
from livecoach.documents import AUTO
from livecoach.errors import ConfigError, SessionError, SourceError
from livecoach.model_files import model_folder
from livecoach.rep.measures import load_faults
from livecoach.session import layout
from livecoach.session.rep_choice import RepChoice
from livecoach.session.stored import Session, open_session
from livecoach.source import frames
from livecoach.types.callbacks import ignore

if TYPE_CHECKING:
    from livecoach.lab.dataset import Dataset
    from livecoach.lab.gather import LabelledRecording, RecordingData, RecordingLabel, RecordingTable

    Whose = tuple[RecordingLabel, RepChoice | None]
    """The label of a recording, and its selected reps (None for all)."""

NOBODY = "no profile"
"""Name of the lifter of sessions without a profile."""
MOST_NAMED = 8
"""Largest number of a part's lifters that are listed by name."""


@click.command()
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path), metavar="SOURCE...")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the dataset.")
@options.exercise
@click.option(
    "--annotations",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Folder of the files of livecoach lab annotate, if they are not beside the recordings.",
)
@click.option(
    "--lifters",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Lifters of the recordings: columns file, lifter and, where all reps of a file have the same one, label.",
)
@click.option(
    "--synthetic", type=click.IntRange(10, 5000), metavar="N", help="Use N synthetic lifters instead of recordings."
)
@click.option(
    "--noise",
    type=Decimal(0, 5),
    default=1.0,
    show_default=True,
    metavar="X",
    help="Factor of the synthetic lifters' pose errors.",
)
@click.option("--seed", type=SEED, default=0, show_default=True, metavar="N", help="Seed for the split into parts.")
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
    """Make a dataset from recordings.

    It contains the reps that livecoach counts in them, and the frames whose stage is marked.

    A SOURCE is a video, a file written by `livecoach lab observe`, a session (SESSION:2/1-5 for some of its reps), or a
    folder of these. The files of `livecoach lab annotate` beside them label reps and frames. The lifter of a recording
    is the name of its folder (anna/set1.mp4 is Anna's), a session's profile, or what --lifters says. All reps of a
    lifter are in one part: train, valid or test. The same recordings, annotations and seed give the same digest.

    Example: livecoach lab dataset recordings/anna recordings/ben --exercise deadlift --out deadlifts
    """
    synthetic = made_up["synthetic"]
    if bool(sources) == (synthetic is not None):
        raise click.UsageError("Give either recordings or --synthetic.")
    settings = options.settings(pose=pose)
    from livecoach.lab.dataset import check_place, save

    check_place(out)
    if synthetic is not None:
        made = _synthetic(one_exercise(exercise or AUTO), synthetic, made_up["noise"], seed, out)
        save(made, out)
        click.echo(_summary(out, made))
        return
    from livecoach.lab.gather import read_table, recordings

    wanted = select_reps(sources)
    recorded = _readable(recordings(tuple(wanted)), wanted)
    settings = replace(settings, exercise=one_exercise(_exercise(recorded, exercise)))
    coach = assembly.load(settings.exercise)
    table = None if lifters is None else read_table(lifters, tuple(load_faults(settings.exercise).faults))
    known = {file: (_whose(file, table), wanted.get(file)) for file in _of_exercise(recorded, settings.exercise)}
    try:
        made = _made(known, annotations, coach, settings.pose, seed)
    except KeyboardInterrupt:
        say(f"interrupted; {out} is unchanged")
        raise
    if not len(made.reps) and not len(made.frames.stages):
        raise SourceError(
            f"{sources[0]}: no {settings.exercise} rep was counted, and no frame is marked. Check the recording."
        )
    save(made, out)
    click.echo(_summary(out, made))


def _readable(files: Sequence[Path], named: Collection[Path]) -> dict[Path, tuple[str, ...] | None]:
    """Return the exercises of each session, None for other sources. An unreadable session in a folder is reported and
    left out.

    Raises SessionError for one that was named.
    """
    exercises_of: dict[Path, tuple[str, ...] | None] = {}
    sessions: dict[str, Path] = {}
    for file in files:
        try:
            session = _session(file)
        except SessionError as err:
            if file in named:
                raise
            say(f"{err}; left out")
            continue
        name = None if session is None else session.about.session
        if name is not None and sessions.setdefault(name, file) != file and file not in named:
            say(f"{file}: same recording as {sessions[name]}; left out")
            continue
        exercises_of[file] = None if session is None else session.exercises
    return exercises_of


def _exercise(recorded: Mapping[Path, tuple[str, ...] | None], given: str | None) -> str:
    """Return the given exercise, otherwise that of the sessions, otherwise AUTO. Raises ConfigError if they have
    several."""
    names = sorted({exercise for exercises in recorded.values() for exercise in exercises or ()})
    if given is None and len(names) > 1:
        raise ConfigError(f"sessions of {' and '.join(names)}: name one of them with --exercise.")
    return given or (names[0] if names else AUTO)


def _of_exercise(recorded: Mapping[Path, tuple[str, ...] | None], exercise: str) -> list[Path]:
    """Return the sources, without sessions of other exercises. Raises SourceError if nothing is left."""
    others = [file for file, done in recorded.items() if done is not None and exercise not in done]
    if len(others) == len(recorded):
        what = f"{others[0]}: no session of {exercise}" if others else "no session can be read"
        raise SourceError(f"{what}. `livecoach sessions` lists them.")
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        say(f"{others[0]}{more}: not {exercise}; left out")
    return [file for file in recorded if file not in others]


def _session(file: Path) -> Session | None:

    return open_session(file, ignore) if os.path.isdir(file) else None


def _whose(file: Path, table: "RecordingTable | None") -> "RecordingLabel":
    """Return the lifter of a recording. Sessions without a profile share one lifter, so that no lifter is in two
    parts."""
    from livecoach.lab.gather import RecordingLabel, folder_of

    session = _session(file)
    if table is not None or session is None:
        return folder_of(file) if table is None else table.of(file)
    return RecordingLabel(lifter=session.about.profile or NOBODY)


def _synthetic(exercise: str, lifters: int, noise: float, seed: int, out: Path) -> "Dataset":
    from livecoach.lab.synthetic import synthetic_dataset

    try:
        with bar() as progress:
            return synthetic_dataset(
                exercise, lifters, seed, workers=os.cpu_count() or 1, progress=progress, noise=noise
            )
    except KeyboardInterrupt:
        say(f"interrupted; {out} is unchanged")
        raise


def _made(known: "Mapping[Path, Whose]", annotations: Path | None, coach: Coach, pose: str, seed: int) -> "Dataset":
    """Return the dataset of all recordings. What is left out of it is reported."""
    from livecoach.lab.gather import combine, gather

    parts: list[RecordingData] = []
    synthetic = True
    with Progress(list(known)) as progress:
        for file, (whose, reps) in known.items():
            labelled, recording = _labelled(file, whose, reps, annotations, pose, progress)
            if any(labelled.name == part.source["name"] for part in parts):
                raise SourceError(f"{file}: is the same recording as another source. Leave one of them out.")
            parts.append(gather(labelled, coach, recording.selects))
            synthetic = synthetic and recording.synthetic
            progress.done(file)
    for file, part in zip(known, parts, strict=True):
        for note in part.notes:
            say(f"{file}: {note}")
    return combine(coach.exercise.name, parts, synthetic=synthetic, seed=seed)


def _labelled(
    file: Path,
    known: "RecordingLabel",
    reps: RepChoice | None,
    annotations: Path | None,
    pose: str,
    progress: Progress,
) -> "tuple[LabelledRecording, Recording]":
    """Read a recording and its annotation."""
    from livecoach.lab import annotation
    from livecoach.lab.gather import LabelledRecording

    with ExitStack() as stack:
        recording = opened_recording(stack, file, pose, reps)
        observing, observations = observer(recording.estimator), []
        for frame in frames(recording.source):
            observations.append(observing.observe(frame))
            progress.advance(file, frame.t_s)
        report_loss(file, recording.source)
    stages = annotation.annotation_file(file, annotations)
    source_file = file / layout.OBSERVATIONS if os.path.isdir(file) else file
    read = {"sha256": source_file, "stages": stages, "marks": annotation.marks_file(stages)}
    labelled = LabelledRecording(
        name=recording.session,
        lifter=known.lifter,
        pose=recording.pose,
        observations=observations,
        annotation=annotation.load(stages, observations),
        label=known.label,
        about={what: model_folder.sha256(path) for what, path in read.items() if os.path.exists(path)},
    )
    return labelled, recording


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
        lines.append("  too few lifters for three parts: a model trained on them can't be tested on other lifters")
    lines.append(f"  digest {made.digest()[:16]}, lifters split by the seed")
    return "\n".join(lines)
