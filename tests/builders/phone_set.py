"""A set in front of a phone: the clip in the browser's camera, and where livecoach waits for the browser."""

import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from builders.command import CLIPS, TIMEOUT_S
from builders.videos import pictures_of
from livecoach.capture.opencv import cv2

CLIP, REPS = CLIPS / "squat_2.mp4", 2
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 85]
_LATER = Event()
"""Never set."""


@dataclass(frozen=True)
class CameraClip:
    """A file that Chromium's camera shows again and again."""

    path: Path
    length_ms: float


def a_camera_clip(folder: Path, clip: Path = CLIP) -> CameraClip:
    """The clip of two squats, or another one."""
    times_s, pictures = zip(*pictures_of(clip), strict=True)
    path = folder / "camera.mjpeg"
    path.write_bytes(b"".join(cv2.imencode(".jpg", picture, QUALITY)[1].tobytes() for picture in pictures))
    return CameraClip(path, 1000 * times_s[-1] * len(times_s) / (len(times_s) - 1))


def live_options(port: int) -> tuple[str, ...]:
    """A phone at this port of loopback that watches squats; events go to standard output."""
    return "live", "--no-window", "--exercise", "squat", "--events", "-", "--phone", f"127.0.0.1:{port}"


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


def told_address(said: Path) -> str:
    """The phone's address, once livecoach has said it."""
    deadline_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline_s:
        found = re.search(r"^https://\S+", said.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found.group()
        _LATER.wait(0.02)
    raise AssertionError(said.read_text(encoding="utf-8"))
