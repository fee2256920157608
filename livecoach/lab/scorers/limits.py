"""The scorer's limits: from good synthetic reps, and moved out to where real good reps lie."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, TypeAdapter
from ruamel.yaml import YAML

from livecoach.model_folder import Thresholds
from livecoach.scoring import Parts

REAL_LIMITS = Path(__file__).resolve().parent / "real_limits.yaml"
ALARMS = 0.02
"""Share of good synthetic reps that each part of the score may call anomalous."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealLimit:
    """What was measured on real good reps."""

    factor: Annotated[float, Field(ge=1)]
    """How much further out than those of synthetic motion the limits are."""
    good_reps: int
    clips: int
    origins: int
    alarms_synthetic: int
    """Good reps that are past the limits of synthetic motion."""
    alarms: int
    """Good reps that are past the limits all the same."""
    alarms_unseen: int
    """Good reps past the limits where the factor comes from the other origins only, each origin in turn."""
    bad_reps: int
    hits_synthetic: int
    hits: int
    auroc: float
    """Good against bad reps, all origins together: high as well where origins differ and one has the bad reps."""
    auroc_within: float
    """Good against bad reps of the same origin only."""
    measured: str
    """The command."""


def synthetic_limits(parts: Sequence[Parts]) -> Thresholds:
    """Limits that a share ALARMS of these good reps is past, for each part."""
    densities = np.array([p.log_density for p in parts])
    errors = np.array([p.reconstruction for p in parts])
    return Thresholds(
        log_density_usual=float(np.median(densities)),
        log_density_limit=float(np.quantile(densities, ALARMS)),
        reconstruction_limit=float(np.quantile(errors, 1 - ALARMS)),
        factor=1.0,
        origin=f"{1 - ALARMS:.0%} quantile of {len(parts)} good synthetic reps of lifters that were not trained on",
    )


def moved_out(limits: Thresholds, real: RealLimit) -> Thresholds:
    """Limits at which every score is `real.factor` times smaller."""
    fall = limits.log_density_usual - limits.log_density_limit
    return replace(
        limits,
        log_density_limit=limits.log_density_usual - real.factor**2 * fall,
        reconstruction_limit=limits.reconstruction_limit * real.factor,
        factor=real.factor,
        origin=(
            f"{limits.origin}; times {real.factor:g}, so that {real.alarms} of {real.good_reps} real good reps from "
            f"{real.clips} clips of {real.origins} origins are past them"
        ),
    )


def read_real_limits(path: Path) -> dict[str, RealLimit]:
    """Exercise → what was measured."""
    content = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
    return TypeAdapter(dict[str, RealLimit]).validate_python(content)


def write_real_limits(path: Path, limits: dict[str, RealLimit]) -> None:
    """The comment at the head of the file stays."""
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    lines = [*head]
    for exercise, limit in sorted(limits.items()):
        lines += [f"{exercise}:", *(f"  {name}: {getattr(limit, name)}" for name in RealLimit.__slots__)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
