"""A model as it ships, over whole stretches of ticks."""

from dataclasses import dataclass

import numpy as np

from livecoach.recognition.features import features
from livecoach.recognition.recogniser import CHANNELS, RecognitionModel


@dataclass(frozen=True, slots=True, eq=False)
class Shipped:
    """Runs the network of a model over all windows of a stretch."""

    model: RecognitionModel

    def log_posteriors(self, ticks: np.ndarray) -> np.ndarray:
        """Return (T, 1 + exercises) of a stretch's ticks (T, SIZE)."""
        model = self.model
        scaled = (features(ticks.astype(np.float64)) - model.centre) / model.spread
        seen = np.pad(scaled, ((model.window - 1, 0), (0, 1)))
        seen[model.window - 1 :, CHANNELS - 1] = 1.0
        windows = (seen[i : i + model.window, None] for i in range(len(ticks)))
        return np.stack([model.network(one[None].astype(np.float32))[0] for one in windows]).astype(np.float64)
