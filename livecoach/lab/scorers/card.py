"""The files of a scorer's model folder that people read: model.json and the card."""

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
from livecoach.model_files.model_folder import FILES, Made, ModelCard, Thresholds, sha256
from livecoach.model_files.reading import FORMAT

CARD = """\
# {title}: scorers and stage model

{made_of}

## What it scores

How unlike good reps one rep of the {exercise} is. Two scorers are in this folder; the first
one judges:

- **The own reference**: signatures of faults and the distance along the directions in which faulty reps are off most,
  by azimuth, against the posterior of the lifter's own good reps (`form.json`, `form.npz`; docs/form.md has its
  figures).
  Those below are of its distance alone, without measures and faults by name.
- **An autoencoder**, for comparison alone: it judges no rep. A rep tensor {shape}
  (`livecoach/anomaly/skelemotion.py`: where each joint moves, over
  the rep); a convolutional autoencoder ({latent} latent numbers) encodes it and gives it back; the score is the worse
  of the latent's density (exact Gaussian kernel density over {points} training reps, whitened, bandwidth
  {bandwidth:.2f} by Scott's rule) and of the reconstruction error, scaled so that 1 is the limit.

`stage.json` (up or down) is described in itself. Faults by name stand in docs/form.md.

## Data

{data_note} Digest of the dataset: `{digest}`.

| part | lifters | good reps | bad reps |
| --- | --- | --- | --- |
{data}

## Limits of the autoencoder's score

{origin}.

## Figures of the autoencoder, no own reps (95 % intervals; lifters are drawn for AUROC)

{autoencoder}

## Figures of the own reference

Judged at the shipped limits. "Own": the lifter's own good reps of other sets that the rep is held against; "+
{of_this_set}": so many of the set itself too. Bad is a severity of 0.5 and more.

{own}

Five own reps of another set:

{own_by}

## Simpler scorers and networks beside it

Trained on the good reps of *train*, limited at 2 % of those of *valid*, judged on *test*.

{compared}

## Real reps

{real}

## What it can't do

- The scores of this card alone can't tell most bad reps from good ones: what the pose estimator gets wrong from
  set to set is larger than what
  most faults change. Without these errors (`livecoach dataset --synthetic 60 --noise 0 --exercise deadlift --seed 9`)
  a shrunk Mahalanobis distance parts deadlifts at an AUROC of .889 (.864 to .913) with five own reps of other sets,
  and the PCA residual at .916 (.897 to .935) with three of the set itself besides. So it is a coarse net, kept at few
  false alarms, beside the faults by name.
- Weights are the same again on the same machine and library versions; elsewhere the last digits differ.

## Again

    {command}
"""


REAL = """\
Real reps (clips that are not part of the project, BlazePose lite, `{measured}`): {good_reps} good ones from {clips}
clips of {origins} origins, {bad_reps} bad ones. 95 % Wilson intervals; reps of one clip are alike: the truth is
wider.

| | alarms on good reps | hits on bad reps |
| --- | --- | --- |
| synthetic limits | {alarms_synthetic} | {hits_synthetic} |
| shipped limits | {alarms} | {hits} |
| the factor from the other origins only | {alarms_unseen} | |

Area under the ROC, good against bad reps of the same origin: **{auroc_within:.2f}** (0.5: chance); all origins together
{auroc:.2f}, which also counts how origins differ. The kind of score was chosen with these clips in view, so these are
optimistic; on lifters and cameras unlike them the last row is the one to expect."""
NOT_REAL = "Not measured on real reps."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Card:
    """What there is to say of a trained scorer."""

    exercise: Exercise
    parts: Split
    kde: Kde
    thresholds: Thresholds
    real: RealLimit | None
    metrics: dict[str, Any]
    training: dict[str, Any]
    synthetic: bool


def write_card(card: Card, folder: Path) -> None:
    """README.md, then model.json, which names the digest of every other file."""
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
        made={name: Made(**how) for name, how in made(folder, card.training).items()},
    )
    (folder / "model.json").write_text(json.dumps(asdict(content), indent=2) + "\n", encoding="utf-8")


def figure_table(figures: list[dict[str, Any]]) -> str:
    """Markdown of what compare.figures gives."""
    lines = ["| scorer | sees | own | AUROC | alarms on good reps | hits on bad ones |", "|" + " --- |" * 6]
    for one in figures:
        own = f"{one['own']} + {one['of_this_set']}" if one["of_this_set"] else str(one["own"])
        lines.append(f"| {one['kind']} | {one['values']} | {own} | {_three(one)} |")
    return "\n".join(lines)


def group_table(groups: dict[str, dict[str, Any]]) -> str:
    """Markdown of what compare.by_group gives."""
    lines = ["| which | AUROC | alarms on good reps | hits on bad ones |", "|" + " --- |" * 4]
    return "\n".join(lines + [f"| {name} | {_three(one)} |" for name, one in groups.items()])


def interval(figure: dict[str, Any]) -> str:
    """0.710 (0.690 to 0.730)"""
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _three(one: dict[str, Any]) -> str:
    return f"{interval(one['auroc'])} | {_share(one['alarms'])} | {_share(one['hits'])}"


def _share(share: dict[str, Any]) -> str:
    return f"{share['hits']} of {share['of']} ({share['low']:.1%} to {share['high']:.1%})"


SYNTHETIC = "**Trained on synthetic motion only.** No person's recording is in these weights."
RECORDED = "Trained on recordings; keep it to yourself where these show people."
SYNTHETIC_DATA = """\
Random synthetic lifters (`livecoach/synth`) on several days, seen from -98 to 98 degrees with BlazePose's errors put
on, boundaries off as the pipeline's are. Other lifters, cameras and noise in each part, and no body that was trained on
judges. Bad reps: every way of every fault, and what no fault describes (`livecoach/lab/generic_anomalies.py`)."""


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
        data_note=SYNTHETIC_DATA if card.synthetic else "Recordings, parted by lifter.",
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
