"""Opens a recording with its pose estimator, as the input of `analyze` and `dataset`."""

import os
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from livecoach.capture import Source
from livecoach.capture.file import PictureFolder, VideoFile, find_frame_loss, list_pictures
from livecoach.capture.loss_counter import FrameLoss
from livecoach.capture.stored_observations import StoredObservations, is_observations_file
from livecoach.core.config import Settings, local_time
from livecoach.core.documents import Event, SessionDocument
from livecoach.core.errors import DamagedVideo, SourceError
from livecoach.core.types import Rep, RepWindow
from livecoach.core.types.message import AUTO
from livecoach.perception.pose import PoseEstimator
from livecoach.perception.pose.estimators import open_film_estimator
from livecoach.records.profile import identify_recording
from livecoach.records.session import layout
from livecoach.records.session.opening import find_reps, is_session_folder, open_session
from livecoach.records.session.rep_choice import RepChoice
from livecoach.records.session.stored import Session
from livecoach.run.feed import FrameFeed, every_frame_feed
from livecoach.run.process import say

LEAVE_OUT_RATE = "Leave out the rate of filming: --filmed-at, or filmed_at_fps in Python."


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """An open recording: a video, a folder of pictures, stored observations, or a session."""

    feed: FrameFeed
    estimator: PoseEstimator | None  # None for stored observations and for a session
    pose: str  # Name of the pose model, or of the model that made the stored observations
    pose_sha256: str  # Digest of that pose model; empty if unknown
    identity: str  # Distinguishes the recording's reps from the reps of other recordings
    synthetic: bool  # Whether the synthetic lifter made it, without a camera
    selected_s: tuple[float, ...] | None = None  # A time within each selected rep; None for all reps
    session: Session | None = None  # The session; None for a file
    filmed_at: datetime | None = None  # Time at which the recording was made; None if unknown

    @property
    def profiles(self) -> tuple[str | None, ...]:
        """The profiles of the lifters of the selected reps or, without a selection, of all lifters, each once.

        None stands for a lifter without a profile. For a file, the only entry is None.
        """
        if self.session is None or self.selected_s is None:
            return (None,) if self.session is None else self.session.profiles
        return tuple(dict.fromkeys(map(self.session.profile_at, self.selected_s)))

    @property
    def events(self) -> Sequence[Event]:
        """Events of the session for a replay, without corrections, which `with_correction` adds; empty for a file."""
        return () if self.session is None else self.session.events

    def selects(self, rep: Rep | RepWindow) -> bool:
        """Return whether a rep is selected; True without a selection. Reps are matched by time, not by number."""
        return self.selected_s is None or any(rep.start_s <= t_s <= rep.end_s for t_s in self.selected_s)

    def selected_reps(self, reps: Sequence[Rep]) -> Iterator[Rep]:
        """Yield the selected reps with their corrections, and report each selected rep that is not counted now."""
        yield from (self.with_correction(rep) for rep in reps if self.selects(rep))
        for t_s in self.selected_s or ():
            if not any(rep.start_s <= t_s <= rep.end_s for rep in reps):
                say(f"{self.feed.info.name}: the rep at {t_s:.1f} s was counted live, but is not counted now")

    def with_correction(self, rep: Rep) -> Rep:
        """Return a rep with the correction, the set and the rep number of the session's rep at the same time.

        If the session has no rep at that time, or for a file, the rep is returned unchanged.
        """
        recorded = () if self.session is None else self.session.corrected_reps
        then = next((event.rep for event in recorded if rep.start_s <= event.rep.turn_s <= rep.end_s), None)
        if then is None:
            return rep
        return replace(rep, correction=then.correction, set=then.set, own_set=then.own_set, number=then.number)


def open_recording(path: Path, filmed_at_fps: float | None = None) -> VideoFile | PictureFolder | StoredObservations:
    """Open a video, a folder of pictures, or stored observations. Slow motion is reported with both frame rates.

    Args:
        filmed_at_fps: Frame rate of the camera; None for the rate in the file, or 30 for a folder of pictures.

    Raises:
        SourceError: The recording can't be read, or `filmed_at_fps` is set for observations, which have times, or for
            a video that states no rate.
    """
    if os.path.isdir(path):
        return PictureFolder(path, filmed_at_fps)
    if not is_observations_file(path):
        return open_film(path, filmed_at_fps)
    if filmed_at_fps is not None:
        raise SourceError(f"{path}: observations have their times already. {LEAVE_OUT_RATE}")
    return StoredObservations(path)


def open_film(path: Path, filmed_at_fps: float | None) -> VideoFile:
    """Open a video filmed at a frame rate, or at the rate in the file. Slow motion is reported with both rates.

    Raises SourceError if the video can't be read, or states no rate to compare with `filmed_at_fps`.
    """
    film = VideoFile(path, filmed_at_fps)
    if film.played_fps is not None and film.info.fps != film.played_fps:
        say(
            f"{film.info.name}: filmed at {film.info.fps:g} pictures a second, played at {film.played_fps:.4g}. "
            f"Times and speeds are those of the filming; `--filmed-at {film.played_fps:.4g}` takes the player's."
        )
    return film


NOON = time(12)  # Time of day that is assumed for a film if only its day is known. Our choice.


def find_filming_time(source: Source, day: date | None = None) -> datetime | None:
    """Return the time at which a film says that it was made, or else noon of `day`, or else its file's last change.

    From noon on, the first second is chosen at which no session starts. The result is None if the time is unknown, and
    never after the present. Only a video says when it was made. Raises SessionError if sessions can't be listed.
    """
    stated, changed = (source.created_at, source.changed_at) if isinstance(source, VideoFile) else (None, None)
    if stated is None and day is not None:
        noon, starts_s = datetime.combine(day, NOON), {*map(layout.read_start_s, layout.list_folders())}
        times = (local_time.to_local(noon + timedelta(seconds=later_s)) for later_s in count())
        return min(next(at for at in times if at.timestamp() not in starts_s), local_time.now())
    return stated or changed


# Suffixes of videos.
VIDEO = "3gp asf avi flv m2ts m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv"
SUFFIXES = frozenset(f".{name}" for name in (*VIDEO.split(), "obs"))
"""Suffixes of recordings in a folder, in lower case. If the user names a recording, any suffix is possible."""


def find_recordings(folder: Path, refused: Callable[[OSError], object] | None = None) -> Iterator[Path]:
    """Yield the sessions, the videos and the files of observations in a folder and its subfolders.

    Hidden files and folders are left out. Links to folders are not followed, since they may form loops. `refused` is
    called with the error of each folder that can't be read.
    """
    for place, folders, files in os.walk(folder, onerror=refused):
        named = layout.DOCUMENT in files or layout.NAME_PATTERN.fullmatch(os.path.basename(place)) is not None
        if named and is_session_folder(Path(place)):  # The folder may merely contain a file of that name
            folders.clear()
            yield Path(place)
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES:
                yield Path(place, name)


def choose_exercise(recording: Recording) -> str:
    """Return the name of the exercise to count in a recording: the session's exercise, or "auto".

    If the exercise of sets was corrected, all selected reps are processed as their only exercise now. If they have
    several, or the session has parts, each set is processed as the run did, which is reported for the corrected sets.
    """
    session = recording.session
    if session is None:
        return AUTO
    selected = [event.rep for event in session.rep_events if recording.selects(event.rep)]
    corrected = {rep.set for rep in selected} & session.recounted_sets
    if corrected and not session.part_events and len({rep.exercise for rep in selected}) == 1:
        return selected[0].exercise
    for of_set in session.sets:
        if of_set.number in corrected:
            address = session.set_address(of_set)
            alone = "" if session.part_events else f". `livecoach analyze {address}` counts it anew"
            say(f"{address}: corrected to {of_set.exercise}, but shown here as the run counted it{alone}.")
    return session.about.exercise


def session_settings(about: SessionDocument, current: Settings, options: Container[str]) -> Settings:
    """Return the current settings, but with a session's values for the settings that affect verdicts.

    The plan in the current settings is left out, because the session's events have its plans.

    Args:
        options: Names of the options on the command line. "height" and "learn" take precedence over the session, and
            "depth" or "count" over both standards of the session.
    """
    then = about.settings
    return replace(
        current,
        false_alarms=then.false_alarms,
        height_cm=current.height_cm if "height" in options else then.height_cm,
        learn=current.learn if "learn" in options else then.learn,
        standards=current.standards if "depth" in options or "count" in options else then.standards,
        rest_s=None,
        stop_at_loss_percent=None,
    )


def damage_error(path: Path, loss: FrameLoss | None) -> DamagedVideo | None:
    """Return an error about the unreadable frames of a video; None if all frames could be read."""
    return None if loss is None else DamagedVideo(f"{path}: {loss.text}")


def check_loss(path: Path, source: Source) -> None:
    """Raise DamagedVideo if a video that was read to its end lacks frames. Call this once all results are stored."""
    damage = damage_error(path, find_frame_loss(source))
    if damage is not None:
        raise damage


def open_with_estimator(
    stack: ExitStack,
    path: Path,
    pose: str,
    reps: RepChoice | None = None,
    *,
    pictures: bool = False,
    filmed_at_fps: float | None = None,
    turn_deg: int | None = None,
    day: date | None = None,
) -> Recording:
    """Open a recording with its pose estimator.

    Args:
        stack: Closes the recording.
        pose: Pose model for a video or for pictures: a name, or the path of a model.
        reps: Reps of a session to select; None for all reps. All reps of a file are selected.
        pictures: Whether to read a session's pictures, too, if available.
        filmed_at_fps: Frame rate of the camera; None for the rate in the file.
        turn_deg: Clockwise turn of a video's pictures, in degrees; None to find out the turn.
        day: Day on which a film was made, for a film without a date; None for the day of the file's last change.

    Raises:
        SourceError: The recording can't be read, lacks a selected rep, or has times although `filmed_at_fps` is set.
        ModelError: The pose model can't be used.
    """
    session = open_session(path, say) if is_session_folder(path) else None
    selected_s = None
    if session is not None and reps is not None:
        selected_s = tuple(event.rep.turn_s for event in find_reps(session, reps))
    if session is not None and filmed_at_fps is not None:
        raise SourceError(f"{path}: a session has its times already. {LEAVE_OUT_RATE}")
    opened = open_recording(path, filmed_at_fps) if session is None else session.open_frames(pictures=pictures)
    source: VideoFile | PictureFolder | StoredObservations = stack.enter_context(closing(opened))
    estimator = None
    if isinstance(source, StoredObservations):
        pose, synthetic, pose_sha256 = source.header.pose_model, source.header.synthetic, source.header.pose_sha256
    else:
        reopen = partial(type(source), path, filmed_at_fps)
        estimator = open_film_estimator(pose, reopen, turn_deg=turn_deg)
        pose, synthetic, pose_sha256 = estimator.name, False, estimator.sha256
    identified_by = list_pictures(path)[0] if session is None and os.path.isdir(path) else path
    return Recording(
        feed=every_frame_feed(stack, source),
        estimator=estimator,
        pose=pose,
        pose_sha256=pose_sha256,
        identity=identify_recording(identified_by, source.info.name) if session is None else session.about.session,
        synthetic=synthetic,
        selected_s=selected_s,
        session=session,
        filmed_at=find_filming_time(source, day) if session is None else session.start_time,
    )
