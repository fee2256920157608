"""Draws what a frame costs by stage, as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from livecoach.charts import ticks
from livecoach.charts.html import template
from livecoach.tools.bench_costs import CostLane, StageName
from livecoach.tools.machine import Machine

WIDTH, LEFT, RIGHT = 900.0, 190.0, 870.0
TOP, BAR, GAP = 90.0, 26.0, 12.0
BELOW = 70.0
LETTER = 7.5
"""Width of a character of a label."""
COLOURS: dict[StageName, str] = {
    "capture": "#56b4e9",
    "pose": "#0072b2",
    "decisions": "#d55e00",
    "drawing": "#009e73",
    "recording": "#cc79a7",
}
"""Okabe and Ito's."""
LIVE_MS = 1000 / 30
"""Time of a frame at 30 a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    x: float
    width: float
    colour: str
    label: str
    """Empty where it does not fit."""
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    y: float
    run: str
    place: str
    end: float
    total: str
    blocks: tuple[_Block, ...]


def picture(lanes: Sequence[CostLane], machine: Machine) -> str:
    """Draw one bar for each lane, of its stages' times per frame."""
    longest = max([LIVE_MS, *(lane.total_ms for lane in lanes)]) * 1.08
    per_ms = (RIGHT - LEFT) / longest
    bottom = TOP + len(lanes) * (BAR + GAP)
    stages = {cost.stage for lane in lanes for cost in lane.costs}
    return template(Path(__file__).with_name("bench.svg.j2")).render(
        width=WIDTH,
        height=bottom + BELOW,
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=bottom,
        bar=BAR,
        title="Cost of a frame by stage, ms (median; beside the main thread: mean CPU)",
        about=f"{machine.cpu}, {machine.cores} cores, {machine.measured_utc} UTC",
        limit=round(LEFT + LIVE_MS * per_ms, 1),
        ticks=[(round(LEFT + at * per_ms, 1), label) for at, label in ticks.between(0.0, longest, 8)],
        bars=[_bar(lane, TOP + number * (BAR + GAP), per_ms) for number, lane in enumerate(lanes)],
        legend=[
            (LEFT + 110 * number, COLOURS[stage], stage)
            for number, stage in enumerate(stage for stage in COLOURS if stage in stages)
        ],
    )


def _bar(lane: CostLane, y: float, per_ms: float) -> _Bar:
    blocks, x = [], LEFT
    for cost in lane.costs:
        width, label = cost.ms * per_ms, f"{cost.ms:.1f}"
        blocks.append(
            _Block(
                x=round(x, 1),
                width=round(width, 1),
                colour=COLOURS[cost.stage],
                label=label if width > LETTER * len(label) + 6 else "",
                title=f"{cost.stage}: {cost.ms:.2f} ms",
            )
        )
        x += width
    return _Bar(
        y=y, run=lane.run, place=lane.place, end=round(x + 6, 1), total=f"{lane.total_ms:.1f}", blocks=tuple(blocks)
    )
