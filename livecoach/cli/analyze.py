"""The command `analyze`: judges every frame of recordings, several recordings at a time."""

import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import TypeVar

import click

from livecoach import assembly, documents
from livecoach.cli import options
from livecoach.cli.analysis_files import (
    OutputPaths,
    RepPictures,
    annotated_paths,
    created_folder,
    created_folders,
    picture_folders,
)
from livecoach.cli.arguments import exercise_of, files_in, select_reps
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

Key = TypeVar("Key")
Result = TypeVar("Result")


@click.command()
@click.argument("videos", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="VIDEO...")
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
    "--jobs", type=click.IntRange(1, 64), default=1, metavar="N", help="Number of videos to analyse at a time."
)
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
    jobs: int,
    height: float | None,
    verbose: bool,
) -> None:
    """Count and judge the reps of recordings, from every frame.

    A recording is a video, a file written by `livecoach lab observe`, or a session (its folder, its name, the beginning
    of its name, or "last"). livecoach recognises the exercise, unless --exercise names it. SESSION:2/1-5 reports reps 1
    to 5 of set 2 only, SESSION:2 all of set 2; every rep is counted. One bad file does not stop the rest; the exit
    status tells what was wrong with it. With --profile, every recording is judged against the good reps stored in the
    profile, and what is learned is stored afterwards. Without it, nothing is stored, and a session is judged against
    what was known when it was recorded.

    Example: livecoach analyze set1.mp4 --profile anna --json - --annotated set1-annotated.mp4 --pictures set1-reps
    """
    settings = options.settings(profile=profile, learn=learn, pose=pose, height=height)
    lifter = None if profile is None else open_profile(settings.profile)
    wanted = select_reps(videos)
    videos = tuple(wanted)
    places, folders = annotated_paths(annotated, videos), picture_folders(pictures, videos)
    tasks = {
        video: AnalysisTask(
            settings=replace(settings, exercise=exercise_of(video, exercise)),
            reps=reps,
            height_cm=height,
            outs=OutputPaths(annotated=places[video], pictures=folders[video]),
        )
        for video, reps in wanted.items()
    }
    with ExitStack() as stack:
        if json_file is not None and json_file != "-":
            check_writable(Path(json_file), "--json", apart_from=files_in(videos))
        if annotated is not None and len(videos) > 1:
            stack.enter_context(created_folder(annotated))
        stack.enter_context(created_folders(pictures, [folder for folder in folders.values() if folder is not None]))
        results, errors = _analyse_all(lifter, tasks, jobs)
        for video, error in errors.items():
            _say_error(video, error)
        for video, done in results.items():
            doubt = doubt_line(done.analysis)
            if doubt is not None:
                say(f"{video}: {doubt}")
        analyses = {video: done.analysis for video, done in results.items()}
        _write(videos, analyses, errors, json_file, verbose=verbose)
        if lifter is not None:
            _store_learned(lifter, [results[video] for video in videos if video in results])
        outs = [tasks[video].outs for video in videos if video in results]
        _say_written(outs, json_file if results else None)
        damaged = {video: done.damage for video, done in results.items() if done.damage is not None}
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
    session: str
    """Identifies its reps among those of all recordings."""
    learned: tuple[RepWindow, ...]
    damage: DamagedVideo | None = None
    """Which part of the recording is missing; None if it is complete."""


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
    lifter: Profile | None, tasks: dict[Path, AnalysisTask], jobs: int
) -> tuple[dict[Path, FinishedAnalysis], dict[Path, LivecoachError]]:
    """Return results and errors by video."""
    results: dict[Path, FinishedAnalysis] = {}
    errors: dict[Path, LivecoachError] = {}
    with Progress(list(tasks)) as progress:
        if jobs == 1 or len(tasks) == 1:
            for video, task in tasks.items():
                try:
                    results[video] = _analyse_one(lifter, video, task, partial(progress.advance, video))
                except (SourceError, OutputError) as err:
                    errors[video] = err
                progress.done(video)
            return results, errors
        given = {video: (lifter, video, task) for video, task in tasks.items()}
        with run_in_processes(jobs, _in_worker, given) as waiting:
            for future in _finished(waiting, progress):
                video = waiting[future]
                try:
                    results[video] = future.result()
                except (SourceError, OutputError) as err:
                    errors[video] = err
                except BrokenProcessPool:
                    errors[video] = SourceError("its process was killed. Try again with --jobs 1.")
                progress.done(video)
    return results, errors


def _finished(waiting: dict[Future[FinishedAnalysis], Path], progress: Progress) -> Iterator[Future[FinishedAnalysis]]:
    """Yield each future when it is done, and meanwhile advance the bars of those in progress."""
    pending = set(waiting)
    while pending:
        done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
        yield from done
        for future, video in waiting.items():
            if future.running():
                progress.under_way(video)


def _in_worker(lifter: Profile | None, video: Path, task: AnalysisTask) -> FinishedAnalysis:
    return _analyse_one(lifter, video, task, lambda _: check_stopped())


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


class _WorkerState:
    """State of this process, if it is a worker."""

    stop: Event | None = None


def check_stopped() -> None:
    """Raise KeyboardInterrupt once the main process tells this worker to stop. Call it regularly."""
    if _WorkerState.stop is not None and _WorkerState.stop.is_set():
        raise KeyboardInterrupt


def _begin(stop: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _WorkerState.stop = stop


@contextmanager
def run_in_processes(
    jobs: int, work: Callable[..., Result], arguments: Mapping[Key, tuple[object, ...]]
) -> Iterator[dict[Future[Result], Key]]:
    """Call `work` with each of `arguments`, in `jobs` processes. If the block fails, the rest is cancelled."""
    context = get_context("spawn")  # a fork after MediaPipe is loaded hangs the child
    stop = context.Event()
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(stop,))
    try:
        # Workers inherit this. Before `_begin`, Ctrl-C would make them print a traceback.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            futures = {pool.submit(work, *given): key for key, given in arguments.items()}
        finally:
            signal.signal(signal.SIGINT, before)
        yield futures
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _write(
    videos: tuple[Path, ...],
    results: dict[Path, Analysis],
    errors: dict[Path, LivecoachError],
    json_file: str | None,
    *,
    verbose: bool,
) -> None:
    """Print the results, or write them as JSON. Raises OutputError."""
    if json_file != "-":
        for video in videos:
            if video in results:
                print_analysis(results[video], verbose=verbose)
    if json_file is None or (len(videos) == 1 and errors):
        return
    document: object = results.get(videos[0])
    if len(videos) > 1:
        document = documents.Analyses(
            results=tuple(results[v] for v in videos if v in results),
            errors=tuple(documents.FailedSource(source=str(v), error=str(errors[v])) for v in videos if v in errors),
        )
    json_output(documents.to_json(document), json_file)


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
