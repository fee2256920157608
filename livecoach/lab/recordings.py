"""Finds the recordings of a dataset on disk, with their lifters and labels."""

import csv
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from livecoach.config.files import open_regular_text
from livecoach.errors import SourceError
from livecoach.lab.annotation import BAD, GOOD
from livecoach.lab.dataset import UNKNOWN
from livecoach.session import layout
from livecoach.session.stored import is_session
from livecoach.source.stored import StoredObservations, is_observations

VIDEOS = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi")
OBSERVATIONS = ".obs"
COLUMNS = ("file", "lifter")
"""Required columns of a table; a third one, label, is optional."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLabel:
    """The lifter and the label of a recording."""

    lifter: str
    label: str = UNKNOWN
    """GOOD, BAD or a fault name, for all reps without their own mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingTable:
    """A table of recordings."""

    path: Path
    rows: tuple[tuple[Path, RecordingLabel], ...]

    def of(self, recording: Path) -> RecordingLabel:
        """Return the label of a recording. Raises SourceError unless the table has exactly one."""
        whole = recording.resolve().parts
        found = {known for file, known in self.rows if whole[-len(file.parts) :] == file.parts}
        if len(found) != 1:
            what = "has no row" if not found else "has contradictory rows"
            raise SourceError(f"{self.path}: {what} for {recording}. Give it exactly one row.")
        return found.pop()


def recordings(sources: Sequence[Path]) -> list[Path]:
    """List the files to read, each once, sorted; folders are searched recursively.

    Stored observations are preferred to their video, and a session's folder is one recording. Raises SourceError if
    there are no recordings.
    """
    found: set[Path] = set()
    for source in sources:
        files = _in_folder(source) if source.is_dir() else [source]
        if not files:
            raise SourceError(f"{source}: holds no recordings. Give a folder with videos, .obs files or sessions.")
        found.update(_seen_before(file) for file in files)
    return sorted({file.resolve(): file for file in sorted(found)}.values())


def folder_of(recording: Path) -> RecordingLabel:
    """Return the label of a recording without a table: its folder's name is the lifter's."""
    return RecordingLabel(lifter=recording.resolve().parent.name or "lifter")


def read_table(path: Path, faults: Sequence[str]) -> RecordingTable:
    """Read a CSV with the columns file, lifter and, optionally, label.

    faults: valid labels besides GOOD and BAD. Raises SourceError that names file, row and column.
    """
    try:
        with open_regular_text(path, newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
    except (UnicodeDecodeError, csv.Error) as err:
        raise SourceError(f"{path}: not a CSV file. Write one with the columns {', '.join(COLUMNS)}.") from err
    header = [name.strip() for name in lines[0]] if lines else []
    for name in COLUMNS:
        if name not in header:
            raise SourceError(f"{path}: row 1: column {name} is missing. Expected file, lifter and, optionally, label.")
    labels = (GOOD, BAD, *faults)
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(text.strip() for text in line):
            continue
        values = dict(zip(header, (text.strip() for text in line), strict=False))
        for name in COLUMNS:
            if not values.get(name):
                raise SourceError(f"{path}: row {number}: {name} is empty. Fill it in, or remove the row.")
        label = values.get("label", "")
        if label and label not in labels:
            raise SourceError(f"{path}: row {number}: label is {label!r}, expected one of {', '.join(labels)}.")
        rows.append((Path(values["file"]), RecordingLabel(lifter=values["lifter"], label=label)))
    return RecordingTable(path=path, rows=tuple(rows))


def is_session_folder(path: Path) -> bool:
    """Return whether a folder is a session's, rather than one that merely contains a file of the same name."""
    return is_session(path) and ((path / layout.DOCUMENT).is_file() or layout.NAME.fullmatch(path.name) is not None)


def _in_folder(folder: Path) -> list[Path]:
    """List the recordings in a folder. Raises SourceError if it can't be read."""
    try:
        return _of_folder(folder)
    except OSError as err:
        raise SourceError(f"{err.filename}: can't be read ({err.strerror}). Make it readable.") from err


def _of_folder(folder: Path) -> list[Path]:
    if is_session_folder(folder):
        return [folder]
    found = []
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            found += _of_folder(path)
        elif path.is_file() and path.suffix.lower() in (*VIDEOS, OBSERVATIONS):
            found.append(path)
    return found


def _seen_before(recording: Path) -> Path:
    """Return the .obs file beside a video if it belongs to it, otherwise the recording itself."""
    stored = recording if recording.is_dir() else recording.with_suffix(OBSERVATIONS)
    if stored == recording or not is_observations(stored):
        return recording
    with closing(StoredObservations(stored)) as source:
        return stored if source.header.name == recording.name else recording
