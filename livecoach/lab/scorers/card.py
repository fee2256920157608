"""The files of a scorer's model folder that people read: model.json and the card."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from intervals import wilson
from scorer_limits import RealLimit
from scorer_reps import BODIES, Reps

from livecoach.exercise import Exercise
from livecoach.model_folder import FILES, FORMAT, ModelCard, Thresholds, sha256
from livecoach.scoring import Kde
from livecoach.skelemotion import SHAPE

CARD = """\
# {title}: scorer and stage model

**Trained on synthetic motion only.** No person's recording is in these weights. First version: it is here so that the
way from camera to verdict is whole, and it says little: what it can tell apart stands below.

## What it scores

How unlike good reps one rep of the {exercise} is. In: a rep tensor {shape} (`livecoach/skelemotion.py`: where each
joint moves, over the rep). A convolutional autoencoder ({latent} latent numbers) encodes it and gives it back; the
score is the worse of the latent's density (exact Gaussian kernel density over {points} training reps, whitened,
bandwidth {bandwidth:.2f} by Scott's rule) and of the reconstruction error, scaled so that 1 is the
limit. Above 1: anomalous. `stage.json` (up or down) is described in itself.

## Data

Random synthetic lifters (`livecoach/synth`), seen from -105 to 105 degrees with BlazePose's errors put on, through the
real pipeline, whose rep boundaries they have. Other lifters, cameras
and noise in each part, and no body that was trained on judges.

| part | sets | reps | bodies for |
| --- | --- | --- | --- |
{data}

Each training rep comes three times, twice with its boundaries moved by up to 0.15 s. Digest of the training tensors:
`{digest}`.

## Limits of the score

{origin}.

## Figures (95 % intervals)

Synthetic reps of lifters that were not trained on, at the synthetic limits, and at the shipped ones:

| | synthetic limits | shipped limits |
| --- | --- | --- |
{figures}

Area under the ROC, good against faulty (measured severity 0.5 or more): {auroc}.

{real}

## What it can't do

- It can't tell most faults of form from good reps of *other* bodies: people, cameras and the pose estimator's errors
  differ more than good and bad do. It is a coarse net until the lifter's own reps are the reference.
- Real lifters are further from the synthetic ones than a faulty synthetic rep is from a good one. That is why the
  limits were moved out.
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
    data: list[tuple[str, int, Reps]]
    """Part, sets, reps."""
    kde: Kde
    limits: Thresholds
    real: RealLimit | None
    metrics: dict[str, Any]
    training: dict[str, Any]


def write_card(card: Card, folder: Path) -> None:
    """README.md, then model.json, which names the digest of every other file."""
    (folder / "README.md").write_text(_readme(card), encoding="utf-8")
    files = {name: sha256(folder / name) for name in FILES}
    content = ModelCard(
        format=FORMAT,
        name=card.exercise.name,
        version=f"1-{files['encoder.tflite'][:8]}",
        synthetic=True,
        tensor_shape=SHAPE,
        latent=card.kde.points.shape[1],
        thresholds=card.limits,
        files=files,
        training=card.training,
        metrics=card.metrics,
    )
    (folder / "model.json").write_text(json.dumps(asdict(content), indent=2) + "\n", encoding="utf-8")


def interval(figure: dict[str, Any]) -> str:
    """0.710 (0.690 to 0.730)"""
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _readme(card: Card) -> str:
    metrics, points = card.metrics, card.kde.points
    by_fault = ", ".join(f"{name} {interval(figure)}" for name, figure in metrics["auroc_by_fault"].items())
    return CARD.format(
        title=card.exercise.title,
        exercise=card.exercise.title.lower(),
        shape=SHAPE,
        latent=points.shape[1],
        points=len(points),
        bandwidth=card.kde.bandwidth,
        data="\n".join(_data_row(*part) for part in card.data),
        digest=card.training["tensors_sha256"],
        origin=card.limits.origin[:1].upper() + card.limits.origin[1:],
        figures=_figure_rows(metrics),
        auroc=f"**{interval(metrics['auroc'])}**; by fault: {by_fault}",
        real=NOT_REAL if card.real is None else _real(card.real),
        command=card.training["command"],
    )


def _data_row(part: str, sets: int, reps: Reps) -> str:
    return f"| {part} | {sets} | {int((reps.faults != 'shifted').sum())} | {BODIES[part]} |"


def _figure_rows(metrics: dict[str, Any]) -> str:
    rows = [("good reps alarmed", metrics["alarms"]), ("faulty reps hit", metrics["hits"])]
    rows += [(f"hit: {fault}", shares) for fault, shares in metrics["hits_by_fault"].items()]
    return "\n".join(
        f"| {name} | {_share(s['synthetic_limits'])} | {_share(s['shipped_limits'])} |" for name, s in rows
    )


def _share(share: dict[str, Any]) -> str:
    return f"{share['hits']} of {share['of']}, {share['low']:.1%} to {share['high']:.1%}"


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
