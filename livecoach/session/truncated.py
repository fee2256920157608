"""Closes sessions that a crash or a power failure cut off, after counting what they contain."""

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
from livecoach.session.overload import SlowStretches
from livecoach.session.recording import write_document
from livecoach.session.stored import Session, is_session, open_session, read_document

HALF_DONE_S = 3600.0
"""Age from which nobody can still be working in a folder: importing a thousand sessions takes seconds."""


def close_truncated(say: Callable[[str], object]) -> None:
    """Close the sessions that were cut off and report each of them once. Sessions that are being recorded are left
    alone."""
    try:
        found = [folder for folder in layout.folders() if (folder / layout.LOCK).exists()]
    except OSError:
        return  # the commands that need the list report the error
    for folder in found:
        with _ours(folder) as ours:
            if ours:
                _close(folder, say)


def remove_leftovers(now_s: float) -> None:
    """Remove what an interrupted deletion, import or start of a recording left behind.

    now_s: the time in seconds since 1970. What can't be removed now is tried again the next time.
    """
    above = paths.sessions_dir()
    try:
        begun = [lock.parent for lock in above.glob(f"*/{layout.LOCK}") if not is_session(lock.parent)]
        found = [*above.glob(f"{layout.HIDDEN}*"), *begun]
    except OSError:
        return  # the commands that need the folder report the error
    for folder in found:
        with suppress(OSError):
            if now_s - folder.lstat().st_mtime > HALF_DONE_S:
                shutil.rmtree(folder, ignore_errors=True)


def ending_of_truncated(session: Session) -> SessionEnding:
    """Count what a session without an end contains. Raises SourceError where its observations can't be read."""
    read = with_pose = dropped = 0
    t_s, slow = 0.0, SlowStretches()
    with closing(session.frames()) as frames:
        for payload in frames.payloads():
            seen = codec.peek(payload)
            read, with_pose, dropped, t_s = read + 1, with_pose + seen.with_pose, dropped + seen.dropped, seen.t_s
            slow.add(seen.t_s, seen.dropped, with_pose=seen.with_pose)
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
        exercises=session.exercises,
        too_slow=bool(slow.found),
    )


@contextmanager
def _ours(folder: Path) -> Iterator[bool]:
    """Hold the lock of a session's folder; False where another process records into it."""
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
    if not is_session(folder):  # nothing was written yet, or it is just beginning: `remove_leftovers` removes it
        return
    line = f"session {folder.name} was cut off"
    try:
        session = open_session(folder, str)
        counted = ending_of_truncated(session)
        reps = f"{counted.reps} rep{'' if counted.reps == 1 else 's'}"
        line += f" after {counted.duration_s:.0f} s and {reps}. It is saved: `livecoach report {folder.name}` shows it."
        # A damaged session.json stays as it is. One that has an end belongs to a session cut off while closing.
        with suppress(SessionError):
            about = read_document(folder / layout.DOCUMENT)
            (folder / layout.RESERVE).unlink(missing_ok=True)
            write_document(folder, replace(about, end=about.end or counted))
        (folder / layout.LOCK).unlink()
    except SourceError as err:
        line += f". It is saved but can't be read: {err}"
        with suppress(OSError):
            (folder / layout.LOCK).unlink()
    except OSError as err:
        remedy = "free some space" if err.errno == errno.ENOSPC else "make its folder writable"
        line += f" It can't be closed ({err.strerror}): {remedy}."
    say(line)
