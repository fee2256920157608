"""Passes data between the server's thread and the run's thread: the newest frame, requests, the state and the cues.

`PhoneSource` is a source that reads the newest frames.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from livecoach.capture import PictureSource, no_picture_text
from livecoach.capture.pictures import JpegDecoder
from livecoach.capture.timeline import LiveTimeline, now_s
from livecoach.core.config.settings import CaptureSettings
from livecoach.core.errors import CameraError, NoPicture, SourceLost
from livecoach.core.types import Frame, ignore
from livecoach.feedback.screen import UserInput
from livecoach.phone.protocol import LARGEST_SIDE_PX, MOST_PIXELS

MOST_REQUESTS = 32  # Most requests that wait for the run, which takes all many times a second; older ones are dropped
CameraState = Literal["connected", "lost", "none"]
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class ArrivedJpeg:
    """A picture that has arrived from the phone, and is not decoded yet."""

    jpeg: bytes
    captured_s: float  # Time of the capture, by the clock of this computer
    acknowledge: Callable[[], object]
    """Called once, from any thread, when the picture is used or dropped, so that the phone sends the next picture."""


class PhoneLink:
    """A thread-safe link between the phone's server and the run. Only the methods with a `timeout_s` wait."""

    def __init__(self, clock: Callable[[], float] = now_s) -> None:
        self.clock = clock
        self._changed = threading.Condition()
        self._newest: ArrivedJpeg | None = None
        self.replaced = 0  # Number of pictures that newer pictures replaced
        self._connected = self._was_connected = False
        self._requests: deque[UserInput] = deque(maxlen=MOST_REQUESTS)
        self.send_state: Callable[[Fields], object] = ignore
        """Sends a state to all connected devices. The server sets it, and the next two functions."""
        self.send_cue: Callable[[Fields, bytes | None], object] = ignore
        """Sends a cue, with its sound as WAV or None without a sound, to all connected devices."""
        self.send_offer: Callable[[Fields], object] = ignore
        """Sends the remote's choices to all devices that may control, also to devices that connect later."""

    # The server calls the next methods.

    def set_connected(self, connected: bool) -> None:
        """Set whether a camera is connected. Without a camera, an unused picture is dropped and acknowledged."""
        with self._changed:
            self._connected = connected
            self._was_connected |= connected
            left, self._newest = self._newest, self._newest if connected else None
            self._changed.notify_all()
        if left is not None and not connected:
            left.acknowledge()

    def put_picture(self, arrived: ArrivedJpeg) -> None:
        """Store the newest picture, and acknowledge the unused picture that it replaces, if any."""
        with self._changed:
            before, self._newest = self._newest, arrived
            self.replaced += before is not None
            self._changed.notify_all()
        if before is not None:
            before.acknowledge()

    def add_request(self, request: UserInput) -> None:
        """Add a request of the user. If MOST_REQUESTS requests wait already, drop the oldest request."""
        self._requests.append(request)

    # The run calls the next methods.

    @property
    def camera_state(self) -> CameraState:
        """The state of the camera: "connected", "lost" if it was connected earlier, or "none"."""
        return "connected" if self._connected else "lost" if self._was_connected else "none"

    def take_newest_picture(self, timeout_s: float) -> ArrivedJpeg | None:
        """Wait up to `timeout_s` for a new picture, acknowledge and return it; None without a picture or a camera."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or not self._connected, timeout_s)
            arrived, self._newest = self._newest, None
        if arrived is not None:
            arrived.acknowledge()
        return arrived

    def wait_for_camera(self, timeout_s: float) -> bool:
        """Wait up to `timeout_s` until a camera is connected, and return whether a camera is connected."""
        with self._changed:
            return self._changed.wait_for(lambda: self._connected, timeout_s)

    def take_requests(self) -> list[UserInput]:
        """Remove and return the waiting requests of the user, the oldest first."""
        return [self._requests.popleft() for _ in range(len(self._requests))]


NAME = "phone"
SILENT_S = 2.0
"""Time without pictures after which the camera counts as lost: a sleeping tab keeps its connection. It must be less
than the time after which the capture abandons the thread that reads."""
OPENING_S = 1.0  # Longest wait of an attempt to reopen the camera; the end of a run may have to wait as long
LATE_S = 1.0  # Age from which a picture is dropped, since a cue about it would come too late


def adapt_to_phone(settings: CaptureSettings) -> CaptureSettings:
    """Adapt capture settings to a phone as the camera, and return the adapted settings.

    The pauses between attempts to reconnect are short, because each attempt waits. A silent phone counts as stalled
    after SILENT_S and OPENING_S together.
    """
    return replace(settings, reconnect_first_s=0.05, reconnect_longest_s=0.1, stall_s=SILENT_S + OPENING_S)


class PhoneSource(PictureSource):
    """A source that delivers the newest picture of the phone. Late and broken pictures are left out."""

    def __init__(
        self, link: PhoneLink, timeline: LiveTimeline, refused: Callable[[str], object], wait_s: float = OPENING_S
    ) -> None:
        """Wait up to `wait_s` for the first picture.

        Raises CameraError if no phone is connected, or no picture comes in time.

        Args:
            refused: Called with the reason if a picture can't be decoded.
        """
        self._link, self._timeline, self._refused = link, timeline, refused
        self._decoder = JpegDecoder(most_pixels=MOST_PIXELS, longest_px=LARGEST_SIDE_PX)
        until_s = link.clock() + wait_s
        self._left_out, self._replaced = 0, link.replaced
        """Numbers of pictures since the last frame (late, broken or replaced), and of all pictures that the link
        replaced."""
        if not link.wait_for_camera(wait_s):
            raise CameraError("no phone is connected. Open the address in its browser, and allow the camera.")
        first = self._wait_for_frame(max(0.01, until_s - link.clock()))
        if first is None:
            raise NoPicture(no_picture_text("the phone", "Keep its page in front, and allow the camera."))
        self._begin(first, name=NAME, fps=None, live=True)

    def _next(self) -> Frame:
        frame = self._wait_for_frame(SILENT_S)
        if frame is None:
            raise SourceLost("the phone stopped sending pictures.")
        return frame

    def close(self) -> None:
        """Do nothing: the server keeps the connection."""

    def _wait_for_frame(self, within_s: float) -> Frame | None:
        """Return the next frame, without late, broken and unneeded pictures; None if no frame comes in time."""
        until_s = self._link.clock() + within_s
        while (left_s := until_s - self._link.clock()) > 0:
            arrived = self._link.take_newest_picture(left_s)
            if arrived is None:
                return None
            before, self._replaced = self._replaced, self._link.replaced
            self._left_out += self._replaced - before
            if self._link.clock() - arrived.captured_s > LATE_S:
                self._left_out += 1
                continue
            if self._timeline.skip_unneeded(arrived.captured_s, self._left_out):
                self._left_out = 0
                until_s = self._link.clock() + within_s
                continue
            try:
                picture = self._decoder.decode(arrived.jpeg)
            except ValueError:  # UndecodableJpeg or ImpossiblePicture
                self._refused("a picture that can't be decoded")
                self._left_out += 1
                continue
            skipped, self._left_out = self._left_out, 0
            return self._timeline.make_frame(picture, arrived.captured_s, skipped=skipped)
        return None
