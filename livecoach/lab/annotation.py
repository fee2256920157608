"""Reads and writes the annotation of a recording: stages of frames and labels of reps, in two files.

    set1.annotation.csv    the dissertation's format: class and 33 times x, y, z, visibility, a row for each marked
                           frame; then the frame's index and time
    set1.annotation.json   labels of reps (good, bad or a fault name) with frame and time

The dissertation's files have no frame indices, so a row belongs to the frame that has exactly its landmarks. Landmarks
are therefore written with all digits, and rows in the order of the frames. Index and time are for people.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, get_args

import numpy as np
from pydantic import Field

from livecoach.core import landmark
from livecoach.core.config.files import write_atomically
from livecoach.core.errors import ConfigError, OutputError, SourceError, explain_os_errors
from livecoach.core.types import Observation, StageName
from livecoach.lab.measure.real_clips import table_rows
from livecoach.lab.truth import read_json

FORMAT = 1
ZERO = np.float32(0)  # Added to a number, it makes -0 equal to 0
STAGES: tuple[StageName, ...] = get_args(StageName)
COLUMNS = ("class", *(f"{axis}{number}" for number in range(1, landmark.COUNT + 1) for axis in "xyzv"))
PLACE = ("frame", "t_s")  # Further columns, which are optional in a file
GOOD, BAD = "good", "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepMark:
    """A label for a rep, with a frame during which the rep is in progress."""

    frame: Annotated[int, Field(ge=0)]  # Index of the frame, from 0
    at_s: Annotated[float, Field(ge=0, allow_inf_nan=False)]  # Time of the frame in the recording
    label: Annotated[str, Field(min_length=1)]  # GOOD, BAD, or the name of a fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """The marked stages of frames and the labels of reps in a recording."""

    stages: Mapping[int, StageName]  # Frame index, from 0 → its stage
    reps: tuple[RepMark, ...] = ()


NOTHING = Annotation(stages={})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    format: int
    recording: str
    reps: tuple[RepMark, ...]


def stages_file(recording: Path) -> Path:
    """Return the path of the file with the marked stages of a recording."""
    return recording.with_name(f"{recording.stem}.annotation.csv")


def labels_file(stages: Path) -> Path:
    """Return the path of the file with the rep labels that belong to a file of marked stages."""
    return stages.with_suffix(".json")


def load(path: Path, observations: Sequence[Observation]) -> Annotation:
    """Load the annotation of a recording from its file of marked stages, and the file of rep labels next to it.

    A missing file counts as empty.

    Raises:
        ConfigError: The marked stages can't be read, or a row is invalid.
        SourceError: The files don't belong to the observations, or the rep labels can't be read.
    """
    labels = labels_file(path)
    reps = read_labels(labels) if os.path.exists(labels) else ()
    known = {observation.index for observation in observations}
    beyond = next((mark for mark in reps if mark.frame not in known), None)
    if beyond is not None:
        raise SourceError(f"{labels}: the recording has no frame {beyond.frame}. Check that both belong together.")
    return Annotation(stages=read_stages(path, observations) if os.path.exists(path) else {}, reps=reps)


def save(path: Path, annotation: Annotation, observations: Sequence[Observation], recording: str) -> None:
    """Write the rep labels of an annotation to `labels_file(path)`, and then its marked stages to `path`.

    A file is replaced only after its new content is complete. If the stages can't be written, the labels are already
    replaced. Marked stages of frames without landmarks are not written. Raises OutputError if writing fails.

    Args:
        recording: Name of the recording, which is written with the labels.
    """
    marks = _Marks(format=FORMAT, recording=recording, reps=annotation.reps)
    lines = [",".join((*COLUMNS, *PLACE))]
    for observation in observations:
        stage = annotation.stages.get(observation.index)
        if stage is not None and observation.landmarks is not None:
            numbers = map(repr, observation.landmarks[:, :4].ravel().tolist())
            lines.append(",".join([stage, *numbers, str(observation.index), f"{observation.t_s:.4f}"]))
    for file, text in ((labels_file(path), json.dumps(asdict(marks), indent=1)), (path, "\n".join(lines))):
        what, do = f"{file}: can't be written", "Choose another place with --out."
        with explain_os_errors(OutputError, what, do), write_atomically(file) as part:
            part.write_text(f"{text}\n", encoding="utf-8")


def read_stages(path: Path, observations: Sequence[Observation]) -> dict[int, StageName]:
    """Read a file of marked stages, from livecoach or from the dissertation, as frame index → stage.

    If several frames have the same landmarks, the rows with these landmarks belong to the frames in order.

    Raises:
        ConfigError: The file can't be read, or a row is invalid; the message names the row.
        SourceError: No frame has the landmarks of a row, or earlier rows have used up all such frames.
    """
    frames: dict[bytes, list[int]] = {}
    for observation in reversed(observations):
        if observation.landmarks is not None:
            key = (observation.landmarks[:, :4] + ZERO).tobytes()
            frames.setdefault(key, []).append(observation.index)
    stages: dict[int, StageName] = {}
    for where, row in table_rows(path, COLUMNS):
        stage = next((name for name in STAGES if name == row["class"]), None)
        if stage is None:
            raise ConfigError(f"{where}: class is {row['class']!r}, expected one of {', '.join(STAGES)}.")
        try:
            landmarks = np.array([row[name] for name in COLUMNS[1:]], np.float32)
        except ValueError as err:
            raise ConfigError(f"{where}: {err}. Remove the row.") from err
        left = frames.get((landmarks + ZERO).tobytes())
        if not left:
            raise SourceError(
                f"{where}: no frame of the recording has these landmarks, or an earlier row has them. "
                "Use the .obs file from which the annotation was made."
            )
        stages[left.pop()] = stage
    return stages


def read_labels(path: Path) -> tuple[RepMark, ...]:
    """Read a file of rep labels. Raises SourceError if the file can't be read, is invalid, or has another format."""
    marks = read_json(path, _Marks, "Check the path.", "Correct the file, or delete it and label the reps again.")
    if marks.format != FORMAT:
        raise SourceError(f"{path}: format {marks.format}; this livecoach reads format {FORMAT}. Update livecoach.")
    return marks.reps
