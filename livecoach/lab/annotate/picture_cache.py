"""A video's pictures, to be had in any order: as JPEG in a temporary file, as no video is quick to go back in."""

import tempfile
from types import TracebackType

import cv2
import numpy as np

from livecoach.errors import OutputError

LONGEST_PX = 960
"""Larger pictures are made smaller; the window has no room for more."""
QUALITY = 88
"""Of the JPEGs, of 100: our choice; a minute of 640×480 takes about 100 MB."""


class PictureCache:
    """A context manager; the file goes with it."""

    def __init__(self) -> None:
        """Raises OutputError where there is no room for temporary files."""
        try:
            self._file = tempfile.TemporaryFile(prefix="livecoach-")  # noqa: SIM115 (closed by __exit__)
        except OSError as err:
            raise OutputError(f"no temporary file can be made ({err.strerror}). Make room.") from err
        self._ends = [0]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, picture: np.ndarray) -> None:
        """Append a (height, width, 3) uint8 BGR picture. Raises OutputError where there is no room."""
        scale = LONGEST_PX / max(picture.shape[:2])
        if scale < 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        try:
            self._file.seek(self._ends[-1])
            self._file.write(content)
        except OSError as err:
            raise OutputError(f"{tempfile.gettempdir()}: pictures can't be kept there ({err.strerror}).") from err
        self._ends.append(self._ends[-1] + len(content))

    def __getitem__(self, number: int) -> np.ndarray:
        """Picture by its number, from 0."""
        begin, end = self._ends[number], self._ends[number + 1]
        self._file.seek(begin)
        return np.asarray(cv2.imdecode(np.frombuffer(self._file.read(end - begin), np.uint8), cv2.IMREAD_COLOR))

    def __enter__(self) -> "PictureCache":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
