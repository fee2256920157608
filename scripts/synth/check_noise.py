"""Judge the fit of the noise model on clips that it was not fitted to.

    python scripts/synth/check_noise.py clips --cache /tmp/observed

Clips are split into folds (a clip's estimates by lite and full go into the same one); each fold is compared with draws
of a model fitted to the others. Prints for each size the 10th, 50th and 90th percentile over the held-out clips, the
same for the draws, and the share of those clips outside the draws' 5 to 95 % (.10 for a right model).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from command import parser, positive, run
from fit_noise import fit
from noise_calibrate import calibrate
from noise_errors import errors_of, modelled, without_truth
from noise_means import parts_of
from rendered_clips import EstimatedPoses, RenderedTrack, read_tracks

from livecoach.core import landmark
from livecoach.core.config.pose_models import BLAZEPOSE
from livecoach.lab.measure.cache import Cache
from livecoach.lab.synth.noise import Noise
from livecoach.lab.synth.noise_model import NoiseModel

DRAWS = 3
LEAST_DETECTED = 0.6
PARTS = ("constant", "with posture", "rest")


def sizes_of(track: RenderedTrack, estimated: EstimatedPoses, model: NoiseModel) -> dict[str, float]:
    """Return all sizes of a clip with these estimates; its errors below the head exclude those common to all clips."""
    if estimated.detected.mean() < LEAST_DETECTED:
        return {}
    sizes = np.exp(parts_of(errors_of(track.with_estimates(estimated)), model)[:, landmark.SHOULDERS[0] :].mean(1))
    return {f"error {name}": float(size) for name, size in zip(PARTS, sizes, strict=True)} | without_truth(estimated)


def folds_of(tracks: Sequence[RenderedTrack], count: int) -> np.ndarray:
    """Return the fold of each track; tracks of one clip share a fold."""
    clips = {name: k for k, name in enumerate(sorted({track.name.split()[0] for track in tracks}))}
    return np.array([clips[track.name.split()[0]] % count for track in tracks])


def check(tracks: Sequence[RenderedTrack], count: int) -> tuple[list[dict[str, float]], list[list[dict[str, float]]]]:
    """Return the sizes of every clip, and of draws of a model that was fitted without it."""
    fold, held, drawn = folds_of(tracks, count), [], []
    for k in range(count):
        others = [track for track, of in zip(tracks, fold, strict=True) if of != k]
        errors = [errors_of(track) for track in others]
        model = calibrate(fit(errors), others)
        for i in np.flatnonzero(fold == k):
            held.append(sizes_of(tracks[i], tracks[i].estimated, model))
            made = [modelled(Noise(model), tracks[i], int(DRAWS * i + j)) for j in range(DRAWS)]
            drawn.append([sizes_of(tracks[i], one, model) for one in made])
    return held, drawn


def report(held: Sequence[dict[str, float]], drawn: Sequence[Sequence[dict[str, float]]]) -> None:
    """Print a Markdown table."""
    print("| | left out | modelled | left out beyond 5–95 % of modelled |\n| --- | --- | --- | --- |")
    for name in dict.fromkeys(name for clip in held for name in clip):
        real = np.array([clip[name] for clip in held if name in clip])
        made = np.array([one[name] for clip in drawn for one in clip if name in one])
        low, high = np.percentile(made, (5, 95))
        spreads = [" / ".join(f"{value:.3f}" for value in np.percentile(a, (10, 50, 90))) for a in (real, made)]
        print(f"| {name} | {spreads[0]} | {spreads[1]} | {np.mean((real < low) | (real > high)):.2f} |")


def read_options() -> argparse.Namespace:
    """Parse the command line."""
    options = parser(__doc__)
    options.add_argument("clips", type=Path, help="folder of rendered clips with truth")
    options.add_argument("--cache", type=Path, required=True, help="folder for what BlazePose sees")
    options.add_argument("--folds", type=positive, default=4)
    return options.parse_args()


def main() -> None:
    given = read_options()
    report(*check(list(read_tracks(given.clips, Cache(given.cache), BLAZEPOSE)), given.folds))


if __name__ == "__main__":
    run(main)
