"""Reps and observations of sessions as tables, CSV and Parquet, for other programs.

`reps` has a row for each completed rep, `observations` a row for each frame, empty where nothing was detected. The
first column of both names the session. Observations are written in parts: an hour has 108,000 rows of 273 columns.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import IO, Any, Literal

import numpy as np

from livecoach import landmark
from livecoach.config.paths import install_command
from livecoach.documents import RepEvent
from livecoach.errors import ConfigError, SourceError
from livecoach.session.stored import Session
from livecoach.types import Observation, Rep, SetLog

TableFormat = Literal["csv", "parquet"]
ColumnType = Literal["text", "int32", "int64", "float32", "float64"]
ROWS = 4096
"""Rows written at a time, and in a row group of Parquet: 5 MB of landmarks. Our choice."""
LANDMARK = ("x", "y", "z", "visibility", "presence")
WORLD = ("world_x", "world_y", "world_z")
_POINTS = tuple(
    [f"{name}_{part}" for name in landmark.NAMES for part in LANDMARK]
    + [f"{name}_{part}" for name in landmark.NAMES for part in WORLD]
)
_FRAME: dict[str, ColumnType] = {
    "session": "text",
    "index": "int64",
    "t_s": "float64",
    "people": "int32",
    "brightness": "float32",
    "width_px": "int32",
    "height_px": "int32",
    "dropped": "int32",
}
_REP: dict[str, ColumnType] = {
    "session": "text",
    "started": "text",
    "exercise": "text",
    "profile": "text",
    "set": "text",
    "number": "int32",
    "index": "int32",
    "load_kg": "float64",
    "rpe": "float64",
    "note": "text",
    "start_s": "float64",
    "turn_s": "float64",
    "end_s": "float64",
    "verdict": "text",
    "correction": "text",
    "correction_fault": "text",
    "score": "float64",
    "confidence": "float64",
    "reference": "text",
    "unsure": "text",
    "view": "text",
    "azimuth_deg": "float64",
    "azimuth_uncertainty_deg": "float64",
    "concentric_s": "float64",
    "pause_s": "float64",
    "eccentric_s": "float64",
    "speed": "float64",
    "speed_unit": "text",
    "travel": "float64",
    "travel_unit": "text",
    "velocity_loss": "float64",
    "measured_from": "text",
    "faults": "text",
    "top_joints": "text",
    "why": "text",
    "not_visible": "text",
}
PACE = (
    "concentric_s",
    "pause_s",
    "eccentric_s",
    "speed",
    "speed_unit",
    "travel",
    "travel_unit",
    "velocity_loss",
    "measured_from",
)
Columns = Sequence[Sequence[Any]]
"""Values of some rows, column by column. Absent ones are None; columns of float32 are arrays, with NaN for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTable:
    """A table of sessions, part by part."""

    types: Mapping[str, ColumnType]
    """Type of each column, by its name."""
    parts: Iterable[Columns]


def check_format(kind: TableFormat) -> None:
    """Raise ConfigError where the package that a format needs is not installed."""
    if kind == "parquet" and find_spec("pyarrow") is None:
        raise ConfigError(f"Parquet tables need pyarrow. Run `{install_command('parquet')}`, or choose --tables csv.")


def write(file: IO[bytes], table: SessionTable, kind: TableFormat) -> None:
    """Write a table to a file, which need not be readable. Raises OSError, ConfigError as `check_format`."""
    check_format(kind)
    (_write_csv if kind == "csv" else _write_parquet)(file, table)


def _write_csv(file: IO[bytes], table: SessionTable) -> None:
    """Write names and text in quotes, numbers and absent values without."""
    file.write(",".join(map(_quoted, table.types)).encode() + b"\n")
    singles = _SingleText()
    for part in table.parts:
        columns = (
            [singles[value] for value in values.tolist()]
            if isinstance(values, np.ndarray)
            else ["" if value is None else _text(value) for value in values]
            for values in part
        )
        file.write("".join(",".join(row) + "\n" for row in zip(*columns, strict=True)).encode())


def _text(value: str | float) -> str:
    return _quoted(value) if isinstance(value, str) else repr(value).removesuffix(".0")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


class _SingleText(dict[float, str]):
    """Number of single precision → its shortest text; empty for NaN. Landmarks have few values: each is formatted
    once."""

    def __missing__(self, value: float) -> str:
        if value != value:  # noqa: PLR0124 - NaN, which is not found again in a dict
            return ""
        self[value] = text = str(np.float32(value)).removesuffix(".0")
        return text


def _write_parquet(file: IO[bytes], table: SessionTable) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    types = {"text": pa.string(), "int32": pa.int32(), "int64": pa.int64(), "float32": pa.float32()}
    schema = pa.schema([(name, types.get(kind, pa.float64())) for name, kind in table.types.items()])
    # Arrow would close a file that it did not open. The writer must be closed first.
    with (
        pa.PythonFile(_UnclosedFile(file), mode="w") as sink,
        closing(pyarrow.parquet.ParquetWriter(sink, schema, compression="zstd")) as writer,
    ):
        for part in table.parts:
            columns = (
                pa.array(values, field.type, mask=np.isnan(values) if isinstance(values, np.ndarray) else None)
                for values, field in zip(part, schema, strict=True)
            )
            writer.write_table(pa.table(list(columns), schema=schema))


class _UnclosedFile:
    """A file that stays open when Arrow closes it."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.write, self.flush = file.write, file.flush

    def close(self) -> None:
        """Do nothing: the caller closes the file."""


def reps(sessions: Sequence[Session]) -> SessionTable:
    """Return a table with a row for each rep, and a column `severity_<fault>` for each fault that occurs."""
    events = [(session, event) for session in sessions for event in session.corrected_reps]
    found = sorted({fault.name for _, event in events for fault in event.rep.faults})
    types: dict[str, ColumnType] = {**_REP, **{f"severity_{name}": "float64" for name in found}}
    rows = [_rep_row(session, event) for session, event in events]
    return SessionTable(types=types, parts=[[[row.get(name) for row in rows] for name in types]] if rows else [])


def _rep_row(session: Session, event: RepEvent) -> dict[str, Any]:
    rep, view, pace = event.rep, event.view, event.rep.pace
    log = session.set_logs.get(rep.place[0], SetLog())
    return {
        **{name: getattr(rep, name) for name in _REP if name in Rep.__slots__},
        "correction": None if rep.correction is None else rep.correction.label,
        "correction_fault": None if rep.correction is None else rep.correction.fault,
        "load_kg": log.load_kg,
        "rpe": log.rpe,
        "note": log.note,
        "session": session.name,
        "started": session.about.started,
        "exercise": session.exercise_of(rep),
        "profile": session.about.profile,
        "set": str(rep.place[0]),
        "view": None if view is None else view.name,
        "azimuth_deg": None if view is None else view.azimuth_deg,
        "azimuth_uncertainty_deg": None if view is None else view.uncertainty_deg,
        **{name: None if pace is None else getattr(pace, name) for name in PACE},
        "faults": "; ".join(f"{fault.name}: {fault.text}" if fault.text else fault.name for fault in rep.faults),
        "top_joints": ", ".join(rep.top_joints),
        "why": None if rep.why is None else rep.why.text,
        "not_visible": ", ".join(fault.name for fault in rep.not_visible),
        **{f"severity_{fault.name}": fault.severity for fault in rep.faults},
    }


def observations(
    sessions: Iterable[Session], at: Callable[[Session, float], object] = lambda _, __: None
) -> SessionTable:
    """Return a table with a row for each frame of the sessions.

    at: called with the session and the time of the last row of a part. Observations that can't be read are reported
    through the session's `say` and left out.
    """
    types: dict[str, ColumnType] = {**_FRAME, **dict.fromkeys(_POINTS, "float32")}
    return SessionTable(types=types, parts=(part for session in sessions for part in _observations(session, at)))


def _observations(session: Session, at: Callable[[Session, float], object]) -> Iterator[Columns]:
    try:
        with closing(session.frames()) as source:
            frames = iter(source.read, None)
            while chunk := [frame.observation for frame in islice(frames, ROWS) if frame.observation is not None]:
                at(session, chunk[-1].t_s)
                yield _frame_columns(session.name, chunk)
    except SourceError:
        session.say(f"{session.name}: its observations can't be read, so the tables lack its frames.")


def _frame_columns(session: str, seen: Sequence[Observation]) -> Columns:
    points = np.full((len(_POINTS), len(seen)), np.nan, np.float32)
    for row, o in enumerate(seen):
        if o.landmarks is not None and o.world is not None:
            points[:, row] = np.concatenate([o.landmarks.ravel(), o.world.ravel()])
    frame = {name: [getattr(o, name) for o in seen] for name in _FRAME if name != "session"}
    brightness = np.array(frame["brightness"], np.float32)
    return [[session] * len(seen), *(frame | {"brightness": brightness}).values(), *points]
