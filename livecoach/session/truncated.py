"""Sessions that were cut off, as by a power cut: what is there is counted, and they are closed as they are."""

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import Timeout

from livecoach.config import paths
from livecoach.documents import FramesDocument, SessionEnding, codec
from livecoach.errors import SessionError, SourceError
from livecoach.session import layout
from livecoach.session.recording import write_document
from livecoach.session.stored import Session, is_session, open_session, read_document

HALF_DONE_S = 3600.0
"""Age from which on nobody can still be at work in a folder; a thousand sessions are imported in seconds."""


def close_truncated(say: Callable[[str], object]) -> None:
    """Close the sessions that were cut off, and say so of each, once; those that are being recorded are left alone."""
    try:
        found = [folder for folder in layout.folders() if (folder / layout.LOCK).exists()]
    except OSError:
        return  # what can't be listed is said by the commands that need it
    for folder in found:
        with _ours(folder) as ours:
            if ours:
                _close(folder, say)


def remove_leftovers(now_s: float) -> None:
    """Take away what a delete, an import or a begin left half done when it was cut off: nobody finds it else.

    now_s: the time, seconds since 1970. What can't be taken away is tried again the next time.
    """
    above = paths.sessions_dir()
    begun = (lock.parent for lock in above.glob(f"*/{layout.LOCK}") if not is_session(lock.parent))
    for folder in (*above.glob(f"{layout.HIDDEN}*"), *begun):
        with suppress(OSError):
            if now_s - folder.lstat().st_mtime > HALF_DONE_S:
                shutil.rmtree(folder, ignore_errors=True)


def ending_of_truncated(session: Session) -> SessionEnding:
    """What there is of a session without an end. Raises SourceError where its observations can't be read."""
    read = with_pose = dropped = 0
    t_s = 0.0
    with closing(session.frames()) as frames:
        for payload in frames.payloads():
            seen = codec.peek(payload)
            read, with_pose, dropped, t_s = read + 1, with_pose + seen.with_pose, dropped + seen.dropped, seen.t_s
    verdicts = [one.rep.verdict for one in session.reps]
    return SessionEnding(
        early=True,
        duration_s=t_s,
        reps=len(verdicts),
        good=verdicts.count("good"),
        anomalous=verdicts.count("anomalous"),
        unsure=verdicts.count("unsure"),
        frames=FramesDocument(read=read, with_pose=with_pose, dropped=dropped),
        video=None,
        stopped=None,
        cpu_ms_per_frame=None,
    )


@contextmanager
def _ours(folder: Path) -> Iterator[bool]:
    """Whether nobody records into a folder; nobody does meanwhile."""
    held = layout.lock(folder)
    try:
        held.acquire()
    except (Timeout, OSError):
        yield False
        return
    try:
        yield True
    finally:
        held.release()


def _close(folder: Path, say: Callable[[str], object]) -> None:
    if not is_session(folder):  # cut off before anything was written, or just beginning: `clear` takes it away later
        return
    told = f"the session {folder.name} ended early"
    try:
        session = open_session(folder, str)
        counted = ending_of_truncated(session)
        reps = f"{counted.reps} rep{'' if counted.reps == 1 else 's'}"
        told += f", after {counted.duration_s:.0f} s and {reps}; it is kept. `livecoach report {folder.name}` shows it."
        # A session.json that is damaged stays as it is; one that has an end was cut off while it was closed.
        with suppress(SessionError):
            about = read_document(folder / layout.DOCUMENT)
            (folder / layout.RESERVE).unlink(missing_ok=True)
            write_document(folder, replace(about, end=about.end or counted))
        (folder / layout.LOCK).unlink()
    except SourceError as err:
        told += f"; it is kept, but can't be read: {err}"
        with suppress(OSError):
            (folder / layout.LOCK).unlink()
    except OSError as err:
        do = "make room" if err.errno == errno.ENOSPC else "make its folder writable"
        told += f" It can't be closed ({err.strerror}): {do}."
    say(told)
