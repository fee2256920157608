"""World landmarks from keypoints of one picture, by a small network trained on the synthetic bodies (`livecoach lab
train lifting`), as in Martinez et al., A simple yet effective baseline for 3d human pose estimation, ICCV 2017."""

from pathlib import Path

import numpy as np

from livecoach import landmark
from livecoach.config.paths import models_dir
from livecoach.model_files import model_folder
from livecoach.model_files.model_folder import NetworkCard, read_model
from livecoach.model_files.tflite import TfliteNetwork
from livecoach.pose.keypoints import BODY

CARD, NETWORK = "lifting.json", "lifting.tflite"
NEEDED = BODY
"""Landmarks that have to be known."""
OPTIONAL = (0, 2, 5, 7, 8, *range(29, 33))
"""Landmarks that help where they are known: nose, eyes, ears, heels and toes."""
INPUT_LANDMARKS = (*NEEDED, *OPTIONAL)
LIFTED = (0, *range(11, 17), *range(23, landmark.COUNT))
"""Landmarks that come out: the nose, and the joints from shoulder to toe."""
INPUT, OUTPUT = 3 * len(INPUT_LANDMARKS), 3 * len(LIFTED)
TORSO_M = 0.48
"""Standing torso to which every body is scaled, because a picture does not show how tall somebody is: the mean of the
synthetic bodies."""


def inputs(points: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return (n, INPUT) float32: x and y from the middle of the hips, in units of the root mean square distance of
    NEEDED from there, and whether each is known; 0 where it is not.

    points: (n, 33, 2), in a unit that is the same along x and y; known: (n, 33) bool, true for NEEDED.
    """
    around = points - points[:, list(landmark.HIPS)].mean(1, keepdims=True)
    unit = np.sqrt((around[:, NEEDED] ** 2).sum(-1).mean(1))[:, None, None]
    sure = known[:, INPUT_LANDMARKS, None]
    scaled = np.where(sure, around[:, INPUT_LANDMARKS] / np.maximum(unit, 1e-9), 0.0)
    return np.concatenate([scaled, sure], -1).reshape(len(points), INPUT).astype(np.float32)


class PoseLifter:
    def __init__(self, folder: Path | None = None) -> None:
        """folder: of the network and its card; None for the shipped one. Raises ModelError."""
        folder = models_dir() / "pose" if folder is None else folder
        card = read_model(folder / CARD, NetworkCard)
        model_folder.check(folder / NETWORK, card.files.get(NETWORK), CARD)
        self._network = TfliteNetwork(folder / NETWORK, (1, INPUT), (1, OUTPUT))

    def lift(self, points: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return (33, 3) float32 world landmarks as livecoach.pose.Pose has them; NaN for those not among LIFTED, and
        for unknown heels and toes. points: (33, 2) pixels; known: (33,) bool, true for NEEDED."""
        lifted = self._network(inputs(points[None], known[None])).reshape(len(LIFTED), 3)
        world = np.full((landmark.COUNT, 3), np.nan, np.float32)
        world[list(LIFTED)] = lifted
        world -= world[list(landmark.HIPS)].mean(0)
        for foot in (*landmark.HEELS, *landmark.TOES):
            if not known[foot]:
                world[foot] = np.nan
        return world
