"""Measures how large the parts of the errors in rendered clips are, and gives the noise model the same sizes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from noise_errors import SPACES, Errors, errors_of, modelled
from noise_parts import ridge, without_common
from rendered_clips import EstimatedPoses, RenderedTrack
from scipy.ndimage import gaussian_filter1d

from livecoach.core import landmark
from livecoach.lab.synth import noise_model
from livecoach.lab.synth.noise import CHAINS, TORSO, WIDTH, WIDTHS, Noise
from livecoach.lab.synth.noise_model import ERRORS, NoiseParameters

LIMBS: dict[str, tuple[int, ...]] = {
    "head and trunk": (*range(landmark.ELBOWS[0]), *landmark.HIPS),
    "elbows": landmark.ELBOWS,
    "hands": tuple(range(landmark.WRISTS[0], landmark.HIPS[0])),
    "knees": landmark.KNEES,
    "feet": tuple(range(landmark.ANKLES[0], landmark.COUNT)),
}
SPLIT_S = 0.12  # errors smoothed over this time are slow errors, the rest are fast errors
FROM_SIDE = 0.5  # squared sine of the azimuth from which a clip counts as filmed from the side
SIDES = (0.2, 0.9)  # usual squared sines of clips from the front and from the side
LEAST_DETECTED = 0.8
ROUNDS, DRAWS, DAMPING, LIMIT = 10, 2, 0.7, 0.7
TAIL_BY_BURST = 2.0  # change of the logarithm of the bursts' spread for a change of the logarithm of the tail
LEAST = 1e-4
BONE_RANGE = (0.05, 1.5)


class Summary(NamedTuple):
    """Logarithms of the sizes of errors; index 0 is for clips from the front, 1 for clips from the side."""

    sizes: np.ndarray  # (2, 4, 4, 5) of `sizes_of`
    bones: np.ndarray  # (2, 3, 6) of `bone_errors`
    tail: float


def sizes_of(clip: Errors, model: NoiseParameters) -> np.ndarray:
    """Return the sizes of a clip's own errors, (4, 4, 5) in torso lengths, by kind, space and limb.

    The kinds are errors that stay, go with the posture, wander, and are fast.
    """
    left = without_common(clip, model)[:, :ERRORS]
    stays = np.median(left, 0)
    terms = noise_model.slope_terms(clip.stance)
    terms = terms - terms.mean(0)
    goes = terms[:, 1:] @ ridge(terms[:, 1:], left - stays, np.full(len(left), 1 / len(left)), 0.01)
    rest = left - stays - goes
    wanders = gaussian_filter1d(rest, SPLIT_S * clip.fps, axis=0)
    squares = np.array([stays**2, (goes**2).mean(0), _usual(wanders) ** 2, _usual(rest - wanders) ** 2])
    of_points = squares.reshape(4, landmark.COUNT, 6)
    by_space = [[of_points[:, list(points)][..., axes] for points in LIMBS.values()] for axes in SPACES.values()]
    return np.sqrt([[limb.mean((1, 2)) for limb in space] for space in by_space]).transpose(2, 0, 1)


def _usual(errors: np.ndarray) -> np.ndarray:
    """Estimate standard deviations (C,) of errors (n, C) from median absolute values, which ignore the tails."""
    return np.asarray(1.4826 * np.median(np.abs(errors), 0))


def bone_errors(errors: Errors, model: NoiseParameters) -> np.ndarray:
    """Return logarithmic errors of bones' lengths, (3, 6), beyond the errors that all clips share, by kind of bone.

    The rows are the error of the mean length, half the difference between left and right, and the changes in time.
    """
    common = noise_model.mean_errors(model, errors.points, errors.azimuth, errors.stance)[:, :ERRORS]
    usual = errors.points + common.reshape(-1, landmark.COUNT, 6)[..., 3:]
    seen = errors.points + errors.channels[:, :ERRORS].reshape(-1, landmark.COUNT, 6)[..., 3:]
    off = np.log(lengths(seen)) - np.log(lengths(usual))
    stays = np.median(off, 0)
    changes = _usual(off - stays)
    parts = stays.mean(0), (stays[0] - stays[1]) / 2, np.sqrt((changes**2).mean(0))
    return np.abs(parts) + LEAST


def lengths(world: np.ndarray) -> np.ndarray:
    """Return lengths by side and kind, (n, 2, 6), with the torso's sides, and the widths of shoulders and hips."""
    ends = [(kind, upper, lower) for kind, upper, lower, _ in CHAINS]
    bones = {kind: [(upper, lower), (upper + 1, lower + 1)] for kind, upper, lower in ends}
    bones[TORSO] = list(zip(landmark.HIPS, landmark.SHOULDERS, strict=True))
    bones[WIDTH] = [(left, left + 1) for left, _ in WIDTHS]
    upper, lower = np.array([bones[kind] for kind in sorted(bones)]).transpose(2, 1, 0)
    return np.asarray(np.linalg.norm(world[:, lower] - world[:, upper], axis=-1))


def tail(clip: Errors, model: NoiseParameters) -> float:
    """Return the ratio of the 90th percentile of fast errors to their median."""
    errors = without_common(clip, model)[:, :ERRORS]
    fast = np.abs(errors - gaussian_filter1d(errors, SPLIT_S * clip.fps, axis=0))
    return float(np.median(np.percentile(fast, 90, axis=0) / np.median(fast, 0)))


def summary(tracks: Sequence[RenderedTrack], seen: Sequence[EstimatedPoses], model: NoiseParameters) -> Summary:
    """Return the logarithms of the medians over clips from the front, and over clips from the side."""
    side = np.array([np.sin(np.radians(track.view_deg)) ** 2 > FROM_SIDE for track in tracks])
    errors = [errors_of(track.with_estimates(poses)) for track, poses in zip(tracks, seen, strict=True)]
    sizes = np.array([sizes_of(clip, model) for clip in errors])
    bones = np.array([bone_errors(clip, model) for clip in errors])
    of_sizes, of_bones = (np.log(np.stack([np.median(a[~side], 0), np.median(a[side], 0)])) for a in (sizes, bones))
    return Summary(of_sizes, of_bones, float(np.log(np.median([tail(clip, model) for clip in errors]))))


def chosen_of(tracks: Sequence[RenderedTrack]) -> list[RenderedTrack]:
    """Return the tracks with enough detections to compare sizes."""
    return [track for track in tracks if track.estimated.detected.mean() > LEAST_DETECTED]


def without_loss(model: NoiseParameters) -> NoiseParameters:
    """Return an equal model, except that it never loses the lifter."""
    return replace(model, level=model.level * (1, 1, 1, 0) - (0, 0, 0, 9.0))


def calibrate(model: NoiseParameters, tracks: Sequence[RenderedTrack]) -> NoiseParameters:
    """Return the model with sizes adapted to the clips, part by part, since a fit by squares follows the tails."""
    chosen = chosen_of(tracks)
    wanted = summary(chosen, [track.estimated for track in chosen], model)
    repeated = [track for track in chosen for _ in range(DRAWS)]
    for k in range(ROUNDS):
        drawn = [modelled(Noise(without_loss(model)), track, 1000 * k + i) for i, track in enumerate(repeated)]
        got = summary(repeated, drawn, model)
        pairs = (wanted.sizes, got.sizes), (wanted.bones, got.bones), (wanted.tail, got.tail)
        sizes, bones, of_tail = (np.clip(DAMPING * (a - b), -LIMIT, LIMIT) for a, b in pairs)
        model = _moved(model, Summary(sizes, bones, float(of_tail)))
    return model


def _moved(model: NoiseParameters, by: Summary) -> NoiseParameters:
    """Return the model with sizes, bones and tail changed by logarithms, which hold at SIDES."""
    by_channel = np.zeros((2, 4, landmark.COUNT, 6))
    for k, axes in enumerate(SPACES.values()):
        for j, points in enumerate(LIMBS.values()):
            by_channel[:, :, list(points), axes] = by.sizes[:, :, k, j, None, None]
    size, burst = model.size.copy(), model.burst.copy()
    size[:, :, :ERRORS] *= np.exp(_ends(by_channel.reshape(2, 4, ERRORS)))
    burst[1, 0] *= np.exp(TAIL_BY_BURST * by.tail)
    kept = np.clip(model.length_kept * np.exp(_ends(by.bones)), *BONE_RANGE)
    return replace(model, size=size, length_kept=kept, burst=burst)


def _ends(at: np.ndarray) -> np.ndarray:
    """Extrapolate values at SIDES to squared sines of 0 and 1, (2, …)."""
    slope = (at[1] - at[0]) / (SIDES[1] - SIDES[0])
    return np.clip(np.stack([at[0] - SIDES[0] * slope, at[0] + (1 - SIDES[0]) * slope]), -LIMIT, LIMIT)
