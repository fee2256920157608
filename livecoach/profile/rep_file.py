"""One kept rep as a file: records as of stored observations (`codec`), the first one a header in JSON.

The header says how many observations follow, so that a file that was cut off is found too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from livecoach.documents import codec
from livecoach.errors import SourceError
from livecoach.types import Observation, RepWindow, View

FORMAT: Literal["livecoach-kept-rep"] = "livecoach-kept-rep"
VERSION: Literal[1] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What every version of the header says."""

    __pydantic_config__ = ConfigDict(extra="ignore", strict=True)
    format: Literal["livecoach-kept-rep"]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepHeader:
    """What a file says of its rep."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True)
    format: Literal["livecoach-kept-rep"] = FORMAT
    """What kind of file this is."""
    version: Literal[1] = VERSION
    """Of this format."""
    exercise: str
    """Name of the exercise."""
    session: str
    """Where the rep is from: one recording, or one run of a camera."""
    calibrated: bool
    """Kept by `livecoach calibrate`; else learned in a session, by itself or because somebody said that it was good."""
    start_s: float
    """The lifter leaves the starting position, in the source's own time."""
    turn_s: float
    """Lockout (deadlift) or deepest point (squat)."""
    end_s: float
    """Back at the starting position."""
    view: View
    """Where the camera stood."""
    set_name: str
    """Which set it is from, told apart from those of all other sessions."""
    pose: str
    """Name of the pose model."""
    kept_utc: datetime
    """When it was kept."""
    livecoach: str
    """Version that wrote the file."""
    observations: Annotated[int, Field(ge=1)]
    """How many follow: from a second before the rep to a second after it."""

    def __post_init__(self) -> None:
        if not self.start_s <= self.turn_s <= self.end_s:
            raise ValueError(f"start {self.start_s}, turn {self.turn_s} and end {self.end_s} are out of order")


_KIND, _HEADER = TypeAdapter(_Kind), TypeAdapter(RepHeader)


def json_schema() -> dict[str, Any]:
    """JSON Schema of the header."""
    return _HEADER.json_schema()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRepFile:
    """A file, and what it says of its rep."""

    path: Path
    header: RepHeader


def write(file: BinaryIO, header: RepHeader, rep: RepWindow) -> None:
    """Write a rep. Raises OSError, for instance when the disk is full."""
    file.write(codec.record(_HEADER.dump_json(header)))
    for observation in rep.observations:
        file.write(codec.record(codec.encode(observation)))


def read_header(path: Path) -> RepHeader:
    """What a file says of its rep. Raises SourceError that names the file."""
    return _read(path)[0]


def read(path: Path) -> RepWindow:
    """The rep of a file. Raises SourceError that names the file."""
    header, observations = _read(path, whole=True)
    return RepWindow(
        observations=observations,
        start_s=header.start_s,
        turn_s=header.turn_s,
        end_s=header.end_s,
        view=header.view,
        set_name=header.set_name,
        pose=header.pose,
    )


def _read(path: Path, *, whole: bool = False) -> tuple[RepHeader, tuple[Observation, ...]]:
    try:
        with path.open("rb") as file:
            records = codec.read_records(file)
            header = _header(next(records, b""))
            return header, _observations(records, header.observations) if whole else ()
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror})") from err
    except (SourceError, ValueError, TypeError) as err:
        raise SourceError(f"{path}: {err}") from err


def _header(payload: bytes) -> RepHeader:
    """Raises SourceError where it is none, or of a newer version."""
    try:
        kind = _KIND.validate_json(payload)
        if kind.version > VERSION:
            raise SourceError(f"written by a newer livecoach (version {kind.version} of the format)")
        return _HEADER.validate_json(payload)
    except ValidationError as err:
        raise SourceError("no kept rep, or its header is damaged") from err


def _observations(records: Iterator[bytes], wanted: int) -> tuple[Observation, ...]:
    observations = tuple(codec.decode(payload) for payload in records)
    if len(observations) != wanted:
        raise SourceError(f"cut off: {len(observations)} of {wanted} observations")
    return observations
