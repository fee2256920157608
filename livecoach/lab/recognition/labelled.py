"""A folder of clips whose exercise is known: what `evaluate` and `explore` judge recognition on.

`recognition.csv` in the folder has a row a clip: `file`, a video or its stored observations (.obs), and `exercise`, one
that the model knows or `none`.
"""

import csv
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from livecoach import assembly
from livecoach.documents import codec
from livecoach.errors import ConfigError
from livecoach.lab.dataset import CLIP_TABLE
from livecoach.lab.measure.recognition import NONE, UNSURE, Judged, said_of
from livecoach.lab.measure.table import Share
from livecoach.lab.recognition.real_clips import RealClip, judged
from livecoach.pose.blazepose import BlazePose
from livecoach.recognition.recogniser import RecognitionModel
from livecoach.source.file import VideoFile
from livecoach.types import Observation

OTHER = "none"


def labelled_clips(folder: Path, exercises: Sequence[str]) -> list[RealClip]:
    """Return the clips of a folder. Raises ConfigError that names the row at fault."""
    path, out = folder / CLIP_TABLE, []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path}: can't be read. Is it a table of clips?") from err
    for line, row in enumerate(rows, 2):
        name, exercise = row.get("file"), row.get("exercise")
        if not name or not exercise:
            raise ConfigError(f"{path}: line {line}: expected the columns file and exercise.")
        if exercise not in (*exercises, OTHER):
            there_are = ", ".join((*exercises, OTHER))
            raise ConfigError(f"{path}: line {line}: exercise {exercise!r} is unknown. There are: {there_are}")
        out.append(RealClip(path=folder / name, labelled=exercise, origin=""))
    if not out:
        raise ConfigError(f"{path}: has no clips. Add a line for each.")
    return out


def judged_folder(folder: Path, model: RecognitionModel) -> list[Judged]:
    """Return what a model makes of the clips of a folder."""
    return [
        Judged(
            name=clip.path.name,
            group=clip.group,
            labelled=clip.labelled,
            outcome=judged(_observations(clip.path), clip.truth, model),
        )
        for clip in labelled_clips(folder, model.exercises)
    ]


def figures(clips: Sequence[Judged]) -> dict[str, Any]:
    """Return the shares that are right and refused, the confusion matrix, and the clips that are not right."""
    within = [one for one in clips if one.outcome.truth is not None]
    others = [one for one in clips if one.outcome.truth is None]
    rows, columns, counts = matrix(clips)
    return {
        "clips": len(clips),
        "right": _share(within),
        "refused": _share(others),
        "confusion": {row: dict(zip(columns, of_row, strict=True)) for row, of_row in zip(rows, counts, strict=True)},
        "not_right": [
            {"file": one.name, "exercise": one.labelled, "said": said_of(one.outcome)}
            for one in clips
            if not one.outcome.right
        ],
    }


def text(found: dict[str, Any]) -> str:
    """Return the figures in a few lines."""
    lines = [f"{what}: {_said(found[what])}" for what in ("right", "refused") if found[what]["of"]]
    missed = [f"{one['file']}: {one['exercise']}, said: {one['said']}" for one in found["not_right"]]
    return "\n".join([*lines, *missed])


def matrix(clips: Sequence[Judged]) -> tuple[list[str], list[str], list[list[int]]]:
    """Return rows (the truth), columns (what is said) and counts of the confusion matrix."""
    truths = sorted({one.outcome.truth for one in clips if one.outcome.truth is not None})
    said = sorted({said_of(one.outcome) for one in clips} | set(truths), key=lambda name: (name == UNSURE, name))
    rows: list[str | None] = [*truths, *([None] if any(one.outcome.truth is None for one in clips) else [])]
    counts = [
        [sum(one.outcome.truth == row and said_of(one.outcome) == column for one in clips) for column in said]
        for row in rows
    ]
    return [row or NONE for row in rows], said, counts


def _share(clips: Sequence[Judged]) -> dict[str, Any]:
    share = Share(sum(one.outcome.right for one in clips), len(clips))
    low, high = share.interval
    return {"hits": share.count, "of": share.of, "low": round(low, 4), "high": round(high, 4)}


def _said(share: dict[str, Any]) -> str:
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
