"""The reps of the real clips that are not part of the project (LIVECOACH_DATA, default ../shared/data), by origin.

Clips are looked at by BlazePose as livecoach does; what it saw is kept in a folder, so that a second run takes seconds.
"""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from scorer_reps import pipeline_reps

from livecoach import codec
from livecoach.exercise import Exercise
from livecoach.observe import Observer
from livecoach.pose.blazepose import BlazePose
from livecoach.source.file import VideoFile
from livecoach.types import Observation, Rep

Label = Literal["good", "bad"]
LABELS: dict[str, Label] = {"good": "good", "bad": "bad"}
CORRECT, NEUTRAL = "c", "x"
"""Letters of squat_intervals.csv: correct, and what goes with any other letter."""
IDLE = "i"
TOUCHED_S = 0.15
"""A rep that shares less than this with an interval has nothing to do with it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RealRep:
    """A rep of a real clip."""

    clip: str
    origin: str
    """Repository that the clip comes from."""
    label: Label
    rep: Rep
    tensor: np.ndarray


def data_folder() -> Path:
    """Where the clips are, if they are."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("LIVECOACH_DATA", beside)) / "clips"


def real_reps(exercise: Exercise, cache: Path, model: str = "lite") -> Iterator[RealRep]:
    """The reps of the exercise's clips whose label is known, as the pipeline finds them."""
    folder = data_folder()
    intervals = _intervals(folder / "squat_intervals.csv")
    with (folder / "clips.csv").open(newline="", encoding="utf-8") as file:
        clips = [row for row in csv.DictReader(file) if row["exercise"] == exercise.name and row["label"]]
    for row in clips:
        name = row["file"]
        for found in pipeline_reps(observations(folder / name, cache, model), exercise):
            of_clip = LABELS.get(row["label"])
            label = _label(intervals.get(name, []), found.rep) if of_clip is None else of_clip
            if label is not None:
                yield RealRep(clip=name, origin=row["origin"], label=label, rep=found.rep, tensor=found.tensor)


def observations(clip: Path, cache: Path, model: str) -> list[Observation]:
    """What is seen in a clip, from the cache if it is there."""
    kept = cache / model / f"{clip.stem}.obs"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_bytes(b"".join(codec.frame(codec.encode(seen)) for seen in _observed(clip, model)))
        part.rename(kept)
    with kept.open("rb") as file:
        return [codec.decode(payload) for payload in codec.read_records(file)]


def _observed(clip: Path, model: str) -> Iterator[Observation]:
    video, estimator = VideoFile(clip), BlazePose(model)
    try:
        observer = Observer(estimator)
        while (frame := video.read()) is not None:
            yield observer.observe(frame)
    finally:
        estimator.close()
        video.close()


def _intervals(path: Path) -> dict[str, list[tuple[float, float, str]]]:
    """Clip → (from, until, letters); each row's stretch begins where the one before ends."""
    of_clip: dict[str, list[tuple[float, float, str]]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            stretches = of_clip.setdefault(row["file"], [])
            begins_s = stretches[-1][1] if stretches else 0.0
            text = row["until_s"].strip()
            until_s = float("inf") if text == "end" else float(text)
            stretches.append((begins_s, until_s, row["labels"].strip()))
    return of_clip


def _label(stretches: list[tuple[float, float, str]], rep: Rep) -> Label | None:
    """Good where only correct stretches are touched, bad where a fault is; None where that can't be said."""
    touched = {
        letter
        for begins_s, until_s, letters in stretches
        if min(until_s, rep.end_s) - max(begins_s, rep.start_s) > TOUCHED_S
        for letter in letters
    } - {NEUTRAL}
    if not touched or IDLE in touched:
        return None
    return "good" if touched == {CORRECT} else "bad"
