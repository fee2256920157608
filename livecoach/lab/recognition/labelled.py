"""A folder of clips with known exercises, on which `evaluate` and `explore` judge recognition.

`recognition.csv` in the folder has a row for each clip: `file`, a video or its stored observations (.obs), and
`exercise`, one that the model knows or `none`. The page of `explore` shows the confusion matrix and the missed clips.
"""

import base64
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from livecoach import assembly
from livecoach.charts import template
from livecoach.documents import codec
from livecoach.errors import ConfigError
from livecoach.feedback import text as drawn_text
from livecoach.feedback.shapes import Colour
from livecoach.lab.dataset import CLIP_TABLE
from livecoach.lab.measure.real_data import table_rows
from livecoach.lab.measure.recognition import NONE, UNSURE, JudgedClip, predicted_class
from livecoach.lab.measure.table import Share
from livecoach.lab.recognition.real_clips import RealClip, judged
from livecoach.pose.blazepose import BlazePose
from livecoach.recognition.recogniser import RecognitionModel
from livecoach.source.file import VideoFile
from livecoach.types import Observation
from livecoach.types.message import in_words

TEMPLATE = Path(__file__).with_name("page.html")
CELL_W, CELL_H, LEFT, TOP, MARGIN = 92, 44, 190, 64, 24
CAP = 11
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (34, 31, 28)
EDGE: Colour = (224, 220, 216)
RIGHT, WRONG = (110, 150, 60), (70, 90, 200)
"""BGR of a cell that holds its whole row."""
OTHER = "none"


def page(clips: Sequence[JudgedClip], folder: Path, out: Path) -> str:
    """Return the HTML, with links to the folder's clips relative to `out`."""
    missed = [
        {
            "link": _link(folder / one.name, out),
            "name": one.name,
            "exercise": one.labelled,
            "said": predicted_class(one.outcome),
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


def picture(clips: Sequence[JudgedClip]) -> np.ndarray:
    """Draw the confusion matrix, (height, width, 3) uint8 BGR: rows are true classes, columns predicted ones."""
    rows, columns, counts = matrix(clips)
    height, width = TOP + len(rows) * CELL_H + MARGIN, LEFT + len(columns) * CELL_W + MARGIN
    canvas = np.full((height, width, 3), WHITE, np.uint8)
    for k, column in enumerate(columns):
        words = drawn_text.block(in_words(column), 2, CAP, CELL_W - 6, drawn_text.REGULAR)
        words.write(canvas, (LEFT + k * CELL_W + 4, 16), BLACK)
    for i, (row, of_row) in enumerate(zip(rows, counts, strict=True)):
        y = TOP + i * CELL_H
        drawn_text.write(canvas, in_words(row), (MARGIN, y + 28), CAP, BLACK)
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


def labelled_clips(folder: Path, exercises: Sequence[str]) -> list[RealClip]:
    """Return the clips of a folder. Raises ConfigError that names the row at fault."""
    path, out = folder / CLIP_TABLE, []
    for line, row in enumerate(table_rows(path, ("file", "exercise")), 2):
        name, exercise = row["file"], row["exercise"]
        if not name or not exercise:
            raise ConfigError(f"{path}: line {line}: expected the columns file and exercise.")
        if exercise not in (*exercises, OTHER):
            there_are = ", ".join((*exercises, OTHER))
            raise ConfigError(f"{path}: line {line}: exercise {exercise!r} is unknown. There are: {there_are}")
        out.append(RealClip(path=folder / name, labelled=exercise, origin=""))
    if not out:
        raise ConfigError(f"{path}: has no clips. Add a line for each.")
    return out


def judged_folder(folder: Path, model: RecognitionModel) -> list[JudgedClip]:
    """Return the outcomes of a folder's clips by a model."""
    return [
        JudgedClip(
            name=clip.path.name,
            group=clip.group,
            labelled=clip.labelled,
            outcome=judged(_observations(clip.path), clip.truth, model),
        )
        for clip in labelled_clips(folder, model.exercises)
    ]


def figures(clips: Sequence[JudgedClip]) -> dict[str, Any]:
    """Return the shares of right and of refused clips, the confusion matrix, and the clips that are not right."""
    within = [one for one in clips if one.outcome.truth is not None]
    others = [one for one in clips if one.outcome.truth is None]
    rows, columns, counts = matrix(clips)
    return {
        "clips": len(clips),
        "right": _share(within),
        "refused": _share(others),
        "confusion": {row: dict(zip(columns, of_row, strict=True)) for row, of_row in zip(rows, counts, strict=True)},
        "not_right": [
            {"file": one.name, "exercise": one.labelled, "said": predicted_class(one.outcome)}
            for one in clips
            if not one.outcome.right
        ],
    }


def text(judged: dict[str, Any]) -> str:
    """Return the figures in a few lines."""
    lines = [f"{what}: {_share_text(judged[what])}" for what in ("right", "refused") if judged[what]["of"]]
    missed = [f"{one['file']}: {one['exercise']}, said: {one['said']}" for one in judged["not_right"]]
    return "\n".join([*lines, *missed])


def matrix(clips: Sequence[JudgedClip]) -> tuple[list[str], list[str], list[list[int]]]:
    """Return rows (true classes), columns (predicted ones) and counts of the confusion matrix."""
    truths = sorted({one.outcome.truth for one in clips if one.outcome.truth is not None})
    said = sorted(
        {predicted_class(one.outcome) for one in clips} | set(truths), key=lambda name: (name == UNSURE, name)
    )
    rows: list[str | None] = [*truths, *([None] if any(one.outcome.truth is None for one in clips) else [])]
    counts = [
        [sum(one.outcome.truth == row and predicted_class(one.outcome) == column for one in clips) for column in said]
        for row in rows
    ]
    return [row or NONE for row in rows], said, counts


def _share(clips: Sequence[JudgedClip]) -> dict[str, Any]:
    share = Share(sum(one.outcome.right for one in clips), len(clips))
    low, high = share.interval
    return {"hits": share.count, "of": share.of, "low": round(low, 4), "high": round(high, 4)}


def _share_text(share: dict[str, Any]) -> str:
    return f"{share['hits']} of {share['of']} ({100 * share['low']:.0f}–{100 * share['high']:.0f} %)"


def _observations(path: Path) -> list[Observation]:
    if path.suffix == ".obs":
        try:
            with path.open("rb") as file:
                return [codec.decode(payload) for payload in codec.read_records(file)]
        except OSError as err:
            raise ConfigError(f"{path}: can't be read ({err.strerror}). Is it there?") from err
    with closing(VideoFile(path)) as video, closing(BlazePose("lite")) as estimator:
        observer = assembly.observer(estimator)
        out = []
        while (frame := video.read()) is not None:
            out.append(observer.observe(frame))
        return out
