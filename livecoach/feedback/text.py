"""Typesets and writes text in OpenCV's TrueType font (Rubik, variable weight), by the height of its capitals.

OpenCV caches glyphs: the first glyph costs 80 ms, every text after that some 0.02 ms.
"""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from livecoach.core import language
from livecoach.feedback.shapes import Colour

CAP_OF_SIZE = 0.75  # Ratio of the height of a capital to the font's size, measured on "H" at 60 and 200 px
DESCENT_OF_CAP = 0.27  # Ratio of the depth of a "p" under the baseline to the height of a capital
LEADING_OF_CAP = 1.55  # Ratio of the distance between baselines to the height of a capital; our choice

NO_BREAK = language.NO_BREAK
REGULAR, SEMIBOLD, BOLD = 420, 560, 700  # Weights of the font


@functools.lru_cache(maxsize=1)
def _face() -> cv2.FontFace:
    return cv2.FontFace("sans")


def load_font() -> None:
    """Load the font, so that the first text of a run is not late."""
    write(np.zeros((8, 8, 3), np.uint8), "0", (0, 8), 6, (255, 255, 255))


def _font_size(cap_px: int) -> int:
    return max(1, int(np.ceil(cap_px / CAP_OF_SIZE)))


def _shown(text: str) -> str:
    # The font's slashed zero looks like an 8 from afar; a capital O does not.
    return text.replace("0", "O")


@functools.lru_cache(maxsize=512)
def width_px(text: str, cap_px: int, weight: int = REGULAR) -> int:
    """Return the width in pixels of a text on one line, with capitals that are `cap_px` pixels high."""
    return int(cv2.getTextSize((0, 0), _shown(text), (0, 0), _face(), _font_size(cap_px), weight)[2])


def write(
    canvas: np.ndarray, text: str, baseline_px: tuple[int, int], cap_px: int, colour: Colour, weight: int = REGULAR
) -> None:
    """Write a line of text on a canvas, clipped at the edges. `baseline_px` is the left end of the baseline."""
    # The wrap range keeps OpenCV from starting a new line at the canvas' right edge.
    end = max(canvas.shape[1], baseline_px[0] + 2 * width_px(text, cap_px, weight))
    cv2.putText(
        canvas,
        _shown(text),
        baseline_px,
        colour,
        _face(),
        _font_size(cap_px),
        weight,
        cv2.PUT_TEXT_ALIGN_LEFT,
        (0, end),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of typeset lines of one size, flush left."""

    lines: tuple[str, ...]
    cap_px: int
    weight: int

    @property
    def width_px(self) -> int:
        return max(width_px(line, self.cap_px, self.weight) for line in self.lines)

    @property
    def height_px(self) -> int:
        """Height from the top of the first line's capitals to the foot of the last line's descenders."""
        return round(self.cap_px * (1 + (len(self.lines) - 1) * LEADING_OF_CAP + DESCENT_OF_CAP))

    def write(self, canvas: np.ndarray, corner_px: tuple[int, int], colour: Colour) -> None:
        """Write the lines on a canvas, with the upper left corner of the block at `corner_px`."""
        for row, line in enumerate(self.lines):
            y = corner_px[1] + round(self.cap_px * (1 + row * LEADING_OF_CAP))
            write(canvas, line, (corner_px[0], y), self.cap_px, colour, self.weight)


def _words(text: str) -> list[str]:
    """Return the parts that may stand on separate lines; a number and its unit stay together."""
    return language.with_unbroken_units(text).split(" ")


def _break_lines(text: str, count: int, weight: int) -> tuple[str, ...]:
    """Break each line of a text into up to `count` lines between words, the widest lines as narrow as possible."""
    if "\n" in text:
        return tuple(line for part in text.split("\n") for line in _break_lines(part, count, weight))
    if count == 1:
        return (text,)
    words = _words(text) or [text]
    count = min(count, len(words))
    breaks = itertools.combinations(range(1, len(words)), count - 1)
    choices = [
        tuple(" ".join(words[a:b]) for a, b in zip((0, *cut), (*cut, len(words)), strict=True)) for cut in breaks
    ]
    return min(choices, key=lambda lines: sorted((width_px(line, 40, weight) for line in lines), reverse=True))


@functools.lru_cache(maxsize=256)
def typeset(text: str, lines: int, cap_px: int, max_width_px: int, weight: int = SEMIBOLD) -> Block:
    """Typeset each line of a text on up to `lines` lines. Capitals are `cap_px` high; text that is too wide shrinks."""
    return _narrowed(Block(lines=_break_lines(text, lines, weight), cap_px=cap_px, weight=weight), max_width_px)


def _narrowed(made: Block, max_width_px: int) -> Block:
    while made.width_px > max_width_px and made.cap_px > 1:
        smaller = min(made.cap_px - 1, made.cap_px * max_width_px // made.width_px)
        made = replace(made, cap_px=max(1, smaller))
    return made


def balance(text: str, cap_px: int, max_width_px: int, weight: int = REGULAR) -> Block:
    """Typeset a text on as few lines of similar length as the width allows; the text shrinks if a word is too wide."""
    count = len(wrap(_words(text), cap_px, max_width_px, weight).lines)
    return typeset(text, count, cap_px, max_width_px, weight)


def wrap(parts: Sequence[str], cap_px: int, max_width_px: int, weight: int = REGULAR, between: str = " ") -> Block:
    """Typeset parts on as few lines as the width allows. A part that is too wide breaks between words.

    Args:
        parts: Words, or groups of words that stay on one line if possible. All parts shrink if a word is too wide.
        between: Text between two parts on a line.
    """
    lines: list[str] = []
    for part in parts:
        if lines and width_px(joined := lines[-1] + between + part, cap_px, weight) <= max_width_px:
            lines[-1] = joined
        elif len(words := _words(part)) > 1 and width_px(part, cap_px, weight) > max_width_px:
            lines += wrap(words, cap_px, max_width_px, weight).lines
        else:
            lines.append(part)
    return _narrowed(Block(lines=tuple(lines) or ("",), cap_px=cap_px, weight=weight), max_width_px)
