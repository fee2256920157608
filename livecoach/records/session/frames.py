"""The stored observations of a session as a source, with its pictures."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach.capture.stored import StoredObservations
from livecoach.core.documents import codec
from livecoach.core.errors import SourceError
from livecoach.core.types import Frame

if TYPE_CHECKING:
    from livecoach.records.session.video import SessionPictures


class SessionFrames(StoredObservations):
    """Stored observations with their pictures. Damaged parts are left out and reported once."""

    def __init__(
        self,
        observations: Path,
        video: Path | None,
        say: Callable[[str], object],
        *,
        header: codec.ObservationsHeader | None = None,
    ) -> None:
        """Open the files. video: None for no pictures. header: replaces a damaged one. Raises SourceError."""
        self._said = False
        self._say = say
        super().__init__(observations, lenient=self._report_once, header=header)
        self._pictures: SessionPictures | None = None
        if video is not None:
            from livecoach.records.session import video as videos  # OpenCV and PyAV take .1 s to import

            try:
                self._pictures = videos.SessionPictures(video)
            except SourceError as err:
                self._report_once(f"{err} The session is shown without pictures.")

    def read(self) -> Frame | None:
        frame = super().read()
        if frame is None or self._pictures is None:
            return frame
        try:
            return replace(frame, picture=self._pictures.at(frame.t_s))
        except SourceError as err:
            self._report_once(str(err))
            self._pictures = None
            return frame

    def close(self) -> None:
        super().close()
        if self._pictures is not None:
            self._pictures.close()

    def _report_once(self, line: str) -> None:
        if not self._said:
            self._say(line)
        self._said = True
