"""Fits to real landmarks what rendered clips can't tell: how much of the errors recurs, and how they change in time.

Reps of rendered sets differ more than reps of real sets, and changes between two reps count as slow errors there.
`blazepose_webcam.npz` holds takes (1500, 33, 4) of BlazePose before two people (names that begin with a or b), 30
frames a second, in sequences of SEQUENCE frames with pauses between them. The truth is not known, but bones keep their
length: any change of a length is an error. Frames are not evenly spaced, so only lengths are compared, not paths. All
lengths are those in the picture, with the estimated depth, in torso lengths.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from noise_parts import ridge

from livecoach.core import landmark
from livecoach.core.errors import SourceError
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.noise import Noise
from livecoach.lab.synth.noise_model import CONSTANT, FAST, NoiseParameters
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set
from livecoach.perception.body.body import pair_middle

FILE = "blazepose_webcam.npz"
SIZE_PX = (640, 480)
FPS = 30.0
SEQUENCE, SETTLES = 30, 5  # frames of a sequence, and how many of them the estimator's filters need after a pause
BONES = {
    "trunk": ((11, 12), (23, 24), (11, 23), (12, 24)),
    "upper arm": ((11, 13), (12, 14)),
    "forearm": ((13, 15), (14, 16)),
    "thigh": ((23, 25), (24, 26)),
    "shin": ((25, 27), (26, 28)),
}
TRUNK = len(BONES["trunk"])
STILL, MOVING = 0.06, 0.25
"""Ways of a bone's ends in a sequence, in torso lengths: below STILL the ends stand still, above MOVING they move."""
LATER = 8  # frames after which a length is compared again
LEAST_SEQUENCES = 3
MEASURES = (
    "left against right",
    "with the posture",
    "from sequence to sequence",
    "within a sequence",
    "still, from frame to frame",
    f"still, {LATER} frames by one",
    "moving, from frame to frame",
    f"moving, {LATER} frames by one",
)
LEFT_RIGHT, POSTURE, ANEW, WITHIN, STILL_STEP, STILL_LATER, MOVING_STEP, MOVING_LATER = range(len(MEASURES))
PEOPLE = ("a", "b")
IDLE = "idle"  # part of the name of a take without a set
SETS, REPS = 16, 10
ROUNDS, DAMPING = 8, 0.7
ANEW_RANGE = (0.03, 0.8)
SHORTEST_S = 0.25  # least time between knots of slow errors: faster errors are fast errors


class Set(NamedTuple):
    """The true landmarks of a set before a camera as near as a webcam."""

    image: np.ndarray
    world: np.ndarray
    view_deg: float


def webcam(folder: Path) -> dict[str, list[np.ndarray]]:
    """Return the takes of each person, landmarks (T, 33, 3) in pixels, NaN without a person; or raise SourceError."""
    try:
        with np.load(folder / FILE, allow_pickle=False) as stored:
            takes = {name: stored[name].astype(float) for name in stored.files if IDLE not in name}
    except (OSError, ValueError, EOFError, BadZipFile) as err:
        raise SourceError(f"{folder / FILE}: holds no landmarks ({err}). Name the folder of {FILE}.") from err
    for take in takes.values():
        take[(take == 0).all((1, 2))] = np.nan
    return {who: [pixels(take) for name, take in takes.items() if name.startswith(who)] for who in PEOPLE}


def pixels(image: np.ndarray) -> np.ndarray:
    """Return landmarks in pixels, with depths in the same unit, (T, 33, 3)."""
    return np.asarray(image[..., :3] * (SIZE_PX[0], SIZE_PX[1], SIZE_PX[0]))


def near_sets() -> list[Set]:
    """Return sets of presses and squats by synthetic lifters, from the front."""
    sets = []
    for number in range(SETS):
        exercise = ("overhead_press", "squat")[number % 2]
        tokens = parse_tokens(f"idle:3,good*{REPS},idle:4", exercise)
        wanted = SetRequest(
            exercise=exercise, fps=FPS, view_deg=0.0, size_px=SIZE_PX, lost=0.0, noise=0.0, near=True, tokens=tokens
        )
        made = random_set((0, number), replace(wanted, graded=False))
        sets.append(Set(made.seen.image[..., :3], made.seen.world, made.settings.camera.azimuth_deg))
    return sets


def modelled(model: NoiseParameters, sets: Sequence[Set]) -> list[np.ndarray]:
    """Return the landmarks of sets with the errors of a noise model, in pixels; NaN where nobody is found."""
    takes = []
    for number, (image, world, view_deg) in enumerate(sets):
        seen = Noise(model)(np.random.default_rng(number), image, world, view_deg, FPS, SIZE_PX)
        takes.append(np.where(seen.lost[:, None, None], np.nan, pixels(seen.image)))
    return takes


def measures(takes: Sequence[np.ndarray]) -> np.ndarray:
    """Return MEASURES by kind of bone, (8, 5), in torso lengths or as ratios: medians over takes (T, 33, 3), px."""
    return np.asarray(np.nanmedian([_of_take(sequences(take)) for take in takes], 0))


def sequences(take: np.ndarray) -> np.ndarray:
    """Return the sequences with a pose in all frames, (S, 25, 33, 3), in torso lengths of each sequence."""
    count = len(take) // SEQUENCE
    parts = take[: count * SEQUENCE].reshape(count, SEQUENCE, landmark.COUNT, 3)[:, SETTLES:]
    parts = parts[np.isfinite(parts[:, :, 0, 0]).all(1)]
    trunk = lengths(parts)[..., :TRUNK]
    torso_share = np.median(trunk[..., 2:].mean(-1) / trunk.sum(-1))
    return np.asarray(parts / (torso_share * np.median(trunk.sum(-1), 1))[:, None, None, None])


def lengths(points: np.ndarray) -> np.ndarray:
    """Return the lengths of all bones of BONES, (…, 12)."""
    ends = np.array([bone for kind in BONES.values() for bone in kind]).T
    return np.asarray(np.linalg.norm(points[..., ends[0], :] - points[..., ends[1], :], axis=-1))


def _of_take(points: np.ndarray) -> np.ndarray:
    length = lengths(points)
    fit = _with_posture(points, length)
    off = length - fit
    anew, within = _usual(off.mean(1), 0), _usual(off - off.mean(1, keepdims=True), (0, 1))
    usual, posture, out, first = np.median(length, (0, 1)), fit.std((0, 1)), [], 0
    for kind in BONES.values():
        own = slice(first, first + len(kind))
        asymmetry = abs(usual[own][-2] - usual[own][-1])
        parts = [np.sqrt((part[own] ** 2).mean()) for part in (posture, anew, within)]
        out.append([asymmetry, *parts, *_steps(points, length[..., own], kind)])
        first += len(kind)
    return np.array(out).T


def _usual(off: np.ndarray, axis: int | tuple[int, ...]) -> np.ndarray:
    """Estimate the standard deviation from the median absolute deviation, which ignores the tails."""
    return np.asarray(1.4826 * np.median(np.abs(off - np.median(off, axis)), axis))


def _with_posture(points: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Return lengths (S, 25, 12) as fitted by a polynomial of the posture.

    The posture has three distances in the picture: from shoulders to wrists and to hips, and from hips to knees.
    """
    shoulders, hips, knees, wrists = (
        pair_middle(points.reshape(-1, landmark.COUNT, 3), pair)
        for pair in (landmark.SHOULDERS, landmark.HIPS, landmark.KNEES, landmark.WRISTS)
    )
    legs = np.hypot(*(knees - hips)[:, :2].T)
    stance = np.stack([(wrists - shoulders)[:, 1], (hips - shoulders)[:, 1], legs], 1)
    low, high = np.percentile(stance, (2, 98), axis=0)
    at = 2 * np.clip((stance - low) / np.maximum(high - low, 0.1), 0, 1) - 1
    terms = np.column_stack([np.ones(len(at)), at, at**2, at[:, :1] * at[:, 1:], at[:, 1] * at[:, 2], at[:, 0] ** 3])
    flat, fitted = length.reshape(len(at), -1), np.empty((len(at), length.shape[-1]))
    for k, bone in enumerate(flat.T):
        weight = np.ones(len(at))
        for _ in range(5):
            fitted[:, k] = terms @ ridge(terms, bone, weight, 1e-3)
            off = np.abs(bone - fitted[:, k])
            weight = 1 / (1 + (off / (3 * np.median(off) + 1e-6)) ** 2)
    return fitted.reshape(length.shape)


def _steps(points: np.ndarray, length: np.ndarray, kind: Sequence[tuple[int, int]]) -> list[float]:
    """Return the change of length between frames, and the ratio in LATER frames, of still and then moving bones."""
    way = np.ptp(points[..., :2], axis=1).max(-1)
    out: list[float] = []
    for chosen in (lambda way: way < STILL, lambda way: way > MOVING):
        near, later = [], []
        for k, (upper, lower) in enumerate(kind):
            bone = length[chosen(np.maximum(way[:, upper], way[:, lower])), :, k]
            near.append(np.abs(np.diff(bone, axis=1)).ravel())
            later.append(np.abs(bone[:, LATER:] - bone[:, :-LATER]).ravel())
        few = sum(map(len, near)) < LEAST_SEQUENCES * SEQUENCE
        step, far = (np.nan, np.nan) if few else (np.median(np.concatenate(steps)) for steps in (near, later))
        out += [float(step), float(far / step)]
    return out


def fit_to_real(model: NoiseParameters, real: np.ndarray, sets: Sequence[Set]) -> NoiseParameters:
    """Return the model, fitted to the measures (8, 5) of real takes.

    Errors that stay follow the difference of the sides, and the recurring share the changes between sequences; the pace
    of slow errors follows the changes within a sequence, and fast errors the changes from frame to frame.
    """
    for _ in range(ROUNDS):
        off = DAMPING * np.nanmean(np.log(real) - np.log(measures(modelled(model, sets))), 1)
        size, anew = model.size.copy(), (1 - model.recurring) * np.exp(2 * off[ANEW])
        size[:, CONSTANT] *= np.exp(off[LEFT_RIGHT])
        size[:, FAST] *= np.exp(off[[STILL_STEP, MOVING_STEP]].mean())
        pace = model.pace.copy()
        pace[0] = max(pace[0] * np.exp(-(off[WITHIN] + off[STILL_LATER]) / 2), SHORTEST_S)
        model = replace(model, size=size, pace=pace, recurring=1 - np.clip(anew, *ANEW_RANGE))
    return model
