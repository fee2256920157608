"""A camera, a screen and a sound device that a benchmark or a test controls.

The camera serves MJPEG over HTTP on loopback from threads of this process, a private X server has a picture that can
be looked at, and a private PulseAudio can be heard.
"""

import contextlib
import math
import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.capture.file import VideoFile
from livecoach.capture.opencv import cv2
from livecoach.core.config.paths import assets_dir
from livecoach.core.errors import OutputError

CLIP = "demo.mp4"
BEGIN_S, LOOP_S, END_S = 2.6, 5.23, 9.98
"""The clip runs from the first time to the third, and then repeats from the second. The lifter rests at the last two;
between them are two good reps."""
FIRST_END_S, LOOPED_ENDS_S = 5.0, (7.27, 9.8)  # true ends of the reps, in the clip's own time
JPEG_QUALITY = 85
BLUR_PX, NOISE, NOISY = 60.0, 2.0, 30
"""Standard deviation of the blur, pixels; of the noise, grey levels, as of a webcam indoors; pictures of the loop."""
LATE_S = 1.0  # a camera that is held up for longer does not catch up
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
START_S, GRACE_S = 60.0, 3.0  # longest waits: for a server, and for the end of a terminated child
WIDTH_PX, HEIGHT_PX = 1280, 800
GRID_PX = 16  # distance of the sampled pixels in both directions
NUMBER = np.s_[88:320:4, 212:496:4]  # where a window with pictures of 4:3 shows the number of reps
COLOURS = 100  # fewest colours in the sampled pixels of a camera picture; an empty screen or window has only a few


@dataclass(frozen=True, eq=False)
class PictureLoop:
    """Pictures in a loop, after some that are shown once."""

    pictures: Sequence[np.ndarray]
    first: int  # number of pictures that are shown once
    fps: float

    def parts(self, width_px: int, height_px: int) -> Iterator[bytes]:
        """Yield what a camera sends: its pictures in this size, without an end.

        Each picture is encoded when it is due, so that the first picture is sent at once.
        """
        sent = (part(jpeg(cv2.resize(picture, (width_px, height_px)))) for picture in self.pictures)
        return chain(islice(sent, self.first), cycle(sent))

    def rep_ends(self, shown: int) -> list[int]:
        """Return the pictures of the demo clip with which a rep ends, among the first `shown` pictures."""
        ends = [math.ceil((FIRST_END_S - BEGIN_S) * self.fps)]
        for begin in range(self.first, shown, len(self.pictures) - self.first):
            ends += [begin + math.ceil((end_s - LOOP_S) * self.fps) for end_s in LOOPED_ENDS_S]
        return [end for end in ends if end < shown]


def demo_loop(fps: float) -> PictureLoop:
    """Decode two reps of the demo clip, at most at the clip's own rate. Raises SourceError."""
    pictures: list[np.ndarray] = []
    first = 0
    with closing(VideoFile(assets_dir() / CLIP)) as video:
        while (frame := video.read()) is not None and frame.t_s < END_S:
            if frame.picture is not None and frame.t_s >= BEGIN_S + len(pictures) / fps:
                first += frame.t_s < LOOP_S
                pictures.append(frame.picture)
    return PictureLoop(pictures, first, fps)


def still_loop(loop: PictureLoop, *, empty: bool) -> PictureLoop:
    """Return a loop of the lifter who stands still between two reps, with a camera's noise.

    Args:
        empty: the pictures are too blurred for anybody to be seen.
    """
    still, random = loop.pictures[loop.first], np.random.default_rng(0)
    shown = cv2.GaussianBlur(still, (0, 0), BLUR_PX) if empty else still
    exact = [shown + random.normal(0, NOISE, shown.shape) for _ in range(NOISY)]
    return PictureLoop([picture.round().clip(0, 255).astype(np.uint8) for picture in exact], 0, loop.fps)


def jpeg(picture: np.ndarray) -> bytes:
    """Encode a picture, (height, width, 3) uint8."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes())


def part(picture: bytes) -> bytes:
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"


class MjpegCamera:
    """A camera that serves pictures to each client, from `start` to `kill`, always on the same port."""

    def __init__(self, parts: Callable[[], Iterator[bytes]], fps: float) -> None:
        """Make a camera.

        Args:
            parts: returns the parts of a multipart body that a client is sent, from the first picture on.
            fps: the number of parts a second.
        """
        self._parts, self._fps = parts, fps
        self._listener: socket.socket | None = None
        self._clients: list[socket.socket] = []
        self._port = 0
        self.sent_s: list[float] = []  # when each picture was sent to the newest client: time.monotonic()

    def __enter__(self) -> "MjpegCamera":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/video"

    def start(self) -> None:
        """Listen, on the same port as before, if any."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def kill(self) -> None:
        """Cut every connection and stop listening."""
        sockets = [*([self._listener] if self._listener else []), *self._clients]
        self._listener, self._clients = None, []
        for connection in sockets:
            with contextlib.suppress(OSError):  # closed by the other side already
                connection.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
            connection.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # so ends a listener that is closed
            while True:
                client, _ = listener.accept()
                self._clients.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.recv(65536)  # the request
            client.sendall(_HEAD)
            self.sent_s = sent_s = list[float]()
            due_s = time.monotonic()
            for sent in self._parts():
                due_s = max(due_s + 1 / self._fps, time.monotonic() - LATE_S)
                time.sleep(max(due_s - time.monotonic(), 0.0))
                sent_s.append(time.monotonic())
                client.sendall(sent)


class VirtualScreen:
    """A private X server, made by `virtual_screen`."""

    def __init__(self, display: str, frame_buffer: Path, server: "subprocess.Popen[bytes]") -> None:
        """Look into a server's picture.

        Args:
            display: the server, as in DISPLAY.
            frame_buffer: the file into which the server maps its picture, an X window dump.
        """
        self.display = display
        self.server = server
        header = struct.unpack(">25I", frame_buffer.read_bytes()[:100])
        header_bytes, height_px, bytes_per_line, colours = header[0], header[5], header[12], header[19]
        begin = header_bytes + 12 * colours
        self._pixels = np.memmap(frame_buffer, np.uint32, "r", offset=begin, shape=(height_px, bytes_per_line // 4))

    def shows_picture(self) -> bool:
        return len(np.unique(self._pixels[::GRID_PX, ::GRID_PX])) >= COLOURS

    def digits(self) -> bytes:
        """Return where the number of reps has its digits, which are white: equal for equal numbers."""
        return np.packbits((self._pixels[NUMBER] & 0xFFFFFF) == 0xFFFFFF).tobytes()


@contextmanager
def virtual_screen() -> Iterator[VirtualScreen]:
    """Run a server. Raises OutputError if it can't be started."""
    if shutil.which("Xvfb") is None:
        raise OutputError("Xvfb is missing. Install it: sudo apt install xvfb")
    with tempfile.TemporaryDirectory(prefix="livecoach-screen-") as folder:
        read_fd, write_fd = os.pipe()
        words = ["Xvfb", "-displayfd", str(write_fd), "-screen", "0", f"{WIDTH_PX}x{HEIGHT_PX}x24"]
        words += ["-fbdir", folder, "-nolisten", "tcp"]
        with os.fdopen(read_fd) as pipe:
            quiet = subprocess.DEVNULL
            server = subprocess.Popen(words, pass_fds=[write_fd], stdout=quiet, stderr=quiet)
            os.close(write_fd)
            try:
                ready, _, _ = select.select([pipe], [], [], START_S)
                number = pipe.readline().strip() if ready else ""
                if not number:
                    raise OutputError("Xvfb did not start; try `Xvfb -displayfd 1` to see why")
                yield VirtualScreen(f":{number}", Path(folder) / "Xvfb_screen0", server)
            finally:
                end(server)


SOUND_HZ, SOUND_BLOCK_MS = 48_000, 10  # of the monitor; a time that it gives is as precise as a block
SOUND_PROGRAMS = ("pulseaudio", "parec")
SILENCE, QUIET_S = 0.002, 0.15
"""Largest sample of silence, of 1; and how long it is silent before a sound begins."""
# With rewinds, an idle sink has 2 s of silence queued, which delays the first sound.
_SINK = f"module-null-sink sink_name=test rate={SOUND_HZ} channels=1 norewinds=1"
PULSE = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
PULSE += ["-L", _SINK, "-L", "module-native-protocol-unix"]  # it listens last, when the device is there
RECORD = ["parec", "--raw", "--format=float32le", f"--rate={SOUND_HZ}", "--channels=1", "--device=test.monitor"]


def sound_missing() -> str:
    """Return why no sound server can run; empty if it can."""
    missing = [program for program in SOUND_PROGRAMS if shutil.which(program) is None]
    return f"{', '.join(missing)} is not installed (Debian: pulseaudio, pulseaudio-utils)" if missing else ""


class SoundServer:
    """A PulseAudio of its own whose only device is silent. `env` connects a child process to it."""

    def __init__(self, folder: Path) -> None:
        """Write the server's configuration into an empty folder."""
        self._folder = folder
        self.server: subprocess.Popen[bytes] | None = None
        home, client, alsa = folder / "run", folder / "client.conf", folder / "asound.conf"
        home.mkdir(mode=0o700)
        alsa.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        # Without this, a client that finds no server starts one of its own in this folder.
        client.write_text("autospawn = no\n")
        self._socket = home / "pulse" / "native"
        own = os.environ | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(home)}
        self._env = {name: own[name] for name in own.keys() - {"PULSE_SERVER", "PULSE_SINK", "XDG_CONFIG_HOME"}}
        self.address = {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_CLIENTCONFIG": str(client),
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{alsa}",
            "XDG_RUNTIME_DIR": str(home),
        }
        """The variables that lead to the server, without HOME: in an empty home, libraries would rebuild caches."""
        self.env = self._env | self.address

    def start(self) -> None:
        """Start the server and wait until it listens. Raises OutputError."""
        self._socket.unlink(missing_ok=True)  # a killed server leaves its own
        quiet = subprocess.DEVNULL  # it warns when run as root
        self.server = subprocess.Popen(PULSE, env=self._env, stdout=quiet, stderr=quiet)
        give_up_s = time.monotonic() + START_S
        while not self._socket.exists():
            if time.monotonic() > give_up_s or self.server.poll() is not None:
                self.kill()
                raise OutputError("pulseaudio did not start; try `pulseaudio -n -vvv` to see why")
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill the server at once, like unplugging a device."""
        if self.server is not None:
            self.server.kill()
            self.server.wait()
            self.server = None

    @contextmanager
    def recording(self) -> "Iterator[SoundRecording]":
        """Record what is heard until the block ends."""
        path, words = self._folder / "monitor.raw", [*RECORD, f"--latency-msec={SOUND_BLOCK_MS}"]
        with (
            path.open("wb") as file,
            subprocess.Popen(words, stdout=file, stderr=subprocess.DEVNULL, env=self.env) as recorder,
        ):
            try:
                yield SoundRecording(path)
            finally:
                recorder.terminate()


class SoundRecording:
    """What was heard, while it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.begin_s = math.inf  # time.monotonic() of the first sample, as far as known

    def align(self) -> None:
        """Look at the size of the recording, which ties its samples to the clock. Call it often."""
        recorded_s = self._path.stat().st_size / np.dtype(np.float32).itemsize / SOUND_HZ
        if recorded_s:
            # The file can only lag behind the monitor, so the earliest estimate is the most accurate.
            self.begin_s = min(self.begin_s, time.monotonic() - recorded_s)

    def samples(self) -> np.ndarray:
        """Return (n,) float32 at SOUND_HZ."""
        return np.fromfile(self._path, np.float32)

    def onsets_s(self) -> list[float]:
        """Return when each sound began after silence: time.monotonic()."""
        loud = np.flatnonzero(np.abs(self.samples()) > SILENCE)
        begins = loud[np.diff(loud, prepend=-SOUND_HZ) > QUIET_S * SOUND_HZ]
        return [self.begin_s + begin / SOUND_HZ for begin in begins.tolist()]


@contextmanager
def sound_server() -> Iterator[SoundServer]:
    """Run a server. Raises OutputError if it can't be started."""
    if missing := sound_missing():
        raise OutputError(f"no sound can be recorded: {missing}")
    with tempfile.TemporaryDirectory(prefix="livecoach-sound-") as folder:
        server = SoundServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()


def end(child: "subprocess.Popen[Any]") -> None:
    """Terminate a child that is still running, kill it if it does not end, and close its pipes."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    for pipe in filter(None, (child.stdin, child.stdout, child.stderr)):
        pipe.close()
