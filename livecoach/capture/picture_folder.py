"""Reads a folder of pictures as a source: the frames of a video, each in a separate file."""

import re
from pathlib import Path

from livecoach.capture import PictureSource
from livecoach.capture.file import NO_PICTURE, check_is_file, impossible_picture_error, open_container
from livecoach.capture.opencv import av
from livecoach.capture.pictures import LONGEST_FILE_SIDE_PX, ImpossiblePicture, convert_frame
from livecoach.core.errors import SourceError, explain_os_errors
from livecoach.core.types import Frame
from livecoach.core.types.bounds import to_printable

USUAL_FPS = 30.0  # Pictures a second, unless the user names another rate
SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp"))
_FORMATS = "image2,jpeg_pipe,png_pipe,bmp_pipe,webp_pipe"


def list_pictures(folder: Path) -> list[Path]:
    """Return the paths of the pictures in a folder, in the order of their names; 2.jpg comes before 10.jpg.

    Hidden files, and files with other suffixes than SUFFIXES, are left out.

    Raises SourceError if the folder can't be read.
    """
    with explain_os_errors(SourceError, f"{folder}: can't be read", "Check the path."):
        found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != "."]
    return sorted(
        found,
        key=lambda path: [
            (part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", path.name)
        ],
    )


class PictureFolder(PictureSource):
    """The pictures in a folder as a source, at a constant rate."""

    def __init__(self, folder: Path, filmed_at_fps: float | None = None) -> None:
        """List the folder, and read its first picture. The rate is USUAL_FPS if `filmed_at_fps` is None.

        Raises SourceError if the folder can't be read or has no pictures, or the first picture can't be read.
        """
        self._fps = filmed_at_fps or USUAL_FPS
        self._left = enumerate(list_pictures(folder))
        first = self._next()
        if first is None:
            check_is_file(folder)
        name = to_printable(folder.resolve().name.encode("utf-8", "replace").decode())
        self._begin(first, name=name, fps=self._fps, live=False)

    def _next(self) -> Frame | None:
        index, path = next(self._left, (0, None))
        if path is None:
            return None
        try:
            with open_container(path, _FORMATS) as container:
                picture = convert_frame(next(container.decode(video=0)), None, LONGEST_FILE_SIDE_PX)
        except ImpossiblePicture as err:
            raise impossible_picture_error(path, err) from err
        except (av.FFmpegError, StopIteration, IndexError) as err:
            raise SourceError(f"{path}: {NO_PICTURE}") from err
        return Frame(index=index, t_s=index / self._fps, picture=picture)

    def close(self) -> None:
        self._left = enumerate([])
