"""Anomalies that no fault describes, which a scorer should detect all the same.

They modify the landmarks of good synthetic reps before the pose estimator's errors are added: a wrong pace, a joint
that deviates, or a tired lifter. A good rep of another exercise is an anomaly, too.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from livecoach import landmark
from livecoach.lab.main_lifts import MAIN_LIFTS
from livecoach.synth.truth import TrueRep

OTHER_EXERCISE = "other_exercise"
"""Label of a good rep of another exercise."""
LIMB_JOINTS = ((13, 15), (14, 16), (15,), (16,), (25,), (26,), (11,), (12,), (0, *range(1, 11)))
"""Landmarks that deviate together: an arm, a hand, a knee, a shoulder, the head."""
ASTRAY = (0.15, 0.4)
"""Range of a joint's deviation, in standing torso lengths; a bar drifts by .1, and a back rounds by less."""
STALLED = 0.95
"""Variation of the pace at knob 1; near 1, the movement stops."""
TREMBLES = 0.03
"""Tremor of a tired lifter's joints at knob 1, torso lengths."""
TREMBLING = 9
"""Period of the tremor in frames: about 5 Hz at 30 frames per second."""
STANDING_PERCENTILE = 90
"""Percentile of the torso length over a set that represents standing."""
SLOWER = 1.2
"""Additional time of a tired lifter's first half at knob 1, as a share of its duration."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CleanLandmarks:
    """A set's landmarks without the pose estimator's errors, T frames."""

    image: np.ndarray
    """(T, 33, 3) x, y in the picture, and z."""
    world: np.ndarray
    """(T, 33, 3) metres."""
    t_s: np.ndarray
    size_px: tuple[int, int]
    """Width and height of the picture."""


def other_exercise(exercise: str) -> str:
    """Return another exercise of the synthetic lifter."""
    return next(name for name in MAIN_LIFTS if name != exercise)


def alter_rep(
    clean: CleanLandmarks, rep: TrueRep, kind: str, knob: float, rng: np.random.Generator
) -> tuple[CleanLandmarks, TrueRep]:
    """Alter one rep of a set by one of KINDS; returns the set and the rep. knob: strength, 0…1."""
    return KINDS[kind](clean, rep, knob, rng)


def _time_warped(
    clean: CleanLandmarks, rep: TrueRep, knob: float, rng: np.random.Generator
) -> tuple[CleanLandmarks, TrueRep]:
    """Alternate between slowing and hurrying two to four times; the duration of the rep does not change."""
    inside = slice(rep.start_frame, rep.end_frame + 1)
    share = np.linspace(0, 1, rep.end_frame - rep.start_frame + 1)
    waves = int(rng.integers(2, 5))
    warped = share + knob * STALLED * np.sin(2 * np.pi * waves * share + rng.choice((0, np.pi))) / (2 * np.pi * waves)
    return _resampled(clean, inside, warped), rep


def _resampled(clean: CleanLandmarks, inside: slice, share: np.ndarray) -> CleanLandmarks:
    """Replace the frames inside by those at given shares of their progress."""
    at = np.clip(share, 0, 1) * (inside.stop - inside.start - 1)
    low = np.minimum(at.astype(int), inside.stop - inside.start - 2)
    part = (at - low)[:, None, None]

    def resampled(points: np.ndarray) -> np.ndarray:
        found, old = points.copy(), points[inside]
        found[inside] = old[low] * (1 - part) + old[low + 1] * part
        return found

    return replace(clean, image=resampled(clean.image), world=resampled(clean.world))


def _joint_off(
    clean: CleanLandmarks, rep: TrueRep, knob: float, rng: np.random.Generator
) -> tuple[CleanLandmarks, TrueRep]:
    """Let a joint, with the joints attached to it, deviate in the middle of the rep."""
    joints = list(LIMB_JOINTS[rng.integers(len(LIMB_JOINTS))])
    direction = rng.normal(size=3)
    hill = np.zeros(len(clean.t_s))
    hill[rep.start_frame : rep.end_frame + 1] = np.hanning(rep.end_frame - rep.start_frame + 1)
    far = float(np.interp(knob, (0, 1), ASTRAY))
    return _moved(clean, joints, far * hill[:, None, None] * (direction / np.linalg.norm(direction))), rep


def _moved(clean: CleanLandmarks, joints: list[int], by: np.ndarray) -> CleanLandmarks:
    """Move joints by (T, joints or 1, 3) torso lengths along the camera's axes, in the world and in the picture."""
    world, image = clean.world.copy(), clean.image.copy()
    world[:, joints] += by * _torso(clean.world)
    image[:, joints, :2] += by[..., :2] * _torso(clean.image[..., :2] * clean.size_px) / clean.size_px
    return replace(clean, world=world, image=image)


def _torso(points: np.ndarray) -> float:
    """Return the length of the standing torso, in the unit of the points (T, 33, axes)."""
    along = landmark.middle(points, landmark.SHOULDERS) - landmark.middle(points, landmark.HIPS)
    return float(np.percentile(np.linalg.norm(along, axis=-1), STANDING_PERCENTILE))


def _tired(
    clean: CleanLandmarks, rep: TrueRep, knob: float, rng: np.random.Generator
) -> tuple[CleanLandmarks, TrueRep]:
    """Slow the first half at the cost of the second, and add a tremor to all joints."""
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
"""Anomalies by name."""
