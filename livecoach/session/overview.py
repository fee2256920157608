"""Reads one session completely: its contents, and whether it is intact."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from livecoach.documents import FramesDocument, SetEndEvent, ShownSession, ShownSetLog, StoredFile
from livecoach.errors import SourceError
from livecoach.session import layout
from livecoach.session.exporting import files
from livecoach.session.metrics import RunMetrics
from livecoach.session.stored import Session, open_session
from livecoach.types import SetSummary


def read_overview(folder: Path) -> ShownSession:
    """Read a session completely. Raises SessionError where the folder contains no readable session."""
    damage: list[str] = []
    session = open_session(folder, lambda line: damage.append(line.replace(f"{folder}/", "")))
    reps, cues, sets = session.corrected_reps, session.cues, _sets(session)
    tally, duration_s = _tally(session, damage.append)
    frames = FramesDocument(read=tally.frames, with_pose=tally.with_pose, dropped=tally.dropped)
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
        slow=tuple(tally.slow.found),
        reps=reps,
        sets=sets,
        logs=tuple(ShownSetLog(set=number, log=log) for number, log in session.set_logs.items()),
        cues=cues,
        reference=sum(1 for _ in session.reference_files()),
        files=found,
        damage=tuple(damage),
    )


def _sets(session: Session) -> tuple[SetSummary, ...]:
    """Return the sets' summaries. A set that seemed over and went on has several; the last one counts."""
    ended = [event.summary for event in session.events if isinstance(event, SetEndEvent) and event.summary is not None]
    return tuple({summary.index: summary for summary in ended}.values())


def _tally(session: Session, say: Callable[[str], object]) -> tuple[RunMetrics, float]:
    """Return counts of the observations that can be read, and the time of the last one. say: called with an error."""
    tally, t_s = RunMetrics(), 0.0
    try:
        with closing(session.frames()) as source:
            while (frame := source.read()) is not None:
                t_s = frame.t_s
                if frame.observation is not None:
                    tally.add(frame.observation)
    except SourceError as err:
        say(str(err).replace(f"{session.folder}/", ""))
    return tally, t_s


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
