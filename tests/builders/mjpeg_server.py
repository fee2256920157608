"""Network cameras that show a moving bar, or squats."""

import itertools
import threading
from collections.abc import Callable, Iterator

import numpy as np

from builders.command import CLIPS
from builders.videos import pictures_of
from livecoach.lab.tools.stand_ins import MjpegCamera, encode_jpeg, multipart_part


def a_picture(number: int) -> np.ndarray:
    """(120, 160, 3) uint8; a white bar whose place follows from the number."""
    picture = np.full((120, 160, 3), 40, np.uint8)
    left_px = number * 8 % 144
    picture[:, left_px : left_px + 16] = 255
    return picture


class MjpegServer(MjpegCamera):
    """Shows pictures to each client, from the first on; the bar of `a_picture` unless others are given."""

    def __init__(self, fps: float = 60.0, jpegs: Callable[[], Iterator[bytes]] | None = None) -> None:
        super().__init__(lambda: map(self._in_flow, (jpegs or _bars)()), fps)
        self._flowing = threading.Event()
        self._flowing.set()

    def stall(self) -> None:
        """Keep the connections and send nothing."""
        self._flowing.clear()

    def flow(self) -> None:
        """Send again."""
        self._flowing.set()

    def _in_flow(self, picture: bytes) -> bytes:
        self._flowing.wait()
        return multipart_part(picture)


def _bars() -> Iterator[bytes]:
    return (encode_jpeg(a_picture(number)) for number in itertools.count())


def two_squats(fps: float = 30.0) -> MjpegServer:
    """Shows two squats again and again, from the start to each client."""
    shown = [encode_jpeg(picture) for _, picture in pictures_of(CLIPS / "squat_2.mp4")]
    return MjpegServer(fps, jpegs=lambda: itertools.cycle(shown))
