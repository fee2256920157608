"""Whole clips with or without one rep, as inputs of the rivals: frames, ticks and pictures of the person.

The pictures are small and grey: limbs as thick lines in the clothes' grey levels, with the bar and its plates, and
without the room. They show the true body, not the estimated one; only the crop follows the estimated landmarks, as in a
live run. Rendering the mesh of a body in a room takes 50 times as long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np

from livecoach import landmark
from livecoach.lab.processes import Progress, in_order, share_of
from livecoach.lab.recognition.sets import NONE, short_set
from livecoach.recognition.ticks import Ticks, sample
from livecoach.synth.figure.body import load
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.figure.posture import PLATE_RADIUS_M
from livecoach.synth.picture.actors import BELOW_M
from livecoach.synth.picture.barbell import BAR_HALF_M, SLEEVE_AT_M, bar_place
from livecoach.synth.sets import SetArrays

SIDE_PX = 48
MARGIN = 1.25
"""Side of the crop relative to the larger extent of the landmarks in it."""
OUTLIERS = (2, 98)
"""Percentiles of the landmarks' coordinates between which the crop's extent is taken."""
NECK, HIPS, HEAD = landmark.COUNT, landmark.COUNT + 1, landmark.COUNT + 2
"""Points between the shoulders, the hips and the ears, beside the landmarks."""
BAR = landmark.COUNT + 3
"""First of the bar's points: its two ends, and then RIM points around each plate."""
RIM = 12
EARS = (7, 8)
SKIN, TOP, TROUSERS, SHOES, STEEL, PLATES = range(6)
"""Parts with a grey level of their own."""
LEAST_CONTRAST = 50
NOISE = 6.0
"""Standard deviation of the picture's noise, grey levels."""
WIDTHS = (0.85, 1.15)
"""Factor on the width of all limbs of a body."""
FRACTION_BITS = 4
"""Fractional bits of the coordinates that OpenCV draws at."""
FARTHEST_PX = 2**10
AROUND_S = 0.4
"""Time of a clip before the rep starts and after it ends."""
NONE_S = (2.0, 6.0)
LEAST_FRAMES, LEAST_TICKS = 10, 3
COCO = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""The landmarks of COCO's 17 keypoints, which ViTPose estimates."""


class Limb(NamedTuple):
    """A line between two points."""

    start: int
    end: int
    width_m: float
    cloth: int


def _limbs() -> tuple[Limb, ...]:
    out = [
        Limb(HEAD, HEAD, 0.2, SKIN),
        Limb(NECK, HEAD, 0.11, SKIN),
        Limb(NECK, HIPS, 0.27, TOP),
        Limb(*landmark.SHOULDERS, 0.12, TOP),
        Limb(*landmark.HIPS, 0.17, TROUSERS),
    ]
    for side in range(2):
        shoulder, elbow, wrist, hip, knee, ankle, heel, toe = (
            pair[side]
            for pair in (
                landmark.SHOULDERS,
                landmark.ELBOWS,
                landmark.WRISTS,
                landmark.HIPS,
                landmark.KNEES,
                landmark.ANKLES,
                landmark.HEELS,
                landmark.TOES,
            )
        )
        out += [
            Limb(shoulder, elbow, 0.1, TOP),
            Limb(elbow, wrist, 0.08, SKIN),
            Limb(hip, knee, 0.16, TROUSERS),
            Limb(knee, ankle, 0.1, SKIN),
            Limb(heel, toe, 0.08, SHOES),
        ]
    return tuple(out)


LIMBS = _limbs()


SHAFT = Limb(BAR, BAR + 1, 0.035, STEEL)


def person_pictures(arrays: SetArrays, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return pictures (n, SIDE_PX, SIDE_PX) uint8 of frames (n,) with one crop. rng: draws the grey levels."""
    px, depth_m = _points(arrays, frames)
    size = np.array([arrays.settings.width_px, arrays.settings.height_px])
    estimated = arrays.image[frames][..., :2] * size
    low, high = np.percentile(estimated.reshape(-1, 2), OUTLIERS, axis=0)
    scale = SIDE_PX / (MARGIN * float(np.max(high - low)))
    placed = (px - (low + high) / 2) * scale + SIDE_PX / 2
    width_px = arrays.settings.camera.focal_px * scale * float(rng.uniform(*WIDTHS)) / np.maximum(depth_m, 0.2)
    background = rng.uniform(0, 255)
    greys = (background + rng.uniform(LEAST_CONTRAST, 255 - LEAST_CONTRAST, PLATES + 1)) % 255
    held = arrays.settings.loaded & (arrays.posture["bar_z"][frames] > BELOW_M)
    out = np.full((len(frames), SIDE_PX, SIDE_PX), background, np.uint8)
    fixed = np.round(np.clip(placed, -FARTHEST_PX, FARTHEST_PX) * 2**FRACTION_BITS).astype(np.int32)
    for picture, points, depths, widths, with_bar in zip(out, fixed, depth_m, width_px, held.tolist(), strict=True):
        _draw(picture, points, depths, widths, greys, with_bar)
    noisy: np.ndarray = np.clip(out + NOISE * rng.standard_normal(out.shape, np.float32), 0, 255).astype(np.uint8)
    return noisy


def _points(arrays: SetArrays, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of LIMBS and of the bar in pixels of the picture (n, P, 2), and their distances (n, P),
    metres."""
    settings = arrays.settings
    camera, body = settings.camera, load(settings.body, settings.scale)
    posture = {name: values[frames] for name, values in arrays.posture.items()}
    joints = body.landmarks(*solve(body, posture))
    between = [joints[:, list(pair)].mean(1, keepdims=True) for pair in (landmark.SHOULDERS, landmark.HIPS, EARS)]
    places = [bar_place(posture, i) for i in range(len(frames))]
    bar = np.stack([BAR_POINTS @ turn.T + place for turn, place in places])
    turns = camera.shaken((np.cumsum(arrays.dropped + 1) - 1)[frames]) @ camera.turn
    local = (np.concatenate([joints, *between, bar], 1) - camera.eye) @ turns.swapaxes(1, 2)
    return camera.project(local) * (camera.width_px, camera.height_px), local[..., 2]


def _bar_points() -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, RIM, endpoint=False)
    rim = PLATE_RADIUS_M * np.stack([np.cos(angle), np.zeros(RIM), np.sin(angle)], 1)
    ends = [np.array([[0.0, sign * BAR_HALF_M, 0.0]]) for sign in (-1, 1)]
    return np.concatenate([*ends, *(rim + np.array([0.0, sign * SLEEVE_AT_M, 0.0]) for sign in (-1, 1))])


BAR_POINTS = _bar_points()
"""The bar's points (P, 3) at rest, along y."""


def _draw(
    picture: np.ndarray,
    points: np.ndarray,
    depths: np.ndarray,
    widths: np.ndarray,
    greys: np.ndarray,
    with_bar: bool,
) -> None:
    """Draw the farthest parts first. widths: (P,) pixels per metre."""
    limbs = (*LIMBS, SHAFT) if with_bar else LIMBS
    parts: list[tuple[float, Limb | np.ndarray]] = [
        (float(depths[one.start] + depths[one.end]) / 2, one) for one in limbs
    ]
    if with_bar:
        rims = [slice(first, first + RIM) for first in (BAR + 2, BAR + 2 + RIM)]
        parts += [(float(depths[rim].mean()), points[rim]) for rim in rims]
    for _, part in sorted(parts, key=lambda one: -one[0]):
        if isinstance(part, Limb):
            thick = max(1, round(part.width_m * float(widths[part.start] + widths[part.end]) / 2))
            ends = points[[part.start, part.end]].tolist()
            cv2.line(picture, ends[0], ends[1], float(greys[part.cloth]), thick, cv2.LINE_AA, FRACTION_BITS)
        else:
            cv2.fillConvexPoly(picture, part, float(greys[PLATES]), cv2.LINE_AA, FRACTION_BITS)


@dataclass(frozen=True, slots=True, eq=False)
class TickClip:
    """A clip of T frames and n ticks."""

    raw: np.ndarray
    """(T, 99) float32: x, y and z of the landmarks in the picture."""
    keypoints: np.ndarray
    """(T, 34) float32: x and y of the 17 keypoints in the picture."""
    ticks: np.ndarray
    """(n, SIZE) float32."""
    pictures: np.ndarray
    """(n, SIDE_PX, SIDE_PX) uint8: the person, in the last frame of each tick."""
    label: int
    """NONE, or 1 + the number of the exercise."""


def gathered_clips(
    numbers: range, seed: int, bodies: str, exercises: Sequence[str], jobs: int, progress: Progress
) -> list[TickClip]:
    """Return a clip of each set with those numbers, where one can be cut."""
    work = partial(_of_number, seed, bodies, tuple(exercises))
    made = in_order(work, numbers, jobs, share_of(progress, f"clips ({bodies})", len(numbers)))
    return [clip for clip in made if clip is not None]


def _of_number(seed: int, bodies: str, exercises: tuple[str, ...], number: int) -> TickClip | None:
    arrays, pace = short_set(seed, number, bodies, exercises)
    rng = np.random.default_rng((seed, number, 80))
    if arrays.reps:
        first = arrays.reps[0]
        begin_s, end_s = first.start_s - AROUND_S, first.end_s + AROUND_S
        label = 1 + exercises.index(arrays.settings.exercise)
    else:
        begin_s = float(rng.uniform(0, max(arrays.t_s[-1] - NONE_S[1], 0.1)))
        end_s, label = begin_s + float(rng.uniform(*NONE_S)), NONE
    return cut_clip(arrays, (begin_s, end_s), label, pace, rng)


def cut_clip(
    arrays: SetArrays, begin_end_s: tuple[float, float], label: int, pace: float, rng: np.random.Generator
) -> TickClip | None:
    """Return the clip of a set between two times; None where it has too few ticks. rng: draws the look of the
    pictures."""
    begin_s, end_s = begin_end_s
    kept = np.flatnonzero((arrays.t_s >= begin_s) & (arrays.t_s <= end_s) & ~arrays.lost)
    if len(kept) < LEAST_FRAMES:
        return None
    size = (arrays.settings.width_px, arrays.settings.height_px)
    image, world = arrays.image[kept, :, :3], arrays.world[kept]
    samples = sample(world[:, landmark.JOINTS], image[:, landmark.JOINTS, :2] * np.array(size), *size)
    sampler, ticks, frames = Ticks(), list[np.ndarray](), list[int]()
    for i, (at_s, one) in enumerate(zip((arrays.t_s[kept] * pace).tolist(), samples, strict=True)):
        done = sampler.step(at_s, one)
        ticks += done
        frames += [int(kept[i - 1])] * len(done)
    if len(ticks) < LEAST_TICKS:
        return None
    return TickClip(
        raw=image.reshape(len(image), 3 * landmark.COUNT).astype(np.float32),
        keypoints=image[:, COCO, :2].reshape(len(image), -1).astype(np.float32),
        ticks=np.stack(ticks).astype(np.float32),
        pictures=person_pictures(arrays, np.array(frames), rng),
        label=label,
    )
