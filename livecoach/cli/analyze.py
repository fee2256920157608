"""The command `analyze`, which judges every frame of recordings, in turn or in parallel processes."""

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

import click

from livecoach import api
from livecoach.batch.running import MOST_LIMIT_S, Task, parse_analysis, run_tasks
from livecoach.cli import options
from livecoach.cli.arguments import open_profile, select_reps
from livecoach.cli.batch_folder import analyse_into_folder, expand_folders, option_words, show_progress
from livecoach.cli.options import PATH, LongCommand
from livecoach.cli.output import check_no_device, check_writable, explain_write_errors, write_json
from livecoach.cli.progress import Progress
from livecoach.core import documents
from livecoach.core.config.files import make_private_folder, protected_files
from livecoach.core.config.paths import quote_shell_word, sessions_dir
from livecoach.core.documents import Analysis
from livecoach.core.errors import ConfigError, DamagedVideo, LivecoachError, OutputError, SourceError, common_exit_code
from livecoach.core.language import translate
from livecoach.core.types import ignore
from livecoach.core.types.bounds import lifter_suffix
from livecoach.pages.offered import check_past
from livecoach.records.session.layout import is_in_sessions_folder
from livecoach.records.session.opening import is_session_folder, open_session
from livecoach.run.doubts import doubt_line, warning_lines
from livecoach.run.loop import TURN_LINES
from livecoach.run.opened_recording import session_settings
from livecoach.run.process import say
from livecoach.run.summary import print_analysis


def _past_day(_context: click.Context, _option: click.Parameter, typed: datetime | None) -> date | None:
    """Return the day of a film. Raises ConfigError for a day that is still to come."""
    if typed is None:
        return None
    check_past(typed.date())
    return typed.date()


@click.command(
    cls=LongCommand, common=("exercise", "profile", "learn", "json_file", "annotated", "out", "jobs", "record")
)
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
    help="How many recordings to analyse at a time; only one with --profile, with --record, or for chosen reps. "
    "[default: 1; with --out one for each processor]",
)
@click.option(
    "--limit",
    type=options.FloatParam(0, MOST_LIMIT_S, min_open=True),
    metavar="SECONDS",
    help="With --out: time after which a recording counts as hung. [default: 120 s plus 20 times its length]",
)
@click.option("--record", is_flag=True, help="Keep a film as a session with its video, also without --profile.")
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_past_day,
    metavar="YYYY-MM-DD",
    help="Day of films that do not state their day. [default: the day of the file]",
)
@click.option("--retry", is_flag=True, help="With --out: try recordings that failed before again.")
@options.height
@options.film_options
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
    limit: float | None,
    record: bool,
    day: date | None,
    retry: bool,
    height: float | None,
    rotate: object,
    filmed_at: float | None,
) -> None:
    """Count and judge the reps of recordings, from every frame.

    A recording is a video, a file written by `livecoach lab observe`, a session (its folder, its name, the beginning of
    its name, or "last"), a folder with recordings in it and below, or a folder of pictures taken 30 times a second.
    livecoach recognises the exercise, unless --exercise names it. SESSION:2 reports only set 2, and SESSION:2/1-5 only
    its reps 1 to 5. If no rep counts in a film, livecoach looks again with the more exact pose model "full", unless you
    give --pose. A bad file does not stop the others; the exit status says what was wrong.

    With --profile, every recording is judged by the lifter's good reps of earlier sessions. Unless you give --no-learn,
    each film also becomes a session, and its good reps help to judge later films. Without --profile, a session is
    judged by the reps known when it was recorded, and a film is stored only with --record.

    --out is for many recordings. If a recording crashes or hangs, the others go on, and a second run skips finished
    recordings. DIR then contains reps, faults, errors and recordings as CSV, as Parquet too if pyarrow is installed,
    and index.html, which says what to look at. Your settings file and profiles do not apply.

    Example: livecoach analyze set1.mp4 --profile anna --json - --annotated set1-annotated.mp4
    """
    alone = {
        "--json": json_file,
        "--annotated": annotated,
        "--profile": profile,
        "--learn": learn,
        "--record": record or None,
        "--day": day,
    }
    of_out = {"--limit": limit, "--retry": retry or None}
    wrong = [name for name, value in (of_out if out is None else alone).items() if value is not None]
    if wrong:
        raise click.UsageError(f"{' and '.join(wrong)} can't be given {'without' if out is None else 'with'} --out.")
    settings = options.use_settings_for_recording(rotate, profile=profile, learn=learn, pose=pose, height=height)
    exercise = options.resolve_exercise(exercise, model)
    wanted = select_reps(tuple(expand_folders(videos)))
    jobs = jobs or (1 if out is None else os.cpu_count() or 1)
    are_whole = all(reps is None for reps in wanted.values())
    shared = {"pose": pose and settings.pose, "height": height, "rotate": rotate, "filmed-at": filmed_at}
    shared["model"] = model and os.path.abspath(model)
    if out is not None:
        if not are_whole:
            raise click.UsageError("--out keeps whole recordings: name no reps.")
        words = option_words(exercise=exercise, **shared)
        if analyse_into_folder(out, wanted, words, jobs, limit_s=limit, retry=retry):
            sys.exit(SourceError.exit_code)
        return
    lifter = None if profile is None else open_profile(settings.profile).name
    places = annotated_paths(annotated, tuple(wanted))
    named = {name for name, value in {"height": height, "learn": learn, "pose": pose}.items() if value is not None}

    def analyse(video: Path, advance: Callable[[float], object]) -> Analysis:
        """Analyse a recording as the options say. `advance` is called with the time of each frame, in seconds."""
        used = settings
        if lifter is None and is_session_folder(video):
            used = session_settings(open_session(video, ignore).about, settings, named)
        return api.analyze(
            video,
            exercise,
            profile=lifter,
            learn=lifter is not None and settings.learn,
            settings=used,
            model=model,
            annotated=places[video],
            record=record,
            on_step=lambda _, step, __: advance(step.observation.t_s),
            reps=wanted[video],
            filmed_at_fps=filmed_at,
            looks_again=pose is None,
            day=day,
        )

    check_writable(json_file, "--json", apart_from=protected_files(tuple(wanted)))
    with ExitStack() as stack:
        if annotated is not None and len(wanted) > 1:
            stack.enter_context(create_folder(annotated, "--annotated"))
        keeps = record or (lifter is not None and settings.learn)  # Sessions are kept in the order of the command line
        in_parallel = jobs > 1 and len(wanted) > 1 and are_whole and not keeps
        shared |= {"exercise": exercise, "profile": profile, "learn": None if lifter is None else False}
        each = _side_by_side(places, option_words(**shared), jobs) if in_parallel else _in_turn([*wanted], analyse)
        found = dict(each)
        done = {video: found[video] for video in wanted}
        _report_results(done, json_file, settings.turn_deg or 0)
        for video, outcome in done.items():
            if isinstance(outcome, Analysis) and places[video] is not None:
                say(f"{places[video]}: {translate('written')}")
    analyses = [outcome for outcome in done.values() if isinstance(outcome, Analysis)]
    if json_file not in {None, "-"} and analyses:
        say(f"{json_file}: {translate('written')}")
    problems = [outcome for outcome in done.values() if isinstance(outcome, LivecoachError)]
    problems += [DamagedVideo() for analysis in analyses if analysis.frames.lost]
    problems += [OutputError() for analysis in analyses if keeps and not _is_kept_whole(analysis)]
    if problems:
        sys.exit(common_exit_code(problems))


def _is_kept_whole(analysis: Analysis) -> bool:
    """Return whether an analysis that was to become a session became one, and nothing stopped the recording."""
    if analysis.session is None:
        return not analysis.reps
    with suppress(SourceError):
        end = open_session(sessions_dir() / analysis.session, ignore).about.end
        return end is not None and end.stopped is None
    return False


Outcome = Analysis | LivecoachError
"""The analysis of a recording, or the error that prevented the analysis."""


def _report_results(done: Mapping[Path, Outcome], json_file: str | None, turn_deg: int) -> None:
    """Report the problems and doubts of finished analyses, and print or write their results. Raises OutputError."""
    results = {video: outcome for video, outcome in done.items() if isinstance(outcome, Analysis)}
    addressed = {video: _with_address(video, result) for video, result in results.items()}
    for video, outcome in done.items():
        if isinstance(outcome, Analysis):
            for line in _doubts(*addressed[video], turn_deg):
                say(f"{video}: {line}")
            continue
        if click.get_current_context().find_root().params.get("debug"):
            traceback.print_exception(outcome)
        line = str(outcome)
        say(line if line.startswith(str(video)) else f"{video}: {line}")
    if json_file is not None and (len(done) > 1 or results):
        write_json(documents.to_json(_document(done, (*results.values(),))), json_file)
    if json_file != "-":
        for result, suffix in addressed.values():
            print_analysis(result, suffix)


def _with_address(video: Path, result: Analysis) -> tuple[Analysis, str]:
    """Return a result with its session as commands name it, and the end of the address of the last rep's set.

    The session is None if the profile has no set in it. The end, such as "@ben", is empty unless several people lifted.
    """
    if not is_session_folder(video):
        return result, ""
    session, suffix = open_session(video, ignore), ""
    if result.reps:
        suffix = lifter_suffix(session.profile_at(result.reps[-1].start_s), is_shared=session.is_shared)
    if result.profile not in {None, *session.profiles}:
        return replace(result, session=None), suffix
    named = result if is_in_sessions_folder(video) else replace(result, session=quote_shell_word(str(video)))
    return named, suffix


def _doubts(result: Analysis, suffix: str, turn_deg: int) -> Iterator[str]:
    """Yield the problems of a recording that its result does not state, and a turn that is not in the settings."""
    if result.timing.pose_ms_p50 is not None and result.source.turn_deg != turn_deg:  # Only films are turned
        yield translate(TURN_LINES[result.source.turn_deg])
    yield from map(translate, warning_lines(result))
    yield from filter(None, [doubt_line(result, suffix)])


def _document(done: Mapping[Path, Outcome], analyses: tuple[Analysis, ...]) -> object:
    if len(done) == 1:
        return analyses[0]
    failed = {str(video): str(why) for video, why in done.items() if isinstance(why, LivecoachError)}
    errors = tuple(documents.FailedSource(source=video, error=why) for video, why in failed.items())
    return documents.Analyses(results=analyses, errors=errors)


def _in_turn(
    videos: Sequence[Path], analyse: Callable[[Path, Callable[[float], object]], Analysis]
) -> Iterator[tuple[Path, Outcome]]:
    """Analyse recordings one after the other. `analyse` calls a function with the time of each frame."""
    with Progress(videos) as progress:
        for video in videos:
            try:
                yield video, analyse(video, partial(progress.advance, video))
            except (SourceError, OutputError) as err:
                yield video, err
            progress.mark_done(video)


def _side_by_side(
    annotated: Mapping[Path, Path | None], shared: Sequence[str], jobs: int
) -> Iterator[tuple[Path, Outcome]]:
    """Analyse recordings in separate processes with common options, and write each annotated video that has a path."""
    work = []
    for video, place in annotated.items():
        words = (*shared, *option_words(annotated=place))
        work.append(Task(key=str(video), recording=os.path.abspath(video), options=words, uses_user_settings=True))
    with closing(run_tasks(work, jobs)) as outcomes:
        for outcome in show_progress(outcomes, len(work)):
            if outcome.document is not None:
                yield Path(outcome.key), parse_analysis(outcome.document)
                continue
            problem = LivecoachError(f"{outcome.key}: {outcome.message}")
            problem.exit_code = outcome.status
            yield Path(outcome.key), problem


def annotated_paths(annotated: Path | None, videos: tuple[Path, ...]) -> Mapping[Path, Path | None]:
    """Return the path of the annotated video of each recording; None for each if no annotated video is wanted.

    Args:
        annotated: Annotated video of a single recording, or the folder for several videos; None for no video.

    Raises:
        ConfigError: `annotated` for a single recording is not the name of an MP4 file.
        OutputError: Two videos would share a path, or a path can't be written. New files in a folder are not tested.
    """
    if annotated is None:
        return dict.fromkeys(videos)
    if len(videos) > 1:
        stems = {video: video.name if os.path.isdir(video) else video.stem for video in videos}
        paths = {video: annotated / f"{stem}-annotated.mp4" for video, stem in stems.items()}
    elif annotated.suffix.lower() == ".mp4":
        paths = {videos[0]: annotated}
    else:
        raise ConfigError(f"{annotated}: not the name of an MP4 file. Choose one that ends in .mp4 with --annotated.")
    for path in paths.values():
        if [*paths.values()].count(path) > 1:
            raise OutputError(f"{path}: two videos would share this file. Analyse them one by one.")
        if len(videos) == 1 or os.path.exists(path):
            check_writable(path, "--annotated", apart_from=protected_files(videos))
    return paths


@contextmanager
def create_folder(folder: Path, option: str) -> Iterator[None]:
    """Create a folder for a `with` block, and remove the folder after the block if it is new and empty.

    Raises OutputError if the folder can't be created, or has the name of a Windows device.
    """
    check_no_device(folder, option)
    with explain_write_errors(folder, option):
        is_new = not os.path.exists(folder)
        make_private_folder(folder)
    try:
        yield
    finally:
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
