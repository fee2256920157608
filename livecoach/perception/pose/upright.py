"""Which way up the pictures of a source are, by the people who stand in them.

BlazePose finds people whichever way up they are, so a picture that lies on its side shows somebody who stands sideways.
People also lie down, but seldom as they stand: on a bench the knees are bent, in a plank the arms prop. And whoever
lies down leaves the room as it was; a phone that is turned does not.
"""

from collections import deque
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from livecoach.perception.tracking.stance import is_propped, is_straight, standing_turn

LOOK_S, LOOKS, OF_LOOKS, WITHIN_S = 0.25, 5, 6, 3.0
"""Time between two looks for people who stand sideways, and how many of how many within which time make it sure: a
phone that is turned is noticed in less than two seconds."""
PROPPED_S = 6.0  # time after arms propped for which a straight body says nothing: push-ups take less
ROOM_CELLS = 16  # along each side of the small picture that is kept of a room
SAME_ROOM = 0.7  # correlation of two such pictures of one room
_ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def turned(picture: np.ndarray, turn_deg: int) -> np.ndarray:
    """Return a picture (height, width, 3) turned clockwise by 0, 90, 180 or 270 degrees."""
    return cv2.rotate(picture, _ROTATIONS[turn_deg]) if turn_deg else picture


class Upright:
    """Turns the pictures of one source, once it is sure that they are not upright."""

    def __init__(self, find: Callable[[np.ndarray], Sequence[np.ndarray]], turn_deg: int | None = None) -> None:
        """Begin before the first picture.

        Args:
            find: returns the landmarks of the people in a picture, (33, 5) each.
            turn_deg: by how much the pictures are turned, clockwise; None to find out.
        """
        self._find, self._finds_out = find, turn_deg is None
        self.turn_deg = turn_deg or 0
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget who was seen when, but not which way up the pictures are."""
        self._room: np.ndarray | None = None  # when somebody stood upright last
        self._looked_s = self._propped_s = self._doubted_s = -np.inf
        self._votes: deque[tuple[float, int | None]] = deque(maxlen=OF_LOOKS)  # time and turn of the latest looks

    @property
    def is_settled(self) -> bool:
        """Whether somebody has been seen upright."""
        return self._room is not None or not self._finds_out

    def step(self, picture: np.ndarray, landmarks: np.ndarray | None, t_s: float) -> None:
        """Take the newest picture as it was turned, and the lifter in it, (33, 5) or None where nobody is seen."""
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

    def is_upside_down(self, picture: np.ndarray, t_s: float) -> bool:
        """Whether the newest picture, and not its pose alone, is upside down."""
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
        self._decide(picture, t_s)

    def _decide(self, picture: np.ndarray, t_s: float) -> None:
        recent = [turn for at_s, turn in self._votes if t_s - at_s <= WITHIN_S and turn is not None]
        if len(recent) >= LOOKS and len(set(recent)) == 1:
            self.turn_deg = (self.turn_deg + recent[0]) % 360
            self._see_upright(turned(picture, recent[0]))

    def _see_upright(self, picture: np.ndarray) -> None:
        self._room = _room(picture)
        self._votes.clear()

    def _is_same_room(self, picture: np.ndarray, turn_deg: int) -> bool:
        """Whether somebody has lain down, and not the picture."""
        if self._room is None:
            return False
        same = _likeness(self._room, _room(picture))
        return same > SAME_ROOM and same > _likeness(self._room, _room(turned(picture, turn_deg)))


def _pixels(landmarks: np.ndarray, picture: np.ndarray) -> np.ndarray:
    return landmarks[:, :2] * picture.shape[1::-1]


def _room(picture: np.ndarray) -> np.ndarray:
    small = cv2.resize(picture, (ROOM_CELLS, ROOM_CELLS), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)


def _likeness(room: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two small pictures, -1 to 1; 1 where one shows nothing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.nan_to_num(np.corrcoef(room.ravel(), other.ravel())[0, 1], nan=1.0))
