"""Stage: is the body up or down? A logistic regression on body measures, trained by `livecoach lab train stage`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from livecoach.frame import body
from livecoach.frame.body import Measures
from livecoach.model_files.model_folder import Numbers, read_model


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageModel:
    """Log odds of `up` as a linear function of n standardised measures, and the content of `stage.json`."""

    measures: Annotated[tuple[str, ...], Field(min_length=1)]  # in the order of the arrays
    mean: Annotated[np.ndarray, Numbers(ndim=1)]  # (n,) of each measure over the training data
    scale: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]  # (n,) standard deviations
    weights: Annotated[np.ndarray, Numbers(ndim=1)]  # (n,) log odds for each standard deviation
    bias: float  # at the mean

    def __post_init__(self) -> None:
        unknown = [name for name in self.measures if name not in body.NAMES]
        if unknown:
            raise ValueError(f"measures: {unknown[0]!r} is unknown. The measures are {', '.join(body.NAMES)}")
        for name in ("mean", "scale", "weights"):
            shape, expected = getattr(self, name).shape, (len(self.measures),)
            if shape != expected:
                raise ValueError(f"{name}: expected shape {expected}, one number for each measure, got {shape}")

    def log_odds(self, measures: Measures) -> float:
        """Log odds of up against down."""
        values = np.array([getattr(measures, name) for name in self.measures])
        return float(self.weights @ ((values - self.mean) / self.scale)) + self.bias


def load(path: Path) -> StageModel:
    """Raises ModelError where the file is missing or wrong."""
    return read_model(path, StageModel)
