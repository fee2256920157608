"""Writes a session during the run, on a thread of its own, so that callers never wait for the disk.

Observations and events are written as soon as they come, with single pictures in between. Every second, everything is
flushed to the disk. A kill therefore loses what came since the last write, and a power failure the last second.
"""

import errno
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from livecoach import documents
from livecoach.documents import Event, FramesDocument, RepEvent, SessionEnding, VideoDocument, codec
from livecoach.session import layout
from livecoach.session.fragmented_video import FragmentedVideo
from livecoach.source.opencv import av
from livecoach.types import Observation

logger = logging.getLogger(__name__)

SYNC_EVERY_S = 1.0
"""Time that a power failure may lose, in seconds."""
PICTURES_WAITING = 15
"""Half a second of pictures, 14 MB at 640×480. Pictures beyond that are left out of the video. Our choice."""
CLOSE_S = 20.0
"""Longest wait for the last writes: a disk that hangs must not hold up the end of a set."""
_SYNC = getattr(os, "fdatasync", os.fsync)
"""Flushes content and length of a file; its timestamps need not reach the disk."""
OWN_FILE = {"rep": layout.REPS, "cue": layout.CUES, "correction": layout.CORRECTIONS, "set_log": layout.SETS}
"""Events that go to a file of their own."""
USUAL_FPS = 30.0
"""Used where the source does not state its frame rate: the encoder needs an approximate one."""


class Recorder:
    """Records from its creation on. `observation`, `event` and `log` return at once. Call `close` when the run is
    over."""

    def __init__(
        self,
        folder: Path,
        header: codec.ObservationsHeader,
        *,
        video: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create the files. folder: the session's, without these files. video: record pictures too. Raises OSError."""
        self._folder, self._video_wanted, self._clock = folder, video, clock
        self._fps = header.fps or USUAL_FPS
        self._files: dict[str, BinaryIO] = {}
        for name in (layout.OBSERVATIONS, layout.REPS, layout.CUES, layout.EVENTS, layout.LOG):
            self._files[name] = layout.create(folder / name)
        self._files[layout.OBSERVATIONS].write(codec.record(codec.encode_header(header)))
        self._video: FragmentedVideo | None = None
        self._ready = threading.Condition()
        self._small: deque[tuple[str, bytes] | Observation | Event] = deque()
        self._pictures: deque[tuple[np.ndarray, float]] = deque()
        self._closing = False
        self._synced_s: dict[str, float] = {}
        self._last_t_s = 0.0
        self._read = self._with_pose = self._dropped = self._in_video = self._left_out = 0
        self._verdicts: list[str] = []
        self._exercises: dict[str, None] = {}
        self._cpu_s = 0.0
        self.problem: str | None = None
        """Why recording (or the video alone) has stopped; None while all is well."""
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def recording(self) -> bool:
        """Whether pictures are being recorded."""
        return self._video_wanted and self.problem is None

    def observation(self, observation: Observation, picture: np.ndarray | None) -> None:
        """Take the observation of a frame, and its picture, which must not be changed afterwards."""
        with self._ready:
            self._small.append(observation)
            if picture is not None and self._video_wanted:
                if len(self._pictures) < PICTURES_WAITING:
                    self._pictures.append((picture, observation.t_s))
                else:
                    self._left_out += 1
            self._ready.notify()

    def event(self, event: Event) -> None:
        """Take an event."""
        with self._ready:
            self._small.append(event)
            self._ready.notify()

    def log(self, line: str) -> None:
        """Take a line of the log."""
        with self._ready:
            self._small.append((layout.LOG, line.encode("utf-8", "replace") + b"\n"))
            self._ready.notify()

    def close(self) -> SessionEnding | None:
        """Write what is left and stop. Returns None where the disk hangs; what is not written by then is lost."""
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._thread.join(CLOSE_S)
        return None if self._thread.is_alive() else self._ending()

    # What follows runs on the recorder's thread.

    def _run(self) -> None:
        going_on = True
        while going_on:
            with self._ready:
                while not (self._small or self._pictures or self._closing):
                    self._ready.wait()
                small, self._small = self._small, deque()
                picture = self._pictures.popleft() if self._pictures else None
                going_on = bool(small) or picture is not None or not self._closing
            self._guarded(lambda: self._write(small, picture))  # noqa: B023 (called at once)
        self._guarded(self._finish)
        self._cpu_s = time.thread_time()

    def _guarded(self, write: Callable[[], None]) -> None:
        """Call `write` unless writing has failed before. A failure is reported and ends the recording."""
        if self.problem is not None and not self._files:
            return
        try:
            write()
        except OSError as err:
            why = "the disk is full" if err.errno == errno.ENOSPC else str(err.strerror or err)
            self._give_up(why)
        except Exception as err:  # no failure may end the set, and the consumer must learn of it
            logger.exception("recorder")
            self._give_up(f"{type(err).__name__}: {err}")

    def _give_up(self, why: str) -> None:
        self.problem = f"recording stopped: {why}"
        self._let_go()

    def _write(
        self, small: "deque[tuple[str, bytes] | Observation | Event]", picture: tuple[np.ndarray, float] | None
    ) -> None:
        lines: dict[str, list[bytes]] = {}
        for item in small:
            if isinstance(item, Observation):
                lines.setdefault(layout.OBSERVATIONS, []).append(codec.record(codec.encode(item)))
            elif isinstance(item, tuple):
                lines.setdefault(item[0], []).append(item[1])
            else:
                name, line = _line(item)
                lines.setdefault(name, []).append(line)
        for name, content in lines.items():
            if name not in self._files:  # most sessions have no correction
                self._files[name] = layout.create(self._folder / name)
                layout.sync_names(self._folder)
            _write_all(self._files[name], b"".join(content))
        for item in small:  # only written items count
            self._count(item)
        if picture is not None:
            self._write_picture(*picture)
        self._sync_one()

    def _count(self, item: "tuple[str, bytes] | Observation | Event") -> None:
        if isinstance(item, Observation):
            self._last_t_s = item.t_s
            self._read += 1
            self._with_pose += item.landmarks is not None
            self._dropped += item.dropped
        elif isinstance(item, RepEvent):
            self._verdicts.append(item.rep.verdict)
            if item.rep.exercise is not None:
                self._exercises[item.rep.exercise] = None

    def _write_picture(self, picture: np.ndarray, t_s: float) -> None:
        if not self._video_wanted:
            return
        try:
            if self._video is None:
                self._files[layout.VIDEO] = layout.create(self._folder / layout.VIDEO)
                layout.sync_names(self._folder)
                height_px, width_px = picture.shape[:2]
                self._video = FragmentedVideo(self._files[layout.VIDEO], width_px, height_px, self._fps)
            if self._video.fits(picture) and self._video.write(picture, t_s):
                self._in_video += 1
            else:
                self._left_out += 1
        except OSError:
            raise
        except (av.FFmpegError, ValueError) as err:  # a failure of the encoder ends the video alone
            self.problem, self._video_wanted, self._video = f"video recording stopped: {err}", False, None

    def _sync_one(self) -> None:
        """Flush one file, if one is due: each flush may take a while, and pictures wait meanwhile."""
        now_s = self._clock()
        for name, file in self._files.items():
            if now_s - self._synced_s.get(name, now_s) >= SYNC_EVERY_S:
                _SYNC(file.fileno())
                self._synced_s[name] = now_s
                return
            self._synced_s.setdefault(name, now_s)

    def _finish(self) -> None:
        if self._video is not None:
            self._video.finish()
        for file in self._files.values():
            _SYNC(file.fileno())
        self._let_go()

    def _let_go(self) -> None:
        """Close the files. What could not be written before can't be written now."""
        files, self._files = self._files, {}
        for file in files.values():
            file.close()

    def _ending(self) -> SessionEnding:
        video = self._folder / layout.VIDEO
        kept = VideoDocument(
            frames=self._in_video, left_out=self._left_out, bytes=video.stat().st_size if video.exists() else 0
        )
        return SessionEnding(
            early=False,
            duration_s=self._last_t_s,
            reps=len(self._verdicts),
            good=self._verdicts.count("good"),
            anomalous=self._verdicts.count("anomalous"),
            unsure=self._verdicts.count("unsure"),
            frames=FramesDocument(read=self._read, with_pose=self._with_pose, dropped=self._dropped),
            video=kept if video.exists() else None,
            stopped=self.problem,
            cpu_ms_per_frame=1000 * self._cpu_s / self._read if self._read else None,
            exercises=tuple(self._exercises),
        )


def _line(event: Event) -> tuple[str, bytes]:
    """Return the file of an event and its line. The line omits the latency, so that a replay can be compared."""
    name = OWN_FILE.get(event.event, layout.EVENTS)
    return name, documents.to_json(replace(event, latency_ms=None)).encode() + b"\n"


def _write_all(file: BinaryIO, content: bytes) -> None:
    """Write all of `content`: an unbuffered file may accept only a part at a time."""
    while content:
        content = content[file.write(content) :]
