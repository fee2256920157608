"""Proportions and AUROC with their confidence intervals."""

import numpy as np

from livecoach.charts import wilson
from livecoach.lab.measure.table import Estimate

RESAMPLES = 1000


def share(flags: np.ndarray) -> dict[str, float | int]:
    """Return the share of set flags with Wilson's 95 % interval."""
    low, high = wilson(int(flags.sum()), len(flags))
    value = float(flags.mean()) if len(flags) else 0.0
    return {
        "of": len(flags),
        "hits": int(flags.sum()),
        "value": round(value, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def auroc(good: np.ndarray, bad: np.ndarray) -> float:
    """Return the probability that a bad rep scores higher than a good one; ties count half."""
    ordered = np.sort(good)
    below, not_above = np.searchsorted(ordered, bad, "left"), np.searchsorted(ordered, bad, "right")
    return float((below + not_above).mean() / (2 * len(good)))


def auroc_interval(good: np.ndarray, bad: np.ndarray, seed: int) -> Estimate:
    """Return the AUROC with its 95 % bootstrap interval; reps are resampled, as if they were independent."""
    rng = np.random.default_rng(seed)
    drawn = [auroc(rng.choice(good, len(good)), rng.choice(bad, len(bad))) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(auroc(good, bad), float(low), float(high))
