"""One rep in time: how far through the lift it is in each frame, and how its form departs from the plain movement."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.motion.lifter import Lifter
from livecoach.synth.motion.lifts import Form, plain_form

SMOOTHED = ("lumbar", "thoracic", "neck", "early", "drift", "tilt", "knee_in")
MIN_PHASE_S = 0.25
SLOWER = {"jerky": 0.35, "hitch": 2.0}
"""How much longer the way there takes at severity 1."""
HITCH_HIGH, HITCH_DROP, HITCHES = 0.85, 0.43, 2
"""Where the bar is lost, and how much of the lift at severity 1, and how often."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepCurve:
    """The way through the lift of one rep, T frames."""

    lift: np.ndarray
    """(T,) as livecoach.synth.motion.lifts takes it."""
    part: np.ndarray
    """(T,) +1 away from the starting position, 0 pause, -1 back."""
    turn: int
    """Frame of the lockout (deadlift) or of the deepest point (squat)."""


def rep_curve(rng: np.random.Generator, fps: float, lifter: Lifter, exercise: str, fault: str, q: float) -> RepCurve:
    """A random rep with `fault` at severity `q`; ends with the rest before the next one."""
    counts = _frames(rng, fps, lifter, exercise, 1 + SLOWER.get(fault, 0.0) * q)
    away, pause, back, rest = counts
    x = (np.arange(away) + 1) / away
    leaving = minimum_jerk(x ** (1 + _skew(rng)))
    if fault == "jerky":
        leaving = np.clip(leaving + q * 0.085 * _stalls(rng, x), 0, 1)
    elif fault == "hitch":
        leaving = _caught(x, q)
    returning = 1 - minimum_jerk(((np.arange(back) + 1) / back) ** (1 + _skew(rng)))
    amplitude = 1 + (0.02 * lifter.unevenness * rng.normal() if exercise == "squat" else 0)
    if fault == "shallow":
        amplitude *= 1 - 0.4 * q
    return RepCurve(
        lift=amplitude * np.concatenate([leaving, np.ones(pause), returning, np.zeros(rest)]),
        part=np.repeat([1.0, 0.0, -1.0, 0.0], counts),
        turn=away - 1 + (pause // 2 if exercise == "squat" else 0),
    )


def _frames(rng: np.random.Generator, fps: float, lifter: Lifter, exercise: str, slower: float) -> tuple[int, ...]:
    """Frames of the way there, the pause, the way back and the rest before the next rep."""

    def about(seconds: float, amount: float = 0.1) -> float:
        return max(seconds * (1 + amount * lifter.unevenness * rng.normal()), MIN_PHASE_S)

    if exercise == "deadlift":
        away, back = about(lifter.raise_s), about(lifter.lower_s)
        pause, rest = about(lifter.top_s, 0.2), about(lifter.floor_s, 0.25)
    else:
        away, back = about(lifter.lower_s * 1.1), about(lifter.raise_s)
        pause, rest = 0.08 + 0.1 * rng.random(), about(0.35 + 0.5 * lifter.floor_s, 0.25)
    return tuple(max(2, round(seconds * fps)) for seconds in (away * slower, pause, back, rest))


def _skew(rng: np.random.Generator) -> float:
    """Where in a phase the bar is fastest."""
    return float(np.clip(rng.normal(0, 0.08), -0.15, 0.15))


def _caught(x: np.ndarray, q: float) -> np.ndarray:
    """Nearly up and slowly down again, a few times, and then to the top; x: 0..1 through the phase."""
    low = HITCH_HIGH - HITCH_DROP * q
    heights = [0.0, *[HITCH_HIGH, low] * HITCHES, 1.0]
    lasts = np.array([1.0, *[2.0, 1.0] * HITCHES])  # what is lost is lost slowly
    ends = np.cumsum(lasts) / lasts.sum()
    begins = ends - lasts / lasts.sum()
    climbed = [
        (to - at) * minimum_jerk(np.clip((x - begin) / (end - begin), 0, 1))
        for at, to, begin, end in zip(heights[:-1], heights[1:], begins, ends, strict=True)
    ]
    return np.sum(climbed, axis=0)


def _stalls(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Stalls and catches: uneven speed along the same path; x: 0..1 through the phase."""
    times = int(rng.integers(2, 4))
    phase = rng.uniform(0, 2 * np.pi)
    return np.sin(2 * np.pi * times * x + phase) * np.sin(np.pi * x)


def rep_form(
    rng: np.random.Generator, fps: float, lifter: Lifter, exercise: str, curve: RepCurve, fault: str, q: float
) -> Form:
    """The rep's own unevenness, and its fault at severity `q`."""
    lift = np.clip(curve.lift, 0, 1)
    low = 1 - lift if exercise == "deadlift" else lift
    form = _uneven(rng, lifter, low, np.sin(np.pi * lift))
    _add_fault(form, lifter, exercise, curve, low, fault, q)
    for name in SMOOTHED:
        form[name] = gaussian_filter1d(form[name], 0.12 * fps, mode="nearest")
    return form


def _uneven(rng: np.random.Generator, lifter: Lifter, low: np.ndarray, middle: np.ndarray) -> Form:
    """No two good reps are alike. low (T,): 1 at the bottom; middle (T,): 1 halfway."""
    bent = low**0.7
    form = plain_form(len(low))

    def by(standard_deviation: float) -> float:
        return standard_deviation * lifter.unevenness * rng.normal()

    form["lumbar"] += (lifter.spine_rad + by(0.035)) * bent
    form["thoracic"] += (lifter.spine_rad + by(0.04)) * (0.4 + 0.6 * bent)
    form["neck"] += by(0.09) * (0.5 + 0.5 * bent)
    form["drift"] += by(0.010) * (0.3 + middle)
    form["early"] += np.clip(by(0.09), -0.15, 0.2)
    form["tilt"] += by(0.009) * middle
    form["shift"] += by(0.007) * bent
    form["knee_in"] += by(0.045) * bent
    form["depth"] += by(np.radians(2.0))
    return form


def _add_fault(
    form: Form, lifter: Lifter, exercise: str, curve: RepCurve, low: np.ndarray, fault: str, q: float
) -> None:
    """The sizes are our choice: severity 1 is what a coach would stop the set for. good and jerky change no form."""
    deadlift = exercise == "deadlift"
    bent, middle = low**0.7, np.sin(np.pi * np.clip(curve.lift, 0, 1))
    if fault in ("rounded", "rounded_headup"):
        more = 1 + 0.25 * middle if deadlift else low
        form["lumbar"] += 0.58 * q * bent * more
        form["thoracic"] += 0.72 * q * bent * more
        form["neck"] += (0.45 if fault == "rounded" else -0.55) * q * bent
    elif fault == "drift":
        form["drift"] += q * (0.05 * low + 0.17 * middle)
    elif fault == "hips_early":
        rising = curve.part >= 0 if deadlift else curve.part < 0
        form["early"] += q * np.where(rising, 1.0, 0.5)
    elif fault == "asym":
        side = 1 if lifter.start_thigh_deg > 63 else -1
        form["tilt"] += side * q * 0.17 * (middle + 0.25 * (1 - low))
        form["shift"] += side * q * 0.06 * np.sqrt(bent)
    elif fault == "valgus":
        form["knee_in"] += (1.4 if deadlift else 1.1) * q * np.sqrt(bent)
