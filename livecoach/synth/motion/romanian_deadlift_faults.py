"""The faults of a Romanian deadlift, in the same format as livecoach.synth.motion.deadlift_faults."""

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.motion.deadlift_faults import rounded
from livecoach.synth.motion.fault_variants import FaultVariant, FaultVariants
from livecoach.synth.motion.form import FormBuilder
from livecoach.synth.motion.timing import Timing, moving


def _rounded_whole(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.5 * q, 0.65 * q, 0.3 * q)


def _rounded_upper(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.12 * q, 1.0 * q, 0.2 * q)


def _rounded_lower(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.85 * q, 0.15 * q, -0.1 * q)


def _sits(builder: FormBuilder, q: float) -> None:
    """Sit down between the knees, which push the bar forward."""
    builder.add(thigh=np.radians(42) * q, shin=np.radians(18) * q, forward=0.12 * q * builder.low)


def _knees_bend_late(builder: FormBuilder, q: float) -> None:
    """Hinge first, then reach the depth with the knees."""
    late = minimum_jerk((builder.low - 0.4) / 0.6)
    builder.add(thigh=np.radians(40) * q * late, shin=np.radians(18) * q * late, forward=0.12 * q * late)


def _drift_swing(builder: FormBuilder, q: float) -> None:
    builder.add(forward=q * (0.04 * builder.low + 0.16 * builder.middle))


def _drift_far(builder: FormBuilder, q: float) -> None:
    builder.add(forward=0.18 * q * np.sqrt(builder.low))


def _stops_early(timing: Timing, q: float) -> None:
    timing.amplitude *= 1 - 0.5 * q


def _nods(timing: Timing, q: float) -> None:
    """Turn early, and fast."""
    timing.amplitude *= 1 - 0.5 * q
    timing.away_s *= 1 - 0.3 * q
    timing.back_s *= 1 - 0.2 * q


def _top(builder: FormBuilder) -> np.ndarray:
    return minimum_jerk((0.2 - builder.low) / 0.2)


def _leans_back(builder: FormBuilder, q: float) -> None:
    builder.add(lean_back=0.45 * q * _top(builder))


def _arches(builder: FormBuilder, q: float) -> None:
    top = _top(builder)
    builder.add(lumbar=-0.4 * q * top, lean_back=0.38 * q * top, neck=-0.25 * q * top)


def _fast_down(timing: Timing, q: float) -> None:
    timing.away_s = max(timing.away_s * (1 - q) + 0.45 * q, 0.4)


def _falls(timing: Timing, q: float) -> None:
    """Begin with control, then let the bar fall into the turn."""
    timing.away_s = max(timing.away_s * (1 - 0.85 * q), 0.45)
    timing.away = moving(0.0, 0.4 * q)
    timing.pause_s = 0.0


FAULT_VARIANTS: FaultVariants = {
    "rounded_back": {
        "whole": FaultVariant(_rounded_whole),
        "upper": FaultVariant(_rounded_upper),
        "lower": FaultVariant(_rounded_lower),
    },
    "squatted": {"sits": FaultVariant(_sits), "late": FaultVariant(_knees_bend_late)},
    "bar_drift": {"swing": FaultVariant(_drift_swing), "far": FaultVariant(_drift_far)},
    "shallow": {"stops": FaultVariant(timing=_stops_early), "nods": FaultVariant(timing=_nods)},
    "hyperextension": {"lean": FaultVariant(_leans_back), "arch": FaultVariant(_arches)},
    "rushed": {"fast": FaultVariant(timing=_fast_down), "falls": FaultVariant(timing=_falls)},
}
