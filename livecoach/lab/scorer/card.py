"""Writes model.json and the readable model card of an exercise's folder."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.config.exercise import Exercise
from livecoach.lab.dataset import Dataset, Reps
from livecoach.lab.scorer.evaluation import is_bad, text
from livecoach.lab.seal import made
from livecoach.model_files.model_folder import FILES, FORMAT, ModelCard, TrainingRun, sha256

CARD = """\
# {title}: what counts and judges its reps

{made_of}

## What it does

- `stage.json`, `lift.json` and `boundaries.json` count reps (docs/counting.md); each holds its own description.
- `encoder.tflite` turns the trajectory of a rep's joints into a latent. The density of the lifter's own latents says
  how far a rep lies outside the lifter's good reps; `decoder.tflite` says whether the movement is one of a person at
  all. `kde.npz` holds latents of other lifters, for the very first rep.
- `faults.npz` tells how much of each named fault a rep shows beside the lifter's good reps.
- `scorer.json` holds widths and limits. docs/form.md explains all of it.

## Data

{data_note} Digest of the dataset: `{digest}`.

| part | lifters | good reps | bad reps |
| --- | --- | --- | --- |
{data}

{real}

## Figures

On lifters of *test*, whose bodies nothing was trained on, at the shipped limits for 2 % false alarms; {kind}. Bad means
a severity of .5 and more.

{figures}

## What it can't do

- It compares with the lifter's own good reps. Until there is one, only what is gross is anomalous.
- It was measured on few real lifters (docs/form.md). The figures above are for {kind} reps alone.
- Training gives the same weights on the same machine with the same versions of its libraries; elsewhere the last digits
  differ.

## Reproduce

    {command}
"""
SYNTHETIC = "**Trained on synthetic motion only.** No person's recording is in these weights."
WITH_REAL = """\
**Trained on synthetic motion, and on recorded movements of ten people**: UI-PRMD (Vakanski, Jun, Paul, Baker, Data 3:2,
2018), which is in the public domain (Open Data Commons Public Domain Dedication and License v1.0)."""
RECORDED = "Trained on recordings. If they show people, do not share the model."
SYNTHETIC_DATA = """\
Random synthetic lifters (`livecoach/synth`), from -98 to 98 degrees, with BlazePose's errors and with boundary errors
like the pipeline's. Bad reps: every variant of every fault. No lifter is in two parts, and no body of *test* in
another.
"""
REAL = (
    "Besides, the encoder learned from {reps} reps of {people} people's movements, each before several virtual cameras."
)


def write_card(
    exercise: Exercise, dataset: Dataset, real: Reps | None, figures: dict[str, Any], command: str, folder: Path
) -> None:
    """Write README.md and then model.json, which holds the digest of every other file. figures: of evaluation."""
    synthetic = dataset.synthetic
    of_dataset = SYNTHETIC if real is None else WITH_REAL
    readme = CARD.format(
        title=exercise.title,
        made_of=of_dataset if synthetic else RECORDED,
        data_note=SYNTHETIC_DATA.strip() if synthetic else "Recordings, split by lifter.",
        digest=dataset.digest(),
        data="\n".join(_data_row(name, dataset.part(name)) for name in ("train", "valid", "test")),
        real="" if real is None else REAL.format(reps=len(real), people=_people(real)),
        kind="synthetic" if synthetic else "recorded",
        figures=text(figures),
        command=command,
    )
    (folder / "README.md").write_text(readme, encoding="utf-8")
    content = ModelCard(
        format=FORMAT,
        name=exercise.name,
        synthetic=synthetic and real is None,
        files={name: sha256(folder / name) for name in FILES},
        metrics={"synthetic": synthetic, **figures},
        made={name: TrainingRun(**how) for name, how in made(folder).items()},
    )
    (folder / "model.json").write_text(json.dumps(asdict(content), indent=2) + "\n", encoding="utf-8")


def _people(real: Reps) -> int:
    return len({name.rpartition("-")[2] for name in real.lifters.tolist()})


def _data_row(part: str, reps: Reps) -> str:
    return f"| {part} | {len(np.unique(reps.lifters))} | {int(reps.good.sum())} | {int(is_bad(reps).sum())} |"
