"""How MediaPipe's landmarks differ from the true ones: applying the model that scripts/synth/fit_noise.py fits.

Unit of every image error: the torso length (shoulders to hips, m) as it would appear upright at the hips' distance; of
every world error: the torso length. The model is fitted for a camera on the lifter's left (azimuth 0..90); the other
side is its mirror image. Parts: (1) bias, linear in `features`; (2) an offset a clip; (3) slow errors shared between
landmarks (principal components of low-passed noise); (4) jitter a frame, in bursts; (5) gain of z; (6) visibility,
linear in `features`. (2) and (3) grow with the azimuth (`spread`).
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach import landmark
from livecoach.synth.curves import low_passed

MODEL = Path(__file__).resolve().parent / "noise_model.npz"
PAIRS = ((1, 4), (2, 5), (3, 6), (7, 8), (9, 10), *((i, i + 1) for i in range(11, landmark.COUNT, 2)))
"""Landmarks that change places in a mirror."""
CHANNELS = landmark.COUNT * 6
"""Errors a frame: image x, y, z and world x, y, z of each landmark."""
REST_RATE = 0.1
"""How fast the errors still change while nothing moves, as a share of how fast they do on average."""
BURST = 0.9
"""How uneven the jitter is in time (standard deviation of its logarithm)."""


def _swapped() -> np.ndarray:
    order = np.arange(landmark.COUNT)
    for a, b in PAIRS:
        order[a], order[b] = b, a
    return order


SWAP = _swapped()
"""(33,) each landmark's mirror image."""


def mirror(errors: np.ndarray) -> np.ndarray:
    """(T, 33, 3) with left and right swapped and the first coordinate negated."""
    errors = errors[:, SWAP].copy()
    errors[..., 0] *= -1
    return errors


def mirror_both(errors: np.ndarray) -> np.ndarray:
    """(T, 33, 6): image and world errors, both mirrored."""
    return np.concatenate([mirror(errors[..., :3]), mirror(errors[..., 3:])], -1)


def middle(points: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """(T, ...) point between two landmarks."""
    return (points[:, pair[0]] + points[:, pair[1]]) / 2


def torso_scale(world: np.ndarray, xy_px: np.ndarray) -> tuple[float, np.ndarray]:
    """(torso length in m, (T,) pixels of a torso length at the hips' distance), from true landmarks."""
    torso = middle(world, landmark.SHOULDERS) - middle(world, landmark.HIPS)
    torso_m = float(np.median(np.linalg.norm(torso, axis=1)))
    height_m = np.ptp(world[:, :, 1], axis=1)  # y is nearly parallel to the picture
    return torso_m, torso_m * np.ptp(xy_px[..., 1], axis=1) / height_m


def features(world: np.ndarray, view_deg: float, torso_m: float) -> np.ndarray:
    """(T, 6): 1, trunk lean (radians), crouch (0..1), and each times the sine of the azimuth."""
    hips = middle(world, landmark.HIPS)
    up = middle(world, landmark.SHOULDERS) - hips
    lean = np.arctan2(np.hypot(up[:, 0], up[:, 2]), -up[:, 1])
    hip_height = (middle(world, landmark.ANKLES) - hips)[:, 1] / torso_m
    crouch = np.clip(1 - hip_height / 1.66, 0, 1)
    plain = np.stack([np.ones(len(world)), lean, crouch], 1)
    return np.concatenate([plain, plain * abs(np.sin(np.radians(view_deg)))], 1)


def spread(view_deg: float) -> float:
    """How large offsets and slow errors are against their mean: small from the front."""
    return 0.55 + 0.75 * abs(np.sin(np.radians(view_deg)))


class Noise:
    """Puts the model's errors on true landmarks."""

    def __init__(self, model: dict[str, np.ndarray]) -> None:
        """model: the arrays of a noise_model.npz."""
        self.model = {name: np.asarray(value, float) for name, value in model.items()}

    def __call__(
        self,
        rng: np.random.Generator,
        image: np.ndarray,
        world: np.ndarray,
        view_deg: float,
        fps: float,
        size_px: tuple[int, int],
        amount: float = 1.0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """True (T, 33, 3) image and world landmarks -> (T, 33, 4) with visibility, and (T, 33, 3).

        size_px: width and height; amount: 0 gives the truth (with z scaled as MediaPipe's).
        """
        size = np.array(size_px, float)
        torso_m, torso_px = torso_scale(world, image[..., :2] * size)
        explained = features(world, view_deg, torso_m)
        errors, visible = self._draw(rng, world, explained, view_deg, fps)
        errors = amount * errors
        if view_deg < 0:
            errors, visible = mirror_both(errors), visible[:, SWAP]
        out = np.empty((*image.shape[:2], 4))
        out[..., :2] = image[..., :2] + errors[..., :2] * (torso_px[:, None, None] / size)
        out[..., 2] = self.model["gain"] * image[..., 2] + errors[..., 2] * (torso_px[:, None] / size[0])
        inside = ((image[..., :2] > 0) & (image[..., :2] < 1)).all(-1)
        out[..., 3] = np.where(inside, visible, 0.3 * visible)
        return out, world + errors[..., 3:] * torso_m

    def _draw(
        self, rng: np.random.Generator, world: np.ndarray, explained: np.ndarray, view_deg: float, fps: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Errors (T, 33, 6) and visibility (T, 33) as if the camera stood on the left."""
        m, frames, shared = self.model, len(world), len(self.model["comp"])
        slow = _along(_clock(world, fps), rng, shared + CHANNELS, float(m["tau"]))
        offset = rng.normal(size=CHANNELS) * m["offset"]
        wandering = offset + slow[:, :shared] @ m["comp"] + slow[:, shared:] * m["rest"]
        sigma = max(0.15 * fps, 0.4)
        burst = np.exp(BURST * low_passed(rng, frames, 1, sigma, int(4 * sigma) + 1))
        jitter = burst * rng.normal(size=(frames, CHANNELS)) * m["jitter"]
        errors = explained @ m["bias"] + spread(view_deg) * m["shrink"] * wandering + jitter
        visible = explained @ m["visible"] + slow[:, : landmark.COUNT] * m["visible_sd"]
        return errors.reshape(frames, landmark.COUNT, 6), np.clip(visible, 0.02, 0.9999)


def _clock(world: np.ndarray, fps: float) -> np.ndarray:
    """(T,) seconds of a clock that runs fast while the body moves: errors change with the pose."""
    below_head = np.gradient(world[:, landmark.SHOULDERS[0] :], axis=0)
    speed = gaussian_filter1d(np.linalg.norm(below_head, axis=-1).mean(1), 0.1 * fps)
    rate = REST_RATE + (1 - REST_RATE) * speed / max(speed.mean(), 1e-6)
    return np.cumsum(rate) / fps


def _along(clock_s: np.ndarray, rng: np.random.Generator, width: int, sigma_s: float) -> np.ndarray:
    """(T, width) unit-variance noise, low-passed over `sigma_s` of the clock."""
    ticks = (clock_s - clock_s[0]) * 30.0
    sigma = 30.0 * sigma_s
    x = low_passed(rng, int(ticks[-1]) + 2, width, sigma, int(4 * sigma) + 1)
    i = ticks.astype(int)
    weight = (ticks - i)[:, None]
    return (1 - weight) * x[i] + weight * x[i + 1]


@lru_cache(maxsize=1)
def shipped() -> Noise:
    """The model beside this module."""
    with np.load(MODEL) as arrays:
        return Noise({name: arrays[name] for name in arrays.files})
