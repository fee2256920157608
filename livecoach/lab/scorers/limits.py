"""The scorer's limits: from good synthetic reps, and moved out to where real good reps lie."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, TypeAdapter
from ruamel.yaml import YAML

from livecoach.anomaly.scoring import Parts
from livecoach.model_files.model_folder import Limit, Thresholds

REAL_LIMITS = Path(__file__).resolve().parent / "real_limits.yaml"
FALSE_ALARMS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
"""Shares of good synthetic reps that may be past the limits, for each of which limits are written."""


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
    """Limits that a share of these good reps is past: half of it by each part of the score."""
    densities = np.array([p.log_density for p in parts])
    errors = np.array([p.reconstruction for p in parts])
    limits = tuple(
        Limit(
            false_alarms=share,
            log_density=float(np.quantile(densities, share / 2)),
            reconstruction=float(np.quantile(errors, 1 - share / 2)),
        )
        for share in FALSE_ALARMS
    )
    origin = f"quantiles of {len(parts)} good synthetic reps of lifters that were not trained on"
    return Thresholds(log_density_usual=float(np.median(densities)), limits=limits, factor=1.0, origin=origin)


def moved_out(thresholds: Thresholds, real: RealLimit) -> Thresholds:
    """Limits at which every score is `real.factor` times smaller."""
    usual = thresholds.log_density_usual
    limits = tuple(
        replace(
            limit,
            log_density=usual - real.factor**2 * (usual - limit.log_density),
            reconstruction=limit.reconstruction * real.factor,
        )
        for limit in thresholds.limits
    )
    origin = (
        f"{thresholds.origin}; times {real.factor:g}, so that {real.alarms} of {real.good_reps} real good reps from "
        f"{real.clips} clips of {real.origins} origins are past them"
    )
    return replace(thresholds, limits=limits, factor=real.factor, origin=origin)


def read_real_limits(path: Path) -> dict[str, RealLimit]:
    """Exercise → what was measured."""
    content = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
    return TypeAdapter(dict[str, RealLimit]).validate_python(content)


def real_limit(exercise: str) -> RealLimit | None:
    """Return what was measured of an exercise; None where nothing was."""
    return read_real_limits(REAL_LIMITS).get(exercise)


def write_real_limits(path: Path, limits: dict[str, RealLimit]) -> None:
    """The comment at the head of the file stays."""
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    lines = [*head]
    for exercise, limit in sorted(limits.items()):
        lines += [f"{exercise}:", *(f"  {name}: {getattr(limit, name)}" for name in RealLimit.__slots__)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
