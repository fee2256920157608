"""Figures of the scorer's cards with their intervals."""

import numpy as np

RESAMPLES = 1000


def wilson(hits: int, total: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); 0…1 where there is nothing to count."""
    if not total:
        return 0.0, 1.0
    z, share = 1.96, hits / total
    centre, half = share + z * z / (2 * total), z * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(float((centre - half) / scale), 0.0), min(float((centre + half) / scale), 1.0)


def share(flags: np.ndarray) -> dict[str, float | int]:
    """How many of the flags are set, with Wilson's interval."""
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
    """Probability that a bad one scores higher than a good one; ties count half."""
    ordered = np.sort(good)
    below, not_above = np.searchsorted(ordered, bad, "left"), np.searchsorted(ordered, bad, "right")
    return float((below + not_above).mean() / (2 * len(good)))


def auroc_interval(good: np.ndarray, bad: np.ndarray, seed: int) -> dict[str, float | int]:
    """AUROC with its 95 % bootstrap interval; reps are drawn, so reps of one lifter count as independent."""
    rng = np.random.default_rng(seed)
    drawn = [auroc(rng.choice(good, len(good)), rng.choice(bad, len(bad))) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {
        "good": len(good),
        "bad": len(bad),
        "value": round(auroc(good, bad), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }
