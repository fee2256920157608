"""Postures close to the floor outside of lifts: tying a shoe, reaching for something, sitting on a bench."""

import numpy as np

from livecoach.synth.curves import wander
from livecoach.synth.figure.body import SIDES, SIGN, BodyModel
from livecoach.synth.figure.posture import Posture, length
from livecoach.synth.motion.limbs import BALL_M
from livecoach.synth.motion.moves import OTHER_SIDE


def _hands_at_foot(posture: Posture, rng: np.random.Generator, fps: float, side: str) -> None:
    count = length(posture)
    for hand in SIDES:
        posture[f"hand_x_{hand}"] = posture[f"foot_x_{side}"] + 0.1 + wander(rng, count, fps, 0.2, 0.02)
        posture[f"hand_y_{hand}"] = posture[f"foot_y_{side}"] + SIGN[hand] * 0.06
        posture[f"hand_z_{hand}"] = 0.13 + wander(rng, count, fps, 0.2, 0.02)


def bend_to_foot(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float, side: str) -> None:
    """Change a standing posture into bending down to one shoe."""
    posture["hip_x"] = posture["hip_x"] - 0.15
    posture["hip_z"] = body.standing_hip_m * rng.uniform(0.6, 0.85) + np.zeros_like(posture["hip_z"])
    posture["pitch"] = posture["pitch"] + rng.uniform(0.9, 1.15)
    for name, more in (("lumbar", 0.4), ("thoracic", 0.4), ("neck", 0.2)):
        posture[name] = posture[name] + more
    _hands_at_foot(posture, rng, fps, side)


def kneel(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float, side: str) -> None:
    """Change a standing posture into kneeling on the other knee, hands at the shoe."""
    other = OTHER_SIDE[side]
    posture[f"foot_x_{side}"] = posture[f"foot_x_{side}"] + 0.25
    posture[f"foot_x_{other}"] = posture[f"foot_x_{other}"] - 0.4
    posture[f"foot_z_{other}"] = posture[f"foot_z_{other}"] + 0.06
    posture[f"foot_pitch_{other}"] = posture[f"foot_pitch_{other}"] + 1.0
    posture["hip_z"] = body.thigh_m + 0.1 + np.zeros_like(posture["hip_z"])
    posture["pitch"] = posture["pitch"] + rng.uniform(0.5, 0.8)
    for name, more in (("lumbar", 0.3), ("thoracic", 0.35), ("neck", 0.2)):
        posture[name] = posture[name] + more
    _hands_at_foot(posture, rng, fps, side)


def crouch_to_foot(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float, side: str) -> None:
    """Change a standing posture into a deep crouch on both feet, hands at one shoe."""
    posture["hip_x"] = posture["hip_x"] - rng.uniform(0.12, 0.22)
    posture["hip_z"] = body.shin_m * rng.uniform(0.55, 0.9) + np.zeros_like(posture["hip_z"])
    posture["pitch"] = posture["pitch"] + rng.uniform(0.5, 0.9)
    for name, more in (("lumbar", 0.35), ("thoracic", 0.35), ("neck", 0.2)):
        posture[name] = posture[name] + more
    heels_m = rng.uniform(0.0, 0.07)
    for foot in SIDES:
        posture[f"foot_z_{foot}"] = posture[f"foot_z_{foot}"] + heels_m
        posture[f"foot_pitch_{foot}"] = posture[f"foot_pitch_{foot}"] + heels_m / BALL_M
    _hands_at_foot(posture, rng, fps, side)


def foot_on_step(posture: Posture, body: BodyModel, rng: np.random.Generator, fps: float, side: str) -> None:
    """Change a standing posture into bending over one foot on a knee-high step."""
    posture[f"foot_x_{side}"] = posture[f"foot_x_{side}"] + rng.uniform(0.3, 0.45)
    posture[f"foot_z_{side}"] = posture[f"foot_z_{side}"] + rng.uniform(0.6, 1.0) * body.shin_m
    posture["hip_z"] = posture["hip_z"] - 0.05
    posture["pitch"] = posture["pitch"] + rng.uniform(0.6, 0.9)
    for name, more in (("lumbar", 0.3), ("thoracic", 0.35), ("neck", 0.2)):
        posture[name] = posture[name] + more
    rise_m = posture[f"foot_z_{side}"] - posture[f"foot_z_{OTHER_SIDE[side]}"]
    _hands_at_foot(posture, rng, fps, side)
    for hand in SIDES:
        posture[f"hand_z_{hand}"] = posture[f"hand_z_{hand}"] + rise_m


def reach_with_both(posture: Posture, body: BodyModel, rng: np.random.Generator) -> None:
    """Change a standing posture into reaching to the floor with both hands, from the legs or from the back."""
    legs = rng.uniform(0.0, 1.0)
    posture["hip_x"] = posture["hip_x"] - rng.uniform(0.15, 0.25)
    posture["hip_z"] = posture["hip_z"] * (0.93 - 0.45 * legs)
    posture["pitch"] = posture["pitch"] + 1.3 - 0.6 * legs
    for name, more in (("lumbar", 0.3), ("thoracic", 0.35), ("neck", -0.2)):
        posture[name] = posture[name] + more
    _both_hands(posture, rng.uniform(0.2, 0.4), rng.uniform(0.08, 0.2), rng.uniform(0.05, 0.3) * body.thigh_m)


def carry(posture: Posture, body: BodyModel, rng: np.random.Generator) -> None:
    """Change a standing posture into holding something in front of the belly with both hands."""
    posture["pitch"] = posture["pitch"] - 0.06
    _both_hands(posture, rng.uniform(0.2, 0.35), rng.uniform(0.1, 0.2), body.standing_hip_m + rng.uniform(-0.1, 0.2))


def hands_on_knees(posture: Posture, body: BodyModel, rng: np.random.Generator) -> None:
    """Change a standing posture into resting with the hands on the knees."""
    posture["hip_x"] = posture["hip_x"] - 0.18
    posture["hip_z"] = posture["hip_z"] * rng.uniform(0.84, 0.95)
    posture["pitch"] = posture["pitch"] + rng.uniform(0.7, 1.0)
    for name, more in (("lumbar", 0.2), ("thoracic", 0.25)):
        posture[name] = posture[name] + more
    _both_hands(posture, rng.uniform(0.08, 0.16), 0.14, body.shin_m + rng.uniform(0.08, 0.18))


def sit(posture: Posture, rng: np.random.Generator, fps: float) -> None:
    """Change a standing posture into sitting on a bench, with the hands on the thighs, the knees or the bench."""
    seat_m = rng.uniform(0.38, 0.5) + 0.08
    posture["hip_x"] = posture["hip_x"] - rng.uniform(0.32, 0.45) + wander(rng, length(posture), fps, 1.0, 0.01)
    posture["hip_z"] = np.full_like(posture["hip_z"], seat_m)
    bent = rng.uniform(0.0, 0.7)
    posture["pitch"] = posture["pitch"] + bent + wander(rng, length(posture), fps, 1.0, 0.05)
    for name, more in (("lumbar", 0.25), ("thoracic", 0.25)):
        posture[name] = posture[name] + more
    on_bench = rng.random() < 0.3
    x, z = (-0.35, seat_m) if on_bench else (rng.uniform(-0.2, 0.1), seat_m + 0.1)
    _both_hands(posture, x, 0.25 if on_bench else 0.14, z)


def _both_hands(posture: Posture, x: float, out: float, z: float) -> None:
    for side in SIDES:
        posture[f"hand_x_{side}"] = np.full_like(posture["hip_x"], x)
        posture[f"hand_y_{side}"] = np.full_like(posture["hip_x"], SIGN[side] * out)
        posture[f"hand_z_{side}"] = np.full_like(posture["hip_x"], z)
