"""Draws the line at the top of the knee that a squat's hip crease must reach, and the measured place of the crease."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.language import translate
from livecoach.core.quantiles import median
from livecoach.core.types import Observation, Rep, StandardResult, Standards
from livecoach.core.types.message import Message
from livecoach.decisions.rep.depth import bottom_observations
from livecoach.feedback import shapes, text
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.shapes import INK, NIGHT, Colour
from livecoach.feedback.skeleton import FAR
from livecoach.perception.body.body import ANKLE, HIP, KNEE, SHOULDER, level_points

SHOWN_S = 0.5  # Time before and after the bottom for which the line is drawn; our choice
KNEE_TOP_M = 0.081
"""Height of the top of a bent knee above its landmark: the median of 406 rendered squats, seen by the pose model `lite`
from 30° to 105°. The line is off by 2.2 cm in the median, and by less than 6.5 cm in nine squats of ten."""
CREASE_OF_THIGH = 0.25  # Share of the thigh, from the hip, at which the crease lies: the median of the 406 squats
BEHIND_M, BEFORE_M = 0.34, 0.2  # Length of the line behind the hip and in front of the knee; our choice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DepthLine:
    """The line that a squat's hip crease must reach, and the lowest place of the crease."""

    t_s: float  # Time of the bottom
    result: StandardResult  # Result of the rep by the standard of depth
    under_knee_cm: float  # Distance of the line below the top of the knee
    xy: np.ndarray
    """(3, 2): the line's end behind the hip, its end in front of the knee, and the crease at its lowest, as shares of
    the picture's width and height."""

    def is_shown(self, t_s: float, within_s: float = SHOWN_S) -> bool:
        """Return whether the line is drawn at a time: up to `within_s` before and after the bottom."""
        return abs(t_s - self.t_s) <= within_s

    @property
    def legend(self) -> Message:
        """Text that explains the line and the mark of the crease to the lifter."""
        if self.under_knee_cm == 0:
            return Message("Dashed line: top of the knee. Mark: hip crease at its lowest.")
        under = Message("{n} cm", n=f"{self.under_knee_cm:.0f}")
        return Message("Dashed line: {text} under the top of the knee. Mark: hip crease at its lowest.", text=under)


def find_depth_line(rep: Rep, observations: Iterable[Observation], standards: Standards) -> DepthLine | None:
    """Find the line that a squat's hip crease must reach, from observations that include the turn of the rep.

    The result is None if the depth was not measured or can't be located, or if the standard is a box or "none".
    """
    result = next((result for result in rep.standards if result.name == "depth"), None)
    under_knee_cm = standards.under_knee_cm
    lowest = [] if result is None or under_knee_cm is None else bottom_observations(observations, rep)
    if not lowest or result is None or under_knee_cm is None:
        return None
    roll_deg = 0.0 if rep.conditions is None else rep.conditions.roll_deg
    level = level_points([replace(seen, camera=None) for seen in lowest], roll_deg)
    sizes_px = np.array([(seen.width_px, seen.height_px) for seen in lowest])
    both_px = median((level.landmarks * sizes_px[:, None])[:, landmark.JOINTS])
    px, y_m = both_px.mean(1), median(level.world[:, landmark.JOINTS].astype(np.float64)).mean(1)[:, 1]
    parts = [SHOULDER, HIP, KNEE, ANKLE]
    apart_m = y_m[parts] - y_m[parts].mean()
    px_of_m = float(apart_m @ px[parts, 1] / (apart_m @ apart_m + 1e-6))
    y_px = px[KNEE, 1] + px_of_m * (under_knee_cm / 100 - KNEE_TOP_M)
    behind = 1.0 if px[HIP, 0] >= px[KNEE, 0] else -1.0
    of_legs_px = behind * both_px[[HIP, KNEE], :, 0]
    ends_px = of_legs_px.max() + BEHIND_M * px_of_m, of_legs_px.min() - BEFORE_M * px_of_m
    crease_px = (1 - CREASE_OF_THIGH) * px[HIP, 0] + CREASE_OF_THIGH * px[KNEE, 0]
    level_px = [(behind * x_px, y_px) for x_px in ends_px] + [(crease_px, y_px - px_of_m * result.off / 100)]
    size_px = np.array([lowest[0].width_px, lowest[0].height_px])
    sine, cosine = np.sin(np.radians(roll_deg)), np.cos(np.radians(roll_deg))
    xy = ((level_px - size_px / 2) @ np.array([[cosine, sine], [-sine, cosine]]) + size_px / 2) / size_px
    if not np.isfinite(xy).all():
        return None
    return DepthLine(
        t_s=lowest[len(lowest) // 2].t_s, result=result, under_knee_cm=under_knee_cm, xy=np.clip(xy, -FAR, FAR)
    )


def draw_depth_line(
    canvas: np.ndarray, line: DepthLine, points_px: np.ndarray, unit: float, *, words: bool = True
) -> None:
    """Draw the line that a squat's hip crease must reach, and the mark of the crease, on a canvas.

    Args:
        points_px: The points `xy` of the line in pixels of the canvas, (3, 2).
        unit: Scale of lines and words: 1 for a picture that is 480 pixels high.
        words: Whether to write the result next to the line.
    """
    behind, before, crease = points_px
    thin, dash_px = max(1, round(1.5 * unit)), max(4, round(9 * unit))
    length_px = max(float(np.hypot(*(before - behind))), 1e-6)
    along = (before - behind) / length_px
    for at_px in np.arange(0.0, length_px, 2 * dash_px):
        end_px = min(at_px + dash_px, length_px)
        for colour, thick in ((NIGHT, thin + 2), (INK, thin)):
            _draw_stroke(canvas, behind + at_px * along, behind + end_px * along, colour, thick)
    half_px, colour = 13 * unit * along, shapes.SIGNS[line.result.verdict].colour
    on_line = behind + (crease - behind) @ along * along
    for a, b in ((on_line, crease), (crease - half_px, crease + half_px)):
        _draw_stroke(canvas, a, b, NIGHT, thin + 4)
        _draw_stroke(canvas, a, b, colour, thin + 2)
    if words:
        _draw_words(canvas, line, points_px, max(8, round(13 * unit)))


def _draw_stroke(canvas: np.ndarray, a: np.ndarray, b: np.ndarray, colour: Colour, thick: int) -> None:
    cv2.line(canvas, np.rint(a).astype(int).tolist(), np.rint(b).astype(int).tolist(), colour, thick, cv2.LINE_AA)


def _draw_words(canvas: np.ndarray, line: DepthLine, points_px: np.ndarray, cap_px: int) -> None:
    """Write the result at the line's end behind the hip, where it does not hide the legs."""
    behind, before, _ = np.rint(points_px).astype(int).tolist()
    words = text.typeset(translate(line.result.words), 1, cap_px, canvas.shape[1] // 3, text.SEMIBOLD)
    pad = cap_px // 2
    w, h = words.width_px + 2 * pad, words.height_px + 2 * pad
    x = behind[0] + pad if behind[0] >= before[0] else behind[0] - pad - w
    x = min(max(x, 0), max(0, canvas.shape[1] - w))
    box = Box(x, behind[1] - h // 2, w, h)
    shapes.fill_box(canvas, box, 0.7, radius=pad)
    words.write(canvas, (box.x + pad, box.y + pad), INK)
