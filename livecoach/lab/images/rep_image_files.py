"""Reads folders of the dissertation's rep images.

A row is a landmark, and a column a moment. A landmark moves by (x, y, z) within ten frames. The angles atan2 of (y, x),
(y, z) and (z, x), scaled from -180…180 degrees to bytes, make a grey value, which OpenCV's HSV colour map shows. Of all
96 combinations of sign, order and weights, only this gives the dissertation's training images. The colour map is
invertible; the sum of the three angles is not.

The name of an image begins with the name of its video: `deadlift10_rep_3_1_CaetanoOrientation.png`.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from livecoach.capture.file import list_pictures
from livecoach.core.errors import SourceError, explain_os_errors

DISSERTATION_TRAVERSAL = (
    *(0, 12, 14, 16, 22, 16, 20, 18, 20, 16, 14, 12, 24, 26, 28, 32, 28, 30, 28, 26, 24, 12),
    *(0, 11, 13, 15, 21, 15, 19, 17, 19, 15, 13, 11, 23, 25, 27, 29, 27, 31, 27, 25, 23, 11),
    0,
)
"""Landmarks of the rows of the dissertation's image: the right half of the body from the nose, then the left."""
COLUMNS = 100  # Width of an image
SHAPE = (len(DISSERTATION_TRAVERSAL), COLUMNS)  # Height and width of an image
STILL = 24  # Grey value of a joint that moves by less than .04: 1.1 * 255 as a byte with wrap-around
COLOURS: np.ndarray = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_HSV)[:, 0]
"""(256, 3) uint8, BGR colour of each grey value; the first and the last are the same red."""


AFTER_VIDEO = "_rep_"  # Separator between the name of the video and the number of the rep
SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepImages:
    """The images of a folder, each of which shows in colours how the joints move in a rep."""

    folder: Path
    names: tuple[str, ...]  # File names, with reps in the order of their numbers
    greys: np.ndarray  # (n, *SHAPE) uint8; 0 stands for 255, too, which has the same colour

    def __len__(self) -> int:
        return len(self.names)

    def video_names(self) -> np.ndarray:
        """Return the name of the video of each image, (n,).

        Raises SourceError if the name of a file does not state its video, or all images are from one video.
        """
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
        """Return the SHA-256 of the grey values of each image, which does not depend on file names."""
        return tuple(hashlib.sha256(grey.tobytes()).hexdigest() for grey in self.greys)


def read_images(folder: Path) -> RepImages:
    """Read the PNG files of a folder as rep images. Raises SourceError if the folder or a file can't be used."""
    paths = [path for path in list_pictures(folder) if path.suffix.lower() == ".png"]
    if not paths:
        raise SourceError(f"{folder}: holds no PNG files. Give a folder of rep images.")
    greys = np.stack([_grey(path) for path in paths])
    greys.setflags(write=False)
    return RepImages(folder=folder, names=tuple(path.name for path in paths), greys=greys)


def _grey(path: Path) -> np.ndarray:
    with explain_os_errors(SourceError, f"{path}: can't be read", "Take it out of the folder."):
        content = path.read_bytes()
    is_png = content.startswith(SIGNATURE)
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if is_png else None
    if picture is None:
        raise SourceError(f"{path}: not a PNG file, or a damaged one. Remove it from the folder.")
    if picture.shape[:2] != SHAPE:
        (height, width), (high, wide) = picture.shape[:2], SHAPE
        raise SourceError(f"{path}: {width} x {height} pixels; rep images are {wide} x {high}. Take it out.")
    keys = picture @ KEY
    places = np.minimum(np.searchsorted(_SORTED, keys), len(_SORTED) - 1)
    if (strange := _SORTED[places] != keys).any():
        row, column = np.argwhere(strange)[0]
        blue, green, red = picture[row, column]
        raise SourceError(
            f"{path}: the colour {red},{green},{blue} at row {row}, column {column} is not in OpenCV's HSV map."
            " Use rep images that were saved as PNG."
        )
    return _GREYS[places]


KEY = np.array([1 << 16, 1 << 8, 1])  # Its product with a colour is a number that identifies the colour
_SORTED, _first = np.unique(COLOURS @ KEY, return_index=True)
_GREYS = _first.astype(np.uint8)
