"""Progress bars on standard error, if that is a terminal."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from livecoach.documents import codec
from livecoach.errors import SourceError
from livecoach.session.layout import OBSERVATIONS
from livecoach.source.file import open_container
from livecoach.source.opencv import av
from livecoach.source.stored import StoredObservations, is_observations
from livecoach.types.bounds import printable

_REFRESH_S = 0.1
"""Shortest interval between two drawings. Our choice."""


class TimeLeft(ProgressColumn):
    """The remaining time of a task, as "1:05 left"; nothing while unknown."""

    max_refresh = 0.5
    """Shortest interval between two estimates, seconds: a number that changes faster can't be read."""

    def render(self, task: Task) -> Text:
        """Return the text for a task."""
        return Text(time_left(task.time_remaining))


def time_left(seconds: float | None) -> str:
    """Return the remaining time in words; nothing if unknown."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} left" if hours else f"{minutes}:{rest:02} left"


@contextmanager
def bar() -> Iterator[Callable[[str, float], None]]:
    """Show a bar on standard error, if that is a terminal. Yields a function to call with a description and the share
    done, 0…1. A share below the last one starts the next step, with a new estimate of the time left."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeLeft())
    with RichProgress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("", total=1.0)
        done = 0.0

        def update(what: str, share: float) -> None:
            nonlocal done
            if share < done:
                bars.reset(task)
            done = share
            bars.update(task, description=what, completed=share)

        yield update


class Progress:
    """A bar for each recording in progress, and one for all if there are several. A context manager.

    The caller's thread draws, not a thread of rich, because the frames need the processor.
    """

    def __init__(self, videos: list[Path]) -> None:
        console = Console(stderr=True)
        self._shown = console.is_terminal
        self._bars = RichProgress(
            TextColumn("{task.description}", markup=False),  # a name may hold brackets
            BarColumn(),
            TextColumn("{task.fields[at]}"),
            TimeLeft(),
            console=console,
            transient=True,
            auto_refresh=False,
            disable=not self._shown,
        )
        self._drawn_s = self._bars.get_time()
        self._of = len(videos)
        self._done = 0
        self._all = self._bars.add_task("recordings", total=self._of, at=f"0 of {self._of}", visible=self._of > 1)
        self._under_way: dict[Path, tuple[TaskID, float | None]] = {}
        """Bar and nominal seconds of each recording."""

    def advance(self, video: Path, t_s: float) -> None:
        """Report that the frame at `t_s` of a recording was read."""
        if not self._shown:
            return
        if video not in self._under_way:
            self._begin(video, nominal_s(video))
        task, total_s = self._under_way[video]
        self._bars.update(
            task, completed=t_s, at=f"{t_s:.1f} s" if total_s is None else f"{t_s:.1f} of {total_s:.1f} s"
        )
        self._draw()

    def under_way(self, video: Path) -> None:
        """Report that a recording is being read, at an unknown position."""
        if not self._shown:
            return
        if video not in self._under_way:
            self._begin(video, None)
        self._draw()

    def done(self, video: Path) -> None:
        """Report that a recording is finished."""
        self._done += 1
        if video in self._under_way:
            self._bars.remove_task(self._under_way.pop(video)[0])
        self._bars.update(self._all, completed=self._done, at=f"{self._done} of {self._of}")
        self._bars.refresh()

    def _begin(self, video: Path, total_s: float | None) -> None:
        self._under_way[video] = self._bars.add_task(printable(video.name), total=total_s, at=""), total_s

    def _draw(self) -> None:
        now_s = self._bars.get_time()
        if now_s - self._drawn_s >= _REFRESH_S:
            self._drawn_s = now_s
            self._bars.refresh()

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()


def nominal_s(recording: Path) -> float | None:
    """Return a recording's length: a video's by its header, which may be wrong, or that of stored observations; None
    if unknown."""
    stored = recording / OBSERVATIONS if os.path.isdir(recording) else recording
    if is_observations(stored):
        return _stored_s(stored)
    try:
        with open_container(recording) as container:
            return None if container.duration is None else container.duration / av.time_base
    except SourceError:
        return None


def _stored_s(path: Path) -> float | None:
    """Return the time of the last observation; a hundred thousand records take a second."""
    try:
        with closing(StoredObservations(path, lenient=str)) as source:
            (last,) = deque(source.payloads(), maxlen=1)
        return codec.peek(last).t_s
    except (SourceError, ValueError, TypeError):
        return None  # whoever reads the file reports what is wrong with it
