"""Reps of a dataset as points in a plane, by PCA and t-SNE, and what they can be coloured by."""

import colorsys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach.errors import ConfigError, SourceError
from livecoach.lab.dataset import Dataset, Reps

LEAST_REPS = 3
"""Two always lie on a line."""
MOST_REPS = 4000
"""More take t-SNE minutes and a page many megabytes; they would hide each other."""
PERPLEXITY = 30.0
"""Of t-SNE, as van der Maaten and Hinton (2008) use it; less where there are fewer than some ninety reps."""
KEPT = 50
"""Principal components that t-SNE is given: as van der Maaten and Hinton do."""
OKABE_ITO = ("#0072b2", "#e69f00", "#cc79a7", "#56b4e9", "#d55e00", "#009e73", "#b8a800", "#5b4b8a")
"""Told apart with any kind of colour blindness (jfly.uni-koeln.de/color); yellow is darker, for a white ground."""
GOOD_COLOUR, BAD_COLOUR, NEITHER_COLOUR = "#009e73", "#d55e00", "#9a9a9a"
SCORE_BINS = ((0.5, "0 to 0.5", "#2c7bb6"), (0.8, "0.5 to 0.8", "#7fb8d6"), (1.0, "0.8 to 1", "#e0c04c"))
SCORE_BEYOND = ((1.5, "1 to 1.5", "#f07b3f"), (float("inf"), "above 1.5", "#c0143c"))
NOT_LABELLED = "not labelled"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """Where the reps are in a plane."""

    name: str
    xy: np.ndarray
    """(n, 2), each axis 0…1, y up."""
    note: str
    """What there is to know of its axes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """Reps that have a colour in common."""

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
    """Of each rep, the number of its category."""


def subset(dataset: Dataset, seed: int) -> Dataset:
    """The dataset; of one with more than MOST_REPS so many, drawn by the seed, in order."""
    if len(dataset.reps) <= MOST_REPS:
        return dataset
    drawn = np.random.default_rng(seed).choice(len(dataset.reps), MOST_REPS, replace=False)
    return replace(dataset, reps=dataset.reps.some(np.sort(drawn)))


def projections(reps: Reps, seed: int) -> tuple[Projection, Projection]:
    """The reps by PCA and by t-SNE of their tensors. The same seed gives the same.

    Raises SourceError where there are too few reps, ConfigError where scikit-learn is not installed.
    """
    try:
        from sklearn.decomposition import PCA
        from sklearn.manifold import TSNE
    except ImportError as err:
        raise ConfigError("explore needs scikit-learn: pip install 'livecoach[train]'") from err
    if len(reps) < LEAST_REPS:
        raise SourceError(f"{len(reps)} reps in the dataset: {LEAST_REPS} or more are needed to show how they lie.")
    values = reps.tensors.reshape(len(reps), -1).astype(np.float64)
    pca = PCA(min(KEPT, len(reps)), random_state=seed)
    with np.errstate(invalid="ignore"):  # reps that are all the same have no variance to share
        components = pca.fit_transform(values)
    across, up = np.nan_to_num(pca.explained_variance_ratio_[:2])
    perplexity = min(PERPLEXITY, (len(reps) - 1) / 3)
    # As init="pca" of scikit-learn, for reps that are all the same too.
    start = components[:, :2] / max(float(components[:, 0].std()), 1e-12) * 1e-4
    near = TSNE(perplexity=perplexity, init=start, random_state=seed).fit_transform(components)
    return (
        Projection(name="PCA", xy=_within(components[:, :2]), note=f"{across:.0%} of the variance across, {up:.0%} up"),
        Projection(name="t-SNE", xy=_within(near), note=f"perplexity {perplexity:.0f}; distances between groups say little"),
    )


def _within(xy: np.ndarray) -> np.ndarray:
    """Into 0…1 each way; where all are the same, in the middle."""
    low, high = xy.min(0), xy.max(0)
    size = np.where(high > low, high - low, 1.0)
    found: np.ndarray = np.where(high > low, (xy - low) / size, 0.5)
    return found


def colourings(dataset: Dataset, scores: np.ndarray) -> tuple[Colouring, ...]:
    """By verdict, fault, lifter, label, score and part. scores: (n,), above 1 is anomalous."""
    reps = dataset.reps
    fixed = {"good": GOOD_COLOUR, "bad": BAD_COLOUR, "anomalous": BAD_COLOUR, NOT_LABELLED: NEITHER_COLOUR}
    labels = [label or NOT_LABELLED for label in reps.labels.tolist()]
    bins = (*SCORE_BINS, *SCORE_BEYOND)
    of_score = [next(name for limit, name, _ in bins if score <= limit) for score in scores.tolist()]
    return (
        _colouring("verdict", ["anomalous" if score > 1 else "good" for score in scores.tolist()], fixed),
        _colouring("fault", labels, fixed),
        _colouring("lifter", reps.lifters.tolist(), {}),
        _colouring("label", [label if label in fixed else "bad" for label in labels], fixed),
        _colouring("score", of_score, {name: colour for _, name, colour in bins}, [name for _, name, _ in bins]),
        _colouring("part", [dataset.parts[lifter] for lifter in reps.lifters.tolist()], {}),
    )


def _colouring(name: str, of: Sequence[str], fixed: dict[str, str], order: Sequence[str] = ()) -> Colouring:
    """The commonest first, where no order is given; names without a fixed colour get one of their own."""
    counts = Counter(of)
    names = [n for n in order if n in counts] or sorted(counts, key=lambda n: (-counts[n], n))
    free = iter(_palette(sum(n not in fixed for n in names), without=set(fixed.values())))
    categories = tuple(Category(name=n, colour=fixed.get(n) or next(free), count=counts[n]) for n in names)
    return Colouring(name=name, categories=categories, of=tuple(names.index(n) for n in of))


def _palette(count: int, without: set[str]) -> list[str]:
    """So many colours: Okabe and Ito's, or evenly round the circle where these are too few."""
    left = [colour for colour in OKABE_ITO if colour not in without]
    if count <= len(left):
        return left[:count]
    # Neighbours differ in lightness too.
    rounds = [colorsys.hls_to_rgb(n / count, (0.38, 0.56)[n % 2], 0.65) for n in range(count)]
    return ["#" + "".join(f"{round(255 * part):02x}" for part in colour) for colour in rounds]
