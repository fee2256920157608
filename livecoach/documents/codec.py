"""Observations as bytes: the format of a session's recording and of `livecoach observe`.

A file is a sequence of records. Each is `length (uint32) | CRC-32 of the payload (uint32) | payload`, little endian.
The payload is MessagePack: a map (the header) in the first record, an observation in every other one. A file that ends
in the middle of a record, as after a power cut, is valid up to that record. The checksum reveals a damaged record.

Landmarks are stored as fixed-point numbers and rounded to them *before* they are used (`rounded`), so a replay decides
exactly what the live run decided. At 640 px one step is 0.08 px, or 0.2 mm in world coordinates.

Version 2 added the back's edge at the end of an observation, version 3 the barbell's plate after it. Files of earlier
versions can still be read; their observations have neither. Version 4 marks coordinates that are not known: pose models
other than BlazePose do not give all landmarks.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import msgpack
import numpy as np

from livecoach import landmark
from livecoach.errors import SourceError
from livecoach.types import Observation, SourceInfo

FORMAT = "livecoach-observations"
VERSION = 4
_FRAMING = struct.Struct("<II")
_LONGEST = 1 << 20
"""Longest payload in bytes; a longer one means a damaged length. An observation has about 500."""
_IMAGE_STEP = 1 / 8192
_WORLD_STEP = 1 / 4096
_SHARE_STEP = 1 / 255
_UNKNOWN = -32768
"""Stands for an unknown coordinate or height of the back's edge; no known one is rounded to it."""
_STATIONS = 19
_VERSION_1_FIELDS, _VERSION_2_FIELDS = 8, 9
_BAR = struct.Struct("<hhhB")
"""x, y and diameter of the barbell's plate, and the confidence that it is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationsHeader:
    """The header of a file of observations."""

    name: str
    """Name of the source."""
    width_px: int
    height_px: int
    fps: float | None
    pose_model: str
    """Name of the pose model."""
    pose_sha256: str
    synthetic: bool
    """Whether the synthetic lifter made the observations, without a camera."""


def _fixed(values: np.ndarray, step: float) -> np.ndarray:
    """Return values as int16 multiples of `step`, and _UNKNOWN for NaN. Values outside the range (4 pictures, 8 m) are
    clipped to its edge."""
    steps = np.clip(np.rint(values / step), -32767, 32767)
    return np.where(np.isnan(values), _UNKNOWN, steps).astype("<i2")


def _coordinates(steps: np.ndarray, step: float) -> np.ndarray:
    """Return what `_fixed` stored, float32; NaN where it was unknown."""
    values: np.ndarray = steps * np.float32(step)
    values[steps == _UNKNOWN] = np.nan
    return values


def _shares(values: np.ndarray) -> np.ndarray:
    """Return shares 0…1 as uint8."""
    return np.clip(np.rint(values / _SHARE_STEP), 0, 255).astype(np.uint8)


def rounded(observation: Observation) -> Observation:
    """Return the observation as it will be read back from a file."""
    return decode(encode(observation))


def encode(observation: Observation) -> bytes:
    """Return the payload of an observation."""
    o = observation
    body = None
    if o.landmarks is not None and o.world is not None:
        body = b"".join(
            (
                _fixed(o.landmarks[:, :3], _IMAGE_STEP).tobytes(),
                _shares(o.landmarks[:, 3:]).tobytes(),
                _fixed(o.world, _WORLD_STEP).tobytes(),
            )
        )
    brightness = round(o.brightness / _SHARE_STEP)
    back = None if o.back is None else _fixed(o.back, _IMAGE_STEP).tobytes()
    bar = None if o.bar is None else _BAR.pack(*_fixed(o.bar[:3], _IMAGE_STEP), *_shares(o.bar[3:]))
    fields = (o.index, o.t_s, o.people, brightness, o.width_px, o.height_px, o.dropped, body, back, bar)
    payload: bytes = msgpack.packb(fields)
    return payload


def decode(payload: bytes) -> Observation:
    """Return the observation of a payload. Raises ValueError for any other payload."""
    fields = msgpack.unpackb(payload)
    bar = fields.pop() if len(fields) > _VERSION_2_FIELDS else None
    back = fields.pop() if len(fields) > _VERSION_1_FIELDS else None
    index, t_s, people, brightness, width_px, height_px, dropped, body = fields
    landmarks = world = None
    if body is not None:
        landmarks, world = _decode_body(body)
    return Observation(
        index=index,
        t_s=t_s,
        landmarks=landmarks,
        world=world,
        people=people,
        brightness=brightness * _SHARE_STEP,
        width_px=width_px,
        height_px=height_px,
        dropped=dropped,
        back=None if back is None else _decode_heights(back),
        bar=None if bar is None else _decode_bar(bar),
    )


@dataclass(frozen=True, slots=True)
class ObservationPeek:
    """The fields of an observation that can be read without decoding it, in 3 µs instead of 25."""

    t_s: float
    dropped: int
    with_pose: bool


def peek(payload: bytes) -> ObservationPeek:
    """Return these fields of a payload. Raises ValueError where it is not an observation."""
    fields = msgpack.unpackb(payload)
    if not isinstance(fields, list) or len(fields) < _VERSION_1_FIELDS:
        raise ValueError("not an observation")
    return ObservationPeek(t_s=fields[1], dropped=fields[6], with_pose=fields[7] is not None)


def _decode_heights(heights: bytes) -> np.ndarray:
    if len(heights) != _STATIONS * 2:
        raise ValueError(f"expected {_STATIONS * 2} bytes of the back, got {len(heights)}")
    return _coordinates(np.frombuffer(heights, "<i2"), _IMAGE_STEP)


def _decode_bar(bar: bytes) -> np.ndarray:
    if len(bar) != _BAR.size:
        raise ValueError(f"expected {_BAR.size} bytes of the bar, got {len(bar)}")
    *place, sure = _BAR.unpack(bar)
    return np.array([*(np.array(place) * _IMAGE_STEP), sure * _SHARE_STEP], np.float32)


def _decode_body(body: bytes) -> tuple[np.ndarray, np.ndarray]:
    n = landmark.COUNT
    if len(body) != n * 14:
        raise ValueError(f"expected {n * 14} bytes of landmarks, got {len(body)}")
    landmarks = np.empty((n, 5), np.float32)
    landmarks[:, :3] = _coordinates(np.frombuffer(body, "<i2", n * 3), _IMAGE_STEP).reshape(n, 3)
    landmarks[:, 3:] = np.frombuffer(body, np.uint8, n * 2, n * 6).reshape(n, 2) * np.float32(_SHARE_STEP)
    world = _coordinates(np.frombuffer(body, "<i2", n * 3, n * 8), _WORLD_STEP).reshape(n, 3)
    return landmarks, world


def record(payload: bytes) -> bytes:
    """Return a record: the payload after its length and checksum."""
    return _FRAMING.pack(len(payload), zlib.crc32(payload)) + payload


def header_of(info: SourceInfo, *, pose_model: str, pose_sha256: str, synthetic: bool = False) -> ObservationsHeader:
    """Return the header for observations that a pose model makes of a source."""
    return ObservationsHeader(
        name=info.name,
        width_px=info.width_px,
        height_px=info.height_px,
        fps=info.fps,
        pose_model=pose_model,
        pose_sha256=pose_sha256,
        synthetic=synthetic,
    )


def encode_header(header: ObservationsHeader) -> bytes:
    """Return the payload of a file's first record."""
    payload: bytes = msgpack.packb(
        {"format": FORMAT, "version": VERSION, **{name: getattr(header, name) for name in ObservationsHeader.__slots__}}
    )
    return payload


def read_records(file: BinaryIO, damaged: Callable[[int], object] | None = None) -> Iterator[bytes]:
    """Yield the payloads of a file. A truncated file ends without an error.

    damaged: called with the position of each damaged stretch, which is skipped up to the next intact record. None: a
    damaged record raises SourceError.
    """
    while len(head := file.read(_FRAMING.size)) == _FRAMING.size:
        length, checksum = _FRAMING.unpack(head)
        payload = file.read(min(length, _LONGEST))
        at = file.tell() - len(payload) - _FRAMING.size
        if length <= _LONGEST and len(payload) == length and zlib.crc32(payload) == checksum:
            yield payload
        elif damaged is None:
            if length <= _LONGEST and len(payload) < length:
                return
            raise SourceError(f"damaged record at byte {at}")
        elif (whole := _next_whole(file, at + 1)) is not None:
            damaged(at)
            file.seek(whole)
        else:
            return


def _next_whole(file: BinaryIO, start: int) -> int | None:
    """Return the position of the next record whose checksum is right; None where none is within reach."""
    file.seek(start)
    content = file.read(2 * _LONGEST)
    for at in range(len(content) - _FRAMING.size):
        length, checksum = _FRAMING.unpack_from(content, at)
        begin = at + _FRAMING.size
        if 0 < length <= len(content) - begin and zlib.crc32(content[begin : begin + length]) == checksum:
            return start + at
    return None


def is_header(payload: bytes) -> bool:
    """Return whether a payload is a header of any format and version. Observations are lists, headers are maps."""
    try:
        return isinstance(msgpack.unpackb(payload), dict)
    except ValueError:
        return False


def decode_header(payload: bytes) -> ObservationsHeader:
    """Return the header in a first record's payload. Raises SourceError for any other payload and for a newer
    version."""
    try:
        content: dict[str, Any] = msgpack.unpackb(payload)
        if content.pop("format") != FORMAT:
            raise ValueError("another format")
        version = content.pop("version")
        if version > VERSION:
            raise SourceError(f"written by a newer livecoach (version {version} of the format): update livecoach")
        return ObservationsHeader(**content)
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise SourceError("not a file of observations") from err
