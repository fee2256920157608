"""Projects the reps of a dataset to a plane by PCA and t-SNE, and shows them as a picture or a page."""

import colorsys
import html
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from livecoach.config.paths import install_command
from livecoach.errors import ConfigError, SourceError
from livecoach.feedback import text
from livecoach.feedback.shapes import Colour
from livecoach.lab.dataset import GOOD, UNKNOWN, Dataset, Reps

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
        Projection(
            name="PCA", xy=_scaled_to_unit(components[:, :2]), note=f"{across:.0%} of the variance across, {up:.0%} up"
        ),
        Projection(
            name="t-SNE",
            xy=_scaled_to_unit(near),
            note=f"perplexity {perplexity:.0f}; distances between groups mean little",
        ),
    )


def _without_gaps(values: np.ndarray) -> np.ndarray:
    """Fill unknown values with the mean of the reps that have them, or with 0 where none has."""
    known = np.isfinite(values)
    mean = np.where(known, values, 0.0).sum(0) / np.maximum(known.sum(0), 1)
    filled: np.ndarray = np.where(known, values, mean)
    return filled


def _scaled_to_unit(xy: np.ndarray) -> np.ndarray:
    """Scale both axes to 0…1; a constant axis becomes 0.5."""
    low, high = xy.min(0), xy.max(0)
    size = np.where(high > low, high - low, 1.0)
    scaled: np.ndarray = np.where(high > low, (xy - low) / size, 0.5)
    return scaled


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


SIDE, MARGIN, KEY_W, TOP = 520, 36, 300, 64
"""Sizes in pixels: a plot, the margin, the legend, and the title."""
CAP, SMALL_CAP, ROW = 15, 11, 24
ROWS = (SIDE - ROW) // ROW
"""Most names in a legend; the rest are only counted."""
WHITE: Colour = (255, 255, 255)
GROUND: Colour = (250, 251, 251)
EDGE: Colour = (224, 220, 216)
BLACK: Colour = (34, 31, 28)
GREY: Colour = (92, 86, 80)


def picture(reps: Reps, planes: Sequence[Projection], colourings: Sequence[Colouring], title: str) -> np.ndarray:
    """Draw one row per colouring and one column per projection, with legends, (height, width, 3) uint8 BGR."""
    width = MARGIN + len(planes) * (SIDE + MARGIN) + KEY_W
    height = TOP + ROW + len(colourings) * (SIDE + MARGIN) + ROW
    canvas = np.full((height, width, 3), WHITE, np.uint8)
    text.write(canvas, title, (MARGIN, 40), CAP, BLACK, text.SEMIBOLD)
    for row, colouring in enumerate(colourings):
        y = TOP + ROW + row * (SIDE + MARGIN)
        for column, plane in enumerate(planes):
            x = MARGIN + column * (SIDE + MARGIN)
            if row == 0:
                text.write(canvas, plane.name, (x, y - 10), CAP, BLACK, text.BOLD)
                note = text.block(plane.note, 1, SMALL_CAP, SIDE - 90, text.REGULAR)
                note.write(canvas, (x + 90, y - 10 - SMALL_CAP), GREY)
            _draw_plane(canvas[y : y + SIDE, x : x + SIDE], plane, colouring, reps)
        _draw_key(canvas, colouring, (MARGIN + len(planes) * (SIDE + MARGIN), y))
    text.write(canvas, "dot: good   cross: bad   ring: not labelled", (MARGIN, height - 20), SMALL_CAP, GREY)
    return canvas


def _draw_plane(view: np.ndarray, plane: Projection, colouring: Colouring, reps: Reps) -> None:
    view[:] = GROUND
    cv2.rectangle(view, (0, 0), (SIDE - 1, SIDE - 1), EDGE, 1)
    room = SIDE - 40
    colours = [_bgr(category.colour) for category in colouring.categories]
    for n, (across, up) in enumerate(plane.xy.tolist()):
        at, colour = (20 + round(across * room), SIDE - 20 - round(up * room)), colours[colouring.of[n]]
        if reps.good[n]:
            cv2.circle(view, at, 5, colour, -1, cv2.LINE_AA)
        elif reps.bad[n]:
            for dy in (5, -5):
                cv2.line(view, (at[0] - 5, at[1] - dy), (at[0] + 5, at[1] + dy), colour, 2, cv2.LINE_AA)
        else:
            cv2.circle(view, at, 5, colour, 2, cv2.LINE_AA)


def _draw_key(canvas: np.ndarray, colouring: Colouring, corner: tuple[int, int]) -> None:
    x, y = corner
    text.write(canvas, f"by {colouring.name}", (x, y + CAP), CAP, BLACK, text.BOLD)
    shown = colouring.categories if len(colouring.categories) <= ROWS else colouring.categories[: ROWS - 1]
    for row, category in enumerate(shown, start=2):
        baseline = y + row * ROW
        cv2.rectangle(canvas, (x, baseline - 13), (x + 13, baseline), _bgr(category.colour), -1)
        words = text.block(f"{category.name} ({category.count})", 1, SMALL_CAP, KEY_W - 40, text.REGULAR)
        words.write(canvas, (x + 22, baseline - SMALL_CAP), BLACK)
    left = len(colouring.categories) - len(shown)
    if left:
        text.write(canvas, f"and {left} more", (x + 22, y + (len(shown) + 2) * ROW), SMALL_CAP, GREY)


def _bgr(colour: str) -> Colour:
    return int(colour[5:7], 16), int(colour[3:5], 16), int(colour[1:3], 16)


TEMPLATE = Path(__file__).with_name("explore.html")


def page(
    dataset: Dataset, scores: np.ndarray, planes: Sequence[Projection], colourings: Sequence[Colouring], title: str
) -> str:
    """Return the HTML. scores: (n,) scores of the reps, anomalous above 1; NaN: not judged."""
    reps = dataset.reps
    content = {
        "planes": [{"name": p.name, "note": p.note, "xy": p.xy.round(4).tolist()} for p in planes],
        "colourings": [asdict(one) for one in colourings],
        "reps": [_details(reps, n, float(scores[n]), dataset.parts) for n in range(len(reps))],
    }
    made_up = "Synthetic lifters." if dataset.synthetic else ""
    filled = {
        "title": html.escape(title),
        "summary": html.escape(f"{summary(reps)}. {made_up}".strip()),
        "reps": _in_script(content),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, value in filled.items():
        before, _, behind = text.partition("{{" + name + "}}")
        text = before + value + behind.replace("{{" + name + "}}", value)
    return text


def summary(reps: Reps) -> str:
    """Summarize the numbers of reps and lifters."""
    lifters, good, bad = len(set(reps.lifters.tolist())), int(reps.good.sum()), int(reps.bad.sum())
    return f"{len(reps)} reps of {lifters} lifters: {good} good, {bad} bad, {len(reps) - good - bad} {NOT_LABELLED}"


def _details(reps: Reps, n: int, score: float, parts: dict[str, str]) -> dict[str, object]:
    label, lifter = str(reps.labels[n]), str(reps.lifters[n])
    start_s, turn_s, end_s = reps.times_s[n].tolist()
    lines = [
        f"{start_s:.2f} to {end_s:.2f} s, turn at {turn_s:.2f} s",
        f"lifter {lifter} ({parts[lifter]}), {reps.sets[n]}",
        NOT_JUDGED if math.isnan(score) else f"score {score:.2f}: {verdict(score)}",
        f"marked {label}" if label != UNKNOWN else NOT_LABELLED,
    ]
    worst = float(np.nanmax(np.abs(reps.severities[n]), initial=0.0))
    if worst > 0:
        lines[-1] += f", severity {worst:.2f}"
    if not math.isnan(reps.azimuths_deg[n]):
        lines.append(f"camera at {reps.azimuths_deg[n]:.0f}°")
    kind = label if label in (GOOD, UNKNOWN) else "bad"
    return {"source": str(reps.sources[n]), "lines": lines, "kind": kind}


def _in_script(content: object) -> str:
    """Return JSON that can't end a script element, whatever names it contains."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
