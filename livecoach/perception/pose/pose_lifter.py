"""World landmarks from one picture's keypoints, by a small network trained on the synthetic bodies (`livecoach lab
train lifting`), as in Martinez et al., A simple yet effective baseline for 3d human pose estimation, ICCV 2017."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach.core import landmark
from livecoach.core.config.paths import models_dir
from livecoach.core.model_files import model_folder
from livecoach.core.model_files.model_folder import NetworkCard, read_model
from livecoach.core.model_files.tflite import TfliteNetwork

COCO = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Landmark of each of COCO's 17 keypoints: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; left
before right (Lin et al., Microsoft COCO, ECCV 2014)."""
HALPE26 = (*COCO, None, None, None, 31, 32, None, None, 29, 30)
"""Landmark of each of Halpe's 26 keypoints (Fang et al., AlphaPose, 2022): COCO's 17, then head, neck and pelvis, big
toes, small toes and heels. None: BlazePose has no such landmark."""
ORDERS: dict[int, tuple[int | None, ...]] = {len(COCO): COCO, len(HALPE26): HALPE26}
"""Number of keypoints → landmark of each."""
BODY = (*range(11, 17), *range(23, 29))
"""Landmarks that every back end gives wherever it gives any: shoulders, elbows, wrists, hips, knees, ankles."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Keypoints:
    xy_px: np.ndarray  # (33, 2) float64; NaN where the network has no such keypoint
    scores: np.ndarray  # (33,) float64, 0…1; 0 where the network has no such keypoint

    @property
    def sureness(self) -> float:
        """Mean score of shoulders, hips, knees and ankles."""
        return float(self.scores[landmark.CORE].mean())


def keypoints(xy_px: np.ndarray, scores: np.ndarray) -> Keypoints:
    """xy_px: (K, 2), K one of ORDERS; scores: (K,), clipped to 0…1."""
    places = ORDERS[len(xy_px)]
    given = [i for i, place in enumerate(places) if place is not None]
    at = [place for place in places if place is not None]
    points, sure = np.full((landmark.COUNT, 2), np.nan), np.zeros(landmark.COUNT)
    points[at], sure[at] = xy_px[given], np.clip(scores[given], 0.0, 1.0)
    return Keypoints(xy_px=points, scores=sure)


CARD, NETWORK = "lifting.json", "lifting.tflite"
OPTIONAL = (0, 2, 5, 7, 8, *range(29, 33))  # landmarks that help where they are known: nose, eyes, ears, heels and toes
INPUT_LANDMARKS = (*BODY, *OPTIONAL)
LIFTED = (0, *range(11, 17), *range(23, landmark.COUNT))
"""Landmarks that come out: the nose, and the joints from shoulder to toe."""
INPUT, OUTPUT = 3 * len(INPUT_LANDMARKS), 3 * len(LIFTED)
TORSO_M = 0.48
"""Standing torso to which every body is scaled, because a picture does not show how tall somebody is: the mean of the
synthetic bodies."""


def inputs(points: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return (n, INPUT) float32: x and y from the middle of the hips, in units of the root mean square distance of BODY
    from there, and whether each is known; 0 where it is not. points: (n, 33, 2), in a unit that is the same along x and
    y; known: (n, 33) bool, true for BODY."""
    around = points - points[:, list(landmark.HIPS)].mean(1, keepdims=True)
    unit = np.sqrt((around[:, BODY] ** 2).sum(-1).mean(1))[:, None, None]
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
        """Return (33, 3) float32 world landmarks as livecoach.perception.pose.Pose has them; NaN for those not among
        LIFTED, and for unknown heels and toes. points: (33, 2) pixels; known: (33,) bool, true for BODY."""
        lifted = self._network(inputs(points[None], known[None])).reshape(len(LIFTED), 3)
        world = np.full((landmark.COUNT, 3), np.nan, np.float32)
        world[list(LIFTED)] = lifted
        world -= world[list(landmark.HIPS)].mean(0)
        for foot in (*landmark.HEELS, *landmark.TOES):
            if not known[foot]:
                world[foot] = np.nan
        return world
