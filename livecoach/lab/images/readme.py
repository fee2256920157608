"""The card of a scorer of rep images, for people."""

from typing import Any

from livecoach.lab.images.limits import BUDGET, ImageLimits

WHAT = {
    "best": (
        "how far the image is from the nearest good ones, and how unlikely it is in a normal distribution of them, both"
        " in where each joint's motion points and whether it moves, averaged in time; flagged by their mean"
    ),
    "seed": (
        "the density of a convolutional autoencoder's code (64, 32 and 16 filters; exact Gaussian kernel density), and"
        " the autoencoder's reconstruction error; flagged where either is past its limit"
    ),
}
RULES = {"flagged": "by the method's rule", "or": "either part", "and": "both parts"}
CARD = """\
# Scorer of rep images, method {method}

Measures in a rep image of the dissertation (100 x 45 pixels) {what}.

## Data

{images} good images of {videos} videos, nothing bad. Digest of their grey values: `{sha256}`.

## Limits

From the same images, each measured by a scorer that was fitted without its video's: {budget:.0%} of them are over the
limit by construction.

{figures}

(95 % Wilson intervals; reps of one video are alike: the truth is wider.)

## What it can't do

- It knows the lifters and cameras of {videos} videos. What it says of others' images was not measured here.
- An image whose rep was cut wrongly is flagged, whatever the form: among good images these are most of those flagged.
- It says how strange, not what is wrong.

## Again

    {command} --out MODEL
"""


def text(method: str, limits: ImageLimits, training: dict[str, Any], metrics: dict[str, Any]) -> str:
    """Markdown."""
    rows = ["| good images flagged | of | by | share |", "| --- | --- | --- | --- |"]
    for key, called in (("left_out", "videos left out"), ("valid", "more reps, --valid")):
        for by, of in metrics.get(key, {}).items():
            if isinstance(of, dict):
                rows.append(f"| {called} | {of['of']} | {RULES.get(by, by)} | {_share(of)} |")
    if "tflite_differs_by" in metrics:
        rows += ["", f"TFLite and PyTorch differ by at most {metrics['tflite_differs_by']:.1g}."]
    rows += [
        "",
        f"Usual {_pair(limits.usual)}, limits {_pair(limits.limits)}, limit of the mean {limits.mean_limit:.3g}.",
    ]
    return CARD.format(method=method, what=WHAT[method], budget=BUDGET, figures="\n".join(rows), **training)


def _share(of: dict[str, Any]) -> str:
    return f"{of['value']:.3f} ({of['low']:.3f}-{of['high']:.3f})"


def _pair(pair: tuple[float, float]) -> str:
    return " and ".join(f"{number:.4g}" for number in pair)
