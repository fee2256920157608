"""Formats the figures as a table and as JSON."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from livecoach.tools.bench_figures import BenchFigure, MeasuredValue
from livecoach.tools.machine import Machine

MARKS = {True: " ✓", False: " ✗", None: "  "}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A figure with its measured value."""

    group: str
    """Title of the run."""
    figure: BenchFigure
    pose: str | None
    """Pose model; None if none is involved."""
    measured: MeasuredValue

    @property
    def met(self) -> bool | None:
        """Whether the target was met; None if it was not measured, or there is no target for this pose model."""
        target, value = self.figure.target, self.measured.value
        if target is None or target.pose not in (None, self.pose):
            return None
        if self.measured.flawed:
            return False
        return None if value is None else target.met(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchReport:
    """All measured figures, with the machine and the conditions."""

    machine: Machine
    seconds: float
    """Duration of each run."""
    window: str
    """Where the window opened, or why there was none."""
    sound: str
    """Where the sound was sent."""
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDocument:
    """A row as JSON."""

    group: str
    figure: str
    text: str
    pose: str | None
    value: float | None
    """Null if it was not measured; `note` then says why."""
    unit: str
    target: str | None
    met: bool | None
    """Null without a target or a value."""
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchDocument:
    """The document that `livecoach lab bench --json` writes."""

    schema: int
    machine: Machine
    seconds: float
    window: str
    sound: str
    rows: tuple[RowDocument, ...]


def document(report: BenchReport) -> BenchDocument:
    """Convert the report to its JSON document."""
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


def cell(row: ReportRow) -> str:
    """Format a value with the mark for a met or missed target."""
    value = row.measured.value
    return f"–{MARKS[row.met]}" if value is None else f"{value:.{row.figure.decimals}f}{MARKS[row.met]}"


def table(rows: list[ReportRow]) -> Table:
    """Lay out the rows of one group: one line per figure, one column per pose model."""
    poses = list(dict.fromkeys(row.pose for row in rows))
    shown = Table(box=None, pad_edge=False, title=rows[0].group, title_justify="left", title_style="bold")
    shown.add_column("figure", min_width=20)
    shown.add_column("unit", min_width=6, no_wrap=True)
    shown.add_column("target", min_width=11, no_wrap=True)
    for pose in poses:
        shown.add_column(pose or "", justify="right", min_width=8, no_wrap=True)
    for key in dict.fromkeys(row.figure.key for row in rows):
        same = [row for row in rows if row.figure.key == key]
        figure, cells = same[0].figure, {row.pose: cell(row) for row in same}
        shown.add_row(figure.text, figure.unit, str(figure.target or ""), *(cells.get(pose, "") for pose in poses))
    return shown


def notes(rows: list[ReportRow]) -> list[str]:
    """Return the notes on the values, each once, with the figures that it applies to."""
    figures: dict[str, list[str]] = {}
    for row in rows:
        if row.measured.note is not None:
            name = row.figure.key if row.pose is None else f"{row.figure.key} {row.pose}"
            figures.setdefault(row.measured.note, []).append(name)
    return [f"{', '.join(names)}: {note}" for note, names in figures.items()]


def conditions(machine: Machine, runs: str, *places: str) -> list[str]:
    """Describe the machine and the conditions, in lines. runs: what was run; places: where window and sound went."""
    lines = [
        f"{machine.cpu}, {machine.cores} cores · {machine.system}",
        f"Python {machine.python} · " + " · ".join(f"{name} {version}" for name, version in machine.packages.items()),
        " · ".join((f"{machine.measured_utc} UTC", runs, *places)),
    ]
    if (machine.load or 0) > 0.5:
        lines.append(f"system load before the run: {machine.load}. Close other programs for reliable figures.")
    return lines


def print_report(report: BenchReport) -> None:
    """Print the machine, the tables and the notes."""
    console = Console(highlight=False)
    for line in conditions(report.machine, f"{report.seconds:g} s per run", report.window, report.sound):
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
