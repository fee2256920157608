"""Trains the network that lifts keypoints to world landmarks, models/pose/lifting.tflite.

The network learns from synthetic bodies (their projections and their true joints), with errors on the keypoints. The
weights of the view estimate for lifted world landmarks, which have no heels and toes, are fitted to the same bodies.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.linear_model import Ridge
from torch import nn

from livecoach.core import landmark
from livecoach.core.types import Observation
from livecoach.lab.model_files import write_networks
from livecoach.lab.processes import JobRunner, ReportProgress
from livecoach.lab.pytorch import OneCycle, layers_to_tflite, seed_pytorch
from livecoach.lab.synth.figure.body_mesh import load_body
from livecoach.lab.synth.noise_model import azimuth_rad
from livecoach.lab.synth.synthetic_sets import BodyGroup, SetRequest, random_set
from livecoach.lab.train.recipes import LiftingRecipe
from livecoach.perception.body.body import measure_body
from livecoach.perception.body.view import BENT, COSINE_WITHOUT_FEET, SINE_WITHOUT_FEET, azimuth_features, is_standing
from livecoach.perception.pose import pose_lifter

RIDGE = 0.05  # Penalty of the view's weights, in units of a clip; .03 to .3 give similar results
FPS = 5.0  # Frame rate of a set, which is low since neighbouring frames add nothing new
ALL_ROUND = 0.3  # Share of sets filmed from anywhere, also from behind; other sets have azimuths of -110 to 110 degrees
SPREAD = {0: 0.04, 11: 0.04, 13: 0.06, 15: 0.08, 23: 0.06, 25: 0.06, 27: 0.06, 29: 0.08, 31: 0.08}
"""First landmark of a group → standard deviation of the group's errors along x and y, in torso lengths. MoveNet's
errors on 16 rendered clips were .05 (shoulders) to .10 (wrists), and .07 at hips, knees and ankles."""
AMOUNTS = (0.2, 1.4)  # Range of factors on SPREAD, drawn for each frame
SHARED = 0.03  # Standard deviation of a shift that the left and right joint of a pair share, in torso lengths
WITHOUT_FEET = 0.6  # Share of frames without heels and toes, which COCO's keypoints lack
WITHOUT_FACE, WITHOUT_POINT = 0.1, 0.1
"""Shares of frames without eyes and ears, and of single points of the face or the feet that are not known."""
_FACE, _FEET = (0, 2, 5, 7, 8), tuple(range(29, 33))
FRAMES = 4000  # Most frames from which the view's weights are fitted
CLIPS = 20  # Weight of all frames against the penalty, in clips; without a penalty, a weight gets the wrong sign
SIZE_PX, TORSO_PX = 1000, 150.0  # Side of the picture in which bodies are placed, and length of their torso in it
HIDDEN = 256  # Number of units of each hidden layer
BATCH = 512  # Number of frames of a training step
RATE = 2e-3  # Highest learning rate
SEED = 61  # Seed of the bodies and the training
VIEWS_DEG = ((0, 20), (20, 45), (45, 70), (70, 110), (110, 180))
"""Ranges of azimuths, on either side, by which errors are reported."""
BONES = ((11, 23, 25), (12, 24, 26), (23, 25, 27), (24, 26, 28), (11, 13, 15), (12, 14, 16))
"""Landmarks of the angles whose errors are measured, with the joint in the middle: hips, knees and elbows."""


class TrueLandmarks(NamedTuple):
    """The landmarks of synthetic lifters in n frames, in the picture and in the world, without errors."""

    picture: np.ndarray
    """(n, 33, 2) float32, landmarks in the picture, in lengths of the standing torso at the body's distance."""
    world: np.ndarray  # (n, len(LIFTED), 3) float32: world landmarks of a body whose torso is TORSO_M long
    azimuth_deg: np.ndarray  # (n,) azimuth of the camera by the lines through shoulders and hips
    exercise: np.ndarray  # (n,) name of the exercise


def make_true_landmarks(sets: int, seed: int, bodies: BodyGroup, progress: ReportProgress) -> TrueLandmarks:
    """Make `sets` random sets of synthetic lifters, and return the true landmarks of all frames."""
    pictures, worlds, azimuths, names = [], [], [], []
    for number in range(sets):
        rng = np.random.default_rng([seed, number, 9])
        view = rng.uniform(-180, 180) if rng.random() < ALL_ROUND else rng.uniform(-110, 110)
        wanted = SetRequest(
            noise=0.0, lost=0.0, fps=FPS, view_deg=float(view), bodies=bodies, wide=bool(number % 2), graded=False
        )
        made = random_set([seed, number], wanted)
        settings, world = made.settings, made.seen.world
        torso_m = load_body(settings.body, settings.scale).torso_m
        points_px = made.seen.image[..., :2] * settings.camera.size_px
        pictures.append(points_px * (_metres_a_pixel(points_px, world) / torso_m)[:, None, None])
        worlds.append(world[:, pose_lifter.LIFTED] * (pose_lifter.TORSO_M / torso_m))
        azimuths.append(np.degrees(azimuth_rad(world)))
        names.append(np.full(len(world), settings.exercise))
        progress("drawing bodies", (number + 1) / sets)
    return TrueLandmarks(
        picture=np.concatenate(pictures).astype(np.float32),
        world=np.concatenate(worlds).astype(np.float32),
        azimuth_deg=np.concatenate(azimuths),
        exercise=np.concatenate(names),
    )


def _metres_a_pixel(points_px: np.ndarray, world: np.ndarray) -> np.ndarray:
    """Return the metres per pixel, (n,), from the body's spread in the picture (n, 33, 2) and the world (n, 33, 3)."""
    picture, true = points_px[:, pose_lifter.BODY], world[:, pose_lifter.BODY, :2]
    spreads = [((points - points.mean(1, keepdims=True)) ** 2).sum((1, 2)) for points in (picture, true)]
    return np.sqrt(spreads[1] / np.maximum(spreads[0], 1e-9))


def _spreads() -> np.ndarray:
    firsts = sorted(SPREAD)
    return np.array([SPREAD[max(first for first in firsts if first <= i)] for i in range(landmark.COUNT)])


def add_errors(rng: np.random.Generator, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add random errors to points, (n, 33, 2) in torso lengths; also return whether each point stays known, (n, 33)."""
    count = len(points)
    amount = rng.uniform(*AMOUNTS, (count, 1, 1))
    off = rng.standard_normal((count, landmark.COUNT, 2)) * _spreads()[:, None] * amount
    shared = rng.standard_normal((count, landmark.COUNT, 2)) * SHARED
    pairs = np.minimum(np.arange(landmark.COUNT), landmark.OTHER_SIDE)
    known = np.zeros((count, landmark.COUNT), bool)
    known[:, pose_lifter.BODY] = True
    known[:, _FACE] = rng.random((count, len(_FACE))) > WITHOUT_POINT
    known[:, _FACE[1:]] &= rng.random((count, 1)) > WITHOUT_FACE
    known[:, _FEET] = (rng.random((count, len(_FEET))) > WITHOUT_POINT) & (rng.random((count, 1)) > WITHOUT_FEET)
    return points + off + shared[:, pairs], known


def _fit_view_weights(lifting: pose_lifter.WorldLandmarkNetwork, bodies: TrueLandmarks) -> dict[str, dict[str, float]]:
    """Return the weights of each feature for "sine" and "cosine" of the azimuth, from a ridge regression."""
    rng = np.random.default_rng(SEED)
    some = rng.choice(len(bodies.picture), min(FRAMES, len(bodies.picture)), replace=False)
    points, known = add_errors(rng, bodies.picture[some])
    known[:, [*landmark.HEELS, *landmark.TOES]] = False
    odd, even, azimuths, weights = [], [], [], []
    for number, frame in enumerate(some):
        observation = _observation(lifting, points[number], known[number])
        features = azimuth_features(observation)
        if features is None or observation.world is None:
            continue
        odd.append([features[0][name] for name in SINE_WITHOUT_FEET])
        even.append([features[1][name] for name in COSINE_WITHOUT_FEET])
        azimuths.append(np.radians(bodies.azimuth_deg[frame]))
        weights.append(1.0 if is_standing(measure_body(observation.world)) else BENT)
    ridge, shares = Ridge(RIDGE, fit_intercept=False), np.array(weights) * CLIPS / len(weights)
    return {
        name: dict(zip(names, ridge.fit(columns, wanted, shares).coef_.round(3).tolist(), strict=True))
        for name, names, columns, wanted in (
            ("sine", SINE_WITHOUT_FEET, odd, np.sin(azimuths)),
            ("cosine", COSINE_WITHOUT_FEET, even, np.cos(azimuths)),
        )
    }


def _observation(lifting: pose_lifter.WorldLandmarkNetwork, points: np.ndarray, known: np.ndarray) -> Observation:
    """Return the observation of a frame from its points, (33, 2) torso lengths, where `known`, (33,), is set."""
    landmarks = np.full((landmark.COUNT, 5), np.nan, np.float32)
    landmarks[known, :2] = points[known] * (TORSO_PX / SIZE_PX)
    landmarks[:, 3:] = 1.0
    return Observation(
        index=0,
        t_s=0.0,
        landmarks=landmarks,
        world=lifting.estimate_world(points, known),
        people=1,
        brightness=0.5,
        width_px=SIZE_PX,
        height_px=SIZE_PX,
        dropped=0,
    )


def new_network() -> nn.Sequential:
    """Return an untrained network that maps keypoints (n, INPUT) to world landmarks (n, OUTPUT)."""
    dense = [nn.Linear(a, b) for a, b in pairwise((pose_lifter.INPUT, HIDDEN, HIDDEN, HIDDEN, pose_lifter.OUTPUT))]
    return nn.Sequential(*(part for layer in dense for part in (layer, nn.ReLU())))[:-1]


def train(recipe: LiftingRecipe, folder: Path, runner: JobRunner) -> dict[str, Any]:
    """Train the network from keypoints to world landmarks, write it with its card, and return errors and view weights.

    The view weights are new values for constants of perception/body/view.py, which stays unchanged.
    """
    progress = runner.progress
    training_bodies = make_true_landmarks(recipe.sets, SEED, "training", progress)
    judging_bodies = make_true_landmarks(max(recipe.sets // 10, 1), SEED + 1, "judging", progress)
    seed_pytorch(SEED)
    network = new_network()
    _train(network, training_bodies, recipe.steps, progress)
    content = layers_to_tflite("livecoach: world landmarks of keypoints", (1, pose_lifter.INPUT), network)
    metrics = _measure_errors(network, judging_bodies)
    frames = len(training_bodies.picture)
    training = {"command": recipe.command(), "frames": frames, "seed": SEED, "synthetic": True}
    write_networks(folder, pose_lifter.CARD, {pose_lifter.NETWORK: content}, training, metrics)
    return {
        "errors": metrics,
        "livecoach/perception/body/view.py": _fit_view_weights(
            pose_lifter.WorldLandmarkNetwork(folder), training_bodies
        ),
    }


def _train(network: nn.Module, training_bodies: TrueLandmarks, steps: int, progress: ReportProgress) -> None:
    """Train with one cycle of the learning rate. Each frame has errors and mirroring of its own."""
    rng = np.random.default_rng(SEED)
    training = OneCycle(network, RATE, steps, decay=1e-4, rises=0.1)
    swapped = [pose_lifter.LIFTED.index(landmark.OTHER_SIDE[i]) for i in pose_lifter.LIFTED]
    for step in range(steps):
        some = rng.integers(len(training_bodies.picture), size=BATCH)
        picture, world = training_bodies.picture[some], training_bodies.world[some]
        if step % 2:
            picture = picture[:, landmark.OTHER_SIDE] * np.array((-1, 1), np.float32)
            world = world[:, swapped] * np.array((-1, 1, 1), np.float32)
        keypoints = torch.from_numpy(pose_lifter.lifting_inputs(*add_errors(rng, picture)))
        wanted = torch.from_numpy(np.ascontiguousarray(world.reshape(BATCH, pose_lifter.OUTPUT)))
        loss = nn.functional.smooth_l1_loss(network(keypoints), wanted, beta=0.05)
        training.step(loss)
        if step % 500 == 499:
            progress("training the lifting", (step + 1) / steps, loss.item())


def _measure_errors(network: nn.Module, bodies: TrueLandmarks) -> dict[str, Any]:
    """Return errors for "true" keypoints and "with_errors": joints in cm, angles and azimuth in degrees, by azimuth."""
    rng, known = np.random.default_rng(SEED), np.ones(bodies.picture.shape[:2], bool)
    size = np.abs(bodies.azimuth_deg)
    bands = {f"{low}-{high}": (size >= low) & (size < high) for low, high in VIEWS_DEG}
    exercises = {str(name): bodies.exercise == name for name in np.unique(bodies.exercise)}
    out: dict[str, Any] = {}
    for name, keypoints, groups in (
        ("true", (bodies.picture, known), bands),
        ("with_errors", add_errors(rng, bodies.picture), bands | exercises),
    ):
        with torch.no_grad():
            lifted = (
                network(torch.from_numpy(pose_lifter.lifting_inputs(*keypoints)))
                .numpy()
                .reshape(-1, len(pose_lifter.LIFTED), 3)
            )
        errors = _errors(_landmarks(lifted), _landmarks(bodies.world))
        out[name] = {
            group: {key: round(float(values[here].mean()), 2) for key, values in errors.items()}
            for group, here in groups.items()
            if here.any()
        }
    return out


def _errors(made: np.ndarray, true: np.ndarray) -> dict[str, np.ndarray]:
    """Return the errors of lifted landmarks (n, 33, 3), each (n,): cm of a joint, degrees of angles and azimuth."""
    off = np.linalg.norm(made - true, axis=-1)[:, [*range(11, 17), *range(25, 29)]]
    return {
        "joint_cm": 100 * off.mean(1),
        "angle_deg": np.abs(_angles_deg(made) - _angles_deg(true)).mean(1),
        "azimuth_deg": np.abs((np.degrees(azimuth_rad(made) - azimuth_rad(true)) + 180) % 360 - 180),
    }


def _landmarks(lifted: np.ndarray) -> np.ndarray:
    """Return landmarks (n, 33, 3) around the hips; NaN for landmarks that are not lifted."""
    world = np.full((len(lifted), landmark.COUNT, 3), np.nan)
    world[:, pose_lifter.LIFTED] = lifted
    return world - world[:, list(landmark.HIPS)].mean(1, keepdims=True)


def _angles_deg(world: np.ndarray) -> np.ndarray:
    a, b, c = (world[:, list(ends)] for ends in zip(*BONES, strict=True))
    first_bone, second_bone = a - b, c - b
    lengths = np.linalg.norm(first_bone, axis=-1) * np.linalg.norm(second_bone, axis=-1)
    return np.degrees(np.arccos(np.clip((first_bone * second_bone).sum(-1) / np.maximum(lengths, 1e-9), -1, 1)))
