"""Replays stored observations as a source, so that everything after pose estimation can run again."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from livecoach.core.config.files import open_regular
from livecoach.core.documents import codec
from livecoach.core.errors import SourceError, explain_os_errors
from livecoach.core.types import Frame, SourceInfo
from livecoach.core.types.message import Message

_BEGINNING = 64  # number of bytes at a file's start that contain the header's first field


def is_observations_file(path: Path) -> bool:
    """Return whether a file begins like stored observations; False if the file can't be read."""
    try:
        with open_regular(path) as file:
            return codec.FORMAT.encode() in file.read(_BEGINNING)
    except OSError:
        return False


class StoredObservations:
    """The observations in a file of `livecoach lab observe` or of a session, as a source.

    An incomplete record at the end of the file is left out.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        on_damage: Callable[[str], object] | None = None,
        header: codec.ObservationsHeader | None = None,
    ) -> None:
        """Open the file, and read its header.

        Args:
            on_damage: Called with a message about damaged records, which are then skipped; damage at the end of the
                file may go unreported. None to raise SourceError at a damaged record.
            header: Header in place of a damaged header that is skipped; None to raise SourceError in that case.

        Raises:
            SourceError: The file can't be read, or does not contain observations.
        """
        self._path, self._on_damage = Path(path), on_damage
        with explain_os_errors(SourceError, f"{path}: can't be read", "Check the path."):
            self._file = open_regular(self._path)
        self._records: Iterator[bytes] = codec.read_records(self._file, None if on_damage is None else self._report)
        try:
            first = next(self._records, b"")
            if header is not None and first and not codec.is_header(first):
                self._records, self.header = chain([first], self._records), header
            else:
                self.header = codec.decode_header(first)
        except SourceError as err:
            self._file.close()
            raise SourceError(f"{path}: {err}. Make it with `livecoach lab observe VIDEO --out FILE`.") from err
        about = self.header
        self.info = SourceInfo(
            name=about.name, width_px=about.width_px, height_px=about.height_px, fps=about.fps, live=False
        )
        self.payloads = self._intact_records()
        """The rest of the file's observations, encoded as `codec.decode` expects. Iterating raises SourceError if the
        file can't be read, or at a damaged record unless `on_damage` was passed."""

    def read(self) -> Frame | None:
        """Return the next frame; None at the end of the file.

        Raises:
            SourceError: A record is damaged, and the file was opened without `on_damage`; or the file can't be read.
        """
        payload = next(self.payloads, None)
        if payload is None:
            return None
        observation = codec.decode(payload)
        return Frame(index=observation.index, t_s=observation.t_s, picture=None, observation=observation)

    def close(self) -> None:
        self._file.close()

    def _intact_records(self) -> Iterator[bytes]:
        index = 0
        try:
            for payload in self._records:
                try:
                    codec.unpack(payload)
                except ValueError as err:
                    if self._on_damage is None:
                        raise
                    damage = "{name}: observation {n}: {name2}; the others are read"
                    self._on_damage(Message(damage, name=str(self._path), n=index, name2=str(err)))
                else:
                    yield payload
                index += 1
        except (OSError, SourceError, ValueError) as err:
            raise SourceError(
                f"{self._path}: observation {index}: {err}. Store the video's observations again."
            ) from err

    def _report(self, at: int) -> None:
        if self._on_damage is not None:
            damage = "{name}: damaged at byte {n}; the intact records before and after it are read"
            self._on_damage(Message(damage, name=str(self._path), n=at))
