"""A progress bar on standard error, where that is a terminal."""

from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress


class Progress:
    """Seconds read of the recording under way, and recordings done. A context manager."""

    def __init__(self, videos: list[Path]) -> None:
        console = Console(stderr=True)
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed} of {task.total}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[at]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bars.add_task("recordings", total=len(videos), at="")

    def advance(self, video: Path, t_s: float) -> None:
        """The frame at `t_s` of a recording was read."""
        self._bars.update(self._task, at=f"{video.name} {t_s:.1f} s")

    def done(self, video: Path) -> None:
        """A recording is done."""
        self._bars.update(self._task, advance=1, at=video.name)

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()
