"""How often the scorer calls real reps anomalous: good ones (alarms) by origin, and bad ones (hits).

At the limits of synthetic motion, at the shipped ones, and at those that the other origins alone would give. The wanted
factor moves the limits out so that 5 % of the real good reps or fewer are past them.
"""

from pathlib import Path

import numpy as np

from livecoach.anomaly import scoring
from livecoach.config import exercise as exercises
from livecoach.config.paths import models_dir
from livecoach.errors import LivecoachError
from livecoach.lab.intervals import auroc
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_data import RealRep, real_reps
from livecoach.lab.measure.table import Cell, Progress, Share, Table
from livecoach.lab.scorers.limits import RealLimit

ALARMS = 0.05
"""Share of real good reps that may be past the limits."""


def factor(good: np.ndarray) -> float:
    """Return the least factor (two decimals, 1 or more) past which a share ALARMS of these scores or less is."""
    allowed = int(ALARMS * len(good))
    return max(float(np.ceil(np.sort(good)[len(good) - 1 - allowed] * 100) / 100), 1.0)


def unseen_alarms(good: np.ndarray, origins: np.ndarray) -> dict[str, int]:
    """Return the alarms in each origin with the factor of the others. Raises LivecoachError where there is one only."""
    names = [str(name) for name in np.unique(origins)]
    if len(names) < 2:
        raise LivecoachError("reps of one origin only: nothing can be said of unseen ones. Is the data complete?")
    return {name: int((good[origins == name] > factor(good[origins != name])).sum()) for name in names}


def auroc_within(good: np.ndarray, bad: np.ndarray, good_origins: np.ndarray, bad_origins: np.ndarray) -> float:
    """Return the area under the ROC over pairs of the same origin; NaN where no origin has both kinds."""
    areas, pairs = [], []
    for origin in np.intersect1d(good_origins, bad_origins):
        here = good[good_origins == origin], bad[bad_origins == origin]
        areas.append(auroc(*here))
        pairs.append(len(here[0]) * len(here[1]))
    return float(np.average(areas, weights=pairs)) if pairs else float("nan")


def measure(
    exercise: str, pose: str, model: Path | None, cache: Cache, progress: Progress
) -> tuple[list[Table], RealLimit]:
    """Measure the scorer of a model folder (the exercise's own as a rule); return the limit that it should have."""
    rules = exercises.load(exercise)
    scorer, card = scoring.load(model or models_dir() / rules.model)
    progress("real clips", 0.0)
    reps = list(real_reps(rules, cache, pose))
    shipped = card.thresholds.factor
    scores = np.array([scorer.score(rep.tensor).value * shipped for rep in reps])
    return judged(reps, scores, shipped, f"livecoach measure alarms {rules.name}")


def judged(reps: list[RealRep], scores: np.ndarray, shipped: float, command: str) -> tuple[list[Table], RealLimit]:
    """Return the tables and the wanted limit. scores: (n,) at the limits of synthetic motion; shipped: their factor."""
    is_good = np.array([rep.label == "good" for rep in reps])
    every_origin = np.array([rep.origin for rep in reps])
    origins = every_origin[is_good]
    good, bad = scores[is_good], scores[~is_good]
    if not len(good):
        raise LivecoachError("no real good rep was found. Is the data complete?")
    wanted, unseen = factor(good), unseen_alarms(good, origins)
    area = auroc(good, bad) if len(bad) else float("nan")
    within = auroc_within(good, bad, origins, every_origin[~is_good])
    limit = RealLimit(
        factor=wanted,
        good_reps=len(good),
        clips=len({rep.clip for rep in reps if rep.label == "good"}),
        origins=len(unseen),
        alarms_synthetic=int((good > 1).sum()),
        alarms=int((good > wanted).sum()),
        alarms_unseen=sum(unseen.values()),
        bad_reps=len(bad),
        hits_synthetic=int((bad > 1).sum()),
        hits=int((bad > wanted).sum()),
        auroc=round(area, 3),
        auroc_within=round(within, 3),
        measured=command,
    )
    limits = {"synthetic": 1.0, "shipped": shipped, "wanted": wanted}
    rows: list[tuple[Cell, ...]] = []
    for origin in [*np.unique(origins).tolist(), None]:
        here = np.ones(len(good), bool) if origin is None else origins == origin
        alarms = [Share(int((good[here] > one).sum()), int(here.sum())) for one in limits.values()]
        others = sum(unseen.values()) if origin is None else unseen[origin]
        rows.append((f"alarms on good reps, {origin or 'all'}", *alarms, Share(others, int(here.sum()))))
    rows.append(("hits on bad reps", *(Share(int((bad > one).sum()), len(bad)) for one in limits.values()), None))
    columns = ("", *(f"{name} limits (factor {one:g})" for name, one in limits.items()), "factor of the other origins")
    note = f"Area under the ROC, good against bad: {area:.3f}; within origins: {within:.3f}."
    return [Table(title="Scorer on real reps", columns=columns, rows=tuple(rows), notes=(note,))], limit
