"""Progress on standard error, if that is a terminal."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from livecoach.capture.file import open_container
from livecoach.capture.opencv import av
from livecoach.core.errors import SourceError
from livecoach.core.types.bounds import printable

DRAWN_HZ = 4  # how often a bar is drawn. Frames need the processor.


@contextmanager
def bar() -> Iterator[Callable[[str, float], None]]:
    """Yield a function to call with a description and the share done, 0…1. A share below the last one starts the next
    step, with a new estimate of the time left."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn(compact=True))
    hidden = not console.is_terminal
    with RichProgress(*columns, console=console, transient=True, disable=hidden, refresh_per_second=DRAWN_HZ) as bars:
        task = bars.add_task("", total=1.0)
        done = 2.0  # more than any share: the first step is drawn at once, too

        def update(what: str, share: float) -> None:
            nonlocal done
            is_next, done = share < done, share
            if is_next:
                bars.reset(task)
            bars.update(task, description=what, completed=share, refresh=is_next)

        yield update


class Progress(ExitStack):
    """A bar for recordings that are read one after the other."""

    def __init__(self, recordings: Sequence[Path]) -> None:
        super().__init__()
        self._of, self._done = len(recordings), 0
        self._lengths_s: dict[Path, float | None] = {}
        self._shown = Console(stderr=True).is_terminal
        self._update = self.enter_context(bar())

    def advance(self, recording: Path, t_s: float) -> None:
        """Report that the frame at `t_s` of a recording was read."""
        if not self._shown:
            return
        if recording not in self._lengths_s:
            self._lengths_s[recording] = nominal_s(recording)
        length_s = self._lengths_s[recording]
        at = f"{t_s:.1f} s" if length_s is None else f"{t_s:.1f} of {length_s:.1f} s"
        self._show(f"{printable(recording.name)}: {at}", t_s / length_s if length_s else 0.0)

    def done(self, recording: Path) -> None:
        self._done += 1
        self._show(printable(recording.name), 0.0)

    def _show(self, what: str, of_one: float) -> None:
        several = f"{self._done} of {self._of} recordings; " if self._of > 1 else ""
        self._update(several + what, (self._done + min(of_one, 1.0)) / self._of)


def nominal_s(recording: Path) -> float | None:
    """A video's length by its header, which may be wrong; None if unknown."""
    try:
        with open_container(recording) as container:
            return None if container.duration is None else container.duration / av.time_base
    except SourceError:
        return None
