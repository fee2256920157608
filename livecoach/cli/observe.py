"""The command `observe`: runs pose estimation once and stores the observations."""

from contextlib import ExitStack, closing
from pathlib import Path

import click

from livecoach.cli import options
from livecoach.cli.output import atomic_write, check_apart, echo
from livecoach.errors import SourceError


@click.command()
@click.argument("video", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="File to write.")
@options.pose
def observe(video: Path, out: Path, pose: str | None) -> None:
    """Store the observations of a video.

    replay and analyze accept the file in place of the video. They then run no pose estimation, and give the same
    result.

    Example: livecoach observe set1.mp4 --out set1.obs
    """
    settings = options.settings(pose=pose)
    from livecoach.session.layout import OBSERVATIONS

    if video.is_dir() and (video / OBSERVATIONS).is_file():
        raise SourceError(
            f"{video}: is a session, and contains {OBSERVATIONS} already. Name its video to run pose estimation again."
        )
    from livecoach.assembly import observer
    from livecoach.cli.progress import Progress
    from livecoach.cli.recording import check_loss
    from livecoach.documents.codec import ObservationWriter, header_of
    from livecoach.pose.opening import open_estimator
    from livecoach.run.batch import frames
    from livecoach.source.file import VideoFile

    check_apart(out, (video,), "--out")
    with ExitStack() as stack:
        source = stack.enter_context(closing(VideoFile(video)))
        estimator = stack.enter_context(closing(open_estimator(settings.pose)))
        header = header_of(source.info, pose_model=estimator.name, pose_sha256=estimator.sha256)
        looking, count, found = observer(estimator), 0, 0
        writer = stack.enter_context(ObservationWriter(stack.enter_context(atomic_write(out, "--out")), header))
        progress = stack.enter_context(Progress([video]))
        for frame in frames(source):
            observation = looking.observe(frame)
            writer.write(observation)
            progress.advance(video, frame.t_s)
            count += 1
            found += observation.landmarks is not None
        progress.done(video)
    echo(f"{out}: {count} observations, {found} with a person")
    check_loss(video, source)
