"""The command `observe`, which runs pose estimation and stores the observations."""

import os
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import click

from livecoach.capture.file import VideoFile
from livecoach.cli import options
from livecoach.cli.options import PATH
from livecoach.cli.output import atomic_write, check_writable, echo
from livecoach.cli.progress import Progress
from livecoach.core.documents.codec import ObservationsHeader, ObservationWriter
from livecoach.core.errors import SourceError
from livecoach.core.types import Frame, Observation
from livecoach.decisions.assembly import make_observer
from livecoach.perception.pose.estimators import open_film_estimator
from livecoach.records.session.layout import OBSERVATIONS
from livecoach.run.opened_recording import check_loss, open_film


@click.command()
@click.argument("video", type=PATH)
@click.option("--out", required=True, type=PATH, metavar="FILE", help="File to write.")
@options.pose
@options.film_options
def observe(video: Path, out: Path, pose: str | None, rotate: object, filmed_at: float | None) -> None:
    """Store the observations of a video.

    replay and analyze accept the file instead of the video. They then run no pose estimation, and give the same
    result.

    Example: livecoach lab observe set1.mp4 --out set1.obs
    """
    settings = options.use_settings_for_recording(rotate, pose=pose)
    if os.path.isfile(video / OBSERVATIONS):
        raise SourceError(
            f"{video}: is a session, and contains {OBSERVATIONS} already. Name its video to run pose estimation again."
        )
    check_writable(out, "--out", apart_from=(video,))
    count = with_person = 0
    with closing(open_film(video, filmed_at)) as source, Progress([video], lines=True) as progress:

        def on_frame(frame: Frame, observation: Observation) -> None:
            nonlocal count, with_person
            progress.advance(video, frame.t_s)
            count += 1
            with_person += observation.landmarks is not None

        store_observations(
            source, partial(VideoFile, video, filmed_at), settings.pose, out, on_frame, settings.turn_deg
        )
        progress.mark_done(video)
    echo(f"{out}: {count} observations, {with_person} with a person")
    check_loss(video, source)


def store_observations(
    source: VideoFile,
    reopen: Callable[[], VideoFile],
    pose: str,
    out: Path,
    on_frame: Callable[[Frame, Observation], None],
    turn_deg: int | None = None,
) -> None:
    """Run pose estimation on a video, and store the observations in a file. After an error, the file is unchanged.

    Raises LivecoachError if the video can't be read, the pose model can't be used, or the file can't be written.

    Args:
        source: The video, at its start.
        reopen: Opens the video from its start, to find the lifter and the turn before the first picture is estimated.
        turn_deg: Clockwise turn of the pictures, in degrees; None to find the turn in which people are upright.
    """
    with ExitStack() as stack:
        estimator = open_film_estimator(pose, reopen, turn_deg=turn_deg)
        header = ObservationsHeader(
            name=source.info.name,
            width_px=source.info.width_px,
            height_px=source.info.height_px,
            fps=source.info.fps,
            pose_model=estimator.name,
            pose_sha256=estimator.sha256,
            synthetic=False,
        )
        writer = stack.enter_context(ObservationWriter(stack.enter_context(atomic_write(out, "--out")), header))
        observing = make_observer(estimator)
        for frame in iter(source.read, None):
            observation = observing.observe(frame)
            writer.write(observation)
            on_frame(frame, observation)
