"""A session as a source: what was seen, at the times of then, with the pictures where they were kept."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from livecoach.documents import codec
from livecoach.errors import SourceError
from livecoach.session.video_pictures import SessionPictures
from livecoach.source.stored import StoredObservations
from livecoach.types import Frame


class SessionFrames(StoredObservations):
    """Stored observations with their pictures. What is damaged is left out, and told once."""

    def __init__(
        self,
        observations: Path,
        video: Path | None,
        say: Callable[[str], object],
        *,
        header: codec.Header | None = None,
    ) -> None:
        """video: None without pictures. header: stands in for a damaged one. Raises SourceError."""
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
        """The next observation, and the picture that it was made of."""
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
