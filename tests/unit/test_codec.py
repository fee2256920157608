"""Stored observations come back equal; truncated, damaged, newer or foreign files are reported."""

import io
import struct
import zlib
from dataclasses import replace

import msgpack
import numpy as np
import pytest
from builders.observations import a_header, a_squat, an_observation
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from livecoach.core import landmark
from livecoach.core.documents import codec
from livecoach.core.errors import SourceError
from livecoach.core.types import Observation

HEADER = a_header()
COUNTS = st.integers(0, 2**31 - 1)
INT16_EDGE_PICTURES = 32767 / 8192


def numbers(width: int, low: float, high: float) -> st.SearchStrategy[np.ndarray]:
    return arrays.arrays(np.float32, (landmark.COUNT, width), elements=st.floats(low, high, width=32))


def coordinates(low: float, high: float) -> st.SearchStrategy[np.ndarray]:
    """Some of them not known: not every pose model gives all landmarks."""
    known_or_not = st.floats(low, high, width=32) | st.just(float("nan"))
    return arrays.arrays(np.float32, (landmark.COUNT, 3), elements=known_or_not)


@st.composite
def plates(draw: st.DrawFn) -> np.ndarray:
    """Place and diameter, which may lie outside the picture, and a probability."""
    place = draw(arrays.arrays(np.float32, 3, elements=st.floats(-6, 6, width=32)))
    return np.append(place, np.float32(draw(st.floats(0, 1, width=32))))


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Any observation that pose may give: landmarks may lie outside the picture, the back's edge be known in part."""
    somebody = draw(st.booleans())
    heights = arrays.arrays(np.float32, 19, elements=st.floats(-6, 6, width=32) | st.just(float("nan")))
    places, shares = draw(coordinates(-6, 6)), draw(numbers(2, 0, 1))
    return Observation(
        index=draw(COUNTS),
        t_s=draw(st.floats(0, 1e6)),
        landmarks=np.concatenate([places, shares], 1) if somebody else None,
        world=draw(coordinates(-10, 10)) if somebody else None,
        people=int(somebody),
        brightness=draw(st.floats(0, 1)),
        width_px=draw(st.integers(1, 10_000)),
        height_px=draw(st.integers(1, 10_000)),
        dropped=draw(COUNTS),
        back=draw(st.none() | heights) if somebody else None,
        bar=draw(st.none() | plates()),
        camera=draw(st.none() | arrays.arrays(np.float32, 4, elements=st.floats(-6, 6, width=32))),
        clarity=draw(st.none() | arrays.arrays(np.float32, 6, elements=st.floats(0, 1, width=32)))
        if somebody
        else None,
        shows_motion_badly=draw(st.booleans()),
        heel=draw(st.none() | st.floats(-0.1, 0.4)),
        turn_deg=draw(st.sampled_from([0, 90, 180, 270])),
    )


def a_file(kept: list[Observation], header: codec.ObservationsHeader = HEADER) -> bytes:
    """A whole file of observations."""
    return b"".join(codec.make_record(payload) for payload in (codec.encode_header(header), *map(codec.encode, kept)))


def payloads(content: bytes) -> list[bytes]:
    return list(codec.read_records(io.BytesIO(content)))


def as_stored(value: object) -> object:
    return (value.dtype, value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value


@settings(max_examples=20)
@given(kept=st.lists(observations(), max_size=4))
def test_observations_decoded_together_equal_those_decoded_one_by_one(kept):
    """A profile's reps are read at once: the same values, and read-only too."""
    stored = [codec.encode(one) for one in kept]
    for one, other in zip(map(codec.decode, stored), codec.decode_all(stored), strict=True):
        for name in Observation.__slots__:
            value, again = getattr(one, name), getattr(other, name)
            assert as_stored(again) == as_stored(value)
            assert not isinstance(again, np.ndarray) or not again.flags.writeable


@settings(max_examples=60)
@given(observation=observations())
def test_rounded_observation_comes_back_to_the_byte(observation):
    """What is used is what is stored: rounding again, and storing again, change nothing."""
    rounded = codec.round_observation(observation)
    assert codec.encode(rounded) == codec.encode(observation)
    again = codec.decode(codec.encode(rounded))
    for name in Observation.__slots__:
        assert as_stored(getattr(again, name)) == as_stored(getattr(rounded, name))


@settings(max_examples=30)
@given(observation=observations())
def test_rounding_moves_nothing_by_more_than_a_step(observation):
    """Half a fixed-point step; what lies four pictures out is put at the edge of the range; time is kept whole."""
    rounded = codec.round_observation(observation)
    assert rounded.t_s == observation.t_s
    assert rounded.brightness == pytest.approx(observation.brightness, abs=0.51 / 255)
    if observation.back is not None:
        held = np.clip(observation.back, -INT16_EDGE_PICTURES, INT16_EDGE_PICTURES)
        assert rounded.back == pytest.approx(held, abs=0.51 / 8192, nan_ok=True)
    if observation.bar is not None:
        held = np.clip(observation.bar, -INT16_EDGE_PICTURES, INT16_EDGE_PICTURES)
        assert rounded.bar[:3] == pytest.approx(held[:3], abs=0.51 / 8192)
        assert rounded.bar[3] == pytest.approx(held[3], abs=0.51 / 255)
    if observation.landmarks is None:
        return
    near = np.clip(observation.landmarks[:, :3], -INT16_EDGE_PICTURES, INT16_EDGE_PICTURES)
    assert rounded.landmarks[:, :3] == pytest.approx(near, abs=0.51 / 8192, nan_ok=True)
    assert np.abs(rounded.landmarks[:, 3:] - observation.landmarks[:, 3:]).max() <= 0.51 / 255
    assert rounded.world == pytest.approx(np.clip(observation.world, -7.9998, 7.9998), abs=0.51 / 4096, nan_ok=True)


@pytest.mark.parametrize("fps", [None, 29.97])
def test_a_header_is_decoded_as_it_was_encoded(fps):
    header = codec.ObservationsHeader(
        **{**{n: getattr(HEADER, n) for n in codec.ObservationsHeader.__slots__}, "fps": fps, "name": "Höhe 1"}
    )
    assert codec.decode_header(codec.encode_header(header)) == header


def test_file_cut_anywhere_is_whole_up_to_there():
    kept = a_squat()[:3]
    content = a_file(kept)
    ends = np.cumsum([len(codec.make_record(p)) for p in payloads(content)])
    for length in range(len(content) + 1):
        assert len(payloads(content[:length])) == int((ends <= length).sum())


def test_absurd_length_is_damage_and_is_not_read():
    """Four bytes of rubbish must not make us read gigabytes."""
    with pytest.raises(SourceError, match="damaged record at byte 0"):
        payloads(struct.pack("<II", 0xFFFFFFFF, 0) + bytes(2 << 20))
    assert payloads(codec.make_record(bytes(1 << 16))) == [bytes(1 << 16)]
    with pytest.raises(SourceError, match="damaged record at byte 0"):
        payloads(codec.make_record(bytes((1 << 16) + 1)))


def test_error_names_the_place_of_the_damage():
    content = bytearray(a_file([an_observation()]))
    first = len(codec.make_record(codec.encode_header(HEADER)))
    content[first + 20] ^= 1
    with pytest.raises(SourceError, match=f"at byte {first}$"):
        payloads(bytes(content))


def header_with(**changes: object) -> bytes:
    content = msgpack.unpackb(codec.encode_header(HEADER)) | changes
    return msgpack.packb({key: value for key, value in content.items() if value != "left out"})


@pytest.mark.parametrize(
    ("place", "name", "length", "wanted"),
    [
        *((-1, "bar", length, 7) for length in (0, 6, 8)),
        *((-2, "back", length, 38) for length in (0, 36, 37, 40)),
        (-3, "landmarks", 448, 462),
    ],
)
def test_a_part_of_another_length_is_refused(place, name, length, wanted):
    fields = [*msgpack.unpackb(codec.encode(an_observation()))]
    fields[place] = bytes(length)
    with pytest.raises(ValueError, match=rf"{name}: data should have at (least|most) {wanted} bytes"):
        codec.decode(msgpack.packb(fields))


@pytest.mark.parametrize(
    "payload",
    [
        b"\xc1",
        msgpack.packb({}),
        header_with(format="something else"),
        header_with(version="left out"),
        header_with(version="1"),
        header_with(version=3),
        header_with(name="left out"),
        header_with(surplus=1),
    ],
)
def test_a_file_with_an_unknown_header_is_refused(payload):
    """Whatever a first record holds, there is one error and no crash. A file of tomorrow says what to do."""
    with pytest.raises(SourceError, match="not a file of observations"):
        codec.decode_header(payload)
    with pytest.raises(SourceError, match=r"newer livecoach \(version 5 of the format\): update livecoach"):
        codec.decode_header(header_with(version=5))


def test_record_is_length_checksum_payload():
    assert codec.make_record(b"abc") == struct.pack("<II", 3, zlib.crc32(b"abc")) + b"abc"


def test_a_minute_takes_less_than_one_and_a_half_megabytes():
    kept = a_squat(reps=1)
    assert len(a_file(kept)) / len(kept) * 30 * 60 <= 1.5e6


@given(
    kept=st.lists(observations(), min_size=3, max_size=5),
    where=st.floats(0, 1, exclude_max=True),
    bit=st.integers(0, 7),
)
def test_records_around_a_damaged_stretch_are_read(kept, where, bit):
    """One flipped bit anywhere costs only the record that it is in, whose place is reported."""
    payloads = [codec.encode(replace(one, index=n)) for n, one in enumerate(kept)]
    content = bytearray(b"".join(map(codec.make_record, payloads)))
    content[int(where * len(content))] ^= 1 << bit
    damaged: list[int] = []
    found = list(codec.read_records(io.BytesIO(bytes(content)), damaged.append))
    assert found in [payloads[:n] + payloads[n + 1 :] for n in range(len(payloads))]
    # A last record that is damaged looks like one that was cut off.
    assert len(damaged) == (0 if found == payloads[:-1] else 1)


@given(observations())
def test_unpacking_alone_tells_the_time_the_drops_and_whether_a_body_was_seen(seen):
    glance, whole = codec.unpack(codec.encode(seen)), codec.round_observation(seen)
    assert (glance.t_s, glance.dropped, glance.landmarks is None) == (whole.t_s, whole.dropped, whole.landmarks is None)


def test_only_a_turned_picture_or_a_moving_camera_takes_more_bytes():
    """A picture that is upright, before a camera that stands still, takes as many as ever, so that earlier versions
    read it; one that is turned says so, and a motion of the camera takes ten."""
    still = an_observation()
    moved = replace(still, camera=np.array([1, 0.5, -0.25, 0.125], np.float32))
    assert [len(msgpack.unpackb(codec.encode(one))) for one in (still, replace(still, turn_deg=90))] == [10, 11]
    assert len(codec.encode(moved)) == len(codec.encode(still)) + 11
    assert codec.decode(codec.encode(moved)).camera == pytest.approx(moved.camera)
