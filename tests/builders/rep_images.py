"""Landmarks of made-up lifts in the picture, and folders of their rep images."""

import math
from pathlib import Path

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.lab.images.rep_image_files import COLOURS, DISSERTATION_TRAVERSAL, SHAPE

STANDING = np.random.default_rng(1).uniform(0.2, 0.8, (landmark.COUNT, 3))


def a_lift(*, frames: int = 90, seed: int = 0, backwards: bool = False) -> np.ndarray:
    """(frames, 33, 3): up for a third of the time, a rest, and down again; the upper body leans back as it rises."""
    rng = np.random.default_rng(seed)
    share = np.linspace(0, 1, frames)
    height = np.interp(share, [0.02, 0.3, 0.5, 0.85], [0, 1, 1, 0]) * rng.uniform(0.9, 1.1)
    if backwards:
        height = 1 - height
    far = np.where(np.arange(landmark.COUNT) < 23, 1.0, 0.5) * rng.uniform(0.9, 1.1, landmark.COUNT)
    way = np.stack([0.02 * far, -0.3 * far, 0.8 * far], -1)
    shaken = rng.normal(0, 0.003, (frames, landmark.COUNT, 3))
    return STANDING + height[:, None, None] * way + shaken


def draw_greys(landmarks: np.ndarray) -> np.ndarray:
    """The grey values of landmarks in the picture, (frames, 33, 3): point by point; only the size is OpenCV's."""
    frames = len(landmarks)
    angles = np.full((len(DISSERTATION_TRAVERSAL), frames, 3), 1.1)
    for row, joint in enumerate(DISSERTATION_TRAVERSAL):
        for t in range(frames - 10):
            x, y, z = landmarks[t, joint] - landmarks[t + 10, joint]
            if math.hypot(x, y, z) >= 0.04:
                turned = (math.atan2(y, x), math.atan2(y, z), math.atan2(z, x))
                angles[row, t] = [(math.degrees(angle) + 180) / 360 for angle in turned]
    as_bytes = ((angles * 255).astype(int) % 256).astype(np.uint8)
    return cv2.cvtColor(cv2.resize(as_bytes, SHAPE[::-1]), cv2.COLOR_BGR2GRAY)


def a_folder(folder: Path, *, videos: int = 4, reps: int = 5, seed: int = 0, **lift: bool) -> Path:
    """Rep images of as many lifts, named as the dissertation's."""
    folder.mkdir(parents=True)
    for video in range(videos):
        for rep in range(reps):
            picture = COLOURS[draw_greys(a_lift(seed=1000 * seed + 100 * video + rep, **lift))]
            cv2.imwrite(str(folder / f"deadlift{video + 1}_rep_{rep}_1_CaetanoOrientation.png"), picture)
    return folder
