"""Records a session during the run, on a separate thread, so that callers never wait for the disk.

Observations and events are written as soon as they arrive, with single pictures in between. Every second, all files are
flushed to the disk. A killed process therefore loses only the data since the last write, and a power failure only the
last second. While the disk accepts nothing, observations and events wait in memory; if too many wait, observations are
left out. A full disk, or an error of the encoder, ends the video. A write that fails leaves no partial data in the
files, except in the video.
"""

import errno
import logging
import os
import shutil
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np

from livecoach.capture.opencv import av
from livecoach.capture.pictures import letterbox
from livecoach.core import documents
from livecoach.core.config import files, paths
from livecoach.core.documents import Event, SessionDocument, SessionEnding, VideoDocument, codec
from livecoach.core.errors import OutputError
from livecoach.core.types import Observation, ignore
from livecoach.core.types.message import Message
from livecoach.records.session import layout
from livecoach.records.session.stored import Session
from livecoach.records.session.video import FragmentedVideo

MOST_WAITING_PICTURES = 15
"""Most pictures that wait: half a second, 14 MB at 640×480. The video lacks any further pictures. Our choice."""
MOST_WAITING_BYTES = 64_000_000  # Most bytes of waiting pictures; a single picture may be larger. Our choice.
SYNC_EVERY_S = 1.0  # Time between flushes, in seconds: the most that a power failure may lose
_SYNC = getattr(os, "fdatasync", os.fsync)
"""Flushes the content and length of a file; its timestamps need not reach the disk."""
logger = logging.getLogger(__name__)
HANGING_S = 5.0  # Duration of a write or flush, in seconds, after which the disk counts as hanging. Our choice.
MOST_CLOSING_S = 120.0  # Longest wait for the last writes at the end of a session, in seconds. Our choice.
MOST_WAITING_ITEMS = 36_000
"""Most observations and events that wait while a write hangs: ten minutes, 60 MB. Observations beyond that are left
out. Our choice."""
LOW_SPACE_BYTES = 200_000_000  # Free space below which the lifter is warned: ten minutes of video. Our choice.
CHECK_EVERY_S = 5.0
"""Time between two checks of the free space, and between two attempts to continue after an error, in seconds."""
MOST_HELD_ITEMS = 3600
"""Most observations and events that wait after a failed write: two minutes, 6 MB. Beyond that, the oldest observations
are left out. Our choice."""
FULL_TEXT = "recording stopped: the disk is full"
LOW_SPACE_TEXT = "the disk is nearly full: free some space"
HANGING_TEXT = "the disk does not answer: the recording waits in memory"
HANGING_VIDEO_TEXT = "the disk does not answer: the video loses pictures"
EVENT_FILES = {
    "rep": layout.REPS,
    "withdrawn": layout.REPS,
    "cue": layout.CUES,
    "correction": layout.CORRECTIONS,
    "set_log": layout.SETS,
    "set_profile": layout.SETS,
}
"""Name of the file for each kind of event that is not stored in events.jsonl."""
USUAL_FPS = 30.0  # Frame rate for the encoder, which needs an approximate value, if the source does not state it
RecordedItem = tuple[str, bytes] | Observation | Event  # Name of a file with a line for it, an observation, or an event


def has_room_for_picture(waiting: Collection[tuple[np.ndarray, float]], picture: np.ndarray) -> bool:
    """Return whether a picture may wait together with the waiting pictures; alone, a picture of any size may wait."""
    waiting_bytes = sum(waiting_picture.nbytes for waiting_picture, _ in waiting)
    is_large = bool(waiting) and waiting_bytes + picture.nbytes > MOST_WAITING_BYTES
    return not is_large and len(waiting) < MOST_WAITING_PICTURES


def _is_disk_full(err: OSError) -> bool:
    return err.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def file_contents(items: Sequence[RecordedItem]) -> dict[str, bytes]:
    """Return the bytes that items add to each file, by the file's name, in the order in which to write the files.

    Observations are written last, so that after a kill the events of every stored observation are stored too. Events
    omit their latency, so that a replay can be compared.
    """
    contents: dict[str, bytearray] = defaultdict(bytearray)
    for item in items:
        if isinstance(item, Observation):
            contents[layout.OBSERVATIONS] += codec.make_record(codec.encode(item))
        elif isinstance(item, tuple):
            contents[item[0]] += item[1]
        else:
            line = documents.to_json(replace(item, latency_ms=None)).encode()
            contents[EVENT_FILES.get(item.event, layout.EVENTS)] += line + b"\n"
    names = sorted(contents, key=lambda name: name == layout.OBSERVATIONS)
    return {name: bytes(contents[name]) for name in names}


class RecordedFiles:
    """The open files of a session being recorded, for one thread at a time. Every method raises OSError if it fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._lengths: dict[str, int] = {}
        self._synced_s: dict[str, float] = {}

    def __bool__(self) -> bool:
        return bool(self._files)

    def create(self, *names: str) -> BinaryIO:
        """Create files in the session's folder, and return the last file, open for unbuffered writing."""
        for name in names:
            self._files[name] = files.open_new_private(self._folder / name, buffering=0)
            self._lengths[name] = 0
        files.flush_names(self._folder)
        return self._files[names[-1]]

    def append(self, contents: dict[str, bytes]) -> None:
        """Append contents to files by name, creating missing files. After an OSError, partial contents are cut off."""
        try:
            for name, content in contents.items():
                if name not in self._files:  # most sessions have no correction
                    self.create(name)
                left = content
                while left:  # an unbuffered file may accept only a part at a time
                    left = left[self._files[name].write(left) :]
        except OSError:
            for name in contents.keys() & self._files.keys():
                with suppress(OSError):  # the first error is raised instead
                    self._files[name].seek(self._lengths[name])
                    self._files[name].truncate()
            raise
        for name, content in contents.items():
            self._lengths[name] += len(content)

    def sync_due_files(self, now_s: float, has_work: Callable[[], bool]) -> None:
        """Flush the files whose last flush is at least SYNC_EVERY_S ago, in the order of their last flushes.

        A flush may take long. If `has_work` returns true after a flush, the other files are left for the next call.
        """
        since_s = {name: self._synced_s.setdefault(name, now_s) for name in self._files}
        for name in sorted(since_s, key=since_s.__getitem__):
            if now_s - since_s[name] < SYNC_EVERY_S:
                return
            self._synced_s[name] = now_s
            _SYNC(self._files[name].fileno())
            if has_work():
                return

    def check_not_moved(self) -> None:
        """Raise FileNotFoundError if a file was moved, deleted or replaced: data written to that file would be lost."""
        for name, file in self._files.items():
            path = self._folder / name
            if not (path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno()))):
                raise FileNotFoundError(errno.ENOENT, f"{name} was moved or replaced", str(path))

    def sync(self, *names: str) -> None:
        """Force the content of files to the disk, by the files' names; without a name, of all files."""
        for name in names or self._files:
            _SYNC(self._files[name].fileno())

    def close(self) -> None:
        """Close the files. Nothing is written, because the files have no buffer."""
        files, self._files = self._files, {}
        for file in files.values():
            file.close()


class Recorder:
    """Records a session from the creation of the object on.

    `add_observation`, `add_event` and `add_log_line` return at once. Call `end` after the run, or `close` if the
    recorder has no lock.
    """

    def __init__(
        self,
        folder: Path,
        about: SessionDocument,
        *,
        video: bool,
        clock: Callable[[], float] = time.monotonic,
        lock: ExitStack | None = None,
    ) -> None:
        """Create the files of the session, and start the thread.

        Raises OSError if a file can't be created, for example because the file exists already.

        Args:
            lock: Lock of the folder, which `end` releases; None if the folder is not locked.
        """
        self.folder, self.about, self._video_wanted, self._clock = folder, about, video, clock
        self._held_lock = lock
        self._files = RecordedFiles(folder)
        try:
            # The lifter waits for each flush: 4 ms, on a hard disk 20.
            self._files.create(layout.OBSERVATIONS, layout.REPS, layout.CUES, layout.EVENTS, layout.LOG)
            self._files.append({layout.OBSERVATIONS: codec.make_record(codec.encode_header(layout.make_header(about)))})
            self._files.sync(layout.OBSERVATIONS)  # without its header, the file can't be read
        except OSError:
            self._files.close()
            raise
        self._video: FragmentedVideo | None = None
        self._ready = threading.Condition()
        self._small: deque[RecordedItem] = deque()
        self._pictures: deque[tuple[np.ndarray, float]] = deque()
        self._closing = False
        self._busy_since_s: float | None = None
        self._held: list[RecordedItem] = []
        self._failed_s: float | None = None
        self._checked_s: float | None = None
        self._low = False
        self._lost = 0
        self._video_problem: str | None = None  # why the video has ended while the recording goes on
        self._in_video = self._left_out = 0
        self._cpu_s = 0.0
        self._failure: str | None = None
        self._references = len(about.reference)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def is_recording_video(self) -> bool:
        """Whether pictures are being recorded: a video was requested, has not ended, and the last write succeeded."""
        return self._video_wanted and self._failure is None

    @property
    def problem(self) -> str | None:
        """The reason why recording, or only the video, has stopped, waits or will soon stop; None without a problem."""
        busy_since_s = self._busy_since_s  # the recorder's thread sets it
        if busy_since_s is not None and self._clock() - busy_since_s > HANGING_S:
            return HANGING_VIDEO_TEXT if self._video_wanted else HANGING_TEXT
        return self._failure or (LOW_SPACE_TEXT if self._low else None)

    def add_observation(self, observation: Observation, picture: np.ndarray | None) -> None:
        """Record the observation of a frame.

        If too many observations and events wait, observation and picture are left out. If too many pictures wait, the
        picture is left out.

        Args:
            picture: Picture of the frame, which must not be changed afterwards; ignored unless a video is recorded.
                None if there is no picture.
        """
        with self._ready:
            if len(self._small) >= MOST_WAITING_ITEMS:
                self._lost += 1
                return
            self._small.append(observation)
            if picture is not None and self._video_wanted:
                if has_room_for_picture(self._pictures, picture):
                    self._pictures.append((picture, observation.t_s))
                else:
                    self._left_out += 1
            self._ready.notify()

    def add_event(self, event: Event) -> None:
        """Queue an event of the run, which the recorder's thread writes."""
        with self._ready:
            self._small.append(event)
            self._ready.notify()

    def add_reference(self, reference: Sequence[Path]) -> tuple[str, ...]:
        """Link or copy further reference reps into the session, and return the names of their files in the session.

        The reps are the reference for another lifter's part or set. If a copy fails, the result is empty. A replay then
        judges without the reps, and reports that verdicts differ.
        """
        names = list[str]()
        try:
            for path in reference:
                names.append(_link_rep(path, self.folder, self._references + len(names)))
        except OSError:
            with suppress(OSError):
                for name in names:
                    (self.folder / layout.REFERENCE / name).unlink()
            return ()
        self._references += len(names)
        return tuple(names)

    def add_log_line(self, line: str) -> None:
        """Record a line for the session's log.txt."""
        with self._ready:
            self._small.append((layout.LOG, line.encode("utf-8", "replace") + b"\n"))
            self._ready.notify()

    def close(self, on_wait: Callable[[], object] = ignore) -> SessionEnding | None:
        """Write the waiting items, close the files, stop the thread, and return the session's end without storing it.

        If writing takes longer than HANGING_S, `on_wait` is called once. If the disk hangs for MOST_CLOSING_S more, the
        result is None, and waiting items may be lost.
        """
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._thread.join(HANGING_S)
        if self._thread.is_alive():
            on_wait()
            self._thread.join(MOST_CLOSING_S)
        return None if self._thread.is_alive() else self._ending()

    def end(self, on_wait: Callable[[], object] = ignore) -> SessionEnding | None:
        """Close the files, write the end of the session to session.json, release the lock, and return the end.

        The mark of recording stays until profiles have learned from the session. Without a lock, only the files are
        closed, and session.json stays as it is. The result is None if writing fails or takes too long; the next run of
        livecoach then closes the session. `on_wait` is as for `close`.
        """
        ending = self.close(on_wait)
        if ending is None or self._held_lock is None:
            return ending
        try:
            files.remove_file(self.folder / layout.RESERVE)
            layout.write_document(self.folder, replace(self.about, end=ending))
        except OSError:
            return None
        finally:
            self._held_lock.close()
        return ending

    # The methods below run on the recorder's thread.

    def _run(self) -> None:
        going_on, synced = True, True
        while going_on:
            with self._ready:
                patience_s = None if synced else SYNC_EVERY_S
                synced = not self._ready.wait_for(lambda: self._small or self._pictures or self._closing, patience_s)
                small, self._small = self._small, deque()
                picture = self._pictures.popleft() if self._pictures else None
                going_on = bool(small) or picture is not None or not self._closing
            if synced:  # nothing came for a second, for example because the camera is lost: flush the last items
                self._guarded(self._files.sync)
            else:
                self._guarded(lambda: self._write(small, picture))  # noqa: B023 (called at once)
        if self._held:
            self._guarded(lambda: self._write(deque(), None))
        self._guarded(self._finish)
        self._cpu_s = time.thread_time()

    def _guarded(self, write: Callable[[], None]) -> None:
        """Call `write`; note a disk error, which may pass, and let any other failure end the recording."""
        if self._failure is not None and not self._files:
            return
        self._busy_since_s = self._clock()
        try:
            write()
        except OSError as err:
            self._failed_s, self._failure = self._clock(), FULL_TEXT if _is_disk_full(err) else _failure_text(err)
            if _is_disk_full(err):
                self._end_video("video recording stopped: the disk was full")
        except Exception as err:  # a failure must be reported, and must not end the set
            logger.exception("recorder")
            self._failure = Message("recording stopped: {name}", name=f"{type(err).__name__}: {err}")
            self._files.close()
        finally:
            self._busy_since_s = None

    def _end_video(self, problem: str) -> None:
        if self._video_wanted:
            self._video_wanted, self._video, self._video_problem = False, None, problem

    def _hold(self, items: Iterable[RecordedItem]) -> None:
        """Keep items until the disk accepts them. If there are too many, the oldest observations are dropped."""
        self._held.extend(items)
        excess = len(self._held) - MOST_HELD_ITEMS
        if excess > 0:
            numbers = [number for number, item in enumerate(self._held) if isinstance(item, Observation)]
            dropped = set(numbers[:excess])
            self._lost += len(dropped)
            self._held = [item for number, item in enumerate(self._held) if number not in dropped]

    def _write(self, small: deque[RecordedItem], picture: tuple[np.ndarray, float] | None) -> None:
        now_s = self._clock()
        if self._failed_s is not None and not self._closing and now_s - self._failed_s < CHECK_EVERY_S:
            self._hold(small)
            self._left_out += picture is not None
            return
        items, self._held = [*self._held, *small], []
        try:
            self._files.append(file_contents(items))
        except OSError:
            self._hold(items)
            self._left_out += picture is not None
            raise
        if picture is not None:
            self._write_picture(*picture)
        if self._checked_s is None or now_s - self._checked_s >= CHECK_EVERY_S:
            self._checked_s, self._low = now_s, shutil.disk_usage(self.folder).free < LOW_SPACE_BYTES
            self._files.check_not_moved()
        self._files.sync_due_files(now_s, lambda: bool(self._pictures))
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
            if self._video.write(letterbox(picture, *self._video.size_px), t_s):
                self._in_video += 1
            else:
                self._left_out += 1
        except (av.FFmpegError, ValueError) as err:  # the encoder's error, perhaps an OSError, ends only the video
            self._end_video(_failure_text(err, "video recording stopped: {name}"))
        except OSError as err:
            if not _is_disk_full(err):
                self._end_video(_failure_text(err, "video recording stopped: {name}"))
            raise

    def _finish(self) -> None:
        if self._video is not None:
            self._video.finish()
        try:
            self._files.sync()
            self._files.check_not_moved()
        finally:
            self._files.close()

    def _ending(self) -> SessionEnding:
        video: VideoDocument | None = None
        with suppress(OSError):  # there is no video, or the folder is gone
            size_bytes = (self.folder / layout.VIDEO).stat().st_size
            video = VideoDocument(frames=self._in_video, left_out=self._left_out, bytes=size_bytes)
        lost = None
        if self._lost:
            lost = Message("recording stopped for {n} frames: the disk took no more", n=self._lost)
        counted = Session(folder=self.folder, about=self.about, say=ignore).ending
        frames = counted.frames.read
        cpu_ms = 1000 * self._cpu_s / frames if frames else None
        return replace(counted, early=False, video=video, stopped=self._failure or lost, cpu_ms_per_frame=cpu_ms)


def _failure_text(err: Exception, text: str = "recording stopped: {name}") -> Message:
    return Message(text, name=str(getattr(err, "strerror", None) or err))


def start_recording(
    about: SessionDocument, started: datetime, reference: Sequence[Path], *, video: bool, parent: Path | None = None
) -> Recorder:
    """Create the folder of a session, and start to record the session. Raises OutputError if that fails.

    Args:
        about: Description of the session. Its `reference` is replaced by the names of the reference reps' files.
        parent: Existing folder in which to create the folder of the session; None for the user's folder of sessions.
    """
    folder: Path | None = None
    held = ExitStack()
    try:
        folder = layout.make_session_folder(started, about.exercise, parent)
        held.enter_context(layout.lock_session(folder))
        about = replace(about, reference=tuple(_link_rep(path, folder, n) for n, path in enumerate(reference)))
        layout.write_document(folder, about)
        with files.open_new_private(folder / layout.RESERVE, buffering=0) as file:
            file.write(bytes(layout.RESERVE_BYTES))
        recorder = Recorder(folder, about, video=video, lock=held)
        for place in (folder, folder.parent):
            files.flush_names(place)
    except OSError as err:
        held.close()
        if folder is not None:  # an incomplete session can't be opened
            shutil.rmtree(folder, ignore_errors=True)
        why, place = getattr(err, "strerror", None) or str(err), parent or paths.sessions_dir()
        raise OutputError(
            f"{place}: no session can be recorded ({why}). Free some space and make the folder writable."
        ) from err
    return recorder


def _link_rep(path: Path, folder: Path, number: int) -> str:
    """Link, or copy, the file of a reference rep into the session, so that it survives changes to the profile."""
    place = folder / layout.REFERENCE
    place.mkdir(mode=0o700, exist_ok=True)
    target = place / f"{number:03d}.rep"
    try:
        os.link(path, target)
    except OSError:
        with files.write_atomically(target) as part:
            shutil.copyfile(path, part)
    return target.name
