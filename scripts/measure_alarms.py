"""How often the scorer calls real reps anomalous: good ones (alarms) by origin, and bad ones (hits).

    python scripts/measure_alarms.py deadlift --cache /tmp/observations            # prints the table
    python scripts/measure_alarms.py deadlift --cache /tmp/observations --write    # and the factor, to real_limits.yaml

The clips are not part of the project (LIVECOACH_DATA, default ../shared/data). At the limits of synthetic motion, at
the shipped ones, and at those that the other origins alone would give. `--write` chooses the factor by which the limits
are moved out so that 5 % of the real good reps or fewer are past them; run `livecoach train scorer` after it.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from real_reps import RealRep, real_reps, run

from livecoach.anomaly import scoring
from livecoach.config import exercise as exercises
from livecoach.config.paths import models_dir
from livecoach.errors import LivecoachError
from livecoach.lab.intervals import auroc, wilson
from livecoach.lab.scorers.limits import REAL_LIMITS, RealLimit, read_real_limits, write_real_limits

ALARMS = 0.05
"""Share of real good reps that may be past the limits."""


def factor(good: np.ndarray) -> float:
    """The least factor (two decimals, 1 or more) past which a share ALARMS of these scores or less is."""
    allowed = int(ALARMS * len(good))
    return max(float(np.ceil(np.sort(good)[len(good) - 1 - allowed] * 100) / 100), 1.0)


def unseen_alarms(good: np.ndarray, origins: np.ndarray) -> dict[str, int]:
    """Alarms in each origin, with the factor of the others."""
    names = [str(name) for name in np.unique(origins)]
    if len(names) < 2:
        raise LivecoachError("reps of one origin only: nothing can be said of unseen ones. Is the data complete?")
    return {name: int((good[origins == name] > factor(good[origins != name])).sum()) for name in names}


def auroc_within(good: np.ndarray, bad: np.ndarray, good_origins: np.ndarray, bad_origins: np.ndarray) -> float:
    """Area under the ROC over pairs of the same origin; NaN where no origin has both kinds."""
    areas, pairs = [], []
    for origin in np.intersect1d(good_origins, bad_origins):
        here = good[good_origins == origin], bad[bad_origins == origin]
        areas.append(auroc(*here))
        pairs.append(len(here[0]) * len(here[1]))
    return float(np.average(areas, weights=pairs)) if pairs else float("nan")


def show(what: str, hits: int, total: int) -> None:
    """One line of the table."""
    low, high = wilson(hits, total)
    print(f"{what:60} {hits:3} of {total:3}  {low:6.1%} to {high:6.1%}")


def measure(reps: list[RealRep], scores: np.ndarray, shipped: float, command: str) -> RealLimit:
    """Print the table; scores: at the synthetic limits. Returns what the limits should be."""
    is_good = np.array([rep.label == "good" for rep in reps])
    of_rep = np.array([rep.origin for rep in reps])
    origins = of_rep[is_good]
    good, bad = scores[is_good], scores[~is_good]
    if not len(good):
        raise LivecoachError("no real good rep was found. Is the data complete?")
    wanted, unseen = factor(good), unseen_alarms(good, origins)
    for title, limit in (("synthetic", 1.0), ("shipped", shipped), ("wanted", wanted)):
        print(f"\n{title} limits (factor {limit:g})")
        for origin in np.unique(origins):
            show(
                f"  alarms on good reps, {origin}",
                int((good[origins == origin] > limit).sum()),
                int((origins == origin).sum()),
            )
        show("  alarms on good reps", int((good > limit).sum()), len(good))
        show("  hits on bad reps", int((bad > limit).sum()), len(bad))
    print("\nfactor from the other origins only")
    for origin, alarms in unseen.items():
        show(f"  alarms on good reps, {origin}", alarms, int((origins == origin).sum()))
    show("  alarms on good reps", sum(unseen.values()), len(good))
    area = auroc(good, bad) if len(bad) else float("nan")
    within = auroc_within(good, bad, origins, of_rep[~is_good])
    print(f"area under the ROC, good against bad: {area:.3f}; within origins: {within:.3f}")
    return RealLimit(
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


def report(arguments: argparse.Namespace) -> None:
    """Measure and print."""
    exercise = exercises.load(arguments.exercise)
    scorer, card = scoring.load(arguments.model or models_dir() / exercise.model)
    reps = list(real_reps(exercise, arguments.cache, arguments.pose))
    shipped = card.thresholds.factor
    scores = np.array([scorer.score(rep.tensor).value * shipped for rep in reps])
    limit = measure(reps, scores, shipped, f"python scripts/measure_alarms.py {exercise.name} --cache DIR")
    if arguments.write:
        write_real_limits(REAL_LIMITS, {**read_real_limits(REAL_LIMITS), exercise.name: limit})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--cache", type=Path, required=True, help="folder for what was seen in the clips")
    parser.add_argument("--pose", default="lite", help="pose model")
    parser.add_argument("--model", type=Path, help="model folder (default: the exercise's)")
    parser.add_argument("--write", action="store_true", help=f"write the factor to {REAL_LIMITS.name}")
    arguments = parser.parse_args()
    return run(lambda: report(arguments))


if __name__ == "__main__":
    sys.exit(main())
