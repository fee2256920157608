"""The page of recognition: the confusion matrix as a picture, and the clips that were missed."""

import base64
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from livecoach.charts import template
from livecoach.feedback import text as drawn_text
from livecoach.feedback.shapes import Colour
from livecoach.lab.measure.recognition import Judged, said_of
from livecoach.lab.recognition.labelled import figures, matrix, text

TEMPLATE = Path(__file__).with_name("page.html")
CELL_W, CELL_H, LEFT, TOP, MARGIN = 92, 44, 190, 64, 24
CAP = 11
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (34, 31, 28)
EDGE: Colour = (224, 220, 216)
RIGHT, WRONG = (110, 150, 60), (70, 90, 200)
"""BGR of a row in which everything is in one cell."""


def page(clips: Sequence[Judged], folder: Path, out: Path) -> str:
    """Return the HTML. The clips of the folder are linked as seen from `out`."""
    missed = [
        {
            "link": _link(folder / one.name, out),
            "name": one.name,
            "exercise": one.labelled,
            "said": said_of(one.outcome),
            "likeliest": one.outcome.said or "",
        }
        for one in clips
        if not one.outcome.right
    ]
    png = cv2.imencode(".png", picture(clips))[1].tobytes()
    return template(TEMPLATE).render(
        title=folder.resolve().name,
        summary=text(figures(clips)).splitlines()[:2],
        picture=f"data:image/png;base64,{base64.b64encode(png).decode()}",
        missed=missed,
    )


def picture(clips: Sequence[Judged]) -> np.ndarray:
    """Draw the confusion matrix, (height, width, 3) uint8 BGR: a row for each truth, a column for what is said."""
    rows, columns, counts = matrix(clips)
    height, width = TOP + len(rows) * CELL_H + MARGIN, LEFT + len(columns) * CELL_W + MARGIN
    canvas = np.full((height, width, 3), WHITE, np.uint8)
    for k, column in enumerate(columns):
        words = drawn_text.block(column.replace("_", " "), 2, CAP, CELL_W - 6, drawn_text.REGULAR)
        words.write(canvas, (LEFT + k * CELL_W + 4, 16), BLACK)
    for i, (row, of_row) in enumerate(zip(rows, counts, strict=True)):
        y = TOP + i * CELL_H
        drawn_text.write(canvas, row.replace("_", " "), (MARGIN, y + 28), CAP, BLACK)
        for k, count in enumerate(of_row):
            x = LEFT + k * CELL_W
            full = np.array(RIGHT if columns[k] == row else WRONG)
            share = count / max(sum(of_row), 1)
            shade = tuple(int(value) for value in 255 + share * (full - 255))
            cv2.rectangle(canvas, (x, y), (x + CELL_W, y + CELL_H), shade, -1)
            cv2.rectangle(canvas, (x, y), (x + CELL_W, y + CELL_H), EDGE, 1)
            if count:
                drawn_text.write(canvas, str(count), (x + CELL_W // 2 - 8, y + 28), CAP, BLACK)
    return canvas


def _link(clip: Path, out: Path) -> str:
    try:
        return clip.resolve().relative_to(out.resolve().parent).as_posix()
    except ValueError:
        return clip.resolve().as_uri()
