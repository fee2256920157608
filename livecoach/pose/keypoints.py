"""The keypoints of other pose networks, and their places among BlazePose's 33 landmarks."""

from dataclasses import dataclass

import numpy as np

from livecoach import landmark

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
CORE = (*landmark.SHOULDERS, *landmark.HIPS, *landmark.KNEES, *landmark.ANKLES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Keypoints:
    """One person's keypoints, among BlazePose's landmarks."""

    xy_px: np.ndarray  # (33, 2) float64; NaN where the network has no such keypoint
    scores: np.ndarray  # (33,) float64, 0…1; 0 where the network has no such keypoint

    @property
    def sureness(self) -> float:
        """Mean score of shoulders, hips, knees and ankles."""
        return float(self.scores[list(CORE)].mean())


def keypoints(xy_px: np.ndarray, scores: np.ndarray) -> Keypoints:
    """xy_px: (K, 2), K one of ORDERS; scores: (K,), clipped to 0…1."""
    places = ORDERS[len(xy_px)]
    given = [i for i, place in enumerate(places) if place is not None]
    at = [place for place in places if place is not None]
    points, sure = np.full((landmark.COUNT, 2), np.nan), np.zeros(landmark.COUNT)
    points[at], sure[at] = xy_px[given], np.clip(scores[given], 0.0, 1.0)
    return Keypoints(xy_px=points, scores=sure)
