"""Features of a movement out and back that distinguish a lift from picking something up, stretching, or standing up
without the bar.

None depends on the lifter's position or size: lengths in the picture are shares of torso and legs, those in the world
of the torso. Angles are in radians.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from livecoach.perception.body.body import (
    ANKLE,
    HIP,
    JOINTS,
    SHOULDER,
    WRIST,
    joint_rad,
    lean_rad,
    leg_lengths,
    lengths,
    middles,
    side_distances,
    sizes_px,
    torso_lengths,
)
from livecoach.perception.body.quantiles import median, percentile

MOMENT_S = 0.2  # half the time that beginning and end of a movement extend over
TOP = 0.85
LOW = 0.2  # shares of the way: the turn lies beyond TOP, and between the two the movement is under way
FRONT = {"front_hip": HIP, "front_ankle": ANKLE, "front_shoulder": SHOULDER}  # from which the hands' front is measured
PartName = Literal["inside", "begins", "ends", "low", "out", "back", "mid", "high"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """n moments, from shortly before a movement to shortly after it."""

    t_s: np.ndarray
    distance_from_rest: np.ndarray
    world: np.ndarray  # (n, 6, 2, 3) metres: shoulders, elbows, wrists, hips, knees, ankles; left and right
    points_px: np.ndarray  # (n, 6, 2, 2) the same joints in the picture
    start: int  # index of its first moment
    end: int  # index of its last one

    @cached_property
    def peak(self) -> int:
        return self.start + int(np.argmax(self.distance_from_rest[self.start : self.end + 1]))

    @cached_property
    def span(self) -> float:
        return max(float(self.distance_from_rest[self.peak] - self._base), 1e-6)

    @property
    def _base(self) -> float:
        return min(self.distance_from_rest[self.start], self.distance_from_rest[self.end])

    @cached_property
    def parts(self) -> dict[PartName, np.ndarray]:
        """Masks (n,): which moments are in each part."""
        index, way = np.arange(len(self.t_s)), (self.distance_from_rest - self._base) / self.span
        inside = (index >= self.start) & (index <= self.end)
        begins, ends = (np.abs(self.t_s - self.t_s[i]) <= MOMENT_S for i in (self.start, self.end))
        going = inside & (way > LOW) & (way < TOP)
        out, back = going & (index <= self.peak), going & (index > self.peak)
        out = out if out.any() else inside & (index <= self.peak)
        back = back if back.any() else inside & (index >= self.peak)
        high = inside & (way > TOP)
        return {
            **{"inside": inside, "begins": begins, "ends": ends, "low": begins | ends},
            **{"out": out, "back": back, "mid": out | back, "high": high},
        }

    @cached_property
    def size_px(self) -> np.ndarray:
        """(n,) torso and legs in the picture."""
        return sizes_px(self.points_px)

    @cached_property
    def size(self) -> float:
        """Torso and legs in the picture: a high percentile, as foreshortening shortens them."""
        return max(float(percentile(self.size_px[self.parts["inside"]], 75)), 1e-6)

    @cached_property
    def torso(self) -> float:
        """Torso in the world: a high percentile."""
        return max(float(percentile(torso_lengths(self.world)[self.parts["inside"]], 75)), 1e-6)

    @cached_property
    def joints_rad(self) -> list[np.ndarray]:
        """(n, 2) each: knees, hips, elbows; left and right."""
        return [joint_rad(self.world, *three) for three in JOINTS]

    @cached_property
    def facings(self) -> np.ndarray:
        """(n,) complex numbers of length 1: where the body faces, seen from above."""
        leftward = (self.world[:, (SHOULDER, HIP), 0] - self.world[:, (SHOULDER, HIP), 1]).sum(1)[:, [0, 2]]
        facings: np.ndarray = np.exp(1j * np.arctan2(-leftward[:, 1], leftward[:, 0]))
        return facings

    @cached_property
    def series(self) -> dict[str, np.ndarray]:
        """(n,) each, of which medians and spreads are features."""
        middle_px, middle = middles(self.points_px), middles(self.world)
        ankles_x = middle_px[:, ANKLE, 0]
        wrists, shoulders = self.points_px[:, WRIST], self.points_px[:, SHOULDER]
        leg = max(float(median(leg_lengths(self.world)[self.parts["inside"]])), 1e-6)
        in_world = {
            "apart": side_distances(self.world, WRIST),
            "arm": lengths(self.world[:, WRIST] - self.world[:, SHOULDER]).mean(1),
            "world_tilt": self.world[:, WRIST, 0, 1] - self.world[:, WRIST, 1, 1],
            "over_hip": middle[:, HIP, 1] - middle[:, WRIST, 1],
            "stance": side_distances(self.world, ANKLE),
            **{name: (middle[:, WRIST] - middle[:, joint]) @ self._forward for name, joint in FRONT.items()},
        }
        in_picture = {
            "size": self.size_px,
            "hips_aside": middle_px[:, HIP, 0] - ankles_x,
            "trunk_aside": (middle_px[:, [SHOULDER, HIP], 0] - ankles_x[:, None]).mean(1),
            "aside": wrists.mean(1)[:, 0] - ankles_x,
            "left_below": (wrists - shoulders)[:, 0, 1],
            "right_below": (wrists - shoulders)[:, 1, 1],
            "below": (wrists - shoulders)[:, :, 1].mean(1),
            "across": np.abs(wrists[:, 0, 0] - wrists[:, 1, 0]),
            "tilt": wrists[:, 0, 1] - wrists[:, 1, 1],
            "ankle_x": middle_px[:, ANKLE, 0],
            "ankle_y": middle_px[:, ANKLE, 1],
        }
        return {
            **{name: values / self.torso for name, values in in_world.items()},
            **{name: values / self.size for name, values in in_picture.items()},
            **dict(zip(("knee", "hip", "elbow"), (sides.mean(1) for sides in self.joints_rad), strict=True)),
            "lean": lean_rad(self.world),
            "wrist": (middle[:, ANKLE, 1] - middle[:, WRIST, 1]) / leg,
        }

    @cached_property
    def _statistics(self) -> dict[PartName, tuple[dict[str, float], dict[str, float]]]:
        """Medians and standard deviations of all series at once, because that is faster."""
        values = np.stack(list(self.series.values()), 1)
        found: dict[PartName, tuple[dict[str, float], dict[str, float]]] = {}
        for part, moments in self.parts.items():
            some = values[moments]
            medians = median(some if len(some) else values[self.parts["inside"]])
            spreads = some.std(0) if len(some) > 2 or part == "inside" else np.zeros(values.shape[1])
            found[part] = self._named(medians), self._named(spreads)
        return found

    def _named(self, of: np.ndarray) -> dict[str, float]:
        return dict(zip(self.series, of.tolist(), strict=True))

    def median(self, name: str, part: PartName) -> float:
        """Return the median of a series over a part of the movement, or over all of it if the part is empty."""
        return self._statistics[part][0][name]

    def spread(self, name: str, part: PartName) -> float:
        """Return the standard deviation of a series over a part; 0 if the part is too short."""
        return self._statistics[part][1][name]

    @property
    def _forward(self) -> np.ndarray:
        """Horizontal unit vector (3,) to the lifter's front."""
        mean_rad = float(np.angle(self.facings[self.parts["inside"]].mean()))
        return -np.array([np.sin(mean_rad), 0.0, np.cos(mean_rad)])


TIMES = 13  # moments of a trajectory: five on the way out, three at the turn, five on the way back
WITHIN_S = 0.07  # half the time over which the value at a moment is a median


def channels(world: np.ndarray, points_px: np.ndarray) -> np.ndarray:
    """Return (n, CHANNELS) for world (n, 6, 2, 3) and points_px (n, 6, 2, 2): angles in radians; positions relative to
    mid-ankle, and of the hands to their shoulder, as shares of the size in the picture; the hands' position relative to
    their hip, and distance, in torso lengths."""
    size = max(float(percentile(sizes_px(points_px), 75)), 1e-6)
    torso = max(float(percentile(torso_lengths(world), 75)), 1e-6)
    knees, hips, elbows = (joint_rad(world, *three) for three in JOINTS)
    on_feet = (points_px - points_px[:, ANKLE].mean(1)[:, None, None]) / size
    hanging = (points_px[:, WRIST] - points_px[:, SHOULDER]) / size
    at_hips = (world[:, WRIST] - world[:, HIP]) / torso
    n = len(world)
    return np.concatenate(
        [
            np.stack([knees.mean(1), hips.mean(1), lean_rad(world)], 1),
            elbows,
            on_feet[:, WRIST].reshape(n, 4),
            hanging.reshape(n, 4),
            at_hips.reshape(n, 6),
            on_feet[:, SHOULDER].mean(1)[:, :1],
            on_feet[:, HIP].mean(1),
            side_distances(world, WRIST)[:, None] / torso,
        ],
        1,
    )


CHANNELS = 23
WRIST_Y, BELOW_SHOULDER, HIP_Y = (6, 8), (10, 12), 21  # channels of heights, downwards; of the hands left and right
AT_TURN = slice(5, 8)  # moments
LEAST_WAY = 0.05  # of the shoulders
STEADY = (0, 1, 2, 5, 6, 7, 8, 19, 20, 21, 22)  # channels of the turn: knees, hips, trunk, hands


def at_times(t_s: np.ndarray, values: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    """Return (len(moments_s), …): medians of the values around the moments."""
    rows = []
    for moment_s in moments_s:
        near = np.abs(t_s - moment_s) <= WITHIN_S
        rows.append(median(values[near]) if near.any() else values[int(np.argmin(np.abs(t_s - moment_s)))])
    return np.stack(rows)


def moments_s(start_s: float, first_s: float, last_s: float, end_s: float) -> np.ndarray:
    """Moments (TIMES,) of a movement that is at its turn from `first_s` to `last_s`."""
    out, back = np.linspace(start_s, first_s, 6)[:5], np.linspace(last_s, end_s, 6)[1:]
    return np.concatenate([out, first_s + (last_s - first_s) * np.array([0.1, 0.5, 0.9]), back])


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
OWN = (*NAMED, *(f"{what}_{channel}" for what in ("speed", "spread") for channel in STEADY))
"""All features of a single movement, in the order of the arrays."""


LEAST_S = 0.05  # smallest duration or speed whose logarithm is taken
Numbers = dict[str, float]


def _times(m: Moments) -> Numbers:
    start_s, peak_s, end_s = (m.t_s[i] for i in (m.start, m.peak, m.end))
    over_s = 0.1
    distance = m.distance_from_rest
    later, earlier = (np.interp(m.t_s + sign * over_s / 2, m.t_s, distance) for sign in (1, -1))
    speed = (later - earlier) / over_s
    rise, fall = _log_extent(m.t_s[m.parts["out"]]), _log_extent(m.t_s[m.parts["back"]])
    fastest_out, fastest_back = speed[m.start : m.peak + 1].max(), -speed[m.peak : m.end + 1].min()
    return {
        "log_s": float(np.log(max(end_s - start_s, LEAST_S))),
        "log_out_s": float(np.log(max(peak_s - start_s, LEAST_S))),
        "log_back_s": float(np.log(max(end_s - peak_s, LEAST_S))),
        "log_top_s": _log_extent(m.t_s[m.parts["high"]]),
        "log_rise_s": rise,
        "log_fall_s": fall,
        "span": m.span,
        "start_level": float(distance[m.start]),
        "end_level": float(distance[m.end]),
        "ends_apart": float(abs(distance[m.end] - distance[m.start])),
        "gap": float(np.diff(m.t_s[m.start : m.end + 1]).max(initial=0.0)),
        "speed_out": float(np.log(max(fastest_out, LEAST_S))),
        "speed_back": float(np.log(max(fastest_back, LEAST_S))),
        "even_out": float(np.log(max(fastest_out, LEAST_S)) + rise - np.log(m.span)),
        "even_back": float(np.log(max(fastest_back, LEAST_S)) + fall - np.log(m.span)),
    }


def _place(m: Moments) -> Numbers:
    """Stepping feet, and a body that comes nearer or sways."""
    at_start, at_end = ([m.median(name, part) for name in ("ankle_x", "ankle_y")] for part in ("begins", "ends"))
    each = m.points_px[m.parts["inside"]][:, ANKLE] / m.size
    ankles = each.mean(1)
    off = np.sqrt(((ankles - median(ankles)) ** 2).sum(1))
    nearer = max(m.median("size", "ends"), 1.0 / m.size) / max(m.median("size", "begins"), 1.0 / m.size)
    return {
        "feet_shift": float(np.hypot(at_end[0] - at_start[0], at_end[1] - at_start[1])),
        "feet_wander": float(percentile(off, 90)),
        "ankle_range": float((percentile(each, 95) - percentile(each, 5)).max()),
        "ankle_jitter": _jitter(each),
        "wrist_jitter": _jitter(m.points_px[m.parts["inside"]][:, WRIST] / m.size),
        "scale_change": float(abs(np.log(nearer))),
        "sway_top": m.spread("hips_aside", "high"),
        "lateral": m.spread("trunk_aside", "inside"),
        "stance": m.median("stance", "inside"),
    }


def _hands(m: Moments) -> Numbers:
    """On a bar hands hang level at a constant distance; free hands do not."""
    below = (m.points_px[:, WRIST] - m.points_px[:, SHOULDER])[m.parts["inside"], :, 1] / m.size
    hang = [m.median(name, "high") for name in ("left_below", "right_below")]
    return {
        "path": m.spread("aside", "inside"),
        "path_apart": abs(m.median("aside", "begins") - m.median("aside", "ends")),
        "hang_dev": float(percentile(np.abs(below - hang).ravel(), 90)),
        "hang_std": m.spread("below", "inside"),
        "hang_top_std": m.spread("below", "high"),
        "across_std": m.spread("across", "inside"),
        "across_move": abs(m.median("across", "low") - m.median("across", "high")),
        "across_top_std": m.spread("across", "high"),
        "hands_low": m.median("apart", "low"),
        "hands_turn": m.median("apart", "high"),
        "hands_move": m.median("apart", "high") - m.median("apart", "low"),
        "hands_std": m.spread("apart", "inside"),
        "arm_mid": m.median("arm", "mid"),
        "arm_turn": m.median("arm", "high"),
        "arm_std": m.spread("arm", "inside"),
        **_tilts(m),
    }


def _tilts(m: Moments) -> Numbers:
    """How much higher one hand is than the other."""
    first, last, turn = (m.median("tilt", part) for part in ("begins", "ends", "high"))
    world_first, world_last = m.median("world_tilt", "begins"), m.median("world_tilt", "ends")
    return {
        "tilt_ends": max(abs(first), abs(last)),
        "tilt_least": min(abs(first), abs(last)),
        "tilt_turn": abs(turn),
        "tilt_change": abs(first - last),
        "tilt_mid": abs(m.median("tilt", "mid")),
        "tilt_move": abs(0.5 * (first + last) - turn),
        "world_tilt_ends": max(abs(world_first), abs(world_last)),
        "world_tilt_turn": abs(m.median("world_tilt", "high")),
        "world_tilt_change": abs(world_first - world_last),
    }


def _joints(m: Moments) -> Numbers:
    """Angles and heights at both ends and at the turn, and how the way back differs from the way out."""
    knees, hips, elbows = m.joints_rad
    out: Numbers = {
        "knees_differ": float(percentile(np.abs(knees[m.parts["inside"], 0] - knees[m.parts["inside"], 1]), 90)),
        "hips_differ": float(percentile(np.abs(hips[m.parts["inside"], 0] - hips[m.parts["inside"], 1]), 90)),
        "elbow_mid": m.median("elbow", "mid"),
        "elbow_worst": float(percentile(elbows[m.parts["mid"]].min(1), 20)),
        "elbow_turn": m.median("elbow", "high"),
        "elbow_low": m.median("elbow", "low"),
        "elbow_std": m.spread("elbow", "inside"),
        "wrist_off": _residual(m.series["wrist"][m.parts["inside"]], m.distance_from_rest[m.parts["inside"]]),
        "wrist_change": m.median("wrist", "begins") - m.median("wrist", "ends"),
        "wrist_over_hip": m.median("over_hip", "high"),
    }
    for name in ("knee", "hip", "lean", "wrist"):
        first, last = m.median(name, "begins"), m.median(name, "ends")
        out[f"{name}_low"], out[f"{name}_apart"] = 0.5 * (first + last), abs(first - last)
        out[f"{name}_turn"] = m.median(name, "high")
        out[f"{name}_back"] = m.median(name, "out") - m.median(name, "back")
    return out


def _facing(m: Moments) -> Numbers:
    """A lifter who turns round, and how far in front of the body the hands are."""
    azimuth = m.facings
    return {
        "turning": float(1 - abs(azimuth[m.parts["inside"]].mean())),
        "turned_by": float(abs(np.angle(azimuth[m.parts["ends"]].mean() * np.conj(azimuth[m.parts["begins"]].mean())))),
        "turning_top": float(1 - abs(azimuth[m.parts["high"]].mean())) if m.parts["high"].sum() > 2 else 0.0,
        "front_turn": m.median("front_hip", "high"),
        "front_low": m.median("front_ankle", "low"),
        "front_mid": m.median("front_ankle", "mid"),
        "front_shoulder": m.median("front_shoulder", "low"),
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


class MovementFeatures(NamedTuple):
    """The features of a movement, and its trajectory."""

    own: np.ndarray  # (len(OWN),) features
    joints: np.ndarray  # (TIMES, CHANNELS) trajectory

    @property
    def start_hands(self) -> float:
        """Height of the hands above the ankles at the start, in lengths of torso and legs."""
        return -float(self.joints[0, WRIST_Y].mean())

    @property
    def hips_share(self) -> float:
        """Way of the hips up or down, as a share of the shoulders'."""
        shoulders = (self.joints[:, WRIST_Y] - self.joints[:, BELOW_SHOULDER]).mean(1)
        hips_way, shoulders_way = (
            float(median(y[AT_TURN]) - (y[0] + y[-1]) / 2) for y in (self.joints[:, HIP_Y], shoulders)
        )
        return hips_way / max(shoulders_way, LEAST_WAY)


def extract(m: Moments) -> MovementFeatures:
    """Compute the features of a movement."""
    named = {**_times(m), **_place(m), **_hands(m), **_joints(m), **_facing(m)}
    curves = channels(m.world, m.points_px)
    turn = np.flatnonzero(m.parts["high"])
    first, last = (int(turn[0]), int(turn[-1])) if len(turn) else (m.peak, m.peak)
    at_s = moments_s(*(float(m.t_s[i]) for i in (m.start, first, last, m.end)))
    restless = _restless(m.t_s[first : last + 1], curves[first : last + 1, STEADY])
    own = np.concatenate([[named[name] for name in NAMED], restless])
    return MovementFeatures(own=np.nan_to_num(own), joints=at_times(m.t_s, curves, at_s))


def _restless(t_s: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return (2 * channels,): logarithms of speed and standard deviation at the turn."""
    change, spread = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    if len(values) > 2:
        spread = values.std(0)
    if len(values) > 3:
        frame_s = max(float(median(np.diff(t_s))), 1e-3)
        change = percentile(np.abs(np.diff(values, axis=0)), 80) / frame_s
    return np.log(np.concatenate([change, spread]) + 1e-3)
