"""Reads the tables of the real clips, which are not part of the project, and other tables that people write.

The environment variable LIVECOACH_DATA names the folder of the clips. `clips/clips.csv` and `lifts/lifts.csv` have a
row for each clip; `clips/squat_intervals.csv` has the labels of clips whose reps differ.
"""

import csv
import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from livecoach.core.config import read_yaml
from livecoach.core.config.files import open_regular
from livecoach.core.errors import ConfigError
from livecoach.core.types import Rep

NAMED = 6  # Most columns that a message names


def table_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the place, for error messages, and the fields by column of each row of a CSV file; skip empty rows.

    Fields have no spaces around them.

    Args:
        columns: Names of the columns that every row needs.

    Raises:
        ConfigError: The file can't be read, or lacks a column or a field; the message names the row.
    """
    expected = f"expected the columns {', '.join(columns[:NAMED])}{', …' if len(columns) > NAMED else ''}"
    try:
        with io.TextIOWrapper(open_regular(path), newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
    except OSError as err:
        raise ConfigError(f"{path}: can't be read ({err.strerror}). Is the data complete?") from err
    except (UnicodeDecodeError, csv.Error) as err:
        raise ConfigError(f"{path}: is no CSV file, {expected}.") from err
    names = [name.strip() for name in rows[0]] if rows else []
    for number, cells in enumerate([names, *rows[1:]], 1):
        where = f"{path}: line {number}"
        if number > 1 and not any(cells):
            continue
        lost = next((name for name in columns if name not in names[: len(cells)]), None)
        if lost is not None:
            raise ConfigError(f"{where}: {lost} is missing, {expected}.")
        if number > 1:
            yield where, dict(zip(names, (cell.strip() for cell in cells), strict=False))


VARIABLE = "LIVECOACH_DATA"
CORRECT, NEUTRAL, IDLE = "c", "x", "i"
"""Letters of squat_intervals.csv: correct; neutral, which agrees with any other letter; and idle, without a squat."""
TOUCHED_S = 0.15  # Least overlap of a rep with an interval that labels it, in seconds. Our choice.
SAME = {"front_squat": "squat", "overhead_squat": "squat", "clean": "clean_and_jerk"}
"""Variant → its exercise; a clean is the first half of a clean and jerk."""
OUTSIDE = (
    *("dumbbell_row", "good_morning", "kettlebell_clean_and_jerk", "kettlebell_snatch", "kettlebell_swing"),
    *("push_up", "curl", "lateral_raise", "other", "none"),
)
"""Labels of movements that are none of the exercises. The rule for which movement counts as which exercise was written
before anybody looked at a clip, and nothing is fitted to these clips."""


class Interval(NamedTuple):
    """An interval of a clip with its labels, each of a single letter."""

    begins_s: float
    until_s: float
    letters: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RealClip:
    """A recorded clip, with the labels that people gave it."""

    path: Path
    labelled: str  # Exercise in the table
    reps: int | None = None  # Number of reps; None if nobody counted them
    label: str = ""  # "good" or "bad" if that holds for all reps; empty if nobody judged them
    intervals: tuple[Interval, ...] = ()  # Labels of a clip whose reps differ
    origin: str = ""  # Collection that the clip is from; empty if unknown

    @property
    def true_exercise(self) -> str | None:
        """The name of the exercise as livecoach counts it, such as "squat" for a front squat.

        None if the clip shows none of livecoach's exercises.
        """
        return None if self.labelled in OUTSIDE else SAME.get(self.labelled, self.labelled)

    def label_of(self, rep: Rep) -> str | None:
        """Return the label of a rep: "good", "bad", or None if it is unclear.

        Without a label of the whole clip, the labels of the intervals that the rep overlaps by over TOUCHED_S decide,
        except neutral labels: good if all are correct, unclear if any is idle or there is none, and otherwise bad.
        """
        if self.label in {"good", "bad"}:
            return self.label
        touched = {
            letter
            for interval in self.intervals
            if min(interval.until_s, rep.end_s) - max(interval.begins_s, rep.start_s) > TOUCHED_S
            for letter in interval.letters
        } - {NEUTRAL}
        if not touched or IDLE in touched:
            return None
        return "good" if touched == {CORRECT} else "bad"


def data_folder() -> Path:
    """Return the folder of the real data. Raises ConfigError if LIVECOACH_DATA names no folder that holds `clips`."""
    named = os.environ.get(VARIABLE)
    if not named:
        raise ConfigError(f"{VARIABLE}: is not set. Set it to the folder of the real clips (docs/protocols.md).")
    folder = Path(named)
    if not (folder / "clips").is_dir():
        raise ConfigError(f"{folder}: has no folder clips. Set {VARIABLE} to the folder of the real clips.")
    return folder


def read_real_clips() -> list[RealClip]:
    """Read the clips of clips.csv in the data folder.

    If the table has the column `reps_at_lockout`, the counts in that column are used. They count a deadlift that
    reaches lockout as a rep. Raises ConfigError if the data folder, clips.csv or squat_intervals.csv is missing or
    invalid.
    """
    folder, clips = data_folder() / "clips", []
    intervals = _squat_intervals(folder / "squat_intervals.csv")
    for where, row in table_rows(folder / "clips.csv", ("file", "exercise", "reps", "label")):
        column = "reps_at_lockout" if "reps_at_lockout" in row else "reps"
        if row[column] and not row[column].isdecimal():
            raise ConfigError(f"{where}: {column} is {row[column]!r}, expected a whole number. Correct the row.")
        clips.append(
            RealClip(
                path=folder / row["file"],
                labelled=row["exercise"],
                reps=int(row[column]) if row[column] else None,
                label=row["label"],
                intervals=intervals.get(row["file"], ()),
                origin=row.get("origin", ""),
            )
        )
    return clips


def read_every_clip() -> Iterator[RealClip]:
    """Yield the clips in the data folder: of clips/clips.csv and, if it exists, of lifts/lifts.csv.

    Raises ConfigError if a table is missing or invalid.
    """
    yield from read_real_clips()
    folder = data_folder() / "lifts"
    if (folder / "lifts.csv").is_file():
        for _, row in table_rows(folder / "lifts.csv", ("file", "class")):
            yield RealClip(path=folder / row["file"], labelled=row["class"], origin=row.get("origin", ""))


def split_by_origin(clips: Sequence[RealClip], parts: int) -> list[list[RealClip]]:
    """Divide clips into parts of about equal size that have no origin in common.

    With fewer origins than parts, some parts are empty.
    """
    divided: list[list[RealClip]] = [[] for _ in range(parts)]
    for origin, _ in sorted(Counter(clip.origin for clip in clips).items(), key=lambda item: (-item[1], item[0])):
        min(divided, key=len).extend(clip for clip in clips if clip.origin == origin)
    return divided


def _squat_intervals(path: Path) -> dict[str, tuple[Interval, ...]]:
    """Return clip → its intervals. Each interval begins at the end of the previous row's interval."""
    of_clip: dict[str, tuple[Interval, ...]] = {}
    for where, row in table_rows(path, ("file", "until_s", "labels")):
        before = of_clip.get(row["file"], ())
        begins_s = before[-1].until_s if before else 0.0
        try:
            until_s = float("inf") if row["until_s"] == "end" else float(row["until_s"])
        except ValueError as err:
            raise ConfigError(
                f"{where}: until_s is {row['until_s']!r}, expected seconds or end. Correct the row."
            ) from err
        of_clip[row["file"]] = (*before, Interval(begins_s, until_s, row["labels"]))
    return of_clip


class LifterClips(NamedTuple):
    """The clips of a lifter with several sets."""

    exercise: str
    good: tuple[str, ...]  # Names of the clips of good sets, without suffix
    faulty: dict[str, str]  # Name of the clip of a faulty set → its fault


LIFTERS = read_yaml(Path(__file__).with_name("lifters.yaml"), dict[str, LifterClips])  # By a name for the lifter
