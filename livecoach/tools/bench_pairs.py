"""Compares the speed of two checkouts on this machine, by runs in turn.

What else the machine does, and how fast it is at the time, meets both runs of a pair. So the ratios hold where the
figures themselves do not.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from livecoach.config.paths import assets_dir
from livecoach.errors import OutputError
from livecoach.tools.bench import GROUPS, STREAM_PX, clip_truth, run_child, streams
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
from livecoach.tools.private_servers import servers
from livecoach.tools.simulated_camera import SimulatedCamera

PAIRS = 3
IN_A_SET = (
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
    here: tuple[float | None, ...]
    """In each pair: of this checkout. Null if it was not measured."""
    there: tuple[float | None, ...]
    """In each pair: of the other one."""

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """Of this checkout to the other, in each pair."""
        return tuple(
            one / other if one is not None and other else None for one, other in zip(self.here, self.there, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonDocument:
    """The document that `livecoach bench --compare DIR --json` writes."""

    schema: int
    machine: Machine
    seconds: float
    """Duration of each run."""
    window: str
    sound: str
    other: str
    """Folder of the other checkout."""
    rows: tuple[ComparedFigure, ...]


def compare(other: Path, poses: Sequence[str], seconds: float, say: Callable[[str], object]) -> ComparisonDocument:
    """Run this checkout and another one in turn, PAIRS times each. other: its folder. say: called with progress lines.
    Raises LivecoachError if a run fails."""
    if not (other / "livecoach" / "tools" / "bench_run.py").is_file():
        raise OutputError(f"{other}: is no checkout of livecoach that can be measured. Give the folder of a clone.")
    machine, rows = this_machine(), list[ComparedFigure]()
    with servers(say) as place:
        for kind, pictures in streams().items():
            with SimulatedCamera(pictures, *STREAM_PX) as camera:
                for pose in poses:
                    request = RunRequest(
                        camera=kind, place=camera.url, pose=pose, seconds=seconds, window=place.no_window is None
                    )
                    values: list[tuple[Mapping[str, MeasuredValue], ...]] = []
                    for number in range(PAIRS):
                        say(f"pose {pose}, {GROUPS[kind]}: pair {number + 1} of {PAIRS}")
                        places = [None, other] if number % 2 else [other, None]
                        traces = {at: run_child(request, place.env, None, at) for at in places}
                        values.append(tuple(_values(traces[at], kind, place.no_window) for at in (None, other)))
                    rows += _rows(kind, pose, values)
    return ComparisonDocument(
        schema=1,
        machine=machine,
        seconds=seconds,
        window=place.window,
        sound=place.sound,
        other=str(other),
        rows=tuple(rows),
    )


def _values(trace: Trace, kind: CameraKind, no_window: str | None) -> Mapping[str, MeasuredValue]:
    """Return the figures of a run, by key."""
    if kind in REST:
        return evaluate_rest(trace, no_window)
    return evaluate(trace, clip_truth(assets_dir() / "demo.json"), lambda: _UNHEARD, no_window)


def _rows(kind: CameraKind, pose: str, values: Sequence[Sequence[Mapping[str, MeasuredValue]]]) -> list[ComparedFigure]:
    """Return the compared figures. values: by key, of this checkout and of the other one in each pair."""
    rest: Sequence[BenchFigure] = REST.get(kind, ())
    figures = rest[:1] if rest else [figure for figure in CLIP if figure.key in IN_A_SET]
    return [
        ComparedFigure(
            group=GROUPS[kind],
            figure=figure.key,
            text=figure.text,
            pose=pose,
            unit=figure.unit,
            here=tuple(here[figure.key].value for here, _ in values),
            there=tuple(there[figure.key].value for _, there in values),
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
        for title in ("here", "there", "ratio in each pair"):
            table.add_column(title, justify="right", no_wrap=True)
        for row in document.rows:
            if (row.group, row.pose) == (group, pose):
                ratios = " ".join("–" if ratio is None else f"{ratio:.2f}" for ratio in row.ratios)
                table.add_row(row.text, row.unit, _median(row.here), _median(row.there), ratios)
        console.print()
        console.print(table)


def _median(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):.1f}" if known else "–"
