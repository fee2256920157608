"""Describes a proposed movement out and back by numbers that distinguish a lift from other movements.

The features do not depend on the lifter's position or size: lengths in the picture are shares of torso and legs,
lengths in the world are shares of the torso. Angles are in radians. The lift models were trained with the constants of
the features.
"""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.core.quantiles import median, percentile
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting import tuning
from livecoach.decisions.counting.bar_evidence import is_bar_held, measure_hang
from livecoach.decisions.counting.moments import Moments, mask_long_pauses, resample_moments
from livecoach.perception.body import body
from livecoach.perception.body.body import ANKLE, HIP, SHOULDER, WRIST, Bodies


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposal:
    """A movement out and back, perhaps unfinished, that may be a rep."""

    kind: Literal["back", "again", "turn", "open"]
    """What the body did: it came back, went out again, is at the turn, or has not come back."""
    turns: MovementTimes  # Turning points of the distance from rest
    times: MovementTimes  # Boundaries refined by the whole body
    span: float  # Distance of the peak above the resting level
    samples: Bodies  # Samples of the way, and of the rest before it


MOMENTS = 13  # moments of a trajectory: five on the way out, three at the turn, five on the way back
WITHIN_S = 0.07  # half the time over which the value at a moment is a median


def _trajectory_channels(m: Moments) -> np.ndarray:
    """Compute the (n, CHANNELS) channels of the trajectory at a movement's n moments.

    The channels are, in this order, with left before right and x before y before z:

        3   the mean angles of knees and hips, and the lean of the trunk, in radians
        2   the angles of the elbows, in radians
        4   the hands in the picture, from the middle of the ankles
        4   each hand in the picture, from the shoulder of its side
        6   each hand in the world, from the hip of its side
        1   the middle of the shoulders in the picture, from the middle of the ankles, x only
        2   the middle of the hips in the picture, from the middle of the ankles
        1   the distance of the hands in the world

    Positions in the picture are shares of the length of torso and legs; positions and distances in the world are shares
    of the torso's length. Both lengths are 75th percentiles of the moments.
    """
    world, points_px, (_, _, elbows) = m.world, m.points_px, m.joint_angles_rad
    size, torso = (max(float(percentile(lengths, 75)), 1e-6) for lengths in (m.sizes_px, m.torsos_m))
    on_feet = (points_px - points_px[:, ANKLE].mean(1)[:, None, None]) / size
    hanging = (points_px[:, WRIST] - points_px[:, SHOULDER]) / size
    at_hips = (world[:, WRIST] - world[:, HIP]) / torso
    n = len(world)
    return np.concatenate(
        [
            np.stack([m.series["knee"], m.series["hip"], m.series["lean"]], 1),
            elbows,
            on_feet[:, WRIST].reshape(n, 4),
            hanging.reshape(n, 4),
            at_hips.reshape(n, 6),
            on_feet[:, SHOULDER].mean(1)[:, :1],
            on_feet[:, HIP].mean(1),
            body.left_right_distances(world, WRIST)[:, None] / torso,
        ],
        1,
    )


CHANNELS = 23  # number of channels of a trajectory
WRIST_Y, BELOW_SHOULDER, HIP_Y = (6, 8), (10, 12), 21  # channels of heights, downwards; of the hands left and right
AT_TURN = slice(5, 8)  # moments of a trajectory at the turn
LEAST_WAY = 0.05  # least way of the shoulders that divides the way of the hips, in lengths of torso and legs
STEADY = (0, 1, 2, 5, 6, 7, 8, 19, 20, 21, 22)  # channels that lifts hold steady at the turn: knees, hips, trunk, hands


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
    "turned_by", "turning_top", "front_turn", "front_low", "front_mid", "front_shoulder"
)
# fmt: on
OWN = (*NAMED, *(f"{what}_{channel}" for what in ("speed", "spread") for channel in STEADY))
"""Names of all features of a single movement, in the order of the arrays."""


LEAST_S = 0.05  # smallest duration or speed whose logarithm is taken
Numbers = dict[str, float]  # name of a feature → its value


def _times(m: Moments) -> Numbers:
    start_s, peak_s, end_s = m.t_s[[m.start, m.peak, m.end]]
    over_s = 0.1
    distance = m.distance_from_rest
    later, earlier = np.interp(np.add.outer((over_s / 2, -over_s / 2), m.t_s), m.t_s, distance)
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


def _feet(m: Moments) -> Numbers:
    """Measure how the feet step, and how the body comes nearer or sways."""
    each = m.points_px[m.parts["inside"]][:, ANKLE] / m.typical_size_px
    ankles = each.mean(1)
    off = np.sqrt(((ankles - median(ankles)) ** 2).sum(1))
    least_size = 1.0 / m.typical_size_px
    grown = max(m.medians["ends"]["size"], least_size) / max(m.medians["begins"]["size"], least_size)
    return {
        "feet_shift": float(np.hypot(m.growth("ankle_x"), m.growth("ankle_y"))),
        "feet_wander": float(percentile(off, 90)),
        "ankle_range": float((percentile(each, 95) - percentile(each, 5)).max()),
        "ankle_jitter": _jitter(each),
        "wrist_jitter": _jitter(m.points_px[m.parts["inside"]][:, WRIST] / m.typical_size_px),
        "scale_change": float(abs(np.log(grown))),
        "sway_top": m.spreads["high"]["hips_aside"],
        "lateral": m.spreads["inside"]["trunk_aside"],
        "stance": m.medians["inside"]["stance"],
    }


def _hands(m: Moments) -> Numbers:
    """Measure the way of the hands: on a bar they hang level at a constant distance, free hands do not."""
    below = (m.points_px[:, WRIST] - m.points_px[:, SHOULDER])[m.parts["inside"], :, 1] / m.typical_size_px
    hang = m.medians["high"]["left_below"], m.medians["high"]["right_below"]
    first, last, turn = m.medians["begins"]["tilt"], m.medians["ends"]["tilt"], m.medians["high"]["tilt"]
    world_first, world_last = m.medians["begins"]["world_tilt"], m.medians["ends"]["world_tilt"]
    return {
        "path": m.spreads["inside"]["aside"],
        "path_apart": abs(m.growth("aside")),
        "hang_dev": float(percentile(np.abs(below - hang).ravel(), 90)),
        "hang_std": m.spreads["inside"]["below"],
        "hang_top_std": m.spreads["high"]["below"],
        "across_std": m.spreads["inside"]["across"],
        "across_move": abs(m.medians["low"]["across"] - m.medians["high"]["across"]),
        "across_top_std": m.spreads["high"]["across"],
        "hands_low": m.medians["low"]["apart"],
        "hands_turn": m.medians["high"]["apart"],
        "hands_move": m.medians["high"]["apart"] - m.medians["low"]["apart"],
        "hands_std": m.spreads["inside"]["apart"],
        "arm_mid": m.medians["mid"]["arm"],
        "arm_turn": m.medians["high"]["arm"],
        "arm_std": m.spreads["inside"]["arm"],
        "tilt_ends": max(abs(first), abs(last)),
        "tilt_least": min(abs(first), abs(last)),
        "tilt_turn": abs(turn),
        "tilt_change": abs(first - last),
        "tilt_mid": abs(m.medians["mid"]["tilt"]),
        "tilt_move": abs(0.5 * (first + last) - turn),
        "world_tilt_ends": max(abs(world_first), abs(world_last)),
        "world_tilt_turn": abs(m.medians["high"]["world_tilt"]),
        "world_tilt_change": abs(world_first - world_last),
    }


def _joints(m: Moments) -> Numbers:
    """Measure angles and heights at both ends and at the turn, and how the way back differs from the way out."""
    knees, hips, elbows = m.joint_angles_rad
    wrists, distance = (values[m.parts["inside"]] for values in (m.series["wrist"], m.distance_from_rest))
    wrists, distance = wrists - wrists.mean(), distance - distance.mean()
    wrists_per_distance = float(distance @ wrists) / max(float(distance @ distance), 1e-9)
    out: Numbers = {
        "knees_differ": float(percentile(np.abs(knees[m.parts["inside"], 0] - knees[m.parts["inside"], 1]), 90)),
        "hips_differ": float(percentile(np.abs(hips[m.parts["inside"], 0] - hips[m.parts["inside"], 1]), 90)),
        "elbow_mid": m.medians["mid"]["elbow"],
        "elbow_worst": float(percentile(elbows[m.parts["mid"]].min(1), 20)),
        "elbow_turn": m.medians["high"]["elbow"],
        "elbow_low": m.medians["low"]["elbow"],
        "elbow_std": m.spreads["inside"]["elbow"],
        "wrist_off": float(np.std(wrists - wrists_per_distance * distance)),
        "wrist_change": -m.growth("wrist"),
        "wrist_over_hip": m.medians["high"]["over_hip"],
    }
    for name in ("knee", "hip", "lean", "wrist"):
        first, last = m.medians["begins"][name], m.medians["ends"][name]
        out[f"{name}_low"], out[f"{name}_apart"] = 0.5 * (first + last), abs(first - last)
        out[f"{name}_turn"] = m.medians["high"][name]
        out[f"{name}_back"] = m.medians["out"][name] - m.medians["back"][name]
    return out


def _facing(m: Moments) -> Numbers:
    """Measure how the lifter turns round, and how far in front of the body the hands are."""
    azimuth = m.facings
    return {
        "turning": float(1 - abs(azimuth[m.parts["inside"]].mean())),
        "turned_by": float(abs(np.angle(azimuth[m.parts["ends"]].mean() * np.conj(azimuth[m.parts["begins"]].mean())))),
        "turning_top": float(1 - abs(azimuth[m.parts["high"]].mean())) if m.parts["high"].sum() > 2 else 0.0,
        "front_turn": m.medians["high"]["front_hip"],
        "front_low": m.medians["low"]["front_ankle"],
        "front_mid": m.medians["mid"]["front_ankle"],
        "front_shoulder": m.medians["low"]["front_shoulder"],
    }


def _log_extent(t_s: np.ndarray) -> float:
    return float(np.log(max(t_s[-1] - t_s[0], LEAST_S) if len(t_s) else LEAST_S))


def _jitter(places: np.ndarray) -> float:
    """Return the logarithm of the median second difference, which measures the landmarks' noise."""
    second = np.abs(np.diff(places, 2, axis=0))
    return float(np.log(float(median(second.ravel())) + 1e-4)) if len(second) else -5.0


class MovementFeatures(NamedTuple):
    """The features of a movement that distinguish a lift from other movements, and its trajectory."""

    own: np.ndarray  # (len(OWN),) features
    trajectory: np.ndarray  # (MOMENTS, CHANNELS), from `_trajectory_channels`

    @property
    def start_hand_height(self) -> float:
        """The height of the hands above the ankles at the start, in lengths of torso and legs."""
        return -float(self.trajectory[0, WRIST_Y].mean())

    @property
    def hips_share(self) -> float:
        """The way by which the hips sink from the movement's ends to its turn, as a share of the shoulders' way.

        The share has a meaning only for a movement that first goes down.
        """
        shoulders = (self.trajectory[:, WRIST_Y] - self.trajectory[:, BELOW_SHOULDER]).mean(1)
        heights = np.column_stack([self.trajectory[:, HIP_Y], shoulders])
        hips_way, shoulders_way = (median(heights[AT_TURN]) - (heights[0] + heights[-1]) / 2).tolist()
        return hips_way / max(shoulders_way, LEAST_WAY)


def extract_features(m: Moments) -> MovementFeatures:
    """Compute the features and the trajectory of a movement. An unknown feature is 0."""
    named = {**_times(m), **_feet(m), **_hands(m), **_joints(m), **_facing(m)}
    curves = _trajectory_channels(m)
    turn = np.flatnonzero(m.parts["high"])
    first, last = (int(turn[0]), int(turn[-1])) if len(turn) else (m.peak, m.peak)
    start_s, first_s, last_s, end_s = m.t_s[[m.start, first, last, m.end]].tolist()
    at_turn_s = first_s + (last_s - first_s) * np.array([0.1, 0.5, 0.9])
    at_s = np.concatenate([np.linspace(start_s, first_s, 6)[:5], at_turn_s, np.linspace(last_s, end_s, 6)[1:]])
    trajectory = []
    for off_s in np.abs(m.t_s - at_s[:, None]):  # the median within WITHIN_S of each moment, or the nearest value
        near = off_s <= WITHIN_S
        trajectory.append(median(curves[near]) if near.any() else curves[int(np.argmin(off_s))])
    at_turn = curves[first : last + 1, STEADY]
    speed, spread = np.zeros(len(STEADY)), at_turn.std(0) if len(at_turn) > 2 else np.zeros(len(STEADY))
    if len(at_turn) > 3:
        frame_s = max(float(median(np.diff(m.t_s[first : last + 1]))), 1e-3)
        speed = percentile(np.abs(np.diff(at_turn, axis=0)), 80) / frame_s
    own = np.concatenate([[named[name] for name in NAMED], np.log(np.concatenate([speed, spread]) + 1e-3)])
    return MovementFeatures(own=np.nan_to_num(own), trajectory=np.stack(trajectory))


class BodyPlace(NamedTuple):
    """The place and the size of a body in the picture."""

    feet_px: np.ndarray  # (2,) mid-ankle
    size_px: float  # length of torso and legs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movement:
    """A movement out and back, described by its features. Its samples are left out, to save memory."""

    times: MovementTimes
    span: float  # Distance of the peak above the resting level
    features: MovementFeatures
    shortened: "Movement | None" = None  # The movement with its long pauses shortened; None without long pauses
    unheld: "Movement | None" = None
    """The movement almost without its holds, if asked for; None without a hold longer than usual."""
    places: tuple[BodyPlace, BodyPlace, BodyPlace]  # Around the start, within the movement, and around the end
    hang: np.ndarray  # (3,) hang of the hands at the turn, from `bar_evidence.measure_hang`
    by_bar: float = 0.0  # Log likelihood ratio of a lift from whether the hands move the bar
    by_posture: float = 0.0  # Log likelihood ratio of a lift from the places of hands, hips and feet
    by_recognition: float = 0.0  # Log likelihood ratio of a lift from the recognition network; never positive


_BY_BAR = {None: 0.0, True: tuning.BAR_HELD_LOG_RATIO, False: tuning.BAR_STAYS_LOG_RATIO}


def describe_movement(proposal: Proposal, rules: RepRules, *, with_unheld: bool = False) -> Movement:
    """Compute the features, the places and the evidence of a proposed movement.

    Args:
        with_unheld: Whether to describe the movement without its holds, too, which takes 1 to 4 ms.
    """
    samples, (start_s, _, end_s) = proposal.samples, proposal.turns
    moments, t_s = resample_moments(samples, start_s, end_s), samples.t_s
    features = extract_features(moments)
    is_unlike = features.start_hand_height > rules.max_start_hands or features.hips_share < rules.min_hips_share
    # The rise of one foot over the other from the movement's ends to its turn, in lengths of torso and legs
    foot_lift = abs(moments.medians["high"]["ankle_tilt"] - moments.medians["low"]["ankle_tilt"])
    is_unlike |= foot_lift > rules.max_foot_lift
    is_excluded = moments.medians["high"]["wrist"] < rules.min_turn_hands
    is_excluded &= moments.medians["high"]["front_ankle"] > tuning.HANDS_AHEAD
    is_excluded |= _is_bow(moments, rules.min_knees_share)
    # Mean log odds of any exercise: those for an exercise say nothing about this exercise.
    log_odds = samples.lift_log_odds[t_s >= start_s].tolist()
    recognised = sum(log_odds) / len(log_odds)
    is_near = [np.abs(t_s - at_s) <= tuning.PLACE_S for at_s in (start_s, end_s)]
    is_within = (t_s >= start_s) & (t_s <= end_s)
    begins, ends, within = _places(samples, *is_near, is_within)
    movement = Movement(
        times=proposal.times,
        span=proposal.span,
        features=features,
        places=(begins, within, ends),
        hang=measure_hang(samples),
        by_bar=_BY_BAR[is_bar_held(samples.choose(is_within))] if rules.bar_on_floor else 0.0,
        by_posture=tuning.EXCLUDED_LOG_RATIO if is_excluded else tuning.UNLIKE_LOG_RATIO if is_unlike else 0.0,
        by_recognition=max(min(tuning.NO_LIFT_WEIGHT * recognised, 0.0), tuning.NO_LIFT_LEAST_LOG_RATIO),
    )
    still = tuning.PAUSE_SWAY * min(proposal.span, 1.0)

    def shorten(long_s: float, kept_s: float) -> Movement | None:
        beyond = mask_long_pauses(t_s, samples.distance_from_rest, still, long_s, kept_s)
        beyond &= (t_s > start_s) & (t_s < end_s)
        moments = resample_moments(samples, start_s, end_s, beyond) if beyond.any() else None
        return None if moments is None else replace(movement, features=extract_features(moments))

    shortened = shorten(rules.pause_s + tuning.PAUSE_SURPLUS_S, rules.pause_s)
    unheld = shorten(rules.pause_s, rules.pause_s / 2) if with_unheld else None
    return replace(movement, shortened=shortened, unheld=unheld)


def _is_bow(moments: Moments, min_knees_share: float) -> bool:
    """Return whether hips bend at the turn and knees hardly do, under a bar on the back, as in a good morning."""
    knees_rad, hips_rad = (np.pi - moments.medians["high"][name] for name in ("knee", "hip"))
    hands = max(abs(moments.medians[part]["below"]) for part in ("low", "high"))
    is_bent = knees_rad < min(min_knees_share * hips_rad, tuning.BOW_KNEES_RAD)
    return bool(is_bent and moments.medians["high"]["lean"] > tuning.BOW_LEAN_RAD and hands < tuning.HANDS_AT_SHOULDERS)


def stays_in_place(samples: Bodies, rules: RepRules) -> bool:
    """Return whether the feet end so near to their first place that the samples may be a part of a lift.

    The allowed distance is a share of the body's size. The size itself may change, as it does when the thighs turn.
    """
    t_s = samples.t_s
    first, last = _places(samples, *(np.abs(t_s - at_s) <= tuning.PLACE_S for at_s in (t_s[0], t_s[-1])))
    shift_px = float(np.hypot(*(last.feet_px - first.feet_px)))
    return shift_px / max(first.size_px, last.size_px, 1e-6) <= rules.max_feet_shift


def _places(samples: Bodies, *chosen: np.ndarray) -> list[BodyPlace]:
    """Return the median place of the body in each choice of samples, (samples,) bool."""
    feet_px, sizes_px = body.middles(samples.points_px)[:, ANKLE], samples.size_px
    return [BodyPlace(median(feet_px[some]), float(median(sizes_px[some]))) for some in chosen]
