"""Finds out by how much a source's pictures must be turned, from the people who stand in them.

BlazePose finds people at any turn, so a picture on its side shows somebody who stands sideways. People also lie down,
but seldom in the posture of standing: on a bench the knees are bent, and in a plank the arms carry the body. A person
who lies down does not change the room in the picture; a phone that is turned does.
"""

from collections import deque
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from livecoach.perception.pose.coarse_picture import cell_means
from livecoach.perception.tracking.stance import is_propped, is_straight, standing_turn

LOOK_S, LOOKS, KEPT_LOOKS, WITHIN_S = 0.25, 5, 6, 3.0
"""Time between two looks for people who stand sideways; number of looks that must agree, out of how many, and within
which time. A phone that is turned is noticed in less than two seconds."""
PROPPED_S = 6.0  # time after propped arms for which a straight body proves nothing, because push-ups take less
ROOM_CELLS = 16  # number of pixels along each side of the small picture of a room
SAME_ROOM = 0.7  # correlation above which two small pictures show the same room
_ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def turn_picture(picture: np.ndarray, turn_deg: int) -> np.ndarray:
    """Turn a picture (height, width, 3) clockwise by 0, 90, 180 or 270 degrees. The picture may be empty."""
    return cv2.rotate(picture, _ROTATIONS[turn_deg]) if turn_deg and picture.size else picture


class TurnFinder:
    """Finds the angle by which the pictures of one source must be turned so that people stand upright."""

    def __init__(self, find: Callable[[np.ndarray], Sequence[np.ndarray]], turn_deg: int | None = None) -> None:
        """Start before the first picture.

        Args:
            find: Returns the landmarks of the people in a picture, (33, 5) each.
            turn_deg: Angle by which the pictures are turned clockwise; None to find the angle from the pictures.
        """
        self._find, self._finds_out = find, turn_deg is None
        self.turn_deg = turn_deg or 0  # angle by which pictures must be turned clockwise: 0, 90, 180 or 270
        self.reset()

    def reset(self) -> None:
        """Forget everything that earlier pictures showed, but keep the angle by which pictures are turned."""
        self._room: np.ndarray | None = None  # small picture of the room when somebody last stood upright
        self._looked_s = self._propped_s = self._doubted_s = -np.inf
        self._votes: deque[tuple[float, int | None]] = deque(maxlen=KEPT_LOOKS)  # time and turn of the latest looks

    @property
    def is_settled(self) -> bool:
        """Whether the angle is known, because the user chose the angle, or because somebody was seen upright."""
        return self._room is not None or not self._finds_out

    def step(self, picture: np.ndarray, landmarks: np.ndarray | None, t_s: float) -> None:
        """Add the newest picture, and change `turn_deg` if the latest pictures must be turned.

        Args:
            picture: The picture, turned by `turn_deg`.
            landmarks: (33, 5) landmarks of the lifter in the picture; None if nobody is in view.
        """
        if not self._finds_out or t_s - self._looked_s < LOOK_S:
            return
        self._looked_s = t_s
        turn = None if landmarks is None else standing_turn(_pixels(landmarks, picture))
        if turn == 0:
            self._see_upright(picture)
        elif landmarks is None or turn is not None:
            self._look(picture, t_s)
        else:
            self._votes.append((t_s, None))

    def check_upside_down(self, picture: np.ndarray, t_s: float) -> bool:
        """Return whether the picture itself, not only the pose, is upside down, as the latest search for people showed.

        The picture is searched, which may change `turn_deg`, if LOOK_S has passed since the last search by this method.
        """
        if self._finds_out and t_s - self._doubted_s >= LOOK_S:
            self._looked_s = self._doubted_s = t_s
            self._look(picture, t_s)
        return bool(self._votes) and self._votes[-1][1] == 180

    def _look(self, picture: np.ndarray, t_s: float) -> None:
        people = [_pixels(landmarks, picture) for landmarks in self._find(picture)]
        standing = [(turn, points) for points in people if (turn := standing_turn(points)) is not None]
        turns = {turn for turn, _ in standing}
        if 0 in turns:
            self._see_upright(picture)
            return
        turn = turns.pop() if len(turns) == 1 else None
        if turn is not None and all(is_straight(points) for _, points in standing):
            if any(is_propped(points, turn) for _, points in standing):
                self._propped_s = t_s
            if t_s - self._propped_s < PROPPED_S:
                return
        self._votes.append((t_s, None if turn is None or self._is_same_room(picture, turn) else turn))
        recent = [turn for at_s, turn in self._votes if t_s - at_s <= WITHIN_S and turn is not None]
        if len(recent) >= LOOKS and len(set(recent)) == 1:
            self.turn_deg = (self.turn_deg + recent[0]) % 360
            self._see_upright(turn_picture(picture, recent[0]))

    def _see_upright(self, picture: np.ndarray) -> None:
        self._room = _room(picture)
        self._votes.clear()

    def _is_same_room(self, picture: np.ndarray, turn_deg: int) -> bool:
        """Return whether the room in the picture is unchanged, and somebody has only lain down."""
        if self._room is None:
            return False
        same = _likeness(self._room, _room(picture))
        return same > SAME_ROOM and same > _likeness(self._room, _room(turn_picture(picture, turn_deg)))


def _pixels(landmarks: np.ndarray, picture: np.ndarray) -> np.ndarray:
    return landmarks[:, :2] * picture.shape[1::-1]


def _room(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(cell_means(picture, ROOM_CELLS, ROOM_CELLS), cv2.COLOR_BGR2GRAY).astype(np.float32)


def _likeness(room: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two small pictures, -1 to 1; 1 if one of them is uniform."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.nan_to_num(np.corrcoef(room.ravel(), other.ravel())[0, 1], nan=1.0))
