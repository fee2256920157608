"""The command `analyze`: judges every frame of recordings, one after the other, or many at a time and kept."""

import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import click

from livecoach import assembly, documents
from livecoach.batch.running import MOST_LIMIT_S, Task, analysis_of, on_cluster, on_this_machine
from livecoach.cli import options
from livecoach.cli.analysis_files import (
    OutputPaths,
    RepPictures,
    annotated_paths,
    created_folders,
    picture_folders,
)
from livecoach.cli.analysis_kept import Pool, in_folders, keep_all, shown, words_of
from livecoach.cli.arguments import exercise_of, files_in, select_reps
from livecoach.cli.help import Command
from livecoach.cli.options import say
from livecoach.cli.output import check_writable, json_output, number_of
from livecoach.cli.profiles import open_profile
from livecoach.cli.progress import Progress
from livecoach.cli.recording import Recording, damage_of, opened_recording
from livecoach.cli.summary import doubt_line, print_analysis
from livecoach.config import Settings
from livecoach.documents import Analysis
from livecoach.errors import DamagedVideo, LivecoachError, OutputError, SourceError, common_exit_code
from livecoach.feedback.overlay import Overlay
from livecoach.profile import Profile
from livecoach.run.annotated_video import AnnotatedVideo
from livecoach.run.every_frame import LifterProfile
from livecoach.session.rep_choice import RepChoice
from livecoach.types import Frame, RepWindow, Step


@click.command(
    cls=Command,
    common=("exercise", "profile", "json_file", "annotated", "pictures", "out", "jobs", "verbose"),
)
@click.argument("videos", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RECORDING...")
@options.recorded_exercise
@options.recorded_profile
@options.learn
@options.pose
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON; - for standard output.")
@click.option(
    "--annotated",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write the annotated video; with several videos, the folder for them.",
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a picture that explains each verdict, set-1-rep-01.svg and so on; with several videos, a folder each.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep each result in DIR, with tables and a page that sum them up; the same command goes on after a stop.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Recordings at a time, each in a process of its own, unless a profile learns or reps are named. "
    "[default: 1; with --out one for each processor]",
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="With --out: a Dask scheduler whose workers do the work, tcp://host:8786."
)
@click.option(
    "--limit",
    type=options.Decimal(0, MOST_LIMIT_S, min_open=True),
    metavar="SECONDS",
    help="With --out: when a recording counts as hung. [default: 20 times its length, at least 120]",
)
@click.option("--retry", is_flag=True, help="With --out: try recordings that failed before again.")
@options.height
@options.verbose
def analyze(  # noqa: PLR0913, PLR0917 - click hands over each option
    videos: tuple[Path, ...],
    exercise: str | None,
    profile: str | None,
    learn: bool | None,
    pose: str | None,
    json_file: str | None,
    annotated: Path | None,
    pictures: Path | None,
    out: Path | None,
    jobs: int | None,
    scheduler: str | None,
    limit: float | None,
    retry: bool,
    height: float | None,
    verbose: bool,
) -> None:
    """Count and judge the reps of recordings, from every frame.

    A recording is a video, a file written by `livecoach lab observe`, a session (its folder, its name, the beginning of
    its name, or "last"), or a folder with recordings in it and below. livecoach recognises the exercise, unless
    --exercise names it. SESSION:2/1-5 reports reps 1 to 5 of set 2 only, SESSION:2 all of set 2; every rep is counted.
    One bad file does not stop the rest; the exit status tells what was wrong with it. With --profile, every recording
    is judged against the good reps stored in the profile, and what is learned is stored afterwards. Without it, nothing
    is stored, and a session is judged against what was known when it was recorded.

    --out is for thousands of recordings, here or on a cluster: one that crashes or hangs costs itself only, and what is
    done is not done again. DIR then holds reps, faults, errors and recordings as Parquet, and index.html, which says
    what to look at. Neither the settings file nor a profile applies.

    Example: livecoach analyze set1.mp4 --profile anna --json - --annotated set1-annotated.mp4 --pictures set1-reps
    """
    alone = {
        "--json": json_file,
        "--annotated": annotated,
        "--pictures": pictures,
        "--profile": profile,
        "--learn": learn,
    }
    of_out = {"--scheduler": scheduler, "--limit": limit, "--retry": retry or None}
    wrong = [name for name, value in (of_out if out is None else alone).items() if value is not None]
    if wrong:
        raise click.UsageError(f"{' and '.join(wrong)} can't be given {'without' if out is None else 'with'} --out.")
    settings = options.settings(profile=profile, learn=learn, pose=pose, height=height)
    wanted = select_reps(tuple(in_folders(videos)))
    jobs = jobs or (1 if out is None else os.cpu_count() or 1)
    are_whole = all(reps is None for reps in wanted.values())
    given = {"pose": pose and settings.pose, "height": height}
    if out is not None:
        if not are_whole:
            raise click.UsageError("--out keeps whole recordings: name no reps.")
        run: Pool = partial(on_this_machine, jobs=jobs)
        if scheduler is not None:
            run = partial(on_cluster, address=scheduler, say=say)
        if keep_all(out, wanted, words_of(exercise=exercise, **given), run, limit_s=limit, retry=retry):
            sys.exit(SourceError.exit_code)
        return
    lifter = None if profile is None else open_profile(settings.profile)
    places, folders = annotated_paths(annotated, tuple(wanted)), picture_folders(pictures, tuple(wanted))
    tasks = {
        video: AnalysisTask(
            settings=replace(settings, exercise=exercise_of(video, exercise)),
            reps=reps,
            height_cm=height,
            outs=OutputPaths(annotated=places[video], pictures=folders[video]),
        )
        for video, reps in wanted.items()
    }
    with _writable(tasks, json_file, annotated, pictures):
        learns = lifter is not None and settings.learn  # in the order of the command line
        if jobs > 1 and len(tasks) > 1 and are_whole and not learns:
            given |= {"profile": profile, "learn": None if lifter is None else False}
            results, errors = _side_by_side(tasks, words_of(**given), jobs)
        else:
            results, errors = _analyse_all(lifter, tasks)
        _tell(tasks, results, errors, json_file, verbose=verbose)
        if lifter is not None:
            _store_learned(lifter, [results[video] for video in tasks if video in results])
        damaged = {video: done.damage for video, done in results.items() if done.damage is not None}
        _say_written([tasks[video].outs for video in tasks if video in results], json_file if results else None)
        for video, damage in damaged.items():
            _say_error(video, damage)
    if errors or damaged:
        sys.exit(common_exit_code([*errors.values(), *damaged.values()]))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisTask:
    """One recording to analyse."""

    settings: Settings
    """Settings with the recording's own exercise."""
    reps: RepChoice | None
    """The selected reps of a session; None for all."""
    height_cm: float | None
    """The lifter's height, as given on the command line; None if it was not given."""
    outs: OutputPaths


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedAnalysis:
    """The result for one recording."""

    analysis: Analysis
    session: str = ""
    """Identifies its reps among those of all recordings."""
    learned: tuple[RepWindow, ...] = ()
    damage: DamagedVideo | None = None
    """Which part of the recording is missing; None if it is complete."""


@contextmanager
def _writable(
    tasks: Mapping[Path, AnalysisTask], json_file: str | None, annotated: Path | None, pictures: Path | None
) -> Iterator[None]:
    """Check what will be written, and make its folders for the block. Raises OutputError."""
    if json_file is not None and json_file != "-":
        check_writable(Path(json_file), "--json", apart_from=files_in(tuple(tasks)))
    with ExitStack() as stack:
        if annotated is not None and len(tasks) > 1:
            stack.enter_context(created_folders([annotated], "--annotated"))
        folders = (task.outs.pictures for task in tasks.values())
        stack.enter_context(created_folders(filter(None, (pictures, *folders)), "--pictures"))
        yield


def _tell(
    tasks: Iterable[Path],
    results: Mapping[Path, FinishedAnalysis],
    errors: Mapping[Path, LivecoachError],
    json_file: str | None,
    *,
    verbose: bool,
) -> None:
    """Say what was wrong, and print the results or write them as JSON. Raises OutputError."""
    for video, error in errors.items():
        _say_error(video, error)
    for video, done in results.items():
        doubt = doubt_line(done.analysis)
        if doubt is not None:
            say(f"{video}: {doubt}")
    videos = tuple(tasks)
    analyses = [results[video].analysis for video in videos if video in results]
    if json_file != "-":
        for analysis in analyses:
            print_analysis(analysis, verbose=verbose)
    if json_file is None or (len(videos) == 1 and errors):
        return
    document: object = (
        analyses[0]
        if len(videos) == 1
        else documents.Analyses(
            results=tuple(analyses),
            errors=tuple(documents.FailedSource(source=str(v), error=str(errors[v])) for v in videos if v in errors),
        )
    )
    json_output(documents.to_json(document), json_file)


def _store_learned(profile: Profile, results: Sequence[FinishedAnalysis]) -> None:
    """Store learned reps in the order of the command line, whatever the order of completion."""
    for done in results:
        if done.learned:
            profile.keep_each(done.learned, done.session)


def _say_error(video: Path, error: LivecoachError) -> None:
    if click.get_current_context().find_root().params.get("debug"):
        traceback.print_exception(error)
    line = str(error)
    say(line if line.startswith(str(video)) else f"{video}: {line}")


def _analyse_all(
    lifter: Profile | None, tasks: dict[Path, AnalysisTask]
) -> tuple[dict[Path, FinishedAnalysis], dict[Path, LivecoachError]]:
    """Analyse one recording after the other. Return results and errors by video."""
    results: dict[Path, FinishedAnalysis] = {}
    errors: dict[Path, LivecoachError] = {}
    with Progress(list(tasks)) as progress:
        for video, task in tasks.items():
            try:
                results[video] = _analyse_one(lifter, video, task, partial(progress.advance, video))
            except (SourceError, OutputError) as err:
                errors[video] = err
            progress.done(video)
    return results, errors


def _side_by_side(
    tasks: dict[Path, AnalysisTask], given: Sequence[str], jobs: int
) -> tuple[dict[Path, FinishedAnalysis], dict[Path, LivecoachError]]:
    """Analyse recordings in processes of their own. Return results and errors by video, in the order of completion.

    given: options of all of them.
    """
    results: dict[Path, FinishedAnalysis] = {}
    errors: dict[Path, LivecoachError] = {}
    work = [
        Task(
            key=str(video),
            recording=os.path.abspath(video),
            options=(*given, *words_of(exercise=task.settings.exercise, **asdict(task.outs))),
            users=True,
        )
        for video, task in tasks.items()
    ]
    with closing(on_this_machine(work, jobs)) as outcomes:
        for outcome in shown(outcomes, len(work)):
            video = Path(outcome.key)
            if outcome.document is None:
                errors[video] = LivecoachError(f"{video}: {outcome.message}")
                errors[video].exit_code = outcome.status
            else:
                damage = None if outcome.kind is None else DamagedVideo(outcome.message)
                results[video] = FinishedAnalysis(analysis=analysis_of(outcome.document), damage=damage)
    return results, errors


def _lifter_known_to(
    lifter: Profile | None, recording: Recording, settings: Settings, exercises: Iterable[str]
) -> LifterProfile:
    """Return what is known of the lifter, from the profile or, without one, from when the session began.

    exercises: whose reps can be judged.
    """
    name: str | None = recording.profile
    reps_of: Callable[[str], Sequence[RepWindow]] = recording.reference_of
    if lifter is not None:
        name = lifter.name
        reps_of = partial(lifter.reps, pose=recording.pose, excluding_session=recording.session)
    kept = [rep for exercise in exercises for rep in reps_of(exercise)]
    return LifterProfile(
        profile=name, kept=kept, learn=settings.learn, height_cm=settings.height_cm, standards=settings.standards
    )


def _analyse_one(
    lifter: Profile | None, video: Path, task: AnalysisTask, advance: Callable[[float], object]
) -> FinishedAnalysis:
    """Analyse one recording in this process."""
    from livecoach.run.every_frame import analyze

    settings, outs = task.settings, task.outs
    with ExitStack() as stack:
        recording = opened_recording(stack, video, settings.pose, task.reps, pictures=outs.annotated is not None)
        if lifter is None:
            settings = recording.recorded_settings(settings, height_cm=task.height_cm)
        coach = assembly.load_run(settings.exercise, settings.false_alarms)
        drawn = None
        if outs.annotated is not None:
            overlay = Overlay(mirror=False, title=coach.title or "", titles=coach.titles)
            drawn = stack.enter_context(AnnotatedVideo(outs.annotated, overlay, recording.source.info.fps))
        pictures = None
        if outs.pictures is not None:
            pictures = RepPictures(folder=outs.pictures, coaches=coach.coaches, height_cm=settings.height_cm)
        learned: list[RepWindow] = []

        def on_step(frame: Frame | None, step: Step) -> None:
            learned.extend(filter(recording.selects, step.learned))
            if pictures is not None:
                pictures.add((judged for judged in step.judged if recording.selects(judged.rep)), step.withdrawn)
            if frame is not None:
                advance(frame.t_s)
            if drawn is not None and frame is not None:
                drawn.add(frame.picture, step)
            elif drawn is not None:
                drawn.end(step)

        known = _lifter_known_to(lifter, recording, settings, coach.coaches)
        result = analyze(
            recording.source,
            coach,
            recording.estimator,
            pose=recording.pose,
            lifter=known,
            choices=recording.choices,
            on_step=on_step,
        )
        if pictures is not None:
            pictures.write()
        reps = [recording.corrected(rep) for rep in result.reps if recording.selects(rep)]
        result = replace(result, reps=tuple(reps))
        recording.report_missing(result.reps)
        return FinishedAnalysis(
            analysis=result,
            session=recording.session,
            learned=tuple(learned),
            damage=damage_of(video, recording.source),
        )


def _say_written(outs: Iterable[OutputPaths], json_file: str | None) -> None:
    """Report the written files, because the terminal shows nothing else of them."""
    for out in outs:
        if out.annotated is not None:
            say(f"{out.annotated}: written")
        if out.pictures is not None:
            pictures = number_of(len(list(out.pictures.glob("*.svg"))), "picture")
            say(f"{out.pictures}: {pictures} written")
    if json_file not in {None, "-"}:
        say(f"{json_file}: written")
