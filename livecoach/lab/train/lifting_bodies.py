"""Synthetic bodies for the lifting network: what a picture shows of them, and where their joints truly are."""

from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.lab.processes import Progress
from livecoach.pose.keypoints import BODY
from livecoach.pose.pose_lifter import LIFTED, TORSO_M
from livecoach.synth.figure.body import load
from livecoach.synth.sets import SetRequest, random_set_arrays

FPS = 5.0
"""Frames a second that are kept of a set: neighbouring frames teach nothing new."""
ALL_ROUND = 0.3
"""Share of sets that are seen from anywhere, behind included; the others from -110 to 110 degrees."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiftedBodies:
    """n frames of synthetic lifters, free of errors."""

    picture: np.ndarray
    """(n, 33, 2) float32: the picture, in lengths of the standing torso at the body's distance."""
    world: np.ndarray
    """(n, len(LIFTED), 3) float32: world landmarks of a body whose torso is TORSO_M long."""
    azimuth_deg: np.ndarray
    """(n,) camera's azimuth by the lines through shoulders and hips."""
    exercise: np.ndarray
    """(n,) name of the exercise."""


def azimuths_deg(world: np.ndarray) -> np.ndarray:
    """Return the (n,) azimuths that world landmarks (n, 33, 3) show: 0 in front, 90 at the lifter's left."""
    left = world[:, 11] - world[:, 12] + world[:, 23] - world[:, 24]
    return np.degrees(np.arctan2(-left[:, 2], left[:, 0]))


def draw_bodies(sets: int, seed: int, bodies: str, progress: Progress) -> LiftedBodies:
    """Draw frames of random sets. bodies: a group of PARTS."""
    pictures, worlds, azimuths, names = [], [], [], []
    for number in range(sets):
        rng = np.random.default_rng([seed, number, 9])
        view = rng.uniform(-180, 180) if rng.random() < ALL_ROUND else rng.uniform(-110, 110)
        wanted = SetRequest(noise=0.0, lost=0.0, fps=FPS, view_deg=float(view), bodies=bodies, wide=bool(number % 2))
        made = random_set_arrays([seed, number], wanted)
        settings = made.settings
        torso_m = _standing_torso_m(settings.body, settings.scale)
        points_px = made.image[..., :2] * (settings.width_px, settings.height_px)
        pictures.append(points_px * (_metres_a_pixel(points_px, made.world) / torso_m)[:, None, None])
        worlds.append(made.world[:, LIFTED] * (TORSO_M / torso_m))
        azimuths.append(azimuths_deg(made.world))
        names.append(np.full(len(made.world), settings.exercise))
        progress("drawing bodies", (number + 1) / sets)
    return LiftedBodies(
        picture=np.concatenate(pictures).astype(np.float32),
        world=np.concatenate(worlds).astype(np.float32),
        azimuth_deg=np.concatenate(azimuths),
        exercise=np.concatenate(names),
    )


def _standing_torso_m(body: str, scale: float) -> float:
    points = load(body, scale).landmark_rest[None]
    trunk = landmark.middle(points, landmark.SHOULDERS) - landmark.middle(points, landmark.HIPS)
    return float(np.linalg.norm(trunk))


def _metres_a_pixel(points_px: np.ndarray, world: np.ndarray) -> np.ndarray:
    """Return the (n,) metres that a pixel spans, by the body's spread in picture (n, 33, 2) and world (n, 33, 3)."""
    picture, true = points_px[:, BODY], world[:, BODY, :2]
    spreads = [((points - points.mean(1, keepdims=True)) ** 2).sum((1, 2)) for points in (picture, true)]
    metres: np.ndarray = np.sqrt(spreads[1] / np.maximum(spreads[0], 1e-9))
    return metres
