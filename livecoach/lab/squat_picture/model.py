"""The folder of a network of squat pictures: written whole or not at all, and checked on load.

    MODEL/  model.json  network.tflite

`model.json` holds the digest of the network. No file can run code, as there is no pickle.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from livecoach.errors import ModelError, OutputError
from livecoach.lab.new_files import new_files
from livecoach.lab.squat_picture.drawing import PictureKind
from livecoach.lab.squat_picture.frames import AROUND, FRAMES
from livecoach.model_files import model_folder
from livecoach.model_files.model_folder import FORMAT, Format, read_model
from livecoach.model_files.tflite import TfliteNetwork

KIND = "squat picture"
CARD, NETWORK = "model.json", "network.tflite"
Pixels = Annotated[int, Field(ge=16, le=1024)]
Offset = Annotated[int, Field(ge=-AROUND, le=AROUND)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnAs:
    """How the pictures that the network takes are drawn, as `PictureKind`."""

    rows: Pixels
    columns: Pixels
    limbs: bool
    frames: Annotated[tuple[Offset, ...], Field(min_length=1, max_length=FRAMES)]

    def __post_init__(self) -> None:
        if 0 not in self.frames:
            raise ValueError("frames: expected 0, the middle frame, among them")


@dataclass(frozen=True, slots=True, kw_only=True)
class SquatPictureCard:
    """The content of `model.json`."""

    format: Format
    kind: str
    picture: DrawnAs
    files: dict[str, str]
    """File name → SHA-256."""
    training: dict[str, Any]
    """Command, seed, number of lifters, squats and pictures."""
    metrics: dict[str, Any]
    """Figures on judging bodies."""


class SquatPictureModel:
    """A network of squat pictures, with its card."""

    def __init__(self, card: SquatPictureCard, network: TfliteNetwork) -> None:
        self.card, self._network = card, network
        self.kind = PictureKind(**asdict(card.picture))

    def log_odds(self, picture: np.ndarray) -> float:
        """Return the log odds that the squat in a picture (rows, columns, channels) uint8 is bad."""
        return float(self._network(picture[None].astype(np.float32) / 255)[0, 0])


def load(folder: Path) -> SquatPictureModel:
    """Load a model folder. Raises ModelError that names the file that is missing, changed or invalid."""
    path = folder / CARD
    card = read_model(path, SquatPictureCard)
    if card.kind != KIND:
        raise ModelError(
            f"{path}: kind is {card.kind!r}, expected {KIND!r}. Give a folder of `livecoach train squat-picture`."
        )
    network = folder / NETWORK
    model_folder.check(network, card.files.get(NETWORK), CARD)
    drawn = PictureKind(**asdict(card.picture))
    return SquatPictureModel(card, TfliteNetwork(network, (1, drawn.rows, drawn.columns, drawn.channels), (1, 1)))


def check_place(out: Path) -> None:
    """Raise OutputError if a model can't be written there: beside other files, or without permission."""
    if out.exists() and (not out.is_dir() or not {path.name for path in out.iterdir()} <= {CARD, NETWORK}):
        raise OutputError(f"{out}: exists and is no model of squat pictures. Choose another place with --out.")
    place = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise OutputError(f"{out}: can't be written in {place}. Choose another place with --out.")


@contextmanager
def new_network(out: Path) -> Iterator[Path]:
    """Yield a folder to write NETWORK and CARD to; they take their places in `out` if the block succeeds."""
    check_place(out)
    with new_files(out, CARD) as made:
        yield made


def write_card(folder: Path, kind: PictureKind, training: dict[str, Any], metrics: dict[str, Any]) -> None:
    """Write CARD into a folder that holds NETWORK."""
    card = SquatPictureCard(
        format=FORMAT,
        kind=KIND,
        picture=DrawnAs(**asdict(kind)),
        files={NETWORK: model_folder.sha256(folder / NETWORK)},
        training=training,
        metrics=metrics,
    )
    (folder / CARD).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
