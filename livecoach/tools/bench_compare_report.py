"""Formats a comparison as a table and as JSON."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from livecoach.tools.bench_compare import Comparison
from livecoach.tools.bench_report import conditions
from livecoach.tools.bench_sides import Side
from livecoach.tools.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceDocument:
    """A line of the table as JSON."""

    figure: str
    text: str
    unit: str
    first: float
    """Mean over the rounds."""
    second: float
    difference: float
    """second - first."""
    low: float
    """Lower end of the difference's 95 % interval."""
    high: float
    certain: bool
    """Whether the interval excludes 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonDocument:
    """The document that `livecoach bench --compare --json` writes."""

    schema: int
    machine: Machine
    sides: tuple[Side, Side]
    rounds: int
    seconds: float
    window: str
    sound: str
    differences: tuple[DifferenceDocument, ...]


def document(comparison: Comparison) -> ComparisonDocument:
    """Convert the comparison to its JSON document."""
    return ComparisonDocument(
        schema=1,
        machine=comparison.machine,
        sides=comparison.sides,
        rounds=comparison.rounds,
        seconds=comparison.seconds,
        window=comparison.window,
        sound=comparison.sound,
        differences=tuple(
            DifferenceDocument(
                figure=one.figure.key,
                text=one.figure.text,
                unit=one.figure.unit,
                first=one.first,
                second=one.second,
                difference=one.difference,
                low=one.low,
                high=one.high,
                certain=one.certain,
            )
            for one in comparison.differences
        ),
    )


def table(comparison: Comparison) -> Table:
    """Lay out one line for each figure."""
    shown = Table(box=None, pad_edge=False)
    shown.add_column("figure")
    shown.add_column("unit", no_wrap=True)
    for name in ("A", "B", "B - A, 95 %"):
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("", no_wrap=True)
    for one in comparison.differences:
        places = max(one.figure.decimals, 1)
        shown.add_row(
            one.figure.text,
            one.figure.unit,
            f"{one.first:.{places}f}",
            f"{one.second:.{places}f}",
            f"{one.difference:+.{places}f} ± {(one.high - one.low) / 2:.{places}f}",
            "≠" if one.certain else "",
        )
    return shown


def _described(one: Side) -> str:
    threads = "" if one.pose_threads is None else f", pose threads: {one.pose_threads}"
    commit = "" if one.commit is None else f" ({one.commit[:10]})"
    return f"{one.name}{commit}, pose {one.pose}{threads}"


def print_comparison(comparison: Comparison) -> None:
    """Print the machine and the table."""
    console = Console(highlight=False)
    runs = f"{comparison.rounds} rounds (A B A B …) of {comparison.seconds:g} s per run"
    for line in conditions(comparison.machine, runs, comparison.window, comparison.sound):
        console.print(line, soft_wrap=True)
    for letter, one in zip("AB", comparison.sides, strict=True):
        console.print(f"{letter}: {_described(one)}", soft_wrap=True)
    console.print()
    console.print(table(comparison))
    certain = sum(one.certain for one in comparison.differences)
    console.print(
        f"\n{certain} of {len(comparison.differences)} figures differ (≠): the 95 % interval of the difference "
        "excludes 0. Where nothing differs, about one in 20 does so by chance.",
        soft_wrap=True,
    )
