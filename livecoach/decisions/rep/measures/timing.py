"""Measures how long the parts of a rep take, and how smoothly the lifter or the bar rises.

The two measures of smoothness are from Balasubramanian, Melendez-Calderon, Roby-Brami, Burdet: On the analysis of
movement smoothness, Journal of NeuroEngineering and Rehabilitation 12:112, 2015. Both are negative, and lower for less
smooth motion.
"""

import math

import numpy as np

from livecoach.decisions.rep.motion import LEFT_SHARE, SLOW, RepMotion, crossing_frame, curve_speed, running_mean

SPECTRUM_HZ = 10.0  # Highest frequency of the spectrum: 20 Hz in the paper, but a camera of 24 frames/s resolves 12
SPECTRUM_LEAST = 0.05  # Share of the spectrum's peak below which it is noise, as in the paper
PADDED = 16  # Factor of zero padding, as in the paper
LEAST_FRAMES = 8  # Least frames of an ascent whose smoothness is measured
TURN_S = 0.1  # Time in seconds over which the bar's acceleration on the floor is measured
AROUND_LIFT_OFF_S = 0.3  # Longest time in seconds from lift-off at which the acceleration is measured


def lowering_to_lifting_ratio(rep: RepMotion) -> float:
    """Return the duration of the lowering, divided by the time from lift-off to lockout; NaN without a lowering."""
    return descent_time_s(rep) / _seconds(rep, rep.phases.ascent)


def descent_time_s(rep: RepMotion) -> float:
    """Return the duration of the descent; NaN if the lifter or the bar does not descend."""
    lasted_s = _seconds(rep, rep.phases.descent)
    return lasted_s if lasted_s > 0 else math.nan


def spectral_arc_length(rep: RepMotion) -> float:
    """Return the spectral arc length (SPARC) of the bar's vertical speed on the ascent.

    The result is NaN for an ascent of fewer than LEAST_FRAMES frames.
    """
    speed = _even_speed(rep)
    if len(speed) < LEAST_FRAMES:
        return math.nan
    padded = 2 ** math.ceil(math.log2(len(speed))) * PADDED
    size = np.abs(np.fft.rfft(speed, padded))
    hertz = np.arange(len(size)) * (len(speed) - 1) / (_seconds(rep, rep.phases.ascent) * padded)
    size = size[hertz <= SPECTRUM_HZ] / size.max()
    size = size[: int(np.flatnonzero(size >= SPECTRUM_LEAST)[-1]) + 1]
    return -float(np.hypot(1 / max(len(size) - 1, 1), np.diff(size)).sum())


def log_dimensionless_jerk(rep: RepMotion) -> float:
    """Return the log dimensionless jerk (LDLJ) of the bar's vertical speed on the ascent.

    The result is NaN for an ascent of fewer than LEAST_FRAMES frames, or without any jerk.
    """
    speed = _even_speed(rep)
    lasted_s = _seconds(rep, rep.phases.ascent)
    step_s = lasted_s / (len(speed) - 1)
    jerk = np.diff(speed, 2) / step_s**2
    if len(speed) < LEAST_FRAMES or not jerk.any():
        return math.nan
    return -math.log(lasted_s**3 / float(np.abs(speed).max()) ** 2 * float((jerk**2).sum()) * step_s)


STALL_SMOOTHED_S = 0.3  # Time in seconds over which heights are averaged, so that noise does not look like a stall
STALL_SPAN = 0.05, 0.95  # Shares of the rise between which stalls are sought
STALL_FLOOR = 0.1  # Added to each ratio: compared with a stall of 0, a tiny stall would be many times as large


def stalling(rep: RepMotion) -> float:
    """Return STALL_FLOOR plus the mean of the speed that is lacking between faster parts of the ascent.

    The lacking speed is a share of the mean speed, and 0 while the speed rises to its largest value or falls from it.
    It is the smaller of the shoulders' and the hands', because a misread joint jumps alone. The result, a ratio, is
    NaN if either does not rise.
    """
    lacking = [_lacking_speed(rep, rep.middles[joint][:, 2]) for joint in "SW"]
    return STALL_FLOOR + float(np.min(lacking))  # NaN if either is NaN


def _lacking_speed(rep: RepMotion, height: np.ndarray) -> float:
    first, last = rep.phases.ascent
    height = running_mean(height, rep.whole_frames(STALL_SMOOTHED_S / 2))
    rise = height[last] - height[first]
    if not rise > 0:
        return math.nan
    low, high = (height[first] + share * rise for share in STALL_SPAN)
    begins, ends = crossing_frame(height, low, first, last), np.flatnonzero(height[first : last + 1] <= high)[-1]
    at = math.ceil(begins)  # Of a rise that is shorter than two frames, this frame alone is used
    speed = curve_speed(rep.t_s, height)[at : max(first + ends, at) + 1]
    faster = np.minimum(np.maximum.accumulate(speed), np.maximum.accumulate(speed[::-1])[::-1])
    return float((faster - speed).mean()) * _seconds(rep, (first, last)) / rise


def floor_pause_s(rep: RepMotion) -> float:
    """Return how long the bar lay on the floor before lift-off; NaN if no frames precede the rep or lift-off."""
    lift_off, lockout = rep.phases.ascent
    if rep.inside.start == 0 or lift_off == 0:
        return math.nan
    height, speed = rep.heights["W"], curve_speed(rep.t_s, rep.heights["W"])
    low = height[: lift_off + 1].min()
    above = np.flatnonzero(height[:lift_off] > low + LEFT_SHARE * (height[lockout] - low))
    down, slow = (int(above[-1]) + 1 if len(above) else 0), SLOW * speed[lift_off : lockout + 1].max()
    while down < lift_off and -speed[down] > slow:
        down += 1
    return float(rep.t_s[lift_off] - rep.t_s[down])


def floor_acceleration(rep: RepMotion) -> float:
    """Return the bar's largest upward acceleration at lift-off, torso lengths/s²; NaN without frames before the rep."""
    lift_off = rep.phases.ascent[0]
    if rep.inside.start == 0 or lift_off == 0:
        return math.nan
    t_s = rep.t_s[np.abs(rep.t_s - rep.t_s[lift_off]) <= AROUND_LIFT_OFF_S]
    before, now, after = np.interp(np.add.outer((-TURN_S, 0.0, TURN_S), t_s), rep.t_s, rep.heights["W"])
    return float(((before - 2 * now + after) / TURN_S**2).max())


def _seconds(rep: RepMotion, span: tuple[int, int]) -> float:
    return float(rep.t_s[span[1]] - rep.t_s[span[0]])


def _even_speed(rep: RepMotion) -> np.ndarray:
    """Return the (n,) speed on the ascent in torso lengths/s, resampled at even times because frames may be late."""
    first, last = rep.phases.ascent
    t_s = np.linspace(rep.t_s[first], rep.t_s[last], last - first + 1)
    return np.interp(t_s, rep.t_s, curve_speed(rep.t_s, rep.heights["W"]))
