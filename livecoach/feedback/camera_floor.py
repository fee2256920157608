"""Draws the plan of the floor for the start screen: lifter, camera, hints for the camera's place, and hidden faults."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import cv2
import numpy as np

from livecoach.core.language import translate
from livecoach.core.step import Step
from livecoach.decisions.judging.fault_model import FARTHEST_DEG, CameraPlaces
from livecoach.feedback import shapes, text
from livecoach.feedback.display_state import ShownMessage
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.shapes import ALARM, DIM, GOOD, GREY, INK, NIGHT, RIGHT, Colour, DrawShape
from livecoach.perception.body.visibility import cut_off_hint

ALL_SHOWS, STAND_STILL = "all shows from here", "stand still for a moment"
ANY_LIFT = "Choose an exercise to see where its faults show."
_CAP_SHARES = (0.033, 0.03, 0.027, 0.024, 0.021)
"""Heights of capitals to choose from for the lines next to the plan, as shares of the canvas' shorter side. The largest
that fits is used; the lines are read at the screen."""
_MOST_CAP, _SIGN_OF_CAP = 0.107, 1.7
"""Largest height of capitals in a message as a share of the canvas' shorter side (8 % is legible from three metres),
and the side of the message's sign relative to the height of capitals."""
_RING = 0.58, 0.98  # Radii of the ring of camera positions, as shares of half the plan's side
VisibleFaults = Literal["all", "some", "none", "unknown"]  # How many of an exercise's faults can be seen from a place
_COLOURS: dict[VisibleFaults, Colour] = {"all": GOOD, "some": RIGHT, "none": DIM, "unknown": GREY}
_SIGNS: dict[VisibleFaults, DrawShape] = {"all": shapes.draw_tick, "some": shapes.draw_dash, "none": shapes.draw_cross}
_SIGN_DEG = 20  # Narrower sectors have no room for a sign


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """The content of the floor plan: lifter and camera, seen from above, and a message about the camera's place."""

    camera_places: CameraPlaces | None = None  # Places of the camera for the chosen exercise; None without a choice
    step: Step | None = None  # The latest step; None before the first
    message: ShownMessage | None = None  # Where to move the camera, or "ready"; None without a message


def draw_floor_plan(canvas: np.ndarray, box: Box, plan: FloorPlan, *, mirrored: bool) -> None:
    """Draw the floor plan into a box of a canvas, next to the message or the drawbacks of the camera's place.

    If `mirrored`, left and right are exchanged in the arrow of the message.
    """
    shapes.fill_box(canvas, box, 1.0, NIGHT)
    floor = Box(box.x, box.y, box.h, box.h)
    view = None if plan.step is None else plan.step.place.view
    _draw_floor(canvas, floor, plan.camera_places, None if view is None else view.azimuth_deg)
    text_box = Box(floor.right, box.y, box.w - floor.w, box.h).grow(-max(2, box.h // 20))
    if plan.message is not None:
        _draw_message(canvas, text_box, plan.message.mirror_image if mirrored else plan.message)
    elif plan.step is not None and plan.step.observation.landmarks is not None:
        _draw_drawbacks(canvas, text_box, plan, plan.step)


def camera_sectors(places: CameraPlaces | None) -> Iterator[tuple[int, int, VisibleFaults]]:
    """Yield each sector around the lifter: its first and last azimuth in degrees, and how many faults show from there.

    Faults that only few azimuths show do not count. Sectors behind the lifter are "none"; without `places`, the other
    sectors are "unknown".
    """

    def shows(azimuth: int) -> VisibleFaults:
        if abs(azimuth) > FARTHEST_DEG:
            return "none"
        return "unknown" if places is None else "some" if places.hidden_items(azimuth) else "all"

    for what, sector in groupby(range(-180, 181), shows):
        degrees = [*sector]
        yield degrees[0], degrees[-1], what


def _draw_message(canvas: np.ndarray, box: Box, shown: ShownMessage) -> None:
    """Draw a message as large as fits, up to _MOST_CAP: its sign, its words on up to three lines, and the detail."""
    most_px, words = round(_MOST_CAP * min(canvas.shape[:2])), translate(shown.text)
    for cap_px in range(most_px, 0, -1):
        side = 0 if shown.sign is None else round(_SIGN_OF_CAP * cap_px)
        blocks = [text.typeset(words, lines, cap_px, box.w - side - cap_px // 2) for lines in (1, 2, 3)]
        detail = None
        if shown.detail is not None:
            detail = text.balance(translate(shown.detail), min(cap_px, most_px // 3), box.w)
        under = 0 if detail is None else detail.height_px + cap_px // 3
        fitting = [b for b in blocks if b.cap_px == cap_px and max(b.height_px, side) + under <= box.h]
        if fitting:
            break
    block = fitting[0]
    high = max(block.height_px, side)
    y = box.y + (box.h - high - under) // 2
    if shown.sign is not None:
        shown.sign.draw(canvas, Box(box.x, y + (high - side) // 2, side, side), shown.sign.colour)
    block.write(canvas, (box.x + side + cap_px // 2, y + (high - block.height_px) // 2), INK)
    if detail is not None:
        detail.write(canvas, (box.x, y + high + cap_px // 3), INK)


def _draw_drawbacks(canvas: np.ndarray, box: Box, plan: FloorPlan, step: Step) -> None:
    """Write the drawbacks of the camera's place and facts that are still unknown, or ALL_SHOWS if there are none."""
    cut = cut_off_hint(step.observation)
    lines = [] if cut is None else [(shapes.draw_cross, ALARM, cut.text)]
    if step.place.view is None or plan.camera_places is None:
        lines.append((shapes.draw_dash, GREY, STAND_STILL if step.place.view is None else ANY_LIFT))
    lines += [(shapes.draw_dash, RIGHT, words) for words in step.place.drawbacks]
    lines = lines or [(shapes.draw_tick, GOOD, ALL_SHOWS)]
    for share in _CAP_SHARES:
        cap_px = round(share * min(canvas.shape[:2]))
        blocks = [text.wrap(translate(words).split(" "), cap_px, box.w - 3 * cap_px) for _, _, words in lines]
        if sum(block.height_px + cap_px for block in blocks) - cap_px <= box.h:
            break
    y = box.y
    for (sign, colour, _), block in zip(lines, blocks, strict=True):
        sign(canvas, Box(box.x, y - cap_px // 2, 2 * cap_px, 2 * cap_px), colour)
        block.write(canvas, (box.x + 3 * cap_px, y), INK)
        y += block.height_px + cap_px


def _draw_floor(canvas: np.ndarray, box: Box, places: CameraPlaces | None, azimuth_deg: float | None) -> None:
    """Draw the plan from above, with the camera if its azimuth is known. The lifter looks towards the upper edge."""
    middle = np.array([box.x + box.w / 2, box.y + box.h / 2])
    inner, outer = (share * box.w / 2 for share in _RING)

    for first, last, shows in camera_sectors(places):
        ends = np.arange(first, last + 1)
        outline = np.concatenate([_camera_offset(ends, outer), _camera_offset(ends[::-1], inner)]) + middle
        cv2.fillPoly(canvas, [np.rint(outline * 16).astype(np.int32)], _COLOURS[shows], cv2.LINE_AA, 4)
        edge = np.array([_camera_offset(first, inner), _camera_offset(first, outer)]) + middle
        cv2.polylines(canvas, [np.rint(edge).astype(np.int32)], False, NIGHT, 2, cv2.LINE_AA)
        if shows in _SIGNS and last - first >= _SIGN_DEG:
            side = round(0.6 * (outer - inner))
            x, y = np.rint(_camera_offset((first + last + 1) // 2, (inner + outer) / 2) + middle).astype(int).tolist()
            ink = ALARM if shows == "none" else NIGHT
            _SIGNS[shows](canvas, Box(x - side // 2, y - side // 2, side, side), ink)
    _draw_lifter(canvas, middle, inner)
    if azimuth_deg is not None:
        _draw_camera(canvas, middle, azimuth_deg, outer)


def _camera_offset(azimuth_deg: "float | np.ndarray", length: float) -> np.ndarray:
    """Return the offset of a camera at an azimuth and distance from the lifter, (2,), or (n, 2) for n azimuths."""
    turn = np.radians(azimuth_deg)
    return -length * np.stack([np.sin(turn), np.cos(turn)], -1)


def _draw_lifter(canvas: np.ndarray, middle: np.ndarray, room: float) -> None:
    def line(points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        at = np.rint((np.array(points) * room + middle) * 16).astype(np.int32)
        cv2.polylines(canvas, [at], False, colour, max(1, round(width * room)), cv2.LINE_AA, 4)

    line([(-0.8, -0.3), (0.8, -0.3)], GREY, 0.06)
    for side in (-0.72, 0.72):
        line([(side, -0.5), (side, -0.1)], GREY, 0.14)
    line([(-0.35, -0.3), (-0.35, 0.1), (0.35, 0.1), (0.35, -0.3)], INK, 0.18)
    x, y = np.rint(middle).astype(int).tolist()
    cv2.circle(canvas, (x, y), round(0.22 * room), INK, -1, cv2.LINE_AA)
    cv2.circle(canvas, (x, y), round(0.22 * room), NIGHT, 2, cv2.LINE_AA)


def _draw_camera(canvas: np.ndarray, middle: np.ndarray, azimuth_deg: float, distance: float) -> None:
    out, across = _camera_offset(azimuth_deg, 1.0), _camera_offset(azimuth_deg + 90, 1.0)
    unit, at = distance / 5, middle + 0.82 * distance * out
    half = np.array([(0.7, 0.75), (-0.4, 0.75), (-0.4, 0.3), (-0.95, 0.5)])
    corners = np.concatenate([half, half[::-1] * (1, -1)])
    outline = np.rint((at + unit * (corners @ np.stack([out, across]))) * 16).astype(np.int32)
    cv2.fillPoly(canvas, [outline], INK, cv2.LINE_AA, 4)
    cv2.polylines(canvas, [outline], True, NIGHT, 3, cv2.LINE_AA, 4)
