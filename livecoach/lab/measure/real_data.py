"""The real clips, which are not part of the project: LIVECOACH_DATA names their folder.

`clips/clips.csv` has a row for each clip (file, exercise, reps, label, origin, fps), `clips/squat_intervals.csv` the
labels of clips whose reps differ, `landmarks/` recordings by others.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from livecoach.config.exercise import Exercise
from livecoach.errors import ConfigError
from livecoach.lab.csv_table import table_rows
from livecoach.types import Rep

VARIABLE = "LIVECOACH_DATA"
Label = Literal["good", "bad"]
LABELS: dict[str, Label] = {"good": "good", "bad": "bad"}
CORRECT, NEUTRAL = "c", "x"
"""Letters of squat_intervals.csv: correct, and neutral, which is compatible with any other letter."""
IDLE = "i"
TOUCHED_S = 0.15
"""Smallest overlap of a rep with an interval that labels it."""


class Interval(NamedTuple):
    """A stretch of a clip with one label."""

    begins_s: float
    until_s: float
    letters: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledClip:
    """A real clip whose reps are labelled good or bad."""

    name: str
    origin: str
    """Repository of its origin."""
    of_clip: Label | None
    """Label of all its reps; None where they differ."""
    intervals: tuple[Interval, ...]
    """Labels of a clip whose reps differ."""

    def label(self, rep: Rep) -> Label | None:
        """Return the label of one of its reps; None if it is ambiguous."""
        return _label(self.intervals, rep) if self.of_clip is None else self.of_clip


def data_folder() -> Path:
    """Return the folder of the real data. Raises ConfigError where there is none."""
    named = os.environ.get(VARIABLE)
    if not named:
        raise ConfigError(f"{VARIABLE}: is not set. Set it to the folder of the real clips (docs/protocols.md).")
    folder = Path(named)
    if not (folder / "clips").is_dir():
        raise ConfigError(f"{folder}: has no folder clips. Set {VARIABLE} to the folder of the real clips.")
    return folder


def clips_folder() -> Path:
    """Return the folder of the real clips. Raises ConfigError where there is none."""
    return data_folder() / "clips"


def clip_rows() -> list[dict[str, str]]:
    """Return the rows of clips.csv. Raises ConfigError where they can't be read."""
    return [row for _, row in table_rows(clips_folder() / "clips.csv", ("file", "exercise", "reps", "label", "origin"))]


def labelled_clips(exercise: Exercise) -> Iterator[LabelledClip]:
    """Yield the labelled clips of an exercise."""
    intervals = squat_intervals()
    for row in clip_rows():
        if row["exercise"] == exercise.name and row["label"]:
            name = row["file"]
            yield LabelledClip(
                name=name,
                origin=row["origin"],
                of_clip=LABELS.get(row["label"]),
                intervals=intervals.get(name, ()),
            )


def squat_intervals() -> dict[str, tuple[Interval, ...]]:
    """Return clip → its intervals; each row's interval begins where the one before ends."""
    of_clip: dict[str, tuple[Interval, ...]] = {}
    path = clips_folder() / "squat_intervals.csv"
    for where, row in table_rows(path, ("file", "until_s", "labels")):
        before = of_clip.get(row["file"], ())
        begins_s = before[-1].until_s if before else 0.0
        text = row["until_s"]
        try:
            until_s = float("inf") if text == "end" else float(text)
        except ValueError as err:
            raise ConfigError(f"{where}: until_s is {text!r}, expected seconds or end. Correct the row.") from err
        of_clip[row["file"]] = (*before, Interval(begins_s, until_s, row["labels"]))
    return of_clip


def _label(intervals: tuple[Interval, ...], rep: Rep) -> Label | None:
    """Return good where a rep touches only correct intervals, bad where it touches a fault, else None."""
    touched = {
        letter
        for one in intervals
        if min(one.until_s, rep.end_s) - max(one.begins_s, rep.start_s) > TOUCHED_S
        for letter in one.letters
    } - {NEUTRAL}
    if not touched or IDLE in touched:
        return None
    return "good" if touched == {CORRECT} else "bad"
