"""Measures livecoach on this machine: runs like live in child processes, the demo clip as camera.

    clip paced by its own time ──┐                         ┌─► private or given X server
                                 ├─► bench_run (a child) ──┤
    mjpeg_camera (a child) ──────┘      trace ▼            └─► private PulseAudio: its monitor is recorded
                                         bench_figures

The children's X and sound servers are theirs alone; the CPU they use is not counted, but they share the cores.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from livecoach.config.paths import assets_dir
from livecoach.feedback.probe import start_probe
from livecoach.tools.bench_child import first_picture, run_child
from livecoach.tools.bench_figures import (
    CLIP,
    START,
    STREAM,
    Figure,
    Truth,
    Value,
    measured,
    not_measured,
)
from livecoach.tools.bench_heard import cues_heard
from livecoach.tools.bench_report import Report, Row
from livecoach.tools.bench_trace import Camera, Request
from livecoach.tools.machine import this_machine
from livecoach.tools.mjpeg_camera import mjpeg_camera
from livecoach.tools.null_sink import NullSink, missing_programs, null_sink
from livecoach.tools.virtual_screen import VirtualScreen, virtual_screen, xvfb_missing

GROUPS: dict[Camera, str] = {"clip": "the demo clip as camera", "stream": "an MJPEG stream of it on loopback"}
STARTS = 3
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
        started = first_picture(place.screen, place.env, STARTS if seconds >= STARTS else 1)
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
        trace = run_child(request, place.env, recording)
        if recording is not None:
            recording.wait(TAIL_S)

        def heard() -> Value:
            return not_measured(place.no_sink) if recording is None else cues_heard(recording, trace.cues)

        values = measured(trace, truth, heard, place.no_window)
    if place.no_window is not None:
        values |= {figure.key: not_measured(place.window) for figure in figures if figure.needs_window}
    group = GROUPS[request.camera]
    return [Row(group=group, figure=figure, pose=request.pose, measured=values[figure.key]) for figure in figures]
