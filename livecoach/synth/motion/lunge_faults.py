"""The faults of a lunge, in the same format as livecoach.synth.motion.deadlift_faults."""

import numpy as np

from livecoach.synth.motion.fault_variants import FaultVariant, FaultVariants
from livecoach.synth.motion.form import FormBuilder
from livecoach.synth.motion.timing import Timing, moving


def _stops_early(timing: Timing, q: float) -> None:
    timing.amplitude *= 1 - 0.52 * q


def _dips_only(timing: Timing, q: float) -> None:
    """Turn early, and fast."""
    timing.amplitude *= 1 - 0.52 * q
    timing.away_s *= 1 - 0.25 * q
    timing.back_s *= 1 - 0.15 * q


def _knee_pushes(builder: FormBuilder, q: float) -> None:
    builder.add(shin=np.radians(26) * q, step=0.18 * q)


def _steps_close(builder: FormBuilder, q: float) -> None:
    """Step too short, so that the knee has nowhere to go but forward."""
    builder.add(shin=np.radians(20) * q, step=0.34 * q)


def _folds(builder: FormBuilder, q: float) -> None:
    builder.add(forward=0.3 * q * builder.low, thoracic=0.2 * q * builder.low, neck=0.15 * q * builder.low)


def _leans_on_the_knee(builder: FormBuilder, q: float) -> None:
    builder.add(forward=0.24 * q * builder.low, shin=np.radians(8) * q)


def _knee_in(builder: FormBuilder, q: float) -> None:
    builder.add(knee_in_L=0.5 * q * np.sqrt(builder.bent), knee_in_R=0.5 * q * np.sqrt(builder.bent))


def _knee_in_on_the_way_up(builder: FormBuilder, q: float) -> None:
    amount = 0.75 * q * np.sqrt(builder.bent) * (0.3 + 0.7 * builder.rising)
    builder.add(knee_in_L=amount, knee_in_R=amount)


def _hips_aside(builder: FormBuilder, q: float) -> None:
    builder.add(shift=0.12 * builder.side * q * builder.low)


def _tips(builder: FormBuilder, q: float) -> None:
    """Lose the balance to one side."""
    builder.add(shift=0.1 * builder.side * q * builder.low, tilt=-0.16 * builder.side * q * builder.low)


def _short(builder: FormBuilder, q: float) -> None:
    builder.add(step=0.42 * q)


def _short_and_upright(builder: FormBuilder, q: float) -> None:
    builder.add(step=0.38 * q, forward=-0.04 * q * builder.low)


def _dives(timing: Timing, q: float) -> None:
    timing.away_s = max(timing.away_s * (1 - q) + 0.4 * q, 0.36)


def _drops(timing: Timing, q: float) -> None:
    """Begin with control, then drop onto the rear knee."""
    timing.away_s = max(timing.away_s * (1 - 0.8 * q), 0.42)
    timing.away = moving(0.0, 0.4 * q)
    timing.pause_s = 0.0


FAULT_VARIANTS: FaultVariants = {
    "shallow": {"stops": FaultVariant(timing=_stops_early), "dips": FaultVariant(timing=_dips_only)},
    "knees_forward": {"pushes": FaultVariant(_knee_pushes), "steps_close": FaultVariant(_steps_close)},
    "forward_lean": {"folds": FaultVariant(_folds), "over_knee": FaultVariant(_leans_on_the_knee)},
    "knee_cave": {"in": FaultVariant(_knee_in), "way_up": FaultVariant(_knee_in_on_the_way_up)},
    "lateral_shift": {"hips": FaultVariant(_hips_aside), "tips": FaultVariant(_tips)},
    "short_step": {"short": FaultVariant(_short), "upright": FaultVariant(_short_and_upright)},
    "rushed": {"dives": FaultVariant(timing=_dives), "drops": FaultVariant(timing=_drops)},
}
