"""What is seen of somebody, for tests of what is told of recordings."""

import numpy as np
from builders import a_pose, an_observation

from livecoach.documents import codec
from livecoach.types import Observation


def a_recording(frames: int = 5, *, seed: int = 0, nobody: tuple[int, ...] = ()) -> list[Observation]:
    """Somebody who trembles, so that no two frames are alike; with the precision of a file."""
    rng = np.random.default_rng(seed)
    return [
        codec.rounded(
            an_observation(
                index=n,
                t_s=n / 20,
                landmarks=(a_pose() + rng.normal(0, 0.05, (33, 5))).astype(np.float32),
                nobody=n in nobody,
            )
        )
        for n in range(frames)
    ]
