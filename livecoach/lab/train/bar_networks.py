"""Trains the networks that locate a barbell's plate: finder.tflite, refiner.tflite and bar.json.

The networks learn from rendered squares. Each scene has a body, room, light and camera, perhaps a barbell of any make,
and a movement, which may be a rep. The lifter's position comes from the true landmarks, with errors.
"""

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from joblib import Memory
from torch import Tensor, nn
from torch.nn import functional

from livecoach.core import landmark
from livecoach.core.errors import ConfigError
from livecoach.lab.model_files import write_networks
from livecoach.lab.processes import JobRunner, ReportProgress
from livecoach.lab.pytorch import FlattenChannelsLast, OneCycle, layers_to_tflite, seed_pytorch
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.picture.canvas import check_drawing
from livecoach.lab.synth.synthetic_set import make_set
from livecoach.lab.synth.synthetic_sets import BODY_GROUPS, BodyGroup, random_settings
from livecoach.lab.train.recipes import BarRecipe
from livecoach.perception.bar.detector import (
    CARD,
    CELLS,
    FINDER_PX,
    FINDER_SIDE,
    REFINER_PX,
    REFINER_SIDE,
    USUAL_DIAMETER,
    cut_square,
    stature_px,
)

FRAMES = 12  # Number of frames of each scene: making its room takes as long as drawing seven frames
WIDE_PX, WIDE = 104, 2.6
"""Pixels of the square around a plate, and its side in diameters. The refiner's square is cut from its inside."""
VIEW_DEG = (-105.0, 105.0)  # Range of azimuths, in degrees
FRONT_DEG = 15.0  # Azimuth in degrees below which both plates count, because neither is nearer to the camera
THINGS = {
    "deadlift": ("idle:1", "fiddle", "load_plate", "lift_end", "tie_shoe", "stretch", "failed_pull", "bend", "walkin"),
    "squat": ("idle:1", "tie_shoe", "stretch", "bend", "walkin", "unrack"),
}
"""Exercise → movements that are no reps."""
OTHER_SHARE, PEOPLE_SHARE, NO_BAR = 0.4, 0.12, 0.2  # Shares of scenes with THINGS, with other people, without a bar
WRIST_ERROR, SIZE_ERROR = 0.04, 0.07
"""Standard deviations of the errors of the lifter's wrists, in statures, and of the stature's logarithm."""
Layer = tuple[int, int, int]  # Outputs, kernel size and stride of a convolution
FINDER: tuple[Layer, ...] = ((8, 5, 2), (24, 3, 2), (48, 3, 2), (48, 3, 1), (64, 3, 1), (64, 3, 1))
REFINER: tuple[Layer, ...] = ((12, 5, 2), (24, 3, 2), (32, 3, 1), (48, 3, 2), (64, 3, 1), (64, 3, 2))
HIDDEN = 96  # Number of units of the refiner's hidden layer
OUTPUTS = 4  # Number of outputs: log odds of a plate, x and y of its middle, logarithm of its diameter
SHIFT, STRETCH = 0.28, 0.22  # Largest errors of the refiner's square: shift in diameters, and logarithm of its side
USUAL_PX = USUAL_DIAMETER * FINDER_PX / FINDER_SIDE  # Diameter of a full plate in the finder's square
SEED = 7  # Seed of the training
EPOCHS = {"finder": 11, "refiner": 45}  # Network → number of passes through its pictures
BATCH = 64  # Number of pictures of a training step
RATE = 3e-3  # Highest learning rate
TRAINING_SEED, JUDGING_SEED = 31, 41  # Seeds of the scenes for the shipped networks


def _load_or_draw_scenes(bodies: BodyGroup, seed: int, count: int, runner: JobRunner) -> dict[str, np.ndarray]:
    """Return the arrays of `_draw_scene`, joined. Scenes that the cache lacks are rendered."""
    kept = Memory(runner.cache, verbose=0).cache(_draw_scene)
    if not all(kept.check_call_in_cache(bodies, seed, number) for number in range(count)):
        check_drawing()
    every = runner.map(partial(kept, bodies, seed), range(count), f"pictures of {bodies} bodies", fresh=True)
    return {name: np.concatenate([arrays[name] for arrays in every]) for name in every[0]}


def _draw_scene(bodies: BodyGroup, seed: int, number: int) -> dict[str, np.ndarray]:
    """Choose a scene at random, render some of its frames, and return its arrays for training.

    Returns:
        `wide`, (N, 96, 96, 3): the finder's squares. `plates`, (N, 2, 3): x, y and diameter in them, in pixels; NaN
        without a plate. `near`, (M, 104, 104, 3): squares around plates, 40 px per diameter, and around other places.
        `is_plate`, (M,).
    """
    cv2.setNumThreads(1)
    rng = np.random.default_rng((seed, number, 17))
    exercise = ("deadlift", "squat")[number % 2]
    thing = THINGS[exercise][rng.integers(len(THINGS[exercise]))]
    tokens = ["good", thing] if rng.random() < OTHER_SHARE else ["good"]
    if rng.random() < PEOPLE_SHARE:
        tokens.insert(0, str(rng.choice(("passes_behind", "stands_beside", "passes_front"))))
    settings = random_settings(
        [seed, number, 17],
        exercise,
        parse_tokens(",".join(tokens), exercise),
        view_deg=VIEW_DEG,
        bodies=BODY_GROUPS[bodies],
    )
    settings = dataclasses.replace(settings, any_barbell=True, bar=bool(rng.random() > NO_BAR))
    clip = make_set(settings)
    camera, truth = settings.camera, clip.plate_positions()
    points = camera.project_landmarks(clip.movement.landmarks)[0][..., :2] * camera.size_px
    front = abs(camera.azimuth_deg) < FRONT_DEG
    wide, plates, near, is_plate = [], [], [], []
    with clip.open_renderer() as renderer:
        for i in np.sort(rng.choice(len(points), min(FRAMES, len(points)), replace=False)):
            picture = _compress(rng, renderer.draw(int(i)))
            at = np.full((2, 3), np.nan) if truth is None else truth[i].copy()
            if not front:
                at[1] = np.nan
            at[~((at[:, :2] >= 0) & (at[:, :2] < picture.shape[1::-1])).all(1)] = np.nan
            stature = stature_px(points[i]) * np.exp(rng.normal(0, SIZE_ERROR))
            centre = points[i][list(landmark.WRISTS)].mean(0) + rng.normal(0, WRIST_ERROR, 2) * stature
            side = FINDER_SIDE * stature
            wide.append(cut_square(picture, centre, side, FINDER_PX))
            plates.append((at - [*(centre - side / 2), 0]) * (FINDER_PX / side))
            usual = 0.45 / 1.75 * stature
            for x, y, d in at[np.isfinite(at[:, 0])]:
                near.append(cut_square(picture, np.array([x, y]), WIDE * d, WIDE_PX))
                is_plate.append(True)
            place = centre + rng.uniform(-0.5, 0.5, 2) * stature
            every = at if truth is None else truth[i]
            far = np.hypot(*(every[:, :2] - place).T) > 0.9 * np.maximum(every[:, 2], usual)
            if (far | np.isnan(every[:, 0])).all():
                near.append(cut_square(picture, place, WIDE * usual * np.exp(rng.normal(0, 0.2)), WIDE_PX))
                is_plate.append(False)
    return {
        "wide": np.array(wide),
        "plates": np.array(plates, np.float32),
        "near": np.array(near, np.uint8).reshape(-1, WIDE_PX, WIDE_PX, 3),
        "is_plate": np.array(is_plate, bool),
    }


def _compress(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    if rng.random() < 0.5:
        return picture
    _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR))


def _convolutions(layers: tuple[Layer, ...], channels: int) -> list[nn.Module]:
    modules: list[nn.Module] = []
    for outputs, size, stride in layers:
        modules += [nn.Conv2d(channels, outputs, size, stride, size // 2), nn.BatchNorm2d(outputs), nn.ReLU()]
        channels = outputs
    return modules


def _new_finder() -> nn.Sequential:
    """Return a network from squares and pixel positions, (N, 5, 96, 96), to OUTPUTS by cell, (N, 4, 12, 12)."""
    return nn.Sequential(*_convolutions(FINDER, 5), nn.Conv2d(FINDER[-1][0], OUTPUTS, 1))


def _new_refiner() -> nn.Sequential:
    """Return a network from squares around possible plates, (N, 3, 64, 64), to OUTPUTS, (N, 4)."""
    flat = REFINER[-1][0] * (REFINER_PX // 16) ** 2
    convolutions = _convolutions(REFINER, 3)
    return nn.Sequential(
        *convolutions, FlattenChannelsLast(), nn.Linear(flat, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, OUTPUTS)
    )


def _pixel_positions() -> np.ndarray:
    """Return the position of each pixel in the finder's square, -1…1, (96, 96, 2)."""
    along = (np.arange(FINDER_PX) + 0.5) / FINDER_PX * 2 - 1
    x, y = np.meshgrid(along, along)
    return np.stack([x, y], -1).astype(np.float32)


def _scale_squares(squares: np.ndarray) -> np.ndarray:
    return squares.astype(np.float32) / 127.5 - 1


def _finder_batch(rng: np.random.Generator, wide: np.ndarray, plates: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Return squares (N, 5, 96, 96) in random light, half mirrored, targets (N, 4, 12, 12), weights (N, 12, 12)."""
    squares, at = _scale_squares(_vary_light(rng, wide)), plates.copy()
    for k in np.flatnonzero(rng.random(len(wide)) < 0.5):
        squares[k] = squares[k, :, ::-1]
        at[k, :, 0] = FINDER_PX - at[k, :, 0]
    whole = np.concatenate([squares, np.broadcast_to(_pixel_positions(), (len(wide), *_pixel_positions().shape))], -1)
    cell_px = FINDER_PX / CELLS
    middles = (np.arange(CELLS) + 0.5) * cell_px
    target = np.zeros((len(wide), OUTPUTS, CELLS, CELLS), np.float32)
    weight = np.ones((len(wide), CELLS, CELLS), np.float32)
    for k, side in np.argwhere(np.isfinite(at[..., 0]) & ((at[..., :2] > 0) & (at[..., :2] < FINDER_PX)).all(-1)):
        x, y, diameter = at[k, side]
        off_x, off_y = (x - middles) / cell_px, (y - middles) / cell_px
        far = np.hypot(off_x[None], off_y[:, None])
        on_plate = far <= 0.75
        weight[k][(far > 0.75) & (far <= 1.5)] = 0
        target[k, 0][on_plate] = 1
        weight[k][on_plate] = 1
        target[k, 1][on_plate] = np.broadcast_to(off_x[None], far.shape)[on_plate]
        target[k, 2][on_plate] = np.broadcast_to(off_y[:, None], far.shape)[on_plate]
        target[k, 3][on_plate] = np.log(diameter / USUAL_PX)
    return torch.from_numpy(whole).permute(0, 3, 1, 2), torch.from_numpy(target), torch.from_numpy(weight)


def _refiner_batch(rng: np.random.Generator, near: np.ndarray, is_plate: np.ndarray) -> tuple[Tensor, Tensor]:
    """Return squares (N, 3, 64, 64) with random shift, size and light, half of them mirrored, and targets (N, 4)."""
    squares = np.empty((len(near), REFINER_PX, REFINER_PX, 3), np.uint8)
    target = np.zeros((len(near), OUTPUTS), np.float32)
    diameter_px = WIDE_PX / WIDE
    for k, picture in enumerate(near):
        far = rng.uniform()  # most squares of a followed plate are nearly in place
        log = far * rng.uniform(-STRETCH, STRETCH)
        x, y = far * rng.uniform(-SHIFT, SHIFT, 2) * diameter_px
        side = REFINER_SIDE * diameter_px * np.exp(log)
        scale, corner = side / REFINER_PX, WIDE_PX / 2 + np.array([x, y]) - side / 2
        turn = np.array([[scale, 0, corner[0] + scale / 2 - 0.5], [0, scale, corner[1] + scale / 2 - 0.5]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cut = cv2.warpAffine(picture, turn, (REFINER_PX, REFINER_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        mirrored = rng.random() < 0.5
        squares[k] = cut[:, ::-1] if mirrored else cut
        off = np.array([-x, -y]) / (side / REFINER_SIDE)
        target[k] = [is_plate[k], -off[0] if mirrored else off[0], off[1], -log]
    return torch.from_numpy(_scale_squares(_vary_light(rng, squares))).permute(0, 3, 1, 2), torch.from_numpy(target)


def _vary_light(rng: np.random.Generator, squares: np.ndarray) -> np.ndarray:
    count = len(squares)
    gain = np.exp(rng.normal(0, 0.2, (count, 1, 1, 1)) + rng.normal(0, 0.08, (count, 1, 1, 3)))
    light = squares * gain + rng.normal(0, 10, (count, 1, 1, 1))
    noisy = rng.random(count) < 0.4
    light[noisy] += rng.normal(0, 1, light[noisy].shape) * rng.uniform(1, 10, (noisy.sum(), 1, 1, 1))
    for k in np.flatnonzero(rng.random(count) < 0.25):
        sigma_px = float(rng.uniform(0.4, 1.3))
        light[k] = cv2.GaussianBlur(light[k], (0, 0), sigma_px)
    return np.clip(light, 0, 255).astype(np.uint8)


def _finder_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the focal loss of the log odds and, on plates, the smooth L1 loss of the rest."""
    odds = functional.binary_cross_entropy_with_logits(predicted[:, 0], target[:, 0], reduction="none")
    missed = (target[:, 0] - torch.sigmoid(predicted[:, 0])).abs() ** 2
    is_plate = target[:, 0] > 0
    loss = (odds * missed * weight).sum() / (is_plate.sum() + 8)
    if is_plate.any():
        off = functional.smooth_l1_loss(predicted[:, 1:], target[:, 1:], reduction="none", beta=0.1).sum(1)
        loss = loss + off[is_plate].mean()
    return loss


def train(recipe: BarRecipe, folder: Path, runner: JobRunner) -> dict[str, Any]:
    """Train both networks that locate a barbell's plate, write them with their card, and return their figures.

    Raises ConfigError if the pictures are too few, or this machine can't draw.
    """
    to_train = _load_or_draw_scenes("training", TRAINING_SEED, recipe.scenes, runner)
    to_judge = _load_or_draw_scenes("judging", JUDGING_SEED, recipe.judging, runner)
    if min(len(to_train["wide"]), len(to_train["near"])) < BATCH or not to_judge["is_plate"].any():
        raise ConfigError("the bar's networks: too few pictures to learn from. Draw more with --scenes and --judging.")
    seed_pytorch(SEED)
    finder, refiner = _trained(to_train, runner.progress)
    metrics = _measure_networks(finder, refiner, to_judge)
    files = {
        "finder.tflite": layers_to_tflite("livecoach plate finder", (1, FINDER_PX, FINDER_PX, 5), finder),
        "refiner.tflite": layers_to_tflite("livecoach plate refiner", (1, REFINER_PX, REFINER_PX, 3), refiner),
    }
    training = {"command": recipe.command(), "pictures": len(to_train["wide"]), "seed": SEED, "synthetic": True}
    write_networks(folder, CARD, files, training, metrics)
    return metrics


def _trained(drawn: dict[str, np.ndarray], progress: ReportProgress) -> tuple[nn.Sequential, nn.Sequential]:
    finder, refiner = _new_finder(), _new_refiner()
    wide, plates, near, is_plate = (drawn[name] for name in ("wide", "plates", "near", "is_plate"))

    def of_finder(rng: np.random.Generator, some: np.ndarray) -> Tensor:
        squares, target, weight = _finder_batch(rng, wide[some], plates[some])
        return _finder_loss(finder(squares), target, weight)

    def of_refiner(rng: np.random.Generator, some: np.ndarray) -> Tensor:
        squares, target = _refiner_batch(rng, near[some], is_plate[some])
        predicted, has_plate = refiner(squares), target[:, 0] > 0
        loss = functional.binary_cross_entropy_with_logits(predicted[:, 0], target[:, 0])
        return loss + 15 * functional.smooth_l1_loss(predicted[has_plate, 1:], target[has_plate, 1:], beta=0.02)

    _train_network("finder", finder, len(wide), of_finder, progress)
    _train_network("refiner", refiner, len(near), of_refiner, progress)
    return finder, refiner


def _train_network(
    name: str,
    network: nn.Module,
    count: int,
    loss_of: Callable[[np.random.Generator, np.ndarray], Tensor],
    progress: ReportProgress,
) -> None:
    """Train a network in place, with one cycle of the learning rate, and leave it in evaluation mode."""
    rng = np.random.default_rng(SEED)
    steps = EPOCHS[name] * (count // BATCH)
    training = OneCycle(network, RATE, steps, decay=1e-3, rises=0.2)
    network.train()
    for epoch in range(EPOCHS[name]):
        order = rng.permutation(count)
        for k in range(count // BATCH):
            loss = loss_of(rng, order[k * BATCH : (k + 1) * BATCH])
            training.step(loss)
        progress(f"training the {name}", (epoch + 1) / EPOCHS[name], loss.item())
    network.eval()


def _measure_networks(finder: nn.Module, refiner: nn.Module, drawn: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return the shares of right and of false detections, and the refiner's errors, for the model card."""
    rng = np.random.default_rng(SEED + 1)
    with torch.no_grad():
        squares, target, _ = _finder_batch(rng, drawn["wide"], drawn["plates"])
        predicted = finder(squares).numpy()
        near, near_target = _refiner_batch(rng, drawn["near"], drawn["is_plate"])
        fine, wanted = refiner(near).numpy(), near_target.numpy()
    best = predicted[:, 0].reshape(len(predicted), -1).argmax(1)
    flat, true = (
        array.reshape(len(array), 4, -1)[np.arange(len(array)), :, best] for array in (predicted, target.numpy())
    )
    with_plate = (target.numpy()[:, 0].reshape(len(predicted), -1) > 0).any(1)
    sure = flat[:, 0] > 0
    plate = wanted[:, 0] > 0
    off = np.hypot(*(fine - wanted)[plate, 1:3].T)
    diameter = (fine - wanted)[plate, 3]
    return {
        "squares": len(predicted),
        "found_at_its_place": round(float((sure & (true[:, 0] > 0))[with_plate].mean()), 4),
        "found_elsewhere": round(float((sure & (true[:, 0] == 0))[with_plate].mean()), 4),
        "found_where_none_is": round(float(sure[~with_plate].mean()), 4),
        "refined_off_p50_p90_diameters": [round(float(np.percentile(off, q)), 4) for q in (50, 90)],
        "refined_diameter_off_mean_p50_p90": [
            round(float(v), 4) for v in (diameter.mean(), *np.percentile(np.abs(diameter), (50, 90)))
        ],
        "refiner_plates_told": round(float((fine[plate, 0] > 0).mean()), 4),
        "refiner_others_told": round(float((fine[~plate, 0] > 0).mean()), 4),
    }
