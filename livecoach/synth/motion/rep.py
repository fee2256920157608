"""One rep: its timing and form, with its faults."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach.synth.curves import wander
from livecoach.synth.motion.faults import fault_variant
from livecoach.synth.motion.form import CHANNELS, Form, FormBuilder, plain_form
from livecoach.synth.motion.lifter import HABIT_KNOTS, SyntheticLifter
from livecoach.synth.motion.lifts import LIFTS
from livecoach.synth.motion.timing import RepTrajectory, Timing
from livecoach.synth.motion.tokens import Deviation

SMOOTH_S = 0.1
WANDER_S = 0.5
WANDERING = {"thoracic": 0.02, "lumbar": 0.015, "neck": 0.05, "forward": 0.006, "early": 0.03, "twist": 0.015}
"""Standard deviation of slow drift within a rep, for an unevenness of 1."""


def timing_of(
    rng: np.random.Generator, lifter: SyntheticLifter, exercise: str, deviations: Sequence[Deviation], tired: float
) -> Timing:
    """Draw the timing of a rep and apply its faults. tired: position in the set times the lifter's drift."""
    timing = LIFTS[exercise].timing(rng, lifter, tired)
    for deviation in deviations:
        change = fault_variant(exercise, deviation.fault, deviation.way).timing
        if change is not None:
            change(timing, deviation.knob)
    return timing


def form_of(
    rng: np.random.Generator,
    fps: float,
    lifter: SyntheticLifter,
    exercise: str,
    curve: RepTrajectory,
    deviations: Sequence[Deviation],
    tired: float,
    number: int = 0,
) -> Form:
    """Draw the form of a rep: habits, random variation, and faults. number: of reps before it in the set."""
    lift, own = np.clip(curve.lift, 0, 1), LIFTS[exercise]
    builder = FormBuilder(
        lifter=lifter,
        form=plain_form(len(lift)),
        lift=lift,
        low=own.bent(lift),
        rising=own.rising(curve.part),
        rng=rng,
        number=number,
        side=1.0 if lifter.tilt_rad > 0 else -1.0,
    )
    _habits(builder, curve)
    _uneven(builder, fps, tired)
    own.habits(builder, fps)
    for deviation in deviations:
        change = fault_variant(exercise, deviation.fault, deviation.way).form
        if change is not None:
            change(builder, deviation.knob)
    channels = np.stack([builder.form[name] for name in CHANNELS])
    return dict(zip(CHANNELS, gaussian_filter1d(channels, SMOOTH_S * fps, axis=1, mode="nearest"), strict=True))


def _habits(builder: FormBuilder, curve: RepTrajectory) -> None:
    """Add the lifter's habits on the way out and back."""
    knots = np.linspace(0, 1, HABIT_KNOTS)
    near = np.exp(-(((builder.lift[None] - knots[:, None]) / (knots[1] - knots[0])) ** 2))
    out = np.arange(len(builder.lift)) <= curve.turn
    upright = 1 - builder.low
    for name, (away, back) in builder.lifter.habits.items():
        own = np.where(out, away @ near, back @ near)
        builder.add(**{name: own * (1 - 0.7 * upright**3)})  # upright postures hardly differ between lifters


def _uneven(builder: FormBuilder, fps: float, tired: float) -> None:
    """Add random variation between reps; the last reps of a set are slightly worse."""
    lifter, bent, middle, rng = builder.lifter, builder.bent, builder.middle, builder.rng

    def by(standard_deviation: float) -> float:
        return standard_deviation * lifter.unevenness * float(rng.normal())

    builder.add(
        lumbar=(lifter.spine_rad + by(0.035) + 0.02 * tired) * bent,
        thoracic=(lifter.spine_rad + by(0.04) + 0.03 * tired) * (0.4 + 0.6 * bent),
        neck=by(0.09) * (0.5 + 0.5 * bent),
        twist=by(0.02) * bent,
        forward=by(0.010) * (0.3 + middle),
        early=np.clip(by(0.10) + 0.05 * tired, -0.2, 0.25) * builder.bump(0.22, 0.2),
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
        builder.add(**{name: sway * (0.4 + 0.6 * bent)})
