"""Projects the reps of a dataset onto a plane by PCA and t-SNE, and shows them on a page."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.manifold import TSNE
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from livecoach.core.charts import load_template
from livecoach.core.errors import SourceError
from livecoach.core.types.message import count_noun
from livecoach.lab.dataset import GOOD, UNKNOWN, Dataset, Reps

TEMPLATE = Path(__file__).with_name("explore.html")
LEAST_REPS = 3  # Least number of reps for a plane
MOST_REPS = 4000  # Most reps: with more, t-SNE takes minutes, the page many megabytes, and points hide each other
PERPLEXITY, KEPT = 30.0, 50
"""Perplexity of t-SNE, and number of principal components as its input (van der Maaten and Hinton, 2008)."""
SCORES = ((0.5, "0 to 0.5"), (0.8, "0.5 to 0.8"), (1.0, "0.8 to 1"), (1.5, "1 to 1.5"), (math.inf, "above 1.5"))
"""Highest score of each group, and its name."""
NOT_LABELLED, NOT_JUDGED = "not labelled", "not judged"


def draw_subset(dataset: Dataset, seed: int) -> Dataset:
    """Return the dataset with at most MOST_REPS reps, drawn at random and left in their order."""
    if len(dataset.reps) <= MOST_REPS:
        return dataset
    drawn = np.random.default_rng(seed).choice(len(dataset.reps), MOST_REPS, replace=False)
    return replace(dataset, reps=dataset.reps.select(np.sort(drawn)))


def project_reps(reps: Reps, seed: int) -> list[dict[str, Any]]:
    """Compute the positions of reps on a plane, once by PCA and once by t-SNE.

    Each item of the list holds the `name` of a method, a `note`, and `xy`, (n, 2) positions in 0…1. Raises SourceError
    if there are fewer than LEAST_REPS reps.
    """
    if len(reps) < LEAST_REPS:
        raise SourceError(f"{len(reps)} reps in the dataset: at least {LEAST_REPS} are needed for a plot.")
    values = reps.trajectories.reshape(len(reps), -1).astype(np.float64)
    pca = PCA(min(KEPT, len(reps)), random_state=seed)
    with np.errstate(invalid="ignore"):  # identical reps have no variance
        components = make_pipeline(SimpleImputer(keep_empty_features=True), pca).fit_transform(values)
    across, up = np.nan_to_num(pca.explained_variance_ratio_[:2])
    perplexity = min(PERPLEXITY, (len(reps) - 1) / 3)
    # As init="pca" of scikit-learn, but also for identical reps.
    start = components[:, :2] / max(float(components[:, 0].std()), 1e-12) * 1e-4
    near = TSNE(perplexity=perplexity, init=start, random_state=seed).fit_transform(components)
    return [
        {"name": name, "note": note, "xy": MinMaxScaler().fit_transform(xy).round(4).tolist()}
        for name, note, xy in (
            ("PCA", f"{across:.0%} of the variance across, {up:.0%} up", components[:, :2]),
            ("t-SNE", f"perplexity {perplexity:.0f}; distances between groups mean little", near),
        )
    ]


def render_page(dataset: Dataset, scores: np.ndarray, planes: Sequence[Mapping[str, Any]], title: str) -> str:
    """Return the HTML page that shows the reps of a dataset at their positions on planes.

    Args:
        scores: (n,) score of each rep, anomalous above 1; NaN if it was not judged.
        planes: Positions of the reps, from `project_reps`.
    """
    reps = [_rep_details(dataset, n, float(score)) for n, score in enumerate(scores)]
    made_up = " Synthetic lifters." if dataset.synthetic else ""
    content = {"planes": planes, "reps": reps}
    return load_template(TEMPLATE).render(
        title=title, summary=f"{summary_line(dataset.reps)}.{made_up}", content=content
    )


def summary_line(reps: Reps) -> str:
    """Return a line with the numbers of reps and lifters, and of good, bad and unlabelled reps."""
    lifters = count_noun(len(set(reps.lifters.tolist())), "lifter")
    good, bad = int(reps.good.sum()), int(reps.bad.sum())
    return f"{len(reps)} reps of {lifters}: {good} good, {bad} bad, {len(reps) - good - bad} {NOT_LABELLED}"


def _rep_details(dataset: Dataset, n: int, score: float) -> dict[str, Any]:
    """Return the `source` of rep `n`, `lines` of text, the `kind` of label, and `by`: choice of colours → group."""
    reps = dataset.reps
    label, lifter = str(reps.labels[n]), str(reps.lifters[n])
    part, kind = dataset.parts[lifter], label if label in (GOOD, UNKNOWN) else "bad"
    verdict = NOT_JUDGED if math.isnan(score) else "anomalous" if score > 1 else "good"
    start_s, turn_s, end_s = reps.times_s[n].tolist()
    worst = float(reps.worst_severities[n])
    lines = [
        f"{start_s:.2f} to {end_s:.2f} s, turn at {turn_s:.2f} s",
        f"lifter {lifter} ({part}), {reps.sets[n]}",
        verdict if verdict == NOT_JUDGED else f"score {score:.2f}: {verdict}",
        (f"marked {label}" if label else NOT_LABELLED) + (f", severity {worst:.2f}" if worst > 0 else ""),
    ]
    if not math.isnan(reps.azimuths_deg[n]):
        lines.append(f"camera at {reps.azimuths_deg[n]:.0f}°")
    by = {
        "verdict": verdict,
        "fault": label or NOT_LABELLED,
        "lifter": lifter,
        "label": kind or NOT_LABELLED,
        "score": next((name for limit, name in SCORES if score <= limit), NOT_JUDGED),
        "part": part,
    }
    return {"source": str(reps.sources[n]), "lines": lines, "kind": kind, "by": by}
