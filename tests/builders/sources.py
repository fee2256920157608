"""Clocks, sources and video files for tests of what brings frames in."""

import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from livecoach.core.config import Settings, read_yaml
from livecoach.core.config.paths import configs_dir
from livecoach.core.types import Frame, SourceInfo

TIMEOUT_S = 120.0
"""For waits that end at once where all is well."""


CAPTURE = read_yaml(configs_dir() / "settings.yaml", Settings).capture
"""The shipped settings."""


class FakeClock:
    """Stands still until told; `sleep` moves it on and remembers how long it was asked to sleep."""

    def __init__(self, now_s: float = 100.0) -> None:
        self.now_s = now_s
        self.slept_s: list[float] = []
        self.on_sleep: Callable[[], object] = lambda: None

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds
        self.on_sleep()


def a_frame(index: int = 0, t_s: float | None = None, picture: np.ndarray | None = None) -> Frame:
    """Number `index` of 10 frames a second, grey."""
    grey = np.full((12, 16, 3), 128, np.uint8) if picture is None else picture
    return Frame(index=index, t_s=index / 10 if t_s is None else t_s, picture=grey)


class FakeSource:
    """Gives what it was told: frames, and raises what is an exception; waits where it finds an event."""

    def __init__(self, script: Iterable[Frame | Exception | threading.Event | None], *, live: bool = True) -> None:
        self._script = iter(script)
        self.info = SourceInfo(name="fake", width_px=16, height_px=12, fps=10.0, live=live)
        self.closed = threading.Event()
        self.closed_by: threading.Thread | None = None

    def read(self) -> Frame | None:
        step = next(self._script, None)
        while isinstance(step, threading.Event):
            step.wait(TIMEOUT_S)
            step = next(self._script, None)
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        self.closed_by = threading.current_thread()
        self.closed.set()


QUARTERS = ((30, 90), (150, 220))
"""Grey values of the quarters of `quartered()`, upper row first: no turn or mirroring of it looks like another."""


def quartered(width_px: int = 64, height_px: int = 48) -> np.ndarray:
    """(height_px, width_px, 3) uint8: each quarter has a grey of its own."""
    quarters = np.repeat(np.repeat(np.array(QUARTERS, np.uint8), height_px // 2, 0), width_px // 2, 1)
    return np.repeat(quarters[:, :, None], 3, 2)


def quarters_of(picture: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """Which of the greys of `QUARTERS` is in the middle of each quarter."""
    height_px, width_px = picture.shape[:2]
    greys = np.array(QUARTERS).ravel()
    seen = [
        int(greys[np.abs(greys - int(picture[y, x, 1])).argmin()])
        for y in (height_px // 4, height_px * 3 // 4)
        for x in (width_px // 4, width_px * 3 // 4)
    ]
    return (seen[0], seen[1]), (seen[2], seen[3])


def write_video(
    path: Path,
    *,
    times_ms: Sequence[int] = tuple(range(0, 1000, 100)),
    picture: np.ndarray | None = None,
    container_options: dict[str, str] | None = None,
    codec: str = "libx264",
    pixel_aspect: Fraction | None = None,
) -> Path:
    """A video with one frame at each time; all show the same picture but for a small square that moves."""
    shown = quartered() if picture is None else picture
    height_px, width_px = shown.shape[:2]
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = 5
        if codec == "libx264":
            stream.codec_context.options = {"preset": "ultrafast", "tune": "zerolatency"}
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        for number, time_ms in enumerate(times_ms):
            drawn = shown.copy()
            drawn[:4, number % (width_px // 4) : number % (width_px // 4) + 4] = 255
            frame = av.VideoFrame.from_ndarray(drawn, format="bgr24")
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """A file with sound and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def set_display_matrix(path: Path, a: int, b: int, c: int, d: int) -> None:
    """Write into an MP4 how its pictures are to be shown: x' = a x + c y, y' = b x + d y (tkhd, QuickTime format)."""
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 44
    one = 1 << 16
    struct.pack_into(">9i", content, matrix, a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
