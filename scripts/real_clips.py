"""The labelled reps of the real clips with what was seen in them, those that the pipeline does not judge too."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from real_reps import LABELS, Label, _intervals, _label, data_folder, observations
from width import found_reps

from livecoach.exercise import Exercise
from livecoach.types import Observation, Rep


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledRep:
    """A rep of a real clip."""

    clip: str
    origin: str
    """Repository that the clip comes from."""
    label: Label
    rep: Rep
    """Its score is None where the pipeline would not judge it."""
    observations: Sequence[Observation]
    """Of the whole clip."""


def labelled_reps(exercise: Exercise, cache: Path, model: str) -> Iterator[LabelledRep]:
    """The reps of the exercise's clips whose label is known, as the pipeline finds them."""
    folder = data_folder()
    intervals = _intervals(folder / "squat_intervals.csv")
    with (folder / "clips.csv").open(newline="", encoding="utf-8") as file:
        clips = [row for row in csv.DictReader(file) if row["exercise"] == exercise.name and row["label"]]
    for row in clips:
        name, of_clip = row["file"], LABELS.get(row["label"])
        seen = observations(folder / name, cache, model)
        for rep in found_reps(seen, exercise):
            label = _label(intervals.get(name, []), rep) if of_clip is None else of_clip
            if label is not None:
                yield LabelledRep(clip=name, origin=row["origin"], label=label, rep=rep, observations=seen)
