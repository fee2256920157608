"""Reads the stored observations of a session: as frames with the pictures of its video, and as windows of reps."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach.capture.stored_observations import StoredObservations
from livecoach.core.documents import RepEvent, codec
from livecoach.core.errors import SourceError
from livecoach.core.types import Frame, Observation, RepWindow
from livecoach.core.types.message import Message
from livecoach.records.session.metrics import RunMetrics

if TYPE_CHECKING:
    from livecoach.records.session.video import SessionPictures

Span = tuple[float, float]  # A span of time: start and end in seconds, both inclusive


class SessionFrames(StoredObservations):
    """Reads a session's observations and video as frames. Damaged parts are left out; only the first is reported."""

    def __init__(
        self,
        observations: Path,
        video: Path | None,
        say: Callable[[str], object],
        *,
        header: codec.ObservationsHeader | None = None,
    ) -> None:
        """Open the files of the observations and the video. Raises SourceError if the observations can't be read.

        Args:
            video: Path of the video; None for frames without pictures.
            say: Called with a line about the first damaged part.
            header: Header that replaces a damaged header; None to refuse observations with a damaged header.
        """
        self._said = False
        self._say = say
        super().__init__(observations, on_damage=self._report_once, header=header)
        self._pictures: SessionPictures | None = None
        if video is not None:
            from livecoach.records.session import video as videos  # OpenCV and PyAV take .1 s to import

            try:
                self._pictures = videos.SessionPictures(video)
            except SourceError as err:
                self._report_once(f"{err} The session is shown without pictures.")

    def read(self) -> Frame | None:
        """Return the next frame, with the video's picture for the frame, if any; None after the last frame.

        Frames after the place where the video can't be read have no picture.
        """
        frame = super().read()
        if frame is None or self._pictures is None:
            return frame
        try:
            return replace(frame, picture=self._pictures.picture_at(frame.t_s))
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


def read_observations_within(
    open_frames: Callable[[], SessionFrames], spans: Sequence[Span], say: Callable[[str], object]
) -> tuple[list[list[Observation]], RunMetrics]:
    """Read the observations within each span of time, and collect the metrics of all frames.

    Observations outside the spans are not decoded: an hour of video has 108,000. If an observation or the rest of the
    file can't be read, this is reported, and reading ends; the spans may then be incomplete or empty.

    Args:
        open_frames: Opens the observations, and skips damaged records.
        spans: Spans of time, sorted by start; they may overlap.
    """
    within: list[list[Observation]] = [[] for _ in spans]
    first, metrics = 0, RunMetrics()
    try:
        with closing(open_frames()) as frames:
            for payload in frames.payloads:
                head = codec.unpack(payload)
                metrics.add_frame(head.t_s, head.dropped, with_pose=head.landmarks is not None)
                while first < len(spans) and spans[first][1] < head.t_s:
                    first += 1
                started = takewhile(lambda n: spans[n][0] <= head.t_s, range(first, len(spans)))  # noqa: B023 (used at once)
                if here := [n for n in started if head.t_s <= spans[n][1]]:
                    observation = codec.decode(payload)
                    for n in here:
                        within[n].append(observation)
    except (SourceError, ValueError, TypeError) as err:
        say(Message("{name}; everything after that is left out", name=str(err).removesuffix(".")))
    return within, metrics


def make_rep_window(
    event: RepEvent, near: Sequence[Observation], pose: str, *, end_s: float | None = None
) -> RepWindow | None:
    """Make the window by which a recorded rep can be judged; None if the view is unknown or `near` is empty.

    Args:
        near: Observations from MARGIN_S before to MARGIN_S after the rep.
        end_s: End of the window in seconds; None for the end of the rep.
    """
    rep = event.rep
    if event.view is None or not near:
        return None
    return RepWindow(
        observations=tuple(near),
        start_s=rep.start_s,
        turn_s=rep.turn_s,
        end_s=rep.end_s if end_s is None else end_s,
        view=event.view,
        set_name=event.set or "",
        number=rep.number,
        pose=pose,
        exercise=rep.exercise,
    )
