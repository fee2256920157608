"""Stage: is the body up or down? A logistic regression on body measures, trained by `livecoach train stage`."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach.errors import ModelError
from livecoach.frame import body
from livecoach.frame.body import Measures


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageModel:
    """Log odds of `up` as a linear function of standardised measures; plain arrays, 3 µs a frame."""

    measures: tuple[str, ...]
    """Names of the measures, in the order of the arrays."""
    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    """(n,) each."""
    bias: float

    def log_odds(self, measures: Measures) -> float:
        """Log odds of up against down."""
        values = np.array([getattr(measures, name) for name in self.measures])
        return float(self.weights @ ((values - self.mean) / self.scale)) + self.bias


def load(path: Path) -> StageModel:
    """Read a `stage.json`.

    Raises ModelError where it is missing, not JSON, or does not hold what it should.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise ModelError(f"{path}: can't be read ({err.strerror}). Is the model folder complete?") from err
    except ValueError as err:
        raise ModelError(f"{path}: is no JSON ({err}). Restore the file.") from err
    try:
        model = StageModel(
            measures=tuple(content["measures"]),
            mean=np.array(content["mean"], np.float64),
            scale=np.array(content["scale"], np.float64),
            weights=np.array(content["weights"], np.float64),
            bias=float(content["bias"]),
        )
    except (KeyError, TypeError, ValueError) as err:
        raise ModelError(f"{path}: {err!r} is missing or wrong. Train it again: livecoach train stage.") from err
    _check(path, model)
    return model


def _check(path: Path, model: StageModel) -> None:
    unknown = [name for name in model.measures if name not in body.NAMES]
    if unknown:
        raise ModelError(f"{path}: unknown measure {unknown[0]!r}; there are {', '.join(body.NAMES)}.")
    for name in ("mean", "scale", "weights"):
        array = getattr(model, name)
        if array.shape != (len(model.measures),) or not np.isfinite(array).all():
            raise ModelError(f"{path}: {name} must be {len(model.measures)} finite numbers, one a measure.")
    if not (model.scale > 0).all() or not math.isfinite(model.bias):
        raise ModelError(f"{path}: scale must be positive and bias finite.")
