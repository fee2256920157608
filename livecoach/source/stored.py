"""Observations that were stored earlier, as a source: everything after pose can be run again on them."""

from pathlib import Path

from livecoach import codec
from livecoach.errors import SourceError
from livecoach.types import Frame, SourceInfo

_BEGINNING = 64
"""Bytes in which the header's first field is found."""


def is_observations(path: Path) -> bool:
    """Whether a file begins as stored observations do, of whatever version; False where it can't be read."""
    try:
        with path.open("rb") as file:
            return codec.FORMAT.encode() in file.read(_BEGINNING)
    except OSError:
        return False


class StoredObservations:
    """A file written by `livecoach observe`. A record cut off at its end is left out; a damaged one is an error."""

    def __init__(self, path: str | Path) -> None:
        """Open the file. Raises SourceError where it can't be read, or holds no observations."""
        self._path = Path(path)
        try:
            self._file = self._path.open("rb")
        except OSError as err:
            raise SourceError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
        self._records = codec.read_records(self._file)
        try:
            self.header = codec.decode_header(next(self._records, b""))
        except SourceError as err:
            self._file.close()
            raise SourceError(f"{path}: {err}. Make it with `livecoach observe VIDEO --out FILE`.") from err
        self._index = 0

    @property
    def info(self) -> SourceInfo:
        """What the file's header says."""
        header = self.header
        return SourceInfo(
            name=header.name, width_px=header.width_px, height_px=header.height_px, fps=header.fps, live=False
        )

    def read(self) -> Frame | None:
        """The next observation, as a frame without a picture."""
        try:
            payload = next(self._records, None)
            if payload is None:
                return None
            observation = codec.decode(payload)
        except (SourceError, ValueError, TypeError) as err:
            raise SourceError(
                f"{self._path}: observation {self._index}: {err}. Store the video's observations again."
            ) from err
        self._index += 1
        return Frame(index=observation.index, t_s=observation.t_s, picture=None, observation=observation)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
