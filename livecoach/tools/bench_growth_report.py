"""Formats growth as two tables and as JSON."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from livecoach.tools.bench_growth import LAST_S, Growth
from livecoach.tools.bench_report import conditions
from livecoach.tools.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthDocument:
    """The document that `livecoach bench --growth --json` writes."""

    schema: int
    machine: Machine
    pose: str
    growth: Growth


def length_table(growth: Growth) -> Table:
    """Lay out one line for each length."""
    shown = _table(
        f"by length: decisions, last {LAST_S:g} s",
        ("length", "CPU a frame, ms", "p95", "memory, MiB"),
    )
    for one in growth.by_length:
        length = f"{one.length_s:g} s" if one.length_s < 60 else f"{one.length_s / 60:g} min"
        shown.add_row(length, f"{one.frame_ms:.2f}", f"{one.frame_ms_p95:.2f}", _shown(one.rss_mib, 0))
    return shown


def reps_table(growth: Growth) -> Table:
    """Lay out one line for each number of own reps."""
    shown = _table(
        "by own reps: CPU of one turn of the clip",
        ("own reps", "start, ms", "CPU a frame, ms", "a rep judged, p50", "memory, MiB"),
    )
    for one in growth.by_reps:
        shown.add_row(
            str(one.reps), f"{one.start_ms:.0f}", f"{one.frame_ms:.2f}", _shown(one.rep_ms, 1), _shown(one.rss_mib, 0)
        )
    return shown


def print_growth(told: GrowthDocument) -> None:
    """Print the machine and the tables."""
    console = Console(highlight=False)
    for line in conditions(told.machine, f"pose {told.pose}"):
        console.print(line, soft_wrap=True)
    for shown in (length_table(told.growth), reps_table(told.growth)):
        console.print()
        console.print(shown)


def _table(title: str, columns: tuple[str, ...]) -> Table:
    shown = Table(box=None, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for name in columns:
        shown.add_column(name, justify="right", no_wrap=True)
    return shown


def _shown(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"
