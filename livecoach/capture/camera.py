"""A camera of this machine, by its number."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from livecoach.capture import PictureSource, call_within, no_picture_text, stopped_text
from livecoach.capture.opencv import cv2
from livecoach.capture.pictures import LONGEST_LIVE_SIDE_PX, ImpossiblePicture, scale_down
from livecoach.capture.timeline import LiveTimeline
from livecoach.core.errors import CameraError, NoCamera, NoPicture, SourceLost, SourceSilent
from livecoach.core.types import Frame
from livecoach.core.types.message import Message, joined

CAMERAS = 6  # how many camera indices are tried where the system does not list its cameras


def listed_cameras(platform: str, folder: Path = Path("/dev")) -> tuple[int, ...] | None:
    """Return the numbers of the cameras that the system lists; None where only opening a camera shows that it exists.
    platform: as in `sys.platform`. On Linux a camera may have several numbers, and only some of them deliver
    pictures."""
    if not platform.startswith("linux"):
        return None
    numbers = (path.name.removeprefix("video") for path in folder.glob("video*"))
    return tuple(sorted(int(number) for number in numbers if number.isdecimal()))


def camera_indices(platform: str) -> list[int]:
    """The camera indices to try: those that Linux lists, or the first CAMERAS on other systems."""
    listed = listed_cameras(platform)
    return list(range(CAMERAS) if listed is None else listed)


class Replugged:
    """Tells under which number a camera is to be opened again. Linux gives one that was pulled and put back another
    number while something holds the old one."""

    def __init__(self, spec: str | int) -> None:
        """spec: what the user named; what is not the number of a camera stays."""
        self._spec = spec
        self._others = set(listed_cameras(sys.platform) or ())

    def __call__(self) -> str | int:
        """Return what the user named while it is there, and else the first number that is new since it was."""
        if not str(self._spec).isdecimal():
            return self._spec
        listed = set(listed_cameras(sys.platform) or ())
        self._others = listed if int(self._spec) in listed else self._others & listed
        return min(listed - self._others, default=self._spec)


# Requested of a camera, which delivers what it can. Pose needs no more, and USB 2 carries it uncompressed.
_WIDTH_PX, _HEIGHT_PX, _FPS = 640, 480, 30
# Some cameras fail the first read after opening, while they adjust their exposure.
_FIRST_READS = 3
_FIRST_READS_S = 1.0  # time after which no further read is tried. One that waits in vain takes 2 s
# Media Foundation may take 10 s for some cameras; a driver that hangs takes for ever.
_OPEN_LIMIT_S = 15.0


class Camera(PictureSource):
    def __init__(self, index: int, *, timeline: LiveTimeline | None = None) -> None:
        """Open the camera and wait for its first picture. On macOS the first opening must happen on the main thread.
        Raises CameraError: there is no such camera, it is in use, or access is not allowed."""
        self._index, self._name = index, (name := f"camera {index}")
        self._timeline = timeline if timeline is not None else LiveTimeline()
        device = _opened_in_time(index, sys.platform)
        if device is None:
            listed = listed_cameras(sys.platform)
            kind = NoCamera if listed == () else CameraError
            raise kind(not_opened_text(index, sys.platform, listed))
        device.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH_PX)
        device.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT_PX)
        device.set(cv2.CAP_PROP_FPS, _FPS)
        # Not every backend obeys it; without it some keep four old pictures.
        device.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._device = device
        try:
            first = self._first_frame()
        except CameraError:
            device.release()
            raise
        fps = device.get(cv2.CAP_PROP_FPS)
        self._begin(first, name=name, fps=fps if math.isfinite(fps) and fps > 0 else None, live=True)

    def _next(self) -> Frame:
        frame = self._next_frame()
        if frame is None:
            raise SourceSilent(stopped_text(self._name))
        return frame

    def close(self) -> None:
        self._device.release()

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
            # The frame gets its timestamp first, because latency is measured from this time.
            arrived_s = self._grabbed()
            while arrived_s is not None and self._timeline.leaves_out(arrived_s):
                arrived_s = self._grabbed()
            if arrived_s is None:
                return None
            ok, picture = self._device.retrieve()
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
        return self._timeline.frame(shown, arrived_s)

    def _grabbed(self) -> float | None:
        """Wait for the next picture, and return when it came; None where none comes. It is not decoded yet."""
        return self._timeline.clock() if self._device.grab() else None


def camera_backends(platform: str) -> tuple[int, ...]:
    """Return OpenCV's camera backends for a `sys.platform`, in the order in which to try them."""
    if platform == "win32":
        # Where Media Foundation fails or lists no camera, DirectShow often still works (opencv issue 26495).
        return (cv2.CAP_MSMF, cv2.CAP_DSHOW)
    return (cv2.CAP_AVFOUNDATION,) if platform == "darwin" else (cv2.CAP_V4L2,)


def _opened_in_time(index: int, platform: str) -> "cv2.VideoCapture | None":
    """Return the opened camera; None where it does not open. Raises CameraError where the driver hangs."""
    if platform == "darwin":
        return _opened(index, camera_backends(platform))
    try:
        return call_within(
            _OPEN_LIMIT_S,
            lambda: _opened(index, camera_backends(platform)),
            lambda late: None if late is None else late.release(),
        )
    except TimeoutError as err:
        raise CameraError(
            f"camera {index} does not answer: its driver hangs for {_OPEN_LIMIT_S:g} s. "
            "Unplug it, plug it in again, and try once more."
        ) from err


def _opened(index: int, backends: Sequence[int]) -> "cv2.VideoCapture | None":
    for backend in backends:
        try:
            capture = cv2.VideoCapture(index, backend)
        except cv2.error:
            continue  # some backends raise where others report "not opened"; the caller treats both alike
        if capture.isOpened():
            return capture
        capture.release()
    return None


CLOSE_OTHERS = "Close other programs that use it."
MORE = "`livecoach live --camera list` shows what each camera delivers."


def no_camera_text(platform: str) -> str:
    none = (
        "this machine has no camera (no /dev/video*)" if platform.startswith("linux") else "this machine has no camera"
    )
    phone = Message(
        "Connect one, or use a phone: `livecoach live --phone`, or an app that streams its camera: `livecoach live "
        "--camera http://…`."
    )
    return joined(". ", none, phone)


def not_opened_text(index: int, platform: str, listed: Sequence[int] | None) -> str:
    """Return why a camera did not open, and what to do. listed: as `listed_cameras` returns it."""
    if listed is not None and not listed:
        return joined(": ", Message("camera {n}", n=index), no_camera_text(platform))
    if listed is not None and index not in listed:
        there = ", ".join(map(str, listed))
        return joined(" ", Message("camera {n}: there is no such camera, only {name}.", n=index, name=there), MORE)
    return joined(" ", Message("camera {n} did not open.", n=index), _camera_hint(platform), MORE)


def _camera_hint(platform: str) -> str:
    if platform == "darwin":
        return "Allow the terminal to use it in System Settings, Privacy & Security, Camera."
    if platform == "win32":
        return "Is another program using it? Allow desktop apps to use the camera in Settings, Privacy, Camera."
    return "Is another program using it, and may you read /dev/video*?"
