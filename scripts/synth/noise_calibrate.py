"""Sets the sizes of a fitted noise model so that clips made with it have the jitter, changes of bone lengths and errors of
the clips that it was fitted to: real errors have long tails, and fits by squares put the tails' size everywhere."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from noise_stats import GROUPS, bone_change, jitter, world_errors
from noise_tracks import Sighting, Track, modelled

from livecoach.synth.noise import Noise, NoiseModel

ROUNDS = 10
DAMPING = 0.6
LEAST_FOUND = 0.8
"""Clips in which the lifter is seen for less of the time are left out: the model's would not be the same frames."""
OF_LENGTHS = 0.25
"""How much changes of bone lengths weigh against errors in the size of what depends on posture."""
LEAST_SLOW = 0.8
"""Slow errors are made smaller by this much (a logarithm) at most."""
LIMIT = 0.5
"""A round's largest change of a logarithm."""


ENDS = {"torso": ("torso",), "thigh": ("knees",), "shin": ("feet",), "upper arm": ("elbows", "wrists")}
"""Bones, and the joints whose errors change their lengths."""


class Summary(NamedTuple):
    """Logarithms, over clips."""

    jitter: np.ndarray
    """(5,) by joint: median."""
    tail: np.ndarray
    """(5,) by joint: 90th percentile by median, in a clip."""
    jitter_spread: float
    """Between clips: half of 10th to 90th percentile, in normal deviations."""
    lengths: np.ndarray
    """(4,) change of the length of the bones that end at the torso, knees, feet and elbows."""
    errors: np.ndarray
    """(5,) by joint: error in the world, mean of the logarithms of its median and 90th percentile in a clip."""
    errors_spread: float
    """Between clips."""


def summary(tracks: Sequence[Track], seen: Sequence[Sighting]) -> Summary:
    """Of clips as they were seen."""
    of_jitter = [jitter(one) for one in seen]
    of_jitter = [one for one in of_jitter if one]
    middle = np.log([[one[f"jitter {name}, median"] for name in GROUPS] for one in of_jitter])
    high = np.log([[one[f"jitter {name}, p90"] for name in GROUPS] for one in of_jitter])
    lengths = np.log([[bone_change(one)[f"length change {name}"] for name in ENDS] for one in seen])
    errors = [world_errors(track, one) for track, one in zip(tracks, seen, strict=True)]
    sizes = np.array([[np.log(np.percentile(one[name], (50, 90))).mean() for name in GROUPS] for one in errors])
    return Summary(
        jitter=np.median(middle, 0),
        tail=np.median(high - middle, 0),
        jitter_spread=_between(middle),
        lengths=np.median(lengths, 0),
        errors=np.median(sizes, 0),
        errors_spread=_between(sizes),
    )


def _between(logs: np.ndarray) -> float:
    """Mean over columns of the spread over rows, as a standard deviation."""
    low, high = np.percentile(logs, (10, 90), axis=0)
    return float((high - low).mean() / 2.56)


def calibrate(model: NoiseModel, tracks: Sequence[Track]) -> NoiseModel:
    """The model with other sizes and spreads."""
    chosen = [track for track in tracks if track.seen.found.mean() > LEAST_FOUND]
    wanted = summary(chosen, [track.seen for track in chosen])
    least_slow = model.slow_size[0] - LEAST_SLOW
    unlost = np.array([1.0, 1.0, 1.0, 0.0])
    for k in range(ROUNDS):
        trial = replace(model, level=model.level * unlost - np.array([0, 0, 0, 9.0]))
        got = summary(chosen, [modelled(Noise(trial), track, 100 * k + i) for i, track in enumerate(chosen)])
        model = _moved(model, wanted, got, least_slow)
    return model


def _moved(model: NoiseModel, wanted: Summary, got: Summary, least_slow: np.ndarray) -> NoiseModel:
    """Each size a step nearer to what is wanted."""
    fast_size, slow_size, gain = model.fast_size.copy(), model.slow_size.copy(), model.slope_gain.copy()
    tail = _steps(wanted.tail - got.tail)
    for name, off, of_tail in zip(GROUPS, _steps(wanted.jitter - got.jitter), tail - tail.mean(), strict=True):
        fast_size[0, _points_of(name)] += off
        fast_size[-1, _points_of(name)] += 0.3 * of_tail  # the body's speed is what a clip's median and tail differ in
    for name, off in zip(GROUPS, _steps(wanted.errors - got.errors), strict=True):
        gain[_points_of(name)] *= np.exp((1 - OF_LENGTHS) * off)
    for names, off in zip(ENDS.values(), _steps(wanted.lengths - got.lengths), strict=True):
        points = [point for name in names for point in _points_of(name)]
        gain[points] *= np.exp(OF_LENGTHS * off)
        slow_size[0, points] = np.maximum(slow_size[0, points] + off, least_slow[points])
    burst = model.burst.copy()
    burst[1, 0] *= np.exp(tail.mean())
    fast_spread = np.exp(_steps(wanted.jitter_spread - got.jitter_spread))
    error_spread = np.exp(_steps(wanted.errors_spread - got.errors_spread))
    wider = np.array([error_spread, error_spread, fast_spread, 1.0])
    root = wider[:, None] * model.level_spread
    return replace(
        model,
        fast_size=fast_size,
        slow_size=slow_size,
        slope_gain=np.clip(gain, 0.3, 3),
        burst=burst,
        level_spread=root,
    )


def _steps(off: np.ndarray | float) -> np.ndarray:
    return np.clip(DAMPING * np.asarray(off), -LIMIT, LIMIT)


def _points_of(name: str) -> list[int]:
    """A group's landmarks; hands go with the wrists, the head with the torso."""
    extra = {"torso": range(11), "wrists": range(17, 23)}.get(name, ())
    return [*GROUPS[name], *extra]
