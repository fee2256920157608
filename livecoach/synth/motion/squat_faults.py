"""The faults of a squat, in the same format as livecoach.synth.motion.deadlift_faults."""

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.motion.fault_variants import FaultVariant, FaultVariants, one_side
from livecoach.synth.motion.form import FormBuilder
from livecoach.synth.motion.timing import Timing, moving


def _shallow_from_fear(timing: Timing, q: float) -> None:
    """Descend cautiously and turn early."""
    timing.amplitude *= 1 - 0.5 * q
    timing.away_s *= 1 + 0.3 * q


def _shallow_from_strength(timing: Timing, q: float) -> None:
    """Turn above the sticking point and grind out the way up."""
    timing.amplitude *= 1 - 0.5 * q
    timing.back_s *= 1 + 0.5 * q


def _hips_rise(builder: FormBuilder, q: float) -> None:
    builder.add(early=q * builder.rising * (builder.lift > 0), forward=0.05 * q * builder.rising * builder.low)


def _chest_falls(builder: FormBuilder, q: float) -> None:
    rising = builder.rising * builder.low
    builder.add(early=0.6 * q * builder.rising, thoracic=0.3 * q * rising, forward=0.05 * q * rising)


def _sits_back(builder: FormBuilder, q: float) -> None:
    builder.add(shin=np.radians(-24) * q, forward=0.05 * q * builder.low)


def _folds(builder: FormBuilder, q: float) -> None:
    builder.add(forward=0.24 * q * builder.low, thoracic=0.2 * q * builder.low, neck=0.15 * q * builder.low)


def _knees_in(builder: FormBuilder, q: float) -> None:
    amount = 0.6 * q * np.sqrt(builder.bent) * (0.5 + 0.5 * builder.rising)
    builder.add(knee_in_L=amount, knee_in_R=amount)


def _one_knee_in(builder: FormBuilder, q: float) -> None:
    amount = 0.95 * q * np.sqrt(builder.bent) * (0.5 + 0.5 * builder.rising)
    builder.add(**{one_side(builder, "knee_in_L", "knee_in_R"): amount})


def _knees_push(builder: FormBuilder, q: float) -> None:
    builder.add(shin=np.radians(27) * q)


def _on_the_toes(builder: FormBuilder, q: float) -> None:
    rise_m = 0.04 * q * builder.low
    builder.add(shin=np.radians(27) * q, heel_L=rise_m, heel_R=rise_m, forward=0.03 * q * builder.low)


def _heels_at_bottom(builder: FormBuilder, q: float) -> None:
    rise_m = 0.055 * q * minimum_jerk((builder.low - 0.35) / 0.6)
    builder.add(heel_L=rise_m, heel_R=rise_m, forward=0.04 * q * builder.low)


def _heels_on_the_way_up(builder: FormBuilder, q: float) -> None:
    rise_m = 0.055 * q * builder.rising * minimum_jerk(builder.low / 0.6)
    builder.add(heel_L=rise_m, heel_R=rise_m, forward=0.04 * q * builder.low)


def _hips_aside(builder: FormBuilder, q: float) -> None:
    builder.add(shift=0.11 * builder.side * q * builder.low)


def _leans_on_one_leg(builder: FormBuilder, q: float) -> None:
    builder.add(shift=0.1 * builder.side * q * builder.low, tilt=0.06 * builder.side * q * builder.low)


def _one_end_low(builder: FormBuilder, q: float) -> None:
    builder.add(tilt=0.15 * builder.side * q * minimum_jerk(builder.low / 0.4))


def _tips_on_the_way_up(builder: FormBuilder, q: float) -> None:
    builder.add(tilt=0.17 * builder.side * q * builder.middle * (0.3 + 0.7 * builder.rising))


def _tucks(builder: FormBuilder, q: float) -> None:
    builder.add(lumbar=0.65 * q * minimum_jerk((builder.low - 0.7) / 0.3))


def _tucks_early(builder: FormBuilder, q: float) -> None:
    tuck = minimum_jerk((builder.low - 0.58) / 0.42)
    builder.add(lumbar=0.55 * q * tuck, thoracic=0.1 * q * tuck)


def _dive(timing: Timing, q: float) -> None:
    timing.away_s = max(timing.away_s * (1 - 0.85 * q), 0.24)


def _drop(timing: Timing, q: float) -> None:
    """Begin with control, then drop."""
    timing.away_s = max(timing.away_s * (1 - 0.8 * q), 0.28)
    timing.away = moving(0.0, 0.45 * q)
    timing.pause_s = 0.0


FAULT_VARIANTS: FaultVariants = {
    "shallow": {
        "fear": FaultVariant(timing=_shallow_from_fear),
        "strength": FaultVariant(timing=_shallow_from_strength),
    },
    "good_morning": {"hips_rise": FaultVariant(_hips_rise), "chest_falls": FaultVariant(_chest_falls)},
    "forward_lean": {"sits_back": FaultVariant(_sits_back), "folds": FaultVariant(_folds)},
    "knee_cave": {"both": FaultVariant(_knees_in), "one": FaultVariant(_one_knee_in)},
    "knees_forward": {"push": FaultVariant(_knees_push), "on_the_toes": FaultVariant(_on_the_toes)},
    "heel_lift": {"bottom": FaultVariant(_heels_at_bottom), "way_up": FaultVariant(_heels_on_the_way_up)},
    "lateral_shift": {"hips": FaultVariant(_hips_aside), "one_leg": FaultVariant(_leans_on_one_leg)},
    "uneven_bar": {"one_end_low": FaultVariant(_one_end_low), "way_up": FaultVariant(_tips_on_the_way_up)},
    "butt_wink": {"at_bottom": FaultVariant(_tucks), "early": FaultVariant(_tucks_early)},
    "rushed": {"dive": FaultVariant(timing=_dive), "drop": FaultVariant(timing=_drop)},
}
