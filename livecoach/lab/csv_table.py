"""Reads the CSV files that people write for the lab."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from livecoach.config.files import open_regular_text
from livecoach.errors import ConfigError

NAMED = 6  # most columns that a message names


def table_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the place of each row, for errors, and its fields without spaces around them; empty rows are left out.

    columns: those that the table must have. Raises ConfigError that names the row at fault.
    """
    expected = f"expected the columns {', '.join(columns[:NAMED])}{', …' if len(columns) > NAMED else ''}"
    try:
        with open_regular_text(path, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
    except OSError as err:
        raise ConfigError(f"{path}: can't be read ({err.strerror}). Is the data complete?") from err
    except (UnicodeDecodeError, csv.Error) as err:
        raise ConfigError(f"{path}: is no CSV file, {expected}.") from err
    names = [name.strip() for name in rows[0]] if rows else []
    for number, cells in enumerate([names, *rows[1:]], 1):
        where = f"{path}: line {number}"
        if number > 1 and not any(cells):
            continue
        lost = next((name for name in columns if name not in names[: len(cells)]), None)
        if lost is not None:
            raise ConfigError(f"{where}: {lost} is missing, {expected}.")
        if number > 1:
            yield where, dict(zip(names, (cell.strip() for cell in cells), strict=False))
