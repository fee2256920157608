"""Reads and checks folders of rep images, as grey values.

The name of an image begins with the name of its video: `deadlift10_rep_3_1_CaetanoOrientation.png`.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from livecoach.errors import SourceError
from livecoach.lab.images.drawing import COLOURS, SHAPE

AFTER_VIDEO = "_rep_"
"""Separator between the name of the video and the number of the rep."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Images:
    """The rep images of a folder."""

    folder: Path
    names: tuple[str, ...]
    """File names, reps in the order of their numbers."""
    greys: np.ndarray
    """(n, *drawing.SHAPE) uint8, as from `drawing.grey_image`, with 255 mapped to 0, which has the same colour."""

    def __len__(self) -> int:
        return len(self.names)

    def videos(self) -> np.ndarray:
        """Return the names of the videos, (n,). Raises SourceError for a name without one, or if there is one video."""
        for name in self.names:
            if not name.partition(AFTER_VIDEO)[1]:
                raise SourceError(
                    f"{self.folder / name}: the name contains no video. Name it VIDEO{AFTER_VIDEO}NUMBER….png."
                )
        videos = np.array([name.partition(AFTER_VIDEO)[0] for name in self.names])
        if len(set(videos)) == 1:
            raise SourceError(
                f"{self.folder}: all reps are from one video, {videos[0]}; limits need images of held-out videos. Add"
                " images of another video."
            )
        return videos

    def digests(self) -> tuple[str, ...]:
        """Return the SHA-256 of each image's grey values, independent of file names."""
        return tuple(hashlib.sha256(grey.tobytes()).hexdigest() for grey in self.greys)


def read(folder: Path) -> Images:
    """Read the PNG files of a folder; other files are ignored.

    Raises SourceError that names the folder, or the file that is not a rep image.
    """
    try:
        paths = sorted((path for path in folder.iterdir() if path.suffix.lower() == ".png"), key=_by_number)
    except OSError as err:
        raise SourceError(f"{folder}: can't be read ({err.strerror}). Give a folder of rep images.") from err
    if not paths:
        raise SourceError(f"{folder}: holds no PNG files. Give a folder of rep images.")
    greys = np.stack([_grey(path) for path in paths])
    greys.setflags(write=False)
    return Images(folder=folder, names=tuple(path.name for path in paths), greys=greys)


def _by_number(path: Path) -> list[tuple[int, str]]:
    """Return a key that sorts numbers in names numerically, so that rep 2 comes before rep 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def _grey(path: Path) -> np.ndarray:
    """Read the grey values of an image, SHAPE uint8."""
    try:
        content = path.read_bytes()
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). Take it out of the folder.") from err
    # OpenCV decodes truncated files without an error.
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if _is_whole(content) else None
    if picture is None:
        raise SourceError(f"{path}: not a PNG file, or a damaged one. Remove it from the folder.")
    if picture.shape[:2] != SHAPE:
        (height, width), (high, wide) = picture.shape[:2], SHAPE
        raise SourceError(f"{path}: {width} x {height} pixels; rep images are {wide} x {high}. Take it out.")
    keys = _keys(picture)
    places = np.minimum(np.searchsorted(_SORTED, keys), len(_SORTED) - 1)
    if (strange := _SORTED[places] != keys).any():
        row, column = np.argwhere(strange)[0]
        blue, green, red = picture[row, column]
        raise SourceError(
            f"{path}: the colour {red},{green},{blue} at row {row}, column {column} is not in OpenCV's HSV map."
            " Use rep images that were saved as PNG."
        )
    return _GREYS[places]


def _keys(colours: np.ndarray) -> np.ndarray:
    """Convert colours (…, 3) uint8 to one number each."""
    wide = colours.astype(np.int64)
    keys: np.ndarray = (wide[..., 0] << 16) + (wide[..., 1] << 8) + wide[..., 2]
    return keys


_SORTED, _first = np.unique(_keys(COLOURS), return_index=True)
_GREYS = _first.astype(np.uint8)


def _is_whole(content: bytes) -> bool:
    """Return whether all chunks of a PNG are present and undamaged."""
    if not content.startswith(SIGNATURE):
        return False
    chunks = list(_chunks(content))
    return all(sound for _, sound in chunks) and chunks[-1:] == [(b"IEND", True)]


def _chunks(content: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield the kind of each chunk, and whether its checksum is correct."""
    at, kind = len(SIGNATURE), b""
    while at < len(content) and kind != b"IEND":
        head = content[at : at + 8]
        if len(head) < 8:
            yield b"", False
            return
        length, kind = struct.unpack(">I4s", head)
        body, check = content[at + 4 : at + 8 + length], content[at + 8 + length : at + 12 + length]
        yield kind, len(check) == 4 and zlib.crc32(body) == int.from_bytes(check, "big")
        at += 12 + length
