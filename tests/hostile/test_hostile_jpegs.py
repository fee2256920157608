"""JPEGs that were made to mislead about their size, or to take long. LIVECOACH_FUZZ_JPEGS sets the number of those that
are tried against FFmpeg."""

import os
import random
import struct

import cv2
import numpy as np
import pytest

from livecoach.capture.pictures import (
    MOST_CODED_PIXELS,
    MOST_PASSES,
    ImpossiblePicture,
    JpegDecoder,
    UndecodableJpeg,
    check_jpeg_scans,
)
from livecoach.phone.protocol import LARGEST_SIDE_PX, MOST_PIXELS

HEADERS = int(os.environ.get("LIVECOACH_FUZZ_JPEGS", "4000"))
SMALL = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
PROGRESSIVE = cv2.imencode(".jpg", np.full((64, 64, 3), 90, np.uint8), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
FRAME_AT, SCAN_AT = SMALL.index(b"\xff\xc0"), SMALL.index(b"\xff\xda")
FRAME = SMALL[FRAME_AT : FRAME_AT + 2 + 17]
TABLES, SCAN = SMALL[2:FRAME_AT] + SMALL[FRAME_AT + len(FRAME) : SCAN_AT], SMALL[SCAN_AT:]


def a_frame(width: int, height: int, marker: int = 0xC0) -> bytes:
    """A frame header, as SMALL has one."""
    return bytes((0xFF, marker)) + FRAME[2:5] + struct.pack(">HH", height, width) + FRAME[9:]


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


def test_a_picture_is_decoded_within_bounds() -> None:
    chance = random.Random(1)
    decoder = JpegDecoder(most_pixels=MOST_PIXELS, longest_px=LARGEST_SIDE_PX)
    decoded = 0
    for _ in range(HEADERS):
        # A header, and a scan; some of them have another one, or a header behind it.
        between = chance.choice([b"", b"", b"", a_frame(96, 80), SCAN[:-2], segment(0xFE, a_frame(96, 80))])
        data = a_header(chance) + SCAN[:-2] + between + SCAN[-2:]
        try:
            picture = decoder.decode(data)
        except (UndecodableJpeg, ImpossiblePicture):
            continue
        height_px, width_px = picture.shape[:2]
        assert height_px * width_px <= MOST_PIXELS, data
        decoded += 1
    assert decoded > 0.1 * HEADERS  # else the headers are too broken to tell anything


@pytest.mark.parametrize("most", [MOST_PIXELS, MOST_CODED_PIXELS], ids=["phone", "camera"])
def test_the_decoder_itself_refuses_a_picture_that_is_too_large(most: int) -> None:
    decoder = JpegDecoder(most_pixels=most, longest_px=LARGEST_SIDE_PX)
    with pytest.raises(ValueError):  # noqa: PT011 (UndecodableJpeg or ImpossiblePicture)
        decoder.decode(b"\xff\xd8" + TABLES + a_frame(20_000, 20_000) + SCAN)
    assert decoder.decode(SMALL).shape == (48, 64, 3)


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
    with pytest.raises(ImpossiblePicture, match="headers and scans"):
        JpegDecoder(most_pixels=MOST_CODED_PIXELS, longest_px=LARGEST_SIDE_PX).decode(bomb)


def test_a_progressive_picture_of_a_camera_is_decoded() -> None:
    check_jpeg_scans(PROGRESSIVE)
    decoder = JpegDecoder(most_pixels=MOST_CODED_PIXELS, longest_px=LARGEST_SIDE_PX)
    assert decoder.decode(PROGRESSIVE).shape == (64, 64, 3)
