"""The folder of a scorer of rep images: written atomically, and checked on load.

    MODEL/  model.json  README.md  and best.npz, or encoder.tflite  decoder.tflite  kde.npz

`model.json` holds the digest of every other file. No file can run code, as there is no pickle.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from livecoach.errors import ModelError, OutputError
from livecoach.lab.images import best, seed
from livecoach.lab.images.drawing import SHAPE
from livecoach.lab.images.limits import ImageLimits
from livecoach.model_files.model_folder import FORMAT, Format, read_model, sha256

KIND = "rep image scorer"
CARD, README = "model.json", "README.md"
Method = Literal["seed", "best"]
FILES: Mapping[Method, tuple[str, ...]] = {"seed": (*seed.FILES, README), "best": (best.FILE, README)}
PARTS: Mapping[Method, tuple[str, str]] = {"seed": seed.PARTS, "best": best.PARTS}


class ImageScorer(Protocol):
    """Measures rep images."""

    def parts(self, greys: np.ndarray) -> np.ndarray:
        """Measure the method's two PARTS of images (n, 45, 100) uint8; returns (n, 2), higher is stranger."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCard:
    """The content of `model.json`."""

    format: Format
    kind: str
    method: Method
    image_shape: tuple[int, int]
    limits: ImageLimits
    files: dict[str, str]
    """File name → SHA-256."""
    training: dict[str, Any]
    """Command, seed, number of images and videos, digest."""
    images: list[str]
    """SHA-256 of the grey values of each training image, so that an evaluation can report reuse."""
    metrics: dict[str, Any]
    """Figures on good images of held-out videos."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageModel:
    """A scorer with its card."""

    card: ImageCard
    scorer: ImageScorer


def load(folder: Path) -> ImageModel:
    """Load a model folder. Raises ModelError that names the file that is missing, changed or invalid."""
    path = folder / CARD
    card = read_model(path, ImageCard)
    if card.kind != KIND:
        raise ModelError(
            f"{path}: kind is {card.kind!r}, expected {KIND!r}. Give a folder of `livecoach train scorer`."
        )
    if card.image_shape != SHAPE:
        raise ModelError(f"{path}: image_shape is {card.image_shape}; this livecoach reads {SHAPE}. Train it again.")
    limits = card.limits
    scales = zip(limits.usual, limits.limits, strict=True)
    if not all(usual < limit for usual, limit in scales) or limits.mean_limit <= 0:
        raise ModelError(f"{path}: limits: each must be above the usual value. Train it again.")
    for name in FILES[card.method]:
        _check(folder / name, card.files.get(name))
    return ImageModel(card=card, scorer=best.load(folder) if card.method == "best" else seed.load(folder))


def _check(path: Path, digest: str | None) -> None:
    if not path.is_file():
        raise ModelError(f"{path}: is missing. Restore it, or train the model again.")
    if sha256(path) != digest:
        raise ModelError(f"{path}: differs from the digest in {CARD}. Restore it, or train the model again.")


def check_place(out: Path) -> None:
    """Raise OutputError if a model can't be written there: beside other files, or without permission."""
    ours = {CARD, *(name for names in FILES.values() for name in names)}
    try:
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out}: not a folder. Choose another place with --out.")
        there = {path.name for path in out.iterdir()} if out.is_dir() else set()
        if there and (not there <= ours or not _is_ours(out)):
            raise OutputError(f"{out}: exists and is not a scorer of rep images. Choose another place with --out.")
    except OSError as err:
        raise OutputError(f"{out}: can't be written ({err.strerror}). Choose another place with --out.") from err
    place = next(folder for folder in out.absolute().parents if folder.exists())
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise OutputError(f"{out}: can't be written in {place}. Choose another place with --out.")


def _is_ours(out: Path) -> bool:
    """Return whether the folder holds such a model, of any format, damaged or not."""
    try:
        card = json.loads((out / CARD).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(card, dict) and card.get("kind") == KIND


@contextmanager
def new_model_folder(out: Path) -> Iterator[Path]:
    """Yield a folder to write a model to; it replaces `out` if the block succeeds, and is removed otherwise."""
    check_place(out)
    target = Path(os.path.realpath(out))
    part, before = (target.with_name(f".{target.name}.{word}") for word in ("part", "before"))
    for left in (part, before):
        shutil.rmtree(left, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        yield part
        if target.exists():
            target.rename(before)
        part.rename(target)
    except OSError as err:
        raise OutputError(f"{out}: can't be written ({err.strerror}). Choose another place with --out.") from err
    finally:
        if before.exists() and not target.exists():
            before.rename(target)
        for left in (part, before):
            shutil.rmtree(left, ignore_errors=True)


def card_of(
    folder: Path,
    method: Method,
    limits: ImageLimits,
    training: dict[str, Any],
    images: list[str],
    metrics: dict[str, Any],
) -> ImageCard:
    """Return the card of a folder whose other files have been written."""
    return ImageCard(
        format=FORMAT,
        kind=KIND,
        method=method,
        image_shape=SHAPE,
        limits=limits,
        files={name: sha256(folder / name) for name in FILES[method]},
        training=training,
        images=images,
        metrics=metrics,
    )


def write_card(card: ImageCard, folder: Path) -> None:
    """Write CARD into the folder."""
    (folder / CARD).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
