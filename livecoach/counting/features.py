"""Features of a movement out and back that distinguish a lift from picking something up, stretching, or standing up
without the bar.

None depends on the lifter's position or size: lengths in the picture are shares of torso and legs, those in the world
of the torso. Angles are in radians.
"""

from dataclasses import dataclass

import numpy as np

from livecoach.counting import trajectory
from livecoach.counting.segments import Movement, Segments, SeriesStatistics, facings, series_statistics
from livecoach.frame import body
from livecoach.frame.body import ANKLE, SHOULDER, WRIST
from livecoach.frame.quantiles import median, percentile

# fmt: off
NAMED = (
    "log_s", "log_out_s", "log_back_s", "log_top_s", "log_rise_s", "log_fall_s", "span", "start_level",
    "end_level", "ends_apart", "gap", "speed_out", "speed_back", "even_out", "even_back", "feet_shift",
    "feet_wander", "ankle_range", "ankle_jitter", "wrist_jitter", "scale_change", "sway_top", "lateral",
    "stance", "path", "path_apart", "hang_dev", "hang_std", "hang_top_std", "across_std", "across_move",
    "across_top_std", "hands_low", "hands_turn", "hands_move", "hands_std", "arm_mid", "arm_turn", "arm_std",
    "tilt_ends", "tilt_least", "tilt_turn", "tilt_change", "tilt_mid", "tilt_move", "world_tilt_ends",
    "world_tilt_turn", "world_tilt_change", "knees_differ", "hips_differ", "elbow_mid", "elbow_worst",
    "elbow_turn", "elbow_low", "elbow_std", "wrist_off", "wrist_change", "wrist_over_hip", "knee_low",
    "knee_apart", "knee_turn", "knee_back", "hip_low", "hip_apart", "hip_turn", "hip_back", "lean_low",
    "lean_apart", "lean_turn", "lean_back", "wrist_low", "wrist_apart", "wrist_turn", "wrist_back", "turning",
    "turned_by", "turning_top", "front_turn", "front_low", "front_mid", "front_shoulder",
)
# fmt: on
OWN = (*NAMED, *(f"{what}_{channel}" for what in ("speed", "spread") for channel in trajectory.STEADY))
"""All features of a single movement, in the order of the arrays."""


LEAST_S = 0.05  # smallest duration or speed whose logarithm is taken
Numbers = dict[str, float]


def _times(m: Movement, p: Segments) -> Numbers:
    start_s, peak_s, end_s = (m.t_s[i] for i in (m.start, p.peak, m.end))
    over_s = 0.1
    distance = m.distance_from_rest
    later, earlier = (np.interp(m.t_s + sign * over_s / 2, m.t_s, distance) for sign in (1, -1))
    speed = (later - earlier) / over_s
    rise, fall = _log_extent(m.t_s[p.out]), _log_extent(m.t_s[p.back])
    fastest_out, fastest_back = speed[m.start : p.peak + 1].max(), -speed[p.peak : m.end + 1].min()
    return {
        "log_s": float(np.log(max(end_s - start_s, LEAST_S))),
        "log_out_s": float(np.log(max(peak_s - start_s, LEAST_S))),
        "log_back_s": float(np.log(max(end_s - peak_s, LEAST_S))),
        "log_top_s": _log_extent(m.t_s[p.high]),
        "log_rise_s": rise,
        "log_fall_s": fall,
        "span": p.span,
        "start_level": float(distance[m.start]),
        "end_level": float(distance[m.end]),
        "ends_apart": float(abs(distance[m.end] - distance[m.start])),
        "gap": float(np.diff(m.t_s[m.start : m.end + 1]).max(initial=0.0)),
        "speed_out": float(np.log(max(fastest_out, LEAST_S))),
        "speed_back": float(np.log(max(fastest_back, LEAST_S))),
        "even_out": float(np.log(max(fastest_out, LEAST_S)) + rise - np.log(p.span)),
        "even_back": float(np.log(max(fastest_back, LEAST_S)) + fall - np.log(p.span)),
    }


def _place(m: Movement, p: Segments, f: SeriesStatistics) -> Numbers:
    """Stepping feet, and a body that comes nearer or sways."""
    at_start, at_end = ([f.median(name, part) for name in ("ankle_x", "ankle_y")] for part in ("begins", "ends"))
    each = m.points_px[p.inside][:, ANKLE] / p.size
    ankles = each.mean(1)
    off = np.sqrt(((ankles - median(ankles)) ** 2).sum(1))
    nearer = max(f.median("size", "ends"), 1.0 / p.size) / max(f.median("size", "begins"), 1.0 / p.size)
    return {
        "feet_shift": float(np.hypot(at_end[0] - at_start[0], at_end[1] - at_start[1])),
        "feet_wander": float(percentile(off, 90)),
        "ankle_range": float((percentile(each, 95) - percentile(each, 5)).max()),
        "ankle_jitter": _jitter(each),
        "wrist_jitter": _jitter(m.points_px[p.inside][:, WRIST] / p.size),
        "scale_change": float(abs(np.log(nearer))),
        "sway_top": f.spread("hips_aside", "high"),
        "lateral": f.spread("trunk_aside", "inside"),
        "stance": f.median("stance", "inside"),
    }


def _hands(m: Movement, p: Segments, f: SeriesStatistics) -> Numbers:
    """On a bar hands hang level at a constant distance; free hands do not."""
    below = (m.points_px[:, WRIST] - m.points_px[:, SHOULDER])[p.inside, :, 1] / p.size
    hang = [f.median(name, "high") for name in ("left_below", "right_below")]
    return {
        "path": f.spread("aside", "inside"),
        "path_apart": abs(f.median("aside", "begins") - f.median("aside", "ends")),
        "hang_dev": float(percentile(np.abs(below - hang).ravel(), 90)),
        "hang_std": f.spread("below", "inside"),
        "hang_top_std": f.spread("below", "high"),
        "across_std": f.spread("across", "inside"),
        "across_move": abs(f.median("across", "low") - f.median("across", "high")),
        "across_top_std": f.spread("across", "high"),
        "hands_low": f.median("apart", "low"),
        "hands_turn": f.median("apart", "high"),
        "hands_move": f.median("apart", "high") - f.median("apart", "low"),
        "hands_std": f.spread("apart", "inside"),
        "arm_mid": f.median("arm", "mid"),
        "arm_turn": f.median("arm", "high"),
        "arm_std": f.spread("arm", "inside"),
        **_tilts(f),
    }


def _tilts(f: SeriesStatistics) -> Numbers:
    """How much higher one hand is than the other."""
    first, last, turn = (f.median("tilt", part) for part in ("begins", "ends", "high"))
    world_first, world_last = f.median("world_tilt", "begins"), f.median("world_tilt", "ends")
    return {
        "tilt_ends": max(abs(first), abs(last)),
        "tilt_least": min(abs(first), abs(last)),
        "tilt_turn": abs(turn),
        "tilt_change": abs(first - last),
        "tilt_mid": abs(f.median("tilt", "mid")),
        "tilt_move": abs(0.5 * (first + last) - turn),
        "world_tilt_ends": max(abs(world_first), abs(world_last)),
        "world_tilt_turn": abs(f.median("world_tilt", "high")),
        "world_tilt_change": abs(world_first - world_last),
    }


def _joints(m: Movement, p: Segments, f: SeriesStatistics) -> Numbers:
    """Angles and heights at both ends and at the turn, and how the way back differs from the way out."""
    knees, hips, elbows = (body.joint_rad(m.world, *three) for three in body.JOINTS)
    middle = m.world[p.inside].mean(2)
    leg = max(float(median(body.leg_lengths(m.world)[p.inside])), 1e-6)
    wrist = (middle[:, ANKLE, 1] - middle[:, WRIST, 1]) / leg
    out: Numbers = {
        "knees_differ": float(percentile(np.abs(knees[p.inside, 0] - knees[p.inside, 1]), 90)),
        "hips_differ": float(percentile(np.abs(hips[p.inside, 0] - hips[p.inside, 1]), 90)),
        "elbow_mid": f.median("elbow", "mid"),
        "elbow_worst": float(percentile(elbows[p.mid].min(1), 20)),
        "elbow_turn": f.median("elbow", "high"),
        "elbow_low": f.median("elbow", "low"),
        "elbow_std": f.spread("elbow", "inside"),
        "wrist_off": _residual(wrist, m.distance_from_rest[p.inside]),
        "wrist_change": f.median("wrist", "begins") - f.median("wrist", "ends"),
        "wrist_over_hip": f.median("over_hip", "high"),
    }
    for name in ("knee", "hip", "lean", "wrist"):
        first, last = f.median(name, "begins"), f.median(name, "ends")
        out[f"{name}_low"], out[f"{name}_apart"] = 0.5 * (first + last), abs(first - last)
        out[f"{name}_turn"] = f.median(name, "high")
        out[f"{name}_back"] = f.median(name, "out") - f.median(name, "back")
    return out


def _facing(m: Movement, p: Segments, f: SeriesStatistics) -> Numbers:
    """A lifter who turns round, and how far in front of the body the hands are."""
    azimuth = facings(m)
    return {
        "turning": float(1 - abs(azimuth[p.inside].mean())),
        "turned_by": float(abs(np.angle(azimuth[p.ends].mean() * np.conj(azimuth[p.begins].mean())))),
        "turning_top": float(1 - abs(azimuth[p.high].mean())) if p.high.sum() > 2 else 0.0,
        "front_turn": f.median("front_hip", "high"),
        "front_low": f.median("front_ankle", "low"),
        "front_mid": f.median("front_ankle", "mid"),
        "front_shoulder": f.median("front_shoulder", "low"),
    }


def _log_extent(t_s: np.ndarray) -> float:
    return float(np.log(max(t_s[-1] - t_s[0], LEAST_S) if len(t_s) else LEAST_S))


def _jitter(places: np.ndarray) -> float:
    """Logarithm of the median second difference, a measure of the landmarks' noise."""
    second = np.abs(np.diff(places, 2, axis=0))
    return float(np.log(float(median(second.ravel())) + 1e-4)) if len(second) else -5.0


def _residual(values: np.ndarray, of: np.ndarray) -> float:
    """Standard deviation of the residuals of a linear regression of `values` on `of`."""
    centred, x = values - values.mean(), of - of.mean()
    slope = float(x @ centred) / max(float(x @ x), 1e-9)
    return float(np.std(centred - slope * x))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MovementFeatures:
    own: np.ndarray  # (len(OWN),)
    joints: np.ndarray  # (trajectory.TIMES, trajectory.CHANNELS)


def extract(m: Movement) -> MovementFeatures:
    p = Segments(m)
    f = series_statistics(m, p)
    named = {**_times(m, p), **_place(m, p, f), **_hands(m, p, f), **_joints(m, p, f), **_facing(m, p, f)}
    channels = trajectory.channels(m.world, m.points_px)
    turn = np.flatnonzero(p.high)
    first, last = (int(turn[0]), int(turn[-1])) if len(turn) else (p.peak, p.peak)
    moments_s = trajectory.moments_s(*(float(m.t_s[i]) for i in (m.start, first, last, m.end)))
    restless = _restless(m.t_s[first : last + 1], channels[first : last + 1, trajectory.STEADY])
    own = np.concatenate([[named[name] for name in NAMED], restless])
    return MovementFeatures(own=np.nan_to_num(own), joints=trajectory.at_times(m.t_s, channels, moments_s))


def _restless(t_s: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return (2 * channels,): logarithms of speed and standard deviation at the turn."""
    change, spread = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    if len(values) > 2:
        spread = values.std(0)
    if len(values) > 3:
        frame_s = max(float(median(np.diff(t_s))), 1e-3)
        change = percentile(np.abs(np.diff(values, axis=0)), 80) / frame_s
    return np.log(np.concatenate([change, spread]) + 1e-3)
