"""The commands that take every frame of a recording: observe, analyze."""

import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, closing
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli import options
from livecoach.cli.options import say
from livecoach.errors import OutputError, SourceError

if TYPE_CHECKING:
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

    if out.resolve() == video.resolve():
        raise OutputError(f"{out}: is the video itself. Choose another place with --out.")
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
        writer = stack.enter_context(ObservationWriter(out, header))
        progress = stack.enter_context(Progress([video]))
        for frame in frames(source):
            observation = observer.observe(frame)
            writer.write(observation)
            progress.advance(video, frame.t_s)
            count += 1
            found += observation.landmarks is not None
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
    if annotated is not None and len(videos) > 1:
        _make_folder(annotated)
    outs = {video: _annotated_path(annotated, video, several=len(videos) > 1) for video in videos}
    results, errors = _all(settings, outs, jobs)
    for video, error in errors.items():
        say(error if error.startswith(str(video)) else f"{video}: {error}")
    _write(videos, results, errors, json_file)
    if errors:
        sys.exit(1)


COMMANDS = (observe, analyze)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise OutputError(
            f"{folder}: is no folder for annotated videos ({err.strerror}). Choose another with --annotated."
        ) from err


def _annotated_path(annotated: Path | None, video: Path, *, several: bool) -> Path | None:
    if annotated is None or not several:
        return annotated
    return annotated / f"{video.stem}-annotated.mp4"


def _all(
    settings: "Settings", outs: dict[Path, Path | None], jobs: int
) -> tuple[dict[Path, "Analysis"], dict[Path, str]]:
    """Results and errors by video."""
    from livecoach.cli.progress import Progress

    results, errors = {}, {}
    with Progress(list(outs)) as progress:
        if jobs == 1 or len(outs) == 1:
            for video, out in outs.items():
                try:
                    results[video] = _one(settings, video, out, progress)
                except (SourceError, OutputError) as err:
                    errors[video] = str(err)
                progress.done(video)
            return results, errors
        # A fork after MediaPipe is loaded hangs the child: spawn.
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            waiting = {pool.submit(_one, settings, video, out, None): video for video, out in outs.items()}
            for future in as_completed(waiting):
                video = waiting[future]
                try:
                    results[video] = future.result()
                except (SourceError, OutputError) as err:
                    errors[video] = str(err)
                progress.done(video)
    return results, errors


def _one(settings: "Settings", video: Path, out: Path | None, progress: "object | None") -> "Analysis":
    """Analyse one recording, in this process."""
    from livecoach import analysis, assembly
    from livecoach.cli.progress import Progress
    from livecoach.feedback.overlay import Overlay
    from livecoach.pose.blazepose import BlazePose
    from livecoach.annotated import AnnotatedVideo
    from livecoach.source.stored import StoredObservations
    from livecoach.types import Frame, Step

    with ExitStack() as stack:
        source = stack.enter_context(closing(analysis.open_recording(video)))
        coach = assembly.load(settings.exercise)
        stored = isinstance(source, StoredObservations)
        estimator = None if stored else stack.enter_context(closing(BlazePose(settings.pose)))
        pose = source.header.pose_model if isinstance(source, StoredObservations) else settings.pose
        drawn = None
        if out is not None:
            overlay = Overlay(mirror=False, title=coach.exercise.title)
            drawn = stack.enter_context(AnnotatedVideo(out, overlay, source.info.fps))

        def seen(frame: Frame, step: Step) -> None:
            if drawn is not None:
                drawn.add(frame.picture, step)
            if isinstance(progress, Progress):
                progress.advance(video, frame.t_s)

        return analysis.analyze(source, coach, estimator, pose=pose, seen=seen)


def _write(
    videos: tuple[Path, ...], results: dict[Path, "Analysis"], errors: dict[Path, str], json_file: str | None
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
            errors=tuple(documents.FailedSource(source=str(v), error=errors[v]) for v in videos if v in errors),
        )
    text = documents.to_json(document)
    if json_file == "-":
        click.echo(text)
        return
    try:
        Path(json_file).write_text(text + "\n", encoding="utf-8")
    except OSError as err:
        raise OutputError(f"{json_file}: can't be written ({err.strerror}). Choose another place with --json.") from err
