"""The command `annotate`: marks stages and reps in a window."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli import options
from livecoach.cli.arguments import exercise_of, files_in, one_exercise, select_reps
from livecoach.cli.output import check_writable
from livecoach.errors import ConfigError, DamagedVideo, OutputError, SourceError
from livecoach.feedback.window import Window

if TYPE_CHECKING:
    from livecoach.lab.annotate.state import AnnotationState
    from livecoach.lab.annotate.window import PictureCache
    from livecoach.lab.annotation import Annotation
    from livecoach.source.file import VideoFile
    from livecoach.types import Frame, Observation


@click.command()
@click.argument("video", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="File to write; by default VIDEO's name with .annotation.csv, beside it; for a session, in its folder.",
)
@click.option(
    "--observations",
    "stored",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="VIDEO's observations from livecoach lab observe; by default its name with .obs. Created if missing.",
)
@options.exercise
@options.pose
def annotate(video: Path, out: Path | None, stored: Path | None, exercise: str | None, pose: str | None) -> None:
    """Mark stages and good reps in a window.

    A frame's stage is up, down or neutral: the keys u, d and n mark it. g and b mark a rep, z undoes, q saves and
    quits, ? shows all keys. Marks are saved every few seconds; the same command continues later. The CSV has the stage
    and 33 times x, y, z and visibility of each marked frame; a .json beside it has the marked reps. `livecoach lab
    dataset` reads both. VIDEO can also be a session (its folder, its name, the beginning of its name, or "last"): its
    observations are used, and without a video it shows the skeleton alone.

    Example: livecoach lab annotate set1.mp4 --exercise deadlift
    """
    settings = options.settings(pose=pose)
    shown_in = Window("livecoach lab annotate")
    from livecoach.lab import annotation
    from livecoach.session.stored import is_session
    from livecoach.source.stored import is_observations

    video = _whole(video)
    settings = replace(settings, exercise=one_exercise(exercise_of(video, exercise)))
    place = out or annotation.annotation_file(video)
    of_session = is_session(video)
    if of_session and stored is not None:
        raise ConfigError(f"{video}: a session has its own observations. Leave out --observations.")
    stored = stored or video.with_suffix(".obs")
    if is_observations(video):
        raise SourceError(f"{video}: contains no pictures. Name the video that it was made from.")
    for path in (place, annotation.marks_file(place)):
        check_writable(path, "--out", apart_from=_read(video))
    if not os.path.exists(stored):
        check_writable(stored, "--observations")
    reason = shown_in.why_not()
    if reason is not None:
        raise OutputError(f"{reason}. annotate needs a screen.")
    try:
        with ExitStack() as stack:
            recorded = _of_session(stack, video) if of_session else _recorded(stack, video, stored, settings.pose)
            marks = annotation.load(place, recorded.observations)
            if recorded.damage is not None:
                options.say(recorded.damage)
            marks = _in_window(shown_in, recorded, marks, place, settings.exercise)
    except KeyboardInterrupt:
        options.say(
            f"interrupted; the marks are in {place}" if os.path.exists(place) else "interrupted; nothing was marked"
        )
        raise
    click.echo(f"{place}: {annotation.counts(marks)}")
    if recorded.damage is not None:
        sys.exit(DamagedVideo.exit_code)


def _whole(given: Path) -> Path:
    """Return the file, or the session's folder. Raises ConfigError if reps of it are selected."""
    ((path, reps),) = select_reps([given]).items()
    if reps is not None:
        raise ConfigError(f"{given}: a session is annotated as a whole. Leave out the numbers.")
    return path


def _read(video: Path) -> tuple[Path, ...]:
    """Return the files that must not be overwritten: a session's own files, except its earlier annotation."""
    from livecoach.session import layout

    marked = (layout.ANNOTATION, layout.MARKS)
    return tuple(file for file in files_in([video]) if file.parent != video or file.name not in marked)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Recorded:
    name: str
    pose: str
    observations: "Sequence[Observation]"
    pictures: "PictureCache"
    """One picture for each observation."""
    damage: str | None
    """Which part of a video can't be read; None if complete, and for a session, whose observations are complete."""


def _recorded(stack: ExitStack, video: Path, stored: Path, pose: str) -> _Recorded:
    """Read the video once, with pose estimation unless observations are stored."""
    from livecoach.cli.progress import Progress
    from livecoach.cli.recording import damage_of
    from livecoach.lab.annotate.window import PictureCache
    from livecoach.source.file import VideoFile

    source = stack.enter_context(closing(VideoFile(video)))
    pictures = stack.enter_context(PictureCache())
    with Progress([video]) as progress:
        advance = partial(progress.advance, video)
        if os.path.exists(stored):
            name, observations = _stored(source, stored, pictures, advance)
        else:
            name, observations = _estimated(video, source, stored, pose, pictures, advance)
    damage = damage_of(video, source)
    return _Recorded(
        name=source.info.name,
        pose=name,
        observations=observations,
        pictures=pictures,
        damage=None if damage is None else str(damage),
    )


def _of_session(stack: ExitStack, folder: Path) -> _Recorded:
    """Read a session with its pictures. A picture missing from the video is replaced by the one before it."""
    import numpy as np

    from livecoach.cli.progress import Progress
    from livecoach.feedback.shapes import DUSK
    from livecoach.lab.annotate.window import PictureCache
    from livecoach.session.stored import open_session
    from livecoach.source import frames

    session = open_session(folder, options.say)
    if session.video is None:
        options.say(f"{folder}: has no video; the window shows the skeleton alone")
    if session.video_damage is not None:
        options.say(session.video_damage)
    source = stack.enter_context(closing(session.frames(pictures=True)))
    pictures = stack.enter_context(PictureCache())
    observations: list[Observation] = []
    picture = np.full((source.info.height_px, source.info.width_px, 3), DUSK, np.uint8)
    with Progress([folder]) as progress:
        for frame in frames(source):
            if frame.observation is not None:
                observations.append(frame.observation)
                picture = picture if frame.picture is None else frame.picture
                pictures.add(picture)
            progress.advance(folder, frame.t_s)
    if not observations:
        raise SourceError(f"{folder}: contains no observations, so there is nothing to mark.")
    return _Recorded(
        name=session.name,
        pose=source.header.pose_model,
        observations=observations,
        pictures=pictures,
        damage=None,
    )


def _stored(
    source: "VideoFile", stored: Path, pictures: "PictureCache", advance: Callable[[float], object]
) -> "tuple[str, Sequence[Observation]]":
    """Read stored observations, with the name of their pose model, and their pictures.

    Raises SourceError if they belong to another video.
    """
    from livecoach.source import frames
    from livecoach.source.stored import StoredObservations

    with closing(StoredObservations(stored)) as before:
        observations = [frame.observation for frame in frames(before) if frame.observation is not None]
    wanted = {one.index for one in observations}
    if before.header.name == source.info.name:
        options.say(f"{stored}: used as the video's observations")
        for frame in frames(source):
            advance(frame.t_s)
            if frame.index in wanted and frame.picture is not None:
                pictures.add(frame.picture)
    if not observations or len(pictures) != len(observations):
        raise SourceError(
            f"{stored}: does not belong to {source.info.name}. Name another file with --observations, or move this one."
        )
    return before.header.pose_model, observations


def _estimated(
    video: Path,
    source: "VideoFile",
    stored: Path,
    pose: str,
    pictures: "PictureCache",
    advance: Callable[[float], object],
) -> "tuple[str, Sequence[Observation]]":
    """Run pose estimation and store the observations. Returns the pose model's name too."""
    from livecoach.cli.observe import store_observations

    observations: list[Observation] = []

    def on_frame(frame: "Frame", observation: "Observation") -> None:
        observations.append(observation)
        if frame.picture is not None:
            pictures.add(frame.picture)
        advance(frame.t_s)

    return store_observations(video, source, pose, stored, "--observations", on_frame), observations


def _in_window(shown_in: Window, recorded: _Recorded, marks: "Annotation", place: Path, exercise: str) -> "Annotation":
    """Let the user mark, and save the marks at the end."""
    from livecoach import assembly
    from livecoach.lab import annotation
    from livecoach.lab.annotate import window
    from livecoach.lab.annotate.state import initial_state, to_annotation
    from livecoach.lab.gather import counted_reps
    from livecoach.rep.measures import load_faults

    observations = recorded.observations
    coach = assembly.load(exercise)
    shown = window.RecordingView(
        observations=observations,
        counted=window.frames_of(observations, (c.rep for c in counted_reps(observations, coach, recorded.pose))),
        heights=window.heights(observations),
    )

    def save(state: "AnnotationState") -> None:
        annotation.save(place, to_annotation(state, observations), observations, recorded.name)

    state = initial_state(observations, marks, tuple(load_faults(exercise).faults))
    session = window.AnnotationSession(shown_in, state, shown, recorded.pictures, save, time.monotonic)
    return to_annotation(session.run(), observations)
