"""Live sources: a camera by its number and a stream (MJPEG over HTTP, RTSP) by its URL."""

import itertools
import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from livecoach.errors import CameraError, SourceLost
from livecoach.source.listing import listed_cameras
from livecoach.source.opencv import cv2
from livecoach.types import Frame, SourceInfo

STREAM_SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "udp")

# Requested of a camera, which delivers what it can. Pose needs no more, and USB 2 carries it uncompressed.
_WIDTH_PX, _HEIGHT_PX, _FPS = 640, 480, 30
# Some cameras fail the first read after opening, while they adjust their exposure.
_FIRST_READS = 3


class LiveTimeline:
    """Numbers and timestamps for the frames of a live source.

    It outlives a single opening: pass the same timeline to each opening, and numbers and times continue across a
    reconnection. Time 0 is the first frame of the first opening.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # next() on it is atomic under the GIL: an abandoned reader may wake while another reads.
        self._numbers = itertools.count()
        self._origin_s: float | None = None

    def frame(self, picture: np.ndarray) -> Frame:
        """Return a frame that arrives now; picture: as in `types.Frame`."""
        captured_s = self._clock()
        if self._origin_s is None:
            self._origin_s = captured_s
        t_s = captured_s - self._origin_s
        return Frame(index=next(self._numbers), t_s=t_s, picture=picture, captured_s=captured_s)


class _LiveSource:
    """Reads an open device through OpenCV; base of camera and stream."""

    def __init__(self, name: str, device: "cv2.VideoCapture", timeline: LiveTimeline, *, fps_known: bool) -> None:
        self._name = name
        self._device = device
        self._timeline = timeline
        # The first picture is read at once: a camera in use by another program may open and then deliver nothing, and
        # the size that it announces need not be the size that it delivers.
        try:
            first = self._first_frame()
        except CameraError:
            device.release()
            raise
        self._first: Frame | None = first
        height_px, width_px = cast(np.ndarray, first.picture).shape[:2]
        fps = device.get(cv2.CAP_PROP_FPS) if fps_known else None
        self._info = SourceInfo(name=name, width_px=width_px, height_px=height_px, fps=_stated_fps(fps), live=True)

    @property
    def info(self) -> SourceInfo:
        return self._info

    def read(self) -> Frame | None:
        """Wait for the next frame; never None, because a live source has no end."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        frame = self._next_frame()
        if frame is None:
            raise SourceLost(f"{self._name} stopped delivering pictures. Is it still connected and switched on?")
        return frame

    def close(self) -> None:
        self._device.release()

    def _first_frame(self) -> Frame:
        for _ in range(_FIRST_READS):
            frame = self._next_frame()
            if frame is not None:
                return frame
        raise CameraError(
            f"{self._name} opens but delivers no picture. Is another program using it? "
            "`livecoach live --camera list` shows what each camera delivers."
        )

    def _next_frame(self) -> Frame | None:
        try:
            ok, picture = self._device.read()
        except cv2.error as err:
            raise SourceLost(f"{self._name} could not be read: {_one_line(err)}") from err
        if not ok or picture.size == 0:
            return None
        # Stamped before anything else is done with it: latency is measured from this time.
        frame = self._timeline.frame(np.ascontiguousarray(picture))
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
            raise CameraError(
                f"{self._name} delivers pictures of {picture.dtype} {picture.shape}; livecoach needs uint8 in colour. "
                "Choose another format in the camera's own settings."
            )
        return frame


class Camera(_LiveSource):
    """A camera of this machine, chosen by its number."""

    def __init__(self, index: int, *, timeline: LiveTimeline | None = None) -> None:
        """Open the camera and wait for its first picture. On macOS the first opening must happen on the main thread.

        Raises:
            CameraError: there is no such camera, it is in use, or access is not allowed.
        """
        name = f"camera {index}"
        device = _opened(index, camera_backends(sys.platform))
        if device is None:
            raise CameraError(not_opened_text(index, sys.platform, listed_cameras(sys.platform)))
        device.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH_PX)
        device.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT_PX)
        device.set(cv2.CAP_PROP_FPS, _FPS)
        # Not every backend obeys it; without it some keep four old pictures.
        device.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        super().__init__(name, device, timeline if timeline is not None else LiveTimeline(), fps_known=True)


class Stream(_LiveSource):
    """A camera behind a URL: MJPEG over HTTP, RTSP."""

    def __init__(
        self,
        url: str,
        *,
        timeline: LiveTimeline | None = None,
        open_timeout_s: float = 2.0,
        read_timeout_s: float = 2.0,
    ) -> None:
        """Open the stream and wait for its first picture.

        Without the timeouts OpenCV waits 30 s for a silent server.

        Raises:
            CameraError: no server answers within the timeout, or its answer is not a video.
        """
        name = shown_url(url)
        _check_scheme(url, name)
        timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _ms(open_timeout_s)]
        timeouts += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, _ms(read_timeout_s)]
        device = _opened(url, (cv2.CAP_FFMPEG,), timeouts)
        if device is None:
            raise CameraError(
                f"{name} did not open (waited up to {open_timeout_s:g} s). Is the camera on and the address right? "
                "Try it in a browser or in VLC."
            )
        # For MJPEG, OpenCV reports 25 whatever the rate is.
        super().__init__(name, device, timeline if timeline is not None else LiveTimeline(), fps_known=False)


def camera_backends(platform: str) -> tuple[int, ...]:
    """Return OpenCV's camera backends for a `sys.platform`, in the order in which to try them."""
    if platform == "win32":
        # Where Media Foundation fails or finds nothing, DirectShow often still works (opencv issue 26495).
        return (cv2.CAP_MSMF, cv2.CAP_DSHOW)
    return (cv2.CAP_AVFOUNDATION,) if platform == "darwin" else (cv2.CAP_V4L2,)


def shown_url(url: str) -> str:
    """Return the URL without user, password and query (some cameras take a password there): `rtsp://host:554/path`.

    In a malformed URL it removes too much rather than too little: a password may contain an unescaped "@", "/" or "?".
    """
    scheme, _, rest = url.partition("://")
    shown = rest.rpartition("@")[2]
    for mark in "?#&":
        shown = shown.partition(mark)[0]
    return f"{scheme}://{shown}"


def _check_scheme(url: str, name: str) -> None:
    # Not urlsplit: it raises ValueError for a malformed address, which should merely fail to open.
    if url.partition("://")[0].lower() not in STREAM_SCHEMES:
        raise CameraError(f"{name}: not a stream that can be read. Give a URL that starts with http:// or rtsp://.")


def _opened(
    device: int | str, backends: Sequence[int], timeouts: Sequence[int] | None = None
) -> "cv2.VideoCapture | None":
    for backend in backends:
        try:
            capture = cv2.VideoCapture(device, backend, timeouts) if timeouts else cv2.VideoCapture(device, backend)
        except cv2.error:
            continue  # some backends raise where others report "not opened"; the caller treats both alike
        if capture.isOpened():
            return capture
        capture.release()
    return None


def no_camera_text(platform: str) -> str:
    """Return that there is no camera, and what to do."""
    where = " (no /dev/video*)" if platform.startswith("linux") else ""
    return (
        f"this machine has no camera{where}. Connect one, or use a phone that streams its camera: "
        "`livecoach live --camera http://…`."
    )


def not_opened_text(index: int, platform: str, listed: Sequence[int] | None) -> str:
    """Return why a camera did not open, and what to do. listed: as `listed_cameras` returns it."""
    name = f"camera {index}"
    if listed is not None and not listed:
        return f"{name}: {no_camera_text(platform)}"
    more = "`livecoach live --camera list` shows what each camera delivers."
    if listed is not None and index not in listed:
        there = ", ".join(map(str, listed))
        return f"{name}: there is no such camera, only {there}. {more}"
    return f"{name} did not open. {_camera_hint(platform)} {more}"


def _camera_hint(platform: str) -> str:
    if platform == "darwin":
        return "Allow the terminal to use it in System Settings, Privacy & Security, Camera."
    if platform == "win32":
        return "Is another program using it? Allow desktop apps to use the camera in Settings, Privacy, Camera."
    return "Is another program using it, and may you read /dev/video*?"


def _stated_fps(fps: float | None) -> float | None:
    return fps if fps is not None and math.isfinite(fps) and fps > 0 else None


def _one_line(err: Exception) -> str:
    return " ".join(str(err).split())


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
