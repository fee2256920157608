"""The real clips that judge recognition, and what each of them shows.

What counts as which exercise was written down before any clip was looked at. No weight, feature or threshold is fitted
to these clips.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach.frame.body import ANKLE, HIP, SHOULDER, WRIST, body
from livecoach.lab.measure.real_data import clip_rows, data_folder
from livecoach.lab.recognition.beliefs import BeliefOutcome, outcome_of
from livecoach.recognition.recogniser import Recogniser, RecognitionModel
from livecoach.recognition.ticks import WORLD, Ticks, sample_of
from livecoach.types import Observation

SAME = {"front_squat": "squat", "overhead_squat": "squat", "clean": "clean_and_jerk"}
"""What is a kind of an exercise; a clean is the first half of a clean and jerk."""
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
"""What is none of the exercises."""
TURNS, BACK = 0.2, 0.6
"""Share of a movement's range after which it has turned, and after which the rep is over."""
FULL = 0.5
"""Share of the clip's range that a movement covers at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealClip:
    """A clip, and what it shows."""

    path: Path
    labelled: str
    """As its table says."""
    origin: str

    @property
    def truth(self) -> str | None:
        """Name of the exercise; None for none of them."""
        return None if self.labelled in OUTSIDE else SAME.get(self.labelled, self.labelled)

    @property
    def group(self) -> str:
        """The people and cameras that it is from, as far as its name says."""
        return self.path.stem.split("_")[0] if "_" in self.path.stem else self.path.stem.rstrip("0123456789")


def real_clips() -> Iterator[RealClip]:
    """Yield the clips of both tables. Raises ConfigError where the data is missing."""
    folder = data_folder()
    for row in clip_rows():
        yield RealClip(path=folder / "clips" / row["file"], labelled=row["exercise"], origin=row["origin"])
    table = folder / "lifts" / "lifts.csv"
    if table.is_file():
        with table.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield RealClip(path=folder / "lifts" / row["file"], labelled=row["class"], origin=row["origin"])


def judged(
    observations: Sequence[Observation],
    truth: str | None,
    model: RecognitionModel,
    turn_end_s: tuple[float, float] | None = None,
) -> BeliefOutcome:
    """Return what recognition makes of a clip, as it would live.

    turn_end_s: when its first rep turns and ends; None to look for the first movement.
    """
    recogniser, ticks = Recogniser(model), Ticks()
    believed, t_s, seen = list[np.ndarray](), list[float](), list[np.ndarray]()
    for one in observations:
        of_lifter = body(one)
        recogniser.step(one, of_lifter)
        if of_lifter is not None:
            done = ticks.step(of_lifter.t_s, sample_of(of_lifter, one.width_px, one.height_px))
            seen += done
            believed += [recogniser.shares] * len(done)
            t_s += [one.t_s] * len(done)
    if not seen:
        return BeliefOutcome(truth=truth, said=None, sure=False, first_sure=None, known_after_s=None)
    if turn_end_s is None:
        turn_end = first_movement(np.stack(seen))
    else:
        turn, end = (min(int(np.searchsorted(t_s, at)), len(t_s) - 1) for at in turn_end_s)
        turn_end = turn, end
    return outcome_of(np.stack(believed), np.array(t_s), truth, turn_end, model.belief.sure, model.exercises)


def first_movement(ticks: np.ndarray) -> tuple[int, int]:
    """Return the ticks at which the first full movement of a clip turns, and is over.

    It is looked for in the world landmarks: in the heights of hips over ankles, of wrists over ankles and of wrists
    over shoulders, in that one which moves most. A clip that does not turn turns at its end.
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
