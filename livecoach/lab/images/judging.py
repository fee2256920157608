"""Evaluates a scorer on good and bad rep images: area under the ROC and the dissertation's 2 x 2 table."""

from typing import Any

import numpy as np

from livecoach.charts import wilson
from livecoach.lab.images.folder import Images
from livecoach.lab.images.model import PARTS, ImageModel
from livecoach.lab.intervals import auroc_interval


def judge(good: Images, bad: Images, model: ImageModel) -> dict[str, Any]:
    """Return the figures for JSON.

    They are `auroc` with its bootstrap interval, the number of `right` images, the `table`, shares with Wilson's
    intervals, and the same by either part (or), both parts (and), and each part alone.
    """
    limits, names = model.card.limits, PARTS[model.card.method]
    good_parts, bad_parts = (model.scorer.parts(images.greys) for images in (good, bad))
    good_values, bad_values = limits.values(good_parts), limits.values(bad_parts)
    good_scaled, bad_scaled = limits.scaled(good_parts), limits.scaled(bad_parts)
    seed = int(model.card.training["seed"])
    by = {
        "or": _verdicts(good_scaled.max(1), bad_scaled.max(1), seed),
        "and": _verdicts(good_scaled.min(1), bad_scaled.min(1), seed),
        **{name: _verdicts(good_scaled[:, i], bad_scaled[:, i], seed) for i, name in enumerate(names)},
    }
    known = set(model.card.images)
    return {
        **_verdicts(good_values, bad_values, seed),
        "rule": limits.rule,
        "by": by,
        "method": model.card.method,
        "n": {"good": len(good), "bad": len(bad)},
        "limits": {
            "mean": limits.mean_limit,
            **{n: {"usual": u, "limit": v} for n, u, v in zip(names, limits.usual, limits.limits, strict=True)},
        },
        "trained_on": {
            "good": sum(digest in known for digest in good.digests()),
            "bad": sum(digest in known for digest in bad.digests()),
        },
        "flagged": {
            "good": [name for name, value in zip(good.names, good_values, strict=True) if value > 1],
            "bad": [name for name, value in zip(bad.names, bad_values, strict=True) if value > 1],
        },
        "model": {"training": model.card.training, "left_out": model.card.metrics.get("left_out")},
    }


def _verdicts(good: np.ndarray, bad: np.ndarray, seed: int) -> dict[str, Any]:
    """Return the figures of one rule; scores above 1 are flagged."""
    good_flagged, bad_flagged = int((good > 1).sum()), int((bad > 1).sum())
    right = len(good) - good_flagged + bad_flagged
    auroc = auroc_interval(good, bad, seed)
    return {
        "auroc": {key: auroc[key] for key in ("value", "low", "high")},
        "right": right,
        "table": {
            "good_right": len(good) - good_flagged,
            "good_flagged": good_flagged,
            "bad_missed": len(bad) - bad_flagged,
            "bad_flagged": bad_flagged,
        },
        "shares": {
            "right": _share(right, len(good) + len(bad)),
            "good_flagged": _share(good_flagged, len(good)),
            "bad_flagged": _share(bad_flagged, len(bad)),
        },
    }


def _share(hits: int, of: int) -> dict[str, float | int]:
    low, high = wilson(hits, of)
    return {"hits": hits, "of": of, "value": round(hits / of, 4), "low": round(low, 4), "high": round(high, 4)}


def table(judged: dict[str, Any]) -> str:
    """Format the figures as text."""
    counts, shares, n = judged["table"], judged["shares"], judged["n"]
    lines = [
        f"{'':8}{'taken for good':>16}{'flagged':>10}",
        f"{'good':8}{counts['good_right']:>16}{counts['good_flagged']:>10}   {_said(shares['good_flagged'])}",
        f"{'bad':8}{counts['bad_missed']:>16}{counts['bad_flagged']:>10}   {_said(shares['bad_flagged'])}",
        "",
        f"right {judged['right']} of {n['good'] + n['bad']}: {_said(shares['right'])}",
        f"area under the ROC {_area(judged['auroc'])}",
        "",
        f"{'by':16}{'right':>6}{'good flagged':>14}{'bad flagged':>13}   area under the ROC",
    ]
    for name, one in judged["by"].items():
        counts = one["table"]
        row = f"{name:16}{one['right']:>6}{counts['good_flagged']:>14}{counts['bad_flagged']:>13}"
        lines.append(f"{row}   {_area(one['auroc'])}")
    met = judged["trained_on"]
    if sum(met.values()):
        lines += [
            "",
            f"{met['good']} of the good and {met['bad']} of the bad images were used for training.",
        ]
    return "\n".join(lines)


def _said(share: dict[str, Any]) -> str:
    return f"{share['value']:.3f} ({share['low']:.3f}-{share['high']:.3f})"


def _area(auroc: dict[str, Any]) -> str:
    return f"{auroc['value']:.3f} ({auroc['low']:.3f}-{auroc['high']:.3f})"
