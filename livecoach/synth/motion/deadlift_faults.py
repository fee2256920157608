"""The faults of a deadlift, each in the ways that people do it. The sizes are our choice: knob 1 is what a coach would
stop the set for; scripts/synth/measure_faults.py prints what they come to."""

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.motion.fault_variants import Way, Ways, one_side
from livecoach.synth.motion.form import Course
from livecoach.synth.motion.timing import Timing, moving, through


def _rounded(course: Course, lumbar: float, thoracic: float, neck: float) -> None:
    more = 1.25 * course.bent * (1 + 0.25 * course.middle)
    hips = np.radians(course.rng.uniform(-9, 7))  # with the hips high or low
    course.add(lumbar=lumbar * more, thoracic=thoracic * more, neck=neck * course.bent, thigh=hips)


def _rounded_head_down(course: Course, q: float) -> None:
    _rounded(course, 0.58 * q, 0.72 * q, 0.45 * q)


def _rounded_head_up(course: Course, q: float) -> None:
    _rounded(course, 0.58 * q, 0.72 * q, -0.55 * q)


def _rounded_upper(course: Course, q: float) -> None:
    _rounded(course, 0.12 * q, 1.15 * q, 0.2 * q)


def _rounded_lower(course: Course, q: float) -> None:
    _rounded(course, 0.95 * q, 0.2 * q, -0.1 * q)


def _hips_shoot(course: Course, q: float) -> None:
    course.add(early=1.7 * q * course.bump(0.22, 0.2) * (0.5 + 0.5 * course.rising))


def _hips_lead(course: Course, q: float) -> None:
    course.add(early=1.2 * q * course.bump(0.3, 0.3) * course.rising, thoracic=0.12 * q * course.bent)


def _drift_swing(course: Course, q: float) -> None:
    course.add(forward=q * (0.05 * course.low + 0.17 * course.middle))


def _drift_far(course: Course, q: float) -> None:
    course.add(forward=0.17 * q * np.sqrt(course.low))


def _low_hips(course: Course, q: float) -> None:
    course.add(thigh=np.radians(20) * q, shin=np.radians(9) * q)


def _knees_over_bar(course: Course, q: float) -> None:
    course.add(thigh=np.radians(11) * q, shin=np.radians(17) * q, forward=0.04 * q * course.low)


def _high_hips(course: Course, q: float) -> None:
    course.add(thigh=np.radians(-33) * q, shin=np.radians(-5) * q)


def _straight_legs(course: Course, q: float) -> None:
    course.add(thigh=np.radians(-27) * q, shin=np.radians(-11) * q, lumbar=0.08 * q * course.bent)


def _short_of_lockout(timing: Timing, q: float) -> None:
    timing.amplitude *= 1 - 0.17 * q


def _knees_stay_bent(course: Course, q: float) -> None:
    course.add(unlock=0.5 * q * course.lift)


def _a_little_short(timing: Timing, q: float) -> None:
    timing.amplitude *= 1 - 0.06 * q


def _top(course: Course) -> np.ndarray:
    return minimum_jerk((course.lift - 0.8) / 0.2)


def _lean_back(course: Course, q: float) -> None:
    course.add(lean_back=0.5 * q * _top(course))


def _arch_back(course: Course, q: float) -> None:
    top = _top(course)
    course.add(lumbar=-0.45 * q * top, lean_back=0.42 * q * top, neck=-0.3 * q * top)


def _hitch_on_thighs(timing: Timing, q: float) -> None:
    low = 0.88 - 0.3 * q
    timing.away = through((0.0, 0.88, low, 0.88, low, 1.0), (1.0, 1.6, 1.0, 1.6, 1.0))
    timing.away_s *= 1 + 2.0 * q


def _hitch_once(timing: Timing, q: float) -> None:
    timing.away = through((0.0, 0.72, 0.72 - 0.2 * q, 1.0), (1.0, 0.5, 1.0))
    timing.away_s *= 1 + 0.8 * q


def _knees_rebend(course: Course, q: float) -> None:
    course.add(unlock=0.3 * q * course.bump(0.75, 0.15))


def _stalls(timing: Timing, q: float) -> None:
    times, phase, smooth = int(timing.rng.integers(2, 4)), timing.rng.uniform(0, 2 * np.pi), timing.away
    timing.away = lambda x: np.clip(
        smooth(x) + 0.085 * q * np.sin(2 * np.pi * times * x + phase) * np.sin(np.pi * x), 0, 1
    )
    timing.away_s *= 1 + 0.35 * q


def _yank(timing: Timing, q: float) -> None:
    """Torn off the floor, stuck, and on."""
    smooth, torn = timing.away, through((0.0, 0.42, 1.0), (0.25, 1.0))
    timing.away = lambda x: (1 - q) * smooth(x) + q * torn(x)
    timing.away_s *= 1 + 0.3 * q


def _both_arms(course: Course, q: float) -> None:
    flexion = np.radians(88) * q * (0.5 * course.low + 0.5 * course.bump(0.2, 0.35))
    course.add(elbow_L=flexion, elbow_R=flexion)


def _curl(course: Course, q: float) -> None:
    flexion = np.radians(66) * q * np.clip(course.low + course.middle, 0, 1)
    course.add(elbow_L=flexion, elbow_R=flexion, thoracic=0.1 * q * course.bent)


def _one_end_leads(course: Course, q: float) -> None:
    course.add(tilt=0.24 * course.side * q * (course.middle + 0.25 * course.lift))
    course.add(shift=0.06 * course.side * q * np.sqrt(course.bent))


def _crooked(course: Course, q: float) -> None:
    course.add(tilt=0.2 * course.side * q * minimum_jerk(course.lift / 0.3), twist=0.1 * course.side * q * course.bent)


def _knees_in(course: Course, q: float) -> None:
    course.add(knee_in_L=0.6 * q * np.sqrt(course.bent), knee_in_R=0.6 * q * np.sqrt(course.bent))


def _one_knee_in(course: Course, q: float) -> None:
    course.add(**{one_side(course, "knee_in_L", "knee_in_R"): 1.1 * q * np.sqrt(course.bent)})


def _heels_at_start(course: Course, q: float) -> None:
    rise_m = 0.07 * q * np.sqrt(course.low) * course.rising
    course.add(heel_L=rise_m, heel_R=rise_m, forward=0.03 * q * course.low)


def _on_toes(course: Course, q: float) -> None:
    rise_m = 0.07 * q * course.bump(0.45, 0.25)
    course.add(heel_L=rise_m, heel_R=rise_m)


def _fast_down(timing: Timing, q: float) -> None:
    timing.back_s = max(timing.back_s * (1 - q) + 0.25 * q, 0.25)
    timing.back = moving(0.0, 0.4)


def _free_fall(timing: Timing, q: float) -> None:
    """Held for a moment, then followed down."""
    smooth, fallen = timing.back, through((0.0, 0.1, 1.0), (0.5, 1.0))
    timing.back = lambda x: (1 - q) * smooth(x) + q * fallen(x)
    timing.back_s = max(timing.back_s * (1 - q) + 0.3 * q, 0.3)


def _bounce(timing: Timing, q: float) -> None:
    timing.away = moving(0.4, 0.0)
    timing.away_s *= 1 - 0.15 * q
    timing.rest_s *= max(1 - 1.6 * q, 0.0)


WAYS: Ways = {
    "rounded_back": {
        "head_down": Way(_rounded_head_down),
        "head_up": Way(_rounded_head_up),
        "upper": Way(_rounded_upper),
        "lower": Way(_rounded_lower),
    },
    "hips_early": {"shoot": Way(_hips_shoot), "lead": Way(_hips_lead)},
    "bar_drift": {"swing": Way(_drift_swing), "far": Way(_drift_far)},
    "knee_dominant": {"low_hips": Way(_low_hips), "knees_over_bar": Way(_knees_over_bar)},
    "stiff_legged": {"high_hips": Way(_high_hips), "straight_legs": Way(_straight_legs)},
    "soft_lockout": {
        "hips": Way(timing=_short_of_lockout),
        "knees": Way(_knees_stay_bent, _a_little_short),
    },
    "hyperextension": {"lean": Way(_lean_back), "arch": Way(_arch_back)},
    "hitch": {"on_thighs": Way(_knees_rebend, _hitch_on_thighs), "once": Way(timing=_hitch_once)},
    "jerky": {"stalls": Way(timing=_stalls), "yank": Way(timing=_yank)},
    "bent_arms": {"start": Way(_both_arms), "curl": Way(_curl)},
    "uneven_bar": {"one_end_leads": Way(_one_end_leads), "crooked": Way(_crooked)},
    "knee_cave": {"both": Way(_knees_in), "one": Way(_one_knee_in)},
    "heel_lift": {"start": Way(_heels_at_start), "past_knees": Way(_on_toes)},
    "dropped": {"fast": Way(timing=_fast_down), "free_fall": Way(timing=_free_fall)},
    "bounced": {"touch": Way(timing=_bounce)},
    "stance_shift": {"step": Way(), "turn": Way()},
}
"""bounced and stance_shift change what is before the rep, too: livecoach.synth.motion.programme does that."""
