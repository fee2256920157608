"""Fit the weights of the view estimate for lifted world landmarks, which come without heels and toes."""

import numpy as np

from livecoach import landmark
from livecoach.frame.body import measure
from livecoach.frame.view import BENT, COSINE_WITHOUT_FEET, SINE_WITHOUT_FEET, azimuth_features, is_standing
from livecoach.lab.train.lifting_bodies import LiftedBodies
from livecoach.lab.train.lifting_errors import with_errors
from livecoach.lab.train.view_weights import ridge
from livecoach.pose.pose_lifter import Lifting
from livecoach.types import Observation

FRAMES = 4000
CLIPS = 20
"""Clips that these frames count as, beside the penalty: shoulders and hips turn together, and without it one of them
gets a weight of the wrong sign."""
SIZE_PX, TORSO_PX = 1000, 150.0
"""Side of the picture in which bodies are put, and the torso there."""


def view_weights(lifting: Lifting, bodies: LiftedBodies, seed: int) -> dict[str, dict[str, float]]:
    """Return the weights of the features for sine and cosine of the azimuth, by ridge regression on frames that are
    weighted as the estimate weighs them."""
    rng = np.random.default_rng(seed)
    some = rng.choice(len(bodies.picture), min(FRAMES, len(bodies.picture)), replace=False)
    points, known = with_errors(rng, bodies.picture[some])
    known[:, [*landmark.HEELS, *landmark.TOES]] = False
    odd, even, azimuths, weights = [], [], [], []
    for number, one in enumerate(some):
        seen = _observation(lifting, points[number], known[number])
        features = azimuth_features(seen)
        if features is None or seen.world is None:
            continue
        odd.append([features[0][name] for name in SINE_WITHOUT_FEET])
        even.append([features[1][name] for name in COSINE_WITHOUT_FEET])
        azimuths.append(np.radians(bodies.azimuth_deg[one]))
        weights.append(1.0 if is_standing(measure(seen.world)) else BENT)
    root = np.sqrt(np.array(weights) * CLIPS / len(weights))
    return {
        name: dict(zip(names, ridge(np.array(columns) * root[:, None], wanted * root).round(3).tolist(), strict=True))
        for name, names, columns, wanted in (
            ("sine", SINE_WITHOUT_FEET, odd, np.sin(azimuths)),
            ("cosine", COSINE_WITHOUT_FEET, even, np.cos(azimuths)),
        )
    }


def _observation(lifting: Lifting, points: np.ndarray, known: np.ndarray) -> Observation:
    """Return what a frame gives. points: (33, 2) torso lengths; known: (33,)."""
    landmarks = np.full((landmark.COUNT, 5), np.nan, np.float32)
    landmarks[known, :2] = points[known] * (TORSO_PX / SIZE_PX)
    landmarks[:, 3:] = 1.0
    return Observation(
        index=0,
        t_s=0.0,
        landmarks=landmarks,
        world=lifting.lift(points, known),
        people=1,
        brightness=0.5,
        width_px=SIZE_PX,
        height_px=SIZE_PX,
        dropped=0,
    )
