"""Silence for native libraries."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silenced() -> Iterator[None]:
    """Discard what C++ code writes to file descriptor 2, where that is not discarded already.

    The command line discards it from its start on (`livecoach.cli.streams`) and writes its own messages elsewhere, so
    that none of them can get lost here. This is for scripts and processes of a pool, which say nothing meanwhile.
    """
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
