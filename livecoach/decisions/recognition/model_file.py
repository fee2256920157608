"""Reads the recognition model from its folder, and checks its files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from livecoach.core.config.paths import models_dir
from livecoach.core.model_files import model_folder
from livecoach.core.model_files.model_folder import Format, Numbers, check_shapes, read_model_json
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.decisions.recognition.features import FEATURES
from livecoach.decisions.recognition.recogniser import CHANNELS, BeliefRules, RecognitionModel

CARD, NETWORK = "recognition.json", "network.tflite"  # names of the files in the folder of a model
MOST_TICKS = 100  # most ticks in the network's input


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecognitionCard:
    """The content of `recognition.json`: what the network recognises, how to use it, and how it was trained."""

    format: Format
    exercises: Annotated[tuple[str, ...], Field(min_length=2)]
    """Names of the network's outputs after the first, which stands for no exercise."""
    window: Annotated[int, Field(gt=0, le=MOST_TICKS)]  # Number of ticks of 0.1 s in the network's input
    centre: Annotated[np.ndarray, Numbers(ndim=1)]  # Means of the features in training
    spread: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]  # Standard deviations of the features in training
    belief: BeliefRules
    files: dict[str, str]  # file name → SHA-256
    training: dict[str, Any]  # "synthetic": whether all training data was synthetic
    metrics: dict[str, Any]

    def __post_init__(self) -> None:
        if len(set(self.exercises)) != len(self.exercises):
            raise ValueError("exercises: a name appears twice")
        if len(self.belief.sure) != len(self.exercises):
            raise ValueError(f"belief: sure: expected {len(self.exercises)} numbers")
        if not isinstance(self.training.get("synthetic"), bool):
            raise ValueError("training: synthetic: expected true or false")
        check_shapes(self, dict.fromkeys(("centre", "spread"), (FEATURES,)))


def default_folder() -> Path:
    """Return the folder of the shipped recognition model."""
    return models_dir() / "recognition"


def read_card(folder: Path) -> RecognitionCard:
    """Read the card in a recognition model's folder. Raises ModelError if the card is missing or wrong."""
    return read_model_json(folder / CARD, RecognitionCard)


def load(folder: Path | None = None) -> RecognitionModel:
    """Load a recognition model, by default the shipped model. Raises ModelError if a file is missing or wrong."""
    folder = default_folder() if folder is None else folder
    card = read_card(folder)
    model_folder.check_digest(folder / NETWORK, card.files.get(NETWORK), CARD)
    network = TfliteNetwork(folder / NETWORK, (1, card.window, 1, CHANNELS), (1, 1 + len(card.exercises)))
    return RecognitionModel(
        exercises=card.exercises,
        network=network,
        window=card.window,
        centre=card.centre,
        spread=card.spread,
        belief=card.belief,
    )
