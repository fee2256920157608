"""The command `dataset`: makes a dataset from recordings."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from livecoach import __version__
from livecoach.cli import options
from livecoach.cli.arguments import require_exercise, select_reps
from livecoach.cli.lab_options import report_interrupt
from livecoach.cli.options import PATH, SEED
from livecoach.cli.output import check_writable
from livecoach.cli.progress import Progress
from livecoach.core.config.paths import user_cache_dir
from livecoach.core.errors import SessionError, SourceError
from livecoach.core.model_files import model_folder
from livecoach.decisions import assembly
from livecoach.decisions.assembly import make_observer
from livecoach.records.session import layout
from livecoach.records.session.rep_choice import RepChoice
from livecoach.run.opened_recording import Recording, damage_error, open_with_estimator
from livecoach.run.process import say
from livecoach.run.session_recording import rules_sha256

if TYPE_CHECKING:
    from livecoach.lab.dataset import Dataset
    from livecoach.lab.gather import LabelledRecording
    from livecoach.lab.truth import StoredTruth

NOBODY = "no profile"  # Name of the lifter of sessions without a profile, so that no lifter is in two parts
MOST_NAMED = 8  # Most lifters of a part that are listed by name


@click.command()
@click.argument("sources", nargs=-1, required=True, type=PATH, metavar="SOURCE...")
@click.option("--out", required=True, type=PATH, metavar="DIR", help="Folder of the dataset.")
@options.exercise
@click.option("--seed", type=SEED, default=0, metavar="N", help="Seed of the split into parts.")
@click.option("--test", multiple=True, metavar="LIFTER", help="Lifter for the test part; repeat for several.")
@click.option("--table", type=PATH, metavar="FILE", help="Write the reps as a table, too: .csv or .parquet.")
@options.pose
def dataset(
    sources: tuple[Path, ...],
    out: Path,
    exercise: str | None,
    seed: int,
    test: tuple[str, ...],
    table: Path | None,
    pose: str | None,
) -> None:
    """Make a dataset from recordings.

    It contains the reps that livecoach counts in the recordings, and the frames with a marked stage.

    A SOURCE is a video, a file written by `livecoach lab observe`, a session (SESSION:2/1-5 for some of its reps), or a
    folder of these. The files of `livecoach lab annotate` beside them label reps and frames, and so do a session's
    corrections, and the ground truth of a set of the synthetic lifter. The lifter of a recording is the name of its
    folder (anna/set1.mp4 is Anna's), or a session's profile.

    All reps of a lifter are in one part: train, valid or test. The parts are balanced by reps, labels and frames, or
    --test names the lifters of the test part. The data of each recording stay in your cache, so another split takes
    seconds. The same recordings, labels and seed give the same digest.

    Example: livecoach lab dataset recordings/anna recordings/ben --exercise deadlift --out deadlifts
    """
    from livecoach.lab.dataset import is_dataset, save
    from livecoach.lab.gather import combine_datasets
    from livecoach.lab.model_files import check_output_folder
    from livecoach.lab.train.results import rep_columns, write_table

    name = require_exercise(exercise)
    check_output_folder(out, "dataset", is_dataset)
    check_writable(table, "--table")
    with report_interrupt(out):
        recordings = _recorded(select_reps(sources), name, options.use_settings(pose=pose).pose)
    made = combine_datasets(recordings, seed=seed, test=test)
    save(made, out)
    if table is not None:
        write_table(table, rep_columns(made, np.full(len(made.reps), np.nan)))
    click.echo(_summary(out, made))


def _recorded(wanted: Mapping[Path, RepChoice | None], exercise: str, pose: str) -> "list[Dataset]":
    """Return the data of each recording. An unusable session in a named folder is reported, and left out."""
    from livecoach.lab.gather import list_recordings

    coach, parts = assembly.load(exercise), dict[Path, "Dataset"]()
    files = list_recordings(tuple(wanted))
    with Progress(files, lines=True) as progress:
        for file in files:
            try:
                part = _data_of(file, wanted.get(file), coach, pose, progress)
            except SessionError as err:
                if file in wanted:
                    raise
                say(f"{err}; left out")
                continue
            if any(part.sources[0]["name"] == other.sources[0]["name"] for other in parts.values()):
                raise SourceError(f"{file}: is the same recording as another source. Leave one of them out.")
            parts[file] = part
            progress.mark_done(file)
    for file, part in parts.items():
        for note in part.sources[0]["notes"]:
            say(f"{file}: {note}")
    if not any(len(part.reps) or len(part.frames) for part in parts.values()):
        raise SourceError(f"{files[0]}: no {exercise} rep was counted, and no frame is marked. Check the recording.")
    return list(parts.values())


def _data_of(
    file: Path, reps: RepChoice | None, coach: assembly.CoachingModels, pose: str, progress: Progress
) -> "Dataset":
    """Return the data of a recording, from the cache if it was read before."""
    from livecoach.lab import dataset as datasets
    from livecoach.lab.gather import gather_recording

    with ExitStack() as stack:
        recording = open_with_estimator(stack, file, pose, reps)
        if recording.session is not None and coach.name not in recording.session.exercises:
            raise SessionError(f"{file}: no set of {coach.name}")
        if recording.session is not None and len(recording.profiles) > 1:
            address = recording.session.set_address(recording.session.sets[0])
            whom = " and ".join(name or NOBODY for name in recording.profiles)
            raise SessionError(f"{file}: of several lifters, {whom}. Name the sets of one, as in {address}.")
        lifter = Path(os.path.realpath(file)).parent.name or "lifter"
        if recording.session is not None:
            lifter = recording.profiles[0] or NOBODY
        truth = _truth_of(file, recording)
        synthetic = recording.synthetic or truth is not None
        about = {what: model_folder.file_sha256(path) for what, path in _files_of(file).items()}
        version = __version__, coach.exercises[coach.name].card.version, rules_sha256(coach.name)
        state = [*version, recording.identity, recording.pose, lifter, synthetic, repr(reps), about]
        key = hashlib.sha256(json.dumps(state).encode()).hexdigest()[:24]

        def read() -> "Dataset":
            labelled = _labelled(file, recording, coach, truth, progress)
            return gather_recording(replace(labelled, lifter=lifter, synthetic=synthetic, about=about), coach)

        return datasets.load_or_make(user_cache_dir() / "datasets" / key, read)


def _files_of(file: Path) -> dict[str, Path]:
    """Return the files on which the data of a recording depend, by their roles: of a session, all but video and log."""
    from livecoach.lab import annotation, truth

    stages = annotation.stages_file(file)
    named = {"sha256": file, "stages": stages, "marks": annotation.labels_file(stages), "truth": truth.truth_file(file)}
    if os.path.isdir(file):
        named = {name: file / name for name in layout.SESSION_FILES if name not in {layout.VIDEO, layout.LOG}}
    return {what: path for what, path in named.items() if os.path.exists(path)}


def _truth_of(file: Path, recording: Recording) -> "StoredTruth | None":
    """Return the ground truth next to a recording of the synthetic lifter; None without one."""
    from livecoach.lab.truth import read_truth, truth_file

    if os.path.isdir(file) or not os.path.exists(truth_file(file)):
        return None
    try:
        return read_truth(file)
    except SourceError:
        if recording.synthetic:
            raise
        return None  # next to a film, a file of that name may be anything


def _labelled(
    file: Path, recording: Recording, coach: assembly.CoachingModels, truth: "StoredTruth | None", progress: Progress
) -> "LabelledRecording":
    from livecoach.lab import annotation
    from livecoach.lab.gather import LabelledRecording, derive_annotation

    observing, observations = make_observer(recording.estimator), []
    for result in recording.feed.results:
        assert result.frame is not None
        observations.append(observing.observe(result.frame))
        progress.advance(file, result.frame.t_s)
    damage, rules = damage_error(file, recording.feed.loss()), coach.exercises[coach.name].exercise
    known = truth if truth is not None and truth.exercise == rules.motion else None
    by_hand = annotation.load(annotation.stages_file(file), observations)
    if known is not None and by_hand == annotation.NOTHING:
        by_hand = derive_annotation(known, observations, rules.reps.rest)
    return LabelledRecording(
        name=recording.identity,
        pose=recording.pose,
        observations=observations,
        annotation=by_hand,
        correct=recording.with_correction,
        wants=recording.selects,
        truth=() if known is None else known.reps,
        notes=() if damage is None else (str(damage),),
    )


def _summary(out: Path, made: "Dataset") -> str:
    from livecoach.decisions.rep.measures import load_faults
    from livecoach.lab.dataset import PARTS, STAGES
    from livecoach.lab.train.requirements import scorer_requirements, stage_requirements

    reps, frames = made.reps, made.frames
    unlabelled = len(reps) - int(reps.good.sum()) - int(reps.bad.sum())
    stages = [f"{(frames.stages == n).sum()} {stage}" for n, stage in enumerate(STAGES) if len(frames.stages)]
    lines = [
        f"{out}: {len(reps)} reps ({reps.good.sum()} good, {reps.bad.sum()} bad, {unlabelled} not labelled), "
        + ", ".join([f"{len(frames.stages)} frames", *stages])
    ]
    for part in PARTS:
        names, held = sorted(name for name, of in made.parts.items() if of == part), made.reps_of_part(part)
        who = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
        counts = f"{len(held)} reps ({held.good.sum()} good, {held.bad.sum()} bad)"
        lines.append(f"  {part}: {counts}, {len(made.frames_of_part(part))} frames: {who or 'nobody'}")
    with_faults = bool(load_faults(made.exercise).faults)
    for what, needs in (
        ("stage model", stage_requirements(made)),
        ("scorer", scorer_requirements(made, with_faults=with_faults)),
    ):
        short = [need.text for need in needs if need.have < need.least]
        lines.append(f"  too little for a {what}: {'; '.join(short)}" if short else f"  enough for a {what}")
    lines.append(f"  digest {made.digest()[:16]}, lifters split by seed {made.seed}")
    return "\n".join(lines)
