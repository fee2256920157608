"""Summarises many recordings: as tables for pandas, Polars, DuckDB or a spreadsheet, and as a page.

The page has the counts, and lists the recordings to look at first. Tables are written in parts of some hundred
recordings, so that the memory for them does not grow with the number of recordings.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from livecoach.batch.running import TaskOutcome
from livecoach.core.charts import load_template
from livecoach.core.config.files import write_atomically
from livecoach.core.errors import OutputError, explain_os_errors
from livecoach.core.language import format_duration
from livecoach.core.types.bounds import write_csv_rows
from livecoach.core.types.message import count_noun
from livecoach.core.types.reps import CONFIRMED
from livecoach.decisions.coaching.rep_figures import FORMS
from livecoach.decisions.judging.primary import SHALLOW
from livecoach.decisions.judging.wording import fault_words

MOST = 50  # Most recordings in each list of the page; the tables contain all. Our choice.
DOUBTFUL = 0.5  # Smallest share of unjudged reps for which a recording is listed. Our choice.
PAGE = "index.html"  # File name of the page
TEMPLATE = Path(__file__).with_name("page.html.j2")
PART = 500  # Recordings in a part of a table: some megabytes. Our choice.
Row = dict[str, Any]  # Values of a table's row, by column


def _columns(**names: str) -> dict[str, str]:
    """Return the type of each column, by its name. `names` has the columns of each type, separated by spaces."""
    return {name: kind for kind, of_kind in names.items() for name in of_kind.split()}


COLUMNS = {
    "recordings": _columns(
        string="recording state exercise",
        bool_="recognised_sure",
        int64="reps good alike anomalous different unsure read with_pose lost",
        float64="recognised_probability duration_s wall_s",
    ),
    "reps": _columns(
        string="recording exercise verdict counts_as reference unsure speed_unit",
        int64="rep set number",
        float64="start_s turn_s end_s score confidence concentric_s pause_s eccentric_s speed velocity_loss",
        strings="faults",
    ),
    "faults": _columns(
        string="recording exercise name phase unit", int64="rep set number", float64="severity at_s measure ref margin"
    ),
    "errors": _columns(string="recording kind message"),
}
"""Type of each column of each table, by the names of the table and the column."""


def _rep_rows(recording: str, document: Row) -> list[Row]:
    return [
        {
            **rep,
            **(rep.get("pace") or {}),
            "recording": recording,
            "exercise": rep.get("exercise") or document.get("exercise"),
            "rep": rep["index"],
            "faults": [fault["name"] for fault in rep["faults"]],
            "counts_as": _counts_as(rep),
        }
        for rep in document.get("reps", [])
    ]


def _table_rows(outcome: TaskOutcome) -> dict[str, list[Row]]:
    document: Row = {} if outcome.document is None else json.loads(outcome.document)
    reps = _rep_rows(outcome.recording, document)
    place = ("recording", "exercise", "rep", "set", "number")
    faults = [
        {**fault, **{name: row.get(name) for name in place}}
        for row, rep in zip(reps, document.get("reps", []), strict=True)
        for fault in rep["faults"]
    ]
    verdicts = [rep["counts_as"] for rep in reps if not rep.get("disallowed")]
    recording = {
        **document.get("frames", {}),
        **{f"recognised_{name}": value for name, value in (document.get("recognised") or {}).items()},
        **{verdict: verdicts.count(verdict) for verdict in FORMS},
        "recording": outcome.recording,
        "state": "failed" if outcome.document is None else "damaged" if outcome.kind else "done",
        "exercise": document.get("exercise"),
        "reps": len(verdicts),
        "partial": len(document.get("partial_reps", [])),
        "duration_s": document.get("source", {}).get("duration_s"),
        "wall_s": outcome.wall_s,
    }
    error = {"recording": outcome.recording, "kind": outcome.kind, "message": outcome.message}
    errors = [error] if outcome.kind is not None else []
    return {"recordings": [recording], "reps": reps, "faults": faults, "errors": errors}


def _counts_as(rep: Row) -> str:
    if any(result["verdict"] == "missed" for result in rep.get("standards", ())):
        return "unsure" if rep["verdict"] == "unsure" else "anomalous"
    if rep["verdict"] == "unsure" or rep.get("reference") in CONFIRMED:
        return rep["verdict"]
    return "alike" if rep["verdict"] == "good" else "different"


Writer = Callable[[Iterable[Row]], object]  # Writes rows to a table


def _csv_writer(file: TextIO, table: str) -> Writer:
    write_csv_rows(file, [tuple(COLUMNS[table])])
    return lambda rows: write_csv_rows(file, ([_cell(row.get(column)) for column in COLUMNS[table]] for row in rows))


def _cell(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else value


def _parquet_writer(stack: ExitStack, part: Path, table: str) -> Writer:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    types = {name: getattr(pa, name)() for name in ("string", "int64", "float64", "bool_")}
    types["strings"] = pa.list_(pa.string())
    schema = pa.schema([(column, types[kind]) for column, kind in COLUMNS[table].items()])
    file = stack.enter_context(part.open("wb"))  # pyarrow opens only names in UTF-8
    writer = stack.enter_context(ParquetWriter(file, schema, compression="zstd"))
    return lambda rows: writer.write_table(pa.Table.from_pylist(list(rows), schema=schema))


def write_tables(folder: Path, outcomes: Iterable[TaskOutcome]) -> None:
    """Write the tables of recordings, reps, faults and errors as CSV and, if pyarrow is installed, also as Parquet.

    Files of the same names are replaced. Raises OutputError if a table can't be written.
    """
    left = iter(outcomes)
    with (
        explain_os_errors(OutputError, f"{folder}: the tables can't be written", "Free some space."),
        ExitStack() as stack,
    ):
        writers: list[tuple[str, Writer]] = []
        for name in COLUMNS:
            part = stack.enter_context(write_atomically(folder / f"{name}.csv"))
            writers.append((name, _csv_writer(stack.enter_context(part.open("w", encoding="utf-8", newline="")), name)))
            if find_spec("pyarrow") is not None:
                part = stack.enter_context(write_atomically(folder / f"{name}.parquet"))
                writers.append((name, _parquet_writer(stack, part, name)))
        while some := [_table_rows(outcome) for outcome in islice(left, PART)]:
            for name, write in writers:
                write(row for tables in some for row in tables[name])


class ListedRecording(NamedTuple):
    """A recording in a list on the batch's page, with the reason why it is listed."""

    recording: str  # Path
    text: str  # Why the recording is listed
    share: float = 0.0  # Share of the reps that are unjudged or bad; 0 in lists that do not depend on a share

    @property
    def name(self) -> str:
        """Names of the recording's folder and file, such as "anna/set1.mp4"."""
        return "/".join(Path(self.recording).parts[-2:])


@dataclass(slots=True, kw_only=True)
class ExerciseCounts:
    """The numbers of recordings, reps, verdicts and faults of an exercise in a batch."""

    recordings: int = 0  # Number of recordings with a rep of the exercise
    reps: int = 0  # Number of reps that count
    anomalous: int = 0  # Number of reps that count as anomalous or different
    unsure: int = 0  # Number of reps that were not judged
    faults: Counter[str] = field(default_factory=Counter)  # Number of reps with each fault


@dataclass(slots=True, kw_only=True)
class BatchSummary:
    """The counts of all recordings, and the recordings to look at first."""

    recordings: int = 0  # Number of finished recordings, including the failed recordings
    analysed: int = 0  # Number of recordings with a result
    seconds: float = 0.0  # Total length of the analysed recordings, in seconds
    exercises: dict[str, ExerciseCounts] = field(default_factory=dict)
    failures: list[ListedRecording] = field(default_factory=list)  # Recordings without a result
    damaged: list[ListedRecording] = field(default_factory=list)  # Recordings with a result, but with damaged frames
    empty: list[ListedRecording] = field(default_factory=list)  # Recordings without a rep
    doubtful: list[ListedRecording] = field(default_factory=list)
    """Recordings in which a share of DOUBTFUL or more of the reps was not judged, the largest share first."""
    worst: list[ListedRecording] = field(default_factory=list)  # Recordings with bad reps, the largest share first

    @property
    def reps(self) -> int:
        return sum(figures.reps for figures in self.exercises.values())

    @property
    def anomalous(self) -> int:
        return sum(figures.anomalous for figures in self.exercises.values())


def summarise_batch(outcomes: Iterable[TaskOutcome]) -> BatchSummary:
    """Summarise the outcomes of a batch. Reps that the lifter's standard disallows are not counted."""
    summary = BatchSummary()
    for outcome in outcomes:
        tables = _table_rows(outcome)
        (recording,), reps = tables["recordings"], tables["reps"]
        summary.recordings += 1
        if outcome.kind is not None:
            kind = summary.failures if outcome.document is None else summary.damaged
            kind.append(ListedRecording(outcome.recording, outcome.message or ""))
        if outcome.document is not None:
            summary.analysed += 1
            summary.seconds += recording["duration_s"]
            counted = [rep for rep in reps if not rep.get("disallowed")]
            _list_recording(summary, recording, counted)
            _count(summary.exercises, counted)
    for found in (summary.doubtful, summary.worst):
        found.sort(key=lambda listed: -listed.share)
    return summary


def _list_recording(summary: BatchSummary, recording: Row, reps: Sequence[Row]) -> None:
    path, bad, unsure = recording["recording"], recording["anomalous"] + recording["different"], recording["unsure"]
    if not reps:
        summary.empty.append(ListedRecording(path, _why_empty(recording)))
        return
    of_reps = f"of {count_noun(len(reps), 'rep')}"
    if unsure >= DOUBTFUL * len(reps):
        summary.doubtful.append(ListedRecording(path, f"{unsure} {of_reps} not judged", unsure / len(reps)))
    if bad:
        summary.worst.append(ListedRecording(path, f"{bad} {of_reps}: {_main_faults(reps)}", bad / len(reps)))


def _count(exercises: dict[str, ExerciseCounts], reps: Sequence[Row]) -> None:
    for rep in reps:
        figures = exercises.setdefault(rep["exercise"], ExerciseCounts())
        figures.reps += 1
        figures.anomalous += rep["counts_as"] in ("anomalous", "different")
        figures.unsure += rep["verdict"] == "unsure"
        figures.faults.update(rep["faults"])
    for name in {rep["exercise"] for rep in reps}:
        exercises[name].recordings += 1


def _why_empty(recording: Row) -> str:
    if not recording["with_pose"]:
        return "nobody was seen"
    if recording["exercise"] is None:
        return "the exercise was not recognised"
    partial = recording["partial"]
    return f"no whole rep; {count_noun(partial, 'partial one')}" if partial else "no rep"


def _main_faults(reps: Sequence[Row]) -> str:
    faulty = [rep for rep in reps if rep["faults"] or (rep["counts_as"] == "anomalous" and rep["verdict"] == "good")]
    faults = Counter(fault_words(rep["faults"][0] if rep["faults"] else SHALLOW, rep["exercise"]) for rep in faulty)
    return ", ".join(words for words, _ in faults.most_common(3)) or "different, without a named fault"


def render_summary(summary: BatchSummary, unfinished: int) -> str:
    """Render a summary as an HTML page, which also states the number of unfinished recordings."""
    return load_template(TEMPLATE).render(
        summary=summary, fault_words=fault_words, left=unfinished, clock=format_duration, most=MOST
    )
