"""This machine, described so that figures can be compared; the memory of a process, and how to end one."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from livecoach import __version__

OPTIONAL = ("mediapipe",)  # packages of an extra
PACKAGES = (*OPTIONAL, "opencv-python-headless", "pygame-ce", "ai-edge-litert", "av", "numpy", "sounddevice")
BUSY = 0.5  # load from which figures are not reliable
GRACE_S = 3.0  # time that a terminated child has to end, before it is killed


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    cpu: str
    cores: int  # cores that this process may use
    python: str
    system: str
    packages: dict[str, str]  # name → version
    measured_utc: str
    load: float | None  # load average of the last minute; None if the system does not report it

    def lines(self) -> Iterator[str]:
        """Yield what figures are told with."""
        yield f"{self.cpu}, {self.cores} cores, {self.system}."
        yield f"Python {self.python}, {', '.join(f'{name} {version}' for name, version in self.packages.items())}."
        busy = "" if (self.load or 0) <= BUSY else f", at a load of {self.load}: close other programs"
        yield f"{self.measured_utc} UTC{busy}."


def this_machine() -> Machine:
    return Machine(
        cpu=cpu_model(),
        cores=cores(),
        python=platform.python_version(),
        system=system(),
        packages={
            "livecoach": __version__,
            **{name: number for name in PACKAGES if (number := installed(name)) is not None},
        },
        measured_utc=datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    )


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def cpu_model() -> str:
    """The model name of the processor, or the best description that the system gives."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform()
    return f"{name}, {platform.system()} {platform.release()} {platform.machine()}"


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def rss_mib(pid: int) -> float | None:
    """The memory of a process now; None if the system does not report it, or the process has ended."""
    lines = _proc(pid, "status").splitlines()
    kib = next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), None)
    return None if kib is None else kib / 1024


def used_by_group(leader: int) -> tuple[float, float] | None:
    """The processor time, in seconds, and the memory now, in MiB, of all processes of a group and its leader's
    children, as the window, which leaves it; None where the system does not report it, or none is left. Memory that
    several share counts for each."""
    if sys.platform == "win32":
        return None
    used_s, used_mib = 0.0, 0.0
    for pid in (int(path.name) for path in Path("/proc").glob("[0-9]*")):
        fields = _proc(pid, "stat").rpartition(")")[2].split()  # from the third one on
        if fields and str(leader) in fields[1:3]:
            used_s += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            used_mib += rss_mib(pid) or 0.0
    return (used_s, used_mib) if used_mib else None


def _proc(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def end(child: "subprocess.Popen[Any]") -> None:
    """Terminate a child that is still running, kill it if it does not end, and close its pipes."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
