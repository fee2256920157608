"""Where the events of a run are written as lines of JSON."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from livecoach.cli.options import say
from livecoach.cli.output import write_error
from livecoach.config.files import private_opener
from livecoach.documents import Event
from livecoach.session.events import EventLineFile


def open_event_lines(stack: ExitStack, events: str | None, *, again: bool = False) -> Callable[[Event], object]:
    """Return a function that writes events. A file is emptied first, unless the run continues another. Raises
    OutputError where they can't be written."""
    if events is None:
        return type  # any function that takes an event and ignores it
    if events == "-":
        return EventLineFile(sys.stdout, "standard output", say)
    try:
        file: TextIO = open(  # noqa: SIM115 (the stack closes it)
            events, "a" if again else "w", encoding="utf-8", errors="replace", opener=private_opener
        )
    except OSError as err:
        raise write_error(Path(events), "--events", err) from err
    lines = EventLineFile(file, events, say)
    stack.callback(lines.close)
    return lines
