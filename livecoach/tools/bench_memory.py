"""Reads the memory of this process."""

import sys
from pathlib import Path

MIB = 1024
"""kB in a MiB, as /proc counts."""


def peak_rss_mib() -> float | None:
    """Return the peak memory of this process; None if the system does not report it."""
    if (found := _status("VmHWM:")) is not None:  # not getrusage: its peak includes the parent's, which a fork inherits
        return found
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes there
    return None


def rss_mib() -> float | None:
    """Return the memory of this process now; None if the system does not report it."""
    return _status("VmRSS:")


def _status(key: str) -> float | None:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    kib = next((line.split()[1] for line in status.splitlines() if line.startswith(key)), None)
    return None if kib is None else int(kib) / MIB
