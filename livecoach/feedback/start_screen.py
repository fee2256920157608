"""Draws the start screen: the camera's picture, and beside it the exercise, profile and camera to choose."""

from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.feedback import shapes, text
from livecoach.feedback.layout import Box
from livecoach.feedback.palette import DIM, DUSK, GREY, INK, LEFT, NIGHT
from livecoach.feedback.start_menu import StartMenu
from livecoach.language import told

SIZE_PX = (1280, 720)
MARGIN_PX = 24
PREVIEW_W_PX = 680
TITLE_H_PX = 96
ITEM_H_PX = 100
GAP_PX = 10
CAP_PX = 34
"""Height of the capitals of what is chosen, 4.7 % of the height: it is read on the way to the platform."""
LABEL_CAP_PX = 15
KEYS = "Arrow keys move and change   Enter starts   Esc ends   Page Down moves, Page Up changes or starts"
ARROWS = ("‹", "›")
NO_PICTURE = "no picture yet"


@dataclass(frozen=True, slots=True)
class StartScreen:
    """The places of a menu's rows and buttons on a canvas of SIZE_PX."""

    menu: StartMenu

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Place of each row and button, from top to bottom."""
        x = PREVIEW_W_PX + 2 * MARGIN_PX
        w = SIZE_PX[0] - x - MARGIN_PX
        high = self.menu.items * (ITEM_H_PX + GAP_PX) - GAP_PX
        top = TITLE_H_PX + (SIZE_PX[1] - TITLE_H_PX - 2 * MARGIN_PX - high) // 2
        return tuple(Box(x, top + k * (ITEM_H_PX + GAP_PX), w, ITEM_H_PX) for k in range(self.menu.items))

    def item_at(self, x: int, y: int) -> tuple[int, bool] | None:
        """Return the row or button at a place of the canvas, and whether that is on its left half; None beside them."""
        for number, box in enumerate(self.boxes):
            if box.x <= x < box.right and box.y <= y < box.bottom:
                return number, x < box.x + box.w // 2
        return None

    def draw(self, preview: np.ndarray | None, note: str | None) -> np.ndarray:
        """Return a new canvas. preview: (height, width, 3) uint8 BGR from the chosen camera; None: there is none yet.
        note: a line in place of the title: "camera 1 does not answer"."""
        canvas = np.full((SIZE_PX[1], SIZE_PX[0], 3), DUSK, np.uint8)
        self._draw_preview(canvas, preview)
        title = text.block(told(note or "livecoach"), 1, TITLE_H_PX * 2 // 5, SIZE_PX[0] - 2 * MARGIN_PX)
        title.write(canvas, (MARGIN_PX, (TITLE_H_PX - title.cap_px) // 2), INK)
        for number, box in enumerate(self.boxes):
            self._draw_item(canvas, box, number)
        text.write(canvas, told(KEYS), (MARGIN_PX, SIZE_PX[1] - MARGIN_PX), LABEL_CAP_PX, GREY)
        return canvas

    def _draw_preview(self, canvas: np.ndarray, picture: np.ndarray | None) -> None:
        """Lay the picture into its place, mirrored, as large as it fits."""
        place = Box(MARGIN_PX, TITLE_H_PX, PREVIEW_W_PX, SIZE_PX[1] - TITLE_H_PX - 3 * MARGIN_PX)
        cv2.rectangle(canvas, (place.x, place.y), (place.right - 1, place.bottom - 1), NIGHT, -1)
        if picture is None:
            self._centred(canvas, told(NO_PICTURE), place, CAP_PX, GREY)
            return
        scale = min(place.w / picture.shape[1], place.h / picture.shape[0])
        w, h = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
        x, y = place.x + (place.w - w) // 2, place.y + (place.h - h) // 2
        canvas[y : y + h, x : x + w] = cv2.flip(cv2.resize(picture, (w, h)), 1)

    def _draw_item(self, canvas: np.ndarray, box: Box, number: int) -> None:
        is_here, rows = number == self.menu.at, self.menu.rows
        shapes.plate(canvas, box, 1.0, LEFT if is_here else NIGHT, radius=box.h // 5)
        ink = NIGHT if is_here else INK
        if number >= len(rows):
            self._centred(canvas, told(self.menu.buttons[number - len(rows)].text), box, CAP_PX, ink)
            return
        row = rows[number]
        label_at = box.x + LABEL_CAP_PX, box.y + 2 * LABEL_CAP_PX
        text.write(canvas, told(row.name), label_at, LABEL_CAP_PX, ink if is_here else GREY)
        field = Box(box.x, box.y + LABEL_CAP_PX, box.w, box.h - LABEL_CAP_PX)
        for arrow, x in zip(ARROWS, (field.x + CAP_PX // 2, field.right - CAP_PX), strict=True):
            colour = ink if len(row.options) > 1 else DIM
            text.write(canvas, arrow, (x, field.y + (field.h + CAP_PX) // 2), CAP_PX, colour, text.BOLD)
        self._centred(
            canvas, told(row.chosen), Box(field.x + 2 * CAP_PX, field.y, field.w - 4 * CAP_PX, field.h), CAP_PX, ink
        )

    def _centred(self, canvas: np.ndarray, words: str, box: Box, cap_px: int, ink: tuple[int, int, int]) -> None:
        line = text.block(words, 1, cap_px, box.w, text.SEMIBOLD)
        text.write(
            canvas,
            words,
            (box.x + (box.w - line.width_px) // 2, box.y + (box.h + line.cap_px) // 2),
            line.cap_px,
            ink,
            text.SEMIBOLD,
        )
