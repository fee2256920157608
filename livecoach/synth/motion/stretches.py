"""Stretches, which are not reps."""

from collections.abc import Callable

import numpy as np

from livecoach.synth.curves import minimum_jerk
from livecoach.synth.figure.body import SIDES, SIGN, BodyModel
from livecoach.synth.figure.posture import Posture, length

Stretch = Callable[[Posture, BodyModel, np.random.Generator, float], None]
EASE_S = 0.8


def there_and_back(posture: Posture, fps: float) -> np.ndarray:
    """Return a weight (T,) that is 0 at both ends and 1 in between."""
    frames = np.arange(length(posture))
    weight: np.ndarray = minimum_jerk(np.minimum(frames, frames[::-1]) / (EASE_S * fps))
    return weight


def hands_to(
    posture: Posture,
    weight: np.ndarray,
    x: np.ndarray | float,
    out: float,
    z: np.ndarray | float,
    y: np.ndarray | float = 0,
) -> None:
    """Move both hands by `weight` (T,) to x, z, and `out` to each side of y, m."""
    for side in SIDES:
        for axis, target in (("x", x), ("y", y + SIGN[side] * out), ("z", z)):
            name = f"hand_{axis}_{side}"
            posture[name] = (1 - weight) * posture[name] + weight * target


def _side_bend(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float) -> None:
    """Raise the arms overhead and lean to either side."""
    weight = there_and_back(posture, fps)
    bend = rng.uniform(0.2, 0.4) * weight * np.sin(2 * np.pi * np.arange(length(posture)) / length(posture))
    shoulder_z = posture["hip_z"] + body.at("upperarm.L")[2]
    posture["side"] = posture["side"] + bend
    aside_m = -0.8 * np.sin(bend)
    hands_to(posture, weight, 0.02, 0.15, shoulder_z + 0.9 * body.arm_m - 0.1 * np.abs(bend), aside_m)


def _toe_touch(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float) -> None:
    """Bend down with straight knees, hands towards the feet, once or twice."""
    times = int(rng.integers(1, 3))
    phase = np.arange(length(posture)) / length(posture)
    down = minimum_jerk(np.clip(1.6 * np.sin(np.pi * times * phase) ** 2, 0, 1)) * there_and_back(posture, fps)
    deep = rng.uniform(0.8, 1.2)
    posture["pitch"] = posture["pitch"] + deep * down
    posture["hip_x"] = posture["hip_x"] - 0.12 * down
    posture["hip_z"] = posture["hip_z"] - 0.02 * down
    for name, more in (("lumbar", 0.35), ("thoracic", 0.35), ("neck", 0.1)):
        posture[name] = posture[name] + more * down
    hands_to(posture, down, 0.16, 0.1, 0.42 * body.standing_hip_m * (1.75 - deep))


def _twist(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float) -> None:
    """Twist left and right with the hands on the hips."""
    weight = there_and_back(posture, fps)
    t_s = np.arange(length(posture)) / fps
    posture["twist"] = posture["twist"] + rng.uniform(0.3, 0.6) * weight * np.sin(2 * np.pi * t_s / 2.2)
    hands_to(posture, weight, 0.04, body.shoulder_half_m, posture["hip_z"] + 0.1)
    for side in SIDES:
        posture[f"pole_y_{side}"] = posture[f"pole_y_{side}"] + weight


def _arm_circles(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float) -> None:
    """Circle the straight arms."""
    weight = there_and_back(posture, fps)
    angle = 2 * np.pi * np.arange(length(posture)) / fps / rng.uniform(1.0, 1.8)
    reach_m = 0.9 * body.arm_m
    shoulder_z = posture["hip_z"] + body.at("upperarm.L")[2]
    hands_to(
        posture, weight, reach_m * np.sin(angle), body.shoulder_half_m + 0.08, shoulder_z - reach_m * np.cos(angle)
    )


def _lunge(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float) -> None:
    """Lunge with one foot far in front, hands on the hips or on the knee."""
    weight = there_and_back(posture, fps)
    side = SIDES[rng.integers(2)]
    other = "R" if side == "L" else "L"
    deep = weight * rng.uniform(0.75, 1.0)
    posture[f"foot_x_{side}"] = posture[f"foot_x_{side}"] + 0.4 * weight
    posture[f"foot_x_{other}"] = posture[f"foot_x_{other}"] - 0.35 * weight
    posture[f"foot_z_{other}"] = posture[f"foot_z_{other}"] + 0.07 * weight
    posture[f"foot_pitch_{other}"] = posture[f"foot_pitch_{other}"] + 0.9 * weight
    posture["hip_z"] = posture["hip_z"] - deep * (posture["hip_z"] - body.thigh_m - 0.12)
    posture["pitch"] = posture["pitch"] + rng.uniform(0.0, 0.5) * weight
    low = rng.random() < 0.5
    hands_to(posture, weight, 0.3 if low else 0.04, 0.1 if low else body.shoulder_half_m, posture["hip_z"] + 0.08)


def _heel_to_seat(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float) -> None:
    """Stand on one leg and pull the other heel up behind."""
    weight = there_and_back(posture, fps)
    side = SIDES[rng.integers(2)]
    posture[f"foot_x_{side}"] = posture[f"foot_x_{side}"] - 0.28 * weight
    posture[f"foot_z_{side}"] = posture[f"foot_z_{side}"] + rng.uniform(0.8, 1.0) * body.shin_m * weight
    posture[f"foot_pitch_{side}"] = posture[f"foot_pitch_{side}"] + 1.5 * weight
    posture["hip_y"] = posture["hip_y"] - SIGN[side] * 0.06 * weight
    hand = {"x": posture[f"foot_x_{side}"], "y": posture[f"foot_y_{side}"], "z": posture[f"foot_z_{side}"] + 0.05}
    for axis, target in hand.items():
        name = f"hand_{axis}_{side}"
        posture[name] = (1 - weight) * posture[name] + weight * target


def _hip_hinges(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float) -> None:
    """Hinge at the hips a few times with a straight back, hands on the hips."""
    weight = there_and_back(posture, fps)
    t_s = np.arange(length(posture)) / fps
    bow = rng.uniform(0.5, 1.2) * weight * np.sin(np.pi * t_s / rng.uniform(1.2, 2.5)) ** 2
    posture["pitch"] = posture["pitch"] + bow
    posture["hip_x"] = posture["hip_x"] - 0.15 * bow
    posture["hip_z"] = posture["hip_z"] - 0.03 * bow
    hands_to(posture, weight, posture["hip_x"] + 0.05, body.shoulder_half_m, posture["hip_z"] + 0.1)


def _hip_circles(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float) -> None:
    """Circle the hips with the hands on them."""
    weight = there_and_back(posture, fps)
    angle = 2 * np.pi * np.arange(length(posture)) / fps / rng.uniform(1.2, 2.4)
    posture["hip_x"] = posture["hip_x"] + 0.09 * weight * np.cos(angle)
    posture["hip_y"] = posture["hip_y"] + 0.11 * weight * np.sin(angle)
    posture["hip_z"] = posture["hip_z"] - 0.04 * weight
    posture["pitch"] = posture["pitch"] - 0.2 * weight * np.cos(angle)
    hands_to(posture, weight, posture["hip_x"] + 0.04, body.shoulder_half_m, posture["hip_z"] + 0.1)


STRETCHES: tuple[Stretch, ...] = (
    _side_bend,
    _toe_touch,
    _twist,
    _arm_circles,
    _lunge,
    _heel_to_seat,
    _hip_hinges,
    _hip_circles,
)
