"""Random access to a video's pictures, as JPEG in a temporary file, because seeking in a video is slow."""

import tempfile
from types import TracebackType

import cv2
import numpy as np

from livecoach.errors import OutputError

LONGEST_PX = 960
"""Larger pictures are scaled down to this size, as the window shows no more."""
QUALITY = 88
"""JPEG quality; our choice: one minute at 640×480 takes about 100 MB."""


class PictureCache:
    """A sequence of pictures in a temporary file. Use it as a context manager, which removes the file."""

    def __init__(self) -> None:
        """Create the temporary file. Raises OutputError if that fails."""
        try:
            self._file = tempfile.TemporaryFile(prefix="livecoach-")  # noqa: SIM115 (closed by __exit__)
        except OSError as err:
            raise OutputError(f"can't create a temporary file ({err.strerror}). Free some disk space.") from err
        self._ends = [0]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, picture: np.ndarray) -> None:
        """Append a (height, width, 3) uint8 BGR picture. Raises OutputError if the disk is full."""
        scale = LONGEST_PX / max(picture.shape[:2])
        if scale < 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        try:
            self._file.seek(self._ends[-1])
            self._file.write(content)
        except OSError as err:
            raise OutputError(
                f"{tempfile.gettempdir()}: can't store pictures ({err.strerror}). Free some disk space."
            ) from err
        self._ends.append(self._ends[-1] + len(content))

    def __getitem__(self, number: int) -> np.ndarray:
        """Return a picture by its number, from 0."""
        begin, end = self._ends[number], self._ends[number + 1]
        self._file.seek(begin)
        return np.asarray(cv2.imdecode(np.frombuffer(self._file.read(end - begin), np.uint8), cv2.IMREAD_COLOR))

    def __enter__(self) -> "PictureCache":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
