"""Whole clips of one rep, or of nothing of one, as the rivals take them: frames, ticks and pictures of the person."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from livecoach import landmark
from livecoach.lab.processes import Progress, in_order, share_of
from livecoach.lab.recognition.person_pictures import person_pictures
from livecoach.lab.recognition.sets import NONE, short_set
from livecoach.recognition.ticks import LANDMARKS, Ticks, sample
from livecoach.synth.sets import SetArrays

AROUND_S = 0.4
"""Time of a clip before the rep starts and after it ends."""
NONE_S = (2.0, 6.0)
LEAST_FRAMES, LEAST_TICKS = 10, 3
COCO = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""The landmarks that are COCO's 17 keypoints, as ViTPose gives them."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
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
) -> list[Clip]:
    """Return a clip of each set with those numbers, where one can be cut."""
    work = partial(_of_number, seed, bodies, tuple(exercises))
    made = in_order(work, numbers, jobs, share_of(progress, f"clips ({bodies})", len(numbers)))
    return [clip for clip in made if clip is not None]


def _of_number(seed: int, bodies: str, exercises: tuple[str, ...], number: int) -> Clip | None:
    arrays, pace = short_set(seed, number, bodies, exercises)
    rng = np.random.default_rng((seed, number, 80))
    if arrays.reps:
        first = arrays.reps[0]
        begin_s, end_s = first.start_s - AROUND_S, first.end_s + AROUND_S
        label = 1 + exercises.index(arrays.settings.exercise)
    else:
        begin_s = float(rng.uniform(0, max(arrays.t_s[-1] - NONE_S[1], 0.1)))
        end_s, label = begin_s + float(rng.uniform(*NONE_S)), NONE
    return cut(arrays, (begin_s, end_s), label, pace, rng)


def cut(
    arrays: SetArrays, begin_end_s: tuple[float, float], label: int, pace: float, rng: np.random.Generator
) -> Clip | None:
    """Return the clip of a set between two times; None where too little of it is seen. rng: draws what the pictures
    look like."""
    begin_s, end_s = begin_end_s
    kept = np.flatnonzero((arrays.t_s >= begin_s) & (arrays.t_s <= end_s) & ~arrays.lost)
    if len(kept) < LEAST_FRAMES:
        return None
    size = (arrays.settings.width_px, arrays.settings.height_px)
    image, world = arrays.image[kept, :, :3], arrays.world[kept]
    seen = sample(world[:, LANDMARKS], image[:, LANDMARKS, :2] * np.array(size), *size)
    sampler, found, frames = Ticks(), list[np.ndarray](), list[int]()
    for i, (at_s, one) in enumerate(zip((arrays.t_s[kept] * pace).tolist(), seen, strict=True)):
        done = sampler.step(at_s, one)
        found += done
        frames += [int(kept[i - 1])] * len(done)
    if len(found) < LEAST_TICKS:
        return None
    return Clip(
        raw=image.reshape(len(image), 3 * landmark.COUNT).astype(np.float32),
        keypoints=image[:, COCO, :2].reshape(len(image), -1).astype(np.float32),
        ticks=np.stack(found).astype(np.float32),
        pictures=person_pictures(arrays, np.array(frames), rng),
        label=label,
    )
