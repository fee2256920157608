"""Compares the speed of two checkouts on this machine, by alternate runs.

What else the machine does, and how fast it is at the time, meets both runs of a pair. So the ratios hold where the
figures themselves do not.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

import livecoach
from livecoach.config.paths import assets_dir
from livecoach.errors import OutputError
from livecoach.tools.bench import GROUPS, clip_truth, run_child, stream_requests
from livecoach.tools.bench_figures import (
    CLIP,
    REST,
    BenchFigure,
    CameraKind,
    MeasuredValue,
    RunRequest,
    Trace,
    evaluate,
    evaluate_rest,
    not_measured,
)
from livecoach.tools.bench_report import conditions
from livecoach.tools.machine import Machine, this_machine
from livecoach.tools.private_servers import Servers, servers

PAIRS = 3
Values = Mapping[str, MeasuredValue]
"""Figures of a run, by key."""
COMPARED = (
    *("cpu_percent", "pose_ms_p50", "step_ms_p50", "step_ms_p95", "draw_ms_p50"),
    *("captured_to_drawn_ms_p50", "captured_to_drawn_ms_p95", "peak_rss_mib"),
)
"""Figures that are compared of the stream of reps."""
_UNHEARD = not_measured("sound is not compared")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedFigure:
    """A figure of both checkouts."""

    group: str
    figure: str
    text: str
    pose: str
    unit: str
    this: tuple[float | None, ...]
    """Of this checkout in each pair. Null if it was not measured."""
    baseline: tuple[float | None, ...]
    """Of the other one in each pair."""

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """Of this checkout to the other, in each pair."""
        pairs = zip(self.this, self.baseline, strict=True)
        return tuple(this / baseline if this is not None and baseline else None for this, baseline in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonDocument:
    """The document that `livecoach lab bench --compare DIR --json` writes."""

    schema: int
    machine: Machine
    seconds: float
    """Duration of each run."""
    window: str
    sound: str
    baseline: str
    """Folder of the other checkout."""
    rows: tuple[ComparedFigure, ...]


def compare(baseline: Path, poses: Sequence[str], seconds: float, say: Callable[[str], object]) -> ComparisonDocument:
    """Run this checkout and another one alternately, PAIRS times each.

    baseline: folder of the other one. say: called with progress lines. Raises LivecoachError if a run fails.
    """
    if not (baseline / "livecoach" / "tools" / "bench_run.py").is_file():
        raise OutputError(f"{baseline}: is no checkout of livecoach that can be measured. Give the folder of a clone.")
    machine, rows = this_machine(), list[ComparedFigure]()
    with servers(say) as place, closing(stream_requests(poses, seconds, window=not place.no_window)) as requests:
        for request in requests:
            rows += _compared(request, baseline, place, say)
    return ComparisonDocument(
        schema=1,
        machine=machine,
        seconds=seconds,
        window=place.window,
        sound=place.sound,
        baseline=str(baseline),
        rows=tuple(rows),
    )


def _compared(
    request: RunRequest, baseline: Path, place: Servers, say: Callable[[str], object]
) -> list[ComparedFigure]:
    """Run PAIRS pairs, and return their figures."""

    def measure(checkout: Path) -> Values:
        return _values(run_child(request, place.env, None, checkout), request.camera, place.no_window)

    def told(pair: int) -> None:
        say(f"pose {request.pose}, {GROUPS[request.camera]}: pair {pair} of {PAIRS}")

    this = Path(livecoach.__file__).parents[1]
    return _rows(request.camera, request.pose, alternately(measure, this, baseline, told))


def alternately(
    measure: Callable[[Path], Values], this: Path, baseline: Path, say: Callable[[int], object]
) -> list[tuple[Values, Values]]:
    """Return what is measured of this checkout and of the baseline in each of PAIRS pairs. Either goes first in turn.

    measure: runs the checkout in a folder. say: called with the number of each pair, from 1 on.
    """
    pairs = []
    for number in range(1, PAIRS + 1):
        say(number)
        if number % 2:
            before = measure(baseline)
            pairs.append((measure(this), before))
        else:
            pairs.append((measure(this), measure(baseline)))
    return pairs


def _values(trace: Trace, kind: CameraKind, no_window: str | None) -> Values:
    """Return the figures of a run, by key."""
    if kind in REST:
        return evaluate_rest(trace, no_window)
    return evaluate(trace, clip_truth(assets_dir() / "demo.json"), lambda: _UNHEARD, no_window)


def _rows(kind: CameraKind, pose: str, values: Sequence[tuple[Values, Values]]) -> list[ComparedFigure]:
    """Return the compared figures. values: by key, of this checkout and of the baseline in each pair."""
    rest: Sequence[BenchFigure] = REST.get(kind, ())
    figures = rest[:1] if rest else [figure for figure in CLIP if figure.key in COMPARED]
    return [
        ComparedFigure(
            group=GROUPS[kind],
            figure=figure.key,
            text=figure.text,
            pose=pose,
            unit=figure.unit,
            this=tuple(this[figure.key].value for this, _ in values),
            baseline=tuple(baseline[figure.key].value for _, baseline in values),
        )
        for figure in figures
    ]


def print_comparison(document: ComparisonDocument) -> None:
    """Print the machine and a table for each kind of run and each pose model."""
    console = Console(highlight=False)
    runs = f"{PAIRS} pairs of {document.seconds:g} s"
    for line in conditions(document.machine, runs, document.window, document.sound):
        console.print(line, soft_wrap=True)
    for group, pose in dict.fromkeys((row.group, row.pose) for row in document.rows):
        table = Table(box=None, pad_edge=False, title=f"{group}, pose {pose}", title_justify="left", title_style="bold")
        table.add_column("figure, median")
        table.add_column("unit", no_wrap=True)
        for title in ("this", "baseline", "ratio in each pair"):
            table.add_column(title, justify="right", no_wrap=True)
        for row in document.rows:
            if (row.group, row.pose) == (group, pose):
                ratios = " ".join("–" if ratio is None else f"{ratio:.2f}" for ratio in row.ratios)
                table.add_row(row.text, row.unit, _median(row.this), _median(row.baseline), ratios)
        console.print()
        console.print(table)


def _median(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):.1f}" if known else "–"
