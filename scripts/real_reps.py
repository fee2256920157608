"""The reps of the real clips that are not part of the project (LIVECOACH_DATA, default ../shared/data), by origin.

Clips are looked at by BlazePose as livecoach does; what it saw is kept in a folder, so that a second run takes seconds.
"""

import csv
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from livecoach import assembly
from livecoach.config.exercise import Exercise
from livecoach.documents import codec
from livecoach.errors import LivecoachError
from livecoach.lab.pipeline_reps import pipeline_reps
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledClip:
    """A real clip of which something is known to be good or bad."""

    name: str
    origin: str
    """Repository that it comes from."""
    of_clip: Label | None
    """Label of all its reps; None where they differ."""
    stretches: list[tuple[float, float, str]]
    """Of a clip whose reps differ: from, until, letters."""

    def label(self, rep: Rep) -> Label | None:
        """Of one of its reps; None where that can't be said."""
        return _label(self.stretches, rep) if self.of_clip is None else self.of_clip


def labelled_clips(exercise: Exercise) -> Iterator[LabelledClip]:
    """Those of the exercise."""
    folder = data_folder()
    intervals = _intervals(folder / "squat_intervals.csv")
    with (folder / "clips.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["exercise"] == exercise.name and row["label"]]
    for row in rows:
        name, of_clip = row["file"], LABELS.get(row["label"])
        yield LabelledClip(name=name, origin=row["origin"], of_clip=of_clip, stretches=intervals.get(name, []))


def real_reps(exercise: Exercise, cache: Path, model: str = "lite") -> Iterator[RealRep]:
    """The reps of the exercise's clips whose label is known, as the pipeline finds them."""
    for clip in labelled_clips(exercise):
        for found in pipeline_reps(observations(data_folder() / clip.name, cache, model), exercise):
            label = clip.label(found.rep)
            if label is not None:
                yield RealRep(clip=clip.name, origin=clip.origin, label=label, rep=found.rep, tensor=found.tensor)


def run(work: Callable[[], None]) -> int:
    """Do what needs the clips; what the user can do something about is told in one line. Returns the exit status."""
    if not data_folder().is_dir():
        print(f"error: {data_folder()}: is not there. Set LIVECOACH_DATA to the folder of the clips.", file=sys.stderr)
        return 1
    try:
        work()
    except LivecoachError as err:
        print(f"error: {err}", file=sys.stderr)
        return err.exit_code
    return 0


def observations(clip: Path, cache: Path, model: str) -> list[Observation]:
    """What is seen in a clip, from the cache if it is there."""
    kept = cache / model / f"{clip.stem}.obs"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_bytes(b"".join(codec.record(codec.encode(seen)) for seen in _observed(clip, model)))
        part.rename(kept)
    with kept.open("rb") as file:
        return [codec.decode(payload) for payload in codec.read_records(file)]


def _observed(clip: Path, model: str) -> Iterator[Observation]:
    video, estimator = VideoFile(clip), BlazePose(model)
    try:
        observer = assembly.observer(estimator)
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
