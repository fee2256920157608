"""From traces to figures, and whether they are what was promised. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach.tools.bench_trace import CueTrace, FrameTrace, Recorded, Trace

WARM_UP_S = 1.0
"""Of frames, not counted: the window opens meanwhile. What was dropped then is told beside."""
NEAREST_S = 1.5
"""A cue belongs to the rep whose true end is nearest, if no further away than this; reps are 4 s apart."""
Unit = Literal["1/s", "frames", "% core", "ms", "s", "MiB", "MB/min"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is promised."""

    most: float | None = None
    least: float | None = None
    pose: str | None = None
    """The pose model that it is promised for; None for all."""

    def met(self, value: float) -> bool:
        """Whether a value keeps the promise."""
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)

    def __str__(self) -> str:
        words = f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}"
        return words if self.pose is None else f"{words} ({self.pose})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table."""

    key: str
    """In JSON."""
    text: str
    """In the table."""
    unit: Unit
    target: Target | None = None
    needs_window: bool = False
    decimals: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What was measured of a figure."""

    value: float | None
    """None: not measured, and `note` says why."""
    note: str | None = None
    flawed: bool = False
    """Something failed that the value does not show: the target is missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """When the reps of a clip really end."""

    ends_s: tuple[float, ...]
    """Of the clip's own time."""
    period_s: float
    """The clip begins again after so long."""


def not_measured(why: str) -> Value:
    """No value, with the reason."""
    return Value(value=None, note=f"not measured: {why}")


# Targets: what livecoach promises of latency, rate, start and recording. 29.5: 30 within the grain of
# the measurement.
_FPS = Target(least=29.5)
_DROPPED = Target(most=0)
_CPU = Target(most=70, pose="lite")
_DRAWN_P50, _DRAWN_P95 = Target(most=25), Target(most=50)
CLIP = (
    Figure(key="shown_fps", text="frames a second shown", unit="1/s", target=_FPS, needs_window=True),
    Figure(key="dropped", text="frames dropped", unit="frames", target=_DROPPED, decimals=0),
    Figure(key="cpu_percent", text="CPU of the process, in % of one core", unit="% core", target=_CPU, decimals=0),
    Figure(key="pose_ms_p50", text="pose, p50", unit="ms"),
    Figure(
        key="step_ms_p50", text="all but pose, decoding, drawing, p50", unit="ms", target=Target(most=1), decimals=2
    ),
    Figure(key="step_ms_p95", text="the same, p95", unit="ms", decimals=2),
    Figure(key="rep_ms_p50", text="a rep scored, p50", unit="ms", target=Target(most=10), decimals=2),
    Figure(key="rep_ms_p95", text="the same, p95", unit="ms", target=Target(most=10), decimals=2),
    Figure(key="draw_ms_p50", text="drawing, p50", unit="ms", needs_window=True),
    Figure(key="draw_ms_p95", text="the same, p95", unit="ms", needs_window=True),
    Figure(
        key="captured_to_drawn_ms_p50", text="captured → drawn, p50", unit="ms", target=_DRAWN_P50, needs_window=True
    ),
    Figure(key="captured_to_drawn_ms_p95", text="the same, p95", unit="ms", target=_DRAWN_P95, needs_window=True),
    Figure(key="true_end_to_cue_ms_p95", text="true end of a rep → cue, p95", unit="ms", target=Target(most=250)),
    Figure(key="cue_to_drawn_ms_p95", text="cue → drawn, p95", unit="ms", target=Target(most=40), needs_window=True),
    Figure(key="cue_to_heard_ms_p95", text="cue → first sample heard, p95", unit="ms", target=Target(most=80)),
    Figure(key="peak_rss_mib", text="most memory ever held", unit="MiB", decimals=0),
    Figure(key="recording_ms", text="recording, CPU a frame", unit="ms", target=Target(most=4), decimals=2),
    Figure(key="left_out", text="frames left out of the video", unit="frames", target=_DROPPED, decimals=0),
    Figure(key="video_mb_per_min", text="video", unit="MB/min", target=Target(most=15)),
    Figure(key="observations_mb_per_min", text="observations", unit="MB/min", target=Target(most=1.5), decimals=2),
)
STREAM = (
    Figure(key="shown_fps", text="frames a second shown", unit="1/s", target=_FPS, needs_window=True),
    Figure(key="dropped", text="frames dropped", unit="frames", target=_DROPPED, decimals=0),
    Figure(key="cpu_percent", text="CPU of the process, in % of one core", unit="% core", target=_CPU, decimals=0),
    Figure(
        key="captured_to_drawn_ms_p50", text="captured → drawn, p50", unit="ms", target=_DRAWN_P50, needs_window=True
    ),
    Figure(key="captured_to_drawn_ms_p95", text="the same, p95", unit="ms", target=_DRAWN_P95, needs_window=True),
)
START = Figure(key="first_picture_s", text="command → first picture", unit="s", target=Target(most=3), decimals=2)


def percentile(values: Sequence[float], share: float) -> float | None:
    """At a share of 0…100, interpolated; None without values."""
    return float(np.percentile(values, share)) if len(values) else None


def measured(trace: Trace, truth: Truth, heard: Callable[[], Value], no_window: str | None) -> dict[str, Value]:
    """The value of every figure of a run, by key.

    heard: looks the cues up in what the sound server played; no_window: why there was none, None where there was one.
    """
    warm = [f for f in trace.frames if f.t_s - trace.frames[0].t_s >= WARM_UP_S]
    early = sum(f.dropped for f in trace.frames) - sum(f.dropped for f in warm)
    if len(warm) < 2:
        return dict.fromkeys((f.key for f in CLIP), not_measured("too few frames; give more --seconds"))
    values = {
        "shown_fps": _rate([f.drawn_s for f in warm if f.drawn_s is not None]),
        "dropped": Value(
            value=sum(f.dropped for f in warm),
            note=f"{early} more in the first second, while it was starting" if early else None,
        ),
        "cpu_percent": _cpu(warm, no_window),
        "peak_rss_mib": Value(value=trace.peak_rss_mib)
        if trace.peak_rss_mib is not None
        else not_measured("this system does not tell"),
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


_NO_REP = not_measured("no rep was completed; give more --seconds")


def spread_of_reps(values_ms: Sequence[float], lost: str | None = None) -> Value:
    """The p95 of something measured once a rep; says of how many. lost: for how many it failed, in words."""
    if not values_ms:
        return Value(value=None, note=f"not measured: {lost or 'it did not happen'}", flawed=lost is not None)
    note = f"{min(values_ms):.0f} … {max(values_ms):.0f} ms, reps: {len(values_ms)}"
    return Value(
        value=percentile(values_ms, 95), note=note if lost is None else f"{note}; {lost}", flawed=lost is not None
    )


def _spread(values: Sequence[float], share: float, without: Value | None = None) -> Value:
    value = percentile(values, share)
    if value is None:
        return without if without is not None else not_measured("it did not happen")
    return Value(value=value)


def _rate(times_s: Sequence[float]) -> Value:
    """N times make N - 1 gaps."""
    if len(times_s) < 2:
        return not_measured("too few frames were drawn")
    return Value(value=(len(times_s) - 1) / (times_s[-1] - times_s[0]))


def _cpu(frames: Sequence[FrameTrace], no_window: str | None) -> Value:
    """From the first to the last of the frames; a frame's reading is taken once it is done, so at its drawing."""
    wall_s = frames[-1].captured_s - frames[0].captured_s
    note = None if no_window is None else "without a window"
    return Value(value=100 * (frames[-1].cpu_s - frames[0].cpu_s) / wall_s, note=note)


def _recorded(kept: Recorded | None) -> dict[str, Value]:
    if kept is None or kept.duration_s <= 0:
        keys = ("recording_ms", "left_out", "video_mb_per_min", "observations_mb_per_min")
        return dict.fromkeys(keys, not_measured("the session could not be ended"))
    per_min = 60 / kept.duration_s / 1e6
    return {
        "recording_ms": Value(value=kept.cpu_ms_per_frame),
        "left_out": Value(value=kept.video_left_out),
        "video_mb_per_min": Value(value=kept.video_bytes * per_min),
        "observations_mb_per_min": Value(value=kept.observations_bytes * per_min),
    }


def _of_reps(cues: Sequence[CueTrace]) -> list[CueTrace]:
    return [cue for cue in cues if cue.rep is not None]


def _true_end_to_cue(cues: Sequence[CueTrace], truth: Truth) -> Value:
    reps = _of_reps(cues)
    delays_ms = [delay for cue in reps if (delay := delay_ms(cue, truth)) is not None]
    if not reps:
        return _NO_REP
    far = len(reps) - len(delays_ms)
    return spread_of_reps(delays_ms, f"cues near no true end: {far}" if far else None)


def delay_ms(cue: CueTrace, truth: Truth) -> float | None:
    """From the nearest true end of a rep to the cue's event, negative where it came first; None: there is none near."""
    into_clip_s = cue.t_s % truth.period_s
    nearest_s = min((into_clip_s - end_s for end_s in truth.ends_s), key=abs)
    return nearest_s * 1000 + cue.latency_ms if abs(nearest_s) <= NEAREST_S else None
