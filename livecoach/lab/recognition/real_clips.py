"""The real clips on which recognition is judged, and their exercises.

The rule which movement counts as which exercise was written before anybody looked at a clip. No weight, feature or
threshold is fitted to these clips.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach.errors import ConfigError
from livecoach.frame.body import ANKLE, HIP, SHOULDER, WRIST, body
from livecoach.lab.csv_table import table_rows
from livecoach.lab.measure.real_data import clip_rows, data_folder
from livecoach.lab.recognition.beliefs import BeliefOutcome, outcome_of
from livecoach.recognition.recogniser import Recogniser, RecognitionModel
from livecoach.recognition.ticks import WORLD, Ticks, sample_of
from livecoach.types import Observation

SAME = {"front_squat": "squat", "overhead_squat": "squat", "clean": "clean_and_jerk"}
"""Variant → its exercise; a clean is the first half of a clean and jerk."""
OUTSIDE = (
    "dumbbell_row",
    "good_morning",
    "kettlebell_clean_and_jerk",
    "kettlebell_snatch",
    "kettlebell_swing",
    "push_up",
    "curl",
    "lateral_raise",
    "other",
    "none",
)
"""Labels that are none of the exercises."""
TURNS, BACK = 0.2, 0.6
"""Shares of a movement's range after which it has turned, and after which the rep is over."""
FULL = 0.5
"""Least share of the clip's range that a movement covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealClip:
    """A clip and its label."""

    path: Path
    labelled: str
    """Its label in the table."""
    origin: str

    @property
    def truth(self) -> str | None:
        """Name of the exercise; None for none of them."""
        return None if self.labelled in OUTSIDE else SAME.get(self.labelled, self.labelled)

    @property
    def group(self) -> str:
        """Its people and cameras, as far as its name shows them."""
        return self.path.stem.split("_")[0] if "_" in self.path.stem else self.path.stem.rstrip("0123456789")


def real_clips() -> Iterator[RealClip]:
    """Yield the clips of both tables. Raises ConfigError where the data is missing."""
    folder = data_folder()
    for row in clip_rows():
        yield RealClip(path=folder / "clips" / row["file"], labelled=row["exercise"], origin=row["origin"])
    table = folder / "lifts" / "lifts.csv"
    if table.is_file():
        for _, row in table_rows(table, ("file", "class", "origin")):
            yield RealClip(path=folder / "lifts" / row["file"], labelled=row["class"], origin=row["origin"])


CLIP_TABLE = "recognition.csv"


def is_clip_folder(folder: Path) -> bool:
    """Return whether a folder holds clips whose exercise is known, rather than a dataset of reps."""
    return (folder / CLIP_TABLE).is_file()


def folder_clips(folder: Path, exercises: Sequence[str]) -> list[RealClip]:
    """Return the clips of a folder. Raises ConfigError that names the row at fault."""
    path, known, out = folder / CLIP_TABLE, (*exercises, "none"), []
    for where, row in table_rows(path, ("file", "exercise")):
        name, exercise = row["file"], row["exercise"]
        if exercise not in known:
            raise ConfigError(f"{where}: exercise {exercise!r} is unknown. There are: {', '.join(known)}")
        out.append(RealClip(path=folder / name, labelled=exercise, origin=""))
    if not out:
        raise ConfigError(f"{path}: has no clips. Add a line for each.")
    return out


def judged(
    observations: Sequence[Observation],
    truth: str | None,
    model: RecognitionModel,
    turn_end_s: tuple[float, float] | None = None,
) -> BeliefOutcome:
    """Return the outcome of recognition on a clip, as in a live run.

    turn_end_s: times at which its first rep turns and ends; None to detect the first movement.
    """
    recogniser, ticks = Recogniser(model), Ticks()
    believed, t_s, complete = list[np.ndarray](), list[float](), list[np.ndarray]()
    for one in observations:
        of_lifter = body(one)
        recogniser.step(one, of_lifter)
        if of_lifter is not None:
            done = ticks.step(of_lifter.t_s, sample_of(of_lifter, one.width_px, one.height_px))
            complete += done
            believed += [recogniser.shares] * len(done)
            t_s += [one.t_s] * len(done)
    if not complete:
        return BeliefOutcome(truth=truth, said=None, sure=False, first_sure=None, known_after_s=None)
    if turn_end_s is None:
        turn_end = first_movement(np.stack(complete))
    else:
        turn, end = (min(int(np.searchsorted(t_s, at)), len(t_s) - 1) for at in turn_end_s)
        turn_end = turn, end
    return outcome_of(np.stack(believed), np.array(t_s), truth, turn_end, model.belief.sure, model.exercises)


def first_movement(ticks: np.ndarray) -> tuple[int, int]:
    """Return the ticks at which the first full movement of a clip turns and ends.

    It is detected in one of three heights of the world landmarks, the one that moves most: hips over ankles, wrists
    over ankles, or wrists over shoulders. A clip without a turn is taken to turn at its end.
    """
    down = ticks[:, :WORLD].reshape(len(ticks), -1, 2, 3).mean(2)[..., 1]
    pairs = ((HIP, ANKLE), (WRIST, ANKLE), (WRIST, SHOULDER))
    heights = [down[:, low] - down[:, high] for high, low in pairs]
    smooth = [np.convolve(np.pad(height, 1, "edge"), np.full(3, 1 / 3), "valid") for height in heights]
    height = max(smooth, key=np.ptp)
    whole, last = np.ptp(height), len(height) - 1
    for sign in (1, -1) if abs(height.max() - height[0]) > abs(height.min() - height[0]) else (-1, 1):
        gone = sign * (height - height[0])
        furthest = np.maximum.accumulate(gone)
        turned = np.flatnonzero((furthest >= FULL * whole) & (furthest - gone >= TURNS * whole))
        if len(turned):
            turn = int(gone[: turned[0] + 1].argmax())
            over = np.flatnonzero(gone[turn:] <= (1 - BACK) * gone[turn])
            return turn, turn + int(over[0]) if len(over) else last
    return last, last
