"""How much of a pose estimator's errors is a lifter's own: the same in his clips of two days (Markdown).

    python scripts/synth/measure_days.py DIR --pairs 30

Renders pairs of clips into DIR, which it goes on with: the same body in the same movement, once more in other clothes,
another room and light, with the camera put up anew at about the same place. Of each clip's errors, less what all clips
have in common (the noise model's means), the part that goes with posture and the rest are held against those of the
other clip, frame by frame. Their correlation is the share of the variance that is the lifter's own
(livecoach.synth.noise.apply.SHARED).
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from command import parser, positive, run
from noise_means import ridge, without_geometry

from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.noise_tracks import errors_of, read_track
from livecoach.synth import noise
from livecoach.synth.camera import random_camera
from livecoach.synth.clip import Clip, make_clip, write_clip
from livecoach.synth.motion.tokens import parse
from livecoach.synth.noise import pose
from livecoach.synth.noise.model import ERRORS
from livecoach.synth.variety import random_clip_settings

SIZE_PX, FPS = (640, 480), 30.0
MOST_VIEW_DEG, PLACED_DEG = 95.0, 5.0
FARTHEST = 0.5
"""Torso lengths: a lifter who is taken for something else must not rule a correlation."""
LEAST_SEEN = 0.6
RIDGE = 0.02
PICTURE = np.arange(ERRORS) % 6 < 2
WORLD = np.arange(ERRORS) % 6 >= 3


class Parts(NamedTuple):
    """Of one clip's errors, n frames."""

    of_posture: np.ndarray
    rest: np.ndarray
    """(n, ERRORS) each."""


def rendered(folder: Path, number: int) -> tuple[Path, Path]:
    """The two clips of a pair; those that are there are not rendered again."""
    rng = np.random.default_rng((777, number))
    exercise = ("deadlift", "squat")[number // 2 % 2]
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    tokens = parse("good*3", exercise)
    settings = random_clip_settings((777, number), exercise, tokens, view_deg=view_deg, size_px=SIZE_PX, fps=FPS)
    first = make_clip(dataclasses.replace(settings, lost=0.0, late_s=0.0))
    placed_deg = round(view_deg + float(rng.uniform(-PLACED_DEG, PLACED_DEG)), 1)
    elsewhere = dataclasses.replace(first.settings, camera=random_camera(rng, SIZE_PX, placed_deg, FPS))
    looks = make_clip(dataclasses.replace(elsewhere, seed=int(rng.integers(1 << 31)))).looks
    second = dataclasses.replace(first, settings=elsewhere, looks=looks)
    return _written(first, folder / f"d_{number:03d}_0.mp4"), _written(second, folder / f"d_{number:03d}_1.mp4")


def _written(clip: Clip, path: Path) -> Path:
    if not path.with_suffix(".json").exists():
        write_clip(clip, path)
    return path


def parts_of(pair: tuple[Path, Path], cache: Cache) -> tuple[Parts, Parts] | None:
    """Errors in the frames in which both clips have somebody; None where these are few."""
    means, found, terms = noise.shipped().model, [], []
    for path in pair:
        errors = errors_of(read_track(path, cache, "lite"))
        left = without_geometry(errors, means.geometry, means.lag_s)
        left = left - pose.bias_terms(errors.azimuth, errors.stance) @ means.bias
        every = np.full((len(errors.found), ERRORS), np.nan)
        every[errors.found] = np.clip(left[:, :ERRORS], -FARTHEST, FARTHEST)
        found.append(every)
        terms.append(pose.slope_terms(errors.every_stance))
    both = np.isfinite(found[0][:, 0]) & np.isfinite(found[1][:, 0])
    if both.mean() < LEAST_SEEN:
        return None
    first, second = (_parted(errors[both], terms[0][both]) for errors in found)
    return first, second


def _parted(errors: np.ndarray, terms: np.ndarray) -> Parts:
    going = terms @ ridge(terms, errors, np.full(len(terms), 1 / len(terms)), RIDGE)
    return Parts(of_posture=going, rest=errors - going)


def correlations(pairs: list[tuple[Parts, Parts]]) -> Iterator[tuple[str, float, list[float]]]:
    """What, over all pairs, and of each."""
    for where, channels in (("picture", PICTURE), ("world", WORLD)):
        for part in Parts._fields:
            products, squares = [], []
            for first, second in pairs:
                one, other = getattr(first, part)[:, channels], getattr(second, part)[:, channels]
                products.append((one * other).mean())
                squares.append(((one**2).mean(), (other**2).mean()))
            each = [p / np.sqrt(a * b) for p, (a, b) in zip(products, squares, strict=True)]
            yield f"{where}, {part.replace('_', ' ')}", sum(products) / np.sqrt(np.prod(np.sum(squares, 0))), each


def main() -> None:
    asked = parser(__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--pairs", type=positive, default=30)
    arguments = asked.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    pairs = [parts_of(rendered(arguments.folder, n), Cache(arguments.folder / "cache")) for n in range(arguments.pairs)]
    known = [pair for pair in pairs if pair is not None]
    print(f"{len(known)} of {len(pairs)} pairs in which the lifter was seen.\n")
    print("| errors | correlation of two days | median pair | quartiles |\n| --- | --- | --- | --- |")
    for what, together, each in correlations(known):
        low, middle, high = np.percentile(each, [25, 50, 75])
        print(f"| {what} | {together:.2f} | {middle:.2f} | {low:.2f} to {high:.2f} |")


if __name__ == "__main__":
    run(main)
