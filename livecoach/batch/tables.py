"""The results of a batch as Parquet tables, for pandas, Polars, DuckDB or a spreadsheet.

Tables are written in parts of some hundred recordings, so that memory does not grow with their number.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from livecoach.batch.running import TaskOutcome
from livecoach.config.paths import install_command
from livecoach.errors import ConfigError, OutputError

PART = 500
"""Number of recordings in a part. Our choice: some megabytes."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutcomeTable:
    """A table, and the function that makes its rows from an outcome and its document."""

    name: str
    kinds: Mapping[str, str]
    """Column → its type: text, whole, real, truth or texts."""
    rows: Callable[[TaskOutcome, Row], Iterable[Row]]


def _recording(outcome: TaskOutcome, document: Row) -> Iterator[Row]:
    reps = document.get("reps", [])
    recognised = document.get("recognised") or {}
    yield {
        "recording": outcome.recording,
        "state": "failed" if outcome.document is None else "damaged" if outcome.kind else "done",
        "exercise": document.get("exercise"),
        "recognised_sure": recognised.get("sure"),
        "recognised_probability": recognised.get("probability"),
        "reps": len(reps),
        **{verdict: sum(rep["verdict"] == verdict for rep in reps) for verdict in ("good", "anomalous", "unsure")},
        **{name: document.get("frames", {}).get(name) for name in ("read", "with_pose", "lost")},
        "duration_s": document.get("source", {}).get("duration_s"),
        "wall_s": outcome.wall_s,
        "worker": outcome.worker,
    }


REP = ("start_s", "turn_s", "end_s", "verdict", "score", "confidence", "reference", "unsure")
PACE = ("concentric_s", "pause_s", "eccentric_s", "speed", "speed_unit", "velocity_loss")
FAULT = ("name", "severity", "at_s", "phase", "measure", "ref", "margin", "unit")


def _reps(outcome: TaskOutcome, document: Row) -> Iterator[Row]:
    for rep in document.get("reps", []):
        yield {
            **_place(outcome, document, rep),
            **{name: rep.get(name) for name in REP},
            **{name: (rep.get("pace") or {}).get(name) for name in PACE},
            "faults": [fault["name"] for fault in rep.get("faults", [])],
        }


def _faults(outcome: TaskOutcome, document: Row) -> Iterator[Row]:
    for rep in document.get("reps", []):
        for fault in rep.get("faults", []):
            yield {**_place(outcome, document, rep), **{name: fault.get(name) for name in FAULT}}


def _errors(outcome: TaskOutcome, document: Row) -> Iterator[Row]:  # noqa: ARG001 - as the others
    if outcome.kind is not None:
        yield {"recording": outcome.recording, "kind": outcome.kind, "message": outcome.message}


def _place(outcome: TaskOutcome, document: Row, rep: Row) -> Row:
    return {
        "recording": outcome.recording,
        "exercise": rep.get("exercise") or document.get("exercise"),
        "rep": rep["index"],
        "set": rep.get("set"),
        "number": rep.get("number"),
    }


def _columns(**names: Iterable[str]) -> dict[str, str]:
    """Return column → type. names: the columns of each type."""
    return {name: kind for kind, of_kind in names.items() for name in of_kind}


_PLACE = {"text": ("recording", "exercise"), "whole": ("rep", "set", "number")}
RECORDINGS = OutcomeTable(
    "recordings",
    _columns(
        text=("recording", "state", "exercise", "worker"),
        truth=("recognised_sure",),
        whole=("reps", "good", "anomalous", "unsure", "read", "with_pose", "lost"),
        real=("recognised_probability", "duration_s", "wall_s"),
    ),
    _recording,
)
REPS = OutcomeTable(
    "reps",
    _columns(
        text=(*_PLACE["text"], "verdict", "reference", "unsure", "speed_unit"),
        whole=_PLACE["whole"],
        real=(
            "start_s",
            "turn_s",
            "end_s",
            "score",
            "confidence",
            "concentric_s",
            "pause_s",
            "eccentric_s",
            "speed",
            "velocity_loss",
        ),
        texts=("faults",),
    ),
    _reps,
)
FAULTS = OutcomeTable(
    "faults",
    _columns(
        text=(*_PLACE["text"], "name", "phase", "unit"),
        whole=_PLACE["whole"],
        real=("severity", "at_s", "measure", "ref", "margin"),
    ),
    _faults,
)
ERRORS = OutcomeTable("errors", _columns(text=("recording", "kind", "message")), _errors)
TABLES = (RECORDINGS, REPS, FAULTS, ERRORS)


def document_of(outcome: TaskOutcome) -> Row:
    """Return the document of an outcome; an empty one where there is none."""
    document: Row = {} if outcome.document is None else json.loads(outcome.document)
    return document


def check_installed() -> None:
    """Raise ConfigError where the package that writes Parquet is not installed."""
    if find_spec("pyarrow") is None:
        raise ConfigError(f"batch writes Parquet tables, which need pyarrow. Run `{install_command('parquet')}`.")


def write(folder: Path, outcomes: Iterable[TaskOutcome]) -> None:
    """Write all tables into a folder. Raises OutputError."""
    import pyarrow as pa
    import pyarrow.parquet

    types = {
        "text": pa.string(),
        "whole": pa.int64(),
        "real": pa.float64(),
        "truth": pa.bool_(),
        "texts": pa.list_(pa.string()),
    }
    schemas = {table.name: pa.schema([(name, types[kind]) for name, kind in table.kinds.items()]) for table in TABLES}
    parts = {table.name: folder / f".{table.name}.part" for table in TABLES}
    try:
        with ExitStack() as stack:
            writers = {
                table.name: stack.enter_context(
                    pyarrow.parquet.ParquetWriter(parts[table.name], schemas[table.name], compression="zstd")
                )
                for table in TABLES
            }
            left = iter(outcomes)
            while some := [(outcome, document_of(outcome)) for outcome in islice(left, PART)]:
                for table in TABLES:
                    rows = [row for outcome, document in some for row in table.rows(outcome, document)]
                    writers[table.name].write_table(pa.Table.from_pylist(rows, schema=schemas[table.name]))
        for name, part in parts.items():
            part.replace(folder / f"{name}.parquet")
    except OSError as err:
        raise OutputError(f"{folder}: the tables can't be written ({err.strerror or err}). Free some space.") from err
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
