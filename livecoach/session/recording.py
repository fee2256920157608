"""Begins and ends the recording of a session, and closes sessions that a crash or a power failure cut off."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from livecoach import documents
from livecoach.config import files, paths
from livecoach.config.files import replace_private
from livecoach.documents import SessionDocument, SessionEnding
from livecoach.errors import OutputError, SessionError, SourceError
from livecoach.session import layout
from livecoach.session.recorder import Recorded, Recorder
from livecoach.session.stored import Session, is_session, open_session, read_document
from livecoach.types.callbacks import ignore

BEGINNING_BYTES = 4096
"""Longest file of zeros that counts as empty: the header of observations is shorter, and a second of frames longer.
Our choice."""
HALF_DONE_S = 3600.0
"""A folder of this age is no longer in use: importing a thousand sessions takes seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecording:
    folder: Path
    recorder: Recorder
    _about: SessionDocument
    _held: FileLock

    def end(self, waits: Callable[[], object] = ignore) -> SessionEnding | None:
        """Write what is left and how the session ended. Returns None if that fails; the next livecoach then closes
        the session. waits: called where that takes long."""
        recorded = self.recorder.close(waits)
        if recorded is None:
            return None
        ending = ending_of(self.folder, self._about, recorded)
        try:
            (self.folder / layout.RESERVE).unlink(missing_ok=True)
            write_document(self.folder, replace(self._about, end=ending))
            layout.unlock(self._held)
        except OSError:
            self._held.release()
            return None
        return ending


def ending_of(folder: Path, about: SessionDocument, recorded: Recorded) -> SessionEnding:
    """Return how a session has ended that the recorder has closed."""
    counted = Session(folder=folder, about=about, say=ignore).ending
    frames = counted.frames.read
    cpu_ms = 1000 * recorded.cpu_s / frames if frames else None
    return replace(counted, early=False, video=recorded.video, stopped=recorded.stopped, cpu_ms_per_frame=cpu_ms)


def begin_recording(
    about: SessionDocument, started: datetime, reference: Sequence[Path], *, video: bool, above: Path | None = None
) -> SessionRecording:
    """Begin a session.

    about: describes the session; its `reference` is filled in here. reference: files of a profile, the reps that judge
    the session. above: as in `layout.new_folder`. Raises OutputError if no session can be recorded.
    """
    folder: Path | None = None
    held: FileLock | None = None
    try:
        folder = layout.new_folder(started, about.exercise, above)
        held = layout.lock(folder)
        held.acquire()
        about = replace(about, reference=tuple(_copied(path, folder, n) for n, path in enumerate(reference)))
        write_document(folder, about)
        with files.open_new_private(folder / layout.RESERVE, buffering=0) as file:
            file.write(bytes(layout.RESERVE_BYTES))
        recorder = Recorder(folder, layout.header_of(about), video=video)
        for place in (folder, folder.parent):
            files.sync_names(place)
    except (OSError, Timeout) as err:
        _remove(folder, held)
        why, place = getattr(err, "strerror", None) or str(err), above or paths.sessions_dir()
        raise OutputError(
            f"{place}: no session can be recorded ({why}). Free some space and make the folder writable."
        ) from err
    return SessionRecording(folder=folder, recorder=recorder, _about=about, _held=held)


def _remove(folder: Path | None, held: FileLock | None) -> None:
    """Remove a session that could not begin, because half a session can't be opened."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    if held is not None:
        held.release()


def write_document(folder: Path, about: SessionDocument) -> None:
    """Write session.json completely or not at all. Raises OSError."""
    replace_private(folder / layout.DOCUMENT, documents.to_json(about) + "\n")


def _copied(path: Path, folder: Path, number: int) -> str:
    """Link a file of the profile into the session, so that the reps that judged it survive changes to the profile.

    A hard link takes no space. A file system without them gets a copy.
    """
    place = folder / layout.REFERENCE
    place.mkdir(mode=0o700, exist_ok=True)
    target = place / f"{number:03d}.rep"
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
        target.chmod(0o600)
    return target.name


def close_truncated(say: Callable[[str], object]) -> None:
    """Close the sessions that were cut off and report each once. Sessions that are being recorded stay as they are."""
    try:
        unfinished = [folder for folder in layout.folders() if (folder / layout.LOCK).exists()]
    except OSError:
        return  # the commands that need the list report the error
    for folder in unfinished:
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
        leftovers = [*above.glob(f"{layout.HIDDEN}*"), *begun]
    except OSError:
        return  # the commands that need the folder report the error
    for folder in leftovers:
        with suppress(OSError):
            if now_s - folder.lstat().st_mtime > HALF_DONE_S:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _ours(folder: Path) -> Iterator[bool]:
    """Hold the lock of a session's folder; yield False if another process records into it."""
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


def _holds_nothing(folder: Path) -> bool:
    """Return whether a power failure came while a session began: its files are empty, or as short as their beginning
    and zero, as file systems leave what was not flushed. Raises OSError."""
    for name in layout.RECORDED:
        if name in (layout.DOCUMENT, layout.LOG):
            continue
        with suppress(FileNotFoundError), files.open_regular(folder / name) as file:
            beginning = file.read(BEGINNING_BYTES + 1)
            if any(beginning) or len(beginning) > BEGINNING_BYTES:
                return False
    return True


def _close(folder: Path, say: Callable[[str], object]) -> None:
    if not is_session(folder):  # nothing was written yet, or it is just beginning: `remove_leftovers` removes it
        return
    line = f"session {folder.name} was cut off"
    try:
        if _holds_nothing(folder):
            shutil.rmtree(folder)
            say(f"{line} before its first frame. There is nothing in it, so it is removed.")
            return
        session = open_session(folder, ignore)
        session.frames().close()
        end = session.ending
        reps = f"{end.reps} rep{'' if end.reps == 1 else 's'}"
        line += f" after {end.duration_s:.0f} s and {reps}. It is saved: `livecoach report {folder.name}` shows it."
        # A damaged session.json stays as it is. One that has an end belongs to a session cut off while closing.
        with suppress(SessionError):
            about = read_document(folder / layout.DOCUMENT)
            (folder / layout.RESERVE).unlink(missing_ok=True)
            write_document(folder, replace(about, end=end))
        (folder / layout.LOCK).unlink()
    except SourceError as err:
        line += f". It is saved but can't be read: {err}"
        with suppress(OSError):
            (folder / layout.LOCK).unlink()
    except OSError as err:
        remedy = "free some space" if err.errno == errno.ENOSPC else "make its folder writable"
        line += f" It can't be closed ({err.strerror}): {remedy}."
    say(line)
