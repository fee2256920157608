"""Formats tables of measured figures, as text for people and as JSON for machines."""

import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from livecoach.core.charts import wilson_interval

NOTHING = "–"  # Text of a cell without a value
WIDTH = 320  # Most characters of a line; a terminal wraps longer lines


@dataclass(frozen=True, slots=True)
class Share:
    """A count out of a total, with its 95 % interval by Wilson."""

    count: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """Both ends of the 95 % confidence interval of the share, 0…1; 0 and 1 for a total of 0."""
        return wilson_interval(self.count, self.of)


def count_share(flags: np.ndarray) -> Share:
    """Return the share of flags, a bool array of any shape, that are set, with its interval."""
    return Share(int(flags.sum()), flags.size)


class Estimate(NamedTuple):
    """A figure with its 95 % interval."""

    value: float
    low: float  # NaN if the interval is unknown, as is `high`
    high: float


class Rounded(NamedTuple):
    """A number, with the number of decimals to show."""

    value: float
    digits: int


Cell: TypeAlias = str | int | Share | Estimate | Rounded | None


def auroc(good: np.ndarray, bad: np.ndarray) -> float:
    """Return the probability that a bad rep (scores (m,)) scores higher than a good rep ((n,)); ties count half.

    The result is NaN for an empty array.
    """
    if not (len(good) and len(bad)):
        return math.nan
    ordered = np.sort(good)
    below, not_above = np.searchsorted(ordered, bad, "left"), np.searchsorted(ordered, bad, "right")
    return float((below + not_above).mean() / (2 * len(good)))


def bootstrap(statistic: Callable[[np.ndarray], float], groups: np.ndarray, draws: int = 1000) -> Estimate | None:
    """Compute a statistic and its 95 % interval by a bootstrap that draws whole groups of rows, with seed 0.

    Args:
        statistic: Returns the statistic of the rows with the indices that it is passed.
        groups: (n,) group of each row. The rows of a group are alike, such as all reps of a lifter.
        draws: Number of draws; draws with a statistic of NaN are left out.

    Returns:
        The statistic of all rows with its interval; None if the statistic is NaN. With a single group, the ends of the
        interval are NaN.
    """
    value = statistic(np.arange(len(groups)))
    if math.isnan(value):
        return None
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    if len(rows) == 1:
        return Estimate(value, math.nan, math.nan)
    drawn = (np.concatenate([rows[k] for k in rng.integers(len(rows), size=len(rows))]) for _ in range(draws))
    return Estimate(value, *np.nanpercentile([statistic(some) for some in drawn], [2.5, 97.5]).tolist())


def auroc_interval(
    values: np.ndarray, good: np.ndarray, bad: np.ndarray, groups: np.ndarray, draws: int = 1000
) -> Estimate | None:
    """Return the AUROC of n scores with its 95 % interval; None without good or without bad rows.

    Args:
        values: (n,) scores, higher for worse.
        good: (n,) bool, whether each row is good.
        bad: (n,) bool, whether each row is bad. Rows that are neither do not count.
        groups: (n,) groups that `bootstrap` draws.
    """
    return bootstrap(lambda some: auroc(values[some][good[some]], values[some][bad[some]]), groups, draws)


def share_figures(flags: np.ndarray) -> dict[str, Any]:
    """Return the share of true flags with its 95 % Wilson interval, as the dictionary that model cards store."""
    return dict(_figures(count_share(flags)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of measured values, with a title and notes, for a report or a model card."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()  # Sentences under the table


def cell_text(cell: Cell) -> str:
    """Return the text that a table shows for a cell; NOTHING for None, NaN, infinity and a share of a total of 0."""
    match cell:
        case Share():
            low, high = cell.interval
            text = f"{cell.count} of {cell.of} ({100 * low:.0f}–{100 * high:.0f} %)" if cell.of else NOTHING
        case Estimate(value, low, high) if math.isfinite(value):
            text = f"{value:.3f}" + ("" if math.isnan(low) else f" ({low:.3f}–{high:.3f})")
        case Rounded(value, digits) if math.isfinite(value):
            text = f"{value:.{digits}f}"
        case str() | int():
            text = str(cell)
        case _:
            text = NOTHING
    return text


def tables_as_text(tables: Sequence[Table]) -> str:
    """Return tables as Markdown text, with their titles and notes."""
    text = io.StringIO()
    console = Console(file=text, width=WIDTH)
    for table in tables:
        console.print(Text(table.title))
        console.print(_rich(table) if table.rows else Text("\nnone\n"))
        for note in table.notes:
            console.print(Text(f"{note}\n"))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _rich(table: Table) -> RichTable:
    shown = RichTable(box=box.MARKDOWN)
    for i, column in enumerate(table.columns):
        numeric = all(not isinstance(row[i], str) for row in table.rows)
        shown.add_column(Text(column), justify="right" if numeric else "left", overflow="fold")
    for row in table.rows:
        shown.add_row(*(Text(cell_text(cell)) for cell in row))
    return shown


def tables_as_json(tables: Sequence[Table], command: str, options: Mapping[str, object]) -> str:
    """Return tables as a JSON document, with the command that made the tables, and its options that are not None."""
    used_options = {name: value for name, value in options.items() if value is not None}
    content = {"command": command, "options": used_options, "tables": tables_as_content(tables)}
    return json.dumps(content, indent=2, ensure_ascii=False, default=str)


def tables_as_content(tables: Sequence[Table]) -> list[dict[str, Any]]:
    """Return tables as plain values for JSON: title, notes, and each row as a dictionary of figures by column."""
    return [
        {
            "title": table.title,
            "rows": [
                {column: _figures(cell) for column, cell in zip(table.columns, row, strict=True)} for row in table.rows
            ],
            "notes": table.notes,
        }
        for table in tables
    ]


def figures_table(title: str, figures: Mapping[str, Any]) -> Table:
    """Return a table with a row for each figure of a model card, named by the keys that lead to the figure."""
    rows = tuple((name, _cell(value)) for name, value in _flat(figures, ""))
    return Table(title=title, columns=("figure", "value"), rows=rows)


def _flat(figures: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for name, value in figures.items():
        if isinstance(value, Mapping) and "value" not in value:
            yield from _flat(value, f"{above}{name}, ".replace("_", " "))
        else:
            yield f"{above}{name}".replace("_", " "), value


def tables_from_content(content: Sequence[Mapping[str, Any]]) -> list[Table]:
    """Rebuild tables from the content that `tables_as_content` made, with the rounded numbers of this content.

    A table without rows has no columns.
    """
    return [
        Table(
            title=table["title"],
            columns=tuple(table["rows"][0]) if table["rows"] else (),
            rows=tuple(tuple(map(_cell, row.values())) for row in table["rows"]),
            notes=tuple(table["notes"]),
        )
        for table in content
    ]


def _cell(figures: Any) -> Cell:
    match figures:
        case {"count": count, "of": of}:
            return Share(count, of)
        case {"value": value, "low": low, "high": high}:
            known = [math.nan if number is None else float(number) for number in (value, low, high)]
            return Estimate(known[0], known[1], known[2])
        case float():
            return Rounded(figures, 4)
        case list() | tuple():
            return ", ".join(map(str, figures))
        case _:
            return figures


def _figures(cell: Cell) -> Any:
    """Return a cell as figures for JSON, with None for NaN."""
    figures: Any = cell
    match cell:
        case Share(count, of):
            low, high = cell.interval
            value = round(count / of, 4) if of else None
            figures = {"value": value, "low": round(low, 4), "high": round(high, 4), "count": count, "of": of}
        case Estimate():
            figures = {name: _number(number, 3) for name, number in cell._asdict().items()}
        case Rounded(value, digits):
            figures = _number(value, digits)
    return figures


def _number(value: float, digits: int) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None
