"""A dataset: reps of one exercise as numbers, and labelled frames, in a folder with a digest.

    DIR/dataset.json   what it was made from, sizes, who is in which part, the digest of the other file
    DIR/reps.npz       the arrays

Parts are by lifter: nobody is in two of them. No pickle; everything is checked on load.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pydantic
from pydantic import Field

from livecoach.anomaly.skelemotion import SHAPE
from livecoach.errors import ModelError
from livecoach.frame import body
from livecoach.rep import trajectory_vector
from livecoach.rep.view_normalised import NormalisedRep

FORMAT = 1
CARD, ARRAYS = "dataset.json", "reps.npz"
GOOD, UNKNOWN = "good", ""
PARTS = ("train", "valid", "test")
SHARES = (0.6, 0.2, 0.2)
"""Of the lifters, in each part."""
NUMBERS = trajectory_vector.LENGTH + 2
"""Of a rep's form: its trace and the logarithms of its two durations."""
STAGES = ("down", "up", "neutral")
"""Of a frame, by number."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reps:
    """n reps as the pipeline sees them."""

    tensors: np.ndarray
    """(n, *skelemotion.SHAPE) float32."""
    forms: np.ndarray
    """(n, NUMBERS) float32: the way of the joints in torso lengths (form.trace), and log seconds out and back."""
    azimuths_deg: np.ndarray
    """(n,) where the camera stood as estimated, 0 in front … 180 behind; NaN where that can't be said."""
    labels: np.ndarray
    """(n,) GOOD, a fault's name (several joined by +), another word for what is wrong, or UNKNOWN."""
    severities: np.ndarray
    """(n,) 0…1 of what is wrong; NaN where it was not measured."""
    lifters: np.ndarray
    sets: np.ndarray
    """(n,) whose rep it is, and of which set; a set's name is unlike that of all others."""
    sources: np.ndarray
    """(n,) the file that it comes from, or how it was made."""
    times_s: np.ndarray
    """(n, 3) start, turn and end, in the source's time."""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def good(self) -> np.ndarray:
        """(n,) nothing is wrong with it."""
        found: np.ndarray = self.labels == GOOD
        return found

    @property
    def bad(self) -> np.ndarray:
        """(n,) something is known to be wrong with it."""
        found: np.ndarray = ~self.good & (self.labels != UNKNOWN)
        return found

    def some(self, which: np.ndarray) -> "Reps":
        """Those reps: a mask or indices."""
        return Reps(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @staticmethod
    def joined(parts: Sequence["Reps"]) -> "Reps":
        """All reps of several, one or more."""
        return Reps(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Reps)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frames:
    """m frames whose stage somebody, or the generator, has told."""

    measures: np.ndarray
    """(m, len(body.NAMES)) float32."""
    stages: np.ndarray
    """(m,) int8, an index of STAGES."""
    frame_lifters: np.ndarray
    """(m,)"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """Reps and frames of one exercise."""

    exercise: str
    synthetic: bool
    sources: tuple[dict[str, Any], ...]
    """What it was made from: name and digest of a file, or a command and its seed."""
    parts: dict[str, str]
    """Lifter → one of PARTS."""
    reps: Reps
    frames: Frames

    def part(self, name: str) -> Reps:
        """The reps of one of PARTS."""
        return self.reps.some(_of_part(self.reps.lifters, self.parts, name))

    def frames_of(self, name: str) -> Frames:
        """The frames of one of PARTS."""
        which = _of_part(self.frames.frame_lifters, self.parts, name)
        return Frames(**{f.name: getattr(self.frames, f.name)[which] for f in fields(Frames)})

    def digest(self) -> str:
        """SHA-256 of all arrays: the same reps and frames in the same order have the same."""
        found = hashlib.sha256(self.exercise.encode())
        for name, array in _arrays(self).items():
            found.update(f"{name} {array.dtype.str} {array.shape}".encode())
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    """Content of dataset.json."""

    format: int
    exercise: str
    synthetic: bool
    reps: Annotated[int, Field(ge=0)]
    frames: Annotated[int, Field(ge=0)]
    digest: str
    parts: dict[str, str]
    sources: tuple[dict[str, Any], ...]


def split_by_lifter(lifters: Sequence[str], seed: int) -> dict[str, str]:
    """Lifter → part, drawn by SHARES; with three lifters or more no part is empty."""
    names = sorted(set(lifters))
    drawn = [names[i] for i in np.random.default_rng(seed).permutation(len(names))]
    held_out = [
        max(round(share * len(names)), int(len(names) > place)) for place, share in ((1, SHARES[1]), (2, SHARES[2]))
    ]
    parts = ["test"] * held_out[1] + ["valid"] * held_out[0]
    return dict(zip(drawn, parts + ["train"] * (len(names) - len(parts)), strict=False))


def check_place(folder: Path) -> None:
    """Raise ModelError where a folder is there and holds something else than a dataset."""
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / CARD).is_file())):
        raise ModelError(f"{folder}: is there and holds no dataset. Name another --out.")


def save(dataset: Dataset, folder: Path) -> None:
    """Write a dataset; a folder that holds something else is left alone.

    Raises ModelError where the folder is not empty and no dataset, or can't be written.
    """
    check_place(folder)
    card = _Card(
        format=FORMAT,
        exercise=dataset.exercise,
        synthetic=dataset.synthetic,
        reps=len(dataset.reps),
        frames=len(dataset.frames.stages),
        digest=dataset.digest(),
        parts=dataset.parts,
        sources=dataset.sources,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{ARRAYS}"
        with part.open("wb") as file:
            np.savez_compressed(file, **_arrays(dataset))
        text = folder / f".{CARD}"
        text.write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
        os.replace(part, folder / ARRAYS)
        os.replace(text, folder / CARD)
    except OSError as err:
        raise ModelError(f"{folder}: can't be written ({err.strerror}). Choose another --out, or make room.") from err


def load(folder: Path) -> Dataset:
    """Read a dataset. Raises ModelError that names the file at fault."""
    path = folder / CARD
    try:
        card = pydantic.TypeAdapter(_Card).validate_json(path.read_bytes())
    except OSError as err:
        raise ModelError(f"{path}: can't be read ({err.strerror}). `livecoach dataset` makes one.") from err
    except pydantic.ValidationError as err:
        first = err.errors()[0]
        raise ModelError(f"{path}: {'.'.join(map(str, first['loc'])) or 'content'}: {first['msg']}.") from err
    if card.format != FORMAT:
        raise ModelError(f"{path}: format {card.format}; this livecoach reads format {FORMAT}. Make the dataset again.")
    stored = _stored(folder / ARRAYS)
    found = Dataset(
        exercise=card.exercise,
        synthetic=card.synthetic,
        sources=card.sources,
        parts=card.parts,
        reps=Reps(**{f.name: stored[f.name] for f in fields(Reps)}),
        frames=Frames(**{f.name: stored[f.name] for f in fields(Frames)}),
    )
    _check(folder / ARRAYS, found)
    if found.digest() != card.digest:
        raise ModelError(f"{folder / ARRAYS}: differs from the digest in {CARD}. Make the dataset again.")
    return found


def form_of(seen: NormalisedRep, travel: trajectory_vector.Travel) -> np.ndarray:
    """(NUMBERS,) float32: the trajectory of the joints, and log seconds out and back. travel: as FaultTable's."""
    return np.concatenate([trajectory_vector.trace(seen, travel), trajectory_vector.durations(seen)]).astype(np.float32)


def no_frames() -> Frames:
    """Of a dataset whose sources say nothing of stages."""
    return Frames(
        measures=np.zeros((0, len(body.NAMES)), np.float32),
        stages=np.zeros(0, np.int8),
        frame_lifters=np.zeros(0, "U1"),
    )


def _arrays(dataset: Dataset) -> dict[str, Any]:
    parts: tuple[Any, ...] = (dataset.reps, dataset.frames)
    return {field.name: getattr(part, field.name) for part in parts for field in fields(part)}


def _stored(path: Path) -> Mapping[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as err:
        raise ModelError(f"{path}: holds no dataset of this livecoach. Make the dataset again.") from err


def _check(path: Path, dataset: Dataset) -> None:
    reps, frames = len(dataset.reps.labels), len(dataset.frames.stages)
    shapes = {
        **dict.fromkeys(("azimuths_deg", "severities", "labels", "lifters", "sets", "sources"), (reps,)),
        "tensors": (reps, *SHAPE),
        "forms": (reps, NUMBERS),
        "times_s": (reps, 3),
        "measures": (frames, len(body.NAMES)),
        "frame_lifters": (frames,),
    }
    arrays = _arrays(dataset)
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ModelError(
                f"{path}: {name} has shape {arrays[name].shape}, expected {shape}. Make the dataset again."
            )
    for name in ("tensors", "forms", "times_s", "measures"):
        if not np.isfinite(arrays[name]).all():
            row = int(np.argwhere(~np.isfinite(arrays[name]))[0][0])
            raise ModelError(f"{path}: {name}: row {row} holds what is no number. Make the dataset again.")
    unknown = sorted({*dataset.reps.lifters.tolist(), *dataset.frames.frame_lifters.tolist()} - set(dataset.parts))
    if unknown or not set(dataset.parts.values()) <= set(PARTS):
        raise ModelError(f"{path}: lifter {unknown[0] if unknown else ''!r} is in no part. Make the dataset again.")


def _of_part(lifters: np.ndarray, parts: Mapping[str, str], name: str) -> np.ndarray:
    return np.array([parts[lifter] == name for lifter in lifters.tolist()], bool)
