"""Draws everything that varies between clips from a seed: the single source of variety for rendered sets."""

from collections.abc import Sequence

import numpy as np

from livecoach.errors import ConfigError
from livecoach.synth.camera import random_camera
from livecoach.synth.clip import ClipSettings
from livecoach.synth.figure.body import TRAINING
from livecoach.synth.motion.lifts import find
from livecoach.synth.motion.tokens import Token

SIZES_PX = ((640, 480), (640, 360), (480, 640), (360, 640))
SIZE_SHARES = (0.4, 0.25, 0.15, 0.2)
RATES_FPS = (12.0, 15.0, 20.0, 24.0, 25.0, 30.0, 50.0, 60.0)
RATE_SHARES = (0.04, 0.08, 0.06, 0.1, 0.1, 0.52, 0.04, 0.06)
Seed = int | Sequence[int]


def random_clip_settings(
    seed: Seed,
    exercise: str,
    tokens: tuple[Token, ...],
    *,
    view_deg: float | tuple[float, float] = (-90.0, 90.0),
    bodies: Sequence[str] = TRAINING,
    size_px: tuple[int, int] | None = None,
    fps: float | None = None,
) -> ClipSettings:
    """Draw settings of a clip of these tokens as somebody might have filmed it.

    view_deg: the camera's azimuth, or a range to draw it from. bodies: bodies to choose from, by default those for
    training. Given values replace drawn ones and change nothing else; change other settings with
    `dataclasses.replace`. Raises ConfigError for impossible values.
    """
    rng = np.random.default_rng(seed)
    low, high = view_deg if isinstance(view_deg, tuple) else (view_deg, view_deg)
    if not -180 <= low <= high <= 180:
        given = f"{low:g}" if low == high else f"{low:g}..{high:g}"
        raise ConfigError(f"view {given}: expected degrees of -180..180, the lower one first")
    view = round(float(rng.uniform(low, high)), 1)
    drawn_size = SIZES_PX[rng.choice(len(SIZES_PX), p=SIZE_SHARES)]
    rate = float(rng.choice(RATES_FPS, p=RATE_SHARES))
    faulty = rng.random() < 0.15
    return ClipSettings(
        exercise=exercise,
        tokens=tokens,
        seed=int(rng.integers(1 << 31)),
        body=bodies[int(rng.integers(len(bodies)))],
        scale=round(float(rng.uniform(0.95, 1.05)), 3),
        bar=bool(rng.random() < find(exercise).loaded),
        plates=int(rng.integers(1, 4)),
        lost=float(rng.uniform(0.01, 0.25)) if faulty else 0.0,
        late_s=float(rng.uniform(0.002, 0.03)) if rng.random() < 0.25 else 0.0,
        crf=int(rng.integers(20, 36)),
        camera=random_camera(rng, size_px or drawn_size, view, rate if fps is None else fps),
    )
