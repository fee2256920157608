"""JPEGs that were made to mislead about their size, or to take long. LIVECOACH_FUZZ_JPEGS sets the number of those that
are tried against libjpeg and FFmpeg."""

import os
import random
import struct
from contextlib import suppress

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.capture.pictures import (
    MOST_CODED_PIXELS,
    MOST_PASSES,
    ImpossiblePicture,
    JpegDecoder,
    UndecodableJpeg,
    check_passes,
)
from livecoach.phone.protocol import LARGEST_SIDE_PX, MOST_BYTES, MOST_PIXELS, ProtocolError, check, jpeg_size

HEADERS = int(os.environ.get("LIVECOACH_FUZZ_JPEGS", "4000"))
SMALL = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
PROGRESSIVE = cv2.imencode(".jpg", np.full((64, 64, 3), 90, np.uint8), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
FRAME_AT, SCAN_AT = SMALL.index(b"\xff\xc0"), SMALL.index(b"\xff\xda")
FRAME = SMALL[FRAME_AT : FRAME_AT + 2 + 17]
TABLES, SCAN = SMALL[2:FRAME_AT] + SMALL[FRAME_AT + len(FRAME) : SCAN_AT], SMALL[SCAN_AT:]


def a_frame(width: int, height: int, marker: int = 0xC0) -> bytes:
    """A frame header, as SMALL has one."""
    return bytes((0xFF, marker)) + FRAME[2:5] + struct.pack(">HH", height, width) + FRAME[9:]


def claiming(width: int, height: int) -> bytes:
    return b"\xff\xd8" + TABLES + a_frame(width, height) + SCAN


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def a_header(chance: random.Random) -> bytes:
    """What may stand between the beginning of a JPEG and its first scan, and hide another size in it."""
    parts = [TABLES, a_frame(*chance.choice([(64, 48), (48, 64), (800, 40), (2000, 1500)]))]
    for _ in range(chance.randrange(4)):
        hidden = a_frame(*chance.choice([(2000, 1500), (96, 80)]), chance.choice([0xC0, 0xC1, 0xC2, 0xC9]))
        marker = chance.choice([0x00, 0x01, 0x02, 0xFF, 0xDC, 0xFE, chance.randrange(256), chance.randrange(0xC0, 256)])
        damage = chance.randbytes(chance.randrange(4))
        # A segment of application data that hides a header is as it should be; behind any other marker, it may not be.
        choices = [
            segment(marker, damage + hidden),
            segment(0xE0 + chance.randrange(16), damage + hidden),
            bytes((0xFF, marker)) + damage,
            damage,
            struct.pack(">BBH", 0xFF, marker, chance.choice([0, 1, 2, 40, 0xFFFF])),
            hidden,
        ]
        parts.insert(chance.randrange(len(parts) + 1), chance.choice(choices))
    header = bytearray(b"\xff\xd8" + b"".join(parts))
    if chance.random() < 0.3:
        header[chance.randrange(2, len(header))] = chance.choice([0x00, 0xFF, chance.randrange(256)])
    return bytes(header)


def a_jpeg(chance: random.Random) -> bytes:
    """A header, and a scan; some of them have another one, or a header behind it."""
    between = chance.choice([b"", b"", b"", a_frame(96, 80), SCAN[:-2], segment(0xFE, a_frame(96, 80))])
    return a_header(chance) + SCAN[:-2] + between + SCAN[-2:]


def libjpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of what OpenCV's libjpeg decodes; None where it refuses."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    return None if picture is None else (picture.shape[1], picture.shape[0])


def test_a_picture_that_passes_is_decoded_within_bounds() -> None:
    """libjpeg refuses it, or gives it the size that was checked. FFmpeg, which takes a later header where there are
    several, refuses it by itself where that is too large."""
    chance = random.Random(1)
    decoder = JpegDecoder(most_pixels=MOST_PIXELS, longest_px=LARGEST_SIDE_PX)
    passed = agreed = 0
    for _ in range(HEADERS):
        data = a_jpeg(chance)
        try:
            check(data)
        except ProtocolError:
            continue
        passed += 1
        size = jpeg_size(data)
        assert libjpeg_size(data) in (None, size), data
        try:
            picture = decoder.picture(data)
        except (UndecodableJpeg, ImpossiblePicture):
            continue
        height_px, width_px = picture.shape[:2]
        assert height_px * width_px <= MOST_PIXELS, data
        agreed += (width_px, height_px) == size
    assert agreed > 0.1 * HEADERS, (passed, agreed)  # else the headers are too broken to tell anything


def test_a_header_behind_a_marker_that_is_none_is_not_skipped() -> None:
    """To libjpeg, 0xFF and a zero begin no segment: it reads the header of 20,000 × 20,000 pixels that follows."""
    hidden = claiming(20_000, 20_000)[2:]
    with pytest.raises(ProtocolError, match="without a size"):
        check(b"\xff\xd8" + segment(0x00, hidden) + SMALL[2:])


@pytest.mark.parametrize("marker", [0x00, 0x01, 0x02, 0xC2, 0xC8, 0xC9, 0xCC, 0xD0, 0xD8, 0xDC, 0xDE, 0xF7, 0xFF])
def test_only_segments_that_browsers_write_may_come_before_the_size(marker: int) -> None:
    with pytest.raises(ProtocolError, match="without a size"):
        jpeg_size(b"\xff\xd8" + segment(marker, bytes(8)) + SMALL[2:])


@pytest.mark.parametrize("most", [MOST_PIXELS, MOST_CODED_PIXELS], ids=["phone", "camera"])
def test_the_decoder_itself_refuses_a_picture_that_is_too_large(most: int) -> None:
    decoder = JpegDecoder(most_pixels=most, longest_px=LARGEST_SIDE_PX)
    with pytest.raises(ValueError):  # noqa: PT011 (UndecodableJpeg or ImpossiblePicture)
        decoder.picture(claiming(20_000, 20_000))
    assert decoder.picture(SMALL).shape == (48, 64, 3)


def of_many_scans() -> bytes:
    """A progressive JPEG that makes the decoder go over the picture again and again, for 31 bytes each."""
    begin, end = PROGRESSIVE.rindex(b"\xff\xda"), PROGRESSIVE.rindex(b"\xff\xd9")
    return PROGRESSIVE[:end] + MOST_PASSES * PROGRESSIVE[begin:end] + PROGRESSIVE[end:]


@pytest.mark.parametrize(
    "bomb",
    [of_many_scans(), b"\xff\xd8" + TABLES + MOST_PASSES * (a_frame(64, 48) + a_frame(48, 64)) + FRAME + SCAN],
    ids=["scans", "headers"],
)
def test_a_picture_that_would_take_minutes_is_not_decoded(bomb: bytes) -> None:
    """A camera's: those of a phone have one header and four scans at most."""
    with pytest.raises(ImpossiblePicture, match="headers and scans"):
        JpegDecoder(most_pixels=MOST_CODED_PIXELS, longest_px=LARGEST_SIDE_PX).picture(bomb)


def test_a_progressive_picture_of_a_camera_is_decoded() -> None:
    check_passes(PROGRESSIVE)
    decoder = JpegDecoder(most_pixels=MOST_CODED_PIXELS, longest_px=LARGEST_SIDE_PX)
    assert decoder.picture(PROGRESSIVE).shape == (64, 64, 3)


def of_scans(count: int) -> bytes:
    """A baseline JPEG of a few kB that takes minutes to decode where it is larger: each scan is of all its pixels."""
    return SMALL[:SCAN_AT] + count * b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00" + b"\xff\xd9"


@pytest.mark.parametrize(
    "jpeg",
    [
        claiming(10_000, 10_000),
        claiming(65_535, 1),
        claiming(0, 48),
        SMALL + bytes(MOST_BYTES),
        PROGRESSIVE,
        cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes(),
        of_scans(1000),
        SMALL[:-20],
        b"\xff\xd8",
        b"\xff\xd8\xff\xe0\x00\x00" * 9,
        b"",
    ],
    ids=["100 megapixels", "wide", "empty", "bytes", "progressive", "png", "bomb", "cut", "begun", "no length", "none"],
)
def test_a_picture_out_of_bounds_is_refused(jpeg: bytes) -> None:
    with pytest.raises(ProtocolError):
        check(jpeg)


def commented(jpeg: bytes, size: int) -> bytes:
    """A JPEG that comments make as long as this."""
    short = size - len(jpeg)
    of_each = [40_000] * (short // 40_000 - 1)
    comments = (b"\xff\xfe" + (of - 2).to_bytes(2, "big") + bytes(of - 4) for of in (*of_each, short - sum(of_each)))
    return jpeg[:2] + b"".join(comments) + jpeg[2:]


def test_a_picture_as_the_page_sends_it_has_bytes_up_to_its_most() -> None:
    for size in ((480, 640, 3), (640, 480, 3)):
        check(cv2.imencode(".jpg", np.full(size, 90, np.uint8))[1].tobytes())
    check(commented(SMALL, MOST_BYTES))
    with pytest.raises(ProtocolError, match="too many bytes"):
        check(commented(SMALL, MOST_BYTES + 1))


@given(st.binary(max_size=200).map(lambda data: b"\xff\xd8" + data))
def test_a_hostile_header_raises_nothing_else(data: bytes) -> None:
    with suppress(ProtocolError):
        jpeg_size(data)
