"""The trace of a measured run, and the figures that follow from it, with their targets.

Fields in `_s` without a docstring are readings of time.monotonic(), which all processes of a machine share.
"""

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pydantic

from livecoach.types import Cue

AT_REST_S = 4.0
"""Time from which a run in which nothing happens is at rest."""
WARM_UP_S = 1.0
"""Frames of the first second are not counted, as the window is opening; frames dropped then are noted separately."""
NEAREST_S = 1.5
"""Largest distance of a cue from the true end of its rep; reps are 4 s apart."""


CameraKind = Literal["clip", "stream", "still", "empty"]
"""The demo clip paced by its own timestamps, or an MJPEG stream on loopback: of two of its reps, of its lifter standing
still, or of nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """The run that a child should make."""

    camera: CameraKind
    place: str
    """Path of the clip, or URL of the stream."""
    pose: str
    seconds: float
    """Duration in the frames' own time."""
    window: bool
    """Whether to open a window; without one, the overlay is drawn but not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTrace:
    """The times of one frame."""

    t_s: float
    """The frame's own time."""
    captured_s: float
    dropped: int
    """Frames before this one that were not processed."""
    pose_ms: float
    step_ms: float
    """From taking the frame to the start of drawing, without pose: decisions, submitting sound, events."""
    rep_ms: float | None
    """Duration of the whole step, with the rep's score, if the frame completed a rep."""
    draw_ms: float | None
    """Overlay, passing it to the window, and the window's painting; None if drawing was skipped."""
    drawn_s: float | None
    cpu_s: float
    """CPU time of the process after the frame, all threads together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CueTrace:
    """The times of one cue."""

    t_s: float
    """The frame's own time."""
    latency_ms: float
    """From the capture of the frame to the event."""
    event_s: float
    """When the event is about to be written."""
    drawn_s: float | None
    cue: Cue

    @property
    def rep(self) -> int | None:
        """Index of the rep that the cue is about; None for other cues."""
        return self.cue.rep


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingCost:
    """The cost of recording a session, including video."""

    cpu_ms_per_frame: float
    """CPU time of the recorder's thread."""
    duration_s: float
    video_bytes: int
    video_left_out: int
    """Frames that the video lacks."""
    observations_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The trace of one run."""

    frames: tuple[FrameTrace, ...]
    cues: tuple[CueTrace, ...]
    peak_rss_mib: float | None
    """Peak memory of the process; None if the system does not report it."""
    sound_live: bool
    """Whether a device accepted sound at the end of the run."""
    recorded: RecordingCost | None
    """Cost of the recorded session; None if it could not be completed."""


def to_json(value: RunRequest | Trace) -> str:
    """Return the value as one line of JSON."""
    return json.dumps(dataclasses.asdict(value))


def request_from(text: str) -> RunRequest:
    """Parse the JSON that `to_json` wrote."""
    return pydantic.TypeAdapter(RunRequest).validate_json(text)


def trace_from(text: str) -> Trace:
    """Parse the JSON that `to_json` wrote."""
    return pydantic.TypeAdapter(Trace).validate_json(text)


Unit = Literal["1/s", "frames", "% core", "ms", "s", "MiB", "MB/min", "kB"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The target of a figure."""

    most: float | None = None
    least: float | None = None
    pose: str | None = None
    """The pose model that the target applies to; None for all."""

    def met(self, value: float) -> bool:
        """Return whether a value meets the target."""
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)

    def __str__(self) -> str:
        words = f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}"
        return words if self.pose is None else f"{words} ({self.pose})"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchFigure:
    """A figure: one line of the table."""

    key: str
    """Name in JSON."""
    text: str
    """Description in the table."""
    unit: Unit
    target: Target | None = None
    needs_window: bool = False
    decimals: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredValue:
    """The measured value of a figure."""

    value: float | None
    """None if it was not measured; `note` then says why."""
    note: str | None = None
    flawed: bool = False
    """Whether something failed that the value does not show; the target then counts as missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Ground truth of a clip: when its reps end."""

    ends_s: tuple[float, ...]
    """In the clip's own time."""
    period_s: float
    """Duration of the clip, after which it starts over."""


def not_measured(why: str) -> MeasuredValue:
    """Return an absent value with the reason."""
    return MeasuredValue(value=None, note=f"not measured: {why}")


# Targets of latency, frame rate, start-up and recording. 29.5 is 30 within the precision of the measurement.
_FPS = Target(least=29.5)
_DROPPED = Target(most=0)
_CPU = Target(most=70, pose="lite")
_DRAWN_P50, _DRAWN_P95 = Target(most=25), Target(most=50)
_CPU_FIGURE = BenchFigure(
    key="cpu_percent", text="CPU of the process, % of one core", unit="% core", target=_CPU, decimals=0
)
FRAME = BenchFigure(key="frame_ms_p50", text="a frame: pose, decisions, drawing, p50", unit="ms")
CLIP = (
    BenchFigure(key="shown_fps", text="frames shown per second", unit="1/s", target=_FPS, needs_window=True),
    BenchFigure(key="dropped", text="frames dropped", unit="frames", target=_DROPPED, decimals=0),
    _CPU_FIGURE,
    BenchFigure(key="cpu_ms", text="CPU of the process, per frame", unit="ms"),
    FRAME,
    BenchFigure(key="pose_ms_p50", text="pose, p50", unit="ms"),
    BenchFigure(
        key="step_ms_p50", text="all but pose, decoding and drawing, p50", unit="ms", target=Target(most=1), decimals=2
    ),
    BenchFigure(key="step_ms_p95", text="the same, p95", unit="ms", decimals=2),
    BenchFigure(key="rep_ms_p50", text="scoring a rep, p50", unit="ms", target=Target(most=10), decimals=2),
    BenchFigure(key="rep_ms_p95", text="the same, p95", unit="ms", target=Target(most=10), decimals=2),
    BenchFigure(key="draw_ms_p50", text="drawing, p50", unit="ms", needs_window=True),
    BenchFigure(key="draw_ms_p95", text="the same, p95", unit="ms", needs_window=True),
    BenchFigure(
        key="captured_to_drawn_ms_p50", text="captured → drawn, p50", unit="ms", target=_DRAWN_P50, needs_window=True
    ),
    BenchFigure(key="captured_to_drawn_ms_p95", text="the same, p95", unit="ms", target=_DRAWN_P95, needs_window=True),
    BenchFigure(key="true_end_to_cue_ms_p95", text="true end of a rep → cue, p95", unit="ms", target=Target(most=250)),
    BenchFigure(
        key="cue_to_drawn_ms_p95", text="cue → drawn, p95", unit="ms", target=Target(most=40), needs_window=True
    ),
    BenchFigure(key="cue_to_heard_ms_p95", text="cue → first sample heard, p95", unit="ms", target=Target(most=80)),
    BenchFigure(key="peak_rss_mib", text="peak memory", unit="MiB", decimals=0),
    BenchFigure(key="recording_ms", text="recording, CPU per frame", unit="ms", target=Target(most=4), decimals=2),
    BenchFigure(key="left_out", text="frames missing in the video", unit="frames", target=_DROPPED, decimals=0),
    BenchFigure(key="video_mb_per_min", text="video", unit="MB/min", target=Target(most=15)),
    BenchFigure(key="observations_mb_per_min", text="observations", unit="MB/min", target=Target(most=1.5), decimals=2),
)
STREAM = (
    BenchFigure(key="shown_fps", text="frames shown per second", unit="1/s", target=_FPS, needs_window=True),
    BenchFigure(key="dropped", text="frames dropped", unit="frames", target=_DROPPED, decimals=0),
    _CPU_FIGURE,
    BenchFigure(
        key="captured_to_drawn_ms_p50", text="captured → drawn, p50", unit="ms", target=_DRAWN_P50, needs_window=True
    ),
    BenchFigure(key="captured_to_drawn_ms_p95", text="the same, p95", unit="ms", target=_DRAWN_P95, needs_window=True),
)
_SHOWN_AT_REST = BenchFigure(key="shown_fps", text="frames shown per second", unit="1/s", needs_window=True)
REST = {
    camera: (replace(_CPU_FIGURE, target=Target(most=most)), _SHOWN_AT_REST)
    for camera, most in (("still", 20), ("empty", 10))
}
"""Figures of a run at rest, by its camera."""
START = BenchFigure(key="first_picture_s", text="command → first picture", unit="s", target=Target(most=3), decimals=2)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the interpolated percentile, share 0…100; None without values."""
    return float(np.percentile(values, share)) if len(values) else None


def evaluate(
    trace: Trace, truth: Truth, heard: Callable[[], MeasuredValue], no_window: str | None
) -> dict[str, MeasuredValue]:
    """Return the value of every figure of a run, by key.

    heard: measures the cues in the recorded sound. no_window: why there was no window; None if there was one.
    """
    warm = [f for f in trace.frames if f.t_s - trace.frames[0].t_s >= WARM_UP_S]
    early = sum(f.dropped for f in trace.frames) - sum(f.dropped for f in warm)
    if len(warm) < 2:
        return dict.fromkeys((f.key for f in CLIP), not_measured("too few frames: increase --seconds"))
    values = {
        "shown_fps": _rate([f.drawn_s for f in warm if f.drawn_s is not None]),
        "dropped": MeasuredValue(
            value=sum(f.dropped for f in warm),
            note=f"{early} more in the first second, during start-up" if early else None,
        ),
        "cpu_percent": _cpu(warm, no_window),
        "cpu_ms": MeasuredValue(value=1000 * (warm[-1].cpu_s - warm[0].cpu_s) / (len(warm) - 1)),
        "frame_ms_p50": _spread([f.pose_ms + f.step_ms + (f.draw_ms or 0.0) for f in warm], 50),
        "peak_rss_mib": MeasuredValue(value=trace.peak_rss_mib)
        if trace.peak_rss_mib is not None
        else not_measured("this system does not report it"),
        "true_end_to_cue_ms_p95": _true_end_to_cue(trace.cues, truth),
        "cue_to_heard_ms_p95": heard() if _of_reps(trace.cues) else _NO_REP,
        "cue_to_drawn_ms_p95": _spread(
            [(c.drawn_s - c.event_s) * 1000 for c in _of_reps(trace.cues) if c.drawn_s is not None], 95, _NO_REP
        ),
    }
    values |= _recorded(trace.recorded)
    for name, share in (("p50", 50), ("p95", 95)):
        values[f"rep_ms_{name}"] = _spread([f.rep_ms for f in trace.frames if f.rep_ms is not None], share, _NO_REP)
        values[f"pose_ms_{name}"] = _spread([f.pose_ms for f in warm], share)
        values[f"step_ms_{name}"] = _spread([f.step_ms for f in warm], share)
        values[f"draw_ms_{name}"] = _spread([f.draw_ms for f in warm if f.draw_ms is not None], share)
        values[f"captured_to_drawn_ms_{name}"] = _spread(
            [(f.drawn_s - f.captured_s) * 1000 for f in warm if f.drawn_s is not None], share
        )
    return values


def evaluate_rest(trace: Trace, no_window: str | None) -> dict[str, MeasuredValue]:
    """Return the value of every figure of a run in which nothing happens, by key. no_window: as in `evaluate`."""
    rested = [f for f in trace.frames if f.t_s - trace.frames[0].t_s >= AT_REST_S]
    if len(rested) < 2:
        return dict.fromkeys(
            (figure.key for figure in REST["still"]), not_measured("too few frames: increase --seconds")
        )
    return {
        _CPU_FIGURE.key: _cpu(rested, no_window),
        _SHOWN_AT_REST.key: _rate([f.drawn_s for f in rested if f.drawn_s is not None]),
    }


_NO_REP = not_measured("no rep was completed: increase --seconds")


def spread_of_reps(values_ms: Sequence[float], lost: str | None = None) -> MeasuredValue:
    """Return the 95th percentile of per-rep values with their number. lost: text on reps without a value."""
    if not values_ms:
        return MeasuredValue(value=None, note=f"not measured: {lost or 'it did not happen'}", flawed=lost is not None)
    note = f"{min(values_ms):.0f} … {max(values_ms):.0f} ms, reps: {len(values_ms)}"
    return MeasuredValue(
        value=percentile(values_ms, 95), note=note if lost is None else f"{note}; {lost}", flawed=lost is not None
    )


def _spread(values: Sequence[float], share: float, without: MeasuredValue | None = None) -> MeasuredValue:
    value = percentile(values, share)
    if value is None:
        return without if without is not None else not_measured("it did not happen")
    return MeasuredValue(value=value)


def _rate(times_s: Sequence[float]) -> MeasuredValue:
    """Return the rate from the N - 1 intervals between N times."""
    if len(times_s) < 2:
        return not_measured("too few frames were drawn")
    return MeasuredValue(value=(len(times_s) - 1) / (times_s[-1] - times_s[0]))


def _cpu(frames: Sequence[FrameTrace], no_window: str | None) -> MeasuredValue:
    """Return the CPU use from the first to the last frame, each read after drawing, in % of one core."""
    wall_s = frames[-1].captured_s - frames[0].captured_s
    note = None if no_window is None else "without a window"
    return MeasuredValue(value=100 * (frames[-1].cpu_s - frames[0].cpu_s) / wall_s, note=note)


def _recorded(kept: RecordingCost | None) -> dict[str, MeasuredValue]:
    if kept is None or kept.duration_s <= 0:
        keys = ("recording_ms", "left_out", "video_mb_per_min", "observations_mb_per_min")
        return dict.fromkeys(keys, not_measured("the session could not be ended"))
    per_min = 60 / kept.duration_s / 1e6
    return {
        "recording_ms": MeasuredValue(value=kept.cpu_ms_per_frame),
        "left_out": MeasuredValue(value=kept.video_left_out),
        "video_mb_per_min": MeasuredValue(value=kept.video_bytes * per_min),
        "observations_mb_per_min": MeasuredValue(value=kept.observations_bytes * per_min),
    }


def _of_reps(cues: Sequence[CueTrace]) -> list[CueTrace]:
    return [cue for cue in cues if cue.rep is not None]


def _true_end_to_cue(cues: Sequence[CueTrace], truth: Truth) -> MeasuredValue:
    reps = _of_reps(cues)
    delays_ms = [delay for cue in reps if (delay := delay_ms(cue, truth)) is not None]
    if not reps:
        return _NO_REP
    far = len(reps) - len(delays_ms)
    return spread_of_reps(delays_ms, f"cues far from any true end: {far}" if far else None)


def delay_ms(cue: CueTrace, truth: Truth) -> float | None:
    """Return the delay of a cue after the nearest true end of a rep, ms; negative if early, None if none is near."""
    into_clip_s = cue.t_s % truth.period_s
    nearest_s = min((into_clip_s - end_s for end_s in truth.ends_s), key=abs)
    return nearest_s * 1000 + cue.latency_ms if abs(nearest_s) <= NEAREST_S else None
