"""The faults of a deadlift, each in the variants that people show. The amounts are our choice: at knob 1, a coach would
stop the set; scripts/synth/measure_faults.py prints the resulting measures."""

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.motion.fault_variants import FaultVariant, FaultVariants, one_side
from livecoach.synth.motion.form import FormBuilder
from livecoach.synth.motion.timing import Timing, moving, through


def rounded(builder: FormBuilder, lumbar: float, thoracic: float, neck: float) -> None:
    more = 1.25 * builder.bent * (1 + 0.25 * builder.middle)
    hips = np.radians(builder.rng.uniform(-9, 7))  # hips high or low
    builder.add(lumbar=lumbar * more, thoracic=thoracic * more, neck=neck * builder.bent, thigh=hips)


def _rounded_head_down(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.58 * q, 0.72 * q, 0.45 * q)


def _rounded_head_up(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.58 * q, 0.72 * q, -0.55 * q)


def _rounded_upper(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.12 * q, 1.15 * q, 0.2 * q)


def _rounded_lower(builder: FormBuilder, q: float) -> None:
    rounded(builder, 0.95 * q, 0.2 * q, -0.1 * q)


def _hips_shoot(builder: FormBuilder, q: float) -> None:
    builder.add(early=1.7 * q * builder.bump(0.22, 0.2) * (0.5 + 0.5 * builder.rising))


def _hips_lead(builder: FormBuilder, q: float) -> None:
    builder.add(early=1.2 * q * builder.bump(0.3, 0.3) * builder.rising, thoracic=0.12 * q * builder.bent)


def _drift_swing(builder: FormBuilder, q: float) -> None:
    builder.add(forward=q * (0.05 * builder.low + 0.17 * builder.middle))


def _drift_far(builder: FormBuilder, q: float) -> None:
    builder.add(forward=0.17 * q * np.sqrt(builder.low))


def _low_hips(builder: FormBuilder, q: float) -> None:
    builder.add(thigh=np.radians(20) * q, shin=np.radians(9) * q)


def _knees_over_bar(builder: FormBuilder, q: float) -> None:
    builder.add(thigh=np.radians(11) * q, shin=np.radians(17) * q, forward=0.04 * q * builder.low)


def _high_hips(builder: FormBuilder, q: float) -> None:
    builder.add(thigh=np.radians(-33) * q, shin=np.radians(-5) * q)


def _straight_legs(builder: FormBuilder, q: float) -> None:
    builder.add(thigh=np.radians(-27) * q, shin=np.radians(-11) * q, lumbar=0.08 * q * builder.bent)


def _short_of_lockout(timing: Timing, q: float) -> None:
    timing.amplitude *= 1 - 0.17 * q


def _knees_stay_bent(builder: FormBuilder, q: float) -> None:
    builder.add(unlock=0.5 * q * builder.lift)


def _a_little_short(timing: Timing, q: float) -> None:
    timing.amplitude *= 1 - 0.06 * q


def _top(builder: FormBuilder) -> np.ndarray:
    return minimum_jerk((builder.lift - 0.8) / 0.2)


def _lean_back(builder: FormBuilder, q: float) -> None:
    builder.add(lean_back=0.5 * q * _top(builder))


def _arch_back(builder: FormBuilder, q: float) -> None:
    top = _top(builder)
    builder.add(lumbar=-0.45 * q * top, lean_back=0.42 * q * top, neck=-0.3 * q * top)


def _hitch_on_thighs(timing: Timing, q: float) -> None:
    low = 0.88 - 0.3 * q
    timing.away = through((0.0, 0.88, low, 0.88, low, 1.0), (1.0, 1.6, 1.0, 1.6, 1.0))
    timing.away_s *= 1 + 2.0 * q


def _hitch_once(timing: Timing, q: float) -> None:
    timing.away = through((0.0, 0.72, 0.72 - 0.2 * q, 1.0), (1.0, 0.5, 1.0))
    timing.away_s *= 1 + 0.8 * q


def _knees_rebend(builder: FormBuilder, q: float) -> None:
    builder.add(unlock=0.3 * q * builder.bump(0.75, 0.15))


def _stalls(timing: Timing, q: float) -> None:
    times, phase, smooth = int(timing.rng.integers(2, 4)), timing.rng.uniform(0, 2 * np.pi), timing.away
    timing.away = lambda x: np.clip(
        smooth(x) + 0.085 * q * np.sin(2 * np.pi * times * x + phase) * np.sin(np.pi * x), 0, 1
    )
    timing.away_s *= 1 + 0.35 * q


def _yank(timing: Timing, q: float) -> None:
    """Yank the bar off the floor, get stuck, and continue."""
    smooth, torn = timing.away, through((0.0, 0.42, 1.0), (0.25, 1.0))
    timing.away = lambda x: (1 - q) * smooth(x) + q * torn(x)
    timing.away_s *= 1 + 0.3 * q


def _both_arms(builder: FormBuilder, q: float) -> None:
    flexion = np.radians(88) * q * (0.5 * builder.low + 0.5 * builder.bump(0.2, 0.35))
    builder.add(elbow_L=flexion, elbow_R=flexion)


def _curl(builder: FormBuilder, q: float) -> None:
    flexion = np.radians(66) * q * np.clip(builder.low + builder.middle, 0, 1)
    builder.add(elbow_L=flexion, elbow_R=flexion, thoracic=0.1 * q * builder.bent)


def _one_end_leads(builder: FormBuilder, q: float) -> None:
    builder.add(tilt=0.24 * builder.side * q * (builder.middle + 0.25 * builder.lift))
    builder.add(shift=0.06 * builder.side * q * np.sqrt(builder.bent))


def _crooked(builder: FormBuilder, q: float) -> None:
    builder.add(
        tilt=0.2 * builder.side * q * minimum_jerk(builder.lift / 0.3), twist=0.1 * builder.side * q * builder.bent
    )


def _knees_in(builder: FormBuilder, q: float) -> None:
    builder.add(knee_in_L=0.6 * q * np.sqrt(builder.bent), knee_in_R=0.6 * q * np.sqrt(builder.bent))


def _one_knee_in(builder: FormBuilder, q: float) -> None:
    builder.add(**{one_side(builder, "knee_in_L", "knee_in_R"): 1.1 * q * np.sqrt(builder.bent)})


def _heels_at_start(builder: FormBuilder, q: float) -> None:
    rise_m = 0.07 * q * np.sqrt(builder.low) * builder.rising
    builder.add(heel_L=rise_m, heel_R=rise_m, forward=0.03 * q * builder.low)


def _on_toes(builder: FormBuilder, q: float) -> None:
    rise_m = 0.07 * q * builder.bump(0.45, 0.25)
    builder.add(heel_L=rise_m, heel_R=rise_m)


def _fast_down(timing: Timing, q: float) -> None:
    timing.back_s = max(timing.back_s * (1 - q) + 0.25 * q, 0.25)
    timing.back = moving(0.0, 0.4)


def _free_fall(timing: Timing, q: float) -> None:
    """Hold the bar for a moment, then let it fall."""
    smooth, fallen = timing.back, through((0.0, 0.1, 1.0), (0.5, 1.0))
    timing.back = lambda x: (1 - q) * smooth(x) + q * fallen(x)
    timing.back_s = max(timing.back_s * (1 - q) + 0.3 * q, 0.3)


def _bounce(timing: Timing, q: float) -> None:
    timing.away = moving(0.4, 0.0)
    timing.away_s *= 1 - 0.15 * q
    timing.rest_s *= max(1 - 1.6 * q, 0.0)


FAULT_VARIANTS: FaultVariants = {
    "rounded_back": {
        "head_down": FaultVariant(_rounded_head_down),
        "head_up": FaultVariant(_rounded_head_up),
        "upper": FaultVariant(_rounded_upper),
        "lower": FaultVariant(_rounded_lower),
    },
    "hips_early": {"shoot": FaultVariant(_hips_shoot), "lead": FaultVariant(_hips_lead)},
    "bar_drift": {"swing": FaultVariant(_drift_swing), "far": FaultVariant(_drift_far)},
    "knee_dominant": {"low_hips": FaultVariant(_low_hips), "knees_over_bar": FaultVariant(_knees_over_bar)},
    "stiff_legged": {"high_hips": FaultVariant(_high_hips), "straight_legs": FaultVariant(_straight_legs)},
    "soft_lockout": {
        "hips": FaultVariant(timing=_short_of_lockout),
        "knees": FaultVariant(_knees_stay_bent, _a_little_short),
    },
    "hyperextension": {"lean": FaultVariant(_lean_back), "arch": FaultVariant(_arch_back)},
    "hitch": {"on_thighs": FaultVariant(_knees_rebend, _hitch_on_thighs), "once": FaultVariant(timing=_hitch_once)},
    "jerky": {"stalls": FaultVariant(timing=_stalls), "yank": FaultVariant(timing=_yank)},
    "bent_arms": {"start": FaultVariant(_both_arms), "curl": FaultVariant(_curl)},
    "uneven_bar": {"one_end_leads": FaultVariant(_one_end_leads), "crooked": FaultVariant(_crooked)},
    "knee_cave": {"both": FaultVariant(_knees_in), "one": FaultVariant(_one_knee_in)},
    "heel_lift": {"start": FaultVariant(_heels_at_start), "past_knees": FaultVariant(_on_toes)},
    "dropped": {"fast": FaultVariant(timing=_fast_down), "free_fall": FaultVariant(timing=_free_fall)},
    "bounced": {"touch": FaultVariant(timing=_bounce)},
    "stance_shift": {"step": FaultVariant(), "turn": FaultVariant()},
}
"""bounced and stance_shift also change what precedes the rep, in livecoach.synth.motion.programme."""
