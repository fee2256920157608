"""Cameras of this machine without any: a preloaded library, v4l2_camera.c, stands in for the kernel's."""

import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from builders.command import CLIPS, Running, command, surroundings
from builders.videos import pictures_of

SOURCE, HEADER = Path(__file__).with_name("v4l2_camera.c"), Path("/usr/include/linux/videodev2.h")
needs_v4l2 = pytest.mark.skipif(
    shutil.which("cc") is None or not HEADER.is_file(), reason="needs Linux, a C compiler and linux/videodev2.h"
)
FORMATS: dict[str, Callable[[np.ndarray], bytes]] = {
    "MJPG": lambda picture: cv2.imencode(".jpg", picture)[1].tobytes(),
    "YUYV": lambda picture: cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_YUY2).tobytes(),
}


@cache
def _film(width_px: int, height_px: int, fourcc: str) -> bytes:
    parts = [struct.pack("<II4s", width_px, height_px, fourcc.encode())]
    for _, picture in pictures_of(CLIPS / "squat_2.mp4"):
        shown = FORMATS[fourcc](cv2.resize(picture, (width_px, height_px)))
        parts += struct.pack("<I", len(shown)), shown
    return b"".join(parts)


class Cameras:
    """Cameras that show two squats again and again. Nobody sees them but what runs here."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        library = folder / "v4l2.so"
        subprocess.run(["cc", "-O1", "-w", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        self.environment = {"LD_PRELOAD": str(library), "CAMERAS": str(folder)}

    def plug(self, number: int, width_px: int = 480, height_px: int = 360, fourcc: str = "MJPG") -> None:
        """Plug a camera in, with the only size and format that it has."""
        (self._folder / f"video{number}").write_bytes(_film(width_px, height_px, fourcc))

    def unplug(self, number: int) -> None:
        (self._folder / f"video{number}").unlink()

    def mark(self, number: int, what: str) -> Path:
        """Let another program have a camera ("busy"), or the user not open it ("forbidden"), until this is unlinked."""
        marked = self._folder / f"video{number}.{what}"
        marked.touch()
        return marked

    def run(self, *arguments: object, home: Path) -> "subprocess.CompletedProcess[str]":
        """Run livecoach before these cameras."""
        around = surroundings(home) | self.environment
        return subprocess.run(command(*arguments), env=around, cwd=home, capture_output=True, text=True, check=False)

    @contextmanager
    def running(self, *arguments: object, home: Path, stderr: Path) -> Iterator[Running]:
        """Start livecoach before these cameras."""
        with (
            stderr.open("w") as said,
            subprocess.Popen(
                command(*arguments),
                env=surroundings(home) | self.environment,
                cwd=home,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            ) as process,
        ):
            assert process.stdout is not None
            try:
                yield Running(process, process.stdout)
            finally:
                process.kill()
