"""Truth severities of a set's reps: measured on the landmarks without noise, against the lifter's own good reps."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from livecoach import landmark
from livecoach.rep.measures import DorsalProfile, RepMotion
from livecoach.rep.measures.back import profile_of_mesh
from livecoach.synth.figure.body import Body
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.motion.lifter import Lifter
from livecoach.synth.motion.programme import Programme
from livecoach.synth.motion.tokens import GOOD
from livecoach.synth.severity import measure_rep, severities
from livecoach.synth.truth import TrueRep

MARGIN_S = 1.0
"""Shown to the measures before and after a rep."""
OWN_REPS = 3
OWN_FPS = 30.0
OWN_SEED = 20261120
"""Of the good reps that a lifter is held against: the same ones in every set."""

Joints = tuple[np.ndarray, np.ndarray]
"""Turn (T, J, 3, 3) and position (T, J, 3), as kinematics.solve."""


class Performer(NamedTuple):
    """Who does what."""

    body: Body
    exercise: str
    lifter: Lifter
    bar: bool


def judged(who: Performer, fps: float, reps: Sequence[TrueRep], joints: Joints) -> tuple[TrueRep, ...]:
    """The reps with their severities; frames of `reps` count in `joints`."""
    if not reps:
        return ()
    reference = own_reps(who)
    found = measures_of(who, fps, reps, joints)
    return tuple(
        _with_severities(rep, severities(values, reference, who.exercise))
        for rep, values in zip(reps, found, strict=True)
    )


def own_reps(who: Performer, count: int = OWN_REPS, seed: int = OWN_SEED) -> list[dict[str, float]]:
    """Measures of `count` good reps."""
    rng = np.random.default_rng(seed)
    programme = Programme(who.body, who.exercise, OWN_FPS, rng, who.lifter, 0.0, who.bar)
    made = programme.run((GOOD,) * (count + 1))
    return measures_of(who, OWN_FPS, made.reps, solve(who.body, made.posture))[1:]  # nothing is before the first one


def measures_of(who: Performer, fps: float, reps: Sequence[TrueRep], joints: Joints) -> list[dict[str, float]]:
    """Every measure of each rep."""
    points = who.body.landmarks(*joints)
    torso_m = torso_length_m(who.body)
    found: list[dict[str, float]] = []
    previous = None
    for rep in reps:
        motion, first = _motion(points, rep, fps, torso_m)
        back = _back(who.body, motion, joints, first, torso_m)
        found.append(measure_rep(motion, who.exercise, previous, back))
        previous = motion
    return found


def torso_length_m(body: Body) -> float:
    """Middle of the hips to the middle of the shoulders of the body at rest."""
    shoulders, hips = (body.landmark_rest[list(pair)].mean(0) for pair in (landmark.SHOULDERS, landmark.HIPS))
    return float(np.linalg.norm(shoulders - hips))


def _motion(points: np.ndarray, rep: TrueRep, fps: float, torso_m: float) -> tuple[RepMotion, int]:
    """The rep with its margin, and the frame that its first one is."""
    margin = round(MARGIN_S * fps)
    first, last = max(rep.start_frame - margin, 0), min(rep.end_frame + 1 + margin, len(points))
    shown = points[first:last]
    motion = RepMotion(
        points=shown,
        t_s=np.arange(len(shown)) / fps,
        torso=torso_m,
        start=rep.start_frame - first,
        end=rep.end_frame + 1 - first,
    )
    return motion, first


def _back(body: Body, motion: RepMotion, joints: Joints, first: int, torso_m: float) -> DorsalProfile:
    turn, position = joints

    def profile(frames: np.ndarray) -> np.ndarray:
        at = first + np.asarray(frames)
        back = body.skin_some(body.back_vertices, turn[at], position[at])
        return profile_of_mesh(back, motion.middles["H"][frames], motion.middles["S"][frames], torso_m)

    return profile


def _with_severities(rep: TrueRep, found: dict[str, float]) -> TrueRep:
    rounded = {name: round(value, 3) for name, value in found.items()}
    faults = tuple(replace(fault, severity=rounded.get(fault.name)) for fault in rep.faults)
    shown = {name: value for name, value in rounded.items() if value > 0}
    return replace(rep, faults=faults, severities=shown)
