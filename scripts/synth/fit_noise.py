"""Fit the noise model of livecoach.synth.noise to MediaPipe's errors on rendered clips.

    python scripts/synth/render_clip.py --view 30 --out clips/a.mp4        # several, views 0 to 75 degrees
    python scripts/synth/fit_noise.py clips/*.mp4 --out noise_model.npz

Each clip needs its truth, with landmarks, beside it. Prints what was fitted; the shipped model was fitted to 9 clips.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import mediapipe as mp
import numpy as np
from command import parser, run
from mediapipe.tasks.python import BaseOptions, vision
from scipy.ndimage import gaussian_filter1d

from livecoach import landmark
from livecoach.errors import ConfigError, OutputError, SourceError
from livecoach.synth.noise import CHANNELS, SWAP, Noise, features, mirror_both, spread, torso_scale

POSE_MODEL = Path(__file__).resolve().parents[2] / "models" / "pose" / "pose_landmarker_full.task"
COMPONENTS = 14
FACTORS = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Tried on offsets and slow errors."""
LAG_S = 0.25
BODY = slice(landmark.SHOULDERS[0], None)
TORSO = [*landmark.SHOULDERS, *landmark.HIPS]


@dataclass(frozen=True, kw_only=True, eq=False)
class Track:
    """A clip's frames in which MediaPipe found somebody and all landmarks lie in the picture, T of them."""

    image: np.ndarray
    """(T, 33, 4) as MediaPipe saw it: x, y, z, visibility."""
    world: np.ndarray
    """(T, 33, 3), m."""
    true_image: np.ndarray
    """(T, 33, 3)"""
    true_world: np.ndarray
    """(T, 33, 3)"""
    size_px: np.ndarray
    """Width and height."""
    fps: float
    view_deg: float

    def scale(self) -> tuple[float, np.ndarray]:
        """Torso length, m, and (T,) in pixels."""
        return torso_scale(self.true_world, self.true_image[..., :2] * self.size_px)


@dataclass(frozen=True, kw_only=True, eq=False)
class Errors:
    """What a track says about MediaPipe, as if the camera stood on the lifter's left."""

    errors: np.ndarray
    """(T, 33, 6) torso lengths: image x, y, z, world x, y, z."""
    explained_by: np.ndarray
    """(T, 6) features."""
    visible: np.ndarray
    """(T, 33)"""
    fps: float
    view_deg: float

    def flat(self) -> np.ndarray:
        """(T, 198) errors."""
        return self.errors.reshape(len(self.errors), CHANNELS)


def follow(clip: Path) -> tuple[np.ndarray, np.ndarray]:
    """MediaPipe on every frame: (T, 33, 4) image landmarks and (T, 33, 3) world ones, NaN where nobody was found."""
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(POSE_MODEL)), running_mode=vision.RunningMode.VIDEO
    )
    image, world = [], []
    with vision.PoseLandmarker.create_from_options(options) as landmarker, av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            picture = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
            seen = landmarker.detect_for_video(
                mp.Image(image_format=mp.ImageFormat.SRGB, data=picture), round(frame.time * 1000)
            )
            image.append(as_array(seen.pose_landmarks, 4))
            world.append(as_array(seen.pose_world_landmarks, 3))
    return np.array(image), np.array(world)


def as_array(people: list, width: int) -> np.ndarray:
    """(33, width) x, y, z and visibility of the first person; NaN without one."""
    if not people:
        return np.full((landmark.COUNT, width), np.nan)
    return np.array([(point.x, point.y, point.z, point.visibility)[:width] for point in people[0]])


def read_track(clip: Path) -> Track:
    """Run MediaPipe on a clip that has its truth beside it."""
    try:
        truth = json.loads(clip.with_suffix(".json").read_text())
        true_image, true_world = (np.array(truth[f"landmarks_{kind}"]) for kind in ("image", "world"))
    except (OSError, ValueError, KeyError) as err:
        raise SourceError(f"{clip}: no truth with landmarks beside it. Make it with render_clip.py") from err
    image, world = follow(clip)
    inside = ((true_image[..., :2] > 0) & (true_image[..., :2] < 1)).all((1, 2))
    keep = np.isfinite(image[:, 0, 0]) & inside
    if keep.sum() < truth["fps"]:
        raise SourceError(f"{clip}: less than a second shows the whole lifter. Take another view or distance")
    return Track(
        image=image[keep],
        world=world[keep],
        true_image=true_image[keep],
        true_world=true_world[keep],
        size_px=np.array([truth["width"], truth["height"]], float),
        fps=truth["fps"],
        view_deg=truth["view_deg"],
    )


def fit_gain(tracks: Sequence[Track]) -> float:
    """MediaPipe's z against the true one."""
    per_torso = [track.size_px[0] / track.scale()[1][:, None] for track in tracks]
    true_z = np.concatenate([(t.true_image[..., 2] * k).ravel() for t, k in zip(tracks, per_torso, strict=True)])
    seen_z = np.concatenate([(t.image[..., 2] * k).ravel() for t, k in zip(tracks, per_torso, strict=True)])
    return float((true_z * seen_z).sum() / (true_z * true_z).sum())


def errors_of(track: Track, gain: float) -> Errors:
    """In torso lengths, mirrored where the camera stood on the right."""
    torso_m, torso_px = track.scale()
    per_torso = track.size_px[[0, 1, 0]] / torso_px[:, None, None]
    image = (track.image[..., :3] - track.true_image * (1, 1, gain)) * per_torso
    errors = np.concatenate([image, (track.world - track.true_world) / torso_m], -1)
    visible = track.image[..., 3]
    if track.view_deg < 0:
        errors, visible = mirror_both(errors), visible[:, SWAP]
    explained_by = features(track.true_world, track.view_deg, torso_m)
    return Errors(errors=errors, explained_by=explained_by, visible=visible, fps=track.fps, view_deg=track.view_deg)


def ridge(x: np.ndarray, y: np.ndarray, amount: float = 3.0) -> np.ndarray:
    """Least squares with a small penalty on everything but the constant."""
    penalty = amount * np.eye(x.shape[1])
    penalty[0, 0] = 1e-6
    return np.linalg.solve(x.T @ x + penalty, x.T @ y)


def fit_slow(clips: Sequence[Errors], bias: np.ndarray) -> dict:
    """Offset a clip, principal components of the slow errors, their rest, how slow they are, and the jitter."""
    offsets, slow, quick, lags = [], [], [], []
    for clip in clips:
        left = clip.flat() - clip.explained_by @ bias
        quick.append(np.median(np.abs(np.diff(left, 2, axis=0)), 0) / 0.6745 / np.sqrt(6))
        left /= spread(clip.view_deg)
        offsets.append(left.mean(0))
        smooth = gaussian_filter1d(left - left.mean(0), 0.07 * clip.fps, axis=0)
        slow.append(smooth)
        lag = round(LAG_S * clip.fps)
        lags.append((smooth[lag:] * smooth[:-lag]).sum() / (smooth * smooth).sum())
    every = np.concatenate(slow)
    _, size, direction = np.linalg.svd(every - every.mean(0), full_matrices=False)
    components = direction[:COMPONENTS] * (size[:COMPONENTS, None] / np.sqrt(len(every)))
    return {
        "offset": np.std(offsets, 0),
        "comp": components,
        "rest": np.sqrt(np.maximum(every.var(0) - (components**2).sum(0), 0)),
        "tau": LAG_S / np.sqrt(-4 * np.log(np.clip(np.mean(lags), 0.05, 0.95))),
        "jitter": np.median(quick, 0),
    }


def fit(tracks: Sequence[Track]) -> dict:
    """All parts of the model, as livecoach.synth.noise.Noise takes them."""
    gain = fit_gain(tracks)
    clips = [errors_of(track, gain) for track in tracks]
    explained_by = np.concatenate([clip.explained_by for clip in clips])
    errors, visible = np.concatenate([clip.flat() for clip in clips]), np.concatenate([clip.visible for clip in clips])
    bias, seen = ridge(explained_by, errors), ridge(explained_by, visible)
    model = {"bias": bias, "gain": gain, "visible": seen, "visible_sd": (visible - explained_by @ seen).std(0)}
    model |= fit_slow(clips, bias) | {"shrink": 1.0}
    model["shrink"] = calibrate(tracks, model)
    report(model, errors, errors - explained_by @ bias, len(tracks))
    return model


def body_error(track: Track, image: np.ndarray) -> np.ndarray:
    """Sizes (torso lengths) of the errors of the landmarks below the head."""
    off = (image[:, BODY, :2] - track.true_image[:, BODY, :2]) * track.size_px
    return (np.linalg.norm(off, axis=-1) / track.scale()[1][:, None]).ravel()


def with_noise(track: Track, noise: Noise, seed: int) -> np.ndarray:
    """(T, 33, 4) image landmarks: the truth with the model's errors."""
    rng, size = np.random.default_rng(seed), tuple(track.size_px)
    return noise(rng, track.true_image, track.true_world, track.view_deg, track.fps, size)[0]


def calibrate(tracks: Sequence[Track], model: dict) -> float:
    """The factor on offsets and slow errors that gives MediaPipe's median error: real errors have longer tails."""
    medians = []
    for seed, factor in enumerate(FACTORS):
        noise = Noise(model | {"shrink": factor})
        made = [body_error(track, with_noise(track, noise, seed)) for track in tracks]
        medians.append(np.median(np.concatenate(made)))
    real = np.median(np.concatenate([body_error(track, track.image) for track in tracks]))
    return float(np.interp(real, medians, FACTORS))


def report(model: dict, errors: np.ndarray, left: np.ndarray, clips: int) -> None:
    """Print what was fitted; errors, left: (T, 198) before and after the linear bias."""
    xy, xy_left, jitter = (a.reshape(-1, landmark.COUNT, 6)[..., :2] for a in (errors, left, model["jitter"]))
    torso = np.linalg.norm(xy[:, TORSO].mean(0), axis=-1).mean()
    before, after = (np.median(np.linalg.norm(a[:, BODY], axis=-1)) for a in (xy, xy_left))
    print(f"{clips} clips, {len(errors)} frames; gain of z {model['gain']:.2f}, low pass {model['tau']:.2f} s")
    print(f"torso lengths: bias of the torso's points {torso:.3f}; median body error {before:.3f}, ", end="")
    print(f"after the linear bias {after:.3f}; jitter {np.median(jitter):.4f}; shrink {model['shrink']:.2f}")


def read_options() -> argparse.Namespace:
    """The command line."""
    options = parser(__doc__)
    options.add_argument("clips", type=Path, nargs="+")
    options.add_argument("--out", type=Path, required=True, help="npz to write")
    return options.parse_args()


def main() -> None:
    given = read_options()
    if not POSE_MODEL.exists():
        raise ConfigError(f"{POSE_MODEL}: missing. Make it with scripts/make_pose_models.py")
    model = fit([read_track(clip) for clip in given.clips])
    try:
        np.savez_compressed(given.out, **{name: np.asarray(value, np.float32) for name, value in model.items()})
    except OSError as err:
        raise OutputError(f"{given.out}: can't be written ({err.strerror})") from err


if __name__ == "__main__":
    run(main)
