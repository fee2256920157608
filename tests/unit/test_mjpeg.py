"""The parts of an MJPEG stream, however they arrive.

LIVECOACH_FUZZ_CAMERAS sets the number of hostile streams.
"""

import os
import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.capture.mjpeg import LARGEST_PART_BYTES, PartSplitter, PartTooLarge

PICTURES = [b"\xff\xd8 one \xff\xd9", b"\xff\xd8 two\r\n\r\n--fra \xff\xd9", b"\xff\xd8 three\n\n \xff\xd9"]


def sent(*, length: bool = True, end: bytes = b"\r\n", mark: bytes = b"--frame") -> bytes:
    stream = b"HTTP leftovers\r\n"
    for picture in PICTURES:
        heads = [mark, b"Content-Type: image/jpeg", *([b"Content-length:%d" % len(picture)] if length else [])]
        stream += end.join(heads) + 2 * end + picture + b"\r\n"
    return stream + mark + end


@given(cuts=st.lists(st.integers(0, 400)), length=st.booleans(), line_end=st.sampled_from([b"\r\n", b"\n"]))
def test_parts_are_the_pictures_however_they_are_cut(cuts, length, line_end) -> None:
    stream = sent(length=length, end=line_end)
    places = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    splitter = PartSplitter(b"frame")
    parts = [part for begin, end in pairwise(places) for part in splitter.feed(stream[begin:end])]
    assert [body for body, _ in parts] == PICTURES


def test_a_boundary_may_be_named_with_its_dashes() -> None:
    assert len(PartSplitter(b"--frame").feed(sent())) == 3


@pytest.mark.parametrize(
    ("header", "sent_s"),
    [
        (b"X-Timestamp: 1700000000.250", 1700000000.25),
        (b"x-timestamp:12.5", 12.5),
        (b"X-Timestamp: 0.04", 0.04),
        (b"X-Timestamp: 0.00", None),
        (b"X-Timestamp: nan", None),
        (b"X-Timestamp: soon", None),
        (b"X-Other: 12.5", None),
    ],
)
def test_a_camera_may_tell_when_it_took_a_picture(header, sent_s) -> None:
    ((_, taken_s),) = PartSplitter(b"f").feed(b"--f\r\n" + header + b"\r\nContent-Length: 2\r\n\r\nab")
    assert taken_s == sent_s


@pytest.mark.parametrize(
    "flood",
    [
        b"--f\r\nContent-Length: 99999999999\r\n\r\n",
        b"--f\r\n" + b"X: y\r\n" * 10_000,
        b"--f\r\n\r\n" + bytes(LARGEST_PART_BYTES + 1),
    ],
    ids=["length", "headers", "body"],
)
def test_a_part_is_bounded(flood) -> None:
    with pytest.raises(PartTooLarge):
        PartSplitter(b"f").feed(flood)


def test_what_is_no_part_is_not_kept() -> None:
    splitter = PartSplitter(b"f")
    for _ in range(100):
        assert splitter.feed(bytes(100_000)) == []
    assert len(splitter._held) < 10


STREAMS = int(os.environ.get("LIVECOACH_FUZZ_CAMERAS", "150"))
PIECES = (
    b"--f", b"--f--", b"--", b"-", b"f", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\n", b": ", b"Content-Length: ", b"0",
    b"7", b"-1", b"+3", b"99999999999", b"1e9", b"\xb2", b"X-Timestamp: ", b"nan", b"-inf", b"1e999", b"\x00",
    b"Content-Type: multipart/mixed; boundary=f", b"x" * 300, b"--f\r\nContent-Length: 2\r\n\r\nab", b"--f\n\n",
)  # fmt: skip


def parts_of(stream: bytes, places: list[int]) -> list[tuple[bytes, float | None]] | None:
    """Body and time of each part of a stream that arrives in pieces; None where it is no stream of pictures."""
    splitter = PartSplitter(b"f")
    try:
        parts = [part for begin, end in pairwise(places) for part in splitter.feed(stream[begin:end])]
    except PartTooLarge:
        return None
    return parts


def test_hostile_parts_are_the_same_however_they_are_cut() -> None:
    """Each is a part or no stream of pictures, and nothing else comes of it."""
    chance = random.Random(7)
    for _ in range(STREAMS):
        stream = b"".join(chance.choices(PIECES, k=chance.randrange(1, 200)))
        cuts = sorted(chance.choices(range(len(stream) + 1), k=chance.randrange(40)))
        assert parts_of(stream, [0, *cuts, len(stream)]) == parts_of(stream, [0, len(stream)]), stream


@pytest.mark.parametrize("part", [b"--f\r\n\r\nx", b"--f\n\nx", b"--f\r\nContent-Length: 1\r\n\r\nx"])
def test_a_flood_of_small_parts_takes_no_more_time_for_each(part) -> None:
    """Eight times as many take far less than the 64 times as long that looking through all of them for each would."""

    def took_s(count: int) -> float:
        began_s = time.thread_time()
        assert len(PartSplitter(b"f").feed(part * count)) >= count - 1
        return time.thread_time() - began_s

    few_s, many_s = (min(took_s(count) for _ in range(3)) for count in (2000, 16_000))
    assert many_s < 32 * few_s
