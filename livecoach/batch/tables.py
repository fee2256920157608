"""The results of many recordings as Parquet tables, for pandas, Polars, DuckDB or a spreadsheet.

Tables are written in parts of some hundred recordings, so that memory does not grow with their number.
"""

import json
from collections.abc import Iterable
from contextlib import ExitStack
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from livecoach.batch.running import TaskOutcome
from livecoach.config.files import written_whole
from livecoach.config.paths import install_command
from livecoach.errors import ConfigError, OutputError

PART = 500  # number of recordings in a part. Our choice: some megabytes
Row = dict[str, Any]


def _columns(**names: str) -> dict[str, str]:
    """Return column → type. names: the columns of each type, separated by blanks."""
    return {name: kind for kind, of_kind in names.items() for name in of_kind.split()}


COLUMNS = {
    "recordings": _columns(
        string="recording state exercise worker",
        bool_="recognised_sure",
        int64="reps good anomalous unsure read with_pose lost",
        float64="recognised_probability duration_s wall_s",
    ),
    "reps": _columns(
        string="recording exercise verdict reference unsure speed_unit",
        int64="rep set number",
        float64="start_s turn_s end_s score confidence concentric_s pause_s eccentric_s speed velocity_loss",
        strings="faults",
    ),
    "faults": _columns(
        string="recording exercise name phase unit",
        int64="rep set number",
        float64="severity at_s measure ref margin",
    ),
    "errors": _columns(string="recording kind message"),
}
"""Table → column → type."""


def rows_of(outcome: TaskOutcome) -> dict[str, list[Row]]:
    """The rows of each table. They may have more than its columns."""
    document = document_of(outcome)
    reps = [
        {
            **rep,
            **(rep.get("pace") or {}),
            "recording": outcome.recording,
            "exercise": rep.get("exercise") or document.get("exercise"),
            "rep": rep["index"],
            "faults": [fault["name"] for fault in rep["faults"]],
        }
        for rep in document.get("reps", [])
    ]
    place = ("recording", "exercise", "rep", "set", "number")
    faults = [
        {**fault, **{name: row.get(name) for name in place}}
        for row, rep in zip(reps, document.get("reps", []), strict=True)
        for fault in rep["faults"]
    ]
    verdicts = [rep["verdict"] for rep in reps]
    recording = {
        **document.get("frames", {}),
        **{f"recognised_{name}": value for name, value in (document.get("recognised") or {}).items()},
        **{verdict: verdicts.count(verdict) for verdict in ("good", "anomalous", "unsure")},
        "recording": outcome.recording,
        "state": "failed" if outcome.document is None else "damaged" if outcome.kind else "done",
        "exercise": document.get("exercise"),
        "reps": len(reps),
        "duration_s": document.get("source", {}).get("duration_s"),
        "wall_s": outcome.wall_s,
        "worker": outcome.worker,
    }
    error = {"recording": outcome.recording, "kind": outcome.kind, "message": outcome.message}
    errors = [error] if outcome.kind is not None else []
    return {"recordings": [recording], "reps": reps, "faults": faults, "errors": errors}


def document_of(outcome: TaskOutcome) -> Row:
    """The document of an outcome; an empty one where there is none."""
    document: Row = {} if outcome.document is None else json.loads(outcome.document)
    return document


def check_installed() -> None:
    """Raise ConfigError where the package that writes Parquet is not installed."""
    if find_spec("pyarrow") is None:
        raise ConfigError(f"--out writes Parquet tables, which need pyarrow. Run `{install_command('parquet')}`.")


def write(folder: Path, outcomes: Iterable[TaskOutcome]) -> None:
    """Write all tables into a folder. Raises OutputError."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    types = {name: getattr(pa, name)() for name in ("string", "int64", "float64", "bool_")}
    types["strings"] = pa.list_(pa.string())
    schemas = {
        name: pa.schema([(column, types[kind]) for column, kind in columns.items()])
        for name, columns in COLUMNS.items()
    }
    left = iter(outcomes)
    try:
        with ExitStack() as stack:
            writers = {}
            for name, schema in schemas.items():
                part = stack.enter_context(written_whole(folder / f"{name}.parquet"))
                writers[name] = stack.enter_context(ParquetWriter(part, schema, compression="zstd"))
            while some := [rows_of(outcome) for outcome in islice(left, PART)]:
                for name, schema in schemas.items():
                    rows = [row for tables in some for row in tables[name]]
                    writers[name].write_table(pa.Table.from_pylist(rows, schema=schema))
    except OSError as err:
        raise OutputError(f"{folder}: the tables can't be written ({err.strerror or err}). Free some space.") from err
