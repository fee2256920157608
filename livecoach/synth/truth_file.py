"""The files of a synthetic set: the truth beside its clip, or beside its observations."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pydantic

from livecoach.config.files import read_regular, written_whole
from livecoach.documents import codec
from livecoach.documents.codec import ObservationWriter
from livecoach.errors import OutputError, SourceError
from livecoach.synth.sets import SyntheticSet
from livecoach.synth.truth import TrueEvent, TrueRep, as_json
from livecoach.types.bounds import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTruth:
    exercise: str
    set: str  # as livecoach.synth.motion.tokens.parse takes them
    view_deg: float
    reps: tuple[TrueRep, ...]
    events: tuple[TrueEvent, ...]


def read_truth(path: Path) -> StoredTruth:
    """path: the clip or the observations. Raises SourceError."""
    file = path.with_suffix(".json")
    try:
        return pydantic.TypeAdapter(StoredTruth).validate_json(read_regular(file))
    except OSError as err:
        raise SourceError(f"{file}: can't be read ({err.strerror}). It belongs beside {path.name}.") from err
    except pydantic.ValidationError as err:
        first = err.errors(include_url=False)[0]
        where = printable(".".join(map(str, first["loc"])) or "content")
        raise SourceError(f"{file}: {where}: {printable(first['msg'])}. Make the set again.") from err


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Raises OutputError."""
    try:
        with written_whole(path, private=False) as part:
            part.write_text(json.dumps(truth, separators=(",", ":")) + "\n")
    except OSError as err:
        raise OutputError(f"{path}: can't be written ({err.strerror}). Check free space and permissions.") from err


POSE_MODEL = "synthetic"  # stored instead of the name of a pose model


def write_set(made: SyntheticSet, path: Path, asked: Mapping[str, object]) -> None:
    """Write observations to `path` and the truth to the same name with .json. asked: the original request, stored in
    the truth. Raises OutputError."""
    settings = made.settings
    header = codec.ObservationsHeader(
        name=path.name,
        width_px=settings.width_px,
        height_px=settings.height_px,
        fps=settings.fps,
        pose_model=POSE_MODEL,
        pose_sha256="",
        synthetic=True,
    )
    with ObservationWriter(path, header) as writer:
        for observation in made.observations:
            writer.write(observation)
    made_with = asdict(settings)
    made_with["set"] = ",".join(map(str, settings.tokens))
    del made_with["tokens"]
    truth = {"asked": dict(asked)} | made_with | {"reps": as_json(made.reps), "events": as_json(made.events)}
    write_truth(path.with_suffix(".json"), truth)
