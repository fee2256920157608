"""Arms by the directions of upper arm and forearm, seen from the shoulders, wherever the trunk is."""

from typing import NamedTuple

import numpy as np

from livecoach.synth.figure.body import SIDES, SIGN, BodyModel
from livecoach.synth.figure.geometry import rotation, transform, unit
from livecoach.synth.figure.kinematics import from_hips, solve, spine_vector
from livecoach.synth.figure.posture import Posture, length

Direction = tuple[float, float, float]
"""Forward, outward, up; of any length."""
POLE_BACK = np.array([-0.12, 0.06, -0.06])
"""Direction in which a straight arm bends, small beside that of a bent one."""


class Arm(NamedTuple):
    """The directions of one arm's bones."""

    upper: Direction
    fore: Direction


HANGING = Arm((0.08, 0.16, -1.0), (0.2, 0.04, -1.0))


def shoulders(body: BodyModel, posture: Posture) -> tuple[np.ndarray, np.ndarray]:
    """Return x and z of the middle of both shoulders, (T,) m, of a trunk without yaw and side bend."""
    return from_hips(posture, spine_vector(body, body.at("upperarm.L"), posture["lumbar"], posture["thoracic"]))


def set_arms(
    posture: Posture, body: BodyModel, ways: dict[str, tuple[np.ndarray, np.ndarray]], with_trunk: float = 0.0
) -> None:
    """Put the hands where arms with these directions end.

    ways: side → directions of upper arm and forearm, (T, 3) each: forward, outward, up. with_trunk: 0, the directions
    are those of an upright trunk with the posture's yaw; 1, they turn with the trunk.
    """
    position = solve(body, posture)[1]
    axes = rotation(2, posture["yaw"]) @ rotation(1, with_trunk * trunk_lean(posture))
    for side, (upper, fore) in ways.items():
        out = np.array([1.0, SIGN[side], 1.0])
        lower_m = body.forearm_m + body.hand_m
        hand = body.upper_arm_m * unit(upper) + 0.999 * lower_m * unit(fore)
        place = position[:, body.joint[f"upperarm.{side}"]] + transform(axes, hand * out)
        bend = transform(rotation(1, with_trunk * trunk_lean(posture)), unit(upper) - unit(fore) + POLE_BACK)
        for k, axis in enumerate("xyz"):
            posture[f"hand_{axis}_{side}"] = place[:, k]
            posture[f"pole_{axis}_{side}"] = bend[:, k]


def trunk_lean(posture: Posture) -> np.ndarray:
    """Return the pitch of the upper trunk, (T,) rad."""
    lean: np.ndarray = posture["pitch"] + posture["lumbar"] + posture["thoracic"]
    return lean


def between(a: Arm, b: Arm, share: np.ndarray, over: Arm | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return directions of upper arm and forearm, (T, 3) each, between two arms. share: (T,), 0 is a.

    over: an arm that is passed halfway.
    """
    weights = [1 - share, share]
    arms = [a, b]
    if over is not None:
        middle = 4 * share * (1 - share)
        weights = [np.clip(1 - 2 * share, 0, 1), np.clip(2 * share - 1, 0, 1), middle]
        arms = [a, b, over]
    total = sum(weights)
    upper, fore = (
        sum((w / total)[:, None] * unit(np.array(arm[k])) for w, arm in zip(weights, arms, strict=True))
        for k in range(2)
    )
    return unit(upper), unit(fore)


def both(way: tuple[np.ndarray, np.ndarray]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the same directions for both arms."""
    return dict.fromkeys(SIDES, way)


def hands_along_bar(posture: Posture, grip: float = 1.0) -> None:
    """Turn both hands as on a level bar; 0: palms inward, as beside the body or on dumbbells."""
    for side in SIDES:
        posture[f"grip_{side}"] = np.full(length(posture), grip)
