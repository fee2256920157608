"""Writes the card of a model folder: README.md and model.json, from the records in the files of the folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.core.charts import load_template
from livecoach.core.config import exercise as exercises
from livecoach.core.model_files.model_folder import FILES, JUDGING, file_sha256
from livecoach.decisions.rep.measures import load_faults
from livecoach.lab.dataset import PARTS, Dataset, Reps
from livecoach.lab.measure.table import tables_as_text, tables_from_content
from livecoach.lab.model_files import CARD, new_files
from livecoach.lab.train.evaluation import is_bad

TEMPLATE = Path(__file__).with_name("scorer_card.md.j2")
TRAINED = {
    "stage.json": "{frames} frames",
    "boundaries.json": "{reps} reps",
    "lift.json": "{lifts} lifts and {others} other movements",
    "scorer.json": "{reps} reps",
}
"""File that records a training → description of the training data, in the order of training."""
SOURCES = {"rendered": "rendered sets", "real": "sets of recorded people", "real_reps": "reps of recorded people"}
Training = Mapping[str, Mapping[str, Any]]  # File of a part → its record of the training


def write_cards(folder: Path) -> None:
    """Write the README.md and renew the model.json of a model folder; leave an incomplete folder unchanged."""
    path = folder / CARD
    if not all((folder / name).is_file() for name in (*JUDGING, CARD)):
        return
    content = json.loads(path.read_text(encoding="utf-8"))
    trainings = {name: json.loads((folder / name).read_text(encoding="utf-8"))["training"] for name in TRAINED}
    content["made"] = {
        name: {what: training[what] for what in ("command", "seed", "revision") if what in training}
        for name, training in trainings.items()
    }
    content["synthetic"] = not (_recorded(trainings) or _of_people(trainings))
    with new_files(folder) as made:  # a kill leaves the old card, and no half of a new one
        (made / "README.md").write_text(_readme(content, trainings), encoding="utf-8")
        places = {name: (made if name == "README.md" else folder) / name for name in FILES}
        content["files"] = {name: file_sha256(place) for name, place in places.items()}
        (made / CARD).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def describe_data(dataset: Dataset, real: Reps | None) -> dict[str, Any]:
    """Return what the model card says of the data on which a scorer was trained and judged, such as digest and counts.

    Args:
        dataset: Dataset with at least one source.
        real: Reps of recorded people; None if the scorer did not learn from recorded people.
    """
    bad = dataset.reps.labels[dataset.reps.bad].tolist()
    faults = [fault for label in bad for fault in label.split("+")]
    azimuths_deg = dataset.reps.azimuths_deg
    return {
        "digest": dataset.digest(),
        "recordings": len(dataset.sources),
        "synthetic": dataset.synthetic,
        "seed": dataset.seed,
        "azimuths_deg": [round(float(limit(azimuths_deg))) for limit in (np.nanmin, np.nanmax)],
        "parts": {part: _counts(dataset.reps_of_part(part)) for part in PARTS},
        "faults": {fault: faults.count(fault) for fault in sorted(set(faults))},
        "drawn": dict(dataset.sources[0].get("drawn", {})),
        "real": {} if real is None else {"reps": len(real), "people": len(_people(real))},
    }


def _counts(reps: Reps) -> dict[str, int]:
    names = {"lifters": len(set(reps.lifters.tolist())), "sets": len(set(reps.sets.tolist()))}
    return names | {"good reps": int(reps.good.sum()), "bad reps": int(is_bad(reps).sum())}


def _people(reps: Reps) -> set[str]:
    return {name.rpartition("-")[2] for name in reps.lifters.tolist()}


def _recorded(trainings: Training) -> list[str]:
    """Return the files that were trained on the user's recordings."""
    return [name for name, training in trainings.items() if training.get("recordings")]


def _of_people(trainings: Training) -> list[str]:
    """Return the files that were also trained on the recorded people of --motion."""
    return [name for name, training in trainings.items() if training.get("real") or training.get("real_reps")]


def _readme(content: Mapping[str, Any], trainings: Training) -> str:
    exercise = exercises.load(content["name"])
    text = load_template(TEMPLATE).render(
        title=exercise.title,
        people=_of_people(trainings),
        recorded=_recorded(trainings),
        trainings=trainings,
        learned=TRAINED,
        sources=SOURCES,
        metrics=content["metrics"],
        figures=tables_as_text(tables_from_content(content["metrics"]["tables"])),
        runs=content["made"].values(),
        gone=[name.removesuffix(".json") for name, run in content["made"].items() if "revision" in run],
        network=trainings["scorer.json"].get("network") if load_faults(exercise.name).faults else None,
    )
    return f"{text}\n"
