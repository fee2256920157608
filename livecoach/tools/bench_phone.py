"""Measures `livecoach live --phone` on this machine: headless Chromium is the phone, and shows the demo clip.

    bench_phone_page (a child) ──▶ Chromium, its camera shows the clip ──TLS, loopback──▶ bench_run (a child)
               └──────── PageTrace ────────▶ bench_phone_figures ◀──────── Trace ─────────────┘

The same clip runs from its file before, in a child of its own, so that the phone's own cost is known. Chromium shares
the cores, as a real phone does not.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from livecoach.config.paths import assets_dir
from livecoach.errors import OutputError
from livecoach.tools.bench import Servers, servers
from livecoach.tools.bench_child import GRACE_S, run_child
from livecoach.tools.bench_phone_figures import PHONE, evaluate_phone
from livecoach.tools.bench_phone_trace import PageTrace, page_trace_from
from livecoach.tools.bench_report import BenchReport, ReportRow
from livecoach.tools.bench_trace import RunRequest, Trace
from livecoach.tools.children import end
from livecoach.tools.chromium import chromium
from livecoach.tools.machine import this_machine

GROUP = "a browser as phone, on loopback"
COLLECT_S = 20.0
"""Longest wait for the page's trace after the run."""


def measure_phone(poses: Sequence[str], seconds: float, say: Callable[[str], object]) -> BenchReport:
    """Measure the phone. say: receives progress lines. Raises LivecoachError if a run fails."""
    if chromium() is None:
        raise OutputError("--phone needs Chromium as the phone. On Debian: apt-get install chromium.")
    machine, clip = this_machine(), assets_dir() / "demo.mp4"
    rows = []
    with servers(say) as place:
        for pose in poses:
            say(f"pose {pose}, the demo clip from its file: {seconds:g} s")
            request = RunRequest(camera="clip", place=str(clip), pose=pose, seconds=seconds, window=not place.no_window)
            from_file = run_child(request, place.env, None)
            say(f"pose {pose}, {GROUP}: {seconds:g} s")
            trace, page = _with_phone(clip, pose, seconds, place)
            values = evaluate_phone(trace, page, from_file)
            rows += [ReportRow(group=GROUP, figure=figure, pose=pose, measured=values[figure.key]) for figure in PHONE]
    return BenchReport(machine=machine, seconds=seconds, window=place.window, sound=place.sound, rows=tuple(rows))


def _with_phone(clip: Path, pose: str, seconds: float, place: Servers) -> tuple[Trace, PageTrace]:
    with tempfile.TemporaryDirectory(prefix="livecoach-bench-") as folder:
        address = Path(folder) / "address"
        request = RunRequest(camera="phone", place=str(address), pose=pose, seconds=seconds, window=not place.no_window)
        with _phone(clip, address, seconds) as phone:
            trace = run_child(request, place.env, None)
            try:
                told, said = phone.communicate(timeout=COLLECT_S)
            except subprocess.TimeoutExpired as err:
                raise OutputError("the page did not end with its session.") from err
        if phone.returncode or not told:
            raise OutputError(said.strip() or f"the browser's run ended with status {phone.returncode}")
    return trace, page_trace_from(told)


@contextmanager
def _phone(clip: Path, address: Path, seconds: float) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "livecoach.tools.bench_phone_page", str(clip), str(address)]
    phone = subprocess.Popen(
        [*command, str(seconds + GRACE_S)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield phone
    finally:
        end(phone)
