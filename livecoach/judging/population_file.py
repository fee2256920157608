"""What is known of lifters in general, in a model folder: `form.json` and `form.npz`. No pickle; checked on load."""

import dataclasses
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from livecoach.errors import ModelError
from livecoach.judging.population import Band, PlainUsual, Population, Signature
from livecoach.judging.posterior import ScatterPrior
from livecoach.model_files.model_folder import FALSE_ALARMS, FORMAT, between, read_card, sha256
from livecoach.rep import trajectory_vector
from livecoach.rep.measures import FaultTable

OF_BAND = ("usual", "within", "sets", "sessions", "lifters", "signatures", "directions", "effects")
"""Arrays of the bands, stacked."""
OF_ALL = ("mean", "basis", "middle", "scale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where on a rep is anomalous, for one share of false alarms."""

    false_alarms: Annotated[float, Field(gt=0, lt=1)]
    score: Annotated[float, Field(gt=0)]
    """As Population's `score_limit`."""
    spreads: dict[str, Annotated[float, Field(gt=0)]]
    set_spreads: dict[str, Annotated[float, Field(gt=0)]]
    """As Population's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCard:
    """Content of `form.json`."""

    format: int
    synthetic: bool
    """Learned from synthetic motion only."""
    npz_sha256: str
    measures: tuple[str, ...]
    azimuths_deg: Annotated[tuple[float, ...], Field(min_length=1)]
    plain: dict[str, tuple[PlainUsual, ...]]
    signatures: Annotated[tuple[Signature, ...], Field(min_length=1)]
    scatter: ScatterPrior
    distance_freedom: Annotated[float, Field(ge=3)]
    limits: Annotated[tuple[Limits, ...], Field(min_length=1)]
    """Rising shares of false alarms."""
    training: dict[str, Any]
    """Command, seed and size of the training data."""


def save(population: Population, folder: Path, training: dict[str, Any], limits: tuple[Limits, ...]) -> None:
    """Write both files. limits: for rising shares of false alarms; those of the population itself are not written."""
    bands = {name: np.stack([getattr(band, name) for band in population.bands]) for name in OF_BAND}
    arrays = bands | {name: getattr(population, name) for name in OF_ALL}
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


def limits_at(limits: tuple[Limits, ...], false_alarms: float) -> Limits:
    """As model_folder.between of the limits."""
    shares = [one.false_alarms for one in limits]

    def at(values: list[float]) -> float:
        return between(shares, values, false_alarms)

    return Limits(
        false_alarms=false_alarms,
        score=at([one.score for one in limits]),
        spreads={name: at([one.spreads[name] for one in limits]) for name in limits[0].spreads},
        set_spreads={name: at([one.set_spreads[name] for one in limits]) for name in limits[0].set_spreads},
    )


def load(folder: Path, table: FaultTable, false_alarms: float = FALSE_ALARMS) -> Population:
    """The population of a model folder, with the limits for a share of false alarms among good reps.

    Raises ModelError that names the file at fault.
    """
    path = folder / "form.json"
    card = read_card(path, FormCard)
    _check_names(path, card, table)
    arrays = _arrays(folder / "form.npz", card, len(table.faults))
    limits = limits_at(card.limits, false_alarms)
    bands = tuple(
        Band(azimuth_deg=azimuth, **{name: arrays[name][i] for name in OF_BAND})
        for i, azimuth in enumerate(card.azimuths_deg)
    )
    return Population(
        table=table,
        measures=card.measures,
        **{name: arrays[name] for name in OF_ALL},
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
    of_faults = {
        name
        for one in card.limits
        for name in (set(one.spreads) ^ set(table.faults)) | (set(one.set_spreads) ^ set(table.faults))
    }
    of_faults |= {
        one.fault
        for one in card.signatures
        if one.fault not in table.faults or not 0 <= one.sign < len(table.faults[one.fault].signs)
    }
    unknown = sorted({*card.measures, *card.plain} - set(table.signs)) + sorted(of_faults)
    if unknown:
        raise ModelError(
            f"{path}: {', '.join(unknown)}: not as in the faults of {table.exercise}. "
            "Restore the model folder, or run scripts/train_form.py."
        )
    shares = [one.false_alarms for one in card.limits]
    if shares != sorted(set(shares)):
        raise ModelError(f"{path}: limits: false_alarms must rise. Restore the model folder.")


def _arrays(path: Path, card: FormCard, faults: int) -> dict[str, np.ndarray]:
    try:
        if sha256(path) != card.npz_sha256:
            raise ModelError(f"{path}: differs from the digest in form.json. Restore the model folder.")
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name].astype(np.float64) for name in (*OF_BAND, *OF_ALL)}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as err:
        raise ModelError(f"{path}: holds no form of this livecoach. Restore the model folder.") from err
    bands, measures, components = len(card.azimuths_deg), len(card.measures), len(np.atleast_1d(arrays["basis"]))
    length = components + 2 + 2 * measures
    wanted = {
        **dict.fromkeys(("within", "sets", "sessions", "lifters"), (bands, length, length)),
        "usual": (bands, length),
        "signatures": (bands, len(card.signatures), length),
        "directions": (bands, length, np.atleast_1d(arrays["directions"]).shape[-1]),
        "effects": (bands, faults),
        "mean": (trajectory_vector.LENGTH,),
        "basis": (components, trajectory_vector.LENGTH),
        "middle": (length,),
        "scale": (length,),
    }
    for name, shape in wanted.items():
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise ModelError(f"{path}: {name} has shape {arrays[name].shape}, expected {shape} of finite numbers.")
    return arrays
