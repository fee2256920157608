"""Encodes observations as bytes: the format of a session's recording and of `livecoach lab observe`.

A file of observations is a sequence of records, and so is the file of a stored rep. A record is `length (uint32) |
CRC-32 of the payload (uint32) | payload`, little endian. The payload is MessagePack: a map (the header) in the first
record, an observation in all other records. A file that ends in the middle of a record, for example after a power cut,
is valid up to that record. The checksum reveals a damaged record.

Landmarks are stored as fixed-point numbers. They are rounded to these *before* they are used (`round_observation`), so
that a replay decides exactly as the live run did. At 640 px a step is 0.08 px, or 0.2 mm in world coordinates.

Pose models other than BlazePose lack some landmarks, so a special value marks an unknown coordinate.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, BinaryIO, NamedTuple

import msgpack
import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from livecoach.core import landmark
from livecoach.core.errors import OutputError, SourceError, explain_os_errors
from livecoach.core.landmark import STATIONS
from livecoach.core.types import Observation
from livecoach.core.types.bounds import Count, Fps, Name, Pixels, Seconds, TurnDeg

_FRAMING = struct.Struct("<II")
_LONGEST = 1 << 16  # longest payload in bytes. An observation has about 500; a longer payload means a damaged length.
_REACH = 2 << 20  # bytes after a damaged record in which the next intact record is searched. Our choice.
_MOST_SEARCHED, _MOST_SUMMED = 8 << 20, 64 << 20
"""Most bytes of a file to search, and to compute checksums of while searching. They take about three seconds, whatever
the file's content. Our choice."""
FORMAT = "livecoach-observations"  # name of the format, in the header
VERSION = 4  # version of the format, in the header
_IMAGE_STEP = 1 / 8192
_WORLD_STEP = 1 / 4096
_SHARE_STEP = 1 / 255
_UNKNOWN = -32768  # marks an unknown coordinate or height of the back's edge; no known value is rounded to it
_BODY = 14 * landmark.COUNT  # bytes of all landmarks
_BACK = 2 * len(STATIONS)  # bytes of the back's edge
_BAR = struct.Struct("<hhhB")  # x, y, diameter and probability of the barbell's plate


class PackedObservation(NamedTuple):
    """The stored fields of an observation. Reading the fields takes 1 µs, and decoding the arrays takes 20 µs."""

    frame: Count
    t_s: Seconds
    people: Annotated[int, Field(ge=0, le=1000)]
    brightness: Annotated[int, Field(ge=0, le=255)]
    width_px: Pixels
    height_px: Pixels
    dropped: Count
    landmarks: Annotated[bytes, Field(min_length=_BODY, max_length=_BODY)] | None
    """Landmarks in the picture with visibility and presence, then in the world; None while nobody is in view."""
    back: Annotated[bytes, Field(min_length=_BACK, max_length=_BACK)] | None  # None: not measured
    bar: Annotated[bytes, Field(min_length=_BAR.size, max_length=_BAR.size)] | None  # None: no plate was detected
    turn_deg: TurnDeg = 0
    """Clockwise turn of the picture. This field and the later fields are not stored after the last field that differs
    from its default value."""
    camera: Annotated[bytes, Field(min_length=8, max_length=8)] | None = None
    """Motion of the camera; None if the camera has not moved."""
    clarity: Annotated[bytes, Field(min_length=6, max_length=6)] | None = None
    shows_motion_badly: bool = False
    heel: Annotated[int, Field(ge=-32768, le=32767)] | None = None


_PACKED = TypeAdapter(PackedObservation, config=ConfigDict(strict=True, allow_inf_nan=False))


def make_record(payload: bytes) -> bytes:
    """Return the record of a payload: its length, its checksum and the payload itself."""
    return _FRAMING.pack(len(payload), zlib.crc32(payload)) + payload


def read_records(file: BinaryIO, on_damage: Callable[[int], object] | None = None) -> Iterator[bytes]:
    """Yield the payload of each record of a file. A truncated last record is left out without an error.

    Args:
        file: The file, at the start of a record.
        on_damage: Called with the position of each damaged stretch, which is then skipped up to the next intact record.
            If the next 2 MiB have no intact record, or the search has reached its limit for the whole file, the
            file ends there, and `on_damage` is not called. None to raise SourceError at a damaged record.

    Raises:
        OSError: The file can't be read.
        SourceError: A record is damaged, and `on_damage` is None.
    """
    search = _Search(file)
    while len(head := file.read(_FRAMING.size)) == _FRAMING.size:
        length, checksum = _FRAMING.unpack(head)
        payload = file.read(min(length, _LONGEST))
        at = file.tell() - len(payload) - _FRAMING.size
        if 0 < length <= _LONGEST and len(payload) == length and zlib.crc32(payload) == checksum:
            yield payload
        elif on_damage is None:
            if 0 < length <= _LONGEST and len(payload) < length:
                return
            raise SourceError(f"damaged record at byte {at}")
        elif (intact := search.next_intact(at + 1)) is not None:
            on_damage(at)
            file.seek(intact)
        else:
            return


def record_starts(content: bytes) -> list[int]:
    """Return the position of each record in a file's content, up to a truncated record or an impossible length."""
    starts, at = list[int](), 0
    while at + _FRAMING.size <= len(content):
        length, _ = _FRAMING.unpack_from(content, at)
        if not 0 < length <= _LONGEST or at + _FRAMING.size + length > len(content):
            break
        starts.append(at)
        at += _FRAMING.size + length
    return starts


def read_record(file: BinaryIO, start: int) -> bytes:
    """Return the payload of the record at a position, in bytes from the start of the file.

    Raises:
        OSError: The file can't be read.
        SourceError: The record is damaged or truncated.
    """
    file.seek(start)
    for payload in read_records(file):
        return payload
    raise SourceError(f"truncated record at byte {start}")


@dataclass(slots=True)
class _Search:
    """Searches a damaged file for intact records, up to a limit for the whole file."""

    file: BinaryIO
    searched: int = 0
    summed: int = 0

    def next_intact(self, start: int) -> int | None:
        """Return the position of the next record with a correct checksum; None if no record is in reach."""
        begin, size = start, 4096  # most damaged stretches are short, so search little at first
        while begin - start < _REACH:
            self.file.seek(begin)
            content = self.file.read(size + _LONGEST + _FRAMING.size)
            positions = min(size, len(content) - _FRAMING.size)
            for at in range(max(positions, 0)):
                if self._check_intact(content, at):
                    self.searched += at
                    return begin + at
            self.searched += max(positions, 0)
            if positions < size or self.searched > _MOST_SEARCHED or self.summed > _MOST_SUMMED:
                return None
            begin, size = begin + size, _LONGEST
        return None

    def _check_intact(self, content: bytes, at: int) -> bool:
        length, checksum = _FRAMING.unpack_from(content, at)
        begin = at + _FRAMING.size
        if not 0 < length <= min(_LONGEST, len(content) - begin) or self.summed > _MOST_SUMMED:
            return False
        self.summed += length
        return zlib.crc32(content[begin : begin + length]) == checksum


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationsHeader:
    """The header of a file of observations, which describes the source and the pose model."""

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True)
    name: Name  # name of the source
    width_px: Pixels
    height_px: Pixels
    fps: Fps | None  # nominal frame rate; None if the source does not report it
    pose_model: Name  # name of the pose model
    pose_sha256: Name
    synthetic: bool  # whether the synthetic lifter made the observations, without a camera


_HEADER = TypeAdapter(ObservationsHeader)


def _fixed(values: np.ndarray, step: float) -> np.ndarray:
    """Return values, clipped to 4 pictures or 8 m, as int16 multiples of `step`, and _UNKNOWN for NaN."""
    steps = np.minimum(np.maximum(np.rint(values / step), -32767), 32767)  # NumPy's clip takes twice as long
    return np.where(np.isnan(values), _UNKNOWN, steps).astype("<i2")


def _coordinates(steps: np.ndarray, step: float) -> np.ndarray:
    """Return the float32 values that `_fixed` stored; NaN where unknown."""
    values: np.ndarray = steps * np.float32(step)
    values[steps == _UNKNOWN] = np.nan
    return values


def _shares(values: np.ndarray) -> np.ndarray:
    return np.minimum(np.maximum(np.rint(values / _SHARE_STEP), 0), 255).astype(np.uint8)


def round_observation(observation: Observation) -> Observation:
    """Return an observation with its numbers as a file would contain them: rounded, and clipped to the file's range."""
    return _restored([_packed(observation)])[0]


def encode(observation: Observation) -> bytes:
    """Encode an observation as the payload of a record."""
    packed = _packed(observation)
    defaults = PackedObservation._field_defaults
    needed = [k for k, name in enumerate(packed._fields) if name not in defaults or packed[k] != defaults[name]]
    return msgpack.packb(packed[: needed[-1] + 1])


def _packed(o: Observation) -> PackedObservation:
    body = None
    if o.landmarks is not None and o.world is not None:
        body = b"".join(
            (
                _fixed(o.landmarks[:, :3], _IMAGE_STEP).tobytes(),
                _shares(o.landmarks[:, 3:]).tobytes(),
                _fixed(o.world, _WORLD_STEP).tobytes(),
            )
        )
    return PackedObservation(
        frame=o.index,
        t_s=o.t_s,
        people=o.people,
        brightness=round(o.brightness / _SHARE_STEP),
        width_px=o.width_px,
        height_px=o.height_px,
        dropped=o.dropped,
        landmarks=body,
        back=None if o.back is None else _fixed(o.back, _IMAGE_STEP).tobytes(),
        bar=None if o.bar is None else _BAR.pack(*_fixed(o.bar[:3], _IMAGE_STEP), *_shares(o.bar[3:])),
        turn_deg=o.turn_deg,
        camera=None if o.camera is None else _fixed(o.camera, _IMAGE_STEP).tobytes(),
        clarity=None if o.clarity is None else _shares(o.clarity).tobytes(),
        shows_motion_badly=o.shows_motion_badly,
        heel=None if o.heel is None else round(o.heel / _IMAGE_STEP),
    )


def decode(payload: bytes) -> Observation:
    """Decode the observation in a payload. Raises ValueError if the payload contains something else."""
    return decode_all([payload])[0]


def decode_all(payloads: Iterable[bytes]) -> tuple[Observation, ...]:
    """Decode the observations in many payloads, in a quarter of the time that `decode` takes.

    The observations share memory, so keep either all observations or none.

    Raises ValueError if a payload contains something else.
    """
    return _restored([unpack(payload) for payload in payloads])


def _restored(stored: Sequence[PackedObservation]) -> tuple[Observation, ...]:
    poses = _decode_bodies([o.landmarks for o in stored if o.landmarks is not None])
    heights = np.frombuffer(b"".join(o.back for o in stored if o.back is not None), "<i2")
    backs = iter(_coordinates(heights, _IMAGE_STEP).reshape(-1, len(STATIONS)))
    observations = []
    for o in stored:
        landmarks, world = (None, None) if o.landmarks is None else next(poses)
        observations.append(
            Observation(
                index=o.frame,
                t_s=o.t_s,
                landmarks=landmarks,
                world=world,
                people=o.people,
                brightness=o.brightness * _SHARE_STEP,
                width_px=o.width_px,
                height_px=o.height_px,
                dropped=o.dropped,
                back=None if o.back is None else next(backs),
                bar=None if o.bar is None else _decode_bar(o.bar),
                turn_deg=o.turn_deg,
                camera=None if o.camera is None else np.frombuffer(o.camera, "<i2") * np.float32(_IMAGE_STEP),
                clarity=None if o.clarity is None else np.frombuffer(o.clarity, np.uint8) * np.float32(_SHARE_STEP),
                shows_motion_badly=o.shows_motion_badly,
                heel=None if o.heel is None else o.heel * _IMAGE_STEP,
            )
        )
    return tuple(observations)


def unpack(payload: bytes) -> PackedObservation:
    """Return the stored fields of the observation in a payload. Raises ValueError if the payload is no observation."""
    try:
        fields = msgpack.unpackb(payload, use_list=False)
    except RecursionError as err:
        raise ValueError("not an observation (nested too deeply)") from err
    if not isinstance(fields, tuple):
        raise ValueError("not an observation")
    try:
        return _PACKED.validate_python(fields)
    except ValidationError as err:
        first = err.errors(include_input=False)[0]
        where = "".join(f"{PackedObservation._fields[int(place)]}: " for place in first["loc"][:1])
        raise ValueError(f"not an observation ({where}{first['msg'].lower()})") from err


def _decode_bar(bar: bytes) -> np.ndarray:
    x, y, diameter, sure = _BAR.unpack(bar)
    return np.array([x * _IMAGE_STEP, y * _IMAGE_STEP, diameter * _IMAGE_STEP, sure * _SHARE_STEP], np.float32)


def _decode_bodies(bodies: Sequence[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    n, count = landmark.COUNT, len(bodies)
    stored = np.frombuffer(b"".join(bodies), np.uint8).reshape(count, _BODY)
    image, shares, metres = stored[:, : n * 6], stored[:, n * 6 : n * 8], stored[:, n * 8 :]
    landmarks = np.empty((count, n, 5), np.float32)
    landmarks[..., :3] = _coordinates(np.ascontiguousarray(image).view("<i2"), _IMAGE_STEP).reshape(count, n, 3)
    landmarks[..., 3:] = shares.reshape(count, n, 2) * np.float32(_SHARE_STEP)
    world = _coordinates(np.ascontiguousarray(metres).view("<i2"), _WORLD_STEP).reshape(count, n, 3)
    return zip(landmarks, world, strict=True)


def encode_header(header: ObservationsHeader) -> bytes:
    """Encode a header as the payload of a file's first record."""
    return msgpack.packb(
        {"format": FORMAT, "version": VERSION, **{name: getattr(header, name) for name in ObservationsHeader.__slots__}}
    )


def is_header(payload: bytes) -> bool:
    """Return whether a payload is a header, of any format and version. A header is a map, an observation is a list."""
    try:
        return isinstance(msgpack.unpackb(payload), dict)
    except (ValueError, RecursionError):
        return False


def decode_header(payload: bytes) -> ObservationsHeader:
    """Decode the header in a file's first payload. Raises SourceError if this is no header of this version."""
    try:
        content: dict[str, Any] = msgpack.unpackb(payload)
        if content.pop("format") != FORMAT:
            raise ValueError("another format")
        version = content.pop("version")
        if version > VERSION:
            raise SourceError(f"written by a newer livecoach (version {version} of the format): update livecoach")
        if version != VERSION:
            raise ValueError("another version")
        return _HEADER.validate_python(content)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as err:
        raise SourceError("not a file of observations") from err


class ObservationWriter:
    """Writes observations to a file that can be read at any time. As a context manager, it closes the file."""

    def __init__(self, path: Path, header: ObservationsHeader) -> None:
        """Create the file, or empty an existing file, and write the header. Raises OutputError if that fails."""
        self._path = path
        with explain_os_errors(OutputError, f"{path}: can't be written", "Choose another place with --out."):
            self._file = path.open("wb")
        self._write(encode_header(header))

    def write(self, observation: Observation) -> None:
        """Append an observation. Raises OutputError if the file can't be written, such as on a full disk."""
        self._write(encode(observation))

    def _write(self, payload: bytes) -> None:
        with explain_os_errors(OutputError, f"{self._path}: writing failed", "Free some space."):
            self._file.write(make_record(payload))

    def close(self) -> None:
        """Flush and close the file. Raises OutputError if the last part can't be written."""
        with explain_os_errors(OutputError, f"{self._path}: its end can't be written", "Free some space."):
            self._file.close()

    def __enter__(self) -> "ObservationWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
