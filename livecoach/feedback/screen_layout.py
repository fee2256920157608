"""Lays out the canvas: its size, shared lengths, and places that keep clear of the lifter."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

SMALLEST_LONG_SIDE_PX = 640  # Least longer side of a canvas: smaller pictures are enlarged, so that text is sharp
PORTRAIT = 1.1  # Least ratio of width to height of a picture with room for the rep number next to the lifter
WIDE = 1.5  # Least ratio of width to height of a picture with room on both sides of the lifter
PANEL_OF_HEIGHT = 0.7  # Ratio of the panel's width to the picture's height: for two digits, and two words of a cue


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in canvas pixels."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    def overlap(self, other: "Box | None") -> int:
        """Return the area that both boxes cover, in square pixels; 0 for None."""
        if other is None:
            return 0
        across = min(self.right, other.right) - max(self.x, other.x)
        down = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(0, across) * max(0, down)

    def part_below(self, y: int) -> "Box":
        """Return the part of the box from the row `y` downwards, at least one pixel high."""
        top = min(max(self.y, y), self.bottom - 1)
        return Box(self.x, top, self.w, self.bottom - top)

    def grow(self, by_px: int) -> "Box":
        """Return a box with the same centre, extended by `by_px` on each side."""
        return Box(self.x - by_px, self.y - by_px, self.w + 2 * by_px, self.h + 2 * by_px)


NOWHERE = Box(0, 0, 0, 0)  # An empty box


@dataclass(frozen=True)
class Sheet:
    """The layout of a canvas: the picture, and a panel for text to the left of a narrow picture.

    Screens are wider than tall: the panel takes room that would stay black. Shared lengths follow from the area for
    text, which is the panel or the whole sheet. All lengths are in pixels.
    """

    width: int
    height: int
    panel_width: int = 0  # 0 without a panel; the picture takes the rest

    @property
    def text_width(self) -> int:
        return self.panel_width or self.width

    @property
    def picture_size(self) -> tuple[int, int]:
        return self.width - self.panel_width, self.height

    @cached_property
    def picture_field(self) -> Box:
        w, h = self.picture_size
        return Box(
            self.panel_width + self.margin, self.margin, max(1, w - 2 * self.margin), max(1, h - 2 * self.margin)
        )

    @cached_property
    def shorter_side(self) -> int:
        return min(self.text_width, self.height)

    @property
    def is_narrow(self) -> bool:
        """Whether the area for text, such as a panel, is too narrow for two texts side by side."""
        return self.text_width < self.height

    @property
    def is_wide(self) -> bool:
        """Whether the area for text has room on both sides of a lifter, as in a picture of 16:9."""
        return self.text_width >= WIDE * self.height

    @cached_property
    def border_px(self) -> int:
        """Thickness of the border that shows a verdict."""
        return max(2, round(0.03 * self.shorter_side))

    @cached_property
    def margin(self) -> int:
        """Distance of texts from the edge of the canvas, so that the texts keep clear of the border."""
        return self.border_px + max(1, round(0.015 * self.shorter_side))

    @cached_property
    def gap(self) -> int:
        return max(1, round(0.015 * self.shorter_side))

    @cached_property
    def chip_cap_px(self) -> int:
        """Largest height of capitals in chips. They are small, because the lifter reads chips close to the screen."""
        return max(3, round(min(0.026 * self.height, 0.034 * self.text_width)))

    @cached_property
    def chip_height(self) -> int:
        return round(2.2 * self.chip_cap_px)

    @cached_property
    def inner_width(self) -> int:
        return max(1, self.text_width - 2 * self.margin)

    def field(self, rows: int) -> Box:
        """Return the area for text above `rows` rows of chips, at least one row, because a chip may appear later."""
        h = self.height - 2 * self.margin - max(1, rows) * (self.chip_height + self.gap)
        return Box(self.margin, self.margin, self.inner_width, max(1, h))

    @cached_property
    def _bar_width(self) -> int:
        return max(3, round(0.032 * self.shorter_side))

    def progress_bar_box(self, field: Box, *, right: bool) -> Box:
        """Return the place of the progress bar, at the right or left edge of a field."""
        w = self._bar_width
        h = max(1, round(0.7 * field.h))
        return Box(field.right - w if right else field.x, field.y + (field.h - h) // 2, w, h)

    def field_without_bar(self, field: Box, *, right: bool) -> Box:
        """Return the part of a field that the progress bar, at the right or left edge, and its gap leave free."""
        used = self._bar_width + self.gap
        return Box(field.x if right else field.x + used, field.y, max(1, field.w - used), field.h)


@lru_cache(maxsize=4)  # The pictures of a run have the same size
def lay_out_sheet(width_px: int, height_px: int, longest_px: int) -> Sheet:
    """Return the sheet for a picture of a width and height. All widths and heights are even, as video encoders need.

    The longer side of the sheet is at least SMALLEST_LONG_SIDE_PX, and at most `longest_px`.
    """
    panel = PANEL_OF_HEIGHT * height_px if width_px < PORTRAIT * height_px else 0.0
    longer = max(width_px + panel, height_px)
    scale = min(max(longer, SMALLEST_LONG_SIDE_PX), longest_px) / longer
    width, height, panel_px = (round(side * scale / 2) * 2 for side in (width_px, height_px, panel))
    return Sheet(max(2, width) + panel_px, max(2, height), panel_px)


def corner_boxes(field: Box, w: int, h: int) -> tuple[Box, ...]:
    """Return a box of w x h in each corner of a field: upper left, upper right, lower left, lower right."""
    return tuple(Box(x, y, w, h) for y in (field.y, field.bottom - h) for x in (field.x, field.right - w))


def best_corner(boxes: Sequence[Box], lifter: Box | None, current_index: int) -> int:
    """Return the index of the box that hides the lifter least, or `current_index` if that hides up to twice as much."""
    cover = [box.overlap(lifter) for box in boxes]
    best = min(range(len(boxes)), key=lambda i: (cover[i], i))
    return best if cover[best] < cover[current_index] / 2 else current_index


def text_boxes(field: Box, w: int, h: int, *, right: bool) -> list[Box]:
    """Return boxes for a text in a field, best first: at the bottom, at the top, in the middle.

    In each row, the first box is at the left edge (right edge if `right`), the second opposite, the third between.
    """
    ys = (field.bottom - h, field.y, field.y + (field.h - h) // 2)
    sides = (field.right - w, field.x) if right else (field.x, field.right - w)
    xs = (*sides, field.x + (field.w - w) // 2)
    return [Box(x, y, w, h) for y in ys for x in xs]
