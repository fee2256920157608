"""Pictures of ghost reps: the skeleton at the start, the turn and the end of each."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from livecoach import landmark
from livecoach.errors import OutputError
from livecoach.lab.counting import Found
from livecoach.types import Observation

MOMENT_PX, TITLE_PX, MARGIN = 150, 26, 0.08
ACROSS = 3
"""Number of ghosts in a row."""
NOSE = 0
BACKGROUND, FRAME, INK, LEFT, RIGHT = (255, 255, 255), (190, 190, 190), (40, 40, 40), (190, 90, 20), (30, 120, 220)
LIMBS = [
    (pairs[side], after[side], (LEFT, RIGHT)[side])
    for pairs, after in (
        (landmark.SHOULDERS, landmark.ELBOWS),
        (landmark.ELBOWS, landmark.WRISTS),
        (landmark.SHOULDERS, landmark.HIPS),
        (landmark.HIPS, landmark.KNEES),
        (landmark.KNEES, landmark.ANKLES),
    )
    for side in (0, 1)
] + [(*landmark.SHOULDERS, INK), (*landmark.HIPS, INK)]


class Ghost(NamedTuple):
    """A rep that was counted where there was none."""

    exercise: str
    """The exercise that it was counted as."""
    kind: str
    """What was done in truth."""
    moments: Sequence[np.ndarray]
    """(33, 2) landmarks each, px: at the start, the turn and the end."""


def ghost(exercise: str, kind: str, rep: Found, observations: Sequence[Observation]) -> Ghost:
    """Return a ghost with the landmarks of three of its moments."""
    seen = [one for one in observations if one.landmarks is not None]
    times = np.array([one.t_s for one in seen])
    moments = []
    for t_s in (rep.start_s, rep.turn_s, rep.end_s):
        nearest = seen[int(np.abs(times - t_s).argmin())]
        assert nearest.landmarks is not None
        moments.append(nearest.landmarks[:, :2] * (nearest.width_px, nearest.height_px))
    return Ghost(exercise, kind, moments)


def write(path: Path, ghosts: Sequence[Ghost]) -> None:
    """Draw all of them on one sheet, a PNG. Raises OutputError."""
    cells = [_cell(one) for one in ghosts]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % ACROSS)
    rows = [np.hstack(cells[k : k + ACROSS]) for k in range(0, len(cells), ACROSS)]
    if not cv2.imwrite(str(path), np.vstack(rows)):
        raise OutputError(f"{path}: can't be written. Choose another place with --picture.")


def _cell(one: Ghost) -> np.ndarray:
    points = np.concatenate(one.moments)
    low, high = points.min(0), points.max(0)
    side = float((high - low).max()) * (1 + 2 * MARGIN)
    pictures = [_moment(moment, (low + high) / 2, side) for moment in one.moments]
    title = np.full((TITLE_PX, MOMENT_PX * len(pictures), 3), BACKGROUND, np.uint8)
    cv2.putText(title, f"{one.exercise}: {one.kind}", (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.45, INK, 1, cv2.LINE_AA)
    cell = np.vstack([title, np.hstack(pictures)])
    cv2.rectangle(cell, (0, 0), (cell.shape[1] - 1, cell.shape[0] - 1), FRAME, 1)
    return cell


def _moment(points: np.ndarray, middle: np.ndarray, side: float) -> np.ndarray:
    picture = np.full((MOMENT_PX, MOMENT_PX, 3), BACKGROUND, np.uint8)
    placed = np.rint(((points - middle) / side + 0.5) * MOMENT_PX * 16).astype(np.int64).tolist()
    for a, b, colour in LIMBS:
        cv2.line(picture, placed[a], placed[b], colour, 2, cv2.LINE_AA, 4)
    cv2.circle(picture, placed[NOSE], 5 * 16, INK, 2, cv2.LINE_AA, 4)
    return picture
