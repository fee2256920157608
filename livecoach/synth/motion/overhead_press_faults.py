"""The faults of an overhead press, in the same format as livecoach.synth.motion.deadlift_faults."""

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.motion.fault_variants import FaultVariant, FaultVariants
from livecoach.synth.motion.form import FormBuilder
from livecoach.synth.motion.timing import Timing, moving, through


def _leans(builder: FormBuilder, q: float) -> None:
    """Lean back while the weight is on its way, as if it were an incline press."""
    builder.add(lean_back=0.45 * q * np.sqrt(np.clip(builder.middle, 0, 1)))


def _arches(builder: FormBuilder, q: float) -> None:
    """Arch the lower back, and stay so at the top."""
    held = minimum_jerk(builder.lift / 0.3)
    builder.add(lumbar=-0.25 * q * held, lean_back=0.28 * q * held)


def _dips(timing: Timing, q: float) -> None:
    """Dip and drive the weight off the shoulders with the legs."""
    timing.away = through((0.0, -0.12 * q, 1.0), (0.45, 1.0))
    timing.away_s *= 1 - 0.1 * q


def _dips_late(timing: Timing, q: float) -> None:
    """Dip with a slower press after it."""
    timing.away = through((0.0, -0.1 * q, 0.35, 1.0), (0.35, 0.35, 1.0))
    timing.away_s *= 1 + 0.15 * q


def _stops_short(timing: Timing, q: float) -> None:
    timing.amplitude *= 1 - 0.16 * q


def _elbows_stay_bent(builder: FormBuilder, q: float) -> None:
    builder.add(elbow_L=0.9 * q, elbow_R=0.9 * q)


def _one_hand_leads(builder: FormBuilder, q: float) -> None:
    builder.add(tilt=0.26 * builder.side * q * (builder.middle + 0.3 * builder.lift))


def _one_hand_stays_low(builder: FormBuilder, q: float) -> None:
    builder.add(tilt=0.25 * builder.side * q * minimum_jerk(builder.lift / 0.5))


def _ends_in_front(builder: FormBuilder, q: float) -> None:
    builder.add(forward=0.23 * q * minimum_jerk(builder.lift / 0.9))


def _stays_in_front(builder: FormBuilder, q: float) -> None:
    """Press around the face in a wide arc, and stay in front of it."""
    builder.add(forward=q * (0.08 * builder.middle + 0.21 * minimum_jerk(builder.lift / 0.6)))


def _turns_high(timing: Timing, q: float) -> None:
    timing.ends = 0.4 * q


def _turns_high_fast(timing: Timing, q: float) -> None:
    timing.ends = 0.4 * q
    timing.back_s *= 1 - 0.3 * q
    timing.rest_s *= 1 - 0.5 * q


def _drops(timing: Timing, q: float) -> None:
    timing.back_s = max(timing.back_s * (1 - q) + 0.32 * q, 0.3)
    timing.back = moving(0.0, 0.35 * q)


def _falls(timing: Timing, q: float) -> None:
    """Hold the weight for a moment, then let it fall onto the shoulders."""
    smooth, fallen = timing.back, through((0.0, 0.1, 1.0), (0.4, 1.0))
    timing.back = lambda x: (1 - q) * smooth(x) + q * fallen(x)
    timing.back_s = max(timing.back_s * (1 - q) + 0.4 * q, 0.35)


FAULT_VARIANTS: FaultVariants = {
    "lean_back": {"leans": FaultVariant(_leans), "arches": FaultVariant(_arches)},
    "leg_drive": {"dip": FaultVariant(timing=_dips), "slow": FaultVariant(timing=_dips_late)},
    "soft_lockout": {"short": FaultVariant(timing=_stops_short), "elbows": FaultVariant(_elbows_stay_bent)},
    "uneven_bar": {"leads": FaultVariant(_one_hand_leads), "stays_low": FaultVariant(_one_hand_stays_low)},
    "bar_forward": {"ends": FaultVariant(_ends_in_front), "arc": FaultVariant(_stays_in_front)},
    "short_lowering": {"turns": FaultVariant(timing=_turns_high), "fast": FaultVariant(timing=_turns_high_fast)},
    "rushed": {"drops": FaultVariant(timing=_drops), "falls": FaultVariant(timing=_falls)},
}
