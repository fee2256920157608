"""A progress bar with the time left, for work that tells the share that is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text


class TimeLeft(ProgressColumn):
    """The time that a task will still take, as "1:05 left"; nothing while that is not known."""

    max_refresh = 0.5
    """Shortest interval between two estimates, seconds: a number that changes faster can't be read."""

    def render(self, task: Task) -> Text:
        """Return the text for a task."""
        return Text(time_left(task.time_remaining))


def time_left(seconds: float | None) -> str:
    """Return how long something will still take in words; nothing where that is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} left" if hours else f"{minutes}:{rest:02} left"


@contextmanager
def bar() -> Iterator[Callable[[str, float], None]]:
    """Show a bar on standard error, if that is a terminal. Yields a function to call with a description and the share
    done, 0…1. A share below the last one begins the next step, whose time is estimated anew."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeLeft())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("", total=1.0)
        done = 0.0

        def update(what: str, share: float) -> None:
            nonlocal done
            if share < done:
                bars.reset(task)
            done = share
            bars.update(task, description=what, completed=share)

        yield update
