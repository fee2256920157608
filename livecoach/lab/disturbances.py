"""Disturbs the pictures of a film like gyms and phones do: a leaning or shaking camera, darkness, other people."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import count
from pathlib import Path

import av
import cv2
import numpy as np

from livecoach.capture.file import VideoFile
from livecoach.core.types import Frame

FPS, HEIGHT_PX = 30.0, 720  # Greatest frame rate and height of a film, as in a phone's stream
Change = Callable[[np.ndarray, float], np.ndarray | None]  # Picture and time in s → picture; None if it is dropped
Sway = tuple[tuple[float, float, float], ...]  # Waves that add up: share of the amplitude, hertz, phase in radians
SLOW: tuple[Sway, Sway] = (((0.7, 0.31, 0), (0.3, 0.83, 1)), ((0.7, 0.37, 2), (0.3, 0.91, 0)))  # A phone in a hand
FAST: tuple[Sway, Sway] = (((1, 2.3, 0),), ((1, 3.1, 1),))  # A floor on which weights fall


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmProperties:
    """The properties of a film that disturbances depend on."""

    size_px: tuple[int, int]
    seconds: float
    head: float  # y of the standing lifter's head, 0…1 of the picture's height
    feet: float  # y of the feet, 0…1 of the picture's height
    neighbour: Iterator[np.ndarray] = field(default_factory=lambda: iter(()))  # Endless pictures of another person

    @property
    def tall(self) -> float:
        """Height of the standing lifter, 0…1 of the picture's height."""
        return self.feet - self.head


def _warped(scene: FilmProperties, matrix_at: Callable[[float], np.ndarray]) -> Change:
    """Return a change by a homography that may depend on time. Outside the picture, its edge is repeated."""
    return lambda picture, t_s: cv2.warpPerspective(
        picture, matrix_at(t_s), scene.size_px, borderMode=cv2.BORDER_REPLICATE
    )


def _moved(
    scene: FilmProperties, *, dx: float = 0.0, dy: float = 0.0, deg: float = 0.0, scale: float = 1.0
) -> np.ndarray:
    """Return the matrix of a clockwise turn and a growth around the middle, and a shift in picture heights."""
    width, height = scene.size_px
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), -deg, scale)
    turned[:, 2] += np.array([dx, dy]) * height
    return np.vstack([turned, (0.0, 0.0, 1.0)])


def _roll(scene: FilmProperties, deg: float) -> Change:
    return _warped(scene, lambda _: _moved(scene, deg=deg))


def _shake(sways: tuple[Sway, Sway], scene: FilmProperties, percent: float) -> Change:
    def at(t_s: float) -> np.ndarray:
        dx, dy = (sum(share * np.sin(2 * np.pi * hz * t_s + phase) for share, hz, phase in sway) for sway in sways)
        return _moved(scene, dx=percent / 100 * dx, dy=percent / 100 * dy)

    return _warped(scene, at)


def _bump(scene: FilmProperties, percent: float) -> Change:
    """Return a change in which the camera jumps and swings halfway, and stays turned by half as many degrees."""

    def at(t_s: float) -> np.ndarray:
        since_s = t_s - scene.seconds / 2
        swing = percent / 100 * (1 + np.exp(-3 * since_s) * np.sin(5 * np.pi * since_s))
        return np.eye(3) if since_s < 0 else _moved(scene, dx=swing, dy=-0.6 * swing, deg=percent / 2)

    return _warped(scene, at)


def _zoom(scene: FilmProperties, percent: float) -> Change:
    return _warped(scene, lambda t_s: _moved(scene, scale=1 + percent / 200 * (1 - np.cos(2 * np.pi * t_s / 9))))


def _low(scene: FilmProperties, percent: float) -> Change:
    """Return the keystone of a camera that looks up from the floor: at the top, a share is added on each side."""
    width, height = scene.size_px
    x = width * percent / 100
    seen = np.array([(-x, 0), (width + x, 0), (0, height), (width, height)], np.float32)
    shown = np.array([(0, 0), (width, 0), (0, height), (width, height)], np.float32)
    return _warped(scene, lambda _: cv2.getPerspectiveTransform(seen, shown))


def _small(scene: FilmProperties, parts: float) -> Change:
    """Return a change in which the standing lifter has 1/parts of the picture's height. The picture keeps its size."""
    grown = max(parts * scene.tall, 1.0)
    x, y = (round(side * (grown - 1) / 2) for side in scene.size_px)

    def change(picture: np.ndarray, _: float) -> np.ndarray:
        wider = cv2.copyMakeBorder(picture, y, y, x, x, cv2.BORDER_REPLICATE)
        return cv2.resize(wider, scene.size_px, interpolation=cv2.INTER_AREA)

    return change


def _cut(top: float, bottom: float) -> Change:
    return lambda picture, _: np.ascontiguousarray(picture[round(top * len(picture)) : round(bottom * len(picture))])


def _with_neighbour(scene: FilmProperties, size: float, *, walks: bool = False) -> Change:
    """Return a change in which another person stands next to the lifter, or walks through in front halfway.

    Args:
        size: Height of the person, as a multiple of the lifter's.
        walks: Whether the person walks through.
    """
    width, height = scene.size_px
    tall, bottom = round(height * scene.tall * size), min(round(height * scene.feet), height)
    top = max(bottom - tall, 0)

    def change(picture: np.ndarray, t_s: float) -> np.ndarray:
        """Return a picture with the other person next to the lifter, or in front."""
        person = next(scene.neighbour, picture)
        wide = round(tall * person.shape[1] / len(person))
        person = cv2.resize(person, (wide, tall), interpolation=cv2.INTER_AREA)
        shown = cv2.copyMakeBorder(picture, 0, 0, 0, 0 if walks else wide, cv2.BORDER_REPLICATE)
        left = round((width + wide) * ((t_s - scene.seconds / 2) / 4 + 0.5)) - wide if walks else width
        low, high = max(left, 0), min(left + wide, shown.shape[1])
        if low < high:
            shown[top:bottom, low:high] = person[tall - (bottom - top) :, low - left : high - left]
        return shown

    return change


def _mirror(scene: FilmProperties, size: float) -> Change:
    pictures: list[np.ndarray] = []
    mirrored = (cv2.flip(pictures.pop(), 1) for _ in count())
    reflect = _with_neighbour(replace(scene, neighbour=mirrored), size / scene.tall)

    def change(picture: np.ndarray, t_s: float) -> np.ndarray | None:
        pictures.append(picture)
        return reflect(picture, t_s)

    return change


def _dark(_: FilmProperties, share: float) -> Change:
    """Return a change that leaves a share of the light, with the noise of a small sensor."""
    rng, noise = np.random.default_rng(0), 3.3 + 4.7 * (0.5 - share)
    return lambda picture, _: np.clip(picture * share + rng.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)


def _backlight(_: FilmProperties, step: float) -> Change:
    """Return a change with a bright background (step 1), in front of which the lifter is black (step 2)."""
    ends = [(0, 0.2, 0.9, 1, 1), (0, 0.02, 0.4, 1, 1)][round(step) - 1]
    curve = (255 * np.interp(np.arange(256) / 255, (0, 0.28, 0.5, 0.63, 1), ends)).astype(np.uint8)
    return lambda picture, _: cv2.LUT(picture, curve)


def _blurred(_: FilmProperties, pictures: float) -> Change:
    """Return a change to the mean of several successive pictures, as of a long exposure."""
    latest: list[np.ndarray] = []

    def change(picture: np.ndarray, _: float) -> np.ndarray:
        latest[:] = [*latest, picture][-round(pictures) :]
        return np.asarray(np.mean(latest, axis=0, dtype=np.float32), np.uint8)

    return change


def _thinned(fps: float) -> Change:
    due_s = [-np.inf]

    def change(picture: np.ndarray, t_s: float) -> np.ndarray | None:
        if t_s < due_s[0]:
            return None
        due_s[0] = max(due_s[0], t_s - 1 / fps) + 1 / fps - 1e-3
        return picture

    return change


def _dropped(_: FilmProperties, percent: float) -> Change:
    rng = np.random.default_rng(0)
    return lambda picture, _: None if rng.random() < percent / 100 else picture


def limit_height(picture: np.ndarray, height_px: float = HEIGHT_PX) -> np.ndarray:
    """Return a picture, shrunk to a height of `height_px` if it is higher."""
    height, width = picture.shape[:2]
    size = round(width * height_px / height), round(height_px)
    return picture if height <= height_px else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _compressed(scene: FilmProperties, crf: float) -> Change:
    """Return a change that compresses a picture by H.264 with a constant rate factor."""
    width, height = (side // 2 * 2 for side in scene.size_px)
    encoder, decoder = av.VideoCodecContext.create("libx264", "w"), av.VideoCodecContext.create("h264", "r")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = width, height, "yuv420p", Fraction(FPS)
    encoder.options = {"crf": str(crf), "preset": "veryfast", "tune": "zerolatency"}
    decoder.flags |= 1 << 19  # low delay: a picture in, a picture out

    def change(picture: np.ndarray, _: float) -> np.ndarray | None:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:height, :width]), format="bgr24")
        decoded = [shown for packet in encoder.encode(frame) for shown in decoder.decode(packet)]
        return decoded[-1].to_ndarray(format="bgr24") if decoded else None

    return change


DISTURBANCES: dict[str, tuple[tuple[float, ...], str, Callable[[FilmProperties, float], Change]]] = {
    "clean": ((0,), "", lambda *_: lambda picture, _: picture),
    "roll": ((3, 6, 10, 15, -6), "°", _roll),
    "dark": ((0.5, 0.25, 0.12, 0.06), " of the light", _dark),
    "backlight": ((1, 2), "", _backlight),
    "shake": ((1, 2, 4), " %", partial(_shake, SLOW)),
    "fast_shake": ((0.5, 1, 2), " %", partial(_shake, FAST)),
    "bump": ((3, 6, 12), " %", _bump),
    "zoom": ((10, 20), " %", _zoom),
    "small": ((3, 4, 6), "th of the height", _small),
    "feet_cut": ((3, 6, 10), " %", lambda scene, by: _cut(0, scene.feet - by / 100 * scene.tall)),
    "head_cut": ((8, 18), " %", lambda scene, by: _cut(scene.head + by / 100 * scene.tall, 1)),
    "low_camera": ((10, 25), " %", _low),
    "neighbour": ((0.8, 1.1), " times as tall", _with_neighbour),
    "walker": ((1.0, 1.3), " times as tall", partial(_with_neighbour, walks=True)),
    "mirror": ((0.5, 1.0), " times as large", _mirror),
    "flip": ((1,), "", lambda *_: lambda picture, _: cv2.flip(picture, 1)),
    "fps": ((20, 12), " a second", lambda _, fps: _thinned(fps)),
    "dropped": ((20, 40), " %", _dropped),
    "blur": ((3, 5, 9), " pictures", _blurred),
    "compression": ((38, 45), " crf", _compressed),
    "resolution": ((360, 240, 160), "p", lambda _, height_px: lambda picture, _: limit_height(picture, height_px)),
}
"""Name → strengths, their unit, and the function that makes the change from a scene and a strength."""


class DisturbedFilm(VideoFile):
    """A film that disturbs each picture when it is read."""

    def __init__(self, path: Path, change: Change) -> None:
        """Open the film. Raises SourceError if it can't be read."""
        self._thin, self._change = _thinned(FPS), change
        super().__init__(path)

    def read(self) -> Frame | None:
        """Return the next frame that is not dropped, with a disturbed picture; None at the end."""
        while (frame := super().read()) is not None:
            assert frame.picture is not None
            if self._thin(frame.picture, frame.t_s) is not None:
                picture = self._change(limit_height(frame.picture), frame.t_s)
                if picture is not None:
                    return replace(frame, picture=picture)
        return None
