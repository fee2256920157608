"""A rep as limb vectors over time, and how far it lies from those that the generator makes.

A rep's limb vectors are taken from the world landmarks in the lifter's own frame (x forward, y left, z up), in torso
lengths `L0`, `TIMES` times from start to turn and `TIMES` times from turn to end, as the pipeline finds those. What a
camera on the lifter's right sees is mirrored, so that it always stands on the left. The lifter's frame comes from the
lines through shoulders and hips while the trunk is most upright: a live program has all of that at the end of the rep.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from livecoach import landmark
from livecoach.anomaly.scoring import Score
from livecoach.config import exercise as exercises
from livecoach.config.exercise import Exercise
from livecoach.lab.pipeline_reps import scored_by
from livecoach.run.stepping import steps
from livecoach.synth.motion.tokens import GOOD
from livecoach.synth.sets import SyntheticSet, Wanted, random_set
from livecoach.types import Observation, Rep

TIMES = 12
"""Moments of each half of a rep."""
COMPONENTS = 40
UPRIGHT_SHARE = 0.25
"""Share of a rep's frames, those whose trunk is most upright, that tell the torso's length and the azimuth."""
VIEWS_DEG = (-105.0, 105.0)
REPS_OF_SET = (4, 8)
"""At least, and fewer than."""
MATCH_S = 0.3
"""How far outside a true rep the pipeline's turn may lie."""
Ends = tuple[int, ...]
EARS = (7, 8)
LIMBS: dict[str, tuple[Ends, Ends]] = {
    "torso": (landmark.HIPS, landmark.SHOULDERS),
    "head": (landmark.SHOULDERS, EARS),
    "shoulder line": ((12,), (11,)),
    "hip line": ((24,), (23,)),
    "near upper arm": ((11,), (13,)),
    "far upper arm": ((12,), (14,)),
    "near forearm": ((13,), (15,)),
    "far forearm": ((14,), (16,)),
    "near thigh": ((23,), (25,)),
    "far thigh": ((24,), (26,)),
    "near shin": ((25,), (27,)),
    "far shin": ((26,), (28,)),
    "near foot": ((29,), (31,)),
    "far foot": ((30,), (32,)),
}
"""Each from the middle of some landmarks to the middle of others."""
TO_MODEL = np.array([[0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
"""From MediaPipe's axes (right, down, away) to: towards the camera, to the picture's right, up."""
OTHER_SIDE = np.arange(landmark.COUNT)
for _name in landmark.NAMES:
    if "left" in _name:
        _pair = [landmark.NAMES.index(_name), landmark.NAMES.index(_name.replace("left", "right"))]
        OTHER_SIDE[_pair] = _pair[::-1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shapes:
    """Reps as the figure sees them."""

    limbs: np.ndarray
    """(n, 2 TIMES, len(LIMBS), 3) in L0."""
    azimuths_deg: np.ndarray
    """(n,) 0 in front, 90 at the side, 180 behind."""
    sets: np.ndarray
    """(n,) number of the set."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Space:
    """The space that good synthetic reps fill."""

    mean: np.ndarray
    """(D,)"""
    components: np.ndarray
    """(COMPONENTS, D) orthonormal rows."""

    def residuals(self, limbs: np.ndarray) -> np.ndarray:
        """What the space leaves unexplained of limb vectors (n, times, limbs, 3), same shape."""
        off = limbs.reshape(len(limbs), -1) - self.mean
        rest: np.ndarray = off - off @ self.components.T @ self.components
        return rest.reshape(limbs.shape)

    def distances(self, limbs: np.ndarray) -> np.ndarray:
        """(n,) norms of the residuals."""
        squares: np.ndarray = (self.residuals(limbs) ** 2).sum((1, 2, 3))
        return np.sqrt(squares)


class _NoScore:
    """A scorer that finds nothing anomalous."""

    def score(self, tensor: np.ndarray) -> Score:
        del tensor
        return Score(value=0.0, joints=())


def space_of(limbs: np.ndarray) -> Space:
    """The principal components of limb vectors (n, times, limbs, 3)."""
    flat = limbs.reshape(len(limbs), -1)
    mean = flat.mean(0)
    _, vectors = np.linalg.eigh(np.cov(flat - mean, rowvar=False))
    return Space(mean=mean, components=vectors[:, ::-1][:, :COMPONENTS].T)


def found_reps(observations: Sequence[Observation], exercise: Exercise) -> Iterator[Rep]:
    """The reps that the pipeline finds, in order; score None where it would not judge one."""
    if not observations:
        return
    pipeline = scored_by(exercise, _NoScore())
    for step in steps(pipeline, observations):
        if step.rep is not None:
            yield step.rep


def own_frame(worlds: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, float, float]:
    """World landmarks (T, 33, 3) of a rep in the lifter's frame, L0 (m) and the camera's azimuth (degrees, 0..180).

    inside: (T,) bool, the frames of the rep itself.
    """
    points = worlds.astype(float) @ TO_MODEL.T
    torso = middle(points, landmark.SHOULDERS) - middle(points, landmark.HIPS)
    length = np.linalg.norm(torso, axis=1)
    rise = np.where(inside, torso[:, 2] / length, -1)
    upright = np.argsort(rise)[-max(int(UPRIGHT_SHARE * inside.sum()), 3) :]
    leftward = np.median((points[:, 11] - points[:, 12] + points[:, 23] - points[:, 24])[upright], 0)
    azimuth = np.arctan2(leftward[0], leftward[1])
    if azimuth < 0:
        points, azimuth = points[:, OTHER_SIDE] * (1, -1, 1), -azimuth
    c, s = np.cos(azimuth), np.sin(azimuth)
    turned = points @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1.0]])
    return turned, float(np.median(length[upright])), float(np.degrees(azimuth))


def limbs_of(observations: Sequence[Observation], rep: Rep) -> tuple[np.ndarray, float]:
    """Limb vectors (2 TIMES, len(LIMBS), 3) of a rep that the pipeline found, and the camera's azimuth."""
    seen = [o for o in observations if o.world is not None and rep.start_s - 1 <= o.t_s <= rep.end_s + 1]
    t_s = np.array([o.t_s for o in seen])
    worlds = np.stack([o.world for o in seen if o.world is not None])
    points, torso_m, azimuth_deg = own_frame(worlds, (t_s >= rep.start_s) & (t_s <= rep.end_s))
    limbs = np.stack([middle(points, to) - middle(points, start) for start, to in LIMBS.values()], 1)
    out, back = np.linspace(rep.start_s, rep.turn_s, TIMES), np.linspace(rep.turn_s, rep.end_s, TIMES + 1)[1:]
    moments = np.concatenate([out, back])
    at = np.stack([np.interp(moments, t_s, column) for column in limbs.reshape(len(limbs), -1).T], 1)
    return at.reshape(2 * TIMES, len(LIMBS), 3) / torso_m, azimuth_deg


def synthetic_shapes(exercise: str, bodies: str, sets: int, seed: int, workers: int) -> Shapes:
    """Good reps of random sets that the pipeline judges; bodies: training or judging."""
    with ProcessPoolExecutor(workers) as pool:
        rows = [row for of_set in pool.map(partial(_of_set, exercise, bodies, seed), range(sets)) for row in of_set]
    limbs, azimuths, numbers = zip(*rows, strict=True)
    return Shapes(limbs=np.stack(limbs), azimuths_deg=np.array(azimuths), sets=np.array(numbers))


def good_set(exercise: str, bodies: str, seed: int, number: int) -> SyntheticSet:
    """A random set of good reps, as the generator draws them, from VIEWS_DEG."""
    rng = np.random.default_rng((seed, number, len(bodies)))
    tokens = (GOOD,) * int(rng.integers(*REPS_OF_SET))
    wanted = Wanted(exercise=exercise, tokens=tokens, view_deg=float(rng.uniform(*VIEWS_DEG)), bodies=bodies)
    return random_set((seed, len(bodies), number), wanted)


def _of_set(exercise: str, bodies: str, seed: int, number: int) -> list[tuple[np.ndarray, float, int]]:
    made, rules = good_set(exercise, bodies, seed, number), exercises.load(exercise)
    return [
        (*limbs_of(made.observations, rep), number)
        for rep in found_reps(made.observations, rules)
        if rep.score is not None
        and any(true.start_s - MATCH_S <= rep.turn_s <= true.end_s + MATCH_S for true in made.reps)
    ]


def middle(points: np.ndarray, ends: Ends) -> np.ndarray:
    """(T, 3) middle of some landmarks of (T, 33, 3)."""
    between: np.ndarray = points[:, list(ends)].mean(1)
    return between
