"""Rendered squares with barbells in them, and without: what the networks that find a plate are trained on.

Each scene is one body, room, light, camera and barbell (full and small plates, bumpers and iron, an empty bar, a stick,
none), and one movement: a rep, or what is no rep. Where the lifter is comes from the true landmarks, with errors.
"""

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from livecoach import landmark
from livecoach.bar.crop import FINDER_PX, FINDER_SIDE, square, stature_px
from livecoach.errors import ConfigError
from livecoach.lab.processes import Progress, in_order, share_of
from livecoach.synth.clip import make_clip, random_clip_settings
from livecoach.synth.figure.body import JUDGING, TRAINING
from livecoach.synth.motion.tokens import parse
from livecoach.synth.picture.canvas import check_drawing

BODIES = {"training": TRAINING, "judging": JUDGING}
FRAMES = 12
"""Of each scene: to make its room takes as long as to draw seven."""
WIDE_PX, WIDE = 104, 2.6
"""A plate's square, and its side in diameters: the refiner's is cut from its inside."""
VIEW_DEG = (-105.0, 105.0)
FRONT_DEG = 15.0
"""Nearer to the front both plates count: none is the nearer one."""
THINGS = {
    "deadlift": ("idle:1", "fiddle", "load_plate", "lift_end", "tie_shoe", "stretch", "failed_pull", "bend", "walkin"),
    "squat": ("idle:1", "tie_shoe", "stretch", "bend", "walkin", "unrack"),
}
OTHER_SHARE, PEOPLE_SHARE, NO_BAR = 0.4, 0.12, 0.2
WRIST_ERROR, SIZE_ERROR = 0.04, 0.07
"""Standard deviations of what is seen of the lifter: shares of the stature, and of its logarithm."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scenes:
    """Scenes of one part of the bodies."""

    bodies: str
    seed: int
    count: int

    def files(self, cache: Path) -> list[Path]:
        """Return where each scene is kept."""
        return [cache / f"{self.bodies}_{self.seed}_{number:04d}.npz" for number in range(self.count)]


def draw(scenes: Scenes, cache: Path, jobs: int, progress: Progress) -> None:
    """Draw the scenes; those that the cache has are left as they are. Raises ConfigError where OpenGL is missing."""
    cache.mkdir(parents=True, exist_ok=True)
    missing = [number for number, path in enumerate(scenes.files(cache)) if not path.is_file()]
    if missing:
        check_drawing()
        what = f"pictures of {scenes.bodies} bodies"
        in_order(partial(_keep, scenes, cache), missing, jobs, share_of(progress, what, len(missing)), fresh=True)


def pictures(scenes: Scenes, cache: Path) -> dict[str, np.ndarray]:
    """Return all scenes as `scene` does, one after the other."""
    kept = [dict(np.load(file)) for file in scenes.files(cache)]
    return {name: np.concatenate([one[name] for one in kept]) for name in ("wide", "plates", "near", "is_plate")}


def _keep(scenes: Scenes, cache: Path, number: int) -> None:
    cv2.setNumThreads(1)
    path = scenes.files(cache)[number]
    part = path.with_suffix(".part.npz")
    arrays: dict[str, Any] = scene(scenes.bodies, scenes.seed, number)
    np.savez(part, **arrays)
    part.rename(path)


def scene(bodies: str, seed: int, number: int) -> dict[str, np.ndarray]:
    """Return the arrays of a scene.

    wide (N, 96, 96, 3) finder's squares; plates (N, 2, 3) in them (x, y, diameter; px; NaN: none); near (M, 104,
    104, 3) squares around plates, 40 px a diameter, and of what is none; is_plate (M,).
    """
    rng = np.random.default_rng((seed, number, 17))
    exercise = ("deadlift", "squat")[number % 2]
    thing = THINGS[exercise][rng.integers(len(THINGS[exercise]))]
    tokens = ["good", thing] if rng.random() < OTHER_SHARE else ["good"]
    if rng.random() < PEOPLE_SHARE:
        tokens.insert(0, str(rng.choice(("passes_behind", "stands_beside", "passes_front"))))
    settings = random_clip_settings(
        [seed, number, 17],
        exercise,
        parse(",".join(tokens), exercise),
        view_deg=VIEW_DEG,
        bodies=BODIES[bodies],
    )
    settings = dataclasses.replace(settings, any_make=True, bar=bool(rng.random() > NO_BAR))
    try:
        clip = make_clip(settings)
    except ConfigError:
        clip = make_clip(dataclasses.replace(settings, tokens=parse("good", exercise)))
    camera, truth = settings.camera, clip.plate_positions()
    points = clip.project_landmarks()[0][..., :2] * (camera.width_px, camera.height_px)
    front = abs(camera.azimuth_deg) < FRONT_DEG
    wide, plates, near, is_plate = [], [], [], []
    with clip.renderer() as renderer:
        for i in np.sort(rng.choice(clip.frames, min(FRAMES, clip.frames), replace=False)):
            picture = compressed(rng, renderer.draw(int(i)))
            at = np.full((2, 3), np.nan) if truth is None else truth[i].copy()
            if not front:
                at[1] = np.nan
            at[~inside(at, picture)] = np.nan
            stature = stature_px(points[i]) * np.exp(rng.normal(0, SIZE_ERROR))
            centre = points[i][list(landmark.WRISTS)].mean(0) + rng.normal(0, WRIST_ERROR, 2) * stature
            side = FINDER_SIDE * stature
            wide.append(square(picture, centre, side, FINDER_PX))
            plates.append((at - [*(centre - side / 2), 0]) * (FINDER_PX / side))
            usual = 0.45 / 1.75 * stature
            for x, y, d in at[np.isfinite(at[:, 0])]:
                near.append(square(picture, np.array([x, y]), WIDE * d, WIDE_PX))
                is_plate.append(True)
            place = centre + rng.uniform(-0.5, 0.5, 2) * stature
            every = at if truth is None else truth[i]
            far = np.hypot(*(every[:, :2] - place).T) > 0.9 * np.maximum(every[:, 2], usual)
            if (far | np.isnan(every[:, 0])).all():
                near.append(square(picture, place, WIDE * usual * np.exp(rng.normal(0, 0.2)), WIDE_PX))
                is_plate.append(False)
    return {
        "wide": np.array(wide),
        "plates": np.array(plates, np.float32),
        "near": np.array(near, np.uint8).reshape(-1, WIDE_PX, WIDE_PX, 3),
        "is_plate": np.array(is_plate, bool),
        "view_deg": np.array([camera.azimuth_deg]),
    }


def inside(plates: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Return (N,) whether the middles of plates (N, 3) are in the picture; False for NaN."""
    size_px = picture.shape[1::-1]
    middles: np.ndarray = plates[:, :2]
    return np.all((middles >= 0) & (middles < size_px), axis=1)


def compressed(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Return the picture, in half of the cases compressed as a camera does it."""
    if rng.random() < 0.5:
        return picture
    _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR))
