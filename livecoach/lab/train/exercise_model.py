"""Trains the parts of an exercise's model folder, alone or together, and writes its cards: README.md and model.json.

A part is made in a folder next to its destination, and moved there when it is complete. `train_all` makes the parts in
the cache, where a stopped run resumes, and replaces the model at the end.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import dropwhile
from pathlib import Path
from tempfile import TemporaryDirectory

from livecoach.core.charts import load_template
from livecoach.core.config import exercise as exercises
from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import FILES, JUDGING, file_sha256, how_to_train
from livecoach.decisions.rep.measures import load_faults
from livecoach.lab.measure.table import tables_as_text, tables_from_content
from livecoach.lab.model_files import CARD, new_files
from livecoach.lab.train.labelled_movements import check_rendering
from livecoach.lab.train.recipes import PARTS, BuildContext, LiftRecipe, Part


def train_part(part: Part, context: BuildContext, folder: Path) -> str:
    """Train a part of an exercise's model, put it into a folder, and return a report in words.

    Earlier parts come from the folder, or else from `context.earlier_parts`. Parts that the folder lacks are copied
    into it, to make a whole model, and the card of a whole model is written anew. Raises ModelError if an earlier
    part is in neither folder, and the errors of the part's own training.
    """
    name = context.exercise.name
    training = {"command": part.command(name), "seed": part.seed}
    with TemporaryDirectory() as together, new_files(folder) as made:
        before = Path(together)
        for file in (*FILES, CARD):
            source = next((place / file for place in (folder, context.earlier_parts) if (place / file).is_file()), None)
            if source is not None:
                shutil.copyfile(source, before / file)
        needed = [earlier.files[0] for earlier in PARTS[: PARTS.index(type(part))]]
        missing = next((file for file in needed if not (before / file).is_file()), None)
        if missing is not None:
            raise ModelError(f"{folder / missing}: is missing, and {part.name} is made after it. {how_to_train(name)}")
        report: str = import_module(part.module).train(part, replace(context, earlier_parts=before), made, training)
        for path in before.iterdir():
            if not (made / path.name).exists() and not (folder / path.name).exists():
                shutil.copyfile(path, made / path.name)
    write_cards(folder)
    return report


def train_all(parts: Sequence[Part], context: BuildContext, folder: Path, say: Callable[[str], object]) -> None:
    """Train all parts of an exercise's model, put them into a folder, and pass a report on each part to `say`.

    Parts that an earlier run made by the same commands come from the cache, up to the first part that must be trained.
    Raises ConfigError at once if this machine can't draw a lift model's rendered sets, and the errors of `train_part`.
    """
    draft = context.cache_folder / "model"
    context = replace(context, earlier_parts=draft)
    left = list(dropwhile(lambda part: _is_made(part, context), parts))
    for part in left:
        if isinstance(part, LiftRecipe):
            check_rendering(part, context.runner)
    for file in (file for part in left for file in part.files):
        (draft / file).unlink(missing_ok=True)
    for part in parts:
        report = train_part(part, context, draft) if part in left else f"taken from {draft}"
        say(f"{part.name}: {report}")
    with new_files(folder) as made:
        for path in draft.iterdir():
            shutil.copyfile(path, made / path.name)
    write_cards(folder)


def _is_made(part: Part, context: BuildContext) -> bool:
    """Return whether all files of a part exist, and were made by the command of the part."""
    try:
        training = json.loads((context.earlier_parts / part.files[0]).read_text(encoding="utf-8"))["training"]
    except (OSError, ValueError, KeyError):
        return False
    is_whole = all((context.earlier_parts / name).is_file() for name in part.files)
    return is_whole and bool(training["command"] == part.command(context.exercise.name))


TEMPLATE = Path(__file__).with_name("scorer_card.md.j2")
TRAINED = {
    "stage.json": "{frames} frames",
    "boundaries.json": "{reps} reps",
    "lift.json": "{lifts} lifts and {others} other movements",
    "scorer.json": "{reps} reps",
}
"""File that records a training → description of the training data, in the order of training."""
SOURCES = {"rendered": "rendered sets", "real": "sets of recorded people", "real_reps": "reps of recorded people"}


def write_cards(folder: Path) -> None:
    """Write the README.md and renew the model.json of a model folder; leave an incomplete folder unchanged."""
    path = folder / CARD
    if not all((folder / name).is_file() for name in (*JUDGING, CARD)):
        return
    content = json.loads(path.read_text(encoding="utf-8"))
    trainings = {name: json.loads((folder / name).read_text(encoding="utf-8"))["training"] for name in TRAINED}
    made = {
        name: {what: training[what] for what in ("command", "seed", "revision") if what in training}
        for name, training in trainings.items()
    }
    recorded = [name for name, training in trainings.items() if training.get("recordings")]  # the user's own
    people = [name for name, training in trainings.items() if training.get("real") or training.get("real_reps")]
    content |= {"made": made, "synthetic": not (recorded or people)}
    exercise = exercises.load(content["name"])
    text = load_template(TEMPLATE).render(
        title=exercise.title,
        people=people,
        recorded=recorded,
        trainings=trainings,
        learned=TRAINED,
        sources=SOURCES,
        metrics=content["metrics"],
        figures=tables_as_text(tables_from_content(content["metrics"]["tables"])),
        runs=made.values(),
        gone=[name.removesuffix(".json") for name, run in made.items() if "revision" in run],
        network=trainings["scorer.json"].get("network") if load_faults(exercise.name).faults else None,
    )
    with new_files(folder) as new:  # a kill leaves the old card, and no half of a new one
        (new / "README.md").write_text(f"{text}\n", encoding="utf-8")
        places = {name: (new if name == "README.md" else folder) / name for name in FILES}
        content["files"] = {name: file_sha256(place) for name, place in places.items()}
        (new / CARD).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
