"""Measures how fast `livecoach live` is on this machine, as a user starts it: from outside, and by its own figures.

    camera (threads here) ──pictures──▶ livecoach live --events - --verbose ──▶ events, figures
                                           ▲ processor time, memory, the picture on a private screen

Another checkout can be measured in turn with this one. What else the machine does, and how fast it is at the time,
meets both runs of a pair, so that the ratios hold where the figures themselves do not.
"""

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import livecoach
from livecoach.core.errors import OutputError
from livecoach.lab.tools import stand_ins
from livecoach.lab.tools.machine import Machine, end, this_machine, used_by_group

FPS, SIZE_PX = 30.0, (640, 480)
PAIRS = 3
START_S, END_S = 60.0, 20.0  # longest waits for the first event of a run, and for its end after Ctrl-C
LOOK_S, SAMPLE_S = 0.01, 0.5
"""Time between two looks at the screen, and between two readings of memory and processor time."""
WARM_S = 4.0
"""Time from which processor time counts: by then the window is open, and a run in which nothing happens is at rest."""
SETTLED_S = 120.0  # time from which memory should not grow: by then models, reference and buffers are loaded
NEAREST_S = 1.5  # largest distance of a cue from the true end of its rep; reps are more than 2 s apart
SET, CPU = "a set", "processor, of one core"
FIGURES: dict[str, tuple[str, float | None]] = {
    "command → first picture": ("s", 3),
    "pictures processed": ("1/s", None),
    "pictures dropped": ("%", 1),
    CPU: ("%", 70),
    "camera → cue, p50": ("ms", None),
    "camera → cue, p95": ("ms", 250),
    "frame captured → drawn, p50": ("ms", 25),
    "frame captured → drawn, p95": ("ms", 50),
    "rep's last frame captured → cue, p50": ("ms", None),
    "rep's last frame captured → cue, p95": ("ms", None),
    "pose, p50": ("ms", None),
    "pose, p95": ("ms", None),
    "everything else but drawing, p50": ("ms", None),
    "everything else but drawing, p95": ("ms", None),
    "drawing, p50": ("ms", None),
    "drawing, p95": ("ms", None),
    "reps shown and not counted": ("%", 5),
    "memory, at most": ("MiB", None),
    "memory gained after two minutes": ("MiB", 50),
    "recording, processor time a picture": ("ms", 4),
    "pictures missing in the video": ("", 0),
    "session with video": ("MB/min", 16.5),
}
"""Figure of a set → its unit, and what it may be at most. A rest has its processor time alone."""
AT_REST = {"at rest": 20.0, "nobody there": 10.0}
"""Kind of run without a rep → the processor time that it may take, % of one core."""
Figures = list[Mapping[str, float | None]]
"""Of each run of a checkout: figure → its value; None, or none, where there is nothing to compute it from."""
_NO_WINDOW = re.compile(r"livecoach: (no window: .+?)\.? The run")
_PERCENTILES = re.compile(r"(.+?)(?: \(.+\))?: p50 ([\d.]+), p95 ([\d.]+) ms")  # a line of `--verbose`


@dataclass(slots=True, kw_only=True)
class Trace:
    """What was seen of a run. Times are readings of time.monotonic()."""

    began_s: float
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)  # each event, and when it was read
    samples: list[tuple[float, float, float]] = field(default_factory=list)
    """Time, processor time in seconds and memory in MiB of its processes; none where the system has no /proc."""
    shown_s: float | None = None  # when the picture was on the private screen; None without one
    said: str = ""  # what it wrote on standard error
    sent_s: Sequence[float] = ()  # when the camera sent each picture
    session: Mapping[str, Any] | None = None  # how its session ended; None if it left none
    session_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRow:
    """A figure of one kind of run with one pose model."""

    run: str
    figure: str
    pose: str
    unit: str
    most: float | None  # what it may be at most; null without a limit
    this: tuple[float | None, ...]  # of this checkout in each run; null where it could not be measured
    baseline: tuple[float | None, ...]  # of the other checkout in each run; empty without one

    @property
    def ratios(self) -> list[float | None]:
        """Of this checkout to the other one, in each pair."""
        pairs = zip(self.this, self.baseline, strict=False)
        return [this / other if this is not None and other else None for this, other in pairs]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchDocument:
    schema: int
    machine: Machine
    seconds: float  # duration of each run
    window: str  # where the window was
    baseline: str | None  # folder of the other checkout; null without one
    rows: tuple[BenchRow, ...]


def measure(poses: Sequence[str], seconds: float, baseline: Path | None, say: Callable[[str], object]) -> BenchDocument:
    """Measure this checkout, or in turn with the one in the folder `baseline`, PAIRS times. Raises LivecoachError."""
    if baseline is not None and not (baseline / "livecoach" / "__main__.py").is_file():
        raise OutputError(f"{baseline}: is no checkout of livecoach. Give the folder of a clone.")
    machine, loop, rows = this_machine(), stand_ins.demo_loop(FPS), list[BenchRow]()
    loops = {SET: loop, "at rest": stand_ins.still_loop(loop), "nobody there": stand_ins.empty_loop(loop)}
    this, pairs = Path(livecoach.__file__).parents[1], 1 if baseline is None else PAIRS
    with ExitStack() as stack:
        screen, window = None, "window on this display"
        if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
            window = "no window: DISPLAY is not set, and Xvfb is not installed"
            if not stand_ins.xvfb_missing():
                screen, window = stack.enter_context(stand_ins.virtual_screen()), "window on a private screen (Xvfb)"
        for pose, (run, pictures) in ((pose, shown) for pose in poses for shown in loops.items()):
            figures: tuple[Figures, Figures] = [], []
            for number in range(pairs):
                say(f"pose {pose}, {run}: {number + 1} of {pairs}")
                turns = [(this, figures[0]), (baseline, figures[1])]
                for checkout, values in turns if number % 2 else reversed(turns):
                    if checkout is not None:
                        trace = run_live(checkout, pictures, pose, seconds, screen)
                        window = next(iter(_NO_WINDOW.findall(trace.said)), window)
                        values.append(figures_of(trace, pictures) if run == SET else {CPU: processor_percent(trace)})
            rows += rows_of(run, pose, *figures)
    told = None if baseline is None else str(baseline)
    return BenchDocument(schema=2, machine=machine, seconds=seconds, window=window, baseline=told, rows=tuple(rows))


def run_live(
    checkout: Path, pictures: stand_ins.PictureLoop, pose: str, seconds: float, screen: stand_ins.VirtualScreen | None
) -> Trace:
    """Run `live` before a camera that shows the pictures, and return what was seen of it. checkout: folder of the
    livecoach that runs, with the Python of its .venv if it has one. Raises OutputError with its last line if it
    fails."""
    own = checkout.absolute() / ".venv" / "bin" / "python"
    words = ["--exercise", "deadlift", "--pose", pose, "--record", "--mute", "--verbose", "--events", "-"]
    with (
        tempfile.TemporaryDirectory(prefix="livecoach-bench-") as home,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
        stand_ins.MjpegCamera(lambda: pictures.parts(*SIZE_PX), FPS) as camera,
    ):
        homes = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME"), home)
        paths = os.pathsep.join(filter(None, (str(checkout.absolute()), os.environ.get("PYTHONPATH"))))
        trace = Trace(began_s=time.monotonic())
        child = subprocess.Popen(
            [str(own) if own.is_file() else sys.executable, "-m", "livecoach", "live", "--camera", camera.url, *words],
            env={**os.environ, **homes, **({"DISPLAY": screen.display} if screen else {}), "PYTHONPATH": paths},
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # the window has a process of its own, which counts too
        )
        reader = threading.Thread(target=_read, args=(child, trace), daemon=True)
        reader.start()
        try:
            _watch(child, trace, seconds, screen)
            trace.sent_s = tuple(camera.sent_s)
            child.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
            reader.join(END_S)
        finally:
            end(child)
        said.seek(0)
        trace.said = said.read()
        if not trace.events or trace.events[-1][1]["event"] != "session_end":
            lines = trace.said.strip().splitlines() or [f"it ended with status {child.returncode}"]
            raise OutputError(f"{checkout}: livecoach live could not be measured: {lines[-1]}")
        for document in Path(home, "livecoach", "sessions").glob("*/session.json"):
            trace.session = json.loads(document.read_text(encoding="utf-8"))["end"]
            trace.session_bytes = sum(file.stat().st_size for file in document.parent.iterdir() if file.is_file())
    return trace


def _read(child: "subprocess.Popen[str]", trace: Trace) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        trace.events.append((time.monotonic(), json.loads(line)))


def _watch(
    child: "subprocess.Popen[str]", trace: Trace, seconds: float, screen: stand_ins.VirtualScreen | None
) -> None:
    """Look at the screen, and read memory and processor time, until the run has lasted so long."""
    while child.poll() is None:
        now_s = time.monotonic()
        if now_s > (trace.events[0][0] + seconds if trace.events else trace.began_s + START_S):
            return
        if screen is not None and trace.shown_s is None and screen.shows_picture():
            trace.shown_s = now_s
        if not trace.samples or now_s - trace.samples[-1][0] >= SAMPLE_S:
            used = used_by_group(child.pid)
            if used is not None:
                trace.samples.append((now_s, *used))
        time.sleep(LOOK_S)


def figures_of(trace: Trace, pictures: stand_ins.PictureLoop) -> Mapping[str, float | None]:
    ended = trace.events[-1][1]
    frames = ended["frames"]
    figures: dict[str, float | None] = {
        "command → first picture": None if trace.shown_s is None else trace.shown_s - trace.began_s,
        "pictures processed": frames["read"] / ended["t_s"] if ended["t_s"] else None,
        "pictures dropped": 100 * frames["dropped"] / max(frames["dropped"] + frames["read"], 1),
        CPU: processor_percent(trace),
        "memory, at most": max((memory_mib for _, _, memory_mib in trace.samples), default=None),
        "memory gained after two minutes": gained_mib(trace),
    }
    for name, p50, p95 in _PERCENTILES.findall(trace.said):
        figures |= {f"{name}, p50": float(p50), f"{name}, p95": float(p95)}
    shown = [trace.sent_s[end] for end in pictures.rep_ends(len(trace.sent_s))]
    delays_ms = cue_delays_ms(trace, shown)
    if delays_ms:
        figures |= {f"camera → cue, p{share}": float(np.percentile(delays_ms, share)) for share in (50, 95)}
    if shown:
        figures["reps shown and not counted"] = 100 * max(len(shown) - ended["reps"], 0) / len(shown)
    if trace.session is not None and trace.session["video"] is not None and trace.session["duration_s"]:
        figures["recording, processor time a picture"] = trace.session["cpu_ms_per_frame"]
        figures["pictures missing in the video"] = trace.session["video"]["left_out"]
        figures["session with video"] = trace.session_bytes / 1e6 * 60 / trace.session["duration_s"]
    return figures


def cue_delays_ms(trace: Trace, ends_s: Sequence[float]) -> list[float]:
    """The time from the true end of each rep, as the camera sent its picture, to the cue about it: as its event was
    read, with its sound handed over. Negative where the cue came early. ends_s: of all reps."""
    cues_s = [read_s for read_s, event in trace.events if event["event"] == "cue" and event["rep"] is not None]
    nearest_s = [min((cue_s - end_s for end_s in ends_s), key=abs, default=NEAREST_S + 1) for cue_s in cues_s]
    return [1000 * delay_s for delay_s in nearest_s if abs(delay_s) <= NEAREST_S]


def processor_percent(trace: Trace) -> float | None:
    """The processor time of the run's processes together, in % of one core; None if it was not read."""
    warm = [sample for sample in trace.samples if sample[0] >= trace.events[0][0] + WARM_S]
    if len(warm) < 2:
        return None
    return 100 * (warm[-1][1] - warm[0][1]) / (warm[-1][0] - warm[0][0])


def gained_mib(trace: Trace) -> float | None:
    """The memory that a long run gained after SETTLED_S, between two medians over a tenth of it; None for a run of less
    than twice that time."""
    samples = [(t_s - trace.events[0][0], memory_mib) for t_s, _, memory_mib in trace.samples]
    length_s = samples[-1][0] if samples else 0.0
    if length_s < 2 * SETTLED_S:
        return None
    first = [memory_mib for t_s, memory_mib in samples if SETTLED_S <= t_s <= SETTLED_S + length_s / 10]
    last = [memory_mib for t_s, memory_mib in samples if t_s >= 0.9 * length_s]
    return statistics.median(last) - statistics.median(first)


def rows_of(run: str, pose: str, this: Figures, baseline: Figures) -> list[BenchRow]:
    wanted = FIGURES if run == SET else {CPU: ("%", AT_REST[run])}
    return [
        BenchRow(
            run=run,
            figure=figure,
            pose=pose,
            unit=unit,
            most=most,
            this=tuple(_rounded(figures.get(figure)) for figures in this),
            baseline=tuple(_rounded(figures.get(figure)) for figures in baseline),
        )
        for figure, (unit, most) in wanted.items()
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def print_table(document: BenchDocument) -> None:
    """Print the machine, and a line for each figure: medians, and in a comparison the ratio of each pair."""
    console = Console(highlight=False)
    machine = document.machine
    versions = " · ".join(f"{name} {version}" for name, version in machine.packages.items())
    runs = f"{document.seconds:g} s a run" if document.baseline is None else f"{PAIRS} pairs of {document.seconds:g} s"
    console.print(f"{machine.cpu}, {machine.cores} cores · {machine.system}", soft_wrap=True)
    console.print(f"Python {machine.python} · {versions}", soft_wrap=True)
    console.print(f"{machine.measured_utc} UTC · {runs} · {document.window}", soft_wrap=True)
    if (machine.load or 0) > 0.5:
        load = f"system load before the runs: {machine.load}. Close other programs for reliable figures."
        console.print(load, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    table.add_column("figure")
    table.add_column("unit", no_wrap=True)
    others = () if document.baseline is None else ("baseline", "ratio in each pair")
    for title in ("at most", "this", *others):
        table.add_column(title, justify="right", no_wrap=True)
    kind = ""
    for row in document.rows:
        if kind != (kind := f"{row.run}, pose {row.pose}"):
            table.add_row(kind, style="bold")
        ratios = " ".join("–" if ratio is None else f"{ratio:.2f}" for ratio in row.ratios)
        compared = (_median(row.baseline), ratios) if others else ()
        most = "" if row.most is None else f"{row.most:g}"
        table.add_row(f"  {row.figure}", row.unit, most, _median(row.this), *compared)
    console.print()
    console.print(table)


def _median(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):.1f}" if known else "–"
