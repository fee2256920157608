"""Reads one session completely: its contents, and whether it is intact."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from livecoach.documents import FramesDocument, SetEndEvent, ShownSession, StoredFile
from livecoach.errors import SourceError
from livecoach.session import layout
from livecoach.session.exporting import files
from livecoach.session.stored import Session, open_session
from livecoach.types import SetSummary


def read_overview(folder: Path) -> ShownSession:
    """Read a session completely. Raises SessionError where the folder contains no readable session."""
    damage: list[str] = []
    session = open_session(folder, lambda line: damage.append(line.replace(f"{folder}/", "")))
    reps, cues, sets = session.corrected_reps, session.cues, _sets(session)
    frames, duration_s = _frames(session, damage.append)
    found = tuple(StoredFile(name=name, size_bytes=(folder / name).lstat().st_size) for name in files(folder))
    recording = layout.is_recording(folder)
    if not recording:
        damage += _missing(session, frames.read)
    return ShownSession(
        name=session.name,
        folder=str(folder),
        recording=recording,
        exercises=session.exercises,
        about=session.about,
        duration_s=duration_s,
        frames=frames,
        reps=reps,
        sets=sets,
        cues=cues,
        reference=len(session.reference),
        files=found,
        damage=tuple(damage),
    )


def _sets(session: Session) -> tuple[SetSummary, ...]:
    """Return the sets' summaries. A set that seemed over and went on has several; the last one counts."""
    ended = [event.summary for event in session.events if isinstance(event, SetEndEvent) and event.summary is not None]
    return tuple({summary.index: summary for summary in ended}.values())


def _frames(session: Session, say: Callable[[str], object]) -> tuple[FramesDocument, float]:
    read = with_pose = dropped = 0
    t_s = 0.0
    try:
        with closing(session.frames()) as source:
            while (frame := source.read()) is not None:
                read, t_s = read + 1, frame.t_s
                if frame.observation is not None:
                    with_pose += frame.observation.landmarks is not None
                    dropped += frame.observation.dropped
    except SourceError as err:
        say(str(err).replace(f"{session.folder}/", ""))
    return FramesDocument(read=read, with_pose=with_pose, dropped=dropped), t_s


def _missing(session: Session, read: int) -> list[str]:
    """Return what the session lacks compared with its recorded end."""
    end = session.about.end
    if end is None or end.early:
        return ["the session was cut off; what was written before that is shown"]
    missing = [] if read >= end.frames.read else [f"{read} of {end.frames.read} observations can be read"]
    if len(session.reps) < end.reps:
        missing.append(f"{len(session.reps)} of {end.reps} reps can be read")
    if session.video_damage is not None:
        missing.append(session.video_damage.replace(f"{session.folder}/", ""))
    return missing
