"""Writes a synthetic set: observations in livecoach's format, and the ground truth beside them."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from livecoach.documents import codec
from livecoach.documents.codec import ObservationWriter
from livecoach.synth.clip_truth import write_truth
from livecoach.synth.sets import SyntheticSet
from livecoach.synth.truth import as_json

POSE_MODEL = "synthetic"
"""Stored in place of the name of a pose model."""


def write_set(made: SyntheticSet, path: Path, asked: Mapping[str, object]) -> None:
    """Write observations to `path` and the truth to the same name with .json. Raises OutputError.

    asked: the original request, stored in the truth.
    """
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
