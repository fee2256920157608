"""Measures how high a heel rises, by matching small pictures of the standing foot, rotated about the ball of the foot.

The landmarks can't show it, because the pose network leaves heels on the floor. The foot that looks longer in the
picture is cut out anew while the lifter stands still with straight legs. Points are complex numbers, in pixels.
"""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from livecoach.core import landmark
from livecoach.core.quantiles import median

ANGLES = np.radians([-6, -3, 0, 3, 6, 10, 14, 19, 24, 30, 36, 43])  # Rotations that are tried; > 0 lifts the heel
FOOT, BALL = 0.46, 0.322  # Distances from the heel to the end of the toes and to the ball of the foot, in torso lengths
LEAST_LENGTH = 0.5  # Least length of the foot in the picture, as a share of its length seen from the side
BEHIND, AHEAD, ABOVE, BELOW = 0.10, 0.06, 0.12, 0.06
"""Margins of the cut behind the heel, ahead of the ball, above the sole and below it, in torso lengths. Farther above,
the shin moves in every squat."""
SOLE = 0.04  # Height of the landmarks of the heel and the toes above the sole, in torso lengths
PER_TORSO = 64  # Pixels of the cut in a torso length
REACH = 3  # Largest shift of the foot that is searched, in pixels of the cut
LEAST_MATCH = 0.6  # Least normalised correlation with a rotated foot. Below it, the foot is hidden or has moved.
STRAIGHT = 0.97  # Share of the greatest height of the hips over the ankles from which the legs are straight
FORGET_S = 60.0  # Time in which this greatest height fades, so that a lifter may go farther away
STILL_S, STILL = 0.4, 0.15  # The feet stand still if they moved less than STILL torso lengths in STILL_S seconds
EVERY_S = 0.5  # Least time between two cuts
LEAST_TORSO_PX = 30.0


class _Motion(NamedTuple):
    """The motion of the camera: a point p of the picture would be at factor * p + shift if it had not moved."""

    factor: complex = 1.0
    shift: complex = 0.0  # in pixels


@dataclass(frozen=True, slots=True, eq=False)
class _FootTemplates:
    """The standing foot as it would look with its heel raised to each of ANGLES."""

    templates: np.ndarray  # (n, rows * columns) float32, each with mean 0 and length 1
    shape: tuple[int, int]  # rows and columns of a template
    searched: np.ndarray  # points of the searched part of the picture, without the motion of the camera

    def rise(self, picture: np.ndarray, motion: _Motion) -> float | None:
        """Return the rise of the heel in a picture, in torso lengths; None if the foot is not found."""
        seen = _cut(picture, self.searched, motion)
        windows = sliding_window_view(seen, self.shape).reshape(-1, self.templates.shape[1])
        windows = windows - windows.mean(1, keepdims=True)
        lengths = np.sqrt(np.einsum("ij,ij->i", windows, windows))
        matches = (self.templates @ windows.T / np.maximum(lengths, 1e-3)).max(1)
        best = int(matches.argmax())
        return BALL * float(np.sin(_peak(matches, best))) if matches[best] >= LEAST_MATCH else None


class HeelFollower:
    """Measures the rise of the heel in the pictures of a source, from the first picture on."""

    def __init__(self) -> None:
        self._foot: _FootTemplates | None = None
        self._cut_at_s = self._latest_s = -np.inf
        self._highest_px = 0.0  # greatest height of the hips over the ankles
        self._stances = deque[tuple[float, float, np.ndarray]]()
        """Times in the last STILL_S, lengths of the torso, and (4,) heels and toes without the motion of the camera."""

    def step(
        self, picture: np.ndarray, landmarks: np.ndarray | None, camera: np.ndarray | None, t_s: float
    ) -> float | None:
        """Return the rise of the heel since the lifter last stood, in torso lengths; None if it is unknown.

        Args:
            picture: (height, width, 3) uint8, of the same size as all pictures before.
            landmarks: (33, 5) landmarks of the lifter, x and y 0…1; None if nobody is in view.
            camera: The motion of the camera, as in `Observation.camera`.
        """
        if landmarks is None or not np.isfinite(landmarks[[*landmark.HEELS, *landmark.TOES], :2]).all():
            return None
        height, width = picture.shape[:2]
        motion = _Motion()
        if camera is not None:
            a, b, x, y = camera.tolist()
            motion = _Motion(complex(a, b), complex(x, y) * height)
        points = landmarks[:, 0] * width + 1j * (landmarks[:, 1] * height)
        shoulders, hips, ankles = (
            points[list(pair)].mean() for pair in (landmark.SHOULDERS, landmark.HIPS, landmark.ANKLES)
        )
        feet = points[[*landmark.HEELS, *landmark.TOES]] * motion.factor + motion.shift
        self._stances.append((t_s, abs(shoulders - hips), feet))
        while self._stances[0][0] <= t_s - STILL_S:
            self._stances.popleft()
        legs_px, fading = float((ankles - hips).imag), 1 - min(max(t_s - self._latest_s, 0.0) / FORGET_S, 1.0)
        self._highest_px, self._latest_s = max(legs_px, self._highest_px * fading), t_s
        if legs_px >= STRAIGHT * self._highest_px and t_s - self._cut_at_s >= EVERY_S and len(self._stances) >= 3:
            self._cut_foot(picture, motion, t_s)
        return None if self._foot is None else self._foot.rise(picture, motion)

    def _cut_foot(self, picture: np.ndarray, motion: _Motion, t_s: float) -> None:
        """Cut the longer foot out of a picture of the standing lifter, unless the feet move or the lifter is small."""
        _, torsos_px, all_feet = zip(*self._stances, strict=True)
        feet, torso_px = np.stack(all_feet), float(median(np.array(torsos_px)))
        if torso_px < LEAST_TORSO_PX or np.ptp(feet.real, axis=0).max() >= STILL * torso_px:
            return
        heels, toes = np.split(np.median(feet.real, 0) + 1j * np.median(feet.imag, 0), 2)
        side = int(np.abs((toes - heels).real).argmax())
        self._foot, self._cut_at_s = _make_templates(picture, motion, heels[side], toes[side], torso_px), t_s


def _make_templates(
    picture: np.ndarray, motion: _Motion, heel: complex, toe: complex, torso_px: float
) -> _FootTemplates | None:
    """Cut a foot out of a picture and rotate it; None if it is too short in the picture, as from the front."""
    ahead_px, down_px = (toe - heel).real, (toe - heel).imag
    length = min(abs(ahead_px) / (FOOT * torso_px), 1.0)
    if length < LEAST_LENGTH:
        return None
    direction, slope = np.sign(ahead_px), down_px / abs(ahead_px)
    ball = heel + complex(direction * BALL * length * torso_px, BALL / FOOT * down_px + SOLE * torso_px)

    def place(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return points of the picture: x along the foot and y down, from the ball, in torso lengths."""
        return ball + torso_px * (direction * x + 1j * (y + slope * x))

    columns = round((BALL * length + BEHIND + AHEAD) * PER_TORSO)
    rows = round((ABOVE + BELOW) * PER_TORSO)
    x, y = np.meshgrid(
        -BALL * length - BEHIND + np.arange(-REACH, columns + REACH) / PER_TORSO,
        -ABOVE + np.arange(-REACH, rows + REACH) / PER_TORSO,
    )
    searched = place(x, y)
    x, y = x[REACH:-REACH, REACH:-REACH] / length, y[REACH:-REACH, REACH:-REACH]
    cosine, sine = np.cos(ANGLES)[:, None, None], np.sin(ANGLES)[:, None, None]
    sources = place((x * cosine + y * sine) * length, y * cosine - x * sine)
    cuts = _cut(picture, sources.reshape(-1, columns), motion).reshape(len(ANGLES), -1)
    cuts -= cuts.mean(1, keepdims=True)
    cuts /= np.maximum(np.linalg.norm(cuts, axis=1, keepdims=True), 1e-3)
    return _FootTemplates(cuts, (rows, columns), searched)


def _cut(picture: np.ndarray, points: np.ndarray, motion: _Motion) -> np.ndarray:
    """Return the grey values, float32, of a picture at points (m, n), given without the motion of the camera."""
    points = ((points - motion.shift) / motion.factor).astype(np.complex64)
    cut = cv2.remap(picture, points.real, points.imag, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
    return cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY).astype(np.float32)


def _peak(matches: np.ndarray, best: int) -> float:
    """Return the angle at the top of a parabola through the best match and its neighbours."""
    if not 0 < best < len(ANGLES) - 1:
        return float(ANGLES[best])
    (before, at, after), (left, top, right) = ANGLES[best - 1 : best + 2], matches[best - 1 : best + 2]
    falls, rises = (at - before) * (top - right), (at - after) * (top - left)
    if falls == rises:
        return float(at)
    return float(np.clip(at - ((at - before) * falls - (at - after) * rises) / (falls - rises) / 2, before, after))
