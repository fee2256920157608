"""Fit the noise model of livecoach.lab.synth.noise to BlazePose's errors on rendered clips and to real landmarks.

    python scripts/synth/fit_noise.py clips --motion motion --cache /tmp/observed --out noise_model.npz

The folder holds clips with their truth, landmarks included, beside them (`render_sets.py --landmarks --views -90 90`).
The cache keeps BlazePose's observations of the clips. Lite and full are fitted together: each clip counts once for each
model. --motion names the folder with blazepose_webcam.npz: the model is fitted to person b and compared with person a.
--start MODEL keeps patterns, postures and loss of a model, and fits all sizes anew, for which 30 clips are enough. The
script prints a table, and draws the table with --picture.
"""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from command import parser, run
from noise_errors import SPACES, Errors, errors_of, modelled
from noise_parts import (
    FAST_BURST_S,
    LEAST,
    SLOPE_PARTS,
    SLOW_BURST_S,
    Slopes,
    divided,
    fit_bias,
    fit_burst,
    fit_geometry,
    fit_loss,
    fit_pace,
    fit_size,
    fit_swaps,
    frame_weights,
    own_geometry,
    patterns,
    root_of,
    scores,
    size_terms,
    split,
    without_errors,
    without_geometry,
)
from noise_real import BONES, MEASURES, fit_to_real, measures, near_sets, webcam
from noise_real import modelled as filmed
from noise_sizes import LIMBS, calibrate, chosen_of, summary, without_loss
from rendered_clips import RenderedTrack, read_tracks

from livecoach.core import landmark
from livecoach.core.config.pose_models import BLAZEPOSE
from livecoach.core.errors import OutputError, SourceError
from livecoach.lab.measure.cache import Cache
from livecoach.lab.synth import noise_model
from livecoach.lab.synth.noise import Noise
from livecoach.lab.synth.noise_model import ERRORS, NoiseParameters

SLOW_PARTS, FAST_PARTS = 40, 32
LOSS_WITH_SIZE = 0.5
"""Correlation of a clip's proneness to loss with its sizes of errors (our choice: too few clips lose any frames)."""
FITTED = 1  # index of the person before the webcam to whom the model is fitted
HALF = 0.5  # first guess of shares that are fitted later
LEAST_S = 2.0  # a clip with less time of detections than this serves only the fit of the loss


def fit_means(clips: Sequence[Errors]) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
    """Fit the parameters that all clips share; return the parameters, and the residuals of each clip's channels."""
    left = [clip.channels for clip in clips]
    for _ in range(3):
        weights = frame_weights(clips, left)
        geometry, lag = fit_geometry(clips, weights)
        placed = [without_geometry(clip, geometry, lag) for clip in clips]
        bias = fit_bias(clips, placed, weights)
        left = [a - noise_model.bias_terms(c.azimuth, c.stance) @ bias for a, c in zip(placed, clips, strict=True)]
    return {"geometry": geometry, "lag_s": lag, "bias": bias}, left


def fit_slopes(
    clips: Sequence[Errors], left: Sequence[np.ndarray]
) -> tuple[dict[str, np.ndarray], np.ndarray, list[np.ndarray]]:
    """Fit how posture-dependent errors differ by clip; return parameters, log sizes (clips, 33), and residuals."""
    maps = np.array([own_geometry(clip, channels) for clip, channels in zip(clips, left, strict=True)])
    mapped = [(clip.points @ own).reshape(-1, 6) for clip, own in zip(clips, maps, strict=True)]
    left = [without_errors(channels, own) for channels, own in zip(left, mapped, strict=True)]
    slopes, sizes = Slopes(clips), np.zeros((len(clips), landmark.COUNT))
    for _ in range(3):
        even = [divided(channels, log) for channels, log in zip(left, sizes, strict=True)]
        parts = patterns(
            [split(channels, clip.fps)[0] for channels, clip in zip(even, clips, strict=True)], SLOPE_PARTS
        )
        projected = [scores(channels, parts) for channels in even]
        fitted = [slopes.fit([each[:, k] for each in projected]) for k in range(SLOPE_PARTS)]
        own = np.stack([each for _, each in fitted], 1)
        said = [divided(slopes.of(k, own[k], parts), -sizes[k]) for k in range(len(clips))]
        sizes = np.array([log_rms_by_landmark(channels) for channels in said])
        sizes -= sizes.mean(0)
    left = [a - b for a, b in zip(left, said, strict=True)]
    flat = (maps / np.exp(sizes.mean(1))[:, None, None]).reshape(len(clips), 18)
    offset = np.sqrt(np.mean([divided(a, log).mean(0) ** 2 for a, log in zip(left, sizes, strict=True)], 0))
    model = {
        "geometry_spread": root_of(flat.T @ flat / len(clips)),
        "slope_parts": parts,
        "slope_spread": np.stack([spread for spread, _ in fitted]),
        "offset": offset,
    }
    return model, sizes, [a - a.mean(0) for a in left]


def log_rms_by_landmark(channels: np.ndarray) -> np.ndarray:
    """Return the logarithm of the size of a clip's errors at each landmark, (33,)."""
    squares = channels[:, :ERRORS].reshape(-1, landmark.COUNT, 6) ** 2
    return 0.5 * np.log(squares.mean((0, 2)) + LEAST**2)


def shared_and_rest(channels: Sequence[np.ndarray], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return patterns times their sizes, (count, C), and the standard deviation of the residuals, (C,)."""
    parts = patterns(channels, count)
    size = np.sqrt(np.mean([(scores(a, parts) ** 2).mean(0) for a in channels], 0))
    total = np.mean([(a**2).mean(0) for a in channels], 0)
    shared = parts * size[:, None]
    return shared, np.sqrt(np.maximum(total - (shared**2).sum(0), 0))


class Kind(NamedTuple):
    """Slow or fast errors of all clips."""

    size: np.ndarray  # (7, 33) coefficients of noise_model.size_terms
    burst: np.ndarray  # (2,) as in NoiseParameters.burst
    own: np.ndarray  # (clips, 33) logarithm of the factor on a clip's errors
    even: list[np.ndarray]  # (n, C) for each clip: errors normalised to one size


def fit_kind(clips: Sequence[Errors], channels: Sequence[np.ndarray], times_s: tuple[float, float]) -> Kind:
    """Fit the sizes of slow or fast errors."""
    size = fit_size(clips, channels)
    burst, bursts, own = fit_burst(clips, channels, size, times_s)
    logs = [size_terms(clip) @ size + a + b for clip, a, b in zip(clips, bursts, own, strict=True)]
    return Kind(size, burst, own, [divided(errors, log) for errors, log in zip(channels, logs, strict=True)])


def fit_time(clips: Sequence[Errors], left: Sequence[np.ndarray]) -> tuple[dict[str, np.ndarray], Kind, Kind]:
    """Fit how errors change in time; return the parameters, and the slow and the fast errors."""
    halves = [split(channels, clip.fps) for channels, clip in zip(left, clips, strict=True)]
    slow = fit_kind(clips, [slow for slow, _ in halves], SLOW_BURST_S)
    fast = fit_kind(clips, [fast for _, fast in halves], FAST_BURST_S)
    slow_parts, slow_rest = shared_and_rest(slow.even, SLOW_PARTS)
    fast_parts, fast_rest = shared_and_rest(fast.even, FAST_PARTS)
    model = {
        "slow_size": slow.size,
        "fast_size": fast.size,
        "burst": np.stack([slow.burst, fast.burst]),
        "pace": fit_pace(clips, slow.even, fast.even),
        "slow_parts": slow_parts,
        "slow_rest": slow_rest,
        "fast_parts": fast_parts,
        "fast_rest": fast_rest,
    }
    return model, slow, fast


def fit_levels(clips: Sequence[Errors], levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of `levels` (clips, 3) from the front, and their change to the side, (2, 3); and covariance."""
    side = [np.median(np.sin(clip.azimuth) ** 2) for clip in clips]
    terms = np.column_stack([np.ones(len(side)), side])
    mean = np.linalg.lstsq(terms, levels, rcond=None)[0]
    off = levels - terms @ mean
    return mean, off.T @ off / (len(off) - 2)


def with_loss(covariance: np.ndarray, spread: float) -> np.ndarray:
    """Return the covariance of sizes and proneness to loss, (4, 4): a badly estimated clip has more losses."""
    out = np.zeros((4, 4))
    out[:3, :3] = covariance
    out[:3, 3] = out[3, :3] = LOSS_WITH_SIZE * spread * np.sqrt(np.diag(covariance))
    out[3, 3] = spread**2
    return out


def fit(every: Sequence[Errors]) -> NoiseParameters:
    """Fit all parts of the noise model to clips; raise SourceError if too few clips show the lifter."""
    clips = [clip for clip in every if clip.detected.sum() > LEAST_S * clip.fps]
    if len(clips) < 8:
        raise SourceError(f"{len(clips)} clips show the lifter for {LEAST_S:g} s or more: give 8 or more")
    model, left = fit_means(clips)
    slopes, slope_sizes, left = fit_slopes(clips, left)
    in_time, slow, fast = fit_time(clips, left)
    sizes = np.stack([slope_sizes, slow.own, fast.own], 1)  # (clips, 3, 33)
    mean, covariance = fit_levels(clips, sizes.mean(2))
    loss = fit_loss(every)
    return NoiseParameters(
        **model,
        **slopes,
        **in_time,
        level=np.column_stack([mean, loss.level]),
        level_spread=root_of(with_loss(covariance, loss.spread)),
        length_kept=np.full((2, 3, 6), HALF),
        size=np.ones((2, 4, len(slopes["offset"]))),
        recurring=np.array(HALF),
        loss=loss.terms,
        swap=fit_swaps(clips),
    )


class Row(NamedTuple):
    """A row of a table: values by limb or kind of bone."""

    name: str
    wanted: np.ndarray  # (2, 5) person a and b, or rendered clips from the front and from the side
    got: np.ndarray  # (1, 5) or (2, 5), values of the model


KINDS = ("stays", "goes with the posture", "slow", "fast")


def rows_of(
    model: NoiseParameters, tracks: Sequence[RenderedTrack], real: np.ndarray, made: np.ndarray
) -> tuple[list[Row], list[Row]]:
    """Return the rows of the webcam's measures, and of the sizes of errors in world x and y in rendered clips.

    `real` has the measures of two people, (2, 8, 5); `made` has the measures of the model, (8, 5).
    """
    chosen = chosen_of(tracks)
    drawn = [modelled(Noise(without_loss(model)), track, i) for i, track in enumerate(chosen)]
    seen = [track.estimated for track in chosen]
    wanted, got = (np.exp(summary(chosen, poses, model).sizes) for poses in (seen, drawn))
    across = tuple(SPACES).index("world x and y")
    rendered = [Row(name, wanted[:, k, across], got[:, k, across]) for k, name in enumerate(KINDS)]
    return [Row(name, real[:, k], made[k][None]) for k, name in enumerate(MEASURES)], rendered


def report(rows: Sequence[Row], columns: Sequence[str], sources: Sequence[str]) -> None:
    """Print a Markdown table; each cell has the values of all sources, and then the values of the model."""
    print(f"\n| {', '.join(sources)}; model | {' | '.join(columns)} |\n| --- |{' --- |' * len(columns)}")
    for row in rows:
        cells = [
            f"{', '.join(f'{v:.3f}' for v in a)}; {', '.join(f'{v:.3f}' for v in b)}"
            for a, b in zip(row.wanted.T, row.got.T, strict=True)
        ]
        print(f"| {row.name} | {' | '.join(cells)} |")


PANEL_PX, MARGIN_PX, HEADING_PX = (300, 200), 44, 40
COLOURS = ((160, 120, 40), (60, 60, 220), (60, 160, 60))  # person a, person b, model; blue, green, red


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw a picture with a panel for each row: kinds of bones from left to right, values upwards from 0."""
    (width, height), across = PANEL_PX, 4
    picture = np.full((HEADING_PX + height * math.ceil(len(rows) / across), width * across, 3), 255, np.uint8)

    def write(text: str, x: float, y: float, colour: tuple[int, int, int] = (40, 40, 40)) -> None:
        cv2.putText(picture, text, (round(x), round(y)), cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)

    for k, (name, colour) in enumerate(zip(("person a", "person b", "model"), COLOURS, strict=True)):
        cv2.circle(picture, (20 + 120 * k, 20), 5, colour, -1, cv2.LINE_AA)
        write(name, 30 + 120 * k, 24, colour)
    for k, row in enumerate(rows):
        left, top = width * (k % across), HEADING_PX + height * (k // across)
        foot, values = top + height - MARGIN_PX, np.concatenate([row.wanted, row.got])
        most, step = np.nanmax(values), (width - 2 * MARGIN_PX) / (len(BONES) - 1)
        write(row.name, left + 10, top + 14)
        write(f"{most:.2g}", left + 4, top + 34)
        cv2.line(picture, (left + 34, foot), (left + width - 20, foot), (180, 180, 180), 1)
        for j, bone in enumerate(BONES):
            x = left + MARGIN_PX + step * j
            write(bone, x - 26, foot + 16 + 12 * (j % 2))
            for value, colour, off in zip(values[:, j], COLOURS, (-8, 0, 8), strict=True):
                if np.isfinite(value):
                    at = (round(x + off), round(foot - value / most * (foot - top - 26)))
                    cv2.circle(picture, at, 5, colour, -1, cv2.LINE_AA)
    if not cv2.imwrite(str(path), picture):
        raise OutputError(f"{path}: can't be written")


def read_options() -> argparse.Namespace:
    """Parse the command line."""
    options = parser(__doc__)
    options.add_argument("clips", type=Path, help="folder of rendered clips with truth")
    options.add_argument("--cache", type=Path, required=True, help="folder for what BlazePose sees")
    options.add_argument("--motion", type=Path, required=True, help="folder with blazepose_webcam.npz")
    options.add_argument("--start", type=Path, help="model whose sizes alone are fitted anew")
    options.add_argument("--pose", nargs="+", choices=BLAZEPOSE, default=list(BLAZEPOSE), help="models to look with")
    options.add_argument("--picture", type=Path, help="png to draw")
    options.add_argument("--out", type=Path, required=True, help="npz to write")
    return options.parse_args()


def main() -> None:
    arguments = read_options()
    people, sets = webcam(arguments.motion), near_sets()
    real = np.stack([measures(takes) for takes in people.values()])
    tracks = list(read_tracks(arguments.clips, Cache(arguments.cache), arguments.pose))
    model = (
        noise_model.read_parameters(arguments.start) if arguments.start else fit([errors_of(track) for track in tracks])
    )
    model = fit_to_real(calibrate(model, tracks), real[FITTED], sets)
    try:
        model.write(arguments.out)
    except OSError as err:
        raise OutputError(f"{arguments.out}: can't be written ({err.strerror})") from err
    of_webcam, of_clips = rows_of(model, tracks, real, measures(filmed(model, sets)))
    report(of_webcam, tuple(BONES), ("person a", "person b"))
    report(of_clips, tuple(LIMBS), ("front", "side"))
    print(f"\n{len(tracks)} tracks; recurring share {model.recurring:.2f}, slow knots {model.pace[0]:.2f} s")
    if arguments.picture:
        draw(of_webcam, arguments.picture)


if __name__ == "__main__":
    run(main)
