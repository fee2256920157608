"""A movement out and back in numbers: what tells a lift from picking something up, stretching, or standing up without
the bar.

All are free of where and how large the lifter is. Lengths in the picture are shares of torso and legs as seen, those in
the world are shares of the torso; angles are radians. `describe` takes 2 to 4 ms a movement.
"""

from dataclasses import dataclass

import numpy as np

from livecoach.form import course
from livecoach.form.course import ANKLE, HIP, SHOULDER, WRIST

MOMENT_S = 0.2
"""What a movement begins and ends with is taken over this time before and after."""
TOP = 0.85
LOW = 0.2
"""Shares of the way: beyond the one is the turn, between the two the movement is under way."""
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
"""Names of a movement's own numbers, as the functions below give them."""
# fmt: on
OWN = (*NAMED, *(f"{what}_{channel}" for what in ("speed", "spread") for channel in course.STEADY))
LEAST_S = 0.05
"""Floor of durations and speeds, before their logarithm is taken."""
Numbers = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movement:
    """n moments, from a little before a movement to a little after it."""

    t_s: np.ndarray
    """(n,)."""
    away: np.ndarray
    """(n,) how far the body is from rest."""
    world: np.ndarray
    """(n, 6, 2, 3) metres: shoulders, elbows, wrists, hips, knees, ankles; left and right."""
    points_px: np.ndarray
    """(n, 6, 2, 2) the same in the picture."""
    start: int
    end: int
    """Indices of its first and last moment."""


class _Parts:
    """Which moments belong to which part of a movement, (n,) bool each, and its scales."""

    def __init__(self, m: Movement) -> None:
        index = np.arange(len(m.t_s))
        self.inside = (index >= m.start) & (index <= m.end)
        self.begins, self.ends = (np.abs(m.t_s - m.t_s[i]) <= MOMENT_S for i in (m.start, m.end))
        self.low = self.begins | self.ends
        base = min(m.away[m.start], m.away[m.end])
        self.peak = m.start + int(np.argmax(m.away[m.start : m.end + 1]))
        self.span = max(float(m.away[m.start : m.end + 1].max() - base), 1e-6)
        way = (m.away - base) / self.span
        self.high = self.inside & (way > TOP)
        going = self.inside & (way > LOW) & (way < TOP)
        out, back = going & (index <= self.peak), going & (index > self.peak)
        self.out = out if out.any() else self.inside & (index <= self.peak)
        self.back = back if back.any() else self.inside & (index >= self.peak)
        self.mid = self.out | self.back
        self.size_px = course.sizes_px(m.points_px)
        self.size = max(float(np.percentile(self.size_px[self.inside], 75)), 1e-6)
        self.torso = max(float(np.percentile(course.torsos(m.world)[self.inside], 75)), 1e-6)
        """Torso and legs as seen, and the torso in the world: foreshortened ones are shorter."""

    def median(self, values: np.ndarray, part: np.ndarray) -> float:
        """Of the part, or where it is empty of the whole movement."""
        return float(np.median(values[part if part.any() else self.inside]))

    def spread(self, values: np.ndarray, part: np.ndarray) -> float:
        """Standard deviation; 0 where the part is too short for one."""
        return float(np.std(values[part])) if part.sum() > 2 else 0.0


def _times(m: Movement, p: _Parts) -> Numbers:
    """Durations (logarithms of seconds), speeds, and how far the movement goes."""
    start_s, peak_s, end_s = (m.t_s[i] for i in (m.start, p.peak, m.end))
    over_s = 0.1
    speed = (np.interp(m.t_s + over_s / 2, m.t_s, m.away) - np.interp(m.t_s - over_s / 2, m.t_s, m.away)) / over_s
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
        "start_level": float(m.away[m.start]),
        "end_level": float(m.away[m.end]),
        "ends_apart": float(abs(m.away[m.end] - m.away[m.start])),
        "gap": float(np.diff(m.t_s[m.start : m.end + 1]).max(initial=0.0)),
        "speed_out": float(np.log(max(fastest_out, LEAST_S))),
        "speed_back": float(np.log(max(fastest_back, LEAST_S))),
        "even_out": float(np.log(max(fastest_out, LEAST_S)) + rise - np.log(p.span)),
        "even_back": float(np.log(max(fastest_back, LEAST_S)) + fall - np.log(p.span)),
    }


def _place(m: Movement, p: _Parts) -> Numbers:
    """Feet that stay or step, a body that comes nearer or sways."""
    middle = m.points_px.mean(2)
    size_px, size = p.size_px, p.size
    ankles = middle[:, ANKLE]
    at_start, at_end = np.median(ankles[p.begins], 0), np.median(ankles[p.ends], 0)
    each = m.points_px[p.inside][:, ANKLE]
    hips_aside = middle[:, HIP, 0] - ankles[:, 0]
    trunk_aside = (middle[:, [SHOULDER, HIP], 0] - ankles[:, None, 0]).mean(1)
    nearer = max(p.median(size_px, p.ends), 1.0) / max(p.median(size_px, p.begins), 1.0)
    off = np.linalg.norm(ankles[p.inside] - np.median(ankles[p.inside], 0), axis=1)
    return {
        "feet_shift": float(np.linalg.norm(at_end - at_start) / size),
        "feet_wander": float(np.percentile(off, 90) / size),
        "ankle_range": float((np.percentile(each, 95, axis=0) - np.percentile(each, 5, axis=0)).max() / size),
        "ankle_jitter": _jitter(each / size),
        "wrist_jitter": _jitter(m.points_px[p.inside][:, WRIST] / size),
        "scale_change": float(abs(np.log(nearer))),
        "sway_top": p.spread(hips_aside, p.high) / size,
        "lateral": float(np.std(trunk_aside[p.inside])) / size,
        "stance": p.median(course.apart(m.world, ANKLE) / p.torso, p.inside),
    }


def _hands(m: Movement, p: _Parts) -> Numbers:
    """Hands on a bar are level, as far apart all the time, and hang; free ones do as they like."""
    wrists, shoulders = m.points_px[:, WRIST] / p.size, m.points_px[:, SHOULDER] / p.size
    ankles_x = m.points_px.mean(2)[:, ANKLE, 0] / p.size
    below, across = (wrists - shoulders)[:, :, 1], np.abs(wrists[:, 0, 0] - wrists[:, 1, 0])
    aside = wrists.mean(1)[:, 0] - ankles_x
    hang = np.median(below[p.high if p.high.any() else p.inside], 0)
    apart = course.apart(m.world, WRIST) / p.torso
    arm = np.linalg.norm(m.world[:, WRIST] - m.world[:, SHOULDER], axis=-1).mean(1) / p.torso
    return {
        "path": float(np.std(aside[p.inside])),
        "path_apart": abs(p.median(aside, p.begins) - p.median(aside, p.ends)),
        "hang_dev": float(np.percentile(np.abs(below[p.inside] - hang), 90)),
        "hang_std": float(np.std(below[p.inside].mean(1))),
        "hang_top_std": p.spread(below.mean(1), p.high),
        "across_std": float(np.std(across[p.inside])),
        "across_move": abs(p.median(across, p.low) - p.median(across, p.high)),
        "across_top_std": p.spread(across, p.high),
        "hands_low": p.median(apart, p.low),
        "hands_turn": p.median(apart, p.high),
        "hands_move": p.median(apart, p.high) - p.median(apart, p.low),
        "hands_std": float(np.std(apart[p.inside])),
        "arm_mid": p.median(arm, p.mid),
        "arm_turn": p.median(arm, p.high),
        "arm_std": float(np.std(arm[p.inside])),
        **_tilts(m, p),
    }


def _tilts(m: Movement, p: _Parts) -> Numbers:
    """How much higher one hand is than the other."""
    tilt = (m.points_px[:, WRIST, 0, 1] - m.points_px[:, WRIST, 1, 1]) / p.size
    world = (m.world[:, WRIST, 0, 1] - m.world[:, WRIST, 1, 1]) / p.torso
    first, last, turn = (p.median(tilt, part) for part in (p.begins, p.ends, p.high))
    world_first, world_last = p.median(world, p.begins), p.median(world, p.ends)
    return {
        "tilt_ends": max(abs(first), abs(last)),
        "tilt_least": min(abs(first), abs(last)),
        "tilt_turn": abs(turn),
        "tilt_change": abs(first - last),
        "tilt_mid": abs(p.median(tilt, p.mid)),
        "tilt_move": abs(0.5 * (first + last) - turn),
        "world_tilt_ends": max(abs(world_first), abs(world_last)),
        "world_tilt_turn": abs(p.median(world, p.high)),
        "world_tilt_change": abs(world_first - world_last),
    }


def _joints(m: Movement, p: _Parts) -> Numbers:
    """Angles and heights at both ends and at the turn, and how the way back differs from the way out."""
    knees, hips, elbows = (course.joint_rad(m.world, *three) for three in course.JOINTS)
    leg = max(float(np.median(course.legs(m.world)[p.inside])), 1e-6)
    middle = m.world.mean(2)
    wrist = (middle[:, ANKLE, 1] - middle[:, WRIST, 1]) / leg
    elbow = elbows.mean(1)
    out: Numbers = {
        "knees_differ": float(np.percentile(np.abs(knees[p.inside, 0] - knees[p.inside, 1]), 90)),
        "hips_differ": float(np.percentile(np.abs(hips[p.inside, 0] - hips[p.inside, 1]), 90)),
        "elbow_mid": p.median(elbow, p.mid),
        "elbow_worst": float(np.percentile(elbows[p.mid].min(1), 20)),
        "elbow_turn": p.median(elbow, p.high),
        "elbow_low": p.median(elbow, p.low),
        "elbow_std": float(np.std(elbow[p.inside])),
        "wrist_off": _residual(wrist[p.inside], m.away[p.inside]),
        "wrist_change": p.median(wrist, p.begins) - p.median(wrist, p.ends),
        "wrist_over_hip": p.median((middle[:, HIP, 1] - middle[:, WRIST, 1]) / p.torso, p.high),
    }
    named = {"knee": knees.mean(1), "hip": hips.mean(1), "lean": course.lean_rad(m.world), "wrist": wrist}
    for name, values in named.items():
        first, last = p.median(values, p.begins), p.median(values, p.ends)
        out[f"{name}_low"], out[f"{name}_apart"] = 0.5 * (first + last), abs(first - last)
        out[f"{name}_turn"] = p.median(values, p.high)
        out[f"{name}_back"] = p.median(values, p.out) - p.median(values, p.back)
    return out


def _facing(m: Movement, p: _Parts) -> Numbers:
    """A lifter who turns round, and how far in front of the body the hands are."""
    leftward = (m.world[:, (SHOULDER, HIP), 0] - m.world[:, (SHOULDER, HIP), 1]).sum(1)[:, [0, 2]]
    azimuth = np.exp(1j * np.arctan2(-leftward[:, 1], leftward[:, 0]))
    mean_rad = float(np.angle(azimuth[p.inside].mean()))
    forward = -np.array([np.sin(mean_rad), np.cos(mean_rad)])
    middle = m.world.mean(2)

    def front(joint: int) -> np.ndarray:
        ahead: np.ndarray = (middle[:, WRIST] - middle[:, joint])[:, [0, 2]] @ forward / p.torso
        return ahead

    return {
        "turning": float(1 - abs(azimuth[p.inside].mean())),
        "turned_by": float(abs(np.angle(azimuth[p.ends].mean() * np.conj(azimuth[p.begins].mean())))),
        "turning_top": float(1 - abs(azimuth[p.high].mean())) if p.high.sum() > 2 else 0.0,
        "front_turn": p.median(front(HIP), p.high),
        "front_low": p.median(front(ANKLE), p.low),
        "front_mid": p.median(front(ANKLE), p.mid),
        "front_shoulder": p.median(front(SHOULDER), p.low),
    }


def _log_extent(t_s: np.ndarray) -> float:
    """Logarithm of the time from the first to the last."""
    return float(np.log(max(t_s[-1] - t_s[0], LEAST_S) if len(t_s) else LEAST_S))


def _jitter(places: np.ndarray) -> float:
    """Logarithm of the median second difference: how noisy the landmarks are."""
    second = np.abs(np.diff(places, 2, axis=0))
    return float(np.log(np.median(second) + 1e-4)) if len(second) else -5.0


def _residual(values: np.ndarray, of: np.ndarray) -> float:
    """Standard deviation of what a straight line leaves of the values."""
    centred, x = values - values.mean(), of - of.mean()
    slope = float(x @ centred) / max(float(x @ x), 1e-9)
    return float(np.std(centred - slope * x))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Described:
    """A movement in numbers that can be held against those of another one."""

    own: np.ndarray
    """(len(OWN),) in the order of OWN."""
    course: np.ndarray
    """(course.TIMES, course.CHANNELS)."""


def describe(m: Movement) -> Described:
    """The movement in numbers."""
    p = _Parts(m)
    named = {**_times(m, p), **_place(m, p), **_hands(m, p), **_joints(m, p), **_facing(m, p)}
    followed = course.channels(m.world, m.points_px)
    turn = np.flatnonzero(p.high)
    first, last = (int(turn[0]), int(turn[-1])) if len(turn) else (p.peak, p.peak)
    moments_s = course.moments_s(*(float(m.t_s[i]) for i in (m.start, first, last, m.end)))
    restless = _restless(m.t_s[first : last + 1], followed[first : last + 1, course.STEADY])
    own = np.concatenate([[named[name] for name in NAMED], restless])
    return Described(own=np.nan_to_num(own), course=course.at_times(m.t_s, followed, moments_s))


def _restless(t_s: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(2 * channels,) logarithms of speed and spread at the turn."""
    change, spread = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    if len(values) > 2:
        spread = values.std(0)
    if len(values) > 3:
        frame_s = max(float(np.median(np.diff(t_s))), 1e-3)
        change = np.percentile(np.abs(np.diff(values, axis=0)), 80, axis=0) / frame_s
    return np.log(np.concatenate([change, spread]) + 1e-3)
