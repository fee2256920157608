"""Records a session during the run, on a thread of its own, so that callers never wait for the disk.

Observations and events are written as soon as they arrive, with single pictures in between. Every second, everything is
flushed to the disk. A kill therefore loses only data since the last write, and a power failure the last second. While
the disk takes nothing, observations and events wait; a full one ends the video. Data that it does not take leaves no
trace in the files.
"""

import errno
import logging
import os
import shutil
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
from filelock import FileLock, Timeout

from livecoach.capture.opencv import av
from livecoach.capture.pictures import letterboxed
from livecoach.core import documents
from livecoach.core.config import files, paths
from livecoach.core.documents import Event, SessionDocument, SessionEnding, VideoDocument, codec
from livecoach.core.errors import OutputError
from livecoach.core.types import Observation, ignore
from livecoach.core.types.message import Message
from livecoach.records.session import layout
from livecoach.records.session.stored import Session
from livecoach.records.session.video import FragmentedVideo

PICTURES_WAITING = 15
"""Half a second of pictures, 14 MB at 640×480. Further ones are left out of the video. Our choice."""
MOST_WAITING_BYTES = 64_000_000
"""Most memory for waiting pictures: of large ones fewer may wait, but at least one. Our choice."""
SYNC_EVERY_S = 1.0  # Time that a power failure may lose, in seconds
_SYNC = getattr(os, "fdatasync", os.fsync)
"""Flushes the content and length of a file; its timestamps need not reach the disk."""
logger = logging.getLogger(__name__)
SILENT_S = 5.0  # Time of a write or flush after which the disk counts as one that does not answer. Our choice.
CLOSE_S = 120.0
"""Longest wait for the last writes, and so the longest that a disk may hang at the end of a set. Our choice."""
MOST_WAITING = 36_000
"""Observations and events that wait while a write hangs: ten minutes, 60 MB. Beyond that, observations are left out.
Our choice."""
LOW_BYTES = 200_000_000  # Free space below which the lifter is warned: ten minutes of video at 640×480. Our choice.
CHECK_EVERY_S = 5.0
"""Time between two checks of the free space, and between two attempts to continue after an error, in seconds."""
MOST_HELD = 3600
"""Observations and events that wait while the disk takes nothing: two minutes, 6 MB. Beyond that, the oldest
observations are left out. Our choice."""
FULL = "recording stopped: the disk is full"
LOW = "the disk is nearly full: free some space"
SILENT = "the disk does not answer: the recording waits in memory"
SILENT_VIDEO = "the disk does not answer: the video loses pictures"
OWN_FILE = {
    "rep": layout.REPS,
    "withdrawn": layout.REPS,
    "cue": layout.CUES,
    "correction": layout.CORRECTIONS,
    "set_log": layout.SETS,
    "set_profile": layout.SETS,
}
"""Event → file of its own."""
USUAL_FPS = 30.0  # Assumed if the source does not state its frame rate: the encoder needs an approximate one
Item = tuple[str, bytes] | Observation | Event  # A line of a file, by its name, an observation, or an event


def has_room(waiting: Collection[tuple[np.ndarray, float]], picture: np.ndarray) -> bool:
    """Return whether a picture may wait too. One may in any case, however large."""
    waiting_bytes = sum(one.nbytes for one, _ in waiting)
    is_large = bool(waiting) and waiting_bytes + picture.nbytes > MOST_WAITING_BYTES
    return not is_large and len(waiting) < PICTURES_WAITING


def is_full(err: OSError) -> bool:
    """Return whether an error says that there is no room on the disk, or none for this user."""
    return err.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def contents_of(items: Sequence[Item]) -> dict[str, bytes]:
    """Return what items add to each file, by its name, in the order in which the files are to be written.

    Observations come last: what a kill leaves is then what the frames up to it have led to. Events omit their latency,
    so that a replay can be compared.
    """
    contents: dict[str, bytearray] = defaultdict(bytearray)
    for item in items:
        if isinstance(item, Observation):
            contents[layout.OBSERVATIONS] += codec.record(codec.encode(item))
        elif isinstance(item, tuple):
            contents[item[0]] += item[1]
        else:
            line = documents.to_json(replace(item, latency_ms=None)).encode()
            contents[OWN_FILE.get(item.event, layout.EVENTS)] += line + b"\n"
    names = sorted(contents, key=lambda name: name == layout.OBSERVATIONS)
    return {name: bytes(contents[name]) for name in names}


class RecordedFiles:
    """Files of one folder, each open for one writer. Every method raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._lengths: dict[str, int] = {}
        self._synced_s: dict[str, float] = {}

    def __bool__(self) -> bool:
        return bool(self._files)

    def create(self, *names: str) -> BinaryIO:
        """Create files, and return the last one for direct writing."""
        for name in names:
            self._files[name] = files.open_new_private(self._folder / name, buffering=0)
            self._lengths[name] = 0
        files.sync_names(self._folder)
        return self._files[names[-1]]

    def append(self, contents: dict[str, bytes]) -> None:
        """Append all of the contents, or nothing. Missing files are created."""
        try:
            for name, content in contents.items():
                if name not in self._files:  # most sessions have no correction
                    self.create(name)
                left = content
                while left:  # an unbuffered file may accept only a part at a time
                    left = left[self._files[name].write(left) :]
        except OSError:
            for name in contents.keys() & self._files.keys():
                with suppress(OSError):  # a damaged end harms less than an error in its place
                    self._files[name].seek(self._lengths[name])
                    self._files[name].truncate()
            raise
        for name, content in contents.items():
            self._lengths[name] += len(content)

    def sync_due(self, now_s: float, is_awaited: Callable[[], bool]) -> None:
        """Flush the files that were not for a second, the longest ago first. Each flush may take a while: the rest is
        left for the next call once something waits for this one."""
        since_s = {name: self._synced_s.setdefault(name, now_s) for name in self._files}
        for name in sorted(since_s, key=since_s.__getitem__):
            if now_s - since_s[name] < SYNC_EVERY_S:
                return
            self._synced_s[name] = now_s
            _SYNC(self._files[name].fileno())
            if is_awaited():
                return

    def check_place(self) -> None:
        """Raise FileNotFoundError where a file was moved, deleted or replaced: what is written to it is lost."""
        for name, file in self._files.items():
            path = self._folder / name
            if not (path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno()))):
                raise FileNotFoundError(errno.ENOENT, f"{name} was moved or replaced", str(path))

    def sync(self, *names: str) -> None:
        """Flush these files; all of them where none is named."""
        for name in names or self._files:
            _SYNC(self._files[name].fileno())

    def close(self) -> None:
        """Close the files. Errors are ignored: what could not be written before can't be written now."""
        files, self._files = self._files, {}
        for file in files.values():
            file.close()


class Recorder:
    """Records as soon as it is created. `observation`, `event` and `log` return at once. Call `end` after the run, or
    `close` without a lock."""

    def __init__(
        self,
        folder: Path,
        about: SessionDocument,
        *,
        video: bool,
        clock: Callable[[], float] = time.monotonic,
        held: FileLock | None = None,
    ) -> None:
        """Create the files. folder: the session's, without these files. video: record pictures too. held: the lock of
        the folder. Raises OSError."""
        self.folder, self.about, self._video_wanted, self._clock = folder, about, video, clock
        self._held_lock = held
        self._files = RecordedFiles(folder)
        try:
            # The lifter waits for each flush: 4 ms, on a hard disk 20.
            self._files.create(layout.OBSERVATIONS, layout.REPS, layout.CUES, layout.EVENTS, layout.LOG)
            self._files.append({layout.OBSERVATIONS: codec.record(codec.encode_header(layout.header_of(about)))})
            self._files.sync(layout.OBSERVATIONS)  # without its header, the file can't be read
        except OSError:
            self._files.close()
            raise
        self._video: FragmentedVideo | None = None
        self._ready = threading.Condition()
        self._small: deque[Item] = deque()
        self._pictures: deque[tuple[np.ndarray, float]] = deque()
        self._closing = False
        self._busy_since_s: float | None = None
        self._held: list[Item] = []
        self._failed_s: float | None = None
        self._checked_s: float | None = None
        self._low = False
        self._lost = 0
        self._video_problem: str | None = None  # why the video alone has ended
        self._in_video = self._left_out = 0
        self._cpu_s = 0.0
        self._failure: str | None = None
        self._references = len(about.reference)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def recording(self) -> bool:
        return self._video_wanted and self._failure is None

    @property
    def problem(self) -> str | None:
        """Why recording (or the video alone) has stopped, or soon will; None while all is well."""
        busy_since_s = self._busy_since_s  # the other thread sets it
        if busy_since_s is not None and self._clock() - busy_since_s > SILENT_S:
            return SILENT_VIDEO if self._video_wanted else SILENT
        return self._failure or (LOW if self._low else None)

    def observation(self, observation: Observation, picture: np.ndarray | None) -> None:
        """Record the observation of a frame, and its picture, which must not be changed afterwards."""
        with self._ready:
            if len(self._small) >= MOST_WAITING:
                self._lost += 1
                return
            self._small.append(observation)
            if picture is not None and self._video_wanted:
                if has_room(self._pictures, picture):
                    self._pictures.append((picture, observation.t_s))
                else:
                    self._left_out += 1
            self._ready.notify()

    def event(self, event: Event) -> None:
        with self._ready:
            self._small.append(event)
            self._ready.notify()

    def add_reference(self, reference: Sequence[Path]) -> tuple[str, ...]:
        """Keep further files of profiles, the reps that judge from now on, and return their names. None where that
        fails: a replay judges without them, and says that verdicts differ."""
        try:
            names = tuple(_copied(path, self.folder, self._references + n) for n, path in enumerate(reference))
        except OSError:
            return ()
        self._references += len(names)
        return names

    def log(self, line: str) -> None:
        with self._ready:
            self._small.append((layout.LOG, line.encode("utf-8", "replace") + b"\n"))
            self._ready.notify()

    def close(self, waits: Callable[[], object] = ignore) -> SessionEnding | None:
        """Write what is left and stop. Returns how the session ended, or None if the disk hangs; unwritten data is then
        lost.

        waits: called where that takes longer than SILENT_S.
        """
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._thread.join(SILENT_S)
        if self._thread.is_alive():
            waits()
            self._thread.join(CLOSE_S)
        return None if self._thread.is_alive() else self._ending()

    def end(self, waits: Callable[[], object] = ignore) -> SessionEnding | None:
        """Close, and write how the session ended. Returns None if that fails; the next livecoach then closes the
        session. waits: as for `close`."""
        ending = self.close(waits)
        if ending is None or self._held_lock is None:
            return ending
        try:
            (self.folder / layout.RESERVE).unlink(missing_ok=True)
            layout.write_document(self.folder, replace(self.about, end=ending))
            (self.folder / layout.LOCK).unlink(missing_ok=True)
        except OSError:
            return None
        finally:
            self._held_lock.release()
        return ending

    # Below: on the recorder's thread.

    def _run(self) -> None:
        going_on, synced = True, True
        while going_on:
            with self._ready:
                patience_s = None if synced else SYNC_EVERY_S
                synced = not self._ready.wait_for(lambda: self._small or self._pictures or self._closing, patience_s)
                small, self._small = self._small, deque()
                picture = self._pictures.popleft() if self._pictures else None
                going_on = bool(small) or picture is not None or not self._closing
            if synced:  # nothing came for a second, as while the camera is away: flush what came last
                self._guarded(self._files.sync)
            else:
                self._guarded(lambda: self._write(small, picture))  # noqa: B023 (called at once)
        if self._held:
            self._guarded(lambda: self._write(deque(), None))
        self._guarded(self._finish)
        self._cpu_s = time.thread_time()

    def _guarded(self, write: Callable[[], None]) -> None:
        """Call `write`. An error of the disk may pass, and so writing is tried again. Any other failure is reported and
        ends the recording."""
        if self._failure is not None and not self._files:
            return
        self._busy_since_s = self._clock()
        try:
            write()
        except OSError as err:
            self._failed_s, self._failure = self._clock(), FULL if is_full(err) else _stopped(err)
            if is_full(err):
                self._end_video("video recording stopped: the disk was full")
        except Exception as err:  # a failure must be reported, and must not end the set
            logger.exception("recorder")
            self._failure = Message("recording stopped: {name}", name=f"{type(err).__name__}: {err}")
            self._files.close()
        finally:
            self._busy_since_s = None

    def _end_video(self, problem: str) -> None:
        """It stays readable."""
        if self._video_wanted:
            self._video_wanted, self._video, self._video_problem = False, None, problem

    def _hold(self, items: Iterable[Item]) -> None:
        """Keep items until there is room. The oldest observations are dropped first."""
        self._held.extend(items)
        excess = len(self._held) - MOST_HELD
        if excess > 0:
            going = [number for number, item in enumerate(self._held) if isinstance(item, Observation)][:excess]
            self._lost += len(going)
            gone = set(going)
            self._held = [item for number, item in enumerate(self._held) if number not in gone]

    def _write(self, small: deque[Item], picture: tuple[np.ndarray, float] | None) -> None:
        now_s = self._clock()
        if self._failed_s is not None and not self._closing and now_s - self._failed_s < CHECK_EVERY_S:
            self._hold(small)
            self._left_out += picture is not None
            return
        items, self._held = [*self._held, *small], []
        try:
            self._files.append(contents_of(items))
        except OSError:
            self._hold(items)
            self._left_out += picture is not None
            raise
        if picture is not None:
            self._write_picture(*picture)
        if self._checked_s is None or now_s - self._checked_s >= CHECK_EVERY_S:
            self._checked_s, self._low = now_s, shutil.disk_usage(self.folder).free < LOW_BYTES
            self._files.check_place()
        self._files.sync_due(now_s, lambda: bool(self._pictures))
        self._failed_s, self._failure = None, self._video_problem

    def _write_picture(self, picture: np.ndarray, t_s: float) -> None:
        if not self._video_wanted:
            return
        try:
            if self._video is None:
                file = self._files.create(layout.VIDEO)
                height_px, width_px = picture.shape[:2]
                fps = self.about.source.fps or USUAL_FPS
                self._video = FragmentedVideo(file, width_px, height_px, fps)
            if self._video.write(letterboxed(picture, *self._video.size_px), t_s):
                self._in_video += 1
            else:
                self._left_out += 1
        except (av.FFmpegError, ValueError) as err:  # of the encoder: it ends only the video, even if it is an OSError
            self._end_video(_stopped(err, "video recording stopped: {name}"))
        except OSError as err:
            if not is_full(err):
                self._end_video(_stopped(err, "video recording stopped: {name}"))
            raise

    def _finish(self) -> None:
        if self._video is not None:
            self._video.finish()
        try:
            self._files.sync()
            self._files.check_place()
        finally:
            self._files.close()

    def _ending(self) -> SessionEnding:
        video: VideoDocument | None = None
        with suppress(OSError):  # there is none, or the folder is gone
            size_bytes = (self.folder / layout.VIDEO).stat().st_size
            video = VideoDocument(frames=self._in_video, left_out=self._left_out, bytes=size_bytes)
        lost = f"recording stopped for {self._lost} frames: the disk took no more" if self._lost else None
        counted = Session(folder=self.folder, about=self.about, say=ignore).ending
        frames = counted.frames.read
        cpu_ms = 1000 * self._cpu_s / frames if frames else None
        return replace(counted, early=False, video=video, stopped=self._failure or lost, cpu_ms_per_frame=cpu_ms)


def _stopped(err: Exception, text: str = "recording stopped: {name}") -> Message:
    return Message(text, name=str(getattr(err, "strerror", None) or err))


def begin_recording(
    about: SessionDocument, started: datetime, reference: Sequence[Path], *, video: bool, above: Path | None = None
) -> Recorder:
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
        layout.write_document(folder, about)
        with files.open_new_private(folder / layout.RESERVE, buffering=0) as file:
            file.write(bytes(layout.RESERVE_BYTES))
        recorder = Recorder(folder, about, video=video, held=held)
        for place in (folder, folder.parent):
            files.sync_names(place)
    except (OSError, Timeout) as err:
        if folder is not None:  # half a session can't be opened
            shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            held.release()
        why, place = getattr(err, "strerror", None) or str(err), above or paths.sessions_dir()
        raise OutputError(
            f"{place}: no session can be recorded ({why}). Free some space and make the folder writable."
        ) from err
    return recorder


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
