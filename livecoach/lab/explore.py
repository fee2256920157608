"""Projects the reps of a dataset to a plane by PCA and t-SNE, and colours them."""

import colorsys
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach.config.installation import install_command
from livecoach.errors import ConfigError, SourceError
from livecoach.lab.dataset import Dataset, Reps

LEAST_REPS = 3
"""Fewest reps for a plane."""
MOST_REPS = 4000
"""With more reps, t-SNE takes minutes, the page takes many megabytes, and points hide each other."""
PERPLEXITY = 30.0
"""Perplexity of t-SNE, as in van der Maaten and Hinton (2008); lower with fewer than about 90 reps."""
KEPT = 50
"""Number of principal components as the input of t-SNE, as in van der Maaten and Hinton."""
OKABE_ITO = ("#0072b2", "#e69f00", "#cc79a7", "#56b4e9", "#d55e00", "#009e73", "#b8a800", "#5b4b8a")
"""Colours that are distinguishable with any colour blindness (jfly.uni-koeln.de/color), with a darker yellow."""
GOOD_COLOUR, BAD_COLOUR, NEITHER_COLOUR = "#009e73", "#d55e00", "#9a9a9a"
SCORE_BINS = ((0.5, "0 to 0.5", "#2c7bb6"), (0.8, "0.5 to 0.8", "#7fb8d6"), (1.0, "0.8 to 1", "#e0c04c"))
SCORE_BEYOND = ((1.5, "1 to 1.5", "#f07b3f"), (float("inf"), "above 1.5", "#c0143c"))
NOT_LABELLED, NOT_JUDGED = "not labelled", "not judged"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """The positions of the reps in a plane."""

    name: str
    xy: np.ndarray
    """(n, 2), each axis 0…1, y up."""
    note: str
    """How to read the axes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A group of reps with one colour."""

    name: str
    colour: str
    """#rrggbb"""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Colouring:
    """One way to colour the reps."""

    name: str
    categories: tuple[Category, ...]
    of: tuple[int, ...]
    """Index of each rep's category."""


def subset(dataset: Dataset, seed: int) -> Dataset:
    """Return the dataset with at most MOST_REPS reps, drawn at random, in their original order."""
    if len(dataset.reps) <= MOST_REPS:
        return dataset
    drawn = np.random.default_rng(seed).choice(len(dataset.reps), MOST_REPS, replace=False)
    return replace(dataset, reps=dataset.reps.some(np.sort(drawn)))


def projections(reps: Reps, seed: int) -> tuple[Projection, Projection]:
    """Project the trajectories of the reps by PCA and t-SNE; the same seed gives the same result.

    Raises SourceError with too few reps, and ConfigError without scikit-learn.
    """
    try:
        from sklearn.decomposition import PCA
        from sklearn.manifold import TSNE
    except ImportError as err:
        raise ConfigError(f"explore needs scikit-learn. Run `{install_command('train')}`.") from err
    if len(reps) < LEAST_REPS:
        raise SourceError(f"{len(reps)} reps in the dataset: at least {LEAST_REPS} are needed for a plot.")
    values = _without_gaps(reps.trajectories.reshape(len(reps), -1).astype(np.float64))
    pca = PCA(min(KEPT, len(reps)), random_state=seed)
    with np.errstate(invalid="ignore"):  # identical reps have no variance
        components = pca.fit_transform(values)
    across, up = np.nan_to_num(pca.explained_variance_ratio_[:2])
    perplexity = min(PERPLEXITY, (len(reps) - 1) / 3)
    # As init="pca" of scikit-learn, but also for identical reps.
    start = components[:, :2] / max(float(components[:, 0].std()), 1e-12) * 1e-4
    near = TSNE(perplexity=perplexity, init=start, random_state=seed).fit_transform(components)
    return (
        Projection(name="PCA", xy=_within(components[:, :2]), note=f"{across:.0%} of the variance across, {up:.0%} up"),
        Projection(
            name="t-SNE", xy=_within(near), note=f"perplexity {perplexity:.0f}; distances between groups mean little"
        ),
    )


def _without_gaps(values: np.ndarray) -> np.ndarray:
    """Fill what is unknown of some reps with the mean of the others, and with 0 where it is known of none."""
    known = np.isfinite(values)
    mean = np.where(known, values, 0.0).sum(0) / np.maximum(known.sum(0), 1)
    filled: np.ndarray = np.where(known, values, mean)
    return filled


def _within(xy: np.ndarray) -> np.ndarray:
    """Scale both axes to 0…1; a constant axis becomes 0.5."""
    low, high = xy.min(0), xy.max(0)
    size = np.where(high > low, high - low, 1.0)
    found: np.ndarray = np.where(high > low, (xy - low) / size, 0.5)
    return found


def colourings(dataset: Dataset, scores: np.ndarray) -> tuple[Colouring, ...]:
    """Return colourings by verdict, fault, lifter, label, score and part. scores: (n,), anomalous above 1; NaN: not
    judged."""
    reps = dataset.reps
    fixed = {"good": GOOD_COLOUR, "bad": BAD_COLOUR, "anomalous": BAD_COLOUR} | dict.fromkeys(
        (NOT_LABELLED, NOT_JUDGED), NEITHER_COLOUR
    )
    labels = [label or NOT_LABELLED for label in reps.labels.tolist()]
    bins = (*SCORE_BINS, *SCORE_BEYOND)
    of_score = [next((name for limit, name, _ in bins if score <= limit), NOT_JUDGED) for score in scores.tolist()]
    return (
        _colouring("verdict", [verdict(score) for score in scores.tolist()], fixed),
        _colouring("fault", labels, fixed),
        _colouring("lifter", reps.lifters.tolist(), {}),
        _colouring("label", [label if label in fixed else "bad" for label in labels], fixed),
        _colouring(
            "score", of_score, fixed | {name: colour for _, name, colour in bins}, [name for _, name, _ in bins]
        ),
        _colouring("part", [dataset.parts[lifter] for lifter in reps.lifters.tolist()], {}),
    )


def verdict(score: float) -> str:
    """Name the verdict of a score; NaN: not judged."""
    if math.isnan(score):
        return NOT_JUDGED
    return "anomalous" if score > 1 else "good"


def _colouring(name: str, of: Sequence[str], fixed: dict[str, str], order: Sequence[str] = ()) -> Colouring:
    """Build a colouring, by default with the most common name first; names without a fixed colour get a free one."""
    counts = Counter(of)
    names = [n for n in (*order, NOT_JUDGED) if n in counts and order] or sorted(counts, key=lambda n: (-counts[n], n))
    free = iter(_palette(sum(n not in fixed for n in names), without=set(fixed.values())))
    categories = tuple(Category(name=n, colour=fixed.get(n) or next(free), count=counts[n]) for n in names)
    return Colouring(name=name, categories=categories, of=tuple(names.index(n) for n in of))


def _palette(count: int, without: set[str]) -> list[str]:
    """Return `count` colours: those of Okabe and Ito, or evenly spaced hues if these are too few."""
    left = [colour for colour in OKABE_ITO if colour not in without]
    if count <= len(left):
        return left[:count]
    # Neighbouring hues also differ in lightness.
    rounds = [colorsys.hls_to_rgb(n / count, (0.38, 0.56)[n % 2], 0.65) for n in range(count)]
    return ["#" + "".join(f"{round(255 * part):02x}" for part in colour) for colour in rounds]
