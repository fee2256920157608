"""Starts livecoach, as `livecoach` or `python -m livecoach`. Signals are handled before livecoach is imported."""

import gc
import os
import signal
from types import FrameType

from livecoach.core import SIGNALS


def main() -> None:
    """Import the command line, which takes a second, and run it.

    A signal during the import ends the process at once, because nothing is open yet, and an interrupted import would
    print a traceback. So does a signal after the command, while the last words of a run may still play.
    """
    _leave_at_signals()
    gc.disable()  # Imports make no garbage; searching for garbage takes a seventh of their time
    from livecoach import cli

    gc.freeze()
    gc.enable()
    try:
        cli.main()
    finally:
        _leave_at_signals()


def _leave_at_signals() -> None:
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as with nohup
            signal.signal(number, _leave)


def _leave(number: int, _: FrameType | None) -> None:
    os._exit(128 + number)


if __name__ == "__main__":
    main()
