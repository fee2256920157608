"""Follows the barbell's plate from frame to frame by optical flow, which the networks correct regularly."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from livecoach.core.quantiles import median
from livecoach.core.types.observation import LEAST_PLATE_PROBABILITY
from livecoach.perception.bar.detector import Plate, PlateDetector

PROPOSED, DETECTED = 0.2, 0.9
"""Least probabilities of a plate by the finder, which is unsure of most real plates, and then by the refiner, which
sees plates in .2 % of rendered squares without a plate."""
LOOK_EVERY = 8  # frames between two searches while no plate is followed
REFINE_EVERY = 2  # frames between two corrections by the refiner, unless REFINE_S have passed
AGAIN_EVERY = 40
"""Frames between two searches while a plate is followed. After a correction without a plate, each frame is searched."""
SLIPPED = 0.08
"""Distance between optical flow and refiner, in diameters, above which the flow has followed something else, as with a
slow camera: there, a plate moves by half of its diameter from one picture to the next."""
NEAR = 0.5  # distance in diameters below which two detections are the same plate
MOST_MISSES = 3  # number of corrections in a row without a plate after which it is lost
REFINE_S = 0.045  # longest time between two corrections, so that every picture of a slow camera is corrected
REFINER_WEIGHTS = 0.5, 0.2  # weights of the refiner's position and diameter; the rest is the weight of the flow
PATCH = 1.3  # side of the optical flow's patch, in diameters
FLOW_PX = 50  # diameter of a plate in this patch, to which a larger plate is reduced
WINDOW = (11, 11)  # window of the optical flow, pixels of the patch
LEVELS = 2  # highest pyramid level of the optical flow
CORNERS = 24  # most corners to follow
LEAST_CORNERS = 4  # fewest corners that give the motion of a plate
_optical_flow: Any = cv2.calcOpticalFlowPyrLK  # untyped, because OpenCV's stub demands an initial guess
BACK_PX = 1.0  # distance from its start in the patch, after a track there and back, above which a corner is lost


class PlateFollower:
    """Follows the barbell's plate through the pictures of one source. Only one method may run at a time."""

    def __init__(self, detector: PlateDetector) -> None:
        self._detector = detector
        self._plate: Plate | None = None
        self._before: np.ndarray | None = None  # (h, w) uint8: grey patch of the previous picture around the plate
        self._corner, self._side, self._times = (0, 0), 0, 1
        """Upper left corner and side of the patch, in pixels, and by how many times the patch is reduced."""
        self._count, self._misses, self._refined_s = -1, 0, 0.0

    @property
    def has_plate(self) -> bool:
        """Whether a plate is followed."""
        return self._plate is not None

    def advance(self, picture: np.ndarray, t_s: float) -> None:
        """Move the followed plate to its place in the next picture, or give up a plate that is not found any more.

        Call it for each picture, also while no plate is followed. It may run on another thread during pose estimation.

        Args:
            picture: (height, width, 3) uint8, BGR.
            t_s: Time of the picture, which must not decrease from call to call.
        """
        self._count += 1
        if self._plate is not None:
            self._advance_plate(picture, t_s)

    def locate(self, picture: np.ndarray, landmarks: np.ndarray | None) -> np.ndarray | None:
        """Return the followed plate's place in a picture, as in `Observation.bar`; None if no plate is followed.

        If a search is due, the picture is first searched for a plate. The plate found is followed from now on, unless
        the followed plate is near it, or at least as probable.

        Args:
            picture: The picture of the last `advance`.
            landmarks: (33, 5) landmarks of the lifter, as in `Observation`; None while nobody is in view.
        """
        height, width = picture.shape[:2]
        points = None if landmarks is None else landmarks[:, :2] * (width, height)
        every = LOOK_EVERY if self._plate is None else 1 if self._misses else AGAIN_EVERY
        if points is not None and self._count % every == 0:
            self._search(picture, points)
        plate = self._plate
        if plate is None:
            self._before = None
            return None
        self._remember(picture, plate)
        values = (plate.x_px / width, plate.y_px / height, plate.diameter_px / height, plate.probability)
        return np.array(values, np.float32)

    def _search(self, picture: np.ndarray, points: np.ndarray) -> None:
        plate = self._detector.find_plate(picture, points)
        if plate is None or plate.probability < PROPOSED:
            return
        probability = plate.probability
        for _ in range(2):  # the first correction centres the square, and there the second is most accurate
            plate = self._detector.refine(picture, plate)
        kept = self._plate
        if plate.probability < DETECTED:
            return
        if kept is not None and (_apart(kept, plate) < NEAR or kept.probability >= min(probability, plate.probability)):
            return
        self._plate, self._misses = plate, 0

    def _advance_plate(self, picture: np.ndarray, t_s: float) -> None:
        plate = self._plate
        assert plate is not None
        moved = self._flow(picture, plate)
        followed = plate if moved is None else replace(plate, x_px=plate.x_px + moved[0], y_px=plate.y_px + moved[1])
        if moved is not None and self._count % REFINE_EVERY and t_s - self._refined_s < REFINE_S:
            self._plate = followed
            return
        self._refined_s = t_s
        refined = self._detector.refine(picture, followed)
        if _apart(refined, followed) > SLIPPED:  # the refiner is exact near the plate only
            moved, followed = None, refined
            refined = self._detector.refine(picture, followed)
        self._misses = self._misses + 1 if refined.probability < LEAST_PLATE_PROBABILITY else 0
        if self._misses >= MOST_MISSES:
            self._plate = None
        elif refined.probability < LEAST_PLATE_PROBABILITY:
            self._plate = replace(followed, probability=refined.probability)
        else:
            place, size = (1.0, REFINER_WEIGHTS[1]) if moved is None else REFINER_WEIGHTS
            self._plate = Plate(
                x_px=followed.x_px + place * (refined.x_px - followed.x_px),
                y_px=followed.y_px + place * (refined.y_px - followed.y_px),
                diameter_px=followed.diameter_px * (refined.diameter_px / followed.diameter_px) ** size,
                probability=refined.probability,
            )

    def _flow(self, picture: np.ndarray, plate: Plate) -> tuple[float, float] | None:
        """Return the motion of the corners on the plate, in pixels; None if too few could be followed."""
        before = self._before
        if before is None:
            return None
        now = self._patch(picture)
        if now.shape != before.shape:
            return None
        mask = np.zeros(before.shape, np.uint8)
        left, top = self._corner
        middle = round((plate.x_px - left) / self._times), round((plate.y_px - top) / self._times)
        cv2.circle(mask, middle, round(0.45 * plate.diameter_px / self._times), 255, -1)
        corners = cv2.goodFeaturesToTrack(before, CORNERS, 0.02, 3, mask=mask)
        if corners is None or len(corners) < LEAST_CORNERS:
            return None
        followed, ok, _ = _optical_flow(before, now, corners, None, winSize=WINDOW, maxLevel=LEVELS)
        back, ok_back, _ = _optical_flow(now, before, followed, None, winSize=WINDOW, maxLevel=LEVELS)
        good = (ok & ok_back).ravel().astype(bool) & (np.abs(back - corners).max((1, 2)) < BACK_PX)
        if good.sum() < LEAST_CORNERS:
            return None
        x, y = (self._times * median((followed - corners)[good, 0])).tolist()
        return float(x), float(y)

    def _remember(self, picture: np.ndarray, plate: Plate) -> None:
        self._times = max(1, round(plate.diameter_px / FLOW_PX))
        half = PATCH / 2 * plate.diameter_px + WINDOW[0] * self._times
        self._corner, self._side = (max(0, round(plate.x_px - half)), max(0, round(plate.y_px - half))), round(2 * half)
        self._before = self._patch(picture)
        if min(self._before.shape) < 2 * WINDOW[0]:
            self._before = None

    def _patch(self, picture: np.ndarray) -> np.ndarray:
        """Return the reduced grey patch of a picture."""
        (left, top), times = self._corner, self._times
        part = picture[top : top + self._side, left : left + self._side]
        height, width = (side // times for side in part.shape[:2])
        if not height or not width:
            return np.zeros((0, 0), np.uint8)
        grey = cv2.cvtColor(part[: height * times, : width * times], cv2.COLOR_BGR2GRAY)
        return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA))


def _apart(a: Plate, b: Plate) -> float:
    return float(np.hypot(a.x_px - b.x_px, a.y_px - b.y_px)) / max(a.diameter_px, b.diameter_px)
