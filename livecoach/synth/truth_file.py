"""The files of a synthetic set: the truth beside its clip, or beside its observations."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pydantic

from livecoach.config.files import read_regular, written_whole
from livecoach.documents import codec
from livecoach.documents.codec import ObservationWriter
from livecoach.errors import OutputError, SourceError
from livecoach.synth.figure.body import SHEET, BodyModel
from livecoach.synth.motion.lifts import LIFTS
from livecoach.synth.motion.programme import SetMotion
from livecoach.synth.sets import SyntheticSet
from livecoach.synth.truth import TrueEvent, TrueRep, as_json, with_frames_dropped
from livecoach.types.bounds import printable

if TYPE_CHECKING:
    from livecoach.synth.clip import ClipSettings

BODY_FACTS = ("thigh_m", "shin_m", "upper_arm_m", "forearm_m", "arm_m", "shoulder_half_m", "standing_hip_m")
IMAGE_DIGITS, WORLD_DIGITS, TIME_DIGITS = 5, 4, 5


class ClipTruth(NamedTuple):
    """Of a clip whose frames `kept` were written with the timestamps `stamps_s`, both (K,)."""

    settings: "ClipSettings"
    body: BodyModel
    movement: SetMotion
    kept: np.ndarray
    stamps_s: np.ndarray

    def as_dict(
        self, landmarks: tuple[np.ndarray, np.ndarray] | None = None, hidden: np.ndarray | None = None
    ) -> dict[str, Any]:
        """Return the content of the JSON file. Frame numbers count written frames; seconds are those of the motion.

        landmarks: image and world landmarks of all frames, as SyntheticClip.project_landmarks gives them. hidden: (K,
        33) bool. None leaves either out.
        """
        settings, camera = self.settings, self.settings.camera
        reps, events = with_frames_dropped(self.movement.reps, self.movement.events, self.kept.tolist())
        truth: dict[str, Any] = {
            "exercise": settings.exercise,
            "set": ",".join(map(str, settings.tokens)),
            "view_deg": camera.azimuth_deg,
            "body": settings.body,
            "scale": settings.scale,
            "seed": settings.seed,
            "fps": camera.fps,
            "width": camera.width_px,
            "height": camera.height_px,
            "frames": len(self.kept),
            "turn": LIFTS[settings.exercise].turn,
            "camera": asdict(camera),
            "body_facts": asdict(SHEET[self.body.name])
            | {name: round(float(getattr(self.body, name)), 4) for name in BODY_FACTS},
            "bar": settings.bar,
            "plates": settings.plates,
            "crf": settings.crf,
            "others": len(self.movement.others),
            "lost": settings.lost,
            "late_s": settings.late_s,
            "reps": as_json(reps),
            "events": as_json(events),
        }
        if landmarks is None or hidden is None:
            return truth
        return truth | self._of_frames(*landmarks, hidden)

    def _of_frames(self, image: np.ndarray, world: np.ndarray, hidden: np.ndarray) -> dict[str, Any]:
        """One entry per written frame: number, timestamp, landmarks, indices of hidden landmarks."""
        return {
            "frame": self.kept.tolist(),
            "t_s": (self.stamps_s - self.stamps_s[0]).round(TIME_DIGITS).tolist(),
            "landmarks_image": image[self.kept].round(IMAGE_DIGITS).tolist(),
            "landmarks_world": world[self.kept].round(WORLD_DIGITS).tolist(),
            "hidden": [np.flatnonzero(flags).tolist() for flags in hidden],
        }


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
