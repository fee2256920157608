"""The command `annotate`: marks stages and reps in a window."""

import os
import sys
import time
from bisect import bisect_left
from contextlib import closing
from functools import partial
from pathlib import Path

import click
import numpy as np

from livecoach.cli import options
from livecoach.cli.arguments import require_exercise
from livecoach.cli.options import PATH
from livecoach.cli.output import check_writable
from livecoach.core.errors import ConfigError, DamagedVideo, OutputError, SourceError
from livecoach.core.types import Frame, Observation
from livecoach.feedback.window import Window
from livecoach.run.process import say


@click.command()
@click.argument("video", type=PATH)
@click.option(
    "--out", type=PATH, metavar="CSV", help="File to write; by default VIDEO's name with .annotation.csv, beside it."
)
@options.exercise
@options.pose
def annotate(video: Path, out: Path | None, exercise: str | None, pose: str | None) -> None:
    """Mark the stages of frames and label reps in a window.

    The window lists its keys. Mark a frame as up if the bar, or the body without a bar, is at the top of its way; as
    down if it is at the bottom; and as neutral if it is on the way, or if you can't tell. Nothing is learned from
    neutral frames. Label a rep as good, as bad or with a fault in any frame of the rep. Grey lines above the strips
    show the reps that livecoach counts.

    Marks and labels are saved every few seconds. To continue later, run the same command again. The CSV file has a row
    for each marked frame: the stage; x, y, z and visibility of 33 landmarks; and the frame's index (from 0) and time. A
    .json file beside it has the labels of reps. `livecoach lab dataset` reads both files. VIDEO's observations are
    stored beside them, in a file with VIDEO's name and the ending .obs.

    Example: livecoach lab annotate set1.mp4 --exercise deadlift
    """
    pose, exercise = options.use_settings(pose=pose).pose, require_exercise(exercise)
    shown_in = Window("livecoach lab annotate")
    from livecoach.capture.stored_observations import is_observations_file
    from livecoach.decisions import assembly
    from livecoach.decisions.rep.measures import load_faults
    from livecoach.lab import annotation
    from livecoach.lab.annotate import AnnotationState, run_annotation
    from livecoach.lab.counting import judge_observations
    from livecoach.records.session.opening import is_session_folder

    if is_session_folder(video):
        raise ConfigError(f"{video}: is a session. Label its reps by G and B in `livecoach replay`, or name its video.")
    if is_observations_file(video):
        raise SourceError(f"{video}: contains no pictures. Name the video that it was made from.")
    place = out or annotation.stages_file(video)
    for path in (place, annotation.labels_file(place)):
        check_writable(path, "--out", apart_from=(video,))
    reason = shown_in.failure_reason()
    if reason is not None:
        raise OutputError(f"{reason}. annotate needs a screen.")
    try:
        observations, pictures, pose, damage = _observe_video(video, place.with_name(f"{video.stem}.obs"), pose)
        marks = annotation.load(place, observations)
        if damage is not None:
            say(str(damage))
        pipeline = assembly.load(exercise).make_pipeline(pose=pose)
        counted = [judged.rep for judged in judge_observations(pipeline, observations)]
        times_s = [observation.t_s for observation in observations]
        marked = [n for n, observation in enumerate(observations) if observation.index in marks.stages]
        state = AnnotationState(
            observations=observations,
            marks=marks,
            faults=tuple(load_faults(exercise).faults),
            position=min(marked[-1] + 1, len(observations) - 1) if marked else 0,
            counted=[(bisect_left(times_s, rep.start_s), bisect_left(times_s, rep.end_s)) for rep in counted],
        )
        save = partial(annotation.save, place, observations=observations, recording=video.name)
        marks = run_annotation(shown_in, state, pictures, save, time.monotonic).marks
    except KeyboardInterrupt:
        say(f"interrupted; {f'the marks are in {place}' if os.path.exists(place) else 'nothing was marked'}")
        raise
    click.echo(f"{place}: {len(marks.stages)} frames, {len(marks.reps)} reps")
    if damage is not None:
        sys.exit(DamagedVideo.exit_code)


def _observe_video(
    video: Path, stored: Path, pose: str
) -> tuple[list[Observation], list[np.ndarray], str, DamagedVideo | None]:
    """Return a video's observations, packed pictures, pose model and damage. Raises SourceError for a mismatch."""
    from livecoach.capture.file import VideoFile, find_frame_loss
    from livecoach.capture.stored_observations import StoredObservations
    from livecoach.cli.observe import store_observations
    from livecoach.cli.progress import Progress
    from livecoach.lab.annotate import compress_picture
    from livecoach.perception.pose.upright import turn_picture
    from livecoach.run.opened_recording import damage_error

    with Progress([video], lines=True) as progress:

        def on_frame(frame: Frame, _: object = None) -> None:
            progress.advance(video, frame.t_s)

        if os.path.exists(stored):
            say(f"{stored}: used as the video's observations")
        else:
            with closing(VideoFile(video)) as source:
                store_observations(source, partial(VideoFile, video), pose, stored, on_frame)
        with closing(StoredObservations(stored)) as before:
            observations = [frame.observation for frame in iter(before.read, None) if frame.observation is not None]
        turns, pictures = {item.index: item.turn_deg for item in observations}, []
        with closing(VideoFile(video)) as source:
            for frame in iter(source.read, None) if before.header.name == source.info.name else ():
                on_frame(frame)
                if frame.index in turns and frame.picture is not None:
                    pictures.append(compress_picture(turn_picture(frame.picture, turns[frame.index])))
    if not observations or len(pictures) != len(observations):
        raise SourceError(f"{stored}: does not belong to {video.name}. Move or remove it.")
    return observations, pictures, before.header.pose_model, damage_error(video, find_frame_loss(source))
