"""The readable model card of a scorer of rep images."""

from typing import Any

from livecoach.lab.images.limits import BUDGET, ImageLimits

WHAT = {
    "best": (
        "the distance of the image to the nearest good ones, and its likelihood in their normal distribution, both on"
        " the direction and presence of each joint's motion, averaged in time; the mean of both decides"
    ),
    "seed": (
        "the density of a convolutional autoencoder's code (64, 32 and 16 filters; exact Gaussian kernel density), and"
        " the autoencoder's reconstruction error; either one above its limit flags an image"
    ),
}
RULES = {"flagged": "by the method's rule", "or": "either part", "and": "both parts"}
CARD = """\
# Scorer of rep images, method {method}

It measures, in a rep image of the dissertation (100 x 45 pixels), {what}.

## Data

{images} good images of {videos} videos, and no bad ones. Digest of their grey values: `{sha256}`.

## Limits

The limits come from the same images, each measured by a scorer fitted without its video: {budget:.0%} of them exceed
the limit by construction.

{figures}

(95 % Wilson intervals; as reps of one video are alike, the true intervals are wider.)

## What it can't do

- It was fitted to the lifters and cameras of {videos} videos. Its accuracy on other images was not measured here.
- It flags images of wrongly cut reps, whatever their form; most flagged good images are of this kind.
- It reports how unusual a rep is, not what is wrong with it.

## Reproduce

    {command} --out MODEL
"""


def text(method: str, limits: ImageLimits, training: dict[str, Any], metrics: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    rows = ["| good images flagged | of | by | share |", "| --- | --- | --- | --- |"]
    for key, called in (("left_out", "held-out videos"), ("valid", "more reps, --valid")):
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
