"""A lifter's constants: stance, proportions of the lift, tempo, steadiness."""

from dataclasses import dataclass, replace

import numpy as np

from livecoach.synth.figure.body import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifter:
    """What stays the same from rep to rep of one lifter. The ranges in `random_lifter` are our choice."""

    half_stance_m: float
    toe_out_rad: float
    start_thigh_deg: float
    """Tilt of the thighs at the start of a deadlift."""
    start_shin_deg: float
    bar_x_m: float
    """Bar in front of the ankles."""
    grip_half_m: float
    neck_rad: float
    squat_thigh_deg: float
    """Tilt of the thighs at the bottom of a squat; 90 is parallel to the floor."""
    squat_shin_deg: float
    loaded: bool
    """A squat has a bar on the back."""
    raise_s: float
    top_s: float
    lower_s: float
    floor_s: float
    unevenness: float
    """How much reps differ; 1 is usual."""
    spine_rad: float
    """Flexion of the spine in a good rep."""
    sway: float
    """Unsteadiness all the time; 1 is usual."""


def random_lifter(rng: np.random.Generator, body: Body, loaded: bool = True) -> Lifter:
    """A lifter with that body."""
    return Lifter(
        half_stance_m=rng.uniform(0.12, 0.17),
        toe_out_rad=rng.uniform(0.08, 0.32),
        start_thigh_deg=rng.uniform(58, 69),
        start_shin_deg=rng.uniform(9, 17),
        bar_x_m=rng.uniform(0.085, 0.115),
        grip_half_m=body.shoulder_half_m + rng.uniform(0.05, 0.11),
        neck_rad=rng.uniform(-0.1, 0.1),
        squat_thigh_deg=rng.uniform(84, 102),
        squat_shin_deg=rng.uniform(24, 33),
        loaded=loaded,
        raise_s=rng.uniform(0.9, 1.7),
        top_s=rng.uniform(0.2, 0.8),
        lower_s=rng.uniform(0.9, 1.8),
        floor_s=rng.uniform(0.2, 1.0),
        unevenness=rng.uniform(0.5, 1.2),
        spine_rad=rng.uniform(0.02, 0.14),
        sway=rng.uniform(0.5, 1.5),
    )


def at_tempo(lifter: Lifter, tempo: float) -> Lifter:
    """The same lifter with all durations of a rep times `tempo`."""
    if tempo == 1:
        return lifter
    times = {name: getattr(lifter, name) * tempo for name in ("raise_s", "top_s", "lower_s", "floor_s")}
    return replace(lifter, **times)
