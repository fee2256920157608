"""Sets the sizes of a fitted noise model so that its clips have the jitter, bone length changes and errors of the clips
that it was fitted to. Errors have long tails, and least squares would spread the tails' size everywhere."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from noise_errors import GROUPS, bone_change, errors_of, jitter, modelled
from noise_means import parts_of
from rendered_clips import EstimatedPoses, RenderedTrack

from livecoach.lab.synth.noise import Noise
from livecoach.lab.synth.noise_model import NoiseModel

ROUNDS = 10
DAMPING = 0.6
LEAST_DETECTED = 0.8
"""Clips with a smaller share of detections are left out, because the model's clips would not have the same frames."""
LEAST_KEPT, MOST_KEPT = 0.1, 1.6
FROM_SIDE = 0.5
"""Squared sine of the azimuth from which a clip counts as filmed from the side."""
SIDES = (0.2, 0.9)
"""Usual squared sines of clips from the front and from the side."""
LIMIT = 0.5
"""Largest change of a logarithm in a round."""


BONES = ("torso", "thigh", "shin", "upper arm")


class Summary(NamedTuple):
    """Logarithms, over the clips filmed from the front (0) and from the side (1)."""

    jitter: np.ndarray
    """(2, 5) by joint: median."""
    tail: np.ndarray
    """(2, 5) by joint: 90th percentile by median, in a clip."""
    lengths: np.ndarray
    """(2, 4) change of the lengths of bones."""
    parts: np.ndarray
    """(2, 3, 5) by joint: constant errors, errors that depend on posture, and the rest."""
    jitter_spread: float
    """Standard deviation between clips."""
    parts_spread: float
    """The same for the first two parts."""


def summary(tracks: Sequence[RenderedTrack], estimated: Sequence[EstimatedPoses], model: NoiseModel) -> Summary:
    """Summarise clips with these estimates."""
    shaken = [jitter(one) for one in estimated]
    unknown = dict.fromkeys((f"jitter {name}, {what}" for name in GROUPS for what in ("median", "p90")), np.nan)
    shaken = [unknown | one for one in shaken]
    middle = np.log([[one[f"jitter {name}, median"] for name in GROUPS] for one in shaken])
    high = np.log([[one[f"jitter {name}, p90"] for name in GROUPS] for one in shaken])
    lengths = np.log([[bone_change(one)[f"length change {name}"] for name in BONES] for one in estimated])
    by_clip = [
        parts_of(errors_of(track.with_estimates(one)), model) for track, one in zip(tracks, estimated, strict=True)
    ]
    parts = np.array([[[part[_points_of(name)].mean() for name in GROUPS] for part in clip] for clip in by_clip])
    side = np.array([np.sin(np.radians(track.view_deg)) ** 2 > FROM_SIDE for track in tracks])

    def by_side(logs: np.ndarray) -> np.ndarray:
        return np.array([np.nanmedian(logs[~side], 0), np.nanmedian(logs[side], 0)])

    return Summary(
        jitter=by_side(middle),
        tail=by_side(high - middle),
        lengths=by_side(lengths),
        parts=by_side(parts),
        jitter_spread=_between(middle),
        parts_spread=_between(parts[:, :2].reshape(len(parts), -1)),
    )


def _between(logs: np.ndarray) -> float:
    """Return the mean over columns of the standard deviation over rows."""
    low, high = np.nanpercentile(logs, (10, 90), axis=0)
    return float((high - low).mean() / 2.56)


def calibrate(model: NoiseModel, tracks: Sequence[RenderedTrack]) -> NoiseModel:
    """Return the model with adjusted sizes and spreads."""
    chosen = [track for track in tracks if track.estimated.detected.mean() > LEAST_DETECTED]
    wanted = summary(chosen, [track.estimated for track in chosen], model)
    unlost = np.array([1.0, 1.0, 1.0, 0.0])
    for k in range(ROUNDS):
        trial = replace(model, level=model.level * unlost - np.array([0, 0, 0, 9.0]))
        got = summary(chosen, [modelled(Noise(trial), track, 100 * k + i) for i, track in enumerate(chosen)], model)
        model = _moved(model, wanted, got)
    return model


class _Off(NamedTuple):
    """Steps towards the target, from the front and from the side."""

    going: np.ndarray
    """(2, 5) by joint: of errors that depend on posture."""
    rest: np.ndarray
    """(2, 5)"""
    jitter: np.ndarray
    """(2, 5)"""
    tail: np.ndarray
    """(5,)"""


def _moved(model: NoiseModel, wanted: Summary, got: Summary) -> NoiseModel:
    """Return the model with each size a step nearer to the target: by joint, side, tail, and between clips."""
    parts = _steps(wanted.parts - got.parts)
    jitter_off, tail = _steps(wanted.jitter - got.jitter), _steps((wanted.tail - got.tail).mean(0))
    off = _Off((parts[:, 0] + 2 * parts[:, 1]) / 3, parts[:, 2], jitter_off, tail)
    burst = model.burst.copy()
    burst[1, 0] *= np.exp(tail.mean())
    error_spread, fast_spread = np.exp(
        _steps(np.array([wanted.parts_spread - got.parts_spread, wanted.jitter_spread - got.jitter_spread]))
    )
    wider = np.array([error_spread, error_spread, fast_spread, 1.0])
    kept = model.length_kept * np.exp(_steps(wanted.lengths - got.lengths))
    return replace(
        _moved_by_joint(model, off),
        length_kept=np.clip(kept, LEAST_KEPT, MOST_KEPT),
        burst=burst,
        level=_moved_level(model.level, off),
        level_spread=wider[:, None] * model.level_spread,
    )


def _moved_by_joint(model: NoiseModel, off: _Off) -> NoiseModel:
    """Return the model with adjusted sizes of joints relative to each other."""
    fast_size, slow_size, gain = model.fast_size.copy(), model.slow_size.copy(), model.slope_gain.copy()
    for k, name in enumerate(GROUPS):
        points = _points_of(name)
        fast_size[0, points] += off.jitter[:, k].mean() - off.jitter.mean()
        fast_size[-1, points] += 0.3 * (off.tail[k] - off.tail.mean())  # the body's speed makes a clip's tail
        gain[points] *= np.exp(off.going[:, k].mean() - off.going.mean())
        slow_size[0, points] += off.rest[:, k].mean() - off.rest.mean()
    return replace(model, fast_size=fast_size, slow_size=slow_size, slope_gain=gain)


def _moved_level(level: np.ndarray, off: _Off) -> np.ndarray:
    """Return (2, 4): sizes of all joints, from the front and added by the side."""
    front, side = (np.array([part[k].mean() for part in off[:3]]) for k in (0, 1))
    slope = (side - front) / (SIDES[1] - SIDES[0])
    moved = level.copy()
    moved[:, :3] += np.array([front - SIDES[0] * slope, slope])
    return moved


def _steps(off: np.ndarray | float) -> np.ndarray:
    return np.clip(DAMPING * np.asarray(off), -LIMIT, LIMIT)


def _points_of(name: str) -> list[int]:
    """Return a group's landmarks; hands go with the wrists, the head with the torso."""
    extra = {"torso": range(11), "wrists": range(17, 23)}.get(name, ())
    return [*GROUPS[name], *extra]
