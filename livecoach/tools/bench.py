"""Measures livecoach on this machine: runs `live` in child processes with the demo clip as the camera.

    clip paced by its own time ──┐                         ┌─► private or given X server
                                 ├─► bench_run (a child) ──┤
    mjpeg_camera (a child) ──────┘      trace ▼            └─► private PulseAudio: its monitor is recorded
                                         bench_figures

The X and sound servers serve the children alone. Their CPU time is not counted, but they share the cores.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from livecoach.config.paths import assets_dir
from livecoach.feedback.probe import start_probe
from livecoach.pose.bundles import SHIPPED
from livecoach.tools import bench_costs
from livecoach.tools.bench_child import first_picture, run_child
from livecoach.tools.bench_costs import CostLane
from livecoach.tools.bench_figures import (
    CLIP,
    FRAME,
    START,
    STREAM,
    BenchFigure,
    MeasuredValue,
    Truth,
    evaluate,
    not_measured,
)
from livecoach.tools.bench_report import BenchReport, ReportRow
from livecoach.tools.bench_rival import FRAMES, missing, run_rival
from livecoach.tools.bench_sound import cue_to_heard
from livecoach.tools.bench_trace import CameraKind, RunRequest, Trace
from livecoach.tools.machine import this_machine
from livecoach.tools.mjpeg_camera import mjpeg_camera
from livecoach.tools.null_sink import NullSink, missing_programs, null_sink
from livecoach.tools.virtual_screen import VirtualScreen, virtual_screen, xvfb_missing

GROUPS: dict[CameraKind, str] = {"clip": "the demo clip as camera", "stream": "an MJPEG stream of it on loopback"}
STARTS = 3
TAIL_S = 0.2
"""Extra recording time after a run, for sound that is still on its way."""
SOUND_SERVER = ("PULSE_SERVER", "PULSE_CLIENTCONFIG", "ALSA_CONFIG_PATH", "XDG_RUNTIME_DIR")


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The servers that the children use."""

    env: dict[str, str]
    window: str
    no_window: str | None
    """Why there is no window; None if there is one."""
    screen: VirtualScreen | None
    """Private virtual screen; None if Xvfb is not installed."""
    sink: NullSink | None
    no_sink: str
    say: Callable[[str], object] = field(repr=False)

    @property
    def sound(self) -> str:
        """Where the sound goes."""
        return f"sound: {self.no_sink}" if self.sink is None else "sound to a private PulseAudio null sink"


def measure(poses: Sequence[str], seconds: float, say: Callable[[str], object], *, rival: bool = False) -> BenchReport:
    """Measure everything. say: receives progress lines. rival: measure the rival too, for BlazePose.

    Raises LivecoachError if a run fails.
    """
    machine, clip = this_machine(), assets_dir() / "demo.mp4"
    truth = clip_truth(assets_dir() / "demo.json")
    with servers(say) as place:
        rows: list[ReportRow] = []
        lanes: list[CostLane] = []
        for pose in poses:
            say(f"pose {pose}, {GROUPS['clip']}: {seconds:g} s")
            request = RunRequest(camera="clip", place=str(clip), pose=pose, seconds=seconds, window=not place.no_window)
            values, trace = measured_run(request, CLIP, place, truth, place.env)
            rows += _rows(request, CLIP, values)
            lanes += bench_costs.lanes(trace, pose)
        for pose in (pose for pose in poses if rival and pose in SHIPPED):
            say(f"rival, pose {pose}: {FRAMES} frames")
            row, lane = _rival(clip, pose, place)
            rows += row
            lanes += lane
        with mjpeg_camera(clip) as url:
            for pose in poses:
                say(f"pose {pose}, {GROUPS['stream']}: {seconds:g} s")
                request = RunRequest(camera="stream", place=url, pose=pose, seconds=seconds, window=not place.no_window)
                rows += _rows(request, STREAM, measured_run(request, STREAM, place, truth, place.env)[0])
        say("livecoach demo, time to the first picture")
        started = first_picture(place.screen, place.env, STARTS if seconds >= STARTS else 1)
        rows.append(ReportRow(group="livecoach demo", figure=START, pose=None, measured=started))
    return BenchReport(
        machine=machine,
        seconds=seconds,
        window=place.window,
        sound=place.sound,
        rows=tuple(rows),
        lanes=tuple(lanes),
    )


def clip_truth(path: Path) -> Truth:
    """Read the ground truth of a rendered clip."""
    document = json.loads(path.read_text(encoding="utf-8"))
    ends_s = tuple(rep["end_s"] for rep in document["reps"])
    return Truth(ends_s=ends_s, period_s=document["frames"] / document["fps"])


@contextmanager
def servers(say: Callable[[str], object]) -> Iterator[Servers]:
    """Start the X and sound servers that are installed."""
    with ExitStack() as stack:
        env, screen, sink = dict(os.environ), None, None
        missing = missing_programs()
        no_sink = f"{', '.join(missing)} not installed (Debian: pulseaudio, pulseaudio-utils)"
        if not missing:
            sink = stack.enter_context(null_sink())
            # Not its HOME: with an empty one, libraries would rebuild their caches.
            env |= {name: sink.env[name] for name in SOUND_SERVER}
        if sys.platform.startswith("linux") and not xvfb_missing():
            screen = stack.enter_context(virtual_screen())
        if os.environ.get("DISPLAY") or not sys.platform.startswith("linux"):
            window = "window on this display"
        elif screen is not None:
            env["DISPLAY"], window = screen.display, "window on a private virtual screen (Xvfb): DISPLAY is not set"
        else:
            window = "no window"
        no_window = start_probe(env).result()
        if no_window is not None:
            window = f"{no_window}, and Xvfb is not installed" if screen is None else no_window
        say(window)
        yield Servers(env=env, window=window, no_window=no_window, screen=screen, sink=sink, no_sink=no_sink, say=say)


def _rival(clip: Path, pose: str, place: Servers) -> tuple[list[ReportRow], list[CostLane]]:
    """Run the rival and return its column, and its stages; without what it needs, the column says so."""
    group, name = GROUPS["clip"], f"rival {pose}"
    why = missing()
    if why is not None:
        row = ReportRow(group=group, figure=FRAME, pose=name, measured=not_measured(why), rival=True)
        return [row], []
    trace = run_rival(clip, pose, place.env)
    values = bench_costs.rival_values(trace)
    rows = [
        ReportRow(group=group, figure=figure, pose=name, measured=values[figure.key], rival=True)
        for figure in CLIP
        if figure.key in values
    ]
    return rows, [bench_costs.rival_lane(trace, name)]


def _rows(request: RunRequest, figures: Sequence[BenchFigure], values: Mapping[str, MeasuredValue]) -> list[ReportRow]:
    group = GROUPS[request.camera]
    return [ReportRow(group=group, figure=figure, pose=request.pose, measured=values[figure.key]) for figure in figures]


def measured_run(
    request: RunRequest,
    figures: Sequence[BenchFigure],
    place: Servers,
    truth: Truth,
    env: Mapping[str, str],
    code: Path | None = None,
) -> tuple[dict[str, MeasuredValue], Trace]:
    """Run a child and return the values of its figures, by key, and its trace.

    env, code: its environment and working folder, which decide what livecoach it runs; None for this folder.
    """
    with ExitStack() as stack:
        recording = None if place.sink is None else stack.enter_context(place.sink.recording())
        trace = run_child(request, env, recording, code)
        if recording is not None:
            recording.wait(TAIL_S)

        def heard() -> MeasuredValue:
            return not_measured(place.no_sink) if recording is None else cue_to_heard(recording, trace.cues)

        values = evaluate(trace, truth, heard, place.no_window)
    if place.no_window is not None:
        values |= {figure.key: not_measured(place.window) for figure in figures if figure.needs_window}
    return values, trace
