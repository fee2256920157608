"""What becomes of the reps of a rendered clip when a pose model sees it: counts, alarms and hits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache as remembered
from pathlib import Path

from livecoach import assembly
from livecoach.assembly import Coach
from livecoach.lab.counting import counting_every_movement, rep_steps
from livecoach.lab.measure.rendered_sets import SHOWN_DEG, rep_of
from livecoach.lab.measure.table import Cell, Share
from livecoach.lab.measure.verdict import BAD
from livecoach.synth.truth import TrueFault, TrueRep
from livecoach.types import Observation, Rep

VERDICTS = ("clips counted exactly", "reps counted", "reps judged", "alarms in good reps", "alarms in bad reps, shown")


@dataclass(frozen=True, kw_only=True, eq=False)
class ClipVerdicts:
    """The reps of one clip, true and counted."""

    exercise: str
    view_deg: float
    true: tuple[TrueRep, ...]
    reps: tuple[Rep, ...]
    turns: tuple[int, ...]
    """Frames at which the true reps turn."""

    def shown(self, true: TrueRep) -> bool:
        """Return whether a rep is bad, and somebody could see it from there."""
        worst = max(true.severities, key=lambda name: true.severities[name], default="")
        low, high = SHOWN_DEG.get(self.exercise, {}).get(worst, (0, 0))
        return max(true.severities.values(), default=0.0) >= BAD and low <= self.view_deg <= high


def clip_verdicts(clip: Path, observations: Sequence[Observation], model: str) -> ClipVerdicts:
    """Count and judge a clip that has its truth beside it; nothing is known of the lifter before."""
    truth = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))
    true = tuple(TrueRep(**{**rep, "faults": tuple(TrueFault(**f) for f in rep["faults"])}) for rep in truth["reps"])
    pipeline = _coach(truth["exercise"]).pipeline(pose=model)
    steps = rep_steps(pipeline, observations)
    return ClipVerdicts(
        exercise=truth["exercise"],
        view_deg=abs(truth["view_deg"]),
        true=true,
        reps=tuple(step.rep for step in steps if step.rep is not None),
        turns=tuple(rep["turn_frame"] for rep in truth["reps"]),
    )


@remembered
def _coach(exercise: str) -> Coach:
    return counting_every_movement(assembly.load(exercise))


def verdict_cells(clips: Sequence[ClipVerdicts]) -> list[Cell]:
    """Return the figures of VERDICTS."""
    pairs = [(clip, true, rep_of(true, clip.reps)) for clip in clips for true in clip.true]
    judged = [(clip, true, rep) for clip, true, rep in pairs if rep is not None and rep.score is not None]
    good = [rep for _, true, rep in judged if not true.faults]
    bad = [rep for clip, true, rep in judged if clip.shown(true)]
    return [
        Share(sum(len(clip.reps) == len(clip.true) for clip in clips), len(clips)),
        Share(sum(rep is not None for *_, rep in pairs), len(pairs)),
        Share(len(judged), len(pairs)),
        Share(sum(rep.verdict == "anomalous" for rep in good), len(good)),
        Share(sum(rep.verdict == "anomalous" for rep in bad), len(bad)),
    ]
