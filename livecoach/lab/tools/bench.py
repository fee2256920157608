"""Measures how fast `livecoach live` is on this machine, as a user starts it: from outside, and by its own figures.

    camera (threads here) ──pictures──▶ livecoach live --events - --verbose ──▶ events, figures
                                           ▲ processor time, memory, the picture on a private screen

Another checkout can be measured in turn with this one. What else the machine does, and how fast it is at the time,
meets both runs of a pair, so that the ratios hold where the figures themselves do not.
"""

import json
import math
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import livecoach
from livecoach.core.errors import OutputError
from livecoach.lab.measure.table import Cell, Rounded, SeveralNumbers, Table
from livecoach.lab.processes import Progress
from livecoach.lab.tools import stand_ins
from livecoach.lab.tools.machine import end, this_machine, used_by_group

FPS, SIZE_PX = 30.0, (640, 480)
PAIRS = 3
START_S, END_S = 60.0, 20.0  # longest waits for the first event of a run, and for its end after Ctrl-C
LOOK_S, SAMPLE_S = 0.01, 0.5
"""Time between two looks at the screen, and between two readings of memory and processor time."""
IMPORTED = "import livecoach.run.live, livecoach.run.wiring, pygame"  # by a run and its window
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


def measure(poses: Sequence[str], seconds: float, baseline: Path | None, progress: Progress) -> list[Table]:
    """Measure this checkout, or in turn with the one in the folder `baseline`, PAIRS times. Raises LivecoachError."""
    if baseline is not None and not (baseline / "livecoach" / "__main__.py").is_file():
        raise OutputError(f"{baseline}: is no checkout of livecoach. Give the folder of a clone.")
    machine, loop, rows = this_machine(), stand_ins.demo_loop(FPS), list[tuple[Cell, ...]]()
    still = {"at rest": stand_ins.still_loop(loop, empty=False), "nobody there": stand_ins.still_loop(loop, empty=True)}
    this, pairs = Path(livecoach.__file__).parents[1], 1 if baseline is None else PAIRS
    with ExitStack() as stack:
        screen, window = None, "window on this display"
        if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
            window = "no window: DISPLAY is not set, and Xvfb is not installed"
            if not stand_ins.xvfb_missing():
                screen, window = stack.enter_context(stand_ins.virtual_screen()), "window on a private screen (Xvfb)"
        runs = [(pose, *shown) for pose in poses for shown in {SET: loop, **still}.items()]
        for place, (pose, run, pictures) in enumerate(runs):
            figures: tuple[Figures, Figures] = [], []
            for number in range(pairs):
                progress(f"pose {pose}, {run}: {number + 1} of {pairs}", (place + number / pairs) / len(runs))
                turns = [(this, figures[0]), (baseline, figures[1])]
                for checkout, values in turns if number % 2 else reversed(turns):
                    if checkout is not None:
                        trace = run_live(checkout, pictures, pose, seconds, screen)
                        window = next(iter(_NO_WINDOW.findall(trace.said)), window)
                        values.append(figures_of(trace, pictures) if run == SET else {CPU: processor_percent(trace)})
            rows += rows_of(run, pose, *figures)
    compared = () if baseline is None else (f"{baseline}", "ratio in each pair")
    columns = ("run", "pose", "figure", "unit", "at most", "this", *compared)
    length = f"{seconds:g} s a run" if baseline is None else f"{PAIRS} pairs of {seconds:g} s"
    notes = (*machine.lines(), f"{length}, {window}.")
    return [Table(title="Speed of livecoach live", columns=columns, rows=tuple(rows), notes=notes)]


def run_live(
    checkout: Path, pictures: stand_ins.PictureLoop, pose: str, seconds: float, screen: stand_ins.VirtualScreen | None
) -> Trace:
    """Run `live` before a camera that shows the pictures, and return what was seen of it. checkout: folder of the
    livecoach that runs, with the Python of its .venv if it has one. Raises OutputError with its last line if it
    fails."""
    env = {"DISPLAY": screen.display} if screen else {}
    with stand_ins.MjpegCamera(lambda: pictures.parts(*SIZE_PX), FPS) as camera:
        words = ["--camera", camera.url, "--pose", pose, "--record", "--mute", "--verbose"]
        with started(checkout, words, env) as run:
            _watch(run, seconds, screen)
            run.trace.sent_s = tuple(camera.sent_s)
    return run.trace


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRun:
    """A run of `live` under way."""

    child: "subprocess.Popen[str]"
    trace: Trace
    said: Path  # what it writes on standard error


@contextmanager
def started(checkout: Path, words: Sequence[str], env: Mapping[str, str]) -> Iterator[LiveRun]:
    """Run `live` for deadlifts as in `run_live`, and end it as Ctrl-C does. words, env: further options and variables.
    Raises OutputError as `run_live` does."""
    own = checkout.absolute() / ".venv" / "bin" / "python"
    with tempfile.TemporaryDirectory(prefix="livecoach-bench-") as home:
        homes, said = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME"), home), Path(home, "said")
        paths = os.pathsep.join(filter(None, (str(checkout.absolute()), os.environ.get("PYTHONPATH"))))
        python = str(own) if own.is_file() else sys.executable
        around = {**os.environ, **homes, **env, "PYTHONPATH": paths}
        # A user's start finds compiled what the one before has imported: else a third of it is compiling.
        around.pop("PYTHONDONTWRITEBYTECODE", None)
        subprocess.run([python, "-c", IMPORTED], env=around, cwd=home, check=False, capture_output=True)
        trace = Trace(began_s=time.monotonic())
        with said.open("w", encoding="utf-8") as stderr:
            child = subprocess.Popen(
                [python, "-m", "livecoach", "live", "--exercise", "deadlift", "--events", "-", *words],
                env=around,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # the window has a process of its own, which counts too
            )
        reader = threading.Thread(target=_read, args=(child, trace), daemon=True)
        reader.start()
        try:
            yield LiveRun(child=child, trace=trace, said=said)
            child.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
            reader.join(END_S)
        finally:
            end(child)
        trace.said = said.read_text(encoding="utf-8", errors="replace")
        if not trace.events or trace.events[-1][1]["event"] != "session_end":
            lines = trace.said.strip().splitlines() or [f"it ended with status {child.returncode}"]
            raise OutputError(f"{checkout}: livecoach live could not be measured: {lines[-1]}")
        for document in Path(home, "livecoach", "sessions").glob("*/session.json"):
            trace.session = json.loads(document.read_text(encoding="utf-8"))["end"]
            trace.session_bytes = sum(file.stat().st_size for file in document.parent.iterdir() if file.is_file())


def _read(child: "subprocess.Popen[str]", trace: Trace) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        trace.events.append((time.monotonic(), json.loads(line)))


def _watch(run: LiveRun, seconds: float, screen: stand_ins.VirtualScreen | None) -> None:
    """Look at the screen, and read memory and processor time, until the run has lasted so long."""
    trace = run.trace
    while run.child.poll() is None:
        now_s = time.monotonic()
        if now_s > (trace.events[0][0] + seconds if trace.events else trace.began_s + START_S):
            return
        if screen is not None and trace.shown_s is None and screen.shows_picture():
            trace.shown_s = now_s
        if not trace.samples or now_s - trace.samples[-1][0] >= SAMPLE_S:
            used = used_by_group(run.child.pid)
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
    return delays_ms(ends_s, [read_s for read_s, event in trace.events if event["event"] == "cue" and event["rep"]])


def delays_ms(ends_s: Sequence[float], came_s: Sequence[float]) -> list[float]:
    """From each true end of a rep to what came nearest to it; none where nothing did."""
    nearest_s = [min((came - end_s for came in came_s), key=abs, default=math.inf) for end_s in ends_s]
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


def rows_of(run: str, pose: str, this: Figures, baseline: Figures) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each figure: medians, and in a comparison the ratio of each pair."""
    wanted = FIGURES if run == SET else {CPU: ("%", AT_REST[run])}
    for figure, (unit, most) in wanted.items():
        values, others = ([one.get(figure) for one in figures] for figures in (this, baseline))
        row = run, pose, figure, unit, None if most is None else f"{most:g}", _median(values)
        pairs = zip(values, others, strict=False)
        ratios = tuple(one / other for one, other in pairs if one is not None and other)
        yield (*row, _median(others), SeveralNumbers(ratios, 2)) if baseline else row


def _median(values: Sequence[float | None]) -> Cell:
    known = [value for value in values if value is not None]
    return Rounded(statistics.median(known), 1) if known else None
