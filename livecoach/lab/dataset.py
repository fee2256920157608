"""Holds a dataset: the reps of an exercise as arrays, and labelled frames, in a folder with a digest.

    DIR/dataset.json   sources, sizes, the split of lifters, and the digest of the other file
    DIR/reps.npz       the arrays

The split is by lifter: nobody is in two parts. Pickles are not used, and the digest is checked on load.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import numpy as np
from pydantic import Field

from livecoach.core.config.files import write_atomically
from livecoach.core.errors import OutputError, SourceError, explain_os_errors
from livecoach.decisions.judging.fault_model import fault_readings, function_measures
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.measures import FaultTable
from livecoach.decisions.rep.view_normalised import TRAJECTORY_SHAPE
from livecoach.lab.model_files import check_output_folder
from livecoach.lab.truth import read_json
from livecoach.perception.body import body

FORMAT = 2
CARD, ARRAYS = "dataset.json", "reps.npz"
GOOD, UNKNOWN = "good", ""
PartName = Literal["train", "valid", "test"]
PARTS: tuple[PartName, ...] = get_args(PartName)
SHARES = (0.6, 0.2, 0.2)  # Share of the lifters in each part
STAGES = ("down", "up", "neutral")  # Stages of a frame, by index


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArrayTable:
    """A table of arrays that all have the same number of rows."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def select(self, which: np.ndarray) -> Self:
        """Return the rows at the positions `which`, or where the mask `which` is set."""
        return type(self)(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Concatenate one or more tables; the rows of an empty table may have another shape."""
        known = [part for part in parts if len(part)] or parts[:1]
        return cls(**{f.name: np.concatenate([getattr(part, f.name) for part in known]) for f in fields(cls)})

    @property
    def arrays(self) -> dict[str, Any]:
        """The arrays of the table by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the arrays of a .npz file. Raises SourceError if the file can't be read, or an array is missing."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                return cls(**{field.name: stored[field.name] for field in fields(cls)})
        except Exception as err:  # NumPy raises errors of a dozen kinds where a file is damaged
            raise SourceError(f"{path}: not a dataset of this version of livecoach. Make the dataset again.") from err


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reps(ArrayTable):
    """The n reps of a dataset: the trajectory and the readings of each rep, with its label and its origin."""

    trajectories: np.ndarray  # (n, *TRAJECTORY_SHAPE) float32, torso lengths; NaN at joints that the pose model lacks
    readings: np.ndarray
    """(n, 2 + 2 M) float32, as livecoach.decisions.judging.fault_model.fault_readings makes them; NaN if unknown."""
    azimuths_deg: np.ndarray  # (n,) estimated azimuth of the camera, 0 in front … 180 behind; NaN if unknown
    fronts: np.ndarray  # (n,) front of MeasuredRep: the leg in front; empty if neither is
    labels: np.ndarray  # (n,) GOOD, a fault name (several joined by +), the name of another anomaly, or UNKNOWN
    severities: np.ndarray
    """(n, F) true severity of each fault, 0…1; negative in the other direction of a two-way fault; NaN if unknown."""
    lifters: np.ndarray  # (n,) name of each rep's lifter
    sets: np.ndarray  # (n,) name of each rep's set, unique in the dataset
    sources: np.ndarray  # (n,) name of each rep's source file, or a text on how the rep was made
    times_s: np.ndarray  # (n, 3) start, turn and end, in the time of the source

    @property
    def good(self) -> np.ndarray:
        """Whether each rep is labelled good, (n,) bool."""
        return self.labels == GOOD

    @property
    def groups(self) -> np.ndarray:
        """Number of each rep's group, (n,) int. A group has the reps of one lifter that have the same leg in front."""
        keys = np.char.add(np.char.add(self.lifters.astype(str), " "), self.fronts.astype(str))
        return np.unique(keys, return_inverse=True)[1]

    @property
    def bad(self) -> np.ndarray:
        """Whether each rep is labelled with a fault or another anomaly, (n,) bool."""
        return ~self.good & (self.labels != UNKNOWN)

    @property
    def worst_severities(self) -> np.ndarray:
        """Largest true severity of each rep, without its sign, (n,); NaN if no fault's severity is known."""
        known = ~np.isnan(self.severities)
        worst = np.max(np.abs(self.severities), axis=1, initial=0.0, where=known)
        return np.where(known.any(1), worst, np.nan)

    @staticmethod
    def from_rows(rows: Sequence[Mapping[str, object]]) -> "Reps":
        """Build a table of reps from rows, which map the name of every array to the rep's value.

        Without rows, `readings` and `severities` have no columns.
        """
        if rows:
            return Reps(**{name: np.array([row[name] for row in rows]) for name in rows[0]})
        names = np.zeros(0, "U1")
        return Reps(
            trajectories=np.zeros((0, *TRAJECTORY_SHAPE), np.float32),
            readings=np.zeros((0, 0), np.float32),
            azimuths_deg=np.zeros(0),
            severities=np.zeros((0, 0)),
            times_s=np.zeros((0, 3)),
            **dict.fromkeys(("fronts", "labels", "lifters", "sets", "sources"), names),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageFrames(ArrayTable):
    """The m frames of a dataset: the body's measures in each frame, the labelled stage, and the lifter."""

    measures: np.ndarray  # (m, len(body.NAMES)) float32
    stages: np.ndarray  # (m,) int8, an index of STAGES
    frame_lifters: np.ndarray  # (m,) name of each frame's lifter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """The reps of an exercise and labelled frames, with their sources and the split of lifters."""

    exercise: str
    synthetic: bool
    sources: tuple[dict[str, Any], ...]  # Name and origin of each recording, or of the synthetic lifters
    parts: dict[str, str]  # Lifter → one of PARTS
    reps: Reps
    frames: StageFrames
    seed: int | None = None  # Seed of the split; None if it was not drawn

    @property
    def arrays(self) -> dict[str, Any]:
        """The arrays of the reps and of the frames by name."""
        return self.reps.arrays | self.frames.arrays

    def reps_of_part(self, name: str) -> Reps:
        """Return the reps of all lifters in a part of the split (PARTS)."""
        return self.reps.select(self.is_in_part(self.reps.lifters, name))

    def frames_of_part(self, name: str) -> StageFrames:
        """Return the frames of all lifters in a part of the split (PARTS)."""
        return self.frames.select(self.is_in_part(self.frames.frame_lifters, name))

    def is_in_part(self, lifters: np.ndarray, name: str) -> np.ndarray:
        """Return whether each lifter, (n,) names, is in a part of the split, (n,) bool."""
        return np.array([self.parts[lifter] == name for lifter in lifters.tolist()], bool)

    def digest(self) -> str:
        """Return the SHA-256 digest of the exercise's name and all arrays: their names, types, shapes and contents."""
        hasher = hashlib.sha256(self.exercise.encode())
        for name, array in self.arrays.items():
            hasher.update(f"{name} {array.dtype.str} {array.shape}".encode())
            hasher.update(np.ascontiguousarray(array).tobytes())
        return hasher.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    format: int
    exercise: str
    synthetic: bool
    reps: Annotated[int, Field(ge=0)]
    frames: Annotated[int, Field(ge=0)]
    digest: str
    parts: dict[str, PartName]
    sources: tuple[dict[str, Any], ...]
    seed: int | None = None


ABOUT = ("exercise", "synthetic", "parts", "sources", "seed")  # Fields that a dataset and its card share


def rep_row(rep: MeasuredRep, table: FaultTable, measures: Sequence[str] | None = None) -> dict[str, object]:
    """Return the values of a rep for `Reps`, except for its label, severities, lifter, set, source and times.

    Args:
        measures: Measures of the readings; None for the measures of a newly trained model.
    """
    readings = fault_readings(rep, table, function_measures(table) if measures is None else measures)
    return {
        "trajectories": rep.trajectory.astype(np.float32),
        "readings": readings.astype(np.float32),
        "azimuths_deg": rep.azimuth_deg,
        "fronts": rep.front or "",
    }


DRAWS = 2000  # Number of random splits, of which the most balanced is used; more change little for ten lifters


def split_by_lifter(amounts: Mapping[str, Sequence[float]], seed: int, test: Collection[str] = ()) -> dict[str, str]:
    """Assign each lifter to the part "train", "valid" or "test".

    Each part gets about its share of every amount (SHARES). With three or more lifters, no part is empty; with fewer
    lifters, the training part is not empty. A part stays empty if `test` leaves no lifter for it.

    Args:
        amounts: Lifter → amounts to share out, such as of sets and reps. The number of lifters is shared out, too.
        test: Lifters of the test part; if empty, this part is drawn at random like the other parts.

    Returns:
        Lifter → part, in the order of the lifters' names.
    """
    names = sorted(amounts)
    held = np.array([[1.0, *amounts[name]] for name in names])
    shares = held[:, held.any(0)] / held.sum(0)[held.any(0)]
    rng, free = np.random.default_rng(seed), [name not in test for name in names]
    drawn = rng.choice(len(PARTS), size=(DRAWS, len(names)), p=SHARES)
    if test:
        two = np.array(SHARES[:2]) / sum(SHARES[:2])
        drawn = np.where(free, rng.choice(2, size=drawn.shape, p=two), PARTS.index("test"))
    is_in = np.array([drawn == number for number in range(len(PARTS))])  # (parts, draws, lifters)
    held_by = is_in @ shares  # (parts, draws, things)
    wanted = np.array(SHARES)[:, None, None]
    off = (((held_by - wanted) / wanted) ** 2).sum((0, 2))
    empty = (~is_in.any(2)).sum(0) if len(names) >= len(PARTS) else ~is_in[0].any(1)
    best = int(np.lexsort((off, empty))[0])
    return {name: PARTS[number] for name, number in zip(names, drawn[best].tolist(), strict=True)}


def is_dataset(folder: Path) -> bool:
    """Return whether a folder holds a dataset.json, whatever its content."""
    return (folder / CARD).is_file()


def save(dataset: Dataset, folder: Path) -> None:
    """Write a dataset into a folder, and replace a dataset that is there.

    Raises OutputError if the folder can't be written, or holds files but no dataset.
    """
    check_output_folder(folder, "dataset", is_dataset)
    counts, about = (len(dataset.reps), len(dataset.frames)), {name: getattr(dataset, name) for name in ABOUT}
    card = _Card(format=FORMAT, reps=counts[0], frames=counts[1], digest=dataset.digest(), **about)
    with explain_os_errors(OutputError, f"{folder}: can't be written", "Choose another --out, or free some space."):
        folder.mkdir(parents=True, exist_ok=True)
        with write_atomically(folder / ARRAYS) as part, part.open("wb") as file:
            np.savez_compressed(file, **dataset.arrays)
        with write_atomically(folder / CARD) as part:
            part.write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")


def load(folder: Path) -> Dataset:
    """Read a dataset, and check its digest.

    Raises SourceError if a file can't be read, is damaged or has another format, or if a lifter is in no part.
    """
    path = folder / CARD
    card = read_json(path, _Card, "`livecoach lab dataset` makes one.", "Make the dataset again.")
    if card.format != FORMAT:
        raise SourceError(
            f"{path}: format {card.format}; this livecoach reads format {FORMAT}. Make the dataset again."
        )
    about = {name: getattr(card, name) for name in ABOUT}
    dataset = Dataset(reps=Reps.read(folder / ARRAYS), frames=StageFrames.read(folder / ARRAYS), **about)
    if dataset.digest() != card.digest:
        raise SourceError(f"{folder / ARRAYS}: does not match the digest in {CARD}. Make the dataset again.")
    unknown = sorted({*dataset.reps.lifters.tolist(), *dataset.frames.frame_lifters.tolist()} - set(dataset.parts))
    if unknown:
        raise SourceError(f"{path}: lifter {unknown[0]!r} is in no part. Make the dataset again.")
    return dataset


def load_or_make(folder: Path, make: Callable[[], Dataset]) -> Dataset:
    """Return the dataset in a folder. If the folder has no dataset, `make` makes it first.

    Raises OutputError if a made dataset can't be written, and SourceError if the dataset can't be read.
    """
    if not is_dataset(folder):
        save(make(), folder)
    return load(folder)


def empty_frames() -> StageFrames:
    """Return an empty table of frames, for a dataset in which no stages are labelled."""
    return StageFrames(
        measures=np.zeros((0, len(body.NAMES)), np.float32),
        stages=np.zeros(0, np.int8),
        frame_lifters=np.zeros(0, "U1"),
    )
