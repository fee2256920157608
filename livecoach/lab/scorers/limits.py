"""The limits of the scorer: from good synthetic reps, and widened to real good reps."""

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
"""False alarm rates on good synthetic reps for which limits are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealLimit:
    """The figures measured on real reps."""

    factor: Annotated[float, Field(ge=1)]
    """Factor by which the limits exceed those of synthetic motion."""
    good_reps: int
    clips: int
    origins: int
    alarms_synthetic: int
    """Good reps that exceed the limits of synthetic motion."""
    alarms: int
    """Good reps that exceed the shipped limits."""
    alarms_unseen: int
    """Good reps that exceed the limits if the factor comes from the other origins only, each origin in turn."""
    bad_reps: int
    hits_synthetic: int
    hits: int
    auroc: float
    """Good against bad reps of all origins; differences between origins inflate it if bad reps are from one origin."""
    auroc_within: float
    """Good against bad reps of the same origin only."""
    measured: str
    """The command that measured it."""


def synthetic_limits(parts: Sequence[Parts]) -> Thresholds:
    """Compute limits that given shares of these good reps exceed, half of each share by either part of the score."""
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
    origin = f"quantiles of {len(parts)} good synthetic reps of lifters outside the training set"
    return Thresholds(log_density_usual=float(np.median(densities)), limits=limits, factor=1.0, origin=origin)


def widen_limits(thresholds: Thresholds, real: RealLimit) -> Thresholds:
    """Widen the limits so that every score becomes `real.factor` times smaller."""
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
        f"{real.clips} clips of {real.origins} origins exceed them"
    )
    return replace(thresholds, limits=limits, factor=real.factor, origin=origin)


def read_real_limits(path: Path) -> dict[str, RealLimit]:
    """Read the measured figures of each exercise."""
    content = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
    return TypeAdapter(dict[str, RealLimit]).validate_python(content)


def real_limit(exercise: str) -> RealLimit | None:
    """Return the measured figures of an exercise; None if there are none."""
    return read_real_limits(REAL_LIMITS).get(exercise)


def write_real_limits(path: Path, limits: dict[str, RealLimit]) -> None:
    """Write the measured figures, keeping the comment at the head of the file."""
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    lines = [*head]
    for exercise, limit in sorted(limits.items()):
        lines += [f"{exercise}:", *(f"  {name}: {getattr(limit, name)}" for name in RealLimit.__slots__)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
