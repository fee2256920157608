"""Reads and checks model folders: JSON and .npz files as dataclasses, and the digests of all files.

A schema is a frozen dataclass whose field types state the valid values, such as `Annotated[float, Field(gt=0)]` and
`Annotated[np.ndarray, Numbers(ndim=2)]`. Its `__post_init__` checks several fields together, and raises a ValueError
that begins with a field's name. Every problem becomes a ModelError of one line. Reading a model can't run code, because
nothing is pickled.
"""

import dataclasses
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import numpy as np
import pydantic
from pydantic import AfterValidator, ConfigDict, TypeAdapter
from pydantic_core import CoreSchema, PydanticCustomError, core_schema, from_json

from livecoach.core.config.files import open_regular, read_limited
from livecoach.core.errors import ModelError, NotTrained
from livecoach.core.types.bounds import to_printable

FORMAT = 1  # format of the model files
LARGEST_BYTES = 64 * 2**20  # size of the largest file that is read; the largest shipped file has 1 MiB
T = TypeVar("T")
FALSE_ALARMS = 0.02  # default share of good reps that may be judged anomalous
JUDGING = (
    "stage.json",
    "lift.json",
    "boundaries.json",
    "scorer.json",
    "encoder.tflite",
    "decoder.tflite",
    "kde.npz",
    "faults.npz",
)
"""Names of the files that decide which reps count and how they are judged."""
FILES = (*JUDGING, "README.md")  # names of the files of an exercise's model, besides its card


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A marker for a field of a schema: an array of finite numbers, float64, or int64 if `whole` is true."""

    ndim: int
    whole: bool = False  # whether the array has integers (int64)
    positive: bool = False  # whether all numbers must be above 0
    empty: bool = False  # whether an axis may be empty

    def __get_pydantic_core_schema__(self, _source: Any, _handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        """Return a schema that checks by NumPy: pydantic's own check of nested lists is slower."""
        return core_schema.no_info_plain_validator_function(self._array)

    def _array(self, value: object) -> np.ndarray:
        try:
            raw = np.asarray(value)
        except (ValueError, OverflowError) as err:
            raise ValueError("expected rows of equal length") from err
        if raw.dtype.kind not in ("iu" if self.whole else "iuf"):
            raise ValueError(f"expected {'integers' if self.whole else 'numbers'} only")
        array = raw.astype(np.int64 if self.whole else np.float64)
        if array.ndim != self.ndim or (0 in array.shape and not self.empty):
            raise ValueError(f"expected an array of dimension {self.ndim} that is not empty, got shape {array.shape}")
        if not np.isfinite(array).all():
            raise ValueError("expected finite numbers")
        if self.positive and not (array > 0).all():
            raise ValueError("expected numbers above 0")
        return array


def _supported_format(value: int) -> int:
    if value != FORMAT:
        reason = f"{value} is not supported, this livecoach reads format {FORMAT}"
        raise PydanticCustomError("other_format", "{reason}", {"reason": reason})
    return value


Format = Annotated[int, AfterValidator(_supported_format)]
"""Type of the first field of a schema: a file of another format is reported before any other problem."""


def read_model_json(path: Path, kind: type[T]) -> T:
    """Read a JSON file of a model folder as the dataclass or other type `kind`. A dataclass ignores unknown fields.

    Raises ModelError if the file can't be read, is too large, or does not fit the type.
    """
    content = _content(path)
    schema: Any = kind  # mypy has no way to say that a class is hashable
    try:
        value: T = _adapter(schema).validate_json(b"[" + content + b"]")[0]
    except pydantic.ValidationError as err:
        try:
            from_json(content)
        except ValueError as damage:
            _fail(path, f"is not JSON ({damage})", cause=damage)
        _fail_field(path, err.errors(include_url=False)[0], err)
    return value


def read_arrays(path: Path, kind: type[T]) -> T:
    """Read a .npz file as the dataclass `kind`, whose fields name the arrays.

    Floats become float64, and an array without axes becomes a number.

    Raises ModelError if the file can't be read, is too large, or does not fit the dataclass.
    """
    content = _content(path)
    schema: Any = kind
    names = [field.name for field in dataclasses.fields(schema)]
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in names if name in stored}
    except OSError as err:
        _fail(path, f"can't be read ({err.strerror or 'it is damaged'})", cause=err)
    except Exception as err:  # NumPy raises errors of a dozen kinds where a file is damaged
        _fail(path, "is damaged, or no .npz file of plain arrays", cause=err)
    values = {name: array.item() if array.ndim == 0 else array for name, array in arrays.items()}
    try:
        value: T = _adapter(schema).validate_python((values,), strict=False)[0]
    except pydantic.ValidationError as err:
        _fail_field(path, err.errors(include_url=False)[0], err)
    return value


def check_shapes(content: object, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Check the shapes of a file's arrays by name. Raises ValueError if an array has another shape than in `shapes`."""
    for name, shape in shapes.items():
        if getattr(content, name).shape != shape:
            raise ValueError(f"{name}: expected shape {shape}, got {getattr(content, name).shape}")


def require_shapes(path: Path, content: object, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Check the shapes of a file's arrays by name. Raises ModelError, which names the file, for a wrong shape."""
    try:
        check_shapes(content, shapes)
    except ValueError as err:
        _fail(path, str(err), cause=err)


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    # pydantic takes a config for a tuple but not for a dataclass, and hands it on to every dataclass inside.
    config = ConfigDict(strict=True, allow_inf_nan=False)
    return TypeAdapter(tuple[kind], config=config)  # type: ignore[valid-type]


def _content(path: Path) -> bytes:
    try:
        return read_limited(path, LARGEST_BYTES)
    except OSError as err:
        _fail(path, f"can't be read ({err.strerror})", cause=err)


def _fail_field(path: Path, error: Mapping[str, Any], cause: Exception) -> NoReturn:
    field = ".".join(map(str, error["loc"][1:]))  # the first part is the place in the enclosing tuple
    reason = str(error["msg"]).removeprefix("Value error, ")
    reason = reason.replace("Input should", "must").replace("Field required", "is missing")
    action = "Update livecoach." if error["type"] == "other_format" else None
    _fail(path, f"{field}: {reason}" if field else reason, action, cause)


def _fail(path: Path, reason: str, action: str | None = None, cause: Exception | None = None) -> NoReturn:
    reason = to_printable(" ".join(reason.split()))
    raise ModelError(f"{path}: {reason}. {action or 'Restore the model folder, or train the model again.'}") from cause


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCard:
    """The card of a folder of networks: the files' digests, the training and the metrics."""

    format: Format
    files: dict[str, str]  # file name → SHA-256
    training: dict[str, Any]
    metrics: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """The command that trained a part of a model."""

    command: str
    seed: int | None = None  # None if the command takes no seed
    revision: str | None = None  # commit of livecoach that ran the command; None if the command still exists


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """The card of an exercise's model; the content of `model.json` in its folder."""

    format: Format
    name: str
    synthetic: bool  # whether the model was trained on synthetic motion only
    files: dict[str, str]  # file name → SHA-256
    metrics: dict[str, Any]  # figures with their intervals, and the commands that produce them
    made: dict[str, TrainingRun] = field(default_factory=dict)  # main file of each part → its training run

    @property
    def version(self) -> str:
        """The version of the model, which changes with every file that affects counts or verdicts."""
        lines = "".join(f"{name} {self.files.get(name)}\n" for name in JUDGING)
        return hashlib.sha256(lines.encode()).hexdigest()[:12]


def check_trained(folder: Path, exercise: str) -> None:
    """Raise NotTrained if the folder of an exercise's model does not exist, or is empty."""
    if not (folder.is_dir() and any(folder.iterdir())):
        raise NotTrained(f"{folder}: the model of {exercise} is not trained yet. {how_to_train(exercise)}")


def how_to_train(exercise: str) -> str:
    """Return the sentence that tells the user how to train the model of an exercise."""
    return f"`livecoach lab train all {exercise}` trains all parts."


def file_sha256(path: Path) -> str:
    """Return the SHA-256 digest of a file. Raises OSError if the file can't be read, or is a pipe or a device."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_model_card(folder: Path) -> ModelCard:
    """Read `model.json`, the card in the folder of an exercise's model, and check the model's files by their digests.

    Raises:
        ModelError: The card is missing or damaged, or a file is missing or changed. The error names the file.
        OSError: A file can't be read.
    """
    path = folder / "model.json"
    if not path.is_file():
        raise ModelError(
            f"{path}: is missing: the folder holds no model. `livecoach lab train all EXERCISE` makes one."
        )
    card = read_model_json(path, ModelCard)
    for name in FILES:
        check_digest(folder / name, card.files.get(name))
    return card


def check_digest(path: Path, digest: str | None, card: str = "model.json") -> None:
    """Check a file by its SHA-256 digest, which the card in the file's folder states.

    Raises:
        ModelError: The file is missing, or differs from the digest, or `digest` is None: the card has no such digest.
        OSError: The file can't be read.
    """
    if not path.is_file():
        raise ModelError(f"{path}: is missing. Restore the model folder.")
    if digest is None:
        raise ModelError(f"{path.parent / card}: files: no digest of {path.name}. Restore the model folder.")
    if file_sha256(path) != digest:
        raise ModelError(f"{path}: differs from the digest in {card}. Restore the model folder.")
