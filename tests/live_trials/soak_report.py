"""What a soak shows: series over time, figures with their limits, a table and a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.table import Table

from livecoach import charts
from livecoach.charts import template
from livecoach.tools.machine import Machine, this_machine

SERIES = 120
"""Most points of a series: as many as a picture shows apart. Each has two samples and more. Our choice."""
SETTLED_S = 120.0
"""By then models, reference and buffers are loaded; in a short soak it is a third of its length. Our choice."""
MOST_GROWTH_MIB, MOST_DROPPED, MOST_P95_MS, LEAST_REPS = 50.0, 0.01, 50.0, 0.95
WIDTH, LEFT, RIGHT = 900.0, 70.0, 860.0
TOP, PANEL, GAP = 70.0, 150.0, 70.0
BLUE, ORANGE = "#0072b2", "#d55e00"
"""Okabe and Ito's."""
MARKS = {True: "✓", False: "✗", None: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySample:
    """The process at one moment."""

    t_s: float
    """Time since the first event."""
    rss_mib: float
    """Resident memory."""
    cpu_s: float
    """CPU time so far, all threads together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoakTrace:
    """What was recorded of a soak."""

    samples: tuple[MemorySample, ...]
    frames: tuple[tuple[float, int], ...]
    """Time of each processed frame, and the number of frames dropped before it."""
    latencies: tuple[tuple[float, float], ...]
    """Time of each event of a frame, and milliseconds from the frame's capture to it."""
    reps: int
    """Reps counted."""
    shown: int
    """Reps shown by the camera until the last frame."""
    session_mib: float
    status: int | None
    """Exit status after Ctrl-C; None if the process had to be killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoakPoint:
    """An interval of a soak. Values are null where there is nothing to compute them from."""

    t_s: float
    """Its middle."""
    rss_mib: float | None
    fps: float
    """Frames processed a second."""
    dropped: int
    latency_ms_p50: float | None
    latency_ms_p95: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoakFigure:
    """One figure of a soak with its limit."""

    key: str
    text: str
    unit: str
    value: float | None
    """Null if it could not be measured."""
    limit: str | None
    """Null without a limit."""
    held: bool | None
    """Null without a limit."""


def series(trace: SoakTrace) -> tuple[SoakPoint, ...]:
    """Return the values over time, in equal intervals."""
    samples, frames, latencies = _columns(trace)
    end_s = max(float(column[:, 0].max()) for column in (samples, frames) if len(column)) + 1e-6
    edges = np.linspace(0.0, end_s, min(SERIES, max(len(samples) // 2, 1)) + 1)
    points = []
    for begin_s, until_s in pairwise(edges):
        within = [rows[(rows[:, 0] >= begin_s) & (rows[:, 0] < until_s)][:, 1] for rows in (samples, frames, latencies)]
        points.append(
            SoakPoint(
                t_s=round(float(begin_s + until_s) / 2, 1),
                rss_mib=_percentile(within[0], 50),
                fps=round(len(within[1]) / float(until_s - begin_s), 2),
                dropped=int(within[1].sum()),
                latency_ms_p50=_percentile(within[2], 50),
                latency_ms_p95=_percentile(within[2], 95),
            )
        )
    return tuple(points)


def figures(trace: SoakTrace) -> tuple[SoakFigure, ...]:
    """Return the figures, those with a limit first."""
    _, frames, latencies = _columns(trace)
    dropped = float(frames[1:, 1].sum())  # before the first one, it was starting
    seconds = float(frames[-1, 0] - frames[0, 0]) if len(frames) > 1 else 0.0
    last = trace.samples[-1] if trace.samples else None
    cpu = None if last is None or last.t_s <= 0 else 100 * (last.cpu_s - trace.samples[0].cpu_s) / last.t_s
    return (
        _at_most("growth_mib", "memory gained after it has settled", "MiB", growth_mib(trace.samples), MOST_GROWTH_MIB),
        _at_most(
            "dropped_share", "frames dropped", "%", 100 * dropped / max(dropped + len(frames), 1), 100 * MOST_DROPPED
        ),
        _at_most("latency_ms_p95", "captured → decided, p95", "ms", _percentile(latencies[:, 1], 95), MOST_P95_MS),
        _at_least(
            "reps_share", "reps counted of those shown", "%", 100 * trace.reps / max(trace.shown, 1), 100 * LEAST_REPS
        ),
        _figure("latency_ms_p50", "captured → decided, p50", "ms", _percentile(latencies[:, 1], 50)),
        _figure("reps", "reps counted", "", float(trace.reps)),
        _figure("fps", "frames processed a second", "1/s", len(frames) / seconds if seconds else None),
        _figure("peak_rss_mib", "peak memory", "MiB", max((one.rss_mib for one in trace.samples), default=None)),
        _figure("cpu_percent", "CPU of the process, % of one core", "% core", cpu),
        _figure(
            "session_mib_per_hour", "session on disk, an hour", "MiB", trace.session_mib * 3600 / max(seconds, 1.0)
        ),
    )


def growth_mib(samples: Sequence[MemorySample]) -> float | None:
    """Return how much memory a process gained after it had settled; None if there are too few samples.

    Both ends are medians over a tenth of the time.
    """
    if len(samples) < 4:
        return None
    end_s = samples[-1].t_s
    settled_s = min(SETTLED_S, end_s / 3)
    first = [one.rss_mib for one in samples if settled_s <= one.t_s <= settled_s + max(end_s / 10, 1.0)]
    last = [one.rss_mib for one in samples if one.t_s >= end_s - max(end_s / 10, 1.0)]
    return float(np.median(last) - np.median(first)) if first and last else None


def _columns(trace: SoakTrace) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return memory, drops and latencies as (n, 2): time, value."""
    memory = [(one.t_s, one.rss_mib) for one in trace.samples]
    rows = (memory, trace.frames, trace.latencies)
    columns = [np.asarray(one, np.float64).reshape(-1, 2) for one in rows]
    return columns[0], columns[1], columns[2]


def _percentile(values: np.ndarray, share: float) -> float | None:
    return round(float(np.percentile(values, share)), 2) if len(values) else None


def _figure(key: str, text: str, unit: str, value: float | None) -> SoakFigure:
    shown = None if value is None else round(value, 2)
    return SoakFigure(key=key, text=text, unit=unit, value=shown, limit=None, held=None)


def _at_most(key: str, text: str, unit: str, value: float | None, most: float) -> SoakFigure:
    plain = _figure(key, text, unit, value)
    held = plain.value is not None and plain.value <= most
    return SoakFigure(key=key, text=text, unit=unit, value=plain.value, limit=f"≤ {most:g}", held=held)


def _at_least(key: str, text: str, unit: str, value: float, least: float) -> SoakFigure:
    plain = _figure(key, text, unit, value)
    return SoakFigure(key=key, text=text, unit=unit, value=plain.value, limit=f"≥ {least:g}", held=value >= least)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoakDocument:
    """The figures of a soak, and their series over time."""

    schema: int
    machine: Machine
    minutes: float
    fps: float
    """Pictures a second of the camera."""
    status: int | None
    """Exit status of the run after Ctrl-C."""
    figures: tuple[SoakFigure, ...]
    series: tuple[SoakPoint, ...]


def document(trace: SoakTrace, *, minutes: float, fps: float) -> SoakDocument:
    """Return the figures and series of a soak."""
    return SoakDocument(
        schema=1,
        machine=this_machine(),
        minutes=minutes,
        fps=fps,
        status=trace.status,
        figures=figures(trace),
        series=series(trace),
    )


def table(document: SoakDocument) -> Table:
    """Lay out one line for each figure."""
    shown = Table(box=None, pad_edge=False)
    for name in ("figure", "unit", "limit"):
        shown.add_column(name, no_wrap=True)
    shown.add_column("value", justify="right", no_wrap=True)
    shown.add_column("")
    for one in document.figures:
        value = "–" if one.value is None else f"{one.value:.1f}"
        shown.add_row(one.text, one.unit, one.limit or "", value, MARKS[one.held])
    return shown


def picture(document: SoakDocument) -> str:
    """Draw memory, frames and latency over time as SVG."""
    points = document.series
    drops = [float(point.dropped) for point in points]
    rates = [point.fps for point in points]
    panels = (
        _panel(0, "memory, MiB", document, [("", BLUE, [point.rss_mib for point in points])]),
        _panel(
            1, "frames", document, [("processed a second", BLUE, rates), ("dropped in the interval", ORANGE, drops)]
        ),
        _panel(
            2,
            "captured → decided, ms",
            document,
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
        title=(
            f"{document.minutes:g} minutes of one set, {document.fps:g} pictures a second, "
            f"{document.machine.cores} cores"
        ),
        panels=panels,
    )


def _panel(
    place: int, title: str, document: SoakDocument, lines: Sequence[tuple[str, str, Sequence[float | None]]]
) -> dict[str, object]:
    """Lay out one panel; time is in minutes. lines: label, colour and values."""
    points, last = document.series, max(document.minutes, document.series[-1].t_s / 60)
    largest = max((value for _, _, values in lines for value in values if value is not None), default=1.0) or 1.0
    step = charts.tick_distance(largest)
    top = step * -(-largest // step)

    def x(minutes: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * minutes / last, 1)

    def y(value: float) -> float:
        return round(PANEL * (1 - value / top), 1)

    return {
        "title": title,
        "top": TOP + place * (PANEL + GAP),
        "height": PANEL,
        "x_ticks": tuple((x(at), f"{label} min") for at, label in charts.ticks_between(0.0, last, 6)),
        "y_ticks": tuple((y(value), label) for value, label in charts.ticks_between(0.0, top)),
        "lines": tuple(
            {
                "path": _path(points, values, x, y),
                "label": label,
                "label_x": RIGHT - 200 * (len(lines) - 1 - number),
                "colour": colour,
                "dashes": "6 4" if number else "none",
            }
            for number, (label, colour, values) in enumerate(lines)
        ),
    }


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
