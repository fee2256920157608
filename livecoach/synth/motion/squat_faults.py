"""The faults of a squat, as livecoach.synth.motion.deadlift_faults has those of a deadlift."""

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.motion.fault_variants import Way, Ways, one_side
from livecoach.synth.motion.form import Course
from livecoach.synth.motion.timing import Timing, moving


def _shallow_from_fear(timing: Timing, q: float) -> None:
    """Feels its way down and turns early."""
    timing.amplitude *= 1 - 0.5 * q
    timing.away_s *= 1 + 0.3 * q


def _shallow_from_strength(timing: Timing, q: float) -> None:
    """Stuck above the hardest point: a short dip, ground out."""
    timing.amplitude *= 1 - 0.5 * q
    timing.back_s *= 1 + 0.5 * q


def _hips_rise(course: Course, q: float) -> None:
    course.add(early=q * course.rising * (course.lift > 0), forward=0.05 * q * course.rising * course.low)


def _chest_falls(course: Course, q: float) -> None:
    rising = course.rising * course.low
    course.add(early=0.6 * q * course.rising, thoracic=0.3 * q * rising, forward=0.05 * q * rising)


def _sits_back(course: Course, q: float) -> None:
    course.add(shin=np.radians(-24) * q, forward=0.05 * q * course.low)


def _folds(course: Course, q: float) -> None:
    course.add(forward=0.24 * q * course.low, thoracic=0.2 * q * course.low, neck=0.15 * q * course.low)


def _knees_in(course: Course, q: float) -> None:
    amount = 0.6 * q * np.sqrt(course.bent) * (0.5 + 0.5 * course.rising)
    course.add(knee_in_L=amount, knee_in_R=amount)


def _one_knee_in(course: Course, q: float) -> None:
    amount = 0.95 * q * np.sqrt(course.bent) * (0.5 + 0.5 * course.rising)
    course.add(**{one_side(course, "knee_in_L", "knee_in_R"): amount})


def _knees_push(course: Course, q: float) -> None:
    course.add(shin=np.radians(27) * q)


def _on_the_toes(course: Course, q: float) -> None:
    rise_m = 0.04 * q * course.low
    course.add(shin=np.radians(27) * q, heel_L=rise_m, heel_R=rise_m, forward=0.03 * q * course.low)


def _heels_at_bottom(course: Course, q: float) -> None:
    rise_m = 0.055 * q * minimum_jerk((course.low - 0.35) / 0.6)
    course.add(heel_L=rise_m, heel_R=rise_m, forward=0.04 * q * course.low)


def _heels_on_the_way_up(course: Course, q: float) -> None:
    rise_m = 0.055 * q * course.rising * minimum_jerk(course.low / 0.6)
    course.add(heel_L=rise_m, heel_R=rise_m, forward=0.04 * q * course.low)


def _hips_aside(course: Course, q: float) -> None:
    course.add(shift=0.11 * course.side * q * course.low)


def _leans_on_one_leg(course: Course, q: float) -> None:
    course.add(shift=0.1 * course.side * q * course.low, tilt=0.06 * course.side * q * course.low)


def _one_end_low(course: Course, q: float) -> None:
    course.add(tilt=0.15 * course.side * q * minimum_jerk(course.low / 0.4))


def _tips_on_the_way_up(course: Course, q: float) -> None:
    course.add(tilt=0.17 * course.side * q * course.middle * (0.3 + 0.7 * course.rising))


def _tucks(course: Course, q: float) -> None:
    course.add(lumbar=0.65 * q * minimum_jerk((course.low - 0.7) / 0.3))


def _tucks_early(course: Course, q: float) -> None:
    tuck = minimum_jerk((course.low - 0.58) / 0.42)
    course.add(lumbar=0.55 * q * tuck, thoracic=0.1 * q * tuck)


def _dive(timing: Timing, q: float) -> None:
    timing.away_s = max(timing.away_s * (1 - 0.85 * q), 0.24)


def _drop(timing: Timing, q: float) -> None:
    """Begins with care, then lets go."""
    timing.away_s = max(timing.away_s * (1 - 0.8 * q), 0.28)
    timing.away = moving(0.0, 0.45 * q)
    timing.pause_s = 0.0


WAYS: Ways = {
    "shallow": {"fear": Way(timing=_shallow_from_fear), "strength": Way(timing=_shallow_from_strength)},
    "good_morning": {"hips_rise": Way(_hips_rise), "chest_falls": Way(_chest_falls)},
    "forward_lean": {"sits_back": Way(_sits_back), "folds": Way(_folds)},
    "knee_cave": {"both": Way(_knees_in), "one": Way(_one_knee_in)},
    "knees_forward": {"push": Way(_knees_push), "on_the_toes": Way(_on_the_toes)},
    "heel_lift": {"bottom": Way(_heels_at_bottom), "way_up": Way(_heels_on_the_way_up)},
    "lateral_shift": {"hips": Way(_hips_aside), "one_leg": Way(_leans_on_one_leg)},
    "uneven_bar": {"one_end_low": Way(_one_end_low), "way_up": Way(_tips_on_the_way_up)},
    "butt_wink": {"at_bottom": Way(_tucks), "early": Way(_tucks_early)},
    "rushed": {"dive": Way(timing=_dive), "drop": Way(timing=_drop)},
}
