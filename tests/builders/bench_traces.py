"""Traces of measured runs."""

from livecoach.tools.bench_figures import CueTrace, FrameTrace, RecordingCost, Trace
from livecoach.types import Cue


def a_frame(number: int, **changes: object) -> FrameTrace:
    """Frame `number` of a run at 30 frames a second in which nothing happens."""
    captured_s = 100 + number / 30
    usual = {
        "t_s": number / 30,
        "captured_s": captured_s,
        "dropped": 0,
        "pose_ms": 8.0,
        "step_ms": 0.5,
        "rep_ms": None,
        "draw_ms": 4.0,
        "drawn_s": captured_s + 0.02,
        "cpu_s": number / 60,
    }
    return FrameTrace(**{**usual, **changes})


def a_cue(t_s: float, **changes: object) -> CueTrace:
    """The cue of a good rep, 20 ms after its frame."""
    cue = Cue(kind="good_rep", text="1", rep=1, say="1")
    usual = {"t_s": t_s, "latency_ms": 20.0, "event_s": 100 + t_s, "drawn_s": 100.01 + t_s, "cue": cue}
    return CueTrace(**{**usual, **changes})


def a_trace(*frames: FrameTrace, cues: tuple[CueTrace, ...] = ()) -> Trace:
    recorded = RecordingCost(
        cpu_ms_per_frame=2.0, duration_s=30.0, video_bytes=5_000_000, video_left_out=1, observations_bytes=500_000
    )
    return Trace(
        frames=frames or tuple(map(a_frame, range(91))),
        cues=cues,
        peak_rss_mib=300.0,
        sound_live=True,
        recorded=recorded,
    )
