"""The image sensor: exposure, colours, blur, noise, and its true resolution."""

from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.synth.picture.room import Room

MARGIN_PX = 64
FIELDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    seed: int  # of its noise
    gain: tuple[float, float, float]  # exposure times white balance for red, green and blue
    gamma: float  # below 1 brightens dark areas
    veil: float  # share of stray light over the whole picture, 0..1
    noise: float  # standard deviation before exposure, of 255
    noise_grain_px: float
    """0: independent pixels; otherwise the size of blotches, as a phone's noise filter leaves them."""
    blur_px: float  # softness of the lens; 0: none
    scale: float  # sensor pixels per written pixel in each direction, at most 1
    exposure_s: float  # causes motion blur; 0 for none

    def real_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return max(32, round(width_px * self.scale)), max(32, round(height_px * self.scale))


def random_sensor(rng: np.random.Generator, room: Room) -> Sensor:
    """Of a phone, webcam or laptop in this room's light; darkness causes noise and motion blur."""
    brightness = room.ambient + 0.5 * room.sunlight
    dim = rng.random() < 0.15 or (room.window and rng.random() < 0.4)
    exposure = rng.uniform(0.55, 0.8) if dim else rng.uniform(0.85, 1.25)
    warm = rng.normal(0, 0.1)
    gain = exposure / brightness * np.array([1 + warm, 1 + rng.normal(0, 0.03), 1 - warm])
    slow = dim or rng.random() < 0.1
    red, green, blue = gain.tolist()
    scale = float(rng.choice((1.0, 0.75, 0.5), p=(0.75, 0.15, 0.1)))
    return Sensor(
        seed=int(rng.integers(1 << 30)),
        gain=(red, green, blue),
        gamma=float(rng.uniform(0.75, 1.15)),
        veil=float(rng.uniform(0, 0.12) + (rng.uniform(0.02, 0.1) if room.window else 0)),
        noise=float(rng.uniform(2.5, 6.5) if dim else rng.uniform(0.5, 3)),
        noise_grain_px=float(rng.uniform(0.5, 1.2) if rng.random() < 0.5 else 0),
        blur_px=float(scale * max(0, rng.uniform(-0.8, 1.1))),
        scale=scale,
        exposure_s=float(rng.uniform(1 / 60, 1 / 20)) if slow and rng.random() < 0.6 else 0.0,
    )


class Developer:
    def __init__(self, sensor: Sensor, size_px: tuple[int, int]) -> None:
        """Width and height of the final pictures."""
        self._sensor, self._size = sensor, size_px
        width, height = sensor.real_size(*size_px)
        rng = np.random.default_rng(sensor.seed)
        noise = rng.normal(0, 1, (FIELDS, height + MARGIN_PX, width + MARGIN_PX, 3)).astype(np.float32)
        if sensor.noise_grain_px:
            noise = np.stack([cv2.GaussianBlur(field, (0, 0), sensor.noise_grain_px) for field in noise])
            noise /= noise.std()
        self._noise = np.rint(noise * sensor.noise).astype(np.int16)
        light = np.arange(256) / 255
        curves = [np.clip(light * gain, 0, 1) ** sensor.gamma for gain in sensor.gain[::-1]]
        # Lamps and windows saturate to white, even in a dark picture.
        blown = np.clip((light - 0.95) / 0.05, 0, 1)[:, None]
        curve = np.maximum(sensor.veil + (1 - sensor.veil) * np.stack(curves, -1), blown)
        self._curve = np.rint(255 * curve).astype(np.uint8)[None]

    def develop(self, light: np.ndarray, i: int) -> np.ndarray:
        height, width = light.shape[:2]
        k, dy, dx = np.random.default_rng([self._sensor.seed, i]).integers(0, (FIELDS, MARGIN_PX, MARGIN_PX))
        if self._sensor.blur_px:
            light = cv2.GaussianBlur(light, (0, 0), self._sensor.blur_px)
        noise = self._noise[k, dy : dy + height, dx : dx + width]
        picture = cv2.LUT(cv2.add(light, noise, dtype=cv2.CV_8U), self._curve)
        if (width, height) != self._size:
            picture = cv2.resize(picture, self._size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(picture)
