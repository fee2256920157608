"""Stores one rep as a file: records as in stored observations (`codec`), the first of them a header in JSON.

The header states how many observations follow, so that a truncated file is detected.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from livecoach.config.files import open_regular
from livecoach.config.local_time import local
from livecoach.documents import codec, described_schema
from livecoach.errors import SourceError
from livecoach.types import Observation, RepWindow, View
from livecoach.types.bounds import Name, Ordinal, Seconds

FORMAT: Literal["livecoach-kept-rep"] = "livecoach-kept-rep"
VERSION: Literal[1] = 1
MOST_OBSERVATIONS = 10_000
"""Most observations of a rep: five minutes at 30 frames a second. Our choice."""
FIRST_YEAR, LAST_YEAR = 1970, 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """The header fields that every version has."""

    __pydantic_config__ = ConfigDict(extra="ignore", strict=True, defer_build=True)
    format: Literal["livecoach-kept-rep"]
    version: int


_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepHeader:
    """The header of a stored rep."""

    __pydantic_config__ = _STRICT
    format: Literal["livecoach-kept-rep"] = FORMAT
    """File type."""
    version: Literal[1] = VERSION
    """Version of this format."""
    exercise: Name
    """Name of the exercise."""
    session: Name
    """Source of the rep: one recording, or one run with a camera."""
    calibrated: bool = False
    """True for a rep that the lifter chose by a command of earlier versions."""
    said_good: bool = False
    """True for a rep that the lifter called good; missing in files of earlier versions."""
    start_s: Seconds
    """When the lifter leaves the starting position, in seconds of the source."""
    turn_s: Seconds
    """Time of the turn, such as the lockout of a deadlift or the bottom of a squat, in seconds of the source."""
    end_s: Seconds
    """When the lifter is back at the starting position, in seconds of the source."""
    view: View
    """Camera view."""
    set_name: Name
    """Name of its set, unique among all sessions."""
    pose: Name
    """Name of the pose model."""
    kept_utc: datetime
    """When it was stored, in UTC."""
    livecoach: Name
    """Version of livecoach that wrote the file."""
    number: Ordinal | None = None
    """Number in its set, from 1; None in files of earlier versions."""
    observations: Annotated[int, Field(ge=1, le=MOST_OBSERVATIONS)]
    """Number of observations: from a second before the rep to a second after it."""

    def __post_init__(self) -> None:
        if not self.start_s <= self.turn_s <= self.end_s:
            raise ValueError(f"start {self.start_s}, turn {self.turn_s} and end {self.end_s} are out of order")
        if not FIRST_YEAR <= self.kept_utc.year < LAST_YEAR:
            raise ValueError(f"kept in {self.kept_utc.year}")

    @property
    def chosen(self) -> bool:
        return self.calibrated or self.said_good

    @property
    def day(self) -> str:
        """Local day on which it was stored, as 2026-11-13."""
        return local(self.kept_utc).date().isoformat()


_KIND, _HEADER = TypeAdapter(_Kind), TypeAdapter(RepHeader)


def json_schema() -> dict[str, Any]:
    return described_schema(RepHeader, _STRICT)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRepFile:
    path: Path
    header: RepHeader


def write(file: BinaryIO, header: RepHeader, rep: RepWindow) -> None:
    """Write a rep. Raises OSError, for example when the disk is full."""
    file.write(codec.record(_HEADER.dump_json(header)))
    for observation in rep.observations:
        file.write(codec.record(codec.encode(observation)))


def read_header(path: Path) -> RepHeader:
    """The header in a file. Raises SourceError that names the file."""
    return _read(path)[0]


def read(path: Path) -> RepWindow:
    """The rep in a file. Raises SourceError that names the file."""
    header, observations = _read(path, whole=True)
    return RepWindow(
        observations=observations,
        start_s=header.start_s,
        turn_s=header.turn_s,
        end_s=header.end_s,
        view=header.view,
        set_name=header.set_name,
        number=header.number,
        pose=header.pose,
        exercise=header.exercise,
        chosen=header.chosen,
        day=header.day,
    )


def _read(path: Path, *, whole: bool = False) -> tuple[RepHeader, tuple[Observation, ...]]:
    try:
        with open_regular(path) as file:
            records = codec.read_records(file)
            header = _header(next(records, b""))
            return header, _observations(records, header.observations) if whole else ()
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror})") from err
    except (SourceError, ValueError, TypeError) as err:
        raise SourceError(f"{path}: {err}") from err


def _header(payload: bytes) -> RepHeader:
    """The header in a payload. Raises SourceError where there is none, or one of a newer version."""
    try:
        kind = _KIND.validate_json(payload)
        if kind.version > VERSION:
            raise SourceError(f"written by a newer livecoach (version {kind.version} of the format)")
        return _HEADER.validate_json(payload)
    except ValidationError as err:
        raise SourceError("not a stored rep, or its header is damaged") from err


def _observations(records: Iterator[bytes], wanted: int) -> tuple[Observation, ...]:
    observations = codec.decode_all(islice(records, wanted + 1))
    if len(observations) != wanted:
        raise SourceError(f"truncated: {len(observations)} of {wanted} observations are left")
    return observations
