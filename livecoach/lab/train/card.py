"""The card of a model folder: README.md and model.json, computed from what the files of the folder record."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.core.config import exercise as exercises
from livecoach.core.model_files.model_folder import FILES, JUDGING, sha256
from livecoach.decisions.rep.measures import load_faults
from livecoach.lab.dataset import PARTS, Dataset, Reps
from livecoach.lab.measure.table import as_text, tables_of
from livecoach.lab.model_files import CARD, new_files
from livecoach.lab.train.evaluation import is_bad

TEMPLATE = Path(__file__).with_name("scorer_card.md")
TRAINED = {
    "stage.json": "{frames} frames",
    "boundaries.json": "{reps} reps",
    "lift.json": "{lifts} lifts and {others} other movements",
    "scorer.json": "{reps} reps",
}
"""Files that record their training, in the order of training, and what each was learned from."""
SYNTHETIC = "**Trained on synthetic motion only.** No person's recording is in these weights."
PEOPLE = """\
**Trained on synthetic motion, and on recorded movements of people** ({files}): UI-PRMD (Vakanski, Jun, Paul, Baker,
Data 3:2, 2018), which is in the public domain (Open Data Commons Public Domain Dedication and License v1.0){cmu}."""
CMU = ", and the\nCMU Graphics Lab Motion Capture Database, which is free for all uses"
RECORDED = "**Trained on recordings** ({files}). If they show people, do not share the model."
Training = Mapping[str, Mapping[str, Any]]  # file of a part → what it records of its training


def seal(folder: Path) -> None:
    """Write README.md, and the digests and commands in model.json. A folder that lacks a file is left alone."""
    path = folder / CARD
    if not all((folder / name).is_file() for name in (*JUDGING, CARD)):
        return
    content = json.loads(path.read_text(encoding="utf-8"))
    trainings = {name: json.loads((folder / name).read_text(encoding="utf-8"))["training"] for name in TRAINED}
    was, runs = content["files"], content["made"]
    content["made"] = {
        name: runs[name]
        if name in runs and was.get(name) == sha256(folder / name)
        else {what: training[what] for what in ("command", "seed") if what in training}
        for name, training in trainings.items()
    }
    content["synthetic"] = not (_recorded(trainings) or _of_people(trainings))
    with new_files(folder) as made:  # a kill leaves the old card, and no half of a new one
        (made / "README.md").write_text(_readme(content, trainings), encoding="utf-8")
        places = {name: (made if name == "README.md" else folder) / name for name in FILES}
        content["files"] = {name: sha256(place) for name, place in places.items()}
        (made / CARD).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def data_of(dataset: Dataset, real: Reps | None) -> dict[str, Any]:
    """Count what a scorer was trained and judged on. real: reps of recorded people too."""
    bad = dataset.reps.labels[dataset.reps.bad].tolist()
    faults = [fault for label in bad for fault in label.split("+")]
    azimuths_deg = dataset.reps.azimuths_deg
    return {
        "digest": dataset.digest(),
        "recordings": len(dataset.sources),
        "synthetic": dataset.synthetic,
        "seed": dataset.seed,
        "azimuths_deg": [round(float(limit(azimuths_deg))) for limit in (np.nanmin, np.nanmax)],
        "parts": {part: _counts(dataset.part(part)) for part in PARTS},
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
    """Return the files that were learned from recordings of the user's."""
    return [name for name, training in trainings.items() if training.get("recordings")]


def _of_people(trainings: Training) -> list[str]:
    """Return the files that also were learned from the recorded people of --motion."""
    return [name for name, training in trainings.items() if training.get("real") or training.get("real_reps")]


def _made_of(trainings: Training) -> str:
    recorded, people = _recorded(trainings), _of_people(trainings)
    lines = [] if recorded or people else [SYNTHETIC]
    if people:
        lines.append(PEOPLE.format(files=_quoted(people), cmu=CMU if "lift.json" in people else ""))
    if recorded:
        lines.append(RECORDED.format(files=_quoted(recorded)))
    return "\n\n".join(lines)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _readme(content: Mapping[str, Any], trainings: Training) -> str:
    metrics, exercise = content["metrics"], exercises.load(content["name"])
    kind = "synthetic" if metrics["synthetic"] else "recorded"
    learned = [
        f"| `{name}` | {TRAINED[name].format_map(training)}{_other_sources(training)} |"
        for name, training in trainings.items()
    ]
    network = trainings["scorer.json"].get("network") if load_faults(exercise.name).faults else None
    return TEMPLATE.read_text(encoding="utf-8").format(
        title=exercise.title,
        made_of=_made_of(trainings),
        learned="\n".join(learned),
        data=_data_text(metrics["data"]) if "data" in metrics else "not recorded.",
        kind=kind,
        figures=as_text(tables_of(metrics["tables"])),
        commands="\n".join(map(_command_line, content["made"].values())),
        network="" if network is None else f"\n{network} trained the network of `faults.npz` (docs/models.md).\n",
    )


def _other_sources(training: Mapping[str, Any]) -> str:
    sources = {"rendered": "rendered sets", "real": "sets of recorded people", "real_reps": "reps of recorded people"}
    counts = [f"{training[name]} {what}" for name, what in sources.items() if training.get(name)]
    return f" (also from {' and '.join(counts)})" if counts else ""


def _data_text(data: Mapping[str, Any]) -> str:
    parts, drawn = data["parts"], data["drawn"]
    what = f"{sum(part['lifters'] for part in parts.values())} lifters"
    if drawn:
        lines = [f"{what}, drawn at random (`livecoach/lab/synth`), with BlazePose's errors."]
    else:
        of = "of the synthetic lifter" if data["synthetic"] else "of people"
        split = "by name" if data["seed"] is None else f"by seed {data['seed']}"
        lines = [f"{data['recordings']} recordings {of}, {what}, split {split}: nobody is in two parts."]
    if "azimuths_deg" in data:
        lines.append("Azimuths of the camera, as estimated: {} to {} degrees.".format(*data["azimuths_deg"]))
    if drawn:
        counts = ", ".join(f"{count} in *{part}*" for part, count in drawn["bodies"].items())
        lines.append(f"Bodies: {counts}; {drawn['shared_bodies']} of those in *test* are in another part, too.")
        if drawn.get("variants"):
            lines.append(f"Bad reps show {drawn['shown']} of {drawn['variants']} variants of faults.")
    if data["real"]:
        real = "The encoder learned from {reps} reps of {people} people's movements, too, before virtual cameras."
        lines.append(real.format(**data["real"]))
    rows = [f"| {name} | {' | '.join(map(str, counts.values()))} |" for name, counts in parts.items()]
    columns = ["part", *next(iter(parts.values()))]
    table = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|", *rows]
    faults = ", ".join(f"{name} {count}" for name, count in data.get("faults", {}).items())
    more = [f"\nBad reps by fault, a severity below .5 among them: {faults}."] if faults else []
    return "\n".join([*lines, "", *table, *more, f"\nDigest of the dataset: `{data['digest']}`."])


def _command_line(run: Mapping[str, Any]) -> str:
    revision = run.get("revision")
    return f"    git checkout {revision} && {run['command']}" if revision else f"    {run['command']}"
