"""Measures livecoach on this machine: runs like live in child processes, the demo clip as camera.

    clip paced by its own time ──┐                         ┌─► private or given X server
                                 ├─► bench_run (a child) ──┤
    mjpeg_camera (a child) ──────┘      trace ▼            └─► private PulseAudio: its monitor is recorded
                                         bench_figures

The children's X and sound servers are theirs alone; the CPU they use is not counted, but they share the cores.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from livecoach.errors import OutputError
from livecoach.feedback.probe import start_probe
from livecoach.paths import assets_dir
from livecoach.tools.bench_figures import (
    CLIP,
    START,
    STREAM,
    Figure,
    Truth,
    Value,
    measured,
    not_measured,
    percentile,
)
from livecoach.tools.bench_heard import cues_heard
from livecoach.tools.bench_report import Report, Row
from livecoach.tools.bench_trace import Camera, Request, Trace, to_json, trace_from
from livecoach.tools.children import end
from livecoach.tools.machine import this_machine
from livecoach.tools.mjpeg_camera import mjpeg_camera
from livecoach.tools.null_sink import NullSink, Recording, missing_programs, null_sink
from livecoach.tools.virtual_screen import VirtualScreen, virtual_screen, xvfb_missing

GROUPS: dict[Camera, str] = {"clip": "the demo clip as camera", "stream": "an MJPEG stream of it on loopback"}
GRACE_S = 60.0
"""A child may take so much longer than its run, for loading, before it is given up."""
STARTS = 3
FIRST_PICTURE_S = 30.0
"""Longest wait for a first picture."""
LOOK_S = 0.005
TAIL_S = 0.2
"""Recorded on after a run: what is still on its way to the recording."""
SOUND_SERVER = ("PULSE_SERVER", "PULSE_CLIENTCONFIG", "ALSA_CONFIG_PATH", "XDG_RUNTIME_DIR")


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where the children run."""

    env: dict[str, str]
    window: str
    no_window: str | None
    """Why there is none; None where there is one."""
    screen: VirtualScreen | None
    """Of our own, with nothing else on it."""
    sink: NullSink | None
    no_sink: str
    say: Callable[[str], object] = field(repr=False)


def measure(poses: Sequence[str], seconds: float, say: Callable[[str], object]) -> Report:
    """Measure everything. say: takes a line on how far it is. Raises LivecoachError where a run fails."""
    machine, clip = this_machine(), assets_dir() / "demo.mp4"
    truth = clip_truth(assets_dir() / "demo.json")
    with _place(say) as place:
        rows = []
        for pose in poses:
            say(f"pose {pose}, {GROUPS['clip']}: {seconds:g} s")
            request = Request(camera="clip", place=str(clip), pose=pose, seconds=seconds, window=not place.no_window)
            rows += _rows(request, CLIP, place, truth)
        with mjpeg_camera(clip) as url:
            for pose in poses:
                say(f"pose {pose}, {GROUPS['stream']}: {seconds:g} s")
                request = Request(camera="stream", place=url, pose=pose, seconds=seconds, window=not place.no_window)
                rows += _rows(request, STREAM, place, truth)
        say("livecoach demo, until its first picture")
        started = _first_picture(place, STARTS if seconds >= STARTS else 1)
        rows.append(Row(group="livecoach demo", figure=START, pose=None, measured=started))
    sound = f"sound: {place.no_sink}" if place.sink is None else "sound to a PulseAudio null sink of its own"
    return Report(machine=machine, seconds=seconds, window=place.window, sound=sound, rows=tuple(rows))


def clip_truth(path: Path) -> Truth:
    """The truth that a rendered clip comes with."""
    told = json.loads(path.read_text(encoding="utf-8"))
    ends_s = tuple(rep["end_s"] for rep in told["reps"])
    return Truth(ends_s=ends_s, period_s=told["frames"] / told["fps"])


@contextmanager
def _place(say: Callable[[str], object]) -> Iterator[_Place]:
    """X and sound servers, as far as they are installed."""
    with ExitStack() as stack:
        env, screen, sink = dict(os.environ), None, None
        missing = missing_programs()
        no_sink = f"{', '.join(missing)} not installed (Debian: pulseaudio, pulseaudio-utils)"
        if not missing:
            sink = stack.enter_context(null_sink())
            # Not its HOME: with an empty one libraries build their caches anew.
            env |= {name: sink.env[name] for name in SOUND_SERVER}
        if sys.platform.startswith("linux") and not xvfb_missing():
            screen = stack.enter_context(virtual_screen())
        if os.environ.get("DISPLAY") or not sys.platform.startswith("linux"):
            window = "window on this display"
        elif screen is not None:
            env["DISPLAY"], window = screen.display, "window on a virtual screen (Xvfb) of its own: DISPLAY is not set"
        else:
            window = "no window"
        no_window = start_probe(env).result()
        if no_window is not None:
            window = f"{no_window}, and Xvfb is not installed" if screen is None else no_window
        say(window)
        yield _Place(env=env, window=window, no_window=no_window, screen=screen, sink=sink, no_sink=no_sink, say=say)


def _rows(request: Request, figures: Sequence[Figure], place: _Place, truth: Truth) -> list[Row]:
    """Run, and pick the figures out of what was measured."""
    with ExitStack() as stack:
        recording = None if place.sink is None else stack.enter_context(place.sink.recording())
        trace = _run(request, place.env, recording)
        if recording is not None:
            recording.wait(TAIL_S)

        def heard() -> Value:
            return not_measured(place.no_sink) if recording is None else cues_heard(recording, trace.cues)

        values = measured(trace, truth, heard, place.no_window)
    if place.no_window is not None:
        values |= {figure.key: not_measured(place.window) for figure in figures if figure.needs_window}
    group = GROUPS[request.camera]
    return [Row(group=group, figure=figure, pose=request.pose, measured=values[figure.key]) for figure in figures]


def _run(request: Request, env: dict[str, str], recording: Recording | None) -> Trace:
    """Let a child run, and return its trace."""
    command = [sys.executable, "-m", "livecoach.tools.bench_run", to_json(request)]
    give_up_s = time.monotonic() + request.seconds + GRACE_S
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        child = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, text=True
        )
        try:
            told = _answer(child, give_up_s, recording)
        finally:
            end(child)
        if child.returncode or not told:
            said.seek(0)
            lines = [line.strip() for line in said if line.strip()]
            raise OutputError(lines[-1] if lines else f"the measured run ended with status {child.returncode}")
    return trace_from(told)


def _answer(child: "subprocess.Popen[str]", give_up_s: float, recording: Recording | None) -> str:
    while True:
        try:
            return child.communicate(timeout=1.0)[0]
        except subprocess.TimeoutExpired:
            if time.monotonic() > give_up_s:
                return ""
        if recording is not None:
            recording.wait(0.02)  # ties the recording to the clock, at a fiftieth of the time


def _first_picture(place: _Place, starts: int) -> Value:
    """Median over a few starts: the command is given until its picture is in the X server's frame buffer."""
    if place.screen is None:
        return not_measured("it is looked for on a virtual screen, and Xvfb is not installed")
    env = place.env | {"DISPLAY": place.screen.display}
    took_s = [_one_start(place.screen, env) for _ in range(starts)]
    seen_s = [seconds for seconds in took_s if seconds is not None]
    if len(seen_s) < starts:
        return not_measured(f"no picture within {FIRST_PICTURE_S:.0f} s")
    spread = f"{min(seen_s):.2f} … {max(seen_s):.2f} s"
    return Value(value=percentile(seen_s, 50), note=f"median of {starts} starts, {spread}; files in the cache")


def _one_start(screen: VirtualScreen, env: dict[str, str]) -> float | None:
    began_s = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "livecoach", "demo"],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.monotonic() - began_s < FIRST_PICTURE_S and child.poll() is None:
            if screen.shows_picture():
                return time.monotonic() - began_s
            time.sleep(LOOK_S)
        return None
    finally:
        end(child)
        _wait_blank(screen)


def _wait_blank(screen: VirtualScreen) -> None:
    """The next start must not find this one's picture."""
    give_up_s = time.monotonic() + 5.0
    while screen.shows_picture():
        if time.monotonic() > give_up_s:
            raise OutputError("the virtual screen keeps a picture of a program that has ended; try again")
        time.sleep(LOOK_S)
