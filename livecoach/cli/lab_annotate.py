"""The command `annotate`: marks stages and reps in a window."""

import os
import sys
import time
from bisect import bisect_left
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from livecoach.cli import options
from livecoach.cli.arguments import one_exercise
from livecoach.cli.output import check_writable
from livecoach.documents import AUTO
from livecoach.errors import ConfigError, DamagedVideo, OutputError, SourceError
from livecoach.feedback.window import Window

if TYPE_CHECKING:
    import numpy as np

    from livecoach.lab.annotation import Annotation
    from livecoach.types import Frame, Observation


@click.command()
@click.argument("video", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="File to write; by default VIDEO's name with .annotation.csv, beside it.",
)
@options.exercise
@options.pose
def annotate(video: Path, out: Path | None, exercise: str | None, pose: str | None) -> None:
    """Mark stages and good reps in a window.

    The window names the keys. Marks are saved every few seconds; the same command continues later. The CSV has the
    stage and 33 times x, y, z and visibility of each marked frame; a .json beside it has the marked reps. `livecoach
    lab dataset` reads both. VIDEO's observations are kept beside them, in a file of its name with .obs.

    Example: livecoach lab annotate set1.mp4 --exercise deadlift
    """
    pose, exercise = options.settings(pose=pose).pose, one_exercise(exercise or AUTO)
    shown_in = Window("livecoach lab annotate")
    from livecoach.lab import annotation
    from livecoach.session.stored import is_session
    from livecoach.source.stored import is_observations

    if is_session(video):
        raise ConfigError(f"{video}: is a session. Label its reps by G and B in `livecoach replay`, or name its video.")
    if is_observations(video):
        raise SourceError(f"{video}: contains no pictures. Name the video that it was made from.")
    place = out or annotation.annotation_file(video)
    for path in (place, annotation.marks_file(place)):
        check_writable(path, "--out", apart_from=(video,))
    reason = shown_in.why_not()
    if reason is not None:
        raise OutputError(f"{reason}. annotate needs a screen.")
    try:
        recorded = _recorded(video, place.with_name(f"{video.stem}.obs"), pose)
        marks = annotation.load(place, recorded.observations)
        if recorded.damage is not None:
            options.say(str(recorded.damage))
        marks = _in_window(shown_in, recorded, marks, place, exercise)
    except KeyboardInterrupt:
        options.say(
            f"interrupted; the marks are in {place}" if os.path.exists(place) else "interrupted; nothing was marked"
        )
        raise
    click.echo(f"{place}: {len(marks.stages)} frames, {len(marks.reps)} reps")
    if recorded.damage is not None:
        sys.exit(DamagedVideo.exit_code)


class _Recorded(NamedTuple):
    name: str
    observations: "list[Observation]"
    pictures: "list[np.ndarray]"  # of each observation, packed
    pose: str
    damage: DamagedVideo | None  # which part of the video can't be read; None if complete


def _recorded(video: Path, stored: Path, pose: str) -> _Recorded:
    """Read a video, after pose estimation where none are stored. Raises SourceError if they belong to
    another video."""
    from livecoach.cli.observe import store_observations
    from livecoach.cli.progress import Progress
    from livecoach.cli.recording import damage_of
    from livecoach.lab.annotate import packed
    from livecoach.source import frames
    from livecoach.source.file import VideoFile
    from livecoach.source.stored import StoredObservations

    with Progress([video]) as progress:

        def on_frame(frame: "Frame", _: object = None) -> None:
            progress.advance(video, frame.t_s)

        if os.path.exists(stored):
            options.say(f"{stored}: used as the video's observations")
        else:
            with closing(VideoFile(video)) as source:
                store_observations(video, source, pose, stored, "--out", on_frame)
        with closing(StoredObservations(stored)) as before:
            observations = [frame.observation for frame in frames(before) if frame.observation is not None]
        wanted, pictures = {one.index for one in observations}, []
        with closing(VideoFile(video)) as source:
            for frame in frames(source) if before.header.name == source.info.name else ():
                on_frame(frame)
                if frame.index in wanted and frame.picture is not None:
                    pictures.append(packed(frame.picture))
    if not observations or len(pictures) != len(observations):
        raise SourceError(f"{stored}: does not belong to {video.name}. Move or remove it.")
    return _Recorded(video.name, observations, pictures, before.header.pose_model, damage_of(video, source))


def _in_window(shown_in: Window, recorded: _Recorded, marks: "Annotation", place: Path, exercise: str) -> "Annotation":
    """Let the user mark, and save the marks."""
    from livecoach import assembly
    from livecoach.lab import annotation
    from livecoach.lab.annotate import AnnotationSession, AnnotationState
    from livecoach.lab.gather import counted_reps
    from livecoach.rep.measures import load_faults

    observations = recorded.observations
    times_s = [observation.t_s for observation in observations]
    reps = [one.rep for one in counted_reps(observations, assembly.load(exercise), recorded.pose)]
    marked = [n for n, observation in enumerate(observations) if observation.index in marks.stages]
    state = AnnotationState(
        observations=observations,
        marks=marks,
        faults=tuple(load_faults(exercise).faults),
        at=min(marked[-1] + 1, len(observations) - 1) if marked else 0,
    )
    return AnnotationSession(
        window=shown_in,
        state=state,
        pictures=recorded.pictures,
        counted=[(bisect_left(times_s, rep.start_s), bisect_left(times_s, rep.end_s)) for rep in reps],
        save=lambda made: annotation.save(place, made, observations, recorded.name),
        clock=time.monotonic,
    ).run()
