"""What ends livecoach from outside: Ctrl-C, SIGTERM, and SIGHUP, which a terminal sends when it is closed."""

import signal
import sys

INTERRUPTED = 130
TERMINATED = 143
HUNG_UP = 129


def take_signals() -> None:
    """Let each signal end the command in order, so that a run finishes its session. One that whoever started livecoach
    has turned off stays off, as with nohup."""
    wanted = {"SIGINT": signal.default_int_handler, "SIGTERM": _end, "SIGHUP": _end}
    for name, handler in wanted.items():
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _end(number: int, _: object) -> None:
    sys.exit(128 + number)
