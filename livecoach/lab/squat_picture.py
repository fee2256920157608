"""Draws squats as pictures in the format of DeepSquat, a published network, and measures how well it judges them.

Pictures of the same squat resemble each other, and squats of the same lifter, too. Wilson's intervals assume
independence, so intervals of a bootstrap over lifters are shown, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.errors import ModelError
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.core.types import Observation
from livecoach.lab.dataset import GOOD, ArrayTable
from livecoach.lab.measure.table import Cell, Table, auroc_interval, bootstrap, count_share
from livecoach.lab.processes import JobRunner
from livecoach.lab.synth.motion.lifts import FAULTS
from livecoach.lab.synth.synthetic_set import SyntheticSet
from livecoach.lab.synth.synthetic_sets import BodyGroup, SetRequest, random_set
from livecoach.lab.synthetic import MOST_VIEW_DEG, PLACED_DEG, mix_reps, variant_texts
from livecoach.lab.truth import BAD, TrueRep

NOSE, EARS = 0, (7, 8)
DRAWN = (NOSE, *EARS, *range(11, 17), *range(23, landmark.COUNT))
"""Landmarks that are drawn: without fingers, and of the face only the nose and the ears."""
NECK, HEAD = landmark.COUNT, landmark.COUNT + 1  # Additional points: the middle of the shoulders, and of the ears
MARGIN_PX = 6  # Pixels between the lifter and the edge of a picture that is not zoomed
THICK_PX = 2  # Thickness of a line
FRACTION_BITS = 4  # Fractional bits of the coordinates at which OpenCV draws
FARTHEST = 2**20  # Largest coordinate that is drawn, in fractions of a pixel
LINES = (*landmark.BONES, (NECK, HEAD), (HEAD, NOSE))  # Both ends of each line


class PictureSize(NamedTuple):
    """The size of a picture in pixels. The default is the size of the input of DeepSquat, a published network."""

    rows: int = 108
    columns: int = 192


class Placing(NamedTuple):
    """The zoom, shift and flip of a lifter in a picture, in addition to the crop to the lifter."""

    zoom: float = 1.0  # factor
    right_px: float = 0.0  # shift to the right
    down_px: float = 0.0  # shift down
    flipped: bool = False  # whether left and right are exchanged


AS_CROPPED = Placing()


def draw_pose_picture(joints: np.ndarray, size: PictureSize, placing: Placing = AS_CROPPED) -> np.ndarray:
    """Draw the skeleton of a pose as white lines on black, (rows, columns, 1) uint8.

    The skeleton is centred, and as large as the margins allow, before `placing` is applied.

    Args:
        joints: (33, 2) landmarks in pixels, y down.
    """
    pose = joints[list(landmark.OTHER_SIDE)] * np.array([-1.0, 1.0]) if placing.flipped else joints
    drawn = pose[list(DRAWN)]
    low, high = drawn.min(0), drawn.max(0)
    room = np.array([size.columns, size.rows]) - 2 * MARGIN_PX
    scale = float((room / np.maximum(high - low, 1e-6)).min()) * placing.zoom
    centre = np.array([size.columns / 2 + placing.right_px, size.rows / 2 + placing.down_px])
    placed = (pose - (low + high) / 2) * scale + centre
    neck, head = placed[list(landmark.SHOULDERS)].mean(0), placed[list(EARS)].mean(0)
    # Clipped far outside of the picture, a line stays invisible and OpenCV's integers do not overflow.
    fixed = np.clip(np.round(np.vstack([placed, neck, head]) * 2**FRACTION_BITS), -FARTHEST, FARTHEST)
    points = fixed.astype(int).tolist()
    picture = np.zeros((size.rows, size.columns), np.uint8)
    for start, end in LINES:
        cv2.line(picture, points[start], points[end], 255, THICK_PX, cv2.LINE_AA, FRACTION_BITS)
    return picture[..., None]


AROUND = 5  # Number of frames before the deepest frame, and after it
FRAMES = 2 * AROUND + 1
FRAME_S = 1 / 30  # Time between the frames of a squat; a recording at another rate provides the nearest frames
MOST_OFF_S = 0.1  # Largest distance of a frame that replaces a frame without a pose, in seconds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SquatFrames(ArrayTable):
    """The landmarks of n labelled squats, in FRAMES frames around the lowest point of each squat."""

    joints: np.ndarray  # (n, FRAMES, 33, 2) float32: landmarks in the picture, in pixels
    labels: np.ndarray  # (n,) str: GOOD, or the name of the worst fault
    lifters: np.ndarray  # (n,) str

    @property
    def bad(self) -> np.ndarray:
        """Whether each squat is bad, (n,) bool."""
        return np.asarray(self.labels != GOOD)


def landmarks_at_bottom(observations: Sequence[Observation], start_s: float, end_s: float) -> np.ndarray | None:
    """Return the landmarks in the frames around the lowest point of a squat, (FRAMES, 33, 2) in pixels.

    The result is None if the squat has no pose, or if one of the frames has no pose within MOST_OFF_S.
    """
    visible = [item for item in observations if item.landmarks is not None]
    during = [item for item in visible if start_s <= item.t_s <= end_s]
    if not during:
        return None
    deepest_s = max(during, key=lambda item: float(item.points_px[list(landmark.HIPS), 1].mean())).t_s
    times_s = np.array([item.t_s for item in visible])
    wanted_s = deepest_s + FRAME_S * np.arange(-AROUND, AROUND + 1)
    nearest = np.abs(times_s[None] - wanted_s[:, None]).argmin(1)
    if np.abs(times_s[nearest] - wanted_s).max() > MOST_OFF_S:
        return None
    return np.stack([visible[i].points_px for i in nearest.tolist()]).astype(np.float32)


EXERCISE = "squat"
FAULTY, GOOD_REPS = 9, 5  # Numbers of bad and of good reps of a set
KNOBS = (0.65, 1.0)  # Range of the faults' strength; smaller faults are too small for bad and too large for good
FPS = 30.0  # Frame rate of a set


def make_squats(bodies: BodyGroup, seed: int, lifters: int, runner: JobRunner) -> SquatFrames:
    """Make labelled squats of `lifters` synthetic lifters. Squats are left out if hidden, or neither good nor bad.

    Raises ModelError if no squat is left.
    """
    every = runner.map(partial(_of_lifter, bodies, seed), range(lifters), f"lifters of {bodies}")
    squats = [squats for squats in every if squats is not None]
    if not squats:
        raise ModelError(f"squat pictures: no squat of {lifters} lifters is clearly good or bad. Make more lifters.")
    return SquatFrames.join(squats)


def _of_lifter(bodies: BodyGroup, seed: int, number: int) -> SquatFrames | None:
    """Return the squats of a lifter; None without a squat that is visible and clearly good or bad."""
    name, made = f"{bodies}-{seed}-{number}", make_squat_set(bodies, seed, number)
    rows = [
        (joints, label)
        for rep in made.reps
        if (label := squat_label(rep)) is not None
        and (joints := landmarks_at_bottom(made.observations, rep.start_s, rep.end_s)) is not None
    ]
    if not rows:
        return None
    joints, labels = zip(*rows, strict=True)
    return SquatFrames(joints=np.array(joints), labels=np.array(labels), lifters=np.full(len(rows), name))


def make_squat_set(bodies: BodyGroup, seed: int, number: int) -> SyntheticSet:
    """Make the set of lifter `number` of a seed: good and bad squats in random order, not filmed from behind."""
    rng = np.random.default_rng((seed, number))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    ways = variant_texts(EXERCISE, FAULTS[EXERCISE])
    request = SetRequest(
        exercise=EXERCISE,
        bodies=bodies,
        lifter=seed * 10_000 + number,
        view_deg=float(view_deg + rng.uniform(-PLACED_DEG, PLACED_DEG)),
        fps=FPS,
        lost=0.0,
        tokens=mix_reps(rng, EXERCISE, rng.choice(ways, FAULTY, replace=False), GOOD_REPS, KNOBS),
    )
    return random_set((seed, number, 0), request)


def squat_label(rep: TrueRep) -> str | None:
    """Return the label of a squat: GOOD, or the name of its worst fault; None if the fault is too small to count."""
    if not rep.faults and not any(rep.severities.values()):
        return GOOD
    worst, severity = rep.worst_fault
    return worst if severity >= BAD else None


def picture_log_odds(squats: SquatFrames, size: PictureSize, path: Path) -> np.ndarray:
    """Return the log odds that each squat is bad, according to a network that sees one of its pictures, (n, FRAMES).

    Raises ModelError if the network can't be read, or is for pictures of another size.
    """
    network = TfliteNetwork(path, (1, size.rows, size.columns, 1), (1, 1))
    pictures = (draw_pose_picture(pose, size) for poses in squats.joints for pose in poses)
    log_odds = [network(picture[None].astype(np.float32) / 255)[0, 0] for picture in pictures]
    return np.array(log_odds, float).reshape(len(squats), FRAMES)


def measure_accuracy(squats: SquatFrames, log_odds: np.ndarray) -> list[Table]:
    """Measure how well a network judges squats, in one table: shares of right and of wrong verdicts, and the AUROC.

    Args:
        log_odds: (n, FRAMES) log odds that each squat is bad, from `picture_log_odds`.
    """
    bad, of_squat = squats.bad, log_odds.mean(1)
    right = (log_odds > 0) == bad[:, None]
    called_bad = of_squat > 0
    among_lifters = partial(bootstrap, groups=squats.lifters)
    rows: list[tuple[Cell, ...]] = [
        ("pictures right", count_share(right), among_lifters(lambda some: float(right[some].mean()))),
        (
            "squats right, by the mean of their pictures",
            count_share(called_bad == bad),
            among_lifters(lambda some: float((called_bad[some] == bad[some]).mean())),
        ),
        ("good squats called bad", count_share(called_bad[~bad]), None),
        ("bad squats called good", count_share(~called_bad[bad]), None),
        ("AUROC", None, auroc_interval(of_squat, ~bad, bad, squats.lifters)),
    ]
    what = f"{(~bad).sum()} good and {bad.sum()} bad squats of {len(np.unique(squats.lifters))} lifters"
    return [Table(title=what, columns=("what", "share", "lifters resampled"), rows=tuple(rows))]
