"""Records with a length and a checksum: the framing of observations (`codec`) and of stored reps."""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from livecoach.errors import SourceError

_FRAMING = struct.Struct("<II")
_LONGEST = 1 << 16
"""Longest payload in bytes; a longer one means a damaged length. An observation has about 500."""
_REACH = 2 << 20
"""Bytes behind a damaged record that are searched for the next intact one. Our choice."""
_MOST_SEARCHED, _MOST_SUMMED = 8 << 20, 64 << 20
"""Bytes that are searched, and of which checksums are made meanwhile, in one file: about three seconds of computing,
whatever the file holds. Our choice."""


def record(payload: bytes) -> bytes:
    """Return a record: the payload after its length and checksum."""
    return _FRAMING.pack(len(payload), zlib.crc32(payload)) + payload


def read_records(file: BinaryIO, damaged: Callable[[int], object] | None = None) -> Iterator[bytes]:
    """Yield the payloads of a file. A truncated file ends without an error.

    damaged: called with the position of each damaged stretch, which is skipped up to the next intact record. None: a
    damaged record raises SourceError.
    """
    search = _Search(file)
    while len(head := file.read(_FRAMING.size)) == _FRAMING.size:
        length, checksum = _FRAMING.unpack(head)
        payload = file.read(min(length, _LONGEST))
        at = file.tell() - len(payload) - _FRAMING.size
        if 0 < length <= _LONGEST and len(payload) == length and zlib.crc32(payload) == checksum:
            yield payload
        elif damaged is None:
            if 0 < length <= _LONGEST and len(payload) < length:
                return
            raise SourceError(f"damaged record at byte {at}")
        elif (whole := search.next_whole(at + 1)) is not None:
            damaged(at)
            file.seek(whole)
        else:
            return


@dataclass(slots=True)
class _Search:
    """Finds intact records in a damaged file. It gives up where a file takes too much of it."""

    file: BinaryIO
    searched: int = 0
    summed: int = 0

    def next_whole(self, start: int) -> int | None:
        """Return the position of the next record whose checksum is right; None where none is within reach."""
        begin, size = start, 4096  # most stretches are short, so little is searched at first
        while begin - start < _REACH:
            self.file.seek(begin)
            content = self.file.read(size + _LONGEST + _FRAMING.size)
            positions = min(size, len(content) - _FRAMING.size)
            for at in range(max(positions, 0)):
                if self._is_whole(content, at):
                    self.searched += at
                    return begin + at
            self.searched += max(positions, 0)
            if positions < size or self.searched > _MOST_SEARCHED or self.summed > _MOST_SUMMED:
                return None
            begin, size = begin + size, _LONGEST
        return None

    def _is_whole(self, content: bytes, at: int) -> bool:
        length, checksum = _FRAMING.unpack_from(content, at)
        begin = at + _FRAMING.size
        if not 0 < length <= min(_LONGEST, len(content) - begin) or self.summed > _MOST_SUMMED:
            return False
        self.summed += length
        return zlib.crc32(content[begin : begin + length]) == checksum
