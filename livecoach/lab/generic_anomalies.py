"""What goes wrong with a rep that no fault describes: a scorer has to see it all the same.

Done to the landmarks of good synthetic reps before the pose estimator's errors are put on: the same movement at a wrong
pace, a joint that goes its own way, a tired lifter. And a good rep of another exercise.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from livecoach import landmark
from livecoach.synth.motion.faults import EXERCISES
from livecoach.synth.truth import TrueRep

OTHER_EXERCISE = "other_exercise"
"""Label of a good rep of something else."""
LIMB_JOINTS = ((13, 15), (14, 16), (15,), (16,), (25,), (26,), (11,), (12,), (0, *range(1, 11)))
"""Landmarks that go astray together: an arm, a hand, a knee, a shoulder, the head."""
ASTRAY = (0.15, 0.4)
"""How far a joint goes astray, in standing torso lengths, by knob; a bar drifts by .1 and a back rounds by less."""
STALLED = 0.95
"""Of a pace that changes through the rep, how much at the knob's end: near 1 it comes to rest."""
TREMBLES = 0.03
"""Torso lengths by which a tired lifter's joints tremble, at the knob's end."""
TREMBLING = 9
"""Frames over which a tremble swings: some 5 Hz at 30 frames a second."""
STANDING_PERCENTILE = 90
"""Of the torso's length over a set: that of the standing lifter."""
SLOWER = 1.2
"""Share of its time that a tired way up takes longer, at the knob's end."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CleanLandmarks:
    """A set's landmarks without the pose estimator's errors, T frames."""

    image: np.ndarray
    """(T, 33, 3) x, y of the picture, z."""
    world: np.ndarray
    """(T, 33, 3) metres."""
    t_s: np.ndarray
    size_px: tuple[int, int]
    """Width and height of the picture."""


def other_exercise(exercise: str) -> str:
    """What else the synthetic lifter does."""
    return next(name for name in EXERCISES if name != exercise)


def alter_rep(clean: CleanLandmarks, rep: TrueRep, kind: str, knob: float, rng: np.random.Generator) -> tuple[CleanLandmarks, TrueRep]:
    """The set with one rep of it changed in one of KINDS, and that rep. knob: 0…1, how much."""
    return KINDS[kind](clean, rep, knob, rng)


def _time_warped(clean: CleanLandmarks, rep: TrueRep, knob: float, rng: np.random.Generator) -> tuple[CleanLandmarks, TrueRep]:
    """Stalls and hurries in turn, three times; the rep takes as long as before."""
    inside = slice(rep.start_frame, rep.end_frame + 1)
    share = np.linspace(0, 1, rep.end_frame - rep.start_frame + 1)
    waves = int(rng.integers(2, 5))
    warped = share + knob * STALLED * np.sin(2 * np.pi * waves * share + rng.choice((0, np.pi))) / (2 * np.pi * waves)
    return _resampled(clean, inside, warped), rep


def _resampled(clean: CleanLandmarks, inside: slice, share: np.ndarray) -> CleanLandmarks:
    """The frames inside replaced by those at a share of the way through them."""
    at = np.clip(share, 0, 1) * (inside.stop - inside.start - 1)
    low = np.minimum(at.astype(int), inside.stop - inside.start - 2)
    part = (at - low)[:, None, None]

    def taken(points: np.ndarray) -> np.ndarray:
        found, old = points.copy(), points[inside]
        found[inside] = old[low] * (1 - part) + old[low + 1] * part
        return found

    return replace(clean, image=taken(clean.image), world=taken(clean.world))


def _joint_off(clean: CleanLandmarks, rep: TrueRep, knob: float, rng: np.random.Generator) -> tuple[CleanLandmarks, TrueRep]:
    """A joint, with what hangs on it, goes its own way in the middle of the rep."""
    joints = list(LIMB_JOINTS[rng.integers(len(LIMB_JOINTS))])
    direction = rng.normal(size=3)
    hill = np.zeros(len(clean.t_s))
    hill[rep.start_frame : rep.end_frame + 1] = np.hanning(rep.end_frame - rep.start_frame + 1)
    far = float(np.interp(knob, (0, 1), ASTRAY))
    return _moved(clean, joints, far * hill[:, None, None] * (direction / np.linalg.norm(direction))), rep


def _moved(clean: CleanLandmarks, joints: list[int], by: np.ndarray) -> CleanLandmarks:
    """Joints moved by (T, joints or 1, 3) torso lengths along the camera's axes, in the world and in the picture."""
    world, image = clean.world.copy(), clean.image.copy()
    world[:, joints] += by * _torso(clean.world)
    image[:, joints, :2] += by[..., :2] * _torso(clean.image[..., :2] * clean.size_px) / clean.size_px
    return replace(clean, world=world, image=image)


def _torso(points: np.ndarray) -> float:
    """Length of the standing torso, in the unit of the points (T, 33, axes)."""
    along = landmark.middle(points, landmark.SHOULDERS) - landmark.middle(points, landmark.HIPS)
    return float(np.percentile(np.linalg.norm(along, axis=-1), STANDING_PERCENTILE))


def _tired(clean: CleanLandmarks, rep: TrueRep, knob: float, rng: np.random.Generator) -> tuple[CleanLandmarks, TrueRep]:
    """The first half drags on at the cost of the second, and everything trembles."""
    half = 0.5 + 0.5 * knob * SLOWER / (2 + knob * SLOWER)
    inside = slice(rep.start_frame, rep.end_frame + 1)
    share = np.interp(np.linspace(0, 1, rep.end_frame - rep.start_frame + 1), (0, half, 1), (0, 0.5, 1))
    slow = _resampled(clean, inside, share)
    kernel = np.hanning(TREMBLING) / np.linalg.norm(np.hanning(TREMBLING))
    still = rng.normal(size=(landmark.COUNT * 3, len(clean.t_s)))
    trembling = np.stack([np.convolve(one, kernel, "same") for one in still], -1)
    trembling = trembling.reshape(len(clean.t_s), landmark.COUNT, 3)
    trembling[: inside.start] = trembling[inside.stop :] = 0
    turn = inside.start + round(half * (inside.stop - inside.start))
    t_s = clean.t_s
    return _moved(slow, list(range(landmark.COUNT)), knob * TREMBLES * trembling), replace(rep, turn_s=float(t_s[turn]))


KINDS: dict[str, Callable[[CleanLandmarks, TrueRep, float, np.random.Generator], tuple[CleanLandmarks, TrueRep]]] = {
    "time_warped": _time_warped,
    "joint_off": _joint_off,
    "tired": _tired,
}
"""By name."""
