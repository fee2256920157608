"""The annotation of a recording: stages of frames and labels of reps, in two files, usually beside the recording.

    set1.annotation.csv    the dissertation's format: class and 33 times x, y, z, visibility, one row per marked frame
    set1.annotation.json   labels of reps (good, bad or a fault name) with frame and time

The CSV has no column for the frame number. A row belongs to the frame with exactly these landmarks; therefore they are
written with all digits, and rows are in the order of the frames.
"""

import csv
import json
import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, get_args

import numpy as np
import pydantic
from pydantic import Field

from livecoach import landmark
from livecoach.config.files import open_regular_text, read_regular, written_whole
from livecoach.errors import OutputError, SourceError
from livecoach.session import layout
from livecoach.types import Observation, StageName

FORMAT = 1
STAGES: tuple[StageName, ...] = get_args(StageName)
COLUMNS = ("class", *(f"{axis}{number}" for number in range(1, landmark.COUNT + 1) for axis in "xyzv"))
GOOD, BAD = "good", "bad"
SUFFIX = ".annotation.csv"
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageRows:
    """The content of a CSV of stages."""

    stages: tuple[StageName, ...]
    """Stage of each row."""
    landmarks: np.ndarray
    """(n, 33, 4) float32: x, y (0…1 of the picture), z, visibility, in BlazePose order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepMark:
    """The label of the rep that is in progress in a frame."""

    frame: Annotated[int, Field(ge=0)]
    at_s: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """Time of the frame."""
    label: Annotated[str, Field(min_length=1)]
    """GOOD, BAD, or the name of a fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """The annotation of a recording."""

    stages: Mapping[int, StageName]
    """Frame number → its stage."""
    reps: tuple[RepMark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    """Content of the JSON file."""

    format: int
    recording: str
    reps: tuple[RepMark, ...]


def annotation_file(recording: Path, folder: Path | None = None) -> Path:
    """Return the path of a recording's CSV: beside the file, or inside the session's folder.

    folder: another folder to use instead.
    """
    if os.path.isdir(recording):
        return recording / layout.ANNOTATION if folder is None else folder / f"{recording.name}{SUFFIX}"
    return (folder or recording.parent) / f"{recording.stem}{SUFFIX}"


def marks_file(stages: Path) -> Path:
    """Return the file of rep labels that belongs to a CSV of stages."""
    return stages.with_suffix(".json")


def load(path: Path, observations: Sequence[Observation]) -> Annotation:
    """Load the annotation of some observations; missing files count as empty.

    path: the CSV. Raises SourceError that names file, row and column.
    """
    rows = read_stages(path) if os.path.exists(path) else None
    stages = {} if rows is None else frames_of(rows, observations, path)
    marks = marks_file(path)
    reps = read_marks(marks) if os.path.exists(marks) else ()
    known = {observation.index for observation in observations}
    beyond = next((mark for mark in reps if mark.frame not in known), None)
    if beyond is not None:
        raise SourceError(f"{marks}: the recording has no frame {beyond.frame}. Check that both belong together.")
    return Annotation(stages=stages, reps=reps)


def save(path: Path, annotation: Annotation, observations: Sequence[Observation], recording: str) -> None:
    """Write both files atomically. recording: its name. Raises OutputError."""
    marks = _Marks(format=FORMAT, recording=recording, reps=annotation.reps)
    _replace(marks_file(path), json.dumps(asdict(marks), indent=1) + "\n")
    lines = [",".join(COLUMNS)]
    for observation in observations:
        stage = annotation.stages.get(observation.index)
        if stage is not None and observation.landmarks is not None:
            lines.append(",".join([stage, *map(repr, observation.landmarks[:, :4].ravel().tolist())]))
    _replace(path, "\n".join(lines) + "\n")


def read_stages(path: Path) -> StageRows:
    """Read a CSV of stages, livecoach's or the dissertation's. Raises SourceError that names file, row and column."""
    try:
        with open_regular_text(path, newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
    except (UnicodeDecodeError, csv.Error) as err:
        raise SourceError(f"{path}: not a CSV file. `livecoach lab annotate` writes one.") from err
    _check_header(path, lines)
    stages, values = [], []
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue  # editors may leave an empty last line
        stages.append(_stage(path, number, line))
        values.append([_number(path, number, name, text) for name, text in zip(COLUMNS[1:], line[1:], strict=True)])
    landmarks = np.array(values, np.float32).reshape(-1, landmark.COUNT, 4)
    return StageRows(stages=tuple(stages), landmarks=landmarks)


def frames_of(rows: StageRows, observations: Sequence[Observation], path: Path) -> dict[int, StageName]:
    """Return the stage of each marked frame by its number. Raises SourceError if no frame has a row's landmarks.

    If several frames share the same landmarks, as when a camera sends a picture twice, rows are assigned in order.
    """
    frames: dict[bytes, list[int]] = {}
    for observation in reversed(observations):
        if observation.landmarks is not None:
            frames.setdefault(_key(observation.landmarks[:, :4]), []).append(observation.index)
    stages: dict[int, StageName] = {}
    for number, (stage, landmarks) in enumerate(zip(rows.stages, rows.landmarks, strict=True), start=2):
        left = frames.get(_key(landmarks))
        if left is None:
            raise SourceError(
                f"{path}: row {number}: no frame of the recording has these landmarks. "
                "Use the .obs file from which the annotation was made."
            )
        if not left:
            raise SourceError(f"{path}: row {number}: repeats the landmarks of an earlier row. Remove one of them.")
        stages[left.pop()] = stage
    return stages


def read_marks(path: Path) -> tuple[RepMark, ...]:
    """Read the labels of reps. Raises SourceError that names the file and the problem."""
    try:
        marks = pydantic.TypeAdapter(_Marks).validate_json(read_regular(path))
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
    except pydantic.ValidationError as err:
        first = err.errors()[0]
        where = ".".join(map(str, first["loc"])) or "content"
        raise SourceError(
            f"{path}: {where}: {first['msg']}. Correct the file, or delete it and label the reps again."
        ) from err
    if marks.format != FORMAT:
        raise SourceError(f"{path}: format {marks.format}; this livecoach reads format {FORMAT}. Update livecoach.")
    return marks.reps


def counts(annotation: Annotation) -> str:
    """Summarize an annotation in words."""
    of_stage = Counter(annotation.stages.values())
    parts = [f"{of_stage[stage]} {stage}" for stage in STAGES if of_stage[stage]]
    frames = f"{len(annotation.stages)} frames" + (f" ({', '.join(parts)})" if parts else "")
    good = sum(mark.label == GOOD for mark in annotation.reps)
    return f"{frames}, {len(annotation.reps)} reps ({good} good)"


def _check_header(path: Path, lines: list[list[str]]) -> None:
    header = [name.strip() for name in lines[0]] if lines else []
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise SourceError(
            f"{path}: row 1: column {missing[0]} is missing{more}. "
            f"Expected {len(COLUMNS)}: class, x1, y1, z1, v1 … v{landmark.COUNT}."
        )
    wrong = next((n for n, name in enumerate(header) if n >= len(COLUMNS) or name != COLUMNS[n]), None)
    if wrong is not None:
        wanted = COLUMNS[wrong] if wrong < len(COLUMNS) else "no more"
        raise SourceError(f"{path}: row 1: column {wrong + 1} is {header[wrong]!r}, expected {wanted}.")


def _stage(path: Path, number: int, line: list[str]) -> StageName:
    if len(line) != len(COLUMNS):
        raise SourceError(
            f"{path}: row {number}: has {len(line)} columns, expected {len(COLUMNS)}. The file may be truncated."
        )
    for stage in STAGES:
        if line[0].strip() == stage:
            return stage
    raise SourceError(f"{path}: row {number}: class is {line[0]!r}, expected one of {', '.join(STAGES)}.")


def _number(path: Path, number: int, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= _LARGEST:
        raise SourceError(f"{path}: row {number}: {name} is {text!r}, expected a number. Remove the row.")
    return value


def _key(landmarks: np.ndarray) -> bytes:
    """Return a key that is equal for equal landmarks (33, 4) float32, where -0 equals 0."""
    return (landmarks + np.float32(0)).tobytes()


def _replace(path: Path, text: str) -> None:
    try:
        with written_whole(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as err:
        raise OutputError(f"{path}: can't be written ({err.strerror}). Choose another place with --out.") from err
