"""Draws the page at the end of a run, in large type: an error, the outcome of the session, its sets, and buttons."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from livecoach.core.language import translate
from livecoach.feedback import shapes, summary_panel, text
from livecoach.feedback.screen import PICTURE_PAGE_SIZE_PX
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.shapes import CROSS, DUSK, INK, LEFT, NIGHT
from livecoach.feedback.summary_panel import LEAST_SHARE, SummaryRow

MARGIN_PX, GAP_PX = 24, 12
TITLE_CAP_PX, BUTTON_CAP_PX, BUTTON_H_PX = 36, 28, 84
MOST_ERROR_H = 0.35  # Largest height of the error and of the title, each as a share of the page's height


def button_boxes(labels: Mapping[str, str], *, portrait: bool) -> dict[str, Box]:
    """Return the box of each button in `labels` (at least one), by name: side by side, or in a column in portrait."""
    width, height = _size(portrait=portrait)
    rows = len(labels) if portrait else 1
    w = (width - 2 * MARGIN_PX + GAP_PX) * rows // len(labels) - GAP_PX
    top = height - MARGIN_PX - rows * (BUTTON_H_PX + GAP_PX) + GAP_PX
    places = {name: (0, at) if portrait else (at, 0) for at, name in enumerate(labels)}
    return {
        name: Box(MARGIN_PX + x * (w + GAP_PX), top + y * (BUTTON_H_PX + GAP_PX), w, BUTTON_H_PX)
        for name, (x, y) in places.items()
    }


def draw_end_page(
    title: str, rows: Sequence[SummaryRow], labels: Mapping[str, str], error: str = "", *, portrait: bool
) -> np.ndarray:
    """Draw the page at the end of a run on a new canvas, (height, width, 3) uint8 BGR.

    Args:
        title: Outcome of the session; empty if it is unknown.
        rows: Facts about the sets, in the lifter's language. If the text would be too small, rows with
            the highest `spare` are left out.
        labels: Labels of the buttons, by name; at least one. The first button is highlighted.
        error: Error that ended the run, with advice; empty without an error.
    """
    width, height = _size(portrait=portrait)
    canvas = np.full((height, width, 3), DUSK, np.uint8)
    places = button_boxes(labels, portrait=portrait)
    y = MARGIN_PX
    for words, sign in ((error, CROSS), (title, None)):
        if words:
            indent = 0 if sign is None else round(1.5 * TITLE_CAP_PX)
            block = _fitted(translate(words), width - 2 * MARGIN_PX - indent, round(MOST_ERROR_H * height))
            if sign is not None:
                sign.draw(canvas, Box(MARGIN_PX, y, block.cap_px, block.cap_px), sign.colour)
            block.write(canvas, (MARGIN_PX + indent, y), INK)
            y += block.height_px + 2 * GAP_PX
    bottom = min(place.y for place in places.values()) - 2 * GAP_PX
    if rows:
        _draw_rows(canvas, rows, Box(MARGIN_PX, y, width - 2 * MARGIN_PX, max(1, bottom - y)))
    for name, place in places.items():
        shapes.fill_box(canvas, place, 1.0, LEFT if name == next(iter(places)) else NIGHT, radius=place.h // 5)
        ink = NIGHT if name == next(iter(places)) else INK
        line = text.typeset(translate(labels[name]), 1, BUTTON_CAP_PX, place.w - 2 * GAP_PX, text.SEMIBOLD)
        line.write(canvas, (place.x + (place.w - line.width_px) // 2, place.y + (place.h - line.cap_px) // 2), ink)
    return canvas


def _draw_rows(canvas: np.ndarray, rows: Sequence[SummaryRow], field: Box) -> None:
    height_px = min(canvas.shape[:2])
    for level in sorted({row.spare for row in rows}, reverse=True):
        kept = [replace(row, spare=0) for row in rows if row.spare <= level]
        panel = summary_panel.place_summary(kept, field, height_px, None)
        if panel.cap_px >= LEAST_SHARE * height_px:
            break
    replace(panel, box=replace(panel.box, x=field.x, y=field.y)).draw(canvas)


def _size(*, portrait: bool) -> tuple[int, int]:
    width, height = PICTURE_PAGE_SIZE_PX
    return (height, width) if portrait else (width, height)


def _fitted(words: str, width_px: int, height_px: int) -> text.Block:
    sizes = (text.wrap(words.split(" "), cap, width_px, text.SEMIBOLD) for cap in range(TITLE_CAP_PX, 8, -2))
    return next(block for block in sizes if block.height_px <= height_px or block.cap_px <= 10)
