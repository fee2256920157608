"""The phone's camera as a source of frames."""

from collections.abc import Callable

from livecoach.errors import CameraError, NoPicture, SourceLost
from livecoach.phone.link import PhoneLink
from livecoach.phone.protocol import LARGEST_SIDE_PX, MOST_PIXELS
from livecoach.source import no_picture_text
from livecoach.source.capture import ReconnectPolicy
from livecoach.source.pictures import JpegDecoder
from livecoach.source.timeline import Arrival, LiveTimeline
from livecoach.types import Frame, SourceInfo

NAME = "phone"
SILENT_S = 2.0
"""A camera that sends nothing for this long counts as lost: a sleeping tab keeps its connection. It must be less than
the time after which the capture abandons the thread that reads."""
OPENING_S = 1.0
"""Longest wait of an attempt to reopen the camera. The end of a run may have to wait for it."""
LATE_S = 1.0
"""Pictures older than this are dropped: a cue about them would come too late."""
POLICY = ReconnectPolicy(first_wait_s=0.05, longest_wait_s=0.1, stall_s=SILENT_S + OPENING_S)
"""Opening costs nothing and waits by itself, so the pauses between two attempts are short."""


class PhoneSource:
    """Delivers the newest picture of the phone; a livecoach.source.Source."""

    def __init__(
        self, link: PhoneLink, timeline: LiveTimeline, refused: Callable[[str], object], wait_s: float = OPENING_S
    ) -> None:
        """Wait for the first picture. refused: called with the reason if a picture can't be decoded. Raises CameraError
        if none comes in time."""
        self._link, self._timeline, self._refused = link, timeline, refused
        self._decoder = JpegDecoder(most_pixels=MOST_PIXELS, longest_px=LARGEST_SIDE_PX)
        until_s = link.clock() + wait_s
        self._left_out, self._replaced = 0, link.replaced
        """Number of pictures since the last frame that came too late, were broken, or were replaced; and of all that
        the link ever replaced."""
        if not link.wait_for_camera(wait_s):
            raise CameraError("no phone is connected. Open the address in its browser, and allow the camera.")
        picture = self._next(max(0.01, until_s - link.clock()))
        if picture is None:
            raise NoPicture(no_picture_text("the phone", "Keep its page in front, and allow the camera."))
        self._first: Frame | None = picture
        assert picture.picture is not None
        height_px, width_px = picture.picture.shape[:2]
        self._info = SourceInfo(name=NAME, width_px=width_px, height_px=height_px, fps=None, live=True)

    @property
    def info(self) -> SourceInfo:
        """Properties at the opening. A phone that is turned sends pictures of another shape."""
        return self._info

    def read(self) -> Frame | None:
        """Wait for the next frame; never None, because a live source has no end. Raises SourceLost."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        frame = self._next(SILENT_S)
        if frame is None:
            raise SourceLost("the phone stopped sending pictures.")
        return frame

    def close(self) -> None:
        """Do nothing: the server keeps the connection."""

    def _next(self, within_s: float) -> Frame | None:
        """Return the next picture that is in time and can be decoded; None if none comes in time, or the phone left."""
        until_s = self._link.clock() + within_s
        while (left_s := until_s - self._link.clock()) > 0:
            arrived = self._link.take(left_s)
            if arrived is None:
                return None
            before, self._replaced = self._replaced, self._link.replaced
            self._left_out += self._replaced - before
            if self._link.clock() - arrived.captured_s > LATE_S:
                self._left_out += 1
                continue
            if self._timeline.leaves_out(arrived.captured_s, self._left_out):
                self._left_out = 0
                until_s = self._link.clock() + within_s
                continue
            try:
                picture = self._decoder.picture(arrived.jpeg)
            except ValueError:  # UndecodableJpeg or ImpossiblePicture
                self._refused("a picture that can't be decoded")
                self._left_out += 1
                continue
            skipped, self._left_out = self._left_out, 0
            return self._timeline.frame(picture, Arrival(arrived_s=arrived.captured_s, skipped=skipped))
        return None
