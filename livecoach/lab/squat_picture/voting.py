"""Whether pictures of the bottom lower the misses of today's verdict, for lifters of whom nothing is known before.

Every rep is judged by the first good reps of its set. Beside that score stands the mean log odds of the pictures of its
bottom, and two ways of joining them: the larger of both, and their mean, each as a standard normal deviate among good
reps. All are compared at the limits that equal shares of the same good reps are past.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from livecoach import assembly
from livecoach.assembly import Coach
from livecoach.lab.counted_windows import rep_steps
from livecoach.lab.intervals import auroc
from livecoach.lab.measure.matching import true_rep_of
from livecoach.lab.measure.table import Cell, Estimate, Progress, Share, Table
from livecoach.lab.squat_picture.drawing import pose_picture
from livecoach.lab.squat_picture.frames import GOOD, frames_of
from livecoach.lab.squat_picture.judging import resampled
from livecoach.lab.squat_picture.model import SquatPictureModel
from livecoach.lab.squat_picture.pictures import drawable
from livecoach.lab.squat_picture.synthetic import EXERCISE, SquatRequest, label_of, sets_of
from livecoach.types import Observation, Rep, RepWindow

ALARMS = (0.02, 0.05, 0.1)
"""Shares of good reps that are past a limit."""
LEAST_LIFTERS = 4
POSE = "lite"


@dataclass(frozen=True, slots=True, kw_only=True)
class VotedRep:
    """A rep with today's score and what pictures say of it."""

    score: float
    """Of today's verdict."""
    log_odds: tuple[float, ...]
    """Of its pictures."""
    label: str
    """GOOD or what is wrong."""
    lifter: str


def measure(model: SquatPictureModel, lifters: int, seed: int, progress: Progress) -> list[Table]:
    """Compare on synthetic lifters with judging bodies, a set of each through the whole pipeline."""
    coach = assembly.load(EXERCISE)
    wanted = SquatRequest(bodies="judging", seed=seed, lifters=lifters)
    reps: list[VotedRep] = []
    for number in range(lifters):
        progress("lifters", number / lifters)
        for made in sets_of(wanted, number):
            for rep, score, odds in voted(made.observations, coach, model):
                true = true_rep_of(rep, made.reps)
                label = None if true is None else label_of(true)
                if label is not None:
                    reps.append(VotedRep(score=score, log_odds=odds, label=label, lifter=str(number)))
    return [comparison(f"Synthetic squats, judging bodies, seed {seed}", reps, seed)]


def voted(
    observations: Sequence[Observation], coach: Coach, model: SquatPictureModel
) -> Iterator[tuple[Rep, float, tuple[float, ...]]]:
    """Yield each rep that is judged by own reps: the rep, its score, and the log odds of its pictures."""
    for step in rep_steps(coach.pipeline(learn=False, pose=POSE), observations):
        if step.rep is None or step.window is None or step.rep.reference == "population":
            continue
        odds = _log_odds(step.window, model)
        if step.rep.score is not None and odds:
            yield step.rep, step.rep.score, odds


def _log_odds(window: RepWindow, model: SquatPictureModel) -> tuple[float, ...]:
    joints = frames_of(window.observations, window.start_s, window.end_s)
    if joints is None:
        return ()
    middles = np.flatnonzero(drawable(model.kind)).tolist()
    pictures = (pose_picture(joints[[m + offset for offset in model.kind.frames]], model.kind) for m in middles)
    return tuple(model.log_odds(picture) for picture in pictures)


def comparison(title: str, reps: Sequence[VotedRep], seed: int, groups: str = "lifters") -> Table:
    """Return hits in bad reps at equal alarms in good ones, and the area under the ROC: today's, pictures, joined.

    Intervals of AUROC and of what is gained over today's score: bootstrap over lifters, where there are LEAST_LIFTERS.
    groups: what the reps' lifters are called.
    """
    bad = np.array([rep.label != GOOD for rep in reps])
    lifters = np.array([rep.lifter for rep in reps])
    ways = _ways(reps, bad)
    count = len(np.unique(lifters))
    drawn = resampled(lifters, bad, seed) if count >= LEAST_LIFTERS else []
    todays = np.array([_hits(ways["today"][s], bad[s], ALARMS[0]) for s in drawn])
    rows: list[tuple[Cell, ...]] = []
    for name, values in ways.items():
        hits = [_hits(values, bad, alarms) for alarms in ALARMS]
        gained = np.array([_hits(values[s], bad[s], ALARMS[0]) for s in drawn]) - todays
        areas = [auroc(values[s][~bad[s]], values[s][bad[s]]) for s in drawn]
        rows.append(
            (
                name,
                *(Share(round(share * int(bad.sum())), int(bad.sum())) for share in hits),
                _estimate(hits[0] - _hits(ways["today"], bad, ALARMS[0]), gained),
                _estimate(auroc(values[~bad], values[bad]), areas),
            )
        )
    columns = ("score", *(f"hits at {alarms:.0%} alarms" for alarms in ALARMS), "hits more than today", "AUROC")
    note = f"{int((~bad).sum())} good and {int(bad.sum())} bad reps of {count} {groups}, each judged as the first."
    return Table(title=title, columns=columns, rows=tuple(rows), notes=(note,))


def _ways(reps: Sequence[VotedRep], bad: np.ndarray) -> dict[str, np.ndarray]:
    today = np.array([rep.score for rep in reps])
    pictures = np.array([np.mean(rep.log_odds) for rep in reps])
    both = np.stack([_deviates(today, bad), _deviates(pictures, bad)])
    return {"today": today, "pictures": pictures, "the larger of both": both.max(0), "mean of both": both.mean(0)}


def _deviates(values: np.ndarray, bad: np.ndarray) -> np.ndarray:
    """Return the values as standard normal deviates among the good reps; beyond the last one they go on growing."""
    good = np.sort(values[~bad])
    shares = (np.searchsorted(good, values) + 0.5) / (len(good) + 1)
    inverse = NormalDist().inv_cdf
    spread = max(float(np.std(good)), 1e-9)
    beyond = np.maximum(values - good[-1], 0) / spread
    return np.array([inverse(min(share, 1 - 1e-9)) for share in shares]) + beyond


def _hits(values: np.ndarray, bad: np.ndarray, alarms: float) -> float:
    """Return the share of bad reps past the limit that a share of the good ones is past."""
    return float((values[bad] > np.quantile(values[~bad], 1 - alarms)).mean())


def _estimate(value: float, drawn: Sequence[float] | np.ndarray) -> Estimate:
    low, high = np.percentile(drawn, (2.5, 97.5)) if len(drawn) else (float("nan"), float("nan"))
    return Estimate(value, float(low), float(high))
