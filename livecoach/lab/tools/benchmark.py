"""Measures the speed of `livecoach live` on this machine, started as a user starts it.

Figures are measured from outside, or reported by the run. A simulated camera shows two rendered reps again and again,
and notes when it sends each picture. The time that a real camera, a screen and a loudspeaker take comes on top.
"""

import json
import math
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import livecoach
from livecoach.core.config.paths import HOME_VARIABLE
from livecoach.core.errors import OutputError
from livecoach.core.own_process import NEW_GROUP, interrupt
from livecoach.lab.measure.table import Cell, Rounded, Table
from livecoach.lab.processes import ReportProgress
from livecoach.lab.tools import stand_ins
from livecoach.lab.tools.doctor import PACKAGES, installed_version, system_name

CHECKOUT = Path(livecoach.__file__).parents[1]
FPS, SIZE_PX = 30.0, (640, 480)  # Frame rate, and width and height, of the simulated camera
START_S, END_S = 60.0, 20.0  # Longest waits for the first event of a run, and for its end after Ctrl-C
SAMPLE_S = 0.5  # Time between two readings of memory and processor time
LOOK_S = 0.01  # Time between two looks at a run
ARGUMENTS = ("--exercise", "deadlift", "--events", "-", "--record", "--mute", "--verbose")
IMPORTED = "import livecoach.run.live, livecoach.run.wiring, pygame"  # Imports of a run and its window
WARM_S = 4.0
"""Time after the first event from which processor time counts. By then the window is open, and an idle run at rest."""
SETTLED_S = 120.0  # Time from which memory should not grow: by then models, reference and buffers are loaded
NEAREST_S = 1.5  # Largest distance of a cue from the true end of its rep; reps are more than 2 s apart
BUSY = 0.5  # Load from which figures are not reliable
SET, CPU = "a set", "processor, of one core"
_TIMES: dict[str, dict[int, float]] = {
    "camera → cue": {95: 250},
    "frame captured → drawn": {50: 25, 95: 50},
    "rep's last frame captured → cue": {},
    "pose": {},
    "everything else but drawing": {},
    "drawing": {},
}
FIGURES: dict[str, tuple[str, float | None]] = {
    "command → first picture": ("s", 3),
    "pictures processed": ("1/s", None),
    "pictures dropped": ("%", 1),
    CPU: ("%", 70),
    **{f"{name}, p{share}": ("ms", aims.get(share)) for name, aims in _TIMES.items() for share in (50, 95)},
    "reps shown and not counted": ("%", 5),
    "memory, at most": ("MiB", None),
    "memory gained after two minutes": ("MiB", 50),
    "recording, processor time a picture": ("ms", 4),
    "pictures missing in the video": ("", 0),
    "session with video": ("MB/min", 16.5),
}
"""Figure of a set → its unit, and its greatest allowed value, if any. A run at rest has the figure CPU alone."""
AT_REST = {"at rest": 20.0, "nobody there": 10.0}
"""Kind of run without a rep → its greatest allowed processor time, in % of a core."""
Figures = Mapping[str, float | None]  # Figure of a run → its value; None or missing if it can't be computed
_NO_WINDOW = re.compile(r"livecoach: (no window: .+?)\.? The run")
_PERCENTILES = re.compile(r"(.+?)(?: \(.+\))?: p50 ([\d.]+), p95 ([\d.]+) ms")  # A line of `--verbose`


@dataclass(slots=True, kw_only=True)
class BenchmarkRun:
    """A run of `live`, in progress or ended, seen from outside. Times are readings of time.monotonic()."""

    began_s: float
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)  # Each event, after the time of reading it
    samples: list[tuple[float, float, float]] = field(default_factory=list)
    """Time, processor time in seconds and memory in MiB of its processes; empty if the system has no /proc."""
    shown_s: float | None = None  # Time at which the private screen showed a picture; None before, or without a screen
    output: str = ""  # Text of standard error
    sent_s: Sequence[float] = ()  # Times at which the camera sent the pictures
    session: Mapping[str, Any] | None = None  # End of its session, as in session.json; None without a session
    session_bytes: int = 0  # Size of the session's files


def measure_speed(poses: Sequence[str], seconds: float, progress: ReportProgress) -> list[Table]:
    """Measure the speed of `live` with each pose model, and return a list of one table.

    Each model runs three times: during a set, with a lifter who stands still, and with nobody in view.

    Args:
        seconds: Duration of each of these runs.

    Raises:
        LivecoachError: A run fails, or the demo clip can't be read.
    """
    notes, loop, rows = machine_lines(), stand_ins.demo_loop(FPS), list[tuple[Cell, ...]]()
    still = {"at rest": stand_ins.still_loop(loop, empty=False), "nobody there": stand_ins.still_loop(loop, empty=True)}
    runs = [(pose, *shown) for pose in poses for shown in {SET: loop, **still}.items()]
    window = "window on this display"
    with ExitStack() as stack:
        screen = None
        if not os.environ.get("DISPLAY") and shutil.which("Xvfb"):
            screen, window = stack.enter_context(stand_ins.virtual_screen()), "window on a private screen (Xvfb)"
        for number, (pose, name, pictures) in enumerate(runs):
            progress(f"pose {pose}, {name}", number / len(runs))
            run = run_live(pictures, pose, seconds, screen)
            window = next(iter(_NO_WINDOW.findall(run.output)), window)
            rows += figure_rows(
                name, pose, figures_of_set(run, pictures) if name == SET else {CPU: _processor_percent(run)}
            )
    columns = "run", "pose", "figure", "unit", "at most", "measured"
    notes += (f"{seconds:g} s a run, {window}.",)
    return [Table(title="Speed of livecoach live", columns=columns, rows=tuple(rows), notes=notes)]


def figure_rows(kind: str, pose: str, figures: Figures) -> Iterator[tuple[Cell, ...]]:
    """Yield a table row for each figure that a kind of run should have; a value that is missing in `figures` is None.

    Args:
        kind: SET, or a key of AT_REST.
    """
    for figure, (unit, most) in (FIGURES if kind == SET else {CPU: ("%", AT_REST[kind])}).items():
        value, aim = figures.get(figure), None if most is None else f"{most:g}"
        yield kind, pose, figure, unit, aim, None if value is None else Rounded(value, 1)


def run_live(
    pictures: stand_ins.PictureLoop, pose: str, seconds: float, screen: stand_ins.VirtualScreen | None
) -> BenchmarkRun:
    """Run `live` for deadlifts in front of a camera that shows pictures, and return the run.

    The run's settings and sessions are in a temporary folder. Raises OutputError if the run fails.

    Args:
        seconds: Duration of the run, from its first event.
        screen: Screen of the run's window; None for the display of this process.
    """
    with (
        tempfile.TemporaryDirectory(prefix="livecoach-bench-") as home,
        stand_ins.MjpegCamera(lambda: pictures.parts(*SIZE_PX), FPS) as camera,
    ):
        around = _environment(home, screen)
        # At a user's start, modules are compiled already. Otherwise a third of the start would be compiling.
        subprocess.run([sys.executable, "-c", IMPORTED], env=around, cwd=home, check=False, capture_output=True)
        run, output = BenchmarkRun(began_s=time.monotonic()), Path(home, "output.txt")
        with output.open("wb") as errors:
            # The window has a process of its own, which counts too: all processes are in the same group.
            child = subprocess.Popen(
                [sys.executable, "-m", "livecoach", "live", *ARGUMENTS, "--camera", camera.url, "--pose", pose],
                env=around,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                start_new_session=True,
                creationflags=NEW_GROUP,
            )
        reader = threading.Thread(target=_read_events, args=(child, run), daemon=True)
        reader.start()
        try:
            _watch(run, child, seconds, screen)
            run.sent_s = tuple(camera.sent_s)
            interrupt(child)
            reader.join(END_S)
        finally:
            stand_ins.end_process(child)
        run.output = output.read_text(encoding="utf-8", errors="replace")
        if not run.events or run.events[-1][1]["event"] != "session_end":
            lines = run.output.strip().splitlines() or [f"it ended with status {child.returncode}"]
            raise OutputError(f"livecoach live could not be measured: {lines[-1]}")
        for document in Path(home, "data", "sessions").glob("*/session.json"):
            run.session = json.loads(document.read_text(encoding="utf-8"))["end"]
            run.session_bytes = sum(file.stat().st_size for file in document.parent.iterdir() if file.is_file())
    return run


def _environment(home: str, screen: stand_ins.VirtualScreen | None) -> dict[str, str]:
    paths = os.pathsep.join(filter(None, (str(CHECKOUT), os.environ.get("PYTHONPATH"))))
    around = {**os.environ, HOME_VARIABLE: home, "PYTHONPATH": paths}
    around.pop("PYTHONDONTWRITEBYTECODE", None)
    return around | ({"DISPLAY": screen.display} if screen else {})


def _read_events(child: "subprocess.Popen[str]", run: BenchmarkRun) -> None:
    for line in child.stdout or ():
        run.events.append((time.monotonic(), json.loads(line)))


def _watch(
    run: BenchmarkRun, child: "subprocess.Popen[str]", seconds: float, screen: stand_ins.VirtualScreen | None
) -> None:
    """Note the use of the machine and the first picture on the screen until a run ends or has lasted `seconds`."""
    while child.poll() is None:
        now_s = time.monotonic()
        if now_s > (run.events[0][0] + seconds if run.events else run.began_s + START_S):
            return
        if screen is not None and run.shown_s is None and screen.shows_picture():
            run.shown_s = now_s
        if not run.samples or now_s - run.samples[-1][0] >= SAMPLE_S:
            used = process_group_usage(child.pid)
            run.samples += [] if used is None else [(now_s, *used)]
        time.sleep(LOOK_S)


def process_group_usage(leader_pid: int) -> tuple[float, float] | None:
    """Measure the processor time in seconds and the memory in MiB of a process group and of its leader's children.

    The result is None without /proc, or if no process is left.
    """
    if sys.platform == "win32":
        return None
    used_s, used_mib = 0.0, 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()  # from field 3 on
        except OSError:  # the process has ended
            continue
        if str(leader_pid) in fields[1:3]:
            used_s += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            used_mib += int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return (used_s, used_mib) if used_mib else None


def figures_of_set(run: BenchmarkRun, pictures: stand_ins.PictureLoop) -> Figures:
    """Compute the figures of a run of the kind SET, in front of a camera that showed `pictures`."""
    ended = run.events[-1][1]
    frames = ended["frames"]
    figures: dict[str, float | None] = {
        "command → first picture": None if run.shown_s is None else run.shown_s - run.began_s,
        "pictures processed": frames["read"] / ended["t_s"] if ended["t_s"] else None,
        "pictures dropped": 100 * frames["dropped"] / max(frames["dropped"] + frames["read"], 1),
        CPU: _processor_percent(run),
        "memory, at most": max((memory_mib for _, _, memory_mib in run.samples), default=None),
        "memory gained after two minutes": memory_growth_mib(run),
    }
    for name, p50, p95 in _PERCENTILES.findall(run.output):
        figures |= {f"{name}, p50": float(p50), f"{name}, p95": float(p95)}
    shown = [run.sent_s[end] for end in pictures.rep_ends(len(run.sent_s))]
    # The event is read after the sound was handed over.
    cues_ms = delays_ms(shown, [read_s for read_s, event in run.events if event["event"] == "cue" and event["rep"]])
    if cues_ms:
        figures |= {f"camera → cue, p{share}": float(np.percentile(cues_ms, share)) for share in (50, 95)}
    if shown:
        figures["reps shown and not counted"] = 100 * max(len(shown) - ended["reps"], 0) / len(shown)
    if run.session is not None and run.session["video"] is not None and run.session["duration_s"]:
        figures["recording, processor time a picture"] = run.session["cpu_ms_per_frame"]
        figures["pictures missing in the video"] = run.session["video"]["left_out"]
        figures["session with video"] = run.session_bytes / 1e6 * 60 / run.session["duration_s"]
    return figures


def delays_ms(ends_s: Sequence[float], arrivals_s: Sequence[float]) -> list[float]:
    """Return the delay from each true end to its nearest arrival, in milliseconds; below 0 if the arrival came first.

    True ends without an arrival within NEAREST_S are left out.
    """
    nearest_s = [min((arrival_s - end_s for arrival_s in arrivals_s), key=abs, default=math.inf) for end_s in ends_s]
    return [1000 * delay_s for delay_s in nearest_s if abs(delay_s) <= NEAREST_S]


def _processor_percent(run: BenchmarkRun) -> float | None:
    """Return the processor time of all processes of a run, in % of a core; None for a run that was too short."""
    warm = [sample for sample in run.samples if sample[0] >= run.events[0][0] + WARM_S]
    return None if len(warm) < 2 else 100 * (warm[-1][1] - warm[0][1]) / (warm[-1][0] - warm[0][0])


def memory_growth_mib(run: BenchmarkRun) -> float | None:
    """Return the growth of memory after SETTLED_S, in MiB; None for a run shorter than twice SETTLED_S.

    The growth is the difference between the medians of two tenths of the run: the tenth after SETTLED_S, and the last.
    """
    samples = [(t_s - run.events[0][0], memory_mib) for t_s, _, memory_mib in run.samples]
    length_s = samples[-1][0] if samples else 0.0
    if length_s < 2 * SETTLED_S:
        return None
    first = [memory_mib for t_s, memory_mib in samples if SETTLED_S <= t_s <= SETTLED_S + length_s / 10]
    last = [memory_mib for t_s, memory_mib in samples if t_s >= 0.9 * length_s]
    return statistics.median(last) - statistics.median(first)


def machine_lines() -> tuple[str, ...]:
    """Return sentences that describe this machine, so that its figures can be compared with another machine's."""
    try:
        described = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        described = None
    processor = described.group(1) if described else platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = [f"{name} {version}" for name in PACKAGES if (version := installed_version(name)) is not None]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{processor}, {cores} cores, {system_name()}.",
        f"Python {platform.python_version()}, livecoach {livecoach.__version__}, {', '.join(versions)}.",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC{f', at a load of {load:.2f}: close other programs' * (load > BUSY)}.",
    )
