"""A camera, a screen and a sound device that a benchmark or a test controls: MJPEG over HTTP on loopback, from threads
of this process, a private X server whose picture can be looked at, and a private PulseAudio that can be heard."""

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
from livecoach.lab.tools.machine import end

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
START_S = 60.0  # longest wait for the X server
WIDTH_PX, HEIGHT_PX = 1280, 800
GRID_PX, FINE_PX = 16, 4  # distance of the sampled pixels in both directions
COLOURS = 100  # fewest colours in the sampled pixels of a camera picture; an empty screen or window has only a few


@dataclass(frozen=True, eq=False)
class PictureLoop:
    """Pictures in a loop, after some that are shown once."""

    pictures: Sequence[np.ndarray]
    first: int  # number of pictures that are shown once
    fps: float
    stands: int = 0  # of those: pictures of the lifter who stands, before the clip

    def parts(self, width_px: int = 320, height_px: int = 240) -> Iterator[bytes]:
        """What a camera sends: its pictures in this size, without an end. Each is encoded when it is due, so that the
        first one is sent at once."""
        sent = (part(jpeg(cv2.resize(picture, (width_px, height_px)))) for picture in self.pictures)
        return chain(islice(sent, self.first), cycle(sent))

    def rep_ends(self, shown: int) -> list[int]:
        """The pictures with which a rep ends, of those of the demo clip, among the first `shown` pictures."""
        ends = [self.stands + math.ceil((FIRST_END_S - BEGIN_S) * self.fps)]
        for begin in range(self.first, shown, len(self.pictures) - self.first):
            ends += [begin + math.ceil((end_s - LOOP_S) * self.fps) for end_s in LOOPED_ENDS_S]
        return [end for end in ends if end < shown]


def demo_loop(fps: float, stands_s: float = 0.0) -> PictureLoop:
    """Decode two reps of the demo clip. fps: pictures a second, at most those of the clip. stands_s: for how long the
    lifter stands before them. Raises SourceError."""
    pictures: list[np.ndarray] = []
    first = 0
    with closing(VideoFile(assets_dir() / CLIP)) as video:
        while (frame := video.read()) is not None and frame.t_s < END_S:
            if frame.picture is not None and frame.t_s >= BEGIN_S + len(pictures) / fps:
                first += frame.t_s < LOOP_S
                pictures.append(frame.picture)
    stands = round(stands_s * fps)
    return PictureLoop([*pictures[:1] * stands, *pictures], stands + first, fps, stands)


def still_loop(loop: PictureLoop, *, empty: bool) -> PictureLoop:
    """A loop of the lifter who stands still between two reps, with a camera's noise. empty: too blurred for anybody to
    be seen."""
    still, random = loop.pictures[loop.first], np.random.default_rng(0)
    shown = cv2.GaussianBlur(still, (0, 0), BLUR_PX) if empty else still
    exact = [shown + random.normal(0, NOISE, shown.shape) for _ in range(NOISY)]
    return PictureLoop([one.round().clip(0, 255).astype(np.uint8) for one in exact], 0, loop.fps)


def jpeg(picture: np.ndarray) -> bytes:
    """Encode a picture, (height, width, 3) uint8."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes())


def part(picture: bytes) -> bytes:
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"


class MjpegCamera:
    """Serves pictures to whoever connects, from `start` to `kill`, always on the same port."""

    def __init__(self, parts: Callable[[], Iterator[bytes]], fps: float) -> None:
        """parts: returns what a client is sent, from the first picture on: parts of a multipart body."""
        self._parts, self._fps = parts, fps
        self._listener: socket.socket | None = None
        self._clients: list[socket.socket] = []
        self._port = 0
        self.sent_s: list[float] = []  # when each picture was sent to the newest client: time.monotonic()
        self.connections = threading.Semaphore(0)  # released once for each client that comes

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
        self._thread(self._accept, self._listener)

    def kill(self) -> None:
        """Cut every connection and stop listening."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        for one in (listener, *self._clients):
            with contextlib.suppress(OSError):  # closed by the other side already
                one.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
            one.close()
        self._clients.clear()

    def _thread(self, work: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # so ends a listener that is closed
            while True:
                client, _ = listener.accept()
                self._clients.append(client)
                self.connections.release()
                self._thread(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            if not client.recv(65536).startswith(b"GET /video "):
                client.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")
                return
            client.sendall(_HEAD)
            self.sent_s = sent_s = list[float]()
            due_s = time.monotonic()
            for sent in self._parts():
                due_s = max(due_s + 1 / self._fps, time.monotonic() - LATE_S)
                time.sleep(max(due_s - time.monotonic(), 0.0))
                sent_s.append(time.monotonic())
                client.sendall(sent)


def xvfb_missing() -> bool:
    """Whether the program is not installed (Debian: xvfb)."""
    return shutil.which("Xvfb") is None


class VirtualScreen:
    """The server, made by `virtual_screen`."""

    def __init__(self, display: str, frame_buffer: Path, server: "subprocess.Popen[bytes]") -> None:
        """display: as in DISPLAY. frame_buffer: the file into which the server maps its picture, an X window dump."""
        self.display = display
        self.server = server
        header = struct.unpack(">25I", frame_buffer.read_bytes()[:100])
        header_bytes, height_px, bytes_per_line, colours = header[0], header[5], header[12], header[19]
        begin = header_bytes + 12 * colours
        self._pixels = np.memmap(frame_buffer, np.uint32, "r", offset=begin, shape=(height_px, bytes_per_line // 4))

    def shows_picture(self) -> bool:
        return len(np.unique(self._pixels[::GRID_PX, ::GRID_PX])) >= COLOURS

    def places_of(self, *colours: tuple[int, int, int]) -> bytes:
        """Return where the screen has one of these colours, BGR: equal for equal places."""
        seen = self._pixels[::FINE_PX, ::FINE_PX] & 0xFFFFFF
        return np.packbits(np.isin(seen, [r << 16 | g << 8 | b for b, g, r in colours])).tobytes()


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


SOUND_HZ, SOUND_BLOCK_MS = 48_000, 10  # of the monitor; a time that it gives is as precise as a block
SOUND_PROGRAMS = ("pulseaudio", "pactl", "parec")
SILENCE, QUIET_S = 0.002, 0.15
"""Largest sample of silence, of 1; and how long it is silent before a sound begins."""


def sound_missing() -> str:
    """Why no sound server can run; empty if it can."""
    missing = [program for program in SOUND_PROGRAMS if shutil.which(program) is None]
    return f"{', '.join(missing)} is not installed (Debian: pulseaudio, pulseaudio-utils)" if missing else ""


class SoundServer:
    """A PulseAudio of its own whose only device is silent. `env` connects a child process to it."""

    def __init__(self, folder: Path) -> None:
        """folder: empty, and the server's alone."""
        self._folder = folder
        self.server: subprocess.Popen[bytes] | None = None
        (folder / "run").mkdir(mode=0o700)
        socket = folder / "run" / "pulse" / "native"
        self._env = os.environ | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run")}
        for name in ("PULSE_SERVER", "PULSE_SINK", "XDG_CONFIG_HOME"):
            self._env.pop(name, None)
        alsa = folder / "asound.conf"
        alsa.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        # Without this, a client that finds no server starts one of its own in this folder.
        (folder / "client.conf").write_text("autospawn = no\n")
        self.address = {
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_CLIENTCONFIG": str(folder / "client.conf"),
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{alsa}",
            "XDG_RUNTIME_DIR": str(folder / "run"),
        }
        """The variables that lead to the server. HOME is none of them: in an empty one, libraries would rebuild their
        caches."""
        self.env = self._env | self.address

    def start(self) -> None:
        """Start the server and wait until it answers. Raises OutputError."""
        modules = [
            "module-native-protocol-unix",
            # With rewinds, an idle sink has 2 s of silence queued, which delays the first sound.
            f"module-null-sink sink_name=test rate={SOUND_HZ} channels=1 norewinds=1",
        ]
        loads = [part for module in modules for part in ("-L", module)]
        self.server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", *loads],
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # it warns when run as root
        )
        give_up_s = time.monotonic() + START_S
        while not self._answers():
            if time.monotonic() > give_up_s or self.server.poll() is not None:
                self.kill()
                raise OutputError("pulseaudio did not start; try `pulseaudio -n -vvv` to see why")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            asked = subprocess.run(["pactl", "info"], env=self.env, check=False, capture_output=True, timeout=START_S)
        except subprocess.TimeoutExpired:
            return False
        return asked.returncode == 0

    def kill(self) -> None:
        """Kill the server at once, like unplugging a device."""
        if self.server is not None:
            self.server.kill()
            self.server.wait()
            self.server = None

    @contextmanager
    def recording(self) -> "Iterator[SoundRecording]":
        """Record what is heard until the block ends."""
        path = self._folder / "monitor.raw"
        command = [
            "parec",
            "--raw",
            "--format=float32le",
            f"--rate={SOUND_HZ}",
            "--channels=1",
            "--device=test.monitor",
            f"--latency-msec={SOUND_BLOCK_MS}",
        ]
        with (
            path.open("wb") as file,
            subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL, env=self.env) as recorder,
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
