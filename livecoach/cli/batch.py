"""The commands that take every frame of a recording: observe, analyze."""

import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli import options
from livecoach.cli.options import say
from livecoach.cli.output import check_apart, check_writable, to_stdout, whole
from livecoach.cli.workers import go_on, side_by_side
from livecoach.errors import ConfigError, LivecoachError, OutputError, SourceError

if TYPE_CHECKING:
    from livecoach.cli.progress import Progress
    from livecoach.config import Settings
    from livecoach.documents import Analysis


@click.command()
@click.argument("video", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="File to write.")
@options.pose
def observe(video: Path, out: Path, pose: str | None) -> None:
    """Run pose over a video once, and keep what was seen.

    replay and analyze take the file in the video's place; they then need no pose, and give the same result.

    Example: livecoach observe set1.mp4 --out set1.obs
    """
    settings = options.settings(pose=pose)
    from livecoach import codec
    from livecoach.analysis import frames
    from livecoach.cli.progress import Progress
    from livecoach.observe import Observer
    from livecoach.pose.blazepose import BlazePose
    from livecoach.session.observations import ObservationWriter
    from livecoach.source.file import VideoFile

    check_apart(out, (video,), "--out")
    with ExitStack() as stack:
        source = stack.enter_context(closing(VideoFile(video)))
        estimator = stack.enter_context(closing(BlazePose(settings.pose)))
        info = source.info
        header = codec.Header(
            name=info.name,
            width_px=info.width_px,
            height_px=info.height_px,
            fps=info.fps,
            pose_model=estimator.name,
            pose_sha256=estimator.sha256,
            synthetic=False,
        )
        observer, count, found = Observer(estimator), 0, 0
        writer = stack.enter_context(ObservationWriter(stack.enter_context(whole(out, "--out")), header))
        progress = stack.enter_context(Progress([video]))
        for frame in frames(source):
            observation = observer.observe(frame)
            writer.write(observation)
            progress.advance(video, frame.t_s)
            count += 1
            found += observation.landmarks is not None
        progress.done(video)
    click.echo(f"{out}: {count} observations, a person in {found}")


@click.command()
@click.argument("videos", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="VIDEO...")
@options.exercise
@options.pose
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON; - for standard output.")
@click.option(
    "--annotated",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write the annotated video; with several videos, the folder for them.",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, metavar="N", help="Videos at a time.")
def analyze(
    videos: tuple[Path, ...],
    exercise: str | None,
    pose: str | None,
    json_file: str | None,
    annotated: Path | None,
    jobs: int,
) -> None:
    """Count and judge the reps of recordings, every frame of them.

    A recording is a video, or a file written by `livecoach observe`. One bad file does not stop the rest; the exit
    status is then 1.

    Example: livecoach analyze set1.mp4 --json - --annotated set1-annotated.mp4
    """
    settings = options.settings(exercise=exercise, pose=pose)
    videos = tuple(dict.fromkeys(videos))  # each once
    outs = _annotated_paths(annotated, videos)
    with ExitStack() as stack:
        if json_file is not None and json_file != "-":
            check_apart(Path(json_file), videos, "--json")
            check_writable(Path(json_file), "--json")
        if annotated is not None and len(videos) > 1:
            stack.enter_context(_made_folder(annotated))
        results, errors = _all(settings, outs, jobs)
        for video, error in errors.items():
            _say_error(video, error)
        _write(videos, results, errors, json_file)
    if errors:
        sys.exit(1)


COMMANDS = (observe, analyze)


def _say_error(video: Path, error: LivecoachError) -> None:
    if click.get_current_context().find_root().params.get("debug"):
        traceback.print_exception(error)
    line = str(error)
    say(line if line.startswith(str(video)) else f"{video}: {line}")


@contextmanager
def _made_folder(folder: Path) -> Iterator[None]:
    """A folder for annotated videos; taken away again if it was made here and nothing came into it."""
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise OutputError(
            f"{folder}: is no folder for annotated videos ({err.strerror}). Choose another with --annotated."
        ) from err
    try:
        yield
    finally:
        if new and not any(folder.iterdir()):
            folder.rmdir()


def _annotated_paths(annotated: Path | None, videos: tuple[Path, ...]) -> dict[Path, Path | None]:
    """Where each video's annotated one goes.

    Raises ConfigError where that is no name of an MP4 file, OutputError where it is the place of another.
    """
    if annotated is None:
        return dict.fromkeys(videos)
    if len(videos) == 1:
        if annotated.suffix.lower() != ".mp4":
            raise ConfigError(f"{annotated}: is no name of an MP4 file. Give --annotated one that ends in .mp4.")
        check_apart(annotated, videos, "--annotated")
        return {videos[0]: annotated}
    outs: dict[Path, Path | None] = {}
    for video in videos:
        out = annotated / f"{video.stem}-annotated.mp4"
        if out in outs.values():
            raise OutputError(f"{out}: would be written for two of the videos. Annotate them one by one.")
        check_apart(out, videos, "--annotated")
        outs[video] = out
    return outs


def _all(
    settings: "Settings", outs: dict[Path, Path | None], jobs: int
) -> tuple[dict[Path, "Analysis"], dict[Path, LivecoachError]]:
    """Results and errors by video."""
    from livecoach.cli.progress import Progress

    results: dict[Path, Analysis] = {}
    errors: dict[Path, LivecoachError] = {}
    with Progress(list(outs)) as progress:
        if jobs == 1 or len(outs) == 1:
            for video, out in outs.items():
                try:
                    results[video] = _one(settings, video, out, partial(progress.advance, video))
                except (SourceError, OutputError) as err:
                    errors[video] = err
                progress.done(video)
            return results, errors
        given = {video: (settings, video, out) for video, out in outs.items()}
        with side_by_side(jobs, _in_worker, given) as waiting:
            for future in _finished(waiting, progress):
                video = waiting[future]
                try:
                    results[video] = future.result()
                except (SourceError, OutputError) as err:
                    errors[video] = err
                except BrokenProcessPool:
                    errors[video] = SourceError("the process that analysed it was ended. Try again with --jobs 1.")
                progress.done(video)
    return results, errors


def _finished(waiting: "dict[Future[Analysis], Path]", progress: "Progress") -> "Iterator[Future[Analysis]]":
    """Each when it is done; meanwhile the bars of those under way move."""
    pending = set(waiting)
    while pending:
        done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
        yield from done
        for future, video in waiting.items():
            if future.running():
                progress.under_way(video)


def _in_worker(settings: "Settings", video: Path, out: Path | None) -> "Analysis":
    return _one(settings, video, out, lambda _: go_on())


def _one(settings: "Settings", video: Path, out: Path | None, advance: Callable[[float], object]) -> "Analysis":
    """Analyse one recording, in this process."""
    from livecoach import analysis, assembly
    from livecoach.annotated import AnnotatedVideo
    from livecoach.feedback.overlay import Overlay
    from livecoach.pose.blazepose import BlazePose
    from livecoach.source.stored import StoredObservations
    from livecoach.types import Frame, Step

    with ExitStack() as stack:
        source = stack.enter_context(closing(analysis.open_recording(video)))
        coach = assembly.load(settings.exercise)
        estimator = None
        if isinstance(source, StoredObservations):
            pose = source.header.pose_model
        else:
            estimator = stack.enter_context(closing(BlazePose(settings.pose)))
            pose = estimator.name
        drawn = None
        if out is not None:
            overlay = Overlay(mirror=False, title=coach.exercise.title)
            drawn = stack.enter_context(AnnotatedVideo(out, overlay, source.info.fps))

        def seen(frame: Frame, step: Step) -> None:
            if drawn is not None:
                drawn.add(frame.picture, step)
            advance(frame.t_s)

        return analysis.analyze(source, coach, estimator, pose=pose, seen=seen)


def _write(
    videos: tuple[Path, ...], results: dict[Path, "Analysis"], errors: dict[Path, LivecoachError], json_file: str | None
) -> None:
    from livecoach import documents
    from livecoach.cli.summary import print_analysis

    if json_file != "-":
        for video in videos:
            if video in results:
                print_analysis(results[video])
    if json_file is None or (len(videos) == 1 and errors):
        return
    document: object = results.get(videos[0])
    if len(videos) > 1:
        document = documents.Analyses(
            results=tuple(results[v] for v in videos if v in results),
            errors=tuple(documents.FailedSource(source=str(v), error=str(errors[v])) for v in videos if v in errors),
        )
    text = documents.to_json(document)
    if json_file == "-":
        to_stdout(text)
        return
    with whole(Path(json_file), "--json") as place:
        place.write_text(text + "\n", encoding="utf-8", errors="replace")
