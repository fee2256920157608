"""Opens cameras of this machine by their numbers."""

import math
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from livecoach.capture import PictureSource, call_in_thread, call_within, no_picture_text, stopped_text
from livecoach.capture.opencv import cv2
from livecoach.capture.pictures import LONGEST_LIVE_SIDE_PX, ImpossiblePicture, scale_down
from livecoach.capture.timeline import LiveTimeline
from livecoach.core.errors import CameraError, NoCamera, NoPicture, SourceLost, SourceSilent
from livecoach.core.types import Frame
from livecoach.core.types.message import Message, join_texts

MOST_CAMERAS = 6  # number of camera indices to try if the system does not list its cameras


def list_cameras(platform: str, folder: Path = Path("/dev")) -> tuple[int, ...] | None:
    """Return the camera numbers that Linux lists in a folder; None on other systems, which have no list.

    A camera may have several numbers, and only some of them deliver pictures.
    """
    if not platform.startswith("linux"):
        return None
    numbers = (path.name.removeprefix("video") for path in folder.glob("video*"))
    return tuple(sorted(int(number) for number in numbers if number.isdecimal()))


def camera_numbers(platform: str) -> list[int]:
    """Return the camera numbers to try: the listed numbers on Linux, 0 to MOST_CAMERAS - 1 on other systems."""
    listed = list_cameras(platform)
    return list(range(MOST_CAMERAS) if listed is None else listed)


class CameraFinder:
    """Finds the number under which a camera that was unplugged can be opened again.

    While a program holds the old number, Linux gives another number to a camera that is plugged in again.
    """

    def __init__(self, spec: str | int) -> None:
        """Remember the cameras that are connected now, and the source that the user named."""
        self._spec = spec
        self._others = set(list_cameras(sys.platform) or ())

    def __call__(self) -> str | int:
        """Return the named source, or the lowest new number if the named camera has gone and a new number has come.

        A source that is not a number is always returned unchanged, and so is any source if the system lists no cameras.
        """
        if not str(self._spec).isdecimal():
            return self._spec
        listed = set(list_cameras(sys.platform) or ())
        self._others = listed if int(self._spec) in listed else self._others & listed
        return min(listed - self._others, default=self._spec)


# Size and rate that a camera is asked for. Pose needs no more, and USB 2 carries them uncompressed.
_WIDTH_PX, _HEIGHT_PX, _FPS = 640, 480, 30
# Number of attempts at the first picture: some cameras fail the first read while they adjust their exposure.
_FIRST_READS = 3
_FIRST_READS_S = 1.9  # time after which no further attempt is made. A failed attempt takes 2 s, with DirectShow 1 s.
# Longest time to open a camera. Media Foundation takes 10 s for some cameras, and a driver may hang for ever.
_OPEN_LIMIT_S = 15.0
_RELEASE_LIMIT_S = 2.0  # longest wait until the camera is released, because its driver may hang; our choice


class Camera(PictureSource):
    """A camera of this machine, as a source."""

    def __init__(self, index: int, *, timeline: LiveTimeline | None = None) -> None:
        """Open the camera, and wait for its first picture. On macOS the first opening must be on the main thread.

        Args:
            timeline: Timeline of an earlier opening, to continue its frame indices and times; None for a new timeline.

        Raises:
            CameraError: The camera does not exist, is in use, may not be used, or sends no pictures that can be used.
        """
        self._index, self._name = index, (name := f"camera {index}")
        self._timeline = timeline if timeline is not None else LiveTimeline()
        self._closing, self._released = threading.Event(), threading.Event()
        device = self._opened_in_time(sys.platform)
        if device is None:
            listed = list_cameras(sys.platform)
            kind = NoCamera if listed == () else CameraError
            raise kind(not_opened_text(index, sys.platform, listed))
        self._device = device
        # DirectShow's `grab` returns at once, and `retrieve` waits for the next picture.
        self._waits_late = device.getBackendName() == "DSHOW"
        self._late_picture: np.ndarray = np.empty(0)
        try:
            first = self._first_frame()
        except CameraError:
            self.close()
            raise
        fps = device.get(cv2.CAP_PROP_FPS)
        self._begin(first, name=name, fps=fps if math.isfinite(fps) and fps > 0 else None, live=True)

    def _next(self) -> Frame:
        frame = self._next_frame()
        if frame is None:
            raise SourceSilent(stopped_text(self._name))
        return frame

    def close(self) -> None:
        """Release the camera, and wait up to two seconds for its driver. A second call has no effect."""
        self._closing.set()
        self._released.wait(_RELEASE_LIMIT_S)

    def _opened_in_time(self, platform: str) -> "cv2.VideoCapture | None":
        """Return the opened camera, or None if it does not open. Raises CameraError if the driver hangs."""
        backends = camera_backends(platform)
        if platform == "darwin":
            device = _open_device(self._index, backends)
            call_in_thread(lambda: self._hold(device))
            return device
        try:
            return call_within(
                _OPEN_LIMIT_S,
                lambda: _open_device(self._index, backends),
                lambda late: None if late is None else late.release(),
                self._hold,
            )
        except TimeoutError as err:
            raise CameraError(
                f"{self._name} does not answer: its driver hangs for {_OPEN_LIMIT_S:g} s. "
                "Unplug it, plug it in again, and try once more."
            ) from err

    def _hold(self, device: "cv2.VideoCapture | None") -> None:
        """Keep the opening thread until the camera is released, because DirectShow's cameras end with that thread."""
        if device is not None:
            self._closing.wait()
            device.release()
        self._released.set()

    def _first_frame(self) -> Frame:
        began_s = self._timeline.clock()
        for _ in range(_FIRST_READS):
            frame = self._next_frame()
            if frame is not None:
                return frame
            if self._timeline.clock() - began_s > _FIRST_READS_S:
                break
        raise NoPicture(no_picture_text(Message("camera {n}", n=self._index), CLOSE_OTHERS))

    def _next_frame(self) -> Frame | None:
        try:
            # Read the clock before decoding, because latency is measured from this time.
            arrived_s = self._grabbed()
            while arrived_s is not None and self._timeline.skip_unneeded(arrived_s):
                arrived_s = self._grabbed()
            if arrived_s is None:
                return None
            ok, picture = (True, self._late_picture) if self._waits_late else self._device.retrieve()
        except cv2.error as err:
            raise SourceLost(f"{self._name} could not be read: {' '.join(str(err).split())}") from err
        if not ok or picture.size == 0:
            return None
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
            raise CameraError(
                f"{self._name} delivers pictures of {picture.dtype} {picture.shape}; livecoach needs uint8 in colour. "
                "Choose another format in the camera's own settings."
            )
        try:
            shown = scale_down(picture, LONGEST_LIVE_SIDE_PX)
        except ImpossiblePicture as err:
            raise SourceLost(f"{self._name}: {err}. Choose another size in the camera's own settings.") from err
        return self._timeline.make_frame(shown, arrived_s)

    def _grabbed(self) -> float | None:
        if not self._device.grab():
            return None
        if self._waits_late:
            ok, self._late_picture = self._device.retrieve()
            if not ok:
                return None
        return self._timeline.clock()


def camera_backends(platform: str) -> tuple[int, ...]:
    """Return OpenCV's camera backends for a value of `sys.platform`, in the order in which to try them."""
    if platform == "win32":
        # DirectShow often works where Media Foundation fails or lists no camera (opencv issue 26495).
        return (cv2.CAP_MSMF, cv2.CAP_DSHOW)
    return (cv2.CAP_AVFOUNDATION,) if platform == "darwin" else (cv2.CAP_V4L2,)


def _open_device(index: int, backends: Sequence[int]) -> "cv2.VideoCapture | None":
    for backend in backends:
        try:
            capture = cv2.VideoCapture(index, backend)
        except cv2.error:
            continue  # some backends raise an error, others report "not opened"
        if capture.isOpened():
            # On the same thread, since DirectShow begins anew with another size.
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH_PX)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT_PX)
            capture.set(cv2.CAP_PROP_FPS, _FPS)
            # Without this, some backends keep four old pictures. Not every backend obeys it.
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            return capture
        capture.release()
    return None


CLOSE_OTHERS = "Close other programs that use it."
CONNECT = (
    "Connect one, or use a phone: `livecoach live --phone`, or an app that streams its camera: `livecoach live "
    "--camera http://…`."
)
MORE = "`livecoach live --camera list` shows what each camera delivers."


def no_camera_text(platform: str) -> str:
    """Return the text, with advice, for a machine that has no camera."""
    none = "this machine has no camera (no /dev/video*)" if platform == "linux" else "this machine has no camera"
    return join_texts(". ", none, CONNECT)


def not_opened_text(index: int, platform: str, listed: Sequence[int] | None) -> str:
    """Return the text, with advice, for a camera that did not open.

    Args:
        listed: Numbers of the cameras that the system lists, from `list_cameras`; None if the system has no list.
    """
    if listed is not None and not listed:
        return join_texts(": ", Message("camera {n}", n=index), no_camera_text(platform))
    if listed is not None and index not in listed:
        numbers = ", ".join(map(str, listed))
        none = Message("camera {n}: there is no such camera, only {name}.", n=index, name=numbers)
        return join_texts(" ", none, MORE)
    return join_texts(" ", Message("camera {n} did not open.", n=index), _camera_hint(platform), MORE)


def _camera_hint(platform: str) -> str:
    if platform == "darwin":
        return "Allow the terminal to use it in System Settings, Privacy & Security, Camera."
    if platform == "win32":
        return "Is another program using it? Allow desktop apps to use the camera in Settings, Privacy, Camera."
    return "Is another program using it, and may you read /dev/video*?"
