"""Begins the recording of a session and ends it."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from livecoach import documents
from livecoach.config import paths
from livecoach.documents import SessionDocument, SessionEnding
from livecoach.errors import OutputError
from livecoach.session import layout
from livecoach.session.recorder import Recorder


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecording:
    """A session that is being recorded."""

    folder: Path
    recorder: Recorder
    _about: SessionDocument
    _held: FileLock

    def end(self) -> SessionEnding | None:
        """Write what is left and how the session ended. Returns None where that fails; the next livecoach then closes
        the session."""
        ending = self.recorder.close()
        if ending is None:
            return None
        try:
            (self.folder / layout.RESERVE).unlink(missing_ok=True)
            write_document(self.folder, replace(self._about, end=ending))
            layout.unlock(self._held)
        except OSError:
            self._held.release()
            return None
        return ending


def begin_recording(
    about: SessionDocument, started: datetime, reference: Sequence[Path], *, video: bool
) -> SessionRecording:
    """Begin a session.

    about: describes the session; its `reference` is filled in here. reference: the files of a profile that judge the
    session. Raises OutputError where no session can be recorded.
    """
    folder: Path | None = None
    held: FileLock | None = None
    try:
        folder = layout.new_folder(started, about.exercise)
        held = layout.lock(folder)
        held.acquire()
        about = replace(about, reference=tuple(_copied(path, folder, n) for n, path in enumerate(reference)))
        write_document(folder, about)
        with layout.create(folder / layout.RESERVE) as file:
            file.write(bytes(layout.RESERVE_BYTES))
        recorder = Recorder(folder, layout.header_of(about), video=video)
        for place in (folder, folder.parent):
            layout.sync_names(place)
    except (OSError, Timeout) as err:
        _remove(folder, held)
        why = getattr(err, "strerror", None) or str(err)
        raise OutputError(
            f"{paths.sessions_dir()}: no session can be recorded ({why}). Free some space and make the folder writable."
        ) from err
    return SessionRecording(folder=folder, recorder=recorder, _about=about, _held=held)


def _remove(folder: Path | None, held: FileLock | None) -> None:
    """Remove a session that could not begin: nobody can open half of one."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    if held is not None:
        held.release()


def write_document(folder: Path, about: SessionDocument) -> None:
    """Write session.json completely or not at all. Raises OSError."""
    layout.replace(folder / layout.DOCUMENT, documents.to_json(about) + "\n")


def _copied(path: Path, folder: Path, number: int) -> str:
    """Link a file of the profile into the session, so that the reps that judged it survive changes to the profile.

    A hard link takes no space. Where the file system has none, the file is copied.
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
