"""Shows progress on standard error: a bar in a terminal, otherwise lines from time to time if the caller wants them."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from livecoach.capture.file import open_container
from livecoach.capture.opencv import av
from livecoach.core.errors import SourceError
from livecoach.core.language import format_duration
from livecoach.core.types import ignore
from livecoach.core.types.bounds import to_printable
from livecoach.run.process import say

DRAWN_HZ = 4  # Rate at which a bar is drawn; it is low, because frames need the processor
LINES_EVERY_S = 10.0  # Interval of lines where no bar is drawn; our choice
watch: Callable[[float], object] = ignore
"""Function that is called with each share of a bar. A process of a batch sets it, to pass the shares on."""


@contextmanager
def progress_bar(*, lines: bool = False) -> Iterator[Callable[..., None]]:
    """Show a progress bar during the block, and yield the function that updates the bar.

    The function takes a description, the completed share, 0…1, and optionally the training loss. A share below the
    previous share begins the next step, with a new estimate of the time left.

    Args:
        lines: Whether to write a line every LINES_EVERY_S if standard error is not a terminal.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn(compact=True))
    hidden = not console.is_terminal
    with RichProgress(*columns, console=console, transient=True, disable=hidden, refresh_per_second=DRAWN_HZ) as bars:
        task = bars.add_task("", total=1.0)
        done = 2.0  # More than any share, so that the first step is drawn at once, too
        due_s = time.monotonic() + LINES_EVERY_S if lines else math.inf

        def update(description: str, share: float, loss: float | None = None) -> None:
            """Show a description, the completed share, 0…1, and the training loss unless it is None."""
            nonlocal done, due_s
            description += "" if loss is None else f", loss {loss:.4g}"
            is_next, done = share < done, share
            if is_next:
                bars.reset(task)
            bars.update(task, description=description, completed=share, refresh=is_next)
            watch(share)
            if hidden and time.monotonic() >= due_s:
                due_s = time.monotonic() + LINES_EVERY_S
                left_s = bars.tasks[0].time_remaining
                say(description if left_s is None else f"{description}; about {format_duration(left_s)} left")

        yield update


class Progress(ExitStack):
    """A context manager that shows the progress of recordings, which are read one after the other."""

    def __init__(self, recordings: Sequence[Path], *, lines: bool = False) -> None:
        """Show a bar. Where none can be drawn, write lines if `lines` is true or there are several recordings."""
        super().__init__()
        self._done, self._done_s = 0, 0.0
        self._lengths_s = {recording: read_nominal_length_s(recording) for recording in recordings}
        known_s = [length_s for length_s in self._lengths_s.values() if length_s]
        self._usual_s = fmean(known_s) if known_s else 1.0  # Length of a recording of unknown length, such as a session
        self._update = self.enter_context(progress_bar(lines=lines or len(recordings) > 1))

    def advance(self, recording: Path, t_s: float) -> None:
        """Show that the frame at time `t_s` of a recording was read."""
        length_s = self._lengths_s[recording]
        at = f"{t_s:.1f} s" if length_s is None else f"{t_s:.1f} of {length_s:.1f} s"
        self._show(f"{to_printable(recording.name)}: {at}", min(t_s, length_s) if length_s else 0.0)

    def mark_done(self, recording: Path) -> None:
        """Show that a recording is done, even if it could not be read to its end."""
        self._done += 1
        self._done_s += self._lengths_s[recording] or self._usual_s
        self._show(to_printable(recording.name), 0.0)

    def _show(self, what: str, within_s: float) -> None:
        of, all_s = len(self._lengths_s), sum(length_s or self._usual_s for length_s in self._lengths_s.values())
        several = f"{self._done} of {of} recordings; " if of > 1 else ""
        self._update(several + what, min((self._done_s + within_s) / all_s, 1.0))


def read_nominal_length_s(recording: Path) -> float | None:
    """Read the length in seconds that a video's header states, perhaps wrongly; None if no length can be read."""
    try:
        with open_container(recording) as container:
            return None if container.duration is None else container.duration / av.time_base
    except SourceError:
        return None
