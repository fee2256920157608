"""Writes observations to a file, one checksummed record after the other."""

from pathlib import Path
from types import TracebackType

from livecoach.documents import codec
from livecoach.errors import OutputError
from livecoach.types import Observation


class ObservationWriter:
    """A file of observations in the format of `codec`. A context manager. What is written stays readable throughout."""

    def __init__(self, path: Path, header: codec.ObservationsHeader) -> None:
        """Create the file. Raises OutputError where that fails."""
        self._path = path
        try:
            self._file = path.open("wb")
        except OSError as err:
            raise OutputError(f"{path}: can't be written ({err.strerror}). Choose another place with --out.") from err
        self._write(codec.encode_header(header))

    def write(self, observation: Observation) -> None:
        """Append an observation. Raises OutputError, for example when the disk is full."""
        self._write(codec.encode(observation))

    def _write(self, payload: bytes) -> None:
        try:
            self._file.write(codec.record(payload))
        except OSError as err:
            raise OutputError(f"{self._path}: writing failed ({err.strerror}). Free some space.") from err

    def close(self) -> None:
        """Flush and close the file. Raises OutputError where the last part can't be written."""
        try:
            self._file.close()
        except OSError as err:
            raise OutputError(f"{self._path}: its end can't be written ({err.strerror}). Free some space.") from err

    def __enter__(self) -> "ObservationWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
