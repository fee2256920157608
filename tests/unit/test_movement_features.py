"""Each feature of a movement by its plain definition, computed a second time with NumPy's own functions.

The forests that tell lifts from other movements were trained on these features: another value would mislead them.
"""

import numpy as np
import pytest
from builders.observations import a_set
from builders.stick_figure import bends

from livecoach.decisions.counting import movement
from livecoach.decisions.counting.moments import Moments
from livecoach.perception.body.body import ANKLE, ELBOW, HIP, KNEE, SHOULDER, WRIST, find_body

LEAST_S = 0.05
ANGLES = {"knee": (HIP, KNEE, ANKLE), "hip": (SHOULDER, HIP, KNEE), "elbow": (SHOULDER, ELBOW, WRIST)}


def a_restless_movement(seed: int, end: int = 100) -> Moments:
    """A deadlift at uneven times, of a figure that turns, walks and comes nearer, with noise in each joint.

    Nobody is seen for a third of a second on the way up.
    """
    rng = np.random.default_rng(seed)
    away = 1 - bends(reps=1, rest=1.0)
    bodies = [b for o in a_set(1 - away, lift="deadlift", seed=seed) if (b := find_body(o)) is not None]
    turn, share = np.linspace(0, 0.6, len(bodies))[:, None, None], np.linspace(0, 1, len(bodies))
    x, y, z = np.moveaxis(np.array([b.world for b in bodies], np.float64), -1, 0)
    world = np.stack([np.cos(turn) * x - np.sin(turn) * z, y, np.sin(turn) * x + np.cos(turn) * z], -1)
    points_px = np.array([b.points_px for b in bodies]) * (1 + share / 10)[:, None, None, None]
    points_px[..., 0] += 30 * share[:, None, None]
    between_s = rng.uniform(0.02, 0.06, len(bodies))
    between_s[35] = 0.33
    return Moments(
        t_s=np.cumsum(between_s),
        distance_from_rest=away + rng.normal(0, 0.01, len(bodies)) + 0.1 * share,
        world=world + rng.normal(0, 0.02, world.shape),
        points_px=points_px + rng.normal(0, 3, points_px.shape),
        start=20,
        end=end,
    )


def norm(vectors: np.ndarray) -> np.ndarray:
    return np.linalg.norm(vectors, axis=-1)


def angle(world: np.ndarray, a: int, at: int, b: int) -> np.ndarray:
    one, other = world[:, a] - world[:, at], world[:, b] - world[:, at]
    return np.arccos((one * other).sum(-1) / norm(one) / norm(other))


def lean(world: np.ndarray) -> np.ndarray:
    trunk = world[:, SHOULDER].mean(1) - world[:, HIP].mean(1)
    return np.arctan2(np.hypot(trunk[:, 0], trunk[:, 2]), -trunk[:, 1])


def body_px(points_px: np.ndarray) -> np.ndarray:
    middle = points_px.mean(2)
    return sum(norm(middle[:, a] - middle[:, b]) for a, b in ((SHOULDER, HIP), (HIP, KNEE), (KNEE, ANKLE)))


def lasting(t_s: np.ndarray) -> float:
    return np.log(max(t_s[-1] - t_s[0], LEAST_S))


def plain_features(m: Moments) -> dict[str, float]:
    """Return the features NAMED. Lengths in the picture are in lengths of torso and legs, in the world of the torso."""
    t_s, away, index = m.t_s, m.distance_from_rest, np.arange(len(m.t_s))
    inside = (index >= m.start) & (index <= m.end)
    peak, rest = m.start + int(away[inside].argmax()), min(away[m.start], away[m.end])
    span = away[peak] - rest
    going, turn = (
        inside & (away > rest + 0.2 * span) & (away < rest + 0.85 * span),
        inside & (away > rest + 0.85 * span),
    )
    out, back = going & (index <= peak), going & (index > peak)
    back = back if back.any() else index == peak
    under_way = out | back
    begin, end = (np.abs(t_s - t_s[at]) <= 0.2 for at in (m.start, m.end))
    ends = begin | end
    speed = (np.interp(t_s + 0.05, t_s, away) - np.interp(t_s - 0.05, t_s, away)) / 0.1
    fastest = {"out": speed[m.start : peak + 1].max(), "back": -speed[peak : m.end + 1].min()}

    size = np.percentile(body_px(m.points_px)[inside], 75)
    px, torso_m = (
        m.points_px / size,
        np.percentile(norm(m.world[:, SHOULDER].mean(1) - m.world[:, HIP].mean(1))[inside], 75),
    )
    leg_m = np.median(
        (norm(m.world[:, HIP] - m.world[:, KNEE]) + norm(m.world[:, KNEE] - m.world[:, ANKLE])).mean(1)[inside]
    )
    world, middle, middle_px = m.world / torso_m, m.world.mean(2) / torso_m, px.mean(2)
    foot = middle_px[:, ANKLE]
    angles = {name: angle(m.world, *three) for name, three in ANGLES.items()}
    leftward = (world[:, [SHOULDER, HIP], 0] - world[:, [SHOULDER, HIP], 1]).sum(1)
    facing = np.exp(1j * np.arctan2(-leftward[:, 2], leftward[:, 0]))
    ahead = np.angle(facing[inside].mean())
    forward = middle @ -np.array([np.sin(ahead), 0, np.cos(ahead)])
    hang, apart = (px[:, WRIST] - px[:, SHOULDER])[..., 1], norm(world[:, WRIST, 0] - world[:, WRIST, 1])
    across, arm = np.abs(px[:, WRIST, 0, 0] - px[:, WRIST, 1, 0]), norm(world[:, WRIST] - world[:, SHOULDER]).mean(1)
    tilt, world_tilt = (points[:, WRIST, 0, 1] - points[:, WRIST, 1, 1] for points in (px, world))
    tilts, world_tilts = ([np.median(of[part]) for part in (begin, end, turn)] for of in (tilt, world_tilt))
    aside = middle_px[:, WRIST, 0] - foot[:, 0]
    wrist = (m.world[:, ANKLE].mean(1) - m.world[:, WRIST].mean(1))[:, 1] / leg_m
    fit = np.polyval(np.polyfit(away[inside], wrist[inside], 1), away[inside])
    levels = {name: of.mean(1) for name, of in angles.items() if name != "elbow"} | {
        "lean": lean(m.world),
        "wrist": wrist,
    }
    elbow = angles["elbow"].mean(1)

    def jitter(places: np.ndarray) -> float:
        return np.log(np.median(np.abs(np.diff(places, 2, axis=0))) + 1e-4)

    return {
        "log_s": np.log(t_s[m.end] - t_s[m.start]),
        "log_out_s": np.log(t_s[peak] - t_s[m.start]),
        "log_back_s": lasting(t_s[peak : m.end + 1]),
        "log_top_s": lasting(t_s[turn]),
        "log_rise_s": lasting(t_s[out]),
        "log_fall_s": lasting(t_s[back]),
        "span": span,
        "start_level": away[m.start],
        "end_level": away[m.end],
        "ends_apart": abs(away[m.end] - away[m.start]),
        "gap": np.diff(t_s[inside]).max(),
        "speed_out": np.log(fastest["out"]),
        "speed_back": np.log(max(fastest["back"], LEAST_S)),
        "even_out": np.log(fastest["out"] / span) + lasting(t_s[out]),
        "even_back": np.log(max(fastest["back"], LEAST_S) / span) + lasting(t_s[back]),
        "feet_shift": norm(np.median(foot[end], 0) - np.median(foot[begin], 0)),
        "feet_wander": np.percentile(norm(foot[inside] - np.median(foot[inside], 0)), 90),
        "ankle_range": (np.diff(np.percentile(px[inside, ANKLE], (5, 95), axis=0), axis=0)).max(),
        "ankle_jitter": jitter(px[inside, ANKLE]),
        "wrist_jitter": jitter(px[inside, WRIST]),
        "scale_change": abs(np.log(np.median(body_px(px)[end]) / np.median(body_px(px)[begin]))),
        "sway_top": (middle_px[:, HIP, 0] - foot[:, 0])[turn].std(),
        "lateral": (middle_px[:, [SHOULDER, HIP], 0].mean(1) - foot[:, 0])[inside].std(),
        "stance": np.median(norm(world[:, ANKLE, 0] - world[:, ANKLE, 1])[inside]),
        "path": aside[inside].std(),
        "path_apart": abs(np.median(aside[begin]) - np.median(aside[end])),
        "hang_dev": np.percentile(np.abs(hang[inside] - np.median(hang[turn], 0)), 90),
        "hang_std": hang.mean(1)[inside].std(),
        "hang_top_std": hang.mean(1)[turn].std(),
        "across_std": across[inside].std(),
        "across_move": abs(np.median(across[ends]) - np.median(across[turn])),
        "across_top_std": across[turn].std(),
        "hands_low": np.median(apart[ends]),
        "hands_turn": np.median(apart[turn]),
        "hands_move": np.median(apart[turn]) - np.median(apart[ends]),
        "hands_std": apart[inside].std(),
        "arm_mid": np.median(arm[under_way]),
        "arm_turn": np.median(arm[turn]),
        "arm_std": arm[inside].std(),
        "tilt_ends": max(map(abs, tilts[:2])),
        "tilt_least": min(map(abs, tilts[:2])),
        "tilt_turn": abs(tilts[2]),
        "tilt_change": abs(tilts[0] - tilts[1]),
        "tilt_mid": abs(np.median(tilt[under_way])),
        "tilt_move": abs((tilts[0] + tilts[1]) / 2 - tilts[2]),
        "world_tilt_ends": max(map(abs, world_tilts[:2])),
        "world_tilt_turn": abs(world_tilts[2]),
        "world_tilt_change": abs(world_tilts[0] - world_tilts[1]),
        "knees_differ": np.percentile(np.abs(np.diff(angles["knee"][inside])), 90),
        "hips_differ": np.percentile(np.abs(np.diff(angles["hip"][inside])), 90),
        "elbow_mid": np.median(elbow[under_way]),
        "elbow_worst": np.percentile(angles["elbow"][under_way].min(1), 20),
        "elbow_turn": np.median(elbow[turn]),
        "elbow_low": np.median(elbow[ends]),
        "elbow_std": elbow[inside].std(),
        "wrist_off": (wrist[inside] - fit).std(),
        "wrist_change": np.median(wrist[begin]) - np.median(wrist[end]),
        "wrist_over_hip": np.median((middle[:, HIP] - middle[:, WRIST])[turn, 1]),
        **{f"{name}_low": (np.median(of[begin]) + np.median(of[end])) / 2 for name, of in levels.items()},
        **{f"{name}_apart": abs(np.median(of[begin]) - np.median(of[end])) for name, of in levels.items()},
        **{f"{name}_turn": np.median(of[turn]) for name, of in levels.items()},
        **{f"{name}_back": np.median(of[out]) - np.median(of[back]) for name, of in levels.items()},
        "turning": 1 - abs(facing[inside].mean()),
        "turned_by": abs(np.angle(facing[end].mean() / facing[begin].mean())),
        "turning_top": 1 - abs(facing[turn].mean()),
        "front_turn": np.median((forward[:, WRIST] - forward[:, HIP])[turn]),
        "front_low": np.median((forward[:, WRIST] - forward[:, ANKLE])[ends]),
        "front_mid": np.median((forward[:, WRIST] - forward[:, ANKLE])[under_way]),
        "front_shoulder": np.median((forward[:, WRIST] - forward[:, SHOULDER])[ends]),
    }


def plain_channels(m: Moments) -> np.ndarray:
    """Return (n, CHANNELS): angles, and places of hands, shoulders and hips."""
    size = np.percentile(body_px(m.points_px), 75)
    torso_m = np.percentile(norm(m.world[:, SHOULDER].mean(1) - m.world[:, HIP].mean(1)), 75)
    px, world, n = m.points_px / size, m.world / torso_m, len(m.t_s)
    from_feet = px.mean(2) - px[:, [ANKLE]].mean(2)
    hands = px[:, WRIST] - px[:, ANKLE].mean(1)[:, None]
    columns = [
        angle(m.world, *ANGLES["knee"]).mean(1),
        angle(m.world, *ANGLES["hip"]).mean(1),
        lean(m.world),
        angle(m.world, *ANGLES["elbow"]),
        hands.reshape(n, 4),
        (px[:, WRIST] - px[:, SHOULDER]).reshape(n, 4),
        (world[:, WRIST] - world[:, HIP]).reshape(n, 6),
        from_feet[:, SHOULDER, 0],
        from_feet[:, HIP],
        norm(world[:, WRIST, 0] - world[:, WRIST, 1]),
    ]
    return np.column_stack(columns)


@pytest.mark.parametrize(("seed", "end"), [(1, 100), (2, 100), (3, 60)])
def test_each_feature_of_a_movement_is_computed_as_defined(seed, end):
    """Also of a movement that is farthest from rest where it ends, and so has no way back."""
    m = a_restless_movement(seed, end)
    found, expected = movement.extract_features(m).own[: len(movement.NAMED)], plain_features(m)
    assert {*expected} == {*movement.NAMED}
    assert dict(zip(movement.NAMED, found.tolist(), strict=True)) == pytest.approx(expected, abs=1e-9)


def at_turn(m: Moments) -> slice:
    inside = m.distance_from_rest[m.start : m.end + 1]
    rest = min(inside[0], inside[-1])
    high = m.start + np.flatnonzero(inside > rest + 0.85 * (inside.max() - rest))
    return slice(int(high[0]), int(high[-1]) + 1)


def test_the_turn_of_a_held_bar_is_calm():
    """How fast each channel changes at the turn, a fifth of the changes left out, and how far it spreads."""
    m = a_restless_movement(3)
    turn = at_turn(m)
    values = plain_channels(m)[turn][:, movement.STEADY]
    speed = np.percentile(np.abs(np.diff(values, axis=0)), 80, axis=0) / np.median(np.diff(m.t_s[turn]))
    expected = np.log(np.concatenate([speed, values.std(0)]) + 1e-3)
    np.testing.assert_allclose(movement.extract_features(m).own[len(movement.NAMED) :], expected, atol=1e-9)
    assert len(movement.OWN) == len(movement.NAMED) + len(expected)


def test_the_course_of_a_movement_is_its_channels_at_even_moments():
    """Five on the way to the turn, three at it, five on the way back; medians over .14 s, or the nearest."""
    m = a_restless_movement(4)
    turn = at_turn(m)
    start_s, first_s, last_s, end_s = m.t_s[[m.start, turn.start, turn.stop - 1, m.end]]
    out, back = (first_s - start_s) / 5, (end_s - last_s) / 5
    moments_s = [
        *(start_s + k * out for k in range(5)),
        *(first_s + share * (last_s - first_s) for share in (0.1, 0.5, 0.9)),
        *(last_s + k * back for k in range(1, 6)),
    ]
    values = plain_channels(m)
    near = [np.abs(m.t_s - moment_s) <= max(0.07, np.abs(m.t_s - moment_s).min()) for moment_s in moments_s]
    expected = [np.median(values[moments], axis=0) for moments in near]
    assert np.shape(expected) == (movement.MOMENTS, movement.CHANNELS)
    np.testing.assert_allclose(movement.extract_features(m).trajectory, expected, atol=1e-9)


def test_posture_is_measured_at_the_start_and_from_the_ends_to_the_turn():
    """In lengths of torso and legs: the hands' height at the start, and the hips' way as a share of the shoulders'."""
    hand_y, below_shoulder, hip_y = [6, 8], [10, 12], 21
    joints = np.zeros((movement.MOMENTS, movement.CHANNELS))
    joints[0, hand_y] = -0.3, -0.5
    joints[[0, -1], hip_y] = -0.5, -0.45
    joints[5:8, hip_y] = -0.3, -0.275, 0.0
    joints[0, below_shoulder] = 0.2, 0.4  # shoulders at .7
    joints[-1, below_shoulder] = 0.6, 0.8  # likewise
    joints[5:8, below_shoulder] = [[0.2, 0.2], [0.3, 0.3], [0.9, 0.9]]
    squat = movement.MovementFeatures(own=np.zeros(len(movement.OWN)), trajectory=joints)
    assert squat.start_hand_height == pytest.approx(0.4)
    assert squat.hips_share == pytest.approx((0.475 - 0.275) / (0.7 - 0.3))
    still = squat._replace(trajectory=joints * 0.1)
    assert still.hips_share == pytest.approx(0.02 / 0.05)  # of shoulders that move by less, as if by so much
