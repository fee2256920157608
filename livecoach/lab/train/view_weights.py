"""Fit the weights of the view estimate, and its uncertainty, to rendered clips of training bodies.

Weights: ridge regression of the true azimuth's sine and cosine on the mean features of each clip, with the estimate's
weights of frames. Frames whose pose is misplaced (shoulders and hips off by more than .5 torsos) are left out.
Uncertainty: maximum likelihood for the errors of the estimate with the weights in livecoach/frame/view.py, over all
frames, with equal weights for all clips.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import minimize

from livecoach.frame.body import body
from livecoach.frame.view import BENT, COSINE, SINE, ViewEstimate, azimuth_features, is_standing
from livecoach.lab.measure.view import ViewClip, difference_deg, steady_frames

RIDGE = 0.05
"""Penalty in units of a clip; .03 to .3 give similar results."""
ELSEWHERE = 0.5
FACING_DEG = 10.0
"""Largest deviation from the lifter's usual direction in the frames that are used."""


def mean_features(clip: ViewClip) -> tuple[np.ndarray, np.ndarray, float] | None:
    """Return the mean features for the sine and for the cosine, and the true azimuth, degrees.

    None where no frame of a clip is left.
    """
    odd, even, weights = [], [], []
    usual = float(np.median(clip.azimuth_deg))
    for i, observation in enumerate(clip.observations):
        lifter, features = body(observation), azimuth_features(observation)
        facing = abs(difference_deg(clip.azimuth_deg[i], usual)) < FACING_DEG
        if lifter is None or features is None or not facing or clip.off[i] > ELSEWHERE:
            continue
        odd.append([features[0][name] for name in SINE])
        even.append([features[1][name] for name in COSINE])
        weights.append(1.0 if is_standing(lifter.measures) else BENT)
    if not odd:
        return None
    return np.average(odd, 0, weights), np.average(even, 0, weights), usual


def ridge(features: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the weights of the features (n, k) for the values (n,)."""
    return np.linalg.solve(features.T @ features + RIDGE * np.eye(features.shape[1]), features.T @ wanted)


def fit_view(clips: Sequence[ViewClip]) -> str:
    """Return the constants of livecoach/frame/view.py in its notation.

    The uncertainty belongs to the weights in view.py: fit the weights, put them in, and fit again.
    """
    return "\n".join([*_weights(clips), _uncertainty(clips)])


def _weights(clips: Sequence[ViewClip]) -> Iterator[str]:
    rows = [row for row in map(mean_features, clips) if row is not None]
    odd, even, azimuth = (np.array(column) for column in zip(*rows, strict=True))
    for name, names, columns, wanted in (
        ("SINE", SINE, odd, np.sin(np.radians(azimuth))),
        ("COSINE", COSINE, even, np.cos(np.radians(azimuth))),
    ):
        weights = dict(zip(names, ridge(columns, wanted).round(3).tolist(), strict=True))
        yield f"{name} = {weights}  # {len(rows)} clips"


def errors(clip: ViewClip) -> np.ndarray:
    """Return (n, 3): the error in degrees, the spread in degrees and 1 - agreement of the frames that count."""
    estimate, counts, rows = ViewEstimate(), steady_frames(clip), []
    for i, observation in enumerate(clip.observations):
        lifter = body(observation)
        view = None if lifter is None else estimate.step(lifter, observation)
        if view is not None and counts[i]:
            error = float(difference_deg(view.azimuth_deg, clip.azimuth_deg[i]))
            rows.append((error, estimate.spread_deg, 1 - estimate.agreement))
    return np.array(rows).reshape(-1, 3)


def _uncertainty(clips: Sequence[ViewClip]) -> str:
    """Return the likeliest bias, share of the spread, and degrees of disagreement."""
    tables = [table for table in map(errors, clips) if len(table)]

    def negative_log_likelihood(parameters: np.ndarray) -> float:
        bias, share, disagreement = np.exp(parameters)
        total = 0.0
        for error, spread, apart in (table.T for table in tables):
            variance = bias**2 + (share * spread) ** 2 + (disagreement * apart) ** 2
            # Student's t, 4 degrees of freedom: a clip that is all wrong counts, but does not decide.
            total += float(np.mean(0.5 * np.log(variance) + 2.5 * np.log1p(error**2 / (4 * variance))))
        return total

    best = np.exp(minimize(negative_log_likelihood, np.log([7.0, 0.5, 60.0]), method="Nelder-Mead").x)
    return f"BIAS_DEG, SPREAD_SHARE, DISAGREEMENT_DEG = {best.round(2).tolist()}  # {len(tables)} clips"
