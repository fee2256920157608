"""Computes the phone's figures from the traces of run and page, by pure functions."""

from collections.abc import Sequence

from livecoach.tools.bench_figures import (
    WARM_UP_S,
    BenchFigure,
    MeasuredValue,
    Target,
    not_measured,
    percentile,
    spread_of_reps,
)
from livecoach.tools.bench_phone_trace import PageTrace
from livecoach.tools.bench_trace import CueTrace, FrameTrace, Trace

SAME_PICTURE_S = 0.015
"""Largest distance between the page's capture time of a picture and its estimate here; pictures are 33 ms apart."""
FULL_FPS = 30.0
PHONE = (
    BenchFigure(key="processed_fps", text="frames processed per second", unit="1/s", target=Target(least=28)),
    BenchFigure(key="glass_to_cue_ms_p50", text="captured → cue drawn, p50", unit="ms", target=Target(most=120)),
    BenchFigure(key="glass_to_cue_ms_p95", text="the same, p95", unit="ms", target=Target(most=200)),
    BenchFigure(key="glass_to_taken_ms_p50", text="captured → taken by livecoach, p50", unit="ms"),
    BenchFigure(key="glass_to_taken_ms_p95", text="the same, p95", unit="ms"),
    BenchFigure(key="cpu_percent", text="CPU of the process, % of one core", unit="% core", decimals=0),
    BenchFigure(
        key="cpu_beyond_file",
        text="beyond the file's, at 30 frames a second",
        unit="% core",
        target=Target(most=25, pose="lite"),
        decimals=0,
    ),
    BenchFigure(
        key="first_drawn_s", text="camera allowed → first state drawn", unit="s", target=Target(most=2), decimals=2
    ),
    BenchFigure(key="page_kb", text="page", unit="kB", target=Target(most=100)),
)


def evaluate_phone(trace: Trace, page: PageTrace, from_file: Trace) -> dict[str, MeasuredValue]:
    """Return the value of every figure, by key. from_file: the same clip without a phone."""
    warm = _warm(trace)
    if len(warm) < 2 or len(_warm(from_file)) < 2:
        return dict.fromkeys((figure.key for figure in PHONE), not_measured("too few frames: increase --seconds"))
    frame_ms, plain_ms = _cpu_ms(warm), _cpu_ms(_warm(from_file))
    median, high = _glass_to_cue(trace, page)
    taken_ms = [sent.taken_ms - sent.captured_ms for sent in page.pictures if sent.taken_ms is not None]
    return {
        "processed_fps": MeasuredValue(
            value=(len(warm) - 1) / (warm[-1].captured_s - warm[0].captured_s),
            note=f"{page.browser}: its camera gave {page.shown} pictures, {len(page.pictures)} were sent",
        ),
        "glass_to_cue_ms_p50": median,
        "glass_to_cue_ms_p95": high,
        "glass_to_taken_ms_p50": MeasuredValue(value=percentile(taken_ms, 50)),
        "glass_to_taken_ms_p95": MeasuredValue(value=percentile(taken_ms, 95)),
        "cpu_percent": MeasuredValue(
            value=100 * (warm[-1].cpu_s - warm[0].cpu_s) / (warm[-1].captured_s - warm[0].captured_s)
        ),
        "cpu_beyond_file": MeasuredValue(
            value=(frame_ms - plain_ms) * FULL_FPS / 10,
            note=f"{frame_ms:.0f} ms a frame, {plain_ms:.0f} ms from the clip's file",
        ),
        "first_drawn_s": _first_drawn(page),
        "page_kb": MeasuredValue(value=page.page_bytes / 1000),
    }


def glass_to_cue_ms(cue: CueTrace, frames: Sequence[FrameTrace], page: PageTrace) -> float | None:
    """Return the time from the capture of a cue's frame to the painting of the cue, both by the page's clock; None if
    the page has not drawn it or the frame is not known."""
    drawn_ms = next((seen.drawn_ms for seen in page.cues if seen.rep == cue.rep), None)
    captured_s = next((frame.captured_s for frame in frames if frame.t_s == cue.t_s), None)
    if drawn_ms is None or captured_s is None:
        return None
    captured_ms = 1000 * (captured_s - page.offset_s)
    nearest = min(page.pictures, key=lambda sent: abs(sent.captured_ms - captured_ms), default=None)
    if nearest is None or abs(nearest.captured_ms - captured_ms) > 1000 * SAME_PICTURE_S:
        return None
    return drawn_ms - nearest.captured_ms


def _glass_to_cue(trace: Trace, page: PageTrace) -> tuple[MeasuredValue, MeasuredValue]:
    reps = [cue for cue in trace.cues if cue.rep is not None]
    if not reps:
        none = not_measured("no rep was completed: increase --seconds")
        return none, none
    took_ms = [took for cue in reps if (took := glass_to_cue_ms(cue, trace.frames, page)) is not None]
    lost = len(reps) - len(took_ms)
    high = spread_of_reps(took_ms, f"cues that the page did not draw: {lost}" if lost else None)
    return MeasuredValue(value=percentile(took_ms, 50), note=None if took_ms else high.note), high


def _first_drawn(page: PageTrace) -> MeasuredValue:
    if page.allowed_ms is None or page.first_drawn_ms is None:
        return not_measured("the page has drawn nothing")
    return MeasuredValue(value=(page.first_drawn_ms - page.allowed_ms) / 1000)


def _warm(trace: Trace) -> list[FrameTrace]:
    return [frame for frame in trace.frames if frame.t_s - trace.frames[0].t_s >= WARM_UP_S]


def _cpu_ms(frames: Sequence[FrameTrace]) -> float:
    """Return the CPU time of a frame: a run that drops frames takes less of a core, and is not cheaper."""
    return 1000 * (frames[-1].cpu_s - frames[0].cpu_s) / (len(frames) - 1)
