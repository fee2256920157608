"""Read and write what judges the reps of an exercise, in its model folder.

encoder.tflite, decoder.tflite   trajectory → latent → trajectory
kde.npz                          latents of good synthetic lifters, for a lifter of whom nothing is known
faults.npz                       the function of livecoach.judging.fault_model
scorer.json                      widths, limits, names, digests of the others
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from livecoach.errors import ModelError
from livecoach.judging.density import WidthPrior
from livecoach.judging.encoder import Encoder
from livecoach.judging.fault_model import CENTRES_DEG, AmountFunction, FaultModel
from livecoach.judging.scorer import CameraShift, Everybody, Limits, Scorer
from livecoach.model_files.model_folder import (
    FALSE_ALARMS,
    Format,
    Numbers,
    between,
    check,
    read_arrays,
    read_model,
    require_rising,
    require_shapes,
    sha256,
)
from livecoach.rep import trajectory
from livecoach.rep.measures import FaultTable

CARD = "scorer.json"
DIGESTED = ("encoder.tflite", "decoder.tflite", "kde.npz", "faults.npz")
"""Files whose digests the card holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsAt:
    """Limits for one share of false alarms."""

    false_alarms: Annotated[float, Field(gt=0, lt=1)]
    limits: Limits
    faults: dict[str, Annotated[float, Field(gt=0)]]
    """Fault → FaultModel.limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerCard:
    """Content of `scorer.json`."""

    format: Format
    synthetic: bool
    """It was learned from synthetic lifters only."""
    files: dict[str, str]
    """File name → SHA-256."""
    latent: Annotated[int, Field(gt=0)]
    """Length of a latent."""
    width: WidthPrior
    decoder_error: Annotated[float, Field(gt=0)]
    """Scorer.decoder_error."""
    camera: CameraShift
    measures: tuple[str, ...]
    limits: Annotated[tuple[LimitsAt, ...], Field(min_length=1)]
    """Their shares of false alarms rise."""
    training: dict[str, Any]
    """Command, seed and size of the training data."""

    def __post_init__(self) -> None:
        require_rising([one.false_alarms for one in self.limits])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KdeArrays:
    """Content of `kde.npz`."""

    mean: Annotated[np.ndarray, Numbers(ndim=3)]
    latents: Annotated[np.ndarray, Numbers(ndim=2)]
    deviation: Annotated[float, Field(gt=0)]
    """As in Everybody."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaultArrays:
    """Content of `faults.npz`, as in AmountFunction and FaultModel."""

    scale: Annotated[np.ndarray, Numbers(ndim=1, positive=True)]
    linear: Annotated[np.ndarray, Numbers(ndim=2, empty=True)]
    hidden: Annotated[np.ndarray, Numbers(ndim=2)]
    hidden_bias: Annotated[np.ndarray, Numbers(ndim=1)]
    out: Annotated[np.ndarray, Numbers(ndim=2, empty=True)]
    out_bias: Annotated[np.ndarray, Numbers(ndim=1, empty=True)]
    seen: Annotated[np.ndarray, Numbers(ndim=2, empty=True)]


def save(folder: Path, card: ScorerCard, kde: KdeArrays, faults: FaultArrays) -> None:
    """Write all but the networks, which lie in the folder. card: its digests are replaced."""
    for name, arrays in (("kde.npz", kde), ("faults.npz", faults)):
        values = {field.name: np.float32(getattr(arrays, field.name)) for field in dataclasses.fields(arrays)}
        np.savez_compressed(folder / name, allow_pickle=False, **values)
    card = dataclasses.replace(card, files={name: sha256(folder / name) for name in DIGESTED})
    (folder / CARD).write_text(json.dumps(dataclasses.asdict(card), indent=1) + "\n", encoding="utf-8")


def load(folder: Path, table: FaultTable, false_alarms: float = FALSE_ALARMS) -> Scorer:
    """Read the scorer of a model folder, with its limits for a share of false alarms among good reps.

    Raises ModelError that names the file at fault.
    """
    path = folder / CARD
    card = read_model(path, ScorerCard)
    _check_names(path, card, table)
    for name in DIGESTED:
        check(folder / name, card.files.get(name), CARD)
    kde, faults = read_arrays(folder / "kde.npz", KdeArrays), read_arrays(folder / "faults.npz", FaultArrays)
    changes, count, hidden = card.latent + 2 + 2 * len(card.measures), len(table.faults), len(faults.hidden)
    require_shapes(
        folder / "kde.npz",
        {"mean": kde.mean, "latents": kde.latents},
        {"mean": trajectory.SHAPE, "latents": (len(kde.latents), card.latent)},
    )
    require_shapes(
        folder / "faults.npz",
        dataclasses.asdict(faults),
        {
            "scale": (changes,),
            "linear": (count, 3 * changes),
            "hidden": (hidden, changes + 2),
            "hidden_bias": (hidden,),
            "out": (count, hidden),
            "out_bias": (count,),
            "seen": (count, len(CENTRES_DEG)),
        },
    )
    limits = _limits_at(card.limits, false_alarms)
    return Scorer(
        encoder=Encoder(folder, card.latent),
        everybody=Everybody(mean=kde.mean, latents=kde.latents, deviation=kde.deviation),
        faults=FaultModel(
            table=table,
            measures=card.measures,
            function=AmountFunction(
                **{field.name: getattr(faults, field.name) for field in dataclasses.fields(AmountFunction)}
            ),
            limits=np.array([limits.faults[name] for name in table.faults]),
            seen=faults.seen,
        ),
        width=card.width,
        limits=limits.limits,
        camera=card.camera,
        decoder_error=card.decoder_error,
    )


def _limits_at(limits: tuple[LimitsAt, ...], false_alarms: float) -> LimitsAt:
    """Return the limits for a share of false alarms, interpolated as `model_folder.between` does."""
    shares = [one.false_alarms for one in limits]

    def at(values: list[float]) -> float:
        return between(shares, values, false_alarms)

    return LimitsAt(
        false_alarms=false_alarms,
        limits=Limits(
            **{
                field.name: at([getattr(one.limits, field.name) for one in limits])
                for field in dataclasses.fields(Limits)
            }
        ),
        faults={name: at([one.faults[name] for one in limits]) for name in limits[0].faults},
    )


def _check_names(path: Path, card: ScorerCard, table: FaultTable) -> None:
    """Raise ModelError where measures or faults are not those of the exercise."""
    faults = set(table.faults)
    unknown = {
        "measures": set(card.measures) - set(table.signs),
        "limits": {name for one in card.limits for name in faults ^ set(one.faults)},
    }
    for field, names in unknown.items():
        if names:
            raise ModelError(
                f"{path}: {field}: {', '.join(sorted(names))}: not as in the faults of {table.exercise}. "
                "Restore the model folder, or train the scorer again."
            )
