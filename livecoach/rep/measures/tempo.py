"""Measures of time: how long ascent and descent last, how smooth the bar's speed is, and what the bar does on the
floor.

Smoothness after Balasubramanian, Melendez-Calderon, Roby-Brami, Burdet: On the analysis of movement smoothness, Journal
of NeuroEngineering and Rehabilitation 12:112, 2015. Both measures are negative, and more so the less smooth.
"""

import math

import numpy as np

from livecoach.rep.measures.motion import Rep
from livecoach.rep.phases import LEFT, SLOW, speed_of

SPECTRUM_HZ = 10.0
"""Highest frequency that counts. The paper has 20 Hz; a camera of 24 frames a second sees 12."""
SPECTRUM_LEAST = 0.05
PADDED = 16
"""Share of the spectrum's peak under which it is noise, and zeros appended to resolve it: as in the paper."""
LEAST_FRAMES = 8
TURN_S = 0.1
"""Time over which the bar's acceleration on the floor is measured."""
AROUND_LIFT_OFF_S = 0.3


def lowering_to_lifting_time(rep: Rep) -> float:
    """Return the time from leaving lockout to the floor / time from lift-off to lockout; NaN where the bar is not
    lowered."""
    lowering_s = _seconds(rep, rep.phases.descent)
    return lowering_s / _seconds(rep, rep.phases.ascent) if lowering_s > 0 else math.nan


def descent_time_s(rep: Rep) -> float:
    """Return the time of the descent, seconds; NaN where a bar is not lowered."""
    lasted_s = _seconds(rep, rep.phases.descent)
    return lasted_s if lasted_s > 0 else math.nan


def spectral_arc_length(rep: Rep) -> float:
    """Return SPARC of the bar's vertical speed on the ascent; NaN for fewer than LEAST_FRAMES."""
    speed = _even_speed(rep)
    if len(speed) < LEAST_FRAMES:
        return math.nan
    padded = 2 ** math.ceil(math.log2(len(speed))) * PADDED
    size = np.abs(np.fft.rfft(speed, padded))
    hertz = np.arange(len(size)) * (len(speed) - 1) / (_seconds(rep, rep.phases.ascent) * padded)
    size = size[hertz <= SPECTRUM_HZ] / size.max()
    size = size[: int(np.flatnonzero(size >= SPECTRUM_LEAST)[-1]) + 1]
    return -float(np.hypot(1 / max(len(size) - 1, 1), np.diff(size)).sum())


def log_dimensionless_jerk(rep: Rep) -> float:
    """Return LDLJ of the bar's vertical speed on the ascent; NaN for fewer than LEAST_FRAMES, and for no jerk at
    all."""
    speed = _even_speed(rep)
    lasted_s = _seconds(rep, rep.phases.ascent)
    step_s = lasted_s / (len(speed) - 1)
    jerk = np.diff(speed, 2) / step_s**2
    if len(speed) < LEAST_FRAMES or not jerk.any():
        return math.nan
    return -math.log(lasted_s**3 / float(np.abs(speed).max()) ** 2 * float((jerk**2).sum()) * step_s)


def floor_pause_s(rep: Rep) -> float:
    """Return how long the bar lay on the floor before the lift, within the margin before the rep; NaN without a
    margin."""
    motion, (lift_off, lockout) = rep.motion, rep.phases.ascent
    if motion.start == 0 or lift_off == 0:
        return math.nan
    height, speed = motion.bar_height, speed_of(motion.t_s, motion.bar_height)
    low = height[: lift_off + 1].min()
    above = np.flatnonzero(height[:lift_off] > low + LEFT * (height[lockout] - low))
    down, slow = (int(above[-1]) + 1 if len(above) else 0), SLOW * speed[lift_off : lockout + 1].max()
    while down < lift_off and -speed[down] > slow:
        down += 1
    return float(motion.t_s[lift_off] - motion.t_s[down])


def floor_acceleration(rep: Rep) -> float:
    """Return the bar's largest upward acceleration around lift-off, torsos per second squared; NaN without a margin
    before."""
    motion, lift_off = rep.motion, rep.phases.ascent[0]
    if motion.start == 0 or lift_off == 0:
        return math.nan
    t_s = motion.t_s[np.abs(motion.t_s - motion.t_s[lift_off]) <= AROUND_LIFT_OFF_S]
    before, now, after = (np.interp(t_s + by, motion.t_s, motion.bar_height) for by in (-TURN_S, 0.0, TURN_S))
    return float(((before - 2 * now + after) / TURN_S**2).max())


def _seconds(rep: Rep, span: tuple[int, int]) -> float:
    return float(rep.motion.t_s[span[1]] - rep.motion.t_s[span[0]])


def _even_speed(rep: Rep) -> np.ndarray:
    """Return the (n,) speeds on the ascent, torsos per second, resampled at even times because frames may be late."""
    motion, (first, last) = rep.motion, rep.phases.ascent
    t_s = np.linspace(motion.t_s[first], motion.t_s[last], last - first + 1)
    return np.interp(t_s, motion.t_s, speed_of(motion.t_s, motion.bar_height))
