"""The folder of a session: what is in it under which name, and whether it is being recorded.

    sessions/<date>_<time>-<exercise>/
        session.json        what it is, and how it ended (documents.SessionDocument)
        observations.obs    what was seen in each frame (codec)
        reps.jsonl          completed reps, cues.jsonl what the lifter was told, events.jsonl all other events
        corrections.jsonl   what somebody said of its reps, while it was recorded or afterwards; only where somebody did
        video.mp4           the pictures, where they were asked for
        reference/*.rep     the lifter's own good reps that were known when it began (profile.rep_file)
        log.txt             what was said, and how long reps and cues took to be told, by the clock on the wall
        annotation.csv      what somebody has marked afterwards (`livecoach annotate`), and annotation.json
        recording           only while it is recorded, held locked; left behind, it says that the session was cut off
        reserve             only while it is recorded: on a full disk it gives its room to the end of session.json

Folders and files are readable by their owner alone.
"""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from livecoach.config import paths
from livecoach.documents import SessionDocument, codec

DOCUMENT = "session.json"
OBSERVATIONS = "observations.obs"
REPS = "reps.jsonl"
CUES = "cues.jsonl"
EVENTS = "events.jsonl"
CORRECTIONS = "corrections.jsonl"
VIDEO = "video.mp4"
REFERENCE = "reference"
KEPT_REP = ".rep"
"""Ending of the names in it."""
LOG = "log.txt"
LOCK = paths.SESSION_LOCK
RESERVE = "reserve"
"""Room on the disk for the end of a session; only while it is recorded, as LOCK."""
RESERVE_BYTES = 16384
"""Two blocks and more, for a session.json of 2 kB beside the old one; our choice."""
HIDDEN = paths.SESSION_HIDDEN
"""How folders begin that are no sessions yet, or any more."""
ANNOTATION, MARKS = "annotation.csv", "annotation.json"
RECORDED = (DOCUMENT, OBSERVATIONS, REPS, CUES, EVENTS, CORRECTIONS, VIDEO, LOG)
"""Files that nothing can make again."""
FILES = (*RECORDED, ANNOTATION, MARKS)
"""All but the folder of the reference, and what is there only while it is recorded."""
STARTED = "%Y-%m-%d_%H-%M-%S"
"""Of a session's name: when it began, by the clock on the wall."""
NAME = re.compile(r"(?P<started>\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2})-[A-Za-z0-9_-]+(?:\.\d+)?")
"""Of a session's folder: of two that began in the same second the later one has a number behind a point."""

LAST = "last"
"""Stands for the newest session; no session has it as its name."""
LONGEST_NAME = 200
"""Bytes: what every file system takes, with room for what a program puts before and behind it."""


def is_name(name: str) -> bool:
    """Whether a session from elsewhere may have that name: it is one that every system has, and says nothing else."""
    usual = name.isprintable() and not set(name) & set('/\\:*?"<>|') and name.strip(" .") == name and name != LAST
    return bool(name) and usual and len(name.encode()) <= LONGEST_NAME


def is_kept_rep(name: str) -> bool:
    """Whether a file in the folder of the reference may have that name."""
    return name.endswith(KEPT_REP) and is_name(name)


def start_from_name(name: str) -> datetime | None:
    """When a session began, by its folder's name and the clock on the wall; None where that tells none."""
    named = NAME.fullmatch(name)
    try:
        return None if named is None else datetime.strptime(named["started"], STARTED)
    except ValueError:  # a day that there is not
        return None


def new_folder(started: datetime, exercise: str) -> Path:
    """Make the folder of a session that begins now, unlike that of any other. Raises OSError."""
    above = paths.sessions_dir()
    paths.make_private(above)
    name = f"{started.strftime(STARTED)}-{exercise}"
    number = 1
    while True:
        folder = above / (name if number == 1 else f"{name}.{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder


def header_of(about: SessionDocument) -> codec.Header:
    """Of the observations of a session."""
    source = about.source
    return codec.Header(
        name=source.name,
        width_px=source.width,
        height_px=source.height,
        fps=source.fps,
        pose_model=about.model.pose,
        pose_sha256=about.pose_sha256,
        synthetic=source.synthetic,
    )


def lock(folder: Path) -> FileLock:
    """What the process holds that records into a folder; the system lets go of it when that ends, however it does."""
    return FileLock(folder / LOCK, mode=0o600, timeout=0)


def unlock(held: FileLock) -> None:
    """The session has ended, and says how. Raises OSError."""
    Path(held.lock_file).unlink(missing_ok=True)
    held.release()


def is_recording(folder: Path) -> bool:
    """Whether a process records into it now."""
    try:
        if not (folder / LOCK).exists():
            return False
        with lock(folder):
            return False
    except Timeout:
        return True
    except OSError:  # not ours to lock: somebody else's, or on a medium that can't be written
        return False


def create(path: Path) -> BinaryIO:
    """A new file for its owner alone, written as it comes. Raises OSError, for one that is there already too."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    return open(handle, "wb", buffering=0)


def replace(path: Path, text: str) -> None:
    """Write a file for its owner alone, as a whole or not at all. Raises OSError."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with create(part) as file:
            file.write(text.encode("utf-8"))
            os.fsync(file.fileno())
        os.replace(part, path)
        sync_names(path.parent)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def sync_names(folder: Path) -> None:
    """Give the names in a folder to the disk: a file that a power cut leaves without one is lost. Raises OSError."""
    if os.name == "nt":  # has no such thing; NTFS keeps a journal of names
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def folders() -> Iterator[Path]:
    """Those of all sessions, the oldest first. Raises OSError where they can't be listed."""
    try:
        with os.scandir(paths.sessions_dir()) as found:
            names = sorted(entry.name for entry in found if entry.is_dir() and not entry.name.startswith("."))
    except FileNotFoundError:
        return
    yield from (paths.sessions_dir() / name for name in names)


def size_bytes(folder: Path) -> int:
    """Of all that is in a folder; what can't be looked at counts nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except OSError:
                continue
    return total
