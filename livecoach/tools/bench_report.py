"""The figures as a table and as JSON."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from livecoach.tools.bench_figures import Figure, Value
from livecoach.tools.machine import Machine

MARKS = {True: " ✓", False: " ✗", None: "  "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A figure as it was measured."""

    group: str
    """What was run."""
    figure: Figure
    pose: str | None
    """Pose model; None where none is involved."""
    measured: Value

    @property
    def met(self) -> bool | None:
        """Whether the target was reached; None where it was not measured, or there is none for this pose model."""
        target, value = self.figure.target, self.measured.value
        if target is None or target.pose not in (None, self.pose):
            return None
        if self.measured.flawed:
            return False
        return None if value is None else target.met(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that was measured."""

    machine: Machine
    seconds: float
    """Each run."""
    window: str
    """Where the window was, or why there was none."""
    sound: str
    """Where the sound went."""
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDocument:
    """A row in JSON."""

    group: str
    figure: str
    text: str
    pose: str | None
    value: float | None
    """Null where it was not measured; `note` then says why."""
    unit: str
    target: str | None
    met: bool | None
    """Null where there is no target, or no value."""
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchDocument:
    """What `livecoach bench --json` writes."""

    schema: int
    machine: Machine
    seconds: float
    window: str
    sound: str
    rows: tuple[RowDocument, ...]


def document(report: Report) -> BenchDocument:
    """The report for JSON."""
    rows = tuple(
        RowDocument(
            group=row.group,
            figure=row.figure.key,
            text=row.figure.text,
            pose=row.pose,
            value=row.measured.value,
            unit=row.figure.unit,
            target=None if row.figure.target is None else str(row.figure.target),
            met=row.met,
            note=row.measured.note,
        )
        for row in report.rows
    )
    return BenchDocument(
        schema=1,
        machine=report.machine,
        seconds=report.seconds,
        window=report.window,
        sound=report.sound,
        rows=rows,
    )


def cell(row: Row) -> str:
    """The value and whether it is good enough."""
    value = row.measured.value
    return f"–{MARKS[row.met]}" if value is None else f"{value:.{row.figure.decimals}f}{MARKS[row.met]}"


def table(rows: list[Row]) -> Table:
    """The rows of one group: a line a figure, a column a pose model."""
    poses = list(dict.fromkeys(row.pose for row in rows))
    shown = Table(box=None, pad_edge=False, title=rows[0].group, title_justify="left", title_style="bold")
    shown.add_column("figure", min_width=36)
    shown.add_column("unit", min_width=6)
    shown.add_column("target", min_width=11)
    for pose in poses:
        shown.add_column(pose or "", justify="right", min_width=8)
    for key in dict.fromkeys(row.figure.key for row in rows):
        same = [row for row in rows if row.figure.key == key]
        figure = same[0].figure
        shown.add_row(figure.text, figure.unit, str(figure.target or ""), *(cell(row) for row in same))
    return shown


def notes(rows: list[Row]) -> list[str]:
    """What has to be said of the values, each thing once."""
    told: dict[str, list[str]] = {}
    for row in rows:
        if row.measured.note is not None:
            name = row.figure.key if row.pose is None else f"{row.figure.key} {row.pose}"
            told.setdefault(row.measured.note, []).append(name)
    return [f"{', '.join(names)}: {note}" for note, names in told.items()]


def print_report(report: Report) -> None:
    """Print machine, tables and notes."""
    console = Console(highlight=False)
    machine = report.machine
    for line in (
        f"{machine.cpu}, {machine.cores} cores · {machine.system}",
        f"Python {machine.python} · " + " · ".join(f"{name} {found}" for name, found in machine.packages.items()),
        f"{machine.measured_utc} UTC · {report.seconds:g} s each run · {report.window} · {report.sound}",
        f"load before: {machine.load}; a busy machine spoils the figures" if (machine.load or 0) > 0.5 else None,
    ):
        if line is not None:
            console.print(line, soft_wrap=True)
    for group in dict.fromkeys(row.group for row in report.rows):
        rows = [row for row in report.rows if row.group == group]
        console.print()
        console.print(table(rows))
        for note in notes(rows):
            console.print(f"  {note}", soft_wrap=True)
    missed = sum(row.met is False for row in report.rows)
    reached = sum(row.met is True for row in report.rows)
    console.print(f"\n{reached} targets met, {missed} missed", soft_wrap=True)
