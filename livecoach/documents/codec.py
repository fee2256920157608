"""Observations as bytes: what a recording and `livecoach observe` keep.

A file is a sequence of records, each `length (uint32) | CRC-32 of the payload (uint32) | payload`, little endian. The
payload is MessagePack: of the first record a map (the header), of every other one an observation. A file that ends in
the middle of a record, as after a power cut, is whole up to there; a damaged record is found by its checksum.

Landmarks are kept as fixed-point numbers, and are rounded to them *before* they are used (`rounded`), so that what is
decided from a recording is what was decided live, to the byte. At 640 px a step is 0.08 px, 0.2 mm in the world.

Version 2 added the back's edge at the end of an observation, version 3 the barbell's plate after it; files of earlier
versions are read, and have none.
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
VERSION = 3
_FRAMING = struct.Struct("<II")
_LONGEST = 1 << 20
"""Bytes of a payload; a longer one is a damaged length. An observation has about 500."""
_IMAGE_STEP = 1 / 8192
_WORLD_STEP = 1 / 4096
_SHARE_STEP = 1 / 255
_UNKNOWN = -32768
"""A height of the back's edge that is not known; no known one is rounded to it."""
_STATIONS = 19
_VERSION_1_FIELDS, _VERSION_2_FIELDS = 8, 9
_BAR = struct.Struct("<hhhB")
"""x, y and diameter of the barbell's plate, and how surely it is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file of observations says of itself."""

    name: str
    """Name of the source."""
    width_px: int
    height_px: int
    fps: float | None
    pose_model: str
    """Name of the pose model."""
    pose_sha256: str
    synthetic: bool
    """Made by the synthetic lifter, without a camera."""


def _fixed(values: np.ndarray, step: float) -> np.ndarray:
    """As int16 multiples of `step`; what lies further out (4 pictures, 8 m) is put at the edge of the range."""
    return np.clip(np.rint(values / step), -32767, 32767).astype("<i2")


def _heights(values: np.ndarray) -> bytes:
    """Heights of the back's edge, NaN where not known, as int16."""
    known = np.isfinite(values)
    return np.where(known, _fixed(np.where(known, values, 0.0), _IMAGE_STEP), _UNKNOWN).astype("<i2").tobytes()


def _shares(values: np.ndarray) -> np.ndarray:
    """0…1 as uint8."""
    return np.clip(np.rint(values / _SHARE_STEP), 0, 255).astype(np.uint8)


def rounded(observation: Observation) -> Observation:
    """The observation as a file will give it back."""
    return decode(encode(observation))


def encode(observation: Observation) -> bytes:
    """Payload of an observation."""
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
    back = None if o.back is None else _heights(o.back)
    bar = None if o.bar is None else _BAR.pack(*_fixed(o.bar[:3], _IMAGE_STEP), *_shares(o.bar[3:]))
    fields = (o.index, o.t_s, o.people, brightness, o.width_px, o.height_px, o.dropped, body, back, bar)
    payload: bytes = msgpack.packb(fields)
    return payload


def decode(payload: bytes) -> Observation:
    """Observation of a payload. Raises ValueError where it is none."""
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
    """What can be told of an observation without decoding it: 3 µs instead of 25."""

    t_s: float
    dropped: int
    with_pose: bool


def peek(payload: bytes) -> ObservationPeek:
    """Of a payload. Raises ValueError where it is no observation."""
    fields = msgpack.unpackb(payload)
    if not isinstance(fields, list) or len(fields) < _VERSION_1_FIELDS:
        raise ValueError("no observation")
    return ObservationPeek(t_s=fields[1], dropped=fields[6], with_pose=fields[7] is not None)


def _decode_heights(heights: bytes) -> np.ndarray:
    if len(heights) != _STATIONS * 2:
        raise ValueError(f"expected {_STATIONS * 2} bytes of the back, got {len(heights)}")
    steps = np.frombuffer(heights, "<i2")
    return np.where(steps == _UNKNOWN, np.float32(np.nan), steps * np.float32(_IMAGE_STEP)).astype(np.float32)


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
    landmarks[:, :3] = np.frombuffer(body, "<i2", n * 3).reshape(n, 3) * np.float32(_IMAGE_STEP)
    landmarks[:, 3:] = np.frombuffer(body, np.uint8, n * 2, n * 6).reshape(n, 2) * np.float32(_SHARE_STEP)
    world = np.frombuffer(body, "<i2", n * 3, n * 8).reshape(n, 3) * np.float32(_WORLD_STEP)
    return landmarks, world.astype(np.float32)


def record(payload: bytes) -> bytes:
    """A record: the payload with its length and checksum before it."""
    return _FRAMING.pack(len(payload), zlib.crc32(payload)) + payload


def header_of(info: SourceInfo, *, pose_model: str, pose_sha256: str, synthetic: bool = False) -> Header:
    """Of the file that keeps what a pose model sees in a source."""
    return Header(
        name=info.name,
        width_px=info.width_px,
        height_px=info.height_px,
        fps=info.fps,
        pose_model=pose_model,
        pose_sha256=pose_sha256,
        synthetic=synthetic,
    )


def encode_header(header: Header) -> bytes:
    """Payload of a file's first record."""
    payload: bytes = msgpack.packb(
        {"format": FORMAT, "version": VERSION, **{name: getattr(header, name) for name in Header.__slots__}}
    )
    return payload


def read_records(file: BinaryIO, damaged: Callable[[int], object] | None = None) -> Iterator[bytes]:
    """Payloads of a file; ends quietly where the file is cut off.

    damaged: takes the place of each damaged stretch, which is passed over as far as the next whole record. Where it is
    None, a damaged record raises SourceError.
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
    """Where the next record begins whose checksum is right; None where there is none within reach."""
    file.seek(start)
    content = file.read(2 * _LONGEST)
    for at in range(len(content) - _FRAMING.size):
        length, checksum = _FRAMING.unpack_from(content, at)
        begin = at + _FRAMING.size
        if 0 < length <= len(content) - begin and zlib.crc32(content[begin : begin + length]) == checksum:
            return start + at
    return None


def is_header(payload: bytes) -> bool:
    """Whether a payload is a header, of whatever format and version: observations are lists."""
    try:
        return isinstance(msgpack.unpackb(payload), dict)
    except ValueError:
        return False


def decode_header(payload: bytes) -> Header:
    """Header of a first record's payload. Raises SourceError where it is none, or of a newer version."""
    try:
        content: dict[str, Any] = msgpack.unpackb(payload)
        if content.pop("format") != FORMAT:
            raise ValueError("another format")
        version = content.pop("version")
        if version > VERSION:
            raise SourceError(f"written by a newer livecoach (version {version} of the format): update livecoach")
        return Header(**content)
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise SourceError("no file of observations") from err
