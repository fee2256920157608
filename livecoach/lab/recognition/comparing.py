"""The table of rivals: how many whole clips of lifters that nobody learned from each kind gets right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from livecoach.lab.processes import Progress
from livecoach.lab.recognition.beliefs import STARTING, shares
from livecoach.lab.recognition.clips import Clip, gathered_clips
from livecoach.lab.recognition.dataset import gathered
from livecoach.lab.recognition.making import RecognitionRecipe, trained
from livecoach.lab.recognition.rivals import RIVALS
from livecoach.lab.recognition.sets import NONE, Stretch
from livecoach.lab.recognition.training import STREAMING
from livecoach.synth.motion.lifts import EXERCISES

EPOCHS = 30
CLIPS = 480
"""Clips that rivals learn from, one of each lifter; a third as many are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How many clips one kind gets right."""

    kind: str
    within: int
    """Clips of exercises whose exercise is the likeliest."""
    of_within: int
    others: int
    """Clips of none for which none is the likeliest."""
    of_others: int


def compare(
    kinds: Sequence[str], recipe: RecognitionRecipe, cache: Path, jobs: int, progress: Progress
) -> list[Comparison]:
    """Train kinds on training bodies, and let them name clips of judging bodies, in which a lifter does one rep or
    something else.

    Networks on windows learn from the recipe's sets in its steps, rivals from CLIPS clips.
    """
    judging = gathered_clips(range(CLIPS // 3), recipe.seed + 1, "judging", EXERCISES, jobs, progress)
    training: list[Clip] = []
    if any(kind in RIVALS for kind in kinds):
        training = gathered_clips(range(CLIPS), recipe.seed, "training", EXERCISES, jobs, progress)
    sets: list[Stretch] = []
    if any(kind in STREAMING for kind in kinds):
        sets = gathered("training", range(recipe.sets), recipe.seed, EXERCISES, cache, jobs, progress)
    out = []
    for number, kind in enumerate(kinds):
        progress(f"rivals ({kind})", number / len(kinds))
        if kind in STREAMING:
            found = _streamed(replace(recipe, kind=kind), judging, sets, progress)
        else:
            rival = RIVALS[kind]()
            rival.fit(training, 1 + len(EXERCISES), recipe.seed, EPOCHS)
            found = rival.labels(judging)
        out.append(compared(kind, found, np.array([clip.label for clip in judging])))
    return out


def compared(kind: str, found: np.ndarray, truth: np.ndarray) -> Comparison:
    """Return how many labels (n,) are those of the truth (n,)."""
    right, within = found == truth, truth != NONE
    return Comparison(
        kind=kind,
        within=int(right[within].sum()),
        of_within=int(within.sum()),
        others=int(right[~within].sum()),
        of_others=int((~within).sum()),
    )


def _streamed(
    recipe: RecognitionRecipe, clips: Sequence[Clip], sets: Sequence[Stretch], progress: Progress
) -> np.ndarray:
    """Return what is believed at the end of clips, by a network on windows."""
    streaming = trained(recipe, sets, progress, recipe.kind)
    return np.array([shares(STARTING, streaming.log_posteriors(clip.ticks))[-1].argmax() for clip in clips])
