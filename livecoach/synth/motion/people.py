"""Other people in the picture: passing by, standing beside the lifter, or spotting."""

from typing import NamedTuple

import numpy as np

from livecoach.synth.figure.body import JUDGING, SIDES, SIGN, TRAINING, BodyModel, load
from livecoach.synth.figure.posture import PARAMS, Posture, length, stand
from livecoach.synth.motion import moves

AWAY_M = -20.0
"""Height offset, far below the floor, of people while they are absent."""
HALF_WAY_M = 3.0
"""Distance from the lifter at which somebody who passes by appears and disappears."""


class OtherPerson(NamedTuple):
    """Another person in the picture."""

    body: BodyModel
    posture: Posture


class Visit(NamedTuple):
    """The visit of another person."""

    kind: str
    """One of livecoach.synth.motion.tokens.PEOPLE."""
    start: int
    """First frame."""


def play_visit(
    wanted: Visit, lifter: BodyModel, rng: np.random.Generator, fps: float, view_rad: float, count: int
) -> OtherPerson:
    """Return the person over all `count` frames of the set, with a body of the lifter's own group."""
    names = JUDGING if lifter.name in JUDGING else TRAINING
    body = load(names[rng.integers(len(names))], 1.0)
    away = np.array([np.cos(view_rad), np.sin(view_rad)])
    across = np.array([-np.sin(view_rad), np.cos(view_rad)]) * rng.choice([-1.0, 1.0])
    if wanted.kind == "stands_beside":
        posture = _stand_at(body, rng, fps, rng.uniform(0.9, 1.4) * across, count - wanted.start)
    elif wanted.kind == "spots":
        posture = _spot(body, rng, fps, count - wanted.start)
    else:
        near = rng.uniform(0.7, 1.2) if wanted.kind == "passes_front" else -rng.uniform(0.8, 1.4)
        start, goal = (near * away + far * HALF_WAY_M * across for far in (-1, 1))
        posture = moves.walk(body, rng, fps, start, goal)
    return OtherPerson(body, _at_its_time(posture, wanted.start, count))


def _stand_at(body: BodyModel, rng: np.random.Generator, fps: float, place: np.ndarray, count: int) -> Posture:
    posture = stand(body, max(count, 2), 0.12, 0.2)
    moves.fidget(posture, body, rng, fps, hands_free=True)
    return moves.place_at(posture, place, rng.uniform(-np.pi, np.pi))


def _spot(body: BodyModel, rng: np.random.Generator, fps: float, count: int) -> Posture:
    """Stand close behind the lifter with the hands ready."""
    posture = stand(body, max(count, 2), 0.16, 0.3)
    moves.fidget(posture, body, rng, fps, hands_free=False)
    for side in SIDES:
        posture[f"hand_x_{side}"] = posture[f"hand_x_{side}"] + 0.35
        posture[f"hand_y_{side}"] = posture[f"hand_y_{side}"] + SIGN[side] * 0.03
        posture[f"hand_z_{side}"] = posture[f"hand_z_{side}"] + 0.3
    return moves.place_at(posture, np.array([-rng.uniform(0.55, 0.8), 0.0]), 0.0)


def _at_its_time(posture: Posture, start: int, count: int) -> Posture:
    out = {}
    shown = min(length(posture), count - start)
    for name in PARAMS:
        values = np.full(count, posture[name][0])
        values[start : start + shown] = posture[name][:shown]
        out[name] = values
    gone = np.ones(count, bool)
    gone[start : start + shown] = False
    for name in ("hip_z", *(f"{part}_z_{side}" for side in SIDES for part in ("foot", "hand"))):
        out[name] = out[name] + np.where(gone, AWAY_M, 0.0)
    return out
