"""Shows a soak: a table, a JSON document, and a picture of memory, frames and latency over time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from livecoach.charts import ticks
from livecoach.charts.html import template
from livecoach.tools.machine import Machine, this_machine
from livecoach.tools.soak_figures import SoakFigure, SoakPoint, SoakTrace, figures, series

WIDTH, LEFT, RIGHT = 900.0, 70.0, 860.0
TOP, PANEL, GAP = 70.0, 150.0, 70.0
BLUE, ORANGE = "#0072b2", "#d55e00"
"""Okabe and Ito's."""
MARKS = {True: "✓", False: "✗", None: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class SoakDocument:
    """The document that `livecoach soak --json` writes."""

    schema: int
    machine: Machine
    minutes: float
    fps: float
    """Pictures a second of the camera."""
    status: int | None
    """Exit status of the run after Ctrl-C."""
    figures: tuple[SoakFigure, ...]
    series: tuple[SoakPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    path: str
    label: str
    label_x: float
    colour: str
    dashes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    title: str
    top: float
    height: float
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    lines: tuple[_Line, ...]


def document(trace: SoakTrace, *, minutes: float, fps: float) -> SoakDocument:
    """Return the JSON document."""
    return SoakDocument(
        schema=1,
        machine=this_machine(),
        minutes=minutes,
        fps=fps,
        status=trace.status,
        figures=figures(trace),
        series=series(trace),
    )


def table(told: SoakDocument) -> Table:
    """Lay out one line for each figure."""
    shown = Table(box=None, pad_edge=False)
    for name in ("figure", "unit", "limit"):
        shown.add_column(name, no_wrap=True)
    shown.add_column("value", justify="right", no_wrap=True)
    shown.add_column("")
    for one in told.figures:
        value = "–" if one.value is None else f"{one.value:.1f}"
        shown.add_row(one.text, one.unit, one.limit or "", value, MARKS[one.held])
    return shown


def picture(told: SoakDocument) -> str:
    """Draw memory, frames and latency over time as SVG."""
    points = told.series
    drops = [float(point.dropped) for point in points]
    rates = [point.fps for point in points]
    panels = (
        _panel(0, "memory, MiB", told, [("", BLUE, [point.rss_mib for point in points])]),
        _panel(1, "frames", told, [("processed a second", BLUE, rates), ("dropped in the interval", ORANGE, drops)]),
        _panel(
            2,
            "captured → decided, ms",
            told,
            [
                ("p50", BLUE, [point.latency_ms_p50 for point in points]),
                ("p95", ORANGE, [point.latency_ms_p95 for point in points]),
            ],
        ),
    )
    return template(Path(__file__).with_name("soak.svg.j2")).render(
        width=WIDTH,
        height=TOP + 3 * (PANEL + GAP) - GAP / 2,
        left=LEFT,
        right=RIGHT,
        title=f"{told.minutes:g} minutes of one set, {told.fps:g} pictures a second, {told.machine.cores} cores",
        panels=panels,
    )


def _panel(
    place: int, title: str, told: SoakDocument, lines: Sequence[tuple[str, str, Sequence[float | None]]]
) -> _Panel:
    """Lay out one panel; time is in minutes. lines: label, colour and values."""
    points, last = told.series, max(told.minutes, told.series[-1].t_s / 60)
    largest = max((value for _, _, values in lines for value in values if value is not None), default=1.0) or 1.0
    step = ticks.step(largest)
    top = step * -(-largest // step)

    def x(minutes: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * minutes / last, 1)

    def y(value: float) -> float:
        return round(PANEL * (1 - value / top), 1)

    return _Panel(
        title=title,
        top=TOP + place * (PANEL + GAP),
        height=PANEL,
        x_ticks=tuple((x(at), f"{label} min") for at, label in ticks.between(0.0, last, 6)),
        y_ticks=tuple((y(value), label) for value, label in ticks.between(0.0, top)),
        lines=tuple(
            _Line(
                path=_path(points, values, x, y),
                label=label,
                label_x=RIGHT - 200 * (len(lines) - 1 - number),
                colour=colour,
                dashes="6 4" if number else "none",
            )
            for number, (label, colour, values) in enumerate(lines)
        ),
    )


def _path(
    points: Sequence[SoakPoint],
    values: Sequence[float | None],
    x: Callable[[float], float],
    y: Callable[[float], float],
) -> str:
    """Return the path of a line, with a gap where there is no value."""
    parts, pen = [], "M"
    for point, value in zip(points, values, strict=True):
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{x(point.t_s / 60)} {y(value)}")
        pen = "L"
    return "".join(parts)
