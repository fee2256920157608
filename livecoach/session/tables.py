"""Reps and observations of sessions as tables, CSV and Parquet, for other programs.

`reps` has a row for each completed rep, `observations` a row for each frame, empty where nothing was detected. The
first column of both names the session. Observations are written in parts: an hour has 108,000 rows of 273 columns.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import IO, Any, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from livecoach import landmark
from livecoach.documents import RepEvent
from livecoach.session.stored import Session
from livecoach.types import Observation, Rep, SetLog

TableFormat = Literal["csv", "parquet"]
ROWS = 4096
"""Rows written at a time, and in a row group of Parquet: 5 MB of landmarks. Our choice."""
LANDMARK = ("x", "y", "z", "visibility", "presence")
WORLD = ("world_x", "world_y", "world_z")
_POINTS = tuple(
    [f"{name}_{part}" for name in landmark.NAMES for part in LANDMARK]
    + [f"{name}_{part}" for name in landmark.NAMES for part in WORLD]
)
_FRAME = {
    "session": pa.string(),
    "index": pa.int64(),
    "t_s": pa.float64(),
    "people": pa.int32(),
    "brightness": pa.float32(),
    "width_px": pa.int32(),
    "height_px": pa.int32(),
    "dropped": pa.int32(),
}
OBSERVATIONS = pa.schema([*_FRAME.items(), *((name, pa.float32()) for name in _POINTS)])
_REP = {
    "session": pa.string(),
    "started": pa.string(),
    "exercise": pa.string(),
    "profile": pa.string(),
    "set": pa.string(),
    "number": pa.int32(),
    "index": pa.int32(),
    "load_kg": pa.float64(),
    "rpe": pa.float64(),
    "note": pa.string(),
    "start_s": pa.float64(),
    "turn_s": pa.float64(),
    "end_s": pa.float64(),
    "verdict": pa.string(),
    "correction": pa.string(),
    "correction_fault": pa.string(),
    "score": pa.float64(),
    "confidence": pa.float64(),
    "reference": pa.string(),
    "unsure": pa.string(),
    "view": pa.string(),
    "azimuth_deg": pa.float64(),
    "azimuth_uncertainty_deg": pa.float64(),
    "concentric_s": pa.float64(),
    "pause_s": pa.float64(),
    "eccentric_s": pa.float64(),
    "speed": pa.float64(),
    "speed_unit": pa.string(),
    "travel": pa.float64(),
    "travel_unit": pa.string(),
    "velocity_loss": pa.float64(),
    "measured_from": pa.string(),
    "faults": pa.string(),
    "top_joints": pa.string(),
    "why": pa.string(),
    "not_visible": pa.string(),
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


class _Writer(Protocol):
    """The interface that both of Arrow's writers share."""

    def write_table(self, table: Any) -> None: ...

    def close(self) -> None: ...


def write(file: IO[bytes], parts: Iterable[pa.Table], schema: pa.Schema, kind: TableFormat) -> None:
    """Write a table part by part to a file, which need not be readable. Raises OSError."""
    # Arrow would close a file that it did not open. The writer must be closed first.
    with pa.PythonFile(_UnclosedFile(file), mode="w") as sink, closing(_writer(sink, schema, kind)) as writer:
        for part in parts:
            writer.write_table(part)


def _writer(sink: Any, schema: pa.Schema, kind: TableFormat) -> _Writer:
    writer: _Writer
    if kind == "csv":
        writer = pyarrow.csv.CSVWriter(sink, schema)
    else:
        writer = pyarrow.parquet.ParquetWriter(sink, schema, compression="zstd")
    return writer


class _UnclosedFile:
    """A file that stays open when Arrow closes it."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.write, self.flush = file.write, file.flush

    def close(self) -> None:
        """Do nothing: the caller closes the file."""


def reps(sessions: Sequence[Session]) -> pa.Table:
    """Return a table with a row for each rep, and a column `severity_<fault>` for each fault that occurs."""
    rows = [(session, event) for session in sessions for event in session.corrected_reps]
    found = sorted({fault.name for _, event in rows for fault in event.rep.faults})
    fields = {**_REP, **{f"severity_{name}": pa.float64() for name in found}}
    return pa.Table.from_pylist([_rep_row(session, event) for session, event in rows], schema=pa.schema(fields.items()))


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


def observations(session: Session, seen: Callable[[float], object] = lambda _: None) -> Iterator[pa.Table]:
    """Yield tables of observations, some rows at a time. seen: called with the time of the last row. Raises
    SourceError."""
    with closing(session.frames()) as source:
        frames = iter(source.read, None)
        while chunk := [frame.observation for frame in islice(frames, ROWS) if frame.observation is not None]:
            seen(chunk[-1].t_s)
            yield _part(session.name, chunk)


def _part(name: str, seen: Sequence[Observation]) -> pa.Table:
    nobody = np.array([o.landmarks is None for o in seen])
    points = np.zeros((len(_POINTS), len(seen)), np.float32)  # a column of the table is contiguous
    for row, o in enumerate(seen):
        if o.landmarks is not None and o.world is not None:
            points[:, row] = np.concatenate([o.landmarks.ravel(), o.world.ravel()])
    frame = {column: [getattr(o, column) for o in seen] for column in _FRAME if column != "session"}
    columns = [[name] * len(seen), *frame.values()]
    return pa.table(
        [pa.array(values, kind) for values, kind in zip(columns, _FRAME.values(), strict=True)]
        + [pa.array(values, mask=nobody | np.isnan(values)) for values in points],
        schema=OBSERVATIONS,
    )
