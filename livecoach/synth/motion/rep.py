"""One rep: its timing and form, with what is wrong in it."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach.synth.curves import minimum_jerk, wander
from livecoach.synth.motion.faults import way
from livecoach.synth.motion.form import CHANNELS, Course, Form, plain_form
from livecoach.synth.motion.lifter import HABIT_KNOTS, Lifter
from livecoach.synth.motion.timing import RepCurve, Timing, random_timing
from livecoach.synth.motion.tokens import Deviation

SMOOTH_S = 0.1
WANDER_S = 0.5
STRAY_S = 0.4
WANDERING = {"thoracic": 0.02, "lumbar": 0.015, "neck": 0.05, "forward": 0.006, "early": 0.03, "twist": 0.015}
"""Standard deviation of what wanders within a rep, for an unevenness of 1."""


def timing_of(
    rng: np.random.Generator, lifter: Lifter, exercise: str, deviations: Sequence[Deviation], tired: float
) -> Timing:
    """A random rep's timing, with its faults; tired: how far through the set it is, times the lifter's drift."""
    timing = random_timing(rng, lifter, exercise, tired)
    for deviation in deviations:
        change = way(exercise, deviation.fault, deviation.way).timing
        if change is not None:
            change(timing, deviation.knob)
    return timing


def form_of(
    rng: np.random.Generator,
    fps: float,
    lifter: Lifter,
    exercise: str,
    curve: RepCurve,
    deviations: Sequence[Deviation],
    tired: float,
) -> Form:
    """The rep's own unevenness, and its faults."""
    lift = np.clip(curve.lift, 0, 1)
    deadlift = exercise == "deadlift"
    course = Course(
        lifter=lifter,
        form=plain_form(len(lift)),
        lift=lift,
        low=1 - lift if deadlift else lift,
        rising=(curve.part >= 0 if deadlift else curve.part < 0).astype(float),
        rng=rng,
        side=1.0 if lifter.tilt_rad > 0 else -1.0,
    )
    _habits(course, curve)
    _uneven(course, fps, tired)
    if deadlift:
        course.add(early=lifter.lowering_early * course.bump(0.4, 0.3) * (1 - course.rising))
        course.add(elbow_L=lifter.elbow_rad, elbow_R=lifter.elbow_rad)
        course.add(lean_back=lifter.lean_back_rad * minimum_jerk((course.lift - 0.8) / 0.2))
    if deadlift and lifter.loose_m > 0:
        _stray(course, fps)
    for deviation in deviations:
        change = way(exercise, deviation.fault, deviation.way).form
        if change is not None:
            change(course, deviation.knob)
    channels = np.stack([course.form[name] for name in CHANNELS])
    return dict(zip(CHANNELS, gaussian_filter1d(channels, SMOOTH_S * fps, axis=1, mode="nearest"), strict=True))


def _habits(course: Course, curve: RepCurve) -> None:
    """The lifter's own way from start to turn and from turn to start."""
    knots = np.linspace(0, 1, HABIT_KNOTS)
    near = np.exp(-(((course.lift[None] - knots[:, None]) / (knots[1] - knots[0])) ** 2))
    out = np.arange(len(course.lift)) <= curve.turn
    upright = 1 - course.low
    for name, (away, back) in course.lifter.habits.items():
        own = np.where(out, away @ near, back @ near)
        course.add(**{name: own * (1 - 0.7 * upright**3)})  # straight is straight for everybody, nearly


def _stray(course: Course, fps: float) -> None:
    """Hands that no bar holds together."""
    for name in ("ahead", "above"):
        strays = wander(course.rng, len(course.lift), fps, STRAY_S, 0.3 * course.lifter.loose_m)
        course.add(**{name: course.lifter.loose_m * course.rng.normal() + strays})


def _uneven(course: Course, fps: float, tired: float) -> None:
    """No two good reps are alike, and the last ones of a set are a little worse."""
    lifter, bent, middle, rng = course.lifter, course.bent, course.middle, course.rng

    def by(standard_deviation: float) -> float:
        return standard_deviation * lifter.unevenness * float(rng.normal())

    course.add(
        lumbar=(lifter.spine_rad + by(0.035) + 0.02 * tired) * bent,
        thoracic=(lifter.spine_rad + by(0.04) + 0.03 * tired) * (0.4 + 0.6 * bent),
        neck=by(0.09) * (0.5 + 0.5 * bent),
        twist=by(0.02) * bent,
        forward=by(0.010) * (0.3 + middle),
        early=np.clip(by(0.10) + 0.05 * tired, -0.2, 0.25) * course.bump(0.22, 0.2),
        tilt=by(0.010) * middle,
        shift=by(0.008) * bent,
        knee_in_L=by(0.04) * bent,
        knee_in_R=by(0.04) * bent,
        unlock=lifter.lockout_rad * (1 - bent),
        thigh=by(np.radians(2.2)) - np.radians(0.8) * tired,
        shin=by(np.radians(1.0)),
    )
    for name, amount in WANDERING.items():
        sway = wander(rng, len(bent), fps, WANDER_S, amount * lifter.unevenness)
        course.add(**{name: sway * (0.4 + 0.6 * bent)})
