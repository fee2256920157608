"""What a frame costs by stage, from traces, by pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from livecoach.tools.bench_figures import WARM_UP_S, MeasuredValue, percentile
from livecoach.tools.bench_rival import RivalTrace
from livecoach.tools.bench_trace import Trace

WITHOUT = "without mask, window, sound, recording, the wait after each frame and the process for each rep"
"""What the rival leaves out."""
StageName = Literal["capture", "pose", "decisions", "drawing", "recording"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCost:
    """The cost of one stage."""

    stage: StageName
    ms: float
    """Median over the frames; for the threads beside the main one, mean CPU time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLane:
    """The stages that run one after the other in the same place."""

    run: str
    """Name of the run: a pose model, or the rival."""
    place: str
    """Where its stages run, and what is counted."""
    costs: tuple[StageCost, ...]

    @property
    def total_ms(self) -> float:
        """Cost of all its stages."""
        return sum(cost.ms for cost in self.costs)


def lanes(trace: Trace, name: str) -> tuple[CostLane, ...]:
    """Return the stages of a live run: those of the main thread, and those of the threads beside it."""
    warm = [frame for frame in trace.frames if frame.t_s - trace.frames[0].t_s >= WARM_UP_S]
    drawn_ms = [frame.draw_ms for frame in warm if frame.draw_ms is not None]
    main = _costs(
        ("pose", [frame.pose_ms for frame in warm]),
        ("decisions", [frame.step_ms for frame in warm]),
        ("drawing", drawn_ms),
    )
    beside = _costs(
        ("capture", () if trace.capture_ms is None else (trace.capture_ms,)),
        ("recording", () if trace.recorded is None else (trace.recorded.cpu_ms_per_frame,)),
    )
    places = (("main thread", main), ("beside it, CPU", beside))
    return tuple(CostLane(run=name, place=place, costs=costs) for place, costs in places if costs)


def rival_lane(trace: RivalTrace, name: str) -> CostLane:
    """Return the stages of the rival, all in one thread."""
    costs = _costs(
        ("capture", trace.capture_ms),
        ("pose", trace.pose_ms),
        ("decisions", trace.stage_ms),
        ("drawing", trace.draw_ms),
    )
    return CostLane(run=name, place="its one thread", costs=costs)


def rival_values(trace: RivalTrace) -> dict[str, MeasuredValue]:
    """Return the rival's values of the figures that it has, by key."""
    frames_ms = [sum(one) for one in zip(trace.pose_ms, trace.stage_ms, trace.draw_ms, strict=True)]
    values = {
        "pose_ms_p50": percentile(trace.pose_ms, 50),
        "step_ms_p50": percentile(trace.stage_ms, 50),
        "step_ms_p95": percentile(trace.stage_ms, 95),
        "draw_ms_p50": percentile(trace.draw_ms, 50),
        "draw_ms_p95": percentile(trace.draw_ms, 95),
        "frame_ms_p50": percentile(frames_ms, 50),
        "cpu_ms": trace.cpu_ms,
        "peak_rss_mib": trace.peak_rss_mib,
    }
    notes = {"frame_ms_p50": WITHOUT}
    return {key: MeasuredValue(value=found, note=notes.get(key)) for key, found in values.items() if found is not None}


def _costs(*stages: tuple[StageName, Sequence[float]]) -> tuple[StageCost, ...]:
    return tuple(StageCost(stage=stage, ms=median(values)) for stage, values in stages if values)
