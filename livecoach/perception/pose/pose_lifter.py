"""Estimates world landmarks from the keypoints of a picture, by a small network.

The network is that of Martinez et al. (A simple yet effective baseline for 3d human pose estimation, ICCV 2017).
`livecoach lab train lifting` trains it on synthetic bodies.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach.core import landmark
from livecoach.core.config.paths import models_dir
from livecoach.core.model_files import model_folder
from livecoach.core.model_files.model_folder import NetworkCard, read_model_json
from livecoach.core.model_files.tflite import TfliteNetwork

COCO = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Landmark of each of COCO's 17 keypoints: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; left
before right (Lin et al., Microsoft COCO, ECCV 2014)."""
HALPE26 = (*COCO, None, None, None, 31, 32, None, None, 29, 30)
"""Landmark of each of Halpe's 26 keypoints (Fang et al., AlphaPose, 2022): COCO's 17, then head, neck and pelvis, big
toes, small toes and heels. None if BlazePose has no such landmark."""
ORDERS: dict[int, tuple[int | None, ...]] = {len(COCO): COCO, len(HALPE26): HALPE26}
"""Number of keypoints → landmark of each keypoint."""
BODY = (*range(11, 17), *range(23, 29))
"""Landmarks that every pose has: shoulders, elbows, wrists, hips, knees, ankles."""
KNOWN = 0.2  # score from which a point of the face or the feet is used


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Keypoints:
    """The keypoints of a person in a picture, in the order of BlazePose's landmarks."""

    xy_px: np.ndarray  # (33, 2) float64; NaN where the network has no such keypoint
    scores: np.ndarray  # (33,) float64, 0…1; 0 where the network has no such keypoint

    @property
    def confidence(self) -> float:
        """The mean score of shoulders, hips, knees and ankles, 0…1."""
        return float(self.scores[landmark.CORE].mean())

    @property
    def known(self) -> np.ndarray:
        """Whether each keypoint is known, (33,) bool; always true for BODY."""
        known = np.isfinite(self.xy_px).all(1) & (self.scores >= KNOWN)
        known[list(BODY)] = True
        return known


def order_keypoints(xy_px: np.ndarray, scores: np.ndarray) -> Keypoints:
    """Rearrange a network's keypoints in the order of BlazePose's landmarks; keypoints without a landmark are dropped.

    Args:
        xy_px: (K, 2) keypoints in pixels, in the order ORDERS[K].
        scores: (K,) scores; values outside 0…1 are clipped.
    """
    order = ORDERS[len(xy_px)]
    used = [number for number, place in enumerate(order) if place is not None]
    places = [place for place in order if place is not None]
    points, sure = np.full((landmark.COUNT, 2), np.nan), np.zeros(landmark.COUNT)
    points[places], sure[places] = xy_px[used], np.clip(scores[used], 0.0, 1.0)
    return Keypoints(xy_px=points, scores=sure)


CARD, NETWORK = "lifting.json", "lifting.tflite"  # names of the files in the network's folder
OPTIONAL = (0, 2, 5, 7, 8, *range(29, 33))  # landmarks that improve the result if known: nose, eyes, ears, heels, toes
INPUT_LANDMARKS = (*BODY, *OPTIONAL)
LIFTED = (0, *range(11, 17), *range(23, landmark.COUNT))
"""Landmarks of the network's output: the nose, and the joints from shoulder to toe."""
INPUT, OUTPUT = 3 * len(INPUT_LANDMARKS), 3 * len(LIFTED)  # numbers in the network's input and output
TORSO_M = 0.48
"""Length of the standing torso to which every body is scaled, since no picture shows it: mean of synthetic bodies."""


def lifting_inputs(points: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Compute the inputs of `WorldLandmarkNetwork` from keypoints.

    Args:
        points: (n, 33, 2) keypoints, in a unit that is the same along x and y.
        known: (n, 33) bool, whether each keypoint is known; true for BODY.

    Returns:
        (n, INPUT) float32: x and y of each landmark from the middle of the hips, and whether the landmark is known. The
        unit is the root mean square distance of BODY from the middle of the hips. All three are 0 for an unknown
        landmark.
    """
    around = points - points[:, list(landmark.HIPS)].mean(1, keepdims=True)
    unit = np.sqrt((around[:, BODY] ** 2).sum(-1).mean(1))[:, None, None]
    sure = known[:, INPUT_LANDMARKS, None]
    scaled = np.where(sure, around[:, INPUT_LANDMARKS] / np.maximum(unit, 1e-9), 0.0)
    return np.concatenate([scaled, sure], -1).reshape(len(points), INPUT).astype(np.float32)


class WorldLandmarkNetwork:
    """The network that estimates world landmarks from the keypoints of a picture."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load a folder's network; None for the shipped network. Raises ModelError if a file is missing or wrong."""
        folder = models_dir() / "pose" if folder is None else folder
        card = read_model_json(folder / CARD, NetworkCard)
        model_folder.check_digest(folder / NETWORK, card.files.get(NETWORK), CARD)
        self._network = TfliteNetwork(folder / NETWORK, (1, INPUT), (1, OUTPUT))

    def estimate_world(self, points: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Estimate the world landmarks (33, 3) float32 of a person, as in `Pose`.

        Landmarks that are not among LIFTED, and unknown heels and toes, are NaN.

        Args:
            points: (33, 2) keypoints, pixels.
            known: (33,) bool, whether each keypoint is known; true for BODY.
        """
        lifted = self._network(lifting_inputs(points[None], known[None])).reshape(len(LIFTED), 3)
        world = np.full((landmark.COUNT, 3), np.nan, np.float32)
        world[list(LIFTED)] = lifted
        world -= world[list(landmark.HIPS)].mean(0)
        for foot in (*landmark.HEELS, *landmark.TOES):
            if not known[foot]:
                world[foot] = np.nan
        return world
