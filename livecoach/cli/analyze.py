"""The command `analyze`: judges every frame of recordings, one after the other, or many at a time and kept."""

import os
import sys
import traceback
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
import numpy as np

from livecoach.batch.running import MOST_LIMIT_S, Task, analysis_of, on_cluster, on_this_machine
from livecoach.cli import options
from livecoach.cli.analysis_kept import Pool, in_folders, keep_all, shown, words_of
from livecoach.cli.arguments import exercise_of, files_in, open_profile, select_reps, stem
from livecoach.cli.options import PATH, LongCommand
from livecoach.cli.output import check_no_device, check_writable, json_output, writing
from livecoach.cli.progress import Progress
from livecoach.core import documents
from livecoach.core.config import Settings
from livecoach.core.config.files import make_private_folder
from livecoach.core.documents import Analysis
from livecoach.core.errors import ConfigError, LivecoachError, OutputError, SessionError, SourceError, common_exit_code
from livecoach.core.language import translate
from livecoach.feedback.overlay import Overlay
from livecoach.records.knowledge import Knowledge
from livecoach.records.profile import Profile
from livecoach.records.session.events import EventStream
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.rep_choice import RepChoice
from livecoach.run.coached import CoachedStep
from livecoach.run.every_frame import AnnotatedVideo
from livecoach.run.loop import TURN_LINES
from livecoach.run.opened_recording import Recording, damage_of, opened_recording, settings_then
from livecoach.run.options import RunOptions
from livecoach.run.parts import NOBODY_KNOWN, Lifter, Part, Parts, lifter_of_profile, lifter_of_session, taught_lines
from livecoach.run.process import say
from livecoach.run.session_recording import describe, recorded_session, session_start
from livecoach.run.summary import doubt_line, print_analysis


@click.command(cls=LongCommand, common=("exercise", "profile", "json_file", "annotated", "out", "jobs"))
@click.argument("videos", nargs=-1, required=True, type=PATH, metavar="RECORDING...")
@options.recorded_exercise
@options.recorded_profile
@options.own_model
@options.learn
@options.pose
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON; - for standard output.")
@click.option(
    "--annotated", type=PATH, metavar="OUT", help="Write the annotated video; with several videos, the folder for them."
)
@click.option(
    "--out",
    type=PATH,
    metavar="DIR",
    help="Keep each result in DIR, with tables and a page that sum them up; the same command goes on after a stop.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Recordings at a time, in processes of their own, unless sessions are kept or reps are named. "
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
@click.option("--record", is_flag=True, help="Keep a film as a session with its video, also without --profile.")
@click.option("--retry", is_flag=True, help="With --out: try recordings that failed before again.")
@options.height
@options.film
def analyze(  # noqa: PLR0913, PLR0917 - click hands over each option
    videos: tuple[Path, ...],
    exercise: str | None,
    profile: str | None,
    model: Path | None,
    learn: bool | None,
    pose: str | None,
    json_file: str | None,
    annotated: Path | None,
    out: Path | None,
    jobs: int | None,
    scheduler: str | None,
    limit: float | None,
    record: bool,
    retry: bool,
    height: float | None,
    rotate: object,
    filmed_at: float | None,
) -> None:
    """Count and judge the reps of recordings, from every frame.

    A recording is a video, a file written by `livecoach lab observe`, a session (its folder, its name, the beginning of
    its name, or "last"), or a folder with recordings in it and below. livecoach recognises the exercise, unless
    --exercise names it. SESSION:2/1-5 reports reps 1 to 5 of set 2 only, SESSION:2 all of set 2; every rep is counted.
    One bad file does not stop the rest; the exit status tells what was wrong with it. With --profile, every recording
    is judged against what earlier sessions teach of the lifter. A film becomes a session itself, by which the next one
    is judged, unless --no-learn is given. Without a profile, nothing is stored unless --record is
    given, and a session is judged against what was known when it was recorded.

    --out is for thousands of recordings, here or on a cluster: one that crashes or hangs costs itself only, and what is
    done is not done again. DIR then holds reps, faults, errors and recordings as CSV, as Parquet too where pyarrow is
    installed, and index.html, which says what to look at. Neither the settings file nor a profile applies.

    Example: livecoach analyze set1.mp4 --profile anna --json - --annotated set1-annotated.mp4
    """
    alone = {
        "--json": json_file,
        "--annotated": annotated,
        "--profile": profile,
        "--learn": learn,
        "--record": record or None,
    }
    of_out = {"--scheduler": scheduler, "--limit": limit, "--retry": retry or None}
    wrong = [name for name, value in (of_out if out is None else alone).items() if value is not None]
    if wrong:
        raise click.UsageError(f"{' and '.join(wrong)} can't be given {'without' if out is None else 'with'} --out.")
    settings = options.recorded_settings(rotate, profile=profile, learn=learn, pose=pose, height=height)
    exercise = options.exercise_of_model(model, exercise)
    wanted = select_reps(tuple(in_folders(videos)))
    jobs = jobs or (1 if out is None else os.cpu_count() or 1)
    are_whole = all(reps is None for reps in wanted.values())
    given = {"pose": pose and settings.pose, "height": height, "rotate": rotate, "filmed-at": filmed_at}
    given["model"] = model and os.path.abspath(model)
    if out is not None:
        if not are_whole:
            raise click.UsageError("--out keeps whole recordings: name no reps.")
        here: Pool = partial(on_this_machine, jobs=jobs)
        run = here if scheduler is None else partial(on_cluster, address=scheduler, say=say)
        if keep_all(out, wanted, words_of(exercise=exercise, **given), run, limit_s=limit, retry=retry):
            sys.exit(SourceError.exit_code)
        return
    lifter = None if profile is None else open_profile(settings.profile)
    places = annotated_paths(annotated, tuple(wanted))
    tasks = {
        video: AnalysisTask(
            settings=replace(settings, exercise=exercise_of(video, exercise)),
            reps=reps,
            given={name for name, value in {"height": height, "learn": learn}.items() if value is not None},
            annotated=places[video],
            record=record,
            filmed_at_fps=filmed_at,
            model=model,
        )
        for video, reps in wanted.items()
    }
    check_writable(json_file, "--json", apart_from=files_in(tuple(tasks)))
    with ExitStack() as stack:
        if annotated is not None and len(tasks) > 1:
            stack.enter_context(created_folder(annotated, "--annotated"))
        keeps = record or (lifter is not None and settings.learn)  # sessions, in the order of the command line
        beside = jobs > 1 and len(tasks) > 1 and are_whole and not keeps
        given |= {"profile": profile, "learn": None if lifter is None else False}
        found = dict(_side_by_side(tasks, words_of(**given), jobs) if beside else _in_turn(lifter, tasks))
        done = {video: found[video] for video in tasks}
        _tell(done, json_file, settings.turn_deg or 0)
        for video, one in done.items():
            if one.analysis is not None and tasks[video].annotated is not None:
                say(f"{tasks[video].annotated}: written")
    if json_file not in {None, "-"} and any(one.analysis is not None for one in done.values()):
        say(f"{json_file}: written")
    problems = [one.problem for one in done.values() if one.problem is not None]
    if problems:
        sys.exit(common_exit_code(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisTask:
    settings: Settings  # settings with the recording's own exercise
    reps: RepChoice | None = None  # the selected reps of a session; None for all
    given: Container[str] = ()  # options of the command line that affect verdicts
    annotated: Path | None = None  # where its annotated video is written; None if none is wanted
    model: Path | None = None  # folder of a model of the user's
    record: bool = False  # whether its session is kept with the video
    filmed_at_fps: float | None = None  # pictures a second that its camera filmed; None for what the film says
    sessions_in: Path | None = None  # where its session is kept in any case; None for among the user's, if at all


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedAnalysis:
    analysis: Analysis | None = None  # None if it failed
    problem: LivecoachError | None = None  # why it failed, or which part of it is missing; None for neither
    lines: tuple[str, ...] = ()  # where its session lies, and what that teaches
    session: Path | None = None  # folder of that session


def _tell(done: Mapping[Path, FinishedAnalysis], json_file: str | None, turn_deg: int) -> None:
    """Say what was learned and what was wrong, and print the results or write them. Raises OutputError.

    Args:
        turn_deg: by how much pictures were to be turned.
    """
    for video, one in done.items():
        for line in one.lines:
            say(line)
        if one.problem is not None:
            if click.get_current_context().find_root().params.get("debug"):
                traceback.print_exception(one.problem)
            line = str(one.problem)
            say(line if line.startswith(str(video)) else f"{video}: {line}")
        for line in () if one.analysis is None else _doubts(one.analysis, turn_deg):
            say(f"{video}: {line}")
    analyses = tuple(one.analysis for one in done.values() if one.analysis is not None)
    if json_file is not None and (len(done) > 1 or analyses):
        json_output(documents.to_json(_document(done, analyses)), json_file)
    if json_file != "-":
        for analysis in analyses:
            print_analysis(analysis)


def _doubts(result: Analysis, turn_deg: int) -> Iterator[str]:
    """Yield what was wrong with a recording whose pictures were to be turned by `turn_deg`."""
    if result.timing.pose_ms_p50 is not None and result.source.turn_deg != turn_deg:  # a film
        yield TURN_LINES[result.source.turn_deg]
    yield from map(translate, result.warnings)
    doubt = doubt_line(result)
    if doubt is not None:
        yield doubt


def _document(done: Mapping[Path, FinishedAnalysis], analyses: Sequence[Analysis]) -> object:
    if len(done) == 1:
        return analyses[0]
    failed = {video: one.problem for video, one in done.items() if one.analysis is None}
    errors = tuple(documents.FailedSource(source=str(video), error=str(why)) for video, why in failed.items())
    return documents.Analyses(results=tuple(analyses), errors=errors)


def _in_turn(lifter: Profile | None, tasks: Mapping[Path, AnalysisTask]) -> Iterator[tuple[Path, FinishedAnalysis]]:
    with Progress(list(tasks)) as progress:
        for video, task in tasks.items():
            try:
                yield video, analyse_one(lifter, video, task, partial(progress.advance, video))
            except (SourceError, OutputError) as err:
                yield video, FinishedAnalysis(problem=err)
            progress.done(video)


def _side_by_side(
    tasks: Mapping[Path, AnalysisTask], given: Sequence[str], jobs: int
) -> Iterator[tuple[Path, FinishedAnalysis]]:
    """Analyse recordings in processes of their own. given: options of all of them."""
    work = []
    for video, task in tasks.items():
        own = words_of(exercise=task.settings.exercise, annotated=task.annotated)
        words = (*given, *own)
        work.append(Task(key=str(video), recording=os.path.abspath(video), options=words, users=True))
    with closing(on_this_machine(work, jobs)) as outcomes:
        for outcome in shown(outcomes, len(work)):
            problem = None if outcome.kind is None else LivecoachError(f"{outcome.key}: {outcome.message}")
            if problem is not None:
                problem.exit_code = outcome.status
            analysis = None if outcome.document is None else analysis_of(outcome.document)
            yield Path(outcome.key), FinishedAnalysis(analysis=analysis, problem=problem)


def _lifter_of(knowledge: Knowledge | None, recording: Recording) -> Lifter:
    """Return the lifter as the profile knows them, or else as known when the session began."""
    if knowledge is not None:
        return lifter_of_profile(knowledge, recording.session)
    return NOBODY_KNOWN if recording.recorded is None else lifter_of_session(recording.recorded)


def analyse_one(
    profile: Profile | None, video: Path, task: AnalysisTask, advance: Callable[[float], object]
) -> FinishedAnalysis:
    """Analyse a recording, and keep its session where the task or the profile asks for one.

    Args:
        profile: whose good reps judge it, and that learns from it; None for none.
        video: the recording.
        task: how it is analysed.
        advance: called with the time of each frame.

    Raises:
        SourceError: the recording can't be read.
        OutputError: something can't be written.
    """
    from livecoach.run.every_frame import analyze

    settings, lines, kept = task.settings, list[str](), list[Path]()
    knowledge = None if profile is None else Knowledge(profile, say)
    with ExitStack() as stack:
        recording = opened_recording(
            stack,
            video,
            settings.pose,
            task.reps,
            pictures=task.annotated is not None,
            filmed_at_fps=task.filmed_at_fps,
            turn_deg=settings.turn_deg,
        )
        if knowledge is None and recording.recorded is not None:
            settings = settings_then(recording.recorded.about, settings, task.given)
        session = recording.recorded if recording.recorded and recording.recorded.part_events else None
        if session is not None and (knowledge is not None or settings.exercise != session.about.exercise):
            raise SessionError(
                f"{session.name}: its lifter or exercise changes, and each part is judged as it was. "
                "Leave out --profile and --exercise."
            )
        parts = Parts(settings, recording.pose, replays=session, model=task.model)
        coach = parts.coach(settings.exercise)
        drawn = None
        if task.annotated is not None:
            overlay = Overlay(mirror=False, title=coach.title or "", titles=coach.titles)
            drawn = stack.enter_context(AnnotatedVideo(task.annotated, overlay, recording.source.info.fps))
        first = parts.begin(settings.exercise, _lifter_of(knowledge, recording), settings.standards)
        keep = _kept_session(stack, task, recording, parts, first, knowledge, lines.append, kept.append)

        def on_step(picture: np.ndarray | None, told: CoachedStep) -> None:
            keep(told, picture)
            advance(told.step.observation.t_s)
            if drawn is not None:
                drawn.add(picture, told)

        profiles = recording.profiles if profile is None else (profile.name,)
        only_profile = profiles[0] if len(profiles) == 1 else None
        again = None if session is None else parts
        result = analyze(recording, coach, first.pipeline, profile=only_profile, on_step=on_step, parts=again)
        reps = [recording.corrected(rep) for rep in result.reps if recording.selects(rep)]
        result = replace(result, reps=tuple(reps))
        for t_s in recording.selected_s or ():
            if not any(rep.start_s <= t_s <= rep.end_s for rep in reps):
                say(f"{recording.source.info.name}: the rep at {t_s:.1f} s was counted live, but is not counted now")
    if profile is not None and kept:
        lines += taught_lines(profile.name, kept[0])
    folder = kept[0] if kept and kept[0].is_dir() else None  # it is gone if no rep counted
    damage = damage_of(video, recording.source)
    return FinishedAnalysis(analysis=result, lines=tuple(lines), session=folder, problem=damage)


def _kept_session(
    stack: ExitStack,
    task: AnalysisTask,
    recording: Recording,
    parts: Parts,
    first: Part,
    knowledge: Knowledge | None,
    report: Callable[[str], object],
    begun: Callable[[Path], object],
) -> Callable[[CoachedStep, np.ndarray | None], None]:
    """Begin the session of a film that a profile learns from, or whose video is to be kept. Return what takes each step
    with its picture.

    Args:
        stack: ends the session.
        task: of the film.
        recording: the film.
        parts: of the analysis.
        first: the part that it begins with.
        knowledge: of the lifter of the profile; None without a profile.
        report: called with a line about where the session lies, or why there is none.
        begun: called with the folder of the session.
    """
    learns = knowledge is not None and task.settings.learn
    if recording.recorded is not None or not (learns or task.record or task.sessions_in):
        return lambda *_: None
    before = (
        None
        if knowledge is None
        else next((one for one in knowledge.sessions if one.about.session == recording.session), None)
    )
    if before is not None:
        begun(before.folder)
        report(
            f"{recording.source.info.name}: is session {before.name} already, and teaches no second time. "
            f"`livecoach sessions delete {before.name}` lets it be recorded anew."
        )
        return lambda *_: None
    options = RunOptions(
        settings=task.settings,
        lifter=first.lifter_in_run.lifter,
        session=recording.session,
        records=True,
        video=task.record,
        sessions_in=task.sessions_in,
        synthetic=recording.synthetic,
    )
    about = describe(options, recording.source.info, parts.coach(first.exercise), recording.pose, recording.pose_sha256)
    reference = [path for path, _ in first.reference]
    recorder = stack.enter_context(recorded_session(options, about, reference, report))
    if recorder is None:
        return lambda *_: None
    begun(recorder.folder)
    events, tally = EventStream(recorder.event, session_start(about)), RunMetrics()
    stack.callback(lambda: events.end(tally))
    last: int | None = None

    def keep(told: CoachedStep, picture: np.ndarray | None) -> None:
        nonlocal last
        step = told.step
        if step.observation.index != last:  # the last step is of the same frame as the one before it
            last = step.observation.index
            tally.add(step.observation)
            recorder.observation(step.observation, picture)
        events.step(step, None)

    return keep


def annotated_paths(annotated: Path | None, videos: tuple[Path, ...]) -> Mapping[Path, Path | None]:
    """The path of each annotated video: `annotated` for one, and one in that folder for each of several. Raises
    ConfigError if it is no MP4 file, OutputError if two would share it."""
    if annotated is None:
        return dict.fromkeys(videos)
    if len(videos) > 1:
        paths = {video: annotated / f"{stem(video)}-annotated.mp4" for video in videos}
    elif annotated.suffix.lower() == ".mp4":
        paths = {videos[0]: annotated}
    else:
        raise ConfigError(f"{annotated}: not the name of an MP4 file. Choose one that ends in .mp4 with --annotated.")
    for path in paths.values():
        if [*paths.values()].count(path) > 1:
            raise OutputError(f"{path}: two videos would share this file. Analyse them one by one.")
        if len(videos) == 1 or os.path.exists(path):
            check_writable(path, "--annotated", apart_from=files_in(videos))
    return paths


@contextmanager
def created_folder(folder: Path, option: str) -> Iterator[None]:
    """Create a folder, and remove it afterwards if it is new and empty. Raises OutputError."""
    check_no_device(folder, option)
    with writing(folder, option):
        is_new = not os.path.exists(folder)
        make_private_folder(folder)
    try:
        yield
    finally:
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
