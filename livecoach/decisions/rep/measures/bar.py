"""Measures the bar by the wrists and by its plate: its places, its level, its speed and its times.

Smoothness after Balasubramanian, Melendez-Calderon, Roby-Brami, Burdet: On the analysis of movement smoothness, Journal
of NeuroEngineering and Rehabilitation 12:112, 2015. Both measures are negative, and lower for less smooth motion.
"""

import math

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median, percentile
from livecoach.decisions.rep.measures.motion import RepMotion, lasting_max, mean_around
from livecoach.decisions.rep.phases import LEFT, SLOW, curve_speed


def lowered_bar_height(rep: RepMotion) -> float:
    """Return the height of the bar above the shoulders at the end of the lowering, in torsos; NaN if not lowered."""
    leaves, ends = rep.phases.descent
    height = (rep.middles["W"][:, 2] - rep.middles["S"][:, 2]) / rep.torso_length
    return mean_around(height, ends) if ends > leaves else math.nan


def bar_lost(rep: RepMotion) -> float:
    """Return how far the bar sinks again between knees and lockout, in torsos; NaN if the bar stays below the knees."""
    if math.isnan(rep.phases.knee_pass):
        return math.nan
    height = rep.heights["W"][math.ceil(rep.phases.knee_pass) : rep.phases.ascent[1] + 1]
    return lasting_max(rep, np.maximum.accumulate(height) - height)


PLATE_M = 0.45  # Diameter of a full plate in metres (IWF)
PLATE_VISIBLE = 0.6  # Least share of a rep's frames that show the plate. Our choice.
LEAST_RISE_CM = 12.0  # Least rise of the plate in a rep: a plate that rises less lies on the floor, apart from the bar
LASTING = 5  # Number of frames whose mean is the plate's highest or lowest place


def plate_top_cm(rep: RepMotion) -> float:
    """Return the highest place of the bar's plate in the picture, in cm, which can be compared within a set.

    The result is NaN if the plate is visible in less than PLATE_VISIBLE of the rep, or rises less than LEAST_RISE_CM.
    """
    return _plate_ends_cm(rep)[1]


def plate_travel_cm(rep: RepMotion) -> float:
    """Return how far the bar's plate rises in a rep above its lowest place in the rep and its margin, in cm.

    The result is NaN in the same cases as `plate_top_cm`.
    """
    lowest, highest = _plate_ends_cm(rep)
    return highest - lowest


def _plate_ends_cm(rep: RepMotion) -> tuple[float, float]:
    plate = np.full((len(rep.t_s), 2), np.nan) if rep.plate is None else rep.plate
    known = np.isfinite(plate).all(1)
    inside = plate[rep.start : rep.stop][known[rep.start : rep.stop]]
    if len(inside) < max(PLATE_VISIBLE * (rep.stop - rep.start), LASTING):
        return math.nan, math.nan
    scale = 100 * PLATE_M / float(median(inside[:, 1]))
    lowest = scale * float(np.sort(plate[known, 0])[:LASTING].mean())
    highest = scale * float(np.sort(inside[:, 0])[-LASTING:].mean())
    return (lowest, highest) if highest - lowest >= LEAST_RISE_CM else (math.nan, math.nan)


def hand_height_difference(rep: RepMotion) -> float:
    """Return the height of the left wrist above the right wrist, divided by the median width of the shoulders.

    The result is the 10th or the 90th percentile over the lift, whichever is farther from level.
    """
    points, frames = rep.points, rep.lift_frames
    (left, right), (left_shoulder, right_shoulder) = landmark.WRISTS, landmark.SHOULDERS
    apart = points[frames, left, 2] - points[frames, right, 2]
    shoulders = np.sqrt(((points[frames, left_shoulder] - points[frames, right_shoulder]) ** 2).sum(-1))
    lowest, highest = percentile(apart, 10), percentile(apart, 90)
    return float((highest if highest > -lowest else lowest) / median(shoulders))


def pull_elbow_angle_deg(rep: RepMotion) -> float:
    """Return the mean angle of the more bent elbow until the bar passes the knees; NaN without such a passage."""
    if math.isnan(rep.phases.knee_pass):
        return math.nan
    frames = slice(rep.phases.ascent[0], math.ceil(rep.phases.knee_pass) + 1)
    return float(rep.elbow_angles_deg[frames].mean(0).min())


SPECTRUM_HZ = 10.0  # Highest frequency of the spectrum: 20 Hz in the paper, but a camera of 24 frames/s resolves 12
SPECTRUM_LEAST = 0.05  # Share of the spectrum's peak below which it is noise, as in the paper
PADDED = 16  # Factor of zero padding, as in the paper
LEAST_FRAMES = 8  # Least frames of an ascent whose smoothness is measured
TURN_S = 0.1  # Time in seconds over which the bar's acceleration on the floor is measured
AROUND_LIFT_OFF_S = 0.3  # Longest time from lift-off at which that acceleration is measured


def lowering_to_lifting_time(rep: RepMotion) -> float:
    """Return the duration of the lowering, divided by the time from lift-off to lockout; NaN without a lowering."""
    lowering_s = _seconds(rep, rep.phases.descent)
    return lowering_s / _seconds(rep, rep.phases.ascent) if lowering_s > 0 else math.nan


def descent_time_s(rep: RepMotion) -> float:
    """Return the duration of the descent; NaN if the lifter or the bar does not descend."""
    lasted_s = _seconds(rep, rep.phases.descent)
    return lasted_s if lasted_s > 0 else math.nan


def spectral_arc_length(rep: RepMotion) -> float:
    """Return the spectral arc length (SPARC) of the bar's vertical speed on the ascent; NaN below LEAST_FRAMES."""
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

    The result is NaN below LEAST_FRAMES, and without any jerk.
    """
    speed = _even_speed(rep)
    lasted_s = _seconds(rep, rep.phases.ascent)
    step_s = lasted_s / (len(speed) - 1)
    jerk = np.diff(speed, 2) / step_s**2
    if len(speed) < LEAST_FRAMES or not jerk.any():
        return math.nan
    return -math.log(lasted_s**3 / float(np.abs(speed).max()) ** 2 * float((jerk**2).sum()) * step_s)


def floor_pause_s(rep: RepMotion) -> float:
    """Return how long the bar lay on the floor before lift-off; NaN if no frames precede the rep or lift-off."""
    lift_off, lockout = rep.phases.ascent
    if rep.start == 0 or lift_off == 0:
        return math.nan
    height, speed = rep.heights["W"], curve_speed(rep.t_s, rep.heights["W"])
    low = height[: lift_off + 1].min()
    above = np.flatnonzero(height[:lift_off] > low + LEFT * (height[lockout] - low))
    down, slow = (int(above[-1]) + 1 if len(above) else 0), SLOW * speed[lift_off : lockout + 1].max()
    while down < lift_off and -speed[down] > slow:
        down += 1
    return float(rep.t_s[lift_off] - rep.t_s[down])


def floor_acceleration(rep: RepMotion) -> float:
    """Return the bar's largest upward acceleration near lift-off, in torsos/s²; NaN without frames before."""
    lift_off = rep.phases.ascent[0]
    if rep.start == 0 or lift_off == 0:
        return math.nan
    t_s = rep.t_s[np.abs(rep.t_s - rep.t_s[lift_off]) <= AROUND_LIFT_OFF_S]
    before, now, after = np.interp(np.add.outer((-TURN_S, 0.0, TURN_S), t_s), rep.t_s, rep.heights["W"])
    return float(((before - 2 * now + after) / TURN_S**2).max())


def _seconds(rep: RepMotion, span: tuple[int, int]) -> float:
    return float(rep.t_s[span[1]] - rep.t_s[span[0]])


def _even_speed(rep: RepMotion) -> np.ndarray:
    """Return the (n,) speed on the ascent in torsos/s, resampled at even times because frames may be late."""
    first, last = rep.phases.ascent
    t_s = np.linspace(rep.t_s[first], rep.t_s[last], last - first + 1)
    return np.interp(t_s, rep.t_s, curve_speed(rep.t_s, rep.heights["W"]))
