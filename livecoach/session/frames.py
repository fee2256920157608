"""A session as a source: its observations at their original times, with pictures where a video exists."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from livecoach.documents import codec
from livecoach.errors import SourceError
from livecoach.session.video_pictures import SessionPictures
from livecoach.source.stored import StoredObservations
from livecoach.types import Frame


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
        super().__init__(observations, lenient=self._tell, header=header)
        self._pictures: SessionPictures | None = None
        if video is not None:
            try:
                self._pictures = SessionPictures(video)
            except SourceError as err:
                self._tell(f"{err} The session is shown without pictures.")

    def read(self) -> Frame | None:
        """Return the next observation with the picture that it was made from."""
        frame = super().read()
        if frame is None or self._pictures is None:
            return frame
        try:
            return replace(frame, picture=self._pictures.at(frame.t_s))
        except SourceError as err:
            self._tell(str(err))
            self._pictures = None
            return frame

    def close(self) -> None:
        """Close the files."""
        super().close()
        if self._pictures is not None:
            self._pictures.close()

    def _tell(self, line: str) -> None:
        if not self._said:
            self._say(line)
        self._said = True
