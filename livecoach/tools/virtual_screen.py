"""A private X server whose picture can be looked at."""

import os
import select
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from livecoach.errors import OutputError
from livecoach.tools.machine import end

START_S = 60.0  # longest wait for the server
WIDTH_PX, HEIGHT_PX = 1280, 800
GRID_PX = 16  # distance of the sampled pixels in both directions
COLOURS = 100  # fewest colours in the sampled pixels of a camera picture; an empty screen or window has only a few


def xvfb_missing() -> bool:
    """Whether the program is not installed (Debian: xvfb)."""
    return shutil.which("Xvfb") is None


class VirtualScreen:
    """The server, made by `virtual_screen`."""

    def __init__(self, display: str, frame_buffer: Path, server: "subprocess.Popen[bytes]") -> None:
        """display: as in DISPLAY. frame_buffer: the file into which the server maps its picture, an X window dump."""
        self.display = display
        self._server = server
        header = struct.unpack(">25I", frame_buffer.read_bytes()[:100])
        header_bytes, height_px, bytes_per_line, colours = header[0], header[5], header[12], header[19]
        begin = header_bytes + 12 * colours
        self._pixels = np.memmap(frame_buffer, np.uint32, "r", offset=begin, shape=(height_px, bytes_per_line // 4))

    def shows_picture(self) -> bool:
        """Whether a picture with many colours is on the screen now."""
        return len(np.unique(self._pixels[::GRID_PX, ::GRID_PX])) >= COLOURS

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop the server during the block: it takes connections and answers nothing."""
        self._server.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._server.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the server at once, like a session of the desktop that crashes."""
        self._server.kill()
        self._server.wait()


@contextmanager
def virtual_screen() -> Iterator[VirtualScreen]:
    """Run a server. Raises OutputError if it can't be started."""
    if xvfb_missing():
        raise OutputError("Xvfb is missing. Install it: sudo apt install xvfb")
    with tempfile.TemporaryDirectory(prefix="livecoach-screen-") as folder:
        read_fd, write_fd = os.pipe()
        size = f"{WIDTH_PX}x{HEIGHT_PX}x24"
        with os.fdopen(read_fd) as pipe:
            server = subprocess.Popen(
                ["Xvfb", "-displayfd", str(write_fd), "-screen", "0", size, "-fbdir", folder, "-nolisten", "tcp"],
                pass_fds=[write_fd],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            os.close(write_fd)
            try:
                ready, _, _ = select.select([pipe], [], [], START_S)
                number = pipe.readline().strip() if ready else ""
                if not number:
                    raise OutputError("Xvfb did not start; try `Xvfb -displayfd 1` to see why")
                yield VirtualScreen(f":{number}", Path(folder) / "Xvfb_screen0", server)
            finally:
                end(server)
