"""Describes this machine, so that figures can be compared."""

import os
import platform
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from livecoach import __version__

OPTIONAL = ("mediapipe",)
"""Packages of an extra."""
PACKAGES = (*OPTIONAL, "opencv-contrib-python", "ai-edge-litert", "av", "numpy", "sounddevice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Hardware and software of a machine."""

    cpu: str
    cores: int
    """Cores that this process may use."""
    python: str
    system: str
    packages: dict[str, str]
    """Name → version."""
    measured_utc: str
    load: float | None
    """Load average of the last minute; None if the system does not report it."""


def this_machine() -> Machine:
    """Return the current state of this machine."""
    return Machine(
        cpu=cpu_model(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        python=platform.python_version(),
        system=system(),
        packages={
            "livecoach": __version__,
            **{name: found for name in PACKAGES if (found := installed(name)) is not None},
        },
        measured_utc=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M"),
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    )


def installed(package: str) -> str | None:
    """Return the version of a package; None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def cpu_model() -> str:
    """Return the model name of the processor, or the best description that the system gives."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def system() -> str:
    """Return the name and version of the operating system."""
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform()
    return f"{name}, {platform.system()} {platform.release()} {platform.machine()}"
