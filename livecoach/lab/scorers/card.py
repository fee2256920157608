"""Writes model.json and the readable model card of a scorer's folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.anomaly.scoring import Kde
from livecoach.anomaly.skelemotion import SHAPE
from livecoach.charts.shares import wilson
from livecoach.config.exercise import Exercise
from livecoach.lab.dataset import Reps
from livecoach.lab.scorers.compare import OF_THIS_SET, Split
from livecoach.lab.scorers.limits import RealLimit
from livecoach.lab.seal import made
from livecoach.model_files.model_folder import FILES, ModelCard, Thresholds, TrainingRun, sha256
from livecoach.model_files.reading import FORMAT

CARD = """\
# {title}: scorers and stage model

{made_of}

## What it scores

How much a rep of the {exercise} differs from good reps. This folder holds two scorers; the first one
judges:

- **The own reference**: signatures of faults, and the distance along the directions in which faulty reps deviate most,
  by azimuth, against the posterior of the lifter's own good reps (`form.json`, `form.npz`; docs/form.md has its
  figures). The figures below are for the distance alone, without measures and named faults.
- **An autoencoder**, for comparison only: it judges no reps. Its input is a rep tensor {shape}
  (`livecoach/anomaly/skelemotion.py`: the direction of each joint's motion over the rep). A convolutional autoencoder
  with {latent} latent numbers encodes and reconstructs it. The score is the worse of the latent's density (exact
  Gaussian kernel density over {points} training reps, whitened, bandwidth {bandwidth:.2f} by Scott's rule) and the
  reconstruction error, scaled so that 1 is the limit.

`stage.json` (up or down) contains its own description. docs/form.md describes named faults.

## Data

{data_note} Digest of the dataset: `{digest}`.

| part | lifters | good reps | bad reps |
| --- | --- | --- | --- |
{data}

## Limits of the autoencoder's score

{origin}.

## Figures of the autoencoder without own reps (95 % intervals; lifters are resampled for AUROC)

{autoencoder}

## Figures of the own reference

At the shipped limits. "Own" is the number of the lifter's own good reps of other sets in the reference; "+
{of_this_set}" adds so many of the same set. Bad means a severity of at least 0.5.

{own}

With five own reps of another set:

{own_by}

## Simpler scorers and other networks

Trained on the good reps of *train*, with limits that 2 % of those of *valid* exceed, evaluated on *test*.

{compared}

## Real reps

{real}

## What it can't do

- The scores of this card alone can't separate most bad reps from good ones: the errors of the pose estimator vary more
  between sets than most faults change a rep. Without these errors
  (`livecoach dataset --synthetic 60 --noise 0 --exercise deadlift --seed 9`), a shrunk Mahalanobis distance separates
  deadlifts with an AUROC of .889 (.864 to .913) with five own reps of other sets, and the PCA residual reaches .916
  (.897 to .935) with three more of the same set. Therefore the score is only a coarse check with few false alarms,
  besides the named faults.
- Training reproduces the weights on the same machine with the same library versions; elsewhere the last digits differ.

## Reproduce

    {command}
"""


REAL = """\
Real reps (clips that are not part of the project, BlazePose lite, `{measured}`): {good_reps} good ones from {clips}
clips of {origins} origins, and {bad_reps} bad ones. 95 % Wilson intervals; as reps of one clip are alike, the true
intervals are wider.

| | alarms on good reps | hits on bad reps |
| --- | --- | --- |
| synthetic limits | {alarms_synthetic} | {hits_synthetic} |
| shipped limits | {alarms} | {hits} |
| factor from the other origins only | {alarms_unseen} | |

Area under the ROC, good against bad reps of the same origin: **{auroc_within:.2f}** (0.5: chance); all origins together
{auroc:.2f}, which includes differences between origins. The kind of score was chosen on these clips, so the figures are
optimistic; for other lifters and cameras, expect the last row."""
NOT_REAL = "Not measured on real reps."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Card:
    """The content of the card of a trained scorer."""

    exercise: Exercise
    parts: Split
    kde: Kde
    thresholds: Thresholds
    real: RealLimit | None
    metrics: dict[str, Any]
    training: dict[str, Any]
    synthetic: bool


def write_card(card: Card, folder: Path) -> None:
    """Write README.md and then model.json, which holds the digest of every other file."""
    (folder / "README.md").write_text(_readme(card), encoding="utf-8")
    files = {name: sha256(folder / name) for name in FILES}
    content = ModelCard(
        format=FORMAT,
        name=card.exercise.name,
        version=f"2-{files['encoder.tflite'][:8]}",
        synthetic=card.synthetic,
        tensor_shape=SHAPE,
        latent=card.kde.points.shape[1],
        thresholds=card.thresholds,
        files=files,
        training=card.training,
        metrics=card.metrics,
        made={name: TrainingRun(**how) for name, how in made(folder, card.training).items()},
    )
    (folder / "model.json").write_text(json.dumps(asdict(content), indent=2) + "\n", encoding="utf-8")


def figure_table(figures: list[dict[str, Any]]) -> str:
    """Format figures from compare.figures as a Markdown table."""
    lines = ["| scorer | sees | own | AUROC | alarms on good reps | hits on bad ones |", "|" + " --- |" * 6]
    for one in figures:
        own = f"{one['own']} + {one['of_this_set']}" if one["of_this_set"] else str(one["own"])
        lines.append(f"| {one['kind']} | {one['values']} | {own} | {_three(one)} |")
    return "\n".join(lines)


def group_table(groups: dict[str, dict[str, Any]]) -> str:
    """Format figures from compare.by_group as a Markdown table."""
    lines = ["| which | AUROC | alarms on good reps | hits on bad ones |", "|" + " --- |" * 4]
    return "\n".join(lines + [f"| {name} | {_three(one)} |" for name, one in groups.items()])


def interval(figure: dict[str, Any]) -> str:
    """Format a figure with its interval: "0.710 (0.690 to 0.730)"."""
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _three(one: dict[str, Any]) -> str:
    return f"{interval(one['auroc'])} | {_share(one['alarms'])} | {_share(one['hits'])}"


def _share(share: dict[str, Any]) -> str:
    return f"{share['hits']} of {share['of']} ({share['low']:.1%} to {share['high']:.1%})"


SYNTHETIC = "**Trained on synthetic motion only.** No person's recording is in these weights."
RECORDED = "Trained on recordings. If they show people, do not share the model."
SYNTHETIC_DATA = """\
Random synthetic lifters (`livecoach/synth`) on several days, from -98 to 98 degrees, with BlazePose's errors and with
boundary errors like the pipeline's. Each part has its own lifters, cameras and noise, and no body is used for both
training and evaluation. Bad reps: every variant of every fault, and anomalies that no fault describes
(`livecoach/lab/generic_anomalies.py`)."""


def _readme(card: Card) -> str:
    metrics, points = card.metrics, card.kde.points
    origin = card.thresholds.origin
    return CARD.format(
        title=card.exercise.title,
        exercise=card.exercise.title.lower(),
        made_of=SYNTHETIC if card.synthetic else RECORDED,
        shape=SHAPE,
        latent=points.shape[1],
        points=len(points),
        bandwidth=card.kde.bandwidth,
        data_note=SYNTHETIC_DATA if card.synthetic else "Recordings, split by lifter.",
        data="\n".join(_data_row(name, getattr(card.parts, name)) for name in ("train", "valid", "test")),
        digest=card.training["data"],
        origin=origin[:1].upper() + origin[1:],
        autoencoder=figure_table([metrics["autoencoder"]]) + "\n\n" + group_table(metrics["autoencoder_by"]),
        compared=figure_table(metrics["compared"]) if metrics["compared"] else "Not compared.",
        own=figure_table(metrics["own"]),
        own_by=group_table(metrics["own_by"]),
        of_this_set=OF_THIS_SET,
        real=NOT_REAL if card.real is None else _real(card.real),
        command=card.training["command"],
    )


def _data_row(part: str, reps: Reps) -> str:
    return f"| {part} | {len(np.unique(reps.lifters))} | {int(reps.good.sum())} | {int(reps.bad.sum())} |"


def _real(real: RealLimit) -> str:
    fields = asdict(real)
    for names, total in (
        (("alarms_synthetic", "alarms", "alarms_unseen"), real.good_reps),
        (("hits_synthetic", "hits"), real.bad_reps),
    ):
        for name in names:
            low, high = wilson(fields[name], total)
            fields[name] = f"{fields[name]} of {total} ({low:.0%} to {high:.0%})" if total else "none to hit"
    return REAL.format(**fields)
