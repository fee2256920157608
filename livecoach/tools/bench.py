"""Measures livecoach on this machine: runs `live` in child processes with the demo clip as the camera.

    clip paced by its own time ──┐                         ┌─► private or given X server
                                 ├─► bench_run (a child) ──┤
    MJPEG camera (threads here) ─┘      trace ▼            └─► private PulseAudio: its monitor is recorded
                                         bench_figures

The X and sound servers serve the children alone. Their CPU time is not counted, but they share the cores.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TextIO

from livecoach.config.paths import assets_dir
from livecoach.errors import OutputError
from livecoach.feedback.voice import SoundStyle, announce, load_voice
from livecoach.tools.bench_figures import (
    CLIP,
    REST,
    START,
    STREAM,
    BenchFigure,
    CameraKind,
    CueTrace,
    MeasuredValue,
    RunRequest,
    Trace,
    Truth,
    evaluate,
    evaluate_rest,
    not_measured,
    percentile,
    spread_of_reps,
    to_json,
    trace_from,
)
from livecoach.tools.bench_report import BenchReport, ReportRow
from livecoach.tools.machine import end, this_machine
from livecoach.tools.private_servers import MonitorRecording, Servers, VirtualScreen, servers
from livecoach.tools.simulated_camera import RepLoop, SimulatedCamera, demo_loop, empty_loop, still_loop

GROUPS: dict[CameraKind, str] = {
    "clip": "the demo clip as camera",
    "stream": "an MJPEG stream of it on loopback",
    "still": "at rest: a stream of a lifter who stands still",
    "empty": "at rest: a stream of a place without a person",
}
STREAM_FPS, STREAM_PX = 30.0, (640, 480)
STARTS = 3
TAIL_S = 0.2
"""Extra recording time after a run, for sound that is still on its way."""
GRACE_S = 60.0
"""Time for loading on top of the run, after which a child is stopped."""
FIRST_PICTURE_S = 30.0
"""Longest wait for a first picture."""
LOOK_S = 0.005
BLANK_S = 5.0
"""Longest wait for a picture to disappear after its program has ended."""
NO_SOUND = not_measured("no sound device took the sound. `livecoach doctor` says what is missing")
FAILED = 1
"""Exit status of a child that ended with a traceback."""
OTHER_BENCHMARK = "its benchmark can't make this run. Compare a newer checkout."
LIKENESS = 0.9
"""Normalised cross-correlation from which a cue counts as heard; wrong matches reach at most 0.6."""
EARLY_S = 0.05
"""Start of the search before the event: the sound is submitted just before the event is written."""
WITHIN_S = 0.5


def measure(poses: Sequence[str], seconds: float, say: Callable[[str], object]) -> BenchReport:
    """Measure everything. say: called with progress lines. Raises LivecoachError if a run fails."""
    machine, clip = this_machine(), assets_dir() / "demo.mp4"
    truth = clip_truth(assets_dir() / "demo.json")
    with servers(say) as place:
        rows: list[ReportRow] = []
        for pose in poses:
            say(f"pose {pose}, {GROUPS['clip']}: {seconds:g} s")
            request = RunRequest(camera="clip", place=str(clip), pose=pose, seconds=seconds, window=not place.no_window)
            rows += _measured_run(request, CLIP, place, truth)
        with closing(stream_requests(poses, seconds, window=not place.no_window)) as requests:
            for request in requests:
                say(f"pose {request.pose}, {GROUPS[request.camera]}: {seconds:g} s")
                rows += _measured_run(request, REST.get(request.camera, STREAM), place, truth)
        say("livecoach demo, time to the first picture")
        started = first_picture(place.screen, place.env, STARTS if seconds >= STARTS else 1)
        rows.append(ReportRow(group="livecoach demo", figure=START, pose=None, measured=started))
    return BenchReport(
        machine=machine,
        seconds=seconds,
        window=place.window,
        sound=place.sound,
        rows=tuple(rows),
    )


def stream_requests(poses: Sequence[str], seconds: float, *, window: bool) -> Generator[RunRequest]:
    """Yield the runs before each stream, with its camera running until the next one. Raises SourceError where the demo
    clip can't be read."""
    loop = demo_loop(STREAM_FPS)
    shown: dict[CameraKind, RepLoop] = {"stream": loop, "still": still_loop(loop), "empty": empty_loop(loop)}
    for kind, pictures in shown.items():
        with SimulatedCamera(pictures, *STREAM_PX) as camera:
            for pose in poses:
                yield RunRequest(camera=kind, place=camera.url, pose=pose, seconds=seconds, window=window)


def clip_truth(path: Path) -> Truth:
    """Read the ground truth of a rendered clip."""
    document = json.loads(path.read_text(encoding="utf-8"))
    ends_s = tuple(rep["end_s"] for rep in document["reps"])
    return Truth(ends_s=ends_s, period_s=document["frames"] / document["fps"])


def _measured_run(request: RunRequest, figures: Sequence[BenchFigure], place: Servers, truth: Truth) -> list[ReportRow]:
    """Run a child and return its figures."""
    with ExitStack() as stack:
        recording = None if place.sink is None else stack.enter_context(place.sink.recording())
        trace = run_child(request, place.env, recording)
        if recording is not None:
            recording.wait(TAIL_S)

        def heard() -> MeasuredValue:
            if recording is None:
                return not_measured(place.no_sink)
            return cue_to_heard(recording, trace.cues) if trace.sound_live else NO_SOUND

        resting = request.camera in REST
        values = evaluate_rest(trace, place.no_window) if resting else evaluate(trace, truth, heard, place.no_window)
    if place.no_window is not None:
        values |= {figure.key: not_measured(place.window) for figure in figures if figure.needs_window}
    group = GROUPS[request.camera]
    return [ReportRow(group=group, figure=figure, pose=request.pose, measured=values[figure.key]) for figure in figures]


class _NoPictureError(Exception):
    """A start showed no picture; the message says why."""


def run_child(
    request: RunRequest, env: Mapping[str, str], recording: MonitorRecording | None, checkout: Path | None = None
) -> Trace:
    """Run a child and return its trace. checkout: folder of the livecoach that runs, with the Python of its .venv if it
    has one; None for the installed one. Raises OutputError with the child's message if it fails."""
    own = None if checkout is None else checkout.absolute() / ".venv" / "bin" / "python"
    python = sys.executable if own is None or not own.is_file() else str(own)
    command = [python, "-m", "livecoach.tools.bench_run", to_json(request)]
    if checkout is not None:  # before the livecoach that is installed
        folders = str(checkout.absolute()), env.get("PYTHONPATH")
        env = {**env, "PYTHONPATH": os.pathsep.join(filter(None, folders))}
    give_up_s = time.monotonic() + request.seconds + GRACE_S
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        child = subprocess.Popen(
            command,
            env=dict(env),
            cwd=checkout,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        try:
            answer = _answer(child, give_up_s, recording)
        finally:
            end(child)
        if checkout is not None and child.returncode == FAILED:
            raise OutputError(f"{checkout}: {OTHER_BENCHMARK}")
        if child.returncode or not answer:
            raise OutputError(_last_line(said) or f"the measured run ended with status {child.returncode}")
    try:
        return trace_from(answer)
    except ValueError as err:
        if checkout is None:
            raise
        raise OutputError(f"{checkout}: {OTHER_BENCHMARK}") from err


def _answer(child: "subprocess.Popen[str]", give_up_s: float, recording: MonitorRecording | None) -> str:
    while True:
        try:
            return child.communicate(timeout=1.0)[0]
        except subprocess.TimeoutExpired:
            if time.monotonic() > give_up_s:
                return ""
        if recording is not None:
            recording.wait(0.02)  # aligns the recording with the clock, at 2 % of the time


def _last_line(said: TextIO) -> str | None:
    said.seek(0)
    lines = [line.strip() for line in said if line.strip()]
    return lines[-1] if lines else None


def first_picture(screen: VirtualScreen | None, env: Mapping[str, str], starts: int) -> MeasuredValue:
    """Measure the time from running `livecoach demo` to its picture in the X server's frame buffer, as a median."""
    if screen is None:
        return not_measured("this needs a virtual screen, and Xvfb is not installed")
    try:
        took_s = [_one_start(screen, {**env, "DISPLAY": screen.display}) for _ in range(starts)]
    except _NoPictureError as err:
        return not_measured(str(err))
    spread = f", {min(took_s):.2f} … {max(took_s):.2f} s" if starts > 1 else ""
    many = f"median of {starts} starts" if starts > 1 else "one start"
    return MeasuredValue(value=percentile(took_s, 50), note=f"{many}{spread}, with its files in the system cache")


def _one_start(screen: VirtualScreen, env: dict[str, str]) -> float:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        began_s = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, "-m", "livecoach", "demo"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        try:
            while child.poll() is None and time.monotonic() - began_s < FIRST_PICTURE_S:
                if screen.shows_picture():
                    return time.monotonic() - began_s
                time.sleep(LOOK_S)
        finally:
            end(child)
            _wait_blank(screen)
        raise _NoPictureError(f"no picture in {time.monotonic() - began_s:.0f} s; its last message: {_last_line(said)}")


def _wait_blank(screen: VirtualScreen) -> None:
    """Wait until the screen is blank, so that the next start does not detect this one's picture."""
    give_up_s = time.monotonic() + BLANK_S
    while screen.shows_picture():
        if time.monotonic() > give_up_s:
            raise OutputError("the virtual screen still shows a program that has ended. Run the benchmark again.")
        time.sleep(LOOK_S)


def cue_to_heard(recording: MonitorRecording, cues: Sequence[CueTrace]) -> MeasuredValue:
    """Return the 95th percentile from event to first sample over rep cues; an unheard cue misses the target."""
    voice, style = load_voice(), SoundStyle()
    delays_ms, unheard = [], []
    for traced in cues:
        announcement = announce(traced.cue, voice, style)
        if traced.rep is None or announcement is None:
            continue
        try:
            heard = recording.find(announcement.samples, from_s=traced.event_s - EARLY_S, within_s=WITHIN_S)
        except OutputError as err:
            return not_measured(str(err))
        if heard.likeness < LIKENESS:
            unheard.append(str(traced.rep))
        else:
            delays_ms.append((heard.at_s - traced.event_s) * 1000)
    lost = f"not heard within {1000 * WITHIN_S:.0f} ms: the cue of rep {', '.join(unheard)}" if unheard else None
    return spread_of_reps(delays_ms, lost)
