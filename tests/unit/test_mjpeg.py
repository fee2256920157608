"""The parts of an MJPEG stream, however they arrive."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.source.mjpeg import LARGEST_PART_BYTES, PartSplitter, PartTooLarge

PICTURES = [b"\xff\xd8 one \xff\xd9", b"\xff\xd8 two\r\n\r\n--fra \xff\xd9", b"\xff\xd8 three\n\n \xff\xd9"]


def sent(*, length: bool = True, end: bytes = b"\r\n", mark: bytes = b"--frame") -> bytes:
    stream = b"HTTP leftovers\r\n"
    for picture in PICTURES:
        heads = [mark, b"Content-Type: image/jpeg", *([b"Content-length:%d" % len(picture)] if length else [])]
        stream += end.join(heads) + 2 * end + picture + b"\r\n"
    return stream + mark + end


@given(cuts=st.lists(st.integers(0, 400)), length=st.booleans(), line_end=st.sampled_from([b"\r\n", b"\n"]))
def test_parts_are_the_pictures_however_they_are_cut(cuts, length, line_end) -> None:
    """With and without lengths, and with either kind of line end."""
    stream = sent(length=length, end=line_end)
    places = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    splitter = PartSplitter(b"frame")
    parts = [part for begin, end in pairwise(places) for part in splitter.feed(stream[begin:end])]
    assert [part.body for part in parts] == PICTURES


def test_a_boundary_may_be_named_with_its_dashes() -> None:
    """Some cameras do."""
    assert len(PartSplitter(b"--frame").feed(sent())) == 3


@pytest.mark.parametrize(
    ("header", "sent_s"),
    [
        (b"X-Timestamp: 1700000000.250", 1700000000.25),
        (b"x-timestamp:12.5", 12.5),
        (b"X-Timestamp: nan", None),
        (b"X-Timestamp: soon", None),
        (b"X-Other: 12.5", None),
    ],
)
def test_a_camera_may_tell_when_it_took_a_picture(header, sent_s) -> None:
    """In a header of the part."""
    (part,) = PartSplitter(b"f").feed(b"--f\r\n" + header + b"\r\nContent-Length: 2\r\n\r\nab")
    assert part.sent_s == sent_s


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
    """What never ends is no picture."""
    with pytest.raises(PartTooLarge):
        PartSplitter(b"f").feed(flood)


def test_what_is_no_part_is_not_kept() -> None:
    """Neither is what comes before the first one."""
    splitter = PartSplitter(b"f")
    for _ in range(100):
        assert splitter.feed(bytes(100_000)) == []
    assert len(splitter._held) < 10
