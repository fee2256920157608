"""Lifts one endless set before a simulated camera, in real time, and records memory, frames and latency over time.

`livecoach live` runs in a process and with a home of its own. Memory is read from /proc while it runs; frames and drops
come from the observations that it stores, latencies from its events.
"""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from live_trials.fault_trial import WAIT_S, NewProcess, Running, surroundings
from live_trials.soak_report import MemorySample, SoakTrace
from livecoach.documents import codec
from livecoach.errors import OutputError
from livecoach.session import layout
from livecoach.source.stored import StoredObservations
from livecoach.tools.machine import rss_mib
from livecoach.tools.private_servers import servers
from livecoach.tools.simulated_camera import RepLoop, SimulatedCamera, demo_loop

SAMPLES = 600
"""Memory is read so often in a soak, and at most once a second."""
SIZE = 640, 480
NEWS_S = 60.0


def lift(minutes: float, *, fps: float, say: Callable[[str], object]) -> SoakTrace:
    """Lift for so long and return what was recorded.

    fps: pictures a second of the camera. say: receives progress lines. Raises LivecoachError if the run can't be
    started, or ends early.
    """
    if not Path("/proc/self/status").exists():
        raise OutputError("soak reads memory from /proc, which only Linux has. Run it on Linux.")
    loop = demo_loop(fps)
    with tempfile.TemporaryDirectory(prefix="livecoach-soak-") as folder, servers(say) as place:
        home = Path(folder)
        with SimulatedCamera(loop, *SIZE) as camera:
            arguments = ["live", "--camera", camera.url, "--exercise", "deadlift", "--events", "-"]
            if place.no_window is not None:
                arguments.append("--no-window")
            run = Running(NewProcess, arguments, env=surroundings(home) | place.address, cwd=home)
            try:
                samples = tuple(_sampled(run, minutes * 60, say))
                ending = run.end(signal.SIGINT)
            finally:
                run.process.kill()
        return _trace(run, samples, loop, home, ending.status)


def _sampled(run: Running, seconds: float, say: Callable[[str], object]) -> Iterator[MemorySample]:
    """Yield memory and CPU time until the time is over. Raises OutputError if the run ends before."""
    if run.event(lambda _: True) is None:
        raise OutputError(
            f"livecoach live did not start within {WAIT_S:g} s: {run.said[-1] if run.said else 'no word'}"
        )
    began_s, every_s = time.monotonic(), max(seconds / SAMPLES, 1.0)
    told_s = 0.0
    while (t_s := time.monotonic() - began_s) < seconds:
        sample = sample_of(run.process.pid, t_s)
        if sample is None:
            raise OutputError(f"livecoach live ended after {t_s:.0f} s: {run.said[-1] if run.said else 'no word'}")
        yield sample
        if t_s - told_s >= NEWS_S:
            told_s = t_s
            say(f"{t_s / 60:.0f} of {seconds / 60:g} minutes, {run.reps} reps, {sample.rss_mib:.0f} MiB")
        time.sleep(every_s)


def sample_of(pid: int, t_s: float) -> MemorySample | None:
    """Return a process' memory and CPU time now; None if it has ended."""
    memory_mib = rss_mib(pid)
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    if memory_mib is None:  # a process that has ended and is not waited for has no memory
        return None
    cpu_s = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    return MemorySample(t_s=round(t_s, 2), rss_mib=round(memory_mib, 2), cpu_s=cpu_s)


def _trace(run: Running, samples: tuple[MemorySample, ...], loop: RepLoop, home: Path, status: int | None) -> SoakTrace:
    folders = sorted((home / "share" / "livecoach" / "sessions").iterdir())
    if not folders:
        raise OutputError("the run left no session")
    frames = tuple(_frames(folders[-1] / layout.OBSERVATIONS))
    latencies = tuple(
        (float(event["t_s"]), float(event["latency_ms"]))
        for event in run.events
        if event.get("latency_ms") is not None and event["event"] != "session_start"
    )
    return SoakTrace(
        samples=samples,
        frames=frames,
        latencies=latencies,
        reps=run.reps,
        shown=loop.reps_until(frames[-1][0] if frames else 0.0),
        session_mib=round(layout.size_bytes(folders[-1]) / 2**20, 3),
        status=status,
    )


def _frames(path: Path) -> Iterator[tuple[float, int]]:
    """Yield time and drops of each stored frame. Raises SourceError."""
    with closing(StoredObservations(path)) as stored:
        for payload in stored.payloads():
            header = codec.peek(payload)
            yield header.t_s, header.dropped
