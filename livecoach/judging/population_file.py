"""Read and write `form.json` and `form.npz`: what is known of lifters in general, in a model folder."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from livecoach.errors import ModelError
from livecoach.judging.population import Band, PlainUsual, Population, Signature
from livecoach.judging.posterior import ScatterPrior
from livecoach.model_files.model_folder import FALSE_ALARMS, between, check, require_rising, sha256
from livecoach.model_files.reading import FORMAT, Format, Numbers, read_arrays, read_model, require_shapes
from livecoach.rep import trajectory_vector
from livecoach.rep.measures import FaultTable

BAND_ARRAYS = ("usual", "within", "sets", "sessions", "lifters", "signatures", "directions", "effects")
"""Arrays of a Band; the file stacks those of all bands."""
POPULATION_ARRAYS = ("mean", "basis", "middle", "scale")
"""Arrays of a Population."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLimits:
    """Where a rep becomes anomalous, for one share of false alarms."""

    false_alarms: Annotated[float, Field(gt=0, lt=1)]
    score: Annotated[float, Field(gt=0)]
    """Population.score_limit at this share."""
    spreads: dict[str, Annotated[float, Field(gt=0)]]
    """Population.spreads at this share."""
    set_spreads: dict[str, Annotated[float, Field(gt=0)]]
    """Population.set_spreads at this share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCard:
    """Content of `form.json`."""

    format: Format
    synthetic: bool
    """The population was learned from synthetic motion only."""
    npz_sha256: str
    measures: tuple[str, ...]
    azimuths_deg: Annotated[tuple[float, ...], Field(min_length=1)]
    plain: dict[str, tuple[PlainUsual, ...]]
    signatures: tuple[Signature, ...]
    """Empty for an exercise without named faults."""
    scatter: ScatterPrior
    distance_freedom: Annotated[float, Field(ge=3)]
    limits: Annotated[tuple[FormLimits, ...], Field(min_length=1)]
    """Their shares of false alarms rise."""
    training: dict[str, Any]
    """Command, seed and size of the training data."""

    def __post_init__(self) -> None:
        require_rising([limits.false_alarms for limits in self.limits])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormArrays:
    """Content of `form.npz`: B bands, the rest as in Band and Population."""

    usual: Annotated[np.ndarray, Numbers(ndim=2)]
    within: Annotated[np.ndarray, Numbers(ndim=3)]
    sets: Annotated[np.ndarray, Numbers(ndim=3)]
    sessions: Annotated[np.ndarray, Numbers(ndim=3)]
    lifters: Annotated[np.ndarray, Numbers(ndim=3)]
    signatures: Annotated[np.ndarray, Numbers(ndim=3, empty=True)]
    directions: Annotated[np.ndarray, Numbers(ndim=3)]
    effects: Annotated[np.ndarray, Numbers(ndim=2, empty=True)]
    """(B, …) arrays of the bands, stacked."""
    mean: Annotated[np.ndarray, Numbers(ndim=1)]
    basis: Annotated[np.ndarray, Numbers(ndim=2)]
    middle: Annotated[np.ndarray, Numbers(ndim=1)]
    scale: Annotated[np.ndarray, Numbers(ndim=1)]


def save(population: Population, folder: Path, training: dict[str, Any], limits: tuple[FormLimits, ...]) -> None:
    """Write both files.

    training: command, seed and size of the training data. limits: for rising shares of false alarms; they are written
    in place of the population's own.
    """
    bands = {name: np.stack([getattr(band, name) for band in population.bands]) for name in BAND_ARRAYS}
    arrays = bands | {name: getattr(population, name) for name in POPULATION_ARRAYS}
    path = folder / "form.npz"
    np.savez_compressed(path, allow_pickle=False, **{name: a.astype(np.float32) for name, a in arrays.items()})
    card = FormCard(
        format=FORMAT,
        synthetic=True,
        npz_sha256=sha256(path),
        measures=population.measures,
        azimuths_deg=tuple(band.azimuth_deg for band in population.bands),
        plain=population.plain,
        signatures=population.signatures,
        scatter=population.scatter,
        distance_freedom=population.distance_freedom,
        limits=limits,
        training=training,
    )
    (folder / "form.json").write_text(json.dumps(dataclasses.asdict(card), indent=1) + "\n", encoding="utf-8")


def limits_at(limits: tuple[FormLimits, ...], false_alarms: float) -> FormLimits:
    """Return the limits for a share of false alarms, interpolated as `model_folder.between` does."""
    shares = [one.false_alarms for one in limits]

    def at(values: list[float]) -> float:
        return between(shares, values, false_alarms)

    return FormLimits(
        false_alarms=false_alarms,
        score=at([one.score for one in limits]),
        spreads={name: at([one.spreads[name] for one in limits]) for name in limits[0].spreads},
        set_spreads={name: at([one.set_spreads[name] for one in limits]) for name in limits[0].set_spreads},
    )


def load(folder: Path, table: FaultTable, false_alarms: float = FALSE_ALARMS) -> Population:
    """Read the population of a model folder, with the limits for a share of false alarms among good reps.

    Raises ModelError that names the file at fault.
    """
    path = folder / "form.json"
    card = read_model(path, FormCard)
    _check_names(path, card, table)
    arrays = _arrays(folder / "form.npz", card, len(table.faults))
    limits = limits_at(card.limits, false_alarms)
    bands = tuple(
        Band(azimuth_deg=azimuth, **{name: getattr(arrays, name)[i] for name in BAND_ARRAYS})
        for i, azimuth in enumerate(card.azimuths_deg)
    )
    return Population(
        table=table,
        measures=card.measures,
        **{name: getattr(arrays, name) for name in POPULATION_ARRAYS},
        bands=bands,
        plain=card.plain,
        signatures=card.signatures,
        scatter=card.scatter,
        distance_freedom=card.distance_freedom,
        score_limit=limits.score,
        spreads=limits.spreads,
        set_spreads=limits.set_spreads,
    )


def _check_names(path: Path, card: FormCard, table: FaultTable) -> None:
    """Raise ModelError where measures or faults are not those of the exercise."""
    faults = set(table.faults)
    unknown: dict[str, set[str]] = {
        "measures": set(card.measures) - set(table.signs),
        "plain": set(card.plain) - set(table.signs),
        "limits": {
            name for one in card.limits for names in (one.spreads, one.set_spreads) for name in faults ^ {*names}
        },
        "signatures": {
            one.fault
            for one in card.signatures
            if one.fault not in faults or not 0 <= one.sign < len(table.faults[one.fault].signs)
        },
    }
    for field, names in unknown.items():
        if names:
            raise ModelError(
                f"{path}: {field}: {', '.join(sorted(names))}: not as in the faults of {table.exercise}. "
                "Restore the model folder, or train the model again."
            )


def _arrays(path: Path, card: FormCard, faults: int) -> FormArrays:
    """Read the arrays, of the shapes that the card and the number of faults ask for."""
    check(path, card.npz_sha256, "form.json")
    arrays = read_arrays(path, FormArrays)
    bands, measures, components = len(card.azimuths_deg), len(card.measures), len(arrays.basis)
    length = components + 2 + 2 * measures
    shapes = {
        **dict.fromkeys(("within", "sets", "sessions", "lifters"), (bands, length, length)),
        "usual": (bands, length),
        "signatures": (bands, len(card.signatures), length),
        "directions": (bands, length, arrays.directions.shape[-1]),
        "effects": (bands, faults),
        "mean": (trajectory_vector.LENGTH,),
        "basis": (components, trajectory_vector.LENGTH),
        "middle": (length,),
        "scale": (length,),
    }
    require_shapes(path, {name: getattr(arrays, name) for name in shapes}, shapes)
    return arrays
